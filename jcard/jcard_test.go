package jcard

import (
	"errors"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"

	"ferric/album"
	"ferric/sheet"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want MM) {
	t.Helper()
	if math.Abs(float64(got-want)) > 1e-6 {
		t.Errorf("%s: %.4f mm, want %.4f", what, got, want)
	}
}

func TestGeometry(t *testing.T) {
	widths := map[int]MM{3: 103.1, 4: 166.5, 5: 228.3, 6: 285.4}
	for panels, want := range widths {
		g, err := NewGeometry(panels, StandardSizes())
		if err != nil {
			t.Fatal(err)
		}
		near(t, "width", g.Width, want)
		near(t, "height", g.Height, 101.6)
		near(t, "spine", g.Outside(Spine).W, 12.7)
		for i := range panels {
			// A panel's two faces are the same piece of paper, seen from either side.
			out, in := g.Outside(i), g.Inside(i)
			near(t, "width of both faces", in.W, out.W)
			near(t, "mirrored", in.X, g.Width-out.X-out.W)
			if i > Front && out.W >= g.Outside(i-1).W {
				t.Errorf("panel %d is %.1f mm wide, as wide as the one it folds behind", i+1, out.W)
			}
		}
		front, back := g.Folds(false), g.Folds(true)
		for i := range front {
			near(t, "fold seen from behind", back[len(back)-1-i], g.Width-front[i])
		}
	}
	for _, panels := range []int{-1, 0, 2, 7} {
		if _, err := NewGeometry(panels, StandardSizes()); !errors.Is(err, ErrPanels) {
			t.Errorf("%d panels: %v", panels, err)
		}
	}
}

func TestTemplates(t *testing.T) {
	a6, err := ParseSizes("a6")
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGeometry(4, a6)
	if err != nil {
		t.Fatal(err)
	}
	if g.Width > 148 || g.Width < 147 || g.Height != 100 {
		t.Errorf("four panels of the A6 template are %.1f × %.1f mm, not 148 × 100", g.Width, g.Height)
	}
	dd, err := ParseSizes("digitaldisc")
	if err != nil {
		t.Fatal(err)
	}
	if folded := dd.Spine + dd.Front + dd.Inner[0]; math.Abs(float64(folded-138.1)) > 0.1 {
		t.Errorf("spine, front and first inner panel are %.2f mm, the template says 138.1", folded)
	}
	if _, err := NewGeometry(3, Sizes{Height: 101.6, Spine: 12.7, Front: 65}); !errors.Is(err, ErrSizes) {
		t.Errorf("a card without a flap: %v", err)
	}
	if _, err := ParseSizes("vinyl"); !errors.Is(err, ErrSizes) {
		t.Errorf("unknown template: %v", err)
	}
}

func TestPageBoxes(t *testing.T) {
	for panels := MinPanels; panels <= MaxPanels; panels++ {
		s := suite(t, latin(), Options{Panels: panels})
		doc := s.Card()
		if len(doc.Pages) != 2 {
			t.Fatalf("%d pages", len(doc.Pages))
		}
		for _, p := range doc.Pages {
			near(t, "trim width", p.Trim.W, s.Geometry.Width)
			near(t, "trim height", p.Trim.H, 101.6)
			near(t, "bleed left", p.Trim.X-p.Bleed.X, 3.2)
			near(t, "bleed right", p.Bleed.X+p.Bleed.W-p.Trim.X-p.Trim.W, 3.2)
			near(t, "bleed above", p.Trim.Y-p.Bleed.Y, 3.2)
			near(t, "bleed below", p.Bleed.Y+p.Bleed.H-p.Trim.Y-p.Trim.H, 3.2)
			if !within(p.Bleed, p.Media) {
				t.Errorf("bleed %v outside media %v", p.Bleed, p.Media)
			}
			crops, folds := 0, 0
			for _, it := range p.Items {
				path, ok := it.(*sheet.Path)
				if !ok || path.Name != "crop" && path.Name != "fold" {
					continue
				}
				a, b := path.Segments[0].P[0], path.Segments[1].P[0]
				r := sheet.Rect{X: min(a.X, b.X), Y: min(a.Y, b.Y), W: max(a.X, b.X) - min(a.X, b.X), H: max(a.Y, b.Y) - min(a.Y, b.Y)}
				if overlaps(r, p.Bleed) {
					t.Errorf("%s mark %v inside the bleed", path.Name, r)
				}
				if path.Name == "crop" {
					crops++
				} else {
					folds++
				}
			}
			if crops != 8 || folds != 2*(panels-1) {
				t.Errorf("%d panels: %d crop marks and %d fold marks", panels, crops, folds)
			}
		}
	}
}

