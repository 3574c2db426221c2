// Package codec opens a sound file of any format.
//
// What a file is stands in its first bytes, never in its name. Ferric reads WAV,
// RF64, W64, AIFF, FLAC, MP3, Ogg Vorbis and Ogg Opus itself. Anything else is
// left to the ffmpeg program, if the caller names one: that is for a person's
// own files on their own machine only. A decoder written in C that reads what
// strangers upload has been the way into servers more than once, so a server
// calls with no FFmpeg and gets ErrNeedsFFmpeg.
package codec

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"

	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/mp3"
	"ferric/audio/ogg"
	"ferric/audio/opus"
	"ferric/audio/vorbis"
	"ferric/audio/wav"
)

// The kinds of trouble, as errors.Is finds them in every error of this package.
var (
	ErrRefused     = audio.ErrRefused // any of the following
	ErrFormat      = audio.ErrFormat
	ErrUnsupported = audio.ErrUnsupported
	ErrTruncated   = audio.ErrTruncated
	ErrNotFinite   = audio.ErrNotFinite
	ErrNeedsFFmpeg = audio.ErrNeedsFFmpeg
)

// Options say how a file may be opened.
type Options struct {
	// FFmpeg is the path of the ffmpeg program for formats that Ferric does not read itself;
	// empty forbids it. Only for files of the person who runs Ferric.
	FFmpeg string
	// FFmpegLimit ends an ffmpeg that takes longer; 0 means an hour.
	FFmpegLimit time.Duration
}

// File is an open sound file.
type File struct {
	name  string
	src   audio.Source
	again func() (audio.Source, error) // opens it from the start once more
	at    audio.Frames                 // of the next frame that src gives
	file  *os.File                     // nil when the caller gave a reader
}

var _ audio.SeekSource = (*File)(nil)

// Open opens the sound file at path. ctx ends an ffmpeg that may run behind it.
// Errors are *audio.Error with File set, or those of the file system.
func Open(ctx context.Context, path string, opt Options) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, path, f, opt)
	if err != nil {
		f.Close()
		return nil, err
	}
	s.file = f
	return s, nil
}

func open(ctx context.Context, path string, f *os.File, opt Options) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &audio.Error{File: path, Kind: ErrUnsupported, Text: "not a regular file"}
	}
	s, err := New(f, info.Size(), path)
	if errors.Is(err, ErrNeedsFFmpeg) && opt.FFmpeg != "" {
		return start(path, func() (audio.Source, error) { return runFFmpeg(ctx, path, opt) })
	}
	return s, err
}

func start(name string, again func() (audio.Source, error)) (*File, error) {
	src, err := again()
	if err != nil {
		return nil, named(err, name)
	}
	return &File{name: name, src: src, again: again}, nil
}

// New reads the sound file of size bytes in r; name stands in its errors.
// It never runs another program.
func New(r io.ReaderAt, size int64, name string) (*File, error) {
	return start(name, func() (audio.Source, error) { return sniff(r, size) })
}

// Format is what the samples are.
func (f *File) Format() audio.Format { return f.src.Format() }

// Length is the number of frames that the file says it holds, -1 when it does not say.
// The package function Length counts where this is -1.
func (f *File) Length() audio.Frames { return f.src.Length() }

// ReadFrames fills dst.
func (f *File) ReadFrames(dst [][]float32) (int, error) {
	n, err := f.src.ReadFrames(dst)
	f.at += audio.Frames(n)
	if err != nil && err != io.EOF {
		err = named(err, f.name)
	}
	return n, err
}

