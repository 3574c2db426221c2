package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"ferric/audio"
	"ferric/audio/codec"
	"ferric/audio/wav"
	"ferric/deck"
	"ferric/deck/bench"
	"ferric/deck/service"
	"ferric/tape"
)

// deckCmd plays a side as a copy sounds on a machine, or measures the machine.
type deckCmd struct {
	Side    string  `arg:"" optional:"" help:"The side's programme, any sound file; not with --measure."`
	Output  string  `short:"o" help:"WAV file to write, 24 bits." placeholder:"FILE"`
	Machine string  `help:"What it is played on: reference, home, shoebox, portable or car." default:"reference"`
	Tape    string  `help:"Formulation: I, II or IV." default:"I"`
	Length  string  `help:"Length of the tape, like C60. Default: the shortest sold that holds the side." placeholder:"LENGTH"`
	Copy    string  `help:"Which copy it is, like FER-001/17; each has its own faults." placeholder:"NUMBER"`
	SideB   bool    `name:"side-b" help:"It is side B."`
	Plays   int     `help:"How often it was played before. What that wears is an exaggeration: real tapes hardly change." default:"0"`
	Other   string  `help:"The programme of the other side, which bleeds through backwards." placeholder:"FILE"`
	Dolby   float64 `help:"Level in the files, dBFS, that is recorded at Dolby level (200 nWb/m)." default:"-5.5"`
	Bend    string  `help:"A patch of the deck's circuits, see docs/formats/bend.md." placeholder:"FILE"`

	Measure bool `help:"Play test tones and say what a service bench would read, in place of a side."`
	JSON    bool `name:"json" help:"Write the result as JSON."`
}

func (c *deckCmd) Help() string {
	return `The same copy on the same machine after as many plays sounds the same every time, to the bit.

  ferric deck side-a.wav --machine portable --tape II --copy FER-001/17 --plays 40 -o heard.wav
  ferric deck --machine shoebox --measure`
}

func (c *deckCmd) Run(ctx context.Context, t *terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if c.Measure {
		if cfg.Bend != nil {
			return fmt.Errorf("%w: a bent deck cannot be measured: its speed is anything", errUsage)
		}
		if c.Side != "" || c.Output != "" {
			return fmt.Errorf("%w: --measure plays its own tones; it takes no side and writes no sound", errUsage)
		}
		r, err := service.Measure(cfg)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(t.out).Encode(struct {
				Schema  string `json:"schema"`
				Machine string `json:"machine"`
				Tape    string `json:"tape"`
				Plays   int    `json:"plays"`
				bench.Report
			}{"ferric.bench/1", c.Machine, cfg.Formulation.Code, cfg.Plays, r})
		}
		t.say("%s, %s%s", t.bold(cfg.Machine.Title), cfg.Formulation.Name, afterPlays(cfg.Plays))
		sayReport(t, r)
		t.say("%s", t.faint(cfg.Machine.Source))
		return nil
	}
	if c.Side == "" || c.Output == "" {
		return fmt.Errorf("%w: give a side and -o FILE, or --measure", errUsage)
	}
	return c.play(ctx, t, cfg)
}

// afterPlays says how worn a tape is.
func afterPlays(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " after 1 play"
	}
	return fmt.Sprintf(" after %d plays", n)
}

// config is the flags without the files.
func (c *deckCmd) config() (deck.Config, error) {
	usage := func(err error) (deck.Config, error) { return deck.Config{}, fmt.Errorf("%w: %w", errUsage, err) }
	m, err := deck.ParseMachine(c.Machine)
	if err != nil {
		return usage(err)
	}
	f, err := tape.ParseFormulation(c.Tape)
	if err != nil {
		return usage(err)
	}
	cfg := deck.Config{Machine: m, Formulation: f, Copy: c.Copy, SideB: c.SideB, Plays: c.Plays, DolbyDBFS: c.Dolby}
	if c.Length != "" {
		if cfg.Length, err = tape.Parse(c.Length); err != nil {
			return usage(err)
		}
	}
	if c.Plays < 0 {
		return usage(errors.New("--plays is a count from 0"))
	}
	if !(c.Dolby >= -40 && c.Dolby < 0) {
		return usage(errors.New("--dolby is from -40 to just under 0 dBFS"))
	}
	if c.Bend != "" {
		b, err := readBend(c.Bend)
		if err != nil {
			return cfg, fmt.Errorf("%s: %w", c.Bend, err)
		}
		cfg.Bend = &b
	}
	return cfg, nil
}

func readBend(path string) (deck.Bend, error) {
	f, err := os.Open(path)
	if err != nil {
		return deck.Bend{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, deck.LargestBend+1))
	if err != nil {
		return deck.Bend{}, err
	}
	return deck.ParseBend(data)
}

