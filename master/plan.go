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
	// ShorterBy says what would make the album fit Shorter.
	ShorterBy Shortening
	// Findings are about the layout alone: a side too long, a seam cut, a side empty.
	Findings []Finding
}

// Shortening is what would bring an album onto the next shorter tape.
type Shortening struct {
	Reorder bool  // another order would do
	Without []int // leaving out any one of these tracks (indexes into album.Album.Tracks) would do, in the plan's order mode
}

// Side is one programme: head silence, tracks and the gaps between them.
type Side struct {
	Name   string // "A" or "B"
	Tracks []Placed
	Length audio.Frames  // from the first frame of the file to the last
	Blank  time.Duration // tape left at the end of the side, by its nominal length; negative when the side is over-full
}

// Placed is a track at its place on a side.
type Placed struct {
	Index  int          // into album.Album.Tracks
	Start  audio.Frames // first frame of the track in the side's programme
	Length audio.Frames
	Joined bool // runs on from the track before it without a gap
}

// End is the frame after the track's last.
func (p Placed) End() audio.Frames { return p.Start + p.Length }

// Duration is how long the side's programme plays.
func (p *Plan) Duration(side int) time.Duration { return p.Sides[side].Length.Duration(p.Rate) }

// Find says on which side (0 for A, 1 for B) and at which place on it the track with an index stands.
func (p *Plan) Find(index int) (side, place int, ok bool) {
	for s := range p.Sides {
		for i, t := range p.Sides[s].Tracks {
			if t.Index == index {
				return s, i, true
			}
		}
	}
	return 0, 0, false
}
