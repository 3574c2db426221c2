package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"ferric/deck"
	"ferric/dsp"
	"ferric/tape"
)

// setup is one cassette in one machine, as the page asks for it. What is left out means what it means in deck.Config.
type setup struct {
	Rate      float64         `json:"rate"`
	Machine   string          `json:"machine"`
	Tape      string          `json:"tape"`   // "I", "II", "IV"
	Length    string          `json:"length"` // "C60"
	Copy      string          `json:"copy"`
	Plays     int             `json:"plays"`
	DolbyDBFS float64         `json:"dolby_dbfs"`
	SideB     bool            `json:"side_b"`
	StartS    float64         `json:"start_s"`
	Bend      json.RawMessage `json:"bend"`
	Frames    [2]int64        `json:"frames"` // of the programmes of A and B
	Piece     int             `json:"piece"`  // frames
	Rough     int             `json:"rough"`  // frames of tape a frame of a rough piece; 0 is 16
	Slots     int             `json:"slots"`
}

// Limits of a setup.
const (
	largestSetup = 16 << 10 // bytes
	longestSide  = 2 * 3600 // seconds
	largestPiece = 1 << 20  // frames
	mostSlots    = 1024
	mostSound    = 64 << 20 // bytes in all slots
	longestBlock = 65536    // frames
)

// player is a deck with its programme in slots.
type player struct {
	deck  *deck.Deck
	rate  float64
	sides [2]programme // A and B
	slots []slot
	meter [2]meter
	full  float64 // amplitude that is Dolby level

	left, right []float32
	frames      int64 // given
	waiting     bool
	waited      int   // frames
	underruns   int   // times that a tape at speed had to be held
	missed      int64 // frames read that were not at hand
}

// slot is the place of one piece.
type slot struct {
	sound []float32 // left, then right
	of    **slot    // where its programme looks for it; nil while it is empty
}

// programme is one side, as far as it is at hand: in full, and roughly.
type programme struct {
	frames      int64
	fine, rough stretch
	missed      *int64
}

// stretch is a side in pieces: piece frames each, and each of them stands for every frames of tape.
type stretch struct {
	piece, every int64
	slots        []*slot
}

func newStretch(frames, piece, every int64) stretch {
	return stretch{piece, every, make([]*slot, (frames+piece*every-1)/(piece*every))}
}

func (p *programme) Frames() int64 { return p.frames }

// ReadAt gives what is at hand.
func (p *programme) ReadAt(left, right []float32, at int64) {
	for i := 0; i < len(left); {
		n, sound, from := p.find(&p.fine, at+int64(i), len(left)-i)
		if sound == nil {
			clear(left[i : i+n])
			clear(right[i : i+n])
			if at+int64(i) >= 0 && at+int64(i) < p.frames {
				*p.missed += int64(n)
			}
		} else {
			copy(left[i:i+n], sound[from:])
			copy(right[i:i+n], sound[int64(len(sound))/2+from:])
		}
		i += n
	}
}

// RoughAt gives what is at hand of the rough form, and silence elsewhere.
func (p *programme) RoughAt(left, right []float32, at int64) {
	for i := 0; i < len(left); {
		n, sound, from := p.find(&p.rough, at+int64(i), len(left)-i)
		if sound == nil {
			clear(left[i : i+n])
			clear(right[i : i+n])
		} else {
			l, r := sound[:len(sound)/2], sound[len(sound)/2:]
			for k := range n {
				j := (from + int64(k)) / p.rough.every
				left[i+k], right[i+k] = l[j], r[j]
			}
		}
		i += n
	}
}

// find looks for frame f: how many of the next most frames are alike in that they lie in one piece, or in none, or outside
// of the side; the piece's sound, nil when there is none; and where in it f lies, in frames of tape.
func (p *programme) find(s *stretch, f int64, most int) (n int, sound []float32, from int64) {
	switch {
	case f < 0:
		return int(min(-f, int64(most))), nil, 0
	case f >= p.frames:
		return most, nil, 0
	}
	span := s.piece * s.every
	k := f / span
	from = f - k*span
	n = int(min(span-from, p.frames-f, int64(most)))
	if s.slots[k] != nil {
		sound = s.slots[k].sound
	}
	return n, sound, from
}

