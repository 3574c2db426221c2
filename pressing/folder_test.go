package pressing

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put writes a pressing that holds one file with a text, through the same folder as Press.
func put(t *testing.T, dest, text string, fail bool) error {
	t.Helper()
	f, err := newFolder(dest)
	if err != nil {
		return err
	}
	for _, name := range []string{"note.txt", "deep/er.txt"} {
		if err := f.write(name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
	}
	m := sampleManifest()
	m.Files = []File{{Name: "note.txt"}, {Name: "deep/er.txt"}}
	if err := f.write(manifestName, func(w io.Writer) error { _, err := m.WriteTo(w); return err }); err != nil {
		t.Fatal(err)
	}
	if fail {
		f.abandon()
		return nil
	}
	return f.commit()
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// alone checks that nothing but want stands in dir.
func alone(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v stand there, want %v", got, want)
	}
}

func TestFolderIsWholeOrAbsent(t *testing.T) {
	dir := t.TempDir()
	dest := filepath.Join(dir, "out")
	if err := put(t, dest, "never", true); err != nil {
		t.Fatal(err)
	}
	alone(t, dir)
	if err := put(t, dest, "one", false); err != nil {
		t.Fatal(err)
	}
	if err := put(t, dest, "two", true); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(dest, "note.txt")); got != "one" {
		t.Errorf("an abandoned press left %q", got)
	}
	if err := put(t, dest, "three", false); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(dest, "deep/er.txt")); got != "three" {
		t.Errorf("%q after the second press", got)
	}
	alone(t, dir, "out")
}

func TestExchangeByRenames(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for _, p := range []string{a, b} {
		if err := os.Mkdir(p, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(p, "name"), []byte(filepath.Base(p)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := exchangeByRenames(a, b); err != nil {
		t.Fatal(err)
	}
	if read(t, filepath.Join(a, "name")) != "b" || read(t, filepath.Join(b, "name")) != "a" {
		t.Error("the folders did not change places")
	}
	alone(t, dir, "a", "b")
}

// die ends a press as the end of its process would: it holds no lock, and all it wrote stays.
func die(f *folder) { f.lock.Close() }

// TestRemains: what a killed press left behind is swept by the next one.
func TestRemains(t *testing.T) {
	dir := t.TempDir()
	dest := filepath.Join(dir, "o[u]t*")
	dead, err := newFolder(dest)
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.write("half.wav", func(w io.Writer) error { _, err := io.WriteString(w, "half"); return err }); err != nil {
		t.Fatal(err)
	}
	die(dead)
	if err := put(t, dest, "one", false); err != nil {
		t.Fatal(err)
	}
	alone(t, dir, "o[u]t*")
}

// TestKilledWhileReplacing: killed before, between and after the renames that
// replace a pressing, a whole one stands there after the next press has looked, and nothing else.
func TestKilledWhileReplacing(t *testing.T) {
	for want, kill := range map[string]func(f *folder) error{
		"before":  func(*folder) error { return nil },
		"between": func(f *folder) error { return os.Rename(f.dest, filepath.Join(f.work, oldName)) },
		"after":   func(f *folder) error { return exchange(f.tmp, f.dest) },
	} {
		t.Run(want, func(t *testing.T) {
			dir := t.TempDir()
			dest := filepath.Join(dir, "out")
			if err := put(t, dest, "one", false); err != nil {
				t.Fatal(err)
			}
			dead, err := newFolder(dest)
			if err != nil {
				t.Fatal(err)
			}
			m := sampleManifest()
			m.Files = nil
			if err := dead.write(manifestName, func(w io.Writer) error { _, err := m.WriteTo(w); return err }); err != nil {
				t.Fatal(err)
			}
			if err := kill(dead); err != nil {
				t.Fatal(err)
			}
			die(dead)
			next, err := newFolder(dest)
			if err != nil {
				t.Fatal(err)
			}
			next.abandon()
			alone(t, dir, "out")
			if want == "after" {
				alone(t, dest, manifestName)
			} else if got := read(t, filepath.Join(dest, "note.txt")); got != "one" {
				t.Errorf("%q stands there", got)
			}
		})
	}
}

// TestBusy: two presses into one folder would lose the codes of one of them.
func TestBusy(t *testing.T) {
	dir := t.TempDir()
	dest := filepath.Join(dir, "not", "there", "out")
	living, err := newFolder(dest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newFolder(dest); !errors.Is(err, ErrBusy) {
		t.Errorf("a second press began: %v", err)
	}
	if _, err := os.Stat(living.tmp); err != nil {
		t.Errorf("a press under way was swept: %v", err)
	}
	living.abandon()
	alone(t, dir) // the folders above were its own
}

func TestDeadLink(t *testing.T) {
	dir := t.TempDir()
	dest := filepath.Join(dir, "out")
	if err := os.Symlink("nowhere", dest); err != nil {
		t.Fatal(err)
	}
	if _, err := newFolder(dest); !errors.Is(err, ErrOccupied) {
		t.Errorf("%v", err)
	}
	alone(t, dir, "out")
}

func TestOccupied(t *testing.T) {
	dir := t.TempDir()
	dest := filepath.Join(dir, "out")
	if err := put(t, dest, "one", false); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dest, "deep", "mine.txt")
	if err := os.WriteFile(mine, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := put(t, dest, "two", false); !errors.Is(err, ErrOccupied) || !strings.Contains(err.Error(), "mine.txt") {
		t.Errorf("%v", err)
	}
	other := filepath.Join(dir, "other")
	if err := os.Mkdir(other, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := put(t, other, "an empty folder is free", false); err != nil {
		t.Error(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := put(t, file, "x", false); !errors.Is(err, ErrOccupied) {
		t.Errorf("a file was replaced, or: %v", err)
	}
}
