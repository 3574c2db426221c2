package pressing

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/jcard"
	"ferric/master"
	"ferric/tape"
)

// ErrChoice says that a setting, on the command line or in release.toml, cannot be had.
var ErrChoice = errors.New("setting refused")

// Choices are settings given from outside. A zero field leaves the choice to release.toml, and what that leaves open has a default.
type Choices struct {
	Vendor    string // vendor profile, "home" by default
	Tape      string // "C46", "custom", "auto"
	Type      string // "I", "II", "IV"
	Reorder   *bool
	Gap       *time.Duration
	Margin    *time.Duration
	Loudness  *float64 // LUFS
	TruePeak  *float64 // dBTP
	Flat      *bool
	Rate      audio.Rate
	Bits      int
	Format    string // "wav" or "flac"
	Copies    *int
	Proofs    *int
	ClaimURL  string
	NewClaims bool // draw new claim codes although the folder to be replaced has some
	Layout    string
	Panels    int
	Paper     string
	Accent    string
}

// decided is every choice made.
type decided struct {
	master  master.Options
	flac    bool
	edition jcard.Edition
	card    jcard.Options
}

// decide puts choices over the album's settings over defaults.
func decide(c Choices, a *album.Album) (*decided, error) {
	t := a.Settings.Tape
	d := &decided{}
	o := &d.master
	refused := func(what string, err error) error { return fmt.Errorf("%w: %s: %w", ErrChoice, what, err) }

	var err error
	if key := first(c.Vendor, t.For); key != "" {
		if o.Profile, err = master.ParseProfile(key); err != nil {
			return nil, refused("for", err)
		}
	} else {
		o.Profile = master.Profiles()[0]
	}
	if kind := first(c.Type, t.Type); kind != "" {
		if o.Formulation, err = tape.ParseFormulation(kind); err != nil {
			return nil, refused("type", err)
		}
	} else {
		o.Formulation = tape.Ferric()
	}
	switch length := strings.ToLower(first(c.Tape, t.Length)); length {
	case "", "auto":
	case "custom":
		o.Custom = true
	default:
		if o.Tape, err = tape.Parse(length); err != nil {
			return nil, refused("tape", err)
		}
	}
	o.Reorder = pick(c.Reorder, boolPtr(t.Order == "reorder"))
	o.Gap = firstPtr(c.Gap, t.Gap)
	o.Margin = firstPtr(c.Margin, t.Margin)
	o.Loudness = firstPtr(c.Loudness, t.Loudness)
	o.TruePeak = firstPtr(c.TruePeak, t.TruePeak)
	o.Flat = pick(c.Flat, &t.Flat)
	o.Release = t.Join != nil && !*t.Join
	if o.Rate = first(c.Rate, t.Rate, o.Profile.Rate, 44100); o.Rate != 44100 && o.Rate != 48000 {
		return nil, refused("rate", fmt.Errorf("%d Hz (44100 or 48000)", o.Rate))
	}
	if o.Bits = first(c.Bits, t.Bits, o.Profile.Bits, 16); o.Bits != 16 && o.Bits != 24 {
		return nil, refused("bits", fmt.Errorf("%d (16 or 24)", o.Bits))
	}
	if o.Loudness != nil && (*o.Loudness < -40 || *o.Loudness > -5) {
		return nil, refused("loudness", fmt.Errorf("%.1f LUFS (-40 to -5)", *o.Loudness))
	}
	if o.TruePeak != nil && (*o.TruePeak < -12 || *o.TruePeak > 0) {
		return nil, refused("true-peak", fmt.Errorf("%.1f dBTP (-12 to 0)", *o.TruePeak))
	}
	switch format := strings.ToLower(first(c.Format, t.Format)); format {
	case "", "wav":
	case "flac":
		d.flac = true
	default:
		return nil, refused("format", fmt.Errorf("%.20q (wav or flac)", format))
	}
	return d, d.decideCard(c, a)
}

func (d *decided) decideCard(c Choices, a *album.Album) error {
	run, card := a.Settings.Run, a.Settings.Card
	d.edition = jcard.Edition{
		Run:      pick(c.Copies, &run.Copies),
		Proofs:   pick(c.Proofs, &run.Proofs),
		ClaimURL: first(c.ClaimURL, run.ClaimURL),
	}
	if err := d.edition.Check(); err != nil {
		return fmt.Errorf("%w: run: %w", ErrChoice, err)
	}
	if d.edition.Proofs > 0 && d.edition.Run == 0 {
		return fmt.Errorf("%w: proofs: artist proofs stand outside the count of a run; say how many copies it has", ErrChoice)
	}
	d.card = jcard.Options{Layout: first(c.Layout, card.Layout), Panels: first(c.Panels, card.Panels)}
	if name := first(c.Paper, card.Paper); name != "" {
		paper, err := jcard.ParsePaper(name)
		if err != nil {
			return fmt.Errorf("%w: paper: %w", ErrChoice, err)
		}
		d.card.Paper = paper
	} else {
		d.card.Paper = jcard.Papers()[0]
	}
	if d.card.Panels != 0 && (d.card.Panels < jcard.MinPanels || d.card.Panels > jcard.MaxPanels) {
		return fmt.Errorf("%w: panels: %d (%d to %d)", ErrChoice, d.card.Panels, jcard.MinPanels, jcard.MaxPanels)
	}
	if _, err := jcard.ParseLayout(d.card.Layout); err != nil {
		return fmt.Errorf("%w: layout: %w", ErrChoice, err)
	}
	if c.Accent != "" {
		if _, err := jcard.ParseColour(c.Accent); err != nil {
			return fmt.Errorf("%w: accent: %w", ErrChoice, err)
		}
	}
	return nil
}

// first is the first value that is not zero.
func first[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

func firstPtr[T any](values ...*T) *T {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

// pick is what the first pointer that is not nil points to.
func pick[T any](values ...*T) T {
	if p := firstPtr(values...); p != nil {
		return *p
	}
	var zero T
	return zero
}

func boolPtr(b bool) *bool { return &b }
