// Package doctor looks a shop over: whether its database, its files and its ownership log are whole, and agree.
//
// Four things are looked at, each from the ground up and not by what another says of it. The database: its pages, every row, and the rules
// between its tables. The log as the database has it: every entry is replayed, every signature, every hash of the tree, and the state of each copy
// that comes out is held against the one that is stored. The log as the public has it: audited from its files like
// anybody would, and compared with the database and with the checkpoint that the shop remembers. The files: read and compared with their names.
//
// It only reads, also while the shop is open. What it finds it says in words; what can be mended without a decision is marked so.
package doctor

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"ferric/internal/blob"
	"ferric/internal/store"
	"ferric/ledger"
)

// Shop is what is looked at.
type Shop struct {
	DB        *store.DB
	Integrity func(context.Context) ([]string, error) // the database's own check of its file; nil: it has none
	Blobs     *blob.Store
	Log       string // folder of the log's public files
	Seen      string // file with the checkpoint that the shop remembers
}

// Part is which share of the files is read: the first of ten is {1, 10}. The zero Part is all.
type Part struct{ N, Of int }

// has reports whether a file is in the part. Files are dealt by their hash, so each is in one.
func (p Part) has(hash string) bool {
	if p.Of <= 1 {
		return true
	}
	b, err := hex.DecodeString(hash[:8])
	return err != nil || int(binary.BigEndian.Uint32(b)%uint32(p.Of)) == p.N-1
}

// Area is what a finding is about.
type Area string

// The areas.
const (
	Database Area = "database"
	Rules    Area = "rules"
	Log      Area = "log"    // as the database has it
	Public   Area = "public" // the log's files
	Files    Area = "files"
)

// Finding is one thing that is wrong.
type Finding struct {
	Area Area
	Text string
	Mend bool // it follows from what is whole: Mend does it
}

// Report is what was looked at, and what was found.
type Report struct {
	Rows     int64
	Entries  int64 // of the log that have a place
	Signed   int64 // of them, under the public checkpoint
	Files    int   // read
	Skipped  int   // files of other parts
	Parts    int   // remains of uploads that nobody continues
	Findings []Finding
	Count    int // of all findings, also those that are not listed
}

// Sound reports that nothing was found.
func (r *Report) Sound() bool { return r.Count == 0 }

const mostFindings = 200

func (r *Report) find(a Area, mend bool, format string, args ...any) {
	if r.Count++; len(r.Findings) < mostFindings {
		r.Findings = append(r.Findings, Finding{a, fmt.Sprintf(format, args...), mend})
	}
}

// Examine looks a shop over. The error is for what kept it from looking.
func Examine(ctx context.Context, s Shop, part Part, progress func(step string, done float64)) (*Report, error) {
	if progress == nil {
		progress = func(string, float64) {}
	}
	e := &examiner{ctx: ctx, s: s, part: part, progress: progress}
	// The files of the log first: the database can only be ahead of them.
	audit, auditErr := e.audit()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	progress("the database", 0)
	if s.Integrity != nil {
		found, err := s.Integrity(ctx)
		if err != nil {
			e.find(Database, false, "the file cannot be read to its end: %v", err)
		}
		for _, f := range found {
			e.find(Database, false, "%s", f)
		}
	}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		if err := e.rows(tx); err != nil {
			return err
		}
		if err := e.replay(tx); err != nil {
			e.find(Log, false, "it cannot be replayed: %v", err)
		}
		e.compare(tx, audit, auditErr)
		return nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(err, store.ErrNoShop) {
		return nil, err
	}
	if err != nil {
		e.find(Database, false, "it cannot be read: %v", err)
	}
	return &e.Report, e.files()
}

type examiner struct {
	Report
	ctx      context.Context
	s        Shop
	part     Part
	progress func(string, float64)
	want     []wanted
}

type wanted struct {
	hash string
	size int64
}

// rows reads every row of every table and holds the rules between them.
func (e *examiner) rows(tx *store.Tx) error {
	if _, err := tx.Ran(); err != nil {
		return err
	}
	tables, err := tx.Tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := tx.Dump(t, func([]byte) error { e.Rows++; return e.ctx.Err() }); err != nil {
			e.find(Database, false, "%v", err)
		}
	}
	for i, r := range store.Rules {
		e.progress("the rules", float64(i)/float64(len(store.Rules)))
		where, n, err := tx.Broken(r, 20)
		if err != nil {
			return err
		}
		for _, w := range where {
			e.find(Rules, false, "%s: %s", w, r.Text)
		}
		if more := n - len(where); more > 0 {
			e.find(Rules, false, "and %d more: %s", more, r.Text)
		}
	}
	return tx.Files(func(hash string, size int64) error {
		e.want = append(e.want, wanted{hash, size})
		return nil
	})
}

