package store

import (
	"encoding/json"
	"fmt"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// Terms reads how a run is sold.
func (tx *Tx) Terms(run catalog.RunID) (t shop.Terms, err error) {
	var more, opens, closes int64
	found, err := tx.one([]any{&t.Run, &t.Label, &t.Price.Minor, &t.Price.Currency, &more, &opens, &closes, &t.PerPerson},
		`SELECT t.run_id, l.label_id, t.minor, t.currency, t.pay_more, t.opens_at, t.closes_at, t.per_person
		 FROM terms t JOIN run r ON r.id = t.run_id JOIN release l ON l.id = r.release_id WHERE t.run_id = $1`, run)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "This run is not for sale here.")
	}
	t.PayMore, t.Opens, t.Closes = more != 0, fromMicros(opens), fromMicros(closes)
	return t, err
}

// PutTerms writes how a run is sold.
func (tx *Tx) PutTerms(t shop.Terms) error {
	if _, err := tx.Run(t.Run); err != nil {
		return err
	}
	return tx.put(`INSERT INTO terms (run_id, minor, currency, pay_more, opens_at, closes_at, per_person) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (run_id) DO UPDATE SET minor = excluded.minor, currency = excluded.currency, pay_more = excluded.pay_more,
		opens_at = excluded.opens_at, closes_at = excluded.closes_at, per_person = excluded.per_person`,
		t.Run, t.Price.Minor, t.Price.Currency, bit(t.PayMore), micros(t.Opens), micros(t.Closes), t.PerPerson)
}

const orderColumns = `id, label_id, visitor, account, mail, address, mail_key, post_key, state, method, minor, currency, placed_at, pay_by, paid_at, changed_at, seq`

