package master

import (
	"context"
	"errors"
	"io"
	"math"
	"sync"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/audio/loudness"
	"ferric/dsp"
)

// ErrChanged: a file no longer holds what was measured.
var ErrChanged = errors.New("the file changed while it was being pressed")

// SinkMaker opens the file for a side, 0 for A and 1 for B; both are asked for at
// once. A side is asked for again, after its sink was closed, when the loudness came
// out too far from the target: what was written before is void.
type SinkMaker func(side int) (audio.Sink, error)

// Result is what was rendered.
type Result struct {
	GainDB    float64 // of the whole tape
	Loudness  float64 // integrated over both sides, LUFS; -Inf for silence
	Target    float64 // what was aimed at; NaN when Flat
	Short     bool    // the target would have cost too much dynamics
	CeilingDB float64 // dBTP
	Passes    int     // times the sides were rendered
	Sides     [2]Programme
	Tracks    []Rendered // by album index
	LineUp    LineUp
}

// Programme is one side as rendered.
type Programme struct {
	Duration       time.Duration
	IntegratedLUFS float64 // -Inf for silence
	TruePeakDBTP   float64
	RangeLU        float64
	MaxMomentary   float64
	MaxShortTerm   float64
	ShortTerm      []float32 // LUFS, one a second; -Inf for silence
	Wave           []Column
	Before         Spectrum // of the tracks with the gain, before filter and limiters
	After          Spectrum
}

// Column is a slice of a side's waveform, both channels together.
type Column struct{ Min, Max, RMS float32 }

// Columns is how many slices a side's waveform has.
const Columns = 1600

// Rendered is one track as it stands on the tape.
type Rendered struct {
	IntegratedLUFS float64
	Limiter        Work
	Treble         Work
}

// Work is what a limiter did to a track.
type Work struct {
	Seconds float64       // turned down by more than 0.01 dB
	Share   float64       // of the track
	Times   int           // separate occasions
	MaxDB   float64       // the deepest reduction
	MaxAt   time.Duration // where, from the track's start
}

