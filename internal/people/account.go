package people

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// ID is an account: 130 random bits as text. It is the only thing that other rooms keep of a person.
type ID string

// Account is a person, as far as the house knows them.
type Account struct {
	ID       ID        `json:"id"`
	Name     string    `json:"name"`           // to sign in with and to be found by: 3 to 32 lower-case letters, digits, hyphens, stops and underscores
	Display  string    `json:"display"`        // how they wish to be called; may be empty
	Shown    bool      `json:"shown"`          // whether Display stands on the pages of their copies; else that is nobody's business
	Mail     string    `json:"mail,omitempty"` // as they wrote it; may be empty
	Verified bool      `json:"verified"`       // a link to Mail came back
	Admin    bool      `json:"admin"`          // keeps the whole shop
	Created  time.Time `json:"created"`
}

// Secret is what an account is checked with. It never leaves this package and the store.
type Secret struct {
	Password string // argon2id in the form of [Cost]; empty when there is no password, and then none is right
	NameKey  string // what makes a name unique
	MailKey  string // what makes a verified mail unique; empty while it is not verified
}

// Called is how to address them on their own pages.
func (a Account) Called() string {
	if a.Display != "" {
		return a.Display
	}
	return a.Name
}

// Entry asks for an account.
type Entry struct {
	Name     string
	Password string
	Display  string // optional
	Mail     string // optional
}

// record checks an entry, all but how its password hashes.
func (e Entry) record(now time.Time) (Account, Secret, error) {
	name, key, err := parseName(e.Name)
	if err != nil {
		return Account{}, Secret{}, err
	}
	if err := checkDisplay(e.Display); err != nil {
		return Account{}, Secret{}, err
	}
	if err := checkMail(e.Mail); err != nil {
		return Account{}, Secret{}, err
	}
	a := Account{ID: ID(newID()), Name: name, Display: norm.NFC.String(e.Display), Mail: e.Mail, Created: now}
	return a, Secret{NameKey: key}, checkPassword(e.Password, a)
}

// SignUp makes an account and signs it in. Anybody may: a buyer needs one to claim a copy. That a
// name is in use cannot be hidden here; that a mail address is, is never told.
func (p *People) SignUp(ctx context.Context, c Client, e Entry) (Account, string, error) {
	return p.signUp(ctx, c, e, nil)
}

// signUp makes an account; also runs in its transaction before that.
func (p *People) signUp(ctx context.Context, c Client, e Entry, also func(Tx, *Account) error) (a Account, token string, err error) {
	a, s, err := e.record(p.clock())
	if err != nil {
		return Account{}, "", err
	}
	if wait := p.signUps.take(c.Address, p.clock()); wait > 0 {
		return Account{}, "", tooOften(wait, "Many accounts were made from here.")
	}
	if s.Password, err = p.hash(ctx, c.Address, e.Password, false); err != nil {
		return Account{}, "", err
	}
	err = p.store.Update(ctx, func(tx Tx) error {
		now := p.clock()
		a.Created = now
		if also != nil {
			if err := also(tx, &a); err != nil {
				return err
			}
		}
		if err := tx.InsertAccount(a, s); err != nil {
			return err
		}
		token, err = p.open(tx, a.ID, c, ByPassword, now)
		return err
	})
	if err != nil {
		return Account{}, "", err
	}
	return a, token, nil
}

// Account is an account by its id.
func (p *People) Account(ctx context.Context, id ID) (a Account, err error) {
	err = p.store.View(ctx, func(tx Tx) error { a, _, err = tx.Account(id); return err })
	return a, err
}

// Find is the account of a sign-in name, for handing something to it. Mail addresses find nobody.
func (p *People) Find(ctx context.Context, name string) (a Account, err error) {
	_, key, err := parseName(name)
	if err != nil {
		return Account{}, errNobody
	}
	err = p.store.View(ctx, func(tx Tx) error { a, _, err = tx.AccountByName(key); return err })
	if fault.Is(err, fault.NotFound) {
		err = errNobody
	}
	return a, err
}

var errNobody = fault.New(fault.NotFound, "Nobody here has this name.")

// Names are the names to show as owners on the pages of copies. Whoever does not
// want to be named, or has left, is not in it.
func (p *People) Names(ctx context.Context, ids ...ID) (names map[ID]string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = p.store.View(ctx, func(tx Tx) error { names, err = tx.Names(ids); return err })
	return names, err
}

// Profile changes how a person is called and whether their copies say so.
func (p *People) Profile(ctx context.Context, id ID, display string, shown bool) (Account, error) {
	if err := checkDisplay(display); err != nil {
		return Account{}, err
	}
	display = norm.NFC.String(display)
	if shown && display == "" {
		return Account{}, fault.Field("display", "Please write the name to show.")
	}
	return p.change(ctx, id, func(tx Tx, a *Account, _ *Secret) error {
		a.Display, a.Shown = display, shown
		return nil
	})
}

