package trade

import "context"

// Why says why an item did not trade, or that it did.
type Why uint8

const (
	Traded       Why = iota
	WantsNothing     // its want list is empty, or names nothing that may come
	Unwanted         // nobody wants it, or nobody may receive it
	Outside          // it stands outside every circle: no chain of wants leads from it back to it
	Forced           // it lies on circles, but in no arrangement with the most trades
	Tied             // some other arrangement with as many trades contains it; people, ranks, circle cap or the seed decided
	Better           // as Forced or Tied, and everyone who wants it got something that they ranked better
)

func (w Why) String() string {
	return [...]string{"traded", "wants nothing", "unwanted", "outside every circle", "in no arrangement with the most trades",
		"in another arrangement with as many trades", "all who want it got something better"}[w&7]
}

// Reason explains one item.
type Reason struct {
	Item int32
	Why  Why
	// Always: the item trades in every arrangement with the most trades.
	Always bool
	// Wanters are those who listed it (over dummies too), and what they got.
	Wanters []Wanter
	// Component is how many real items can share a circle with this one, itself included; 0 if it is Outside.
	Component int
	// Reaches is how many real items its wants lead to, over any number of steps; ReachedFrom how many lead to it.
	// Outside means that these two sets have nothing in common.
	Reaches, ReachedFrom int
	// Cost is how many trades (weight) are lost if this item must trade: 0 if Traded or Tied, -1 if it cannot.
	Cost int64
}

// Wanter is an item for which an item was wanted, and how it went.
type Wanter struct {
	Item int32
	Rank int32 // rank of the want (the sum along dummies)
	Got  int32 // what it got instead, or -1
	// GotRank is the rank of what it got.
	GotRank int32
}

// Explainer answers questions about an answer. It holds the analysis of the whole round.
type Explainer struct{}

// Explain analyses a round and its answer.
func Explain(ctx context.Context, p *Problem, a *Answer) (*Explainer, error) {
	panic("unreachable until solve.go")
}

// Item explains one item. Dummies are explained as items that are never sent.
func (e *Explainer) Item(item int32) Reason { return Reason{Item: item} }
