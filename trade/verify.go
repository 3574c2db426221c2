package trade

import (
	"context"
	"fmt"
	"slices"
)

// verify checks an answer in four steps, each linear in the size of the problem: the moves are wanted and disjoint; the
// counts are theirs; the prices of each stage keep below every cost that the stage can meet; the claims follow.
func verify(p *Problem, a *Answer) error {
	g, err := newGraph(p)
	if err != nil {
		return err
	}
	if err := a.Policy.validate(); err != nil {
		return err
	}
	gets, err := g.follow(p, a)
	if err != nil {
		return err
	}
	var b Answer
	b.Policy, b.Circles = a.Policy, a.Circles
	g.tally(&b, gets)
	if a.Certificate != nil {
		if err := g.prove(p, a, gets); err != nil {
			return err
		}
		b.Certificate = a.Certificate
		b.claim(g)
		if a.Digest != a.digest(p) {
			return wrong("the digest is not that of the answer")
		}
	} else if a.Digest != "" {
		return wrong("a digest without a certificate")
	}
	return same(a, &b)
}

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrAnswer, fmt.Sprintf(format, args...))
}

// same compares what is claimed with what is so.
func same(a, b *Answer) error {
	for _, x := range []struct {
		name string
		a, b int64
	}{
		{"trades", int64(a.Trades), int64(b.Trades)}, {"weight", a.Weight, b.Weight}, {"people", int64(a.People), int64(b.People)},
		{"rank total", a.RankTotal, b.RankTotal}, {"longest circle", int64(a.Longest), int64(b.Longest)}, {"sum of squares", a.Squares, b.Squares},
		{"cost", a.Cost, b.Cost}, {"weight bound", a.WeightBound, b.WeightBound}, {"people bound", int64(a.PeopleBound), int64(b.PeopleBound)},
		{"rank bound", a.RankBound, b.RankBound}, {"cost bound", a.CostBound, b.CostBound}, {"trades forgone", a.TradesForgone, b.TradesForgone},
		{"most weight", a.WeightMost, b.WeightMost},
	} {
		if x.a != x.b {
			return wrong("%s: claimed %d, found %d", x.name, x.a, x.b)
		}
	}
	if a.Proven != b.Proven {
		return wrong("claimed proven %+v, found %+v", a.Proven, b.Proven)
	}
	return nil
}

// follow walks the circles and returns what each place receives.
func (g *graph) follow(p *Problem, a *Answer) ([]int32, error) {
	gets := make([]int32, g.n)
	for i := range gets {
		gets[i] = int32(i)
	}
	passed := make([]int32, len(p.Items)) // times that each item was used
	last := int32(-1)
	for n, c := range a.Circles {
		if len(c.Moves) == 0 {
			return nil, wrong("circle %d is empty", n+1)
		}
		if a.Policy.MaxCircle > 0 && len(c.Moves) > a.Policy.MaxCircle {
			return nil, wrong("circle %d has %d items, at most %d are allowed", n+1, len(c.Moves), a.Policy.MaxCircle)
		}
		lead := int32(-1)
		for k, m := range c.Moves {
			at, err := g.use(p, m.Item, false, passed)
			if err != nil {
				return nil, fmt.Errorf("%w (circle %d)", err, n+1)
			}
			if k == 0 {
				lead = at
			} else if at < lead {
				return nil, wrong("circle %d does not start with its first name", n+1)
			}
			if next := c.Moves[(k+1)%len(c.Moves)].Item; m.Gets != next {
				return nil, wrong("circle %d is not closed after %q", n+1, p.Items[m.Item].Name)
			}
			for _, d := range m.Via {
				via, err := g.use(p, d, true, passed)
				if err != nil {
					return nil, fmt.Errorf("%w (circle %d)", err, n+1)
				}
				if !g.has(at, via) {
					return nil, wrong("%q does not want %q", p.Items[g.item[at]].Name, p.Items[d].Name)
				}
				gets[at] = via
				at = via
			}
			to := g.first[m.Gets]
			if !g.has(at, to) {
				return nil, wrong("%q does not want %q, or may not have it", p.Items[g.item[at]].Name, p.Items[m.Gets].Name)
			}
			gets[at] = to
		}
		if lead < last {
			return nil, wrong("circle %d is out of order", n+1)
		}
		last = lead
	}
	return gets, nil
}

