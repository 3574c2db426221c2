package deck

import (
	"math"

	"ferric/deck/internal/weight"
	"ferric/dsp"
	"ferric/tape"
)

// Programme is what was recorded on one side of a tape.
type Programme interface {
	// Frames is how long it is.
	Frames() int64
	// ReadAt fills left and right (of one length) from frame at on; what lies outside 0 to Frames is silence.
	// It is asked for places a few seconds around the one that plays.
	ReadAt(left, right []float32, at int64)
}

// Rough is a Programme that also tells what passes more roughly: the mean of every few frames. That is all one
// hears of tape that rushes past in cue and review, and of the other side, which comes muffled from beside the head;
// a page need not fetch every frame for it. RoughAt is as ReadAt.
type Rough interface {
	Programme
	RoughAt(left, right []float32, at int64)
}

// roughly reads p where no detail is heard.
func roughly(p Programme, left, right []float32, at int64) {
	if r, ok := p.(Rough); ok {
		r.RoughAt(left, right, at)
		return
	}
	p.ReadAt(left, right, at)
}

// Samples is a programme in memory: left and right, of one length.
type Samples [2][]float32

// Frames is the length.
func (s Samples) Frames() int64 { return int64(len(s[0])) }

// ReadAt copies.
func (s Samples) ReadAt(left, right []float32, at int64) {
	for c, dst := range [2][]float32{left, right} {
		clear(dst)
		from := max(at, 0)
		if from < int64(len(s[c])) && from-at < int64(len(dst)) {
			copy(dst[from-at:], s[c][from:])
		}
	}
}

// oxide is the tape as the head finds it: recorded, bent, hissing, damaged, read by the gap.
//
// Everything here is a function of place on the tape, and of no other state, so
// that it sounds the same however one gets there: it is made in tiles that start at fixed
// places, from filters that reach a known way to both sides. Each stage keeps the few
// tiles that the next one looks at.
type oxide struct {
	side, other Programme
	rate        float64
	frames      int64 // of oxide between the leaders
	scale       int   // rate over 48 kHz, whole
	tile        int
	seeds       seeds

	sat      *saturation
	gain     float32 // file to flux: amplitude 1 at Dolby level
	hissGain float32
	hissTilt float32
	grainy   float32 // modulation noise re signal
	ghosts   ghosts
	damage   damage
	head     [2][]float32         // taps a channel
	lifted   [depths][2][]float32 // the same where the tape is off the head
	before   [1]float32           // the sample of the doubled stream ahead of a tile
	scratch  [2][]float32         // tile long
	blend    []float32            // how much of a dropout, a sample of a tile
	noise    []float32            // tile + 2
	stages   struct{ source, bent, raw, ghost, flux, read strip }
}

// seeds of everything random on one side of one copy.
type seeds struct{ hiss, grain, drop, clog, flutter uint64 }

func newSeeds(copySeed uint64, sideB bool) seeds {
	s := copySeed
	if sideB {
		s = dsp.Hash(s, 0xb)
	}
	return seeds{dsp.Hash(s, 1), dsp.Hash(s, 2), dsp.Hash(s, 3), dsp.Hash(s, 4), dsp.Hash(s, 5)}
}

// strip is the stretch of tiles that one stage holds: count tiles of size samples from tile first.
type strip struct {
	size, count int
	first       int64
	held        bool
	ch          [][]float32
	make        func(tile int64, dst [][]float32)
	view        [][]float32
}

func newStrip(size, count, channels int, fill func(int64, [][]float32)) strip {
	s := strip{size: size, count: count, make: fill, view: make([][]float32, channels)}
	for range channels {
		s.ch = append(s.ch, make([]float32, size*count))
	}
	return s
}

// at moves the strip so that it begins with tile first, making what is missing.
func (s *strip) at(first int64) [][]float32 {
	shift := first - s.first
	if s.held && shift == 0 {
		return s.ch
	}
	from, to := 0, s.count // tiles to make
	n := int64(s.count)
	switch {
	case s.held && shift > 0 && shift < n:
		for _, c := range s.ch {
			copy(c, c[int(shift)*s.size:])
		}
		from = s.count - int(shift)
	case s.held && shift < 0 && -shift < n:
		for _, c := range s.ch {
			copy(c[int(-shift)*s.size:], c)
		}
		to = int(-shift)
	}
	s.first, s.held = first, true
	for i := from; i < to; i++ {
		for c := range s.ch {
			s.view[c] = s.ch[c][i*s.size : (i+1)*s.size]
		}
		s.make(first+int64(i), s.view)
	}
	return s.ch
}

