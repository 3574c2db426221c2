package master

import (
	"math"
	"testing"
	"time"
)

func TestLoudnessLands(t *testing.T) {
	for name, c := range map[string]struct {
		wave   func(int, float64) float64
		target float64
	}{
		"drums":         {drums(0.7), -14},
		"soft drums":    {drums(0.1), -16},
		"noise":         {noise(0.5), -14},
		"too quiet":     {sine(997, 0.03), -14},
		"bright":        {noise(0.05), -14},
		"louder target": {drums(0.8), -11},
	} {
		t.Run(name, func(t *testing.T) {
			a, open := record(
				piece{length: 20 * time.Second, wave: c.wave},
				piece{length: 15 * time.Second, wave: c.wave},
			)
			_, _, r, _ := press(t, a, open, Options{Loudness: &c.target})
			t.Logf("gain %.2f, loudness %.3f, peak %.2f %.2f, passes %d, short %v, limiter %+v, treble %+v", r.GainDB, r.Loudness, r.Sides[0].TruePeakDBTP, r.Sides[1].TruePeakDBTP, r.Passes, r.Short, r.Tracks[0].Limiter, r.Tracks[0].Treble)
			if !r.Short && math.Abs(r.Loudness-c.target) > 0.1 {
				t.Errorf("%.3f LUFS, wanted %.1f", r.Loudness, c.target)
			}
			for i := range r.Sides {
				if p := r.Sides[i].TruePeakDBTP; p > -1.0 {
					t.Errorf("side %d peaks at %.3f dBTP", i, p)
				}
			}
		})
	}
}
