package publish

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ferric/budget"
	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/pressing"
)

// Limits of what a manifest may say. A side of tape has at most 75 minutes (C150).
const (
	maxFiles      = 4000
	maxTracks     = 100 // of a side
	maxCredits    = 200
	maxCostLines  = 100
	maxSideHours  = 2
	maxCoins      = 100_000_000_000
	maxOtherBytes = 1 << 20 // of a WAV beside its sound: cue points and labels
)

// drawings are the previews that come up: what is printed alike on every copy.
var drawings = []string{"case", "jcard-outside", "jcard-inside", "cassette-a", "cassette-b"}

// wanted checks a manifest and says which of its files come up, the manifest first.
func (d *Desk) wanted(m *pressing.Manifest, text []byte) ([]File, error) {
	if err := check(m); err != nil {
		return nil, err
	}
	files := []File{{pressing.ManifestName, Manifest, hashOf(text), int64(len(text))}}
	known := make(map[string]pressing.File, len(m.Files))
	for _, f := range m.Files {
		known[f.Name] = f
	}
	total := files[0].Size
	add := func(name string, kind Kind, most int64) error {
		f, ok := known[name]
		switch {
		case !ok:
			return fault.Field("files", "The manifest has no file %q.", short(name))
		case !blob.IsHash(f.SHA256):
			return fault.Field("files", "The hash of %q is not a SHA-256 in hexadecimal.", short(name))
		case f.Size < 1 || f.Size > most:
			return fault.Field("files", "%q has %d bytes; 1 to %d are taken.", short(name), f.Size, most)
		}
		total += f.Size
		if i := slices.IndexFunc(files, func(o File) bool { return o.SHA256 == f.SHA256 }); i >= 0 {
			if files[i].Size != f.Size || files[i].Kind != kind {
				return fault.Field("files", "%q and %q have one hash and are not the same.", short(name), short(files[i].Name))
			}
			return nil // a tape with the same programme on both sides
		}
		files = append(files, File{name, kind, f.SHA256, f.Size})
		return nil
	}
	for _, s := range m.Sides {
		if err := add(s.Programme.File, Programme, d.cfg.MaxFile); err != nil {
			return nil, err
		}
	}
	if name := coverOf(known); name != "" {
		if known[name].SHA256 != m.Release.CoverSHA256 {
			return nil, fault.Field("files", "%q is not the cover that the manifest names.", name)
		}
		if err := add(name, Cover, maxPicture); err != nil {
			return nil, err
		}
	}
	for _, name := range drawings {
		if name = drawingFile(name); known[name].Name != "" {
			if err := add(name, Drawing, maxPicture); err != nil {
				return nil, err
			}
		}
	}
	if total > d.cfg.MaxPressing {
		return nil, fault.Newf(fault.Limit, "The pressing has %d MB, and at most %d MB are taken. FLAC programmes (ferric press --format flac) are about half as large.", total/1_000_000, d.cfg.MaxPressing/1_000_000)
	}
	return files, nil
}

func drawingFile(name string) string { return "previews/" + name + ".png" }

func coverOf(known map[string]pressing.File) string {
	for _, name := range []string{"cover.jpg", "cover.png"} {
		if known[name].Name != "" {
			return name
		}
	}
	return ""
}

// check refuses a manifest that no pressing has, or that says more than a page can show.
func check(m *pressing.Manifest) error {
	if len(m.Files) > maxFiles {
		return fault.Field("files", "The manifest names %d files; a pressing has at most %d.", len(m.Files), maxFiles)
	}
	for _, f := range m.Files {
		if err := line("files", f.Name, 400); err != nil {
			return err
		}
	}
	if err := checkRelease(m.Release); err != nil {
		return err
	}
	if len(m.Sides) < 1 || len(m.Sides) > 2 {
		return fault.Field("sides", "A tape has one or two sides, not %d.", len(m.Sides))
	}
	for i, s := range m.Sides {
		if s.Name != string(rune('A'+i)) {
			return fault.Field("sides", "Side %d is called %q.", i+1, short(s.Name))
		}
		if err := checkSide(s); err != nil {
			return err
		}
	}
	if err := first(line("tape.name", m.Tape.Name, 20), line("tape.type", m.Tape.Type, 20), line("tape.formulation", m.Tape.Formulation, 80)); err != nil {
		return err
	}
	if m.Tape.MinutesPerSide < 0 || m.Tape.MinutesPerSide > 60*maxSideHours || len(m.LineUp) > 20 {
		return fault.Field("tape", "There is no such tape.")
	}
	for _, t := range m.LineUp {
		if err := first(line("line_up", t.Name, 80), line("line_up", t.Purpose, 200)); err != nil {
			return err
		}
	}
	if err := checkRun(m.Run); err != nil {
		return err
	}
	return checkBudget(m.Budget)
}

