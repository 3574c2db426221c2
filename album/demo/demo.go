// Package demo is an album composed in code: A Field Guide to Evening, eight
// pieces, by nobody.
//
// It gives Ferric real music to press without anybody's rights in it: a folder
// of FLAC files with tags, a cover and a release.toml. Each piece also has
// something to try on the machine: two run into each other, one is very quiet,
// one very bright, one swings, one never stops pulsing.
//
// The way from paper to file, a source file each or a few:
//
//	harbour.go ... windows.go   the pieces: harmony, tunes, form
//	notation.go, score.go       how a piece is written down
//	tables.go, sustained.go,
//	struck.go, pluck.go,
//	drums.go, envelope.go       the instruments
//	desk.go, effects.go, hall.go  the mixing desk
//	cover.go                    the cover
//	album.go, demo.go           titles, tags, files
//
// A movement is rendered in blocks from its first frame to its last, so that
// memory stays small and two pieces of one movement meet without a seam.
// Everything that looks like chance is drawn from [Options.Seed] and the place
// in the score (see dice), so that the same seed gives the same bytes, whatever
// the number of processors. (Another architecture may fuse a multiplication
// and an addition, which moves last bits.)
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"ferric/audio"
	"ferric/audio/flac"
)

// File is where Write puts one file. An *os.File is one.
type File interface {
	io.Writer
	io.Seeker
	io.Closer
}

// Options say how to play. The zero value plays the album as it is meant.
type Options struct {
	Seed   uint64 // every seed is another performance, and another cover
	Single bool   // only two of its pieces, one a side, under a name of their own

	// Excerpt, when not zero, takes only so long from the middle of each piece
	// (the pieces that run into each other give their end and their beginning), and a small cover.
	Excerpt time.Duration

	// Progress is told how many frames of all are written, now and then, by one goroutine at a time.
	Progress func(done, total audio.Frames)
}

// Write plays the album and writes its files: the tracks, cover.png and release.toml. Each is made by
// create, with a plain file name and by one goroutine at a time, and closed here. After an error, or when ctx ends, what was written is not whole.
func Write(ctx context.Context, create func(name string) (File, error), o Options) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	create = oneAtATime(create)
	out := &theAlbum
	if o.Single {
		out = &theSingle
	}
	k := newKit()
	p := &progress{tell: o.Progress}
	jobs := []func() error{
		func() error { return writeText(create, "release.toml", out.toml) },
		func() error { return writeCover(create, o, out.cover) },
	}
	// The longest movement stands last in the album; taken first, it leaves no processor waiting at the end.
	first := 0
	for _, i := range slices.Backward(out.movements) {
		s := movements[i](k, dice(o.Seed).at(i+1))
		track := len(out.tracks) - first - (len(s.cuts) - 1)
		first += len(s.cuts) - 1
		spans := s.spans(o.Excerpt)
		for _, sp := range spans {
			p.total += sp.to - sp.from
		}
		jobs = append(jobs, func() error { return writeMovement(ctx, create, out, s, track, spans, p) })
	}
	jobs = append(jobs[1:], jobs[0])

	next := make(chan func() error, len(jobs))
	for _, j := range jobs {
		next <- j
	}
	close(next)
	var crew sync.WaitGroup
	for range min(len(jobs), runtime.GOMAXPROCS(0)) {
		crew.Go(func() {
			for job := range next {
				if ctx.Err() != nil {
					return
				}
				if err := job(); err != nil {
					stop(err)
				}
			}
		})
	}
	crew.Wait()
	return context.Cause(ctx)
}

func oneAtATime(create func(string) (File, error)) func(string) (File, error) {
	var mu sync.Mutex
	return func(name string) (File, error) {
		mu.Lock()
		defer mu.Unlock()
		return create(name)
	}
}

// span is the frames of a movement that one track holds.
type span struct{ from, to audio.Frames }

