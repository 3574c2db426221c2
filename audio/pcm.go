package audio

import (
	"encoding/binary"
	"math"
)

// Quantise turns a sample into the integer that bits can hold: full scale 1.0 is
// 2^(bits-1), rounding is to the nearest (halves to even), and what is too loud
// is clipped, never wrapped. v must be a number. Samples that lie on the grid
// already, as those a decoder of up to 24 bits gives, come back unchanged.
func Quantise(v float32, bits int) int32 {
	return quantise(v, float64(int64(1)<<(bits-1)))
}

func quantise(v float32, full float64) int32 {
	// Adding 1.5·2^52 leaves the rounded integer in the low bits of the sum.
	const magic = 3 << 51
	x := min(max(float64(v)*full, -full), full-1)
	return int32(math.Float64bits(x + magic))
}

// PutPCM quantises n frames of src, from frame at on, and writes them to raw as
// interleaved little-endian integers of bytes (2 or 3) bytes. It returns the
// frame, counted from at, of the first NaN or infinity, or -1 when there is none.
func PutPCM(raw []byte, src [][]float32, at, n, bytes int) int {
	step := bytes * len(src)
	full := float64(int64(1) << (8*bytes - 1))
	bad := n
	for c, ch := range src {
		p := raw[c*bytes:]
		for i, v := range ch[at : at+n] {
			if v-v != 0 { // NaN and infinity
				bad = min(bad, i)
				break
			}
			u := quantise(v, full)
			q := p[i*step:]
			if bytes == 2 {
				binary.LittleEndian.PutUint16(q, uint16(u))
			} else {
				_ = q[2]
				q[0], q[1], q[2] = byte(u), byte(u>>8), byte(u>>16)
			}
		}
	}
	if bad < n {
		return bad
	}
	return -1
}
