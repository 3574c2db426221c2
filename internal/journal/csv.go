package journal

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// Columns of a statement's CSV. Amounts are decimal with a point; see docs/formats/books.md.
var Columns = []string{"currency", "at", "what", "reference", "catalogue", "title", "run", "copies", "sales", "costs", "amount", "balance", "note"}

// WriteCSV writes every entry of a statement: RFC 4180, UTF-8 without a mark, one row for the opening and one for the closing
// balance of each currency.
func (s Statement) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(Columns); err != nil {
		return err
	}
	row := make([]string, len(Columns))
	for _, p := range s.Sections {
		mark := func(at time.Time, what string, minor int64) error {
			clear(row)
			row[0], row[1], row[2], row[11] = p.Currency, stamp(at), what, Decimal(minor, p.Currency)
			return c.Write(row)
		}
		if err := mark(s.From, "opening", p.Opening); err != nil {
			return err
		}
		for _, i := range p.Items {
			r := s.Runs[i.Run]
			ordinal := ""
			if r.Ordinal > 0 {
				ordinal = strconv.Itoa(r.Ordinal)
			}
			copy(row, []string{p.Currency, stamp(i.At), string(i.Kind), Cell(i.Reference), Cell(r.Catalogue), Cell(r.Title), ordinal, strconv.Itoa(i.Copies),
				Decimal(i.Sales, p.Currency), Decimal(i.Costs, p.Currency), Decimal(i.Minor, p.Currency), Decimal(i.Balance, p.Currency), Cell(i.Note)})
			if err := c.Write(row); err != nil {
				return err
			}
		}
		if err := mark(s.To, "closing", p.Closing); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Cell is a text that no spreadsheet takes for a formula: one that begins with =, +, -, @ or a tab gets an apostrophe before it (OWASP, "CSV
// Injection"). Line ends and other control characters become spaces.
func Cell(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if strings.HasPrefix(strings.TrimLeft(s, " "), "'") || strings.ContainsAny(first(strings.TrimLeft(s, " \u00a0\ufeff")), "=+-@\uff1d\uff0b\uff0d\uff20") {
		return "'" + s
	}
	return s
}

// first is the first character.
func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
