package jcard

import (
	"flag"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/album"
	"ferric/sheet"
	"ferric/tape"

	"pgregory.net/rapid"
)

// ink is where a text's glyphs really are, on the page.
type ink struct {
	sheet.Rect
	text string
	size sheet.Pt
	base MM // where its baseline lies, across the line
	up   bool
}

// neighbours stand on one baseline: an accent that hangs out of its letter may reach into the piece beside it.
func (k ink) neighbours(o ink) bool {
	return k.up == o.up && k.size == o.size && math.Abs(float64(k.base-o.base)) < 0.01
}

var glyphBounds = struct {
	sync.Mutex
	m map[string]map[uint16]sheet.Rect
}{m: map[string]map[uint16]sheet.Rect{}}

// bounds of one glyph in em, y down; control points count, which is on the safe side.
func bounds(f *sheet.Face, id uint16) sheet.Rect {
	glyphBounds.Lock()
	defer glyphBounds.Unlock()
	if glyphBounds.m[f.Name] == nil {
		glyphBounds.m[f.Name] = map[uint16]sheet.Rect{}
	}
	if r, ok := glyphBounds.m[f.Name][id]; ok {
		return r
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range f.Outline(id, 1) {
		n := map[sheet.Op]int{sheet.Move: 1, sheet.Line: 1, sheet.Curve: 3}[s.Op]
		for _, p := range s.P[:n] {
			x0, x1 = min(x0, float64(p.X)), max(x1, float64(p.X))
			y0, y1 = min(y0, float64(p.Y)), max(y1, float64(p.Y))
		}
	}
	r := sheet.Rect{}
	if x0 <= x1 {
		r = sheet.Rect{X: MM(x0), Y: MM(y0), W: MM(x1 - x0), H: MM(y1 - y0)}
	}
	glyphBounds.m[f.Name][id] = r
	return r
}

// inks are all texts of a display list, through groups, clips and matrices.
func inks(items []sheet.Item, m sheet.Matrix) []ink {
	var out []ink
	for _, it := range items {
		switch it := it.(type) {
		case *sheet.Use:
			out = append(out, inks(it.Group.Items, it.At.Then(m))...)
		case *sheet.Clip:
			out = append(out, inks(it.Items, m)...)
		case *sheet.Text:
			if k, ok := inkOf(it, m); ok {
				out = append(out, k)
			}
		}
	}
	return out
}

func inkOf(t *sheet.Text, m sheet.Matrix) (ink, bool) {
	stretch := t.Stretch
	if stretch == 0 {
		stretch = 1
	}
	em := t.Size.MM()
	x, found := 0.0, false
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, g := range t.Run.Glyphs {
		b := bounds(t.Face, g.ID)
		if b.W > 0 && b.H > 0 {
			found = true
			left := (x + g.DX + float64(b.X)) * stretch
			top := float64(b.Y) - g.DY
			x0, x1 = min(x0, left), max(x1, left+float64(b.W)*stretch)
			y0, y1 = min(y0, top), max(y1, top+float64(b.H))
		}
		x += g.Advance
	}
	if !found {
		return ink{}, false
	}
	turn := sheet.ScaleBy(float64(em), float64(em)).Then(sheet.TurnBy(t.Turn)).Then(sheet.MoveBy(t.At.X, t.At.Y)).Then(m)
	a, b := turn.Apply(sheet.Point{X: MM(x0), Y: MM(y0)}), turn.Apply(sheet.Point{X: MM(x1), Y: MM(y1)})
	r := sheet.Rect{X: min(a.X, b.X), Y: min(a.Y, b.Y), W: max(a.X, b.X) - min(a.X, b.X), H: max(a.Y, b.Y) - min(a.Y, b.Y)}
	at := m.Apply(t.At)
	up := math.Abs(float64(turn.A)) < math.Abs(float64(turn.B)) // the line runs up or down the page
	base := at.Y
	if up {
		base = at.X
	}
	return ink{r, t.String, t.Size, base, up}, true
}

func within(r, in sheet.Rect) bool {
	return r.X >= in.X && r.Y >= in.Y && r.X+r.W <= in.X+in.W && r.Y+r.H <= in.Y+in.H
}

// checkInks says what is wrong with a page of type: texts over one another, or outside all zones.
func checkInks(all []ink, zones []sheet.Rect) error {
	for i, a := range all {
		ok := false
		for _, z := range zones {
			ok = ok || within(a.Rect, z)
		}
		if !ok {
			return fmt.Errorf("%q (%.4g pt) at %.1f %.1f, %.1f × %.1f mm, is in no safe area", brief(a.text), a.size, a.X, a.Y, a.W, a.H)
		}
		for _, b := range all[i+1:] {
			inset := MM(0.1)
			if a.neighbours(b) {
				inset = max(inset, 0.08*a.size.MM())
			}
			if overlaps(a.Rect.Inset(inset), b.Rect.Inset(inset)) {
				return fmt.Errorf("%q at %.2f %.2f (%.2f × %.2f) lies over %q at %.2f %.2f (%.2f × %.2f)", brief(a.text), a.X, a.Y, a.W, a.H, brief(b.text), b.X, b.Y, b.W, b.H)
			}
		}
	}
	return nil
}

// safeZones are the panels less what a shifting sheet may take.
func safeZones(g Geometry, inside bool) []sheet.Rect {
	var zones []sheet.Rect
	for i := range g.Panels {
		r := g.Outside(i)
		if inside {
			r = g.Inside(i)
		}
		switch i {
		case Flap, Spine: // capitals keep 3.2 mm; what reaches over them may come nearer
			zones = append(zones, sheet.Rect{X: r.X + 1.6, Y: r.Y + Safe, W: r.W - 3.2, H: r.H - 2*Safe})
		default:
			zones = append(zones, r.Inset(Safe))
		}
	}
	return zones
}

func checkCard(s *Suite) error {
	one := sheet.Matrix{A: 1, D: 1}
	outside := append(inks(s.outside.Items, one), inks(s.handNumber(), one)...)
	if err := checkInks(outside, safeZones(s.Geometry, false)); err != nil {
		return fmt.Errorf("outside: %w", err)
	}
	inside := append(inks(s.inside.Items, one), inks(s.colophonStrip(), one)...)
	if err := checkInks(inside, safeZones(s.Geometry, true)); err != nil {
		return fmt.Errorf("inside: %w", err)
	}
	for i, label := range s.Edition.Labels() {
		if i > 2 && i < s.Edition.Run-1 {
			continue
		}
		code := s.Edition.codes()[label]
		strip, err := s.claimStrip(label, code)
		if err != nil {
			return err
		}
		if err := checkInks(append(inks(s.inside.Items, one), inks(strip, one)...), safeZones(s.Geometry, true)); err != nil {
			return fmt.Errorf("inside of %s: %w", label, err)
		}
		if err := checkInks(append(inks(s.outside.Items, one), inks(s.flapNumber(label), one)...), safeZones(s.Geometry, false)); err != nil {
			return fmt.Errorf("outside of %s: %w", label, err)
		}
	}
	return nil
}

func TestSamplesKeepTheirPlaces(t *testing.T) {
	for name, r := range samples() {
		r.Accent = "#9C3D17" // saves reading the cover a hundred times
		for _, l := range Layouts() {
			for panels := 0; panels <= MaxPanels; panels++ {
				if panels == 1 || panels == 2 {
					continue
				}
				s := suite(t, r, Options{Layout: l.Name, Panels: panels, Edition: edition(10, 1)})
				if err := checkCard(s); err != nil {
					t.Errorf("%s, %s, %d panels: %v", name, l.Name, panels, err)
				}
				if s.Geometry.Panels != panels && panels != 0 {
					t.Errorf("%d panels where %d were asked for", s.Geometry.Panels, panels)
				}
			}
		}
	}
}

// anyText is what people put into tags.
func anyText(maxWords int) *rapid.Generator[string] {
	words := []string{
		"a", "The", "of", "night", "Ünïcode", "Øresund", "quiet", "Jg", "typography", "Łódź", "naïve", "1999", "(live)", "—", "&", "feat.",
		"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
		"夜", "東京の夜", "さようなら", "カセットテープ", "長い名前の川をわたるとき誰もが少しだけ黙る", "Война", "Ἄνεμος", "электричек", "한국어", "שלום", "سلام", "🙂", "e\u0301", "A\u200Bb", "𝄞",
	}
	return rapid.Custom(func(t *rapid.T) string {
		n := rapid.IntRange(0, maxWords).Draw(t, "words")
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteString(rapid.SampledFrom([]string{" ", " ", " ", "  ", "\n", "/", "-"}).Draw(t, "gap"))
			}
			b.WriteString(rapid.SampledFrom(words).Draw(t, "word"))
		}
		return b.String()
	})
}

