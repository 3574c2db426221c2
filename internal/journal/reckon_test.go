package journal

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/internal/catalog"
)

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// owedBy folds entries and gives what each payee is owed in EUR; ” is the label.
func owedBy(deals []Deal, entries []Entry) map[PayeeID]int64 {
	sum := map[PayeeID]int64{}
	r := NewReckoner([]Run{{ID: "run", Release: "release"}}, map[catalog.ReleaseID][]Deal{"release": deals}, func(p Posting) { sum[p.Payee] += p.Minor })
	for i := range entries {
		r.Add(&entries[i])
	}
	return sum
}

func bill(i int, minor int64) Entry {
	return spent("label", KindBill, fmt.Sprint("bill", i), began.AddDate(0, 0, i), "", "EUR", minor, Line{Account: Making, Run: "run"})
}

func sale(i, copies int, minor int64) Entry {
	return Paid("label", fmt.Sprint("order", i), began.AddDate(0, 0, i), "EUR", []Sale{{"run", copies, minor}})
}

func half(who PayeeID) []Share { return []Share{{Payee: who, Parts: Whole / 2}} }

// TestWorkedExample: a run of 100 for $200, 90 sold at $8.40 kept, halved after the run is paid back: (756 - 200) / 2 = $278 each.
func TestWorkedExample(t *testing.T) {
	entries := []Entry{bill(0, 200_00)}
	even := 0
	deals := []Deal{{Release: "release", Version: 1, At: began, Recoup: true, Tiers: []Tier{{Shares: half("artist")}}}}
	for i := 1; i <= 90; i++ {
		e, err := Consigned("label", fmt.Sprint(i), began.AddDate(0, 0, i), "", "USD", Sale{"run", 1, 10_00}, 160_000) // 10% platform, about 6% processor
		if err != nil {
			t.Fatal(err)
		}
		for k := range e.Lines {
			e.Lines[k].Currency = "EUR"
		}
		entries = append(entries, e)
		if owedBy(deals, entries)["artist"] > 0 && even == 0 {
			even = i
		}
	}
	got := owedBy(deals, entries)
	if got["artist"] != 278_00 || got[""] != 278_00 || even != 24 {
		t.Errorf("artist %d, label %d, the run has paid for itself at %d copies; want 27800 each and 24", got["artist"], got[""], even)
	}
}