func checkRelease(r pressing.Release) error {
	if err := first(catalog.CheckName("title", r.Title, 300), catalog.CheckName("artist", r.Artist, 200), line("catalog_number", r.CatalogNumber, 40),
		catalog.CheckBarcode(r.Barcode), line("genre", r.Genre, 100), line("copyright", r.Copyright, 500), catalog.CheckText("notes", r.Notes, catalog.MaxText)); err != nil {
		return err
	}
	if r.Year < 0 || r.Year > 9999 {
		return fault.Field("year", "%d is no year.", r.Year)
	}
	if r.Accent != "" && catalog.CheckAccent(r.Accent) != nil {
		return fault.Field("accent", "%q is no colour.", short(r.Accent))
	}
	if len(r.Credits) > maxCredits {
		return fault.Field("credits", "There are %d credits; at most %d can be shown.", len(r.Credits), maxCredits)
	}
	for _, c := range r.Credits {
		if err := first(line("credits", c.Role, 200), line("credits", c.Names, 1000)); err != nil {
			return err
		}
	}
	return nil
}

func checkSide(s pressing.Side) error {
	p := s.Programme
	switch {
	case len(s.Tracks) > maxTracks:
		return fault.Field("sides", "Side %s has %d tracks; at most %d can be shown.", s.Name, len(s.Tracks), maxTracks)
	case p.SampleRate != 44100 && p.SampleRate != 48000, p.Bits != 16 && p.Bits != 24:
		return fault.Field("sides", "Side %s has %d Hz and %d bits; a pressing has 44100 or 48000 Hz and 16 or 24 bits.", s.Name, p.SampleRate, p.Bits)
	case p.Frames < 1 || p.Frames > maxSideHours*3600*int64(p.SampleRate):
		return fault.Field("sides", "Side %s has %d frames; no tape is that long.", s.Name, p.Frames)
	case !strings.HasSuffix(p.File, ".wav") && !strings.HasSuffix(p.File, ".flac"):
		return fault.Field("sides", "Side %s is no WAV and no FLAC.", s.Name)
	}
	for i, t := range s.Tracks {
		if t.Position != fmt.Sprintf("%s%d", s.Name, i+1) {
			return fault.Field("sides", "Track %d of side %s is called %q.", i+1, s.Name, short(t.Position))
		}
		if err := first(catalog.CheckName("tracks", t.Title, 300), line("tracks", t.Artist, 300), line("tracks", t.ISRC, 20)); err != nil {
			return err
		}
		if t.StartS < 0 || t.DurationS < 0 || t.StartS > 3600*maxSideHours || t.DurationS > 3600*maxSideHours || t.Counter < 0 || t.Counter > 1e5 {
			return fault.Field("tracks", "%s is not on the side.", t.Position)
		}
	}
	return nil
}

func checkRun(r *pressing.Run) error {
	if r == nil {
		return nil
	}
	if r.Copies < 1 || r.Proofs < 0 || r.Copies+r.Proofs > catalog.MaxCopies {
		return fault.Field("run", "A run has 1 to %d copies, proofs counted.", catalog.MaxCopies)
	}
	if len(r.Claims) != r.Copies+r.Proofs {
		return fault.Field("run", "The run has %d copies and proofs and %d claim codes.", r.Copies+r.Proofs, len(r.Claims))
	}
	if salt, err := hex.DecodeString(r.Salt); err != nil || len(salt) < 16 || len(salt) > 64 {
		return fault.Field("run", "The salt of the claim codes is not 16 to 64 bytes in hexadecimal.")
	}
	shown := catalog.Run{Copies: r.Copies, Proofs: r.Proofs}
	seen := make(map[string]bool, len(r.Claims))
	for i, c := range r.Claims {
		if c.Copy != shown.Label(i+1) || !blob.IsHash(c.SHA256) || seen[c.SHA256] {
			return fault.Field("run", "The claim codes are not one for each number, in their order.")
		}
		seen[c.SHA256] = true
	}
	return nil
}

