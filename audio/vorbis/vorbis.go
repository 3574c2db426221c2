// Package vorbis decodes Ogg Vorbis (the Vorbis I specification, xiph.org) to float32.
//
// Vorbis cuts sound into overlapping blocks of two sizes and keeps each block's
// spectrum: a coarse line through a few points (the floor) times fine detail
// coded as vectors (the residue). Three header packets come first: what the
// sound is, comments, and the setup, which brings the stream's own codebooks,
// floors and residues. How large all of these may be is for the stream to say,
// so the limits on them are ours.
//
// Samples beyond full scale are passed on as they are. Channels come in WAV
// order (left, right, centre, low frequency, rears, sides), not in Vorbis' own.
package vorbis

import (
	"encoding/binary"
	"errors"
	"io"

	"ferric/audio"
	"ferric/audio/ogg"
)

// Magic begins the first packet of a Vorbis stream.
const Magic = "\x01vorbis"

const (
	maxPacket = 1 << 20 // bytes of a packet of sound
	maxSetup  = 1 << 20 // and of the setup
)

// Reader streams the sound of one file.
type Reader struct {
	ogg    *ogg.Reader
	format audio.Format
	order  []int // Vorbis' channel for each of ours
	dec    *decoder
	length audio.Frames // -1: not known

	at       audio.Frames // of the next frame given
	position int64        // of the decoder, in the stream's own count
	discard  int64        // samples before the stream's start
	from, to int          // what of dec.pcm is not given yet
	fail     error
}

var _ audio.Source = (*Reader)(nil)

// NewReader reads the headers of src, which holds size bytes. Its errors are *audio.Error.
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	r := &Reader{ogg: ogg.NewReader(src, size, Magic), length: -1}
	p, err := r.ogg.Next(64)
	if err == nil {
		err = r.open(p)
	}
	if err != nil {
		return nil, inHeader(err)
	}
	if end := r.ogg.End(); end >= 0 {
		r.length = audio.Frames(max(0, end-r.position-r.discard))
	}
	return r, nil
}

// inHeader words the end of a file that has not got to its sound.
func inHeader(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return &audio.Error{In: "Vorbis", Kind: audio.ErrTruncated, Text: "ends in its headers", Err: io.ErrUnexpectedEOF}
	}
	return err
}

// open reads the three headers of a stream, the first of which is p, and finds where its sound begins.
func (r *Reader) open(p ogg.Packet) error {
	h := p.Data
	if len(h) < 30 || string(h[:7]) != Magic || h[29]&1 == 0 {
		return audio.Malformed("Vorbis", "broken first header")
	}
	if v := binary.LittleEndian.Uint32(h[7:]); v != 0 {
		return audio.Unsupported("Vorbis", "version %d", v)
	}
	d := &decoder{channels: int(h[11]), sizes: [2]int{1 << (h[28] & 15), 1 << (h[28] >> 4)}}
	format := audio.Format{Rate: audio.Rate(binary.LittleEndian.Uint32(h[12:])), Channels: d.channels, Codec: "vorbis"}
	if err := format.Check("Vorbis"); err != nil {
		return err
	}
	if d.sizes[0] < 64 || d.sizes[1] > 8192 || d.sizes[0] > d.sizes[1] {
		return audio.Malformed("Vorbis", "blocks of %d and %d samples", d.sizes[0], d.sizes[1])
	}
	if r.dec != nil && format != r.format {
		return audio.Unsupported("Vorbis", "a chained file whose format changes, from %d channels at %d Hz to %d at %d Hz",
			r.format.Channels, r.format.Rate, format.Channels, format.Rate)
	}
	if p, err := r.ogg.Next(8); err != nil {
		return err
	} else if len(p.Data) < 7 || string(p.Data[:7]) != "\x03vorbis" {
		return audio.Malformed("Vorbis", "no comment header")
	}
	p, err := r.ogg.Next(maxSetup)
	if err != nil {
		return err
	}
	if len(p.Data) < 7 || string(p.Data[:7]) != "\x05vorbis" {
		return audio.Malformed("Vorbis", "no setup header")
	}
	if p.Size > maxSetup {
		return audio.Malformed("Vorbis", "a setup of %d bytes", p.Size)
	}
	d.bits.set(p.Data[7:])
	switch why := d.setup.parse(&d.bits, d.channels); why {
	case "":
	case floorZero:
		return audio.Unsupported("Vorbis", "%s", why)
	default:
		return audio.Malformed("Vorbis", "%s", why)
	}
	d.init()
	r.format, r.dec, r.order = format, d, wavOrder(d.channels)
	r.findStart()
	return nil
}

