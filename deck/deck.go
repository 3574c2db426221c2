// Package deck is a machine and a tape, as sound and as motion.
//
// A cassette does four things to music. The recording bends what is loud and
// holds treble down, for its particles can only be turned so far; the coating
// hisses. The ribbon is imperfect where it is imperfect: a dropout has its place for
// good, each layer of the pack prints faintly on the next, and the other side runs backwards past the
// edge of the head. The machine reads that with a gap of finite width, at some distance, at a slight
// angle, and never quite steadily. Its amplifier adds a little of itself. And between
// any two places of a side lies time: the tape must be wound.
//
// [Deck] does it in that order, in stages with physical parameters. Up to the head everything
// is a function of the place on the tape (and of which copy this is), so number
// 17 always has its dropouts where they are, whether one plays on or winds back;
// see oxide. The head finds its place by flutter and interpolation; see reader. Then
// time takes over; see electronics. transport is the mechanism.
//
// Output does not depend on how it is cut into blocks, to the bit. Process allocates
// nothing, starts nothing and asks no clock, so the same code serves the command
// line and an audio thread. Whatever the parameters, output is a number within ±1.
//
// Wear is a chosen exaggeration: a thousand plays hardly change a real tape. Here they can be heard.
package deck

import (
	"errors"
	"fmt"
	"math"
	"time"

	"ferric/dsp"
	"ferric/tape"
)

// Config is one cassette in one machine. Zero fields mean the stated default.
type Config struct {
	Rate        float64          // hertz, 22050 to 192000; 0 is 48000
	Machine     Machine          // zero is the reference deck
	Formulation tape.Formulation // zero is Type I
	Length      tape.Length      // zero is a C60
	Side, Other Programme        // the side that is up, and the other; nil is blank tape
	SideB       bool             // the side that is up is B
	Copy        string           // which copy this is, "FER-001/17": the seed of everything random
	Plays       int              // how often it was played before
	Guarded     bool             // its record tabs are broken out: bends that record, echo and erase_off, do nothing
	// DolbyDBFS is the level of the programme, dBFS, that lies at Dolby level on the
	// tape, and comes out at the same. 0 is −5.5, where Ferric's line-up tone puts it on ferric.
	DolbyDBFS float64
	Start     time.Duration // where the tape stands, from the end of the leader
	Bend      *Bend         // how its circuits are bent; nil is not at all
	Running   bool          // it plays already, at full speed; otherwise it is stopped, and wound back unless Start is set
}

// ErrConfig is wrapped by errors about a deck that cannot be.
var ErrConfig = errors.New("no such deck")

// Deck plays a tape. It is not safe for use by two goroutines at once.
type Deck struct {
	cfg   Config
	rate  float64
	tape  [2]*reader // of the side that is up first, and of the other; made when it is first needed
	up    int        // which of them
	move  transport
	amp   electronics
	bend  *bender // nil for a machine left alone
	pace  float64 // of the machine left alone
	skim  [2][skimMost]float32
	hissy float32
}

// Rates that a deck runs at, in hertz.
const (
	LowestRate  = 22050
	HighestRate = 192000
)

// New puts a cassette into a machine.
func New(c Config) (*Deck, error) {
	c.Rate = or(c.Rate, 48000)
	if !(c.Rate >= LowestRate && c.Rate <= HighestRate) {
		return nil, fmt.Errorf("%w: a rate of %g Hz (%d to %d)", ErrConfig, c.Rate, LowestRate, HighestRate)
	}
	if c.Machine == (Machine{}) {
		c.Machine = Machines()[0]
	}
	c.Machine = c.Machine.bounded()
	if c.Bend != nil {
		if err := c.Bend.check(); err != nil {
			return nil, err
		}
	}
	if c.Formulation.Code == "" {
		c.Formulation = tape.Ferric()
	}
	if c.Length.Metres == 0 {
		c.Length, _ = tape.Parse("C60")
	}
	c.DolbyDBFS = within(or(c.DolbyDBFS, -5.5), -40, 0)
	c.Plays = min(max(c.Plays, 0), 100000)
	if c.Start < 0 || c.Start > c.Length.Playing() {
		return nil, fmt.Errorf("%w: it cannot stand at %v of a side of %v", ErrConfig, c.Start, c.Length.Playing().Round(time.Second))
	}
	d := &Deck{cfg: c, rate: c.Rate, move: newTransport(c, c.Rate), amp: newElectronics(c, c.Rate)}
	d.pace = d.move.pace
	if c.Bend != nil {
		d.bend = newBender(*c.Bend, c, c.Rate)
	}
	d.tape[0] = d.thread(c.Side, c.Other, c.SideB)
	d.hearOther()
	d.hissy = float32(dsp.Ratio(c.Formulation.NoiseA))
	return d, nil
}