func checkBudget(b *budget.Budget) error {
	if b == nil {
		return nil
	}
	bad := fault.Field("budget", "The budget does not add up.")
	currency, err := budget.FindCurrency(b.Currency)
	if err != nil || currency.Digits != b.Digits || len(b.PerCopy)+len(b.PerRun) > maxCostLines {
		return bad
	}
	if b.Copies < 0 || b.Copies > 1_000_000 || b.Proofs < 0 || b.Proofs > 1_000_000 || b.Run.Made < 0 || b.Run.Made > 3_000_000 ||
		b.Run.Total < 0 || b.Run.Total > maxCoins || b.Run.PerCopy < 0 || b.Run.PerCopy > maxCoins || b.Streams.Rate < 0 {
		return bad
	}
	for _, l := range slices.Concat(b.PerCopy, b.PerRun) {
		if l.Total < 0 || l.Total > maxCoins {
			return bad
		}
		if err := line("budget", l.Name, 100); err != nil {
			return err
		}
	}
	return line("budget", b.Streams.Source.Text, 500)
}

// line refuses a line of text that is too long or holds what nobody sees. It may be empty.
func line(field, text string, most int) error {
	if text == "" {
		return nil
	}
	return catalog.CheckName(field, text, most)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// short is a stranger's text as it may stand in a sentence.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if catalog.Hidden(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// describe is what the release's page is told, from a manifest that was checked. Drawings come with their sizes.
func describe(m *pressing.Manifest, manifest string, drawn []catalog.Drawing) catalog.Detail {
	known := map[string]pressing.File{}
	for _, f := range m.Files {
		known[f.Name] = f
	}
	d := catalog.Detail{
		Genre: m.Release.Genre, Copyright: m.Release.Copyright, Manifest: manifest, Accent: m.Release.Accent,
		Tape: catalog.Tape{Name: m.Tape.Name, Minutes: m.Tape.MinutesPerSide, Type: m.Tape.Type, Formulation: m.Tape.Formulation,
			EqualisationUS: m.Tape.EqualisationUS, DolbyDBFS: m.Master.DolbyDBFS},
		Pictures: catalog.Pictures{Cover: known[coverOf(known)].SHA256, Drawings: drawn},
		Costs:    costs(m.Budget),
	}
	for _, c := range m.Release.Credits {
		d.Credits = append(d.Credits, catalog.Credit{Role: c.Role, Names: c.Names})
	}
	for _, t := range m.LineUp {
		d.LineUp = append(d.LineUp, catalog.Tone{Name: t.Name, Hz: t.Hz, Level: t.LevelDBFS, Purpose: t.Purpose})
	}
	for _, s := range m.Sides {
		p := s.Programme
		side := catalog.Side{Name: s.Name, Programme: known[p.File].SHA256, Format: p.File[strings.LastIndex(p.File, ".")+1:], Frames: p.Frames, Rate: p.SampleRate,
			Bits: p.Bits, Blank: s.BlankS, Tracks: []catalog.Track{}}
		if p.IntegratedLUFS != nil {
			side.LUFS = *p.IntegratedLUFS
		}
		for _, t := range s.Tracks {
			track := catalog.Track{Position: t.Position, Title: t.Title, ISRC: t.ISRC, Start: t.StartS, Duration: t.DurationS, Counter: t.Counter}
			if t.Artist != m.Release.Artist {
				track.Artist = t.Artist
			}
			side.Tracks = append(side.Tracks, track)
		}
		d.Sides = append(d.Sides, side)
	}
	return d
}

func costs(b *budget.Budget) catalog.Costs {
	if b == nil {
		return catalog.Costs{}
	}
	c := catalog.Costs{Currency: b.Currency, Digits: b.Digits, Copies: b.Copies, Proofs: b.Proofs, Made: b.Run.Made, Total: int64(b.Run.Total), PerCopy: int64(b.Run.PerCopy),
		Stream: b.Streams.Rate.String(), Source: b.Streams.Source.Text, Year: b.Streams.Source.Year}
	for _, l := range b.PerCopy {
		c.Lines = append(c.Lines, catalog.Cost{Name: l.Name, Total: int64(l.Total)})
	}
	for _, l := range b.PerRun {
		c.Lines = append(c.Lines, catalog.Cost{Name: l.Name, Total: int64(l.Total), PerRun: true})
	}
	return c
}
