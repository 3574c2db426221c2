package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/ledger"
)

// Registry is the storage of package registry.
func (db *DB) Registry() Ledger { return Ledger{Of[registry.LogTx]{db}} }

// Ledger is the registry's storage: transactions, and the one that is alone.
type Ledger struct{ Of[registry.LogTx] }

var (
	_ registry.Store = Ledger{}
	_ registry.LogTx = (*Tx)(nil)
	_ registry.Tx    = catalog.Tx(nil)
	_ registry.Tx    = shop.Tx(nil)
)

// Alone runs f when nobody else is in an Alone. Where other processes can be, the log's row is locked
// meanwhile, and sales go on; where none can, a reading is enough, so that the one writer is not kept waiting for files.
func (l Ledger) Alone(ctx context.Context, f func(registry.LogTx) error) error {
	if l.db.engine.Serial() {
		l.db.alone.Lock()
		defer l.db.alone.Unlock()
		return l.View(ctx, f)
	}
	return l.Update(ctx, func(tx registry.LogTx) error {
		if _, err := tx.Log(); err != nil {
			return err
		}
		return f(tx)
	})
}

// BeginLog adds the log's row when there is none.
func (tx *Tx) BeginLog(l registry.Log) error {
	_, err := tx.c.Exec(`INSERT INTO ledger_log (one, origin, vkey, size, note, signed) VALUES (1, $1, $2, 0, '', 0) ON CONFLICT DO NOTHING`, l.Origin, l.Key)
	return err
}

// Log reads the log's row.
func (tx *Tx) Log() (l registry.Log, err error) {
	found, err := tx.one([]any{&l.Origin, &l.Key, &l.Size, &l.Note, &l.Signed}, `SELECT origin, vkey, size, note, signed FROM ledger_log WHERE one = 1 `+Lock)
	if err == nil && !found {
		err = fmt.Errorf("the ledger was not begun")
	}
	return l, err
}

// InsertLedgerRun adds a declared run with its copies and their first entries.
func (tx *Tx) InsertLedgerRun(r registry.Run, copies []registry.Copy, leaves []registry.Leaf) error {
	err := tx.insert("The ledger has a run of this catalogue number and edition already.",
		`INSERT INTO ledger_run (run_id, label_id, catalogue, edition, id, pubkey, size, closed, step) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT DO NOTHING`,
		r.ID, r.Label, r.Catalogue, r.Edition, ledger.Hex(r.Run.ID), hex.EncodeToString(r.Key[:]), r.Size, r.Step)
	if err != nil {
		return err
	}
	for at := 0; at < len(copies); at += rowsAtOnce {
		end := min(at+rowsAtOnce, len(copies))
		var args []any
		for _, c := range copies[at:end] {
			args = append(args, c.RunID, c.Number, int(c.Status), ledger.Hex(c.Head), "", "", c.Entries, c.ByLabel, c.Step)
		}
		if err := tx.rows(`INSERT INTO ledger_copy (`+ledgerCopyColumns+`)`, end-at, args); err != nil {
			return err
		}
	}
	for at := 0; at < len(leaves); at += rowsAtOnce {
		end := min(at+rowsAtOnce, len(leaves))
		var args []any
		for _, l := range leaves[at:end] {
			args = append(args, leafArgs(l)...)
		}
		if err := tx.rows(`INSERT INTO ledger_leaf (`+leafColumns+`)`, end-at, args); err != nil {
			return err
		}
	}
	return nil
}

// LedgerRun reads what the log says of a run.
func (tx *Tx) LedgerRun(run string) (r registry.Run, err error) {
	var id, key, origin string
	var closed int64
	found, err := tx.one([]any{&r.ID, &r.Label, &r.Catalogue, &r.Edition, &id, &key, &r.Size, &closed, &r.Step, &origin},
		`SELECT r.run_id, r.label_id, r.catalogue, r.edition, r.id, r.pubkey, r.size, r.closed, r.step, l.origin
		 FROM ledger_run r CROSS JOIN ledger_log l WHERE r.run_id = $1`, run)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "This run is not in the ledger.")
	}
	if err != nil {
		return r, err
	}
	r.Run.ID, r.Key, r.Origin, r.Minted, r.Closed = unhex(id, &err), unhex(key, &err), origin, r.Size, closed != 0
	return r, err
}

// unhex reads what ledger.Hex wrote, ” as zeros.
func unhex(s string, failed *error) (h ledger.Hash) {
	if s == "" {
		return h
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		*failed = fmt.Errorf("%.80q is not a hash", s)
		return h
	}
	return ledger.Hash(b)
}

