package wantlist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, text string) *Round {
	t.Helper()
	r, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lists writes a round's lists back as "(USER) ITEM : WANT/rank ...".
func lists(r *Round) []string {
	var out []string
	for _, l := range r.Lists {
		var b strings.Builder
		if u := r.Items[l.Item].User; u >= 0 {
			fmt.Fprintf(&b, "(%s) ", r.Users[u])
		}
		b.WriteString(r.Items[l.Item].Name + " :")
		for _, w := range r.Wants[l.From:l.To] {
			fmt.Fprintf(&b, " %s/%d", r.Items[w.Item].Name, w.Rank)
		}
		out = append(out, b.String())
	}
	return out
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"ranks and semicolons", "(ann lee) a : b c ; d\n(b) b : a\n(c) c : a\n(d) d : ; a", []string{
			"(ANN LEE) A : B/1 C/2 D/12", "(B) B : A/1", "(C) C : A/1", "(D) D : A/10"}},
		{"no colon, no user", "a b\nb a", []string{"A : B/1", "B : A/1"}},
		{"steps", "#! SMALL-STEP=0 BIG-STEP=5\na : b c;d\nb:\nc:\nd:", []string{"A : B/1 C/1 D/6", "B :", "C :", "D :"}},
		{"explicit", "#! EXPLICIT-PRIORITIES\na : b=7 c d=2\nb:\nc:\nd:", []string{"A : B/7 C/8 D/2", "B :", "C :", "D :"}},
		{"case", "#! CASE-SENSITIVE\n(u) a : A\n(v) A : a", []string{"(u) a : A/1", "(v) A : a/1"}},
		{"dummies belong to their user", "#! ALLOW-DUMMIES\n(u) a : %x\n(u) %x : b c\n(v) b : %x\n(v) %x : a\n(v) c : a", []string{
			"(U) A : %X/1", "(U) %X : B/1 C/2", "(V) B : %X/1", "(V) %X : A/1", "(V) C : A/1"}},
		{"line ends and old marks", "\ufeff(u) a : b\r\n(v) b : a\r\n\x1a", []string{"(U) A : B/1", "(V) B : A/1"}},
		{"old Macs' line ends", "(u) a : b\r\r(v) b : a\r", []string{"(U) A : B/1", "(V) B : A/1"}},
		{"a mark before the last line's end", "(u) a : b\n(v) b : a\n\x1a\r\n", []string{"(U) A : B/1", "(V) B : A/1"}},
		{"windows-1252", "(\x93Ren\xe9\x94) a : b\n(v) b : a", []string{"(“RENÉ”) A : B/1", "(V) B : A/1"}},
		{"a dummy that is only a mark", "#! ALLOW-DUMMIES\n(u) a : %\n(u) % : b\n(v) b : a", []string{"(U) A : %/1", "(U) % : B/1", "(V) B : A/1"}},
		{"latin-1", "(Ren\xe9) a : b\n(v) b : a", []string{"(RENÉ) A : B/1", "(V) B : A/1"}},
		{"empty option line and pragma", "#!\n#pragma user \"x\"\na : b\nb : a", []string{"A : B/1", "B : A/1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, c.text)
			if got := lists(r); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if len(r.Mistakes) != 0 {
				t.Errorf("mistakes: %v", r.Mistakes)
			}
		})
	}
}

func TestOfficialNames(t *testing.T) {
	r := read(t, `#! REQUIRE-OFFICIAL-NAMES
!BEGIN-OFFICIAL-NAMES
0001-A ==> "Title: one" (from u) [copy 1 of 2] # two
# a remark
0002-B: Another
0003-C
!END-OFFICIAL-NAMES
#+ kept
(u) 0001-a : 0003-c 0002-b
(v) 0002-b : 0001-a
(w) stray : 0001-a`)
	if got, want := lists(r), []string{"(U) 0001-A : 0002-B/2", "(V) 0002-B : 0001-A/1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := r.Items[0].Title; got != `==> "Title: one" (from u) [copy 1 of 2] # two` {
		t.Errorf("title %q", got)
	}
	if len(r.Notes) != 1 || r.Notes[0] != "#+ kept" {
		t.Errorf("notes %q", r.Notes)
	}
	var kinds []string
	for _, m := range r.Mistakes {
		kinds = append(kinds, m.Code())
	}
	if want := []string{"not-official", "no-list"}; !slices.Equal(kinds, want) {
		t.Errorf("mistakes %v, want %v", kinds, want)
	}
}

