package sqlite_test

import (
	"path/filepath"
	"testing"

	"ferric/internal/store"
	"ferric/internal/store/sqlite"
	"ferric/internal/store/storetest"
)

func engine(t testing.TB) store.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ferric.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestPeople(t *testing.T) { storetest.People(t, engine) }
