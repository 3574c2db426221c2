package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
)

const selectDesk = `SELECT id, label_id, visitor, account, mail, address, state, method, minor, currency, placed_at, pay_by, paid_at, changed_at, seq FROM orders
	WHERE label_id = $1 AND state = $2 `

// OrdersIn reads orders of a label in a state, in the order in which they were placed or against it, without their lines.
func (tx *Tx) OrdersIn(label catalog.LabelID, state shop.OrderState, oldest bool, after shop.Mark, n int) (orders []shop.Order, err error) {
	query, args := selectDesk, []any{label, state}
	if after != (shop.Mark{}) {
		if oldest {
			query += `AND (placed_at, id) > ($3, $4) `
		} else {
			query += `AND (placed_at, id) < ($3, $4) `
		}
		args = append(args, micros(after.At), after.ID)
	}
	if oldest {
		query += `ORDER BY placed_at, id LIMIT $`
	} else {
		query += `ORDER BY placed_at DESC, id DESC LIMIT $`
	}
	args = append(args, n)
	err = tx.c.Query(func(scan func(...any) error) error {
		var o shop.Order
		var address string
		var placed, payBy, paid, changed int64
		if err := scan(&o.ID, &o.Label, &o.Buyer.Visitor, &o.Buyer.Account, &o.Mail, &address, &o.State, &o.Method,
			&o.Total.Minor, &o.Total.Currency, &placed, &payBy, &paid, &changed, &o.Seq); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(address), &o.Address); err != nil {
			return fmt.Errorf("order %s: address: %w", o.ID, err)
		}
		o.PlacedAt, o.PayBy, o.PaidAt, o.Changed = fromMicros(placed), fromMicros(payBy), fromMicros(paid), fromMicros(changed)
		orders = append(orders, o)
		return nil
	}, query+strconv.Itoa(len(args)), args...)
	return orders, err
}

// OrdersWith reads which orders of a label have a copy of a number.
func (tx *Tx) OrdersWith(label catalog.LabelID, number, n int) (ids []shop.OrderID, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var id shop.OrderID
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT DISTINCT o.id FROM release r JOIN run u ON u.release_id = r.id JOIN copy c ON c.run_id = u.id AND c.number = $2 JOIN orders o ON o.id = c.order_id
		WHERE r.label_id = $1 LIMIT $3`, label, number, n)
	return ids, err
}

// CountOrders counts a label's orders by the state to show.
func (tx *Tx) CountOrders(label catalog.LabelID, now time.Time) (map[shop.OrderState]int, error) {
	count := map[shop.OrderState]int{}
	err := tx.c.Query(func(scan func(...any) error) error {
		var state shop.OrderState
		var n int
		err := scan(&state, &n)
		count[state] = n
		return err
	}, `SELECT state, count(*) FROM orders WHERE label_id = $1 GROUP BY state`, label)
	if err != nil {
		return nil, err
	}
	lapsed := 0
	if _, err := tx.one([]any{&lapsed}, `SELECT count(*) FROM orders WHERE label_id = $1 AND state = 'placed' AND pay_by <= $2`, label, micros(now)); err != nil {
		return nil, err
	}
	count[shop.Lapsed] = lapsed
	count[shop.Placed] -= lapsed
	return count, nil
}

// OrderLines reads the lines of orders.
func (tx *Tx) OrderLines(ids []shop.OrderID) (map[shop.OrderID][]shop.Line, error) {
	lines := map[shop.OrderID][]shop.Line{}
	if len(ids) == 0 {
		return lines, nil
	}
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), id
	}
	err := tx.c.Query(func(scan func(...any) error) error {
		var id shop.OrderID
		var l shop.Line
		err := scan(&id, &l.Run, &l.Number, &l.Minor)
		lines[id] = append(lines[id], l)
		return err
	}, `SELECT order_id, run_id, number, minor FROM order_line WHERE order_id IN (`+strings.Join(marks, ", ")+`) ORDER BY order_id, line`, args...)
	return lines, err
}

// CopiesIn reads copies of a label in a state, those that have been so longest first.
func (tx *Tx) CopiesIn(label catalog.LabelID, state catalog.State, n int) ([]catalog.Copy, error) {
	return tx.selectCopies(`SELECT c.`+strings.ReplaceAll(copyColumns, ", ", ", c.")+` FROM release r JOIN run u ON u.release_id = r.id JOIN copy c ON c.run_id = u.id
		WHERE r.label_id = $1 AND c.state = $2 ORDER BY c.changed_at, c.run_id, c.number LIMIT $3`, label, state, n)
}
