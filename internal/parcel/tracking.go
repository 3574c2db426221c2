package parcel

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// Limits of a table of tracking numbers.
const (
	MaxTable = 2 << 20 // bytes
	maxRows  = 5000
	maxCells = 200
)

// Tracking is one row of a table that came back: an order, and the number by which its carrier finds it.
type Tracking struct {
	Row     int    // of the table, its header being 1
	Order   string // as written
	Carrier string
	Number  string
}

// Columns are the headers under which a table has what is needed. Empty ones are found by the usual names; what
// the postage shops call them in their own tables was not found in any source, so anybody can say.
type Columns struct{ Order, Tracking, Carrier string }

// The names that a column is known by, folded; in the order in which they are believed.
var (
	orderNames    = []string{"orderreference", "orderid", "ordernumber", "orderno", "reference", "channelreference", "order"}
	trackingNames = []string{"trackingnumber", "trackingno", "trackingcode", "tracking", "trackingid"}
	carrierNames  = []string{"carrier", "shippingcarrier", "carriername", "service", "servicename", "shippingservice"}
)

// ReadTracking reads a table with a header, in any order of columns, parted by comma, semicolon or tab, as UTF-8 or
// UTF-16 with or without a byte order mark. It refuses what is no such table with kind Invalid. Rows without a tracking number are left out.
func ReadTracking(r io.Reader, c Columns) ([]Tracking, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxTable+1))
	if err != nil {
		return nil, fault.Field("file", "The file did not arrive whole. Nothing was changed; please send it again.")
	}
	if len(data) > MaxTable {
		return nil, fault.New(fault.Limit, "The file is larger than 2 MiB: no table of tracking numbers is.")
	}
	text := decode(data)
	if strings.ContainsRune(text, 0) {
		return nil, fault.Field("file", "This is no table: please save it as CSV.")
	}
	head, _, _ := strings.Cut(text, "\n")
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.LazyQuotes, in.ReuseRecord = -1, true, true
	in.Comma = parted(head)
	var rows []Tracking
	var order, tracking, carrier int
	for n := 1; ; n++ {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			if n == 1 {
				return nil, fault.Field("file", "The file is empty.")
			}
			return rows, nil
		}
		if err != nil || len(record) > maxCells {
			return nil, fault.Field("file", "Row %d of the file is not one of a table: please save it as CSV.", n)
		}
		if n == 1 {
			if order, tracking, carrier, err = columns(record, c); err != nil {
				return nil, err
			}
			continue
		}
		if n > maxRows+1 {
			return nil, fault.New(fault.Limit, "The file has more than 5000 rows. Please send it in parts.")
		}
		at := func(i int) string {
			if i < 0 || i >= len(record) {
				return ""
			}
			return strings.TrimPrefix(clean(record[i]), "'")
		}
		t := Tracking{Row: n, Order: at(order), Carrier: at(carrier), Number: at(tracking)}
		if t.Number != "" {
			rows = append(rows, t)
		}
	}
}

