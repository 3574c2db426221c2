package demo

// dice is chance without a history: what it throws depends on where it is
// asked, never on how often or in which order. The same seed, part, beat and
// pitch give the same hand.
type dice uint64

// at is another dice for a place in this one.
func (d dice) at(place ...int) dice {
	for _, p := range place {
		d = dice(mix64(uint64(d) ^ mix64(uint64(p)+0x9e3779b97f4a7c15)))
	}
	return d
}

// unit is a number in [0,1) for the n-th question asked here.
func (d dice) unit(n int) float64 { return float64(uint64(d.at(n))>>11) / (1 << 53) }

// sway is a number in (-1,1), most often near 0 (the sum of three throws).
func (d dice) sway(n int) float64 {
	e := d.at(n)
	return (e.unit(1)+e.unit(2)+e.unit(3))*2/3 - 1
}

// pick is a number in [0,n).
func (d dice) pick(question, n int) int { return int(d.unit(question) * float64(n)) }

// mix64 is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
func mix64(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// noise is white noise in [-1,1): Marsaglia's xorshift with 32 bits of state.
type noise uint32

func newNoise(d dice) noise { return noise(uint32(d.at(77)) | 1) }

func (n *noise) next() float32 {
	x := *n
	x ^= x << 13
	x ^= x >> 17
	x ^= x << 5
	*n = x
	return float32(int32(x)) * (1.0 / (1 << 31))
}
