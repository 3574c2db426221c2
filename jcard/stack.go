package jcard

import (
	"math"
	"strings"
	"unicode"

	"ferric/sheet"
)

// stack sets a title as a poster: broken into lines so that each, set as wide
// as w, makes a block that fills h best. It hangs from y. A title of more than
// ten words, or one that would come out small, is set as ordinary lines of one size.
func (s *stick) stack(title string, x, y, w, h MM, c sheet.Colour) {
	words := stackable(title)
	if n := len(words); n > 0 && n <= 10 {
		var best stackedTitle
		bestScore := math.Inf(-1)
		for mask := range 1 << (n - 1) {
			set := s.stacked(broken(words, mask), w)
			// Full measure counts most, then height filled, then lines of like size.
			score := 3*min(1, float64(h/set.height)) + min(1, float64(set.height/h)) - 0.25*math.Log(set.contrast())
			if score > bestScore {
				best, bestScore = set, score
			}
		}
		shrink := min(1, h/best.height)
		const least = 11 // points: smaller is no poster
		if best.smallest()*sheet.Pt(shrink) > least {
			for _, l := range best.lines {
				l.style.Size *= sheet.Pt(shrink)
				shaped := s.fonts.Line(l.text, l.style)
				s.notes.missing(title, shaped.Missing)
				at := sheet.Point{X: x - leftEdge(shaped), Y: y + l.base*shrink}
				s.add(shaped.At(at, sheet.Left, 0, c)...)
			}
			return
		}
	}
	s.put(s.fit(title, sheet.Title, w, h, fitting{max: 40, min: 7, leading: 1.02}), x, y, c)
}

// stackedTitle is a title broken one way, each line as wide as the measure.
type stackedTitle struct {
	lines  []stackedLine
	height MM // from the top of the first line to what hangs below the last
}

type stackedLine struct {
	text  string
	style sheet.Style
	base  MM // from the top
}

const tallest MM = 34 // of a line's capitals

// stacked sets lines to the measure, one under the other.
func (s *stick) stacked(lines []string, w MM) stackedTitle {
	unit := sheet.Style{Role: sheet.Title, Size: 100, Tracking: -0.01}
	capEm := float64(s.capHeight(unit) / unit.Size.MM())
	var out stackedTitle
	y, below := MM(0), MM(0)
	for i, text := range lines {
		// Kana and Han fill their body; other lines begin at their capitals.
		up := capEm
		if over := rise(text); over > 0.1 {
			up += over
		}
		size := unit.Size * sheet.Pt(w/s.measure(text, unit))
		size = min(size, (tallest / MM(capEm)).Pt())
		em := size.MM()
		if i > 0 {
			y += max(below, em*0.1) + em*0.05
		}
		y += MM(up) * em
		below = tail(text) * em
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
			below = 0.45 * em
		}
		style := unit
		style.Size = size
		out.lines = append(out.lines, stackedLine{text, style, y})
	}
	out.height = y + below
	return out
}

func (p stackedTitle) smallest() sheet.Pt {
	least := sheet.Pt(math.Inf(1))
	for _, l := range p.lines {
		least = min(least, l.style.Size)
	}
	return least
}

// contrast is the largest line's size over the smallest's.
func (p stackedTitle) contrast() float64 {
	most := sheet.Pt(0)
	for _, l := range p.lines {
		most = max(most, l.style.Size)
	}
	return float64(most / p.smallest())
}

// leftEdge is where the ink of a line begins, so that lines of very different sizes stand flush.
func leftEdge(l sheet.Shaped) MM {
	if len(l.Pieces) == 0 || len(l.Pieces[0].Run.Glyphs) == 0 {
		return 0
	}
	p := l.Pieces[0]
	left := MM(math.Inf(1))
	for _, s := range p.Face.Outline(p.Run.Glyphs[0].ID, float64(l.Style.Size.MM())) {
		switch s.Op {
		case sheet.Move, sheet.Line:
			left = min(left, s.P[0].X)
		case sheet.Curve:
			left = min(left, s.P[0].X, s.P[1].X, s.P[2].X)
		}
	}
	if math.IsInf(float64(left), 0) {
		return 0
	}
	return left
}

// word is a piece that a stacked line may begin with, and what stands before it inside a line.
type word struct{ before, text string }

// broken joins words to lines; bit i of mask ends a line after word i.
func broken(words []word, mask int) []string {
	var lines []string
	line := words[0].text
	for i, w := range words[1:] {
		if mask>>i&1 == 1 {
			lines = append(lines, line)
			line = w.text
		} else {
			line += w.before + w.text
		}
	}
	return append(lines, line)
}

// stackable splits a title at spaces; one without spaces, of kana or Han, between its characters.
func stackable(title string) []word {
	var out []word
	for i, w := range strings.Fields(title) {
		before := " "
		if i == 0 {
			before = ""
		}
		out = append(out, word{before, w})
	}
	if len(out) != 1 {
		return out
	}
	runes := []rune(out[0].text)
	for _, r := range runes {
		if !ideographic(r) {
			return out
		}
	}
	out = nil
	for _, r := range runes {
		if r == 'ー' && len(out) > 0 { // a long vowel's mark does not begin a line
			out[len(out)-1].text += string(r)
			continue
		}
		out = append(out, word{"", string(r)})
	}
	return out
}

func ideographic(r rune) bool {
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
