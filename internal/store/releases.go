package store

import (
	"encoding/json"
	"fmt"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

const labelColumns = `id, slug, name, created_at, about, how_to_pay, place, country, accent`

// InsertLabel adds a label.
func (tx *Tx) InsertLabel(l catalog.Label) error {
	return tx.insert("Another label has this address already.",
		`INSERT INTO label (`+labelColumns+`, name_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		l.ID, l.Slug, l.Name, micros(l.Created), l.About, l.HowToPay, l.Place, l.Country, l.Accent, catalog.Fold(l.Name))
}

// PutLabel changes a label's name and profile.
func (tx *Tx) PutLabel(l catalog.Label) error {
	return tx.put(`UPDATE label SET name = $2, about = $3, how_to_pay = $4, place = $5, country = $6, accent = $7, name_key = $8 WHERE id = $1`,
		l.ID, l.Name, l.About, l.HowToPay, l.Place, l.Country, l.Accent, catalog.Fold(l.Name))
}

func (tx *Tx) selectLabels(query string, args ...any) (labels []catalog.Label, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var l catalog.Label
		var created int64
		err := scan(&l.ID, &l.Slug, &l.Name, &created, &l.About, &l.HowToPay, &l.Place, &l.Country, &l.Accent)
		l.Created = fromMicros(created)
		labels = append(labels, l)
		return err
	}, `SELECT `+labelColumns+` FROM label `+query, args...)
	return labels, err
}

// single is the first of what was read, or a NotFound.
func single[T any](all []T, err error, what string) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(all) == 0 {
		return none, fault.New(fault.NotFound, "There is no such "+what+".")
	}
	return all[0], nil
}

// Label reads a label.
func (tx *Tx) Label(id catalog.LabelID) (catalog.Label, error) {
	all, err := tx.selectLabels(`WHERE id = $1 `+Lock, id)
	return single(all, err, "label")
}

// LabelBySlug reads a label.
func (tx *Tx) LabelBySlug(slug string) (catalog.Label, error) {
	all, err := tx.selectLabels(`WHERE slug = $1`, slug)
	return single(all, err, "label")
}

// Labels reads all labels by name.
func (tx *Tx) Labels() ([]catalog.Label, error) {
	return tx.selectLabels(`ORDER BY name_key, id LIMIT $1`, catalog.MaxLabels)
}

// InsertArtist adds an artist.
func (tx *Tx) InsertArtist(a catalog.Artist) error {
	return tx.insert("Another artist has this address already.",
		`INSERT INTO artist (id, slug, name, created_at, name_key) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, a.ID, a.Slug, a.Name, micros(a.Created), catalog.Fold(a.Name))
}

func (tx *Tx) selectArtists(query string, args ...any) (artists []catalog.Artist, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var a catalog.Artist
		var created int64
		err := scan(&a.ID, &a.Slug, &a.Name, &created)
		a.Created = fromMicros(created)
		artists = append(artists, a)
		return err
	}, `SELECT id, slug, name, created_at FROM artist `+query, args...)
	return artists, err
}

// Artist reads an artist.
func (tx *Tx) Artist(id catalog.ArtistID) (catalog.Artist, error) {
	all, err := tx.selectArtists(`WHERE id = $1`, id)
	return single(all, err, "artist")
}

// ArtistBySlug reads an artist.
func (tx *Tx) ArtistBySlug(slug string) (catalog.Artist, error) {
	all, err := tx.selectArtists(`WHERE slug = $1`, slug)
	return single(all, err, "artist")
}

const releaseColumns = `id, label_id, artist_id, slug, title, catalog_number, barcode, year, created_at, state, digital, published_at, notes, cover, card, tape, accent, detail`

// InsertRelease adds a release of a label and an artist that exist.
func (tx *Tx) InsertRelease(r catalog.Release) error {
	n := 0
	_, err := tx.one([]any{&n}, `SELECT (SELECT count(*) FROM label WHERE id = $1) + (SELECT count(*) FROM artist WHERE id = $2)`, r.Label, r.Artist)
	if err != nil {
		return err
	}
	if n != 2 {
		return fault.New(fault.NotFound, "There is no such label or artist.")
	}
	detail, err := json.Marshal(r.Detail)
	if err != nil {
		return err
	}
	return tx.insert("Another release of the label has this address already.",
		`INSERT INTO release (`+releaseColumns+`, title_key, number_key)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING`,
		r.ID, r.Label, r.Artist, r.Slug, r.Title, r.CatalogNumber, r.Barcode, r.Year, micros(r.Created), r.State, r.Digital, micros(r.Published),
		r.Notes, r.Cover, r.Card, r.Tape, r.Accent, string(detail), catalog.Fold(r.Title), catalog.Compact(r.CatalogNumber))
}

