// Package ledger is the log of who owns which numbered copy: append-only, signed,
// and provable to somebody who trusts neither the shop nor the network.
//
// An [Entry] says one thing about a run or about one copy of it: a run is
// declared, its numbers are minted, sold, handed on, graded, made void, and the
// run is closed. Entries are lines of text, signed by the one who had the right
// to say it, and [Check] holds the rules by which one may follow another.
//
// The entries are the leaves of a Merkle tree (RFC 6962). The shop signs its size
// and root, a [Checkpoint]. A short list of hashes then proves that an entry is in
// the tree, and another that one tree grew out of another and nothing in it changed.
// The forms are those of C2SP (c2sp.org): signed-note, tlog-checkpoint, tlog-tiles,
// tlog-proof, tlog-cosignature. A [Certificate] packs the story of one copy with its
// proofs into a file that is checked with nothing else at hand.
//
// Nothing personal is ever in the log. An owner is a key made for one copy and one
// owner, hidden in a salted commitment ([Opening]). Who holds the key is known to
// the shop's database and to the owner. Delete the row and the salt, and the log and
// every certificate prove what they proved before.
//
// What a log cannot say: that the plastic in the hand is the copy in the record.
//
// The package reads no clock, no file and no random source: whoever calls it brings
// those. docs/formats/ledger.md describes every byte.
package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is SHA-256: of a leaf or a node of the tree, or of anything that an entry commits to.
type Hash = tlog.Hash

// HashReader is all the storage that the tree needs: the hashes of complete subtrees
// by their index in one sequence (see tlog.StoredHashIndex), each written once.
type HashReader = tlog.HashReader

// Limits on what is read. They are far above what a shop writes and bound what a hostile file can cost.
const (
	MaxEntry       = 16 << 10 // bytes of one entry; C2SP bundles could hold 65,535
	MaxCopies      = 100_000  // numbers in one run
	MaxSize        = 1 << 40  // entries in a log
	maxText        = 200      // bytes of a catalogue number, an edition or a variant
	maxParts       = 100      // variants, and cards, of one run
	maxCheckpoint  = 64 << 10 // bytes of a signed checkpoint; a post-quantum signature takes 5 kB
	maxProofHashes = 64
)

var (
	// ErrMalformed is a file or an entry that does not have the form it should have.
	ErrMalformed = errors.New("malformed")
	// ErrRule is an entry that may not follow what stands in the log before it.
	ErrRule = errors.New("against the rules of the ledger")
	// ErrSignature is a signature that is missing, or not by the key that has the right.
	ErrSignature = errors.New("signature does not hold")
	// ErrProof is a proof that does not lead to the signed root.
	ErrProof = errors.New("proof does not hold")
	// ErrRollback is a log that is shorter than it was seen before.
	ErrRollback = errors.New("log is shorter than it was")
	// ErrFork is a log with two histories: what it says now does not contain what it said before.
	ErrFork = errors.New("log has two histories")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Hex is how hashes stand in entries: 64 lower-case digits. In the C2SP forms they are base64.
func Hex(h Hash) string { return hex.EncodeToString(h[:]) }
