package pressing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ferric/album"
	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/wav"
	"ferric/budget"
	"ferric/jcard"
	"ferric/master"
	"ferric/sheet"
)

// Request is what to press, and where.
type Request struct {
	Album    *album.Album
	Notices  []album.Notice // what reading the album had to say
	Open     master.Opener  // opens a track's sound
	Out      string         // the folder to make, or a pressing to replace
	Choices  Choices
	Hear     *Hearing // plays previews; nil for none
	Version  string   // of the program, for the manifest
	Progress func(step string, done float64)
}

// Pressed is what came of it.
type Pressed struct {
	Manifest *Manifest
	Budget   *budget.Budget
	Dir      string
}

// Press makes a pressing. On any error, and when ctx ends, Out is as it was.
func Press(ctx context.Context, req Request) (*Pressed, error) {
	if req.Progress == nil {
		req.Progress = func(string, float64) {}
	}
	choice, err := decide(req.Choices, req.Album)
	if err != nil {
		return nil, err
	}
	out, err := newFolder(req.Out)
	if err != nil {
		return nil, err
	}
	j := &job{Request: req, decided: choice, out: out}
	if err := j.run(ctx); err != nil {
		out.abandon()
		return nil, err
	}
	if err := out.commit(); err != nil {
		out.abandon()
		return nil, err
	}
	return &Pressed{Manifest: j.manifest, Budget: j.budget, Dir: out.dest}, nil
}

// job is one press under way; its fields are filled from top to bottom.
type job struct {
	Request
	*decided
	out *folder

	measured *master.Measurements
	plan     *master.Plan
	claims   *claims
	suite    *jcard.Suite
	budget   *budget.Budget
	result   *master.Result
	previews []string // their names, without folder and ending
	manifest *Manifest
}

func (j *job) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		j.layOut, j.drawClaims, j.setCards, j.cost, j.render, j.writeLineUp,
		j.describe, j.hear, j.writeMarks, j.writeCover, j.writePapers, j.writeBudget, j.writeVendor, j.seal,
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// layOut listens to every track once and cuts the album into two sides.
func (j *job) layOut(ctx context.Context) (err error) {
	j.master.Progress = func(p master.Progress) {
		step := map[string]string{"measure": "listening", "render": "rendering sides"}[p.Stage]
		j.Progress(step, float64(p.Done)/float64(max(p.Total, 1)))
	}
	if j.measured, err = master.Measure(ctx, j.Album, j.Open, j.master); err != nil {
		return err
	}
	j.plan, err = master.Layout(j.Album, j.measured, j.master)
	return err
}

func (j *job) setCards(context.Context) (err error) {
	release := jcard.NewRelease(j.Album, j.plan, j.master.Formulation)
	release.Accent = first(j.Choices.Accent, release.Accent)
	j.edition.Claims = j.claims.printed()
	j.card.Edition = j.edition
	j.suite, err = jcard.NewSuite(sheet.NewFonts(), release, j.card)
	return err
}

func (j *job) cost(context.Context) (err error) {
	j.budget, err = budget.New(budget.Input{
		Settings: j.Album.Budget,
		Copies:   j.edition.Run,
		Proofs:   j.edition.Proofs,
		Side:     j.plan.Tape.PerSide,
	})
	return err
}

// render writes the two programmes. A side may be rendered again; its file then starts anew.
func (j *job) render(ctx context.Context) (err error) {
	j.result, err = master.Render(ctx, j.Album, j.measured, j.plan, j.Open, j.sideSink, j.master)
	return err
}

func (j *job) sideFile(side int) string {
	name := "side-" + strings.ToLower(j.plan.Sides[side].Name)
	if j.flac {
		return name + ".flac"
	}
	return name + ".wav"
}

