// Package album is a folder of music: its tracks in order, what they are called, how long they are, and its cover.
//
// A folder is read once into an [Album] by [Read]. What the artist wrote in release.toml
// rules; what it leaves out comes from the files' tags, and what they leave out
// from file and folder names. Names follow MusicBrainz: a release has an artist,
// a title, a catalogue number; a track has a title, an artist, an ISRC.
package album

import (
	"time"

	"ferric/audio"
)

// Album is a release as found in a folder, tracks in album order.
type Album struct {
	Dir       string
	Title     string
	Artist    string
	Label     string
	Catalogue string // catalogue number, as printed on the spine
	Barcode   string // EAN-13 or UPC-A digits, "" when there is none
	Year      int    // of release; 0 when unknown
	Date      string // of release, as exactly as it is known: "2024", "2024-05" or "2024-05-17"; "" when unknown
	Genre     string
	Copyright string
	Notes     string // liner notes, paragraphs separated by blank lines
	Credits   []Credit
	Accent    string   // "#RRGGBB" set by the artist; "" takes it from the cover
	Cover     *Artwork // nil when there is none
	Tracks    []Track
	Settings  Settings // what release.toml asks of the tape; zero where it is silent
	Budget    BudgetSettings
}

// Credit is one line of "who did what".
type Credit struct {
	Role  string // "written by", "recorded at", ...; may be empty
	Names string
}

// Track is one piece of music in its file.
type Track struct {
	File   string // path of the audio file, absolute or relative to the working directory
	Title  string
	Artist string // the track's own artist; equals Album.Artist when it has none
	Disc   int    // from tags; 0 when unknown
	Number int    // from tags; 0 when unknown
	ISRC   string
	Lyrics string
	Format audio.Format
	Frames audio.Frames // length at Format.Rate, counted by decoding where the file does not say

	// Wishes from release.toml.
	Side  string         // "A", "B" or "" for either
	First bool           // must open its side
	Last  bool           // must close its side
	Group string         // tracks of one group stay together, in order
	Gap   *time.Duration // silence before it; nil for the default
}

// Duration is the track's playing time.
func (t Track) Duration() time.Duration { return t.Frames.Duration(t.Format.Rate) }

// Artwork is the cover, upright, as an RGB or grey JPEG or as a PNG. Such a picture keeps
// its bytes, so that a JPEG can go into a PDF untouched; see [NewArtwork] for the others.
type Artwork struct {
	File   string // where it came from: a file, or the track whose tags held it
	MIME   string // "image/jpeg" or "image/png"
	Width  int    // pixels
	Height int
	Data   []byte
}
