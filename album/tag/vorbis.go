package tag

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// A Vorbis comment is a vendor's name, a count, and as many texts "NAME=value"
// in UTF-8, each with its length in front, little-endian. A picture stands in a
// FLAC block of its own, or as METADATA_BLOCK_PICTURE with that block in base64.
// https://xiph.org/vorbis/doc/v-comment.html, RFC 9639 section 8.

// readFLAC reads the metadata blocks of the FLAC stream at off.
func (f *file) readFLAC(off int64) error {
	f.begin("FLAC")
	pos := off + 4
	for n := 0; ; n++ {
		if n == maxFields {
			return f.malformed("more than %d metadata blocks", maxFields)
		}
		head, err := f.bytes(pos, 4)
		if err != nil {
			return f.malformed("breaks off in its metadata")
		}
		size := int64(head[1])<<16 | int64(head[2])<<8 | int64(head[3])
		block := f.sub(pos+4, size)
		if err := f.readBlock(head[0]&0x7f, block); err != nil {
			return err
		}
		if block.size < size {
			return f.malformed("metadata block of %d bytes, the file has %d left", size, block.size)
		}
		pos += 4 + size
		if head[0]&0x80 != 0 {
			return nil
		}
	}
}

// readBlock reads a FLAC metadata block: 4 is a Vorbis comment, 6 a picture.
func (f *file) readBlock(kind byte, block span) error {
	switch kind {
	case 4:
		return f.readComments(block.reader(), block.size)
	case 6:
		if !f.wantsPicture(block.size) {
			return nil
		}
		b, err := block.bytes(0, block.size)
		if err != nil {
			return err
		}
		return f.pictureBlock(b)
	}
	return nil
}

// readComments reads a Vorbis comment from r, which holds at most left bytes.
func (f *file) readComments(r io.Reader, left int64) error {
	f.begin("Vorbis comment")
	var word [4]byte
	length := func() (int64, error) {
		if _, err := io.ReadFull(r, word[:]); err != nil {
			return 0, f.malformed("breaks off")
		}
		left -= 4
		return int64(binary.LittleEndian.Uint32(word[:])), nil
	}
	take := func(n int64, keep bool) ([]byte, error) {
		if n > left {
			return nil, f.malformed("text of %d bytes, %d are left", n, left)
		}
		left -= n
		if !keep {
			if got, err := io.CopyN(io.Discard, r, n); got < n {
				return nil, f.malformed("breaks off: %v", err)
			}
			return nil, nil
		}
		// ReadAll grows with what arrives; a declared length alone allocates nothing.
		b, err := io.ReadAll(io.LimitReader(r, n))
		if err == nil && int64(len(b)) < n {
			err = f.malformed("breaks off")
		}
		return b, err
	}

	n, err := length()
	if err == nil {
		_, err = take(n, false) // the vendor
	}
	if err != nil {
		return err
	}
	count, err := length()
	if err != nil {
		return err
	}
	const nameMax = 64 // enough to know a picture by
	var coverArt []byte
	for i := int64(0); i < count; i++ {
		if i == maxFields {
			return f.malformed("says %d fields, the first %d are read", count, maxFields)
		}
		n, err := length()
		if err != nil {
			return err
		}
		start, err := take(min(n, nameMax), true)
		if err != nil {
			return err
		}
		rest := n - int64(len(start))
		name, _, _ := strings.Cut(strings.ToUpper(string(start)), "=")
		isPicture := name == "METADATA_BLOCK_PICTURE" || name == "COVERART"
		keep := !isPicture && n <= MaxValue || isPicture && f.wantsPicture(n/4*3)
		tail, err := take(rest, keep)
		if err != nil {
			return err
		}
		if !keep {
			continue
		}
		_, value, found := bytes.Cut(append(start, tail...), []byte("="))
		if !found {
			continue
		}
		switch name {
		case "METADATA_BLOCK_PICTURE":
			b, err := unbase64(value)
			if err != nil {
				return f.malformed("picture: %v", err)
			}
			if err := f.pictureBlock(b); err != nil {
				return err
			}
		case "COVERART":
			coverArt, _ = unbase64(value)
		default:
			f.add(name, decodeUTF8(value))
		}
	}
	if coverArt != nil {
		f.addPicture(Picture{MIME: f.tags.Get("COVERARTMIME"), Kind: 3, Data: coverArt})
	}
	return nil
}

// pictureBlock reads a FLAC picture block: kind, MIME, text, four numbers about the image, the image.
func (f *file) pictureBlock(b []byte) error {
	short := false
	word := func() uint32 {
		if len(b) < 4 {
			short, b = true, nil
			return 0
		}
		v := binary.BigEndian.Uint32(b)
		b = b[4:]
		return v
	}
	take := func() []byte {
		n := int64(word())
		if n > int64(len(b)) {
			short = true
			n = int64(len(b))
		}
		v := b[:n]
		b = b[n:]
		return v
	}
	p := Picture{Kind: int(word())}
	p.MIME = decodeBytes(take())
	p.Text = decodeUTF8(take())
	for range 4 {
		word() // width, height, depth, colours: the image itself knows better
	}
	p.Data = take()
	if short {
		return f.malformed("picture breaks off")
	}
	if p.MIME != "-->" { // a link, not a picture
		f.addPicture(p)
	}
	return nil
}

func unbase64(b []byte) ([]byte, error) {
	b = bytes.TrimRight(bytes.TrimSpace(b), "=")
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	n, err := base64.RawStdEncoding.Decode(out, b)
	if err != nil {
		return nil, errors.New("not base64")
	}
	return out[:n], nil
}
