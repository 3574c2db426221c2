package journal

import (
	"io"
	"sort"
	"strconv"
	"sync"
	"time"

	"ferric/internal/catalog"
	"ferric/sheet"
	"ferric/sheet/pdf"
)

// kindNames are the kinds as a statement on paper calls them.
var kindNames = map[Kind]string{
	KindOrder: "orders paid", KindCancel: "orders called off", KindReturn: "came back", KindHand: "sold by hand", KindConsigned: "sold by shops", KindArtist: "artist's copies",
	KindUnhand: "sales undone", KindBill: "manufacturing", KindCost: "other costs", KindRefund: "money sent back", KindPayout: "paid out", KindReversal: "reversed",
}

var paperFonts = sync.OnceValue(sheet.NewFonts)

// A4 upright, and its columns by their right ends; the first two by their left.
const (
	paperW, paperH = 210, 297
	margin         = 20
	rowHeight      = 5.5
	colWhat        = 96.0
	colCopies      = 130.0
	colSales       = 153.0
	colCosts       = 172.0
	colMinor       = 190.0
)

// paper sets lines from the top of a page down, and goes on to the next.
type paper struct {
	doc   *sheet.Document
	page  *sheet.Page
	y     sheet.MM
	fonts *sheet.Fonts
	foot  string
}

var (
	ink  = sheet.Hex(0x1C1A17)
	soft = sheet.Hex(0x5B554B)
	rule = sheet.Hex(0xCFC5B2)
)

// WritePDF writes the statement, by run and kind, on A4. The same statement gives the same bytes. Name is the label's.
func (s Statement) WritePDF(w io.Writer, label string) error {
	who := s.Payee.Name
	if who == "" {
		who = label
	}
	last := s.To.Add(-time.Second).UTC().Format(time.DateOnly)
	when := "to " + last
	if !s.From.IsZero() {
		when = s.From.UTC().Format(time.DateOnly) + " to " + last
	}
	p := &paper{doc: &sheet.Document{Title: "Statement, " + who + ", " + when, Author: label, Language: "en", Creator: "Ferric"}, fonts: paperFonts(), foot: label + ", " + who + ", " + when}
	p.turn()
	p.fit(who, sheet.Style{Role: sheet.Title, Size: 22}, margin, paperW-2*margin, ink)
	p.y += 9
	p.fit("Statement by "+label+", "+when+" (UTC)", sheet.Style{Role: sheet.Body, Size: 10}, margin, paperW-2*margin, soft)
	p.y += 12
	if len(s.Sections) == 0 {
		p.fit("Nothing happened in this time.", sheet.Style{Role: sheet.Body, Size: 10}, margin, 170, ink)
	}
	for _, part := range s.Sections {
		p.section(s, part)
	}
	return pdf.Write(w, p.doc)
}

func (p *paper) section(s Statement, part Section) {
	head := sheet.Style{Role: sheet.BodyBold, Size: 8.5}
	p.room(6 * rowHeight)
	p.fit(part.Currency, head, margin, 60, soft)
	p.fit("What", head, colWhat, 30, soft)
	p.right("Copies", head, colCopies, soft)
	p.right("Came in", head, colSales, soft)
	p.right("Cost", head, colCosts, soft)
	if s.Payee.ID == "" {
		p.right("Money", head, colMinor, soft)
	} else {
		p.right("Share", head, colMinor, soft)
	}
	p.line()
	p.sum("Opening balance", part.Opening, part.Currency, false)
	number := sheet.Style{Role: sheet.Mono, Size: 8.5, NoKern: true}
	body := sheet.Style{Role: sheet.Body, Size: 9}
	for _, t := range part.Totals {
		p.room(rowHeight)
		p.fit(runTitle(s.Runs, t.Run), body, margin, colWhat-margin-3, ink)
		p.fit(kindNames[t.Kind], body, colWhat, 26, ink)
		if t.Copies != 0 {
			p.right(strconv.Itoa(t.Copies), number, colCopies, ink)
		}
		if t.Sales != 0 {
			p.right(Decimal(t.Sales, part.Currency), number, colSales, ink)
		}
		if t.Costs != 0 {
			p.right(Decimal(t.Costs, part.Currency), number, colCosts, ink)
		}
		p.right(Decimal(t.Minor, part.Currency), number, colMinor, ink)
		p.y += rowHeight
	}
	p.line()
	p.sum("Closing balance", part.Closing, part.Currency, true)
	for _, o := range part.Owed {
		name := o.Name
		if o.Payee == "" {
			name = "buyers"
		}
		p.sum("owed to "+name, -o.Minor, part.Currency, false)
	}
	if s.Payee.ID == "" {
		p.sum("The label's own", part.Own, part.Currency, true)
	}
	p.y += 10
}

// runTitle names a run on paper.
func runTitle(runs map[catalog.RunID]Run, id catalog.RunID) string {
	r := runs[id]
	if r.ID == "" {
		return ""
	}
	name := r.Title
	if r.Catalogue != "" {
		name = r.Catalogue + " " + name
	}
	if r.Runs > 1 {
		name += ", run " + strconv.Itoa(r.Ordinal)
	}
	return name
}

// sum is a line with one amount.
func (p *paper) sum(what string, minor int64, currency string, strong bool) {
	p.room(rowHeight)
	body, number := sheet.Style{Role: sheet.Body, Size: 9}, sheet.Style{Role: sheet.Mono, Size: 8.5, NoKern: true}
	if strong {
		body.Role, number.Role = sheet.BodyBold, sheet.MonoBold
	}
	p.fit(what, body, margin, 120, ink)
	p.right(Decimal(minor, currency), number, colMinor, ink)
	p.y += rowHeight
}

// turn begins a page.
func (p *paper) turn() {
	p.page = &sheet.Page{Media: sheet.Rect{W: paperW, H: paperH}}
	p.doc.Pages = append(p.doc.Pages, p.page)
	p.y = paperH - 12
	p.fit(p.foot, sheet.Style{Role: sheet.Body, Size: 7.5}, margin, 140, soft)
	p.right(strconv.Itoa(len(p.doc.Pages)), sheet.Style{Role: sheet.Mono, Size: 7.5}, colMinor, soft)
	p.y = margin + 6
}

// room turns the page when a part no longer fits it.
func (p *paper) room(h sheet.MM) {
	if p.y+h > paperH-20 {
		p.turn()
	}
}

func (p *paper) line() {
	y := p.y + 1.6
	p.page.Add(sheet.Stroked([]sheet.Segment{{Op: sheet.Move, P: [3]sheet.Point{{X: margin, Y: y}}}, {Op: sheet.Line, P: [3]sheet.Point{{X: paperW - margin, Y: y}}}}, rule, 0.2))
	p.y += rowHeight + 1
}

// fit sets a line that is cut where it is too long, its baseline at the paper's height.
func (p *paper) fit(text string, st sheet.Style, x, width sheet.MM, c sheet.Colour) {
	if p.fonts.Measure(text, st) > width {
		runes := []rune(text)
		n := sort.Search(len(runes), func(n int) bool { return p.fonts.Measure(string(runes[:n])+"…", st) > width })
		text = string(runes[:max(0, n-1)]) + "…"
	}
	p.page.Add(p.fonts.Line(text, st).At(sheet.Point{X: x, Y: p.y}, sheet.Left, 0, c)...)
}

func (p *paper) right(text string, st sheet.Style, x sheet.MM, c sheet.Colour) {
	p.page.Add(p.fonts.Line(text, st).At(sheet.Point{X: x, Y: p.y}, sheet.Right, 0, c)...)
}
