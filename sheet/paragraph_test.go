package sheet

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func texts(b Block) []string {
	var out []string
	for _, l := range b.Lines {
		out = append(out, l.String())
	}
	return out
}

func TestParagraph(t *testing.T) {
	f := NewFonts()
	st := Style{Size: 8}
	for _, c := range []struct {
		name, text string
		width      MM
		want       string
	}{
		{"words", "Recorded over two winters in a kitchen", 30, "Recorded over two|winters in a kitchen"},
		{"line feeds", "one\n\ntwo\r\nthree", 30, "one||two|three"},
		{"a soft hyphen shows only where a line ends", "Donau\u00ADdampf\u00ADschiff", 20, "Donaudampf-|schiff"},
		{"no break at a no-break space", "Side A: 44\u00A0min", 16, "Side A:|44\u00A0min"},
		{"a word too wide is cut", "Rindfleischetikettierungsgesetz", 20, "Rindfleischetike|ttierungsgesetz"},
		{"no line begins with a closing mark", "東京東京東京東京、東京", 23, "東京東京東京東|京、東京"},
		{"nothing", "", 10, ""},
	} {
		if got := strings.Join(texts(f.Paragraph(c.text, st, c.width, Left, 0)), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestJustified(t *testing.T) {
	f := NewFonts()
	const text = "Everything was played once and kept as it was, with the window open and the street outside."
	b := f.Paragraph(text, Style{Size: 8}, 45, Justified, 10)
	n := len(b.Lines)
	for i, l := range b.Lines[:n-1] {
		if d := l.Width - 45; d < -1e-6 || d > 1e-6 {
			t.Errorf("line %d is %v wide", i, l.Width)
		}
	}
	if b.Lines[n-1].Width >= 45 {
		t.Error("the last line is filled")
	}
	if again := f.Paragraph(text, Style{Size: 8}, 45, Left, 10); again.Lines[0].Width >= 45 {
		t.Error("justifying changed the kept setting")
	}
	if h := b.Ascent + b.Descent + Pt(10).MM()*MM(n-1); b.Height() != h {
		t.Errorf("height %v, want %v", b.Height(), h)
	}
}

func TestParagraphKeepsWidthAndText(t *testing.T) {
	f := NewFonts()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("abcdefgh  -.,東京のー、。「」éЯ")), 1, 80, -1).Draw(t, "text")
		width := MM(rapid.Float64Range(8, 60).Draw(t, "width"))
		st := Style{Size: 8, Tracking: rapid.SampledFrom([]float64{0, 0.2, -0.03}).Draw(t, "tracking")}
		b := f.Paragraph(s, st, width, Align(rapid.IntRange(0, 3).Draw(t, "align")), 0)
		for _, l := range b.Lines {
			if l.Width > width+1e-6 {
				t.Fatalf("%q is %v wide, not %v", l.String(), l.Width, width)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := squeeze(strings.Join(texts(b), "")); got != squeeze(s) {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func TestFit(t *testing.T) {
	f := NewFonts()
	st := Style{Role: Title, Size: 18}
	fit := func(s string, how Fitting) (Block, bool) {
		b, cut := f.Fit(s, st, how)
		for _, l := range b.Lines {
			if l.Width > how.Width+1e-6 {
				t.Errorf("%q is %v wide, not %v", l.String(), l.Width, how.Width)
			}
		}
		return b, cut
	}
	if b, cut := fit("Tape", Fitting{Width: 45}); cut || b.Lines[0].Style.Size != 18 || len(b.Lines) != 1 {
		t.Errorf("a short title changed: %+v", b.Lines[0].Style)
	}
	if b, cut := fit("A Longer Title Than That", Fitting{Width: 45}); cut || b.Lines[0].Style.Size >= 18 || b.Lines[0].Style.Stretch != 0 {
		t.Errorf("a longer title is not smaller: %+v", b.Lines[0].Style)
	}
	if b, cut := fit("A Longer Title Than That", Fitting{Width: 45, MaxLines: 2}); cut || b.Lines[0].Style.Size != 18 || len(b.Lines) != 2 {
		t.Errorf("a longer title is not on two lines: %+v", b.Lines[0].Style)
	}
	const long = "Unabhängigkeitserklärungen"
	if b, cut := fit(long, Fitting{Width: f.Measure(long, Style{Role: Title, Size: 14}) * 0.9, MaxLines: 2, MinSize: 14}); cut || len(b.Lines) != 1 || b.Lines[0].Style.Stretch >= 1 || b.Lines[0].Style.Stretch < 0.85 {
		t.Errorf("one long word is not narrower: %d lines, %+v", len(b.Lines), b.Lines[0].Style)
	}
	b, cut := fit(strings.Repeat("All Work and No Play ", 40), Fitting{Width: 45, MaxLines: 2})
	if last := b.Lines[len(b.Lines)-1].String(); !cut || len(b.Lines) != 2 || !strings.HasSuffix(last, "…") {
		t.Errorf("an endless title ends %q in %d lines", last, len(b.Lines))
	}
	if _, cut := f.Fit("W", st, Fitting{Width: 0.1}); !cut {
		t.Error("a letter fits in no width")
	}
}
