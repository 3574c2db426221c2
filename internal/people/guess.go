package people

import (
	"context"
	"time"

	"ferric/internal/fault"
)

// guess is one try at a name and a password, counted before it is made.
type guess struct {
	p       *People
	address string
	key     string // in tally: of the name, or of this browser and account
	tally   *tally
	name    bool // the tally is the one of names, which is also stored
	now     time.Time
}

// guess counts a try, or refuses it when its maker must wait. The same happens
// for names that nobody has. A browser that the account knows has a count of its own: the guesses of others never keep it out.
func (p *People) guess(ctx context.Context, c Client, typed string, a Account, known bool, now time.Time) (*guess, error) {
	g := &guess{p: p, address: c.Address, tally: p.names, key: p.mac("name", foldTyped(typed)), name: true, now: now}
	if known {
		g.tally, g.key, g.name = p.devices, string(a.ID)+"\n"+c.Visitor, false
	} else if wait := p.addresses.take(c.Address, now); wait > 0 {
		return nil, tooOften(wait, "There were many wrong passwords from here.")
	}
	if g.name {
		if _, in := p.names.count(g.key); !in { // after a restart, or of a name that was pushed out
			var stored Count
			err := p.store.View(ctx, func(tx Tx) (err error) { stored, err = tx.Guesses(g.key); return err })
			if err != nil {
				p.addresses.forgive(c.Address)
				return nil, err
			}
			if stored.N > 0 {
				p.names.learn(g.key, stored, now)
			}
		}
	}
	if wait := g.tally.take(g.key, now); wait > 0 {
		return nil, tooOften(wait, "There were many wrong passwords for this name. A passkey, a mailed link and a browser that you used here before still work.")
	}
	return g, nil
}

// foldTyped is the same for all spellings that find one account.
func foldTyped(typed string) string {
	if _, key, err := parseName(typed); err == nil {
		return key
	}
	return mailKey(typed)
}

// forgive takes the try back.
func (g *guess) forgive() {
	g.tally.forgive(g.key)
	if g.name {
		g.p.addresses.forgive(g.address)
	}
}

// wrong keeps the try counted. From the last free one on a name's count is also stored, so that a restart forgives nothing.
func (g *guess) wrong(ctx context.Context) error {
	if c, _ := g.tally.count(g.key); g.name && c.N >= namePace.Free {
		if err := g.p.store.Update(ctx, func(tx Tx) error { return tx.PutGuesses(g.key, c) }); err != nil && !fault.Is(err, fault.Unavailable) {
			return err
		}
	}
	return errSignIn
}

// right forgets in the store what was guessed at the name: its owner is here.
func (g *guess) right(tx Tx) error {
	if !g.name {
		return nil
	}
	return tx.PutGuesses(g.key, Count{})
}

// done forgets it in memory, once right is committed. The address has had one success among its failures, no more.
func (g *guess) done() {
	g.tally.clear(g.key)
	if g.name {
		g.p.addresses.forgive(g.address)
	}
}
