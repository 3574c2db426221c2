package wantlist

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

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
		width = max(width, len(show[i]))
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
	if !o.HideStats {
		writeStats(b, a, len(real))
	}
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
	if r.Further > 0 {
		fmt.Fprintf(b, "**** and %d more\n", r.Further)
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

func writeStats(b *bufio.Writer, a *trade.Answer, items int) {
	share, mean := 0.0, 0.0
	if items > 0 {
		share = 100 * float64(a.Trades) / float64(items)
	}
	if a.Trades > 0 {
		mean = float64(a.RankTotal) / float64(a.Trades)
	}
	fmt.Fprintf(b, "Num trades  = %d of %d items (%.1f%%)\n", a.Trades, items, share)
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

// ReadResults reads who gets what from results in the familiar layout, ours or
// another program's: the trade loops, or the item summary where there are no loops.
func ReadResults(src io.Reader, r *Round, p *Problem) ([]trade.Move, error) {
	data, err := io.ReadAll(io.LimitReader(src, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%w: larger than %d MB", ErrResults, MaxSize>>20)
	}
	at := make(map[string]int32, len(p.Items)) // name, and user NUL name, to problem item
	for i, ri := range p.Items {
		if it := r.Items[ri]; !it.Dummy {
			at[it.Name] = int32(i)
		}
	}
	loops := map[int32]int32{}
	summary := map[int32]int32{}
	into := map[int32]int32(nil)
	line, seen := 0, false
	for len(data) > 0 {
		line++
		var text []byte
		text, data, _ = bytes.Cut(data, []byte("\n"))
		s := strings.TrimSpace(string(text))
		switch {
		case strings.HasPrefix(s, "TRADE LOOPS"):
			into, seen = loops, true
			continue
		case strings.HasPrefix(s, "ITEM SUMMARY"):
			into, seen = summary, true
			continue
		case strings.HasPrefix(s, "Num trades"):
			into = nil
		}
		left, right, ok := strings.Cut(s, " receives ")
		if into == nil || !ok {
			continue
		}
		right, _, _ = strings.Cut(right, " and sends to ")
		from, err1 := findItem(at, &r.Options, left)
		to, err2 := findItem(at, &r.Options, right)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrResults, line, err)
		}
		if other, twice := into[from]; twice && other != to {
			return nil, fmt.Errorf("%w: line %d: %s receives twice", ErrResults, line, left)
		}
		into[from] = to
	}
	if !seen {
		return nil, fmt.Errorf("%w: neither TRADE LOOPS nor ITEM SUMMARY stands in it", ErrResults)
	}
	if len(loops) == 0 {
		loops = summary
	} else if len(summary) > 0 {
		for i, to := range loops {
			if summary[i] != to {
				return nil, fmt.Errorf("%w: loops and summary differ on %s", ErrResults, r.Items[p.Items[i]].Name)
			}
		}
	}
	moves := make([]trade.Move, 0, len(loops))
	for i, to := range loops {
		moves = append(moves, trade.Move{Item: i, Gets: to})
	}
	slices.SortFunc(moves, func(x, y trade.Move) int { return int(x.Item) - int(y.Item) })
	return moves, nil
}

// findItem finds "(USER) ITEM", "ITEM (USER)" or "ITEM".
func findItem(at map[string]int32, o *Options, s string) (int32, error) {
	name := strings.TrimSpace(s)
	if strings.HasPrefix(name, "(") {
		if i := strings.LastIndexByte(name, ')'); i >= 0 {
			name = strings.TrimSpace(name[i+1:])
		}
	} else if i := strings.IndexByte(name, '('); i >= 0 {
		name = strings.TrimSpace(name[:i])
	}
	if !o.CaseSensitive {
		name = strings.ToUpper(name)
	}
	if i, ok := at[name]; ok {
		return i, nil
	}
	return 0, fmt.Errorf("%.60q offers nothing in this round", name)
}
