package jcard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ferric/sheet"
)

// Sizes of type, in points. What a reader must read stays at smallest or above;
// legible is where a finding says that it became small.
const (
	legible  sheet.Pt = 6
	smallest sheet.Pt = 5
)

// stick is a compositor's stick: it sets type and rules into a list of items
// and notes what did not go as it should.
type stick struct {
	fonts *sheet.Fonts
	pal   Palette
	g     ground // what the type stands on
	notes *notes
	items []sheet.Item
}

// sub is an empty stick with the same fonts, colours and notes.
func (s *stick) sub() *stick { return &stick{fonts: s.fonts, pal: s.pal, g: s.g, notes: s.notes} }

// on is an empty stick for another ground.
func (s *stick) on(g ground) *stick {
	t := s.sub()
	t.g = g
	return t
}

// trial is an empty stick whose notes nobody reads.
func (s *stick) trial() *stick {
	t := s.sub()
	t.notes = newNotes()
	return t
}

func (s *stick) add(items ...sheet.Item) { s.items = append(s.items, items...) }

func (s *stick) fill(r sheet.Rect, c sheet.Colour) *sheet.Path {
	p := sheet.Filled(sheet.RectPath(r), c)
	s.add(p)
	return p
}

func (s *stick) rule(x0, y0, x1, y1, width MM, c sheet.Colour) {
	s.add(stroke("rule", sheet.Point{X: x0, Y: y0}, sheet.Point{X: x1, Y: y1}, c, width))
}

func (s *stick) frame(r sheet.Rect, width MM, c sheet.Colour) {
	s.add(sheet.Stroked(sheet.RectPath(r), c, width).Named("frame"))
}

// line sets one line as it is, baseline at p.
func (s *stick) line(text string, st sheet.Style, p sheet.Point, a sheet.Align, c sheet.Colour) MM {
	l := s.fonts.Line(text, st)
	s.notes.missing(text, l.Missing)
	s.add(l.At(p, a, 0, c)...)
	return l.Width
}

func (s *stick) measure(text string, st sheet.Style) MM { return s.fonts.Measure(text, st) }

// capHeight is the height of a capital.
func (s *stick) capHeight(st sheet.Style) MM {
	return MM(s.fonts.Face(st.Role).Metrics().CapHeight) * st.Size.MM()
}

// fitting is how far a text may be changed to fit its box.
type fitting struct {
	max, min sheet.Pt // 0 min is smallest
	leading  float64  // baseline to baseline, in sizes; 0 is 1.15
	lines    int      // most lines; 0 is as many as the box is high
	align    sheet.Align
	tracking float64
}

// set is a text that was made to fit: its lines hang from the top of their
// capitals, so that what is aligned on paper is what the eye sees.
type set struct {
	block  sheet.Block
	style  sheet.Style
	Height MM // from the top of the capitals of the first line to the last baseline
	cap    MM
}

// fit sets text in a box of w by h millimetres as large as it goes: smaller
// type first, then narrower glyphs, at last an ellipsis, which is noted.
func (s *stick) fit(text string, role sheet.Role, w, h MM, f fitting) set {
	text = squeeze(text)
	if f.min == 0 {
		f.min = smallest
	}
	f.min = min(f.min, f.max)
	if f.leading == 0 {
		f.leading = 1.15
	}
	const step = 0.25
	style := func(size sheet.Pt, stretch float64) sheet.Style {
		return sheet.Style{Role: role, Size: size, Tracking: f.tracking, Stretch: stretch}
	}
	room := func(st sheet.Style) int {
		n := 1
		if rest := h - s.capHeight(st); rest > 0 {
			n += int(rest/(st.Size.MM()*MM(f.leading)) + 1e-6)
		}
		if f.lines > 0 {
			n = min(n, f.lines)
		}
		return n
	}
	try := func(st sheet.Style) (set, bool) {
		if s.capHeight(st) > h+1e-6 && st.Size > f.min {
			return set{}, false
		}
		b := s.fonts.Paragraph(text, st, w, f.align, st.Size*sheet.Pt(f.leading))
		if len(b.Lines) > room(st) || brokenWord(text, b) {
			return set{}, false
		}
		for _, l := range b.Lines {
			if l.Width > w+0.01 {
				return set{}, false
			}
		}
		return s.measured(b, st), true
	}
	low, high := 0, int((f.max-f.min)/step) // in steps over the minimum
	best, ok := try(style(f.min+sheet.Pt(high)*step, 1))
	if !ok {
		for low < high {
			mid := (low + high) / 2
			if got, fits := try(style(f.min+sheet.Pt(mid)*step, 1)); fits {
				best, ok, low = got, true, mid+1
			} else {
				high = mid
			}
		}
	}
	if !ok {
		for _, stretch := range []float64{0.96, 0.92, 0.88, 0.84, 0.8} {
			if best, ok = try(style(f.min, stretch)); ok {
				break
			}
		}
	}
	if !ok {
		st := style(f.min, 0.8)
		b, cut := s.fonts.Fit(text, st, sheet.Fitting{
			Width: w, MinSize: st.Size, MinWidth: 1, MaxLines: room(st), Leading: f.leading, Align: f.align,
		})
		best = s.measured(b, st)
		if cut {
			s.notes.cut(text)
		}
	}
	s.notes.missing(text, best.block.Missing)
	s.notes.size(text, best.style.Size)
	return best
}

