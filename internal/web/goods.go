package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ferric/budget"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// goods is what a buyer's page tells of a run.
type goods struct{ catalog.Item }

func (g goods) path() string { return "/l/" + g.Label.Slug + "/" + g.Release.Slug }

func (g goods) copyPath(n int) string {
	return g.path() + "/" + strconv.Itoa(g.Run.Ordinal) + "/" + strconv.Itoa(n)
}

// counter reads what pages tell of runs, each thing once.
type counter struct {
	ctx    context.Context
	web    *Web
	runs   map[catalog.RunID]goods
	labels map[catalog.LabelID]catalog.Label
}

func (v *visit) counter() *counter {
	return &counter{v.r.Context(), v.web, map[catalog.RunID]goods{}, map[catalog.LabelID]catalog.Label{}}
}

func (c *counter) run(id catalog.RunID) (g goods, err error) {
	if g, ok := c.runs[id]; ok {
		return g, nil
	}
	if g.Item, err = c.web.cfg.Catalog.Item(c.ctx, id); err != nil {
		return g, err
	}
	c.runs[id], c.labels[g.Label.ID] = g, g.Label
	return g, nil
}

func (c *counter) label(id catalog.LabelID) (l catalog.Label, err error) {
	if l, ok := c.labels[id]; ok {
		return l, nil
	}
	if l, err = c.web.cfg.Catalog.Label(c.ctx, id); err == nil {
		c.labels[id] = l
	}
	return l, err
}

// copyOf reads {run} and {number} of an address.
func (v *visit) copyOf() (catalog.RunID, int, error) {
	n, err := strconv.Atoi(v.path("number"))
	if err != nil || n < 1 || n > catalog.MaxCopies || len(v.path("run")) > 64 {
		return "", 0, fault.New(fault.NotFound, "There is no such copy.")
	}
	return catalog.RunID(v.path("run")), n, nil
}

// readPrice reads what a person typed as an amount of a currency: "12", "12.5", "12,50".
func readPrice(field, typed, currency string) (shop.Money, error) {
	digits := 2
	if c, err := budget.FindCurrency(currency); err == nil {
		digits = c.Digits
	}
	whole, part, _ := strings.Cut(strings.Replace(strings.TrimSpace(typed), ",", ".", 1), ".")
	bad := fault.Field(field, "Please write an amount such as %s.", amount(shop.Money{Minor: 1200, Currency: currency}))
	if whole == "" && part == "" || len(whole) > 7 || len(part) > digits {
		return shop.Money{}, bad
	}
	text := whole + part + strings.Repeat("0", digits-len(part))
	for _, r := range text {
		if r < '0' || r > '9' {
			return shop.Money{}, bad
		}
	}
	minor, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return shop.Money{}, bad
	}
	return shop.Money{Minor: minor, Currency: currency}, nil
}

// lineKey names a copy in a form: "RUN:17".
func lineKey(run catalog.RunID, number int) string { return fmt.Sprintf("%s:%d", run, number) }

func parseLineKey(s string) (catalog.RunID, int, bool) {
	run, number, ok := strings.Cut(s, ":")
	n, err := strconv.Atoi(number)
	return catalog.RunID(run), n, ok && err == nil && n > 0 && n <= catalog.MaxCopies && run != "" && len(run) <= 64
}
