package tape

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance || math.IsNaN(got) {
		t.Errorf("%s: got %.4f, want %.4f ± %g", what, got, want, tolerance)
	}
}

func TestWavelength(t *testing.T) {
	near(t, "315 Hz, µm", float64(Wavelength(315))*1e6, 151, 0.5)
	near(t, "10 kHz, µm", float64(Wavelength(10000))*1e6, 4.76, 0.01)
}

func TestReplayEQ(t *testing.T) {
	// Playing a 120 µs tape at 70 µs.
	for hz, want := range map[float64]float64{1000: -1.2, 3150: -3.6, 5000: -4.2, 10000: -4.5, 15000: -4.6} {
		near(t, "wrong switch", EQ120().SwitchDB(EQ70(), hz), want, 0.06)
		near(t, "and back", EQ70().SwitchDB(EQ120(), hz), -want, 0.06)
	}
	for hz, want := range map[float64]float64{5000: -11.8, 10000: -17.6, 15000: -21.1} {
		near(t, "120 µs flux", EQ120().FluxDB(hz), want, 0.06)
	}
	low, treble := EQ120().Corners()
	near(t, "low corner", low, 50, 0.1)
	near(t, "120 µs corner", treble, 1326, 1)
	_, treble = EQ70().Corners()
	near(t, "70 µs corner", treble, 2274, 1)
	near(t, "at 50 Hz", EQ120().FluxDB(low), 3.01-0.006, 0.01)
}

func TestReferences(t *testing.T) {
	near(t, "Dolby level on an IEC meter", IEC().From(0), -1.2, 1e-9)
	near(t, "IEC zero on an old Philips meter", Philips().From(IEC().DB), 4.0, 0.11)
}

func TestFormulations(t *testing.T) {
	near(t, "Type I range", Ferric().Range(), 57.8, 0.05)
	near(t, "Type II range", Chrome().Range(), 64.5, 0.05)
	for _, f := range Formulations() {
		near(t, f.Name+" 400", f.SaturationDB(400), f.MOL400, 1e-9)
		near(t, f.Name+" 1k", f.SaturationDB(1000), f.MOL1k, 1e-9)
		near(t, f.Name+" 10k", f.SaturationDB(10000), f.SOL10k, 1e-9)
		near(t, f.Name+" 15k", f.SaturationDB(15000), f.SOL15k, 1e-9)
		near(t, f.Name+" 40 Hz", f.SaturationDB(40), f.MOL400, 0)
		near(t, f.Name+" geometric mean", f.SaturationDB(math.Sqrt(1e7)), (f.MOL1k+f.SOL10k)/2, 1e-9)
		if f.SaturationDB(20000) >= f.SOL15k {
			t.Errorf("%s does not fall on above 15 kHz", f.Name)
		}
		if got, err := ParseFormulation("Type " + f.Code); err != nil || got.Code != f.Code {
			t.Errorf("ParseFormulation(Type %s) = %v, %v", f.Code, got, err)
		}
	}
	near(t, "Type I 10 kHz under its MOL", Ferric().MOL400-Ferric().SOL10k, 6.6, 1e-9)
	near(t, "Type I 15 kHz under its MOL", Ferric().MOL400-Ferric().SOL15k, 12.6, 1e-9)
	if _, err := ParseFormulation("III"); !errors.Is(err, ErrFormulation) {
		t.Errorf("III: %v", err)
	}
}

