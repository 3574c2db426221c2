package master

import (
	"context"
	"io"
	"math"

	"github.com/tphakala/simd/f32"

	"ferric/album"
	"ferric/audio"
)

// run is tracks of one rate that follow each other without a gap: one stream,
// so that a resampler or a filter never sees the seams.
type run struct {
	start, end audio.Frames // in the programme
	tracks     []album.Track
	measures   []*TrackMeasure
}

func (c *console) runs() []run {
	var runs []run
	for _, t := range c.side.Tracks {
		m := &c.m.Tracks[t.Index]
		if n := len(runs); n > 0 && t.Joined && runs[n-1].measures[0].Format.Rate == m.Format.Rate {
			r := &runs[n-1]
			r.end = t.End()
			r.tracks = append(r.tracks, c.album.Tracks[t.Index])
			r.measures = append(r.measures, m)
			continue
		}
		runs = append(runs, run{t.Start, t.End(), []album.Track{c.album.Tracks[t.Index]}, []*TrackMeasure{m}})
	}
	return runs
}

// needsDither says whether the samples are finer than 16 bits: any change of rate or channels makes them so.
func (r *run) needsDither(o Options, rate audio.Rate) bool {
	for _, m := range r.measures {
		if f := m.Format; f.Rate != rate || f.Channels > 2 || f.Float || f.Bits == 0 || f.Bits > 16 {
			return true
		}
	}
	return false
}

// source reads the tracks of the run one after another as stereo. It opens a
// file when it gets there, and refuses one that is not as long as it was.
func (r *run) source(ctx context.Context, open Opener) audio.Source {
	return &chain{ctx: ctx, run: r, open: open}
}

type chain struct {
	ctx  context.Context
	run  *run
	open Opener
	at   int // track
	src  audio.Source
	read audio.Frames // of it
}

func (c *chain) Format() audio.Format {
	f := c.run.measures[0].Format
	f.Channels = 2
	return f
}

func (c *chain) Length() audio.Frames {
	var n audio.Frames
	for _, m := range c.run.measures {
		n += m.Frames
	}
	return n
}

func (c *chain) ReadFrames(dst [][]float32) (int, error) {
	for c.at < len(c.run.tracks) {
		t, m := c.run.tracks[c.at], c.run.measures[c.at]
		if c.src == nil {
			src, err := c.open(c.ctx, t)
			if err != nil {
				return 0, fileError(t.File, err)
			}
			c.src, c.read = &stereo{src: src}, 0
			if src.Format() != m.Format {
				return 0, fileError(t.File, ErrChanged)
			}
		}
		n, err := c.src.ReadFrames(dst)
		if n > 0 {
			if c.read += audio.Frames(n); c.read > m.Frames {
				return 0, fileError(t.File, ErrChanged)
			}
			return n, nil
		}
		if err != io.EOF {
			return 0, fileError(t.File, err)
		}
		if c.read != m.Frames {
			return 0, fileError(t.File, ErrChanged)
		}
		c.src.Close()
		c.src = nil
		c.at++
	}
	return 0, io.EOF
}

func (c *chain) Close() error {
	if c.src == nil {
		return nil
	}
	return c.src.Close()
}

// waveform draws a programme of known length in a fixed number of columns.
type waveform struct {
	columns []Column
	length  audio.Frames
	at      audio.Frames
	square  []float64
	frames  []int
}

func newWaveform(length audio.Frames) *waveform {
	n := int(min(Columns, max(1, length)))
	return &waveform{columns: make([]Column, n), length: length, square: make([]float64, n), frames: make([]int, n)}
}

func (w *waveform) write(block [][]float32) {
	n := len(block[0])
	for i := 0; i < n; {
		col := int(int64(w.at) * int64(len(w.columns)) / int64(w.length))
		next := audio.Frames((int64(col+1)*int64(w.length) + int64(len(w.columns)) - 1) / int64(len(w.columns)))
		until := min(n, i+int(next-w.at))
		c := &w.columns[col]
		for _, x := range block {
			part := x[i:until]
			c.Min, c.Max = min(c.Min, f32.Min(part)), max(c.Max, f32.Max(part))
			w.square[col] += float64(f32.SumOfSquares(part))
		}
		w.frames[col] += 2 * (until - i)
		w.at += audio.Frames(until - i)
		i = until
		c.RMS = float32(math.Sqrt(w.square[col] / float64(w.frames[col])))
	}
}
