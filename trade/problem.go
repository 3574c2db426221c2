// Package trade finds swap circles among many collectors: A sends to B, B sends to C, C sends to A, and everybody gets
// something that they asked for. It answers with the circles in which the most tapes change hands, and with a proof.
//
// # The problem
//
// Everybody lists the items that they offer and, for each, the items that they would take for it, best first. An answer
// says for each item which item its owner gets for it, or that it stays at home. Two rules make an answer valid: an
// item is given for an item on its list, and no item is given twice. Seen as a graph, an arrow runs from each item to
// every item it would be given for, and an answer is a set of circles along the arrows that share no item.
//
// Dummies ("only one of these") and limits ("at most two of these three") are places in the graph through which a chain
// may pass: an item wants the dummy, the dummy wants the tapes, and each place can be passed once. They are never sent
// and never counted.
//
// # What is exact
//
// The most trades is an assignment problem: everyone "receives" one item, perhaps their own, and keeping one's own costs
// one. It is solved to proven optimality with integer dual prices, which are the proof. All arrangements with the most
// trades are exactly the perfect matchings of the wants whose price is tight (the face), so that the later objectives
// are searched there and can never lose a trade. The most people who trade, and the best ranks at that number of people,
// are NP-hard in general (Highley and Le, "Tropical paths", DMTCS 20:2, 2018, arXiv 1610.05115); they are closed by a
// Lagrangian bound where it meets the best answer found, by branching where it does not, and are otherwise reported as
// best and bound. A cap on the length of circles is NP-hard from three upwards (Abraham, Blum, Sandholm 2007): best,
// bound and gap.
//
// Everything is integer arithmetic and work is counted in steps: the same problem and seed give the same answer on any
// machine, with any number of processors and for any order of the items in the problem.
package trade

import (
	"errors"
	"fmt"
	"math"
)

// Limits of what a Problem may hold. They keep every sum within 64 bits and memory within a small multiple of the wants.
const (
	MaxItems    = 1 << 22 // items, counting a limit of k as k
	MaxWants    = 1 << 27 // wants, counting those of and for a limit of k as k
	MaxRank     = 1 << 30 // highest rank cost of one want
	MaxWeight   = 1 << 20 // highest weight of one item
	MaxCapacity = 1 << 10 // highest capacity of one dummy
	MaxRegions  = 64
)

// Problem is a round: what is offered and what would be taken for it. Solve and Verify only read it.
// The order of Items carries no meaning: names do.
type Problem struct {
	Items []Item
	// Owners is the number of owners; each Item.Owner lies in [0, Owners).
	Owners int
	// Region gives the region, 0 to 63, of each owner; nil if regions do not matter.
	Region []uint8
	// Bans lists pairs of owners that may not meet.
	Bans []Ban
}

// Item is something offered, or a dummy.
type Item struct {
	// Name tells the item from every other one of the problem; it orders the items, whatever order they come in.
	Name string
	// Owner is the index of the owner. Only the owner's own items may want a dummy.
	Owner int32
	// Title joins copies of one title: equal positive numbers are copies of one title, zero is a title of its own.
	// It is for OneOfEachTitle; Solve does not look at it.
	Title int32
	// Dummy marks a place that is passed, never sent.
	Dummy bool
	// Capacity is how often a dummy may be passed: "at most k of these". Zero means once. Ignored for real items.
	Capacity int32
	// Weight is what trading this item counts for in the first objective. Zero means 1. Ignored for dummies.
	Weight int32
	// Refuses is a set of regions, one bit each, to which this item is not sent. Ignored for dummies.
	Refuses uint64
	// Wants lists what the owner would take for this item (for a dummy: what passing it leads to).
	// Wants of the item itself, repeated wants (the lowest rank counts), and wants of a real item of the same owner are
	// passed over. The slices of many items may share one array.
	Wants []Want
}

// Want is one entry of a want list.
type Want struct {
	Item int32 // index in Problem.Items
	Rank int32 // cost of getting this one, 0 or more, smaller is better: position, or whatever the round's rules make of it
}

// Ban keeps the items of owner From from owner To. List both directions if neither may send to the other.
type Ban struct{ From, To int32 }

// Order is the order of the objectives.
type Order uint8

const (
	// TradesPeopleRank: most trades; among these most people; among these the lowest sum of ranks.
	TradesPeopleRank Order = iota
	// PeopleTradesRank: most people who trade at least one item; among these most trades; among these the lowest ranks.
	// It may cost trades: see Answer.TradesForgone.
	PeopleTradesRank
	// TradesRankPeople: most trades; among these the lowest sum of ranks; among these most people.
	TradesRankPeople
)

func (o Order) String() string {
	switch o {
	case TradesPeopleRank:
		return "trades-people-rank"
	case PeopleTradesRank:
		return "people-trades-rank"
	case TradesRankPeople:
		return "trades-rank-people"
	}
	return fmt.Sprintf("Order(%d)", uint8(o))
}

