package store

import (
	"encoding/json"
	"fmt"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/publish"
)

// Publish is the storage of package publish.
func (db *DB) Publish() Of[publish.Tx] { return Of[publish.Tx]{db} }

var (
	_ publish.Store = Of[publish.Tx]{}
	_ publish.Tx    = (*Tx)(nil)
)

const uploadColumns = `id, label_id, account, manifest, repress, files, bytes, made_at, expires_at`

// InsertUpload adds a session. One for the same pressing that came meanwhile makes the transaction run again, and find it.
func (tx *Tx) InsertUpload(u publish.Upload) error {
	files, err := json.Marshal(u.Files)
	if err != nil {
		return err
	}
	return tx.put(`INSERT INTO upload (`+uploadColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		u.ID, u.Label, u.Account, u.Manifest, bit(u.Repress), string(files), u.Bytes, micros(u.Made), micros(u.Expires))
}

func (tx *Tx) selectUploads(query string, args ...any) (uploads []publish.Upload, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var u publish.Upload
		var files string
		var repress, made, expires int64
		if err := scan(&u.ID, &u.Label, &u.Account, &u.Manifest, &repress, &files, &u.Bytes, &made, &expires); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(files), &u.Files); err != nil {
			return fmt.Errorf("upload %s: files: %w", u.ID, err)
		}
		u.Repress, u.Made, u.Expires = repress != 0, fromMicros(made), fromMicros(expires)
		uploads = append(uploads, u)
		return nil
	}, `SELECT `+uploadColumns+` FROM upload WHERE `+query, args...)
	return uploads, err
}

// Upload reads a session.
func (tx *Tx) Upload(id string) (publish.Upload, error) {
	all, err := tx.selectUploads(`id = $1 `+Lock, id)
	return single(all, err, "upload under way; it may be finished, or given up after a long silence")
}

// Uploads reads a label's sessions, the oldest first.
func (tx *Tx) Uploads(label catalog.LabelID) ([]publish.Upload, error) {
	return tx.selectUploads(`label_id = $1 ORDER BY made_at, id`, label)
}

// PutUpload moves the end of a session.
func (tx *Tx) PutUpload(u publish.Upload) error {
	return tx.put(`UPDATE upload SET expires_at = $2 WHERE id = $1`, u.ID, micros(u.Expires))
}

// DeleteUpload drops a session.
func (tx *Tx) DeleteUpload(id string) error {
	_, err := tx.c.Exec(`DELETE FROM upload WHERE id = $1`, id)
	return err
}

// Expired reads at most n sessions whose time was over before.
func (tx *Tx) Expired(before time.Time, n int) ([]publish.Upload, error) {
	return tx.selectUploads(`expires_at <= $1 ORDER BY expires_at, id LIMIT $2`, micros(before), n)
}

// InsertPressing adds a pressing, and refers to its files.
func (tx *Tx) InsertPressing(p publish.Pressing, files []publish.File) error {
	detail, err := json.Marshal(p.Detail)
	if err != nil {
		return err
	}
	err = tx.put(`INSERT INTO pressing (release_id, manifest, bytes, run_id, account, at, detail) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		p.Release, p.Manifest, p.Bytes, p.Run, p.Account, micros(p.At), string(detail))
	if err != nil {
		return err
	}
	var args []any
	for _, f := range files {
		args = append(args, f.SHA256, p.Release, p.Manifest, f.Size)
	}
	return tx.rows(`INSERT INTO blob_ref (sha256, release_id, manifest, size)`, len(files), args)
}

// PutPressing writes down which run a pressing became.
func (tx *Tx) PutPressing(p publish.Pressing) error {
	return tx.put(`UPDATE pressing SET run_id = $3 WHERE release_id = $1 AND manifest = $2`, p.Release, p.Manifest, p.Run)
}

// DeletePressing drops a pressing and its references.
func (tx *Tx) DeletePressing(release catalog.ReleaseID, manifest string) error {
	if _, err := tx.c.Exec(`DELETE FROM blob_ref WHERE release_id = $1 AND manifest = $2`, release, manifest); err != nil {
		return err
	}
	return tx.put(`DELETE FROM pressing WHERE release_id = $1 AND manifest = $2`, release, manifest)
}

func (tx *Tx) selectPressings(query string, args ...any) (pressings []publish.Pressing, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var p publish.Pressing
		var at int64
		var detail string
		if err := scan(&p.Release, &p.Manifest, &p.Bytes, &p.Run, &p.Account, &at, &detail); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(detail), &p.Detail); err != nil {
			return fmt.Errorf("pressing %s: detail: %w", p.Manifest, err)
		}
		p.At = fromMicros(at)
		pressings = append(pressings, p)
		return nil
	}, `SELECT p.release_id, p.manifest, p.bytes, p.run_id, p.account, p.at, p.detail FROM pressing p `+query, args...)
	return pressings, err
}

// Pressings reads a release's pressings, the oldest first.
func (tx *Tx) Pressings(release catalog.ReleaseID) ([]publish.Pressing, error) {
	return tx.selectPressings(`WHERE p.release_id = $1 ORDER BY p.at, p.manifest`, release)
}

// PressingOf reads a label's pressing of a manifest.
func (tx *Tx) PressingOf(label catalog.LabelID, manifest string) (publish.Pressing, error) {
	all, err := tx.selectPressings(`JOIN release r ON r.id = p.release_id WHERE p.manifest = $1 AND r.label_id = $2`, manifest, label)
	return single(all, err, "pressing")
}

// Stored sums the files that a label's releases refer to, each once.
func (tx *Tx) Stored(label catalog.LabelID) (bytes int64, err error) {
	_, err = tx.one([]any{&bytes}, `SELECT CAST(coalesce(sum(f.size), 0) AS BIGINT) FROM
		(SELECT DISTINCT b.sha256, b.size FROM blob_ref b JOIN release r ON r.id = b.release_id WHERE r.label_id = $1) f`, label)
	return bytes, err
}

// Has reports whether one of a label's releases refers to a file.
func (tx *Tx) Has(label catalog.LabelID, hash string) (bool, error) {
	n := 0
	_, err := tx.one([]any{&n}, `SELECT count(*) FROM blob_ref b JOIN release r ON r.id = b.release_id WHERE b.sha256 = $1 AND r.label_id = $2`, hash, label)
	return n > 0, err
}

// Referred reports whether anything refers to a file.
func (tx *Tx) Referred(hash string) (bool, error) {
	n := 0
	_, err := tx.one([]any{&n}, `SELECT (SELECT count(*) FROM blob_ref WHERE sha256 = $1) + (SELECT count(*) FROM copy_photo WHERE sha256 = $1)`, hash)
	return n > 0, err
}
