package jcard

import (
	"fmt"
	"strings"

	"ferric/master"
	"ferric/sheet"
)

// Options choose a card. The zero Options are the defaults.
type Options struct {
	Layout string // a name from [Layouts]; "" is the first
	Panels int    // 3 to 6; 0 for as many as the text needs
	Sizes  Sizes  // zero: [StandardSizes]
	Paper  Paper  // that cards, labels and inserts are imposed on; zero: A4
	// Edition is the run that the cards belong to; zero: not numbered.
	Edition Edition
}

// Suite is the printed matter of one release, set in one layout: its card, and
// in the same hand its shell labels, insert and run sheet. It is not changed
// after [NewSuite], and may be used by many goroutines.
type Suite struct {
	Release  *Release
	Layout   Layout
	Geometry Geometry
	Palette  Palette
	Paper    Paper
	Edition  Edition

	fonts    *sheet.Fonts
	art      art
	look     look
	findings []master.Finding
	outside  *sheet.Group // everything but the number
	inside   *sheet.Group // everything but the number and the code, or the colophon in their place
	strip    sheet.Rect   // inside the flap, where number and code stand

	colophonSet bool // stands elsewhere, not on the strip
}

// NewSuite lays out the card. It fails with [ErrLayout], [ErrPanels],
// [ErrColour] or [ErrPaper] for a choice that cannot be had. Whatever the release
// says is set: text that is too long ends with an ellipsis or is left out, and
// [Suite.Findings] says so.
func NewSuite(fonts *sheet.Fonts, r *Release, o Options) (*Suite, error) {
	layout, err := ParseLayout(o.Layout)
	if err != nil {
		return nil, err
	}
	all := newNotes()
	r = r.bounded(all)
	s := &Suite{Release: r, Layout: layout, Paper: o.Paper, Edition: o.Edition, fonts: fonts}
	if s.Paper == (Paper{}) {
		s.Paper = Papers()[0]
	}
	if err := s.dress(r, all); err != nil {
		return nil, err
	}
	sizes := o.Sizes
	if sizes == (Sizes{}) {
		sizes = StandardSizes()
	}
	from, to := o.Panels, o.Panels
	if o.Panels == 0 {
		from, to = MinPanels, MaxPanels
	}
	// As few panels as the text reads well on; where no number does, as few as do it best.
	var best *draft
	memo := memo{}
	quality := quality(-1)
	for panels := from; panels <= to && quality < well; panels++ {
		g, err := NewGeometry(panels, sizes)
		if err != nil {
			return nil, err
		}
		d := &draft{stick: stick{fonts: fonts, memo: memo, pal: s.Palette, notes: newNotes()}, r: r, g: g, art: s.art, edition: o.Edition}
		// Where something must be left out, the largest card leaves out least.
		if q := d.card(layout); q > quality || q == dropped && quality == dropped {
			best, quality = d, q
		}
	}
	s.Geometry, s.look, s.strip, s.colophonSet = best.g, best.look, best.strip(), best.colophonSet
	s.outside, s.inside = best.outsideGroup(), best.insideGroup()
	s.findings = append(all.list(), best.notes.list()...)
	return s, nil
}

// dress finds the picture and the colours.
func (s *Suite) dress(r *Release, n *notes) error {
	seed := seedOf(r.Artist, r.Title, r.Catalogue)
	accent := namedAccent(seed)
	if r.Cover == nil {
		n.add(master.Note, "art-missing", "there is no cover: one is drawn from the names of artist and title",
			"", "put cover.jpg or cover.png beside the tracks, at least 1300 pixels a side")
	} else if im, err := sheet.NewImage(r.Cover.Data); err != nil {
		n.add(master.Bad, "art-unreadable", fmt.Sprintf("the cover %s cannot be printed: %v", r.Cover.File, err),
			"a composition drawn from the name stands in its place", "save it again as JPEG or PNG")
	} else {
		s.art.image = im
		accent = oxide()
	}
	switch {
	case r.Accent != "":
		c, err := ParseColour(r.Accent)
		if err != nil {
			return err
		}
		accent = c
	case s.art.image != nil:
		pixels, err := s.art.image.Decode()
		if err != nil {
			n.add(master.Bad, "art-unreadable", fmt.Sprintf("the cover %s is damaged: %v", r.Cover.File, err),
				"a composition drawn from the name stands in its place", "save it again as JPEG or PNG")
			s.art.image = nil
			accent = namedAccent(seed)
			break
		}
		if c, ok := AccentOf(pixels); ok {
			accent = c
		}
	}
	s.Palette = NewPalette(accent)
	s.art.seed, s.art.pal = seed, s.Palette
	return nil
}

// Findings are what the maker should know about the print: art too coarse or
// cropped, characters without a glyph, text set very small or cut.
func (s *Suite) Findings() []master.Finding { return s.findings }

// slug around a card that is printed alone, for its marks.
const slugWidth = Bleed + markLong + 2

// Card is the J-card as a print house takes it: page 1 the outside, page 2 the
// inside, each with its TrimBox, BleedBox, crop marks and dashed fold marks
// around it. On a numbered edition it carries a line to write the number on.
func (s *Suite) Card() *sheet.Document {
	doc := s.document("J-card")
	doc.Pages = []*sheet.Page{
		s.single(s.outside, s.Geometry.Folds(false), s.handNumber()),
		s.single(s.inside, s.Geometry.Folds(true), s.colophonStrip()),
	}
	return doc
}

// single is one side of the card on a page of its own.
func (s *Suite) single(g *sheet.Group, folds []MM, extra []sheet.Item) *sheet.Page {
	trim := s.Geometry.Trim()
	trim.X, trim.Y = slugWidth, slugWidth
	p := &sheet.Page{
		Media: sheet.Rect{W: trim.W + 2*slugWidth, H: trim.H + 2*slugWidth},
		Bleed: trim.Inset(-Bleed),
		Trim:  trim,
	}
	free := func(r sheet.Rect) bool { return r.X >= 0 && r.Y >= 0 && r.X+r.W <= p.Media.W && r.Y+r.H <= p.Media.H }
	at := sheet.MoveBy(trim.X, trim.Y)
	p.Add(&sheet.Use{Group: g, At: at})
	p.Add(moved(at, extra)...)
	p.Add(cropMarks(trim, Bleed, free)...)
	for _, f := range folds {
		p.Add(foldMarks(trim, Bleed, f, free)...)
	}
	return p
}

func (s *Suite) document(what string) *sheet.Document {
	name := join(" – ", s.Release.Artist, s.Release.Title)
	return &sheet.Document{
		Title:   join(": ", name, what),
		Author:  join(", ", s.Release.Label, s.Release.Artist),
		Subject: strings.TrimSpace(s.Release.Catalogue + " " + what),
	}
}

// moved is items through a matrix that shifts, or turns by half.
func moved(m sheet.Matrix, items []sheet.Item) []sheet.Item {
	turn := 0.0
	if m.A < 0 {
		turn = 180
	}
	return transformed(m, turn, items)
}
