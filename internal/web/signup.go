package web

import (
	"net/url"

	"ferric/internal/mail"
	"ferric/internal/people"
)

func signUpRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /sign-up", who: anyone, do: w.signUpPage},
		{pattern: "POST /sign-up", who: anyone, do: w.signUp, opts: options{limit: newcomer}},
	}
}

// signUpView is the form of a new account: anybody's, or the first one of the shop.
type signUpView struct {
	Entry people.Entry // the password is never written back
	Next  string
	Mail  bool   // the shop sends mail
	Setup string // path of the setup link; empty for everybody else
	Shop  string
	Err   error
}

func (v *visit) entry() people.Entry {
	return people.Entry{Name: v.text("name"), Password: v.r.PostFormValue("password"), Display: v.text("display"), Mail: v.text("mail")}
}

func (w *Web) signUpPage(v *visit) error {
	if v.SignedIn() {
		return v.goTo(v.next())
	}
	s := signUpView{Next: v.next(), Mail: w.cfg.Mail != nil, Shop: w.cfg.Name}
	return v.show(page{Title: "Make an account", Styles: []string{"desk.css"}}, signUpForm(s))
}

func (w *Web) signUp(v *visit) error {
	s := signUpView{Entry: v.entry(), Next: v.next(), Mail: w.cfg.Mail != nil, Shop: w.cfg.Name}
	account, token, err := w.cfg.People.SignUp(v.r.Context(), v.Client(), s.Entry)
	if err != nil {
		s.Err = err
		return v.again(err, page{Title: "Make an account", Styles: []string{"desk.css"}}, signUpForm(s))
	}
	v.signIn(token)
	if said, err := w.sendProof(v, account); err != nil {
		return err
	} else if said != "" {
		return v.say(s.Next, said)
	}
	return v.say(s.Next, "The account is yours.")
}

// sendProof mails the link that proves an account's address, when there is one and the shop sends mail. It says what to say of it.
func (w *Web) sendProof(v *visit, a people.Account) (string, error) {
	if w.cfg.Mail == nil || a.Mail == "" || a.Verified {
		return "", nil
	}
	letter, err := w.cfg.People.MailLink(v.r.Context(), v.Client(), a.ID)
	if err != nil {
		return "", err
	}
	err = w.cfg.Mail.Post(v.r.Context(), mail.Note{Kind: mail.VerifyMail, Account: a.ID, Mail: letter.To, Token: letter.Token})
	return "We have mailed you a link. The address counts once you have opened it.", err
}

func queryEscape(s string) string { return url.QueryEscape(s) }
