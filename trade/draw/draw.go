// Package draw makes a picture of a round's swap circles.
//
// Each circle is a ring of cassettes, and an arrow on the ring says which way
// the tapes go. A long one is wound up like tape on a hub, its two ends tied by
// a dashed line. They lie close together, the longest in the middle; beside
// them stand the longest circles and the people who are in most of them.
package draw

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Stop is one place of a circle: a person, and the item they send. It goes to the person of the stop before it.
type Stop struct{ User, Item string }

// Limits of a picture.
const (
	MaxStops = 200_000
	maxLine  = 1 << 20
)

// Colours of the house (paper, ink, secondary ink, hairline, accent).
const (
	paper, ink, soft, hair, accent = "#F3EDE2", "#1C1A17", "#5B554B", "#CFC5B2", "#9C3D17"
)

// sizes in the picture's units.
const (
	tapeW, tapeH = 15.0, 9.6 // a cassette's proportions
	gap          = 22.0      // between neighbours on a ring
	labelRoom    = 68.0      // for names around a ring
	side         = 360.0     // the table's width
	longRing     = 48        // stops from which on a circle is wound up
	hub          = 60.0      // inner radius of a spiral
	pitch        = 72.0      // between its turns: a cassette and a name
	maxZoom      = 2.0       // of a picture of few circles
	levelNames   = 6         // most stops of a ring whose names all stand upright
)

// SVG writes the picture. The title stands above it.
func SVG(w io.Writer, title string, circles [][]Stop) error {
	rings := slices.Clone(circles)
	slices.SortStableFunc(rings, func(a, b []Stop) int { return cmp.Compare(len(b), len(a)) })
	discs := make([]disc, len(rings))
	tapes := 0
	for i, c := range rings {
		discs[i].r = lay(len(c)).radius + labelRoom
		tapes += len(c)
	}
	around := pack(discs)
	// Few circles are drawn larger, and beside many the words grow, so that neither is lost in the other.
	zoom := min(max(420/(2*around.r), 1), maxZoom)
	size := math.Max(2*around.r*zoom, 420)
	words := max(1, size/1200)
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" font-family="Roboto, 'Helvetica Neue', Arial, sans-serif">`, size+(side+60)*words, size+110*words)
	count := number(tapes, "tape changes hands", "tapes change hands") + " in " + number(len(rings), "circle", "circles")
	fmt.Fprintf(b, "<title>%s</title><desc>%s</desc>", escape(title), count)
	fmt.Fprintf(b, `<rect width="100%%" height="100%%" fill="%s"/>`, paper)
	fmt.Fprintf(b, `<g transform="scale(%.2f)">`, words)
	fmt.Fprintf(b, `<text x="30" y="52" font-family="'Roboto Condensed', 'Arial Narrow', sans-serif" font-weight="700" font-size="34" fill="%s">%s</text>`, ink, escape(short(title, 60)))
	fmt.Fprintf(b, `<text x="30" y="78" font-size="16" fill="%s">%s</text></g>`, soft, count)
	most := busiest(rings)
	fmt.Fprintf(b, `<g transform="translate(%.1f %.1f) scale(%.2f)">`, 30*words+size/2-around.x*zoom, 100*words+size/2-around.y*zoom, zoom)
	for i, c := range rings {
		ring(b, discs[i], c, most)
	}
	b.WriteString("</g>")
	fmt.Fprintf(b, `<g transform="translate(%.1f 0) scale(%.2f)">`, size+60*words, words)
	tables(b, 0, rings, most)
	b.WriteString("</g></svg>\n")
	return b.Flush()
}

// place is where a stop stands: its point, and the direction in which its name runs, in radians.
type place struct{ x, y, turn float64 }

// course is the line on which the stops of a circle stand. at gives a place for
// any number from 0 to n, so that halves lie between two stops.
type course struct {
	radius float64 // around the origin, names not counted
	at     func(i float64) place
	wound  bool
}

// lay chooses the course of n stops: a ring, or from longRing on a spiral.
func lay(n int) course {
	if n < longRing {
		r := math.Max(24, float64(n)*gap/(2*math.Pi))
		return course{r, func(i float64) place {
			turn := 2*math.Pi*i/float64(n) - math.Pi/2
			return place{r * math.Cos(turn), r * math.Sin(turn), turn}
		}, false}
	}
	// An Archimedean spiral r = hub + pitch·θ/2π. Its length is close to the
	// mean radius times the angle, so the angle at a length is a quadratic's root.
	k := pitch / (2 * math.Pi)
	angle := func(length float64) float64 { return (math.Sqrt(hub*hub+2*k*length) - hub) / k }
	end := angle(float64(n-1) * gap)
	return course{hub + k*end, func(i float64) place {
		t := angle(i * gap)
		r, turn := hub+k*t, t-end-math.Pi/2 // the outer end points up
		return place{r * math.Cos(turn), r * math.Sin(turn), turn}
	}, true}
}

