package people

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Passkey is a key pair of a device, of which the public half is here.
//
// Each ceremony has two steps: the browser gets options with a challenge, and
// sends back what its authenticator signed. Between them the challenge is
// with the browser, sealed by the shop's key together with whose it is, for what, and until when. So
// asking for one, which any visitor may, stores nothing. It is good once: finishing writes
// it down as spent, in the transaction of the effect.
type Passkey struct {
	ID         string // the credential's id, in base64url
	Account    ID
	Name       string // "phone": what its owner calls it
	Credential string // the credential record of WebAuthn, in JSON
	Counter    uint32 // of the authenticator; one that counts never goes back
	Made       time.Time
	Used       time.Time // last, to the hour; zero for never
}

// maxPasskeys is how many an account may have.
const maxPasskeys = 20

// relyingParty is WebAuthn for an origin; nil when the origin has no host name to bind keys to.
func relyingParty(origin, name string) (*webauthn.WebAuthn, error) {
	if origin == "" {
		return nil, nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("people: the public address %q is not like https://tapes.example", origin)
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || u.Scheme == "http" && host != "localhost" {
		return nil, nil // browsers give passkeys to names over https only
	}
	if name == "" {
		name = host
	}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired, // the key is all there is: it must know who holds it
		},
	})
}

// HasPasskeys reports whether this shop can have them.
func (p *People) HasPasskeys() bool { return p.passkey != nil }

var (
	errNoPasskeys = fault.New(fault.Conflict, "This shop has no passkeys: they need an address with a name, over https.")
	errPasskey    = fault.New(fault.Forbidden, "This passkey could not be used here. Please try again, or sign in another way.")
)

// Ceremony is the first step: Options go to navigator.credentials, State comes back with its answer.
type Ceremony struct {
	Options json.RawMessage `json:"options"`
	State   string          `json:"state"`
}

// sealed is what the browser keeps between the steps.
type sealed struct {
	For     string               `json:"for"` // "register" or "sign in"
	Account ID                   `json:"account,omitempty"`
	Until   time.Time            `json:"until"`
	Data    webauthn.SessionData `json:"data"`
}

func (p *People) seal(s sealed, visitor string) (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString(b)
	return body + "." + p.mac("passkey", visitor+"\n"+body), nil
}

// unseal reads a state of ours, of this browser, whose time is not over.
func (p *People) unseal(state, purpose, visitor string, now time.Time) (s sealed, err error) {
	body, mac, ok := strings.Cut(state, ".")
	if !ok || len(state) > 8192 || subtle.ConstantTimeCompare([]byte(mac), []byte(p.mac("passkey", visitor+"\n"+body))) != 1 {
		return s, errPasskey
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return s, errPasskey
	}
	if err := json.Unmarshal(b, &s); err != nil || s.For != purpose || !s.Until.After(now) {
		return s, errPasskey
	}
	return s, nil
}

// user is an account as WebAuthn sees it. Its handle is the opaque id.
type user struct {
	Account
	keys []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return []byte(u.ID) }
func (u user) WebAuthnName() string                       { return u.Name }
func (u user) WebAuthnDisplayName() string                { return u.Called() }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }

func (p *People) user(tx Tx, id ID) (user, error) {
	a, _, err := tx.Account(id)
	if err != nil {
		return user{}, err
	}
	keys, err := tx.Passkeys(id)
	if err != nil {
		return user{}, err
	}
	u := user{Account: a}
	for _, k := range keys {
		c, err := k.credential()
		if err != nil {
			return user{}, err
		}
		u.keys = append(u.keys, c)
	}
	return u, nil
}

func (k Passkey) credential() (c webauthn.Credential, err error) {
	if err = json.Unmarshal([]byte(k.Credential), &c); err != nil {
		err = fmt.Errorf("passkey: %w", err)
	}
	c.Authenticator.SignCount = k.Counter
	return c, err
}

// BeginPasskey is the first step of making a passkey for whoever is signed in. Since it is a way in, the session must be a recent one.
func (p *People) BeginPasskey(ctx context.Context, c Client, session Session) (Ceremony, error) {
	if p.passkey == nil {
		return Ceremony{}, errNoPasskeys
	}
	if err := p.recent(session); err != nil {
		return Ceremony{}, err
	}
	id := session.Account
	var u user
	if err := p.store.View(ctx, func(tx Tx) (err error) { u, err = p.user(tx, id); return err }); err != nil {
		return Ceremony{}, err
	}
	if len(u.keys) >= maxPasskeys {
		return Ceremony{}, fault.Newf(fault.Limit, "An account has %d passkeys at most.", maxPasskeys)
	}
	options, data, err := p.passkey.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.keys).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("passkey: %w", err)
	}
	return p.ceremony(options, sealed{For: "register", Account: id, Until: p.clock().Add(p.cfg.Limits.Ceremony), Data: *data}, c)
}

func (p *People) ceremony(options any, s sealed, c Client) (Ceremony, error) {
	b, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	state, err := p.seal(s, c.Visitor)
	return Ceremony{Options: b, State: state}, err
}

