package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/sumdb/note"

	"ferric/ledger"
)

// ledgerCmd is "ledger DIR SALES [WHO]": a shop's log after that many sales of a run of three, as static
// files in DIR/log, and the certificate of number 1 in DIR/copy1.tlog-proof. WHO sets the
// buyers' keys apart, for a second history by the same shop.
func ledgerCmd(ts *testscript.TestScript, _ bool, args []string) {
	var sales int
	if _, err := fmt.Sscan(args[1], &sales); err != nil {
		ts.Fatalf("usage: ledger DIR SALES [WHO]")
	}
	who := "buyer"
	if len(args) > 2 {
		who = args[2]
	}
	files, certificate, err := makeLog(3, sales, who)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.CopyFS(filepath.Join(dir, "log"), files))
	if sales > 0 {
		ts.Check(os.WriteFile(filepath.Join(dir, "copy1.tlog-proof"), certificate, 0o666))
	}
}

// makeLog is the log of a run of which some numbers are sold, as static files, and the certificate of number 1 when it is.
func makeLog(numbers, sales int, who string) (fstest.MapFS, []byte, error) {
	const origin = "tapes.example/ledger"
	seed := func(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }
	skey, vkey, err := note.GenerateKey(bytes.NewReader(seed("log")), origin)
	if err != nil {
		return nil, nil, err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, nil, err
	}
	label := ed25519.NewKeyFromSeed(seed("label"))

	state := ledger.State{Origin: origin}
	batch, err := ledger.NewBatch(0, nil)
	if err != nil {
		return nil, nil, err
	}
	var leaves [][]byte
	add := func(e ledger.Entry) ledger.Hash {
		var leaf *ledger.Leaf
		if err == nil {
			leaf, err = ledger.Sign(e, label)
		}
		if err == nil {
			err = state.Apply(leaf)
		}
		if err == nil {
			_, err = batch.Add(leaf.Bytes)
		}
		if err != nil {
			return ledger.Hash{}
		}
		leaves = append(leaves, leaf.Bytes)
		return leaf.Hash
	}
	run := add(&ledger.Declare{Origin: origin, Key: [32]byte(label.Public().(ed25519.PublicKey)), Catalogue: "HBR 004", Edition: "first edition",
		Size: numbers, Variants: []ledger.Variant{{First: 1, Last: numbers, Name: "white shell"}}})
	for n := range numbers {
		add(&ledger.Mint{Run: run, Copy: n + 1})
	}
	var first ledger.Opening
	for n := 1; n <= sales; n++ {
		key := ed25519.NewKeyFromSeed(seed(fmt.Sprint(who, n)))
		o := ledger.Opening{Key: [32]byte(key.Public().(ed25519.PublicKey)), Salt: [32]byte(seed(fmt.Sprint("salt", n)))}
		c, _ := state.Copy(run, n)
		add(&ledger.Sell{About: ledger.About{Run: run, Copy: n, Prev: c.Head}, Owner: o.Commit(c.Head)})
		if n == 1 {
			first = o
		}
	}
	if err != nil {
		return nil, nil, err
	}

	_, signed, err := ledger.SignNext(nil, batch.Size(), batch, signer)
	if err != nil {
		return nil, nil, err
	}
	files := fstest.MapFS{}
	put := func(path string, data []byte) error {
		files[path] = &fstest.MapFile{Data: data, Mode: 0o644}
		return nil
	}
	err = ledger.Tiles(0, batch.Size(), batch, func(i int64) ([]byte, error) { return leaves[i], nil }, put)
	if err != nil {
		return nil, nil, err
	}
	put(ledger.CheckpointPath, signed)
	put(ledger.KeyPath, []byte(vkey+"\n"))
	if sales == 0 {
		return files, nil, nil
	}
	head, err := ledger.OpenCheckpoint(signed, vkey)
	if err != nil {
		return nil, nil, err
	}
	sold := numbers + 1 // the first entry after the mints
	history := []ledger.Logged{{Index: 0, Leaf: leaves[0]}, {Index: 1, Leaf: leaves[1]}, {Index: int64(sold), Leaf: leaves[sold]}}
	c, err := ledger.Certify(head, history, batch, &first, 0)
	if err != nil {
		return nil, nil, err
	}
	return files, c.Encode(), nil
}
