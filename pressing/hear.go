package pressing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"ferric/audio"
	"ferric/audio/flac"
	"ferric/tape"
)

// Hearing makes previews: what a side will sound like from tape. A pressing does not know
// the deck, which comes after it in the life of a tape, so that whoever has both gives this.
type Hearing struct {
	Machine string // the deck that is heard, for the manifest
	Copy    string // the copy, likewise
	// Play plays a stretch into a sink, at the rate of the side's file, in two channels.
	Play func(context.Context, Stretch, audio.Sink) error
}

// Stretch is a part of a side that is to be heard.
type Stretch struct {
	Side, Other   string // the files of this side's programme and the other's
	SideB         bool
	Start, Length time.Duration
	Tape          tape.Length
	Formulation   tape.Formulation
	DolbyDBFS     float64 // level in the programmes that lies at Dolby level
}

// heardLength is how much of a side is heard.
const heardLength = time.Minute

// hear writes a minute of each side as it will sound from tape: the loudest minute,
// for that is where the tape bends the sound and holds the treble down, and one wants to know how much.
func (j *job) hear(ctx context.Context) error {
	if j.Hear == nil {
		return nil
	}
	for i := range j.manifest.Sides {
		j.Progress("playing previews", float64(i)/float64(len(j.manifest.Sides)))
		side := &j.manifest.Sides[i]
		long := j.plan.Sides[i].Length.Duration(j.plan.Rate)
		s := Stretch{
			Side: j.out.at(j.sideFile(i)), Other: j.out.at(j.sideFile(1 - i)), SideB: i == 1,
			Start: loudest(j.result.Sides[i].ShortTerm, long, heardLength), Length: min(long, heardLength),
			Tape: j.plan.Tape, Formulation: j.master.Formulation, DolbyDBFS: j.result.LineUp.ReferenceDB,
		}
		// What is over the tape's end cannot be heard.
		s.Length = min(s.Length, s.Tape.Playing()-s.Start)
		if s.Length <= 0 {
			continue
		}
		side.Heard = &Heard{
			File: "previews/side-" + strings.ToLower(side.Name) + ".flac", StartS: seconds(s.Start), DurationS: seconds(s.Length),
			Machine: j.Hear.Machine, Copy: j.Hear.Copy,
		}
		if err := j.writeHeard(ctx, side.Heard.File, side.Name, s); err != nil {
			return fmt.Errorf("preview of side %s: %w", side.Name, err)
		}
	}
	return nil
}

func (j *job) writeHeard(ctx context.Context, name, side string, s Stretch) error {
	file, err := j.out.create(name)
	if err != nil {
		return err
	}
	w, err := flac.NewWriter(file, flac.Config{
		Rate: j.plan.Rate, Channels: 2, Bits: 16, Length: j.plan.Rate.Frames(s.Length),
		Tags: []flac.Tag{{Name: "ALBUM", Value: j.Album.Title}, {Name: "TITLE", Value: j.Album.Title + " (side " + side + ", from tape)"}, {Name: "ARTIST", Value: j.Album.Artist}, {Name: "MEDIA", Value: "Cassette"}},
	})
	if err != nil {
		return errors.Join(err, file.Close())
	}
	to := sink{w, file}
	return errors.Join(j.Hear.Play(ctx, s, to), to.Close())
}

// loudest is where the loudest stretch of a length begins, to the second: that of the
// most energy. series is short-term loudness, LUFS, one a second, over a window of 3 s that ends there.
func loudest(series []float32, long, want time.Duration) time.Duration {
	last := int((long - want) / time.Second)
	n := int(want / time.Second)
	if last <= 0 || n == 0 {
		return 0
	}
	best, at, sum := 0.0, 0, 0.0
	power := func(i int) float64 {
		if i >= len(series) {
			return 0
		}
		return math.Pow(10, float64(series[i])/10)
	}
	for i := range last + n {
		sum += power(i)
		if i >= n {
			sum -= power(i - n)
		}
		if from := i - n + 1; from >= 0 && sum > best*(1+1e-9) {
			best, at = sum, from
		}
	}
	return time.Duration(at) * time.Second
}