// AddPasskey is the second step: the answer of navigator.credentials.create, as its toJSON writes it.
func (p *People) AddPasskey(ctx context.Context, c Client, id ID, state string, answer []byte, name string) (Passkey, error) {
	if p.passkey == nil {
		return Passkey{}, errNoPasskeys
	}
	name = strings.TrimSpace(name)
	if name == "" {
		name = "passkey"
	}
	if !utf8.ValidString(name) || len(name) > 300 || utf8.RuneCountInString(name) > 60 || strings.ContainsFunc(name, catalog.Hidden) {
		return Passkey{}, fault.Field("name", "A passkey's name has at most 60 characters, without line breaks.")
	}
	s, err := p.unseal(state, "register", c.Visitor, p.clock())
	if err != nil {
		return Passkey{}, err
	}
	if s.Account != id || len(answer) > maxAnswer {
		return Passkey{}, errPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Passkey{}, refuse(err)
	}
	var key Passkey
	err = p.store.Update(ctx, func(tx Tx) error {
		u, err := p.user(tx, id)
		if err != nil {
			return err
		}
		if len(u.keys) >= maxPasskeys {
			return fault.Newf(fault.Limit, "An account has %d passkeys at most.", maxPasskeys)
		}
		cred, err := p.passkey.CreateCredential(u, s.Data, parsed)
		if err != nil {
			return refuse(err)
		}
		if err := spend(tx, s); err != nil {
			return err
		}
		b, err := json.Marshal(cred)
		if err != nil {
			return err
		}
		key = Passkey{ID: base64.RawURLEncoding.EncodeToString(cred.ID), Account: id, Name: name, Credential: string(b), Counter: cred.Authenticator.SignCount, Made: p.clock()}
		return tx.InsertPasskey(key)
	})
	if err != nil {
		return Passkey{}, err
	}
	return key, nil
}

// maxAnswer is how long a browser's answer may be, in bytes.
const maxAnswer = 64 << 10

// refuse keeps what a passkey was refused for as the cause. The library's details hold nothing that is secret.
func refuse(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) {
		err = fmt.Errorf("%s: %s", e.Details, e.DevInfo)
	}
	return fault.Wrap(err, fault.Forbidden, errPasskey.Text)
}

// spend makes a challenge good once.
func spend(tx Tx, s sealed) error {
	first, err := tx.Spend("passkey "+s.Data.Challenge, s.Until)
	if err == nil && !first {
		err = errPasskey
	}
	return err
}

// BeginSignIn is the first step of signing in with a passkey. The browser knows whose it is.
func (p *People) BeginSignIn(c Client) (Ceremony, error) {
	if p.passkey == nil {
		return Ceremony{}, errNoPasskeys
	}
	options, data, err := p.passkey.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("passkey: %w", err)
	}
	return p.ceremony(options, sealed{For: "sign in", Until: p.clock().Add(p.cfg.Limits.Ceremony), Data: *data}, c)
}

// SignInByPasskey is the second step: the answer of navigator.credentials.get, as its toJSON writes it.
func (p *People) SignInByPasskey(ctx context.Context, c Client, state string, answer []byte) (a Account, token string, err error) {
	if p.passkey == nil {
		return Account{}, "", errNoPasskeys
	}
	now := p.clock()
	s, err := p.unseal(state, "sign in", c.Visitor, now)
	if err != nil {
		return Account{}, "", err
	}
	if len(answer) > maxAnswer {
		return Account{}, "", errPasskey
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Account{}, "", refuse(err)
	}
	err = p.store.Update(ctx, func(tx Tx) error {
		var key Passkey
		var trouble error // of ours, which the library would wrap as the asker's
		_, cred, err := p.passkey.ValidatePasskeyLogin(func(raw, handle []byte) (webauthn.User, error) {
			if key, trouble = tx.Passkey(base64.RawURLEncoding.EncodeToString(raw)); trouble != nil {
				return nil, trouble
			}
			if subtle.ConstantTimeCompare(handle, []byte(key.Account)) != 1 {
				return nil, errPasskey
			}
			var u user
			u, trouble = p.user(tx, key.Account)
			a = u.Account
			return u, trouble
		}, s.Data, parsed)
		if trouble != nil && !fault.Is(trouble, fault.NotFound) {
			return trouble
		}
		if err != nil {
			return refuse(err)
		}
		if cred.Authenticator.CloneWarning {
			return refuse(errors.New("the passkey's counter went back: there may be a copy of it"))
		}
		if err := spend(tx, s); err != nil {
			return err
		}
		b, err := json.Marshal(cred)
		if err != nil {
			return err
		}
		key.Credential, key.Counter, key.Used = string(b), cred.Authenticator.SignCount, now.Truncate(time.Hour)
		if err := tx.PutPasskey(key); err != nil {
			return err
		}
		token, err = p.open(tx, a.ID, c, ByPasskey, now)
		return err
	})
	if err != nil {
		return Account{}, "", err
	}
	return a, token, nil
}

// Passkeys are those of an account.
func (p *People) Passkeys(ctx context.Context, id ID) (keys []Passkey, err error) {
	err = p.store.View(ctx, func(tx Tx) error { keys, err = tx.Passkeys(id); return err })
	return keys, err
}

// RemovePasskey forgets a passkey, unless nothing else would be left to sign in with.
func (p *People) RemovePasskey(ctx context.Context, id ID, passkey string) error {
	return p.store.Update(ctx, func(tx Tx) error {
		a, s, err := tx.Account(id)
		if err != nil {
			return err
		}
		keys, err := tx.Passkeys(id)
		if err != nil {
			return err
		}
		if len(keys) == 1 && s.Password == "" && !a.Verified {
			return fault.New(fault.Conflict, "This is the only way into the account: set a password first.")
		}
		return tx.DeletePasskey(id, passkey)
	})
}
