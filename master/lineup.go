package master

import (
	"fmt"
	"io"
	"math"
	"time"

	"ferric/audio"
	"ferric/tape"
)

// LineUp says how a deck is set for the programmes: the tone at ToneDB on the
// file is recorded at RecordDB over Dolby level. All of it is Ferric's proposal,
// since no vendor states one: on ferric tape the usual −12 dBFS tone goes 6.5 dB
// under Dolby level, so that peaks at −1 dBFS land 4.5 dB over it, just under
// 3 % distortion (5.3 dB); tapes that carry more are driven as much higher.
type LineUp struct {
	Formulation tape.Formulation
	ToneDB      float64 // dBFS, peak of the sine
	RecordDB    float64 // dB re Dolby level
	// ReferenceDB is the level on the file, dBFS, that is recorded at Dolby level.
	ReferenceDB float64
	Tones       []Tone
}

// Tone is one stretch of the line-up file.
type Tone struct {
	Name    string // "level", "speed", "azimuth"
	Hz      float64
	LevelDB float64 // dBFS, peak of the sine
	Start   time.Duration
	Length  time.Duration
	Purpose string
}

// NewLineUp is the line-up for a formulation.
func NewLineUp(f tape.Formulation) LineUp {
	l := LineUp{Formulation: f, ToneDB: -12, RecordDB: -6.5 + f.MOL400 - tape.Ferric().MOL400}
	l.ReferenceDB = l.ToneDB - l.RecordDB
	l.Tones = []Tone{
		{"level", 400, -12, 1 * time.Second, 30 * time.Second,
			fmt.Sprintf("Set the recording level so that playback reads %+.1f dB on a Dolby-zeroed meter (%+.1f dB on one zeroed at 250 nWb/m), both channels alike.", l.RecordDB, tape.IEC().From(l.RecordDB))},
		{"speed", 3150, -12, 33 * time.Second, 30 * time.Second,
			"Read the speed on a flutter meter, or tune by ear against the file: 1 % is 31.5 Hz or 17 cents."},
		// Below saturation by as much as the level tone is.
		{"azimuth", 10000, -20, 65 * time.Second, 30 * time.Second,
			"Turn the head's azimuth screw to the highest level with both channels summed to mono."},
	}
	return l
}

// Duration of the file, a second of silence at the end included.
func (l LineUp) Duration() time.Duration {
	last := l.Tones[len(l.Tones)-1]
	return last.Start + last.Length + time.Second
}

// toneRamp is how long a tone takes to come and go, so that it does not click.
const toneRamp = 10 * time.Millisecond

// Source is the line-up file as sound: each tone on both channels alike,
// every sample the sine of its own time, so that no error adds up.
func (l LineUp) Source(rate audio.Rate) audio.Source {
	return &toneSource{l: l, rate: rate, length: rate.Frames(l.Duration())}
}

type toneSource struct {
	l      LineUp
	rate   audio.Rate
	length audio.Frames
	at     audio.Frames
}

func (t *toneSource) Format() audio.Format {
	return audio.Format{Rate: t.rate, Channels: 2, Bits: 24, Codec: "pcm"}
}
func (t *toneSource) Length() audio.Frames { return t.length }
func (t *toneSource) Close() error         { return nil }

func (t *toneSource) ReadFrames(dst [][]float32) (int, error) {
	n := int(min(audio.Frames(len(dst[0])), t.length-t.at))
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		v := float32(t.sample(t.at + audio.Frames(i)))
		for _, x := range dst {
			x[i] = v
		}
	}
	t.at += audio.Frames(n)
	return n, nil
}

func (t *toneSource) sample(frame audio.Frames) float64 {
	for _, tone := range t.l.Tones {
		from := t.rate.Frames(tone.Start)
		k, n := frame-from, t.rate.Frames(tone.Length)
		if k < 0 || k >= n {
			continue
		}
		// Whole periods are taken off first: 400 Hz at 44.1 kHz repeats every 441 frames.
		turns := math.Mod(float64(k)*tone.Hz, float64(t.rate)) / float64(t.rate)
		v := audio.Ratio(tone.LevelDB) * math.Sin(2*math.Pi*turns)
		ramp := float64(t.rate.Frames(toneRamp))
		if edge := float64(min(k, n-1-k)); edge < ramp {
			v *= 0.5 - 0.5*math.Cos(math.Pi*edge/ramp)
		}
		return v
	}
	return 0
}
