package publish

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"ferric/audio"
	"ferric/audio/codec"
	"ferric/audio/flac"
	"ferric/audio/wav"
	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/pressing"
)

// Finish reads all that came and keeps it, or says what is wrong and keeps nothing.
func (d *Desk) Finish(ctx context.Context, id string) (Result, error) {
	leave, err := d.queue(ctx)
	if err != nil {
		return Result{}, err
	}
	defer leave()
	u, err := d.upload(ctx, id)
	if err != nil {
		return Result{}, err
	}
	s, err := d.session(ctx, u)
	if err != nil {
		return Result{}, err
	}
	for _, f := range s.Files {
		if f.Have != f.Size {
			return Result{}, fault.Newf(fault.Conflict, "%q is not whole yet: %d of %d bytes are there.", short(f.Name), f.Have, f.Size)
		}
	}
	m, drawn, err := d.read(ctx, u)
	if err != nil {
		return Result{}, err
	}
	hashes, err := d.keep(u)
	if err != nil {
		return Result{}, trouble(err)
	}
	if err := d.makePictures(ctx, m, u.Manifest, drawn); err != nil {
		return Result{}, trouble(err)
	}
	detail := describe(m, u.Manifest, drawn)
	var result Result
	err = d.blobs.Refer(hashes, func() error {
		return d.store.Update(ctx, func(tx Tx) (err error) {
			result, err = d.enter(tx, u, m, detail)
			return err
		})
	})
	if err != nil {
		return Result{}, err
	}
	return result, d.blobs.Drop(u.ID)
}

// read checks every file that came against the manifest and against what it claims to be.
func (d *Desk) read(ctx context.Context, u Upload) (*pressing.Manifest, []catalog.Drawing, error) {
	for _, f := range u.Files {
		err := d.blobs.CheckPart(ctx, u.ID, f.SHA256)
		if errors.Is(err, blob.ErrHash) {
			if err := d.blobs.Spoil(u.ID, f.SHA256); err != nil {
				return nil, nil, err
			}
			return nil, nil, fault.Newf(fault.Invalid, "%q did not come as the manifest says: its hash is another. Send it again; the rest is kept until then.", short(f.Name))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // what is not there is kept already, and session has seen it
			return nil, nil, err
		}
	}
	file, err := d.source(u, u.Manifest)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxManifest+1))
	if err != nil {
		return nil, nil, err
	}
	m, err := pressing.ParseManifest(text)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Invalid, "This is not the release.json of a pressing.")
	}
	if _, err := d.wanted(m, text); err != nil {
		return nil, nil, err
	}
	known := map[string]pressing.File{}
	for _, f := range m.Files {
		known[f.Name] = f
	}
	for _, s := range m.Sides {
		if err := d.checkProgramme(ctx, u, known[s.Programme.File].SHA256, s); err != nil {
			return nil, nil, err
		}
	}
	var drawn []catalog.Drawing
	for _, f := range u.Files {
		if f.Kind != Cover && f.Kind != Drawing {
			continue
		}
		w, h, err := d.checkPicture(ctx, u, f)
		if err != nil {
			return nil, nil, err
		}
		if f.Kind == Drawing {
			name := f.Name[len("previews/") : len(f.Name)-len(".png")]
			drawn = append(drawn, catalog.Drawing{Name: name, SHA256: f.SHA256, Width: w, Height: h})
		}
	}
	return m, drawn, nil
}

// source opens a file of the session, where it came in or where it was kept before.
func (d *Desk) source(u Upload, hash string) (*blob.File, error) {
	f, err := d.blobs.OpenPart(u.ID, hash)
	if errors.Is(err, fs.ErrNotExist) {
		return d.blobs.Open(hash)
	}
	return f, err
}