// ParseOrder reads what String writes.
func ParseOrder(s string) (Order, error) {
	for o := TradesPeopleRank; o <= TradesRankPeople; o++ {
		if o.String() == s {
			return o, nil
		}
	}
	return 0, fmt.Errorf("%w: objective order %q: want trades-people-rank, people-trades-rank or trades-rank-people", ErrProblem, s)
}

// Policy is what the organiser decides. The zero value is the common one. It is part of the answer, because what an
// answer proves depends on it.
type Policy struct {
	Order Order
	// NonTradeCost, if above zero, is the price of an item (of weight 1) that stays at home, in units of rank. The first
	// objective is then the lowest sum of ranks and prices of the untraded: a circle whose mean rank per item lies
	// above NonTradeCost is left out, so that trades may be fewer and better. Zero: trades come before ranks.
	NonTradeCost int64
	// MaxCircle, if above zero, is the most real items in one circle. At least 2.
	MaxCircle int
	// Seed breaks the ties that are left: items are searched in the order of a hash of seed and name.
	Seed uint64
}

var (
	// ErrProblem marks problems and policies that break the rules above.
	ErrProblem = errors.New("trade: bad problem")
	// ErrAnswer marks answers that are not valid, or do not prove what they claim.
	ErrAnswer = errors.New("trade: bad answer")
)

// Validate checks indices and limits. Solve and Verify call it.
func (p *Problem) Validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrProblem, fmt.Sprintf(format, args...))
	}
	if len(p.Items) > MaxItems {
		return bad("%d items, at most %d", len(p.Items), MaxItems)
	}
	if p.Owners < 0 || p.Owners > MaxItems {
		return bad("%d owners, at most %d", p.Owners, MaxItems)
	}
	if p.Region != nil && len(p.Region) != p.Owners {
		return bad("%d regions for %d owners", len(p.Region), p.Owners)
	}
	for o, r := range p.Region {
		if r >= MaxRegions {
			return bad("owner %d: region %d, at most %d", o, r, MaxRegions-1)
		}
	}
	for _, b := range p.Bans {
		if b.From < 0 || int(b.From) >= p.Owners || b.To < 0 || int(b.To) >= p.Owners {
			return bad("ban %d to %d: no such owner", b.From, b.To)
		}
	}
	n := int32(len(p.Items))
	places, wants, top := 0, 0, int64(0)
	for i := range p.Items {
		it := &p.Items[i]
		switch {
		case it.Name == "":
			return bad("item %d has no name", i)
		case it.Owner < 0 || int(it.Owner) >= p.Owners:
			return bad("item %q: no owner %d", it.Name, it.Owner)
		case it.Capacity < 0 || it.Capacity > MaxCapacity:
			return bad("item %q: capacity %d, at most %d", it.Name, it.Capacity, MaxCapacity)
		case it.Weight < 0 || it.Weight > MaxWeight:
			return bad("item %q: weight %d, at most %d", it.Name, it.Weight, MaxWeight)
		}
		places += it.places()
		for _, w := range it.Wants {
			if w.Item < 0 || w.Item >= n {
				return bad("item %q wants item %d, which does not exist", it.Name, w.Item)
			}
			if w.Rank < 0 || w.Rank > MaxRank {
				return bad("item %q: rank %d, at most %d", it.Name, w.Rank, MaxRank)
			}
			to := &p.Items[w.Item]
			if to.Dummy && to.Owner != it.Owner {
				return bad("item %q wants dummy %q of another owner", it.Name, to.Name)
			}
			wants += it.places() * to.places()
			top = max(top, int64(w.Rank))
		}
		if places > MaxItems || wants > MaxWants {
			return bad("too large: more than %d items or %d wants, with limits of k counted k times", MaxItems, MaxWants)
		}
	}
	if top > 0 && int64(places+2) > math.MaxInt64/(8*scale)/top {
		return bad("ranks up to %d are too high for %d items", top, places)
	}
	return nil
}

func (pol Policy) validate() error {
	switch {
	case pol.Order > TradesRankPeople:
		return fmt.Errorf("%w: %v", ErrProblem, pol.Order)
	case pol.NonTradeCost < 0 || pol.NonTradeCost > MaxRank:
		return fmt.Errorf("%w: non-trade cost %d, at most %d", ErrProblem, pol.NonTradeCost, MaxRank)
	case pol.MaxCircle < 0 || pol.MaxCircle == 1:
		return fmt.Errorf("%w: circles of at most %d", ErrProblem, pol.MaxCircle)
	case pol.NonTradeCost > 0 && pol.MaxCircle > 0:
		return fmt.Errorf("%w: a non-trade cost and a cap on circles do not go together", ErrProblem)
	case pol.NonTradeCost > 0 && pol.Order != TradesPeopleRank:
		return fmt.Errorf("%w: a non-trade cost sets the first objective itself and takes no other order", ErrProblem)
	}
	return nil
}

// places is how many places of the graph the item takes.
func (it *Item) places() int {
	if it.Dummy && it.Capacity > 1 {
		return int(it.Capacity)
	}
	return 1
}

// weight is what trading the item counts for.
func (it *Item) weight() int64 {
	switch {
	case it.Dummy:
		return 0
	case it.Weight == 0:
		return 1
	}
	return int64(it.Weight)
}
