package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// insert adds a row whose unique names must be new.
func (tx *Tx) insert(taken string, query string, args ...any) error {
	n, err := tx.c.Exec(query, args...)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, taken)
	}
	return err
}

// rowsAtOnce is how many rows one INSERT of a run has. 100 of 15 columns stay far below SQLite's 32,766 parameters and PostgreSQL's 65,535.
const rowsAtOnce = 100

// InsertRun adds a run with its copies and their first events.
func (tx *Tx) InsertRun(r catalog.Run, copies []catalog.Copy, events []catalog.Event) error {
	declaration, err := json.Marshal(r.Declaration)
	if err != nil {
		return err
	}
	err = tx.put(`INSERT INTO run (id, release_id, ordinal, copies, proofs, salt, declaration, declared_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		r.ID, r.Release, r.Ordinal, r.Copies, r.Proofs, r.Salt, string(declaration), micros(r.Declared))
	if err != nil {
		return err
	}
	for at := 0; at < len(copies); at += rowsAtOnce {
		end := min(at+rowsAtOnce, len(copies))
		var args []any
		for _, c := range copies[at:end] {
			args = append(args, copyArgs(c)...)
		}
		if err := tx.rows(`INSERT INTO copy (`+copyColumns+`)`, end-at, args); err != nil {
			return err
		}
		args = args[:0]
		for _, e := range events[at:end] {
			args = append(args, eventArgs(e)...)
		}
		if err := tx.rows(`INSERT INTO event (`+eventColumns+`)`, end-at, args); err != nil {
			return err
		}
	}
	return nil
}

// rows inserts n rows in one statement.
func (tx *Tx) rows(insert string, n int, args []any) error {
	var b strings.Builder
	b.WriteString(insert + " VALUES ")
	wide := len(args) / n
	for i := range args {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%wide == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	b.WriteString(")")
	_, err := tx.c.Exec(b.String(), args...)
	return err
}

const selectRun = `SELECT id, release_id, ordinal, copies, proofs, salt, declaration, declared_at FROM run WHERE `

func (tx *Tx) selectRuns(query string, args ...any) (runs []catalog.Run, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var r catalog.Run
		var declaration string
		var declared int64
		if err := scan(&r.ID, &r.Release, &r.Ordinal, &r.Copies, &r.Proofs, &r.Salt, &declaration, &declared); err != nil {
			return err
		}
		var err error
		if r.Declaration, err = tx.db.declarations.read(declaration); err != nil {
			return fmt.Errorf("run %s: declaration: %w", r.ID, err)
		}
		r.Declared = fromMicros(declared)
		runs = append(runs, r)
		return nil
	}, query, args...)
	return runs, err
}

// Runs reads the runs of a release by ordinal.
func (tx *Tx) Runs(id catalog.ReleaseID) ([]catalog.Run, error) {
	return tx.selectRuns(selectRun+`release_id = $1 ORDER BY ordinal`, id)
}

// Run reads a run.
func (tx *Tx) Run(id catalog.RunID) (catalog.Run, error) {
	runs, err := tx.selectRuns(selectRun+`id = $1`, id)
	if err != nil {
		return catalog.Run{}, err
	}
	if len(runs) == 0 {
		return catalog.Run{}, fault.New(fault.NotFound, "There is no such run.")
	}
	return runs[0], nil
}

const (
	copyColumns  = `run_id, number, variant, pool, state, holder, held_until, order_id, owner, claim_hash, spent, grade, reason, seq, changed_at`
	selectCopy   = `SELECT ` + copyColumns + ` FROM copy WHERE `
	eventColumns = `run_id, number, seq, at, verb, state, actor, order_id, note`
)

func copyArgs(c catalog.Copy) []any {
	return []any{c.Run, c.Number, c.Variant, c.Pool, c.State, c.Holder, micros(c.HeldUntil), c.Order, c.Owner, c.ClaimHash, bit(c.Spent), c.Condition, c.Reason, c.Seq, micros(c.Changed)}
}

func eventArgs(e catalog.Event) []any {
	return []any{e.Run, e.Number, e.Seq, micros(e.At), e.Verb, e.State, e.By, e.Order, e.Note}
}

func (tx *Tx) selectCopies(query string, args ...any) (copies []catalog.Copy, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var c catalog.Copy
		var until, spent, changed int64
		err := scan(&c.Run, &c.Number, &c.Variant, &c.Pool, &c.State, &c.Holder, &until, &c.Order, &c.Owner, &c.ClaimHash, &spent, &c.Condition, &c.Reason, &c.Seq, &changed)
		c.HeldUntil, c.Spent, c.Changed = fromMicros(until), spent != 0, fromMicros(changed)
		copies = append(copies, c)
		return err
	}, query, args...)
	return copies, err
}

// Copy reads a copy.
func (tx *Tx) Copy(run catalog.RunID, number int) (catalog.Copy, error) {
	copies, err := tx.selectCopies(selectCopy+`run_id = $1 AND number = $2 `+Lock, run, number)
	if err != nil {
		return catalog.Copy{}, err
	}
	if len(copies) == 0 {
		return catalog.Copy{}, fault.Newf(fault.NotFound, "There is no number %d in this run.", number)
	}
	return copies[0], nil
}

// Copies reads all copies of a run by number.
func (tx *Tx) Copies(run catalog.RunID) ([]catalog.Copy, error) {
	return tx.selectCopies(selectCopy+`run_id = $1 ORDER BY number`, run)
}

// Stock counts the free copies of a pool.
func (tx *Tx) Stock(run catalog.RunID, pool catalog.Pool, now time.Time) (n int, err error) {
	_, err = tx.one([]any{&n}, `SELECT
		(SELECT count(*) FROM copy WHERE run_id = $1 AND pool = $2 AND state = 'free') +
		(SELECT count(*) FROM copy WHERE run_id = $1 AND pool = $2 AND state = 'held' AND held_until <= $3)`, run, pool, micros(now))
	return n, err
}

// PutCopy stores a changed copy with the event that changed it.
func (tx *Tx) PutCopy(c catalog.Copy, e catalog.Event) error {
	err := tx.put(`UPDATE copy SET pool = $3, state = $4, holder = $5, held_until = $6, order_id = $7, owner = $8,
		claim_hash = $9, spent = $10, grade = $11, reason = $12, seq = $13, changed_at = $14
		WHERE run_id = $1 AND number = $2 AND seq = $15`,
		c.Run, c.Number, c.Pool, c.State, c.Holder, micros(c.HeldUntil), c.Order, c.Owner, c.ClaimHash, bit(c.Spent), c.Condition, c.Reason, c.Seq, micros(c.Changed), c.Seq-1)
	if err != nil {
		return err
	}
	return tx.put(`INSERT INTO event (`+eventColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, eventArgs(e)...)
}

// History reads a copy's events, the oldest first.
func (tx *Tx) History(run catalog.RunID, number int) (events []catalog.Event, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var e catalog.Event
		var at int64
		err := scan(&e.Run, &e.Number, &e.Seq, &at, &e.Verb, &e.State, &e.By, &e.Order, &e.Note)
		e.At = fromMicros(at)
		events = append(events, e)
		return err
	}, `SELECT `+eventColumns+` FROM event WHERE run_id = $1 AND number = $2 ORDER BY seq`, run, number)
	return events, err
}

// Free reads at most n free web copies by number. It passes over those that others are at
// rather than wait: who waits with locks of their own soon waits in a circle.
func (tx *Tx) Free(run catalog.RunID, variant string, n int) ([]catalog.Copy, error) {
	return tx.selectCopies(selectCopy+`run_id = $1 AND state = 'free' AND pool = 'web' AND ($2 = '' OR variant = $2) ORDER BY number LIMIT $3 `+SkipLocked, run, variant, n)
}

// Lapsed reads at most n copies whose hold is over.
func (tx *Tx) Lapsed(run catalog.RunID, variant string, now time.Time, n int) ([]catalog.Copy, error) {
	if run == "" {
		return tx.selectCopies(selectCopy+`state = 'held' AND held_until <= $1 LIMIT $2 `+SkipLocked, micros(now), n)
	}
	return tx.selectCopies(selectCopy+`run_id = $1 AND state = 'held' AND held_until <= $3 AND pool = 'web' AND ($2 = '' OR variant = $2)
		ORDER BY number LIMIT $4 `+SkipLocked, run, variant, micros(now), n)
}

// Basket reads the copies that a buyer holds, by run and number.
func (tx *Tx) Basket(holder string) ([]catalog.Copy, error) {
	return tx.selectCopies(selectCopy+`holder = $1 AND state = 'held' AND order_id = '' ORDER BY run_id, number `+Lock, holder)
}

// Owned reads the copies that an account owns, by run and number.
func (tx *Tx) Owned(account string) ([]catalog.Copy, error) {
	return tx.selectCopies(selectCopy+`owner = $1 AND owner <> '' ORDER BY run_id, number`, account)
}

// ByClaim reads the copies with one of the hashes.
func (tx *Tx) ByClaim(hashes []string) ([]catalog.Copy, error) {
	marks, args := make([]string, len(hashes)), make([]any, len(hashes))
	for i, h := range hashes {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), h
	}
	return tx.selectCopies(selectCopy+`claim_hash <> '' AND claim_hash IN (`+strings.Join(marks, ", ")+`)`, args...)
}
