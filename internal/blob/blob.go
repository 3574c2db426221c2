// Package blob keeps files by what is in them: a file's name is the SHA-256 of
// its bytes, so the same file is kept once, a changed one is another, and
// anybody can tell whether a file is still what it was.
//
// A file comes in as a part, which grows from its start by [Store.Append] and may take days and many connections. When
// it is all there, [Store.Keep] reads it back, compares its hash, and moves it to its place in one step: a file
// in its place is whole and on disk. [Store.Put] does both at once for what is at hand. Pictures made from a kept file
// stand beside them, see [Store.Make]; they can be lost, since they can be made again.
//
// Nothing a stranger says becomes a name on disk: names are hashes and sessions, both checked, below an [os.Root]
// that no path leads out of. A file that nothing refers to any more is removed by [Store.Sweep].
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// What Append and Keep refuse.
var (
	ErrOffset = errors.New("the part does not end there")
	ErrBusy   = errors.New("another connection is writing this part")
	ErrHash   = errors.New("the bytes are not those of the hash")
	ErrTooBig = errors.New("more bytes than were announced")
	ErrName   = errors.New("not a name of a blob or a session")
)

// Store is a folder of blobs. It is safe for use by many goroutines of one process.
type Store struct {
	root *os.Root

	mu      sync.Mutex
	writing map[string]bool // parts that a connection is at

	refer sync.RWMutex // held for writing while a blob that nobody refers to is removed
}

// The folders of a store.
const (
	keptDir = "kept"  // kept/ab/abcd...: the files
	partDir = "parts" // parts/SESSION/HASH: on their way in
	madeDir = "made"  // made/ab/abcd....NAME: pictures made from them
)

// Open opens the store in a folder, which is made when it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	s := &Store{root: root, writing: map[string]bool{}}
	for _, d := range []string{keptDir, partDir, madeDir} {
		if err := root.Mkdir(d, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			root.Close()
			return nil, fmt.Errorf("open blobs: %w", err)
		}
	}
	if err := s.sync("."); err != nil {
		root.Close()
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return s, nil
}

// Close gives the folder up.
func (s *Store) Close() error { return s.root.Close() }

// File is an open blob.
type File struct {
	*os.File
	Size int64
}

// Open opens a blob. One that is not there is fs.ErrNotExist.
func (s *Store) Open(hash string) (*File, error) {
	if !IsHash(hash) {
		return nil, fmt.Errorf("open blob: %w", ErrName)
	}
	return s.open(kept(hash))
}

func (s *Store) open(name string) (*File, error) {
	f, err := s.root.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{f, info.Size()}, nil
}

// Stat is a blob's size. One that is not there is fs.ErrNotExist.
func (s *Store) Stat(hash string) (size int64, err error) {
	if !IsHash(hash) {
		return 0, fmt.Errorf("stat blob: %w", ErrName)
	}
	info, err := s.root.Lstat(kept(hash))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Put keeps what r gives, at most limit bytes of it, and says what it is called and how long it is.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (hash string, size int64, err error) {
	name := partDir + "/put-" + random()
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, fmt.Errorf("put blob: %w", err)
	}
	defer s.root.Remove(name) // gone already when all went well
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), within(ctx, io.LimitReader(r, limit+1)))
	if err == nil && size > limit {
		err = ErrTooBig
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", 0, fmt.Errorf("put blob: %w", err)
	}
	hash = hex.EncodeToString(h.Sum(nil))
	if err := s.settle(name, hash); err != nil {
		return "", 0, fmt.Errorf("put blob: %w", err)
	}
	return hash, size, nil
}

// settle moves a whole file that is on disk to its place.
func (s *Store) settle(name, hash string) error {
	dir := keptDir + "/" + hash[:2]
	if err := s.root.Mkdir(dir, 0o700); err == nil {
		if err := s.sync(keptDir); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.root.Rename(name, kept(hash)); err != nil {
		return err
	}
	return s.sync(dir)
}

// Verify reads a blob and compares it with its name.
func (s *Store) Verify(ctx context.Context, hash string) error {
	f, err := s.Open(hash)
	if err != nil {
		return err
	}
	defer f.Close()
	return check(ctx, f, hash)
}

func check(ctx context.Context, r io.Reader, hash string) error {
	h := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, within(ctx, r), make([]byte, 256<<10)); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != hash {
		return ErrHash
	}
	return nil
}

// Refer runs f, which writes down who refers to the blobs, while none of them can be swept. A blob that is not there is fs.ErrNotExist.
func (s *Store) Refer(hashes []string, f func() error) error {
	s.refer.RLock()
	defer s.refer.RUnlock()
	now := time.Now()
	for _, h := range hashes {
		if !IsHash(h) {
			return fmt.Errorf("refer to blob: %w", ErrName)
		}
		// As if new: another process's sweep leaves it alone too.
		if err := s.root.Chtimes(kept(h), now, now); err != nil {
			return fmt.Errorf("refer to blob: %w", err)
		}
	}
	return f()
}

// Sweep removes blobs, and pictures made from them, to which nobody refers and that were last written before a time.
// One transaction of the caller decides for each, so it is slow and safe.
func (s *Store) Sweep(ctx context.Context, before time.Time, referred func(hash string) (bool, error)) (removed int, err error) {
	err = s.each(ctx, keptDir, func(name string) error {
		hash := name[len(keptDir)+4:]
		if !IsHash(hash) {
			return nil
		}
		gone, err := s.sweep(name, hash, before, referred)
		if gone {
			removed++
		}
		return err
	})
	if err != nil {
		return removed, fmt.Errorf("sweep blobs: %w", err)
	}
	err = s.each(ctx, madeDir, func(name string) error {
		hash, _, _ := strings.Cut(name[len(madeDir)+4:], ".")
		if _, err := s.Stat(hash); err == nil || !IsHash(hash) {
			return nil
		}
		return s.root.Remove(name)
	})
	if err != nil {
		return removed, fmt.Errorf("sweep blobs: %w", err)
	}
	return removed, s.sweepRemains(before)
}

// sweepRemains removes what a process that was killed left half written.
func (s *Store) sweepRemains(before time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), partDir)
	if err != nil {
		return fmt.Errorf("sweep blobs: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(before) {
			continue
		}
		if err := s.root.Remove(partDir + "/" + e.Name()); err != nil {
			return fmt.Errorf("sweep blobs: %w", err)
		}
	}
	return nil
}

func (s *Store) sweep(name, hash string, before time.Time, referred func(string) (bool, error)) (gone bool, err error) {
	s.refer.Lock()
	defer s.refer.Unlock()
	info, err := s.root.Lstat(name)
	if err != nil || !info.ModTime().Before(before) {
		return false, nil
	}
	if yes, err := referred(hash); err != nil || yes {
		return false, err
	}
	return true, s.root.Remove(name)
}

// each calls f for every file of the folders below dir.
func (s *Store) each(ctx context.Context, dir string, f func(name string) error) error {
	return fs.WalkDir(s.root.FS(), dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.IsDir() || strings.Count(name, "/") != 2 {
			return err
		}
		return f(name)
	})
}

// IsHash reports a SHA-256 in lower-case hexadecimal.
func IsHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}

func kept(hash string) string { return keptDir + "/" + hash[:2] + "/" + hash }

// sync puts a folder's entries on disk.
func (s *Store) sync(dir string) error {
	f, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
