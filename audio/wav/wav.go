// Package wav reads and writes uncompressed sound: RIFF WAVE with its 64-bit
// children RF64, BW64 and Sony's W64, and AIFF with AIFF-C.
//
// All of them are a list of chunks: a name, a length, that many bytes. One
// chunk says what the samples are (fmt or COMM), one holds them (data or SSND),
// interleaved by frame, and the rest is about them: cue points, labels, tags.
// RIFF counts in 32 bits, so a file ends at 4 GiB; RF64 (EBU Tech 3306) writes
// -1 there and keeps the true lengths in a ds64 chunk at the front. AIFF is the
// same idea with the bytes in big-endian order.
//
// The Reader never believes a length: it reads the chunk list from the file it
// has, and sound that the header promised but the file does not hold ends in an
// error, not in silence.
package wav

import (
	"encoding/binary"
	"io"

	"ferric/audio"
)

// Chunk is one chunk beside the sound: tags ("id3 ", "LIST"), cue points ("cue "), text.
type Chunk struct {
	ID     string // four letters, as in the file
	Offset int64  // of the chunk's content in the file
	Size   int64  // of the content, never past the end of the file
}

// maxChunks bounds the chunk list; a real file has under twenty.
const maxChunks = 1000

// blockBytes is how much is read from the file at once.
const blockBytes = 64 << 10

// Reader streams the sound of one file.
type Reader struct {
	src    io.ReaderAt
	size   int64
	kind   string // "WAV", "RF64", "W64", "AIFF": for errors
	format audio.Format
	chunks []Chunk

	coding coding
	frame  int   // bytes a frame
	start  int64 // offset of the first frame
	have   audio.Frames
	length audio.Frames // as promised; more than have when the file is cut off

	at  audio.Frames
	buf []byte
}

var _ audio.SeekSource = (*Reader)(nil)

// NewReader reads the chunk list of src, which holds size bytes.
// Its errors are *audio.Error: ErrFormat, ErrUnsupported, or the error of src.
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	var head [16]byte
	n, err := src.ReadAt(head[:], 0)
	if n < 12 {
		if err == nil || err == io.EOF {
			return nil, audio.Malformed("WAV", "%d bytes are no sound file", size)
		}
		return nil, &audio.Error{In: "WAV", Kind: audio.ErrFormat, Text: "cannot read", Err: err}
	}
	r := &Reader{src: src, size: size}
	switch {
	case isW64(head[:n]):
		err = r.parseW64()
	case string(head[:4]) == "FORM":
		err = r.parseAIFF(string(head[8:12]))
	case string(head[8:12]) == "WAVE" && (string(head[:4]) == "RIFF" || string(head[:4]) == "RF64" || string(head[:4]) == "BW64"):
		err = r.parseRIFF(string(head[:4]), binary.LittleEndian.Uint32(head[4:]))
	default:
		err = audio.Malformed("WAV", "neither a WAVE nor an AIFF file")
	}
	if err != nil {
		return nil, err
	}
	r.format.Codec = "pcm"
	r.buf = make([]byte, blockBytes/r.frame*r.frame)
	return r, nil
}

// Sniff reports whether head, the first 16 bytes of a file, starts a file that this package reads.
func Sniff(head []byte) bool {
	if isW64(head) {
		return true
	}
	if len(head) < 12 {
		return false
	}
	switch string(head[:4]) {
	case "RIFF", "RF64", "BW64":
		return string(head[8:12]) == "WAVE"
	case "FORM":
		return string(head[8:12]) == "AIFF" || string(head[8:12]) == "AIFC"
	}
	return false
}

// Format is what the samples are. Bits is the number that carry sound (20 in a 24-bit container gives 20).
func (r *Reader) Format() audio.Format { return r.format }

// Length is the number of frames that the header promises or, where it promises none, that the file holds.
func (r *Reader) Length() audio.Frames { return r.length }

// Complete reports whether the file holds every frame that Length promises.
func (r *Reader) Complete() bool { return r.have >= r.length }

// Chunks lists what the file holds beside the sound, in file order.
func (r *Reader) Chunks() []Chunk { return r.chunks }

// SeekFrame makes at the next frame that is read.
func (r *Reader) SeekFrame(at audio.Frames) error {
	r.at = min(max(at, 0), r.length)
	return nil
}

// ReadFrames fills dst. Integers become multiples of 2^-(bits-1), exactly up to
// 24 bits and rounded to float32 above; floats pass as they are, and NaN or
// infinity is an ErrNotFinite at its place.
func (r *Reader) ReadFrames(dst [][]float32) (int, error) {
	want := len(dst[0])
	if want == 0 {
		return 0, nil
	}
	if left := r.have - r.at; audio.Frames(want) > left {
		want = int(left)
	}
	if want <= 0 {
		if r.at < r.length {
			return 0, audio.Truncated(r.kind, r.at, r.length, r.format.Rate)
		}
		return 0, io.EOF
	}
	done := 0
	for done < want {
		n := min(want-done, len(r.buf)/r.frame)
		raw := r.buf[:n*r.frame]
		got, err := r.src.ReadAt(raw, r.start+int64(r.at)*int64(r.frame))
		if got < len(raw) {
			if done > 0 {
				return done, nil // the fault comes back with the next read
			}
			if err == io.EOF || err == nil {
				return 0, audio.Truncated(r.kind, r.at, r.length, r.format.Rate)
			}
			return 0, &audio.Error{In: r.kind, Kind: audio.ErrTruncated, Text: "cannot read", At: r.at, Rate: r.format.Rate, Err: err}
		}
		if bad := r.coding.toFloat(dst, done, raw, n); bad >= 0 {
			if done+bad > 0 {
				r.at += audio.Frames(bad)
				return done + bad, nil // and again
			}
			return 0, audio.NotFinite(r.kind, r.at, r.format.Rate)
		}
		done += n
		r.at += audio.Frames(n)
	}
	return done, nil
}

// Close releases nothing: the file belongs to the caller.
func (r *Reader) Close() error { return nil }

// finish checks what the parsers found and works out how many frames there are.
// bytes is the length of the sound's chunk as promised, -1 for "to the end of the file".
func (r *Reader) finish(start, bytes int64) error {
	if err := r.format.Check(r.kind); err != nil {
		return err
	}
	r.frame = r.coding.bytes * r.format.Channels
	r.start = start
	held := max(0, r.size-start)
	if bytes < 0 {
		bytes = held
	}
	r.length = audio.Frames(bytes / int64(r.frame))
	r.have = audio.Frames(min(bytes, held) / int64(r.frame))
	return nil
}
