package jcard

import (
	"fmt"
	"slices"

	"ferric/sheet"
)

// An insert is a slip that lies in the case beside the cassette: a little
// smaller than the front of the card, so that it goes in under it.
const (
	insertW     MM = 62
	insertH     MM = 99
	insertBleed MM = 2
)

// Insert is the slip that says how to claim a copy, imposed many up. With
// perCopy every copy has its own, with its number, code and QR code; else one
// sheet is full of the same slip, which sends the listener to the code inside
// the card. A run without claims gives the slip for a download, where the
// edition has one, or else the track list and a word of thanks. It fails with
// [ErrEdition] or [ErrPaper].
func (s *Suite) Insert(perCopy bool) (*sheet.Document, error) {
	if err := s.Edition.Check(); err != nil {
		return nil, err
	}
	im, err := Impose(insertW, insertH, insertBleed, s.Paper)
	if err != nil {
		return nil, err
	}
	doc := s.document("insert")
	copies, codes := s.Edition.Labels(), s.Edition.codes()
	if !perCopy || len(copies) == 0 {
		copies, codes = make([]string, im.Up()), nil
	}
	doc.More = func(yield func(*sheet.Page, error) bool) {
		shared := map[bool]*sheet.Group{}
		for batch := range slices.Chunk(copies, im.Up()) {
			page, err := s.insertSheet(im, batch, codes, shared)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
	return doc, nil
}

// insertSheet is one sheet of slips; shared holds what slips with a code, and those without, have in common.
func (s *Suite) insertSheet(im Imposition, batch []string, codes map[string]string, shared map[bool]*sheet.Group) (*sheet.Page, error) {
	page := im.page()
	for i, label := range batch {
		code := codes[label]
		g := shared[code != ""]
		if g == nil {
			st := s.stick(bare(s.Palette))
			if err := st.insert(s, code != ""); err != nil {
				return nil, fmt.Errorf("insert: %w", err)
			}
			g = &sheet.Group{Items: st.items, Box: sheet.Rect{W: insertW, H: insertH}.Inset(-insertBleed)}
			shared[code != ""] = g
		}
		at := im.Front(i)
		page.Add(&sheet.Use{Group: g, At: at})
		if label != "" {
			st := s.stick(bare(s.Palette))
			if err := st.insertCopy(s, label, code); err != nil {
				return nil, fmt.Errorf("insert for copy %s: %w", label, err)
			}
			page.Add(moved(at, st.items)...)
		}
	}
	page.Add(im.marks(len(batch), insertBleed, nil, false)...)
	return page, nil
}

const insertHead MM = 31

// insert is what all slips have in common.
func (s *stick) insert(su *Suite, withCode bool) error {
	r, e := su.Release, su.Edition
	area := sheet.Rect{W: insertW, H: insertH}.Inset(TextSafe)
	s.fill(sheet.Rect{X: -insertBleed, Y: -insertBleed, W: insertW + 2*insertBleed, H: insertHead + insertBleed}, s.pal.Accent)
	artist, title := r.names()
	y := area.Y
	if artist != "" {
		a := s.fit(artist, sheet.TitleLight, area.W, 2.6, fitting{max: 8.5, min: 6, lines: 1})
		s.put(a, area.X, y, s.pal.OnAccent)
		t := s.fit(title, sheet.Title, area.W, insertHead-6.5-y-a.Height, fitting{max: 18, min: 7, lines: 3, leading: 1.04})
		s.put(t, area.X, y+a.Height+a.gap(t, 2), s.pal.OnAccent)
	} else {
		s.put(s.fit(title, sheet.Title, area.W, insertHead-4-y, fitting{max: 18, min: 7, lines: 3, leading: 1.04}), area.X, y, s.pal.OnAccent)
	}

	y = insertHead + 5.4
	bottom := area.Y + area.H
	foot := s.fit(join("  ·  ", r.Label, r.Catalogue, r.year()), sheet.TitleLight, area.W, 2.2, fitting{max: 6.5, lines: 1})
	s.put(foot, area.X, bottom-foot.cap, s.g.quiet)
	bottom -= foot.cap + 3
	s.rule(area.X, bottom, area.X+area.W, bottom, 0.1, s.g.line)
	bottom -= 3

	heading := sheet.Style{Role: sheet.Title, Size: 11.5}
	para := func(text string, y MM, w MM) MM {
		t := s.whole(text, sheet.Style{Role: sheet.Body, Size: 7.25}, w, 1.36, sheet.Left)
		s.put(t, area.X, y, s.g.ink)
		return y + t.Height + 2.9
	}
	head := func(text string) {
		s.line(text, heading, sheet.Point{X: area.X, Y: y + s.capHeight(heading)}, sheet.Left, s.g.accent)
		y += s.capHeight(heading) + 3.4
	}
	const qr = 21
	switch {
	case len(e.Claims) > 0 || e.ClaimURL != "":
		head("This copy is yours")
		if withCode {
			para("Scan the code, or type it, and this number is written down as yours.", y, area.W)
			return nil
		}
		y = para("Inside the flap of the J-card stand a number and a code. Keep the code to yourself: it is what makes this copy yours.", y, area.W)
		where := "where you bought it"
		if e.ClaimURL != "" {
			where = bareURL(e.ClaimURL)
		}
		w := area.W
		if e.ClaimURL != "" {
			segments, err := sheet.QR(e.ClaimURL, sheet.Rect{X: area.X + area.W - qr, Y: bottom - qr, W: qr, H: qr}, false)
			if err != nil {
				return err
			}
			s.add(sheet.Filled(segments, s.pal.Ink).Named("qr"))
			w -= qr + 4
		}
		t := s.fit("Scan it, or type it at "+where+", and the number is written down as yours.", sheet.Body, w, bottom-y, fitting{max: 7.25, min: 5.5, leading: 1.36})
		s.put(t, area.X, y, s.g.ink)
	case e.Download != "":
		head("Take it with you")
		y = para("The same music as files, for when there is no deck:", y, area.W)
		t := s.fit(bareURL(e.Download), sheet.Mono, area.W, 6, fitting{max: 7.5, min: 5, lines: 3, leading: 1.25})
		s.put(t, area.X, y, s.g.ink)
		segments, err := sheet.QR(e.Download, sheet.Rect{X: area.X, Y: bottom - qr, W: qr, H: qr}, false)
		if err != nil {
			return err
		}
		s.add(sheet.Filled(segments, s.pal.Ink).Named("qr"))
	default:
		head("Thank you for listening")
		l := listStyle{leading: 1.2, title: sheet.TitleLight}
		set := func(s *stick, size sheet.Pt) []slug {
			l.size = size
			return s.bothSides(r, area.W, l, sheet.Title)
		}
		if size, ok := largest(smallest, 7.5, func(size sheet.Pt) bool { return tall(set(s.trial(), size)) <= bottom-y }); ok {
			pour(s, set(s, size), sheet.Rect{X: area.X, Y: y, W: area.W, H: bottom - y})
		} else {
			para("Side A first. Turn over when it stops.", y, area.W)
		}
	}
	return nil
}

// insertCopy is what one copy's slip has of its own.
func (s *stick) insertCopy(su *Suite, label, code string) error {
	area := sheet.Rect{W: insertW, H: insertH}.Inset(TextSafe)
	bottom := area.Y + area.H - 8
	if code == "" {
		t := s.fit(label, sheet.MonoBold, area.W/2, 2.4, fitting{max: 8, lines: 1})
		s.put(t, area.X+area.W-t.width(), area.Y+area.H-t.cap, s.g.accent)
		return nil
	}
	const qr = 22
	typed := s.fit(code, sheet.MonoBold, area.W, 2.6, fitting{max: 9, lines: 1})
	s.put(typed, area.X, bottom-typed.cap, s.g.ink)
	y := bottom - typed.cap - 4 - qr
	segments, err := sheet.QR(su.Edition.Address(code), sheet.Rect{X: area.X, Y: y, W: qr, H: qr}, false)
	if err != nil {
		return err
	}
	s.add(sheet.Filled(segments, s.pal.Ink).Named("qr"))
	w := area.W - qr - 5
	number := s.fit(label, su.look.figure, w, 8, fitting{max: 26, lines: 1})
	s.put(number, area.X+qr+5, y, s.g.accent)
	if su.Edition.ClaimURL != "" {
		t := s.fit(bareURL(su.Edition.ClaimURL), sheet.Mono, w, 7, fitting{max: 6.5, min: 5, lines: 3})
		s.put(t, area.X+qr+5, y+qr-t.Height, s.g.quiet)
	}
	return nil
}
