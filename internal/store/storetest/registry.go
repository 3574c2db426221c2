package storetest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/ledger"
)

// LedgerConfig is a ledger whose files are in a folder.
func LedgerConfig(dir string) registry.Config {
	return registry.Config{Origin: "tapes.example/ledger", Master: bytes.Repeat([]byte("m"), 32),
		Folder: filepath.Join(dir, "log"), Seen: filepath.Join(dir, "kept", "ledger-seen")}
}

// auditLedger publishes the log, replays it from its files as a stranger would, and compares it with the catalogue.
func (h *House) auditLedger(t testing.TB, run catalog.Run, count map[catalog.State]int) ledger.Run {
	t.Helper()
	ok(t, h.Ledger.Sequence(ctx(t)))
	r := h.sound(t)
	id := must(h.Ledger.State(ctx(t), string(run.ID), 1))(t).Run
	i := slices.IndexFunc(r.Runs, func(l ledger.Run) bool { return l.ID == id })
	if i < 0 {
		t.Fatalf("run %s is not in the ledger", run.ID)
	}
	wantCounts(t, r.Runs[i], run, count)
	return r.Runs[i]
}

// wantCounts compares what the log says of a run with what the catalogue says.
func wantCounts(t testing.TB, l ledger.Run, run catalog.Run, count map[catalog.State]int) {
	t.Helper()
	owned := count[catalog.Sold] + count[catalog.Packed] + count[catalog.Shipped] + count[catalog.Claimed]
	if l.Closed { // then the label owns what it has, like anybody
		owned += count[catalog.Free] + count[catalog.Held] + count[catalog.Returned]
	}
	if l.Size != run.Copies+run.Proofs || l.Minted != l.Size || l.Owned != owned || l.Void != count[catalog.Void] {
		t.Errorf("the ledger has %d of %d minted, %d owned, %d void; the catalogue %v", l.Minted, l.Size, l.Owned, l.Void, count)
	}
}

// replayRun replays what the database has of one run, in the order of the log.
func (h *House) replayRun(t testing.TB, run catalog.Run) ledger.Run {
	t.Helper()
	ok(t, h.Ledger.Sequence(ctx(t)))
	var leaves []registry.Leaf
	ok(t, h.DB.View(ctx(t), func(tx *store.Tx) error {
		for n := range run.Copies + run.Proofs + 1 {
			of, err := tx.Leaves(string(run.ID), n)
			if err != nil {
				return err
			}
			leaves = append(leaves, of...)
		}
		return nil
	}))
	slices.SortFunc(leaves, func(a, b registry.Leaf) int { return cmp.Compare(a.Index, b.Index) })
	state := ledger.State{Origin: h.Ledger.Origin()}
	for _, l := range leaves {
		ok(t, state.Apply(must(ledger.ParseLeaf(l.Body))(t)))
	}
	return state.Runs()[0]
}

// sound replays the log as it is published; there must be nothing wrong with it.
func (h *House) sound(t testing.TB) *ledger.Report {
	t.Helper()
	return soundLog(t, h.Files, ledger.Trust{Key: h.Ledger.VerifierKey()})
}

func soundLog(t testing.TB, files string, trust ledger.Trust) *ledger.Report {
	t.Helper()
	r, err := ledger.Audit(ctx(t), os.DirFS(filepath.Join(files, "log")), trust, nil)
	ok(t, err)
	for _, f := range r.Findings {
		t.Errorf("the audit found, at entry %d: %v", f.Index, f.Err)
	}
	return r
}

