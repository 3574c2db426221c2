package journal

import (
	"cmp"
	"slices"
	"time"

	"ferric/internal/catalog"
)

// Statement is what happened on a payee's account in a period, or on the label's own. It follows from the journal and the deals alone.
type Statement struct {
	Label    catalog.LabelID
	Payee    Payee     // zero ID: the label
	From     time.Time // zero: from the beginning
	To       time.Time // before
	Sections []Section // by currency
	Runs     map[catalog.RunID]Run
}

// Section is a statement in one currency.
type Section struct {
	Currency string
	Opening  int64
	Items    []Item // by time
	Totals   []Total
	Closing  int64 // the opening and all items: what is owed to the payee, or what the label has in bank and box
	Owed     []Owed
	Own      int64 // of the label's closing balance, when what is owed to others is taken off
}

// Item is one entry on an account.
type Item struct {
	At        time.Time
	Kind      Kind
	Reference string
	Note      string
	Run       catalog.RunID
	Copies    int
	Sales     int64 // what the run got by it
	Costs     int64 // what it cost
	Minor     int64 // what it brought the account
	Balance   int64 // after it
}

// Total is all items of a run and kind.
type Total struct {
	Run    catalog.RunID
	Kind   Kind
	Copies int
	Sales  int64
	Costs  int64
	Minor  int64
}

// Owed is what somebody is owed at the end of a statement; Payee ” are the buyers.
type Owed struct {
	Payee PayeeID
	Name  string
	Minor int64
}

// account is the fold of one account.
type account struct {
	from  time.Time
	parts map[string]*Section
}

func (a *account) part(currency string) *Section {
	p := a.parts[currency]
	if p == nil {
		p = &Section{Currency: currency}
		a.parts[currency] = p
	}
	return p
}

// post adds to the account.
func (a *account) post(e *Entry, currency string, i Item) {
	p := a.part(currency)
	p.Closing += i.Minor
	if e.At.Before(a.from) {
		p.Opening += i.Minor
		return
	}
	i.At, i.Kind, i.Reference, i.Note, i.Balance = e.At, e.Kind, e.Reference, e.Note, p.Closing
	p.Items = append(p.Items, i)
}

// PayeeStatement makes the statement of a payee from all entries before its end.
func PayeeStatement(label catalog.LabelID, payee Payee, from, to time.Time, runs []Run, deals map[catalog.ReleaseID][]Deal, entries []Entry) Statement {
	a := account{from, map[string]*Section{}}
	r := NewReckoner(runs, deals, func(p Posting) {
		if p.Payee == payee.ID && (p.Minor != 0 || p.Copies != 0) {
			a.post(p.Entry, p.Currency, Item{Run: p.Run, Copies: p.Copies, Sales: p.Sales, Costs: p.Costs, Minor: p.Minor})
		}
	})
	for i := range entries {
		if entries[i].At.Before(to) {
			r.Add(&entries[i])
		}
	}
	return a.statement(label, payee, from, to, runs)
}

// LabelStatement makes a label's own statement: its money in bank and box, and how much of that is owed to others.
func LabelStatement(label catalog.LabelID, from, to time.Time, runs []Run, deals map[catalog.ReleaseID][]Deal, payees []Payee, entries []Entry) Statement {
	a := account{from, map[string]*Section{}}
	type debt struct {
		currency string
		payee    PayeeID
	}
	owed := map[debt]int64{}
	r := NewReckoner(runs, deals, func(p Posting) {
		if p.Payee != "" {
			owed[debt{p.Currency, p.Payee}] += p.Minor
		}
	})
	for i := range entries {
		e := &entries[i]
		if !e.At.Before(to) {
			continue
		}
		r.Add(e)
		for _, l := range e.Lines {
			if l.Account == Buyers {
				owed[debt{l.Currency, ""}] -= l.Minor
			}
		}
		for _, t := range byRun(e) {
			a.post(e, t.currency, t.Item)
		}
	}
	s := a.statement(label, Payee{}, from, to, runs)
	for i := range s.Sections {
		p := &s.Sections[i]
		p.Own = p.Closing
		for _, who := range append(slices.Clone(payees), Payee{}) {
			if n := owed[debt{p.Currency, who.ID}]; n != 0 {
				p.Owed = append(p.Owed, Owed{who.ID, who.Name, n})
				p.Own -= n
			}
		}
	}
	return s
}

// inBank is what an entry means to the label's money, by currency and run.
type inBank struct {
	currency string
	Item
}

