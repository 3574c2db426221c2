package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ferric/internal/fault"
)

// State is where a copy stands between the press and a shelf.
type State string

// The states of a copy.
const (
	Free     State = "free"     // anybody may have it, if its pool is theirs
	Held     State = "held"     // somebody's until HeldUntil: in a basket, or in an order that is not paid yet
	Sold     State = "sold"     // paid
	Packed   State = "packed"   // in its parcel
	Shipped  State = "shipped"  // on its way
	Claimed  State = "claimed"  // its owner has registered it with the code from the card
	Returned State = "returned" // back at the label
	Void     State = "void"     // will never be sold: spoiled, lost, miscounted. The reason is public
)

// States lists them all.
var States = []State{Free, Held, Sold, Packed, Shipped, Claimed, Returned, Void}

// Pool is who sells a copy. Only Web copies can be held in the shop.
type Pool string

// The pools.
const (
	Web         Pool = "web"
	Counter     Pool = "counter"     // a shop's or label's own counter
	Merch       Pool = "merch"       // the table at a show
	Consignment Pool = "consignment" // with another shop, unsold until it says so
	ArtistPool  Pool = "artist"      // the artist's own copies and proofs
)

// Pools lists them all.
var Pools = []Pool{Web, Counter, Merch, Consignment, ArtistPool}

// Verb is what happens to a copy.
type Verb string

// The verbs.
const (
	Mint    Verb = "mint"    // the run was declared; every history begins here
	Hold    Verb = "hold"    // put into a basket
	LetGo   Verb = "let go"  // taken out of it again
	Lapse   Verb = "lapse"   // the hold's time was over
	Reserve Verb = "reserve" // ordered: the hold now lasts until the order must be paid
	Pay     Verb = "pay"     // the order was paid
	Sell    Verb = "sell"    // sold by hand, without an order: at a show, over a counter
	Pack    Verb = "pack"
	Ship    Verb = "ship"
	Cancel  Verb = "cancel"  // the order was called off before it was sent
	Claim   Verb = "claim"   // registered with the code from the card
	HandOn  Verb = "hand on" // the owner gave it to another
	Return  Verb = "return"  // came back
	Restock Verb = "restock" // to be sold again
	Move    Verb = "move"    // to another pool
	Grade   Verb = "grade"   // its condition was written down
	Annul   Verb = "void"    // will never be sold
)

// ways is the state machine: from where each verb may be said, and where it leads ("" is where it was).
var ways = map[Verb]struct {
	from []State
	to   State
}{
	Hold:    {[]State{Free}, Held},
	LetGo:   {[]State{Held}, Free},
	Lapse:   {[]State{Held}, Free},
	Reserve: {[]State{Free, Held}, Held},
	Pay:     {[]State{Free, Held}, Sold},
	Sell:    {[]State{Free}, Sold},
	Pack:    {[]State{Sold}, Packed},
	Ship:    {[]State{Packed}, Shipped},
	Cancel:  {[]State{Held, Sold, Packed}, Free},
	Claim:   {[]State{Free, Sold, Packed, Shipped}, Claimed},
	HandOn:  {[]State{Claimed}, Claimed},
	Return:  {[]State{Shipped, Claimed}, Returned},
	Restock: {[]State{Returned}, Free},
	Move:    {[]State{Free}, Free},
	Grade:   {[]State{Free, Held, Sold, Packed, Shipped, Claimed, Returned}, ""},
	Annul:   {[]State{Free, Sold, Packed, Shipped, Returned}, Void},
}

// Copy is one numbered cassette of a run: one row, one history, one owner, one page.
type Copy struct {
	Run       RunID
	Number    int // 1 to the run's Copies; the proofs follow
	Variant   string
	Pool      Pool
	State     State
	Holder    string    // whose basket it is in; only while Held
	HeldUntil time.Time // only while Held
	Order     string    // the order it is in; from Reserve on
	Owner     string    // the account that claimed it or was handed it
	ClaimHash string    // pressing.HashClaim of its code; empty when the card has none
	Spent     bool      // the code has been used
	Condition string    // as last graded; public
	Reason    string    // why it is void; public
	Seq       int       // how many events it has
	Changed   time.Time // when the last one was
}

// Act is what somebody does to a copy. Fields that its verb does not need are left zero.
type Act struct {
	Verb      Verb
	At        time.Time
	By        string    // who: an account, a visitor, or empty for the shop itself. An opaque id, never a name
	Holder    string    // Hold, Reserve
	Until     time.Time // Hold, Reserve
	Order     string    // Reserve, Pay
	Owner     string    // Claim, HandOn
	Pool      Pool      // Move
	ClaimHash string    // Restock of a copy whose code was used
	Note      string    // Annul: the public reason; Grade: the condition
}

// Event is one line of a copy's history. Run, number and Seq together are its key.
type Event struct {
	Run    RunID
	Number int
	Seq    int
	At     time.Time
	Verb   Verb
	State  State // after it
	By     string
	Order  string
	Note   string
}

// MaxNote is how many characters a reason or a condition may have.
const MaxNote = 500

