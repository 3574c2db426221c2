package blob

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Made opens what was made from a blob under a name, such as "cover-300.jpg". What is not there is fs.ErrNotExist.
func (s *Store) Made(hash, name string) (*File, error) {
	if !IsHash(hash) || !isMade(name) {
		return nil, fmt.Errorf("open what was made: %w", ErrName)
	}
	return s.open(made(hash, name))
}

// Make writes what is made from a blob, whole or not at all.
func (s *Store) Make(hash, name string, write func(io.Writer) error) error {
	if !IsHash(hash) || !isMade(name) {
		return fmt.Errorf("make: %w", ErrName)
	}
	if err := s.root.Mkdir(madeDir+"/"+hash[:2], 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make: %w", err)
	}
	temp := partDir + "/make-" + random()
	f, err := s.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make: %w", err)
	}
	defer s.root.Remove(temp)
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = s.root.Rename(temp, made(hash, name))
	}
	if err != nil {
		return fmt.Errorf("make: %w", err)
	}
	return nil
}

func made(hash, name string) string { return madeDir + "/" + hash[:2] + "/" + hash + "." + name }

// isMade reports short names of lower-case letters, digits, hyphens and one dot.
func isMade(name string) bool {
	dots := 0
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
		case r == '.':
			dots++
		default:
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 40 && dots == 1
}
