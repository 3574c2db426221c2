package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// The basket is nothing but the copies that a browser holds.
//
//	POST /basket         hold copies of a run beside those held already: run, number (repeated, or "any"), any (how many), variant
//	GET  /basket         what is held, and until when
//	POST /basket/let-go  let copies go: copy ("RUN:17", repeated)
func basketRoutes(w *Web) []route {
	return []route{
		{pattern: "POST /basket", who: anyone, do: w.hold},
		{pattern: "GET /basket", who: anyone, do: w.basket},
		{pattern: "POST /basket/let-go", who: anyone, do: w.letGo},
	}
}

// hold holds what a release's page asks for. What is there of it is held; what was gone is said.
func (w *Web) hold(v *visit) error {
	want, err := v.want()
	if err != nil {
		return err
	}
	if err := v.mayHold(want); err != nil {
		return err
	}
	basket, missed, err := w.cfg.Shop.Add(v.r.Context(), v.Buyer(), want)
	if err != nil {
		return err
	}
	w.Changed(want.Run)
	if v.wantsJSON() {
		held := []int{}
		for _, c := range basket.Copies {
			if c.Run == want.Run {
				held = append(held, c.Number)
			}
		}
		return v.json(http.StatusOK, map[string]any{"held": held, "missed": missed.Numbers, "short": missed.Any, "now": basket.Now, "until": basket.Until, "words": missedWords(missed)})
	}
	if missed.None() {
		return v.goTo("/basket?held=1")
	}
	return v.say("/basket?held=1", missedWords(missed))
}

// holds is how many copies one address may hold: a few at once, then one every ten seconds. Without it, somebody who drops
// the cookie each time would hold a whole run and buy nothing.
var holds = rate{"holds", 60, 10 * time.Second}

// mayHold refuses runs that are not in the window, and more holds than one address has use for.
func (v *visit) mayHold(want shop.Want) error {
	release, err := v.web.cfg.Catalog.ReleaseOf(v.r.Context(), want.Run)
	if err != nil {
		return err
	}
	if release.State == catalog.Draft {
		return fault.New(fault.NotFound, "There is no such run.")
	}
	for range max(1, min(len(want.Numbers)+want.Any, holds.burst)) {
		if err := v.web.limits.count(holds, network(v.from())); err != nil {
			return fault.New(fault.Limit, "Many copies were held from your address in a short time. Nothing was changed; please try again in a minute.")
		}
	}
	return nil
}

// want reads the form of a run's grid.
func (v *visit) want() (shop.Want, error) {
	want := shop.Want{Run: catalog.RunID(v.text("run")), Variant: v.text("variant")}
	if want.Run == "" || len(want.Run) > 64 || len(want.Variant) > 80 {
		return want, fault.New(fault.NotFound, "There is no such run.")
	}
	for _, s := range v.r.PostForm["number"] {
		if s == "any" {
			want.Any++
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > catalog.MaxCopies {
			return want, fault.Field("number", "Please choose a number of the grid.")
		}
		want.Numbers = append(want.Numbers, n)
	}
	if s := v.text("any"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return want, fault.Field("any", "Please write how many.")
		}
		want.Any += n
	}
	return want, nil
}

