package store

import "context"

// Ping reports whether the database takes orders: a transaction can begin and end where writers do, also when
// reading alone would still work.
func (db *DB) Ping(ctx context.Context) error {
	return db.Update(ctx, func(tx *Tx) error {
		one := 0
		_, err := tx.one([]any{&one}, `SELECT 1`)
		return err
	})
}