func (j *job) sideSink(side int) (audio.Sink, error) {
	name := j.sideFile(side)
	if err := os.Remove(j.out.at(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := j.out.create(name)
	if err != nil {
		return nil, err
	}
	s, err := j.newSink(file, side)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return sink{s, file}, nil
}

// newSink starts a programme's file, with a cue point at the start of each track.
func (j *job) newSink(file *os.File, side int) (audio.Sink, error) {
	plan := j.plan.Sides[side]
	title := j.Album.Title + " (side " + plan.Name + ")"
	if !j.flac {
		w, err := wav.NewWriter(file, wav.Config{Rate: j.plan.Rate, Channels: 2, Bits: j.master.Bits})
		if err != nil {
			return nil, err
		}
		for _, t := range plan.Tracks {
			w.AddCue(t.Start, j.Album.Tracks[t.Index].Title)
		}
		return w, nil
	}
	cfg := flac.Config{
		Rate: j.plan.Rate, Channels: 2, Bits: j.master.Bits, Length: plan.Length,
		Tags: []flac.Tag{{Name: "ALBUM", Value: j.Album.Title}, {Name: "TITLE", Value: title}, {Name: "ARTIST", Value: j.Album.Artist}, {Name: "MEDIA", Value: "Cassette"}},
	}
	for _, t := range plan.Tracks {
		cfg.Cues = append(cfg.Cues, flac.Cue{At: t.Start, Label: j.Album.Tracks[t.Index].Title})
	}
	return flac.NewWriter(file, cfg)
}

// writeLineUp writes the tones a deck is set by.
func (j *job) writeLineUp(ctx context.Context) error {
	const name = "line-up.wav"
	file, err := j.out.create(name)
	if err != nil {
		return err
	}
	w, err := wav.NewWriter(file, wav.Config{Rate: j.plan.Rate, Channels: 2, Bits: j.master.Bits})
	if err != nil {
		return errors.Join(err, file.Close())
	}
	s := sink{w, file}
	for _, t := range j.result.LineUp.Tones {
		w.AddCue(j.plan.Rate.Frames(t.Start), t.Name)
	}
	_, err = audio.Copy(s, j.result.LineUp.Source(j.plan.Rate), audio.NewBlock(2, 1<<14))
	if closed := s.Close(); err == nil {
		err = closed
	}
	return err
}

func (j *job) writeMarks(context.Context) error {
	for _, side := range j.manifest.Sides {
		base := strings.TrimSuffix(side.Programme.File, filepath.Ext(side.Programme.File))
		err := j.out.write(base+".cue", func(w io.Writer) error { return writeCue(w, j.manifest.Release, side) })
		if err == nil {
			err = j.out.write(base+".labels.txt", func(w io.Writer) error { return writeLabels(w, side) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeCover adds the cover as it was read, upright, for whoever shows the release.
func (j *job) writeCover(context.Context) error {
	if j.Album.Cover == nil {
		return nil
	}
	name := "cover.png"
	if j.Album.Cover.MIME == "image/jpeg" {
		name = "cover.jpg"
	}
	return j.out.write(name, func(w io.Writer) error {
		_, err := w.Write(j.Album.Cover.Data)
		return err
	})
}

func (j *job) writeBudget(context.Context) error {
	return j.out.write("budget.json", func(w io.Writer) error { return writeJSON(w, j.budget) })
}

// writeVendor adds the programmes under the vendor's own names, without a second copy on disk where the file system can.
func (j *job) writeVendor(ctx context.Context) error {
	p := j.master.Profile
	if p.SideName == "" {
		return nil
	}
	a := j.Album
	var sums strings.Builder
	for i, side := range j.manifest.Sides {
		ours := j.sideFile(i)
		name := "for-" + p.Key + "/" + p.SideFile(side.Name, a.Artist, a.Title, a.Label, a.Catalogue) + filepath.Ext(ours)
		if err := os.MkdirAll(filepath.Dir(j.out.at(name)), 0o777); err != nil {
			return err
		}
		if err := os.Link(j.out.at(ours), j.out.at(name)); err != nil {
			if err := j.copy(ours, name); err != nil {
				return err
			}
		}
		if p.MD5 {
			file, err := os.Open(j.out.at(name))
			if err != nil {
				return err
			}
			h, err := hashes(ctx, file)
			file.Close()
			if err != nil {
				return err
			}
			fmt.Fprintf(&sums, "%s  %s\n", h.MD5, filepath.Base(name))
		}
	}
	if p.MD5 {
		return j.out.write("for-"+p.Key+"/MD5SUMS", func(w io.Writer) error {
			_, err := io.WriteString(w, sums.String())
			return err
		})
	}
	return nil
}

func (j *job) copy(from, to string) error {
	file, err := os.Open(j.out.at(from))
	if err != nil {
		return err
	}
	defer file.Close()
	return j.out.write(to, func(w io.Writer) error {
		_, err := io.Copy(w, file)
		return err
	})
}

// seal hashes every file, writes the report and the manifest, and the two checksum files over all of it.
func (j *job) seal(ctx context.Context) error {
	if err := j.addFiles(ctx); err != nil {
		return err
	}
	if err := j.out.write("report.html", j.writeReport); err != nil {
		return err
	}
	if err := j.addFiles(ctx); err != nil {
		return err
	}
	err := j.out.write(manifestName, func(w io.Writer) error {
		_, err := j.manifest.WriteTo(w)
		return err
	})
	if err != nil {
		return err
	}
	all := j.manifest.Files
	own, err := j.hash(ctx, manifestName)
	if err != nil {
		return err
	}
	all = append(all[:len(all):len(all)], own)
	if err := j.out.write(md5Name, func(w io.Writer) error { return writeSums(w, all, func(f File) string { return f.MD5 }) }); err != nil {
		return err
	}
	return j.out.write(sha256Name, func(w io.Writer) error { return writeSums(w, all, func(f File) string { return f.SHA256 }) })
}

// addFiles hashes the files that the manifest does not have yet.
func (j *job) addFiles(ctx context.Context) error {
	names, err := j.out.list()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, f := range j.manifest.Files {
		known[f.Name] = true
	}
	for i, name := range names {
		j.Progress("checksums", float64(i)/float64(len(names)))
		if known[name] {
			continue
		}
		f, err := j.hash(ctx, name)
		if err != nil {
			return err
		}
		j.manifest.Files = append(j.manifest.Files, f)
	}
	return nil
}

func (j *job) hash(ctx context.Context, name string) (File, error) {
	file, err := os.Open(j.out.at(name))
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	f, err := hashes(ctx, file)
	f.Name = name
	return f, err
}
