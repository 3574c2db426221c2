// Package storetest is one suite that every database of the house must pass, and
// the races that a shop of numbered copies must survive. It is a test kit:
// nothing but tests may import it.
//
// A database's own test gives [Run] a way to open an empty one:
//
//	func TestStore(t *testing.T) { storetest.Run(t, open) }
package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/pressing"
)

// Open opens an empty database, which is closed when the test ends.
type Open func(testing.TB) *store.DB

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *House)
	}{
		{"Declare", testDeclare}, {"Hold", testHold}, {"HoldSets", testHoldSets}, {"Terms", testTerms},
		{"Order", testOrder}, {"OrderRefusals", testOrderRefusals}, {"Fulfil", testFulfil}, {"PayLate", testPayLate},
		{"Claim", testClaim}, {"HandOn", testHandOn}, {"CatalogActs", testCatalogActs}, {"Sweep", testSweep},
		{"Rollback", testRollback}, {"AnyPath", testAnyPath}, {"Desk", testDesk}, {"ByHand", testByHand},
		{"R1Race", testRace}, {"R2Expiry", testExpiry}, {"R3Idempotency", testIdempotency}, {"R5Limits", testLimits},
		{"HandOnRace", testHandOnRace}, {"Notices", testNotices}, {"Parcel", testParcel}, {"ParcelSetup", testParcelSetup}, {"Tracking", testTracking}, {"Outbox", testOutbox}, {"Add", testAdd}, {"AddRace", testAddRace},
		{"BuyersOrders", testBuyersOrders}, {"OffersTo", testOffersTo}, {"LedgerLife", testLedgerLife},
		{"LedgerAtomic", testLedgerAtomic}, {"LedgerRace", testLedgerRace}, {"LedgerCrash", testLedgerCrash}, {"LedgerAlone", testLedgerAlone}, {"LedgerAnyLife", testLedgerAnyLife},
		{"Publish", testPublish}, {"TakeBack", testTakeBack}, {"Hostile", testHostile}, {"Resume", testResume}, {"PublishRace", testPublishRace},
		{"DiskFull", testDiskFull}, {"Quota", testQuota}, {"Grid", testGrid}, {"Lists", testLists}, {"Search", testSearch}, {"Profiles", testProfiles},
		{"Listen", testListen}, {"ListenRace", testListenRace}, {"C3Clock", testClock},
		{"Journal", testJournal}, {"Year", testYear},
		{"LedgerRestored", func(t *testing.T, h *House) { testLedgerRestored(t, h, open) }},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, NewHouse(t, open(t))) })
	}
}

// House is a shop with two labels and a clock that tests move by hand.
type House struct {
	DB      *store.DB
	Ledger  *registry.Registry
	Files   string // the ledger's, see LedgerConfig
	Catalog *catalog.Catalog
	Shop    *shop.Shop
	Clock   *Clock
	labels  [2]catalog.Label
	artist  catalog.Artist
	made    int
}

// Clock is a time that moves only by hand.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the time.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// NewHouse makes a house on an empty database.
func NewHouse(t testing.TB, db *store.DB) *House {
	t.Helper()
	h := &House{DB: db, Clock: &Clock{now: time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)}}
	var err error
	h.Files = t.TempDir()
	h.Ledger = must(registry.New(ctx(t), db.Registry(), LedgerConfig(h.Files)))(t)
	h.Catalog = catalog.New(db.Catalog(), h.Clock.Now, h.Ledger)
	if h.Shop, err = shop.New(db.Shop(), shop.Config{Now: h.Clock.Now, Ledger: h.Ledger, Key: []byte(strings.Repeat("k", 32))}); err != nil {
		t.Fatal(err)
	}
	for i := range h.labels {
		h.labels[i] = must(h.Catalog.AddLabel(ctx(t), catalog.Label{Slug: fmt.Sprintf("label-%d", i), Name: "Żółw Tapes"}))(t)
	}
	h.artist = must(h.Catalog.AddArtist(ctx(t), catalog.Artist{Slug: "artist", Name: "Łódź"}))(t)
	return h
}

// Run declares a run of n copies of a new release of the first label, on sale with no limit. Change what it is with edits.
func (h *House) Run(t testing.TB, n int, edits ...func(*catalog.Run, *shop.Terms)) catalog.Run {
	t.Helper()
	return h.runOf(t, 0, n, edits...)
}

