package bench

import (
	"encoding/binary"
	"errors"
	"math"
	"os/exec"
	"strconv"
	"testing"

	"ferric/deck/internal/weight"
	"ferric/dsp"
)

// wobbled is a tone whose speed deviates by share·sin(2πft), in closed form:
// its phase is the integral of its frequency.
func wobbled(seconds, rate, carrier, share, hz float64) []float64 {
	x := make([]float64, int(seconds*rate))
	for i := range x {
		t := float64(i) / rate
		x[i] = 0.5 * math.Sin(2*math.Pi*carrier*t-carrier*share/hz*math.Cos(2*math.Pi*hz*t))
	}
	return x
}

func sine(seconds, rate, hz, amp, phase float64) []float64 {
	x := make([]float64, int(seconds*rate))
	for i := range x {
		x[i] = amp * math.Sin(2*math.Pi*hz*float64(i)/rate+phase)
	}
	return x
}

func within(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: %.5g, want %.5g ± %.3g", what, got, want, tol)
	}
}

// All 17 points of the weighting, measured through the whole meter. The
// standard's own tolerances stood in no source at hand; ±0.3 dB is far inside what an analogue meter could keep.
func TestWeightingPoints(t *testing.T) {
	const rate = 12000
	for _, p := range weight.Points() {
		if testing.Short() && p[0] < 0.4 {
			continue
		}
		seconds := max(8, 6/p[0])
		share := 0.002
		f, err := MeasureFlutter(wobbled(seconds, rate, 3150, share, p[0]), rate, 3150)
		if err != nil {
			t.Fatal(err)
		}
		got := dsp.DB(f.WRMSPct / 100 / (share / math.Sqrt2))
		within(t, "weighting at "+ftoa(p[0])+" Hz", got, p[1], 0.3)
	}
}

func TestFlutterOfKnownWobble(t *testing.T) {
	for _, c := range []struct{ rate, carrier, share float64 }{
		{48000, 3150, 0.001}, {44100, 3000, 0.0008}, {48000, 200, 0.001}, {8000, 440, 0.003}, {96000, 3150, 0.0002},
	} {
		f, err := MeasureFlutter(wobbled(9, c.rate, c.carrier*1.004, c.share, 4), c.rate, c.carrier)
		if err != nil {
			t.Fatal(err)
		}
		// A sine is above 99.7 % of its peak 5 % of the time.
		within(t, "weighted", f.WeightedPct, 100*c.share*0.9969, 0.03*100*c.share)
		within(t, "wrms", f.WRMSPct, 100*c.share/math.Sqrt2, 0.03*100*c.share)
		within(t, "speed", f.SpeedErrorPct, 0.4, 0.003)
	}
}

func TestFlutterFloor(t *testing.T) {
	x := sine(10, 44100, 3150, 0.5, 0)
	for i := range x { // as a file of 16 bits holds it
		x[i] = math.Round(x[i]*32768+dsp.Triangular(1, uint64(i))) / 32768
	}
	f, err := MeasureFlutter(x, 44100, 3150)
	if err != nil {
		t.Fatal(err)
	}
	if f.WeightedPct > 0.0017 || math.Abs(f.SpeedErrorPct) > 0.0005 {
		t.Errorf("a steady tone reads %.5f %%, speed %.5f %%", f.WeightedPct, f.SpeedErrorPct)
	}
}

