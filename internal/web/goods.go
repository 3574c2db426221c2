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
type goods struct {
	Run     catalog.Run
	Release catalog.Release
	Label   catalog.Label
	Artist  catalog.Artist
}

func (g goods) path() string { return "/l/" + g.Label.Slug + "/" + g.Release.Slug }

func (g goods) copyPath(n int) string {
	return g.path() + "/" + strconv.Itoa(g.Run.Ordinal) + "/" + strconv.Itoa(n)
}

// counter reads what pages tell of runs, each thing once.
type counter struct {
	ctx      context.Context
	web      *Web
	runs     map[catalog.RunID]goods
	releases map[catalog.ReleaseID]catalog.Release
	labels   map[catalog.LabelID]catalog.Label
	artists  map[catalog.ArtistID]catalog.Artist
}

func (v *visit) counter() *counter {
	return &counter{v.r.Context(), v.web, map[catalog.RunID]goods{}, map[catalog.ReleaseID]catalog.Release{}, map[catalog.LabelID]catalog.Label{}, map[catalog.ArtistID]catalog.Artist{}}
}

func (c *counter) run(id catalog.RunID) (g goods, err error) {
	if g, ok := c.runs[id]; ok {
		return g, nil
	}
	cat := c.web.cfg.Catalog
	if g.Run, err = cat.Run(c.ctx, id); err != nil {
		return g, err
	}
	if g.Release, err = once(c.ctx, c.releases, g.Run.Release, cat.Release); err != nil {
		return g, err
	}
	if g.Label, err = once(c.ctx, c.labels, g.Release.Label, cat.Label); err != nil {
		return g, err
	}
	if g.Artist, err = once(c.ctx, c.artists, g.Release.Artist, cat.Artist); err != nil {
		return g, err
	}
	c.runs[id] = g
	return g, nil
}

func (c *counter) label(id catalog.LabelID) (catalog.Label, error) {
	return once(c.ctx, c.labels, id, c.web.cfg.Catalog.Label)
}

func once[K comparable, V any](ctx context.Context, kept map[K]V, id K, read func(context.Context, K) (V, error)) (V, error) {
	if v, ok := kept[id]; ok {
		return v, nil
	}
	v, err := read(ctx, id)
	if err == nil {
		kept[id] = v
	}
	return v, err
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