// missedWords say what of a wish was gone, and that the rest was kept.
func missedWords(m shop.Missed) string {
	var parts []string
	switch n := len(m.Numbers); {
	case n == 1:
		parts = append(parts, fmt.Sprintf("Number %d was gone.", m.Numbers[0]))
	case n > 1:
		all := make([]string, 0, n)
		for _, number := range m.Numbers {
			all = append(all, strconv.Itoa(number))
		}
		parts = append(parts, "Numbers "+strings.Join(all[:n-1], ", ")+" and "+all[n-1]+" were gone.")
	}
	if m.Any > 0 {
		parts = append(parts, fmt.Sprintf("%s fewer were left than you asked for.", strconv.Itoa(m.Any)))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(append(parts, "The others are held for you."), " ")
}

// basketView is what a browser holds.
type basketView struct {
	Groups []basketGroup
	Over   []basketLine // their time was over, and they are still free
	Now    time.Time
	Until  time.Time
	Err    error
	Sums   []shop.Money // at the least price, one a currency
	NoMind bool         // a hold was just made and the browser did not bring its cookie back
}

// basketGroup is the copies of one run.
type basketGroup struct {
	goods
	Terms shop.Terms
	Lines []basketLine
}

// basketLine is one copy.
type basketLine struct {
	goods
	Copy  catalog.Copy
	Price string // as typed, or the least
}

// field is the name of the line's price.
func (l basketLine) field() string { return "price-" + lineKey(l.Copy.Run, l.Copy.Number) }

func (b basketView) count() int {
	n := 0
	for _, g := range b.Groups {
		n += len(g.Lines)
	}
	return n
}

// labels are those whose copies are in the basket, each once.
func (b basketView) labels() (ls []catalog.Label) {
	for _, g := range b.Groups {
		if !slices.ContainsFunc(ls, func(l catalog.Label) bool { return l.ID == g.Label.ID }) {
			ls = append(ls, g.Label)
		}
	}
	return ls
}

func (w *Web) basket(v *visit) error {
	b, err := v.basketView()
	if err != nil {
		return err
	}
	b.NoMind = v.r.URL.Query().Has("held") && v.Visitor == ""
	return v.show(page{Title: "Your basket", Scripts: []string{"hold.js"}, Styles: []string{"buy.css"}}, basketPage(b))
}

// basketView reads what the visitor holds. A browser without a cookie holds nothing, and gets none for looking.
func (v *visit) basketView() (b basketView, err error) {
	b.Now = v.Now
	if v.Visitor == "" {
		return b, nil
	}
	held, err := v.web.cfg.Shop.Basket(v.r.Context(), v.Buyer())
	if err != nil {
		return b, err
	}
	b.Now, b.Until = held.Now, held.Until
	read := v.counter()
	for _, c := range held.Copies {
		g, err := read.run(c.Run)
		if err != nil {
			return b, err
		}
		if n := len(b.Groups); n == 0 || b.Groups[n-1].Run.ID != c.Run {
			t, err := v.web.cfg.Shop.Terms(v.r.Context(), c.Run)
			if err != nil {
				return b, err
			}
			b.Groups = append(b.Groups, basketGroup{goods: g, Terms: t})
		}
		last := &b.Groups[len(b.Groups)-1]
		last.Lines = append(last.Lines, basketLine{goods: g, Copy: c, Price: amount(last.Terms.Price)})
		b.Sums = addMoney(b.Sums, last.Terms.Price)
	}
	for _, c := range held.Over {
		g, err := read.run(c.Run)
		if err != nil {
			return b, err
		}
		b.Over = append(b.Over, basketLine{goods: g, Copy: c})
	}
	return b, nil
}

// addMoney adds an amount to the sum of its currency.
func addMoney(sums []shop.Money, m shop.Money) []shop.Money {
	for i := range sums {
		if sums[i].Currency == m.Currency {
			sums[i].Minor += m.Minor
			return sums
		}
	}
	return append(sums, m)
}

func moneys(sums []shop.Money) string {
	words := make([]string, len(sums))
	for i, m := range sums {
		words[i] = money(m)
	}
	return strings.Join(words, " + ")
}

// prices reads the prices that were typed into the basket, in the query of the checkout's address.
func (b *basketView) prices(typed url.Values) (lines []shop.Line, err error) {
	for i := range b.Groups {
		g := &b.Groups[i]
		for k := range g.Lines {
			l := &g.Lines[k]
			m := g.Terms.Price
			if s := typed.Get(l.field()); s != "" && g.Terms.PayMore {
				l.Price = clip(s, 20)
				p, e := readPrice(l.field(), s, m.Currency)
				switch {
				case e != nil:
					err = errors.Join(err, e)
				case p.Minor < m.Minor:
					err = errors.Join(err, fault.Field(l.field(), "A copy of this run costs %s or more.", money(m)))
				default:
					m = p
				}
			}
			lines = append(lines, shop.Line{Run: l.Copy.Run, Number: l.Copy.Number, Minor: m.Minor})
		}
	}
	return lines, err
}

// letGo lets copies of the basket go.
func (w *Web) letGo(v *visit) error {
	v.text("") // reads the form
	gone := map[catalog.RunID][]int{}
	for _, s := range v.r.PostForm["copy"] {
		run, n, ok := parseLineKey(s)
		if !ok || len(gone) > 50 {
			return fault.Field("copy", "This does not name a copy of the basket.")
		}
		gone[run] = append(gone[run], n)
	}
	if v.Visitor == "" || len(gone) == 0 {
		return v.goTo("/basket")
	}
	if err := w.cfg.Shop.LetGo(v.r.Context(), v.Buyer(), gone); err != nil {
		return err
	}
	for run := range gone {
		w.Changed(run)
	}
	return v.say("/basket", "Let go. Somebody else can have it now.")
}

// payMore reports whether a price of the basket is the buyer's to raise.
func (b basketView) payMore() bool {
	return slices.ContainsFunc(b.Groups, func(g basketGroup) bool { return g.Terms.PayMore })
}
