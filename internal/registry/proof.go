package registry

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"ferric/internal/fault"
	"ferric/ledger"
)

// History is what the log says of a copy.
type History struct {
	Run     ledger.Hash // names the run in the log
	Number  int
	Status  ledger.Status
	Closed  bool // the run
	ByLabel int  // times that the label, not the owner, handed it on or took it back
	Entries []Entry
	Signed  int64 // size of the log's last checkpoint
}

// Entry is one entry of a copy's history, the declaration of its run first.
type Entry struct {
	Index  int64 // its place in the log; -1: it is waiting for one
	Proven bool  // it is in the tree of the last checkpoint
	Kind   string
	Text   string // what it does, in a few words
	Hash   ledger.Hash
}

// State is what the log says of a copy, for its page.
func (r *Registry) State(ctx context.Context, run string, number int) (h History, err error) {
	err = r.store.View(ctx, func(tx LogTx) error {
		p, err := r.read(tx, run, number)
		if err != nil {
			return err
		}
		h = History{Run: p.run.Run.ID, Number: number, Status: p.copy.Status, Closed: p.run.Closed, ByLabel: p.copy.ByLabel, Signed: p.log.Signed}
		for _, l := range p.leaves {
			leaf, err := ledger.ParseLeaf(l.Body)
			if err != nil {
				return fmt.Errorf("number %d, step %d: %w", number, l.Step, err)
			}
			h.Entries = append(h.Entries, Entry{l.Index, p.proven(l), leaf.Entry.Kind(), ledger.Describe(leaf.Entry), leaf.Hash})
		}
		return nil
	})
	return h, err
}

// Certificate is the owner's proof file for a copy: self-contained, for ferric
// verify and for any program that knows C2SP tlog-proof. With the opening it says which key the
// owner's is: only for the owner, which the caller has checked. Since is the size of a checkpoint that the
// asker has already, or 0. It is Unavailable while the copy's last entry is not in the signed log yet: a moment.
func (r *Registry) Certificate(ctx context.Context, run string, number int, withOpening bool, since int64) (file []byte, err error) {
	err = r.store.View(ctx, func(tx LogTx) error {
		p, err := r.read(tx, run, number)
		if err != nil {
			return err
		}
		var history []ledger.Logged
		for _, l := range p.leaves {
			if !p.proven(l) {
				return fault.New(fault.Unavailable, "The newest entry about this copy is just being written into the public ledger. Please try again in a moment.")
			}
			history = append(history, ledger.Logged{Index: l.Index, Leaf: l.Body})
		}
		if since < 0 || since > p.log.Signed {
			return fault.Newf(fault.Invalid, "The ledger has %d entries: it cannot be compared with a larger one.", p.log.Signed)
		}
		signed, err := ledger.OpenCheckpoint([]byte(p.log.Note), r.vkey)
		if err != nil {
			return err
		}
		var opening *ledger.Opening
		if withOpening {
			o, err := r.owner(tx, run, number, p.copy)
			if err != nil {
				return err
			}
			opening = &o.Opening
		}
		c, err := ledger.Certify(signed, history, hashes{tx}, opening, since)
		if err != nil {
			return err
		}
		file = c.Encode()
		return nil
	})
	return file, err
}

// ExportKey is a file with the owner's private key of a copy, for those who want to sign
// without the shop. The account must be the owner's. docs/formats/ledger.md has its form.
func (r *Registry) ExportKey(ctx context.Context, run string, number int, account string) (file []byte, err error) {
	err = r.store.View(ctx, func(tx LogTx) error {
		c, err := tx.LedgerCopy(run, number)
		if err != nil {
			return err
		}
		key, err := tx.OwnerKey(run, number)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err != nil || account == "" || key.Account != account || key.Kept {
			return fault.New(fault.Forbidden, "This copy is not yours.")
		}
		o, err := r.owner(tx, run, number, c)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		fmt.Fprintf(&b, "ferric-owner-key/1\nlog %s\nrun %s\ncopy %d\nprev %s\nopening %s\nseed %s\n",
			r.vkey, ledger.Hex(c.Copy.Run), number, ledger.Hex(c.Head), o.Opening, hex.EncodeToString(o.key.Seed()))
		file = b.Bytes()
		return nil
	})
	return file, err
}

// owner opens the key of a copy's owner, and makes sure that it is the one in the log.
func (r *Registry) owner(tx LogTx, run string, number int, c Copy) (owner, error) {
	key, err := tx.OwnerKey(run, number)
	if fault.Is(err, fault.NotFound) {
		return owner{}, fault.New(fault.NotFound, "The shop has no owner's key for this copy.")
	}
	if err != nil {
		return owner{}, err
	}
	o, err := r.keys.open(key)
	if err == nil && !c.OwnedBy(o.Opening) {
		err = fmt.Errorf("number %d: the key in the database does not open the log's commitment", number)
	}
	return o, err
}

// proofs is one reading of all that there is about a copy.
type proofs struct {
	log    Log
	run    Run
	copy   Copy
	leaves []Leaf // the declaration first
}

func (p *proofs) proven(l Leaf) bool { return l.Index >= 0 && l.Index < p.log.Signed }

func (r *Registry) read(tx LogTx, run string, number int) (*proofs, error) {
	p := &proofs{}
	var err error
	if p.copy, err = tx.LedgerCopy(run, number); err != nil {
		return nil, err
	}
	if p.run, err = tx.LedgerRun(run); err != nil {
		return nil, err
	}
	if p.log, err = tx.Log(); err != nil {
		return nil, err
	}
	declared, err := tx.Leaves(run, 0)
	if err != nil {
		return nil, err
	}
	if len(declared) == 0 {
		return nil, fmt.Errorf("run %s has no declaration", run)
	}
	own, err := tx.Leaves(run, number)
	p.leaves = append(declared[:1:1], own...) // without the closing, which is about the run
	return p, err
}
