package wantlist

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ferric/trade"
)

// Header is what stands above the results.
type Header struct {
	Program string // "Ferric 1.0"
	Proof   []string
}

// WriteResults writes an answer in the layout that existing programs share:
// trade loops, item summary, statistics; the file's options decide which parts.
// People's scripts read this layout, so its lines do not change.
func WriteResults(w io.Writer, r *Round, p *Problem, a *trade.Answer, h Header) error {
	b := bufio.NewWriter(w)
	o := &r.Options
	fmt.Fprintln(b, h.Program)
	if len(o.Written) > 0 {
		fmt.Fprintln(b, "Options: "+strings.Join(o.Written, " "))
	}
	for _, n := range r.Notes {
		fmt.Fprintln(b, n)
	}
	for _, line := range h.Proof {
		fmt.Fprintln(b, line)
	}
	if !o.HideErrors {
		writeErrors(b, r)
	}
	if o.ShowMissing && r.Official {
		writeMissing(b, r)
	}
	fmt.Fprintln(b)
	gets := make([]int32, len(p.Problem.Items)) // item to the item received for it
	sends := make([]int32, len(p.Problem.Items))
	for i := range gets {
		gets[i], sends[i] = -1, -1
	}
	for _, c := range a.Circles {
		for _, m := range c.Moves {
			gets[m.Item], sends[m.Gets] = m.Gets, m.Item
		}
	}
	show := make([]string, len(p.Problem.Items))
	width := 0
	var real []int32
	for i := range p.Problem.Items {
		it := r.Items[p.Items[i]]
		if it.Dummy {
			continue
		}
		real = append(real, int32(i))
		show[i] = showItem(o, it, r.userName(it.User))
		width = max(width, utf8.RuneCountInString(show[i]))
	}
	if !o.HideLoops {
		fmt.Fprintf(b, "TRADE LOOPS (%d total trades):\n\n", a.Trades)
		for _, c := range a.Circles {
			for _, m := range c.Moves {
				fmt.Fprintf(b, "%-*s receives %s\n", width, show[m.Item], show[m.Gets])
			}
			fmt.Fprintln(b)
		}
	}
	slices.SortFunc(real, func(i, j int32) int { return strings.Compare(show[i], show[j]) })
	if !o.HideSummary {
		fmt.Fprintf(b, "ITEM SUMMARY (%d total trades):\n\n", a.Trades)
		for _, i := range real {
			if gets[i] >= 0 {
				fmt.Fprintf(b, "%-*s receives %-*s and sends to %s\n", width, show[i], width, show[gets[i]], show[sends[i]])
			} else if !o.HideNonTrades {
				fmt.Fprintf(b, "%-*s             does not trade\n", width, show[i])
			}
		}
		fmt.Fprintln(b)
	}
	writeStats(b, a, len(real), o.HideStats)
	return b.Flush()
}

func (r *Round) userName(user int32) string {
	if user < 0 {
		return ""
	}
	return r.Users[user]
}

// showItem is "(USER) ITEM", or the other way round with SORT-BY-ITEM.
func showItem(o *Options, it Item, user string) string {
	if user == "" {
		return it.Name
	}
	if o.SortByItem {
		return it.Name + " (" + user + ")"
	}
	return "(" + user + ") " + it.Name
}

func writeErrors(b *bufio.Writer, r *Round) {
	if r.Further > 0 { // which of them were kept depends on the order of the lines, their number does not
		fmt.Fprintf(b, "\nERRORS:\n")
		for k, n := range r.Counts {
			if n > 0 && (Kind(k) != Repeated || !r.Options.HideRepeats) {
				fmt.Fprintf(b, "**** %d times %s\n", n, Mistake{Kind: Kind(k)}.Code())
			}
		}
		return
	}
	ms := slices.Clone(r.Mistakes)
	if r.Options.HideRepeats {
		ms = slices.DeleteFunc(ms, func(m Mistake) bool { return m.Kind == Repeated })
	}
	if len(ms) == 0 {
		return
	}
	// By what they say, not by line: the same round in another order of lines gives the same results.
	lines := make([]string, len(ms))
	for i, m := range ms {
		if m.User != "" {
			lines[i] = "(" + m.User + ") "
		}
		lines[i] += m.summary()
	}
	slices.Sort(lines)
	fmt.Fprintf(b, "\nERRORS:\n")
	for _, l := range lines {
		fmt.Fprintln(b, "**** "+l)
	}
}

