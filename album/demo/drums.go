package demo

import "math"

// drumSound is a drum, a cymbal or a brush: a tone that falls in pitch, and noise through a filter.
type drumSound struct {
	hz, drop   float64 // of the tone at rest, and how many octaves above it the stroke begins
	dropTime   float64 // time constant of that fall, seconds
	tone       float64 // level of the tone
	toneTime   float64 // its time constant
	noise      float64 // level of the noise
	noiseTime  float64 // its time constant
	swell      float64 // seconds until the noise is full: a brush that sweeps
	corner, q  float64 // of the filter
	kind       filterKind
	metal      float64 // 0..1: how much of the noise is a cluster of squares, as in a cymbal
	keepsPitch bool    // hz is the note's pitch
}

type filterKind int

const (
	bandPass filterKind = iota
	highPass
	lowPass
)

type drumVoice struct {
	sine                *table
	phase               uint32
	base, drop, dropK   float32
	tone, toneK         float32
	noise               noise
	level, levelK       float32
	swell, t            int
	f                   svf
	kind                filterKind
	metal               float32
	squares, squareStep [4]uint32
	l, r                float32
}

func (d drumSound) voice(n note) voice {
	hz := d.hz
	if d.keepsPitch {
		hz = hertz(n.pitch)
	}
	fall := func(seconds float64) float32 { return float32(math.Exp(-1 / (max(seconds, 1e-4) * rate))) }
	v := &drumVoice{
		sine: n.kit.sine, base: float32(step(hz)), drop: float32(math.Exp2(d.drop) - 1), dropK: fall(d.dropTime),
		tone: float32(d.tone), toneK: fall(d.toneTime), noise: newNoise(n.dice),
		level: float32(d.noise), levelK: fall(d.noiseTime * (0.85 + 0.3*n.vel)), swell: int(d.swell * rate),
		kind: d.kind, metal: float32(d.metal),
	}
	v.f.tune(d.corner*(1+0.04*n.dice.sway(5)), max(d.q, 0.5))
	for i, f := range [4]float64{3170, 4423, 5391, 6803} {
		v.squares[i], v.squareStep[i] = uint32(n.dice.at(i)), step(f)
	}
	v.l, v.r = panned(n.pan)
	v.l *= float32(n.vel)
	v.r *= float32(n.vel)
	return v
}

func (v *drumVoice) play(l, r, tmp []float32) bool {
	if v.level > quiet || v.t < v.swell {
		f := v.f
		for i := range tmp {
			x := v.noise.next()
			if v.metal > 0 {
				var m float32
				for k := range v.squares {
					v.squares[k] += v.squareStep[k]
					m += float32(int32(v.squares[k])>>31) + 0.5
				}
				x += v.metal * (0.5*m - x)
			}
			low, band := f.step(x)
			switch v.kind {
			case bandPass:
				x = band
			case highPass:
				x -= f.k*band + low
			default:
				x = low
			}
			g := v.level
			if v.t+i < v.swell {
				y := float32(v.t+i) / float32(v.swell)
				g *= y * y
			} else {
				v.level *= v.levelK
			}
			tmp[i] = x * g
		}
		v.f = f
	} else {
		clear(tmp)
	}
	if v.tone > quiet {
		for i := range tmp {
			v.phase += uint32(v.base * (1 + v.drop))
			v.drop *= v.dropK
			tmp[i] += v.sine.at(v.phase) * v.tone
			v.tone *= v.toneK
		}
	}
	v.t += len(tmp)
	r = r[:len(tmp)]
	l = l[:len(tmp)]
	for i, x := range tmp {
		l[i] += x * v.l
		r[i] += x * v.r
	}
	return v.level > quiet || v.tone > quiet || v.t < v.swell
}

