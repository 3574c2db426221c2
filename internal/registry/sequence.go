package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"ferric/ledger"
)

// The order of writing, and why no crash leads to two histories:
//
//  1. A transaction gives leaves their places and stores the tree's hashes. Until it is committed
//     nobody outside has heard of these places; after it they never change.
//  2. The new tree is held against the last checkpoint that was signed, which is
//     not in the database. Where it does not contain that, the database is not the one
//     that it was, and nothing more is written.
//  3. The tiles. They are no promise: a reader looks only at what a checkpoint covers.
//  4. The checkpoint, in the file Seen, before anybody can see it. What was ever
//     shown is therefore never larger than what Seen holds, and step 2 protects all of it.
//  5. The checkpoint, where the public finds it, and last in the database, from where certificates take it.
//
// A crash after 1, 2 or 3 leaves a database that is ahead of the checkpoint: the next
// round signs it. After 4 or 5 it signs the same size and root again, or a tree that grew out of
// them. Tiles are written again from the size of the public checkpoint on, with the same bytes,
// since they follow from what is committed.
//
// Steps 2 to 5 are done by one at a time (Store.Alone). Otherwise a slow process could put an older
// checkpoint over a newer one.

var (
	// ErrRestored says that the database does not contain what the log has signed already: an old backup was
	// restored. Nothing is signed until the newest database is back.
	ErrRestored = errors.New("the database is older than what its ledger has signed: an old backup was restored; bring the newest one back, since a second history must not be signed")
	// ErrSeenLost says that the last checkpoint, without which nothing is signed, is gone.
	ErrSeenLost = errors.New("the file with the ledger's last checkpoint is missing; put it back, or the log's public checkpoint")
)