func (h *House) runOf(t testing.TB, label, n int, edits ...func(*catalog.Run, *shop.Terms)) catalog.Run {
	t.Helper()
	h.made++
	rel := must(h.Catalog.AddRelease(ctx(t), catalog.Release{Label: h.labels[label].ID, Artist: h.artist.ID, Slug: fmt.Sprintf("release-%d", h.made), Title: "Side <b>A</b>", CatalogNumber: "ZT-01"}))(t)
	run := catalog.Run{Release: rel.ID, Copies: n}
	terms := shop.Terms{Price: shop.Money{Minor: 1000, Currency: "EUR"}}
	for _, edit := range edits {
		edit(&run, &terms)
	}
	run = must(h.Catalog.Declare(ctx(t), run, "label"))(t)
	terms.Run = run.ID
	ok(t, h.Shop.SetTerms(ctx(t), terms))
	return run
}

func perPerson(n int) func(*catalog.Run, *shop.Terms) {
	return func(_ *catalog.Run, t *shop.Terms) { t.PerPerson = n }
}

// cards gives every number of a run a claim code; the codes are returned by number.
func cards(t testing.TB, n int) ([]string, func(*catalog.Run, *shop.Terms)) {
	t.Helper()
	codes := make([]string, n+1)
	salt := strings.Repeat("ab", 32)
	var hashes []catalog.Card
	for i := 1; i <= n; i++ {
		codes[i] = must(pressing.NewClaim(nil))(t)
		hashes = append(hashes, catalog.Card{Number: i, SHA256: pressing.HashClaim(salt, codes[i])})
	}
	return codes, func(r *catalog.Run, _ *shop.Terms) { r.Salt, r.Cards = salt, hashes }
}

// Visitor is a buyer without an account.
func Visitor(n int) shop.Buyer { return shop.Buyer{Visitor: fmt.Sprintf("visitor-%d", n)} }

// Request is an order of copies by a person of their own mail and postal address.
func Request(b shop.Buyer, key string, copies ...catalog.Copy) shop.Request {
	r := shop.Request{Buyer: b, Key: key, Mail: b.Visitor + "@example.org", Method: shop.Transfer,
		Address: shop.Address{Name: "A. Buyer", Street: "Main Street " + b.Visitor, Code: "12345", City: "Łódź", Country: "PL"}}
	for _, c := range copies {
		r.Lines = append(r.Lines, shop.Line{Run: c.Run, Number: c.Number, Minor: 1000})
	}
	return r
}

// buy holds any n copies of a run and orders them.
func (h *House) buy(t testing.TB, b shop.Buyer, run catalog.RunID, n int) shop.Receipt {
	t.Helper()
	basket := must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run, Any: n}))(t)
	return must(h.Shop.Place(ctx(t), Request(b, "buy-"+b.Visitor, basket.Copies...)))(t)[0]
}

// sent is an order that was bought, paid, packed and shipped.
func (h *House) sent(t testing.TB, b shop.Buyer, run catalog.RunID, n int) shop.Receipt {
	t.Helper()
	r := h.buy(t, b, run, n)
	must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
	must(h.Shop.MarkPacked(ctx(t), r.Order, "desk"))(t)
	must(h.Shop.MarkShipped(ctx(t), r.Order, "desk"))(t)
	return r
}

// Audit checks what must be true of a run whatever happened: every number there
// once, every copy's history whole and agreeing with its row.
func (h *House) Audit(t testing.TB, run catalog.Run) map[catalog.State]int {
	t.Helper()
	count := map[catalog.State]int{}
	grid := must(h.Catalog.Grid(ctx(t), run.ID))(t)
	if len(grid) != run.Copies+run.Proofs {
		t.Fatalf("the run has %d copies, declared were %d and %d proofs", len(grid), run.Copies, run.Proofs)
	}
	for i, c := range grid {
		if c.Number != i+1 {
			t.Fatalf("copy %d has number %d", i+1, c.Number)
		}
		count[c.State]++
		row, history, err := h.Catalog.Copy(ctx(t), run.ID, c.Number)
		ok(t, err)
		if len(history) != row.Seq {
			t.Errorf("number %d has %d events and Seq %d", c.Number, len(history), row.Seq)
		}
		for k, e := range history {
			if e.Seq != k+1 {
				t.Errorf("number %d: event %d has Seq %d", c.Number, k+1, e.Seq)
			}
		}
		if last := history[len(history)-1]; last.State != row.State || last.Order != row.Order || !last.At.Equal(row.Changed) {
			t.Errorf("number %d is %s in order %q, its last event says %s in %q", c.Number, row.State, row.Order, last.State, last.Order)
		}
	}
	h.auditLedger(t, run, count)
	return count
}

func ctx(t testing.TB) context.Context { return t.Context() }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must gives a value, or ends the test with the error.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
