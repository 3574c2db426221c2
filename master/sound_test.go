package master

import (
	"context"
	"io"
	"math"
	"sync"
	"testing"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/dsp"
)

// sound is test audio: a pure function of channel and frame.
type sound struct {
	format audio.Format
	length audio.Frames
	at     audio.Frames
	wave   func(c int, frame audio.Frames) float64
	grid   float64 // samples are multiples of 1/grid
}

func (s *sound) Format() audio.Format { return s.format }
func (s *sound) Length() audio.Frames { return s.length }
func (s *sound) Close() error         { return nil }
func (s *sound) ReadFrames(dst [][]float32) (int, error) {
	n := int(min(audio.Frames(min(len(dst[0]), 3000)), s.length-s.at))
	if n == 0 {
		return 0, io.EOF
	}
	for c := range dst {
		for i := range n {
			dst[c][i] = float32(max(-1, min(1-1/s.grid, math.Round(s.wave(c, s.at+audio.Frames(i))*s.grid)/s.grid)))
		}
	}
	s.at += audio.Frames(n)
	return n, nil
}

// piece is one track of a test album.
type piece struct {
	rate     audio.Rate
	channels int
	bits     int
	length   time.Duration
	wave     func(c int, t float64) float64
}

// record makes an album of pieces and its opener.
func record(pieces ...piece) (*album.Album, Opener) {
	a := &album.Album{Title: "Test", Artist: "Tester"}
	for i := range pieces {
		p := &pieces[i]
		if p.rate == 0 {
			p.rate = 44100
		}
		if p.channels == 0 {
			p.channels = 2
		}
		if p.bits == 0 {
			p.bits = 24
		}
		a.Tracks = append(a.Tracks, album.Track{
			File: string(rune('a'+i)) + ".wav", Title: "Piece " + string(rune('1'+i)),
			Format: audio.Format{Rate: p.rate, Channels: p.channels, Bits: p.bits, Codec: "pcm"},
			Frames: p.rate.Frames(p.length),
		})
	}
	return a, func(_ context.Context, t album.Track) (audio.Source, error) {
		p := pieces[t.File[0]-'a']
		return &sound{
			format: t.Format, length: t.Frames, grid: math.Ldexp(1, t.Format.Bits-1),
			wave: func(c int, f audio.Frames) float64 { return p.wave(c, float64(f)/float64(p.rate)) },
		}, nil
	}
}

func sine(hz, amplitude float64) func(int, float64) float64 {
	return func(_ int, t float64) float64 { return amplitude * math.Sin(2*math.Pi*hz*t) }
}

// noise is white, different in each channel.
func noise(amplitude float64) func(int, float64) float64 {
	return func(c int, t float64) float64 {
		return amplitude * (2*dsp.Uniform(uint64(c), uint64(math.Round(t*44100))) - 1)
	}
}

// fade ends a wave softly.
func fade(length time.Duration, wave func(int, float64) float64) func(int, float64) float64 {
	return func(c int, t float64) float64 {
		return wave(c, t) * min(1, max(0, 2*(length.Seconds()-t)))
	}
}

// drums are decaying hits twice a second over a soft bed: peaky music.
func drums(level float64) func(int, float64) float64 {
	bed := noise(0.02)
	return func(c int, t float64) float64 {
		beat := math.Mod(t, 0.5)
		hit := uint64(t * 2)
		strong := 0.4 + 0.6*dsp.Uniform(9, hit)
		kick := strong * math.Exp(-beat*18) * math.Sin(2*math.Pi*(55*beat+8*(1-math.Exp(-beat*30))))
		snare := 0.0
		if hit%2 == 1 {
			snare = 0.7 * strong * math.Exp(-beat*35) * (2*dsp.Uniform(uint64(c)+5, uint64(math.Round(t*44100))) - 1)
		}
		chord := 0.08 * (math.Sin(2*math.Pi*220*t) + math.Sin(2*math.Pi*277.2*t) + math.Sin(2*math.Pi*329.6*t+float64(c)))
		return level * (kick + snare + chord + bed(c, t))
	}
}

// loop repeats the first seconds of a wave at 44.1 kHz: made once, it costs nothing to read.
func loop(seconds int, wave func(int, float64) float64) func(int, float64) float64 {
	var cycle [2][]float64
	for c := range cycle {
		for i := range seconds * 44100 {
			cycle[c] = append(cycle[c], wave(c, float64(i)/44100))
		}
	}
	return func(c int, t float64) float64 { return cycle[c][int(t*44100+0.5)%len(cycle[c])] }
}

// keep is a sink that holds what it was given.
type keep struct {
	mu    sync.Mutex
	sides [2][2][]float32
	tries [2]int
}

type keepSide struct {
	k    *keep
	side int
}

func (k *keep) sink(side int) (audio.Sink, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sides[side] = [2][]float32{}
	k.tries[side]++
	return &keepSide{k, side}, nil
}

func (s *keepSide) WriteFrames(src [][]float32) error {
	for c := range src {
		s.k.sides[s.side][c] = append(s.k.sides[s.side][c], src[c]...)
	}
	return nil
}
func (s *keepSide) Close() error { return nil }

// press measures, lays out and renders.
func press(t testing.TB, a *album.Album, open Opener, o Options) (*Measurements, *Plan, *Result, *keep) {
	t.Helper()
	ctx := context.Background()
	m, err := Measure(ctx, a, open, o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Layout(a, m, o)
	if err != nil {
		t.Fatal(err)
	}
	k := &keep{}
	r, err := Render(ctx, a, m, p, open, k.sink, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Sides {
		if got := len(k.sides[i][0]); got != int(p.Sides[i].Length) {
			t.Fatalf("side %d: %d frames, planned %d", i, got, p.Sides[i].Length)
		}
	}
	return m, p, r, k
}
