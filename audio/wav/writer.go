package wav

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"ferric/audio"
)

// Cue is a named place in the sound. Editors and duplication desks show it as a marker.
type Cue struct {
	At    audio.Frames
	Label string // UTF-8; may be empty
}

// Config says what a Writer writes.
type Config struct {
	Rate     audio.Rate
	Channels int
	Bits     int  // 16 (when 0) or 24; 32 with Float
	Float    bool // 32-bit floating point
	Cues     []Cue
}

// Writer writes one WAV file. The file turns into RF64 by itself when it passes
// 4 GiB: the room for that is kept at its front as a JUNK chunk.
type Writer struct {
	dst    io.WriteSeeker
	base   int64 // where the file begins in dst
	cfg    Config
	coding coding
	data   int64 // bytes of sound so far
	buf    []byte
	fail   error // the first one; every later call repeats it
}

var _ audio.Sink = (*Writer)(nil)

const (
	maxCues = 10000
	maxRIFF = math.MaxUint32
)

// NewWriter writes the head of a file to dst, from where dst stands.
func NewWriter(dst io.WriteSeeker, cfg Config) (*Writer, error) {
	if cfg.Bits == 0 {
		cfg.Bits = 16
		if cfg.Float {
			cfg.Bits = 32
		}
	}
	if err := (audio.Format{Rate: cfg.Rate, Channels: cfg.Channels}).Check("WAV"); err != nil {
		return nil, err
	}
	if cfg.Float && cfg.Bits != 32 || !cfg.Float && cfg.Bits != 16 && cfg.Bits != 24 {
		return nil, audio.Unsupported("WAV", "writing %d bits (floating point: %v)", cfg.Bits, cfg.Float)
	}
	base, err := dst.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("write WAV: %w", err)
	}
	k := coding{bytes: cfg.Bits / 8, float: cfg.Float}
	frame := k.bytes * cfg.Channels
	w := &Writer{dst: dst, base: base, cfg: cfg, coding: k, buf: make([]byte, blockBytes/frame*frame)}
	cues := cfg.Cues
	w.cfg.Cues = nil
	for _, c := range cues {
		w.AddCue(c.At, c.Label)
	}
	if _, err := dst.Write(w.head(0, 0)); err != nil {
		return nil, fmt.Errorf("write WAV: %w", err)
	}
	return w, nil
}

// AddCue marks a place, before or after it was written. Beyond 10,000 it does nothing.
func (w *Writer) AddCue(at audio.Frames, label string) {
	if len(w.cfg.Cues) < maxCues {
		w.cfg.Cues = append(w.cfg.Cues, Cue{at, label})
	}
}

// WriteFrames rounds src to the file's grid (see audio.Quantise) and writes it. Samples
// that lie on the grid already pass unchanged; dither is the caller's business.
func (w *Writer) WriteFrames(src [][]float32) error {
	if w.fail != nil {
		return w.fail
	}
	frame := w.coding.bytes * w.cfg.Channels
	for at, total := 0, len(src[0]); at < total; {
		n := min(total-at, len(w.buf)/frame)
		raw := w.buf[:n*frame]
		if bad := w.coding.fromFloat(raw, src, at, n); bad >= 0 {
			w.fail = audio.NotFinite("WAV", audio.Frames(w.data/int64(frame))+audio.Frames(bad), w.cfg.Rate)
			return w.fail
		}
		if _, err := w.dst.Write(raw); err != nil {
			w.fail = fmt.Errorf("write WAV: %w", err)
			return w.fail
		}
		w.data += int64(len(raw))
		at += n
	}
	return nil
}

