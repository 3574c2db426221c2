package journal

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Whole is all of something in parts per million. 40 percent is 400,000.
const Whole = 1_000_000

// Deal is how the money of a release's runs is shared. A version counts from when it was made, the first one also for what was
// before; so what a statement said once it says for good.
//
// The money of each run is reckoned by itself: sales, less what shops and payment services kept. With Recoup
// its costs are taken off first, and nothing is shared before they are covered (in most such deals the profit
// is then halved: taxi.com/transmitter/0807). What no share names is the label's.
type Deal struct {
	Release catalog.ReleaseID
	Version int // from 1
	At      time.Time
	Recoup  bool
	Tiers   []Tier // at least one; the first has no breakpoint
}

// Tier is the shares that count from a breakpoint on: of the run's money above an amount, and from a day. Of the tiers that have begun
// by their day and are of the latest such day, each counts for the money from its amount up to the next one's.
type Tier struct {
	Above  int64     `json:"above,omitempty"` // coins of the run's shared money, in whatever currency that is
	From   time.Time `json:"from,omitzero"`   // zero: always
	Shares []Share   `json:"shares"`
}

// Share is somebody's part.
type Share struct {
	Payee PayeeID `json:"payee"`
	Parts int     `json:"parts"`            // per million, of the release or of the tracks
	Track int     `json:"tracks,omitempty"` // of so many tracks it is; 0: of all
	Of    int     `json:"of,omitempty"`     // how many the release has
}

// Bounds of a deal.
const (
	MaxTiers  = 6
	MaxShares = 40
)

// Check refuses a deal that shares more than there is.
func (d Deal) Check() error {
	if len(d.Tiers) == 0 || len(d.Tiers) > MaxTiers {
		return fault.Field("tier", "A deal has 1 to %d steps.", MaxTiers)
	}
	if d.Tiers[0].Above != 0 || !d.Tiers[0].From.IsZero() {
		return fault.Field("tier", "The first step of a deal counts from the beginning.")
	}
	for i, t := range d.Tiers {
		if t.Above < 0 || t.Above > maxMinor {
			return fault.Field("tier", "An amount from which a step counts is above zero.")
		}
		for _, other := range d.Tiers[:i] {
			if other.Above == t.Above && other.From.Equal(t.From) {
				return fault.Field("tier", "Two steps of the deal begin at the same amount and day.")
			}
		}
		if !slices.ContainsFunc(d.Tiers, func(o Tier) bool { return o.From.Equal(t.From) && o.Above == 0 }) {
			return fault.Field("tier", "From a day on there must be shares for the first coin too.")
		}
		if len(t.Shares) > MaxShares {
			return fault.Field("share", "At most %d shares, please.", MaxShares)
		}
		for _, s := range t.Shares {
			switch {
			case s.Payee == "":
				return fault.Field("share", "Whose share is it?")
			case s.Parts <= 0 || s.Parts > Whole:
				return fault.Field("share", "A share is more than 0 and at most 100 percent.")
			case s.Track < 0 || s.Of < 0 || s.Track > s.Of || s.Of > 1000 || s.Track == 0 && s.Of != 0:
				return fault.Field("share", "A share can be of 1 to all tracks.")
			}
		}
		if Rolled(t.Shares) == nil && len(t.Shares) > 0 {
			return fault.Field("share", "These shares are more than the whole.")
		}
	}
	return nil
}

// Part is what a payee has of the whole, in parts per million.
type Part struct {
	Payee PayeeID
	Parts int
}

// Rolled adds shares up by payee: 40 percent of one of ten tracks is 4 percent of the release. Parts are whole millionths, by the
// largest remainder, and never add up to more than the shares do. It is nil when the shares are more than the whole.
func Rolled(shares []Share) []Part {
	// Exact: everything over one common denominator, the product of the different numbers of tracks, while that is small; the
	// numbers of tracks within one release are the same.
	of := int64(1)
	for _, s := range shares {
		if s.Of > 0 && of%int64(s.Of) != 0 {
			of = of / gcd(of, int64(s.Of)) * int64(s.Of)
		}
		if of > 1_000_000 {
			return nil
		}
	}
	var parts []Part
	var weights []int64
	sum := int64(0)
	for _, s := range shares {
		weight := int64(s.Parts) * of
		if s.Of > 0 {
			weight = int64(s.Parts) * (of / int64(s.Of)) * int64(s.Track)
		}
		i := slices.IndexFunc(parts, func(p Part) bool { return p.Payee == s.Payee })
		if i < 0 {
			i = len(parts)
			parts, weights = append(parts, Part{Payee: s.Payee}), append(weights, 0)
		}
		weights[i] += weight
		sum += weight
	}
	if sum > Whole*of {
		return nil
	}
	for i, n := range Divide(Whole, append(weights, Whole*of-sum))[:len(parts)] {
		parts[i].Parts = int(n)
	}
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Payee, b.Payee) })
	return parts
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Divide gives out a total by weights, to the last coin: each gets its part rounded down, and the coins that are left go to those
// whose rounding took most, the first of equals first (Hamilton's method of the largest remainder). Weights are not negative; their sum is
// positive and fits 63 bits. A negative total is divided as the positive one and turned round.
func Divide(total int64, weights []int64) []int64 {
	parts, remainders := make([]int64, len(weights)), make([]uint64, len(weights))
	var sum uint64
	for _, w := range weights {
		sum += uint64(w)
	}
	if sum == 0 {
		return parts
	}
	sign, amount := int64(1), uint64(total)
	if total < 0 {
		sign, amount = -1, uint64(-total)
	}
	left := amount
	for i, w := range weights {
		hi, lo := bits.Mul64(amount, uint64(w))
		q, r := bits.Div64(hi, lo, sum) // w <= sum, so the quotient fits
		parts[i], remainders[i] = sign*int64(q), r
		left -= q
	}
	give(left, remainders, func(i int) { parts[i] += sign })
	return parts
}

// give hands out n coins, one each, to the largest remainders.
func give(n uint64, remainders []uint64, one func(int)) {
	for ; n > 0; n-- {
		best := -1
		for i, r := range remainders {
			if r > 0 && (best < 0 || r > remainders[best]) {
				best = i
			}
		}
		if best < 0 {
			return // never: n coins are left only where more than n were cut
		}
		one(best)
		remainders[best] = 0
	}
}

// band is a part of a run's money, and how it is shared.
type band struct {
	above int64
	parts []Part
}

// bands are the tiers that count at a time, by amount.
func (d Deal) bands(at time.Time) (bands []band) {
	var day time.Time
	for _, t := range d.Tiers {
		if !t.From.After(at) && t.From.After(day) {
			day = t.From
		}
	}
	for _, t := range d.Tiers {
		if t.From.Equal(day) {
			bands = append(bands, band{t.Above, Rolled(t.Shares)})
		}
	}
	slices.SortFunc(bands, func(a, b band) int { return cmp.Compare(a.above, b.above) })
	return bands
}

// within is how much of an amount lies in the band i. The first reaches below zero.
func within(bands []band, i int, amount int64) int64 {
	if i+1 < len(bands) && amount > bands[i+1].above {
		amount = bands[i+1].above
	}
	if i == 0 {
		return amount
	}
	return max(0, amount-bands[i].above)
}
