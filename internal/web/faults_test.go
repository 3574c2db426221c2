package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/sqlite"
)

// What the pages do under faults and attacks. docs/faults.md names for each fault the test that holds it.

// switched is a database whose writes can be made to fail, as a disk does.
type switched struct {
	store.Engine
	mu  sync.Mutex
	err error // what every write answers; nil: they work
}

func (s *switched) set(err error) { s.mu.Lock(); defer s.mu.Unlock(); s.err = err }

func (s *switched) Update(ctx context.Context, f func(store.Conn) error) error {
	s.mu.Lock()
	err := s.err
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.Engine.Update(ctx, f)
}

// switchedShop is a shop whose database can fail.
func switchedShop(t *testing.T) (*testShop, *switched) {
	t.Helper()
	e, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "shop.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	s := &switched{Engine: e}
	return newShopOn(t, s), s
}

// TestBrokenDisk (C3): while nothing can be written, nothing is acknowledged, the window stays open, and what is said is
// plain. When the disk is back the same form is taken.
func TestBrokenDisk(t *testing.T) {
	s, disk := switchedShop(t)
	c := s.as("guest")
	c.hold(s.Run.ID, 7)
	f := addressed(form(t, c.ok("/checkout"), "/checkout"), "guest")
	words := "The shop could not write this down. Nothing was changed; please try again later."
	disk.set(fault.Wrap(errors.New("write /srv/shop.sqlite: disk I/O error"), fault.Unavailable, words))
	for path, send := range map[string]url.Values{"/checkout": f, "/basket": {"run": {string(s.Run.ID)}, "number": {"8"}}, "/sign-up": {"name": {"new"}, "password": {testPassword}}} {
		a := c.post(path, send)
		if a.Status != http.StatusServiceUnavailable || a.Location != "" {
			t.Errorf("POST %s: %d %s", path, a.Status, a.Location)
		}
		says(t, a.Body, words)
		if strings.Contains(a.Body, "/srv") || a.Header.Get("Retry-After") == "" {
			t.Errorf("POST %s shows the cause, or says not when to come back", path)
		}
	}
	if s.DB.Ping(t.Context()) == nil {
		t.Error("a shop that can write nothing says that it is ready")
	}
	for _, path := range []string{"/", "/l/specimen/evening", "/basket", "/l/specimen/evening/1/7"} {
		c.ok(path)
	}
	disk.set(nil)
	if a := c.post("/checkout", f); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/order/") {
		t.Errorf("the disk is back, and the form is answered with %d %s", a.Status, a.Location)
	}
}

// TestHeadLeavesThePage: who asks for a page's head alone does not empty it for those who come in the same second.
func TestHeadLeavesThePage(t *testing.T) {
	s := newShop(t)
	for _, rt := range s.routes {
		if !rt.opts.cached {
			continue
		}
		_, path := address(rt.pattern, map[string]string{"label": "specimen", "release": "evening", "artist": "lantern-weir"})
		s.Clock.Pass(time.Minute)
		head := s.as("guest").do("HEAD", path, nil, nil)
		if got := s.as("guest").get(path); got.Status != 200 || len(got.Body) < 40 {
			t.Errorf("after HEAD, %s has %d bytes (%d)", path, len(got.Body), got.Status)
		} else if head.Header.Get("Content-Type") != got.Header.Get("Content-Type") {
			t.Errorf("%s: the head is of another kind", path)
		}
	}
}

// TestKeptPagesAreBounded: however many addresses one page has, little of it is kept.
func TestKeptPagesAreBounded(t *testing.T) {
	c := newCache(time.Now)
	w := &Web{cfg: Config{Log: slog.New(slog.DiscardHandler)}, cache: c}
	ask := func(path string, size int) int {
		r, err := http.NewRequest("GET", path, nil)
		if err != nil {
			t.Fatal(err)
		}
		rec := &recorder{header: http.Header{}}
		c.serve(&visit{web: w, w: rec, r: r}, func(v *visit) error { _, err := v.w.Write(make([]byte, size)); return err })
		return rec.body.Len()
	}
	for i := range 3 * maxKept {
		ask(fmt.Sprint("/catalogue?x=", i), 100)
	}
	for i := range 5 {
		if got := ask(fmt.Sprint("/sitemap.xml?x=", i), maxPage+1); got != maxPage+1 {
			t.Errorf("a large page has %d bytes", got)
		}
	}
	kept := 0
	for path, k := range c.kept {
		kept += len(k.body) + len(k.zipped)
		if strings.HasPrefix(path, "/sitemap") {
			t.Errorf("%s is kept", path)
		}
	}
	if len(c.kept) > maxKept || kept > maxKept*2*maxPage {
		t.Errorf("%d pages with %d bytes are kept", len(c.kept), kept)
	}
}

