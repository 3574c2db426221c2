package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCertificate(t *testing.T) {
	s := newShop(t)
	run, _, opening := s.story()
	file := s.certify(run, 1, &opening, 0)
	v, err := VerifyCertificate(file, Trust{})
	if err != nil {
		t.Fatal(err)
	}
	if v.KeyTrusted || v.Opening == nil || v.Growth != NotSeen || v.Variant != "white shell" || v.Declared.Catalogue != "HBR 004" ||
		v.Copy.Number != 1 || v.Copy.Status != Owned || len(v.History) != 5 || v.Key != s.vkey {
		t.Errorf("verdict %+v", v)
	}
	if v, err = VerifyCertificate(file, Trust{Key: s.vkey}); err != nil || !v.KeyTrusted {
		t.Errorf("with the log's key: %v", err)
	}
	// Whoever knows only C2SP forms can check the last entry, and each when split.
	for i, one := range append([][]byte{file}, mustParse(t, file).Split()...) {
		p, err := ParseProof(one)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := ParseLeaf(s.leaves[p.Index])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(leaf.Hash, s.vkey); err != nil {
			t.Errorf("tlog-proof %d: %v", i, err)
		}
	}
	t.Logf("a certificate of %d entries has %d bytes", len(v.History), len(file))
}

