package wantlist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"ferric/trade"
)

// ResultSchema names the form of Result.
const ResultSchema = "ferric.trade/1"

// Result is an answer as JSON, by names, with its proof. docs/formats/trade.md describes every field.
type Result struct {
	Schema        string       `json:"schema"`
	Tool          string       `json:"tool"`
	InputSHA256   string       `json:"input_sha256"`      // of the canonical form, see Round.Hash
	Without       []string     `json:"without,omitempty"` // items of people who dropped out
	Objective     string       `json:"objective"`
	MaxCircle     int          `json:"max_circle"`
	NonTradeCost  int64        `json:"non_trade_cost"`
	Seed          uint64       `json:"seed"`
	Items         int          `json:"items"`
	People        int          `json:"people"`
	TapesTraded   int          `json:"tapes_traded"`
	Weight        int64        `json:"weight"` // equals tapes_traded where no weights are set
	TradesBound   int64        `json:"trades_bound"`
	TradesForgone int64        `json:"trades_forgone"`
	TradesMost    int64        `json:"trades_most"`
	PeopleTrading int          `json:"people_trading"`
	PeopleBound   int          `json:"people_bound"`
	RankTotal     int64        `json:"rank_total"`
	RankBound     int64        `json:"rank_bound"`
	Cost          int64        `json:"cost,omitempty"`
	CostBound     int64        `json:"cost_bound,omitempty"`
	Proven        Proven       `json:"proven"`
	Longest       int          `json:"longest_circle"`
	Squares       int64        `json:"sum_of_squares"`
	Steps         int64        `json:"steps"`
	Circles       [][]Move     `json:"circles"`
	Digest        string       `json:"digest,omitempty"` // SHA-256 over the answer: who sees the same digest sees the same answer
	Certificate   *Certificate `json:"certificate,omitempty"`
}

// Proven says of each objective whether nothing better exists.
type Proven struct {
	Trades bool `json:"trades"`
	People bool `json:"people"`
	Rank   bool `json:"rank"`
}

// Move is one swap of a circle: User gives Item and gets Gets from From, over the user's dummies Via.
type Move struct {
	User string   `json:"user,omitempty"`
	Item string   `json:"item"`
	Via  []string `json:"via,omitempty"`
	Gets string   `json:"gets"`
	From string   `json:"from,omitempty"`
}

// Certificate is trade.Certificate with names.
type Certificate struct {
	Stages []Stage `json:"stages"`
	Capped *Capped `json:"capped,omitempty"`
}

// Capped is trade.Capped as JSON.
type Capped struct {
	Effort int64 `json:"effort"`
	Listed bool  `json:"all_circles_listed"`
	Closed bool  `json:"all_choices_weighed"`
	Weight int64 `json:"weight_bound"`
	People int   `json:"people_bound"`
	Rank   int64 `json:"rank_bound"`
}

// Stage is trade.Stage as JSON; see there for what the prices prove.
type Stage struct {
	Objective  string   `json:"objective"`
	Scale      int64    `json:"scale"`
	Receive    []int64  `json:"receive"`
	Send       []int64  `json:"send"`
	Toll       []int64  `json:"toll,omitempty"`
	WeightToll []int64  `json:"weight_toll,omitempty"`
	Branches   []Branch `json:"branches,omitempty"`
	Bound      int64    `json:"bound"`
}

// Branch is trade.Branch as JSON; Fixed is the places fixed from the root of the tree down, -1-place for one that stays at home.
type Branch struct {
	Part       int32   `json:"part"`
	Fixed      []int32 `json:"fixed"`
	Force      int64   `json:"force,omitempty"`
	Receive    []int64 `json:"receive"`
	Send       []int64 `json:"send"`
	Toll       []int64 `json:"toll,omitempty"`
	WeightToll int64   `json:"weight_toll,omitempty"`
}

func newBranch(b trade.Branch) Branch {
	out := Branch{b.Part, make([]int32, len(b.Fixed)), b.Force, b.Receive, b.Send, b.Toll, b.WeightToll}
	for i, f := range b.Fixed {
		out.Fixed[i] = f.Place
		if f.Stay {
			out.Fixed[i] = -1 - f.Place
		}
	}
	return out
}

