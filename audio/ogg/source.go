package ogg

import (
	"errors"
	"io"

	"ferric/audio"
)

// Stream is a codec at work on one stream.
type Stream interface {
	Format() audio.Format
	// Lead is how many samples at the start are the codec's own and not sound.
	Lead() int64
	// Span is how many samples a packet of sound completes; it does not decode it. Packets are asked in order
	// from the stream's first; restart says that this is that first.
	Span(packet []byte, restart bool) int
	// Decode gives the samples that a packet completes, one slice a channel in WAV
	// order, valid until the next call.
	Decode(packet []byte) ([][]float32, error)
}

// Opener reads a stream's headers, the first of which is first; next gives those that follow.
type Opener func(first []byte, next func(keep int) (Packet, error)) (Stream, error)

// MaxPacket bounds a packet of sound.
const MaxPacket = 1 << 20

// maxStreams bounds how many streams follow each other in a chained file: opening one takes some time.
const maxStreams = 256

// Source gives the sound of an Ogg file. Where it begins and ends is said by granule
// positions: sound before the codec's lead, before position zero and after the last
// page's position is cut off. Chained streams of one format follow each other.
type Source struct {
	in   string
	ogg  *Reader
	open Opener

	stream   Stream
	streams  int // opened so far
	format   audio.Format
	length   audio.Frames // -1: not known
	at       audio.Frames // of the next frame given
	position int64        // of the decoder, in the stream's own count
	discard  int64        // samples to cut off at the start
	pending  [][]float32
	from     int
	fail     error
}

var _ audio.Source = (*Source)(nil)

// NewSource opens the file of size bytes in src whose streams begin with magic. in is the codec's name for errors.
func NewSource(src io.ReaderAt, size int64, magic, in string, open Opener) (*Source, error) {
	s := &Source{in: in, ogg: NewReader(src, size, magic), open: open, length: -1}
	p, err := s.ogg.Next(MaxPacket)
	if err == nil {
		err = s.begin(p)
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = &audio.Error{In: in, Kind: audio.ErrTruncated, Text: "ends in its headers", Err: io.ErrUnexpectedEOF}
	}
	if err != nil {
		return nil, err
	}
	if end := s.ogg.End(); end >= 0 {
		s.length = audio.Frames(max(0, end-s.position-s.discard))
	}
	return s, nil
}

// begin opens the stream that p starts and finds where its sound begins: the first
// page of sound tells the position after its packets, and their spans lead back to the first.
func (s *Source) begin(p Packet) error {
	if s.streams++; s.streams > maxStreams {
		return audio.Unsupported(s.in, "more than %d streams chained", maxStreams)
	}
	stream, err := s.open(append([]byte(nil), p.Data...), s.ogg.Next)
	if err != nil {
		return err
	}
	format := stream.Format()
	if err := format.Check(s.in); err != nil {
		return err
	}
	if s.stream != nil && format != s.format {
		return audio.Unsupported(s.in, "a chained file whose format changes, from %d channels at %d Hz to %d at %d Hz",
			s.format.Channels, s.format.Rate, format.Channels, format.Rate)
	}
	s.stream, s.format = stream, format
	s.position = 0
	ahead := s.ogg.Clone()
	total := int64(0)
	for restart := true; ; restart = false {
		p, err := ahead.Next(8)
		if err != nil { // decoding will meet it again
			break
		}
		total += int64(stream.Span(p.Data, restart))
		if p.Ends {
			s.position = p.Granule - total
			if p.Closing { // the only page: its position cuts the end, not the start
				s.position = max(0, s.position)
			}
			break
		}
	}
	s.discard = stream.Lead() + max(0, -s.position)
	return nil
}

// Format is what the sound is.
func (s *Source) Format() audio.Format { return s.format }

// Length is the number of frames by the last page's position; -1 for chained files, which are to be counted.
func (s *Source) Length() audio.Frames { return s.length }

// Close releases nothing: the file belongs to the caller.
func (s *Source) Close() error { return nil }

// ReadFrames fills dst.
func (s *Source) ReadFrames(dst [][]float32) (int, error) {
	done, want := 0, len(dst[0])
	for done < want {
		if s.pending == nil {
			if err := s.next(); err != nil {
				if done > 0 {
					break
				}
				return 0, err
			}
		}
		n := 0
		for c, ch := range dst {
			n = copy(ch[done:], s.pending[c][s.from:])
		}
		done += n
		s.at += audio.Frames(n)
		if s.from += n; s.from == len(s.pending[0]) {
			s.pending = nil
		}
	}
	return done, nil
}

// next decodes packets until there is sound to give.
func (s *Source) next() error {
	for s.fail == nil {
		p, err := s.ogg.Next(MaxPacket)
		if err == nil && p.First {
			if err = s.begin(p); err == nil {
				continue
			}
		}
		if err == nil && p.Size > MaxPacket {
			err = audio.Malformed(s.in, "a packet of %d bytes", p.Size)
		}
		var pcm [][]float32
		if err == nil {
			pcm, err = s.stream.Decode(p.Data)
		}
		if err != nil {
			s.fail = s.place(err)
			break
		}
		n := int64(len(pcm[0]))
		from, to := int64(0), n
		cut := min(s.discard, n)
		s.discard -= cut
		from = cut
		if over := s.position + n - p.Granule; p.Closing && over > 0 {
			to = max(from, n-over)
		}
		s.position += n
		if from < to {
			for c := range pcm {
				pcm[c] = pcm[c][:to]
			}
			s.pending, s.from = pcm, int(from)
			return nil
		}
	}
	return s.fail
}

// place adds the time reached to an error.
func (s *Source) place(err error) error {
	var e *audio.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Kind == audio.ErrTruncated && errors.Is(err, io.ErrUnexpectedEOF) {
		return audio.Truncated(s.in, s.at, s.length, s.format.Rate)
	}
	c := *e
	c.At, c.Rate = s.at, s.format.Rate
	return &c
}

// WAVOrder is, for each channel of a WAV file, the channel of a Vorbis or Opus stream
// (Vorbis I, section 4.3.9): left, right, centre, low frequency, backs, sides.
func WAVOrder(channels int) []int {
	switch channels {
	case 3:
		return []int{0, 2, 1}
	case 5:
		return []int{0, 2, 1, 3, 4}
	case 6:
		return []int{0, 2, 1, 5, 3, 4}
	case 7:
		return []int{0, 2, 1, 6, 5, 3, 4}
	case 8:
		return []int{0, 2, 1, 7, 5, 6, 3, 4}
	}
	return []int{0, 1, 2, 3}[:channels]
}
