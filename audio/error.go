package audio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// What can be wrong with a stream of sound. Every *Error has one of these as its Kind, and all are ErrRefused.
var (
	// ErrFormat: the bytes contradict the format they claim to be in.
	ErrFormat = errors.New("malformed")
	// ErrUnsupported: the file may be right, but Ferric does not read this kind of it.
	ErrUnsupported = errors.New("not supported")
	// ErrTruncated: the sound ends before its header says it does. Such an error is io.ErrUnexpectedEOF as well.
	ErrTruncated = errors.New("truncated")
	// ErrNotFinite: a floating-point sample is NaN or infinite, which no tape can hold.
	ErrNotFinite = errors.New("not a finite number")
	// ErrRefused is every *Error: this file cannot be used, and trying again will not help.
	ErrRefused = errors.New("file refused")
	// ErrNeedsFFmpeg: the format is known, but only the ffmpeg program can read it here.
	ErrNeedsFFmpeg = errors.New("needs ffmpeg")
)

// What Ferric moves: more channels or other rates are refused at the door.
const (
	MaxChannels = 8
	MinRate     = Rate(8000)
	MaxRate     = Rate(384000)
)

// Error is trouble with one file or stream.
type Error struct {
	File string // path as the caller gave it; empty when a stream was read
	In   string // what was being read: "WAV", "FLAC", "MP3"...
	Kind error  // one of the sentinels above
	Text string // what is wrong, for people

	At   Frames // the frame where it was noticed; only with a Rate
	Rate Rate   // 0 when there is no position

	Err error // the cause, when another error was
}

// Error says file, format, fault and time, as "song.wav: WAV: sound ends after 0:12.500 of 3:00.000".
func (e *Error) Error() string {
	var b strings.Builder
	for _, s := range []string{e.File, e.In} {
		if s != "" {
			b.WriteString(s)
			b.WriteString(": ")
		}
	}
	if e.Text != "" {
		b.WriteString(e.Text)
	} else {
		b.WriteString(e.Kind.Error())
	}
	if e.Rate > 0 {
		b.WriteString(" at ")
		b.WriteString(Clock(e.At.Duration(e.Rate)))
	}
	if e.Err != nil && e.Err != io.ErrUnexpectedEOF {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Is makes every *Error an ErrRefused.
func (e *Error) Is(target error) bool { return target == ErrRefused }

// Malformed is an ErrFormat about a stream of format in.
func Malformed(in, format string, args ...any) *Error {
	return &Error{In: in, Kind: ErrFormat, Text: fmt.Sprintf(format, args...)}
}

// Unsupported is an ErrUnsupported about a stream of format in.
func Unsupported(in, format string, args ...any) *Error {
	return &Error{In: in, Kind: ErrUnsupported, Text: fmt.Sprintf(format, args...)}
}

// Truncated says that the sound of a stream ends at frame at; of is the length it promised, -1 when it promised none.
func Truncated(in string, at, of Frames, rate Rate) *Error {
	text := "sound breaks off"
	if of > at && rate > 0 {
		text = fmt.Sprintf("sound of %s breaks off", Clock(of.Duration(rate)))
	}
	return &Error{In: in, Kind: ErrTruncated, Text: text, At: at, Rate: rate, Err: io.ErrUnexpectedEOF}
}

// NotFinite says that the sample at frame at is NaN or infinite.
func NotFinite(in string, at Frames, rate Rate) *Error {
	return &Error{In: in, Kind: ErrNotFinite, Text: "a sample is not a finite number", At: at, Rate: rate}
}

// Check refuses formats outside 1 to MaxChannels channels and MinRate to MaxRate.
// in names the container for the error.
func (f Format) Check(in string) error {
	switch {
	case f.Channels < 1:
		return Malformed(in, "no channels")
	case f.Channels > MaxChannels:
		return Unsupported(in, "%d channels; at most %d are read", f.Channels, MaxChannels)
	case f.Rate < MinRate || f.Rate > MaxRate:
		return Unsupported(in, "a sampling rate of %d Hz; %d to %d Hz are read", f.Rate, MinRate, MaxRate)
	}
	return nil
}

// Clock writes a time as m:ss.mmm, or h:mm:ss.mmm from one hour on.
func Clock(d time.Duration) string {
	ms := int64(math.Round(float64(d) / 1e6))
	s, m, h := ms/1000%60, ms/60000, ms/3600000
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d.%03d", h, m%60, s, ms%1000)
	}
	return fmt.Sprintf("%d:%02d.%03d", m, s, ms%1000)
}
