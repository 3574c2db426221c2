package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a label's time zone is known wherever the shop runs

	"ferric/budget"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/publish"
	"ferric/internal/shop"
	"ferric/internal/window"
	"ferric/pressing"
)

func deskReleaseRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /desk/{label}/releases", who: member, do: w.deskReleases},
		{pattern: "GET /desk/{label}/releases/{release}", who: member, do: w.deskRelease},
		{pattern: "POST /desk/{label}/releases/{release}/sale", who: owner, do: w.putOnSale},
		{pattern: "POST /desk/{label}/releases/{release}/digital", who: owner, do: w.setDigital},
		{pattern: "POST /desk/{label}/releases/{release}/notes", who: owner, do: w.editNotes},
		{pattern: "POST /desk/{label}/releases/{release}/take-back", who: owner, do: w.takeBack},
		{pattern: "POST /desk/{label}/releases/{release}/{run}/terms", who: owner, do: w.setTerms},
	}
}

// deskReleasesView is a label's releases, drafts among them.
type deskReleasesView struct {
	deskView
	Items []window.Item
	Next  string
	Now   time.Time
}

func (w *Web) deskReleases(v *visit) error {
	d := deskReleasesView{deskView: v.deskView(tabReleases), Now: v.Now}
	list, err := w.cfg.Window.Releases(v.r.Context(), window.Query{Label: v.Label.ID, All: true, After: v.r.URL.Query().Get("after"), Limit: 50})
	if err != nil {
		return err
	}
	d.Items = list.Items
	if list.Next != "" {
		d.Next = d.path("releases") + query("after", list.Next)
	}
	return v.show(d.page("Releases"), deskReleasesPage(d))
}

// deskReleaseView is a release on the desk: how it is sold, what goes with it, its runs.
type deskReleaseView struct {
	deskView
	*window.Page
	Now     time.Time
	Draft   *pressing.Manifest // a pressing that is no run yet
	Sale    saleForm           // of that
	Runs    []deskRun          // the newest first
	Bought  bool               // somebody has, so it cannot be taken back
	Form    string             // which form the error is of
	Err     error
	Digital catalog.Digital // as typed
	Notes   string          // as typed
	Reason  string          // as typed
}

// deskRun is a run among its release's.
type deskRun struct {
	window.Run
	Path   string
	Count  map[catalog.State]int // of its copies, proofs left out
	Form   saleForm
	Closed bool
}

func (d deskReleaseView) of(form string) error {
	if d.Form == form {
		return d.Err
	}
	return nil
}

func (d deskReleaseView) here(parts ...string) string {
	return d.path(append([]string{"releases", d.Page.Slug}, parts...)...)
}

// saleForm is how a run is sold, as it is typed.
type saleForm struct {
	Price, Currency string
	PayMore         bool
	Opens, Closes   string // as datetime-local has it, in Zone
	Zone            string // of the tz database
	PerPerson       string
	Copies          string // of a pressing that numbers none
	Pools           map[catalog.Pool]string
	Stored          bool // it is what is kept, in UTC: the page may show it in the reader's zone
}

// currencies are those that a price may have.
var currencies = []string{"EUR", "USD", "GBP", "PLN", "CZK", "SEK", "DKK", "NOK", "CHF", "CAD", "AUD", "NZD", "JPY", "MXN", "BRL"}

// sold apart are the pools that numbers can be dealt to when a run is declared; the rest is sold on the web.
var dealt = []catalog.Pool{catalog.Counter, catalog.Merch, catalog.Consignment, catalog.ArtistPool}

func termsForm(t shop.Terms) saleForm {
	f := saleForm{Currency: t.Price.Currency, PayMore: t.PayMore, Zone: "UTC", Opens: localTime(t.Opens), Closes: localTime(t.Closes), Stored: true}
	if f.Currency == "" {
		f.Currency = currencies[0]
	} else {
		f.Price = amount(t.Price)
	}
	if t.PerPerson > 0 {
		f.PerPerson = strconv.Itoa(t.PerPerson)
	}
	return f
}

func (v *visit) saleForm() saleForm {
	f := saleForm{Price: v.text("price"), Currency: v.text("currency"), PayMore: v.text("pay_more") != "", Opens: v.text("opens"), Closes: v.text("closes"),
		Zone: v.text("zone"), PerPerson: v.text("per_person"), Copies: v.text("copies"), Pools: map[catalog.Pool]string{}}
	for _, p := range dealt {
		f.Pools[p] = v.text("pool_" + string(p))
	}
	return f
}

