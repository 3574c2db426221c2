package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/internal/window"
	"ferric/jcard"
)

func releaseRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /l/{label}/{release}", who: anyone, do: w.release, opts: options{cached: true}},
		{pattern: "GET /l/{label}/{release}/live", who: anyone, do: w.releaseLive, opts: options{stream: true}},
		{pattern: "GET /l/{label}/{release}/number", who: anyone, do: w.toNumber},
	}
}

// releaseView is a release as its page shows it.
type releaseView struct {
	*window.Page
	Card   cardView
	Tape   cassetteView
	Series []runView // the newest run first
	Draft  bool
}

// runView is a run on the page of its release.
type runView struct {
	window.Run
	State  saleState
	Grid   gridView
	Tally  tally
	Mine   []int // numbers that the reader holds
	Until  time.Time
	Ranges []rangeView // of a run that has more numbers than one page of the grid
	Voids  []window.Cell
	Path   string // of the release
	Now    time.Time
}

// rangeView is a page of a large grid.
type rangeView struct {
	First, Last int
	Path        string
	Here        bool
}

// saleState is whether a run can be bought now.
type saleState string

const (
	notOnSale saleState = "not on sale"
	opensSoon saleState = "opens"
	onSale    saleState = "on sale"
	noneFree  saleState = "none free" // just now: a hold may come back
	soldOut   saleState = "sold out"
	closed    saleState = "closed"
	takenBack saleState = "taken back"
)

func (r runView) buyable() bool {
	return r.State == onSale || r.State == noneFree || r.State == opensSoon
}

// readRelease reads a release's page; a draft for members of its label only.
func (v *visit) readRelease() (p *window.Page, err error) {
	ctx, label, slug := v.r.Context(), v.path("label"), v.path("release")
	p, err = v.web.cfg.Window.Release(ctx, label, slug, false)
	if !fault.Is(err, fault.NotFound) || !v.SignedIn() {
		return p, err
	}
	l, e := v.web.cfg.Catalog.LabelBySlug(ctx, label)
	if e != nil {
		return nil, err
	}
	if role, e := v.web.cfg.People.Role(ctx, v.Account.ID, l.ID); e != nil || role == "" {
		return nil, err
	}
	return v.web.cfg.Window.Release(ctx, label, slug, true)
}

func (w *Web) release(v *visit) error {
	p, err := v.readRelease()
	if err != nil {
		return err
	}
	from, _ := strconv.Atoi(v.r.URL.Query().Get("from"))
	view := newReleaseView(p, v.Visitor, from)
	title := p.Artist.Name + ": " + p.Title
	pg := page{Title: title, Canonical: releasePath(p.Label.Slug, p.Slug), Accent: p.Label.Accent, Scripts: []string{"times.js", "live.js"},
		Description: describeRelease(p), Image: releasePath(p.Label.Slug, p.Slug) + "/og.jpg", Feed: labelPath(p.Label.Slug) + "/feed.atom", Data: releaseData(w, p)}
	if view.Draft {
		pg.Canonical, pg.Data, pg.Image = "", nil, ""
	}
	return v.show(pg, releasePageOf(view))
}

func newReleaseView(p *window.Page, visitor string, from int) releaseView {
	view := releaseView{Page: p, Draft: p.State == catalog.Draft, Card: cardOf(p)}
	variant := ""
	for i := len(p.Runs) - 1; i >= 0; i-- {
		r := newRunView(p, p.Runs[i], visitor, from)
		if len(r.Run.Variants) > 0 && variant == "" {
			variant = r.Run.Variants[0].Name
		}
		view.Series = append(view.Series, r)
	}
	view.Tape = newCassette(p.Release, p.Artist.Name, p.Label.Name, 0, "", variant, 4*time.Minute)
	return view
}

// cardOf is the release's card with its drawings.
func cardOf(p *window.Page) cardView {
	c := cardView{Artist: p.Artist.Name, Title: p.Title, Catalogue: p.CatalogNumber, Ground: groundOf(p.Release), ID: "card"}
	if p.Cover != "" {
		c.Cover = coverPath(p.Cover, 600)
	}
	for _, d := range p.Detail.Pictures.Drawings {
		switch d.Name {
		case "jcard-outside":
			c.Drawing, c.W, c.H = drawingPath(d.SHA256, 1200), d.Width, d.Height
		case "jcard-inside":
			c.Inside = drawingPath(d.SHA256, 1200)
		}
	}
	return c
}

