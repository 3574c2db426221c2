package jcard

import (
	"flag"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ferric/sheet"
	"ferric/sheet/pdf"
	sheetpng "ferric/sheet/png"
)

var update = flag.Bool("update", false, "write the golden display lists")

// What is laid out, as text: a layout that moved shows as the lines that changed.
func TestGolden(t *testing.T) {
	cases := map[string]func(*Suite) (*sheet.Document, error){
		"labels": (*Suite).ShellLabels,
		"insert": func(s *Suite) (*sheet.Document, error) { return s.Insert(true) },
		"runs":   func(s *Suite) (*sheet.Document, error) { return s.RunSheet(RunSheetOptions{}) },
		"cards":  (*Suite).Numbered,
	}
	for _, l := range Layouts() {
		cases["card-"+l.Name] = func(*Suite) (*sheet.Document, error) {
			return suite(t, japanese(), Options{Layout: l.Name}).Card(), nil
		}
	}
	for name, lay := range cases {
		doc, err := lay(suite(t, latin(), Options{Edition: edition(2, 1)}))
		if err != nil {
			t.Fatal(err)
		}
		got, file := sheet.Dump(doc), filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s changed (go test ./jcard -update writes it anew): %s", file, firstDifference(got, string(want)))
		}
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d is\n%s\nnot\n%s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines where %d were", len(a), len(b))
}

func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip("needs " + program)
	}
}

func writePDF(t *testing.T, doc *sheet.Document) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.pdf")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := pdf.Write(f, doc); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every card carries its own number on both sides, its own code on the inside only, and no other's.
func TestNumberAndCodeInPDF(t *testing.T) {
	needs(t, "pdftotext")
	e := edition(5, 2)
	s := suite(t, latin(), Options{Edition: e, Panels: 5}) // one up on A4
	doc, err := s.Numbered()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", writePDF(t, doc), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimRight(string(out), "\f"), "\f")
	if len(pages) != 14 {
		t.Fatalf("%d pages for 7 cards", len(pages))
	}
	for i, label := range e.Labels() {
		front, back := pages[2*i], pages[2*i+1]
		if !strings.Contains(front, label) || !strings.Contains(back, label) {
			t.Errorf("%s is not on its card", label)
		}
		for _, c := range e.Claims {
			if strings.Contains(back, c.Code) != (c.Label == label) {
				t.Errorf("inside of %s: code of %s is there: %v", label, c.Label, strings.Contains(back, c.Code))
			}
			if strings.Contains(front, c.Code) {
				t.Errorf("the code of %s is on the outside", c.Label)
			}
		}
		for _, want := range []string{"The Low Country", "Marta Haverkamp", "PLD-017"} {
			if !strings.Contains(front, want) {
				t.Errorf("%s is not on the outside", want)
			}
		}
	}
}

// The codes as painted are read back as what they stand for.
func TestCodesScan(t *testing.T) {
	needs(t, "zbarimg")
	e := edition(4, 0)
	scan := func(what string, page *sheet.Page) string {
		path := filepath.Join(t.TempDir(), what+".png")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := sheetpng.Write(f, page, 200); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("zbarimg", "-q", "--raw", path).Output()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return string(out)
	}
	s := suite(t, latin(), Options{Edition: e})
	cards, err := s.Numbered()
	if err != nil {
		t.Fatal(err)
	}
	var pages []*sheet.Page
	for p, err := range cards.All() {
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
	if got := scan("outside", pages[0]); !strings.Contains(got, latin().Barcode) {
		t.Errorf("no barcode on the flap: %q", got)
	}
	got := scan("inside", pages[1])
	for _, c := range e.Claims[:2] {
		if !strings.Contains(got, e.ClaimURL+c.Code) {
			t.Errorf("no code of %s in %q", c.Label, got)
		}
	}
	inserts, err := s.Insert(true)
	if err != nil {
		t.Fatal(err)
	}
	page, err := firstPage(inserts)
	if err != nil {
		t.Fatal(err)
	}
	got = scan("insert", page)
	for _, c := range e.Claims {
		if !strings.Contains(got, e.ClaimURL+c.Code) {
			t.Errorf("no code of %s on the inserts: %q", c.Label, got)
		}
	}
}

// Everything that is printed is a PDF that another program finds nothing wrong with.
func TestPDFsAreSound(t *testing.T) {
	needs(t, "qpdf")
	s := suite(t, latin(), Options{Edition: edition(3, 1)})
	for name, lay := range map[string]func() (*sheet.Document, error){
		"card":    func() (*sheet.Document, error) { return s.Card(), nil },
		"cards":   s.Numbered,
		"labels":  s.ShellLabels,
		"insert":  func() (*sheet.Document, error) { return s.Insert(false) },
		"dubbing": func() (*sheet.Document, error) { return s.RunSheet(RunSheetOptions{}) },
	} {
		doc, err := lay()
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("qpdf", "--check", writePDF(t, doc)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestPreviewsPaint(t *testing.T) {
	s := suite(t, latin(), Options{Edition: edition(3, 1)})
	previews, err := s.Previews()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range previews {
		for _, k := range inks(p.Page.Items, sheet.Matrix{A: 1, D: 1}) {
			for _, c := range s.Edition.Claims {
				if strings.Contains(k.text, c.Code) {
					t.Errorf("preview %s shows the claim code of %s", p.Name, c.Label)
				}
			}
		}
		if seen[p.Name] {
			t.Errorf("two previews are called %s", p.Name)
		}
		seen[p.Name] = true
		im, err := sheetpng.Render(p.Page, 30)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		if err := png.Encode(io.Discard, im); err != nil {
			t.Fatal(err)
		}
		first, plain := im.At(0, 0), true
		for y := range im.Rect.Dy() {
			for x := range im.Rect.Dx() {
				plain = plain && im.At(x, y) == first
			}
		}
		if plain {
			t.Errorf("%s is empty", p.Name)
		}
	}
	for _, want := range []string{"case", "jcard-outside", "jcard-inside", "cassette-a", "jcards-numbered-1", "jcards-numbered-2", "shell-labels", "insert", "run-sheet-1"} {
		if !seen[want] {
			t.Errorf("no preview %s", want)
		}
	}
}

// No track is on the run sheet twice or not at all, and times and counters stand beside it.
func TestRunSheetSays(t *testing.T) {
	needs(t, "pdftotext")
	r := latin()
	s := suite(t, r, Options{Edition: edition(100, 5)})
	doc, err := s.RunSheet(RunSheetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", writePDF(t, doc), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	words := " " + strings.Join(strings.Fields(text), " ") + " "
	for _, side := range r.Sides {
		for _, tr := range side.Tracks {
			if strings.Count(text, tr.Title) != 1 {
				t.Errorf("%q is there %d times", tr.Title, strings.Count(text, tr.Title))
			}
		}
	}
	for _, label := range s.Edition.Labels() {
		if !strings.Contains(words, " "+label+" ") {
			t.Errorf("no row for %s", label)
		}
	}
	for _, want := range []string{"400 Hz level", "speed", "azimuth", "line-up.wav", "side-a.wav", "side-b.wav", "−6.5 dB", "0.525", "C46"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing about %q", want)
		}
	}
	// A2 starts 234 s in; π·d·N² + 2π·r₀·N = v·t with d = 16.5 µm gives 145.6 turns, 76 counts.
	if !strings.Contains(text, "076") {
		t.Error("no counter reading 076")
	}
}
