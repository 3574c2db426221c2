package listen

import (
	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Facts are all that decides who may hear what.
type Facts struct {
	Digital catalog.Digital
	Public  bool          // the release is on show
	Copy    *catalog.Copy // the copy that is asked for; nil for the shop's preview
	Account string        // who asks; empty for a visitor
	Own     bool          // it is the listener's own folder
}

// Grant is what somebody may hear.
type Grant struct {
	Sides   [2]bool // A and B
	Owned   bool    // the tape is one's own: a bent motor may run it faster than it plays
	Counted bool    // plays are counted
}

// Decide says who may hear what:
//
//   - one's own folder: both sides;
//   - a claimed copy: both sides, for its owner and nobody else, whatever became of the release;
//   - the preview: side A, for everybody, while the release is on show and its label wants one.
//
// Whoever may not is told that there is no deck, so that nobody learns what exists.
func Decide(f Facts) (Grant, error) {
	switch {
	case f.Own:
		return Grant{Sides: [2]bool{true, true}, Owned: true}, nil
	case f.Copy != nil:
		if f.Copy.State != catalog.Claimed || f.Account == "" || f.Copy.Owner != f.Account {
			return Grant{}, fault.New(fault.NotFound, "Only the owner of a copy can put it into the deck. If it is yours, sign in, or register it with the code from its card.")
		}
		return Grant{Sides: [2]bool{true, true}, Owned: true, Counted: true}, nil
	case f.Public && (f.Digital == catalog.Preview || f.Digital == catalog.Files):
		return Grant{Sides: [2]bool{true, false}}, nil
	}
	return Grant{}, errNoDeck
}
