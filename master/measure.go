package master

import "ferric/audio"

// Measurements is what one pass over an album has found.
type Measurements struct {
	Rate   audio.Rate // of the programmes to be
	Tracks []TrackMeasure
}

// TrackMeasure is one track as it came.
type TrackMeasure struct {
	Format audio.Format
	Frames audio.Frames // decoded, at Format.Rate
	Start  Seam
	End    Seam
}
