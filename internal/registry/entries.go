package registry

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"ferric/internal/fault"
	"ferric/ledger"
)

// Declaration says what a run is. Numbers are the catalogue's: the copies from 1, then the artist's proofs.
type Declaration struct {
	Run       string
	Label     string
	Catalogue string
	Edition   string
	Size      int              // copies and proofs
	Variants  []ledger.Variant // none, or ranges in order that cover 1 to Size
	Cards     []ledger.Card    // hashes of the printed matter
	Manifest  ledger.Hash
	Claims    []ledger.Hash // of the claim code of numbers 1, 2, ...; zero or missing: none
}

// Declared is a declaration with all its entries signed, ready to be stored.
type Declared struct {
	run    Run
	copies []Copy
	leaves []Leaf
}

// Prepare makes the entries that declare a run and mint all its numbers. It signs each, so
// it is done before the transaction: 100,000 numbers take seconds.
func (r *Registry) Prepare(d Declaration) (*Declared, error) {
	key := r.label(d.Label)
	leaf, err := ledger.Sign(&ledger.Declare{Origin: r.cfg.Origin, Key: [32]byte(key.Public().(ed25519.PublicKey)), Catalogue: d.Catalogue, Edition: d.Edition,
		Size: d.Size, Variants: d.Variants, Cards: d.Cards, Manifest: d.Manifest}, key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "This run cannot be written into the ledger: a name in it is too long, or has characters that a line of text cannot have.")
	}
	run, _, err := ledger.Check(r.cfg.Origin, nil, nil, leaf)
	if err != nil {
		return nil, against(err)
	}
	out := &Declared{run: Run{ID: d.Run, Label: d.Label, Catalogue: d.Catalogue, Edition: d.Edition, Run: run}}
	out.leaves = append(out.leaves, Leaf{RunID: d.Run, Index: -1, Body: leaf.Bytes})
	for n := 1; n <= d.Size; n++ {
		m := &ledger.Mint{Run: run.ID, Copy: n}
		if n <= len(d.Claims) {
			m.Claim = d.Claims[n-1]
		}
		leaf, err := ledger.Sign(m, key)
		if err != nil {
			return nil, fmt.Errorf("mint number %d: %w", n, err)
		}
		_, c, err := ledger.Check(r.cfg.Origin, &run, nil, leaf)
		if err != nil {
			return nil, against(err)
		}
		out.copies = append(out.copies, Copy{RunID: d.Run, Step: 1, Copy: c})
		out.leaves = append(out.leaves, Leaf{RunID: d.Run, Number: n, Step: 1, Index: -1, Body: leaf.Bytes})
	}
	return out, nil
}

// Declare writes down what was prepared, once.
func (r *Registry) Declare(tx Tx, d *Declared) error {
	return tx.InsertLedgerRun(d.run, d.copies, d.leaves)
}

// Sell writes down that a copy has its first owner, or its next after it came
// back: an account, or empty for a buyer who has none.
func (r *Registry) Sell(tx Tx, run string, number int, account string) error {
	a, err := r.at(tx, run, number)
	if err != nil {
		return err
	}
	if a.key.Kept { // since the run is closed, the label is an owner like others
		return a.handOn(account)
	}
	next, err := a.fresh(account, false)
	if err != nil {
		return err
	}
	return a.write(&ledger.Sell{About: a.about(), Owner: next}, a.label)
}

// Claim writes down that an account has registered a copy with the code from its
// card. A buyer without an account is taken for the one who claims: the key that
// was made for them is now the account's, and the log, which knows no accounts, hears nothing. So it is when they are
// the same account. Another account is handed the copy with the key of the one before; a
// copy that the log still has with the label was sold by hand.
func (r *Registry) Claim(tx Tx, run string, number int, account string) error {
	a, err := r.at(tx, run, number)
	switch {
	case err != nil:
		return err
	case a.copy.Status != ledger.Owned || a.key.Kept:
		return r.Sell(tx, run, number, account)
	case a.key.Sealed != "" && a.key.Account == "":
		a.key.Account = account
		return tx.PutOwnerKey(a.key)
	case a.key.Account == account:
		return nil
	}
	return a.handOn(account)
}

// HandOn writes down that a copy's owner gave it to an account, signed with the
// owner's key. Where that is gone, because the owner was erased, the label attests that it was asked to.
func (r *Registry) HandOn(tx Tx, run string, number int, account string) error {
	a, err := r.at(tx, run, number)
	if err != nil {
		return err
	}
	return a.handOn(account)
}

