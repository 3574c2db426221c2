package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"ferric/internal/store"
)

// Reader is a file that is read as it is, of whatever schema, also while a shop has it open: in WAL mode a reading sees the last
// commit and keeps nobody from writing. It takes no lock of the owner's and changes no row.
type Reader struct {
	db *sql.DB
}

// OpenReader opens a file that is there to read it.
func OpenReader(ctx context.Context, path string) (*Reader, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: %w", store.ErrNoShop, err)
		}
		return nil, err
	}
	if err := localDisk(filepath.Dir(path)); err != nil {
		return nil, err
	}
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "query_only(1)", "trusted_schema(0)", "cache_size(-16000)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw&"+pragmas.Encode())
	if err != nil {
		return nil, err
	}
	r := &Reader{db}
	var version string
	err = db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version)
	if err == nil {
		err = checkVersion(version)
	}
	if err == nil {
		_, err = db.ExecContext(ctx, `SELECT count(*) FROM sqlite_schema`) // that it is a database at all
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return r, nil
}

// View runs f in one consistent reading.
func (r *Reader) View(ctx context.Context, f func(store.Conn) error) (err error) {
	one, err := r.db.Conn(ctx)
	if err != nil {
		return err
	}
	c := &conn{c: one, stmts: map[string]*sql.Stmt{}}
	defer func() { err = errors.Join(err, c.close()) }()
	if _, err := c.Exec("BEGIN"); err != nil {
		return err
	}
	defer func() {
		_, end := c.Exec("ROLLBACK")
		err = errors.Join(err, end)
	}()
	return f(c)
}

// Update is refused.
func (r *Reader) Update(context.Context, func(store.Conn) error) error {
	return errors.New("this file is open for reading only")
}

// Integrity has SQLite look at every page and index, and gives what it finds, at most 100 lines.
func (r *Reader) Integrity(ctx context.Context) (found []string, err error) {
	for _, pragma := range []string{`PRAGMA integrity_check`, `SELECT 'a row of ' || "table" || ' refers to one of ' || parent || ' that is not there' FROM pragma_foreign_key_check LIMIT 100`} {
		rows, err := r.db.QueryContext(ctx, pragma)
		if err != nil {
			return found, err
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return found, errors.Join(err, rows.Close())
			}
			if line != "ok" {
				found = append(found, line)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return found, err
		}
	}
	return found, nil
}

// Serial is true: nothing is written.
func (r *Reader) Serial() bool { return true }

// Transient is false.
func (r *Reader) Transient(error) bool { return false }

// Columns is SQLite's list of all columns.
func (r *Reader) Columns() string { return columns }

// Binary is empty, as for an Engine.
func (r *Reader) Binary() string { return "" }

// Close closes the file.
func (r *Reader) Close() error { return r.db.Close() }
