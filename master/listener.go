package master

import (
	"math"
	"sort"
	"time"

	"ferric/audio"
	"ferric/audio/loudness"
	"ferric/dsp"
)

// listener measures a track at the programme's rate as it streams by.
type listener struct {
	rate    audio.Rate
	frames  audio.Frames
	filter  *dsp.SubsonicFilter // nil when flat
	meter   *loudness.Meter
	spectro *spectrometer
	hops    *hopper
	treble  *trebleEar // nil when flat

	// Between the channels, sums over the track.
	ll, rr, lr float64

	// Of each moment the spectrometer sees.
	quiet     []float64 // sum of log power by bin, over quiet moments
	quietN    int
	sounding  int
	sibilants int
	sibilant  float64
	sibilAt   audio.Frames
}

const (
	soundDB  = -60.0 // below is silence
	quietDB  = -45.0 // below one hears hum
	humBins  = 256   // as far as hum is looked for, above 1.2 kHz
	longMute = 4 * time.Second
	longEdge = 8 * time.Second // at the beginning or end of a track
)

// newListener makes a listener for about expect frames.
func newListener(rate audio.Rate, curve *trebleCurve, expect audio.Frames) (*listener, error) {
	meter, err := loudness.New(rate, 2, loudness.Config{NoTruePeak: true})
	if err != nil {
		return nil, err
	}
	spectro, err := newSpectrometer(rate)
	if err != nil {
		return nil, err
	}
	l := &listener{rate: rate, meter: meter, spectro: spectro, hops: newHopper(rate, expect), quiet: make([]float64, humBins)}
	if curve != nil {
		l.filter = dsp.NewSubsonicFilter(2, 0, float64(rate))
		l.treble = newTrebleEar(curve, hopFrames(rate), expect)
	}
	spectro.seen = l.look
	return l, nil
}

// listen takes a block and leaves it filtered.
func (l *listener) listen(block [][]float32) {
	l.spectro.write(block)
	if l.filter != nil {
		l.filter.Process(block)
	}
	l.meter.WriteFrames(block)
	l.hops.write(block)
	if l.treble != nil {
		l.treble.write(block)
	}
	var ll, rr, lr float64
	right := block[1]
	for i, v := range block[0] {
		a, b := float64(v), float64(right[i])
		ll += a * a
		rr += b * b
		lr += a * b
	}
	l.ll, l.rr, l.lr = l.ll+ll, l.rr+rr, l.lr+lr
	l.frames += audio.Frames(len(block[0]))
}

// look judges one moment by its spectrum.
func (l *listener) look(from audio.Frames, power *[2][]float32) {
	s := l.spectro
	var whole, voice, hiss float64
	for c := range power {
		whole = max(whole, s.hertz(c, 20, 20000))
		voice += s.hertz(c, 300, 4000)
		hiss += s.hertz(c, 5000, 10000)
	}
	db := levelDB(whole)
	if db < soundDB-40 {
		return // digital silence hums not
	}
	if db < quietDB {
		for b := range l.quiet {
			l.quiet[b] += math.Log(float64(power[0][b]+power[1][b])*s.norm/2 + 1e-20)
		}
		l.quietN++
		return
	}
	l.sounding++
	if hiss > 2*voice && levelDB(hiss/2) > -35 {
		l.sibilants++
		if hiss > l.sibilant {
			l.sibilant, l.sibilAt = hiss, from
		}
	}
}

// hum looks for lines at the mains and its multiples in the quiet moments.
// Averaged logarithms are the point: a held note that comes and goes leaves
// little in them, a line that is always there stands out whole.
func (l *listener) hum() (hz, db float64) {
	if l.quietN < 9 { // 3 s
		return 0, math.Inf(-1)
	}
	bin := float64(l.rate) / fftSize
	mean := func(b int) float64 { return l.quiet[b] / float64(l.quietN) * 10 / math.Ln10 }
	best, bestPower := 0.0, 0.0
	lines := 0
	for _, mains := range []float64{50, 60} {
		count, power, low := 0, 0.0, false
		for k := 1; k <= 8; k++ {
			want := mains * float64(k)
			at := int(math.Round(want / bin))
			for _, b := range []int{at - 1, at + 1} {
				if mean(b) > mean(at) {
					at = b
				}
			}
			top := mean(at)
			// A parabola through the top tells the pitch to a fraction of a hertz: mains keep theirs, notes lie beside.
			left, right := mean(at-1), mean(at+1)
			if hz := bin * (float64(at) + (left-right)/(2*(left-2*top+right))); math.Abs(hz-want) > 1.2 {
				continue
			}
			var floor []float64
			for d := 4; d <= 7; d++ {
				if at-d > 0 {
					floor = append(floor, mean(at-d))
				}
				floor = append(floor, mean(at+d))
			}
			sort.Float64s(floor)
			if top-floor[len(floor)/2] >= 15 {
				count++
				power += math.Pow(10, top/10)
				low = low || k <= 2
			}
		}
		if low && (count > lines || count == lines && power > bestPower) {
			best, bestPower, lines = mains, power, count
		}
	}
	// The Hann window spreads a line over the bins beside it: its top holds two thirds.
	db = levelDB(bestPower * 1.5)
	if lines < 3 || db < -78 {
		return 0, math.Inf(-1)
	}
	return best, db
}

func (l *listener) finish(m *TrackMeasure) {
	l.hops.finish()
	m.loud = l.meter.Result()
	m.env = l.hops.env
	if l.treble != nil {
		m.env.treble, m.env.mix = l.treble.level, l.treble.mix
	}
	m.Integrated = m.loud.Integrated()
	m.RangeLU = m.loud.RangeLU()
	m.TruePeakDB = audio.DB(float64(l.hops.top))
	m.Spectrum = l.spectro.result()

	c := &m.Checks
	c.Overs, c.OverAt = l.hops.overs, at(l.hops.topAt, l.rate)
	c.Silences = l.hops.silences
	c.BodyDB = l.hops.body()
	if l.ll > 0 && l.rr > 0 {
		c.Correlation = l.lr / math.Sqrt(l.ll*l.rr)
	}
	if l.ll+l.rr > 0 {
		c.MonoLossDB = -levelDB(max(l.ll+l.rr+2*l.lr, 1e-12*(l.ll+l.rr)) / (2 * (l.ll + l.rr)))
	}
	c.HumHz, c.HumDB = l.hum()
	c.Sibilants, c.SibilantAt = l.sibilants, at(l.sibilAt, l.rate)
	if l.sounding > 0 {
		c.Sibilance = float64(l.sibilants) / float64(l.sounding)
	}
	c.SubBassDB = math.Inf(-1)
	var sub, all float64
	for b, hz := range m.Spectrum.Hz {
		p := math.Pow(10, m.Spectrum.MeanDB[b]/10)
		all += p
		if hz < 35 { // the bands at 25 and 31 Hz
			sub += p
		}
	}
	if all > 0 {
		c.SubBassDB = levelDB(sub / all)
	}
}
