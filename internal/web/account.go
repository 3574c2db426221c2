package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"ferric/internal/fault"
	"ferric/internal/people"
)

func accountRoutes(w *Web) []route {
	try := options{limit: signIns}
	return []route{
		{pattern: "GET /account", who: signedIn, do: w.account},
		{pattern: "POST /account/profile", who: signedIn, do: w.setProfile},
		{pattern: "POST /account/mail", who: signedIn, do: w.setMail, opts: try},
		{pattern: "POST /account/mail/again", who: signedIn, do: w.mailProof, opts: try},
		{pattern: "POST /account/password", who: signedIn, do: w.setPassword, opts: try},
		{pattern: "POST /account/passkeys/{id}/remove", who: signedIn, do: w.removePasskey},
		{pattern: "POST /api/account/passkey/begin", who: signedIn, do: w.beginPasskey, opts: try},
		{pattern: "POST /api/account/passkey/finish", who: signedIn, do: w.finishPasskey, opts: try},
		{pattern: "POST /account/sessions/others/end", who: signedIn, do: w.endOthers},
		{pattern: "POST /account/sessions/{id}/end", who: signedIn, do: w.endSession},
		{pattern: "GET /account/export", who: signedIn, do: w.exportAccount},
		{pattern: "GET /account/leave", who: signedIn, do: w.leavePage},
		{pattern: "POST /account/leave", who: signedIn, do: w.leave, opts: try},
	}
}

// accountView is everything about an account on one page.
type accountView struct {
	people.Account
	Sessions []people.Session
	Current  string // the session that asks
	Passkeys []people.Passkey
	CanKey   bool // the shop has passkeys
	CanMail  bool
	Fresh    bool   // a password may be set without the old one
	Form     string // which form the error is of
	Err      error
}

func (a accountView) of(form string) error {
	if a.Form == form {
		return a.Err
	}
	return nil
}

func (w *Web) accountView(v *visit) (a accountView, err error) {
	ctx := v.r.Context()
	a = accountView{Account: v.Account, Current: v.Session.ID, CanKey: w.cfg.People.HasPasskeys(), CanMail: w.cfg.Mail != nil,
		Fresh: w.cfg.People.Fresh(v.Session)}
	if a.Sessions, err = w.cfg.People.Sessions(ctx, v.Account.ID); err != nil {
		return a, err
	}
	a.Passkeys, err = w.cfg.People.Passkeys(ctx, v.Account.ID)
	return a, err
}

func (a accountView) page() page {
	p := page{Title: "Your account", Styles: []string{"desk.css"}, Scripts: []string{"times.js"}}
	if a.CanKey {
		p.Scripts = append(p.Scripts, "passkey.js")
	}
	return p
}

func (w *Web) account(v *visit) error {
	v.knowVisitor()
	a, err := w.accountView(v)
	if err != nil {
		return err
	}
	return v.show(a.page(), accountPage(a))
}

// accountAgain shows the page with what was wrong in one of its forms.
func (w *Web) accountAgain(v *visit, wrong error, form string, typed func(*accountView)) error {
	a, err := w.accountView(v)
	if err != nil {
		return err
	}
	a.Form, a.Err = form, wrong
	if typed != nil {
		typed(&a)
	}
	return v.again(wrong, a.page(), accountPage(a))
}

func (w *Web) setProfile(v *visit) error {
	display, shown := v.text("display"), v.text("shown") != ""
	if _, err := w.cfg.People.Profile(v.r.Context(), v.Account.ID, display, shown); err != nil {
		return w.accountAgain(v, err, "profile", func(a *accountView) { a.Display, a.Shown = display, shown })
	}
	return v.say("/account", "Kept.")
}

func (w *Web) setMail(v *visit) error {
	typed := v.text("mail")
	a, err := w.cfg.People.SetMail(v.r.Context(), v.Session, typed)
	if err != nil {
		return w.accountAgain(v, err, "mail", func(a *accountView) { a.Mail = typed })
	}
	said, err := w.sendProof(v, a)
	if err != nil {
		return w.accountAgain(v, err, "mail", nil)
	}
	if said == "" {
		said = "Kept."
	}
	return v.say("/account", said)
}

func (w *Web) mailProof(v *visit) error {
	said, err := w.sendProof(v, v.Account)
	if err != nil {
		return w.accountAgain(v, err, "mail", nil)
	}
	return v.say("/account", said)
}