// said are the kinds of entries about a copy, after its declaration and its mint, with the reason where the label gives one.
func (h *House) said(t testing.TB, run catalog.Run, number int) string {
	t.Helper()
	state := must(h.Ledger.State(ctx(t), string(run.ID), number))(t)
	var words []string
	for _, e := range state.Entries[2:] {
		word := e.Kind
		if _, why, found := strings.Cut(e.Text, "label ("); found {
			word += " " + strings.TrimSuffix(why, ")")
		}
		if _, why, found := strings.Cut(e.Text, fmt.Sprintf("void number %d, ", number)); found {
			word += " " + why
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}

func (h *House) wantSaid(t testing.TB, run catalog.Run, number int, want string) {
	t.Helper()
	if got := h.said(t, run, number); got != want {
		t.Errorf("number %d: the ledger says %q, want %q", number, got, want)
	}
}

// bought is a paid order of one certain number.
func (h *House) bought(t testing.TB, b shop.Buyer, run catalog.Run, number int) shop.OrderID {
	t.Helper()
	basket := must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{number}}))(t)
	r := must(h.Shop.Place(ctx(t), Request(b, fmt.Sprint("buy ", number, basket.Now.UnixMicro()), basket.Copies...)))(t)[0]
	must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
	return r.Order
}

func (h *House) ship(t testing.TB, order shop.OrderID) {
	t.Helper()
	must(h.Shop.MarkPacked(ctx(t), order, "desk"))(t)
	must(h.Shop.MarkShipped(ctx(t), order, "desk"))(t)
}

// handOn gives a copy from one account to another.
func (h *House) handOn(t testing.TB, run catalog.Run, number int, from, to string) {
	t.Helper()
	token, _, err := h.Shop.OfferCopy(ctx(t), from, run.ID, number, "")
	ok(t, err)
	must(h.Shop.Accept(ctx(t), to, token))(t)
}

const someHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// testLedgerLife leads copies through all that can happen to one, and asks the log what it knows.
func testLedgerLife(t *testing.T, h *House) {
	codes, withCards := cards(t, 10)
	run := h.Run(t, 8, withCards, func(r *catalog.Run, _ *shop.Terms) {
		r.Proofs = 2
		r.Variants = []catalog.Span{{Name: "gold", First: 5, Last: 10}, {Name: "black", First: 1, Last: 4}}
		r.Pools = []catalog.Span{{Name: "web", First: 1, Last: 6}, {Name: "merch", First: 7, Last: 8}}
		r.Papers = []catalog.Paper{{Name: "jcard.pdf", SHA256: someHash}}
		r.Manifest = someHash
	})
	ann := shop.Buyer{Visitor: "v-ann", Account: "ann"}
	claim := func(account string, number int) { must(h.Shop.Claim(ctx(t), account, codes[number]))(t) }

	// 1: bought with an account, claimed by the same, handed on by the owner's key.
	h.ship(t, h.bought(t, ann, run, 1))
	claim("ann", 1)
	h.wantSaid(t, run, 1, "sell")
	must(h.Catalog.Grade(ctx(t), run.ID, 1, "NM", "desk"))(t)
	h.handOn(t, run, 1, "ann", "bob")
	h.wantSaid(t, run, 1, "sell; grade; hand-on")
	// 2: bought as a present: another claims it.
	h.bought(t, ann, run, 2)
	claim("cleo", 2)
	h.wantSaid(t, run, 2, "sell; hand-on")
	// 3: bought without an account; the one who claims is the one who bought.
	sent := h.bought(t, Visitor(3), run, 3)
	h.ship(t, sent)
	claim("dan", 3)
	h.wantSaid(t, run, 3, "sell")
	// It comes back, gets a new card, and is sold again.
	must(h.Shop.TakeBack(ctx(t), sent, "desk"))(t)
	h.wantSaid(t, run, 3, "sell; hand-on returned")
	var other catalog.Run
	_, withNew := cards(t, 1)
	withNew(&other, nil)
	must(h.Catalog.Restock(ctx(t), run.ID, 3, other.Cards[0].SHA256, "desk"))(t)
	again := h.bought(t, ann, run, 3)
	h.ship(t, again)
	h.wantSaid(t, run, 3, "sell; hand-on returned; sell")
	// 4: paid, then called off, then void.
	must(h.Shop.Cancel(ctx(t), h.bought(t, ann, run, 4), "desk"))(t)
	must(h.Catalog.Void(ctx(t), run.ID, 4, ledger.Faulty, "the shell is cracked", "desk"))(t)
	h.wantSaid(t, run, 4, "sell; hand-on returned; void faulty, attested by the label")
	_, err := h.Catalog.Void(ctx(t), run.ID, 5, "because", "text", "desk")
	refused(t, "a word that is none of the ledger's", err, fault.Invalid)
	// 5: lost in the post.
	h.ship(t, h.bought(t, ann, run, 5))
	must(h.Catalog.Void(ctx(t), run.ID, 5, ledger.LostOnWay, "lost in the post", "desk"))(t)
	h.wantSaid(t, run, 5, "sell; hand-on returned; void lost, attested by the label")
	// 7: sold by hand and claimed; 8: claimed from the merch table where nobody wrote the sale down.
	must(h.Shop.SellByHand(ctx(t), run.ID, 7, "desk"))(t)
	claim("eve", 7)
	claim("fay", 8)
	h.wantSaid(t, run, 7, "sell")
	h.wantSaid(t, run, 8, "sell")
	// The account is lost, and the label helps; in public.
	_, err = h.Shop.Reissue(ctx(t), run.ID, 8, "ivy", ledger.Returned, "desk")
	refused(t, "a new owner for a reason that is none", err, fault.Invalid)
	_, err = h.Shop.Reissue(ctx(t), run.ID, 6, "ivy", ledger.Asked, "desk")
	refused(t, "a new owner for what nobody owns", err, fault.Conflict)
	must(h.Shop.Reissue(ctx(t), run.ID, 8, "ivy", ledger.KeyLost, "desk"))(t)
	must(h.Shop.Reissue(ctx(t), run.ID, 8, "ivy", ledger.KeyLost, "desk"))(t)
	wantNumbers(t, must(h.Shop.Owned(ctx(t), "ivy"))(t), 8)
	h.wantSaid(t, run, 8, "sell; hand-on key-lost; hand-on key-lost")
	h.Audit(t, run)

	// The end of the run: 6 found nobody, 9 and 10 are the artist's.
	err = h.Catalog.Close(ctx(t), run.ID, "", "desk")
	refused(t, "closed with a number to sell", err, fault.Conflict)
	must(h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Numbers: []int{6}}))(t)
	err = h.Catalog.Close(ctx(t), run.ID, "unsold", "desk")
	refused(t, "closed with a number in a basket", err, fault.Conflict)
	must(h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID}))(t)
	ok(t, h.Catalog.Close(ctx(t), run.ID, "nobody wanted it", "desk"))
	// Before either has its place: the closing counted 10 as owned, and must come first.
	must(h.Catalog.Void(ctx(t), run.ID, 10, ledger.Destroyed, "the cat", "desk"))(t)
	h.wantSaid(t, run, 10, "sell; void destroyed, signed by the owner")
	refused(t, "closed twice", h.Catalog.Close(ctx(t), run.ID, "again", "desk"), fault.Conflict)
	h.wantSaid(t, run, 6, "void unsold, attested by the label")
	h.wantSaid(t, run, 9, "sell")
	if l := h.auditLedger(t, run, h.Audit(t, run)); !l.Closed {
		t.Error("the run is not closed in the ledger")
	}

	// After it: owners go on; what comes back is the label's own; the proof finds an owner.
	h.handOn(t, run, 1, "bob", "gus")
	must(h.Shop.TakeBack(ctx(t), again, "desk"))(t)
	must(h.Catalog.Restock(ctx(t), run.ID, 3, "", "desk"))(t)
	h.bought(t, Visitor(4), run, 3)
	h.wantSaid(t, run, 3, "sell; hand-on returned; sell; hand-on asked; hand-on")
	claim("hal", 9)
	h.wantSaid(t, run, 9, "sell; hand-on")
	_, err = h.Catalog.Void(ctx(t), run.ID, 3, ledger.Destroyed, "what somebody owns", "desk")
	refused(t, "void what somebody owns, after the close", err, fault.Conflict)
	h.Audit(t, run)
	h.certificates(t, run)
}

