package pressing

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// plot is an SVG diagram under construction: a frame with two axes that maps
// values to places. Colours come from the page's style sheet by class.
type plot struct {
	b          strings.Builder
	w, h       float64 // of the whole picture
	l, t, r, m float64 // margins: left, top, right, bottom
	x, y       axis
}

// axis maps values from lo..hi onto a length, straight or logarithmic.
type axis struct {
	lo, hi float64
	log    bool
}

func (a axis) at(v float64) float64 {
	if a.log {
		return math.Log(v/a.lo) / math.Log(a.hi/a.lo)
	}
	return (v - a.lo) / (a.hi - a.lo)
}

func newPlot(w, h float64, x, y axis, title, desc string) *plot {
	p := &plot{w: w, h: h, l: 44, t: 12, r: 12, m: 26, x: x, y: y}
	fmt.Fprintf(&p.b, `<svg class="plot" viewBox="0 0 %g %g" role="img" xmlns="http://www.w3.org/2000/svg"><title>%s</title><desc>%s</desc>`,
		w, h, html.EscapeString(title), html.EscapeString(desc))
	return p
}

func (p *plot) px(v float64) float64 { return p.l + p.x.at(v)*(p.w-p.l-p.r) }
func (p *plot) py(v float64) float64 { return p.h - p.m - p.y.at(v)*(p.h-p.t-p.m) }

// grid draws a hairline and a number at each value.
func (p *plot) gridX(values []float64, label func(float64) string) {
	for _, v := range values {
		x := p.px(v)
		fmt.Fprintf(&p.b, `<path class="hair" d="M%.1f %.1fV%.1f"/><text class="num" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`,
			x, p.t, p.h-p.m, x, p.h-p.m+15, html.EscapeString(label(v)))
	}
}

func (p *plot) gridY(values []float64, label func(float64) string) {
	for _, v := range values {
		y := p.py(v)
		fmt.Fprintf(&p.b, `<path class="hair" d="M%.1f %.1fH%.1f"/><text class="num" x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			p.l, y, p.w-p.r, p.l-6, y+4, html.EscapeString(label(v)))
	}
}

// line joins points; a value that is no number breaks it, one outside the frame is held at its edge.
func (p *plot) line(class string, xs, ys []float64) {
	fmt.Fprintf(&p.b, `<path class="%s" d="`, class)
	pen := false
	for i := range xs {
		if math.IsNaN(ys[i]) || math.IsInf(ys[i], 0) {
			pen = false
			continue
		}
		cmd := "L"
		if !pen {
			cmd, pen = "M", true
		}
		fmt.Fprintf(&p.b, "%s%.1f %.1f", cmd, p.px(xs[i]), p.py(min(max(ys[i], p.y.lo), p.y.hi)))
	}
	p.b.WriteString(`"/>`)
}

// area fills between two curves over the same places.
func (p *plot) area(class string, xs, lo, hi []float64) {
	if len(xs) == 0 {
		return
	}
	fmt.Fprintf(&p.b, `<path class="%s" d="M`, class)
	for i := range xs {
		fmt.Fprintf(&p.b, "%.1f %.1f ", p.px(xs[i]), p.py(hi[i]))
	}
	for i := len(xs) - 1; i >= 0; i-- {
		fmt.Fprintf(&p.b, "%.1f %.1f ", p.px(xs[i]), p.py(lo[i]))
	}
	p.b.WriteString(`Z"/>`)
}

// mark draws a line across the frame at y.
func (p *plot) mark(class string, y float64) {
	fmt.Fprintf(&p.b, `<path class="%s" d="M%.1f %.1fH%.1f"/>`, class, p.l, p.py(y), p.w-p.r)
}

// post draws a line down the frame at x with words beside its top.
func (p *plot) post(class string, x float64, words string) {
	fmt.Fprintf(&p.b, `<path class="%s" d="M%.1f %.1fV%.1f"/>`, class, p.px(x), p.t, p.h-p.m)
	if words != "" {
		fmt.Fprintf(&p.b, `<text class="num" x="%.1f" y="%.1f">%s</text>`, p.px(x)+3, p.t+9, html.EscapeString(words))
	}
}

func (p *plot) word(class string, x, y float64, words string) {
	fmt.Fprintf(&p.b, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x, y, html.EscapeString(words))
}

func (p *plot) svg() template.HTML {
	return template.HTML(p.b.String() + "</svg>")
}

// clock is a time in seconds as a track list shows it.
func clock(s float64) string {
	n := int64(math.Round(max(s, 0)))
	if n >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
	}
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}

// steps is the multiples of step from lo to hi.
func steps(lo, hi, step float64) []float64 {
	var out []float64
	for v := math.Ceil(lo/step) * step; v <= hi+step*1e-9; v += step {
		out = append(out, v)
	}
	return out
}
