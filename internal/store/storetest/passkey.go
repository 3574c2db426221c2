package storetest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ferric/internal/fault"
	"ferric/internal/people"
)

// addPasskey registers an authenticator with an account.
func (c *Crowd) addPasskey(t testing.TB, id people.ID, n int, a *authenticator) people.Passkey {
	t.Helper()
	first := must(c.BeginPasskey(ctx(t), browser(n), c.justNow(id)))(t)
	return must(c.AddPasskey(ctx(t), browser(n), id, first.State, a.create(t, first.Options), "phone"))(t)
}

func testPasskey(t *testing.T, c *Crowd) {
	if !c.HasPasskeys() {
		t.Fatal("a shop with a name has passkeys")
	}
	a, _ := c.person(t, "ann", 1)
	phone := newAuthenticator(t, Origin, "tapes.example")
	key := c.addPasskey(t, a.ID, 1, phone)
	if key.Name != "phone" || key.Account != a.ID || key.Counter != 1 {
		t.Errorf("registered %+v", key)
	}
	for i := range 3 {
		first := must(c.BeginSignIn(browser(5)))(t)
		if bytes.Contains(first.Options, []byte(key.ID)) || bytes.Contains(first.Options, []byte(a.ID)) {
			t.Error("the options tell who has passkeys")
		}
		got, token, err := c.SignInByPasskey(ctx(t), browser(5), first.State, phone.get(t, first.Options))
		ok(t, err)
		if got.ID != a.ID {
			t.Errorf("signed in as %+v", got)
		}
		if _, s, err := c.Session(ctx(t), token); err != nil || s.How != people.ByPasskey {
			t.Errorf("session %+v: %v", s, err)
		}
		if keys := must(c.Passkeys(ctx(t), a.ID))(t); len(keys) != 1 || keys[0].Counter != uint32(i+2) || keys[0].Used.IsZero() {
			t.Errorf("after %d uses: %+v", i+1, keys)
		}
	}
	// A passkey replaces a password, and while it is the only way in it stays.
	ok(t, c.RemovePasskey(ctx(t), a.ID, key.ID))
	ok(t, c.DB.People().Update(ctx(t), func(tx people.Tx) error {
		return tx.InsertAccount(people.Account{ID: "bare", Name: "bare"}, people.Secret{NameKey: "bare"})
	}))
	only := newAuthenticator(t, Origin, "tapes.example")
	key = c.addPasskey(t, "bare", 2, only)
	refused(t, "removing the only way in", c.RemovePasskey(ctx(t), "bare", key.ID), fault.Conflict)
	// Shops without a name, or without TLS, have none; localhost has.
	for origin, want := range map[string]bool{"": false, "http://192.0.2.1:8080": false, "https://[2001:db8::1]": false, "http://tapes.example": false, "http://localhost:8080": true, "https://tapes.example:8443": true} {
		if p := c.process(t, func(cfg *people.Config) { cfg.Origin = origin }); p.HasPasskeys() != want {
			t.Errorf("%q has passkeys: %v", origin, !want)
		} else if _, err := p.BeginSignIn(browser(1)); (err == nil) != want {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

func testPasskeyRefusals(t *testing.T, c *Crowd) {
	a, _ := c.person(t, "ann", 1)
	b, _ := c.person(t, "bob", 2)
	phone := newAuthenticator(t, Origin, "tapes.example")
	// Registering.
	first := must(c.BeginPasskey(ctx(t), browser(1), c.justNow(a.ID)))(t)
	add := func(what string, id people.ID, state string, answer []byte, n int) {
		t.Helper()
		_, err := c.AddPasskey(ctx(t), browser(n), id, state, answer, "")
		refused(t, what, err, fault.Forbidden)
	}
	evil := newAuthenticator(t, "https://tapes.example.evil.test", "tapes.example")
	add("another origin", a.ID, first.State, evil.create(t, first.Options), 1)
	add("another relying party", a.ID, first.State, newAuthenticator(t, Origin, "evil.test").create(t, first.Options), 1)
	lazy := newAuthenticator(t, Origin, "tapes.example")
	lazy.absent = true
	add("nobody verified", a.ID, first.State, lazy.create(t, first.Options), 1)
	add("another account", b.ID, first.State, phone.create(t, first.Options), 1)
	add("another browser", a.ID, first.State, phone.create(t, first.Options), 2)
	add("no state", a.ID, "", phone.create(t, first.Options), 1)
	add("a changed state", a.ID, "A"+first.State, phone.create(t, first.Options), 1)
	add("no answer", a.ID, first.State, nil, 1)
	add("a huge answer", a.ID, first.State, bytes.Repeat([]byte("["), 1<<20), 1)
	signIn := must(c.BeginSignIn(browser(1)))(t)
	add("a state of signing in", a.ID, signIn.State, phone.create(t, signIn.Options), 1)
	other := must(c.BeginPasskey(ctx(t), browser(1), c.justNow(a.ID)))(t)
	add("another challenge", a.ID, first.State, phone.create(t, other.Options), 1)
	answer := phone.create(t, first.Options)
	must(c.AddPasskey(ctx(t), browser(1), a.ID, first.State, answer, ""))(t)
	add("the same challenge again", a.ID, first.State, newAuthenticator(t, Origin, "tapes.example").create(t, first.Options), 1)
	c.Clock.Add(5 * time.Minute)
	add("after five minutes", a.ID, other.State, newAuthenticator(t, Origin, "tapes.example").create(t, other.Options), 1)
	// The same key for another account.
	first = must(c.BeginPasskey(ctx(t), browser(2), c.justNow(b.ID)))(t)
	handle := phone.handle
	_, err := c.AddPasskey(ctx(t), browser(2), b.ID, first.State, phone.create(t, first.Options), "")
	refused(t, "a key that is in use", err, fault.Conflict)
	phone.handle = handle

	// Signing in.
	in := func(what, state string, answer []byte) {
		t.Helper()
		_, token, err := c.SignInByPasskey(ctx(t), browser(1), state, answer)
		refused(t, what, err, fault.Forbidden)
		if token != "" || fault.Text(err) != "This passkey could not be used here. Please try again, or sign in another way." {
			t.Errorf("%s: %q, %q", what, token, fault.Text(err))
		}
	}
	begin := func() people.Ceremony { t.Helper(); return must(c.BeginSignIn(browser(1)))(t) }
	f := begin()
	phone.origin = "http://tapes.example"
	in("another origin", f.State, phone.get(t, f.Options))
	phone.origin = Origin
	phone.absent = true
	in("nobody verified", f.State, phone.get(t, f.Options))
	phone.absent = false
	phone.handle = []byte(b.ID)
	in("another account's handle", f.State, phone.get(t, f.Options))
	phone.handle = nil
	in("no handle", f.State, phone.get(t, f.Options))
	phone.handle = handle
	stranger := newAuthenticator(t, Origin, "tapes.example")
	stranger.handle = handle
	in("a key nobody registered", f.State, stranger.get(t, f.Options))
	stranger.id = phone.id
	in("another key under its id", f.State, stranger.get(t, f.Options))
	in("another challenge", f.State, phone.get(t, begin().Options))
	in("a state cut short", f.State[:len(f.State)-1], phone.get(t, f.Options))
	in("a state sealed for another browser", must(c.BeginSignIn(browser(9)))(t).State, phone.get(t, f.Options))
	strange := c.process(t, func(cfg *people.Config) { cfg.Key = []byte(strings.Repeat("q", 32)) })
	forged := must(strange.BeginSignIn(browser(1)))(t)
	in("a state sealed by another shop", forged.State, phone.get(t, forged.Options))
	good := phone.get(t, f.Options)
	got, _, err := c.SignInByPasskey(ctx(t), browser(1), f.State, good)
	ok(t, err)
	if got.ID != a.ID {
		t.Errorf("signed in as %+v", got)
	}
	in("the same answer again", f.State, good)
	in("the same challenge signed again", f.State, phone.get(t, f.Options))
	f = begin()
	phone.counter = 1
	in("a counter that went back", f.State, phone.get(t, f.Options))
	phone.counter = 100
	_, _, err = c.SignInByPasskey(ctx(t), browser(1), f.State, phone.get(t, f.Options))
	ok(t, err)
	f = begin()
	c.Clock.Add(5 * time.Minute)
	in("after five minutes", f.State, phone.get(t, f.Options))
}
