package master

import (
	"math"

	"github.com/tphakala/simd/f32"

	"ferric/audio"
)

// Spectrum is the long-term spectrum of a programme in thirds of an octave,
// 25 Hz to 20 kHz. Levels are those of a sine with the band's power, dBFS: a
// full-scale sine reads 0.
type Spectrum struct {
	Hz     []float64 // band centres
	MeanDB []float64 // power averaged over time and both channels; -Inf for nothing
	MaxDB  []float64 // the loudest moment of 0.19 s, either channel
	Looks  int       // moments looked at
}

// looks a second, each of fftSize frames: every third moment is seen.
const (
	looksPerSecond = 3
	fftSize        = 8192
	bandCount      = 30
)

// bandCentre is the centre of band b in hertz, base-2 thirds around 1 kHz.
func bandCentre(b int) float64 { return 1000 * math.Pow(2, float64(b-16)/3) }

// spectrometer looks at a programme a few times a second.
type spectrometer struct {
	rate   float64
	every  int
	block  [][]float32 // the moment being collected
	filled int         // frames of it; negative while skipping
	plan   *f32.STFTPlan
	window []float32
	norm   float64 // from a sum over bins to the square of a sine's amplitude
	power  [2][]float32
	edges  [bandCount + 1]float64 // in bins
	sum    [bandCount]float64
	top    [bandCount]float64
	looks  int
	// seen is told each moment: where it began, and its power by bin, both channels. May be nil.
	seen  func(from audio.Frames, power *[2][]float32)
	frame audio.Frames
}

func newSpectrometer(rate audio.Rate) (*spectrometer, error) {
	plan, err := f32.NewSTFTPlan(fftSize)
	if err != nil {
		return nil, err
	}
	s := &spectrometer{
		rate: float64(rate), every: int(rate) / looksPerSecond,
		block: audio.NewBlock(2, fftSize), plan: plan, window: make([]float32, fftSize),
	}
	var square float64
	for i := range s.window {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/fftSize)
		s.window[i] = float32(w)
		square += w * w
	}
	s.norm = 4 / (fftSize * square)
	for c := range s.power {
		s.power[c] = make([]float32, plan.NumBins())
	}
	for b := range s.edges {
		hz := bandCentre(b) * math.Pow(2, -1.0/6)
		s.edges[b] = min(hz, s.rate/2) / s.rate * fftSize
	}
	return s, nil
}

// write takes a block of the programme.
func (s *spectrometer) write(block [][]float32) {
	n := len(block[0])
	for at := 0; at < n; {
		if s.filled < 0 {
			skip := min(-s.filled, n-at)
			s.filled += skip
			at += skip
			continue
		}
		took := 0
		for c := range s.block {
			took = copy(s.block[c][s.filled:], block[c][at:n])
		}
		at += took
		if s.filled += took; s.filled == fftSize {
			s.look(s.frame + audio.Frames(at-fftSize))
			s.filled = fftSize - s.every
		}
	}
	s.frame += audio.Frames(n)
}

func (s *spectrometer) look(from audio.Frames) {
	for c := range s.block {
		s.plan.STFTPowerInto(s.power[c], s.block[c], s.window, fftSize, f32.NoPad)
	}
	s.looks++
	for b := range bandCount {
		l, r := s.band(0, s.edges[b], s.edges[b+1]), s.band(1, s.edges[b], s.edges[b+1])
		s.sum[b] += (l + r) / 2
		s.top[b] = max(s.top[b], l, r)
	}
	if s.seen != nil {
		s.seen(from, &s.power)
	}
}

// band is the power of channel c between two edges in bins, bins at the edges shared out.
func (s *spectrometer) band(c int, lo, hi float64) float64 {
	first, last := int(lo+0.5), int(hi+0.5)
	if first >= len(s.power[c]) {
		return 0
	}
	last = min(last, len(s.power[c])-1)
	sum := float64(f32.Sum(s.power[c][first : last+1]))
	sum -= float64(s.power[c][first]) * (lo - (float64(first) - 0.5))
	sum -= float64(s.power[c][last]) * max(0, float64(last)+0.5-hi)
	return max(0, sum) * s.norm
}

// hertz is band in hertz.
func (s *spectrometer) hertz(c int, lo, hi float64) float64 {
	return s.band(c, lo/s.rate*fftSize, hi/s.rate*fftSize)
}

func (s *spectrometer) result() Spectrum {
	out := Spectrum{Looks: s.looks}
	for b := range bandCount {
		out.Hz = append(out.Hz, bandCentre(b))
		mean := math.Inf(-1)
		if s.looks > 0 {
			mean = levelDB(s.sum[b] / float64(s.looks))
		}
		out.MeanDB = append(out.MeanDB, mean)
		out.MaxDB = append(out.MaxDB, levelDB(s.top[b]))
	}
	return out
}