// thread makes the side that is up ready to be read.
func (d *Deck) thread(side, other Programme, sideB bool) *reader {
	c := d.cfg
	c.Side, c.Other = side, other
	s := newSeeds(seedOf(c.Copy), sideB)
	o := newOxide(c, d.rate, s, d.tape[0])
	return newReader(o, newFlutter(s.flutter, c.Machine, c.Length), d.tape[0])
}

// seedOf turns a name into a seed (FNV-1a, then mixed).
func seedOf(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return dsp.Hash(h, 0)
}

// Press presses a key at the next frame. It says whether anything moved: one
// cannot eject a tape that runs, or pause one that stands.
func (d *Deck) Press(k Key) bool {
	if !d.move.press(k) {
		return false
	}
	d.amp.strike()
	if k == Turn && d.tape[1-d.up] == nil {
		d.tape[1-d.up] = d.thread(d.cfg.Other, d.cfg.Side, !d.cfg.SideB)
		d.hearOther()
	}
	return true
}

// SetBend bends the circuits anew while they play, and nil leaves the machine alone. The other side's sound
// follows at the next few milliseconds of tape that are read.
func (d *Deck) SetBend(b *Bend) error {
	if b == nil {
		d.bend, d.move.pace = nil, d.pace
		d.hearOther()
		return nil
	}
	if err := b.check(); err != nil {
		return err
	}
	if d.bend == nil {
		d.bend = newBender(*b, d.cfg, d.rate)
	} else {
		d.bend.become(*b)
	}
	d.hearOther()
	return nil
}

// hearOther sets how far the head stands towards the other side's tracks.
func (d *Deck) hearOther() {
	db := d.cfg.Machine.OtherSideDB
	if d.bend != nil {
		db *= 1 - 0.95*d.bend.b.Head.Other
	}
	for _, r := range d.tape {
		if r != nil {
			r.oxide.ghosts.setOther(db)
		}
	}
}

// Reach is what Process may read in the next n frames of a tape that plays, and whether it plays: nothing is read while the
// tape stands or is wound (cue and review, which only skim, are left out too). Who has all of it at hand is sure of the sound; without
// the turn of tape that prints through on either side of From and To, only that is missing.
func (d *Deck) Reach(n int) (r Reach, reads bool) {
	t, o := &d.move, d.tape[d.up].oxide
	reads = (t.doing == Play || t.wanted == Play && t.wait <= n) && t.speed <= skimFrom && t.speed >= -skimFrom
	at := t.place >> 32
	span := int64(n)*3 + 8*int64(o.tile)
	if d.bend != nil {
		span += int64(d.bend.b.Head.Scrub * d.rate)
	}
	turn := int64(o.ghosts.turn(max(float64(at), 0)/d.rate)*d.rate) + int64(o.tile)
	return Reach{From: at - span, To: at + span, Print: turn, OtherFrom: o.frames - at - span, OtherTo: o.frames - at + span}, reads
}

// Reach is a stretch of each programme, in frames: of the side that is up and of the other.
type Reach struct{ From, To, Print, OtherFrom, OtherTo int64 }

// ResetCounter sets the counter to 000 here.
func (d *Deck) ResetCounter() { d.move.zero = d.move.takeUp() }

