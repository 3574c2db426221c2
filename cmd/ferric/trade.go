package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"ferric/trade"
	"ferric/trade/wantlist"
)

// tradeCmd groups what one does with a round of swaps; a bare file is solved.
type tradeCmd struct {
	Solve   tradeSolveCmd   `cmd:"" default:"withargs" help:"Find the circles in which the most tapes change hands, with a proof."`
	Check   tradeCheckCmd   `cmd:"" help:"Find mistakes in the want lists before a round closes."`
	Verify  tradeVerifyCmd  `cmd:"" help:"Say whether results are valid and whether better ones exist."`
	Explain tradeExplainCmd `cmd:"" help:"Say why items did not trade."`
	Repair  tradeRepairCmd  `cmd:"" help:"Mend results after somebody dropped out, with the fewest changes."`
	Draw    tradeDrawCmd    `cmd:"" help:"Draw the circles as a picture (SVG)."`
	Example tradeExampleCmd `cmd:"" help:"Write a realistic round to try."`
}

// policyFlags are the organiser's decisions.
type policyFlags struct {
	Objective string  `help:"Order of what counts: trades-people-rank, people-trades-rank or trades-rank-people. Default: what the file says, else trades-people-rank." placeholder:"ORDER"`
	MaxCircle int     `help:"Most tapes in one circle; 0 is no limit. With a limit above 2 the answer is the best found, with a bound." placeholder:"N"`
	Seed      *uint64 `help:"Breaks ties. Default: the file's SEED, else a number drawn from the want lists themselves, which nobody chose." placeholder:"N"`
	Effort    int64   `help:"How many steps may be spent on what is not proven; not seconds, so that a run repeats exactly." placeholder:"STEPS"`
}

// policy is the flags over what the file says.
func (f policyFlags) options(r *wantlist.Round) (trade.Options, error) {
	o := trade.Options{Effort: f.Effort}
	o.MaxCircle = f.MaxCircle
	o.NonTradeCost = r.NonTradeCost()
	switch {
	case f.Seed != nil:
		o.Seed = *f.Seed
	case r.Options.SeedSet:
		o.Seed = uint64(r.Options.Seed)
	default:
		o.Seed = wantlist.SeedOf(r.Hash())
	}
	o.Order = r.Order()
	if f.Objective != "" {
		order, err := trade.ParseOrder(f.Objective)
		if err != nil {
			return o, fmt.Errorf("%w: --objective: %w", errUsage, err)
		}
		o.Order = order
	}
	if f.MaxCircle == 1 || f.MaxCircle < 0 {
		return o, fmt.Errorf("%w: --max-circle is 0 or at least 2", errUsage)
	}
	if f.Effort < 0 {
		return o, fmt.Errorf("%w: --effort is a count of steps from 0", errUsage)
	}
	return o, nil
}

type tradeSolveCmd struct {
	File string `arg:"" help:"The round: want lists in the language of math trades; - reads standard input."`
	policyFlags
	JSON bool `name:"json" help:"Write the results as JSON, with the proof." xor:"form"`
	CSV  bool `name:"csv" help:"Write who sends what to whom as CSV." xor:"form"`
}

func (c *tradeSolveCmd) Help() string {
	return `Reads the want-list language completely; an option that is not supported is refused by its name. Mistakes that
the existing programs skip are skipped and told. The number of tapes traded is proven to be the most possible; people
and preferences are proven where the bound meets the best found, which in practice is nearly always.

  ferric trade round.txt > results.txt
  ferric trade round.txt --json > results.json
  ferric trade verify round.txt results.json`
}

func (c *tradeSolveCmd) Run(ctx context.Context, in io.Reader, t *terminal) error {
	r, p, err := readRound(c.File, in)
	if err != nil {
		return err
	}
	o, err := c.options(r)
	if err != nil {
		return err
	}
	for _, i := range r.Options.Idle {
		t.warn(fmt.Sprintf("line %d: %s has no effect here: %s", i.Line, i.Name, i.Why), c.File)
	}
	if n := len(r.Mistakes) + r.Further; n > 0 && (c.JSON || c.CSV) {
		t.warn(fmt.Sprintf("%d %s skipped; ferric trade check lists them", n, plural(n, "mistake was", "mistakes were")), c.File)
	}
	a, err := solveShown(ctx, t, &p.Problem, o)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return json.NewEncoder(t.out).Encode(wantlist.NewResult(r, p, a, "ferric "+version))
	case c.CSV:
		return writeTradeCSV(t.out, r, p, a)
	}
	return wantlist.WriteResults(t.out, r, p, a, wantlist.Header{Program: "Ferric " + version, Proof: wantlist.ProofLines(r, a)})
}

