package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/sqlite"
	"ferric/internal/store/storetest"
)

const childEnv = "FERRIC_TEST_KILL"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := sell(path, catalog.RunID(os.Getenv(childEnv+"_RUN")), os.Getenv(childEnv+"_ROUND")); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func openShop(ctx context.Context, path string) (*store.DB, *shop.Shop, *catalog.Catalog, error) {
	e, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return nil, nil, nil, err
	}
	db := store.New(e)
	ledger, err := registry.New(ctx, db.Registry(), storetest.LedgerConfig(filepath.Dir(path)))
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := shop.New(db.Shop(), shop.Config{Now: time.Now, Ledger: ledger, Key: []byte(strings.Repeat("k", 32))})
	return db, s, catalog.New(db.Catalog(), time.Now, ledger), err
}

// sell is the child: it takes orders as fast as it can, prints each one that was acknowledged, and expects to be killed.
func sell(path string, run catalog.RunID, round string) error {
	_, s, _, err := openShop(context.Background(), path)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for worker := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				b := shop.Buyer{Visitor: fmt.Sprintf("r%s-w%d-%d", round, worker, i)}
				basket, err := s.Hold(context.Background(), b, shop.Want{Run: run, Any: 1})
				if fault.Is(err, fault.Taken) {
					return
				}
				if err == nil {
					var receipts []shop.Receipt
					if receipts, err = s.Place(context.Background(), storetest.Request(b, "k", basket.Copies...)); err == nil {
						mu.Lock()
						fmt.Printf("ack %s %d\n", receipts[0].Order, receipts[0].Lines[0].Number)
						mu.Unlock()
					}
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// TestKill kills a process that takes orders, at a different moment each time, and looks for every order that it had acknowledged.
func TestKill(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 4
	}
	path := filepath.Join(t.TempDir(), "ferric.db")
	db, _, _, err := openShop(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	house := storetest.NewHouse(t, db)
	run := house.Run(t, 20_000)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[shop.OrderID]int{}
	for round := range kills {
		child := exec.Command(os.Args[0], "-test.run", "^$")
		child.Env = append(os.Environ(), childEnv+"="+path, childEnv+"_RUN="+string(run.ID), fmt.Sprintf("%s_ROUND=%d", childEnv, round))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for seen := 0; lines.Scan(); seen++ {
			var id shop.OrderID
			var number int
			if _, err := fmt.Sscanf(lines.Text(), "ack %s %d", &id, &number); err != nil {
				continue // cut off by the kill, or an error of the child, which ends it
			}
			acknowledged[id] = number
			if seen == 3+round*17%60 {
				child.Process.Kill() // SIGKILL; what it acknowledged meanwhile is still in the pipe
			}
		}
		child.Wait()
		if child.ProcessState.Exited() {
			t.Fatalf("round %d: the child ended by itself: %v", round, child.ProcessState)
		}
	}
	db, s, c, err := openShop(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for id, number := range acknowledged {
		o, err := s.Order(t.Context(), id)
		if err != nil {
			t.Fatalf("order %s was acknowledged and is lost: %v", id, err)
		}
		copy, _, err := c.Copy(t.Context(), run.ID, number)
		if err != nil || copy.Order != string(id) || copy.State != catalog.Held || o.Lines[0].Number != number {
			t.Fatalf("order %s was acknowledged with number %d, which is %s in %q (%v)", id, number, copy.State, copy.Order, err)
		}
	}
	t.Logf("%d kills, %d acknowledged orders, none lost", kills, len(acknowledged))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var check string
	if err := raw.QueryRow("PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
		t.Errorf("the file after %d kills: %s, %v", kills, check, err)
	}
}
