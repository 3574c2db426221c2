package ledger

import (
	"encoding/binary"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"
)

// A sale as a shop has it: sign the entry, check it against the rules, append it to a tree of 100,000, and prove it.
func BenchmarkSaleWithProof(b *testing.B) {
	s := newShop(b)
	run := s.declare("first edition", MaxCopies)
	below, _ := grow(b, 100_000)
	_, o := s.owner()
	r, _ := s.state.Run(run)
	prev := Hash{1}
	c := Copy{Run: run, Number: 1, Head: prev}
	b.ReportAllocs()
	for b.Loop() {
		leaf, err := Sign(&Sell{About{run, 1, prev}, o.Commit(prev)}, s.label)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := Check(origin, &r, &c, leaf); err != nil {
			b.Fatal(err)
		}
		batch, err := NewBatch(100_000, below)
		if err != nil {
			b.Fatal(err)
		}
		index, err := batch.Add(leaf.Bytes)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tlog.ProveRecord(batch.Size(), index, batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	batch, err := NewBatch(0, nil)
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 400)
	for i := uint64(0); b.Loop(); i++ {
		binary.BigEndian.PutUint64(data, i)
		if _, err := batch.Add(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckInclusion(b *testing.B) {
	batch, leaves := grow(b, 100_000)
	head := checkpoint(b, batch)
	proof, err := tlog.ProveRecord(100_000, 54_321, batch)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(proof)), "hashes")
	for b.Loop() {
		if err := CheckInclusion(proof, head, 54_321, leaves[54_321]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignNext(b *testing.B) {
	batch, _ := grow(b, 100_000)
	s := newShop(b)
	last := checkpoint(b, batch)
	if _, err := batch.Add([]byte("one more")); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := SignNext(&last, batch.Size(), batch, s.signer); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyCertificate(b *testing.B) {
	s := newShop(b)
	run, _, opening := s.story()
	file := s.certify(run, 1, &opening, 0)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := VerifyCertificate(file, Trust{Key: s.vkey}); err != nil {
			b.Fatal(err)
		}
	}
}

// A whole log of 2,001 entries, replayed.
func BenchmarkAudit(b *testing.B) {
	s := newShop(b)
	run := s.declare("first edition", 1000)
	for n := 1; n <= 1000; n++ {
		s.mint(run, n)
		s.sell(run, n)
	}
	files := s.exportTo(fstest.MapFS{}, 0, s.sign(nil))
	for b.Loop() {
		if r, err := Audit(b.Context(), files, Trust{}, nil); err != nil || r.Count != 0 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(s.leaves)*b.N)/b.Elapsed().Seconds(), "entries/s")
}
