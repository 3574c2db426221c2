// Package loudness measures how loud a programme is and how high it peaks, as
// broadcasting and streaming measure it: ITU-R BS.1770-4 and EBU R 128 with its
// meters of EBU Tech 3341 (loudness) and Tech 3342 (range).
//
// Sound is first K-weighted, a shelf of +4 dB above about 1.7 kHz for the head's
// acoustics and a high-pass at 38 Hz; then squared, averaged, and summed over
// channels. Three windows look at the sum: momentary (400 ms), short-term (3 s)
// and integrated (the whole programme). The integrated figure skips silence: of
// all 400 ms blocks, a new one each 100 ms, those under -70 LUFS are dropped, and
// then those 10 LU under the mean of the rest. The loudness range is the spread
// between the 10th and the 95th percentile of short-term loudness, gated likewise
// at -70 LUFS and 20 LU under the mean. The true peak is the highest point of the
// wave between samples.
//
// A Meter takes sound and gives a Result. It stores one number for each 100 ms,
// 2.9 MB for ten hours, from which a Result computes the rest, exactly and not
// through a histogram. Results of parts measured on their own, on several cores
// for example, are joined with Join.
package loudness

import (
	"fmt"
	"math"

	"ferric/audio"
	"ferric/dsp"
)

// Config says what a Meter measures. The zero Config measures everything.
type Config struct {
	// Weights are the channels' shares in loudness. The default is by number of
	// channels in the usual order of WAV and FLAC (L R C LFE, then rears and
	// sides): 1 for front and rear, 1.41 for surrounds to the side (60° to 120°,
	// BS.1770-4 table 4), 0 for LFE.
	Weights []float64
	// NoTruePeak leaves true peaks out; Result.TruePeak is then the sample peak.
	NoTruePeak bool
	// OverDB is the true peak, in dBTP, above which a stretch is listed in
	// Result.Overs. The default is 0 dBTP.
	OverDB float64
}

// MaxOvers is how many stretches a Result lists at most; OverCount goes on counting.
const MaxOvers = 1000

// Meter measures sound as it passes. It is an audio.Sink.
type Meter struct {
	rate    audio.Rate
	weights []float64

	// K-weighting
	shelf, high dsp.Biquad
	state       [][2]dsp.BiquadState

	// the 10 ms step being filled
	frames  audio.Frames // frames taken since the start
	step    int64        // steps completed
	stepEnd audio.Frames
	sums    []float64 // of squares a channel

	ring  [300]tally // the last 3 s of steps
	tenth tally      // the 100 ms being filled

	peaks *peakMeter
	res   Result
}

// tally is a sum of weighted squares over some frames.
type tally struct {
	sum    float64
	frames int
}

// New makes a meter for sound of rate 8 to 384 kHz with 1 to 8 channels.
func New(rate audio.Rate, channels int, cfg Config) (*Meter, error) {
	if rate < 8000 || rate > 384000 {
		return nil, fmt.Errorf("loudness: a rate of %d Hz is outside 8000 to 384000", rate)
	}
	if channels < 1 || channels > 8 {
		return nil, fmt.Errorf("loudness: %d channels are outside 1 to 8", channels)
	}
	weights := cfg.Weights
	if weights == nil {
		weights = defaultWeights[channels-1]
	}
	if len(weights) != channels {
		return nil, fmt.Errorf("loudness: %d weights for %d channels", len(weights), channels)
	}
	m := &Meter{
		rate:    rate,
		weights: weights,
		state:   make([][2]dsp.BiquadState, channels),
		sums:    make([]float64, channels),
		peaks:   newPeakMeter(rate, channels, cfg),
	}
	m.shelf, m.high = KWeighting(float64(rate))
	m.stepEnd = m.edge(1)
	m.res.Rate = rate
	m.res.MaxMomentary, m.res.MaxShortTerm = math.Inf(-1), math.Inf(-1)
	return m, nil
}

const side = 1.41 // BS.1770-4's own rounding of +1.5 dB

var defaultWeights = [8][]float64{
	{1},
	{1, 1},
	{1, 1, 1},                      // L R C
	{1, 1, side, side},             // L R Ls Rs
	{1, 1, 1, side, side},          // L R C Ls Rs
	{1, 1, 1, 0, side, side},       // L R C LFE Ls Rs
	{1, 1, 1, 0, 1, side, side},    // L R C LFE Cb Ls Rs
	{1, 1, 1, 0, 1, 1, side, side}, // L R C LFE Lb Rb Ls Rs
}

// KWeighting gives the two filters of BS.1770-4 at any rate. The standard prints
// coefficients for 48 kHz only; they are the bilinear transform of a shelf and a
// high-pass whose analogue parameters B. De Man worked out ("Evaluation of
// Implementations of the EBU R128 Loudness Measurement", AES 145, 2018).
func KWeighting(rate float64) (shelf, high dsp.Biquad) {
	k := math.Tan(math.Pi * 1681.974450955533 / rate)
	const q = 0.7071752369554196
	vh := math.Pow(10, 3.999843853973347/20)
	vb := math.Pow(vh, 0.4996667741545416)
	a0 := 1 + k/q + k*k
	shelf = dsp.Biquad{
		B0: (vh + vb*k/q + k*k) / a0,
		B1: 2 * (k*k - vh) / a0,
		B2: (vh - vb*k/q + k*k) / a0,
		A1: 2 * (k*k - 1) / a0,
		A2: (1 - k/q + k*k) / a0,
	}
	k = math.Tan(math.Pi * 38.13547087602444 / rate)
	const q2 = 0.5003270373238773
	a0 = 1 + k/q2 + k*k
	high = dsp.Biquad{B0: 1, B1: -2, B2: 1, A1: 2 * (k*k - 1) / a0, A2: (1 - k/q2 + k*k) / a0}
	return shelf, high
}

