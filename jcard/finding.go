package jcard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ferric/master"
	"ferric/sheet"
)

// notes gathers findings while a print is laid out. One text set on several
// panels is noted once.
type notes struct {
	glyphs   map[rune]bool
	where    []string // texts with missing glyphs
	cuts     []string
	leastPt  sheet.Pt
	leastOf  string
	coarse   bool // art-resolution is noted
	cropped  bool // art-cropped is noted
	findings []master.Finding
}

func newNotes() *notes { return &notes{glyphs: map[rune]bool{}, leastPt: 1000} }

func (n *notes) missing(text string, runes []rune) {
	if len(runes) == 0 {
		return
	}
	for _, r := range runes {
		n.glyphs[r] = true
	}
	if t := brief(text); !slices.Contains(n.where, t) {
		n.where = append(n.where, t)
	}
}

func (n *notes) cut(text string) {
	if t := brief(text); !slices.Contains(n.cuts, t) {
		n.cuts = append(n.cuts, t)
	}
}

func (n *notes) size(text string, size sheet.Pt) {
	if size < n.leastPt {
		n.leastPt, n.leastOf = size, brief(text)
	}
}

func (n *notes) add(severity master.Severity, code, text, why, do string) {
	n.findings = append(n.findings, master.Finding{Severity: severity, Code: code, Text: text, Why: why, Do: do})
}

// list is every finding, each kind once.
func (n *notes) list() []master.Finding {
	out := slices.Clone(n.findings)
	if len(n.glyphs) > 0 {
		runes := slices.Sorted(maps.Keys(n.glyphs))
		shown := runes[:min(len(runes), 12)]
		var names []string
		for _, r := range shown {
			names = append(names, fmt.Sprintf("%c (U+%04X)", r, r))
		}
		more := ""
		if len(runes) > len(shown) {
			more = fmt.Sprintf(" and %d more", len(runes)-len(shown))
		}
		out = append(out, master.Finding{
			Severity: master.Care, Code: "glyph-missing",
			Text: fmt.Sprintf("no embedded face has %s%s: in %s", strings.Join(names, ", "), more, quoted(n.where)),
			Why:  "they print as empty boxes",
			Do:   "write these words in Latin, Cyrillic, Greek or Japanese, or set the card with another program",
		})
	}
	if len(n.cuts) > 0 {
		out = append(out, master.Finding{
			Severity: master.Care, Code: "text-cut",
			Text: fmt.Sprintf("too long for its place at %g pt: %s", float64(smallest), quoted(n.cuts)),
			Why:  "it ends with an ellipsis there",
			Do:   "shorten it, or choose a layout with more room",
		})
	}
	if n.leastPt < legible {
		out = append(out, master.Finding{
			Severity: master.Note, Code: "text-small",
			Text: fmt.Sprintf("%q is set at %.2g pt", n.leastOf, float64(n.leastPt)),
			Why:  fmt.Sprintf("under %g pt is hard to read, and fills in on an inkjet", float64(legible)),
			Do:   "shorten it, or add a panel",
		})
	}
	return out
}

func quoted(texts []string) string {
	shown := texts[:min(len(texts), 4)]
	var q []string
	for _, t := range shown {
		q = append(q, fmt.Sprintf("%q", t))
	}
	if len(texts) > len(shown) {
		q = append(q, fmt.Sprintf("and %d more", len(texts)-len(shown)))
	}
	return strings.Join(q, ", ")
}

// brief is the start of a text, for messages.
func brief(text string) string {
	r := []rune(squeeze(text))
	if len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return string(r)
}
