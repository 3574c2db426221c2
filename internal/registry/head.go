package registry

import "context"

// Head is how far the log has come.
type Head struct {
	Placed  int64 // entries that have a place
	Signed  int64 // of them, those under the last checkpoint
	Waiting bool  // entries wait for a place
}

// Head is how far the log has come, for whoever keeps the shop.
func (r *Registry) Head(ctx context.Context) (h Head, err error) {
	err = r.store.View(ctx, func(tx LogTx) error {
		log, err := tx.Log()
		if err != nil {
			return err
		}
		waiting, err := tx.Waiting(1)
		h = Head{log.Size, log.Signed, len(waiting) > 0}
		return err
	})
	return h, err
}
