package tag

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

func check(t *testing.T, tags *Tags, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := strings.Join(tags.All(name), "|"); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

var jpegBytes = append([]byte("\xff\xd8\xff\xe0"), bytes.Repeat([]byte{0xff, 0, 7}, 50)...)

func TestID3(t *testing.T) {
	pic := func(text string) []byte { return cat(0, "image/jpeg", 0, 3, text, 0, jpegBytes) }
	utf16le := "\xff\xfeN\x00\xe4\x00" // "Nä"
	utf16be := "\xfe\xff\x00N\x00\xe4" // "Nä"
	v23 := id3(3, 0,
		frame(3, "TIT2", 0, cat(1, utf16le, 0, 0)), frame(3, "TPE1", 0, cat(1, utf16be)), frame(3, "TALB", 0, cat(0, "Caf\xe9")),
		frame(3, "TRCK", 0, cat(0, "3/12\x00")), frame(3, "TPOS", 0, cat(0, "1/2")), frame(3, "TCON", 0, cat(0, "(17)")), frame(3, "TYER", 0, cat(0, "1999")),
		frame(3, "TXXX", 0, cat(0, "CATALOGNUMBER", 0, "CAT 1")), frame(3, "TXXX", 0, cat(0, "Barcode", 0, "123")),
		frame(3, "COMM", 0, cat(0, "eng", "iTunNORM", 0, "0000")), frame(3, "COMM", 0, cat(0, "eng", 0, "hello")),
		frame(3, "USLT", 0, cat(0, "eng", 0, "la\nla")), frame(3, "IPLS", 0, cat(0, "producer", 0, "P", 0, "oboe", 0, "O", 0)),
		frame(3, "APIC", 0, pic("c")), frame(3, "PRIV", 0, cat("x")), make([]byte, 50))
	v24 := id3(4, 0,
		frame(4, "TIT2", 0, cat(3, "N\xc3\xa4")), frame(4, "TPE1", 0, cat(3, "A", 0, "B", 0, "C")), frame(4, "TDRC", 0, cat(0, "2004-05")),
		frame(4, "TPUB", 0, cat(2, "\x00L")), frame(4, "TMCL", 0, cat(3, "harp", 0, "H")), frame(4, "TALB", 0, cat(3, "bad\xff")),
		frame(4, "APIC", 2, cat(0, "image/jpeg", 0, 3, 0, unsync(jpegBytes))))
	v22 := id3(2, 0,
		frame(2, "TT2", 0, cat(0, "Old")), frame(2, "TP1", 0, cat(0, "O")), frame(2, "TRK", 0, cat(0, "07")), frame(2, "PIC", 0, cat(0, "JPG", 3, 0, jpegBytes)))
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(cat(0, "Packed"))
	w.Close()
	packed := id3(3, 0, frame(3, "TIT2", 0x80, cat(be32(7), z.Bytes())))
	whole := unsync(cat(frame(3, "TIT2", 0, cat(1, utf16le)), frame(3, "APIC", 0, pic(""))))
	unsynced := cat("ID3", 3, 0, 0x80, safe(len(whole)), whole)
	plainSize := cat("TIT2", be32(200), 0, 0, cat(0, strings.Repeat("x", 199))) // 2.4, but the size is no syncsafe number
	for name, c := range map[string]struct {
		file     []byte
		want     map[string]string
		pictures int
	}{
		"2.3": {v23, map[string]string{Title: "Nä", Artist: "Nä", Album: "Café", Track: "3/12", Disc: "1/2", Genre: "Rock", Date: "1999", Catalogue: "CAT 1",
			Barcode: "123", Comment: "hello", Lyrics: "la\nla", Producer: "P", Performer: "O (oboe)"}, 1},
		"2.4":            {v24, map[string]string{Title: "Nä", Artist: "A|B|C", Date: "2004-05", Label: "L", Performer: "H (harp)", Album: "bad\uFFFD"}, 1},
		"2.2":            {v22, map[string]string{Title: "Old", Artist: "O", Track: "07"}, 1},
		"compressed":     {packed, map[string]string{Title: "Packed"}, 0},
		"unsynchronised": {unsynced, map[string]string{Title: "Nä"}, 1},
		"plain sizes":    {id3(4, 0, plainSize, frame(4, "TPE1", 0, cat(0, "A"))), map[string]string{Title: strings.Repeat("x", 199), Artist: "A"}, 0},
		"extended 2.3":   {id3(3, 0x40, be32(6), make([]byte, 6), frame(3, "TIT2", 0, cat(0, "E"))), map[string]string{Title: "E"}, 0},
		"extended 2.4":   {id3(4, 0x40, safe(6), cat(1, 0), frame(4, "TIT2", 0, cat(0, "E"))), map[string]string{Title: "E"}, 0},
		"mark once":      {id3(4, 0, frame(4, "TPE1", 0, cat(1, "\xfe\xff\x00A\x00\x00\x00B"))), map[string]string{Artist: "A|B"}, 0},
		"no mark":        {id3(4, 0, frame(4, "TIT2", 0, cat(1, "A\x00B\x00"))), map[string]string{Title: "AB"}, 0},
		"UTF-8 as Latin": {id3(3, 0, frame(3, "TIT2", 0, cat(0, "N\xc3\xa4"))), map[string]string{Title: "Nä"}, 0},
		"odd UTF-16":     {id3(3, 0, frame(3, "TIT2", 0, cat(1, utf16le, "x"))), map[string]string{Title: "Nä"}, 0},
		"lone surrogate": {id3(3, 0, frame(3, "TIT2", 0, cat(1, "\xff\xfe\x00\xd8A\x00"))), map[string]string{Title: "\uFFFDA"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tags, err := readBytes(t, cat(c.file, "\xff\xfb\x90\x00sound"))
			if err != nil {
				t.Fatal(err)
			}
			check(t, tags, c.want)
			if len(tags.Pictures) != c.pictures {
				t.Fatalf("%d pictures", len(tags.Pictures))
			}
			for _, p := range tags.Pictures {
				if !bytes.Equal(p.Data, jpegBytes) || p.Kind != 3 {
					t.Errorf("picture %+v", p)
				}
			}
		})
	}
}

// unsync is the inverse of resync.
func unsync(b []byte) []byte {
	var out []byte
	for i, c := range b {
		out = append(out, c)
		if c == 0xff && (i+1 == len(b) || b[i+1] >= 0xe0 || b[i+1] == 0) {
			out = append(out, 0)
		}
	}
	return out
}

func TestTail(t *testing.T) {
	v1 := id3v1("Tail title", 9, 17)
	tags, err := readBytes(t, cat("\xff\xfb\x90\x00sound", v1))
	if err != nil {
		t.Fatal(err)
	}
	check(t, tags, map[string]string{Title: "Tail title", Track: "9", Genre: "Rock", Date: "1987"})

	file := cat("sound", ape(apeItem(0, "Title", []byte("From APE")), apeItem(0, "Artist", []byte("A\x00B")), apeItem(2, "Cover Art (Front)", cat("cover.jpg", 0, jpegBytes))), v1)
	if tags, err = readBytes(t, file); err != nil {
		t.Fatal(err)
	}
	check(t, tags, map[string]string{Title: "From APE", Artist: "A|B", Track: "9"})
	if p := tags.Cover(); p == nil || !bytes.Equal(p.Data, jpegBytes) {
		t.Errorf("cover %+v", p)
	}
	if got := strings.Join(tags.Kinds, ", "); got != "APEv2, ID3v1" {
		t.Errorf("kinds %s", got)
	}

	tags, err = readBytes(t, cat(id3(3, 0, frame(3, "TIT2", 0, cat(0, "First"))), "sound", v1))
	if err != nil {
		t.Fatal(err)
	}
	check(t, tags, map[string]string{Title: "First", Track: "9"})
}

func TestVorbisComments(t *testing.T) {
	all := []string{"title=T", "ARTIST=A", "Artist=B", "album artist=AA", "no equals sign", "LABELNO=7", "X=\xff", "ORGANIZATION=Org"}
	want := map[string]string{Title: "T", Artist: "A|B", AlbumArtist: "AA", Catalogue: "7", "X": "\uFFFD", Label: "Org"}
	back := flacPicture(4, "image/png", "back", []byte("back"))
	front := flacPicture(3, "image/jpeg", "frönt", jpegBytes)
	encoded := "METADATA_BLOCK_PICTURE=" + base64.StdEncoding.EncodeToString(front)
	opus := append([]byte("OpusTags"), comments(append(all, encoded)...)...)
	vorbis := append([]byte("\x03vorbis"), comments(append(all, encoded)...)...)
	other := oggPages(99, 255, []byte("\x80theora"))
	oggFLAC := oggPages(1, 3, cat("\x7fFLAC\x01\x00\x00\x03fLaC", flacBlock(0, false, make([]byte, 34))), flacBlock(4, false, comments(all...)), flacBlock(6, true, front), []byte{0xff, 0xf8})
	for name, file := range map[string][]byte{
		"FLAC":            flacFile(flacBlock(6, false, back), flacBlock(4, false, comments(all...)), flacBlock(1, false, make([]byte, 9)), flacBlock(6, true, front)),
		"FLAC after ID3":  cat(id3(4, 0, frame(4, "TSRC", 0, cat(0, "I"))), flacFile(flacBlock(4, false, comments(all...)), flacBlock(6, true, front))),
		"Opus":            oggPages(1, 255, []byte("OpusHead"), opus, []byte("sound")),
		"Opus small page": oggPages(1, 1, []byte("OpusHead"), opus, []byte("sound")),
		"Vorbis":          oggPages(1, 2, []byte("\x01vorbis"), vorbis, []byte("sound")),
		"multiplexed":     cat(oggPages(1, 1, []byte("OpusHead")), other, oggPages(1, 7, opus)),
		"FLAC in Ogg":     oggFLAC,
	} {
		t.Run(name, func(t *testing.T) {
			tags, err := readBytes(t, file)
			if err != nil {
				t.Fatal(err)
			}
			check(t, tags, want)
			if p := tags.Cover(); p == nil || p.MIME != "image/jpeg" || p.Text != "frönt" || !bytes.Equal(p.Data, jpegBytes) {
				t.Errorf("cover %+v", p)
			}
			without, err := Read(bytes.NewReader(file), int64(len(file)), Options{})
			if err != nil || len(without.Pictures) != 0 || !reflect.DeepEqual(without.fields, tags.fields) {
				t.Errorf("without pictures: %v, %+v", err, without)
			}
		})
	}
}

func TestChunks(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	info := chunk(le, "LIST", cat("INFO", chunk(le, "INAM", []byte("Name\x00\x00")), chunk(le, "IART", []byte("Odd")), chunk(le, "IPRD", []byte("Album\x00"))))
	tagged := chunk(le, "id3 ", id3(3, 0, frame(3, "TIT2", 0, cat(0, "From ID3"))))
	sound := chunk(le, "data", make([]byte, 101))
	want := map[string]string{Title: "From ID3", Artist: "Odd", Album: "Album"}
	for name, file := range map[string][]byte{
		"info first": riff(info, sound, tagged),
		"info last":  riff(tagged, sound, info),
		"RF64": cat("RF64\xff\xff\xff\xffWAVE", chunk(le, "ds64", cat(make([]byte, 8), le32(101), le32(0), make([]byte, 12))),
			cat("data\xff\xff\xff\xff", make([]byte, 102)), info, tagged),
	} {
		tags, err := readBytes(t, file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		check(t, tags, want)
	}
	file := aiff(chunk(be, "NAME", []byte("Text name")), chunk(be, "AUTH", []byte("Author")), chunk(be, "SSND", make([]byte, 9)), chunk(be, "(c) ", []byte("Me")),
		chunk(be, "ID3 ", id3(4, 0, frame(4, "TIT2", 0, cat(0, "From ID3")))))
	tags, err := readBytes(t, file)
	if err != nil {
		t.Fatal(err)
	}
	check(t, tags, map[string]string{Title: "From ID3", Artist: "Author", Copyright: "Me"})
}

func TestMP4(t *testing.T) {
	file := mp4(atom("\xa9nam", dataAtom(1, "T")), atom("\xa9ART", dataAtom(1, "A")), atom("\xa9alb", dataAtom(1, "Al")), atom("aART", dataAtom(1, "AA")),
		atom("trkn", dataAtom(0, []byte{0, 0, 0, 5, 0, 12, 0, 0})), atom("disk", dataAtom(0, []byte{0, 0, 0, 2, 0, 3})), atom("\xa9day", dataAtom(1, "2001-02-03")),
		atom("gnre", dataAtom(0, []byte{0, 18})), atom("covr", dataAtom(13, jpegBytes)),
		atom("----", atom("mean", be32(0), []byte("com.apple.iTunes")), atom("name", be32(0), []byte("CATALOGNUMBER")), dataAtom(1, "X 1")))
	tags, err := readBytes(t, file)
	if err != nil {
		t.Fatal(err)
	}
	check(t, tags, map[string]string{Title: "T", Artist: "A", Album: "Al", AlbumArtist: "AA", Track: "5", Disc: "2", Date: "2001-02-03", Genre: "Rock", Catalogue: "X 1"})
	if p := tags.Cover(); p == nil || !bytes.Equal(p.Data, jpegBytes) {
		t.Errorf("cover %+v", p)
	}
}

// hostile are files that lie. Each must be read quickly and in little memory; most are errors.
func hostile() map[string][]byte {
	le := binary.LittleEndian
	var bomb bytes.Buffer
	z := zlib.NewWriter(&bomb)
	for range 4 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	cut := flacFile(flacBlock(4, true, comments("TITLE=kept", "ARTIST=cut off")))
	chained := id3(4, 0, frame(4, "CHAP", 0, cat("a", 0, make([]byte, 16), frame(4, "CTOC", 0, cat("a", 0, 3, 1, "a", 0)))))
	return map[string][]byte{
		"FLAC picture of 2 GiB in 49 bytes":  cat("fLaC", 0x86, 0, 0, 41, be32(3), be32(0x7fffffff), make([]byte, 33)),
		"FLAC picture data of 2 GiB":         flacFile(flacBlock(6, true, cat(be32(3), be32(0), be32(0), make([]byte, 16), be32(0x7fffffff)))),
		"FLAC block beyond the file":         cat("fLaC", 4, 0xff, 0xff, 0xff, "x"),
		"FLAC cut":                           cut[:len(cut)-5],
		"FLAC of empty blocks":               cat("fLaC", make([]byte, 1<<20)),
		"comment count 2^32-1":               flacFile(flacBlock(4, true, cat(le32(0), le32(0xffffffff), le32(3), "A=b"))),
		"comment of 4 GiB":                   flacFile(flacBlock(4, true, cat(le32(0), le32(1), le32(0xffffffff), "A=b"))),
		"vendor of 4 GiB":                    flacFile(flacBlock(4, true, cat(le32(0xffffffff), "v"))),
		"comments of nothing":                flacFile(flacBlock(4, true, cat(le32(0), le32(0xffffffff), make([]byte, 1<<20)))),
		"Opus picture is no base64":          oggPages(1, 255, []byte("OpusHead"), cat("OpusTags", comments("METADATA_BLOCK_PICTURE="+strings.Repeat("%", 1000)))),
		"Opus picture lies in base64":        oggPages(1, 255, []byte("OpusHead"), cat("OpusTags", comments("METADATA_BLOCK_PICTURE="+base64.StdEncoding.EncodeToString(cat(be32(3), be32(0x7fffffff)))))),
		"Ogg with lacing to the end":         cat("OggS", make([]byte, 22), 255, bytes.Repeat([]byte{255}, 255), make([]byte, 255*255)),
		"Ogg of empty pages":                 bytes.Repeat(cat("OggS", make([]byte, 23)), 50_000),
		"Ogg cut":                            oggPages(1, 255, []byte("OpusHead"), cat("OpusTags", comments("TITLE=kept", "X="+strings.Repeat("y", 9000))))[:5000],
		"Ogg of other streams":               cat(oggPages(1, 255, []byte("OpusHead")), bytes.Repeat(oggPages(2, 255, []byte("x")), 20_000)),
		"ID3 of 256 MB":                      cat("ID3", 3, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f, frame(3, "TIT2", 0, cat(0, "kept"))),
		"ID3 frame of 4 GiB":                 id3(3, 0, frame(3, "TIT2", 0, cat(0, "kept")), cat("TPE1", be32(-1), 0, 0, "x")),
		"ID3 of empty frames":                id3(3, 0, bytes.Repeat(frame(3, "TIT2", 0, nil), 20_000)),
		"ID3 zlib bomb":                      id3(4, 0, frame(4, "TIT2", 9, cat(safe(10), bomb.Bytes()))),
		"ID3 unsynchronisation bomb":         cat("ID3", 3, 0, 0x80, safe(1<<20), bytes.Repeat([]byte{0xff, 0}, 1<<19)),
		"ID3 extended header of 4 GiB":       id3(3, 0x40, be32(-1), frame(3, "TIT2", 0, cat(0, "x"))),
		"ID3 chapter in itself":              chained,
		"ID3 unknown version":                id3(9, 0, frame(3, "TIT2", 0, cat(0, "x"))),
		"ID3 in ID3":                         id3(3, 0, id3(3, 0, id3(3, 0))),
		"ID3 without anything":               []byte("ID3"),
		"ID3 text of one byte":               id3(3, 0, frame(3, "TIT2", 0, cat(0)), frame(3, "APIC", 0, cat(1, 0)), frame(3, "COMM", 0, cat(1, "en")), frame(3, "USLT", 0, cat(1, "eng\xff"))),
		"RIFF of tiny chunks":                riff(bytes.Repeat(chunk(le, "JUNK", nil), 100_000)),
		"RIFF chunk beyond the file":         cat("RIFF\xff\xff\xff\xffWAVE", "LIST\xff\xff\xff\xffINFOINAM\xff\xff\xff\xffx"),
		"RF64 of 2^63":                       cat("RF64\xff\xff\xff\xffWAVE", chunk(le, "ds64", bytes.Repeat([]byte{0xff}, 28)), "data\xff\xff\xff\xff", "x"),
		"MP4 atom of 2^63":                   cat(atom("ftyp", []byte("M4A ")), be32(1), "moov", bytes.Repeat([]byte{0xff}, 8)),
		"MP4 atom smaller than its head":     cat(atom("ftyp", []byte("M4A ")), be32(4), "moov", make([]byte, 8)),
		"MP4 of empty atoms":                 cat(atom("ftyp", []byte("M4A ")), bytes.Repeat(atom("free"), 100_000)),
		"APE of 4 GiB":                       cat("APETAGEX", le32(2000), le32(-1), le32(-1), le32(0), make([]byte, 8)),
		"APE item of 4 GiB":                  ape(cat(le32(-1), le32(0), "Title", 0, "x")),
		"APE item without a name":            ape(cat(le32(1), le32(0), strings.Repeat("x", 300))),
		"nothing":                            {},
		"a mebibyte of \"=\" in one comment": flacFile(flacBlock(4, true, comments(strings.Repeat("=", 1<<20)))),
	}
}

func TestHostile(t *testing.T) {
	fine := map[string]bool{"ID3 chapter in itself": true, "ID3 text of one byte": true, "nothing": true,
		"a mebibyte of \"=\" in one comment": true, "RIFF chunk beyond the file": true, "RF64 of 2^63": true}
	for name, file := range hostile() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tags, err := readBytes(t, file)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 64*uint64(len(file))+32<<20 {
			t.Errorf("%s: %d bytes of file take %d of memory", name, len(file), grown)
		}
		if tags == nil {
			t.Fatalf("%s: no tags", name)
		}
		if (err == nil) != fine[name] {
			t.Errorf("%s: error %v", name, err)
		}
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: error %v is not ErrMalformed", name, err)
		}
		switch name {
		case "FLAC cut", "ID3 of 256 MB", "ID3 frame of 4 GiB":
			check(t, tags, map[string]string{Title: "kept"})
		}
	}
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("x", MaxValue)
	file := flacFile(flacBlock(4, true, comments("TITLE="+long, "ARTIST="+long[:1000])))
	tags, err := readBytes(t, file)
	if err != nil {
		t.Fatal(err)
	}
	check(t, tags, map[string]string{Title: "", Artist: long[:1000]}) // with its name the title is over the limit
	var blocks [][]byte
	for block := range 3 {
		var many []string
		for i := range 60 {
			many = append(many, fmt.Sprintf("A%d-%d=%s", block, i%10, strings.Repeat("c", 10_000+i)))
		}
		blocks = append(blocks, flacBlock(4, block == 2, comments(many...)))
	}
	if tags, err = readBytes(t, flacFile(blocks...)); err != nil || tags.text > maxText || tags.text < maxText*9/10 {
		t.Errorf("%d bytes of text, %v", tags.text, err)
	}
}

