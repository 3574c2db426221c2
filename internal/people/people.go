// Package people keeps who is who: accounts, the sessions in which they are
// signed in, and what each may do.
//
// An account is a sign-in name and an opaque id; the id is all that other rooms
// ever keep. It signs in by a password, a passkey or a mailed link, and each of
// these ends in the same thing, a session: a random token in the browser, its
// SHA-256 here, so that it can be listed and ended from here. No secret is
// kept in a form in which it could be used: passwords as argon2id, tokens as hashes.
//
// Guessing is met in three places. A tally for each address and for each name
// makes guesses wait; a browser that an account has signed in from before has a tally of
// its own, so that a crowd which guesses at a name never locks its owner out.
// Hashes are made in a bounded queue in which addresses take turns. And an unknown name costs
// what a known one does, and gets the same answer in the same words.
// Whoever is signed in already passes none of these: [People.Session] is a look into memory or one indexed read.
//
// A mail address counts only when a link sent to it came back to the account
// that named it. Until then it is a note, and leads to no account.
package people

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is one transaction, by subject. Single things that do not exist are of
// kind NotFound. In an Update what was read as one thing stays as it is until the end.
type Tx interface {
	AccountTx
	SessionTx
	LinkTx
	PasskeyTx
	MemberTx
	LeaveTx
}

// AccountTx keeps accounts and how often somebody guessed at their names.
type AccountTx interface {
	InsertAccount(Account, Secret) error // Conflict when the name is in use
	Account(ID) (Account, Secret, error)
	AccountByName(nameKey string) (Account, Secret, error)
	AccountByMail(mailKey string) (Account, Secret, error) // of verified mail only
	PutAccount(Account, Secret) error                      // Conflict when its verified mail is another's too
	Admins() (int, error)
	Accounts() (int, error)
	Names([]ID) (map[ID]string, error) // of those who want theirs shown
	Guesses(key string) (Count, error) // zero when there are none
	PutGuesses(key string, c Count) error
	Known(id ID, visitor string) (bool, error)
	PutKnown(id ID, visitor string, now time.Time, most int) error // forgets the oldest beyond most
}

// SessionTx keeps sessions by the hash of their token.
type SessionTx interface {
	InsertSession(Session) error
	Session(id string) (Session, Account, error)
	Sessions(ID) ([]Session, error) // the latest first
	PutSeen(id string, now time.Time) error
	DeleteSession(account ID, id string) error
	DeleteSessions(account ID, but string) error
}

// LinkTx keeps one-time links, and what has been used of things that work once.
type LinkTx interface {
	PutLink(Link) error                   // replaces the one of its hash
	Link(hash string) (Link, error)       // whether or not its time is over
	DeleteLink(hash string) (bool, error) // whether it was there
	Invitations(catalog.LabelID) ([]Link, error)
	DropLinks(kind LinkKind, account ID) error          // all of an account's, or with "" all of the kind
	Spend(key string, until time.Time) (bool, error)    // whether it is the first time
	Expire(now time.Time, l Limits, n int) (int, error) // drops at most n of each thing whose time is over
}

// PasskeyTx keeps passkeys.
type PasskeyTx interface {
	InsertPasskey(Passkey) error // Conflict when its id is in use
	Passkey(id string) (Passkey, error)
	Passkeys(ID) ([]Passkey, error)
	PutPasskey(Passkey) error
	DeletePasskey(account ID, id string) error
}

// MemberTx keeps who may do what at a label, and the tokens with which its programs publish.
type MemberTx interface {
	Members(catalog.LabelID) ([]Member, error) // in an Update nobody else may change them until the end
	Role(catalog.LabelID, ID) (Role, error)    // "" for none
	Roles(ID) (map[catalog.LabelID]Role, error)
	PutMember(Member) error
	DeleteMember(catalog.LabelID, ID) error // and the tokens they made for it
	InsertToken(Token, string) error
	TokenByHash(string) (Token, error)
	Tokens(catalog.LabelID) ([]Token, error)
	PutUsed(id string, now time.Time) error
	DeleteToken(label catalog.LabelID, id string) error
}

// LeaveTx reads and removes all there is of a person, in every table of the house.
type LeaveTx interface {
	Belongings(Account) ([]Table, error)
	OpenOrders(Account, time.Time) ([]string, error) // ids of those that are not finished
	Erase(Account) error
}

// Limits are how long things stand.
type Limits struct {
	Idle     time.Duration // a session that nobody used [30 days]
	Absolute time.Duration // a session, however much it is used [180 days]
	SignIn   time.Duration // a mailed link for signing in [15 min]
	Mail     time.Duration // a mailed link that verifies an address [2 days]
	Invite   time.Duration // an invitation [14 days]
	Setup    time.Duration // the first account's link [1 day]; serve makes a new one at each start
	Ceremony time.Duration // between the two steps of a passkey [5 min]
	Guess    time.Duration // how long guesses at a name are remembered [1 day]
	Fresh    time.Duration // how long after signing in a new way in may be made, and after doing so by link or passkey a password without the old one [15 min]
}

