package deck

import (
	"fmt"
	"hash/fnv"
	"math"
	"testing"
	"time"

	"ferric/deck/bench"
	"ferric/dsp"
	"ferric/tape"

	"pgregory.net/rapid"
)

const rate = 48000

// wave is a programme in closed form.
type wave struct {
	frames int64
	f      func(t float64) (left, right float64)
}

func (w wave) Frames() int64 { return w.frames }
func (w wave) ReadAt(left, right []float32, at int64) {
	for i := range left {
		left[i], right[i] = 0, 0
		if n := at + int64(i); n >= 0 && n < w.frames {
			l, r := w.f(float64(n) / rate)
			left[i], right[i] = float32(l), float32(r)
		}
	}
}

func aTone(hz, db float64) wave {
	a := dsp.Ratio(db)
	return wave{1 << 40, func(t float64) (float64, float64) { v := a * math.Sin(2*math.Pi*hz*t); return v, v }}
}

func start(t testing.TB, c Config) *Deck {
	t.Helper()
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// run plays for seconds in blocks of n frames.
func run(d *Deck, seconds float64, n int) (left, right []float64) {
	l, r := make([]float32, n), make([]float32, n)
	for total := int(seconds * d.rate); total > 0; total -= n {
		k := min(n, total)
		d.Process(l[:k], r[:k])
		for i := range k {
			left, right = append(left, float64(l[i])), append(right, float64(r[i]))
		}
	}
	return left, right
}

func expect(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: %.5g, want %.5g ± %.3g", what, got, want, tol)
	}
}

// ideal is a machine with no fault.
func ideal() Machine {
	return Machine{Name: "ideal", SeparationDB: 120, OtherSideDB: 120, NoiseDBA: -120}
}

// The losses are those of the tables in the literature.
func TestLosses(t *testing.T) {
	db := func(g float64) float64 { return dsp.DB(g) }
	expect(t, "azimuth 12' at 10 kHz", db(AzimuthLoss(12, 10000)), -2.96, 0.03)
	expect(t, "azimuth 12' at 17 kHz", db(AzimuthLoss(12, 17000)), -10.4, 0.1)
	expect(t, "skew of 12'", AzimuthSkew(12)*1e6, 66, 0.1)
	expect(t, "gap 1.5 µm at 10 kHz", db(GapLoss(1.5, 10000)), -1.8, 0.06)
	expect(t, "gap 1.5 µm at 15 kHz", db(GapLoss(1.5, 15000)), -4.4, 0.06)
	expect(t, "gap 3 µm at 15 kHz", db(GapLoss(3, 15000)), -26.7, 0.3)
	expect(t, "spacing 1 µm at 5 kHz", db(SpacingLoss(1, 5000)), -5.7, 0.05)
	expect(t, "thickness 4.7 µm at 10 kHz", db(ThicknessLoss(4.7, 10000)), -15.9, 0.06)
}

// What the formulas say is what comes out, measured as on a bench.
func TestHeadAsHeard(t *testing.T) {
	level := func(m Machine, hz float64) (float64, float64) {
		d := start(t, Config{Machine: m, Side: aTone(hz, -25.5), Start: 5 * time.Minute, Running: true})
		l, r := run(d, 1, 512)
		skew, err := bench.Skew(l, r, rate, hz, AzimuthSkew(m.AzimuthArcmin))
		if err != nil {
			t.Fatal(err)
		}
		return bench.Level(l, rate, hz) + 25.5, skew
	}
	turned, wide := ideal(), ideal()
	turned.AzimuthArcmin, wide.GapUM = 12, 1.5
	db, skew := level(turned, 10000)
	expect(t, "12' at 10 kHz", db, -2.96, 0.1)
	expect(t, "skew", skew*1e6, 66, 0.5)
	db, _ = level(turned, 17000)
	expect(t, "12' at 17 kHz", db, -10.4, 0.25)
	db, _ = level(wide, 15000)
	expect(t, "1.5 µm at 15 kHz", db, -4.4, 0.1)
	for _, hz := range []float64{40, 400, 3000, 12000, 17500} {
		db, _ = level(ideal(), hz)
		expect(t, fmt.Sprintf("flat at %g Hz", hz), db, 0, 0.35)
	}
}

