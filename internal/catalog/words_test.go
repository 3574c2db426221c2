package catalog

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Łódź": "lodz", "ŁÓDŹ": "lodz", "łódź": "lodz", "Straße": "strasse", "STRAẞE": "strasse", "Ærø": "aero", "Þór": "thor", "İstanbul": "istanbul", "ıssız": "issiz",
		"Đorđe": "dorde", "ﬁlm": "film", "Ⅳ": "iv", "ＡＢＣ": "abc", "Ελλάδα": "ελλαδα", "Йод": "иод", "½": "1⁄2", "": "", "\xff": " ",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q is %q, wanted %q", in, got, want)
		}
	}
}

// TestWords: whatever is kept is found again by what people type of it.
func TestWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		words := Words(text)
		if !slices.IsSorted(words) {
			t.Fatalf("%q", words)
		}
		for _, w := range words {
			if n := utf8.RuneCountInString(w); n == 0 || n > maxWord || !utf8.ValidString(w) || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				t.Fatalf("%q has the word %q", text, w)
			}
		}
		for _, asked := range Query(text) {
			if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, asked) }) {
				t.Fatalf("%q is not found by its own %q", text, asked)
			}
		}
		if twice := Words(text, text); !slices.Equal(twice, words) {
			t.Fatalf("twice: %q, once: %q", twice, words)
		}
	})
	if n := len(Words(strings.Repeat("東京 大阪 札幌 ", 5000), strings.Repeat("a b c ", 1e5))); n > maxWords {
		t.Errorf("%d words", n)
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{"ZT-01": "zt-01", "ZT 02/b": "zt-02-b", "Nocne Tramwaje": "nocne-tramwaje", "Łódź — Straße!": "lodz-strasse", "雨": "", "../../etc": "etc", "": "", strings.Repeat("abc ", 90): strings.Repeat("abc-", 14) + "abc"} {
		got := Slug(in)
		if got != want {
			t.Errorf("%q is %q, wanted %q", in, got, want)
		}
		if got != "" && CheckSlug(got) != nil {
			t.Errorf("%q is no address part", got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if slug := Slug(rapid.String().Draw(t, "name")); slug != "" && CheckSlug(slug) != nil {
			t.Fatalf("%q", slug)
		}
	})
}

// TestAccents: every colour to choose, and every free one, can be read on every ground.
func TestAccents(t *testing.T) {
	readable := func(a Accent) bool {
		light, ok1 := parseColour(a.Light)
		dark, ok2 := parseColour(a.Dark)
		return ok1 && ok2 && legible(light, lightGrounds) && legible(dark, darkGrounds)
	}
	for _, a := range Accents {
		if !readable(a) {
			t.Errorf("%+v cannot be read", a)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := rgb{rapid.Float64Range(0, 1).Draw(t, "r"), rapid.Float64Range(0, 1).Draw(t, "g"), rapid.Float64Range(0, 1).Draw(t, "b")}
		if a := AccentOf(c.String()); !readable(a) {
			t.Fatalf("%s becomes %+v", c, a)
		}
	})
	// The ratios that design's table gives, and WCAG's own two ends.
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#FFFFFF", 21}, {"#777777", "#777777", 1}, {"#9C3D17", "#F3EDE2", 5.8}, {"#F08A57", "#151412", 7.4}, {"#1C1A17", "#F3EDE2", 14.9}} {
		a, _ := parseColour(c.a)
		b, _ := parseColour(c.b)
		if got := contrast(a, b); got < c.want-0.05 || got > c.want+0.05 {
			t.Errorf("%s on %s is %.2f, wanted %.1f", c.a, c.b, got, c.want)
		}
	}
	for _, bad := range []string{"red", "#fff", "#GGGGGG", "#12345", "#1234567", "url(x)", "#+12345", "# 12345"} {
		if CheckAccent(bad) == nil || AccentOf(bad) != Accents[0] {
			t.Errorf("%q is a colour", bad)
		}
	}
	if AccentOf("#9C3D17").Light != "#9C3D17" {
		t.Error("a colour that can be read was moved")
	}
}
