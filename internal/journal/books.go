package journal

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Books are what people write into the journal, and what is read from it. They are safe for use by many goroutines.
type Books struct {
	store Store
	now   func() time.Time
}

// New makes the books on a store, with the server's clock.
func New(store Store, now func() time.Time) (*Books, error) {
	if store == nil || now == nil {
		return nil, errors.New("journal: a store and a clock are needed")
	}
	return &Books{store, now}, nil
}

func (b *Books) clock() time.Time { return b.now().UTC().Truncate(time.Microsecond) }

// NewKey is a reference for something that a form will write: sent twice, it is written once.
func NewKey() string {
	var k [16]byte
	rand.Read(k[:])
	return hex.EncodeToString(k[:])
}

func checkKey(key string) error {
	if len(key) < 16 || len(key) > 64 || strings.Trim(key, "0123456789abcdef") != "" {
		return fault.New(fault.Invalid, "This form is not complete; please open the page again. Nothing was written.")
	}
	return nil
}

// write puts an entry into the books. The same one again is no mistake: it is there.
func (b *Books) write(ctx context.Context, key string, make func(Tx, time.Time) (Entry, error)) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := b.store.Update(ctx, func(tx Tx) error {
		e, err := make(tx, b.clock())
		if err != nil {
			return err
		}
		if there, err := tx.JournalEntry(e.Kind, e.Reference); err == nil && there.Label == e.Label {
			return errWritten
		}
		return Write(tx, e)
	})
	if errors.Is(err, errWritten) {
		return nil
	}
	return err
}

var errWritten = errors.New("journal: written before")

// Paper is a bill or another cost, as it is written down.
type Paper struct {
	Label    catalog.LabelID
	Key      string        // see NewKey
	Making   bool          // a manufacturing bill; otherwise another cost
	Run      catalog.RunID // needed for manufacturing; '' for what is the label's as a whole, which nobody else bears
	Currency string
	Minor    int64
	Note     string // what it is for, its number and its day
}

// Spend writes down a bill that was paid.
func (b *Books) Spend(ctx context.Context, p Paper) error {
	if p.Minor <= 0 {
		return fault.Field("amount", "How much was it?")
	}
	if p.Making && p.Run == "" {
		return fault.Field("run", "Which run was made for it?")
	}
	if p.Note = strings.TrimSpace(p.Note); p.Note == "" {
		return fault.Field("note", "What was it for?")
	}
	return b.write(ctx, p.Key, func(tx Tx, now time.Time) (Entry, error) {
		if err := owns(tx, p.Label, p.Run); err != nil {
			return Entry{}, err
		}
		kind, line := KindCost, Line{Account: Costs, Run: p.Run}
		if p.Making {
			kind, line.Account = KindBill, Making
		}
		return spent(p.Label, kind, p.Key, now, p.Note, p.Currency, p.Minor, line), nil
	})
}

// owns refuses a run that is not the label's.
func owns(tx Tx, label catalog.LabelID, run catalog.RunID) error {
	if run == "" {
		return nil
	}
	runs, err := tx.BookRuns(label)
	if err == nil && !slices.ContainsFunc(runs, func(r Run) bool { return r.ID == run }) {
		err = fault.Field("run", "There is no such run at this label.")
	}
	return err
}

// Pay writes down that a payee was paid.
func (b *Books) Pay(ctx context.Context, label catalog.LabelID, key string, payee PayeeID, currency string, minor int64, note string) error {
	if minor <= 0 {
		return fault.Field("amount", "How much was paid?")
	}
	return b.write(ctx, key, func(tx Tx, now time.Time) (Entry, error) {
		if _, err := payeeOf(tx, label, payee); err != nil {
			return Entry{}, err
		}
		return spent(label, KindPayout, key, now, strings.TrimSpace(note), currency, minor, Line{Account: Payees, Payee: payee}), nil
	})
}

// PayeeOf is a payee of a label.
func (b *Books) PayeeOf(ctx context.Context, label catalog.LabelID, id PayeeID) (p Payee, err error) {
	err = b.store.View(ctx, func(tx Tx) error { p, err = payeeOf(tx, label, id); return err })
	return p, err
}

func payeeOf(tx Tx, label catalog.LabelID, id PayeeID) (Payee, error) {
	payees, err := tx.Payees(label)
	if err != nil {
		return Payee{}, err
	}
	i := slices.IndexFunc(payees, func(p Payee) bool { return p.ID == id })
	if i < 0 {
		return Payee{}, fault.New(fault.NotFound, "There is nobody of that kind in this label's books.")
	}
	return payees[i], nil
}

