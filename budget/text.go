package budget

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteText writes the budget as tables for a terminal of width columns (0 for 80, at
// least 48). A table that is too wide is written one row below the other. There
// are no colours, and nothing moves the cursor.
func (b *Budget) WriteText(w io.Writer, width int) error {
	if width == 0 {
		width = 80
	}
	width = max(width, 48)
	var out strings.Builder
	b.textCosts(&out, width)
	b.textWays(&out, width)
	b.textSizes(&out, width)
	b.textFootnotes(&out, width)
	_, err := io.WriteString(w, out.String())
	return err
}

func (b *Budget) textCosts(out *strings.Builder, width int) {
	made := fmt.Sprintf("%d copies", b.Copies)
	if b.Run.Made > b.Copies {
		made += fmt.Sprintf(", %d made", b.Run.Made)
	}
	if b.Proofs > 0 {
		made += fmt.Sprintf(" with %d proofs", b.Proofs)
	}
	out.WriteString("A run of " + made + "\n\n")
	t := &table{}
	for _, l := range b.PerCopy {
		t.row(shorten(l.Name, width-36), b.currency.formatExact(l.Amount), "a copy", b.Money(l.Total))
	}
	for _, l := range b.PerRun {
		t.row(shorten(l.Name, width-36), "", "", b.Money(l.Total))
	}
	t.row("total", "", "", b.Money(b.Run.Total))
	t.row("cost a copy", "", "", b.Money(b.Run.PerCopy))
	t.write(out, width, "lrlr")
	if d := b.Dubbing; d != nil {
		how := ""
		if d.FourTrack {
			how = ", both sides in one pass"
		}
		out.WriteString(wrap(fmt.Sprintf("\nDubbing: %s hours with %d decks, sides of %.1f minutes%s", hours(d.Hours), d.Decks, d.SideMinutes, how), width, "  "))
		var others []string
		for _, other := range d.ByDecks {
			if other.Decks != d.Decks {
				others = append(others, fmt.Sprintf("%d: %s", other.Decks, hours(other.Hours)))
			}
		}
		fmt.Fprintf(out, "\n  decks and hours  %s\n", strings.Join(others, ", "))
	}
}

func (b *Budget) textWays(out *strings.Builder, width int) {
	fmt.Fprintf(out, "\nOne copy sold at %s\n\n", b.Money(b.Price))
	t := &table{}
	t.row("", "shares", "kept", "less cost", "break-even", "sold out")
	for i, w := range b.Ways {
		o := b.Run.Ways[i]
		name := w.Name
		if w.Price != b.Price {
			name += " at " + b.Money(w.Price)
		}
		t.row(name, b.Money(w.Price-w.Keeps), b.Money(w.Keeps), b.Money(o.PerCopy), breakEven(o.BreakEven, b.Copies), b.Money(o.Profit))
	}
	t.write(out, width, "lrrrrr")
	if b.Split != 100 {
		out.WriteString(wrap(fmt.Sprintf("\nOf the profit once the run is paid back, the artist has %g%%:", b.Split), width, "") + "\n\n")
		t := &table{}
		for _, o := range b.Run.Ways {
			t.row(o.Name+", sold out", b.Money(o.Artist))
		}
		t.write(out, width, "lr")
	}
	if b.Streams.Rate == 0 {
		return
	}
	out.WriteString(wrap(fmt.Sprintf("\nStreams that pay as much as one copy, at %s each", b.currency.formatExact(b.Streams.Rate)), width, "") + "\n\n")
	t = &table{}
	t.row("", "its price", "what is kept", "less its cost")
	for _, w := range b.Ways {
		t.row(w.Name, thousands(w.StreamsGross), thousands(w.StreamsKept), thousands(w.StreamsNet))
	}
	t.write(out, width, "lrrr")
}

// textSizes writes the table of run sizes; on a narrow terminal, with as many ways to sell as fit.
func (b *Budget) textSizes(out *strings.Builder, width int) {
	ways := len(b.Ways)
	var t *table
	for ; ; ways-- {
		t = &table{}
		head := []string{"copies", "total", "a copy"}
		if b.Dubbing != nil {
			head = append(head, "hours")
		}
		for _, w := range b.Ways[:ways] {
			head = append(head, w.Name)
		}
		t.row(head...)
		for _, z := range b.Sizes {
			row := []string{fmt.Sprint(z.Copies), b.Money(z.Total), b.Money(z.PerCopy)}
			if b.Dubbing != nil {
				row = append(row, hours(z.Hours))
			}
			for _, o := range z.Ways[:ways] {
				row = append(row, breakEven(o.BreakEven, z.Copies))
			}
			t.row(row...)
		}
		if ways == 0 || t.width() <= width {
			break
		}
	}
	heading := "\nBy size of the run"
	if ways > 0 {
		heading += ", with the break-even of each way to sell; (!) is more than the run has"
	}
	out.WriteString(wrap(heading, width, "") + "\n\n")
	t.write(out, width, strings.Repeat("r", 4+ways))
}

func (b *Budget) textFootnotes(out *strings.Builder, width int) {
	for _, n := range b.Notes {
		out.WriteString("\n" + wrap(n, width, ""))
	}
	if len(b.Notes) > 0 {
		out.WriteString("\n")
	}
	if len(b.Defaults) == 0 {
		return
	}
	out.WriteString("\nNot set, so taken from:\n")
	for i := 0; i < len(b.Defaults); {
		var figures []string
		source := b.Defaults[i].Source
		for ; i < len(b.Defaults) && b.Defaults[i].Source == source; i++ {
			figures = append(figures, b.Defaults[i].Name+" "+b.Defaults[i].Value)
		}
		year := ""
		if source.Year > 0 {
			year = fmt.Sprintf(" (%d)", source.Year)
		}
		out.WriteString(wrap(fmt.Sprintf("  %s: %s%s", strings.Join(figures, ", "), source.Text, year), width, "    ") + "\n")
	}
	for _, w := range b.Ways {
		if w.Source != yours {
			out.WriteString(wrap(fmt.Sprintf("  %s: %s", w.Name, w.Source.Text), width, "    ") + "\n")
		}
	}
}

func breakEven(n, copies int) string {
	switch {
	case n == 0:
		return "never"
	case n > copies:
		return fmt.Sprintf("%d (!)", n) // more than there are
	}
	return fmt.Sprint(n)
}

func hours(h float64) string {
	if h < 10 {
		return fmt.Sprintf("%.1f", h)
	}
	return fmt.Sprintf("%.0f", h)
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// A table lines up cells, which must not hold wide characters.
type table struct{ rows [][]string }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) columns() []int {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

const tableIndent = "  "

func (t *table) width() int {
	w := len(tableIndent)
	for i, column := range t.columns() {
		if i > 0 {
			w += 2
		}
		w += column
	}
	return w
}

// write writes the rows; align has an l or an r for each column. When they are
// wider than width, each row is a list under its first cell, named by the first row.
func (t *table) write(out *strings.Builder, width int, align string) {
	if t.width() > width && t.rows[0][0] == "" {
		head, rows := t.rows[0], t.rows[1:]
		for _, row := range rows {
			out.WriteString(tableIndent + shorten(row[0], width-2) + "\n")
			list := &table{}
			for i := 1; i < len(row); i++ {
				list.row("  "+head[i], row[i])
			}
			list.write(out, width, "lr")
		}
		return
	}
	widths := t.columns()
	for _, row := range t.rows {
		var line strings.Builder
		line.WriteString(tableIndent)
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if align[i] == 'r' {
				line.WriteString(space + cell)
			} else {
				line.WriteString(cell + space)
			}
		}
		out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// wrap breaks text at blanks so that lines fit width; later lines begin with indent.
func wrap(text string, width int, indent string) string {
	var lines []string
	line := ""
	for i, word := range strings.Split(text, " ") {
		switch {
		case i == 0:
			line = word
		case strings.TrimSpace(line) != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines = append(lines, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n")
}
