package demo

import (
	"math"
	"strconv"
	"strings"
)

// positions reads beats from text.
func positions(text string) []float64 {
	var out []float64
	for _, w := range strings.Fields(text) {
		x, err := strconv.ParseFloat(w, 64)
		if err != nil {
			panic("demo: bad beat " + w)
		}
		out = append(out, x)
	}
	return out
}

// nearest is the next pitch above or below p whose pitch class is in the scale.
func nearest(p float64, scale []int, up bool) float64 {
	d := -1.0
	if up {
		d = 1
	}
	for q := p + d; math.Abs(q-p) <= 12; q += d {
		for _, c := range scale {
			if int(q)%12 == c {
				return q
			}
		}
	}
	return p
}
