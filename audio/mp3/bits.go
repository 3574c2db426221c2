package mp3

import "encoding/binary"

// bits reads a buffer, most significant bit first. The buffer ends in eight
// bytes that are not read for their content; behind them come zeros for ever.
type bits struct {
	buf []byte
	p   int
	end int // of the content, in bits
}

// peek gives the next 57 bits or more, left-aligned.
func (b *bits) peek() uint64 {
	i := b.p >> 3
	if i+8 > len(b.buf) {
		return 0
	}
	return binary.BigEndian.Uint64(b.buf[i:]) << (b.p & 7)
}

// read reads n bits, 0 to 32.
func (b *bits) read(n int) int {
	v := b.peek() >> 1 >> (63 - n)
	b.p += n
	return int(v)
}
