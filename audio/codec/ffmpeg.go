package codec

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"ferric/audio"
	"ferric/audio/wav"
)

// piped is the output of a running ffmpeg.
type piped struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	ctx    context.Context
	out    io.ReadCloser
	errs   *tail

	format audio.Format
	frame  int // bytes
	buf    []byte
	at     audio.Frames
	done   bool

	once  sync.Once
	ended error // of cmd.Wait
}

// containers are ffmpeg's names of what may be read: files that hold their sound themselves. A playlist or a
// list of parts names other files, which may lie anywhere.
const containers = "mov,mp4,m4a,3gp,3g2,mj2,asf,ape,wv,matroska,webm,tta,mpc,mpc8,caf,au,dsf,iff,tak,shn,aac,loas,latm," +
	"ac3,eac3,dts,dtshd,amr,oma,ogg,wav,w64,aiff,mp3,flac"

// runFFmpeg starts ffmpeg on the file at path. It writes a WAV of 32-bit floats to its
// standard output, whose head says rate and channels.
//
// What keeps it harmless: no shell; the path made absolute and given as a file: URL, so
// that it can be neither an option nor a protocol; only the file protocol and formats that hold
// their own sound, so that a playlist reaches neither the network nor another file; no standard input; one stream; a time limit.
func runFFmpeg(ctx context.Context, path string, opt Options) (*piped, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	limit := opt.FFmpegLimit
	if limit <= 0 {
		limit = time.Hour
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	cmd := exec.CommandContext(ctx, opt.FFmpeg,
		"-nostdin", "-hide_banner", "-v", "error", "-xerror",
		"-protocol_whitelist", "file", "-format_whitelist", containers, "-i", "file:"+abs,
		"-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1",
		"-c:a", "pcm_f32le", "-f", "wav", "-bitexact", "pipe:1")
	cmd.WaitDelay = 5 * time.Second
	p := &piped{cmd: cmd, cancel: cancel, ctx: ctx, errs: new(tail)}
	cmd.Stderr = p.errs
	if p.out, err = cmd.StdoutPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, &audio.Error{In: "ffmpeg", Kind: ErrNeedsFFmpeg, Text: "cannot start " + opt.FFmpeg, Err: err}
	}
	if err := p.readHead(); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// readHead reads the WAV head up to the samples. It is short and has no chunk but fmt and data (and LIST).
func (p *piped) readHead() error {
	var head []byte
	for {
		b := make([]byte, 8)
		if len(head) == 0 {
			b = make([]byte, 12)
		}
		if _, err := io.ReadFull(p.out, b); err != nil {
			return p.failed(0)
		}
		head = append(head, b...)
		if len(b) == 12 {
			continue
		}
		if string(b[:4]) == "data" {
			break
		}
		size := int(b[4]) | int(b[5])<<8 | int(b[6])<<16
		if b[7] != 0 || size > 1<<16 {
			return audio.Malformed("ffmpeg", "wrote no WAV")
		}
		body := make([]byte, size+size&1)
		if _, err := io.ReadFull(p.out, body); err != nil {
			return p.failed(0)
		}
		head = append(head, body...)
	}
	w, err := wav.NewReader(bytes.NewReader(head), int64(len(head)))
	if err != nil {
		return err
	}
	p.format = w.Format()
	if !p.format.Float || p.format.Bits != 32 {
		return audio.Malformed("ffmpeg", "wrote no 32-bit floats")
	}
	p.format.Codec, p.format.Bits, p.format.Float = "ffmpeg", 0, false
	p.frame = 4 * p.format.Channels
	p.buf = make([]byte, (64<<10)/p.frame*p.frame)
	return nil
}

func (p *piped) Format() audio.Format { return p.format }
func (p *piped) Length() audio.Frames { return -1 }

func (p *piped) ReadFrames(dst [][]float32) (int, error) {
	want := len(dst[0])
	if want == 0 {
		return 0, nil
	}
	if p.done {
		return 0, io.EOF
	}
	raw := p.buf[:min(len(p.buf), want*p.frame)]
	got, err := io.ReadFull(p.out, raw)
	n := got / p.frame
	if n == 0 {
		if err := p.finish(err); err != nil {
			return 0, err
		}
		p.done = true
		return 0, io.EOF
	}
	if bad := wav.Float32LE(dst, raw[:n*p.frame]); bad >= 0 {
		return 0, audio.NotFinite("ffmpeg", p.at+audio.Frames(bad), p.format.Rate)
	}
	p.at += audio.Frames(n)
	return n, nil
}

// finish waits for ffmpeg's end, which must be a good one.
func (p *piped) finish(readErr error) error {
	if err := p.wait(); err != nil || readErr != nil && readErr != io.EOF && readErr != io.ErrUnexpectedEOF {
		return p.failed(p.at)
	}
	return nil
}

// failed says why ffmpeg gave up, in its own words.
func (p *piped) failed(at audio.Frames) error {
	stopped := context.Cause(p.ctx)
	p.cancel()
	err := p.wait()
	e := &audio.Error{In: "ffmpeg", Kind: ErrFormat, Text: "cannot read the file", At: at, Rate: p.format.Rate}
	if said := p.errs.String(); said != "" {
		e.Err = errors.New(said)
	} else if err != nil {
		e.Err = err
	}
	if stopped != nil { // by the caller, or by the time limit
		e.Err = stopped
	}
	return e
}

func (p *piped) Close() error {
	p.cancel()
	p.out.Close()
	p.wait() // its error says only that it was stopped
	return nil
}

func (p *piped) wait() error {
	p.once.Do(func() { p.ended = p.cmd.Wait() })
	return p.ended
}

// tail keeps the first lines of what ffmpeg says.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	if room := 500 - len(t.b); room > 0 {
		t.b = append(t.b, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// speaker is how ffmpeg says which part of it speaks, with an address that differs every time.
var speaker = regexp.MustCompile(`\[[^\]@]* @ 0x[0-9a-f]+\] `)

func (t *tail) String() string {
	said := speaker.ReplaceAllString(string(t.b), "")
	return strings.Join(strings.FieldsFunc(said, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
