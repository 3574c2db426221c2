package png

import (
	"bytes"
	"os"
	"testing"
	"time"

	"ferric/sheet"
	"ferric/sheet/internal/sample"
)

func TestOut(t *testing.T) {
	s := time.Now()
	doc, err := sample.Document(sheet.NewFonts())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(s))
	s = time.Now()
	var b bytes.Buffer
	if err := Write(&b, doc.Pages[0], 150); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(s))
	os.WriteFile("/tmp/sheet/ours.png", b.Bytes(), 0o644)
}
