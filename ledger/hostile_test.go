package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"
)

// A shop's whole export, changed in every way that one can change a log. With the log's key unknown to
// the forger everything is found from the export alone. With the key, a log that was cut or rewritten is well
// signed, and only what was seen before tells.
func TestEveryEditOfTheLogIsFound(t *testing.T) {
	honest := newShop(t)
	honest.story()
	files := honest.export()
	seen := &Seen{honest.sign(nil)}
	if r, err := Audit(t.Context(), files, Trust{Seen: seen}, nil); err != nil || r.Count != 0 || r.Growth != Same || r.Copies != 4 || r.ByLabel != 1 {
		t.Fatalf("the honest log: %v %+v", err, r)
	}
	random := rand.New(rand.NewPCG(1, 2))
	edits := map[string]func([][]byte) [][]byte{
		"change": func(l [][]byte) [][]byte {
			i := random.IntN(len(l))
			l[i] = bytes.Clone(l[i])
			l[i][random.IntN(len(l[i]))] ^= 1 << random.IntN(8)
			return l
		},
		"drop": func(l [][]byte) [][]byte { i := random.IntN(len(l) - 1); return append(l[:i:i], l[i+1:]...) },
		"insert": func(l [][]byte) [][]byte {
			i, j := random.IntN(len(l)), random.IntN(len(l))
			return append(append(l[:i:i], l[j]), l[i:]...)
		},
		"reorder": func(l [][]byte) [][]byte {
			i := random.IntN(len(l))
			j := (i + 1 + random.IntN(len(l)-1)) % len(l)
			l[i], l[j] = l[j], l[i]
			return l
		},
		"truncate": func(l [][]byte) [][]byte { return l[:1+random.IntN(len(l)-1)] },
	}
	for name, edit := range edits {
		for range few(150) {
			forged := &shop{t: t, signer: honest.signer, vkey: honest.vkey}
			for _, data := range edit(append([][]byte{}, honest.leaves...)) {
				forged.append(data)
			}
			// Without the key: files of the forged log, and the honest checkpoint.
			bare := forged.exportTo(fstest.MapFS{}, 0, forged.sign(nil))
			bare[CheckpointPath] = files[CheckpointPath]
			if r, err := Audit(t.Context(), bare, Trust{Key: honest.vkey}, nil); err == nil && r.Count == 0 {
				t.Fatalf("%s: not found", name)
			}
			// With the key: all of it signed anew.
			r, err := Audit(t.Context(), forged.export(), Trust{Seen: seen}, nil)
			if err != nil {
				t.Fatalf("%s, signed: %v", name, err)
			}
			if r.Count == 0 {
				t.Fatalf("%s, signed: not found", name)
			}
			if name == "truncate" && !errors.Is(r.Findings[len(r.Findings)-1].Err, ErrRollback) {
				t.Fatalf("%s, signed: %v", name, r.Findings)
			}
			begins := len(forged.leaves) >= len(honest.leaves)
			for i, data := range honest.leaves {
				begins = begins && bytes.Equal(data, forged.leaves[i])
			}
			if len(forged.leaves) >= len(honest.leaves) && !begins {
				proveFork(t, r)
			}
		}
	}
}