// Close writes cue points and labels behind the sound, and the lengths at its front.
// It does not close dst.
func (w *Writer) Close() error {
	if w.fail != nil {
		return w.fail
	}
	w.fail = fmt.Errorf("write WAV: already closed")
	tail := make([]byte, w.data&1) // the padding byte of an odd chunk
	tail = append(tail, cueChunks(w.cfg.Cues)...)
	riff := int64(len(w.head(0, 0))) - 8 + w.data + int64(len(tail))
	if _, err := w.dst.Write(tail); err != nil {
		return fmt.Errorf("write WAV: %w", err)
	}
	if _, err := w.dst.Seek(w.base, io.SeekStart); err != nil {
		return fmt.Errorf("write WAV: %w", err)
	}
	if _, err := w.dst.Write(w.head(riff, w.data)); err != nil {
		return fmt.Errorf("write WAV: %w", err)
	}
	if _, err := w.dst.Seek(w.base+8+riff, io.SeekStart); err != nil {
		return fmt.Errorf("write WAV: %w", err)
	}
	return nil
}

// head is the front of the file for a RIFF length and a length of sound in bytes.
func (w *Writer) head(riff, data int64) []byte {
	le := binary.LittleEndian
	frame := w.coding.bytes * w.cfg.Channels
	long := riff > maxRIFF
	var b []byte
	if long {
		b = append(b, "RF64\xff\xff\xff\xffWAVEds64"...)
		b = le.AppendUint32(b, 28)
		b = le.AppendUint64(b, uint64(riff))
		b = le.AppendUint64(b, uint64(data))
		b = le.AppendUint64(b, uint64(data/int64(frame)))
		b = le.AppendUint32(b, 0) // no table of other long chunks
	} else {
		b = append(b, "RIFF"...)
		b = le.AppendUint32(b, uint32(riff))
		b = append(b, "WAVEJUNK"...)
		b = le.AppendUint32(b, 28)
		b = append(b, make([]byte, 28)...)
	}
	tag, size := uint16(tagPCM), uint32(16)
	if w.coding.float { // all but PCM have a field for extra bytes, of which there are none
		tag, size = tagFloat, 18
	}
	b = append(b, "fmt "...)
	b = le.AppendUint32(b, size)
	b = le.AppendUint16(b, tag)
	b = le.AppendUint16(b, uint16(w.cfg.Channels))
	b = le.AppendUint32(b, uint32(w.cfg.Rate))
	b = le.AppendUint32(b, uint32(int(w.cfg.Rate)*frame))
	b = le.AppendUint16(b, uint16(frame))
	b = le.AppendUint16(b, uint16(w.cfg.Bits))
	b = append(b, make([]byte, size-16)...)
	b = append(b, "data"...)
	if long {
		return le.AppendUint32(b, math.MaxUint32)
	}
	return le.AppendUint32(b, uint32(data))
}

// cueChunks are "cue " and LIST adtl with a labl for every named cue; nothing when there is none.
// A cue counts in 32 bits: one past 2^32 frames (27 hours at 44.1 kHz) is left out.
func cueChunks(cues []Cue) []byte {
	le := binary.LittleEndian
	var points, labels []byte
	n := uint32(0)
	for _, c := range cues {
		if c.At < 0 || c.At > math.MaxUint32 {
			continue
		}
		n++
		points = le.AppendUint32(points, n)            // its identifier
		points = le.AppendUint32(points, uint32(c.At)) // play order position
		points = append(points, "data"...)
		points = append(points, make([]byte, 8)...)    // chunk and block start: 0 for PCM
		points = le.AppendUint32(points, uint32(c.At)) // sample offset
		if c.Label != "" {
			labels = append(labels, "labl"...)
			labels = le.AppendUint32(labels, uint32(4+len(c.Label)+1))
			labels = le.AppendUint32(labels, n)
			labels = append(labels, c.Label...)
			labels = append(labels, make([]byte, 1+(len(c.Label)+1)&1)...)
		}
	}
	if n == 0 {
		return nil
	}
	out := le.AppendUint32([]byte("cue "), uint32(4+len(points)))
	out = le.AppendUint32(out, n)
	out = append(out, points...)
	if len(labels) > 0 {
		out = append(out, "LIST"...)
		out = le.AppendUint32(out, uint32(4+len(labels)))
		out = append(out, "adtl"...)
		out = append(out, labels...)
	}
	return out
}
