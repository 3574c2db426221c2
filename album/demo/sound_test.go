package demo

import (
	"math"
	"testing"
)

// sing plays one note of an instrument for n frames, in blocks.
func sing(t testing.TB, play instrument, pitch float64, n int) (l, r []float32) {
	t.Helper()
	v := play(note{kit: newKit(), dice: 1, pitch: pitch, vel: 0.7, frames: n})
	l, r = make([]float32, n), make([]float32, n)
	var tmp [blockLen]float32
	for at := 0; at < n; at += blockLen {
		to := min(n, at+blockLen)
		clear(tmp[:])
		if !v.play(l[at:to], r[at:to], tmp[:to-at]) {
			break
		}
	}
	return l, r
}

// turn is how strongly x holds a sine of hz (a single bin of a Fourier transform under a Hann window).
func turn(x []float32, hz float64) float64 {
	var re, im float64
	for i, v := range x {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(x)))
		s, c := math.Sincos(2 * math.Pi * hz / rate * float64(i))
		re += w * float64(v) * c
		im += w * float64(v) * s
	}
	return math.Hypot(re, im)
}

// Every tuned instrument sounds the pitch that is written: the strongest place within 24 cents is less than 7 cents off. (The singers stand 9 cents to each side of it.)
func TestTuning(t *testing.T) {
	warm := func(k *kit) *wave { return &k.warm }
	held := contour{attack: 0.01, decay: 1, sustain: 1, release: 0.1}
	for name, play := range map[string]instrument{
		"pad":   padSound{wave: warm, contour: held}.voice,
		"bass":  filterSound{wave: warm, contour: held, cutoff: 2000, decay: 0.1, q: 0.7}.voice,
		"choir": choirSound{formants: vowelAh, contour: held}.instrument(),
		"pluck": pluckSound{ring: 5, bright: 0.7, at: 0.2, soft: 0.4, gain: 1}.voice,
		"tine":  tineSound{bark: 0.5, tine: 0.5, ring: 2}.voice,
		"felt":  feltPiano().voice, "box": musicBox().voice, "vibes": vibraphone().voice, "glass": glassBell().voice,
	} {
		for _, pitch := range []float64{45, 69, 81} {
			l, _ := sing(t, play, pitch, rate/2)
			best, at := 0.0, 0.0
			for cents := -24.0; cents <= 24; cents += 2 {
				if p := turn(l, hertz(pitch)*math.Exp2(cents/1200)); p > best {
					best, at = p, cents
				}
			}
			if math.Abs(at) > 7 && (name != "choir" || math.Abs(at) > 12) {
				t.Errorf("%s at pitch %v is %v cents off", name, pitch, at)
			}
		}
	}
}

// No table holds a harmonic above the band.
func TestTablesStayInBand(t *testing.T) {
	k := newKit()
	for pitch := 24.0; pitch < 108; pitch++ {
		hz := hertz(pitch)
		tab := k.saw.fit(hz)
		for n := 1; n < tableLen/2; n++ {
			if float64(n)*hz < bandTop+1 {
				continue
			}
			var re, im float64
			for i := range tableLen {
				x := float64(tab[i])
				re += x * float64(k.sine[(i*n+tableLen/4)&(tableLen-1)])
				im += x * float64(k.sine[(i*n)&(tableLen-1)])
			}
			if a := math.Hypot(re, im) * 2 / tableLen; a > 1e-5 {
				t.Fatalf("pitch %v holds harmonic %d at %.0f Hz: %g", pitch, n, float64(n)*hz, a)
			}
			if n > 220 {
				break
			}
		}
	}
}