// Process plays the next frames into left and right, of one length.
func (d *Deck) Process(left, right []float32) {
	right = right[:len(left)]
	t := &d.move
	for i := range left {
		if d.bend != nil {
			d.drive()
		}
		if t.step() {
			d.up = 1 - d.up
		}
		var l, r float32
		switch speed := t.speed; {
		case t.head < 1e-5 || speed == 0:
		case speed > skimFrom || speed < -skimFrom:
			l, r = d.skimmed()
		default:
			rd := d.tape[d.up]
			if d.bend == nil {
				l, r = rd.read(rd.displaced(t.place))
			} else {
				l, r = d.bent(rd)
			}
			// A head hears change: slower tape is fainter.
			if g := max(speed, -speed); g < 1 {
				l, r = l*float32(g), r*float32(g)
			}
		}
		if t.power < 1e-6 && d.amp.keyAt < 1e-7 {
			left[i], right[i] = 0, 0
			d.amp.clock++
			continue
		}
		l, r = d.amp.step(float64(l)*t.head, float64(r)*t.head, t.place)
		p := float32(t.power)
		if k := float32(d.amp.keyAt); k > p {
			p = min(k, 1)
		}
		left[i], right[i] = l*p, r*p
	}
}

// drive lets the bend have the motor while the tape plays.
func (d *Deck) drive() {
	t := &d.move
	if t.doing == Play && t.wanted == Play {
		t.pace = d.bend.drive(d.pace)
	} else {
		t.pace, d.bend.begun = d.pace, false
	}
}

// bent is the sound of a bent deck at its place.
func (d *Deck) bent(rd *reader) (left, right float32) {
	t, b := &d.move, d.bend
	stands, shift := t.place, int64(0)
	if t.doing == Play && t.wanted == Play {
		stands, shift = b.place(t.place)
		t.place = stands
	}
	at := rd.displaced(stands) + shift
	if skew := b.skew(); skew == 0 {
		left, right = rd.read(at)
	} else {
		left, right = rd.readApart(at, skew)
	}
	return b.sound(left, right)
}

const (
	skimFrom = 2.5 // speeds above are heard as cue and review are: a mean over what passes
	skimMost = 256
)

// skimmed is what a head hears of tape that rushes past: the mean of all that passes in a frame. Of loudness and timbre little is left, so the stages of the tape are left out.
func (d *Deck) skimmed() (left, right float32) {
	t, o := &d.move, d.tape[d.up].oxide
	n := min(max(int(max(t.speed, -t.speed)), 1), skimMost)
	at := t.place>>32 - int64(n)/2
	if at < 0 || at+int64(n) > o.frames {
		return 0, 0
	}
	l, r := d.skim[0][:n], d.skim[1][:n]
	if o.side != nil {
		roughly(o.side, l, r, at)
	} else {
		clear(l)
		clear(r)
	}
	var a, b float32
	for i := range l {
		a += l[i]
		b += r[i]
	}
	h := dsp.Hash(o.seeds.hiss, uint64(at))
	hiss := d.hissy * (1.0 / 65536)
	g := o.gain / float32(n)
	left = a*g + hiss*float32(int32(h&0xffff)-int32(h>>16&0xffff))
	right = b*g + hiss*float32(int32(h>>32&0xffff)-int32(h>>48))
	if !(max(left, -left) < 100 && max(right, -right) < 100) {
		return 0, 0
	}
	return left, right
}

// State is the deck as one sees it.
type State struct {
	Key     Key           // what it is doing; while it goes from one to the next, what it goes to
	Going   bool          // it is still on the way there
	SideB   bool          // side B is up
	Place   time.Duration // from the end of the leader, at play speed
	Leader  bool          // the clear strip is at the head
	Speed   float64       // of the tape, 1 is play; below 0 it runs back
	Counter int           // 0 to 999
	Reels   tape.Reels
}

// State is what the deck shows now.
func (d *Deck) State() State {
	t := &d.move
	place := float64(t.place) / unit
	count := tape.Counter{}.Count(t.length, time.Duration(float64(t.played())/float64(tape.Speed)*1e9)) - 0.525*t.zero
	n := int(math.Floor(math.Mod(count+1e-6, 1000)+1000)) % 1000
	return State{
		Key: t.wanted, Going: t.doing != t.wanted, SideB: d.cfg.SideB != (d.up == 1),
		Place:  time.Duration(place / d.rate * float64(time.Second)),
		Leader: place < 0 || place >= t.frames,
		Speed:  t.speed, Counter: n, Reels: t.length.AtMetres(t.played()),
	}
}

// Frames is how many frames of programme fit on the side, from leader to leader.
func (d *Deck) Frames() int64 { return d.tape[d.up].oxide.frames }
