package dsp

// SubsonicFilter takes away what lies below hearing and below tape: DC, rumble,
// and the slow swings that would eat level. It is a fourth-order Butterworth
// high-pass, 3 dB down at its corner and 24 dB an octave below. With the corner
// at 25 Hz it is 0.02 dB down at 50 Hz, and takes nothing measurable above 80 Hz.
type SubsonicFilter struct {
	sections [2]Biquad
	state    [][2]BiquadState
	at       int64
}

// NewSubsonicFilter makes the filter for a number of channels; hz 0 means 25.
func NewSubsonicFilter(channels int, hz, rate float64) *SubsonicFilter {
	if hz == 0 {
		hz = 25
	}
	return &SubsonicFilter{
		// Butterworth poles at ±22.5° and ±67.5°: Q = 1/(2·cos).
		sections: [2]Biquad{HighPass2(hz, 0.541196100146197, rate), HighPass2(hz, 1.306562964876377, rate)},
		state:    make([][2]BiquadState, channels),
	}
}

// Response is the filter's complex gain at hz.
func (f *SubsonicFilter) Response(hz, rate float64) complex128 {
	return f.sections[0].Response(hz, rate) * f.sections[1].Response(hz, rate)
}

// Latency is 0.
func (f *SubsonicFilter) Latency() int { return 0 }

// settleEvery is how often decayed filter memories are cleared, in frames from the start.
const settleEvery = 4096

// Process filters block in place.
func (f *SubsonicFilter) Process(block [][]float32) {
	for at, n := 0, len(block[0]); at < n; {
		run := int(min(int64(n-at), settleEvery-f.at%settleEvery))
		c := 0
		for ; c+1 < len(block); c += 2 {
			f.pair(block[c][at:at+run], block[c+1][at:at+run], c)
		}
		if c < len(block) {
			a, b, st := f.sections[0], f.sections[1], f.state[c]
			for i, v := range block[c][at : at+run] {
				block[c][at+i] = float32(st[1].Step(&b, st[0].Step(&a, float64(v))))
			}
			f.state[c] = st
		}
		at += run
		f.at += int64(run)
		if f.at%settleEvery == 0 {
			for c := range f.state {
				f.state[c][0].Settle()
				f.state[c][1].Settle()
			}
		}
	}
}

// pair filters two channels side by side, in the time that one takes.
func (f *SubsonicFilter) pair(left, right []float32, c int) {
	a, b := f.sections[0], f.sections[1]
	l0, l1, r0, r1 := f.state[c][0], f.state[c][1], f.state[c+1][0], f.state[c+1][1]
	right = right[:len(left)]
	for i, v := range left {
		left[i] = float32(l1.Step(&b, l0.Step(&a, float64(v))))
		right[i] = float32(r1.Step(&b, r0.Step(&a, float64(right[i]))))
	}
	f.state[c][0], f.state[c][1], f.state[c+1][0], f.state[c+1][1] = l0, l1, r0, r1
}
