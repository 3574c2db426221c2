// Package backup takes a whole shop to another folder while it is open, and brings it back.
//
// A backup folder holds any number of snapshots, which share what they have in common:
//
//	snapshots/20261123T030408Z/manifest.json     what the snapshot is made of
//	snapshots/20261123T030408Z/manifest.sha256   the manifest's own hash
//	snapshots/20261123T030408Z/secret.key        the shop's secret, unless it was left out
//	blobs/kept/ab/abcd...                        pieces of tables and the shop's files, by SHA-256 (package blob)
//
// The database is taken as rows, in one consistent reading, in the portable form of package store: a snapshot of SQLite can be
// restored into PostgreSQL and the other way round, and nothing of what was deleted is left in it. Each table is cut into pieces of
// about a megabyte, named by their hash, so that what did not change since the last snapshot is not written again.
//
// A snapshot appears in one step, when all that it names is on disk: it is whole or absent, whenever a backup
// is killed. Every byte is under a hash, and the hashes under the manifest's: a bit that turned over is found.
//
// What is not in it: the public files of the ownership log, which follow to the byte from the database; uploads that are not finished;
// pictures made from covers; and the last signed checkpoint as the shop's own memory (log.seen). A log goes on only from the last
// checkpoint it has signed, and no backup can know whether one was signed after it. The manifest says which one was the last then.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ferric/internal/blob"
	"ferric/internal/store"
)

// Format is the first thing in a manifest.
const Format = "ferric-backup/1"

// Names within a backup.
const (
	snapshotsDir = "snapshots"
	blobsDir     = "blobs"
	manifestFile = "manifest.json"
	sumFile      = "manifest.sha256"
	secretFile   = "secret.key"
	lockFile     = "lock"
	idLayout     = "20060102T150405Z"
)

// Limits on what is read.
const (
	maxManifest = 1 << 30
	pieceSize   = 1 << 20
	maxPiece    = 64 << 20 // a row longer than a piece is a piece of its own
)

var (
	// ErrDamaged is a backup of which something is missing or is not what it was.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrNone is a folder without the snapshot that was asked for.
	ErrNone = errors.New("there is no such snapshot")
	// ErrBusy is a backup folder that another process is writing to.
	ErrBusy = errors.New("another backup into this folder is under way")
	// ErrOther is a backup folder of another shop.
	ErrOther = errors.New("this folder has the backups of another shop")
)

// Manifest is what a snapshot is made of.
type Manifest struct {
	Format string    `json:"format"`
	ID     string    `json:"id"`
	Taken  time.Time `json:"taken"` // all that was acknowledged before is in it
	Steps  []string  `json:"steps"` // of the schema, that the database had
	Log    Log       `json:"log"`
	Tables []Table   `json:"tables"`
	Files  []File    `json:"files"`
	Lost   []File    `json:"lost"`   // files that the shop itself no longer had whole
	Secret string    `json:"secret"` // SHA-256 of secret.key; empty: it was left out
}

// Log is how far the ownership log had come.
type Log struct {
	Origin     string `json:"origin"`
	Key        string `json:"key"`
	Size       int64  `json:"size"`       // entries that had a place
	Checkpoint string `json:"checkpoint"` // the last one published, signed; empty: none yet
}

// Table is a table's rows.
type Table struct {
	store.Table
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of all pieces together
	Pieces []File `json:"pieces"`
}

// File is something in the folder of blobs.
type File struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Rows counts all rows.
func (m *Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Bytes are all that the snapshot refers to.
func (m *Manifest) Bytes() (n int64) {
	for f := range m.refers() {
		n += f.Size
	}
	return n
}

// refers are all blobs of a snapshot.
func (m *Manifest) refers() func(func(File) bool) {
	return func(yield func(File) bool) {
		for _, t := range m.Tables {
			for _, p := range t.Pieces {
				if !yield(p) {
					return
				}
			}
		}
		for _, f := range m.Files {
			if !yield(f) {
				return
			}
		}
	}
}

// Progress hears how far a step of the work is, 0 to 1. It may be nil.
type Progress func(step string, done float64)

func (p Progress) say(step string, done, of int) {
	if p != nil && of > 0 {
		p(step, float64(done)/float64(of))
	}
}

// IDs are the snapshots in a backup folder, the oldest first.
func IDs(dir string) (ids []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, snapshotsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			ids = append(ids, e.Name())
		}
	}
	slices.Sort(ids)
	return ids, err
}

