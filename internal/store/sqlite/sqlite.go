// Package sqlite is the house's storage in one file, for a shop that works alone.
//
// SQLite has one writer at a time and, with synchronous=FULL, one sync of the
// disk for each commit. So one goroutine writes: it takes the transactions that
// are waiting, runs them one after the other inside one SQLite transaction,
// commits, and only then answers them all. One sync serves the whole group;
// alone, a transaction is a group of one and waits for nobody. A function that
// fails is rolled back to a savepoint, and the others of its group never notice.
//
// Readers have connections of their own and, the file being in WAL mode, see the
// last commit without waiting for the writer.
//
// Open refuses a SQLite before 3.51.3: in WAL mode 3.7.0 to 3.51.2 could lose
// committed data when a writer and a checkpoint met (sqlite.org/wal.html,
// "the WAL-reset bug"). It refuses a network file system, on which WAL's shared
// memory does not work (the same page), and a file that another process has open.
// After the disk failed once, nothing more is written until the file is opened
// again: what a failed sync left in the system's cache is unknown.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"ferric/internal/fault"
	"ferric/internal/store"
)

// Oldest is the first SQLite without the WAL-reset bug.
const Oldest = "3.51.3"

// Config is how a file is opened. Zero fields mean the default in brackets.
type Config struct {
	Path    string        // of the file, which is made when it is not there; needed
	Readers int           // connections for reading [2 a core, at least 4]
	Group   int           // how many transactions share a sync at most [128]
	Linger  time.Duration // a group that has worked so long takes nobody more [10 ms]
	Queue   int           // how many transactions may wait [4096]; more are refused
	Until   string        // the schema's last step to run [all]
}

// Engine is an open file.
type Engine struct {
	cfg     Config
	lock    *os.File
	db      *sql.DB // the writer's
	rdb     *sql.DB // the readers'
	readers chan *conn
	queue   chan *job
	done    chan struct{} // closed when the writer has ended

	mu     sync.RWMutex // guards closed; held for reading while sending to queue
	closed bool

	// The writer's alone.
	writer *conn
	failed error // once set, nothing is written
}

// job is a transaction that waits for the writer.
type job struct {
	ctx  context.Context
	do   func(store.Conn) error
	err  error
	done chan struct{}
}

// Open opens or makes a file and brings its schema up to date.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Readers == 0 {
		cfg.Readers = max(4, 2*runtime.NumCPU())
	}
	if cfg.Group == 0 {
		cfg.Group = 128
	}
	if cfg.Linger == 0 {
		cfg.Linger = 10 * time.Millisecond
	}
	if cfg.Queue == 0 {
		cfg.Queue = 4096
	}
	e := &Engine{cfg: cfg, queue: make(chan *job, cfg.Queue), done: make(chan struct{}), readers: make(chan *conn, cfg.Readers)}
	if err := e.open(ctx); err != nil {
		err = fmt.Errorf("open %s: %w", cfg.Path, err)
		return nil, errors.Join(err, e.release())
	}
	go e.write()
	return e, nil
}

func (e *Engine) open(ctx context.Context) error {
	path, err := filepath.Abs(e.cfg.Path)
	if err != nil {
		return err
	}
	if err := localDisk(filepath.Dir(path)); err != nil {
		return err
	}
	if e.lock, err = lockFile(path + ".lock"); err != nil {
		return err
	}
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "trusted_schema(0)", "cache_size(-16000)", "wal_autocheckpoint(4000)",
		"temp_store(memory)"}} // what a savepoint keeps to go back to: never needed after a crash, and gone when it is released
	if e.db, err = sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+pragmas.Encode()); err != nil {
		return err
	}
	e.db.SetMaxOpenConns(1)
	c, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	e.writer = &conn{c: c, stmts: map[string]*sql.Stmt{}}
	if err := e.verify(); err != nil {
		return err
	}
	if err := e.migrate(ctx); err != nil {
		return err
	}
	pragmas = url.Values{"_pragma": {"busy_timeout(10000)", "query_only(1)", "trusted_schema(0)", "cache_size(-4000)"}}
	if e.rdb, err = sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+pragmas.Encode()); err != nil {
		return err
	}
	e.rdb.SetMaxOpenConns(e.cfg.Readers)
	e.rdb.SetMaxIdleConns(e.cfg.Readers)
	for range e.cfg.Readers {
		e.readers <- nil // opened when first needed
	}
	return nil
}