func (b Branch) trade() trade.Branch {
	out := trade.Branch{Part: b.Part, Fixed: make([]trade.Fix, len(b.Fixed)), Force: b.Force, Receive: b.Receive, Send: b.Send, Toll: b.Toll, WeightToll: b.WeightToll}
	for i, place := range b.Fixed {
		out.Fixed[i] = trade.Fix{Place: place}
		if place < 0 {
			out.Fixed[i] = trade.Fix{Place: -1 - place, Stay: true}
		}
	}
	return out
}

// NewResult puts an answer into names.
func NewResult(r *Round, p *Problem, a *trade.Answer, tool string) *Result {
	res := &Result{
		Schema: ResultSchema, Tool: tool, InputSHA256: r.Hash(),
		Objective: a.Policy.Order.String(), MaxCircle: a.Policy.MaxCircle, NonTradeCost: a.Policy.NonTradeCost, Seed: a.Policy.Seed,
		People: len(p.Users), TapesTraded: a.Trades, Weight: a.Weight, TradesBound: a.WeightBound, TradesForgone: a.TradesForgone, TradesMost: a.WeightMost,
		PeopleTrading: a.People, PeopleBound: a.PeopleBound, RankTotal: a.RankTotal, RankBound: a.RankBound,
		Cost: a.Cost, CostBound: a.CostBound,
		Proven:  Proven{a.Proven.Trades, a.Proven.People, a.Proven.Rank},
		Longest: a.Longest, Squares: a.Squares, Steps: a.Steps, Digest: a.Digest,
		Circles: make([][]Move, 0, len(a.Circles)),
	}
	name := func(i int32) string { return r.Items[p.Items[i]].Name }
	user := func(i int32) string { return r.userName(r.Items[p.Items[i]].User) }
	res.Items = p.real()
	for _, c := range a.Circles {
		moves := make([]Move, len(c.Moves))
		for i, m := range c.Moves {
			moves[i] = Move{User: user(m.Item), Item: name(m.Item), Gets: name(m.Gets), From: user(m.Gets)}
			for _, v := range m.Via {
				moves[i].Via = append(moves[i].Via, name(v))
			}
		}
		res.Circles = append(res.Circles, moves)
	}
	if c := a.Certificate; c != nil {
		res.Certificate = &Certificate{}
		for _, s := range c.Stages {
			stage := Stage{Objective: s.Objective.String(), Scale: s.Scale, Receive: s.Receive, Send: s.Send, Toll: s.Toll, WeightToll: s.WeightToll, Bound: s.Bound}
			for _, b := range s.Branches {
				stage.Branches = append(stage.Branches, newBranch(b))
			}
			res.Certificate.Stages = append(res.Certificate.Stages, stage)
		}
		if c.Capped != nil {
			res.Certificate.Capped = ptr(Capped(*c.Capped))
		}
	}
	return res
}

// IsResult says whether a text is JSON, by its first character.
func IsResult(data []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }

// ParseResult reads a Result. The error is of ErrResults.
func ParseResult(src io.Reader) (*Result, error) {
	data, err := io.ReadAll(io.LimitReader(src, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%w: larger than %d MB", ErrResults, MaxSize>>20)
	}
	var head struct{ Schema string }
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResults, err)
	}
	if head.Schema != ResultSchema {
		return nil, fmt.Errorf("%w: its schema is %.40q, this version reads %q", ErrResults, head.Schema, ResultSchema)
	}
	var res Result
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&res); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResults, err)
	}
	return &res, nil
}

// ErrOtherRound says that a result belongs to another round than the one at hand.
var ErrOtherRound = errors.New("the result is of another round")

