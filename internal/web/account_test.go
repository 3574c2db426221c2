package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/people"
)

const testPassword = "a long enough secret" // of every account of a test shop

// forgive forgets how often this browser's address asked: that is not what these tests are about.
func (s *testShop) forgive() {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	clear(s.limits.at)
}

// browser is another browser of an account, signed in through the page.
func (s *testShop) browser(name, account, password string) *client {
	s.t.Helper()
	s.forgive()
	c := s.as("guest " + name)
	if a := c.post("/sign-in", url.Values{"name": {account}, "password": {password}, "next": {"/account"}}); a.Status != 303 || a.Location != "/account" {
		s.t.Fatalf("signing in as %s: %d, to %q\n%s", account, a.Status, a.Location, clip(a.Body, 500))
	}
	return c
}

// want fails unless the answer has the status and holds the texts.
func (a answer) want(t testing.TB, what string, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s: %d, want %d; to %q\n%s", what, a.Status, status, a.Location, clip(a.Body, 3000))
	}
	for _, text := range texts {
		if !strings.Contains(a.Body, text) {
			t.Errorf("%s: the page lacks %q", what, text)
		}
	}
}

func (a answer) lacks(t testing.TB, what string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) {
			t.Errorf("%s: the page holds %q", what, text)
		}
	}
}

// The first run: the printed link makes the account that keeps the shop, and leads to its label.
func TestSetup(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	if err := s.cfg.People.Erase(ctx, s.Admin.ID); err != nil {
		t.Fatal(err)
	}
	token, err := s.cfg.People.SetupLink(ctx)
	if err != nil || token == "" {
		t.Fatalf("setup link %q, %v", token, err)
	}
	g := s.as("guest")
	g.get("/setup/"+token).want(t, "the link", 200, "This shop is yours")
	g.get("/setup/"+nothing43).want(t, "another link", 410)
	form := url.Values{"name": {"Keeper"}, "password": {"short"}, "display": {"Zoë <b>"}}
	a := g.post("/setup/"+token, form)
	a.want(t, "a short password", 422, `value="Keeper"`, `value="Zoë &lt;b&gt;"`, "8 to 256 characters")
	a.lacks(t, "a short password", `value="short"`, "<b>")
	form.Set("password", "side a then side b")
	if a := g.post("/setup/"+token, form); a.Status != 303 || a.Location != "/admin/labels/new" {
		t.Fatalf("setting up: %d to %q\n%s", a.Status, a.Location, clip(a.Body, 500))
	}
	g.get("/admin").want(t, "the shop's page", 200, "The shop")
	s.as("guest two").get("/setup/"+token).want(t, "the link again", 410)
	s.as("guest two").post("/setup/"+token, form).want(t, "the link again, posted", 410)

	g.get("/admin/labels/new").want(t, "a new label", 200)
	g.post("/admin/labels", url.Values{"name": {"Viaduct Tapes"}, "slug": {"Not A Slug"}}).want(t, "a label with a wrong address", 422, `value="Viaduct Tapes"`, `value="Not A Slug"`)
	g.post("/admin/labels", url.Values{"name": {"Another"}, "slug": {"specimen"}}).want(t, "a label with another's address", 409, "Another label has this address")
	if a := g.post("/admin/labels", url.Values{"name": {"Żółw Tapes"}}); a.Location != "/desk/zolw-tapes/profile" {
		t.Errorf("making a label leads to %q (%d)", a.Location, a.Status)
	}
	g.get("/desk").want(t, "the desk", 200, "Żółw Tapes")
	g.get("/desk/zolw-tapes").want(t, "today", 200, "Nothing is published here yet")
}

