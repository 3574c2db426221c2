package sqlite_test

import (
	"path/filepath"
	"testing"

	"ferric/internal/store/sqlite"
	"ferric/internal/store/storetest"
)

func TestSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ferric.db")
	for range 2 { // the second time there is nothing to do
		e, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		storetest.Schema(t, e, `SELECT m.name, c.name, c.type FROM sqlite_schema m JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid`)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
