package shop

import (
	"context"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/ledger"
)

// What the shop tells the ledger, each in the transaction of the change itself.
// Holding and ordering tell it nothing: nobody owns anything by that.

// sold writes down that the copies are a buyer's: an account's, or of somebody without one.
func (s *Shop) sold(tx Tx, account string, copies ...catalog.Copy) error {
	for _, c := range copies {
		if err := s.cfg.Ledger.Sell(tx, string(c.Run), c.Number, account); err != nil {
			return err
		}
	}
	return nil
}

// takenBack writes down that a copy which was sold is with the label again.
func (s *Shop) takenBack(tx Tx, c catalog.Copy) error {
	return s.cfg.Ledger.TakenBack(tx, string(c.Run), c.Number)
}

// Reissue is the label giving a copy to an account in its owner's place: because the code of
// the card or the account was lost (ledger.KeyLost), or because the owner asked (ledger.Asked). The ledger
// says in public that the label did it, and who had the copy hears of it.
func (s *Shop) Reissue(ctx context.Context, run catalog.RunID, number int, account string, why ledger.Reason, by string) (c catalog.Copy, err error) {
	if account == "" {
		return c, fault.Field("account", "Please say to whom the copy belongs.")
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		if c, err = tx.Copy(run, number); err != nil {
			return err
		}
		before := c.Owner
		switch {
		case c.State == catalog.Claimed && before == account: // a new key for the same owner
		case c.State == catalog.Claimed:
			c, err = act(tx, c, catalog.Act{Verb: catalog.HandOn, At: now, By: by, Owner: account})
		case c.State == catalog.Sold || c.State == catalog.Packed || c.State == catalog.Shipped:
			c, err = act(tx, c, catalog.Act{Verb: catalog.Claim, At: now, By: by, Owner: account})
		default:
			err = fault.Newf(fault.Conflict, "Number %d is %s: it has no owner in whose place another could be.", number, c.State)
		}
		if err != nil {
			return err
		}
		if err := s.cfg.Ledger.Reissue(tx, string(run), number, account, why); err != nil {
			return err
		}
		if err := tx.DeleteOffer(run, number); err != nil {
			return err
		}
		if before != "" && before != account {
			if err := s.notify(tx, Notice{Kind: Given, Run: run, Number: number, Account: before, At: now}); err != nil {
				return err
			}
		}
		return s.notify(tx, Notice{Kind: Got, Run: run, Number: number, Account: account, At: now})
	})
	if err != nil {
		return catalog.Copy{}, err
	}
	s.cfg.Ledger.Wake()
	return c, nil
}
