package wantlist

import (
	"fmt"
	"slices"
	"testing"
)

func TestCheck(t *testing.T) {
	r := read(t, `#! ALLOW-DUMMIES
!BEGIN-OFFICIAL-NAMES
0001-NEBULA ==> "Nebula" (from ann)
0002-HARBOUR ==> "Harbour" (from ann)
0003-HARBOUR ==> "Harbour" (from ann)
0004-TIDES ==> "Tides" (from bo)
0005-LATE ==> "Late" (from cy)
!END-OFFICIAL-NAMES
(ann) 0001-NEBULA : 0004-TIDSE 0004-TIDES %one
(ann) 0002-HARBOUR : %one %oen
(ann) 0003-HARBOUR :
(ann) %one : 0004-TIDES
(ann) %lost : 0004-TIDES
(ann) %void :
(ann) %one : 0004-TIDES
(Ann.) 0004-TIDES : 0001-NEBULA 0002-HARBOUR
(ann) 0004-TIDES : 0001-NEBULA %oen`)
	var got []string
	for _, c := range r.Check() {
		got = append(got, fmt.Sprintf("%d %s %s", c.Line, c.Code, c.Nearer))
		if c.Text == "" || c.Do == "" {
			t.Errorf("%v has no words", c)
		}
	}
	want := []string{
		"5 withdrawn ", "7 no-list-yet ", "9 unknown-want 0004-TIDES", "10 unknown-want %ONE", "11 same-copy ",
		"13 unused-dummy ", "14 empty-dummy ", "15 second-list ",
		"16 same-person ", "17 second-list ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestSlips(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"A", "", 1}, {"TIDES", "TIDSE", 1}, {"TIDES", "TDES", 1}, {"TIDES", "TIDESS", 1}, {"KITTEN", "SITTING", 3}, {"AB", "CD", 2}} {
		if got := slips(c.a, c.b, 9); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := slips(c.b, c.a, 9); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
