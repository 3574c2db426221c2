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

	"ferric/audio"
)

// What keeps a folder from being written.
var (
	ErrOccupied = errors.New("the folder holds things that Ferric did not make")
	ErrBusy     = errors.New("another press is writing there")
)

// folder is a pressing in the making. It stands in a hidden folder beside its
// destination, one for each destination, and takes its place only when everything in it is whole and on disk.
type folder struct {
	dest string   // absolute, symlinks resolved
	work string   // ".OUT.ferric" beside dest: the lock, "new" and, between two renames, "old"
	tmp  string   // work/new, the pressing in the making
	lock *os.File // held as long as work is ours; it ends with the process, so that a dead press's remains can be told
	made []string // folders above dest that were not there, the innermost last
}

const (
	lockName = "lock"
	newName  = "new"
	oldName  = "old"
)

// newFolder prepares to write dest. It refuses a dest that is not empty and not
// a pressing, and one that another press is writing. What a press that was killed left behind is put right.
func newFolder(dest string) (*folder, error) {
	dest, err := filepath.Abs(dest)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(dest); err == nil {
		dest = real
	} else if _, err := os.Lstat(dest); err == nil {
		return nil, fmt.Errorf("%s: %w: it is a symbolic link that leads nowhere", dest, ErrOccupied)
	}
	f := &folder{dest: dest, work: filepath.Join(filepath.Dir(dest), "."+filepath.Base(dest)+".ferric")}
	f.tmp = filepath.Join(f.work, newName)
	if err := f.makeParents(); err != nil {
		return nil, err
	}
	if err := f.take(); err != nil {
		f.removeParents()
		return nil, err
	}
	f.tidy()
	err = mayReplace(dest)
	if err == nil {
		err = os.Mkdir(f.tmp, 0o777)
	}
	if err != nil {
		f.abandon()
		return nil, err
	}
	return f, nil
}

func (f *folder) makeParents() error {
	var missing []string
	for dir := filepath.Dir(f.dest); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		missing = append(missing, dir)
	}
	if err := os.MkdirAll(filepath.Dir(f.dest), 0o777); err != nil {
		return err
	}
	slices.Reverse(missing)
	f.made = missing
	return nil
}

// removeParents takes back what makeParents made and nobody uses.
func (f *folder) removeParents() {
	for _, dir := range slices.Backward(f.made) {
		if os.Remove(dir) != nil {
			return
		}
	}
}

// take makes the work folder ours: it locks the file in it, and makes sure that the file is still the one there.
func (f *folder) take() error {
	path := filepath.Join(f.work, lockName)
	for range 100 {
		if err := os.Mkdir(f.work, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if info, err := os.Lstat(f.work); err == nil && (!info.IsDir() || info.Mode().Perm()&0o022 != 0) {
			return fmt.Errorf("%s: %w; it stands where the pressing would be made", f.work, ErrOccupied)
		}
		lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a press that ended has just removed its work folder
		}
		if err != nil {
			return err
		}
		if err := lockFile(lock); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			lock.Close()
			return fmt.Errorf("%s: %w; wait for it or choose another folder", f.dest, ErrBusy)
		}
		held, err := lock.Stat()
		if err == nil {
			var now fs.FileInfo
			if now, err = os.Stat(path); err == nil && os.SameFile(held, now) {
				f.lock = lock
				return nil
			}
		}
		lock.Close()
	}
	return fmt.Errorf("%s: %w", f.dest, ErrBusy)
}

// tidy empties the work folder. A pressing that was on its way out when its
// successor never came, which two renames leave possible, goes back to its place.
func (f *folder) tidy() {
	old := filepath.Join(f.work, oldName)
	if _, err := os.Lstat(f.dest); errors.Is(err, fs.ErrNotExist) {
		os.Rename(old, f.dest) // mostly there is none
	}
	if _, err := os.Lstat(f.dest); err == nil {
		os.RemoveAll(old)
	}
	os.RemoveAll(f.tmp)
}

// release gives the work folder up. A failure leaves remains for the next press to sweep, and changes nothing else.
func (f *folder) release() {
	f.tidy()
	os.Remove(filepath.Join(f.work, lockName))
	f.lock.Close()
	os.Remove(f.work)
}

// mayReplace is nil when dest is absent, empty, or a pressing with nothing of anybody else's in it.
func mayReplace(dest string) error {
	entries, err := os.ReadDir(dest)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if info, err := os.Stat(dest); err == nil && !info.IsDir() {
		return fmt.Errorf("%s: %w: it is a file; choose another folder", dest, ErrOccupied)
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
	f.release()
	f.removeParents()
}

// commit puts everything on disk and takes dest's place in one step. The old pressing is then removed.
func (f *folder) commit() error {
	err := filepath.WalkDir(f.tmp, func(file string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncPath(file)
	})
	if err != nil {
		return err
	}
	if _, err := os.Lstat(f.dest); errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(f.tmp, f.dest)
		if err != nil {
			return err
		}
	} else if err := exchange(f.tmp, f.dest); err != nil {
		return err
	}
	syncPath(filepath.Dir(f.dest)) // either folder is whole, whichever of the two a crash leaves
	f.release()
	return nil
}

// exchangeByRenames is for file systems that cannot swap two folders in one
// step: for a moment dest is absent, but either folder is whole, and tidy brings the old one back.
func exchangeByRenames(tmp, dest string) error {
	old := filepath.Join(filepath.Dir(tmp), oldName)
	if err := os.Rename(dest, old); err != nil {
		return err
	}
	if err := os.Rename(tmp, dest); err != nil {
		return errors.Join(err, os.Rename(old, dest))
	}
	os.Rename(old, tmp) // where it cannot, tidy finds it
	return nil
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
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(f.tmp, file)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	slices.Sort(names)
	return names, err
}
