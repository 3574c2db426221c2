package ledger

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"pgregory.net/rapid"
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
		{"declared again, to grow", ErrRule, func(s *shop, run Hash) (*Leaf, error) {
			return s.try(&Declare{Origin: origin, Key: public(s.label), Catalogue: "HBR 004", Edition: "first edition", Size: 8}, s.label)
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

// Whatever is tried, in any order and by anybody: what the state counts is what is there, no number has two
// owners at once, and a run that is closed stays as it was counted, but for what owners do.
func TestWhateverIsTried(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newShop(t)
		const size = 3
		run := s.declare("first edition", size)
		owners := map[int]Opening{} // as the openings say that the state should have it
		keys := map[int]ed25519.PrivateKey{}
		minted, void := map[int]bool{}, map[int]bool{}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			n := rapid.IntRange(1, size+1).Draw(rt, "number")
			c, _ := s.state.Copy(run, n)
			about := About{run, n, c.Head}
			k, o := s.owner()
			signer := s.label
			by := By{}
			if old, ok := owners[n]; ok && rapid.Bool().Draw(rt, "by the owner") {
				by.Opening, signer = &old, keys[n]
			}
			if rapid.IntRange(0, 9).Draw(rt, "thief") == 0 {
				signer = key("thief")
			}
			var e Entry
			done := func() {}
			switch rapid.IntRange(0, 6).Draw(rt, "kind") {
			case 0:
				e, done = &Mint{Run: run, Copy: n}, func() { minted[n] = true }
			case 1:
				e, done = &Sell{about, o.Commit(about.Prev)}, func() { owners[n], keys[n] = o, k }
			case 2:
				h := &HandOn{About: about, Owner: o.Commit(about.Prev), By: by}
				if by.Opening == nil {
					h.Reason = Asked
				}
				e, done = h, func() { owners[n], keys[n] = o, k }
			case 3:
				h := &HandOn{About: about, By: by}
				if by.Opening == nil {
					h.Reason = Returned
				}
				e, done = h, func() { delete(owners, n) }
			case 4:
				e, done = &Void{About: about, Reason: Destroyed, By: by}, func() { delete(owners, n); void[n] = true }
			case 5:
				e = &Grade{About: about, By: by}
			case 6:
				e = &Close{run, len(owners), len(void)}
			}
			before, _ := s.state.Run(run)
			_, err := s.try(e, signer)
			after, _ := s.state.Run(run)
			if err != nil {
				if after != before {
					rt.Fatalf("%s was refused and changed the run", Describe(e))
				}
				continue
			}
			done()
			if string(signer) == string(key("thief")) {
				rt.Fatalf("%s was taken from a thief", Describe(e))
			}
			if after.Minted != len(minted) || after.Owned != len(owners) || after.Void != len(void) || after.Minted > size {
				rt.Fatalf("after %s: %+v, want %d, %d, %d", Describe(e), after, len(minted), len(owners), len(void))
			}
			if before.Closed && (!after.Closed || after.Minted != before.Minted || by.Opening == nil && (after.Owned != before.Owned || after.Void != before.Void)) {
				rt.Fatalf("%s after the close", Describe(e))
			}
			for n := 1; n <= size; n++ {
				c, ok := s.state.Copy(run, n)
				o, owned := owners[n]
				if ok != minted[n] || owned != (c.Status == Owned) || owned && !c.OwnedBy(o) || void[n] != (c.Status == Gone) {
					rt.Fatalf("after %s: number %d is %+v", Describe(e), n, c)
				}
			}
		}
	})
}