func (w *Web) setPassword(v *visit) error {
	token, err := w.cfg.People.SetPassword(v.r.Context(), v.Client(), v.cookie(cookieSession), v.r.PostFormValue("old"), v.r.PostFormValue("password"))
	if err != nil {
		return w.accountAgain(v, err, "password", nil)
	}
	v.signIn(token)
	return v.say("/account", "The password is set. Every other browser is signed out.")
}

func (w *Web) removePasskey(v *visit) error {
	if err := w.cfg.People.RemovePasskey(v.r.Context(), v.Account.ID, v.path("id")); err != nil {
		return w.accountAgain(v, err, "passkeys", nil)
	}
	return v.say("/account", "The passkey is removed here. You may delete it from the device too.")
}

func (w *Web) beginPasskey(v *visit) error {
	c, err := w.cfg.People.BeginPasskey(v.r.Context(), v.Client(), v.Session)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, c)
}

func (w *Web) finishPasskey(v *visit) error {
	a, err := v.passkeyAnswer()
	if err != nil {
		return err
	}
	if _, err := w.cfg.People.AddPasskey(v.r.Context(), v.Client(), v.Account.ID, a.State, a.Answer, a.Name); err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]string{"next": "/account#passkeys"})
}

func (w *Web) endSession(v *visit) error {
	if err := w.cfg.People.Revoke(v.r.Context(), v.Account.ID, v.path("id")); err != nil {
		return err
	}
	if v.path("id") == v.Session.ID {
		v.dropCookie(cookieSession)
		return v.say("/", "You are signed out.")
	}
	return v.say("/account", "That browser is signed out.")
}

func (w *Web) endOthers(v *visit) error {
	if err := w.cfg.People.RevokeOthers(v.r.Context(), v.cookie(cookieSession)); err != nil {
		return err
	}
	return v.say("/account", "Every other browser is signed out.")
}

// exportAccount is all that the house keeps of a person, as a file for themselves.
func (w *Web) exportAccount(v *visit) error {
	e, err := w.cfg.People.Export(v.r.Context(), v.Account.ID)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.json"`, v.Account.Name, v.Now.UTC().Format("2006-01-02")))
	v.writeBody(http.StatusOK, append(body, '\n'))
	return nil
}

// leaveView says what goes and what stays.
type leaveView struct {
	people.Account
	Copies   []owned
	Orders   int
	Password bool // is asked for
	Err      error
}

// owned is a copy that the account has, with its certificate.
type owned struct {
	Name        string
	Certificate string // path
}

func (w *Web) leaveView(v *visit) (l leaveView, err error) {
	ctx := v.r.Context()
	l = leaveView{Account: v.Account, Password: !w.cfg.People.Fresh(v.Session)}
	orders, err := w.cfg.Shop.OrdersBy(ctx, string(v.Account.ID))
	if err != nil {
		return l, err
	}
	l.Orders = len(orders)
	copies, err := w.cfg.Shop.Owned(ctx, string(v.Account.ID))
	if err != nil {
		return l, err
	}
	names := v.counter()
	for _, c := range copies {
		g, err := names.run(c.Run)
		if err != nil {
			return l, err
		}
		l.Copies = append(l.Copies, owned{fmt.Sprintf("%s, number %s", g.Release.Title, g.Run.Label(c.Number)), fmt.Sprintf("/certificate/%s/%d", c.Run, c.Number)})
	}
	return l, nil
}

func (w *Web) leavePage(v *visit) error {
	l, err := w.leaveView(v)
	if err != nil {
		return err
	}
	return v.show(page{Title: "Leave the shop", Styles: []string{"desk.css"}}, leaveForm(l))
}

func (w *Web) leave(v *visit) error {
	err := error(nil)
	if v.text("sure") == "" {
		err = fault.Field("sure", "Please say that you have read what goes. Nothing was changed.")
	}
	if err == nil {
		err = w.cfg.People.Confirm(v.r.Context(), v.Client(), v.cookie(cookieSession), v.r.PostFormValue("password"))
	}
	if err == nil {
		err = w.cfg.People.Erase(v.r.Context(), v.Account.ID)
	}
	if err != nil {
		l, lerr := w.leaveView(v)
		if lerr != nil {
			return lerr
		}
		l.Err = err
		return v.again(err, page{Title: "Leave the shop", Styles: []string{"desk.css"}}, leaveForm(l))
	}
	v.dropCookie(cookieSession)
	v.dropCookie(cookieVisitor)
	return v.say("/", "Everything about you is gone from here. Your certificates still prove what they proved.")
}

// usedWords is when a key was used last.
func usedWords(t time.Time) string {
	if t.IsZero() {
		return ", never used"
	}
	return ", used " + day(t)
}
