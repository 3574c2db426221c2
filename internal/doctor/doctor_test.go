package doctor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferric/internal/blob"
	"ferric/internal/doctor"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/sqlite"
	"ferric/internal/store/storetest"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

// sick is a shop to be damaged.
type sick struct {
	dir   string
	run   string
	file  string // hash of its one file
	blobs *blob.Store
}

func (s *sick) database() string { return filepath.Join(s.dir, "shop.sqlite") }
func (s *sick) log() string      { return storetest.LedgerConfig(s.dir).Folder }
func (s *sick) seen() string     { return storetest.LedgerConfig(s.dir).Seen }

// sql changes the database as no verb of the shop would.
func (s *sick) sql(query string) func(testing.TB) {
	return func(t testing.TB) {
		e := must(sqlite.Open(t.Context(), sqlite.Config{Path: s.database()}))(t)
		ok(t, e.Update(t.Context(), func(c store.Conn) error {
			if _, err := c.Exec(`PRAGMA ignore_check_constraints=1`); err != nil {
				return err
			}
			n, err := c.Exec(strings.ReplaceAll(query, "RUN", "'"+s.run+"'"))
			if err == nil && n == 0 {
				err = fmt.Errorf("nothing was damaged by %s", query)
			}
			return err
		}))
		ok(t, e.Close())
	}
}

func (s *sick) examine(t testing.TB, part doctor.Part) *doctor.Report {
	t.Helper()
	r := must(sqlite.OpenReader(t.Context(), s.database()))(t)
	defer r.Close()
	return must(doctor.Examine(t.Context(), doctor.Shop{DB: store.New(r), Integrity: r.Integrity, Blobs: s.blobs, Log: s.log(), Seen: s.seen()}, part, nil))(t)
}

// whole makes a shop with copies in several states, and a published log.
func whole(t testing.TB) *sick {
	s := &sick{dir: t.TempDir()}
	db := store.New(must(sqlite.Open(t.Context(), sqlite.Config{Path: s.database()}))(t))
	h := storetest.NewHouse(t, db)
	run := h.Run(t, 5)
	s.run = string(run.ID)
	for i, pay := range []bool{true, true, false} {
		b := storetest.Visitor(i)
		basket := must(h.Shop.Hold(t.Context(), b, shop.Want{Run: run.ID, Any: 1}))(t)
		r := must(h.Shop.Place(t.Context(), storetest.Request(b, "k", basket.Copies...)))(t)
		if pay {
			must(h.Shop.MarkPaid(t.Context(), r[0].Order, "desk"))(t)
		}
	}
	ok(t, h.Ledger.Sequence(t.Context()))
	ok(t, db.Close())
	ok(t, os.MkdirAll(filepath.Dir(s.seen()), 0o700))
	ok(t, os.Rename(storetest.LedgerConfig(h.Files).Folder, s.log()))
	ok(t, os.Rename(storetest.LedgerConfig(h.Files).Seen, s.seen()))
	s.blobs = must(blob.Open(filepath.Join(s.dir, "blobs")))(t)
	t.Cleanup(func() { ok(t, s.blobs.Close()) })
	var err error
	s.file, _, err = s.blobs.Put(t.Context(), strings.NewReader("a picture of number one"), 1000)
	ok(t, err)
	s.sql(`INSERT INTO copy_photo (run_id, number, seq, sha256, caption, at) VALUES (RUN, 1, 1, '` + s.file + `', '', 1)`)(t)
	return s
}

// flip turns a bit of a file over.
func flip(name func() string) func(testing.TB) {
	return func(t testing.TB) {
		data := must(os.ReadFile(name()))(t)
		data[len(data)/2] ^= 1
		ok(t, os.WriteFile(name(), data, 0o600))
	}
}

func remove(name func() string) func(testing.TB) {
	return func(t testing.TB) { ok(t, os.Remove(name())) }
}

