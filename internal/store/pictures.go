package store

import "ferric/internal/window"

// Showing reads who shows a file.
func (tx *Tx) Showing(hash string) (by []window.Shown, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var s window.Shown
		err := scan(&s.Label, &s.State)
		by = append(by, s)
		return err
	}, `SELECT r.label_id, r.state FROM blob_ref b JOIN release r ON r.id = b.release_id WHERE b.sha256 = $1
		UNION SELECT r.label_id, r.state FROM copy_photo p JOIN run n ON n.id = p.run_id JOIN release r ON r.id = n.release_id WHERE p.sha256 = $1
		LIMIT 20`, hash)
	return by, err
}
