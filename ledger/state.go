package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Status is where a copy is.
type Status int

// Where a copy can be.
const (
	Free  Status = iota // minted, with the label
	Owned               // somebody's
	Gone                // void
)

func (s Status) String() string { return [...]string{"with the label", "owned", "void"}[s] }

// Run is what the log says of a run so far; a shop may keep it as a row.
type Run struct {
	ID     Hash // leaf hash of the declaration
	Origin string
	Key    [32]byte
	Size   int
	Minted int // numbers that exist
	Owned  int // of them with an owner
	Void   int // of them void
	Closed bool
}

// Copy is what the log says of a copy so far; a shop may keep it as a row.
type Copy struct {
	Run     Hash
	Number  int
	Status  Status
	Head    Hash // leaf hash of its last entry
	Owner   Hash // the owner's commitment, zero when there is none
	Prev    Hash // what that commitment was made with, see [Opening.Commit]
	Entries int
	ByLabel int // times that the label, not the owner, handed it on or took it back
}

// OwnedBy says whether the opening is that of the copy's owner.
func (c Copy) OwnedBy(o Opening) bool { return c.Status == Owned && o.Commit(c.Prev) == c.Owner }

// Check is the whole of the rules: given what stood before, may this leaf be next, and
// what stands then. Run is the one that the entry names; for a declaration it is the run that has
// the same key, catalogue number and edition, nil when there is none. Copy is nil for a number
// not minted yet and for entries about no copy. An error is [ErrRule] or [ErrSignature]
// and nothing has changed; the arguments never change.
func Check(origin string, run *Run, copy *Copy, leaf *Leaf) (Run, Copy, error) {
	var r Run
	var c Copy
	var err error
	if d, ok := leaf.Entry.(*Declare); ok {
		r, err = declare(origin, run, d, leaf)
	} else if err = belongs(origin, run, copy, leaf.Entry); err == nil {
		r = *run
		if copy != nil {
			c = *copy
		}
		switch e := leaf.Entry.(type) {
		case *Mint:
			err = mint(&r, &c, copy != nil, leaf)
		case *Close:
			err = closeRun(&r, e, leaf)
		default:
			err = goOn(&r, &c, copy != nil, leaf)
		}
	}
	if err != nil {
		return Run{}, Copy{}, fmt.Errorf("%s: %w", Describe(leaf.Entry), err)
	}
	return r, c, nil
}

func declare(origin string, run *Run, d *Declare, leaf *Leaf) (Run, error) {
	switch {
	case run != nil:
		return Run{}, rule("this run is declared already; a repress is a new run with an edition of its own")
	case d.Origin != origin:
		return Run{}, rule("the run was declared for the log %q, not for %q", d.Origin, origin)
	}
	return Run{ID: leaf.Hash, Origin: origin, Key: d.Key, Size: d.Size}, signedBy(leaf, d.Key, "the run")
}

// belongs says whether the entry is about this run and copy at all.
func belongs(origin string, run *Run, copy *Copy, e Entry) error {
	id, number := Subject(e)
	switch {
	case run == nil:
		return rule("its run was never declared")
	case id != run.ID || run.Origin != origin:
		return rule("it belongs to another run or log")
	case copy != nil && (copy.Run != id || copy.Number != number):
		return rule("it is about another copy")
	case number > run.Size:
		return rule("the run has %d numbers", run.Size)
	}
	return nil
}

func mint(r *Run, c *Copy, minted bool, leaf *Leaf) error {
	switch {
	case minted:
		return rule("the number was minted already")
	case r.Closed:
		return rule("the run is closed")
	}
	r.Minted++
	*c = Copy{Run: r.ID, Number: leaf.Entry.(*Mint).Copy, Head: leaf.Hash, Entries: 1}
	return signedBy(leaf, r.Key, "the run")
}

func closeRun(r *Run, e *Close, leaf *Leaf) error {
	switch {
	case r.Closed:
		return rule("the run is closed already")
	case e.Sold != r.Owned || e.Void != r.Void:
		return rule("it counts %d sold and %d void; the log has %d and %d", e.Sold, e.Void, r.Owned, r.Void)
	case r.Owned+r.Void != r.Size:
		return rule("%d of %d numbers are neither with an owner nor void", r.Size-r.Owned-r.Void, r.Size)
	}
	r.Closed = true
	return signedBy(leaf, r.Key, "the run")
}

// goOn continues the history of a copy.
func goOn(r *Run, c *Copy, minted bool, leaf *Leaf) error {
	about, by := history(leaf.Entry)
	switch {
	case !minted:
		return rule("the number was never minted")
	case about.Prev != c.Head:
		return rule("it does not continue the copy's last entry")
	case c.Status == Gone:
		return rule("the number is void")
	}
	if err := authority(leaf, *r, *c, by); err != nil {
		return err
	}
	switch e := leaf.Entry.(type) {
	case *Sell:
		switch {
		case c.Status != Free:
			return rule("the copy is sold already")
		case r.Closed:
			return rule("the run is closed")
		}
		c.Status, c.Owner, c.Prev = Owned, e.Owner, e.Prev
		r.Owned++
	case *HandOn:
		switch {
		case c.Status != Owned:
			return rule("the copy has no owner to hand it on")
		case e.Owner == Hash{} && r.Closed:
			return rule("the run is closed: the label can be an owner like others, and nothing else")
		case e.Owner == Hash{}:
			c.Status, c.Owner, c.Prev = Free, Hash{}, Hash{}
			r.Owned--
		default:
			c.Owner, c.Prev = e.Owner, e.Prev
		}
		if by.Opening == nil {
			c.ByLabel++
		}
	case *Void:
		switch {
		case c.Status == Owned && by.Opening == nil:
			return rule("only the owner can make void what is owned")
		case c.Status == Free && r.Closed:
			return rule("the run is closed")
		case c.Status == Owned:
			r.Owned--
		}
		c.Status, c.Owner, c.Prev = Gone, Hash{}, Hash{}
		r.Void++
	}
	c.Head = leaf.Hash
	c.Entries++
	return nil
}

