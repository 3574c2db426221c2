package store

// Counts are how many there are of what a shop's keeper watches.
type Counts struct {
	Copies, Orders     map[string]int64 // by state
	Placed, Signed     int64            // entries of the ownership log
	Mails, Undelivered int64
}

// Counts counts.
func (tx *Tx) Counts() (c Counts, err error) {
	by := func(query string) (map[string]int64, error) {
		m := map[string]int64{}
		err := tx.c.Query(func(scan func(...any) error) error {
			var state string
			var n int64
			err := scan(&state, &n)
			m[state] = n
			return err
		}, query)
		return m, err
	}
	if c.Copies, err = by(`SELECT state, COUNT(*) FROM copy GROUP BY state`); err != nil {
		return c, err
	}
	if c.Orders, err = by(`SELECT state, COUNT(*) FROM orders GROUP BY state`); err != nil {
		return c, err
	}
	if _, err = tx.one([]any{&c.Placed, &c.Signed}, `SELECT size, signed FROM ledger_log WHERE one = 1`); err != nil {
		return c, err
	}
	_, err = tx.one([]any{&c.Mails, &c.Undelivered}, `SELECT (SELECT COUNT(*) FROM outbox WHERE failed_at = 0), (SELECT COUNT(*) FROM outbox WHERE failed_at > 0)`)
	return c, err
}

// Queue is how many transactions wait for a writer, where there is one.
func (db *DB) Queue() (n int, ok bool) {
	q, ok := db.engine.(interface{ Waiting() int })
	if !ok {
		return 0, false
	}
	return q.Waiting(), true
}