// TestDamage: a whole shop is sound, and each kind of damage is found and said to be what it is.
func TestDamage(t *testing.T) {
	if r := whole(t).examine(t, doctor.Part{}); !r.Sound() || r.Files != 1 || r.Entries != 8 || r.Signed != 8 {
		t.Fatalf("a whole shop: %+v", r)
	}
	in := func(f func(*sick) string) func(*sick) func() string {
		return func(s *sick) func() string { return func() string { return f(s) } }
	}
	kept := in(func(s *sick) string { return filepath.Join(s.dir, "blobs/kept", s.file[:2], s.file) })
	entries := in(func(s *sick) string { return filepath.Join(s.log(), "tile/entries/000.p/8") })
	tile := in(func(s *sick) string { return filepath.Join(s.log(), "tile/0/000.p/8") })
	public := in(func(s *sick) string { return filepath.Join(s.log(), "checkpoint") })
	seen := in(func(s *sick) string { return s.seen() })
	for _, d := range []struct {
		name   string
		damage func(*sick) func(testing.TB)
		area   doctor.Area
		mend   bool
	}{
		{"an event is gone", func(s *sick) func(testing.TB) { return s.sql(`DELETE FROM event WHERE number = 1 AND seq = 2`) }, doctor.Rules, false},
		{"a copy changed by hand", func(s *sick) func(testing.TB) {
			return s.sql(`UPDATE copy SET state = 'free', order_id = '' WHERE number = 1`)
		}, doctor.Rules, false},
		{"a copy is gone", func(s *sick) func(testing.TB) { return s.sql(`DELETE FROM copy WHERE number = 5`) }, doctor.Rules, false},
		{"a line's price changed", func(s *sick) func(testing.TB) { return s.sql(`UPDATE order_line SET minor = 1 WHERE number = 2`) }, doctor.Rules, false},
		{"an order is gone", func(s *sick) func(testing.TB) {
			return s.sql(`DELETE FROM orders WHERE id = (SELECT order_id FROM copy WHERE number = 1)`)
		}, doctor.Rules, false},
		{"a paid order says it is not", func(s *sick) func(testing.TB) {
			return s.sql(`UPDATE orders SET state = 'placed' WHERE state = 'paid'`)
		}, doctor.Rules, false},
		{"an owner's key of nobody", func(s *sick) func(testing.TB) {
			return s.sql(`UPDATE owner_key SET account = 'nobody' WHERE number = 1`)
		}, doctor.Rules, false},
		{"a key for a free copy", func(s *sick) func(testing.TB) { return s.sql(`UPDATE owner_key SET number = 5 WHERE number = 1`) }, doctor.Rules, false},
		{"the log's copy changed", func(s *sick) func(testing.TB) { return s.sql(`UPDATE ledger_copy SET entries = 9 WHERE number = 1`) }, doctor.Log, false},
		{"an entry is gone", func(s *sick) func(testing.TB) { return s.sql(`DELETE FROM ledger_leaf WHERE idx = 3`) }, doctor.Log, false},
		{"an entry changed", func(s *sick) func(testing.TB) {
			return s.sql(`UPDATE ledger_leaf SET body = replace(body, 'copy 3', 'copy 4') WHERE idx = 3`)
		}, doctor.Log, false},
		{"a hash of the tree changed", func(s *sick) func(testing.TB) {
			return s.sql(`UPDATE ledger_hash SET hash = '` + strings.Repeat("ab", 32) + `' WHERE idx = 1`)
		}, doctor.Log, false},
		{"a reference to nothing", func(s *sick) func(testing.TB) {
			return s.sql(`UPDATE orders SET label_id = label_id, minor = minor + 1`)
		}, doctor.Rules, false},
		{"a file's bit", func(s *sick) func(testing.TB) { return flip(kept(s)) }, doctor.Files, false},
		{"a file is gone", func(s *sick) func(testing.TB) { return remove(kept(s)) }, doctor.Files, false},
		{"a bit of the public entries", func(s *sick) func(testing.TB) { return flip(entries(s)) }, doctor.Public, true},
		{"a public tile is gone", func(s *sick) func(testing.TB) { return remove(tile(s)) }, doctor.Public, true},
		{"the public checkpoint is gone", func(s *sick) func(testing.TB) { return remove(public(s)) }, doctor.Public, true},
		{"a bit of the public checkpoint", func(s *sick) func(testing.TB) { return flip(public(s)) }, doctor.Public, true},
		{"the remembered checkpoint is gone", func(s *sick) func(testing.TB) { return remove(seen(s)) }, doctor.Public, true},
		{"a bit of the remembered checkpoint", func(s *sick) func(testing.TB) { return flip(seen(s)) }, doctor.Public, false},
		{"a page of the database", func(s *sick) func(testing.TB) {
			return func(t testing.TB) {
				data := must(os.ReadFile(s.database()))(t)
				page := len(data) / 4096 / 2 * 4096
				for i := range 4096 {
					data[page+i] ^= 0x5a
				}
				ok(t, os.WriteFile(s.database(), data, 0o600))
			}
		}, doctor.Database, false},
	} {
		t.Run(d.name, func(t *testing.T) {
			s := whole(t)
			d.damage(s)(t)
			r := s.examine(t, doctor.Part{})
			found := false
			for _, f := range r.Findings {
				found = found || f.Area == d.area && f.Mend == d.mend
			}
			if r.Sound() || !found {
				t.Errorf("found %+v, want something of %s, to be mended %v", r.Findings, d.area, d.mend)
			}
		})
	}
}

// TestPart: the parts of the files are all of them, each once.
func TestPart(t *testing.T) {
	s := whole(t)
	n := 0
	for i := range 10 {
		r := s.examine(t, doctor.Part{N: i + 1, Of: 10})
		if !r.Sound() || r.Files+r.Skipped != 1 {
			t.Errorf("part %d: %+v", i+1, r)
		}
		n += r.Files
	}
	if n != 1 {
		t.Errorf("a file was read %d times in ten parts", n)
	}
}
