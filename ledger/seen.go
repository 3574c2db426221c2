package ledger

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	seenVersion = "ferric-ledger-seen/1"
	forkVersion = "ferric-ledger-fork/1"
)

// Seen is a log as somebody last saw it: its key and its checkpoint. Kept outside of
// the log, it is what shows a log that was rolled back or has two histories.
type Seen struct{ Signed }

// Encode writes the file.
func (s Seen) Encode() []byte {
	return fmt.Appendf(nil, "%s\nlog %s\n\n%s", seenVersion, s.Key, s.Note)
}

// ParseSeen reads the file and verifies the checkpoint in it.
func ParseSeen(data []byte) (*Seen, error) {
	r := &lines{rest: data}
	version := r.next()
	key, ok := strings.CutPrefix(r.next(), "log ")
	if version != seenVersion || !ok || r.next() != "" {
		return nil, malformed("the file does not have the form of a last-seen file (%s)", seenVersion)
	}
	s, err := OpenCheckpoint(r.rest, key)
	if err != nil {
		return nil, err
	}
	return &Seen{s}, nil
}

// Fork proves that a log signed two histories: two checkpoints by its key, where the later
// tree provably begins with another root than the earlier checkpoint has. The file needs nothing else to be believed.
type Fork struct {
	Key    string
	Before []byte // signed note of the smaller tree, or of one of two of the same size
	Now    []byte // signed note of the larger
	Root   Hash   // what Now says that the tree of Before's size was
	Proof  []Hash // that it does
}

// NewFork is the proof that now, whose hashes r reads, contradicts before. It is an error when it does not.
func NewFork(before, now Signed, r HashReader) (*Fork, error) {
	f := &Fork{Key: now.Key, Before: before.Note, Now: now.Note}
	var err error
	if before.Size > now.Size {
		return nil, fmt.Errorf("%w: the smaller tree comes first", ErrRollback)
	}
	if f.Root, err = tlog.TreeHash(before.Size, r); err != nil {
		return nil, fmt.Errorf("prove fork: %w", err)
	}
	if f.Proof, err = ProveConsistency(before.Size, now.Size, r); err != nil {
		return nil, fmt.Errorf("prove fork: %w", err)
	}
	_, _, err = f.Verify()
	return f, err
}

// Verify says whether the file proves what it says, and gives the two checkpoints. Whoever
// reads it must know that the key is the log's.
func (f *Fork) Verify() (before, now Checkpoint, err error) {
	b, err := OpenCheckpoint(f.Before, f.Key)
	if err != nil {
		return before, now, err
	}
	n, err := OpenCheckpoint(f.Now, f.Key)
	if err != nil {
		return before, now, err
	}
	at := b.Checkpoint
	at.Root = f.Root
	if err := CheckConsistency(f.Proof, at, n.Checkpoint); err != nil {
		return before, now, fmt.Errorf("%w: the second checkpoint does not lead to the root given: %w", ErrProof, err)
	}
	if b.Root == f.Root {
		return before, now, fmt.Errorf("%w: the two checkpoints agree", ErrProof)
	}
	return b.Checkpoint, n.Checkpoint, nil
}

// Encode writes the file.
func (f *Fork) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nlog %s\n", forkVersion, f.Key)
	for _, n := range [][]byte{f.Before, f.Now} {
		fmt.Fprintf(&b, "checkpoint %d\n%s\n", len(n), n)
	}
	writeHashes(&b, append([]Hash{f.Root}, f.Proof...))
	b.WriteByte('\n')
	return b.Bytes()
}

// ParseFork reads the file. Nothing is verified yet.
func ParseFork(data []byte) (*Fork, error) {
	if len(data) > MaxCertificate {
		return nil, malformed("a proof file has at most %d bytes", MaxCertificate)
	}
	r := &lines{rest: data}
	version := r.next()
	key, ok := strings.CutPrefix(r.next(), "log ")
	if version != forkVersion || !ok {
		return nil, malformed("the file does not begin with %q", forkVersion)
	}
	f := &Fork{Key: key}
	for _, n := range []*[]byte{&f.Before, &f.Now} {
		size, ok := strings.CutPrefix(r.next(), "checkpoint ")
		if _, err := strconv.Atoi(size); !ok || err != nil {
			return nil, malformed("no checkpoint where one should be")
		}
		var err error
		if *n, err = r.block(size); err != nil {
			return nil, err
		}
		r.next()
	}
	all, err := r.hashes()
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, malformed("no root")
	}
	f.Root, f.Proof = all[0], all[1:]
	if !bytes.Equal(f.Encode(), data) {
		return nil, malformed("the file is not in its one form")
	}
	return f, nil
}
