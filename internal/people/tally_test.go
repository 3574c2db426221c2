package people

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ferric/internal/fault"
)

// TestPace: the n-th failure after the free ones must be waited for First*2^(n-1), at most Most.
func TestPace(t *testing.T) {
	p := pace{Free: 3, First: time.Second, Most: 10 * time.Second, Forget: time.Hour}
	now := time.Unix(1000, 0)
	tally := newTally(p)
	for i, want := range []time.Duration{0, 0, 0, 1, 2, 4, 8, 10, 10} {
		want *= time.Second
		wait := p.wait(tally.counts["k"], now)
		if wait != want {
			t.Errorf("before failure %d: wait %v, want %v", i+1, wait, want)
		}
		if want > 0 && tally.take("k", now.Add(want-1)) == 0 {
			t.Errorf("failure %d was let through early", i+1)
		}
		now = now.Add(want)
		if wait := tally.take("k", now); wait != 0 {
			t.Errorf("failure %d: still %v to wait", i+1, wait)
		}
	}
	if tally.take("other", now) != 0 {
		t.Error("another key waits")
	}
	if wait := tally.take("k", now.Add(-100*time.Hour)); wait > 10*time.Second {
		t.Errorf("after the clock was set back: wait %v", wait)
	}
	tally.forgive("k")
	if c, _ := tally.count("k"); c.N != 8 {
		t.Errorf("forgiven one of nine: %d", c.N)
	}
	if tally.take("k", now.Add(time.Hour)) != 0 || tally.counts["k"].N != 1 {
		t.Error("an hour later something is remembered")
	}
	tally.forgive("k")
	tally.forgive("k")
	tally.clear("none")
	if len(tally.counts) != 1 {
		t.Errorf("%d keys are left", len(tally.counts))
	}
}

// TestTallyIsBounded: a crowd of keys pushes out others like itself, not the one that failed most.
func TestTallyIsBounded(t *testing.T) {
	tally := newTally(namePace)
	now := time.Unix(1000, 0)
	for range 10 {
		tally.take("victim", now)
	}
	for i := range 3 * tallyMost {
		tally.take(fmt.Sprint("bot ", i), now)
	}
	if len(tally.counts) != tallyMost {
		t.Errorf("%d keys", len(tally.counts))
	}
	if tally.take("victim", now) == 0 {
		t.Error("the crowd made room for another guess")
	}
}

// TestHasherTakesTurns: of one address with many requests and others with one, each
// gets its turn in order of address; known browsers before all; what is too much is refused.
func TestHasherTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(1, 6, 3)
		leave, err := h.enter(t.Context(), "first", false)
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		enter := func(address string, known bool) {
			go func() {
				leave, err := h.enter(t.Context(), address, known)
				if err != nil {
					order = append(order, address+" refused")
					return
				}
				order = append(order, address)
				leave()
			}()
			synctest.Wait()
		}
		for range 4 {
			enter("greedy", false)
		}
		enter("a", false)
		enter("b", false)
		enter("c", false)
		enter("d", false)
		enter("owner", true)
		leave()
		synctest.Wait()
		if want := "[greedy refused d refused owner greedy a b c greedy greedy]"; fmt.Sprint(order) != want {
			t.Errorf("let in %v, want %s", order, want)
		}
		if h.busy != 0 || h.turns[1].waiting != 0 || len(h.turns[1].callers) != 0 || len(h.turns[1].order) != 0 {
			t.Errorf("after all: %+v", h)
		}
	})
}

// TestHasherGivesUp: whoever waits no more leaves no trace, also when let in at that moment.
func TestHasherGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(1, 100, 100)
		for round := range 50 {
			leave, err := h.enter(t.Context(), "x", false)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			in := 0
			for i := range 6 {
				go func() {
					leave, err := h.enter(ctx, fmt.Sprint(i%3), i == 5)
					if err == nil {
						in++
						leave()
					} else if !fault.Is(err, fault.Unavailable) {
						t.Error(err)
					}
				}()
			}
			synctest.Wait()
			if round%2 == 0 {
				cancel()
				leave()
			} else {
				leave()
				cancel()
			}
			synctest.Wait()
			if h.busy != 0 || h.turns[0].waiting+h.turns[1].waiting != 0 || len(h.turns[0].callers)+len(h.turns[1].callers)+len(h.turns[0].order)+len(h.turns[1].order) != 0 {
				t.Fatalf("round %d, %d let in: %+v", round, in, h)
			}
		}
	})
}

// TestCache: a reading that began before a session was ended is not believed after it.
func TestCache(t *testing.T) {
	c := newCache(3, time.Second)
	now := time.Unix(1000, 0)
	_, _, age, _ := c.get("a", now)
	c.drop("a")
	c.put(Session{ID: "a"}, Account{ID: "ann"}, age, now)
	if _, _, _, found := c.get("a", now); found {
		t.Error("an ended session came back")
	}
	for i := range 10 {
		_, _, age, _ = c.get(fmt.Sprint(i), now)
		c.put(Session{ID: fmt.Sprint(i)}, Account{ID: ID(fmt.Sprint(i % 2))}, age, now)
	}
	if len(c.live) != 3 {
		t.Errorf("%d sessions are kept", len(c.live))
	}
	c.dropAccount("1")
	for id, e := range c.live {
		if e.account.ID == "1" {
			t.Errorf("session %s of account 1 is kept", id)
		}
	}
	_, _, age, _ = c.get("z", now)
	c.put(Session{ID: "z"}, Account{}, age, now)
	if _, _, _, found := c.get("z", now.Add(time.Second)); found {
		t.Error("a stale session is believed")
	}
	c.put(Session{ID: "z"}, Account{}, c.age, now)
	if _, _, _, found := c.get("z", now.Add(-time.Hour)); found {
		t.Error("a session from the future is believed")
	}
	if !c.touch("none", now) {
		t.Error("a session that is not in memory is not noted")
	}
	c.put(Session{ID: "z"}, Account{}, c.age, now)
	if !c.touch("z", now) || c.touch("z", now) {
		t.Error("a use is not noted once")
	}
}
