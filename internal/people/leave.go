package people

import (
	"context"
	"strings"
	"time"

	"ferric/internal/fault"
)

// Erased stands as the owner of a copy whose owner has left. No account has this id.
const Erased ID = "erased"

// Export is all that the house keeps of a person, for themselves.
type Export struct {
	Made    time.Time `json:"made"`
	Account Account   `json:"account"`
	Tables  []Table   `json:"tables"`
}

// Table is what one table of the house has of a person: names of columns to texts, numbers and times.
type Table struct {
	Name string           `json:"name"`
	Rows []map[string]any `json:"rows"`
}

// Export is all that the house keeps of a person, but for what their secrets are checked with.
func (p *People) Export(ctx context.Context, id ID) (e Export, err error) {
	err = p.store.View(ctx, func(tx Tx) error {
		e.Made = p.clock()
		if e.Account, _, err = tx.Account(id); err != nil {
			return err
		}
		e.Tables, err = tx.Belongings(e.Account)
		return err
	})
	return e, err
}

// Erase lets a person leave: everything of them goes, in one transaction. Orders and histories stay
// for the label's books and the copies' sake, with nobody named in them; their copies are owned by
// [Erased]. It is refused, with what to do first, while an order is not finished, while
// they are the only owner of a label, and while they alone keep a shop that others have accounts in.
func (p *People) Erase(ctx context.Context, id ID) error {
	err := p.store.Update(ctx, func(tx Tx) error {
		a, _, err := tx.Account(id)
		if err != nil {
			return err
		}
		open, err := tx.OpenOrders(a, p.clock())
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return fault.Newf(fault.Conflict, "Nothing was erased: these orders are not finished: %s. Wait until they are sent, or ask the label to call them off, and erase then.", strings.Join(open, ", "))
		}
		roles, err := tx.Roles(id)
		if err != nil {
			return err
		}
		for label := range roles {
			ms, err := tx.Members(label)
			if err != nil {
				return err
			}
			if err := lastOwner(ms, id); err != nil {
				return fault.Wrap(err, fault.Conflict, "Nothing was erased: you are the only owner of a label. Make another member an owner first.")
			}
		}
		if a.Admin {
			n, err := tx.Accounts()
			if err != nil {
				return err
			}
			if n > 1 {
				if err := lastAdmin(tx); err != nil {
					return err
				}
			}
		}
		return tx.Erase(a)
	})
	p.cache.dropAccount(id)
	return err
}
