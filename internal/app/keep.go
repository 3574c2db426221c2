package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"ferric/internal/backup"
	"ferric/internal/blob"
	"ferric/internal/registry"
	"ferric/internal/store"
	"ferric/internal/store/postgres"
	"ferric/internal/store/sqlite"
	"ferric/ledger"
)

// Place is where a shop is kept.
type Place struct {
	Data     string // its folder
	Database string // "postgres://..."; empty: SQLite in the folder
}

// ErrPlace is a place that has no shop where one is needed, or something where nothing may be.
var ErrPlace = errors.New("place")

func (p Place) file() string { return filepath.Join(p.Data, "shop.sqlite") }

// reader opens the database as it is, to read it, also while a shop has it open.
func (p Place) reader(ctx context.Context) (*store.DB, *sqlite.Reader, error) {
	if p.Database != "" {
		e, err := postgres.OpenReader(ctx, postgres.Config{URL: p.Database, Slow: true})
		if err != nil {
			return nil, nil, fmt.Errorf("database: %w", err)
		}
		return store.New(e), nil, nil
	}
	e, err := sqlite.OpenReader(ctx, p.file())
	if errors.Is(err, store.ErrNoShop) {
		err = fmt.Errorf("%w: %s has no shop", ErrPlace, p.Data)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("database: %w", err)
	}
	return store.New(e), e, nil
}

// writer opens the database for one process alone, where that can be known, and brings its schema up to a step; "" is the newest.
func (p Place) writer(ctx context.Context, until string) (*store.DB, error) {
	var e store.Engine
	var err error
	if p.Database != "" {
		e, err = postgres.Open(ctx, postgres.Config{URL: p.Database, Slow: true, Until: until})
	} else {
		e, err = sqlite.Open(ctx, sqlite.Config{Path: p.file(), Until: until})
	}
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return store.New(e), nil
}

// secret reads the shop's secret, and makes none.
func (p Place) secret() (secret, error) {
	if _, err := os.Stat(filepath.Join(p.Data, secretFile)); err != nil {
		return nil, fmt.Errorf("%w: %s is not the folder of a shop: %w", ErrPlace, p.Data, err)
	}
	return openSecret(p.Data)
}

// Backup takes a snapshot of a shop, which may be open, into a folder.
func Backup(ctx context.Context, p Place, dest string, withSecret bool, o backup.Options) (r backup.Result, err error) {
	key, err := p.secret()
	if err != nil {
		return r, err
	}
	if !withSecret {
		key = nil
	}
	if inside(p.Data, dest) {
		return r, fmt.Errorf("%w: %s is in the shop's own folder: a backup belongs on another disk", ErrPlace, dest)
	}
	db, _, err := p.reader(ctx)
	if err != nil {
		return r, err
	}
	blobs, err := blob.Open(filepath.Join(p.Data, "blobs"))
	if err != nil {
		return r, errors.Join(err, db.Close())
	}
	r, err = backup.Take(ctx, dest, backup.Source{DB: db, Blobs: blobs, Secret: key}, o)
	return r, errors.Join(err, blobs.Close(), db.Close())
}

