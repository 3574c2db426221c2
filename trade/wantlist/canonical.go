package wantlist

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Hash is the SHA-256, in hexadecimal, of the round in canonical form: what the
// answer depends on, and nothing of the order of lines, of comments or of titles.
//
// The form is text in UTF-8. Its first line is "ferric-round/1". Then comes a
// line for each want list, sorted by bytes: user, TAB, item, then for each want
// of the list, in order of cost and then name, TAB, name, "=", cost. A rule is a
// line, too: "#", TAB, its word, TAB, its count or 0, and its users and words, each after a TAB. Names are
// as the language folds them. Every line ends with a newline.
func (r *Round) Hash() string {
	if r.hash == "" {
		r.hash = r.canonicalHash()
	}
	return r.hash
}

func (r *Round) canonicalHash() string {
	lines := make([]string, 0, len(r.Lists))
	var b strings.Builder
	var wants []canonicalWant
	for _, l := range r.Lists {
		it := r.Items[l.Item]
		b.Reset()
		b.WriteString(r.userName(it.User))
		b.WriteByte('\t')
		b.WriteString(it.Name)
		wants = wants[:0]
		for _, w := range r.Wants[l.From:l.To] {
			wants = append(wants, canonicalWant{r.Items[w.Item].Name, r.Cost(l, w)})
		}
		slices.SortFunc(wants, func(x, y canonicalWant) int {
			if x.cost != y.cost {
				return int(min(max(x.cost-y.cost, -1), 1))
			}
			return strings.Compare(x.name, y.name)
		})
		for _, w := range wants {
			b.WriteByte('\t')
			b.WriteString(w.name)
			b.WriteByte('=')
			b.WriteString(strconv.FormatInt(w.cost, 10))
		}
		b.WriteByte('\n')
		lines = append(lines, b.String())
	}
	for _, rule := range r.Rules.lines {
		lines = append(lines, "#\t"+rule+"\n")
	}
	slices.Sort(lines)
	h := sha256.New()
	h.Write([]byte("ferric-round/1\n"))
	for _, l := range lines {
		h.Write([]byte(l))
	}
	return hex.EncodeToString(h.Sum(nil))
}

type canonicalWant struct {
	name string
	cost int64
}

// SeedOf makes a tie-break out of a round's hash: nobody chose it, and whoever changes a want changes it.
func SeedOf(hash string) uint64 {
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}
