package pdf

import (
	"bytes"
	"os"
	"testing"

	"ferric/sheet"
	"ferric/sheet/internal/sample"
)

func TestSampleOut(t *testing.T) {
	var b bytes.Buffer
	doc, err := sample.Document(sheet.NewFonts())
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(&b, doc); err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/sheet/s.pdf", b.Bytes(), 0o644)
}
