package parcel

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"ferric/internal/fault"
	"ferric/internal/shop"
)

func readTable(t *testing.T, b []byte) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(string(b), "\uFEFF")
	if !marked {
		t.Error("the table does not begin with the mark of UTF-8")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func cellOf(t *testing.T, rows [][]string, row int, column string) string {
	t.Helper()
	i := slices.Index(rows[0], column)
	if i < 0 {
		t.Fatalf("no column %q in %q", column, rows[0])
	}
	return rows[row][i]
}

func TestClickAndDrop(t *testing.T) {
	all := sample()
	all[0].To.Name = `=HYPERLINK("https://evil.example","x")`
	all[1].To.Street = "one\ntwo\nthree\nfour, with \"marks\""
	var b bytes.Buffer
	found, err := ClickAndDrop(&b, all, sampleSetup(), Share{Mail: true, Money: true})
	if err != nil {
		t.Fatal(err)
	}
	rows := readTable(t, b.Bytes())
	for column, want := range map[string]string{
		"Order reference": "HKX7-3FDC-9LMN", "Date": "20/11/26", "Full name": `'=HYPERLINK("https://evil.example","x")`, "Address line 1": "12 Analytical Row", "Address line 2": "Flat 3b",
		"City": "London", "Postcode": "SW1A 1AA", "Country": "United Kingdom", "Weight": "0.125", "Total": "12.50", "Currency code": "EUR", "Email": "buyer@example.org",
	} {
		if got := cellOf(t, rows, 1, column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if got := cellOf(t, rows, 2, "Address line 3"); got != `three, four, with "marks"` {
		t.Errorf("line 3 is %q", got)
	}
	if len(found) != 1 || found[0].Order != all[1].Order {
		t.Errorf("findings %v", found)
	}
	b.Reset()
	if _, err := ClickAndDrop(&b, all, sampleSetup(), Share{}); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "12.50") || strings.Contains(s, "@example.org") {
		t.Error("the table has money or mail addresses that were not to be shared")
	}
}

func TestPirateShip(t *testing.T) {
	var b bytes.Buffer
	if _, err := PirateShip(&b, sample(), sampleSetup(), Share{}); err != nil {
		t.Fatal(err)
	}
	rows := readTable(t, b.Bytes())
	// 125 g are 4.409 oz; 20 copies and a mailer are 1645 g, 3 lb and 10.03 oz: both rounded up to a tenth.
	for _, want := range []struct {
		row            int
		pounds, ounces string
	}{{1, "0", "4.5"}, {5, "3", "10.1"}} {
		if p, o := cellOf(t, rows, want.row, "Pounds"), cellOf(t, rows, want.row, "Ounces"); p != want.pounds || o != want.ounces {
			t.Errorf("row %d weighs %s lb %s oz, want %s lb %s oz", want.row, p, o, want.pounds, want.ounces)
		}
	}
	if got := cellOf(t, rows, 5, "State"); got != "VA" {
		t.Errorf("state %q", got)
	}
}

func TestOunces(t *testing.T) {
	for _, c := range []struct{ g, pounds, tenths int }{{0, 0, 0}, {1, 0, 1}, {28, 0, 10}, {29, 0, 11}, {453, 1, 0}, {454, 1, 1}} {
		pounds, tenths := ounces(c.g)
		if pounds != c.pounds || tenths != c.tenths {
			t.Errorf("%d g: %d lb %d tenths, want %d and %d", c.g, pounds, tenths, c.pounds, c.tenths)
		}
	}
}

func TestReadTracking(t *testing.T) {
	want := []Tracking{{2, "HKX7-3FDC-9LMN", "Royal Mail", "AB123456785GB"}, {4, "cdfhjklmnprt", "", "CD 999"}}
	plain := "Order reference,Shipping carrier,Tracking number\r\nHKX7-3FDC-9LMN,Royal Mail,AB123456785GB\r\nXXXX,,\r\n cdfhjklmnprt ,,'CD 999\r\n"
	wide := func(little bool, mark bool, s string) []byte {
		if mark {
			s = "\uFEFF" + s
		}
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			if little {
				b = append(b, byte(u), byte(u>>8))
			} else {
				b = append(b, byte(u>>8), byte(u))
			}
		}
		return b
	}
	for name, data := range map[string][]byte{
		"plain": []byte(plain), "with a mark": []byte("\uFEFF" + plain), "UTF-16 LE": wide(true, true, plain), "UTF-16 BE": wide(false, true, plain), "UTF-16 without a mark": wide(true, false, plain),
		"semicolons": []byte(strings.ReplaceAll(plain, ",", ";")), "tabs": []byte(strings.ReplaceAll(plain, ",", "\t")), "line feeds": []byte(strings.ReplaceAll(plain, "\r", "")),
		"other order": []byte("TRACKING NO.;x;Order ID;Carrier\nAB123456785GB;;HKX7-3FDC-9LMN;Royal Mail\n;;XXXX\nCD 999;;cdfhjklmnprt\n"),
	} {
		got, err := ReadTracking(bytes.NewReader(data), Columns{})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	got, err := ReadTracking(strings.NewReader("Ref,Nr\nA,B\n"), Columns{Order: "ref", Tracking: "NR"})
	if err != nil || len(got) != 1 || got[0] != (Tracking{2, "A", "", "B"}) {
		t.Errorf("columns that were said: %v, %v", got, err)
	}
	for name, data := range map[string]string{"empty": "", "no order": "a,tracking\n1,2\n", "no tracking": "order,b\n1,2\n", "binary": "\x00\x01\x02\x03\x04", "many cells": "order,tracking\n" + strings.Repeat(",", 300)} {
		if _, err := ReadTracking(strings.NewReader(data), Columns{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadTracking(strings.NewReader("order,tracking\n"+strings.Repeat("a,b\n", maxRows+1)), Columns{}); !fault.Is(err, fault.Limit) {
		t.Errorf("too many rows: %v", err)
	}
	if _, err := ReadTracking(strings.NewReader(strings.Repeat("x", MaxTable+1)), Columns{}); !fault.Is(err, fault.Limit) {
		t.Errorf("too many bytes: %v", err)
	}
}

// TestTablesRoundTrip: the references that are written are the ones that are found when the table comes back with numbers in it.
func TestTablesRoundTrip(t *testing.T) {
	all := sample()
	var b bytes.Buffer
	if _, err := ClickAndDrop(&b, all, sampleSetup(), Share{}); err != nil {
		t.Fatal(err)
	}
	rows := readTable(t, b.Bytes())
	var back bytes.Buffer
	w := csv.NewWriter(&back)
	for i, r := range rows {
		extra := "Tracking number"
		if i > 0 {
			extra = "AB12345678" + string(rune('0'+i)) + "GB"
		}
		w.Write(append(r, extra))
	}
	w.Flush()
	got, err := ReadTracking(&back, Columns{})
	if err != nil || len(got) != len(all) {
		t.Fatalf("%v, %v", got, err)
	}
	for i, g := range got {
		if reference(g.Order) != all[i].Order {
			t.Errorf("%q is %q", g.Order, reference(g.Order))
		}
	}
}

func FuzzReadTracking(f *testing.F) {
	f.Add([]byte("order,tracking\nHKX7-3FDC-9LMN,AB\n"))
	f.Add([]byte("\xff\xfeo\x00r\x00"))
	f.Add([]byte("order;tracking\n\"a\"\"b;c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := ReadTracking(bytes.NewReader(data), Columns{})
		if err != nil && fault.Of(err) == fault.Internal {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Number == "" || !utf8.ValidString(r.Number+r.Order+r.Carrier) || strings.ContainsAny(r.Number, "\r\n\x00") {
				t.Fatalf("%+v", r)
			}
		}
	})
}

func TestFind(t *testing.T) {
	p := Parcel{Items: []Item{
		{Run: "a", Number: 17, Shown: "17/100", Catno: "FER-003"}, {Run: "b", Number: 17, Shown: "17/50", Catno: "FER-004"}, {Run: "b", Number: 2, Shown: "2/50", Catno: "FER-004"}, {Run: "b", Number: 51, Shown: "AP 1/5", Catno: "FER-004"},
	}}
	for typed, want := range map[string]int{"2": 2, "#2": 2, "002": 2, " 2/50 ": 2, "fer-004 2": 2, "FER004 2/50": 2, "17/100": 0, "17/50": 1, "FER-004 17": 1, "ap 1": 3, "AP 1/5": 3, "AP1/5": 3} {
		if got, err := p.find(typed); err != nil || got != p.Items[want] {
			t.Errorf("%q is %v, %v", typed, got, err)
		}
	}
	for typed, kind := range map[string]fault.Kind{"17": fault.Mismatch, "3": fault.Mismatch, "1": fault.Mismatch, "17/500": fault.Mismatch, "FER-003 2": fault.Mismatch, "": fault.Invalid, "\x00": fault.Invalid, strings.Repeat("1", 99): fault.Invalid, "51": fault.Mismatch} {
		if got, err := p.find(typed); !fault.Is(err, kind) {
			t.Errorf("%q is %v, %v", typed, got, err)
		}
	}
}

func TestDeclare(t *testing.T) {
	s := sampleSetup()
	p := sample()[1]
	c := s.Declare(p)
	if c.NetG != 160 || c.GrossG != 205 || c.Value != (shop.Money{Minor: 2500, Currency: "EUR"}) || c.Tariff != DefaultTariff || c.Origin != "PL" || len(c.check()) != 0 {
		t.Errorf("%+v, %v", c, c.check())
	}
	c.Value, c.GrossG, c.Tariff = shop.Money{Minor: mostGBP + 1, Currency: "GBP"}, mostGram+1, ""
	if len(c.check()) != 3 {
		t.Errorf("findings %v", c.check())
	}
	for _, w := range []struct {
		from, to string
		abroad   bool
	}{{"PL", "PL", false}, {"PL", "DE", false}, {"PL", "GB", true}, {"GB", "GB", false}, {"GB", "IE", true}, {"", "PL", true}, {"CH", "DE", true}} {
		if Abroad(w.from, w.to) != w.abroad {
			t.Errorf("%s to %s", w.from, w.to)
		}
	}
	var b bytes.Buffer
	if _, err := CustomsTable(&b, sample(), s); err != nil {
		t.Fatal(err)
	}
	if rows := readTable(t, b.Bytes()); cellOf(t, rows, 2, "Net weight (kg)") != "0.160" || cellOf(t, rows, 2, "HS code") != "8523.29" || len(rows) != 6 {
		t.Errorf("%q", rows)
	}
	if amount(shop.Money{Minor: 1500, Currency: "JPY"}) != "1500" || amount(shop.Money{Minor: 5, Currency: "EUR"}) != "0.05" {
		t.Error("amounts")
	}
}
