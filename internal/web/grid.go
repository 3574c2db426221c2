package web

import (
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"

	"ferric/internal/window"
)

// gridView is a run's numbers, every one a cell: free ones can be chosen, the others lead to their copies.
type gridView struct {
	ID     string // unique on the page; live.js finds it by data-run
	Run    string
	Copies int           // numbered; proofs follow
	Cells  []window.Cell // those to show, by number
	Base   string        // address of a copy without its number: "/l/label/release/1/"
	Choose bool          // the run can be bought now
	Reach  bool          // cells that are links are reached by the tab key: nothing else leads to them
	Holder string        // whose holds are "mine"; empty: nobody's
	Chosen int           // number that is chosen; 0: any
}

// pageOf is how many numbers one page of a grid has.
const pageOf = 1000

// tally counts a grid's cells by state.
type tally struct{ Free, Held, Gone, Void, Away, Mine int }

func (g gridView) mine(c window.Cell) bool { return g.Holder != "" && c.Holder == g.Holder }

func count(cells []window.Cell, copies int, holder string) (t tally) {
	for _, c := range cells {
		if c.Number > copies {
			continue
		}
		switch cellState(c, holder != "" && c.Holder == holder) {
		case "free":
			t.Free++
		case "held":
			t.Held++
		case "gone":
			t.Gone++
		case "void":
			t.Void++
		case "away":
			t.Away++
		case "mine":
			t.Mine++
		}
	}
	return t
}

// cellWords are the states as a screen reader says them, behind the number.
var cellWords = map[string]string{
	"free": "free", "held": "held by somebody", "gone": "sold", "void": "will never be sold", "away": "not sold here", "mine": "held for you",
}

// runGrid writes the cells. It is written by hand since a thousand of them stand on one page, and holds nothing but numbers and our own words and paths.
func runGrid(g gridView) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		base := templ.EscapeString(g.Base)
		b := make([]byte, 0, 256+len(g.Cells)*(64+len(base)))
		put := func(parts ...string) {
			for _, p := range parts {
				b = append(b, p...)
			}
		}
		put(`<div class="grid`)
		if len(g.Cells) > 200 {
			put(` many`)
		}
		put(`" id="`, templ.EscapeString(g.ID), `" role="group" aria-label="Numbers" data-base="`, base, `">`)
		tab := ` tabindex="-1" aria-label="`
		if g.Reach {
			tab = ` aria-label="`
		}
		for _, c := range g.Cells {
			n := strconv.Itoa(c.Number)
			label := n
			if c.Number > g.Copies {
				label = "AP" + strconv.Itoa(c.Number-g.Copies)
			}
			state := cellState(c, g.mine(c))
			switch {
			case state != "free" || !g.Choose:
				put(`<a class="`, state, `" href="`, base, n, `"`, tab, label, `, `, cellWords[state], `">`, label, `</a>`)
			case c.Number == g.Chosen:
				put(`<label class="free"><input type="radio" name="number" value="`, n, `" checked>`, label, `</label>`)
			default:
				put(`<label class="free"><input type="radio" name="number" value="`, n, `">`, label, `</label>`)
			}
		}
		put(`</div>`)
		_, err := w.Write(b)
		return err
	})
}

// digits are a counter's drums: three, or as many as the number needs.
func digits(n int) []string {
	s := strconv.Itoa(max(n, 0))
	for len(s) < 3 {
		s = "0" + s
	}
	out := make([]string, len(s))
	for i := range s {
		out[i] = s[i : i+1]
	}
	return out
}