// SetMail notes a mail address for whoever is signed in, or with "" drops it. It is not verified by that:
// send the link of [People.MailLink]. Since a verified address is a way in, the session must be a recent one.
func (p *People) SetMail(ctx context.Context, s Session, mail string) (Account, error) {
	if err := checkMail(mail); err != nil {
		return Account{}, err
	}
	if err := p.recent(s); err != nil {
		return Account{}, err
	}
	id := s.Account
	return p.change(ctx, id, func(tx Tx, a *Account, s *Secret) error {
		if a.Mail == mail {
			return nil
		}
		a.Mail, a.Verified, s.MailKey = mail, false, ""
		if err := tx.DropLinks(LinkSignIn, id); err != nil { // they went to the old address
			return err
		}
		return tx.DropLinks(LinkMail, id)
	})
}

// SetAdmin makes an account keep the shop, or no longer. Only who does may say so, and one always does.
func (p *People) SetAdmin(ctx context.Context, by, id ID, admin bool) (Account, error) {
	return p.change(ctx, id, func(tx Tx, a *Account, _ *Secret) error {
		b := *a
		if by != id {
			var err error
			if b, _, err = tx.Account(by); err != nil {
				return err
			}
		}
		if !b.Admin {
			return errNotAdmin
		}
		if a.Admin && !admin {
			if err := lastAdmin(tx); err != nil {
				return err
			}
		}
		a.Admin = admin
		return nil
	})
}

var errNotAdmin = fault.New(fault.Forbidden, "Only who keeps the shop may do this.")

// lastAdmin refuses to let the only one go.
func lastAdmin(tx Tx) error {
	n, err := tx.Admins()
	if err == nil && n < 2 {
		err = fault.New(fault.Conflict, "Somebody must keep the shop: make another account its keeper first.")
	}
	return err
}

// change changes an account, and what sessions in memory know of it.
func (p *People) change(ctx context.Context, id ID, f func(Tx, *Account, *Secret) error) (after Account, err error) {
	err = p.store.Update(ctx, func(tx Tx) error {
		a, s, err := tx.Account(id)
		if err != nil {
			return err
		}
		if err := f(tx, &a, &s); err != nil {
			return err
		}
		after = a
		return tx.PutAccount(a, s)
	})
	if err != nil {
		return Account{}, err
	}
	p.cache.dropAccount(id)
	return after, nil
}

// parseName is a sign-in name in the form in which it is kept, and the key that
// no two names share. It is plain letters of ASCII, since an account is found by it and a
// Cyrillic а would stand for another; how somebody wishes to be called is Display, in
// any script. The key also takes 0 for o, 1 for l, rn for m and vv for w, and leaves hyphens, stops and underscores out.
func parseName(typed string) (name, key string, err error) {
	if len(typed) > 200 {
		return "", "", errName
	}
	name = strings.ToLower(norm.NFKC.String(strings.TrimSpace(typed)))
	key = lookAlike.Replace(name)
	if len(name) < 3 || len(name) > 32 || len(key) < 2 {
		return "", "", errName
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-._", r) {
			return "", "", errName
		}
	}
	return name, key, nil
}

var (
	errName   = fault.Field("name", "A sign-in name has 3 to 32 letters a to z, digits, hyphens, stops and underscores.")
	lookAlike = strings.NewReplacer("0", "o", "1", "l", "rn", "m", "vv", "w", "-", "", ".", "", "_", "")
)

func checkDisplay(s string) error {
	if s == "" {
		return nil
	}
	if !utf8.ValidString(s) || len(s) > 400 || utf8.RuneCountInString(s) > 80 || strings.ContainsFunc(s, catalog.Hidden) || strings.TrimSpace(s) == "" {
		return fault.Field("display", "A name has at most 80 characters, without line breaks.")
	}
	return nil
}

// checkMail refuses what no mail can be sent to. Only a mail that arrives proves an address.
func checkMail(mail string) error {
	if mail == "" {
		return nil
	}
	name, host, ok := strings.Cut(mail, "@")
	if !ok || name == "" || !strings.Contains(host, ".") || len(mail) > 254 || !utf8.ValidString(mail) ||
		strings.ContainsFunc(mail, func(r rune) bool {
			return catalog.Hidden(r) || unicode.IsSpace(r) || strings.ContainsRune("<>,;\"", r)
		}) || strings.Contains(host, "@") {
		return fault.Field("mail", "This does not look like a mail address.")
	}
	return nil
}

// mailKey is the same for two spellings of one address.
func mailKey(mail string) string { return cases.Fold().String(norm.NFKC.String(mail)) }