// certificates checks the proof files of the life above.
func (h *House) certificates(t *testing.T, run catalog.Run) {
	t.Helper()
	trust := ledger.Trust{Key: h.Ledger.VerifierKey()}
	file := must(h.Ledger.Certificate(ctx(t), string(run.ID), 1, true, 3))(t)
	v := must(ledger.VerifyCertificate(file, trust))(t)
	if v.Copy.Number != 1 || v.Copy.Status != ledger.Owned || v.Opening == nil || v.Variant != "black" || v.Declared.Catalogue != "ZT-01" || v.Declared.Size != 10 || len(v.Declared.Cards) != 1 {
		t.Errorf("the certificate of number 1 proves %+v of %+v", v.Copy, v.Declared)
	}
	if v := must(ledger.VerifyCertificate(must(h.Ledger.Certificate(ctx(t), string(run.ID), 9, false, 0))(t), trust))(t); v.Variant != "artist's proof, gold" || v.Opening != nil {
		t.Errorf("the certificate of the proof says %q", v.Variant)
	}
	_, err := h.Ledger.Certificate(ctx(t), string(run.ID), 4, true, 0)
	refused(t, "the opening of a void number", err, fault.NotFound)
	_, err = h.Ledger.Certificate(ctx(t), string(run.ID), 1, false, 1<<30)
	refused(t, "compared with a larger log", err, fault.Invalid)
	_, err = h.Ledger.Certificate(ctx(t), "none", 1, false, 0)
	refused(t, "no such run", err, fault.NotFound)
	// A sale that has no place yet is not left out silently.
	h.handOn(t, run, 1, "gus", "ida")
	_, err = h.Ledger.Certificate(ctx(t), string(run.ID), 1, true, 0)
	refused(t, "before the newest entry is signed", err, fault.Unavailable)
	ok(t, h.Ledger.Sequence(ctx(t)))
	key := must(h.Ledger.ExportKey(ctx(t), string(run.ID), 1, "ida"))(t)
	v = must(ledger.VerifyCertificate(must(h.Ledger.Certificate(ctx(t), string(run.ID), 1, true, 0))(t), trust))(t)
	if !strings.Contains(string(key), "opening "+v.Opening.String()+"\n") || !strings.Contains(string(key), "prev "+ledger.Hex(v.Copy.Head)+"\n") {
		t.Errorf("the owner's key file:\n%s", key)
	}
	_, err = h.Ledger.ExportKey(ctx(t), string(run.ID), 1, "gus")
	refused(t, "another's key", err, fault.Forbidden)
	_, err = h.Ledger.ExportKey(ctx(t), string(run.ID), 3, "")
	refused(t, "nobody's key", err, fault.Forbidden)
	// A person goes: nothing says any more which was theirs, and what they saved proves what it proved.
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.Erase(tx, "gus") }))
	_, err = h.Ledger.ExportKey(ctx(t), string(run.ID), 1, "ida")
	ok(t, err)
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.Erase(tx, "ida") }))
	_, err = h.Ledger.Certificate(ctx(t), string(run.ID), 1, true, 0)
	refused(t, "an opening that was erased", err, fault.NotFound)
	_, err = ledger.VerifyCertificate(file, trust)
	ok(t, err)
	must(ledger.VerifyCertificate(must(h.Ledger.Certificate(ctx(t), string(run.ID), 1, false, v.Size))(t), trust))(t)
	h.handOn(t, run, 1, "ida", "jim") // by the label's word, since the key is gone
	h.Audit(t, run)
	if said := h.said(t, run, 1); !strings.HasSuffix(said, "hand-on asked") {
		t.Errorf("handed on without a key: %q", said)
	}
}

