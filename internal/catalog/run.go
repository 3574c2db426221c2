package catalog

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ferric/internal/fault"
)

// Ids are opaque and random, so that rows written together do not all land at one end of an index.
type (
	LabelID   string
	ArtistID  string
	ReleaseID string
	RunID     string
)

// Label is the company.
type Label struct {
	ID      LabelID
	Slug    string // its part of an address: lower-case letters, digits, hyphens
	Name    string
	Created time.Time
	Profile
}

// Artist made the music.
type Artist struct {
	ID      ArtistID
	Slug    string
	Name    string
	Created time.Time
}

// Release is the music as issued, in MusicBrainz's sense.
type Release struct {
	ID            ReleaseID
	Label         LabelID
	Artist        ArtistID
	Slug          string // unique within the label
	Title         string
	CatalogNumber string
	Barcode       string // EAN-13 or UPC-A digits, or empty
	Year          int    // 0 when it is not said
	Created       time.Time
	State         Status
	Published     time.Time // when it became public; zero before
	Digital       Digital
	Notes         string // what the page says about it; from the manifest until the label edits it
	Cover         string // SHA-256 of the cover's blob; '' without one
	Card          string // likewise of the drawing of its J-card's outside
	Tape          string // "C46"
	Accent        string // of the card, "#RRGGBB"; see AccentOf
	Detail        Detail // left empty in lists
}

// Run is one manufacturing of a release on tape, as declared. Nothing of it
// ever changes: a repress is a new run with the next Ordinal.
type Run struct {
	ID       RunID
	Release  ReleaseID
	Ordinal  int // 1 for the first run of a release
	Copies   int // numbered 1 to Copies
	Proofs   int // artist's proofs, kept as numbers Copies+1 to Copies+Proofs
	Salt     string
	Declared time.Time
	Declaration
}

// Declaration is what is said of a run in public before the first copy is sold.
type Declaration struct {
	Variants []Span  `json:"variants,omitempty"` // by shell or card; empty: all alike
	Pools    []Span  `json:"pools,omitempty"`    // as first dealt; empty: all web
	Cards    []Card  `json:"cards,omitempty"`
	Papers   []Paper `json:"papers,omitempty"`   // hashes of the printed matter, for the ledger
	Manifest string  `json:"manifest,omitempty"` // SHA-256 of the pressing's manifest, hexadecimal
}

// Span gives a name to the numbers First to Last.
type Span struct {
	Name  string `json:"name"`
	First int    `json:"first"`
	Last  int    `json:"last"`
}

// Card is the salted hash of the claim code in one copy's card.
type Card struct {
	Number int    `json:"number"`
	SHA256 string `json:"sha256"`
}

// Paper is a file of the pressing's printed matter: letters, digits, dots, dashes, underscores.
type Paper struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// MaxCopies bounds a run.
const MaxCopies = 100_000

// Label is a copy's number as printed: "17/100", or "AP 1/5" for a proof.
func (r Run) Label(number int) string {
	if number > r.Copies {
		return fmt.Sprintf("AP %d/%d", number-r.Copies, r.Proofs)
	}
	return fmt.Sprintf("%d/%d", number, r.Copies)
}

// Variant is what a copy is by its number; empty when all are alike.
func (r Run) Variant(number int) string { return nameOf(r.Variants, number, "") }

// check refuses a run whose declaration does not add up.
func (r Run) check() error {
	total := r.Copies + r.Proofs
	switch {
	case r.Copies < 1 || r.Proofs < 0 || total > MaxCopies:
		return fault.Field("copies", "A run has 1 to %d copies, proofs counted.", MaxCopies)
	case len(r.Cards) > 0 && r.Salt == "":
		return fault.Field("salt", "Hashes of claim codes need the salt that they were made with.")
	case r.Manifest != "" && !isHash(r.Manifest):
		return fault.Field("manifest", "The manifest's hash is not a SHA-256 in hexadecimal.")
	}
	for _, p := range r.Papers {
		if !isHash(p.SHA256) {
			return fault.Field("papers", "The hash of %q is not a SHA-256 in hexadecimal.", p.Name)
		}
	}
	for _, v := range r.Variants {
		if err := CheckName("variants", v.Name, 80); err != nil {
			return err
		}
	}
	if err := tile("variants", r.Variants, total); err != nil {
		return err
	}
	for _, p := range r.Pools {
		if !slices.Contains(Pools, Pool(p.Name)) {
			return fault.Field("pools", "There is no pool %q.", p.Name)
		}
	}
	if err := tile("pools", r.Pools, r.Copies); err != nil {
		return err
	}
	numbers, hashes := map[int]bool{}, map[string]bool{}
	for _, c := range r.Cards {
		if c.Number < 1 || c.Number > total || !isHash(c.SHA256) || numbers[c.Number] || hashes[c.SHA256] {
			return fault.Field("cards", "The hashes of the cards are not one for each number.")
		}
		numbers[c.Number], hashes[c.SHA256] = true, true
	}
	return nil
}