// authority finds the key that has the right to the entry and checks its signature.
func authority(leaf *Leaf, r Run, c Copy, by By) error {
	if by.Opening == nil {
		return signedBy(leaf, r.Key, "the run")
	}
	if !c.OwnedBy(*by.Opening) {
		return fmt.Errorf("%w: the key that it shows is not the owner's", ErrSignature)
	}
	return signedBy(leaf, by.Key, "the owner")
}

func signedBy(leaf *Leaf, key [32]byte, whose string) error {
	if !leaf.SignedBy(key) {
		return fmt.Errorf("%w: not signed with the key of %s", ErrSignature, whose)
	}
	return nil
}

func rule(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRule, fmt.Sprintf(format, args...))
}

// Subject is the run and the number that an entry is about; a declaration has neither, a closing no number.
func Subject(e Entry) (run Hash, number int) {
	switch e := e.(type) {
	case *Declare:
		return Hash{}, 0
	case *Mint:
		return e.Run, e.Copy
	case *Close:
		return e.Run, 0
	}
	about, _ := history(e)
	return about.Run, about.Copy
}

func history(e Entry) (About, By) {
	switch e := e.(type) {
	case *Sell:
		return e.About, By{}
	case *HandOn:
		return e.About, e.By
	case *Grade:
		return e.About, e.By
	case *Void:
		return e.About, e.By
	}
	return About{}, By{}
}

// State is the log replayed: all runs and copies. The zero value with an Origin is an empty log.
// It is not safe for use by two goroutines at once.
type State struct {
	Origin string
	runs   map[Hash]*Run
	copies map[numbered]*Copy
	named  map[name]Hash // runs by what they are called
}

type name struct {
	key                [32]byte
	catalogue, edition string
}

type numbered struct {
	run    Hash
	number int
}

// Apply takes the next leaf, or says why it may not be next; then the state is as it was.
func (s *State) Apply(leaf *Leaf) error {
	id, number := Subject(leaf.Entry)
	d, declares := leaf.Entry.(*Declare)
	if declares {
		id = s.named[d.name()]
	}
	key := numbered{id, number}
	run, c, err := Check(s.Origin, s.runs[id], s.copies[key], leaf)
	if err != nil {
		return err
	}
	if s.runs == nil {
		s.runs, s.copies, s.named = map[Hash]*Run{}, map[numbered]*Copy{}, map[name]Hash{}
	}
	s.runs[run.ID] = &run
	if declares {
		s.named[d.name()] = run.ID
	}
	if number > 0 {
		s.copies[key] = &c
	}
	return nil
}

func (d *Declare) name() name { return name{d.Key, d.Catalogue, d.Edition} }

// Run is a run by the leaf hash of its declaration.
func (s *State) Run(id Hash) (Run, bool) {
	if r := s.runs[id]; r != nil {
		return *r, true
	}
	return Run{}, false
}

// Copy is a copy of a run by its number.
func (s *State) Copy(run Hash, number int) (Copy, bool) {
	if c := s.copies[numbered{run, number}]; c != nil {
		return *c, true
	}
	return Copy{}, false
}

// Runs are all runs, by id.
func (s *State) Runs() []Run {
	all := make([]Run, 0, len(s.runs))
	for _, id := range slices.SortedFunc(maps.Keys(s.runs), func(a, b Hash) int { return cmp.Compare(Hex(a), Hex(b)) }) {
		all = append(all, *s.runs[id])
	}
	return all
}

// Describe says in a few words what an entry does.
func Describe(e Entry) string {
	_, number := Subject(e)
	switch e := e.(type) {
	case *Declare:
		return fmt.Sprintf("declare %s, %s, of %d", e.Catalogue, e.Edition, e.Size)
	case *Mint:
		return fmt.Sprintf("mint number %d", number)
	case *Sell:
		return fmt.Sprintf("sell number %d", number)
	case *HandOn:
		to := "to a new owner"
		if e.Owner == (Hash{}) {
			to = "to the label"
		}
		return fmt.Sprintf("hand on number %d %s, %s", number, to, signer(e.By, e.Reason))
	case *Grade:
		return fmt.Sprintf("grade number %d, %s", number, signer(e.By, ""))
	case *Void:
		return fmt.Sprintf("void number %d, %s, %s", number, e.Reason, signer(e.By, ""))
	case *Close:
		return fmt.Sprintf("close with %d sold and %d void", e.Sold, e.Void)
	}
	return "unknown entry"
}

func signer(by By, reason Reason) string {
	switch {
	case by.Opening != nil:
		return "signed by the owner"
	case reason != "":
		return fmt.Sprintf("attested by the label (%s)", reason)
	}
	return "attested by the label"
}
