package mp3

import mathbits "math/bits"

// Codes of up to firstBits bits are found with one look, longer ones with two.
const firstBits = 9

// lookup is a Huffman code made for looking up. An entry is length<<8 | x<<4 | y;
// or, when its length is 0, a place behind the first 512 entries <<8 | how many more bits index it.
type lookup []uint32

// lookups holds every table by its number; nil for the tables that say only zeros.
var lookups = func() (t [34]lookup) {
	for n := range t {
		k := n
		if n >= 16 && n < 24 {
			k = 16
		} else if n >= 24 && n < 32 {
			k = 24
		}
		if c, ok := codeTables[k]; ok {
			t[n] = c.lookup()
		}
	}
	return t
}()

func (c codeTable) lookup() lookup {
	t := make(lookup, 1<<firstBits)
	extra := [1 << firstBits]int{} // longest rest of the codes with this beginning
	for _, code := range c.codes {
		if n := mathbits.Len32(code) - 1; n > firstBits {
			head := code >> (n - firstBits) & (1<<firstBits - 1)
			extra[head] = max(extra[head], n-firstBits)
		}
	}
	for head, n := range extra {
		if n > 0 {
			t[head] = uint32(len(t))<<8 | uint32(n)
			t = append(t, make(lookup, 1<<n)...)
		}
	}
	for i, code := range c.codes {
		n := mathbits.Len32(code) - 1
		code &^= 1 << n
		x, y := i/c.width, i%c.width
		entry := uint32(n<<8 | x<<4 | y)
		at, room := 0, firstBits
		if n > firstBits {
			head := code >> (n - firstBits)
			at, room = int(t[head]>>8), int(t[head]&0xff)
			code &= 1<<(n-firstBits) - 1
			n -= firstBits
		}
		from := at + int(code)<<(room-n)
		for j := range 1 << (room - n) {
			t[from+j] = entry
		}
	}
	return t
}

// find decodes the code at the top of w; its length is entry>>8.
func (t lookup) find(w uint64) uint32 {
	e := t[w>>(64-firstBits)]
	if n := e & 0xff; len(t) > 1<<firstBits && e>>8 >= 1<<firstBits {
		e = t[e>>8+uint32(w<<firstBits>>1>>(63-n))]
	}
	return e
}
