package ledger

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a log at one size: everything in it, in one hash.
type Checkpoint struct {
	Origin string // the log's name, also the name of its key
	Size   int64  // entries
	Root   Hash
}

// Text is the checkpoint's three lines, as C2SP tlog-checkpoint has them.
func (c Checkpoint) Text() string { return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root) }

// ParseCheckpoint reads the three lines. Extension lines, which C2SP discourages, are refused:
// nobody could audit them.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, malformed("a checkpoint has three lines: origin, size, root")
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = parseSize(lines[1]); err != nil {
		return Checkpoint{}, err
	}
	if c.Root, err = parseHash(lines[2]); err != nil {
		return Checkpoint{}, err
	}
	if !ValidOrigin(c.Origin) {
		return Checkpoint{}, malformed("the origin %q has a space, a plus or is too long", c.Origin)
	}
	return c, nil
}

// parseSize reads a count or an index: decimal, no sign, no leading zero, at most [MaxSize].
func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > MaxSize || strconv.FormatInt(n, 10) != s {
		return 0, malformed("%.30q is not a count of entries", s)
	}
	return n, nil
}

// parseHash reads base64 in its one form.
func parseHash(s string) (Hash, error) {
	h, err := tlog.ParseHash(s)
	if err != nil || h.String() != s {
		return Hash{}, malformed("%.50q is not a hash in base64", s)
	}
	return h, nil
}

// Signed is a checkpoint with signatures that were verified.
type Signed struct {
	Checkpoint
	Note      []byte   // the signed note, verbatim
	Key       string   // the log's verifier key
	Witnesses []string // names of the known witnesses that cosigned
}

// ParseKey reads the verifier key of a log, NAME+ID+BASE64 as C2SP signed-note has it. The name must be a valid origin.
func ParseKey(vkey string) (note.Verifier, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil || len(vkey) > 2*maxText || !ValidOrigin(v.Name()) {
		return nil, malformed("%.100q is not the verifier key of a log", vkey)
	}
	// Base64 has more than one form for the same bytes; a key that is compared as text must not.
	i := strings.LastIndex(vkey, "+"+fmt.Sprintf("%08x", v.KeyHash())+"+") + 10
	raw, _ := base64.StdEncoding.DecodeString(vkey[i:])
	if i < 10 || base64.StdEncoding.EncodeToString(raw) != vkey[i:] {
		return nil, malformed("%.100q is not the one form of that key", vkey)
	}
	return v, nil
}

// OpenCheckpoint verifies a signed checkpoint: it must be signed by the log whose verifier
// key is given, and each signature by a known witness must hold. Others are ignored, as C2SP says.
func OpenCheckpoint(signed []byte, vkey string, witnesses ...note.Verifier) (Signed, error) {
	if len(signed) > maxCheckpoint {
		return Signed{}, malformed("a checkpoint has at most %d bytes", maxCheckpoint)
	}
	log, err := ParseKey(vkey)
	if err != nil {
		return Signed{}, err
	}
	n, err := note.Open(signed, note.VerifierList(append([]note.Verifier{log}, witnesses...)...))
	var wrong *note.InvalidSignatureError
	var none *note.UnverifiedNoteError
	switch {
	case errors.As(err, &wrong):
		return Signed{}, fmt.Errorf("%w: checkpoint, key %s+%08x", ErrSignature, wrong.Name, wrong.Hash)
	case errors.As(err, &none):
		return Signed{}, fmt.Errorf("%w: the checkpoint is not signed with the key %s", ErrSignature, vkey)
	case err != nil:
		return Signed{}, malformed("checkpoint: %v", err)
	}
	s := Signed{Note: signed, Key: vkey}
	byLog := false
	for _, sig := range n.Sigs {
		raw, _ := base64.StdEncoding.DecodeString(sig.Base64)
		if base64.StdEncoding.EncodeToString(raw) != sig.Base64 {
			return Signed{}, malformed("checkpoint: a signature is not in its one form")
		}
		if sig.Name == log.Name() && sig.Hash == log.KeyHash() {
			byLog = true
		} else {
			s.Witnesses = append(s.Witnesses, sig.Name)
		}
	}
	if !byLog {
		return Signed{}, fmt.Errorf("%w: the checkpoint is not signed with the key %s", ErrSignature, vkey)
	}
	if s.Checkpoint, err = ParseCheckpoint(n.Text); err != nil {
		return Signed{}, err
	}
	if s.Origin != log.Name() {
		return Signed{}, fmt.Errorf("%w: the key of %q signed for %q", ErrSignature, log.Name(), s.Origin)
	}
	return s, nil
}

// SignNext signs the tree of size entries, and only when it grew out of the last one signed:
// a log must never sign two histories. Last is what was signed before, from a place that a
// restored backup of the hashes does not bring back with it; nil only for the first time. A tree that is
// shorter is [ErrRollback], one that changed is [ErrFork], and nothing is signed.
func SignNext(last *Checkpoint, size int64, r HashReader, log note.Signer) (next Checkpoint, signed []byte, err error) {
	if size < 0 || size > MaxSize {
		return Checkpoint{}, nil, malformed("a tree of %d entries", size)
	}
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	next = Checkpoint{Origin: log.Name(), Size: size, Root: root}
	if !ValidOrigin(next.Origin) {
		return Checkpoint{}, nil, malformed("the origin %q has a space, a plus or is too long", next.Origin)
	}
	if last != nil {
		if size < last.Size {
			return Checkpoint{}, nil, fmt.Errorf("sign checkpoint: %w: %d entries, and %d were signed; if this is a restored backup, the missing entries must be brought back first", ErrRollback, size, last.Size)
		}
		proof, err := ProveConsistency(last.Size, size, r)
		if err != nil {
			return Checkpoint{}, nil, fmt.Errorf("sign checkpoint: %w", err)
		}
		if err := CheckConsistency(proof, *last, next); err != nil {
			return Checkpoint{}, nil, fmt.Errorf("sign checkpoint: %w", err)
		}
	}
	signed, err = note.Sign(&note.Note{Text: next.Text()}, log)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return next, signed, nil
}

// keyID is the first four bytes of SHA-256 over name, newline, type and key.
func keyID(name string, kind byte, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), append([]byte{kind}, key...)...))
	return binary.BigEndian.Uint32(sum[:4])
}
