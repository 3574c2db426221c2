package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/shop"
)

// The shelf is the copies that an account owns.
func shelfRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /shelf", who: signedIn, do: w.shelf},
		{pattern: "GET /shelf/{run}/{number}", who: signedIn, do: w.mine},
		{pattern: "POST /shelf/{run}/{number}/offer", who: signedIn, do: w.offer, opts: options{limit: secrets}},
		{pattern: "POST /shelf/{run}/{number}/withdraw", who: signedIn, do: w.withdraw},
		{pattern: "POST /shelf/{run}/{number}/accept", who: signedIn, do: w.acceptOwn},
		{pattern: "POST /shelf/{run}/{number}/decline", who: signedIn, do: w.decline},
		{pattern: "POST /shelf/{run}/{number}/key", who: signedIn, do: w.exportKey},
		{pattern: "GET /shelf/{run}/{number}/sound/{side}", who: signedIn, do: w.sound},
	}
}

// shelfView is everything on it.
type shelfView struct {
	Copies []shelfCopy
	Sort   string
	Offers []offerView // made to the account by name
	Name   string      // as pages of its copies show it; empty: not shown
}

// shelfCopy is one of them.
type shelfCopy struct {
	goods
	Copy  catalog.Copy
	Since time.Time
}

func (c shelfCopy) page() string { return fmt.Sprintf("/shelf/%s/%d", c.Copy.Run, c.Copy.Number) }

func (c shelfCopy) deck() string { return c.copyPath(c.Copy.Number) + "/deck" }

func (c shelfCopy) spine() spineView {
	return spineView{Path: c.page(), Artist: c.Artist.Name, Title: c.Release.Title, Catalogue: c.Run.Label(c.Copy.Number), Ground: groundOf(c.Release)}
}

// offerView is a copy that somebody offers.
type offerView struct {
	goods
	shop.Offer
	From string // the owner, if they want their name shown
	To   string // to whom, on the owner's own page
}

func (o offerView) page() string { return fmt.Sprintf("/shelf/%s/%d", o.Offer.Run, o.Number) }

// shelfOrders are what the list goes by.
var shelfOrders = []struct {
	Key, Words string
	compare    func(a, b shelfCopy) int
}{
	{"date", "Last first", func(a, b shelfCopy) int { return b.Since.Compare(a.Since) }},
	{"title", "Title", func(a, b shelfCopy) int {
		return cmp.Compare(catalog.Fold(a.Release.Title), catalog.Fold(b.Release.Title))
	}},
	{"label", "Label", func(a, b shelfCopy) int { return cmp.Compare(catalog.Fold(a.Label.Name), catalog.Fold(b.Label.Name)) }},
	{"number", "Number", func(a, b shelfCopy) int { return a.Copy.Number - b.Copy.Number }},
}

func (w *Web) shelf(v *visit) error {
	me := string(v.Account.ID)
	owned, err := w.cfg.Shop.Owned(v.r.Context(), me)
	if err != nil {
		return err
	}
	s := shelfView{Sort: v.r.URL.Query().Get("by")}
	if v.Account.Shown {
		s.Name = v.Account.Display
	}
	since, err := v.since()
	if err != nil {
		return err
	}
	read := v.counter()
	for _, c := range owned {
		g, err := read.run(c.Run)
		if err != nil {
			return err
		}
		s.Copies = append(s.Copies, shelfCopy{g, c, since[lineKey(c.Run, c.Number)]})
	}
	at := max(0, slices.IndexFunc(shelfOrders, func(o struct {
		Key, Words string
		compare    func(a, b shelfCopy) int
	}) bool {
		return o.Key == s.Sort
	}))
	s.Sort = shelfOrders[at].Key
	slices.SortStableFunc(s.Copies, shelfOrders[at].compare)
	offers, err := w.cfg.Shop.OffersTo(v.r.Context(), me)
	if err != nil {
		return err
	}
	for _, o := range offers {
		view, err := v.offerView(read, o)
		if err != nil {
			return err
		}
		s.Offers = append(s.Offers, view)
	}
	return v.show(page{Title: "Your shelf", Scripts: []string{"times.js"}, Styles: []string{"buy.css"}}, shelfPage(s))
}

