package web

import (
	"net/netip"
	"sync"
	"time"

	"ferric/internal/fault"
)

// rate is how often something may happen: a burst, refilled one after each while.
type rate struct {
	name  string // attempts of one name share a count
	burst int
	every time.Duration
}

// The rates by address. A household or a venue shares an address, so they are wide; what guards a secret also counts by account.
var (
	usual    = rate{"pages", 600, 50 * time.Millisecond}
	forms    = rate{"forms", 60, time.Second}
	secrets  = rate{"secrets", 20, 15 * time.Second} // claim codes, offers, sign-in links
	signIns  = rate{"sign-in", 30, 4 * time.Second}
	newcomer = rate{"sign-up", 10, time.Minute}
)

// limits count by key. What is full again is forgotten; at most maxLimits keys are kept, and the oldest go first.
type limits struct {
	now func() time.Time
	mu  sync.Mutex
	at  map[string]*level // guarded by mu
}

type level struct {
	left   float64
	filled time.Time
}

const maxLimits = 50_000

func newLimits(now func() time.Time) *limits { return &limits{now: now, at: map[string]*level{}} }

// take counts a request by its address.
func (l *limits) take(v *visit) error {
	r := v.route.opts.limit
	if r.burst == 0 {
		r = usual
		if v.r.Method != "GET" && v.r.Method != "HEAD" {
			r = forms
		}
	}
	return l.count(r, network(v.from()))
}

// count takes one from a key's level, or says when to come back.
func (l *limits) count(r rate, key string) error {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	key = r.name + " " + key
	at := l.at[key]
	if at == nil {
		if len(l.at) >= maxLimits {
			l.drop(now)
		}
		at = &level{float64(r.burst), now}
		l.at[key] = at
	}
	since := max(0, now.Sub(at.filled)) // a clock that was set back takes nothing away
	at.left = min(float64(r.burst), at.left+float64(since)/float64(r.every))
	at.filled = now
	if at.left < 1 {
		return fault.New(fault.Limit, "That was too often in a short time. Nothing was changed; please try again in a minute.")
	}
	at.left--
	return nil
}

// drop forgets those not seen for a while, and when that is not enough, any tenth of them.
func (l *limits) drop(now time.Time) {
	for k, at := range l.at {
		if since := now.Sub(at.filled); since > 10*time.Minute || since < 0 {
			delete(l.at, k)
		}
	}
	n := len(l.at) - maxLimits*9/10
	for k := range l.at {
		if n <= 0 {
			break
		}
		delete(l.at, k)
		n--
	}
}

// network is what one person has: an IPv4 address, or an IPv6 /64.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
