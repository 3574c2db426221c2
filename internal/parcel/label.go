package parcel

import (
	"strconv"
	"strings"

	"ferric/sheet"
)

// Format is a sheet of address labels, or a roll of which each piece is one.
type Format struct {
	Key, Name      string
	W, H           sheet.MM // of the sheet
	LabelW, LabelH sheet.MM
	Left, Top      sheet.MM // of the first label
	PitchX, PitchY sheet.MM // from one label to the next
	Cols, Rows     int
	Pad            sheet.MM // kept free at the label's edge, as feeding moves the sheet
	Most           sheet.Pt // largest type
}

// Labels on a sheet.
func (f Format) Labels() int { return f.Cols * f.Rows }

// Cell is the place of label i of a sheet, row by row.
func (f Format) Cell(i int) sheet.Rect {
	return sheet.Rect{X: f.Left + sheet.MM(i%f.Cols)*f.PitchX, Y: f.Top + sheet.MM(i/f.Cols)*f.PitchY, W: f.LabelW, H: f.LabelH}
}

const inch sheet.MM = 25.4

// Formats that labels are sold in. The label's size and their count on a sheet name the product (Avery's numbers
// are what other makers' boxes say too); where the first one begins follows from the sheet: rows without gaps stand in
// its middle, and a gap of 2.5 mm (A4) or 3/16 inch (Letter) parts two columns. Makers differ by some tenths of a
// millimetre, which Pad takes up; print one on plain paper and hold it against the sheet.
var Formats = []Format{
	{Key: "a4-14", Name: "A4, 14 labels of 99.1 × 38.1 mm (L7163)", W: 210, H: 297, LabelW: 99.1, LabelH: 38.1, Left: 4.65, Top: 15.15, PitchX: 101.6, PitchY: 38.1, Cols: 2, Rows: 7, Pad: 3.5, Most: 12},
	{Key: "a4-8", Name: "A4, 8 labels of 99.1 × 67.7 mm (L7165)", W: 210, H: 297, LabelW: 99.1, LabelH: 67.7, Left: 4.65, Top: 13.1, PitchX: 101.6, PitchY: 67.7, Cols: 2, Rows: 4, Pad: 4, Most: 16},
	{Key: "letter-10", Name: "Letter, 10 labels of 4 × 2 in (5163)", W: 8.5 * inch, H: 11 * inch, LabelW: 4 * inch, LabelH: 2 * inch, Left: 5 * inch / 32, Top: inch / 2, PitchX: 4*inch + 3*inch/16, PitchY: 2 * inch, Cols: 2, Rows: 5, Pad: 4, Most: 13},
	{Key: "4x6", Name: "Thermal, 4 × 6 in, one each", W: 4 * inch, H: 6 * inch, LabelW: 4 * inch, LabelH: 6 * inch, Cols: 1, Rows: 1, Pad: 6, Most: 22},
}

// FindFormat is the format of a key; the first for what is none.
func FindFormat(key string) Format {
	for _, f := range Formats {
		if f.Key == key {
			return f
		}
	}
	return Formats[0]
}

// Labels are address labels in the order that the parcels have, the sender on each. Skip leaves out labels that are gone from the first sheet.
func (d *Desk) Labels(parcels []Parcel, s Setup, f Format, skip int) (*sheet.Document, []Finding) {
	doc := document("Address labels")
	t := stick{fonts: d.fonts}
	at := max(0, min(skip, f.Labels()-1))
	for i, p := range parcels {
		if at == f.Labels() || i == 0 {
			if i > 0 {
				at = 0
			}
			doc.Pages = append(doc.Pages, page(f.W, f.H))
		}
		t.order = p.Order
		t.label(p, s, f, f.Cell(at))
		doc.Pages[len(doc.Pages)-1].Add(t.items...)
		t.items = nil
		at++
	}
	if len(doc.Pages) == 0 {
		doc.Pages = append(doc.Pages, page(f.W, f.H))
	}
	return doc, t.found
}

// label is the sender in a line or two, the address, and at the foot what tells whose parcel it is.
func (t *stick) label(p Parcel, s Setup, f Format, cell sheet.Rect) {
	box := cell.Inset(f.Pad)
	head := sheet.MM(0)
	if from := s.SenderLines(); len(from) > 0 {
		size := max(6.5, f.Most*0.5)
		t.line(strings.Join(from, ", "), sheet.Body, size, 5, sheet.Point{X: box.X, Y: box.Y}, box.W, sheet.Left, ink)
		head = size.MM()*1.3 + 0.6
		t.rule(box.X, box.Y+head, box.X+box.W, box.Y+head, 0.15, ink)
		head += 0.8
	}
	const foot = 3.4
	t.rows(addressRows(p, s.Country), sheet.Rect{X: box.X, Y: box.Y + head, W: box.W, H: box.H - head - foot}, f.Most, max(8, f.Most*0.6), 6)
	y := box.Y + box.H - foot + 0.5
	t.line(string(p.Order), sheet.Mono, 7, 5, sheet.Point{X: box.X, Y: y}, box.W*0.45, sheet.Left, quiet)
	hint := ""
	if len(p.Items) > 0 {
		hint = joined(p.Items[0].Catno, p.Items[0].Shown)
		if n := len(p.Items); n > 1 {
			hint += " + " + strconv.Itoa(n-1)
		}
	}
	if b, _ := t.fonts.Fit(clean(hint), sheet.Style{Role: sheet.Mono, Size: 7}, sheet.Fitting{Width: box.W * 0.5, MinSize: 5, Align: sheet.Right}); hint != "" {
		t.items = append(t.items, b.At(sheet.Point{X: box.X + box.W*0.5, Y: y}, quiet)...)
	}
}

func copies(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return strconv.Itoa(n) + " copies"
}

func grams(g int) string { return strconv.Itoa(g) + " g" }
