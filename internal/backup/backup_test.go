package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/internal/backup"
	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/doctor"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/postgres"
	"ferric/internal/store/sqlite"
	"ferric/internal/store/storetest"
)

var cluster *storetest.Cluster

const childEnv = "FERRIC_TEST_BACKUP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	var err error
	if cluster, err = storetest.StartCluster(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// engine opens a new database up to a step of the schema, and a second time to read it beside.
type engine struct {
	name string
	open func(t testing.TB, until string) (write, read *store.DB)
}

var engines = []engine{
	{"sqlite", func(t testing.TB, until string) (*store.DB, *store.DB) {
		path := filepath.Join(t.TempDir(), "shop.sqlite")
		w := must(sqlite.Open(t.Context(), sqlite.Config{Path: path, Until: until}))(t)
		return opened(t, w), opened(t, must(sqlite.OpenReader(t.Context(), path))(t))
	}},
	{"postgres", func(t testing.TB, until string) (*store.DB, *store.DB) {
		c := postgres.Config{URL: cluster.URL(t), Conns: 4, Until: until, Slow: true}
		w := must(postgres.Open(t.Context(), c))(t)
		return opened(t, w), opened(t, must(postgres.OpenReader(t.Context(), c))(t))
	}},
}

func opened(t testing.TB, e store.Engine) *store.DB {
	db := store.New(e)
	t.Cleanup(func() { ok(t, db.Close()) })
	return db
}

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

func files(t testing.TB, contents ...string) *blob.Store {
	s := must(blob.Open(t.TempDir()))(t)
	t.Cleanup(func() { ok(t, s.Close()) })
	for _, c := range contents {
		if _, _, err := s.Put(t.Context(), strings.NewReader(c), int64(len(c))); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// shopping places orders, every other one paid, until told to stop. It gives what was acknowledged so far.
type shopping struct {
	mu   sync.Mutex
	acks []shop.OrderID
	stop context.CancelFunc
	done sync.WaitGroup
}

func goShopping(t testing.TB, h *storetest.House, run catalog.RunID) *shopping {
	ctx, stop := context.WithCancel(t.Context())
	s := &shopping{stop: stop}
	for w := range 3 {
		s.done.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				b := storetest.Visitor(w*100_000 + i)
				basket, err := h.Shop.Hold(t.Context(), b, shop.Want{Run: run, Any: 1})
				if err != nil {
					return // sold out
				}
				r, err := h.Shop.Place(t.Context(), storetest.Request(b, "k", basket.Copies...))
				if err == nil && i%2 == 0 {
					_, err = h.Shop.MarkPaid(t.Context(), r[0].Order, "desk")
				}
				if err != nil {
					t.Error(err)
					return
				}
				s.mu.Lock()
				s.acks = append(s.acks, r[0].Order)
				s.mu.Unlock()
			}
		})
	}
	return s
}

func (s *shopping) so() []shop.OrderID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.acks)
}

// await waits until a condition holds.
func await(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after 30 s", what)
		}
	}
}

// TestRestoreDrill takes backups while people buy, and restores each into both databases (fault B1): every order that was acknowledged
// before a backup began is in it, the doctor finds nothing, and the log is the one that was signed.
func TestRestoreDrill(t *testing.T) {
	for _, from := range engines {
		t.Run("from "+from.name, func(t *testing.T) {
			db, beside := from.open(t, "")
			h := storetest.NewHouse(t, db)
			run := h.Run(t, 600)
			ok(t, h.Ledger.Sequence(t.Context()))
			dest := t.TempDir()
			s := goShopping(t, h, run.ID)
			var acked [][]shop.OrderID
			for n := range 2 {
				await(t, "orders", func() bool { return len(s.so()) >= 20*(n+1) })
				ok(t, h.Ledger.Sequence(t.Context()))
				acked = append(acked, s.so())
				must(backup.Take(t.Context(), dest, backup.Source{DB: beside, Blobs: files(t)}, backup.Options{}))(t)
			}
			s.stop()
			s.done.Wait()
			ids := must(backup.IDs(dest))(t)
			if len(ids) != 2 {
				t.Fatalf("snapshots %v", ids)
			}
			for i, id := range ids {
				for _, to := range engines {
					t.Run(fmt.Sprintf("%d to %s", i, to.name), func(t *testing.T) { drill(t, h, dest, id, to, acked[i]) })
				}
			}
		})
	}
}

