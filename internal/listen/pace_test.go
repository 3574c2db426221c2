package listen

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/audio"
	"ferric/deck"
	"ferric/internal/fault"
	"ferric/tape"
)

var began = time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)

// tester is what a test and rapid's have in common.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// tapeOf is a tape with two full sides of 48 kHz.
func tapeOf(t tester, length string) Tape {
	t.Helper()
	l, err := tape.Parse(length)
	if err != nil {
		t.Fatal(err)
	}
	frames := audio.Rate(48000).Frames(l.PerSide)
	p := Programme{Key: "k", Frames: frames, Rate: 48000, Bits: 16}
	return Tape{Title: "T", Length: l, Formulation: tape.Ferric(), Sides: [2]Programme{p, p}}
}

func sat() Sitting {
	return Sitting{ID: "s", At: began, Motion: Still, Travel: TravelMargin, Sound: SoundMargin}
}

var (
	both  = Grant{Sides: [2]bool{true, true}, Owned: true, Counted: true}
	guest = Grant{Sides: [2]bool{true, false}}
)

var motions = []Motion{Still, Playing, Reverse, Forward, Rewind, Cue, Review}

// Whatever is asked, in whatever order: no more audio than the time that has passed, at the fastest motor's speed, and the margin.
func TestNoScheduleGetsMore(t *testing.T) {
	tp := tapeOf(t, "C46")
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SampledFrom([]Grant{both, guest}).Draw(t, "grant")
		s, now := sat(), began
		seen := map[Piece]bool{}
		var wound time.Duration
		steps := rapid.IntRange(1, 120).Draw(t, "steps")
		for range steps {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{-1000, 0, 1, 50, 500, 2000, 7000, 60000}).Draw(t, "wait")) * time.Millisecond)
			to := Step{
				Side:   rapid.IntRange(0, 1).Draw(t, "side"),
				Motion: rapid.SampledFrom(motions).Draw(t, "motion"),
				Other:  rapid.Bool().Draw(t, "other"),
			}
			if rapid.Bool().Draw(t, "near") {
				to.Side = s.Side
				to.Place = s.Place + time.Duration(rapid.IntRange(-20000, 40000).Draw(t, "by"))*time.Millisecond
			} else {
				to.Place = time.Duration(rapid.Int64Range(0, int64(tp.Length.Playing())).Draw(t, "place"))
			}
			before := s
			after, pieces, err := s.After(tp, g, to, now)
			if err != nil {
				if fault.Text(err) == "" || after != before || pieces != nil {
					t.Fatalf("a refusal changed something: %v", err)
				}
				continue
			}
			wound += before.distance(tp, to)
			s = after
			if (to.Motion == Forward || to.Motion == Rewind) && len(pieces) > 0 {
				t.Fatal("audio while the tape is wound")
			}
			for _, p := range pieces {
				seen[p] = true
			}
			passed := s.At.Sub(began)
			if most := SoundMargin + time.Duration(float64(passed)*g.rate()); time.Duration(len(seen))*segment > most {
				t.Fatalf("%d segments after %v", len(seen), passed)
			}
			if wound > passed+TravelMargin {
				t.Fatalf("wound for %v in %v", wound, passed)
			}
		}
	})
}

// Somebody who wants the whole side and nothing else.
func TestWholeSideTakesItsTime(t *testing.T) {
	tp := tapeOf(t, "C46")
	for _, c := range []struct {
		Motion
		Grant
	}{{Playing, both}, {Cue, both}, {Playing, guest}, {Cue, guest}} {
		motion, g := c.Motion, c.Grant
		s, now := sat(), began
		got := map[int]bool{}
		n, each := tp.Sides[0].Segments(), segment
		if motion == Cue {
			n, each = tp.Sides[0].Cues(), cueSpan
		}
		for next := 0; next < n; now = now.Add(20 * time.Millisecond) {
			after, pieces, err := s.After(tp, g, Step{Place: time.Duration(next) * each, Motion: motion}, now)
			if err != nil {
				continue
			}
			s = after
			for _, p := range pieces {
				got[p.Index] = true
			}
			for got[next] {
				next++
			}
		}
		least := time.Duration(float64(time.Duration(n)*segment-SoundMargin) / g.rate())
		took := now.Sub(began)
		t.Logf("%s, owned %v: %d segments of a C46 side took %v, at least %v", motion, g.Owned, n, took, least)
		if took < least {
			t.Errorf("%s: the side was had in %v, at least %v should be needed", motion, took, least)
		}
	}
}

// listener is an honest deck, quicker than any: it changes what it does in no time. Its page tells
// the server late, by up to two seconds, and each time it checks that what passes the head next is at hand.
type listener struct {
	t    tester
	g    Grant
	slow func() time.Duration // how late the next message is
	tape Tape
	s    Sitting
	now  time.Time // of the listener
	side int
	at   time.Duration
	have map[Piece]bool
}

func (l *listener) tell(m Motion) {
	arrives := l.now.Add(l.slow())
	if arrives.Before(l.s.At) { // requests of one page arrive in order
		arrives = l.s.At
	}
	after, pieces, err := l.s.After(l.tape, l.g, Step{Side: l.side, Place: l.at, Motion: m, Other: true}, arrives)
	if err != nil {
		l.t.Fatalf("%s at %v of side %d, %v after it began: %v; travel %v, sound %v", m, l.at, l.side, l.now.Sub(began), err, l.s.Travel, l.s.Sound)
	}
	l.s = after
	clear(l.have)
	for _, p := range pieces {
		l.have[p] = true
	}
}

