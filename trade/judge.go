package trade

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// Judgement is what can be said about somebody's answer.
type Judgement struct {
	// Fault is nil if the answer is valid, else what is wrong with it, an ErrAnswer. Then the rest is empty.
	Fault error
	// Answer is the answer judged, with its counts recounted and its dummies found.
	Answer *Answer
	// Best is the best answer that Solve found to the same problem and policy.
	Best *Answer
	// Trades, People and Rank compare the two in the order of the policy, each given the objectives before it.
	Trades, People, Rank Verdict
}

// Verdict on one objective.
type Verdict uint8

const (
	Unknown Verdict = iota // as good as the best known, which is not proven; or an objective before it fell short
	Optimal                // proven that none is better
	Short                  // a better one is known: Judgement.Best
)

func (v Verdict) String() string { return [...]string{"unknown", "optimal", "short", ""}[v&3] }

// Judge says whether an answer is valid and whether a better one exists, by solving the problem. The answer needs only
// its policy and circles with Item and Gets; dummies (Via) are found where they are missing. Its own certificate, if
// any, is checked too. The error is of ErrProblem or the context's; faults of the answer are in the Judgement.
func Judge(ctx context.Context, p *Problem, a *Answer, opt Options) (*Judgement, error) {
	j := &Judgement{}
	if a.Certificate != nil {
		if err := Verify(p, a); err != nil {
			if errors.Is(err, ErrAnswer) {
				return &Judgement{Fault: err}, nil
			}
			return nil, err
		}
		j.Answer = a
	} else {
		var moves []Move
		for _, c := range a.Circles {
			moves = append(moves, c.Moves...)
		}
		counted, err := Arrange(p, a.Policy, moves)
		if errors.Is(err, ErrAnswer) {
			return &Judgement{Fault: err}, nil
		} else if err != nil {
			return nil, err
		}
		j.Answer = counted
	}
	opt.Policy = a.Policy
	var err error
	if j.Best, err = Solve(ctx, p, opt); err != nil {
		return nil, err
	}
	for _, step := range a.Policy.plan() {
		var mine, best int64
		var proven bool
		var verdict *Verdict
		switch step.objective {
		case ObjectiveTrades:
			if a.Policy.Order == PeopleTradesRank && step.exact {
				continue // only tells what the order costs
			}
			mine, best, proven, verdict = j.Answer.Weight, j.Best.Weight, j.Best.Proven.Trades, &j.Trades
		case ObjectiveCost:
			mine, best, proven, verdict = -j.Answer.Cost, -j.Best.Cost, j.Best.Cost == j.Best.CostBound, &j.Trades
		case ObjectivePeople:
			mine, best, proven, verdict = int64(j.Answer.People), int64(j.Best.People), j.Best.Proven.People, &j.People
		case ObjectiveRank:
			mine, best, proven, verdict = -j.Answer.RankTotal, -j.Best.RankTotal, j.Best.Proven.Rank, &j.Rank
		}
		if mine < best {
			*verdict = Short
			break
		}
		if mine > best || !proven {
			*verdict = Unknown
			break
		}
		*verdict = Optimal
	}
	return j, nil
}

// Arrange makes a counted answer, without certificate, from moves as other programs list them: who gets what, in any
// order. It closes the circles, and finds dummies where a move has no Via and no direct want. The error, of ErrAnswer,
// says which move was not wanted, which item moves twice, or which chain does not close.
func Arrange(p *Problem, pol Policy, moves []Move) (*Answer, error) {
	g, err := newGraph(p)
	if err != nil {
		return nil, err
	}
	if err := pol.validate(); err != nil {
		return nil, err
	}
	r := router{p: p, g: g, gets: make([]int32, g.n), passed: make([]int32, len(p.Items))}
	for i := range r.gets {
		r.gets[i] = int32(i)
	}
	sends := make([]bool, len(p.Items))
	var open []Move
	for _, m := range moves {
		for _, i := range []int32{m.Item, m.Gets} {
			if i < 0 || int(i) >= len(p.Items) {
				return nil, wrong("no item %d", i)
			}
			if p.Items[i].Dummy {
				return nil, wrong("%q is a dummy and is listed as a tape", p.Items[i].Name)
			}
		}
		if r.passed[m.Item]++; r.passed[m.Item] > 1 {
			return nil, wrong("%q gets two things", p.Items[m.Item].Name)
		}
		if sends[m.Gets] {
			return nil, wrong("%q moves twice", p.Items[m.Gets].Name)
		}
		sends[m.Gets] = true
	}
	for _, m := range moves {
		if r.passed[m.Gets] == 0 {
			return nil, wrong("%q is given away and nothing is given for it", p.Items[m.Gets].Name)
		}
		if from, to := g.first[m.Item], g.first[m.Gets]; len(m.Via) > 0 {
			if err := r.follow(m); err != nil {
				return nil, err
			}
		} else if g.has(from, to) {
			r.gets[from] = to
		} else {
			open = append(open, m)
		}
	}
	if err := r.route(open); err != nil {
		return nil, err
	}
	a := &Answer{Policy: pol, Circles: g.circles(r.gets)}
	g.tally(a, r.gets)
	if pol.MaxCircle > 0 && a.Longest > pol.MaxCircle {
		return nil, wrong("a circle has %d items, at most %d are allowed", a.Longest, pol.MaxCircle)
	}
	return a, nil
}

