package parcel

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/sheet"
	"ferric/sheet/pdf"
	topng "ferric/sheet/png"
)

var (
	update = flag.Bool("update", false, "write the golden files anew")
	render = flag.String("render", "", "write pictures of the papers into this folder")
)

var countryNames = map[string]string{"GB": "United Kingdom", "PL": "Poland", "US": "United States", "JP": "Japan", "DE": "Germany", "GR": "Greece"}

// sample are parcels as they come: in any script, with streets of several lines, with one copy and with many.
func sample() []Parcel {
	at := time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)
	one := func(id, name, street, code, city, region, country string, items ...Item) Parcel {
		at = at.Add(time.Hour)
		return Parcel{Order: shop.OrderID(id), State: shop.Paid, Placed: at, Country: countryNames[country], Currency: "EUR", Mail: "buyer@example.org",
			To: shop.Address{Name: name, Street: street, Code: code, City: city, Region: region, Country: country}, Items: items}
	}
	tape := func(catno, title, artist string, number, of int) Item {
		return Item{Run: catalog.RunID("run " + catno), Number: number, Shown: fmt.Sprintf("%d/%d", number, of), Title: title, Artist: artist, Catno: catno, Minor: 1250}
	}
	all := []Parcel{
		one("HKX7-3FDC-9LMN", "Ada Lovelace", "12 Analytical Row\nFlat 3b", "SW1A 1AA", "London", "", "GB", tape("FER-003", "Evening Lines", "Lantern Weir", 17, 100)),
		one("CDFH-JKLM-NPRT", "Παναγιώτης Χαραλαμπόπουλος-Κωνσταντινίδης", "Λεωφόρος Βασιλίσσης Σοφίας 123, διαμέρισμα 45\nκτίριο Γ", "115 27", "Αθήνα", "", "GR", tape("FER-003", "Evening Lines", "Lantern Weir", 4, 100), tape("FER-001", "Łódź by Night, and the Long Way Home Along the Canal in the Rain", "The Orchestra of the Municipal Swimming Baths", 100, 100)),
		one("VWXY-3479-CDFH", "Żaneta Błażejewska", "ul. Piotrkowska 104", "90-001", "Łódź", "", "PL", tape("FER-001", "Łódź by Night", "Orkiestra", 2, 50)),
		one("RTVW-XY34-79CD", "山田太郎", "千代田区丸の内1丁目9番1号\n丸の内ビル 305号室", "100-0005", "東京都", "", "JP", tape("FER-003", "Evening Lines", "Lantern Weir", 5, 100)),
		one("LMNP-RTVW-XY34", "Grace Hopper", "1 Harbor Way", "22202", "Arlington", "VA", "US"),
	}
	for n := 1; n <= 20; n++ {
		all[4].Items = append(all[4].Items, tape("FER-00"+fmt.Sprint(1+n%3), "Evening Lines", "Lantern Weir", n, 100))
	}
	return all
}

func sampleSetup() Setup {
	s := Default(catalog.Label{Profile: catalog.Profile{Country: "PL"}})
	s.Sender = "Viaduct Tapes\nul. Przykładowa 5 m. 2\n90-002 Łódź\nPoland"
	return s
}

func papers(t testing.TB) (map[string]*sheet.Document, []Finding) {
	t.Helper()
	d := &Desk{fonts: sheet.NewFonts()}
	s := sampleSetup()
	all := sample()
	Sort(all, s.Country)
	docs := map[string]*sheet.Document{}
	var found, f []Finding
	keep := func(name string, doc *sheet.Document, f []Finding) { docs[name], found = doc, append(found, f...) }
	var doc *sheet.Document
	doc, f = d.Slips(all, SlipOptions{Name: "Viaduct Tapes", Claim: "https://tapes.example/claim", Setup: s})
	keep("slips", doc, f)
	for _, format := range Formats {
		doc, f = d.Labels(all, s, format, 1)
		keep("labels-"+format.Key, doc, f)
	}
	doc, f = d.Customs(Foreign(all, s), s, Formats[0])
	keep("customs", doc, f)
	doc, f = d.Customs(Foreign(all, s), s, FindFormat("4x6"))
	keep("customs-4x6", doc, f)
	return docs, found
}

