package jcard

import (
	"errors"
	"fmt"
	"strings"

	"ferric/sheet"
)

// Layout is one way to set a card.
type Layout struct {
	Name  string // "sleeve"
	Idea  string // what it is, in a line
	look  func(Palette) look
	front func(*draft)
}

// ErrLayout is wrapped by errors about a layout that does not exist.
var ErrLayout = errors.New("no such layout")

// Layouts are all there are; the first is the default.
func Layouts() []Layout {
	return []Layout{sleeve(), window(), poster(), series(), ledger()}
}

// ParseLayout finds a layout by its name, whatever the case; "" is the first.
func ParseLayout(name string) (Layout, error) {
	all := Layouts()
	if name == "" {
		return all[0], nil
	}
	var names []string
	for _, l := range all {
		if strings.EqualFold(l.Name, name) {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return Layout{}, fmt.Errorf("%w: %.20q (there are %s)", ErrLayout, name, strings.Join(names, ", "))
}

// names are artist and title for the front; where one is empty, title is the other.
func (r *Release) names() (artist, title string) {
	artist, title = squeeze(r.Artist), squeeze(r.Title)
	if title == "" {
		artist, title = "", artist
	}
	if title == "" {
		title = "Untitled"
	}
	return artist, title
}

// sleeve: the cover runs over the whole front and off its edges; the spine's
// colour turns the corner as a strip along the foot, which carries the names.
func sleeve() Layout {
	return Layout{
		Name: "sleeve",
		Idea: "the cover edge to edge, the spine's colour turning the corner below it with the names",
		look: func(p Palette) look {
			return look{spine: flood(p), flap: bare(p), panel: bare(p), heading: sheet.Title, list: sheet.TitleLight, figure: sheet.Title}
		},
		front: func(d *draft) {
			panel, full := d.g.Outside(Front), d.bleedOf(Front)
			s := d.on(flood(d.pal))
			area := textArea(panel, Front)
			artist, title := d.r.names()
			t := s.fit(title, sheet.Title, area.W, 19, fitting{max: 19, min: 7, lines: 4, leading: 1.02})
			height := TextSafe + t.Height + 4.2
			var a set
			if artist != "" {
				a = s.fit(artist, sheet.TitleLight, area.W, 5, fitting{max: 9, min: 6, lines: 2})
				height += a.Height + a.gap(t, 2.2)
			}
			top := panel.Y + panel.H - height
			d.add(d.art.paint(sheet.Rect{X: full.X, Y: full.Y, W: full.W, H: top - full.Y}, d.notes)...)
			s.fill(sheet.Rect{X: full.X, Y: top, W: full.W, H: full.Y + full.H - top}, d.pal.Accent)
			y := top + 4.2
			if artist != "" {
				s.put(a, area.X, y, s.g.ink)
				y += a.Height + a.gap(t, 2.2)
			}
			s.put(t, area.X, y, s.g.ink)
			d.add(s.items...)
		},
	}
}

// window: square art hung in white space, its caption under it, the catalogue
// number in small figures over it, as on a dub plate or a jazz label's sleeve.
func window() Layout {
	return Layout{
		Name: "window",
		Idea: "square art hung in white space, a short caption, the catalogue number in small figures",
		look: func(p Palette) look {
			return look{spine: bare(p), flap: bare(p), panel: bare(p), heading: sheet.TitleLight, caps: true, list: sheet.Body, figure: sheet.Mono, spineBar: true}
		},
		front: func(d *draft) {
			panel := d.g.Outside(Front)
			area := textArea(panel, Front)
			s := d.on(bare(d.pal))
			artist, title := d.r.names()

			// One line over the picture: label left, catalogue number right.
			right := area.X + area.W
			w := area.W
			if cat := squeeze(d.r.Catalogue); cat != "" {
				c := s.fit(cat, sheet.Mono, area.W*0.45, 2.4, fitting{max: 6.5, lines: 1})
				s.put(c, right-c.width(), area.Y, s.g.quiet)
				w -= c.width() + 3
			}
			if label := squeeze(d.r.Label); label != "" {
				s.put(s.fit(label, sheet.TitleLight, w, 2.4, fitting{max: 7, lines: 1}), area.X, area.Y, s.g.quiet)
			}
			art := sheet.Rect{X: area.X, Y: area.Y + 7, W: area.W, H: area.W}
			d.add(d.art.paint(art, d.notes)...)

			// The caption hangs from one line whatever its length; the tape's own line stands at the foot.
			year := s.fit(d.r.year(), sheet.Mono, 12, 2.2, fitting{max: 6, lines: 1})
			foot := s.fit(d.r.making(), sheet.Mono, area.W-14, 2.2, fitting{max: 6, lines: 1})
			bottom := area.Y + area.H
			s.put(year, right-year.width(), bottom-foot.cap, s.g.quiet)
			s.put(foot, area.X, bottom-foot.cap, s.g.quiet)
			y := art.Y + art.H + 4.6
			room := bottom - foot.cap - 2.6 - y
			caption := fitting{max: 15, min: 6.5, lines: 3, leading: 1.06}
			if artist != "" {
				a := s.fit(artist, sheet.TitleLight, area.W, 5.6, fitting{max: 10, min: 6, lines: 2, leading: 1.1})
				s.put(a, area.X, y, s.g.accent)
				t := s.fit(title, sheet.Title, area.W, room-a.Height-2.8, caption)
				s.put(t, area.X, y+a.Height+a.gap(t, 2.3), s.g.ink)
			} else {
				s.put(s.fit(title, sheet.Title, area.W, room, caption), area.X, y, s.g.ink)
			}
			d.add(s.items...)
		},
	}
}

// poster: no picture but the title itself, every line of it set as wide as the
// front, on the accent; the track list ruled below.
func poster() Layout {
	return Layout{
		Name: "poster",
		Idea: "the title as the picture, each line as wide as the front, over a ruled track list",
		look: func(p Palette) look {
			return look{spine: flood(p), flap: flood(p), panel: bare(p), heading: sheet.Title, rules: true, padded: true, list: sheet.TitleLight, figure: sheet.Title}
		},
		front: func(d *draft) {
			panel := d.g.Outside(Front)
			area := textArea(panel, Front)
			g := flood(d.pal)
			d.paintGround(Front, g)
			s := d.on(g)
			artist, title := d.r.names()

			y := area.Y
			right := area.X + area.W
			w := area.W
			if cat := squeeze(d.r.Catalogue); cat != "" {
				c := s.fit(cat, sheet.Mono, area.W*0.4, 2.4, fitting{max: 6.5, lines: 1})
				s.put(c, right-c.width(), y, g.ink)
				w -= c.width() + 3
			}
			if artist != "" {
				a := s.fit(artist, sheet.Title, w, 8, fitting{max: 11, min: 6, lines: 2, leading: 1.05})
				s.put(a, area.X, y, g.ink)
				y += a.Height
			} else {
				y += 2.4
			}
			y += 4.4
			bottom := area.Y + area.H

			list, listH := d.posterList(s, area.W, bottom-y-22)
			s.stack(title, area.X, y, area.W, bottom-listH-5-y, g.ink)
			list(area.X, bottom-listH)
			d.add(s.items...)
		},
	}
}

// posterList is what stands under the title: the whole list where it fits the
// room, else a line a side. It hangs from the foot of the front.
func (d *draft) posterList(s *stick, w, room MM) (draw func(x, y MM), height MM) {
	style := func(size sheet.Pt) listStyle {
		return listStyle{size: size, leading: 1.18, pad: size.MM() * 0.4, rules: true, title: sheet.TitleLight, padded: true}
	}
	if n := d.r.tracks(); n > 0 && n <= 16 {
		set := func(s *stick, size sheet.Pt) []slug {
			slugs := s.tracks(d.r.Sides[0], w, style(size))
			if b := d.r.Sides[1]; len(b.Tracks) > 0 {
				if len(slugs) > 0 {
					slugs = append(slugs, white(1.6))
				}
				slugs = append(slugs, s.tracks(b, w, style(size))...)
			}
			return slugs
		}
		size, ok := largest(legible+0.25, 8, func(size sheet.Pt) bool { return tall(set(s.trial(), size)) <= room })
		if ok {
			height := tall(set(s.trial(), size))
			d.listed = true
			return func(x, y MM) { pour(s, set(s, size), sheet.Rect{X: x, Y: y, W: w, H: height + 0.01}) }, height
		}
	}
	title, fig := sheet.Style{Role: sheet.TitleLight, Size: 8}, sheet.Style{Role: sheet.Mono, Size: 6.5}
	const row = 4.6
	var sides []Side
	for _, side := range d.r.Sides {
		if len(side.Tracks) > 0 {
			sides = append(sides, side)
		}
	}
	return func(x, y MM) {
		for _, side := range sides {
			s.rule(x, y, x+w, y, 0.1, s.g.line)
			base := y + (row+s.capHeight(title))/2
			s.line("Side "+side.Name+", "+count(len(side.Tracks), "track"), title, sheet.Point{X: x, Y: base}, sheet.Left, s.g.ink)
			s.line(Clock(side.Length), fig, sheet.Point{X: x + w, Y: base}, sheet.Right, s.g.ink)
			y += row
		}
	}, row * MM(len(sides))
}

// series: as in a library or a label's numbered series, a band of colour with
// the number as large as it goes, over the picture.
func series() Layout {
	return Layout{
		Name: "series",
		Idea: "a numbered series: a band of colour with a huge catalogue number, the picture whole below it",
		look: func(p Palette) look {
			return look{spine: flood(p), flap: bare(p), panel: bare(p), heading: sheet.Title, caps: true, padded: true, list: sheet.TitleLight, figure: sheet.Title}
		},
		front: func(d *draft) {
			panel, full := d.g.Outside(Front), d.bleedOf(Front)
			area := textArea(panel, Front)
			g := flood(d.pal)
			s := d.on(g)
			artist, title := d.r.names()
			// The picture is a square across the front; the band takes the rest.
			split := panel.Y + panel.H - panel.W
			d.add(d.art.paint(sheet.Rect{X: full.X, Y: split, W: full.W, H: full.Y + full.H - split}, d.notes)...)
			s.fill(sheet.Rect{X: full.X, Y: full.Y, W: full.W, H: split - full.Y}, d.pal.Accent)

			y := area.Y
			if label := squeeze(d.r.Label); label != "" {
				t := s.fit(strings.ToUpper(label), sheet.TitleLight, area.W-14, 2.2, fitting{max: 6.25, lines: 1, tracking: 0.08})
				s.put(t, area.X, y, g.ink)
			}
			if year := d.r.year(); year != "" {
				t := s.fit(year, sheet.Mono, 12, 2.2, fitting{max: 6.25, lines: 1})
				s.put(t, area.X+area.W-t.width(), y, g.ink)
			}
			y += 4.6
			bottom := split - 3.4
			if cat := squeeze(d.r.Catalogue); cat != "" {
				t := s.fit(title, sheet.Title, area.W, 8, fitting{max: 11, min: 6, lines: 2, leading: 1.08})
				s.put(t, area.X, bottom-t.Height, g.ink)
				if artist != "" {
					a := s.fit(artist, sheet.TitleLight, area.W, 2.4, fitting{max: 8.5, min: 6, lines: 1})
					t.Height += a.Height + a.gap(t, 1.9)
					s.put(a, area.X, bottom-t.Height, g.ink)
				}
				room := (bottom - t.Height - 3.6 - y) * 0.71 / (0.71 + tail(cat)) // capitals, and what hangs below them
				number := s.fit(cat, sheet.Title, area.W, room, fitting{max: 54, min: 9, lines: 1})
				s.put(number, area.X, y, g.ink)
			} else {
				if artist != "" {
					a := s.fit(artist, sheet.TitleLight, area.W, 5, fitting{max: 9, min: 6, lines: 2})
					s.put(a, area.X, bottom-a.Height, g.ink)
					bottom -= a.Height + 5
				}
				s.put(s.fit(title, sheet.Title, area.W, bottom-y, fitting{max: 44, min: 7, lines: 3, leading: 1}), area.X, y, g.ink)
			}
			d.add(s.items...)
		},
	}
}

// ledger: after the inlays of blank tapes, with lines to write on, stripes, the
// tape's length as large as a trademark, and boxes to tick.
func ledger() Layout {
	return Layout{
		Name: "ledger",
		Idea: "after the inlay of a blank tape: stripes, the length writ large, every track on its line",
		look: func(p Palette) look {
			return look{spine: bare(p), flap: bare(p), panel: bare(p), heading: sheet.Title, rules: true, list: sheet.TitleLight, figure: sheet.MonoBold, spineBar: true}
		},
		front: (*draft).ledgerFront,
	}
}

func (d *draft) ledgerFront() {
	panel, full := d.g.Outside(Front), d.bleedOf(Front)
	area := textArea(panel, Front)
	s := d.on(bare(d.pal))
	artist, title := d.r.names()

	// The head: four stripes that fade, the picture set into them, the length over them.
	const headH = 31.0
	head := sheet.Rect{X: full.X, Y: full.Y, W: full.W, H: panel.Y + headH - full.Y}
	stripes := []struct {
		share float64
		h     MM
	}{{1, 15.4 + Bleed}, {0.72, 6.2}, {0.46, 5.2}, {0.22, 4.2}}
	y := head.Y
	for _, st := range stripes {
		s.fill(sheet.Rect{X: head.X, Y: y, W: head.W, H: st.h}, mix(d.pal.Card, d.pal.Accent, st.share))
		y += st.h
	}
	const artSide = 22.0
	frame := sheet.Rect{X: area.X + area.W - artSide, Y: area.Y, W: artSide, H: artSide}
	s.fill(frame.Inset(-0.7), d.pal.Card)
	s.add(d.art.paint(frame, d.notes)...)

	on := d.pal.OnAccent
	left := area.W - artSide - 4
	name := strings.TrimPrefix(d.r.Tape.Name, "C")
	if name == "" {
		name = "MC"
	}
	big := s.fit(name, sheet.Title, 20, 8.6, fitting{max: 34, lines: 1})
	s.put(big, area.X, area.Y, on)
	x := area.X + big.width() + 1.6
	if kind := strings.ToUpper(d.r.typeName()); kind != "" {
		s.put(s.fit(kind, sheet.Title, left-(x-area.X), 3, fitting{max: 8.5, lines: 1}), x, area.Y, on)
		s.put(s.fit(join(" ", d.r.Formulation.EQ.Name, "EQ"), sheet.TitleLight, left-(x-area.X), 2.2, fitting{max: 6.25, lines: 1}), x, area.Y+4.1, on)
		s.put(s.fit("Stereo", sheet.TitleLight, left-(x-area.X), 2.2, fitting{max: 6.25, lines: 1}), x, area.Y+7, on)
	}

	y = panel.Y + headH + 4.6
	t := s.fit(title, sheet.Title, area.W, 8.2, fitting{max: 14, min: 6.5, lines: 2, leading: 1.05})
	s.put(t, area.X, y, s.g.ink)
	y += t.Height
	if artist != "" {
		a := s.fit(artist, sheet.TitleLight, area.W, 4.4, fitting{max: 9, min: 6, lines: 2, leading: 1.05})
		y += t.gap(a, 2.1)
		s.put(a, area.X, y, s.g.quiet)
		y += a.Height
	}
	y += 4.5

	// The foot: what one ticks on a blank tape.
	bottom := area.Y + area.H
	d.ledgerFoot(s, area, bottom)
	bottom -= 5.4

	box := sheet.Rect{X: area.X, Y: y, W: area.W, H: bottom - y}
	style := func(size sheet.Pt) listStyle {
		return listStyle{size: size, leading: 1.18, pad: size.MM() * 0.36, rules: true, title: sheet.TitleLight}
	}
	const gutter = 3.4
	half := (box.W - gutter) / 2
	one, okOne := largest(legible, 7.5, func(size sheet.Pt) bool {
		return tall(s.trial().bothSides(d.r, box.W, style(size), sheet.Title)) <= box.H
	})
	column := func(s *stick, i int, size sheet.Pt) []slug {
		l := style(size)
		l.noNumber = true
		return append([]slug{s.sideHead(d.r.Sides[i], half, l, sheet.Title)}, s.tracks(d.r.Sides[i], half, l)...)
	}
	two, okTwo := largest(legible, 7, func(size sheet.Pt) bool {
		t := s.trial()
		return tall(column(t, 0, size)) <= box.H && tall(column(t, 1, size)) <= box.H
	})
	switch {
	case okOne && (!okTwo || one >= two):
		d.listed = true
		pour(s, s.bothSides(d.r, box.W, style(one), sheet.Title), box)
	case okTwo:
		d.listed = true
		for i := range d.r.Sides {
			pour(s, column(s, i, two), sheet.Rect{X: box.X + MM(i)*(half+gutter), Y: box.Y, W: half, H: box.H})
		}
	default: // too many for the front: lines, as on an inlay nobody has written on, and how much there is
		d.emptyLines(s, box, half, gutter)
	}
	d.add(s.items...)
}

func (d *draft) emptyLines(s *stick, box sheet.Rect, half, gutter MM) {
	l := listStyle{size: 8}
	for i, side := range d.r.Sides {
		x := box.X + MM(i)*(half+gutter)
		h := s.sideHead(side, half, l, sheet.Title)
		h.draw(s, x, box.Y)
		y := box.Y + h.height
		for ; y <= box.Y+box.H; y += 4.6 {
			s.rule(x, y, x+half, y, 0.1, s.g.line)
		}
		note := sheet.Style{Role: sheet.TitleLight, Size: 7}
		base := box.Y + h.height + (4.6+s.capHeight(note))/2
		if len(side.Tracks) > 0 && base < box.Y+box.H {
			s.line(count(len(side.Tracks), "track")+", listed inside", note, sheet.Point{X: x, Y: base}, sheet.Left, s.g.quiet)
		}
	}
}

// ledgerFoot is the line at the foot of a blank tape's inlay: noise reduction to tick, date, number.
func (d *draft) ledgerFoot(s *stick, area sheet.Rect, bottom MM) {
	st := sheet.Style{Role: sheet.TitleLight, Size: 6.25}
	c := s.capHeight(st)
	x := area.X
	tick := func(label string, on bool) {
		box := sheet.Rect{X: x, Y: bottom - c - 0.1, W: c + 0.2, H: c + 0.2}
		s.frame(box, 0.15, s.g.quiet)
		if on {
			s.fill(box.Inset(0.45), s.g.accent)
		}
		x += box.W + 0.9
		x += s.line(label, st, sheet.Point{X: x, Y: bottom}, sheet.Left, s.g.quiet) + 2
	}
	s.rule(area.X, bottom-c-2, area.X+area.W, bottom-c-2, 0.1, s.g.line)
	x += s.line("NR", st, sheet.Point{X: x, Y: bottom}, sheet.Left, s.g.quiet) + 1.4
	tick("Yes", d.r.Noise != "")
	tick("No", d.r.Noise == "")
	right := area.X + area.W
	if text := join("  ", d.r.year(), d.r.Catalogue); text != "" {
		t := s.fit(text, sheet.Mono, right-x-2, c+0.5, fitting{max: 6, lines: 1})
		s.put(t, right-t.width(), bottom-c, s.g.quiet)
	}
}
