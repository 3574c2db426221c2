package web

import (
	"net/http"
	"slices"

	"ferric/internal/fault"
	"ferric/internal/people"
)

// access says who may use a route.
type access string

const (
	anyone   access = "anyone"
	secret   access = "secret"   // whoever has the address: the handler checks the secret in it
	signedIn access = "signedIn" // an account; the handler reads only what is that account's
	member   access = "member"   // any role in {label}
	packer   access = "packer"   // packer or owner of {label}
	books    access = "books"    // accountant or owner of {label}
	owner    access = "owner"    // owner of {label}
	admin    access = "admin"    // of the whole shop
	bearer   access = "bearer"   // a label's publish token, or one of its owners; the handler checks which
)

// roles that an access allows.
var allowed = map[access][]people.Role{
	member: {people.Owner, people.Packer, people.Accountant},
	packer: {people.Owner, people.Packer},
	books:  {people.Owner, people.Accountant},
	owner:  {people.Owner},
}

// route is a row of the table: what is asked for, by whom, and what answers.
type route struct {
	pattern string // as net/http has it: "GET /l/{label}/{release}"
	who     access
	do      func(*visit) error
	opts    options
}

// options are what few routes need. Zero means the default in brackets.
type options struct {
	cached bool  // the same page for every guest without a basket: kept for a second
	body   int64 // most bytes of the request's body [64 KiB]
	limit  rate  // how often one address may ask [generous]
	wasm   bool  // the page runs WebAssembly
	stream bool  // answers for as long as the reader stays
}

// table is all routes. Each page's file adds its own rows.
func (w *Web) table() []route {
	return slices.Concat(
		homeRoutes(w),
		catalogueRoutes(w),
		labelRoutes(w),
		releaseRoutes(w),
		copyRoutes(w),
		searchRoutes(w),
		feedRoutes(w),
		filesRoutes(w),
		uploadRoutes(w),
		listenRoutes(w),
		deckRoutes(w),
		basketRoutes(w),
		checkoutRoutes(w),
		orderRoutes(w),
		claimRoutes(w),
		shelfRoutes(w),
		certificateRoutes(w),
		takeRoutes(w),
		ledgerRoutes(w),
		setupRoutes(w),
		signUpRoutes(w),
		signInRoutes(w),
		accountRoutes(w),
		deskRoutes(w),
		deskOrderRoutes(w),
		packingRoutes(w),
		deskReleaseRoutes(w),
		deskRunRoutes(w),
		deskProfileRoutes(w),
		booksRoutes(w),
		publishPageRoutes(w),
		memberRoutes(w),
		adminRoutes(w),
		staticRoutes(w),
		accentRoutes(w),
	)
}

// serve checks a row's access and answers.
func (w *Web) serve(rt route) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		v := newVisit(w, rt, rw, r)
		v.allow()
		if err := v.admit(); err != nil {
			v.fail(err)
			return
		}
		if rt.opts.cached && v.plain() {
			w.cache.serve(v, rt.do)
			return
		}
		if err := rt.do(v); err != nil {
			v.fail(err)
		}
	})
}

// admit finds out who asks and whether they may.
func (v *visit) admit() error {
	if err := v.identify(); err != nil {
		return err
	}
	if err := v.web.limits.take(v); err != nil {
		return err
	}
	switch who := v.route.who; who {
	case anyone, secret, bearer:
		return nil
	case signedIn:
		return v.needAccount()
	case admin:
		if err := v.needAccount(); err != nil {
			return err
		}
		if !v.Account.Admin {
			return fault.New(fault.Forbidden, "Only the shop's admin may do this.")
		}
		return nil
	default:
		return v.needRole(allowed[who])
	}
}

func (v *visit) needAccount() error {
	if !v.SignedIn() {
		return errSignIn
	}
	return nil
}

// needRole reads the label of the address. Who has no role in it is told that there is no such page.
func (v *visit) needRole(roles []people.Role) error {
	if err := v.needAccount(); err != nil {
		return err
	}
	label, err := v.web.cfg.Catalog.LabelBySlug(v.r.Context(), v.r.PathValue("label"))
	if err != nil {
		return err
	}
	role, err := v.web.cfg.People.Role(v.r.Context(), v.Account.ID, label.ID)
	if err != nil {
		return err
	}
	if role == "" {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	if !slices.Contains(roles, role) {
		return fault.New(fault.Forbidden, "Your part in this label does not cover this. Its owner can change that.")
	}
	v.Label, v.Role = label, role
	return nil
}