const (
	tileFrames = 256 // at 48 kHz
	satTaps    = 256 // less one, at 96 kHz
	headTaps   = 128 // less one
	ghostStep  = 8   // print-through is made at an eighth of the rate
	ghostTaps  = 33
)

// newOxide makes a side readable. twin is the other side of the same tape in the same machine, or nil: its filters serve both.
func newOxide(c Config, rate float64, sd seeds, twin *reader) *oxide {
	scale := max(1, int(math.Round(rate/48000)))
	o := &oxide{
		side: c.Side, other: c.Other, rate: rate, scale: scale, tile: tileFrames * scale, seeds: sd,
		frames: int64(c.Length.Playing().Seconds() * rate),
		gain:   float32(1 / dsp.Ratio(c.DolbyDBFS)),
		grainy: float32(dsp.Ratio(-50) * 1.2), // −50 dB re signal: a choice; 1.2 makes up for the straight lines between numbers
	}
	if twin != nil {
		o.sat, o.head, o.lifted = twin.oxide.sat, twin.oxide.head, twin.oxide.lifted
	} else {
		o.sat = newSaturation(c.Formulation, rate, satTaps*scale-1)
		o.designHead(c)
	}
	o.hissTilt = 0.12
	o.hissGain = float32(hissGain(c.Formulation.NoiseA, float64(o.hissTilt), rate))
	for ch := range o.scratch {
		o.scratch[ch] = make([]float32, o.tile)
	}
	o.blend = make([]float32, o.tile)
	o.noise = make([]float32, 2*(o.tile+2))
	o.damage = newDamage(c, o.seeds, rate, o.frames)
	o.ghosts = newGhosts(c, rate/float64(ghostStep*scale), c.Machine.OtherSideDB, o.tile)

	small := o.tile / (ghostStep * scale)
	o.stages.source = newStrip(o.tile, 3, 2, o.makeSource)
	o.stages.bent = newStrip(o.tile, 3, 4, o.makeBent)
	o.stages.raw = newStrip(small, 3, 4, o.makeRaw)
	o.stages.ghost = newStrip(small, 3, 2, o.makeGhost)
	o.stages.flux = newStrip(o.tile, 3, 2, o.makeFlux)
	o.stages.read = newStrip(o.tile, 3, 2, o.makeRead)
	return o
}

// designHead makes the filters of the head, on the tape and off it.
func (o *oxide) designHead(c Config) {
	m := c.Machine
	m.SpacingUM += c.wearSpacing()
	edge, stop := min(20000, 0.42*o.rate), min(24000, 0.5*o.rate)
	skew := AzimuthSkew(m.AzimuthArcmin) / 2
	for ch, late := range [2]float64{-skew, skew} {
		fir := func(extra float64) []float32 {
			return reversed32(designFIR(headTaps*o.scale-1, o.rate, late, func(hz float64) float64 {
				return m.headGain(extra, hz) * passBand(hz, edge, stop)
			}))
		}
		o.head[ch] = fir(0)
		for d := range o.lifted {
			o.lifted[d][ch] = fir(float64(d+1) * depthStep)
		}
	}
}

// blank says that no frame of a tile carries oxide.
func (o *oxide) blank(tile int64) bool {
	return (tile+1)*int64(o.tile) <= 0 || tile*int64(o.tile) >= o.frames
}

func (o *oxide) makeSource(tile int64, dst [][]float32) {
	if o.side == nil || o.blank(tile) {
		clear(dst[0])
		clear(dst[1])
		return
	}
	o.side.ReadAt(dst[0], dst[1], tile*int64(o.tile))
	for _, d := range dst {
		for i, v := range d {
			v *= o.gain
			if !(v < 1e4 && v > -1e4) { // no number, or none that is sound
				v = 0
			}
			d[i] = v
		}
	}
}

// makeBent lifts the treble at twice the rate and bends: left even, left odd, right even, right odd.
func (o *oxide) makeBent(tile int64, dst [][]float32) {
	src := o.stages.source.at(tile - 1)
	reach := len(o.sat.up[0]) / 2
	for c := range 2 {
		even, odd := dst[2*c], dst[2*c+1]
		dsp.Convolve(even, src[c][o.tile-reach:], o.sat.up[0])
		dsp.Convolve(odd, src[c][o.tile-reach:], o.sat.up[1])
		dsp.Convolve(o.before[:], src[c][o.tile-reach-1:], o.sat.up[1])
		o.sat.apply(o.before[0], even, odd)
	}
}

