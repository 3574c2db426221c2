package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The tiles of trees of 70,000 and of 256 entries, from the text of C2SP tlog-tiles.
func TestTilesOfKnownSizes(t *testing.T) {
	count := func(size int64) string {
		full, partial := map[int]int{}, map[int]int{}
		for _, t := range newTiles(0, size) {
			if t.L == entriesTile {
				continue
			}
			if t.W == tileWidth {
				full[t.L]++
			} else {
				partial[t.L] = t.W
			}
		}
		return fmt.Sprint(full, partial)
	}
	for size, want := range map[int64]string{
		70_000: "map[0:273 1:1] map[0:112 1:17 2:1]",
		256:    "map[0:1] map[1:1]",
		0:      "map[] map[]",
	} {
		if got := count(size); got != want {
			t.Errorf("%d entries: tiles %s, want %s", size, got, want)
		}
	}
}

// Paths from the text of C2SP tlog-tiles.
func TestTilePaths(t *testing.T) {
	for want, tile := range map[string]tlog.Tile{
		"tile/0/x001/x234/067":        {H: 8, L: 0, N: 1234067, W: 256},
		"tile/0/273.p/112":            {H: 8, L: 0, N: 273, W: 112},
		"tile/2/000.p/1":              {H: 8, L: 2, N: 0, W: 1},
		"tile/entries/x001/000":       {H: 8, L: -1, N: 1000, W: 256},
		"tile/entries/x001/234.p/255": {H: 8, L: -1, N: 1234, W: 255},
	} {
		if got := tilePath(tile); got != want {
			t.Errorf("%+v is %s, want %s", tile, got, want)
		}
	}
}