func (c *deckCmd) play(ctx context.Context, t *terminal, cfg deck.Config) error {
	side, err := openReel(ctx, c.Side)
	if err != nil {
		return err
	}
	defer side.Close()
	rate := side.file.Format().Rate
	long := side.length.Duration(rate)
	cfg.Rate, cfg.Side, cfg.Running = float64(rate), side, true
	if cfg.Length.Metres == 0 {
		if cfg.Length, err = tapeFor(long); err != nil {
			return err
		}
	}
	if over := long - cfg.Length.Playing(); over > 0 {
		t.warn(fmt.Sprintf("it is %v longer than a side of a %s; the end falls off", over.Round(time.Second), cfg.Length), c.Side)
	}
	var other *reel
	if c.Other != "" {
		if other, err = openReel(ctx, c.Other); err != nil {
			return err
		}
		defer other.Close()
		if r := other.file.Format().Rate; r != rate {
			return &audio.Error{File: c.Other, Kind: audio.ErrUnsupported, Text: fmt.Sprintf("%d Hz beside a side of %d Hz", r, rate)}
		}
		cfg.Other = other
	}
	d, err := deck.New(cfg)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Side, err)
	}
	frames := audio.Frames(math.Ceil(float64(side.length) / (1 + cfg.Machine.SpeedPct/100)))
	err = writeWhole(c.Output, func(f *os.File) error {
		w, err := wav.NewWriter(f, wav.Config{Rate: rate, Channels: 2, Bits: 24})
		if err != nil {
			return err
		}
		bar := t.progress()
		defer bar.close()
		const size = 4096
		block := audio.NewBlock(2, size)
		view := make([][]float32, 0, 2)
		for done := audio.Frames(0); done < frames; done += size {
			if err := ctx.Err(); err != nil {
				return err
			}
			view = audio.Window(view, block, 0, int(min(size, frames-done)))
			d.Process(view[0], view[1])
			if side.fail != nil {
				return side.fail
			}
			if other != nil && other.fail != nil {
				return other.fail
			}
			if err := w.WriteFrames(view); err != nil {
				return err
			}
			bar.set("playing", float64(done)/float64(frames))
		}
		return w.Close()
	})
	if err != nil {
		return err
	}
	played := frames.Duration(rate)
	if c.JSON {
		return json.NewEncoder(t.out).Encode(struct {
			Schema  string  `json:"schema"`
			File    string  `json:"file"`
			Machine string  `json:"machine"`
			Tape    string  `json:"tape"`
			Length  string  `json:"length"`
			Copy    string  `json:"copy,omitempty"`
			Plays   int     `json:"plays"`
			Seconds float64 `json:"seconds"`
		}{"ferric.deck/1", c.Output, c.Machine, cfg.Formulation.Code, cfg.Length.Name, c.Copy, cfg.Plays, played.Seconds()})
	}
	t.say("%s: %v on a %s, %s, played on a %s%s", t.bold(c.Output), played.Round(time.Second), cfg.Length, cfg.Formulation.Name,
		strings.ToLower(cfg.Machine.Title), afterPlays(cfg.Plays))
	return nil
}

// tapeFor is the shortest tape sold that holds a side.
func tapeFor(long time.Duration) (tape.Length, error) {
	for _, l := range tape.Standard() {
		if l.Playing() >= long {
			return l, nil
		}
	}
	return tape.Length{}, fmt.Errorf("%w: no cassette holds a side of %v", tape.ErrLength, long.Round(time.Second))
}

// reel is a sound file as a programme: the few seconds around what plays, in chunks.
type reel struct {
	file   *codec.File
	length audio.Frames
	at     audio.Frames // of the next frame that file gives
	chunks []chunk      // the last of the file, by index modulo how many these are
	fail   error        // the first; what comes after is silence
}

type chunk struct {
	index int64 // which chunk of the file, and one
	sound [][]float32
}

const (
	reelChunk   = 8192 // frames
	reelSeconds = 11   // kept; print-through looks 3.3 s both ways
)

func openReel(ctx context.Context, path string) (*reel, error) {
	length, _, err := codec.Length(ctx, path, codec.Options{})
	if err != nil {
		return nil, err
	}
	file, err := codec.Open(ctx, path, codec.Options{})
	if err != nil {
		return nil, err
	}
	f := file.Format()
	if f.Channels > 2 || f.Rate < deck.LowestRate || f.Rate > deck.HighestRate {
		file.Close()
		return nil, &audio.Error{File: path, Kind: audio.ErrUnsupported, Text: fmt.Sprintf("%d channels at %d Hz (a deck plays one or two at %d to %d)", f.Channels, f.Rate, deck.LowestRate, deck.HighestRate)}
	}
	return &reel{file: file, length: length, chunks: make([]chunk, reelSeconds*int(f.Rate)/reelChunk+1)}, nil
}

func (r *reel) Close() error  { return r.file.Close() }
func (r *reel) Frames() int64 { return int64(r.length) }

// ReadAt gives what the file holds, silence elsewhere.
func (r *reel) ReadAt(left, right []float32, at int64) {
	clear(left)
	clear(right)
	for i := 0; i < len(left); {
		p := at + int64(i)
		if p < 0 {
			i += int(min(-p, int64(len(left)-i)))
			continue
		}
		if p >= int64(r.length) || r.fail != nil {
			return
		}
		sound := r.chunk(p / reelChunk)
		if sound == nil {
			return
		}
		from := int(p % reelChunk)
		n := copy(left[i:], sound[0][from:])
		copy(right[i:i+n], sound[len(sound)-1][from:])
		i += n
	}
}

func (r *reel) chunk(index int64) [][]float32 {
	c := &r.chunks[index%int64(len(r.chunks))]
	if c.index == index+1 {
		return c.sound
	}
	if c.sound == nil {
		c.sound = audio.NewBlock(r.file.Format().Channels, reelChunk)
	}
	c.index = index + 1
	for _, ch := range c.sound {
		clear(ch)
	}
	want := audio.Frames(index * reelChunk)
	if r.at != want {
		if r.fail = r.file.SeekFrame(want); r.fail != nil {
			return nil
		}
		r.at = want
	}
	n := int(min(reelChunk, r.length-want))
	view := make([][]float32, 0, 2)
	for got := 0; got < n; {
		k, err := r.file.ReadFrames(audio.Window(view, c.sound, got, n))
		if err != nil {
			r.fail = fmt.Errorf("it ends before its length: %w", err)
			return nil
		}
		got += k
		r.at += audio.Frames(k)
	}
	return c.sound
}
