package jcard

import (
	"fmt"
	"strings"

	"ferric/master"
	"ferric/sheet"
)

// text sets the full track list, credits, notes, lyrics and small print on
// every panel that is free for it, and says whether all of it found room at a
// size that reads well.
//
// A card of three panels has the back of its front. One more panel takes the
// track list on its outside, so that it is there even on a card printed on one
// side; the rest flows over the panels from left to right as they open.
func (d *draft) text() bool {
	out := d.on(d.look.panel) // the outside of the panels that fold in
	for i := 3; i < d.g.Panels; i++ {
		d.paintGround(i, d.look.panel)
	}
	defer func() { d.add(out.items...) }()

	type column struct {
		area sheet.Rect
		s    *stick
	}
	var columns []column
	for i := 4; i < d.g.Panels; i++ {
		columns = append(columns, column{textArea(d.g.Outside(i), i), out})
	}
	for i := d.g.Panels - 1; i >= Front; i-- {
		columns = append(columns, column{textArea(d.g.Inside(i), i), d.back})
	}

	comfortable := true
	if d.g.Panels > 3 {
		comfortable = d.trackList(out, textArea(d.g.Outside(3), 3))
	} else if !d.hasText() {
		return d.trackList(d.back, columns[0].area) && comfortable
	}

	measure := columns[0].area.W
	for _, c := range columns {
		measure = min(measure, c.area.W)
	}
	parts := []part{partList, partCredits, partNotes, partLyrics}
	if d.g.Panels > 3 {
		parts = parts[1:]
	}
	// pourAll fills the columns on trial sticks, and gives how many slugs were left over.
	pourAll := func(scale float64, parts []part, commit bool) (left int) {
		slugs := d.galley(measure, scale, parts)
		for _, c := range columns {
			s := c.s
			if !commit {
				s = s.trial()
			}
			slugs = slugs[pour(s, slugs, []sheet.Rect{c.area}):]
		}
		return len(slugs)
	}
	const least = 0.76 // of 7.25 pt: 5.5
	var dropped []part
	for {
		size, ok := largest(76, 118, func(percent sheet.Pt) bool { return pourAll(float64(percent)/100, parts, false) == 0 })
		if ok {
			pourAll(float64(size)/100, parts, true)
			d.leftOut(dropped)
			return comfortable && len(dropped) == 0 && size >= 90
		}
		last := parts[len(parts)-1]
		if last == partList || len(parts) == 1 {
			break
		}
		dropped = append(dropped, last)
		parts = parts[:len(parts)-1]
	}
	d.leftOut(dropped)
	if parts[0] == partList {
		d.trackList(d.back, columns[0].area)
		return false
	}
	left := pourAll(least, parts, true)
	if left > 0 {
		d.notes.add(master.Care, "text-left-out", fmt.Sprintf("the %s do not fit the card: the last %d lines are left out", parts[0], left),
			"the inside has no more room at a size that can be read", "shorten them, or add a panel")
	}
	return false
}

// part is a section of the inside.
type part int

const (
	partList part = iota
	partCredits
	partNotes
	partLyrics
)

func (p part) String() string {
	return [...]string{"track list", "credits", "notes", "lyrics"}[p]
}

func (d *draft) leftOut(parts []part) {
	if len(parts) == 0 {
		return
	}
	var names []string
	for _, p := range parts {
		names = append(names, p.String())
	}
	d.notes.add(master.Care, "text-left-out", fmt.Sprintf("the card has no room for the %s", strings.Join(names, " and the ")),
		fmt.Sprintf("a card of %d panels is full", d.g.Panels), "add a panel, or shorten them")
}

func (d *draft) lyrics() bool {
	for _, side := range d.r.Sides {
		for _, t := range side.Tracks {
			if strings.TrimSpace(t.Lyrics) != "" {
				return true
			}
		}
	}
	return false
}

func (d *draft) hasText() bool {
	return len(d.r.Credits) > 0 || strings.TrimSpace(d.r.Notes) != "" || d.lyrics()
}

