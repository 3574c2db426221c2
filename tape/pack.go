package tape

import (
	"math"
	"time"
)

// Spool is tape of one thickness wound on a hub, seen as a spiral whose cross
// section is its length times its thickness:
//
//	R = √(r₀² + L·d/π)    N = (R − r₀)/d    L = π·d·N² + 2π·r₀·N
//
// (sunjackson.github.io 2018/02/28; kipdf.com "Modelling a cassette tape
// rewinding process"; C2Ncounter.md.)
type Spool struct {
	Hub       Metres // radius of the empty hub; 0 is HubRadius
	Thickness Metres
}

func (s Spool) hub() float64 {
	if s.Hub == 0 {
		return float64(HubRadius)
	}
	return float64(s.Hub)
}

// Radius of the pack with wound metres of tape on it.
func (s Spool) Radius(wound Metres) Metres {
	r := s.hub()
	return Metres(math.Sqrt(r*r + float64(max(wound, 0))*float64(s.Thickness)/math.Pi))
}

// Turns of the hub that wind wound metres onto it.
func (s Spool) Turns(wound Metres) float64 {
	return (float64(s.Radius(wound)) - s.hub()) / float64(s.Thickness)
}

// Wound is the length of tape that turns of the hub wind onto it: the inverse of Turns.
func (s Spool) Wound(turns float64) Metres {
	return Metres(math.Pi*float64(s.Thickness)*turns*turns + 2*math.Pi*s.hub()*turns)
}

// Reel is one of the two packs at a moment of play.
type Reel struct {
	Wound  Metres
	Radius Metres
	Turns  float64 // since it was empty
	Speed  float64 // of the hub in play, turns a second
}

// Reels is both packs of a cassette at one position of a side.
type Reels struct {
	Supply, TakeUp Reel
}

// Spool is the tape's winding on a standard hub.
func (l Length) Spool() Spool { return Spool{Thickness: l.Thickness} }

// At is the state of both packs when t of the side has been played. Positions
// beyond either end are taken as the end.
func (l Length) At(t time.Duration) Reels {
	return l.AtMetres(Metres(t.Seconds() * float64(Speed)))
}

// AtMetres is the state of both packs with played metres on the take-up hub.
func (l Length) AtMetres(played Metres) Reels {
	played = min(max(played, 0), l.Metres)
	s := l.Spool()
	reel := func(wound Metres) Reel {
		r := s.Radius(wound)
		return Reel{wound, r, s.Turns(wound), float64(Speed) / (2 * math.Pi * float64(r))}
	}
	return Reels{Supply: reel(l.Metres - played), TakeUp: reel(played)}
}

// Counter is a tape counter: a number that follows the take-up hub, not time.
// It is zero at the start of a side and rolls over at 1000, as three wheels do.
type Counter struct {
	// PerTurn is how far it counts in one turn of the hub. 0 is 0.525, the
	// Commodore C2N's (C2Ncounter.md); others differ, so a printed reading is
	// only near the truth on another machine.
	PerTurn float64
}

func (c Counter) perTurn() float64 {
	if c.PerTurn == 0 {
		return 0.525
	}
	return c.PerTurn
}

// Count is the unrolled reading after t of play on tape l, fractions included.
func (c Counter) Count(l Length, t time.Duration) float64 {
	return c.perTurn() * l.At(t).TakeUp.Turns
}

// Reading is what the three wheels show after t of play on tape l, 0 to 999.
func (c Counter) Reading(l Length, t time.Duration) int {
	return int(c.Count(l, t)) % 1000
}

// Time is when the counter reaches an unrolled count on tape l: t = π(d·N² + 2·r₀·N)/v.
func (c Counter) Time(l Length, count float64) time.Duration {
	m := l.Spool().Wound(count / c.perTurn())
	return time.Duration(float64(m) / float64(Speed) * float64(time.Second))
}

// Wind is a deck's fast wind: it drives the taking hub at a constant rate, so
// the tape runs faster as the pack grows.
type Wind struct {
	// TurnsPerSecond of the driven hub; 0 is 7.1, a JVC TD-W271 that winds a
	// C60 in 110 s (its service manual, manualmachine.com).
	TurnsPerSecond float64
}

func (w Wind) rate() float64 {
	if w.TurnsPerSecond == 0 {
		return 7.1
	}
	return w.TurnsPerSecond
}

// Forward is how long winding forward takes from one position of l to a later one.
func (w Wind) Forward(l Length, from, to Metres) time.Duration {
	turns := l.AtMetres(to).TakeUp.Turns - l.AtMetres(from).TakeUp.Turns
	return time.Duration(turns / w.rate() * float64(time.Second))
}

// Back is how long rewinding takes from one position of l to an earlier one.
func (w Wind) Back(l Length, from, to Metres) time.Duration {
	turns := l.AtMetres(to).Supply.Turns - l.AtMetres(from).Supply.Turns
	return time.Duration(turns / w.rate() * float64(time.Second))
}

// After is the position that winding forward for t from a position reaches.
func (w Wind) After(l Length, from Metres, t time.Duration) Metres {
	turns := l.AtMetres(from).TakeUp.Turns + w.rate()*t.Seconds()
	return min(max(l.Spool().Wound(max(turns, 0)), 0), l.Metres)
}

// Before is the position that rewinding for t from a position reaches.
func (w Wind) Before(l Length, from Metres, t time.Duration) Metres {
	turns := l.AtMetres(from).Supply.Turns + w.rate()*t.Seconds()
	return max(l.Metres-l.Spool().Wound(max(turns, 0)), 0)
}