// TestClockSetBack (C3): a clock that is set back or far ahead keeps nobody out of the shop.
func TestClockSetBack(t *testing.T) {
	s := newShop(t)
	c := s.as("buyer")
	for _, by := range []time.Duration{-time.Hour, time.Minute, 87600 * time.Hour, -87600 * time.Hour, -24 * time.Hour} {
		c.ok("/l/specimen/evening")
		s.Clock.Pass(by)
		for range 3 {
			s.as("guest").ok("/l/specimen/evening")
		}
		if a := s.as("guest").post("/basket", url.Values{"run": {string(s.Run.ID)}, "any": {"1"}}); a.Status != http.StatusSeeOther && by > 0 {
			t.Errorf("the clock was moved by %s: a hold is answered with %d\n%s", by, a.Status, clip(a.Body, 300))
		} else if a.Status >= 500 || a.Status == http.StatusTooManyRequests {
			t.Errorf("the clock was moved by %s: %d", by, a.Status)
		}
	}
}

// TestBackLeadsNowhereElse: an error page's way back is a path of ours, whatever the browser says it came from.
func TestBackLeadsNowhereElse(t *testing.T) {
	s := newShop(t)
	for _, from := range []string{"https://evil.example/", s.URL + "//evil.example/x", s.URL + "/\\evil.example", "javascript:alert(1)", s.URL + "/ok"} {
		a := s.as("guest").do("GET", "/l/nobody", nil, http.Header{"Referer": {from}})
		for _, e := range elements(parsed(t, a.Body)) {
			if href := attr(e, "href"); e.Data == "a" && (href != internal(href, "") || strings.Contains(href, "evil") && strings.HasPrefix(href, "//")) && !strings.HasPrefix(href, "#") {
				t.Errorf("from %q the page leads to %q", from, href)
			}
		}
	}
}

// hostileValues are what is put where something else is expected: in every part of an address, every query, every field.
var hostileValues = map[string]string{
	"SQL":           `x' OR '1'='1'; DROP TABLE copy; -- " UNION SELECT password FROM account -- ) $1 ?1 %_\`,
	"markup":        `"><img src=x onerror=alert(1)></script><script>alert(1)</script>'{{7*7}}${7*7}<b>`,
	"path":          `../../../../etc/passwd`,
	"Windows path":  `..\..\C:\secret.key`,
	"header":        "a\r\nX-Evil: 1\r\n\r\n<script>",
	"NUL":           "a\x00b%00",
	"no UTF-8":      "\xff\xfe\xc3(\xed\xa0\x80",
	"bidi":          "a\u202eb\u2066c\u200bd\ufeff",
	"number":        "-99999999999999999999",
	"fraction":      "1e308",
	"format":        "%s%n%x%d",
	"address":       "http://169.254.169.254/latest/meta-data",
	"JSON":          `{"admin":true,"$ne":null}`,
	"LDAP and XML":  `*)(uid=*))(|(&]]><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>`,
	"spreadsheet":   `=cmd|'/C calc'!A0`,
	"just too long": strings.Repeat("q", 3900/3),
}

// wary asks, and checks what no answer may be.
func wary(t *testing.T, what string, a answer) {
	t.Helper()
	switch {
	case a.Status >= 500:
		t.Errorf("%s: %d\n%s", what, a.Status, clip(a.Body, 300))
	case a.Header.Get("X-Evil") != "":
		t.Errorf("%s: a header was put in", what)
	case strings.Contains(a.Body, "root:x:0"), strings.Contains(a.Body, "SQL logic"), strings.Contains(a.Body, "$argon2"):
		t.Errorf("%s: the answer holds what it must not", what)
	case a.Location != "" && internal(a.Location, "") == "":
		t.Errorf("%s: leads to %q", what, a.Location)
	}
}

