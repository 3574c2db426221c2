package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/audio/codec"
	"ferric/pressing"
)

type pressCmd struct {
	Album string `arg:"" help:"Folder of songs, with a cover and a release.toml if you like." type:"path"`
	Out   string `short:"o" help:"Folder to make; a pressing there is replaced, anything else is left alone." required:"" type:"path" placeholder:"OUT"`

	For     string         `help:"Vendor to prepare for: home, headless, pressingbusiness, monotype, national, debandjesfabriek." placeholder:"VENDOR" group:"Tape"`
	Tape    string         `help:"Length: C46 and so on, custom for whole minutes wound to order, auto for the shortest that fits." placeholder:"LENGTH" group:"Tape"`
	Type    string         `help:"Formulation: I (ferric), II (chrome) or IV (metal)." placeholder:"TYPE" group:"Tape"`
	Reorder *bool          `help:"Divide the tracks so that the shortest tape holds them; the order inside a side stays." negatable:"" group:"Tape"`
	Gap     *time.Duration `help:"Silence between tracks (default 2s); tracks that run into each other have none." placeholder:"TIME" group:"Tape"`
	Margin  *time.Duration `help:"Tape to spare after the longer side (default 30s)." placeholder:"TIME" group:"Tape"`

	Flat     *bool    `help:"Lay out only: no gain, no filter, no limiter." negatable:"" group:"Sound"`
	Loudness *float64 `help:"Target for the whole tape in LUFS (default -14)." placeholder:"LUFS" group:"Sound"`
	TruePeak *float64 `help:"Ceiling in dBTP (default -1)." placeholder:"DBTP" group:"Sound"`
	Rate     int      `help:"Sampling rate of the programmes: 44100 or 48000." placeholder:"HZ" group:"Sound"`
	Bits     int      `help:"16 or 24." placeholder:"BITS" group:"Sound"`
	Format   string   `help:"wav or flac." placeholder:"FORMAT" group:"Sound"`

	Copies    *int   `name:"run" help:"Copies in the numbered edition; each gets its number and a claim code." placeholder:"N" group:"Run"`
	Proofs    *int   `help:"Artist proofs outside the count." placeholder:"N" group:"Run"`
	ClaimURL  string `name:"claim-url" help:"Address that the QR code leads to; the code is put after it." placeholder:"URL" group:"Run"`
	NewClaims bool   `help:"Draw new claim codes although OUT has some; cards that are printed become void." group:"Run"`

	Layout string `help:"J-card layout: sleeve, window, poster, series or ledger." placeholder:"NAME" group:"Cards"`
	Panels int    `help:"Panels of the J-card, 3 to 6 (default: as many as the text needs)." placeholder:"N" group:"Cards"`
	Paper  string `help:"A4 or Letter." placeholder:"PAPER" group:"Cards"`
	Accent string `help:"Colour such as #9C3D17 (default: taken from the cover)." placeholder:"COLOUR" group:"Cards"`

	budgetFlags `group:"Money"`

	Preview bool `help:"Add a minute of each side as it will sound from tape, and put it into the report." group:"Sound"`

	JSON   bool `name:"json" help:"Write release.json to standard output."`
	Strict bool `help:"Exit code 3 for findings marked care, too."`
}

func (c *pressCmd) Help() string {
	return `Reads WAV, RF64, AIFF, FLAC, MP3, Ogg Vorbis and Opus by itself, and other formats through ffmpeg where it is
installed. OUT then holds the two side programmes, a line-up tone file, the J-card and its numbered edition, shell
labels, run sheet and insert as PDF with previews, budget, claim codes, a report and the manifest release.json.

  ferric press my-album -o my-tape --run 100 --proofs 5
  ferric press my-album -o for-the-plant --for headless --type I --tape custom
  ferric press my-album -o my-tape --type II --preview

OUT is made whole or not at all. Pressing again keeps the claim codes of the run. What the flags leave open stands in
release.toml (ferric init writes one), and what that leaves open has a default.`
}

func (c *pressCmd) Run(ctx context.Context, t *terminal) error {
	a, notices, err := c.read(ctx, t)
	if err != nil {
		return err
	}
	if err := c.budgetFlags.apply(&a.Budget); err != nil {
		return err
	}
	keepSmall()
	ffmpeg := findFFmpeg()
	bar := t.progress()
	var hear *pressing.Hearing
	if c.Preview {
		hear = hearing()
	}
	made, err := pressing.Press(ctx, pressing.Request{
		Album: a, Notices: notices, Out: c.Out, Version: version, Choices: c.choices(), Progress: bar.set, Hear: hear,
		Open: func(ctx context.Context, track album.Track) (audio.Source, error) {
			return codec.Open(ctx, track.File, codec.Options{FFmpeg: ffmpeg})
		},
	})
	bar.close()
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(made.Manifest)
	} else {
		summarise(t, made)
	}
	if err != nil {
		return err
	}
	for _, f := range made.Manifest.Findings {
		if f.Severity == "bad" || c.Strict && f.Severity == "care" {
			return errors.Join(errSaid, errFound)
		}
	}
	return nil
}