// The hall dies away by 60 dB in about the time that it is given, and never grows.
func TestHallDecays(t *testing.T) {
	const t60 = 2.0
	h := newHall(newKit(), t60, 1, 0.02, 1)
	var level []float64 // dB, each 100 ms
	var sum float64
	for n := 0; n < 3*rate/blockLen; n++ {
		var l, r [blockLen]float32
		if n == 0 {
			l[0], r[0] = 1, -1
		}
		h.process(l[:], r[:])
		for i := range l {
			sum += float64(l[i]*l[i] + r[i]*r[i])
		}
		if n%17 == 16 {
			level = append(level, 10*math.Log10(sum))
			sum = 0
		}
	}
	perSecond := (level[15] - level[3]) / (12 * 17 * blockLen / float64(rate))
	if got := -60 / perSecond; got < t60*0.7 || got > t60*1.2 {
		t.Errorf("60 dB take %.2f s, want about %.1f", got, t60)
	}
}

// Even speed: a written tempo change takes the time of its closed form, and the fader points lie on it.
func TestTempo(t *testing.T) {
	s := newScore(newKit(), 1, 120)
	s.bend(8, 16, 60)
	for _, c := range []struct{ beat, want float64 }{
		{0, 0}, {8, 4}, {16, 4 + 8*(0.5+1)/2}, {20, 4 + 6 + 4}, {12, 4 + 4*0.5 + 0.0625*16/2},
	} {
		if got := s.seconds(c.beat); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("beat %v falls at %v s, want %v", c.beat, got, c.want)
		}
	}
}

func TestSoften(t *testing.T) {
	last := float32(-1)
	for x := float32(-6); x < 6; x += 0.001 {
		y := soften(x)
		if y < last || math.Abs(float64(y)) > 0.88 || math.Abs(float64(x)) < 0.5 && y != x {
			t.Fatalf("soften(%v) = %v after %v", x, y, last)
		}
		last = y
	}
}

func TestNotation(t *testing.T) {
	notes, beats := melody("A4:1! | -:.5 Bb3:2.5? C#5:1")
	if beats != 5 || len(notes) != 3 || notes[0].pitch != 69 || notes[1].pitch != 58 || notes[1].at != 1.5 || notes[2].pitch != 73 || notes[0].accent <= 1 || notes[1].accent >= 1 {
		t.Errorf("%+v, %v beats", notes, beats)
	}
	for _, bad := range []string{"H4:1", "A4", "A4:0", "A:1", "A4:x", "A#:1"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was read", bad)
				}
			}()
			melody(bad)
		}()
	}
}

// Held notes of different parts do not grate: few of them stand a semitone, or a semitone and octaves, apart for a beat.
func TestHarmony(t *testing.T) {
	const unpitched = 60 // what drums and the sea are written at
	k := newKit()
	for i, m := range movements {
		s := m(k, 1)
		held, grating := 0, 0
		for i, a := range s.sheet {
			if a.beats < 0.9 || a.pitch == unpitched {
				continue
			}
			held++
			for _, b := range s.sheet[i+1:] {
				together := min(a.beat+a.beats, b.beat+b.beats) - max(a.beat, b.beat)
				if b.beats < 0.9 || b.pitch == unpitched || together < 0.8 || a.c == b.c {
					continue
				}
				if d := int(math.Abs(a.pitch - b.pitch)); d%12 == 1 {
					grating++
				}
			}
		}
		t.Logf("%s: %d of %d", tracks[i].title, grating, held)
		if grating*30 > held {
			t.Errorf("%s: %d of %d held notes stand a semitone from another part", tracks[i].title, grating, held)
		}
	}
}

// Chance depends on the place only.
func TestDice(t *testing.T) {
	d := dice(3)
	if d.at(1, 2).unit(5) != d.at(1).at(2).unit(5) || d.at(1).unit(5) == d.at(2).unit(5) {
		t.Error("a place is not what it says")
	}
	var mean float64
	for i := range 10000 {
		x := d.unit(i)
		if x < 0 || x >= 1 {
			t.Fatal(x)
		}
		mean += x / 10000
	}
	if math.Abs(mean-0.5) > 0.02 {
		t.Errorf("mean %v", mean)
	}
}