// checkProgramme decodes a side from its first frame to its last.
func (d *Desk) checkProgramme(ctx context.Context, u Upload, hash string, s pressing.Side) error {
	f, err := d.source(u, hash)
	if err != nil {
		return err
	}
	defer f.Close()
	p := s.Programme
	refuse := func(cause error, format string, args ...any) error {
		return fault.Wrap(cause, fault.Invalid, "Side "+s.Name+": "+fmt.Sprintf(format, args...)+" Nothing was kept; press the album again.")
	}
	head := make([]byte, 64)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if !wav.Sniff(head[:n]) && !flac.Sniff(head[:n]) {
		return refuse(nil, "this is neither WAV nor FLAC, whatever its name says.")
	}
	sound, err := codec.New(f, f.Size, p.File)
	if err != nil {
		return refuse(err, "the file is damaged or of a kind that no pressing has.")
	}
	defer sound.Close()
	format := sound.Format()
	if int(format.Rate) != p.SampleRate || format.Bits != p.Bits || format.Channels != 2 || format.Float {
		return refuse(nil, "the file has %d Hz, %d bits, %d channels, and the manifest says %d Hz, %d bits, 2 channels.", format.Rate, format.Bits, format.Channels, p.SampleRate, p.Bits)
	}
	if sounding := p.Frames * 2 * int64(p.Bits/8); wav.Sniff(head[:n]) && f.Size > sounding+maxOtherBytes {
		return refuse(nil, "the file holds %d bytes that are no sound.", f.Size-sounding)
	}
	block := audio.NewBlock(format.Channels, 1<<14)
	var frames int64
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := sound.ReadFrames(block)
		frames += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return refuse(err, "the sound breaks off or is damaged after %s.", audio.Clock(audio.Frames(frames).Duration(format.Rate)))
		}
		if frames > p.Frames {
			break
		}
	}
	if frames != p.Frames {
		return refuse(nil, "the file has %d frames, and the manifest says %d.", frames, p.Frames)
	}
	return nil
}

