package ledger

import (
	"bytes"
	"testing"
	"testing/fstest"
)

// What is accepted is in the one form that it is written in.
func FuzzParseLeaf(f *testing.F) {
	s := newShop(f)
	s.story()
	for _, data := range s.leaves {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		leaf, err := ParseLeaf(data)
		if err != nil {
			return
		}
		again, err := encode(leaf.Entry)
		if err != nil || !bytes.HasPrefix(data, again) || !bytes.Equal(leaf.Bytes, data) {
			t.Errorf("%q is written again as %q, %v", data, again, err)
		}
		_ = Describe(leaf.Entry)
		_ = (&State{Origin: origin}).Apply(leaf)
	})
}

func FuzzCertificate(f *testing.F) {
	s := newShop(f)
	run, _, opening := s.story()
	good := s.certify(run, 1, &opening, 3)
	f.Add(good)
	f.Add((&Certificate{Key: s.vkey, Entries: []Proven{{Leaf: []byte("x")}}, Checkpoint: s.sign(nil).Note}).Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := VerifyCertificate(data, Trust{Key: s.vkey}); err == nil && !bytes.Equal(data, good) {
			t.Errorf("believed: %q", data)
		}
		if c, err := ParseCertificate(data); err == nil && !bytes.Equal(c.Encode(), data) {
			t.Errorf("another form: %q", data)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	s := newShop(f)
	s.story()
	head := s.sign(nil)
	f.Add(head.Note)
	f.Add(Seen{head}.Encode())
	f.Add([]byte(head.Text()))
	lie := newShop(f)
	lie.drawn = 50
	lie.story()
	fork, err := NewFork(head, lie.sign(nil), lie.hashes)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(fork.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := OpenCheckpoint(data, s.vkey); err == nil && got.Checkpoint != head.Checkpoint {
			t.Errorf("believed: %q", data)
		}
		if seen, err := ParseSeen(data); err == nil && seen.Key == s.vkey && seen.Checkpoint != head.Checkpoint {
			t.Errorf("believed: %q", data)
		}
		if got, err := ParseFork(data); err == nil {
			if _, _, err := got.Verify(); err == nil && got.Key == s.vkey && !bytes.Equal(data, fork.Encode()) {
				t.Errorf("believed: %q", data)
			}
		}
		if c, err := ParseCheckpoint(string(data)); err == nil && c.Text() != string(data) {
			t.Errorf("another form: %q", data)
		}
	})
}

func FuzzBundle(f *testing.F) {
	s := newShop(f)
	s.story()
	files := s.export()
	for path, file := range files {
		if len(path) > 13 && path[:13] == "tile/entries/" {
			f.Add(file.Data)
		}
	}
	head := files[CheckpointPath].Data
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Audit(t.Context(), fstest.MapFS{
			CheckpointPath:          {Data: head},
			"tile/entries/000.p/14": {Data: data},
			"tile/0/000.p/14":       files["tile/0/000.p/14"],
		}, Trust{Key: s.vkey}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Count == 0 && !bytes.Equal(data, files["tile/entries/000.p/14"].Data) {
			t.Errorf("believed: %q", data)
		}
	})
}
