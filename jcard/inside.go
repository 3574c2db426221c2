package jcard

import (
	"fmt"
	"strings"

	"ferric/master"
	"ferric/sheet"
)

// quality is how well the text of a card found room.
type quality int

const (
	dropped quality = iota // something is left out
	small                  // all there, but smaller than one would choose
	well
)

// text sets the full track list, credits, notes, lyrics and small print on
// every panel that is free for it.
//
// A card of three panels has the back of its front. One more panel takes the
// track list on its outside, so that it is there even on a card printed on one
// side; a list too long for it stands inside, a panel a side. The rest flows
// over the panels as they open.
func (d *draft) text() quality {
	out := d.on(d.look.panel) // the outside of the panels that fold in
	for i := 3; i < d.g.Panels; i++ {
		d.paintGround(i, d.look.panel)
	}
	defer func() { d.add(out.items...) }()

	outer := func(i int) column { return column{textArea(d.g.Outside(i), i), out, i} }
	inner := func(i int) column { return column{textArea(d.g.Inside(i), i), d.back, -1} }
	var columns []column
	for i := 3; i < d.g.Panels; i++ {
		columns = append(columns, outer(i))
	}
	for i := d.g.Panels - 1; i >= Front; i-- {
		columns = append(columns, inner(i))
	}

	parts := []part{partCredits, partNotes, partLyrics}
	result := well
	switch {
	case d.g.Panels == 3 && !d.hasText():
		return d.trackList(columns[0])
	case d.listed && d.hasText(): // the front has it
	case d.g.Panels == 3:
		parts = append([]part{partList}, parts...)
	default:
		if size, _ := d.listFits(columns[0]); size >= 6.5 || d.g.Panels == 4 && d.hasText() && size >= legible {
			result = d.trackList(columns[0])
			columns = columns[1:]
			break
		}
		n := len(columns)
		result = d.spreadList(columns[n-2], columns[n-1])
		columns = columns[:n-2]
	}
	used, q := d.flow(parts, columns)
	for _, c := range columns[used:] {
		if c.outside > 0 {
			d.plate(c.outside)
		}
	}
	return min(result, q)
}

// column is a place for text: on which side of the card, and of which panel's outside, else -1.
type column struct {
	area    sheet.Rect
	s       *stick
	outside int
}

// plate covers a panel that has nothing to say: the accent, and the catalogue number in its middle.
func (d *draft) plate(i int) {
	d.fill(d.bleedOf(i), d.pal.Accent)
	if cat := squeeze(d.r.Catalogue); cat != "" {
		area := textArea(d.g.Outside(i), i)
		t := d.fit(cat, sheet.Mono, area.W, 3, fitting{max: 7, lines: 1, align: sheet.Centre})
		d.put(t, area.X, area.Y+(area.H-t.cap)/2, d.pal.OnAccent)
	}
}

// flow sets sections into columns, each section from the head of a column
// where that costs no size, else running on, in columns of one height. What
// finds no room at the smallest size is left out, the last section first. It
// gives how many columns it used.
func (d *draft) flow(parts []part, columns []column) (used int, q quality) {
	if !d.hasText() && parts[0] != partList {
		return 0, well
	}
	if len(columns) == 0 {
		d.leftOut(parts)
		return 0, dropped
	}
	measure, room := columns[0].area.W, columns[0].area.H
	for _, c := range columns {
		measure, room = min(measure, c.area.W), min(room, c.area.H)
	}
	const least, most = 76, 116 // percent; body text of 7 pt
	apart := func(percent sheet.Pt) ([][]slug, bool) {
		var all [][]slug
		for _, section := range d.galley(measure, float64(percent)/100, parts) {
			cols, rest := split(section, len(columns)-len(all), room)
			if len(rest) > 0 {
				return nil, false
			}
			all = append(all, cols...)
		}
		return all, true
	}
	together := func(percent sheet.Pt) ([][]slug, bool) {
		run := runOn(d.galley(measure, float64(percent)/100, parts), float64(percent)/100)
		cols, rest := split(run, len(columns), room)
		return cols, len(rest) == 0
	}
	var left []part
	for len(parts) > 0 {
		fits := func(how func(sheet.Pt) ([][]slug, bool)) (sheet.Pt, bool) {
			return largest(least, most, func(p sheet.Pt) bool { _, ok := how(p); return ok })
		}
		sizeA, okA := fits(apart)
		sizeT, okT := fits(together)
		if !okT {
			if len(parts) == 1 {
				break
			}
			left = append(left, parts[len(parts)-1])
			parts = parts[:len(parts)-1]
			continue
		}
		var set [][]slug
		size := sizeT
		if okA && sizeA >= 0.93*sizeT {
			set, _ = apart(sizeA)
			size = sizeA
		} else {
			run := runOn(d.galley(measure, float64(sizeT)/100, parts), float64(sizeT)/100)
			few, _ := split(run, len(columns), room)
			set = level(run, len(few), room)
		}
		for i, slugs := range set {
			pour(columns[i].s, slugs, columns[i].area)
		}
		if n := len(set); n > 0 {
			d.foot(columns[n-1], tall(set[n-1]))
		}
		d.leftOut(left)
		switch {
		case len(left) > 0:
			return len(set), dropped
		case size < 90:
			return len(set), small
		}
		return len(set), well
	}
	// One section alone, and too long.
	d.leftOut(left)
	if parts[0] == partList {
		return 1, min(dropped, d.trackList(columns[0]))
	}
	run := runOn(d.galley(measure, least/100.0, parts), least/100.0)
	cols, rest := split(run, len(columns), room)
	for i, slugs := range cols {
		pour(columns[i].s, slugs, columns[i].area)
	}
	d.notes.add(master.Care, "text-left-out", fmt.Sprintf("the %s do not fit the card: the last %d lines are left out", parts[0], len(rest)),
		"the inside has no more room at a size that can be read", "shorten them, or add a panel")
	return len(cols), dropped
}