// The shoebox recorder's jitter, band by band, is that of the recorder it was measured on.
func TestFlutterBands(t *testing.T) {
	m, _ := ParseMachine("shoebox")
	f := newFlutter(1, m, c60())
	// Read as the source did: a pilot tone over 8 s, several times.
	var bands [][2]float64
	for _, b := range measuredBands {
		bands = append(bands, [2]float64{b.lo, b.hi})
	}
	sum := make([]float64, len(bands))
	const low, windows = 16000, 6
	for w := range windows {
		x := make([]float64, 21*low)
		for i := range x {
			s := float64(i)/low + float64(60+100*w)
			x[i] = math.Sin(2 * math.Pi * 4500 * (s + f.at(s)))
		}
		j, err := bench.Jitter(x, low, 4500, bands)
		if err != nil {
			t.Fatal(err)
		}
		for b := range j {
			sum[b] += j[b] * j[b] / windows
		}
	}
	for b, band := range measuredBands {
		got := math.Sqrt(sum[b])
		if got > band.rms*1.5 || got < band.rms/1.5 {
			t.Errorf("%g to %g Hz: %.1f µs, want %.1f", band.lo, band.hi, got*1e6, band.rms*1e6)
		}
	}
}

func c60() tape.Length { l, _ := tape.Parse("C60"); return l }

// The line of the take-up hub moves from 0.69 to 0.32 Hz along a side.
func TestReelLine(t *testing.T) {
	m := Machines()[1]
	m.ReelShare = 0.9
	f := newFlutter(3, m, c60())
	for k := range f.layers {
		f.layers[k].spread = 0
	}
	f.pinch.amp, f.capstan.amp = 0, 0
	for _, c := range []struct{ minute, hz float64 }{{0.2, 0.69}, {29, 0.32}} {
		crossings := 0
		from, to := c.minute*60-10, c.minute*60+50
		before := f.at(from)
		for s := from; s < to; s += 0.01 {
			now := f.at(s)
			if before < 0 && now >= 0 {
				crossings++
			}
			before = now
		}
		expect(t, fmt.Sprintf("minute %g", c.minute), float64(crossings)/60, c.hz, 0.03)
	}
}

// A click prints one turn before and one after, at a delay that shrinks along the side.
func TestPrintThrough(t *testing.T) {
	for _, c := range []struct {
		at    time.Duration
		delay float64
	}{{20 * time.Second, 3.17}, {30 * time.Minute, 1.47}} {
		m := ideal()
		burst := c.at.Seconds() + 4
		side := wave{1 << 40, func(t float64) (float64, float64) {
			if x := t - burst; x >= 0 && x < 0.1 {
				v := dsp.Ratio(-5.5) * math.Sin(2*math.Pi*450*x)
				return v, v
			}
			return 0, 0
		}}
		quiet := tape.Ferric()
		quiet.NoiseA = -120
		d := start(t, Config{Machine: m, Formulation: quiet, Side: side, Start: c.at, Running: true})
		l, _ := run(d, 8.5, 512)
		peak := func(from, to float64) (at, level float64) {
			for s := from; s < to; s += 0.005 {
				x := l[int((s-c.at.Seconds())*rate):][:rate/20]
				if v := bench.Level(x, rate, 450); at == 0 || v > level {
					at, level = s, v
				}
			}
			return at, level
		}
		before, pre := peak(burst-3.5, burst-0.2)
		after, post := peak(burst+0.3, burst+3.6)
		expect(t, "pre-echo", burst+0.025-before, c.delay, 0.06)
		expect(t, "post-echo", after-burst-0.025, c.delay, 0.06)
		expect(t, "post-echo level", post, -60.5, 1.5)
		expect(t, "pre-echo level", pre, -63.5, 1.5)
	}
}