// Answer turns a result back into the engine's terms, to be verified against
// the problem that it returns: the round's, less what dropped out. The error is of ErrResults, ErrClaims or ErrOtherRound; whether the answer is any good is trade.Verify's to say.
func (res *Result) Answer(r *Round, p *Problem) (*trade.Answer, *trade.Problem, error) {
	if h := r.Hash(); res.InputSHA256 != h {
		return nil, nil, fmt.Errorf("%w: it was made from %.12s…, this file is %.12s…", ErrOtherRound, res.InputSHA256, h)
	}
	order, err := trade.ParseOrder(res.Objective)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrResults, err)
	}
	if items, people := p.real(), len(p.Users); res.Items != items || res.People != people {
		return nil, nil, fmt.Errorf("%w: it counts %d items of %d people, the round has %d of %d", ErrClaims, res.Items, res.People, items, people)
	}
	a := &trade.Answer{
		Policy: trade.Policy{Order: order, NonTradeCost: res.NonTradeCost, MaxCircle: res.MaxCircle, Seed: res.Seed},
		Trades: res.TapesTraded, Weight: res.Weight, WeightBound: res.TradesBound,
		TradesForgone: res.TradesForgone, WeightMost: res.TradesMost,
		People: res.PeopleTrading, PeopleBound: res.PeopleBound, RankTotal: res.RankTotal, RankBound: res.RankBound,
		Cost: res.Cost, CostBound: res.CostBound,
		Proven:  trade.Proven{Trades: res.Proven.Trades, People: res.Proven.People, Rank: res.Proven.Rank},
		Longest: res.Longest, Squares: res.Squares, Steps: res.Steps, Digest: res.Digest,
	}
	at := make(map[string]int32, len(p.Items))
	for i := range p.Problem.Items {
		at[p.Problem.Items[i].Name] = int32(i)
	}
	find := func(name, dummyOf string) (int32, error) {
		key := name
		if strings.HasPrefix(name, "%") {
			key = dummyOf + "\x00" + name
		}
		if i, ok := at[key]; ok {
			return i, nil
		}
		return 0, fmt.Errorf("%w: %.60q is not in the round", ErrClaims, name)
	}
	problem := &p.Problem
	if len(res.Without) > 0 {
		gone := make([]int32, len(res.Without))
		for i, n := range res.Without {
			if gone[i], err = find(n, ""); err != nil {
				return nil, nil, err
			}
		}
		problem = problem.Without(gone)
	}
	for _, c := range res.Circles {
		circle := trade.Circle{Moves: make([]trade.Move, len(c))}
		for i, m := range c {
			var move trade.Move
			if move.Item, err = find(m.Item, m.User); err != nil {
				return nil, nil, err
			}
			if move.Gets, err = find(m.Gets, m.From); err != nil {
				return nil, nil, err
			}
			if owner := r.userName(r.Items[p.Items[move.Item]].User); owner != m.User {
				return nil, nil, fmt.Errorf("%w: %s belongs to %q, not to %.60q", ErrClaims, m.Item, owner, m.User)
			}
			if owner := r.userName(r.Items[p.Items[move.Gets]].User); owner != m.From {
				return nil, nil, fmt.Errorf("%w: %s belongs to %q, not to %.60q", ErrClaims, m.Gets, owner, m.From)
			}
			for _, v := range m.Via {
				d, err := find(v, m.User)
				if err != nil {
					return nil, nil, err
				}
				move.Via = append(move.Via, d)
			}
			circle.Moves[i] = move
		}
		a.Circles = append(a.Circles, circle)
	}
	if c := res.Certificate; c != nil {
		a.Certificate = &trade.Certificate{}
		for _, s := range c.Stages {
			o, err := parseObjective(s.Objective)
			if err != nil {
				return nil, nil, err
			}
			stage := trade.Stage{Objective: o, Scale: s.Scale, Receive: s.Receive, Send: s.Send, Toll: s.Toll, WeightToll: s.WeightToll, Bound: s.Bound}
			for _, b := range s.Branches {
				stage.Branches = append(stage.Branches, b.trade())
			}
			a.Certificate.Stages = append(a.Certificate.Stages, stage)
		}
		if c.Capped != nil {
			a.Certificate.Capped = ptr(trade.Capped(*c.Capped))
		}
	}
	return a, problem, nil
}

func parseObjective(s string) (trade.Objective, error) {
	for _, o := range []trade.Objective{trade.ObjectiveTrades, trade.ObjectivePeople, trade.ObjectiveRank, trade.ObjectiveCost} {
		if o.String() == s {
			return o, nil
		}
	}
	return 0, fmt.Errorf("%w: no objective %.20q", ErrResults, s)
}

func ptr[T any](v T) *T { return &v }
