package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"ferric/internal/blob"
	"ferric/internal/doctor"
	"ferric/internal/fault"
	"ferric/internal/store"
)

// Examine looks a shop over, also while it is open.
func Examine(ctx context.Context, p Place, part doctor.Part, progress func(string, float64)) (r *doctor.Report, err error) {
	if _, err := p.secret(); err != nil {
		return nil, err
	}
	db, file, err := p.reader(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	blobs, err := blob.Open(filepath.Join(p.Data, "blobs"))
	if err != nil {
		return nil, err
	}
	defer blobs.Close()
	s := doctor.Shop{DB: db, Blobs: blobs, Log: filepath.Join(p.Data, "log"), Seen: filepath.Join(p.Data, "log.seen")}
	if file != nil {
		s.Integrity = file.Integrity
	}
	return doctor.Examine(ctx, s, part, progress)
}

// Mend does what needs no decision: the log's public files are written again as they follow from the database, and remains of uploads that nobody
// continues are dropped. The shop must be closed.
func Mend(ctx context.Context, p Place) (err error) {
	key, err := p.secret()
	if err != nil {
		return err
	}
	db, err := p.writer(ctx, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var origin string
	err = db.View(ctx, func(tx *store.Tx) error {
		origin, _, _, _, err = tx.Checkpoint()
		return err
	})
	if err != nil {
		return err
	}
	if origin != "" {
		log, err := p.registry(ctx, db, key, origin)
		if err == nil {
			err = log.Rewrite(ctx)
		}
		if err != nil {
			return err
		}
	}
	blobs, err := blob.Open(filepath.Join(p.Data, "blobs"))
	if err != nil {
		return err
	}
	defer blobs.Close()
	ids, err := blobs.Sessions()
	for _, id := range ids {
		if err != nil {
			break
		}
		known := db.View(ctx, func(tx *store.Tx) error { _, err := tx.Upload(id); return err })
		if fault.Is(known, fault.NotFound) {
			err = blobs.Drop(id)
		}
	}
	if err != nil {
		return fmt.Errorf("remains of uploads: %w", err)
	}
	return nil
}
