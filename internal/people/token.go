package people

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Scope is what a token is good for.
type Scope string

// The scopes.
const Publishing Scope = "publish" // uploads pressings of its label: ferric publish

// Scopes lists them.
var Scopes = []Scope{Publishing}

// Token lets a program act for a label. Its secret is shown once.
type Token struct {
	ID      string
	Label   catalog.LabelID
	Account ID // the owner who made it; it is good only while they are an owner
	Scope   Scope
	Name    string // "laptop": what its owner calls it
	Made    time.Time
	Used    time.Time // last, to the hour; zero for never
}

// tokenPrefix makes a token that was put in public by mistake easy to find.
const tokenPrefix = "ferric_"

// NewToken makes a token of a label and shows its secret, which nobody can show again.
func (p *People) NewToken(ctx context.Context, by ID, label catalog.LabelID, scope Scope, name string) (secret string, t Token, err error) {
	name = strings.TrimSpace(name)
	if name == "" || !utf8.ValidString(name) || len(name) > 300 || utf8.RuneCountInString(name) > 60 || strings.ContainsFunc(name, catalog.Hidden) {
		return "", Token{}, fault.Field("name", "1 to 60 characters are needed here, without line breaks.")
	}
	if !slices.Contains(Scopes, scope) {
		return "", Token{}, fault.Field("scope", "There is no such scope.")
	}
	body := newToken()
	hash, _ := hashToken("token", body)
	err = p.members(ctx, by, label, func(tx Tx, ms []Member) error {
		if m, err := member(ms, by); err != nil || m.Role != Owner {
			return fault.New(fault.Forbidden, "Only an owner of the label may do this.")
		}
		all, err := tx.Tokens(label)
		if err != nil {
			return err
		}
		if len(all) >= maxTokens {
			return fault.Newf(fault.Limit, "A label has %d tokens at most. Please end one that is not used.", maxTokens)
		}
		t = Token{ID: newID(), Label: label, Account: by, Scope: scope, Name: name, Made: p.clock()}
		return tx.InsertToken(t, hash)
	})
	if err != nil {
		return "", Token{}, err
	}
	return tokenPrefix + body, t, nil
}

var errToken = fault.New(fault.Forbidden, "This token is not valid here: it was ended, or it is for something else.")

// Token is the token of a secret, when it is good for the scope.
func (p *People) Token(ctx context.Context, secret string, scope Scope) (t Token, err error) {
	body, found := strings.CutPrefix(secret, tokenPrefix)
	hash, ok := hashToken("token", body)
	if !found || !ok {
		return Token{}, errToken
	}
	var role Role
	err = p.store.View(ctx, func(tx Tx) (err error) {
		if t, err = tx.TokenByHash(hash); err != nil {
			return err
		}
		role, err = tx.Role(t.Label, t.Account)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && (t.Scope != scope || role != Owner) {
		return Token{}, errToken
	}
	if err != nil {
		return Token{}, err
	}
	if hour := p.clock().Truncate(time.Hour); hour.After(t.Used) {
		// A token that cannot be noted as used is none the worse for now.
		_ = p.store.Update(ctx, func(tx Tx) error { return tx.PutUsed(t.ID, hour) })
	}
	return t, nil
}

// Tokens are those of a label, for its owners.
func (p *People) Tokens(ctx context.Context, label catalog.LabelID) (ts []Token, err error) {
	err = p.store.View(ctx, func(tx Tx) error { ts, err = tx.Tokens(label); return err })
	return ts, err
}

// EndToken ends a token of a label.
func (p *People) EndToken(ctx context.Context, by ID, label catalog.LabelID, id string) error {
	return p.members(ctx, by, label, func(tx Tx, _ []Member) error { return tx.DeleteToken(label, id) })
}
