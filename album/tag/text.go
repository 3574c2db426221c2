package tag

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The encodings an ID3 frame may declare.
const (
	latin1  = 0
	utf16x  = 1 // with a byte order mark
	utf16be = 2
	utf8x   = 3
)

// decodeText turns a declared encoding into UTF-8. What is not valid becomes U+FFFD.
func decodeText(encoding byte, b []byte) string {
	switch encoding {
	case utf16x:
		return decodeUTF16(b, binary.LittleEndian)
	case utf16be:
		return decodeUTF16(b, binary.BigEndian)
	case utf8x:
		return decodeUTF8(b)
	}
	return decodeBytes(b)
}

// decodeBytes reads text of eight bits a letter that is called Latin-1. Writers
// often mean UTF-8 or Windows-1252 by it: UTF-8 is recognised, as other text
// hardly ever happens to be valid; Windows-1252 only adds letters where Latin-1 has control characters.
func decodeBytes(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return decodeUTF8(b)
	}
	return string(s)
}

func decodeUTF8(b []byte) string {
	return strings.ToValidUTF8(string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))), "\uFFFD")
}

// decodeUTF16 obeys a byte order mark and else assumes order, unless the zero
// bytes of Latin letters show that it is the other one. An odd last byte is dropped.
func decodeUTF16(b []byte, order binary.ByteOrder) string {
	switch {
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		b, order = b[2:], binary.LittleEndian
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		b, order = b[2:], binary.BigEndian
	case len(b) >= 2 && b[0] == 0 && b[1] != 0:
		order = binary.BigEndian
	case len(b) >= 2 && b[0] != 0 && b[1] == 0:
		order = binary.LittleEndian
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// splitText cuts b at its first terminator, which is two zero bytes in UTF-16.
func splitText(encoding byte, b []byte) (text, rest []byte) {
	if encoding == utf16x || encoding == utf16be {
		for i := 0; i+1 < len(b); i += 2 {
			if b[i] == 0 && b[i+1] == 0 {
				return b[:i], b[i+2:]
			}
		}
		return b, nil
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

// decodeList decodes texts separated by terminators. Each UTF-16 text may bring its own
// byte order mark; one that does not follows the first.
func decodeList(encoding byte, b []byte) []string {
	var list []string
	var mark []byte
	for len(b) > 0 && len(list) < 1000 {
		var text []byte
		text, b = splitText(encoding, b)
		if encoding == utf16x && len(text) >= 2 {
			if isMark(text) {
				mark = text[:2]
			} else if mark != nil {
				text = append(bytes.Clone(mark), text...)
			}
		}
		if s := decodeText(encoding, text); s != "" {
			list = append(list, s)
		}
	}
	return list
}

func isMark(b []byte) bool {
	return b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff
}