// PutRelease changes a release.
func (tx *Tx) PutRelease(r catalog.Release) error {
	detail, err := json.Marshal(r.Detail)
	if err != nil {
		return err
	}
	return tx.put(`UPDATE release SET artist_id = $2, title = $3, catalog_number = $4, barcode = $5, year = $6, state = $7, digital = $8, published_at = $9,
		notes = $10, cover = $11, card = $12, tape = $13, accent = $14, detail = $15, title_key = $16, number_key = $17 WHERE id = $1`,
		r.ID, r.Artist, r.Title, r.CatalogNumber, r.Barcode, r.Year, r.State, r.Digital, micros(r.Published),
		r.Notes, r.Cover, r.Card, r.Tape, r.Accent, string(detail), catalog.Fold(r.Title), catalog.Compact(r.CatalogNumber))
}

func (tx *Tx) selectReleases(query string, args ...any) (releases []catalog.Release, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var r catalog.Release
		var created, published int64
		var detail string
		err := scan(&r.ID, &r.Label, &r.Artist, &r.Slug, &r.Title, &r.CatalogNumber, &r.Barcode, &r.Year, &created, &r.State, &r.Digital, &published,
			&r.Notes, &r.Cover, &r.Card, &r.Tape, &r.Accent, &detail)
		if err == nil {
			if r.Detail, err = tx.db.details.read(detail); err != nil {
				err = fmt.Errorf("release %s: detail: %w", r.ID, err)
			}
		}
		r.Created, r.Published = fromMicros(created), fromMicros(published)
		releases = append(releases, r)
		return err
	}, `SELECT `+releaseColumns+` FROM release `+query, args...)
	return releases, err
}

// Release reads a release.
func (tx *Tx) Release(id catalog.ReleaseID) (catalog.Release, error) {
	all, err := tx.selectReleases(`WHERE id = $1 `+Lock, id)
	return single(all, err, "release")
}

// ReleaseBySlug reads a label's release.
func (tx *Tx) ReleaseBySlug(label catalog.LabelID, slug string) (catalog.Release, error) {
	all, err := tx.selectReleases(`WHERE label_id = $1 AND slug = $2 `+Lock, label, slug)
	return single(all, err, "release")
}

// DeleteRelease removes a release that has no run, with all that was kept for it.
func (tx *Tx) DeleteRelease(id catalog.ReleaseID) error {
	for _, query := range []string{
		`DELETE FROM word WHERE subject = $1`,
		`DELETE FROM blob_ref WHERE release_id = $1`,
		`DELETE FROM pressing WHERE release_id = $1`,
	} {
		if _, err := tx.c.Exec(query, id); err != nil {
			return err
		}
	}
	return tx.put(`DELETE FROM release WHERE id = $1`, id)
}

// PutWords keeps what a subject is found by.
func (tx *Tx) PutWords(subject string, words []string) error {
	if _, err := tx.c.Exec(`DELETE FROM word WHERE subject = $1`, subject); err != nil {
		return err
	}
	for at := 0; at < len(words); at += rowsAtOnce {
		part := words[at:min(at+rowsAtOnce, len(words))]
		var args []any
		for _, w := range part {
			args = append(args, w, subject)
		}
		if err := tx.rows(`INSERT INTO word (word, subject)`, len(part), args); err != nil {
			return err
		}
	}
	return nil
}

// InsertPhoto adds a photo of a copy; its blob is kept for as long as it stands.
func (tx *Tx) InsertPhoto(p catalog.Photo) error {
	return tx.insert("This photo is there already.",
		`INSERT INTO copy_photo (run_id, number, seq, sha256, caption, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		p.Run, p.Number, p.Seq, p.SHA256, p.Caption, micros(p.At))
}

// Photos reads a copy's photos.
func (tx *Tx) Photos(run catalog.RunID, number int) (photos []catalog.Photo, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		p := catalog.Photo{Run: run, Number: number}
		var at int64
		err := scan(&p.Seq, &p.SHA256, &p.Caption, &at)
		p.At = fromMicros(at)
		photos = append(photos, p)
		return err
	}, `SELECT seq, sha256, caption, at FROM copy_photo WHERE run_id = $1 AND number = $2 ORDER BY at, sha256`, run, number)
	return photos, err
}
