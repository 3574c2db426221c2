package master

import (
	"time"

	"ferric/audio"
	"ferric/tape"
)

// Plan is an album laid out on the two sides of a tape. All positions are
// frames at Rate, the rate of the programmes to be rendered.
type Plan struct {
	Rate  audio.Rate
	Tape  tape.Length
	Sides [2]Side // A, B
	// Reordered says that the plan's order is not the album's.
	Reordered bool
	// Shorter is the next shorter standard tape, and Over how much longer the
	// longer side is than what would fit it; Shorter is the zero Length at the shortest.
	Shorter tape.Length
	Over    time.Duration
}

// Side is one programme: head silence, tracks and the gaps between them.
type Side struct {
	Name   string // "A" or "B"
	Tracks []Placed
	Length audio.Frames  // from the first frame of the file to the last
	Blank  time.Duration // tape left at the end of the side
}

// Placed is a track at its place on a side.
type Placed struct {
	Index  int          // into album.Album.Tracks
	Start  audio.Frames // first frame of the track in the side's programme
	Length audio.Frames
	Joined bool // runs on from the track before it without a gap
}
