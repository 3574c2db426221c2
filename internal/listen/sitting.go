package listen

import (
	"context"
	"fmt"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Motion is what a deck does with its tape.
type Motion string

// The motions. A deck says where it goes to as soon as its key is pressed.
const (
	Still   Motion = "still" // stopped, paused, or with the door open
	Playing Motion = "play"
	Reverse Motion = "reverse" // a bent motor runs backwards
	Forward Motion = "forward" // fast wind: nothing is heard
	Rewind  Motion = "rewind"
	Cue     Motion = "cue" // fast wind with the head on the tape
	Review  Motion = "review"
)

// Step is where a deck says that its tape is, and what it does there.
type Step struct {
	Side   int           // that is up: 0 for A, 1 for B
	Place  time.Duration // from the end of the leader at play speed, below 0 on the leader
	Motion Motion
	Other  bool // also what bleeds through from the other side there, as cue segments
}

// Sitting is somebody at a deck, as it is stored.
type Sitting struct {
	ID      string
	Deck    string // which tape; one sitting a deck
	Person  string
	Network string // keyed hash of the address it was begun from
	Release catalog.ReleaseID
	Run     catalog.RunID // empty for the preview
	Number  int

	At     time.Time // of the last step
	Side   int
	Place  time.Duration
	Motion Motion
	Travel time.Duration // account of winding
	Sound  time.Duration // account of audio
	Head   [2]Span       // segments handed for here, of each side
	Cues   [2]Span       // cue segments likewise

	Heard   Heard
	Counted [2]bool // the play of a side was counted in this sitting

	Began time.Time
	Until time.Time
	Seq   int
}

// Span is a run of segments, From up to To without it.
type Span struct{ From, To int }

// Has reports whether i lies in s.
func (s Span) Has(i int) bool { return i >= s.From && i < s.To }

// Heard is a stretch of a side that was heard in order.
type Heard struct {
	Side     int
	From, To time.Duration
	Since    time.Time // when From was at the head
}

// Piece is one segment.
type Piece struct {
	Side  int
	Cue   bool
	Index int
}

// Handed is what comes of a step.
type Handed struct {
	Pieces    []Piece   // what may be fetched now, what is at the head first
	Addresses []string  // of each
	Until     time.Time // when the addresses end
	Plays     [2]int
}

// Seat is a sitting that has begun.
type Seat struct {
	ID string // names it in the steps that follow
	Deck
}

// Sit puts a tape into a deck for somebody. If the tape stands in another deck of
// theirs (another window), it is taken out of that. It stands where it was left.
func (l *Listening) Sit(ctx context.Context, who Who, want Want) (seat Seat, err error) {
	if who.Account == "" && who.Visitor == "" {
		return seat, fmt.Errorf("listen: a visitor has no name")
	}
	d, err := l.Look(ctx, who, want)
	if err != nil {
		return seat, err
	}
	network := l.network(who.Network)
	err = l.store.Update(ctx, func(tx Tx) error {
		now := l.clock()
		if err := tx.EndLapsed(now, 100); err != nil {
			return err
		}
		s, sits, err := tx.SittingAt(d.name)
		if err != nil {
			return err
		}
		if sits {
			// The accounts go on, so that sitting down again gives nothing.
			if err := tx.EndSitting(s.ID); err != nil {
				return err
			}
			s.fill(d.Grant, now)
			s.Travel = min(s.Travel, TravelMargin)
		} else {
			if err := l.room(tx, network); err != nil {
				return err
			}
			s = Sitting{Travel: TravelMargin, Sound: SoundMargin, Side: d.Side, Place: d.Place}
		}
		s.ID, s.Deck, s.Person, s.Network = newID(), d.name, who.person(), network
		s.Release, s.Run, s.Number = d.Tape.Release, want.Run, want.Number
		s.At, s.Motion, s.Seq = now, Still, 1
		s.Heard, s.Counted = Heard{}, [2]bool{}
		s.Began, s.Until = now, now.Add(l.cfg.Idle)
		d.Side, d.Place = s.Side, s.Place
		seat = Seat{s.ID, d}
		return tx.InsertSitting(s)
	})
	return seat, err
}

// room refuses one more sitting where there are enough.
func (l *Listening) room(tx Tx, network string) error {
	here, all, err := tx.CountSittings(network)
	switch {
	case err != nil:
		return err
	case here >= l.cfg.PerAddress:
		return fault.New(fault.Limit, "Too many decks are running where you are. Please come back in half an hour.")
	case all >= l.cfg.Most:
		return fault.New(fault.Unavailable, "All decks are in use just now. Please try again in a while.")
	}
	return nil
}

// Near tells the server where the tape stands, and gives what may be heard there.
// A page calls it whenever a key is pressed, and every second while the tape moves (every second of tape, where
// it plays faster). It has to call it every few minutes while the tape stands, or the sitting ends.
// Refused with Limit where the tape cannot be; with Gone when the sitting is over: then sit down again.
func (l *Listening) Near(ctx context.Context, who Who, sitting string, step Step) (h Handed, err error) {
	var d Deck
	err = l.store.View(ctx, func(tx Tx) error {
		s, err := l.sitting(tx, who, sitting, l.clock())
		if err == nil {
			d, err = l.look(tx, who, Want{s.Release, s.Run, s.Number})
		}
		return err
	})
	if err != nil {
		return h, err
	}
	err = l.store.Update(ctx, func(tx Tx) error {
		now := l.clock()
		s, err := l.sitting(tx, who, sitting, now)
		if err != nil {
			return err
		}
		after, pieces, err := s.After(d.Tape, d.Grant, step, now)
		if err != nil {
			return err
		}
		after.Until = now.Add(l.cfg.Idle)
		if end := s.Began.Add(l.cfg.Longest); after.Until.After(end) {
			after.Until = end
		}
		h = Handed{Pieces: pieces, Until: l.expiry(now)}
		if s.Run != "" {
			if h.Plays, err = remember(tx, s, after); err != nil {
				return err
			}
		}
		after.Seq++
		return tx.PutSitting(after)
	})
	for _, p := range h.Pieces {
		h.Addresses = append(h.Addresses, l.sign(Address{sitting, p, h.Until}))
	}
	return h, err
}

// sitting reads one that is somebody's and not over.
func (l *Listening) sitting(tx Tx, who Who, id string, now time.Time) (Sitting, error) {
	s, err := tx.Sitting(id)
	if fault.Is(err, fault.NotFound) || err == nil && (s.Person != who.person() || !now.Before(s.Until)) {
		return s, fault.New(fault.Gone, "This tape has been taken out of the deck. Put it in again; it stands where you left it.")
	}
	return s, err
}

// remember writes down where a copy stands, and what was played of it.
func remember(tx Tx, before, after Sitting) (plays [2]int, err error) {
	c, err := tx.Cassette(after.Run, after.Number)
	if err != nil {
		return plays, err
	}
	was := c
	c.Run, c.Number, c.Side, c.Place = after.Run, after.Number, after.Side, after.Place
	for i := range c.Plays {
		if after.Counted[i] && !before.Counted[i] {
			c.Plays[i]++
		}
	}
	if c != was {
		c.Seq++
		err = tx.PutCassette(c)
	}
	return c.Plays, err
}