// terms reads the form.
func (f saleForm) terms() (t shop.Terms, err error) {
	if _, err := budget.FindCurrency(f.Currency); err != nil || f.Currency == "" {
		return t, fault.Field("currency", "Please choose a currency.")
	}
	if t.Price, err = readPrice("price", f.Price, f.Currency); err != nil {
		return t, err
	}
	t.PayMore = f.PayMore
	zone, err := readZone(f.Zone)
	if err != nil {
		return t, err
	}
	if t.Opens, err = readTime("opens", f.Opens, zone); err != nil {
		return t, err
	}
	if t.Closes, err = readTime("closes", f.Closes, zone); err != nil {
		return t, err
	}
	t.PerPerson, err = readCount("per_person", f.PerPerson, 1000)
	return t, err
}

const localLayout = "2006-01-02T15:04"

// localTime is a time in UTC as datetime-local has it.
func localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(localLayout)
}

func readZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || len(name) > 64 || name == "Local" {
		return nil, fault.Field("zone", "There is no such time zone. They are called like Europe/Warsaw or UTC.")
	}
	return zone, nil
}

// readTime reads a datetime-local in a zone; zero for none.
func readTime(field, typed string, zone *time.Location) (time.Time, error) {
	if typed == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{localLayout, localLayout + ":05"} {
		if t, err := time.ParseInLocation(layout, typed, zone); err == nil {
			if t.Year() < 2000 || t.Year() > 2200 {
				break
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.Field(field, "Please write a date and time such as 2026-11-20 18:00.")
}

// readCount reads a count from 0 to most; nothing is 0.
func readCount(field, typed string, most int) (int, error) {
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > most {
		return 0, fault.Field(field, "Please write a number from 0 to %d.", most)
	}
	return n, nil
}

// readRanges reads numbers of a run: "1-20, 25".
func readRanges(field, typed string, most int) (ranges [][2]int, err error) {
	for part := range strings.SplitSeq(typed, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		first, last, ok := strings.Cut(part, "-")
		if !ok {
			last = first
		}
		a, err := strconv.Atoi(strings.TrimSpace(first))
		b, err2 := strconv.Atoi(strings.TrimSpace(last))
		if err != nil || err2 != nil || a < 1 || b < a || b > most {
			return nil, fault.Field(field, "Please write numbers from 1 to %d such as 1-20, 25.", most)
		}
		if ranges = append(ranges, [2]int{a, b}); len(ranges) > 200 {
			return nil, fault.Field(field, "These are too many ranges.")
		}
	}
	return ranges, nil
}

// pools deals the numbers 1 to n as the form says; what it does not name is sold on the web.
func (f saleForm) pools(n int) ([]catalog.Span, error) {
	in := make([]catalog.Pool, n+1)
	for i := range in {
		in[i] = catalog.Web
	}
	named := false
	for _, p := range dealt {
		ranges, err := readRanges("pool_"+string(p), f.Pools[p], n)
		if err != nil {
			return nil, err
		}
		for _, r := range ranges {
			for i := r[0]; i <= r[1]; i++ {
				if in[i] != catalog.Web {
					return nil, fault.Field("pool_"+string(p), "Number %d stands in two places.", i)
				}
				in[i], named = p, true
			}
		}
	}
	if !named {
		return nil, nil
	}
	var spans []catalog.Span
	for i := 1; i <= n; i++ {
		if len(spans) == 0 || spans[len(spans)-1].Name != string(in[i]) {
			spans = append(spans, catalog.Span{Name: string(in[i]), First: i, Last: i})
		} else {
			spans[len(spans)-1].Last = i
		}
	}
	return spans, nil
}

// deskReleaseView reads a release of the label of the address.
func (w *Web) deskReleaseView(v *visit) (d deskReleaseView, err error) {
	ctx := v.r.Context()
	d = deskReleaseView{deskView: v.deskView(tabReleases), Now: v.Now}
	if d.Page, err = w.cfg.Window.Release(ctx, v.Label.Slug, v.path("release"), true); err != nil {
		return d, err
	}
	d.Digital, d.Notes = d.Page.Digital, d.Page.Notes
	for _, r := range d.Page.Runs {
		run := deskRun{Run: r, Path: d.here(strconv.Itoa(r.Ordinal)), Count: map[catalog.State]int{}, Form: termsForm(r.Terms)}
		for _, c := range r.Grid {
			if c.Number <= r.Copies {
				run.Count[c.State]++
			}
			d.Bought = d.Bought || c.State != catalog.Free && c.State != catalog.Void
		}
		if run.Closed, err = w.closed(v, r.ID); err != nil {
			return d, err
		}
		d.Runs = append(d.Runs, run)
	}
	slices.Reverse(d.Runs)
	if !d.owner() || d.State == catalog.Withdrawn {
		return d, nil
	}
	_, draft, err := w.cfg.Publish.Draft(ctx, d.ID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return d, nil
	}
	d.Draft, d.Sale = draft, termsForm(shop.Terms{})
	if len(d.Page.Runs) > 0 { // a repress costs what the run before does, until its label says otherwise
		last := d.Page.Runs[len(d.Page.Runs)-1].Terms
		d.Sale = termsForm(shop.Terms{Price: last.Price, PayMore: last.PayMore, PerPerson: last.PerPerson})
	} else if draft != nil && draft.Budget != nil && slices.Contains(currencies, d.Page.Detail.Costs.Currency) {
		d.Sale.Currency = d.Page.Detail.Costs.Currency
	}
	return d, err
}

// closed reports whether the log says that a run is at its end.
func (w *Web) closed(v *visit, run catalog.RunID) (bool, error) {
	h, err := w.cfg.Registry.State(v.r.Context(), string(run), 1)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return h.Closed, err
}

func (d deskReleaseView) head() page { return d.page(d.Title, "desk.js") }

func (w *Web) deskRelease(v *visit) error {
	d, err := w.deskReleaseView(v)
	if err != nil {
		return err
	}
	return v.show(d.head(), deskReleasePage(d))
}

// releaseAgain shows the page with what was wrong in one of its forms.
func (w *Web) releaseAgain(v *visit, wrong error, form string, typed func(*deskReleaseView)) error {
	d, err := w.deskReleaseView(v)
	if err != nil {
		return err
	}
	d.Form, d.Err = form, wrong
	typed(&d)
	return v.again(wrong, d.head(), deskReleasePage(d))
}

// labelRelease is the release of the address.
func (w *Web) labelRelease(v *visit) (catalog.Release, error) {
	return w.cfg.Catalog.ReleaseBySlug(v.r.Context(), v.Label.ID, v.path("release"))
}

func (w *Web) putOnSale(v *visit) error {
	ctx := v.r.Context()
	r, err := w.labelRelease(v)
	if err != nil {
		return err
	}
	f := v.saleForm()
	digital := catalog.Digital(v.text("digital"))
	run, err := w.sell(v, r, f, digital)
	if err != nil {
		return w.releaseAgain(v, err, "sale", func(d *deskReleaseView) {
			d.Sale = f
			if slices.Contains(catalog.Digitals, digital) {
				d.Digital = digital
			}
		})
	}
	t, err := w.cfg.Shop.Terms(ctx, run.ID)
	if err != nil {
		return err
	}
	said := fmt.Sprintf("%s is on sale: %s.", r.Title, many(run.Copies, "copy", "copies"))
	if f.Opens != "" && t.Opens.After(v.Now) {
		said = fmt.Sprintf("%s stands in the window. Its sale opens on %s.", r.Title, hour(t.Opens))
	}
	return v.say(v.deskView(tabReleases).path("releases", r.Slug), said)
}

func (w *Web) sell(v *visit, r catalog.Release, f saleForm, digital catalog.Digital) (run catalog.Run, err error) {
	_, m, err := w.cfg.Publish.Draft(v.r.Context(), r.ID)
	if err != nil {
		return run, err
	}
	t, err := f.terms()
	if err != nil {
		return run, err
	}
	copies := 0
	n := 0
	if m.Run != nil {
		n = m.Run.Copies
	} else {
		if copies, err = readCount("copies", f.Copies, catalog.MaxCopies); err != nil {
			return run, err
		}
		if copies == 0 {
			return run, fault.Field("copies", "How many copies are there? This can never be changed.")
		}
		n = copies
	}
	pools, err := f.pools(n)
	if err != nil {
		return run, err
	}
	return w.cfg.Publish.PutOnSale(v.r.Context(), saleOf(r.ID, string(v.Account.ID), t, digital, pools, copies))
}

func (w *Web) setTerms(v *visit) error {
	r, run, err := w.labelRun(v)
	if err != nil {
		return err
	}
	f := v.saleForm()
	t, err := f.terms()
	if err == nil {
		t.Run = run.ID
		err = w.cfg.Shop.SetTerms(v.r.Context(), t)
	}
	if err != nil {
		return w.releaseAgain(v, err, "terms-"+strconv.Itoa(run.Ordinal), func(d *deskReleaseView) {
			for i := range d.Runs {
				if d.Runs[i].ID == run.ID {
					d.Runs[i].Form = f
				}
			}
		})
	}
	return v.say(v.deskView(tabReleases).path("releases", r.Slug), "Kept. Holds and orders that stand keep their price.")
}

func (w *Web) setDigital(v *visit) error {
	r, err := w.labelRelease(v)
	if err != nil {
		return err
	}
	choice := catalog.Digital(v.text("digital"))
	if _, err := w.cfg.Catalog.SetDigital(v.r.Context(), r.ID, choice); err != nil {
		return w.releaseAgain(v, err, "digital", func(*deskReleaseView) {})
	}
	return v.say(v.deskView(tabReleases).path("releases", r.Slug)+"#digital", "Kept: "+digitalWords[choice].short+".")
}

func (w *Web) editNotes(v *visit) error {
	r, err := w.labelRelease(v)
	if err != nil {
		return err
	}
	notes := strings.ReplaceAll(v.text("notes"), "\r\n", "\n")
	if _, err := w.cfg.Catalog.EditNotes(v.r.Context(), r.ID, notes); err != nil {
		return w.releaseAgain(v, err, "notes", func(d *deskReleaseView) { d.Notes = notes })
	}
	return v.say(v.deskView(tabReleases).path("releases", r.Slug)+"#words", "Kept.")
}

func (w *Web) takeBack(v *visit) error {
	r, err := w.labelRelease(v)
	if err != nil {
		return err
	}
	reason := v.text("reason")
	gone, err := w.cfg.Publish.TakeBack(v.r.Context(), r.ID, reason, string(v.Account.ID))
	if err != nil {
		return w.releaseAgain(v, err, "take-back", func(d *deskReleaseView) { d.Reason = reason })
	}
	d := v.deskView(tabReleases)
	if gone {
		return v.say(d.path("releases"), r.Title+" is gone.")
	}
	return v.say(d.path("releases", r.Slug), r.Title+" is taken back. Its numbers are void, and its page says why.")
}

// digitalWords say what a digital policy means.
var digitalWords = map[catalog.Digital]struct{ short, long string }{
	catalog.TapeOnly: {"tape only", "Nobody hears it here but on a tape they own. No address of this shop gives the sound away."},
	catalog.Preview:  {"a preview", "Side A can be heard on the release's page, at the pace of tape: no skipping, no file."},
	catalog.Files:    {"files for owners", "Whoever has claimed a copy can also save both sides as files. Side A can be heard on the page."},
}

func saleOf(r catalog.ReleaseID, by string, t shop.Terms, digital catalog.Digital, pools []catalog.Span, copies int) publish.Sale {
	return publish.Sale{Release: r, By: by, Price: t.Price, PayMore: t.PayMore, Opens: t.Opens, Closes: t.Closes, PerPerson: t.PerPerson,
		Digital: digital, Pools: pools, Copies: copies}
}

// poolLabels name the fields in which numbers are dealt.
var poolLabels = map[catalog.Pool]string{
	catalog.Counter: "On the label's counter", catalog.Merch: "On the merch table", catalog.Consignment: "In other shops", catalog.ArtistPool: "With the artist",
}

func proofWords(n int) string {
	if n == 0 {
		return ""
	}
	return " and " + many(n, "artist's proof", "artist's proofs")
}

// runTitle names a run among several.
func runTitle(r deskRun, runs int) string { return runView{Run: r.Run}.name(runs) }

type counted struct {
	n     int
	words string
}

// countsOf are the numbers of a run by state, those that there are.
func countsOf(r deskRun) (cs []counted) {
	for _, c := range []struct {
		state catalog.State
		words string
	}{{catalog.Held, "held or ordered"}, {catalog.Sold, "sold"}, {catalog.Packed, "packed"}, {catalog.Shipped, "sent"}, {catalog.Claimed, "claimed"},
		{catalog.Returned, "came back"}, {catalog.Void, "void"}} {
		if n := r.Count[c.state]; n > 0 {
			cs = append(cs, counted{n, c.words})
		}
	}
	return cs
}

// termsWords say when a run is sold.
func termsWords(r deskRun, now time.Time) string {
	t := r.Terms
	s := "on sale"
	switch {
	case t.Opens.After(now):
		s = "opens " + hour(t.Opens)
	case !t.Closes.IsZero() && !t.Closes.After(now):
		s = "closed " + hour(t.Closes)
	}
	if t.Closes.After(now) {
		s += ", closes " + hour(t.Closes)
	}
	if t.PerPerson > 0 {
		s += ", " + strconv.Itoa(t.PerPerson) + " a person"
	}
	return s
}