// TestHostileAddresses: every part of every address and every query that a page reads, with everything that they are not.
func TestHostileAddresses(t *testing.T) {
	s := newShop(t)
	var said bytes.Buffer
	s.cfg.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError}))
	own := map[string]string{"label": "specimen", "release": "evening", "run": "1", "number": "9", "artist": "lantern-weir", "colour": "cobalt.css", "hash": "x", "name": "base.css",
		"order": "none", "id": "none", "secret": "none", "code": "none", "token": "none", "account": "none", "side": "A", "address": "x", "sha256": "x", "path": "x"}
	asked := 0
	for _, rt := range s.routes {
		who := s.as("owner")
		if rt.who == admin {
			who = s.as("admin")
		}
		send := func(what, path string, v string) {
			s.forgive()
			method, _, _ := strings.Cut(rt.pattern, " ")
			h := http.Header{"Origin": {s.URL}, "Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"}}
			wary(t, fmt.Sprintf("%s with %s in %s", rt.pattern, what, v), who.do(method, path, nil, h))
			asked++
		}
		for what, value := range hostileValues {
			for _, part := range parts(rt.pattern) {
				values := map[string]string{}
				for k, v := range own {
					values[k] = v
				}
				values[part] = value
				_, path := address(rt.pattern, values)
				send(what, path, part)
			}
			if _, path := address(rt.pattern, own); strings.HasPrefix(rt.pattern, "GET ") && !rt.opts.stream {
				q := url.Values{}
				for _, name := range []string{"by", "after", "q", "state", "from", "number", "run", "next", "code", "held", "public", "sort"} {
					q.Set(name, value)
				}
				if len(q.Encode()) < 3900 {
					send(what, path+"?"+q.Encode(), "the query")
				}
			}
		}
	}
	if strings.Contains(said.String(), "level=ERROR") {
		t.Errorf("the log has errors of ours:\n%s", clip(said.String(), 2000))
	}
	s.as("owner").ok("/l/specimen/evening/1/9")
	t.Logf("%d requests", asked)
}

// formsOf are what the forms of a page would send, by the method and address they go to.
func formsOf(t *testing.T, page string) (all []sendable) {
	t.Helper()
	for _, f := range elements(parsed(t, page)) {
		if f.Data != "form" {
			continue
		}
		s := sendable{method: strings.ToUpper(orElse(attr(f, "method"), "get")), action: attr(f, "action"), parts: attr(f, "enctype") != "", values: url.Values{}}
		for _, e := range elements(f) {
			name := attr(e, "name")
			_, checked := has(e, "checked")
			if name == "" || e.Data == "button" {
				continue
			}
			if !slices.Contains(s.fields, name) {
				s.fields = append(s.fields, name)
			}
			switch {
			case e.Data == "select":
				s.values.Set(name, orElse(chosen(e), firstOption(e)))
			case e.Data == "textarea":
				s.values.Set(name, textOf(e))
			case attr(e, "type") == "radio" || attr(e, "type") == "checkbox":
				if checked || !s.values.Has(name) && attr(e, "type") == "radio" {
					s.values.Set(name, orElse(attr(e, "value"), "on"))
				}
			case attr(e, "type") != "file":
				s.values.Add(name, attr(e, "value"))
			}
		}
		all = append(all, s)
	}
	return all
}

type sendable struct {
	method, action string
	parts          bool // multipart
	fields         []string
	values         url.Values
}

func firstOption(sel *html.Node) string {
	for _, o := range elements(sel) {
		if o.Data == "option" && attr(o, "value") != "" {
			return attr(o, "value")
		}
	}
	return ""
}

