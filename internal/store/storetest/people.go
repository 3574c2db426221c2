package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/store"
)

// People runs the suite of package people. Open opens an empty database, which is closed when the test ends.
func People(t *testing.T, open func(testing.TB) store.Engine) {
	t.Run("EveryTable", testEveryTable)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *Crowd)
	}{
		{"SignUp", testSignUp}, {"SignIn", testSignIn}, {"AuthBypass", testAuthBypass}, {"Sessions", testSessions}, {"Password", testPassword},
		{"Setup", testSetup}, {"Links", testLinks}, {"Mail", testMail}, {"Guesses", testGuesses}, {"S2Stuffing", testStuffing},
		{"Passkey", testPasskey}, {"PasskeyRefusals", testPasskeyRefusals}, {"Members", testMembers}, {"LastOwner", testLastOwner}, {"Invite", testInvite}, {"Tokens", testTokens},
		{"Names", testNames}, {"PeopleSweep", testPeopleSweep}, {"Erase", testErase}, {"EraseRefusals", testEraseRefusals},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := open(t)
			c := NewCrowd(t, store.New(e))
			c.engine = e
			test.run(t, c)
		})
	}
}

// Crowd is people in a house.
type Crowd struct {
	*House
	*people.People
	engine store.Engine
}

// cheap is a cost that tests can afford.
var cheap = people.Cost{Memory: 8, Passes: 1, Lanes: 1}

// Origin is the shop's address in tests.
const Origin = "https://tapes.example"

// NewCrowd makes people on an empty database.
func NewCrowd(t testing.TB, db *store.DB, edits ...func(*people.Config)) *Crowd {
	t.Helper()
	c := &Crowd{House: NewHouse(t, db)}
	c.People = c.process(t, edits...)
	return c
}

// process is another process of the same shop: the same database, and a memory of its own.
func (c *Crowd) process(t testing.TB, edits ...func(*people.Config)) *people.People {
	t.Helper()
	cfg := people.Config{Now: c.Clock.Now, Key: []byte(strings.Repeat("p", 32)), Origin: Origin, Cost: cheap}
	for _, edit := range edits {
		edit(&cfg)
	}
	return must(people.New(c.DB.People(), cfg))(t)
}

// password is nobody's first guess.
const password = "seven quiet spools"

