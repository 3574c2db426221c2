package ledger

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// coder writes an entry's lines or reads them, from one description of each entry.
// Reading is lenient where it does not matter: what was read is written again and
// must come out the same, so an entry has one form only.
type coder struct {
	reading bool
	buf     []byte // written so far, or left to read
	err     error
}

func (c *coder) check(ok bool, format string, args ...any) {
	if !ok && c.err == nil {
		c.err = malformed(format, args...)
	}
}

// line writes "key value", or reads the value of the next line, which must have that key.
func (c *coder) line(key, value string) string {
	if c.err != nil {
		return ""
	}
	if !c.reading {
		c.buf = fmt.Appendf(c.buf, "%s %s\n", key, value)
		return value
	}
	line, rest, ok := bytes.Cut(c.buf, []byte("\n"))
	value, is := strings.CutPrefix(string(line), key+" ")
	c.check(ok && is, "no line %q where it should be", key)
	c.buf = rest
	return value
}

// list repeats a line: n times in writing, in reading as often as it stands there.
func (c *coder) list(key string, n int, one func(i int)) {
	c.check(n <= maxParts, "more than %d lines %q", maxParts, key)
	for i := 0; c.err == nil && (i < n || c.reading && bytes.HasPrefix(c.buf, []byte(key+" "))); i++ {
		c.check(i < maxParts, "more than %d lines %q", maxParts, key)
		one(i)
	}
}

func (c *coder) text(key string, s *string) {
	v := c.line(key, *s)
	if c.reading {
		*s = v
	}
	c.check(validText(*s), "%s is empty, longer than %d bytes, or holds what cannot be printed", key, maxText)
}

func (c *coder) number(key string, n *int, least, most int) {
	v := c.line(key, strconv.Itoa(*n))
	if c.reading {
		*n = c.atoi(v)
	}
	c.check(*n >= least && *n <= most, "%s is not from %d to %d", key, least, most)
}

func (c *coder) atoi(s string) int {
	n, err := strconv.Atoi(s)
	c.check(err == nil && len(s) < 10, "%q is not a number", s)
	return n
}

// bytes is hexadecimal of exactly len(b) bytes.
func (c *coder) bytes(key string, b []byte) {
	v := c.line(key, hex.EncodeToString(b))
	if c.reading {
		c.hex(b, v)
	}
}

func (c *coder) hex(b []byte, s string) {
	got, err := hex.DecodeString(s)
	c.check(err == nil && len(got) == len(b), "%q is not %d hexadecimal digits", s, 2*len(b))
	copy(b, got)
}

// orWord is bytes, or a word in the place of bytes that are all zero.
func (c *coder) orWord(key string, b []byte, word string) {
	value := word
	if slices.ContainsFunc(b, func(x byte) bool { return x != 0 }) {
		value = hex.EncodeToString(b)
	}
	if value = c.line(key, value); c.reading && value != word {
		c.hex(b, value)
	}
}

func (c *coder) variant(key string, v *Variant) {
	s := c.line(key, fmt.Sprintf("%d-%d %s", v.First, v.Last, v.Name))
	if c.reading {
		span, name, _ := strings.Cut(s, " ")
		first, last, _ := strings.Cut(span, "-")
		*v = Variant{c.atoi(first), c.atoi(last), name}
	}
	c.check(validText(v.Name), "the name of a variant is empty, too long, or cannot be printed")
}

func (c *coder) card(key string, d *Card) {
	s := c.line(key, Hex(d.SHA256)+" "+d.Name)
	if c.reading {
		sum, name, _ := strings.Cut(s, " ")
		c.hex(d.SHA256[:], sum)
		d.Name = name
	}
	plain := strings.IndexFunc(d.Name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}) < 0
	c.check(plain && d.Name != "" && len(d.Name) <= maxText, "a card's file name has other than letters, digits, dot, dash and underscore")
}

func (c *coder) by(b *By) {
	value := "label"
	if b.Opening != nil {
		value = b.Opening.String()
	}
	if value = c.line("by", value); c.reading && value != "label" {
		o, err := ParseOpening(value)
		c.check(err == nil, "%v", err)
		b.Opening = &o
	}
}

func (c *coder) reason(r *Reason, allowed []Reason) {
	v := Reason(c.line("reason", string(*r)))
	if c.reading {
		*r = v
	}
	c.check(slices.Contains(allowed, *r), "reason %q is not one of %v", *r, allowed)
}

// validText is printable, of moderate length, and the same whichever way it is read.
func validText(s string) bool {
	return s != "" && len(s) <= maxText && utf8.ValidString(s) && strings.TrimSpace(s) == s &&
		strings.IndexFunc(s, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == unicode.ReplacementChar || r == '\ufeff'
		}) < 0
}
