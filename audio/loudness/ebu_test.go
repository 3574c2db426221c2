package loudness

import (
	"fmt"
	"math"
	"testing"

	"ferric/audio"
	"ferric/dsp"
)

// The test signals of EBU Tech 3341 v4.0 (2023), table 1, and of EBU Tech 3342, table 1, as far as they can be
// synthesised: cases 7 and 8 of 3341 and 5 and 6 of 3342 are recordings.

// part is a stretch of a test signal: a sine at one level a channel.
type part struct {
	seconds float64
	db      []float64 // dBFS a channel; -Inf is silence
}

func both(seconds, db float64) part { return part{seconds, []float64{db, db}} }

var silent = math.Inf(-1)

// feed plays parts of a 1 kHz sine into a meter, calling after following each 100 ms.
func feed(t testing.TB, m *Meter, rate int, parts []part, after func(second float64)) {
	t.Helper()
	channels := len(parts[0].db)
	block := audio.NewBlock(channels, rate/10)
	view := make([][]float32, 0, channels)
	at, fill := 0, 0
	end := 0.0
	for _, p := range parts {
		end += p.seconds
		amplitude := make([]float64, channels)
		for c, db := range p.db {
			amplitude[c] = dsp.Ratio(db)
		}
		for stop := int(math.Round(end * float64(rate))); at < stop; at++ {
			s := math.Sin(2 * math.Pi * 1000 * float64(at) / float64(rate))
			for c, a := range amplitude {
				block[c][fill] = float32(s * a)
			}
			if fill++; fill == len(block[0]) {
				m.WriteFrames(block)
				fill = 0
				if after != nil {
					after(float64(at+1) / float64(rate))
				}
			}
		}
	}
	m.WriteFrames(audio.Window(view, block, 0, fill))
}

func meter(t testing.TB, rate, channels int, cfg Config) *Meter {
	t.Helper()
	m, err := New(audio.Rate(rate), channels, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.3f, want %.3f ± %g", what, got, want, tolerance)
	}
}

func TestTech3341Integrated(t *testing.T) {
	surround := part{20, []float64{-28, -28, -24, -30, -30}}
	cases := []struct {
		number int
		parts  []part
		want   float64
	}{
		{1, []part{both(20, -23)}, -23},
		{2, []part{both(20, -33)}, -33},
		{3, []part{both(10, -36), both(60, -23), both(10, -36)}, -23},
		{4, []part{both(10, -72), both(10, -36), both(60, -23), both(10, -36), both(10, -72)}, -23},
		{5, []part{both(20, -26), both(20.1, -20), both(20, -26)}, -23},
		{6, []part{surround}, -23},
	}
	for _, c := range cases {
		for _, rate := range []int{48000, 44100} {
			t.Run(fmt.Sprintf("%d at %d", c.number, rate), func(t *testing.T) {
				m := meter(t, rate, len(c.parts[0].db), Config{NoTruePeak: true})
				feed(t, m, rate, c.parts, nil)
				r := m.Result()
				near(t, "integrated", r.Integrated(), c.want, 0.1)
				if c.number <= 2 {
					near(t, "momentary", r.MaxMomentary, c.want, 0.1)
					near(t, "short-term", r.MaxShortTerm, c.want, 0.1)
				}
			})
		}
	}
}

func TestTech3341Windows(t *testing.T) {
	const rate = 48000
	t.Run("9", func(t *testing.T) {
		var parts []part
		for range 5 {
			parts = append(parts, both(1.34, -20), both(1.66, -30))
		}
		m := meter(t, rate, 2, Config{NoTruePeak: true})
		feed(t, m, rate, parts, func(at float64) {
			if at >= 3 {
				near(t, fmt.Sprintf("short-term at %.1f s", at), m.ShortTerm(), -23, 0.1)
			}
		})
	})
	t.Run("10", func(t *testing.T) {
		for i := range 20 {
			m := meter(t, rate, 2, Config{NoTruePeak: true})
			feed(t, m, rate, []part{both(float64(i)*0.15, silent), both(3, -23), both(1, silent)}, nil)
			near(t, fmt.Sprintf("maximum short-term of file %d", i), m.Result().MaxShortTerm, -23, 0.1)
		}
	})
	t.Run("11", func(t *testing.T) {
		m := meter(t, rate, 2, Config{NoTruePeak: true})
		for i := range 20 {
			feed(t, m, rate, []part{both(float64(i)*0.15, silent), both(3, float64(-38+i)), both(3-float64(i)*0.15, silent)}, nil)
			near(t, fmt.Sprintf("maximum short-term after %d", i), m.Result().MaxShortTerm, float64(-38+i), 0.1)
		}
	})
	t.Run("12", func(t *testing.T) {
		var parts []part
		for range 25 {
			parts = append(parts, both(0.18, -20), both(0.22, -30))
		}
		m := meter(t, rate, 2, Config{NoTruePeak: true})
		feed(t, m, rate, parts, func(at float64) {
			if at >= 1 {
				near(t, fmt.Sprintf("momentary at %.1f s", at), m.Momentary(), -23, 0.1)
			}
		})
	})
	t.Run("13", func(t *testing.T) {
		for i := range 20 {
			m := meter(t, rate, 2, Config{NoTruePeak: true})
			feed(t, m, rate, []part{both(float64(i)*0.02, silent), both(0.4, -23), both(1, silent)}, nil)
			near(t, fmt.Sprintf("maximum momentary of file %d", i), m.Result().MaxMomentary, -23, 0.1)
		}
	})
	t.Run("14", func(t *testing.T) {
		m := meter(t, rate, 2, Config{NoTruePeak: true})
		for i := range 20 {
			feed(t, m, rate, []part{both(float64(i)*0.02, silent), both(0.4, float64(-38+i)), both(0.4-float64(i)*0.02, silent)}, nil)
			near(t, fmt.Sprintf("maximum momentary after %d", i), m.Result().MaxMomentary, float64(-38+i), 0.1)
		}
	})
}

