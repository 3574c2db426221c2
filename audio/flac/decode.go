package flac

import (
	"encoding/binary"
	mathbits "math/bits"

	"ferric/audio"
)

// header is the head of one frame.
type header struct {
	variable bool
	number   uint64 // of the frame, or of its first sample when variable
	block    int
	assign   int // 0 to 7: that many channels less one; then the three stereo forms
	bytes    int
}

// Ways to store two channels.
const (
	leftSide  = 8
	sideRight = 9
	midSide   = 10
)

// Reasons that are told apart.
const (
	cutHeader   = "the file ends in a frame header"
	otherFormat = "the format changes within the file"
)

// parseHeader reads a frame header from b, which should hold 16 bytes or all that are left.
// why is empty when it is one that fits the stream.
func parseHeader(b []byte, info *Info) (h header, why string) {
	if len(b) < 6 {
		return h, cutHeader
	}
	if b[0] != 0xff || b[1]&0xfe != 0xf8 {
		return h, "no frame where one should begin"
	}
	h.variable = b[1]&1 != 0
	sizeCode, rateCode := b[2]>>4, b[2]&15
	h.assign = int(b[3] >> 4)
	bitsCode := b[3] >> 1 & 7
	if b[3]&1 != 0 || sizeCode == 0 || rateCode == 15 || bitsCode == 3 || h.assign > midSide {
		return h, "reserved value in a frame header"
	}

	// The number, in the manner of UTF-8 stretched to 36 bits.
	at := 4
	lead := mathbits.LeadingZeros8(^b[at])
	if lead == 1 || lead == 8 {
		return h, "broken frame number"
	}
	h.number = uint64(b[at] & (0x7f >> lead))
	at++
	for range max(lead-1, 0) {
		if at >= len(b) {
			return h, cutHeader
		}
		if b[at]&0xc0 != 0x80 {
			return h, "broken frame number"
		}
		h.number = h.number<<6 | uint64(b[at]&0x3f)
		at++
	}

	next := func(n int) (v int) {
		for range n {
			v <<= 8
			if at < len(b) {
				v |= int(b[at])
			}
			at++
		}
		return v
	}
	switch {
	case sizeCode == 1:
		h.block = 192
	case sizeCode <= 5:
		h.block = 576 << (sizeCode - 2)
	case sizeCode == 6:
		h.block = next(1) + 1
	case sizeCode == 7:
		h.block = next(2) + 1
	default:
		h.block = 256 << (sizeCode - 8)
	}
	rate := info.Rate
	switch rateCode {
	case 0:
	case 12:
		rate = audio.Rate(next(1)) * 1000
	case 13:
		rate = audio.Rate(next(2))
	case 14:
		rate = audio.Rate(next(2)) * 10
	default:
		rate = rates[rateCode]
	}
	if at >= len(b) {
		return h, cutHeader
	}
	if crc8(b[:at]) != b[at] {
		return h, "a frame header fails its checksum"
	}
	h.bytes = at + 1
	channels := 2
	if h.assign < 8 {
		channels = h.assign + 1
	}
	width := info.Bits
	if bitsCode != 0 {
		width = widths[bitsCode]
	}
	if rate != info.Rate || channels != info.Channels || width != info.Bits {
		return h, otherFormat
	}
	if h.block > 65535 {
		return h, "a frame of 65536 samples"
	}
	return h, ""
}

var (
	rates  = [12]audio.Rate{0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}
	widths = [8]int{0, 8, 12, 0, 16, 20, 24, 32}
)

// decoder turns one frame after the other into integers.
type decoder struct {
	info  Info
	head  header
	block int // samples a channel in pcm
	pcm   [][]int32
	wide  []int64 // the difference channel of 32-bit sound, which needs 33 bits
}

