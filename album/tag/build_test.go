package tag

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// Files for the tests are built here byte by byte, so that each can be wrong in just one place.

func readBytes(t testing.TB, b []byte) (*Tags, error) {
	t.Helper()
	return Read(bytes.NewReader(b), int64(len(b)), Options{Pictures: true})
}

func cat(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		case int:
			b = append(b, byte(p))
		case byte:
			b = append(b, p)
		default:
			panic(p)
		}
	}
	return b
}

func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }

func safe(n int) []byte {
	return []byte{byte(n >> 21 & 127), byte(n >> 14 & 127), byte(n >> 7 & 127), byte(n & 127)}
}

func id3(major int, flags byte, frames ...[]byte) []byte {
	body := bytes.Join(frames, nil)
	return cat("ID3", major, 0, flags, safe(len(body)), body)
}

// frame makes a frame of version major.
func frame(major int, name string, flags int, body []byte) []byte {
	switch major {
	case 2:
		return cat(name, be32(len(body))[1:], body)
	case 3:
		return cat(name, be32(len(body)), be16(flags), body)
	}
	return cat(name, safe(len(body)), be16(flags), body)
}

func comments(pairs ...string) []byte {
	b := cat(le32(3), "ven", le32(len(pairs)))
	for _, p := range pairs {
		b = append(append(b, le32(len(p))...), p...)
	}
	return b
}

func flacBlock(kind int, last bool, body []byte) []byte {
	if last {
		kind |= 0x80
	}
	return cat(kind, be32(len(body))[1:], body)
}

func flacPicture(kind int, mime, text string, data []byte) []byte {
	return cat(be32(kind), be32(len(mime)), mime, be32(len(text)), text, be32(1), be32(1), be32(24), be32(0), be32(len(data)), data)
}

func flacFile(blocks ...[]byte) []byte {
	b := cat("fLaC", flacBlock(0, len(blocks) == 0, make([]byte, 34)))
	for _, block := range blocks {
		b = append(b, block...)
	}
	return b
}

// oggPages cuts packets into pages of at most most segments each.
func oggPages(serial, most int, packets ...[]byte) []byte {
	var lacing, data, file []byte
	flush := func() {
		file = cat(file, "OggS", 0, 0, make([]byte, 8), le32(serial), le32(0), le32(0), len(lacing), lacing, data)
		lacing, data = nil, nil
	}
	for _, p := range packets {
		for {
			n := min(len(p), 255)
			lacing, data = append(lacing, byte(n)), append(data, p[:n]...)
			p = p[n:]
			if len(lacing) == most {
				flush()
			}
			if n < 255 {
				break
			}
		}
	}
	flush()
	return file
}

func chunk(order binary.ByteOrder, id string, body []byte) []byte {
	size := make([]byte, 4)
	order.PutUint32(size, uint32(len(body)))
	b := cat(id, size, body)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func riff(chunks ...[]byte) []byte {
	return chunk(binary.LittleEndian, "RIFF", cat("WAVE", bytes.Join(chunks, nil)))
}

func aiff(chunks ...[]byte) []byte {
	return chunk(binary.BigEndian, "FORM", cat("AIFF", bytes.Join(chunks, nil)))
}

func atom(name string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return cat(be32(8+len(b)), name, b)
}

func dataAtom(kind int, value any) []byte { return atom("data", be32(kind), be32(0), cat(value)) }

func mp4(fields ...[]byte) []byte {
	return cat(atom("ftyp", []byte("M4A \x00\x00\x00\x00")), atom("free", make([]byte, 5)),
		atom("moov", atom("mvhd", make([]byte, 20)), atom("udta", atom("meta", be32(0), atom("hdlr", make([]byte, 20)), atom("ilst", fields...)))))
}

func apeItem(flags int, name string, value []byte) []byte {
	return cat(le32(len(value)), le32(flags), name, 0, value)
}

func ape(items ...[]byte) []byte {
	body := bytes.Join(items, nil)
	return cat(body, "APETAGEX", le32(2000), le32(len(body)+32), le32(len(items)), le32(0), make([]byte, 8))
}

func id3v1(title string, track, genre int) []byte {
	b := make([]byte, 128)
	copy(b, "TAG")
	copy(b[3:33], title)
	copy(b[93:97], "1987")
	b[126], b[127] = byte(track), byte(genre)
	return b
}
