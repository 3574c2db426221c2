package jcard

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ferric/sheet"
)

// Edition is a run of numbered copies, and the artist proofs that stand outside its count.
type Edition struct {
	Run    int // copies, numbered 1..Run; 0: the tape is not numbered
	Proofs int // AP 1..Proofs
	// Claims are the codes that go into the cards, by the copy's label; a copy without one has none printed.
	Claims []Claim
	// ClaimURL is where a listener claims a copy. The code is put after it in the
	// QR code, with a slash where the address does not end in one, in "=" or in "#":
	// "https://example.org/c" gives "https://example.org/c/ABCD-...". "" puts the code alone.
	ClaimURL string
	// Download is an address that the insert gives where there is nothing to claim; "" gives none.
	Download string
}

// Claim is the secret of one copy. It is printed inside the card, where a closed case hides it.
type Claim struct {
	Label string // "17/100" or "AP 1/5"
	Code  string
}

// maxModules is the largest QR code that still has modules of 0.33 mm at 19 mm a side.
const maxModules = 57

// MaxRun bounds an edition.
const MaxRun = 10_000

// ErrEdition is wrapped by errors about an edition that cannot be numbered.
var ErrEdition = errors.New("not a run that can be numbered")

// Labels are every copy's number as printed, the numbered ones first: "17/100", then "AP 1/5".
func (e Edition) Labels() []string {
	out := make([]string, 0, e.Run+e.Proofs)
	for i := 1; i <= e.Run; i++ {
		out = append(out, strconv.Itoa(i)+"/"+strconv.Itoa(e.Run))
	}
	for i := 1; i <= e.Proofs; i++ {
		out = append(out, "AP "+strconv.Itoa(i)+"/"+strconv.Itoa(e.Proofs))
	}
	return out
}

// Check refuses an edition that is too large, or that has claims for copies which it has not.
func (e Edition) Check() error {
	if e.Run < 0 || e.Proofs < 0 || e.Run > MaxRun || e.Proofs > MaxRun {
		return fmt.Errorf("%w: %d copies and %d proofs (0 to %d each)", ErrEdition, e.Run, e.Proofs, MaxRun)
	}
	known := make(map[string]bool, e.Run+e.Proofs)
	for _, l := range e.Labels() {
		known[l] = true
	}
	seen := map[string]bool{}
	for _, c := range e.Claims {
		if !known[c.Label] {
			return fmt.Errorf("%w: a claim code for %.20q, which is not one of its copies", ErrEdition, c.Label)
		}
		if seen[c.Label] {
			return fmt.Errorf("%w: two claim codes for %s", ErrEdition, c.Label)
		}
		seen[c.Label] = true
		if n, err := sheet.QRModules(e.Address(c.Code)); err != nil || n > maxModules {
			return fmt.Errorf("%w: address and code of %s are too long for a QR code of the card's size; shorten claim_url", ErrEdition, c.Label)
		}
	}
	return nil
}

// Address is what the QR code of a claim code says.
func (e Edition) Address(code string) string {
	if e.ClaimURL == "" || strings.HasSuffix(e.ClaimURL, "/") || strings.HasSuffix(e.ClaimURL, "=") || strings.HasSuffix(e.ClaimURL, "#") {
		return e.ClaimURL + code
	}
	return e.ClaimURL + "/" + code
}

// codes are the claims by label.
func (e Edition) codes() map[string]string {
	out := make(map[string]string, len(e.Claims))
	for _, c := range e.Claims {
		out[c.Label] = c.Code
	}
	return out
}

// Numbered is the whole edition, imposed: for every sheet a page of outsides
// and a page of insides, so that a printer which turns the paper over its long
// edge puts each inside behind its outside. Each card has its number on the
// flap; its number and claim code are inside, on the back of the flap. The art
// is in the document once; sheets are laid out one by one as they are written.
// It fails with [ErrEdition] or [ErrPaper].
func (s *Suite) Numbered() (*sheet.Document, error) {
	if err := s.Edition.Check(); err != nil {
		return nil, err
	}
	im, err := Impose(s.Geometry.Width, s.Geometry.Height, Bleed, s.Paper)
	if err != nil {
		return nil, err
	}
	labels, codes := s.Edition.Labels(), s.Edition.codes()
	doc := s.document(fmt.Sprintf("numbered cards, %d copies", len(labels)))
	doc.More = func(yield func(*sheet.Page, error) bool) {
		for batch := range slices.Chunk(labels, im.Up()) {
			front, back, err := s.numberedSheet(im, batch, codes)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(front, nil) || !yield(back, nil) {
				return
			}
		}
	}
	return doc, nil
}

