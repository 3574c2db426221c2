package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/window"
	"ferric/jcard"
	"ferric/sheet"
	"ferric/tape"
)

// cassetteView is a tape to be drawn, in millimetres. The outline is jcard's: shell 100.4 by 63.8, hubs 42.5 apart, label 88.9 by 41.3.
type cassetteView struct {
	Artist, Title string
	Catalogue     string
	Company       string // the label, small
	Side          string // "A"
	Number        string // "17/100"; empty: not numbered
	Blank         string // "C46 · Type I"
	Time          string // how long the side plays
	Shell         shell
	Label         string // ground of the shell label, "#RRGGBB"
	Oxide         string // colour of the tape, "#RRGGBB"
	Reels         tape.Reels
	ID            string // unique on the page

	dark, light, foot, slot string // the shell's shadows and lights
}

// shell is a cassette's plastic.
type shell struct {
	Colour string // "#RRGGBB"
	Clear  bool   // seen through
}

// newCassette draws one side of a release when so much of it has been played. The variant
// of a copy says what its shell looks like, as far as its words name a colour.
func newCassette(r catalog.Release, artist, company string, side int, number, variant string, played time.Duration) cassetteView {
	c := cassetteView{Artist: artist, Title: r.Title, Catalogue: r.CatalogNumber, Company: company, Side: string(rune('A' + side)), Number: number,
		Label: r.Accent, Shell: shellOf(variant, r.Accent), Oxide: oxideOf(r.Detail.Tape.Type), ID: "tape-" + strconv.Itoa(side)}
	if _, err := jcard.ParseColour(c.Label); err != nil {
		c.Label = catalog.Accents[0].Light
	}
	if side < len(r.Detail.Sides) {
		s := r.Detail.Sides[side]
		c.Side, c.Time = s.Name, jcard.Clock(seconds(s.Seconds()))
	}
	c.Blank = r.Tape
	if t := r.Detail.Tape.Type; t != "" {
		c.Blank += " · Type " + t
	}
	length, err := tape.Parse(r.Tape)
	if err != nil {
		length, _ = tape.Parse("C46")
	}
	c.Reels = length.At(played)
	c.dark, c.light = blend(c.Shell.Colour, "#000000", 0.28), blend(c.Shell.Colour, "#FFFFFF", 0.16)
	c.foot, c.slot = blend(c.Shell.Colour, "#000000", 0.07), blend(c.Shell.Colour, "#000000", 0.12)
	return c
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// oxideOf is the tape's colour: brown for ferric, nearly black for chrome and metal.
func oxideOf(kind string) string {
	if kind == "II" || kind == "IV" {
		return "#25211F"
	}
	return "#4A2C1E"
}

// plastics are the shells that a variant's name can ask for. Longer names stand before those that they contain.
var plastics = []struct{ word, colour string }{
	{"smoke", "#6E6A64"}, {"clear", "#E9E6DF"}, {"transparent", "#E9E6DF"}, {"white", "#EFEBE2"}, {"black", "#211F1D"}, {"grey", "#7B7872"}, {"gray", "#7B7872"},
	{"silver", "#B9B8B4"}, {"gold", "#C19A3F"}, {"red", "#A8302B"}, {"orange", "#D1682B"}, {"yellow", "#D9B43A"}, {"green", "#2F6B4A"}, {"mint", "#9CCBB4"},
	{"blue", "#2F5590"}, {"purple", "#62427F"}, {"violet", "#62427F"}, {"pink", "#D98FA3"}, {"brown", "#5A3B28"}, {"cream", "#E5DAC0"}, {"ivory", "#E5DAC0"}, {"teal", "#2A6C73"},
}

// shellOf is the plastic that a variant names; without one a warm dark shell that suits the card.
func shellOf(variant, accent string) shell {
	v := catalog.Fold(variant)
	s := shell{Clear: strings.Contains(v, "clear") || strings.Contains(v, "transparent") || strings.Contains(v, "smoke")}
	for _, p := range plastics {
		if strings.Contains(v, p.word) && (s.Colour == "" || p.word != "clear" && p.word != "transparent") {
			s.Colour = p.colour
		}
	}
	if s.Colour == "" {
		s.Colour = blend("#2B2825", accent, 0.12)
	}
	return s
}

// blend mixes so much of b into a; what is no colour mixes nothing.
func blend(a, b string, part float64) string {
	ca, err := jcard.ParseColour(a)
	if err != nil {
		return a
	}
	cb, err := jcard.ParseColour(b)
	if err != nil {
		return a
	}
	mix := func(x, y float64) int { return int(math.Round((x + (y-x)*part) * 255)) }
	return fmt.Sprintf("#%02X%02X%02X", mix(ca.R, cb.R), mix(ca.G, cb.G), mix(ca.B, cb.B))
}

// The colours of ink and card, which things made of paper keep in the dark.
const (
	inkOnPaper = "#1C1A17"
	cardPaper  = "#FBF8F1"
)

// inkOn is the ink that reads better on a ground: the card's own, or ours.
func inkOn(ground string) string {
	g, err := jcard.ParseColour(ground)
	if err != nil || jcard.Contrast(g, sheet.Hex(0xFBF8F1)) >= jcard.Contrast(g, sheet.Hex(0x1C1A17)) {
		return cardPaper
	}
	return inkOnPaper
}

func (c cassetteView) ink() string { return inkOn(c.Label) }
func (c cassetteView) open() string {
	if c.Shell.Clear {
		return "0.55"
	}
	return "1"
}

// words say to who cannot see it what is drawn.
func (c cassetteView) words() string {
	s := "Cassette, side " + c.Side + ": " + c.Artist + ", " + c.Title
	if c.Number != "" {
		s += ", number " + c.Number
	}
	return s
}

// pack is one of the two reels as drawn.
type pack struct {
	name string
	x    string
	reel tape.Reel
	way  float64 // which way it turns as the side plays
}

func (c cassetteView) packs() [2]pack {
	return [2]pack{{"supply", "28.95", c.Reels.Supply, -1}, {"takeup", "71.45", c.Reels.TakeUp, 1}}
}

func (p pack) radius() string { return mm(float64(p.reel.Radius) * 1000) }
func (p pack) edge() string   { return mm(float64(p.reel.Radius)*1000 - 0.15) }

// turned places the hub's teeth as the tape has turned them.
func (p pack) turned() string {
	_, part := math.Modf(p.way * p.reel.Turns)
	return "rotate(" + mm(part*360) + " " + p.x + " 29.6)"
}

func (p pack) tooth(i int) string { return "rotate(" + strconv.Itoa(60*i) + " " + p.x + " 29.6)" }

func (p pack) toothX() string {
	x, _ := strconv.ParseFloat(p.x, 64)
	return mm(x - 0.55)
}

// mm is a length or angle in an attribute.
func mm(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

// line is a piece of text that has been made to fit.
type line struct {
	text   string
	size   float64 // mm
	y      float64 // of the baseline
	squash float64 // drawn so wide although it is wider; 0: as it is
}

// titles sets artist and title in the room above the label's slot: 78 mm wide, from 8.7 down to 20.4.
func (c cassetteView) titles() (artist line, title []line) {
	const wide, below = 81.0, 19.9
	artist = fitLine(c.Artist, 3.2, 2.4, wide)
	artist.y = 8.7 + artist.size*0.75
	room := below - artist.y - 1
	size := min(5.6, room*0.98)
	if one := fitLine(c.Title, size, 3.6, wide); one.squash == 0 {
		one.y = min(below, artist.y+1+one.size*0.95)
		return artist, []line{one}
	}
	first, second := halves(c.Title)
	size = min(3.9, room*0.52)
	a, b := fitLine(first, size, 2.6, wide), fitLine(second, size, 2.6, wide)
	a.size = min(a.size, b.size)
	b.size = a.size
	a.y = artist.y + 0.8 + a.size*0.9
	b.y = a.y + a.size*1.06
	return artist, []line{a, b}
}

// fitLine makes a text fit by size, then by narrower letters, at last by an ellipsis.
func fitLine(s string, most, least, wide float64) line {
	s = strings.Join(strings.Fields(s), " ")
	em := condensed(s)
	if em == 0 {
		return line{text: s, size: most}
	}
	size := min(most, wide/em)
	if size >= least {
		return line{text: s, size: size}
	}
	if em*least*0.75 > wide {
		r := []rune(s)
		for len(r) > 1 && (condensed(string(r))+0.8)*least*0.75 > wide {
			r = r[:len(r)-1]
		}
		s = strings.TrimSpace(string(r)) + "…"
	}
	return line{text: s, size: least, squash: wide}
}

// halves cuts a title at the space nearest its middle.
func halves(s string) (string, string) {
	best, at := math.Inf(1), -1
	whole := condensed(s)
	for i, r := range s {
		if r == ' ' {
			if d := math.Abs(condensed(s[:i]) - whole/2); d < best {
				best, at = d, i
			}
		}
	}
	if at < 0 {
		return s, ""
	}
	return s[:at], s[at+1:]
}

func (l line) sizeText() string { return mm(l.size) }
func (l line) yText() string    { return mm(l.y) }

// cellState is what a number's cell says.
func cellState(c window.Cell, mine bool) string {
	switch {
	case c.State == catalog.Void:
		return "void"
	case c.State == catalog.Held && mine:
		return "mine"
	case c.State == catalog.Held:
		return "held"
	case c.State == catalog.Free && c.Pool == catalog.Web:
		return "free"
	case c.State == catalog.Free, c.State == catalog.Returned:
		return "away"
	}
	return "gone"
}
