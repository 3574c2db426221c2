package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// maxFindings bounds what an audit lists; it counts them all.
const maxFindings = 100

// Report is what an audit found.
type Report struct {
	Signed     // the checkpoint that the log shows, verified
	KeyTrusted bool
	Growth     Growth
	Runs       []Run
	Copies     int // numbers minted
	ByLabel    int // times that the label, not the owner, handed a copy on or took it back
	Findings   []Finding
	Count      int   // of all findings, also those above 100
	Fork       *Fork // proof of two histories, when that is what was found
}

// Finding is one thing that is wrong.
type Finding struct {
	Index int64 // of the entry; -1: of the log as a whole
	Err   error
}

// Audit replays a whole log from its static files: that every entry may stand where it
// stands, that the entries give the root that the checkpoint signs, that the tiles fit, and that the log
// grew out of what was seen of it. The report is nil, with an error, only when there is nothing to replay:
// no checkpoint, or none that the key signed, or the context ended. What is wrong inside are findings.
// Progress, which may be nil, hears how far it is, 0 to 1.
func Audit(ctx context.Context, fsys fs.FS, t Trust, progress func(done float64)) (*Report, error) {
	note, err := readFile(fsys, CheckpointPath, MostBytes(CheckpointPath))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, malformed("no file %s: this is not a log", CheckpointPath)
	}
	if err != nil {
		return nil, err
	}
	claimed, err := readFile(fsys, KeyPath, MostBytes(KeyPath))
	switch {
	case errors.Is(err, fs.ErrNotExist) && t.Key == "" && t.Seen == nil:
		return nil, malformed("no file %s, and no key is known", KeyPath)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	a := &auditor{ctx: ctx, fsys: fsys, progress: progress}
	if a.Signed, a.KeyTrusted, err = t.open(note, strings.TrimSuffix(string(claimed), "\n")); err != nil {
		return nil, err
	}
	a.state.Origin = a.Origin
	a.entries()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if a.read == a.Size {
		a.root()
		a.tiles()
	}
	a.seen(t.Seen)
	a.Runs = a.state.Runs()
	for _, c := range a.state.copies {
		a.Copies++
		a.ByLabel += c.ByLabel
	}
	return &a.Report, nil
}

type auditor struct {
	Report
	ctx      context.Context
	fsys     fs.FS
	progress func(float64)
	state    State
	hashes   Hashes
	read     int64 // entries
	rooted   bool  // the entries give the signed root
}

func (a *auditor) find(index int64, err error) {
	if a.Count++; len(a.Findings) < maxFindings {
		a.Findings = append(a.Findings, Finding{index, err})
	}
}

// entries reads and replays all entries. Memory grows with what is there, not with what the checkpoint claims.
func (a *auditor) entries() {
	for n := int64(0); a.read < a.Size && a.ctx.Err() == nil; n++ {
		t := tlog.Tile{H: tileHeight, L: entriesTile, N: n, W: int(min(tileWidth, a.Size-a.read))}
		data, whole, err := a.tile(t, MostBytes(tilePath(t)))
		var all [][]byte
		if err == nil {
			all, err = splitBundle(data, t.W, whole)
		}
		if err != nil {
			a.find(-1, fmt.Errorf("%s: %w", tilePath(t), err))
			return
		}
		for _, e := range all {
			a.entry(e)
		}
		if a.progress != nil {
			a.progress(float64(a.read) / float64(a.Size))
		}
	}
}

func (a *auditor) entry(data []byte) {
	index := a.read
	hashes, err := tlog.StoredHashes(index, data, a.hashes)
	if err != nil { // cannot be: the hashes are our own
		a.find(index, err)
		return
	}
	a.hashes = append(a.hashes, hashes...)
	a.read++
	leaf, err := ParseLeaf(data)
	if err == nil {
		err = a.state.Apply(leaf)
	}
	if err != nil {
		a.find(index, err)
	}
}

func (a *auditor) root() {
	root, err := tlog.TreeHash(a.Size, a.hashes)
	if err == nil && root != a.Root {
		err = fmt.Errorf("%w: the entries do not give the root that the checkpoint signs", ErrProof)
	}
	if a.rooted = err == nil; !a.rooted {
		a.find(-1, err)
	}
}

// tiles compares the hash tiles, from which others compute their proofs, with the entries.
func (a *auditor) tiles() {
	for _, t := range newTiles(0, a.Size) {
		if t.L == entriesTile {
			continue
		}
		want, err := tlog.ReadTileData(t, a.hashes)
		if err != nil {
			a.find(-1, err)
			return
		}
		got, whole, err := a.tile(t, MostBytes(tilePath(t)))
		switch {
		case err != nil:
			a.find(-1, fmt.Errorf("%s: %w", tilePath(t), err))
		case whole && !bytes.Equal(got, want) || !bytes.HasPrefix(got, want):
			a.find(-1, fmt.Errorf("%s: %w: its hashes are not those of the entries", tilePath(t), ErrProof))
		}
	}
}

func (a *auditor) seen(seen *Seen) {
	if seen == nil {
		return
	}
	before := seen.Checkpoint
	var proof []Hash
	var err error
	switch {
	case before == a.Checkpoint:
		a.Growth = Same
		return
	case before.Size < a.Size && !a.rooted:
		a.Growth = Unproven // what is wrong with the entries is found already
		return
	case before.Size < a.Size:
		proof, err = ProveConsistency(before.Size, a.Size, a.hashes)
	}
	if err == nil {
		err = CheckConsistency(proof, before, a.Checkpoint)
	}
	if err == nil {
		a.Growth = GrewOutOf
		return
	}
	a.find(-1, err)
	if errors.Is(err, ErrFork) && before.Origin == a.Origin {
		a.Fork = a.fork(seen.Signed)
	}
}

// fork makes the proof of two histories. Two roots of one size prove it with no entry at all.
func (a *auditor) fork(before Signed) *Fork {
	f := &Fork{Key: a.Key, Before: before.Note, Now: a.Note, Root: a.Root}
	if before.Size < a.Size {
		var err error
		if f, err = NewFork(before, a.Signed, a.hashes); err != nil {
			return nil
		}
	}
	if _, _, err := f.Verify(); err != nil {
		return nil
	}
	return f
}

// tile reads a tile or bundle; a partial one that is gone may be the beginning of the full one, and then is not whole.
func (a *auditor) tile(t tlog.Tile, most int64) (data []byte, whole bool, err error) {
	data, err = readFile(a.fsys, tilePath(t), most)
	if errors.Is(err, fs.ErrNotExist) && t.W < tileWidth {
		t.W = tileWidth
		if full, err := readFile(a.fsys, tilePath(t), most); err == nil {
			return full, false, nil
		}
	}
	return data, true, err
}

// readFile reads a file of at most that many bytes. It opens nothing that is not a plain file: a pipe could block for ever.
func readFile(fsys fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, malformed("%s: it is not a plain file", name)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, malformed("%s: it has more than %d bytes", name, most)
	}
	return data, nil
}