// makeFlux takes the lift down again and adds what the tape has of its own.
func (o *oxide) makeFlux(tile int64, dst [][]float32) {
	if o.blank(tile) {
		clear(dst[0])
		clear(dst[1])
		return
	}
	bent := o.stages.bent.at(tile - 1)
	reach := len(o.sat.down[0]) / 2
	for c, d := range dst {
		dsp.Convolve(d, bent[2*c][o.tile-reach:], o.sat.down[0])
		dsp.Convolve(o.scratch[0], bent[2*c+1][o.tile-reach-1:], o.sat.down[1])
		for i, v := range o.scratch[0] {
			d[i] += v
		}
	}
	o.addGrain(tile, dst)
	o.addHiss(tile, dst)
	o.addGhosts(tile, dst)
	start := tile * int64(o.tile)
	for _, d := range dst { // nothing can be recorded on a leader
		if start < 0 {
			clear(d[:-start])
		}
		if over := start + int64(o.tile) - o.frames; over > 0 {
			clear(d[int64(o.tile)-over:])
		}
	}
}

// addHiss adds the bias noise of an unrecorded tape.
func (o *oxide) addHiss(tile int64, dst [][]float32) {
	start := uint64(tile*int64(o.tile) - 1)
	n := o.tile + 2
	left, right := o.noise[:n], o.noise[n:2*n]
	for i := range left {
		h := dsp.Hash(o.seeds.hiss, start+uint64(i))
		// Two numbers of triangular density from one hash, in units of 2^-16.
		left[i] = float32(int32(h&0xffff) - int32(h>>16&0xffff))
		right[i] = float32(int32(h>>32&0xffff) - int32(h>>48))
	}
	g, t := o.hissGain/65536, -o.hissGain/65536*o.hissTilt
	for c, w := range [2][]float32{left, right} {
		d := dst[c]
		for i := range d {
			d[i] += float32(w[i+1]*g) + float32((w[i]+w[i+2])*t)
		}
	}
}

// hissGain makes hiss of noiseA dB(A): its numbers have variance 1/6 each, spread evenly up to half the rate.
func hissGain(noiseA, tilt, rate float64) float64 {
	top := min(20000, rate/2)
	weighted := 2 * integrate(20, top, func(hz float64) float64 {
		shape := 1 - 2*tilt*math.Cos(2*math.Pi*hz/rate)
		return shape * shape / 6 * 2 / rate * math.Pow(10, weight.ADB(hz)/10)
	})
	return dsp.Ratio(noiseA) / math.Sqrt(weighted)
}

// addGrain lets the noise follow the signal: oxide is not even, and a steady tone is rough at its edges.
func (o *oxide) addGrain(tile int64, dst [][]float32) {
	const every = 16 // samples from number to number, straight between
	start := tile * int64(o.tile)
	for i := 0; i < o.tile; i += every {
		n := uint64((start + int64(i)) / every)
		a := dsp.Triangular(o.seeds.grain, n)
		b := dsp.Triangular(o.seeds.grain, n+1)
		v, step := float32(a)*o.grainy*2.45, float32((b-a)/every)*o.grainy*2.45
		l, r := dst[0][i:i+every], dst[1][i:i+every]
		for k := range l {
			l[k] += float32(l[k] * v)
			r[k] += float32(r[k] * v)
			v += step
		}
	}
}

// makeRead is what the gap makes of the flux, dropouts and all.
func (o *oxide) makeRead(tile int64, dst [][]float32) {
	if o.blank(tile-1) && o.blank(tile) && o.blank(tile+1) {
		clear(dst[0])
		clear(dst[1])
		return
	}
	flux := o.stages.flux.at(tile - 1)
	reach := len(o.head[0]) / 2
	for c, d := range dst {
		src := flux[c][o.tile-reach:]
		dsp.Convolve(d, src, o.head[c])
		depth := o.damage.blend(o.blend, tile*int64(o.tile), c)
		if depth < 0 {
			continue
		}
		dsp.Convolve(o.scratch[c], src, o.lifted[depth][c])
		for i, b := range o.blend {
			d[i] += float32(b * (o.scratch[c][i] - d[i]))
		}
	}
}

// wearSpacing is how far plays have moved the tape from the head, in
// micrometres: shed oxide. A real tape hardly changes in 1000 plays; this is a
// chosen exaggeration, 0.17 µm after 40 plays (2 dB at 10 kHz), never more than 0.6.
func (c *Config) wearSpacing() float64 { return 0.6 * -math.Expm1(-float64(c.Plays)/120) }

// ghosts are print-through and the other side: faint, dull copies of sound that is elsewhere.
type ghosts struct {
	taps      []float32
	pre, post float32
	spool     tape.Spool
	metres    tape.Metres
	other     [2]float32
	room      [2][]float32 // to read into, a tile long
}

