package postgres_test

import (
	"fmt"
	"os"
	"testing"

	"ferric/internal/store"
	"ferric/internal/store/postgres"
	"ferric/internal/store/storetest"
)

var cluster *storetest.Cluster

func TestMain(m *testing.M) {
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

func open(t testing.TB) *store.DB {
	t.Helper()
	e, err := postgres.Open(t.Context(), postgres.Config{URL: cluster.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	db := store.New(e)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestStore(t *testing.T) { storetest.Run(t, open) }

func BenchmarkShop(b *testing.B) { storetest.Bench(b, open) }

func BenchmarkWindow(b *testing.B) { storetest.BenchWindow(b, open) }

func BenchmarkLedger(b *testing.B) { storetest.BenchLedger(b, open) }

func BenchmarkJournal(b *testing.B) { storetest.BenchJournal(b, open) }
