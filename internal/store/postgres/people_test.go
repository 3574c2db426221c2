package postgres_test

import (
	"testing"

	"ferric/internal/store"
	"ferric/internal/store/postgres"
	"ferric/internal/store/storetest"
)

func engine(t testing.TB) store.Engine {
	t.Helper()
	e, err := postgres.Open(t.Context(), postgres.Config{URL: cluster.URL(t)})
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
