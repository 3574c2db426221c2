// Package catalog keeps what a label has made: releases, their runs, and every
// numbered copy of a run.
//
// The copy is the atom. There is no stock counter anywhere: stock is how many
// copies of a run are free, so that none can be sold which does not exist. A
// run is declared once, with all its numbers, and can never grow; a number that
// will not be sold is void for a reason that anybody can read.
//
// A copy changes only by [Copy.After], which holds the whole state machine, and
// each change is one [Event] in its history, stored together with it. A hold
// whose time is over is free at that moment, whether or not anything has
// written so yet: [Copy.Lapsed] and [Copy.Shown] decide by the clock.
package catalog

import (
	"context"
	"crypto/rand"
	"time"

	"ferric/internal/fault"
	"ferric/internal/registry"
)

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is one transaction. Things that do not exist are of kind NotFound.
type Tx interface {
	InsertLabel(Label) error     // Conflict when the slug is in use
	InsertArtist(Artist) error   // likewise
	InsertRelease(Release) error // likewise, within the label
	WindowTx
	InsertRun(Run, []Copy, []Event) error
	Release(ReleaseID) (Release, error)
	Runs(ReleaseID) ([]Run, error) // by ordinal
	Run(RunID) (Run, error)
	Copy(RunID, int) (Copy, error) // in an Update nobody else may change it until the end
	Copies(RunID) ([]Copy, error)  // by number
	Stock(run RunID, pool Pool, now time.Time) (int, error)
	PutCopy(Copy, Event) error // the copy's Seq must follow the stored one
	History(RunID, int) ([]Event, error)
	registry.Tx
}

// Catalog keeps labels, artists, releases, runs and copies.
type Catalog struct {
	store  Store
	now    func() time.Time
	ledger *registry.Registry
}

// New makes a catalogue on a store. The clock is read once a transaction. What happens to
// copies is written down in the ledger, in the same transaction.
func New(store Store, now func() time.Time, ledger *registry.Registry) *Catalog {
	return &Catalog{store, now, ledger}
}

// AddLabel adds a label and fills in its id.
func (c *Catalog) AddLabel(ctx context.Context, l Label) (Label, error) {
	if err := CheckSlug(l.Slug); err != nil {
		return Label{}, err
	}
	if err := CheckName("name", l.Name, 200); err != nil {
		return Label{}, err
	}
	if err := l.Profile.check(); err != nil {
		return Label{}, err
	}
	l.ID = LabelID(newID())
	err := c.store.Update(ctx, func(tx Tx) error {
		l.Created = c.clock()
		if err := tx.InsertLabel(l); err != nil {
			return err
		}
		return tx.PutWords(string(l.ID), l.words())
	})
	return l, err
}

// AddArtist adds an artist and fills in the id.
func (c *Catalog) AddArtist(ctx context.Context, a Artist) (Artist, error) {
	if err := CheckSlug(a.Slug); err != nil {
		return Artist{}, err
	}
	if err := CheckName("name", a.Name, 200); err != nil {
		return Artist{}, err
	}
	a.ID = ArtistID(newID())
	err := c.store.Update(ctx, func(tx Tx) error {
		a.Created = c.clock()
		if err := tx.InsertArtist(a); err != nil {
			return err
		}
		return tx.PutWords(string(a.ID), Words(a.Name))
	})
	return a, err
}

// AddRelease adds a release and fills in its id; it is a tape-only draft unless it says otherwise. Its label and artist must exist.
func (c *Catalog) AddRelease(ctx context.Context, r Release) (Release, error) {
	if err := CheckSlug(r.Slug); err != nil {
		return Release{}, err
	}
	if err := CheckName("title", r.Title, 300); err != nil {
		return Release{}, err
	}
	if err := CheckBarcode(r.Barcode); err != nil {
		return Release{}, err
	}
	if r.CatalogNumber != "" {
		if err := CheckName("catalog_number", r.CatalogNumber, 40); err != nil {
			return Release{}, err
		}
	}
	r.ID = ReleaseID(newID())
	if r.State == "" {
		r.State = Draft
	}
	if r.Digital == "" {
		r.Digital = TapeOnly
	}
	err := c.store.Update(ctx, func(tx Tx) error {
		r.Created = c.clock()
		if err := tx.InsertRelease(r); err != nil {
			return err
		}
		return tx.PutWords(string(r.ID), r.Words())
	})
	return r, err
}