// The tree of the eight leaves that Certificate Transparency's own tests use, and
// the roots of the trees of its first 0, 1 and 8 leaves.
func TestRootsOfCertificateTransparency(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	want := map[int]string{
		0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	b, err := NewBatch(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		root, err := b.Root()
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := want[n]; ok && Hex(root) != w {
			t.Errorf("root of %d leaves is %s, want %s", n, Hex(root), w)
		}
		if n == len(leaves) {
			break
		}
		data, _ := hex.DecodeString(leaves[n])
		if _, err := b.Add(data); err != nil {
			t.Fatal(err)
		}
	}
}

// The key and the note of the documentation of golang.org/x/mod/sumdb/note: the id
// is the one that C2SP signed-note computes, and the signature holds.
func TestKeyIDOfPublishedKey(t *testing.T) {
	const vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
	raw, err := base64.StdEncoding.DecodeString(vkey[strings.LastIndex(vkey, "+")+1:])
	if err != nil || keyID("PeterNeumann", raw[0], raw[1:]) != 0xc74f20a3 {
		t.Errorf("the key's id is %08x", keyID("PeterNeumann", raw[0], raw[1:]))
	}
	if _, err := ParseKey(vkey); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "x", strings.Replace(vkey, "c74f", "c74e", 1), "Peter Neumann" + vkey[12:], vkey + "=", vkey[:len(vkey)-1] + "X"} {
		if _, err := ParseKey(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The text of the example in C2SP tlog-checkpoint.
func TestCheckpointText(t *testing.T) {
	const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	c, err := ParseCheckpoint(text)
	if err != nil || c.Size != 20852163 || c.Origin != "example.com/behind-the-sofa" || c.Text() != text {
		t.Errorf("%+v %v", c, err)
	}
	for _, bad := range []string{
		"", text + "extension\n", strings.TrimSuffix(text, "\n"), strings.Replace(text, "20852163", "020852163", 1),
		strings.Replace(text, "20852163", "-1", 1), strings.Replace(text, "20852163", "9223372036854775807", 1),
		strings.Replace(text, "q2I=", "q2J=", 1), strings.Replace(text, "q2I=", "", 1), "a b" + text, "a+b" + text, "\n" + text,
		strings.Replace(text, "Cs", "C\r", 1),
	} {
		if _, err := ParseCheckpoint(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The proof of C2SP tlog-proof's text, with the checkpoint shortened there completed by ours: form only.
func TestProofForm(t *testing.T) {
	s := newShop(t)
	s.story()
	head := s.sign(nil)
	proof, err := tlog.ProveRecord(head.Size, 5, s.hashes)
	if err != nil {
		t.Fatal(err)
	}
	p := Proof{Extra: []byte("salt"), Index: 5, Hashes: proof, Checkpoint: head.Note}
	text := string(p.Encode())
	if want := "c2sp.org/tlog-proof@v1\nextra c2FsdA==\nindex 5\n" + proof[0].String() + "\n"; !strings.HasPrefix(text, want) {
		t.Errorf("the file is\n%s\nwant it to begin with\n%s", text, want)
	}
	if !strings.HasSuffix(text, "\n\n"+string(head.Note)) || !strings.Contains(text, "\n— "+origin+" ") {
		t.Errorf("the file does not end with the checkpoint:\n%s", text)
	}
	back, err := ParseProof([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := back.Verify(tlog.RecordHash(s.leaves[5]), s.vkey); err != nil {
		t.Error(err)
	}
	if _, err := back.Verify(tlog.RecordHash(s.leaves[4]), s.vkey); !errors.Is(err, ErrProof) {
		t.Errorf("another entry: %v", err)
	}
	for _, bad := range []string{
		"", strings.Replace(text, "@v1", "@v2", 1), strings.Replace(text, "extra c2FsdA==", "extra ", 1), strings.Replace(text, "extra c2FsdA==", "extra c2FsdB==", 1),
		strings.Replace(text, "index 5", "index 05", 1), strings.Replace(text, "index 5", "index -5", 1), strings.Replace(text, "\nindex 5", "", 1),
		strings.Replace(text, proof[0].String(), "AAAA", 1), strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		if _, err := ParseProof([]byte(bad)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
}

func TestEntriesHaveOneForm(t *testing.T) {
	s := newShop(t)
	s.story()
	kinds := map[string]bool{}
	for _, data := range s.leaves {
		leaf, err := ParseLeaf(data)
		if err != nil {
			t.Fatal(err)
		}
		kinds[leaf.Entry.Kind()] = true
		if string(leaf.Bytes) != string(data) {
			t.Errorf("%s is written again as %q, was %q", leaf.Entry.Kind(), leaf.Bytes, data)
		}
		text := string(data)
		for _, bad := range []string{
			"", text + "\n", text + "x y\n", strings.TrimSuffix(text, "\n"), strings.Replace(text, "ledger/1", "ledger/2", 1), strings.ToUpper(text),
			strings.Replace(text, " ", "  ", 2), strings.ReplaceAll(text, "\n", "\r\n"), strings.Replace(text, "copy ", "copy 0", 1) + "#",
		} {
			if _, err := ParseLeaf([]byte(bad)); !errors.Is(err, ErrMalformed) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
	if len(kinds) != 7 {
		t.Errorf("the story has %d kinds of entries", len(kinds))
	}
}

func TestDeclarationsThatAreRefused(t *testing.T) {
	good := Declare{Origin: origin, Catalogue: "HBR 004", Edition: "first", Size: 10}
	for name, change := range map[string]func(*Declare){
		"no catalogue number": func(d *Declare) { d.Catalogue = "" },
		"line break":          func(d *Declare) { d.Edition = "first\nsize 11" },
		"runs backwards":      func(d *Declare) { d.Edition = "first \u202etsrif" },
		"space at the end":    func(d *Declare) { d.Edition = "first " },
		"not UTF-8":           func(d *Declare) { d.Edition = "\xff" },
		"too long":            func(d *Declare) { d.Edition = strings.Repeat("x", maxText+1) },
		"no size":             func(d *Declare) { d.Size = 0 },
		"too large":           func(d *Declare) { d.Size = MaxCopies + 1 },
		"origin with a space": func(d *Declare) { d.Origin = "tapes example" },
		"variants overlap":    func(d *Declare) { d.Variants = []Variant{{1, 5, "a"}, {5, 10, "b"}} },
		"variants with a gap": func(d *Declare) { d.Variants = []Variant{{1, 5, "a"}, {7, 10, "b"}} },
		"variants too few":    func(d *Declare) { d.Variants = []Variant{{1, 5, "a"}} },
		"too many cards":      func(d *Declare) { d.Cards = slices.Repeat([]Card{{Name: "a"}}, maxParts+1) },
		"card in a folder":    func(d *Declare) { d.Cards = []Card{{Name: "../a"}} },
	} {
		d := good
		change(&d)
		if _, err := Sign(&d, key("label")); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Sign(&good, key("label")); err != nil {
		t.Error(err)
	}
}

// What the commitment of an owner is, computed the long way.
func TestCommitment(t *testing.T) {
	o := Opening{Key: [32]byte{1}, Salt: [32]byte{2}}
	prev := Hash{3}
	want := sha256.Sum256(slices.Concat([]byte("ferric-ledger/1 owner\n"), prev[:], o.Key[:], o.Salt[:]))
	if o.Commit(prev) != want {
		t.Error("the commitment is not SHA-256 over its line, prev, key and salt")
	}
	if back, err := ParseOpening(o.String()); err != nil || back != o {
		t.Errorf("%v %v", back, err)
	}
}

// A cosignature signs what C2SP tlog-cosignature says, computed the long way.
func TestCosignature(t *testing.T) {
	s := newShop(t)
	s.story()
	head := s.sign(nil)
	w, err := NewCosigner("witness.example/w1", key("witness"), 1679315147)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := Cosign(head.Note, s.vkey, w)
	if err != nil {
		t.Fatal(err)
	}
	known, err := ParseWitness(w.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenCheckpoint(signed, s.vkey, known)
	if err != nil || len(got.Witnesses) != 1 || got.Witnesses[0] != "witness.example/w1" {
		t.Fatalf("%+v %v", got.Witnesses, err)
	}
	line := strings.Fields(string(signed[strings.LastIndex(string(signed), "\n— "):]))
	raw, err := base64.StdEncoding.DecodeString(line[2])
	if err != nil || len(raw) != 4+8+64 {
		t.Fatalf("the signature has %d bytes, %v", len(raw), err)
	}
	text := "cosignature/v1\ntime 1679315147\n" + head.Text()
	if !ed25519.Verify(key("witness").Public().(ed25519.PublicKey), []byte(text), raw[12:]) {
		t.Error("the cosignature is not over the text that C2SP says")
	}
	if got, err := OpenCheckpoint(signed, s.vkey); err != nil || len(got.Witnesses) != 0 {
		t.Errorf("a witness that is not known must be ignored: %v %v", got.Witnesses, err)
	}
	broken := []byte(strings.Replace(string(signed), line[2], base64.StdEncoding.EncodeToString(append(raw[:75:75], raw[75]^1)), 1))
	if _, err := OpenCheckpoint(broken, s.vkey, known); !errors.Is(err, ErrSignature) {
		t.Errorf("a known witness's signature that is wrong: %v", err)
	}
	// A certificate carries the cosignature along, and it can be required.
	run := s.state.Runs()[0].ID
	c, err := Certify(got, s.history(run, 1), s.hashes, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := VerifyCertificate(c.Encode(), Trust{Witnesses: []note.Verifier{known}, Quorum: 1}); err != nil || len(v.Witnesses) != 1 {
		t.Errorf("with a witness: %v", err)
	}
	// A witness alone is not the log.
	alone, err := note.Sign(&note.Note{Text: head.Text()}, w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoint(alone, s.vkey, known); !errors.Is(err, ErrSignature) {
		t.Errorf("signed by a witness only: %v", err)
	}
	if _, err := VerifyCertificate(s.certify(run, 1, nil, 0), Trust{Key: s.vkey, Witnesses: []note.Verifier{known}, Quorum: 1}); !errors.Is(err, ErrSignature) {
		t.Errorf("no witness where one must be: %v", err)
	}
}
