package demo

import "math"

// contour is how loud a note is over its life: attack, then decay towards
// sustain, held for as long as the note is, then release. Times in seconds.
type contour struct {
	attack, decay float64
	sustain       float64 // factor, 0..1
	release       float64 // time constant: e^-1 after so long
}

// envelope runs a contour frame by frame.
type envelope struct {
	level   float32
	attack  int // frames
	gate    int // frames until release
	t       int
	sustain float32
	fall    float32 // a frame towards sustain
	release float32 // factor a frame
}

// quiet is where an envelope counts as over: -90 dB.
const quiet = 3e-5

func (c contour) start(frames int) envelope {
	attack := max(16, int(c.attack*rate))
	return envelope{
		attack:  attack,
		gate:    max(frames, 64),
		sustain: float32(c.sustain),
		fall:    float32(1 - math.Exp(-1/(max(c.decay, 1e-3)*rate))),
		release: float32(math.Exp(-1 / (max(c.release, 1e-3) * rate))),
	}
}

// fill writes the next len(dst) frames and reports whether any sound is left after them.
func (e *envelope) fill(dst []float32) bool {
	i := 0
	for i < len(dst) && e.t < e.gate {
		run := min(len(dst)-i, e.gate-e.t)
		if e.t < e.attack {
			run = min(run, e.attack-e.t)
			inv := 1 / float32(e.attack)
			for j := range run {
				x := float32(e.t+j+1) * inv
				dst[i+j] = x * x * (3 - 2*x)
			}
			e.level = dst[i+run-1]
		} else {
			lv := e.level
			for j := range run {
				lv += (e.sustain - lv) * e.fall
				dst[i+j] = lv
			}
			e.level = lv
		}
		i += run
		e.t += run
	}
	if i < len(dst) {
		lv := e.level
		for j := i; j < len(dst); j++ {
			lv *= e.release
			dst[j] = lv
		}
		e.level = lv
		e.t += len(dst) - i
	}
	return e.level > quiet || e.t < e.gate && (e.t < e.attack || e.sustain > quiet)
}