// solveShown solves with the bound and the best shown as they approach each other.
func solveShown(ctx context.Context, t *terminal, p *trade.Problem, o trade.Options) (*trade.Answer, error) {
	bar := t.progress()
	defer bar.close()
	o.Progress = func(g trade.Progress) {
		share := 1.0
		if g.Best != g.Bound {
			share = float64(min(g.Best, g.Bound)) / float64(max(g.Best, g.Bound, 1))
		}
		bar.set(fmt.Sprintf("%s %d of %d", g.Objective, g.Best, g.Bound), share)
	}
	return trade.Solve(ctx, p, o)
}

// readRound reads a round from a file or from standard input.
func readRound(name string, in io.Reader) (*wantlist.Round, *wantlist.Problem, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		defer f.Close()
		spare(f)
		in = f
	}
	r, err := wantlist.Read(in)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, r.Problem(), nil
}

// spare sets how much garbage may lie about: a round of usual size is solved
// sooner than it is worth tidying up, a huge one has to leave room for others.
func spare(f *os.File) {
	const huge = 8 << 20 // bytes of want lists
	if info, err := f.Stat(); err == nil && info.Size() > huge {
		debug.SetGCPercent(25)
	} else {
		debug.SetGCPercent(300)
	}
}

func writeTradeCSV(w io.Writer, r *wantlist.Round, p *wantlist.Problem, a *trade.Answer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"circle", "sender", "item", "title", "recipient", "for_item"})
	name := func(i int32) wantlist.Item { return r.Items[p.Items[i]] }
	user := func(i int32) string {
		if u := name(i).User; u >= 0 {
			return r.Users[u]
		}
		return ""
	}
	for n, c := range a.Circles {
		for _, m := range c.Moves {
			out.Write([]string{fmt.Sprint(n + 1), cell(user(m.Gets)), cell(name(m.Gets).Name), cell(plainTitle(name(m.Gets).Title)), cell(user(m.Item)), cell(name(m.Item).Name)})
		}
	}
	out.Flush()
	return out.Error()
}

// plainTitle is an official name's text without the arrow that usually leads to it.
func plainTitle(s string) string { return strings.TrimSpace(strings.TrimPrefix(s, "==>")) }

// cell keeps a spreadsheet from taking somebody's text for a formula.
func cell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}

type tradeVerifyCmd struct {
	File   string `arg:"" help:"The round." type:"existingfile"`
	Result string `arg:"" help:"Its results: ours as JSON, or any program's in the familiar layout." type:"existingfile"`
	policyFlags
	JSON bool `name:"json" help:"Answer as JSON."`
}

func (c *tradeVerifyCmd) Help() string {
	return `Results as JSON are checked against their own proof, in time linear in the round. Results in the familiar
layout carry no proof; the round is then solved again and the two are compared. Nobody has to trust the organiser.
Exit code 0 when the results are valid and no better ones exist, 3 when they are not.`
}

// verdict is what verify says, in both forms.
type verdict struct {
	Valid  bool   `json:"valid"`
	Fault  string `json:"fault,omitempty"`
	Tapes  int    `json:"tapes_traded"`
	People int    `json:"people_trading"`
	Rank   int64  `json:"rank_total"`
	// The best possible, as proven here.
	TapesBest  int64           `json:"trades_bound"`
	PeopleBest int             `json:"people_bound"`
	RankBest   int64           `json:"rank_bound"`
	Proven     wantlist.Proven `json:"proven"`
	Optimal    string          `json:"optimal"` // "yes", "no" or "unknown"
	Proof      string          `json:"proof"`   // "certificate" or "solved again"
	reached    wantlist.Proven // the best possible is known to be possible, not only a bound
}

func (c *tradeVerifyCmd) Run(ctx context.Context, in io.Reader, t *terminal) error {
	r, p, err := readRound(c.File, in)
	if err != nil {
		return err
	}
	v, err := c.verify(ctx, t, r, p)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(t.out).Encode(v); err != nil {
			return err
		}
	} else {
		v.say(t, r)
	}
	if !v.Valid || v.Optimal == "no" {
		return errors.Join(errSaid, errFound)
	}
	return nil
}

