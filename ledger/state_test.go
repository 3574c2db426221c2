package ledger

import (
	"errors"
	"testing"
)

func TestStoryFollowsTheRules(t *testing.T) {
	s := newShop(t)
	run, holder, opening := s.story()
	r, _ := s.state.Run(run)
	if !r.Closed || r.Minted != 4 || r.Owned != 3 || r.Void != 1 {
		t.Errorf("run is %+v", r)
	}
	c, _ := s.state.Copy(run, 1)
	if !c.OwnedBy(opening) || c.Entries != 4 || c.ByLabel != 0 {
		t.Errorf("copy 1 is %+v", c)
	}
	if c, _ := s.state.Copy(run, 4); c.Status != Owned || c.ByLabel != 1 {
		t.Errorf("copy 4 is %+v", c)
	}
	// After the close an owner goes on as before.
	_, next := s.owner()
	a := s.about(run, 1)
	s.add(&HandOn{About: a, Owner: next.Commit(a.Prev), By: By{&opening}}, holder)
	if c, _ := s.state.Copy(run, 1); !c.OwnedBy(next) || c.OwnedBy(opening) {
		t.Error("copy 1 was not handed on")
	}
}

func TestRules(t *testing.T) {
	one := Hash{1}
	tests := []struct {
		name string
		want error
		do   func(s *shop, run Hash) (*Leaf, error)
	}{
		{"declared twice", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			leaf, err := ParseLeaf(s.leaves[0])
			if err != nil {
				return nil, err
			}
			return s.try(leaf.Entry, s.label)
		}},
		{"declared for another log", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			return s.try(&Declare{Origin: "other.example", Key: public(s.label), Catalogue: "X", Edition: "1", Size: 1}, s.label)
		}},
		{"declared with another's key", ErrSignature, func(s *shop, run Hash) (*Leaf, error) {
			return s.try(&Declare{Origin: origin, Key: public(s.label), Catalogue: "X", Edition: "1", Size: 1}, key("thief"))
		}},
		{"minted twice", ErrRule, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Mint{Run: run, Copy: 1}, s.label) }},
		{"minted beyond the run", ErrRule, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Mint{Run: run, Copy: 5}, s.label) }},
		{"minted for no run", ErrRule, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Mint{Run: one, Copy: 4}, s.label) }},
		{"minted by a stranger", ErrSignature, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Mint{Run: run, Copy: 4}, key("thief")) }},
		{"sold twice", ErrRule, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Sell{s.about(run, 1), one}, s.label) }},
		{"sold before minted", ErrRule, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Sell{About{run, 4, run}, one}, s.label) }},
		{"sold from an old head", ErrRule, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Sell{About{run, 2, one}, one}, s.label) }},
		{"sold by a stranger", ErrSignature, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Sell{s.about(run, 2), one}, key("thief")) }},
		{"handed on unsold", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			return s.try(&HandOn{About: s.about(run, 2), Owner: one, Reason: Asked}, s.label)
		}},
		{"handed on with a key that is not the owner's", ErrSignature, func(s *shop, run Hash) (*Leaf, error) {
			k, o := s.owner()
			return s.try(&HandOn{About: s.about(run, 1), Owner: one, By: By{&o}}, k)
		}},
		{"handed on with the owner's opening and the label's signature", ErrSignature, func(s *shop, run Hash) (*Leaf, error) {
			o := Opening{public(key("owner 1")), [32]byte(seed("salt 1"))}
			return s.try(&HandOn{About: s.about(run, 1), Owner: one, By: By{&o}}, s.label)
		}},
		{"void while owned", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			return s.try(&Void{About: s.about(run, 1), Reason: Destroyed}, s.label)
		}},
		{"void twice", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			s.add(&Void{About: s.about(run, 2), Reason: Unsold}, s.label)
			return s.try(&Void{About: s.about(run, 2), Reason: Unsold}, s.label)
		}},
		{"sold when void", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			s.add(&Void{About: s.about(run, 2), Reason: Unsold}, s.label)
			return s.try(&Sell{s.about(run, 2), one}, s.label)
		}},
		{"closed with numbers left", ErrRule, func(s *shop, run Hash) (*Leaf, error) { return s.try(&Close{run, 1, 0}, s.label) }},
		{"closed with wrong counts", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			return s.try(closing(s, run, 3, 1), s.label)
		}},
		{"closed twice", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			s.add(closing(s, run, 1, 3), s.label)
			return s.try(&Close{run, 1, 3}, s.label)
		}},
		{"taken back after the close", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			s.add(closing(s, run, 1, 3), s.label)
			return s.try(&HandOn{About: s.about(run, 1), Reason: Returned}, s.label)
		}},
		{"minted after the close", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			s.add(closing(s, run, 1, 3), s.label)
			return s.try(&Mint{Run: run, Copy: 4}, s.label)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			run := s.declare("first edition", 4)
			s.mint(run, 1, 2, 3)
			s.sell(run, 1)
			_, err := tt.do(s, run)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// closing makes void what is unsold, so that the run could be closed.
func closing(s *shop, run Hash, sold, void int) Entry {
	s.mint(run, 4)
	for n := 2; n <= 4; n++ {
		s.add(&Void{About: s.about(run, n), Reason: Unsold}, s.label)
	}
	return &Close{run, sold, void}
}