// use takes the next place of an item.
func (g *graph) use(p *Problem, item int32, dummy bool, passed []int32) (int32, error) {
	if item < 0 || int(item) >= len(p.Items) {
		return 0, wrong("no item %d", item)
	}
	it := &p.Items[item]
	if it.Dummy != dummy {
		return 0, wrong("%q in the wrong role", it.Name)
	}
	if int(passed[item]) >= it.places() {
		return 0, wrong("%q is used more than %d times", it.Name, it.places())
	}
	passed[item]++
	return g.first[item] + passed[item] - 1, nil
}

func (g *graph) has(from, to int32) bool {
	return slices.Contains(g.to[g.start[from]:g.start[from+1]], to)
}

// prove checks the stages of the certificate against the arrangement.
func (g *graph) prove(p *Problem, a *Answer, gets []int32) error {
	plan := a.plan()
	stages := a.Certificate.Stages
	if len(stages) != len(plan) {
		return wrong("%d stages of proof, want %d", len(stages), len(plan))
	}
	fields, comp := prune(p, g, a.Policy.Seed)
	c := checker{g: g, a: a, gets: gets, fields: fields}
	for i, step := range plan {
		st := &stages[i]
		if st.Objective != step.objective || len(st.Receive) != g.n || len(st.Send) != g.n {
			return wrong("stage %d is not one of %v for %d places", i+1, step.objective, g.n)
		}
		for _, x := range [][]int64{st.Receive, st.Send, st.Toll, st.WeightToll} {
			for _, v := range x {
				if v > 1<<60/int64(g.n+1) || v < -1<<60/int64(g.n+1) {
					return wrong("stage %d: a price is out of range", i+1)
				}
			}
		}
		var err error
		if step.exact {
			err = c.exact(st, step)
		} else {
			err = c.tolled(st)
		}
		if err != nil {
			return fmt.Errorf("%w (stage %d, %v)", err, i+1, st.Objective)
		}
	}
	claim := a.Certificate.Capped
	if claim != nil && a.Policy.MaxCircle == 0 {
		return wrong("a search for short circles without a cap")
	}
	if claim != nil {
		if claim.Effort < 1 || claim.Effort > MaxEffort {
			return wrong("effort %d", claim.Effort)
		}
		found, err := g.pack(context.Background(), a.Policy, claim.Effort, comp)
		if err != nil {
			return err
		}
		if found.Capped != *claim {
			return wrong("the search claims %+v, repeated it finds %+v", *claim, found.Capped)
		}
	}
	return nil
}

// checker is the state of a check between the stages: what may still be used.
type checker struct {
	g      *graph
	a      *Answer
	gets   []int32
	fields []*field
	parts  []*part
	limits []limits
}

// priced lays the prices of a stage over a field and checks that none is above its cost. It returns their sum.
func (c *checker) priced(m *matching, receive, send []int64) (int64, error) {
	f := m.f
	for k := range int32(f.size()) {
		m.u[k], m.v[k] = receive[f.recv[k]], send[f.send[k]]
	}
	for k := range int32(f.size()) {
		for e := f.start[k]; e < f.start[k+1]; e++ {
			if m.u[k]+m.v[f.to[e]] > m.cost(k, e) {
				return 0, wrong("the prices of place %d and place %d are above the cost", f.recv[k], f.send[f.to[e]])
			}
		}
	}
	return m.bound(), nil
}

// idle checks that places which are in no field have no prices.
func (c *checker) idle(st *Stage) error {
	in, out := make([]bool, c.g.n), make([]bool, c.g.n)
	for _, f := range c.fields {
		for k := range f.recv {
			in[f.recv[k]], out[f.send[k]] = true, true
		}
	}
	for i := range in {
		if !in[i] && st.Receive[i] != 0 || !out[i] && st.Send[i] != 0 {
			return wrong("place %d is settled and has a price", i)
		}
	}
	return nil
}

func (c *checker) exact(st *Stage, step step) error {
	if st.Scale != 1 || st.Toll != nil || st.WeightToll != nil || st.Branches != nil {
		return wrong("an exact stage has no tolls")
	}
	if err := c.idle(st); err != nil {
		return err
	}
	short := int64(0) // how much better than the arrangement the prices allow
	var faces []*field
	for _, f := range c.fields {
		m := newMatching(f)
		m.costs(step.objective, c.a.Policy.NonTradeCost)
		sum, err := c.priced(m, st.Receive, st.Send)
		if err != nil {
			return err
		}
		cost := int64(0)
		if !f.locate(c.gets, m.gets) {
			return wrong("the arrangement leaves what an earlier stage allows")
		}
		for k, s := range m.gets {
			m.goes[s] = int32(k)
			cost += m.cost(int32(k), f.edgeTo(int32(k), s))
		}
		if step.refine && sum != cost {
			return wrong("the prices add up to %d, the arrangement costs %d", sum, cost)
		}
		short += cost - sum
		if step.refine {
			faces = append(faces, newFace(c.g, m)...)
		}
	}
	if st.Bound != c.g.value(st.Objective, c.gets, c.a.Policy.NonTradeCost)-short {
		return wrong("the bound %d does not follow", st.Bound)
	}
	if step.refine {
		c.fields, c.parts = faces, nil
	}
	return nil
}

