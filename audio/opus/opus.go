// Package opus decodes Ogg Opus (RFC 7845) to float32. The codec itself
// (RFC 6716) is github.com/thesyncim/gopus; this package is what lies around it:
// the header, channel mapping, pre-skip, output gain, and where the sound begins and ends.
//
// Opus always decodes at 48 kHz, whatever the rate of what was encoded.
package opus

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/thesyncim/gopus"

	"ferric/audio"
	"ferric/audio/ogg"
)

// Magic begins the first packet of an Opus stream.
const Magic = "OpusHead"

// Rate is that of every decoded Opus stream.
const Rate audio.Rate = 48000

// longest is the most samples a packet can hold: 120 ms.
const longest = 5760

// NewReader reads the headers of the Ogg file of size bytes in src. Its errors are *audio.Error.
func NewReader(src io.ReaderAt, size int64) (*ogg.Source, error) {
	return ogg.NewSource(src, size, Magic, "Opus", open)
}

type stream struct {
	channels int
	preSkip  int
	gain     float32
	order    []int
	dec      interface {
		Decode(packet []byte, pcm []float32) (int, error)
	}
	mixed []float32 // interleaved
	block [][]float32
	out   [][]float32
}

func open(h []byte, next func(keep int) (ogg.Packet, error)) (ogg.Stream, error) {
	if len(h) < 19 || h[8]&0xf0 != 0 {
		return nil, audio.Malformed("Opus", "broken first header")
	}
	s := &stream{
		channels: int(h[9]),
		preSkip:  int(binary.LittleEndian.Uint16(h[10:])),
		gain:     float32(math.Pow(10, float64(int16(binary.LittleEndian.Uint16(h[16:])))/(20*256))),
	}
	if err := s.Format().Check("Opus"); err != nil {
		return nil, err
	}
	var err error
	switch family := h[18]; family {
	case 0:
		if s.channels > 2 {
			return nil, audio.Malformed("Opus", "%d channels without a channel mapping", s.channels)
		}
		s.order = []int{0, 1}[:s.channels]
		s.dec, err = gopus.NewDecoder(gopus.DecoderConfig{SampleRate: int(Rate), Channels: s.channels, MaxPacketBytes: ogg.MaxPacket})
	case 1:
		if len(h) < 21+s.channels {
			return nil, audio.Malformed("Opus", "broken channel mapping")
		}
		streams, coupled := int(h[19]), int(h[20])
		mapping := h[21 : 21+s.channels]
		if streams < 1 || coupled > streams || streams+coupled > 2*audio.MaxChannels {
			return nil, audio.Malformed("Opus", "%d streams, %d of them stereo, for %d channels", streams, coupled, s.channels)
		}
		for _, m := range mapping {
			if int(m) >= streams+coupled && m != 255 {
				return nil, audio.Malformed("Opus", "broken channel mapping")
			}
		}
		s.order = ogg.WAVOrder(s.channels)
		s.dec, err = gopus.NewMultistreamDecoder(int(Rate), s.channels, streams, coupled, mapping)
	default:
		return nil, audio.Unsupported("Opus", "channel mapping family %d", family)
	}
	if err != nil {
		return nil, &audio.Error{In: "Opus", Kind: audio.ErrFormat, Text: "broken header", Err: err}
	}
	if p, err := next(8); err != nil {
		return nil, err
	} else if string(p.Data) != "OpusTags" {
		return nil, audio.Malformed("Opus", "no comment header")
	}
	s.mixed = make([]float32, longest*s.channels)
	s.block = audio.NewBlock(s.channels, longest)
	s.out = make([][]float32, s.channels)
	return s, nil
}

func (s *stream) Format() audio.Format {
	return audio.Format{Rate: Rate, Channels: s.channels, Codec: "opus"}
}

func (s *stream) Lead() int64 { return int64(s.preSkip) }

// Span reads a packet's table of contents (RFC 6716, section 3.1).
func (s *stream) Span(packet []byte, _ bool) int {
	if len(packet) == 0 {
		return 0
	}
	config := int(packet[0] >> 3)
	frame := 120 << (config & 3) // CELT: 2.5 to 20 ms
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // both: 10 or 20 ms
		frame = 480 << (config & 1)
	}
	switch packet[0] & 3 {
	case 0:
		return frame
	case 3:
		if len(packet) < 2 {
			return 0
		}
		return min(longest, frame*int(packet[1]&63))
	}
	return 2 * frame
}

func (s *stream) Decode(packet []byte) ([][]float32, error) {
	n, err := s.decode(packet)
	if err != nil {
		return nil, &audio.Error{In: "Opus", Kind: audio.ErrFormat, Text: "a broken packet", Err: err}
	}
	for c, k := range s.order {
		out := s.block[c][:n]
		for i := range out {
			out[i] = s.mixed[i*s.channels+k] * s.gain
		}
		s.out[c] = out
	}
	return s.out, nil
}

// decode turns a panic of the library into an error: its input is a stranger's.
func (s *stream) decode(packet []byte) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("the decoder gave up: %v", p)
		}
	}()
	if len(packet) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err = s.dec.Decode(packet, s.mixed)
	if n > longest {
		n = longest
	}
	return n, err
}
