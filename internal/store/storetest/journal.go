package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/journal"
	"ferric/internal/shop"
)

func (h *House) books(t testing.TB) *journal.Books {
	t.Helper()
	return must(journal.New(h.DB.Journal(), h.Clock.Now))(t)
}

// testJournal takes an order, a sale by hand, bills and payouts through the books and says what must stand in them.
func testJournal(t *testing.T, h *House) {
	b, label := h.books(t), h.labels[0].ID
	run := h.Run(t, 10)
	entries := func() []journal.Entry { return must(b.Journal(ctx(t), journal.Query{Label: label}))(t) }

	r := h.buy(t, Visitor(1), run.ID, 2)
	if n := len(entries()); n != 0 {
		t.Fatalf("an order that is not paid has %d entries", n)
	}
	must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
	must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
	want := []journal.Line{{Account: journal.Sales, Run: run.ID, Currency: "EUR", Minor: -2000, Copies: 2}, {Account: journal.Bank, Currency: "EUR", Minor: 2000}}
	if got := entries(); len(got) != 1 || got[0].Kind != journal.KindOrder || got[0].Reference != string(r.Order) || !reflect.DeepEqual(got[0].Lines, want) {
		t.Fatalf("paid order: %+v", got)
	}
	// An entry that is there is not written again, and what fails with it is undone.
	h.Clock.Add(time.Hour)
	err := h.DB.Journal().Update(ctx(t), func(tx journal.Tx) error { return journal.Write(tx, entries()[0]) })
	refused(t, "the same entry again", err, fault.Conflict)
	err = h.DB.Journal().Update(ctx(t), func(tx journal.Tx) error {
		return journal.Write(tx, journal.Entry{Label: label, Kind: journal.KindCost, Reference: "x", At: h.Clock.Now(), Lines: []journal.Line{
			{Account: journal.Costs, Currency: "EUR", Minor: 100}, {Account: journal.Bank, Currency: "USD", Minor: -100}}})
	})
	refused(t, "lines that do not add up", err, fault.Invalid)

	// Bills and payouts, with a key once.
	key := journal.NewKey()
	for range 2 {
		ok(t, b.Spend(ctx(t), journal.Paper{Label: label, Key: key, Making: true, Run: run.ID, Currency: "EUR", Minor: 900, Note: "duplicator 17"}))
	}
	refused(t, "another label's run", b.Spend(ctx(t), journal.Paper{Label: h.labels[1].ID, Key: journal.NewKey(), Making: true, Run: run.ID, Currency: "EUR", Minor: 900, Note: "x"}), fault.Invalid)
	refused(t, "a deal that gives too much", b.SetDeal(ctx(t), label, journal.Deal{Release: run.Release, Tiers: []journal.Tier{{Shares: []journal.Share{{Payee: "A", Parts: 600_000}, {Payee: "B", Parts: 600_000}}}}}), fault.Invalid)
	deal := journal.Deal{Release: run.Release, Recoup: true, Tiers: []journal.Tier{{Shares: []journal.Share{{Payee: "Ada  Quill", Parts: 500_000}}}}}
	ok(t, b.SetDeal(ctx(t), label, deal))
	refused(t, "a deal that was changed meanwhile", b.SetDeal(ctx(t), label, deal), fault.Conflict)
	payees := must(b.Payees(ctx(t), label))(t)
	if len(payees) != 1 || payees[0].Name != "Ada Quill" {
		t.Fatalf("payees %+v", payees)
	}
	ada := payees[0]
	balance := func() (ada_, own, bank int64) {
		t.Helper()
		h.Clock.Add(time.Second)
		read := must(b.Read(ctx(t), label, time.Time{}))(t)
		s := read.Statement(ada, time.Time{}, h.Clock.Now())
		l := read.Statement(journal.Payee{}, time.Time{}, h.Clock.Now())
		if len(s.Sections) > 0 {
			ada_ = s.Sections[0].Closing
		}
		return ada_, l.Sections[0].Own, l.Sections[0].Closing
	}
	expect := func(what string, ada, own, bank int64) {
		t.Helper()
		if a, o, k := balance(); a != ada || o != own || k != bank {
			t.Errorf("%s: Ada is owed %d, the label's own is %d of %d in the bank; want %d, %d, %d", what, a, o, k, ada, own, bank)
		}
	}
	expect("2000 in, 900 out, half each", 550, 550, 1100)
	ok(t, b.Pay(ctx(t), label, journal.NewKey(), ada.ID, "EUR", 550, ""))
	expect("paid out", 0, 550, 550)

	// By hand, undone, elsewhere, to the artist.
	must(h.Shop.SellByHand(ctx(t), run.ID, 7, "desk"))(t)
	expect("by hand", 500, 1050, 1550)
	must(h.Shop.UndoHandSale(ctx(t), run.ID, 7, "desk"))(t)
	expect("by hand, undone", 0, 550, 550)
	must(h.Shop.SellByHand(ctx(t), run.ID, 7, "desk"))(t)
	must(h.Shop.UndoHandSale(ctx(t), run.ID, 7, "desk"))(t)
	expect("again", 0, 550, 550)
	at := func(price int64) shop.Elsewhere {
		return shop.Elsewhere{Run: run.ID, Numbers: []int{8, 9}, Price: shop.Money{Minor: price, Currency: "EUR"}, By: "desk"}
	}
	consigned := at(1250)
	consigned.Commission = 360_000 // 36% of 12.50: albumtrad.com
	ok(t, h.Shop.SellElsewhere(ctx(t), consigned))
	expect("two in consignment, 8.00 each", 800, 1350, 2150)
	refused(t, "sold twice", h.Shop.SellElsewhere(ctx(t), consigned), fault.Invalid)
	must(h.Shop.UndoHandSale(ctx(t), run.ID, 9, "desk"))(t)
	expect("one undone", 400, 950, 1350)
	gift := at(300)
	gift.Numbers, gift.Artist = []int{10}, ada.ID
	ok(t, h.Shop.SellElsewhere(ctx(t), gift))
	expect("a copy for Ada at 3.00", 400-300+150, 1100, 1350)

	// Called off and sent back; come back.
	must(h.Shop.Cancel(ctx(t), r.Order, "desk"))(t)
	if debts := must(b.Debts(ctx(t), label))(t); len(debts) != 1 || debts[0].Minor != 2000 || debts[0].Order != string(r.Order) {
		t.Fatalf("debts %+v", debts)
	}
	key = journal.NewKey()
	for range 2 {
		ok(t, b.SendBack(ctx(t), label, key, string(r.Order)))
	}
	refused(t, "sent back twice", b.SendBack(ctx(t), label, journal.NewKey(), string(r.Order)), fault.Conflict)
	if debts := must(b.Debts(ctx(t), label))(t); len(debts) != 0 {
		t.Fatalf("debts %+v", debts)
	}
	sent := h.sent(t, Visitor(2), run.ID, 2)
	must(h.Shop.TakeBack(ctx(t), sent.Order, "desk", sent.Lines[0]))(t)
	must(h.Shop.TakeBack(ctx(t), sent.Order, "desk", sent.Lines[1]))(t)
	if debts := must(b.Debts(ctx(t), label))(t); len(debts) != 1 || debts[0].Minor != 2000 {
		t.Fatalf("debts %+v", debts)
	}
	// A bill that was a mistake; what the shop wrote is not mended here.
	key = journal.NewKey()
	ok(t, b.Spend(ctx(t), journal.Paper{Label: label, Key: key, Currency: "EUR", Minor: 5, Note: "typo"}))
	for range 2 {
		ok(t, b.Reverse(ctx(t), label, journal.KindCost, key))
	}
	refused(t, "another label's entry", b.Reverse(ctx(t), h.labels[1].ID, journal.KindCost, key), fault.NotFound)
	refused(t, "an order", b.Reverse(ctx(t), label, journal.KindOrder, string(r.Order)), fault.Conflict)
	if got := must(b.Journal(ctx(t), journal.Query{Label: h.labels[1].ID}))(t); len(got) != 0 {
		t.Errorf("the other label's books have %d entries", len(got))
	}
	h.auditBooks(t, run)
	h.Audit(t, run)
}

