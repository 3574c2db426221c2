package window

import (
	"context"
	"time"

	"ferric/internal/catalog"
)

// Grid is a run's numbers in the state to show, for pages that are kept true while others buy.
func (w *Window) Grid(ctx context.Context, run catalog.RunID) (cells []Cell, now time.Time, err error) {
	err = w.store.View(ctx, func(tx Tx) error {
		now = w.clock()
		r, err := tx.Run(run)
		if err != nil {
			return err
		}
		cells, err = tx.Cells(r)
		return err
	})
	for i := range cells {
		cells[i] = cells[i].shown(now)
	}
	return cells, now, err
}

// shown is the cell as it is at a time: a hold that is over is free.
func (c Cell) shown(now time.Time) Cell {
	if c.State == catalog.Held && !c.Until.After(now) {
		c.State, c.Holder, c.Until = catalog.Free, "", time.Time{}
	}
	return c
}
