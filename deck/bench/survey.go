package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"ferric/dsp"
)

// Options say what is known of a recording. Zero fields mean the stated default.
type Options struct {
	// NominalHz of the speed tone; 0 is 3150 or 3000, whichever is nearer to what is found.
	NominalHz float64
	// DolbyDB is the level on the recording, dB re a sine of full scale, of Dolby
	// level. nil: the first tone of 400 or 315 Hz is recorded ReferenceDB over it.
	DolbyDB     *float64
	ReferenceDB float64
	// Levels are those at which tones were recorded, by hertz, in dB re the 400 Hz tone. What is not there was recorded as loud.
	Levels map[float64]float64
}

// Stretch is a tone that [Survey] found, or a silence (Hz 0).
type Stretch struct {
	Hz          float64
	From, To    int // samples
	LevelDB     [2]float64
	onlyChannel int // 0 or 1 where the other is at least 15 dB lower, else -1
}

// Survey reads a recording of test tones in any order: each is found by its
// frequency, and what a tone allows is measured on it. right is nil for one channel.
//
//	3150 or 3000 Hz, 6 s or longer   wow and flutter, speed
//	any of ResponseTones, 0.5 s      response, azimuth
//	400 or 315 Hz                    reference level and its third harmonic; several, rising: level for 3 %
//	10 kHz, several, rising          saturation
//	1 kHz on one channel             separation
//	silence, 1 s                     noise
func Survey(left, right []float64, rate float64, o Options) (Report, []Stretch, error) {
	var r Report
	if right == nil {
		right = left
	}
	mono := len(left) > 0 && &left[0] == &right[0]
	right = right[:len(left)]
	if len(left) < int(rate) {
		return r, nil, fmt.Errorf("%w: less than a second of sound", ErrSignal)
	}
	found := stretches(left, right, rate)
	set := func(to **float64, v float64) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			*to = &v
		}
	}

	// Speed first: it moves all other tones.
	pace := 1.0
	best := -1
	for i, s := range found {
		if s.Hz > 2500 && s.Hz < 3600 && (best < 0 || s.To-s.From > found[best].To-found[best].From) {
			best = i
		}
	}
	if best >= 0 {
		s := found[best]
		nominal := o.NominalHz
		if nominal == 0 {
			nominal = 3150
			if math.Abs(s.Hz-3000) < math.Abs(s.Hz-3150) {
				nominal = 3000
			}
		}
		if f, err := MeasureFlutter(channel(left, right, s)[s.From:s.To], rate, nominal); err == nil {
			set(&r.FlutterWeightedPct, f.WeightedPct)
			set(&r.FlutterWRMSPct, f.WRMSPct)
			set(&r.SpeedErrorPct, f.SpeedErrorPct)
			pace = f.CarrierHz / nominal
		}
	}
	is := func(s Stretch, hz float64) bool { return s.Hz > 0 && math.Abs(s.Hz/pace/hz-1) < 0.03 }

	// Reference.
	var mol []Point
	var sol []float64
	dolby, known := 0.0, false
	if o.DolbyDB != nil {
		dolby, known = *o.DolbyDB, true
	}
	for _, s := range found {
		if s.onlyChannel >= 0 || !is(s, 400) && !is(s, 315) {
			continue
		}
		level := max(s.LevelDB[0], s.LevelDB[1])
		k3 := ThirdHarmonic(channel(left, right, s)[s.From:s.To], rate, s.Hz)
		if !known {
			dolby, known = level-o.ReferenceDB, true
		}
		if r.K3ReferencePct == nil && math.Abs(level-dolby) < 0.5 {
			set(&r.K3ReferencePct, k3)
		}
		mol = append(mol, Point{level - dolby, k3})
	}
	if v, ok := MOL(mol); ok {
		set(&r.MOL400DB, v)
	}

	// Response, azimuth, saturation, separation, noise.
	levels := map[float64]float64{}
	skew, sure := 0.0, false
	both := slices.Clone(found)
	slices.SortStableFunc(both, func(a, b Stretch) int { return cmp.Compare(a.Hz, b.Hz) })
	for _, s := range both {
		if s.Hz == 0 || s.onlyChannel >= 0 {
			continue
		}
		for _, hz := range ResponseTones() {
			if _, seen := levels[hz]; is(s, hz) && !seen {
				levels[hz] = (s.LevelDB[0]+s.LevelDB[1])/2 - o.Levels[hz]
			}
		}
		// Resolved from the lowest tone up: 1° and more is half a period of 400 Hz.
		if !mono && s.Hz > 300 && s.Hz < 12000 {
			if v, err := Skew(left[s.From:s.To], right[s.From:s.To], rate, s.Hz, skew); err == nil {
				skew, sure = v, true
			}
		}
	}
	if sure {
		set(&r.AzimuthArcmin, Azimuth(skew))
	}
	for _, s := range found {
		switch {
		case s.Hz == 0 && known: // the quietest silence: others may hold what printed through
			a, b := NoiseDBA(left[s.From:s.To], rate), NoiseDBA(right[s.From:s.To], rate)
			if v := (a+b)/2 - dolby; r.NoiseDBA == nil || v < *r.NoiseDBA {
				set(&r.NoiseDBA, v)
			}
		case is(s, 10000) && s.onlyChannel < 0:
			sol = append(sol, max(s.LevelDB[0], s.LevelDB[1])-dolby)
		case s.onlyChannel >= 0 && is(s, 1000) && !mono:
			l, q := left[s.From:s.To], right[s.From:s.To]
			if s.onlyChannel == 1 {
				l, q = q, l
			}
			v := Separation(l, q, rate, s.Hz)
			if r.SeparationDB == nil || v < *r.SeparationDB {
				set(&r.SeparationDB, v)
			}
		}
	}
	if v, ok := SOL(sol); ok && known {
		set(&r.SOL10kDB, v)
	}
	if len(levels) > 1 {
		base, near := 0.0, math.Inf(1)
		for hz, l := range levels {
			if d := math.Abs(math.Log(hz / 400)); d < near {
				base, near = l, d
			}
		}
		r.ResponseDB = map[string]float64{}
		for hz, l := range levels {
			r.ResponseDB[strconv.FormatFloat(hz, 'f', -1, 64)] = l - base
		}
	}
	return r, found, nil
}

