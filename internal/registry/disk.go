package registry

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Disk keeps the log's files. What Write was given is on disk, whole, when it returns nil; otherwise
// there is what was there before, or nothing.
type Disk interface {
	Read(name string) ([]byte, error) // fs.ErrNotExist when there is none
	Write(name string, data []byte) error
	Remove(name string) error // with all below it; nothing there is fine
}

// disk is the file system.
type disk struct{}

func (disk) Read(name string) ([]byte, error) { return os.ReadFile(name) }

func (disk) Remove(name string) error { return os.RemoveAll(name) }

func (disk) Write(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := makeDir(dir); err != nil {
		return err
	}
	// One name, since one writes at a time: what a crash leaves is overwritten the next time.
	part := filepath.Join(dir, "."+filepath.Base(name)+".part")
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, name); err != nil {
		return err
	}
	return syncDir(dir)
}

// makeDir makes a folder and those above it, and puts their names on disk too.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDir(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(above)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
