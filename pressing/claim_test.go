package pressing

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestClaimBits(t *testing.T) {
	bits := float64(claimLength-1) * math.Log2(float64(len(claimAlphabet)))
	if bits < 80 {
		t.Fatalf("a code carries %.1f bits, at least 80 are promised", bits)
	}
	for _, pair := range []string{"B8", "G6", "I1", "O0", "Q0", "S5", "Z2", "UV", "IL", "OQ"} {
		if strings.Contains(claimAlphabet, pair[:1]) && strings.Contains(claimAlphabet, pair[1:]) {
			t.Errorf("%q are both in the alphabet and look alike", pair)
		}
	}
}

// TestClaimFindsSlips changes every character into every other, and every two with each other.
func TestClaimFindsSlips(t *testing.T) {
	for range 5 {
		code, err := NewClaim(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseClaim(" " + strings.ToLower(strings.ReplaceAll(code, "-", " ")) + "\t"); err != nil || got != code {
			t.Fatalf("%s typed without care: %q, %v", code, got, err)
		}
		plain := strings.ReplaceAll(code, "-", "")
		for i := range plain {
			for _, r := range claimAlphabet {
				slip := plain[:i] + string(r) + plain[i+1:]
				if _, err := ParseClaim(slip); slip != plain && !errors.Is(err, ErrClaim) {
					t.Fatalf("%s passed for %s", slip, plain)
				}
			}
			for j := i + 1; j < len(plain); j++ {
				b := []byte(plain)
				b[i], b[j] = b[j], b[i]
				if _, err := ParseClaim(string(b)); string(b) != plain && !errors.Is(err, ErrClaim) {
					t.Fatalf("%s passed for %s", b, plain)
				}
			}
		}
	}
}

func TestClaimIsFair(t *testing.T) {
	var all []byte
	for b := range 256 {
		all = append(all, byte(b))
	}
	// Every byte once, many times over: the rejection leaves each character the same share.
	code, err := NewClaim(bytes.NewReader(append(bytes.Repeat([]byte{255, 253}, 20), all...)))
	if err != nil {
		t.Fatal(err)
	}
	if code[:5] != claimAlphabet[:5] {
		t.Errorf("bytes 253 and 255 were not thrown away: %s", code)
	}
	if _, err := NewClaim(strings.NewReader("short")); err == nil {
		t.Error("a source that ran dry gave a code")
	}
}

func FuzzParseClaim(f *testing.F) {
	f.Add("ACDEF-HJKLM-NPRTV-WXY34")
	f.Add("oOoO0 \u202e\x00")
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := ParseClaim(typed)
		if err != nil {
			return
		}
		if again, err := ParseClaim(code); err != nil || again != code {
			t.Errorf("%q gave %q, which gave %q, %v", typed, code, again, err)
		}
	})
}
