// Package tag reads what audio files say about themselves: title, artist, number, pictures.
//
// Every format has its own way to say the same things, and this package knows
// the ones that music is found with: ID3 in MP3 (2.2, 2.3, 2.4, and the 128
// bytes of version 1), Vorbis comments in FLAC, Ogg Vorbis and Opus, APEv2 at the end of a
// file, INFO and id3 chunks in WAV, text and ID3 chunks in AIFF, ilst atoms
// in MP4. What they find is filed under one set of names, those of Vorbis comments.
//
// A tag is small and its file is not to be trusted. Nothing is allocated from a
// declared length before the bytes are known to be there; a field has a limit, a picture
// has a limit, and a tag that breaks off gives what stood before the break, with an error beside it.
package tag

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Names under which fields are filed. Whatever else a file holds is filed under its own name in capitals.
const (
	Title        = "TITLE"
	Artist       = "ARTIST"
	Album        = "ALBUM"
	AlbumArtist  = "ALBUMARTIST"
	Track        = "TRACKNUMBER" // "3" or "3/12"
	TrackTotal   = "TRACKTOTAL"
	Disc         = "DISCNUMBER"
	DiscTotal    = "DISCTOTAL"
	DiscSubtitle = "DISCSUBTITLE"
	Date         = "DATE"
	Genre        = "GENRE"
	Label        = "LABEL"
	Catalogue    = "CATALOGNUMBER"
	Barcode      = "BARCODE"
	ISRC         = "ISRC"
	Media        = "MEDIA"
	Copyright    = "COPYRIGHT"
	Comment      = "COMMENT"
	Lyrics       = "LYRICS"
	Composer     = "COMPOSER"
	Lyricist     = "LYRICIST"
	Conductor    = "CONDUCTOR"
	Performer    = "PERFORMER" // "name (instrument)"
	Arranger     = "ARRANGER"
	Producer     = "PRODUCER"
	Engineer     = "ENGINEER"
	Mixer        = "MIXER"
)

// Limits of what is read. More than that is not a tag but an attack.
const (
	MaxPicture = 64 << 20  // bytes of one picture
	MaxValue   = 256 << 10 // bytes of one text, as stored: lyrics are a hundredth of it
	maxFields  = 10_000    // texts, frames, chunks or blocks of one file
	maxText    = 1 << 20   // bytes of all texts of one file
	maxTag     = 96 << 20  // bytes of one ID3 tag or comment packet: a picture in base64 fits
)

// ErrMalformed is wrapped by every error about a tag that lies or breaks off.
var ErrMalformed = errors.New("malformed tag")

// Tags is what a file says about itself.
type Tags struct {
	Kinds    []string // the sorts of tag found, "ID3v2.4", "Vorbis comment", ...; the first to name a field wins
	Pictures []Picture
	fields   map[string][]string
	text     int // bytes of text held
}

// Picture is an image out of a tag. Its data is as found: nothing has been decoded.
type Picture struct {
	MIME string // as declared; may be empty or wrong
	Kind int    // as in ID3: 3 is the front cover, 4 the back
	Text string // description
	Data []byte
}

// Options chooses what to read.
type Options struct {
	Pictures bool // read the pictures too; otherwise they are passed over without being read
}

// Read reads the tags of a file of size bytes. The result is never nil; an
// error says that some tag was malformed or unreadable and that the result holds what could be had.
func Read(r io.ReaderAt, size int64, o Options) (*Tags, error) {
	t := &Tags{fields: map[string][]string{}}
	f := &file{span: span{r, 0, size}, tags: t, pictures: o.Pictures}
	head, err := f.bytes(0, min(size, 12))
	if err != nil {
		return t, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("fLaC")):
		err = f.readFLAC(0)
	case bytes.HasPrefix(head, []byte("OggS")):
		err = f.readOgg()
	case isForm(head, "RIFF", "WAVE"), isForm(head, "RF64", "WAVE"), isForm(head, "BW64", "WAVE"):
		err = f.readRIFF()
	case isForm(head, "FORM", "AIFF"), isForm(head, "FORM", "AIFC"):
		err = f.readAIFF()
	case len(head) >= 8 && string(head[4:8]) == "ftyp":
		err = f.readMP4()
	case bytes.HasPrefix(head, []byte("ID3")):
		var end int64
		end, err = f.readID3(f.span)
		if magic, _ := f.bytes(end, 4); string(magic) == "fLaC" {
			err = errors.Join(err, f.readFLAC(end))
		} else {
			err = errors.Join(err, f.readTail())
		}
	default:
		err = f.readTail()
	}
	return t, err
}

// readTail reads what stands at the end of a file: APEv2, then ID3v1, which is too short to be trusted over anything else.
func (f *file) readTail() error {
	err := f.readAPE()
	f.readID3v1()
	return err
}

func isForm(head []byte, id, form string) bool {
	return len(head) >= 12 && string(head[:4]) == id && string(head[8:12]) == form
}