// TestHostileForms sends every form that the pages show, with everything that it does not expect in each of its fields
// in turn: longer than any field may be, markup, SQL, paths, headers, numbers that are none. Nothing breaks, nothing longer than
// the longest text that there is gets into the database, and no page is other than it was but in its words.
func TestHostileForms(t *testing.T) {
	s, disk := switchedShop(t)
	s.own("buyer", 11)
	var said bytes.Buffer
	s.cfg.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError}))
	shelf := fmt.Sprintf("/shelf/%s/11", s.Run.ID)
	pages := map[string][]string{
		"guest": {"/sign-up", "/sign-in", "/claim", "/search", "/l/specimen/evening", "/basket", "/checkout"},
		"buyer": {"/account", shelf, "/account/leave", "/checkout"},
		"owner": {"/desk/specimen/profile", "/desk/specimen/orders", "/desk/specimen/people", "/desk/specimen/releases/evening", "/desk/specimen/releases/evening/1", "/desk/specimen/releases/evening/1/44"},
		"admin": {"/admin/labels/new"},
	}
	long := strings.Repeat("q", 60_000)
	sent, seen := 0, map[string]bool{}
	for _, who := range []string{"guest", "buyer", "owner", "admin"} {
		c := s.as(who)
		for _, path := range pages[who] {
			if path == "/checkout" {
				c.hold(s.Run.ID, map[string]int{"guest": 61, "buyer": 62}[who])
			}
			for _, f := range formsOf(t, c.ok(path)) {
				key := who + f.method + f.action
				if seen[key] || slices.ContainsFunc([]string{"/sign-out", "/end", "/remove", "/people/leave", "/close", "/take-back"}, func(end string) bool { return strings.HasSuffix(f.action, end) }) {
					continue
				}
				seen[key] = true
				for _, field := range f.fields {
					values := map[string]string{"too long": long, "nothing": ""}
					for _, what := range []string{"SQL", "markup", "header", "no UTF-8", "NUL", "bidi", "number", "path"} {
						values[what] = hostileValues[what]
					}
					for what, value := range values {
						v := url.Values{}
						for k, old := range f.values {
							v[k] = old
						}
						v.Set(field, value)
						s.forgive()
						var a answer
						switch {
						case f.method == "GET":
							if len(v.Encode()) > 3000 {
								continue
							}
							a = c.get(f.action + "?" + v.Encode())
						case f.parts:
							a = c.postParts(f.action, v)
						default:
							a = c.post(f.action, v)
						}
						sent++
						wary(t, fmt.Sprintf("%s %s as %s with %s in %s", f.method, f.action, who, what, field), a)
					}
				}
			}
		}
	}
	if sent < 500 {
		t.Errorf("only %d forms were sent", sent)
	}
	if strings.Contains(said.String(), "level=ERROR") {
		t.Errorf("the log has errors of ours:\n%s", clip(said.String(), 2000))
	}
	for table, most := range longest(t, disk.Engine) {
		if most > 20_000 {
			t.Errorf("table %s holds a text of %d bytes that a form brought", table, most)
		}
	}
	for who, paths := range pages {
		for _, path := range append(paths, "/", "/l/specimen", "/l/specimen/evening/1/44", "/l/specimen/evening/1/11", "/desk/specimen") {
			a := s.as(who).get(path)
			if a.Status != 200 {
				continue
			}
			if wrong := unclean(t, s, a.Body); wrong != "" {
				t.Errorf("%s for %s: %s", path, who, wrong)
			}
		}
	}
	t.Logf("%d forms sent", sent)
}