// auditBooks checks what must be true of a label's books whatever happened: every entry adds up, also as the database
// adds it; statements sum to the journal; copies sold by the books are the copies that are gone.
func (h *House) auditBooks(t testing.TB, runs ...catalog.Run) journal.Reading {
	t.Helper()
	b, label := h.books(t), h.labels[0].ID
	h.Clock.Add(time.Second)
	now := h.Clock.Now()
	read := must(b.Read(ctx(t), label, time.Time{}))(t)
	bank, buyers := map[string]int64{}, map[string]int64{}
	copies := map[catalog.RunID]int{}
	for _, e := range read.Entries {
		if _, err := e.Check(); err != nil {
			t.Errorf("entry %s: %v", e.ID(), err)
		}
		for _, l := range e.Lines {
			switch l.Account {
			case journal.Bank:
				bank[l.Currency] += l.Minor
			case journal.Buyers:
				buyers[l.Currency] -= l.Minor
			case journal.Sales:
				copies[l.Run] += l.Copies
			}
		}
		one, err := h.entry(t, e)
		if err != nil || !reflect.DeepEqual(one, e) {
			t.Errorf("read alone, the entry is %+v, not %+v (%v)", one, e, err)
		}
	}
	own := read.Statement(journal.Payee{}, time.Time{}, now)
	for _, s := range own.Sections {
		sum := s.Own + buyers[s.Currency]
		for _, p := range read.Payees {
			for _, part := range read.Statement(p, time.Time{}, now).Sections {
				if part.Currency == s.Currency {
					sum += part.Closing
				}
			}
		}
		if s.Closing != bank[s.Currency] || sum != s.Closing {
			t.Errorf("%s: the bank has %d, the label's statement says %d, all shares add up to %d", s.Currency, bank[s.Currency], s.Closing, sum)
		}
		total := int64(0)
		for _, x := range s.Totals {
			total += x.Minor
		}
		if s.Opening+total != s.Closing {
			t.Errorf("%s: totals add up to %d, not %d", s.Currency, total, s.Closing-s.Opening)
		}
	}
	for _, run := range runs {
		gone := 0
		for _, c := range must(h.Catalog.Grid(ctx(t), run.ID))(t) {
			switch c.State {
			case catalog.Sold, catalog.Packed, catalog.Shipped, catalog.Claimed:
				gone++
			}
		}
		if copies[run.ID] != gone {
			t.Errorf("the books say that %d copies are sold, the stock %d", copies[run.ID], gone)
		}
	}
	return read
}

