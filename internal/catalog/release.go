package catalog

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ferric/internal/fault"
	"ferric/ledger"
)

// Status is whether a release stands in the shop window.
type Status string

// The statuses of a release.
const (
	Draft     Status = "draft"     // only its label sees it
	Public    Status = "public"    // everybody does
	Withdrawn Status = "withdrawn" // taken back before anybody bought a copy; its page says so
)

// Digital is what of the sound may leave the shop as sound.
type Digital string

// The digital policies. Every route that could give sound away asks for this.
const (
	TapeOnly Digital = "none"    // nothing: the tape is the only way to hear it
	Preview  Digital = "preview" // a part of each side, heard on the page
	Files    Digital = "files"   // the programmes, for owners of a copy
)

// Digitals lists them all.
var Digitals = []Digital{TapeOnly, Preview, Files}

// Detail is what the pressing's manifest tells of a release beyond its title. Times are seconds on the side's file.
// Pictures and sound are named by the SHA-256 of their blob, in hexadecimal; ” is none.
type Detail struct {
	Genre     string   `json:"genre,omitempty"`
	Copyright string   `json:"copyright,omitempty"`
	Credits   []Credit `json:"credits,omitempty"`
	Sides     []Side   `json:"sides,omitempty"`
	Tape      Tape     `json:"tape"`
	LineUp    []Tone   `json:"line_up,omitempty"`
	Pictures  Pictures `json:"pictures"`
	Costs     Costs    `json:"costs"`
	Manifest  string   `json:"manifest,omitempty"` // of the pressing that this is from
	Accent    string   `json:"accent,omitempty"`   // of the card, "#RRGGBB"
}

// Credit is one line of who did what.
type Credit struct {
	Role  string `json:"role,omitempty"`
	Names string `json:"names"`
}

// Side is a side of the tape and the programme on it.
type Side struct {
	Name      string  `json:"name"` // "A"
	Programme string  `json:"programme,omitempty"`
	Format    string  `json:"format,omitempty"` // "wav" or "flac"
	Frames    int64   `json:"frames"`
	Rate      int     `json:"rate"` // frames a second
	Bits      int     `json:"bits"`
	LUFS      float64 `json:"lufs,omitempty"` // integrated; 0 for silence
	Blank     float64 `json:"blank"`          // tape left after the programme, s
	Tracks    []Track `json:"tracks"`
}

// Seconds is how long the programme is.
func (s Side) Seconds() float64 {
	if s.Rate == 0 {
		return 0
	}
	return float64(s.Frames) / float64(s.Rate)
}

// Track is one piece at its place on a side.
type Track struct {
	Position string  `json:"position"` // "A1"
	Title    string  `json:"title"`
	Artist   string  `json:"artist,omitempty"`
	ISRC     string  `json:"isrc,omitempty"`
	Start    float64 `json:"start"`
	Duration float64 `json:"duration"`
	Counter  float64 `json:"counter"` // tape counter at its start
}

// Tape is the blank the run is dubbed on.
type Tape struct {
	Name           string  `json:"name"`             // "C46"
	Minutes        float64 `json:"minutes"`          // of one side
	Type           string  `json:"type"`             // "I", "II", "IV"
	Formulation    string  `json:"formulation"`      // "Type I, ferric"
	EqualisationUS float64 `json:"equalisation_us"`  // 120 or 70
	DolbyDBFS      float64 `json:"dolby_level_dbfs"` // level in the programmes that is recorded at Dolby level
}

// Tone is one line-up tone that a deck is set by.
type Tone struct {
	Name    string  `json:"name"`
	Hz      float64 `json:"hz"`
	Level   float64 `json:"level_dbfs"`
	Purpose string  `json:"purpose"`
}

// Pictures are what a page shows of a release. The derivatives in fixed sizes are package publish's.
type Pictures struct {
	Cover    string    `json:"cover,omitempty"`
	Drawings []Drawing `json:"drawings,omitempty"`
}

// Drawing is a picture of what is printed, as the label's printer will see it and with no code on it.
type Drawing struct {
	Name   string `json:"name"` // "case", "jcard-outside", "jcard-inside", "cassette-a", "cassette-b"
	SHA256 string `json:"sha256"`
	Width  int    `json:"width"` // px
	Height int    `json:"height"`
}

// drawing is the blob of a drawing; ” when there is none of that name.
func (p Pictures) drawing(name string) string {
	for _, d := range p.Drawings {
		if d.Name == name {
			return d.SHA256
		}
	}
	return ""
}

// Costs is what the run costs, as the pressing's budget reckoned it.
type Costs struct {
	Currency string `json:"currency,omitempty"` // ISO 4217; '' when the pressing has no budget
	Digits   int    `json:"digits"`             // a coin is 10^-Digits of the currency
	Copies   int    `json:"copies"`             // to sell
	Proofs   int    `json:"proofs"`
	Made     int    `json:"made"`     // with proofs and the spoilt ones
	Total    int64  `json:"total"`    // coins, for all that are made
	PerCopy  int64  `json:"per_copy"` // coins; Total over Copies, rounded up
	Lines    []Cost `json:"lines"`    // what it is made of
	Stream   string `json:"stream"`   // what one stream pays, in units of the currency, decimal
	Source   string `json:"source"`   // where that figure comes from
	Year     int    `json:"year,omitempty"`
}

