package jcard

import (
	"strings"

	"ferric/sheet"
)

// A shell label is the paper sticker on the cassette itself: 88.9 × 41.3 mm
// (3.5 × 1.625 in, the American size), with a slot so that hubs and window stay
// open. Where the slot lies no source says: it is drawn here around hubs 42.5 mm
// apart with room for a fingertip, and should be held against the label stock
// in use before a run is printed.
const (
	labelW      MM = 88.9
	labelH      MM = 41.3
	labelRound  MM = 2.5
	slotW       MM = 64
	slotH       MM = 16
	slotDown    MM = 23.5 // of its middle, from the label's top
	labelBleed  MM = 2
	labelMargin MM = 2.6 // text off the edge and the slot: imprints keep 2 mm off window and screws
	hubsApart   MM = 42.5
)

// slot is the opening, on the label.
func slot() sheet.Rect {
	return sheet.Rect{X: (labelW - slotW) / 2, Y: slotDown - slotH/2, W: slotW, H: slotH}
}

// ShellLabels is every copy's pair of labels, A beside B, imposed with crop
// marks; the slot is a dashed line to cut along. A run that is not numbered
// gives one sheet full of pairs. It fails with [ErrEdition] or [ErrPaper].
func (s *Suite) ShellLabels() (*sheet.Document, error) {
	if err := s.Edition.Check(); err != nil {
		return nil, err
	}
	im, err := Impose(labelW, labelH, labelBleed, s.Paper)
	if err != nil {
		return nil, err
	}
	doc := s.document("shell labels")
	copies := s.Edition.Labels()
	if len(copies) == 0 {
		copies = make([]string, max(im.Up()/2, 1))
	}
	var faces [2]*sheet.Group
	for side := range faces {
		st := s.stick(s.labelGround())
		st.shellLabel(s, side)
		faces[side] = &sheet.Group{Items: st.items, Box: sheet.Rect{W: labelW, H: labelH}.Inset(-labelBleed)}
	}
	perSheet := max(im.Up()/2, 1) * 2
	for from := 0; from < 2*len(copies); from += perSheet {
		page := im.page()
		to := min(from+perSheet, 2*len(copies))
		for i := from; i < to; i++ {
			at := im.Front(i - from)
			page.Add(&sheet.Use{Group: faces[i%2], At: at})
			if label := copies[i/2]; label != "" {
				st := s.stick(s.labelGround())
				st.labelNumber(label)
				page.Add(moved(at, st.items)...)
			}
		}
		page.Add(im.marks(to-from, labelBleed, nil, false)...)
		s.slugLine(page, im, join("  ·  ", s.Release.Catalogue, "shell labels", "self-adhesive paper, 100 %", "check the slot against your shells first"))
		doc.Pages = append(doc.Pages, page)
	}
	return doc, nil
}

// labelGround is the spine's: label and spine are seen together.
func (s *Suite) labelGround() ground {
	g := s.look.spine
	if g.fill == nil {
		g = bare(s.Palette)
	}
	return g
}

// shellLabel draws one side's label, all but the number.
func (s *stick) shellLabel(su *Suite, side int) {
	r := su.Release
	full := sheet.Rect{W: labelW, H: labelH}.Inset(-labelBleed)
	if s.g.fill != nil {
		s.fill(full, *s.g.fill)
		s.add(sheet.Filled(sheet.RoundRect(slot(), slotH/2), su.Palette.Card))
	} else {
		s.fill(sheet.Rect{X: full.X, Y: full.Y, W: full.W, H: labelBleed + 1.6}, s.pal.Accent)
	}
	s.add(sheet.Stroked(sheet.RoundRect(slot(), slotH/2), s.g.quiet, 0.12, 0.8, 0.6).Named("cut"))

	name := r.Sides[side].Name
	if name == "" {
		name = string(rune('A' + side))
	}
	open := slot()
	left, right := labelMargin, labelW-labelMargin
	// Over the slot: title, and artist over it.
	artist, title := r.names()
	top := labelMargin + 1.6
	room := open.Y - top - 1.4
	y := top
	if artist != "" {
		a := s.fit(artist, sheet.TitleLight, right-left-2, 2.6, fitting{max: 8.5, min: 6, lines: 1})
		s.put(a, left+1, y, s.g.quiet)
		y += a.Height
		room -= a.Height + 2
		t := s.fit(title, sheet.Title, right-left-2, room, fitting{max: 14, min: 6, lines: 2, leading: 1.04})
		s.put(t, left+1, y+a.gap(t, 1.6), s.g.ink)
	} else {
		s.put(s.fit(title, sheet.Title, right-left-2, room, fitting{max: 14, min: 6, lines: 2, leading: 1.04}), left+1, y, s.g.ink)
	}

	// Beside it: the side's letter on the left, its length on the right.
	letter := s.fit(name, sheet.Title, open.X-left-1, 9, fitting{max: 34, lines: 1, align: sheet.Centre})
	s.put(letter, left, slotDown-letter.cap/2, s.g.accent)
	if d := r.Sides[side].Length; d > 0 {
		t := s.fit(Clock(d), sheet.Mono, right-open.X-open.W-1, 2.4, fitting{max: 7.5, lines: 1, align: sheet.Centre})
		s.put(t, open.X+open.W+1, slotDown-t.cap/2, s.g.quiet)
	}

	// Under it: catalogue number left, tape in the middle, number right.
	base := labelH - labelMargin - 0.6
	third := (right - left - 2) / 3
	if cat := squeeze(r.Catalogue); cat != "" {
		t := s.fit(cat, sheet.Mono, third, 2.4, fitting{max: 7, lines: 1})
		s.put(t, left+1, base-t.cap, s.g.ink)
	}
	t := s.fit(join("  ·  ", r.Tape.Name, r.typeName(), "Stereo"), sheet.TitleLight, third, 2.4, fitting{max: 7, lines: 1, align: sheet.Centre})
	s.put(t, left+1+third, base-t.cap, s.g.quiet)
	if label := squeeze(strings.ToUpper(r.Label)); label != "" {
		t := s.fit(label, sheet.TitleLight, right-left-2, 2, fitting{max: 5.5, lines: 1, tracking: 0.08, align: sheet.Centre})
		s.put(t, left+1, open.Y+open.H+1.3, s.g.quiet)
	}
}

// labelNumber is the copy's number at its place on the label.
func (s *stick) labelNumber(label string) {
	third := (labelW - 2*labelMargin - 2) / 3
	t := s.fit(label, sheet.MonoBold, third, 2.6, fitting{max: 8, lines: 1})
	s.put(t, labelW-labelMargin-1-t.width(), labelH-labelMargin-0.6-t.cap, s.g.ink)
}
