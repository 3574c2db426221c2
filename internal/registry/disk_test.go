package registry

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestDisk: folders are made, a file is exchanged whole, and what a crash left beside it is in nobody's way.
func TestDisk(t *testing.T) {
	d := disk{}
	dir := t.TempDir()
	name := filepath.Join(dir, "log", "tile", "0", "000.p", "7")
	if _, err := d.Read(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for _, text := range []string{"first", "second, longer", "3"} {
		part := filepath.Join(filepath.Dir(name), ".7.part")
		if text == "3" {
			if err := os.WriteFile(part, []byte("left by a crash, and long"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Write(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := d.Read(name); err != nil || string(data) != text {
			t.Errorf("read %q, %v", data, err)
		}
		if _, err := os.Stat(part); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the part is left: %v", err)
		}
	}
	// A folder stands where the file should: what was there stays.
	if err := os.MkdirAll(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(filepath.Join(dir, "taken"), []byte("x")); err == nil {
		t.Error("a file was written over a folder")
	}
	if err := d.Remove(filepath.Join(dir, "log", "tile")); err != nil {
		t.Error(err)
	}
	if err := d.Remove(filepath.Join(dir, "log", "tile")); err != nil {
		t.Errorf("nothing there: %v", err)
	}
}
