package web

import (
	"sync"

	"eliasnaur.com/font/roboto/robotocondensedbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// advances are the widths of the title face's letters in em, up to the last one of Cyrillic.
var advances = sync.OnceValue(func() []float32 {
	const most = 0x0530
	widths := make([]float32, most)
	for i := range widths {
		widths[i] = 0.6
	}
	face, err := sfnt.Parse(robotocondensedbold.TTF)
	if err != nil {
		return widths
	}
	var buf sfnt.Buffer
	for r := range rune(most) {
		g, err := face.GlyphIndex(&buf, r)
		if err != nil || g == 0 {
			continue
		}
		if a, err := face.GlyphAdvance(&buf, g, fixed.I(1000), font.HintingNone); err == nil {
			widths[r] = float32(a) / 64 / 1000
		}
	}
	return widths
})

// condensed is about how wide a text is in the title face, in em: without kerning, and with letters that
// the face does not have taken as square.
func condensed(s string) float64 {
	widths := advances()
	em := 0.0
	for _, r := range s {
		if int(r) < len(widths) {
			em += float64(widths[r])
		} else {
			em++
		}
	}
	return em
}
