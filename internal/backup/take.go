package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ferric/internal/blob"
	"ferric/internal/store"
)

// Source is a shop that is to be backed up. It may be open.
type Source struct {
	DB     *store.DB
	Blobs  *blob.Store
	Secret []byte // nil: it is left out
}

// Options say how. Zero fields mean the default in brackets.
type Options struct {
	Keep     int              // how many snapshots stay; older ones are removed [all]
	Full     bool             // also read what the folder has already, and write anew what is no longer whole
	Now      func() time.Time // [time.Now]
	Progress Progress
}

// Result is what a backup did.
type Result struct {
	*Manifest
	Written int64 // bytes that the folder did not have yet
	Removed int   // older snapshots
}

// Take takes a snapshot of a shop into a backup folder, which is made when it is not there.
func Take(ctx context.Context, dir string, src Source, o Options) (Result, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	for _, d := range []string{dir, filepath.Join(dir, snapshotsDir)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return Result{}, err
		}
	}
	lock, err := takeLock(filepath.Join(dir, lockFile))
	if err != nil {
		return Result{}, err
	}
	defer lock.Close()
	blobs, err := blob.Open(filepath.Join(dir, blobsDir))
	if err != nil {
		return Result{}, err
	}
	defer blobs.Close()
	t := &taker{Options: o, ctx: ctx, dir: dir, src: src, blobs: blobs}
	if err := t.cleanUp(); err != nil {
		return Result{}, err
	}
	for try := 1; ; try++ {
		if err := t.rows(); err != nil {
			return Result{}, err
		}
		if err := t.sameShop(); err != nil {
			return Result{}, err
		}
		if err := t.files(); err != nil {
			return Result{}, err
		}
		// A file that was withdrawn after the rows were read is not missing: the rows are read again.
		if len(t.m.Lost) == 0 || try == 2 {
			break
		}
	}
	if err := t.seal(); err != nil {
		return Result{}, err
	}
	r := Result{Manifest: &t.m, Written: t.written}
	if o.Keep > 0 {
		r.Removed, err = t.forget()
	}
	return r, err
}

// taker takes one snapshot.
type taker struct {
	Options
	ctx     context.Context
	dir     string
	src     Source
	blobs   *blob.Store
	m       Manifest
	want    []File // of the shop
	written int64
}

// cleanUp removes what a backup that was killed left half made.
func (t *taker) cleanUp() error {
	entries, err := os.ReadDir(filepath.Join(t.dir, snapshotsDir))
	for _, e := range entries {
		if err == nil && strings.HasPrefix(e.Name(), ".") {
			err = os.RemoveAll(filepath.Join(t.dir, snapshotsDir, e.Name()))
		}
	}
	return err
}

// rows takes the whole database in one reading.
func (t *taker) rows() error {
	t.m = Manifest{Format: Format, Taken: t.Now().UTC().Truncate(time.Second), Files: []File{}, Lost: []File{}}
	t.want = nil
	return t.src.DB.View(t.ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables()
		if err != nil {
			return err
		}
		if t.m.Steps, err = tx.Ran(); err != nil {
			return err
		}
		for i, one := range tables {
			t.Progress.say("reading the database", i, len(tables))
			if err := t.table(tx, one); err != nil {
				return err
			}
			if one.Name == "ledger_log" {
				if t.m.Log.Origin, t.m.Log.Key, t.m.Log.Size, t.m.Log.Checkpoint, err = tx.Checkpoint(); err != nil {
					return err
				}
			}
		}
		return tx.Files(func(hash string, size int64) error {
			t.want = append(t.want, File{hash, size})
			return nil
		})
	})
}

// table writes a table's rows in pieces.
func (t *taker) table(tx *store.Tx, one store.Table) error {
	out := Table{Table: one, Pieces: []File{}}
	all := sha256.New()
	piece := make([]byte, 0, pieceSize)
	flush := func() error {
		if len(piece) == 0 {
			return nil
		}
		f := File{hash(piece), int64(len(piece))}
		out.Pieces = append(out.Pieces, f)
		err := t.keep(f, func() (string, error) {
			got, _, err := t.blobs.Put(t.ctx, bytes.NewReader(piece), f.Size)
			return got, err
		})
		piece = piece[:0]
		return err
	}
	err := tx.Dump(one, func(line []byte) error {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		if len(line) > maxPiece {
			return fmt.Errorf("a row has %d bytes, more than a backup takes", len(line))
		}
		if len(piece)+len(line) > pieceSize {
			if err := flush(); err != nil {
				return err
			}
		}
		piece = append(piece, line...)
		all.Write(line)
		out.Rows++
		return nil
	})
	if err == nil {
		err = flush()
	}
	out.SHA256 = hex.EncodeToString(all.Sum(nil))
	t.m.Tables = append(t.m.Tables, out)
	return err
}

