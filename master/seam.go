package master

import "ferric/audio"

// Seam is how a track begins or ends: what tells whether two run into each other.
type Seam struct {
	LevelDB float64 // RMS of the first or last 50 ms, dBFS, the louder channel; -Inf for silence
	// Edge holds the outermost two samples of each of the two channels, the outermost last.
	Edge [2][2]float64
	// Step is the RMS difference between neighbouring samples in those 50 ms, per channel.
	Step [2]float64
}

const seamTime = 50 // milliseconds

// seamFloor is the level above which an edge is music: any fade has gone below it.
const seamFloor = -60.0

// runsOn says whether b goes on where a stops: both edges are louder than
// −60 dBFS and within 12 dB of each other, and the step across the seam is no
// greater than the steps beside it. Lossy files are spared the last test: their
// edges are never exact.
func runsOn(a, b *TrackMeasure) bool {
	if a.End.LevelDB < seamFloor || b.Start.LevelDB < seamFloor {
		return false
	}
	if d := a.End.LevelDB - b.Start.LevelDB; d > 12 || d < -12 {
		return false
	}
	if lossy(a.Format) || lossy(b.Format) {
		return true
	}
	if a.Format.Rate != b.Format.Rate {
		return true
	}
	for c := range 2 {
		// From both sides the line is drawn on to the middle of the seam.
		ahead := a.End.Edge[c][1] + (a.End.Edge[c][1]-a.End.Edge[c][0])/2
		behind := b.Start.Edge[c][1] + (b.Start.Edge[c][1]-b.Start.Edge[c][0])/2
		step := max(a.End.Step[c], b.Start.Step[c])
		if d := ahead - behind; d > 4*step+1e-4 || d < -4*step-1e-4 {
			return false
		}
	}
	return true
}

func lossy(f audio.Format) bool { return f.Bits == 0 && !f.Float }