// InsertOrder adds an order with its lines.
func (tx *Tx) InsertOrder(o shop.Order) error {
	address, err := json.Marshal(o.Address)
	if err != nil {
		return err
	}
	err = tx.put(`INSERT INTO orders (`+orderColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING`,
		o.ID, o.Label, o.Buyer.Visitor, o.Buyer.Account, o.Mail, string(address), o.MailKey, o.PostKey, o.State, o.Method,
		o.Total.Minor, o.Total.Currency, micros(o.PlacedAt), micros(o.PayBy), micros(o.PaidAt), micros(o.Changed), o.Seq)
	if err != nil {
		return err
	}
	var args []any
	for i, l := range o.Lines {
		args = append(args, o.ID, i, l.Run, l.Number, l.Minor)
	}
	return tx.rows(`INSERT INTO order_line (order_id, line, run_id, number, minor)`, len(o.Lines), args)
}

// Order reads an order with its lines.
func (tx *Tx) Order(id shop.OrderID) (o shop.Order, err error) {
	var address string
	var placed, payBy, paid, changed int64
	found, err := tx.one([]any{&o.ID, &o.Label, &o.Buyer.Visitor, &o.Buyer.Account, &o.Mail, &address, &o.MailKey, &o.PostKey, &o.State, &o.Method,
		&o.Total.Minor, &o.Total.Currency, &placed, &payBy, &paid, &changed, &o.Seq},
		`SELECT `+orderColumns+` FROM orders WHERE id = $1 `+Lock, id)
	if err != nil {
		return o, err
	}
	if !found {
		return o, fault.New(fault.NotFound, "There is no such order.")
	}
	if err := json.Unmarshal([]byte(address), &o.Address); err != nil {
		return o, fmt.Errorf("order %s: address: %w", id, err)
	}
	o.PlacedAt, o.PayBy, o.PaidAt, o.Changed = fromMicros(placed), fromMicros(payBy), fromMicros(paid), fromMicros(changed)
	err = tx.c.Query(func(scan func(...any) error) error {
		var l shop.Line
		err := scan(&l.Run, &l.Number, &l.Minor)
		o.Lines = append(o.Lines, l)
		return err
	}, `SELECT run_id, number, minor FROM order_line WHERE order_id = $1 ORDER BY line`, id)
	return o, err
}

// PutOrder stores an order's state, times and the numbers of its lines.
func (tx *Tx) PutOrder(o shop.Order) error {
	err := tx.put(`UPDATE orders SET state = $2, paid_at = $3, changed_at = $4, seq = $5 WHERE id = $1 AND seq = $6`,
		o.ID, o.State, micros(o.PaidAt), micros(o.Changed), o.Seq, o.Seq-1)
	for i := 0; i < len(o.Lines) && err == nil; i++ {
		_, err = tx.c.Exec(`UPDATE order_line SET number = $3 WHERE order_id = $1 AND line = $2 AND number <> $3`, o.ID, i, o.Lines[i].Number)
	}
	return err
}

// OrderCopies reads the copies that are in an order now, by run and number.
func (tx *Tx) OrderCopies(id shop.OrderID) ([]catalog.Copy, error) {
	return tx.selectCopies(selectCopy+`order_id = $1 AND order_id <> '' ORDER BY run_id, number `+Lock, id)
}

// Recall takes a key, or reads what was answered when it was taken before.
func (tx *Tx) Recall(asker, key, request string, now time.Time) (body []byte, earlier string, first bool, err error) {
	n, err := tx.c.Exec(`INSERT INTO answer (asker, idem, request, body, at) VALUES ($1, $2, $3, '', $4) ON CONFLICT DO NOTHING`, asker, key, request, micros(now))
	if err != nil || n == 1 {
		return nil, "", n == 1, err
	}
	var text string
	found, err := tx.one([]any{&text, &earlier}, `SELECT body, request FROM answer WHERE asker = $1 AND idem = $2`, asker, key)
	if err == nil && !found {
		err = ErrStale // whoever had it went away; run again and take it
	}
	return []byte(text), earlier, false, err
}

// Answer keeps what was answered.
func (tx *Tx) Answer(asker, key string, body []byte) error {
	return tx.put(`UPDATE answer SET body = $3 WHERE asker = $1 AND idem = $2`, asker, key, string(body))
}

// Forget drops at most n answers that are older.
func (tx *Tx) Forget(before time.Time, n int) (int, error) {
	dropped, err := tx.c.Exec(`DELETE FROM answer WHERE (asker, idem) IN (SELECT asker, idem FROM answer WHERE at < $1 ORDER BY at LIMIT $2)`, micros(before), n)
	return int(dropped), err
}

// Turn makes others of this person and run wait until the end of the
// transaction. The row is gone when they look: a uniqueness that nobody has committed yet is the lock.
func (tx *Tx) Turn(run catalog.RunID, p shop.Person) error {
	if tx.serial {
		return nil
	}
	person := p.By + ":" + p.Key
	if err := tx.put(`INSERT INTO turn (run_id, person) VALUES ($1, $2) ON CONFLICT DO NOTHING`, run, person); err != nil {
		return err
	}
	return tx.put(`DELETE FROM turn WHERE run_id = $1 AND person = $2`, run, person)
}

// bought counts by each way of knowing a person.
var bought = map[string]string{
	"visitor": boughtBy + `o.visitor = $1`,
	"account": boughtBy + `o.account = $1 AND o.account <> ''`,
	"mail":    boughtBy + `o.mail_key = $1`,
	"post":    boughtBy + `o.post_key = $1`,
}

// SQLite keeps the order of a CROSS JOIN: the person's few orders first, never the run's many copies.
const boughtBy = `SELECT count(*) FROM orders o CROSS JOIN copy c
	WHERE c.order_id = o.id AND c.order_id <> '' AND c.run_id = $2 AND (c.state <> 'held' OR c.held_until > $3) AND `

// Bought counts the copies of a run in a person's orders. Those of orders that were called off or lapsed do not count.
func (tx *Tx) Bought(run catalog.RunID, p shop.Person, now time.Time) (n int, err error) {
	query, ok := bought[p.By]
	if !ok {
		return 0, fmt.Errorf("store: a person is not known by %q", p.By)
	}
	_, err = tx.one([]any{&n}, query, p.Key, run, micros(now))
	return n, err
}

// Salts reads the salts of all runs that have cards.
func (tx *Tx) Salts() (salts []shop.Salt, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var s shop.Salt
		err := scan(&s.Run, &s.Salt)
		salts = append(salts, s)
		return err
	}, `SELECT id, salt FROM run WHERE salt <> '' ORDER BY declared_at DESC, id`)
	return salts, err
}

// PutOffer keeps a copy's offer in place of an earlier one.
func (tx *Tx) PutOffer(o shop.Offer) error {
	return tx.put(`INSERT INTO offer (run_id, number, owner, heir, token_hash, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (run_id, number) DO UPDATE SET owner = excluded.owner, heir = excluded.heir, token_hash = excluded.token_hash,
		made_at = excluded.made_at, expires_at = excluded.expires_at`,
		o.Run, o.Number, o.Owner, o.To, o.TokenHash, micros(o.Made), micros(o.Expires))
}

// Offer reads an offer by the hash of its token.
func (tx *Tx) Offer(hash string) (o shop.Offer, err error) {
	var made, expires int64
	found, err := tx.one([]any{&o.Run, &o.Number, &o.Owner, &o.To, &o.TokenHash, &made, &expires},
		`SELECT run_id, number, owner, heir, token_hash, made_at, expires_at FROM offer WHERE token_hash = $1 `+Lock, hash)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "This offer is not valid, or it was used already.")
	}
	o.Made, o.Expires = fromMicros(made), fromMicros(expires)
	return o, err
}

// DeleteOffer drops a copy's offer.
func (tx *Tx) DeleteOffer(run catalog.RunID, number int) error {
	_, err := tx.c.Exec(`DELETE FROM offer WHERE run_id = $1 AND number = $2`, run, number)
	return err
}
