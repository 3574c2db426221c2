package tag

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Ogg cuts packets into segments of up to 255 bytes and packs those into pages: a
// segment shorter than 255 ends its packet. The first packet of a stream says what
// it is, the second holds the comments; FLAC in Ogg has a packet for every metadata block. RFC 3533.

// readOgg reads the comments of the first stream that is music.
func (f *file) readOgg() error {
	f.begin("Ogg")
	p := &packets{span: f.span}
	first, err := io.ReadAll(io.LimitReader(p, 1<<16))
	if err != nil {
		return f.malformed("%v", err)
	}
	switch {
	case bytes.HasPrefix(first, []byte("\x01vorbis")):
		return f.readOggComments(p, "\x03vorbis")
	case bytes.HasPrefix(first, []byte("OpusHead")):
		return f.readOggComments(p, "OpusTags")
	case bytes.HasPrefix(first, []byte("Speex   ")):
		return f.readOggComments(p, "")
	case bytes.HasPrefix(first, []byte("\x7fFLAC")):
		return f.readOggFLAC(p)
	}
	return nil
}

func (f *file) readOggComments(p *packets, magic string) error {
	if err := p.next(); err != nil {
		return f.malformed("no comments: %v", err)
	}
	r := bufio.NewReaderSize(io.LimitReader(p, maxTag), 1<<12)
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(r, head); err != nil || string(head) != magic {
		return f.malformed("no comments in the second packet")
	}
	return f.readComments(r, min(maxTag, f.size))
}

func (f *file) readOggFLAC(p *packets) error {
	for range 100 {
		if err := p.next(); err != nil {
			return f.malformed("breaks off in its metadata: %v", err)
		}
		b, err := io.ReadAll(io.LimitReader(p, MaxPicture))
		if err != nil {
			return f.malformed("%v", err)
		}
		if len(b) < 4 || b[0] == 0xff {
			return nil // sound
		}
		if err := f.readBlock(b[0]&0x7f, span{bytes.NewReader(b[4:]), 0, int64(len(b) - 4)}); err != nil {
			return err
		}
		if b[0]&0x80 != 0 {
			return nil
		}
	}
	return nil
}

// packets reads the packets of an Ogg file's first stream, one after another. Read gives io.EOF at the end of each.
type packets struct {
	span
	pos     int64  // of the next page
	data    int64  // of the next byte in this page
	lacing  []byte // segments of this page that are still to come
	segment int64  // bytes of this segment that are still to come
	last    bool   // this segment ends its packet
	done    bool   // the packet has been read
	serial  uint32
	opened  bool
	pages   int
}

// maxPages is how many pages are looked at: a picture of 64 MiB fits into pages of 4 KiB, and a file of empty pages comes to an end.
const maxPages = 50_000

func (p *packets) Read(b []byte) (int, error) {
	for p.segment == 0 {
		if p.done {
			return 0, io.EOF
		}
		if p.last {
			p.done = true
			return 0, io.EOF
		}
		if err := p.advance(); err != nil {
			return 0, err
		}
	}
	n := int(min(int64(len(b)), p.segment))
	got, err := p.r.ReadAt(b[:n], p.off+p.data)
	if got < n {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	p.data += int64(n)
	p.segment -= int64(n)
	return n, nil
}

// next goes to the packet after this one.
func (p *packets) next() error {
	if !p.done {
		if _, err := io.Copy(io.Discard, io.LimitReader(p, maxTag)); err != nil {
			return err
		}
		if !p.done {
			return io.ErrUnexpectedEOF
		}
	}
	p.done, p.last = false, false
	return nil
}

// advance goes to the next segment, in the next page where this one has no more.
// Runs of full segments are taken together.
func (p *packets) advance() error {
	for len(p.lacing) == 0 {
		if p.pages++; p.pages > maxPages {
			return errors.New("too many pages without comments")
		}
		head, err := p.bytes(p.pos, 27)
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		if string(head[:4]) != "OggS" {
			return io.ErrUnexpectedEOF
		}
		lacing, err := p.bytes(p.pos+27, int64(head[26]))
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		size := int64(0)
		for _, l := range lacing {
			size += int64(l)
		}
		data := p.pos + 27 + int64(len(lacing))
		if size > p.size-data {
			return io.ErrUnexpectedEOF
		}
		p.pos = data + size
		serial := binary.LittleEndian.Uint32(head[14:18])
		if !p.opened {
			p.serial, p.opened = serial, true
		}
		if serial == p.serial {
			p.data, p.lacing = data, lacing
		}
	}
	for len(p.lacing) > 0 {
		l := p.lacing[0]
		p.lacing = p.lacing[1:]
		p.segment += int64(l)
		if l < 255 {
			p.last = true
			break
		}
	}
	return nil
}