// orEmpty is a hash as it is stored, zeros as ”.
func orEmpty(h ledger.Hash) string {
	if h == (ledger.Hash{}) {
		return ""
	}
	return ledger.Hex(h)
}

// CloseLedgerRun marks a run as closed, once.
func (tx *Tx) CloseLedgerRun(run string, step int64) error {
	return tx.put(`UPDATE ledger_run SET closed = 1, step = $2 WHERE run_id = $1 AND closed = 0`, run, step)
}

const ledgerCopyColumns = `run_id, number, status, head, owner, prev, entries, by_label, step`

func (tx *Tx) selectLedgerCopies(where string, args ...any) (copies []registry.Copy, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var c registry.Copy
		var status int
		var run, head, owner, prev string
		if err := scan(&c.RunID, &c.Number, &status, &head, &owner, &prev, &c.Entries, &c.ByLabel, &c.Step, &run); err != nil {
			return err
		}
		var err error
		c.Status, c.Copy.Run = ledger.Status(status), unhex(run, &err)
		c.Head, c.Owner, c.Prev = unhex(head, &err), unhex(owner, &err), unhex(prev, &err)
		copies = append(copies, c)
		return err
	}, `SELECT `+ledgerCopyColumns+`, (SELECT id FROM ledger_run r WHERE r.run_id = c.run_id) FROM ledger_copy c WHERE `+where, args...)
	return copies, err
}

// LedgerCopy reads what the log says of a copy.
func (tx *Tx) LedgerCopy(run string, number int) (registry.Copy, error) {
	copies, err := tx.selectLedgerCopies(`run_id = $1 AND number = $2 `+Lock, run, number)
	if err == nil && len(copies) == 0 {
		err = fault.Newf(fault.NotFound, "Number %d of this run is not in the ledger.", number)
	}
	if err != nil {
		return registry.Copy{}, err
	}
	return copies[0], nil
}

// LedgerCopies reads what the log says of a run's copies.
func (tx *Tx) LedgerCopies(run string) ([]registry.Copy, error) {
	return tx.selectLedgerCopies(`run_id = $1 ORDER BY number `+Lock, run)
}

// PutLedgerCopy stores a copy that continues from head.
func (tx *Tx) PutLedgerCopy(c registry.Copy, head ledger.Hash) error {
	return tx.put(`UPDATE ledger_copy SET status = $3, head = $4, owner = $5, prev = $6, entries = $7, by_label = $8, step = $9 WHERE run_id = $1 AND number = $2 AND head = $10`,
		c.RunID, c.Number, int(c.Status), ledger.Hex(c.Head), orEmpty(c.Owner), orEmpty(c.Prev), c.Entries, c.ByLabel, c.Step, ledger.Hex(head))
}

const leafColumns = `run_id, number, step, idx, body`

func leafArgs(l registry.Leaf) []any {
	return []any{l.RunID, l.Number, l.Step, l.Index, string(l.Body)}
}

// InsertLeaf stores an entry.
func (tx *Tx) InsertLeaf(l registry.Leaf) error {
	return tx.put(`INSERT INTO ledger_leaf (`+leafColumns+`) VALUES ($1, $2, $3, $4, $5)`, leafArgs(l)...)
}

func (tx *Tx) selectLeaves(query string, args ...any) (leaves []registry.Leaf, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var l registry.Leaf
		var body string
		err := scan(&l.RunID, &l.Number, &l.Step, &l.Index, &body)
		l.Body = []byte(body)
		leaves = append(leaves, l)
		return err
	}, `SELECT `+leafColumns+` FROM ledger_leaf WHERE `+query, args...)
	return leaves, err
}

// Waiting reads at most n entries without a place.
func (tx *Tx) Waiting(n int) ([]registry.Leaf, error) {
	return tx.selectLeaves(`idx < 0 ORDER BY step LIMIT $1`, n)
}

// Entries reads at most n entries from a place on.
func (tx *Tx) Entries(first int64, n int) ([]registry.Leaf, error) {
	return tx.selectLeaves(`idx >= 0 AND idx >= $1 ORDER BY idx LIMIT $2`, first, n)
}

// Leaves reads the entries about a copy, or, for number 0, about the run.
func (tx *Tx) Leaves(run string, number int) ([]registry.Leaf, error) {
	return tx.selectLeaves(`run_id = $1 AND number = $2 ORDER BY step`, run, number)
}