// inside reports whether a path is a folder or something below it.
func inside(dir, path string) bool {
	a, err1 := filepath.Abs(dir)
	b, err2 := filepath.Abs(path)
	rel, err := filepath.Rel(a, b)
	return err1 == nil && err2 == nil && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Restoring says what is restored and what is known of the ownership log since.
type Restoring struct {
	From   string // backup folder
	At     string // snapshot; empty: the newest
	Secret string // file with the shop's secret, for a backup that has none
	Seen   string // the last checkpoint that the log signed: log.seen or log/checkpoint of the old folder, or what somebody's audit kept
	Newest bool   // nothing was signed after the snapshot: its owner knows that

	Progress backup.Progress
}

// Restored is what came back.
type Restored struct {
	*backup.Manifest
	Missing int64 // entries that the log has signed and the snapshot does not have
	Locked  bool  // nothing is known of the log since the snapshot: the shop stays closed until its last checkpoint is there
}

// unknown stands in log.seen as long as nobody has said what the log signed last. It is no checkpoint, so the shop does not open.
const unknown = `This shop was restored from a backup, and what its ownership log signed last is not known here.
It stays closed, since a log must never tell two histories. Put the last checkpoint in the place of this file: log.seen of the old data
folder, or the file of anybody who ran "ferric audit --seen FILE". Or restore once more with --newest, when it is certain that nothing
was sold after the backup.
`

// Restore brings a snapshot into a folder that is empty or not there, and into an empty database. Everything is checked first.
// The folder appears in one step.
func Restore(ctx context.Context, p Place, r Restoring) (out Restored, err error) {
	if err := emptyFolder(p.Data); err != nil {
		return out, err
	}
	snap, err := backup.Open(r.From, r.At)
	if err != nil {
		return out, err
	}
	defer snap.Close()
	out.Manifest = &snap.Manifest
	found, err := snap.Check(ctx, r.Progress)
	if err != nil {
		return out, err
	}
	if len(found) > 0 {
		return out, fmt.Errorf("%w, nothing was restored:\n%s", backup.ErrDamaged, strings.Join(found, "\n"))
	}
	key, err := snap.Secret()
	if err == nil && key == nil {
		key, err = secretFrom(r.Secret)
	}
	if err != nil {
		return out, err
	}
	seen, err := readSeen(r.Seen, snap.Log.Key)
	if err != nil {
		return out, err
	}
	part, err := os.MkdirTemp(filepath.Dir(filepath.Clean(p.Data)), "."+filepath.Base(p.Data)+".restoring-")
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(part)
	if err := out.fill(ctx, Place{part, p.Database}, snap, key, seen, r); err != nil {
		return out, err
	}
	return out, errors.Join(os.Rename(part, p.Data), syncFolder(filepath.Dir(p.Data)))
}

// fill makes the shop's folder.
func (out *Restored) fill(ctx context.Context, p Place, snap *backup.Snapshot, key []byte, seen *ledger.Seen, r Restoring) error {
	if err := writeOwn(filepath.Join(p.Data, secretFile), key); err != nil {
		return err
	}
	blobs, err := blob.Open(filepath.Join(p.Data, "blobs"))
	if err != nil {
		return err
	}
	if err := errors.Join(snap.CopyFiles(ctx, blobs, r.Progress), blobs.Close()); err != nil {
		return err
	}
	db, err := p.writer(ctx, snap.Steps[len(snap.Steps)-1])
	if err != nil {
		return err
	}
	err = snap.LoadRows(ctx, db, r.Progress)
	if err == nil {
		err = out.remember(ctx, db, filepath.Join(p.Data, "log.seen"), seen, r.Newest)
	}
	if err == nil && out.Log.Origin != "" {
		err = out.publish(ctx, p, db, key)
	}
	return errors.Join(err, db.Close())
}

// publish makes sure that the secret is the log's, and writes the log's public files when it may go on.
func (out *Restored) publish(ctx context.Context, p Place, db *store.DB, key secret) error {
	log, err := p.registry(ctx, db, key, out.Log.Origin)
	if err != nil || out.Locked || out.Missing > 0 {
		return err
	}
	return log.Rewrite(ctx)
}

// registry is the shop's log, to write its files.
func (p Place) registry(ctx context.Context, db *store.DB, key secret, origin string) (*registry.Registry, error) {
	return registry.New(ctx, db.Registry(), registry.Config{Origin: origin, Master: key.derive("registry"),
		Folder: filepath.Join(p.Data, "log"), Seen: filepath.Join(p.Data, "log.seen")})
}

// remember writes the shop's memory of its log: what was signed last, when that is known.
func (out *Restored) remember(ctx context.Context, db *store.DB, file string, seen *ledger.Seen, newest bool) error {
	switch {
	case seen != nil && seen.Size > out.Log.Size:
		out.Missing = seen.Size - out.Log.Size
	case seen != nil:
		root, err := rootAt(ctx, db, seen.Size)
		if err != nil {
			return err
		}
		if root != seen.Root {
			return fmt.Errorf("%w: of its first %d entries this backup has others than the checkpoint signs", ledger.ErrFork, seen.Size)
		}
	case newest && out.Log.Checkpoint == "":
		return nil
	case newest:
		s, err := ledger.OpenCheckpoint([]byte(out.Log.Checkpoint), out.Log.Key)
		if err != nil {
			return err
		}
		seen = &ledger.Seen{Signed: s}
	default:
		out.Locked = true
		return writeOwn(file, []byte(unknown))
	}
	return writeOwn(file, seen.Encode())
}

// rootAt is the root of the tree of the log's first entries, from the database.
func rootAt(ctx context.Context, db *store.DB, size int64) (root ledger.Hash, err error) {
	err = db.View(ctx, func(tx *store.Tx) error {
		root, err = tlog.TreeHash(size, tlog.HashReaderFunc(tx.Hashes))
		return err
	})
	return root, err
}

// readSeen reads a checkpoint of the log with this key: in a file of the shop's or of an audit's, or as the log shows it.
func readSeen(file, key string) (*ledger.Seen, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s, err := ledger.ParseSeen(data)
	if err != nil {
		signed, public := ledger.OpenCheckpoint(data, key)
		if public != nil {
			return nil, fmt.Errorf("%s is no checkpoint of this shop's log: %w", file, errors.Join(err, public))
		}
		s = &ledger.Seen{Signed: signed}
	}
	if s.Key != key {
		return nil, fmt.Errorf("%s is the checkpoint of another log: %w", file, ledger.ErrSignature)
	}
	return s, nil
}

func secretFrom(file string) ([]byte, error) {
	if file == "" {
		return nil, fmt.Errorf("%w: this backup was taken without the shop's secret; name the file that has it with --secret", ErrPlace)
	}
	key, err := os.ReadFile(file)
	if err == nil && len(key) != 32 {
		err = fmt.Errorf("%w: %s has %d bytes; a secret has 32", ErrPlace, file, len(key))
	}
	return key, err
}

// emptyFolder refuses a folder that has something in it.
func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o700)
	}
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%w: %s is not empty: a shop is restored into a folder of its own, and nothing is written over", ErrPlace, dir)
	}
	return err
}