func newRunView(p *window.Page, r window.Run, visitor string, from int) runView {
	path := releasePath(p.Label.Slug, p.Slug)
	v := runView{Run: r, Path: path, Now: p.Now, Tally: count(r.Grid, r.Copies, visitor)}
	v.State = stateOfRun(p, r, v.Tally)
	for _, c := range r.Grid {
		if visitor != "" && c.Holder == visitor && c.State == catalog.Held {
			v.Mine = append(v.Mine, c.Number)
			if v.Until.IsZero() || c.Until.Before(v.Until) {
				v.Until = c.Until
			}
		}
		if c.State == catalog.Void {
			v.Voids = append(v.Voids, c)
		}
	}
	cells := r.Grid
	if len(cells) > pageOf {
		first := 0
		if from > 0 && from <= len(cells) {
			first = (from - 1) / pageOf * pageOf
		}
		for at := 0; at < len(cells); at += pageOf {
			v.Ranges = append(v.Ranges, rangeView{First: at + 1, Last: min(at+pageOf, len(cells)), Here: at == first,
				Path: path + "?" + url.Values{"from": {strconv.Itoa(at + 1)}}.Encode() + "#run-" + strconv.Itoa(r.Ordinal)})
		}
		cells = cells[first:min(first+pageOf, len(cells))]
	}
	v.Grid = gridView{ID: "grid-" + strconv.Itoa(r.Ordinal), Run: string(r.ID), Copies: r.Copies, Cells: cells,
		Base: path + "/" + strconv.Itoa(r.Ordinal) + "/", Choose: v.buyable(), Holder: visitor}
	return v
}

func stateOfRun(p *window.Page, r window.Run, t tally) saleState {
	switch {
	case p.State == catalog.Withdrawn:
		return takenBack
	case !r.OnSale:
		return notOnSale
	case !r.Terms.Closes.IsZero() && !p.Now.Before(r.Terms.Closes):
		return closed
	case t.Free == 0 && t.Held == 0 && t.Mine == 0:
		return soldOut
	case p.Now.Before(r.Terms.Opens):
		return opensSoon
	case t.Free == 0:
		return noneFree
	}
	return onSale
}

// describeRelease is a release in a sentence, for who shares or finds its address.
func describeRelease(p *window.Page) string {
	s := p.Tape + " cassette"
	if p.Tape == "" {
		s = "Cassette"
	}
	if n := len(p.Runs); n > 0 {
		s += fmt.Sprintf(", %d numbered copies", p.Runs[n-1].Copies)
	}
	s += ", " + p.Label.Name
	if p.CatalogNumber != "" {
		s += " " + p.CatalogNumber
	}
	return s + "."
}

// released are the pages of the imprint: what stands under the title.
func (r releaseView) imprint() (parts []string) {
	if r.CatalogNumber != "" {
		parts = append(parts, r.CatalogNumber)
	}
	if r.Tape.Blank != "" {
		parts = append(parts, r.Tape.Blank)
	}
	if d := r.length(); d > 0 {
		parts = append(parts, jcard.Clock(d))
	}
	if r.Year != 0 {
		parts = append(parts, strconv.Itoa(r.Year))
	}
	if r.Detail.Genre != "" {
		parts = append(parts, r.Detail.Genre)
	}
	return parts
}

// length is how long both sides play.
func (r releaseView) length() (d time.Duration) {
	for _, s := range r.Detail.Sides {
		d += seconds(s.Seconds())
	}
	return d
}

func (r releaseView) path() string { return releasePath(r.Label.Slug, r.Slug) }

// name is "Run of 100" or, when there are several, "Second run: 50 copies".
func (r runView) name(runs int) string {
	if runs == 1 {
		return "The run of " + strconv.Itoa(r.Copies)
	}
	return ordinal(r.Ordinal) + " run, " + many(r.Copies, "copy", "copies")
}

