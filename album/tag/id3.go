package tag

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ID3v2: a header of ten bytes ("ID3", version, flags, size in 4 x 7 bits), an
// optional extended header, then frames. A frame is a name, a size, flags and a
// body; in 2.2 names have three letters and sizes three bytes, in 2.3 four plain
// bytes, in 2.4 four bytes of seven bits. "Unsynchronisation" puts a zero after
// every 0xff so that no decoder mistakes the tag for sound. https://id3.org/id3v2.4.0-structure

const (
	id3Header = 10

	// Flags of the tag.
	tagUnsync   = 0x80
	tagExtended = 0x40
	tagFooter   = 0x10

	// Format flags of a frame, second byte.
	frame3Compressed = 0x80
	frame3Encrypted  = 0x40
	frame3Grouped    = 0x20
	frame4Grouped    = 0x40
	frame4Compressed = 0x08
	frame4Encrypted  = 0x04
	frame4Unsync     = 0x02
	frame4Length     = 0x01
)

// readID3 reads the ID3v2 tag at the start of s and returns where it ends, in s.
func (f *file) readID3(s span) (end int64, err error) {
	f.begin("ID3v2")
	head, err := s.bytes(0, id3Header)
	if err != nil {
		return 0, f.malformed("no header")
	}
	major, flags := int(head[3]), head[5]
	size := int64(syncsafe(head[6:10]))
	end = id3Header + size
	if major == 4 && flags&tagFooter != 0 {
		end += id3Header
	}
	if major < 2 || major > 4 {
		return end, f.malformed("unknown version 2.%d", major)
	}
	f.begin("ID3v2." + strconv.Itoa(major))
	if size > s.size-id3Header {
		err = f.malformed("says %d bytes, the file has %d", size, s.size-id3Header)
		end = s.size
	} else if size > maxTag {
		err = f.malformed("%d bytes is more than the %d that are read", size, maxTag)
	}
	body := s.sub(id3Header, min(size, maxTag))

	if flags&tagUnsync != 0 && major < 4 {
		b, readErr := body.bytes(0, body.size)
		if readErr != nil {
			return end, readErr
		}
		b = resync(b)
		body = span{bytes.NewReader(b), 0, int64(len(b))}
	}
	pos := int64(0)
	if flags&tagExtended != 0 && major > 2 {
		b, readErr := body.bytes(0, 4)
		if readErr != nil {
			return end, f.malformed("no extended header")
		}
		if major == 3 {
			pos = 4 + int64(binary.BigEndian.Uint32(b))
		} else {
			pos = int64(syncsafe(b))
		}
		if pos > body.size {
			return end, f.malformed("extended header of %d bytes, the tag has %d", pos, body.size)
		}
	}
	frameErr := f.readFrames(body, pos, major)
	if err == nil {
		err = frameErr
	}
	return end, err
}

// readFrames walks the frames of an ID3v2 tag from pos.
func (f *file) readFrames(body span, pos int64, major int) error {
	nameLen, headLen := int64(4), int64(10)
	if major == 2 {
		nameLen, headLen = 3, 6
	}
	for n := 0; pos+headLen <= body.size; n++ {
		if n == maxFields {
			return f.malformed("more than %d frames", maxFields)
		}
		head, err := body.bytes(pos, headLen)
		if err != nil {
			return err
		}
		if head[0] == 0 {
			return nil // padding
		}
		if !isFrameName(head[:nameLen]) {
			return f.malformed("no frame where one should stand, byte %d", pos)
		}
		name := string(head[:nameLen])
		var size int64
		switch major {
		case 2:
			size = int64(head[3])<<16 | int64(head[4])<<8 | int64(head[5])
		case 3:
			size = int64(binary.BigEndian.Uint32(head[4:8]))
		case 4:
			size = size4(body, pos, head[4:8])
		}
		pos += headLen
		if size > body.size-pos {
			return f.malformed("frame %s says %d bytes, the tag has %d left", name, size, body.size-pos)
		}
		frame := body.sub(pos, size)
		pos += size
		if err := f.readFrame(name, frame, major, head); err != nil {
			return err
		}
	}
	return nil
}

// size4 reads the size of a 2.4 frame. Some writers put a plain number there: it is
// taken when only that leads to another frame, to padding or to the end.
func size4(body span, pos int64, b []byte) int64 {
	safe, plain := int64(syncsafe(b)), int64(binary.BigEndian.Uint32(b))
	if safe == plain || lands(body, pos+10+safe) || !lands(body, pos+10+plain) {
		return safe
	}
	return plain
}

