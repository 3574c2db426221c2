package wantlist_test

import (
	"bytes"
	"testing"

	"ferric/trade/example"
	"ferric/trade/wantlist"
)

// a round of the size of the largest real ones: 2,900 items, some 6,000 dummies, 260,000 wants.
func largeRound(b *testing.B) []byte {
	var buf bytes.Buffer
	if err := example.Write(&buf, example.Config{People: 223, Items: 2900, Wants: 80, Seed: 3}); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

func BenchmarkRead(b *testing.B) {
	data := largeRound(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wantlist.Read(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	data := largeRound(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		r, err := wantlist.Read(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		r.Hash()
	}
}
