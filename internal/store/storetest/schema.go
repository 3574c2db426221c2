package storetest

import (
	_ "embed"
	"flag"
	"os"
	"strings"
	"testing"

	"ferric/internal/store"
)

//go:embed testdata/schema.txt
var golden string

var update = flag.Bool("update", false, "write the golden schema anew")

// Schema compares the columns that a database has with the golden list, which is one for all databases. The query gives
// table, column and type by name and place; SQLite's INTEGER and PostgreSQL's bigint are one type, as are TEXT and text.
func Schema(t *testing.T, e store.Engine, query string) {
	t.Helper()
	var b strings.Builder
	err := e.View(t.Context(), func(c store.Conn) error {
		return c.Query(func(scan func(...any) error) error {
			var table, column, kind string
			err := scan(&table, &column, &kind)
			switch strings.ToLower(kind) {
			case "integer", "bigint":
				kind = "integer"
			case "text":
				kind = "text"
			}
			b.WriteString(table + "." + column + " " + kind + "\n")
			return err
		}, query)
	})
	ok(t, err)
	if *update {
		ok(t, os.WriteFile("../storetest/testdata/schema.txt", []byte(b.String()), 0o644))
		return
	}
	if b.String() != golden {
		t.Errorf("the schema is not the golden one (-update writes it anew):\n%s", b.String())
	}
}
