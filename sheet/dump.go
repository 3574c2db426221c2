package sheet

import (
	"fmt"
	"strconv"
	"strings"
)

// Dump writes a document as text, one item a line, for golden files: a layout
// that moved shows as the lines that changed. Lengths are millimetres to three
// decimals, colours #rrggbb with opacity in percent where it is not full. Text
// shows its characters, face, size and place, not its glyphs; a picture its
// size in pixels; a group is written where it is first used and named g1, g2...
// Outlines of more than maxOutline steps show their count and their bounds.
func Dump(doc *Document) string {
	d := dumper{groups: map[*Group]int{}}
	d.line("document title=%q author=%q subject=%q", doc.Title, doc.Author, doc.Subject)
	n := 0
	for p, err := range doc.All() {
		if err != nil {
			d.line("error %v", err)
			break
		}
		n++
		d.line("page %d media=%s bleed=%s trim=%s", n, rect(p.Media), rect(p.Bleed), rect(p.Trim))
		d.items(p.Items)
	}
	return d.b.String()
}

const (
	maxOutline   = 16
	maxDumpDepth = 32
)

type dumper struct {
	b      strings.Builder
	depth  int
	groups map[*Group]int
}

func (d *dumper) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.depth))
	fmt.Fprintf(&d.b, format+"\n", args...)
}

func (d *dumper) items(items []Item) {
	d.depth++
	defer func() { d.depth-- }()
	if d.depth > maxDumpDepth {
		d.line("...")
		return
	}
	for _, it := range items {
		switch it := it.(type) {
		case *Path:
			d.line("path%s%s", optional(" name=%s", it.Name), paint(it))
			d.depth++
			d.line("%s", outline(it.Segments))
			d.depth--
		case *Text:
			d.line("text %q %s %spt at=%s%s%s %s", it.String, it.Face.Name, number(float64(it.Size)), point(it.At),
				unless(" turn=%s", it.Turn, 0), unless(" stretch=%s", it.Stretch, 0), hex(it.Colour))
		case *Picture:
			clip := ""
			if it.Clip != nil {
				clip = " clip=" + rect(*it.Clip)
			}
			d.line("picture %s %dx%d box=%s%s", it.Image.MIME, it.Image.Width, it.Image.Height, rect(it.Box), clip)
		case *Clip:
			d.line("clip %s", outline(it.Inside))
			d.items(it.Items)
		case *Use:
			n, known := d.groups[it.Group]
			if !known {
				n = len(d.groups) + 1
				d.groups[it.Group] = n
			}
			m := it.At
			d.line("use g%d [%s %s %s %s %s %s]", n, number(m.A), number(m.B), number(m.C), number(m.D), number(m.E), number(m.F))
			if !known {
				d.depth++
				d.line("g%d box=%s", n, rect(it.Group.Box))
				d.items(it.Group.Items)
				d.depth--
			}
		}
	}
}

func paint(p *Path) string {
	out := ""
	if g := p.Gradient; g != nil {
		out += " gradient=" + point(g.From) + ">" + point(g.To)
		for _, s := range g.Stops {
			out += " " + number(s.At) + ":" + hex(s.Colour)
		}
	} else if p.Fill != nil {
		out += " fill=" + hex(*p.Fill)
	}
	if p.Stroke != nil {
		out += " stroke=" + hex(*p.Stroke) + " width=" + number(float64(p.Width))
		for i, v := range p.Dash {
			out += map[bool]string{true: " dash=", false: ","}[i == 0] + number(float64(v))
		}
	}
	return out
}

func outline(segments []Segment) string {
	if len(segments) > maxOutline {
		b := Bounds(segments)
		return fmt.Sprintf("%d steps within %s", len(segments), rect(b))
	}
	var parts []string
	for _, s := range segments {
		switch s.Op {
		case Move:
			parts = append(parts, "M "+point(s.P[0]))
		case Line:
			parts = append(parts, "L "+point(s.P[0]))
		case Curve:
			parts = append(parts, "C "+point(s.P[0])+" "+point(s.P[1])+" "+point(s.P[2]))
		case Close:
			parts = append(parts, "Z")
		}
	}
	return strings.Join(parts, " ")
}

func number(x float64) string {
	s := strconv.FormatFloat(x, 'f', 3, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

func point(p Point) string { return number(float64(p.X)) + "," + number(float64(p.Y)) }

func rect(r Rect) string { return point(Point{r.X, r.Y}) + "+" + point(Point{r.W, r.H}) }

func hex(c Colour) string {
	b := func(x float64) int { return int(min(max(x, 0), 1)*255 + 0.5) }
	s := fmt.Sprintf("#%02x%02x%02x", b(c.R), b(c.G), b(c.B))
	if c.A != 1 {
		s += "/" + number(c.A*100) + "%"
	}
	return s
}

func optional(format, s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf(format, s)
}

func unless(format string, x, usual float64) string {
	if x == usual {
		return ""
	}
	return fmt.Sprintf(format, number(x))
}
