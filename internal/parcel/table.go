package parcel

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ferric/internal/shop"
)

// Share says what of an order beside its address a table may hold: what a shop that sells postage asks for, and who takes the table out may see.
type Share struct {
	Mail  bool
	Money bool
}

// clickAndDrop are columns of Royal Mail's Click & Drop, whose import maps any header to its fields; the limits in
// characters are those of its help page "Order import spreadsheet field specifications". Columns of which a
// tape has nothing to say are left out; its package size is chosen there.
var clickAndDrop = []struct {
	name string
	most int // characters; 0 is not said
}{
	{"Order reference", 40}, {"Date", 8}, {"Full name", 200}, {"Address line 1", 100}, {"Address line 2", 100}, {"Address line 3", 100}, {"City", 100}, {"County", 100}, {"Postcode", 20}, {"Country", 200},
	{"Email", 100}, {"Weight", 0}, {"Sub-total", 0}, {"Shipping cost", 0}, {"Total", 0}, {"Currency code", 0}, {"Special instructions", 100},
}

// ClickAndDrop writes parcels as a table that Click & Drop reads: dates dd/mm/yy, weights in kg with the mailer.
func ClickAndDrop(w io.Writer, parcels []Parcel, s Setup, share Share) ([]Finding, error) {
	t := newTable(w)
	for _, c := range clickAndDrop {
		t.head(c.name, c.most)
	}
	for _, p := range parcels {
		t.order = p.Order
		if clean(p.To.City) == "" || clean(p.To.Code) == "" {
			t.note("Click & Drop asks for a town and a postcode; this address has not both.")
		}
		street := t.street(p, 3, 100)
		mail, sum, currency, postage := "", "", "", ""
		if share.Mail {
			mail = p.Mail
		}
		if share.Money {
			sum, currency, postage = amount(p.Value()), p.Currency, "0.00"
		}
		t.row(string(p.Order), p.Placed.UTC().Format("02/01/06"), p.To.Name, street[0], street[1], street[2], p.To.City, p.To.Region, p.To.Code, p.Country,
			mail, kilos(s.Gross(len(p.Items))), sum, postage, sum, currency, contents(p))
	}
	return t.end()
}

// PirateShip writes parcels as a table for Pirate Ship, whose import maps columns by hand. Its own header list was not
// found in any source; these names are the sensible ones. Weights are whole pounds and the rest in ounces, rounded up to a tenth.
func PirateShip(w io.Writer, parcels []Parcel, s Setup, share Share) ([]Finding, error) {
	t := newTable(w)
	for _, name := range []string{"Order ID", "Full Name", "Address Line 1", "Address Line 2", "City", "State", "Zipcode", "Country", "Email", "Order Items", "Pounds", "Ounces"} {
		t.head(name, 0)
	}
	for _, p := range parcels {
		t.order = p.Order
		street := t.street(p, 2, 0)
		mail := ""
		if share.Mail {
			mail = p.Mail
		}
		pounds, tenths := ounces(s.Gross(len(p.Items)))
		t.row(string(p.Order), p.To.Name, street[0], street[1], p.To.City, p.To.Region, p.To.Code, p.To.Country, mail, contents(p), strconv.Itoa(pounds), fmt.Sprintf("%d.%d", tenths/10, tenths%10))
	}
	return t.end()
}

// ounces is a weight in pounds and tenths of an ounce, rounded up. A pound is 453.59237 g and 16 ounces by definition.
func ounces(g int) (pounds, tenths int) {
	const micro = 45_359_237 // of a gram·10^-5 in a pound, which has 160 tenths
	n := (int64(g)*100_000*160 + micro - 1) / micro
	return int(n / 160), int(n % 160)
}

// CustomsTable writes what the forms CN22 of parcels say, for a page that asks for it field by field.
func CustomsTable(w io.Writer, parcels []Parcel, s Setup) ([]Finding, error) {
	t := newTable(w)
	for _, name := range []string{"Order reference", "Country", "Description", "Quantity", "Net weight (kg)", "Total weight (kg)", "Value", "Currency", "HS code", "Country of origin", "Category"} {
		t.head(name, 0)
	}
	for _, p := range parcels {
		c := s.Declare(p)
		kind := "Sale of goods"
		if c.Gift {
			kind = "Gift"
		}
		t.found = append(t.found, c.check()...)
		t.row(string(c.Order), c.To, c.Contents, strconv.Itoa(c.Quantity), kilos(c.NetG), kilos(c.GrossG), amount(c.Value), c.Value.Currency, c.Tariff, c.Origin, kind)
	}
	return t.end()
}

// contents are the numbers of a parcel in a line, for who packs.
func contents(p Parcel) string {
	text := clean(numbers(p.Items))
	if r := []rune(text); len(r) > 100 {
		return string(r[:99]) + "…"
	}
	return text
}

// table writes rows that any spreadsheet reads: RFC 4180, UTF-8 with the mark that Excel knows it by.
type table struct {
	out   io.Writer
	csv   *csv.Writer
	names []string
	most  []int
	began bool
	order shop.OrderID
	found []Finding
}

func newTable(w io.Writer) *table {
	t := &table{out: w, csv: csv.NewWriter(w)}
	t.csv.UseCRLF = true
	return t
}

func (t *table) head(name string, most int) {
	t.names, t.most = append(t.names, name), append(t.most, most)
}

func (t *table) note(text string) { t.found = append(t.found, Finding{t.order, text}) }

func (t *table) begin() {
	if !t.began {
		t.began = true
		io.WriteString(t.out, "\uFEFF")
		t.csv.Write(t.names)
	}
}

func (t *table) row(cells ...string) {
	t.begin()
	for i, c := range cells {
		cells[i] = cell(c)
		if most := t.most[i]; most > 0 && utf8.RuneCountInString(cells[i]) > most {
			t.note(fmt.Sprintf("%s has more than the %d characters that are taken there.", t.names[i], most))
		}
	}
	t.csv.Write(cells)
}

func (t *table) end() ([]Finding, error) {
	t.begin()
	t.csv.Flush()
	return t.found, t.csv.Error()
}

// cell is a text that a spreadsheet shows and never runs: one line, and an apostrophe before what would begin a formula.
func cell(s string) string {
	s = clean(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// street is an address's street in n cells of at most most characters (0: any). What is too much for the last one stays in it whole, with a finding by row.
func (t *table) street(p Parcel, n, most int) []string {
	var lines []string
	for l := range strings.SplitSeq(p.To.Street, "\n") {
		if l = clean(l); l != "" {
			lines = append(lines, wrap(l, most)...)
		}
	}
	cells := make([]string, n)
	for i := range cells {
		switch {
		case i == n-1 && len(lines) > n:
			cells[i] = strings.Join(lines[i:], ", ")
			t.note(fmt.Sprintf("The street has more lines than %d: the last ones stand in one.", n))
		case i < len(lines):
			cells[i] = lines[i]
		}
	}
	return cells
}

// wrap parts a line at spaces so that no part is longer than most, where that is possible.
func wrap(line string, most int) (parts []string) {
	for most > 0 && utf8.RuneCountInString(line) > most {
		r := []rune(line)
		at := strings.LastIndex(string(r[:most+1]), " ")
		if at <= 0 {
			break
		}
		parts = append(parts, line[:at])
		line = strings.TrimSpace(line[at:])
	}
	return append(parts, line)
}
