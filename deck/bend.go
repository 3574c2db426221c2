package deck

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"ferric/dsp"
)

// Bend is a patch of a machine's circuits: what a bender does with pots, wires,
// a screwdriver and splicing tape. Every module at zero is a machine left alone. docs/formats/bend.md
// tells each field's meaning and range; [ParseBend] holds to them.
type Bend struct {
	Version     int             `json:"bend"` // 1
	Name        string          `json:"name,omitempty"`
	Notes       string          `json:"notes,omitempty"`
	From        string          `json:"from,omitempty"` // of which bend it is a remix
	Motor       MotorBend       `json:"motor,omitzero"`
	Head        HeadBend        `json:"head,omitzero"`
	Electronics ElectronicsBend `json:"electronics,omitzero"`
	Tape        TapeBend        `json:"tape,omitzero"`
}

// MotorBend changes how the tape is driven.
type MotorBend struct {
	Speed    float64   `json:"speed,omitempty"` // 0 leaves it at 1
	Reverse  bool      `json:"reverse,omitempty"`
	Wobble   float64   `json:"wobble,omitempty"`
	WobbleHz float64   `json:"wobble_hz,omitempty"`
	Starve   float64   `json:"starve,omitempty"`
	Brake    float64   `json:"brake,omitempty"`
	Keys     []float64 `json:"keys,omitempty"` // semitones, played one after the other
	KeysHz   float64   `json:"keys_hz,omitempty"`
	Hold     float64   `json:"hold,omitempty"` // sample and hold
	HoldHz   float64   `json:"hold_hz,omitempty"`
	Light    float64   `json:"light,omitempty"`
}

// HeadBend moves the head.
type HeadBend struct {
	Wander   float64 `json:"wander,omitempty"` // arc-minutes
	WanderHz float64 `json:"wander_hz,omitempty"`
	Other    float64 `json:"other,omitempty"` // 0 to 1 of the way to the other side's tracks
	Scrub    float64 `json:"scrub,omitempty"` // seconds of tape, to and fro
	ScrubHz  float64 `json:"scrub_hz,omitempty"`
}

// ElectronicsBend touches the amplifier.
type ElectronicsBend struct {
	BoostDB    float64 `json:"boost_db,omitempty"`
	Dead       float64 `json:"dead,omitempty"` // bias gone: the middle of each wave is missing
	Feedback   float64 `json:"feedback,omitempty"`
	FeedbackMS float64 `json:"feedback_ms,omitempty"`
	Short      float64 `json:"short,omitempty"` // share of the time the output is shorted
	ShortHz    float64 `json:"short_hz,omitempty"`
	CapHz      float64 `json:"cap_hz,omitempty"` // corner of the wrong capacitor
}

// TapeBend is splicing.
type TapeBend struct {
	LoopS  float64 `json:"loop_s,omitempty"` // length of a loop that begins where play begins
	Wrap   float64 `json:"wrap,omitempty"`   // tape wound on the capstan: faster, with a bump once a turn
	Echo   float64 `json:"echo,omitempty"`
	EchoMS float64 `json:"echo_ms,omitempty"`
	Erase  float64 `json:"erase_off,omitempty"` // how much of the last pass stays
	EraseS float64 `json:"erase_off_s,omitempty"`
}

// ErrBend is wrapped by errors about a bend that cannot be read.
var ErrBend = errors.New("not a bend")

// Limits of a bend file: small enough for an address.
const (
	BendVersion  = 1
	LargestBend  = 4096 // bytes of JSON
	mostKeys     = 16
	longestName  = 80
	longestNotes = 1000
)

