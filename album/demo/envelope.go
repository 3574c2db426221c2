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
	fall    approach // towards sustain
	release approach // towards silence
}

// quiet is where an envelope counts as over: -90 dB.
const quiet = 3e-5

func (c contour) start(frames int) envelope {
	attack := max(16, int(c.attack*rate))
	return envelope{
		attack:  attack,
		gate:    max(frames, 64),
		sustain: float32(c.sustain),
		fall:    within(c.decay),
		release: within(c.release),
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
			e.level = glide(dst[i:i+run], e.level, e.sustain, e.fall)
		}
		i += run
		e.t += run
	}
	if i < len(dst) {
		e.level = glide(dst[i:], e.level, 0, e.release)
		e.t += len(dst) - i
	}
	return e.level > quiet || e.t < e.gate && (e.t < e.attack || e.sustain > quiet)
}

// approach is how fast a level nears its aim: by what part of the distance in one frame, and in strideLen.
type approach struct{ one, stride float32 }

const strideLen = 16

// within makes the approach of a time constant.
func within(seconds float64) approach {
	x := -1 / (max(seconds, 1e-3) * rate)
	return approach{float32(-math.Expm1(x)), float32(-math.Expm1(x * strideLen))}
}

// glide fills dst with a level that nears its aim and returns the last: an
// exponential, drawn as straight lines of strideLen frames.
func glide(dst []float32, level, aim float32, a approach) float32 {
	for len(dst) >= strideLen {
		next := level + (aim-level)*a.stride
		d := (next - level) * (1.0 / strideLen)
		x := dst[:strideLen]
		for j := range x {
			x[j] = level + d*float32(j+1)
		}
		level, dst = next, dst[strideLen:]
	}
	for j := range dst {
		level += (aim - level) * a.one
		dst[j] = level
	}
	return level
}
