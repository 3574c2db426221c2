package deck

import (
	"math"

	"ferric/dsp"
	"ferric/tape"
)

// saturation is what the coating does to level.
//
// The recorder lifts treble before the head; the particles turn over by a
// curve that bends ever more; replay takes the treble down again. So a loud
// bass tone gets a third harmonic, and treble simply stops growing. The curve is
//
//	y = u·(1 + |u/c|ⁿ)^(−(1+ε)/n)
//
// with n and c such that a 400 Hz tone has the distortion measured at Dolby level
// and 3 % at MOL, and ε = 0.12 so that beyond its limit more input gives less
// output. The lift is such that 10 kHz cannot exceed SOL. It is memoryless, at
// twice the rate; harmonics beyond the band do not fold back.
type saturation struct {
	n, c  float64
	lift  [4]float64               // dB at 400, 1000, 10000, 15000 Hz
	real  func(hz float64) float64 // the lift that the filter really makes, dB
	table []float32                // y at u = i/steps, amplitude 1 is Dolby level
	area  []float64                // ∫y du from 0 to there
	up    [2][]float32
	down  [2][]float32
}

const (
	droop   = 0.12
	steps   = 256
	highest = 40 // of u in the table
)

var liftHz = [4]float64{400, 1000, 10000, 15000}

// referenceK3 is the distortion of a tape at Dolby level in percent: 0.42 on the
// ferric and 0.62 on the chrome reference (audiochrome.blogspot.com 2018, 2018/03). Metal was not found: as ferric.
func referenceK3(f tape.Formulation) float64 {
	if f.Code == "II" {
		return 0.62
	}
	return 0.42
}

func newSaturation(f tape.Formulation, rate float64, taps int) *saturation {
	s := &saturation{lift: [4]float64{0, 2, 12, 16}}
	s.real = s.liftDB
	// Filters at twice the rate. A filter of this length rounds the corners of the lift, so what it
	// really does is put back into the fit.
	edge, stop := min(20000, 0.42*rate), min(28000, 0.58*rate)
	var rise []float64
	for range 4 {
		s.fit(f)
		rise = designFIR(taps, 2*rate, 0, func(hz float64) float64 {
			return 2 * dsp.Ratio(s.liftDB(hz)) * passBand(hz, edge, stop)
		})
		now := rise
		s.real = func(hz float64) float64 {
			if hz > edge { // no treble at this rate: nothing to correct
				return s.liftDB(hz)
			}
			return dsp.DB(real(dsp.FIRResponse(now, hz/(2*rate))) / 2)
		}
	}
	s.table = make([]float32, highest*steps+2)
	for i := range s.table {
		s.table[i] = float32(s.curve(float64(i) / steps))
	}
	s.area = make([]float64, len(s.table))
	for i := 1; i < len(s.area); i++ {
		s.area[i] = s.area[i-1] + (float64(s.table[i-1])+float64(s.table[i]))/(2*steps)
	}
	// The way down undoes what the way up really does, not what it was meant to.
	up := response(rise)
	fall := designFIR(taps, 2*rate, -0.25/rate, func(hz float64) float64 {
		got := up[int(hz/(2*rate)*grid+0.5)]
		if hz >= stop || got < 1e-3 {
			return 0
		}
		return 2 * passBand(hz, edge, 0.5*(edge+stop)) / (got * math.Cos(math.Pi*hz/(2*rate)))
	})
	// x is zero at odd places of the doubled stream: outputs at even places see the
	// taps an even distance from the middle, those at odd places the others.
	mid := taps / 2
	for phase := range 2 {
		var up, down []float64
		for i := -mid; i <= mid; i++ {
			if (i+phase)%2 == 0 {
				up = append(up, rise[mid+i])
				down = append(down, fall[mid+i])
			}
		}
		s.up[phase] = reversed32(up)
		s.down[phase] = reversed32(down)
	}
	return s
}

// liftDB is the treble lift before the head at hz.
func (s *saturation) liftDB(hz float64) float64 {
	if hz <= liftHz[0] {
		return s.lift[0]
	}
	i := 1
	for i < len(liftHz)-1 && hz > liftHz[i] {
		i++
	}
	x := math.Log(hz/liftHz[i-1]) / math.Log(liftHz[i]/liftHz[i-1])
	return min(s.lift[i-1]+x*(s.lift[i]-s.lift[i-1]), s.lift[3])
}

