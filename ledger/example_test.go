package ledger_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log"

	"golang.org/x/mod/sumdb/note"

	"ferric/ledger"
)

// A run of one is declared, minted and sold; the buyer takes the certificate home and
// verifies it with nothing but the log's key.
func Example() {
	const origin = "tapes.example/ledger"
	secret, vkey, err := note.GenerateKey(rand.Reader, origin)
	check(err)
	signer, err := note.NewSigner(secret)
	check(err)
	public, label, err := ed25519.GenerateKey(rand.Reader)
	check(err)

	// In a shop all this is one transaction: state.Apply is a look at two rows, and the batch goes on from the hashes stored.
	state := ledger.State{Origin: origin}
	batch, err := ledger.NewBatch(0, nil)
	check(err)
	var history []ledger.Logged
	write := func(e ledger.Entry) ledger.Hash {
		leaf, err := ledger.Sign(e, label)
		check(err)
		check(state.Apply(leaf))
		index, err := batch.Add(leaf.Bytes)
		check(err)
		history = append(history, ledger.Logged{Index: index, Leaf: leaf.Bytes})
		return leaf.Hash
	}
	run := write(&ledger.Declare{Origin: origin, Key: [32]byte(public), Catalogue: "HBR 004", Edition: "first edition", Size: 1})
	minted := write(&ledger.Mint{Run: run, Copy: 1})
	owner, _, err := ledger.NewOpening(rand.Reader) // the key is the buyer's
	check(err)
	write(&ledger.Sell{About: ledger.About{Run: run, Copy: 1, Prev: minted}, Owner: owner.Commit(minted)})
	_, signed, err := ledger.SignNext(nil, batch.Size(), batch, signer)
	check(err)

	head, err := ledger.OpenCheckpoint(signed, vkey)
	check(err)
	certificate, err := ledger.Certify(head, history, batch, &owner, 0)
	check(err)
	file := certificate.Encode()

	verdict, err := ledger.VerifyCertificate(file, ledger.Trust{Key: vkey})
	check(err)
	fmt.Println(verdict.Declared.Catalogue, "number", verdict.Copy.Number, "is", verdict.Copy.Status)
	for _, e := range verdict.History {
		fmt.Println(e.Index, ledger.Describe(e.Entry))
	}
	// Output:
	// HBR 004 number 1 is owned
	// 0 declare HBR 004, first edition, of 1
	// 1 mint number 1
	// 2 sell number 1
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