// since is when the account got each of its copies.
func (v *visit) since() (map[string]time.Time, error) {
	all, err := v.web.cfg.Shop.Acquired(v.r.Context(), string(v.Account.ID))
	since := make(map[string]time.Time, len(all))
	for _, a := range all {
		since[lineKey(a.Run, a.Number)] = a.At
	}
	return since, err
}

func (v *visit) offerView(read *counter, o shop.Offer) (view offerView, err error) {
	view.Offer = o
	if view.goods, err = read.run(o.Run); err != nil {
		return view, err
	}
	names, err := v.web.cfg.People.Names(v.r.Context(), people.ID(o.Owner))
	view.From = names[people.ID(o.Owner)]
	return view, err
}

// mineView is the owner's page of a copy.
type mineView struct {
	shelfCopy
	Offer  *offerView
	Link   string // of a one-time offer just made: shown this once
	To     string // as typed
	Err    error
	Proven bool // the certificate can be had now
	Sides  []catalog.Side
	Shown  string
}

// owns is the account's copy of the address. Whose it is otherwise is not told.
func (v *visit) owns() (catalog.Copy, error) {
	run, number, err := v.copyOf()
	if err != nil {
		return catalog.Copy{}, err
	}
	c, _, err := v.web.cfg.Catalog.Copy(v.r.Context(), run, number)
	if err != nil {
		return catalog.Copy{}, err
	}
	if c.State != catalog.Claimed || c.Owner == "" || c.Owner != string(v.Account.ID) {
		return catalog.Copy{}, fault.New(fault.NotFound, "This copy is not on your shelf.")
	}
	return c, nil
}

func (v *visit) mineView() (m mineView, err error) {
	c, err := v.owns()
	if err != nil {
		return m, err
	}
	read := v.counter()
	g, err := read.run(c.Run)
	if err != nil {
		return m, err
	}
	since, err := v.since()
	if err != nil {
		return m, err
	}
	m.shelfCopy = shelfCopy{g, c, since[lineKey(c.Run, c.Number)]}
	if v.Account.Shown {
		m.Shown = v.Account.Display
	}
	if g.Release.Digital == catalog.Files {
		m.Sides = g.Release.Detail.Sides
	}
	h, err := v.web.cfg.Registry.State(v.r.Context(), string(c.Run), c.Number)
	if err != nil {
		return m, err
	}
	m.Proven = len(h.Entries) > 0 && h.Entries[len(h.Entries)-1].Proven
	o, err := v.web.cfg.Shop.OfferOf(v.r.Context(), string(v.Account.ID), c.Run, c.Number)
	if fault.Is(err, fault.NotFound) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	view := offerView{goods: g, Offer: o}
	if o.To != "" {
		a, err := v.web.cfg.People.Account(v.r.Context(), people.ID(o.To))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return m, err
		}
		view.To = a.Name
	}
	m.Offer = &view
	return m, nil
}

func (m mineView) head() page {
	return page{Title: m.Release.Title + " " + m.Run.Label(m.Copy.Number), Accent: m.Label.Accent, Scripts: []string{"copy.js", "times.js"}, Styles: []string{"buy.css"}}
}

func (w *Web) mine(v *visit) error {
	m, err := v.mineView()
	if err != nil {
		return err
	}
	return v.show(m.head(), minePage(m))
}