// newGhosts: print-through is strongest at a wavelength of 2π times the
// tape's thickness (3M; ARSCLIST 10/2013): 446 Hz for a C60. No level on
// cassettes was found: −55 dB for a C60, −50 for a C90 and −46 for a C120 are a choice. The
// layer outside prints more than the one inside (Audio 4/1987): pre-echo 3 dB under post-echo here.
func newGhosts(c Config, rate, otherDB float64, tile int) ghosts {
	thick := float64(c.Length.Thickness)
	worst := float64(tape.Speed) / (2 * math.Pi * thick)
	level := -55 + 9*math.Log(17e-6/thick)/math.Log(17.0/9)
	taps := designFIR(ghostTaps, rate, 0, func(hz float64) float64 { return hz / worst * math.Exp(1-hz/worst) })
	g := ghosts{
		taps: reversed32(taps), pre: float32(dsp.Ratio(level - 3)), post: float32(dsp.Ratio(level)),
		spool: c.Length.Spool(), metres: c.Length.Metres,
	}
	g.setOther(otherDB)
	g.room[0], g.room[1] = make([]float32, tile), make([]float32, tile)
	return g
}

// setOther: the right channel of the other side is the neighbour of ours; the left lies a track and its spaces further.
func (g *ghosts) setOther(db float64) {
	g.other = [2]float32{float32(dsp.Ratio(-db - 12)), float32(dsp.Ratio(-db))}
}

// turn is how long one turn of the pack takes at seconds of play. A tape is
// stored wound back: what lies beside a place is decided on the supply hub.
func (g *ghosts) turn(seconds float64) float64 {
	left := g.metres - tape.Metres(seconds*float64(tape.Speed))
	return 2 * math.Pi * float64(g.spool.Radius(left)) / float64(tape.Speed)
}

// makeRaw gathers what prints (left, right) and what runs backwards beside (left, right), at an eighth of the rate.
func (o *oxide) makeRaw(tile int64, dst [][]float32) {
	for _, d := range dst {
		clear(d)
	}
	g := &o.ghosts
	start := tile * int64(o.tile)
	step := ghostStep * o.scale
	add := func(to []float32, from []float32, gain float32, back bool) {
		gain *= o.gain / float32(step)
		for j := range to {
			var sum float32
			for _, v := range from[j*step : (j+1)*step] {
				sum += v
			}
			if !(sum < 1e5 && sum > -1e5) {
				sum = 0
			}
			if back {
				to[len(to)-1-j] += float32(sum * gain)
			} else {
				to[j] += float32(sum * gain)
			}
		}
	}
	if o.side != nil {
		turn := int64(g.turn((float64(start)+float64(o.tile)/2)/o.rate) * o.rate)
		// What sounds a turn from now prints ahead of itself: pre-echo.
		for _, e := range []struct {
			at   int64
			gain float32
		}{{start + turn, g.pre}, {start - turn, g.post}} {
			if e.at+int64(o.tile) <= 0 || e.at >= o.frames {
				continue
			}
			o.side.ReadAt(g.room[0], g.room[1], e.at)
			add(dst[0], g.room[0], e.gain, false)
			add(dst[1], g.room[1], e.gain, false)
		}
	}
	if o.other != nil {
		roughly(o.other, g.room[0], g.room[1], o.frames-start-int64(o.tile))
		add(dst[2], g.room[1], g.other[0], true) // mirrored: its right is next to our right
		add(dst[3], g.room[1], g.other[1], true)
	}
}

// makeGhost shapes what prints by its wavelength.
func (o *oxide) makeGhost(tile int64, dst [][]float32) {
	raw := o.stages.raw.at(tile - 1)
	n := len(dst[0])
	reach := ghostTaps / 2
	for c, d := range dst {
		dsp.Convolve(d, raw[c][n-reach:], o.ghosts.taps)
		for i, v := range raw[2+c][n : 2*n] {
			d[i] += v
		}
	}
}

// addGhosts brings them to the full rate by straight lines: they hold nothing above 4 kHz.
func (o *oxide) addGhosts(tile int64, dst [][]float32) {
	ghost := o.stages.ghost.at(tile - 1)
	step := ghostStep * o.scale
	n := o.tile / step
	for c, d := range dst {
		g := ghost[c]
		// A ghost's number stands in the middle of its samples.
		for i := range d {
			x := float32(i) + 0.5 - float32(step)/2
			x /= float32(step)
			j := int(x + 1) // towards minus infinity, as x ≥ −1/2
			t := x + 1 - float32(j)
			a, b := g[n+j-1], g[n+j]
			d[i] += a + float32(t*(b-a))
		}
	}
}