func (h *House) entry(t testing.TB, e journal.Entry) (one journal.Entry, err error) {
	err = h.DB.Journal().View(ctx(t), func(tx journal.Tx) error { one, err = tx.JournalEntry(e.Kind, e.Reference); return err })
	return one, err
}

// testYear is a year of a label: orders with every kind of trouble, seeded. FERRIC_YEAR is how many [100].
func testYear(t *testing.T, h *House) {
	n := 100
	if s := os.Getenv("FERRIC_YEAR"); s != "" {
		n = must(strconv.Atoi(s))(t)
	}
	rng := rand.New(rand.NewPCG(20261120, 6))
	b, label := h.books(t), h.labels[0].ID
	runs := []catalog.Run{h.Run(t, n), h.Run(t, n)}
	for i, run := range runs {
		ok(t, b.Spend(ctx(t), journal.Paper{Label: label, Key: journal.NewKey(), Making: true, Run: run.ID, Currency: "EUR", Minor: int64(n) * 187, Note: "manufacturing"}))
		ok(t, b.SetDeal(ctx(t), label, journal.Deal{Release: run.Release, Recoup: i == 0, Tiers: []journal.Tier{
			{Shares: []journal.Share{{Payee: "Ada Quill", Parts: 333_333}, {Payee: "Bo Marsh", Parts: 400_000, Track: 1, Of: 10}}},
			{Above: 20_000, Shares: []journal.Share{{Payee: "Ada Quill", Parts: 500_000}}}}}))
	}
	payees := must(b.Payees(ctx(t), label))(t)
	// The bank, kept by hand beside the books: what came in and went out.
	bank := -int64(n) * 187 * 2
	var open []shop.Receipt // paid or sent
	pick := func() (r shop.Receipt, found bool) {
		if len(open) == 0 {
			return r, false
		}
		return open[rng.IntN(len(open))], true
	}
	var debts []string
	owed := func() {
		debts = debts[:0]
		for _, d := range must(b.Debts(ctx(t), label))(t) {
			debts = append(debts, d.Order)
		}
	}
	tolerate := func(err error) bool { // what the state of things does not allow is trouble as well
		t.Helper()
		if err != nil && fault.Of(err) == fault.Internal {
			t.Fatal(err)
		}
		return err == nil
	}
	for i := range n {
		h.Clock.Add(time.Duration(rng.IntN(2*365*24*60/n)+1) * time.Minute)
		run := runs[rng.IntN(2)]
		basket, err := h.Shop.Hold(ctx(t), Visitor(i), shop.Want{Run: run.ID, Any: 1 + rng.IntN(3)})
		if tolerate(err) {
			r := must(h.Shop.Place(ctx(t), Request(Visitor(i), "k", basket.Copies...)))(t)[0]
			if rng.IntN(10) == 0 {
				h.Clock.Add(6 * 24 * time.Hour) // paid too late
			}
			if rng.IntN(8) > 0 {
				must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
				bank += r.Total.Minor
				open = append(open, r)
			}
		}
		switch rng.IntN(9) {
		case 0, 1, 2:
			if r, found := pick(); found {
				_, err := h.Shop.MarkPacked(ctx(t), r.Order, "desk")
				if tolerate(err) && rng.IntN(3) > 0 {
					must(h.Shop.MarkShipped(ctx(t), r.Order, "desk"))(t)
				}
			}
		case 3:
			if r, found := pick(); found {
				_, err := h.Shop.Cancel(ctx(t), r.Order, "desk")
				tolerate(err)
			}
		case 4:
			if r, found := pick(); found {
				o := must(h.Shop.Order(ctx(t), r.Order))(t)
				_, err := h.Shop.TakeBack(ctx(t), r.Order, "desk", o.Lines[rng.IntN(len(o.Lines))])
				tolerate(err)
			}
		case 5:
			number := 1 + rng.IntN(n)
			_, err := h.Shop.SellByHand(ctx(t), run.ID, number, "table")
			if tolerate(err) {
				bank += 1000
				if rng.IntN(2) == 0 {
					must(h.Shop.UndoHandSale(ctx(t), run.ID, number, "table"))(t)
					bank -= 1000
				}
			}
		case 6:
			e := shop.Elsewhere{Run: run.ID, Numbers: []int{1 + rng.IntN(n)}, Price: shop.Money{Minor: 1250, Currency: "EUR"}, Commission: 400_000, By: "desk"}
			if rng.IntN(2) == 0 {
				e.Price.Minor, e.Artist = 333*int64(rng.IntN(2)), payees[0].ID
			}
			if tolerate(h.Shop.SellElsewhere(ctx(t), e)) && e.Artist == "" {
				bank += 750
			}
		case 7:
			owed()
			for _, d := range must(b.Debts(ctx(t), label))(t) {
				bank -= d.Minor
			}
			for _, order := range debts {
				ok(t, b.SendBack(ctx(t), label, journal.NewKey(), order))
			}
		case 8:
			minor := 1 + rng.Int64N(3000)
			ok(t, b.Pay(ctx(t), label, journal.NewKey(), payees[rng.IntN(2)].ID, "EUR", minor, ""))
			bank -= minor
		}
	}
	read := h.auditBooks(t, runs...)
	now := h.Clock.Now()
	s := read.Statement(journal.Payee{}, time.Time{}, now)
	if got := s.Sections[0].Closing; got != bank {
		t.Errorf("the bank has %d, the books say %d", bank, got)
	}
	// A year's quarters join up, and a statement is the same bytes whenever it is made.
	begin := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for _, p := range append(read.Payees, journal.Payee{}) {
		last := int64(0)
		for from := begin; from.Before(now); from = from.AddDate(0, 3, 0) {
			st := read.Statement(p, from, from.AddDate(0, 3, 0))
			var one, two bytes.Buffer
			ok(t, st.WriteCSV(&one))
			then := must(h.books(t).Read(ctx(t), label, from.AddDate(0, 3, 0)))(t)
			ok(t, then.Statement(p, from, from.AddDate(0, 3, 0)).WriteCSV(&two))
			if !bytes.Equal(one.Bytes(), two.Bytes()) {
				t.Errorf("%s: the statement of %s differs when it is made later", p.Name, from)
			}
			for _, sec := range st.Sections {
				if sec.Opening != last {
					t.Errorf("%s: %s opens with %d, the quarter before closed with %d", p.Name, from, sec.Opening, last)
				}
				last = sec.Closing
			}
		}
	}
	for _, run := range runs {
		h.Audit(t, run)
	}
	if count := len(read.Entries); count < n/2 {
		t.Errorf("only %d entries", count)
	}
}

