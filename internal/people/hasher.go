package people

import (
	"context"
	"sync"

	"ferric/internal/fault"
)

// hasher lets a few callers work at once and keeps the others waiting, not too
// many of them. Those who wait are let in by address in turns, so that one address with many
// requests is one among the others; and before them all, those whose browser the account knows.
type hasher struct {
	workers, queue, perAddr int

	mu    sync.Mutex
	busy  int
	turns [2]turns // of known browsers, of all others; each has the whole queue, so that a crowd cannot fill the first
}

// turns are the addresses that wait, in the order of their turns, each with its callers.
type turns struct {
	waiting int
	order   []string
	callers map[string][]chan struct{}
}

func newHasher(workers, queue, perAddr int) *hasher {
	h := &hasher{workers: workers, queue: queue, perAddr: perAddr}
	for i := range h.turns {
		h.turns[i].callers = map[string][]chan struct{}{}
	}
	return h
}

var errBusy = fault.New(fault.Unavailable, "Too many people are signing in just now. Please try again in a moment.")

// enter waits for a place. Whoever got one calls leave.
func (h *hasher) enter(ctx context.Context, address string, known bool) (leave func(), err error) {
	h.mu.Lock()
	if h.busy < h.workers {
		h.busy++
		h.mu.Unlock()
		return h.leave, nil
	}
	t := &h.turns[1]
	if known {
		t = &h.turns[0]
	}
	if len(t.callers[address]) >= h.perAddr || t.waiting >= h.queue {
		h.mu.Unlock()
		return nil, errBusy
	}
	ready := make(chan struct{}, 1)
	if len(t.callers[address]) == 0 {
		t.order = append(t.order, address)
	}
	t.callers[address] = append(t.callers[address], ready)
	t.waiting++
	h.mu.Unlock()
	select {
	case <-ready:
		return h.leave, nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !t.remove(address, ready) { // it was let in at that very moment
		h.next()
		return nil, ctx.Err()
	}
	return nil, ctx.Err()
}

func (h *hasher) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next()
}

// next gives a place that is free now to whoever's turn it is.
func (h *hasher) next() {
	for i := range h.turns {
		if ready := h.turns[i].first(); ready != nil {
			ready <- struct{}{}
			return
		}
	}
	h.busy--
}

// first takes the caller whose turn it is; its address goes to the end.
func (t *turns) first() chan struct{} {
	if len(t.order) == 0 {
		return nil
	}
	address := t.order[0]
	t.order = t.order[1:]
	callers := t.callers[address]
	t.waiting--
	if len(callers) > 1 {
		t.callers[address] = callers[1:]
		t.order = append(t.order, address)
	} else {
		delete(t.callers, address)
	}
	return callers[0]
}

// remove takes out a caller that waits no more, and reports whether it still did.
func (t *turns) remove(address string, ready chan struct{}) bool {
	callers := t.callers[address]
	for i, c := range callers {
		if c != ready {
			continue
		}
		t.waiting--
		if len(callers) == 1 {
			delete(t.callers, address)
			for k, a := range t.order {
				if a == address {
					t.order = append(t.order[:k], t.order[k+1:]...)
					break
				}
			}
		} else {
			t.callers[address] = append(callers[:i:i], callers[i+1:]...)
		}
		return true
	}
	return false
}
