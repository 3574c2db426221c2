package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Parts are how much of each of a session's files is there, by hash.
func (s *Store) Parts(session string) (map[string]int64, error) {
	if !isSession(session) {
		return nil, fmt.Errorf("parts: %w", ErrName)
	}
	sizes := map[string]int64{}
	entries, err := fs.ReadDir(s.root.FS(), partDir+"/"+session)
	if errors.Is(err, fs.ErrNotExist) {
		return sizes, nil
	}
	if err != nil {
		return nil, fmt.Errorf("parts: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			sizes[e.Name()] = info.Size()
		}
	}
	return sizes, nil
}

// Append writes what r gives behind the offset bytes that are there of a part, until size bytes are. It returns how many
// are there now and on disk, also when r or the disk fails on the way. ErrOffset says that the part ends elsewhere, and where;
// ErrTooBig that r has more than fits, of which nothing is kept beyond size.
func (s *Store) Append(ctx context.Context, session, hash string, offset, size int64, r io.Reader) (have int64, err error) {
	if !isSession(session) || !IsHash(hash) {
		return 0, fmt.Errorf("append: %w", ErrName)
	}
	name := partDir + "/" + session + "/" + hash
	if !s.take(name) {
		return 0, fmt.Errorf("append: %w", ErrBusy)
	}
	defer s.give(name)
	if err := s.root.Mkdir(partDir+"/"+session, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return 0, fmt.Errorf("append: %w", err)
	}
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("append: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("append: %w", err)
	}
	if have = info.Size(); have != offset || offset > size {
		return have, fmt.Errorf("append: %w", ErrOffset)
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return have, fmt.Errorf("append: %w", err)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{f}, within(ctx, io.LimitReader(r, size-offset)), make([]byte, 256<<10))
	have += n
	if synced := f.Sync(); synced != nil {
		// What an fsync that failed has kept is unknown, and a second one may not tell: the part begins anew.
		f.Close()
		return 0, fmt.Errorf("append: %w", errors.Join(err, synced, s.root.Remove(name)))
	}
	if err != nil {
		return have, fmt.Errorf("append: %w", err)
	}
	if more, _ := io.ReadFull(r, make([]byte, 1)); have == size && more > 0 {
		return have, fmt.Errorf("append: %w", ErrTooBig)
	}
	return have, nil
}

// OpenPart opens a part to read what is there of it.
func (s *Store) OpenPart(session, hash string) (*File, error) {
	if !isSession(session) || !IsHash(hash) {
		return nil, fmt.Errorf("open part: %w", ErrName)
	}
	return s.open(partDir + "/" + session + "/" + hash)
}

// CheckPart reads a part and compares it with its hash.
func (s *Store) CheckPart(ctx context.Context, session, hash string) error {
	f, err := s.OpenPart(session, hash)
	if err != nil {
		return err
	}
	defer f.Close()
	return check(ctx, f, hash)
}

// Keep moves a part, which the caller has checked, to its place.
func (s *Store) Keep(session, hash string) error {
	if !isSession(session) || !IsHash(hash) {
		return fmt.Errorf("keep: %w", ErrName)
	}
	name := partDir + "/" + session + "/" + hash
	if !s.take(name) {
		return fmt.Errorf("keep: %w", ErrBusy)
	}
	defer s.give(name)
	if err := s.settle(name, hash); err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	return nil
}

// Spoil removes a part that is not what it should be.
func (s *Store) Spoil(session, hash string) error {
	if !isSession(session) || !IsHash(hash) {
		return fmt.Errorf("spoil: %w", ErrName)
	}
	return s.root.Remove(partDir + "/" + session + "/" + hash)
}

// Drop removes all parts of a session.
func (s *Store) Drop(session string) error {
	if !isSession(session) {
		return fmt.Errorf("drop: %w", ErrName)
	}
	return s.root.RemoveAll(partDir + "/" + session)
}

// Sessions are all that have parts.
func (s *Store) Sessions() ([]string, error) {
	entries, err := fs.ReadDir(s.root.FS(), partDir)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && isSession(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (s *Store) take(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing[name] {
		return false
	}
	s.writing[name] = true
	return true
}

func (s *Store) give(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.writing, name)
}

// isSession reports what rand.Text gives: 26 capital letters and digits.
func isSession(s string) bool {
	if len(s) != 26 {
		return false
	}
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '2' || r > '7') {
			return false
		}
	}
	return true
}

func random() string { return rand.Text() }

// within reads from r until ctx ends.
func within(ctx context.Context, r io.Reader) io.Reader { return &bound{ctx, r} }

type bound struct {
	ctx context.Context
	r   io.Reader
}

func (b *bound) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}