// needs checks that all that passes the head from a place to another is at hand.
func (l *listener) needs(cue bool, a, b time.Duration) {
	each, n := segment, l.tape.Sides[l.side].Segments()
	if cue {
		each, n = cueSpan, l.tape.Sides[l.side].Cues()
	}
	if b < a {
		a, b = b, a
	}
	for i := index(a, each); i <= index(b, each) && i < n; i++ {
		if !l.have[Piece{l.side, cue, i}] {
			l.t.Fatalf("segment %d (cue %v) passes the head and was not handed; sound %v", i, cue, l.s.Sound)
		}
	}
}

// run does one thing for a while, telling every second, and every second of tape when it plays faster.
func (l *listener) run(m Motion, long time.Duration, speed float64) {
	wind := tape.Wind{TurnsPerSecond: fastest()}
	if m == Cue || m == Review {
		wind.TurnsPerSecond /= 2
	}
	l.tell(m)
	for long > 0 {
		step := min(long, time.Duration(1e9/max(speed, 1)))
		long -= step
		was := l.at
		switch m {
		case Playing:
			l.at += time.Duration(float64(step) * speed)
		case Reverse:
			l.at -= time.Duration(float64(step) * speed)
		case Forward, Cue:
			l.at = max(l.at, placeOf(wind.After(l.tape.Length, metres(l.at), step)))
		case Rewind, Review:
			l.at = min(l.at, placeOf(wind.Before(l.tape.Length, metres(l.at), step)))
		}
		l.at = min(max(l.at, -deck.Leader), l.tape.Length.Playing()+deck.Leader)
		l.now = l.now.Add(step)
		switch m {
		case Playing, Reverse:
			l.needs(false, was, l.at)
		case Cue, Review:
			l.needs(true, was, l.at)
		}
		l.tell(m)
	}
}

func placeOf(m tape.Metres) time.Duration {
	return time.Duration(float64(m) / float64(tape.Speed) * 1e9)
}

// A deck that moves as decks move is never refused, and never waits for sound: whatever keys are pressed, if not faster than one each 1.25 s.
func TestHonestIsNeverRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slow := func() time.Duration {
			return time.Duration(rapid.IntRange(0, 2000).Draw(t, "late")) * time.Millisecond
		}
		l := &listener{t: t, g: both, slow: slow, tape: tapeOf(t, rapid.SampledFrom([]string{"C10", "C46", "C90", "C120"}).Draw(t, "tape")), s: sat(), now: began, have: map[Piece]bool{}}
		if rapid.Bool().Draw(t, "later") {
			l.at = time.Duration(rapid.Int64Range(0, int64(l.tape.Length.Playing())).Draw(t, "start"))
			l.s.Place = l.at
		}
		for range rapid.IntRange(1, 60).Draw(t, "keys") {
			m := rapid.SampledFrom(append(motions, "turn")).Draw(t, "key")
			long := time.Duration(rapid.IntRange(1250, 6000).Draw(t, "for")) * time.Millisecond
			switch m {
			case "turn":
				l.tell(Still)
				l.now = l.now.Add(TurnOver)
				l.side, l.at = 1-l.side, l.tape.across(l.at)
				l.tell(Still)
			case Playing:
				l.run(m, long, rapid.SampledFrom([]float64{1, 1, 1.015, 0.5, 2.37}).Draw(t, "speed"))
			default:
				l.run(m, long, 1)
			}
		}
	})
}

// Two keys in turn, each for 1.25 s, 200 times.
func TestHasteIsNotRefused(t *testing.T) {
	for _, a := range motions {
		for _, b := range motions {
			l := &listener{t: t, g: both, slow: func() time.Duration { return 0 }, tape: tapeOf(t, "C90"), s: sat(), now: began, have: map[Piece]bool{}}
			l.at = 10 * time.Minute
			l.s.Place = l.at
			for range 200 {
				l.run(a, 1250*time.Millisecond, 1)
				l.run(b, 1250*time.Millisecond, 1)
				if l.at <= 0 {
					l.run(Forward, 20*time.Second, 1)
				} else if l.at >= l.tape.Length.Playing() {
					l.run(Rewind, 20*time.Second, 1)
				}
			}
		}
	}
}

// A visitor at a preview presses a key each five seconds, on decks that are not bent, and is never refused either.
func TestVisitorIsNeverRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slow := func() time.Duration {
			return time.Duration(rapid.IntRange(0, 2000).Draw(t, "late")) * time.Millisecond
		}
		l := &listener{t: t, g: guest, slow: slow, tape: tapeOf(t, "C60"), s: sat(), now: began, have: map[Piece]bool{}}
		for range rapid.IntRange(1, 60).Draw(t, "keys") {
			m := rapid.SampledFrom([]Motion{Still, Playing, Forward, Rewind, Cue, Review}).Draw(t, "key")
			l.run(m, time.Duration(rapid.IntRange(5000, 20000).Draw(t, "for"))*time.Millisecond, rapid.SampledFrom([]float64{1, 1.015, 1.018}).Draw(t, "speed"))
		}
	})
}
