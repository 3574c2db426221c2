package wantlist

import (
	"fmt"
	"strconv"
	"strings"

	"ferric/trade"
)

// Priorities is how a want's rank in its list becomes a cost.
type Priorities int

// The schemes of the language. With None the file states no preference; the
// rank in the list then serves only to choose between otherwise equal answers.
const (
	None     Priorities = iota
	Linear              // r
	Triangle            // r(r+1)/2
	Square              // r²
	Scaled              // 1 + (r-1)·2520/n, n wants in the list
	Explicit            // as written, "item=3"
)

// Options are the "#!" lines of a file. The zero value holds no option; defaults stand beside the fields.
type Options struct {
	Priorities      Priorities
	SmallStep       int // default 1; rank from one want to the next
	BigStep         int // default 9; what a semicolon adds
	AllowDummies    bool
	RequireColons   bool
	RequireUsers    bool
	RequireOfficial bool
	CaseSensitive   bool
	NonTradeCost    int64 // default 1e9
	nonTradeLine    int
	Seed            int64
	SeedSet         bool
	Metric          string // "", "CHAIN-SIZES-SOS" or "USERS-TRADING"

	// Output.
	ShowMissing                           bool
	HideErrors, HideRepeats, HideLoops    bool
	HideSummary, HideNonTrades, HideStats bool
	SortByItem                            bool

	// Written holds the options in the order of the file, for the header of the results.
	Written []string
	// Idle names options that are understood and change nothing here, with the reason.
	Idle []Idle
}

// Idle is an option without effect.
type Idle struct {
	Line      int
	Name, Why string
}

func defaults() Options {
	return Options{SmallStep: 1, BigStep: 9, NonTradeCost: DefaultNonTradeCost}
}

// limits on numbers in options: a rank stays far from where sums of ranks overflow.
const (
	maxStep = 1 << 20
	maxRank = 1 << 30
)

// set takes one word of an option line.
func (o *Options) set(word string, line int) error {
	name, value, hasValue := strings.Cut(word, "=")
	name = strings.ToUpper(name)
	number := func(lo, hi int64) (int64, error) {
		v, err := strconv.ParseInt(value, 10, 64)
		if err != nil || v < lo || v > hi {
			return 0, fmt.Errorf("%s wants a whole number from %d to %d, not %.20q", name, lo, hi, value)
		}
		return v, nil
	}
	idle := func(why string) { o.Idle = append(o.Idle, Idle{line, name, why}) }
	scheme := func(p Priorities) error {
		if o.Priorities != None && o.Priorities != p {
			return fmt.Errorf("%s contradicts an earlier choice of priorities", name)
		}
		o.Priorities = p
		return nil
	}
	o.Written = append(o.Written, strings.ToUpper(word))
	if takesValue := withValue[name]; takesValue != hasValue && known[name] {
		if takesValue {
			return fmt.Errorf("%s needs a value after an equals sign", name)
		}
		return fmt.Errorf("%s takes no value", name)
	}
	var n int64
	var err error
	switch name {
	case "LINEAR-PRIORITIES":
		return scheme(Linear)
	case "TRIANGLE-PRIORITIES":
		return scheme(Triangle)
	case "SQUARE-PRIORITIES":
		return scheme(Square)
	case "SCALED-PRIORITIES":
		return scheme(Scaled)
	case "EXPLICIT-PRIORITIES":
		return scheme(Explicit)
	case "SMALL-STEP":
		n, err = number(0, maxStep)
		o.SmallStep = int(n)
	case "BIG-STEP":
		n, err = number(0, maxStep)
		o.BigStep = int(n)
	case "NONTRADE-COST":
		o.NonTradeCost, err = number(1, 1<<62)
		o.NonTradeCost, o.nonTradeLine = min(o.NonTradeCost, DefaultNonTradeCost), line
	case "SEED":
		o.Seed, err = number(-1<<62, 1<<62)
		o.SeedSet = true
	case "ITERATIONS":
		_, err = number(1, 1e9)
		idle("the answer is proven, not sampled")
	case "SHRINK":
		_, err = number(0, 9)
		idle("wants outside every circle are always left out")
	case "SHRINK-VERBOSE", "VERBOSE":
		idle("progress is shown on a terminal")
	case "METRIC":
		metric := strings.ToUpper(value)
		switch metric {
		case "CHAIN-SIZES-SOS", "USERS-TRADING":
			o.Metric = metric
		default:
			return fmt.Errorf("METRIC=%.40s is not supported (CHAIN-SIZES-SOS and USERS-TRADING are)", metric)
		}
	case "ALLOW-DUMMIES":
		o.AllowDummies = true
	case "REQUIRE-COLONS":
		o.RequireColons = true
	case "REQUIRE-USERNAMES":
		o.RequireUsers = true
	case "REQUIRE-OFFICIAL-NAMES":
		o.RequireOfficial = true
	case "CASE-SENSITIVE":
		o.CaseSensitive = true
	case "SHOW-MISSING":
		o.ShowMissing = true
	case "SHOW-ELAPSED-TIME":
		idle("results are the same bytes every time")
	case "HIDE-ERRORS":
		o.HideErrors = true
	case "HIDE-REPEATS":
		o.HideRepeats = true
	case "HIDE-LOOPS":
		o.HideLoops = true
	case "HIDE-SUMMARY":
		o.HideSummary = true
	case "HIDE-NONTRADES":
		o.HideNonTrades = true
	case "HIDE-STATS":
		o.HideStats = true
	case "SORT-BY-ITEM":
		o.SortByItem = true
	case "SHOW-WANTS", "COMBINE-SHIPPING":
		return fmt.Errorf("the option %s is not supported", name)
	default:
		return fmt.Errorf("there is no option %.40q", name)
	}
	return err
}

