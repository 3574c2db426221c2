package store

import (
	"crypto/rand"
	"time"

	"ferric/internal/mail"
	"ferric/internal/people"
	"ferric/internal/shop"
)

// Mail is the storage of package mail.
func (db *DB) Mail() Of[mail.Tx] { return Of[mail.Tx]{db} }

var (
	_ mail.Store = Of[mail.Tx]{}
	_ mail.Tx    = (*Tx)(nil)
)

// Notify puts what somebody should hear of into the outbox.
func (tx *Tx) Notify(n shop.Notice) error {
	return tx.InsertMail(mail.Note{ID: rand.Text(), Kind: mail.Kind(n.Kind), Order: n.Order, Run: n.Run, Number: n.Number, Account: people.ID(n.Account), Made: n.At, Next: n.At})
}

const noteColumns = `id, kind, order_id, run_id, number, account, mail, token, made_at, next_at, tries, failed_at, reason`

// InsertMail adds a note.
func (tx *Tx) InsertMail(n mail.Note) error {
	return tx.put(`INSERT INTO outbox (`+noteColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		n.ID, n.Kind, n.Order, n.Run, n.Number, n.Account, n.Mail, n.Token, micros(n.Made), micros(n.Next), n.Tries, micros(n.Failed), n.Reason)
}

func (tx *Tx) selectNotes(query string, args ...any) (notes []mail.Note, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var n mail.Note
		var made, next, failed int64
		err := scan(&n.ID, &n.Kind, &n.Order, &n.Run, &n.Number, &n.Account, &n.Mail, &n.Token, &made, &next, &n.Tries, &failed, &n.Reason)
		n.Made, n.Next, n.Failed = fromMicros(made), fromMicros(next), fromMicros(failed)
		notes = append(notes, n)
		return err
	}, `SELECT `+noteColumns+` FROM outbox WHERE `+query, args...)
	return notes, err
}

// DueMails reads at most n notes to try now.
func (tx *Tx) DueMails(now time.Time, n int) ([]mail.Note, error) {
	return tx.selectNotes(`failed_at = 0 AND next_at <= $1 ORDER BY next_at LIMIT $2 `+SkipLocked, micros(now), n)
}

// FailedMails reads at most n notes that were given up.
func (tx *Tx) FailedMails(n int) ([]mail.Note, error) {
	return tx.selectNotes(`failed_at > 0 ORDER BY failed_at DESC, id LIMIT $1`, n)
}

// PutMail stores how the tries of a note went. One that is gone stays gone: its person has left.
func (tx *Tx) PutMail(n mail.Note) error {
	_, err := tx.c.Exec(`UPDATE outbox SET mail = $2, token = $3, next_at = $4, tries = $5, failed_at = $6, reason = $7 WHERE id = $1`,
		n.ID, n.Mail, n.Token, micros(n.Next), n.Tries, micros(n.Failed), n.Reason)
	return err
}

// DropMail removes a note.
func (tx *Tx) DropMail(id string) error {
	_, err := tx.c.Exec(`DELETE FROM outbox WHERE id = $1`, id)
	return err
}

// ForgetMails removes the notes that were given up before a time.
func (tx *Tx) ForgetMails(before time.Time) error {
	_, err := tx.c.Exec(`DELETE FROM outbox WHERE failed_at > 0 AND failed_at < $1`, micros(before))
	return err
}
