package trade

import "context"

// Answer says what moves, how good that is, and why nothing is better.
type Answer struct {
	Policy Policy
	// Circles in the order of the name of their first item; each starts with the item whose name comes first.
	Circles []Circle

	Trades    int   // real items that change hands
	Weight    int64 // sum of their weights; equals Trades where no weights are set
	People    int   // owners who trade at least one real item
	RankTotal int64 // sum of the ranks of all wants used
	Longest   int   // most real items in one circle
	Squares   int64 // sum of the squared circle lengths

	// No arrangement has a higher Weight than WeightBound; none that keeps what ranks before it in the order of the
	// policy has more People than PeopleBound, or a lower RankTotal than RankBound. With NonTradeCost, Cost and
	// CostBound take the place of weight, and WeightBound and RankBound are those among the cheapest arrangements.
	WeightBound int64
	PeopleBound int
	RankBound   int64
	Cost        int64 // with NonTradeCost: sum of ranks plus NonTradeCost times the untraded weight
	CostBound   int64

	Proven Proven

	// TradesForgone is the weight that the policy (people first, or a cap on circles) has cost, against WeightMost.
	TradesForgone int64
	// WeightMost is the proven most weight of any arrangement without a cap on circles.
	WeightMost int64

	// Steps is the work done, in wants looked at.
	Steps int64

	// Certificate proves the bounds. Nil in answers from elsewhere.
	Certificate *Certificate

	// Digest is a SHA-256 over everything else in the answer, items by their names: people who see the same digest see
	// the same result. Empty in answers from elsewhere.
	Digest string
}

// Proven tells for each objective whether the answer meets its bound.
type Proven struct{ Trades, People, Rank bool }

// Circle is one swap circle: the item of each move goes to the owner of the item of the move before it.
type Circle struct{ Moves []Move }

// Move says what the owner of Item gets for it: Gets, over the dummies Via, in order. Indices in Problem.Items.
type Move struct {
	Item int32
	Via  []int32
	Gets int32
}

// Certificate is the proof: one Stage for each objective, in the order of the policy. See Verify for how it is checked.
type Certificate struct {
	Stages []Stage
	// Capped says what a search with Policy.MaxCircle found; there is only one stage then, the bound of all arrangements,
	// capped or not. Nil without a cap, and where the best answer without it keeps to it.
	Capped *Capped
}

// Capped is what a search for circles of limited length can claim. Its proof is the search itself: Verify repeats it.
type Capped struct {
	Effort int64 // of the search, in steps
	Listed bool  // all circles that are short enough were listed, so that the bounds hold
	Closed bool  // every choice of circles was weighed, so that the answer is the best
	Weight int64 // no choice weighs more
	People int   // no choice has more people
	Rank   int64 // no choice that is as good in the objectives before has lower ranks
}

// Objective of a Stage.
type Objective uint8

const (
	ObjectiveTrades Objective = iota // least untraded weight
	ObjectivePeople                  // most owners who trade
	ObjectiveRank                    // lowest sum of ranks
	ObjectiveCost                    // lowest sum of ranks and non-trade costs
)

func (o Objective) String() string {
	return [...]string{"trades", "people", "rank", "cost"}[o&3]
}

// Stage proves one bound. Its arrays follow the places of the problem: items in the order of their names, a dummy of
// capacity k taking k places in a row.
//
// What may be used in a stage: at first the wants that lie on circles, and everybody's own. In this graph the prices
// satisfy, for every place i and every place j that it may receive, Receive[i] + Send[j] <= Scale * cost + tolls, so that
// the sum of all prices is at most what any arrangement costs. After a stage without tolls whose bound is met, only
// those wants remain that some best arrangement uses.
type Stage struct {
	Objective Objective
	// Scale is what a cost of one is in these prices.
	Scale int64
	// Receive and Send are the prices of getting something for, and of giving away, each place.
	Receive, Send []int64
	// Toll has, for each owner in the order of the names of their first items, what keeping an undecided item of theirs
	// costs extra: the multiplier that stands for "this person trades". Nil if the stage has none.
	Toll []int64
	// WeightToll is the same for each unit of weight that stays at home, for each independent part of the problem in the
	// order of their first places. Nil if the stage has none.
	WeightToll []int64
	// Branches proves the bounds of parts by cases, where one set of prices does not reach them. They take the place of
	// the prices above for these parts.
	Branches []Branch
	// Bound is the bound that follows: the least cost, or the most people.
	Bound int64
}

// Branch is one case of one part of a Stage: some items fixed to stay or to trade. The cases of a part are the leaves of
// a tree: at every fork one item stays in one half of the cases and trades in the other.
type Branch struct {
	Part          int32   // number of the part, in the order of their first places
	Fixed         []Fix   // from the root of the tree down
	Force         int64   // what it costs to break one of them: the multiplier of the fixed items
	Receive, Send []int64 // for each place of the part that receives, that sends, in order
	Toll          []int64 // for each undecided owner of the part, in order
	WeightToll    int64
}

// Fix is one decision in a Branch: the item at Place stays at home, or trades.
type Fix struct {
	Place int32
	Stay  bool
}

// Options steers Solve. The zero value is the default.
type Options struct {
	Policy
	// Effort is the most steps (wants looked at) that are spent on objectives beyond the first, and on capped circles.
	// Zero means DefaultEffort. The answer depends on it only where it is not proven.
	Effort int64
	// Progress, if set, is called now and then, by one goroutine at a time, before Solve returns. It must be quick.
	Progress func(Progress)
}

// DefaultEffort is worth some ten to twenty seconds of one core. It is spent only where bound and best do not meet.
const (
	DefaultEffort = 2 << 30
	MaxEffort     = 1 << 36
)

// Progress tells how far Solve is: Best and Bound approach each other.
type Progress struct {
	Objective   Objective
	Best, Bound int64
	Steps       int64
}

// Solve finds the best circles. The answer depends on the problem, the policy and, where it is not proven, the effort:
// on nothing else. Memory is a small multiple of the wants. The error is of ErrProblem, or the context's.
func Solve(ctx context.Context, p *Problem, opt Options) (*Answer, error) {
	return solve(ctx, p, opt)
}

// Verify checks that an answer is valid, that its counts are right and, if it has a certificate, that this proves its
// bounds: in time linear in the problem for each stage, except that the search for circles of limited length, which has no
// shorter proof, is repeated. The error, of ErrAnswer, says what is wrong first; of ErrProblem, that the problem is no
// problem. An answer without certificate must claim no bounds.
func Verify(p *Problem, a *Answer) error {
	return verify(p, a)
}
