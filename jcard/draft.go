package jcard

import (
	"fmt"
	"strings"

	"ferric/master"
	"ferric/sheet"
)

// draft is a card being laid out: the outside in the stick itself, the inside in a second one.
type draft struct {
	stick
	r       *Release
	g       Geometry
	art     art
	edition Edition
	look    look
	back    *stick // the inside

	listed      bool // the front carries the whole track list
	colophonSet bool // the colophon has found its place
}

// look is what a layout decides about the parts that it does not draw itself.
type look struct {
	spine    ground
	flap     ground
	panel    ground     // the outside of the panels that fold in
	heading  sheet.Role // of sections and sides
	caps     bool       // headings in capitals, spaced
	rules    bool       // hairlines between tracks
	padded   bool       // 01, 02
	list     sheet.Role // of track titles
	figure   sheet.Role // of the edition's number
	spineBar bool       // an accent bar at the head of the spine
}

// ground is a panel's colours.
type ground struct {
	fill   *sheet.Colour // nil: the paper itself
	ink    sheet.Colour
	quiet  sheet.Colour
	accent sheet.Colour
	line   sheet.Colour
}

// bare is ink on unprinted paper; flood is paper-coloured type on the accent.
func bare(p Palette) ground { return ground{nil, p.Ink, p.Ink2, p.Accent, p.Line} }

func flood(p Palette) ground {
	fill := p.Accent
	return ground{&fill, p.OnAccent, p.OnAccent, p.OnAccent, mix(p.Accent, p.OnAccent, 0.45)}
}

// card draws everything and says how well the text found room.
func (d *draft) card(l Layout) quality {
	d.back = d.on(bare(d.pal))
	d.look = l.look(d.pal)
	l.front(d)
	d.spinePanel()
	d.flapPanel()
	return d.text()
}

// bleed is panel i of the outside, with bleed where it meets the edge of the card.
func (d *draft) bleedOf(i int) sheet.Rect {
	r := d.g.Outside(i)
	r.Y, r.H = r.Y-Bleed, r.H+2*Bleed
	if i == 0 {
		r.X, r.W = r.X-Bleed, r.W+Bleed
	}
	if i == d.g.Panels-1 {
		r.W += Bleed
	}
	return r
}

func (d *draft) paintGround(i int, g ground) {
	if g.fill != nil {
		d.fill(d.bleedOf(i), *g.fill)
	}
}

// spinePanel sets artist and title along the spine, the catalogue number at its foot.
func (d *draft) spinePanel() {
	g := d.look.spine
	d.paintGround(Spine, g)
	panel := d.g.Outside(Spine)
	area := sheet.Rect{X: TextSafe, Y: Safe, W: panel.H - 2*TextSafe, H: panel.W - 2*Safe}
	s := d.on(g)
	if d.look.spineBar {
		bar := sheet.Rect{X: -Bleed, Y: 0, W: Bleed + 2.2, H: panel.W}
		s.fill(bar, d.pal.Accent)
	}
	right := area.X + area.W
	if cat := squeeze(d.r.Catalogue); cat != "" {
		t := s.fit(cat, sheet.Mono, 24, area.H, fitting{max: 6.75, lines: 1})
		s.put(t, right-t.width(), area.Y+(area.H-t.cap)/2, g.quiet)
		right -= t.width() + 4
	}
	w := right - area.X
	artist, title := squeeze(d.r.Artist), squeeze(d.r.Title)
	if title == "" {
		artist, title = "", artist
	}
	// One line for both, if it can be read from a shelf.
	one := func(size sheet.Pt) (a, t sheet.Style, gap MM) {
		return sheet.Style{Role: sheet.TitleLight, Size: size}, sheet.Style{Role: sheet.Title, Size: size}, size.MM() * 0.75
	}
	size, ok := largest(8, 13, func(size sheet.Pt) bool {
		a, t, gap := one(size)
		return s.measure(artist, a)+gap+s.measure(title, t) <= w
	})
	if ok {
		a, t, gap := one(size)
		base := area.Y + (area.H+s.capHeight(t))/2
		x := area.X
		if artist != "" {
			x += s.line(artist, a, sheet.Point{X: x, Y: base}, sheet.Left, g.ink) + gap
		}
		s.line(title, t, sheet.Point{X: x, Y: base}, sheet.Left, g.ink)
	} else if artist == "" {
		t := s.fit(title, sheet.Title, w, area.H, fitting{max: 8, lines: 3})
		s.put(t, area.X, area.Y+(area.H-t.Height)/2, g.ink)
	} else {
		a := s.fit(artist, sheet.TitleLight, w, 2, fitting{max: 6.5, lines: 1})
		t := s.fit(title, sheet.Title, w, area.H-a.Height-1.4, fitting{max: 9, lines: 2, leading: 1.05})
		gap := a.gap(t, 1.1)
		y := area.Y + (area.H-a.Height-gap-t.Height)/2
		s.put(a, area.X, y, g.ink)
		s.put(t, area.X, y+a.Height+gap, g.ink)
	}
	d.add(onSide(panel, s.items)...)
}