// offer hands a copy on: to somebody by their sign-in name, or by a link that is shown once.
func (w *Web) offer(v *visit) error {
	c, err := v.owns()
	if err != nil {
		return err
	}
	me, to := string(v.Account.ID), ""
	typed := v.text("to")
	again := func(err error) error {
		m, readErr := v.mineView()
		if readErr != nil {
			return readErr
		}
		m.To, m.Err = clip(typed, 80), err
		return v.again(err, m.head(), minePage(m))
	}
	if v.text("by") != "link" {
		if typed == "" {
			return again(fault.Field("to", "Please write their sign-in name, or make a link."))
		}
		a, err := w.cfg.People.Find(v.r.Context(), typed)
		if fault.Is(err, fault.NotFound) {
			return again(fault.Field("to", "%s", fault.Text(err)))
		}
		if err != nil {
			return err
		}
		to = string(a.ID)
	}
	token, _, err := w.cfg.Shop.OfferCopy(v.r.Context(), me, c.Run, c.Number, to)
	if err != nil {
		return again(err)
	}
	if to != "" {
		return v.say(fmt.Sprintf("/shelf/%s/%d", c.Run, c.Number), "Offered. It is theirs when they say yes.")
	}
	m, err := v.mineView()
	if err != nil {
		return err
	}
	m.Link = w.address("/take/" + token)
	v.closed()
	return v.show(m.head(), minePage(m))
}

func (w *Web) withdraw(v *visit) error {
	c, err := v.owns()
	if err != nil {
		return err
	}
	if err := w.cfg.Shop.Withdraw(v.r.Context(), string(v.Account.ID), c.Run, c.Number); err != nil {
		return err
	}
	return v.say(fmt.Sprintf("/shelf/%s/%d", c.Run, c.Number), "Withdrawn. It stays yours.")
}

func (w *Web) acceptOwn(v *visit) error {
	run, number, err := v.copyOf()
	if err != nil {
		return err
	}
	c, err := w.cfg.Shop.AcceptOwn(v.r.Context(), string(v.Account.ID), run, number)
	if err != nil {
		return err
	}
	w.Changed(c.Run)
	return v.say(fmt.Sprintf("/shelf/%s/%d", c.Run, c.Number), "It is yours. Take its certificate with you.")
}

func (w *Web) decline(v *visit) error {
	run, number, err := v.copyOf()
	if err != nil {
		return err
	}
	if err := w.cfg.Shop.Decline(v.r.Context(), string(v.Account.ID), run, number); err != nil {
		return err
	}
	return v.say("/shelf", "Declined. It stays with its owner.")
}

// exportKey gives the owner the key of their copy.
func (w *Web) exportKey(v *visit) error {
	c, err := v.owns()
	if err != nil {
		return err
	}
	file, err := w.cfg.Registry.ExportKey(v.r.Context(), string(c.Run), c.Number, string(v.Account.ID))
	if err != nil {
		return err
	}
	g, err := v.counter().run(c.Run)
	if err != nil {
		return err
	}
	return v.attach(proofName(g, c.Number)+".key", "text/plain; charset=utf-8", file)
}

// proofName is what a copy's files are called: "HR-07-017".
func proofName(g goods, number int) string { return fmt.Sprintf("%s-%03d", fileName(g), number) }

// fileName is the catalogue number as a file may be called.
func fileName(g goods) string {
	if name := plainName(g.Release.CatalogNumber); name != "" {
		return name
	}
	return g.Release.Slug
}

// plainName leaves of a stranger's text letters and digits of ASCII, with single hyphens between, at most 40.
func plainName(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r >= 128 || (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
	name := strings.Join(words, "-")
	return strings.Trim(name[:min(len(name), 40)], "-")
}

// attach answers with a file to keep. The name is one of ours.
func (v *visit) attach(name, kind string, body []byte) error {
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	v.w.Write(body)
	return nil
}

func (m mineView) certificate() string {
	return fmt.Sprintf("/certificate/%s/%d", m.Copy.Run, m.Copy.Number)
}

// playing is how long a side is: "21:08".
func playing(seconds float64) string {
	s := int(seconds + 0.5)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
