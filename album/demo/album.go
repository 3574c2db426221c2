package demo

import (
	"fmt"
	"strconv"

	"ferric/audio/flac"
)

// Title, Artist, Label and Catalogue name the album; the Single ones its cassette single.
const (
	Title     = "A Field Guide to Evening"
	Artist    = "Lantern Weir"
	Label     = "Specimen Editions"
	Catalogue = "SPEC-001"
	year      = "2026"

	SingleTitle     = "Hazel and Wire / Small Hours"
	SingleLabel     = "North Mole"
	SingleCatalogue = "NM-07"
)

// issue is what is put out together.
type issue struct {
	title, label, catalogue, toml string
	movements                     []int   // of movements
	tracks                        []piece // that they hold
	cover                         int     // what the cover is drawn from, with the seed
}

var (
	theAlbum  = issue{Title, Label, Catalogue, releaseTOML, []int{0, 1, 2, 3, 4, 5, 6}, tracks, 100}
	theSingle = issue{SingleTitle, SingleLabel, SingleCatalogue, singleTOML, []int{1, 5}, []piece{tracks[1], tracks[5]}, 101}
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

func (i *issue) tags(number int) []flac.Tag {
	p := i.tracks[number-1]
	return []flac.Tag{
		{Name: "TITLE", Value: p.title},
		{Name: "ARTIST", Value: Artist},
		{Name: "ALBUM", Value: i.title},
		{Name: "ALBUMARTIST", Value: Artist},
		{Name: "COMPOSER", Value: Artist},
		{Name: "TRACKNUMBER", Value: strconv.Itoa(number)},
		{Name: "TRACKTOTAL", Value: strconv.Itoa(len(i.tracks))},
		{Name: "DISCNUMBER", Value: "1"},
		{Name: "DATE", Value: year},
		{Name: "GENRE", Value: p.genre},
		{Name: "LABEL", Value: i.label},
		{Name: "CATALOGNUMBER", Value: i.catalogue},
		{Name: "MEDIA", Value: "Cassette"},
		{Name: "COPYRIGHT", Value: "No rights reserved: CC0 1.0"},
		{Name: "COMMENT", Value: p.comment},
	}
}

// releaseTOML is what the artist would write; docs/formats/release.md says what each field means.
const releaseTOML = `# A Field Guide to Evening: the demo album of Ferric.
# Everything here can be changed; run "ferric press" again and look.

[release]
title = "A Field Guide to Evening"
artist = "Lantern Weir"
label = "Specimen Editions"
catalogue = "SPEC-001"
date = 2026
genre = "Instrumental"
copyright = "No rights reserved (CC0 1.0). Dub it for a friend."
cover = "cover.png"
notes = """
Eight pieces for the hours in which a kitchen light goes on, a road empties and somebody waits for the kettle.

Side A starts at the water before anyone is up and walks home by road. Side B begins on the roof, in the cold, goes in for a while so as not to wake the house, and comes out again under the arches. The last two pieces are one: let them run.

There is no Lantern Weir. The music was written as a program, note by note and sound by sound, so that a tape machine has something of its own to play. Play it loud on the road and quietly after midnight.
"""

[[credit]]
role = "Written and played by"
names = "Lantern Weir, who is a program"

[[credit]]
role = "Instruments"
names = "plucked strings, felt piano, electric piano, vibraphone, music box, glass, organ, voices, drums and brushes: all of them sums"

[[credit]]
role = "Cover"
names = "two inks and their grain, from the same seed as the music"

[[credit]]
role = "Thanks"
names = "everyone who still carries a pencil for winding"

[run]
copies = 50
proofs = 3
note = "first edition"
claim_url = "https://specimen-editions.example/claim"

[budget] # an imagined run; what is left out is Ferric's default, with its source
currency = "USD"
price = 10
mastering = 0
artwork = 0

[[track]]
file = "01-harbour-before-light.flac"
side = "A"
first = true

[[track]]
file = "02-hazel-and-wire.flac"

[[track]]
file = "03-kitchen-radio-half-past-five.flac"

[[track]]
file = "04-long-straight-road-home.flac"

[[track]]
file = "05-frost-on-the-aerial.flac"

[[track]]
file = "06-small-hours.flac"

[[track]]
file = "07-under-the-viaduct.flac"
group = "viaduct"

[[track]]
file = "08-everyones-windows.flac"
group = "viaduct"
gap = 0
`

const singleTOML = `# Hazel and Wire / Small Hours: the demo single of Ferric.

[release]
title = "Hazel and Wire / Small Hours"
artist = "Lantern Weir"
label = "North Mole"
catalogue = "NM-07"
date = 2026
genre = "Instrumental"
copyright = "No rights reserved (CC0 1.0)."
cover = "cover.png"
notes = """
One piece a side. The first was made with a window open, the second with everybody asleep. It is on tape only.
"""

[[credit]]
role = "Written and played by"
names = "Lantern Weir, who is a program"

[run]
copies = 25
note = "cassette single"
claim_url = "https://north-mole.example/claim"

[budget] # an imagined run; what is left out is Ferric's default, with its source
currency = "EUR"
price = 7
mastering = 0
artwork = 0

[[track]]
file = "01-hazel-and-wire.flac"
side = "A"
first = true

[[track]]
file = "02-small-hours.flac"
side = "B"
`
