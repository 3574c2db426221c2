package sqlite_test

import (
	"path/filepath"
	"testing"

	"ferric/internal/store"
	"ferric/internal/store/sqlite"
	"ferric/internal/store/storetest"
)

func open(t testing.TB) *store.DB {
	t.Helper()
	e, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ferric.db")})
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
