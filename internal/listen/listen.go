// Package listen lets people hear tapes, at the pace of tape.
//
// A tape has no skip: to hear the third song one winds, and winding takes time.
// A page can show that but cannot keep it, so the server does. Somebody sits
// down with a tape ([Listening.Sit]) and says now and then where it stands
// ([Listening.Near]); for what is about to pass the head there, and for nothing
// else, come addresses of short segments that live a minute ([Listening.Segment]).
//
// Two accounts keep a sitting honest, both kept as time and filled by the
// server's clock. Travel pays for every place the tape goes to, at the rate of
// the fastest deck's wind and of two hands that turn it over. Sound pays for
// every second of audio that is handed out, at the rate of the fastest motor.
// Each holds a margin for clocks and networks, so that a deck that moves as
// decks move is never refused, and no order of requests gets a side sooner than
// a deck could play it. See docs/decisions/0017-listening.md.
//
// Who may hear what is one function, [Decide]: the preview side of a release
// that has one is for everybody; both sides of a copy are for its owner, with
// the sound of its number and its plays; a release on tape only has no deck for
// anybody else.
package listen

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/netip"
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Files opens the sides' programmes by the SHA-256 of their content (catalog.Side's Programme).
type Files interface {
	Open(ctx context.Context, sha256 string) (Sound, error)
}

// Sound is a WAV or FLAC file, open for reading.
type Sound interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Store runs functions in transactions, see catalog.Store.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is one transaction. Things that do not exist are of kind NotFound.
type Tx interface {
	Release(catalog.ReleaseID) (catalog.Release, error)
	Run(catalog.RunID) (catalog.Run, error)
	Copy(catalog.RunID, int) (catalog.Copy, error)

	Sitting(id string) (Sitting, error) // in an Update nobody else may change it until the end
	// SittingAt is the sitting of a deck; found is false where nobody sits.
	SittingAt(deck string) (s Sitting, found bool, err error)
	// InsertSitting begins one. Conflict when somebody else sat down at the deck meanwhile.
	InsertSitting(Sitting) error
	PutSitting(Sitting) error // Seq must follow the stored one
	EndSitting(id string) error
	EndLapsed(now time.Time, most int) error                 // sittings whose Until is past
	CountSittings(address string) (here, all int, err error) // that live: from one address, and of everybody

	Cassette(catalog.RunID, int) (Cassette, error) // zero when it was never played here
	PutCassette(Cassette) error
}

// Config says how a Listening works. Zero fields mean the stated default.
type Config struct {
	Now   func() time.Time // nil is time.Now
	Key   []byte           // signs addresses, at least 16 bytes; all processes of a shop share it
	Own   bool             // everything belongs to the listener: a folder, with no shop
	Cache int64            // bytes of segments kept in memory; 0 is 32 MiB
	Cuts  int              // segments cut at one time; 0 is one a processor

	PerAddress int           // sittings from one network address; 0 is 12
	Most       int           // sittings in all; 0 is 20,000
	Idle       time.Duration // a sitting ends so long after its last step; 0 is 30 min
	Longest    time.Duration // and so long after it began in any case; 0 is 6 h
	Address    time.Duration // life of a segment's address; 0 is 60 s
}

// Listening is the house's listening room.
type Listening struct {
	store  Store
	files  Files
	cfg    Config
	cutter *Cutter
}

