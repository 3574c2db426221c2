package listen

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/wav"
	"ferric/dsp"
	"ferric/internal/fault"
)

type memorySound struct{ *bytes.Reader }

func (memorySound) Close() error { return nil }

// side writes a programme of so many frames into a file, and gives it and its samples.
func side(t testing.TB, kind string, rate audio.Rate, bits int, frames audio.Frames) (string, [][]float32) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "side."+kind)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var sink audio.Sink
	if kind == "wav" {
		sink, err = wav.NewWriter(file, wav.Config{Rate: rate, Channels: 2, Bits: bits})
	} else {
		sink, err = flac.NewWriter(file, flac.Config{Rate: rate, Channels: 2, Bits: bits, Length: frames})
	}
	if err != nil {
		t.Fatal(err)
	}
	all := audio.NewBlock(2, int(frames))
	scale := float64(int(1) << (bits - 1))
	for c, ch := range all {
		for i := range ch {
			v := 0.4*math.Sin(float64(i)*0.01*float64(c+1)) + 0.1*(float64(dsp.Hash(uint64(c), uint64(i))>>40)/(1<<24)-0.5)
			ch[i] = float32(math.Round(v*scale) / scale)
		}
	}
	if err := sink.WriteFrames(all); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	return path, all
}

func load(t testing.TB, path string) Sound {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return memorySound{bytes.NewReader(data)}
}

func decode(t testing.TB, data []byte) (audio.Format, [][]float32) {
	t.Helper()
	r, err := flac.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	r.CheckMD5()
	block := audio.NewBlock(r.Format().Channels, int(r.Length()))
	for got := 0; got < len(block[0]); {
		n, err := r.ReadFrames(audio.Window(nil, block, got, len(block[0])))
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	if _, err := r.ReadFrames(audio.NewBlock(2, 1)); !errors.Is(err, io.EOF) { // which compares the MD5, too
		t.Fatal(err)
	}
	return r.Format(), block
}

// All segments one after the other are the side, to the bit, whatever it is stored as.
func TestSegmentsAreTheSide(t *testing.T) {
	for _, c := range []struct {
		kind   string
		rate   audio.Rate
		bits   int
		frames audio.Frames
	}{
		{"wav", 44100, 16, 44100*9 + 777}, {"wav", 48000, 24, 48000 * 8}, {"flac", 44100, 24, 44100*7 + 1}, {"flac", 48000, 16, 95999}, {"flac", 48000, 16, 96000*3 + 1},
	} {
		path, want := side(t, c.kind, c.rate, c.bits, c.frames)
		sound := load(t, path)
		p := Programme{Frames: c.frames, Rate: c.rate}
		at := 0
		for i := range p.Segments() {
			data, err := Cut(t.Context(), sound, false, i)
			if err != nil {
				t.Fatal(err)
			}
			f, got := decode(t, data)
			if f.Rate != c.rate || f.Bits != c.bits || i < p.Segments()-1 && len(got[0]) != SegmentSeconds*int(c.rate) {
				t.Fatalf("segment %d: %+v, %d frames", i, f, len(got[0]))
			}
			for ch := range got {
				for k, v := range got[ch] {
					if v != want[ch][at+k] {
						t.Fatalf("%+v: channel %d frame %d is %v, want %v", c, ch, at+k, v, want[ch][at+k])
					}
				}
			}
			at += len(got[0])
		}
		if at != int(c.frames) {
			t.Errorf("%+v: %d frames in all segments", c, at)
		}
		for _, i := range []int{-1, p.Segments(), 1 << 40} {
			if _, err := Cut(t.Context(), sound, false, i); !fault.Is(err, fault.NotFound) {
				t.Errorf("segment %d: %v", i, err)
			}
		}
	}
}

func TestCueSegments(t *testing.T) {
	const frames = 44100*36 + 5
	path, want := side(t, "flac", 44100, 16, frames)
	sound := load(t, path)
	p := Programme{Frames: frames, Rate: 44100}
	var got [2][]float32
	for i := range p.Cues() {
		data, err := Cut(t.Context(), sound, true, i)
		if err != nil {
			t.Fatal(err)
		}
		_, block := decode(t, data)
		if len(block[0]) > SegmentSeconds*44100 {
			t.Fatalf("a cue segment of %d frames", len(block[0]))
		}
		got[0], got[1] = append(got[0], block[0]...), append(got[1], block[1]...)
	}
	if len(got[0]) != (frames+CueFactor-1)/CueFactor {
		t.Fatalf("%d frames in all cue segments", len(got[0]))
	}
	for c := range got {
		for k, v := range got[c] {
			var sum float64
			part := want[c][k*CueFactor : min((k+1)*CueFactor, frames)]
			for _, x := range part {
				sum += float64(x)
			}
			if math.Abs(sum/float64(len(part))-float64(v)) > 0.51/32768 {
				t.Fatalf("channel %d frame %d is %v, the mean is %v", c, k, v, sum/float64(len(part)))
			}
		}
	}
}

func TestCutterKeepsLittle(t *testing.T) {
	path, _ := side(t, "wav", 44100, 16, 44100*30)
	sound := load(t, path)
	var opened atomic.Int64
	open := func(context.Context) (Sound, error) { opened.Add(1); return sound, nil }
	c := NewCutter(500<<10, 2)
	get := func(i int) []byte {
		data, err := c.Segment(t.Context(), "key", false, i, open)
		if err != nil {
			t.Error(err)
		}
		return data
	}
	var all sync.WaitGroup
	for range 20 { // one cut, however many wait for it
		all.Go(func() { get(0) })
	}
	all.Wait()
	if n := opened.Load(); n != 1 {
		t.Errorf("one segment was cut %d times", n)
	}
	for i := range 15 {
		get(i)
		if c.used > c.room || c.order.Len() != len(c.known) {
			t.Fatalf("%d bytes kept, %d allowed", c.used, c.room)
		}
	}
	if len(c.known) == 0 || len(c.under) != 0 {
		t.Errorf("%d known, %d under way", len(c.known), len(c.under))
	}
	before := opened.Load()
	get(14)
	if opened.Load() != before {
		t.Error("the last segment was not kept")
	}
	broken := errors.New("disk")
	if _, err := c.Segment(t.Context(), "other", false, 0, func(context.Context) (Sound, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Segment(ctx, "other", false, 1, open); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What cannot be cut exactly, or is no sound, is refused.
func TestCutRefuses(t *testing.T) {
	path, _ := side(t, "wav", 44100, 16, 44100*5)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("this is no sound at all"), "short": whole[:len(whole)/2], "head": whole[:44]} {
		if _, err := Cut(t.Context(), memorySound{bytes.NewReader(data)}, false, 1); err == nil {
			t.Errorf("%s was cut", name)
		}
	}
}

func BenchmarkCut(b *testing.B) {
	for _, kind := range []string{"wav", "flac"} {
		path, _ := side(b, kind, 48000, 24, 48000*60*5)
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		info, err := file.Stat()
		if err != nil {
			b.Fatal(err)
		}
		for name, cue := range map[string]bool{"segment": false, "cue": true} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for i := range b.N {
					n := 150
					if cue {
						n = 9
					}
					if _, err := Cut(b.Context(), diskFile{file, info.Size()}, cue, i*37%n); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		file.Close()
	}
}
