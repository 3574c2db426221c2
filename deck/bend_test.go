package deck

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"ferric/deck/bench"
	"ferric/dsp"

	"pgregory.net/rapid"
)

func bent(t testing.TB, hz float64, b Bend) []float64 {
	b.Version = 1
	d := start(t, Config{Machine: ideal(), Side: aTone(hz, -15), Start: time.Minute, Running: true, Bend: &b})
	l, _ := run(d, 2.5, 256)
	return l[rate/2:]
}

// pitch is the strongest frequency near one.
func pitch(x []float64, near float64) float64 {
	best, at := math.Inf(-1), 0.0
	for hz := near * 0.9; hz < near*1.1; hz *= 1.004 {
		if l := bench.LevelBesideNoise(x, rate, hz); l > best {
			best, at = l, hz
		}
	}
	return at
}

func TestBendModules(t *testing.T) {
	// The pot: half speed is an octave down, give or take what this motor is off.
	l := bent(t, 1000, Bend{Motor: MotorBend{Speed: 0.5}})
	if p := pitch(l, 500); p < 480 || p > 520 {
		t.Errorf("half speed plays 1 kHz at %.0f Hz", p)
	}
	// An octave key.
	if p := pitch(bent(t, 1000, Bend{Motor: MotorBend{Keys: []float64{12}}}), 2000); math.Abs(p-2000) > 15 {
		t.Errorf("an octave up plays 1 kHz at %.0f Hz", p)
	}
	// Brake to standstill is silence.
	if v := bench.Level(bent(t, 1000, Bend{Motor: MotorBend{Brake: 1}})[rate:], rate, 1000); v > -70 {
		t.Errorf("a braked tape plays at %.1f dB", v)
	}
	// Dead bias makes odd harmonics.
	if k := bench.ThirdHarmonic(bent(t, 400, Bend{Electronics: ElectronicsBend{Dead: 1}}), rate, 400); k < 3 {
		t.Errorf("dead bias: %.2f %% third harmonic", k)
	}
	// The wrong capacitor: 3 dB down at its corner.
	flat := bench.Level(bent(t, 3000, Bend{}), rate, 3000)
	expect(t, "capacitor", bench.Level(bent(t, 3000, Bend{Electronics: ElectronicsBend{CapHz: 3000}}), rate, 3000)-flat, -3, 0.8)
	// A short for half of the time.
	expect(t, "short", bench.Level(bent(t, 3000, Bend{Electronics: ElectronicsBend{Short: 0.5, ShortHz: 5}}), rate, 3000)-flat, -3, 0.5)
	plain := bent(t, 700, Bend{})
	for name, b := range map[string]Bend{
		"wobble": {Motor: MotorBend{Wobble: 0.2}}, "starve": {Motor: MotorBend{Starve: 0.5}}, "hold": {Motor: MotorBend{Hold: 1}}, "light": {Motor: MotorBend{Light: 0.5}},
		"reverse": {Motor: MotorBend{Reverse: true}}, "wander": {Head: HeadBend{Wander: 30}}, "scrub": {Head: HeadBend{Scrub: 0.2}}, "boost": {Electronics: ElectronicsBend{BoostDB: 30}},
		"feedback": {Electronics: ElectronicsBend{Feedback: 0.8, FeedbackMS: 7}}, "loop": {Tape: TapeBend{LoopS: 0.3}}, "wrap": {Tape: TapeBend{Wrap: 1}},
		"echo": {Tape: TapeBend{Echo: 0.6, EchoMS: 200}}, "erase off": {Tape: TapeBend{Erase: 0.9, EraseS: 1}},
	} {
		x := bent(t, 700, b)
		var d float64
		for i := range x {
			d += (x[i] - plain[i]) * (x[i] - plain[i])
		}
		if d/float64(len(x)) < 1e-7 {
			t.Errorf("%s: nothing to hear", name)
		}
	}
}

