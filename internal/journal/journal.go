// Package journal is a label's books: what came in, what went out, what each run
// earned, and who is owed what.
//
// It is double entry. An [Entry] is one event, and its lines sum to zero in each
// currency: what one account gets another gives. Amounts are whole coins. A
// positive line is a debit (money in the bank, a cost), a negative one a credit
// (a sale, money that is owed). Entries are only ever added; a mistake is mended
// by an entry that reverses it. An event has one entry: a second of the same
// kind and reference is refused by the database.
//
// The shop writes its entries in the transactions of its own verbs ([Write]),
// so that a sale is paid and in the books, or neither. What people write (bills,
// payouts) comes through [Books].
//
// What a payee is owed is not written at all. It follows from the journal and the
// deals of the releases: a statement is a fold over both ([Reckon]), the same
// bytes whenever it is made again.
package journal

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ferric/budget"
	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// WriteTx is what writing an entry needs of the transaction that it is part of.
type WriteTx interface {
	InsertJournal(Checked) error // Conflict when there is an entry of this kind and reference
	JournalEntry(Kind, string) (Entry, error)
}

// Tx is one transaction. Single things that do not exist are of kind NotFound.
type Tx interface {
	WriteTx
	Journal(Query) ([]Entry, error)
	BookRuns(catalog.LabelID) ([]Run, error) // all runs of a label, the newest release first
	Payees(catalog.LabelID) ([]Payee, error) // by name
	InsertPayee(Payee) error
	Deals(catalog.LabelID) (map[catalog.ReleaseID][]Deal, error) // the oldest version first
	InsertDeal(Deal) error                                       // Conflict when there is a version of this number
}

// Account is where money is, or what it was for.
type Account string

// The accounts.
const (
	Bank   Account = "bank"   // the label's money, in the bank and in the box: plus what comes in
	Sales  Account = "sales"  // copies sold: minus
	Fees   Account = "fees"   // what shops and payment services keep of a sale: plus
	Making Account = "making" // manufacturing bills of a run: plus
	Costs  Account = "costs"  // other costs, of a run or of the label as a whole: plus
	Buyers Account = "buyers" // money to send back: minus while it is owed
	Payees Account = "payees" // paid to somebody on account of their share: plus
)

// Accounts lists them all.
var Accounts = []Account{Bank, Sales, Fees, Making, Costs, Buyers, Payees}

// Kind is what happened.
type Kind string

// The kinds of entries. Beside each, what its reference is.
const (
	KindOrder     Kind = "order"     // an order's money came: the order
	KindCancel    Kind = "cancel"    // a paid order was called off: the order
	KindReturn    Kind = "return"    // copies of an order came back: the order and a step of it
	KindHand      Kind = "hand"      // a copy was sold by hand: run, number, step of the copy
	KindConsigned Kind = "consigned" // another shop sold a copy and settled: likewise
	KindArtist    Kind = "artist"    // a copy was given to an artist: likewise
	KindUnhand    Kind = "unhand"    // one of these three was undone: likewise
	KindBill      Kind = "bill"      // manufacturing: of a form
	KindCost      Kind = "cost"      // anything else that was paid for: of a form
	KindRefund    Kind = "refund"    // money was sent back to a buyer: the order, and of a form
	KindPayout    Kind = "payout"    // a payee was paid: of a form
	KindReversal  Kind = "reversal"  // an entry was a mistake: its kind and reference
)

// Kinds lists them all.
var Kinds = []Kind{KindOrder, KindCancel, KindReturn, KindHand, KindConsigned, KindArtist, KindUnhand, KindBill, KindCost, KindRefund, KindPayout, KindReversal}

// PayeeID names somebody whom a label pays.
type PayeeID string

// Payee is somebody whom a label pays: a name in its books, and no account of the house.
type Payee struct {
	ID      PayeeID
	Label   catalog.LabelID
	Name    string
	Created time.Time
}

// Line is what one account gets (plus) or gives (minus).
type Line struct {
	Account  Account
	Run      catalog.RunID // '' when it is of no run
	Payee    PayeeID       // '' when it is nobody's
	Currency string        // ISO 4217
	Minor    int64         // coins
	Copies   int           // how many copies were sold or, below zero, came back: on lines of sales alone
}

// Entry is one event.
type Entry struct {
	Label     catalog.LabelID
	Kind      Kind
	Reference string // one entry of each kind has it
	At        time.Time
	Note      string // what a person wrote about it
	Lines     []Line
}

// ID names the entry: its kind and reference.
func (e Entry) ID() string { return string(e.Kind) + ":" + e.Reference }

