package trade

import (
	"context"
	"slices"
	"sync"
)

// survey divides the fields into parts, and says what is settled outside them.
func (s *solver) survey() {
	if s.parts != nil {
		return
	}
	s.parts = s.g.divide(s.fields, s.gets)
	s.limits = make([]limits, len(s.parts))
	for i := range s.limits {
		s.limits[i] = limits{room: -1}
	}
}

// hunt pursues an objective with side constraints in every part, and sets the limits that it leaves to the next.
func (s *solver) hunt(ctx context.Context, step step) error {
	s.survey()
	edges := 1
	for _, p := range s.parts {
		edges += len(p.f.to)
	}
	share := s.opt.Effort / int64(edges) / 2 // for each want
	hunts := make([]*hunt, len(s.parts))
	for i, p := range s.parts {
		local, _ := p.now(s.gets)
		hunts[i] = newHunt(p, step.objective, s.limits[i], local, max(1<<20, share*int64(len(p.f.to))))
	}
	s.watch(step.objective, hunts)
	err := each(len(hunts), func(i int) error {
		h := hunts[i]
		err := h.search(ctx)
		h.m.release()
		return err
	})
	if err != nil {
		return err
	}

	g := s.g
	st := Stage{Objective: step.objective, Scale: scale, Receive: make([]int64, g.n), Send: make([]int64, g.n), Toll: make([]int64, g.owners)}
	gap := int64(0)
	for i, p := range s.parts {
		h := hunts[i]
		s.steps += h.m.steps + h.spent
		for k, to := range h.best {
			s.gets[p.f.recv[k]] = p.f.send[to]
			st.Receive[p.f.recv[k]], st.Send[p.f.send[k]] = h.proof.u[k], h.proof.v[k]
		}
		for u, o := range p.owners {
			st.Toll[o] = h.proof.toll[u]
		}
		st.WeightToll = append(st.WeightToll, h.proof.weight)
		for _, l := range h.leaves {
			st.Branches = append(st.Branches, l.branch(i, h))
		}
		gap += h.gap()
	}
	if !slices.ContainsFunc(st.WeightToll, func(x int64) bool { return x != 0 }) {
		st.WeightToll = nil
	}
	after := g.value(step.objective, s.gets, s.opt.NonTradeCost)
	st.Bound = after - gap
	if step.objective == ObjectivePeople {
		st.Bound = after + gap
	}
	s.stages = append(s.stages, st)
	for i, h := range hunts {
		s.limits[i].settle(step.objective, h.p, h.value, h.gap(), gap)
	}
	s.report(step.objective, after, st.Bound)
	return nil
}

// watch reports how best and bound approach each other over all parts.
func (s *solver) watch(obj Objective, hunts []*hunt) {
	if s.opt.Progress == nil {
		return
	}
	var mu sync.Mutex
	base, sign := s.g.value(obj, s.gets, s.opt.NonTradeCost), int64(1)
	if obj == ObjectivePeople {
		sign = -1
	}
	best, bound, steps := make([]int64, len(hunts)), make([]int64, len(hunts)), make([]int64, len(hunts))
	sumBest, sumBound, sumSteps := int64(0), int64(0), int64(0)
	for i, h := range hunts {
		best[i] = h.value
		base -= sign * h.value
		sumBest += h.value
		h.progress = func() {
			mu.Lock()
			defer mu.Unlock()
			low := max(0, ceilDiv(h.bound, scale))
			sumBest += h.value - best[i]
			sumBound += low - bound[i]
			sumSteps += h.m.steps + h.spent - steps[i]
			best[i], bound[i], steps[i] = h.value, low, h.m.steps+h.spent
			s.opt.Progress(Progress{obj, base + sign*sumBest, base + sign*sumBound, s.steps + sumSteps})
		}
	}
}

// gap is how far the best answer of the part may be from the best there is.
func (h *hunt) gap() int64 { return max(0, h.value-ceilDiv(h.bound, scale)) }

// settle adds to the limits of a part what an objective has reached there: value, not more than gap from the best. The
// sum over all parts must not be lost in the objectives that follow. Where it is proven best, each part must keep its
// own; where it is not, a part may be worse by what all the others together might be better.
func (l *limits) settle(obj Objective, p *part, value, gap, total int64) {
	switch obj {
	case ObjectivePeople:
		l.must = len(p.owners) - int(value)
		l.need = max(0, l.must-int(total-gap))
	case ObjectiveTrades:
		l.have = value
		l.room = value + total - gap
	}
}
