package album

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CleanLine makes one line of displayable text of s: NFC, white space folded to
// single blanks, and without what could deceive a reader or a page: control
// characters, bidirectional overrides, invisible characters, towers of accents.
// Right-to-left letters and the joiners that scripts and emoji need stay.
func CleanLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// CleanText is CleanLine for text of several lines: line ends stay, at most one blank line in a row.
func CleanText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(s)
	lines := strings.Split(s, "\n")
	kept := lines[:0]
	for _, line := range lines {
		line = strings.TrimRightFunc(clean(line), unicode.IsSpace)
		if line == "" && (len(kept) == 0 || kept[len(kept)-1] == "") {
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimRight(strings.Join(kept, "\n"), "\n")
}

// maxMarks is how many accents one letter may carry. Vietnamese needs two, Biblical Hebrew three.
const maxMarks = 4

func clean(s string) string {
	var b strings.Builder
	marks := 0
	var last rune
	for _, c := range norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case unicode.IsSpace(c):
			c = ' '
		case unicode.IsControl(c), hidden(c):
			continue
		case c == zeroWidthJoiner || c == zeroWidthNonJoiner:
			if last < '\u0600' {
				continue
			}
		}
		if unicode.Is(unicode.Mn, c) && !isVariation(c) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		b.WriteRune(c)
		last = c
	}
	return norm.NFC.String(b.String()) // a letter and its accent may have met only now
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// hidden says whether c shows nothing and may mislead: bidirectional controls,
// zero-width and invisible characters, tags, noncharacters.
func hidden(c rune) bool {
	switch {
	case c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069, c == 0x200e, c == 0x200f, c == 0x061c:
		return true // bidirectional
	case c == 0x00ad, c == 0x034f, c == 0x115f, c == 0x1160, c == 0x17b4, c == 0x17b5, c == 0x180e, c == 0x200b,
		c >= 0x2060 && c <= 0x2065, c >= 0x206a && c <= 0x206f, c == 0x3164, c == 0xfeff, c == 0xffa0, c >= 0xfff9 && c <= 0xfffb:
		return true // invisible
	case c >= 0xe0000 && c <= 0xe0fff && !isVariation(c):
		return true // tags
	case c >= 0xfdd0 && c <= 0xfdef, c&0xfffe == 0xfffe:
		return true // noncharacters
	}
	return false
}

func isVariation(c rune) bool { return c >= 0xfe00 && c <= 0xfe0f || c >= 0xe0100 && c <= 0xe01ef }