func anyRelease() *rapid.Generator[*Release] {
	return rapid.Custom(func(t *rapid.T) *Release {
		short, long := anyText(3), anyText(20)
		r := &Release{
			Title: rapid.OneOf(short, long).Draw(t, "title"), Artist: rapid.OneOf(short, long).Draw(t, "artist"),
			Label: short.Draw(t, "label"), Catalogue: rapid.OneOf(rapid.SampledFrom([]string{"", "X-1", "LONGLABEL-2026-0001-REISSUE"}), short).Draw(t, "catalogue"),
			Copyright: short.Draw(t, "copyright"), Year: rapid.SampledFrom([]int{0, 2026}).Draw(t, "year"),
			Barcode: rapid.SampledFrom([]string{"", "4006381333931", "12"}).Draw(t, "barcode"),
			RunNote: short.Draw(t, "note"),
			Tape:    length(60),
		}
		if rapid.Bool().Draw(t, "kind") {
			r.Formulation = tape.Ferric()
		}
		if rapid.Bool().Draw(t, "cover") {
			r.Cover = postcard()
		}
		for i := range r.Sides {
			s := Side{Name: string(rune('A' + i))}
			few := rapid.IntRange(0, 20).Draw(t, "tracks")
			for range few {
				s.Tracks = append(s.Tracks, Track{
					Title:    rapid.OneOf(short, short, long).Draw(t, "track"),
					Artist:   rapid.OneOf(rapid.Just(""), short).Draw(t, "by"),
					Duration: time.Duration(rapid.IntRange(0, 5000).Draw(t, "seconds")) * time.Second,
				})
				s.Length += s.Tracks[len(s.Tracks)-1].Duration
			}
			r.Sides[i] = s
		}
		for range rapid.IntRange(0, 6).Draw(t, "credits") {
			r.Credits = append(r.Credits, album.Credit{Role: short.Draw(t, "role"), Names: rapid.OneOf(short, long).Draw(t, "names")})
		}
		if rapid.Bool().Draw(t, "notes") {
			r.Notes = strings.Repeat(long.Draw(t, "note text")+"\n\n", rapid.IntRange(1, 12).Draw(t, "paragraphs"))
		}
		return r
	})
}

func TestAnyAlbumKeepsItsPlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // a hundred take half a minute
		if err := flag.Set("rapid.checks", "30"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRelease().Draw(rt, "release")
		o := Options{
			Layout:  rapid.SampledFrom(Layouts()).Draw(rt, "layout").Name,
			Panels:  rapid.SampledFrom([]int{0, 3, 4, 5, 6}).Draw(rt, "panels"),
			Edition: edition(rapid.SampledFrom([]int{0, 7, 1000}).Draw(rt, "run"), 1),
		}
		s, err := NewSuite(theFonts(), r, o)
		if err != nil {
			rt.Fatal(err)
		}
		if err := checkCard(s); err != nil {
			rt.Fatalf("%s, %d panels: %v", o.Layout, o.Panels, err)
		}
		if err := checkRest(s); err != nil {
			rt.Fatalf("%s: %v", o.Layout, err)
		}
	})
}

func firstPage(doc *sheet.Document) (*sheet.Page, error) {
	for p, err := range doc.All() {
		return p, err
	}
	return nil, fmt.Errorf("no page")
}

// checkRest looks at labels, insert and run sheet.
func checkRest(s *Suite) error {
	one := sheet.Matrix{A: 1, D: 1}
	for side := range 2 {
		st := s.stick(s.labelGround())
		st.shellLabel(s, side)
		st.labelNumber("1000/1000")
		all := inks(st.items, one)
		if err := checkInks(all, []sheet.Rect{(sheet.Rect{W: labelW, H: labelH}).Inset(1.2)}); err != nil {
			return fmt.Errorf("shell label: %w", err)
		}
		for _, k := range all {
			if overlaps(k.Rect, slot().Inset(0.1)) && !roundCorner(k.Rect) {
				return fmt.Errorf("shell label: %q stands in the slot", k.text)
			}
		}
	}
	for _, perCopy := range []bool{false, true} {
		doc, err := s.Insert(perCopy)
		if err != nil {
			return err
		}
		im, _ := Impose(insertW, insertH, insertBleed, s.Paper)
		var zones []sheet.Rect
		for i := range im.Up() {
			p := im.Front(i).Apply(sheet.Point{})
			zones = append(zones, (sheet.Rect{X: p.X, Y: p.Y, W: insertW, H: insertH}).Inset(Safe))
		}
		page, err := firstPage(doc)
		if err != nil {
			return err
		}
		if err := checkInks(inks(page.Items, one), zones); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	doc, err := s.RunSheet(RunSheetOptions{})
	if err != nil {
		return err
	}
	for i, p := range doc.Pages[:min(len(doc.Pages), 4)] {
		if err := checkInks(inks(p.Items, one), []sheet.Rect{p.Media.Inset(12)}); err != nil {
			return fmt.Errorf("run sheet, page %d: %w", i+1, err)
		}
	}
	return nil
}

// roundCorner says that a rectangle meets the slot's box only where the slot is rounded away.
func roundCorner(r sheet.Rect) bool {
	s := slot()
	const radius = slotH / 2
	cx := min(max(r.X+r.W, s.X+radius), s.X+s.W-radius)
	if r.X > s.X+s.W/2 {
		cx = min(max(r.X, s.X+radius), s.X+s.W-radius)
	}
	nearX := min(max(cx, r.X), r.X+r.W)
	nearY := min(max(slotDown, r.Y), r.Y+r.H)
	return math.Hypot(float64(nearX-cx), float64(nearY-slotDown)) > float64(radius)
}