// proveFork says whether the audit wrote a proof that stands alone.
func proveFork(t *testing.T, r *Report) {
	t.Helper()
	if r.Fork == nil {
		t.Fatalf("no proof of two histories: %v", r.Findings)
	}
	f, err := ParseFork(r.Fork.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Verify(); err != nil {
		t.Fatal(err)
	}
}

// A key thief who rewrites the log by the rules: nothing in it is wrong, and what was seen tells.
func TestSecondHistoryByTheRules(t *testing.T) {
	s := newShop(t)
	run := s.declare("first edition", 2)
	s.mint(run, 1, 2)
	s.sell(run, 1)
	seen := &Seen{s.sign(nil)}
	lie := newShop(t)
	run = lie.declare("first edition", 2)
	lie.mint(run, 1, 2)
	lie.drawn = 7
	lie.sell(run, 1)
	for longer := range 2 { // first of the same size, then longer
		if longer > 0 {
			lie.sell(run, 2)
		}
		if r, err := Audit(t.Context(), lie.export(), Trust{Key: lie.vkey}, nil); err != nil || r.Count != 0 {
			t.Fatalf("the lie keeps the rules: %v %v", err, r.Findings)
		}
		r, err := Audit(t.Context(), lie.export(), Trust{Seen: seen}, nil)
		if err != nil || r.Count != 1 || !errors.Is(r.Findings[0].Err, ErrFork) {
			t.Fatalf("%v %+v", err, r)
		}
		proveFork(t, r)
	}
	// An honest log cannot be accused.
	s.sell(run, 2)
	if f, err := NewFork(seen.Signed, s.sign(nil), s.hashes); err == nil {
		t.Errorf("a fork was proven of a log that only grew: %+v", f)
	}
}

// A backup of yesterday is restored: the log is whole and keeps all rules, and must not be signed.
func TestRestoredBackupIsNotSigned(t *testing.T) {
	s := newShop(t)
	run := s.declare("first edition", 3)
	s.mint(run, 1, 2, 3)
	backup := len(s.leaves)
	s.sell(run, 1)
	last := s.sign(nil).Checkpoint
	all := s.leaves

	old := newShop(t)
	for _, data := range all[:backup] {
		old.append(data)
	}
	if _, _, err := SignNext(&last, int64(backup), old.hashes, old.signer); !errors.Is(err, ErrRollback) {
		t.Errorf("shorter: %v", err)
	}
	old.append([]byte("something else happened"))
	for range 3 { // as long as it was, then longer
		if _, signed, err := SignNext(&last, int64(len(old.leaves)), old.hashes, old.signer); !errors.Is(err, ErrFork) || signed != nil {
			t.Errorf("%d entries: %v", len(old.leaves), err)
		}
		old.append([]byte("and more"))
	}
	if _, _, err := SignNext(&last, int64(len(all)), s.hashes, s.signer); err != nil {
		t.Errorf("caught up: %v", err)
	}
}

// 100,000 proofs of a tree of 5,000 entries, each changed, and none is believed (a tenth of that with -short).
func TestMutatedProofs(t *testing.T) {
	const size = 5000
	b, leaves := grow(t, size)
	head := checkpoint(t, b)
	random := rand.New(rand.NewPCG(3, 4))
	accepted := 0
	for range few(50_000) {
		index := random.Int64N(size)
		proof, err := tlog.ProveRecord(size, index, b)
		if err != nil {
			t.Fatal(err)
		}
		at, leaf, n := head, leaves[index], index
		if CheckInclusion(proof, at, n, leaf) != nil {
			t.Fatal("a true proof was refused")
		}
		switch random.IntN(4) {
		case 0:
			n = (index + 1 + random.Int64N(size-1)) % size
		case 1:
			flip(random, &leaf)
		default:
			proof = mutate(random, proof, &at)
		}
		if CheckInclusion(proof, at, n, leaf) == nil {
			accepted++
		}
	}
	// The root of each smaller tree: what a consistency proof begins with.
	for range few(50_000) {
		old := 1 + random.Int64N(size-1)
		root, err := tlog.TreeHash(old, b)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := ProveConsistency(old, size, b)
		if err != nil {
			t.Fatal(err)
		}
		before, now := Checkpoint{origin, old, root}, head
		if CheckConsistency(proof, before, now) != nil {
			t.Fatal("a true proof was refused")
		}
		switch random.IntN(4) {
		case 0:
			before.Size = 1 + (old+random.Int64N(size-2))%(size-1)
		case 1:
			flip(random, &before.Root)
		default:
			proof = mutate(random, proof, &now)
		}
		if CheckConsistency(proof, before, now) == nil {
			accepted++
		}
	}
	if accepted > 0 {
		t.Errorf("%d of %d changed proofs were believed", accepted, few(100_000))
	}
}

// mutate changes a proof, or the root that it leads to when it is empty.
func mutate(random *rand.Rand, proof []Hash, head *Checkpoint) []Hash {
	if len(proof) == 0 {
		flip(random, &head.Root)
		return proof
	}
	i := random.IntN(len(proof))
	switch random.IntN(5) {
	case 0:
		return append(proof[:i:i], proof[i+1:]...)
	case 1:
		return append(append(proof[:i:i], Hash{byte(random.Uint32())}), proof[i:]...)
	case 2:
		if j := random.IntN(len(proof)); proof[i] != proof[j] {
			proof[i], proof[j] = proof[j], proof[i]
			return proof
		}
	case 3:
		flip(random, &head.Root)
		return proof
	}
	flip(random, &proof[i])
	return proof
}

func flip(random *rand.Rand, h *Hash) { h[random.IntN(len(h))] ^= 1 << random.IntN(8) }

func grow(t testing.TB, size int) (*Batch, []Hash) {
	t.Helper()
	b, err := NewBatch(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	leaves := make([]Hash, size)
	for i := range leaves {
		data := binary.BigEndian.AppendUint64(nil, uint64(i))
		leaves[i] = tlog.RecordHash(data)
		if _, err := b.Add(data); err != nil {
			t.Fatal(err)
		}
	}
	return b, leaves
}

func checkpoint(t testing.TB, b *Batch) Checkpoint {
	t.Helper()
	root, err := b.Root()
	if err != nil {
		t.Fatal(err)
	}
	return Checkpoint{origin, b.Size(), root}
}

// Every byte of a certificate, and of a proof of two histories, matters.
func TestMutatedFiles(t *testing.T) {
	s := newShop(t)
	run, _, opening := s.story()
	early := s.sign(nil)
	_, next := s.owner()
	a := s.about(run, 1)
	s.add(&HandOn{About: a, Owner: next.Commit(a.Prev), Reason: Asked}, s.label)
	_ = opening
	file := s.certify(run, 1, &next, early.Size)
	lie := newShop(t)
	lie.drawn = 50
	lie.story()
	lie.declare("second edition", 1)
	fork, err := NewFork(early, lie.sign(nil), lie.hashes)
	if err != nil {
		t.Fatal(err)
	}
	trust := Trust{Key: s.vkey, Seen: &Seen{early}}
	for name, tt := range map[string]struct {
		file  []byte
		check func([]byte) error
	}{
		"certificate": {file, func(b []byte) error { _, err := VerifyCertificate(b, trust); return err }},
		"fork": {fork.Encode(), func(b []byte) error {
			f, err := ParseFork(b)
			if err == nil && f.Key != s.vkey {
				return ErrSignature
			}
			if err == nil {
				_, _, err = f.Verify()
			}
			return err
		}},
	} {
		if err := tt.check(tt.file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		random := rand.New(rand.NewPCG(5, 6))
		for range few(3000) {
			b := bytes.Clone(tt.file)
			i := random.IntN(len(b))
			switch random.IntN(4) {
			case 0:
				b = append(b[:i], b[i+1:]...)
			case 1:
				b = append(b[:i], append([]byte{byte(random.Uint32())}, b[i:]...)...)
			case 2:
				b = b[:i]
			default:
				b[i] ^= 1 << random.IntN(8)
			}
			if !bytes.Equal(b, tt.file) && tt.check(b) == nil {
				t.Fatalf("%s: changed at byte %d and believed", name, i)
			}
		}
	}
}

// Files of an export that are missing, cut, too long or too large.
func TestAuditOfBrokenFiles(t *testing.T) {
	s := newShop(t)
	run := s.declare("first edition", 300)
	for n := 1; n <= 300; n++ {
		s.mint(run, n)
	}
	good := s.export()
	if r, err := Audit(t.Context(), good, Trust{}, nil); err != nil || r.Count != 0 || r.KeyTrusted || r.Copies != 300 {
		t.Fatalf("%v %+v", err, r)
	}
	for path := range good {
		for what, change := range map[string]func([]byte) []byte{
			"missing":  func([]byte) []byte { return nil },
			"cut":      func(b []byte) []byte { return b[:len(b)/2] },
			"longer":   func(b []byte) []byte { return append(bytes.Clone(b), 7) },
			"huge":     func(b []byte) []byte { return append(bytes.Clone(b), make([]byte, 5<<20)...) },
			"bit flip": func(b []byte) []byte { b = bytes.Clone(b); b[len(b)/2] ^= 1; return b },
		} {
			files := fstest.MapFS{}
			for p, f := range good {
				files[p] = f
			}
			delete(files, path)
			if data := change(good[path].Data); data != nil {
				files[path] = &fstest.MapFile{Data: data}
			}
			if r, err := Audit(t.Context(), files, Trust{}, nil); err == nil && r.Count == 0 {
				t.Errorf("%s %s: not found", path, what)
			}
		}
	}
	// The partial files of an older checkpoint may be gone when the full ones are there.
	head := s.sign(nil)
	files := s.exportTo(fstest.MapFS{}, 0, head)
	for len(s.leaves) < 512 {
		s.append([]byte("x"))
	}
	now := s.exportTo(files, head.Size, s.sign(nil))
	now[CheckpointPath] = &fstest.MapFile{Data: head.Note}
	delete(now, "tile/0/001.p/45")
	delete(now, "tile/entries/001.p/45")
	if r, err := Audit(t.Context(), now, Trust{}, nil); err != nil || r.Count != 0 {
		t.Errorf("full files for a partial one: %v %+v", err, r.Findings)
	}
}

// Growing in steps writes the files that growing at once does.
func TestTilesInSteps(t *testing.T) {
	s := newShop(t)
	run := s.declare("first edition", 600)
	files := fstest.MapFS{}
	var old Signed
	for n := 1; n <= 600; n++ {
		s.mint(run, n)
		if n%97 == 0 || n == 600 {
			now := s.sign(nil)
			s.exportTo(files, old.Size, now)
			old = now
		}
	}
	for path, f := range s.export() {
		if got := files[path]; got == nil || !bytes.Equal(got.Data, f.Data) {
			t.Errorf("%s differs", path)
		}
	}
	if r, err := Audit(t.Context(), files, Trust{}, nil); err != nil || r.Count != 0 {
		t.Errorf("%v %+v", err, r)
	}
}

// Whoever has only the static files and the checkpoint can prove any entry, with the library's own tile reader.
func TestProofsFromStaticFiles(t *testing.T) {
	s := newShop(t)
	run := s.declare("first edition", 700)
	for n := 1; n <= 700; n++ {
		s.mint(run, n)
	}
	head := s.sign(nil)
	r := tlog.TileHashReader(tlog.Tree{N: head.Size, Hash: head.Root}, &tileFiles{s.export()})
	for _, index := range []int64{0, 255, 256, 511, 512, 700} {
		proof, err := tlog.ProveRecord(head.Size, index, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckInclusion(proof, head.Checkpoint, index, tlog.RecordHash(s.leaves[index])); err != nil {
			t.Error(err)
		}
	}
}

type tileFiles struct{ files fstest.MapFS }

func (f *tileFiles) Height() int { return tileHeight }

func (f *tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := f.files.ReadFile(tilePath(t))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f *tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}
