package master

import (
	"math"
	"time"

	"github.com/tphakala/simd/f32"

	"ferric/audio"
)

// tap passes a stereo source on and watches its samples as they are in the
// file: full-scale runs, DC, and how the track begins and ends.
type tap struct {
	audio.Source
	rate   audio.Rate
	frames audio.Frames
	sum    [2]float64
	peak   float32

	clips     int
	clipAt    audio.Frames
	clipLong  int
	run       [2]int // full-scale samples of one sign so far
	sign      [2]float32
	edge      int // frames of an edge
	head      [][]float32
	headCount int
	tail      [][]float32 // ring
	tailAt    int
}

// clipLevel is full scale but for the last step of 16 bits.
const clipLevel = 32766.5 / 32768

func newTap(src audio.Source) *tap {
	rate := src.Format().Rate
	edge := int(rate) * seamTime / 1000
	return &tap{Source: src, rate: rate, edge: edge, head: audio.NewBlock(2, edge), tail: audio.NewBlock(2, edge)}
}

func (t *tap) ReadFrames(dst [][]float32) (int, error) {
	n, err := t.Source.ReadFrames(dst)
	if n > 0 {
		t.watch(dst[0][:n], dst[1][:n])
	}
	return n, err
}

func (t *tap) watch(block ...[]float32) {
	n := len(block[0])
	for c, x := range block {
		sum := 0.0
		for _, v := range x {
			sum += float64(v)
		}
		t.sum[c] += sum
		top := f32.MaxAbs(x)
		t.peak = max(t.peak, top)
		if top >= clipLevel || t.run[c] > 0 {
			t.clipping(c, x)
		}
		t.keepTail(c, x)
		if t.headCount < t.edge {
			copy(t.head[c][t.headCount:], x)
		}
	}
	t.headCount = min(t.headCount+n, t.edge)
	t.tailAt = (t.tailAt + n) % t.edge
	t.frames += audio.Frames(n)
}

func (t *tap) clipping(c int, x []float32) {
	run, sign := t.run[c], t.sign[c]
	for i, v := range x {
		if (v >= clipLevel || v <= -clipLevel) && (run == 0 || v == sign) {
			sign = v
			run++
			if run == 3 {
				t.clips++
			}
			if run >= 3 && run > t.clipLong {
				t.clipLong, t.clipAt = run, t.frames+audio.Frames(i+1-run)
			}
			continue
		}
		run = 0
	}
	t.run[c], t.sign[c] = run, sign
}

// keepTail writes x into the ring of the last frames.
func (t *tap) keepTail(c int, x []float32) {
	at := t.tailAt
	if skip := len(x) - t.edge; skip > 0 {
		at, x = (at+skip)%t.edge, x[skip:]
	}
	n := copy(t.tail[c][at:], x)
	copy(t.tail[c], x[n:])
}

func (t *tap) finish(m *TrackMeasure) {
	m.Frames = t.frames
	m.SamplePeakDB = audio.DB(float64(t.peak))
	ch := &m.Checks
	ch.Clips, ch.ClipLength = t.clips, t.clipLong
	ch.ClipAt = t.clipAt.Duration(t.rate)
	n := t.headCount
	first, last := make([][]float32, 2), make([][]float32, 2)
	for c := range 2 {
		if t.frames > 0 {
			ch.DC[c] = t.sum[c] / float64(t.frames)
		}
		// The head backwards and the tail forwards: the outermost sample last.
		first[c], last[c] = make([]float32, n), make([]float32, n)
		for i := range n {
			first[c][n-1-i] = t.head[c][i]
			last[c][n-1-i] = t.tail[c][((t.tailAt-1-i)%t.edge+t.edge)%t.edge]
		}
	}
	m.Start, m.End = seam(first), seam(last)
	ch.TailDB = m.End.LevelDB
}

// seam measures an edge whose outermost samples stand last.
func seam(edge [][]float32) Seam {
	s := Seam{LevelDB: math.Inf(-1)}
	n := len(edge[0])
	if n < 2 {
		return s
	}
	for c, x := range edge {
		var square, step float64
		for i, v := range x {
			square += float64(v) * float64(v)
			if i > 0 {
				d := float64(v - x[i-1])
				step += d * d
			}
		}
		s.LevelDB = max(s.LevelDB, levelDB(square/float64(n)))
		s.Step[c] = math.Sqrt(step / float64(n-1))
		s.Edge[c] = [2]float64{float64(x[n-2]), float64(x[n-1])}
	}
	return s
}

// at is a frame's time.
func at(frame audio.Frames, rate audio.Rate) time.Duration { return frame.Duration(rate) }