// Debt is money that is to be sent back for an order.
type Debt struct {
	Order    string
	Currency string
	Minor    int64
	Since    time.Time
}

// Debts are the orders of a label for which money is to be sent back, the oldest first.
func (b *Books) Debts(ctx context.Context, label catalog.LabelID) (debts []Debt, err error) {
	err = b.store.View(ctx, func(tx Tx) error { debts, err = debtsOf(tx, label); return err })
	return debts, err
}

func debtsOf(tx Tx, label catalog.LabelID) (debts []Debt, err error) {
	entries, err := tx.Journal(Query{Label: label, Owing: true})
	if err != nil {
		return nil, err
	}
	type key struct{ order, currency string }
	at := map[key]int{}
	for _, e := range entries {
		order := e.Order()
		if e.Kind == KindReversal {
			_, of, _ := strings.Cut(e.Reference, ":")
			order, _, _ = strings.Cut(of, "/")
		}
		for _, l := range e.Lines {
			if l.Account != Buyers {
				continue
			}
			k := key{order, l.Currency}
			i, there := at[k]
			if !there {
				i = len(debts)
				at[k] = i
				debts = append(debts, Debt{Order: order, Currency: l.Currency, Since: e.At})
			}
			debts[i].Minor -= l.Minor
		}
	}
	return slices.DeleteFunc(debts, func(d Debt) bool { return d.Minor == 0 }), nil
}

// SendBack writes down that all that is owed for an order was sent back to its buyer.
func (b *Books) SendBack(ctx context.Context, label catalog.LabelID, key, order string) error {
	return b.write(ctx, key, func(tx Tx, now time.Time) (Entry, error) {
		if _, err := tx.JournalEntry(KindRefund, order+"/"+key); err == nil {
			return Entry{}, errWritten
		}
		debts, err := debtsOf(tx, label)
		if err != nil {
			return Entry{}, err
		}
		for _, d := range debts {
			if d.Order == order && d.Minor > 0 {
				return spent(label, KindRefund, order+"/"+key, now, "", d.Currency, d.Minor, Line{Account: Buyers}), nil
			}
		}
		return Entry{}, fault.New(fault.Conflict, "Nothing is owed for this order any more.")
	})
}

// reversible are the kinds that people write by hand. What the shop wrote is mended by the shop's own verbs.
var reversible = []Kind{KindBill, KindCost, KindPayout, KindRefund}

// Reversible says whether an entry can be reversed: the kinds that people write by hand. The shop's own are mended at the order or copy itself.
func (e Entry) Reversible() bool { return slices.Contains(reversible, e.Kind) }

// Reverse writes the entry that undoes another. Reversing it again changes nothing.
func (b *Books) Reverse(ctx context.Context, label catalog.LabelID, kind Kind, reference string) error {
	return b.store.Update(ctx, func(tx Tx) error {
		e, err := tx.JournalEntry(kind, reference)
		if err == nil && e.Label != label {
			err = fault.New(fault.NotFound, "There is no such entry in this label's books.")
		}
		if err != nil {
			return err
		}
		if !e.Reversible() {
			return fault.New(fault.Conflict, "The shop wrote this by itself. Please mend it at the order or the copy; the books follow.")
		}
		if _, err := tx.JournalEntry(KindReversal, e.ID()); err == nil {
			return nil
		}
		return Write(tx, Entry{Label: label, Kind: KindReversal, Reference: e.ID(), At: b.clock(), Note: e.Note, Lines: Reversed(e.Lines)})
	})
}

// Payees are whom a label pays, by name.
func (b *Books) Payees(ctx context.Context, label catalog.LabelID) (payees []Payee, err error) {
	err = b.store.View(ctx, func(tx Tx) error { payees, err = tx.Payees(label); return err })
	return payees, err
}