func TestImpose(t *testing.T) {
	cases := []struct {
		panels int
		paper  string
		on     string
		up     int
		lies   bool
	}{
		{3, "A4", "A4", 2, false}, {4, "A4", "A4", 2, false}, {5, "A4", "A4", 1, true}, {6, "A4", "A4", 1, true},
		{3, "Letter", "Letter", 2, false}, {5, "Letter", "Letter", 1, true}, {6, "Letter", "Legal", 1, true},
		{3, "A3", "A3", 6, false}, {3, "Tabloid", "Tabloid", 6, false},
	}
	for _, c := range cases {
		g, err := NewGeometry(c.panels, StandardSizes())
		if err != nil {
			t.Fatal(err)
		}
		paper, err := ParsePaper(strings.ToLower(c.paper))
		if err != nil {
			t.Fatal(err)
		}
		im, err := Impose(g.Width, g.Height, Bleed, paper)
		if err != nil {
			t.Fatal(err)
		}
		if im.Up() != c.up || im.Paper.Name != c.on || im.Landscape() != c.lies {
			t.Errorf("%d panels on %s: %d up on %s, landscape %v; want %d on %s, %v", c.panels, c.paper, im.Up(), im.Paper.Name, im.Landscape(), c.up, c.on, c.lies)
		}
	}
	if _, err := Impose(500, 500, 3, Papers()[0]); !errors.Is(err, ErrPaper) {
		t.Errorf("a poster on A4: %v", err)
	}
	if _, err := ParsePaper("napkin"); !errors.Is(err, ErrPaper) {
		t.Errorf("napkin: %v", err)
	}
}

// Turning a sheet over its long edge must put every inside behind its own outside.
func TestBacksRegister(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := MM(rapid.Float64Range(20, 280).Draw(t, "w"))
		h := MM(rapid.Float64Range(20, 190).Draw(t, "h"))
		paper := rapid.SampledFrom(Papers()).Draw(t, "paper")
		im, err := Impose(w, h, Bleed, paper)
		if err != nil {
			t.Skip(err)
		}
		through := func(p sheet.Point) sheet.Point { // the same spot of paper, seen from the back
			if im.Landscape() {
				return sheet.Point{X: p.X, Y: im.H - p.Y}
			}
			return sheet.Point{X: im.W - p.X, Y: p.Y}
		}
		for i := range im.Up() {
			x, y := MM(rapid.Float64Range(0, 1).Draw(t, "x"))*w, MM(rapid.Float64Range(0, 1).Draw(t, "y"))*h
			front := im.Front(i).Apply(sheet.Point{X: x, Y: y})
			back := im.Back(i).Apply(sheet.Point{X: w - x, Y: y}) // that spot on the inside
			seen := through(front)
			if math.Hypot(float64(back.X-seen.X), float64(back.Y-seen.Y)) > 1e-6 {
				t.Fatalf("slot %d: %v on the outside lies over %v on the back, where the inside has %v", i, front, seen, back)
			}
			if front.X < edge-1e-9 || front.X > im.W-edge+1e-9 || front.Y < edge-1e-9 || front.Y > im.H-edge+1e-9 {
				t.Fatalf("slot %d reaches to %v", i, front)
			}
		}
	})
}

