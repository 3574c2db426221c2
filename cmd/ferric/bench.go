package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ferric/audio"
	"ferric/audio/codec"
	"ferric/deck/bench"
)

// benchCmd measures a real deck from a recording of test tones.
type benchCmd struct {
	Recording string   `arg:"" help:"What the deck played, as a sound file."`
	Dolby     *float64 `help:"Level in the file, dBFS, of Dolby level. Default: that of its 400 or 315 Hz tone." placeholder:"DBFS"`
	Nominal   float64  `help:"What the speed tone should be. Default: 3150 or 3000, whichever is nearer." placeholder:"HZ"`
	LineUp    bool     `name:"line-up" help:"The tones are those of line-up.wav in a pressing on Type I or II: 400 Hz at 6.5 dB under Dolby level, 10 kHz 8 dB under that."`
	Level     []string `help:"A tone was recorded so much over the 400 Hz one, as HZ=DB; may be given again." placeholder:"HZ=DB"`
	JSON      bool     `name:"json" help:"Write the result as JSON."`
}

func (c *benchCmd) Help() string {
	return `Finds the tones by itself, in any order:

  3150 or 3000 Hz for 6 s or longer    wow and flutter (AES6, IEC 60386), speed
  31.5 Hz to 15 kHz, half a second     response, azimuth
  400 or 315 Hz                        Dolby level and its third harmonic; rising in steps of 1 dB: level for 3 %
  10 kHz rising in steps of 1 dB       level of saturation
  1 kHz on one channel                 separation
  a second of silence                  noise

Records up to 5 minutes are read. What a recording does not hold is left out.`
}

// longestRecording in frames: 5 min 49 s at 48 kHz, 256 MB of memory.
const longestRecording = 1 << 24

func (c *benchCmd) Run(ctx context.Context, t *terminal) error {
	o := bench.Options{NominalHz: c.Nominal, DolbyDB: c.Dolby, Levels: map[float64]float64{}}
	if c.LineUp {
		o.ReferenceDB, o.Levels[10000] = -6.5, -8
	}
	for _, l := range c.Level {
		hz, db, ok := strings.Cut(l, "=")
		f, err1 := strconv.ParseFloat(hz, 64)
		v, err2 := strconv.ParseFloat(db, 64)
		if !ok || err1 != nil || err2 != nil {
			return fmt.Errorf("%w: --level %q (write it like 10000=-8)", errUsage, l)
		}
		o.Levels[f] = v
	}
	left, right, rate, err := readRecording(ctx, c.Recording)
	if err != nil {
		return err
	}
	r, found, err := bench.Survey(left, right, float64(rate), o)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Recording, err)
	}
	if c.JSON {
		return json.NewEncoder(t.out).Encode(struct {
			Schema string `json:"schema"`
			bench.Report
		}{"ferric.bench/1", r})
	}
	tones := 0
	for _, s := range found {
		if s.Hz > 0 {
			tones++
		}
	}
	t.say("%s: %d tones", t.bold(c.Recording), tones)
	sayReport(t, r)
	return nil
}

// readRecording reads a whole recording of one or two channels; right is nil for one.
func readRecording(ctx context.Context, path string) (left, right []float64, rate audio.Rate, err error) {
	f, err := codec.Open(ctx, path, codec.Options{})
	if err != nil {
		return nil, nil, 0, err
	}
	defer f.Close()
	format := f.Format()
	if format.Channels > 2 || format.Rate < 8000 || format.Rate > 384000 {
		return nil, nil, 0, &audio.Error{File: path, Kind: audio.ErrUnsupported, Text: fmt.Sprintf("%d channels at %d Hz", format.Channels, format.Rate)}
	}
	block := audio.NewBlock(format.Channels, 1<<14)
	for {
		n, err := f.ReadFrames(block)
		if errors.Is(err, io.EOF) {
			return left, right, format.Rate, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, nil, 0, err
		}
		if len(left)+n > longestRecording {
			return nil, nil, 0, &audio.Error{File: path, Kind: audio.ErrUnsupported, Text: fmt.Sprintf("longer than %d s; cut the tones out", longestRecording/int(format.Rate))}
		}
		for _, v := range block[0][:n] {
			left = append(left, float64(v))
		}
		if format.Channels == 2 {
			for _, v := range block[1][:n] {
				right = append(right, float64(v))
			}
		}
	}
}

// sayReport prints what was measured, a line each.
func sayReport(t *terminal, r bench.Report) {
	line := func(name string, v *float64, format, note string) {
		if v != nil {
			t.say("  %-22s %12s  %s", name, fmt.Sprintf(format, *v), t.faint(note))
		}
	}
	line("wow and flutter", r.FlutterWeightedPct, "± %.3f %%", "weighted, two-sigma (AES6)")
	line("", r.FlutterWRMSPct, "%.3f %%", "weighted, rms")
	line("speed error", r.SpeedErrorPct, "%+.2f %%", "")
	line("noise", r.NoiseDBA, "%.1f dB", "A-weighted, re Dolby level")
	line("third harmonic", r.K3ReferencePct, "%.2f %%", "400 Hz at Dolby level")
	line("level for 3 %", r.MOL400DB, "%+.1f dB", "400 Hz, re Dolby level")
	line("saturation", r.SOL10kDB, "%+.1f dB", "10 kHz, re Dolby level")
	line("separation", r.SeparationDB, "%.1f dB", "1 kHz, the worse way")
	line("other side", r.OtherSideDB, "%.1f dB", "1 kHz, re Dolby level")
	line("azimuth", r.AzimuthArcmin, "%+.1f'", "plus: right is late")
	name := "response"
	for _, hz := range bench.ResponseTones() {
		if v, ok := r.ResponseDB[strconv.FormatFloat(hz, 'f', -1, 64)]; ok {
			t.say("  %-22s %12s  %s", name, fmt.Sprintf("%+.1f dB", v), fmt.Sprintf("%g Hz", hz))
			name = ""
		}
	}
}
