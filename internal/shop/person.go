package shop

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Buyer is who asks: a browser, and an account when it is signed in.
type Buyer struct {
	Visitor string // the browser's long-lived cookie, hashed; needed
	Account string // empty for a guest
}

func (b Buyer) check() error {
	if b.Visitor == "" || len(b.Visitor) > 128 || len(b.Account) > 128 {
		return fault.New(fault.Invalid, "The shop needs a cookie to know which basket is yours.")
	}
	return nil
}

// Person is one of the ways in which a limit knows somebody again.
type Person struct {
	By  string // "visitor", "account", "mail" or "post"
	Key string
}

// Address is where a parcel goes.
type Address struct {
	Name    string `json:"name"`
	Street  string `json:"street"` // may have several lines
	Code    string `json:"code,omitempty"`
	City    string `json:"city"`
	Region  string `json:"region,omitempty"`
	Country string `json:"country"` // ISO 3166-1 alpha-2
}

func (a Address) check() error {
	for _, f := range []struct {
		name, text string
		needed     bool
		most       int
	}{
		{"name", a.Name, true, 100}, {"street", a.Street, true, 300}, {"code", a.Code, false, 20},
		{"city", a.City, true, 100}, {"region", a.Region, false, 100}, {"country", a.Country, true, 2},
	} {
		if f.needed && strings.TrimSpace(f.text) == "" {
			return fault.Field(f.name, "This is needed on the parcel.")
		}
		if len([]rune(f.text)) > f.most {
			return fault.Field(f.name, "At most %d characters, please.", f.most)
		}
		if strings.ContainsFunc(f.text, func(r rune) bool { return catalog.Hidden(r) && (f.name != "street" || r != '\n') }) {
			return fault.Field(f.name, "This has characters that cannot be printed on a parcel.")
		}
	}
	if len(a.Country) != 2 || a.Country[0] < 'A' || a.Country[0] > 'Z' || a.Country[1] < 'A' || a.Country[1] > 'Z' {
		return fault.Field("country", "Please choose a country.")
	}
	return nil
}

// checkMail refuses what no mail can be sent to. Only a mail that arrives proves an address.
func checkMail(mail string) error {
	name, host, ok := strings.Cut(mail, "@")
	if !ok || name == "" || !strings.Contains(host, ".") || len(mail) > 254 ||
		strings.ContainsFunc(mail, func(r rune) bool {
			return catalog.Hidden(r) || unicode.IsSpace(r) || strings.ContainsRune("<>,;\"@", r) && r != '@'
		}) ||
		strings.Contains(host, "@") {
		return fault.Field("mail", "This does not look like a mail address.")
	}
	return nil
}

// persons are the ways in which limits know a buyer with this mail and address, in
// the order in which they are locked. The keys are hashes: they say whether two are the same and nothing else.
func persons(b Buyer, mail string, a Address) []Person {
	ps := []Person{{"visitor", b.Visitor}}
	if b.Account != "" {
		ps = append(ps, Person{"account", b.Account})
	}
	ps = append(ps, Person{"mail", MailKey(mail)}, Person{"post", postKey(a)})
	slices.SortFunc(ps, func(x, y Person) int { return cmp.Or(cmp.Compare(x.By, y.By), cmp.Compare(x.Key, y.Key)) })
	return ps
}

// MailKey is what limits know a mail address by: it takes Ann+tape@Example.org for ann@example.org.
func MailKey(mail string) string {
	name, host, _ := strings.Cut(strings.ToLower(strings.TrimSpace(mail)), "@")
	name, _, _ = strings.Cut(name, "+")
	return hashKey("mail", plain(name)+"@"+plain(host))
}

// postKey is the household: street, code and country without case, accents, spaces and stops. The
// name is left out, so that one letterbox is one person.
func postKey(a Address) string {
	return hashKey("post", plain(a.Street)+"\n"+plain(a.Code)+"\n"+plain(a.City)+"\n"+plain(a.Country))
}

// plain keeps letters and digits, lower-case and without accents.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		r = unicode.ToLower(r)
		switch r {
		case 'ł':
			r = 'l'
		case 'ø':
			r = 'o'
		case 'ß':
			b.WriteByte('s')
			r = 's'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hashKey(kind, s string) string {
	h := sha256.Sum256([]byte("ferric/" + kind + "/1\n" + s))
	return hex.EncodeToString(h[:16])
}

// limit refuses n more copies of a run when the person would have more than the terms allow.
func limit(tx Tx, t Terms, ps []Person, n int, now time.Time) error {
	if t.PerPerson == 0 {
		return nil
	}
	for _, p := range ps {
		if err := tx.Turn(t.Run, p); err != nil {
			return err
		}
	}
	for _, p := range ps {
		had, err := tx.Bought(t.Run, p, now)
		if err != nil {
			return err
		}
		if had+n > t.PerPerson {
			return fault.Newf(fault.Limit, "One person may have %d of this run. Account, mail address and postal address count.", t.PerPerson)
		}
	}
	return nil
}