// trackList fills one panel with the whole list: in one column or in two,
// whichever can be set larger. It says whether the result reads well.
func (d *draft) trackList(s *stick, area sheet.Rect) bool {
	top := d.panelHead(s, area)
	box := sheet.Rect{X: area.X, Y: area.Y + top, W: area.W, H: area.H - top}
	style := func(size sheet.Pt, w MM) listStyle {
		l := listStyle{size: size, title: d.look.list, padded: d.look.padded, rules: d.look.rules}
		l.leading = 1.2
		if size >= 6.5 {
			l.pad = size.MM() * 0.35
		}
		if size < 5.5 {
			l.leading, l.stretch = 1.1, 0.88
		}
		if l.rules {
			l.pad = max(l.pad, size.MM()*0.3)
		}
		return l
	}
	const gutter = 4
	half := (box.W - gutter) / 2
	one, okOne := largest(smallest, 8.5, func(size sheet.Pt) bool {
		return tall(s.trial().bothSides(d.r, box.W, style(size, box.W), d.look.heading)) <= box.H
	})
	sideList := func(t *stick, i int, size sheet.Pt) []slug {
		return append([]slug{t.sideHead(d.r.Sides[i], half, style(size, half), d.look.heading)}, t.tracks(d.r.Sides[i], half, style(size, half))...)
	}
	two, okTwo := largest(smallest, 7.5, func(size sheet.Pt) bool {
		t := s.trial()
		return tall(sideList(t, 0, size)) <= box.H && tall(sideList(t, 1, size)) <= box.H
	})
	if okOne && (!okTwo || one >= two) {
		slugs := s.bothSides(d.r, box.W, style(one, box.W), d.look.heading)
		pour(s, slugs, []sheet.Rect{box})
		return one >= 6.25
	}
	if !okTwo {
		two = smallest
	}
	left := 0
	for i := range d.r.Sides {
		slugs := sideList(s, i, two)
		col := sheet.Rect{X: box.X + MM(i)*(half+gutter), Y: box.Y, W: half, H: box.H}
		left += len(slugs) - pour(s, slugs, []sheet.Rect{col})
	}
	if left > 0 {
		d.notes.add(master.Bad, "text-left-out", fmt.Sprintf("the track list is too long for a panel: its last %d lines are left out", left),
			"titles this long do not fit a J-card", "shorten the titles, or put the list on an insert")
	}
	return okTwo && two >= 6.25
}

// panelHead repeats artist and title over the list, and gives how much room it took.
func (d *draft) panelHead(s *stick, area sheet.Rect) MM {
	title := squeeze(d.r.Title)
	artist := squeeze(d.r.Artist)
	if title == "" && artist == "" {
		return 0
	}
	y := area.Y
	if artist != "" {
		t := s.fit(artist, sheet.TitleLight, area.W, 2.4, fitting{max: 7.5, lines: 1})
		s.put(t, area.X, y, s.g.quiet)
		y += t.Height + 1.5
	}
	if title != "" {
		t := s.fit(title, sheet.Title, area.W, 9, fitting{max: 13, min: 6, lines: 3, leading: 1.05})
		s.put(t, area.X, y, s.g.ink)
		y += t.Height
	}
	y += 2.6
	s.rule(area.X, y, area.X+area.W, y, 0.35, s.g.accent)
	return y + 3.2 - area.Y
}

// galley sets sections one after the other, for columns of w millimetres.
func (d *draft) galley(w MM, scale float64, parts []part) []slug {
	s := d.back.trial()
	var all []slug
	for _, p := range parts {
		var section []slug
		switch p {
		case partList:
			l := listStyle{size: sheet.Pt(7.25 * scale), title: d.look.list, padded: d.look.padded}
			section = s.bothSides(d.r, w, l, d.look.heading)
		case partCredits:
			section = s.credits(d.r, w, scale, d.look)
		case partNotes:
			section = s.notesText(d.r, w, scale, d.look)
		case partLyrics:
			section = s.lyricsText(d.r, w, scale, d.look)
		}
		if len(section) == 0 {
			continue
		}
		if len(all) > 0 {
			all = append(all, white(sheet.Pt(12*scale).MM()))
		}
		all = append(all, section...)
	}
	return all
}