// ranges are all numbers of a bend with what they may be.
func (b *Bend) ranges() []struct {
	name   string
	v      *float64
	lo, hi float64
} {
	type row = struct {
		name   string
		v      *float64
		lo, hi float64
	}
	m, h, e, t := &b.Motor, &b.Head, &b.Electronics, &b.Tape
	return []row{
		{"motor.speed", &m.Speed, 0, 2}, {"motor.wobble", &m.Wobble, 0, 1}, {"motor.wobble_hz", &m.WobbleHz, 0, 30},
		{"motor.starve", &m.Starve, 0, 1}, {"motor.brake", &m.Brake, 0, 1}, {"motor.keys_hz", &m.KeysHz, 0, 20},
		{"motor.hold", &m.Hold, 0, 1}, {"motor.hold_hz", &m.HoldHz, 0, 50}, {"motor.light", &m.Light, 0, 1},
		{"head.wander", &h.Wander, 0, 60}, {"head.wander_hz", &h.WanderHz, 0, 20}, {"head.other", &h.Other, 0, 1},
		{"head.scrub", &h.Scrub, 0, 1}, {"head.scrub_hz", &h.ScrubHz, 0, 8},
		{"electronics.boost_db", &e.BoostDB, 0, 48}, {"electronics.dead", &e.Dead, 0, 1}, {"electronics.feedback", &e.Feedback, 0, 1},
		{"electronics.feedback_ms", &e.FeedbackMS, 0, 100}, {"electronics.short", &e.Short, 0, 1}, {"electronics.short_hz", &e.ShortHz, 0, 200},
		{"electronics.cap_hz", &e.CapHz, 0, 20000},
		{"tape.loop_s", &t.LoopS, 0, 60}, {"tape.wrap", &t.Wrap, 0, 1}, {"tape.echo", &t.Echo, 0, 1}, {"tape.echo_ms", &t.EchoMS, 0, 1500},
		{"tape.erase_off", &t.Erase, 0, 1}, {"tape.erase_off_s", &t.EraseS, 0, 12},
	}
}

// Knob is a number of a bend, by its name in the file ("motor.speed"), and what it may be.
type Knob struct {
	Name   string
	Lo, Hi float64
}

// Knobs are all numbers of a bend, for who draws them.
func Knobs() []Knob {
	var b Bend
	var knobs []Knob
	for _, r := range b.ranges() {
		knobs = append(knobs, Knob{r.name, r.lo, r.hi})
	}
	return knobs
}

