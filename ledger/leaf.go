package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// version opens every entry and every hash of Ferric's own in a ledger, so that none can be taken for another.
const version = "ferric-ledger/1 "

// Leaf is an entry as it stands in the log: signed, with its exact bytes.
type Leaf struct {
	Entry Entry
	Bytes []byte // what is hashed and stored
	Hash  Hash   // SHA-256 of 0x00 and Bytes, as RFC 6962 has it

	signed    []byte // the lines that the signature is over
	signature [ed25519.SignatureSize]byte
}

// Sign writes an entry as a leaf. The key is the run's, or the owner's where the
// entry is by the owner; [Check] says whether it was the right one.
func Sign(e Entry, key ed25519.PrivateKey) (*Leaf, error) {
	text, err := encode(e)
	if err != nil {
		return nil, err
	}
	return newLeaf(e, text, [ed25519.SignatureSize]byte(ed25519.Sign(key, text)))
}

func newLeaf(e Entry, text []byte, sig [ed25519.SignatureSize]byte) (*Leaf, error) {
	all := fmt.Appendf(bytes.Clone(text), "signature %x\n", sig)
	if len(all) > MaxEntry {
		return nil, malformed("the entry has %d bytes; the most is %d", len(all), MaxEntry)
	}
	return &Leaf{Entry: e, Bytes: all, Hash: tlog.RecordHash(all), signed: all[:len(text)], signature: sig}, nil
}

func encode(e Entry) ([]byte, error) {
	c := coder{buf: []byte(version + e.Kind() + "\n")}
	e.code(&c)
	return c.buf, c.err
}

// ParseLeaf reads a leaf. There is one form for what an entry says: any other is refused.
func ParseLeaf(data []byte) (*Leaf, error) {
	if len(data) > MaxEntry {
		return nil, malformed("the entry has %d bytes; the most is %d", len(data), MaxEntry)
	}
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	kind, ours := strings.CutPrefix(string(head), version)
	if !ours {
		return nil, malformed("the entry does not begin with %q", strings.TrimSpace(version))
	}
	e := blank(kind)
	if e == nil {
		return nil, malformed("no kind of entry is called %q", kind)
	}
	c := coder{reading: true, buf: rest}
	e.code(&c)
	var sig [ed25519.SignatureSize]byte
	c.bytes("signature", sig[:])
	if c.err != nil {
		return nil, fmt.Errorf("%s: %w", kind, c.err)
	}
	text, err := encode(e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	leaf, err := newLeaf(e, text, sig)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(leaf.Bytes, data) {
		return nil, malformed("%s: the entry is not in its one form", kind)
	}
	return leaf, nil
}

// SignedBy says whether the leaf carries a signature by key.
func (l *Leaf) SignedBy(key [32]byte) bool { return ed25519.Verify(key[:], l.signed, l.signature[:]) }

// Opening opens an owner's commitment: the public half of the key that owns one
// copy, and the salt that hides it. The key is made for one copy and one owner, so
// that it links to nothing; whoever signs with it is the owner.
//
// While a copy stays with its owner, the opening is the owner's own: it stands in
// their certificate and, if they wish, with the shop. When they hand the copy on it
// is shown, with a signature, and the key has done its work.
type Opening struct {
	Key  [32]byte // Ed25519 public key
	Salt [32]byte // random
}

// NewOpening makes a key for one copy and one owner, and the salt that hides it, out of
// 64 bytes of random; in a program that is crypto/rand's Reader.
func NewOpening(random io.Reader) (Opening, ed25519.PrivateKey, error) {
	var seed [ed25519.SeedSize + 32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return Opening{}, nil, fmt.Errorf("make an owner's key: %w", err)
	}
	key := ed25519.NewKeyFromSeed(seed[:ed25519.SeedSize])
	return Opening{[32]byte(key.Public().(ed25519.PublicKey)), [32]byte(seed[ed25519.SeedSize:])}, key, nil
}

// Commit hides the opening: SHA-256 over a line of its own, prev, key and salt. Prev is
// the leaf hash of the entry before the one that carries the commitment, so that a
// commitment cannot be used twice.
func (o Opening) Commit(prev Hash) Hash {
	return commit("owner", prev[:], o.Key[:], o.Salt[:])
}

// CommitSheet hides a grade sheet in the same way: sum is the sheet's SHA-256, salt is random.
func CommitSheet(prev, sum Hash, salt [32]byte) Hash {
	return commit("sheet", prev[:], sum[:], salt[:])
}

func commit(what string, parts ...[]byte) Hash {
	return sha256.Sum256(append([]byte(version+what+"\n"), bytes.Join(parts, nil)...))
}

// String is key and salt in hexadecimal with a space between.
func (o Opening) String() string { return fmt.Sprintf("%x %x", o.Key, o.Salt) }

// ParseOpening reads what String wrote.
func ParseOpening(s string) (Opening, error) {
	var o Opening
	key, salt, _ := strings.Cut(s, " ")
	k, err1 := hex.DecodeString(key)
	v, err2 := hex.DecodeString(salt)
	if err1 != nil || err2 != nil || len(k) != len(o.Key) || len(v) != len(o.Salt) {
		return o, malformed("an opening is a key and a salt, 64 hexadecimal digits each")
	}
	copy(o.Key[:], k)
	copy(o.Salt[:], v)
	return o, nil
}