func drill(t *testing.T, h *storetest.House, dest, id string, to engine, acked []shop.OrderID) {
	snap := must(backup.Open(dest, id))(t)
	defer snap.Close()
	if found := must(snap.Check(t.Context(), nil))(t); len(found) > 0 {
		t.Fatal(found)
	}
	db, beside := to.open(t, snap.Steps[len(snap.Steps)-1])
	ok(t, snap.LoadRows(t.Context(), db, nil))
	if err := snap.LoadRows(t.Context(), db, nil); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("into a full database: %v", err)
	}
	back := must(shop.New(db.Shop(), shop.Config{Now: h.Clock.Now, Ledger: h.Ledger, Key: []byte(strings.Repeat("k", 32))}))(t)
	for _, id := range acked {
		if _, err := back.Order(t.Context(), id); err != nil {
			t.Errorf("order %s was acknowledged before the backup began: %v", id, err)
		}
	}
	dir := t.TempDir()
	c := storetest.LedgerConfig(dir)
	c.Unseen = true
	log := must(registry.New(t.Context(), db.Registry(), c))(t)
	if snap.Log.Size < int64(len(acked)/2) || log.VerifierKey() != snap.Log.Key {
		t.Errorf("the log has %d entries by %s", snap.Log.Size, snap.Log.Key)
	}
	ok(t, log.Rewrite(t.Context()))
	// The files of the restored log are those of the original, as far as both go.
	sameFiles(t, c.Folder, storetest.LedgerConfig(h.Files).Folder)
	r := must(doctor.Examine(t.Context(), doctor.Shop{DB: beside, Blobs: files(t), Log: c.Folder, Seen: c.Seen}, doctor.Part{}, nil))(t)
	if !r.Sound() || r.Entries != snap.Log.Size {
		t.Errorf("the doctor: %+v", r)
	}
}

// sameFiles compares the full tiles of two logs; what is not full grows.
func sameFiles(t *testing.T, small, large string) {
	t.Helper()
	n := 0
	ok(t, filepath.WalkDir(small, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "tile") || strings.Contains(path, ".p") {
			return err
		}
		n++
		rel, err := filepath.Rel(small, path)
		if err != nil {
			return err
		}
		a, err1 := os.ReadFile(path)
		b, err2 := os.ReadFile(filepath.Join(large, rel))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s is another", rel)
		}
		return nil
	}))
	if n == 0 {
		t.Error("no tiles to compare")
	}
}

// small is a shop of a few rows and a file.
func small(t testing.TB, from engine) (backup.Source, *storetest.House) {
	db, beside := from.open(t, "")
	h := storetest.NewHouse(t, db)
	h.Run(t, 3)
	ok(t, h.Ledger.Sequence(t.Context()))
	return backup.Source{DB: beside, Blobs: files(t), Secret: bytes.Repeat([]byte{7}, 32)}, h
}

