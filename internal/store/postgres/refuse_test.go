package postgres_test

import (
	"strings"
	"sync"
	"testing"

	"ferric/internal/store/postgres"
	"ferric/internal/store/storetest"
)

func TestSchema(t *testing.T) {
	url := cluster.URL(t)
	var wg sync.WaitGroup
	for range 4 { // processes that start at once find one schema
		wg.Go(func() {
			e, err := postgres.Open(t.Context(), postgres.Config{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			defer e.Close()
			storetest.Schema(t, e, `SELECT table_name, column_name, data_type FROM information_schema.columns
				WHERE table_schema = current_schema() ORDER BY table_name COLLATE "C", ordinal_position`)
		})
	}
	wg.Wait()
}

// TestRefusesToForget: a server that acknowledges what is not on disk is not opened.
func TestRefusesToForget(t *testing.T) {
	_, err := postgres.Open(t.Context(), postgres.Config{URL: cluster.URL(t) + " synchronous_commit=off"})
	if err == nil || !strings.Contains(err.Error(), "synchronous_commit off") {
		t.Errorf("synchronous_commit off: %v", err)
	}
}

func TestAddressStaysSecret(t *testing.T) {
	for _, url := range []string{"postgres://shop:hunter2@[bad", "postgres://shop:hunter2@127.0.0.1:1/none?connect_timeout=1"} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: url})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
