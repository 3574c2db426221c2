package sheet

import (
	"slices"
	"strings"

	"github.com/go-text/typesetting/segmenter"
)

// Block is text broken into lines.
type Block struct {
	Lines   []Shaped
	Leading MM // from one baseline to the next
	Width   MM // the measure it was set to
	Align   Align
	Ascent  MM // from the top of the block to the first baseline
	Descent MM // below the last baseline
	Missing []rune
}

// Paragraph breaks a text into lines no wider than width. Lines end where
// Unicode Standard Annex 14 allows it (after spaces and hyphens, between kana
// and Han but not before a closing mark), at line feeds, and inside a word only
// when the word alone is too wide. A soft hyphen shows where a line ends at it.
// A zero leading is 1.3 times the size. A text stops after 64 Ki characters.
func (f *Fonts) Paragraph(s string, st Style, width MM, a Align, leading Pt) Block {
	if leading == 0 {
		leading = st.Size * 1.3
	}
	m := f.Face(st.Role).Metrics()
	b := Block{Leading: leading.MM(), Width: width, Align: a,
		Ascent: MM(m.Ascent) * st.Size.MM(), Descent: MM(m.Descent) * st.Size.MM()}
	seen := map[rune]bool{}
	for _, text := range f.breakLines(s, st, width) {
		l := f.Line(text.string, st)
		if a == Justified && !text.last {
			l.justify(width)
		}
		for _, r := range l.Missing {
			if !seen[r] {
				seen[r] = true
				b.Missing = append(b.Missing, r)
			}
		}
		b.Lines = append(b.Lines, l)
	}
	return b
}

// Height is from the ascent of the first line to the descent of the last.
func (b Block) Height() MM {
	if len(b.Lines) == 0 {
		return 0
	}
	return b.Ascent + b.Leading*MM(len(b.Lines)-1) + b.Descent
}

// At places the block with its top left corner at p, upright.
func (b Block) At(p Point, c Colour) []Item { return b.Turned(p, 0, c) }

// Turned places the block with its top left corner at p, turned clockwise around p.
func (b Block) Turned(p Point, turn float64, c Colour) []Item {
	sin, cos := sinCos(turn)
	var items []Item
	for i, l := range b.Lines {
		x, y, a := MM(0), b.Ascent+b.Leading*MM(i), b.Align
		switch a {
		case Centre:
			x = b.Width / 2
		case Right:
			x = b.Width
		case Justified:
			a = Left
		}
		at := Point{p.X + x*MM(cos) - y*MM(sin), p.Y + x*MM(sin) + y*MM(cos)}
		items = append(items, l.At(at, a, turn, c)...)
	}
	return items
}

// maxText bounds the characters of one paragraph.
const maxText = 64 << 10

type broken struct {
	string string
	last   bool // of its paragraph
}

// breakLines fills lines greedily. Widths are added up from the pieces between
// break places; near the end of a line it is measured whole, since kerning does
// not add up exactly.
func (f *Fonts) breakLines(s string, st Style, width MM) []broken {
	var out []broken
	for _, para := range strings.Split(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"), "\n") {
		text := []rune(normal(para))
		if len(text) > maxText {
			text = text[:maxText]
		}
		if len(text) == 0 {
			out = append(out, broken{"", true})
			continue
		}
		var bits []string
		for _, bit := range pieces(string(text)) {
			bits = append(bits, f.splitWord(bit, st, width)...)
		}
		line, sum := "", MM(0)
		flush := func(last bool) {
			out = append(out, broken{shown(line), last})
			line, sum = "", 0
		}
		for _, bit := range bits {
			about := sum + f.Measure(shown(bit), st)
			if line != "" && about > width*0.95 && (about > width*1.05 || f.Measure(shown(line+bit), st) > width) {
				flush(false)
			}
			line += bit
			sum += f.Measure(strings.ReplaceAll(bit, softHyphen, ""), st) + MM(st.Tracking*st.stretch())*st.Size.MM()
		}
		flush(true)
	}
	return out
}

const softHyphen = "\u00AD"

// shown is a line's text without the spaces at its end, its soft hyphens gone
// but for one at the end, which shows.
func shown(line string) string {
	line = strings.TrimRight(line, " \u3000\u200B")
	if strings.HasSuffix(line, softHyphen) {
		return strings.ReplaceAll(line, softHyphen, "") + "-"
	}
	return strings.ReplaceAll(line, softHyphen, "")
}

// splitWord cuts a piece that is too wide for a line between its grapheme clusters.
func (f *Fonts) splitWord(word string, st Style, width MM) []string {
	if f.Measure(shown(word), st) <= width {
		return []string{word}
	}
	var seg segmenter.Segmenter
	seg.Init([]rune(word))
	var out []string
	part, sum := "", MM(0)
	for it := seg.GraphemeIterator(); it.Next(); {
		g := string(it.Grapheme().Text)
		w := f.Measure(g, st) + MM(st.Tracking*st.stretch())*st.Size.MM()
		if part != "" && sum+w > width {
			out = append(out, part)
			part, sum = "", 0
		}
		part += g
		sum += w
	}
	return append(out, part)
}

// justify widens the spaces of a line, or the gaps between its characters when
// it has no space, to fill width. A line that would need spaces beyond half an
// em each stays as it is: a river is worse than a ragged edge.
func (l *Shaped) justify(width MM) {
	size := l.Style.Size.MM() * MM(l.Style.stretch())
	rest := float64((width - l.Width) / size) // em
	if rest <= 0 || size == 0 {
		return
	}
	spaces, gaps := 0, -1
	for _, p := range l.Pieces {
		for _, g := range p.Run.Glyphs {
			if g.Text == " " {
				spaces++
			}
			if g.Text != "" {
				gaps++
			}
		}
	}
	n, isGap := spaces, func(g Glyph) bool { return g.Text == " " }
	if spaces == 0 {
		n, isGap = gaps, func(g Glyph) bool { return g.Text != "" }
	}
	if n <= 0 || rest/float64(n) > 0.5 {
		return
	}
	add, x, left := rest/float64(n), 0.0, n
	for i := range l.Pieces {
		p := &l.Pieces[i]
		p.X = MM(x) * size
		p.Run.Width = 0
		p.Run.Glyphs = slices.Clone(p.Run.Glyphs) // the setting is shared
		for j := range p.Run.Glyphs {
			g := &p.Run.Glyphs[j]
			if left > 0 && isGap(*g) {
				g.Advance += add
				left--
			}
			p.Run.Width += g.Advance
		}
		x += p.Run.Width
	}
	l.Width = width
}
