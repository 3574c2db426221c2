package main

import (
	"context"
	"time"

	"ferric/audio"
	"ferric/deck"
	"ferric/pressing"
)

// A preview is heard on the home deck, the best that many people have, and as a copy that stands for all: its
// faults are drawn once and for ever, so that two previews differ by the music and the tape alone.
const (
	hearMachine = "home"
	hearCopy    = "preview"
)

// hearing is how a pressing's previews are made.
func hearing() *pressing.Hearing {
	m, err := deck.ParseMachine(hearMachine)
	if err != nil {
		panic(err) // it is one of our own
	}
	return &pressing.Hearing{Machine: m.Name, Copy: hearCopy, Play: func(ctx context.Context, s pressing.Stretch, to audio.Sink) error {
		return hear(ctx, m, s, to)
	}}
}

// hear plays a stretch of a side into a sink.
func hear(ctx context.Context, m deck.Machine, s pressing.Stretch, to audio.Sink) error {
	side, err := openReel(ctx, s.Side)
	if err != nil {
		return err
	}
	defer side.Close()
	other, err := openReel(ctx, s.Other)
	if err != nil {
		return err
	}
	defer other.Close()
	rate := side.file.Format().Rate
	// The machine's filters settle in half a second that nobody hears.
	settle := min(s.Start, time.Second/2)
	d, err := deck.New(deck.Config{
		Rate: float64(rate), Machine: m, Formulation: s.Formulation, Length: s.Tape, Side: side, Other: other, SideB: s.SideB,
		Copy: hearCopy, DolbyDBFS: s.DolbyDBFS, Start: s.Start - settle, Running: true,
	})
	if err != nil {
		return err
	}
	block, view := audio.NewBlock(2, 4096), make([][]float32, 0, 2)
	skip := rate.Frames(settle)
	for done, all := audio.Frames(0), skip+rate.Frames(s.Length); done < all; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(all-done, 4096)
		if done < skip {
			n = min(n, skip-done)
		}
		view = audio.Window(view, block, 0, int(n))
		d.Process(view[0], view[1])
		for _, r := range []*reel{side, other} {
			if r.fail != nil {
				return r.fail
			}
		}
		if done >= skip {
			if err := to.WriteFrames(view); err != nil {
				return err
			}
		}
		done += n
	}
	return nil
}
