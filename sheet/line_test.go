package sheet

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestEveryRoleHasAFace(t *testing.T) {
	f := NewFonts()
	for r := range roles {
		m := f.Face(r).Metrics()
		if m.UnitsPerEm == 0 || m.Ascent < 0.7 || m.Descent < 0.1 || m.CapHeight < 0.6 || m.XHeight < 0.4 || m.XHeight >= m.CapHeight {
			t.Errorf("%v: %+v", r, m)
		}
	}
	if m := f.Face(Mono).Metrics(); math.Abs(m.CapHeight-0.729) > 0.001 || math.Abs(m.XHeight-0.547) > 0.001 { // its H and x: 1493 and 1120 of 2048
		t.Errorf("mono: %+v", m)
	}
	if f.Face(Role(99)) != f.Face(Body) || Role(99).String() != "?" {
		t.Error("an unknown role is not body")
	}
}

// The scripts that the comment of Fonts promises, and those that it denies.
func TestCoverage(t *testing.T) {
	f := NewFonts()
	for _, s := range []string{
		"The quick brown fox, Łódź, Žižkov, Ærø, ẞ, Tiếng Việt",
		"Съешь же ещё этих мягких французских булок, да выпей чаю; Ґґ Її Ўў",
		"Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
		"いろはにほへと ちりぬるを カタカナ 夜明け東京録音盤面 「」、。ー",
		"שלום عربي Հայերեն ქართული",
		"★ ☆ ♪ ♫ → ← ☐ ☑ ✓ © ℗ ® ™ № ½ ¾ € £ ¥ • … – — ‘’ “” « » ° × ÷",
		"a\u00ADb\u200Bc\u200D\n\t",
	} {
		if m := f.Missing(s); len(m) > 0 {
			t.Errorf("%q: missing %q", s, m)
		}
	}
	if got, want := string(f.Missing("한국 ไทย हिन्दी 한")), "한국ไทยहिन्दी"; got != want {
		t.Errorf("missing %q, want %q", got, want)
	}
	l := f.Line("a 한 b", Style{Size: 10})
	if string(l.Missing) != "한" {
		t.Errorf("line misses %q", l.Missing)
	}
	box := false
	for _, p := range l.Pieces {
		for _, g := range p.Run.Glyphs {
			box = box || g.ID == 0 && len(p.Face.Outline(0, 1)) > 0 && g.Advance > 0
		}
	}
	if !box {
		t.Error("a missing character does not show as a box")
	}
}

func TestKerning(t *testing.T) {
	f := NewFonts()
	for _, r := range []Role{Body, BodyBold, Title} {
		st := Style{Role: r, Size: 10}
		if pair, apart := f.Measure("AV", st), f.Measure("A", st)+f.Measure("V", st); pair > apart-0.1 {
			t.Errorf("%v: AV is %.3f mm, apart %.3f", r, pair, apart)
		}
		st.NoKern = true
		if pair, apart := f.Measure("AV", st), f.Measure("A", st)+f.Measure("V", st); math.Abs(float64(pair-apart)) > 1e-9 {
			t.Errorf("%v: NoKern: AV is %.3f mm, apart %.3f", r, pair, apart)
		}
	}
	mono := Style{Role: Mono, Size: 10}
	if a, b := f.Measure("fi 11:11", mono), f.Measure("WW 00:88", mono); a != b {
		t.Errorf("figures do not stand in columns: %v and %v", a, b)
	}
}

func TestTrackingAndStretch(t *testing.T) {
	f := NewFonts()
	em := Pt(10).MM()
	plain := f.Measure("Tape", Style{Size: 10})
	if got := f.Measure("Tape", Style{Size: 10, Tracking: 0.1}); math.Abs(float64(got-plain-3*0.1*em)) > 1e-9 {
		t.Errorf("tracked by %v", got-plain)
	}
	if got := f.Measure("Tape", Style{Size: 10, Stretch: 0.5}); math.Abs(float64(got-plain/2)) > 1e-9 {
		t.Errorf("stretched to %v of %v", got, plain)
	}
	if got := f.Measure("Tape", Style{Size: 20}); math.Abs(float64(got-plain*2)) > 1e-9 {
		t.Errorf("doubled to %v of %v", got, plain)
	}
}

func TestFacesOfAMixedLine(t *testing.T) {
	f := NewFonts()
	var got []string
	for _, p := range f.Line("Tape 東京 ♪ 1", Style{Role: Title, Size: 10}).Pieces {
		got = append(got, p.Face.Name+":"+p.String)
	}
	want := "RobotoCondensed-Bold:Tape |NotoSansJP-Regular:東京 |DejaVuSans-Bold:♪ |RobotoCondensed-Bold:1"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	if p := f.Line("東", Style{Role: Title, Size: 10}).Pieces[0]; p.Embolden == 0 {
		t.Error("Han in a bold role is not emboldened")
	}
}