// After is the copy after an act, and the act's line in its history. It
// refuses, with a kind Conflict or Invalid, whatever the state machine does not allow.
// It is the only way in which a copy changes.
func (c Copy) After(a Act) (Copy, Event, error) {
	way, ok := ways[a.Verb]
	if !ok {
		return c, Event{}, fmt.Errorf("copy: no verb %q", a.Verb)
	}
	if !slices.Contains(way.from, c.State) {
		return c, Event{}, fault.Newf(fault.Conflict, "Number %d is %s: %q is not possible now.", c.Number, c.State, a.Verb)
	}
	before := c.State
	if way.to != "" {
		c.State = way.to
	}
	if err := c.apply(a, before); err != nil {
		return c, Event{}, err
	}
	if c.State != Held {
		c.Holder, c.HeldUntil = "", time.Time{}
	}
	if c.State == Free || c.State == Returned {
		c.Order, c.Owner = "", ""
	}
	c.Seq++
	c.Changed = a.At
	note := a.Note
	if a.Verb == Move {
		note = string(a.Pool)
	}
	return c, Event{Run: c.Run, Number: c.Number, Seq: c.Seq, At: a.At, Verb: a.Verb, State: c.State, By: a.By, Order: c.Order, Note: note}, nil
}

// apply does what a verb does beside changing the state; c.State is the new one already.
func (c *Copy) apply(a Act, before State) error {
	switch a.Verb {
	case Hold:
		if c.Pool != Web {
			return fault.Newf(fault.Taken, "Number %d is not sold on the web.", c.Number)
		}
		if a.Holder == "" || !a.Until.After(a.At) {
			return fmt.Errorf("copy: a hold needs a holder and time")
		}
		c.Holder, c.HeldUntil = a.Holder, a.Until
	case Lapse:
		if c.HeldUntil.After(a.At) {
			return fault.Newf(fault.Conflict, "Number %d is still held.", c.Number)
		}
	case Reserve:
		if a.Order == "" || c.Order != "" || a.Holder == "" || !a.Until.After(a.At) {
			return fmt.Errorf("copy: a reservation needs an order, its buyer and time, and a copy in no other order")
		}
		c.Order, c.Holder, c.HeldUntil = a.Order, a.Holder, a.Until
	case Pay:
		if a.Order == "" || c.Order != "" && c.Order != a.Order {
			return fault.Newf(fault.Conflict, "Number %d is in another order.", c.Number)
		}
		c.Order = a.Order
	case Claim:
		return c.claim(a, before)
	case HandOn:
		if a.Owner == "" || a.Owner == c.Owner {
			return fault.New(fault.Conflict, "This copy is yours already.")
		}
		c.Owner = a.Owner
	case Restock:
		// The former owner has read the code, so it must not register the next one.
		if c.Spent && (a.ClaimHash == "" || a.ClaimHash == c.ClaimHash) {
			return fault.New(fault.Conflict, "The code in this copy's card has been used: it needs a card with a new code before it is sold again.")
		}
		if a.ClaimHash != "" {
			c.ClaimHash, c.Spent = a.ClaimHash, false
		}
	case Move:
		if !slices.Contains(Pools, a.Pool) {
			return fault.Field("pool", "There is no pool %q.", a.Pool)
		}
		c.Pool = a.Pool
	case Grade:
		if err := CheckNote("condition", a.Note); err != nil {
			return err
		}
		c.Condition = a.Note
	case Annul:
		if err := CheckNote("reason", a.Note); err != nil {
			return err
		}
		c.Reason = a.Note
	}
	return nil
}

// claim binds the copy to an account. Whoever holds the card of a copy that is
// sold away from the web holds the tape, recorded or not; a web copy that is
// still free is in the label's box.
func (c *Copy) claim(a Act, before State) error {
	if a.Owner == "" {
		return fmt.Errorf("copy: a claim needs an owner")
	}
	if c.Spent {
		return fault.New(fault.Conflict, "This code has been used already.")
	}
	if before == Free && c.Pool == Web {
		return fault.New(fault.Conflict, "This copy has not been sold yet.")
	}
	c.Owner, c.Spent = a.Owner, true
	return nil
}

// Lapsed reports whether the copy's hold is over: whatever its row says, it is free.
func (c Copy) Lapsed(now time.Time) bool { return c.State == Held && !c.HeldUntil.After(now) }

// Shown is the state to show at a time: a hold that is over is free.
func (c Copy) Shown(now time.Time) State {
	if c.Lapsed(now) {
		return Free
	}
	return c.State
}

// CheckNote refuses a public text that is empty, too long, or holds characters that no line of text needs.
func CheckNote(field, note string) error {
	switch {
	case strings.TrimSpace(note) == "":
		return fault.Field(field, "Please say why, in a sentence: it will stand on the copy's page.")
	case utf8.RuneCountInString(note) > MaxNote:
		return fault.Field(field, "At most %d characters, please.", MaxNote)
	case !utf8.ValidString(note) || strings.ContainsFunc(note, Hidden):
		return fault.Field(field, "This text has characters that cannot be shown.")
	}
	return nil
}

// Hidden reports characters that a line of text does not need and that could
// make it look like another: controls, and those that turn the writing direction.
func Hidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x2028 || r == 0x2029 || r == 0xFEFF
}