// Reissue writes down that the label gives a copy a new owner in the old one's place: [ledger.Asked] or [ledger.KeyLost].
func (r *Registry) Reissue(tx Tx, run string, number int, account string, why ledger.Reason) error {
	if why != ledger.Asked && why != ledger.KeyLost {
		return fault.Newf(fault.Invalid, "A copy is not given a new owner for the reason %q.", string(why))
	}
	a, err := r.at(tx, run, number)
	if err != nil {
		return err
	}
	return a.attest(account, false, why)
}

// TakenBack writes down that a copy is with the label again: it was sent back, or the order was
// called off. In a closed run the label can only be an owner like others, with a key of its own.
func (r *Registry) TakenBack(tx Tx, run string, number int) error {
	a, err := r.at(tx, run, number)
	if err != nil {
		return err
	}
	if a.run.Closed {
		return a.attest("", true, ledger.Asked)
	}
	return a.giveUp(&ledger.HandOn{About: a.about(), Reason: ledger.Returned}, a.label)
}

// Keep writes down that the label itself owns a copy from now on, like anybody:
// an artist's proof of a run that is about to be closed.
func (r *Registry) Keep(tx Tx, run string, number int) error {
	a, err := r.at(tx, run, number)
	if err != nil {
		return err
	}
	next, err := a.fresh("", true)
	if err != nil {
		return err
	}
	return a.write(&ledger.Sell{About: a.about(), Owner: next}, a.label)
}

// Grade writes down a copy's condition, as a commitment: the text itself is the shop's.
func (r *Registry) Grade(tx Tx, run string, number int, text string) error {
	a, err := r.at(tx, run, number)
	if err != nil {
		return err
	}
	sheet := Sheet{RunID: run, Number: number, Step: a.step(), Text: text}
	if _, err := io.ReadFull(r.cfg.Random, sheet.Salt[:]); err != nil {
		return fmt.Errorf("grade: %w", err)
	}
	if err := tx.InsertSheet(sheet); err != nil {
		return err
	}
	return a.write(&ledger.Grade{About: a.about(), Sheet: ledger.CommitSheet(a.copy.Head, sha256.Sum256([]byte(text)), sheet.Salt)}, a.label)
}

// VoidReason is a word of the ledger, and what it means.
type VoidReason struct {
	Reason ledger.Reason
	Text   string
}

// VoidReasons are the words of which one stands in the log for a void number, with what each means.
var VoidReasons = []VoidReason{
	{ledger.Destroyed, "It was made and is no more."},
	{ledger.Faulty, "It was made wrong and never given out."},
	{ledger.LostOnWay, "It was lost in the post or in storage."},
	{ledger.Misnumbered, "The number was printed wrong or twice."},
	{ledger.NotMade, "The number was planned and never manufactured."},
	{ledger.Unsold, "The run was closed before it found an owner."},
}

// Void writes down that a number is out of the run for good. A copy that is sold
// comes back to the label first, in an entry of its own: the buyer's key signs nothing that the buyer did not do.
func (r *Registry) Void(tx Tx, run string, number int, why ledger.Reason) error {
	a, err := r.at(tx, run, number)
	if err != nil {
		return err
	}
	v := &ledger.Void{About: a.about(), Reason: why}
	switch {
	case a.key.Kept:
		o, err := r.keys.open(a.key)
		if err != nil {
			return err
		}
		v.By.Opening = &o.Opening
		return a.giveUp(v, o.key)
	case a.copy.Status == ledger.Owned && a.run.Closed:
		return fault.New(fault.Conflict, "The run is closed: what somebody owns, only they can make void.")
	case a.copy.Status == ledger.Owned:
		if err := r.TakenBack(tx, run, number); err != nil {
			return err
		}
		if a, err = r.at(tx, run, number); err != nil {
			return err
		}
		v.About = a.about()
	}
	return a.write(v, a.label)
}

// Close writes down that a run is at its end: every number is with an owner or void.
func (r *Registry) Close(tx Tx, run string) error {
	// Whoever changes a copy has its row first and looks at the run then, so while all rows are ours nobody changes any.
	copies, err := tx.LedgerCopies(run)
	if err != nil {
		return err
	}
	rec, err := tx.LedgerRun(run)
	if err != nil {
		return err
	}
	step := rec.Step
	for _, c := range copies {
		step = max(step, c.Step)
		switch c.Status {
		case ledger.Owned:
			rec.Owned++
		case ledger.Gone:
			rec.Void++
		}
	}
	step++
	if left := rec.Size - rec.Owned - rec.Void; left > 0 && !rec.Closed {
		return fault.Newf(fault.Conflict, "%d of %d numbers have no owner and are not void: a run is closed when all are one or the other.", left, rec.Size)
	}
	leaf, err := ledger.Sign(&ledger.Close{Run: rec.Run.ID, Sold: rec.Owned, Void: rec.Void}, r.label(rec.Label))
	if err != nil {
		return err
	}
	if _, _, err := ledger.Check(r.cfg.Origin, &rec.Run, nil, leaf); err != nil {
		return against(err)
	}
	if err := tx.CloseLedgerRun(run, step); err != nil {
		return err
	}
	return tx.InsertLeaf(Leaf{RunID: run, Step: step, Index: -1, Body: leaf.Bytes})
}

