package people

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestParseName(t *testing.T) {
	for typed, want := range map[string][2]string{
		"Ann": {"ann", "ann"}, " ann.tape ": {"ann.tape", "anntape"}, "B0b_1": {"b0b_1", "bobl"}, "Barney": {"barney", "bamey"}, "ＡＮＮ": {"ann", "ann"}, "vvim": {"vvim", "wim"},
	} {
		if name, key, err := parseName(typed); err != nil || name != want[0] || key != want[1] {
			t.Errorf("%q: %q, %q, %v", typed, name, key, err)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"ann", "rnrn", "ﬁn", "İstanbul", "\xff", "...."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		name, key, err := parseName(typed)
		if err != nil {
			return
		}
		again, key2, err := parseName(name)
		if err != nil || again != name || key2 != key {
			t.Fatalf("%q is %q, and that is %q (%q, %q): %v", typed, name, again, key, key2, err)
		}
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" || len(name) > 32 {
			t.Fatalf("%q is the name %q", typed, name)
		}
	})
}

func FuzzHashToken(f *testing.F) {
	f.Add(newToken())
	f.Add(strings.Repeat("A", 43))
	f.Add(strings.Repeat("_", 42) + "9")
	f.Fuzz(func(t *testing.T, token string) {
		hash, ok := hashToken("session", token)
		b, err := base64.RawURLEncoding.DecodeString(token)
		ours := err == nil && len(b) == 32 && base64.RawURLEncoding.EncodeToString(b) == token
		if ok != ours || ok != (len(hash) == 64) {
			t.Fatalf("%q: %q, %v", token, hash, ok)
		}
		if key, fine := VisitorKey(token); fine != ok || fine && key == hash {
			t.Fatalf("%q as a visitor: %q, %v", token, key, fine)
		}
	})
}

func FuzzUnseal(f *testing.F) {
	p := &People{cfg: Config{Key: []byte(strings.Repeat("k", 32))}}
	state, err := p.seal(sealed{For: "sign in"}, "v")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add(".")
	f.Add("e30." + p.mac("passkey", "v\ne30"))
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := p.unseal(s, "register", "v", late); err == nil {
			t.Fatalf("%q is a state: %+v", s, got)
		}
	})
}

// late is long after every state.
var late = time.Unix(1<<40, 0)

func TestFamily(t *testing.T) {
	for agent, want := range map[string]string{
		"": "a browser", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                            "Chrome on Android",
		"<script>alert(1)</script>": "a browser", "x" + strings.Repeat("y", 1<<20) + "Firefox/1": "a browser",
	} {
		if got := family(agent); got != want {
			t.Errorf("%.60q is %q, want %q", agent, got, want)
		}
	}
}
