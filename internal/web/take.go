package web

import (
	"fmt"
	"net/url"

	"ferric/internal/fault"
)

// Whoever has the link of an offer may take the copy, once.
func takeRoutes(w *Web) []route {
	guarded := options{limit: secrets}
	return []route{
		{pattern: "GET /take/{token}", who: secret, do: w.takePage, opts: guarded},
		{pattern: "POST /take/{token}", who: secret, do: w.take, opts: guarded},
	}
}

// takeView is what a link offers.
type takeView struct {
	offerView
	Path   string
	SignIn string // where a guest goes first
	Own    bool   // the reader made it
	Name   string // of the account
}

func (w *Web) takePage(v *visit) error {
	v.closed()
	o, err := w.cfg.Shop.OfferByToken(v.r.Context(), string(v.Account.ID), v.path("token"))
	if err != nil {
		return err
	}
	view, err := v.offerView(v.counter(), o)
	if err != nil {
		return err
	}
	t := takeView{offerView: view, Path: v.r.URL.Path, Own: v.SignedIn() && o.Owner == string(v.Account.ID), Name: v.Account.Called()}
	if !v.SignedIn() {
		t.SignIn = "/sign-in?next=" + url.QueryEscape(v.r.URL.Path)
	}
	return v.show(page{Title: "A copy for you", Accent: view.Label.Accent, Scripts: []string{"times.js"}, Styles: []string{"buy.css"}}, takePage(t))
}

func (w *Web) take(v *visit) error {
	v.closed()
	if !v.SignedIn() {
		return errSignIn
	}
	c, err := w.cfg.Shop.Accept(v.r.Context(), string(v.Account.ID), v.path("token"))
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Conflict, "This copy is yours already.")
	}
	if err != nil {
		return err
	}
	w.Changed(c.Run)
	return v.say(fmt.Sprintf("/shelf/%s/%d", c.Run, c.Number), "It is yours. Take its certificate with you.")
}