// head is the title of a section.
func (s *stick) head(text string, w MM, scale float64, lk look) slug {
	st := sheet.Style{Role: lk.heading, Size: sheet.Pt(9 * scale)}
	if lk.caps {
		text = strings.ToUpper(text)
		st.Size, st.Tracking = sheet.Pt(7*scale), 0.08
	}
	return slug{height: s.capHeight(st) + st.Size.MM()*0.7, keep: true, draw: func(s *stick, x, y MM) {
		s.line(text, st, sheet.Point{X: x, Y: y + s.capHeight(st)}, sheet.Left, s.g.accent)
	}}
}

// lines are a set text as slugs of one line each; the first keeps the second, so that none stands alone at a column's foot.
func (s *stick) lines(text string, st sheet.Style, w MM, leading float64, quiet bool) []slug {
	b := s.whole(text, st, w, leading, sheet.Left)
	var out []slug
	for i, l := range b.block.Lines {
		out = append(out, slug{
			height: b.block.Leading, keep: i == 0 && len(b.block.Lines) > 1,
			draw: func(s *stick, x, y MM) {
				s.notes.size(text, st.Size)
				s.notes.missing(text, l.Missing)
				c := s.g.ink
				if quiet {
					c = s.g.quiet
				}
				s.add(l.At(sheet.Point{X: x, Y: y + s.capHeight(st)}, sheet.Left, 0, c)...)
			},
		})
	}
	return out
}

// credits are who did what: the role quiet over its names, or beside them where the column is wide enough for both.
func (s *stick) credits(r *Release, w MM, scale float64, lk look) []slug {
	role := sheet.Style{Role: sheet.TitleLight, Size: sheet.Pt(6.5 * scale)}
	name := sheet.Style{Role: sheet.Body, Size: sheet.Pt(7 * scale)}
	var rows []slug
	for _, c := range r.Credits {
		what, who := squeeze(c.Role), squeeze(c.Names)
		if what == "" && who == "" {
			continue
		}
		if len(rows) > 0 {
			rows = append(rows, white(sheet.Pt(2.2*scale).MM()))
		}
		if what != "" {
			lines := s.lines(what, role, w, 1.2, true)
			lines[len(lines)-1].keep = who != ""
			rows = append(rows, lines...)
		}
		if who != "" {
			rows = append(rows, s.lines(who, name, w, 1.22, false)...)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return append([]slug{s.head("Credits", w, scale, lk)}, rows...)
}

func (s *stick) notesText(r *Release, w MM, scale float64, lk look) []slug {
	st := sheet.Style{Role: sheet.Body, Size: sheet.Pt(7 * scale)}
	var rows []slug
	for _, para := range paragraphs(r.Notes) {
		if len(rows) > 0 {
			rows = append(rows, white(st.Size.MM()*0.55))
		}
		rows = append(rows, s.lines(squeeze(para), st, w, 1.34, false)...)
	}
	if len(rows) == 0 {
		return nil
	}
	return append([]slug{s.head("Notes", w, scale, lk)}, rows...)
}

func (s *stick) lyricsText(r *Release, w MM, scale float64, lk look) []slug {
	title := sheet.Style{Role: sheet.BodyBold, Size: sheet.Pt(6.75 * scale)}
	st := sheet.Style{Role: sheet.Body, Size: sheet.Pt(6.5 * scale)}
	var rows []slug
	for _, side := range r.Sides {
		for _, t := range side.Tracks {
			verses := paragraphs(t.Lyrics)
			if len(verses) == 0 {
				continue
			}
			if len(rows) > 0 {
				rows = append(rows, white(st.Size.MM()*1.3))
			}
			head := s.lines(t.shown(), title, w, 1.25, false)
			for i := range head {
				head[i].keep = true
			}
			rows = append(rows, head...)
			for i, verse := range verses {
				if i > 0 {
					rows = append(rows, white(st.Size.MM()*0.6))
				}
				for _, line := range strings.Split(verse, "\n") {
					if line = squeeze(line); line != "" {
						rows = append(rows, s.lines(line, st, w, 1.24, false)...)
					}
				}
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return append([]slug{s.head("Lyrics", w, scale, lk)}, rows...)
}

// paragraphs splits at blank lines.
func paragraphs(text string) []string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var out []string
	var current []string
	flush := func() {
		if len(current) > 0 {
			out = append(out, strings.Join(current, "\n"))
			current = nil
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		current = append(current, line)
	}
	flush()
	return out
}
