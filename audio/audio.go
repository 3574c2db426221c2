// Package audio is digital sound as Ferric moves it: rates, frames, and streams of samples.
//
// A frame is one sample of every channel at one instant. Samples travel as
// planar float32, one slice a channel, full scale ±1.0: 24-bit integers pass
// through exactly, and vector code can work on them without shuffling.
// Sound is always streamed in blocks; nothing here holds a whole side.
//
// The packages below read and write it: wav (RIFF, RF64, AIFF), flac, mp3, and
// vorbis and opus on ogg; codec opens any of them; loudness (BS.1770 meters) and
// resample work on it.
package audio

import (
	"io"
	"math"
	"time"
)

// Rate is a sampling rate in hertz.
type Rate int

// Frames counts frames: a position or a length in a stream. It means seconds only together with a Rate.
type Frames int64

// Seconds is the time that f frames take at rate r.
func (f Frames) Seconds(r Rate) float64 { return float64(f) / float64(r) }

// Duration is the time that f frames take at rate r, to the nearest nanosecond.
func (f Frames) Duration(r Rate) time.Duration {
	whole := int64(f) / int64(r)
	rest := int64(f) % int64(r)
	return time.Duration(whole)*time.Second + time.Duration(math.Round(float64(rest)*1e9/float64(r)))
}

// Frames is the number of whole frames nearest to d.
func (r Rate) Frames(d time.Duration) Frames {
	whole := int64(d / time.Second)
	rest := d % time.Second
	return Frames(whole*int64(r) + int64(math.Round(rest.Seconds()*float64(r))))
}

// Format says what a stream's samples are, and what they were in the file they came from.
type Format struct {
	Rate     Rate
	Channels int
	Bits     int    // bits a sample in the file; 0 for lossy codecs, whose samples have no width
	Float    bool   // the file holds floating-point samples
	Codec    string // "pcm", "flac", "mp3", "vorbis", "opus", ... as ffprobe would name it
}

// Source is a stream of sound, read once from front to back.
type Source interface {
	Format() Format
	// Length is the number of frames the stream says it holds, -1 when it does not say.
	// A Source that delivers fewer ends in an error that is io.ErrUnexpectedEOF in place of io.EOF.
	Length() Frames
	// ReadFrames fills dst[c][:n] for every channel c and returns n. All of dst's
	// slices have one length. It returns 0, io.EOF at the end, and n > 0 only with a nil error.
	ReadFrames(dst [][]float32) (n int, err error)
	Close() error
}

// SeekSource is a Source that can be read from any frame on.
type SeekSource interface {
	Source
	// SeekFrame makes at the next frame that is read. At the length or past it, the next read is io.EOF.
	SeekFrame(at Frames) error
}

// Sink takes a stream of sound. The file is whole only after Close returned nil.
type Sink interface {
	// WriteFrames takes every frame of src (one slice a channel, all of one length) and keeps none of it.
	WriteFrames(src [][]float32) error
	Close() error
}

// NewBlock makes a planar buffer of n frames.
func NewBlock(channels, n int) [][]float32 {
	flat := make([]float32, channels*n)
	block := make([][]float32, channels)
	for c := range block {
		block[c] = flat[c*n : (c+1)*n : (c+1)*n]
	}
	return block
}

// Window is block[c][from:to] for every channel, in dst (which is reused).
func Window(dst, block [][]float32, from, to int) [][]float32 {
	dst = dst[:0]
	for _, ch := range block {
		dst = append(dst, ch[from:to])
	}
	return dst
}

// Copy moves every frame of src to dst through block and returns how many there were.
func Copy(dst Sink, src Source, block [][]float32) (Frames, error) {
	var total Frames
	view := make([][]float32, 0, len(block))
	for {
		n, err := src.ReadFrames(block)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		if err := dst.WriteFrames(Window(view, block, 0, n)); err != nil {
			return total, err
		}
		total += Frames(n)
	}
}

// DB is 20·log10 of an amplitude ratio; silence gives -Inf.
func DB(ratio float64) float64 { return 20 * math.Log10(ratio) }

// Ratio is the amplitude ratio of db decibels.
func Ratio(db float64) float64 { return math.Pow(10, db/20) }
