// Package service puts a machine of [ferric/deck] on the bench: it records the
// usual test tones on a tape, plays them, and reads what comes out with the
// meters of [ferric/deck/bench], which know nothing of the model.
package service

import (
	"math"
	"strconv"
	"time"

	"ferric/deck"
	"ferric/deck/bench"
	"ferric/dsp"
	"ferric/tape"
)

// dolby is the level on the file, dBFS, that is recorded at Dolby level here: low, so that +10 fits over it.
const dolby = -20.0

// segment is a stretch of the test recording.
type segment struct {
	name        string
	hz          float64
	left, right float64 // dB re Dolby level; mute for none
	seconds     float64
	from        float64 // seconds of tape, set by lay
}

const mute = -300

// script is the whole test recording.
func script() []segment {
	s := []segment{{"speed", 3150, -6, -6, 25, 0}}
	for _, hz := range bench.ResponseTones() {
		s = append(s, segment{"response", hz, -20, -20, max(1, 40/hz+0.4), 0})
	}
	s = append(s, segment{"reference", 400, 0, 0, 1.5, 0})
	for db := -1.0; db <= 10; db++ {
		s = append(s, segment{"mol", 400, db, db, 0.8, 0})
	}
	for db := -10.0; db <= 17; db++ {
		s = append(s, segment{"sol", 10000, db, db, 0.5, 0})
	}
	return append(s,
		segment{"left", 1000, 0, mute, 3, 0},
		segment{"right", 1000, mute, 0, 3, 0},
		segment{"other", 1000, mute, mute, 5, 0},
		segment{"noise", 1000, mute, mute, 8, 0})
}

// gap of silence between segments, in seconds.
const gap = 0.3

func lay(s []segment, start float64) (end float64) {
	for i := range s {
		s[i].from = start
		start += s[i].seconds + gap
	}
	return start
}

// recording is the script as a programme.
type recording struct {
	segments []segment
	rate     float64
	frames   int64
	mirror   bool // the other side: only what belongs there, and backwards
}

func (r *recording) Frames() int64 { return r.frames }

func (r *recording) ReadAt(left, right []float32, at int64) {
	clear(left)
	clear(right)
	for i := 0; i < len(left); {
		frame, step := at+int64(i), int64(1)
		if r.mirror {
			frame, step = r.frames-1-frame, -1
		}
		t := float64(frame) / r.rate
		s := r.find(t)
		if s == nil || (s.name == "other") != r.mirror {
			i++
			continue
		}
		l, q := dsp.Ratio(s.left+dolby), dsp.Ratio(s.right+dolby)
		if r.mirror {
			l, q = dsp.Ratio(dolby), dsp.Ratio(dolby)
		}
		for ; i < len(left) && t >= s.from && t < s.from+s.seconds; i++ {
			// Both ends fade over 5 ms, so that nothing clicks.
			fade := min(1, (t-s.from)/0.005, (s.from+s.seconds-t)/0.005)
			v := fade * math.Sin(2*math.Pi*s.hz*t)
			left[i], right[i] = float32(v*l), float32(v*q)
			frame += step
			t = float64(frame) / r.rate
		}
	}
}

