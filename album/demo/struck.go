package demo

import (
	"cmp"
	"math"
	"slices"
)

// Instruments that are struck and ring: piano, music box, bells, vibraphone as
// sums of decaying sines (modes), and the electric piano by frequency modulation.

// mode is one way a struck body rings.
type mode struct {
	ratio float64 // to the note's frequency
	amp   float64
	t60   float64 // seconds to die by 60 dB
}

// modalSound is a struck body.
type modalSound struct {
	modes  func(pitch, vel float64) []mode
	soft   float64 // seconds over which the stroke sets in: felt is slower than steel
	damp   float64 // time constant of the damper at the end of the note, 0 for none: it rings out
	thump  float64 // level of the stroke's own noise
	dull   float64 // corner of that noise, hertz
	detune float64 // beats a second between two strings or two heads; 0 for one
	gain   float64
}

// A mode is the recurrence y = 2r·cos(w)·y1 - r²·y2, whose answer to one stroke is a decaying sine.
// Four run side by side, which the processor does in the time of one.
type modalVoice struct {
	c1, c2 [][4]float64
	y1, y2 [][4]float64
	t      int
	life   int // frames until it cannot be heard
	gate   int
	soft   int
	damp   float32
	held   float32
	l, r   float32
	noise  noise
	thump  float32
	thud   float32 // decay of the thump a frame
	low    onePole
}

func (m modalSound) voice(n note) voice {
	hz := hertz(n.pitch)
	modes := m.modes(n.pitch, n.vel)
	if m.detune > 0 {
		for _, x := range modes[:min(3, len(modes))] {
			modes = append(modes, mode{x.ratio * (1 + m.detune/hz), x.amp * 0.7, x.t60 * 1.3})
		}
	}
	v := &modalVoice{gate: math.MaxInt, soft: max(1, int(m.soft*rate)), held: 1, noise: newNoise(n.dice)}
	// Long ones first: the groups at the end fall silent early and are dropped.
	slices.SortStableFunc(modes, func(a, b mode) int { return cmp.Compare(b.t60, a.t60) })
	k := 0
	for _, x := range modes {
		f := hz * x.ratio
		if f > 18000 || x.amp < 4e-4 {
			continue
		}
		if k%4 == 0 {
			v.c1, v.c2 = append(v.c1, [4]float64{}), append(v.c2, [4]float64{})
			v.y1, v.y2 = append(v.y1, [4]float64{}), append(v.y2, [4]float64{})
		}
		w := 2 * math.Pi * f / rate
		decay := math.Pow(10, -3/(x.t60*rate))
		g := k / 4
		v.c1[g][k%4], v.c2[g][k%4] = 2*decay*math.Cos(w), decay*decay
		// As if frames -1 and -2 had been those of x.amp·sin.
		v.y1[g][k%4] = 0
		v.y2[g][k%4] = -x.amp * math.Sin(w) / decay
		v.life = max(v.life, int(x.t60*rate*(1.12+math.Log10(max(1e-3, x.amp))/3)))
		k++
	}
	if m.damp > 0 {
		v.gate = n.frames
		v.damp = float32(math.Exp(-1 / (m.damp * rate)))
	}
	g := m.gain * n.vel
	v.l, v.r = panned(n.pan)
	v.l *= float32(g)
	v.r *= float32(g)
	v.thump = float32(m.thump * n.vel)
	v.thud = float32(math.Exp(-1 / (0.018 * rate)))
	v.low = newOnePole(max(100, m.dull))
	return v
}

