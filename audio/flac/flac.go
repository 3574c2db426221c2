// Package flac reads and writes FLAC (RFC 9639), the lossless codec that Ferric
// keeps masters in.
//
// A FLAC file is "fLaC", a list of metadata blocks (the first, STREAMINFO, gives
// rate, channels, bits, length and an MD5 of the samples) and then frames. A
// frame stands alone: a header with its place in the stream and a CRC-8, one
// subframe a channel, a CRC-16. A subframe predicts each sample from those
// before it, by a fixed polynomial or by a quantised linear filter, and stores
// what the prediction missed in Rice codes: a count of zeros, then k plain bits.
// Two channels may be stored as left and difference, or middle and difference.
//
// Because frames stand alone, a reader can start at any of them, which gives
// seeking, and a writer can make several at once, which gives two cores work.
//
// The decoder here is Ferric's own: it reads from an io.ReaderAt into planar
// float32 with no copies between, needs neither files nor goroutines (so it runs
// in WebAssembly too), and allocates by what a frame that passed its checksum
// says, never by what a metadata block claims. The encoder's frames come from
// github.com/tphakala/go-flac.
package flac

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"hash"
	"io"

	"ferric/audio"
)

// Info is the STREAMINFO block.
type Info struct {
	MinBlock, MaxBlock int // frames (instants) a FLAC frame; equal when all have one size
	Rate               audio.Rate
	Channels           int
	Bits               int
	Length             audio.Frames // 0 when unknown
	MD5                [16]byte     // of the samples as little-endian integers; zero when unknown
}

// Kinds of metadata block (RFC 9639, section 8.1).
const (
	BlockStreamInfo    = 0
	BlockPadding       = 1
	BlockApplication   = 2
	BlockSeekTable     = 3
	BlockVorbisComment = 4
	BlockCueSheet      = 5
	BlockPicture       = 6
)

// Block is one metadata block: where its content lies in the file.
type Block struct {
	Kind   int
	Offset int64
	Size   int64 // never past the end of the file
}

type seekPoint struct {
	frame  audio.Frames
	offset int64 // from the first audio frame
}

const (
	maxBlocks     = 1000
	maxSeekPoints = 1 << 16
)

// Reader streams the sound of one file.
type Reader struct {
	info   Info
	blocks []Block
	points []seekPoint
	sound  int64 // offset of the first frame

	bits    bitReader
	dec     decoder
	at      audio.Frames // of the next frame that ReadFrames gives
	pending int          // frames of dec.pcm not given yet
	skip    audio.Frames // to throw away after a seek
	fail    error

	sum    hash.Hash // MD5 of what was decoded, when wanted
	packed []byte
}

var _ audio.SeekSource = (*Reader)(nil)

// Sniff reports whether head starts a FLAC file (without an ID3 tag before it).
func Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte("fLaC")) }

// NewReader reads the metadata of src, which holds size bytes. An ID3v2 tag in front is stepped over.
// Its errors are *audio.Error.
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	r := &Reader{bits: bitReader{src: src, size: size}}
	at := int64(0)
	var head [10]byte
	if n, _ := src.ReadAt(head[:], 0); n == 10 && string(head[:3]) == "ID3" {
		at = 10 + int64(head[6]&127)<<21 + int64(head[7]&127)<<14 + int64(head[8]&127)<<7 + int64(head[9]&127)
		if head[5]&0x10 != 0 { // a footer
			at += 10
		}
	}
	if n, err := src.ReadAt(head[:4], at); n < 4 || !Sniff(head[:]) {
		if n < 4 && err != nil && err != io.EOF {
			return nil, &audio.Error{In: "FLAC", Kind: audio.ErrFormat, Text: "cannot read", Err: err}
		}
		return nil, audio.Malformed("FLAC", "not a FLAC file")
	}
	at += 4
	for last := false; !last; {
		if n, _ := src.ReadAt(head[:4], at); n < 4 {
			return nil, &audio.Error{In: "FLAC", Kind: audio.ErrTruncated, Text: "ends in its metadata", Err: io.ErrUnexpectedEOF}
		}
		last = head[0]&0x80 != 0
		b := Block{int(head[0] & 0x7f), at + 4, int64(head[1])<<16 | int64(head[2])<<8 | int64(head[3])}
		if len(r.blocks) == maxBlocks {
			return nil, audio.Malformed("FLAC", "more than %d metadata blocks", maxBlocks)
		}
		if (b.Kind == BlockStreamInfo) != (len(r.blocks) == 0) {
			return nil, audio.Malformed("FLAC", "STREAMINFO is not the first metadata block, or not the only one")
		}
		if b.Kind == 127 {
			return nil, audio.Malformed("FLAC", "metadata block of the forbidden kind 127")
		}
		if b.Offset+b.Size > size {
			return nil, &audio.Error{In: "FLAC", Kind: audio.ErrTruncated, Err: io.ErrUnexpectedEOF,
				Text: "a metadata block reaches past the end of the file"}
		}
		r.blocks = append(r.blocks, b)
		if err := r.readBlock(b); err != nil {
			return nil, err
		}
		at = b.Offset + b.Size
	}
	r.sound = at
	r.bits.start(at)
	r.dec.info = r.info
	return r, nil
}

