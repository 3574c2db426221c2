package catalog

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/internal/fault"
)

// TestAnyLife leads a copy through any acts and checks after each what must hold of every copy.
func TestAnyLife(t *testing.T) {
	verbs := make([]Verb, 0, len(ways)+1)
	for v := range ways {
		verbs = append(verbs, v)
	}
	slices.Sort(verbs)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_000_000, 0)
		c := Copy{Run: "r", Number: 7, Pool: rapid.SampledFrom(Pools).Draw(t, "pool"), State: Free, ClaimHash: "first", Seq: 1, Changed: now}
		var claims []string
		for range rapid.IntRange(1, 60).Draw(t, "acts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute)
			a := Act{
				Verb: rapid.SampledFrom(verbs).Draw(t, "verb"), At: now, By: "by",
				Holder: rapid.SampledFrom([]string{"", "v1", "v2"}).Draw(t, "holder"), Until: now.Add(time.Duration(rapid.IntRange(-1, 10).Draw(t, "until")) * time.Minute),
				Order: rapid.SampledFrom([]string{"", "o1", "o2"}).Draw(t, "order"), Owner: rapid.SampledFrom([]string{"", "ann", "bob"}).Draw(t, "owner"),
				Pool: rapid.SampledFrom(append([]Pool{"nowhere"}, Pools...)).Draw(t, "to"), Note: rapid.SampledFrom([]string{"", "why", "a\nb"}).Draw(t, "note"),
				ClaimHash: rapid.SampledFrom([]string{"", "first", "second", "third"}).Draw(t, "hash"),
			}
			after, e, err := c.After(a)
			if err != nil {
				if after.State != c.State && after.Seq != c.Seq {
					t.Fatalf("a refused %q changed %+v to %+v", a.Verb, c, after)
				}
				continue
			}
			if c.State == Void {
				t.Fatalf("a void copy was changed by %q", a.Verb)
			}
			if e.Seq != c.Seq+1 || after.Seq != e.Seq || e.State != after.State || e.Verb != a.Verb || !e.At.Equal(now) {
				t.Fatalf("event %+v of %+v", e, after)
			}
			if a.Verb == Claim {
				if slices.Contains(claims, c.ClaimHash) {
					t.Fatalf("the code %q registered twice", c.ClaimHash)
				}
				claims = append(claims, c.ClaimHash)
			}
			if after.State == Held && c.State != Held && after.Pool != Web && a.Verb == Hold {
				t.Fatal("a copy of another pool is held on the web")
			}
			if after.Run != c.Run || after.Number != c.Number || after.Variant != c.Variant {
				t.Fatal("a copy became another")
			}
			if (after.State == Held) != (after.Holder != "") || (after.State == Held) == after.HeldUntil.IsZero() {
				t.Fatalf("%s with holder %q until %v", after.State, after.Holder, after.HeldUntil)
			}
			if (after.State == Claimed) != (after.Owner != "") || after.State == Free && after.Order != "" || (after.State == Void) != (after.Reason != "") {
				t.Fatalf("%+v", after)
			}
			c = after
		}
	})
}

// TestWays is the state machine as a drawing: what may follow what.
func TestWays(t *testing.T) {
	next := map[State]map[State]bool{}
	for _, w := range ways {
		for _, from := range w.from {
			if next[from] == nil {
				next[from] = map[State]bool{}
			}
			if w.to != "" && w.to != from {
				next[from][w.to] = true
			}
		}
	}
	for from, want := range map[State][]State{
		Free: {Held, Sold, Claimed, Void}, Held: {Free, Sold}, Sold: {Free, Packed, Claimed, Void}, Packed: {Free, Shipped, Claimed, Void},
		Shipped: {Claimed, Returned, Void}, Claimed: {Returned}, Returned: {Free, Void}, Void: nil,
	} {
		for _, to := range States {
			if next[from][to] != slices.Contains(want, to) {
				t.Errorf("%s to %s: %t", from, to, next[from][to])
			}
		}
	}
}

func TestDeclarationsThatDoNotAddUp(t *testing.T) {
	hash := "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	good := Run{Copies: 10, Proofs: 2, Salt: "s", Declaration: Declaration{
		Variants: []Span{{"gold", 6, 12}, {"black", 1, 5}}, Pools: []Span{{"web", 1, 8}, {"merch", 9, 10}}, Cards: []Card{{1, hash}}, Manifest: hash}}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for what, edit := range map[string]func(*Run){
		"no copies": func(r *Run) { r.Copies = 0 }, "too many": func(r *Run) { r.Copies = MaxCopies },
		"negative proofs": func(r *Run) { r.Proofs = -1 }, "no salt": func(r *Run) { r.Salt = "" },
		"gap": func(r *Run) { r.Variants = []Span{{"a", 1, 4}, {"b", 6, 12}} }, "overlap": func(r *Run) { r.Variants = []Span{{"a", 1, 6}, {"b", 6, 12}} },
		"short": func(r *Run) { r.Variants = []Span{{"a", 1, 11}} }, "beyond": func(r *Run) { r.Variants = []Span{{"a", 1, 13}} },
		"backwards": func(r *Run) { r.Variants = []Span{{"a", 1, 0}, {"b", 1, 12}} }, "no pool": func(r *Run) { r.Pools = []Span{{"moon", 1, 10}} },
		"card twice": func(r *Run) { r.Cards = []Card{{1, hash}, {2, hash}} }, "card 0": func(r *Run) { r.Cards = []Card{{0, hash}} },
		"no hash": func(r *Run) { r.Manifest = "abc" },
	} {
		r := good
		edit(&r)
		if err := r.check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestBarcodesAndSlugs(t *testing.T) {
	// The worked examples of gs1.org's check digit calculator, and one of a record with leading zero.
	for code, want := range map[string]bool{"6291041500213": true, "0602547677396": true, "": true, "6291041500214": false, "602547677396": true, "12345": false, "629104150021x": false} {
		if got := CheckBarcode(code) == nil; got != want {
			t.Errorf("barcode %q: %t", code, got)
		}
	}
	for slug, want := range map[string]bool{"a": true, "zt-01": true, "": false, "-a": false, "a-": false, "a--b": false, "A": false, "a/b": false, "..": false} {
		if got := CheckSlug(slug) == nil; got != want {
			t.Errorf("slug %q: %t", slug, got)
		}
	}
}
