package album

import (
	"fmt"
	"os"
	"time"

	"ferric/audio"
)

// Settings is what release.toml asks of the pressing. A zero field (or a nil
// pointer) means that the artist left the choice open; a command line flag goes before all of it.
type Settings struct {
	Tape TapeSettings
	Run  RunSettings
	Card CardSettings
}

// TapeSettings is the [tape] table: the tape, the way to lay out on it, and the sound of the programmes.
type TapeSettings struct {
	Length   string         // "C46" and so on, "custom" for whole minutes as wound, "auto" or "" for the shortest that fits
	Type     string         // IEC type "I", "II" or "IV"; "" for I
	For      string         // vendor profile: "headless", "home", ...
	Gap      *time.Duration // silence between tracks; nil for the default
	Margin   *time.Duration // tape to spare at the end of the longer side; nil for the default
	Order    string         // "keep" or "reorder"; "" keeps
	Join     *bool          // run tracks together where no silence stands at the seam; nil does
	Flat     bool           // lay out only: no gain, filter, limiter
	Loudness *float64       // target for the whole tape, LUFS
	TruePeak *float64       // ceiling, dBTP
	Rate     audio.Rate     // of the programmes: 44100 or 48000; 0 for the default
	Bits     int            // of the programmes: 16 or 24; 0 for the default
	Format   string         // "wav" or "flac"; "" for wav
}

// RunSettings is the [run] table: how many copies, and what stands on them.
type RunSettings struct {
	Copies   int    // numbered 1..Copies; 0 when the edition is not numbered
	Proofs   int    // artist proofs, numbered AP 1..Proofs outside the count
	Note     string // printed beside the number: "hand-numbered, first edition"
	ClaimURL string // where a listener claims a copy; the code follows it
}

// CardSettings is the [card] table: the J-card.
type CardSettings struct {
	Layout string // name of a layout in package jcard; "" for its default
	Panels int    // 3 to 6; 0 for as many as the text needs
	Paper  string // "A4" or "Letter" for the imposed sheets; "" for A4
}

// BudgetSettings is the [budget] table: what a run costs and how it is sold.
// A nil amount takes the default of package budget, which says where it comes from.
// Amounts are in units of Currency.
type BudgetSettings struct {
	Currency string   // ISO 4217 code; "" for USD
	Price    *Decimal // of a copy, to the listener
	Copies   int      // how many are made, where [run] is silent (an unnumbered run)

	// For each copy.
	Tape      *Decimal // the wound cassette
	Shell     *Decimal // the shell, where it is bought apart from the tape
	Case      *Decimal
	Card      *Decimal // printed J-card
	Labels    *Decimal // shell labels, both sides
	Packaging *Decimal // wrap, sticker, insert
	Dubbing   *Decimal // what a duplicator asks for dubbing one copy; home dubbing is Labour by the hour
	Waste     *Decimal // copies spoilt, percent of those made

	// For the whole run.
	Mastering *Decimal
	Artwork   *Decimal
	Setup     *Decimal // duplicator's running master, plates
	Freight   *Decimal // parcels to the label
	Fees      *Decimal // licences, barcode, mechanical royalties paid beforehand
	Labour    *Decimal // an hour at the dubbing table

	Decks     int       // recording at once; 0 for the default
	FourTrack bool      // the copier writes both sides in one pass
	OverRun   *Decimal  // how far the delivery may differ from the order, percent
	Costs     []Cost    // anything else, in the order of the file
	Ways      []SaleWay // how copies are sold; a way with a default's name changes that default

	Postage    *Decimal // stamps for one posted copy
	Mailer     *Decimal // envelope for one posted copy
	PostageFee *Decimal // what the listener pays for postage; nil for what it costs

	StreamRate   *Decimal // what one stream pays
	StreamSource string   // where that figure comes from
	ArtistShare  *Decimal // of the profit once the run is paid back, percent; nil for all of it
}

// Cost is a cost of the artist's own naming.
type Cost struct {
	Name   string
	Amount Decimal
	PerRun bool // for the whole run; false for each copy
}

// SaleWay is a way to sell copies, and who takes what of the price.
type SaleWay struct {
	Name         string
	Price        *Decimal // nil for BudgetSettings.Price
	Platform     *Decimal // platform's or shop's share of the price, percent
	Processor    *Decimal // payment processor's share, percent
	ProcessorFee *Decimal // and what it takes of every sale besides, an amount
	Posted       *bool    // the copy goes by post
}

// ReadSettings reads what the release.toml in dir asks of the pressing and of the budget, and nothing of the sound.
// Without a release.toml both are zero.
func ReadSettings(dir string) (Settings, BudgetSettings, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Settings{}, BudgetSettings{}, fmt.Errorf("%s: %w", dir, plain(err))
	}
	defer root.Close()
	r, err := readRelease(root)
	if err != nil {
		return Settings{}, BudgetSettings{}, err
	}
	return r.Settings, r.Budget, nil
}
