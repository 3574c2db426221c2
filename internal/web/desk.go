package web

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/shop"
	"ferric/internal/window"
)

func deskRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /desk", who: signedIn, do: w.desks},
		{pattern: "GET /desk/{label}", who: member, do: w.desk},
	}
}

// deskTab is where on a label's desk a page stands.
type deskTab string

const (
	tabToday    deskTab = ""
	tabOrders   deskTab = "orders"
	tabPacking  deskTab = "packing"
	tabReleases deskTab = "releases"
	tabPublish  deskTab = "publish"
	tabPeople   deskTab = "people"
	tabProfile  deskTab = "profile"
)

// deskView is the frame of a label's desk.
type deskView struct {
	Label catalog.Label
	Role  people.Role
	Tab   deskTab
}

func (v *visit) deskView(tab deskTab) deskView { return deskView{v.Label, v.Role, tab} }

// path is an address on the label's desk: path("orders", id).
func (d deskView) path(parts ...string) string {
	p := "/desk/" + d.Label.Slug
	for _, s := range parts {
		p += "/" + s
	}
	return p
}

// copyPath is a copy's address on the desk.
func (d deskView) copyPath(g goods, number int) string {
	return d.path("releases", g.Release.Slug, strconv.Itoa(g.Run.Ordinal), strconv.Itoa(number))
}

func (d deskView) owner() bool  { return d.Role == people.Owner }
func (d deskView) packer() bool { return d.Role == people.Owner || d.Role == people.Packer }
func (d deskView) books() bool  { return d.Role == people.Owner || d.Role == people.Accountant }

// tabs are the parts of a desk that a role can use.
func (d deskView) tabs() [][2]string {
	tabs := [][2]string{{"", "Today"}, {string(tabOrders), "Orders"}, {string(tabReleases), "Releases"}}
	if d.packer() {
		tabs = slices.Insert(tabs, 2, [2]string{string(tabPacking), "Packing"})
	}
	if d.books() {
		tabs = append(tabs, [2]string{string(tabBooks), "Books"})
	}
	if d.owner() {
		tabs = append(tabs, [2]string{string(tabPublish), "Publish"}, [2]string{string(tabPeople), "People"}, [2]string{string(tabProfile), "Label"})
	}
	return tabs
}

func (d deskView) page(title string, scripts ...string) page {
	return page{Title: title + ", " + d.Label.Name, Accent: d.Label.Accent, Styles: []string{"desk.css"}, Scripts: append([]string{"times.js"}, scripts...)}
}

// roleWords say what a role is for.
var roleWords = map[people.Role]string{
	people.Owner:      "everything, and who else works here",
	people.Packer:     "pack and send orders; sees addresses and numbers, no money but what a customs form must say",
	people.Accountant: "marks orders paid; sees money and references, no addresses",
}

// deskLabel is a label in the list of one's labels.
type deskLabel struct {
	catalog.Label
	Role people.Role
}

func (w *Web) desks(v *visit) error {
	ctx := v.r.Context()
	roles, err := w.cfg.People.Roles(ctx, v.Account.ID)
	if err != nil {
		return err
	}
	var mine []deskLabel
	for id, role := range roles {
		l, err := w.cfg.Catalog.Label(ctx, id)
		if err != nil {
			return err
		}
		mine = append(mine, deskLabel{l, role})
	}
	slices.SortFunc(mine, func(a, b deskLabel) int {
		return cmp.Or(cmp.Compare(catalog.Fold(a.Name), catalog.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return v.show(page{Title: "Label desk", Styles: []string{"desk.css"}}, desksPage(mine, v.Account.Admin))
}

// today is what needs doing at a label, in order.
type today struct {
	deskView
	Now      time.Time
	Count    map[shop.OrderState]int
	ToPay    []deskLine
	ToPack   []deskLine
	ToShip   []deskLine
	Refunds  []deskLine
	Returned []backLine
	Opening  []window.Item // sales that open next
	Drafts   []window.Item
	Releases int
}

// backLine is a copy that came back.
type backLine struct {
	Name string
	Path string
	At   time.Time
}

// onToday is how many of each thing the first page shows.
const onToday = 10

func (w *Web) desk(v *visit) error {
	ctx := v.r.Context()
	t := today{deskView: v.deskView(tabToday), Now: v.Now}
	var err error
	if t.Count, err = w.cfg.Shop.CountOrders(ctx, v.Label.ID); err != nil {
		return err
	}
	names := v.counter()
	for _, list := range []struct {
		state shop.OrderState
		into  *[]deskLine
		shown bool
	}{
		{shop.Placed, &t.ToPay, t.books()}, {shop.Paid, &t.ToPack, t.packer()}, {shop.Packed, &t.ToShip, t.packer()}, {shop.RefundDue, &t.Refunds, t.books()},
	} {
		if !list.shown || t.Count[list.state] == 0 {
			continue
		}
		orders, _, err := w.cfg.Shop.Orders(ctx, shop.Listing{Label: v.Label.ID, State: list.state, Oldest: true, Most: onToday})
		if err != nil {
			return err
		}
		if *list.into, err = deskLines(names, orders, t.deskView, v.Now); err != nil {
			return err
		}
	}
	if t.packer() {
		copies, err := w.cfg.Shop.CameBack(ctx, v.Label.ID, onToday)
		if err != nil {
			return err
		}
		for _, c := range copies {
			g, err := names.run(c.Run)
			if err != nil {
				return err
			}
			t.Returned = append(t.Returned, backLine{g.Release.Title + ", number " + g.Run.Label(c.Number), t.copyPath(g, c.Number), c.Changed})
		}
	}
	next, err := w.cfg.Window.Releases(ctx, window.Query{Label: v.Label.ID, Order: window.Next, Limit: onToday})
	if err != nil {
		return err
	}
	t.Opening = next.Items
	all, err := w.cfg.Window.Releases(ctx, window.Query{Label: v.Label.ID, All: true, Limit: 100})
	if err != nil {
		return err
	}
	t.Releases = len(all.Items)
	for _, item := range all.Items {
		if item.State == catalog.Draft {
			t.Drafts = append(t.Drafts, item)
		}
	}
	return v.show(t.page("Today"), todayPage(t))
}

var errNoOrder = fault.New(fault.NotFound, "There is no such order at this label.")