// Run places new leaves and publishes them until the context ends. It returns an error when
// nothing more may be signed; other trouble it reports and tries again.
func (r *Registry) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Every)
	defer tick.Stop()
	for {
		err := r.Sequence(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrRestored), errors.Is(err, ErrSeenLost):
			return err
		case err != nil && r.cfg.Trouble != nil:
			r.cfg.Trouble(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// Sequence places all leaves that are committed and publishes the log. It has nothing to do when nothing is new.
func (r *Registry) Sequence(ctx context.Context) error {
	r.round.Lock()
	defer r.round.Unlock()
	for {
		placed, err := r.place(ctx)
		if err == nil {
			err = r.publish(ctx, false)
		}
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		if placed < r.cfg.Batch {
			return nil
		}
	}
}

// place gives at most a batch of leaves their places.
func (r *Registry) place(ctx context.Context) (placed int, err error) {
	err = r.store.Update(ctx, func(tx LogTx) error {
		placed = 0
		log, err := tx.Log()
		if err != nil {
			return err
		}
		last, err := r.last(log)
		if err != nil {
			return err
		}
		if log.Size < last.signed.Size {
			return fmt.Errorf("%w (%d entries, and %d were signed)", ErrRestored, log.Size, last.signed.Size)
		}
		leaves, err := tx.Waiting(r.cfg.Batch)
		if err != nil || len(leaves) == 0 {
			return err
		}
		batch, err := ledger.NewBatch(log.Size, hashes{tx})
		if err != nil {
			return err
		}
		for i := range leaves {
			if leaves[i].Index, err = batch.Add(leaves[i].Body); err != nil {
				return err
			}
		}
		placed = len(leaves)
		first, added := batch.Added()
		return tx.Append(batch.Size(), leaves, first, added)
	})
	return placed, err
}

// Rewrite writes all public files of the log again, as they follow from the database: for files that were lost or damaged. It
// is under the same rules as Sequence, and signs nothing that Sequence would not.
func (r *Registry) Rewrite(ctx context.Context) error {
	r.round.Lock()
	defer r.round.Unlock()
	if err := r.publish(ctx, true); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// publish signs what has places and shows it; anew, it also writes what stands there already.
func (r *Registry) publish(ctx context.Context, anew bool) error {
	var log Log
	var size int64
	var signed []byte
	err := r.store.Alone(ctx, func(tx LogTx) error {
		var err error
		if log, err = tx.Log(); err != nil {
			return err
		}
		last, err := r.last(log)
		if err != nil {
			return err
		}
		var before *ledger.Checkpoint
		if last.signed.Note != nil {
			before = &last.signed.Checkpoint
		}
		var next ledger.Checkpoint
		next, signed, err = ledger.SignNext(before, log.Size, hashes{tx}, r.signer) // seen by nobody yet
		if errors.Is(err, ledger.ErrRollback) || errors.Is(err, ledger.ErrFork) {
			err = fmt.Errorf("%w (%w)", ErrRestored, err)
		}
		if err != nil {
			return err
		}
		size = next.Size
		from := last.public.Size
		if anew {
			from = 0
		}
		if err := r.tiles(tx, from, size); err != nil {
			return err
		}
		if !bytes.Equal(last.seen, signed) {
			s := ledger.Seen{Signed: ledger.Signed{Checkpoint: next, Note: signed, Key: r.vkey}}
			if err := r.cfg.Disk.Write(r.cfg.Seen, s.Encode()); err != nil {
				return err
			}
		}
		if bytes.Equal(last.public.Note, signed) && !anew {
			return nil
		}
		if err := r.put(ledger.KeyPath, []byte(r.vkey+"\n")); err != nil {
			return err
		}
		return r.put(ledger.CheckpointPath, signed)
	})
	if err != nil || log.Note == string(signed) {
		return err
	}
	return r.store.Update(ctx, func(tx LogTx) error { return tx.PutNote(size, string(signed)) })
}

// tiles writes the files that a log of size entries has and one of old entries had not. A
// full tile takes the place of its beginnings, as C2SP tlog-tiles allows.
func (r *Registry) tiles(tx LogTx, old, size int64) error {
	var window []Leaf
	entry := func(i int64) ([]byte, error) {
		if len(window) == 0 || i < window[0].Index || i > window[len(window)-1].Index {
			var err error
			if window, err = tx.Entries(i, 256); err != nil {
				return nil, err
			}
			if len(window) == 0 || window[0].Index != i {
				return nil, fmt.Errorf("entry %d has no leaf", i)
			}
		}
		return window[i-window[0].Index].Body, nil
	}
	return ledger.Tiles(old, size, hashes{tx}, entry, func(path string, data []byte) error {
		if err := r.put(path, data); err != nil || strings.Contains(path, ".p/") {
			return err
		}
		return r.cfg.Disk.Remove(r.path(path) + ".p")
	})
}

func (r *Registry) put(path string, data []byte) error {
	if err := r.cfg.Disk.Write(r.path(path), data); err != nil {
		return fmt.Errorf("write the log's %s: %w", path, err)
	}
	return nil
}

func (r *Registry) path(name string) string {
	return filepath.Join(r.cfg.Folder, filepath.FromSlash(name))
}

// last is what was signed before, as the files say it.
type last struct {
	signed ledger.Signed // the larger of the two; its Note is nil when nothing was ever signed
	seen   []byte        // the note in Seen
	public ledger.Signed // what the public folder shows; zero when that is nothing, or not ours
}

func (r *Registry) last(log Log) (l last, err error) {
	data, err := r.cfg.Disk.Read(r.cfg.Seen)
	if err == nil {
		s, err := ledger.ParseSeen(data)
		if err == nil && s.Key != r.vkey {
			err = errors.New("it is of another log")
		}
		if err != nil {
			return l, fmt.Errorf("%w: %s: %w", ErrSeenLost, r.cfg.Seen, err)
		}
		l.signed, l.seen = s.Signed, s.Note
	} else if !errors.Is(err, fs.ErrNotExist) {
		return l, err
	}
	data, err = r.cfg.Disk.Read(r.path(ledger.CheckpointPath))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return l, err
	}
	if err == nil {
		// A public checkpoint that is torn or not ours is simply written again: Seen is what counts.
		if s, err := ledger.OpenCheckpoint(data, r.vkey); err == nil {
			l.public = s
		}
	}
	switch {
	case l.public.Size > l.signed.Size || l.signed.Note == nil:
		l.signed = l.public // Seen was lost, or is itself an old one
	case l.public.Note != nil && l.public.Size == l.signed.Size && l.public.Root != l.signed.Root:
		return l, fmt.Errorf("%w: %s and the public checkpoint tell two histories", ErrRestored, r.cfg.Seen)
	}
	if l.signed.Note == nil && log.Note != "" && !r.cfg.Unseen {
		return l, fmt.Errorf("%w: %s", ErrSeenLost, r.cfg.Seen)
	}
	return l, nil
}

// hashes reads the tree's hashes from the database.
type hashes struct{ tx LogTx }

func (h hashes) ReadHashes(indexes []int64) ([]ledger.Hash, error) { return h.tx.Hashes(indexes) }