// verify asks SQLite what it is and what it does, and believes nothing that was only set.
func (e *Engine) verify() error {
	var version, mode string
	var sync int
	for query, dest := range map[string]any{`SELECT sqlite_version()`: &version, `PRAGMA journal_mode`: &mode, `PRAGMA synchronous`: &sync} {
		if err := e.writer.Query(func(scan func(...any) error) error { return scan(dest) }, query); err != nil {
			return err
		}
	}
	if err := checkVersion(version); err != nil {
		return err
	}
	if mode != "wal" || sync < 2 {
		return fmt.Errorf("SQLite has journal mode %s and synchronous %d, wal and 2 (FULL) are needed", mode, sync)
	}
	return nil
}

// checkVersion refuses a SQLite older than Oldest.
func checkVersion(version string) error {
	if numbers(version) < numbers(Oldest) {
		return fmt.Errorf("this SQLite is %s: before %s it can lose what it has committed", version, Oldest)
	}
	return nil
}

func numbers(version string) (n int) {
	for part := range strings.SplitSeq(version+".0.0", ".") {
		k, _ := strconv.Atoi(part)
		if n = n*1000 + k; n >= 1_000_000 {
			return n
		}
	}
	return n
}

func (e *Engine) migrate(ctx context.Context) error {
	if _, err := e.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	script := func(text string) error {
		_, err := e.writer.c.ExecContext(ctx, Dialect(text))
		return err
	}
	if err := store.Migrate(e.writer, script, time.Now(), e.cfg.Until); err != nil {
		_, undo := e.writer.Exec("ROLLBACK")
		return errors.Join(err, undo)
	}
	_, err := e.writer.Exec("COMMIT")
	return err
}

// Dialect is a step of the schema as SQLite reads it.
func Dialect(text string) string { return strings.ReplaceAll(text, " BIGINT", " INTEGER") }

// Serial is true: one goroutine writes.
func (e *Engine) Serial() bool { return true }

// Columns is SQLite's list of all columns.
func (e *Engine) Columns() string { return columns }

// Binary is empty: SQLite compares texts byte by byte anyway.
func (e *Engine) Binary() string { return "" }

const columns = `SELECT m.name, c.name, c.type, c.pk FROM sqlite_schema m JOIN pragma_table_info(m.name) c
	WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid`

// Transient is false: nobody else writes to the file, so nothing is gained by trying again.
func (e *Engine) Transient(error) bool { return false }

// Close ends the writer after those who wait already, then closes the file.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	close(e.queue)
	e.mu.Unlock()
	<-e.done
	for range e.cfg.Readers {
		if c := <-e.readers; c != nil {
			c.close()
		}
	}
	return e.release()
}

func (e *Engine) release() error {
	var errs []error
	if e.writer != nil {
		errs = append(errs, e.writer.close())
	}
	for _, db := range []*sql.DB{e.rdb, e.db} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	return errors.Join(errs...)
}

var errClosed = fault.New(fault.Unavailable, "The shop is being closed for a moment. Nothing was changed; please try again.")

// View runs f on a reader's connection, in one consistent reading.
func (e *Engine) View(ctx context.Context, f func(store.Conn) error) (err error) {
	e.mu.RLock()
	closed := e.closed
	e.mu.RUnlock()
	if closed {
		return errClosed
	}
	var c *conn
	select {
	case c = <-e.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.readers <- c }()
	if c == nil {
		one, err := e.rdb.Conn(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		c = &conn{c: one, stmts: map[string]*sql.Stmt{}}
	}
	if _, err := c.Exec("BEGIN"); err != nil {
		return err
	}
	defer func() {
		_, end := c.Exec("ROLLBACK")
		err = errors.Join(err, end)
	}()
	return f(c)
}

// isDisk reports an error after which nothing is known of what is on disk.
func isDisk(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
