package tag

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// readAPE reads an APEv2 tag: at the end of the file, or before the 128 bytes of
// ID3v1, a footer of 32 bytes ("APETAGEX", version, size, count, flags), and before
// the footer the items: size, flags, name, zero, value.
func (f *file) readAPE() error {
	f.begin("APEv2")
	const footer = 32
	var foot []byte
	var end int64
	for _, end = range []int64{f.size, f.size - 128} {
		b, err := f.bytes(end-footer, footer)
		if err == nil && string(b[:8]) == "APETAGEX" {
			foot = b
			break
		}
	}
	if foot == nil {
		return nil
	}
	size := int64(binary.LittleEndian.Uint32(foot[12:])) // items and footer
	count := binary.LittleEndian.Uint32(foot[16:])
	if size < footer || size > end {
		return f.malformed("says %d bytes, the file has %d", size, end)
	}
	items := f.sub(end-size, size-footer)
	pos := int64(0)
	for n := uint32(0); n < count && pos < items.size; n++ {
		if n == maxFields {
			return f.malformed("says %d items, the first %d are read", count, maxFields)
		}
		head, err := items.bytes(pos, min(8+256, items.size-pos))
		if err != nil || len(head) < 8 {
			return f.malformed("breaks off")
		}
		length := int64(binary.LittleEndian.Uint32(head))
		binaryItem := binary.LittleEndian.Uint32(head[4:])>>1&3 != 0
		name, _, ended := bytes.Cut(head[8:], []byte{0})
		if !ended {
			return f.malformed("item without a name")
		}
		pos += 8 + int64(len(name)) + 1
		if length > items.size-pos {
			return f.malformed("item of %d bytes, %d are left", length, items.size-pos)
		}
		isPicture := strings.HasPrefix(strings.ToLower(string(name)), "cover art")
		if isPicture && f.wantsPicture(length) || !isPicture && !binaryItem && length <= MaxValue {
			value, err := items.bytes(pos, length)
			if err != nil {
				return err
			}
			f.addItem(string(name), value, isPicture)
		}
		pos += length
	}
	return nil
}

func (f *file) addItem(name string, value []byte, isPicture bool) {
	if isPicture {
		// The value is a file name, a zero, the image.
		_, data, found := bytes.Cut(value, []byte{0})
		if found {
			kind := 0
			if strings.Contains(strings.ToLower(name), "front") {
				kind = 3
			}
			f.addPicture(Picture{Kind: kind, Data: data})
		}
		return
	}
	for _, v := range bytes.Split(value, []byte{0}) {
		f.add(name, decodeUTF8(v))
	}
}