func ordinal(n int) string {
	words := []string{"First", "Second", "Third", "Fourth", "Fifth", "Sixth"}
	if n >= 1 && n <= len(words) {
		return words[n-1]
	}
	return strconv.Itoa(n) + "th"
}

// mineWords name the numbers that the reader holds.
func (r runView) mineWords() string {
	words := make([]string, 0, 4)
	for _, n := range r.Mine {
		if len(words) == 4 && len(r.Mine) > 5 {
			words = append(words, many(len(r.Mine)-4, "more", "more"))
			break
		}
		words = append(words, strconv.Itoa(n))
	}
	if len(r.Mine) == 1 {
		return "Number " + words[0] + " is held for you"
	}
	return "Numbers " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1] + " are held for you"
}

// dbfs writes a level: −18 dBFS.
func dbfs(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if len(s) > 5 {
		s = strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strings.Replace(s, "-", "−", 1)
}

func hertz(v float64) string { return thousands(int64(v+0.5)) + " Hz" }

// releaseLive tells an open page what others buy.
func (w *Web) releaseLive(v *visit) error {
	label, err := w.cfg.Catalog.LabelBySlug(v.r.Context(), v.path("label"))
	if err != nil {
		return err
	}
	r, err := w.cfg.Catalog.ReleaseBySlug(v.r.Context(), label.ID, v.path("release"))
	if err != nil {
		return err
	}
	if r.State == catalog.Draft {
		return fault.New(fault.NotFound, "There is no such release.")
	}
	runs, err := w.cfg.Catalog.Runs(v.r.Context(), r.ID)
	if err != nil {
		return err
	}
	ids := make([]catalog.RunID, 0, len(runs))
	for _, run := range slices.Backward(runs) {
		if len(ids) < 8 {
			ids = append(ids, run.ID)
		}
	}
	return w.stream(v, ids)
}

// toNumber leads from a typed number to its page.
func (w *Web) toNumber(v *visit) error {
	q := v.r.URL.Query()
	run, errRun := strconv.Atoi(q.Get("run"))
	n, err := strconv.Atoi(strings.TrimSpace(q.Get("number")))
	if err != nil || errRun != nil || n < 1 || n > catalog.MaxCopies || run < 1 || run > 10_000 {
		return fault.New(fault.NotFound, "There is no copy with this number.")
	}
	return v.goTo(copyPath(v.path("label"), v.path("release"), run, n))
}

// button is what the one button says.
func (r runView) button() string {
	switch r.State {
	case opensSoon:
		return "Not open yet"
	case noneFree:
		return "None free"
	}
	return "Hold a copy"
}

func (r runView) hint() string {
	s := "Held for you for a few minutes, no account needed."
	if r.Terms.PerPerson > 0 {
		s += " At most " + strconv.Itoa(r.Terms.PerPerson) + " a person."
	}
	return s
}

func voidTitle(n int) string {
	return many(n, "number will never be sold", "numbers will never be sold") + ": why"
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func runWord(r runView, runs int) string {
	if runs == 1 {
		return ""
	}
	return ordinal(r.Ordinal) + " run, "
}

// coins is an amount of a pressing's budget.
func coins(c catalog.Costs, n int64) string {
	return money(shop.Money{Minor: n, Currency: c.Currency})
}

// declaredWords say what a run is made of.
func (r runView) declaredWords() string {
	s := many(r.Copies, "copy", "copies")
	if r.Proofs > 0 {
		s += " and " + many(r.Proofs, "artist's proof", "artist's proofs")
	}
	return s + ", declared on "
}

// earnsWords say what a run leaves.
func (r runView) earnsWords() string {
	e := r.Earns
	s := "At " + money(e.Price) + " a copy, "
	if e.Net.Minor < 0 {
		return s + "the run costs more than it brings: " + money(e.Cost) + " to make each."
	}
	s += money(e.Net) + " of each stays with artist and label once all " + strconv.Itoa(r.Copies) + " are sold"
	if e.Even > 0 {
		s += "; the run has paid for itself after " + strconv.Itoa(e.Even)
	}
	return s + "."
}