func TestShares(t *testing.T) {
	later := began.AddDate(0, 0, 10)
	for _, c := range []struct {
		name    string
		deals   []Deal
		entries []Entry
		want    map[PayeeID]int64
	}{
		{"no deal: all is the label's", nil, []Entry{sale(1, 1, 1000)}, map[PayeeID]int64{"": 1000}},
		{"of receipts, not of profit", []Deal{{Tiers: []Tier{{Shares: half("a")}}}}, []Entry{bill(0, 5000), sale(1, 1, 1000)}, map[PayeeID]int64{"a": 500, "": -4500}},
		{"not before it has paid for itself", []Deal{{Recoup: true, Tiers: []Tier{{Shares: half("a")}}}}, []Entry{bill(0, 5000), sale(1, 5, 5000)}, map[PayeeID]int64{}},
		{"a later bill takes back what was shared", []Deal{{Recoup: true, Tiers: []Tier{{Shares: half("a")}}}}, []Entry{sale(1, 5, 5000), bill(2, 2000)}, map[PayeeID]int64{"a": 1500, "": 1500}},
		{"65/35", []Deal{{Recoup: true, Tiers: []Tier{{Shares: []Share{{Payee: "a", Parts: 650_000}}}}}}, []Entry{bill(0, 100), sale(1, 1, 1100)}, map[PayeeID]int64{"a": 650, "": 350}},
		{"40% of one of ten tracks is 4%", []Deal{{Tiers: []Tier{{Shares: []Share{{Payee: "a", Parts: 400_000, Track: 1, Of: 10}}}}}}, []Entry{sale(1, 1, 10000)}, map[PayeeID]int64{"a": 400, "": 9600}},
		{"more above an amount", []Deal{{Tiers: []Tier{{Shares: half("a")}, {Above: 1000, Shares: []Share{{Payee: "a", Parts: 800_000}}}}}},
			[]Entry{sale(1, 1, 900), sale(2, 1, 600)}, map[PayeeID]int64{"a": 500 + 400, "": 600}},
		{"from a day on", []Deal{{Tiers: []Tier{{Shares: half("a")}, {From: later, Shares: []Share{{Payee: "b", Parts: Whole}}}}}},
			[]Entry{sale(9, 1, 1000), sale(10, 1, 1000)}, map[PayeeID]int64{"a": 500, "b": 1000, "": 500}},
		{"the first version counts from the beginning, the second from when it was made", []Deal{{Version: 1, At: began.AddDate(0, 0, 5), Tiers: []Tier{{Shares: half("a")}}}, {Version: 2, At: later, Tiers: []Tier{{Shares: half("b")}}}},
			[]Entry{sale(1, 1, 1000), sale(9, 1, 1000), sale(10, 1, 1000)}, map[PayeeID]int64{"a": 1000, "b": 500, "": 1500}},
		{"three thirds of a coin", []Deal{{Tiers: []Tier{{Shares: []Share{{Payee: "a", Parts: 333_333}, {Payee: "b", Parts: 333_333}, {Payee: "c", Parts: 333_334}}}}}},
			[]Entry{sale(1, 1, 100)}, map[PayeeID]int64{"a": 33, "b": 33, "c": 34}},
		{"called off", []Deal{{Tiers: []Tier{{Shares: half("a")}}}}, []Entry{sale(1, 1, 999), Cancelled(sale(1, 1, 999), later)}, map[PayeeID]int64{}},
	} {
		got := owedBy(c.deals, c.entries)
		for _, who := range []PayeeID{"", "a", "b", "c"} {
			if got[who] != c.want[who] {
				t.Errorf("%s: %q has %d, want %d", c.name, who, got[who], c.want[who])
			}
		}
	}
}

func TestRolled(t *testing.T) {
	if got := Rolled([]Share{{"a", 400_000, 1, 10}, {"a", 500_000, 3, 10}, {"b", Whole, 1, 3}}); len(got) != 2 || got[0].Parts != 190_000 || got[1].Parts != 333_333 {
		t.Errorf("rolled up: %+v", got)
	}
	if Rolled([]Share{{Payee: "a", Parts: Whole}, {Payee: "b", Parts: 1}}) != nil {
		t.Error("more than the whole was shared")
	}
}

// TestDivideProperties: nothing is lost, and nobody's part is a coin away from exact.
func TestDivideProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, Whole), 1, 12).Draw(t, "weights")
		total := rapid.Int64Range(-1e12, 1e12).Draw(t, "total")
		var sum int64
		for _, w := range weights {
			sum += w
		}
		if sum == 0 {
			return
		}
		var given int64
		for i, part := range Divide(total, weights) {
			given += part
			if d := float64(part) - float64(total)*float64(weights[i])/float64(sum); d > 1.001 || d < -1.001 {
				t.Fatalf("part %d is %g coins off", i, d)
			}
		}
		if given != total {
			t.Fatalf("%d of %d were given out", given, total)
		}
	})
}