// findStart looks at the first page of sound: what its packets hold and what position it gives them.
// A stream cut out of a longer one starts above zero; one whose head was cut off by count of samples, below.
func (r *Reader) findStart() {
	ahead := r.ogg.Clone()
	prev, total := -1, int64(0)
	for {
		p, err := ahead.Next(8)
		if err != nil {
			break
		}
		if size := r.dec.blockOf(p.Data); size >= 0 {
			if prev >= 0 {
				total += int64(r.dec.sizes[prev]+r.dec.sizes[size]) / 4
			}
			prev = size
		}
		if p.Ends {
			r.position = p.Granule - total
			if p.Closing {
				r.position = max(0, r.position) // the only page: it is cut at its end
			}
			break
		}
	}
	r.discard = 0
	if r.position < 0 {
		r.discard = -r.position
	}
}

// Format is what the sound is.
func (r *Reader) Format() audio.Format { return r.format }

// Length is the number of frames by the file's last position; -1 for chained files, which are to be counted.
func (r *Reader) Length() audio.Frames { return r.length }

// Close releases nothing: the file belongs to the caller.
func (r *Reader) Close() error { return nil }

// ReadFrames fills dst.
func (r *Reader) ReadFrames(dst [][]float32) (int, error) {
	done, want := 0, len(dst[0])
	for done < want {
		if r.from == r.to {
			if err := r.next(); err != nil {
				if done > 0 {
					break
				}
				return 0, err
			}
		}
		n := min(want-done, r.to-r.from)
		for c, ch := range dst {
			copy(ch[done:done+n], r.dec.pcm[r.order[c]][r.from:])
		}
		done += n
		r.from += n
		r.at += audio.Frames(n)
	}
	return done, nil
}

// next decodes packets until there is sound to give.
func (r *Reader) next() error {
	if r.fail != nil {
		return r.fail
	}
	for {
		p, err := r.ogg.Next(maxPacket)
		if err == nil && p.First {
			err = r.open(p)
			if err == nil {
				continue
			}
		}
		if err == nil && p.Size > maxPacket {
			err = audio.Malformed("Vorbis", "a packet of %d bytes", p.Size)
		}
		if err != nil {
			r.fail = r.place(err)
			return r.fail
		}
		n, ok := r.dec.decode(p.Data)
		if !ok {
			n = 0
		}
		r.from, r.to = 0, n
		if r.discard > 0 {
			cut := min(r.discard, int64(n))
			r.discard -= cut
			r.from = int(cut)
		}
		if p.Closing && r.position+int64(n) > p.Granule {
			r.to = max(r.from, n-int(min(int64(n), r.position+int64(n)-p.Granule)))
		}
		r.position += int64(n)
		if r.from < r.to {
			return nil
		}
	}
}

func (r *Reader) place(err error) error {
	var e *audio.Error
	if !errors.As(err, &e) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return audio.Truncated("Vorbis", r.at, -1, r.format.Rate)
	}
	c := *e
	c.At, c.Rate = r.at, r.format.Rate
	return &c
}

// wavOrder is Vorbis' channel for each channel of a WAV file (Vorbis I, section 4.3.9).
func wavOrder(channels int) []int {
	switch channels {
	case 3:
		return []int{0, 2, 1}
	case 5:
		return []int{0, 2, 1, 3, 4}
	case 6:
		return []int{0, 2, 1, 5, 3, 4}
	case 7:
		return []int{0, 2, 1, 6, 5, 3, 4} // back centre before the sides
	case 8:
		return []int{0, 2, 1, 7, 5, 6, 3, 4} // backs before the sides
	}
	return []int{0, 1, 2, 3}[:channels]
}
