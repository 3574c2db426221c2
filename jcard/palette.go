package jcard

import (
	"errors"
	"fmt"
	"image"
	"math"
	"strconv"

	"ferric/sheet"
)

// Palette is every colour that a card uses. Ferric's paper, ink and lines are
// the same on screen and in print; the accent is the label's own.
type Palette struct {
	Paper    sheet.Colour // warm, the ground of most layouts
	Card     sheet.Colour // lighter, as cut paper lying on it
	Ink      sheet.Colour
	Ink2     sheet.Colour // secondary text
	Line     sheet.Colour // hairlines, never text
	Accent   sheet.Colour // at least 4.5:1 against Paper and Card
	OnAccent sheet.Colour // text on the accent
	Tint     sheet.Colour // the accent, faint: stripes and grounds
}

// oxide is the accent where neither the artist nor the cover gives one: the brown of ferric tape.
func oxide() sheet.Colour { return sheet.Hex(0x9C3D17) }

// ErrColour is wrapped by errors about a colour that cannot be read.
var ErrColour = errors.New("not a colour of the form #RRGGBB")

// ParseColour reads "#RRGGBB".
func ParseColour(s string) (sheet.Colour, error) {
	if len(s) == 7 && s[0] == '#' {
		if v, err := strconv.ParseUint(s[1:], 16, 32); err == nil {
			return sheet.Hex(uint32(v)), nil
		}
	}
	return sheet.Colour{}, fmt.Errorf("%.20q is %w", s, ErrColour)
}

// NewPalette builds the colours around an accent, which is darkened until it
// reads on paper: 4.5:1, what WCAG 2.2 asks of text.
func NewPalette(accent sheet.Colour) Palette {
	p := Palette{
		Paper: sheet.Hex(0xF3EDE2),
		Card:  sheet.Hex(0xFBF8F1),
		Ink:   sheet.Hex(0x1C1A17),
		Ink2:  sheet.Hex(0x5B554B),
		Line:  sheet.Hex(0xCFC5B2),
	}
	p.Accent = readable(accent, p.Paper)
	p.OnAccent = p.Card
	p.Tint = mix(p.Paper, p.Accent, 0.16)
	return p
}

// plainPalette is for sheets that any office printer must render: black, greys, white.
func plainPalette() Palette {
	return Palette{
		Paper: sheet.Hex(0xFFFFFF), Card: sheet.Hex(0xFFFFFF),
		Ink: sheet.Hex(0), Ink2: sheet.Hex(0x4A4A4A), Line: sheet.Hex(0xB4B4B4),
		Accent: sheet.Hex(0), OnAccent: sheet.Hex(0xFFFFFF), Tint: sheet.Hex(0xEEEEEE),
	}
}

// Contrast is the WCAG 2.2 contrast ratio of two opaque colours, 1 to 21.
func Contrast(a, b sheet.Colour) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// AccentOf is the colour a cover is remembered by: the hue that its vivid
// pixels agree on most, as those pixels average. A cover without colour, or
// with no pixels, gives ok false.
//
// Pixels are taken on a grid of at most 96 × 96 and seen in OKLCH, where equal
// steps look equal; each votes for its hue with the square of its chroma, so
// that a large grey sky does not outvote a small red boat, yet a single red
// pixel does not outvote the sea.
func AccentOf(img image.Image) (accent sheet.Colour, ok bool) {
	const grid, hues = 96, 36
	b := img.Bounds()
	if b.Empty() {
		return sheet.Colour{}, false
	}
	var votes [hues]float64
	type sample struct {
		l, c, h float64
		w       float64
	}
	var samples []sample
	nx, ny := min(grid, b.Dx()), min(grid, b.Dy())
	for j := range ny {
		for i := range nx {
			x := b.Min.X + (2*i+1)*b.Dx()/(2*nx)
			y := b.Min.Y + (2*j+1)*b.Dy()/(2*ny)
			r, g, bl, a := img.At(x, y).RGBA()
			if a < 0x8000 {
				continue
			}
			l, c, h := oklch(sheet.Colour{R: float64(r) / float64(a), G: float64(g) / float64(a), B: float64(bl) / float64(a), A: 1})
			// Very dark and very light pixels carry hue that nobody sees.
			w := c * c * max(0, 1-math.Pow(math.Abs(l-0.58)/0.5, 4))
			if c < 0.03 || w <= 0 {
				continue
			}
			samples = append(samples, sample{l, c, h, w})
			votes[int(h/(2*math.Pi)*hues)%hues] += w
		}
	}
	if len(samples)*200 < nx*ny { // under half a percent of the picture
		return sheet.Colour{}, false
	}
	best, most := 0, -1.0
	for i := range hues {
		v := votes[i] + 0.5*(votes[(i+1)%hues]+votes[(i+hues-1)%hues])
		if v > most {
			best, most = i, v
		}
	}
	centre := (float64(best) + 0.5) * 2 * math.Pi / hues
	var sl, sa, sb, sw float64
	for _, s := range samples {
		if math.Abs(math.Remainder(s.h-centre, 2*math.Pi)) > 1.5*2*math.Pi/hues {
			continue
		}
		sl += s.w * s.l
		sa += s.w * s.c * math.Cos(s.h)
		sb += s.w * s.c * math.Sin(s.h)
		sw += s.w
	}
	return fromOKLCH(sl/sw, math.Hypot(sa, sb)/sw, math.Atan2(sb, sa)), true
}