// holds reports whether all of from to to is at hand.
func (p *programme) holds(s *stretch, from, to int64) bool {
	from, to = max(from, 0), min(to, p.frames)
	span := s.piece * s.every
	for k := from / span; k*span < to; k++ {
		if s.slots[k] == nil {
			return false
		}
	}
	return true
}

var errSetup = errors.New("this cannot be played")

func newPlayer(data []byte) (*player, error) {
	if len(data) > largestSetup {
		return nil, fmt.Errorf("%w: %d bytes (at most %d)", errSetup, len(data), largestSetup)
	}
	var s setup
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("%w: %w", errSetup, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: there is more after its end", errSetup)
	}
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	p := &player{rate: c.Rate, left: make([]float32, longestBlock), right: make([]float32, longestBlock)}
	for i := range p.sides {
		n := s.Frames[i]
		p.sides[i] = programme{n, newStretch(n, int64(s.Piece), 1), newStretch(n, int64(s.Piece), int64(s.Rough)), &p.missed}
		p.meter[i] = newMeter(c.Rate)
	}
	c.Side, c.Other = &p.sides[0], &p.sides[1]
	if c.SideB {
		c.Side, c.Other = c.Other, c.Side
	}
	if p.deck, err = deck.New(c); err != nil {
		return nil, err
	}
	p.slots = make([]slot, s.Slots)
	for i := range p.slots {
		p.slots[i].sound = make([]float32, 2*s.Piece)
	}
	p.full = dsp.Ratio(-5.5)
	if c.DolbyDBFS != 0 {
		p.full = dsp.Ratio(c.DolbyDBFS)
	}
	return p, nil
}

// config checks a setup.
func (s *setup) config() (c deck.Config, err error) {
	if s.Rate == 0 {
		s.Rate = 48000
	}
	if s.Rough == 0 {
		s.Rough = 16
	}
	c = deck.Config{Rate: s.Rate, Copy: s.Copy, Plays: s.Plays, DolbyDBFS: s.DolbyDBFS, SideB: s.SideB}
	if !(s.StartS >= 0 && s.StartS <= longestSide) {
		return c, fmt.Errorf("%w: a start at %g s", errSetup, s.StartS)
	}
	c.Start = time.Duration(s.StartS * float64(time.Second))
	if !(s.Rate >= deck.LowestRate && s.Rate <= deck.HighestRate) {
		return c, fmt.Errorf("%w: a rate of %g Hz", errSetup, s.Rate)
	}
	if s.Piece < 1024 || s.Piece > largestPiece || s.Slots < 1 || s.Slots > mostSlots || s.Piece*s.Slots*8 > mostSound || s.Rough < 1 || s.Rough > 256 {
		return c, fmt.Errorf("%w: %d slots of %d frames, rough ones %d times as long", errSetup, s.Slots, s.Piece, s.Rough)
	}
	for _, n := range s.Frames {
		if n < 0 || float64(n) > longestSide*s.Rate {
			return c, fmt.Errorf("%w: a side of %d frames", errSetup, n)
		}
	}
	if s.Machine != "" {
		if c.Machine, err = deck.ParseMachine(s.Machine); err != nil {
			return c, err
		}
	}
	if s.Tape != "" {
		if c.Formulation, err = tape.ParseFormulation(s.Tape); err != nil {
			return c, err
		}
	}
	if s.Length != "" {
		if c.Length, err = tape.Parse(s.Length); err != nil {
			return c, err
		}
	}
	if len(s.Bend) > 0 && string(s.Bend) != "null" {
		b, err := deck.ParseBend(s.Bend)
		if err != nil {
			return c, err
		}
		c.Bend = &b
	}
	return c, nil
}

// put gives slot i to a piece of a side and returns where its samples go: left, then right. They must be there
// before the next block. A piece that does not exist empties the slot.
func (p *player) put(i, side int, rough bool, piece int) []float32 {
	if i < 0 || i >= len(p.slots) {
		return nil
	}
	s := &p.slots[i]
	if s.of != nil && *s.of == s {
		*s.of = nil
	}
	s.of = nil
	if side < 0 || side > 1 {
		return nil
	}
	in := &p.sides[side].fine
	if rough {
		in = &p.sides[side].rough
	}
	if piece < 0 || piece >= len(in.slots) {
		return nil
	}
	s.of = &in.slots[piece]
	*s.of = s
	return s.sound
}

