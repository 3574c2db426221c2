// Package ogg takes Ogg files apart (RFC 3533): the container of Vorbis and Opus.
//
// An Ogg file is a chain of pages of at most 64 KiB, each with a checksum, the
// serial number of the stream it belongs to, and a granule position: how many
// samples of that stream are complete at the page's end. A page's lacing table
// cuts its bytes into packets; a packet may run over many pages. Streams can lie
// side by side (with video, say) or follow one another, each from a first page to a last: a
// chained file. The Reader gives the packets of the streams that it was told to
// follow, one after the other.
package ogg

import (
	"bytes"
	"encoding/binary"
	"io"

	"ferric/audio"
)

// Flags of a page.
const (
	flagContinued = 1
	flagFirst     = 2
	flagLast      = 4
)

const (
	pageHead = 27
	maxPage  = pageHead + 255 + 255*255
)

// Packet is one packet of the stream.
type Packet struct {
	Data    []byte // valid until the next call; at most as long as was asked for
	Size    int64  // its true length
	Granule int64  // of the page that it ends on: the position after the last packet there
	Ends    bool   // it is that last packet
	Closing bool   // that page closes the stream
	First   bool   // it opens a new stream
}

// Reader reads packets. It holds one page and one packet.
type Reader struct {
	src   io.ReaderAt
	size  int64
	at    int64  // of the next page
	magic string // what the first packet of a stream to follow begins with

	serial   uint32
	sequence uint32 // of the stream's next page
	inside   bool   // between a followed stream's first page and its last
	seen     bool   // a followed stream
	page     []byte
	lace     int // next entry of the page's lacing table, which ends at laceEnd
	laceEnd  int
	body     int // next byte of the page's packets
	flags    byte
	granule  int64
	first    bool

	packet []byte
}

// NewReader follows the streams in src whose first packet begins with magic.
func NewReader(src io.ReaderAt, size int64, magic string) *Reader {
	return &Reader{src: src, size: size, magic: magic, page: make([]byte, maxPage)}
}

// Clone is a second Reader at the same place, to look ahead with.
func (r *Reader) Clone() *Reader {
	c := *r
	c.page = append([]byte(nil), r.page...)
	c.packet = nil
	return &c
}

// Sniff reports whether head starts an Ogg file.
func Sniff(head []byte) bool { return len(head) >= 4 && string(head[:4]) == "OggS" }

// Next gives the next packet, keeping its first keep bytes. It returns io.EOF
// behind the last stream, and an *audio.Error (ErrFormat, ErrTruncated) before.
func (r *Reader) Next(keep int) (Packet, error) {
	var p Packet
	r.packet = r.packet[:0]
	begun := false
	for {
		for r.lace == r.laceEnd {
			if err := r.nextPage(); err != nil {
				if err == io.EOF && begun {
					err = audio.Truncated("Ogg", 0, -1, 0)
				}
				return Packet{}, err
			}
			if continued := r.flags&flagContinued != 0; continued && !begun {
				r.piece() // of a packet that began before what we have
			} else if begun && !continued {
				return Packet{}, audio.Malformed("Ogg", "a packet is not continued")
			}
		}
		data, whole := r.piece()
		p.Size += int64(len(data))
		begun = true
		if room := keep - len(r.packet); room > 0 {
			r.packet = append(r.packet, data[:min(room, len(data))]...)
		}
		if !whole {
			continue
		}
		p.Data, p.Granule = r.packet, r.granule
		p.First, r.first = r.first, false
		p.Ends, p.Closing = r.noneEnds(), r.flags&flagLast != 0
		if p.Ends && p.Closing {
			r.inside = false
		}
		return p, nil
	}
}

// piece takes the next packet off the page, or as much of it as the page holds.
func (r *Reader) piece() (data []byte, whole bool) {
	from := r.body
	for r.lace < r.laceEnd {
		l := r.page[r.lace]
		r.lace++
		r.body += int(l)
		if l < 255 {
			whole = true
			break
		}
	}
	return r.page[from:r.body], whole
}

// noneEnds reports whether no further packet ends on this page.
func (r *Reader) noneEnds() bool {
	for _, l := range r.page[r.lace:r.laceEnd] {
		if l < 255 {
			return false
		}
	}
	return true
}