// person counts somebody's swaps and circles.
type person struct {
	name           string
	swaps, circles int
}

// busiest is everybody, those with the most swaps first, then by name.
func busiest(rings [][]Stop) []person {
	by := map[string]*person{}
	for _, c := range rings {
		seen := map[string]bool{}
		for _, s := range c {
			p := by[s.User]
			if p == nil {
				p = &person{name: s.User}
				by[s.User] = p
			}
			p.swaps++
			if !seen[s.User] {
				seen[s.User] = true
				p.circles++
			}
		}
	}
	out := make([]person, 0, len(by))
	for _, p := range by {
		if p.name != "" {
			out = append(out, *p)
		}
	}
	slices.SortFunc(out, func(a, b person) int {
		return cmp.Or(cmp.Compare(b.swaps, a.swaps), cmp.Compare(b.circles, a.circles), strings.Compare(a.name, b.name))
	})
	return out
}

// ring draws one circle: its line, an arrow, a cassette and a name at each stop.
func ring(b *bufio.Writer, d disc, stops []Stop, most []person) {
	c := lay(len(stops))
	fmt.Fprintf(b, `<g transform="translate(%.1f %.1f)">`, d.x, d.y)
	n := float64(len(stops))
	if c.wound {
		b.WriteString(`<path fill="none" stroke="` + hair + `" stroke-width="1.2" d="M`)
		for i := 0.0; i <= n-1; i += 0.5 {
			p := c.at(i)
			fmt.Fprintf(b, "%.1f %.1f ", p.x, p.y)
		}
		first, last := c.at(0), c.at(n-1)
		fmt.Fprintf(b, `"/><path fill="none" stroke="%s" stroke-width="1.2" stroke-dasharray="3 4" d="M%.1f %.1fL%.1f %.1f"/>`, soft, first.x, first.y, last.x, last.y)
	} else {
		fmt.Fprintf(b, `<circle r="%.1f" fill="none" stroke="%s" stroke-width="1.2"/>`, c.radius, hair)
	}
	busy := map[string]bool{}
	for _, p := range most[:min(3, len(most))] {
		busy[p.name] = p.circles > 1
	}
	for i, s := range stops {
		// The arrow lies halfway to the stop before, which is where the tape goes.
		if half := float64(i) - 0.5; half > 0 || !c.wound {
			p := c.at(half)
			fmt.Fprintf(b, `<path d="M-3 -3L2.5 0L-3 3" transform="translate(%.1f %.1f) rotate(%.1f)" fill="none" stroke="%s" stroke-width="1.2"/>`, p.x, p.y, degrees(p.turn)-90, soft)
		}
		colour := ink
		if busy[s.User] {
			colour = accent
		}
		p := c.at(float64(i))
		fmt.Fprintf(b, `<g transform="translate(%.1f %.1f)"><title>%s</title>`, p.x, p.y, escape(label(s)))
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="1.4" fill="%s"/><circle cx="-3.2" r="1.5" fill="%s"/><circle cx="3.2" r="1.5" fill="%s"/></g>`,
			-tapeW/2, -tapeH/2, tapeW, tapeH, colour, paper, paper)
		if s.User == "" {
			continue
		}
		anchor, flip := "start", 0.0
		if math.Cos(p.turn) < -1e-9 {
			anchor, flip = "end", 180
		}
		if len(stops) <= levelNames {
			anchor, off := anchor, 2.6
			if c := math.Cos(p.turn); math.Abs(c) < 0.1 {
				anchor, off = "middle", 2.6+5*math.Sin(p.turn)
			}
			fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" font-size="8" fill="%s">%s</text>`,
				p.x+12*math.Cos(p.turn), p.y+8*math.Sin(p.turn)+off, anchor, colour, escape(short(s.User, 12)))
			continue
		}
		fmt.Fprintf(b, `<text transform="translate(%.1f %.1f) rotate(%.1f)" text-anchor="%s" dy="2.6" font-size="8" fill="%s">%s</text>`,
			p.x+11*math.Cos(p.turn), p.y+11*math.Sin(p.turn), degrees(p.turn)+flip, anchor, colour, escape(short(s.User, 12)))
	}
	b.WriteString("</g>")
}