// BenchJournal makes a year's statement of 50,000 entries, read from the database.
func BenchJournal(b *testing.B, open Open) {
	h := NewHouse(b, open(b))
	run := h.Run(b, 10)
	books, label := h.books(b), h.labels[0].ID
	ok(b, books.SetDeal(ctx(b), label, journal.Deal{Release: run.Release, Recoup: true, Tiers: []journal.Tier{{Shares: []journal.Share{{Payee: "Ada Quill", Parts: 400_000}, {Payee: "Bo Marsh", Parts: 333_333}}}}}))
	from := h.Clock.Now()
	const entries, batch = 50_000, 1000
	for i := 0; i < entries; i += batch {
		ok(b, h.DB.Journal().Update(ctx(b), func(tx journal.Tx) error {
			for k := i; k < i+batch; k++ {
				e := journal.Paid(label, fmt.Sprintf("BENCH-%06d", k), from.Add(time.Duration(k)*10*time.Minute), "EUR", []journal.Sale{{Run: run.ID, Copies: 1, Minor: 1000}})
				if err := journal.Write(tx, e); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	payee := must(books.Payees(ctx(b), label))(b)[0]
	to := from.AddDate(1, 0, 0)
	for b.Loop() {
		read := must(books.Read(ctx(b), label, to))(b)
		s := read.Statement(payee, from, to)
		if len(s.Sections) != 1 || s.Sections[0].Closing != entries*400 {
			b.Fatalf("closing %+v", s.Sections[0].Closing)
		}
	}
}
