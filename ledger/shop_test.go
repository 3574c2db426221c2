package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/note"
)

// shop is a log with its keys, as a test needs one. Everything in it follows from its seeds.
type shop struct {
	t      testing.TB
	state  State
	hashes Hashes
	leaves [][]byte
	signer note.Signer
	vkey   string
	label  ed25519.PrivateKey
	drawn  int
}

const origin = "tapes.example/ledger"

func newShop(t testing.TB) *shop {
	s := &shop{t: t, state: State{Origin: origin}}
	skey, vkey, err := note.GenerateKey(bytes.NewReader(seed("log")), origin)
	if err != nil {
		t.Fatal(err)
	}
	if s.signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	s.vkey, s.label = vkey, key("label")
	return s
}

func seed(of string) []byte { h := sha256.Sum256([]byte(of)); return h[:] }

func key(of string) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed(of)) }

func public(k ed25519.PrivateKey) [32]byte { return [32]byte(k.Public().(ed25519.PublicKey)) }

// owner is a fresh key for one copy.
func (s *shop) owner() (ed25519.PrivateKey, Opening) {
	s.t.Helper()
	s.drawn++
	o, k, err := NewOpening(strings.NewReader(string(seed(fmt.Sprint("owner ", s.drawn))) + string(seed(fmt.Sprint("salt ", s.drawn)))))
	if err != nil {
		s.t.Fatal(err)
	}
	return k, o
}

// few is n, or a tenth of it where the race detector makes everything slow.
func few(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// add appends what the rules allow, and fails the test for what they do not.
func (s *shop) add(e Entry, k ed25519.PrivateKey) *Leaf {
	s.t.Helper()
	leaf, err := s.try(e, k)
	if err != nil {
		s.t.Fatal(err)
	}
	return leaf
}

func (s *shop) try(e Entry, k ed25519.PrivateKey) (*Leaf, error) {
	s.t.Helper()
	leaf, err := Sign(e, k)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.state.Apply(leaf); err != nil {
		return leaf, err
	}
	s.append(leaf.Bytes)
	return leaf, nil
}

// append puts anything in the log, rules or not.
func (s *shop) append(data []byte) {
	s.t.Helper()
	b, err := NewBatch(int64(len(s.leaves)), s.hashes)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := b.Add(data); err != nil {
		s.t.Fatal(err)
	}
	first, added := b.Added()
	if first != int64(len(s.hashes)) {
		s.t.Fatalf("hashes from %d, and %d are stored", first, len(s.hashes))
	}
	s.hashes = append(s.hashes, added...)
	s.leaves = append(s.leaves, data)
}

func (s *shop) declare(edition string, size int) Hash {
	s.t.Helper()
	d := &Declare{Origin: origin, Key: public(s.label), Catalogue: "HBR 004", Edition: edition, Size: size,
		Cards: []Card{{"jcard.pdf", sha256.Sum256([]byte("card"))}}, Manifest: sha256.Sum256([]byte("manifest"))}
	if size > 1 {
		d.Variants = []Variant{{1, size / 2, "white shell"}, {size/2 + 1, size, "black shell"}}
	}
	return s.add(d, s.label).Hash
}

func (s *shop) mint(run Hash, numbers ...int) {
	s.t.Helper()
	for _, n := range numbers {
		s.add(&Mint{Run: run, Copy: n, Claim: sha256.Sum256(fmt.Append(nil, "claim ", n))}, s.label)
	}
}

// about continues a copy from where it is.
func (s *shop) about(run Hash, number int) About {
	s.t.Helper()
	c, ok := s.state.Copy(run, number)
	if !ok {
		s.t.Fatalf("no copy %d", number)
	}
	return About{run, number, c.Head}
}

func (s *shop) sell(run Hash, number int) (ed25519.PrivateKey, Opening) {
	s.t.Helper()
	k, o := s.owner()
	a := s.about(run, number)
	s.add(&Sell{a, o.Commit(a.Prev)}, s.label)
	return k, o
}

// sign signs the log as it is.
func (s *shop) sign(last *Checkpoint) Signed {
	s.t.Helper()
	_, signed, err := SignNext(last, int64(len(s.leaves)), s.hashes, s.signer)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.open(signed)
}

func (s *shop) open(signed []byte) Signed {
	s.t.Helper()
	head, err := OpenCheckpoint(signed, s.vkey)
	if err != nil {
		s.t.Fatal(err)
	}
	return head
}

// history is all that is in the log about a copy.
func (s *shop) history(run Hash, number int) []Logged {
	s.t.Helper()
	var all []Logged
	for i, data := range s.leaves {
		leaf, err := ParseLeaf(data)
		if err != nil {
			continue
		}
		if r, n := Subject(leaf.Entry); leaf.Hash == run || r == run && n == number {
			all = append(all, Logged{int64(i), data})
		}
	}
	return all
}

func (s *shop) certify(run Hash, number int, o *Opening, since int64) []byte {
	s.t.Helper()
	c, err := Certify(s.sign(nil), s.history(run, number), s.hashes, o, since)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.Encode()
}

// export is the log as static files.
func (s *shop) export() fstest.MapFS {
	s.t.Helper()
	return s.exportTo(fstest.MapFS{}, 0, s.sign(nil))
}

func (s *shop) exportTo(files fstest.MapFS, old int64, head Signed) fstest.MapFS {
	s.t.Helper()
	put := func(path string, data []byte) error { files[path] = &fstest.MapFile{Data: data}; return nil }
	err := Tiles(old, head.Size, s.hashes, func(i int64) ([]byte, error) { return s.leaves[i], nil }, put)
	if err != nil {
		s.t.Fatal(err)
	}
	put(CheckpointPath, head.Note)
	put(KeyPath, []byte(s.vkey+"\n"))
	return files
}

// story fills the shop with a run of four: one handed on and graded, one sold, one void, one returned and sold again; closed.
func (s *shop) story() (run Hash, holder ed25519.PrivateKey, opening Opening) {
	s.t.Helper()
	run = s.declare("first edition", 4)
	s.mint(run, 1, 2, 3, 4)
	k1, o1 := s.sell(run, 1)
	s.sell(run, 2)
	s.sell(run, 4)
	holder, opening = s.owner()
	a := s.about(run, 1)
	s.add(&HandOn{About: a, Owner: opening.Commit(a.Prev), By: By{&o1}}, k1)
	a = s.about(run, 1)
	s.add(&Grade{About: a, Sheet: CommitSheet(a.Prev, Hash{1}, [32]byte{2})}, s.label)
	s.add(&Void{About: s.about(run, 3), Reason: Faulty}, s.label)
	s.add(&HandOn{About: s.about(run, 4), Reason: Returned}, s.label)
	s.sell(run, 4)
	s.add(&Close{Run: run, Sold: 3, Void: 1}, s.label)
	return run, holder, opening
}
