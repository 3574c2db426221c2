package listen

import (
	"strconv"
	"time"

	"ferric/audio"
	"ferric/internal/catalog"
	"ferric/tape"
)

// Policy is what a release gives to the ears beside the tape.
type Policy string

// The policies.
const (
	TapeOnly Policy = "none"    // the tape and nothing else
	Preview  Policy = "preview" // one side, on the deck
	Files    Policy = "files"   // files as well; on the deck it is as Preview
)

// Tape is what there is to hear of a release.
type Tape struct {
	Release       catalog.ReleaseID
	Title, Artist string
	CatalogNumber string
	Length        tape.Length
	Formulation   tape.Formulation
	DolbyDBFS     float64 // level in the programmes that lies at Dolby level on the tape
	Sides         [2]Programme
	Policy        Policy
	Public        bool // the release is on show
	Preview       int  // the side that everybody may hear, 0 for A
	Own           bool // the listener's own folder, with no shop: everything may be heard
}

// Programme is the sound of one side.
type Programme struct {
	Key    string // names its file for Library.Open, and its segments in the cache: the hash of its content
	Frames audio.Frames
	Rate   audio.Rate
	Bits   int
	Title  string // for the shell label; may be empty
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

func copyDeck(run catalog.RunID, number int) string {
	return "copy:" + string(run) + ":" + strconv.Itoa(number)
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
