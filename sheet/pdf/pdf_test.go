package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ferric/sheet"
	"ferric/sheet/internal/sample"
)

func written(t testing.TB, doc *sheet.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sampleDocument(t testing.TB) *sheet.Document {
	t.Helper()
	doc, err := sample.Document(sheet.NewFonts())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func onePage(items ...sheet.Item) *sheet.Document {
	return &sheet.Document{Pages: []*sheet.Page{{Media: sheet.Rect{W: 100, H: 50}, Items: items}}}
}

func TestSameBytes(t *testing.T) {
	if a, b := written(t, sampleDocument(t)), written(t, sampleDocument(t)); !bytes.Equal(a, b) {
		t.Error("the same document gave other bytes")
	}
}

// Every entry of the table points at the object of its number, and startxref at the table.
func TestCrossReferences(t *testing.T) {
	b := written(t, sampleDocument(t))
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(b)
	at, _ := strconv.Atoi(string(m[1]))
	lines := strings.Split(string(b[at:]), "\n")
	if lines[0] != "xref" {
		t.Fatalf("startxref points at %q", lines[0])
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(lines[1], "0 "))
	for i := 1; i < n; i++ {
		entry := lines[2+i]
		offset, _ := strconv.Atoi(entry[:10])
		if want := fmt.Sprintf("%d 0 obj\n", i); !bytes.HasPrefix(b[offset:], []byte(want)) || len(entry) != 19 {
			t.Errorf("object %d: entry %q points at %q", i, entry, b[offset:offset+12])
		}
	}
}

func TestBoxes(t *testing.T) {
	doc := onePage()
	p := doc.Pages[0]
	p.Media, p.Bleed, p.Trim = sheet.Rect{W: 210, H: 297}, sheet.Rect{X: 10, Y: 20, W: 100, H: 50}, sheet.Rect{X: 13, Y: 23, W: 94, H: 44}
	b := string(written(t, doc))
	pt := func(mm float64) string { return numbers(mm * 72 / 25.4) }
	for _, want := range []string{
		"/MediaBox [0 0 " + pt(210) + " " + pt(297) + "]",
		"/BleedBox [" + pt(10) + " " + pt(227) + " " + pt(110) + " " + pt(277) + "]",
		"/TrimBox [" + pt(13) + " " + pt(230) + " " + pt(107) + " " + pt(274) + "]",
	} {
		if !strings.Contains(b, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestHostileTitles(t *testing.T) {
	doc := onePage()
	doc.Title, doc.Author, doc.Language = "a) >> endobj \\(", "]]></rdf:li>\x00\xff夜", "en) /Evil ("
	b := string(written(t, doc))
	for _, bad := range []string{"a) >>", "]]></rdf", "(en)"} {
		if strings.Contains(b, bad) {
			t.Errorf("%q stands in the file", bad)
		}
	}
	if want := `/Title (a\) >> endobj \\\()`; !strings.Contains(b, want) {
		t.Errorf("no %s", want)
	}
}

func TestRefused(t *testing.T) {
	ring := &sheet.Group{Box: sheet.Rect{W: 1, H: 1}}
	ring.Items = []sheet.Item{&sheet.Use{Group: ring, At: sheet.MoveBy(0, 0)}}
	deep := []sheet.Item{sheet.Filled(sheet.RectPath(sheet.Rect{W: 1, H: 1}), sheet.Hex(0))}
	for range maxDepth + 1 {
		deep = []sheet.Item{&sheet.Clip{Inside: sheet.RectPath(sheet.Rect{W: 1, H: 1}), Items: deep}}
	}
	jpg := encoded(t, "jpeg", noise("colour", 64, 64))
	cut, err := sheet.NewImage(jpg[:len(jpg)/2])
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		item sheet.Item
		want error
	}{
		"NaN":               {sheet.Filled(sheet.RectPath(sheet.Rect{W: sheet.MM(math.NaN()), H: 1}), sheet.Hex(0)), errNumber},
		"infinite":          {&sheet.Use{Group: &sheet.Group{}, At: sheet.Matrix{A: math.Inf(1)}}, errNumber},
		"a group in a ring": {&sheet.Use{Group: ring, At: sheet.MoveBy(0, 0)}, errDepth},
		"deep clips":        {deep[0], errDepth},
		"one stop":          {&sheet.Path{Segments: sheet.RectPath(sheet.Rect{W: 1, H: 1}), Gradient: &sheet.Gradient{Stops: make([]sheet.Stop, 1)}}, errStops},
		"half a JPEG":       {&sheet.Picture{Image: cut, Box: sheet.Rect{W: 1, H: 1}}, sheet.ErrImageBroken},
	} {
		if err := Write(io.Discard, onePage(c.item)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	doc := onePage()
	doc.Pages[0].Media.W = 1e9
	if err := Write(io.Discard, doc); err == nil {
		t.Error("a sheet of a thousand kilometres was made")
	}
	full := errors.New("disk full")
	if err := Write(failing{full}, sampleDocument(t)); !errors.Is(err, full) {
		t.Errorf("a full disk: %v", err)
	}
}

// Pages that are made as they are written are written the same, and their error is Write's.
func TestMorePages(t *testing.T) {
	doc, err := numbered(sheet.NewFonts(), 5)
	if err != nil {
		t.Fatal(err)
	}
	want := written(t, doc)
	pages := doc.Pages
	doc.Pages = pages[:2]
	doc.More = func(yield func(*sheet.Page, error) bool) {
		for _, p := range pages[2:] {
			if !yield(p, nil) {
				return
			}
		}
	}
	if !bytes.Equal(written(t, doc), want) {
		t.Error("other bytes")
	}
	spent := errors.New("no more codes")
	doc.More = func(yield func(*sheet.Page, error) bool) { yield(nil, spent) }
	if err := Write(io.Discard, doc); !errors.Is(err, spent) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestGroupsAndImagesAreStoredOnce(t *testing.T) {
	doc, err := numbered(sheet.NewFonts(), 20)
	if err != nil {
		t.Fatal(err)
	}
	b := written(t, doc)
	if n := bytes.Count(b, []byte("/DCTDecode")); n != 1 {
		t.Errorf("%d JPEGs", n)
	}
	if n := bytes.Count(b, []byte("/Subtype /Form")); n != 3 { // the art, the star in it, the mask of the gradient
		t.Errorf("%d forms", n)
	}
}

// streams are all Flate streams of a file, unpacked, by their dictionaries.
func streams(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, m := range regexp.MustCompile(`(?s)obj\n(<<[^\x00]*?>>)\nstream\n`).FindAllSubmatchIndex(b, -1) {
		dict := string(b[m[2]:m[3]])
		if !strings.Contains(dict, "/FlateDecode") {
			continue
		}
		z, err := zlib.NewReader(bytes.NewReader(b[m[1]:]))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		out[dict] = data
	}
	return out
}

func TestBlackIsGrey(t *testing.T) {
	b := written(t, onePage(sheet.Filled(sheet.RectPath(sheet.Rect{W: 1, H: 1}), sheet.Hex(0)), sheet.Filled(sheet.Circle(sheet.Point{}, 1), sheet.Hex(0x9C3D17))))
	for _, s := range streams(t, b) {
		if s := string(s); !strings.Contains(s, "\n0 g\n") || !strings.Contains(s, " rg\n") || !strings.Contains(s, "0 0 1 1 re\n") {
			t.Errorf("content:\n%s", s)
		}
	}
}

// tool runs a program on a file in a directory of its own.
func tool(t *testing.T, pdf []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip("needs " + name)
	}
	path := filepath.Join(t.TempDir(), "out.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "FILE", path)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func TestQpdf(t *testing.T) {
	doc, err := numbered(sheet.NewFonts(), 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{written(t, doc), written(t, sampleDocument(t)), written(t, &sheet.Document{})} {
		if out := tool(t, b, "qpdf", "--check", "FILE"); strings.Contains(out, "WARNING") {
			t.Error(out)
		}
	}
}

func TestPdffonts(t *testing.T) {
	out := tool(t, written(t, sampleDocument(t)), "pdffonts", "FILE")
	lines := strings.Split(strings.TrimSpace(out), "\n")[2:]
	if len(lines) != 8 {
		t.Errorf("%d fonts:\n%s", len(lines), out)
	}
	for _, l := range lines {
		if !regexp.MustCompile(`^[A-Z]{6}\+\S+\s+CID (TrueType|Type 0C)\s+Identity-H\s+yes yes yes`).MatchString(l) {
			t.Errorf("font: %s", l)
		}
	}
}

func TestPdftotext(t *testing.T) {
	out := tool(t, written(t, sampleDocument(t)), "pdftotext", "-layout", "FILE", "-")
	for _, want := range []string{"AVATAR To Wave Tokyo", "Łódź Žižkov Ærø “fi fl ffi” – 1½", "Съешь ещё этих мягких булок", "Ξεσκεπάζω την ψυχοφθόρα",
		"夜明けのカセットテープ、東京。", "Mixed 東京 and ★ ♪ → ☐ text", "שלום עולם", "مرحبا بالعالم", "03:14", "TRACKED OUT", "FERRIC 001 · Spine"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestPdfinfo(t *testing.T) {
	out := tool(t, written(t, sampleDocument(t)), "pdfinfo", "-box", "FILE")
	for _, want := range []string{`Title:           Tape (one) \ «夜»`, "Author:          A <b>&</b> C",
		"MediaBox:            0.00     0.00   453.54   340.16", "BleedBox:           14.17    14.17   439.37   325.98", "TrimBox:            22.68    22.68   430.87   317.48"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "Date") {
		t.Errorf("a date without one given:\n%s", out)
	}
}

func TestPdfimages(t *testing.T) {
	out := tool(t, written(t, sampleDocument(t)), "pdfimages", "-list", "FILE")
	if strings.Count(out, "jpeg") != 3 || !strings.Contains(out, "smask") {
		t.Errorf("images:\n%s", out)
	}
}
