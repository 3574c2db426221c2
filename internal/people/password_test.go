package people

import (
	"encoding/base64"
	"encoding/hex"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

var small = Cost{Memory: 8, Passes: 1, Lanes: 1}

// TestArgon2id: the library's result for the parameters of the reference
// program's own example, `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 4`
// (github.com/P-H-C/phc-winner-argon2, test.c: version 0x13, t=2, m=2^16, p=1 for Argon2id).
func TestArgon2id(t *testing.T) {
	const want = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
	got := hex.EncodeToString(argon2.IDKey([]byte("password"), []byte("somesalt"), 2, 65536, 1, 32))
	if got != want {
		t.Errorf("argon2id gives %s, the reference %s", got, want)
	}
	stored := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$" + base64.RawStdEncoding.EncodeToString(mustHex(want))
	if right, c, err := matches(stored, "password"); err != nil || !right || c != (Cost{65536, 2, 1}) {
		t.Errorf("the reference's string: right %v, cost %v, %v", right, c, err)
	}
}

func mustHex(s string) []byte { b, _ := hex.DecodeString(s); return b }

// TestAgainstProgram: another program agrees on what we store.
func TestAgainstProgram(t *testing.T) {
	program, err := exec.LookPath("argon2")
	if err != nil {
		t.Skip("needs argon2")
	}
	cmd := exec.Command(program, "sixteen byte salt", "-id", "-t", "2", "-k", "19456", "-p", "1", "-l", "32", "-e")
	cmd.Stdin = strings.NewReader("seven quiet spools")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if right, c, err := matches(strings.TrimSpace(string(out)), "seven quiet spools"); err != nil || !right || c != DefaultCost {
		t.Errorf("%s: right %v, cost %v, %v", out, right, c, err)
	}
}

func TestHash(t *testing.T) {
	one, two := small.hash("seven quiet spools"), small.hash("seven quiet spools")
	if one == two {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	for password, want := range map[string]bool{"seven quiet spools": true, "seven quiet spool": false, "": false} {
		if right, c, err := matches(one, password); err != nil || right != want || c != small {
			t.Errorf("%q: right %v, cost %v, %v", password, right, c, err)
		}
	}
	for _, bad := range []string{"", "$", "plain", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=16$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		strings.Replace(one, "m=8,", "m=4294967295,", 1), strings.Replace(one, "m=8,", "m=08,", 1), strings.Replace(one, "t=1,", "t=4000000000,", 1), strings.Replace(one, "p=1", "p=0", 1),
		strings.Replace(one, "m=8,t=1", "t=1,m=8", 1), one + "$", one + "=", one[:len(one)-30], "$argon2id$v=19$m=8,t=1,p=1$$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$", one + strings.Repeat("A", 400)} {
		if right, _, err := matches(bad, ""); err == nil || right {
			t.Errorf("%.60q is taken for a stored password", bad)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	a := Account{Name: "ann.tape", Mail: "Ann@example.org", Display: "Ann Ω Tape"}
	for _, bad := range []string{"password", "PASSWORD", "Password1", "pa$$word", "p4ssw0rd!!", "12345678", "87654321", "qwertyuiop", "1q2w3e4r", "letmein123", "iloveyou!", "zzzzzzzz", "xyxyxyxy", "abcabcabcabc", "hijklmnop", "ponmlkjih",
		"ann.tape", "Ann.Tape99", "ann@example.org", "ann ω tape", "1234567", "Łódźłód"} {
		if checkPassword(bad, a) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, good := range []string{"seven quiet spools", "Łódź żółw", "correcthorse", "ann.tape and then some", "hunter2 has a long tail", "🎛️🎚️📼🎛️📼📼📼🎚️", strings.Repeat("ab", 3) + "cdefg!", strings.Repeat("ż", 100) + strings.Repeat("ó", 156), "        x"} {
		if err := checkPassword(good, a); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	if len(common) < 400 {
		t.Errorf("the list of common passwords has %d", len(common))
	}
	for w := range common {
		if len(w) >= minPassword && checkPassword(w, Account{Name: "x"}) == nil {
			t.Errorf("%q stands in the list and is taken", w)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(small.hash("x"))
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHApl8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=-1,t=1,p=257$$")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, hash, err := parseHash(s)
		if err != nil {
			return
		}
		if c.check() != nil || len(salt) > 64 || len(hash) > 64 {
			t.Fatalf("%q asks for %+v, salt %d, hash %d", s, c, len(salt), len(hash))
		}
	})
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("seven quiet spools", "ann")
	f.Add("\xff\u0301", "")
	f.Fuzz(func(t *testing.T, password, name string) {
		if checkPassword(password, Account{Name: name, Mail: name}) == nil && (tooLong(password) || len(password) < minPassword) {
			t.Fatalf("%q is taken", password)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	for name, c := range map[string]Cost{"19MiB,t=2,p=1": DefaultCost} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.hash("seven quiet spools")
			}
		})
	}
}