// numberedSheet is one sheet of paper, both sides.
func (s *Suite) numberedSheet(im Imposition, batch []string, codes map[string]string) (front, back *sheet.Page, err error) {
	front, back = im.page(), im.page()
	for i, label := range batch {
		at := im.Front(i)
		front.Add(&sheet.Use{Group: s.outside, At: at})
		front.Add(moved(at, s.flapNumber(label))...)
		at = im.Back(i)
		strip, err := s.claimStrip(label, codes[label])
		if err != nil {
			return nil, nil, fmt.Errorf("copy %s: %w", label, err)
		}
		back.Add(&sheet.Use{Group: s.inside, At: at})
		back.Add(moved(at, strip)...)
	}
	front.Add(im.marks(len(batch), Bleed, s.Geometry.Folds(false), false)...)
	back.Add(im.marks(len(batch), Bleed, s.Geometry.Folds(true), true)...)
	s.slugLine(front, im, join("  ·  ", s.Release.Catalogue, "outside of "+span(batch), "print on both sides, turn over the long edge, 100 %"))
	return front, back, nil
}

func (im Imposition) page() *sheet.Page {
	media := sheet.Rect{W: im.W, H: im.H}
	return &sheet.Page{Media: media, Bleed: media, Trim: media}
}

func span(labels []string) string {
	if len(labels) == 1 {
		return labels[0]
	}
	return labels[0] + " to " + labels[len(labels)-1]
}

// slugLine says along the head of a sheet what it is, for whoever sorts the paper.
// It stays off the unprintable edge and above every mark; where there is no room it is left out.
func (s *Suite) slugLine(p *sheet.Page, im Imposition, text string) {
	l := s.fonts.Line(text, sheet.Style{Role: sheet.TitleLight, Size: 6})
	if l.Width > p.Media.W-24 || im.slots[0].Y < 7+Bleed+markLong+1 {
		return
	}
	p.Add(l.At(sheet.Point{X: p.Media.W / 2, Y: 6.5}, sheet.Centre, 0, sheet.Hex(0x777777))...)
}

// numberWidth is kept free for the number at the foot of the flap, along its length.
const numberWidth MM = 24

// flapNumber is the number on the outside of the flap: in sight through the closed case.
func (s *Suite) flapNumber(label string) []sheet.Item {
	panel := s.Geometry.Outside(Flap)
	g := s.look.flap
	st := s.stick(g)
	t := st.fit(label, sheet.MonoBold, numberWidth, 2.6, fitting{max: 8, lines: 1})
	st.put(t, panel.H-TextSafe-t.width(), panel.W-Safe-t.cap, g.accent)
	return onSide(panel, st.items)
}

// handNumber is the same place on a card that is printed without its number: a line to write on.
func (s *Suite) handNumber() []sheet.Item {
	if s.Edition.Run == 0 {
		return nil
	}
	panel := s.Geometry.Outside(Flap)
	g := s.look.flap
	st := s.stick(g)
	t := st.fit("/"+strconv.Itoa(s.Edition.Run), sheet.MonoBold, numberWidth/2, 2.6, fitting{max: 8, lines: 1})
	x, base := panel.H-TextSafe-t.width(), panel.W-Safe
	st.put(t, x, base-t.cap, g.accent)
	st.rule(x-9, base, x-0.8, base, 0.2, g.accent)
	return onSide(panel, st.items)
}

func (s *Suite) stick(g ground) *stick {
	return &stick{fonts: s.fonts, pal: s.Palette, g: g, notes: newNotes()}
}