// writeOwn writes a file of the owner's alone.
func writeOwn(name string, data []byte) error {
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

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Move copies all rows of a shop's database into another, which is empty, and compares both. The shop must be closed: files, secret and log stay in
// its folder, where the database is one of the two places.
func Move(ctx context.Context, from, to Place, progress backup.Progress) (tables []backup.Table, err error) {
	if from.Database == "" {
		if _, err := os.Stat(from.file()); err != nil {
			return nil, fmt.Errorf("%w: %s has no shop: %w", ErrPlace, from.Data, err)
		}
	}
	made := false
	if to.Database == "" {
		if _, err := os.Stat(to.file()); err == nil {
			return nil, fmt.Errorf("%w: %s has a database already", ErrPlace, to.Data)
		}
		if err := os.MkdirAll(to.Data, 0o700); err != nil {
			return nil, err
		}
		made = true
	}
	src, err := from.writer(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := to.writer(ctx, "")
	if err != nil {
		return nil, err
	}
	tables, err = backup.CopyRows(ctx, src, dst, progress)
	if err == nil {
		// SQLite's file is locked, but another process may have PostgreSQL open.
		err = unchanged(ctx, src, tables)
	}
	err = errors.Join(err, dst.Close())
	if err != nil && made {
		for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
			os.Remove(to.file() + suffix)
		}
	}
	return tables, err
}

func unchanged(ctx context.Context, db *store.DB, before []backup.Table) error {
	now, err := backup.Sums(ctx, db, nil)
	if err != nil {
		return err
	}
	a, err1 := json.Marshal(before)
	b, err2 := json.Marshal(now)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if string(a) != string(b) {
		return fmt.Errorf("%w: the shop was open while it was moved, and what came meanwhile is not in the copy. Close it, empty the new database and move again", ErrPlace)
	}
	return nil
}
