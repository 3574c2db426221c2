package trade

import (
	"context"
	"runtime"
	"sync"
)

// solver carries one call of Solve through its stages.
type solver struct {
	p   *Problem
	g   *graph
	opt Options

	fields []*field // what may still be used
	gets   []int32  // what each place receives in the best answer so far
	parts  []*part  // fields, joined by undecided people
	limits []limits // of each part: what the objectives done ask of the next
	stages []Stage
	cap    *Capped
	steps  int64
	a      *Answer
}

// limits are the side constraints of a part.
type limits struct {
	need int   // people who trade in every answer that is good enough: what bounds may rely on
	must int   // people whom we keep trading
	room int64 // weight that stays at home in every answer that is good enough, at most; -1: any
	have int64 // weight that we let stay at home
}

func solve(ctx context.Context, p *Problem, opt Options) (*Answer, error) {
	g, err := newGraph(p)
	if err != nil {
		return nil, err
	}
	if err := opt.Policy.validate(); err != nil {
		return nil, err
	}
	if opt.Effort <= 0 {
		opt.Effort = DefaultEffort
	}
	opt.Effort = min(opt.Effort, MaxEffort)
	s := &solver{p: p, g: g, opt: opt, gets: make([]int32, g.n), a: &Answer{Policy: opt.Policy}}
	for i := range s.gets {
		s.gets[i] = int32(i)
	}
	var comp []int32
	s.fields, comp = prune(p, g, opt.Seed)
	if opt.MaxCircle > longCap {
		free := opt
		free.MaxCircle = 0
		if a, err := solve(ctx, p, free); err != nil {
			return nil, err
		} else if a.Longest <= opt.MaxCircle { // the cap costs nothing, and the proof without it holds
			a.Policy = opt.Policy
			a.Digest = a.digest(p)
			return a, nil
		}
	}
	if opt.MaxCircle > 0 {
		if err := s.capped(ctx, comp); err != nil {
			return nil, err
		}
		s.assemble()
		return s.a, nil
	}
	for _, step := range opt.Policy.plan() {
		var err error
		switch {
		case step.exact:
			err = s.exact(ctx, step)
		default:
			err = s.hunt(ctx, step)
		}
		if err != nil {
			return nil, err
		}
	}
	g.shorten(s.fields, s.gets, opt.Seed, min(opt.Effort/64, shortenEffort), false)
	s.assemble()
	return s.a, nil
}

// longCap is the cap on circles above which it is worth trying whether the best answer without a cap keeps to it.
const longCap = 8

// shortenEffort is the most steps spent on shorter circles, with no bound to stop them.
const shortenEffort = 1 << 23

// step is one objective of a policy.
type step struct {
	objective Objective
	exact     bool // an assignment problem, no tolls
	refine    bool // afterwards only what is best in this may be used
}

// plan is the order of the stages that prove an answer.
func (a *Answer) plan() []step {
	pol := a.Policy
	if a.Certificate != nil && a.Certificate.Capped == nil {
		pol.MaxCircle = 0 // proven without the cap
	}
	return pol.plan()
}

// plan is the order of the objectives of a policy.
func (pol Policy) plan() []step {
	if pol.MaxCircle > 0 {
		return []step{{objective: ObjectiveTrades, exact: true}}
	}
	trades := step{ObjectiveTrades, true, true}
	people := step{objective: ObjectivePeople}
	rank := step{objective: ObjectiveRank}
	switch {
	case pol.NonTradeCost > 0:
		return []step{{ObjectiveCost, true, true}, people, {objective: ObjectiveTrades}}
	case pol.Order == PeopleTradesRank:
		return []step{{objective: ObjectiveTrades, exact: true}, people, {objective: ObjectiveTrades}, rank}
	case pol.Order == TradesRankPeople:
		return []step{trades, {ObjectiveRank, true, true}, people}
	}
	return []step{trades, people, rank}
}