// replay applies every entry that the database has, as an auditor would, and compares what comes out with what is stored.
func (e *examiner) replay(tx *store.Tx) error {
	log, err := tx.Log()
	if err != nil {
		return err
	}
	e.Entries = log.Size
	state := ledger.State{Origin: log.Origin}
	runs := map[string]ledger.Hash{}
	apply := func(run string, number int, body []byte) error {
		leaf, err := ledger.ParseLeaf(body)
		if err == nil {
			err = state.Apply(leaf)
		}
		if err != nil {
			return err
		}
		if id, n := ledger.Subject(leaf.Entry); id == (ledger.Hash{}) {
			runs[run] = leaf.Hash
		} else if runs[run] != id || n != number {
			return errors.New("it is about another copy than it is stored for")
		}
		return nil
	}
	tree := ledger.Hashes{}
	for i := int64(0); i < log.Size; {
		e.progress("replaying the log", float64(i)/float64(log.Size))
		batch, err := tx.Entries(i, 256)
		if err != nil {
			return err
		}
		if len(batch) == 0 || batch[0].Index != i {
			return fmt.Errorf("entry %d is missing", i)
		}
		for _, l := range batch {
			if l.Index != i {
				return fmt.Errorf("entry %d is missing", i)
			}
			if err := apply(l.RunID, l.Number, l.Body); err != nil {
				e.find(Log, false, "entry %d: %v", i, err)
			}
			added, err := tlog.StoredHashes(i, l.Body, tree)
			if err != nil {
				return err
			}
			tree = append(tree, added...)
			i++
		}
		if err := e.ctx.Err(); err != nil {
			return err
		}
	}
	if err := e.tree(tx, tree); err != nil {
		return err
	}
	waiting, err := tx.Waiting(1 << 30)
	if err != nil {
		return err
	}
	for _, l := range waiting {
		if err := apply(l.RunID, l.Number, l.Body); err != nil {
			e.find(Log, false, "an entry that has no place yet, of run %s, number %d: %v", l.RunID, l.Number, err)
		}
	}
	return e.copies(tx, &state, runs)
}

// tree compares the stored hashes with those of the entries.
func (e *examiner) tree(tx *store.Tx, tree ledger.Hashes) error {
	n, err := tx.LedgerHashes()
	if err != nil {
		return err
	}
	if n != int64(len(tree)) {
		e.find(Log, false, "the tree has %d hashes, and should have %d", n, len(tree))
	}
	for at := 0; at < len(tree); at += 256 {
		end := min(at+256, len(tree))
		var indexes []int64
		for i := at; i < end; i++ {
			indexes = append(indexes, int64(i))
		}
		stored, err := tx.Hashes(indexes)
		if err != nil {
			return err
		}
		for i, h := range stored {
			if h != tree[at+i] {
				e.find(Log, false, "hash %d of the tree is not that of its entries", at+i)
			}
		}
	}
	return nil
}

// copies compares where the log's entries lead with what is stored of each copy.
func (e *examiner) copies(tx *store.Tx, state *ledger.State, runs map[string]ledger.Hash) error {
	ids, err := tx.LedgerRuns()
	if err != nil {
		return err
	}
	for _, id := range ids {
		stored, err := tx.LedgerCopies(id)
		if err != nil {
			return err
		}
		run, ok := state.Run(runs[id])
		if !ok || run.Minted != len(stored) {
			e.find(Log, false, "run %s: %d numbers are stored, and its entries mint %d", id, len(stored), run.Minted)
		}
		for _, c := range stored {
			if want, ok := state.Copy(runs[id], c.Number); !ok || want != c.Copy {
				e.find(Log, false, "run %s, number %d: what is stored is not what its entries say", id, c.Number)
			}
		}
	}
	return nil
}

// audit replays the public files, as anybody can. Files that change meanwhile are read again.
func (e *examiner) audit() (*ledger.Report, error) {
	for try := 1; ; try++ {
		r, err := ledger.Audit(e.ctx, os.DirFS(e.s.Log), ledger.Trust{}, func(done float64) { e.progress("auditing the log's files", done) })
		if err == nil && r.Count == 0 || try == 3 || e.ctx.Err() != nil {
			return r, err
		}
		before, _ := os.ReadFile(filepath.Join(e.s.Log, ledger.CheckpointPath))
		if r != nil && bytes.Equal(before, r.Note) {
			return r, err // nothing changed: it is so
		}
	}
}

