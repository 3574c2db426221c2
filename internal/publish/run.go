package publish

import (
	"context"
	"time"

	"ferric/internal/fault"
)

// How often Run looks, and how long a file that nothing refers to is left alone: an hour is time to end any transaction, a
// day gives a backup that copies the database first the files that it names.
const (
	lookEvery = 10 * time.Minute
	sweepOver = 24 * time.Hour
)

// Run gives up sessions that went silent, and once a day removes files to which nothing refers. It ends with ctx; report is told of what goes wrong.
func (d *Desk) Run(ctx context.Context, report func(error)) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var swept time.Time
	for {
		if err := d.Expire(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		if now := time.Now(); now.Sub(swept) >= sweepOver {
			swept = now
			if _, err := d.Sweep(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Expire ends sessions whose time is over, and drops parts of sessions that are gone.
func (d *Desk) Expire(ctx context.Context) error {
	for {
		n := 0
		err := d.store.Update(ctx, func(tx Tx) error {
			over, err := tx.Expired(d.clock(), 100)
			n = len(over)
			for _, u := range over {
				if err == nil {
					err = tx.DeleteUpload(u.ID)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		if n < 100 {
			break
		}
	}
	ids, err := d.blobs.Sessions()
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := d.store.View(ctx, func(tx Tx) error { _, err := tx.Upload(id); return err })
		if fault.Is(err, fault.NotFound) {
			err = d.blobs.Drop(id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Sweep removes files that were last written a day ago or more and to which nothing refers.
func (d *Desk) Sweep(ctx context.Context) (removed int, err error) {
	return d.blobs.Sweep(ctx, time.Now().Add(-sweepOver), func(hash string) (yes bool, err error) {
		err = d.store.View(ctx, func(tx Tx) error { yes, err = tx.Referred(hash); return err })
		return yes, err
	})
}
