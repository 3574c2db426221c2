package sheet

import (
	"sync"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/dejavu/dejavusansbold"
	"codeberg.org/go-fonts/dejavu/dejavusansmono"
	"codeberg.org/go-fonts/dejavu/dejavusansmonobold"
	notojp "eliasnaur.com/font/noto/sans/jp/regular"
	"eliasnaur.com/font/roboto/robotobold"
	"eliasnaur.com/font/roboto/robotocondensedbold"
	"eliasnaur.com/font/roboto/robotocondenseditalic"
	"eliasnaur.com/font/roboto/robotocondensedregular"
	"eliasnaur.com/font/roboto/robotoitalic"
	"eliasnaur.com/font/roboto/robotomedium"
	"eliasnaur.com/font/roboto/robotoregular"
)

// Role is what a piece of type does on the page; each has its own face.
type Role int

// The roles. Titles are condensed, as on a spine; Mono is for numbers, times
// and catalogue numbers, whose figures stand in columns.
const (
	Body        Role = iota // Roboto
	BodyMedium              // Roboto Medium
	BodyBold                // Roboto Bold
	BodyItalic              // Roboto Italic
	Title                   // Roboto Condensed Bold
	TitleLight              // Roboto Condensed
	TitleItalic             // Roboto Condensed Italic
	Mono                    // DejaVu Sans Mono
	MonoBold                // DejaVu Sans Mono Bold
	roles
)

func (r Role) String() string {
	if r < 0 || r >= roles {
		return "?"
	}
	return [roles]string{"body", "body-medium", "body-bold", "body-italic", "title", "title-light", "title-italic", "mono", "mono-bold"}[r]
}

// bold says that a character borrowed from a lighter face should look heavier.
func (r Role) bold() bool { return r == BodyBold || r == Title || r == MonoBold }

// Fonts is the set of embedded faces: one for each role, and behind them faces
// that lend what it lacks.
//
// Roboto and Roboto Condensed have Latin, Cyrillic and Greek. DejaVu Sans lends
// symbols (notes, stars, arrows, boxes), Armenian, Georgian, Hebrew and Arabic.
// Noto Sans JP lends kana and the Han of Japanese use. Hangul, Thai and the
// scripts of India are not covered: [Fonts.Missing] names such characters, and
// a line shows each as its face's empty box, never as a blank.
//
// A face is parsed when it is first used. Fonts may be shared by goroutines.
type Fonts struct {
	faces            [roles]*Face
	plain, dark, han *Face // behind the roles: DejaVu Sans, its bold, Noto Sans JP

	mu       sync.Mutex
	settings map[settingKey]*setting
}

// NewFonts is the embedded set. It costs nothing until it is used.
func NewFonts() *Fonts {
	return &Fonts{
		faces: [roles]*Face{
			Body:        newFace("Roboto-Regular", robotoregular.TTF),
			BodyMedium:  newFace("Roboto-Medium", robotomedium.TTF),
			BodyBold:    newFace("Roboto-Bold", robotobold.TTF),
			BodyItalic:  newFace("Roboto-Italic", robotoitalic.TTF),
			Title:       newFace("RobotoCondensed-Bold", robotocondensedbold.TTF),
			TitleLight:  newFace("RobotoCondensed-Regular", robotocondensedregular.TTF),
			TitleItalic: newFace("RobotoCondensed-Italic", robotocondenseditalic.TTF),
			Mono:        newFace("DejaVuSansMono", dejavusansmono.TTF),
			MonoBold:    newFace("DejaVuSansMono-Bold", dejavusansmonobold.TTF),
		},
		plain: newFace("DejaVuSans", dejavusans.TTF),
		dark:  newFace("DejaVuSans-Bold", dejavusansbold.TTF),
		han:   newFace("NotoSansJP-Regular", notojp.TTF),
	}
}

// Face is the face of a role; an unknown role has that of Body.
func (f *Fonts) Face(r Role) *Face {
	if r < 0 || r >= roles {
		r = Body
	}
	return f.faces[r]
}

// Missing lists the characters of s that no embedded face has, each once, in
// order of appearance. Control and formatting characters are never missing.
func (f *Fonts) Missing(s string) []rune {
	var out []rune
	seen := map[rune]bool{}
	for _, r := range normal(s) {
		if seen[r] || ignorable(r) {
			continue
		}
		seen[r] = true
		if f.lender(Body, r) == nil {
			out = append(out, r)
		}
	}
	return out
}

// lender is the face that shows a character in a role, nil when none has it.
// Noto comes before DejaVu where both have a character of Japanese writing, so
// that a line of Japanese is of one design; and last elsewhere, because it is
// fifteen times larger to parse.
func (f *Fonts) lender(role Role, r rune) *Face {
	if face := f.Face(role); face.Has(r) {
		return face
	}
	sans := f.plain
	if role.bold() {
		sans = f.dark
	}
	first, second := sans, f.han
	if japanese(r) {
		first, second = f.han, sans
	}
	switch {
	case first.Has(r):
		return first
	case second.Has(r):
		return second
	case sans != f.plain && f.plain.Has(r):
		return f.plain
	}
	return nil
}

// japanese says whether r is of a block that Japanese text uses: CJK symbols,
// kana, enclosed and compatibility forms, Han, full-width forms.
func japanese(r rune) bool {
	return r >= 0x2E80 && r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F ||
		r >= 0xFF00 && r <= 0xFFEF || r >= 0x20000 && r <= 0x3FFFF
}
