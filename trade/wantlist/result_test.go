package wantlist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"ferric/trade"
)

const square = "#! ALLOW-DUMMIES\n(ann) a : %one\n(ann) %one : b c\n(bo) b : c ; a\n(cy) c : a b\n(cy) late : a\n"

func solved(t testing.TB, text string) (*Round, *Problem, *trade.Answer) {
	t.Helper()
	r, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p := r.Problem()
	a, err := trade.Solve(context.Background(), &p.Problem, trade.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r, p, a
}

func TestResultRoundTrip(t *testing.T) {
	r, p, a := solved(t, square)
	data, err := json.Marshal(NewResult(r, p, a, "test"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := ParseResult(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	back, problem, err := res.Answer(r, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := trade.Verify(problem, back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Circles, a.Circles) || back.Trades != 3 {
		t.Errorf("got %+v, want %+v", back.Circles, a.Circles)
	}
	if _, _, err := res.Answer(read(t, strings.Replace(square, "b : c ; a", "b : a c", 1)), p); !errors.Is(err, ErrOtherRound) {
		t.Errorf("another round: %v", err)
	}
}

// TestNoFigureCanBeChanged turns every number and name of a result into another one: none passes for the real thing.
func TestNoFigureCanBeChanged(t *testing.T) {
	r, p, a := solved(t, square)
	data, err := json.Marshal(NewResult(r, p, a, "test"))
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	tried := 0
	var walk func(v any, path string, set func(any))
	try := func(path string, set func(any), old, new any) {
		set(new)
		defer set(old)
		changed, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		tried++
		res, err := ParseResult(bytes.NewReader(changed))
		if err != nil {
			return
		}
		back, problem, err := res.Answer(r, p)
		if err != nil {
			return
		}
		if trade.Verify(problem, back) == nil {
			t.Errorf("%s: %v changed to %v and still verifies", path, old, new)
		}
	}
	walk = func(v any, path string, set func(any)) {
		switch x := v.(type) {
		case map[string]any:
			for k, v := range x {
				if path == "" && k == "tool" { // what nothing follows from
					continue
				}
				walk(v, path+"."+k, func(n any) { x[k] = n })
			}
		case []any:
			for i, v := range x {
				walk(v, path, func(n any) { x[i] = n })
			}
		case json.Number:
			n, _ := x.Int64()
			try(path, set, v, json.Number(json.Number(strings.TrimSpace(jsonInt(n+1)))))
		case bool:
			try(path, set, v, !x)
		case string:
			try(path, set, v, x+"X")
		}
	}
	walk(tree, "", func(any) {})
	if tried < 40 {
		t.Errorf("only %d changes tried", tried)
	}
}

func jsonInt(n int64) string { b, _ := json.Marshal(n); return string(b) }

func TestResultsLayout(t *testing.T) {
	r, p, a := solved(t, square)
	var b bytes.Buffer
	if err := WriteResults(&b, r, p, a, Header{Program: "Ferric test"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"TRADE LOOPS (3 total trades):", "(ANN) A   receives (BO) B\n", "ITEM SUMMARY (3 total trades):",
		"(ANN) A   receives (BO) B    and sends to (CY) C\n", "does not trade\n", "Num trades  = 3 of 4 items (75.0%)\n", "Group sizes = 3\n", "Sum squares = 9\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	moves, err := ReadResults(&b, r, p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := trade.Arrange(&p.Problem, trade.Policy{}, moves)
	if err != nil {
		t.Fatal(err)
	}
	if back.Trades != a.Trades || back.RankTotal != a.RankTotal {
		t.Errorf("read back %d trades at %d, want %d at %d", back.Trades, back.RankTotal, a.Trades, a.RankTotal)
	}
}

func FuzzParseResult(f *testing.F) {
	r, p, a := solved(f, square)
	data, _ := json.Marshal(NewResult(r, p, a, "test"))
	f.Add(data)
	f.Add([]byte(`{"schema":"ferric.trade/1","circles":[[{"item":"a"}]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := ParseResult(bytes.NewReader(data))
		if err != nil {
			return
		}
		back, problem, err := res.Answer(r, p)
		if err != nil {
			return
		}
		if trade.Verify(problem, back) == nil && back.Trades != a.Trades {
			t.Fatalf("%d trades verify, %d are possible", back.Trades, a.Trades)
		}
	})
}

// TestReadResults reads what other programs write, and does not believe what cannot be.
func TestReadResults(t *testing.T) {
	r := read(t, "(ann lee) a : b\n(bo) b : c ; a\n(cy) c : a b\n(cy) late : a\n")
	p := r.Problem()
	const loops = "TradeMaximizer Version 1.3c\nOptions: X\n\n[ 9 : 3 ]\nTRADE LOOPS (3 total trades):\r\n\r\n(ANN LEE) A   receives (BO) B\n(BO) B        receives (CY) C\n(CY) C        receives (ANN LEE) A\n\n"
	const summary = "ITEM SUMMARY (3 total trades):\n\n(ANN LEE) A   receives (BO) B        and sends to (CY) C\n(BO) B        receives (CY) C        and sends to (ANN LEE) A\n(CY) C        receives (ANN LEE) A   and sends to (BO) B\n(CY) LATE                 does not trade\n\n"
	const stats = "Num trades  = 3 of 4 items (75.0%)\nTotal cost  = 3 (avg 1.00)\n"
	for _, text := range []string{loops + summary + stats, loops + stats, summary + stats, loops, summary,
		strings.ReplaceAll(loops, "(ANN LEE) A ", "A (Ann  Lee) ")} {
		if moves, err := ReadResults(strings.NewReader(text), r, p); err != nil || len(moves) != 3 {
			t.Errorf("%q: %v, %d moves", text, err, len(moves))
		}
	}
	for _, c := range []struct{ text, old, new string }{
		{loops, "(BO) B   ", "(CY) B   "}, // not its owner
		{loops, "(CY) C   ", "(CY) D   "}, // not in the round
		{loops, "(3 ", "(4 "},
		{stats, "= 3", "= 4"},
		{summary, "sends to (CY) C", "sends to (BO) B"},
		{summary, "                 does not trade", " receives (BO) B and sends to (BO) B"},
		{summary, "(CY) C        receives (ANN LEE) A   and sends to (BO) B", "(CY) C   does not trade"},
		{loops, "(BO) B        receives (CY) C\n", ""},
		{summary, "(BO) B        receives (CY) C        and sends to (ANN LEE) A\n", ""},
	} {
		text := strings.Replace(loops+summary+stats, c.text, strings.Replace(c.text, c.old, c.new, 1), 1)
		if _, err := ReadResults(strings.NewReader(text), r, p); !errors.Is(err, ErrClaims) {
			t.Errorf("%q to %q: %v", c.old, c.new, err)
		}
	}
	if _, err := ReadResults(strings.NewReader("hello"), r, p); !errors.Is(err, ErrResults) {
		t.Error(err)
	}
}

func TestHiddenStatisticsKeepTheCount(t *testing.T) {
	r, p, a := solved(t, "#! HIDE-STATS HIDE-LOOPS HIDE-SUMMARY SHOW-ELAPSED-TIME SHRINK=2\n(ann) a : b\n(bo) b : a\n")
	var b bytes.Buffer
	if err := WriteResults(&b, r, p, a, Header{Program: "Ferric test"}); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.HasSuffix(s, "\n\nNum trades  = 2 of 2 items (100.0%)\n") {
		t.Errorf("got %q", s)
	}
	if len(r.Options.Idle) != 2 {
		t.Errorf("told of %v", r.Options.Idle)
	}
}

// TestManyMistakesInAnyOrder: more mistakes than are kept are counted, so that the order of lines does not show.
func TestManyMistakesInAnyOrder(t *testing.T) {
	var one, two strings.Builder
	for i := range MaxMistakes + 10 {
		fmt.Fprintf(&one, "x%d : nobody%d\n", i, i)
		fmt.Fprintf(&two, "x%d : nobody%d\n", MaxMistakes+9-i, MaxMistakes+9-i)
	}
	var out [2]bytes.Buffer
	for i, text := range []string{one.String(), two.String()} {
		r, p, a := solved(t, text)
		if err := WriteResults(&out[i], r, p, a, Header{}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(out[0].Bytes(), out[1].Bytes()) || !strings.Contains(out[0].String(), "**** 20010 times unknown-want\n") {
		t.Errorf("got %.300s", out[0].String())
	}
}