func TestSignUpAndIn(t *testing.T) {
	s := newShop(t)
	g := s.as("guest")
	g.post("/sign-up", url.Values{"name": {"ad"}, "password": {testPassword}, "display": {"Ada"}}).want(t, "a short name", 422, `value="ad"`, `value="Ada"`, "3 to 32")
	g.post("/sign-up", url.Values{"name": {"keeper"}, "password": {testPassword}}).want(t, "a name in use", 409)
	if a := g.post("/sign-up", url.Values{"name": {"ada"}, "password": {testPassword}, "next": {"/claim"}}); a.Status != 303 || a.Location != "/claim" {
		t.Fatalf("signing up: %d to %q", a.Status, a.Location)
	}
	g.get("/account").want(t, "the account", 200, "ada")
	if a := g.get("/sign-in?next=/shelf"); a.Location != "/shelf" {
		t.Errorf("signing in once more leads to %q", a.Location)
	}
	g.post("/sign-out", nil).want(t, "signing out", 303)
	if a := g.get("/account?x=1"); a.Location != "/sign-in?next=%2Faccount%3Fx%3D1" {
		t.Errorf("the account signed out leads to %q", a.Location)
	}

	// Nobody learns who has an account: status, words and all the rest of the page are the same.
	h := s.as("guest two")
	unknown := h.post("/sign-in", url.Values{"name": {"nobody"}, "password": {testPassword}, "next": {"/shelf"}})
	wrong := h.post("/sign-in", url.Values{"name": {"ada"}, "password": {"another secret"}, "next": {"/shelf"}})
	unknown.want(t, "an unknown name", 403, "do not belong together", `value="nobody"`, `value="/shelf"`)
	if a, b := unknown.Body, strings.ReplaceAll(wrong.Body, `value="ada"`, `value="nobody"`); a != b || unknown.Status != wrong.Status {
		t.Error("a wrong password is told apart from an unknown name")
	}
	s.browser("three", "ada", testPassword)
}

// Where signing in leads is a path of ours, whatever was asked for.
func TestNext(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/shelf": "/shelf", "/l/a/b?x=1&y=%2F#z": "/l/a/b?x=1&y=%2F#z", "": "/",
		"//evil.example": "/", "///evil.example": "/", "/\\evil.example": "/", "\\\\evil.example": "/", "https://evil.example/": "/", "http:evil.example": "/",
		"javascript:alert(1)": "/", "/\t/evil.example": "/", "/\n/evil.example": "/", "\t//evil.example": "/", " //evil.example": "/", "/\x00/evil": "/", "evil.example": "/",
		"/%2F/evil.example": "/", "/%5Cevil.example": "/%5Cevil.example", "//evil.example/%2e%2e": "/", "/" + strings.Repeat("a", 3000): "/", "/\u007f/evil": "/",
	} {
		if got := internal(path, "/"); got != want {
			t.Errorf("next %q leads to %q, want %q", path, got, want)
		}
	}
	s := newShop(t)
	s.as("buyer")
	for _, next := range []string{"//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"} {
		s.forgive()
		a := s.as("guest "+next).post("/sign-in", url.Values{"name": {"buyer"}, "password": {testPassword}, "next": {next}})
		if a.Status != 303 || a.Location != "/" {
			t.Errorf("signing in with next %q: %d to %q", next, a.Status, a.Location)
		}
	}
}

func TestPasswordAndSessions(t *testing.T) {
	s := newShop(t)
	s.as("buyer")
	one, two := s.browser("one", "buyer", testPassword), s.browser("two", "buyer", testPassword)
	two.ok("/account")
	a := one.post("/account/password", url.Values{"old": {"not it"}, "password": {"a better long secret"}})
	a.want(t, "a wrong old password", 422, "This is not the password until now")
	a.lacks(t, "a wrong old password", "a better long secret")
	one.post("/account/password", url.Values{"old": {testPassword}, "password": {"password1"}}).want(t, "a common password", 422, "among the first")
	one.post("/account/password", url.Values{"old": {testPassword}, "password": {"a better long secret"}}).want(t, "a new password", 303)
	one.ok("/account")
	if a := two.get("/account"); a.Status != 303 {
		t.Errorf("another browser is signed in after the password was changed: %d", a.Status)
	}
	s.forgive()
	s.as("guest x").post("/sign-in", url.Values{"name": {"buyer"}, "password": {testPassword}}).want(t, "the old password", 403)

	// A session that is ended is out at once.
	three := s.browser("three", "buyer", "a better long secret")
	three.ok("/account")
	all, err := s.cfg.People.Sessions(t.Context(), s.as("buyer").Account.ID)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d sessions, %v", len(all), err)
	}
	page := one.ok("/account")
	for _, session := range all {
		if !strings.Contains(page, "/account/sessions/"+session.ID+"/end") {
			t.Error("a session is not listed")
		}
	}
	one.post("/account/sessions/others/end", nil).want(t, "ending the others", 303)
	if a := three.get("/account"); a.Status != 303 {
		t.Errorf("a session that was ended answers %d", a.Status)
	}
	one.ok("/account")
}