// edgeTo finds the edge of slot k to s.
func (f *field) edgeTo(k, s int32) int32 {
	for e := f.start[k]; e < f.start[k+1]; e++ {
		if f.to[e] == s {
			return e
		}
	}
	return -1
}

// tolled checks a stage that has side constraints.
func (c *checker) tolled(st *Stage) error {
	g := c.g
	if c.parts == nil {
		c.parts = g.divide(c.fields, c.gets)
		c.limits = make([]limits, len(c.parts))
		for i := range c.limits {
			c.limits[i].room = -1
		}
	}
	if st.Scale != scale || len(st.Toll) != g.owners || st.WeightToll != nil && len(st.WeightToll) != len(c.parts) {
		return wrong("scale %d, %d tolls, want %d for %d owners", st.Scale, len(st.Toll), scale, g.owners)
	}
	if err := c.idle(st); err != nil {
		return err
	}
	asked := make([]bool, g.owners)
	hunts := make([]*hunt, len(c.parts))
	gap := int64(0)
	for i, p := range c.parts {
		local, ok := p.now(c.gets)
		if !ok {
			return wrong("the arrangement leaves what an earlier stage allows")
		}
		h := newHunt(p, st.Objective, c.limits[i], local, 0)
		for _, o := range p.owners {
			asked[o] = true
		}
		if err := c.tollPart(st, h, i); err != nil {
			return err
		}
		gap += h.gap()
		hunts[i] = h
	}
	for _, b := range st.Branches {
		if b.Part < 0 || int(b.Part) >= len(c.parts) {
			return wrong("a case of part %d, of %d", b.Part, len(c.parts))
		}
	}
	for o, t := range st.Toll {
		if t != 0 && !asked[o] {
			return wrong("owner %d has nothing undecided and pays a toll", o)
		}
	}
	want := g.value(st.Objective, c.gets, c.a.Policy.NonTradeCost)
	if st.Objective == ObjectivePeople {
		want += gap
	} else {
		want -= gap
	}
	if st.Bound != want {
		return wrong("the bound %d does not follow, %d does", st.Bound, want)
	}
	for i, h := range hunts {
		c.limits[i].settle(st.Objective, h.p, h.value, h.gap(), gap)
	}
	return nil
}

// tollPart sets the bound of a part from its prices, or from those of its cases.
func (c *checker) tollPart(st *Stage, h *hunt, part int) error {
	var cases []Branch
	for _, b := range st.Branches {
		if int(b.Part) == part {
			cases = append(cases, b)
		}
	}
	for u, o := range h.p.owners {
		h.toll[u] = st.Toll[o]
	}
	if st.WeightToll != nil {
		h.weight = st.WeightToll[part]
	}
	if err := c.tollSum(h, st.Receive, st.Send); err != nil || cases == nil {
		return err
	}
	if err := h.p.covered(c.g, cases, 0); err != nil {
		return err
	}
	least := int64(1) << 62
	receive, send := make([]int64, c.g.n), make([]int64, c.g.n)
	for _, b := range cases {
		if err := h.assume(&b, receive, send); err != nil {
			return err
		}
		if err := c.tollSum(h, receive, send); err != nil {
			return err
		}
		least = min(least, h.bound)
	}
	h.bound = least
	return nil
}

// tollSum checks tolls and prices and takes the bound from them.
func (c *checker) tollSum(h *hunt, receive, send []int64) error {
	for _, t := range h.toll {
		if t < 0 || t > 1<<60/int64(c.g.n+1) || h.objective == ObjectivePeople && t > scale {
			return wrong("toll %d is out of range", t)
		}
	}
	if h.weight < 0 || h.room < 0 && h.weight != 0 || h.weight > 1<<60/(c.g.totalWeight()+1) {
		return wrong("weight toll %d is out of range", h.weight)
	}
	for k := range h.m.keep {
		h.m.keep[k] = h.keepCost(int32(k))
	}
	sum, err := c.priced(h.m, receive, send)
	h.bound = sum + h.allowance()
	return err
}