// router finds dummies for moves.
type router struct {
	p      *Problem
	g      *graph
	gets   []int32
	passed []int32 // times that each item is used
	steps  int
}

// follow uses the dummies that a move names.
func (r *router) follow(m Move) error {
	at := r.g.first[m.Item]
	for _, d := range m.Via {
		via, err := r.g.use(r.p, d, true, r.passed)
		if err != nil {
			return err
		}
		if !r.g.has(at, via) {
			return wrong("%q does not want %q", r.p.Items[r.g.item[at]].Name, r.p.Items[d].Name)
		}
		r.gets[at], at = via, via
	}
	if to := r.g.first[m.Gets]; r.g.has(at, to) {
		r.gets[at] = to
		return nil
	}
	return wrong("%q does not want %q, or may not have it", r.p.Items[m.Item].Name, r.p.Items[m.Gets].Name)
}

const (
	maxRoutes     = 64      // ways over dummies that are tried for one move
	maxRouteSteps = 1 << 20 // work for all moves of one owner
)

// route finds dummies for moves that have no direct want, so that no dummy is used beyond its capacity: by trying the
// ways of the moves with fewest ways first, for each owner apart, since nobody can use another's dummies.
func (r *router) route(open []Move) error {
	type job struct {
		Move
		ways [][]int32
	}
	mine := map[int32][]job{}
	var owners []int32
	for _, m := range open {
		j := job{Move: m}
		r.ways(m.Item, m.Gets, nil, &j.ways)
		if len(j.ways) == 0 {
			return wrong("%q does not want %q, or may not have it", r.p.Items[m.Item].Name, r.p.Items[m.Gets].Name)
		}
		o := r.p.Items[m.Item].Owner
		if mine[o] == nil {
			owners = append(owners, o)
		}
		mine[o] = append(mine[o], j)
	}
	for _, o := range owners {
		jobs := mine[o]
		slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(len(a.ways), len(b.ways)) })
		r.steps = 0
		var try func(n int) bool
		try = func(n int) bool {
			if n == len(jobs) {
				return true
			}
			for _, way := range jobs[n].ways {
				if r.steps++; r.steps > maxRouteSteps {
					return false
				}
				fits := true
				for _, d := range way {
					r.passed[d]++
					fits = fits && int(r.passed[d]) <= r.p.Items[d].places()
				}
				if fits && try(n+1) {
					jobs[n].Via = way
					return true
				}
				for _, d := range way {
					r.passed[d]--
				}
			}
			return false
		}
		if !try(0) {
			if r.steps > maxRouteSteps {
				return wrong("cannot tell whether the dummies of the owner of %q allow these moves", r.p.Items[jobs[0].Item].Name)
			}
			return wrong("the moves of the owner of %q use a dummy more often than it allows", r.p.Items[jobs[0].Item].Name)
		}
		for _, j := range jobs {
			for _, d := range j.Via {
				r.passed[d]--
			}
		}
		for _, j := range jobs {
			if err := r.follow(j.Move); err != nil {
				return err
			}
		}
	}
	return nil
}

// ways lists the chains of dummies from one item to another, shortest lists first as the wants have them.
func (r *router) ways(from, to int32, way []int32, ways *[][]int32) {
	for _, w := range r.p.Items[from].Wants {
		if r.steps++; len(*ways) >= maxRoutes || r.steps > maxRouteSteps {
			return
		}
		if !r.p.Items[w.Item].Dummy || slices.Contains(way, w.Item) || r.passed[w.Item] > 0 && int(r.passed[w.Item]) >= r.p.Items[w.Item].places() {
			continue
		}
		next := append(slices.Clip(way), w.Item)
		if r.g.has(r.g.first[w.Item], r.g.first[to]) {
			*ways = append(*ways, next)
		}
		r.ways(w.Item, to, next, ways)
	}
}