func (v *modalVoice) play(l, r, tmp []float32) bool {
	clear(tmp)
	for g := range v.c1 {
		c1, c2, y1, y2 := v.c1[g], v.c2[g], v.y1[g], v.y2[g]
		a1, a2, b1, b2, d1, d2, e1, e2 := y1[0], y2[0], y1[1], y2[1], y1[2], y2[2], y1[3], y2[3]
		for i := range tmp {
			a := c1[0]*a1 - c2[0]*a2
			b := c1[1]*b1 - c2[1]*b2
			d := c1[2]*d1 - c2[2]*d2
			e := c1[3]*e1 - c2[3]*e2
			a2, b2, d2, e2 = a1, b1, d1, e1
			a1, b1, d1, e1 = a, b, d, e
			tmp[i] += float32(a + b + d + e)
		}
		v.y1[g], v.y2[g] = [4]float64{a1, b1, d1, e1}, [4]float64{a2, b2, d2, e2}
	}
	if last := len(v.y1) - 1; last > 0 && silent(v.y1[last], v.y2[last]) {
		v.c1, v.c2, v.y1, v.y2 = v.c1[:last], v.c2[:last], v.y1[:last], v.y2[:last]
	}
	if v.thump > 1e-5 {
		s := v.low.state
		for i := range tmp {
			s += (v.noise.next()*v.thump - s) * v.low.k
			tmp[i] += s
			v.thump *= v.thud
		}
		v.low.state = s
	}
	if v.t < v.soft {
		inv := 1 / float32(v.soft)
		for i := range tmp[:min(len(tmp), v.soft-v.t)] {
			x := float32(v.t+i+1) * inv
			tmp[i] *= x * x * (3 - 2*x)
		}
	}
	for i := max(0, v.gate-v.t); i < len(tmp); i++ {
		v.held *= v.damp
		tmp[i] *= v.held
	}
	v.t += len(tmp)
	r = r[:len(tmp)]
	l = l[:len(tmp)]
	// The last stretch fades, so that nothing is cut off.
	if left := v.life - v.t; left < 4096 {
		for i := range tmp {
			tmp[i] *= max(0, float32(left+len(tmp)-i)/(4096+blockLen))
		}
	}
	for i, x := range tmp {
		l[i] += x * v.l
		r[i] += x * v.r
	}
	return v.t < v.life && v.held > quiet
}

// silent reports whether four modes are below -94 dB. A sine may pass zero, but not twice running unless it is slow; then it is caught a block later.
func silent(a, b [4]float64) bool {
	for i := range a {
		if math.Abs(a[i])+math.Abs(b[i]) > 2e-5 {
			return false
		}
	}
	return true
}

// feltPiano: stiff strings (partials a little wide), a soft hammer that wakes few of them.
func feltPiano() modalSound {
	return modalSound{
		soft: 0.007, damp: 0.22, thump: 0.05, dull: 420, detune: 0.35, gain: 0.2,
		modes: func(pitch, vel float64) []mode {
			var out []mode
			ring := 9 * math.Exp2(-(pitch-48)/20)
			for n := 1.0; n <= 8; n++ {
				out = append(out, mode{
					ratio: n * math.Sqrt(1+0.00035*n*n),
					amp:   math.Pow(n, -1.1) * math.Exp(-(n-1)*(0.5-0.32*vel)*math.Exp2((pitch-60)/30)),
					t60:   ring / (1 + 0.45*(n-1)),
				})
			}
			return out
		},
	}
}

// musicBox: the teeth of a comb, clamped bars whose overtones stand at 6.27 and 17.5 times the note (Fletcher and Rossing).
func musicBox() modalSound {
	return modalSound{
		soft: 0.0012, thump: 0.02, dull: 3000, gain: 0.2,
		modes: func(pitch, _ float64) []mode {
			ring := 2.6 * math.Exp2(-(pitch-84)/18)
			return []mode{{1, 1, ring}, {2.0, 0.12, ring * 0.6}, {3.01, 0.05, ring * 0.4}, {6.267, 0.16, ring * 0.16}}
		},
	}
}

// vibraphone: a tuned bar, whose second mode is cut to two octaves.
func vibraphone() modalSound {
	return modalSound{
		soft: 0.0025, damp: 0.35, thump: 0.03, dull: 900, gain: 0.21,
		modes: func(pitch, vel float64) []mode {
			ring := 5.5 * math.Exp2(-(pitch-65)/24)
			return []mode{{1, 1, ring}, {3.98, 0.16 + 0.2*vel, ring * 0.22}, {9.9, 0.05 * vel, ring * 0.06}, {1.002, 0.25, ring}}
		},
	}
}

