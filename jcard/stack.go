package jcard

import (
	"math"
	"strings"
	"unicode"

	"ferric/sheet"
)

// stack sets a title as a poster: broken into lines so that each, set as wide
// as w, makes a block that fills h best. It hangs from y, and gives its height.
// A title of more than ten words, or one that would come out small, is set as
// ordinary lines of one size.
func (s *stick) stack(title string, x, y, w, h MM, c sheet.Colour) MM {
	words := stackable(title)
	unit := sheet.Style{Role: sheet.Title, Size: 100, Tracking: -0.01}
	// Kana and Han fill their body: they reach over the capitals and a little below the line.
	capOf, below := s.capHeight(unit), MM(0)
	if strings.ContainsFunc(title, ideographic) {
		capOf, below = 0.86*unit.Size.MM(), 0.1
	}
	if n := len(words); n > 0 && n <= 10 {
		type setting struct {
			lines   []string
			heights []MM // of the capitals
			total   MM
		}
		var best setting
		bestScore := math.Inf(-1)
		for mask := range 1 << (n - 1) {
			var lines []string
			line := words[0].text
			for i := 1; i < n; i++ {
				if mask>>(i-1)&1 == 1 {
					lines = append(lines, line)
					line = words[i].text
				} else {
					line += words[i].before + words[i].text
				}
			}
			lines = append(lines, line)
			var set setting
			least, most := MM(math.Inf(1)), MM(0)
			for _, l := range lines {
				height := capOf * w / s.measure(l, unit)
				height = min(height, 34)
				set.heights = append(set.heights, height)
				set.total += height * (1 + gapUnder(l))
				least, most = min(least, height), max(most, height)
			}
			set.total -= set.heights[len(lines)-1] * gapUnder(lines[len(lines)-1])
			set.lines = lines
			shrink := min(1, h/set.total)
			// Full measure counts most, then height filled, then lines of like size.
			score := 3*float64(shrink) + float64(min(set.total, h)/h) - 0.25*math.Log(float64(most/least))
			if score > bestScore {
				best, bestScore = set, score
			}
		}
		shrink := min(1, h/best.total)
		least := MM(math.Inf(1))
		for _, height := range best.heights {
			least = min(least, height*shrink)
		}
		if least > 3.2 {
			for i, l := range best.lines {
				height := best.heights[i] * shrink
				st := unit
				st.Size = sheet.Pt(float64(height/capOf)) * unit.Size
				shaped := s.fonts.Line(l, st)
				s.notes.missing(title, shaped.Missing)
				s.add(shaped.At(sheet.Point{X: x - height*0.03, Y: y + height*(1-below)}, sheet.Left, 0, c)...)
				y += height * (1 + gapUnder(l))
			}
			return best.total * shrink
		}
	}
	t := s.fit(title, sheet.Title, w, h, fitting{max: 40, min: 7, leading: 1.02})
	s.put(t, x, y, c)
	return t.Height
}

// gapUnder is the white below a stacked line, in cap heights: more where its letters reach below the line.
func gapUnder(line string) MM {
	if strings.ContainsAny(line, "gjpqyQçşţđрудцщфў,;γηρςφχψμβ") {
		return 0.38
	}
	return 0.18
}

func ideographic(r rune) bool {
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// word is a piece that a stacked line may begin with, and what stands before it inside a line.
type word struct{ before, text string }

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