// decode makes UTF-8 of what tables come in.
func decode(b []byte) string {
	var wide binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		wide, b = binary.LittleEndian, b[2:]
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		wide, b = binary.BigEndian, b[2:]
	case len(b) > 3 && b[1] == 0 && b[3] == 0:
		wide = binary.LittleEndian
	case len(b) > 3 && b[0] == 0 && b[2] == 0:
		wide = binary.BigEndian
	}
	if wide != nil {
		u := make([]uint16, len(b)/2)
		for i := range u {
			u[i] = wide.Uint16(b[2*i:])
		}
		return strings.TrimPrefix(string(utf16.Decode(u)), "\uFEFF")
	}
	s := strings.TrimPrefix(string(b), "\uFEFF")
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// parted is what parts the cells of a header.
func parted(head string) rune {
	best, most := ',', strings.Count(head, ",")
	for _, r := range ";\t" {
		if n := strings.Count(head, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

// columns finds where a header has what is needed.
func columns(header []string, c Columns) (order, tracking, carrier int, err error) {
	var names, shown []string
	for _, h := range header {
		names, shown = append(names, catalog.Compact(h)), append(shown, short(clean(h)))
	}
	find := func(said string, usual []string) int {
		if said = catalog.Compact(said); said != "" {
			usual = []string{said}
		}
		for _, name := range usual {
			if i := slices.Index(names, name); i >= 0 {
				return i
			}
		}
		return -1
	}
	order, tracking, carrier = find(c.Order, orderNames), find(c.Tracking, trackingNames), find(c.Carrier, carrierNames)
	has := strings.Join(shown[:min(len(shown), 12)], ", ")
	switch {
	case order < 0:
		return 0, 0, 0, fault.Field("order_column", "No column looks like the order's reference. The file has: %s. Write the one that is it here.", has)
	case tracking < 0:
		return 0, 0, 0, fault.Field("tracking_column", "No column looks like the tracking number. The file has: %s. Write the one that is it here.", has)
	}
	return order, tracking, carrier, nil
}

// Fate is what would happen to a row.
type Fate string

// The fates of rows. Only Sends and Notes change anything.
const (
	Sends   Fate = "sends"   // the order is packed: it is marked sent, with the number
	Notes   Fate = "notes"   // the order is sent already: the number is written down
	Same    Fate = "same"    // the order has this number already
	Doubt   Fate = "doubt"   // somebody should look: nothing happens
	Unknown Fate = "unknown" // no such order at this label: nothing happens
)

// Planned is a row and what would happen to it.
type Planned struct {
	Tracking
	ID   shop.OrderID
	Fate Fate
	Why  string
}

// Plan says of each row what applying it would do, and changes nothing.
func (d *Desk) Plan(ctx context.Context, l catalog.Label, rows []Tracking) ([]Planned, error) {
	if len(rows) > maxRows {
		return nil, fault.New(fault.Limit, "More than 5000 rows. Please send them in parts.")
	}
	plan := make([]Planned, len(rows))
	numbers := map[shop.OrderID]map[string]bool{}
	for i, r := range rows {
		plan[i] = Planned{Tracking: r, ID: reference(r.Order)}
		if numbers[plan[i].ID] == nil {
			numbers[plan[i].ID] = map[string]bool{}
		}
		numbers[plan[i].ID][strings.ToUpper(r.Number)] = true
	}
	err := d.store.View(ctx, func(tx Tx) error {
		seen := map[shop.OrderID]bool{}
		for i := range plan {
			if err := d.fate(tx, l, &plan[i], len(numbers[plan[i].ID]) > 1, seen[plan[i].ID]); err != nil {
				return err
			}
			seen[plan[i].ID] = true
		}
		return nil
	})
	return plan, err
}

func (d *Desk) fate(tx Tx, l catalog.Label, p *Planned, several, again bool) error {
	p.Fate, p.Why = Unknown, "No order of yours has this reference."
	if p.ID == "" {
		return nil
	}
	o, err := tx.Order(p.ID)
	if fault.Is(err, fault.NotFound) || err == nil && o.Label != l.ID {
		return nil
	}
	if err != nil {
		return err
	}
	known, err := tx.Sent([]shop.OrderID{p.ID})
	if err != nil {
		return err
	}
	has := known[p.ID].Tracking
	p.Fate = Doubt
	switch {
	case several:
		p.Why = "The file has several numbers for this order. Write down by hand which one it is."
	case again:
		p.Fate, p.Why = Same, "The row before says it already."
	case checkTracking(p.Carrier, p.Number) != nil:
		p.Why = "This does not look like a tracking number."
	case has != "" && strings.EqualFold(has, p.Number):
		p.Fate, p.Why = Same, "The order has this number already."
		if o.State == shop.Packed {
			p.Fate, p.Why = Sends, "Marked sent; the number is known."
		}
	case has != "":
		p.Why = "The order has another number already: " + has + "."
	case o.State == shop.Packed:
		p.Fate, p.Why = Sends, "Marked sent, with this number."
	case o.State == shop.Shipped:
		p.Fate, p.Why = Notes, "Sent already: this number is written down."
	default:
		p.Why = "The order is " + string(o.Shown(d.clock())) + ", not packed yet."
	}
	return nil
}

// reference is the order that a text means: our references in any case, with or without their hyphens.
func reference(text string) shop.OrderID {
	key := strings.ToUpper(catalog.Compact(text))
	if len(key) != 12 {
		return ""
	}
	return shop.OrderID(key[:4] + "-" + key[4:8] + "-" + key[8:])
}

// Apply does what [Desk.Plan] says of rows as things are now, and tells what it did. Applying the same rows again changes nothing.
func (d *Desk) Apply(ctx context.Context, l catalog.Label, rows []Tracking, by string) ([]Planned, error) {
	plan, err := d.Plan(ctx, l, rows)
	if err != nil {
		return nil, err
	}
	for i, p := range plan {
		if p.Fate != Sends && p.Fate != Notes {
			continue
		}
		if err := d.Ship(ctx, l, p.ID, p.Carrier, p.Number, by); err != nil {
			if k := fault.Of(err); k != fault.Conflict && k != fault.Invalid {
				return plan[:i], err
			}
			plan[i].Fate, plan[i].Why = Doubt, fault.Text(err)
		}
	}
	return plan, nil
}