// WriteFrames measures src, one slice a channel, and keeps nothing of it. Its only error is a number of channels that is not New's.
func (m *Meter) WriteFrames(src [][]float32) error {
	if len(src) != len(m.weights) {
		return fmt.Errorf("loudness: %d channels for a meter of %d", len(src), len(m.weights))
	}
	n := len(src[0])
	m.peaks.write(src)
	for at := 0; at < n; {
		run := int(min(audio.Frames(n-at), m.stepEnd-m.frames))
		m.weigh(src, at, at+run)
		at += run
		m.frames += audio.Frames(run)
		if m.frames == m.stepEnd {
			m.endStep()
		}
	}
	return nil
}

// Prime runs src through the weighting filters and measures nothing: the sound
// before a part that is measured on its own, so that the part reads as it does
// within the whole. A second of it is ample.
func (m *Meter) Prime(src [][]float32) {
	m.weigh(src, 0, len(src[0]))
	clear(m.sums)
}

// Close does nothing; it makes a Meter an audio.Sink.
func (m *Meter) Close() error { return nil }

// weigh filters frames from..to of src and adds their squares to m.sums.
// Two channels run side by side: each waits on its own last output, so they
// share the time that one would take.
func (m *Meter) weigh(src [][]float32, from, to int) {
	c := 0
	for ; c+1 < len(src); c += 2 {
		m.weighPair(src[c][from:to], src[c+1][from:to], c)
	}
	if c < len(src) {
		st, shelf, high, sum := m.state[c], m.shelf, m.high, m.sums[c]
		for _, v := range src[c][from:to] {
			y := st[1].Step(&high, st[0].Step(&shelf, float64(v)))
			sum += float64(y * y)
		}
		m.state[c], m.sums[c] = st, sum
	}
}

func (m *Meter) weighPair(left, right []float32, c int) {
	l0, l1 := m.state[c][0], m.state[c][1]
	r0, r1 := m.state[c+1][0], m.state[c+1][1]
	shelf, high := m.shelf, m.high
	suml, sumr := m.sums[c], m.sums[c+1]
	right = right[:len(left)]
	for i, v := range left {
		l := l1.Step(&high, l0.Step(&shelf, float64(v)))
		r := r1.Step(&high, r0.Step(&shelf, float64(right[i])))
		suml += float64(l * l)
		sumr += float64(r * r)
	}
	m.state[c][0], m.state[c][1] = l0, l1
	m.state[c+1][0], m.state[c+1][1] = r0, r1
	m.sums[c], m.sums[c+1] = suml, sumr
}

// edge is the first frame after step number n: 10 ms each, whole at every rate in the long run.
func (m *Meter) edge(n int64) audio.Frames {
	return audio.Frames(n * int64(m.rate) / 100)
}

// endStep closes a 10 ms step.
func (m *Meter) endStep() {
	var t tally
	for c, s := range m.sums {
		t.sum += float64(m.weights[c] * s)
		m.sums[c] = 0
		m.state[c][0].Settle()
		m.state[c][1].Settle()
	}
	t.frames = int(m.stepEnd - m.edge(m.step))
	m.ring[m.step%int64(len(m.ring))] = t
	m.tenth.sum += t.sum
	m.tenth.frames += t.frames
	m.step++
	m.stepEnd = m.edge(m.step + 1)

	if m.step >= 40 {
		m.res.MaxMomentary = max(m.res.MaxMomentary, m.recent(40))
	}
	if m.step >= 300 {
		m.res.MaxShortTerm = max(m.res.MaxShortTerm, m.recent(300))
	}
	if m.step%10 == 0 {
		m.res.Tenths = append(m.res.Tenths, m.tenth.sum/float64(m.tenth.frames))
		m.tenth = tally{}
	}
}

// recent is the loudness of the last n steps.
func (m *Meter) recent(n int64) float64 {
	var t tally
	for i := m.step - n; i < m.step; i++ {
		s := m.ring[i%int64(len(m.ring))]
		t.sum += s.sum
		t.frames += s.frames
	}
	return lufs(t.sum / float64(t.frames))
}

// Momentary is the reading of a live meter: the loudness of the last 400 ms as of the last whole 10 ms; -Inf
// before the first 400 ms.
func (m *Meter) Momentary() float64 {
	if m.step < 40 {
		return math.Inf(-1)
	}
	return m.recent(40)
}

// ShortTerm is the loudness of the last 3 s in LUFS; see Momentary.
func (m *Meter) ShortTerm() float64 {
	if m.step < 300 {
		return math.Inf(-1)
	}
	return m.recent(300)
}

// Result is everything measured so far. The meter may go on.
func (m *Meter) Result() Result {
	r := m.res
	r.Tenths = append([]float64(nil), m.res.Tenths...)
	r.Frames = m.frames
	m.peaks.report(&r)
	return r
}

// lufs is the loudness of a weighted mean square (BS.1770-4, equation 2).
func lufs(meanSquare float64) float64 { return -0.691 + 10*math.Log10(meanSquare) }
