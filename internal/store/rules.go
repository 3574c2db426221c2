package store

import (
	"ferric/internal/people"
)

// Rule is something that is true of every shop at every moment, with a query for what breaks it.
type Rule struct {
	Text  string // what is wrong where the query finds a row
	query string // gives where
}

// Rules are what must be true between tables. Each verb of the shop keeps them in one transaction, so one that is broken was
// broken from outside: by a disk, a hand, or a fault in this program.
var Rules = []Rule{
	{"a run has other numbers than it was declared with", `SELECT 'run ' || r.id FROM run r
		LEFT JOIN (SELECT run_id, COUNT(*) AS n, MIN(number) AS f, MAX(number) AS l FROM copy GROUP BY run_id) c ON c.run_id = r.id
		WHERE c.n IS NULL OR c.n <> r.copies + r.proofs OR c.f <> 1 OR c.l <> r.copies + r.proofs`},
	{"a copy's history has a gap", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c
		LEFT JOIN (SELECT run_id, number, COUNT(*) AS n, MIN(seq) AS f, MAX(seq) AS l FROM event GROUP BY run_id, number) e ON e.run_id = c.run_id AND e.number = c.number
		WHERE e.n IS NULL OR e.n <> c.seq OR e.f <> 1 OR e.l <> c.seq`},
	{"a copy is not what the last line of its history says", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c
		JOIN event e ON e.run_id = c.run_id AND e.number = c.number AND e.seq = c.seq
		WHERE e.state <> c.state OR e.order_id <> c.order_id OR e.at <> c.changed_at`},
	{"a history is of no copy", `SELECT 'run ' || e.run_id || ', number ' || e.number FROM event e
		WHERE e.seq = 1 AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.run_id = e.run_id AND c.number = e.number)`},
	{"an order's total is not the sum of its lines", `SELECT 'order ' || o.id FROM orders o
		LEFT JOIN (SELECT order_id, SUM(minor) AS sum FROM order_line GROUP BY order_id) l ON l.order_id = o.id
		WHERE l.sum IS NULL OR l.sum <> o.minor`},
	{"a line is of no order", `SELECT 'order ' || l.order_id FROM order_line l WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = l.order_id)`},
	{"a copy is in an order that has no line for it", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c WHERE c.order_id <> ''
		AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = c.order_id AND l.run_id = c.run_id AND l.number = c.number)`},
	{"an order was paid for a copy that was never sold in it", `SELECT 'order ' || o.id || ', number ' || l.number FROM orders o JOIN order_line l ON l.order_id = o.id
		WHERE o.state IN ('paid', 'packed', 'shipped', 'returned')
		AND NOT EXISTS (SELECT 1 FROM event e WHERE e.run_id = l.run_id AND e.number = l.number AND e.verb = 'pay' AND e.order_id = o.id)`},
	{"a copy is sold in an order that is not paid", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c JOIN orders o ON o.id = c.order_id
		WHERE c.state IN ('sold', 'packed', 'shipped') AND o.state IN ('placed', 'cancelled', 'refund')`},
	{"a run is not in the ownership log", `SELECT 'run ' || r.id FROM run r WHERE NOT EXISTS (SELECT 1 FROM ledger_run l WHERE l.run_id = r.id)`},
	{"the ownership log has a run that the catalogue has not", `SELECT 'run ' || l.run_id FROM ledger_run l WHERE NOT EXISTS (SELECT 1 FROM run r WHERE r.id = l.run_id)`},
	{"a copy is not in the ownership log", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c
		WHERE NOT EXISTS (SELECT 1 FROM ledger_copy l WHERE l.run_id = c.run_id AND l.number = c.number)`},
	{"the ownership log has a copy that the catalogue has not", `SELECT 'run ' || l.run_id || ', number ' || l.number FROM ledger_copy l
		WHERE NOT EXISTS (SELECT 1 FROM copy c WHERE c.run_id = l.run_id AND c.number = l.number)`},
	{"the ownership log and the catalogue do not agree on whether a number is void", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c
		JOIN ledger_copy l ON l.run_id = c.run_id AND l.number = c.number WHERE (c.state = 'void') <> (l.status = 2)`},
	{"the ownership log and the catalogue do not agree on whether a number has an owner", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c
		JOIN ledger_copy l ON l.run_id = c.run_id AND l.number = c.number JOIN ledger_run r ON r.run_id = c.run_id
		WHERE (c.state IN ('sold', 'packed', 'shipped', 'claimed') OR r.closed = 1 AND c.state <> 'void') <> (l.status = 1)`},
	{"a key is kept for a copy that nobody owns", `SELECT 'run ' || k.run_id || ', number ' || k.number FROM owner_key k
		WHERE NOT EXISTS (SELECT 1 FROM ledger_copy l WHERE l.run_id = k.run_id AND l.number = k.number AND l.status = 1)`},
	{"an owner's key is of an account that is not there", `SELECT 'run ' || k.run_id || ', number ' || k.number FROM owner_key k
		WHERE k.account <> '' AND NOT EXISTS (SELECT 1 FROM account a WHERE a.id = k.account)`},
	{"a copy is registered to somebody else than its key", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c
		JOIN owner_key k ON k.run_id = c.run_id AND k.number = c.number WHERE c.state = 'claimed' AND k.account <> '' AND k.account <> c.owner`},
	{"a copy is registered to an account that is not there", `SELECT 'run ' || c.run_id || ', number ' || c.number FROM copy c
		WHERE c.owner <> '' AND c.owner <> '` + string(people.Erased) + `' AND NOT EXISTS (SELECT 1 FROM account a WHERE a.id = c.owner)`},
	{"a file is kept for a pressing that is not there", `SELECT 'file ' || b.sha256 FROM blob_ref b
		WHERE NOT EXISTS (SELECT 1 FROM pressing p WHERE p.release_id = b.release_id AND p.manifest = b.manifest)`},
	{"a signed-in session is of an account that is not there", `SELECT 'account ' || s.account_id FROM session s WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = s.account_id)`},
}

// Broken are the places where a rule is broken, at most limit of them, and how many there are in all.
func (tx *Tx) Broken(r Rule, limit int) (where []string, n int, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var s string
		if n++; n > limit {
			return nil
		}
		err := scan(&s)
		where = append(where, s)
		return err
	}, r.query)
	return where, n, err
}

// LedgerRuns are the runs that the ownership log has, by their ids in the catalogue.
func (tx *Tx) LedgerRuns() (ids []string, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT run_id FROM ledger_run ORDER BY run_id`)
	return ids, err
}

// LedgerHashes is how many hashes of the ownership log's tree there are.
func (tx *Tx) LedgerHashes() (n int64, err error) {
	_, err = tx.one([]any{&n}, `SELECT COUNT(*) FROM ledger_hash`)
	return n, err
}
