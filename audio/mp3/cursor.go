package mp3

import (
	"encoding/binary"
	"io"
)

// cursor finds frames in a file.
type cursor struct {
	src  io.ReaderAt
	size int64
	buf  []byte
	off  int64 // of buf in the file
	err  error // of src
}

const (
	windowBytes = 64 << 10
	maxJunk     = 1 << 20 // bytes without a frame before the search is given up
)

// view gives n bytes (up to windowBytes) at pos, fewer at the end of the file. They are valid until the next call.
func (c *cursor) view(pos int64, n int) []byte {
	n = int(min(int64(n), c.size-pos))
	if n <= 0 || c.err != nil {
		return nil
	}
	if pos < c.off || pos+int64(n) > c.off+int64(len(c.buf)) {
		if c.buf == nil {
			c.buf = make([]byte, windowBytes)
		}
		c.buf = c.buf[:min(windowBytes, c.size-pos)]
		m, err := c.src.ReadAt(c.buf, pos)
		if m < len(c.buf) && err != nil && err != io.EOF {
			c.err = err
		}
		c.buf, c.off = c.buf[:m], pos
		n = min(n, m)
	}
	return c.buf[pos-c.off:][:n]
}

// seek finds the next whole frame at pos or after it: one that fits like, where
// given, and else one that another frame follows. Without one it gives false, and with it the place of a frame that
// the file breaks off in, or -1.
func (c *cursor) seek(pos int64, like *header) (at int64, h header, ok bool) {
	strict := like == nil
	for start := pos; pos-start < maxJunk; pos++ {
		if !strict || pos == start {
			if next := c.skipTags(pos); next != pos {
				pos, start = next, next
			}
		}
		b := c.view(pos, 4)
		if len(b) < 4 {
			return -1, h, false
		}
		if b[0] != 0xff {
			strict = true
			continue
		}
		h, ok := parseHeader(b)
		if !ok || h.layer != 3 || h.bitrate == 0 || like != nil && !h.fits(*like) {
			strict = true
			continue
		}
		end := pos + int64(h.bytes())
		if strict && end+4 <= c.size { // after junk, one head may be an accident
			g, ok := parseHeader(c.view(end, 4))
			if !ok || !h.fits(g) {
				if next := c.skipTags(end); next == end || next < c.size {
					continue
				}
			}
		}
		if end > c.size {
			if strict && like != nil {
				continue
			}
			return pos, h, false
		}
		return pos, h, true
	}
	return -1, h, false
}

// skipTags gives the place behind the tags at pos: ID3v2, APE, and the ID3v1 that ends a file.
func (c *cursor) skipTags(pos int64) int64 {
	for {
		b := c.view(pos, 32)
		switch {
		case len(b) >= 10 && string(b[:3]) == "ID3" && b[6]|b[7]|b[8]|b[9] < 0x80:
			n := 10 + int64(b[6])<<21 + int64(b[7])<<14 + int64(b[8])<<7 + int64(b[9])
			if b[5]&0x10 != 0 {
				n += 10
			}
			pos += n
		case len(b) >= 32 && string(b[:8]) == "APETAGEX":
			n := int64(binary.LittleEndian.Uint32(b[12:]))
			if binary.LittleEndian.Uint32(b[20:])&(1<<29) != 0 { // this is its head: items and foot follow
				n += 32
			} else {
				n = 32
			}
			pos += n
		case len(b) >= 3 && string(b[:3]) == "TAG" && pos+128 >= c.size:
			return c.size
		default:
			return min(pos, c.size)
		}
		if pos >= c.size {
			return c.size
		}
	}
}

// Sniff reports whether src begins, behind its tags, with frames of layer III;
// foreign names what it holds when it is MPEG audio of another kind.
func Sniff(src io.ReaderAt, size int64) (ok bool, foreign string) {
	c := cursor{src: src, size: size}
	pos := c.skipTags(0)
	at, _, ok := c.seek(pos, nil)
	if ok || at >= 0 && at == pos {
		return true, ""
	}
	if h, ok := parseHeader(c.view(pos, 4)); ok {
		switch {
		case h.layer != 3:
			return false, "MPEG audio layer " + "I II"[2*(h.layer-1):][:h.layer]
		case h.bitrate == 0:
			return false, "free-format MP3"
		}
	}
	return false, ""
}
