package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// conn is one connection with its prepared statements. One goroutine uses it at a time.
//
// Statements run without the asker's context: SQLite answers an interrupt within
// a transaction by rolling the whole of it back, and others' work may be in it.
type conn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt

	// For the writer: a transaction's savepoint is set before it first writes.
	save   bool // a savepoint is wanted before the next write
	saved  bool // it has been set
	broken error
}

// longest is the longest text that is kept prepared. The longer ones insert hundreds of rows and come in many lengths.
const longest = 2000

func (c *conn) stmt(query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	// To SQLite $1 is a name, looked for among all names at each use; ?1 is a place.
	s, err := c.c.PrepareContext(context.Background(), strings.ReplaceAll(query, "$", "?"))
	if err == nil && len(query) <= longest {
		c.stmts[query] = s
	}
	return s, err
}

// Exec runs a statement that gives no rows.
func (c *conn) Exec(query string, args ...any) (int64, error) {
	if c.save {
		c.save = false
		if _, err := c.Exec("SAVEPOINT one"); err != nil {
			return 0, err
		}
		c.saved = true
	}
	s, err := c.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(context.Background(), args...)
	if len(query) > longest {
		err = errors.Join(err, s.Close())
	}
	if err != nil {
		c.note(err)
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a statement and calls each for every row.
func (c *conn) Query(each func(func(...any) error) error, query string, args ...any) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		c.note(err)
		return err
	}
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	err = errors.Join(rows.Err(), rows.Close())
	if len(query) > longest {
		err = errors.Join(err, s.Close())
	}
	c.note(err)
	return err
}

// note remembers an error of the disk, whatever the function makes of it.
func (c *conn) note(err error) {
	if err != nil && isDisk(err) {
		c.broken = err
	}
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.c.Close())...)
}
