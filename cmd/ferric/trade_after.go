package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"ferric/trade"
	"ferric/trade/wantlist"
)

// resultFile is a round's results: ours, or text in the familiar layout.
type resultFile struct {
	own  *wantlist.Result
	text io.Reader
}

func readResult(name string) (*resultFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, wantlist.MaxSize+1))
	if err != nil {
		return nil, err
	}
	if !wantlist.IsResult(data) {
		return &resultFile{text: bytes.NewReader(data)}, nil
	}
	own, err := wantlist.ParseResult(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &resultFile{own: own}, nil
}

// settled is a round with its results, verified.
type settled struct {
	round   *wantlist.Round
	names   *wantlist.Problem
	problem *trade.Problem // of the round, less what dropped out before these results
	without []string       // what that is
	answer  *trade.Answer
	options trade.Options
}

// settled reads a round and its results of either kind.
func (f policyFlags) settled(file, result string, in io.Reader) (*settled, error) {
	r, p, err := readRound(file, in)
	if err != nil {
		return nil, err
	}
	o, err := f.options(r)
	if err != nil {
		return nil, err
	}
	res, err := readResult(result)
	if err != nil {
		return nil, err
	}
	s := &settled{round: r, names: p, problem: &p.Problem, options: o}
	if res.own != nil {
		s.without = res.own.Without
		s.answer, s.problem, err = res.own.Answer(r, p)
	} else {
		var moves []trade.Move
		if moves, err = wantlist.ReadResults(res.text, r, p); err == nil {
			s.answer, err = trade.Arrange(s.problem, o.Policy, moves)
		}
	}
	if err == nil {
		err = trade.Verify(s.problem, s.answer)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", result, err)
	}
	return s, nil
}

type tradeExplainCmd struct {
	File   string   `arg:"" help:"The round." type:"existingfile"`
	Result string   `arg:"" help:"Its results." type:"existingfile"`
	Of     []string `arg:"" optional:"" help:"Items or people to explain; all that did not trade without any."`
	policyFlags
	JSON bool `name:"json" help:"Answer as JSON."`
}

func (c *tradeExplainCmd) Help() string {
	return "Computed from the round and its results, not guessed: nobody wants it; it stands outside every circle, and which " +
		"items its wants can reach; or all who want it got something better."
}

// explained is one item's reason, by names.
type explained struct {
	User        string   `json:"user,omitempty"`
	Item        string   `json:"item"`
	Traded      bool     `json:"traded"`
	Why         string   `json:"why"`
	Always      bool     `json:"in_every_maximum"`
	Wanters     []string `json:"wanted_for"`
	Component   int      `json:"items_it_can_circle_with"`
	Reaches     int      `json:"reaches"`
	ReachedFrom int      `json:"reached_from"`
	Cost        int64    `json:"tapes_lost_if_forced"`
}

func (c *tradeExplainCmd) Run(ctx context.Context, in io.Reader, t *terminal) error {
	s, err := c.settled(c.File, c.Result, in)
	if err != nil {
		return err
	}
	r, p := s.round, s.names
	e, err := trade.Explain(ctx, s.problem, s.answer)
	if err != nil {
		return err
	}
	picked, err := pickItems(r, p, c.Of)
	if err != nil {
		return err
	}
	var out []explained
	for _, i := range picked {
		reason := e.Item(i)
		if len(c.Of) == 0 && reason.Why == trade.Traded {
			continue
		}
		it := r.Items[p.Items[i]]
		x := explained{Item: it.Name, Traded: reason.Why == trade.Traded, Why: reason.Why.String(), Always: reason.Always,
			Component: reason.Component, Reaches: reason.Reaches, ReachedFrom: reason.ReachedFrom, Cost: reason.Cost, Wanters: []string{}}
		if it.User >= 0 {
			x.User = r.Users[it.User]
		}
		for _, w := range reason.Wanters {
			line := r.Items[p.Items[w.Item]].Name + " got nothing"
			if w.Got >= 0 {
				line = fmt.Sprintf("%s got %s (rank %d, this was %d)", r.Items[p.Items[w.Item]].Name, r.Items[p.Items[w.Got]].Name, w.GotRank, w.Rank)
			}
			x.Wanters = append(x.Wanters, line)
		}
		out = append(out, x)
	}
	if c.JSON {
		if out == nil {
			out = []explained{}
		}
		return json.NewEncoder(t.out).Encode(out)
	}
	for _, x := range out {
		head := x.Item
		if x.User != "" {
			head = "(" + x.User + ") " + x.Item
		}
		t.say("%s: %s", t.bold(head), x.Why)
		switch {
		case x.Component > 0 && !x.Traded:
			t.say("  It can share a circle with %d items.", x.Component-1)
		case x.Why == trade.Outside.String():
			t.say("  Its wants lead to %d items, %d items lead to it, and none are in both.", x.Reaches, x.ReachedFrom)
		}
		if x.Cost > 0 {
			t.say("  To trade it all the same would cost %d.", x.Cost)
		}
		for i, w := range x.Wanters {
			if i == 8 {
				t.say("  and %d more who want it", len(x.Wanters)-i)
				break
			}
			t.say("  wanted for %s", w)
		}
	}
	return nil
}