func degrees(rad float64) float64 { return rad * 180 / math.Pi }

func label(s Stop) string {
	if s.User == "" {
		return s.Item
	}
	return s.Item + " from " + s.User
}

// tables lists the longest circles and the people in most.
func tables(b *bufio.Writer, x float64, rings [][]Stop, most []person) {
	y := 130.0
	head := func(s string) {
		fmt.Fprintf(b, `<text x="%.0f" y="%.0f" font-family="'Roboto Condensed', 'Arial Narrow', sans-serif" font-weight="700" font-size="20" fill="%s">%s</text>`, x, y, ink, s)
		y += 12
		fmt.Fprintf(b, `<path d="M%.0f %.0fh%.0f" stroke="%s"/>`, x, y, side-60, hair)
		y += 20
	}
	row := func(left, right string) {
		fmt.Fprintf(b, `<text x="%.0f" y="%.0f" font-size="14" fill="%s">%s</text>`, x, y, ink, escape(short(left, 32)))
		fmt.Fprintf(b, `<text x="%.0f" y="%.0f" font-size="14" text-anchor="end" font-family="'DejaVu Sans Mono', monospace" fill="%s">%s</text>`, x+side-60, y, soft, escape(right))
		y += 22
	}
	head("Longest circles")
	for _, c := range rings[:min(6, len(rings))] {
		from := c[0].User
		if from == "" {
			from = c[0].Item
		}
		row("begins with "+from, number(len(c), "tape", "tapes"))
	}
	y += 20
	head("Most swaps")
	for _, p := range most[:min(8, len(most))] {
		row(p.name, fmt.Sprintf("%d in %s", p.swaps, number(p.circles, "circle", "circles")))
	}
}

// Table writes the longest circles and the people in most of them as text.
func Table(w io.Writer, circles [][]Stop) error {
	rings := slices.Clone(circles)
	slices.SortStableFunc(rings, func(a, b []Stop) int { return cmp.Compare(len(b), len(a)) })
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "Longest circles")
	for _, c := range rings[:min(10, len(rings))] {
		fmt.Fprintf(b, "  %5d tapes, begins with %s\n", len(c), label(c[0]))
	}
	fmt.Fprintln(b, "Most swaps")
	most := busiest(rings)
	for _, p := range most[:min(10, len(most))] {
		fmt.Fprintf(b, "  %5d in %d of the circles: %s\n", p.swaps, p.circles, p.name)
	}
	return b.Flush()
}

// number is a count with its noun.
func number(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// escape makes any text fit for the inside of an element: XML knows no control characters.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "?")))
}

// short cuts a text to n characters, the last an ellipsis.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// ReadLoops reads circles from results in the familiar layout: lines "(A) a receives (B) b", circles parted by blank
// lines. It needs no round, and checks only that the text can be a set of circles.
func ReadLoops(r io.Reader) ([][]Stop, error) {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxLine)
	var out [][]Stop
	var now []Stop
	inside, found, stops := false, false, 0
	for line := 1; scan.Scan(); line++ {
		text := strings.TrimSpace(scan.Text())
		switch {
		case strings.HasPrefix(text, "TRADE LOOPS"):
			inside, found = true, true
		case strings.HasPrefix(text, "ITEM SUMMARY"), strings.HasPrefix(text, "Num trades"):
			inside = false
		case inside && text == "" && len(now) > 0:
			out, now = append(out, now), nil
		case inside && text != "":
			left, _, ok := strings.Cut(text, " receives ")
			if !ok {
				return nil, fmt.Errorf("line %d: %.60q is not a line of a trade loop", line, text)
			}
			if stops++; stops > MaxStops {
				return nil, fmt.Errorf("more than %d trades", MaxStops)
			}
			now = append(now, stop(strings.TrimSpace(left)))
		}
	}
	if len(now) > 0 {
		out = append(out, now)
	}
	if err := scan.Err(); err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("there are no trade loops in it")
	}
	return out, nil
}

// stop reads "(USER) ITEM" or "ITEM (USER)".
func stop(s string) Stop {
	open, shut := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')')
	if open < 0 || shut < open {
		return Stop{Item: s}
	}
	user := s[open+1 : shut]
	return Stop{User: user, Item: strings.TrimSpace(s[:open] + s[shut+1:])}
}