// claimStrip is the inside of the flap on a numbered card: code to scan, number, code to type.
func (s *Suite) claimStrip(label, code string) ([]sheet.Item, error) {
	g := bare(s.Palette)
	st := s.stick(g)
	area := s.stripArea()
	x := area.X
	if code != "" {
		side := area.H
		segments, err := sheet.QR(s.Edition.Address(code), sheet.Rect{X: x, Y: area.Y, W: side, H: side}, false)
		if err != nil {
			return nil, err
		}
		st.add(sheet.Filled(segments, s.Palette.Ink).Named("qr"))
		x += side + 6
	}
	w := area.X + area.W - x
	number := st.fit(label, s.look.figure, w*0.6, 8, fitting{max: 26, lines: 1})
	st.put(number, x, area.Y, g.accent)
	note := s.Release.RunNote
	if !s.colophonSet && code != "" { // the strip was the colophon's last place
		note = join(" · ", note, s.Release.dubbing(), s.Release.noise(), s.Release.rights())
	}
	if note = squeeze(note); note != "" {
		left := w - number.width() - 4
		t := st.fit(note, sheet.TitleLight, left, number.cap, fitting{max: 7, min: 5.5, lines: 3})
		st.put(t, x+number.width()+4, area.Y+number.cap-t.Height, g.quiet)
	}
	if code == "" {
		if !s.colophonSet {
			st.colophon(s.Release, sheet.Rect{X: x, Y: area.Y + number.cap + 3, W: w, H: area.H - number.cap - 3}, false)
		}
		return onSide(s.strip, st.items), nil
	}
	typed := st.fit(code, sheet.MonoBold, w, 3, fitting{max: 8.5, lines: 1})
	st.put(typed, x, area.Y+area.H-typed.cap, g.ink)
	how := "This code is yours alone. Scan it, or type it, to make the copy yours:"
	if s.Edition.ClaimURL != "" {
		how = "Scan, or type the code at " + bareURL(s.Edition.ClaimURL) + ", to make this copy yours:"
	}
	top := area.Y + number.cap + 2.4
	bottom := area.Y + area.H - typed.cap - 2
	t := st.fit(how, sheet.TitleLight, w, bottom-top, fitting{max: 7, min: 5, lines: 3, leading: 1.12})
	st.put(t, x, bottom-t.Height, g.quiet)
	return onSide(s.strip, st.items), nil
}

// stripArea is where text may stand on the inside of the flap, lying.
func (s *Suite) stripArea() sheet.Rect {
	return sheet.Rect{X: TextSafe, Y: Safe, W: s.strip.H - 2*TextSafe, H: s.strip.W - 2*Safe}
}

// colophonStrip is the same place on a card that is printed without its
// number: a line to write it on, or else the colophon, where it has found no
// better place.
func (s *Suite) colophonStrip() []sheet.Item {
	st := s.stick(bare(s.Palette))
	area := s.stripArea()
	if s.Edition.Run > 0 {
		t := st.fit("/"+strconv.Itoa(s.Edition.Run), s.look.figure, 30, 8, fitting{max: 26, lines: 1})
		base := area.Y + t.cap
		st.rule(area.X, base, area.X+16, base, 0.25, st.g.accent)
		st.put(t, area.X+17.5, area.Y, st.g.accent)
		if note := squeeze(s.Release.RunNote); note != "" {
			left := area.X + 17.5 + t.width() + 4
			n := st.fit(note, sheet.TitleLight, area.X+area.W-left, t.cap, fitting{max: 7, min: 5.5, lines: 2})
			st.put(n, left, base-n.Height, st.g.quiet)
		}
		area.Y, area.H = base+3.4, area.H-t.cap-3.4
	}
	if !s.colophonSet {
		st.colophon(s.Release, area, false)
	}
	return onSide(s.strip, st.items)
}

const colophonRow MM = 3.3

// colophon is who made the tape and how, in small type, at the head or the foot of a box.
func (s *stick) colophon(r *Release, box sheet.Rect, atFoot bool) {
	var lines []set
	for _, line := range []string{join("  ·  ", r.Label, r.Catalogue, r.year()), join(". ", r.dubbing(), r.noise()) + ".", r.making(), r.rights()} {
		if line != "" {
			lines = append(lines, s.fit(line, sheet.TitleLight, box.W, 2.6, fitting{max: 6.5, min: 5.5, lines: 1}))
		}
	}
	y := box.Y
	if atFoot {
		y += box.H - colophonRow*MM(len(lines)-1) - lines[len(lines)-1].cap
	}
	for _, t := range lines {
		if y+t.cap > box.Y+box.H+0.01 {
			return
		}
		s.put(t, box.X, y, s.g.quiet)
		y += colophonRow
	}
}

// bareURL is an address as people type it.
func bareURL(url string) string {
	url = strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://")
	return strings.TrimRight(url, "/?#=")
}
