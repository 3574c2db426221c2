package example

import (
	"bytes"
	"testing"

	"ferric/trade/wantlist"
)

func TestRoundsAreClean(t *testing.T) {
	for _, c := range []Config{{People: 1, Items: 1}, {People: 30, Items: 200, Seed: 3}, {People: 60, Items: 700, Seed: 4, Regions: true}} {
		var a, b bytes.Buffer
		if err := Write(&a, c); err != nil {
			t.Fatal(err)
		}
		if err := Write(&b, c); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%+v: the same seed gave another round", c)
		}
		r, err := wantlist.Read(&a)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if len(r.Mistakes) > 0 {
			t.Errorf("%+v: %v", c, r.Mistakes[0].Text())
		}
		real := 0
		for _, l := range r.Lists {
			if !r.Items[l.Item].Dummy {
				real++
			}
		}
		if real < c.Items*95/100 || real > c.Items {
			t.Errorf("%+v: %d items", c, real)
		}
	}
}

// TestTail: the tenth of the titles that is wanted most holds more than a third of all wants.
func TestTail(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, Config{People: 150, Items: 1500, Seed: 9}); err != nil {
		t.Fatal(err)
	}
	r, err := wantlist.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]int{}
	total := 0
	for _, l := range r.Lists {
		if r.Items[l.Item].Dummy {
			continue
		}
		for _, w := range r.Wants[l.From:l.To] {
			name := r.Items[w.Item].Name
			if name[0] != '%' {
				name = "%" + name[:5]
			}
			wanted[name]++
			total++
		}
	}
	top := 0
	for range len(wanted) / 10 {
		best := ""
		for n, k := range wanted {
			if best == "" || k > wanted[best] {
				best = n
			}
		}
		top += wanted[best]
		delete(wanted, best)
	}
	if top*3 < total {
		t.Errorf("the most wanted tenth has %d of %d wants", top, total)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []Config{{People: 10, Items: 5}, {People: -1}, {Items: MaxItems + 1}, {Wants: 1e9}} {
		if err := Write(&bytes.Buffer{}, c); err == nil {
			t.Errorf("%+v was written", c)
		}
	}
}
