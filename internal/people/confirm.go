package people

import (
	"context"

	"ferric/internal/fault"
)

// Confirm checks once more that it is the account's owner who asks, before
// something that cannot be undone: by their password, or by having signed in with a
// passkey or a link within the last quarter of an hour.
func (p *People) Confirm(ctx context.Context, c Client, token, password string) error {
	a, session, err := p.Session(ctx, token)
	if err != nil {
		return err
	}
	if p.Fresh(session) {
		return nil
	}
	var s Secret
	if err := p.store.View(ctx, func(tx Tx) error { _, s, err = tx.Account(a.ID); return err }); err != nil {
		return err
	}
	if s.Password == "" {
		return fault.New(fault.Forbidden, "Please sign out, sign in again with your passkey or a mailed link, and come back here within a quarter of an hour.")
	}
	right, err := p.again(ctx, c, session, s.Password, password)
	if err == nil && !right {
		err = errConfirm
	}
	return err
}

// recent refuses a session that was begun a while ago: whoever found a browser open must not make a way in for themselves.
func (p *People) recent(s Session) error {
	if p.clock().Sub(s.Made) < p.cfg.Limits.Fresh {
		return nil
	}
	return fault.New(fault.Forbidden, "You signed in a while ago. Please sign in again, and do this within a quarter of an hour.")
}

// again compares the password of somebody who is signed in; wrong ones are counted for the session.
func (p *People) again(ctx context.Context, c Client, s Session, stored, password string) (right bool, err error) {
	if tooLong(password) {
		return false, nil
	}
	if wait := p.devices.take(s.ID, p.clock()); wait > 0 {
		return false, tooOften(wait, "That was wrong too often.")
	}
	if right, _, err = p.verify(ctx, c.Address, stored, password, true); err != nil {
		p.devices.forgive(s.ID) // nothing was tried
		return false, err
	}
	if right {
		p.devices.clear(s.ID)
	}
	return right, nil
}

var errConfirm = fault.Field("password", "This is not your password. Nothing was changed.")

// Look is what a one-time link is for, for the page that asks before it is followed. It uses nothing up.
func (p *People) Look(ctx context.Context, token string) (l Link, err error) {
	hash, ok := hashToken("link", token)
	if !ok {
		return Link{}, errLink
	}
	err = p.store.View(ctx, func(tx Tx) error { l, err = tx.Link(hash); return err })
	if fault.Is(err, fault.NotFound) || err == nil && !l.Expires.After(p.clock()) {
		return Link{}, errLink
	}
	return l, err
}

// Count is how many accounts there are.
func (p *People) Count(ctx context.Context) (n int, err error) {
	err = p.store.View(ctx, func(tx Tx) error { n, err = tx.Accounts(); return err })
	return n, err
}

// Fresh reports whether a session was begun by a passkey or a link so lately that
// [People.SetPassword] and [People.Confirm] ask for no password.
func (p *People) Fresh(s Session) bool {
	return s.How != ByPassword && p.clock().Sub(s.Made) < p.cfg.Limits.Fresh
}
