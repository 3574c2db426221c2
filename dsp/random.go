package dsp

// Random numbers here are a pure function of (seed, position), so that noise does
// not depend on how a stream is cut into blocks or on which core renders it.

// Hash mixes seed and position to 64 even bits. It is the output function of SplitMix64
// (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014) at step position.
func Hash(seed, position uint64) uint64 {
	z := seed + (position+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uniform is a number from 0 up to but not including 1.
func Uniform(seed, position uint64) float64 {
	return float64(Hash(seed, position)>>11) * (1.0 / (1 << 53))
}

// Triangular is a number between -1 and 1 whose density is a triangle with its top
// at 0: the sum of two even ones.
func Triangular(seed, position uint64) float64 {
	h := Hash(seed, position)
	return float64(int64(h>>32)-int64(h&0xffffffff)) * (1.0 / (1 << 32))
}
