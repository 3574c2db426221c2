package sheet_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"ferric/sheet"
	"ferric/sheet/internal/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestDump(t *testing.T) {
	doc, err := sample.Document(sheet.NewFonts())
	if err != nil {
		t.Fatal(err)
	}
	got := sheet.Dump(doc)
	const golden = "testdata/sample.dump"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("line %d differs from %s (run with -update if that is meant):\n%s", i+1, golden, strings.Join(a[i:min(i+3, len(a))], "\n"))
		}
	}
}
