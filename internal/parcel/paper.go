package parcel

import (
	"fmt"
	"strings"

	"ferric/budget"
	"ferric/internal/shop"
	"ferric/sheet"
)

// Finding is something about a paper or a table that somebody should look at before it is used.
type Finding struct {
	Order shop.OrderID
	Text  string
}

// Paper is a sheet of paper upright.
type Paper struct {
	Key, Name string
	W, H      sheet.MM
}

// Papers that a home printer takes: A4 is ISO 216, Letter is 8.5 by 11 inches.
var Papers = []Paper{{"a4", "A4", 210, 297}, {"letter", "Letter", 215.9, 279.4}}

// FindPaper is the paper of a key; A4 for what is none.
func FindPaper(key string) Paper {
	for _, p := range Papers {
		if p.Key == key {
			return p
		}
	}
	return Papers[0]
}

var (
	ink   = sheet.Colour{A: 1}
	quiet = sheet.Hex(0x555555)
	hair  = sheet.Hex(0x999999)
)

// stick is a compositor's stick: it sets type into a list of items and notes what did not go as it should.
type stick struct {
	fonts *sheet.Fonts
	order shop.OrderID
	items []sheet.Item
	found []Finding
}

func (s *stick) note(format string, args ...any) {
	f := Finding{s.order, fmt.Sprintf(format, args...)}
	for _, g := range s.found {
		if g == f {
			return
		}
	}
	s.found = append(s.found, f)
}

func (s *stick) rule(x0, y0, x1, y1, width sheet.MM, c sheet.Colour, dash ...sheet.MM) {
	s.items = append(s.items, sheet.Stroked(sheet.Polyline(sheet.Point{X: x0, Y: y0}, sheet.Point{X: x1, Y: y1}), c, width, dash...).Named("rule"))
}

func (s *stick) frame(r sheet.Rect, width sheet.MM, c sheet.Colour, name string) {
	s.items = append(s.items, sheet.Stroked(sheet.RectPath(r), c, width).Named(name))
}

// line sets one line as large as it goes into a width, its top left corner at p; what is too long even at the
// smallest size ends in an ellipsis, with a finding. It returns how wide the line is.
func (s *stick) line(text string, role sheet.Role, size, least sheet.Pt, p sheet.Point, w sheet.MM, a sheet.Align, c sheet.Colour) sheet.MM {
	if text = clean(text); text == "" {
		return 0
	}
	b, cut := s.fonts.Fit(text, sheet.Style{Role: role, Size: size}, sheet.Fitting{Width: w, MinSize: least, Align: a})
	if cut {
		s.note("%q is too long for its place and is cut short.", short(text))
	}
	s.missing(b)
	s.items = append(s.items, b.At(p, c)...)
	widest := sheet.MM(0)
	for _, l := range b.Lines {
		widest = max(widest, l.Width)
	}
	return widest
}

func (s *stick) missing(b sheet.Block) {
	if len(b.Missing) > 0 {
		s.note("No face here has the characters %q: they print as empty boxes. Write this parcel's address by hand.", string(b.Missing[:min(len(b.Missing), 12)]))
	}
}

// row is a line of an address and its face.
type row struct {
	text string
	role sheet.Role
}

const addressLeading = 1.22

// rows sets lines one under the other into a box, as large as they go: first the type becomes smaller, until it is
// legible on a parcel and no further; then lines wrap; then the type becomes as small as can be read at
// all. What finds no room then loses lines from its middle, so that name, town and country stay, with a finding.
func (s *stick) rows(rows []row, box sheet.Rect, most, legible, least sheet.Pt) {
	type attempt struct {
		blocks []sheet.Block
		lines  int
		h      sheet.MM
	}
	set := func(size sheet.Pt) (t attempt) {
		for _, r := range rows {
			b := s.fonts.Paragraph(r.text, sheet.Style{Role: r.role, Size: size}, box.W, sheet.Left, size*addressLeading)
			t.blocks = append(t.blocks, b)
			t.lines += len(b.Lines)
		}
		t.h = sheet.MM(t.lines) * (size * addressLeading).MM()
		return t
	}
	best := attempt{}
	size := most
	for ; ; size -= 0.5 {
		best = set(size)
		if best.h <= box.H && (best.lines == len(rows) || size <= legible) || size-0.5 < least {
			break
		}
	}
	lead := (size * addressLeading).MM()
	var lines []sheet.Block
	for _, b := range best.blocks {
		s.missing(b)
		for i := range b.Lines {
			one := b
			one.Lines = b.Lines[i : i+1]
			lines = append(lines, one)
		}
	}
	if room := int(box.H / lead); len(lines) > room {
		s.note("The address has more lines than its label. Lines from its middle are left out: write it by hand.")
		tail := min(2, room/2)
		lines = append(lines[:room-tail:room-tail], lines[len(lines)-tail:]...)
	}
	y := box.Y + (box.H-sheet.MM(len(lines))*lead)/2
	for _, b := range lines {
		s.items = append(s.items, b.At(sheet.Point{X: box.X, Y: y}, ink)...)
		y += lead
	}
}

// addressRows are the lines of a parcel's address with their faces.
func addressRows(p Parcel, home string) (rows []row) {
	lines := p.Lines(home)
	for i, l := range lines {
		role := sheet.Body
		if i == 0 || i == len(lines)-1 && p.To.Country != home {
			role = sheet.BodyBold
		}
		rows = append(rows, row{l, role})
	}
	return rows
}

// amount is an amount without its currency, with as many digits as the currency has.
func amount(m shop.Money) string {
	digits := 2
	if c, err := budget.FindCurrency(m.Currency); err == nil {
		digits = c.Digits
	}
	text := fmt.Sprintf("%0*d", digits+1, m.Minor)
	if digits == 0 {
		return text
	}
	return text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// kilos is a weight in kilograms, to the gram.
func kilos(g int) string { return fmt.Sprintf("%d.%03d", g/1000, g%1000) }

func document(title string) *sheet.Document {
	return &sheet.Document{Title: title, Creator: "Ferric", Language: "en"}
}

func page(w, h sheet.MM) *sheet.Page {
	r := sheet.Rect{W: w, H: h}
	return &sheet.Page{Media: r, Bleed: r, Trim: r}
}

func joined(parts ...string) string { return strings.Join(filled(parts...), " ") }