// keepSmall has the collector work a little harder than it likes to: a press makes much
// garbage in large pieces and holds little, so that half the memory costs a few per cent of
// the time. GOGC and GOMEMLIMIT in the environment go before it.
func keepSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(48 << 20)
	}
}

func (c *pressCmd) read(ctx context.Context, t *terminal) (*album.Album, []album.Notice, error) {
	bar := t.progress()
	defer bar.close()
	return album.Read(ctx, c.Album, album.Options{
		FFmpeg:   findFFmpeg(),
		Progress: func(done, total int) { bar.set("reading tracks", float64(done)/float64(total)) },
	})
}

func (c *pressCmd) choices() pressing.Choices {
	return pressing.Choices{
		Vendor: c.For, Tape: c.Tape, Type: c.Type, Reorder: c.Reorder, Gap: c.Gap, Margin: c.Margin,
		Loudness: c.Loudness, TruePeak: c.TruePeak, Flat: c.Flat, Rate: audio.Rate(c.Rate), Bits: c.Bits, Format: c.Format,
		Copies: c.Copies, Proofs: c.Proofs, ClaimURL: c.ClaimURL, NewClaims: c.NewClaims,
		Layout: c.Layout, Panels: c.Panels, Paper: c.Paper, Accent: c.Accent,
	}
}

// alike is how many findings of one kind are shown; an album of 200 tracks may have 200 of a kind.
const alike = 4

func sayFindings(t *terminal, findings []pressing.Finding) {
	kinds := map[string]int{}
	for _, f := range findings {
		kinds[f.Severity+f.Code]++
	}
	shown := map[string]int{}
	for _, f := range findings {
		kind := f.Severity + f.Code
		if shown[kind]++; shown[kind] > alike {
			continue
		}
		word := t.faint(f.Severity)
		switch f.Severity {
		case "bad":
			word = t.bad(f.Severity)
		case "care":
			word = t.care(f.Severity)
		}
		where := ""
		if f.Side != "" || f.Track != "" {
			where = " (" + strings.TrimSpace(strings.Join([]string{f.Side, f.Track}, " ")) + ")"
		}
		t.say("  %s  %s%s", word, f.Text, where)
		if more := kinds[kind] - alike; shown[kind] == alike && more > 0 {
			t.say("        %s", t.faint(fmt.Sprintf("and %d more like these in report.html", more)))
		}
	}
}

// heading is artist and title, or the title alone where nothing says who the artist is.
func heading(m *pressing.Manifest) string {
	if m.Release.Artist == "" {
		return m.Release.Title
	}
	return m.Release.Artist + " - " + m.Release.Title
}

// summarise answers what one wants to know after a press.
func summarise(t *terminal, p *pressing.Pressed) {
	m := p.Manifest
	t.say("%s", t.bold(heading(m)))
	t.say("")
	t.say("  %s, %s", m.Tape.Name, m.Tape.Formulation)
	for _, s := range m.Sides {
		state := clockText(s.BlankS) + " blank at its end"
		if s.BlankS < 0 {
			state = t.bad(clockText(-s.BlankS) + " too long")
		}
		t.say("  Side %s  %8s  %2d %s  %s LUFS  %s dBTP  %s", s.Name, clockText(s.Programme.DurationS), len(s.Tracks),
			plural(len(s.Tracks), "track", "tracks"), level(s.Programme.IntegratedLUFS), level(s.Programme.TruePeakDBTP), state)
	}
	if m.Tape.Shorter != "" {
		t.say("  %s", t.faint(fmt.Sprintf("%s is too short by %s.", m.Tape.Shorter, clockText(m.Tape.OverShorterS))))
	}
	if m.Run != nil {
		t.say("  %d numbered %s and %d artist proofs; their codes are in claims.csv, which only you can read.", m.Run.Copies, plural(m.Run.Copies, "copy", "copies"), m.Run.Proofs)
	}
	t.say("")
	sayFindings(t, m.Findings)
	if len(m.Findings) > 0 {
		t.say("")
	}
	t.say("%s", budgetSentence(p.Budget))
	t.say("Everything is in %s. Open %s first.", p.Dir, "report.html")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func level(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f", *v)
}

// clockText is seconds as m:ss.
func clockText(s float64) string {
	n := int64(s + 0.5)
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}
