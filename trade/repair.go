package trade

import "context"

// Keep says what Repair leaves alone.
type Keep uint8

const (
	// KeepMost trades as much as is possible without the items that are gone and, among such answers, changes the
	// fewest moves.
	KeepMost Keep = iota
	// KeepCircles leaves every circle alone that lost nothing, and makes the most of the rest.
	KeepCircles
)

// Changes tells what Repair did, as indices of real items.
type Changes struct {
	Same    []int32 // get what they got before
	Other   []int32 // get something else
	Dropped []int32 // got something before and get nothing now, the items that are gone excepted
	Joined  []int32 // get something now and got nothing before
}

// Repair mends an answer after the owners of the items gone dropped out: the most trades with the fewest changes.
// The certificate of the new answer is for the problem that Without returns.
func Repair(ctx context.Context, p *Problem, old *Answer, gone []int32, keep Keep, opt Options) (*Answer, *Changes, error) {
	panic("unreachable until solve.go")
}

// Without is the problem with items withdrawn: they keep their places, want nothing and are wanted by nobody.
func (p *Problem) Without(gone []int32) *Problem {
	out := make([]bool, len(p.Items))
	for _, i := range gone {
		if i >= 0 && int(i) < len(out) {
			out[i] = true
		}
	}
	q := *p
	q.Items = make([]Item, len(p.Items))
	copy(q.Items, p.Items)
	for i := range q.Items {
		it := &q.Items[i]
		if out[i] {
			it.Wants = nil
			continue
		}
		for k, w := range it.Wants {
			if w.Item >= 0 && int(w.Item) < len(out) && out[w.Item] {
				kept := append([]Want(nil), it.Wants[:k]...)
				for _, w := range it.Wants[k+1:] {
					if !out[w.Item] {
						kept = append(kept, w)
					}
				}
				it.Wants = kept
				break
			}
		}
	}
	return &q
}
