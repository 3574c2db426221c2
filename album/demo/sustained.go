package demo

import "math"

// Instruments whose sound lasts as long as the note: pads, basses, leads, organ, choir.

// padSound shapes a sustained instrument: two oscillators of one wave, a little
// apart in pitch and place, which beat slowly against each other.
type padSound struct {
	wave    func(k *kit) *wave
	contour contour
	detune  float64 // cents from the middle to each of them; 0 for one oscillator only
	width   float64 // 0..1 how far apart they stand
	vibrato float64 // cents
	octave  float64 // semitones added to the pitch: -12 for waves that begin an octave down
}

type padVoice struct {
	table  *table
	env    envelope
	two    bool
	phase  [2]uint32
	step   [2]uint32
	l, r   [2]float32
	hz     [2]float64
	sine   *table
	lfo    uint32 // vibrato
	lfoHz  uint32
	depth  float32 // of vibrato, as a fraction of the pitch
	growth float32 // of vibrato: full after a second and a half
}

func (p padSound) voice(n note) voice {
	hz := hertz(n.pitch + p.octave)
	v := &padVoice{
		table: p.wave(n.kit).fit(hz), env: p.contour.start(n.frames), two: p.detune != 0,
		sine: n.kit.sine, depth: float32(p.vibrato / 1200 * math.Ln2),
		lfo: uint32(n.dice.at(9)), lfoHz: step(4.6 + 0.8*n.dice.sway(10)),
	}
	for i, off := range [2]float64{-1, 1} {
		v.phase[i] = uint32(n.dice.at(20 + i))
		v.hz[i] = hz * math.Exp2((off*p.detune+p.detune*0.3*n.dice.sway(30+i))/1200)
		v.step[i] = step(v.hz[i])
		l, r := panned(min(1, max(-1, n.pan+off*p.width)))
		v.l[i], v.r[i] = l*float32(n.vel*0.22), r*float32(n.vel*0.22)
		if !v.two {
			l, r = panned(n.pan)
			v.l[i], v.r[i] = l*float32(n.vel*0.3), r*float32(n.vel*0.3)
		}
	}
	return v
}

func (v *padVoice) play(l, r, tmp []float32) bool {
	alive := v.env.fill(tmp)
	if v.depth > 0 {
		v.lfo += v.lfoHz * uint32(len(l))
		v.growth = min(1, v.growth+float32(len(l))/(1.5*rate))
		bend := float64(1 + v.depth*v.growth*v.sine.at(v.lfo))
		v.step[0], v.step[1] = step(v.hz[0]*bend), step(v.hz[1]*bend)
	}
	t := v.table
	l, r = l[:len(tmp)], r[:len(tmp)]
	p, ps, pl, pr := v.phase[0], v.step[0], v.l[0], v.r[0]
	if !v.two {
		for i, e := range tmp {
			p += ps
			x := t.at(p) * e
			l[i] += x * pl
			r[i] += x * pr
		}
		v.phase[0] = p
		return alive
	}
	q, qs, ql, qr := v.phase[1], v.step[1], v.l[1], v.r[1]
	for i, e := range tmp {
		p += ps
		q += qs
		x, y := t.at(p)*e, t.at(q)*e
		l[i] += x*pl + y*ql
		r[i] += x*pr + y*qr
	}
	v.phase[0], v.phase[1] = p, q
	return alive
}

// filterSound is one oscillator, and a sine an octave down, under a low-pass with its own decay: basses and arpeggios.
type filterSound struct {
	wave    func(k *kit) *wave
	contour contour
	cutoff  float64 // hertz at rest
	sweep   float64 // octaves above it at the start of a loud note
	decay   float64 // seconds for the corner to come down
	q       float64
	sub     float64 // how much of the sine
	detune  float64 // cents of a second oscillator, 0 for none
}

