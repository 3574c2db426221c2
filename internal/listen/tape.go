package listen

import (
	"slices"
	"strconv"
	"time"

	"ferric/audio"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/tape"
)

// Tape is what there is to hear of a release.
type Tape struct {
	Release       catalog.ReleaseID
	Title         string
	CatalogNumber string
	Length        tape.Length
	Formulation   tape.Formulation
	DolbyDBFS     float64 // level in the programmes that lies at Dolby level on the tape
	Sides         [2]Programme
}

// Programme is the sound of one side. A side without one is blank tape.
type Programme struct {
	Key    string // the SHA-256 of its file
	Frames audio.Frames
	Rate   audio.Rate
	Bits   int
}

// Duration is how long the programme plays.
func (p Programme) Duration() time.Duration {
	if p.Rate == 0 {
		return 0
	}
	return p.Frames.Duration(p.Rate)
}

// TapeOf is the tape of a release. NotFound when no programmes were published.
func TapeOf(r catalog.Release) (Tape, error) {
	t := Tape{Release: r.ID, Title: r.Title, CatalogNumber: r.CatalogNumber, DolbyDBFS: r.Detail.Tape.DolbyDBFS}
	var err error
	if t.Length, err = tape.Parse(r.Detail.Tape.Name); err != nil {
		return t, fault.Wrap(err, fault.NotFound, errNoDeck.Text)
	}
	if t.Formulation, err = tape.ParseFormulation(r.Detail.Tape.Type); err != nil {
		return t, fault.Wrap(err, fault.NotFound, errNoDeck.Text)
	}
	sound := false
	for _, s := range r.Detail.Sides {
		i := slices.Index([]string{"A", "B"}, s.Name)
		if i < 0 || s.Programme == "" || s.Frames <= 0 || s.Rate <= 0 {
			continue
		}
		t.Sides[i] = Programme{s.Programme, audio.Frames(s.Frames), audio.Rate(s.Rate), s.Bits}
		sound = true
	}
	if !sound {
		return t, errNoDeck
	}
	return t, nil
}

// Segments are two seconds, on exact borders: index i begins at frame i × 2 × Rate.
//
// A cue segment is what one hears with the head on the tape in fast wind: sixteen
// segments' worth of tape, each frame the mean of sixteen, written as a FLAC stream of
// the same rate. It costs as much as one segment, so that winding with the head on is no way around playing.
const (
	SegmentSeconds = 2
	CueFactor      = 16

	segment = SegmentSeconds * time.Second
	cueSpan = CueFactor * segment
)

// Segments is how many segments a programme has; the last may be short.
func (p Programme) Segments() int { return pieces(p.Frames, SegmentSeconds*audio.Frames(p.Rate)) }

// Cues is how many cue segments it has.
func (p Programme) Cues() int { return pieces(p.Frames, CueFactor*SegmentSeconds*audio.Frames(p.Rate)) }

func pieces(frames, each audio.Frames) int {
	if frames <= 0 || each <= 0 {
		return 0
	}
	return int((frames + each - 1) / each)
}

// seed names a copy for the deck: everything random about its sound follows from it.
// The shop's preview is its own copy, the same for everybody.
func (t Tape) seed(r catalog.Run, number int) string {
	name := t.CatalogNumber
	if name == "" {
		name = string(t.Release)
	}
	if number == 0 {
		return name + "/preview"
	}
	if r.Ordinal > 1 {
		name += "/r" + strconv.Itoa(r.Ordinal)
	}
	return name + "/" + strconv.Itoa(number)
}

// across is a place as the other side sees it: there is but one tape.
func (t Tape) across(place time.Duration) time.Duration { return t.Length.Playing() - place }

// Cassette is what the house remembers of one copy between sittings.
type Cassette struct {
	Run    catalog.RunID
	Number int
	Plays  [2]int        // of sides A and B; never lowered
	Side   int           // that was up when it was last heard
	Place  time.Duration // where it stood: a tape stays where one leaves it
	Seq    int
}
