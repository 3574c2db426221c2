package listen

import (
	"math"
	"time"

	"ferric/deck"
	"ferric/internal/fault"
	"ferric/tape"
)

// What a tape can do in a time. Deck package figures; the margins are a choice.
const (
	// FullSpeed is the fastest, re play, that a deck hears tape in full: what a bent motor's limit comes to. Above it, it hears cue segments.
	FullSpeed = 2.5
	// TurnOver is how long two hands take.
	TurnOver = 3 * time.Second
	// TravelMargin is the winding time that may be owed: what clocks and networks may be late by.
	TravelMargin = 5 * time.Second
	// SoundMargin is the audio that may be ahead of the head, and so what a sitting gets more than it could have heard.
	SoundMargin = 32 * time.Second

	// What passes the head fills the account of sound, and a sixteenth as much of the other side. Of a tape that is not
	// one's own no more is offered than plays in the time; motors are up to 1.8 % fast (Philips), and clocks differ.
	ownRate     = FullSpeed * (1 + 1.0/CueFactor)
	previewRate = 1.05 * (1 + 1.0/CueFactor)

	behind  = 3                       // segments behind the head: a layer's print-through is heard up to 3.3 s late, and scrubbing adds 1 s
	ahead   = 4                       // and before it: as much, and a few seconds for the network
	reserve = 10 * time.Second        // of the account of sound that only what is about to pass the head may draw on
	soon    = 1250 * time.Millisecond // what passes the head before the page says again where it is,
	soonCue = 21 * time.Second        // and so with the head on in the fastest wind
)

// PlayShare is the part of a side's programme that must be heard in order, at play speed, for a play to count.
const PlayShare = 0.5

// After is the sitting after a step at a time, and the segments that may be had for
// it, what is at the head first. It is the whole of the rule: what it does not give,
// nobody gets. It refuses with Limit what no deck could have done.
func (s Sitting) After(t Tape, g Grant, to Step, now time.Time) (Sitting, []Piece, error) {
	if err := to.check(t); err != nil {
		return s, nil, err
	}
	was, since := s, s.At
	s.fill(g, now)
	if s.Travel -= s.distance(t, to); s.Travel < 0 {
		return was, nil, fault.New(fault.Limit, "The tape cannot be there yet: winding takes its time.")
	}
	s.Travel = min(s.Travel, TravelMargin)
	s.hear(t, to, since)
	s.Side, s.Place, s.Motion = to.Side, to.Place, to.Motion
	pieces, err := s.hand(t, g, to)
	if err != nil {
		return was, nil, err
	}
	return s, pieces, nil
}

func (to Step) check(t Tape) error {
	switch to.Motion {
	case Still, Playing, Reverse, Forward, Rewind, Cue, Review:
	default:
		return fault.Field("motion", "A deck does not do this.")
	}
	if to.Side != 0 && to.Side != 1 {
		return fault.Field("side", "A tape has two sides.")
	}
	// A second beyond the leader is not refused: pages and servers round.
	if edge := deck.Leader + time.Second; to.Place < -edge || to.Place > t.Length.Playing()+edge {
		return fault.Field("place", "The tape is not that long.")
	}
	return nil
}

// fill pays into both accounts what has come up to now. That of travel may be above its
// margin for as long as the way that it pays for is not known.
func (s *Sitting) fill(g Grant, now time.Time) {
	elapsed := min(max(now.Sub(s.At), 0), 24*time.Hour)
	s.At = s.At.Add(elapsed)
	s.Travel += elapsed
	s.Sound = min(s.Sound+time.Duration(float64(elapsed)*g.rate()), SoundMargin)
}

// rate is how many seconds of audio are paid in a second.
func (g Grant) rate() float64 {
	if g.Owned {
		return ownRate
	}
	return previewRate
}

// distance is the least time in which a tape gets from where it is to a step's
// place: wound by the fastest of the decks, turned over by two hands.
func (s Sitting) distance(t Tape, to Step) (d time.Duration) {
	from := s.Place
	if to.Side != s.Side {
		from, d = t.across(from), TurnOver
	}
	a, b := metres(from), metres(to.Place)
	wind := tape.Wind{TurnsPerSecond: fastest()}
	if b >= a {
		return d + wind.Forward(t.Length, a, b)
	}
	return d + wind.Back(t.Length, a, b)
}

