package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ferric/internal/fault"
	"ferric/internal/store"
)

// The fault C3: the system refuses what SQLite asks of it, after the file was opened well. What stands behind the open
// files is exchanged below SQLite: /dev/full takes no byte (ENOSPC), /dev/null takes them all and cannot be synced
// (EINVAL, as EIO from a dying disk), a descriptor for reading cannot be written to (EBADF, as on a disk that was made read-only).

// exchange puts another file behind every descriptor of this process that names a path, and gives what undoes it.
func exchange(t *testing.T, path, by string, flags int) (undo func()) {
	t.Helper()
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := syscall.Open(by, flags, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(other)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	// All are found before the first is exchanged: what keeps one is another that names the path.
	var named []int
	for _, e := range open {
		fd, err := strconv.Atoi(e.Name())
		if name, e := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && e == nil && name == real && fd != other {
			named = append(named, fd)
		}
	}
	kept := map[int]int{}
	for _, fd := range named {
		keep, err := syscall.Dup(fd)
		if err == nil {
			err = syscall.Dup3(other, fd, syscall.O_CLOEXEC)
		}
		if err != nil {
			t.Fatal(err)
		}
		kept[fd] = keep
	}
	if len(kept) == 0 {
		t.Fatalf("nobody has %s open", path)
	}
	return func() {
		for fd, keep := range kept {
			if err := syscall.Dup3(keep, fd, syscall.O_CLOEXEC); err != nil {
				t.Error(err)
			}
			syscall.Close(keep)
		}
		clear(kept)
	}
}

func TestSystemRefuses(t *testing.T) {
	for _, fault3 := range []struct {
		name, by string
		flags    int
		ends     bool // nothing may be written any more until the file is opened again
	}{
		{"ENOSPC", "/dev/full", syscall.O_RDWR, false},
		{"failed sync", "/dev/null", syscall.O_RDWR, true},
		{"read-only", "", syscall.O_RDONLY, true},
	} {
		t.Run(fault3.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.db")
			e, err := Open(t.Context(), Config{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			acks := 0
			put := func(id string) error {
				return e.Update(t.Context(), func(c store.Conn) error {
					_, err := c.Exec(`INSERT INTO answer (asker, idem, request, body, at) VALUES ('a', $1, '', '', 0)`, id)
					return err
				})
			}
			count := func() (n int) {
				t.Helper()
				if err := e.View(t.Context(), func(c store.Conn) error {
					return c.Query(func(scan func(...any) error) error { return scan(&n) }, `SELECT count(*) FROM answer WHERE idem LIKE 'good%'`)
				}); err != nil {
					t.Error(err)
				}
				return n
			}
			for range 20 {
				if err := put(fmt.Sprint("good", acks)); err != nil {
					t.Fatal(err)
				}
				acks++
			}
			// From now on pages are read from the file itself: what stands for its log is there to be written to only.
			raw, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := raw.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				t.Fatal(err)
			}
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}
			by := fault3.by
			if by == "" {
				by = path + "-wal"
			}
			undo := exchange(t, path+"-wal", by, fault3.flags)
			for i := range 5 {
				err := put(fmt.Sprint("bad", i))
				if !fault.Is(err, fault.Unavailable) {
					t.Errorf("a write that could not be made is answered with %v", err)
				}
				if text := fault.Text(err); !strings.Contains(text, "could not write") || strings.Contains(text, path) {
					t.Errorf("what is said is %q", text)
				}
			}
			undo()
			err = put("good")
			if fault3.ends && !fault.Is(err, fault.Unavailable) {
				t.Errorf("after a failed sync, what the system kept of it is unknown, and the next write is answered with %v", err)
			}
			if !fault3.ends {
				if err != nil {
					t.Errorf("there is room again: %v", err)
				}
				acks++
			}
			if n := count(); n != acks {
				t.Errorf("%d are acknowledged, %d are read", acks, n)
			}
			if err := e.Close(); err != nil {
				t.Logf("close: %v", err)
			}
			if e, err = Open(t.Context(), Config{Path: path}); err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if n := count(); n != acks {
				t.Errorf("opened again: %d are acknowledged, %d are there", acks, n)
			}
			if err := put("good and new"); err != nil {
				t.Errorf("opened again: %v", err)
			}
			if check := integrity(t, e); check != "ok" {
				t.Errorf("the file: %s", check)
			}
		})
	}
}

// TestNoDescriptors (C3, EMFILE): a process that may open nothing more goes on with what it has, and is whole when it may again.
func TestNoDescriptors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	e := open(t, path)
	put := func(id int) error {
		return e.Update(t.Context(), func(c store.Conn) error {
			_, err := c.Exec(`INSERT INTO answer (asker, idem, request, body, at) VALUES ('a', $1, '', '', 0)`, fmt.Sprint(id))
			return err
		})
	}
	if err := put(0); err != nil {
		t.Fatal(err)
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	little := was
	little.Cur = 3 // fewer than are open: nothing can be opened
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &little); err != nil {
		t.Fatal(err)
	}
	errs := []error{put(1), e.View(context.Background(), func(c store.Conn) error {
		return c.Query(func(scan func(...any) error) error { return scan(new(int)) }, `SELECT count(*) FROM answer`)
	})}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	if errs[0] != nil {
		t.Errorf("a write, with the files open already: %v", errs[0])
	}
	if errs[1] == nil {
		t.Error("a reader's connection was opened with no descriptor left")
	}
	if err := put(2); err != nil {
		t.Errorf("with descriptors again: %v", err)
	}
	n := 0
	if err := e.View(t.Context(), func(c store.Conn) error {
		return c.Query(func(scan func(...any) error) error { return scan(&n) }, `SELECT count(*) FROM answer`)
	}); err != nil || n != 3 {
		t.Errorf("%d rows, want 3: %v", n, err)
	}
}

func integrity(t *testing.T, e *Engine) (said string) {
	t.Helper()
	if err := e.View(t.Context(), func(c store.Conn) error {
		return c.Query(func(scan func(...any) error) error { return scan(&said) }, `PRAGMA integrity_check`)
	}); err != nil {
		return err.Error()
	}
	return said
}

// TestFirstComeFirstServed (S3): writers are served in the order in which they came, however many wait.
func TestFirstComeFirstServed(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "shop.db"))
	release, began := make(chan struct{}), make(chan struct{})
	go e.Update(context.Background(), func(store.Conn) error { close(began); <-release; return nil })
	<-began
	const n = 300
	var order []int // appended to by the one writer
	done := make(chan error, n)
	for i := range n {
		go func() {
			done <- e.Update(context.Background(), func(store.Conn) error { order = append(order, i); return nil })
		}()
		for len(e.queue) <= i { // it stands in the queue before the next one comes
			runtime.Gosched()
		}
	}
	close(release)
	for range n {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for i, k := range order {
		if i != k {
			t.Fatalf("the %d. that came was the %d. to be served", k+1, i+1)
		}
	}
}
