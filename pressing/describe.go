package pressing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ferric/album"
	"ferric/master"
	"ferric/sheet"
	"ferric/tape"
)

// describe fills the manifest with all that is known before the papers are written.
func (j *job) describe(context.Context) error {
	a, o, r := j.Album, j.master, j.result
	m := &Manifest{
		Schema: Schema,
		Tool:   Tool{"ferric", j.Version},
		Release: Release{
			Title: a.Title, Artist: a.Artist, Label: a.Label, CatalogNumber: a.Catalogue, Barcode: a.Barcode, Year: a.Year,
			Genre: a.Genre, Copyright: a.Copyright, Notes: a.Notes, Accent: hex6(j.suite.Palette.Accent),
		},
		Tape: Tape{
			Name: j.plan.Tape.Name, MinutesPerSide: j.plan.Tape.PerSide.Minutes(),
			Type: o.Formulation.Code, Formulation: o.Formulation.Name, EqualisationUS: o.Formulation.EQ.Treble * 1e6,
			MarginS: pick(o.Margin, ptr(master.DefaultMargin)).Seconds(),
			Shorter: j.plan.Shorter.Name, OverShorterS: seconds(j.plan.Over),
		},
		Master: Master{
			Flat: o.Flat, GainDB: round(r.GainDB, 2), TargetLUFS: figure(r.Target), LUFS: figure(r.Loudness),
			DolbyDBFS: round(r.LineUp.ReferenceDB, 2),
		},
		Card:   Card{Layout: j.suite.Layout.Name, Panels: j.suite.Geometry.Panels, Paper: j.suite.Paper.Name},
		Budget: j.budget,
		Settings: Settings{
			Vendor: o.Profile.Key, Order: map[bool]string{false: "keep", true: "reorder"}[o.Reorder],
			GapS: pick(o.Gap, ptr(master.DefaultGap)).Seconds(), SampleRate: int(j.plan.Rate), Bits: o.Bits,
			Format: map[bool]string{false: "wav", true: "flac"}[j.flac], Flat: o.Flat,
		},
	}
	if !o.Flat {
		m.Master.CeilingDBTP = figure(r.CeilingDB)
	}
	for _, c := range a.Credits {
		m.Release.Credits = append(m.Release.Credits, Credit{c.Role, c.Names})
	}
	if a.Cover != nil {
		sum := sha256.Sum256(a.Cover.Data)
		m.Release.Cover, m.Release.CoverSHA256 = a.Cover.File, hex.EncodeToString(sum[:])
	}
	for i := range j.plan.Sides {
		m.Sides = append(m.Sides, j.describeSide(i))
	}
	for _, t := range r.LineUp.Tones {
		m.LineUp = append(m.LineUp, Tone{t.Name, t.Hz, t.LevelDB, seconds(t.Start), seconds(t.Length), t.Purpose})
	}
	if len(j.claims.labels) > 0 {
		m.Run = &Run{j.edition.Run, j.edition.Proofs, j.edition.ClaimURL, j.claims.salt, j.claims.hashed()}
	}
	m.Findings = j.findings()
	j.manifest = m
	return nil
}

func (j *job) describeSide(i int) Side {
	plan, p := j.plan.Sides[i], j.result.Sides[i]
	s := Side{
		Name:   plan.Name,
		BlankS: seconds(plan.Blank),
		Programme: Programme{
			File: j.sideFile(i), DurationS: round(plan.Length.Seconds(j.plan.Rate), 6), Frames: int64(plan.Length),
			SampleRate: int(j.plan.Rate), Bits: j.master.Bits,
			IntegratedLUFS: figure(p.IntegratedLUFS), TruePeakDBTP: figure(p.TruePeakDBTP), LoudnessRangeLU: figure(p.RangeLU),
		},
		Tracks: []Track{},
	}
	for n, placed := range plan.Tracks {
		t, measure, made := j.Album.Tracks[placed.Index], j.measured.Tracks[placed.Index], j.result.Tracks[placed.Index]
		start := placed.Start.Duration(j.plan.Rate)
		s.Tracks = append(s.Tracks, Track{
			Position: fmt.Sprintf("%s%d", plan.Name, n+1), Title: t.Title, Artist: t.Artist, ISRC: t.ISRC,
			Source: filepath.ToSlash(within(j.Album.Dir, t.File)),
			StartS: round(placed.Start.Seconds(j.plan.Rate), 6), DurationS: round(placed.Length.Seconds(j.plan.Rate), 6), Joined: placed.Joined,
			Counter:        round(tape.Counter{}.Count(j.plan.Tape, start), 1),
			IntegratedLUFS: figure(measure.Integrated), TruePeakDBTP: figure(measure.TruePeakDB),
			Limited: acted(made.Limiter, start), TrebleLimited: acted(made.Treble, start),
		})
	}
	return s
}

// findings are what the sound, the layout, the cards and the album's files have to say, the worst first.
func (j *job) findings() []Finding {
	all := master.Check(j.Album, j.measured, j.plan, j.result, j.master)
	all = append(all, j.suite.Findings()...)
	if j.flac && !j.master.Profile.FLAC {
		all = append(all, master.Finding{Severity: master.Care, Code: "vendor-format",
			Text: j.master.Profile.Name + " asks for WAV; the programmes are FLAC.", Do: "Leave --format at wav for this vendor."})
	}
	out := []Finding{}
	for _, n := range j.Notices {
		out = append(out, Finding{Severity: master.Note.String(), Code: "album-" + n.Code, Text: noticed(n.Text, n.File)})
	}
	for _, f := range all {
		one := Finding{Severity: f.Severity.String(), Code: f.Code, Side: f.Side, Text: sentence(f.Text), Why: sentence(f.Why), Do: sentence(f.Do)}
		if f.Track > 0 && f.Track <= len(j.Album.Tracks) {
			one.Track = j.Album.Tracks[f.Track-1].Title
			one.AtS = ptr(seconds(f.At))
		}
		out = append(out, one)
	}
	rank := map[string]int{"bad": 0, "care": 1, "note": 2}
	slices.SortStableFunc(out, func(x, y Finding) int { return rank[x.Severity] - rank[y.Severity] })
	return out
}

// sentence begins with a capital and ends with a full stop, whoever wrote it.
func sentence(s string) string {
	if s == "" {
		return s
	}
	first, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[n:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// noticed is a notice as a sentence; one that begins with a file's name keeps that as it is.
func noticed(text, file string) string {
	if name := album.CleanLine(file); name != "" && strings.HasPrefix(text, name) {
		return strings.TrimSuffix(text, ".") + "."
	}
	return sentence(text)
}

func acted(w master.Work, start time.Duration) *Acted {
	if w.Times == 0 {
		return nil
	}
	return &Acted{w.Times, round(w.Seconds, 3), round(w.MaxDB, 2), seconds(start + w.MaxAt)}
}

// figure rounds a level to what a meter is good for; nil for silence and for what was not measured.
func figure(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return ptr(round(v, 2))
}

func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}

func seconds(d time.Duration) float64 { return round(d.Seconds(), 3) }

func ptr[T any](v T) *T { return &v }

func hex6(c sheet.Colour) string {
	b := func(v float64) int { return int(math.Round(min(max(v, 0), 1) * 255)) }
	return fmt.Sprintf("#%02X%02X%02X", b(c.R), b(c.G), b(c.B))
}

// within is a path relative to the album's folder, so that no manifest tells how its maker's disk looks.
func within(dir, file string) string {
	if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return filepath.Base(file)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
