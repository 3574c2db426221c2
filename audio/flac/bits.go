package flac

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// window is how much of the file is in memory at once; slack is zeros after its end,
// so that a word can be loaded anywhere in it.
const (
	window = 64 << 10
	slack  = 16
)

// bitReader reads the file as a stream of bits, most significant first. It keeps one
// position and loads the word there afresh for every read, which is as fast as
// an accumulator on processors that load unaligned words, and simpler.
//
// Past the end of the file it gives zeros and sets over.
type bitReader struct {
	src  io.ReaderAt
	size int64

	buf  []byte
	end  int   // bytes of buf that hold file
	p    int   // position in buf, in bits
	safe int   // when p is past this, call more
	next int64 // file offset of buf[end]
	eof  bool
	over bool
	err  error // of src

	crcFrom int // the frame's first byte not in crc yet
	crc     uint16
}

// start goes to a byte of the file.
func (b *bitReader) start(at int64) {
	if b.buf == nil {
		b.buf = make([]byte, min(window, max(b.size, 0))+slack)
	}
	b.next, b.end, b.p, b.safe = at, 0, 0, -1
	b.eof, b.over, b.err = false, false, nil
	b.crcFrom, b.crc = 0, 0
}

// more brings more of the file into buf. It is called when p > safe.
func (b *bitReader) more() {
	if b.eof {
		if b.p > b.end*8 {
			b.over = true
			b.p = b.end * 8
		}
		return
	}
	keep := b.p >> 3
	if keep > b.crcFrom {
		b.crc = crc16(b.crc, b.buf[b.crcFrom:keep])
		b.crcFrom = keep
	}
	copy(b.buf, b.buf[keep:b.end])
	b.end -= keep
	b.p &= 7
	b.crcFrom -= keep
	room := b.buf[b.end : len(b.buf)-slack]
	n, err := b.src.ReadAt(room, b.next)
	b.next += int64(n)
	b.end += n
	if n < len(room) || err != nil {
		if err != nil && err != io.EOF {
			b.err = err
		}
		b.eof = true
		clear(b.buf[b.end:min(b.end+slack, len(b.buf))])
		b.safe = b.end * 8
		return
	}
	b.safe = (b.end - slack) * 8
	if b.next >= b.size {
		b.eof = true
		clear(b.buf[b.end : b.end+slack])
		b.safe = b.end * 8
	}
}

// finished reports whether the file ends here, but for a tag that programs append to FLAC files too.
func (b *bitReader) finished() bool {
	if b.p > b.safe {
		b.more()
	}
	left := b.buf[b.p>>3 : b.end]
	if !b.eof || len(left) == 0 {
		return len(left) == 0
	}
	return len(left) >= 3 && string(left[:3]) == "TAG" || len(left) >= 8 && string(left[:8]) == "APETAGEX"
}

// word is the next 57 bits or more, left-aligned.
func (b *bitReader) word() uint64 {
	if b.p > b.safe {
		b.more()
	}
	return binary.BigEndian.Uint64(b.buf[b.p>>3:]) << (b.p & 7)
}

// read reads n bits, 0 to 57.
func (b *bitReader) read(n int) uint64 {
	v := b.word() >> 1 >> (63 - n)
	b.p += n
	return v
}

// signed reads n bits, 1 to 57, as a two's complement number.
func (b *bitReader) signed(n int) int64 {
	v := int64(b.word()) >> (64 - n)
	b.p += n
	return v
}

// zeros counts zeros up to the next one, which it takes. It gives up past 2^33.
func (b *bitReader) zeros() int {
	n := 0
	for {
		w := b.word()
		z := bits.LeadingZeros64(w)
		if z < 57 {
			b.p += z + 1
			return n + z
		}
		if b.over || n > 1<<33 {
			return n
		}
		n += 57
		b.p += 57
	}
}

// align steps to the next whole byte.
func (b *bitReader) align() { b.p = (b.p + 7) &^ 7 }

// begin starts a frame's checksum at the byte where p stands; sum ends it there.
func (b *bitReader) begin() { b.crcFrom, b.crc = b.p>>3, 0 }

func (b *bitReader) sum() uint16 {
	at := b.p >> 3
	b.crc = crc16(b.crc, b.buf[b.crcFrom:at])
	b.crcFrom = at
	return b.crc
}

// crcTables let crc16 take eight bytes a step: table k is the effect of a byte followed by k zero bytes.
var crcTables = func() (t [8][256]uint16) {
	for i := range 256 {
		c := uint16(i) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x8005
			} else {
				c <<= 1
			}
		}
		t[0][i] = c
	}
	for k := 1; k < 8; k++ {
		for i := range 256 {
			c := t[k-1][i]
			t[k][i] = c<<8 ^ t[0][c>>8]
		}
	}
	return t
}()

// crc16 continues a checksum with polynomial x^16+x^15+x^2+1.
func crc16(c uint16, b []byte) uint16 {
	t := &crcTables
	for len(b) >= 8 {
		c = t[7][b[0]^byte(c>>8)] ^ t[6][b[1]^byte(c)] ^ t[5][b[2]] ^ t[4][b[3]] ^
			t[3][b[4]] ^ t[2][b[5]] ^ t[1][b[6]] ^ t[0][b[7]]
		b = b[8:]
	}
	for _, v := range b {
		c = c<<8 ^ t[0][byte(c>>8)^v]
	}
	return c
}

// crc8 is the checksum of a frame header: polynomial x^8+x^2+x+1.
func crc8(b []byte) byte {
	var c byte
	for _, v := range b {
		c ^= v
		for range 8 {
			if c&0x80 != 0 {
				c = c<<1 ^ 7
			} else {
				c <<= 1
			}
		}
	}
	return c
}
