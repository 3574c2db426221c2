package budget

import (
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
)

// The plot: copies sold from left to right, what has been earned upwards, a line for
// each way to sell. All lines start at minus the total; where one crosses zero is its break-even, which
// stands behind its name too.
const (
	plotWidth, plotHeight = 720.0, 360.0
	plotLeft, plotRight   = 72.0, 132.0 // the names of the lines stand to the right
	plotTop, plotBottom   = 16.0, 44.0
)

// PlotSVG draws the earnings by copies sold as one <svg> element, to stand in a page
// or alone. It says colours as attributes, which a page's style goes before:
// classes are budget-plot, grid, zero, axis, way and way-1..n, mark, name, tick.
func (b *Budget) PlotSVG(w io.Writer) error {
	var s strings.Builder
	low, high := b.Run.Total*-1, Money(0)
	for _, way := range b.Ways {
		high = max(high, Money(b.Copies)*way.Keeps-b.Run.Total)
	}
	if high <= 0 {
		high = max(1, -low/4)
	}
	if low == 0 {
		low = -max(1, high/20)
	}
	step := niceStep(float64(high-low) / 6)
	bottom, top := math.Floor(float64(low)/step)*step, math.Ceil(float64(high)/step)*step
	x := func(copies float64) float64 {
		return plotLeft + copies/float64(b.Copies)*(plotWidth-plotLeft-plotRight)
	}
	y := func(m float64) float64 {
		return plotTop + (top-m)/(top-bottom)*(plotHeight-plotTop-plotBottom)
	}

	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" class="budget-plot" viewBox="0 0 %g %g" role="img" aria-label="%s" font-family="sans-serif" font-size="12" fill="none">`+"\n",
		plotWidth, plotHeight, html.EscapeString(b.plotLabel()))
	for m := bottom; m <= top+step/2; m += step {
		class, stroke := "grid", `stroke="currentColor" stroke-opacity="0.15"`
		if math.Abs(m) < step/2 {
			class, stroke = "zero", `stroke="currentColor" stroke-width="1.5"`
		}
		fmt.Fprintf(&s, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/>`+"\n", class, plotLeft, y(m), plotWidth-plotRight, y(m), stroke)
		fmt.Fprintf(&s, `<text class="tick" x="%.1f" y="%.1f" text-anchor="end" fill="currentColor">%s</text>`+"\n",
			plotLeft-8, y(m)+4, html.EscapeString(b.wholeMoney(Money(math.Round(m)))))
	}
	across := max(1, niceStep(float64(b.Copies)/8))
	for n := 0.0; n <= float64(b.Copies); n += across {
		fmt.Fprintf(&s, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle" fill="currentColor">%g</text>`+"\n", x(n), plotHeight-plotBottom+18, n)
	}
	fmt.Fprintf(&s, `<text class="axis" x="%.1f" y="%.1f" text-anchor="middle" fill="currentColor">copies sold</text>`+"\n",
		(plotLeft+plotWidth-plotRight)/2, plotHeight-6)
	b.plotLines(&s, x, y)
	s.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

func (b *Budget) plotLines(s *strings.Builder, x, y func(float64) float64) {
	type name struct {
		text string
		at   float64
		line int
	}
	var names []name
	for i, way := range b.Ways {
		class := fmt.Sprintf("way way-%d", i+1)
		dash := [...]string{"", "6 3", "2 3", "9 3 2 3"}[i%4]
		if dash != "" {
			dash = ` stroke-dasharray="` + dash + `"`
		}
		end := float64(Money(b.Copies)*way.Keeps - b.Run.Total)
		lineEnd := max(end, -float64(b.Run.Total)) // a way that loses with every copy stays flat at the bottom
		fmt.Fprintf(s, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="currentColor" stroke-width="2"%s/>`+"\n",
			class, x(0), y(-float64(b.Run.Total)), x(float64(b.Copies)), y(lineEnd), dash)
		if n := b.Run.Ways[i].BreakEven; n > 0 && n <= b.Copies {
			fmt.Fprintf(s, `<circle class="mark mark-%d" cx="%.1f" cy="%.1f" r="4" fill="currentColor"><title>%s</title></circle>`+"\n",
				i+1, x(float64(b.Run.Total)/float64(way.Keeps)), y(0), html.EscapeString(fmt.Sprintf("%s: %d copies pay for the run", way.Name, n)))
		}
		text := shorten(way.Name, 14)
		if n := b.Run.Ways[i].BreakEven; n > 0 {
			text += fmt.Sprintf(" · %d", n)
		}
		names = append(names, name{text, y(lineEnd) + 4, i + 1})
	}
	slices.SortStableFunc(names, func(a, b name) int { return int(a.at*10) - int(b.at*10) })
	const apart = 14
	for i := range names { // lines that end together have their names one below the other
		if i > 0 {
			names[i].at = max(names[i].at, names[i-1].at+apart)
		}
	}
	if n := len(names); n > 0 { // and push them up from the bottom where that went too far
		limit := plotHeight - plotBottom + 4
		for i := n - 1; i >= 0 && names[i].at > limit; i-- {
			names[i].at = limit
			limit -= apart
		}
	}
	for _, n := range names {
		fmt.Fprintf(s, `<text class="name name-%d" x="%.1f" y="%.1f" fill="currentColor">%s</text>`+"\n",
			n.line, plotWidth-plotRight+8, n.at, html.EscapeString(n.text))
	}
}

// plotLabel says what the plot shows to somebody who cannot see it.
func (b *Budget) plotLabel() string {
	parts := []string{fmt.Sprintf("Earnings by copies sold, for a run of %d that costs %s.", b.Copies, b.Money(b.Run.Total))}
	for i, w := range b.Ways {
		o := b.Run.Ways[i]
		when := fmt.Sprintf("pays for the run with %d copies", o.BreakEven)
		if o.BreakEven == 0 || o.BreakEven > b.Copies {
			when = "does not pay for the run"
		}
		parts = append(parts, fmt.Sprintf("%s %s, sold out %s.", w.Name, when, b.Money(o.Profit)))
	}
	return strings.Join(parts, " ")
}

// wholeMoney leaves the coins off where there are none.
func (b *Budget) wholeMoney(m Money) string {
	s := b.Money(m)
	if b.Digits > 0 {
		s = strings.Replace(s, "."+strings.Repeat("0", b.Digits), "", 1)
	}
	return strings.Replace(s, "-", "−", 1)
}

// niceStep is the least of 1, 2, 5, 10, 20... that is not below raw.
func niceStep(raw float64) float64 {
	if raw <= 1 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw {
			return m * power
		}
	}
	return 10 * power
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