// testLedgerAtomic: sold and written down, or neither.
func testLedgerAtomic(t *testing.T, h *House) {
	run := h.Run(t, 6)
	failure := errors.New("on purpose")
	err := h.DB.Update(ctx(t), func(tx *store.Tx) error {
		if err := h.Ledger.Sell(tx, string(run.ID), 1, "ann"); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	h.wantSaid(t, run, 1, "")
	h.Audit(t, run)
	// The ledger refuses: the order stays unpaid, all of it, and none of its copies is sold.
	b := Visitor(1)
	basket := must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{2, 3}}))(t)
	r := must(h.Shop.Place(ctx(t), Request(b, "k", basket.Copies...)))(t)[0]
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.Sell(tx, string(run.ID), 3, "thief") }))
	_, err = h.Shop.MarkPaid(ctx(t), r.Order, "desk")
	refused(t, "what the ledger has sold already", err, fault.Conflict)
	if o := must(h.Shop.Order(ctx(t), r.Order))(t); o.State != shop.Placed {
		t.Errorf("the order is %s", o.State)
	}
	h.wantSaid(t, run, 2, "")
	if grid := must(h.Catalog.Grid(ctx(t), run.ID))(t); grid[1].State != catalog.Held || grid[2].State != catalog.Held {
		t.Errorf("copies are %s and %s", grid[1].State, grid[2].State)
	}
	// A payment that finds no copy for one of its lines leaves no trace of the others.
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.TakenBack(tx, string(run.ID), 3) }))
	h.Clock.Add(6 * 24 * 3600e9)
	must(h.Shop.Hold(ctx(t), Visitor(2), shop.Want{Run: run.ID, Numbers: []int{1, 3, 4, 5, 6}}))(t)
	if o := must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t); o.State != shop.RefundDue {
		t.Errorf("the order is %s", o.State)
	}
	h.wantSaid(t, run, 2, "")
	h.Audit(t, run)
}

// testLedgerRace sells, claims and hands on 200 copies at once while two sequencers
// publish, and a reader looks: all that it ever sees is one history.
func testLedgerRace(t *testing.T, h *House) {
	const copies = 200
	codes, withCards := cards(t, copies)
	run := h.Run(t, copies, withCards)
	second := must(registry.New(ctx(t), h.DB.Registry(), LedgerConfig(h.Files)))(t)
	stop, end := context.WithCancel(ctx(t))
	var wg sync.WaitGroup
	for _, r := range []*registry.Registry{h.Ledger, second} {
		wg.Go(func() {
			if err := r.Run(stop); err != nil {
				t.Error(err)
			}
		})
	}
	var seen *ledger.Seen
	grown := 0
	look := func() {
		r := soundLog(t, h.Files, ledger.Trust{Key: h.Ledger.VerifierKey(), Seen: seen})
		if r.Growth == ledger.GrewOutOf {
			grown++
		}
		seen = &ledger.Seen{Signed: r.Signed}
	}
	wg.Go(func() {
		for stop.Err() == nil {
			if _, err := os.Stat(filepath.Join(h.Files, "log", ledger.CheckpointPath)); err == nil {
				look()
			}
		}
	})
	crowd(t, copies, 16, func(i int) error {
		b := shop.Buyer{Visitor: fmt.Sprint("v", i), Account: fmt.Sprint("a", i)}
		basket, err := h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Any: 1})
		if err != nil {
			return err
		}
		r, err := h.Shop.Place(ctx(t), Request(b, "k", basket.Copies...))
		if err != nil {
			return err
		}
		if _, err = h.Shop.MarkPaid(ctx(t), r[0].Order, "desk"); err != nil {
			return err
		}
		second.Wake()
		account := fmt.Sprint("a", i+i%2) // every other one is a present
		c, err := h.Shop.Claim(ctx(t), account, codes[basket.Copies[0].Number])
		if err != nil || i%3 > 0 {
			return err
		}
		token, _, err := h.Shop.OfferCopy(ctx(t), account, run.ID, c.Number, "")
		if err == nil {
			_, err = h.Shop.Accept(ctx(t), fmt.Sprint("heir ", i), token)
		}
		return err
	})
	end()
	wg.Wait()
	if n := h.Audit(t, run); n[catalog.Claimed] != copies {
		t.Errorf("in the end %v", n)
	}
	look()
	if want := int64(1 + copies + copies + copies/2 + (copies+2)/3); seen.Size != want {
		t.Errorf("the log has %d entries, want %d", seen.Size, want)
	}
	if grown == 0 {
		t.Error("the reader saw the log only when all was over")
	}
}

