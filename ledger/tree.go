package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hashes is a tree's hashes in memory, in the order of their index.
type Hashes []Hash

// ReadHashes makes Hashes a [HashReader].
func (h Hashes) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(h)) {
			return nil, fmt.Errorf("tree: no hash %d of %d", x, len(h))
		}
		out[i] = h[x]
	}
	return out, nil
}

// Batch adds entries to a tree. Nothing is written: in one transaction a shop adds its
// entries, stores [Batch.Added], and signs the new size and root.
type Batch struct {
	below HashReader
	first int64 // index of hashes[0]
	size  int64
	added []Hash
}

// NewBatch continues a tree of size entries, whose hashes below reads; below may be nil for an empty tree.
func NewBatch(size int64, below HashReader) (*Batch, error) {
	if size < 0 || size > MaxSize {
		return nil, malformed("a tree of %d entries", size)
	}
	if below == nil {
		below = Hashes(nil)
	}
	return &Batch{below: below, first: tlog.StoredHashCount(size), size: size}, nil
}

// Add appends a leaf's bytes and gives its index in the log.
func (b *Batch) Add(leaf []byte) (index int64, err error) {
	if len(leaf) > MaxEntry {
		return 0, malformed("the entry has %d bytes; the most is %d", len(leaf), MaxEntry)
	}
	if b.size == MaxSize {
		return 0, malformed("the log is full")
	}
	hashes, err := tlog.StoredHashes(b.size, leaf, b)
	if err != nil {
		return 0, fmt.Errorf("append: %w", err)
	}
	b.added = append(b.added, hashes...)
	b.size++
	return b.size - 1, nil
}

// Added is what must be stored: hashes, and the index of the first.
func (b *Batch) Added() (first int64, hashes []Hash) { return b.first, b.added }

// Size counts all entries, old and new.
func (b *Batch) Size() int64 { return b.size }

// Root is the tree's root with all entries added so far.
func (b *Batch) Root() (Hash, error) { return tlog.TreeHash(b.size, b) }

// ReadHashes reads old and new hashes alike, so that proofs can be made before the batch is stored.
func (b *Batch) ReadHashes(indexes []int64) ([]Hash, error) {
	var old []int64
	for _, x := range indexes {
		if x < b.first {
			old = append(old, x)
		}
	}
	var below []Hash
	if len(old) > 0 {
		var err error
		if below, err = b.below.ReadHashes(old); err != nil {
			return nil, err
		}
		if len(below) != len(old) {
			return nil, fmt.Errorf("tree: asked for %d hashes and got %d", len(old), len(below))
		}
	}
	out := make([]Hash, 0, len(indexes))
	for _, x := range indexes {
		switch {
		case x < b.first:
			out = append(out, below[0])
			below = below[1:]
		case x-b.first < int64(len(b.added)):
			out = append(out, b.added[x-b.first])
		default:
			return nil, fmt.Errorf("tree: no hash %d yet", x)
		}
	}
	return out, nil
}

// CheckInclusion says whether proof leads from a leaf's hash at index to the root of a checkpoint.
func CheckInclusion(proof []Hash, head Checkpoint, index int64, leaf Hash) error {
	// The library's arithmetic needs sizes far below 2^62.
	if head.Size > MaxSize || len(proof) > maxProofHashes {
		return fmt.Errorf("%w: it is for a tree larger than any", ErrProof)
	}
	if err := tlog.CheckRecord(proof, head.Size, head.Root, index, leaf); err != nil {
		return fmt.Errorf("%w: entry %d is not in the tree of %d entries", ErrProof, index, head.Size)
	}
	return nil
}

// ProveConsistency proves that the tree of size entries begins with the tree of old entries.
func ProveConsistency(old, size int64, r HashReader) ([]Hash, error) {
	if old < 0 || old > size || size > MaxSize {
		return nil, fmt.Errorf("%w: no tree of %d entries begins with one of %d", ErrRollback, size, old)
	}
	if old == 0 {
		return nil, nil // the empty tree begins them all
	}
	return tlog.ProveTree(size, old, r)
}

// CheckConsistency says whether proof shows that the tree of now begins with the tree of
// before. A shorter tree is [ErrRollback], another origin or history [ErrFork].
func CheckConsistency(proof []Hash, before, now Checkpoint) error {
	empty, _ := tlog.TreeHash(0, nil)
	switch {
	case before.Origin != now.Origin:
		return fmt.Errorf("%w: it is %q and was %q", ErrFork, now.Origin, before.Origin)
	case before.Size < 0 || now.Size > MaxSize || len(proof) > 2*maxProofHashes:
		return fmt.Errorf("%w: it is for a tree larger than any", ErrProof)
	case now.Size < before.Size:
		return fmt.Errorf("%w: %d entries, and %d were seen", ErrRollback, now.Size, before.Size)
	case before.Size == 0 && before.Root == empty && len(proof) == 0:
		return nil
	case before.Size == 0:
		return fmt.Errorf("%w: an empty tree has one root and needs no proof", ErrProof)
	case now.Size == before.Size && now.Root != before.Root:
		return fmt.Errorf("%w: two roots for %d entries", ErrFork, now.Size)
	}
	if err := tlog.CheckTree(proof, now.Size, now.Root, before.Size, before.Root); err != nil {
		return fmt.Errorf("%w: the %d entries do not begin with the %d that were seen", ErrFork, now.Size, before.Size)
	}
	return nil
}
