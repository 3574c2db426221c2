package sheet

import (
	"math"
	"strings"

	"github.com/go-text/typesetting/segmenter"
)

// Fitting is how far a title may be changed to fit a width. The steps are
// tried in order: more lines, smaller type, narrower glyphs, an ellipsis.
type Fitting struct {
	Width    MM
	MinSize  Pt      // smallest size; 0 means 0.6 of the style's size
	MinWidth float64 // narrowest stretch of the glyphs; 0 means 0.85
	MaxLines int     // 0 means 1
	Leading  float64 // baseline to baseline in sizes; 0 means 1.1
	Align    Align
}

// Fit sets a title in at most MaxLines lines no wider than Width, as large as
// it can be up to the style's size, without cutting a word in two. What is too
// wide at the smallest size is drawn narrower; what is still too wide ends with
// an ellipsis, and cut is true.
func (f *Fonts) Fit(s string, st Style, how Fitting) (b Block, cut bool) {
	if how.MinSize == 0 {
		how.MinSize = st.Size * 0.6
	}
	how.MinSize = min(how.MinSize, st.Size)
	if how.MinWidth == 0 {
		how.MinWidth = 0.85
	}
	if how.MaxLines == 0 {
		how.MaxLines = 1
	}
	if how.Leading == 0 {
		how.Leading = 1.1
	}
	s = strings.Join(strings.Fields(normal(s)), " ")
	try := func(st Style) (Block, bool) {
		for _, bit := range pieces(s) {
			if f.Measure(shown(bit), st) > how.Width {
				return Block{}, false
			}
		}
		b := f.Paragraph(s, st, how.Width, how.Align, st.Size*Pt(how.Leading))
		return b, len(b.Lines) <= how.MaxLines
	}
	const step = 0.25 // points: a size that a typesetter would name
	for size := st.Size; size > how.MinSize; size = Pt(math.Ceil(float64(size)/step)-1) * step {
		if b, ok := try(Style{st.Role, size, st.Tracking, st.Stretch, st.NoKern}); ok {
			return b, false
		}
	}
	st.Size = how.MinSize
	full := st.stretch()
	for narrow := 1.0; narrow > how.MinWidth-0.001; narrow -= 0.01 {
		st.Stretch = full * narrow
		if b, ok := try(st); ok {
			return b, false
		}
	}
	return f.ellipsis(s, st, how), true
}

// ellipsis keeps as many characters as fit before an ellipsis.
func (f *Fonts) ellipsis(s string, st Style, how Fitting) Block {
	var seg segmenter.Segmenter
	text := []rune(s)
	if len(text) > maxLine {
		text = text[:maxLine]
	}
	seg.Init(text)
	var ends []int
	for it := seg.GraphemeIterator(); it.Next(); {
		g := it.Grapheme()
		ends = append(ends, g.Offset+len(g.Text))
	}
	set := func(n int) Block {
		kept := ""
		if n > 0 {
			kept = strings.TrimRight(string(text[:ends[n-1]]), " ,;:-–—")
		}
		return f.Paragraph(kept+"…", st, how.Width, how.Align, st.Size*Pt(how.Leading))
	}
	low, high := 0, len(ends) // low fits, or nothing does
	for low < high {
		mid := (low + high + 1) / 2
		if len(set(mid).Lines) <= how.MaxLines {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return set(low)
}

// pieces are what a line end may not part.
func pieces(s string) []string {
	var seg segmenter.Segmenter
	seg.Init([]rune(s))
	var out []string
	for it := seg.LineIterator(); it.Next(); {
		out = append(out, string(it.Line().Text))
	}
	return out
}
