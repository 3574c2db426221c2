// Package postgres is the house's storage in PostgreSQL, for a shop with a crowd
// or with several processes.
//
// Transactions run at READ COMMITTED with rows locked as they are read, so that
// what was read stays as it is until the commit. What PostgreSQL asks to run
// again (a serialisation failure, 40001, or a deadlock, 40P01) is Transient.
//
// Open refuses a server that acknowledges what is not on disk: fsync off, or
// synchronous_commit off.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"ferric/internal/fault"
	"ferric/internal/store"
)

// Config is how a database is opened. Zero fields mean the default in brackets.
type Config struct {
	URL   string // postgres://user:password@host/database, or the words that libpq knows; needed
	Conns int    // how many connections at most [16]
	Until string // the schema's last step to run [all]
	Slow  bool   // statements may take as long as they take: for copying whole tables
}

// Engine is an open database.
type Engine struct{ db *sql.DB }

// Open connects and brings the schema up to date.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	e, err := connect(ctx, cfg, map[string]string{})
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		err = e.migrate(ctx, cfg.Until)
		if err == nil || try == 5 || !e.Transient(err) && !isUnique(err) {
			break // two processes that start at once meet here, and one of them tries again
		}
	}
	if err != nil {
		return nil, errors.Join(err, e.db.Close())
	}
	return e, nil
}

// OpenReader connects to a database as it is, of whatever schema, to read it only.
func OpenReader(ctx context.Context, cfg Config) (*Engine, error) {
	return connect(ctx, cfg, map[string]string{"default_transaction_read_only": "on"})
}

func connect(ctx context.Context, cfg Config, settings map[string]string) (*Engine, error) {
	if cfg.Conns == 0 {
		cfg.Conns = 16
	}
	c, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", hide(err))
	}
	maps.Copy(settings, map[string]string{"timezone": "UTC", "lock_timeout": "10s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s", "default_transaction_isolation": "read committed"})
	if cfg.Slow {
		settings["statement_timeout"], settings["idle_in_transaction_session_timeout"] = "0", "0"
	}
	for name, value := range settings {
		if _, set := c.RuntimeParams[name]; !set {
			c.RuntimeParams[name] = value
		}
	}
	e := &Engine{stdlib.OpenDB(*c)}
	e.db.SetMaxOpenConns(cfg.Conns)
	e.db.SetMaxIdleConns(cfg.Conns)
	if err := e.verify(ctx); err != nil {
		return nil, errors.Join(err, e.db.Close())
	}
	return e, nil
}

// hide leaves the address out of an error: it may hold a password.
func hide(err error) error {
	var p *pgconn.ParseConfigError
	if errors.As(err, &p) {
		return errors.New("it cannot be read")
	}
	return err
}

func (e *Engine) verify(ctx context.Context) error {
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		var value string
		if err := e.db.QueryRowContext(ctx, `SELECT current_setting($1)`, setting).Scan(&value); err != nil {
			return fmt.Errorf("connect to PostgreSQL: %w", err)
		}
		if value == "off" {
			return fmt.Errorf("PostgreSQL has %s off: it would lose orders that were acknowledged", setting)
		}
	}
	return nil
}

var tableEnd = regexp.MustCompile(`(?m)^\) STRICT[^;]*;`)

// Dialect is a step of the schema as PostgreSQL reads it. A column that is marked binary is compared byte by byte, as in SQLite.
func Dialect(text string) string {
	return strings.ReplaceAll(tableEnd.ReplaceAllString(text, ");"), "/*binary*/", `COLLATE "C"`)
}

func (e *Engine) migrate(ctx context.Context, until string) error {
	return e.Update(ctx, func(c store.Conn) error {
		script := func(text string) error {
			// Without arguments pgx sends the text as it is, and PostgreSQL takes several statements.
			_, err := c.(*conn).tx.ExecContext(ctx, Dialect(text))
			return err
		}
		return store.Migrate(c, script, time.Now(), until)
	})
}

// Serial is false: many write at once.
func (e *Engine) Serial() bool { return false }

// Columns is PostgreSQL's list of all columns of the schema in use.
func (e *Engine) Columns() string {
	return `SELECT c.table_name, c.column_name, c.data_type, COALESCE(k.ordinal_position, 0) FROM information_schema.columns c
		LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
		LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema AND k.constraint_name = p.constraint_name
			AND k.table_name = c.table_name AND k.column_name = c.column_name
		WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.column_name`
}

// Binary compares texts byte by byte, as SQLite does.
func (e *Engine) Binary() string { return ` COLLATE "C"` }

// Transient reports what PostgreSQL asks to run again.
func (e *Engine) Transient(err error) bool {
	switch code(err) {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return true
	}
	return false
}

func isUnique(err error) bool {
	switch code(err) {
	case "23505", "42P07": // unique_violation, duplicate_table
		return true
	}
	return false
}

func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Close closes all connections.
func (e *Engine) Close() error { return e.db.Close() }

// View runs f in one consistent reading.
func (e *Engine) View(ctx context.Context, f func(store.Conn) error) error {
	return e.run(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}, f, strings.NewReplacer())
}

// Update runs f in a transaction. An error of its commit may leave it open
// whether it was written: a request with a key can be sent again safely.
func (e *Engine) Update(ctx context.Context, f func(store.Conn) error) error {
	return e.run(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, f, locks)
}

var locks = strings.NewReplacer(store.Lock, "FOR UPDATE", store.SkipLocked, "FOR UPDATE SKIP LOCKED")

func (e *Engine) run(ctx context.Context, o *sql.TxOptions, f func(store.Conn) error, marks *strings.Replacer) error {
	tx, err := e.db.BeginTx(ctx, o)
	if err != nil {
		return wrap(ctx, err)
	}
	defer tx.Rollback()
	if err := f(&conn{ctx, tx, marks}); err != nil {
		return wrap(ctx, err)
	}
	return wrap(ctx, tx.Commit())
}

// wrap makes the asker's own cancellation recognisable, and a database that is
// not there a kind of its own; what must be tried again stays as it is.
func wrap(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if isAway(err) {
		return fault.Wrap(err, fault.Unavailable, "The shop could not write this down. Please try again in a moment.")
	}
	return err
}

// isAway reports a server that cannot be reached, or that went away meanwhile.
func isAway(err error) bool {
	switch c := code(err); c {
	case "53300", "53100", "55P03": // too_many_connections, disk_full, lock_not_available
		return true
	case "": // the server did not say anything
		var connect *pgconn.ConnectError
		var line net.Error
		return errors.As(err, &connect) || errors.As(err, &line) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || pgconn.SafeToRetry(err)
	default: // it closes, it crashed, it starts (57P01 to 57P03), or the connection broke (class 08)
		return strings.HasPrefix(c, "57P") || strings.HasPrefix(c, "08")
	}
}

// conn is one transaction.
type conn struct {
	ctx   context.Context
	tx    *sql.Tx
	marks *strings.Replacer
}

// Exec runs a statement that gives no rows.
func (c *conn) Exec(query string, args ...any) (int64, error) {
	r, err := c.tx.ExecContext(c.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a statement and calls each for every row.
func (c *conn) Query(each func(func(...any) error) error, query string, args ...any) error {
	rows, err := c.tx.QueryContext(c.ctx, c.marks.Replace(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
