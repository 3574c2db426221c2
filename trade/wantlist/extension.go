package wantlist

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ferric/trade"
)

// Rules are what a round says in "#ferric" lines: comments to other programs, which then
// solve the round without them.
//
//	#ferric region (ADA) EU          Ada lives in the region EU
//	#ferric posts (ADA) EU UK        Ada's items go to these regions only
//	#ferric never (ADA) (BO)         Ada's items never go to Bo
//	#ferric at-most 2 (ADA) %ONEOF   Ada's dummy may be passed twice: at most two of these
//	#ferric weight TAPE7 3           TAPE7 counts for three
type Rules struct {
	regions []string // names, sorted
	region  map[string]string
	posts   map[string][]string
	never   [][2]string
	atMost  map[[2]string]int32 // user, dummy
	weight  map[string]int32
	lines   []string // folded and sorted, for the hash
}

// rule reads what follows "#ferric ".
func (p *parser) rule(text string) error {
	if !p.round.Options.CaseSensitive {
		text = strings.ToUpper(text)
	}
	verb, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	verb = strings.ToLower(verb)
	r := &p.round.Rules
	count := 0
	if verb == "at-most" {
		var n string
		n, rest, _ = strings.Cut(strings.TrimSpace(rest), " ")
		v, err := strconv.Atoi(n)
		if err != nil || v < 1 || v > trade.MaxCapacity {
			return p.fail("at-most wants a number from 1 to %d, not %.20q", trade.MaxCapacity, n)
		}
		count = v
	}
	users, words, err := bracketed(rest)
	if err != nil {
		return p.fail("#ferric %s: %v", verb, err)
	}
	want := func(nUsers, least, most int) bool {
		return len(users) == nUsers && len(words) >= least && (most < 0 || len(words) <= most)
	}
	switch {
	case verb == "region" && want(1, 1, 1):
		set(&r.region, users[0], words[0])
	case verb == "posts" && want(1, 1, -1):
		set(&r.posts, users[0], words)
	case verb == "never" && want(2, 0, 0):
		r.never = append(r.never, [2]string{users[0], users[1]})
	case verb == "at-most" && want(1, 1, 1) && words[0][0] == '%':
		set(&r.atMost, [2]string{users[0], words[0]}, int32(count))
	case verb == "weight" && want(0, 2, 2):
		v, err := strconv.Atoi(words[1])
		if err != nil || v < 1 || v > trade.MaxWeight {
			return p.fail("weight wants a number from 1 to %d, not %.20q", trade.MaxWeight, words[1])
		}
		set(&r.weight, words[0], int32(v))
	case slices.Contains([]string{"region", "posts", "never", "at-most", "weight"}, verb):
		return p.fail("#ferric %s is not written like this; see docs/formats/trade.md", verb)
	default:
		return p.fail("there is no #ferric rule %.20q", verb)
	}
	if verb == "posts" {
		slices.Sort(words)
	}
	r.lines = append(r.lines, fmt.Sprintf("%s\t%d\t%s\t%s", verb, count, strings.Join(users, "\t"), strings.Join(words, "\t")))
	return nil
}

func set[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// bracketed splits "(user name) (other) WORD WORD".
func bracketed(s string) (users, words []string, err error) {
	for s = strings.TrimSpace(s); strings.HasPrefix(s, "("); s = strings.TrimSpace(s) {
		name, rest, ok := strings.Cut(s[1:], ")")
		name = strings.Join(strings.Fields(name), " ")
		if !ok || name == "" {
			return nil, nil, fmt.Errorf("a user's name stands in brackets")
		}
		users, s = append(users, name), rest
	}
	return users, strings.Fields(s), nil
}

// apply puts the rules into the engine's problem. A rule about somebody or something that is not in the round is an error.
func (r *Round) apply(p *Problem) error {
	rules := &r.Rules
	if len(rules.lines) == 0 {
		return nil
	}
	owner := make(map[string]int32, len(p.Users))
	for i, u := range p.Users {
		if u >= 0 {
			owner[r.Users[u]] = int32(i)
		}
	}
	item := make(map[string]int32, len(p.Items))
	for i := range p.Problem.Items {
		item[p.Problem.Items[i].Name] = int32(i)
	}
	var errs []string
	find := func(m map[string]int32, name string) int32 {
		if i, ok := m[name]; ok {
			return i
		}
		errs = append(errs, strings.ReplaceAll(name, "\x00", " "))
		return 0
	}
	if err := rules.applyRegions(p, func(u string) int32 { return find(owner, u) }); err != nil {
		return err
	}
	for _, n := range rules.never {
		p.Bans = append(p.Bans, trade.Ban{From: find(owner, n[0]), To: find(owner, n[1])})
	}
	for k, v := range rules.atMost {
		p.Problem.Items[find(item, k[0]+"\x00"+k[1])].Capacity = v
	}
	for k, v := range rules.weight {
		p.Problem.Items[find(item, k)].Weight = v
	}
	if len(errs) > 0 {
		slices.Sort(errs)
		return &SyntaxError{0, fmt.Sprintf("a #ferric rule names %.60q, who or which offers nothing in this round", errs[0])}
	}
	slices.SortFunc(p.Bans, func(a, b trade.Ban) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return nil
}

// applyRegions numbers the regions by name. Somebody without a region lives nowhere that anybody could refuse.
func (rules *Rules) applyRegions(p *Problem, find func(user string) int32) error {
	if len(rules.region) == 0 && len(rules.posts) == 0 {
		return nil
	}
	names := map[string]bool{}
	for _, n := range rules.region {
		names[n] = true
	}
	for _, list := range rules.posts {
		for _, n := range list {
			names[n] = true
		}
	}
	rules.regions = rules.regions[:0]
	for n := range names {
		rules.regions = append(rules.regions, n)
	}
	slices.Sort(rules.regions)
	if len(rules.regions) > trade.MaxRegions-1 {
		return &SyntaxError{0, fmt.Sprintf("%d regions, at most %d", len(rules.regions), trade.MaxRegions-1)}
	}
	number := func(name string) uint8 { return uint8(slices.Index(rules.regions, name)) + 1 }
	p.Region = make([]uint8, p.Owners)
	for user, name := range rules.region {
		p.Region[find(user)] = number(name)
	}
	refuses := make([]uint64, p.Owners)
	for user, list := range rules.posts {
		all := ^uint64(1) // every region but nowhere
		for _, n := range list {
			all &^= 1 << number(n)
		}
		refuses[find(user)] = all
	}
	for i := range p.Problem.Items {
		if it := &p.Problem.Items[i]; !it.Dummy {
			it.Refuses = refuses[it.Owner]
		}
	}
	return nil
}
