package web

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/shop"
)

// visit is one request and who makes it.
type visit struct {
	web   *Web
	route route
	w     http.ResponseWriter
	r     *http.Request

	Now     time.Time
	Account people.Account // zero for a guest
	Session people.Session
	Visitor string // the browser's cookie, hashed; empty until it has one

	Label catalog.Label // on routes that ask for a role: the label of the address
	Role  people.Role   // and the account's part in it
}

func newVisit(w *Web, rt route, rw http.ResponseWriter, r *http.Request) *visit {
	return &visit{web: w, route: rt, w: rw, r: r, Now: w.cfg.Now()}
}

// SignedIn reports whether an account is known.
func (v *visit) SignedIn() bool { return v.Account.ID != "" }

// plain reports a guest about whom nothing is known: what they see is what all such see.
func (v *visit) plain() bool { return !v.SignedIn() && v.Visitor == "" && v.flash() == "" }

// Buyer is the visit as the shop knows it. It gives the browser its cookie when it has none.
func (v *visit) Buyer() shop.Buyer {
	v.knowVisitor()
	return shop.Buyer{Visitor: v.Visitor, Account: string(v.Account.ID)}
}

// knowVisitor gives the browser its cookie when it has none.
func (v *visit) knowVisitor() {
	if v.Visitor == "" {
		token := people.NewVisitor()
		v.setCookie(cookieVisitor, token, 400*24*time.Hour)
		v.Visitor, _ = people.VisitorKey(token)
	}
}

// Client is the visit as people counts guesses: by address, and by a browser that it may know.
func (v *visit) Client() people.Client {
	v.knowVisitor()
	return people.Client{Address: network(v.from()), Visitor: v.Visitor, Agent: clip(v.r.UserAgent(), 300)}
}

// signIn keeps a session's token in the browser.
func (v *visit) signIn(token string) { v.setCookie(cookieSession, token, 180*24*time.Hour) }

// The cookies, by their plain names.
const (
	cookieSession = "session"
	cookieVisitor = "visitor"
	cookieFlash   = "flash"
)

// identify reads the cookies.
func (v *visit) identify() error {
	v.Visitor, _ = people.VisitorKey(v.cookie(cookieVisitor))
	token := v.cookie(cookieSession)
	if token == "" {
		return nil
	}
	account, session, err := v.web.cfg.People.Session(v.r.Context(), token)
	if errors.Is(err, people.ErrSignedOut) {
		v.dropCookie(cookieSession)
		return nil
	}
	if err != nil {
		return err
	}
	v.Account, v.Session = account, session
	return nil
}

func (w *Web) cookieName(name string) string {
	if w.secure {
		return "__Host-" + name
	}
	return "ferric-" + name
}

func (v *visit) cookie(name string) string {
	c, err := v.r.Cookie(v.web.cookieName(name))
	if err != nil || len(c.Value) > 512 {
		return ""
	}
	return c.Value
}

// setCookie keeps a value in the browser. Lax: a link from elsewhere finds the reader signed in, a form from elsewhere is refused (see guard).
func (v *visit) setCookie(name, value string, life time.Duration) {
	http.SetCookie(v.w, &http.Cookie{Name: v.web.cookieName(name), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: v.web.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (v *visit) dropCookie(name string) {
	http.SetCookie(v.w, &http.Cookie{Name: v.web.cookieName(name), Path: "/", MaxAge: -1, Secure: v.web.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// from is the address that asks: the last one that no proxy of ours stands for.
func (v *visit) from() netip.Addr {
	at, _ := netip.ParseAddrPort(v.r.RemoteAddr)
	addr := at.Addr().Unmap()
	hops := strings.Split(strings.Join(v.r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && v.web.trusted(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr
}

func (w *Web) trusted(a netip.Addr) bool {
	for _, p := range w.cfg.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// text is a form's field, trimmed.
func (v *visit) text(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }

// path is a part of the address.
func (v *visit) path(name string) string { return v.r.PathValue(name) }
