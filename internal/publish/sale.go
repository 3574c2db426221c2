package publish

import (
	"context"
	"io"
	"slices"
	"time"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/pressing"
)

// Sale is how the draft of a run goes on sale.
type Sale struct {
	Release   catalog.ReleaseID
	By        string // the account that says so
	Price     shop.Money
	PayMore   bool
	Opens     time.Time       // zero: now
	Closes    time.Time       // zero: never
	PerPerson int             // 0: no limit
	Digital   catalog.Digital // '' leaves it as it is
	Pools     []catalog.Span  // how the numbers are dealt; none: all are sold on the web
	Variants  []catalog.Span  // by shell or card; none: all alike
	Copies    int             // of a pressing that numbers none; else 0
}

// PutOnSale declares the run of a release's newest pressing, sets its terms and opens the release. The run can never be
// changed after. What fails on the way can be said again: a run that is declared already is not declared twice.
func (d *Desk) PutOnSale(ctx context.Context, s Sale) (catalog.Run, error) {
	if s.Opens.IsZero() {
		s.Opens = d.clock() // lists go by when a sale opened
	}
	terms := shop.Terms{Price: s.Price, PayMore: s.PayMore, Opens: s.Opens, Closes: s.Closes, PerPerson: s.PerPerson}
	if err := terms.Check(); err != nil {
		return catalog.Run{}, err
	}
	d.selling.Lock()
	defer d.selling.Unlock()
	p, runs, err := d.newest(ctx, s.Release)
	if err != nil {
		return catalog.Run{}, err
	}
	run, declared := catalog.Run{}, false
	for _, r := range runs {
		if r.Manifest == p.Manifest {
			run, declared = r, true
		}
	}
	if p.Run != "" && declared {
		if _, err := d.shop.Terms(ctx, run.ID); err == nil {
			return catalog.Run{}, fault.New(fault.Conflict, "This run is on sale already. Its terms can be changed; for more copies publish a repress.")
		}
	}
	if !declared {
		m, err := d.manifest(p.Manifest)
		if err != nil {
			return catalog.Run{}, err
		}
		if run, err = d.catalog.Declare(ctx, declaration(s, m, p.Manifest), s.By); err != nil {
			return catalog.Run{}, err
		}
	}
	p.Run = run.ID
	if err := d.declared(ctx, p); err != nil {
		return catalog.Run{}, err
	}
	terms.Run = run.ID
	if err := d.shop.SetTerms(ctx, terms); err != nil {
		return catalog.Run{}, err
	}
	if s.Digital != "" {
		if _, err := d.catalog.SetDigital(ctx, s.Release, s.Digital); err != nil {
			return catalog.Run{}, err
		}
	}
	_, err = d.catalog.Open(ctx, s.Release)
	return run, err
}

// newest is the release's newest pressing, and its runs.
func (d *Desk) newest(ctx context.Context, id catalog.ReleaseID) (p Pressing, runs []catalog.Run, err error) {
	err = d.store.View(ctx, func(tx Tx) error {
		r, err := tx.Release(id)
		if err != nil {
			return err
		}
		if r.State == catalog.Withdrawn {
			return fault.New(fault.Conflict, "This release was taken back.")
		}
		all, err := tx.Pressings(id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.New(fault.Conflict, "There is no pressing to sell yet. Publish one.")
		}
		p = all[len(all)-1]
		if i := slices.IndexFunc(all, func(p Pressing) bool { return p.Run == "" }); i >= 0 {
			p = all[i] // there is one draft at most
		}
		runs, err = tx.Runs(id)
		return err
	})
	return p, runs, err
}

// manifest reads a manifest that is kept.
func (d *Desk) manifest(hash string) (*pressing.Manifest, error) {
	f, err := d.blobs.Open(hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxManifest+1))
	if err != nil {
		return nil, err
	}
	return pressing.ParseManifest(text)
}

// papers are what is printed for a run; the ledger gets their hashes.
var papers = []string{"jcard.pdf", "jcards-numbered.pdf", "shell-labels.pdf", "insert.pdf"}

// declaration is the run that a pressing's manifest numbers.
func declaration(s Sale, m *pressing.Manifest, hash string) catalog.Run {
	run := catalog.Run{Release: s.Release, Copies: s.Copies, Declaration: catalog.Declaration{Variants: s.Variants, Pools: s.Pools, Manifest: hash}}
	for _, f := range m.Files {
		if slices.Contains(papers, f.Name) && blob.IsHash(f.SHA256) {
			run.Papers = append(run.Papers, catalog.Paper{Name: f.Name, SHA256: f.SHA256})
		}
	}
	if m.Run == nil {
		return run
	}
	run.Copies, run.Proofs, run.Salt = m.Run.Copies, m.Run.Proofs, m.Run.Salt
	for i, c := range m.Run.Claims {
		run.Cards = append(run.Cards, catalog.Card{Number: i + 1, SHA256: c.SHA256})
	}
	return run
}

// declared writes down which run a pressing became, and shows what it tells.
func (d *Desk) declared(ctx context.Context, p Pressing) error {
	return d.store.Update(ctx, func(tx Tx) error {
		r, err := tx.Release(p.Release)
		if err != nil {
			return err
		}
		if err := tx.PutPressing(p); err != nil {
			return err
		}
		r.Describe(p.Detail)
		if err := tx.PutRelease(r); err != nil {
			return err
		}
		return tx.PutWords(string(r.ID), r.Words())
	})
}

// TakeBack withdraws a release that nobody has bought; see [catalog.Catalog.TakeBack]. What was on its way for it is not touched.
func (d *Desk) TakeBack(ctx context.Context, id catalog.ReleaseID, reason, by string) (gone bool, err error) {
	return d.catalog.TakeBack(ctx, id, reason, by)
}

// Draft is the newest pressing of a release that is no run yet; NotFound when there is none.
func (d *Desk) Draft(ctx context.Context, id catalog.ReleaseID) (Pressing, *pressing.Manifest, error) {
	p, _, err := d.newest(ctx, id)
	if err != nil {
		return Pressing{}, nil, err
	}
	if p.Run != "" {
		return Pressing{}, nil, fault.New(fault.NotFound, "Every pressing of this release is on sale.")
	}
	m, err := d.manifest(p.Manifest)
	return p, m, err
}