// tile refuses spans that leave a number of 1 to n out or name one twice. No span at all is fine.
func tile(field string, spans []Span, n int) error {
	if len(spans) == 0 {
		return nil
	}
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b Span) int { return a.First - b.First })
	next := 1
	for _, s := range sorted {
		if s.First != next || s.Last < s.First || s.Last > n {
			return fault.Field(field, "The spans must name every number from 1 to %d once.", n)
		}
		next = s.Last + 1
	}
	if next != n+1 {
		return fault.Field(field, "The spans must name every number from 1 to %d once.", n)
	}
	return nil
}

func nameOf(spans []Span, number int, otherwise string) string {
	for _, s := range spans {
		if number >= s.First && number <= s.Last {
			return s.Name
		}
	}
	return otherwise
}

// mint makes the copies of a declared run, each with its first event. Proofs are the artist's.
func (r Run) mint(by string) ([]Copy, []Event) {
	hashes := make(map[int]string, len(r.Cards))
	for _, c := range r.Cards {
		hashes[c.Number] = c.SHA256
	}
	total := r.Copies + r.Proofs
	copies, events := make([]Copy, total), make([]Event, total)
	for i := range copies {
		n := i + 1
		pool := Pool(nameOf(r.Pools, n, string(Web)))
		if n > r.Copies {
			pool = ArtistPool
		}
		copies[i] = Copy{Run: r.ID, Number: n, Variant: r.Variant(n), Pool: pool, State: Free, ClaimHash: hashes[n], Seq: 1, Changed: r.Declared}
		events[i] = Event{Run: r.ID, Number: n, Seq: 1, At: r.Declared, Verb: Mint, State: Free, By: by}
	}
	return copies, events
}

func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && s == strings.ToLower(s)
}

// CheckName refuses a line of text that is empty, longer than most characters, or holds what nobody sees.
func CheckName(field, name string, most int) error {
	if strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > most || !utf8.ValidString(name) || strings.ContainsFunc(name, Hidden) {
		return fault.Field(field, "1 to %d characters are needed here, without line breaks.", most)
	}
	return nil
}

// CheckSlug refuses what cannot stand in an address: 1 to 64 lower-case letters, digits and single hyphens within.
func CheckSlug(slug string) error {
	ok := len(slug) >= 1 && len(slug) <= 64 && slug[0] != '-' && slug[len(slug)-1] != '-' && !strings.Contains(slug, "--")
	for _, r := range slug {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-')
	}
	if !ok {
		return fault.Field("slug", "An address part has 1 to 64 lower-case letters, digits and hyphens.")
	}
	return nil
}

// CheckBarcode refuses digits that are no EAN-13, UPC-A or EAN-8: GS1's check digit weighs
// the digits 3, 1, 3, ... from the right. Leading zeros count.
func CheckBarcode(code string) error {
	if code == "" {
		return nil
	}
	bad := fault.Field("barcode", "These digits are no EAN or UPC: one of them is wrong.")
	if len(code) != 8 && len(code) != 12 && len(code) != 13 {
		return bad
	}
	sum := 0
	for i, r := range code {
		if r < '0' || r > '9' {
			return bad
		}
		sum += (1 + 2*((len(code)-1-i)%2)) * int(r-'0')
	}
	if sum%10 != 0 {
		return bad
	}
	return nil
}
