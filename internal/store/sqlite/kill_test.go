package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
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
	"ferric/ledger"
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

// opened is a shop on a file, with its ledger's files beside it.
type opened struct {
	*store.DB
	shop    *shop.Shop
	catalog *catalog.Catalog
	ledger  *registry.Registry
}

func openShop(ctx context.Context, path string) (*opened, error) {
	e, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return nil, err
	}
	o := &opened{DB: store.New(e)}
	if o.ledger, err = registry.New(ctx, o.Registry(), storetest.LedgerConfig(filepath.Dir(path))); err != nil {
		return nil, err
	}
	o.catalog = catalog.New(o.Catalog(), time.Now, o.ledger)
	o.shop, err = shop.New(o.Shop(), shop.Config{Now: time.Now, Ledger: o.ledger, Key: []byte(strings.Repeat("k", 32))})
	return o, err
}

// sell is the child: it takes orders as fast as it can and marks every other one paid while its
// ledger is published, prints each that was acknowledged, and expects to be killed.
func sell(path string, run catalog.RunID, round string) error {
	o, err := openShop(context.Background(), path)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	errs := make(chan error, 17)
	go func() { errs <- o.ledger.Run(context.Background()) }()
	s := o.shop
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
						what := "ack"
						if i%2 == 1 {
							_, err = s.MarkPaid(context.Background(), receipts[0].Order, "desk")
							what = "paid"
						}
						if err == nil {
							mu.Lock()
							fmt.Printf("%s %s %d\n", what, receipts[0].Order, receipts[0].Lines[0].Number)
							mu.Unlock()
						}
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
	kills := thorough(20, 200)
	path := filepath.Join(t.TempDir(), "ferric.db")
	o, err := openShop(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	run := storetest.NewHouse(t, o.DB).Run(t, max(3_000, 80*kills)) // some forty are ordered before each kill; none may run out
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged, paid := map[shop.OrderID]int{}, map[shop.OrderID]bool{}
	var seen *ledger.Seen
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
		for acks := 0; lines.Scan(); acks++ {
			var what string
			var id shop.OrderID
			var number int
			if _, err := fmt.Sscanf(lines.Text(), "%s %s %d", &what, &id, &number); err != nil {
				continue // cut off by the kill, or an error of the child, which ends it
			}
			acknowledged[id], paid[id] = number, what == "paid"
			if acks == 3+round*17%60 {
				child.Process.Kill() // SIGKILL; what it acknowledged meanwhile is still in the pipe
			}
		}
		child.Wait()
		if child.ProcessState.Exited() {
			t.Fatalf("round %d: the child ended by itself: %v", round, child.ProcessState)
		}
		if round%8 == 7 {
			seen = replay(t, path, seen) // what the public sees at the moment of the kill
		}
	}
	if o, err = openShop(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := o.ledger.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen = replay(t, path, seen)
	sold := 0
	for id, number := range acknowledged {
		order, err := o.shop.Order(t.Context(), id)
		if err != nil {
			t.Fatalf("order %s was acknowledged and is lost: %v", id, err)
		}
		copy, _, err := o.catalog.Copy(t.Context(), run.ID, number)
		want := catalog.Held
		if paid[id] {
			want = catalog.Sold
			sold++
			if h, err := o.ledger.State(t.Context(), string(run.ID), number); err != nil || h.Status != ledger.Owned || !h.Entries[2].Proven {
				t.Errorf("number %d is paid, and the ledger says %+v (%v)", number, h, err)
			}
		}
		if err != nil || copy.Order != string(id) || copy.State != want || order.Lines[0].Number != number {
			t.Fatalf("order %s was acknowledged with number %d, which is %s in %q (%v)", id, number, copy.State, copy.Order, err)
		}
	}
	if sold == 0 || seen.Size < int64(1+3_000+sold) {
		t.Errorf("%d orders were paid, and the log has %d entries", sold, seen.Size)
	}
	t.Logf("%d kills, %d acknowledged orders, %d of them paid, none lost; %d entries in the ledger", kills, len(acknowledged), sold, seen.Size)
	if err := o.Close(); err != nil {
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

// replay audits the ledger beside a file as anybody can, and gives what to hold it against the next time.
func replay(t *testing.T, path string, seen *ledger.Seen) *ledger.Seen {
	t.Helper()
	folder := storetest.LedgerConfig(filepath.Dir(path)).Folder
	if _, err := os.Stat(filepath.Join(folder, ledger.CheckpointPath)); seen == nil && errors.Is(err, fs.ErrNotExist) {
		return nil // killed before anything was published
	}
	r, err := ledger.Audit(t.Context(), os.DirFS(folder), ledger.Trust{Seen: seen}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Fatalf("the audit found, at entry %d: %v", f.Index, f.Err)
	}
	return &ledger.Seen{Signed: r.Signed}
}
