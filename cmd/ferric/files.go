package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// writeWhole writes a file beside name, puts it on disk and moves it to name: there is the whole of it, or what was there before.
func writeWhole(name string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".ferric-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	err = write(f)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(f.Name(), name)
}

// writeBytes is writeWhole for what is in memory.
func writeBytes(name string, data []byte) error {
	return writeWhole(name, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}