func TestAccents(t *testing.T) {
	fill := func(c color.Color, dots map[image.Point]color.Color) image.Image {
		img := image.NewRGBA(image.Rect(0, 0, 200, 100))
		for y := range 100 {
			for x := range 200 {
				img.Set(x, y, c)
			}
		}
		for at, c := range dots {
			for y := range 25 {
				for x := range 25 {
					img.Set(at.X+x, at.Y+y, c)
				}
			}
		}
		return img
	}
	hue := func(c sheet.Colour) float64 { _, _, h := oklch(c); return h }
	red, grey, blue := color.RGBA{200, 30, 30, 255}, color.RGBA{128, 130, 128, 255}, color.RGBA{20, 60, 180, 255}

	got, ok := AccentOf(fill(grey, map[image.Point]color.Color{{20, 20}: red}))
	want := hue(sheet.Hex(0xC81E1E))
	if !ok || math.Abs(hue(got)-want) > 0.1 {
		t.Errorf("a red boat on a grey sea gives %v, %v", got, ok)
	}
	got, ok = AccentOf(fill(blue, map[image.Point]color.Color{{20, 20}: red}))
	if want := hue(sheet.Hex(0x143CB4)); !ok || math.Abs(hue(got)-want) > 0.1 {
		t.Errorf("a red boat on a blue sea gives %v, %v", got, ok)
	}
	if got, ok := AccentOf(fill(grey, nil)); ok {
		t.Errorf("grey gives %v", got)
	}
	if got, ok := AccentOf(image.NewRGBA(image.Rect(0, 0, 0, 0))); ok {
		t.Errorf("nothing gives %v", got)
	}
}

// Every accent reads as text on both grounds, and light type reads on it.
func TestAccentsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewPalette(sheet.Hex(rapid.Uint32Range(0, 0xFFFFFF).Draw(t, "accent")))
		for name, ratio := range map[string]float64{
			"accent on paper": Contrast(p.Accent, p.Paper), "accent on card": Contrast(p.Accent, p.Card),
			"type on accent": Contrast(p.OnAccent, p.Accent), "ink": Contrast(p.Ink, p.Paper), "quiet ink": Contrast(p.Ink2, p.Paper),
		} {
			if ratio < 4.5 {
				t.Fatalf("%s: %.2f:1", name, ratio)
			}
		}
	})
	if c := NewPalette(sheet.Hex(0x9C3D17)).Accent; c != sheet.Hex(0x9C3D17) {
		t.Errorf("oxide passes, and was changed to %v", c)
	}
	if got := Contrast(sheet.Hex(0x9C3D17), sheet.Hex(0xF3EDE2)); math.Abs(got-5.8) > 0.06 {
		t.Errorf("oxide on paper is %.2f:1, not 5.8", got)
	}
}

