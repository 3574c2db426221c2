package shop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

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
		copy, err = act(tx, copy, catalog.Act{Verb: catalog.Claim, At: now, By: account, Owner: account})
		return err
	})
	if err != nil {
		return catalog.Copy{}, err
	}
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

// Offer is a copy's owner giving it to somebody: to one account, or to whoever has the link.
type Offer struct {
	Run       catalog.RunID
	Number    int
	Owner     string
	To        string // an account, or empty
	TokenHash string // SHA-256 of the link's token, hexadecimal
	Made      time.Time
	Expires   time.Time
}

// OfferCopy offers a copy that the account owns, to one account or, when to is
// empty, to whoever brings the token. A copy has one offer: a new one replaces the last. The token is shown once and kept nowhere.
func (s *Shop) OfferCopy(ctx context.Context, account string, run catalog.RunID, number int, to string) (token string, o Offer, err error) {
	token = rand.Text()
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		if _, err := owned(tx, account, run, number); err != nil {
			return err
		}
		if to == account {
			return fault.New(fault.Invalid, "This copy is yours already.")
		}
		o = Offer{Run: run, Number: number, Owner: account, To: to, TokenHash: tokenHash(token), Made: now, Expires: now.Add(s.cfg.OfferFor)}
		return tx.PutOffer(o)
	})
	if err != nil {
		return "", Offer{}, err
	}
	return token, o, nil
}

// Withdraw takes an offer back.
func (s *Shop) Withdraw(ctx context.Context, account string, run catalog.RunID, number int) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := owned(tx, account, run, number); err != nil {
			return err
		}
		return tx.DeleteOffer(run, number)
	})
}

// Accept hands the offered copy on to the account, once.
func (s *Shop) Accept(ctx context.Context, account, token string) (copy catalog.Copy, err error) {
	if account == "" {
		return copy, fault.New(fault.Forbidden, "Please sign in first: the copy will be bound to your account.")
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		o, err := tx.Offer(tokenHash(token))
		if err != nil {
			return err
		}
		if o.To != "" && o.To != account {
			return fault.New(fault.NotFound, "This offer is not valid, or it was used already.")
		}
		if !o.Expires.After(now) {
			return fault.New(fault.Gone, "This offer is over. Its owner can make a new one.")
		}
		if copy, err = tx.Copy(o.Run, o.Number); err != nil {
			return err
		}
		if copy.Owner != o.Owner {
			return fault.New(fault.Gone, "This copy has another owner by now.")
		}
		if copy, err = act(tx, copy, catalog.Act{Verb: catalog.HandOn, At: now, By: o.Owner, Owner: account}); err != nil {
			return err
		}
		return tx.DeleteOffer(o.Run, o.Number)
	})
	if err != nil {
		return catalog.Copy{}, err
	}
	return copy, nil
}

// owned is the copy, when it is the account's. That it exists is no secret, whose it is may be.
func owned(tx Tx, account string, run catalog.RunID, number int) (catalog.Copy, error) {
	c, err := tx.Copy(run, number)
	if err == nil && (account == "" || c.Owner != account || c.State != catalog.Claimed) {
		err = fault.New(fault.Forbidden, "This copy is not yours to give.")
	}
	return c, err
}

func tokenHash(token string) string {
	h := sha256.Sum256([]byte("ferric/offer/1\n" + token))
	return hex.EncodeToString(h[:])
}