// Move puts a free copy into another pool.
func (c *Catalog) Move(ctx context.Context, run RunID, number int, pool Pool, by string) (Copy, error) {
	return c.act(ctx, run, number, Act{Verb: Move, By: by, Pool: pool}, nil)
}

// Restock puts a returned copy on sale again. When its code was used, newHash
// is the hash of the code in its new card.
func (c *Catalog) Restock(ctx context.Context, run RunID, number int, newHash, by string) (Copy, error) {
	if newHash != "" && !isHash(newHash) {
		return Copy{}, fault.Field("sha256", "The code's hash is not a SHA-256 in hexadecimal.")
	}
	return c.act(ctx, run, number, Act{Verb: Restock, By: by, ClaimHash: newHash}, nil)
}

// act changes a copy and writes the change down, where the ledger has a word for it.
func (c *Catalog) act(ctx context.Context, run RunID, number int, a Act, write func(Tx) error) (after Copy, err error) {
	err = c.store.Update(ctx, func(tx Tx) error {
		a.At = c.clock()
		copy, err := present(tx, run, number, a.At)
		if err != nil {
			return err
		}
		if after, err = put(tx, copy, a); err != nil || write == nil {
			return err
		}
		return write(tx)
	})
	if err == nil && write != nil {
		c.ledger.Wake()
	}
	return after, err
}

// present is a copy as it is now: a hold that is over has ended.
func present(tx Tx, run RunID, number int, now time.Time) (Copy, error) {
	copy, err := tx.Copy(run, number)
	if err == nil && copy.Lapsed(now) {
		copy, err = put(tx, copy, Act{Verb: Lapse, At: now})
	}
	return copy, err
}

func put(tx Tx, c Copy, a Act) (Copy, error) {
	after, event, err := c.After(a)
	if err != nil {
		return c, err
	}
	return after, tx.PutCopy(after, event)
}

// Run is a run as declared.
func (c *Catalog) Run(ctx context.Context, id RunID) (r Run, err error) {
	err = c.store.View(ctx, func(tx Tx) error { r, err = tx.Run(id); return err })
	return r, err
}

// Item is a run, and what it is of.
type Item struct {
	Run     Run
	Release Release
	Label   Label
	Artist  Artist
}

// Item is a run with its release, label and artist, in one reading.
func (c *Catalog) Item(ctx context.Context, id RunID) (it Item, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if it.Run, err = tx.Run(id); err != nil {
			return err
		}
		if it.Release, err = tx.Release(it.Run.Release); err != nil {
			return err
		}
		if it.Label, err = tx.Label(it.Release.Label); err != nil {
			return err
		}
		it.Artist, err = tx.Artist(it.Release.Artist)
		return err
	})
	return it, err
}

// ReleaseOf is the release that a run is of.
func (c *Catalog) ReleaseOf(ctx context.Context, id RunID) (r Release, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		run, err := tx.Run(id)
		if err == nil {
			r, err = tx.Release(run.Release)
		}
		return err
	})
	return r, err
}

// Runs are the runs of a release, the first one first.
func (c *Catalog) Runs(ctx context.Context, id ReleaseID) (rs []Run, err error) {
	err = c.store.View(ctx, func(tx Tx) error { rs, err = tx.Runs(id); return err })
	return rs, err
}

// Grid is a run's copies by number, each in the state to show now.
func (c *Catalog) Grid(ctx context.Context, id RunID) (copies []Copy, err error) {
	err = c.store.View(ctx, func(tx Tx) error { copies, err = tx.Copies(id); return err })
	now := c.clock()
	for i := range copies {
		if copies[i].Lapsed(now) {
			copies[i].State, copies[i].Holder, copies[i].HeldUntil, copies[i].Order = Free, "", time.Time{}, ""
		}
	}
	return copies, err
}

// Stock is how many copies of a run's pool are free now. Holds that are over count as free.
func (c *Catalog) Stock(ctx context.Context, id RunID, pool Pool) (n int, err error) {
	err = c.store.View(ctx, func(tx Tx) error { n, err = tx.Stock(id, pool, c.clock()); return err })
	return n, err
}

// Copy is one copy with its history, the oldest event first.
func (c *Catalog) Copy(ctx context.Context, id RunID, number int) (copy Copy, history []Event, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if copy, err = tx.Copy(id, number); err != nil {
			return err
		}
		history, err = tx.History(id, number)
		return err
	})
	return copy, history, err
}

// clock reads the time in the precision that is stored.
func (c *Catalog) clock() time.Time { return c.now().UTC().Truncate(time.Microsecond) }

// newID is 130 random bits as text.
func newID() string { return rand.Text() }
