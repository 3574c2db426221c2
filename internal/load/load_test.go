//go:build linux

package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ferric/internal/store/storetest"
)

// program is the ferric that the tests serve with, and cluster a PostgreSQL of their own.
var (
	program string
	cluster *storetest.Cluster
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ferric-load")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "ferric")
	if out, err := exec.Command("go", "build", "-o", program, "ferric/cmd/ferric").CombinedOutput(); err != nil {
		fmt.Printf("%v\n%s", err, out)
		return 1
	}
	if cluster, err = storetest.StartCluster(); err != nil {
		fmt.Println(err)
		return 1
	}
	defer cluster.Stop()
	return m.Run()
}

// everywhere runs a test with a shop on SQLite, and with one on PostgreSQL.
func everywhere(t *testing.T, test func(*testing.T, *site)) {
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			address := ""
			if database == "postgres" {
				address = inURL(cluster.URL(t))
			}
			s, err := place(program, t.TempDir(), address)
			if err != nil {
				t.Fatal(err)
			}
			test(t, s)
		})
	}
}

// inURL writes "host=/tmp/x user=u dbname=d search_path=s" as the address that the shop takes.
func inURL(words string) string {
	v := map[string]string{}
	for word := range strings.FieldsSeq(words) {
		name, value, _ := strings.Cut(word, "=")
		v[name] = value
	}
	return (&url.URL{Scheme: "postgres", User: url.User(v["user"]), Path: "/" + v["dbname"],
		RawQuery: url.Values{"host": {v["host"]}, "search_path": {v["search_path"]}}.Encode()}).String()
}

// TestCrowd is the drop: 1,000 buyers before 100 numbers, over HTTP, with double requests and holds that are let go. What the crowd
// and the audit check is that all copies are sold, each once and to somebody who knows, that nobody has two, and that the log replays.
func TestCrowd(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		if err := s.fill(t.Context(), 0, 0); err != nil {
			t.Fatal(err)
		}
		p, err := s.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer p.kill()
		c, err := s.crowd(t.Context(), 1_000, 64)
		if err != nil {
			t.Fatalf("%v\n%s", err, p.out)
		}
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
		if err := s.audit(t.Context(), c.told, c.run); err != nil {
			t.Fatal(err)
		}
		t.Log(c)
		if n := c.told.size(); n != dropCopies || c.letGo.Load() == 0 || c.refused.Load() < 1_000/2 {
			t.Errorf("%d orders; the crowd was no crowd", n)
		}
	})
}

// TestKill kills the server while buyers order. make kill does so hundreds of times.
func TestKill(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		kills := 20
		if s.database != "" {
			kills = 6
		}
		if err := s.fill(t.Context(), 1, 60*kills); err != nil {
			t.Fatal(err)
		}
		k, err := s.kill(t.Context(), kills)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(k)
		if n := k.told.size(); n < 5*kills || k.again == 0 {
			t.Errorf("%d orders were acknowledged and %d sent again", n, k.again)
		}
	})
}

// TestAuditFinds: the audit of a shop notices what the load program claims to exclude.
func TestAuditFinds(t *testing.T) {
	s, err := place(program, t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.fill(t.Context(), 1, 10); err != nil {
		t.Fatal(err)
	}
	p, err := s.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := newBuyer(1)
	numbers, err := hold(c, b, s.stock[0].ID, "7")
	if err != nil {
		t.Fatal(err)
	}
	receipts, err := order(c, b, 1, s.stock[0].ID, numbers)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	heard := newTold()
	if err := heard.add(receipts, false); err != nil {
		t.Fatal(err)
	}
	if err := s.audit(t.Context(), heard, ""); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(told *told){
		"lost": func(told *told) { told.orders["AAAA-BBBB-CCCC"] = acknowledged{line: receipts[0].Lines[0]} },
		"with": func(told *told) {
			a := told.orders[receipts[0].Order]
			a.line.Number = 8
			told.orders[receipts[0].Order] = a
		},
		"in no order": nil,
	} {
		told := newTold()
		told.add(receipts, false)
		soldOut := s.stock[0].ID
		if change != nil {
			change(told)
			soldOut = ""
		}
		if err := s.audit(t.Context(), told, soldOut); err == nil {
			t.Errorf("%s: the audit found nothing", what)
		}
	}
}
