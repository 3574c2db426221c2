package service

import (
	"math"
	"testing"

	"ferric/deck"
	"ferric/deck/bench"
	"ferric/tape"
)

func measure(t *testing.T, machine string, f tape.Formulation) bench.Report {
	t.Helper()
	m, err := deck.ParseMachine(machine)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Measure(deck.Config{Machine: m, Formulation: f, Copy: "FER-001/17"})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %s: %s", machine, f.Code, r)
	return r
}

func near(t *testing.T, what string, got *float64, want, tol float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s was not measured", what)
	} else if !(math.Abs(*got-want) <= tol) {
		t.Errorf("%s: %.4g, want %.4g ± %.3g", what, *got, want, tol)
	}
}

// The tapes, on the reference deck, land on what was measured of them.
func TestFormulations(t *testing.T) {
	for _, f := range tape.Formulations() {
		if testing.Short() && f.Code != "I" {
			continue
		}
		r := measure(t, "reference", f)
		near(t, f.Code+" hiss", r.NoiseDBA, f.NoiseA, 1)
		near(t, f.Code+" mol", r.MOL400DB, f.MOL400, 0.5)
		near(t, f.Code+" sol", r.SOL10kDB, f.SOL10k, 1)
		near(t, f.Code+" k3", r.K3ReferencePct, 0.47, 0.18)
		near(t, "other side", r.OtherSideDB, -60, 1.5)
		near(t, "azimuth", r.AzimuthArcmin, 0, 0.1)
		for hz, db := range r.ResponseDB {
			if math.Abs(db) > 1.5 {
				t.Errorf("%s: %s Hz %+.1f dB on the reference deck", f.Code, hz, db)
			}
		}
	}
}

// Every machine lands on what it states.
func TestMachines(t *testing.T) {
	for _, m := range deck.Machines() {
		if m.Name == "reference" || testing.Short() && m.Name != "home" {
			continue
		}
		r := measure(t, m.Name, tape.Ferric())
		near(t, m.Name+" flutter", r.FlutterWRMSPct, m.FlutterWRMSPct, 0.1*m.FlutterWRMSPct)
		near(t, m.Name+" speed", r.SpeedErrorPct, m.SpeedPct, 0.02)
		near(t, m.Name+" separation", r.SeparationDB, m.SeparationDB, 1)
		near(t, m.Name+" azimuth", r.AzimuthArcmin, m.AzimuthArcmin, 0.4)
		if s := *r.SeparationDB; s < 36 || s > 44 {
			t.Errorf("%s separates by %.1f dB", m.Name, s)
		}
		if m.Name == "home" { // JVC TD-W271: 30 Hz to 15 kHz ± 3 dB
			for hz, db := range r.ResponseDB {
				if math.Abs(db) > 3.1 {
					t.Errorf("home: %s Hz %+.1f dB", hz, db)
				}
			}
		}
	}
}

// Wear dulls; a tape for 70 µs on a machine without a switch is bright.
func TestWearAndSwitch(t *testing.T) {
	worn, err := Measure(deck.Config{Copy: "a", Plays: 200})
	if err != nil {
		t.Fatal(err)
	}
	if db := worn.ResponseDB["10000"]; db > -4 || db < -9 {
		t.Errorf("200 plays: %+.1f dB at 10 kHz", db)
	}
	m := deck.Machines()[0]
	m.FixedEQ = true
	r, err := Measure(deck.Config{Machine: m, Formulation: tape.Chrome(), Copy: "a"})
	if err != nil {
		t.Fatal(err)
	}
	want := tape.EQ70().SwitchDB(tape.EQ120(), 6300) - tape.EQ70().SwitchDB(tape.EQ120(), 400)
	if got := r.ResponseDB["6300"]; math.Abs(got-want) > 0.5 {
		t.Errorf("the wrong switch lifts 6.3 kHz by %.2f dB, want %.2f", got, want)
	}
}
