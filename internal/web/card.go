package web

import (
	"ferric/internal/catalog"
	"ferric/jcard"
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

// flat is where flap, spine and front lie on a drawing of the card's outside, in millimetres from its top left corner. They are
// the same however many panels fold in behind.
var flat = struct {
	H            string // of the drawing
	Front, Spine string // as view boxes
}{
	H:     mm(float64(sizes.Height) + 2*flatMargin),
	Front: panel(sizes.Flap+sizes.Spine, sizes.Front),
	Spine: panel(sizes.Flap, sizes.Spine),
}

var sizes = jcard.StandardSizes()

func panel(x, w jcard.MM) string {
	return mm(float64(x)+flatMargin) + " " + mm(flatMargin) + " " + mm(float64(w)) + " " + mm(float64(sizes.Height))
}

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
