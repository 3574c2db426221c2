//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"ferric/internal/app"
	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/shop"
	"ferric/ledger"
)

// site is a shop's place: its folder, its address, and what was put into it.
type site struct {
	ferric, data, database, address string

	drop  catalog.Run   // of 100
	page  string        // the address of its release's page
	stock []catalog.Run // long runs, to order from without end
	label catalog.Label
	desk  string // a session of its owner
}

const (
	dropCopies = 100
	stockRun   = 10_000
	priceMinor = 1200
)

// place finds a free port.
func place(ferric, dir, database string) (*site, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return &site{ferric: ferric, data: filepath.Join(dir, "shop"), database: database, address: l.Addr().String()}, nil
}

func (s *site) engine() string {
	if s.database != "" {
		return "PostgreSQL"
	}
	return "SQLite"
}

// open opens the shop in this process: before the server has it, and after.
func (s *site) open(ctx context.Context) (*app.App, error) {
	return app.New(ctx, app.Config{Data: s.data, Database: s.database, Listen: s.address}, slog.New(slog.DiscardHandler))
}

// fill puts a label into an empty shop, a release with the run that the crowd wants, and some long runs.
func (s *site) fill(ctx context.Context, runs, copies int) (err error) {
	a, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	token, err := a.People.SetupLink(ctx)
	if err != nil {
		return err
	}
	keeper, session, err := a.People.Setup(ctx, people.Client{Address: "load"}, token, people.Entry{Name: "keeper", Password: "as long as a side of tape"})
	if err != nil {
		return err
	}
	s.desk = session
	if s.label, err = a.Catalog.AddLabel(ctx, catalog.Label{Slug: "specimen", Name: "Specimen Editions", Profile: catalog.Profile{HowToPay: "Bank transfer to XX00 1234."}}); err != nil {
		return err
	}
	if err := a.People.AddMember(ctx, keeper.ID, s.label.ID, keeper.ID, people.Owner); err != nil {
		return err
	}
	artist, err := a.Catalog.AddArtist(ctx, catalog.Artist{Slug: "lantern-weir", Name: "Lantern Weir"})
	if err != nil {
		return err
	}
	release := func(slug, title string, n int) (catalog.Run, error) {
		r, err := a.Catalog.AddRelease(ctx, catalog.Release{Label: s.label.ID, Artist: artist.ID, Slug: slug, Title: title, CatalogNumber: slug,
			Year: 2026, Notes: "Recorded at dusk.\n\nPlay it loud.", Tape: "C40", Accent: "#C43C1B", Detail: detail()})
		if err != nil {
			return catalog.Run{}, err
		}
		run, err := a.Catalog.Declare(ctx, catalog.Run{Release: r.ID, Copies: n}, string(keeper.ID))
		if err != nil {
			return run, err
		}
		if err := a.Shop.SetTerms(ctx, shop.Terms{Run: run.ID, Price: shop.Money{Minor: priceMinor, Currency: "EUR"}, PerPerson: 1}); err != nil {
			return run, err
		}
		_, err = a.Catalog.Open(ctx, r.ID)
		return run, err
	}
	if s.drop, err = release("evening", "A Field Guide to Evening", dropCopies); err != nil {
		return err
	}
	s.page = "/l/specimen/evening"
	for i := range runs {
		run, err := release(fmt.Sprint("stock-", i), fmt.Sprint("Stock ", i), copies)
		if err != nil {
			return err
		}
		s.stock = append(s.stock, run)
	}
	return a.Registry.Sequence(ctx)
}

// detail is what a pressing tells of an album of eight tracks.
func detail() catalog.Detail {
	d := catalog.Detail{Genre: "Ambient", Copyright: "CC0 1.0", Credits: []catalog.Credit{{Role: "Music", Names: "Ada Quill"}},
		Tape: catalog.Tape{Name: "C40", Minutes: 20, Type: "I", Formulation: "Type I, ferric", EqualisationUS: 120, DolbyDBFS: -18}}
	for _, side := range []string{"A", "B"} {
		s := catalog.Side{Name: side, Format: "flac", Frames: 48000 * 1158, Rate: 48000, Bits: 24, LUFS: -14, Blank: 42}
		for i, title := range []string{"Harbour Before Light", "Hazel and Wire", "Kitchen Radio, Half Past Five", "Long Straight Road Home"} {
			s.Tracks = append(s.Tracks, catalog.Track{Position: fmt.Sprint(side, i+1), Title: title, Start: float64(i) * 280, Duration: 274.5, Counter: float64(i) * 90})
		}
		d.Sides = append(d.Sides, s)
	}
	return d
}

