package sqlite_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/internal/store/storetest"
	"ferric/ledger"
)

// The faults C2 and C4 below a shop on SQLite: the power goes, and what was written and not synced is there, or not, or
// in pieces; a bit of a file turns over. What was acknowledged was synced before (package sqlite), so it must be there
// whatever became of the rest. LazyFS and SQLite's own tests do the same (github.com/dsrhaslab/lazyfs, sqlite.org/testing.html).

// sector is what a disk writes whole.
const sector = 512

// disk is the files of a shop at a moment in which all is synced.
type disk struct {
	files map[string][]byte // by their name below the folder: the database, its log, the ledger's files
	acks  int               // how many orders were acknowledged by then
}

func snapshot(t *testing.T, dir string, acks int) disk {
	t.Helper()
	d := disk{map[string][]byte{}, acks}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || filepath.Ext(path) == ".lock" || bytes.HasSuffix([]byte(path), []byte("-shm")) {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			d.files[name], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// write makes a folder of a disk.
func (d disk) write(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range d.files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// torn is a file between two syncs: of what was being written, each sector is there, or not yet, or is neither.
func torn(r *rand.Rand, before, after []byte, garbage bool) []byte {
	size := len(before)
	if len(after) > size && r.IntN(4) > 0 {
		size += r.IntN(len(after) - size + 1)
	}
	if r.IntN(2) == 0 {
		size = max(len(before), size-size%sector)
	}
	out := make([]byte, size)
	odds := 1 + r.IntN(9)
	for at := 0; at < len(out); at += sector {
		end := min(at+sector, len(out))
		from := before
		if at >= len(before) || at < len(after) && r.IntN(10) < odds {
			from = after
		}
		if at < len(from) {
			copy(out[at:end], from[at:min(end, len(from))])
		}
		if garbage && at < len(after) && r.IntN(8) == 0 {
			for i := at; i < end; i++ { // bytes that were synced and not written anew stay (sqlite.org/psow.html)
				if i >= len(before) || i < len(after) && before[i] != after[i] {
					out[i] = byte(r.Uint32())
				}
			}
		}
	}
	return out
}

const dbName, walName = "ferric.db", "ferric.db-wal"

// cut is what the disk holds when the power goes between two moments. SQLite's order is kept, as the disk keeps it at
// each sync: its log is synced before a checkpoint writes to the database, and the database before the log begins anew.
func cut(r *rand.Rand, before, after disk) disk {
	d := disk{map[string][]byte{}, before.acks}
	for name, data := range before.files {
		d.files[name] = data
	}
	switch wal, was := after.files[walName], before.files[walName]; {
	case !bytes.Equal(before.files[dbName], after.files[dbName]): // a checkpoint
		d.files[walName] = wal
		d.files[dbName] = torn(r, before.files[dbName], after.files[dbName], false)
	default:
		d.files[walName] = torn(r, was, wal, true)
	}
	return d
}

// trade is a shop at work, snapshot after every order that was acknowledged and around each checkpoint.
func trade(t *testing.T, orders int) (run catalog.RunID, acks []shop.Receipt, moments []disk) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, dbName)
	o, err := openShop(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	run = storetest.NewHouse(t, o.DB).Run(t, orders+5).ID
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	moments = append(moments, snapshot(t, dir, 0))
	for i := range orders {
		b := storetest.Visitor(i)
		basket, err := o.shop.Hold(t.Context(), b, shop.Want{Run: run, Any: 1})
		if err != nil {
			t.Fatal(err)
		}
		moments = append(moments, snapshot(t, dir, len(acks)))
		receipts, err := o.shop.Place(t.Context(), storetest.Request(b, "k", basket.Copies...))
		if err != nil {
			t.Fatal(err)
		}
		acks = append(acks, receipts[0])
		moments = append(moments, snapshot(t, dir, len(acks)))
		if i%5 == 3 {
			if _, err := raw.Exec("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
				t.Fatal(err)
			}
			moments = append(moments, snapshot(t, dir, len(acks)))
		}
		if i%4 == 1 {
			if _, err := o.shop.MarkPaid(t.Context(), receipts[0].Order, "desk"); err != nil {
				t.Fatal(err)
			}
			if err := o.ledger.Sequence(t.Context()); err != nil {
				t.Fatal(err)
			}
			moments = append(moments, snapshot(t, dir, len(acks)))
		}
	}
	return run, acks, moments
}

// goesOn opens a shop on a disk and checks that every acknowledged order is there as it was, that the file is whole, and that the shop and its ledger go on.
func goesOn(t *testing.T, d disk, run catalog.RunID, acks []shop.Receipt) error {
	t.Helper()
	dir := d.write(t)
	path := filepath.Join(dir, dbName)
	o, err := openShop(t.Context(), path)
	if err != nil {
		return fmt.Errorf("it does not open: %w", err)
	}
	defer o.Close()
	for _, r := range acks[:d.acks] {
		order, err := o.shop.Order(t.Context(), r.Order)
		if err != nil {
			return fmt.Errorf("order %s was acknowledged and is lost: %w", r.Order, err)
		}
		c, _, err := o.catalog.Copy(t.Context(), run, r.Lines[0].Number)
		if err != nil || c.Order != string(r.Order) || order.Lines[0].Number != r.Lines[0].Number {
			return fmt.Errorf("number %d of order %s is in %q: %w", r.Lines[0].Number, r.Order, c.Order, err)
		}
	}
	b := storetest.Visitor(9999)
	if _, err := o.shop.Hold(t.Context(), b, shop.Want{Run: run, Any: 1}); err != nil {
		return fmt.Errorf("it does not go on: %w", err)
	}
	if err := o.ledger.Sequence(t.Context()); err != nil {
		return fmt.Errorf("its ledger does not go on: %w", err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer raw.Close()
	var check string
	if err := raw.QueryRow("PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
		return fmt.Errorf("the file: %s, %w", check, err)
	}
	return nil
}

// thorough is n, or all where FAULTS=long asks for it.
func thorough(n, all int) int {
	if os.Getenv("FAULTS") == "long" {
		return all
	}
	if testing.Short() {
		return n / 4
	}
	return n
}

// TestPowerLoss (C2) cuts the power at random points between syncs.
func TestPowerLoss(t *testing.T) {
	cuts := thorough(40, 500)
	run, acks, moments := trade(t, 12)
	r := rand.New(rand.NewPCG(2, 2))
	checkpoints := 0
	for i := range cuts {
		k := i % (len(moments) - 1)
		if !bytes.Equal(moments[k].files[dbName], moments[k+1].files[dbName]) {
			checkpoints++
		}
		if err := goesOn(t, cut(r, moments[k], moments[k+1]), run, acks); err != nil {
			t.Fatalf("cut %d, between moments %d and %d: %v", i, k, k+1, err)
		}
	}
	if checkpoints == 0 {
		t.Error("no cut fell into a checkpoint")
	}
	t.Logf("%d cuts, %d of them in a checkpoint, between %d moments", cuts, checkpoints, len(moments))
}

// TestLogBitFlips (C4) turns over one bit of SQLite's log. What is read then is what was there at some moment before,
// never anything else; and when orders that the public ledger has were lost by it, the ledger finds that and signs nothing.
func TestLogBitFlips(t *testing.T) {
	flips := thorough(40, 1000)
	_, acks, moments := trade(t, 8)
	const paid = 5 // the last order that the public ledger has: see trade
	last := moments[len(moments)-1]
	wal := last.files[walName]
	r := rand.New(rand.NewPCG(4, 4))
	lost, found, whole := 0, 0, 0
	for i := range flips {
		d := disk{map[string][]byte{}, 0}
		for name, data := range last.files {
			d.files[name] = data
		}
		d.files[walName] = bytes.Clone(wal)
		at := r.IntN(len(wal))
		d.files[walName][at] ^= 1 << r.IntN(8)
		dir := d.write(t)
		o, err := openShop(t.Context(), filepath.Join(dir, dbName))
		if err != nil {
			found++
			continue
		}
		have := 0
		for k, ack := range acks {
			order, err := o.shop.Order(t.Context(), ack.Order)
			if err != nil {
				continue
			}
			if have != k || order.Lines[0].Number != ack.Lines[0].Number {
				t.Fatalf("flip %d at byte %d: order %d is there, and only %d before it", i, at, k, have)
			}
			have++
		}
		err = o.ledger.Sequence(t.Context())
		if err == nil && have <= paid {
			t.Fatalf("flip %d at byte %d: order %d is gone, the public ledger has it, and signs on", i, at, paid)
		}
		switch {
		case have == len(acks):
			whole++
		case err != nil:
			found++
		default:
			lost++
		}
		if h, e := ledger.Audit(t.Context(), os.DirFS(storetest.LedgerConfig(dir).Folder), ledger.Trust{}, nil); e != nil || len(h.Findings) > 0 {
			t.Fatalf("flip %d: the public log does not hold any more: %v", i, e)
		}
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d flips of %d bytes: %d changed nothing, %d were found, %d took the last orders that no public log had", flips, len(wal), whole, found, lost)
}
