package main

import (
	"io"
	"math"
	"testing"

	"ferric/audio/flac"
)

// file is a FLAC file in memory.
type file struct {
	b  []byte
	at int
}

func (f *file) Write(p []byte) (int, error) {
	n := copy(f.b[f.at:], p)
	f.b = append(f.b, p[n:]...)
	f.at += len(p)
	return len(p), nil
}

func (f *file) Seek(to int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		to += int64(f.at)
	case io.SeekEnd:
		to += int64(len(f.b))
	}
	f.at = int(to)
	return to, nil
}

func segment(t testing.TB, channels, frames int) ([]byte, [][]float32) {
	t.Helper()
	out := &file{}
	w, err := flac.NewWriter(out, flac.Config{Rate: testRate, Channels: channels, Bits: 16, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	sound := make([][]float32, channels)
	for c := range sound {
		for i := range frames {
			sound[c] = append(sound[c], float32(math.Round(9000*math.Sin(float64(i)*0.02*float64(c+1))))/32768)
		}
	}
	if err := w.WriteFrames(sound); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.b, sound
}

func TestDecodeSegment(t *testing.T) {
	var d decoder
	for _, channels := range []int{2, 1, 2} { // its buffers are used again
		data, want := segment(t, channels, 10000)
		copy(d.room(len(data)), data)
		n, err := d.decode(len(data))
		if err != nil || n != 10000 {
			t.Fatalf("%d frames, %v", n, err)
		}
		for i := range n {
			if d.sound[i] != want[0][i] || d.sound[n+i] != want[channels-1][i] {
				t.Fatalf("frame %d", i)
			}
		}
	}
	if d.room(largestSegment+1) != nil {
		t.Error("room was made for a huge segment")
	}
	if _, err := d.decode(1 << 30); err == nil {
		t.Error("more was decoded than was written")
	}
}

func FuzzDecode(f *testing.F) {
	data, _ := segment(f, 2, 5000)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("fLaC"))
	var d decoder
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		copy(d.room(len(data)), data)
		if n, err := d.decode(len(data)); err == nil && len(d.sound) != 2*n {
			t.Fatalf("%d frames in %d samples", n, len(d.sound))
		}
	})
}
