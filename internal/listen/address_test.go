package listen

import (
	"strings"
	"testing"
	"time"

	"ferric/internal/fault"
)

func room(t testing.TB, store Store, files Files, clock func() time.Time) *Listening {
	t.Helper()
	l, err := New(store, files, Config{Now: clock, Key: []byte(strings.Repeat("k", 32)), Own: true})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAddress(t *testing.T) {
	l := room(t, nil, nil, nil)
	until := l.expiry(began)
	if life := until.Sub(began); life < time.Minute || life > 90*time.Second {
		t.Errorf("an address lives %v", life)
	}
	if l.expiry(began) != l.expiry(began.Add(20*time.Second)) {
		t.Error("an address is another one 20 s later")
	}
	a := Address{"SITTING", Piece{1, true, 12}, until}
	signed := l.sign(a)
	if got, err := l.verify(signed, began); err != nil || got != a {
		t.Fatalf("%s came back as %+v, %v", signed, got, err)
	}
	if _, err := l.verify(signed, until.Add(-time.Nanosecond)); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	if _, err := l.verify(signed, until); !fault.Is(err, fault.Gone) {
		t.Errorf("at its end: %v", err)
	}
	// No change of a single letter is let through, and no other key signs for it.
	for i := range signed {
		for _, c := range []byte("abcs.019Az-_") {
			if changed := signed[:i] + string(c) + signed[i+1:]; changed != signed {
				if _, err := l.verify(changed, began); !fault.Is(err, fault.NotFound) {
					t.Errorf("%s: %v", changed, err)
				}
			}
		}
	}
	other, err := New(nil, nil, Config{Key: []byte(strings.Repeat("x", 32))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.verify(signed, began); !fault.Is(err, fault.NotFound) {
		t.Errorf("signed with another key: %v", err)
	}
	if _, err := New(nil, nil, Config{Key: []byte("short")}); err == nil {
		t.Error("a short key was taken")
	}
}

func TestNetwork(t *testing.T) {
	l := room(t, nil, nil, nil)
	for _, same := range [][2]string{{"192.0.2.1", "::ffff:192.0.2.1"}, {"2001:db8:1:2::3", "2001:db8:1:2:4:5:6:7"}} {
		if l.network(same[0]) != l.network(same[1]) {
			t.Errorf("%v are two networks", same)
		}
	}
	for _, two := range [][2]string{{"192.0.2.1", "192.0.2.2"}, {"2001:db8:1:2::3", "2001:db8:1:3::3"}, {"", "x"}} {
		if l.network(two[0]) == l.network(two[1]) {
			t.Errorf("%v are one network", two)
		}
	}
	if strings.Contains(l.network("192.0.2.1"), "192") {
		t.Error("the address itself is kept")
	}
}

func FuzzAddress(f *testing.F) {
	l := room(f, nil, nil, nil)
	until := l.expiry(began)
	for _, p := range []Piece{{0, false, 0}, {1, true, 99999}, {0, true, 3}} {
		f.Add(l.sign(Address{"SITTING", p, until}))
		f.Add(Address{"SITTING", p, until}.text())
	}
	for _, s := range []string{"", ".", "...", "S.as1.0.x", "S.as01.1.", "S.cs1.1", "S.ax1.1", "S.as-1.1", "S.as1.+1", "a.b.c.d.e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, ok := parseAddress(s); ok && (a.text() != s || a.Piece.Side < 0 || a.Piece.Side > 1 || a.Piece.Index < 0 || a.Piece.Index > mostIndex) {
			t.Errorf("%q was read as %+v", s, a)
		}
		if a, err := l.verify(s, began); err == nil && l.sign(a) != s {
			t.Errorf("%q was let through as %+v", s, a)
		}
	})
}
