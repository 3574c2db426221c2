package vorbis

import "encoding/binary"

// bits reads a packet, least significant bit first. Behind the end it gives
// zeros and sets over; Vorbis lets a packet end early, and what is missing counts as zero.
type bits struct {
	buf  []byte // the packet and eight zero bytes
	p    int    // in bits
	end  int
	over bool
}

func (b *bits) set(packet []byte) {
	b.buf = append(append(b.buf[:0], packet...), make([]byte, 8)...)
	b.p, b.end, b.over = 0, len(packet)*8, false
}

// peek gives the next 57 bits or more.
func (b *bits) peek() uint64 {
	return binary.LittleEndian.Uint64(b.buf[b.p>>3:]) >> (b.p & 7)
}

func (b *bits) skip(n int) {
	if b.p += n; b.p > b.end {
		b.p, b.over = b.end, true
	}
}

// read reads n bits, 0 to 32.
func (b *bits) read(n int) int {
	v := b.peek() & (1<<n - 1)
	if b.skip(n); b.over {
		return 0
	}
	return int(v)
}

func (b *bits) flag() bool { return b.read(1) == 1 }