// whole is text set at one size, in as many lines as it needs.
func (s *stick) whole(text string, st sheet.Style, w MM, leading float64, a sheet.Align) set {
	b := s.fonts.Paragraph(text, st, w, a, st.Size*sheet.Pt(leading))
	s.notes.missing(text, b.Missing)
	return s.measured(b, st)
}

func (s *stick) measured(b sheet.Block, st sheet.Style) set {
	c := s.capHeight(st)
	return set{block: b, style: st, cap: c, Height: c + b.Leading*MM(max(len(b.Lines)-1, 0))}
}

// put paints a set text with the top of its capitals at y.
func (s *stick) put(t set, x, y MM, c sheet.Colour) {
	s.add(t.block.At(sheet.Point{X: x, Y: y + t.cap - t.block.Ascent}, c)...)
}

// width is that of the longest line.
func (t set) width() MM {
	w := MM(0)
	for _, l := range t.block.Lines {
		w = max(w, l.Width)
	}
	return w
}

// brokenWord says whether a line end parts two letters of one word. Kana and
// Han have no spaces, and may part anywhere.
func brokenWord(text string, b sheet.Block) bool {
	rest := text
	for i, l := range b.Lines {
		n := len(l.String())
		if n > len(rest) {
			return false // composed or normalised differently: no way to tell
		}
		head := rest[:n]
		rest = rest[n:]
		trimmed := strings.TrimLeft(rest, " ")
		if i == len(b.Lines)-1 || len(trimmed) != len(rest) {
			rest = trimmed
			continue
		}
		last, _ := utf8.DecodeLastRuneInString(head)
		next, _ := utf8.DecodeRuneInString(rest)
		if wordRune(last) && wordRune(next) {
			return true
		}
	}
	return false
}

func wordRune(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// onSide moves what was set upright on a canvas as long as the panel is high
// onto the panel, turned clockwise, so that it reads from top to bottom with
// its head towards the front: upright when the tape lies with its cover up.
func onSide(panel sheet.Rect, items []sheet.Item) []sheet.Item {
	return transformed(sheet.TurnBy(90).Then(sheet.MoveBy(panel.X+panel.W, panel.Y)), 90, items)
}

// transformed is items through a matrix that turns by quarters and shifts.
func transformed(m sheet.Matrix, turn float64, items []sheet.Item) []sheet.Item {
	out := make([]sheet.Item, len(items))
	for i, it := range items {
		switch it := it.(type) {
		case *sheet.Text:
			t := *it
			t.At, t.Turn = m.Apply(t.At), t.Turn+turn
			out[i] = &t
		case *sheet.Path:
			p := *it
			p.Segments = sheet.Mapped(p.Segments, m)
			out[i] = &p
		case *sheet.Clip:
			out[i] = &sheet.Clip{Inside: sheet.Mapped(it.Inside, m), Items: transformed(m, turn, it.Items)}
		case *sheet.Use:
			out[i] = &sheet.Use{Group: it.Group, At: it.At.Then(m)}
		case *sheet.Picture: // stays upright in a world of its own, which is turned
			out[i] = &sheet.Use{Group: &sheet.Group{Items: []sheet.Item{it}, Box: it.Box}, At: m}
		}
	}
	return out
}