// The echo is band-shaped around 2π times the tape's thickness.
func TestPrintThroughBand(t *testing.T) {
	g := newGhosts(Config{Length: c60()}, 6000, 60, 256)
	best, at := 0.0, 0.0
	for hz := 50.0; hz < 2900; hz += 5 {
		var re float64
		for i, v := range g.taps {
			re += float64(v) * math.Cos(2*math.Pi*hz/6000*float64(i-len(g.taps)/2))
		}
		if re > best {
			best, at = re, hz
		}
	}
	expect(t, "worst frequency", at, 446, 60)
	expect(t, "its gain", best, 1, 0.06)
}

// Output does not depend on how it is cut into blocks, to the bit, and the same copy is the same again.
func TestBlockSizes(t *testing.T) {
	side := wave{rate * 30, func(t float64) (float64, float64) {
		return 0.5 * math.Sin(2*math.Pi*(200+300*t)*t), 0.4 * math.Sin(2*math.Pi*1000*t)
	}}
	sum := func(n int, plays int, copy string) uint64 {
		d := start(t, Config{Machine: Machines()[2], Formulation: tape.Chrome(), Side: side, Other: side, Copy: copy, Plays: plays, Running: true, Start: time.Second})
		h := fnv.New64a()
		for _, half := range []float64{1.1, 2} {
			l, r := run(d, half, n)
			for i := range l {
				fmt.Fprintf(h, "%x%x", math.Float64bits(l[i]), math.Float64bits(r[i]))
			}
			d.Press(Stop) // and what a stop sounds like
		}
		return h.Sum64()
	}
	want := sum(128, 300, "FER-001/17")
	for _, n := range []int{1, 64, 1000, 65536} {
		if sum(n, 300, "FER-001/17") != want {
			t.Errorf("blocks of %d differ from blocks of 128", n)
		}
	}
	if sum(128, 300, "FER-001/18") == want || sum(128, 299, "FER-001/17") == want {
		t.Error("another copy, or one play less, sounds the same")
	}
}

// One gets the same sound at a place whether one plays on to it or has wound back to it.
func TestPlaceDecides(t *testing.T) {
	side := wave{rate * 60, func(t float64) (float64, float64) { v := 0.3 * math.Sin(2*math.Pi*700*t); return v, v }}
	c := Config{Machine: Machines()[3], Side: side, Other: side, Copy: "x", Plays: 500}
	d := start(t, c)
	a, b := d.tape[0], start(t, c).tape[0]
	for i := range int64(30000) {
		a.read((i + 100000) << 32)
	}
	for i := int64(30000); i > 0; i-- {
		at := (i + 100000) << 32
		l, r := a.read(at)
		if m, s := b.read(at); i%7 == 0 && (l != m || r != s) {
			t.Fatalf("at %d: %g %g, then %g %g", i, l, r, m, s)
		}
		if i == 15000 { // and from far away
			b.read(40 * rate << 32)
		}
	}
}

func TestDropoutsStay(t *testing.T) {
	find := func(plays int) map[int]float64 {
		o := newDamage(Config{Plays: plays}, newSeeds(seedOf("FER-001/17"), false), rate, rate*1800)
		seen := map[int]float64{}
		for n := range uint64(1800 / dropCell) {
			if e, ok := o.event(o.seeds.drop, n, dropCell, false); ok {
				seen[int(e.from*1000)] = e.um
			}
		}
		return seen
	}
	before, after := find(0), find(100)
	if len(before) < 20 || len(after) < 3*len(before) {
		t.Errorf("%d dropouts on a new side, %d after 100 plays", len(before), len(after))
	}
	for at, um := range before {
		if after[at] <= um {
			t.Errorf("the dropout at %d ms was %.2f µm and is %.2f after plays", at, um, after[at])
		}
	}
	ends := 0
	for at := range after {
		if at < 90000 || at > 1710000 {
			ends++
		}
	}
	if share := float64(ends) / float64(len(after)); share < 0.15 { // a tenth of the time
		t.Errorf("%.0f %% of dropouts are at the ends", 100*share)
	}
}

