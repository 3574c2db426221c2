package jcard

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ferric/album"
	"ferric/master"
	"ferric/tape"
)

// Release is what the printed matter says. [NewRelease] fills it from an album
// and its plan; every field may be empty, and what is empty is left out of the
// print without a gap.
type Release struct {
	Title       string
	Artist      string
	Label       string
	Catalogue   string
	Barcode     string // EAN-13 or UPC-A digits
	Copyright   string
	Genre       string
	Year        int
	Notes       string // paragraphs separated by blank lines
	Credits     []album.Credit
	Sides       [2]Side
	Tape        tape.Length
	Formulation tape.Formulation
	Cover       *album.Artwork
	Accent      string // "#RRGGBB"; "" takes it from the cover
	RunNote     string // beside the number: "first edition"
	// Dubbing says how the copies are made; "" is "Dubbed in real time".
	Dubbing string
	// Noise names the noise reduction; "" is "No noise reduction".
	Noise string
}

// Side is one side as printed.
type Side struct {
	Name   string // "A" or "B"
	Tracks []Track
	Length time.Duration // from the first sound to the last
	Blank  time.Duration // tape left after it
}

// Track is one line of the track list.
type Track struct {
	Title    string
	Artist   string // only where it differs from the release's
	Lyrics   string
	Start    time.Duration // on its side, from the first frame of the programme
	Duration time.Duration
	Joined   bool // runs on from the track before it
}

// NewRelease is what an album says on its tape.
func NewRelease(a *album.Album, plan *master.Plan, kind tape.Formulation) *Release {
	r := &Release{
		Title: a.Title, Artist: a.Artist, Label: a.Label, Catalogue: a.Catalogue, Barcode: a.Barcode,
		Copyright: a.Copyright, Genre: a.Genre, Year: a.Year, Notes: a.Notes, Credits: a.Credits,
		Tape: plan.Tape, Formulation: kind, Cover: a.Cover, Accent: a.Accent, RunNote: a.Settings.Run.Note,
	}
	for i, side := range plan.Sides {
		s := Side{Name: side.Name, Length: side.Length.Duration(plan.Rate), Blank: side.Blank}
		for _, p := range side.Tracks {
			t := a.Tracks[p.Index]
			track := Track{
				Title: t.Title, Lyrics: t.Lyrics, Joined: p.Joined,
				Start: p.Start.Duration(plan.Rate), Duration: p.Length.Duration(plan.Rate),
			}
			if t.Artist != a.Artist {
				track.Artist = t.Artist
			}
			s.Tracks = append(s.Tracks, track)
		}
		r.Sides[i] = s
	}
	return r
}

// tracks counts both sides.
func (r *Release) tracks() int { return len(r.Sides[0].Tracks) + len(r.Sides[1].Tracks) }

// Clock is a time as on a track list: 4:05, 1:02:03.
func Clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	if s < 0 {
		s = 0
	}
	out := strconv.FormatInt(s%60, 10)
	if s%60 < 10 {
		out = "0" + out
	}
	m := s / 60
	if m < 60 {
		return strconv.FormatInt(m, 10) + ":" + out
	}
	min := strconv.FormatInt(m%60, 10)
	if m%60 < 10 {
		min = "0" + min
	}
	return strconv.FormatInt(m/60, 10) + ":" + min + ":" + out
}

// typeName is how tape is named on a card: "Type I".
func (r *Release) typeName() string {
	if r.Formulation.Code == "" {
		return ""
	}
	return "Type " + r.Formulation.Code
}

// dubbing, noise and making are the lines about how the tape was made.
func (r *Release) dubbing() string {
	if r.Dubbing == "" {
		return "Dubbed in real time"
	}
	return r.Dubbing
}

func (r *Release) noise() string {
	if r.Noise == "" {
		return "No noise reduction"
	}
	return r.Noise
}

// making is one line on the tape: "C46 · Type I · 120 µs".
func (r *Release) making() string {
	return join(" · ", r.Tape.Name, r.typeName(), r.Formulation.EQ.Name)
}

// rights is the copyright line, from what is known.
func (r *Release) rights() string {
	if r.Copyright != "" {
		return r.Copyright
	}
	owner := r.Label
	if owner == "" {
		owner = r.Artist
	}
	if r.Year == 0 || owner == "" {
		return ""
	}
	return "℗ & © " + strconv.Itoa(r.Year) + " " + owner
}

func (r *Release) year() string {
	if r.Year == 0 {
		return ""
	}
	return strconv.Itoa(r.Year)
}

// shown is the track's title as on a list, with its artist where that differs.
func (t Track) shown() string {
	title := squeeze(t.Title)
	if title == "" {
		title = "Untitled"
	}
	if a := squeeze(t.Artist); a != "" {
		return a + " – " + title
	}
	return title
}

// join is the parts that are not empty, with sep between them.
func join(sep string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p = squeeze(p); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

// squeeze is s with every stretch of white space as one space.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// Most that is set, in characters and in tracks a side. More than this no card
// holds at any size; it is cut before any work is spent on it.
const (
	maxName   = 400
	maxText   = 20_000
	maxTracks = 200
)

// bounded is the release with what is longer than any card cut off, which is noted.
func (r Release) bounded(n *notes) *Release {
	cut := func(s string, most int) string {
		if len(s) <= most {
			return s
		}
		runes := []rune(s[:min(len(s), 4*most)])
		if len(runes) <= most && len(s) <= 4*most {
			return s
		}
		n.cut(s[:min(len(s), 400)])
		return string(runes[:min(most, len(runes))]) + "…"
	}
	for _, name := range []*string{&r.Title, &r.Artist, &r.Label, &r.Catalogue, &r.Copyright, &r.Genre, &r.RunNote, &r.Dubbing, &r.Noise} {
		*name = cut(*name, maxName)
	}
	r.Notes = cut(r.Notes, maxText)
	r.Credits = slices.Clone(r.Credits[:min(len(r.Credits), maxTracks)])
	for i, c := range r.Credits {
		r.Credits[i] = album.Credit{Role: cut(c.Role, maxName), Names: cut(c.Names, 4*maxName)}
	}
	for i := range r.Sides {
		tracks := r.Sides[i].Tracks
		if over := len(tracks) - maxTracks; over > 0 {
			n.add(master.Bad, "text-left-out", "side "+r.Sides[i].Name+" has too many tracks for any card: "+count(over, "track")+" left out",
				"no type is small enough", "put the list on the insert")
		}
		r.Sides[i].Tracks = slices.Clone(tracks[:min(len(tracks), maxTracks)])
		for j := range r.Sides[i].Tracks {
			t := &r.Sides[i].Tracks[j]
			t.Title, t.Artist, t.Lyrics = cut(t.Title, maxName), cut(t.Artist, maxName), cut(t.Lyrics, maxText)
		}
	}
	return &r
}
