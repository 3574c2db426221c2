package bench

import (
	"math"
	"testing"

	"ferric/dsp"
)

// A recording made in closed form is read back, whatever order its tones come in.
func TestSurvey(t *testing.T) {
	const rate = 44100
	var left, right []float64
	add := func(seconds, hz, l, r, late float64) {
		n := int(seconds * rate)
		for i := range n {
			s := float64(i) / rate
			left = append(left, dsp.Ratio(l)*math.Sin(2*math.Pi*hz*s)+1e-4*dsp.Triangular(1, uint64(len(left))))
			right = append(right, dsp.Ratio(r)*math.Sin(2*math.Pi*hz*(s-late))+1e-4*dsp.Triangular(2, uint64(len(right))))
		}
		for range int(0.4 * rate) {
			left, right = append(left, 1e-4*dsp.Triangular(1, uint64(len(left)))), append(right, 1e-4*dsp.Triangular(2, uint64(len(right))))
		}
	}
	const fast = 1.004
	skew := 27.5e-6 // five arc-minutes
	add(2, 10000*fast, -23, -23, skew)
	for i, v := range wobbled(9, rate, 3150*fast, 0.001, 4) {
		left, right = append(left, v+1e-4*dsp.Triangular(5, uint64(i))), append(right, v)
	}
	add(0.5, 0, -300, -300, 0)
	add(2, 400*fast, -20, -20, skew)
	add(1.2, 63*fast, -21.5, -21.5, 0)
	add(1.2, 1000*fast, -20, -20, skew)
	add(1.2, 1000*fast, -20, -61, 0)
	add(1.2, 1000*fast, -58, -20, 0)
	add(2, 0, -300, -300, 0)
	r, found, err := Survey(left, right, rate, Options{ReferenceDB: -6.5, Levels: map[float64]float64{10000: -2}})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r, len(found))
	check := func(what string, got *float64, want, tol float64) {
		t.Helper()
		if got == nil {
			t.Errorf("%s was not measured", what)
			return
		}
		within(t, what, *got, want, tol)
	}
	check("flutter", r.FlutterWeightedPct, 0.0997, 0.003)
	check("speed", r.SpeedErrorPct, 0.4, 0.003)
	check("separation", r.SeparationDB, 38, 0.3)
	check("azimuth", r.AzimuthArcmin, 5, 0.05)
	noise := make([]float64, rate)
	for i := range noise {
		noise[i] = 1e-4 * dsp.Triangular(9, uint64(i))
	}
	check("noise", r.NoiseDBA, NoiseDBA(noise, rate)+13.5, 0.3)
	for hz, want := range map[string]float64{"400": 0, "1000": 0, "63": -1.5, "10000": -1} {
		if got, ok := r.ResponseDB[hz]; !ok {
			t.Errorf("no response at %s Hz", hz)
		} else {
			within(t, hz+" Hz", got, want, 0.1)
		}
	}
	if r.MOL400DB != nil || r.SOL10kDB != nil || r.OtherSideDB != nil {
		t.Error("something was measured that is not there")
	}
}

// Rising tones give the level for 3 % and the level of saturation.
func TestSurveyOfSeries(t *testing.T) {
	const rate = 44100
	var x []float64
	add := func(hz float64, f func(v float64) float64) {
		for i := range int(0.7 * rate) {
			x = append(x, 0.1*f(math.Sin(2*math.Pi*hz*float64(i)/rate)))
		}
	}
	for db := 0.0; db <= 9; db++ { // y = u − 0.02 u³: k3 is a known function of level
		add(400, func(v float64) float64 { v *= dsp.Ratio(db); return v - 0.02*v*v*v })
	}
	for _, db := range []float64{-6, -4, -3, -2, -4} {
		add(10000, func(v float64) float64 { return v * dsp.Ratio(db) })
	}
	d := -20.0
	r, _, err := Survey(x, nil, rate, Options{DolbyDB: &d})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	// 0.005a²/(1−0.015a²) = 0.03 at a² = 5.505; what comes out is a·(1−0.015a²).
	a := math.Sqrt(0.03 / (0.005 + 0.03*0.015))
	want := dsp.DB(a * (1 - 0.015*a*a))
	if r.MOL400DB == nil || r.SOL10kDB == nil {
		t.Fatal("a limit was not found")
	}
	within(t, "mol", *r.MOL400DB, want, 0.1)
	within(t, "sol", *r.SOL10kDB, -2, 0.1)
	if r.SeparationDB != nil || r.AzimuthArcmin != nil {
		t.Error("one channel has neither separation nor azimuth")
	}
}

func TestSurveyOfAnything(t *testing.T) {
	for name, f := range map[string]func(i int) float64{
		"silence": func(int) float64 { return 0 },
		"noise":   func(i int) float64 { return dsp.Triangular(1, uint64(i)) },
		"nan":     func(int) float64 { return math.NaN() },
		"loud":    func(i int) float64 { return 1e30 * dsp.Triangular(1, uint64(i)) },
	} {
		x := make([]float64, 3*8000)
		for i := range x {
			x[i] = f(i)
		}
		if r, _, err := Survey(x, nil, 8000, Options{}); err != nil || r.ResponseDB != nil || r.FlutterWRMSPct != nil {
			t.Errorf("%s: %v %v", name, r, err)
		}
	}
	if _, _, err := Survey(nil, nil, 8000, Options{}); err == nil {
		t.Error("nothing was measured")
	}
}
