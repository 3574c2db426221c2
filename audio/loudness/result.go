package loudness

import (
	"math"
	"slices"

	"ferric/audio"
	"ferric/dsp"
)

// Result is what a Meter found. Loudness is in LUFS (dB re full scale, K-weighted), peaks in dB re full scale.
type Result struct {
	Rate   audio.Rate
	Frames audio.Frames // taken by the meter
	// Tenths are the weighted mean squares of each whole 100 ms from the start; an
	// incomplete one at the end is left out. LUFS of one is -0.691 + 10·log10.
	Tenths []float64
	// MaxMomentary and MaxShortTerm are the highest 400 ms and 3 s, found in steps of 10 ms; -Inf if shorter.
	MaxMomentary, MaxShortTerm float64
	SamplePeakDB               float64 // dBFS
	TruePeakDB                 float64 // dBTP
	TruePeakAt                 audio.Frames
	// Overs are the first MaxOvers stretches whose true peak exceeds Config.OverDB; OverCount counts all.
	Overs     []Over
	OverCount int
}

// Over is a stretch whose true peak is too high. Peaks less than 10 ms apart are one stretch.
type Over struct {
	Start, End audio.Frames // from the first high point to after the last
	PeakDB     float64      // dBTP
}

// Integrated is the loudness of the whole programme in LUFS; -Inf for silence or less than 400 ms.
func (r Result) Integrated() float64 { return r.IntegratedAfter(0) }

// IntegratedAfter is what Integrated would be after a gain of gainDB. It differs from the sum of the
// two only where the gain moves sound over the gate at -70 LUFS.
func (r Result) IntegratedAfter(gainDB float64) float64 {
	return lufs(gated(windows(r.Tenths, 4), -10, gainDB)) + gainDB
}

// RangeLU is the loudness range of EBU Tech 3342 in LU; 0 for less than 3 s or silence.
func (r Result) RangeLU() float64 {
	all := windows(r.Tenths, 30)
	gate := math.Max(floor(0), gated(all, 0, 0)*dsp.Ratio(-40)) // -20 LU
	kept := slices.DeleteFunc(all, func(e float64) bool { return e < gate })
	if len(kept) == 0 {
		return 0
	}
	slices.Sort(kept)
	at := func(share float64) float64 {
		return kept[int(math.Round(share*float64(len(kept)-1)))]
	}
	return lufs(at(0.95)) - lufs(at(0.10))
}

// ShortTermSeries is the short-term loudness at every step·100 ms from the start (the first value after one
// step), for plots. Until 3 s have passed a value covers what there is.
func (r Result) ShortTermSeries(step int) []float32 { return series(r.Tenths, 30, step) }

// MomentarySeries is the momentary loudness at every step·100 ms; see ShortTermSeries.
func (r Result) MomentarySeries(step int) []float32 { return series(r.Tenths, 4, step) }

// Between is the part of the result from one time to another, in tenths of a second: the
// loudness of one track on a side. Peaks and maxima are not kept by time, so they stay those of the whole.
func (r Result) Between(from, to int) Result {
	from = min(max(from, 0), len(r.Tenths))
	to = min(max(to, from), len(r.Tenths))
	r.Tenths = r.Tenths[from:to]
	return r
}

// Join is the result of one programme measured in parts: parts[0], then parts[1] and so on, without a gap.
// It is exact when each part but the last is a multiple of 100 ms and the next meter was primed with its
// end; otherwise up to 100 ms a seam are left out. Maxima over windows that span a seam are taken at 100 ms steps.
func Join(parts ...Result) Result {
	var r Result
	r.MaxMomentary, r.MaxShortTerm = math.Inf(-1), math.Inf(-1)
	r.SamplePeakDB, r.TruePeakDB = math.Inf(-1), math.Inf(-1)
	for _, p := range parts {
		if r.Rate == 0 {
			r.Rate = p.Rate
		}
		r.Tenths = append(r.Tenths, p.Tenths...)
		r.MaxMomentary = max(r.MaxMomentary, p.MaxMomentary)
		r.MaxShortTerm = max(r.MaxShortTerm, p.MaxShortTerm)
		r.SamplePeakDB = max(r.SamplePeakDB, p.SamplePeakDB)
		if p.TruePeakDB > r.TruePeakDB {
			r.TruePeakDB, r.TruePeakAt = p.TruePeakDB, r.Frames+p.TruePeakAt
		}
		for _, o := range p.Overs {
			if len(r.Overs) < MaxOvers {
				r.Overs = append(r.Overs, Over{r.Frames + o.Start, r.Frames + o.End, o.PeakDB})
			}
		}
		r.OverCount += p.OverCount
		r.Frames += p.Frames
	}
	if len(parts) > 1 {
		if w := windows(r.Tenths, 4); len(w) > 0 {
			r.MaxMomentary = max(r.MaxMomentary, lufs(slices.Max(w)))
		}
		if w := windows(r.Tenths, 30); len(w) > 0 {
			r.MaxShortTerm = max(r.MaxShortTerm, lufs(slices.Max(w)))
		}
	}
	return r
}

// windows are the means of every n neighbours.
func windows(tenths []float64, n int) []float64 {
	if len(tenths) < n {
		return nil
	}
	out := make([]float64, len(tenths)-n+1)
	for i := range out {
		var sum float64
		for _, e := range tenths[i : i+n] {
			sum += e
		}
		out[i] = sum / float64(n)
	}
	return out
}

// floor is the mean square of the absolute gate, -70 LUFS, before a gain of gainDB.
func floor(gainDB float64) float64 { return math.Pow(10, (-70+0.691-gainDB)/10) }

// gated is the mean of the windows above the absolute gate and, when relLU is below 0, above the relative
// gate relLU under that mean.
func gated(all []float64, relLU, gainDB float64) float64 {
	mean := meanAbove(all, floor(gainDB))
	if relLU < 0 {
		mean = meanAbove(all, math.Max(floor(gainDB), mean*math.Pow(10, relLU/10)))
	}
	return mean
}

// meanAbove is the mean of the values at or above gate, 0 if none is.
func meanAbove(all []float64, gate float64) float64 {
	var sum float64
	n := 0
	for _, e := range all {
		if e >= gate {
			sum += e
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

func series(tenths []float64, window, step int) []float32 {
	step = max(step, 1)
	out := make([]float32, 0, len(tenths)/step)
	for end := step; end <= len(tenths); end += step {
		from := max(0, end-window)
		var sum float64
		for _, e := range tenths[from:end] {
			sum += e
		}
		out = append(out, float32(lufs(sum/float64(end-from))))
	}
	return out
}