func lands(body span, pos int64) bool {
	if pos == body.size {
		return true
	}
	b, err := body.bytes(pos, min(4, body.size-pos))
	return err == nil && (b[0] == 0 || len(b) == 4 && isFrameName(b))
}

func isFrameName(b []byte) bool {
	for i, c := range b {
		letter, digit := c >= 'A' && c <= 'Z', c >= '0' && c <= '9'
		// Old writers end a 2.2 name in a 2.3 tag with a space or a zero.
		if !letter && !(digit && i > 0) && !(i == 3 && (c == ' ' || c == 0)) {
			return false
		}
	}
	return true
}

// readFrame undoes what the flags say and files the frame.
func (f *file) readFrame(name string, frame span, major int, head []byte) error {
	isPicture := name == "APIC" || name == "PIC"
	if isPicture && !f.wantsPicture(frame.size) || !isPicture && frame.size > MaxValue || frame.size == 0 {
		return nil
	}
	if name[0] != 'T' && !isPicture && name != "COMM" && name != "COM" && name != "USLT" && name != "ULT" && name != "IPLS" && name != "IPL" {
		return nil
	}
	b, err := frame.bytes(0, frame.size)
	if err != nil {
		return err
	}
	limit := int64(MaxValue)
	if isPicture {
		limit = MaxPicture
	}
	compressed := false
	if major == 3 {
		flags := head[9]
		skip := 0
		if flags&frame3Encrypted != 0 {
			return nil
		}
		if flags&frame3Compressed != 0 {
			compressed, skip = true, 4
		}
		if flags&frame3Grouped != 0 {
			skip++
		}
		b = b[min(skip, len(b)):]
	}
	if major == 4 {
		flags := head[9]
		skip := 0
		if flags&frame4Encrypted != 0 {
			return nil
		}
		if flags&frame4Grouped != 0 {
			skip++
		}
		if flags&frame4Length != 0 {
			skip += 4
		}
		b = b[min(skip, len(b)):]
		if flags&frame4Unsync != 0 {
			b = resync(b)
		}
		compressed = flags&frame4Compressed != 0
	}
	if compressed {
		if b, err = inflate(b, limit); err != nil {
			return f.malformed("frame %s: %v", name, err)
		}
	}
	f.fileFrame(name, b)
	return nil
}

// fileFrame reads the body of one frame.
func (f *file) fileFrame(name string, b []byte) {
	if len(b) < 2 {
		return
	}
	encoding := b[0]
	switch name {
	case "APIC":
		mime, rest := splitText(latin1, b[1:])
		f.id3Picture(encoding, decodeBytes(mime), rest)
	case "PIC":
		if len(b) > 4 {
			f.id3Picture(encoding, "image/"+strings.ToLower(decodeBytes(b[1:4])), b[4:])
		}
	case "TXXX", "TXX":
		desc, value := splitText(encoding, b[1:])
		for _, v := range decodeList(encoding, value) {
			f.add(decodeText(encoding, desc), v)
		}
	case "COMM", "COM", "USLT", "ULT":
		if len(b) < 5 {
			return
		}
		desc, value := splitText(encoding, b[4:])
		text := decodeText(encoding, value)
		if name == "USLT" || name == "ULT" {
			f.add(Lyrics, text)
		} else if len(desc) == 0 || len(decodeText(encoding, desc)) == 0 {
			f.add(Comment, text) // one with a description is for some program, not for people
		}
	case "TIPL", "TMCL", "IPLS", "IPL":
		f.people(decodeList(encoding, b[1:]))
	default:
		field, known := id3Fields[strings.TrimRight(name, " \x00")]
		if !known {
			return
		}
		for _, v := range decodeList(encoding, b[1:]) {
			if field == Genre {
				v = genre(v)
			}
			f.add(field, v)
		}
	}
}

func (f *file) id3Picture(encoding byte, mime string, b []byte) {
	if len(b) < 2 {
		return
	}
	kind := int(b[0])
	desc, data := splitText(encoding, b[1:])
	f.addPicture(Picture{MIME: mime, Kind: kind, Text: decodeText(encoding, desc), Data: data})
}

// people reads a list of pairs: what somebody did, and who it was.
func (f *file) people(pairs []string) {
	roles := map[string]string{"producer": Producer, "engineer": Engineer, "mix": Mixer, "arranger": Arranger}
	for ; len(pairs) >= 2; pairs = pairs[2:] {
		if field, ok := roles[strings.ToLower(pairs[0])]; ok {
			f.add(field, pairs[1])
		} else {
			f.add(Performer, pairs[1]+" ("+pairs[0]+")")
		}
	}
}