// bend turns the knobs; nothing takes the bend off.
func (p *player) bend(data []byte) error {
	if len(data) == 0 {
		return p.deck.SetBend(nil)
	}
	b, err := deck.ParseBend(data)
	if err != nil {
		return err
	}
	return p.deck.SetBend(&b)
}

// patience is how long a tape is held for print-through and the other side alone, which are 50 dB down.
const patience = 1.0 // seconds

// process makes the next n frames in left and right. While a piece is missing that the head would read, the
// tape is held and nothing is heard.
func (p *player) process(n int) {
	n = min(max(n, 0), longestBlock)
	left, right := p.left[:n], p.right[:n]
	if p.hold(n) {
		clear(left)
		clear(right)
	} else {
		p.deck.Process(left, right)
	}
	p.frames += int64(n)
	p.meter[0].take(left)
	p.meter[1].take(right)
}

// hold decides whether the tape must wait for its programme for the next n frames.
func (p *player) hold(n int) bool {
	r, reads := p.deck.Reach(n)
	if !reads {
		p.waiting, p.waited = false, 0
		return false
	}
	s := p.deck.State()
	up, other := p.facing(s.SideB)
	was := p.waiting
	if has(up, other, r, 0) {
		p.waiting, p.waited = false, 0
		return false
	}
	p.waiting = p.waited < int(patience*p.rate) || !up.holds(&up.fine, r.From, r.To)
	if p.waiting {
		p.waited += n
		if !was && s.Key == deck.Play && !s.Going && s.Speed > 0.5 {
			p.underruns++
		}
	}
	return p.waiting
}

// facing are the side that is up and the other.
func (p *player) facing(sideB bool) (up, other *programme) {
	if sideB {
		return &p.sides[1], &p.sides[0]
	}
	return &p.sides[0], &p.sides[1]
}

// has reports whether all of a reach is at hand, moved on by so many frames.
func has(up, other *programme, r deck.Reach, by int64) bool {
	return up.holds(&up.fine, r.From-r.Print+by, r.To+r.Print+by) && other.holds(&other.rough, r.OtherFrom-by, r.OtherTo-by)
}

// ready is how many seconds the tape can play on from here with what is at hand, to half a second and at most 16.
func (p *player) ready(s deck.State) float64 {
	r, _ := p.deck.Reach(128)
	up, other := p.facing(s.SideB)
	n := 0
	for n < 32 && has(up, other, r, int64(float64(n+1)*p.rate/2)) {
		n++
	}
	return float64(n) / 2
}

// meter shows the level as a deck's peak meter does: up at once, down by 20 dB in 1.7 s (IEC 60268-10, type I).
type meter struct {
	peak float64 // amplitude
	fall float64 // a frame
}

func newMeter(rate float64) meter { return meter{fall: math.Pow(10, -1/(1.7*rate))} }

func (m *meter) take(x []float32) {
	p := m.peak
	for _, v := range x {
		p *= m.fall
		if a := math.Abs(float64(v)); a > p {
			p = a
		}
	}
	if p < 1e-12 {
		p = 0
	}
	m.peak = p
}

// reading is what a page shows, as numbers. Levels are dB re Dolby level, from -99.
type reading [len(fields)]float64

// fields are the numbers of a reading, in order.
var fields = [...]string{"key", "going", "side_b", "leader", "place_s", "speed", "counter",
	"supply_mm", "takeup_mm", "supply_turns", "takeup_turns", "left_db", "right_db",
	"waiting", "ready_s", "underruns", "missed", "frames", "side_frames"}

// read takes a reading.
func (p *player) read(out *reading) {
	s := p.deck.State()
	level := func(c int) float64 { return max(-99, 20*math.Log10(max(p.meter[c].peak, 1e-9)/p.full)) }
	is := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	*out = reading{
		float64(s.Key), is(s.Going), is(s.SideB), is(s.Leader), s.Place.Seconds(), s.Speed, float64(s.Counter),
		float64(s.Reels.Supply.Radius) * 1000, float64(s.Reels.TakeUp.Radius) * 1000, s.Reels.Supply.Turns, s.Reels.TakeUp.Turns,
		level(0), level(1), is(p.waiting), p.ready(s), float64(p.underruns), float64(p.missed), float64(p.frames), float64(p.deck.Frames()),
	}
}
