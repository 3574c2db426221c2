package window

import (
	"ferric/album"
	"ferric/budget"
	"ferric/internal/catalog"
	"ferric/internal/shop"
)

// Earns is what a copy at a price costs, leaves, and equals in streams. All amounts are for one copy of a run that sells out.
type Earns struct {
	Price   shop.Money
	Cost    shop.Money // of making it
	Keeps   shop.Money // of the price when it is bought here and paid by hand: nobody takes a share
	Net     shop.Money // that less the cost; below zero when the price does not cover it
	Even    int        // copies that must be sold to have paid for the run; 0 when it never does
	Streams int64      // that pay as much as the price; 0 when no rate is known
	Kept    int64      // that pay as much as Net
	Rate    string     // what one stream pays, in units of the currency
	Source  string     // where that figure comes from
	Year    int
	Lines   []catalog.Cost // what the run's cost is made of
	Total   shop.Money     // for the run
}

// byHand is package budget's way to sell of which nobody takes a share.
const byHand = "by hand"

// Earn reckons a run of n copies at a price, from the costs of its pressing. It is nil when those are not
// known, or in another currency.
func Earn(c catalog.Costs, n int, price shop.Money) *Earns {
	if c.Currency == "" || c.Currency != price.Currency || n < 1 {
		return nil
	}
	unit := album.Decimal(1)
	for range c.Digits {
		unit *= 10
	}
	coin := album.One / unit
	nothing, asked := album.Decimal(0), album.Decimal(price.Minor)*coin
	// Every cost is given for the whole run, as the pressing reckoned it: no default of package budget comes in.
	in := budget.Input{Copies: n, Settings: album.BudgetSettings{Currency: c.Currency, Price: &asked, Dubbing: &nothing, Waste: &nothing, OverRun: &nothing}}
	for _, l := range c.Lines {
		in.Settings.Costs = append(in.Settings.Costs, album.Cost{Name: l.Name, Amount: album.Decimal(l.Total) * coin, PerRun: true})
	}
	rate, _ := album.ParseDecimal(c.Stream) // 0 when none is known
	in.Settings.StreamRate, in.Settings.StreamSource = &rate, c.Source
	b, err := budget.New(in)
	if err != nil {
		return nil
	}
	money := func(m budget.Money) shop.Money { return shop.Money{Minor: int64(m), Currency: c.Currency} }
	e := &Earns{Price: price, Cost: money(b.Run.PerCopy), Source: c.Source, Year: c.Year, Lines: c.Lines, Total: money(b.Run.Total), Rate: c.Stream}
	for i, w := range b.Ways {
		if w.Name == byHand {
			e.Keeps, e.Streams, e.Kept = money(w.Keeps), w.StreamsGross, w.StreamsNet
			e.Net, e.Even = money(b.Run.Ways[i].PerCopy), b.Run.Ways[i].BreakEven
		}
	}
	return e
}
