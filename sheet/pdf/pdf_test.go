package pdf

import (
	"bytes"
	"os"
	"testing"

	"ferric/sheet"
)

func TestSampleOut(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample(t, sheet.NewFonts())); err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/sheet/s.pdf", b.Bytes(), 0o644)
}
