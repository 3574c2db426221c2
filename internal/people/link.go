package people

import (
	"context"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// LinkKind is what a one-time link is for.
type LinkKind string

// The kinds of links.
const (
	LinkSetup  LinkKind = "setup"  // makes the account that keeps the shop; printed where the shop was started
	LinkSignIn LinkKind = "signin" // signs in, and lets a forgotten password be replaced
	LinkMail   LinkKind = "mail"   // proves a mail address
	LinkInvite LinkKind = "invite" // makes whoever follows it a member of a label
)

// Link is a one-time link. Its token is in the address that is sent; here is its hash.
//
// Programs that read mail follow links. So a page that is got by a link only
// asks, and what it posts uses the token.
type Link struct {
	Hash    string // names an invitation on the label's page and opens nothing
	Kind    LinkKind
	Account ID              // whose it is; of an invitation, who made it
	Mail    string          // LinkMail: the address that it proves
	Label   catalog.LabelID // LinkInvite
	Role    Role            // LinkInvite
	Made    time.Time
	Expires time.Time
}

var errLink = fault.New(fault.Gone, "This link was used already, or its time is over. Please ask for a new one.")

// take uses a link up.
func take(tx Tx, kind LinkKind, token string, now time.Time) (Link, error) {
	hash, ok := hashToken("link", token)
	if !ok {
		return Link{}, errLink
	}
	l, err := tx.Link(hash)
	if fault.Is(err, fault.NotFound) || err == nil && (l.Kind != kind || !l.Expires.After(now)) {
		return Link{}, errLink
	}
	if err != nil {
		return Link{}, err
	}
	if there, err := tx.DeleteLink(hash); err != nil || !there {
		return Link{}, errLink
	}
	return l, nil
}

// put stores a link and gives its token.
func put(tx Tx, l Link) (token string, err error) {
	token = newToken()
	l.Hash, _ = hashToken("link", token)
	return token, tx.PutLink(l)
}

// SetupLink makes the token with which the account that keeps the shop is made,
// in place of an earlier one. It is empty when there is such an account.
func (p *People) SetupLink(ctx context.Context) (token string, err error) {
	err = p.store.Update(ctx, func(tx Tx) error {
		token = ""
		n, err := tx.Admins()
		if err != nil || n > 0 {
			return err
		}
		if err := tx.DropLinks(LinkSetup, ""); err != nil {
			return err
		}
		now := p.clock()
		token, err = put(tx, Link{Kind: LinkSetup, Made: now, Expires: now.Add(p.cfg.Limits.Setup)})
		return err
	})
	return token, err
}

// Setup makes the account that keeps the shop and signs it in, once.
func (p *People) Setup(ctx context.Context, c Client, token string, e Entry) (Account, string, error) {
	return p.signUp(ctx, c, e, func(tx Tx, a *Account) error {
		if _, err := take(tx, LinkSetup, token, a.Created); err != nil {
			return err
		}
		n, err := tx.Admins()
		if err == nil && n > 0 {
			err = errLink
		}
		a.Admin = true
		return err
	})
}

// Letter is a link to be mailed.
type Letter struct {
	To      string // empty when nothing is to be sent
	Account Account
	Token   string
	Expires time.Time
}

// SignInLink makes a link for whoever has this name or this verified mail
// address; the caller mails it. When nobody has, or their address is not verified, To is empty. The
// page says the same in both cases.
func (p *People) SignInLink(ctx context.Context, c Client, typed string) (l Letter, err error) {
	if len(typed) > 254 {
		return Letter{}, nil
	}
	now := p.clock()
	for _, key := range []string{"address " + c.Address, p.mac("name", foldTyped(typed))} {
		if wait := p.links.take(key, now); wait > 0 {
			return Letter{}, tooOften(wait, "Links were asked for often.")
		}
	}
	err = p.store.Update(ctx, func(tx Tx) error {
		l = Letter{}
		now := p.clock()
		a, _, err := byName(tx, typed)
		if fault.Is(err, fault.NotFound) || err == nil && !a.Verified {
			_, err := tx.Spend("nobody "+newToken(), now.Add(p.cfg.Limits.SignIn)) // a write like the other, so that the clock does not tell
			return err
		}
		if err != nil {
			return err
		}
		if err := tx.DropLinks(LinkSignIn, a.ID); err != nil {
			return err
		}
		l = Letter{To: a.Mail, Account: a, Expires: now.Add(p.cfg.Limits.SignIn)}
		l.Token, err = put(tx, Link{Kind: LinkSignIn, Account: a.ID, Made: now, Expires: l.Expires})
		return err
	})
	return l, err
}

// SignInByLink uses a mailed link up and makes a session.
func (p *People) SignInByLink(ctx context.Context, c Client, link string) (a Account, token string, err error) {
	err = p.store.Update(ctx, func(tx Tx) error {
		now := p.clock()
		l, err := take(tx, LinkSignIn, link, now)
		if err != nil {
			return err
		}
		if a, _, err = tx.Account(l.Account); err != nil {
			return err
		}
		token, err = p.open(tx, a.ID, c, ByLink, now)
		return err
	})
	if err != nil {
		return Account{}, "", err
	}
	return a, token, nil
}

// MailLink makes a link that proves the mail address of an account; the caller mails it.
func (p *People) MailLink(ctx context.Context, c Client, id ID) (l Letter, err error) {
	if wait := p.links.take("mail "+string(id), p.clock()); wait > 0 {
		return Letter{}, tooOften(wait, "Links were asked for often.")
	}
	err = p.store.Update(ctx, func(tx Tx) error {
		now := p.clock()
		a, _, err := tx.Account(id)
		if err != nil {
			return err
		}
		if a.Mail == "" || a.Verified {
			return fault.New(fault.Conflict, "There is no mail address that waits to be verified.")
		}
		if err := tx.DropLinks(LinkMail, id); err != nil {
			return err
		}
		l = Letter{To: a.Mail, Account: a, Expires: now.Add(p.cfg.Limits.Mail)}
		l.Token, err = put(tx, Link{Kind: LinkMail, Account: id, Mail: a.Mail, Made: now, Expires: l.Expires})
		return err
	})
	return l, err
}

// VerifyMail uses up a link that proves an address. The account must be signed
// in: the link alone would let a stranger's account take the address of whoever opens it. An address that
// another account has verified moves to neither.
func (p *People) VerifyMail(ctx context.Context, id ID, token string) (Account, error) {
	return p.change(ctx, id, func(tx Tx, a *Account, s *Secret) error {
		l, err := take(tx, LinkMail, token, p.clock())
		if err != nil {
			return err
		}
		if l.Account != id || l.Mail != a.Mail {
			return errLink // rolled back: it stays good for whom it was sent to
		}
		a.Verified, s.MailKey = true, mailKey(a.Mail)
		return nil
	})
}