func TestMistakes(t *testing.T) {
	r := read(t, "#! ALLOW-DUMMIES\n(u) a : a b b nowhere c=2 own c\n(u) own : c %d\n(u) %d : own c\n(v) b : a\n(v) b : own\n(w) c : a")
	want := []string{
		"2 own-item", "2 repeated-want", "2 unknown-want", "2 own-other", "2 bad-priority", "4 own-other", "6 second-list",
	}
	var got []string
	for _, m := range r.Mistakes {
		got = append(got, fmt.Sprintf("%d %s", m.Line, m.Code()))
		if m.Text() == "" || m.Do() == "" {
			t.Errorf("%v has no words", m)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, sorted(want)) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := lists(r)[0], "(U) A : B/1 C/2"; got != want {
		t.Errorf("got %q, want %q: skipped wants do not move the rank", got, want)
	}
}

// TestSoftMistakes: what one person gets wrong does not stop the round of the others.
func TestSoftMistakes(t *testing.T) {
	for text, want := range map[string][]string{
		"(u) a : %x b\n(u) %x : b\n(v) b : a":                                     {"1 dummy-refused", "2 dummy-refused"},
		"#! ALLOW-DUMMIES\na : %x b\n%x : b\n(v) b : a":                           {"2 dummy-owner", "3 dummy-owner"},
		"#! EXPLICIT-PRIORITIES\na : c=0 c=x =1 c=9999999999 b=1\nb : a\nc:":      {"2 bad-number", "2 bad-number", "2 bad-number", "2 bad-number"},
		"!BEGIN-OFFICIAL-NAMES\na\nb\n!END-OFFICIAL-NAMES\na : z b\nb : a\nz : a": {"5 unknown-want", "7 not-official"},
	} {
		r := read(t, text)
		var got []string
		for _, m := range r.Mistakes {
			got = append(got, fmt.Sprintf("%d %s", m.Line, m.Code()))
			if m.Text() == "" || m.Do() == "" || m.Code() == "" {
				t.Errorf("%v has no words", m)
			}
		}
		if !slices.Equal(sorted(got), want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if l := lists(r)[0]; !strings.HasSuffix(l, "A : B/1") {
			t.Errorf("%q: got %q", text, l)
		}
	}
}

func sorted(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s }

func TestRefused(t *testing.T) {
	for text, line := range map[string]int{
		"a : b\n#! ALLOW-DUMMIES":                2,
		"#! NO-SUCH":                             1,
		"#! METRIC=FAVOR-USER=ann":               1,
		"#! COMBINE-SHIPPING":                    1,
		"#! SHOW-WANTS":                          1,
		"#! LINEAR-PRIORITIES SQUARE-PRIORITIES": 1,
		"#! SMALL-STEP":                          1,
		"#! ALLOW-DUMMIES=1":                     1,
		"#! SMALL-STEP=-1":                       1,
		"(u a : b":                               1,
		"() a : b":                               1,
		"(u) a : b : c":                          1,
		"(u) a b : c":                            1,
		"(u) a : b (c)":                          1,
		"a : b # remark":                         1,
		"(u\x1b[31m) a : b":                      1,
		"a : b\nb\x00 : a":                       2,
		"(u\u0085) a : b":                        1,
		"#! REQUIRE-COLONS\na b":                 2,
		"#! REQUIRE-USERNAMES\na : b":            2,
		"#! SQUARE-PRIORITIES BIG-STEP=999999\na : ;b\nb : a": 2,
		"!BEGIN-OFFICIAL-NAMES\na\na\n!END-OFFICIAL-NAMES":    3,
		"!BEGIN-OFFICIAL-NAMES\n%a":                           2,
		"!BEGIN-OFFICIAL-NAMES\na":                            2,
		"!WHAT":                                               1,
		"a=1 : b":                                             1,
		"; a : b":                                             1,
		"(u)":                                                 1,
	} {
		_, err := Read(strings.NewReader(text))
		var at *SyntaxError
		if !errors.As(err, &at) || !errors.Is(err, ErrSyntax) || at.Line != line {
			t.Errorf("%q: %v, want an error on line %d", text, err, line)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("#! ALLOW-DUMMIES EXPLICIT-PRIORITIES\n(u) a : %x b=3 ; c\n(u) %x : b\n(v) b : a\n")
	f.Add("!BEGIN-OFFICIAL-NAMES\n01-A x\n!END-OFFICIAL-NAMES\n(u) 01-a : 01-a\n\x1a")
	f.Add("(\xff) \xfe : %")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Read(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrSyntax) {
				t.Fatal(err)
			}
			return
		}
		for _, l := range r.Lists {
			for _, w := range r.Wants[l.From:l.To] {
				if r.Items[w.Item].List < 0 {
					t.Fatalf("%q: %s can never be met", text, r.Items[w.Item].Name)
				}
			}
		}
		if err := r.Problem().Validate(); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func TestRules(t *testing.T) {
	base := "#! ALLOW-DUMMIES\n(u) a : %x\n(u) %x : b c\n(v) b : a\n(v) c : a\n"
	rules := "#ferric region (u) EU\n#ferric posts (v) uk\n#ferric never (u) (v)\n#ferric at-most 2 (u) %x\n#ferric weight a 3\n"
	r := read(t, base+rules)
	p := r.Problem()
	at := map[string]int{}
	for i, it := range p.Problem.Items {
		at[it.Name] = i
	}
	if it := p.Problem.Items[at["U\x00%X"]]; it.Capacity != 2 {
		t.Errorf("capacity %d, want 2", it.Capacity)
	}
	if it := p.Problem.Items[at["A"]]; it.Weight != 3 || it.Refuses != 0 {
		t.Errorf("a: weight %d, refuses %b", it.Weight, it.Refuses)
	}
	eu, b := p.Region[p.Problem.Items[at["A"]].Owner], p.Problem.Items[at["B"]]
	if eu == 0 || b.Refuses&(1<<eu) == 0 || b.Refuses&1 != 0 {
		t.Errorf("b must refuse region %d and nowhere else: %b", eu, b.Refuses)
	}
	if len(p.Bans) != 1 || p.Bans[0].From != p.Problem.Items[at["A"]].Owner {
		t.Errorf("bans %v", p.Bans)
	}
	other := read(t, strings.SplitAfter(rules, "\n")[0]+base)
	if other.Hash() == r.Hash() || read(t, rules+base).Hash() != r.Hash() {
		t.Error("the hash must hold the rules, and not their place in the file")
	}
	for _, bad := range []string{"#ferric region (u)", "#ferric region (w) EU", "#ferric at-most 0 (u) %x", "#ferric weight nothing 2", "#ferric what", "#ferric never (u)", "#ferric at-most 2 (u) a"} {
		if _, err := Read(strings.NewReader(base + bad + "\n")); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
