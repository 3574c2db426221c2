package store

import "context"

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return db.View(ctx, func(tx *Tx) error {
		one := 0
		_, err := tx.one([]any{&one}, `SELECT 1`)
		return err
	})
}