// keep moves what came to its place, and names all files of the pressing.
func (d *Desk) keep(u Upload) (hashes []string, err error) {
	parts, err := d.blobs.Parts(u.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range u.Files {
		if _, came := parts[f.SHA256]; came {
			if err := d.blobs.Keep(u.ID, f.SHA256); err != nil {
				return nil, err
			}
		}
		hashes = append(hashes, f.SHA256)
	}
	return hashes, nil
}

// queue waits for a turn among those who want something read that takes a while. It refuses when too many wait.
func (d *Desk) queue(ctx context.Context) (leave func(), err error) {
	select {
	case d.line <- struct{}{}:
	default:
		return nil, fault.New(fault.Unavailable, "Many are publishing just now. What came is kept; please try again in a minute.")
	}
	select {
	case d.turn <- struct{}{}:
		return func() { <-d.turn; <-d.line }, nil
	case <-ctx.Done():
		<-d.line
		return nil, ctx.Err()
	}
}

// enter writes the artist, the release and the pressing down, and ends the session.
func (d *Desk) enter(tx Tx, u Upload, m *pressing.Manifest, detail catalog.Detail) (Result, error) {
	if _, err := tx.Label(u.Label); err != nil { // one at a time of a label
		return Result{}, err
	}
	if done, err := d.kept(tx, u); err != nil || done != nil {
		if done != nil {
			return *done, errors.Join(err, tx.DeleteUpload(u.ID))
		}
		return Result{}, err
	}
	now := d.clock()
	r, repress, err := place(tx, u, m)
	if err != nil {
		return Result{}, err
	}
	isNew := r.ID == ""
	artist, err := findArtist(tx, m.Release.Artist)
	if fault.Is(err, fault.NotFound) {
		artist.ID, artist.Created = catalog.ArtistID(rand.Text()), now
		if err = tx.InsertArtist(artist); err == nil {
			err = tx.PutWords(string(artist.ID), catalog.Words(artist.Name))
		}
	}
	if err != nil {
		return Result{}, err
	}
	if !repress {
		r.Artist, r.Title, r.CatalogNumber, r.Barcode, r.Year = artist.ID, m.Release.Title, m.Release.CatalogNumber, m.Release.Barcode, m.Release.Year
		if r.Notes == "" {
			r.Notes = m.Release.Notes
		}
		r.Describe(detail)
		if isNew {
			r.ID, r.Created, r.Digital = catalog.ReleaseID(rand.Text()), now, catalog.TapeOnly
			err = tx.InsertRelease(r)
		} else {
			err = tx.PutRelease(r)
		}
		if err == nil {
			err = tx.PutWords(string(r.ID), r.Words())
		}
		if err != nil {
			return Result{}, err
		}
	}
	earlier, err := tx.Pressings(r.ID)
	if err != nil {
		return Result{}, err
	}
	for _, p := range earlier {
		if p.Run == "" {
			if err := tx.DeletePressing(r.ID, p.Manifest); err != nil {
				return Result{}, err
			}
		}
	}
	if err := tx.InsertPressing(Pressing{Release: r.ID, Manifest: u.Manifest, Bytes: u.Bytes, Account: u.Account, At: now, Detail: detail}, u.Files); err != nil {
		return Result{}, err
	}
	result, err := d.result(tx, r)
	if err != nil {
		return Result{}, err
	}
	result.Manifest, result.Changed, result.Made, result.Repress = u.Manifest, true, isNew, repress
	return result, tx.DeleteUpload(u.ID)
}

// kept is the result for a pressing that one of the label's releases has already, or nil.
func (d *Desk) kept(tx Tx, u Upload) (*Result, error) {
	p, err := tx.PressingOf(u.Label, u.Manifest)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := tx.Release(p.Release)
	if err != nil {
		return nil, err
	}
	result, err := d.result(tx, r)
	result.Manifest, result.Repress = u.Manifest, p.Run == "" && r.State != catalog.Draft
	return &result, err
}

func (d *Desk) result(tx Tx, r catalog.Release) (Result, error) {
	label, err := tx.Label(r.Label)
	if err != nil {
		return Result{}, err
	}
	artist, err := tx.Artist(r.Artist)
	if err != nil {
		return Result{}, err
	}
	return Result{Release: r.ID, Slug: r.Slug, Label: label.Slug, Title: r.Title, Artist: artist.Name, State: r.State}, nil
}

// mayPublish refuses early what enter would refuse.
func mayPublish(tx Tx, u Upload, m *pressing.Manifest) error {
	_, _, err := place(tx, u, m)
	return err
}

// place finds the release that a pressing is of: the label's with the same catalogue number, or title where it has
// none; one without an id is new. A release that was shown or has a run cannot become another; it can only be repressed.
func place(tx Tx, u Upload, m *pressing.Manifest) (r catalog.Release, repress bool, err error) {
	slug := slugOf(m.Release.CatalogNumber, m.Release.Title)
	r, err = tx.ReleaseBySlug(u.Label, slug)
	if fault.Is(err, fault.NotFound) {
		if u.Repress {
			return r, false, fault.New(fault.NotFound, "There is no release of this catalogue number to repress. Publish it without --repress first.")
		}
		return catalog.Release{Label: u.Label, Slug: slug, State: catalog.Draft}, false, nil
	}
	if err != nil {
		return r, false, err
	}
	runs, err := tx.Runs(r.ID)
	if err != nil {
		return r, false, err
	}
	repress = r.State == catalog.Public || len(runs) > 0
	switch {
	case r.State == catalog.Withdrawn:
		err = fault.New(fault.Conflict, "This release was taken back. Publish the pressing under another catalogue number.")
	case repress && !u.Repress:
		err = fault.New(fault.Conflict, "This release is public already, and a run that was declared never changes. To make a further run of it, publish with --repress.")
	}
	return r, repress, err
}

// slugOf is a release's address part: its catalogue number, or its title.
func slugOf(number, title string) string {
	for _, s := range []string{number, title} {
		if slug := catalog.Slug(s); slug != "" {
			return slug
		}
	}
	return "tape-" + hashOf([]byte(catalog.Fold(title)))[:10]
}

// findArtist finds the artist of a name, however it is written; else it is NotFound, with the address part to make it with.
func findArtist(tx Tx, name string) (catalog.Artist, error) {
	slug := catalog.Slug(name)
	if slug == "" {
		slug = "artist-" + hashOf([]byte(catalog.Fold(name)))[:10]
	}
	for n := 1; n < 100; n++ {
		try := slug
		if n > 1 {
			try += "-" + strconv.Itoa(n)
		}
		a, err := tx.ArtistBySlug(try)
		switch {
		case fault.Is(err, fault.NotFound):
			return catalog.Artist{Slug: try, Name: name}, err
		case err != nil || catalog.Fold(a.Name) == catalog.Fold(name):
			return a, err
		}
	}
	return catalog.Artist{}, fault.New(fault.Conflict, "Too many artists have nearly this name.")
}