// byRun cuts an entry into what each run brought or cost. What is not a run's, such as a payout, is of run ”; money that is owed for
// a run's copies, or that is owed to an artist, is taken off the run or added to it, so that the parts add up to the bank's lines.
func byRun(e *Entry) (parts []inBank) {
	at := func(currency string, run catalog.RunID) *inBank {
		for i := range parts {
			if parts[i].currency == currency && parts[i].Run == run {
				return &parts[i]
			}
		}
		parts = append(parts, inBank{currency, Item{Run: run}})
		return &parts[len(parts)-1]
	}
	for _, l := range e.Lines {
		switch l.Account {
		case Sales, Fees:
			p := at(l.Currency, l.Run)
			p.Sales -= l.Minor
			p.Minor -= l.Minor
			p.Copies += l.Copies
		case Making, Costs:
			p := at(l.Currency, l.Run)
			p.Costs += l.Minor
			p.Minor -= l.Minor
		case Buyers, Payees:
			at(l.Currency, "").Minor -= l.Minor
		}
	}
	return parts
}

func (a *account) statement(label catalog.LabelID, payee Payee, from, to time.Time, runs []Run) Statement {
	s := Statement{Label: label, Payee: payee, From: from, To: to, Runs: make(map[catalog.RunID]Run, len(runs))}
	place := map[catalog.RunID]int{}
	for i, r := range runs {
		s.Runs[r.ID], place[r.ID] = r, i
	}
	for _, p := range a.parts {
		p.Totals = totals(p.Items, place)
		s.Sections = append(s.Sections, *p)
	}
	slices.SortFunc(s.Sections, func(a, b Section) int { return cmp.Compare(a.Currency, b.Currency) })
	return s
}

// totals adds items up by run, in the order of the runs, and by kind; what is of no run comes last.
func totals(items []Item, place map[catalog.RunID]int) (all []Total) {
	type key struct {
		run  catalog.RunID
		kind Kind
	}
	at := map[key]int{}
	for i := range items {
		item := &items[i]
		k := key{item.Run, item.Kind}
		n, there := at[k]
		if !there {
			n = len(all)
			at[k] = n
			all = append(all, Total{Run: item.Run, Kind: item.Kind})
		}
		t := &all[n]
		t.Copies += item.Copies
		t.Sales += item.Sales
		t.Costs += item.Costs
		t.Minor += item.Minor
	}
	order := func(t Total) int {
		if n, there := place[t.Run]; there {
			return n
		}
		return len(place)
	}
	slices.SortStableFunc(all, func(a, b Total) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.Run, b.Run), cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)))
	})
	return all
}

// RunBooks is what a run has cost and earned, in one currency.
type RunBooks struct {
	Currency string
	Sold     int   // copies, less those that came back
	Given    int   // of them to artists
	Sales    int64 // what buyers paid
	Fees     int64 // what shops and payment services kept of it
	Making   int64
	Costs    int64
	Shares   []Owed // what payees have of it
}

// Got is what came in for the run.
func (b RunBooks) Got() int64 { return b.Sales - b.Fees }

// Cost is what the run cost.
func (b RunBooks) Cost() int64 { return b.Making + b.Costs }

// Earned is what the run has earned: below zero until it has paid for itself.
func (b RunBooks) Earned() int64 { return b.Got() - b.Cost() }

// BooksOf are the books of one run, by currency.
func BooksOf(run catalog.RunID, runs []Run, deals map[catalog.ReleaseID][]Deal, payees []Payee, entries []Entry) []RunBooks {
	books := map[string]*RunBooks{}
	of := func(currency string) *RunBooks {
		if books[currency] == nil {
			books[currency] = &RunBooks{Currency: currency}
		}
		return books[currency]
	}
	shares := map[string]map[PayeeID]int64{}
	r := NewReckoner(runs, deals, func(p Posting) {
		if p.Payee == "" || p.Run != run || run == "" {
			return
		}
		if shares[p.Currency] == nil {
			shares[p.Currency] = map[PayeeID]int64{}
		}
		shares[p.Currency][p.Payee] += p.Minor
	})
	for i := range entries {
		e := &entries[i]
		r.Add(e)
		for _, l := range e.Lines {
			if l.Run != run {
				continue
			}
			b := of(l.Currency)
			switch l.Account {
			case Sales:
				b.Sales -= l.Minor
				b.Sold += l.Copies
				if l.Payee != "" {
					b.Given += l.Copies
				}
			case Fees:
				b.Fees += l.Minor
			case Making:
				b.Making += l.Minor
			case Costs:
				b.Costs += l.Minor
			}
		}
	}
	var all []RunBooks
	for currency, b := range books {
		for _, who := range payees {
			if n := shares[currency][who.ID]; n != 0 {
				b.Shares = append(b.Shares, Owed{who.ID, who.Name, n})
			}
		}
		all = append(all, *b)
	}
	slices.SortFunc(all, func(a, b RunBooks) int { return cmp.Compare(a.Currency, b.Currency) })
	return all
}
