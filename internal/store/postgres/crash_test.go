package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/postgres"
	"ferric/internal/store/storetest"
)

// TestServerCrash (C1, C2, C3): PostgreSQL is killed under load and started again, some times. While it is away orders are
// refused in plain words, not lost; every order that was acknowledged is there afterwards; and the shop goes on without being opened anew.
func TestServerCrash(t *testing.T) {
	own, err := storetest.StartCluster()
	if err != nil {
		t.Fatal(err)
	}
	url := own.URL(t) // skips without PostgreSQL
	defer func() {
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	}()
	e, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	db := store.New(e)
	defer db.Close()
	h := storetest.NewHouse(t, db)
	run := h.Run(t, 2_000)
	var mu sync.Mutex
	acks := map[shop.OrderID]int{}
	away := 0
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				b := shop.Buyer{Visitor: fmt.Sprintf("w%d-%d", worker, i)}
				basket, err := h.Shop.Hold(t.Context(), b, shop.Want{Run: run.ID, Any: 1})
				var receipts []shop.Receipt
				if err == nil {
					receipts, err = h.Shop.Place(t.Context(), storetest.Request(b, "k", basket.Copies...))
				}
				switch {
				case fault.Is(err, fault.Taken):
					return
				case fault.Is(err, fault.Unavailable):
					mu.Lock()
					away++
					mu.Unlock()
					time.Sleep(5 * time.Millisecond)
				case err != nil:
					t.Errorf("a server that is away is answered with %v", err)
					return
				default:
					mu.Lock()
					acks[receipts[0].Order] = receipts[0].Lines[0].Number
					mu.Unlock()
				}
			}
		})
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(acks) }
	crashes := 2
	if testing.Short() {
		crashes = 1
	}
	for crash := range crashes {
		for end := time.Now().Add(30 * time.Second); count() < (crash+1)*20; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("after %d crashes the shop does not go on: %d orders", crash, count())
			}
		}
		if err := own.Crash(); err != nil {
			t.Fatal(err)
		}
	}
	have := count()
	for end := time.Now().Add(30 * time.Second); count() < have+20; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("after the last crash the shop does not go on")
		}
	}
	close(stop)
	wg.Wait()
	for id, number := range acks {
		o, err := h.Shop.Order(t.Context(), id)
		if err != nil {
			t.Fatalf("order %s was acknowledged and is lost: %v", id, err)
		}
		if c, _, err := h.Catalog.Copy(t.Context(), run.ID, number); err != nil || c.Order != string(id) || o.Lines[0].Number != number {
			t.Fatalf("number %d of order %s is in %q, %v", number, id, c.Order, err)
		}
	}
	h.Audit(t, run)
	t.Logf("%d crashes, %d orders acknowledged and there, %d refusals", crashes, len(acks), away)
}