// postParts sends a form in parts.
func (c *client) postParts(path string, values url.Values) answer {
	c.s.t.Helper()
	var b strings.Builder
	for name, vs := range values {
		for _, v := range vs {
			fmt.Fprintf(&b, "--bound\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, v)
		}
	}
	b.WriteString("--bound--\r\n")
	return c.do("POST", path, strings.NewReader(b.String()), http.Header{"Content-Type": {"multipart/form-data; boundary=bound"}, "Origin": {c.s.URL}, "Sec-Fetch-Site": {"same-origin"}})
}

// longest is the longest run of the letter q in each table.
func longest(t *testing.T, e store.Engine) map[string]int {
	t.Helper()
	most := map[string]int{}
	err := e.View(t.Context(), func(c store.Conn) error {
		var tables []string
		if err := c.Query(func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			tables = append(tables, name)
			return err
		}, `SELECT name FROM sqlite_master WHERE type = 'table'`); err != nil {
			return err
		}
		for _, table := range tables {
			var columns []string
			if err := c.Query(func(scan func(...any) error) error {
				var name string
				err := scan(&name)
				columns = append(columns, "coalesce(max(length(replace(CAST("+name+" AS TEXT), 'q', 'qq')) - length(CAST("+name+" AS TEXT))), 0)")
				return err
			}, `SELECT name FROM pragma_table_info('`+table+`')`); err != nil {
				return err
			}
			if err := c.Query(func(scan func(...any) error) error {
				n := 0
				err := scan(&n)
				most[table] = n
				return err
			}, `SELECT max(0, `+strings.Join(columns, ", ")+`) FROM `+table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(most) < 10 {
		t.Errorf("only %d tables were looked at", len(most))
	}
	return most
}

// TestEveryAnswerIsGuarded: each answer of each route, an error as much as a page, has the headers that keep it, and lets no other site read it.
func TestEveryAnswerIsGuarded(t *testing.T) {
	s := newShop(t)
	s.sequence()
	for _, rt := range s.routes {
		if rt.opts.stream {
			continue
		}
		method, path := address(rt.pattern, map[string]string{"label": "specimen", "release": "evening", "run": "1", "number": "9", "artist": "lantern-weir", "colour": "cobalt.css", "hash": "x", "name": "base.css"})
		for _, who := range []string{"guest", "owner"} {
			s.forgive()
			a := s.as(who).do(method, path, nil, http.Header{"Origin": {"https://evil.example"}})
			csp := a.Header.Get("Content-Security-Policy")
			if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe-inline") || strings.Contains(csp, "'unsafe-eval'") || strings.Contains(csp, "*") {
				t.Errorf("%s for %s: policy %q", rt.pattern, who, csp)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"} {
				if a.Header.Get(name) != want {
					t.Errorf("%s for %s: %s is %q", rt.pattern, who, name, a.Header.Get(name))
				}
			}
			if allow := a.Header.Get("Access-Control-Allow-Origin"); allow != "" && (!strings.HasPrefix(path, "/ledger/") || a.Header.Get("Access-Control-Allow-Credentials") != "") {
				t.Errorf("%s for %s may be read by %q", rt.pattern, who, allow)
			}
			for _, c := range a.Header.Values("Set-Cookie") {
				if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c, "Path=/") {
					t.Errorf("%s sets %q", rt.pattern, c)
				}
			}
		}
	}
	for _, method := range []string{"TRACE", "CONNECT", "OPTIONS", "PROPFIND"} {
		if a := s.as("guest").do(method, "/", nil, nil); a.Status < 400 {
			t.Errorf("%s is answered with %d", method, a.Status)
		}
	}
}

// TestFieldsNotAskedFor (mass assignment, parameter pollution): a form's fields that a page does not have do nothing.
func TestFieldsNotAskedFor(t *testing.T) {
	s := newShop(t)
	guest := s.as("guest")
	more := url.Values{"name": {"mallory", "keeper"}, "password": {testPassword}, "admin": {"1", "true"}, "Admin": {"true"}, "role": {"owner"}, "id": {string(s.Admin.ID)}, "account": {string(s.Admin.ID)}, "label": {string(s.Label.ID)}, "verified": {"1"}, "shown": {"on"}}
	if a := guest.post("/sign-up?name=keeper&admin=1", more); a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, clip(a.Body, 500))
	}
	a, err := s.cfg.People.Find(t.Context(), "mallory")
	if err != nil || a.Admin || a.Verified || a.ID == s.Admin.ID {
		t.Errorf("signing up with more fields than there are gives %+v, %v", a, err)
	}
	if roles, err := s.cfg.People.Roles(t.Context(), a.ID); err != nil || len(roles) > 0 {
		t.Errorf("and roles %v, %v", roles, err)
	}
	more.Set("display", "Mallory")
	guest.post("/account/profile", more)
	if a, err = s.cfg.People.Account(t.Context(), a.ID); err != nil || a.Admin || a.Verified || a.Name != "mallory" {
		t.Errorf("a profile with more fields than there are gives %+v, %v", a, err)
	}
	if got := guest.get("/admin").Status; got != http.StatusForbidden {
		t.Errorf("the admin's page: %d", got)
	}
}

// TestForgedSecrets (auth bypass): cookies and bearer tokens that nobody was given open nothing.
func TestForgedSecrets(t *testing.T) {
	s := newShop(t)
	owner := s.as("owner")
	for what, token := range map[string]string{
		"empty": "", "the account": string(owner.Account.ID), "zeros": strings.Repeat("A", 43), "NUL": strings.Repeat("\x00", 43), "a JWT with alg none": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJrZWVwZXIifQ.",
		"a default": "not so secret", "quotes": `' OR '1'='1`, "long": strings.Repeat("A", 400), "admin": "admin", "null": "null", "undefined": "undefined",
	} {
		for _, name := range []string{"ferric-session", "__Host-session", "session", "ferric-visitor"} {
			a := s.as("guest").do("GET", "/account", nil, http.Header{"Cookie": {name + "=" + url.QueryEscape(token)}})
			if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/sign-in") {
				t.Errorf("%s as %s: %d", what, name, a.Status)
			}
		}
		s.forgive()
		for _, h := range []string{"Bearer " + token, "bearer " + token, "Basic " + token, "Bearer ferric_" + token} {
			a := s.as("guest").do("POST", "/api/labels/specimen/pressings", strings.NewReader("{}"), http.Header{"Authorization": {strings.ReplaceAll(h, "\x00", "0")}})
			if a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
				t.Errorf("%s as %q: %d", what, clip(h, 60), a.Status)
			}
		}
	}
}

