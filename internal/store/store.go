// Package store is the SQL of the house, for every database it runs on.
//
// The domains (catalog, shop) declare what they need of a transaction; a [Tx]
// here has it, in SQL that is one text for all databases: $N placeholders, no
// triggers, advisory locks, sequences or deferred constraints. A database is an
// [Engine]: store/sqlite and store/postgres. Two places differ and are marked
// in the text by a comment that an engine replaces: [Lock], which makes a read
// row stay as it is until the end, and [SkipLocked], which passes over rows
// that somebody else is at.
//
// A copy and an order change only when their Seq follows the stored one, so a
// change that was made from an old reading fails with [ErrStale] and the whole
// transaction runs again. [DB] has the one loop that does so, also for what the
// database itself wants repeated.
package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// Engine is a database. An Update that returned nil is on disk.
type Engine interface {
	View(context.Context, func(Conn) error) error   // a consistent reading
	Update(context.Context, func(Conn) error) error // all or nothing
	Transient(error) bool                           // whether running the same transaction again may work
	Serial() bool                                   // whether Updates run one after the other anyway
	Columns() string                                // a query for every column there is: table, name, type, place in the primary key (0: none)
	Binary() string                                 // what behind a text in ORDER BY compares it byte by byte
	Close() error
}

// Conn is an engine within one transaction.
type Conn interface {
	Exec(query string, args ...any) (rows int64, err error)
	// Query calls each for every row; scan reads the row's columns.
	Query(each func(scan func(...any) error) error, query string, args ...any) error
}

// Marks in a query that an engine replaces.
const (
	Lock       = "/*lock*/"
	SkipLocked = "/*skip locked*/"
)

// ErrStale says that a row was changed since it was read.
var ErrStale = errors.New("changed since it was read")

// DB is the house's storage on an engine.
type DB struct {
	engine Engine
	alone  sync.Mutex // see Ledger.Alone

	declarations memo[catalog.Declaration]
	details      memo[catalog.Detail]
}

// New makes a DB of an engine whose schema is up to date.
func New(e Engine) *DB { return &DB{engine: e} }

// Close closes the engine. What is under way is finished first.
func (db *DB) Close() error { return db.engine.Close() }

// Catalog is the storage of package catalog.
func (db *DB) Catalog() Of[catalog.Tx] { return Of[catalog.Tx]{db} }

// Shop is the storage of package shop.
func (db *DB) Shop() Of[shop.Tx] { return Of[shop.Tx]{db} }

// Of gives one domain its transactions. T is an interface that *Tx satisfies.
type Of[T any] struct{ db *DB }

// The domains' needs, checked here rather than at the first transaction.
var (
	_ catalog.Store = Of[catalog.Tx]{}
	_ shop.Store    = Of[shop.Tx]{}
	_ catalog.Tx    = (*Tx)(nil)
	_ shop.Tx       = (*Tx)(nil)
)

// View runs f on a consistent reading.
func (o Of[T]) View(ctx context.Context, f func(T) error) error {
	return o.db.View(ctx, func(tx *Tx) error { return f(any(tx).(T)) })
}

// Update runs f in a transaction.
func (o Of[T]) Update(ctx context.Context, f func(T) error) error {
	return o.db.Update(ctx, func(tx *Tx) error { return f(any(tx).(T)) })
}

// View runs f on a consistent reading.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	return db.engine.View(ctx, func(c Conn) error { return f(&Tx{c, db, db.engine.Serial()}) })
}

// How often a transaction is run again, and how long it waits at most before that.
const (
	tries   = 12
	maxWait = 200 * time.Millisecond
)

// Update runs f in a transaction, again when the database asks for it. What
// still fails then is of kind Unavailable: nothing was changed.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	wait := 500 * time.Microsecond
	for try := 1; ; try++ {
		err := db.engine.Update(ctx, func(c Conn) error { return f(&Tx{c, db, db.engine.Serial()}) })
		if err == nil || !errors.Is(err, ErrStale) && !db.engine.Transient(err) {
			return err
		}
		if try == tries {
			return fault.Wrap(fmt.Errorf("after %d tries: %w", try, err), fault.Unavailable, "Too many people want the same thing just now. Nothing was changed; please try again.")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w, after %d tries: %w", ctx.Err(), try, err)
		case <-time.After(rand.N(wait)):
		}
		wait = min(2*wait, maxWait)
	}
}

// Tx is one transaction. It ends when the function that it was given to returns.
type Tx struct {
	c      Conn
	db     *DB
	serial bool
}

// put runs a statement that must change one row; none is stale.
func (tx *Tx) put(query string, args ...any) error {
	n, err := tx.c.Exec(query, args...)
	if err == nil && n != 1 {
		err = ErrStale
	}
	return err
}

// micros is a time as it is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// one reads at most one row and says whether there was one.
func (tx *Tx) one(dest []any, query string, args ...any) (bool, error) {
	found := false
	err := tx.c.Query(func(scan func(...any) error) error {
		found = true
		return scan(dest...)
	}, query, args...)
	return found, err
}
