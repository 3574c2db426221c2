package web

import (
	"fmt"
	"strings"
	"time"

	"ferric/internal/fault"
	"ferric/pressing"
)

// A code from a card makes the copy its owner's. Cards carry the code as an
// address too: behind a slash, in the query, or behind #, as the label chose
// (jcard.Edition.Address). Wherever the server sees it, it goes into a cookie at
// once and the reader to an address without it: so it stands in no history, log or Referer.
//
//	GET  /claim         asks for the code
//	POST /claim         registers the copy: code
//	GET  /claim/{code}  as printed
//	GET  /claim?code=   as printed
func claimRoutes(w *Web) []route {
	guarded := options{limit: secrets}
	return []route{
		{pattern: "GET /claim", who: anyone, do: w.claimPage},
		{pattern: "POST /claim", who: anyone, do: w.claim, opts: guarded},
		{pattern: "GET /claim/{code}", who: secret, do: w.claimAddress, opts: guarded},
	}
}

// claims is how often one account may try codes: a shelf full of new tapes, not a search. A code has 85.9 bits.
var claims = rate{"claims", 20, time.Minute}

const cookieClaim = "claim"

// claimFor is how long a code waits for its reader to sign in.
const claimFor = time.Hour

// claimView is the form.
type claimView struct {
	Code   string // as typed
	Signed bool
	Name   string // of the account
	Err    error
}

func (w *Web) claimPage(v *visit) error {
	v.closed()
	if code := v.r.URL.Query().Get("code"); code != "" {
		return v.keepCode(code)
	}
	c := claimView{Code: v.cookie(cookieClaim), Signed: v.SignedIn(), Name: v.Account.Called()}
	return v.show(claimHead, claimPage(c))
}

var claimHead = page{Title: "Claim a copy", Canonical: "/claim", Scripts: []string{"claim.js"}, Styles: []string{"buy.css"}}

func (w *Web) claimAddress(v *visit) error { return v.keepCode(v.path("code")) }

// keepCode takes a code out of the address.
func (v *visit) keepCode(typed string) error {
	v.closed()
	if code, err := pressing.ParseClaim(typed); err == nil {
		v.setCookie(cookieClaim, code, claimFor)
	} else {
		v.setCookie(cookieFlash, "", 0)
		return v.say("/claim", "The address had no whole code in it. Please type the one from the card.")
	}
	return v.goTo("/claim")
}

func (w *Web) claim(v *visit) error {
	v.closed()
	typed := v.text("code")
	c := claimView{Code: strings.ToValidUTF8(clip(typed, 80), ""), Signed: v.SignedIn(), Name: v.Account.Called()}
	code, err := pressing.ParseClaim(typed)
	if err != nil {
		c.Err = fault.Field("code", "%s", codeWords(err))
		return v.again(c.Err, claimHead, claimPage(c))
	}
	if !v.SignedIn() {
		v.setCookie(cookieClaim, code, claimFor)
		return v.goTo("/sign-in?next=%2Fclaim")
	}
	if err := w.limits.count(claims, string(v.Account.ID)); err != nil {
		c.Err = err
		return v.again(err, claimHead, claimPage(c))
	}
	copy, err := w.cfg.Shop.Claim(v.r.Context(), string(v.Account.ID), code)
	if err != nil {
		c.Err = err
		if fault.Is(err, fault.NotFound) { // an answer like any other wrong one
			c.Err = fault.Field("code", "%s", fault.Text(err))
		}
		return v.again(c.Err, claimHead, claimPage(c))
	}
	v.dropCookie(cookieClaim)
	w.Changed(copy.Run)
	return v.say(fmt.Sprintf("/shelf/%s/%d", copy.Run, copy.Number), "It is yours. Take its certificate with you.")
}

// codeWords say what is wrong with a code that was never printed.
func codeWords(err error) string {
	_, why, _ := strings.Cut(err.Error(), ": ")
	if why == "" {
		why = "it is not one from a card"
	}
	return "This cannot be the code: " + why + "."
}