type filterVoice struct {
	table          *table
	sine           *table
	phase, step    uint32
	phase2, step2  uint32
	subP, subStep  uint32
	sub            float32
	env            envelope
	f              svf
	cutoff, oct, q float64
	fall           float64 // a block
	l, r           float32
	second         float32
}

func (p filterSound) voice(n note) voice {
	hz := hertz(n.pitch)
	v := &filterVoice{
		table: p.wave(n.kit).fit(hz), sine: n.kit.sine,
		phase: uint32(n.dice.at(1)), step: step(hz), subStep: step(hz / 2),
		sub: float32(p.sub), env: p.contour.start(n.frames),
		cutoff: p.cutoff * math.Exp2((n.pitch-57)/36), oct: p.sweep * min(1.2, n.vel), q: p.q,
		fall: p.decay * rate,
	}
	if p.detune != 0 {
		v.phase2, v.step2, v.second = uint32(n.dice.at(2)), step(hz*math.Exp2(p.detune/1200)), 1
	}
	v.l, v.r = panned(n.pan)
	v.l *= float32(n.vel * 0.5)
	v.r *= float32(n.vel * 0.5)
	return v
}

// controlLen is how often, in frames, slow things such as a filter's corner are set anew.
const controlLen = 64

func (v *filterVoice) play(l, r, tmp []float32) bool {
	alive := v.env.fill(tmp)
	for from := 0; from < len(l); from += controlLen {
		to := min(from+controlLen, len(l))
		v.f.tune(min(14000, v.cutoff*math.Exp2(v.oct)), v.q)
		v.oct *= 1 - min(1, float64(to-from)/v.fall)
		f, second, sub := v.f, v.second, v.sub
		a, b := l[from:to], r[from:to]
		b = b[:len(a)]
		for i, e := range tmp[from:to] {
			v.phase += v.step
			v.phase2 += v.step2
			v.subP += v.subStep
			x := v.table.at(v.phase)
			if second != 0 {
				x += v.table.at(v.phase2)
			}
			low, _ := f.step(x)
			x = (low + sub*v.sine.at(v.subP)) * e
			a[i] += x * v.l
			b[i] += x * v.r
		}
		v.f = f
	}
	return alive
}

// choirSound sings: harmonics under the formants of a vowel, two singers to a note with one vibrato.
type choirSound struct {
	formants [][3]float64 // hertz, width in hertz, gain
	contour  contour
	width    float64
}

// Formants of "oo" and "ah", averages over voices after Peterson and Barney (1952).
var (
	vowelOo = [][3]float64{{340, 90, 1}, {900, 120, 0.28}, {2400, 200, 0.03}, {3000, 300, 0.02}}
	vowelAh = [][3]float64{{720, 120, 1}, {1150, 140, 0.55}, {2500, 220, 0.18}, {3100, 300, 0.11}}
)

// instrument gives the voices of one choir, which keep the wave of each pitch.
func (c choirSound) instrument() instrument {
	waves := map[float64]*wave{}
	return func(n note) voice {
		w := waves[n.pitch]
		if w == nil {
			w = c.wave(n.kit, hertz(n.pitch))
			waves[n.pitch] = w
		}
		return padSound{
			wave: func(*kit) *wave { return w }, contour: c.contour,
			detune: 9, width: c.width, vibrato: 14,
		}.voice(n)
	}
}

// wave is the vowel sung at hz: every table the same, as it serves one pitch only.
func (c choirSound) wave(k *kit, hz float64) *wave {
	t := k.single(func(h int) float64 {
		f := float64(h) * hz
		a := 0.09 / float64(h) / (1 + f*f/9e6)
		for _, m := range c.formants {
			x := (f - m[0]) / m[1]
			a += m[2] / (1 + x*x) / math.Sqrt(float64(h))
		}
		return a
	}, max(1, min(int(11000/hz), 100)))
	w := new(wave)
	for i := range w {
		w[i] = t
	}
	return w
}
