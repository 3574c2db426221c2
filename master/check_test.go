package master

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// plain is music with nothing to remark on: chords, soft noise, a fade.
func plain(length time.Duration) func(int, float64) float64 {
	music := twoSeconds()
	return fade(length, func(c int, t float64) float64 {
		return music[c][int(math.Round(t*44100))%len(music[c])]
	})
}

// twoSeconds of it; all its parts come round in that time.
var twoSeconds = sync.OnceValue(func() (x [2][]float64) {
	soft := noise(0.004)
	for c := range x {
		for i := range 2 * 44100 {
			t := float64(i) / 44100
			v := soft(c, t)
			for k, hz := range []float64{110, 220, 277, 329.5, 880, 1760} {
				v += 0.05 * math.Sin(2*math.Pi*hz*t+float64(k*(c+1)))
			}
			x[c] = append(x[c], v*(0.7+0.3*math.Sin(2*math.Pi*0.5*t)))
		}
	}
	return x
})

// findings of an album of one track under test between two plain ones.
func findings(t *testing.T, p piece, o Options) []Finding {
	t.Helper()
	other := piece{length: 3 * time.Second, wave: plain(3 * time.Second)}
	a, open := record(other, p, other)
	ctx := context.Background()
	m, err := Measure(ctx, a, open, o)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Layout(a, m, o)
	if err != nil {
		t.Fatal(err)
	}
	var about []Finding
	for _, f := range Check(a, m, plan, nil, o) {
		for _, text := range []string{f.Text, f.Why, f.Do} {
			if text == "" || !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q is no sentence", f.Code, text)
			}
		}
		if f.Track == 2 {
			side, place, _ := plan.Find(1)
			start := plan.Sides[side].Tracks[place].Start.Duration(plan.Rate)
			if f.At < start || f.At > start+p.length {
				t.Errorf("%s at %v, outside its track (%v)", f.Code, f.At, start)
			}
			f.At -= start
			about = append(about, f)
		}
	}
	return about
}

func TestChecks(t *testing.T) {
	const s = time.Second
	mod := func(f func(c int, t, v float64) float64) func(int, float64) float64 {
		base := plain(12 * s)
		return func(c int, t float64) float64 { return f(c, t, base(c, t)) }
	}
	quietBreak := func(t float64) float64 { // 4 to 9 s are soft
		if t > 4 && t < 9 {
			return 0.01
		}
		return 1
	}
	for _, c := range []struct {
		code     string
		severity Severity
		at       time.Duration // where, give or take half a second; -1 anywhere
		has      piece
		hasNot   piece // plain by default
		o        Options
	}{
		{code: "silent-track", severity: Bad, has: piece{wave: sine(440, 0)}},
		{code: "clipped", severity: Care, at: -1,
			has:    piece{wave: mod(func(_ int, _, v float64) float64 { return max(-1, min(0.99999999, 8*v)) })},
			hasNot: piece{wave: mod(func(_ int, _, v float64) float64 { return 0.9 * max(-1, min(1, 8*v)) })}},
		{code: "inter-sample-clip", severity: Care, at: -1,
			// A quarter of the rate, sampled at 45°: peaks 3 dB over its samples.
			has:    piece{wave: func(_ int, t float64) float64 { return 0.99 * math.Sqrt2 * math.Sin(2*math.Pi*11025*t+math.Pi/4) }},
			hasNot: piece{wave: func(_ int, t float64) float64 { return 0.99 * math.Sin(2*math.Pi*11025*t) }}},
		{code: "long-silence", severity: Note, at: 4 * s,
			has: piece{wave: mod(func(_ int, t, v float64) float64 {
				if t > 4 && t < 9 {
					return 0
				}
				return v
			})},
			hasNot: piece{wave: mod(func(_ int, t, v float64) float64 { return v * quietBreak(t) })}},
		{code: "silent-start", severity: Note, has: piece{wave: mod(func(_ int, t, v float64) float64 {
			if t < 9 {
				return 0
			}
			return v
		})}},
		{code: "silent-end", severity: Note, at: 3 * s, has: piece{wave: mod(func(_ int, t, v float64) float64 {
			if t > 3 {
				return 0
			}
			return v
		})}},
		{code: "tail-cut", severity: Care, at: 12 * s, has: piece{wave: plain(time.Hour)}},
		{code: "phase-inverted", severity: Bad,
			has: piece{wave: func(c int, t float64) float64 {
				return plain(12*s)(0, t) * float64(1-2*c)
			}},
			hasNot: piece{wave: func(_ int, t float64) float64 { return plain(12*s)(0, t) }}},
		{code: "mono-loss", severity: Care,
			has: piece{wave: func(c int, t float64) float64 { // mostly difference
				return 0.5*plain(12*s)(0, t) + float64(1-2*c)*noise(0.12)(0, t)*min(1, 12-t)
			}},
			hasNot: piece{wave: fade(12*s, noise(0.1))}},
		{code: "hum", severity: Care, at: 0,
			has: piece{wave: mod(func(_ int, t, v float64) float64 {
				h := 0.0
				for k, a := range []float64{1, 0.6, 0.5, 0.3, 0.2} {
					h += a * math.Sin(2*math.Pi*50*float64(k+1)*t)
				}
				return v*quietBreak(t) + 0.002*h
			})},
			hasNot: piece{wave: mod(func(_ int, t, v float64) float64 { // a low G that is held
				h := 0.0
				for k, a := range []float64{1, 0.6, 0.5, 0.3, 0.2} {
					h += a * math.Sin(2*math.Pi*49*float64(k+1)*t)
				}
				return v*quietBreak(t) + 0.002*h
			})}},
		{code: "sibilance", severity: Note, at: -1,
			has: piece{wave: mod(func(c int, t, v float64) float64 { // an s every second
				if math.Mod(t, 1) < 0.25 {
					for _, hz := range []float64{5510, 6230, 7170, 8290} {
						v += 0.08 * math.Sin(2*math.Pi*hz*t)
					}
				}
				return v
			})}},
		{code: "dc-offset", severity: Note, has: piece{wave: mod(func(_ int, _, v float64) float64 { return v + 0.02 })}},
		{code: "dc-offset", severity: Care, o: Options{Flat: true}, has: piece{wave: mod(func(_ int, _, v float64) float64 { return v + 0.02 })}},
		{code: "sub-bass", severity: Care, has: piece{wave: mod(func(_ int, t, v float64) float64 { return v + 0.4*math.Sin(2*math.Pi*33*t)*min(1, 12-t) })},
			hasNot: piece{wave: mod(func(_ int, t, v float64) float64 { return v + 0.4*math.Sin(2*math.Pi*65*t)*min(1, 12-t) })}},
		{code: "level-low", severity: Note, has: piece{wave: mod(func(_ int, _, v float64) float64 { return v * 0.2 })}},
		{code: "level-high", severity: Note, has: piece{wave: mod(func(_ int, _, v float64) float64 { return v * 2.5 })}},
	} {
		t.Run(c.code, func(t *testing.T) {
			c.has.length, c.hasNot.length = 12*s, 12*s
			if c.hasNot.wave == nil {
				c.hasNot.wave = plain(12 * s)
			}
			found := findings(t, c.has, c.o)
			i := slices.IndexFunc(found, func(f Finding) bool { return f.Code == c.code })
			if i < 0 {
				t.Fatalf("not found; only %+v", found)
			}
			f := found[i]
			t.Log(f.Severity, f.At, f.Text)
			if f.Severity != c.severity {
				t.Errorf("severity %v, want %v", f.Severity, c.severity)
			}
			if c.at >= 0 && (f.At-c.at).Abs() > s/2 {
				t.Errorf("at %v, want %v", f.At, c.at)
			}
			for _, f := range findings(t, c.hasNot, c.o) {
				if f.Code == c.code {
					t.Errorf("found where it is not: %+v", f)
				}
			}
		})
	}
}