// keep puts a file into the folder unless it is there; what was written is read back.
func (t *taker) keep(f File, put func() (string, error)) error {
	size, err := t.blobs.Stat(f.SHA256)
	if err == nil && size == f.Size && (!t.Full || t.blobs.Verify(t.ctx, f.SHA256) == nil) {
		return nil
	}
	got, err := put()
	if err == nil && got != f.SHA256 {
		err = blob.ErrHash
	}
	if err == nil {
		err = t.blobs.Verify(t.ctx, f.SHA256)
	}
	t.written += f.Size
	return err
}

// files takes the shop's own files. One that the shop has lost is written down as such: the rest must be taken all the same.
func (t *taker) files() error {
	for i, f := range t.want {
		t.Progress.say("copying files", i, len(t.want))
		size, err := t.src.Blobs.Stat(f.SHA256)
		if f.Size < 0 && err == nil {
			f.Size = size
		}
		if have, there := t.blobs.Stat(f.SHA256); f.Size < 0 && there == nil {
			f.Size = have
		}
		err = t.keep(f, func() (string, error) {
			in, err := t.src.Blobs.Open(f.SHA256)
			if err != nil {
				return "", err
			}
			defer in.Close()
			if in.Size != f.Size {
				return "", blob.ErrHash
			}
			got, _, err := t.blobs.Put(t.ctx, in, f.Size)
			return got, err
		})
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, blob.ErrHash), errors.Is(err, blob.ErrName):
			t.m.Lost = append(t.m.Lost, f)
		case err != nil:
			return err
		default:
			t.m.Files = append(t.m.Files, f)
		}
	}
	return nil
}

// sameShop refuses a folder that has the snapshots of another log.
func (t *taker) sameShop() error {
	ids, err := IDs(t.dir)
	if err != nil || len(ids) == 0 {
		return err
	}
	m, err := readManifest(filepath.Join(t.dir, snapshotsDir, ids[len(ids)-1]))
	if err != nil {
		return nil // a damaged one must not keep a new one from being taken
	}
	if m.Log.Key != "" && m.Log.Key != t.m.Log.Key {
		return fmt.Errorf("%w (%s; yours is %s): choose another folder", ErrOther, m.Log.Origin, t.m.Log.Origin)
	}
	return nil
}

// seal writes the snapshot's own folder, so that it is there whole or not at all.
func (t *taker) seal() error {
	snapshots := filepath.Join(t.dir, snapshotsDir)
	t.m.ID = t.m.Taken.Format(idLayout)
	for n := 2; ; n++ {
		if _, err := os.Lstat(filepath.Join(snapshots, t.m.ID)); errors.Is(err, fs.ErrNotExist) {
			break
		}
		t.m.ID = t.m.Taken.Format(idLayout) + "-" + strconv.Itoa(n)
	}
	if t.src.Secret != nil {
		t.m.Secret = hash(t.src.Secret)
	}
	manifest, err := json.MarshalIndent(t.m, "", "\t")
	if err != nil {
		return err
	}
	part := filepath.Join(snapshots, "."+t.m.ID)
	if err := os.Mkdir(part, 0o700); err != nil {
		return err
	}
	for name, data := range map[string][]byte{manifestFile: manifest, sumFile: []byte(sumLine(manifest)), secretFile: t.src.Secret} {
		if data == nil {
			continue
		}
		if err := writeFile(filepath.Join(part, name), data); err != nil {
			return err
		}
	}
	if err := syncDir(part); err != nil {
		return err
	}
	if err := os.Rename(part, filepath.Join(snapshots, t.m.ID)); err != nil {
		return err
	}
	return syncDir(snapshots)
}

// forget removes the oldest snapshots and then what no snapshot refers to.
func (t *taker) forget() (removed int, err error) {
	ids, err := IDs(t.dir)
	if err != nil {
		return 0, err
	}
	referred := map[string]bool{}
	for i, id := range ids {
		dir := filepath.Join(t.dir, snapshotsDir, id)
		if i < len(ids)-t.Keep {
			gone := filepath.Join(t.dir, snapshotsDir, "."+id+".gone")
			if err := errors.Join(os.Rename(dir, gone), os.RemoveAll(gone)); err != nil {
				return removed, err
			}
			removed++
			continue
		}
		m, err := readManifest(dir)
		if err != nil {
			return removed, nil // what it refers to is not known, so everything stays
		}
		for f := range m.refers() {
			referred[f.SHA256] = true
		}
	}
	// The lock keeps others out: what is not referred to now never will be.
	_, err = t.blobs.Sweep(t.ctx, time.Now().Add(time.Minute), func(hash string) (bool, error) { return referred[hash], nil })
	return removed, err
}

// writeFile writes a file of the owner's alone, on disk when it returns.
func writeFile(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