func (r *recording) find(t float64) *segment {
	lo, hi := 0, len(r.segments)
	for lo < hi {
		mid := (lo + hi) / 2
		if r.segments[mid].from+r.segments[mid].seconds <= t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(r.segments) || t < r.segments[lo].from {
		return nil
	}
	return &r.segments[lo]
}

// Measure plays the test recording on the machine, formulation, copy and wear of
// c and reads it. Its programme, place and level are set aside. It takes about 100 seconds of tape.
func Measure(c deck.Config) (bench.Report, error) { return measure(c, script()) }

// measure does so with a part of the script; what that does not have is absent from the report.
func measure(c deck.Config, segments []segment) (bench.Report, error) {
	if c.Rate == 0 {
		c.Rate = 48000
	}
	if c.Length.Metres == 0 {
		c.Length, _ = tape.Parse("C60")
	}
	// In the middle of a tape, as on a bench; the ends are worse.
	start := min(120*time.Second, max(0, (c.Length.Playing()-110*time.Second)/2))
	end := lay(segments, start.Seconds()+0.5)
	c.Start, c.Running, c.DolbyDBFS = start, true, dolby
	frames := int64(c.Length.Playing().Seconds() * c.Rate)
	c.Side = &recording{segments, c.Rate, frames, false}
	c.Other = &recording{segments, c.Rate, frames, true}
	d, err := deck.New(c)
	if err != nil {
		return bench.Report{}, err
	}
	n := int((end - start.Seconds()) * c.Rate * 1.03)
	p := &played{rate: c.Rate, start: start.Seconds(), pace: 1, left: make([]float64, 0, n+1024), right: make([]float64, 0, n+1024)}
	var left, right [1024]float32
	for len(p.left) < n {
		d.Process(left[:], right[:])
		for i := range left {
			p.left = append(p.left, float64(left[i]))
			p.right = append(p.right, float64(right[i]))
		}
	}
	return p.report(segments)
}

// played is what came out.
type played struct {
	rate, start float64
	pace        float64 // measured
	left, right []float64
}

// cut is the inner part of a segment, with a margin for the ends.
func (p *played) cut(s *segment) (left, right []float64) {
	from := (s.from - p.start) / p.pace
	to := from + s.seconds/p.pace
	a, b := int((from+0.08)*p.rate), int((to-0.08)*p.rate)
	a, b = min(a, len(p.left)), min(b, len(p.left))
	return p.left[a:b], p.right[a:b]
}

func (p *played) report(segments []segment) (bench.Report, error) {
	var r bench.Report
	var mol []bench.Point
	var sol, crossed []float64
	var skew float64
	set := func(to **float64, v float64) { *to = &v }
	response := map[string]float64{}
	for i := range segments {
		s := &segments[i]
		l, q := p.cut(s)
		switch s.name {
		case "speed":
			// The speed is not known yet, but this is the first and 25 s long.
			l = l[:min(len(l), int(23*p.rate))]
			f, err := bench.MeasureFlutter(l, p.rate, s.hz)
			if err != nil {
				return r, err
			}
			set(&r.FlutterWeightedPct, f.WeightedPct)
			set(&r.FlutterWRMSPct, f.WRMSPct)
			set(&r.SpeedErrorPct, f.SpeedErrorPct)
			p.pace = 1 + f.SpeedErrorPct/100
		case "response":
			hz := s.hz * p.pace
			level := (bench.Level(l, p.rate, hz) + bench.Level(q, p.rate, hz)) / 2
			response[strconv.FormatFloat(s.hz, 'f', -1, 64)] = level
			if s.hz >= 1000 && s.hz <= 10000 {
				if v, err := bench.Skew(l, q, p.rate, hz, skew); err == nil {
					skew = v
				}
			}
		case "reference":
			set(&r.K3ReferencePct, bench.ThirdHarmonic(l, p.rate, s.hz*p.pace))
		case "mol":
			mol = append(mol, bench.Point{LevelDB: bench.Level(l, p.rate, s.hz*p.pace) - dolby, K3Pct: bench.ThirdHarmonic(l, p.rate, s.hz*p.pace)})
		case "sol":
			sol = append(sol, bench.Level(l, p.rate, s.hz*p.pace)-dolby)
		case "left":
			crossed = append(crossed, bench.Separation(l, q, p.rate, s.hz*p.pace))
		case "right":
			crossed = append(crossed, bench.Separation(q, l, p.rate, s.hz*p.pace))
		case "other":
			set(&r.OtherSideDB, bench.LevelBesideNoise(q, p.rate, s.hz*p.pace)-dolby)
		case "noise":
			set(&r.NoiseDBA, (bench.NoiseDBA(l, p.rate)+bench.NoiseDBA(q, p.rate))/2-dolby)
		}
	}
	if len(response) > 0 {
		set(&r.AzimuthArcmin, bench.Azimuth(skew))
	}
	if v, ok := bench.MOL(mol); ok {
		set(&r.MOL400DB, v)
	}
	if v, ok := bench.SOL(sol); ok {
		set(&r.SOL10kDB, v)
	}
	if len(crossed) == 2 {
		set(&r.SeparationDB, min(crossed[0], crossed[1]))
	}
	at400 := response["400"]
	for k := range response {
		response[k] -= at400
	}
	r.ResponseDB = response
	return r, nil
}
