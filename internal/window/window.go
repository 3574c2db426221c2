// Package window is the shop window: what anybody may see of the catalogue and of what is on sale.
//
// It only reads, and each page is one transaction, so that what a page says fits together. Lists go by date, by name
// or by label and never by anything that nobody could explain; a list's next page continues behind the last one's end, so
// that nothing is missed or shown twice when something new comes. Drafts are seen only by who asks for them;
// whether that one may is for the caller to check.
package window

import (
	"context"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// Store runs functions on a consistent reading.
type Store interface {
	View(context.Context, func(Tx) error) error
}

// Tx is one reading. Single things that do not exist are of kind NotFound.
type Tx interface {
	LabelBySlug(string) (catalog.Label, error)
	ArtistBySlug(string) (catalog.Artist, error)
	Label(catalog.LabelID) (catalog.Label, error)
	Artist(catalog.ArtistID) (catalog.Artist, error)
	Release(catalog.ReleaseID) (catalog.Release, error)
	ReleaseBySlug(catalog.LabelID, string) (catalog.Release, error)
	Run(catalog.RunID) (catalog.Run, error)
	Runs(catalog.ReleaseID) ([]catalog.Run, error)
	Copy(catalog.RunID, int) (catalog.Copy, error)
	History(catalog.RunID, int) ([]catalog.Event, error)
	Photos(catalog.RunID, int) ([]catalog.Photo, error)
	Terms(catalog.RunID) (shop.Terms, error)
	Cells(catalog.Run) ([]Cell, error)    // by number
	Showing(hash string) ([]Shown, error) // at most 20
	// List reads one more row than Query.Limit when there is one.
	List(Query, Position, time.Time) ([]Item, error)
	Search(words []string, compact string, q Query, from Position) ([]Item, error)
	Named(words []string) ([]catalog.Label, []catalog.Artist, error) // at most 10 each
}

// Window shows the catalogue.
type Window struct {
	store Store
	now   func() time.Time
}

// New makes a window on a store.
func New(store Store, now func() time.Time) *Window { return &Window{store, now} }

// Order is what a list goes by.
type Order string

// The orders of a list.
const (
	ByDate  Order = "date"  // made public last first
	ByName  Order = "name"  // title, folded
	ByLabel Order = "label" // label, then catalogue number
	Next    Order = "next"  // sale opens next: only those that open later, the soonest first
	Last    Order = "last"  // sale opened last: only those that have opened, the latest first
)

// Query says which releases to list.
type Query struct {
	Label  catalog.LabelID  // '' for every label's
	Artist catalog.ArtistID // '' for every artist's
	Order  Order            // ByDate when ''
	All    bool             // drafts and withdrawn ones too; with a Label only, and not by Next or Last
	After  string           // List.Next of the page before
	Limit  int              // 1 to 100; 0 for 24
}

// List is one page of a list.
type List struct {
	Items []Item
	Next  string // Query.After of the next page; '' at the end
}

// Item is a release in a list; its Detail is left empty.
type Item struct {
	catalog.Release
	LabelSlug, LabelName   string
	ArtistSlug, ArtistName string
	Run                    catalog.RunID // the newest run; '' when none is declared
	Copies                 int           // of it, without proofs
	Free                   int           // of its web copies, now
	OnSale                 bool          // it has terms; the following mean nothing without
	Price                  shop.Money
	PayMore                bool
	Opens, Closes          time.Time // zero: open; never
	Place                  Position  // in its list
}

// Page is what a release's page tells.
type Page struct {
	catalog.Release
	Label  catalog.Label
	Artist catalog.Artist
	Runs   []Run     // by ordinal
	Now    time.Time // when it was read
}

// Run is a run with its numbers.
type Run struct {
	catalog.Run
	OnSale bool       // it has terms
	Terms  shop.Terms // zero when not OnSale
	Grid   []Cell     // by number; proofs follow the copies
	Free   int        // web copies that are free
	Earns  *Earns     // what it costs and earns; nil when the pressing or the terms do not say
}

// Cell is one number in a run's grid, in the state to show.
type Cell struct {
	Number  int
	Variant string
	Pool    catalog.Pool
	State   catalog.State
	Holder  string // whose basket or order it is in, while held; never to be shown, only compared
	Until   time.Time
	Reason  string // why it is void
}

// CopyPage is what a copy's page tells. Owner is an account: its name is shown only as that person wishes.
type CopyPage struct {
	catalog.Copy
	Run     catalog.Run
	Release catalog.Release
	Label   catalog.Label
	Artist  catalog.Artist
	History []catalog.Event // the oldest first
	Photos  []catalog.Photo
	Now     time.Time
}

// Found is what a search found.
type Found struct {
	List
	Labels  []catalog.Label  // on the first page only
	Artists []catalog.Artist // likewise
}

// Release is the page of a label's release. A draft is not found unless drafts says so.
func (w *Window) Release(ctx context.Context, label, slug string, drafts bool) (*Page, error) {
	p := &Page{}
	err := w.store.View(ctx, func(tx Tx) (err error) {
		*p = Page{Now: w.clock()}
		if p.Label, err = tx.LabelBySlug(label); err != nil {
			return err
		}
		if p.Release, err = tx.ReleaseBySlug(p.Label.ID, slug); err != nil {
			return err
		}
		if p.State == catalog.Draft && !drafts {
			return fault.New(fault.NotFound, "There is no such release.")
		}
		if p.Artist, err = tx.Artist(p.Release.Artist); err != nil {
			return err
		}
		runs, err := tx.Runs(p.ID)
		if err != nil {
			return err
		}
		for _, r := range runs {
			run, err := p.run(tx, r)
			if err != nil {
				return err
			}
			p.Runs = append(p.Runs, run)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range p.Runs {
		if r := &p.Runs[i]; r.OnSale {
			r.Earns = Earn(p.Detail.Costs, r.Copies, r.Terms.Price)
		}
	}
	return p, nil
}

func (p *Page) run(tx Tx, r catalog.Run) (Run, error) {
	run := Run{Run: r}
	var err error
	run.Terms, err = tx.Terms(r.ID)
	if run.OnSale = err == nil; err != nil && !fault.Is(err, fault.NotFound) {
		return run, err
	}
	if run.Grid, err = tx.Cells(r); err != nil {
		return run, err
	}
	for i := range run.Grid {
		c := &run.Grid[i]
		*c = c.shown(p.Now)
		if c.State == catalog.Free && c.Pool == catalog.Web {
			run.Free++
		}
	}
	return run, nil
}

// Copy is the page of one numbered copy, by the ordinal of its run. That of a draft is not found unless drafts says so.
func (w *Window) Copy(ctx context.Context, label, slug string, ordinal, number int, drafts bool) (*CopyPage, error) {
	p := &CopyPage{}
	err := w.store.View(ctx, func(tx Tx) (err error) {
		*p = CopyPage{Now: w.clock()}
		if p.Label, err = tx.LabelBySlug(label); err != nil {
			return err
		}
		if p.Release, err = tx.ReleaseBySlug(p.Label.ID, slug); err != nil {
			return err
		}
		if p.Release.State == catalog.Draft && !drafts {
			return fault.New(fault.NotFound, "There is no such release.")
		}
		if p.Artist, err = tx.Artist(p.Release.Artist); err != nil {
			return err
		}
		runs, err := tx.Runs(p.Release.ID)
		if err != nil {
			return err
		}
		if ordinal < 1 || ordinal > len(runs) {
			return fault.New(fault.NotFound, "There is no such run.")
		}
		p.Run = runs[ordinal-1]
		if p.Copy, err = tx.Copy(p.Run.ID, number); err != nil {
			return err
		}
		p.State = p.Copy.Shown(p.Now)
		if p.History, err = tx.History(p.Run.ID, number); err != nil {
			return err
		}
		p.Photos, err = tx.Photos(p.Run.ID, number)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (w *Window) clock() time.Time { return w.now().UTC().Truncate(time.Microsecond) }