// settle is called after the last option.
func (o *Options) settle() {
	if o.Priorities == None && o.NonTradeCost < DefaultNonTradeCost {
		o.Idle = append(o.Idle, Idle{o.nonTradeLine, "NONTRADE-COST", "without priorities no circle costs more than staying at home"})
	}
}

var withValue = map[string]bool{
	"SMALL-STEP": true, "BIG-STEP": true, "NONTRADE-COST": true, "SEED": true,
	"ITERATIONS": true, "SHRINK": true, "METRIC": true,
}

var known = func() map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(`LINEAR-PRIORITIES TRIANGLE-PRIORITIES SQUARE-PRIORITIES SCALED-PRIORITIES
		EXPLICIT-PRIORITIES SMALL-STEP BIG-STEP NONTRADE-COST SEED ITERATIONS SHRINK SHRINK-VERBOSE VERBOSE METRIC
		ALLOW-DUMMIES REQUIRE-COLONS REQUIRE-USERNAMES REQUIRE-OFFICIAL-NAMES CASE-SENSITIVE SHOW-MISSING
		SHOW-ELAPSED-TIME HIDE-ERRORS HIDE-REPEATS HIDE-LOOPS HIDE-SUMMARY HIDE-NONTRADES HIDE-STATS SORT-BY-ITEM`) {
		m[n] = true
	}
	return m
}()

// cost turns a rank (1 is the first want of a list of n) into the want's cost.
func (p Priorities) cost(rank int64, n int) int64 {
	switch p {
	case Triangle:
		return rank * (rank + 1) / 2
	case Square:
		return rank * rank
	case Scaled:
		return 1 + (rank-1)*2520/int64(max(n, 1))
	}
	return rank
}

// DefaultNonTradeCost is the language's default: so high that trades always come first.
const DefaultNonTradeCost = 1e9

// NonTradeCost is the price of an item that stays at home as the engine takes
// it, 0 where trades come first: where the option is not set, or where there are no
// priorities, so that each want costs 1 and no circle is dearer than staying at home.
func (r *Round) NonTradeCost() int64 {
	if r.Options.Priorities == None || r.Options.NonTradeCost >= DefaultNonTradeCost {
		return 0
	}
	return r.Options.NonTradeCost
}

// Order is the order of objectives that the file asks for. A file that sets
// priorities means them to come right after the number of trades, as the
// program that invented them does; one that counts people, or says nothing, has people second.
func (r *Round) Order() trade.Order {
	if r.Options.Priorities != None && r.Options.Metric != "USERS-TRADING" {
		return trade.TradesRankPeople
	}
	return trade.TradesPeopleRank
}