func TestLeaderIsSilent(t *testing.T) {
	m := ideal()
	d := start(t, Config{Machine: m, Side: aTone(1000, -10)})
	d.Press(Play)
	l, _ := run(d, 7.5, 128)
	if v := bench.NoiseDBA(l[rate:rate*6], rate); v > -115 {
		t.Errorf("the leader plays at %.1f dB(A)", v)
	}
	if v := bench.Level(l[rate*7:], rate, 1000); v < -11 {
		t.Errorf("no programme after the leader: %.1f dB", v)
	}
}

func TestNothingAllocated(t *testing.T) {
	bend := Bend{Version: 1}
	for _, r := range bend.ranges() {
		*r.v = (r.lo + r.hi) / 3
	}
	for _, b := range []*Bend{nil, &bend} {
		d := start(t, Config{Machine: Machines()[2], Side: aTone(500, -10), Other: aTone(700, -10), Plays: 1000, Running: true, Bend: b})
		var l, r [128]float32
		if n := testing.AllocsPerRun(300, func() { d.Process(l[:], r[:]) }); n != 0 {
			t.Errorf("%g allocations a block", n)
		}
	}
}

// Whatever the parts, the input and the keys, output is a number within ±1.
func TestBounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := func(name string) float64 {
			return rapid.OneOf(rapid.Float64Range(-200, 200), rapid.Float64()).Draw(rt, name)
		}
		m := Machine{
			Name: "any", FlutterWRMSPct: v("flutter"), SpeedPct: v("speed"), ReelShare: v("reel"), PinchMM: v("pinch"), CapstanMM: v("capstan"),
			PeakShare: v("peaks"), GapUM: v("gap"), SpacingUM: v("spacing"), AzimuthArcmin: v("azimuth"), ThicknessUM: v("thickness"), BumpHz: v("bump"),
			BumpDB: v("bump dB"), LowHz: v("low"), HighHz: v("high"), FixedEQ: rapid.Bool().Draw(rt, "fixed"), SeparationDB: v("separation"),
			OtherSideDB: v("other"), NoiseDBA: v("noise"), HumDB: v("hum"), MotorDB: v("motor"), TurnsPerSec: v("turns"), RunOutSec: v("run out"), KeyDB: v("key"),
		}
		loud := float32(math.Pow(10, rapid.Float64Range(-3, 30).Draw(rt, "level")))
		side := Samples{make([]float32, rate), make([]float32, rate)}
		for i := range side[0] {
			side[0][i] = loud * float32(dsp.Triangular(1, uint64(i)))
			side[1][i] = float32(math.NaN())
		}
		d, err := New(Config{Rate: rapid.SampledFrom([]float64{22050, 44100, 48000, 96000}).Draw(rt, "rate"), Machine: m, Side: side, Other: side,
			Plays: rapid.IntRange(-5, 1<<40).Draw(rt, "plays"), DolbyDBFS: v("dolby"), Running: true})
		if err != nil {
			rt.Fatal(err)
		}
		var l, r [997]float32
		for range 12 {
			d.Press(Key(rapid.IntRange(-1, 10).Draw(rt, "key")))
			d.Process(l[:], r[:])
			for i := range l {
				if !(l[i] >= -1 && l[i] <= 1 && r[i] >= -1 && r[i] <= 1) {
					rt.Fatalf("output %g %g", l[i], r[i])
				}
			}
		}
	})
}

func TestRefuses(t *testing.T) {
	for _, c := range []Config{{Rate: 1000}, {Rate: math.NaN()}, {Rate: 1e9}, {Start: -1}, {Start: time.Hour}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
	if _, err := ParseMachine("toaster"); err == nil {
		t.Error("a toaster plays no tapes")
	}
}
