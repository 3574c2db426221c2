package pressing

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A claim code is printed inside one copy's card and registers its owner: 19
// random characters and a check character, in four groups of five.
//
// The alphabet has 23 characters. Letters and digits that are taken for one
// another in small print or by hand are left out (B8, G6 loses G, I1L keeps L,
// O0Q, S5, UV keeps V, Z2). 23 is prime: with a different weight at every
// place, the check character finds every single wrong character and every two
// that changed places. 19 characters carry 85.9 bits.
const (
	claimAlphabet = "ACDEFHJKLMNPRTVWXY34679"
	claimLength   = 20
	claimGroup    = 5
)

// ErrClaim says that a claim code is not one that was ever printed; the wrapping error says why.
var ErrClaim = errors.New("not a claim code")

// NewClaim draws a claim code from random, crypto/rand's Reader when it is nil.
func NewClaim(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	digits := make([]int, 0, claimLength)
	const fair = 256 / len(claimAlphabet) * len(claimAlphabet) // above it, a byte would favour some characters
	for one := make([]byte, 1); len(digits) < claimLength-1; {
		if _, err := io.ReadFull(random, one); err != nil {
			return "", fmt.Errorf("draw a claim code: %w", err)
		}
		if int(one[0]) < fair {
			digits = append(digits, int(one[0])%len(claimAlphabet))
		}
	}
	digits = append(digits, claimCheck(digits))
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && i%claimGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(claimAlphabet[d])
	}
	return b.String(), nil
}

// ParseClaim puts a code as typed by a person into its printed form: case,
// spaces and hyphens do not matter. It refuses one whose check character is wrong.
func ParseClaim(typed string) (string, error) {
	if len(typed) > 4*claimLength {
		return "", fmt.Errorf("%w: it has %d characters, a code has %d", ErrClaim, len(typed), claimLength)
	}
	var plain []byte
	var digits []int
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r == '-' || r == ' ' || r == '\t':
		case r < 128 && strings.IndexByte(claimAlphabet, byte(r)) >= 0:
			digits = append(digits, strings.IndexByte(claimAlphabet, byte(r)))
			plain = append(plain, byte(r))
		default:
			return "", fmt.Errorf("%w: %q is never used in one", ErrClaim, r)
		}
	}
	if len(digits) != claimLength {
		return "", fmt.Errorf("%w: it has %d characters, a code has %d", ErrClaim, len(digits), claimLength)
	}
	if claimCheck(digits[:claimLength-1]) != digits[claimLength-1] {
		return "", fmt.Errorf("%w: one character is wrong, or two changed places", ErrClaim)
	}
	groups := make([]string, 0, claimLength/claimGroup)
	for i := 0; i < claimLength; i += claimGroup {
		groups = append(groups, string(plain[i:i+claimGroup]))
	}
	return strings.Join(groups, "-"), nil
}

// claimCheck makes the weighted sum of all digits, the check digit's weight being 20, a multiple of 23.
func claimCheck(digits []int) int {
	p := len(claimAlphabet)
	sum := 0
	for i, d := range digits {
		sum += (i + 1) * d
	}
	// 20 · 15 = 300 = 13·23 + 1, so 15 is the inverse of 20 modulo 23.
	const inverse = 15
	return (p - sum%p) % p * inverse % p
}

// HashClaim is what the manifest keeps in place of a code: SHA-256 over a
// version line, the pressing's salt and the code in its printed form, in hexadecimal.
func HashClaim(salt, code string) string {
	h := sha256.Sum256([]byte("ferric/claim/1\n" + salt + "\n" + code + "\n"))
	return hex.EncodeToString(h[:])
}

// newSalt is 32 random bytes in hexadecimal.
func newSalt() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}