// addressedFrom makes all that a client asks come from an address, as a trusted proxy says it.
func (s *testShop) addressedFrom() func(ip string) http.Header {
	s.cfg.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	return func(ip string) http.Header {
		return http.Header{"X-Forwarded-For": {ip}, "Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {s.URL}, "Sec-Fetch-Site": {"same-origin"}}
	}
}

// TestStuffing (S2) sends stolen passwords from many addresses, as fast as they are taken. The owner's browser gets in
// meanwhile, nobody else does, and nothing tells which names there are.
func TestStuffing(t *testing.T) {
	s := newShop(t)
	from := s.addressedFrom()
	s.as("buyer")
	own := s.browser("own", "buyer", testPassword)
	own.post("/sign-out", nil)
	answers := map[string]map[string]bool{"buyer": {}, "nobody-like-that": {}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	guest := s.as("guest")
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < 320; i += 8 {
				name := []string{"buyer", "nobody-like-that"}[i/8%2]
				f := url.Values{"name": {name}, "password": {fmt.Sprintf("stolen password %d", i)}}
				a := guest.do("POST", "/sign-in", strings.NewReader(f.Encode()), from(fmt.Sprintf("203.0.113.%d", i%200)))
				mu.Lock()
				answers[name][fmt.Sprint(a.Status, " ", shape(t, a.Body))] = true
				mu.Unlock()
				if a.Status != http.StatusForbidden && a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable {
					t.Errorf("a stolen password is answered with %d", a.Status)
				}
			}
		})
	}
	f := url.Values{"name": {"buyer"}, "password": {testPassword}}
	a := own.do("POST", "/sign-in", strings.NewReader(f.Encode()), from("192.0.2.77"))
	wg.Wait()
	if a.Status != http.StatusSeeOther {
		t.Errorf("meanwhile the owner, in a browser that is known, is answered with %d", a.Status)
	}
	for k := range answers["nobody-like-that"] {
		if strings.HasPrefix(k, "403") && !answers["buyer"][k] {
			t.Errorf("a name that nobody has is refused in another way")
		}
	}
}

// TestEarlyGivesNothing (S3): two hundred browsers that ask before the sale opens, again and again, stand no better than who
// comes when it does. Holds go by the order in which requests arrive, and one address holds only so many.
func TestEarlyGivesNothing(t *testing.T) {
	s := newShop(t)
	from := s.addressedFrom()
	ask := func(who, ip string) answer {
		f := url.Values{"run": {string(s.Later.ID)}, "any": {"1"}}
		h := from(ip)
		h.Set("Accept", "application/json")
		return s.as(who).do("POST", "/basket", strings.NewReader(f.Encode()), h)
	}
	s.Clock.Pass(24*time.Hour - time.Second)
	for i := range 200 {
		if a := ask(fmt.Sprintf("guest bot %d", i), fmt.Sprintf("203.0.113.%d", i)); a.Status != http.StatusForbidden && a.Status != http.StatusTooManyRequests {
			t.Fatalf("a second before the opening: %d\n%s", a.Status, a.Body)
		}
	}
	s.Clock.Pass(time.Second)
	// One after the other: people, and between them the bots that were there first.
	for i := range 10 {
		for k, who := range []string{fmt.Sprintf("guest person %d", i), fmt.Sprintf("guest bot %d", i)} {
			a := ask(who, fmt.Sprintf("198.51.100.%d", 2*i+k))
			if a.Status != http.StatusOK || !strings.Contains(a.Body, fmt.Sprintf(`"held":[%d]`, 2*i+k+1)) {
				t.Fatalf("%s, the %d. to ask, is answered with %d %s", who, 2*i+k+1, a.Status, a.Body)
			}
		}
	}
	if a := ask("guest late", "192.0.2.200"); a.Status != http.StatusConflict {
		t.Errorf("the 21st of 20: %d", a.Status)
	}
}