// decode reads the frame at b's position.
func (d *decoder) decode(b *bitReader) *audio.Error {
	if b.p > b.safe {
		b.more()
	}
	head := b.buf[b.p>>3 : b.end]
	if len(head) < 16 && !b.eof {
		b.safe = b.p - 1 // make room for a whole header
		b.more()
		head = b.buf[b.p>>3 : b.end]
	}
	if b.err != nil {
		return &audio.Error{In: "FLAC", Kind: audio.ErrTruncated, Text: "cannot read", Err: b.err}
	}
	if len(head) == 0 {
		return audio.Truncated("FLAC", 0, -1, 0)
	}
	h, why := parseHeader(head[:min(16, len(head))], &d.info)
	switch why {
	case "":
	case cutHeader:
		return audio.Truncated("FLAC", 0, -1, 0)
	case otherFormat:
		return audio.Unsupported("FLAC", "%s", why)
	default:
		return audio.Malformed("FLAC", "%s", why)
	}
	b.begin()
	b.p += h.bytes * 8
	d.head, d.block = h, h.block
	if d.pcm == nil {
		d.pcm = make([][]int32, d.info.Channels)
	}
	for c := range d.pcm {
		if cap(d.pcm[c]) < h.block {
			d.pcm[c] = make([]int32, h.block)
		}
		d.pcm[c] = d.pcm[c][:h.block]
	}
	for c := range d.pcm {
		width := d.info.Bits
		if h.assign == leftSide && c == 1 || h.assign == sideRight && c == 0 || h.assign == midSide && c == 1 {
			width++
		}
		if width > 32 {
			if cap(d.wide) < h.block {
				d.wide = make([]int64, h.block)
			}
			d.wide = d.wide[:h.block]
			why = subframe(b, d.wide, width)
		} else {
			why = subframe(b, d.pcm[c], width)
		}
		if b.p > b.end*8 && b.eof || b.over {
			if b.err != nil {
				return &audio.Error{In: "FLAC", Kind: audio.ErrTruncated, Text: "cannot read", Err: b.err}
			}
			return audio.Truncated("FLAC", 0, -1, 0)
		}
		if why != "" {
			return audio.Malformed("FLAC", "%s", why)
		}
	}
	b.align()
	want := b.sum()
	if got := uint16(b.read(16)); b.p > b.end*8 {
		return audio.Truncated("FLAC", 0, -1, 0)
	} else if got != want {
		return audio.Malformed("FLAC", "a frame fails its checksum")
	}
	if h.assign > 7 {
		d.decorrelate()
	}
	return nil
}

// decorrelate makes left and right of a frame that holds their difference.
func (d *decoder) decorrelate() {
	l, r := d.pcm[0], d.pcm[1]
	r = r[:len(l)]
	if d.info.Bits == 32 {
		for i, s := range d.wide[:len(l)] {
			switch d.head.assign {
			case leftSide:
				r[i] = int32(int64(l[i]) - s)
			case sideRight:
				l[i] = int32(int64(r[i]) + s)
			default:
				m := int64(l[i])<<1 | s&1
				l[i], r[i] = int32((m+s)>>1), int32((m-s)>>1)
			}
		}
		return
	}
	switch d.head.assign {
	case leftSide:
		for i, v := range l {
			r[i] = v - r[i]
		}
	case sideRight:
		for i, v := range r {
			l[i] += v
		}
	default:
		for i, m := range l {
			// In 32 bits: the sums of up to 31-bit sound may wrap on the way, the halves cannot.
			s := int64(r[i])
			mm := int64(m)<<1 | s&1
			l[i], r[i] = int32((mm+s)>>1), int32((mm-s)>>1)
		}
	}
}

// subframe decodes one channel of width bits into out. why is empty on success.
func subframe[T int32 | int64](b *bitReader, out []T, width int) (why string) {
	head := b.read(8)
	if head&0x80 != 0 {
		return "a subframe does not begin with a zero"
	}
	kind := int(head >> 1)
	wasted := 0
	if head&1 != 0 {
		wasted = b.zeros() + 1
		if wasted >= width {
			return "a subframe wastes all its bits"
		}
		width -= wasted
	}
	switch {
	case kind == 0:
		v := T(b.signed(width))
		for i := range out {
			out[i] = v
		}
	case kind == 1:
		for i := range out {
			out[i] = T(b.signed(width))
		}
	case kind >= 8 && kind <= 12:
		order := kind - 8
		if order > len(out) {
			return "a predictor is longer than its frame"
		}
		for i := range order {
			out[i] = T(b.signed(width))
		}
		if why := residual(b, out, order); why != "" {
			return why
		}
		restoreFixed(out, order)
	case kind >= 32:
		order := kind - 31
		if order > len(out) {
			return "a predictor is longer than its frame"
		}
		for i := range order {
			out[i] = T(b.signed(width))
		}
		precision := int(b.read(4)) + 1
		shift := int(b.signed(5))
		if precision == 16 || shift < 0 {
			return "reserved predictor precision or shift"
		}
		var coef [32]int64
		for i := range order {
			coef[i] = b.signed(precision)
		}
		if why := residual(b, out, order); why != "" {
			return why
		}
		restoreLPC(out, &coef, order, shift)
	default:
		return "reserved kind of subframe"
	}
	if wasted > 0 {
		for i := range out {
			out[i] <<= wasted
		}
	}
	return ""
}

