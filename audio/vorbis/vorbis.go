// Package vorbis decodes Ogg Vorbis (the Vorbis I specification, xiph.org) to float32.
//
// Vorbis cuts sound into overlapping blocks of two sizes and keeps each block's
// spectrum: a coarse line through a few points (the floor) times fine detail
// coded as vectors (the residue). Three header packets come first: what the
// sound is, comments, and the setup, which brings the stream's own codebooks,
// floors and residues. How large all of these may be is for the stream to say,
// so the limits on them are ours.
//
// Samples beyond full scale are passed on as they are.
package vorbis

import (
	"encoding/binary"
	"io"

	"ferric/audio"
	"ferric/audio/ogg"
)

// Magic begins the first packet of a Vorbis stream.
const Magic = "\x01vorbis"

// maxSetup bounds the setup header; real ones are under 10 KB.
const maxSetup = 1 << 20

// NewReader reads the headers of the Ogg file of size bytes in src. Its errors are *audio.Error.
func NewReader(src io.ReaderAt, size int64) (*ogg.Source, error) {
	return ogg.NewSource(src, size, Magic, "Vorbis", open)
}

// stream is a decoder in the form that an ogg.Source asks for.
type stream struct {
	decoder
	rate  audio.Rate
	order []int
	out   [][]float32
	span  int // size index of the packet that Span saw last; -1: none
}

// open reads the three headers.
func open(h []byte, next func(keep int) (ogg.Packet, error)) (ogg.Stream, error) {
	if len(h) < 30 || string(h[:7]) != Magic || h[29]&1 == 0 {
		return nil, audio.Malformed("Vorbis", "broken first header")
	}
	if v := binary.LittleEndian.Uint32(h[7:]); v != 0 {
		return nil, audio.Unsupported("Vorbis", "version %d", v)
	}
	s := &stream{rate: audio.Rate(binary.LittleEndian.Uint32(h[12:]))}
	s.channels = int(h[11])
	if err := s.Format().Check("Vorbis"); err != nil {
		return nil, err
	}
	s.sizes = [2]int{1 << (h[28] & 15), 1 << (h[28] >> 4)}
	if s.sizes[0] < 64 || s.sizes[1] > 8192 || s.sizes[0] > s.sizes[1] {
		return nil, audio.Malformed("Vorbis", "blocks of %d and %d samples", s.sizes[0], s.sizes[1])
	}
	if p, err := next(8); err != nil {
		return nil, err
	} else if len(p.Data) < 7 || string(p.Data[:7]) != "\x03vorbis" {
		return nil, audio.Malformed("Vorbis", "no comment header")
	}
	p, err := next(maxSetup)
	if err != nil {
		return nil, err
	}
	if len(p.Data) < 7 || string(p.Data[:7]) != "\x05vorbis" || p.Size > maxSetup {
		return nil, audio.Malformed("Vorbis", "no setup header, or one of %d bytes", p.Size)
	}
	s.bits.set(p.Data[7:])
	switch why := s.setup.parse(&s.bits, s.channels); why {
	case "":
	case floorZero:
		return nil, audio.Unsupported("Vorbis", "%s", why)
	default:
		return nil, audio.Malformed("Vorbis", "%s", why)
	}
	s.init()
	s.order = ogg.WAVOrder(s.channels)
	s.out = make([][]float32, s.channels)
	return s, nil
}

func (s *stream) Format() audio.Format {
	return audio.Format{Rate: s.rate, Channels: s.channels, Codec: "vorbis"}
}

func (s *stream) Lead() int64 { return 0 }

// Span: half of the block before and half of this one are complete where they overlap.
func (s *stream) Span(packet []byte, restart bool) int {
	if restart {
		s.span = -1
	}
	size := s.blockOf(packet)
	if size < 0 {
		return 0
	}
	prev := s.span
	s.span = size
	if prev < 0 {
		return 0
	}
	return (s.sizes[prev] + s.sizes[size]) / 4
}

func (s *stream) Decode(packet []byte) ([][]float32, error) {
	n, ok := s.decode(packet)
	if !ok {
		n = 0 // no packet of sound: to be passed over
	}
	for c, k := range s.order {
		s.out[c] = s.pcm[k][:n]
	}
	return s.out, nil
}
