package deck

import (
	"math"

	"ferric/dsp"
)

// damage is where the tape leaves the head: dropouts of milliseconds, and clogs,
// seconds of dullness where shed oxide rode along. Each has its place on the
// tape for good. Plays deepen it and add new ones beside; the ends are worst
// (diyaudio 340591; Audio 3/1984).
//
// Archive transfers show 1.3 to 4 dropouts a minute (github.com/Magnus-Gille/cassette-ai); a
// table of their lengths and depths was found nowhere. 5 to 80 ms, 6 to 20 dB at 5 kHz, and
// one channel twice as often as both are a choice, and so is all that plays do.
type damage struct {
	seeds  seeds
	rate   float64
	frames int64
	drops  float64 // a second, in the middle of the tape
	clogs  float64
	deepen float64 // 0.5 to 1
}

const (
	depths    = 4   // filters to choose from
	depthStep = 1.0 // micrometres off the head, between them

	dropCell, dropLongest = 0.25, 0.08 // seconds; at most one a cell
	clogCell, clogLongest = 20.0, 6.0
	endsSeconds           = 90.0
)

func newDamage(c Config, sd seeds, rate float64, frames int64) damage {
	worn := -math.Expm1(-float64(c.Plays) / 150)
	return damage{seeds: sd, rate: rate, frames: frames, drops: 0.022 + 0.5*worn, clogs: 0.02 * worn, deepen: 0.5 + 0.5*worn}
}

// blend fills dst with how far the tape is off the head, as a share of the
// distance of filter depth, for the tile that starts at a frame. It returns -1 when nothing is there.
func (d *damage) blend(dst []float32, start int64, channel int) (depth int) {
	depth = -1
	for pass := range 2 { // the deepest decides the filter, then all are drawn
		deepest := 0.0
		for kind := range 2 {
			seed, cell, longest := d.seeds.drop, dropCell, dropLongest
			if kind == 1 {
				seed, cell, longest = d.seeds.clog, clogCell, clogLongest
			}
			from := (float64(start)/d.rate - longest) / cell
			to := (float64(start+int64(len(dst))) / d.rate) / cell
			for n := int64(math.Floor(from)); n <= int64(to); n++ {
				if n < 0 {
					continue
				}
				e, ok := d.event(seed, uint64(n), cell, kind == 1)
				if !ok || e.channel >= 0 && e.channel != channel {
					continue
				}
				a, b := int64(e.from*d.rate), int64(e.to*d.rate)
				if b <= start || a >= start+int64(len(dst)) {
					continue
				}
				if pass == 0 {
					deepest = max(deepest, e.um)
					continue
				}
				share := e.um / (float64(depth+1) * depthStep)
				for i := max(a-start, 0); i < min(b-start, int64(len(dst))); i++ {
					// It lifts and lands softly: a raised cosine over the outer thirds.
					x := float64(start+i-a) / float64(b-a)
					edge := min(1, 3*min(x, 1-x))
					w := float32(share * edge * edge * (3 - 2*edge))
					dst[i] = max(dst[i], w)
				}
			}
		}
		if pass == 0 {
			if deepest == 0 {
				return -1
			}
			depth = min(depths-1, max(0, int(math.Ceil(deepest/depthStep))-1))
			clear(dst)
		}
	}
	for i, w := range dst {
		dst[i] = min(w, 1)
	}
	return depth
}

type event struct {
	from, to float64 // seconds of play
	um       float64 // off the head
	channel  int     // -1 is both
}

// event is what lies in a cell, if anything does.
func (d *damage) event(seed, n uint64, cell float64, clog bool) (event, bool) {
	h := dsp.Hash(seed, n)
	u := func(i uint64) float64 { return dsp.Uniform(h, i) }
	at := (float64(n) + u(1)) * cell
	end := math.Min(at, float64(d.frames)/d.rate-at)
	near := math.Max(0, 1-end/endsSeconds)
	rate := d.drops
	if clog {
		rate = d.clogs
	}
	if u(0) >= rate*(1+3*near)*cell {
		return event{}, false
	}
	e := event{from: at, channel: -1}
	if clog {
		e.to = at + 0.5 + u(2)*(clogLongest-0.5)
		e.um = (0.3 + 0.7*u(3)) * d.deepen
		return e, true
	}
	e.to = at + 0.005 + u(2)*u(2)*(dropLongest-0.005)
	// 5.7 dB at 5 kHz for each micrometre.
	e.um = (6 + 14*u(3)) / 5.7 * d.deepen * (1 + 0.3*near)
	switch v := u(4); {
	case v < 1.0/3:
		e.channel = 0
	case v < 2.0/3:
		e.channel = 1
	}
	return e, true
}
