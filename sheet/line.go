package sheet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
	"golang.org/x/text/unicode/norm"
)

// Style says how a text is set.
type Style struct {
	Role     Role
	Size     Pt
	Tracking float64 // em added between characters; negative sets tighter
	Stretch  float64 // width of the glyphs, 0.8 for four fifths; 0 means 1
	NoKern   bool    // leaves out kerning and ligatures, for columns
}

func (s Style) stretch() float64 {
	if s.Stretch == 0 {
		return 1
	}
	return s.Stretch
}

// Run is a shaped line of glyphs of one face, in the order they stand, left to right.
type Run struct {
	Glyphs []Glyph
	Width  float64 // em, of all advances
}

// Glyph is one shape and how far it moves the pen, in em, before Stretch.
type Glyph struct {
	ID      uint16
	Advance float64 // with kerning and tracking
	DX, DY  float64 // shift of this glyph alone, right and up
	Text    string  // the characters that it stands for; "" when an earlier glyph of its cluster has them
}

// Shaped is one line of text ready to be placed: pieces of one face each, side by side.
type Shaped struct {
	Pieces  []Piece
	Style   Style
	Width   MM
	Missing []rune // characters shown as empty boxes because no embedded face has them
}

// Piece is a part of a line in one face.
type Piece struct {
	Face     *Face
	Run      Run
	String   string
	X        MM // from the start of the line
	Embolden float64
}

// Align says where a line stands against the point it is placed at.
type Align int

// The alignments. Justified is for paragraphs: all lines but the last are as wide as the measure.
const (
	Left Align = iota
	Centre
	Right
	Justified
)

// maxLine bounds the characters of one line of type.
const maxLine = 4096

// Line shapes one line. Control characters and line ends become spaces, and a
// line stops after 4096 characters.
func (f *Fonts) Line(s string, st Style) Shaped {
	set := f.setting(s, st)
	size := st.Size.MM()
	out := Shaped{Style: st, Pieces: make([]Piece, len(set.pieces)), Missing: slices.Clone(set.missing)}
	x := 0.0
	for i, p := range set.pieces {
		p.X = MM(x) * size
		x += p.Run.Width * st.stretch()
		out.Pieces[i] = p
	}
	if x != 0 {
		x -= st.Tracking * st.stretch() // what follows the last character is not part of the line
	}
	out.Width = MM(x) * size
	return out
}

// setting is a shaped line in em, the same for every size and stretch.
type setting struct {
	pieces  []Piece // X is not set
	missing []rune
}

// settingKey is all that a setting depends on.
type settingKey struct {
	text     string
	role     Role
	tracking float64
	noKern   bool
}

// maxSettings bounds the settings kept: fitting a title and breaking a text ask
// for the same words again and again.
const maxSettings = 4096

func (f *Fonts) setting(s string, st Style) *setting {
	key := settingKey{s, st.Role, st.Tracking, st.NoKern}
	f.mu.Lock()
	known := f.settings[key]
	f.mu.Unlock()
	if known != nil {
		return known
	}
	made := f.shape(s, st)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.settings) >= maxSettings || f.settings == nil {
		f.settings = make(map[settingKey]*setting)
	}
	f.settings[key] = made
	return made
}

func (f *Fonts) shape(s string, st Style) *setting {
	text := []rune(normal(s))
	if len(text) > maxLine {
		text = text[:maxLine]
	}
	out := &setting{}
	for _, d := range directions(text) {
		pieces := f.itemise(text, d, st.Role)
		if d.right { // pieces of a right-to-left part stand in reverse
			slices.Reverse(pieces)
		}
		for _, p := range pieces {
			if p.face == nil {
				for _, r := range text[p.from:p.to] {
					if !ignorable(r) && !slices.Contains(out.missing, r) {
						out.missing = append(out.missing, r)
					}
				}
				p.face = f.Face(st.Role)
			}
			piece := Piece{Face: p.face, Run: p.face.shape(text[p.from:p.to], p.right, st), String: string(text[p.from:p.to])}
			if st.Role.bold() && p.face == f.han {
				piece.Embolden = hanBold
			}
			out.pieces = append(out.pieces, piece)
		}
	}
	return out
}

// hanBold is the outline, in em, that brings Noto Sans JP Regular near the
// weight of Roboto Condensed Bold, found by looking at both side by side.
const hanBold = 0.035

// Measure is the width of a line.
func (f *Fonts) Measure(s string, st Style) MM { return f.Line(s, st).Width }

// String is the text of the line in the order it stands.
func (l Shaped) String() string {
	var b strings.Builder
	for _, p := range l.Pieces {
		b.WriteString(p.String)
	}
	return b.String()
}

// At places the line with its baseline at p, turned clockwise by turn degrees
// around p: it starts at p, is centred on it, or ends there.
func (l Shaped) At(p Point, a Align, turn float64, c Colour) []Item {
	shift := MM(0)
	switch a {
	case Centre:
		shift = -l.Width / 2
	case Right:
		shift = -l.Width
	}
	sin, cos := sinCos(turn)
	items := make([]Item, 0, len(l.Pieces))
	for _, piece := range l.Pieces {
		dx := piece.X + shift
		items = append(items, &Text{
			Face: piece.Face, Size: l.Style.Size, Turn: turn, Colour: c,
			At:      Point{p.X + dx*MM(cos), p.Y + dx*MM(sin)},
			Stretch: l.Style.Stretch, Embolden: piece.Embolden,
			Run: piece.Run, String: piece.String,
		})
	}
	return items
}

// part is a stretch of characters that go one way.
type part struct {
	from, to int
	right    bool // right to left
}

