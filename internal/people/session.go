package people

import (
	"context"
	"strings"
	"sync"
	"time"

	"ferric/internal/fault"
)

// How is the way in which a session was begun.
type How string

// The ways of signing in.
const (
	ByPassword How = "password"
	ByPasskey  How = "passkey"
	ByLink     How = "link"
)

// Session is a browser that is signed in.
type Session struct {
	ID      string // the hash of its token: it names the session on its owner's pages and opens nothing
	Account ID
	How     How
	Agent   string    // "Firefox on Linux": the family, never the whole header
	Made    time.Time // signed in
	Seen    time.Time // used last, to the hour
}

// over reports a session whose time is over.
func (s Session) over(now time.Time, l Limits) bool {
	return now.Sub(s.Seen) >= l.Idle || now.Sub(s.Made) >= l.Absolute
}

// ErrSignedOut says that there is no session: it was never made, or has ended.
var ErrSignedOut = fault.New(fault.Forbidden, "Please sign in.")

// errSignIn is one answer for a name that nobody has, a wrong password and an account without one.
var errSignIn = fault.New(fault.Forbidden, "This name and password do not belong together.")

// SignIn makes a session for whoever knows the password. The name is a sign-in
// name or a verified mail address. A name that nobody has costs the same work and gets the same answer.
func (p *People) SignIn(ctx context.Context, c Client, name, password string) (a Account, token string, err error) {
	name = strings.TrimSpace(name)
	if len(name) > 254 || tooLong(password) {
		return Account{}, "", errSignIn
	}
	now := p.clock()
	a, s, known, err := p.lookUp(ctx, name, c.Visitor)
	if err != nil {
		return Account{}, "", err
	}
	guess, err := p.guess(ctx, c, name, a, known, now)
	if err != nil {
		return Account{}, "", err
	}
	right, older, err := p.verify(ctx, c.Address, s.Password, password, known)
	if err != nil {
		guess.forgive() // nothing was tried
		return Account{}, "", err
	}
	if !right {
		return Account{}, "", guess.wrong(ctx)
	}
	fresh := ""
	if older {
		if fresh, err = p.hash(ctx, c.Address, password, known); err != nil {
			fresh = "" // it stays as old as it is until the next time
		}
	}
	err = p.store.Update(ctx, func(tx Tx) error {
		now := p.clock()
		current, stored, err := tx.Account(a.ID)
		if fault.Is(err, fault.NotFound) || err == nil && stored.Password != s.Password { // changed meanwhile
			return errSignIn
		}
		if err != nil {
			return err
		}
		a = current
		if fresh != "" {
			stored.Password = fresh
			if err := tx.PutAccount(a, stored); err != nil {
				return err
			}
		}
		if err := guess.right(tx); err != nil {
			return err
		}
		token, err = p.open(tx, a.ID, c, ByPassword, now)
		return err
	})
	if err != nil {
		return Account{}, "", err
	}
	guess.done()
	return a, token, nil
}