// readBlock takes what the decoder needs from a metadata block.
func (r *Reader) readBlock(b Block) error {
	be := binary.BigEndian
	switch b.Kind {
	case BlockStreamInfo:
		var s [34]byte
		if b.Size != int64(len(s)) {
			return audio.Malformed("FLAC", "STREAMINFO of %d bytes, not 34", b.Size)
		}
		if n, _ := r.bits.src.ReadAt(s[:], b.Offset); n < len(s) {
			return audio.Malformed("FLAC", "STREAMINFO cannot be read")
		}
		v := be.Uint64(s[10:])
		r.info = Info{
			MinBlock: int(be.Uint16(s[0:])), MaxBlock: int(be.Uint16(s[2:])),
			Rate: audio.Rate(v >> 44), Channels: int(v>>41&7) + 1, Bits: int(v>>36&31) + 1,
			Length: audio.Frames(v & (1<<36 - 1)),
		}
		copy(r.info.MD5[:], s[18:])
		if r.info.Bits < 4 {
			return audio.Malformed("FLAC", "%d bits a sample", r.info.Bits)
		}
		return audio.Format{Rate: r.info.Rate, Channels: r.info.Channels}.Check("FLAC")
	case BlockSeekTable:
		n := min(b.Size/18, maxSeekPoints)
		table := make([]byte, n*18) // the block lies inside the file, so this is no larger than the file
		if m, _ := r.bits.src.ReadAt(table, b.Offset); m < len(table) {
			return audio.Malformed("FLAC", "seek table cannot be read")
		}
		for ; len(table) > 0; table = table[18:] {
			frame, off := be.Uint64(table), be.Uint64(table[8:])
			if frame < 1<<36 && off < uint64(r.bits.size) { // placeholders are all ones
				r.points = append(r.points, seekPoint{audio.Frames(frame), int64(off)})
			}
		}
	}
	return nil
}

// Info is the STREAMINFO block.
func (r *Reader) Info() Info { return r.info }

// Blocks lists the metadata blocks in file order, for those who read tags, pictures or cue sheets.
func (r *Reader) Blocks() []Block { return r.blocks }

// Format is what the samples are.
func (r *Reader) Format() audio.Format {
	return audio.Format{Rate: r.info.Rate, Channels: r.info.Channels, Bits: r.info.Bits, Codec: "flac"}
}

// Length is the number of frames in STREAMINFO, -1 where that says nothing.
func (r *Reader) Length() audio.Frames {
	if r.info.Length == 0 {
		return -1
	}
	return r.info.Length
}

// CheckMD5 makes the Reader compare the samples with STREAMINFO's MD5 at the
// end, at the cost of half as much time again. Every frame's CRC is checked in any case.
// Call it before the first ReadFrames; a seek ends the check.
func (r *Reader) CheckMD5() {
	if r.info.MD5 != [16]byte{} {
		r.sum = md5.New()
	}
}

