package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

func open(t testing.TB) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func contents(t testing.TB, s *Store, hash string) []byte {
	t.Helper()
	f, err := s.Open(hash)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || int64(len(data)) != f.Size {
		t.Fatal(err, len(data), f.Size)
	}
	return data
}

// files are all that stand in a store.
func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, name)
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

const session = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func TestPut(t *testing.T) {
	s, dir := open(t)
	data := []byte("a cassette")
	for range 2 { // the same file is kept once
		hash, size, err := s.Put(t.Context(), bytes.NewReader(data), 10)
		if err != nil || hash != sum(data) || size != 10 {
			t.Fatal(hash, size, err)
		}
	}
	if !bytes.Equal(contents(t, s, sum(data)), data) {
		t.Error("other bytes came back")
	}
	if err := s.Verify(t.Context(), sum(data)); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Put(t.Context(), bytes.NewReader(data), 9); !errors.Is(err, ErrTooBig) {
		t.Errorf("over the limit: %v", err)
	}
	if _, _, err := s.Put(t.Context(), io.MultiReader(bytes.NewReader(data[:4]), iotest.ErrReader(io.ErrUnexpectedEOF)), 10); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that failed: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, _, err := s.Put(ended, bytes.NewReader(data), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	if n := files(t, dir); len(n) != 1 {
		t.Errorf("there stand %v", n)
	}
}

// TestAnyBitFlipIsFound: whatever one bit of a kept file turns, reading it back tells.
func TestAnyBitFlipIsFound(t *testing.T) {
	s, dir := open(t)
	data := bytes.Repeat([]byte("tape "), 400)
	hash, _, err := s.Put(t.Context(), bytes.NewReader(data), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, kept(hash))
	rapid.Check(t, func(r *rapid.T) {
		bit := rapid.IntRange(0, 8*len(data)-1).Draw(r, "bit")
		spoilt := bytes.Clone(data)
		spoilt[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(name, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(t.Context(), hash); !errors.Is(err, ErrHash) {
			r.Fatal(err)
		}
	})
}

// TestParts: a part grows at its end only, and becomes the file when it is whole.
func TestParts(t *testing.T) {
	s, dir := open(t)
	rapid.Check(t, func(r *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 1, 3000).Draw(r, "data")
		hash, size := sum(data), int64(len(data))
		for have := int64(0); have < size; {
			offset := rapid.Int64Range(0, size+3).Draw(r, "offset")
			if offset != have {
				if got, err := s.Append(t.Context(), session, hash, offset, size, bytes.NewReader(data)); !errors.Is(err, ErrOffset) || got != have {
					r.Fatalf("at %d, which has %d: %d, %v", offset, have, got, err)
				}
			}
			n := rapid.Int64Range(0, size-have).Draw(r, "n")
			var body io.Reader = bytes.NewReader(data[have : have+n])
			cut := rapid.Bool().Draw(r, "cut")
			if cut {
				body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
			}
			got, err := s.Append(t.Context(), session, hash, have, size, body)
			if got != have+n || err != nil && !cut {
				r.Fatalf("%d bytes at %d: %d, %v", n, have, got, err)
			}
			have = got
			if parts, err := s.Parts(session); err != nil || parts[hash] != have {
				r.Fatal(parts, err)
			}
		}
		if err := s.CheckPart(t.Context(), session, hash); err != nil {
			r.Fatal(err)
		}
		if err := s.Keep(session, hash); err != nil {
			r.Fatal(err)
		}
		if !bytes.Equal(contents(t, s, hash), data) {
			r.Fatal("other bytes came back")
		}
	})
	hash := sum([]byte("x"))
	if n, err := s.Append(t.Context(), session, hash, 0, 1, strings.NewReader("xyz")); !errors.Is(err, ErrTooBig) || n != 1 {
		t.Errorf("more than was announced: %d, %v", n, err)
	}
	if n, err := s.Append(t.Context(), session, sum([]byte("y")), 0, 1, strings.NewReader("z")); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := s.CheckPart(t.Context(), session, sum([]byte("y"))); !errors.Is(err, ErrHash) {
		t.Errorf("other bytes: %v", err)
	}
	if err := s.Drop(session); err != nil {
		t.Fatal(err)
	}
	for _, name := range files(t, dir) {
		if strings.Contains(name, partDir) {
			t.Errorf("%s was left", name)
		}
	}
}

// TestOneConnection: two writers of one part would mix their bytes; one of them is told to come back.
func TestOneConnection(t *testing.T) {
	s, _ := open(t)
	r, w := io.Pipe()
	hash := strings.Repeat("0", 64)
	var wg sync.WaitGroup
	wg.Go(func() {
		if n, err := s.Append(t.Context(), session, hash, 0, 4, r); n != 4 || err != nil {
			t.Error(n, err)
		}
	})
	w.Write([]byte("ab")) // it is being written now
	if _, err := s.Append(t.Context(), session, hash, 0, 4, strings.NewReader("cdef")); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	if err := s.Keep(session, hash); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	w.Write([]byte("cd"))
	w.Close()
	wg.Wait()
}

// TestNames: nothing but hashes and sessions is a name.
func TestNames(t *testing.T) {
	s, _ := open(t)
	good := strings.Repeat("a", 64)
	for _, bad := range []string{"", "..", "../" + good, strings.ToUpper(good), good[:63], good + "0", "/etc/passwd", good[:60] + "/../", "\x00" + good[1:]} {
		_, err1 := s.Open(bad)
		_, err2 := s.Stat(bad)
		_, err3 := s.Append(t.Context(), session, bad, 0, 1, strings.NewReader("x"))
		_, err4 := s.Append(t.Context(), bad, good, 0, 1, strings.NewReader("x"))
		_, err5 := s.Made(bad, "cover-300.jpg")
		_, err6 := s.Parts(bad)
		for i, err := range []error{err1, err2, err3, err4, err5, err6, s.Keep(bad, good), s.Drop(bad), s.Spoil(session, bad), s.Refer([]string{bad}, func() error { return nil })} {
			if !errors.Is(err, ErrName) {
				t.Errorf("%q, verb %d: %v", bad, i+1, err)
			}
		}
	}
	for _, bad := range []string{"", "a", "..", "../x.jpg", "a/b.jpg", "a.b.jpg", "A.jpg", strings.Repeat("a", 60) + ".jpg"} {
		if err := s.Make(good, bad, func(io.Writer) error { return nil }); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := s.Open(good); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestNoLinkIsFollowed: a link in the folder, however it came there, leads nowhere.
func TestNoLinkIsFollowed(t *testing.T) {
	s, dir := open(t)
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	hash := sum([]byte("secret"))
	if err := os.MkdirAll(filepath.Join(dir, keptDir, hash[:2]), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, kept(hash))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(hash); err == nil {
		t.Error("it was followed")
	}
}

func TestSweep(t *testing.T) {
	s, _ := open(t)
	var hashes []string
	for _, text := range []string{"wanted", "not wanted", "young"} {
		hash, _, err := s.Put(t.Context(), strings.NewReader(text), 100)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Make(hash, "cover-300.jpg", func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
	}
	old := time.Now().Add(-48 * time.Hour)
	for _, h := range hashes[:2] {
		if err := s.root.Chtimes(kept(h), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.root.WriteFile(partDir+"/put-LEFTBEHIND", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.root.Chtimes(partDir+"/put-LEFTBEHIND", old, old); err != nil {
		t.Fatal(err)
	}
	n, err := s.Sweep(t.Context(), time.Now().Add(-24*time.Hour), func(hash string) (bool, error) { return hash == hashes[0], nil })
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if _, err := s.root.Stat(partDir + "/put-LEFTBEHIND"); err == nil {
		t.Error("remains are left")
	}
	for i, h := range hashes {
		_, err1 := s.Stat(h)
		f, err2 := s.Made(h, "cover-300.jpg")
		if gone := i == 1; (err1 != nil) != gone || (err2 != nil) != gone {
			t.Errorf("file %d: %v, %v", i, err1, err2)
		}
		if err2 == nil {
			f.Close()
		}
	}
	// What is referred to just now is young again, and is not there only when it is not.
	if err := s.root.Chtimes(kept(hashes[2]), old, old); err != nil {
		t.Fatal(err)
	}
	if err := s.Refer(hashes[2:], func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(-24*time.Hour), func(string) (bool, error) { return false, nil }); err != nil || n != 1 {
		t.Error(n, err)
	}
	if err := s.Refer(hashes[1:2], func() error { t.Error("said"); return nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestMakeWhole: a picture whose making failed is not there.
func TestMakeWhole(t *testing.T) {
	s, dir := open(t)
	hash := strings.Repeat("a", 64)
	broken := errors.New("no")
	if err := s.Make(hash, "og.jpg", func(w io.Writer) error { io.WriteString(w, "half"); return broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if n := files(t, dir); len(n) != 0 {
		t.Errorf("there stand %v", n)
	}
}