// lookUp finds the account of a typed name or verified mail, none if there is none, and whether it knows the browser.
func (p *People) lookUp(ctx context.Context, typed, visitor string) (a Account, s Secret, known bool, err error) {
	err = p.store.View(ctx, func(tx Tx) (err error) {
		if a, s, err = byName(tx, typed); err == nil && visitor != "" {
			known, err = tx.Known(a.ID, visitor)
		}
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return Account{}, Secret{}, false, nil
	}
	return a, s, known, err
}

func byName(tx Tx, typed string) (Account, Secret, error) {
	if strings.Contains(typed, "@") {
		return tx.AccountByMail(mailKey(typed))
	}
	_, key, err := parseName(typed)
	if err != nil {
		return Account{}, Secret{}, errNobody
	}
	return tx.AccountByName(key)
}

// open makes a session and remembers the browser. The token is new at every sign-in.
func (p *People) open(tx Tx, id ID, c Client, how How, now time.Time) (token string, err error) {
	token = newToken()
	hash, _ := hashToken("session", token)
	if err := tx.InsertSession(Session{ID: hash, Account: id, How: how, Agent: family(c.Agent), Made: now, Seen: now.Truncate(time.Hour)}); err != nil {
		return "", err
	}
	if c.Visitor != "" {
		err = tx.PutKnown(id, c.Visitor, now, knownMost)
	}
	return token, err
}

// knownMost is how many browsers an account remembers.
const knownMost = 20

// Session is who is signed in with a token; [ErrSignedOut] when nobody is. It
// waits for nothing but, when memory does not have it, one indexed read. A use is written down once an hour.
func (p *People) Session(ctx context.Context, token string) (Account, Session, error) {
	id, ok := hashToken("session", token)
	if !ok {
		return Account{}, Session{}, ErrSignedOut
	}
	now := p.clock()
	s, a, age, found := p.cache.get(id, now)
	if !found {
		err := p.store.View(ctx, func(tx Tx) (err error) { s, a, err = tx.Session(id); return err })
		if fault.Is(err, fault.NotFound) {
			return Account{}, Session{}, ErrSignedOut
		}
		if err != nil {
			return Account{}, Session{}, err
		}
		p.cache.put(s, a, age, now)
	}
	if s.over(now, p.cfg.Limits) {
		return Account{}, Session{}, ErrSignedOut
	}
	if hour := now.Truncate(time.Hour); hour.After(s.Seen) && p.cache.touch(id, hour) {
		// A session that cannot be noted as used is none the worse for now.
		_ = p.store.Update(ctx, func(tx Tx) error { return tx.PutSeen(id, hour) })
		s.Seen = hour
	}
	return a, s, nil
}

// SignOut ends the session of a token. One that has ended already is no error.
func (p *People) SignOut(ctx context.Context, token string) error {
	id, ok := hashToken("session", token)
	if !ok {
		return nil
	}
	err := p.store.Update(ctx, func(tx Tx) error {
		s, _, err := tx.Session(id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.DeleteSession(s.Account, id)
	})
	p.cache.drop(id)
	return err
}

// Sessions are the browsers in which an account is signed in, the latest first.
func (p *People) Sessions(ctx context.Context, id ID) (live []Session, err error) {
	err = p.store.View(ctx, func(tx Tx) error {
		all, err := tx.Sessions(id)
		now := p.clock()
		for _, s := range all {
			if !s.over(now, p.cfg.Limits) {
				live = append(live, s)
			}
		}
		return err
	})
	return live, err
}

// Revoke ends one session of an account, by its ID.
func (p *People) Revoke(ctx context.Context, account ID, session string) error {
	err := p.store.Update(ctx, func(tx Tx) error { return tx.DeleteSession(account, session) })
	p.cache.drop(session)
	return err
}

// RevokeOthers ends all sessions of an account but the one of the token.
func (p *People) RevokeOthers(ctx context.Context, token string) error {
	a, s, err := p.Session(ctx, token)
	if err != nil {
		return err
	}
	err = p.store.Update(ctx, func(tx Tx) error { return tx.DeleteSessions(a.ID, s.ID) })
	p.cache.dropAccount(a.ID)
	return err
}

// SetPassword sets the password of whoever is signed in with the token, ends
// all other sessions, forgets all other browsers, and gives this session a new token. The old password is needed, unless there is none
// or the session was begun by a link or a passkey within the last quarter of an hour: that is how a forgotten one is replaced.
func (p *People) SetPassword(ctx context.Context, c Client, token, old, password string) (newToken string, err error) {
	a, session, err := p.Session(ctx, token)
	if err != nil {
		return "", err
	}
	if err := checkPassword(password, a); err != nil {
		return "", err
	}
	var before Secret
	if err := p.store.View(ctx, func(tx Tx) error { _, before, err = tx.Account(a.ID); return err }); err != nil {
		return "", err
	}
	if before.Password != "" && !p.Fresh(session) {
		right, err := p.again(ctx, c, session, before.Password, old)
		if err != nil {
			return "", err
		}
		if !right {
			return "", fault.Field("old", "This is not the password until now.")
		}
	}
	stored, err := p.hash(ctx, c.Address, password, true)
	if err != nil {
		return "", err
	}
	err = p.store.Update(ctx, func(tx Tx) error {
		if _, _, err := tx.Session(session.ID); err != nil {
			return ErrSignedOut // ended meanwhile
		}
		a, s, err := tx.Account(a.ID)
		if err != nil {
			return err
		}
		if s.Password != before.Password {
			return fault.New(fault.Conflict, "The password was changed meanwhile. Please sign in again.")
		}
		s.Password = stored
		if err := tx.PutAccount(a, s); err != nil {
			return err
		}
		if err := tx.DeleteSessions(a.ID, ""); err != nil {
			return err
		}
		if err := tx.DropLinks(LinkSignIn, a.ID); err != nil {
			return err
		}
		now := p.clock()
		if c.Visitor != "" { // and no other browser is known any more
			if err := tx.PutKnown(a.ID, c.Visitor, now, 1); err != nil {
				return err
			}
		}
		newToken, err = p.open(tx, a.ID, c, ByPassword, now)
		return err
	})
	p.cache.dropAccount(a.ID)
	return newToken, err
}

// family is the kind of program in a User-Agent header, out of a fixed list.
func family(agent string) string {
	agent = agent[:min(len(agent), 400)]
	first := func(table [][2]string, otherwise string) string {
		for _, t := range table {
			if strings.Contains(agent, t[0]) {
				return t[1]
			}
		}
		return otherwise
	}
	program := first([][2]string{{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}, {"ferric", "ferric"}, {"curl/", "curl"}}, "a browser")
	system := first([][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}, "")
	if system == "" {
		return program
	}
	return program + " on " + system
}

// cache keeps sessions that were read lately.
type cache struct {
	most  int
	stale time.Duration

	mu   sync.Mutex
	age  uint64 // of the whole: a reading that began before something was dropped is not put in
	live map[string]cached
}

type cached struct {
	session Session
	account Account
	at      time.Time
}

func newCache(most int, stale time.Duration) *cache {
	return &cache{most: most, stale: stale, live: map[string]cached{}}
}

// get is a session that was read within the last moment, and the age to put it in with when there is none.
func (c *cache) get(id string, now time.Time) (Session, Account, uint64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.live[id]
	if d := now.Sub(e.at); ok && (d >= c.stale || d < 0) {
		delete(c.live, id)
		ok = false
	}
	return e.session, e.account, c.age, ok
}

func (c *cache) put(s Session, a Account, age uint64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age != c.age {
		return
	}
	if len(c.live) >= c.most {
		for id := range c.live { // any one: it costs its owner one read
			delete(c.live, id)
			break
		}
	}
	c.live[s.ID] = cached{s, a, now}
}

// touch notes a session as used, and reports whether this call was the first to do so.
func (c *cache) touch(id string, hour time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.live[id]
	if ok && !e.session.Seen.Before(hour) {
		return false
	}
	if ok {
		e.session.Seen = hour
		c.live[id] = e
	}
	return true
}

func (c *cache) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age++
	delete(c.live, id)
}

func (c *cache) dropAccount(id ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age++
	for k, e := range c.live {
		if e.account.ID == id {
			delete(c.live, k)
		}
	}
}