func TestColours(t *testing.T) {
	if c, err := ParseColour("#9c3D17"); err != nil || c != sheet.Hex(0x9C3D17) {
		t.Errorf("%v, %v", c, err)
	}
	for _, bad := range []string{"", "9C3D17", "#9C3D1", "#GGGGGG", "#+12345", "#-1234", "red", "#9C3D177"} {
		if _, err := ParseColour(bad); !errors.Is(err, ErrColour) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// OKLab of sRGB red, as its author publishes it: L 0.628, C 0.258, h 29.2°.
	l, c, h := oklch(sheet.Hex(0xFF0000))
	if math.Abs(l-0.628) > 0.001 || math.Abs(c-0.2577) > 0.001 || math.Abs(h*180/math.Pi-29.23) > 0.1 {
		t.Errorf("red is %.3f %.3f %.1f°", l, c, h*180/math.Pi)
	}
	back := fromOKLCH(l, c, h)
	if math.Abs(back.R-1)+back.G+back.B > 0.01 {
		t.Errorf("red comes back as %v", back)
	}
}

func TestFindings(t *testing.T) {
	codes := func(r *Release, o Options) map[string]string {
		out := map[string]string{}
		for _, f := range suite(t, r, o).Findings() {
			out[f.Code] = f.Text
		}
		return out
	}
	r := latin()
	r.Cover = postcard()
	if got := codes(r, Options{}); !strings.Contains(got["art-resolution"], "200 × 300") {
		t.Errorf("a small cover: %v", got)
	}
	if got := codes(latin(), Options{Layout: "window"}); len(got) != 0 {
		t.Errorf("a good album: %v", got)
	}
	if got := codes(latin(), Options{Layout: "sleeve"}); got["art-cropped"] == "" {
		t.Errorf("square art on an upright front: %v", got)
	}
	r = latin()
	r.Cover = nil
	if got := codes(r, Options{}); got["art-missing"] == "" {
		t.Errorf("no cover: %v", got)
	}
	r.Cover = &album.Artwork{File: "cover.jpg", Data: []byte("\xff\xd8\xff nonsense")}
	if got := codes(r, Options{}); got["art-unreadable"] == "" {
		t.Errorf("a broken cover: %v", got)
	}
	r = latin()
	r.Sides[0].Tracks[1].Title = "밤 នេះ"
	if got := codes(r, Options{}); !strings.Contains(got["glyph-missing"], "U+BC24") || !strings.Contains(got["glyph-missing"], "밤") {
		t.Errorf("Hangul: %v", got)
	}
	r = many()
	if got := codes(r, Options{Panels: 3}); got["text-small"] == "" {
		t.Errorf("forty tracks on three panels: %v", got)
	}
	r = latin()
	r.Notes = strings.Repeat("Word after word after word, and none of them short enough to be left unsaid. ", 200)
	if got := codes(r, Options{Panels: 4}); got["text-left-out"] == "" {
		t.Errorf("a novel on four panels: %v", got)
	}
	r = latin()
	r.Barcode = "4006381333930"
	if got := codes(r, Options{}); got["barcode"] == "" {
		t.Errorf("a wrong barcode: %v", got)
	}
}

// Twenty tracks a side, one of them of 120 characters, stay readable without the maker choosing anything.
func TestTwentyTracksASideAreReadable(t *testing.T) {
	one := sheet.Matrix{A: 1, D: 1}
	for _, l := range Layouts() {
		s := suite(t, many(), Options{Layout: l.Name})
		found := map[string]bool{}
		for _, k := range append(inks(s.outside.Items, one), inks(s.inside.Items, one)...) {
			least := legible
			if strings.Trim(k.text, "0123456789:") == "" { // figures are set smaller: their face is larger on its body
				least *= 0.84
			}
			if k.size < least {
				t.Errorf("%s: %q at %.2f pt", l.Name, k.text, k.size)
			}
			found[k.text] = true
		}
		for _, side := range many().Sides {
			for _, tr := range side.Tracks {
				if words := strings.Fields(tr.Title); len(words) < 4 && !found[tr.Title] {
					t.Errorf("%s: %q is not on the card", l.Name, tr.Title)
				}
			}
		}
		for _, f := range s.Findings() {
			if strings.HasPrefix(f.Code, "text-") {
				t.Errorf("%s: %s", l.Name, f.Text)
			}
		}
	}
}

func TestEditions(t *testing.T) {
	e := Edition{Run: 3, Proofs: 2}
	if got := strings.Join(e.Labels(), ", "); got != "1/3, 2/3, 3/3, AP 1/2, AP 2/2" {
		t.Error(got)
	}
	for name, e := range map[string]Edition{
		"too many":    {Run: MaxRun + 1},
		"negative":    {Run: -1},
		"no such":     {Run: 3, Claims: []Claim{{"4/3", "X"}}},
		"twice":       {Run: 3, Claims: []Claim{{"1/3", "X"}, {"1/3", "Y"}}},
		"wrong total": {Run: 3, Claims: []Claim{{"1/4", "X"}}},
	} {
		s := suite(t, latin(), Options{Edition: e})
		if _, err := s.Numbered(); !errors.Is(err, ErrEdition) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClaimAddress(t *testing.T) {
	for url, want := range map[string]string{
		"": "AB-CD", "https://x.example/c": "https://x.example/c/AB-CD", "https://x.example/c/": "https://x.example/c/AB-CD",
		"https://x.example/?code=": "https://x.example/?code=AB-CD", "https://x.example/#": "https://x.example/#AB-CD",
	} {
		if got := (Edition{ClaimURL: url}).Address("AB-CD"); got != want {
			t.Errorf("%q gives %q, want %q", url, got, want)
		}
	}
	s := suite(t, latin(), Options{Edition: Edition{Run: 1, ClaimURL: "https://x.example/" + strings.Repeat("long/", 60), Claims: []Claim{{"1/1", "AB"}}}})
	if _, err := s.Numbered(); !errors.Is(err, ErrEdition) {
		t.Errorf("an address too long to scan: %v", err)
	}
}

func TestBadChoices(t *testing.T) {
	if _, err := NewSuite(theFonts(), latin(), Options{Layout: "vaporwave"}); !errors.Is(err, ErrLayout) {
		t.Errorf("layout: %v", err)
	}
	if _, err := NewSuite(theFonts(), latin(), Options{Panels: 9}); !errors.Is(err, ErrPanels) {
		t.Errorf("panels: %v", err)
	}
	r := latin()
	r.Accent = "sunset"
	if _, err := NewSuite(theFonts(), r, Options{}); !errors.Is(err, ErrColour) {
		t.Errorf("accent: %v", err)
	}
}

// The art is on every card but stands in the document once.
func TestArtIsSharedByTheEdition(t *testing.T) {
	s := suite(t, latin(), Options{Edition: edition(20, 0)})
	doc, err := s.Numbered()
	if err != nil {
		t.Fatal(err)
	}
	groups := map[*sheet.Group]int{}
	for p, err := range doc.All() {
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range p.Items {
			if u, ok := it.(*sheet.Use); ok {
				groups[u.Group]++
			}
		}
	}
	if len(groups) != 2 || groups[s.outside] != 20 || groups[s.inside] != 20 {
		t.Errorf("%d groups", len(groups))
	}
}

func TestComposedCoversDifferAndRepeat(t *testing.T) {
	box := sheet.Rect{W: 65, H: 65}
	dump := func(name string) string {
		return sheet.Dump(&sheet.Document{Pages: []*sheet.Page{{Media: box, Items: compose(seedOf(name), box, NewPalette(namedAccent(seedOf(name))))}}})
	}
	low, again := dump("Low"), dump("Low")
	if low != again {
		t.Error("the same name gives two covers")
	}
	if low == dump("Lowe") {
		t.Error("two names give one cover")
	}
}

func TestCassetteReels(t *testing.T) {
	s := suite(t, latin(), Options{})
	radii := func(played float64) []MM {
		var out []MM
		var walk func(items []sheet.Item)
		walk = func(items []sheet.Item) {
			for _, it := range items {
				switch it := it.(type) {
				case *sheet.Clip:
					walk(it.Items)
				case *sheet.Path:
					if it.Name == "pack" {
						x0, x1 := MM(math.Inf(1)), MM(math.Inf(-1))
						for _, seg := range it.Segments {
							if seg.Op == sheet.Move || seg.Op == sheet.Curve {
								p := seg.P[0]
								if seg.Op == sheet.Curve {
									p = seg.P[2]
								}
								x0, x1 = min(x0, p.X), max(x1, p.X)
							}
						}
						out = append(out, (x1-x0)/2)
					}
				}
			}
		}
		walk(s.Cassette(0, "17/100", time.Duration(played)*time.Second, Shell{Colour: s.Palette.Ink}).Items)
		return out
	}
	// At the start all tape is on the supply hub, at the end on the other; the sum of squares stays.
	start, end := radii(0), radii(23*60)
	near(t, "empty hub", start[1], 11)
	if math.Abs(float64(end[0]-11)) > 0.05 {
		t.Errorf("supply hub at the end: %.2f mm", end[0])
	}
	a := start[0]*start[0] + start[1]*start[1]
	half := radii(11 * 60)
	if b := half[0]*half[0] + half[1]*half[1]; math.Abs(float64(a-b)) > 1e-6*float64(a) {
		t.Errorf("tape got lost: %.3f mm² and %.3f", a, b)
	}
}

// What no card can hold is cut before work is spent on it.
func TestEndlessTextIsBounded(t *testing.T) {
	r := latin()
	r.Accent = "#9C3D17"
	r.Title = strings.Repeat("endless ", 100_000)
	for range 5000 {
		r.Sides[1].Tracks = append(r.Sides[1].Tracks, Track{Title: "長い夜"})
	}
	s := suite(t, r, Options{Panels: 4})
	if n := len(s.Release.Sides[1].Tracks); n != maxTracks {
		t.Errorf("%d tracks are set", n)
	}
	if n := len([]rune(s.Release.Title)); n > maxName+1 {
		t.Errorf("a title of %d characters is set", n)
	}
	if len(r.Sides[1].Tracks) != 5004 || len(r.Title) != 800_000 {
		t.Error("the caller's release was changed")
	}
	found := map[string]bool{}
	for _, f := range s.Findings() {
		found[f.Code] = true
	}
	if !found["text-cut"] || !found["text-left-out"] {
		t.Errorf("findings: %v", s.Findings())
	}
}
