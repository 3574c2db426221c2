package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"ferric/internal/fault"
)

// Cost is what hashing a password takes with argon2id (RFC 9106). It stands in
// every stored hash, so that it can be raised: an older hash is made anew when its owner next signs in.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// DefaultCost is the first of the settings that OWASP's password storage cheat
// sheet gives for argon2id: 19 MiB, two passes, one lane.
var DefaultCost = Cost{Memory: 19 * 1024, Passes: 2, Lanes: 1}

// Bounds of what a stored hash may ask for, so that a row cannot take the machine's memory.
const (
	maxMemory = 256 * 1024 // KiB
	maxPasses = 16
	maxLanes  = 16
	saltSize  = 16 // bytes
	hashSize  = 32
)

func (c Cost) check() error {
	if c.Lanes < 1 || c.Lanes > maxLanes || c.Passes < 1 || c.Passes > maxPasses || c.Memory < 8*uint32(c.Lanes) || c.Memory > maxMemory {
		return fmt.Errorf("people: argon2id cannot work with %d KiB, %d passes and %d lanes", c.Memory, c.Passes, c.Lanes)
	}
	return nil
}

// hash is a password in the form in which it is stored, the PHC string that argon2's own program writes:
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$hash
func (c Cost) hash(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, c.Lanes, b64(salt),
		b64(argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.Passes, c.Memory, c.Lanes, hashSize)))
}

var errHash = errors.New("people: this is no stored password")

// parseHash reads a stored password.
func parseHash(stored string) (c Cost, salt, hash []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(stored) > 300 || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Lanes); err != nil || parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", c.Memory, c.Passes, c.Lanes) || c.check() != nil {
		return c, nil, nil, errHash
	}
	b64 := base64.RawStdEncoding.Strict()
	if salt, err = b64.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return c, nil, nil, errHash
	}
	if hash, err = b64.DecodeString(parts[5]); err != nil || len(hash) < 16 || len(hash) > 64 {
		return c, nil, nil, errHash
	}
	return c, salt, hash, nil
}

// matches reports whether a password is the one that is stored, and at which cost that was.
func matches(stored, password string) (right bool, c Cost, err error) {
	c, salt, hash, err := parseHash(stored)
	if err != nil {
		return false, c, err
	}
	got := argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.Passes, c.Memory, c.Lanes, uint32(len(hash)))
	return subtle.ConstantTimeCompare(got, hash) == 1, c, nil
}

// hash hashes a password when it is the address's turn.
func (p *People) hash(ctx context.Context, address, password string, known bool) (stored string, err error) {
	leave, err := p.hasher.enter(ctx, address, known)
	if err != nil {
		return "", err
	}
	defer leave()
	return p.cfg.Cost.hash(password), nil
}

// verify compares a password with what is stored when it is the address's turn.
// Without anything stored it does the same work and the password is wrong.
func (p *People) verify(ctx context.Context, address, stored, password string, known bool) (right, older bool, err error) {
	leave, err := p.hasher.enter(ctx, address, known)
	if err != nil {
		return false, false, err
	}
	defer leave()
	some := stored != ""
	if !some {
		stored = p.dummy
	}
	right, c, err := matches(stored, password)
	return right && some, c != p.cfg.Cost, err
}

// Length of a password, in characters.
const (
	minPassword = 8
	maxPassword = 256
)

// tooLong is what no password is, in bytes: 256 characters of four, and what normalising may add is cut short by it.
func tooLong(password string) bool { return len(password) > 4*maxPassword }

//go:embed common.txt
var commonText string

// common are words and runs of keys that stand in most lists of stolen passwords.
var common = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(commonText) {
		m[w] = true
	}
	return m
}()

// checkPassword refuses passwords that are among the first that anybody tries.
// There are no rules on which characters it has: ASVS 5.0 (6.2.5) wants none.
func checkPassword(password string, a Account) error {
	if tooLong(password) || !utf8.ValidString(password) {
		return fault.Field("password", "A password has %d to %d characters.", minPassword, maxPassword)
	}
	password = norm.NFC.String(password)
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		return fault.Field("password", "A password has %d to %d characters.", minPassword, maxPassword)
	}
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(strings.ToLower(a.Mail), "@")
	for _, own := range []string{a.Name, local, strings.ToLower(a.Mail), strings.ToLower(a.Display)} {
		if own != "" && (lower == own || trimmed(lower) == own) {
			return fault.Field("password", "This is nearly the name or the mail address. Please choose another: four words that do not belong together are good.")
		}
	}
	if common[lower] || common[trimmed(lower)] || common[plainer.Replace(trimmed(lower))] || repeats(lower) {
		return fault.Field("password", "This password is among the first that anybody would try. Please choose another: four words that do not belong together are good.")
	}
	return nil
}

// trimmed leaves out the few digits and signs that people put around a word. More than six are a password of their own.
func trimmed(s string) string {
	core := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if core == "" || len(s)-len(core) > 6 {
		return s
	}
	return core
}

// plainer undoes the signs that people write for letters.
var plainer = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// repeats reports a password that is up to four characters again and again, or a run of neighbours like abcdefgh.
func repeats(s string) bool {
	rs := []rune(s)
	for period := 1; period <= 4; period++ {
		same := true
		for i := period; i < len(rs) && same; i++ {
			same = rs[i] == rs[i-period]
		}
		if same {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(rs); i++ {
		up = up && rs[i] == rs[i-1]+1
		down = down && rs[i] == rs[i-1]-1
	}
	return up || down
}