// readable darkens c, keeping as much of its chroma as there is, until it
// stands at 4.5:1 on ground. Amber and yellow turn to mud when they are only
// darkened: on the way down they lean towards rust, as a printer would mix them.
func readable(c, ground sheet.Colour) sheet.Colour {
	c.A = 1
	l, ch, h := oklch(c)
	const rust, lime, turn = 0.78, 2.1, 2.6 // radians, radians, radians a unit of lightness
	for Contrast(c, ground) < 4.5 && l > 0 {
		l -= 0.005
		if h > rust && h < lime {
			h = max(rust, h-turn*0.005)
		}
		c = fromOKLCH(l, ch, h)
	}
	// To 8 bits, downwards, so that what is written is what was measured.
	floor := func(v float64) float64 { return math.Floor(v*255) / 255 }
	return sheet.Colour{R: floor(c.R), G: floor(c.G), B: floor(c.B), A: 1}
}

// mix is a with share of b over it.
func mix(a, b sheet.Colour, share float64) sheet.Colour {
	m := func(x, y float64) float64 { return x + (y-x)*share }
	return sheet.Colour{R: m(a.R, b.R), G: m(a.G, b.G), B: m(a.B, b.B), A: 1}
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

func luminance(c sheet.Colour) float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// oklch is a colour's lightness (0 to 1), chroma and hue (radians, 0 to 2π) after Björn Ottosson, bottosson.github.io/posts/oklab.
func oklch(c sheet.Colour) (l, ch, h float64) {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	x := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	y := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	z := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	l = 0.2104542553*x + 0.7936177850*y - 0.0040720468*z
	a := 1.9779984951*x - 2.4285922050*y + 0.4505937099*z
	bb := 0.0259040371*x + 0.7827717662*y - 0.8086757660*z
	h = math.Atan2(bb, a)
	if h < 0 {
		h += 2 * math.Pi
	}
	return l, math.Hypot(a, bb), h
}

// fromOKLCH is the sRGB colour of that lightness and hue, with chroma cut until it exists.
func fromOKLCH(l, ch, h float64) sheet.Colour {
	for range 60 {
		c, ok := tryOKLCH(l, ch, h)
		if ok {
			return c
		}
		ch *= 0.95
	}
	c, _ := tryOKLCH(l, 0, h)
	return c
}

func tryOKLCH(l, ch, h float64) (sheet.Colour, bool) {
	a, b := ch*math.Cos(h), ch*math.Sin(h)
	cube := func(v float64) float64 { return v * v * v }
	x := cube(l + 0.3963377774*a + 0.2158037573*b)
	y := cube(l - 0.1055613458*a - 0.0638541728*b)
	z := cube(l - 0.0894841775*a - 1.2914855480*b)
	ok := true
	channel := func(v float64) float64 {
		const slack = 1e-4
		if v < -slack || v > 1+slack {
			ok = false
		}
		return min(max(gamma(min(max(v, 0), 1)), 0), 1)
	}
	c := sheet.Colour{
		R: channel(4.0767416621*x - 3.3077115913*y + 0.2309699292*z),
		G: channel(-1.2684380046*x + 2.6097574011*y - 0.3413193965*z),
		B: channel(-0.0041960863*x - 0.7034186147*y + 1.7076147010*z),
		A: 1,
	}
	return c, ok
}
