package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ferric/internal/catalog"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/store/storetest"
)

// TestRestoredBackup puts yesterday's file in the place of today's (fault B2). The shop
// could sell on, but its log signs nothing until today's file is back.
func TestRestoredBackup(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ferric.db")
	var run catalog.RunID
	// day opens the shop, sells, and publishes.
	day := func(visitor, sales int) error {
		t.Helper()
		o, err := openShop(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := o.Close(); err != nil {
				t.Error(err)
			}
		}()
		if run == "" {
			run = storetest.NewHouse(t, o.DB).Run(t, 20).ID
		}
		for i := range sales {
			b := storetest.Visitor(visitor + i)
			basket, err := o.shop.Hold(t.Context(), b, shop.Want{Run: run, Any: 1})
			if err != nil {
				t.Fatal(err)
			}
			receipts, err := o.shop.Place(t.Context(), storetest.Request(b, "k", basket.Copies...))
			if err == nil {
				_, err = o.shop.MarkPaid(t.Context(), receipts[0].Order, "desk")
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return o.ledger.Sequence(t.Context())
	}
	move := func(from, to string) {
		t.Helper()
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	well := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	well(day(0, 3))
	kept := storetest.LedgerConfig(dir).Seen
	move(path, path+".yesterday") // the shop is closed: the file is whole
	move(kept, kept+".yesterday")
	well(day(10, 2))
	move(path, path+".today")
	seen := replay(t, path, nil)

	move(path+".yesterday", path)
	for _, sales := range []int{0, 1, 5} { // fewer, as many and more than were lost
		if err := day(20+sales, sales); !errors.Is(err, registry.ErrRestored) {
			t.Errorf("yesterday's file, %d sales later: %v", sales, err)
		}
		if now := replay(t, path, seen); now.Size != seen.Size {
			t.Errorf("the public log has %d entries, and had %d", now.Size, seen.Size)
		}
	}
	// The backup had the last checkpoint too, which it should not: the public one still stands against it.
	move(path+".yesterday", path)
	move(kept+".yesterday", kept)
	if err := day(40, 1); !errors.Is(err, registry.ErrRestored) {
		t.Errorf("yesterday's file and checkpoint: %v", err)
	}
	move(path+".today", path)
	well(day(30, 1))
	if now := replay(t, path, seen); now.Size != seen.Size+1 {
		t.Errorf("the public log has %d entries, and had %d", now.Size, seen.Size)
	}
}
