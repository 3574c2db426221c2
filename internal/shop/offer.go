package shop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

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
			return fault.Field("to", "This copy is yours already.")
		}
		o = Offer{Run: run, Number: number, Owner: account, To: to, TokenHash: tokenHash(token), Made: now, Expires: now.Add(s.cfg.OfferFor)}
		if err := tx.PutOffer(o); err != nil || to == "" {
			return err
		}
		return s.notify(tx, Notice{Kind: Offered, Run: run, Number: number, Account: to, At: now})
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

// Accept hands the copy that the token was made for on to the account, once.
func (s *Shop) Accept(ctx context.Context, account, token string) (copy catalog.Copy, err error) {
	return s.take(ctx, account, func(tx Tx) (Offer, error) { return tx.Offer(tokenHash(token)) })
}

// AcceptOwn hands a copy that was offered to the account by name on to it.
func (s *Shop) AcceptOwn(ctx context.Context, account string, run catalog.RunID, number int) (copy catalog.Copy, err error) {
	return s.take(ctx, account, func(tx Tx) (Offer, error) {
		o, err := tx.OfferOf(run, number)
		if err == nil && o.To == "" {
			err = errNoOffer // a link is accepted by its link
		}
		return o, err
	})
}

func (s *Shop) take(ctx context.Context, account string, find func(Tx) (Offer, error)) (copy catalog.Copy, err error) {
	if account == "" {
		return copy, fault.New(fault.Forbidden, "Please sign in first: the copy will be bound to your account.")
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		o, err := find(tx)
		if err != nil {
			return err
		}
		if err := o.stands(account, now); err != nil {
			return err
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
		if err := s.cfg.Ledger.HandOn(tx, string(o.Run), o.Number, account); err != nil {
			return err
		}
		if err := tx.DeleteOffer(o.Run, o.Number); err != nil {
			return err
		}
		if err := s.notify(tx, Notice{Kind: Given, Run: o.Run, Number: o.Number, Account: o.Owner, At: now}); err != nil {
			return err
		}
		return s.notify(tx, Notice{Kind: Got, Run: o.Run, Number: o.Number, Account: account, At: now})
	})
	if err != nil {
		return catalog.Copy{}, err
	}
	s.cfg.Ledger.Wake()
	return copy, nil
}

var errNoOffer = fault.New(fault.NotFound, "This offer is not valid, or it was used already.")

// stands refuses an offer that is over or somebody else's.
func (o Offer) stands(account string, now time.Time) error {
	if o.To != "" && o.To != account {
		return errNoOffer
	}
	if !o.Expires.After(now) {
		return fault.New(fault.Gone, "This offer is over. Its owner can make a new one.")
	}
	return nil
}

// OfferByToken is the offer that a link stands for, to show before it is accepted.
func (s *Shop) OfferByToken(ctx context.Context, account, token string) (o Offer, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		if o, err = tx.Offer(tokenHash(token)); err != nil {
			return err
		}
		return o.stands(account, s.clock())
	})
	if err != nil {
		return Offer{}, err
	}
	return o, nil
}

// OfferOf is the offer of a copy that the account owns; NotFound when there is none or it is over.
func (s *Shop) OfferOf(ctx context.Context, account string, run catalog.RunID, number int) (o Offer, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		if _, err := owned(tx, account, run, number); err != nil {
			return err
		}
		if o, err = tx.OfferOf(run, number); err == nil && !o.Expires.After(s.clock()) {
			err = errNoOffer
		}
		return err
	})
	return o, err
}

// OffersTo are the offers made to the account by name, the latest first, at most 100.
func (s *Shop) OffersTo(ctx context.Context, account string) (os []Offer, err error) {
	err = s.store.View(ctx, func(tx Tx) error { os, err = tx.OffersTo(account, s.clock(), 100); return err })
	return os, err
}

// Decline takes away an offer that was made to the account by name.
func (s *Shop) Decline(ctx context.Context, account string, run catalog.RunID, number int) error {
	return s.store.Update(ctx, func(tx Tx) error {
		o, err := tx.OfferOf(run, number)
		if err != nil {
			return err
		}
		if account == "" || o.To != account {
			return errNoOffer
		}
		return tx.DeleteOffer(run, number)
	})
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
