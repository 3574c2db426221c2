package parcel

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/ledger"
	"ferric/sheet"
)

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is one transaction. An order that was read in an Update stays as it is until the end.
type Tx interface {
	Order(shop.OrderID) (shop.Order, error)
	OrderCopies(shop.OrderID) ([]catalog.Copy, error)
	ParcelSetup(catalog.LabelID) (s Setup, found bool, err error)
	PutParcelSetup(Setup) error
	Sent([]shop.OrderID) (map[shop.OrderID]Sent, error) // none for an order of which nothing is known
	PutSent(Sent) error
	ParcelChecks([]shop.OrderID) (map[shop.OrderID][]shop.Line, error)
	PutParcelCheck(id shop.OrderID, l shop.Line, at time.Time) error // saying it twice changes nothing
	Notify(shop.Notice) error
}

// Config is what a desk stands on. All of it is needed but Notices.
type Config struct {
	Now     func() time.Time
	Shop    *shop.Shop
	Catalog *catalog.Catalog
	Country func(code string) string // a country's name; empty for what is none
	Notices bool                     // whether notices are written for package mail to send [no]
}

// Desk packs and sends the orders of labels. It is safe for use by many goroutines.
type Desk struct {
	cfg   Config
	store Store
	fonts *sheet.Fonts
}

// New makes a desk.
func New(store Store, c Config) (*Desk, error) {
	if c.Now == nil || c.Shop == nil || c.Catalog == nil || c.Country == nil {
		return nil, errors.New("parcel: a clock, the shop, the catalogue and the countries are needed")
	}
	return &Desk{cfg: c, store: store, fonts: sheet.NewFonts()}, nil
}

// Sent is how an order travels.
type Sent struct {
	Order    shop.OrderID
	Carrier  string
	Tracking string
	Lost     time.Time // when the label gave it up; zero otherwise
	Note     string    // what is known of its loss; the buyer reads it
}

// LostParcel is the notice that an order never arrived.
const LostParcel shop.NoticeKind = "lost"

// Most is how many parcels one paper or table holds.
const Most = 1000

// Parcels are a label's orders in a state, in packing order, at most [Most], and whether there are more.
func (d *Desk) Parcels(ctx context.Context, l catalog.Label, state shop.OrderState) (parcels []Parcel, more bool, err error) {
	const atOnce = 200
	list := shop.Listing{Label: l.ID, State: state, Oldest: true, Most: atOnce}
	var orders []shop.Order
	for more = true; more && len(orders) < Most; {
		var page []shop.Order
		if page, more, err = d.cfg.Shop.Orders(ctx, list); err != nil {
			return nil, false, err
		}
		orders = append(orders, page...)
		if more {
			list.After = page[len(page)-1].Mark()
		}
	}
	parcels, err = d.read(ctx, l, orders)
	return parcels, more, err
}

// Parcel is one order of a label.
func (d *Desk) Parcel(ctx context.Context, l catalog.Label, id shop.OrderID) (Parcel, error) {
	o, err := d.cfg.Shop.Order(ctx, id)
	if err != nil {
		return Parcel{}, err
	}
	if o.Label != l.ID {
		return Parcel{}, errNotHere
	}
	all, err := d.read(ctx, l, []shop.Order{o})
	if err != nil {
		return Parcel{}, err
	}
	return all[0], nil
}

var errNotHere = fault.New(fault.NotFound, "There is no such order at this label.")

// goods is what papers say of a run.
type goods struct {
	run     catalog.Run
	release catalog.Release
	artist  catalog.Artist
}

