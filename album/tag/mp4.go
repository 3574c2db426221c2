package tag

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// MP4 is made of atoms: a size, four letters, and content that may be atoms again.
// Tags stand in moov/udta/meta/ilst: an atom a field, its value in an atom
// "data" (type, locale, value). Fields without a name of their own are "----"
// atoms with "mean" and "name" beside the data.

// atoms calls visit for every atom of s.
func (f *file) atoms(s span, visit func(name string, body span) error) error {
	pos := int64(0)
	for n := 0; pos+8 <= s.size; n++ {
		if n == maxFields {
			return f.malformed("more than %d atoms", maxFields)
		}
		head, err := s.bytes(pos, 8)
		if err != nil {
			return err
		}
		size, skip := int64(binary.BigEndian.Uint32(head)), int64(8)
		switch size {
		case 0:
			size = s.size - pos // to the end
		case 1:
			long, err := s.bytes(pos+8, 8)
			if err != nil {
				return f.malformed("breaks off")
			}
			size, skip = int64(binary.BigEndian.Uint64(long)&^(1<<63)), 16
		}
		if size < skip || size > s.size-pos {
			return f.malformed("atom of %d bytes, %d are left", size, s.size-pos)
		}
		if err := visit(string(head[4:8]), s.sub(pos+skip, size-skip)); err != nil {
			return err
		}
		pos += size
	}
	return nil
}

func (f *file) readMP4() error {
	f.begin("MP4")
	return f.descend(f.span, []string{"moov", "udta", "meta", "ilst"})
}

// descend follows path and reads the fields at its end.
func (f *file) descend(s span, path []string) error {
	if len(path) == 0 {
		return f.atoms(s, f.readField)
	}
	return f.atoms(s, func(name string, body span) error {
		if name != path[0] {
			return nil
		}
		if name == "meta" {
			body = body.sub(4, body.size) // version and flags
		}
		return f.descend(body, path[1:])
	})
}

// readField reads one atom of ilst.
func (f *file) readField(field string, body span) error {
	own := ""
	return f.atoms(body, func(name string, body span) error {
		switch name {
		case "name":
			if b, err := body.bytes(4, min(body.size-4, 200)); err == nil {
				own = decodeUTF8(b)
			}
		case "data":
			isPicture := field == "covr"
			size := body.size - 8
			if size <= 0 || isPicture && !f.wantsPicture(size) || !isPicture && size > MaxValue {
				return nil
			}
			value, err := body.bytes(8, size)
			if err != nil {
				return err
			}
			f.addAtom(field, own, value)
		}
		return nil
	})
}

func (f *file) addAtom(field, own string, value []byte) {
	switch field {
	case "covr":
		f.addPicture(Picture{Kind: 3, Data: value})
	case "trkn", "disk":
		if len(value) >= 4 {
			name := Track
			if field == "disk" {
				name = Disc
			}
			f.add(name, strconv.Itoa(int(binary.BigEndian.Uint16(value[2:]))))
		}
	case "gnre":
		if len(value) >= 2 {
			if n := int(binary.BigEndian.Uint16(value)); n > 0 && n <= len(genres) {
				f.add(Genre, genres[n-1])
			}
		}
	case "----":
		f.add(strings.ToUpper(own), decodeUTF8(value))
	default:
		f.add(mp4Fields[field], decodeUTF8(value))
	}
}

var mp4Fields = map[string]string{
	"\xa9nam": Title, "\xa9ART": Artist, "\xa9alb": Album, "aART": AlbumArtist, "\xa9day": Date, "\xa9gen": Genre,
	"\xa9wrt": Composer, "\xa9cmt": Comment, "\xa9lyr": Lyrics, "cprt": Copyright,
}
