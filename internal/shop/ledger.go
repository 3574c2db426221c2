package shop

import "ferric/internal/catalog"

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