// failing is a disk that fails at one of its writes, before or after it was done, and from then on: a crash.
type failing struct {
	registry.Disk
	at    int // which write, from 0
	after bool
	done  int
}

var errDisk = errors.New("the disk is gone")

func (f *failing) Read(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if f.done > f.at {
		err = errDisk
	}
	return data, err
}

func (f *failing) Remove(name string) error {
	if f.done > f.at {
		return errDisk
	}
	return os.RemoveAll(name)
}

func (f *failing) Write(name string, data []byte) error {
	f.done++
	if f.done <= f.at || f.done == f.at+1 && f.after {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
	}
	if f.done > f.at {
		return errDisk
	}
	return nil
}

// testLedgerCrash ends the publishing at every write, just before and just after it, and starts again:
// the log heals, and no reader ever sees another history than before.
func testLedgerCrash(t *testing.T, h *House) {
	run := h.Run(t, 300)
	var seen *ledger.Seen
	look := func() {
		if _, err := os.Stat(filepath.Join(h.Files, "log", ledger.CheckpointPath)); errors.Is(err, fs.ErrNotExist) {
			return
		}
		// What is public is whole at every moment.
		r := soundLog(t, h.Files, ledger.Trust{Key: h.Ledger.VerifierKey(), Seen: seen})
		seen = &ledger.Seen{Signed: r.Signed}
	}
	number, crashes := 0, 0
	sell := func() {
		number++
		ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.Sell(tx, string(run.ID), number, "") }))
	}
	for _, after := range []bool{false, true} {
		for at := 0; ; at++ {
			sell()
			c := LedgerConfig(h.Files)
			c.Disk = &failing{at: at, after: after}
			err := must(registry.New(ctx(t), h.DB.Registry(), c))(t).Sequence(ctx(t))
			look()
			if err == nil {
				break
			}
			if !errors.Is(err, errDisk) {
				t.Fatal(err)
			}
			crashes++
			if at%2 == 0 { // every other time entries come before the next start
				sell()
			}
			ok(t, must(registry.New(ctx(t), h.DB.Registry(), LedgerConfig(h.Files)))(t).Sequence(ctx(t)))
			look()
		}
	}
	if crashes < 10 || seen == nil || seen.Size != int64(301+number) {
		t.Errorf("%d crashes, and the log has %d entries of %d", crashes, seen.Size, 301+number)
	}
	// The public files are lost: they are written again, the same. The last checkpoint is lost: the public one does.
	ok(t, os.RemoveAll(filepath.Join(h.Files, "log")))
	ok(t, h.Ledger.Sequence(ctx(t)))
	look()
	ok(t, os.RemoveAll(filepath.Join(h.Files, "kept")))
	sell()
	ok(t, h.Ledger.Sequence(ctx(t)))
	look()
	// Both are lost: nothing is signed, unless somebody takes it upon them.
	ok(t, os.RemoveAll(filepath.Join(h.Files, "log")))
	ok(t, os.RemoveAll(filepath.Join(h.Files, "kept")))
	if err := h.Ledger.Sequence(ctx(t)); !errors.Is(err, registry.ErrSeenLost) {
		t.Errorf("signed without its last checkpoint: %v", err)
	}
	c := LedgerConfig(h.Files)
	c.Unseen = true
	ok(t, must(registry.New(ctx(t), h.DB.Registry(), c))(t).Sequence(ctx(t)))
	look()
}

