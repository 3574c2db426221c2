package budget

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ferric/album"
)

var update = flag.Bool("update", false, "write golden files anew")

func dec(t testing.TB, s string) *album.Decimal {
	t.Helper()
	d, err := album.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

func budgetOf(t testing.TB, in Input) *Budget {
	t.Helper()
	b, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func way(t testing.TB, b *Budget, name string) int {
	t.Helper()
	for i, w := range b.Ways {
		if w.Name == name {
			return i
		}
	}
	t.Fatalf("no way %q", name)
	return 0
}

// A run of 100 at $2 a copy, sold at $10 with a platform of 10% and a processor of 6%: $8.40 is
// left, 24 copies pay for it, and of 90 sold at half the profit the artist has $278.
func TestWorkedExample(t *testing.T) {
	zero, half := dec(t, "0"), dec(t, "50")
	b := budgetOf(t, Input{Copies: 100, Settings: album.BudgetSettings{
		Tape: dec(t, "2"), Case: zero, Card: zero, Labels: zero, Waste: zero, ArtistShare: half,
	}})
	if b.Run.Total != 200_00 || b.Run.PerCopy != 2_00 || b.Run.Made != 100 {
		t.Errorf("run: %+v", b.Run)
	}
	i := way(t, b, "Bandcamp")
	w, o := b.Ways[i], b.Run.Ways[i]
	if w.Keeps != 8_40 || o.BreakEven != 24 || o.PerCopy != 6_40 || o.Profit != 640_00 || o.Artist != 320_00 {
		t.Errorf("way %+v, outcome %+v", w, o)
	}
	if all, artist := b.Earned(i, 90); all != 556_00 || artist != 278_00 {
		t.Errorf("90 sold earn %d, the artist %d", all, artist)
	}
	if all, artist := b.Earned(i, 23); all >= 0 || artist != 0 {
		t.Errorf("23 sold earn %d, the artist %d", all, artist)
	}
	if w.StreamsGross != 3030 {
		t.Errorf("$10 are %d streams", w.StreamsGross)
	}
}

// Streams equal to $10, to $8.50 kept, and to that less $2.50 of cost.
func TestStreams(t *testing.T) {
	zero := dec(t, "0")
	for _, c := range []struct {
		rate             string
		gross, kept, net int64
	}{
		{"0.003", 3333, 2833, 2000}, {"0.0033", 3030, 2576, 1818}, {"0.0035", 2857, 2429, 1714}, {"0.004", 2500, 2125, 1500}, {"0.005", 2000, 1700, 1200},
	} {
		b := budgetOf(t, Input{Copies: 10, Settings: album.BudgetSettings{
			Tape: dec(t, "2.5"), Case: zero, Card: zero, Labels: zero, Waste: zero, StreamRate: dec(t, c.rate),
			Ways: []album.SaleWay{{Name: "bandcamp", Platform: dec(t, "10"), Processor: dec(t, "5")}},
		}})
		w := b.Ways[way(t, b, "Bandcamp")]
		if w.StreamsGross != c.gross || w.StreamsKept != c.kept || w.StreamsNet != c.net {
			t.Errorf("at %s: %d, %d, %d streams, want %d, %d, %d", c.rate, w.StreamsGross, w.StreamsKept, w.StreamsNet, c.gross, c.kept, c.net)
		}
	}
}

func TestDefaultWays(t *testing.T) {
	b := budgetOf(t, Input{Copies: 100})
	want := map[string]Money{"by hand": 10_00, "direct": 9_41, "Bandcamp": 8_40, "consignment": 6_00}
	for _, w := range b.Ways {
		if w.Keeps != want[w.Name] {
			t.Errorf("%s keeps %d, want %d", w.Name, w.Keeps, want[w.Name])
		}
	}
	// 104 copies are made for 100: 1.20 + 0.35 + 0.30 + 0.08 = 1.93 each.
	if b.Run.Made != 104 || b.Run.Total != 200_72 || b.Run.PerCopy != 2_01 {
		t.Errorf("run: %+v", b.Run)
	}
	if len(b.Defaults) == 0 || len(b.Notes) == 0 {
		t.Error("defaults are not named")
	}
}

func TestPostage(t *testing.T) {
	keeps := func(charged string) Money {
		s := album.BudgetSettings{Postage: dec(t, "4.50"), Mailer: dec(t, "0.50"), Ways: []album.SaleWay{{Name: "web", Processor: dec(t, "10")}}}
		if charged != "" {
			s.PostageFee = dec(t, charged)
		}
		posted := true
		s.Ways[0].Posted = &posted
		b := budgetOf(t, Input{Settings: s})
		return b.Ways[way(t, b, "web")].Keeps
	}
	for charged, want := range map[string]Money{"": 9_00, "0": 4_00, "5": 8_50, "6": 9_40} {
		if got := keeps(charged); got != want {
			t.Errorf("postage charged %q: %d kept, want %d", charged, got, want)
		}
	}
}

func TestHours(t *testing.T) {
	for _, c := range []struct {
		copies, decks int
		side          time.Duration
		four          bool
		want          float64
	}{
		{50, 2, 20 * time.Minute, false, 50.0 / 3}, // 50 C40 on two decks: 17 h
		{50, 2, 20 * time.Minute, true, 25.0 / 3},
		{51, 2, 30 * time.Minute, false, 26},
		{1, 8, 45 * time.Minute, false, 1.5},
		{0, 1, time.Minute, false, 0},
	} {
		if got := Hours(c.copies, c.decks, c.side, c.four); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("Hours(%d, %d, %v, %v) = %v, want %v", c.copies, c.decks, c.side, c.four, got, c.want)
		}
	}
}

func TestLabourAndFixedCosts(t *testing.T) {
	zero := dec(t, "0")
	b := budgetOf(t, Input{Copies: 50, Side: 20 * time.Minute, Settings: album.BudgetSettings{
		Tape: dec(t, "1"), Case: zero, Card: zero, Labels: dec(t, "0.085"), Waste: zero, Labour: dec(t, "12"), Decks: 2, Mastering: dec(t, "120"),
		Costs: []album.Cost{{Name: "stamp ink", Amount: *dec(t, "7.5"), PerRun: true}, {Name: "sticker", Amount: *dec(t, "0.1")}},
	}})
	// 50 + 50 x 0.085 + 120 + 7.50 + 50 x 0.10 + 16 2/3 h x 12
	if want := Money(50_00 + 4_25 + 120_00 + 7_50 + 5_00 + 200_00); b.Run.Total != want {
		t.Errorf("total %d, want %d", b.Run.Total, want)
	}
	var lines Money
	for _, l := range append(b.PerCopy, b.PerRun...) {
		lines += l.Total
	}
	if lines != b.Run.Total {
		t.Errorf("lines add up to %d of %d", lines, b.Run.Total)
	}
	if first, last := b.Sizes[0], b.Sizes[len(b.Sizes)-1]; first.Copies != 10 || last.Copies != 500 || first.PerCopy <= last.PerCopy {
		t.Errorf("sizes %+v", b.Sizes)
	}
}

func TestDuplicator(t *testing.T) {
	b := budgetOf(t, Input{Copies: 100, Proofs: 5, Side: time.Hour / 3, Settings: album.BudgetSettings{Dubbing: dec(t, "2.50"), Setup: dec(t, "45"), Labour: dec(t, "50")}})
	if b.Dubbing != nil || b.Run.Made != 105 || b.Run.Total != 105*2_50+45_00 {
		t.Errorf("run: %+v", b.Run)
	}
	if d := b.Delivery; d == nil || d.Least != 90 || d.Most != 110 || d.Highest-d.Lowest != 20*2_50 {
		t.Errorf("delivery: %+v", d)
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		in   Input
		kind error
	}{
		"currency":     {Input{Settings: album.BudgetSettings{Currency: "XXQ"}}, ErrCurrency},
		"no defaults":  {Input{Settings: album.BudgetSettings{Currency: "JPY"}}, ErrSettings},
		"finer":        {Input{Settings: album.BudgetSettings{Price: dec(t, "9.995")}}, ErrSettings},
		"copies":       {Input{Copies: -1}, ErrSettings},
		"side":         {Input{Side: 25 * time.Hour}, ErrSettings},
		"way twice":    {Input{Settings: album.BudgetSettings{Ways: []album.SaleWay{{Name: "x"}, {Name: "X"}}}}, ErrSettings},
		"finer by way": {Input{Settings: album.BudgetSettings{Ways: []album.SaleWay{{Name: "x", Price: dec(t, "1.001")}}}}, ErrSettings},
	} {
		if b, err := New(c.in); b != nil || !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestYen(t *testing.T) {
	b := budgetOf(t, Input{Copies: 30, Settings: album.BudgetSettings{Currency: "jpy", Price: dec(t, "1500"), Tape: dec(t, "180.5")}})
	if b.Run.Total != 5776 || b.Money(b.Run.Total) != "¥5,776" /* 32 made */ || b.Ways[0].Keeps != 1500 {
		t.Errorf("%+v", b)
	}
}

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		code string
		m    Money
		want string
	}{{"USD", 941, "$9.41"}, {"usd", -5, "-$0.05"}, {"EUR", 123456789, "€1,234,567.89"}, {"CHF", 100, "1.00 CHF"}, {"JPY", 1500, "¥1,500"}, {"", 100_00, "$100.00"}} {
		currency, err := FindCurrency(c.code)
		if err != nil {
			t.Fatal(err)
		}
		if got := currency.Format(c.m); got != c.want {
			t.Errorf("%s %d is %q, want %q", c.code, c.m, got, c.want)
		}
	}
}

// Whatever the settings: the parts of a price add up to it, the break-even is the first
// copy count that pays, lines add up to totals, and a larger run never costs more a copy by more than rounding.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		amount := func(name string, most int64) *album.Decimal {
			d := album.Decimal(rapid.Int64Range(0, most).Draw(r, name)) * album.One / 1000
			return &d
		}
		price := album.Decimal(rapid.Int64Range(1, 100_00).Draw(r, "price")) * album.One / 100
		s := album.BudgetSettings{
			Price: &price, Tape: amount("tape", 20_000), Case: amount("case", 5_000), Mastering: amount("mastering", 2_000_000),
			Labour: amount("labour", 100_000), Waste: amount("waste", 100_000), PostageFee: amount("postage", 20_000),
			Ways: []album.SaleWay{{Name: "w", Platform: amount("platform", 100_000), Processor: amount("processor", 20_000)}},
		}
		b, err := New(Input{Settings: s, Copies: rapid.IntRange(1, 5000).Draw(r, "copies"), Proofs: rapid.IntRange(0, 20).Draw(r, "proofs"), Side: 23 * time.Minute})
		if err != nil {
			r.Fatal(err)
		}
		var lines Money
		for _, l := range b.PerCopy {
			lines += l.Total
		}
		for _, l := range b.PerRun {
			lines += l.Total
		}
		if lines != b.Run.Total {
			r.Fatalf("lines add up to %d of %d", lines, b.Run.Total)
		}
		for i, w := range b.Ways {
			if w.Price-w.Platform-w.Processor-w.Posting+w.Charged != w.Keeps {
				r.Fatalf("parts of the price: %+v", w)
			}
			n := b.Run.Ways[i].BreakEven
			if w.Keeps <= 0 {
				if n != 0 {
					r.Fatalf("break-even %d with nothing kept", n)
				}
				continue
			}
			if now, _ := b.Earned(i, n); now < 0 {
				r.Fatalf("%d copies do not pay", n)
			}
			if before, _ := b.Earned(i, n-1); n > 0 && before >= 0 {
				r.Fatalf("%d copies pay already", n-1)
			}
		}
	})
}

