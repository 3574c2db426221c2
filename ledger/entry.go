package ledger

import (
	"strings"
	"unicode"
)

// Entry is what one line of history says: *[Declare], *[Mint], *[Sell], *[HandOn], *[Grade], *[Void] or *[Close].
type Entry interface {
	// Kind is the word in the entry's first line.
	Kind() string
	// code describes the entry's lines, for writing and for reading alike.
	code(*coder)
}

// Declare says what a run is, once: it can never grow. The hash of this entry's
// leaf names the run in all others, so that nothing below can be moved to another run or log.
type Declare struct {
	Origin    string    // of the log that this run lives in
	Key       [32]byte  // Ed25519 key of the label, which signs all that owners do not
	Catalogue string    // catalogue number, as printed
	Edition   string    // which manufacturing: "first edition", "2nd pressing"; with Key and Catalogue it is there once
	Size      int       // numbers go from 1 to Size, at most [MaxCopies]
	Variants  []Variant // none, or ranges in order that cover 1 to Size
	Cards     []Card    // hashes of the printed matter, as files of the pressing
	Manifest  Hash      // SHA-256 of the pressing's release.json
}

// Variant is a range of numbers that were made alike, both ends included.
type Variant struct {
	First, Last int
	Name        string
}

// Card is a file of the pressing's printed matter.
type Card struct {
	Name   string // file name: letters, digits, dot, dash, underscore
	SHA256 Hash
}

// Mint gives a number its identity. Every number of a run is minted, once, also those that turn out void.
type Mint struct {
	Run   Hash
	Copy  int
	Claim Hash // hash of the claim code printed inside the copy, as the pressing's manifest has it; zero: none
}

// About says which copy an entry continues the history of.
type About struct {
	Run  Hash
	Copy int
	Prev Hash // leaf hash of the copy's entry before this one
}

// Sell passes a copy from the label to its first owner, or to the next after it came back.
type Sell struct {
	About
	Owner Hash // commitment to the owner's key: see [Opening]
}

// HandOn passes a copy from its owner to another, or back to the label.
type HandOn struct {
	About
	Owner  Hash   // commitment to the new owner's key; zero: back to the label
	By     By     // the owner, or the label in the owner's place
	Reason Reason // why the label did it: asked, key-lost, returned; empty when the owner did
}

// Grade records a condition, as a commitment to a grade sheet and its photos.
type Grade struct {
	About
	Sheet Hash // salted commitment: see [CommitSheet]
	By    By
}

// Void takes a number out of the run for good and says why.
type Void struct {
	About
	Reason Reason
	By     By
}

// Close ends a run: every number is with an owner or void. After it nothing is minted, and
// the label sells nothing, takes nothing back and makes nothing void. Owners go on as before.
type Close struct {
	Run  Hash
	Sold int // numbers with an owner
	Void int // numbers that are void; Sold + Void is the size of the run
}

// By is who makes an entry about a copy: the owner, who opens the commitment and
// signs with the key in it, or the label when Opening is nil.
type By struct{ *Opening }

// Reason is one word of a closed list, so that nothing personal can slip into it.
type Reason string

// Reasons for the label to hand on, and for a void number.
const (
	Asked       Reason = "asked"       // the owner asked the label to
	KeyLost     Reason = "key-lost"    // claim code or key lost: ownership issued anew
	Returned    Reason = "returned"    // sent back, or never paid
	Destroyed   Reason = "destroyed"   // it was made and is no more
	Faulty      Reason = "faulty"      // made wrong, never given out
	LostOnWay   Reason = "lost"        // lost in the post or in storage
	Misnumbered Reason = "misnumbered" // the number was printed wrong or twice
	NotMade     Reason = "not-made"    // the number was planned and never manufactured
	Unsold      Reason = "unsold"      // the run was closed before it found an owner
)

var (
	handOnReasons = []Reason{Asked, KeyLost, Returned}
	voidReasons   = []Reason{Destroyed, Faulty, LostOnWay, Misnumbered, NotMade, Unsold}
)

