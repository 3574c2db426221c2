package loudness

import (
	"math"

	"ferric/audio"
	"ferric/dsp"

	"github.com/tphakala/simd/f32"
)

// peakMeter finds the true peak. Interpolating every sample would cost more than
// all the rest together, and is needless: a point between samples exceeds the
// largest sample near it by no more than a known factor (dsp.PeakFinder.Bound). So
// a tile whose samples cannot beat the highest peak so far is passed over, exactly.
type peakMeter struct {
	rate   audio.Rate
	finder *dsp.PeakFinder // nil when the samples are dense enough, or nobody asks
	reach  int             // samples the finder sees to either side
	over   float32         // ratio

	// One tile of frames with reach frames before and after it, a channel.
	hist    [][]float32
	fill    int
	at      audio.Frames // of the tile's first frame
	high    []float32    // highest magnitude at or after each frame, of all channels
	between []float32
	scratch []float32

	sample, peak float32
	peakAt       audio.Frames
	overs        []Over // finished stretches
	open         Over   // the last stretch, which may still grow; End 0 while there is none
	overCount    int
}

const peakTile = 256

func newPeakMeter(rate audio.Rate, channels int, cfg Config) *peakMeter {
	p := &peakMeter{rate: rate, over: float32(dsp.Ratio(cfg.OverDB))}
	// BS.1770-4 asks for 192 kHz or more in the end: 4x at 48 kHz, 2x at 96 kHz.
	times := 1
	for int(rate)*times < 176400 && times < 4 {
		times *= 2
	}
	if cfg.NoTruePeak {
		times = 1
	}
	if times > 1 {
		p.finder = dsp.NewPeakFinder(times)
		p.reach = p.finder.Reach()
	}
	p.hist = audio.NewBlock(channels, peakTile+2*p.reach)
	p.high = make([]float32, peakTile)
	p.between = make([]float32, peakTile)
	p.scratch = make([]float32, peakTile)
	p.fill = p.reach
	return p
}

func (p *peakMeter) write(src [][]float32) {
	for at, n := 0, len(src[0]); at < n; {
		run := min(n-at, len(p.hist[0])-p.fill)
		for c, h := range p.hist {
			copy(h[p.fill:], src[c][at:at+run])
		}
		p.fill += run
		at += run
		if p.fill == len(p.hist[0]) {
			p.tile()
			for _, h := range p.hist {
				copy(h, h[peakTile:])
			}
			p.fill -= peakTile
			p.at += peakTile
		}
	}
}

// tile measures peakTile frames, which start at hist[reach], and the intervals after each of them.
func (p *peakMeter) tile() {
	const n = peakTile
	limit := min(p.peak, p.over)
	looked := false
	for _, h := range p.hist {
		around := f32.MaxAbs(h)
		p.sample = max(p.sample, around)
		bound := float32(1)
		if p.finder != nil {
			bound = float32(p.finder.Bound()) * (1 + 1e-6)
		}
		if around*bound <= limit {
			continue
		}
		if !looked {
			looked = true
			clear(p.high)
		}
		for i, v := range h[p.reach : p.reach+n] {
			p.high[i] = max(p.high[i], float32(math.Abs(float64(v))))
		}
		if p.finder != nil {
			p.finder.Between(p.between, h[1:], p.scratch)
			for i, v := range p.between {
				p.high[i] = max(p.high[i], v)
			}
		}
	}
	if looked && f32.MaxAbs(p.high) > limit {
		p.scan()
	}
}

// scan takes the high points of a tile.
func (p *peakMeter) scan() {
	for i, v := range p.high {
		at := p.at + audio.Frames(i)
		if v > p.peak {
			p.peak, p.peakAt = v, at
		}
		if v <= p.over {
			continue
		}
		db := dsp.DB(float64(v))
		if p.open.End == 0 || at >= p.open.End+audio.Frames(p.rate/100) {
			p.shut()
			p.open = Over{Start: at, PeakDB: db}
			p.overCount++
		}
		p.open.End = at + 1
		p.open.PeakDB = max(p.open.PeakDB, db)
	}
}

// shut moves the open stretch to the list.
func (p *peakMeter) shut() {
	if p.open.End > 0 && len(p.overs) < MaxOvers {
		p.overs = append(p.overs, p.open)
	}
	p.open = Over{}
}

// report adds the peaks so far to r, as if silence followed.
func (p *peakMeter) report(r *Result) {
	q := *p
	q.hist = audio.NewBlock(len(p.hist), len(p.hist[0]))
	for c := range p.hist {
		copy(q.hist[c], p.hist[c][:p.fill])
	}
	q.overs = append([]Over(nil), p.overs...)
	q.write(audio.NewBlock(len(p.hist), peakTile+p.reach))
	q.shut()
	r.SamplePeakDB = dsp.DB(float64(q.sample))
	r.TruePeakDB = dsp.DB(float64(q.peak))
	r.TruePeakAt = q.peakAt
	r.Overs, r.OverCount = q.overs, q.overCount
}
