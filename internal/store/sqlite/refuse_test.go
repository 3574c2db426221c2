package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ferric/internal/fault"
	"ferric/internal/store"
)

func TestRefusesOldSQLite(t *testing.T) {
	for version, want := range map[string]bool{
		"3.7.0": false, "3.40.1": false, "3.51.2": false, "3.51": false, "2.99.99": false, "": false,
		"3.51.3": true, "3.52.0": true, "3.54.1": true, "4.0.0": true,
	} {
		if got := checkVersion(version) == nil; got != want {
			t.Errorf("SQLite %q is taken: %t, want %t", version, got, want)
		}
	}
}

func open(t *testing.T, path string) *Engine {
	t.Helper()
	e, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c#d%41.db") // a name that an address would misread
	open(t, path)
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not where it was asked for: %v", err)
	}
	if e, err := Open(t.Context(), Config{Path: path}); err == nil {
		e.Close()
		t.Error("a file that is open was opened again")
	} else if !strings.Contains(err.Error(), "another Ferric") {
		t.Errorf("the refusal does not say why: %v", err)
	}
}

func TestRefusesAnothersDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ferric.db")
	for _, change := range []string{
		`UPDATE migration SET sha256 = 'another' WHERE name = '0001_copies'`,
		`INSERT INTO migration (name, sha256, at) VALUES ('9999_future', '', 0)`,
	} {
		os.Remove(path)
		e, err := Open(t.Context(), Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Update(t.Context(), func(c store.Conn) error { _, err := c.Exec(change); return err }); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if e, err := Open(t.Context(), Config{Path: path}); err == nil {
			e.Close()
			t.Errorf("opened after %s", change)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if e, err := Open(t.Context(), Config{Path: path}); err == nil {
		e.Close()
		t.Error("opened a file that is no database")
	}
}

// TestFull fills the disk, as SQLite sees it: the transaction that does not fit
// is refused, what was acknowledged stays, and the next one works when there is room again.
func TestFull(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "ferric.db"))
	insert := func(id int) error {
		return e.Update(t.Context(), func(c store.Conn) error {
			_, err := c.Exec(`INSERT INTO answer (asker, idem, request, body, at) VALUES ('a', $1, '', $2, 0)`, fmt.Sprint(id), strings.Repeat("x", 50_000))
			return err
		})
	}
	pages := func(n int) {
		if err := e.Update(t.Context(), func(c store.Conn) error {
			return c.Query(func(scan func(...any) error) error { return scan(new(int)) }, fmt.Sprintf("PRAGMA max_page_count(%d)", n))
		}); err != nil {
			t.Fatal(err)
		}
	}
	pages(200)
	kept := 0
	for insert(kept) == nil {
		if kept++; kept > 100 {
			t.Fatal("the disk never filled up")
		}
	}
	count := func() (n int) {
		if err := e.View(t.Context(), func(c store.Conn) error {
			return c.Query(func(scan func(...any) error) error { return scan(&n) }, `SELECT count(*) FROM answer`)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != kept {
		t.Errorf("%d were acknowledged, %d are there", kept, n)
	}
	pages(10_000)
	if err := insert(1000); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if n := count(); n != kept+1 {
		t.Errorf("%d were acknowledged, %d are there", kept+1, n)
	}
}

// TestGroup: a transaction that fails, panics or was given up takes nobody of its group along.
func TestGroup(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "ferric.db"))
	put := func(c store.Conn, id int) error {
		_, err := c.Exec(`INSERT INTO answer (asker, idem, request, body, at) VALUES ('a', $1, '', '', 0)`, fmt.Sprint(id))
		return err
	}
	given, stop := context.WithCancel(t.Context())
	stop()
	// Keep the writer busy until all wait, so that they are one group.
	release, began := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { e.Update(t.Context(), func(store.Conn) error { close(began); <-release; return nil }) })
	<-began
	errs := make([]error, 40)
	var back atomic.Int32 // those that gave up before they were queued
	for i := range errs {
		wg.Go(func() {
			defer back.Add(1)
			ctx := t.Context()
			if i%4 == 3 {
				ctx = given
			}
			errs[i] = e.Update(ctx, func(c store.Conn) error {
				if err := put(c, i); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return errors.New("on purpose")
				case 2:
					panic("on purpose")
				}
				return nil
			})
		})
	}
	for len(e.queue)+int(back.Load()) < len(errs) {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wg.Wait()
	for i, err := range errs {
		if (err == nil) != (i%4 == 0) {
			t.Errorf("transaction %d: %v", i, err)
		}
	}
	n := 0
	if err := e.View(t.Context(), func(c store.Conn) error {
		return c.Query(func(scan func(...any) error) error { return scan(&n) }, `SELECT count(*) FROM answer`)
	}); err != nil {
		t.Fatal(err)
	}
	if n != 10 {
		t.Errorf("%d rows, want those of the 10 that succeeded", n)
	}
	// A reader cannot write.
	if err := e.View(t.Context(), func(c store.Conn) error { return put(c, 99) }); err == nil {
		t.Error("a View wrote")
	}
}

// TestDiskFailure: after an error of the disk nothing is written any more, and nobody is told otherwise.
func TestDiskFailure(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "ferric.db"))
	e.failed = fault.Wrap(errors.New("disk I/O error"), fault.Unavailable, "The shop could not write this down.")
	called := false
	err := e.Update(t.Context(), func(store.Conn) error { called = true; return nil })
	if !fault.Is(err, fault.Unavailable) || called {
		t.Errorf("after a failed sync: %v, called %t", err, called)
	}
}

func TestQueueIsBounded(t *testing.T) {
	e, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "ferric.db"), Queue: 2})
	if err != nil {
		t.Fatal(err)
	}
	release, began := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { e.Update(t.Context(), func(store.Conn) error { close(began); <-release; return nil }) })
	<-began
	for range 2 {
		wg.Go(func() { e.Update(t.Context(), func(store.Conn) error { return nil }) })
	}
	for len(e.queue) < 2 {
		time.Sleep(time.Millisecond)
	}
	if err := e.Update(t.Context(), func(store.Conn) error { return nil }); !fault.Is(err, fault.Unavailable) {
		t.Errorf("one too many: %v", err)
	}
	close(release)
	wg.Wait()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := e.Update(t.Context(), func(store.Conn) error { return nil }); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after Close: %v", err)
	}
	if err := e.View(t.Context(), func(store.Conn) error { return nil }); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a View after Close: %v", err)
	}
}
