package pressing

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ferric/audio"
)

// ErrOccupied says that a destination holds things that Ferric did not make, and that it will not replace.
var ErrOccupied = errors.New("the folder holds things that Ferric did not make")

// folder is a pressing in the making: a hidden folder beside its destination
// that takes its place only when everything in it is whole and on disk.
type folder struct {
	dest string   // absolute, symlinks resolved
	tmp  string   // beside dest
	lock *os.File // held while tmp is in use, so that a later press can tell a dead one's remains
}

const lockName = ".lock"

// newFolder prepares to write dest. It refuses a dest that is not empty and not a pressing.
func newFolder(dest string) (*folder, error) {
	dest, err := filepath.Abs(dest)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(dest); err == nil {
		dest = real
	}
	if err := mayReplace(dest); err != nil {
		return nil, err
	}
	parent, base := filepath.Split(dest)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	base = strings.ReplaceAll(base, "*", "_") // MkdirTemp would put its random part there
	sweep(parent, base)
	tmp, err := os.MkdirTemp(parent, "."+base+".ferric-*")
	if err != nil {
		return nil, err
	}
	f := &folder{dest: dest, tmp: tmp}
	f.lock, err = os.OpenFile(f.at(lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = lockFile(f.lock)
	}
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		f.abandon()
		return nil, err
	}
	return f, nil
}

// mayReplace is nil when dest is absent, empty, or a pressing with nothing of anybody else's in it.
func mayReplace(dest string) error {
	entries, err := os.ReadDir(dest)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	old, err := ReadManifest(dest)
	if err != nil {
		return fmt.Errorf("%s: %w; choose another folder (%w)", dest, ErrOccupied, err)
	}
	ours := map[string]bool{manifestName: true, md5Name: true, sha256Name: true}
	for _, f := range old.Files {
		ours[f.Name] = true
	}
	return filepath.WalkDir(dest, func(file string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dest, file)
		if err == nil && !e.IsDir() && !ours[filepath.ToSlash(name)] {
			return fmt.Errorf("%s: %w: %s; move it away or choose another folder", dest, ErrOccupied, name)
		}
		return err
	})
}

// sweep removes what presses that were killed left behind.
func sweep(parent, base string) {
	left, _ := filepath.Glob(filepath.Join(parent, "."+globQuote(base)+".ferric-*"))
	for _, dir := range left {
		lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if lockFile(lock) == nil {
			os.RemoveAll(dir)
		}
		lock.Close()
	}
}

func globQuote(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

func (f *folder) at(name string) string { return filepath.Join(f.tmp, filepath.FromSlash(name)) }

// create opens a new file of the pressing; secret files are readable by their owner alone.
func (f *folder) create(name string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(f.at(name)), 0o777); err != nil {
		return nil, err
	}
	mode := fs.FileMode(0o666)
	if secret(name) {
		mode = 0o600
	}
	return os.OpenFile(f.at(name), os.O_CREATE|os.O_EXCL|os.O_RDWR, mode)
}

// secret says whether a file of the pressing shows claim codes.
func secret(name string) bool {
	return name == claimsName || name == "jcards-numbered.pdf"
}

// write makes a whole file through fn.
func (f *folder) write(name string, fn func(io.Writer) error) error {
	file, err := f.create(name)
	if err != nil {
		return err
	}
	if err := fn(file); err != nil {
		file.Close()
		return fmt.Errorf("write %s: %w", name, err)
	}
	return file.Close()
}

// abandon removes all that was written; dest stays as it was.
func (f *folder) abandon() {
	if f.lock != nil {
		f.lock.Close()
	}
	os.RemoveAll(f.tmp)
}

// commit puts everything on disk and takes dest's place in one step.
func (f *folder) commit() error {
	f.lock.Close()
	if err := os.Remove(f.at(lockName)); err != nil {
		return err
	}
	err := filepath.WalkDir(f.tmp, func(file string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncPath(file)
	})
	if err != nil {
		return err
	}
	if err := os.Chmod(f.tmp, 0o755); err != nil {
		return err
	}
	if _, err := os.Stat(f.dest); errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(f.tmp, f.dest)
		return errors.Join(err, syncPath(filepath.Dir(f.dest)))
	}
	if err := exchange(f.tmp, f.dest); err != nil {
		return err
	}
	if err := syncPath(filepath.Dir(f.dest)); err != nil {
		return err
	}
	return os.RemoveAll(f.tmp) // now the old pressing
}

// exchangeByRenames is for file systems that cannot swap two folders in one
// step: for a moment dest is absent, but either folder is always whole beside it.
func exchangeByRenames(tmp, dest string) error {
	old := tmp + "-old"
	if err := os.Rename(dest, old); err != nil {
		return err
	}
	if err := os.Rename(tmp, dest); err != nil {
		return errors.Join(err, os.Rename(old, dest))
	}
	return os.Rename(old, tmp)
}

func syncPath(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Sync()
}

// hashes reads r once for its size and both hashes.
func hashes(ctx context.Context, r io.Reader) (File, error) {
	sha, md := sha256.New(), md5.New()
	var f File
	for buf := make([]byte, 1<<18); ; {
		if err := ctx.Err(); err != nil {
			return f, err
		}
		n, err := r.Read(buf)
		sha.Write(buf[:n])
		md.Write(buf[:n])
		f.Size += int64(n)
		if err == io.EOF {
			f.SHA256, f.MD5 = hex.EncodeToString(sha.Sum(nil)), hex.EncodeToString(md.Sum(nil))
			return f, nil
		}
		if err != nil {
			return f, err
		}
	}
}

// sink adapts a file of the pressing to an audio sink that also closes the file.
type sink struct {
	audio.Sink
	file *os.File
}

func (s sink) Close() error { return errors.Join(s.Sink.Close(), s.file.Close()) }

// list names every file written so far, sorted, with slashes.
func (f *folder) list() ([]string, error) {
	var names []string
	err := filepath.WalkDir(f.tmp, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == lockName {
			return err
		}
		name, err := filepath.Rel(f.tmp, file)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	slices.Sort(names)
	return names, err
}
