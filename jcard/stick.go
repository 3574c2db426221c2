package jcard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ferric/sheet"

	"golang.org/x/text/unicode/norm"
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
	memo  memo
	pal   Palette
	g     ground // what the type stands on
	notes *notes
	items []sheet.Item
}

// memo keeps paragraphs that were set while sizes were tried, since the same
// ones are set again once a size is chosen, and on the next card tried.
type memo map[paragraph]sheet.Block

type paragraph struct {
	text    string
	style   sheet.Style
	width   MM
	align   sheet.Align
	leading sheet.Pt
}

// paragraph is Fonts.Paragraph, remembered.
func (s *stick) paragraph(text string, st sheet.Style, w MM, a sheet.Align, leading sheet.Pt) sheet.Block {
	key := paragraph{text, st, w, a, leading}
	if b, ok := s.memo[key]; ok {
		return b
	}
	b := s.fonts.Paragraph(text, st, w, a, leading)
	if s.memo != nil && len(s.memo) < 20_000 {
		s.memo[key] = b
	}
	return b
}

// sub is an empty stick with the same fonts, colours and notes.
func (s *stick) sub() *stick {
	return &stick{fonts: s.fonts, memo: s.memo, pal: s.pal, g: s.g, notes: s.notes}
}

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
	over   MM // what reaches over the capitals of the first line
}

// under is what reaches below a baseline, in em, brackets and Cyrillic tails included.
const under = 0.27

// gap is the white to leave between two texts one under the other, cap to
// baseline: what the eye wants, or more where accents and tails would meet.
func (t set) gap(next set, want MM) MM {
	return max(want, under*t.style.Size.MM()+next.over+0.15)
}

// tail is how far a text reaches below its baseline, in em: nothing for capitals and figures.
func tail(text string) MM {
	if strings.IndexFunc(text, func(r rune) bool {
		return !(unicode.IsUpper(r) || unicode.IsDigit(r) || strings.ContainsRune(" -–./", r)) || r == 'Q' || r == 'J'
	}) < 0 {
		return 0
	}
	return under
}

// rise is how far a text reaches over its capitals, in em: accents on capitals
// do, and so do scripts that fill their body.
func rise(text string) float64 {
	out := 0.07 // brackets
	for _, r := range text {
		switch {
		case r < 0x80:
		case unicode.IsUpper(r) && !norm.NFD.IsNormalString(string(r)):
			out = max(out, 0.25)
		case ideographic(r) || unicode.In(r, unicode.Hangul) || r >= 0x3000 && r < 0x3040 || r >= 0xFF00 && r < 0xFFF0:
			out = max(out, 0.2)
		case r >= 0x0590 && r < 0x0900, unicode.Is(unicode.M, r), r >= 0x2000:
			out = max(out, 0.25)
		}
	}
	return out
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
	// Lines of letters with accents need room between them.
	f.leading = max(f.leading, 0.71+rise(text)+under-0.05)
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
		b := s.paragraph(text, st, w, f.align, st.Size*sheet.Pt(f.leading))
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
	b := s.paragraph(text, st, w, a, st.Size*sheet.Pt(leading))
	s.notes.missing(text, b.Missing)
	return s.measured(b, st)
}

func (s *stick) measured(b sheet.Block, st sheet.Style) set {
	c := s.capHeight(st)
	over := MM(0)
	if len(b.Lines) > 0 {
		over = MM(rise(b.Lines[0].String())) * st.Size.MM()
	}
	return set{block: b, style: st, cap: c, over: over, Height: c + b.Leading*MM(max(len(b.Lines)-1, 0))}
}

// put paints a set text with the top of its capitals at y.
// Large type stands flush by its ink.
func (s *stick) put(t set, x, y MM, c sheet.Colour) {
	const large = 14
	if t.style.Size < large || t.block.Align != sheet.Left {
		s.add(t.block.At(sheet.Point{X: x, Y: y + t.cap - t.block.Ascent}, c)...)
		return
	}
	for i, l := range t.block.Lines {
		at := sheet.Point{X: x - leftEdge(l), Y: y + t.cap + t.block.Leading*MM(i)}
		s.add(l.At(at, sheet.Left, 0, c)...)
	}
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