// A loop repeats: what is heard comes again one length later.
func TestLoopRepeats(t *testing.T) {
	b := Bend{Version: 1, Tape: TapeBend{LoopS: 0.5}}
	m := ideal()
	side := wave{1 << 40, func(s float64) (float64, float64) { v := 0.2 * math.Sin(2*math.Pi*(300+40*s)*s); return v, v }}
	d := start(t, Config{Machine: m, Side: side, Start: time.Minute, Running: true, Bend: &b})
	l, _ := run(d, 2, 256)
	var worst float64
	for i := rate / 4; i < rate; i++ {
		worst = max(worst, math.Abs(l[i]-l[i+rate/2]))
	}
	if worst > 1e-4 {
		t.Errorf("the second round differs by %g", worst)
	}
}

func randomBend(rt *rapid.T) Bend {
	b := Bend{Version: 1}
	for _, r := range b.ranges() {
		if rapid.Bool().Draw(rt, r.name+"?") {
			*r.v = rapid.Float64Range(r.lo, r.hi).Draw(rt, r.name)
		}
	}
	b.Motor.Reverse = rapid.Bool().Draw(rt, "reverse")
	b.Motor.Keys = rapid.SliceOfN(rapid.Float64Range(-24, 12), 0, 16).Draw(rt, "keys")
	if len(b.Motor.Keys) == 0 {
		b.Motor.Keys = nil
	}
	return b
}

// Any combination stays finite and within full scale, does not depend on blocks and survives its link.
func TestAnyBend(t *testing.T) {
	side := Samples{make([]float32, 4*rate), make([]float32, 4*rate)}
	for i := range side[0] {
		side[0][i] = 3 * float32(dsp.Triangular(1, uint64(i)))
		side[1][i] = float32(math.Sin(float64(i) * 0.05))
	}
	rapid.Check(t, func(rt *rapid.T) {
		b := randomBend(rt)
		again, err := ParseLink(b.Link())
		if err != nil || !reflect.DeepEqual(b, again) {
			rt.Fatalf("link: %v\n%+v\n%+v", err, b, again)
		}
		c := Config{Machine: Machines()[rapid.IntRange(0, 4).Draw(rt, "machine")], Side: side, Other: side, Start: time.Second, Running: true, Bend: &b}
		p := start(t, c)
		q := p
		if cut := rapid.IntRange(0, 3).Draw(rt, "cut") == 0; cut {
			q = start(t, c)
		}
		var l, r, one, two [700]float32
		for range 20 {
			p.Process(l[:], r[:])
			if q != p {
				q.Process(one[:300], two[:300])
				q.Process(one[300:], two[300:])
			}
			for i := range l {
				if q != p && (l[i] != one[i] || r[i] != two[i]) {
					rt.Fatalf("blocks matter at %d", i)
				}
				if !(l[i] >= -1 && l[i] <= 1 && r[i] >= -1 && r[i] <= 1) {
					rt.Fatalf("output %g %g", l[i], r[i])
				}
			}
		}
	})
}

func TestParseBend(t *testing.T) {
	for text, want := range map[string]string{
		`{"bend":2}`:                       "version 1",
		`{}`:                               "version 1",
		`{"bend":1,"motor":{"speed":3}}`:   "motor.speed is 3 (0 to 2)",
		`{"bend":1,"motor":{"keys":[40]}}`: "semitones",
		`{"bend":1,"motor":{"spede":1}}`:   "spede",
		`{"bend":1} {}`:                    "after its end",
		`{"bend":1,"tape":{"echo":-1}}`:    "tape.echo",
		`{"bend":1,"name":"` + strings.Repeat("x", 81) + `"}`: "name is longer",
		strings.Repeat(" ", LargestBend+1):                    "at most",
		`[`:                                                   "not a bend",
	} {
		if _, err := ParseBend([]byte(text)); !errors.Is(err, ErrBend) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}

func FuzzParseBend(f *testing.F) {
	f.Add([]byte(`{"bend":1,"name":"Sunday","motor":{"speed":0.7,"keys":[0,3,7],"keys_hz":2},"tape":{"loop_s":4.9}}`))
	f.Add([]byte(`{"bend":1,"electronics":{"boost_db":48,"feedback":1,"feedback_ms":0.5,"dead":1}}`))
	f.Add([]byte(`{"bend":1e400}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBend(data)
		if err != nil {
			if !errors.Is(err, ErrBend) {
				t.Fatal(err)
			}
			return
		}
		out, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) <= LargestBend {
			if again, err := ParseBend(out); err != nil {
				t.Fatal(err, again)
			}
		}
	})
}