func (*Declare) Kind() string { return "declare" }
func (*Mint) Kind() string    { return "mint" }
func (*Sell) Kind() string    { return "sell" }
func (*HandOn) Kind() string  { return "hand-on" }
func (*Grade) Kind() string   { return "grade" }
func (*Void) Kind() string    { return "void" }
func (*Close) Kind() string   { return "close" }

// blank is an empty entry of a kind, nil where there is none.
func blank(kind string) Entry {
	for _, e := range []Entry{&Declare{}, &Mint{}, &Sell{}, &HandOn{}, &Grade{}, &Void{}, &Close{}} {
		if e.Kind() == kind {
			return e
		}
	}
	return nil
}

func (d *Declare) code(c *coder) {
	c.text("origin", &d.Origin)
	c.check(ValidOrigin(d.Origin), "origin %q has a space, a plus or is too long", d.Origin)
	c.bytes("key", d.Key[:])
	c.text("catalogue", &d.Catalogue)
	c.text("edition", &d.Edition)
	c.number("size", &d.Size, 1, MaxCopies)
	c.list("variant", len(d.Variants), func(i int) {
		if c.reading {
			d.Variants = append(d.Variants, Variant{})
		}
		v := &d.Variants[i]
		c.variant("variant", v)
		first := 1
		if i > 0 {
			first = d.Variants[i-1].Last + 1
		}
		c.check(v.First == first && v.Last >= v.First, "variant %q does not follow on the one before it", v.Name)
	})
	if n := len(d.Variants); n > 0 {
		c.check(d.Variants[n-1].Last == d.Size, "the variants end at %d of %d numbers", d.Variants[n-1].Last, d.Size)
	}
	c.list("card", len(d.Cards), func(i int) {
		if c.reading {
			d.Cards = append(d.Cards, Card{})
		}
		c.card("card", &d.Cards[i])
	})
	c.bytes("manifest", d.Manifest[:])
}

func (m *Mint) code(c *coder) {
	c.bytes("run", m.Run[:])
	c.number("copy", &m.Copy, 1, MaxCopies)
	c.orWord("claim", m.Claim[:], "none")
}

func (a *About) code(c *coder) {
	c.bytes("run", a.Run[:])
	c.number("copy", &a.Copy, 1, MaxCopies)
	c.bytes("prev", a.Prev[:])
}

func (s *Sell) code(c *coder) {
	s.About.code(c)
	c.bytes("owner", s.Owner[:])
	c.check(s.Owner != Hash{}, "owner is empty")
}

func (h *HandOn) code(c *coder) {
	h.About.code(c)
	c.orWord("owner", h.Owner[:], "label")
	c.by(&h.By)
	if h.By.Opening == nil {
		c.reason(&h.Reason, handOnReasons)
	}
	c.check(h.By.Opening == nil || h.Reason == "", "an owner gives no reason")
	c.check(h.By.Opening != nil || (h.Reason == Returned) == (h.Owner == Hash{}), "the label takes a copy back with the reason %s, and only so", Returned)
}

func (g *Grade) code(c *coder) {
	g.About.code(c)
	c.bytes("sheet", g.Sheet[:])
	c.by(&g.By)
}

func (v *Void) code(c *coder) {
	v.About.code(c)
	c.reason(&v.Reason, voidReasons)
	c.by(&v.By)
}

func (e *Close) code(c *coder) {
	c.bytes("run", e.Run[:])
	c.number("sold", &e.Sold, 0, MaxCopies)
	c.number("void", &e.Void, 0, MaxCopies)
}

// ValidOrigin says whether a log may have this name: as C2SP recommends, a URL
// without its scheme, such as tapes.example/ledger, with no space, plus or control character.
func ValidOrigin(s string) bool {
	return validText(s) && !strings.Contains(s, "+") && strings.IndexFunc(s, unicode.IsSpace) < 0
}
