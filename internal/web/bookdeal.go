package web

import (
	"fmt"
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/journal"
)

// dealView is how a release's money is shared, as it is typed.
type dealView struct {
	deskView
	Release catalog.Release
	Deal    journal.Deal // in force
	Tracks  int
	Recoup  bool
	Tiers   []dealTier
	Err     error
}

// dealTier is one step of a deal.
type dealTier struct {
	Above, From string
	Shares      []dealShare
}

type dealShare struct{ Payee, Percent, Tracks string }

// Rows that the form offers beyond those that are filled, and at most.
const (
	spareShares = 2
	mostTiers   = 4
	mostShares  = 20
)

func (w *Web) dealView(v *visit) (d dealView, err error) {
	ctx := v.r.Context()
	d = dealView{deskView: v.deskView(tabBooks), Recoup: true}
	if d.Release, err = w.labelRelease(v); err != nil {
		return d, err
	}
	for _, s := range d.Release.Detail.Sides {
		d.Tracks += len(s.Tracks)
	}
	if d.Deal, err = w.cfg.Books.Deal(ctx, v.Label.ID, d.Release.ID); err != nil {
		return d, err
	}
	payees, err := w.cfg.Books.Payees(ctx, v.Label.ID)
	if err != nil {
		return d, err
	}
	names := map[journal.PayeeID]string{}
	for _, p := range payees {
		names[p.ID] = p.Name
	}
	if d.Deal.Version > 0 {
		d.Recoup = d.Deal.Recoup
	}
	for _, t := range d.Deal.Tiers {
		var one dealTier
		if t.Above > 0 {
			one.Above = journal.Decimal(t.Above, w.dealCurrency(v, d.Release))
		}
		if !t.From.IsZero() {
			one.From = t.From.UTC().Format(time.DateOnly)
		}
		for _, s := range t.Shares {
			row := dealShare{Payee: names[s.Payee], Percent: percent(s.Parts)}
			if s.Of > 0 {
				row.Tracks = strconv.Itoa(s.Track)
			}
			one.Shares = append(one.Shares, row)
		}
		d.Tiers = append(d.Tiers, one)
	}
	return d, nil
}

// dealCurrency is the currency in which amounts of a release's deal are typed: that of its newest run's price.
func (w *Web) dealCurrency(v *visit, r catalog.Release) string {
	runs, err := w.cfg.Catalog.Runs(v.r.Context(), r.ID)
	for i := len(runs) - 1; i >= 0 && err == nil; i-- {
		if t, err := w.cfg.Shop.Terms(v.r.Context(), runs[i].ID); err == nil {
			return t.Price.Currency
		}
	}
	return currencies[0]
}

// padded adds the empty rows that the form offers.
func (d dealView) padded() dealView {
	if len(d.Tiers) < mostTiers {
		d.Tiers = append(d.Tiers, dealTier{})
	}
	for i := range d.Tiers {
		for range spareShares {
			d.Tiers[i].Shares = append(d.Tiers[i].Shares, dealShare{})
		}
	}
	return d
}

func (d dealView) head() page { return d.page("Shares of " + d.Release.Title) }

func (w *Web) deal(v *visit) error {
	d, err := w.dealView(v)
	if err != nil {
		return err
	}
	return v.show(d.head(), dealPage(d.padded()))
}

func (w *Web) setDeal(v *visit) error {
	d, err := w.dealView(v)
	if err != nil {
		return err
	}
	d.Recoup, d.Tiers = v.text("recoup") != "", nil
	for t := range mostTiers + 1 {
		tier := dealTier{Above: v.text(fmt.Sprintf("above-%d", t)), From: v.text(fmt.Sprintf("from-%d", t))}
		for s := range mostShares {
			field := func(name string) string { return v.text(fmt.Sprintf("%s-%d-%d", name, t, s)) }
			if row := (dealShare{field("payee"), field("percent"), field("tracks")}); row != (dealShare{}) {
				tier.Shares = append(tier.Shares, row)
			}
		}
		if t == 0 || tier.Above != "" || tier.From != "" || len(tier.Shares) > 0 {
			d.Tiers = append(d.Tiers, tier)
		}
	}
	next, err := d.read(w.dealCurrency(v, d.Release))
	if err == nil {
		if next.Version, err = readCount("version", v.text("version"), 1_000_000); err == nil {
			err = w.cfg.Books.SetDeal(v.r.Context(), v.Label.ID, next)
		}
	}
	if err != nil {
		d.Err = err
		return v.again(err, d.head(), dealPage(d.padded()))
	}
	return v.say(d.path("books", "deal", d.Release.Slug), "Kept. It counts from now on; what was earned before stays shared as it was.")
}

// read reads the form. Payees are names.
func (d dealView) read(currency string) (deal journal.Deal, err error) {
	deal = journal.Deal{Release: d.Release.ID, Recoup: d.Recoup}
	for _, typed := range d.Tiers {
		var t journal.Tier
		if typed.Above != "" {
			m, err := readPrice("tier", typed.Above, currency)
			if err != nil {
				return deal, err
			}
			t.Above = m.Minor
		}
		if t.From, err = readDay("tier", typed.From); err != nil {
			return deal, err
		}
		for _, row := range typed.Shares {
			s := journal.Share{Payee: journal.PayeeID(row.Payee)}
			if s.Parts, err = readPercent("share", row.Percent); err != nil {
				return deal, err
			}
			if s.Track, err = readCount("share", row.Tracks, d.Tracks); err != nil {
				return deal, err
			}
			if s.Track > 0 {
				s.Of = d.Tracks
			}
			if row.Payee == "" {
				return deal, fault.Field("share", "Whose share is it?")
			}
			t.Shares = append(t.Shares, s)
		}
		deal.Tiers = append(deal.Tiers, t)
	}
	return deal, nil
}