// pickItems finds real items by their own name or their owner's; all of them for no names, sorted by name.
func pickItems(r *wantlist.Round, p *wantlist.Problem, names []string) ([]int32, error) {
	known := make([]bool, len(names))
	var out []int32
	for i, ri := range p.Items {
		it := r.Items[ri]
		if it.Dummy {
			continue
		}
		if len(names) == 0 {
			out = append(out, int32(i))
			continue
		}
		picked := false
		for k, n := range names {
			n = strings.Join(strings.Fields(n), " ")
			if !r.Options.CaseSensitive {
				n = strings.ToUpper(n)
			}
			if n == it.Name || it.User >= 0 && (n == r.Users[it.User] || n == "("+r.Users[it.User]+")") {
				picked, known[k] = true, true
			}
		}
		if picked {
			out = append(out, int32(i))
		}
	}
	if k := slices.Index(known, false); k >= 0 {
		return nil, fmt.Errorf("%w: no item or person of the round is called %s", errUsage, names[k])
	}
	slices.SortFunc(out, func(x, y int32) int { return strings.Compare(r.Items[p.Items[x]].Name, r.Items[p.Items[y]].Name) })
	return out, nil
}

type tradeRepairCmd struct {
	File   string   `arg:"" help:"The round." type:"existingfile"`
	Result string   `arg:"" help:"Its results." type:"existingfile"`
	Gone   []string `help:"Items or people that dropped out." required:"" placeholder:"NAME"`
	Keep   string   `help:"What to leave alone: most keeps the number of trades as high as it can be and then changes the fewest; circles leaves every unharmed circle as it is." enum:"most,circles" default:"most"`
	policyFlags
	JSON bool `name:"json" help:"Write the mended results as JSON. They belong to the round without what is gone, and say so."`
}

func (c *tradeRepairCmd) Run(ctx context.Context, in io.Reader, t *terminal) error {
	s, err := c.settled(c.File, c.Result, in)
	if err != nil {
		return err
	}
	r, p, a := s.round, s.names, s.answer
	gone, err := pickItems(r, p, c.Gone)
	if err != nil {
		return err
	}
	keep := trade.KeepMost
	if c.Keep == "circles" {
		keep = trade.KeepCircles
	}
	repaired, err := trade.Repair(ctx, s.problem, a, gone, keep, s.options)
	if err != nil {
		return err
	}
	mended, ch := repaired.Answer, repaired.Changes
	fmt.Fprintf(t.err, "%d tapes traded, %d before. %d get what they got, %d get something else, %d lose theirs, %d gain one.\n",
		mended.Trades, a.Trades, len(ch.Same), len(ch.Other), len(ch.Dropped), len(ch.Joined))
	if c.JSON {
		res := wantlist.NewResult(r, p, mended, "ferric "+version)
		res.Without = s.without
		for _, i := range gone {
			if name := r.Items[p.Items[i]].Name; !slices.Contains(s.without, name) {
				res.Without = append(res.Without, name)
			}
		}
		return json.NewEncoder(t.out).Encode(res)
	}
	proof := append(wantlist.ProofLines(r, mended), "Repaired without: "+strings.Join(c.Gone, ", "))
	if keep == trade.KeepMost && repaired.Proof.Proven.Trades {
		proof = append(proof, fmt.Sprintf("Trades: %d, the best possible without them (proven)", mended.Trades))
	}
	return wantlist.WriteResults(t.out, r, p, mended, wantlist.Header{Program: "Ferric " + version, Proof: proof})
}