func metres(place time.Duration) tape.Metres {
	return tape.Metres(place.Seconds() * float64(tape.Speed))
}

// fastest is the rate of the fastest deck's wind, in turns of the hub a second.
func fastest() (turns float64) {
	for _, m := range deck.Machines() {
		turns = max(turns, m.TurnsPerSec)
	}
	return turns
}

// hear lengthens the stretch that was heard in order, and counts a play when it is long enough.
func (s *Sitting) hear(t Tape, to Step, since time.Time) {
	if s.Motion != Playing || to.Side != s.Side || to.Place <= s.Place {
		return
	}
	h := &s.Heard
	if h.Since.IsZero() || h.Side != s.Side || s.Place < h.From || s.Place > h.To+time.Second {
		*h = Heard{Side: s.Side, From: s.Place, To: s.Place, Since: since}
	}
	h.To = max(h.To, to.Place)
	p := t.Sides[s.Side]
	long := p.Duration()
	if long == 0 {
		return
	}
	heard := min(h.To, long) - min(max(h.From, 0), long)
	// Play speed, by the server's clock: a motor may be a few per cent fast.
	if heard >= time.Duration(PlayShare*float64(long)) && s.At.Sub(h.Since) >= heard*9/10 {
		s.Counted[s.Side] = true
	}
}

// hand finds the segments for a step and draws them from the account of sound.
func (s *Sitting) hand(t Tape, g Grant, to Step) ([]Piece, error) {
	way := 1
	if to.Motion == Reverse || to.Motion == Review {
		way = -1
	}
	var pieces []Piece
	take := func(side int, cue bool, have *Span, n, must int, want ...int) (ok bool) {
		if !g.Sides[side] {
			return true
		}
		got, ok := s.draw(have, n, must, want)
		for _, i := range got {
			pieces = append(pieces, Piece{side, cue, i})
		}
		return ok
	}
	side, other := to.Side, 1-to.Side
	ok := true
	switch to.Motion {
	case Forward, Rewind:
		return nil, nil
	case Cue, Review:
		c := index(to.Place, cueSpan)
		ok = take(side, true, &s.Cues[side], t.Sides[side].Cues(), need(to.Place, cueSpan, soonCue, way), c, c+way, c+2*way)
	default:
		i := index(to.Place, segment)
		want := []int{i, i + way}
		for k := 1; k <= ahead; k++ {
			if k <= behind {
				want = append(want, i-k*way)
			}
			if k < ahead {
				want = append(want, i+(k+1)*way)
			}
		}
		ok = take(side, false, &s.Head[side], t.Sides[side].Segments(), need(to.Place, segment, soon, way), want...)
	}
	if !ok {
		return nil, fault.New(fault.Limit, "More was asked for than a deck can play in the time.")
	}
	if to.Other {
		c := index(t.across(to.Place), cueSpan)
		take(other, true, &s.Cues[other], t.Sides[other].Cues(), 0, c, c-way)
	}
	return pieces, nil
}

// index is the segment at a place; on the leader, the one that it leads to.
func index(place, each time.Duration) int {
	return int(math.Floor(max(place, 0).Seconds() / each.Seconds()))
}

// need is how many segments must be there at a place: that at the head, and the next where its border is near.
func need(place, each, soon time.Duration, way int) int {
	left := max(place, 0) % each
	if way > 0 {
		left = each - left
	}
	if left < soon {
		return 2
	}
	return 1
}

// draw hands out wanted segments of n, in the order of their need, and pays for
// those that were not handed for the place before. What is handed is one run
// around the first. The first few may use the account up, the others leave a reserve;
// ok is false when not even the first could be paid.
func (s *Sitting) draw(have *Span, n, must int, want []int) (got []int, ok bool) {
	run := Span{}
	for k, i := range want {
		if i < 0 || i >= n || len(got) > 0 && i != run.From-1 && i != run.To {
			continue
		}
		if !have.Has(i) {
			left := s.Sound - segment
			if left < 0 && k == 0 && must > 0 {
				return nil, false
			}
			if left < 0 || k >= must && left < reserve {
				continue
			}
			s.Sound = left
		}
		if len(got) == 0 {
			run = Span{i, i + 1}
		}
		run = Span{min(run.From, i), max(run.To, i+1)}
		got = append(got, i)
	}
	if len(got) > 0 {
		*have = run
	}
	return got, true
}