// nextPage reads pages until one belongs to a followed stream.
func (r *Reader) nextPage() error {
	for {
		if r.at >= r.size {
			switch {
			case r.inside:
				return audio.Truncated("Ogg", 0, -1, 0)
			case !r.seen:
				return audio.Malformed("Ogg", "no stream of this kind in it")
			}
			return io.EOF
		}
		n, err := r.readPage()
		if err != nil {
			return err
		}
		if n == 0 { // something else follows the last stream: a tag
			return io.EOF
		}
		r.at += int64(n)
		serial, sequence := binary.LittleEndian.Uint32(r.page[14:]), binary.LittleEndian.Uint32(r.page[18:])
		if r.flags&flagFirst != 0 && !r.inside && bytes.HasPrefix(r.page[r.body:n], []byte(r.magic)) {
			r.serial, r.sequence = serial, sequence
			r.inside, r.seen, r.first = true, true, true
		}
		if !r.inside || serial != r.serial {
			r.lace = r.laceEnd
			continue
		}
		if sequence != r.sequence {
			return audio.Malformed("Ogg", "a page is missing")
		}
		r.sequence++
		if r.lace == r.laceEnd && r.flags&flagLast != 0 { // an empty page may close a stream
			r.inside = false
		}
		return nil
	}
}

// readPage reads the page at r.at into r.page and returns its length, 0 when there is none and none is due.
func (r *Reader) readPage() (int, error) {
	want := min(int64(len(r.page)), r.size-r.at)
	n, err := r.src.ReadAt(r.page[:want], r.at)
	if int64(n) < want && err != nil && err != io.EOF {
		return 0, &audio.Error{In: "Ogg", Kind: audio.ErrTruncated, Text: "cannot read", Err: err}
	}
	b := r.page[:n]
	if !Sniff(b) {
		if !r.inside && r.seen {
			return 0, nil
		}
		if n < 4 {
			return 0, audio.Truncated("Ogg", 0, -1, 0)
		}
		return 0, audio.Malformed("Ogg", "no page where one should begin")
	}
	if n < pageHead || n < pageHead+int(b[26]) {
		return 0, audio.Truncated("Ogg", 0, -1, 0)
	}
	if b[4] != 0 {
		return 0, audio.Unsupported("Ogg", "Ogg version %d", b[4])
	}
	lacing := b[pageHead : pageHead+int(b[26])]
	total := pageHead + len(lacing)
	for _, l := range lacing {
		total += int(l)
	}
	if total > n {
		return 0, audio.Truncated("Ogg", 0, -1, 0)
	}
	b = b[:total]
	want32 := binary.LittleEndian.Uint32(b[22:])
	clear(b[22:26])
	if crc(b) != want32 {
		return 0, audio.Malformed("Ogg", "a page fails its checksum")
	}
	r.flags = b[5]
	r.granule = int64(binary.LittleEndian.Uint64(b[6:]))
	r.lace, r.laceEnd = pageHead, pageHead+len(lacing)
	r.body = r.laceEnd
	return total, nil
}

// End looks through the page heads, from the front, for the last granule position of a file's followed stream.
// It returns -1 when more than one followed stream is in the file or when none says.
func (r *Reader) End() int64 {
	end, count := int64(-1), 0
	var serial uint32
	var b [pageHead + 255 + 16]byte
	for at := int64(0); at < r.size; {
		n, _ := r.src.ReadAt(b[:min(int64(len(b)), r.size-at)], at)
		if n < pageHead || !Sniff(b[:]) || n < pageHead+int(b[26]) {
			break
		}
		head := pageHead + int(b[26])
		total := head
		for _, l := range b[pageHead:head] {
			total += int(l)
		}
		id := binary.LittleEndian.Uint32(b[14:])
		if b[5]&flagFirst != 0 && n >= head+len(r.magic) && string(b[head:head+len(r.magic)]) == r.magic {
			serial = id
			if count++; count > 1 {
				return -1
			}
		}
		if g := int64(binary.LittleEndian.Uint64(b[6:])); count > 0 && id == serial && g >= 0 && at+int64(total) <= r.size {
			end = g
		}
		at += int64(total)
	}
	return end
}

var crcTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ 0x04c11db7
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}()

func crc(b []byte) uint32 {
	var c uint32
	for _, v := range b {
		c = c<<8 ^ crcTable[byte(c>>24)^v]
	}
	return c
}
