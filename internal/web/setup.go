package web

import (
	"ferric/internal/fault"
	"ferric/internal/people"
)

// The link that `ferric serve` prints makes the first account, which keeps the shop.
func setupRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /setup/{token}", who: secret, do: w.setupPage},
		{pattern: "POST /setup/{token}", who: secret, do: w.setup, opts: options{limit: secrets}},
	}
}

func (s signUpView) action() string {
	if s.Setup != "" {
		return s.Setup
	}
	return "/sign-up"
}

var errSetup = fault.New(fault.Gone, "This link was used already, or its time is over. While the shop has no keeper, ferric serve prints a new one each time it starts.")

func (w *Web) setupPage(v *visit) error {
	l, err := w.cfg.People.Look(v.r.Context(), v.path("token"))
	if fault.Is(err, fault.Gone) || err == nil && l.Kind != people.LinkSetup {
		return errSetup
	}
	if err != nil {
		return err
	}
	s := signUpView{Setup: v.r.URL.Path, Mail: w.cfg.Mail != nil, Shop: w.cfg.Name}
	return v.show(page{Title: "Set up the shop", Styles: []string{"desk.css"}}, signUpForm(s))
}

func (w *Web) setup(v *visit) error {
	s := signUpView{Entry: v.entry(), Setup: v.r.URL.Path, Mail: w.cfg.Mail != nil, Shop: w.cfg.Name}
	account, token, err := w.cfg.People.Setup(v.r.Context(), v.Client(), v.path("token"), s.Entry)
	if fault.Is(err, fault.Gone) {
		return errSetup
	}
	if err != nil {
		s.Err = err
		return v.again(err, page{Title: "Set up the shop", Styles: []string{"desk.css"}}, signUpForm(s))
	}
	v.signIn(token)
	if _, err := w.sendProof(v, account); err != nil {
		return err
	}
	return v.say("/admin/labels/new", "The shop is yours. Now make your label.")
}
