package master

import (
	"errors"
	"fmt"
	"time"

	"ferric/audio"
	"ferric/tape"
)

// Options say how an album is laid out and rendered. The zero Options are the defaults.
type Options struct {
	Profile Profile    // zero: home
	Rate    audio.Rate // of the programmes, 44100 or 48000; 0: the profile's
	Bits    int        // 16 or 24; 0: the profile's

	// Layout.
	Tape    tape.Length    // zero: the shortest standard length that fits
	Custom  bool           // a tape wound to order, in whole minutes, in place of Tape
	Reorder bool           // any division between the sides; false keeps the album's order
	Gap     *time.Duration // silence between tracks; nil: 2 s, what most artists choose (support.qrates.com)
	Margin  *time.Duration // tape to spare at the end of the longer side; nil: 30 s
	Release bool           // gaps also where tracks run into each other

	// Sound.
	Formulation tape.Formulation // zero: Type I
	Flat        bool             // no filter, gain, limiter: lay out only
	Loudness    *float64         // of the whole tape, LUFS; nil: −14
	TruePeak    *float64         // ceiling, dBTP; nil: −1

	// Workers bounds how many tracks are measured at once; 0: GOMAXPROCS.
	Workers int
	// Progress is told, from several goroutines in turn, how much of the work is done. May be nil.
	Progress func(Progress)
}

// Progress is how far a measurement or a rendering has come.
type Progress struct {
	Stage string // "measure" or "render"
	Done  audio.Frames
	Total audio.Frames
}

// DefaultGap and DefaultMargin are what Options' nil pointers mean. Duplicators
// that wind to order ask for 30 to 60 s beyond the longer side (common
// practice, no published source).
const (
	DefaultGap    = 2 * time.Second
	DefaultMargin = 30 * time.Second
)

// DefaultLoudness and DefaultTruePeak are proposals: no vendor's page states a
// target. −14 LUFS with peaks at −1 dBTP lets a line-up tone put peaks 4 to 5 dB
// over Dolby level, where ferric tape still distorts by less than 3 %; louder only costs treble.
const (
	DefaultLoudness = -14.0
	DefaultTruePeak = -1.0
)

// ErrOptions is wrapped by errors about options that make no tape.
var ErrOptions = errors.New("cannot press that way")

// Check refuses options out of range; Measure, Layout and Render do so too.
func (o Options) Check() error {
	switch {
	case o.rate() != 44100 && o.rate() != 48000:
		return fmt.Errorf("%w: programmes at %d Hz (44100 or 48000)", ErrOptions, o.rate())
	case o.bits() != 16 && o.bits() != 24:
		return fmt.Errorf("%w: programmes of %d bits (16 or 24)", ErrOptions, o.bits())
	case !(o.loudness() >= -40 && o.loudness() <= -5):
		return fmt.Errorf("%w: a loudness of %g LUFS (−40 to −5)", ErrOptions, o.loudness())
	case !(o.truePeak() >= -20 && o.truePeak() < 0.01):
		return fmt.Errorf("%w: a ceiling of %g dBTP (−20 to 0)", ErrOptions, o.truePeak())
	case o.gap() < 0 || o.gap() > 10*time.Minute:
		return fmt.Errorf("%w: a gap of %v (0 s to 10 min)", ErrOptions, o.gap())
	case o.margin() < 0 || o.margin() > 30*time.Minute:
		return fmt.Errorf("%w: a margin of %v (0 s to 30 min)", ErrOptions, o.margin())
	}
	return nil
}

func (o Options) profile() Profile {
	if o.Profile.Key == "" && o.Profile.Rate == 0 {
		return Profiles()[0]
	}
	return o.Profile
}

func (o Options) rate() audio.Rate {
	if o.Rate != 0 {
		return o.Rate
	}
	if r := o.profile().Rate; r != 0 {
		return r
	}
	return 44100
}

func (o Options) bits() int {
	if o.Bits != 0 {
		return o.Bits
	}
	if b := o.profile().Bits; b != 0 {
		return b
	}
	return 16
}

func (o Options) gap() time.Duration    { return or(o.Gap, DefaultGap) }
func (o Options) margin() time.Duration { return or(o.Margin, DefaultMargin) }
func (o Options) loudness() float64     { return or(o.Loudness, DefaultLoudness) }

// truePeak is never quite 0, which dsp.Limiter takes for its default.
func (o Options) truePeak() float64 {
	if db := or(o.TruePeak, DefaultTruePeak); db != 0 {
		return db
	}
	return -1e-9
}

func (o Options) formulation() tape.Formulation {
	if o.Formulation == (tape.Formulation{}) {
		return tape.Ferric()
	}
	return o.Formulation
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
