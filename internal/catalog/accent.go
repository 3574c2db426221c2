package catalog

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"ferric/internal/fault"
)

// Accent is a colour that a label chose, in the two tones that can be read on light and on dark grounds.
type Accent struct {
	Key   string // "oxide", or '' for a colour of the label's own
	Light string // on light paper, "#RRGGBB"
	Dark  string // on dark paper
}

// Accents are the colours to choose from, the default first. Each tone has a contrast of at
// least 4.5:1 (WCAG 2.2, 1.4.3) against page and card of its ground.
var Accents = []Accent{
	{"oxide", "#9C3D17", "#F08A57"},
	{"chrome", "#3D5560", "#9DB9C6"},
	{"cobalt", "#28518F", "#8DB1EE"},
	{"leader", "#9B2743", "#F28DA2"},
	{"spruce", "#2B6440", "#7CC796"},
	{"petrol", "#1F6069", "#72C2CC"},
	{"violet", "#6B3F8C", "#C49BE6"},
	{"ochre", "#7A4F00", "#E0B04F"},
	{"ink", "#46413A", "#CFC5B2"},
}

// The grounds of the pages, light and dark: page and card.
var (
	lightGrounds = []string{"#F3EDE2", "#FBF8F1"}
	darkGrounds  = []string{"#151412", "#1F1D1A"}
)

const readable = 4.5

// AccentOf is the accent that a label's choice means. A free colour keeps its hue
// and is moved towards black or white until it can be read; what is no colour is the default.
func AccentOf(choice string) Accent {
	a, _ := accentOf(choice)
	return a
}

// CheckAccent refuses what is neither one of Accents nor a colour.
func CheckAccent(choice string) error {
	if _, ok := accentOf(choice); !ok {
		return fault.Field("accent", "Choose one of the colours, or give one as #RRGGBB.")
	}
	return nil
}

func accentOf(choice string) (Accent, bool) {
	if choice == "" {
		return Accents[0], true
	}
	for _, a := range Accents {
		if a.Key == choice {
			return a, true
		}
	}
	c, ok := parseColour(choice)
	if !ok {
		return Accents[0], false
	}
	return Accent{Light: move(c, rgb{}, lightGrounds).String(), Dark: move(c, rgb{1, 1, 1}, darkGrounds).String()}, true
}

// rgb is a colour in sRGB, 0 to 1.
type rgb [3]float64

func (c rgb) String() string {
	b := func(v float64) int { return int(math.Round(v * 255)) }
	return fmt.Sprintf("#%02X%02X%02X", b(c[0]), b(c[1]), b(c[2]))
}

func parseColour(s string) (c rgb, ok bool) {
	hex, ok := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(hex, 16, 32)
	if !ok || len(hex) != 6 || err != nil {
		return c, false
	}
	return rgb{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, true
}

// move mixes a colour with another in steps of 1/64 until it can be read on every ground.
func move(c, to rgb, grounds []string) rgb {
	for step := range 65 {
		f := float64(step) / 64
		m, _ := parseColour(rgb{c[0] + (to[0]-c[0])*f, c[1] + (to[1]-c[1])*f, c[2] + (to[2]-c[2])*f}.String())
		if legible(m, grounds) {
			return m
		}
	}
	return to
}

func legible(c rgb, grounds []string) bool {
	for _, g := range grounds {
		if ground, _ := parseColour(g); contrast(c, ground) < readable {
			return false
		}
	}
	return true
}

// contrast is WCAG's contrast ratio, 1 to 21.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is WCAG's relative luminance.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}