// New makes a listening room.
func New(store Store, files Files, c Config) (*Listening, error) {
	if len(c.Key) < 16 {
		return nil, errors.New("listen: the key has fewer than 16 bytes")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	set(&c.PerAddress, 12)
	set(&c.Most, 20000)
	set(&c.Idle, 30*time.Minute)
	set(&c.Longest, 6*time.Hour)
	set(&c.Address, time.Minute)
	return &Listening{store, files, c, NewCutter(c.Cache, c.Cuts)}, nil
}

func set[T int | time.Duration](v *T, unset T) {
	if *v == 0 {
		*v = unset
	}
}

// Who asks.
type Who struct {
	Account string // empty for a visitor
	Visitor string // of one without an account; an opaque id of the browser
	Network string // the address the request came from; only a keyed hash of it is kept
}

// person is who a sitting belongs to.
func (w Who) person() string {
	if w.Account != "" {
		return "account:" + w.Account
	}
	return "visitor:" + w.Visitor
}

// Want is which tape somebody wants to hear.
type Want struct {
	Release catalog.ReleaseID // the shop's preview of it; empty for a copy
	Run     catalog.RunID     // a copy
	Number  int
}

// Deck is a tape in a deck, as a page needs to know it.
type Deck struct {
	Tape  Tape
	Grant Grant
	Sound string // seeds the copy's own sound, "FER-001/17"
	Plays [2]int // of sides A and B
	Side  int    // that is up
	Place time.Duration

	name string // of the deck
}

// Look says what may be heard of a tape and where it stands, and changes nothing.
func (l *Listening) Look(ctx context.Context, who Who, want Want) (d Deck, err error) {
	err = l.store.View(ctx, func(tx Tx) error {
		d, err = l.look(tx, who, want)
		return err
	})
	return d, err
}

func (l *Listening) look(tx Tx, who Who, want Want) (d Deck, err error) {
	facts := Facts{Account: who.Account, Own: l.cfg.Own}
	var run catalog.Run
	if want.Run != "" {
		c, err := tx.Copy(want.Run, want.Number)
		if err != nil {
			return d, err
		}
		if run, err = tx.Run(want.Run); err != nil {
			return d, err
		}
		facts.Copy, want.Release = &c, run.Release
	}
	r, err := tx.Release(want.Release)
	if err != nil {
		return d, err
	}
	facts.Digital, facts.Public = r.Digital, r.State == catalog.Public
	if d.Grant, err = Decide(facts); err != nil {
		return d, err
	}
	if d.Tape, err = TapeOf(r); err != nil {
		return d, err
	}
	d.Sound, d.name = d.Tape.seed(run, want.Number), want.deck(who)
	s, sits, err := tx.SittingAt(d.name)
	if err != nil {
		return d, err
	}
	if want.Run != "" {
		c, err := tx.Cassette(want.Run, want.Number)
		if err != nil {
			return d, err
		}
		d.Plays, d.Side, d.Place = c.Plays, c.Side, c.Place
	} else if sits {
		d.Side, d.Place = s.Side, s.Place
	}
	return d, nil
}

// deck names the deck that a tape stands in: a copy is one tape, and everybody has a preview of their own.
func (w Want) deck(who Who) string {
	if w.Run != "" {
		return copyDeck(w.Run, w.Number)
	}
	return "preview:" + string(w.Release) + ":" + who.person()
}

func copyDeck(run catalog.RunID, number int) string {
	return "copy:" + string(run) + ":" + strconv.Itoa(number)
}

// clock reads the time in the precision that is stored.
func (l *Listening) clock() time.Time { return l.cfg.Now().UTC().Truncate(time.Microsecond) }

// network is the keyed hash that stands for an address: a whole IPv4 address, or
// the first 64 bits of an IPv6 one, which belong to one customer.
func (l *Listening) network(address string) string {
	if a, err := netip.ParseAddr(address); err == nil {
		a = a.Unmap().WithZone("")
		if a.Is6() {
			if p, err := a.Prefix(64); err == nil {
				a = p.Addr()
			}
		}
		address = a.String()
	}
	return base64.RawURLEncoding.EncodeToString(l.mac("network", address)[:12])
}

func (l *Listening) mac(purpose, text string) []byte {
	h := hmac.New(sha256.New, l.cfg.Key)
	h.Write([]byte("ferric listen " + purpose + "\x00" + text))
	return h.Sum(nil)
}

// newID is 130 random bits as text.
func newID() string { return rand.Text() }

var errNoDeck = fault.New(fault.NotFound, "There is no deck here.")
