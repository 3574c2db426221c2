// Package mp3 decodes MPEG audio layer III (ISO/IEC 11172-3, 13818-3, and the
// "2.5" rates below 16 kHz) to float32.
//
// An MP3 file is a row of frames of 1152 or 576 samples with tags before, behind and
// sometimes among them. A frame's head and side information say how its data
// are to be read, but the data may begin up to 511 bytes earlier, in what the frames before
// left over. The data are scale factors and Huffman-coded spectrum: 576 lines a channel, which a
// cosine transform and a bank of 32 filters turn into samples.
//
// The encoder's own delay and padding are not sound. Where the first frame is a LAME tag
// that says how long they are, exactly that much is cut off, so that tracks
// which run into each other still do. Every frame is counted before the first is
// decoded, and so the Length is true whatever the file's header claims.
package mp3

import (
	"encoding/binary"
	"io"

	"ferric/audio"
)

// decoderDelay is how many samples any layer III decoder is late: the filter bank's 528, and one by convention.
const decoderDelay = 529

// Reader streams the sound of one file.
type Reader struct {
	cursor cursor
	format audio.Format
	head   header // of the first frame
	dec    decoder
	length audio.Frames
	broken bool // the file ends within a frame, or before the frames that its tag counts

	pos    int64        // of the next frame in the file
	at     audio.Frames // of the next sample given
	skip   int          // samples to cut off at the start
	from   int          // of dec.pcm: what is not given yet
	to     int
	stereo bool // of the frame in dec.pcm
	fail   error
}

var _ audio.Source = (*Reader)(nil)

// NewReader finds the first frame in src, which holds size bytes, and counts all of them.
// Its errors are *audio.Error.
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	r := &Reader{cursor: cursor{src: src, size: size}}
	pos := r.cursor.skipTags(0)
	pos, h, ok := r.cursor.seek(pos, nil)
	if r.cursor.err != nil {
		return nil, &audio.Error{In: "MP3", Kind: audio.ErrFormat, Text: "cannot read", Err: r.cursor.err}
	}
	if !ok {
		return nil, audio.Malformed("MP3", "no MPEG audio frame in it")
	}
	r.head = h
	r.format = audio.Format{Rate: h.rate(), Channels: h.channels(), Codec: "mp3"}
	r.pos = pos
	delay, padding, promised := 0, 0, int64(-1)
	if tag, ok := parseTag(r.cursor.view(pos, h.bytes()), &h); ok {
		r.pos += int64(h.bytes())
		delay, padding, promised = tag.delay, tag.padding, tag.frames
	}

	frames := int64(0)
	for p := r.pos; ; frames++ {
		at, g, ok := r.cursor.seek(p, &r.head)
		if !ok {
			r.broken = at >= 0 || promised > frames
			break
		}
		p = at + int64(g.bytes())
	}
	if r.cursor.err != nil {
		return nil, &audio.Error{In: "MP3", Kind: audio.ErrFormat, Text: "cannot read", Err: r.cursor.err}
	}
	if promised >= 0 && frames >= promised {
		r.broken = false // what follows the last frame is no sound
	}
	if delay > 0 {
		r.skip = delay + decoderDelay
	}
	total := frames * int64(h.samples())
	if promised == frames {
		total -= int64(max(0, padding-decoderDelay))
	}
	if r.broken && promised > frames {
		total = promised*int64(h.samples()) - int64(max(0, padding-decoderDelay))
	}
	r.length = audio.Frames(max(0, total-int64(r.skip)))
	return r, nil
}

// Format is what the sound is.
func (r *Reader) Format() audio.Format { return r.format }

// Length is the number of frames (instants) that the file holds, or that its tag
// promises when the file is cut off.
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
			if c == 1 && !r.stereo {
				c = 0
			}
			copy(ch[done:done+n], r.dec.pcm[c][r.from:])
		}
		done += n
		r.from += n
		r.at += audio.Frames(n)
	}
	return done, nil
}

// next decodes frames until there is sound to give.
func (r *Reader) next() error {
	for r.fail == nil {
		if r.at >= r.length && !r.broken {
			r.fail = io.EOF
			break
		}
		at, h, ok := r.cursor.seek(r.pos, &r.head)
		if !ok {
			switch {
			case r.cursor.err != nil:
				r.fail = &audio.Error{In: "MP3", Kind: audio.ErrTruncated, Text: "cannot read", At: r.at, Rate: r.format.Rate, Err: r.cursor.err}
			default:
				r.fail = audio.Truncated("MP3", r.at, r.length, r.format.Rate)
			}
			break
		}
		if h.channels() > r.format.Channels {
			r.fail = audio.Unsupported("MP3", "mono that turns into stereo")
			break
		}
		size := h.bytes()
		r.pos = at + int64(size)
		if why := r.dec.decode(r.cursor.view(at, size), &h); why != "" {
			e := audio.Malformed("MP3", "%s", why)
			e.At, e.Rate = r.at, r.format.Rate
			r.fail = e
			break
		}
		r.stereo = h.channels() == 2
		n := h.samples()
		cut := min(r.skip, n)
		r.skip -= cut
		r.from, r.to = cut, n
		if left := int64(r.length - r.at); int64(r.to-r.from) > left {
			r.to = r.from + int(left)
		}
		if r.from < r.to {
			return nil
		}
	}
	return r.fail
}

// tag is what an encoder writes about its file into the first frame.
type tag struct {
	frames         int64 // without the tag's own; -1: does not say
	delay, padding int   // samples
}

// parseTag reads a Xing, Info or VBRI frame, with LAME's extension.
func parseTag(frame []byte, h *header) (t tag, ok bool) {
	be := binary.BigEndian
	t.frames = -1
	if len(frame) >= 36+26 && string(frame[36:40]) == "VBRI" {
		t.frames = int64(be.Uint32(frame[36+14:]))
		return t, true
	}
	at := 4 + h.sideBytes()
	if len(frame) < at+8 || string(frame[at:at+4]) != "Xing" && string(frame[at:at+4]) != "Info" {
		if at += 2; len(frame) < at+8 || string(frame[at:at+4]) != "Xing" && string(frame[at:at+4]) != "Info" {
			return t, false
		}
	}
	flags := be.Uint32(frame[at+4:])
	b := frame[at+8:]
	for i, n := range [4]int{4, 4, 100, 4} { // frames, bytes, table of contents, quality
		if flags>>i&1 == 0 {
			continue
		}
		if len(b) < n {
			return t, true
		}
		if i == 0 {
			t.frames = int64(be.Uint32(b))
		}
		b = b[n:]
	}
	if len(b) >= 24 && (string(b[:4]) == "LAME" || string(b[:4]) == "Lavf" || string(b[:4]) == "Lavc") {
		v := int(b[21])<<16 | int(b[22])<<8 | int(b[23])
		t.delay, t.padding = v>>12, v&0xfff
	}
	return t, true
}
