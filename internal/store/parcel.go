package store

import (
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/parcel"
	"ferric/internal/shop"
)

// Parcel is the storage of package parcel.
func (db *DB) Parcel() Of[parcel.Tx] { return Of[parcel.Tx]{db} }

var (
	_ parcel.Store = Of[parcel.Tx]{}
	_ parcel.Tx    = (*Tx)(nil)
)

// ParcelSetup reads what a label says about its parcels.
func (tx *Tx) ParcelSetup(label catalog.LabelID) (s parcel.Setup, found bool, err error) {
	found, err = tx.one([]any{&s.Label, &s.Sender, &s.Country, &s.CopyG, &s.MailerG, &s.Contents, &s.Tariff, &s.Origin},
		`SELECT label_id, sender, country, copy_g, mailer_g, contents, tariff, origin FROM parcel_setup WHERE label_id = $1`, label)
	return s, found, err
}

// PutParcelSetup keeps what a label says about its parcels.
func (tx *Tx) PutParcelSetup(s parcel.Setup) error {
	return tx.put(`INSERT INTO parcel_setup (label_id, sender, country, copy_g, mailer_g, contents, tariff, origin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (label_id) DO UPDATE SET sender = excluded.sender, country = excluded.country, copy_g = excluded.copy_g, mailer_g = excluded.mailer_g,
		contents = excluded.contents, tariff = excluded.tariff, origin = excluded.origin`,
		s.Label, s.Sender, s.Country, s.CopyG, s.MailerG, s.Contents, s.Tariff, s.Origin)
}

// idsAtOnce bounds the placeholders of one query.
const idsAtOnce = 400

// byOrder runs a query with places for a batch of orders at a time; %s is where their list goes.
func (tx *Tx) byOrder(ids []shop.OrderID, query string, each func(scan func(...any) error) error) error {
	for at := 0; at < len(ids); at += idsAtOnce {
		part := ids[at:min(at+idsAtOnce, len(ids))]
		marks, args := make([]string, len(part)), make([]any, len(part))
		for i, id := range part {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), id
		}
		if err := tx.c.Query(each, strings.Replace(query, "%s", strings.Join(marks, ", "), 1), args...); err != nil {
			return err
		}
	}
	return nil
}

// Sent reads how orders travel.
func (tx *Tx) Sent(ids []shop.OrderID) (map[shop.OrderID]parcel.Sent, error) {
	sent := map[shop.OrderID]parcel.Sent{}
	err := tx.byOrder(ids, `SELECT order_id, carrier, tracking, lost_at, note FROM parcel WHERE order_id IN (%s)`, func(scan func(...any) error) error {
		var s parcel.Sent
		var lost int64
		err := scan(&s.Order, &s.Carrier, &s.Tracking, &lost, &s.Note)
		s.Lost = fromMicros(lost)
		sent[s.Order] = s
		return err
	})
	return sent, err
}

// PutSent keeps how an order travels.
func (tx *Tx) PutSent(s parcel.Sent) error {
	return tx.put(`INSERT INTO parcel (order_id, carrier, tracking, lost_at, note) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (order_id) DO UPDATE SET carrier = excluded.carrier, tracking = excluded.tracking, lost_at = excluded.lost_at, note = excluded.note`,
		s.Order, s.Carrier, s.Tracking, micros(s.Lost), s.Note)
}

// ParcelChecks reads which numbers of orders were confirmed.
func (tx *Tx) ParcelChecks(ids []shop.OrderID) (map[shop.OrderID][]shop.Line, error) {
	checks := map[shop.OrderID][]shop.Line{}
	err := tx.byOrder(ids, `SELECT order_id, run_id, number FROM parcel_check WHERE order_id IN (%s)`, func(scan func(...any) error) error {
		var id shop.OrderID
		var l shop.Line
		err := scan(&id, &l.Run, &l.Number)
		checks[id] = append(checks[id], l)
		return err
	})
	return checks, err
}

// PutParcelCheck keeps that a number was confirmed.
func (tx *Tx) PutParcelCheck(id shop.OrderID, l shop.Line, at time.Time) error {
	_, err := tx.c.Exec(`INSERT INTO parcel_check (order_id, run_id, number, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, id, l.Run, l.Number, micros(at))
	return err
}
