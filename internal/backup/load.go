package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"

	"ferric/internal/blob"
	"ferric/internal/store"
)

// ErrNotEmpty is a database that a shop cannot be brought into, since it has rows.
var ErrNotEmpty = errors.New("the database is not empty")

// LoadRows fills an empty database, whose schema is that of the snapshot, in one transaction: with all rows or none. Then every table
// is read again and its hash compared.
func (s *Snapshot) LoadRows(ctx context.Context, db *store.DB, p Progress) error {
	err := db.Update(ctx, func(tx *store.Tx) error {
		if err := fits(tx, s.Tables); err != nil {
			return err
		}
		for i, t := range s.Tables {
			p.say("filling the database", i, len(s.Tables))
			pieces := &reader{ctx: ctx, blobs: s.blobs, pieces: t.Pieces}
			rows, err := tx.Load(t.Table, pieces.line)
			if err == nil && rows != t.Rows {
				err = fmt.Errorf("%w: table %s has %d rows, and had %d", ErrDamaged, t.Name, rows, t.Rows)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return same(ctx, db, s.Tables, p)
}

// fits refuses a database that is not empty or has other tables.
func fits(tx *store.Tx, want []Table) error {
	if empty, err := tx.Empty(); err != nil || !empty {
		return errors.Join(err, ErrNotEmpty)
	}
	have, err := tx.Tables()
	if err != nil {
		return err
	}
	for _, w := range want {
		there := false
		for _, h := range have {
			there = there || reflect.DeepEqual(h, w.Table)
		}
		if !there {
			return fmt.Errorf("the database has no table %s as it was", w.Name)
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("the database has %d tables, and %d are to be filled", len(have), len(want))
	}
	return nil
}

// Sums are the counts and hashes of all tables of a database, in one reading.
func Sums(ctx context.Context, db *store.DB, p Progress) (sums []Table, err error) {
	err = db.View(ctx, func(tx *store.Tx) error {
		sums, err = tableSums(tx, p)
		return err
	})
	return sums, err
}

func tableSums(tx *store.Tx, p Progress) (sums []Table, err error) {
	tables, err := tx.Tables()
	if err != nil {
		return nil, err
	}
	for i, t := range tables {
		p.say("comparing", i, len(tables))
		one := Table{Table: t}
		h := sha256.New()
		err := tx.Dump(t, func(line []byte) error {
			one.Rows++
			_, err := h.Write(line)
			return err
		})
		if err != nil {
			return nil, err
		}
		one.SHA256 = hex.EncodeToString(h.Sum(nil))
		sums = append(sums, one)
	}
	return sums, nil
}

// same reads a database again and compares it with what it was filled with.
func same(ctx context.Context, db *store.DB, want []Table, p Progress) error {
	have, err := Sums(ctx, db, p)
	if err != nil {
		return err
	}
	for i, w := range want {
		if h := have[i]; h.Name != w.Name || h.Rows != w.Rows || h.SHA256 != w.SHA256 {
			return fmt.Errorf("table %s was filled and does not read as it should: %d rows with hash %.12s, wanted were %d with %.12s", w.Name, h.Rows, h.SHA256, w.Rows, w.SHA256)
		}
	}
	return nil
}

// CopyRows fills an empty database with all rows of another of the same schema, and compares both afterwards. The one that is read may be
// written to meanwhile, and that is then not in the copy.
func CopyRows(ctx context.Context, from, to *store.DB, p Progress) (tables []Table, err error) {
	err = from.View(ctx, func(src *store.Tx) error {
		if tables, err = tableSums(src, nil); err != nil {
			return err
		}
		return to.Update(ctx, func(dst *store.Tx) error {
			if err := fits(dst, tables); err != nil {
				return err
			}
			for i, t := range tables {
				p.say("moving", i, len(tables))
				if err := stream(src, dst, t.Table); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return tables, same(ctx, to, tables, p)
}

// stream copies one table.
func stream(src, dst *store.Tx, t store.Table) error {
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		out := bufio.NewWriterSize(w, pieceSize)
		err := src.Dump(t, func(line []byte) error {
			_, err := out.Write(line)
			return err
		})
		if err == nil {
			err = out.Flush()
		}
		w.CloseWithError(err) // nil is the end
		done <- err
	}()
	in := bufio.NewReaderSize(r, pieceSize)
	_, err := dst.Load(t, func() ([]byte, error) { return lineOf(in) })
	r.CloseWithError(io.ErrClosedPipe)
	if read := <-done; err == nil {
		err = read
	}
	return err
}

// lineOf is the next line; io.EOF when there is none. Half a line is an error.
func lineOf(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadBytes('\n')
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return line, err
}

// reader reads a table's pieces, one after the other, each checked before it is used.
type reader struct {
	ctx    context.Context
	blobs  *blob.Store
	pieces []File
	in     *bufio.Reader
}

func (r *reader) line() ([]byte, error) {
	for {
		if r.in != nil {
			line, err := lineOf(r.in)
			if !errors.Is(err, io.EOF) {
				return line, err
			}
			r.in = nil
		}
		if len(r.pieces) == 0 {
			return nil, io.EOF
		}
		data, err := r.read(r.pieces[0])
		if err != nil {
			return nil, err
		}
		r.pieces, r.in = r.pieces[1:], bufio.NewReader(bytes.NewReader(data))
	}
}

func (r *reader) read(f File) ([]byte, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	in, err := r.blobs.Open(f.SHA256)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer in.Close()
	if in.Size != f.Size || in.Size > maxPiece {
		return nil, fmt.Errorf("%w: %s has another length", ErrDamaged, f.SHA256)
	}
	data, err := io.ReadAll(in)
	if err == nil && hash(data) != f.SHA256 {
		err = fmt.Errorf("%w: %s is not what it was", ErrDamaged, f.SHA256)
	}
	return data, err
}

// CopyFiles puts the snapshot's files into a shop's folder of files.
func (s *Snapshot) CopyFiles(ctx context.Context, to *blob.Store, p Progress) error {
	for i, f := range s.Files {
		p.say("bringing files back", i, len(s.Files))
		in, err := s.blobs.Open(f.SHA256)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		got, _, err := to.Put(ctx, in, f.Size)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
		if got != f.SHA256 {
			return fmt.Errorf("%w: %s is not what it was", ErrDamaged, f.SHA256)
		}
	}
	return nil
}