func writeMissing(b *bufio.Writer, r *Round) {
	var missing []string
	for _, it := range r.Items {
		if it.Line > 0 && it.List < 0 && !it.Dummy {
			missing = append(missing, it.Name)
		}
	}
	slices.Sort(missing)
	for _, name := range missing {
		fmt.Fprintf(b, "**** Missing want list for official name %s\n", name)
	}
}

// writeStats ends the results. The number of trades stands there even if the statistics are hidden, as in the original.
func writeStats(b *bufio.Writer, a *trade.Answer, items int, brief bool) {
	share, mean := 0.0, 0.0
	if items > 0 {
		share = 100 * float64(a.Trades) / float64(items)
	}
	if a.Trades > 0 {
		mean = float64(a.RankTotal) / float64(a.Trades)
	}
	fmt.Fprintf(b, "Num trades  = %d of %d items (%.1f%%)\n", a.Trades, items, share)
	if brief {
		return
	}
	fmt.Fprintf(b, "Total cost  = %d (avg %.2f)\n", a.RankTotal, mean)
	fmt.Fprintf(b, "Num groups  = %d\n", len(a.Circles))
	sizes := make([]int, len(a.Circles))
	for i, c := range a.Circles {
		sizes[i] = len(c.Moves)
	}
	slices.SortFunc(sizes, func(x, y int) int { return y - x })
	b.WriteString("Group sizes =")
	for _, s := range sizes {
		b.WriteString(" " + strconv.Itoa(s))
	}
	fmt.Fprintf(b, "\nSum squares = %d\n", a.Squares)
	fmt.Fprintf(b, "People      = %d\n", a.People)
}

// ProofLines say, above the results, what was proven and how anybody can repeat it.
func ProofLines(r *Round, a *trade.Answer) []string {
	say := func(what string, has, bound int64, proven bool) string {
		if proven {
			return fmt.Sprintf("%s: %d, the best possible (proven)", what, has)
		}
		return fmt.Sprintf("%s: %d, best possible not above %d", what, has, bound)
	}
	lines := []string{
		"Input SHA-256: " + r.Hash(),
		fmt.Sprintf("Objective: %s, seed %d", a.Policy.Order, a.Policy.Seed),
	}
	if a.Certificate == nil {
		return lines
	}
	lines = append(lines,
		say("Trades", a.Weight, a.WeightBound, a.Proven.Trades),
		say("People", int64(a.People), int64(a.PeopleBound), a.Proven.People),
	)
	rank := fmt.Sprintf("Ranks: %d, the lowest possible (proven)", a.RankTotal)
	switch {
	case !a.Proven.Rank && a.RankBound <= 0:
		rank = fmt.Sprintf("Ranks: %d, lowest possible not known", a.RankTotal)
	case !a.Proven.Rank:
		rank = fmt.Sprintf("Ranks: %d, lowest possible not under %d", a.RankTotal, a.RankBound)
	}
	lines = append(lines, rank)
	if a.TradesForgone > 0 {
		lines = append(lines, fmt.Sprintf("This order of objectives costs %d trades: %d would be possible", a.TradesForgone, a.WeightMost))
	}
	return lines
}

// ErrResults says that a text is not the results of a round.
var ErrResults = errors.New("not trade results")

// ErrClaims says that results say what cannot be: an item that is not in the
// round or not that person's, one that receives twice, parts that contradict each other.
var ErrClaims = errors.New("wrong results")

// ReadResults reads who gets what from results in the familiar layout, ours or
// another program's: the trade loops, or the item summary where there are no
// loops; where there are both they must agree. The error is of ErrResults or ErrClaims.
func ReadResults(src io.Reader, r *Round, p *Problem) ([]trade.Move, error) {
	data, err := readAll(src)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%w: larger than %d MB", ErrResults, MaxSize>>20)
	}
	c := &claims{r: r, p: p, at: make(map[string]int32, len(p.Items)),
		loops: map[int32]int32{}, summary: map[int32]int32{}, sends: map[int32]int32{}, total: -1}
	for i, ri := range p.Items {
		if it := r.Items[ri]; !it.Dummy {
			c.at[it.Name] = int32(i)
		}
	}
	for line := 1; len(data) > 0; line++ {
		var text []byte
		text, data = cutLine(data)
		if !utf8.Valid(text) {
			text = fromLatin1(text)
		}
		if err := c.line(strings.TrimSpace(string(text))); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrClaims, line, err)
		}
	}
	if !c.seen {
		return nil, fmt.Errorf("%w: neither TRADE LOOPS nor ITEM SUMMARY stands in it", ErrResults)
	}
	return c.moves()
}

