package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
	const origin = "tapes.example/ledger"
	seed := func(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }
	skey, vkey, err := note.GenerateKey(bytes.NewReader(seed("log")), origin)
	ts.Check(err)
	signer, err := note.NewSigner(skey)
	ts.Check(err)
	label := ed25519.NewKeyFromSeed(seed("label"))

	state := ledger.State{Origin: origin}
	batch, err := ledger.NewBatch(0, nil)
	ts.Check(err)
	var leaves [][]byte
	add := func(e ledger.Entry) ledger.Hash {
		leaf, err := ledger.Sign(e, label)
		ts.Check(err)
		ts.Check(state.Apply(leaf))
		_, err = batch.Add(leaf.Bytes)
		ts.Check(err)
		leaves = append(leaves, leaf.Bytes)
		return leaf.Hash
	}
	run := add(&ledger.Declare{Origin: origin, Key: [32]byte(label.Public().(ed25519.PublicKey)), Catalogue: "HBR 004", Edition: "first edition",
		Size: 3, Variants: []ledger.Variant{{First: 1, Last: 3, Name: "white shell"}}})
	history := []ledger.Logged{{Index: 0, Leaf: leaves[0]}}
	for n := 1; n <= 3; n++ {
		add(&ledger.Mint{Run: run, Copy: n})
	}
	history = append(history, ledger.Logged{Index: 1, Leaf: leaves[1]})
	var first ledger.Opening
	for n := 1; n <= sales; n++ {
		key := ed25519.NewKeyFromSeed(seed(fmt.Sprint(who, n)))
		o := ledger.Opening{Key: [32]byte(key.Public().(ed25519.PublicKey)), Salt: [32]byte(seed(fmt.Sprint("salt", n)))}
		c, _ := state.Copy(run, n)
		add(&ledger.Sell{About: ledger.About{Run: run, Copy: n, Prev: c.Head}, Owner: o.Commit(c.Head)})
		if n == 1 {
			first = o
			history = append(history, ledger.Logged{Index: 4, Leaf: leaves[4]})
		}
	}

	_, signed, err := ledger.SignNext(nil, batch.Size(), batch, signer)
	ts.Check(err)
	head, err := ledger.OpenCheckpoint(signed, vkey)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	put := func(path string, data []byte) error {
		path = filepath.Join(dir, "log", filepath.FromSlash(path))
		return errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data, 0o666))
	}
	ts.Check(ledger.Tiles(0, head.Size, batch, func(i int64) ([]byte, error) { return leaves[i], nil }, put))
	ts.Check(put(ledger.CheckpointPath, signed))
	ts.Check(put(ledger.KeyPath, []byte(vkey+"\n")))
	if sales > 0 {
		c, err := ledger.Certify(head, history, batch, &first, 0)
		ts.Check(err)
		ts.Check(os.WriteFile(filepath.Join(dir, "copy1.tlog-proof"), c.Encode(), 0o666))
	}
}
