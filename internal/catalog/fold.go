package catalog

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Search is by words that begin alike once they are folded: lower case, without marks, in compatibility
// form, and with the letters that have no mark to lose (ł, ø, ß) written as people type them who
// have no such key. The same folding is done to what is kept and to what is asked for, so no database needs to know of it.

// unmarked are letters that no normal form takes apart.
var unmarked = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ð", "d", "ħ", "h", "ı", "i", "ŧ", "t", "ŋ", "n",
	"ß", "ss", "æ", "ae", "œ", "oe", "þ", "th", "ĳ", "ij", "ĸ", "k", "ŉ", "n")

// Fold is a text as search compares it.
func Fold(s string) string {
	s = strings.ToValidUTF8(s, " ")
	s = unmarked.Replace(strings.ToLower(norm.NFKD.String(s)))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

const (
	maxWord  = 40  // runes of a word that are kept
	maxWords = 600 // words of one release
)

// Words are the folded words of texts, sorted, each once.
func Words(texts ...string) []string {
	var words []string
	for _, text := range texts {
		for _, w := range split(text) {
			words = append(words, w)
			words = append(words, tails(w)...)
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	return words[:min(len(words), maxWords)]
}

// split cuts a text into folded words of letters and digits.
func split(text string) []string {
	words := strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		if r := []rune(w); len(r) > maxWord {
			words[i] = string(r[:maxWord])
		}
	}
	return words
}

// Query is what a search asks for: folded words, at most 8, each once.
func Query(text string) []string {
	words := split(text)
	slices.Sort(words)
	words = slices.Compact(words)
	return words[:min(len(words), 8)]
}

// tails are the ends of a word in a script that puts no spaces between words, so
// that what stands in its middle is found too.
func tails(w string) []string {
	r := []rune(w)
	if !slices.ContainsFunc(r, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) }) {
		return nil
	}
	var out []string
	for i := 1; i < len(r); i++ {
		out = append(out, string(r[i:]))
	}
	return out
}

// Compact is a number or code as one word: "ZT-01", "zt 01" and "ZT01" are "zt01".
func Compact(s string) string { return strings.Join(split(s), "") }

// words are what a label is found by.
func (l Label) words() []string { return Words(l.Name, l.Slug) }

// Words are what a release is found by, besides its label and artist.
func (r Release) Words() []string {
	texts := []string{r.CatalogNumber, Compact(r.CatalogNumber), r.Title, r.Barcode}
	if len(r.Barcode) == 12 { // a UPC is an EAN that begins with a zero
		texts = append(texts, "0"+r.Barcode)
	}
	if len(r.Barcode) == 13 && r.Barcode[0] == '0' {
		texts = append(texts, r.Barcode[1:])
	}
	for _, s := range r.Detail.Sides {
		for _, t := range s.Tracks {
			texts = append(texts, t.Title)
			if t.Artist != "" {
				texts = append(texts, t.Artist)
			}
		}
	}
	return Words(texts...)
}

// Slug makes an address part of a name; ” when nothing of it can stand in one.
func Slug(name string) string {
	var b strings.Builder
	for _, w := range split(name) {
		w = strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, w)
		if w == "" {
			continue
		}
		if b.Len()+1+len(w) > 60 {
			break
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(w)
	}
	return b.String()
}
