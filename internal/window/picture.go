package window

import (
	"context"

	"ferric/internal/catalog"
)

// Shown is who shows a file: a release in the window, or one that is a draft of a label.
type Shown struct {
	Label catalog.LabelID
	State catalog.Status
}

// Showing is who shows a file, as part of a release or as a photo of a copy; nobody when it is none of anybody's.
func (w *Window) Showing(ctx context.Context, hash string) (by []Shown, err error) {
	err = w.store.View(ctx, func(tx Tx) error { by, err = tx.Showing(hash); return err })
	return by, err
}
