package wantlist

import (
	"cmp"
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
	// What a line begins with tells it from every other one and orders it; the rest is written as it is hashed.
	type line struct {
		key  string
		list int32 // -1 for a rule, which is all key
	}
	lines := make([]line, 0, len(r.Lists)+len(r.Rules.lines))
	for i, l := range r.Lists {
		it := r.Items[l.Item]
		lines = append(lines, line{r.userName(it.User) + "\t" + it.Name, int32(i)})
	}
	for _, rule := range r.Rules.lines {
		lines = append(lines, line{"#\t" + rule, -1})
	}
	slices.SortFunc(lines, func(x, y line) int { return strings.Compare(x.key, y.key) })
	h := sha256.New()
	h.Write([]byte("ferric-round/1\n"))
	var b []byte
	var wants []canonicalWant
	for _, line := range lines {
		b, wants = append(b[:0], line.key...), wants[:0]
		if line.list >= 0 {
			l := r.Lists[line.list]
			for _, w := range r.Wants[l.From:l.To] {
				wants = append(wants, canonicalWant{r.Items[w.Item].Name, r.Cost(l, w)})
			}
		}
		slices.SortFunc(wants, func(x, y canonicalWant) int {
			return cmp.Or(cmp.Compare(x.cost, y.cost), strings.Compare(x.name, y.name))
		})
		for _, w := range wants {
			b = append(append(append(b, '\t'), w.name...), '=')
			b = strconv.AppendInt(b, w.cost, 10)
		}
		h.Write(append(b, '\n'))
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
