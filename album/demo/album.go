package demo

import (
	"fmt"
	"strconv"

	"ferric/audio/flac"
)

// Title, Artist, Label and Catalogue name the album.
const (
	Title     = "A Field Guide to Evening"
	Artist    = "Lantern Weir"
	Label     = "Specimen Editions"
	Catalogue = "SPEC-001"
	year      = "2026"
)

// piece is what the files say of a track.
type piece struct {
	title, name, genre, comment string
}

var tracks = []piece{
	{"Harbour Before Light", "harbour-before-light", "Ambient", "Pads, a horn, a buoy, the sea."},
	{"Hazel and Wire", "hazel-and-wire", "Folk", "Two plucked strings and a harmonium."},
	{"Kitchen Radio, Half Past Five", "kitchen-radio-half-past-five", "Jazz", "Electric piano, bass, brushes, vibraphone."},
	{"Long Straight Road Home", "long-straight-road-home", "Krautrock", "One pulse, 132 to the minute."},
	{"Frost on the Aerial", "frost-on-the-aerial", "Electronic", "Bells and glass: the bright one."},
	{"Small Hours", "small-hours", "Modern Classical", "Felt piano and a music box: the quiet one."},
	{"Under the Viaduct", "under-the-viaduct", "Dub Techno", "Runs into Everyone's Windows without a gap."},
	{"Everyone's Windows", "everyones-windows", "Choral", "Organ and voices without words."},
}

// movements are the pieces as music, in order; the last of them holds two.
var movements = []func(*kit, dice) *score{harbour, hazel, kitchen, road, frost, hours, viaduct}

func (p piece) file(number int) string { return fmt.Sprintf("%02d-%s.flac", number, p.name) }

func (p piece) tags(number int) []flac.Tag {
	return []flac.Tag{
		{Name: "TITLE", Value: p.title},
		{Name: "ARTIST", Value: Artist},
		{Name: "ALBUM", Value: Title},
		{Name: "ALBUMARTIST", Value: Artist},
		{Name: "COMPOSER", Value: Artist},
		{Name: "TRACKNUMBER", Value: strconv.Itoa(number)},
		{Name: "TRACKTOTAL", Value: strconv.Itoa(len(tracks))},
		{Name: "DISCNUMBER", Value: "1"},
		{Name: "DATE", Value: year},
		{Name: "GENRE", Value: p.genre},
		{Name: "LABEL", Value: Label},
		{Name: "CATALOGNUMBER", Value: Catalogue},
		{Name: "MEDIA", Value: "Cassette"},
		{Name: "COPYRIGHT", Value: "No rights reserved: CC0 1.0"},
		{Name: "COMMENT", Value: p.comment},
	}
}

const releaseTOML = `# A Field Guide to Evening: the demo album of Ferric.
`
