package demo

import "math"

// pluckSound is a plucked string: a burst of noise that goes round a delay
// line of one period, losing treble on each trip (Karplus and Strong, 1983),
// tuned to fractions of a frame by an allpass (Jaffe and Smith, 1983).
type pluckSound struct {
	ring   float64 // seconds for 60 dB at middle C
	bright float64 // 0 dull .. 1 steel
	at     float64 // where the string is plucked, fraction of its length from the bridge
	soft   float64 // how round the fingertip is: 0 a plectrum, 1 a thumb
	damp   float64 // time constant of the hand that stops the string, 0 to let it ring
	gain   float64
}

type pluckVoice struct {
	sound pluckSound
	note  note
	line  []float32
	pos   int
	last  float32 // loop filter
	blend float32
	loss  float32
	ap    float32 // allpass coefficient
	apX   float32
	apY   float32
	t     int
	life  int
	gate  int
	damp  float32
	held  float32
	l, r  float32
}

func (p pluckSound) voice(n note) voice { return &pluckVoice{sound: p, note: n} }

// pluck makes the string when it is first heard, so that a score of thousands of notes is small.
func (v *pluckVoice) pluck() {
	p, n := v.sound, v.note
	hz := hertz(n.pitch)
	blend := 0.5 - 0.42*p.bright*math.Exp2((n.pitch-60)/60)
	blend = min(0.5, max(0.03, blend))
	period := rate/hz - blend // the loop filter delays by about blend frames
	size := int(period - 0.2)
	frac := period - float64(size)
	v.ap = float32((1 - frac) / (1 + frac))
	ring := p.ring * math.Exp2(-(n.pitch-60)/20)
	v.loss = float32(math.Pow(10, -3/(hz*ring)))
	v.blend = float32(blend)
	v.line = make([]float32, size)

	white := newNoise(n.dice)
	corner := onePole{k: float32(min(1, (1.05-p.soft)*(0.25+0.75*n.vel)))}
	var mean float32
	for i := range v.line {
		v.line[i] = white.next()
	}
	corner.pass(v.line)
	corner.pass(v.line)
	comb := max(1, int(p.at*float64(size)))
	shaped := make([]float32, size)
	for i := range shaped {
		shaped[i] = v.line[i] - 0.9*v.line[(i-comb+size)%size]
		mean += shaped[i]
	}
	mean /= float32(size)
	var power float64
	for i := range shaped {
		shaped[i] -= mean
		power += float64(shaped[i] * shaped[i])
	}
	g := float32(0.25 / math.Sqrt(max(1e-12, power/float64(size))))
	for i := range shaped {
		shaped[i] *= g
	}
	copy(v.line, shaped)

	v.life = int(rate * min(12, ring*1.05))
	v.gate, v.held = math.MaxInt, 1
	if p.damp > 0 {
		v.gate = n.frames
		v.damp = float32(math.Exp(-1 / (p.damp * rate)))
	}
	v.l, v.r = panned(n.pan)
	v.l *= float32(p.gain * n.vel)
	v.r *= float32(p.gain * n.vel)
}

func (v *pluckVoice) play(l, r, tmp []float32) bool {
	if v.line == nil {
		v.pluck()
	}
	line, pos, last, apX, apY := v.line, v.pos, v.last, v.apX, v.apY
	keep, pass, ap := (1-v.blend)*v.loss, v.blend*v.loss, v.ap
	for out := tmp; len(out) > 0; {
		part := line[pos:]
		part = part[:min(len(part), len(out))]
		for i, x := range part {
			y := x*keep + last*pass
			last = x
			apY = ap*(y-apY) + apX
			apX = y
			part[i] = apY + 1e-20
			out[i] = x
		}
		out = out[len(part):]
		if pos += len(part); pos == len(line) {
			pos = 0
		}
	}
	v.pos, v.last, v.apX, v.apY = pos, last, apX, apY
	if v.t < 48 { // the finger leaves the string in about a millisecond
		for i := range tmp[:min(len(tmp), 48-v.t)] {
			tmp[i] *= float32(v.t+i) / 48
		}
	}
	for i := max(0, v.gate-v.t); i < len(tmp); i++ {
		v.held *= v.damp
		tmp[i] *= v.held
	}
	v.t += len(tmp)
	if left := v.life - v.t; left < rate/4 {
		for i := range tmp {
			tmp[i] *= max(0, float32(left+len(tmp)-i)/(rate/4+blockLen))
		}
	}
	r = r[:len(tmp)]
	l = l[:len(tmp)]
	for i, x := range tmp {
		l[i] += x * v.l
		r[i] += x * v.r
	}
	return v.t < v.life && v.held > quiet
}

// body is the box of a guitar: three broad resonances over the plain string.
type body struct{ f [2][3]svf }

func newBody() *body {
	b := new(body)
	for c := range b.f {
		for i, m := range [3][2]float64{{104, 3}, {205, 3.5}, {410, 2.5}} {
			b.f[c][i].tune(m[0], m[1])
		}
	}
	return b
}

func (b *body) process(l, r []float32) {
	f, g := b.f[0], b.f[1]
	r = r[:len(l)]
	for i := range l {
		x, y := l[i]+1e-18, r[i]+1e-18
		_, p := f[0].step(x)
		_, q := f[1].step(x)
		_, s := f[2].step(x)
		l[i] = x + 0.4*p + 0.4*q + 0.25*s
		_, p = g[0].step(y)
		_, q = g[1].step(y)
		_, s = g[2].step(y)
		r[i] = y + 0.4*p + 0.4*q + 0.25*s
	}
	b.f[0], b.f[1] = f, g
}
