package resample

import (
	"ferric/audio"

	"github.com/tphakala/simd/f32"
)

// polyphase resamples many periods at once. A period is down frames of input and up frames
// of output, and output p of every period has the same taps. So input is kept as a
// matrix, one row for each place in the period and one column a period:
//
//	row r, column m = input frame m·down + r
//
// and output p of all periods is a sum of rows, each times one tap: whole vectors, added in one order
// whatever the machine. A tap that looks beyond the period's end finds its frame in the same row order,
// columns further on.
type polyphase struct {
	stream
	periods int // in a batch
	columns int // periods, and those that the last period's taps look into

	matrix [][]float32 // of each channel, row after row
	place  []int       // in the matrix: frame k of the input from the first period on
	fill   int         // input frames in the matrix

	out       [][]float32 // of each channel: a batch of output
	at, ready int         // in out: given, made
	sum       []float32
}

// batchFrames is about how much input a batch takes: enough columns for vectors, few enough to stay in the cache.
const batchFrames = 1 << 16

func newPolyphase(s stream) *polyphase {
	down, up := int(s.f.down), int(s.f.up)
	p := &polyphase{stream: s}
	p.periods = min(max(batchFrames/down, 64), 512) / 16 * 16
	p.columns = p.periods + (down-1+s.f.taps()-1)/down
	p.sum = make([]float32, p.periods)
	p.matrix = audio.NewBlock(len(s.in), down*p.columns)
	p.place = make([]int, down+s.f.taps())
	for k := range p.place {
		p.place[k] = k%down*p.columns + k/down
	}
	p.out = audio.NewBlock(len(s.in), p.periods*up)
	// Frame 0 stands in the middle of the filter: silence comes before it.
	p.fill = s.f.reach - 1
	return p
}

// ReadFrames follows audio.Source.
func (p *polyphase) ReadFrames(dst [][]float32) (int, error) {
	want := len(dst[0])
	n := 0
	for n < want {
		if p.at == p.ready {
			if p.total >= 0 && p.done == p.total {
				break
			}
			p.batch()
			continue
		}
		run := min(want-n, p.ready-p.at)
		for c, d := range dst {
			copy(d[n:n+run], p.out[c][p.at:])
		}
		n += run
		p.at += run
	}
	if n == 0 && want > 0 {
		return 0, p.err
	}
	return n, nil
}

// batch fills the matrix and makes the next outputs from it. At the end of the input they may be none.
func (p *polyphase) batch() {
	down := int(p.f.down)
	size := p.columns * down
	for p.fill < size && p.total < 0 {
		p.add(p.take(size - p.fill))
	}
	p.silence(size)
	made := p.periods * int(p.f.up)
	if p.total >= 0 {
		made = int(min(audio.Frames(made), p.total-p.done))
	}
	for c, matrix := range p.matrix {
		p.filter(matrix, p.out[c], made)
		for from := 0; from < len(matrix); from += p.columns {
			row := matrix[from : from+p.columns]
			copy(row, row[p.periods:])
		}
	}
	p.fill -= p.periods * down
	p.at, p.ready = 0, made
	p.done += audio.Frames(made)
}

// add puts the n frames of s.in into the matrix.
func (p *polyphase) add(n int) {
	down := int(p.f.down)
	for c, b := range p.in {
		matrix := p.matrix[c]
		row, col := p.fill%down, p.fill/down
		at := row*p.columns + col
		for _, v := range b[:n] {
			matrix[at] = v
			at += p.columns
			if row++; row == down {
				row = 0
				col++
				at = col
			}
		}
	}
	p.fill += n
}

// silence fills the matrix up.
func (p *polyphase) silence(size int) {
	down := int(p.f.down)
	for i := p.fill; i < size; i++ {
		for _, matrix := range p.matrix {
			matrix[i%down*p.columns+i/down] = 0
		}
	}
	p.fill = size
}

// filter makes the first n outputs of one channel.
func (p *polyphase) filter(matrix, out []float32, n int) {
	up, down := int(p.f.up), int(p.f.down)
	periods := (n + up - 1) / up
	sum := p.sum[:periods]
	for phase := range min(up, n) {
		taps := p.f.even[phase*down%up]
		place := p.place[phase*down/up:][:len(taps)]
		clear(sum)
		// From both ends to the middle: the large taps come last, where they cost the least precision.
		for lo, hi := 0, len(taps)-1; lo < hi; lo, hi = lo+1, hi-1 {
			f32.AddScaled(sum, taps[lo], matrix[place[lo]:][:periods])
			f32.AddScaled(sum, taps[hi], matrix[place[hi]:][:periods])
		}
		for m, v := range sum {
			if i := m*up + phase; i < n {
				out[i] = v
			}
		}
	}
}