// TestBitFlips turns over bits of every file of a backup: each is found, and none of it is restored.
func TestBitFlips(t *testing.T) {
	src, _ := small(t, engines[0])
	dest := t.TempDir()
	must(backup.Take(t.Context(), dest, src, backup.Options{}))(t)
	var all []string
	ok(t, filepath.WalkDir(dest, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "lock" {
			all = append(all, path)
		}
		return err
	}))
	found := func() bool {
		s, err := backup.Open(dest, "")
		if err != nil {
			return true
		}
		defer s.Close()
		bad, err := s.Check(t.Context(), nil)
		return err != nil || len(bad) > 0
	}
	if found() {
		t.Fatal("a whole backup is not whole")
	}
	flips, dice := 0, rand.New(rand.NewPCG(1, 2))
	for _, path := range all {
		data := must(os.ReadFile(path))(t)
		for range min(len(data)*8, 30) {
			bit := dice.IntN(len(data) * 8)
			data[bit/8] ^= 1 << (bit % 8)
			ok(t, os.WriteFile(path, data, 0o600))
			if !found() {
				t.Errorf("bit %d of %s turned over, and nobody noticed", bit, path)
			}
			data[bit/8] ^= 1 << (bit % 8)
			flips++
		}
		ok(t, os.WriteFile(path, data[:len(data)/2], 0o600))
		if !found() {
			t.Errorf("half of %s is gone, and nobody noticed", path)
		}
		ok(t, os.Remove(path))
		if !found() {
			t.Errorf("%s is gone, and nobody noticed", path)
		}
		ok(t, os.WriteFile(path, data, 0o600))
	}
	t.Logf("%d flips in %d files, all found", flips, len(all))
	if found() {
		t.Error("put back, and still not whole")
	}
	// A damaged piece that the shop still has is mended by a full backup.
	piece := all[slices.IndexFunc(all, func(p string) bool { return strings.Contains(p, "kept") })]
	data := must(os.ReadFile(piece))(t)
	data[0] ^= 1
	ok(t, os.WriteFile(piece, data, 0o600))
	must(backup.Take(t.Context(), dest, src, backup.Options{Full: true}))(t)
	if found() {
		t.Error("a full backup did not mend it")
	}
}

// TestKeep: snapshots share what is the same, and what no snapshot needs goes.
func TestKeep(t *testing.T) {
	src, h := small(t, engines[0])
	dest := t.TempDir()
	first := must(backup.Take(t.Context(), dest, src, backup.Options{}))(t)
	again := must(backup.Take(t.Context(), dest, src, backup.Options{}))(t)
	if again.Written != 0 || first.Written == 0 || again.ID == first.ID {
		t.Errorf("the second snapshot wrote %d bytes after %d", again.Written, first.Written)
	}
	h.Run(t, 3)
	third := must(backup.Take(t.Context(), dest, src, backup.Options{Keep: 1}))(t)
	if third.Removed != 2 || third.Written == 0 {
		t.Errorf("the third snapshot removed %d and wrote %d bytes", third.Removed, third.Written)
	}
	size := int64(0)
	ok(t, filepath.WalkDir(filepath.Join(dest, "blobs", "kept"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			info, _ := d.Info()
			size += info.Size()
		}
		return err
	}))
	seen, want := map[string]bool{}, int64(0)
	for _, table := range third.Tables {
		for _, p := range table.Pieces {
			if !seen[p.SHA256] {
				seen[p.SHA256], want = true, want+p.Size
			}
		}
	}
	if size != want {
		t.Errorf("the folder has %d bytes, and the snapshot needs %d", size, want)
	}
}

// TestOtherShop: the snapshots of two shops do not mix.
func TestOtherShop(t *testing.T) {
	src, _ := small(t, engines[0])
	dest := t.TempDir()
	must(backup.Take(t.Context(), dest, src, backup.Options{}))(t)
	db, beside := engines[0].open(t, "")
	c := storetest.LedgerConfig(t.TempDir())
	c.Master = bytes.Repeat([]byte{9}, 32)
	must(registry.New(t.Context(), db.Registry(), c))(t)
	if _, err := backup.Take(t.Context(), dest, backup.Source{DB: beside, Blobs: files(t)}, backup.Options{}); !errors.Is(err, backup.ErrOther) {
		t.Errorf("another shop's backup: %v", err)
	}
}