// compare holds the public files and the remembered checkpoint against the database.
func (e *examiner) compare(tx *store.Tx, audit *ledger.Report, auditErr error) {
	log, err := tx.Log()
	if err != nil {
		return // said already
	}
	mend := e.logSound()
	switch {
	case auditErr != nil && log.Size == 0 && log.Note == "" && errors.Is(auditErr, ledger.ErrMalformed):
		if _, err := os.Stat(filepath.Join(e.s.Log, ledger.CheckpointPath)); errors.Is(err, fs.ErrNotExist) {
			return // nothing was ever published
		}
		e.find(Public, mend, "%v", auditErr)
	case auditErr != nil:
		e.find(Public, mend, "%v", auditErr)
	default:
		e.Signed = audit.Size
		if audit.Key != log.Key {
			e.find(Public, false, "the files are those of another log")
			return
		}
		for _, f := range audit.Findings {
			where := "the log"
			if f.Index >= 0 {
				where = fmt.Sprintf("entry %d", f.Index)
			}
			e.find(Public, mend, "%s: %v", where, f.Err)
		}
		e.hold(tx, log.Size, audit.Signed, "the public checkpoint")
	}
	data, err := os.ReadFile(e.s.Seen)
	switch {
	case errors.Is(err, fs.ErrNotExist) && log.Note == "":
	case errors.Is(err, fs.ErrNotExist) && auditErr == nil && mend:
		e.find(Public, true, "the file with the last signed checkpoint (log.seen) is missing")
	case err != nil:
		e.find(Public, false, "the file with the last signed checkpoint (log.seen) cannot be read: %v", err)
	default:
		seen, err := ledger.ParseSeen(data)
		if err != nil || seen.Key != log.Key {
			e.find(Public, false, "the file log.seen is not a checkpoint of this log: put the last one in its place (%v)", err)
			return
		}
		e.hold(tx, log.Size, seen.Signed, "the remembered checkpoint (log.seen)")
	}
}

// logSound reports whether the log as the database has it is without fault, so that its files can be made from it.
func (e *examiner) logSound() bool {
	for _, f := range e.Findings {
		if f.Area == Log || f.Area == Database {
			return false
		}
	}
	return true
}

// hold compares what was signed with the database.
func (e *examiner) hold(tx *store.Tx, size int64, s ledger.Signed, what string) {
	if s.Size > size {
		e.find(Log, false, "%s has %d entries and the database %d: an old backup was restored, and the log must not go on", what, s.Size, size)
		return
	}
	root, err := tlog.TreeHash(s.Size, tlog.HashReaderFunc(tx.Hashes))
	if err == nil && root != s.Root {
		err = errors.New("the database has another history")
	}
	if err != nil {
		e.find(Log, false, "%s, %d entries: %v", what, s.Size, err)
	}
}

// files reads the shop's files.
func (e *examiner) files() error {
	for i, w := range e.want {
		if !blob.IsHash(w.hash) {
			e.find(Files, false, "the database names a file %.80q, which is no hash", w.hash)
			continue
		}
		if !e.part.has(w.hash) {
			e.Skipped++
			continue
		}
		e.progress("reading files", float64(i)/float64(len(e.want)))
		e.Files++
		size, err := e.s.Blobs.Stat(w.hash)
		if err == nil && w.size >= 0 && size != w.size {
			err = fmt.Errorf("it has %d bytes, not %d", size, w.size)
		}
		if err == nil {
			err = e.s.Blobs.Verify(e.ctx, w.hash)
		}
		switch {
		case e.ctx.Err() != nil:
			return e.ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			e.find(Files, false, "%s is missing: bring it back from a backup, or publish its pressing again", w.hash)
		case err != nil:
			e.find(Files, false, "%s is not whole (%v): bring it back from a backup, or publish its pressing again", w.hash, err)
		}
	}
	return e.remains()
}

// remains counts parts of uploads that the database does not know.
func (e *examiner) remains() error {
	ids, err := e.s.Blobs.Sessions()
	if err != nil {
		return err
	}
	return e.s.DB.View(e.ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			if _, err := tx.Upload(id); err != nil {
				e.Parts++
			}
		}
		return nil
	})
}