// runOn joins sections into one galley.
func runOn(sections [][]slug, scale float64) []slug {
	var all []slug
	for i, s := range sections {
		if i > 0 {
			all = append(all, white(sheet.Pt(12*scale).MM()))
		}
		all = append(all, s...)
	}
	return all
}

// foot sets the colophon at the foot of a column whose upper part is used, once, where there is room.
func (d *draft) foot(c column, usedHeight MM) {
	const height = 4 * colophonRow
	if d.colophonSet || usedHeight+height+6 > c.area.H {
		return
	}
	d.colophonSet = true
	c.s.colophon(d.r, c.area, true)
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
	for _, c := range d.r.Credits {
		if squeeze(c.Role+c.Names) != "" {
			return true
		}
	}
	return strings.TrimSpace(d.r.Notes) != "" || d.lyrics()
}

// listStyleAt is the look of the whole list at a size.
func (d *draft) listStyleAt(size sheet.Pt) listStyle {
	l := listStyle{size: size, leading: 1.2, title: d.look.list, padded: d.look.padded, rules: d.look.rules}
	l.pad = size.MM() * 0.35 * MM(min(max((size-5.5)/2, 0), 1)) // air comes with size
	if l.rules {
		l.pad = max(l.pad, size.MM()*0.3)
	}
	if size < 5.5 {
		l.leading, l.stretch = 1.1, 0.88
	}
	return l
}

const listGutter MM = 4

// listFits is the largest size that one panel can have its list in, and whether it then stands in two columns.
func (d *draft) listFits(c column) (size sheet.Pt, double bool) {
	trial := c.s.trial()
	top := d.panelHead(trial, c.area)
	h, half := c.area.H-top, (c.area.W-listGutter)/2
	one, _ := largest(smallest, 8.5, func(size sheet.Pt) bool {
		return tall(trial.bothSides(d.r, c.area.W, d.listStyleAt(size), d.look.heading)) <= h
	})
	two, _ := largest(smallest, 7.5, func(size sheet.Pt) bool {
		return tall(d.oneSide(trial, 0, half, size)) <= h && tall(d.oneSide(trial, 1, half, size)) <= h
	})
	if two > one {
		return two, true
	}
	return one, false
}

// oneSide is a side's heading and list.
func (d *draft) oneSide(s *stick, i int, w MM, size sheet.Pt) []slug {
	l := d.listStyleAt(size)
	return append([]slug{s.sideHead(d.r.Sides[i], w, l, d.look.heading)}, s.tracks(d.r.Sides[i], w, l)...)
}

// trackList fills one panel with the whole list: in one column or in two, whichever can be set larger.
func (d *draft) trackList(c column) quality {
	size, double := d.listFits(c)
	top := d.panelHead(c.s, c.area)
	box := sheet.Rect{X: c.area.X, Y: c.area.Y + top, W: c.area.W, H: c.area.H - top}
	if size == 0 {
		size, double = smallest, true
	}
	if !double {
		slugs := c.s.bothSides(d.r, box.W, d.listStyleAt(size), d.look.heading)
		d.listLeft(len(slugs) - pour(c.s, slugs, box))
		d.foot(c, top+tall(slugs))
		return listQuality(size)
	}
	half := (box.W - listGutter) / 2
	left, used := 0, MM(0)
	for i := range d.r.Sides {
		slugs := d.oneSide(c.s, i, half, size)
		left += len(slugs) - pour(c.s, slugs, sheet.Rect{X: box.X + MM(i)*(half+listGutter), Y: box.Y, W: half, H: box.H})
		used = max(used, top+tall(slugs))
	}
	d.foot(c, used)
	if d.listLeft(left) {
		return dropped
	}
	return listQuality(size)
}