func (s *saturation) curve(u float64) float64 {
	return u * math.Pow(1+math.Pow(math.Abs(u)/s.c, s.n), -(1+droop)/s.n)
}

// harmonics are the first and the third that a tone of amplitude a comes out with.
func (s *saturation) harmonics(a float64) (first, third float64) {
	const points = 12 // of a quarter wave
	for i := range points {
		t := (float64(i) + 0.5) / points * math.Pi / 2
		y := s.curve(a * math.Sin(t))
		first += y * math.Sin(t)
		third += y * math.Sin(3*t)
	}
	return first * 2 / points, math.Abs(third) * 2 / points
}

// k3 is the third harmonic, in percent, of a tone that comes out at level.
func (s *saturation) k3(level float64) float64 {
	a := level
	for range 6 {
		first, _ := s.harmonics(a)
		a *= min(level/first, 1.5)
	}
	first, third := s.harmonics(a)
	return 100 * third / first
}

// fit finds the curve for the lift as it is, then the lift for that curve.
func (s *saturation) fit(f tape.Formulation) {
	base := s.real(400)
	soft := dsp.Ratio(s.real(1200) - base) // what replay takes off the harmonic
	mol, reference := dsp.Ratio(f.MOL400+base), dsp.Ratio(base)
	lo, hi := 1.2, 8.0
	for range 10 {
		s.n = (lo + hi) / 2
		a, b := mol, 20*mol
		for range 10 {
			s.c = math.Sqrt(a * b)
			if s.k3(mol) > 3*soft {
				a = s.c
			} else {
				b = s.c
			}
		}
		if s.k3(reference) > referenceK3(f)*soft {
			lo = s.n
		} else {
			hi = s.n
		}
	}
	var most float64
	for a := 1.0; a < 30; a *= 1.15 {
		first, _ := s.harmonics(a)
		most = max(most, first)
	}
	// Each point of the lift is moved by what its filter misses.
	s.lift[2] += dsp.DB(most) - f.SOL10k - s.real(10000)
	s.lift[3] += dsp.DB(most) - f.SOL15k - s.real(15000)
	// The lift at 1 kHz decides how much of that comes back with 3 %.
	lo, hi = -3, s.lift[2]
	for range 10 {
		mid := (lo + hi) / 2
		k := s.k3(dsp.Ratio(f.MOL1k+mid)) / dsp.Ratio(s.real(3000)-s.real(1000))
		if k < 3 {
			lo = mid
		} else {
			hi = mid
		}
	}
	s.lift[1] += lo - s.real(1000)
}

// apply bends pairs of samples of the doubled stream in place; before is the odd one ahead of them.
//
// Each value is the mean of the curve over the way from the sample before, so
// that what folds back of the fifth and higher harmonics of loud treble is some
// 25 dB fainter (antiderivative anti-aliasing: Parker, Zavalishin, Le Bivic, DAFx-16). It comes
// half a sample late and is the mean of two samples where the curve is straight; the filter on the way down takes both back.
func (s *saturation) apply(before float32, even, odd []float32) {
	odd = odd[:len(even)]
	u := float64(before)
	f := s.integral(u)
	for i := range even {
		e, o := float64(even[i]), float64(odd[i])
		fe, fo := s.integral(e), s.integral(o)
		even[i] = s.mean(u, e, f, fe)
		odd[i] = s.mean(e, o, fe, fo)
		u, f = o, fo
	}
}

func (s *saturation) mean(a, b, fa, fb float64) float32 {
	if d := b - a; d > 1e-4 || d < -1e-4 {
		return float32((fb - fa) / d)
	}
	return s.at((a + b) / 2)
}

// at is the curve by its table.
func (s *saturation) at(u float64) float32 {
	a := min(math.Abs(u), highest)
	x := a * steps
	k := int(x)
	y := s.table[k] + float32(x-float64(k))*(s.table[k+1]-s.table[k])
	if u < 0 {
		return -y
	}
	return y
}

// integral of the table's straight lines, from 0 to u.
func (s *saturation) integral(u float64) float64 {
	a := math.Abs(u)
	rest := 0.0
	if a > highest {
		rest = (a - highest) * float64(s.table[highest*steps])
		a = highest
	}
	x := a * steps
	k := int(x)
	t := x - float64(k)
	y := float64(s.table[k])
	return s.area[k] + (float64(t*y)+float64(0.5*t*t*(float64(s.table[k+1])-y)))*(1.0/steps) + rest
}