func mustParse(t *testing.T, file []byte) *Certificate {
	t.Helper()
	c, err := ParseCertificate(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A certificate that is put together wrongly, signed and proven as it may be.
func TestFalseCertificates(t *testing.T) {
	s := newShop(t)
	run, _, opening := s.story()
	other := newShop(t)
	other.label = key("forger")
	otherRun, _, _ := other.story()
	good := s.certify(run, 1, &opening, 0)
	for name, tt := range map[string]struct {
		want   error
		trust  Trust
		change func(c *Certificate)
	}{
		"another log's key":     {ErrSignature, Trust{Key: vkeyOf(t, "other")}, func(*Certificate) {}},
		"another key in it":     {ErrSignature, Trust{}, func(c *Certificate) { c.Key = vkeyOf(t, "other") }},
		"without the end":       {ErrProof, Trust{}, func(c *Certificate) { c.Entries = c.Entries[:3] }}, // the opening is the next owner's
		"without the middle":    {ErrRule, Trust{}, func(c *Certificate) { c.Entries = append(c.Entries[:3:3], c.Entries[4:]...) }},
		"without the start":     {ErrProof, Trust{}, func(c *Certificate) { c.Entries = c.Entries[1:] }},
		"only a declaration":    {ErrProof, Trust{}, func(c *Certificate) { c.Entries = c.Entries[:1] }},
		"order changed":         {ErrRule, Trust{}, func(c *Certificate) { c.Entries[2], c.Entries[3] = c.Entries[3], c.Entries[2] }},
		"repeated":              {ErrProof, Trust{}, func(c *Certificate) { c.Entries = append(c.Entries, c.Entries[4]) }},
		"another's opening":     {ErrProof, Trust{}, func(c *Certificate) { c.Opening = &Opening{} }},
		"another copy's entry":  {ErrProof, Trust{}, func(c *Certificate) { c.Entries[2] = mustParse(t, s.certify(run, 2, nil, 0)).Entries[2] }},
		"another log's copy":    {ErrProof, Trust{}, func(c *Certificate) { c.Entries = mustParse(t, other.certify(otherRun, 1, nil, 0)).Entries }},
		"another's checkpoint":  {ErrProof, Trust{}, func(c *Certificate) { c.Checkpoint = other.sign(nil).Note }},
		"no checkpoint":         {ErrMalformed, Trust{}, func(c *Certificate) { c.Checkpoint = nil }},
		"no entries":            {ErrMalformed, Trust{}, func(c *Certificate) { c.Entries = nil }},
		"index moved":           {ErrProof, Trust{}, func(c *Certificate) { c.Entries[4].Index++ }},
		"index beyond the tree": {ErrProof, Trust{}, func(c *Certificate) { c.Entries[4].Index = MaxSize }},
	} {
		t.Run(name, func(t *testing.T) {
			c := mustParse(t, good)
			tt.change(c)
			v, err := VerifyCertificate(c.Encode(), tt.trust)
			if !errors.Is(err, tt.want) {
				t.Errorf("%+v, %v; want %v", v, err, tt.want)
			}
		})
	}
}

func vkeyOf(t *testing.T, who string) string {
	t.Helper()
	w, err := NewCosigner(origin, key(who), 0)
	if err != nil {
		t.Fatal(err)
	}
	raw := append([]byte{1}, w.public()...)
	return fmt.Sprintf("%s+%08x+%s", origin, keyID(origin, 1, w.public()), base64.StdEncoding.EncodeToString(raw))
}

func TestCertificateAgainstWhatWasSeen(t *testing.T) {
	s := newShop(t)
	run := s.declare("first edition", 2)
	s.mint(run, 1, 2)
	s.sell(run, 1)
	early := &Seen{s.sign(nil)}
	earlier := s.certify(run, 1, nil, 0)
	s.sell(run, 2)
	now := &Seen{s.sign(&early.Checkpoint)}

	check := func(name string, file []byte, seen *Seen, growth Growth, want error) {
		t.Helper()
		v, err := VerifyCertificate(file, Trust{Seen: seen})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if err == nil && (v.Growth != growth || !v.KeyTrusted) {
			t.Errorf("%s: %v, want %v", name, v.Growth, growth)
		}
	}
	with := s.certify(run, 1, nil, early.Size)
	check("grown, with proof", with, early, GrewOutOf, nil)
	check("grown, without proof", s.certify(run, 1, nil, 0), early, Unproven, nil)
	check("the same", with, now, Same, nil)
	check("older than seen", earlier, now, Unproven, nil)

	// A second history by the same keys.
	lie := newShop(t)
	if lie.declare("first edition", 2) != run {
		t.Fatal("the liar does not begin alike")
	}
	lie.mint(run, 1, 2)
	lie.drawn = 10
	lie.sell(run, 1)
	check("two roots of one size", lie.certify(run, 1, nil, 0), early, 0, ErrFork)
	lie.sell(run, 2)
	check("a growth out of another history", lie.certify(run, 1, nil, early.Size), early, 0, ErrFork)

	// The last-seen file reads back, and only with a signature that holds.
	back, err := ParseSeen(now.Encode())
	if err != nil || back.Checkpoint != now.Checkpoint || back.Key != s.vkey {
		t.Errorf("%+v %v", back, err)
	}
	if _, err := ParseSeen(bytes.Replace(now.Encode(), []byte("\n5\n"), []byte("\n4\n"), 1)); !errors.Is(err, ErrSignature) {
		t.Errorf("changed: %v", err)
	}
	for _, bad := range []string{"", "x", string(now.Note), strings.Replace(string(now.Encode()), "seen/1", "seen/2", 1)} {
		if _, err := ParseSeen([]byte(bad)); err == nil {
			t.Errorf("%.40q was taken", bad)
		}
	}
}

// A person's data is gone when the shop's row and the salt are. The log does not change,
// and each certificate that was given out proves what it proved.
func TestErasureLeavesTheProofs(t *testing.T) {
	s := newShop(t)
	run, _, opening := s.story()
	rows := map[string]Opening{"ada@example.org": opening}
	saved := s.certify(run, 1, &opening, 0)
	before := s.export()

	delete(rows, "ada@example.org")

	if report, err := Audit(t.Context(), before, Trust{Key: s.vkey}, nil); err != nil || report.Count != 0 {
		t.Errorf("audit: %v %+v", err, report)
	}
	if v, err := VerifyCertificate(saved, Trust{Key: s.vkey}); err != nil || v.Opening == nil {
		t.Errorf("the certificate that was saved: %v", err)
	}
	if v, err := VerifyCertificate(s.certify(run, 1, nil, 0), Trust{Key: s.vkey}); err != nil || v.Opening != nil {
		t.Errorf("a new certificate, without the salt: %v", err)
	}
	// What stays behind holds neither name, key nor salt of who owns the copy now.
	for path, f := range before {
		for what, secret := range map[string]string{"name": "ada", "key": fmt.Sprintf("%x", opening.Key), "salt": fmt.Sprintf("%x", opening.Salt)} {
			if bytes.Contains(f.Data, []byte(secret)) {
				t.Errorf("%s holds the %s", path, what)
			}
		}
	}
	// Another salt for the same key does not open the commitment: with the salt gone, nobody can show whose it was.
	c, _ := s.state.Copy(run, 1)
	if c.OwnedBy(Opening{Key: opening.Key}) {
		t.Error("the commitment opens without the salt")
	}
}
