package web

import (
	"math"
	"sync"

	"ferric/internal/catalog"
	"ferric/jcard"
	"ferric/sheet"
)

// cardView is a release's J-card: flat with its folds dashed, folded as in its case, or only its spine. All three
// show the drawing that is printed; where a pressing brought none, a plain card is set from the words.
type cardView struct {
	Artist, Title, Catalogue string
	Ground                   string // of the spine, "#RRGGBB"
	Drawing                  string // address of the outside's picture; empty: none
	Inside                   string // likewise of the inside
	W, H                     int    // of the outside's picture, px
	Cover                    string // address of the cover's picture
	ID                       string // unique on the page
}

// flatMargin is how much of the table a drawing shows around the card, mm (jcard's previews).
const flatMargin = 6

// flat is where the panels lie on a drawing, in mm from its top left corner.
type flat struct {
	W, H         float64 // of the drawing
	Front, Spine sheet.Rect
}

// templates are the cards that a drawing can show.
var templates = sync.OnceValue(func() (all []jcard.Geometry) {
	for _, name := range []string{"ferric", "digitaldisc", "a6"} {
		sizes, err := jcard.ParseSizes(name)
		if err != nil {
			continue
		}
		for panels := jcard.MinPanels; panels <= jcard.MaxPanels; panels++ {
			if g, err := jcard.NewGeometry(panels, sizes); err == nil {
				all = append(all, g)
			}
		}
	}
	return all
})

// flatOf finds the card whose proportions a drawing has: its template and number of panels are not kept, and no two are alike.
func flatOf(w, h int) flat {
	if w < 1 || h < 1 {
		w, h = 1054, 671
	}
	want, best := float64(w)/float64(h), math.Inf(1)
	var f flat
	for _, g := range templates() {
		width, height := float64(g.Width)+2*flatMargin, float64(g.Height)+2*flatMargin
		if d := math.Abs(width/height - want); d < best {
			best = d
			f = flat{W: width, H: height, Front: shifted(g.Outside(jcard.Front)), Spine: shifted(g.Outside(jcard.Spine))}
		}
	}
	return f
}

func shifted(r sheet.Rect) sheet.Rect { r.X += flatMargin; r.Y += flatMargin; return r }

// box is a rectangle as a viewBox.
func box(r sheet.Rect) string {
	return mm(float64(r.X)) + " " + mm(float64(r.Y)) + " " + mm(float64(r.W)) + " " + mm(float64(r.H))
}

func (c cardView) flat() flat  { return flatOf(c.W, c.H) }
func (c cardView) ink() string { return inkOn(c.Ground) }

func (c cardView) words() string {
	return "The card in its case: " + c.Artist + ", " + c.Title
}

// plainTitle sets a title on a plain front, 57 mm wide.
func (c cardView) plainTitle() []line {
	const wide = 55
	size := 8.0
	if one := fitLine(c.Title, size, 6, wide); one.squash == 0 {
		one.y = 88
		return []line{one}
	}
	a, b := halves(c.Title)
	first, second := fitLine(a, size, 4, wide), fitLine(b, size, 4, wide)
	first.size = min(first.size, second.size)
	second.size = first.size
	second.y, first.y = 90, 90-first.size*1.08
	return []line{first, second}
}

// spineView is a spine on a shelf.
type spineView struct {
	Path, Artist, Title, Catalogue string
	Ground                         string
	Note                           string // "63 free"
}

func (s spineView) ink() string { return inkOn(s.Ground) }

// paper is the class of text that stands on a coloured ground.
func (s spineView) paper() string {
	if s.ink() == cardPaper {
		return "on-dark"
	}
	return "on-light"
}

// groundOf is the colour of a release's card.
func groundOf(r catalog.Release) string {
	if _, err := jcard.ParseColour(r.Accent); err != nil {
		return catalog.Accents[0].Light
	}
	return r.Accent
}