func example(t testing.TB) *Budget {
	return budgetOf(t, Input{Copies: 60, Proofs: 3, Side: 23 * time.Minute, Settings: album.BudgetSettings{
		Price: dec(t, "9"), Mastering: dec(t, "80"), ArtistShare: dec(t, "50"),
		Ways: []album.SaleWay{{Name: "club <night>", Price: dec(t, "8"), Platform: dec(t, "20")}},
	}})
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update writes it anew):\n%s", path, got)
	}
}

func TestText(t *testing.T) {
	b := example(t)
	for _, width := range []int{1, 48, 60, 80, 120} {
		var out bytes.Buffer
		if err := b.WriteText(&out, width); err != nil {
			t.Fatal(err)
		}
		if width == 48 || width == 80 {
			golden(t, fmt.Sprintf("budget-%d.txt", width), out.Bytes())
		}
		width = max(width, 48)
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns in a width of %d: %s", n, width, line)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	out, err := json.MarshalIndent(example(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "budget.json", append(out, '\n'))
}

func TestPlot(t *testing.T) {
	zero, hundred := dec(t, "0"), dec(t, "100")
	for name, b := range map[string]*Budget{
		"example": example(t),
		"free":    budgetOf(t, Input{Copies: 1, Settings: album.BudgetSettings{Tape: zero, Case: zero, Card: zero, Labels: zero}}),
		"loss":    budgetOf(t, Input{Copies: 3, Settings: album.BudgetSettings{Price: zero, Ways: []album.SaleWay{{Name: "all gone", Platform: hundred}}}}),
		"big":     budgetOf(t, Input{Copies: 1_000_000}),
	} {
		var out bytes.Buffer
		if err := b.PlotSVG(&out); err != nil {
			t.Fatal(err)
		}
		if name == "example" {
			golden(t, "budget.svg", out.Bytes())
		}
		if strings.Contains(out.String(), "NaN") || strings.Contains(out.String(), "Inf") || out.Len() > 40_000 {
			t.Errorf("%s: plot of %d bytes:\n%.2000s", name, out.Len(), out.String())
		}
		for d := xml.NewDecoder(&out); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}