// Config is how people are kept. Zero fields mean the default in brackets.
type Config struct {
	Now     func() time.Time // the server's clock; needed
	Key     []byte           // seals what browsers keep between two steps; needed, 32 bytes or more, kept for good
	Origin  string           // the public base address, "https://tapes.example": passkeys are bound to its host. Without a host name there are no passkeys
	Name    string           // of the shop, as a passkey's prompt shows it [the origin's host]
	Cost    Cost             // of a password [19 MiB, 2 passes, 1 lane]
	Workers int              // how many passwords are hashed at once [cores less one, at least 1]
	Queue   int              // how many may wait for that [64]; more are refused
	PerAddr int              // how many of those may come from one address [4]
	Cache   int              // how many sessions are kept in memory [4096]
	Stale   time.Duration    // how long another process may still take an ended session for a live one [2 s]
	Limits  Limits
}

// People keeps accounts. It is safe for use by many goroutines.
type People struct {
	cfg     Config
	store   Store
	hasher  *hasher
	dummy   string // a hash that no password has, for names that nobody has
	cache   *cache
	passkey *webauthn.WebAuthn // nil when there are none

	names, addresses, devices *tally // guesses
	signUps, links            *tally
}

// New makes people on a store.
func New(store Store, c Config) (*People, error) {
	if c.Now == nil || len(c.Key) < 32 {
		return nil, errors.New("people: a clock and a key of at least 32 bytes are needed")
	}
	l := &c.Limits
	for _, d := range []struct {
		field     *time.Duration
		otherwise time.Duration
	}{
		{&l.Idle, 30 * 24 * time.Hour}, {&l.Absolute, 180 * 24 * time.Hour}, {&l.SignIn, 15 * time.Minute}, {&l.Mail, 48 * time.Hour},
		{&l.Invite, 14 * 24 * time.Hour}, {&l.Setup, 24 * time.Hour}, {&l.Ceremony, 5 * time.Minute}, {&l.Fresh, 15 * time.Minute}, {&l.Guess, 24 * time.Hour}, {&c.Stale, 2 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.otherwise
		}
	}
	for _, n := range []struct {
		field     *int
		otherwise int
	}{{&c.Workers, max(1, runtime.NumCPU()-1)}, {&c.Queue, 64}, {&c.PerAddr, 4}, {&c.Cache, 4096}} {
		if *n.field == 0 {
			*n.field = n.otherwise
		}
	}
	if c.Cost == (Cost{}) {
		c.Cost = DefaultCost
	}
	if err := c.Cost.check(); err != nil {
		return nil, err
	}
	p := &People{cfg: c, store: store, hasher: newHasher(c.Workers, c.Queue, c.PerAddr), cache: newCache(c.Cache, c.Stale),
		names: newTally(namePace), addresses: newTally(addressPace), devices: newTally(devicePace), signUps: newTally(signUpPace), links: newTally(linkPace)}
	p.dummy = c.Cost.hash(rand.Text())
	var err error
	p.passkey, err = relyingParty(c.Origin, c.Name)
	return p, err
}

// Sweep drops, a few hundred a transaction, sessions, links and counts whose
// time is over. Nothing waits for it: what is over counts for nothing already.
func (p *People) Sweep(ctx context.Context) (dropped int, err error) {
	const atOnce = 256
	for n := atOnce; n >= atOnce && err == nil; {
		err = p.store.Update(ctx, func(tx Tx) (err error) {
			n, err = tx.Expire(p.clock(), p.cfg.Limits, atOnce)
			return err
		})
		if err == nil {
			dropped += n
		}
	}
	return dropped, err
}

// clock reads the time in the precision that is stored.
func (p *People) clock() time.Time { return p.cfg.Now().UTC().Truncate(time.Microsecond) }

// newToken is 256 random bits as 43 characters that may stand in a cookie or an address.
func newToken() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashToken is what is kept of a token; not ok when it cannot be one of ours.
func hashToken(purpose, token string) (hash string, ok bool) {
	if len(token) != 43 {
		return "", false
	}
	if b, err := base64.RawURLEncoding.Strict().DecodeString(token); err != nil || len(b) != 32 {
		return "", false
	}
	h := sha256.Sum256([]byte("ferric/" + purpose + "/1\n" + token))
	return hex.EncodeToString(h[:]), true
}

// mac is what only this shop can make of a text.
func (p *People) mac(purpose, text string) string {
	m := hmac.New(sha256.New, p.cfg.Key)
	fmt.Fprintf(m, "ferric/%s/1\n%s", purpose, text)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// NewVisitor makes a browser's long-lived cookie.
func NewVisitor() string { return newToken() }

// VisitorKey is what the house keeps of a browser's cookie: who has the key
// cannot make the cookie. It is not ok for anything that [NewVisitor] did not make.
func VisitorKey(cookie string) (key string, ok bool) { return hashToken("visitor", cookie) }

// Client is the browser or program that asks.
type Client struct {
	Address string // whom to count guesses for: an IPv4 address or an IPv6 /64, as the caller trusts it. It is kept in memory only
	Visitor string // VisitorKey of its cookie; empty when it has none
	Agent   string // the User-Agent header; only its family is kept
}

// tooOften is the refusal of somebody who must wait.
func tooOften(wait time.Duration, what string) error {
	if wait < 2*time.Minute {
		return fault.Newf(fault.Limit, "%s Please wait %d seconds.", what, max(1, int(wait.Round(time.Second)/time.Second)))
	}
	return fault.Newf(fault.Limit, "%s Please wait %d minutes.", what, int(wait.Round(time.Minute)/time.Minute))
}
