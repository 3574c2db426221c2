package deck

import (
	"fmt"
	"math"
	"testing"
	"time"

	"ferric/deck/bench"
	"ferric/dsp"
)

// Flutter that is set reads back on the AES6 meter: 0.08, 0.15 and 0.31 % are the figures of a good deck, a fair one and a cheap recorder.
func TestFlutterReadsBack(t *testing.T) {
	const low, seconds, tone = 12000, 45, 3150.0
	for _, pct := range []float64{0.08, 0.15, 0.31} {
		m := Machines()[1]
		m.FlutterWRMSPct = pct
		f := newFlutter(newSeeds(seedOf("FER-001/17"), false).flutter, m, c60())
		x := make([]float64, seconds*low)
		for i := range x {
			s := float64(i)/low + 300
			x[i] = math.Sin(2 * math.Pi * tone * (s + f.at(s)))
		}
		got, err := bench.MeasureFlutter(x, low, tone)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, fmt.Sprintf("%g %% WRMS", pct), got.WRMSPct, pct, 0.1*pct)
		// A two-sigma peak is about 2.5 to 2.8 times the weighted rms of real machines (JVC TD-W271: 0.2 against 0.08).
		if ratio := got.WeightedPct / got.WRMSPct; ratio < 1.6 || ratio > 2.8 {
			t.Errorf("the two-sigma peak is %.2f times the weighted rms", ratio)
		}
	}
}

// What bleeds through from the other side runs backwards, 60 dB down.
func TestOtherSideRunsBackwards(t *testing.T) {
	long := c60().Playing().Seconds()
	steps := wave{int64(long * rate), func(s float64) (float64, float64) { // 800 Hz, and 1200 Hz from 1000 s on
		hz := 800.0
		if s > 1000 {
			hz = 1200
		}
		v := dsp.Ratio(-5.5) * math.Sin(2*math.Pi*hz*s)
		return v, v
	}}
	m := ideal()
	m.OtherSideDB = 60
	// Side A from where two seconds of the other side lie before its 1000th.
	d := start(t, Config{Machine: m, Other: steps, Start: time.Duration((long - 1002) * 1e9), Running: true})
	l, r := run(d, 4, 4096)
	level := func(from int, hz float64) float64 {
		return max(bench.Level(l[from:from+rate], rate, hz), bench.Level(r[from:from+rate], rate, hz))
	}
	first, then := rate/2, 5*rate/2
	if a, b := level(first, 1200), level(first, 800); a < b+10 {
		t.Errorf("first 1200 Hz should be heard: %.1f dB, 800 Hz %.1f", a, b)
	}
	if a, b := level(then, 800), level(then, 1200); a < b+10 {
		t.Errorf("then 800 Hz should be heard: %.1f dB, 1200 Hz %.1f", a, b)
	}
	expect(t, "the other side", level(then, 800)+5.5, -60, 3) // stated at 1 kHz; longer waves reach further
}

// With the record tabs broken out nothing is recorded: what a bend would add to the tape is not there.
func TestRecordTabs(t *testing.T) {
	var b Bend
	b.Version, b.Tape.Erase, b.Tape.EraseS, b.Tape.Echo, b.Tape.EchoMS = 1, 0.8, 0.5, 0.8, 200
	sound := func(bend *Bend, guarded bool) []float64 {
		side := wave{rate * 60, func(s float64) (float64, float64) { // a second of tone, then nothing
			v := 0.3 * math.Sin(2*math.Pi*500*s)
			if s > 11 {
				v = 0
			}
			return v, v
		}}
		d := start(t, Config{Machine: ideal(), Side: side, Start: 10 * time.Second, Running: true, Bend: bend, Guarded: guarded})
		l, _ := run(d, 2, 512)
		return l
	}
	over, guarded := sound(&b, false), sound(&b, true)
	none := Bend{Version: 1}
	plain := sound(&none, true)
	for i := range guarded {
		if guarded[i] != plain[i] {
			t.Fatalf("frame %d was recorded over with the tabs out", i)
		}
	}
	after := func(x []float64) float64 { return bench.Level(x[rate*5/4:rate*7/4], rate, 500) }
	if after(over) < after(plain)+30 {
		t.Errorf("with its tabs the tape holds %.1f dB of what was recorded, without %.1f", after(over), after(plain))
	}
}