func (c *tradeVerifyCmd) verify(ctx context.Context, t *terminal, r *wantlist.Round, p *wantlist.Problem) (*verdict, error) {
	data, err := readResult(c.Result)
	if err != nil {
		return nil, err
	}
	if data.own != nil {
		v := &verdict{Proof: "certificate", Tapes: data.own.TapesTraded, People: data.own.PeopleTrading, Rank: data.own.RankTotal,
			TapesBest: data.own.TradesBound, PeopleBest: data.own.PeopleBound, RankBest: data.own.RankBound, Proven: data.own.Proven}
		a, problem, err := data.own.Answer(r, p)
		if errors.Is(err, wantlist.ErrOtherRound) {
			return nil, fmt.Errorf("%s: %w", c.Result, err)
		}
		if err == nil {
			err = trade.Verify(problem, a)
		}
		if err != nil {
			v.Fault, v.Optimal = err.Error(), "no"
			return v, nil
		}
		v.Valid, v.Optimal = true, "unknown"
		if a.Certificate != nil && a.Proven.Trades && a.Proven.People && a.Proven.Rank {
			v.Optimal = "yes"
		}
		return v, nil
	}
	return c.judge(ctx, t, r, p, data.text)
}

// judge solves the round again to compare results that carry no proof.
func (c *tradeVerifyCmd) judge(ctx context.Context, t *terminal, r *wantlist.Round, p *wantlist.Problem, text io.Reader) (*verdict, error) {
	o, err := c.options(r)
	if err != nil {
		return nil, err
	}
	v := &verdict{Proof: "solved again", Optimal: "no"}
	moves, err := wantlist.ReadResults(text, r, p)
	if errors.Is(err, wantlist.ErrClaims) {
		v.Fault = err.Error()
		return v, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Result, err)
	}
	a, err := trade.Arrange(&p.Problem, o.Policy, moves)
	if err != nil {
		v.Fault = err.Error()
		return v, nil
	}
	j, err := trade.Judge(ctx, &p.Problem, a, o)
	if err != nil {
		return nil, err
	}
	v.Tapes, v.People, v.Rank = j.Answer.Trades, j.Answer.People, j.Answer.RankTotal
	if j.Fault != nil {
		v.Fault = j.Fault.Error()
		return v, nil
	}
	v.Valid, v.reached = true, wantlist.Proven(j.Best.Proven)
	v.TapesBest, v.PeopleBest, v.RankBest = j.Best.WeightBound, j.Best.PeopleBound, j.Best.RankBound
	v.Proven = wantlist.Proven{Trades: j.Trades == trade.Optimal, People: j.People == trade.Optimal, Rank: j.Rank == trade.Optimal}
	switch {
	case v.Proven.Trades && v.Proven.People && v.Proven.Rank:
		v.Optimal = "yes"
	case j.Trades == trade.Unknown || j.Trades == trade.Optimal && j.People == trade.Unknown || j.People == trade.Optimal && j.Rank == trade.Unknown:
		v.Optimal = "unknown"
	}
	return v, nil
}

func (v *verdict) say(t *terminal, r *wantlist.Round) {
	if !v.Valid {
		t.say("%s: %s", t.bad("Not valid"), v.Fault)
		return
	}
	t.say("%s: every swap was wanted, nothing moves twice, every circle closes.", t.good("Valid"))
	line := func(what string, has, best int64, proven, reached bool, side string) {
		switch {
		case proven:
			t.say("  %-18s %8d   the best possible, proven", what, has)
		case has == best:
			t.say("  %-18s %8d   as good as the best", what, has)
		case reached:
			t.say("  %-18s %8d   the best possible is %d", what, has, best)
		case best == 0:
			t.say("  %-18s %8d   the best possible is not known", what, has)
		default:
			t.say("  %-18s %8d   the best possible is not %s %d", what, has, side, best)
		}
	}
	line("tapes traded", int64(v.Tapes), v.TapesBest, v.Proven.Trades, v.reached.Trades, "above")
	line("people trading", int64(v.People), int64(v.PeopleBest), v.Proven.People, v.reached.People, "above")
	line("sum of ranks", v.Rank, v.RankBest, v.Proven.Rank, v.reached.Rank, "under")
	switch v.Optimal {
	case "yes":
		t.say("No other arrangement is better (%s).", v.Proof)
	case "no":
		t.say("%s (%s).", t.care("Better results exist"), v.Proof)
	default:
		t.say("Whether better results exist is not proven (%s).", v.Proof)
	}
}