// ReadFrames fills dst with samples, exactly up to 24 bits and rounded to float32 above.
func (r *Reader) ReadFrames(dst [][]float32) (int, error) {
	done, want := 0, len(dst[0])
	for done < want {
		if r.pending == 0 {
			if err := r.next(); err != nil {
				if done > 0 && err != io.EOF {
					r.fail = err
				}
				if done > 0 {
					break
				}
				return 0, err
			}
		}
		n := min(want-done, r.pending)
		from := r.dec.block - r.pending
		for c, ch := range dst {
			toFloat(ch[done:done+n], r.dec.pcm[c][from:from+n], r.info.Bits)
		}
		done += n
		r.pending -= n
		r.at += audio.Frames(n)
	}
	return done, nil
}

// next decodes the frame that holds r.at.
func (r *Reader) next() error {
	if r.fail != nil {
		return r.fail
	}
	if r.info.Length > 0 && r.at >= r.info.Length {
		if !r.bits.finished() && r.dec.decode(&r.bits) == nil { // what is no frame was put there by other programs
			r.fail = r.more()
			return r.fail
		}
		return r.end()
	}
	for {
		if r.info.Length == 0 && r.bits.finished() {
			return r.end()
		}
		if err := r.dec.decode(&r.bits); err != nil {
			r.fail = r.place(err)
			return r.fail
		}
		if r.sum != nil {
			r.packed = pack(r.packed[:0], &r.dec)
			r.sum.Write(r.packed)
		}
		n := audio.Frames(r.dec.block)
		if r.skip >= n {
			r.skip -= n
			continue
		}
		r.pending = int(n - r.skip)
		r.skip = 0
		if left := r.info.Length - r.at; r.info.Length > 0 && audio.Frames(r.pending) > left {
			r.pending, r.fail = 0, r.more()
			return r.fail
		}
		return nil
	}
}

// place adds the position to a decoder's error.
func (r *Reader) place(err *audio.Error) *audio.Error {
	if err.Kind == audio.ErrTruncated && err.Err == io.ErrUnexpectedEOF {
		return audio.Truncated("FLAC", r.at, r.Length(), r.info.Rate)
	}
	err.At, err.Rate = r.at, r.info.Rate
	return err
}

// more is about a header that promises less sound than there is. Stopping where it says would cut the music without a word.
func (r *Reader) more() error {
	return audio.Malformed("FLAC", "holds more sound than the %s that its header states", audio.Clock(r.info.Length.Duration(r.info.Rate)))
}

func (r *Reader) end() error {
	r.fail = io.EOF
	if r.sum != nil && [16]byte(r.sum.Sum(nil)) != r.info.MD5 {
		r.fail = audio.Malformed("FLAC", "the samples do not match the MD5 in the file's header")
	}
	return r.fail
}

// SeekFrame makes at the next frame that is read.
func (r *Reader) SeekFrame(at audio.Frames) error {
	r.sum, r.fail, r.pending, r.skip = nil, nil, 0, 0
	at = max(at, 0)
	if r.info.Length > 0 && at >= r.info.Length {
		r.at, r.fail = r.info.Length, io.EOF
		return nil
	}
	off, first := r.find(at)
	r.bits.start(off)
	if off != r.sound { // what looked like a frame must be one
		if err := r.dec.decode(&r.bits); err != nil || r.firstSample(r.dec.head) != first {
			off, first = r.sound, 0
		}
		r.bits.start(off)
	}
	r.at, r.skip = at, at-first
	return nil
}

// Close releases nothing: the file belongs to the caller.
func (r *Reader) Close() error { return nil }

// toFloat scales integers of the given width to ±1.
func toFloat(dst []float32, src []int32, bits int) {
	scale := 1 / float32(int64(1)<<(bits-1))
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = float32(v) * scale
	}
}

// pack appends a frame's samples as interleaved little-endian integers, the form that the MD5 is taken of.
func pack(b []byte, d *decoder) []byte {
	bytes := (d.info.Bits + 7) / 8
	for i := range d.block {
		for _, ch := range d.pcm {
			v := ch[i]
			for range bytes {
				b = append(b, byte(v))
				v >>= 8
			}
		}
	}
	return b
}
