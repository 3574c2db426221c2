package journal

import (
	"cmp"
	"slices"
	"time"

	"ferric/internal/catalog"
)

// Posting is what one entry means to one payee.
type Posting struct {
	Entry    *Entry
	Run      catalog.RunID // '' for what is of no run
	Currency string
	Payee    PayeeID // '' is the label
	Copies   int     // sold, or below zero come back
	Sales    int64   // coins that the run got by it: sales less what was kept of them
	Costs    int64   // coins that it cost
	Minor    int64   // coins that the payee is owed more by it, or less
}

// Reckoner folds a journal: entry after entry, in the order of the journal, it says what each payee is owed.
//
// A share is always reckoned of all of a run's money so far and rounded once, so that no coin is lost or made by rounding: the
// shares of a run add up to what is shared. What an entry brings a payee is the difference to what they were owed
// before it, and so can be a coin more or less than their share of the entry alone.
type Reckoner struct {
	releases map[catalog.RunID]catalog.ReleaseID
	deals    map[catalog.ReleaseID][]Deal
	pots     map[potKey]*pot
	each     func(Posting)
	touched  []touch // of the entry at hand, kept for the next
	used     map[dealKey][]band
}

type potKey struct {
	run      catalog.RunID
	currency string
}

// maxPot bounds what is shared of one run: millionths of it fit an int64. It is 90 thousand million of a currency with cents.
const maxPot = 9_000_000_000_000

// pot is a run's money in one currency.
type pot struct {
	sales, costs int64
	shared       int64 // what was given out of it
	owed         []owed
}

// owed is what a payee has of a pot: exactly in millionths of coins, and in coins.
type owed struct {
	payee PayeeID
	exact int64 // below zero when more was taken back at a higher share than was given at
	coins int64
}

type touch struct {
	key          potKey
	sales, costs int64
	copies       int
}

type dealKey struct {
	release catalog.ReleaseID
	version int
	day     time.Time
}

// NewReckoner begins with an empty journal. Each is called for everything that an entry means to a payee, the label among them.
func NewReckoner(runs []Run, deals map[catalog.ReleaseID][]Deal, each func(Posting)) *Reckoner {
	r := &Reckoner{releases: make(map[catalog.RunID]catalog.ReleaseID, len(runs)), deals: deals, pots: map[potKey]*pot{}, each: each, used: map[dealKey][]band{}}
	for _, run := range runs {
		r.releases[run.ID] = run.Release
	}
	return r
}

// Add folds the next entry in.
func (r *Reckoner) Add(e *Entry) {
	r.touched = r.touched[:0]
	for _, l := range e.Lines {
		switch l.Account {
		case Payees:
			r.each(Posting{Entry: e, Run: l.Run, Currency: l.Currency, Payee: l.Payee, Minor: -l.Minor})
		case Sales, Fees:
			t := r.touch(l)
			t.sales -= l.Minor
			t.copies += l.Copies
		case Making, Costs:
			r.touch(l).costs += l.Minor
		}
	}
	for i := range r.touched {
		r.share(e, &r.touched[i])
	}
}

// touch is the part of the entry that is about a run's pot.
func (r *Reckoner) touch(l Line) *touch {
	key := potKey{l.Run, l.Currency}
	for i := range r.touched {
		if r.touched[i].key == key {
			return &r.touched[i]
		}
	}
	r.touched = append(r.touched, touch{key: key})
	return &r.touched[len(r.touched)-1]
}

func (r *Reckoner) share(e *Entry, t *touch) {
	p := r.pots[t.key]
	if p == nil {
		p = &pot{}
		r.pots[t.key] = p
	}
	deal, recoup := r.deal(t.key.run, e.At)
	before := p.value(recoup)
	p.sales += t.sales
	p.costs += t.costs
	after := p.value(recoup)
	of := func(payee PayeeID, minor int64) Posting {
		return Posting{Entry: e, Run: t.key.run, Currency: t.key.currency, Payee: payee, Copies: t.copies, Sales: t.sales, Costs: t.costs, Minor: minor}
	}
	paid := int64(0)
	if after != before && max(after, -after) <= maxPot {
		p.give(deal, before, after)
		for _, o := range p.settle() {
			paid += o.coins
			r.each(of(o.payee, o.coins))
		}
	}
	r.each(of("", t.sales-t.costs-paid)) // what nobody else has of it is the label's, and the label bears the costs
}

// deal are the shares in force for a run at a time.
func (r *Reckoner) deal(run catalog.RunID, at time.Time) (bands []band, recoup bool) {
	release, known := r.releases[run]
	versions := r.deals[release]
	if !known || len(versions) == 0 {
		return nil, false
	}
	d := &versions[0]
	for i := range versions {
		if !versions[i].At.After(at) {
			d = &versions[i]
		}
	}
	var day time.Time
	for _, t := range d.Tiers {
		if !t.From.After(at) && t.From.After(day) {
			day = t.From
		}
	}
	key := dealKey{release, d.Version, day}
	bands, kept := r.used[key]
	if !kept {
		bands = d.bands(at)
		r.used[key] = bands
	}
	return bands, d.Recoup
}

// value is how much of the pot there is to share.
func (p *pot) value(recoup bool) int64 {
	if recoup {
		return max(0, p.sales-p.costs)
	}
	return p.sales
}

// give gives out the money from one amount of the pot to another, exactly.
func (p *pot) give(bands []band, before, after int64) {
	p.shared += after - before
	for i, b := range bands {
		part := within(bands, i, after) - within(bands, i, before)
		if part == 0 {
			continue
		}
		for _, s := range b.parts {
			k, there := slices.BinarySearchFunc(p.owed, s.Payee, func(o owed, id PayeeID) int { return cmp.Compare(o.payee, id) })
			if !there {
				p.owed = slices.Insert(p.owed, k, owed{payee: s.Payee})
			}
			p.owed[k].exact += part * int64(s.Parts)
		}
	}
}

// settle rounds what everybody is owed to coins that add up, and gives by how much that changed.
func (p *pot) settle() []owed {
	exact := p.shared * Whole
	rest := exact // the label's
	coins, remainders := make([]int64, len(p.owed)), make([]uint64, len(p.owed)+1)
	left := p.shared
	for i, o := range p.owed {
		rest -= o.exact
		coins[i] = floor(o.exact)
		remainders[i] = uint64(o.exact - coins[i]*Whole)
		left -= coins[i]
	}
	own := floor(rest)
	remainders[len(p.owed)] = uint64(rest - own*Whole)
	give(uint64(left-own), remainders, func(i int) {
		if i < len(coins) {
			coins[i]++
		}
	})
	changed := make([]owed, 0, len(p.owed))
	for i := range p.owed {
		if d := coins[i] - p.owed[i].coins; d != 0 {
			changed = append(changed, owed{payee: p.owed[i].payee, coins: d})
			p.owed[i].coins = coins[i]
		}
	}
	return changed
}

// floor is whole coins of millionths, rounded down.
func floor(exact int64) int64 {
	q := exact / Whole
	if exact%Whole < 0 {
		q--
	}
	return q
}
