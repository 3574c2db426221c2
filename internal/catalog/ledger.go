package catalog

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"ferric/internal/fault"
	"ferric/internal/registry"
	"ferric/ledger"
)

// What the catalogue tells the ledger. Each is one transaction with the change itself.

// Declare declares a run and mints its copies, in one transaction with the ledger's entries. The id, the
// ordinal and the time are filled in. It happens once: there is no way to change a run.
func (c *Catalog) Declare(ctx context.Context, r Run, by string) (Run, error) {
	if err := r.check(); err != nil {
		return Run{}, err
	}
	r.ID = RunID(newID())
	var release Release
	err := c.store.View(ctx, func(tx Tx) (err error) {
		if release, err = tx.Release(r.Release); err != nil {
			return err
		}
		earlier, err := tx.Runs(r.Release)
		r.Ordinal = len(earlier) + 1
		return err
	})
	if err != nil {
		return Run{}, err
	}
	// Signing an entry a copy takes a while, and nobody should wait for it.
	declared, err := c.ledger.Prepare(r.declaration(release))
	if err != nil {
		return Run{}, err
	}
	err = c.store.Update(ctx, func(tx Tx) error {
		r.Declared = c.clock()
		earlier, err := tx.Runs(r.Release)
		if err != nil {
			return err
		}
		if len(earlier)+1 != r.Ordinal {
			return fault.New(fault.Conflict, "Another run of this release was declared at the same moment. Please look at it, and declare yours again if it is another.")
		}
		copies, events := r.mint(by)
		if err := tx.InsertRun(r, copies, events); err != nil {
			return err
		}
		return c.ledger.Declare(tx, declared)
	})
	if err != nil {
		return Run{}, err
	}
	c.ledger.Wake()
	return r, nil
}

// proof is what the ledger calls artist's proofs, whose numbers follow those of the copies.
const proof = "artist's proof"

// declaration is the run as the ledger is told of it. Two releases of a label may have
// one catalogue number, or none, so the edition names the release as well as the run.
func (r Run) declaration(of Release) registry.Declaration {
	d := registry.Declaration{Run: string(r.ID), Label: string(of.Label), Catalogue: of.CatalogNumber,
		Edition: fmt.Sprintf("%s, run %d", of.Slug, r.Ordinal), Size: r.Copies + r.Proofs, Manifest: unhex(r.Manifest)}
	if d.Catalogue == "" {
		d.Catalogue = of.Slug
	}
	spans := slices.SortedFunc(slices.Values(r.Variants), func(a, b Span) int { return a.First - b.First })
	if len(spans) == 0 && r.Proofs > 0 {
		spans = []Span{{First: 1, Last: d.Size}}
	}
	for _, s := range spans {
		if s.First <= r.Copies {
			d.Variants = append(d.Variants, ledger.Variant{First: s.First, Last: min(s.Last, r.Copies), Name: or(s.Name, "numbered")})
		}
		if s.Last > r.Copies {
			name := proof
			if s.Name != "" {
				name += ", " + s.Name
			}
			d.Variants = append(d.Variants, ledger.Variant{First: max(s.First, r.Copies+1), Last: s.Last, Name: name})
		}
	}
	for _, p := range r.Papers {
		d.Cards = append(d.Cards, ledger.Card{Name: p.Name, SHA256: unhex(p.SHA256)})
	}
	if len(r.Cards) > 0 {
		d.Claims = make([]ledger.Hash, d.Size)
		for _, card := range r.Cards {
			d.Claims[card.Number-1] = unhex(card.SHA256)
		}
	}
	return d
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// unhex reads a hash that was checked before; zeros when it is empty.
func unhex(s string) (h ledger.Hash) {
	b, _ := hex.DecodeString(s)
	copy(h[:], b)
	return h
}

// Void takes a number out of the run for good. Why is one of registry.VoidReasons and stands in the public
// ledger; the reason is public too, on the copy's page, and is text, which the ledger never holds.
func (c *Catalog) Void(ctx context.Context, run RunID, number int, why ledger.Reason, reason, by string) (after Copy, err error) {
	err = c.store.Update(ctx, func(tx Tx) error {
		now := c.clock()
		copy, err := present(tx, run, number, now)
		if err != nil {
			return err
		}
		after, err = c.annul(tx, copy, why, reason, by, now)
		return err
	})
	if err != nil {
		return Copy{}, err
	}
	c.ledger.Wake()
	return after, nil
}

func (c *Catalog) annul(tx Tx, copy Copy, why ledger.Reason, reason, by string, now time.Time) (Copy, error) {
	if !slices.ContainsFunc(registry.VoidReasons, func(r registry.VoidReason) bool { return r.Reason == why }) {
		return copy, fault.Field("why", "Please choose what happened to the number.")
	}
	after, err := put(tx, copy, Act{Verb: Annul, At: now, By: by, Note: reason})
	if err != nil {
		return copy, err
	}
	return after, c.ledger.Void(tx, string(copy.Run), copy.Number, why)
}

// Grade writes a copy's condition down: in full on its page, as a commitment in the ledger.
func (c *Catalog) Grade(ctx context.Context, run RunID, number int, condition, by string) (Copy, error) {
	return c.act(ctx, run, number, Act{Verb: Grade, By: by, Note: condition}, func(tx Tx) error {
		return c.ledger.Grade(tx, string(run), number, condition)
	})
}

// Close ends a run: nothing of it is ever sold by the label again, and the
// ledger says how many found an owner. Free copies in the artist's pool become the
// label's own. Of other free ones, and of those that came back, the reason says why they are
// void from now on; without a reason a run that has any is not closed. What is held must be sold or let go first.
func (c *Catalog) Close(ctx context.Context, run RunID, reason, by string) error {
	err := c.store.Update(ctx, func(tx Tx) error {
		now := c.clock()
		r, err := tx.Run(run)
		if err != nil {
			return err
		}
		if written, err := tx.LedgerRun(string(run)); err != nil {
			return err
		} else if written.Closed {
			return fault.New(fault.Conflict, "This run is closed already.")
		}
		copies, err := tx.Copies(run)
		if err != nil {
			return err
		}
		for _, seen := range copies {
			copy, err := present(tx, run, seen.Number, now)
			if err != nil {
				return err
			}
			switch {
			case copy.State == Held:
				return fault.Newf(fault.Conflict, "Number %s is in a basket or in an order that is not paid. Nothing was closed; wait until it is, or call the order off.", r.Label(copy.Number))
			case copy.State == Free && copy.Pool == ArtistPool:
				err = c.ledger.Keep(tx, string(run), copy.Number)
			case (copy.State == Free || copy.State == Returned) && reason == "":
				return fault.Newf(fault.Conflict, "Number %s has no owner. Nothing was closed; say why such numbers will never be sold, or sell them first.", r.Label(copy.Number))
			case copy.State == Free || copy.State == Returned:
				_, err = c.annul(tx, copy, ledger.Unsold, reason, by, now)
			}
			if err != nil {
				return err
			}
		}
		return c.ledger.Close(tx, string(run))
	})
	if err != nil {
		return err
	}
	c.ledger.Wake()
	return nil
}