// tapered fades the first and last 10 ms.
func tapered(x []float64, rate int) {
	n := rate / 100
	for i := range n {
		g := float64(i) / float64(n)
		x[i] *= g
		x[len(x)-1-i] *= g
	}
}

func truePeak(t *testing.T, rate int, x []float64) float64 {
	t.Helper()
	block := audio.NewBlock(2, len(x))
	for c := range block {
		for i, v := range x {
			block[c][i] = float32(v)
		}
	}
	m := meter(t, rate, 2, Config{})
	m.WriteFrames(block)
	return m.Result().TruePeakDB
}

func TestTech3341TruePeak(t *testing.T) {
	check := func(t *testing.T, got, want float64) {
		t.Helper()
		if got > want+0.2 || got < want-0.4 {
			t.Errorf("true peak is %.2f dBTP, want %.1f +0.2/-0.4", got, want)
		}
	}
	for _, c := range []struct {
		number, divide   int
		amplitude, phase float64
		want             float64
	}{
		{15, 4, 0.50, 0, -6}, {16, 4, 0.50, 45, -6}, {17, 6, 0.50, 60, -6}, {18, 8, 0.50, 67.5, -6}, {19, 4, 1.41, 45, 3},
	} {
		for _, rate := range []int{44100, 48000, 96000} {
			x := make([]float64, rate/2)
			for i := range x {
				x[i] = c.amplitude * math.Sin(2*math.Pi*float64(i)/float64(c.divide)+c.phase*math.Pi/180)
			}
			tapered(x, rate)
			t.Run(fmt.Sprintf("%d at %d", c.number, rate), func(t *testing.T) {
				check(t, truePeak(t, rate, x), c.want)
			})
		}
	}
	// 20 to 23: a sine of fs/6 at 0.50 with one period of fs/4 at 1.00 in it, continuous in phase, made at 4·fs,
	// low-passed, and taken down to fs at each of the four offsets.
	const rate = 48000
	var high []float64
	wave := func(count int, period, amplitude float64) {
		for i := range count {
			high = append(high, amplitude*math.Sin(2*math.Pi*float64(i)/period))
		}
	}
	wave(24*500, 24, 0.5)
	wave(16, 16, 1)
	wave(24*500, 24, 0.5)
	tapered(high, 4*rate)
	taps := dsp.LowPass(511, 0.125, 80)
	for offset := range 4 {
		var x []float64
		for at := offset; at < len(high); at += 4 {
			var s float64
			for k, h := range taps {
				if j := at + k - 255; j >= 0 && j < len(high) {
					s += h * high[j]
				}
			}
			x = append(x, s)
		}
		t.Run(fmt.Sprint(20+offset), func(t *testing.T) { check(t, truePeak(t, rate, x), 0) })
	}
}

func TestTech3342(t *testing.T) {
	for _, c := range []struct {
		number int
		parts  []part
		want   float64
	}{
		{1, []part{both(20, -20), both(20, -30)}, 10},
		{2, []part{both(20, -20), both(20, -15)}, 5},
		{3, []part{both(20, -40), both(20, -20)}, 20},
		{4, []part{both(20, -50), both(20, -35), both(20, -20), both(20, -35), both(20, -50)}, 15},
	} {
		t.Run(fmt.Sprint(c.number), func(t *testing.T) {
			m := meter(t, 48000, 2, Config{NoTruePeak: true})
			feed(t, m, 48000, c.parts, nil)
			near(t, "range", m.Result().RangeLU(), c.want, 1)
		})
	}
}