// Cost is one line of what a run costs.
type Cost struct {
	Name   string `json:"name"`
	Total  int64  `json:"total"` // coins, for the run
	PerRun bool   `json:"per_run,omitempty"`
}

// EditNotes changes what the release's page says about it.
func (c *Catalog) EditNotes(ctx context.Context, id ReleaseID, notes string) (Release, error) {
	if err := CheckText("notes", notes, MaxText); err != nil {
		return Release{}, err
	}
	return c.edit(ctx, id, func(_ Tx, r *Release, _ time.Time) error { r.Notes = strings.TrimSpace(notes); return nil })
}

// SetDigital changes what of the sound may leave the shop as sound.
func (c *Catalog) SetDigital(ctx context.Context, id ReleaseID, d Digital) (Release, error) {
	if !slices.Contains(Digitals, d) {
		return Release{}, fault.Field("digital", "Choose none, preview or files.")
	}
	return c.edit(ctx, id, func(_ Tx, r *Release, _ time.Time) error { r.Digital = d; return nil })
}

// Open puts a draft into the shop window. A release that is public already stays as it is.
func (c *Catalog) Open(ctx context.Context, id ReleaseID) (Release, error) {
	return c.edit(ctx, id, func(_ Tx, r *Release, now time.Time) error {
		switch r.State {
		case Draft:
			r.State, r.Published = Public, now
		case Withdrawn:
			return fault.New(fault.Conflict, "This release was taken back; it cannot be opened again. Publish it under another catalogue number.")
		}
		return nil
	})
}

// Describe takes over what a manifest tells. What lists show stands beside the detail.
func (r *Release) Describe(d Detail) {
	r.Detail, r.Cover, r.Card, r.Tape, r.Accent = d, d.Pictures.Cover, d.Pictures.drawing("jcard-outside"), d.Tape.Name, d.Accent
}

// edit changes a release in one transaction.
func (c *Catalog) edit(ctx context.Context, id ReleaseID, change func(Tx, *Release, time.Time) error) (r Release, err error) {
	err = c.store.Update(ctx, func(tx Tx) error {
		if r, err = tx.Release(id); err != nil {
			return err
		}
		if err := change(tx, &r, c.clock()); err != nil {
			return err
		}
		return tx.PutRelease(r)
	})
	return r, err
}

// TakeBack withdraws a release of which nobody has bought, ordered or holds a copy. A draft
// without a run is removed, and gone reports that; of any other the numbers become void for the reason, which is
// public, and the page stays to say so.
func (c *Catalog) TakeBack(ctx context.Context, id ReleaseID, reason, by string) (gone bool, err error) {
	if err := CheckNote("reason", reason); err != nil {
		return false, err
	}
	err = c.store.Update(ctx, func(tx Tx) error {
		gone = false
		now := c.clock()
		r, err := tx.Release(id)
		if err != nil {
			return err
		}
		runs, err := tx.Runs(id)
		if err != nil {
			return err
		}
		if len(runs) == 0 && r.State == Draft {
			gone = true
			return tx.DeleteRelease(id)
		}
		for _, run := range runs {
			if err := c.takeBackRun(tx, run, reason, by, now); err != nil {
				return err
			}
		}
		r.State = Withdrawn
		return tx.PutRelease(r)
	})
	if err == nil {
		c.ledger.Wake()
	}
	return gone, err
}

func (c *Catalog) takeBackRun(tx Tx, run Run, reason, by string, now time.Time) error {
	copies, err := tx.Copies(run.ID)
	if err != nil {
		return err
	}
	for _, seen := range copies {
		copy, err := present(tx, run.ID, seen.Number, now) // from here on nobody else may change it
		if err != nil {
			return err
		}
		switch copy.State {
		case Void:
		case Free:
			if _, err := c.annul(tx, copy, ledger.Unsold, reason, by, now); err != nil {
				return err
			}
		case Held:
			return fault.Newf(fault.Conflict, "Somebody holds number %s. Nothing was taken back; close the sale, wait until the hold is over, and try again.", run.Label(copy.Number))
		default:
			return fault.Newf(fault.Conflict, "Number %s is %s: a release that somebody has bought stays. Nothing was taken back.", run.Label(copy.Number), copy.State)
		}
	}
	return nil
}

// MaxText is how many characters a text of several lines may have.
const MaxText = 8000

// CheckText refuses a text of several lines that is too long or holds characters that nobody sees.
func CheckText(field, text string, most int) error {
	switch {
	case utf8.RuneCountInString(text) > most:
		return fault.Field(field, "At most %d characters, please.", most)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\r' && r != '\t' && Hidden(r) }):
		return fault.Field(field, "This text has characters that cannot be shown.")
	}
	return nil
}