func TestLengths(t *testing.T) {
	for _, want := range []struct {
		name    string
		minutes float64 // a side really plays
		radius  float64 // full pack, mm
		turns   float64
	}{
		{"C10", 5.3, 14.2, 192}, {"C20", 10.3, 16.6, 340}, {"C46", 23.3, 21.7, 648},
		{"C90", 45.5, 24.4, 1168}, {"C100", 50.4, 25.0, 1273}, {"C120", 60.2, 24.8, 1530},
	} {
		l, err := Parse(want.name)
		if err != nil {
			t.Fatal(err)
		}
		near(t, want.name+" minutes", l.Playing().Minutes(), want.minutes, 0.06)
		near(t, want.name+" radius", float64(l.At(0).Supply.Radius)*1e3, want.radius, 0.06)
		near(t, want.name+" turns", l.At(0).Supply.Turns, want.turns, 2)
		if l.Playing() < l.PerSide {
			t.Errorf("%s plays %v, less than its name says", l.Name, l.Playing())
		}
	}
	for i, l := range Standard() {
		if i > 0 && l.PerSide <= Standard()[i-1].PerSide {
			t.Errorf("%s is not longer than the one before", l.Name)
		}
		if l.Thin() != (l.Minutes >= 120) {
			t.Errorf("%s: Thin = %v", l.Name, l.Thin())
		}
	}
	for _, bad := range []string{"", "C", "C0", "C121", "C-4", "C+4", "46 min", "Cxx", "999999999999999999999"} {
		if l, err := Parse(bad); !errors.Is(err, ErrLength) {
			t.Errorf("Parse(%q) = %v, %v", bad, l, err)
		}
	}
	c38, err := Parse("c38")
	if err != nil || c38.PerSide != 19*time.Minute || c38.Name != "C38" || c38.Playing().Round(time.Millisecond) != 19*time.Minute {
		t.Errorf("C38: %+v, %v", c38, err)
	}
}

// The published count table of a C60 at 16.5 µm.
func TestCounterTable(t *testing.T) {
	c60 := Length{Metres: 86, Thickness: 16.5e-6}
	minutes := []time.Duration{1, 5, 10, 15, 20, 30}
	turns := []float64{40, 182, 331, 461, 577, 782}
	counts := []int{21, 95, 174, 242, 303, 410}
	for i, m := range minutes {
		near(t, "turns", c60.At(m*time.Minute).TakeUp.Turns, turns[i], 0.6)
		if got := (Counter{}).Reading(c60, m*time.Minute); got < counts[i]-1 || got > counts[i] {
			t.Errorf("%d min: counter %d, want %d", m, got, counts[i])
		}
	}
	near(t, "radius at the end", float64(c60.At(time.Hour).TakeUp.Radius)*1e3, 23.9, 0.05)
}

func TestWindMeasuredDeck(t *testing.T) {
	c60 := Length{Metres: 86, Thickness: 16.5e-6}
	near(t, "JVC, C60", Wind{}.Forward(c60, 0, c60.Metres).Seconds(), 110, 1)
	near(t, "JVC, C60 back", Wind{}.Back(c60, c60.Metres, 0).Seconds(), 110, 1)
	c90, _ := Parse("C90")
	near(t, "C90", Wind{}.Forward(c90, 0, c90.Metres).Seconds(), 162, 3)
	// 60 s onto an empty hub; the same tape onto a nearly full hub took 37 s (kipdf.com).
	w := Wind{TurnsPerSecond: 5.5}
	at := w.After(c60, 0, 60*time.Second)
	near(t, "rewinding it", w.Back(c60, at, 0).Seconds(), 37, 1.5)
}

func TestPackProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, err := Custom(rapid.IntRange(MinMinutes, MaxMinutes).Draw(t, "minutes"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Duration(rapid.Int64Range(0, int64(l.PerSide)).Draw(t, "at"))
		reels := l.At(at)
		// Both radii obey one equation, whatever the position.
		rs, rt := float64(reels.Supply.Radius), float64(reels.TakeUp.Radius)
		want := 2*float64(HubRadius*HubRadius) + float64(l.Metres)*float64(l.Thickness)/math.Pi
		if math.Abs(rs*rs+rt*rt-want) > 1e-12 {
			t.Fatalf("radii %v %v", rs, rt)
		}
		var c Counter
		if back := c.Time(l, c.Count(l, at)); (back - at).Abs() > time.Microsecond {
			t.Fatalf("counter: %v came back as %v", at, back)
		}
		var w Wind
		d := time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "wind"))
		from := reels.TakeUp.Wound
		if to := w.After(l, from, d); to < l.Metres && (w.Forward(l, from, to)-d).Abs() > time.Microsecond {
			t.Fatalf("forward %v took %v", d, w.Forward(l, from, to))
		}
		if to := w.Before(l, from, d); to > 0 && (w.Back(l, from, to)-d).Abs() > time.Microsecond {
			t.Fatalf("back %v took %v", d, w.Back(l, from, to))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"C46", "c90", "12", "", "C", "C٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := Parse(s)
		if err == nil && (l.Minutes < MinMinutes || l.Minutes > MaxMinutes || l.Metres <= 0 || l.Thickness <= 0) {
			t.Errorf("Parse(%q) = %+v", s, l)
		}
	})
}