// glassBell: a clear high bell, hum, prime and a few wide partials.
func glassBell() modalSound {
	return modalSound{
		soft: 0.0006, thump: 0.12, dull: 9000, gain: 0.17,
		modes: func(pitch, vel float64) []mode {
			ring := 3.4 * math.Exp2(-(pitch-84)/22)
			return []mode{
				{1, 1, ring}, {2.0, 0.5, ring * 0.8}, {2.997, 0.3, ring * 0.5}, {4.2, 0.28 * (0.5 + vel), ring * 0.4},
				{5.43, 0.22 * (0.5 + vel), ring * 0.3}, {8.1, 0.16 * vel, ring * 0.2}, {0.5, 0.12, ring * 1.3}, {1.0016, 0.4, ring},
			}
		},
	}
}

// churchBell: hum, prime, minor third, fifth, nominal and above, as a tuned bell has them.
func churchBell() modalSound {
	return modalSound{
		soft: 0.004, thump: 0.01, dull: 1500, gain: 0.2,
		modes: func(_, _ float64) []mode {
			return []mode{{0.5, 0.5, 9}, {1, 0.8, 6}, {1.2, 0.45, 4.5}, {1.5, 0.3, 3.5}, {2, 0.6, 3}, {2.51, 0.2, 2}, {2.66, 0.18, 1.8}, {3.01, 0.2, 1.5}}
		},
	}
}

// tineSound is the electric piano: a bar that sings and a tine that chimes,
// each a sine whose phase is moved by another (Chowning, 1973).
type tineSound struct {
	bark float64 // how much a hard stroke growls
	tine float64 // how much of the chime
	ring float64 // seconds, time constant at middle C
}

type tineVoice struct {
	sine          *table
	p, m, c       uint32
	sp, sm, sc    uint32
	env           envelope
	index, tine   float32
	indexK, tineK float32
	l, r          float32
	amp, ampK     float32
}

func (t tineSound) voice(n note) voice {
	hz := hertz(n.pitch)
	ring := t.ring * math.Exp2(-(n.pitch-60)/26)
	ratio := 14.0
	for hz*ratio > 9000 {
		ratio -= 2
	}
	v := &tineVoice{
		sine: n.kit.sine, sp: step(hz), sm: step(hz * 1.0007), sc: step(hz * max(2, ratio)),
		env:   contour{attack: 0.0025, decay: 1, sustain: 1, release: 0.09}.start(n.frames),
		index: float32(t.bark * n.vel * n.vel * 1.9 * math.Exp2(-(n.pitch-60)/30)),
		tine:  float32(t.tine * n.vel * 0.16),
		amp:   1,
	}
	fall := func(seconds float64) float32 { return float32(math.Exp(-1 / (seconds * rate))) }
	v.indexK, v.tineK, v.ampK = fall(ring*0.28), fall(0.22), fall(ring)
	v.l, v.r = panned(n.pan)
	v.l *= float32(n.vel * 0.34)
	v.r *= float32(n.vel * 0.34)
	return v
}

func (v *tineVoice) play(l, r, tmp []float32) bool {
	alive := v.env.fill(tmp)
	const turn = 1 << 32 / (2 * math.Pi)
	s, index, tine, amp := v.sine, v.index, v.tine, v.amp
	floor := float32(0.12) * v.tine // a little of the chime's hardness stays in the bar
	r = r[:len(tmp)]
	l = l[:len(tmp)]
	for i, e := range tmp {
		v.p += v.sp
		v.m += v.sm
		v.c += v.sc
		mod := (index + floor) * s.at(v.m)
		x := s.at(v.p + uint32(int32(mod*turn)))
		x += tine * s.at(v.c)
		x *= e * amp
		index *= v.indexK
		tine *= v.tineK
		amp *= v.ampK
		l[i] += x * v.l
		r[i] += x * v.r
	}
	v.index, v.tine, v.amp = index, tine, amp
	return alive && amp > quiet
}