func channel(left, right []float64, s Stretch) []float64 {
	if s.LevelDB[1] > s.LevelDB[0] {
		return right
	}
	return left
}

// dropoutLooks is how many looks in a row may be off within a tone.
const dropoutLooks = 4

// look is one short window of a recording.
type look struct {
	hz    float64
	level [2]float64
	power float64
}

// stretches cuts a recording where its tone changes in frequency or level.
func stretches(left, right []float64, rate float64) []Stretch {
	w := 1024
	for float64(w) < 0.08*rate {
		w *= 2
	}
	var looks []look
	loudest := 0.0
	for at := 0; at+w <= len(left); at += w / 2 {
		l := glance(left[at:at+w], right[at:at+w], rate)
		looks = append(looks, l)
		loudest = max(loudest, l.power)
	}
	var out []Stretch
	for i := 0; i < len(looks); {
		first := looks[i]
		quiet := func(l look) bool { return l.power < loudest*1e-4 }
		same := func(l look) bool {
			if quiet(first) {
				return quiet(l)
			}
			return !quiet(l) && first.hz > 0 && math.Abs(l.hz-first.hz) < max(0.03*first.hz, 1.5*rate/float64(w)) &&
				math.Abs(l.level[0]-first.level[0]) < 0.45+wobble(l.level[0], l.level[1]) && math.Abs(l.level[1]-first.level[1]) < 0.45+wobble(l.level[1], l.level[0])
		}
		j := i + 1
		for j < len(looks) {
			// A dropout does not end a tone.
			k := j
			for k < len(looks) && k < j+dropoutLooks && !same(looks[k]) {
				k++
			}
			if k == len(looks) || !same(looks[k]) || quiet(first) && k > j {
				break
			}
			j = k + 1
		}
		// The first and last look may straddle the border.
		from, to := i*w/2+w/2, (j-1)*w/2+w/2
		least := 0.3
		if quiet(first) { // a tone may still ring in
			least = 0.8
			from, to = from+int(0.1*rate), to-int(0.1*rate)
		}
		if (quiet(first) || first.hz > 0) && float64(to-from) > least*rate {
			s := Stretch{From: from, To: to, onlyChannel: -1}
			if !quiet(first) {
				s.Hz = refine(left[from:to], right[from:to], rate, first.hz)
				s.LevelDB = [2]float64{Level(left[from:to], rate, s.Hz), Level(right[from:to], rate, s.Hz)}
				if d := s.LevelDB[0] - s.LevelDB[1]; d > 15 {
					s.onlyChannel = 0
				} else if d < -15 {
					s.onlyChannel = 1
				}
			}
			out = append(out, s)
			i = j
			continue
		}
		i++
	}
	return out
}

// wobble allows a channel that is far below the other to be as unsteady as noise is.
func wobble(level, other float64) float64 {
	if level < other-15 {
		return 60
	}
	return 0.2
}

// glance finds the strongest tone of a window, 0 when none stands out.
func glance(left, right []float64, rate float64) look {
	l, r := power(left, len(left)), power(right, len(right))
	var sums [2]float64
	best, at := 0.0, 0
	for k := 1; k < len(l)-1; k++ {
		sums[0] += l[k]
		sums[1] += r[k]
		if p := l[k] + r[k]; p > best {
			best, at = p, k
		}
	}
	out := look{power: max(sums[0], sums[1]), level: [2]float64{dsp.PowerDB(sums[0] + 1e-20), dsp.PowerDB(sums[1] + 1e-20)}}
	half := max(3, int(0.02*float64(at)))
	var around, centre float64
	for k := max(1, at-half); k <= min(len(l)-1, at+half); k++ {
		around += l[k] + r[k]
		centre += (l[k] + r[k]) * float64(k)
	}
	if around > 0.8*(sums[0]+sums[1]) && around > 0 {
		out.hz = centre / around * rate / float64(len(left))
	}
	return out
}

// refine is the frequency of a tone over its whole length.
func refine(left, right []float64, rate, hz float64) float64 {
	if f := dominant(left, rate, hz*0.9-5, hz*1.1+5); f > 0 {
		return f
	}
	if f := dominant(right, rate, hz*0.9-5, hz*1.1+5); f > 0 {
		return f
	}
	return hz
}
