package wantlist

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Remark is something that whoever runs a round would want mended, or know, before it closes.
type Remark struct {
	Line   int    `json:"line"` // 0 when it is about the round as a whole
	Code   string `json:"code"`
	User   string `json:"user,omitempty"`
	Item   string `json:"item,omitempty"`
	Text   string `json:"text"`
	Do     string `json:"do"`
	Wrong  bool   `json:"wrong"` // a mistake; else something to know
	Nearer string `json:"did_you_mean,omitempty"`
}

// maxGuesses and maxLooks bound the work of guessing what misspelt names were
// meant to be: so many names, and so many pairs of names to compare.
const (
	maxGuesses = 2000
	maxLooks   = 30_000_000
)

// Check lists every mistake in the round, and what else its organiser should know, by line.
func (r *Round) Check() []Remark {
	var out []Remark
	names := r.offered()
	dummies := r.dummies()
	guesses := map[[2]string]string{}
	for _, m := range r.Mistakes {
		one := Remark{Line: m.Line, Code: m.Code(), User: m.User, Item: m.Item, Text: m.Text(), Do: m.Do(), Wrong: true}
		if m.Kind == Unknown || m.Kind == NotOfficial {
			key, among := [2]string{"", m.Item}, names
			if m.Item[0] == '%' {
				key[0], among = m.User, dummies[m.User]
			}
			near, done := guesses[key]
			if !done && len(guesses) < min(maxGuesses, maxLooks/max(len(names), 1)) {
				near = nearest(m.Item, among)
				guesses[key] = near
			}
			if near != "" {
				one.Nearer = near
				one.Do = fmt.Sprintf("Did you mean %s?", near)
			}
		}
		out = append(out, one)
	}
	if r.Further > 0 {
		out = append(out, Remark{Code: "and-more", Wrong: true, Text: fmt.Sprintf("%d more mistakes of these kinds", r.Further), Do: "Mend these first."})
	}
	out = append(out, r.checkItems()...)
	out = append(out, r.checkCopies()...)
	out = append(out, r.checkUsers()...)
	slices.SortStableFunc(out, func(a, b Remark) int { return cmp.Compare(a.Line, b.Line) })
	return out
}

// offered is the names of all real items that have a list or an official name.
func (r *Round) offered() []string {
	var names []string
	for _, it := range r.Items {
		if !it.Dummy && it.Line > 0 {
			names = append(names, it.Name)
		}
	}
	slices.Sort(names)
	return names
}

// dummies is the names of everybody's dummies.
func (r *Round) dummies() map[string][]string {
	of := map[string][]string{}
	for _, it := range r.Items {
		if it.Dummy {
			of[r.userName(it.User)] = append(of[r.userName(it.User)], it.Name)
		}
	}
	return of
}

// checkItems finds items that cannot trade as the lists stand.
func (r *Round) checkItems() []Remark {
	wanted := make([]bool, len(r.Items))
	for _, w := range r.Wants {
		wanted[w.Item] = true
	}
	var out []Remark
	for i, it := range r.Items {
		one := Remark{Line: int(it.Line), Item: it.Name, User: r.userName(it.User)}
		switch {
		case it.Line == 0:
			continue
		case it.List < 0:
			one.Code, one.Text = "no-list-yet", it.Name+" has an official name and no want list"
			one.Do = "Remind its owner; without a list it cannot trade."
		case r.Lists[it.List].From == r.Lists[it.List].To && it.Dummy:
			one.Code, one.Text, one.Wrong = "empty-dummy", it.Name+" leads to nothing", true
			one.Do = "Give the dummy wants, or take it out."
		case r.Lists[it.List].From == r.Lists[it.List].To:
			one.Code, one.Text = "withdrawn", it.Name+" wants nothing and cannot trade"
			one.Do = "Nothing, if that is meant."
		case !wanted[i] && it.Dummy:
			one.Code, one.Text, one.Wrong = "unused-dummy", it.Name+" stands in none of its owner's lists", true
			one.Do = "Put the dummy into a list, or take it out."
		case !wanted[i]:
			one.Code, one.Text = "nobody-wants", "nobody wants "+it.Name
			one.Do = "It stays at home unless somebody adds it."
		default:
			continue
		}
		out = append(out, one)
	}
	return out
}

// checkCopies finds a user who offers what looks like the same copy twice: one
// official title more than once, copy numbers included. (One code twice is a SecondList.)
func (r *Round) checkCopies() []Remark {
	type key struct{ user, what string }
	first := map[key]Item{}
	var out []Remark
	for _, l := range r.Lists {
		it := r.Items[l.Item]
		if it.Dummy || it.User < 0 || it.Title == "" {
			continue
		}
		k := key{r.Users[it.User], strings.ToUpper(it.Title)}
		if before, twice := first[k]; twice {
			out = append(out, Remark{Line: int(l.Line), Code: "same-copy", User: k.user, Item: it.Name, Wrong: true,
				Text: fmt.Sprintf("%s and %s have the same title and the same owner", before.Name, it.Name),
				Do:   "If it is one copy, take one list out; if there are two, number them in their titles."})
			continue
		}
		first[k] = it
	}
	return out
}

// checkUsers finds names that differ by a slip: two spellings of one person trade as two people.
func (r *Round) checkUsers() []Remark {
	squeezed := map[string]int32{}
	var out []Remark
	for i, u := range r.Users {
		k := strings.Map(func(c rune) rune {
			if strings.ContainsRune(" .-_'", c) {
				return -1
			}
			return c
		}, strings.ToUpper(u))
		if other, twice := squeezed[k]; twice {
			out = append(out, Remark{Line: r.firstLine(int32(i)), Code: "same-person", User: u, Wrong: true,
				Text: fmt.Sprintf("%q and %q look like one person", r.Users[other], u),
				Do:   "Write the name in one way: dummies belong to one spelling, and people are counted by it."})
			continue
		}
		squeezed[k] = int32(i)
	}
	return out
}

func (r *Round) firstLine(user int32) int {
	for _, l := range r.Lists {
		if r.Items[l.Item].User == user {
			return int(l.Line)
		}
	}
	return 0
}

// nearest is the name that one or two slips of the finger (three in a long one) turn into name; "" when none or several do equally.
func nearest(name string, names []string) string {
	limit := 1 + min(len(name)/5, 2)
	best, found, ties := limit+1, "", 0
	for _, n := range names {
		if d := len(n) - len(name); d > limit || -d > limit {
			continue
		}
		switch d := slips(name, n, best); {
		case d < best:
			best, found, ties = d, n, 0
		case d == best && d <= limit:
			ties++
		}
	}
	if best > limit || ties > 0 {
		return ""
	}
	return found
}

// slips counts the insertions, deletions, changes and swaps of neighbours
// between two names (optimal string alignment), or any number above limit when there are more.
func slips(a, b string, limit int) int {
	if len(a) > 80 || len(b) > 80 {
		return limit + 1
	}
	var rows [3][82]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		now, last, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		now[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
	}
	return rows[len(a)%3][len(b)]
}
