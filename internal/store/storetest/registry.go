package storetest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"ferric/internal/catalog"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/ledger"
)

// LedgerConfig is a ledger whose files are in a folder.
func LedgerConfig(dir string) registry.Config {
	return registry.Config{Origin: "tapes.example/ledger", Master: bytes.Repeat([]byte("m"), 32),
		Folder: filepath.Join(dir, "log"), Seen: filepath.Join(dir, "kept", "ledger-seen")}
}

// auditLedger publishes the log, replays it from its files as a stranger would, and compares it with the catalogue.
func (h *House) auditLedger(t testing.TB, run catalog.Run, count map[catalog.State]int) *ledger.Report {
	t.Helper()
	ok(t, h.Ledger.Sequence(ctx(t)))
	r := h.sound(t)
	first := must(h.Ledger.State(ctx(t), string(run.ID), 1))(t)
	for _, l := range r.Runs {
		if l.ID != first.Run {
			continue
		}
		owned := count[catalog.Sold] + count[catalog.Packed] + count[catalog.Shipped] + count[catalog.Claimed]
		if l.Size != run.Copies+run.Proofs || l.Minted != l.Size || !l.Closed && l.Owned != owned || l.Void != count[catalog.Void] {
			t.Errorf("the ledger has %d of %d minted, %d owned, %d void; the catalogue %v", l.Minted, l.Size, l.Owned, l.Void, count)
		}
		return r
	}
	t.Errorf("run %s is not in the ledger", run.ID)
	return r
}

// sound replays the log as it is published; there must be nothing wrong with it.
func (h *House) sound(t testing.TB) *ledger.Report {
	t.Helper()
	r, err := ledger.Audit(ctx(t), os.DirFS(filepath.Join(h.Files, "log")), ledger.Trust{Key: h.Ledger.VerifierKey()}, nil)
	ok(t, err)
	for _, f := range r.Findings {
		t.Errorf("the audit found, at entry %d: %v", f.Index, f.Err)
	}
	return r
}

// testLedgerLife leads copies through all that can happen to one, and asks the log what it knows.
func testLedgerLife(t *testing.T, h *House) {
	codes, withCards := cards(t, 7)
	run := h.Run(t, 6, withCards, func(r *catalog.Run, _ *shop.Terms) {
		r.Proofs = 1
		r.Variants = []catalog.Span{{Name: "gold", First: 4, Last: 7}, {Name: "black", First: 1, Last: 3}}
		r.Papers = []catalog.Paper{{Name: "jcard.pdf", SHA256: run0}}
		r.Manifest = run0
	})
	_ = codes
	h.Audit(t, run)
}

const run0 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