// readID3v1 reads the last 128 bytes of a file: "TAG" and fields of fixed width.
func (f *file) readID3v1() {
	f.begin("ID3v1")
	b, err := f.bytes(f.size-128, 128)
	if err != nil || string(b[:3]) != "TAG" {
		return
	}
	field := func(from, to int) string {
		text, _ := splitText(latin1, b[from:to])
		return decodeBytes(text)
	}
	f.add(Title, field(3, 33))
	f.add(Artist, field(33, 63))
	f.add(Album, field(63, 93))
	f.add(Date, field(93, 97))
	f.add(Comment, field(97, 127))
	if b[125] == 0 && b[126] != 0 {
		f.add(Track, strconv.Itoa(int(b[126])))
	}
	if int(b[127]) < len(genres) {
		f.add(Genre, genres[b[127]])
	}
}

func syncsafe(b []byte) uint32 {
	return uint32(b[0]&0x7f)<<21 | uint32(b[1]&0x7f)<<14 | uint32(b[2]&0x7f)<<7 | uint32(b[3]&0x7f)
}

// resync undoes unsynchronisation in place: the zero after a 0xff goes.
func resync(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		out = append(out, b[i])
		if b[i] == 0xff && i+1 < len(b) && b[i+1] == 0 {
			i++
		}
	}
	return out
}

// inflate unpacks at most limit bytes.
func inflate(b []byte, limit int64) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err == nil && int64(len(out)) > limit {
		err = fmt.Errorf("more than %d bytes when unpacked", limit)
	}
	return out, err
}

// genre turns "(17)", "17" and "(17)Rock" into a name.
func genre(v string) string {
	digits := v
	if rest, ok := strings.CutPrefix(v, "("); ok {
		number, name, closed := strings.Cut(rest, ")")
		if !closed {
			return v
		}
		if name != "" {
			return name
		}
		digits = number
	}
	if n, err := strconv.Atoi(digits); err == nil && n >= 0 && n < len(genres) {
		return genres[n]
	}
	return v
}

// id3Fields names the text frames of ID3v2.3 and 2.4, then those of 2.2.
var id3Fields = map[string]string{
	"TIT2": Title, "TPE1": Artist, "TALB": Album, "TPE2": AlbumArtist, "TRCK": Track, "TPOS": Disc, "TSST": DiscSubtitle,
	"TDRC": Date, "TDRL": Date, "TYER": Date, "TCON": Genre, "TPUB": Label, "TSRC": ISRC, "TMED": Media, "TCOP": Copyright,
	"TCOM": Composer, "TEXT": Lyricist, "TPE3": Conductor,
	"TT2": Title, "TP1": Artist, "TAL": Album, "TP2": AlbumArtist, "TRK": Track, "TPA": Disc,
	"TYE": Date, "TCO": Genre, "TPB": Label, "TRC": ISRC, "TMT": Media, "TCR": Copyright,
	"TCM": Composer, "TXT": Lyricist, "TP3": Conductor,
}

// genres are the eighty of ID3v1, by number. https://id3.org/ID3v1
var genres = strings.Split("Blues,Classic Rock,Country,Dance,Disco,Funk,Grunge,Hip-Hop,Jazz,Metal,New Age,Oldies,Other,Pop,R&B,Rap,"+
	"Reggae,Rock,Techno,Industrial,Alternative,Ska,Death Metal,Pranks,Soundtrack,Euro-Techno,Ambient,Trip-Hop,Vocal,Jazz+Funk,Fusion,Trance,"+
	"Classical,Instrumental,Acid,House,Game,Sound Clip,Gospel,Noise,Alternative Rock,Bass,Soul,Punk,Space,Meditative,Instrumental Pop,"+
	"Instrumental Rock,Ethnic,Gothic,Darkwave,Techno-Industrial,Electronic,Pop-Folk,Eurodance,Dream,Southern Rock,Comedy,Cult,Gangsta,"+
	"Top 40,Christian Rap,Pop/Funk,Jungle,Native US,Cabaret,New Wave,Psychedelic,Rave,Showtunes,Trailer,Lo-Fi,Tribal,Acid Punk,"+
	"Acid Jazz,Polka,Retro,Musical,Rock & Roll,Hard Rock", ",")