// Erase deletes all owners' keys of an account. The log keeps what it has: commitments, which nobody can open any more.
func (r *Registry) Erase(tx Tx, account string) error {
	if account == "" {
		return errors.New("registry: erase whose keys?")
	}
	_, err := tx.DropOwnerKeys(account)
	return err
}

// at is one copy where an entry is about to be written.
type at struct {
	r     *Registry
	tx    Tx
	run   Run
	copy  Copy
	key   Key // of the owner; Sealed is empty when there is none
	label ed25519.PrivateKey
}

func (r *Registry) at(tx Tx, run string, number int) (*at, error) {
	a := &at{r: r, tx: tx}
	var err error
	if a.copy, err = tx.LedgerCopy(run, number); err != nil {
		return nil, err
	}
	if a.run, err = tx.LedgerRun(run); err != nil {
		return nil, err
	}
	a.label = r.label(a.run.Label)
	if a.copy.Status != ledger.Owned {
		return a, nil
	}
	if a.key, err = tx.OwnerKey(run, number); fault.Is(err, fault.NotFound) {
		err = nil
	}
	return a, err
}

func (a *at) about() ledger.About {
	return ledger.About{Run: a.run.Run.ID, Copy: a.copy.Number, Prev: a.copy.Head}
}

// step follows on all that the entry builds on: the copy's last entry, and the run's closing.
func (a *at) step() int64 { return max(a.copy.Step, a.run.Step) + 1 }

// fresh makes a key for a new owner, keeps it, and gives the commitment.
func (a *at) fresh(account string, kept bool) (ledger.Hash, error) {
	opening, key, err := ledger.NewOpening(a.r.cfg.Random)
	if err != nil {
		return ledger.Hash{}, err
	}
	sealed, err := a.r.keys.seal(a.r.cfg.Random, owner{opening, key}, a.run.ID, a.copy.Number)
	if err != nil {
		return ledger.Hash{}, err
	}
	return opening.Commit(a.copy.Head), a.tx.PutOwnerKey(Key{RunID: a.run.ID, Number: a.copy.Number, Account: account, Kept: kept, Sealed: sealed})
}

// handOn passes the copy to an account by its owner's key.
func (a *at) handOn(account string) error {
	if a.key.Sealed == "" {
		return a.attest(account, false, ledger.Asked)
	}
	o, err := a.r.keys.open(a.key)
	if err != nil {
		return err
	}
	next, err := a.fresh(account, false)
	if err != nil {
		return err
	}
	return a.write(&ledger.HandOn{About: a.about(), Owner: next, By: ledger.By{Opening: &o.Opening}}, o.key)
}

// attest passes the copy to an account, or to the label as an owner like others, by the label's word.
func (a *at) attest(account string, kept bool, why ledger.Reason) error {
	next, err := a.fresh(account, kept)
	if err != nil {
		return err
	}
	return a.write(&ledger.HandOn{About: a.about(), Owner: next, Reason: why}, a.label)
}

// giveUp writes an entry after which the copy has no owner.
func (a *at) giveUp(e ledger.Entry, key ed25519.PrivateKey) error {
	if err := a.tx.DropOwnerKey(a.run.ID, a.copy.Number); err != nil {
		return err
	}
	return a.write(e, key)
}

// write signs the entry, checks it and stores it as the copy's last.
func (a *at) write(e ledger.Entry, key ed25519.PrivateKey) error {
	leaf, err := ledger.Sign(e, key)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "This cannot be written into the ledger.")
	}
	_, after, err := ledger.Check(a.r.cfg.Origin, &a.run.Run, &a.copy.Copy, leaf)
	if err != nil {
		return against(err)
	}
	step := a.step()
	if err := a.tx.PutLedgerCopy(Copy{a.run.ID, step, after}, a.copy.Head); err != nil {
		return err
	}
	return a.tx.InsertLeaf(Leaf{RunID: a.run.ID, Number: a.copy.Number, Step: step, Index: -1, Body: leaf.Bytes})
}