// residual decodes the Rice-coded part of a subframe into out[order:].
func residual[T int32 | int64](b *bitReader, out []T, order int) (why string) {
	method := b.read(2)
	if method > 1 {
		return "reserved residual coding"
	}
	paramBits := 4 + int(method)
	escape := 1<<paramBits - 1
	parts := 1 << b.read(4)
	size := len(out) / parts
	if size*parts != len(out) || size < order {
		return "residual partitions do not fit the frame"
	}
	rest := out[order:]
	n := size - order
	for range parts {
		k := int(b.read(paramBits))
		if k == escape {
			raw := int(b.read(5))
			part := rest[:n]
			if raw == 0 {
				clear(part)
			} else {
				for i := range part {
					part[i] = T(b.signed(raw))
				}
			}
		} else if !rice(b, rest[:n], k) {
			return "a residual is too large"
		}
		rest = rest[n:]
		n = size
	}
	return ""
}

// rice decodes len(out) numbers: zeros, a one, k bits; the lowest bit is the sign.
func rice[T int32 | int64](b *bitReader, out []T, k int) bool {
	k &= 31
	buf, p, safe := b.buf, b.p, b.safe
	for i := range out {
		if p > safe {
			b.p = p
			b.more()
			buf, p, safe = b.buf, b.p, b.safe
			if b.over {
				return true // the caller looks
			}
		}
		w := binary.BigEndian.Uint64(buf[p>>3:]) << (p & 7)
		q := mathbits.LeadingZeros64(w)
		var v uint64
		if q+1+k <= 57 {
			v = uint64(q)<<k | w<<((q+1)&63)>>1>>(63-k)
			p += q + 1 + k
		} else {
			b.p = p
			q = b.zeros()
			if q > 1<<(32-k) {
				return b.over
			}
			v = uint64(q)<<k | b.read(k)
			buf, p, safe = b.buf, b.p, b.safe
		}
		out[i] = T(v>>1) ^ -T(v&1)
	}
	b.p = p
	return true
}

// restoreFixed undoes the polynomial predictors: order n extrapolates a polynomial of degree n-1.
func restoreFixed[T int32 | int64](out []T, order int) {
	if len(out) == order {
		return
	}
	switch order {
	case 1:
		a := out[0]
		for i := 1; i < len(out); i++ {
			a += out[i]
			out[i] = a
		}
	case 2:
		b, a := out[0], out[1]
		for i := 2; i < len(out); i++ {
			v := out[i] + 2*a - b
			out[i] = v
			b, a = a, v
		}
	case 3:
		c, b, a := out[0], out[1], out[2]
		for i := 3; i < len(out); i++ {
			v := out[i] + 3*(a-b) + c
			out[i] = v
			c, b, a = b, a, v
		}
	case 4:
		d, c, b, a := out[0], out[1], out[2], out[3]
		for i := 4; i < len(out); i++ {
			v := out[i] + 4*(a+c) - 6*b - d
			out[i] = v
			d, c, b, a = c, b, a, v
		}
	}
}

// restoreLPC undoes a linear predictor; coef[0] weighs the newest sample. Orders
// up to 8 and up to 12, which encoders use, run unrolled with zeros for what they lack.
func restoreLPC[T int32 | int64](out []T, coef *[32]int64, order, shift int) {
	shift &= 31
	i := order
	lead := 0
	switch {
	case order <= 8:
		lead = 8
	case order <= 12:
		lead = 12
	}
	for ; i < min(lead, len(out)); i++ { // too early for the unrolled loop
		var sum int64
		for j := range order {
			sum += coef[j] * int64(out[i-1-j])
		}
		out[i] += T(sum >> shift)
	}
	switch lead {
	case 8:
		c0, c1, c2, c3, c4, c5, c6, c7 := coef[0], coef[1], coef[2], coef[3], coef[4], coef[5], coef[6], coef[7]
		for ; i < len(out); i++ {
			h := out[i-8 : i+1 : i+1]
			_ = h[8]
			sum := c7*int64(h[0]) + c6*int64(h[1]) + c5*int64(h[2]) + c4*int64(h[3]) +
				(c3*int64(h[4]) + c2*int64(h[5]) + c1*int64(h[6])) + c0*int64(h[7])
			h[8] += T(sum >> shift)
		}
	case 12:
		for ; i < len(out); i++ {
			h := out[i-12 : i+1 : i+1]
			_ = h[12]
			sum := coef[11]*int64(h[0]) + coef[10]*int64(h[1]) + coef[9]*int64(h[2]) + coef[8]*int64(h[3]) +
				coef[7]*int64(h[4]) + coef[6]*int64(h[5]) + coef[5]*int64(h[6]) + coef[4]*int64(h[7]) +
				(coef[3]*int64(h[8]) + coef[2]*int64(h[9]) + coef[1]*int64(h[10])) + coef[0]*int64(h[11])
			h[12] += T(sum >> shift)
		}
	default:
		for ; i < len(out); i++ {
			h := out[i-order : i]
			var sum int64
			for j, v := range h {
				sum += coef[(order-1-j)&31] * int64(v)
			}
			out[i] += T(sum >> shift)
		}
	}
}