// Order is the order that the entry is about; empty for those of none.
func (e Entry) Order() string {
	switch e.Kind {
	case KindOrder, KindCancel, KindReturn, KindRefund:
		order, _, _ := strings.Cut(e.Reference, "/")
		return order
	}
	return ""
}

// Checked is an entry whose lines sum to zero. A store is given no other, so money that does not add up cannot be written.
type Checked struct{ entry Entry }

// Entry is the entry that was checked.
func (c Checked) Entry() Entry { return c.entry }

// Bounds of one entry.
const (
	MaxLines = 200
	maxMinor = 100_000_000_00 // of one line
	maxNote  = 300
	maxRef   = 120
)

// Check refuses an entry that does not add up.
func (e Entry) Check() (Checked, error) {
	wrong := func(format string, args ...any) (Checked, error) {
		return Checked{}, fault.Newf(fault.Invalid, "This cannot go into the books: "+format, args...)
	}
	switch {
	case e.Label == "" || e.Reference == "" || len(e.Reference) > maxRef || e.At.IsZero() || !slices.Contains(Kinds, e.Kind):
		return wrong("it does not say whose it is, what happened or when.")
	case utf8.RuneCountInString(e.Note) > maxNote || !utf8.ValidString(e.Note):
		return Checked{}, fault.Field("note", "At most %d characters, please.", maxNote)
	case len(e.Lines) == 0 || len(e.Lines) > MaxLines:
		return wrong("it has %d lines.", len(e.Lines))
	}
	sums := map[string]int64{}
	for _, l := range e.Lines {
		switch {
		case !slices.Contains(Accounts, l.Account):
			return wrong("there is no account %q.", l.Account)
		case !isCurrency(l.Currency):
			return Checked{}, fault.Field("currency", "Please choose a currency.")
		case l.Minor > maxMinor || l.Minor < -maxMinor:
			return Checked{}, fault.Field("amount", "This is too much for one entry.")
		case l.Copies != 0 && l.Account != Sales, l.Copies > catalog.MaxCopies, l.Copies < -catalog.MaxCopies:
			return wrong("copies are counted where they are sold.")
		case l.Minor == 0 && l.Copies == 0:
			return wrong("a line says nothing.")
		case l.Account == Sales && l.Run == "", l.Account == Payees && l.Payee == "":
			return wrong("a line does not say whose it is.")
		}
		sums[l.Currency] += l.Minor // at most MaxLines * maxMinor: no overflow
	}
	for currency, sum := range sums {
		if sum != 0 {
			return wrong("its lines do not add up to nothing, but to %d in %s.", sum, currency)
		}
	}
	return Checked{e}, nil
}

// Write checks an entry and puts it into the books, in the caller's transaction.
func Write(tx WriteTx, e Entry) error {
	c, err := e.Check()
	if err != nil {
		return err
	}
	return tx.InsertJournal(c)
}

// Reversed are lines that undo others.
func Reversed(lines []Line) []Line {
	back := make([]Line, len(lines))
	for i, l := range lines {
		l.Minor, l.Copies = -l.Minor, -l.Copies
		back[i] = l
	}
	return back
}

// Query says which entries of a label to read. They come by time, then kind and reference.
type Query struct {
	Label  catalog.LabelID
	From   time.Time     // at or after; zero: from the beginning
	To     time.Time     // before; zero: to the end
	Run    catalog.RunID // entries that have a line of this run; empty: all
	Owing  bool          // those about money to send back
	Newest bool          // the newest first
	Skip   int
	Most   int // 0: all
}

// Run is a run as the books know it.
type Run struct {
	ID        catalog.RunID
	Release   catalog.ReleaseID
	Slug      string // of the release
	Title     string
	Catalogue string
	Ordinal   int
	Copies    int
	Runs      int // how many the release has
}

func isCurrency(code string) bool {
	if len(code) != 3 {
		return false
	}
	for _, r := range code {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return true
}

// Decimal writes coins as an amount without its currency: "-12.05", "300" for one without smaller coins.
func Decimal(minor int64, currency string) string {
	digits := 2
	if c, err := budget.FindCurrency(currency); err == nil {
		digits = c.Digits
	}
	sign, n := "", uint64(minor)
	if minor < 0 {
		sign, n = "-", uint64(-minor)
	}
	if minor == math.MinInt64 {
		n = 1 << 63
	}
	unit := uint64(math.Pow10(digits))
	s := sign + utoa(n/unit)
	if digits > 0 {
		part := utoa(n % unit)
		s += "." + strings.Repeat("0", digits-len(part)) + part
	}
	return s
}
