package parcel

import (
	"context"
	"strings"
	"unicode/utf8"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Setup is what a label says once about its parcels.
type Setup struct {
	Label    catalog.LabelID
	Sender   string // the address that parcels come back to; several lines
	Country  string // from where they are sent, ISO 3166-1 alpha-2; empty is the label's own
	CopyG    int    // grams of a copy in its case
	MailerG  int    // grams of a mailer with its stuffing
	Contents string // as customs read it
	Tariff   string // HS code
	Origin   string // country in which the copies were made; empty is Country
}

// The weights and words of a label that set nothing. A cassette in its case is taken for 80 g and a mailer for
// 20 to 45 g by people who send them; no scale of ours has confirmed either, so a label weighs one and writes it down.
// The upper end stands here: postage that is a gram short is a parcel that comes back. The heading of recorded
// cassettes is from memory too, and the one who signs the form answers for it.
const (
	DefaultCopyG    = 80
	DefaultMailerG  = 45
	DefaultContents = "Recorded music cassette"
	DefaultTariff   = "8523.29"
)

// Default is the setup of a label that set nothing.
func Default(l catalog.Label) Setup {
	return Setup{Label: l.ID, Country: l.Country, CopyG: DefaultCopyG, MailerG: DefaultMailerG, Contents: DefaultContents, Tariff: DefaultTariff}
}

// Net is the weight of n copies in grams, Gross that with the mailer.
func (s Setup) Net(n int) int   { return n * s.CopyG }
func (s Setup) Gross(n int) int { return s.Net(n) + s.MailerG }

// Made is the country in which the copies were made.
func (s Setup) Made() string {
	if s.Origin != "" {
		return s.Origin
	}
	return s.Country
}

// SenderLines are the lines of the sender's address.
func (s Setup) SenderLines() (lines []string) {
	for l := range strings.SplitSeq(s.Sender, "\n") {
		if l = clean(l); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

func (s Setup) check(known func(string) bool) error {
	if utf8.RuneCountInString(s.Sender) > 400 || len(s.SenderLines()) > 8 {
		return fault.Field("sender", "At most eight lines and 400 characters, please.")
	}
	if strings.ContainsFunc(s.Sender, func(r rune) bool { return r != '\n' && catalog.Hidden(r) }) {
		return fault.Field("sender", "This has characters that cannot be printed on a parcel.")
	}
	for _, c := range []struct{ field, code string }{{"country", s.Country}, {"origin", s.Origin}} {
		if c.code != "" && !known(c.code) {
			return fault.Field(c.field, "Please choose a country.")
		}
	}
	if s.CopyG < 1 || s.CopyG > 5000 {
		return fault.Field("copy_g", "A copy weighs 1 to 5000 g.")
	}
	if s.MailerG < 0 || s.MailerG > 5000 {
		return fault.Field("mailer_g", "A mailer weighs 0 to 5000 g.")
	}
	if err := catalog.CheckName("contents", s.Contents, 60); err != nil {
		return err
	}
	digits := strings.NewReplacer(".", "", " ", "").Replace(s.Tariff)
	if s.Tariff != "" && (strings.Trim(digits, "0123456789") != "" || len(digits) < 6 || len(digits) > 12 || len(s.Tariff) > 20) {
		return fault.Field("tariff", "A tariff code has 6 to 12 digits, such as 8523.29.")
	}
	return nil
}

// Setup is what a label says about its parcels, or the defaults.
func (d *Desk) Setup(ctx context.Context, l catalog.Label) (s Setup, err error) {
	err = d.store.View(ctx, func(tx Tx) error { s, err = d.setup(tx, l); return err })
	return s, err
}

func (d *Desk) setup(tx Tx, l catalog.Label) (Setup, error) {
	s, found, err := tx.ParcelSetup(l.ID)
	if err != nil || !found {
		return Default(l), err
	}
	if s.Country == "" {
		s.Country = l.Country
	}
	return s, nil
}

// SetUp keeps what a label says about its parcels.
func (d *Desk) SetUp(ctx context.Context, s Setup) error {
	if err := s.check(func(code string) bool { return d.cfg.Country(code) != "" }); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx Tx) error { return tx.PutParcelSetup(s) })
}