// read makes parcels of orders, in packing order.
func (d *Desk) read(ctx context.Context, l catalog.Label, orders []shop.Order) ([]Parcel, error) {
	ids := make([]shop.OrderID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	var (
		setup  Setup
		sent   = map[shop.OrderID]Sent{}
		checks = map[shop.OrderID][]shop.Line{}
	)
	err := d.store.View(ctx, func(tx Tx) (err error) {
		if setup, err = d.setup(tx, l); err != nil {
			return err
		}
		if sent, err = tx.Sent(ids); err != nil {
			return err
		}
		checks, err = tx.ParcelChecks(ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	known := map[catalog.RunID]goods{}
	parcels := make([]Parcel, 0, len(orders))
	for _, o := range orders {
		p := Parcel{Order: o.ID, State: o.Shown(d.cfg.Now()), To: o.Address, Country: d.cfg.Country(o.Address.Country), Mail: o.Mail, Placed: o.PlacedAt, Currency: o.Total.Currency, Sent: sent[o.ID]}
		for _, line := range o.Lines {
			g, err := d.goods(ctx, known, line.Run)
			if err != nil {
				return nil, err
			}
			p.Items = append(p.Items, Item{Run: line.Run, Number: line.Number, Shown: g.run.Label(line.Number), Title: g.release.Title, Artist: g.artist.Name, Catno: g.release.CatalogNumber, Minor: line.Minor,
				Confirmed: slices.ContainsFunc(checks[o.ID], func(c shop.Line) bool { return c.Run == line.Run && c.Number == line.Number })})
		}
		parcels = append(parcels, p)
	}
	Sort(parcels, setup.Country)
	return parcels, nil
}

func (d *Desk) goods(ctx context.Context, known map[catalog.RunID]goods, id catalog.RunID) (g goods, err error) {
	if g, ok := known[id]; ok {
		return g, nil
	}
	if g.run, err = d.cfg.Catalog.Run(ctx, id); err != nil {
		return g, err
	}
	if g.release, err = d.cfg.Catalog.Release(ctx, g.run.Release); err != nil {
		return g, err
	}
	g.artist, err = d.cfg.Catalog.Artist(ctx, g.release.Artist)
	known[id] = g
	return g, err
}

// Sent is how an order travels; zero but for its Order when nothing is known.
func (d *Desk) Sent(ctx context.Context, id shop.OrderID) (s Sent, err error) {
	err = d.store.View(ctx, func(tx Tx) error {
		all, err := tx.Sent([]shop.OrderID{id})
		s = all[id]
		return err
	})
	s.Order = id
	return s, err
}

// clock reads the time in the precision that is stored.
func (d *Desk) clock() time.Time { return d.cfg.Now().UTC().Truncate(time.Microsecond) }

// Confirm says that the copy of which somebody typed or scanned the number is in the order's parcel. A number
// that is not in the order is refused with kind Mismatch, and so is one that could be two of its copies.
func (d *Desk) Confirm(ctx context.Context, l catalog.Label, id shop.OrderID, typed string) (Item, Parcel, error) {
	p, err := d.Parcel(ctx, l, id)
	if err != nil {
		return Item{}, p, err
	}
	if p.State != shop.Paid {
		return Item{}, p, fault.Newf(fault.Conflict, "This order is %s: there is nothing to pack.", p.State)
	}
	item, err := p.find(typed)
	if err != nil {
		return Item{}, p, err
	}
	err = d.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Order(id)
		if err != nil {
			return err
		}
		if o.State != shop.Paid || !slices.ContainsFunc(o.Lines, func(l shop.Line) bool { return l.Run == item.Run && l.Number == item.Number }) {
			return fault.New(fault.Conflict, "The order changed meanwhile. Nothing was confirmed; please look at it again.")
		}
		return tx.PutParcelCheck(id, shop.Line{Run: item.Run, Number: item.Number}, d.clock())
	})
	if err != nil {
		return Item{}, p, err
	}
	for i := range p.Items {
		if p.Items[i].Run == item.Run && p.Items[i].Number == item.Number {
			p.Items[i].Confirmed = true
		}
	}
	return item, p, nil
}

// find is the copy of the parcel that a typed text means: "17", "#17", "17/100", "AP 1/5", each also behind the catalogue number.
func (p Parcel) find(typed string) (Item, error) {
	text := clean(typed)
	if text == "" || len([]rune(text)) > 60 {
		return Item{}, fault.Field("number", "Please type or scan the number that is on the copy.")
	}
	key := compact(text)
	var found []Item
	for _, i := range p.Items {
		number, _, _ := strings.Cut(i.Shown, "/")
		for _, form := range []string{number, i.Shown, i.Catno + " " + number, i.Catno + " " + i.Shown} {
			if form = compact(form); form == key || trimZeros(key) == form {
				found = append(found, i)
				break
			}
		}
	}
	switch {
	case len(found) == 0:
		return Item{}, fault.Newf(fault.Mismatch, "Stop: %s is not in this parcel. It takes %s.", short(text), numbers(p.Items))
	case len(found) > 1:
		return Item{}, fault.Newf(fault.Mismatch, "Two copies here have this number. Please type the catalogue number before it, such as %s.", found[0].Catno+" "+found[0].Shown)
	}
	return found[0], nil
}

// compact keeps what tells one number from another: "FER-003 17/100" becomes "fer003 17/100" without its space.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '#' || r == '.' || r == '_':
			return -1
		}
		return r
	}, catalog.Fold(s))
}

// trimZeros is a number without zeros before it, as stamps and scanners put them.
func trimZeros(s string) string {
	if t := strings.TrimLeft(s, "0"); t != "" {
		return t
	}
	return s
}

func short(s string) string {
	if r := []rune(s); len(r) > 24 {
		return string(r[:23]) + "…"
	}
	return s
}