// flapPanel sets the short track list, the barcode and the small print, lying as the spine does.
func (d *draft) flapPanel() {
	g := d.look.flap
	d.paintGround(Flap, g)
	panel := d.g.Outside(Flap)
	area := sheet.Rect{X: TextSafe, Y: Safe, W: panel.H - 2*TextSafe, H: panel.W - 2*Safe}
	s := d.on(g)

	// Small print along the foot; a number, where there is one, at its right end.
	footW := area.W
	if d.edition.Run+d.edition.Proofs > 0 {
		footW -= numberWidth
	}
	text := join(" · ", d.r.rights(), d.r.making(), d.r.noise())
	for _, shorter := range []string{join(" · ", d.r.rights(), d.r.making()), d.r.rights(), d.r.making()} {
		if s.measure(text, sheet.Style{Role: sheet.TitleLight, Size: legible}) <= footW-2 {
			break
		}
		text = shorter // what is left out stands in the colophon
	}
	foot := s.fit(text, sheet.TitleLight, footW-2, 2.5, fitting{max: legible, lines: 1})
	s.put(foot, area.X, area.Y+area.H-foot.cap, g.quiet)
	list := sheet.Rect{X: area.X, Y: area.Y, W: area.W, H: area.H - 4.4}
	s.rule(area.X, area.Y+area.H-3.4, area.X+area.W, area.Y+area.H-3.4, 0.1, g.line)

	if items, w := d.barcode(list, g); items != nil {
		s.add(items...)
		list.W -= w + 4
	}
	gap := MM(5)
	w := (list.W - gap) / 2
	if len(d.r.Sides[0].Tracks) == 0 || len(d.r.Sides[1].Tracks) == 0 {
		w = list.W
	}
	x := list.X
	for _, side := range d.r.Sides {
		if len(side.Tracks) == 0 {
			continue
		}
		s.shortList(side, sheet.Rect{X: x, Y: list.Y, W: w, H: list.H})
		x += w + gap
	}
	d.add(onSide(panel, s.items)...)
}

// shortList is one side on the flap: line by line where there is room, else run on, else only how much there is.
func (s *stick) shortList(side Side, box sheet.Rect) {
	g := s.g
	letter := sheet.Style{Role: sheet.Title, Size: 13}
	s.line(side.Name, letter, sheet.Point{X: box.X, Y: box.Y + s.capHeight(letter)}, sheet.Left, g.accent)
	head := MM(5.2)
	box.X, box.W = box.X+head, box.W-head
	style := listStyle{leading: 1.16, title: sheet.TitleLight, noNumber: true}
	set := func(s *stick, size sheet.Pt) []slug {
		style.size = size
		return s.tracks(side, box.W, style)
	}
	const spare = 0.5 // white under the last line's capitals may reach over the edge
	size, ok := largest(legible, 7.5, func(size sheet.Pt) bool { return tall(set(s.trial(), size)) <= box.H+spare })
	if ok {
		pour(s, set(s, size), sheet.Rect{X: box.X, Y: box.Y, W: box.W, H: box.H + spare})
		return
	}
	for _, times := range []bool{true, false} {
		var run []string
		for _, t := range side.Tracks {
			title := t.shown()
			if times {
				title += "\u00A0" + Clock(t.Duration)
			}
			run = append(run, title)
		}
		trial := s.trial()
		text := strings.Join(run, " / ")
		t := trial.fit(text, sheet.TitleLight, box.W, box.H, fitting{max: 6.5, min: 5.5, leading: 1.14})
		if len(trial.notes.cuts) == 0 && t.style.Stretch == 1 {
			s.put(s.fit(text, sheet.TitleLight, box.W, box.H, fitting{max: 6.5, min: 5.5, leading: 1.14}), box.X, box.Y, g.ink)
			return
		}
	}
	s.put(s.fit(count(len(side.Tracks), "track"), sheet.TitleLight, box.W, 3, fitting{max: 8, lines: 1}), box.X, box.Y, g.ink)
	s.put(s.fit(Clock(side.Length), sheet.Mono, box.W, 3, fitting{max: 7, lines: 1}), box.X, box.Y+4, g.quiet)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// barcode is an EAN-13 at the right end of box, on its own light ground; nil when there is none or its number is wrong.
func (d *draft) barcode(box sheet.Rect, g ground) ([]sheet.Item, MM) {
	if d.r.Barcode == "" {
		return nil, 0
	}
	const scale = 0.8
	full, _ := sheet.BarcodeSize(scale)
	const bars = 9
	at := sheet.Point{X: box.X + box.W - full, Y: box.Y}
	items, err := d.fonts.Barcode(d.r.Barcode, at, scale, bars, d.pal.Ink)
	if err != nil {
		d.notes.add(master.Care, "barcode", fmt.Sprintf("the barcode is left out: %v", err), "a till would not read it", "correct barcode in release.toml")
		return nil, 0
	}
	if g.fill != nil {
		items = append([]sheet.Item{sheet.Filled(sheet.RectPath(sheet.Rect{X: at.X, Y: at.Y - 1, W: full, H: bars + 4.2}), d.pal.Card)}, items...)
	}
	return items, full
}

func (d *draft) outsideGroup() *sheet.Group {
	return &sheet.Group{Items: d.items, Box: d.g.Trim().Inset(-Bleed)}
}

func (d *draft) insideGroup() *sheet.Group {
	return &sheet.Group{Items: d.back.items, Box: d.g.Trim().Inset(-Bleed)}
}

// strip is the inside of the flap, where number and code stand.
func (d *draft) strip() sheet.Rect { return d.g.Inside(Flap) }
