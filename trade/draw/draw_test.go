package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
)

// TestPackKeepsApart packs discs of many sizes and looks at every pair.
func TestPackKeepsApart(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 17, 200} {
		d := make([]disc, n)
		for i := range d {
			d[i].r = 5 + 40/float64(i%7+1)
		}
		around := pack(d)
		var area float64
		for i := range d {
			area += d[i].r * d[i].r
			if math.Hypot(d[i].x-around.x, d[i].y-around.y)+d[i].r > around.r+1e-6 {
				t.Errorf("%d discs: disc %d sticks out", n, i)
			}
			for j := range i {
				if dist := math.Hypot(d[i].x-d[j].x, d[i].y-d[j].y); dist < d[i].r+d[j].r-1e-3 {
					t.Errorf("%d discs: %d and %d overlap by %g", n, i, j, d[i].r+d[j].r-dist)
				}
			}
		}
		if n > 10 && area < 0.4*around.r*around.r {
			t.Errorf("%d discs fill %.0f %% of their circle", n, 100*area/around.r/around.r)
		}
	}
}

func TestSVGIsSafeXML(t *testing.T) {
	var circles [][]Stop
	for n := range 30 {
		var c []Stop
		for i := range n + 2 {
			c = append(c, Stop{fmt.Sprintf("</text><script>\"&%d\x00\xff\x1b[31m", i), `<b>&'"`})
		}
		circles = append(circles, c)
	}
	var b bytes.Buffer
	if err := SVG(&b, "<round> & friends", circles); err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(&b)
	tapes := 0
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			switch e.Name.Local {
			case "script":
				t.Fatal("a name became an element")
			case "g":
				tapes++
			}
		}
	}
	if want := 3 + 30 + (31*32/2 - 1); tapes != want {
		t.Errorf("%d groups, want %d", tapes, want)
	}
}

func TestReadLoops(t *testing.T) {
	got, err := ReadLoops(strings.NewReader("TRADE LOOPS (5 total trades):\n\n(A) A1   receives (B) B1\n(B) B1 receives (A) A1\n\nC1 (C C) receives D\nD receives C1 (C C)\n\nITEM SUMMARY (5 total trades):\n\n(A) A1 receives x\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(got); s != "[[{A A1} {B B1}] [{C C C1} { D}]]" {
		t.Error(s)
	}
	for _, bad := range []string{"", "nothing", "TRADE LOOPS\nwhat"} {
		if _, err := ReadLoops(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzReadLoops(f *testing.F) {
	f.Add("TRADE LOOPS\n(A) a receives (B) b\n")
	f.Fuzz(func(t *testing.T, s string) {
		circles, err := ReadLoops(strings.NewReader(s))
		if err != nil {
			return
		}
		if err := SVG(io.Discard, "x", circles); err != nil {
			t.Fatal(err)
		}
	})
}
