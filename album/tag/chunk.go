package tag

import (
	"encoding/binary"
	"strings"
)

// WAV and AIFF are files of chunks: four letters, a size, that many bytes, and a
// zero where the size was odd. Tags stand in a LIST chunk of type INFO, in
// chunks of their own (AIFF), or as a whole ID3 tag in an "id3 " chunk.

// chunks calls visit for every chunk from pos on. A chunk that reaches beyond the
// file is visited with what there is of it, and is the last.
func (f *file) chunks(s span, pos int64, order binary.ByteOrder, visit func(id string, body span, declared int64) (size int64, err error)) error {
	for n := 0; pos+8 <= s.size; n++ {
		if n == maxFields {
			return f.malformed("more than %d chunks", maxFields)
		}
		head, err := s.bytes(pos, 8)
		if err != nil {
			return err
		}
		declared := int64(order.Uint32(head[4:]))
		size, err := visit(string(head[:4]), s.sub(pos+8, declared), declared)
		if err != nil {
			return err
		}
		if size > s.size-pos-8 {
			return nil
		}
		pos += 8 + size + size&1
	}
	return nil
}

// readRIFF reads WAV, and RF64 and BW64, which keep the size of the sound in a chunk "ds64".
func (f *file) readRIFF() error {
	f.begin("RIFF INFO")
	info := f.own // INFO and id3 may stand in any order: id3 says more and goes first
	var list, id3 span
	var long int64
	err := f.chunks(f.span, 12, binary.LittleEndian, func(id string, body span, declared int64) (int64, error) {
		switch id {
		case "ds64":
			if b, err := body.bytes(8, 8); err == nil {
				long = int64(binary.LittleEndian.Uint64(b) &^ (1 << 63))
			}
		case "data":
			if declared == 0xffffffff && long > 0 {
				return long, nil
			}
		case "id3 ", "ID3 ":
			id3 = body
		case "LIST":
			if kind, err := body.bytes(0, 4); err == nil && string(kind) == "INFO" {
				list = body
			}
		}
		return declared, nil
	})
	if id3.size > 0 {
		if _, id3Err := f.readID3(id3); err == nil {
			err = id3Err
		}
	}
	f.kind, f.own = "RIFF INFO", info
	if list.size > 0 {
		listErr := f.chunks(list, 4, binary.LittleEndian, func(id string, body span, declared int64) (int64, error) {
			f.addChunk(infoFields[strings.ToUpper(id)], body)
			return declared, nil
		})
		if err == nil {
			err = listErr
		}
	}
	return err
}

func (f *file) readAIFF() error {
	f.begin("AIFF text")
	own := f.own
	var id3 span
	var texts []func()
	err := f.chunks(f.span, 12, binary.BigEndian, func(id string, body span, declared int64) (int64, error) {
		if id == "ID3 " || id == "id3 " {
			id3 = body
		} else if field, ok := aiffFields[id]; ok {
			texts = append(texts, func() { f.addChunk(field, body) })
		}
		return declared, nil
	})
	if id3.size > 0 {
		if _, id3Err := f.readID3(id3); err == nil {
			err = id3Err
		}
	}
	f.kind, f.own = "AIFF text", own
	for _, add := range texts {
		add()
	}
	return err
}

func (f *file) addChunk(field string, body span) {
	if field == "" || body.size > MaxValue {
		return
	}
	if b, err := body.bytes(0, body.size); err == nil {
		text, _ := splitText(latin1, b)
		f.add(field, decodeBytes(text))
	}
}

var infoFields = map[string]string{
	"INAM": Title, "IART": Artist, "IPRD": Album, "IAAR": AlbumArtist, "ITRK": Track, "IPRT": Track, "ICRD": Date,
	"IGNR": Genre, "ICMT": Comment, "ICOP": Copyright, "IMUS": Composer, "IWRI": Lyricist, "IENG": Engineer, "IPRO": Producer,
}

var aiffFields = map[string]string{"NAME": Title, "AUTH": Artist, "(c) ": Copyright, "ANNO": Comment}
