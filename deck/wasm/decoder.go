package main

import (
	"bytes"
	"fmt"
	"io"

	"ferric/audio"
	"ferric/audio/flac"
)

// Limits of a segment.
const (
	largestSegment = 16 << 20 // bytes
	longestSegment = 4 << 20  // frames
)

// decoder turns a segment, a whole FLAC file of one or two channels, into samples.
type decoder struct {
	file  []byte
	sound []float32 // left, then right
}

// room for a segment of n bytes.
func (d *decoder) room(n int) []byte {
	if n < 0 || n > largestSegment {
		return nil
	}
	if n > cap(d.file) {
		d.file = make([]byte, n)
	}
	return d.file[:n]
}

// decode reads the segment in the first n bytes of the room: sound[:frames] is left, sound[frames:] right.
func (d *decoder) decode(n int) (frames int, err error) {
	if n < 0 || n > len(d.file) {
		return 0, fmt.Errorf("a segment of %d bytes was not written", n)
	}
	r, err := flac.NewReader(bytes.NewReader(d.file[:n]), int64(n))
	if err != nil {
		return 0, err
	}
	f, long := r.Format(), r.Length()
	if f.Channels < 1 || f.Channels > 2 {
		return 0, audio.Malformed("FLAC", "%d channels; a side has one or two", f.Channels)
	}
	if long < 1 || long > longestSegment {
		return 0, audio.Malformed("FLAC", "a segment of %d frames", long)
	}
	frames = int(long)
	if cap(d.sound) < 2*frames {
		d.sound = make([]float32, 2*frames)
	}
	d.sound = d.sound[:2*frames]
	left, right := d.sound[:frames], d.sound[frames:]
	block := [][]float32{left, right}[:f.Channels]
	view := make([][]float32, 0, 2)
	for got := 0; got < frames; {
		k, err := r.ReadFrames(audio.Window(view, block, got, frames))
		if err == io.EOF {
			return 0, audio.Truncated("FLAC", audio.Frames(got), long, f.Rate)
		}
		if err != nil {
			return 0, err
		}
		got += k
	}
	if f.Channels == 1 {
		copy(right, left)
	}
	return frames, nil
}
