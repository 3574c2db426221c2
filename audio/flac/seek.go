package flac

import "ferric/audio"

// near is how close to a frame a search comes before decoding takes over.
const near = 32 << 10

// find gives the offset and first sample of a frame at or before at. It halves
// the file, looking each time for the next frame header; the seek table only narrows the start.
func (r *Reader) find(at audio.Frames) (offset int64, first audio.Frames) {
	lo, hi := r.sound, r.bits.size
	first = 0
	limit := r.info.Length
	if limit == 0 {
		limit = 1 << 36
	}
	for _, p := range r.points {
		off := r.sound + p.offset
		if off >= r.bits.size {
			continue
		}
		if p.frame <= at && p.frame > first {
			if got, ok := r.headerAt(off); ok && got == p.frame { // never trust a table
				lo, first = off, p.frame
			}
		}
	}
	buf := make([]byte, near)
	for hi-lo > near {
		mid := lo + (hi-lo)/2
		off, got, ok := r.headerAfter(buf, mid, hi)
		switch {
		case !ok || got > at && got < limit:
			hi = mid
		case got <= at && got > first:
			lo, first = off, got
		default: // a header that contradicts its place is no header
			hi = mid
		}
	}
	return lo, first
}

// headerAfter looks for a frame header in [from, to) of the file, at most len(buf) bytes far.
func (r *Reader) headerAfter(buf []byte, from, to int64) (offset int64, first audio.Frames, ok bool) {
	n, _ := r.bits.src.ReadAt(buf, from)
	b := buf[:n]
	for i := 0; i+1 < len(b) && from+int64(i) < to; i++ {
		if b[i] != 0xff || b[i+1]&0xfe != 0xf8 {
			continue
		}
		if h, why := parseHeader(b[i:min(i+16, len(b))], &r.info); why == "" {
			return from + int64(i), r.firstSample(h), true
		}
	}
	return 0, 0, false
}

func (r *Reader) headerAt(at int64) (audio.Frames, bool) {
	var b [16]byte
	n, _ := r.bits.src.ReadAt(b[:], at)
	h, why := parseHeader(b[:n], &r.info)
	return r.firstSample(h), why == ""
}

// firstSample is a frame's place in the stream. Frames of one size are numbered, others say it outright.
func (r *Reader) firstSample(h header) audio.Frames {
	if h.variable {
		return audio.Frames(h.number)
	}
	size := r.info.MaxBlock
	if size == 0 || r.info.MinBlock != r.info.MaxBlock {
		size = h.block
	}
	return audio.Frames(h.number) * audio.Frames(size)
}
