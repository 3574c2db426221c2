package master

import (
	"math"

	"ferric/audio"
	"ferric/audio/loudness"
	"ferric/dsp"
)

// How far the limiter may be driven, and how near the target is near enough.
const (
	maxLoss        = 2.0  // LU of loudness that the limiter may cost
	maxReduction   = 12.0 // dB that it may take off a single peak
	maxGain        = 24.0 // dB; beyond it one only raises noise
	gainStep       = 0.01 // dB; the gain is a round number, so that no rounding of a sum decides a byte
	loudnessWithin = 0.07 // LU; a rendering further off is done again
)

// forecast is what a gain would make of a tape.
type forecast struct {
	integrated float64 // LUFS after the limiter
	loss       float64 // LU that the limiter costs
	reduction  float64 // dB, the deepest
}

// tape is the loudness of both programmes to be, by tenths of a second, and
// where in it each track begins; silence lies between.
func (m *Measurements) tape(p *Plan) (tenths []float64, start []int) {
	start = make([]int, len(m.Tracks))
	tenth := float64(p.Rate) / 10
	for s := range p.Sides {
		from := len(tenths)
		tenths = append(tenths, make([]float64, int(float64(p.Sides[s].Length)/tenth))...)
		for _, t := range p.Sides[s].Tracks {
			at := from + int(math.Round(float64(t.Start)/tenth))
			at = min(at, len(tenths))
			start[t.Index] = at
			copy(tenths[at:], m.Tracks[t.Index].loud.Tenths)
		}
	}
	return tenths, start
}

// forecaster tells what gains would make of a plan's two sides together.
type forecaster struct {
	m       *Measurements
	tenths  []float64 // see tape
	start   []int
	limited []float64 // scratch
}

func (m *Measurements) forecaster(p *Plan) *forecaster {
	f := &forecaster{m: m}
	f.tenths, f.start = m.tape(p)
	f.limited = make([]float64, len(f.tenths))
	return f
}

// integrated is the loudness of the tape as the tracks came, LUFS.
func (fc *forecaster) integrated() float64 { return fc.loudness(fc.tenths, 0) }

func (fc *forecaster) loudness(tenths []float64, gainDB float64) float64 {
	return loudness.Result{Rate: fc.m.Rate, Tenths: tenths}.IntegratedAfter(gainDB)
}

// foretell says what gainDB and a limiter at ceilingDB would do: it limits the envelopes as dsp.Limiter limits samples, and
// takes from each tenth of a second of measured loudness the share of power
// that the limiter takes from its steps.
func (fc *forecaster) foretell(gainDB, ceilingDB float64) forecast {
	m := fc.m
	hop := hopFrames(m.Rate)
	perTenth := int(m.Rate) / 10 / hop
	share := func(seconds float64) float64 {
		return 1 - math.Exp(-float64(hop)/(seconds*float64(m.Rate)))
	}
	fast, long := share(dsp.LimiterReleaseMS/1000), share(dsp.LimiterSlowMS/1000)
	limit := ceilingDB - dsp.LimiterMarginDB - gainDB // dB before the gain
	free := encodeDB(limit)

	powers, treblePowers := powerScale().powers(), trebleScale().powers()
	f := forecast{}
	limited := fc.limited
	copy(limited, fc.tenths)
	for i := range m.Tracks {
		t := &m.Tracks[i]
		tenths := limited[fc.start[i]:]

		treble := newTrebleForecast(&t.env, treblePowers, gainDB, m.Rate)
		var lost [4]float64 // by the treble limiter, of the newest hops
		need := func(h int) float64 {
			if h >= len(t.env.peak) {
				return 1
			}
			lost[h%4] = treble.step(h)
			if t.env.peak[h] <= free {
				return 1
			}
			n := audio.Ratio(limit - decodeDB(t.env.peak[h]))
			if l := lost[h%4]; l > 0 {
				// The peak shrinks as its power does: K-weighting lifts treble by 4 dB, and the loss counts both channels.
				n /= math.Sqrt(1 - min(0.9, l/(2*2.5*powers[t.env.power[h]])))
			}
			return min(1, n)
		}
		gain, slow := 1.0, 1.0
		ahead := [3]float64{1, 1, 1} // gains of this hop and the next two
		last := 1.0                  // need of the newest hop
		step := func(h int) {
			n := need(h)
			f.reduction = max(f.reduction, -audio.DB(n))
			least := min(n, last)
			last = n
			slow += (least - slow) * long
			gain = min(least, gain+max((slow-gain)*fast, (1-gain)*long))
			ahead = [3]float64{ahead[1], ahead[2], gain}
		}
		step(0)
		step(1)
		var before, after, dull float64
		touched := false
		for h := range t.env.peak {
			dull += lost[h%4]
			step(h + 2)
			g := 0.25*ahead[0] + 0.5*ahead[1] + 0.25*ahead[2]
			if g < 0.9999 {
				if !touched {
					touched = true
					start := h - h%perTenth
					before, after = 0, 0
					for k := start; k < h; k++ {
						before += powers[t.env.power[k]]
					}
					after = before
				}
			}
			if touched {
				p := powers[t.env.power[h]]
				before += p
				after += p * g * g
			}
			if (h+1)%perTenth == 0 || h+1 == len(t.env.peak) {
				if tenth := h / perTenth; tenth < len(tenths) {
					tenths[tenth] = max(0, tenths[tenth]-dull/float64(perTenth))
					if touched && before > 0 {
						tenths[tenth] *= after / before
					}
				}
				touched, dull = false, 0
			}
		}
	}
	without := fc.loudness(fc.tenths, gainDB)
	f.integrated = fc.loudness(limited, gainDB)
	f.loss = without - f.integrated
	return f
}

// chooseGain finds the gain that brings the tape to target LUFS after a limiter
// at ceilingDB. short is true when the limiter would have to work harder than
// dynamics can bear, and the gain stops there. The gain of silence is 0.
func (fc *forecaster) chooseGain(target, ceilingDB float64) (gainDB float64, short bool) {
	now := fc.integrated()
	if math.IsInf(now, 0) || math.IsNaN(now) {
		return 0, false
	}
	round := func(g float64) float64 { return math.Round(g/gainStep) * gainStep }
	lo, hi := target-now, target-now+maxLoss+0.5
	if lo > maxGain {
		lo, hi, short = maxGain, maxGain, true
	}
	bearable := func(f forecast) bool { return f.loss <= maxLoss && f.reduction <= maxReduction }
	f := fc.foretell(lo, ceilingDB)
	if f.loss < 0.001 && bearable(f) {
		return round(lo), short
	}
	if !bearable(f) {
		hi = lo
		lo = min(lo, 0) - maxReduction
	}
	for range 14 {
		mid := (lo + hi) / 2
		f := fc.foretell(mid, ceilingDB)
		if f.integrated < target && bearable(f) {
			lo = mid
		} else {
			hi = mid
		}
	}
	f = fc.foretell(lo, ceilingDB)
	return round(lo), f.integrated < target-loudnessWithin
}