// testLedgerRestored: a database that is not the one that signed last signs nothing (fault B2).
func testLedgerRestored(t *testing.T, h *House, open Open) {
	run := h.Run(t, 20)
	for n := range 10 {
		ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.Sell(tx, string(run.ID), n+1, "") }))
	}
	ok(t, h.Ledger.Sequence(ctx(t)))
	h.sound(t)
	before := contents(t, h.Files)
	// A database from before the first entry, in place of the newest.
	old := NewHouse(t, open(t))
	old.Files = h.Files
	old.Ledger = must(registry.New(ctx(t), old.DB.Registry(), LedgerConfig(h.Files)))(t)
	old.Catalog = catalog.New(old.DB.Catalog(), old.Clock.Now, old.Ledger)
	restored := func(what string) {
		t.Helper()
		for range 2 {
			if err := old.Ledger.Sequence(ctx(t)); !errors.Is(err, registry.ErrRestored) {
				t.Errorf("%s: %v", what, err)
			}
		}
		soon, end := context.WithTimeout(ctx(t), 2*time.Second)
		defer end()
		if err := old.Ledger.Run(soon); !errors.Is(err, registry.ErrRestored) {
			t.Errorf("%s: Run went on: %v", what, err)
		}
		if after := contents(t, h.Files); !slices.Equal(before, after) {
			t.Errorf("%s: the log's files changed: %d of them, %d before", what, len(after), len(before))
		}
	}
	restored("shorter than what was signed")
	old.Run(t, 60)
	restored("longer, and another")
	// A database that has more than was signed, and other things.
	other := NewHouse(t, open(t))
	other.Run(t, 60)
	ok(t, other.Ledger.Sequence(ctx(t)))
	old.Ledger = must(registry.New(ctx(t), other.DB.Registry(), LedgerConfig(h.Files)))(t)
	restored("another history of more entries")
	ok(t, h.Ledger.Sequence(ctx(t))) // the newest one is back
	h.sound(t)
	// Another key, another name.
	c := LedgerConfig(h.Files)
	c.Master = bytes.Repeat([]byte("x"), 32)
	if _, err := registry.New(ctx(t), h.DB.Registry(), c); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("another master key: %v", err)
	}
	c = LedgerConfig(h.Files)
	c.Origin = "other.example/ledger"
	if _, err := registry.New(ctx(t), h.DB.Registry(), c); err == nil || !strings.Contains(err.Error(), "renamed") {
		t.Errorf("another name: %v", err)
	}
}

// testLedgerAlone: one publishes at a time, and meanwhile sales go on.
func testLedgerAlone(t *testing.T, h *House) {
	run := h.Run(t, 8)
	var inside atomic.Int64
	crowd(t, 8, 8, func(i int) error {
		return h.DB.Registry().Alone(ctx(t), func(tx registry.LogTx) error {
			if n := inside.Add(1); n != 1 {
				t.Errorf("%d are alone", n)
			}
			defer inside.Add(-1)
			return h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.Sell(tx, string(run.ID), i+1, "") })
		})
	})
	if l := h.replayRun(t, run); l.Owned != 8 {
		t.Errorf("%d sold", l.Owned)
	}
}

// contents are the files below a folder with what is in them.
func contents(t testing.TB, dir string) (all []string) {
	t.Helper()
	ok(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all = append(all, path+"\n"+string(data))
		return err
	}))
	return all
}

