package people

import (
	"sync"
	"time"
)

// pace says how fast somebody may fail: Free times at will, then after First,
// twice as long each time up to Most. After Forget without a failure all is forgotten.
type pace struct {
	Free                int
	First, Most, Forget time.Duration
}

// The paces. A name that a crowd guesses at takes 10 guesses and then 96 a day
// (NIST SP 800-63B-4 wants no more than 100 in a row). Many share an address at a show, so it may
// fail more often and waits a minute at most. The numbers are our choice.
var (
	namePace    = pace{Free: 10, First: time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	devicePace  = pace{Free: 10, First: time.Second, Most: 15 * time.Minute, Forget: 24 * time.Hour}
	addressPace = pace{Free: 20, First: time.Second, Most: time.Minute, Forget: time.Hour}
	signUpPace  = pace{Free: 20, First: 5 * time.Second, Most: 10 * time.Minute, Forget: time.Hour}
	linkPace    = pace{Free: 3, First: time.Minute, Most: time.Hour, Forget: 24 * time.Hour}
)

// Count is how often somebody failed, and when last.
type Count struct {
	N  int
	At time.Time
}

// wait is how long somebody with a count must wait at a time.
func (p pace) wait(c Count, now time.Time) time.Duration {
	if c.N < p.Free || now.Sub(c.At) >= p.Forget {
		return 0
	}
	d := p.First
	for i := p.Free; i < c.N && d < p.Most; i++ {
		d *= 2
	}
	// A clock that was set back makes nobody wait longer than that.
	return min(max(0, c.At.Add(min(d, p.Most)).Sub(now)), min(d, p.Most))
}

// next is the count after one more failure.
func (p pace) next(c Count, now time.Time) Count {
	if now.Sub(c.At) >= p.Forget {
		c.N = 0
	}
	return Count{c.N + 1, now}
}

// tally counts failures by key, in bounded memory. It is safe for use by many goroutines.
type tally struct {
	pace   pace
	mu     sync.Mutex
	counts map[string]Count
}

// tallyMost is how many keys a tally remembers: about 3 MB of them.
const tallyMost = 1 << 15

// newTally makes a tally with a pace.
func newTally(p pace) *tally { return &tally{pace: p, counts: map[string]Count{}} }

// take counts a failure before it is known to be one, so that a hundred tries at
// once are a hundred; forgive takes it back. When the key must wait, that is returned and nothing is counted.
func (t *tally) take(key string, now time.Time) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts[key]
	if wait := t.pace.wait(c, now); wait > 0 {
		return wait
	}
	t.put(key, t.pace.next(c, now), now)
	return 0
}

// forgive takes one failure back: it was none.
func (t *tally) forgive(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.counts[key]; c.N > 1 {
		t.counts[key] = Count{c.N - 1, c.At}
	} else {
		delete(t.counts, key)
	}
}

// clear forgets a key.
func (t *tally) clear(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.counts, key)
}

// count is what is known of a key.
func (t *tally) count(key string) (Count, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.counts[key]
	return c, ok
}

// learn sets a key that was not known.
func (t *tally) learn(key string, c Count, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.counts[key]; !known {
		t.put(key, c, now)
	}
}

// put makes room first: by what is forgotten anyway, then by whoever failed least of a few.
func (t *tally) put(key string, c Count, now time.Time) {
	if _, known := t.counts[key]; !known && len(t.counts) >= tallyMost {
		least, seen := "", 0
		for k, old := range t.counts { // in random order
			if now.Sub(old.At) >= t.pace.Forget {
				least = k
				break
			}
			if least == "" || old.N < t.counts[least].N {
				least = k
			}
			if seen++; seen == 16 {
				break
			}
		}
		delete(t.counts, least)
	}
	t.counts[key] = c
}
