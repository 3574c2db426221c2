package master

import (
	"io"
	"math"
	"testing"
	"time"

	"ferric/audio"
	"ferric/tape"
)

func TestLineUp(t *testing.T) {
	l := NewLineUp(tape.Ferric())
	if l.RecordDB != -6.5 || l.ReferenceDB != -5.5 {
		t.Errorf("ferric: %+v", l)
	}
	// A peak at −1 dBFS lands 4.5 dB over Dolby level, under 3 % distortion.
	if peak := -1 - l.ReferenceDB; peak != 4.5 || peak > tape.Ferric().MOL400 {
		t.Errorf("peaks at %+.1f dB", peak)
	}
	for _, f := range tape.Formulations() {
		l := NewLineUp(f)
		for _, tone := range l.Tones {
			if over := tone.LevelDB - l.ReferenceDB - f.SaturationDB(tone.Hz); over > -5 {
				t.Errorf("%s: the %s tone stands %.1f dB from saturation", f.Name, tone.Name, over)
			}
		}
	}
	for _, rate := range []audio.Rate{44100} {
		src := l.Source(rate)
		block := audio.NewBlock(2, 5000)
		var got []float32
		for {
			n, err := src.ReadFrames(block)
			if err == io.EOF {
				break
			}
			got = append(got, block[0][:n]...)
			if block[1][n-1] != block[0][n-1] {
				t.Fatal("channels differ")
			}
		}
		if audio.Frames(len(got)) != src.Length() || src.Length() != rate.Frames(l.Duration()) {
			t.Fatalf("%d frames", len(got))
		}
		for _, tone := range l.Tones {
			from, n := int(rate.Frames(tone.Start)), int(rate.Frames(tone.Length))
			// A second of it against the closed form: all power on its frequency, none beside.
			k := from + int(rate)
			var re, im, power float64
			for i := range int(rate) {
				v := float64(got[k+i])
				re += v * math.Cos(2*math.Pi*tone.Hz*float64(i)/float64(rate))
				im += v * math.Sin(2*math.Pi*tone.Hz*float64(i)/float64(rate))
				power += v * v
			}
			amplitude := 2 * math.Hypot(re, im) / float64(rate)
			if d := audio.DB(amplitude) - tone.LevelDB; math.Abs(d) > 1e-4 {
				t.Errorf("%s: %+.5f dB off", tone.Name, d)
			}
			if rest := power - amplitude*amplitude/2*float64(rate); math.Abs(rest) > 1e-6*power {
				t.Errorf("%s: %g of its power is elsewhere", tone.Name, rest/power)
			}
			if got[from-1] != 0 || got[from+n] != 0 {
				t.Errorf("%s does not stand alone", tone.Name)
			}
		}
		if at := l.Tones[1].Start; at < l.Tones[0].Start+l.Tones[0].Length+time.Second {
			t.Errorf("no pause before the second tone")
		}
	}
}