// ParseBend reads a bend file. Errors name the field and its range.
func ParseBend(data []byte) (Bend, error) {
	var b Bend
	if len(data) > LargestBend {
		return b, fmt.Errorf("%w: %d bytes (at most %d)", ErrBend, len(data), LargestBend)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return Bend{}, fmt.Errorf("%w: %w", ErrBend, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Bend{}, fmt.Errorf("%w: there is more after its end", ErrBend)
	}
	return b, b.check()
}

func (b *Bend) check() error {
	if b.Version != BendVersion {
		return fmt.Errorf("%w: \"bend\" is %d; this is version %d", ErrBend, b.Version, BendVersion)
	}
	for _, r := range b.ranges() {
		if !(*r.v >= r.lo && *r.v <= r.hi) {
			return fmt.Errorf("%w: %s is %g (%g to %g)", ErrBend, r.name, *r.v, r.lo, r.hi)
		}
	}
	if len(b.Motor.Keys) > mostKeys {
		return fmt.Errorf("%w: motor.keys has %d keys (at most %d)", ErrBend, len(b.Motor.Keys), mostKeys)
	}
	for _, k := range b.Motor.Keys {
		if !(k >= -24 && k <= 12) {
			return fmt.Errorf("%w: motor.keys holds %g semitones (-24 to 12)", ErrBend, k)
		}
	}
	for name, s := range map[string]string{"name": b.Name, "from": b.From} {
		if utf8.RuneCountInString(s) > longestName {
			return fmt.Errorf("%w: %s is longer than %d letters", ErrBend, name, longestName)
		}
	}
	if utf8.RuneCountInString(b.Notes) > longestNotes {
		return fmt.Errorf("%w: notes are longer than %d letters", ErrBend, longestNotes)
	}
	return nil
}

// Link is the bend as letters that an address may hold.
func (b Bend) Link() string {
	data, err := json.Marshal(b)
	if err != nil { // only numbers that are none could do that, and check refuses those
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// ParseLink undoes Link.
func ParseLink(s string) (Bend, error) {
	if len(s) > LargestBend*4/3+4 {
		return Bend{}, fmt.Errorf("%w: the link is too long", ErrBend)
	}
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return Bend{}, fmt.Errorf("%w: %w", ErrBend, err)
	}
	return ParseBend(data)
}

// bender is a bend at work. Its time is the deck's own: frames since power on.
type bender struct {
	b     Bend
	rate  float64
	seed  uint64 // of this deck's motor
	tabs  bool   // whether the shell lets the record head come down
	motor float64
	clock uint64
	loop  int64 // frames, in units of place
	from  int64
	begun bool

	speed    float64 // of the motor, with its inertia
	lag      float64
	cap      [2]float64
	capK     float64
	feedback line
	echo     line
	layers   line
	gain     float32
}

// line is a delay that remembers, with some treble lost on each way round.
type line struct {
	buf  [2][]float32
	at   int
	last [2]float32
	keep float32 // fed back
	dull float32 // share of the step towards the new value each frame
}

// set makes it so long, at most of most seconds; what it remembers stays while it is in use.
func (d *line) set(seconds, most, rate, keep, dull float64) {
	if keep <= 0 {
		d.keep = 0
		return
	}
	n := max(1, int(seconds*rate))
	for c := range d.buf {
		switch {
		case d.buf[c] == nil:
			d.buf[c] = make([]float32, n, max(n, int(most*rate)))
		case d.keep == 0:
			d.buf[c] = d.buf[c][:n]
			clear(d.buf[c])
		default:
			was := len(d.buf[c])
			d.buf[c] = d.buf[c][:n]
			if n > was {
				clear(d.buf[c][was:])
			}
		}
	}
	if d.at >= n {
		d.at = 0
	}
	d.keep, d.dull = float32(keep), float32(dull)
}

// pass puts x in and gets what was put in a delay ago. What goes round is bent softly, so that it stays finite.
func (d *line) pass(x [2]float32) (y [2]float32) {
	for c := range x {
		old := d.buf[c][d.at]
		d.last[c] += d.dull * (old - d.last[c])
		y[c] = d.last[c]
		d.buf[c][d.at] = soften(x[c] + d.keep*y[c])
	}
	if d.at++; d.at == len(d.buf[0]) {
		d.at = 0
	}
	return y
}

// soften is nearly straight up to 1 and never passes 4 (levels here are re Dolby level).
func soften(x float32) float32 {
	a := x
	if a < 0 {
		a = -a
	}
	if !(a < 1e6) {
		return 0
	}
	if a < 1e-20 {
		return 0
	}
	return x / (1 + a*a*a/64/(1+a*a/16))
}

func newBender(b Bend, c Config, rate float64) *bender {
	seed := dsp.Hash(seedOf("motor of "+c.Machine.Name), seedOf(c.Copy))
	d := &bender{rate: rate, seed: seed, tabs: !c.Guarded, lag: -math.Expm1(-1 / (0.08 * rate)), speed: 1}
	d.motor = 1 + 0.03*dsp.Triangular(seed, 0) // no two governors are alike: a choice
	d.become(b)
	return d
}

// become turns the knobs: what moves keeps its speed, what remembers keeps what it holds.
func (d *bender) become(b Bend) {
	rate := d.rate
	loop := int64(0)
	if b.Tape.LoopS > 0 {
		loop = int64(max(b.Tape.LoopS, 0.05)*rate) << 32
	}
	if loop != d.loop { // another piece of tape: it begins where play is
		d.loop, d.begun = loop, false
	}
	if !d.tabs {
		b.Tape.Echo, b.Tape.Erase = 0, 0
	}
	d.capK = 0
	if hz := b.Electronics.CapHz; hz > 0 {
		d.capK = -math.Expm1(-2 * math.Pi * hz / rate)
	}
	d.feedback.set(max(b.Electronics.FeedbackMS, 0.5)/1000, 0.1, rate, 0.98*b.Electronics.Feedback, 0.6)
	d.echo.set(max(b.Tape.EchoMS, 20)/1000, 1.5, rate, 0.7*b.Tape.Echo, 0.5)
	d.layers.set(max(or(b.Tape.EraseS, 4), 0.5), 12, rate, b.Tape.Erase, 0.7)
	d.b, d.gain = b, float32(dsp.Ratio(b.Electronics.BoostDB))
}

// drive is the speed that the bent motor makes of base, for the next frame.
func (d *bender) drive(base float64) float64 {
	m := &d.b.Motor
	t := float64(d.clock) / d.rate
	d.clock++
	v := or(m.Speed, 1)
	if m.Speed != 0 {
		v *= d.motor
	}
	if n := len(m.Keys); n > 0 {
		i := int(t*or(m.KeysHz, 2)) % n
		v *= math.Exp2(m.Keys[i] / 12)
	}
	if m.Hold > 0 {
		step := uint64(t * or(m.HoldHz, 4))
		v *= math.Exp2(m.Hold * dsp.Triangular(d.seed, 1000+step))
	}
	if m.Light > 0 { // clouds: a slow walk between numbers
		x := t / 3
		i := math.Floor(x)
		s := x - i
		s = s * s * (3 - 2*s)
		a, b := dsp.Uniform(d.seed+1, uint64(i)), dsp.Uniform(d.seed+1, uint64(i)+1)
		v *= 1 - m.Light*(a+s*(b-a))
	}
	if m.Wobble > 0 { // deeper when it is slow
		v *= 1 + min(0.5*m.Wobble/max(v, 0.3), 0.9)*math.Sin(2*math.Pi*or(m.WobbleHz, 3)*t)
	}
	if m.Starve > 0 {
		// A governor works in a narrow window of its supply: under it speed falls steeply and gets rough.
		supply := 1 - 0.6*m.Starve
		v *= 1 / (1 + math.Exp(-(supply-0.62)*14))
		v *= 1 + 0.5*m.Starve*dsp.Triangular(d.seed+2, uint64(t*40))
	}
	if w := d.b.Tape.Wrap; w > 0 {
		// A bump once a turn of a 2 mm capstan.
		v *= 1 + 0.5*w + 0.15*w*math.Sin(2*math.Pi*7.58*t)
	}
	v *= 1 - m.Brake
	if m.Reverse {
		v = -v
	}
	d.speed += d.lag * (v - d.speed)
	return base * within(d.speed, -skimFrom*0.95, skimFrom*0.95)
}

// place wraps the tape round a loop and moves the head along it: where the tape stands, and the shift of what is read.
func (d *bender) place(at int64) (stands, shift int64) {
	if !d.begun {
		d.from, d.begun = at, true
	}
	if d.loop > 0 {
		at = d.from + ((at-d.from)%d.loop+d.loop)%d.loop
	}
	if h := &d.b.Head; h.Scrub > 0 {
		shift = int64(h.Scrub * d.rate * math.Sin(2*math.Pi*or(h.ScrubHz, 0.5)*float64(d.clock)/d.rate) * unit)
	}
	return at, shift
}

// skew is by how much the wandering head reads the left channel ahead, in units of place.
func (d *bender) skew() int64 {
	h := &d.b.Head
	if h.Wander == 0 {
		return 0
	}
	arc := h.Wander * math.Sin(2*math.Pi*or(h.WanderHz, 0.3)*float64(d.clock)/d.rate)
	return int64(AzimuthSkew(arc) / 2 * d.rate * unit)
}

// sound bends what the head gives.
func (d *bender) sound(left, right float32) (float32, float32) {
	e := &d.b.Electronics
	x := [2]float32{left, right}
	if d.echo.keep > 0 {
		y := d.echo.pass(x)
		g := float32(d.b.Tape.Echo)
		x[0] += g * y[0]
		x[1] += g * y[1]
	}
	if d.layers.keep > 0 {
		y := d.layers.pass(x)
		x[0] += d.layers.keep * y[0]
		x[1] += d.layers.keep * y[1]
	}
	if d.feedback.keep > 0 {
		y := d.feedback.pass(x)
		x[0] += d.feedback.keep * y[0]
		x[1] += d.feedback.keep * y[1]
	}
	dead := float32(0.3 * e.Dead)
	for c := range x {
		v := x[c]
		if dead > 0 {
			switch {
			case v > dead:
				v -= dead
			case v < -dead:
				v += dead
			default:
				v = 0
			}
		}
		if d.gain > 1 {
			v = 1.5 * soften(v*d.gain) / (1 + soften(v*d.gain)*sign(v)/2)
		}
		if d.capK > 0 {
			d.cap[c] += d.capK * (float64(v) - d.cap[c])
			if math.Abs(d.cap[c]) < 1e-30 {
				d.cap[c] = 0
			}
			v = float32(d.cap[c])
		}
		x[c] = v
	}
	if e.Short > 0 {
		phase := float64(d.clock) / d.rate * or(e.ShortHz, 8)
		if phase-math.Floor(phase) < e.Short {
			x[0], x[1] = 0, 0
		}
	}
	return x[0], x[1]
}

func sign(v float32) float32 {
	if v < 0 {
		return -1
	}
	return 1
}