var (
	softKick  = drumSound{hz: 52, drop: 1.5, dropTime: 0.022, tone: 0.8, toneTime: 0.16, noise: 0.05, noiseTime: 0.006, corner: 900, q: 0.7, kind: lowPass}
	roadKick  = drumSound{hz: 55, drop: 1.9, dropTime: 0.016, tone: 0.8, toneTime: 0.13, noise: 0.16, noiseTime: 0.007, corner: 2600, q: 0.7, kind: lowPass}
	deepKick  = drumSound{hz: 46, drop: 1.7, dropTime: 0.026, tone: 0.85, toneTime: 0.2, noise: 0.03, noiseTime: 0.005, corner: 1400, q: 0.7, kind: lowPass}
	snare     = drumSound{hz: 186, drop: 0.3, dropTime: 0.02, tone: 0.3, toneTime: 0.06, noise: 0.55, noiseTime: 0.075, corner: 2600, q: 0.55, kind: bandPass}
	brushTap  = drumSound{hz: 190, drop: 0.2, dropTime: 0.02, tone: 0.12, toneTime: 0.05, noise: 0.5, noiseTime: 0.06, swell: 0.004, corner: 2900, q: 0.5, kind: bandPass}
	brushSwep = drumSound{noise: 0.2, noiseTime: 0.14, swell: 0.12, corner: 3800, q: 0.55, kind: bandPass}
	closedHat = drumSound{noise: 0.34, noiseTime: 0.024, corner: 7800, q: 0.8, kind: highPass, metal: 0.35}
	openHat   = drumSound{noise: 0.3, noiseTime: 0.16, corner: 7200, q: 0.8, kind: highPass, metal: 0.35}
	frostHat  = drumSound{noise: 0.4, noiseTime: 0.03, corner: 9500, q: 0.7, kind: highPass, metal: 0.2}
	ride      = drumSound{hz: 5100, tone: 0.03, toneTime: 0.12, noise: 0.16, noiseTime: 0.3, corner: 6200, q: 0.9, kind: bandPass, metal: 0.7}
	crash     = drumSound{noise: 0.5, noiseTime: 0.9, corner: 5200, q: 0.6, kind: highPass, metal: 0.3}
	shaker    = drumSound{noise: 0.3, noiseTime: 0.03, swell: 0.018, corner: 6400, q: 0.8, kind: bandPass}
	rim       = drumSound{hz: 1650, drop: 0.1, dropTime: 0.004, tone: 0.3, toneTime: 0.012, noise: 0.25, noiseTime: 0.01, corner: 2200, q: 1.2, kind: bandPass}
	tom       = drumSound{keepsPitch: true, drop: 0.5, dropTime: 0.05, tone: 0.6, toneTime: 0.19, noise: 0.06, noiseTime: 0.02, corner: 900, q: 0.7, kind: lowPass}
	footTap   = drumSound{hz: 78, drop: 0.6, dropTime: 0.02, tone: 0.5, toneTime: 0.06, noise: 0.12, noiseTime: 0.012, corner: 500, q: 0.7, kind: lowPass}
)

// bedSound is noise that comes and goes: waves on a shore, wind, the hiss of a line.
type bedSound struct {
	contour contour
	from    float64 // corner between swells, hertz
	to      float64 // at their top
	seconds float64 // a swell takes
	floor   float64 // level between swells, 0..1
}

type bedVoice struct {
	bed        bedSound
	env        envelope
	noise      [2]noise
	f          [2]svf
	turns      float64
	level      [2]float32
	wasL, wasR float32
}

func (b bedSound) voice(n note) voice {
	v := &bedVoice{bed: b, env: b.contour.start(n.frames), turns: 100 * n.dice.unit(1)}
	v.noise = [2]noise{newNoise(n.dice.at(1)), newNoise(n.dice.at(2))}
	l, r := panned(n.pan)
	v.level = [2]float32{l * float32(n.vel), r * float32(n.vel)}
	return v
}

func (v *bedVoice) play(l, r, tmp []float32) bool {
	alive := v.env.fill(tmp)
	v.turns += float64(len(tmp)) / (v.bed.seconds * rate)
	inv := 1 / float32(len(tmp))
	for c, dst := range [2][]float32{l, r} {
		// The right side follows the left by a fifth of a swell: a wave runs along the shore.
		turn := 2 * math.Pi * (v.turns - 0.2*float64(c))
		x := 0.5 - 0.3*math.Cos(turn) - 0.2*math.Cos(turn*0.6180339887) // two tides that never agree twice
		x *= x
		v.f[c].tune(v.bed.from*math.Pow(v.bed.to/v.bed.from, x), 0.6)
		g := v.level[c] * float32(v.bed.floor+(1-v.bed.floor)*x)
		was := &v.wasL
		if c == 1 {
			was = &v.wasR
		}
		d := (g - *was) * inv
		a := *was
		f, white := v.f[c], v.noise[c]
		for i, e := range tmp {
			low, _ := f.step(white.next())
			a += d
			dst[i] += low * e * a
		}
		v.f[c], v.noise[c] = f, white
		*was = g
	}
	return alive
}