// Render writes the sides of a plan, both at once.
//
// Each side is decoded again, resampled, freed of what lies under 25 Hz,
// brought to level, its treble held under the tape's saturation, its true peaks
// under the ceiling, and dithered where the file has 16 bits. One gain serves the whole
// tape: it is foretold from the measured envelopes so that the loudness after
// the limiters is the target, and should the rendering come out more than
// 0.07 LU off, it is done again with what was learned, at most twice. With
// o.Flat nothing of this is done: samples that need no change of rate, width
// or channels arrive bit for bit.
//
// The same input and options give the same bytes on any number of processors.
func Render(ctx context.Context, a *album.Album, m *Measurements, p *Plan, open Opener, sinks SinkMaker, o Options) (*Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if len(m.Tracks) != len(a.Tracks) || m.Rate != p.Rate {
		return nil, errors.New("the measurements are of another album")
	}
	res := &Result{Target: math.NaN(), CeilingDB: o.truePeak(), Tracks: make([]Rendered, len(a.Tracks)), LineUp: NewLineUp(o.formulation())}
	fc := m.forecaster(p)
	if !o.Flat {
		res.Target = o.loudness()
		res.GainDB, res.Short = fc.chooseGain(res.Target, res.CeilingDB)
	}
	goal := res.Target
	if res.Short || math.IsInf(fc.integrated(), -1) {
		goal = math.NaN()
	}
	for {
		res.Passes++
		report := newReporter(o.Progress, "render", p.Sides[0].Length+p.Sides[1].Length)
		var sides [2]*console
		for i := range sides {
			sides[i] = &console{album: a, m: m, plan: p, side: &p.Sides[i], open: open, o: o, gainDB: res.GainDB, report: report}
		}
		err := each(ctx, 2, 2, func(ctx context.Context, i int) error {
			sink, err := sinks(i)
			if err != nil {
				return err
			}
			err = sides[i].run(ctx, sink)
			if closed := sink.Close(); err == nil {
				err = closed
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		loud := loudness.Join(sides[0].loud, sides[1].loud).Integrated()
		miss := goal - loud
		if math.IsNaN(miss) || math.IsInf(miss, 0) || math.Abs(miss) <= loudnessWithin || res.Passes == 3 {
			res.Loudness = loud
			for i, c := range sides {
				res.Sides[i] = c.programme()
				c.tracks(res.Tracks)
			}
			return res, nil
		}
		// The limiters' share of another decibel is about what it was of the last one.
		slope := 1.0
		if d := fc.foretell(res.GainDB+0.1, res.CeilingDB).integrated - fc.foretell(res.GainDB, res.CeilingDB).integrated; d > 0.02 {
			slope = min(0.1/d, 4)
		}
		res.GainDB = math.Round((res.GainDB+min(miss*slope, 2))/gainStep) * gainStep
	}
}

// console renders one side: one goroutine reads, one shapes, one writes.
type console struct {
	album  *album.Album
	m      *Measurements
	plan   *Plan
	side   *Side
	open   Opener
	o      Options
	gainDB float64
	report *reporter

	// Set by run.
	loud    loudness.Result
	spectro *spectrometer
	wave    *waveform
	treble  *dsp.TrebleLimiter // nil when flat
	limiter *dsp.Limiter
}

// parcel is a block on its way, with the frames that are filled.
type parcel struct {
	block  [][]float32
	n      int
	dither bool
}

// run renders the side into sink.
func (c *console) run(ctx context.Context, sink audio.Sink) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Six blocks go round: read, shape, write.
	free, read, shaped := make(chan parcel, 6), make(chan parcel, 2), make(chan parcel, 2)
	for range cap(free) {
		free <- parcel{block: audio.NewBlock(2, blockFrames)}
	}
	var wg sync.WaitGroup
	var errs [3]error
	stage := func(i int, out chan<- parcel, do func() error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if out != nil {
				defer close(out)
			}
			if errs[i] = do(); errs[i] != nil {
				cancel()
			}
		}()
	}
	stage(0, read, func() error { return c.read(ctx, free, read) })
	stage(1, shaped, func() error { return c.shape(ctx, read, shaped) })
	stage(2, nil, func() error {
		view := make([][]float32, 0, 2)
		for p := range shaped {
			if err := sink.WriteFrames(audio.Window(view, p.block, 0, p.n)); err != nil {
				return err
			}
			c.report.add(p.n)
			select {
			case free <- p:
			default: // one of those that flushed the limiters
			}
		}
		return nil
	})
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

// send passes a parcel on unless the work is called off.
func send(ctx context.Context, to chan<- parcel, p parcel) error {
	select {
	case to <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func receive(ctx context.Context, from <-chan parcel) (parcel, bool, error) {
	select {
	case p, ok := <-from:
		return p, ok, nil
	case <-ctx.Done():
		return parcel{}, false, ctx.Err()
	}
}

// read makes the side as one stream: silence and runs of tracks, at the programme's rate, filtered.
func (c *console) read(ctx context.Context, free chan parcel, out chan<- parcel) error {
	var filter *dsp.SubsonicFilter
	if !c.o.Flat {
		filter = dsp.NewSubsonicFilter(2, 0, float64(c.plan.Rate))
	}
	view := make([][]float32, 0, 2)
	emit := func(p parcel) error {
		if filter != nil {
			filter.Process(audio.Window(view, p.block, 0, p.n))
		}
		return send(ctx, out, p)
	}
	at := audio.Frames(0)
	silence := func(until audio.Frames) error {
		for at < until {
			p, _, err := receive(ctx, free)
			if err != nil {
				return err
			}
			p.n, p.dither = int(min(until-at, blockFrames)), false
			for _, x := range p.block {
				clear(x[:p.n])
			}
			if err := emit(p); err != nil {
				return err
			}
			at += audio.Frames(p.n)
		}
		return nil
	}
	for _, r := range c.runs() {
		if err := silence(r.start); err != nil {
			return err
		}
		in, err := resampled(r.source(ctx, c.open), c.plan.Rate)
		if err != nil {
			return err
		}
		dither := r.needsDither(c.o, c.plan.Rate)
		err = func() error {
			defer in.Close()
			for {
				p, _, err := receive(ctx, free)
				if err != nil {
					return err
				}
				n, err := in.ReadFrames(p.block)
				if err == io.EOF {
					free <- p // there is room: it came from there
					if at != r.end {
						return fileError(r.tracks[0].File, ErrChanged)
					}
					return nil
				}
				if err != nil {
					return err
				}
				p.n, p.dither = n, dither
				if at += audio.Frames(n); at > r.end {
					return fileError(r.tracks[0].File, ErrChanged)
				}
				if err := emit(p); err != nil {
					return err
				}
			}
		}()
		if err != nil {
			return err
		}
	}
	return silence(c.side.Length)
}

// shape brings the stream to level and hands it on as the file will hold it, without delay.
func (c *console) shape(ctx context.Context, in <-chan parcel, out chan<- parcel) error {
	rate := c.plan.Rate
	meter, err := loudness.New(rate, 2, loudness.Config{})
	if err != nil {
		return err
	}
	if c.spectro, err = newSpectrometer(rate); err != nil {
		return err
	}
	c.wave = newWaveform(c.side.Length)
	gain := float32(audio.Ratio(c.gainDB))
	late := 0
	if !c.o.Flat {
		c.treble = dsp.NewTrebleLimiter(2, float64(rate), trebleConfig(c.o.formulation()))
		c.limiter = dsp.NewLimiter(2, float64(rate), dsp.LimiterConfig{CeilingDB: c.o.truePeak()})
		late = c.treble.Latency() + c.limiter.Latency()
	}
	dither := dsp.NewDither(2, 16, ditherSeed(c.side.Name))
	view := make([][]float32, 0, 2)
	skip, done := late, audio.Frames(0)
	// finish takes processed frames: drops those before the start and after the end, dithers, measures, sends on.
	finish := func(p parcel, wanted bool) error {
		from := min(skip, p.n)
		skip -= from
		n := int(min(audio.Frames(p.n-from), c.side.Length-done))
		if from > 0 {
			for _, x := range p.block {
				copy(x, x[from:p.n])
			}
		}
		p.n = max(n, 0)
		block := audio.Window(view, p.block, 0, p.n)
		if c.o.bits() == 16 && wanted {
			dither.SetFrame(int64(done))
			dither.Process(block)
		}
		done += audio.Frames(p.n)
		if p.n > 0 {
			meter.WriteFrames(block)
			c.spectro.write(block)
			c.wave.write(block)
		}
		return send(ctx, out, p)
	}
	process := func(p parcel) {
		block := audio.Window(view, p.block, 0, p.n)
		if gain != 1 {
			for _, x := range block {
				for i := range x {
					x[i] *= gain
				}
			}
		}
		c.treble.Process(block)
		c.limiter.Process(block)
	}
	for {
		p, ok, err := receive(ctx, in)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if !c.o.Flat {
			process(p)
		}
		if err := finish(p, p.dither || !c.o.Flat); err != nil {
			return err
		}
	}
	// What is still inside the limiters.
	for late > 0 && done < c.side.Length {
		p := parcel{block: audio.NewBlock(2, blockFrames), n: blockFrames}
		process(p)
		if err := finish(p, true); err != nil {
			return err
		}
	}
	c.loud = meter.Result()
	return nil
}

// ditherSeed gives the sides different noise.
func ditherSeed(side string) uint64 { return 0x466572726963<<8 | uint64(side[0]) }

// programme sums up the rendered side.
func (c *console) programme() Programme {
	return Programme{
		Duration:       c.side.Length.Duration(c.plan.Rate),
		IntegratedLUFS: c.loud.Integrated(),
		TruePeakDBTP:   c.loud.TruePeakDB,
		RangeLU:        c.loud.RangeLU(),
		MaxMomentary:   c.loud.MaxMomentary,
		MaxShortTerm:   c.loud.MaxShortTerm,
		ShortTerm:      c.loud.ShortTermSeries(10),
		Wave:           c.wave.columns,
		Before:         c.before(),
		After:          c.spectro.result(),
	}
}

// before joins the spectra of the side's tracks as they came, at the tape's gain.
func (c *console) before() Spectrum {
	s := Spectrum{}
	mean, top := make([]float64, bandCount), make([]float64, bandCount)
	for _, t := range c.side.Tracks {
		in := &c.m.Tracks[t.Index].Spectrum
		s.Looks += in.Looks
		for b := range mean {
			mean[b] += float64(in.Looks) * math.Pow(10, in.MeanDB[b]/10)
			top[b] = max(top[b], math.Pow(10, in.MaxDB[b]/10))
		}
	}
	for b := range mean {
		s.Hz = append(s.Hz, bandCentre(b))
		s.MeanDB = append(s.MeanDB, levelDB(mean[b]/float64(max(1, s.Looks)))+c.gainDB)
		s.MaxDB = append(s.MaxDB, levelDB(top[b])+c.gainDB)
	}
	return s
}

// tracks fills in what became of the side's tracks.
func (c *console) tracks(dst []Rendered) {
	rate := c.plan.Rate
	tenth := audio.Frames(rate / 10)
	for _, t := range c.side.Tracks {
		r := &dst[t.Index]
		r.IntegratedLUFS = c.loud.Between(int((t.Start+tenth-1)/tenth), int(t.End()/tenth)).Integrated()
		if c.o.Flat {
			continue
		}
		work := func(a *dsp.Activity, late int) Work {
			s := a.Between(int64(t.Start)+int64(late), int64(t.End())+int64(late))
			w := Work{Seconds: s.Seconds, Times: s.Times, MaxDB: s.MaxDB}
			if t.Length > 0 {
				w.Share = min(1, s.Seconds/t.Length.Seconds(rate))
			}
			if s.MaxDB > 0 {
				w.MaxAt = at(audio.Frames(s.MaxAt)-audio.Frames(late)-t.Start, rate)
			}
			return w
		}
		r.Treble = work(c.treble.Activity(), 0)
		r.Limiter = work(c.limiter.Activity(), c.treble.Latency())
	}
}
