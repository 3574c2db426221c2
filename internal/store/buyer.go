package store

import (
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// OrdersBy reads at most n orders of an account, the latest first, with their lines.
func (tx *Tx) OrdersBy(account string, n int) ([]shop.Order, error) {
	return tx.buyersOrders(`SELECT id FROM orders WHERE account = $1 AND account <> '' ORDER BY placed_at DESC, id LIMIT $2`, account, n)
}

// OrdersAt reads the orders that a browser placed in one transaction.
func (tx *Tx) OrdersAt(visitor string, at time.Time) ([]shop.Order, error) {
	return tx.buyersOrders(`SELECT id FROM orders WHERE visitor = $1 AND visitor <> '' AND placed_at = $2 ORDER BY id`, visitor, micros(at))
}

func (tx *Tx) buyersOrders(query string, args ...any) (orders []shop.Order, err error) {
	var ids []shop.OrderID
	err = tx.c.Query(func(scan func(...any) error) error {
		var id shop.OrderID
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	for i := 0; i < len(ids) && err == nil; i++ {
		var o shop.Order
		o, err = tx.Order(ids[i])
		orders = append(orders, o)
	}
	return orders, err
}

// Acquired reads when an account got the copies that it owns. SQLite keeps the order of a CROSS JOIN: the few copies first.
func (tx *Tx) Acquired(account string) (when []shop.Acquired, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var a shop.Acquired
		var at int64
		err := scan(&a.Run, &a.Number, &at)
		a.At = fromMicros(at)
		when = append(when, a)
		return err
	}, `SELECT c.run_id, c.number, max(e.at) FROM copy c CROSS JOIN event e
		WHERE e.run_id = c.run_id AND e.number = c.number AND c.owner = $1 AND c.owner <> '' AND e.verb IN ('claim', 'hand on')
		GROUP BY c.run_id, c.number`, account)
	return when, err
}

// OfferOf reads a copy's offer.
func (tx *Tx) OfferOf(run catalog.RunID, number int) (shop.Offer, error) {
	offers, err := tx.selectOffers(`run_id = $1 AND number = $2 `+Lock, run, number)
	if err == nil && len(offers) == 0 {
		return shop.Offer{}, fault.New(fault.NotFound, "This offer is not valid, or it was used already.")
	}
	if err != nil {
		return shop.Offer{}, err
	}
	return offers[0], nil
}

// OffersTo reads at most n offers made to an account by name that still stand, the latest first.
func (tx *Tx) OffersTo(account string, now time.Time, n int) ([]shop.Offer, error) {
	return tx.selectOffers(`heir = $1 AND heir <> '' AND expires_at > $2 ORDER BY made_at DESC, run_id, number LIMIT $3`, account, micros(now), n)
}

func (tx *Tx) selectOffers(query string, args ...any) (offers []shop.Offer, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var o shop.Offer
		var made, expires int64
		err := scan(&o.Run, &o.Number, &o.Owner, &o.To, &o.TokenHash, &made, &expires)
		o.Made, o.Expires = fromMicros(made), fromMicros(expires)
		offers = append(offers, o)
		return err
	}, `SELECT run_id, number, owner, heir, token_hash, made_at, expires_at FROM offer WHERE `+query, args...)
	return offers, err
}
