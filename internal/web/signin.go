package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"ferric/internal/fault"
	"ferric/internal/mail"
	"ferric/internal/people"
)

func signInRoutes(w *Web) []route {
	try := options{limit: signIns}
	return []route{
		{pattern: "GET /sign-in", who: anyone, do: w.signInPage},
		{pattern: "POST /sign-in", who: anyone, do: w.signIn, opts: try},
		{pattern: "POST /sign-in/link", who: anyone, do: w.askLink, opts: try},
		{pattern: "GET /link/{token}", who: secret, do: w.linkPage},
		{pattern: "POST /link/{token}", who: secret, do: w.followLink, opts: options{limit: secrets}},
		{pattern: "POST /sign-out", who: anyone, do: w.signOut},
		{pattern: "POST /api/passkey/begin", who: anyone, do: w.beginPasskeySignIn, opts: try},
		{pattern: "POST /api/passkey/finish", who: anyone, do: w.finishPasskeySignIn, opts: try},
	}
}

// signInView is the sign-in page.
type signInView struct {
	Name     string
	Next     string // where to go after
	Err      error
	Mail     bool // the shop can mail a link
	Passkeys bool
	Sent     bool // a link was asked for
}

func (w *Web) signInView(v *visit) signInView {
	return signInView{Name: v.text("name"), Next: v.next(), Mail: w.cfg.Mail != nil, Passkeys: w.cfg.People.HasPasskeys()}
}

func (s signInView) page() page {
	p := page{Title: "Sign in", Styles: []string{"desk.css"}}
	if s.Passkeys {
		p.Scripts = []string{"passkey.js"}
	}
	return p
}

func (w *Web) signInPage(v *visit) error {
	if v.SignedIn() {
		return v.goTo(v.next())
	}
	v.knowVisitor() // a passkey's challenge is bound to the browser
	s := w.signInView(v)
	return v.show(s.page(), signInForm(s))
}

func (w *Web) signIn(v *visit) error {
	_, token, err := w.cfg.People.SignIn(v.r.Context(), v.Client(), v.text("name"), v.r.PostFormValue("password"))
	if err != nil {
		s := w.signInView(v)
		s.Err = err
		return v.again(err, s.page(), signInForm(s))
	}
	v.signIn(token)
	return v.goTo(v.next())
}

// askLink mails a link. The page says the same whether or not somebody has this name or address.
func (w *Web) askLink(v *visit) error {
	s := w.signInView(v)
	if w.cfg.Mail == nil {
		return fault.New(fault.Conflict, "This shop sends no mail. Please sign in with your password or a passkey, or ask the shop.")
	}
	letter, err := w.cfg.People.SignInLink(v.r.Context(), v.Client(), s.Name)
	if err == nil && letter.To != "" {
		err = w.cfg.Mail.Post(v.r.Context(), mail.Note{Kind: mail.SignIn, Account: letter.Account.ID, Mail: letter.To, Token: letter.Token})
	}
	if err != nil {
		s.Err = err
		return v.again(err, s.page(), signInForm(s))
	}
	s.Sent = true
	return v.show(s.page(), signInForm(s))
}

// linkPage asks before a link is followed: programs that read mail follow links too.
func (w *Web) linkPage(v *visit) error {
	l, err := w.cfg.People.Look(v.r.Context(), v.path("token"))
	if err != nil {
		return err
	}
	switch l.Kind {
	case people.LinkSignIn:
	case people.LinkMail:
		if !v.SignedIn() {
			return errSignIn
		}
	default:
		return fault.New(fault.NotFound, "There is no such page.")
	}
	return v.show(page{Title: "One more step", Styles: []string{"desk.css"}}, linkForm(l.Kind, v.r.URL.Path))
}

func (w *Web) followLink(v *visit) error {
	token := v.path("token")
	l, err := w.cfg.People.Look(v.r.Context(), token)
	if err != nil {
		return err
	}
	if l.Kind == people.LinkMail {
		if !v.SignedIn() {
			return errSignIn
		}
		if _, err := w.cfg.People.VerifyMail(v.r.Context(), v.Account.ID, token); err != nil {
			return err
		}
		return v.say("/account", "The address is yours.")
	}
	_, session, err := w.cfg.People.SignInByLink(v.r.Context(), v.Client(), token)
	if err != nil {
		return err
	}
	v.signIn(session)
	return v.say("/account#secret", "You are signed in. Within the next quarter of an hour you can set a new password without the old one.")
}

func (w *Web) signOut(v *visit) error {
	if err := w.cfg.People.SignOut(v.r.Context(), v.cookie(cookieSession)); err != nil {
		return err
	}
	v.dropCookie(cookieSession)
	return v.say("/", "You are signed out.")
}

func (w *Web) beginPasskeySignIn(v *visit) error {
	c, err := w.cfg.People.BeginSignIn(v.Client())
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, c)
}

// passkeyAnswer is what static/passkey.js sends for the second step.
type passkeyAnswer struct {
	State  string          `json:"state"`
	Answer json.RawMessage `json:"answer"`
	Name   string          `json:"name"` // of a new passkey
	Next   string          `json:"next"`
}

func (v *visit) passkeyAnswer() (a passkeyAnswer, err error) {
	if err := json.NewDecoder(v.r.Body).Decode(&a); err != nil {
		return a, fault.Wrap(err, fault.Invalid, "The browser's answer could not be read. Please try again.")
	}
	return a, nil
}

func (w *Web) finishPasskeySignIn(v *visit) error {
	a, err := v.passkeyAnswer()
	if err != nil {
		return err
	}
	_, token, err := w.cfg.People.SignInByPasskey(v.r.Context(), v.Client(), a.State, a.Answer)
	if err != nil {
		return err
	}
	v.signIn(token)
	return v.json(http.StatusOK, map[string]string{"next": internal(a.Next, "/")})
}

// next is where the reader wanted to go before signing in: a path of ours, or the start.
func (v *visit) next() string {
	next := v.r.PostFormValue("next")
	if next == "" {
		next = v.r.URL.Query().Get("next")
	}
	return internal(next, "/")
}

// internal is a path of ours, or another when it could lead elsewhere: browsers leave out tabs and
// line breaks and take a backslash for a slash, so none of these may be in it.
func internal(path, otherwise string) string {
	if len(path) > 2000 || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return otherwise
	}
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return otherwise
	}
	return path
}