// Get is the first value of a field, "" when it has none.
func (t *Tags) Get(name string) string {
	if v := t.fields[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// All is every value of a field, in the file's order.
func (t *Tags) All(name string) []string { return t.fields[name] }

// Joined is all values of a field as one text: "A", "A & B", "A, B & C".
func (t *Tags) Joined(name string) string { return Join(t.fields[name]) }

// Join writes several names as one: "A", "A & B", "A, B & C".
func Join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " & " + names[last]
}

// Number reads a field like "3", "03" or "3/12"; n is 0 when it is no number from 1 to 9999.
// A letter in front, as in the "A3" of a tape or a record, is given as side.
func (t *Tags) Number(name string) (side string, n int) {
	text, _, _ := strings.Cut(strings.TrimSpace(t.Get(name)), "/")
	text = strings.TrimSpace(text)
	if len(text) > 1 && (text[0]|0x20) >= 'a' && (text[0]|0x20) <= 'z' {
		side, text = strings.ToUpper(text[:1]), text[1:]
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 9999 {
		return "", 0
	}
	return side, n
}

// Cover is the front cover, or the first picture when none says that it is; nil when there is no picture.
func (t *Tags) Cover() *Picture {
	for i := range t.Pictures {
		if t.Pictures[i].Kind == 3 {
			return &t.Pictures[i]
		}
	}
	if len(t.Pictures) > 0 {
		return &t.Pictures[0]
	}
	return nil
}

// A file is one reading of one file.
type file struct {
	span
	tags     *Tags
	pictures bool
	kind     string          // the tag being read
	own      map[string]bool // fields that the tag being read has set, and may add to
}

// begin opens a tag. Fields that an earlier tag set stay as they are.
func (f *file) begin(kind string) {
	f.kind = kind
	f.own = map[string]bool{}
}

// add files a value, unless an earlier tag has named the field.
func (f *file) add(name, value string) {
	value = strings.Trim(strings.TrimRight(value, "\x00"), " \t\r\n")
	name = strings.ToUpper(strings.TrimSpace(name))
	if other, ok := synonyms[name]; ok {
		name = other
	}
	t := f.tags
	if value == "" || name == "" || len(name) > 200 || len(value) > MaxValue || t.text+len(name)+len(value) > maxText {
		return
	}
	if len(t.fields[name]) > 0 && !f.own[name] || len(t.fields[name]) >= 1000 {
		return
	}
	for _, had := range t.fields[name] {
		if had == value {
			return
		}
	}
	if n := len(t.Kinds); n == 0 || t.Kinds[n-1] != f.kind {
		t.Kinds = append(t.Kinds, f.kind)
	}
	f.own[name] = true
	t.fields[name] = append(t.fields[name], value)
	t.text += len(name) + len(value)
}

// addPicture keeps p; of many pictures the first few are enough.
func (f *file) addPicture(p Picture) {
	if len(p.Data) > 0 && len(f.tags.Pictures) < 4 {
		f.tags.Pictures = append(f.tags.Pictures, p)
	}
}

// wantsPicture says whether another picture may be read, so that a file of many pictures does not fill the memory.
func (f *file) wantsPicture(size int64) bool {
	total := size
	for _, p := range f.tags.Pictures {
		total += int64(len(p.Data))
	}
	return f.pictures && len(f.tags.Pictures) < 4 && total <= MaxPicture
}

func (f *file) malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrMalformed, f.kind, fmt.Sprintf(format, args...))
}

// synonyms are other spellings of the names above, as found in Vorbis comments, APE items and TXXX frames.
var synonyms = map[string]string{
	"ALBUM ARTIST":   AlbumArtist,
	"ALBUM_ARTIST":   AlbumArtist,
	"TRACK":          Track,
	"TOTALTRACKS":    TrackTotal,
	"DISC":           Disc,
	"TOTALDISCS":     DiscTotal,
	"YEAR":           Date,
	"ORGANIZATION":   Label,
	"PUBLISHER":      Label,
	"CATALOG":        Catalogue,
	"CATALOGUE":      Catalogue,
	"LABELNO":        Catalogue,
	"CATALOG #":      Catalogue,
	"EAN/UPN":        Barcode,
	"UPC":            Barcode,
	"EAN":            Barcode,
	"UNSYNCEDLYRICS": Lyrics,
	"DESCRIPTION":    Comment,
	"SETSUBTITLE":    DiscSubtitle,
	"WRITER":         Composer,
	"MIXED BY":       Mixer,
}

// A span is a stretch of a file.
type span struct {
	r    io.ReaderAt
	off  int64
	size int64
}

// bytes reads n bytes at off; it allocates nothing when the span does not hold them.
func (s span) bytes(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > s.size || n > s.size-off {
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, n)
	if got, err := s.r.ReadAt(b, s.off+off); got < len(b) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return b, nil
}

// sub is the part of s from off, n bytes or as many of them as there are.
func (s span) sub(off, n int64) span {
	if off < 0 || n < 0 || off > s.size {
		return span{s.r, s.off + s.size, 0}
	}
	return span{s.r, s.off + off, min(n, s.size-off)}
}

func (s span) reader() io.Reader { return io.NewSectionReader(s.r, s.off, s.size) }