// testLedgerAnyLife says random verbs of shop and catalogue in random order, some of which are
// refused. Whatever was said, the audit finds nothing, and the log counts what the catalogue counts.
func testLedgerAnyLife(t *testing.T, h *House) {
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		const copies = 4
		codes, withCards := cards(t, copies+1)
		run := h.Run(t, copies, withCards, func(r *catalog.Run, _ *shop.Terms) { r.Proofs = 1 })
		h.Clock.Add(time.Hour) // what earlier ones left in baskets is let go
		var orders []shop.OrderID
		people := []string{"ann", "bob", "cleo"}
		for i := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			n := rapid.IntRange(1, copies+1).Draw(rt, "number")
			who := rapid.SampledFrom(people).Draw(rt, "who")
			buyer := shop.Buyer{Visitor: "v-" + who}
			if rapid.Bool().Draw(rt, "signed in") {
				buyer.Account = who
			}
			order := func(do func(context.Context, shop.OrderID, string) error) error {
				if len(orders) == 0 {
					return fault.New(fault.NotFound, "no order yet")
				}
				return do(ctx(t), rapid.SampledFrom(orders[max(0, len(orders)-2):]).Draw(rt, "order"), "desk")
			}
			verbs := map[string]func() error{
				"buy": func() error {
					basket, err := h.Shop.Hold(ctx(t), buyer, shop.Want{Run: run.ID, Any: 1 + n%2})
					if err != nil {
						return err
					}
					receipts, err := h.Shop.Place(ctx(t), Request(buyer, fmt.Sprint(run.ID, i, h.Clock.Now().UnixMicro()), basket.Copies...))
					if err == nil {
						orders = append(orders, receipts[0].Order)
					}
					return err
				},
				"pay": func() error {
					return order(func(c context.Context, id shop.OrderID, by string) error {
						_, err := h.Shop.MarkPaid(c, id, by)
						return err
					})
				},
				"send": func() error {
					return order(func(c context.Context, id shop.OrderID, by string) error {
						if _, err := h.Shop.MarkPacked(c, id, by); err != nil {
							return err
						}
						_, err := h.Shop.MarkShipped(c, id, by)
						return err
					})
				},
				"cancel": func() error {
					return order(func(c context.Context, id shop.OrderID, by string) error {
						_, err := h.Shop.Cancel(c, id, by)
						return err
					})
				},
				"back": func() error {
					return order(func(c context.Context, id shop.OrderID, by string) error {
						_, err := h.Shop.TakeBack(c, id, by)
						return err
					})
				},
				"claim": func() error { _, err := h.Shop.Claim(ctx(t), who, codes[n]); return err },
				"hand on": func() error {
					owner := must(h.Catalog.Grid(ctx(t), run.ID))(t)[n-1].Owner
					token, _, err := h.Shop.OfferCopy(ctx(t), owner, run.ID, n, "")
					if err == nil {
						_, err = h.Shop.Accept(ctx(t), who, token)
					}
					return err
				},
				"by hand": func() error { _, err := h.Shop.SellByHand(ctx(t), run.ID, n, "desk"); return err },
				"undo":    func() error { _, err := h.Shop.UndoHandSale(ctx(t), run.ID, n, "desk"); return err },
				"grade":   func() error { _, err := h.Catalog.Grade(ctx(t), run.ID, n, "VG+", "desk"); return err },
				"void": func() error {
					_, err := h.Catalog.Void(ctx(t), run.ID, n, ledger.Destroyed, "trodden on", "desk")
					return err
				},
				"close": func() error { return h.Catalog.Close(ctx(t), run.ID, "unsold", "desk") },
				"restock": func() error {
					var one catalog.Run
					made, withNew := cards(t, 1)
					withNew(&one, nil)
					_, err := h.Catalog.Restock(ctx(t), run.ID, n, one.Cards[0].SHA256, "desk")
					if err == nil {
						codes[n] = made[1] // the salt is the same in all these runs
					}
					return err
				},
				"erase":   func() error { return h.DB.Update(ctx(t), func(tx *store.Tx) error { return h.Ledger.Erase(tx, who) }) },
				"publish": func() error { return h.Ledger.Sequence(ctx(t)) },
			}
			names := slices.Sorted(maps.Keys(verbs))
			names = append(names, "buy", "pay", "pay", "pay", "send", "send", "back", "claim", "claim", "hand on", "hand on", "restock", "restock")
			what := rapid.SampledFrom(names).Draw(rt, "verb")
			err := verbs[what]()
			if err != nil && fault.Of(err) == fault.Internal {
				rt.Fatalf("%s: %v", what, err)
			}
			if err == nil {
				done[what]++
			}
		}
		count := map[catalog.State]int{}
		for _, c := range must(h.Catalog.Grid(ctx(t), run.ID))(t) {
			count[c.State]++
		}
		wantCounts(t, h.replayRun(t, run), run, count)
		if t.Failed() {
			rt.FailNow()
		}
	})
	h.sound(t)
	for _, what := range []string{"buy", "pay", "send", "claim", "void", "close"} {
		if done[what] == 0 {
			t.Errorf("nobody ever said %q: %v", what, done)
		}
	}
}