// Append gives leaves their places and stores the hashes that follow.
func (tx *Tx) Append(size int64, placed []registry.Leaf, first int64, hashes []ledger.Hash) error {
	if err := tx.put(`UPDATE ledger_log SET size = $1 WHERE one = 1 AND size = $2`, size, size-int64(len(placed))); err != nil {
		return err
	}
	for _, l := range placed {
		if err := tx.put(`UPDATE ledger_leaf SET idx = $4 WHERE run_id = $1 AND number = $2 AND step = $3 AND idx < 0`, l.RunID, l.Number, l.Step, l.Index); err != nil {
			return err
		}
	}
	for at := 0; at < len(hashes); at += rowsAtOnce {
		end := min(at+rowsAtOnce, len(hashes))
		var args []any
		for i, h := range hashes[at:end] {
			args = append(args, first+int64(at+i), ledger.Hex(h))
		}
		if err := tx.rows(`INSERT INTO ledger_hash (idx, hash)`, end-at, args); err != nil {
			return err
		}
	}
	return nil
}

// PutNote stores a published checkpoint, unless a larger one is there.
func (tx *Tx) PutNote(size int64, note string) error {
	_, err := tx.c.Exec(`UPDATE ledger_log SET note = $2, signed = $1 WHERE one = 1 AND (signed < $1 OR note = '')`, size, note)
	return err
}

// Hashes reads the tree's hashes at these indexes.
func (tx *Tx) Hashes(indexes []int64) ([]ledger.Hash, error) {
	out := make([]ledger.Hash, len(indexes))
	for at := 0; at < len(indexes); at += 256 {
		part := indexes[at:min(at+256, len(indexes))]
		// As many places as the next power of two, so that few texts are kept prepared.
		wide := 1
		for wide < len(part) {
			wide *= 2
		}
		marks, args := make([]string, wide), make([]any, wide)
		for i := range wide {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), part[min(i, len(part)-1)]
		}
		found := map[int64]ledger.Hash{}
		err := tx.c.Query(func(scan func(...any) error) error {
			var idx int64
			var text string
			err := scan(&idx, &text)
			if err == nil {
				found[idx] = unhex(text, &err)
			}
			return err
		}, `SELECT idx, hash FROM ledger_hash WHERE idx IN (`+strings.Join(marks, ", ")+`)`, args...)
		if err != nil {
			return nil, err
		}
		for i, idx := range part {
			h, ok := found[idx]
			if !ok {
				return nil, fmt.Errorf("the tree has no hash %d", idx)
			}
			out[at+i] = h
		}
	}
	return out, nil
}

// InsertSheet stores what opens a grade's commitment.
func (tx *Tx) InsertSheet(s registry.Sheet) error {
	return tx.put(`INSERT INTO ledger_sheet (run_id, number, step, sheet, salt) VALUES ($1, $2, $3, $4, $5)`, s.RunID, s.Number, s.Step, s.Text, hex.EncodeToString(s.Salt[:]))
}

// OwnerKey reads the key of a copy's owner.
func (tx *Tx) OwnerKey(run string, number int) (k registry.Key, err error) {
	var kept int64
	found, err := tx.one([]any{&k.RunID, &k.Number, &k.Account, &kept, &k.Sealed}, `SELECT run_id, number, account, kept, sealed FROM owner_key WHERE run_id = $1 AND number = $2`, run, number)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no owner's key for this copy.")
	}
	k.Kept = kept != 0
	return k, err
}

// PutOwnerKey stores the key of a copy's owner in place of the one before.
func (tx *Tx) PutOwnerKey(k registry.Key) error {
	return tx.put(`INSERT INTO owner_key (run_id, number, account, kept, sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (run_id, number) DO UPDATE SET account = excluded.account, kept = excluded.kept, sealed = excluded.sealed`,
		k.RunID, k.Number, k.Account, bit(k.Kept), k.Sealed)
}

// DropOwnerKey deletes the key of a copy's owner.
func (tx *Tx) DropOwnerKey(run string, number int) error {
	_, err := tx.c.Exec(`DELETE FROM owner_key WHERE run_id = $1 AND number = $2`, run, number)
	return err
}

// DropOwnerKeys deletes all keys of an account.
func (tx *Tx) DropOwnerKeys(account string) (int, error) {
	n, err := tx.c.Exec(`DELETE FROM owner_key WHERE account = $1 AND account <> ''`, account)
	return int(n), err
}
