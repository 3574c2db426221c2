package shop

import (
	"context"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/pressing"
)

// Salt is what the codes of a run are hashed with.
type Salt struct {
	Run  catalog.RunID
	Salt string
}

// Claim binds the copy whose card carries the code to an account, once. The
// code alone is enough: it is hashed with every run's salt. The same account
// claiming again gets the same copy. Attempts must be counted by the caller:
// this function tells a wrong code from a used one.
func (s *Shop) Claim(ctx context.Context, account, typed string) (copy catalog.Copy, err error) {
	if account == "" {
		return copy, fault.New(fault.Forbidden, "Please sign in first: the copy will be bound to your account.")
	}
	code, err := pressing.ParseClaim(typed)
	if err != nil {
		return copy, fault.Wrap(err, fault.Invalid, "This is not a code from a card: a character is missing, wrong or in another place.")
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		found, err := find(tx, code)
		if err != nil {
			return err
		}
		if copy, err = tx.Copy(found.Run, found.Number); err != nil {
			return err
		}
		if copy.ClaimHash != found.ClaimHash {
			return errNoCode
		}
		if copy.Spent && copy.Owner == account {
			return nil
		}
		if copy, err = fresh(tx, copy, now); err != nil {
			return err
		}
		switch {
		case copy.Spent:
			return fault.New(fault.Conflict, "This code has been used already. Who has the copy can hand it on to you.")
		case copy.State == catalog.Held:
			return fault.New(fault.Conflict, "This copy is ordered and not paid yet. Keep the code and come back when it is.")
		case copy.State == catalog.Void:
			return fault.Newf(fault.Conflict, "The label has taken this number out of the run: %s", copy.Reason)
		}
		if copy, err = act(tx, copy, catalog.Act{Verb: catalog.Claim, At: now, By: account, Owner: account}); err != nil {
			return err
		}
		if err := s.cfg.Ledger.Claim(tx, string(copy.Run), copy.Number, account); err != nil {
			return err
		}
		return s.notify(tx, Notice{Kind: Claimed, Run: copy.Run, Number: copy.Number, Account: account, At: now})
	})
	if err != nil {
		return catalog.Copy{}, err
	}
	s.cfg.Ledger.Wake()
	return copy, nil
}

var errNoCode = fault.New(fault.NotFound, "No copy in this shop has this code.")

// find looks the code up among all runs, some hundred hashes a query.
func find(tx Tx, code string) (catalog.Copy, error) {
	salts, err := tx.Salts()
	if err != nil {
		return catalog.Copy{}, err
	}
	for len(salts) > 0 {
		n := min(len(salts), 100)
		hashes := make([]string, n)
		for i, salt := range salts[:n] {
			hashes[i] = pressing.HashClaim(salt.Salt, code)
		}
		salts = salts[n:]
		copies, err := tx.ByClaim(hashes)
		if err != nil {
			return catalog.Copy{}, err
		}
		if len(copies) > 0 {
			return copies[0], nil
		}
	}
	return catalog.Copy{}, errNoCode
}

// Owned are the copies that an account owns, by run and number.
func (s *Shop) Owned(ctx context.Context, account string) (copies []catalog.Copy, err error) {
	if account == "" {
		return nil, nil
	}
	err = s.store.View(ctx, func(tx Tx) error { copies, err = tx.Owned(account); return err })
	return copies, err
}