// Snapshot is an open snapshot. Its manifest is what was written; the rest Check looks at.
type Snapshot struct {
	Manifest
	dir   string
	blobs *blob.Store
}

// Open opens a snapshot, the newest when id is empty. The caller must Close it.
func Open(dir, id string) (*Snapshot, error) {
	ids, err := IDs(dir)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s: %w: the folder has none", dir, ErrNone)
	}
	if id == "" {
		id = ids[len(ids)-1]
	}
	if !slices.Contains(ids, id) {
		return nil, fmt.Errorf("%s: %w as %q; there are %s", dir, ErrNone, id, strings.Join(ids, ", "))
	}
	m, err := readManifest(filepath.Join(dir, snapshotsDir, id))
	if err != nil {
		return nil, fmt.Errorf("snapshot %s: %w", id, err)
	}
	blobs, err := blob.Open(filepath.Join(dir, blobsDir))
	if err != nil {
		return nil, err
	}
	return &Snapshot{*m, filepath.Join(dir, snapshotsDir, id), blobs}, nil
}

// Close closes the snapshot.
func (s *Snapshot) Close() error { return s.blobs.Close() }

func readManifest(dir string) (*Manifest, error) {
	data, err := readUpTo(filepath.Join(dir, manifestFile), maxManifest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	sum, err := readUpTo(filepath.Join(dir, sumFile), 256)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if string(sum) != sumLine(data) {
		return nil, fmt.Errorf("%w: the manifest is not the one that was written", ErrDamaged)
	}
	m := &Manifest{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("the snapshot has the form %q, and this program reads %q", m.Format, Format)
	}
	if m.ID != filepath.Base(dir) {
		return nil, fmt.Errorf("%w: the manifest is that of snapshot %q", ErrDamaged, m.ID)
	}
	return m, nil
}

// sumLine is the content of manifest.sha256, as sha256sum writes and checks it.
func sumLine(manifest []byte) string { return hash(manifest) + "  " + manifestFile + "\n" }

func hash(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func readUpTo(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %d bytes, more than it can have", name, info.Size())
	}
	return os.ReadFile(name)
}

// Check reads every byte of the snapshot and compares it with its hash. What is wrong it gives as texts; the error is for what kept it from looking.
func (s *Snapshot) Check(ctx context.Context, p Progress) (found []string, err error) {
	var all []File
	for f := range s.refers() {
		all = append(all, f)
	}
	for i, f := range all {
		switch err := whole(ctx, s.blobs, f); {
		case ctx.Err() != nil:
			return found, ctx.Err()
		case errors.Is(err, blob.ErrHash), errors.Is(err, errSize):
			found = append(found, fmt.Sprintf("blobs/kept/%s/%s is not what it was: %v", f.SHA256[:2], f.SHA256, err))
		case errors.Is(err, fs.ErrNotExist):
			found = append(found, fmt.Sprintf("blobs/kept/%s/%s is missing", f.SHA256[:2], f.SHA256))
		case err != nil:
			found = append(found, err.Error())
		}
		p.say("checking", i+1, len(all))
	}
	if s.Manifest.Secret != "" {
		if _, err := s.Secret(); err != nil {
			found = append(found, err.Error())
		}
	}
	return found, nil
}

// Secret is the shop's secret; nil when it was left out.
func (s *Snapshot) Secret() ([]byte, error) {
	if s.Manifest.Secret == "" {
		return nil, nil
	}
	key, err := readUpTo(filepath.Join(s.dir, secretFile), 1024)
	if err == nil && hash(key) != s.Manifest.Secret {
		err = errors.New("it is not what it was")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: secret.key: %w", ErrDamaged, err)
	}
	return key, nil
}

var errSize = errors.New("it has another length")

// whole reads a blob and compares it with its name and length.
func whole(ctx context.Context, blobs *blob.Store, f File) error {
	size, err := blobs.Stat(f.SHA256)
	if err == nil && size != f.Size {
		err = errSize
	}
	if err == nil {
		err = blobs.Verify(ctx, f.SHA256)
	}
	return err
}