// spans are the tracks of a movement, whole or as excerpts.
func (s *score) spans(excerpt time.Duration) []span {
	var out []span
	for i := range s.cuts[1:] {
		sp := span{s.cuts[i], s.cuts[i+1]}
		n := audio.Rate(rate).Frames(excerpt)
		if excerpt > 0 && n < sp.to-sp.from {
			switch {
			case len(s.cuts) == 2:
				sp.from += (sp.to - sp.from) * 5 / 8
				sp.to = min(sp.to, sp.from+n)
			case i == 0:
				sp.from = sp.to - n
			default:
				sp.to = sp.from + n
			}
		}
		out = append(out, sp)
	}
	return out
}

// writeMovement renders a movement from its first frame to its last and cuts it into its tracks, of which the first is number track (from 0).
func writeMovement(ctx context.Context, create func(string) (File, error), of *issue, s *score, track int, spans []span, p *progress) (err error) {
	out := &cutter{create: create, of: of, spans: spans, track: track}
	defer func() { err = errors.Join(err, out.close()) }()
	from, end := spans[0].from, spans[len(spans)-1].to
	block := audio.NewBlock(2, blockLen)
	view := make([][]float32, 0, 2)
	return s.render(ctx, from, end, func(at audio.Frames, l, r []float32) error {
		copy(block[0], l)
		copy(block[1], r)
		view = audio.Window(view, block, 0, len(l))
		fadeOut(view, at, end)
		p.add(len(l))
		return out.write(at, view)
	})
}

// cutter writes a movement's sound to one file after the other.
type cutter struct {
	create func(string) (File, error)
	of     *issue
	spans  []span
	track  int
	file   File
	flac   *flac.Writer
	view   [][]float32
}

func (c *cutter) write(at audio.Frames, x [][]float32) error {
	for from, n := 0, len(x[0]); from < n; {
		if c.file == nil {
			if err := c.open(); err != nil {
				return err
			}
		}
		to := min(n, from+int(c.spans[0].to-at))
		c.view = audio.Window(c.view, x, from, to)
		if err := c.flac.WriteFrames(c.view); err != nil {
			return fmt.Errorf("track %d: %w", c.track+1, err)
		}
		at += audio.Frames(to - from)
		from = to
		if at == c.spans[0].to {
			if err := c.close(); err != nil {
				return err
			}
			c.spans = c.spans[1:]
			c.track++
		}
	}
	return nil
}

func (c *cutter) open() (err error) {
	t, number := c.of.tracks[c.track], c.track+1
	if c.file, err = c.create(t.file(number)); err != nil {
		c.file = nil
		return err
	}
	c.flac, err = flac.NewWriter(c.file, flac.Config{
		Rate: rate, Channels: 2, Bits: 24, Length: c.spans[0].to - c.spans[0].from, Tags: c.of.tags(number), Workers: 1, Level: 3,
	})
	return err
}

func (c *cutter) close() error {
	if c.file == nil {
		return nil
	}
	var err error
	if c.flac != nil {
		err = c.flac.Close()
	}
	err = errors.Join(err, c.file.Close())
	c.file, c.flac = nil, nil
	if err != nil {
		return fmt.Errorf("track %d: %w", c.track+1, err)
	}
	return nil
}

// fadeLen is how long the last echoes of a movement take to reach silence.
const fadeLen = 5 * rate / 2

func fadeOut(x [][]float32, at, end audio.Frames) {
	if end-at > fadeLen+blockLen {
		return
	}
	for i := range x[0] {
		left := float64(end-at) - float64(i) - 1
		if left >= fadeLen {
			continue
		}
		g := float32(0.5 - 0.5*math.Cos(math.Pi*left/fadeLen))
		x[0][i] *= g
		x[1][i] *= g
	}
}

func writeText(create func(string) (File, error), name, text string) (err error) {
	f, err := create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.WriteString(f, text)
	return err
}

// progress counts what all movements have written.
type progress struct {
	mu    sync.Mutex
	tell  func(done, total audio.Frames)
	done  audio.Frames
	told  audio.Frames
	total audio.Frames
}

// tellEvery is how many frames pass between two tellings: four seconds of music, some 20 ms of work.
const tellEvery = 4 * rate

func (p *progress) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += audio.Frames(n)
	if p.tell != nil && (p.done-p.told >= tellEvery || p.done == p.total) {
		p.told = p.done
		p.tell(p.done, p.total)
	}
}