func TestReaderFails(t *testing.T) {
	file := flacFile(flacBlock(4, true, comments("TITLE=T")))
	broken := errors.New("broken disk")
	for n := range len(file) {
		_, err := Read(failAt{file, n, broken}, int64(len(file)), Options{Pictures: true})
		if streamInfo := n >= 8 && n < 42; err == nil && !streamInfo {
			t.Fatalf("no error with a failure at byte %d", n)
		}
	}
}

// failAt fails to read byte n.
type failAt struct {
	b   []byte
	n   int
	err error
}

func (f failAt) ReadAt(p []byte, off int64) (int, error) {
	if int64(f.n) < off+int64(len(p)) && int64(f.n) >= off {
		return 0, f.err
	}
	n := copy(p, f.b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]struct {
		side string
		n    int
	}{"3": {"", 3}, "03/12": {"", 3}, " 7 / 9": {"", 7}, "A1": {"A", 1}, "b12": {"B", 12}, "0": {}, "-1": {}, "x": {}, "AA1": {}, "10000": {}, "": {}, "1e3": {}} {
		tags := &Tags{fields: map[string][]string{Track: {in}}}
		if side, n := tags.Number(Track); side != want.side || n != want.n {
			t.Errorf("%q is %q %d", in, side, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range hostile() {
		if len(file) < 10_000 {
			f.Add(file)
		}
	}
	f.Add(cat(id3(4, 0, frame(4, "TIT2", 3, cat(safe(3), 3, "a\xff\x00b")), frame(4, "TIPL", 0, cat(3, "mix", 0, "M"))), "x", ape(apeItem(0, "T", []byte("v"))), id3v1("t", 1, 2)))
	f.Add(mp4(atom("\xa9nam", dataAtom(1, "T")), atom("covr", dataAtom(13, jpegBytes))))
	f.Add(riff(chunk(binary.LittleEndian, "LIST", cat("INFO", chunk(binary.LittleEndian, "INAM", []byte("n"))))))
	f.Add(aiff(chunk(binary.BigEndian, "NAME", []byte("n")), chunk(binary.BigEndian, "ID3 ", id3(2, 0, frame(2, "TT2", 0, cat(1, "\xff\xfea\x00"))))))
	f.Add(oggPages(1, 2, []byte("\x01vorbis"), cat("\x03vorbis", comments("A=b", "C=d"))))
	f.Fuzz(func(t *testing.T, file []byte) {
		tags, err := readBytes(t, file)
		if tags == nil || err != nil && !errors.Is(err, ErrMalformed) {
			t.Fatalf("tags %v, error %v", tags, err)
		}
		for name, values := range tags.fields {
			for _, v := range values {
				if !utf8.ValidString(v) || v == "" || len(v) > 4*MaxValue {
					t.Fatalf("%q = %q", name, v)
				}
			}
		}
		for _, p := range tags.Pictures {
			if len(p.Data) == 0 || len(p.Data) > 64*len(file)+1 {
				t.Fatalf("picture of %d bytes", len(p.Data))
			}
		}
	})
}
