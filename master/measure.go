package master

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"sync"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/audio/loudness"
	"ferric/tape"
)

// Opener opens a track's sound. codec.Open makes one.
type Opener func(ctx context.Context, t album.Track) (audio.Source, error)

// Measurements is what one pass over an album has found.
type Measurements struct {
	Rate   audio.Rate // of the programmes to be
	Tracks []TrackMeasure
}

// TrackMeasure is one track as it came. Loudness, peaks and the figures of
// Checks are of the track at the programme's rate, freed of what lies under
// 25 Hz unless Options.Flat; levels at single samples are of the file.
type TrackMeasure struct {
	Format audio.Format
	Frames audio.Frames // decoded, at Format.Rate

	Integrated   float64 // LUFS; -Inf for silence
	RangeLU      float64
	TruePeakDB   float64 // dBTP
	SamplePeakDB float64 // dBFS
	Spectrum     Spectrum

	Start, End Seam
	Checks     Checks

	loud loudness.Result
	env  envelope
}

// Checks are the raw figures behind the findings about a track. Times are from its start.
type Checks struct {
	Overs       int           // stretches above 0 dBTP between samples
	OverAt      time.Duration // the highest of them
	Clips       int           // runs of three and more full-scale samples
	ClipAt      time.Duration // the longest of them
	ClipLength  int           // its samples
	DC          [2]float64    // mean of each channel, full scale 1
	Silences    []Silence     // below −60 dBFS for over 4 s, at an edge 8 s; the first 20 of them
	TailDB      float64       // RMS of the last 50 ms, dBFS
	BodyDB      float64       // RMS of the last 3 s, dBFS
	Correlation float64       // between the channels; 1 for mono, 0 where it is undefined
	MonoLossDB  float64       // level of the channels' sum against their levels added; 0 for mono, 3 for unrelated channels, more for opposed ones
	HumHz       float64       // 50 or 60; 0 for none
	HumDB       float64       // its lines together, dBFS
	Sibilants   int           // moments in which 5 to 10 kHz outweigh 0.3 to 4 kHz
	SibilantAt  time.Duration // the loudest of them
	Sibilance   float64       // their share of all sounding moments
	SubBassDB   float64       // what lies under 35 Hz against the whole
}

// Silence is a stretch without sound.
type Silence struct {
	From, To time.Duration
	Edge     bool // it opens or ends the track
}

const blockFrames = 4096

// Measure decodes every track once, several at a time, and reports what it
// hears. Memory is bounded by the longest tape: an album that no tape holds is
// refused (*TooLongError) before it is read. The result does not depend on
// the number of workers.
func Measure(ctx context.Context, a *album.Album, open Opener, o Options) (*Measurements, error) {
	if len(a.Tracks) == 0 {
		return nil, ErrNoTracks
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	rate := o.rate()
	var total audio.Frames
	var playing time.Duration
	for _, t := range a.Tracks {
		playing += t.Duration()
		total += rate.Frames(t.Duration())
	}
	if playing > tape.MaxMinutes*time.Minute {
		return nil, &TooLongError{Longer: playing / 2, Longest: o.longest()}
	}

	var curve *trebleCurve
	if !o.Flat {
		curve = newTrebleCurve(rate, o.formulation())
	}
	m := &Measurements{Rate: rate, Tracks: make([]TrackMeasure, len(a.Tracks))}
	report := newReporter(o.Progress, "measure", total)
	err := each(ctx, len(a.Tracks), o.Workers, func(ctx context.Context, i int) error {
		return measureTrack(ctx, &m.Tracks[i], a.Tracks[i], open, rate, curve, report)
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

func measureTrack(ctx context.Context, m *TrackMeasure, t album.Track, open Opener, rate audio.Rate, curve *trebleCurve, report *reporter) error {
	src, err := open(ctx, t)
	if err != nil {
		return fileError(t.File, err)
	}
	m.Format = src.Format()
	raw := newTap(&stereo{src: src})
	l, err := newListener(rate, curve, rate.Frames(t.Duration())) // all tracks together are no longer than a tape
	if err != nil {
		src.Close()
		return fileError(t.File, err)
	}
	in, err := resampled(raw, rate)
	if err != nil {
		src.Close()
		return fileError(t.File, err)
	}
	err = pump(ctx, in, func(block [][]float32) error {
		if l.frames > rate.Frames(tape.MaxMinutes*time.Minute) {
			return fmt.Errorf("%w: it plays for more than %d minutes", ErrTooLong, tape.MaxMinutes)
		}
		l.listen(block)
		report.add(len(block[0]))
		return nil
	})
	if closed := in.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fileError(t.File, err)
	}
	raw.finish(m)
	l.finish(m)
	return nil
}

// pump reads src to its end in blocks.
func pump(ctx context.Context, src audio.Source, take func(block [][]float32) error) error {
	block := audio.NewBlock(2, blockFrames)
	view := make([][]float32, 0, 2)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := src.ReadFrames(block)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := take(audio.Window(view, block, 0, n)); err != nil {
			return err
		}
	}
}

// each runs do for 0 to n-1, several at once, and returns the first error by
// number; the others end early by their context.
func each(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, n)
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				if errs[i] = do(ctx, i); errs[i] != nil {
					cancel()
				}
			}
		}()
	}
feed:
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// fileError names the file, unless the error already does.
func fileError(file string, err error) error {
	var e *audio.Error
	if errors.As(err, &e) && e.File != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: %w", file, err)
}

// reporter adds up progress from several goroutines.
type reporter struct {
	tell func(Progress)
	mu   sync.Mutex
	p    Progress
	last audio.Frames
}

func newReporter(tell func(Progress), stage string, total audio.Frames) *reporter {
	return &reporter{tell: tell, p: Progress{Stage: stage, Total: total}}
}

// add tells about every 200,000 frames, a few seconds of sound.
func (r *reporter) add(frames int) {
	if r.tell == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p.Done += audio.Frames(frames)
	r.p.Total = max(r.p.Total, r.p.Done)
	if r.p.Done-r.last >= 200_000 || r.p.Done == r.p.Total {
		r.last = r.p.Done
		r.tell(r.p)
	}
}

// rms in dBFS of a mean square.
func levelDB(meanSquare float64) float64 { return 10 * math.Log10(meanSquare) }
