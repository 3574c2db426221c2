// Command peers runs one piece of Ferric's sound work on a file, so that make bench-peers can time it as a whole process
// beside ffmpeg, sox and flac on the same file.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ferric/audio"
	"ferric/audio/codec"
	"ferric/audio/flac"
	"ferric/audio/loudness"
	"ferric/audio/resample"
	"ferric/audio/wav"
)

const usage = `usage: peers scan IN | decode IN | encode IN OUT.flac | resample IN RATE OUT.wav`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New(usage)
	}
	src, err := codec.Open(context.Background(), args[1], codec.Options{})
	if err != nil {
		return err
	}
	defer src.Close()
	f := src.Format()
	block := audio.NewBlock(f.Channels, 1<<14)
	switch {
	case args[0] == "scan":
		m, err := loudness.New(f.Rate, f.Channels, loudness.Config{})
		if err != nil {
			return err
		}
		if _, err := audio.Copy(m, src, block); err != nil {
			return err
		}
		r := m.Result()
		fmt.Printf("%.2f LUFS, %.2f LU\n", r.Integrated(), r.RangeLU())
		return nil
	case args[0] == "decode":
		n, err := audio.Copy(nothing{}, src, block)
		fmt.Println(n, "frames")
		return err
	case args[0] == "encode" && len(args) == 3:
		return write(args[2], func(out *os.File) (audio.Sink, error) {
			return flac.NewWriter(out, flac.Config{Rate: f.Rate, Channels: f.Channels, Bits: f.Bits, Length: src.Length()})
		}, src, block)
	case args[0] == "resample" && len(args) == 4:
		var rate int
		if _, err := fmt.Sscan(args[2], &rate); err != nil {
			return err
		}
		in, err := resample.New(src, audio.Rate(rate))
		if err != nil {
			return err
		}
		return write(args[3], func(out *os.File) (audio.Sink, error) {
			return wav.NewWriter(out, wav.Config{Rate: audio.Rate(rate), Channels: f.Channels, Bits: 24})
		}, in, block)
	}
	return errors.New(usage)
}

func write(name string, open func(*os.File) (audio.Sink, error), src audio.Source, block [][]float32) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	sink, err := open(file)
	if err != nil {
		return err
	}
	if _, err := audio.Copy(sink, src, block); err != nil {
		return err
	}
	if err := sink.Close(); err != nil {
		return err
	}
	return file.Close()
}

// nothing takes sound and keeps none of it.
type nothing struct{}

func (nothing) WriteFrames([][]float32) error { return nil }
func (nothing) Close() error                  { return nil }
