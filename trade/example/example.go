// Package example writes rounds that look like real ones, to try a solver on.
//
// Popularity has a long tail: a few tapes are wanted by many, most by few. Some
// people bring a shelf, most bring little. Titles exist in several copies, and
// whoever wants such a title uses a dummy, "only one of these". A part of the
// people post only within their region. Everything is a function of the seed.
package example

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Config is the size of a round. Zero fields have the stated defaults.
type Config struct {
	People  int     // default 200
	Items   int     // default 2000; at least one each
	Wants   float64 // wants a list, on average; default 15
	Seed    uint64
	Regions bool // some people post only within their region
}

// Limits of a Config.
const (
	MaxPeople = 20_000
	MaxItems  = 200_000
	MaxWants  = 200
)

// Write writes the round.
func Write(w io.Writer, c Config) error {
	c.People, c.Items = or(c.People, 200), or(c.Items, 2000)
	c.Wants = or(c.Wants, 15)
	if c.People < 1 || c.People > MaxPeople || c.Items < c.People || c.Items > MaxItems || !(c.Wants >= 1 && c.Wants <= MaxWants) {
		return fmt.Errorf("a round has 1 to %d people, at least one item each and at most %d, and lists of 1 to %d wants", MaxPeople, MaxItems, MaxWants)
	}
	r := &round{Config: c, dice: dice{c.Seed ^ 0x9e3779b97f4a7c15}}
	r.bring()
	r.wish()
	return r.write(w)
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// round is a round in the making.
type round struct {
	Config
	dice
	names   []string  // of people
	region  []int     // of people
	titles  []string  // most valued last
	copies  [][]int   // title to items
	owner   []int     // item to person
	title   []int     // item to title
	codes   []string  // of items
	shelves [][]int   // person to items
	lists   [][]entry // person to wishes, most liked first
	draw    []float64 // cumulative popularity of titles
}

// entry is a title that somebody wants.
type entry struct {
	title int
	like  float64
}

// bring hands out the items: how much a person brings is log-normal, and common titles are the less valued ones.
func (r *round) bring() {
	r.names = names(&r.dice, r.People)
	r.region = make([]int, r.People)
	share := make([]float64, r.People)
	total := 0.0
	for u := range share {
		r.region[u] = int(3 * r.float() * r.float())
		share[u] = math.Exp(0.9 * r.normal())
		total += share[u]
	}
	titles := max(1, r.Items*9/10)
	r.titles = titleNames(&r.dice, titles)
	r.copies = make([][]int, titles)
	r.shelves = make([][]int, r.People)
	spare := r.Items - r.People
	for u := range share {
		n := 1 + int(math.Round(share[u]/total*float64(spare)))
		for range n {
			if len(r.owner) == r.Items {
				break
			}
			t := int(float64(titles) * math.Pow(r.float(), 1.3))
			i := len(r.owner)
			r.owner, r.title = append(r.owner, u), append(r.title, t)
			r.copies[t] = append(r.copies[t], i)
			r.shelves[u] = append(r.shelves[u], i)
		}
	}
	r.codes = make([]string, len(r.owner))
	for t, list := range r.copies {
		for k, i := range list {
			r.codes[i] = fmt.Sprintf("%05d-%s-COPY%d", t+1, code(r.titles[t]), k+1)
		}
	}
	r.draw = make([]float64, titles+1)
	for t := range titles {
		r.draw[t+1] = r.draw[t] + math.Pow(float64(titles-t), -1.25)
	}
}

// wish draws what each person would like to have, by popularity.
func (r *round) wish() {
	r.lists = make([][]entry, r.People)
	for u, shelf := range r.shelves {
		want := int(r.Wants * (1 + math.Log(float64(len(shelf)))) * math.Exp(0.5*r.normal()))
		want = min(max(want, 3), 40+len(r.titles)/8)
		seen := map[int]bool{}
		for range 2 * want {
			x := r.float() * r.draw[len(r.titles)]
			t, _ := slices.BinarySearch(r.draw, x)
			t = max(t-1, 0)
			if seen[t] || len(r.others(t, u)) == 0 || len(r.lists[u]) == want {
				continue
			}
			seen[t] = true
			r.lists[u] = append(r.lists[u], entry{t, r.float() + float64(t)/float64(len(r.titles))})
		}
		slices.SortFunc(r.lists[u], func(a, b entry) int {
			if a.like > b.like {
				return -1
			}
			return 1
		})
	}
}

// others is the copies of a title that u does not own.
func (r *round) others(t, u int) []int {
	var out []int
	for _, i := range r.copies[t] {
		if r.owner[i] != u {
			out = append(out, i)
		}
	}
	return out
}

func (r *round) write(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# A round made up by ferric trade example --people %d --items %d --seed %d\n", r.People, r.Items, r.Seed)
	fmt.Fprintf(b, "#! REQUIRE-COLONS REQUIRE-USERNAMES ALLOW-DUMMIES HIDE-NONTRADES\n")
	fmt.Fprintf(b, "#! METRIC=USERS-TRADING\n\n")
	if r.Regions {
		places := [...]string{"HOME", "NEAR", "FAR"}
		for u, name := range r.names {
			if len(r.shelves[u]) > 0 {
				fmt.Fprintf(b, "#ferric region (%s) %s\n", name, places[r.region[u]])
				if r.float() < 0.15 {
					fmt.Fprintf(b, "#ferric posts (%s) %s\n", name, places[r.region[u]])
				}
			}
		}
		fmt.Fprintln(b)
	}
	fmt.Fprintln(b, "!BEGIN-OFFICIAL-NAMES")
	for t, list := range r.copies {
		for k, i := range list {
			fmt.Fprintf(b, "%s ==> %q (from %s)", r.codes[i], r.titles[t], r.names[r.owner[i]])
			if len(list) > 1 {
				fmt.Fprintf(b, " [copy %d of %d]", k+1, len(list))
			}
			fmt.Fprintln(b)
		}
	}
	fmt.Fprintln(b, "!END-OFFICIAL-NAMES")
	for u := range r.shelves {
		if len(r.shelves[u]) > 0 {
			r.writePerson(b, u)
		}
	}
	return b.Flush()
}

func (r *round) writePerson(b *bufio.Writer, u int) {
	fmt.Fprintf(b, "\n#pragma user %q\n", r.names[u])
	used := map[int]bool{}
	for _, i := range r.shelves[u] {
		fmt.Fprintf(b, "(%s) %s :", r.names[u], r.codes[i])
		for _, e := range r.lists[u] {
			// Most people want something better than what they give, and everybody values tapes a little differently.
			worth := float64(e.title-r.title[i]) / float64(len(r.titles))
			if worth < 0.02+0.3*r.normal() || r.float() > 0.8 {
				continue
			}
			if r.float() < 0.08 {
				b.WriteString(" ;")
			}
			others := r.others(e.title, u)
			if len(others) == 1 {
				b.WriteString(" " + r.codes[others[0]])
				continue
			}
			used[e.title] = true
			fmt.Fprintf(b, " %%%05d", e.title+1)
		}
		b.WriteByte('\n')
	}
	for _, e := range r.lists[u] {
		if used[e.title] {
			fmt.Fprintf(b, "(%s) %%%05d :", r.names[u], e.title+1)
			for _, i := range r.others(e.title, u) {
				b.WriteString(" " + r.codes[i])
			}
			b.WriteByte('\n')
		}
	}
}

// code is the part of an item's code that a person can recognise.
func code(title string) string {
	var b strings.Builder
	for _, c := range strings.ToUpper(title) {
		if c >= 'A' && c <= 'Z' && b.Len() < 8 {
			b.WriteRune(c)
		}
	}
	return b.String()
}