// browser is the nth one, at an address of its own.
func browser(n int) people.Client {
	return people.Client{Address: fmt.Sprintf("192.0.2.%d", n), Visitor: fmt.Sprintf("browser-%d", n), Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

// person signs somebody up.
func (c *Crowd) person(t testing.TB, name string, n int) (people.Account, string) {
	t.Helper()
	a, token, err := c.SignUp(ctx(t), browser(n), people.Entry{Name: name, Password: password, Mail: name + "@example.org"})
	ok(t, err)
	return a, token
}

// verified is a person whose mail is verified.
func (c *Crowd) verified(t testing.TB, name string, n int) (people.Account, string) {
	t.Helper()
	a, token := c.person(t, name, n)
	l := must(c.MailLink(ctx(t), browser(n), a.ID))(t)
	return must(c.VerifyMail(ctx(t), a.ID, l.Token))(t), token
}

// justNow is a session that was begun this moment.
func (c *Crowd) justNow(id people.ID) people.Session {
	return people.Session{Account: id, Made: c.Clock.Now()}
}

func (c *Crowd) setMail(t testing.TB, id people.ID, mail string) (people.Account, error) {
	return c.SetMail(ctx(t), c.justNow(id), mail)
}

// keeper makes the account that keeps the shop.
func (c *Crowd) keeper(t testing.TB) people.Account {
	t.Helper()
	link := must(c.SetupLink(ctx(t)))(t)
	a, _, err := c.Setup(ctx(t), browser(250), link, people.Entry{Name: "keeper", Password: password})
	ok(t, err)
	return a
}

func testSignUp(t *testing.T, c *Crowd) {
	a, token := c.person(t, "Ann.Tape", 1)
	if a.Name != "ann.tape" || a.Admin || a.Verified || !a.Created.Equal(c.Clock.Now()) {
		t.Errorf("signed up %+v", a)
	}
	got, s, err := c.Session(ctx(t), token)
	ok(t, err)
	if got != a || s.Agent != "Firefox on Linux" || s.How != people.ByPassword {
		t.Errorf("session %+v of %+v", s, got)
	}
	if got := must(c.Account(ctx(t), a.ID))(t); got != a {
		t.Errorf("stored %+v, signed up %+v", got, a)
	}
	sign := func(e people.Entry) error {
		_, _, err := c.SignUp(ctx(t), browser(2), e)
		return err
	}
	for _, twin := range []string{"ann.tape", "ANN.TAPE", "ann-tape", "anntape", "ａｎｎ．ｔａｐｅ", " ann_tape "} {
		refused(t, "the name "+twin, sign(people.Entry{Name: twin, Password: password}), fault.Conflict)
	}
	for _, bad := range []string{"", "ab", "аnn.tape", "ann tape", "ann@tape", "---", strings.Repeat("a", 33), "ann\x00", "ann\u202e", "a\xff\xfeb", strings.Repeat("a", 1<<20)} {
		refused(t, fmt.Sprintf("the name %.40q", bad), sign(people.Entry{Name: bad, Password: password}), fault.Invalid)
	}
	for _, bad := range []string{"", "short", "1234567", "12345678", "password", "Password123!", "P@ssw0rd", "qwertzuiop", "aaaaaaaaaaaa", "abababababab", "abcdefghij", "iloveyou1999",
		"bob.spool", "Bob.Spool77", strings.Repeat("é", 257), "bad\xffutf8bytes", strings.Repeat("x", 1<<20)} {
		refused(t, fmt.Sprintf("the password %.40q", bad), sign(people.Entry{Name: "bob.spool", Password: bad}), fault.Invalid)
	}
	for _, bad := range []string{"bob", "bob@", "@example.org", "bob@localhost", "b ob@example.org", "bob@example.org\r\nBcc: all@example.org", "a@b@example.org", strings.Repeat("a", 250) + "@example.org"} {
		refused(t, fmt.Sprintf("the mail %.40q", bad), sign(people.Entry{Name: "bob.spool", Password: password, Mail: bad}), fault.Invalid)
	}
	refused(t, "a long name to show", sign(people.Entry{Name: "bob.spool", Password: password, Display: strings.Repeat("é", 81)}), fault.Invalid)
	// 256 characters of any script are a password; an unverified mail is no obstacle and no secret.
	long := strings.Repeat("żółw", 63) + "tape"
	ok(t, sign(people.Entry{Name: "bob.spool", Password: long, Mail: "ann.tape@example.org", Display: strings.Repeat("é", 80)}))
	_, _, err = c.SignIn(ctx(t), browser(2), "bob.spool", long)
	ok(t, err)
	// Typed on another system the same characters may come decomposed.
	_, _, err = c.SignUp(ctx(t), browser(3), people.Entry{Name: "carl", Password: "zażółć gęślą"})
	ok(t, err)
	_, _, err = c.SignIn(ctx(t), browser(3), "carl", "zaz\u0307o\u0301łc\u0301 ge\u0328s\u0301la\u0328")
	ok(t, err)
	// One address cannot make accounts without end.
	n := 0
	for n = 0; n < 100 && err == nil; n++ {
		_, _, err = c.SignUp(ctx(t), browser(9), people.Entry{Name: fmt.Sprintf("bot-%d", n), Password: password})
	}
	refused(t, "the accounts of a bot", err, fault.Limit)
	if n > 21 { // the last was refused
		t.Errorf("one address made %d accounts at once", n-1)
	}
}

func testSignIn(t *testing.T, c *Crowd) {
	a, first := c.verified(t, "ann", 1)
	got, token, err := c.SignIn(ctx(t), browser(2), " ANN ", password)
	ok(t, err)
	if got.ID != a.ID || token == first || len(token) != 43 {
		t.Errorf("signed in as %+v with %q", got, token)
	}
	_, _, err = c.SignIn(ctx(t), browser(2), "Ann@Example.ORG", password)
	ok(t, err)
	// A cost that was raised reaches a password when its owner signs in, and changes nothing for them.
	dearer := c.process(t, func(cfg *people.Config) { cfg.Cost = people.Cost{Memory: 16, Passes: 2, Lanes: 1} })
	for range 2 {
		_, _, err = dearer.SignIn(ctx(t), browser(2), "ann", password)
		ok(t, err)
	}
	_, s := c.record(t, a.ID)
	if !strings.HasPrefix(s.Password, "$argon2id$v=19$m=16,t=2,p=1$") {
		t.Errorf("the stored password is %q", s.Password)
	}
	_, _, err = c.SignIn(ctx(t), browser(2), "ann", password)
	ok(t, err)
}

// record reads an account with its secrets.
func (c *Crowd) record(t testing.TB, id people.ID) (a people.Account, s people.Secret) {
	t.Helper()
	ok(t, c.DB.People().View(ctx(t), func(tx people.Tx) (err error) { a, s, err = tx.Account(id); return err }))
	return a, s
}

// testAuthBypass: what let others' visitors in lets nobody in here.
func testAuthBypass(t *testing.T, c *Crowd) {
	a, token := c.person(t, "ann", 1)
	// An account without a password, as one that has only passkeys.
	ok(t, c.DB.People().Update(ctx(t), func(tx people.Tx) error {
		return tx.InsertAccount(people.Account{ID: "bare", Name: "bare"}, people.Secret{NameKey: "bare"})
	}))
	texts := map[string]bool{}
	for i, try := range []struct{ name, password string }{
		{"nobody", password}, {"nobody", ""}, {"nobody@example.org", ""}, {"ann", ""}, {"ann", "\x00"}, {"ann", password + " "}, {"ann", strings.ToUpper(password)},
		{"ann@example.org", password}, // not verified
		{"bare", ""}, {"bare", "\x00"}, {"", ""}, {"", password}, {"' OR 1=1 --", password}, {"ann' --", password}, {"%", password}, {"ann\x00", password},
		{strings.Repeat("a", 1<<20), password}, {"ann", strings.Repeat("a", 1<<20)},
	} {
		_, got, err := c.SignIn(ctx(t), browser(i+10), try.name, try.password)
		refused(t, fmt.Sprintf("%.20q with %.20q", try.name, try.password), err, fault.Forbidden)
		if got != "" {
			t.Errorf("%.20q with %.20q got a token", try.name, try.password)
		}
		texts[fault.Text(err)] = true
	}
	if len(texts) != 1 {
		t.Errorf("the refusals differ: %v", texts)
	}
	id, _ := c.record(t, a.ID)
	_, s := c.record(t, a.ID)
	live := must(c.Sessions(ctx(t), a.ID))(t)[0]
	last := token[len(token)-1]
	for what, forged := range map[string]string{
		"empty": "", "another's": people.NewVisitor(), "the hash itself": live.ID, "the account": string(id.ID), "the password": s.Password,
		"cut": token[:42], "longer": token + "A", "spaced": token + " ", "padded": token[:42] + "=", "upper": strings.ToUpper(token), "a JWT": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
		"changed": token[:42] + string(rune(last^1)), "null": strings.Repeat("\x00", 43), "pattern": strings.Repeat("%", 43), "huge": strings.Repeat("A", 1<<20),
	} {
		_, _, err := c.Session(ctx(t), forged)
		refused(t, "a token that is "+what, err, fault.Forbidden)
		_, err = c.Token(ctx(t), forged, people.Publishing)
		refused(t, "a publish token that is "+what, err, fault.Forbidden)
		_, _, err = c.SignInByLink(ctx(t), browser(2), forged)
		refused(t, "a link that is "+what, err, fault.Gone)
		_, _, err = c.Setup(ctx(t), browser(2), forged, people.Entry{Name: "thief", Password: password})
		refused(t, "a setup link that is "+what, err, fault.Gone)
	}
	// Tokens of one kind are none of another.
	_, err := c.Token(ctx(t), "ferric_"+token, people.Publishing)
	refused(t, "a session as publish token", err, fault.Forbidden)
	_, _, err = c.SignInByLink(ctx(t), browser(2), token)
	refused(t, "a session as link", err, fault.Gone)
}

func testSessions(t *testing.T, c *Crowd) {
	other := c.process(t)
	a, first := c.person(t, "ann", 1)
	b, bobs := c.person(t, "bob", 2)
	c.Clock.Add(time.Hour)
	_, second, err := c.SignIn(ctx(t), browser(3), "ann", password)
	ok(t, err)
	live := must(c.Sessions(ctx(t), a.ID))(t)
	if len(live) != 2 || live[0].ID == live[1].ID || !live[0].Made.Equal(c.Clock.Now()) {
		t.Fatalf("sessions %+v", live)
	}
	signedIn := func(p *people.People, token string) bool {
		t.Helper()
		_, _, err := p.Session(ctx(t), token)
		if err != nil && err != error(people.ErrSignedOut) {
			t.Fatal(err)
		}
		return err == nil
	}
	if !signedIn(c.People, first) || !signedIn(other, first) || !signedIn(other, second) {
		t.Fatal("a session is not known to both processes")
	}
	// Another's session cannot be ended.
	ok(t, c.Revoke(ctx(t), b.ID, live[0].ID))
	if !signedIn(c.People, second) {
		t.Error("bob ended ann's session")
	}
	ok(t, c.Revoke(ctx(t), a.ID, live[0].ID))
	if signedIn(c.People, second) {
		t.Error("a revoked session lives on where it was revoked")
	}
	c.Clock.Add(2 * time.Second)
	if signedIn(other, second) || !signedIn(other, first) {
		t.Error("a revoked session lives on elsewhere after 2 s")
	}
	ok(t, c.SignOut(ctx(t), first))
	ok(t, c.SignOut(ctx(t), first))
	ok(t, c.SignOut(ctx(t), "no token"))
	if signedIn(c.People, first) || !signedIn(c.People, bobs) {
		t.Error("signing out ended another session than its own")
	}
	// Idle for 30 days from the hour it was last used; 180 days whatever happens.
	c.Clock.Add(-c.Clock.Now().Sub(c.Clock.Now().Truncate(time.Hour)))
	_, token, err := c.SignIn(ctx(t), browser(1), "ann", password)
	ok(t, err)
	for i, step := range []time.Duration{30*24*time.Hour - time.Second, 29 * 24 * time.Hour} {
		c.Clock.Add(step)
		if !signedIn(c.People, token) {
			t.Fatalf("signed out after step %d", i+1)
		}
	}
	c.Clock.Add(30 * 24 * time.Hour)
	if signedIn(c.People, token) || signedIn(other, token) {
		t.Error("a session that was idle for 30 days lives on")
	}
	_, token, err = c.SignIn(ctx(t), browser(1), "ann", password)
	ok(t, err)
	for day := 0; day < 179; day++ {
		c.Clock.Add(24 * time.Hour)
		if !signedIn(c.People, token) {
			t.Fatalf("signed out on day %d", day+1)
		}
	}
	c.Clock.Add(24 * time.Hour)
	if signedIn(c.People, token) {
		t.Error("a session lives longer than 180 days")
	}
	if live := must(c.Sessions(ctx(t), a.ID))(t); len(live) != 0 {
		t.Errorf("sessions that are over are listed: %+v", live)
	}
}

func testPassword(t *testing.T, c *Crowd) {
	a, token := c.verified(t, "ann", 1)
	_, second, err := c.SignIn(ctx(t), browser(2), "ann", password)
	ok(t, err)
	const better = "eight quiet spools"
	_, err = c.SetPassword(ctx(t), browser(1), token, "wrong", better)
	refused(t, "the wrong old password", err, fault.Invalid)
	_, err = c.SetPassword(ctx(t), browser(1), token, "", better)
	refused(t, "no old password", err, fault.Invalid)
	_, err = c.SetPassword(ctx(t), browser(1), token, password, "password")
	refused(t, "a common password", err, fault.Invalid)
	fresh := must(c.SetPassword(ctx(t), browser(1), token, password, better))(t)
	for _, old := range []string{token, second} {
		_, _, err = c.Session(ctx(t), old)
		refused(t, "a session from before", err, fault.Forbidden)
	}
	_, _, err = c.Session(ctx(t), fresh)
	ok(t, err)
	_, _, err = c.SignIn(ctx(t), browser(1), "ann", password)
	refused(t, "the old password", err, fault.Forbidden)
	_, _, err = c.SignIn(ctx(t), browser(1), "ann", better)
	ok(t, err)
	// A forgotten one is replaced through a mailed link, for a quarter of an hour.
	l := must(c.SignInLink(ctx(t), browser(4), "ann@example.org"))(t)
	_, byLink, err := c.SignInByLink(ctx(t), browser(4), l.Token)
	ok(t, err)
	ok(t, c.Confirm(ctx(t), browser(4), byLink, ""))
	_, late, err := c.Session(ctx(t), byLink)
	ok(t, err)
	byLink = must(c.SetPassword(ctx(t), browser(4), byLink, "", password))(t)
	refused(t, "confirmed without the password that was set", c.Confirm(ctx(t), browser(4), byLink, ""), fault.Invalid)
	ok(t, c.Confirm(ctx(t), browser(4), byLink, password))
	c.Clock.Add(time.Hour)
	l = must(c.SignInLink(ctx(t), browser(4), "ann@example.org"))(t)
	_, byLink, err = c.SignInByLink(ctx(t), browser(4), l.Token)
	ok(t, err)
	// Whoever finds it open later makes no way in of their own with it.
	c.Clock.Add(15 * time.Minute)
	_, err = c.SetPassword(ctx(t), browser(4), byLink, "", better)
	refused(t, "after a quarter of an hour", err, fault.Invalid)
	refused(t, "confirmed after a quarter of an hour", c.Confirm(ctx(t), browser(4), byLink, ""), fault.Invalid)
	_, err = c.SetMail(ctx(t), late, "thief@example.org")
	refused(t, "another mail after a quarter of an hour", err, fault.Forbidden)
	_, err = c.BeginPasskey(ctx(t), browser(4), late)
	refused(t, "a passkey after a quarter of an hour", err, fault.Forbidden)
	// Guessing at it from a session that was left open ends soon.
	for range 30 {
		_, err = c.SetPassword(ctx(t), browser(4), byLink, "guess", better)
	}
	refused(t, "30 guesses", err, fault.Limit)
	if live := must(c.Sessions(ctx(t), a.ID))(t); len(live) != 2 {
		t.Errorf("%d sessions are left", len(live))
	}
}

func testSetup(t *testing.T, c *Crowd) {
	first := must(c.SetupLink(ctx(t)))(t)
	second := must(c.SetupLink(ctx(t)))(t)
	e := people.Entry{Name: "keeper", Password: password}
	_, _, err := c.Setup(ctx(t), browser(1), first, e)
	refused(t, "a setup link from before", err, fault.Gone)
	bad := e
	bad.Password = "password"
	_, _, err = c.Setup(ctx(t), browser(1), second, bad)
	refused(t, "a common password", err, fault.Invalid)
	a, token, err := c.Setup(ctx(t), browser(1), second, e)
	ok(t, err)
	if !a.Admin {
		t.Error("the first account does not keep the shop")
	}
	if got, _, err := c.Session(ctx(t), token); err != nil || !got.Admin {
		t.Errorf("session of %+v: %v", got, err)
	}
	_, _, err = c.Setup(ctx(t), browser(1), second, people.Entry{Name: "second", Password: password})
	refused(t, "the setup link again", err, fault.Gone)
	if link := must(c.SetupLink(ctx(t)))(t); link != "" {
		t.Error("a shop that is kept got another setup link")
	}
	b, _ := c.person(t, "bob", 2)
	_, err = c.SetAdmin(ctx(t), b.ID, b.ID, true)
	refused(t, "making oneself the keeper", err, fault.Forbidden)
	_, err = c.SetAdmin(ctx(t), b.ID, a.ID, false)
	refused(t, "deposing the keeper", err, fault.Forbidden)
	_, err = c.SetAdmin(ctx(t), a.ID, a.ID, false)
	refused(t, "the only keeper going", err, fault.Conflict)
	must(c.SetAdmin(ctx(t), a.ID, b.ID, true))(t)
	must(c.SetAdmin(ctx(t), b.ID, a.ID, false))(t)
	if got, _, err := c.Session(ctx(t), token); err != nil || got.Admin {
		t.Errorf("a session in memory still keeps the shop: %v", err)
	}
}

func testLinks(t *testing.T, c *Crowd) {
	a, _ := c.verified(t, "ann", 1)
	c.person(t, "bob", 2)
	// Nobody, and somebody whose mail is not verified, get nothing; and are told the same.
	for i, typed := range []string{"nobody", "nobody@example.org", "bob", "bob@example.org", "", "ann@example.com", strings.Repeat("a", 1<<20)} {
		if l := must(c.SignInLink(ctx(t), browser(20+i), typed))(t); l.To != "" || l.Token != "" {
			t.Errorf("%.20q: a link for %+v", typed, l)
		}
	}
	first := must(c.SignInLink(ctx(t), browser(3), "ann"))(t)
	second := must(c.SignInLink(ctx(t), browser(3), "Ann@example.org"))(t)
	if first.To != "ann@example.org" || !second.Expires.Equal(c.Clock.Now().Add(15*time.Minute)) {
		t.Errorf("letters %+v, %+v", first, second)
	}
	_, _, err := c.SignInByLink(ctx(t), browser(3), first.Token)
	refused(t, "a link that was replaced", err, fault.Gone)
	_, err = c.VerifyMail(ctx(t), a.ID, second.Token)
	refused(t, "a link for signing in as proof of a mail address", err, fault.Gone)
	// Of many who follow it at once one gets in.
	var wg sync.WaitGroup
	var in, out int
	var mu sync.Mutex
	for i := range 8 {
		wg.Go(func() {
			got, _, err := c.SignInByLink(ctx(t), browser(30+i), second.Token)
			mu.Lock()
			defer mu.Unlock()
			if err == nil && got.ID == a.ID {
				in++
			} else if fault.Is(err, fault.Gone) {
				out++
			}
		})
	}
	wg.Wait()
	if in != 1 || out != 7 {
		t.Errorf("%d followed one link, %d were refused", in, out)
	}
	c.Clock.Add(time.Hour)
	l := must(c.SignInLink(ctx(t), browser(3), "ann"))(t)
	c.Clock.Add(15 * time.Minute)
	_, _, err = c.SignInByLink(ctx(t), browser(3), l.Token)
	refused(t, "a link after its time", err, fault.Gone)
	// A new address makes what was sent to the old one worthless.
	l = must(c.SignInLink(ctx(t), browser(4), "ann"))(t)
	must(c.setMail(t, a.ID, "ann@example.net"))(t)
	_, _, err = c.SignInByLink(ctx(t), browser(4), l.Token)
	refused(t, "a link sent to an address from before", err, fault.Gone)
	// Nobody's mailbox is filled, and names that nobody has are counted like all.
	c.Clock.Add(48 * time.Hour)
	for _, typed := range []string{"ann", "nobody"} {
		sent := 0
		for i := range 30 {
			if _, err = c.SignInLink(ctx(t), browser(50+i), typed); err != nil {
				break
			}
			sent++
		}
		refused(t, "many links for "+typed, err, fault.Limit)
		if sent != 3 {
			t.Errorf("%d links for %s at once", sent, typed)
		}
	}
}

// testMail: an address leads to an account only after a link came back to it (CVE-2024-38351, CVE-2026-44166).
func testMail(t *testing.T, c *Crowd) {
	thief, _ := c.person(t, "thief", 1)
	must(c.setMail(t, thief.ID, "ann@example.org"))(t)
	sent := must(c.MailLink(ctx(t), browser(1), thief.ID))(t)
	// Ann opens the thief's link, signed in or not as herself: it does nothing.
	a, _ := c.person(t, "ann", 2)
	_, err := c.VerifyMail(ctx(t), a.ID, sent.Token)
	refused(t, "another's link", err, fault.Gone)
	_, _, err = c.SignIn(ctx(t), browser(2), "ann@example.org", password)
	refused(t, "a mail address that nobody verified", err, fault.Forbidden)
	own := must(c.MailLink(ctx(t), browser(2), a.ID))(t)
	if got := must(c.VerifyMail(ctx(t), a.ID, own.Token))(t); !got.Verified {
		t.Error("the address is not verified")
	}
	got, _, err := c.SignIn(ctx(t), browser(2), "ann@example.org", password)
	ok(t, err)
	if got.ID != a.ID {
		t.Errorf("the address leads to %s", got.Name)
	}
	_, err = c.VerifyMail(ctx(t), thief.ID, sent.Token)
	refused(t, "an address that another has verified", err, fault.Conflict)
	_, err = c.MailLink(ctx(t), browser(2), a.ID)
	refused(t, "a link for an address that is verified", err, fault.Conflict)
	// A link proves the address that it was sent to, not the one that is written there now.
	must(c.setMail(t, a.ID, "a@example.org"))(t)
	own = must(c.MailLink(ctx(t), browser(2), a.ID))(t)
	c.Clock.Add(24 * time.Hour)
	must(c.setMail(t, a.ID, "b@example.org"))(t)
	_, err = c.VerifyMail(ctx(t), a.ID, own.Token)
	refused(t, "a link to an address from before", err, fault.Gone)
	if got := must(c.setMail(t, a.ID, ""))(t); got.Mail != "" || got.Verified {
		t.Errorf("without mail: %+v", got)
	}
	_, err = c.MailLink(ctx(t), browser(2), a.ID)
	refused(t, "a link for no address", err, fault.Conflict)
}

func testGuesses(t *testing.T, c *Crowd) {
	a, session := c.person(t, "ann", 1)
	tries := func(p *people.People, name string, from int) (n int, err error) {
		for n = 0; n < 100; n++ {
			if _, _, err = p.SignIn(ctx(t), browser(from+n), name, "wrong"); !fault.Is(err, fault.Forbidden) {
				return n, err
			}
		}
		return n, err
	}
	// A name that nobody has behaves like one that somebody has.
	for i, name := range []string{"ann", "nobody", "nobody@example.org"} {
		n, err := tries(c.People, name, 10+60*i)
		refused(t, "guesses at "+name, err, fault.Limit)
		if n != 10 {
			t.Errorf("%d guesses at %s in a row", n, name)
		}
	}
	// Another browser must wait, with the right password too; hers and her session never do.
	_, _, err := c.SignIn(ctx(t), browser(3), "ann", password)
	refused(t, "the right password from elsewhere", err, fault.Limit)
	_, _, err = c.SignIn(ctx(t), browser(1), "ann", password)
	ok(t, err)
	_, _, err = c.Session(ctx(t), session)
	ok(t, err)
	// A restart forgives nothing.
	again := c.process(t)
	for i, name := range []string{"ann", "nobody"} {
		n, err := tries(again, name, 110+60*i)
		refused(t, "guesses after a restart at "+name, err, fault.Limit)
		if n > 0 {
			t.Errorf("%d guesses at %s after a restart", n, name)
		}
	}
	// The wait grows to a quarter of an hour; a day of attacks is about a hundred guesses.
	day := 0
	for end := c.Clock.Now().Add(24 * time.Hour); c.Clock.Now().Before(end); c.Clock.Add(time.Minute) {
		if _, _, err := c.SignIn(ctx(t), browser(200+day%50), "ann", "wrong"); fault.Is(err, fault.Forbidden) {
			day++
		}
	}
	if day < 90 || day > 110 {
		t.Errorf("%d guesses in a day", day)
	}
	// Whoever waits gets in, and then nothing is held against the name.
	c.Clock.Add(15 * time.Minute)
	_, _, err = c.SignIn(ctx(t), browser(3), "ann", password)
	ok(t, err)
	n, _ := tries(c.People, "ann", 10)
	if n != 10 {
		t.Errorf("after signing in %d guesses", n)
	}
	// One address that guesses at many names waits as well; a success in between does not help it.
	made := 0
	for i := range 100 {
		if i%5 == 4 {
			c.SignIn(ctx(t), people.Client{Address: "198.51.100.1", Visitor: "bots"}, "ann", password)
		} else if _, _, err = c.SignIn(ctx(t), people.Client{Address: "198.51.100.1", Visitor: "bots"}, fmt.Sprintf("name-%d", i), "wrong"); fault.Is(err, fault.Forbidden) {
			made++
		}
	}
	if made > 20 {
		t.Errorf("one address made %d guesses at once", made)
	}
	_ = a
}

// testStuffing (S2): 1,000 stolen passwords a minute from 500 addresses, half of them at
// one name. Its owner signs in all the while, and their session never waits.
func testStuffing(t *testing.T, c *Crowd) {
	_, session := c.person(t, "ann", 1)
	const minutes = 3
	tried, hers := 0, 0
	for m := range minutes {
		var wg sync.WaitGroup
		var mu sync.Mutex
		for worker := range 8 {
			wg.Go(func() {
				for i := worker; i < 1000; i += 8 {
					name := "ann"
					if i%2 == 1 {
						name = fmt.Sprintf("stolen-%d-%d", m, i)
					}
					from := people.Client{Address: fmt.Sprintf("203.0.113.%d", i%500), Visitor: fmt.Sprintf("bot-%d", i%500)}
					_, token, err := c.SignIn(ctx(t), from, name, fmt.Sprintf("stolen password %d", i))
					if token != "" || err == nil {
						t.Error("a stolen password opened something")
					}
					if fault.Is(err, fault.Forbidden) {
						mu.Lock()
						tried++
						if name == "ann" {
							hers++
						}
						mu.Unlock()
					}
				}
			})
		}
		for range 10 {
			if _, _, err := c.SignIn(ctx(t), browser(1), "ann", password); err != nil {
				t.Errorf("her own browser is kept out: %v", err)
			}
			if _, _, err := c.Session(ctx(t), session); err != nil {
				t.Errorf("her session is refused: %v", err)
			}
		}
		wg.Wait()
		c.Clock.Add(time.Minute)
	}
	if hers > 10+minutes*7 {
		t.Errorf("%d guesses at one name in %d minutes", hers, minutes)
	}
	t.Logf("%d of %d were tried, %d at her name", tried, 1000*minutes, hers)
}

func testNames(t *testing.T, c *Crowd) {
	a, token := c.person(t, "ann", 1)
	b, _ := c.person(t, "bob", 2)
	must(c.Profile(ctx(t), a.ID, "Ann <b>Ω</b>", true))(t)
	must(c.Profile(ctx(t), b.ID, "Bob", false))(t)
	ids := []people.ID{a.ID, b.ID, "nobody", people.Erased, ""}
	for range 150 {
		ids = append(ids, a.ID)
	}
	names := must(c.Names(ctx(t), ids...))(t)
	if len(names) != 1 || names[a.ID] != "Ann <b>Ω</b>" {
		t.Errorf("names %v", names)
	}
	if got, _, _ := c.Session(ctx(t), token); got.Called() != "Ann <b>Ω</b>" {
		t.Errorf("her session calls her %q", got.Called())
	}
	_, err := c.Profile(ctx(t), a.ID, "", true)
	refused(t, "showing no name", err, fault.Invalid)
	_, err = c.Profile(ctx(t), a.ID, "A\u202enn", true)
	refused(t, "a name that turns the line around", err, fault.Invalid)
	if got := must(c.Find(ctx(t), "ANN"))(t); got.ID != a.ID {
		t.Errorf("found %+v", got)
	}
	for _, none := range []string{"nobody", "ann@example.org", "", "'"} {
		_, err := c.Find(ctx(t), none)
		refused(t, "finding "+none, err, fault.NotFound)
	}
}

func testPeopleSweep(t *testing.T, c *Crowd) {
	a, _ := c.verified(t, "ann", 1)
	must(c.SignInLink(ctx(t), browser(1), "ann"))(t)
	for i := range 300 {
		ok(t, c.DB.People().Update(ctx(t), func(tx people.Tx) error {
			_, err := tx.Spend(fmt.Sprint("thing ", i), c.Clock.Now().Add(time.Minute))
			return err
		}))
	}
	if n := must(c.Sweep(ctx(t)))(t); n != 0 {
		t.Errorf("%d things were swept before their time", n)
	}
	c.Clock.Add(181 * 24 * time.Hour)
	if n := must(c.Sweep(ctx(t)))(t); n < 300 {
		t.Errorf("%d things were swept", n)
	}
	ok(t, c.DB.People().View(ctx(t), func(tx people.Tx) error {
		all, err := tx.Sessions(a.ID)
		if len(all) != 0 {
			t.Errorf("%d sessions are left", len(all))
		}
		return err
	}))
}
