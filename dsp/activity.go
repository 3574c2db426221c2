package dsp

import "math"

// Activity is the record of what a dynamics processor did: when, for how long, how much.
// It grows by one Moment for each 100 ms in which the processor worked, so it is bounded
// by the length of the programme.
type Activity struct {
	Rate    float64
	Moments []Moment // in order of time, only those where something was done
}

// Moment is a tenth of a second of work.
type Moment struct {
	Frame  int64   // where the tenth begins, in frames of the programme (latency taken off)
	Active int32   // frames turned down by more than 0.01 dB
	MaxDB  float32 // largest reduction, above 0
}

// Summary is an Activity over some stretch.
type Summary struct {
	Seconds float64 // turned down by more than 0.01 dB
	Times   int     // separate runs of tenths in which that happened
	MaxDB   float64 // largest reduction
	MaxAt   int64   // the frame of the tenth with the largest reduction
}

// Between sums up the moments that begin from frame from up to, not including, to.
func (a *Activity) Between(from, to int64) Summary {
	var s Summary
	tenth := int64(a.Rate / 10)
	last := int64(math.MinInt64 / 2)
	for _, m := range a.Moments {
		if m.Frame < from || m.Frame >= to {
			continue
		}
		s.Seconds += float64(m.Active) / a.Rate
		if m.Frame-last > tenth+1 {
			s.Times++
		}
		last = m.Frame
		if float64(m.MaxDB) > s.MaxDB {
			s.MaxDB, s.MaxAt = float64(m.MaxDB), m.Frame
		}
	}
	return s
}

// All sums up everything.
func (a *Activity) All() Summary { return a.Between(math.MinInt64, math.MaxInt64) }

// stint is the work done in one tile.
type stint struct {
	active int     // frames turned down by more than 0.01 dB
	least  float64 // gain
}

// note counts a frame that got gain g.
func (s *stint) note(g float64) {
	if g < 0.99885 {
		s.active++
	}
	s.least = min(s.least, g)
}

// add records the work on a tile that begins at frame at.
func (a *Activity) add(at int64, work stint) {
	if work.active == 0 {
		return
	}
	tenth := int64(a.Rate / 10)
	at = max(at, 0)
	start := at - at%tenth
	db := float32(-DB(work.least))
	if n := len(a.Moments); n > 0 && a.Moments[n-1].Frame == start {
		m := &a.Moments[n-1]
		m.Active += int32(work.active)
		m.MaxDB = max(m.MaxDB, db)
		return
	}
	a.Moments = append(a.Moments, Moment{start, int32(work.active), db})
}