// directions splits a line by the Unicode bidirectional algorithm, in the order
// the parts stand. Most lines have no right-to-left character and are one part.
func directions(text []rune) []part {
	plain := true
	for _, r := range text {
		if r >= 0x590 && (r <= 0x8FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC || r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF) {
			plain = false
			break
		}
	}
	if plain {
		return []part{{0, len(text), false}}
	}
	var p bidi.Paragraph
	return visual(p.Segment(text, bidi.Neutral))
}

// visual is rule L2 of the algorithm (Unicode Standard Annex 9): from the
// highest level down to the lowest odd one, reverse every stretch of runs at
// that level or above.
func visual(runs bidi.Runs) []part {
	parts := make([]part, runs.NumRuns())
	levels := make([]bidi.Level, len(parts))
	top := bidi.Level(0)
	for i := range parts {
		r := runs.Run(i)
		parts[i], levels[i] = part{r.Start, r.End, !r.IsLeftToRight()}, r.Level
		top = max(top, r.Level)
	}
	for level := top; level >= 1; level-- {
		for i := 0; i < len(parts); i++ {
			j := i
			for j < len(parts) && levels[j] >= level {
				j++
			}
			slices.Reverse(parts[i:max(i, j)])
			slices.Reverse(levels[i:max(i, j)])
			i = max(i, j-1)
		}
	}
	return parts
}

// piece is a stretch of characters in one face.
type piece struct {
	from, to int
	right    bool
	face     *Face // nil: no face has these
}

// itemise splits a part by the faces that show it. A character that any face
// would do for (a space, a joiner, a combining mark) stays with the face before it.
func (f *Fonts) itemise(text []rune, d part, role Role) []piece {
	var out []piece
	for i := d.from; i < d.to; i++ {
		r := text[i]
		if n := len(out); n > 0 && out[n-1].face != nil {
			last := out[n-1].face
			if ignorable(r) || (r == ' ' || unicode.Is(unicode.M, r)) && last.Has(r) {
				out[n-1].to = i + 1
				continue
			}
		}
		face := f.lender(role, r)
		if face == nil && ignorable(r) {
			face = f.Face(role)
		}
		if n := len(out); n > 0 && out[n-1].face == face {
			out[n-1].to = i + 1
			continue
		}
		out = append(out, piece{i, i + 1, d.right, face})
	}
	return out
}

// shape turns characters into glyphs.
func (f *Face) shape(text []rune, right bool, st Style) Run {
	f.ready()
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.buffer
	b.Clear()
	b.AddRunes(text, 0, -1)
	b.Props.Direction = harfbuzz.LeftToRight
	if right {
		b.Props.Direction = harfbuzz.RightToLeft
	}
	b.Props.Script = language.Common
	for _, r := range text {
		if s := language.LookupScript(r); s.Strong() {
			b.Props.Script = s
			break
		}
	}
	b.Props.Language = "und"
	b.Flags = harfbuzz.RemoveDefaultIgnorables
	b.Shape(f.shaper, features(st))

	upem := float64(f.metrics.UnitsPerEm)
	run := Run{Glyphs: make([]Glyph, len(b.Info))}
	for i, g := range b.Info {
		pos := b.Pos[i]
		run.Glyphs[i] = Glyph{ID: uint16(g.Glyph), Advance: float64(pos.XAdvance) / upem, DX: float64(pos.XOffset) / upem, DY: float64(pos.YOffset) / upem}
	}
	clusters(run.Glyphs, b.Info, text, right, st.Tracking)
	for _, g := range run.Glyphs {
		run.Width += g.Advance
	}
	return run
}

// clusters gives each cluster's characters to its first glyph and its tracking
// to its last one. Where a cluster has as many glyphs as characters, each glyph
// has its own.
func clusters(glyphs []Glyph, info []harfbuzz.GlyphInfo, text []rune, right bool, tracking float64) {
	for i := 0; i < len(info); {
		j := i + 1
		for j < len(info) && info[j].Cluster == info[i].Cluster {
			j++
		}
		end := len(text)
		if right {
			if i > 0 {
				end = info[i-1].Cluster
			}
		} else if j < len(info) {
			end = info[j].Cluster
		}
		chars := text[info[i].Cluster:end]
		if len(chars) == j-i && !right {
			for k := range chars {
				glyphs[i+k].Text = string(chars[k])
			}
		} else {
			glyphs[i].Text = string(chars)
		}
		glyphs[j-1].Advance += tracking
		i = j
	}
}

func features(st Style) []harfbuzz.Feature {
	off := func(tag string) harfbuzz.Feature {
		return harfbuzz.Feature{Tag: opentype.MustNewTag(tag), Value: 0, Start: harfbuzz.FeatureGlobalStart, End: harfbuzz.FeatureGlobalEnd}
	}
	switch {
	case st.NoKern || st.Role == Mono || st.Role == MonoBold:
		return []harfbuzz.Feature{off("kern"), off("liga"), off("clig")}
	case st.Tracking != 0:
		return []harfbuzz.Feature{off("liga"), off("clig")}
	}
	return nil
}

// normal is the text composed (NFC), valid, with line ends, tabs and control
// characters as spaces.
func normal(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029' || unicode.IsControl(r):
			return ' '
		case r == '\u202A' || r == '\u202B' || r == '\u202D' || r == '\u202E': // embeddings and overrides could hide or turn text
			return -1
		}
		return r
	}, norm.NFC.String(s))
}

// ignorable says whether a character shows nothing by itself.
func ignorable(r rune) bool {
	return unicode.IsControl(r) || harfbuzz.IsDefaultIgnorable(r)
}