// TestDropOverHTTP (R1): hundreds race for 100 numbers through the pages. Each is sold once, none is lost.
func TestDropOverHTTP(t *testing.T) {
	s := newShop(t)
	from := s.addressedFrom()
	buyers := 300
	if testing.Short() {
		buyers = 120
	}
	post := func(c *client, ip, path string, f url.Values) answer {
		return c.do("POST", path, strings.NewReader(f.Encode()), from(ip))
	}
	// Their browsers have been in the shop before.
	clients := make([]*client, buyers)
	for i := range clients {
		clients[i] = s.as(fmt.Sprintf("guest %d", i))
	}
	var mu sync.Mutex
	orders, walked := map[int]shop.OrderID{}, 0
	var wg sync.WaitGroup
	for worker := range 32 {
		wg.Go(func() {
			for i := worker; i < buyers; i += 32 {
				c, ip := clients[i], fmt.Sprintf("10.%d.%d.7", i/250, i%250)
				want := url.Values{"run": {string(s.Run.ID)}, "any": {"1"}}
				if i%3 == 0 {
					want = url.Values{"run": {string(s.Run.ID)}, "number": {fmt.Sprint(1 + i%100)}}
				}
				if a := post(c, ip, "/basket", want); a.Status != http.StatusSeeOther {
					if a.Status != http.StatusConflict {
						t.Errorf("buyer %d: hold: %d\n%s", i, a.Status, clip(a.Body, 300))
					}
					continue
				}
				if i%5 == 4 {
					mu.Lock()
					walked++
					mu.Unlock()
					continue
				}
				page := c.do("GET", "/checkout", nil, http.Header{"X-Forwarded-For": {ip}})
				if page.Status != 200 {
					t.Errorf("buyer %d: checkout: %d", i, page.Status)
					continue
				}
				f := addressed(form(t, page.Body, "/checkout"), fmt.Sprint("b", i))
				a := post(c, ip, "/checkout", f)
				again := post(c, ip, "/checkout", f)
				if a.Status != http.StatusSeeOther || again.Location != a.Location {
					t.Errorf("buyer %d: order: %d %s, and again %s", i, a.Status, a.Location, again.Location)
					continue
				}
				o, err := s.cfg.Shop.Order(t.Context(), orderID(a.Location))
				if err != nil {
					t.Error(err)
					continue
				}
				mu.Lock()
				if other, twice := orders[o.Lines[0].Number]; twice {
					t.Errorf("number %d is in the orders %s and %s", o.Lines[0].Number, other, o.ID)
				}
				orders[o.Lines[0].Number] = o.ID
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(orders)+walked != 100 {
		t.Errorf("%d ordered, %d walked away, of 100", len(orders), walked)
	}
	for n, id := range orders {
		c, _, err := s.cfg.Catalog.Copy(t.Context(), s.Run.ID, n)
		if err != nil || c.Order != string(id) || c.State != catalog.Held {
			t.Errorf("number %d is %s in %q, not in %s (%v)", n, c.State, c.Order, id, err)
		}
	}
	// What was left in baskets comes back to the grid at once.
	s.Clock.Pass(11 * time.Minute)
	a := post(s.as("guest late"), "192.0.2.9", "/basket", url.Values{"run": {string(s.Run.ID)}, "any": {"1"}})
	if (a.Status == http.StatusSeeOther) != (walked > 0) {
		t.Errorf("%d holds ended, and the next one is answered with %d", walked, a.Status)
	}
}

// TestNothingPersonalInLogs goes through the shop, well and badly, with everything logged, and looks for what no log may
// have: a person's words, what opens something, an address on the network, a line that a stranger began.
func TestNothingPersonalInLogs(t *testing.T) {
	s, disk := switchedShop(t)
	var mu sync.Mutex
	var said bytes.Buffer
	s.cfg.Log = slog.New(slog.NewTextHandler(locked{&mu, &said}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	from := s.addressedFrom()
	const pass, display, mail, name, street, city = "zq-passphrase-of-hers", "Zq Shown Name", "zq.mail@private.example", "Zq Parcel Name", "Zq Street 99", "Zqville"
	secrets := []string{pass, display, mail, name, street, city, "198.51.100.44", "zq-agent", "zq-wrong-password", "zqsignin"}
	c := s.as("guest")
	h := from("198.51.100.44")
	h.Set("User-Agent", "zq-agent\r\nlevel=ERROR msg=forged")
	h["User-Agent"] = []string{"zq-agent"}
	send := func(path string, f url.Values) answer { return c.do("POST", path, strings.NewReader(f.Encode()), h) }
	send("/sign-up", url.Values{"name": {"zqsignin"}, "password": {pass}, "display": {display}, "mail": {mail}})
	send("/sign-up", url.Values{"name": {"zqsignin"}, "password": {pass}, "mail": {mail}}) // once more
	send("/sign-in", url.Values{"name": {"zqsignin"}, "password": {"zq-wrong-password"}})
	send("/account/password", url.Values{"old": {"zq-wrong-password"}, "password": {pass}})
	send("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"3"}})
	f := form(t, c.ok("/checkout"), "/checkout")
	for k, v := range map[string]string{"name": name, "street": street, "city": city, "code": "90-001", "country": "PL", "mail": "no mail", "method": "transfer"} {
		f.Set(k, v)
	}
	send("/checkout", f) // refused
	f.Set("mail", mail)
	order := send("/checkout", f)
	if order.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", order.Status, clip(order.Body, 500))
	}
	f.Set("city", city+" Nova")
	send("/checkout", f) // the same key with another body
	at := strings.Split(order.Location, "/")
	secrets = append(secrets, at[3])
	c.ok(order.Location)
	c.get(order.Location + "x")
	c.get("/order/" + at[2] + "/" + strings.Repeat("zqguess", 5))
	if _, err := s.cfg.Shop.MarkPaid(t.Context(), shop.OrderID(at[2]), "desk"); err != nil {
		t.Fatal(err)
	}
	send("/claim", url.Values{"code": {s.Codes[3]}})
	send("/claim", url.Values{"code": {s.Codes[3]}}) // once more
	send("/claim", url.Values{"code": {s.Codes[9]}}) // not sold
	c.get("/claim/" + s.Codes[9])
	c.get("/claim?code=" + s.Codes[9])
	secrets = append(secrets, s.Codes[3], s.Codes[9], strings.ReplaceAll(s.Codes[9], "-", ""))
	shelf := fmt.Sprintf("/shelf/%s/3", s.Run.ID)
	offer := send(shelf+"/offer", url.Values{"by": {"link"}})
	token := regexp.MustCompile(`/take/([A-Za-z0-9_-]{20,})`).FindStringSubmatch(offer.Body)
	if token == nil {
		t.Fatalf("no link was offered: %d\n%s", offer.Status, clip(offer.Body, 500))
	}
	secrets = append(secrets, token[1])
	s.as("stranger").get("/take/" + token[1])
	s.as("stranger").post("/take/"+token[1], nil)
	s.as("stranger").post("/take/"+token[1], nil) // used
	c.ok("/account/export")
	for _, path := range []string{"/link/", "/join/", "/setup/", "/take/"} {
		c.get(path + strings.Repeat("zqguess", 6))
		send(path+strings.Repeat("zqguess", 6), nil)
	}
	secrets = append(secrets, "zqguess")
	secret, _, err := s.cfg.People.NewToken(t.Context(), s.as("owner").Account.ID, s.Label.ID, people.Publishing, "laptop")
	if err != nil {
		t.Fatal(err)
	}
	for _, bearer := range []string{secret, secret + "x"} {
		c.do("POST", "/api/labels/-/pressings", strings.NewReader(`{"schema":"zq"}`), http.Header{"Authorization": {"Bearer " + bearer}})
	}
	secrets = append(secrets, secret)
	for _, q := range []string{"zq%0Alevel=ERROR", "zq%1B%5D0;title%07", "zq%C2%9B31m", "zq%E2%80%A8line"} {
		c.get("/l/" + q)
		c.get("/search?q=" + q)
		c.get("/s/" + q)
	}
	disk.set(fault.Wrap(errors.New("disk I/O error\nlevel=ERROR msg=forged\x1b]0;x\x07\u009b31m\u2028x"), fault.Unavailable, "Later."))
	send("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"4"}})
	send("/account/profile", url.Values{"display": {display}})
	disk.set(errors.New("something else"))
	send("/account/mail", url.Values{"mail": {mail}})
	disk.set(nil)
	if err := disk.Engine.Close(); err != nil {
		t.Fatal(err)
	}
	c.get("/l/specimen/evening/1/3")
	send("/sign-in", url.Values{"name": {"zqsignin"}, "password": {pass}})
	u, _ := url.Parse(s.URL)
	for _, cookie := range c.http.Jar.Cookies(u) {
		if len(cookie.Value) > 20 {
			secrets = append(secrets, cookie.Value)
		}
	}
	mu.Lock()
	log := said.String()
	mu.Unlock()
	for _, secret := range secrets {
		if i := strings.Index(strings.ToLower(log), strings.ToLower(secret)); i >= 0 && len(secret) > 5 {
			t.Errorf("the log holds %q: ...%s", secret, clip(log[max(0, i-200):], 500))
		}
	}
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "time=") || strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\x1b\x07\u009b\u2028\r") {
			t.Errorf("a line of the log is not one of ours: %q", line)
		}
	}
	for _, want := range []string{"level=ERROR", "level=INFO", "refused", "request"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q: it was not written", want)
		}
	}
}

// locked is a log that many write.
type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l locked) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.w.Write(p) }