func TestFlutterRefuses(t *testing.T) {
	noise := make([]float64, 8*8000)
	for i := range noise {
		noise[i] = dsp.Triangular(3, uint64(i))
	}
	for name, x := range map[string][]float64{"noise": noise, "silence": make([]float64, 8*8000), "short": sine(2, 8000, 1000, 1, 0), "nothing": nil} {
		if _, err := MeasureFlutter(x, 8000, 1000); !errors.Is(err, ErrSignal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := MeasureFlutter(noise, 8000, 100); !errors.Is(err, ErrSignal) {
		t.Error("carrier too low accepted")
	}
}

func TestJitter(t *testing.T) {
	share, hz := 0.001, 10.0
	got, err := Jitter(wobbled(20, 24000, 4500, share, hz), 24000, 4500, [][2]float64{{1, 5}, {5, 23}, {23, 47}})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "5-23 Hz", got[1]*1e6, share/(2*math.Pi*hz)/math.Sqrt2*1e6, 0.2)
	if got[0] > got[1]/50 || got[2] > got[1]/50 {
		t.Error("jitter leaks", got)
	}
}

func TestLevels(t *testing.T) {
	for _, hz := range ResponseTones() {
		for _, rate := range []float64{44100, 48000} {
			x := sine(1, rate, hz*1.01, dsp.Ratio(-23), 0.4)
			within(t, "level at "+ftoa(hz), Level(x, rate, hz), -23, 0.06)
		}
	}
	x := sine(2, 48000, 400, 1, 0)
	for i := range x {
		x[i] += -0.0123*math.Sin(2*math.Pi*1200*float64(i)/48000) + 0.002*dsp.Triangular(5, uint64(i))
	}
	within(t, "k3", ThirdHarmonic(x, 48000, 400), 1.23, 0.02)
	l, r := sine(2, 48000, 1000, 1, 0), sine(2, 48000, 1000, 0.01, 1)
	for i := range r {
		r[i] += 0.01 * dsp.Triangular(9, uint64(i))
	}
	within(t, "separation", Separation(l, r, 48000, 1000), 40, 0.1)
}

func TestNoiseDBA(t *testing.T) {
	within(t, "1 kHz", NoiseDBA(sine(2, 48000, 1000, 0.1, 0), 48000), -20, 0.03)
	within(t, "100 Hz", NoiseDBA(sine(2, 48000, 100, 0.1, 0), 48000), -39.1, 0.1) // IEC 61672: -19.1 dB
	within(t, "10 kHz", NoiseDBA(sine(2, 48000, 10000, 0.1, 0), 48000), -22.5, 0.1)
}

func TestMOLAndSOL(t *testing.T) {
	var series []Point
	for a := 0.2; a < 3; a *= 1.1 { // k3 = a²
		series = append(series, Point{dsp.DB(a), a * a})
	}
	got, ok := MOL(series)
	if within(t, "mol", got, dsp.DB(math.Sqrt(3)), 0.01); !ok {
		t.Error("not found")
	}
	if got, ok := SOL([]float64{-3, -1, 0, -0.5}); got != 0 || !ok {
		t.Error(got, ok)
	}
	if _, ok := SOL([]float64{-3, -1}); ok {
		t.Error("a series that still rises has no limit")
	}
}

func TestAzimuth(t *testing.T) {
	late := 66e-6
	l, r := sine(1, 48000, 1000, 0.5, 0), sine(1, 48000, 1000, 0.4, -2*math.Pi*1000*late)
	s, err := Skew(l, r, 48000, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "arc-minutes", Azimuth(s), 12, 0.05)
	// At 10 kHz the same skew is more than half a period: the guess resolves it.
	l, r = sine(1, 48000, 10000, 0.5, 0), sine(1, 48000, 10000, 0.4, -2*math.Pi*10000*late)
	if s, err = Skew(l, r, 48000, 10000, s); err != nil {
		t.Fatal(err)
	}
	within(t, "seconds", s*1e6, 66, 0.05)
}

// A wobble made by another program.
func TestFlutterOfFFmpeg(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("needs ffmpeg")
	}
	raw, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i",
		"aevalsrc=0.5*sin(2*PI*3150*t-3150*0.0015/4*cos(2*PI*4*t)):s=48000:d=8", "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, len(raw)/2)
	for i := range x {
		x[i] = float64(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / 32768
	}
	f, err := MeasureFlutter(x, 48000, 3150)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "weighted", f.WeightedPct, 0.15, 0.0045)
}

func ftoa(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
