package shop

import (
	"context"
	"fmt"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Terms say how a run is sold. They may change; the run itself may not.
type Terms struct {
	Run       catalog.RunID
	Label     catalog.LabelID // whose run it is; read, never written
	Price     Money           // the least that a copy costs
	PayMore   bool            // the buyer may give more
	Opens     time.Time       // holds are refused before; zero: open
	Closes    time.Time       // and from then on; zero: never
	PerPerson int             // how many copies one person may have; 0: no limit
}

// Money is an amount in the smallest unit of a currency.
type Money struct {
	Minor    int64  `json:"minor"`    // cents
	Currency string `json:"currency"` // ISO 4217: "EUR"
}

func (m Money) String() string {
	return fmt.Sprintf("%d.%02d %s", m.Minor/100, m.Minor%100, m.Currency)
}

// maxMinor bounds a price, so that no sum of a basket overflows.
const maxMinor = 1_000_000_00

func (m Money) check(field string) error {
	if m.Minor < 0 || m.Minor > maxMinor {
		return fault.Field(field, "A price is between 0 and a million.")
	}
	if len(m.Currency) != 3 {
		return fault.Field(field, "A currency has three letters.")
	}
	for _, r := range m.Currency {
		if r < 'A' || r > 'Z' {
			return fault.Field(field, "A currency has three capital letters.")
		}
	}
	return nil
}

// Check refuses terms that make no sense.
func (t Terms) Check() error {
	if err := t.Price.check("price"); err != nil {
		return err
	}
	if t.PerPerson < 0 {
		return fault.Field("per_person", "A limit is one or more, or 0 for none.")
	}
	if !t.Closes.IsZero() && !t.Closes.After(t.Opens) {
		return fault.Field("closes", "The sale must close after it opens.")
	}
	return nil
}

// SetTerms puts a run on sale, or changes how it is sold. Holds and orders that stand are kept.
func (s *Shop) SetTerms(ctx context.Context, t Terms) error {
	if err := t.Check(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return tx.PutTerms(t) })
}

// Terms are how a run is sold.
func (s *Shop) Terms(ctx context.Context, run catalog.RunID) (t Terms, err error) {
	err = s.store.View(ctx, func(tx Tx) error { t, err = tx.Terms(run); return err })
	return t, err
}

// open refuses a run that is not on sale at the time.
func (t Terms) open(now time.Time) error {
	if now.Before(t.Opens) {
		return fault.Newf(fault.Early, "The sale opens at %s.", t.Opens.UTC().Format("15:04:05 UTC on 2 January 2006"))
	}
	if !t.Closes.IsZero() && !now.Before(t.Closes) {
		return fault.New(fault.Gone, "The sale is over.")
	}
	return nil
}