// ByName sorts payees as people look them up, the same way with every database.
func ByName(payees []Payee) {
	slices.SortFunc(payees, func(a, b Payee) int {
		return cmp.Or(cmp.Compare(catalog.Fold(a.Name), catalog.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
}

// payeeNamed finds a payee by name, as people write it, or adds them.
func (b *Books) payeeNamed(tx Tx, label catalog.LabelID, name string, now time.Time) (PayeeID, error) {
	name = strings.Join(strings.Fields(name), " ")
	if err := catalog.CheckName("payee", name, 100); err != nil {
		return "", err
	}
	payees, err := tx.Payees(label)
	if err != nil {
		return "", err
	}
	for _, p := range payees {
		if catalog.Fold(p.Name) == catalog.Fold(name) {
			return p.ID, nil
		}
	}
	if len(payees) >= maxPayees {
		return "", fault.New(fault.Limit, "There are as many names in these books as there can be.")
	}
	p := Payee{PayeeID(NewKey()), label, name, now}
	return p.ID, tx.InsertPayee(p)
}

const maxPayees = 2000

// Deal is the deal of a release that is in force, zero when there is none.
func (b *Books) Deal(ctx context.Context, label catalog.LabelID, release catalog.ReleaseID) (d Deal, err error) {
	err = b.store.View(ctx, func(tx Tx) error {
		deals, err := tx.Deals(label)
		if versions := deals[release]; err == nil && len(versions) > 0 {
			d = versions[len(versions)-1]
		}
		return err
	})
	return d, err
}

// SetDeal makes the next version of a release's deal. In d, payees are given by name, as people write them: those who are not yet in
// the books are added. Version is the one that was seen, 0 for none.
func (b *Books) SetDeal(ctx context.Context, label catalog.LabelID, d Deal) error {
	for _, t := range d.Tiers {
		for _, s := range t.Shares {
			if !utf8.ValidString(string(s.Payee)) || strings.TrimSpace(string(s.Payee)) == "" {
				return fault.Field("share", "Whose share is it?")
			}
		}
	}
	return b.store.Update(ctx, func(tx Tx) error {
		now := b.clock()
		deals, err := tx.Deals(label)
		if err != nil {
			return err
		}
		next := Deal{Release: d.Release, Version: d.Version + 1, At: now, Recoup: d.Recoup}
		if len(deals[d.Release]) != d.Version {
			return fault.New(fault.Conflict, "Somebody else changed this deal meanwhile. Please look at it again; nothing was changed.")
		}
		for _, t := range d.Tiers {
			t.Shares = slices.Clone(t.Shares)
			for i, s := range t.Shares {
				if t.Shares[i].Payee, err = b.payeeNamed(tx, label, string(s.Payee), now); err != nil {
					return err
				}
			}
			next.Tiers = append(next.Tiers, t)
		}
		if err := next.Check(); err != nil {
			return err
		}
		return tx.InsertDeal(next)
	})
}

// Reading is all that statements are made of.
type Reading struct {
	Label   catalog.LabelID
	Runs    []Run
	Payees  []Payee
	Deals   map[catalog.ReleaseID][]Deal
	Entries []Entry // by time
}

// Read reads a label's books up to a time; zero for all.
func (b *Books) Read(ctx context.Context, label catalog.LabelID, to time.Time) (r Reading, err error) {
	r.Label = label
	err = b.store.View(ctx, func(tx Tx) error {
		if r.Runs, err = tx.BookRuns(label); err != nil {
			return err
		}
		if r.Payees, err = tx.Payees(label); err != nil {
			return err
		}
		if r.Deals, err = tx.Deals(label); err != nil {
			return err
		}
		r.Entries, err = tx.Journal(Query{Label: label, To: to})
		return err
	})
	return r, err
}

// Statement is a payee's statement, or with the zero Payee the label's own.
func (r Reading) Statement(p Payee, from, to time.Time) Statement {
	if p.ID == "" {
		return LabelStatement(r.Label, from, to, r.Runs, r.Deals, r.Payees, r.Entries)
	}
	return PayeeStatement(r.Label, p, from, to, r.Runs, r.Deals, r.Entries)
}

// Run are the books of one run, by currency.
func (r Reading) Run(id catalog.RunID) []RunBooks {
	return BooksOf(id, r.Runs, r.Deals, r.Payees, r.Entries)
}

// Journal are entries of a label.
func (b *Books) Journal(ctx context.Context, q Query) (entries []Entry, err error) {
	err = b.store.View(ctx, func(tx Tx) error { entries, err = tx.Journal(q); return err })
	return entries, err
}

// Runs are the runs of a label, the newest release first.
func (b *Books) Runs(ctx context.Context, label catalog.LabelID) (runs []Run, err error) {
	err = b.store.View(ctx, func(tx Tx) error { runs, err = tx.BookRuns(label); return err })
	return runs, err
}

// Payee finds a payee by name or adds them, for what the shop writes in its own transaction.
func (b *Books) Payee(ctx context.Context, label catalog.LabelID, name string) (id PayeeID, err error) {
	err = b.store.Update(ctx, func(tx Tx) error { id, err = b.payeeNamed(tx, label, name, b.clock()); return err })
	return id, err
}
