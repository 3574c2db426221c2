package pressing

import (
	"math"
	"testing"
	"time"
)

func TestLoudestMinute(t *testing.T) {
	quiet, loud := float32(-30), float32(-10)
	series := func(n int, at ...int) []float32 {
		s := make([]float32, n)
		for i := range s {
			s[i] = quiet
		}
		for _, i := range at {
			s[i] = loud
		}
		return s
	}
	silent := make([]float32, 200)
	for i := range silent {
		silent[i] = float32(math.Inf(-1))
	}
	run := func(from, to int) (at []int) {
		for i := from; i < to; i++ {
			at = append(at, i)
		}
		return at
	}
	for name, c := range map[string]struct {
		series []float32
		long   time.Duration
		want   time.Duration
	}{
		"shorter than a minute":     {series(40, 30), 40 * time.Second, 0},
		"exactly a minute":          {series(60, 30), time.Minute, 0},
		"the same all through":      {series(300), 300 * time.Second, 0},
		"loud from 100 to 160":      {series(300, run(100, 160)...), 300 * time.Second, 100 * time.Second},
		"a longer loud part":        {series(300, run(100, 200)...), 300 * time.Second, 100 * time.Second},
		"loud at the very end":      {series(300, run(240, 300)...), 300 * time.Second, 240 * time.Second},
		"two peaks, a minute apart": {series(300, 20, 150, 200), 300 * time.Second, 141 * time.Second},
		"silence":                   {silent, 200 * time.Second, 0},
		"fewer figures than sound":  {series(100, run(50, 60)...), 300 * time.Second, 0},
		"nothing measured":          {nil, 300 * time.Second, 0},
	} {
		if got := loudest(c.series, c.long, time.Minute); got != c.want {
			t.Errorf("%s: from %v, want %v", name, got, c.want)
		}
	}
}