// spreadList sets side A on one panel and side B on the next.
func (d *draft) spreadList(a, b column) quality {
	columns := [2]column{a, b}
	w := min(a.area.W, b.area.W)
	top := d.panelHead(a.s.trial(), a.area)
	h := a.area.H - top
	size, ok := largest(smallest, 8.5, func(size sheet.Pt) bool {
		t := a.s.trial()
		return tall(d.oneSide(t, 0, w, size)) <= h && tall(d.oneSide(t, 1, w, size)) <= h
	})
	if !ok {
		size = smallest
	}
	d.panelHead(a.s, a.area)
	left := 0
	for i, c := range columns {
		slugs := d.oneSide(c.s, i, w, size)
		left += len(slugs) - pour(c.s, slugs, sheet.Rect{X: c.area.X, Y: c.area.Y + top, W: w, H: h})
		if i == 1 {
			d.foot(c, top+tall(slugs))
		}
	}
	if d.listLeft(left) {
		return dropped
	}
	return listQuality(size)
}

func listQuality(size sheet.Pt) quality {
	if size >= 6.25 {
		return well
	}
	return small
}

// listLeft notes tracks that found no room.
func (d *draft) listLeft(n int) bool {
	if n <= 0 {
		return false
	}
	d.notes.add(master.Bad, "text-left-out", fmt.Sprintf("the track list is too long for the card: its last %d tracks are left out", n),
		"titles this long do not fit a J-card", "add a panel, shorten the titles, or put the list on the insert")
	return true
}

// panelHead repeats artist and title over the list, and gives how much room it took.
func (d *draft) panelHead(s *stick, area sheet.Rect) MM {
	title := squeeze(d.r.Title)
	artist := squeeze(d.r.Artist)
	if title == "" && artist == "" {
		return 0
	}
	y := area.Y
	var a set
	if artist != "" {
		a = s.fit(artist, sheet.TitleLight, area.W, 2.4, fitting{max: 7.5, lines: 1})
		s.put(a, area.X, y, s.g.quiet)
		y += a.Height
	}
	if title != "" {
		t := s.fit(title, sheet.Title, area.W, 9, fitting{max: 13, min: 6, lines: 3, leading: 1.05})
		if artist != "" {
			y += a.gap(t, 1.6)
		}
		s.put(t, area.X, y, s.g.ink)
		y += t.Height
	}
	y += 2.6
	s.rule(area.X, y, area.X+area.W, y, 0.35, s.g.accent)
	return y + 3.2 - area.Y
}

// galley sets each section that has something to say, for columns of w millimetres.
func (d *draft) galley(w MM, scale float64, parts []part) [][]slug {
	s := d.back.trial()
	var all [][]slug
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
		if len(section) > 0 {
			all = append(all, section)
		}
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
	return slug{height: s.capHeight(st) + st.Size.MM()*0.95, keep: true, draw: func(s *stick, x, y MM) {
		s.line(text, st, sheet.Point{X: x, Y: y + s.capHeight(st)}, sheet.Left, s.g.accent)
	}}
}

// lines are a set text as slugs of one line each; the first
// keeps the second and the last but one the last, so that none stands alone.
func (s *stick) lines(text string, st sheet.Style, w MM, leading float64, quiet bool) []slug {
	b := s.whole(text, st, w, leading, sheet.Left)
	var out []slug
	n := len(b.block.Lines)
	for i, l := range b.block.Lines {
		out = append(out, slug{
			height: b.block.Leading, keep: i == 0 && n > 1 || i == n-2,
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

// credits are who did what: the role beside its names where the roles are
// short enough to share the column, else over them.
func (s *stick) credits(r *Release, w MM, scale float64, lk look) []slug {
	role := sheet.Style{Role: sheet.TitleLight, Size: sheet.Pt(6.75 * scale)}
	name := sheet.Style{Role: sheet.Body, Size: sheet.Pt(7 * scale)}
	roleW := MM(0)
	for _, c := range r.Credits {
		roleW = max(roleW, s.measure(squeeze(c.Role), role))
	}
	beside := roleW > 0 && roleW <= w*0.42
	var rows []slug
	for _, c := range r.Credits {
		what, who := squeeze(c.Role), squeeze(c.Names)
		if what == "" && who == "" {
			continue
		}
		if len(rows) > 0 {
			rows = append(rows, white(sheet.Pt(3.2*scale).MM()))
		}
		if beside {
			left := roleW + 3
			block := s.whole(who, name, w-left, 1.22, sheet.Left)
			rows = append(rows, slug{
				height: block.block.Leading * MM(max(len(block.block.Lines), 1)),
				draw: func(s *stick, x, y MM) {
					base := y + s.capHeight(name)
					s.line(what, role, sheet.Point{X: x, Y: base}, sheet.Left, s.g.quiet)
					s.put(block, x+left, y, s.g.ink)
					s.notes.missing(who, block.block.Missing)
					s.notes.size(who, name.Size)
				},
			})
			continue
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