// numbers names copies: "FER-003 17/100 and FER-004 2/50".
func numbers(items []Item) string {
	var names []string
	for _, i := range items {
		names = append(names, strings.TrimSpace(i.Catno+" "+i.Shown))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// Pack marks an order packed once every number of it is confirmed.
func (d *Desk) Pack(ctx context.Context, l catalog.Label, id shop.OrderID, by string) error {
	p, err := d.Parcel(ctx, l, id)
	if err != nil {
		return err
	}
	if left := p.Missing(); p.State == shop.Paid && len(left) > 0 {
		return fault.Newf(fault.Conflict, "Not packed yet: confirm %s first.", numbers(left))
	}
	_, err = d.cfg.Shop.MarkPacked(ctx, id, by)
	return err
}

// Ship marks a packed order sent, with the number by which its carrier finds it, if it has one. On an order that
// is sent already it only writes the number down. The number is kept before the order moves, so that the mail about it has it.
func (d *Desk) Ship(ctx context.Context, l catalog.Label, id shop.OrderID, carrier, tracking, by string) error {
	carrier, tracking = clean(carrier), clean(tracking)
	if err := checkTracking(carrier, tracking); err != nil {
		return err
	}
	err := d.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Order(id)
		if err != nil {
			return err
		}
		if o.Label != l.ID {
			return errNotHere
		}
		if o.State != shop.Packed && o.State != shop.Shipped {
			return fault.Newf(fault.Conflict, "This order is %s; only one that is packed can be sent.", o.Shown(d.clock()))
		}
		if carrier == "" && tracking == "" {
			return nil
		}
		known, err := tx.Sent([]shop.OrderID{id})
		if err != nil {
			return err
		}
		s := known[id]
		s.Order, s.Carrier, s.Tracking = id, carrier, tracking
		return tx.PutSent(s)
	})
	if err != nil {
		return err
	}
	_, err = d.cfg.Shop.MarkShipped(ctx, id, by)
	return err
}

// checkTracking refuses what no carrier gives out.
func checkTracking(carrier, tracking string) error {
	if len([]rune(carrier)) > 60 {
		return fault.Field("carrier", "At most 60 characters, please.")
	}
	if len(tracking) > 60 || strings.ContainsFunc(tracking, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == ' ' || r == '-' || r == '/' || r == '.')
	}) {
		return fault.Field("tracking", "A tracking number has letters, digits and hyphens, at most 60.")
	}
	return nil
}

// Lose writes down that a sent order never arrived: its copies that nobody claimed are void from now on, with the
// public reason that they were lost on the way, and the buyer hears of it with the note. What is owed for
// it stays between label and buyer. Saying it twice changes nothing but what the first time left undone.
func (d *Desk) Lose(ctx context.Context, l catalog.Label, id shop.OrderID, note, by string) error {
	if err := catalog.CheckNote("note", note); err != nil {
		return err
	}
	var copies []catalog.Copy
	err := d.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Order(id)
		if err != nil {
			return err
		}
		if o.Label != l.ID {
			return errNotHere
		}
		if o.State != shop.Shipped {
			return fault.Newf(fault.Conflict, "This order is %s: only one that is on its way can be lost.", o.Shown(d.clock()))
		}
		if copies, err = tx.OrderCopies(id); err != nil {
			return err
		}
		known, err := tx.Sent([]shop.OrderID{id})
		if err != nil {
			return err
		}
		s := known[id]
		if !s.Lost.IsZero() {
			return nil
		}
		if !slices.ContainsFunc(copies, func(c catalog.Copy) bool { return c.State == catalog.Shipped }) {
			return fault.New(fault.Conflict, "Every copy of this order has been claimed or has come back: none can be lost on the way.")
		}
		now := d.clock()
		s.Order, s.Lost, s.Note = id, now, note
		if err := tx.PutSent(s); err != nil || !d.cfg.Notices {
			return err
		}
		return tx.Notify(shop.Notice{Kind: LostParcel, Order: id, At: now})
	})
	if err != nil {
		return err
	}
	for _, c := range copies {
		if c.State != catalog.Shipped {
			continue
		}
		if _, err := d.cfg.Catalog.Void(ctx, c.Run, c.Number, ledger.LostOnWay, "Lost in the post.", by); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

// Look is what somebody should look at before the papers of parcels are printed: addresses that do not fit on the smallest
// label, characters that no face has, customs forms that lack something. Each is said once.
func (d *Desk) Look(parcels []Parcel, s Setup) []Finding {
	_, found := d.Labels(parcels, s, Formats[0], 0)
	for _, p := range Foreign(parcels, s) {
		found = append(found, s.Declare(p).check()...)
	}
	return found
}