func TestPapersGolden(t *testing.T) {
	docs, found := papers(t)
	if len(found) > 0 {
		t.Errorf("findings about plain parcels: %v", found)
	}
	for name, doc := range docs {
		got := sheet.Dump(doc)
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not the golden one (-update writes it anew)", path)
		}
		if *render != "" {
			for i, p := range doc.Pages {
				img, err := topng.Render(p, 80)
				if err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				if err := png.Encode(&b, img); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(*render, fmt.Sprintf("%s-%d.png", name, i+1)), b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// texts are the texts of a page, each with the box around it.
func texts(p *sheet.Page) (all []placed) {
	for _, it := range p.Items {
		if t, ok := it.(*sheet.Text); ok {
			stretch := t.Stretch
			if stretch == 0 {
				stretch = 1
			}
			all = append(all, placed{t.String, t.At, sheet.MM(t.Run.Width*stretch) * t.Size.MM(), t.Size})
		}
	}
	return all
}

type placed struct {
	text string
	at   sheet.Point
	w    sheet.MM
	size sheet.Pt
}

func TestSlipsHaveEveryNumberOnce(t *testing.T) {
	d := &Desk{fonts: sheet.NewFonts()}
	rapid.Check(t, func(t *rapid.T) {
		var all []Parcel
		want := map[string]int{}
		for i := range rapid.IntRange(0, 4).Draw(t, "orders") {
			p := Parcel{Order: shop.OrderID(fmt.Sprintf("ORDR-%04d-XXXX", i)), To: hostileAddress(t), Country: "Somewhere", Currency: "EUR"}
			for j := range rapid.IntRange(1, 24).Draw(t, "copies") {
				number := fmt.Sprintf("%d/%d", i*100+j+1, 5000)
				want[number]++
				p.Items = append(p.Items, Item{Run: "r", Number: i*100 + j + 1, Shown: number, Title: hostileText(t, 80), Artist: hostileText(t, 80), Catno: "FER-001"})
			}
			all = append(all, p)
		}
		paper := rapid.SampledFrom(Papers).Draw(t, "paper")
		doc, _ := d.Slips(all, SlipOptions{Name: hostileText(t, 60), Paper: paper})
		got := map[string]int{}
		for _, page := range doc.Pages {
			ticks := 0
			for _, it := range page.Items {
				if path, ok := it.(*sheet.Path); ok && path.Name == "tick" {
					ticks++
				}
			}
			n := 0
			for _, x := range texts(page) {
				if _, ok := want[x.text]; ok && x.size >= 16 {
					got[x.text]++
					n++
				}
				if x.at.X < 0 || x.at.X+x.w > paper.W+0.1 || x.at.Y < 0 || x.at.Y > paper.H {
					t.Fatalf("%q at %v, %v wide, is beside the paper", x.text, x.at, x.w)
				}
			}
			if ticks != n {
				t.Fatalf("%d boxes for %d numbers", ticks, n)
			}
		}
		for number, n := range want {
			if got[number] != n {
				t.Fatalf("number %s stands %d times on the slips, want %d", number, got[number], n)
			}
		}
	})
}

// hostileText is anything a stranger may type into a field.
func hostileText(t *rapid.T, most int) string {
	return rapid.OneOf(
		rapid.StringN(0, most, -1),
		rapid.StringMatching(`[A-Za-zÀ-ž ,.0-9]{0,60}`),
		rapid.SampledFrom([]string{strings.Repeat("W", most), strings.Repeat("ﷺ", most/2), strings.Repeat("漢", most), strings.Repeat("x\n", most/2), "\u202eevil", "a\u0301\u0301\u0301\u0301", "\x00", "=1+1", "<b>", "(\\)"}),
	).Draw(t, "text")
}

func hostileAddress(t *rapid.T) shop.Address {
	return shop.Address{Name: hostileText(t, 100), Street: hostileText(t, 300), Code: hostileText(t, 20), City: hostileText(t, 100), Region: hostileText(t, 100), Country: rapid.SampledFrom([]string{"PL", "GB", "JP"}).Draw(t, "country")}
}

func TestLabelsStayInTheirCells(t *testing.T) {
	d := &Desk{fonts: sheet.NewFonts()}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(Formats).Draw(t, "format")
		s := sampleSetup()
		s.Sender = hostileText(t, 200)
		p := Parcel{Order: "HKX7-3FDC-9LMN", To: hostileAddress(t), Country: hostileText(t, 60), Items: []Item{{Shown: "17/100", Catno: hostileText(t, 60)}}}
		skip := rapid.IntRange(0, f.Labels()-1).Draw(t, "skip")
		doc, _ := d.Labels([]Parcel{p}, s, f, skip)
		cell := f.Cell(skip)
		for _, x := range texts(doc.Pages[0]) {
			if x.at.X < cell.X || x.at.X+x.w > cell.X+cell.W || x.at.Y-x.size.MM() < cell.Y-1 || x.at.Y > cell.Y+cell.H {
				t.Fatalf("%q at %v, %v wide, leaves its cell %v", x.text, x.at, x.w, cell)
			}
		}
	})
}

func TestOverflow(t *testing.T) {
	d := &Desk{fonts: sheet.NewFonts()}
	size := func(street string) (sheet.Pt, int, []Finding) {
		p := Parcel{Order: "HKX7-3FDC-9LMN", Country: "Poland", To: shop.Address{Name: "A. Buyer", Street: street, Code: "90-001", City: "Łódź", Country: "PL"}}
		doc, found := d.Labels([]Parcel{p}, sampleSetup(), Formats[0], 0)
		var lines int
		var at sheet.Pt
		for _, x := range texts(doc.Pages[0]) {
			if x.text == "A. Buyer" {
				at = x.size
			}
			lines++
		}
		return at, lines, found
	}
	short, few, found := size("Main Street 1")
	if short != Formats[0].Most || len(found) > 0 {
		t.Errorf("a short address is set at %v, %v", short, found)
	}
	smaller, same, found := size("Main Street 1\nHouse 2\nStairs 3\nDoor 4\nBell 5")
	if smaller >= short || same != few+4 || len(found) > 0 {
		t.Errorf("a longer one is set at %v in %d lines, %v", smaller, same, found)
	}
	_, wrapped, found := size(strings.Repeat("Lange Straße ", 12))
	if wrapped <= few || len(found) > 0 {
		t.Errorf("a wide one has %d lines, %v", wrapped, found)
	}
	_, _, found = size(strings.Repeat("漢", 300))
	if len(found) > 0 {
		t.Logf("300 characters of Han: %v", found)
	}
	_, _, found = size(strings.Repeat("x\n", 150))
	if len(found) != 1 || !strings.Contains(found[0].Text, "more lines") {
		t.Errorf("a street of 150 lines: %v", found)
	}
}

func TestSort(t *testing.T) {
	all := sample()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	Sort(all, "PL")
	var got []string
	for _, p := range all {
		got = append(got, p.To.Country+" "+p.Items[0].Catno+" "+p.Items[0].Shown)
	}
	want := []string{"PL FER-001 2/50", "GR FER-001 100/100", "JP FER-003 5/100", "GB FER-003 17/100", "US FER-001 3/100"}
	if !slices.Equal(got, want) {
		t.Errorf("packing order %q, want %q", got, want)
	}
}

// TestPDF reads the papers back with another program.
func TestPDF(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("needs pdftotext")
	}
	docs, _ := papers(t)
	for name, doc := range docs {
		path := filepath.Join(t.TempDir(), name+".pdf")
		var b bytes.Buffer
		if err := pdf.Write(&b, doc); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("pdftotext", "-layout", path, "-").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		want := "RTVW-XY34-79CD"
		if !strings.Contains(string(out), want) {
			t.Errorf("%s does not say %s:\n%s", name, want, out)
		}
		if name == "slips" && (!strings.Contains(string(out), "Łódź by Night") || !strings.Contains(string(out), "17/100")) {
			t.Errorf("slips:\n%s", out)
		}
	}
}

// BenchmarkSlips is 500 orders of one to three copies, drawn and written as PDF.
func BenchmarkSlips(b *testing.B) {
	d := &Desk{fonts: sheet.NewFonts()}
	var all []Parcel
	for i := range 500 {
		p := sample()[i%4]
		p.Order = shop.OrderID(fmt.Sprintf("ORDR-%04d-XXXX", i))
		p.To.Name = fmt.Sprintf("%s %d", p.To.Name, i)
		all = append(all, p)
	}
	b.ReportAllocs()
	for b.Loop() {
		Sort(all, "PL")
		doc, _ := d.Slips(all, SlipOptions{Name: "Viaduct Tapes", Setup: sampleSetup()})
		var out bytes.Buffer
		if err := pdf.Write(&out, doc); err != nil {
			b.Fatal(err)
		}
	}
}