func TestMailedLinks(t *testing.T) {
	s := newShop(t)
	ctx, p := t.Context(), s.cfg.People
	b := s.as("buyer")
	b.post("/account/mail", url.Values{"mail": {"no address"}}).want(t, "a wrong address", 422, `value="no address"`)
	b.post("/account/mail", url.Values{"mail": {"buyer@example.org"}}).want(t, "an address", 303)
	letter, err := p.MailLink(ctx, people.Client{}, b.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.as("guest").get("/link/" + letter.Token); a.Status != 303 || !strings.HasPrefix(a.Location, "/sign-in?next=") {
		t.Errorf("a link that proves an address, for a guest: %d to %q", a.Status, a.Location)
	}
	s.as("stranger").post("/link/"+letter.Token, nil).want(t, "somebody else's link", 410)
	b.get("/link/"+letter.Token).want(t, "the link", 200, "Is this your address?")
	b.post("/link/"+letter.Token, nil).want(t, "following it", 303)
	b.ok("/account")

	letter, err = p.SignInLink(ctx, people.Client{Address: "192.0.2.99"}, "buyer@example.org")
	if err != nil || letter.To != "buyer@example.org" {
		t.Fatalf("letter to %q, %v", letter.To, err)
	}
	g := s.as("guest")
	g.get("/link/"+letter.Token).want(t, "a link to sign in", 200, "Sign in")
	g.get("/link/"+letter.Token).want(t, "the link, looked at again", 200)
	g.post("/link/"+letter.Token, nil).want(t, "signing in by it", 303)
	g.ok("/account")
	g.post("/link/"+letter.Token, nil).want(t, "the link again", 410)
	g.post("/account/password", url.Values{"password": {"found a new secret"}}).want(t, "a new password without the old", 303)
	s.browser("two", "buyer", "found a new secret")
}

func TestProfileOfAPerson(t *testing.T) {
	s := newShop(t)
	b := s.as("buyer")
	a := b.post("/account/profile", url.Values{"display": {""}, "shown": {"yes"}})
	a.want(t, "showing no name", 422, "Please write the name to show")
	b.post("/account/profile", url.Values{"display": {`Ola "<script>`}, "shown": {"yes"}}).want(t, "a name", 303)
	page := b.get("/account")
	page.want(t, "the account", 200, `Ola &#34;&lt;script&gt;`)
	page.lacks(t, "the account", `"<script>`)
}

// Leaving: what goes and what stays is said, asked for twice, and done.
func TestLeave(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	b := s.as("buyer")
	b.post("/account/profile", url.Values{"display": {"Unforgettable Ola"}, "shown": {"yes"}})
	if _, err := s.cfg.Shop.SellByHand(ctx, s.Run.ID, 4, "table"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.Shop.Claim(ctx, string(b.Account.ID), s.Codes[4]); err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.Registry.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	page := s.as("guest").ok("/l/specimen/evening/1/4")
	if !strings.Contains(page, "Unforgettable Ola") {
		t.Error("the copy's page does not name its owner, who wants it")
	}
	certificate := b.get("/certificate/" + string(s.Run.ID) + "/4")
	certificate.want(t, "the certificate", 200)
	b.get("/account/leave").want(t, "leaving", 200, "/certificate/"+string(s.Run.ID)+"/4", "What goes", "What stays", "cannot be undone")
	export := b.get("/account/export")
	export.want(t, "the export", 200, "Unforgettable Ola")
	export.lacks(t, "the export", "$argon2")
	if !strings.HasPrefix(export.Header.Get("Content-Disposition"), "attachment;") {
		t.Error("the export is no download")
	}

	b.post("/account/leave", url.Values{"password": {testPassword}}).want(t, "leaving without saying so", 422, "Please say that you have read")
	b.post("/account/leave", url.Values{"password": {"not it"}, "sure": {"yes"}}).want(t, "leaving with a wrong password", 422, "This is not your password")
	b.ok("/account")
	if a := b.post("/account/leave", url.Values{"password": {testPassword}, "sure": {"yes"}}); a.Status != 303 || a.Location != "/" {
		t.Fatalf("leaving: %d to %q\n%s", a.Status, a.Location, clip(a.Body, 800))
	}
	if a := b.get("/account"); a.Status != 303 {
		t.Errorf("an erased account's page answers %d", a.Status)
	}
	s.forgive()
	s.as("guest x").post("/sign-in", url.Values{"name": {"buyer"}, "password": {testPassword}}).want(t, "signing in as who left", 403)
	s.Clock.Pass(5 * time.Second)
	if page := s.as("guest").ok("/l/specimen/evening/1/4"); strings.Contains(page, "Ola") {
		t.Error("the copy's page names who left")
	}
	c, _, err := s.cfg.Catalog.Copy(ctx, s.Run.ID, 4)
	if err != nil || c.State != catalog.Claimed || c.Owner != string(people.Erased) {
		t.Errorf("the copy is %s of %q, %v", c.State, c.Owner, err)
	}
	if _, err := s.cfg.People.Find(ctx, "buyer"); err == nil {
		t.Error("who left is found")
	}
}

// A form that another site sends is refused by every route that changes anything, whatever else it is.
func TestFormsOfOtherSites(t *testing.T) {
	s := newShop(t)
	owner := s.as("owner")
	asked := 0
	for _, rt := range s.routes {
		method, path := address(rt.pattern, map[string]string{"label": "specimen", "release": "evening", "run": "1", "number": "9"})
		if method == "GET" {
			continue
		}
		asked++
		s.forgive()
		for _, h := range []http.Header{{"Origin": {"https://evil.example"}}, {"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"null"}}} {
			h.Set("Content-Type", "application/x-www-form-urlencoded")
			if a := owner.do(method, path, strings.NewReader("name=x&sure=yes&password="+url.QueryEscape(testPassword)), h); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "another site") {
				t.Errorf("%s with %v: %d", rt.pattern, h, a.Status)
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d routes were asked", asked)
	}
	owner.ok("/account")
}

// Whoever guesses waits; the account's own browser does not.
func TestGuessing(t *testing.T) {
	s := newShop(t)
	s.as("buyer")
	own := s.browser("own", "buyer", testPassword)
	own.post("/sign-out", nil)
	crowd := s.as("guest crowd")
	limited := false
	for range 40 {
		s.forgive()
		a := crowd.post("/sign-in", url.Values{"name": {"buyer"}, "password": {"wrong wrong"}})
		if a.Status == http.StatusTooManyRequests {
			limited = true
			if !strings.Contains(a.Body, `value="buyer"`) || a.Header.Get("Retry-After") == "" {
				t.Error("the refusal lost what was typed, or says not when to come back")
			}
			break
		}
	}
	if !limited {
		t.Error("forty wrong passwords are taken without a wait")
	}
	if a := own.post("/sign-in", url.Values{"name": {"buyer"}, "password": {testPassword}}); a.Status != 303 {
		t.Errorf("a crowd keeps the owner out: %d", a.Status)
	}
}
