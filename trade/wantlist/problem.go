package wantlist

import "ferric/trade"

// Problem is the round as the engine takes it. Item i of the problem is item
// Items[i] of the round: those that have a list, in the order of the file.
type Problem struct {
	trade.Problem
	Items []int32 // problem item to round item
	Users []int32 // owner to round user, -1 for an item offered without a name
}

// Problem is the engine's problem. A list without a user's name belongs to a person of its own.
func (r *Round) Problem() *Problem { return r.problem }

// build is the problem without the "#ferric" rules.
func (r *Round) build() *Problem {
	p := &Problem{}
	at := make([]int32, len(r.Items)) // round item to problem item
	owners := make([]int32, len(r.Users))
	for i := range owners {
		owners[i] = -1
	}
	for li := range r.Lists {
		l := &r.Lists[li]
		it := &r.Items[l.Item]
		at[l.Item] = int32(len(p.Items))
		p.Items = append(p.Items, l.Item)
		owner := int32(len(p.Users))
		if it.User >= 0 && owners[it.User] >= 0 {
			owner = owners[it.User]
		} else {
			p.Users = append(p.Users, it.User)
			if it.User >= 0 {
				owners[it.User] = owner
			}
		}
		name := it.Name
		if it.Dummy {
			name = r.Users[it.User] + "\x00" + it.Name
		}
		p.Problem.Items = append(p.Problem.Items, trade.Item{Name: name, Owner: owner, Dummy: it.Dummy})
	}
	wants := make([]trade.Want, len(r.Wants))
	for li := range r.Lists {
		l := r.Lists[li]
		for i := l.From; i < l.To; i++ {
			w := r.Wants[i]
			wants[i] = trade.Want{Item: at[w.Item], Rank: int32(r.Cost(l, w))}
		}
		p.Problem.Items[li].Wants = wants[l.From:l.To:l.To]
	}
	p.Owners = len(p.Users)
	return p
}

// real counts the items that are no dummies.
func (p *Problem) real() (n int) {
	for i := range p.Problem.Items {
		if !p.Problem.Items[i].Dummy {
			n++
		}
	}
	return n
}