// claims is what results say, by problem items.
type claims struct {
	r              *Round
	p              *Problem
	at             map[string]int32
	loops, summary map[int32]int32 // item to what its owner gets for it, -1 for nothing
	sends          map[int32]int32 // item to the item that its recipient gives up
	into           map[int32]int32 // the part that is being read
	total          int             // trades as its headings count them, -1 unknown
	seen           bool
}

func (c *claims) line(s string) error {
	switch {
	case strings.HasPrefix(s, "TRADE LOOPS"):
		c.into, c.seen = c.loops, true
		return c.count(strings.TrimPrefix(s, "TRADE LOOPS ("))
	case strings.HasPrefix(s, "ITEM SUMMARY"):
		c.into, c.seen = c.summary, true
		return c.count(strings.TrimPrefix(s, "ITEM SUMMARY ("))
	case strings.HasPrefix(s, "Num trades"):
		c.into = nil
		_, n, _ := strings.Cut(s, "= ")
		return c.count(n)
	}
	if c.into == nil || s == "" {
		return nil
	}
	if left, idle := strings.CutSuffix(s, " does not trade"); idle {
		i, err := c.find(left)
		if err != nil {
			return err
		}
		return c.set(c.into, i, -1)
	}
	left, right, ok := strings.Cut(s, " receives ")
	if !ok {
		return nil
	}
	right, to, sent := strings.Cut(right, " and sends to ")
	i, err1 := c.find(left)
	gets, err2 := c.find(right)
	err := errors.Join(err1, err2)
	if err == nil {
		err = c.set(c.into, i, gets)
	}
	if err != nil || !sent {
		return err
	}
	j, err := c.find(to)
	if err != nil {
		return err
	}
	return c.set(c.sends, i, j)
}

// count reads a number of trades from the front of a text, and holds it against the others.
func (c *claims) count(s string) error {
	end := 0
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return nil // not every program counts
	}
	if c.total >= 0 && c.total != n {
		return fmt.Errorf("%d trades here, %d above", n, c.total)
	}
	c.total = n
	return nil
}

func (c *claims) name(i int32) string { return c.r.Items[c.p.Items[i]].Name }

func (c *claims) set(part map[int32]int32, i, to int32) error {
	if other, twice := part[i]; twice && other != to {
		return fmt.Errorf("%s stands here twice, with different partners", c.name(i))
	}
	part[i] = to
	return nil
}

// find finds "(USER) ITEM", "ITEM (USER)" or "ITEM".
func (c *claims) find(s string) (int32, error) {
	name, user := strings.TrimSpace(s), ""
	open, shut := strings.IndexByte(name, '('), strings.LastIndexByte(name, ')')
	switch {
	case open == 0 && shut > 0:
		name, user = strings.TrimSpace(name[shut+1:]), name[1:shut]
	case open > 0 && shut == len(name)-1:
		name, user = strings.TrimSpace(name[:open]), name[open+1:shut]
	}
	user = strings.Join(strings.Fields(user), " ")
	if !c.r.Options.CaseSensitive {
		name, user = strings.ToUpper(name), strings.ToUpper(user)
	}
	i, ok := c.at[name]
	if !ok {
		return 0, fmt.Errorf("%.60q offers nothing in this round", name)
	}
	if owner := c.r.userName(c.r.Items[c.p.Items[i]].User); user != "" && user != owner {
		return 0, fmt.Errorf("%s does not belong to %.60q but to %q", name, user, owner)
	}
	return i, nil
}

// moves is what all parts agree on.
func (c *claims) moves() ([]trade.Move, error) {
	from := c.loops
	if len(from) == 0 {
		from = c.summary
	}
	moves := make([]trade.Move, 0, len(from))
	for i, to := range from {
		if to >= 0 {
			moves = append(moves, trade.Move{Item: i, Gets: to})
		}
	}
	slices.SortFunc(moves, func(x, y trade.Move) int { return cmp.Compare(x.Item, y.Item) })
	for i := range c.p.Items {
		i := int32(i)
		inLoops, in := from[i]
		inSummary, also := c.summary[i]
		if !in {
			inLoops = -1
		}
		if len(c.summary) > 0 && (also || in) && (inSummary != inLoops || !also) {
			return nil, fmt.Errorf("%w: loops and summary differ on %s", ErrClaims, c.name(i))
		}
		if to, ok := c.sends[i]; ok && from[to] != i {
			return nil, fmt.Errorf("%w: %s goes to the owner of %s, who gets something else", ErrClaims, c.name(i), c.name(to))
		}
	}
	if c.total >= 0 && c.total != len(moves) {
		return nil, fmt.Errorf("%w: it counts %d trades and lists %d", ErrClaims, c.total, len(moves))
	}
	return moves, nil
}