// told is what the server acknowledged to buyers, each order with its one copy. It is safe for use by many goroutines.
type told struct {
	mu     sync.Mutex
	orders map[shop.OrderID]acknowledged
}

type acknowledged struct {
	line  shop.Line
	asked bool // to be marked paid, so that it may be
	paid  bool // and that was acknowledged, too
}

func newTold() *told { return &told{orders: map[shop.OrderID]acknowledged{}} }

// add notes an answer. Answers to one request sent twice are the same, so an order that comes back with another number is an error.
func (t *told) add(receipts []shop.Receipt, paid bool) error {
	if len(receipts) != 1 || len(receipts[0].Lines) != 1 {
		return fmt.Errorf("one copy was ordered, and the answer is %+v", receipts)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := receipts[0]
	before, known := t.orders[r.Order]
	if known && before.line != r.Lines[0] {
		return fmt.Errorf("order %s was acknowledged with number %d and then with %d", r.Order, before.line.Number, r.Lines[0].Number)
	}
	t.orders[r.Order] = acknowledged{r.Lines[0], before.asked, paid || before.paid}
	return nil
}

// asking notes that an order is about to be marked paid.
func (t *told) asking(id shop.OrderID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.orders[id]
	a.asked = true
	t.orders[id] = a
}

func (t *told) size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.orders)
}

// audit opens the shop, which nobody serves now, and holds it against what buyers were told: every acknowledged order is
// there with its number, no number is in two of them, what was paid is owned in the log, and the log replays without a finding.
// Of soldOut, a run that everybody wanted, every copy is in an order, and the orders are those that were acknowledged.
func (s *site) audit(ctx context.Context, t *told, soldOut catalog.RunID) (err error) {
	a, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Registry.Sequence(ctx); err != nil {
		return err
	}
	taken := map[string]shop.OrderID{}
	for id, told := range t.orders {
		if err := s.find(ctx, a, id, told); err != nil {
			return fmt.Errorf("order %s was acknowledged: %w", id, err)
		}
		key := fmt.Sprint(told.line.Run, told.line.Number)
		if other, twice := taken[key]; twice {
			return fmt.Errorf("number %d is sold twice: in order %s and in %s", told.line.Number, id, other)
		}
		taken[key] = id
	}
	if soldOut != "" {
		if err := settled(ctx, a, soldOut, taken); err != nil {
			return err
		}
	}
	return s.replay(ctx, a)
}

// find looks for what one buyer was told.
func (s *site) find(ctx context.Context, a *app.App, id shop.OrderID, told acknowledged) error {
	o, err := a.Shop.Order(ctx, id)
	if err != nil {
		return err
	}
	c, _, err := a.Catalog.Copy(ctx, told.line.Run, told.line.Number)
	if err != nil {
		return err
	}
	paid := told.paid || told.asked && o.State == shop.Paid
	state, order := catalog.Held, shop.Placed
	if paid {
		state, order = catalog.Sold, shop.Paid
	}
	if len(o.Lines) != 1 || o.Lines[0] != told.line || c.Order != string(id) || c.State != state || o.State != order {
		return fmt.Errorf("with number %d; it is %s with %v, and the copy is %s in %q", told.line.Number, o.State, o.Lines, c.State, c.Order)
	}
	if !paid {
		return nil
	}
	h, err := a.Registry.State(ctx, string(told.line.Run), told.line.Number)
	if err == nil && h.Status != ledger.Owned {
		err = fmt.Errorf("as paid, and the log says that its copy is %v", h.Status)
	}
	return err
}

// settled looks for copies of a sold out run that are in no acknowledged order.
func settled(ctx context.Context, a *app.App, run catalog.RunID, taken map[string]shop.OrderID) error {
	grid, err := a.Catalog.Grid(ctx, run)
	if err != nil {
		return err
	}
	var stuck []string
	for _, c := range grid {
		if id, ok := taken[fmt.Sprint(run, c.Number)]; !ok || string(id) != c.Order {
			stuck = append(stuck, fmt.Sprintf("%d (%s)", c.Number, c.State))
		}
	}
	if len(stuck) > 0 {
		return fmt.Errorf("these numbers of a run that is sold out are in no order that a buyer knows of: %s", strings.Join(stuck, ", "))
	}
	return nil
}

// replay audits the shop's log as anybody can.
func (s *site) replay(ctx context.Context, a *app.App) error {
	r, err := ledger.Audit(ctx, os.DirFS(a.Registry.Folder()), ledger.Trust{}, nil)
	if err != nil {
		return err
	}
	for _, f := range r.Findings {
		return fmt.Errorf("the log has %d faults; the first at entry %d: %w", r.Count, f.Index, f.Err)
	}
	return nil
}
