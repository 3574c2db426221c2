package pressing

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotWhole says that a pressing is not what its manifest says.
var ErrNotWhole = errors.New("the pressing is not whole")

// Checked is what Check found.
type Checked struct {
	Manifest *Manifest
	Files    int   // that are as the manifest says
	Bytes    int64 // in them
	Faults   []Fault
}

// Fault is one thing wrong with a pressing.
type Fault struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// Check reads every file of the pressing in dir and compares it with the
// manifest and with the two checksum files. It reports all faults, not the
// first; the error is for what kept it from checking at all.
func Check(ctx context.Context, dir string, progress func(done float64)) (*Checked, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()

	c := &Checked{Manifest: m}
	fault := func(file, format string, args ...any) {
		c.Faults = append(c.Faults, Fault{file, fmt.Sprintf(format, args...)})
	}
	var total, read int64
	for _, f := range m.Files {
		total += max(f.Size, 0)
	}
	known := map[string]File{}
	for _, f := range m.Files {
		known[f.Name] = f
		if err := checkFile(ctx, root, f); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			fault(f.Name, "%v", err)
		} else {
			c.Files++
			c.Bytes += f.Size
		}
		read += max(f.Size, 0)
		if progress != nil && total > 0 {
			progress(float64(read) / float64(total))
		}
	}
	for _, name := range []string{md5Name, sha256Name} {
		checkSums(ctx, root, name, known, fault)
	}
	ours := map[string]bool{manifestName: true, md5Name: true, sha256Name: true}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		name = filepath.ToSlash(name)
		if _, ok := known[name]; !ok && !ours[name] {
			fault(name, "is not part of the pressing")
		}
		return err
	})
	return c, err
}

func checkFile(ctx context.Context, root *os.Root, f File) error {
	info, err := root.Lstat(filepath.FromSlash(f.Name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("is missing")
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("is not a plain file")
	case info.Size() != f.Size:
		return fmt.Errorf("has %d bytes, the manifest says %d", info.Size(), f.Size)
	}
	file, err := root.Open(filepath.FromSlash(f.Name))
	if err != nil {
		return err
	}
	defer file.Close()
	got, err := hashes(ctx, file)
	if err != nil {
		return err
	}
	if got.SHA256 != f.SHA256 || got.MD5 != f.MD5 {
		return errors.New("was changed: its hash is not the manifest's")
	}
	if secret(f.Name) && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("holds secrets and can be read by others (mode %v; make it 0600)", info.Mode().Perm())
	}
	return nil
}

// checkSums compares a checksum file with the manifest; release.json itself is read for its own line.
func checkSums(ctx context.Context, root *os.Root, name string, known map[string]File, fault func(string, string, ...any)) {
	file, err := root.Open(name)
	if err != nil {
		fault(name, "cannot be read: %v", err)
		return
	}
	defer file.Close()
	lines := 0
	scan := bufio.NewScanner(io.LimitReader(file, maxManifest))
	for scan.Scan() {
		sum, of, ok := strings.Cut(scan.Text(), "  ")
		if !ok {
			fault(name, "line %d is not a checksum line", lines+1)
			return
		}
		lines++
		f, listed := known[of]
		if of == manifestName {
			m, err := root.Open(manifestName)
			if err != nil {
				fault(manifestName, "%v", err)
				continue
			}
			f, err = hashes(ctx, m)
			m.Close()
			if err != nil {
				fault(manifestName, "%v", err)
				continue
			}
			listed = true
		}
		want := f.SHA256
		if name == md5Name {
			want = f.MD5
		}
		if !listed {
			fault(name, "names %.80q, which the manifest does not", of)
		} else if sum != want {
			fault(name, "and the manifest differ on %s", of)
		}
	}
	if lines != len(known)+1 && scan.Err() == nil {
		fault(name, "has %d lines, %d files were written", lines, len(known)+1)
	}
	if err := scan.Err(); err != nil {
		fault(name, "%v", err)
	}
}