func TestPlainMusicPasses(t *testing.T) {
	if f := findings(t, piece{length: 12 * time.Second, wave: plain(12 * time.Second)}, Options{}); len(f) > 0 {
		t.Errorf("found %+v", f)
	}
}

func TestSeverityText(t *testing.T) {
	for _, s := range []Severity{Note, Care, Bad} {
		text, err := s.MarshalText()
		var back Severity
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%v: %s, %v", s, text, err)
		}
	}
	var s Severity
	if s.UnmarshalText([]byte("dire")) == nil {
		t.Error("dire is a severity")
	}
}

func TestVendorLimits(t *testing.T) {
	m := time.Minute
	vendor, err := ParseProfile("pressingbusiness")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Layout(songs(31*m, 20*m), nil, Options{Profile: vendor})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "side-limit" && f.Severity == Bad && f.Side == "A" }) {
		t.Errorf("31 minutes pass: %+v", p.Findings)
	}
	p, err = Layout(songs(29*m, 20*m), nil, Options{Profile: vendor})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "side-limit" }) {
		t.Errorf("29 minutes do not pass: %+v", p.Findings)
	}
	a := songs(10*m, 12*m)
	a.Tracks[1].Side = "B"
	p, err = Layout(a, nil, Options{Profile: vendor})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "side-b-longer" && f.Severity == Bad }) {
		t.Errorf("a longer side B passes: %+v", p.Findings)
	}
	for _, v := range Profiles() {
		if v.Source == "" || v.Rate == 0 || v.Bits == 0 || v.Name == "" {
			t.Errorf("%s is incomplete", v.Key)
		}
		if got, err := ParseProfile(strings.ToUpper(v.Key)); err != nil || got.Key != v.Key {
			t.Errorf("%s: %v", v.Key, err)
		}
	}
	if name := mustProfile(t, "headless").SideFile("A", "A/B", "..\\x", "l", "c"); name != "A-B_x_side_A" {
		t.Errorf("file name %q", name)
	}
	if _, err := ParseProfile("nobody"); err == nil {
		t.Error("nobody is a vendor")
	}
}

func mustProfile(t *testing.T, key string) Profile {
	p, err := ParseProfile(key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A broken float file can hold a sample a thousand times over full scale; the whole tape would be turned down for it.
func TestAbsurdPeakIsBad(t *testing.T) {
	a, open := record(piece{length: 4 * time.Second, wave: sine(440, 0.1)})
	m, plan, r, _ := press(t, a, open, Options{})
	for peak, want := range map[float64]Severity{0.5: Note, 3: Care, 60: Bad} {
		m.Tracks[0].TruePeakDB, m.Tracks[0].Checks.Overs = peak, 1
		i := slices.IndexFunc(Check(a, m, plan, r, Options{}), func(f Finding) bool { return f.Code == "inter-sample-clip" && f.Severity == want })
		if i < 0 {
			t.Errorf("%g dBTP is not marked %v", peak, want)
		}
	}
}