// SeekFrame makes at the next frame that is read. WAV, AIFF and FLAC go there
// at once; the others decode up to it, from the start when it lies behind.
func (f *File) SeekFrame(at audio.Frames) error {
	at = max(at, 0)
	if s, ok := f.src.(audio.SeekSource); ok {
		f.at = at
		return named(s.SeekFrame(at), f.name)
	}
	if at < f.at {
		src, err := f.again()
		if err != nil {
			return named(err, f.name)
		}
		f.src.Close()
		f.src, f.at = src, 0
	}
	block := audio.NewBlock(f.Format().Channels, 1<<13)
	view := make([][]float32, 0, len(block))
	for f.at < at {
		n := min(at-f.at, audio.Frames(len(block[0])))
		if _, err := f.ReadFrames(audio.Window(view, block, 0, int(n))); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// Close ends what runs for the file and closes it.
func (f *File) Close() error {
	err := f.src.Close()
	if f.file != nil {
		err = errors.Join(err, f.file.Close())
	}
	return err
}

// Length is the exact number of frames of the file at path, and what they are.
// It decodes the whole file only where its headers do not say or cannot be believed.
func Length(ctx context.Context, path string, opt Options) (audio.Frames, audio.Format, error) {
	f, err := Open(ctx, path, opt)
	if err != nil {
		return 0, audio.Format{}, err
	}
	defer f.Close()
	if n := f.Length(); n >= 0 {
		return n, f.Format(), nil
	}
	n, err := count(f)
	return n, f.Format(), err
}

func count(src audio.Source) (audio.Frames, error) {
	block := audio.NewBlock(src.Format().Channels, 1<<14)
	var total audio.Frames
	for {
		n, err := src.ReadFrames(block)
		total += audio.Frames(n)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// named puts the file's name into an error of a decoder.
func named(err error, name string) error {
	var e *audio.Error
	if errors.As(err, &e) && e.File == "" {
		c := *e
		c.File = name
		return &c
	}
	return err
}

// sniff looks at what a file begins with, behind an ID3 tag, and makes its decoder.
func sniff(r io.ReaderAt, size int64) (audio.Source, error) {
	var buf [64]byte
	n, err := r.ReadAt(buf[:], 0)
	if err != nil && err != io.EOF {
		return nil, &audio.Error{Kind: ErrFormat, Text: "cannot be read", Err: err}
	}
	if n == 0 {
		return nil, &audio.Error{Kind: ErrFormat, Text: "the file is empty"}
	}
	head := buf[:n]
	if wav.Sniff(head) {
		return wav.NewReader(r, size)
	}
	if body := skipID3(head); body > 0 {
		var after [4]byte
		if m, _ := r.ReadAt(after[:], body); m == 4 && flac.Sniff(after[:]) {
			return flac.NewReader(r, size)
		}
	} else if flac.Sniff(head) {
		return flac.NewReader(r, size)
	}
	if ogg.Sniff(head) {
		switch {
		case bytes.Contains(head, []byte(vorbis.Magic)):
			return vorbis.NewReader(r, size)
		case bytes.Contains(head, []byte(opus.Magic)):
			return opus.NewReader(r, size)
		}
	}
	if other := foreign(head); other != nil {
		return nil, other
	}
	ok, other := mp3.Sniff(r, size)
	if ok {
		return mp3.NewReader(r, size)
	}
	if other != "" {
		return nil, needsFFmpeg(other)
	}
	return nil, &audio.Error{Kind: ErrNeedsFFmpeg, Text: "not a sound file that Ferric knows; ffmpeg might read it"}
}

// skipID3 is the length of the ID3v2 tag that head begins with, 0 without one.
func skipID3(head []byte) int64 {
	if len(head) < 10 || string(head[:3]) != "ID3" || head[3] == 0xff || head[6]|head[7]|head[8]|head[9] >= 0x80 {
		return 0
	}
	n := 10 + int64(head[6])<<21 + int64(head[7])<<14 + int64(head[8])<<7 + int64(head[9])
	if head[5]&0x10 != 0 {
		n += 10
	}
	return n
}

// foreign is the error for a format that Ferric does not read itself, nil for one it does not recognise.
func foreign(head []byte) *audio.Error {
	has := func(at int, s string) bool { return len(head) >= at+len(s) && string(head[at:at+len(s)]) == s }
	name := ""
	switch {
	case has(4, "ftyp"):
		name = "MP4 (AAC or ALAC)"
	case has(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
		name = "Windows Media"
	case has(0, "MAC "):
		name = "Monkey's Audio"
	case has(0, "wvpk"):
		name = "WavPack"
	case has(0, "\x1a\x45\xdf\xa3"):
		name = "Matroska"
	case has(0, "TTA1"):
		name = "True Audio"
	case has(0, "MPCK"), has(0, "MP+"):
		name = "Musepack"
	case has(0, "caff"):
		name = "Core Audio"
	case has(0, ".snd"):
		name = "Sun audio"
	case has(0, "DSD "), has(0, "FRM8"):
		name = "DSD"
	case has(0, "tBaK"):
		name = "TAK"
	case len(head) >= 2 && binary.BigEndian.Uint16(head)&0xfff6 == 0xfff0:
		name = "AAC"
	case bytes.Contains(head, []byte("OggS")):
		name = "Ogg"
	default:
		return nil
	}
	return needsFFmpeg(name)
}

func needsFFmpeg(format string) *audio.Error {
	return &audio.Error{Kind: ErrNeedsFFmpeg, Text: "this is " + format + ": install ffmpeg to read it"}
}