func TestDecomposedTextIsComposed(t *testing.T) {
	f := NewFonts()
	if a, b := f.Line("Zu\u0308rich", Style{Size: 9}).String(), "Zürich"; a != b {
		t.Errorf("%q", a)
	}
}

func TestRightToLeftStandsInReverse(t *testing.T) {
	f := NewFonts()
	l := f.Line("ab שלום 12", Style{Size: 10})
	var shown string
	for _, p := range l.Pieces {
		for _, g := range p.Run.Glyphs {
			shown += g.Text
		}
	}
	if want := "ab 12 םולש"; shown != want {
		t.Errorf("stands %q, want %q", shown, want)
	}
}

func TestLineAt(t *testing.T) {
	f := NewFonts()
	l := f.Line("Tape 東京", Style{Size: 10})
	at := func(a Align, turn float64) *Text { return l.At(Point{50, 50}, a, turn, Colour{})[0].(*Text) }
	for _, c := range []struct {
		align Align
		turn  float64
		want  Point
	}{
		{Left, 0, Point{50, 50}},
		{Right, 0, Point{50 - l.Width, 50}},
		{Centre, 90, Point{50, 50 - l.Width/2}},
		{Right, 180, Point{50 + l.Width, 50}},
	} {
		if got := at(c.align, c.turn).At; math.Hypot(float64(got.X-c.want.X), float64(got.Y-c.want.Y)) > 1e-9 {
			t.Errorf("%v turned %v: %v, want %v", c.align, c.turn, got, c.want)
		}
	}
}

// Whatever the text, its characters are all there once, and widths add up.
func TestLineKeepsItsText(t *testing.T) {
	f := NewFonts()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("aAVfi ẞЯΩ東のー、♪한\u0301\u00AD\u200Dשלع1(\n\x00")), 0, 30, -1).Draw(t, "text")
		l := f.Line(s, Style{Role: Role(rapid.IntRange(0, int(roles)-1).Draw(t, "role")), Size: 10})
		count := map[rune]int{}
		for _, r := range normal(s) {
			count[r]++
		}
		width := 0.0
		for _, p := range l.Pieces {
			if math.Abs(float64(p.X)/float64(Pt(10).MM())-width) > 1e-9 {
				t.Fatalf("a piece of %q begins at %v, not at %v", s, p.X, width)
			}
			width += p.Run.Width
			for _, g := range p.Run.Glyphs {
				for _, r := range g.Text {
					count[r]--
				}
			}
		}
		for r, n := range count {
			if n != 0 && !(ignorable(r) || unicode.Is(unicode.M, r)) {
				t.Fatalf("%q: %q is off by %d", s, r, n)
			}
		}
		if math.Abs(float64(l.Width)-width*float64(Pt(10).MM())) > 1e-9 {
			t.Fatalf("%q: width %v, pieces %v", s, l.Width, width)
		}
	})
}

// Fonts are shared: the race detector watches this.
func TestShared(t *testing.T) {
	f := NewFonts()
	var g sync.WaitGroup
	for i := range 8 {
		g.Go(func() {
			for n := range 20 {
				for _, p := range f.Line(fmt.Sprintf("Copy %d/%d 東京 ♪", n, i), Style{Role: Role(i), Size: 8}).Pieces {
					for _, glyph := range p.Run.Glyphs {
						p.Face.Outline(glyph.ID, 1)
						p.Face.Advance(glyph.ID)
					}
				}
			}
		})
	}
	g.Wait()
}

func FuzzLine(f *testing.F) {
	fonts := NewFonts()
	for _, s := range []string{"", "Tape", "\xff\xfe", "\u202Eevil\u2066x", "שלום (1) ב", "한\u0301\uFE0F", strings.Repeat("a\u0300", 3000), "👩‍👩‍👧"} {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, s string, role int) {
		st := Style{Role: Role(role), Size: 8}
		l := fonts.Line(s, st)
		if w := float64(l.Width); math.IsNaN(w) || math.IsInf(w, 0) {
			t.Fatalf("width %v", w)
		}
		fonts.Missing(s)
		if len(s) < 500 {
			fonts.Paragraph(s, st, 20, Justified, 0)
			fonts.Fit(s, st, Fitting{Width: 20, MaxLines: 2})
		}
	})
}