// child backs up the shop in a folder, again and again, and expects to be killed.
func child(dir string) error {
	r, err := sqlite.OpenReader(context.Background(), filepath.Join(dir, "shop.sqlite"))
	if err != nil {
		return err
	}
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		return err
	}
	fmt.Println("begin")
	for {
		if _, err := backup.Take(context.Background(), filepath.Join(dir, "dest"), backup.Source{DB: store.New(r), Blobs: blobs, Secret: make([]byte, 32)}, backup.Options{Keep: 3}); err != nil {
			return err
		}
	}
}

// TestKilledBackup kills a backup at many moments: every snapshot that is there is whole, and the next backup goes on.
func TestKilledBackup(t *testing.T) {
	dir := t.TempDir()
	e := must(sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, "shop.sqlite")}))(t)
	db := opened(t, e)
	h := storetest.NewHouse(t, db)
	h.Run(t, 300)
	ok(t, h.Ledger.Sequence(t.Context()))
	dest := filepath.Join(dir, "dest")
	for n := range 6 {
		cmd := exec.Command(os.Args[0], "-test.run", "^$")
		cmd.Env = append(os.Environ(), childEnv+"="+dir)
		var said bytes.Buffer
		cmd.Stderr = &said
		out := must(cmd.StdoutPipe())(t)
		ok(t, cmd.Start())
		io.ReadFull(out, make([]byte, 6))
		time.Sleep(time.Duration(n*n) * 7 * time.Millisecond) // the moment does not matter; that they differ does
		h.Run(t, 1)                                           // something new to write each time
		cmd.Process.Kill()
		cmd.Wait()
		if cmd.ProcessState.Exited() {
			t.Fatalf("the child ended by itself: %s", &said)
		}
		for _, id := range must(backup.IDs(dest))(t) {
			s := must(backup.Open(dest, id))(t)
			if found := must(s.Check(t.Context(), nil))(t); len(found) > 0 {
				t.Errorf("after kill %d, snapshot %s: %v", n, id, found)
			}
			ok(t, s.Close())
		}
	}
	r := must(sqlite.OpenReader(t.Context(), filepath.Join(dir, "shop.sqlite")))(t)
	must(backup.Take(t.Context(), dest, backup.Source{DB: opened(t, r), Blobs: files(t)}, backup.Options{Keep: 1}))(t)
	left := must(os.ReadDir(filepath.Join(dest, "snapshots")))(t)
	parts := must(os.ReadDir(filepath.Join(dest, "blobs", "parts")))(t)
	if len(left) != 1 || len(parts) != 0 {
		t.Errorf("left are snapshots %v and parts %v", left, parts)
	}
}

// TestMove copies rows there and back: every table has the same hash everywhere.
func TestMove(t *testing.T) {
	for i, from := range engines {
		to := engines[1-i]
		t.Run(from.name+" to "+to.name, func(t *testing.T) {
			src, _ := small(t, from)
			want := must(backup.Sums(t.Context(), src.DB, nil))(t)
			there, _ := to.open(t, "")
			got := must(backup.CopyRows(t.Context(), src.DB, there, nil))(t)
			back, _ := from.open(t, "")
			again := must(backup.CopyRows(t.Context(), there, back, nil))(t)
			rows := int64(0)
			for i, w := range want {
				rows += w.Rows
				for _, g := range []backup.Table{got[i], again[i]} {
					if g.Name != w.Name || g.SHA256 != w.SHA256 || g.Rows != w.Rows {
						t.Errorf("table %s: %+v, want %+v", w.Name, g, w)
					}
				}
			}
			if rows < 20 {
				t.Errorf("%d rows in all", rows)
			}
			if _, err := backup.CopyRows(t.Context(), src.DB, there, nil); !errors.Is(err, backup.ErrNotEmpty) {
				t.Errorf("into a full database: %v", err)
			}
		})
	}
}