// TestReckonProperties: whatever happens under whatever deals, what everybody is owed adds up to what the run earned, and a payee's share
// is within a coin of the exact one where one deal held all the time.
func TestReckonProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Tier {
			var tier Tier
			left := Whole
			for i := range rapid.IntRange(0, 4).Draw(t, name) {
				parts := rapid.IntRange(1, Whole).Draw(t, "parts")
				if parts > left {
					break
				}
				left -= parts
				tier.Shares = append(tier.Shares, Share{Payee: PayeeID('a' + rune(i)), Parts: parts})
			}
			return tier
		}
		var deals []Deal
		for i := range rapid.IntRange(0, 3).Draw(t, "versions") {
			d := Deal{Release: "release", Version: i + 1, At: began.AddDate(0, 0, 20*i), Recoup: rapid.Bool().Draw(t, "recoup"), Tiers: []Tier{draw("first")}}
			if rapid.Bool().Draw(t, "more") {
				tier := draw("second")
				tier.Above = rapid.Int64Range(1, 5000).Draw(t, "above")
				d.Tiers = append(d.Tiers, tier)
			}
			if err := d.Check(); err != nil {
				t.Fatal(err)
			}
			deals = append(deals, d)
		}
		var entries []Entry
		var earned int64
		for i := range rapid.IntRange(1, 60).Draw(t, "entries") {
			minor := rapid.Int64Range(1, 3000).Draw(t, "minor")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				entries = append(entries, bill(i, minor))
				earned -= minor
			case 1:
				entries = append(entries, sale(i, 1, minor), Cancelled(sale(i, 1, minor), began.AddDate(0, 0, i)))
			default:
				entries = append(entries, sale(i, 1, minor))
				earned += minor
			}
		}
		for _, e := range entries {
			if _, err := e.Check(); err != nil {
				t.Fatal(err)
			}
		}
		got := owedBy(deals, entries)
		var sum int64
		for _, n := range got {
			sum += n
		}
		if sum != earned {
			t.Fatalf("everybody together has %d, the run earned %d", sum, earned)
		}
		if len(deals) == 1 && len(deals[0].Tiers) == 1 && deals[0].Recoup {
			for _, s := range deals[0].Tiers[0].Shares {
				if d := float64(got[s.Payee]) - float64(max(0, earned))*float64(s.Parts)/Whole; d > 1.001 || d < -1.001 {
					t.Fatalf("%s is %g coins off", s.Payee, d)
				}
			}
		}
	})
}

func TestEntriesThatDoNotAddUp(t *testing.T) {
	good := sale(1, 1, 1000)
	if _, err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Entry){
		"a coin more":        func(e *Entry) { e.Lines[0].Minor++ },
		"two currencies":     func(e *Entry) { e.Lines[0].Currency = "USD" },
		"no lines":           func(e *Entry) { e.Lines = nil },
		"an unknown account": func(e *Entry) { e.Lines[0].Account = "pocket" },
		"an unknown kind":    func(e *Entry) { e.Kind = "gift" },
		"no reference":       func(e *Entry) { e.Reference = "" },
		"overflow":           func(e *Entry) { e.Lines[0].Minor, e.Lines[1].Minor = -1<<63, -1<<63 },
		"no time":            func(e *Entry) { e.At = time.Time{} },
	} {
		e := sale(1, 1, 1000)
		spoil(&e)
		if _, err := e.Check(); err == nil {
			t.Errorf("%s went into the books", name)
		}
	}
}

func TestCSVCells(t *testing.T) {
	for _, s := range []string{"=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "'=1"} {
		if got := Cell(s); !strings.HasPrefix(got, "'") {
			t.Errorf("%q is written as %q", s, got)
		}
	}
	for _, s := range []string{"", "Zażółć", "Invoice 17 = paid", "a-b"} {
		if got := Cell(s); got != s {
			t.Errorf("%q is written as %q", s, got)
		}
	}
	e := bill(1, 1205)
	e.Note = "=HYPERLINK(\"http://x\")\r\n\"quoted\", and a comma"
	s := LabelStatement("label", began, began.AddDate(1, 0, 0), []Run{{ID: "run", Title: "@title", Ordinal: 2}}, nil, nil, []Entry{e})
	var b bytes.Buffer
	if err := s.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if r := rows[2]; r[12] != "'=HYPERLINK(\"http://x\")  \"quoted\", and a comma" || r[5] != "'@title" || r[10] != "-12.05" || rows[3][11] != "-12.05" {
		t.Errorf("row %q", r)
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{{0, "EUR", "0.00"}, {-5, "EUR", "-0.05"}, {120500, "USD", "1205.00"}, {-300, "JPY", "-300"}, {-1 << 63, "EUR", "-92233720368547758.08"}} {
		if got := Decimal(c.minor, c.currency); got != c.want {
			t.Errorf("%d %s is %s, want %s", c.minor, c.currency, got, c.want)
		}
	}
}