// each runs jobs 0 to n-1 on as many processors as there are, and returns the first error in their order.
func each(n int, job func(i int) error) error {
	errs := make([]error, n)
	var mu sync.Mutex
	at := 0
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for {
				mu.Lock()
				i := at
				at++
				mu.Unlock()
				if i >= n {
					return
				}
				errs[i] = job(i)
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// costs sets what a matching costs in an objective without tolls.
func (m *matching) costs(obj Objective, nonTrade int64) (unit bool) {
	keep := int64(0)
	switch obj {
	case ObjectiveTrades:
		keep, unit = 1, true
	case ObjectiveCost:
		m.mul, keep = 1, nonTrade
	case ObjectiveRank:
		m.mul = 1
	}
	for k, w := range m.f.weight {
		m.keep[k] = keep * int64(w)
		unit = unit && w <= 1
	}
	return unit
}

// exact solves an objective that is an assignment problem, field by field.
func (s *solver) exact(ctx context.Context, step step) error {
	st := Stage{Objective: step.objective, Scale: 1, Receive: make([]int64, s.g.n), Send: make([]int64, s.g.n)}
	ms := make([]*matching, len(s.fields))
	faces := make([][]*field, len(s.fields))
	err := each(len(s.fields), func(i int) error {
		m := newMatching(s.fields[i])
		ms[i] = m
		var err error
		if m.costs(step.objective, s.opt.NonTradeCost) {
			err = m.layers(ctx)
		} else {
			err = m.solve(ctx)
		}
		if err == nil && step.refine {
			faces[i] = newFace(s.g, m)
		}
		m.release()
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range ms {
		f := m.f
		for k, to := range m.gets {
			s.gets[f.recv[k]] = f.send[to]
			st.Receive[f.recv[k]], st.Send[f.send[k]] = m.u[k], m.v[k]
		}
		s.steps += m.steps
	}
	// What lies in no field is as it is.
	st.Bound = s.g.value(step.objective, s.gets, s.opt.NonTradeCost)
	s.stages = append(s.stages, st)
	if step.refine {
		s.fields = s.fields[:0]
		for _, fs := range faces {
			s.fields = append(s.fields, fs...)
		}
		s.parts = nil
	}
	s.report(step.objective, st.Bound, st.Bound)
	return nil
}

// release drops the work space.
func (m *matching) release() {
	m.dist, m.seen, m.via, m.edge, m.done, m.queue = nil, nil, nil, nil, nil, heap{}
}

// value is the objective of an arrangement, as something to minimise; people count as they are.
func (g *graph) value(obj Objective, gets []int32, nonTrade int64) int64 {
	rank, untraded, people := g.count(gets)
	switch obj {
	case ObjectiveTrades:
		return untraded
	case ObjectivePeople:
		return int64(people)
	case ObjectiveCost:
		return rank + nonTrade*untraded
	}
	return rank
}

// count sums up an arrangement.
func (g *graph) count(gets []int32) (rank, untraded int64, people int) {
	trades := make([]bool, g.owners)
	for i, j := range gets {
		if int(j) == i {
			untraded += int64(g.weight[i])
			continue
		}
		for e := g.start[i]; e < g.start[i+1]; e++ {
			if g.to[e] == j {
				rank += int64(g.rank[e])
				break
			}
		}
		if o := g.owner[i]; g.weight[i] > 0 && !trades[o] {
			trades[o] = true
			people++
		}
	}
	return rank, untraded, people
}

func (s *solver) report(obj Objective, best, bound int64) {
	if s.opt.Progress != nil {
		s.opt.Progress(Progress{obj, best, bound, s.steps})
	}
}

// divide joins the fields into parts, if that has not been done.
func (g *graph) divide(fields []*field, gets []int32) []*part {
	may := make([]bool, g.n)
	for _, f := range fields {
		for k, own := range f.own {
			if own {
				may[f.recv[k]] = true
			}
		}
	}
	sure := make([]bool, g.owners)
	for i, j := range gets {
		if int(j) != i && g.weight[i] > 0 && !may[i] {
			sure[g.owner[i]] = true
		}
	}
	return partition(fields, g.owners, sure)
}
