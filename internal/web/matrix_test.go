package web

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/shop"
)

// The authorisation table: every route, asked by everybody for what is theirs, what is another label's or person's, and
// what does not exist. A route without an entry in matrixRows fails. What an answer must not hold is checked in all of them.

// matrixRoles are who asks. stranger has an account and no part in a label; rival owns another label.
var matrixRoles = []string{"guest", "stranger", "rival", "packer", "accountant", "owner", "admin"}

// matrixRow says what differs for a route from what its access says.
type matrixRow struct {
	ok      []int             // for who may, with ids of their own; [GET: 200, others: 200, 303, 409, 422]
	none    []int             // with ids of nothing, or of others [404]
	values  map[string]string // of the address, for everybody
	theirs  map[string]string // ids of others; in place of the general ones
	same    []string          // parts of the address that are nobody's: not asked for with ids of others or nothing
	form    string            // what is posted
	open    bool              // the address itself is a secret that opens what it is for: answers may hold all of it
	last    int               // changes who may do what: asked after all others, in this order
	shelf   bool              // {run} and {number} are a copy that the asker owns
	onlyBad bool              // there is no such thing in the test's shop
}

var matrixRows = map[string]matrixRow{
	"GET /{$}": {}, "GET /catalogue": {}, "GET /search": {}, "GET /feed.atom": {}, "GET /feed.rss": {}, "GET /sitemap.xml": {}, "GET /robots.txt": {},
	"GET /l/{label}": {}, "GET /l/{label}/feed.atom": {}, "GET /l/{label}/feed.rss": {}, "GET /a/{artist}": {same: nil},
	"GET /l/{label}/{release}": {}, "GET /l/{label}/{release}/live": {}, "GET /l/{label}/{release}/og.jpg": {ok: []int{200, 404}},
	"GET /l/{label}/{release}/number": {ok: []int{303, 404}}, "GET /l/{label}/{release}/{run}/{number}": {},
	"GET /l/{label}/{release}/deck": {ok: []int{200, 404}}, "GET /l/{label}/{release}/{run}/{number}/deck": {ok: []int{404}},
	"GET /files/{hash}/{name}": {onlyBad: true}, "GET /static/{hash}/{name...}": {values: map[string]string{"hash": "x", "name": "base.css"}, same: []string{"hash"}},
	"GET /accent/{colour}": {values: map[string]string{"colour": "cobalt.css"}, same: []string{"colour"}},

	"GET /basket": {}, "POST /basket": {ok: []int{404}}, "POST /basket/let-go": {}, "GET /checkout": {ok: []int{200, 303}}, "POST /checkout": {},
	"GET /order/{id}/{secret}":         {open: true, theirs: map[string]string{}},
	"POST /order/{id}/{secret}/cancel": {open: true, theirs: map[string]string{}, last: 1},
	"GET /account/orders":              {},
	"GET /claim":                       {ok: []int{200, 303}}, "POST /claim": {}, "GET /claim/{code}": {ok: []int{200, 303, 422}, none: []int{200, 303, 404, 422}, same: []string{"code"}},
	"GET /shelf": {}, "GET /shelf/{run}/{number}": {shelf: true}, "POST /shelf/{run}/{number}/offer": {shelf: true, none: []int{403, 404}}, "POST /shelf/{run}/{number}/withdraw": {shelf: true, none: []int{403, 404}},
	"POST /shelf/{run}/{number}/accept": {shelf: true, ok: []int{404}}, "POST /shelf/{run}/{number}/decline": {shelf: true, ok: []int{404}},
	"POST /shelf/{run}/{number}/key": {shelf: true, none: []int{403, 404}}, "GET /shelf/{run}/{number}/sound/{side}": {shelf: true, ok: []int{403}, none: []int{403, 404}},
	"GET /certificate/{run}/{number}": {values: map[string]string{"run": "@run"}, same: []string{"number"}, ok: []int{200, 503}, none: []int{404}},
	"GET /take/{token}":               {values: map[string]string{"token": "@offer"}, theirs: map[string]string{}, ok: []int{200, 303}, none: []int{404, 410}}, "POST /take/{token}": {onlyBad: true, none: []int{401, 404, 410}},

	"GET /ledger": {}, "GET /ledger/checkpoint": {ok: []int{200, 404}}, "GET /ledger/key": {ok: []int{200, 404}}, "GET /ledger/tile/{path...}": {onlyBad: true},
	"POST /api/deck/side": {ok: []int{200, 404, 422}}, "POST /api/deck/sit": {ok: []int{200, 404, 422}}, "POST /api/deck/near": {ok: []int{200, 404, 422}}, "GET /s/{address}": {onlyBad: true},

	"GET /setup/{token}": {onlyBad: true, none: []int{410}}, "POST /setup/{token}": {onlyBad: true, none: []int{410, 422}},
	"GET /sign-up": {ok: []int{200, 303}}, "POST /sign-up": {ok: []int{422}}, "GET /sign-in": {ok: []int{200, 303}}, "POST /sign-in": {ok: []int{403}}, "POST /sign-in/link": {ok: []int{200, 409}},
	"GET /link/{token}": {onlyBad: true, none: []int{410}}, "POST /link/{token}": {onlyBad: true, none: []int{410}}, "POST /sign-out": {last: 4},
	"POST /api/passkey/begin": {}, "POST /api/passkey/finish": {form: "{}", ok: []int{403}},

	"GET /account": {}, "POST /account/profile": {}, "POST /account/mail": {}, "POST /account/mail/again": {}, "POST /account/password": {},
	"POST /account/passkeys/{id}/remove": {onlyBad: true, none: []int{303, 404}}, "POST /api/account/passkey/begin": {}, "POST /api/account/passkey/finish": {form: "{}", ok: []int{403}},
	"POST /account/sessions/others/end": {}, "POST /account/sessions/{id}/end": {values: map[string]string{"id": "@session"}, theirs: map[string]string{"id": "@their session"}, none: []int{303, 404}},
	"GET /account/export": {}, "GET /account/leave": {}, "POST /account/leave": {},

	"GET /desk": {}, "GET /desk/{label}": {}, "GET /desk/{label}/orders": {}, "GET /desk/{label}/orders/{order}": {},
	"POST /desk/{label}/orders/{order}/paid": {}, "POST /desk/{label}/orders/{order}/packed": {}, "POST /desk/{label}/orders/{order}/shipped": {},
	"POST /desk/{label}/orders/{order}/back": {}, "POST /desk/{label}/orders/{order}/cancel": {},
	"GET /desk/{label}/packing": {}, "POST /desk/{label}/packing/{order}/number": {form: "number=9999"}, "POST /desk/{label}/packing/{order}/packed": {}, "POST /desk/{label}/packing/{order}/sent": {},
	"POST /desk/{label}/orders/{order}/lost": {form: "note=Gone."}, "GET /desk/{label}/packing/slips.pdf": {}, "GET /desk/{label}/packing/labels.pdf": {}, "GET /desk/{label}/packing/customs.pdf": {}, "GET /desk/{label}/packing/customs.csv": {},
	"GET /desk/{label}/packing/click-and-drop.csv": {}, "GET /desk/{label}/packing/pirate-ship.csv": {}, "GET /desk/{label}/packing/settings": {}, "POST /desk/{label}/packing/settings": {},
	"GET /desk/{label}/packing/tracking": {}, "POST /desk/{label}/packing/tracking": {}, "POST /desk/{label}/packing/tracking/apply": {form: "order=XXXX-XXXX-XXXX&carrier=&tracking=1"},
	"GET /desk/{label}/profile": {}, "POST /desk/{label}/profile": {}, "GET /desk/{label}/releases": {}, "GET /desk/{label}/releases/{release}": {},
	"POST /desk/{label}/releases/{release}/sale": {}, "POST /desk/{label}/releases/{release}/digital": {}, "POST /desk/{label}/releases/{release}/notes": {form: "notes=changed"},
	"POST /desk/{label}/releases/{release}/take-back": {}, "POST /desk/{label}/releases/{release}/{run}/terms": {},
	"GET /desk/{label}/releases/{release}/{run}": {}, "POST /desk/{label}/releases/{release}/{run}/move": {form: "numbers=20&pool=merch"}, "POST /desk/{label}/releases/{release}/{run}/close": {},
	"GET /desk/{label}/releases/{release}/{run}/{number}": {}, "POST /desk/{label}/releases/{release}/{run}/{number}/sell": {}, "POST /desk/{label}/releases/{release}/{run}/{number}/unsell": {},
	"POST /desk/{label}/releases/{release}/{run}/{number}/restock": {}, "POST /desk/{label}/releases/{release}/{run}/{number}/grade": {}, "POST /desk/{label}/releases/{release}/{run}/{number}/void": {},
	"GET /desk/{label}/books": {}, "POST /desk/{label}/books/spend": {form: "what=other&amount=5&currency=EUR&note=x&key=0123456789abcdef"}, "POST /desk/{label}/books/send-back": {}, "POST /desk/{label}/books/reverse": {ok: []int{303, 404}},
	"GET /desk/{label}/books/run/{release}/{run}": {}, "POST /desk/{label}/books/run/{release}/{run}/elsewhere": {}, "GET /desk/{label}/books/deal/{release}": {}, "POST /desk/{label}/books/deal/{release}": {},
	"GET /desk/{label}/books/statements": {}, "POST /desk/{label}/books/payout": {}, "GET /desk/{label}/books/statements/{payee}/{form}": {values: map[string]string{"payee": "label", "form": "page"}, same: []string{"payee"}},
	"GET /desk/{label}/publish": {}, "GET /desk/{label}/people": {}, "POST /desk/{label}/people/invite": {form: "role=packer"},
	"POST /desk/{label}/people/{account}/role": {form: "role=accountant"}, "POST /desk/{label}/people/{account}/remove": {last: 2}, "POST /desk/{label}/people/leave": {last: 3},
	"POST /desk/{label}/invitations/{hash}/end": {last: 1}, "POST /desk/{label}/tokens": {form: "name=x"},
	"POST /desk/{label}/tokens/{id}/end": {values: map[string]string{"id": "@token"}, theirs: map[string]string{"id": "@their token"}, none: []int{303, 404}},
	"GET /join/{token}":                  {values: map[string]string{"token": "@invite"}, theirs: map[string]string{}, none: []int{410}}, "POST /join/{token}": {onlyBad: true, none: []int{410}},
	"GET /admin": {}, "GET /admin/labels/new": {}, "POST /admin/labels": {},

	"POST /api/labels/{label}/pressings": {}, "GET /api/uploads/{id}": {onlyBad: true}, "PUT /api/uploads/{id}/{sha256}": {onlyBad: true}, "POST /api/uploads/{id}/done": {onlyBad: true}, "DELETE /api/uploads/{id}": {onlyBad: true},
}

// matrixWorld is a shop with two labels, each with orders, drafts, members, tokens and invitations of its own.
type matrixWorld struct {
	*testShop
	rival          catalog.Label
	theirs         catalog.Release
	theirRun       catalog.Run
	order, their   shop.Receipt
	invite, token  string // names of the label's: a hash, an id
	join           string // the invitation's own token
	theirInvite    string
	theirToken     string
	helper, their2 people.Account
	numbers        map[string]int // the copy that a role owns
	offer          string
	others, kept   []string     // tokens of further sessions; of those that nobody may end
	keptTokens     []string     // of the other label, that nobody may end
	keptOrder      shop.Receipt // of the other label, that nobody may change
}

// Texts that only some may see.
const (
	ourStreet, ourName, ourMail, ourTotal, ourDraft           = "Secret Lane 7", "Jane Quellbuyer", "jane@private.example", "47.11", "Unborn Draft Alpha"
	theirStreet, theirName, theirMail, theirTotal, theirDraft = "Rival Road 9", "Rolf Gegenkauf", "rolf@private.example", "93.93", "Unborn Draft Omega"
)

func newMatrixWorld(t *testing.T) *matrixWorld {
	t.Helper()
	w := &matrixWorld{testShop: newShop(t), numbers: map[string]int{}}
	ctx, p := t.Context(), w.cfg.People
	for _, role := range matrixRoles {
		w.as(role)
	}
	var err error
	if w.rival, err = w.cfg.Catalog.AddLabel(ctx, catalog.Label{Slug: "rival", Name: "Rival Tapes"}); err != nil {
		t.Fatal(err)
	}
	w.must(p.AddMember(ctx, w.Admin.ID, w.rival.ID, w.as("rival").Account.ID, people.Owner))
	w.helper, w.their2 = w.as("helper").Account, w.as("their-helper").Account
	w.must(p.AddMember(ctx, w.as("owner").Account.ID, w.Label.ID, w.helper.ID, people.Packer))
	w.must(p.AddMember(ctx, w.as("rival").Account.ID, w.rival.ID, w.their2.ID, people.Packer))
	for _, l := range []struct {
		label        catalog.Label
		by           people.ID
		title        string
		inv, tok, in *string
	}{{w.Label, w.as("owner").Account.ID, ourDraft, &w.invite, &w.token, &w.join}, {w.rival, w.as("rival").Account.ID, theirDraft, &w.theirInvite, &w.theirToken, new(string)}} {
		if _, err := w.cfg.Catalog.AddRelease(ctx, catalog.Release{Label: l.label.ID, Artist: w.Artist.ID, Slug: "unborn", Title: l.title, CatalogNumber: "X-1"}); err != nil {
			t.Fatal(err)
		}
		token, link, err := p.Invite(ctx, l.by, l.label.ID, people.Packer)
		w.must(err)
		_, made, err := p.NewToken(ctx, l.by, l.label.ID, people.Publishing, "laptop")
		w.must(err)
		*l.inv, *l.tok, *l.in = link.Hash, made.ID, token
	}
	ours := w.Label
	w.Label = w.rival
	w.theirs, w.theirRun = w.release("theirs", "Their Tape", "RIV-1", 30, 0, time.Time{})
	w.Label = ours

	w.order = w.placed(w.Run, 30, 4711, "visitor of ours", shop.Address{Name: ourName, Street: ourStreet, City: "Hiddenham", Code: "ZX1", Country: "GB"}, ourMail)
	w.their = w.placed(w.theirRun, 3, 9393, "visitor of theirs", shop.Address{Name: theirName, Street: theirStreet, City: "Gegenstadt", Code: "YY2", Country: "DE"}, theirMail)
	w.keptOrder = w.placed(w.theirRun, 5, 1200, "another visitor of theirs", shop.Address{Name: "N", Street: "S", City: "C", Country: "DE"}, "n@private.example")
	for i, role := range matrixRoles[1:] {
		n := 10 + i
		if _, err := w.cfg.Shop.SellByHand(ctx, w.Run.ID, n, "table"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.cfg.Shop.Claim(ctx, string(w.as(role).Account.ID), w.Codes[n]); err != nil {
			t.Fatal(err)
		}
		w.numbers[role] = n
	}
	if _, err := w.cfg.Shop.SellByHand(ctx, w.Run.ID, 20, "table"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cfg.Shop.Claim(ctx, string(w.helper.ID), w.Codes[20]); err != nil {
		t.Fatal(err)
	}
	w.offer, _, err = w.cfg.Shop.OfferCopy(ctx, string(w.helper.ID), w.Run.ID, 20, "")
	w.must(err)
	return w
}

func (w *matrixWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// placed is an order of one copy, for more than its price.
func (w *matrixWorld) placed(run catalog.Run, number int, minor int64, visitor string, to shop.Address, mail string) shop.Receipt {
	w.t.Helper()
	ctx := w.t.Context()
	terms, err := w.cfg.Shop.Terms(ctx, run.ID)
	w.must(err)
	terms.PayMore = true
	w.must(w.cfg.Shop.SetTerms(ctx, terms))
	b := shop.Buyer{Visitor: visitor}
	_, err = w.cfg.Shop.Hold(ctx, b, shop.Want{Run: run.ID, Numbers: []int{number}})
	w.must(err)
	r, err := w.cfg.Shop.Place(ctx, shop.Request{Buyer: b, Key: visitor, Mail: mail, Address: to, Method: shop.Transfer, Lines: []shop.Line{{Run: run.ID, Number: number, Minor: minor}}})
	w.must(err)
	return r[0]
}

// values are the ids of a role's own things, of others' things, or of nothing.
func (w *matrixWorld) values(role string, row matrixRow) (own, theirs map[string]string) {
	own = map[string]string{"label": "specimen", "release": "evening", "run": "1", "number": "9", "artist": "lantern-weir", "order": string(w.order.Order), "account": string(w.helper.ID),
		"hash": w.invite, "id": string(w.order.Order), "secret": w.order.Secret, "code": "X", "side": "A"}
	theirs = map[string]string{"release": "theirs", "order": string(w.keptOrder.Order), "account": string(w.their2.ID), "hash": w.theirInvite}
	if row.theirs != nil {
		theirs = maps.Clone(row.theirs)
	}
	maps.Copy(own, row.values)
	if row.shelf {
		own["run"], own["number"] = string(w.Run.ID), fmt.Sprint(w.numbers[role])
		theirs = map[string]string{"number": fmt.Sprint(w.numbers["stranger"])}
		if role == "stranger" {
			theirs["number"] = fmt.Sprint(w.numbers["owner"])
		}
	}
	for _, m := range []map[string]string{own, theirs} {
		for k, v := range m {
			switch v {
			case "@run":
				m[k] = string(w.Run.ID)
			case "@session":
				m[k] = w.session(role)
			case "@their session":
				other := "admin"
				if role == "admin" {
					other = "owner"
				}
				m[k] = w.session(other)
				w.kept = append(w.kept, w.others[len(w.others)-1])
			case "@token":
				m[k] = w.token
			case "@their token":
				_, made, err := w.cfg.People.NewToken(w.t.Context(), w.as("rival").Account.ID, w.rival.ID, people.Publishing, "theirs")
				w.must(err)
				m[k] = made.ID
				w.keptTokens = append(w.keptTokens, made.ID)
			case "@invite":
				m[k] = w.join
			case "@offer":
				m[k] = w.offer
			}
		}
	}
	return own, theirs
}

// session signs a role in once more, and gives that session's id.
func (w *matrixWorld) session(role string) string {
	w.t.Helper()
	name := role
	switch role {
	case "guest":
		return "none"
	case "admin":
		name = "keeper"
	}
	ctx := w.t.Context()
	_, token, err := w.cfg.People.SignIn(ctx, people.Client{Address: "192.0.2.250"}, name, "a long enough secret")
	w.must(err)
	_, session, err := w.cfg.People.Session(ctx, token)
	w.must(err)
	w.others = append(w.others, token)
	return session.ID
}

var pathPart = regexp.MustCompile(`\{([a-z0-9]+)(\.\.\.)?\}`)

// parts are the names in a pattern's address.
func parts(pattern string) (names []string) {
	for _, m := range pathPart.FindAllStringSubmatch(pattern, -1) {
		names = append(names, m[1])
	}
	return names
}

const nothing43 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func nothingOf(name string) string {
	switch name {
	case "number", "run":
		return "9999"
	case "token":
		return nothing43
	case "order", "id":
		return "XXXX-XXXX-XXXX"
	}
	return "nothing"
}

func address(pattern string, values map[string]string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.TrimSuffix(path, "{$}")
	return method, pathPart.ReplaceAllStringFunc(path, func(m string) string {
		return url.PathEscape(values[pathPart.FindStringSubmatch(m)[1]])
	})
}

// gate is what the access of a row says before its handler runs: 0 to pass.
func gate(who access, role, label, method string) []int {
	signIn := []int{http.StatusUnauthorized}
	if method == "GET" {
		signIn = []int{http.StatusSeeOther}
	}
	switch who {
	case anyone, secret:
		return nil
	case bearer:
		switch {
		case role == "guest":
			return []int{401}
		case label == "nobody", label == "nothing":
			return []int{404}
		case label == "specimen" && role == "owner" || label == "rival" && role == "rival":
			return nil
		case label == "":
			return nil
		}
		return []int{403, 404}
	}
	if role == "guest" {
		return signIn
	}
	switch who {
	case signedIn:
		return nil
	case admin:
		if role == "admin" {
			return nil
		}
		return []int{403}
	}
	has := people.NoRole
	switch {
	case label == "specimen" && slices.Contains([]string{"owner", "packer", "accountant"}, role):
		has = people.Role(role)
	case label == "rival" && role == "rival":
		has = people.Owner
	}
	switch {
	case has == people.NoRole:
		return []int{404}
	case !slices.Contains(allowed[who], has):
		return []int{403}
	}
	return nil
}

// hidden are texts and who may see them.
var hidden = []struct {
	text string
	who  []string
}{
	{ourStreet, []string{"owner", "packer"}}, {ourName, []string{"owner", "packer", "accountant"}}, {ourMail, []string{"owner"}}, {ourTotal, []string{"owner", "accountant"}},
	{ourDraft, []string{"owner", "packer", "accountant"}},
	{theirStreet, []string{"rival"}}, {theirName, []string{"rival"}}, {theirMail, []string{"rival"}}, {theirTotal, []string{"rival"}}, {theirDraft, []string{"rival"}},
}

func TestMatrix(t *testing.T) {
	w := newMatrixWorld(t)
	known := map[string]bool{}
	var routes []route
	for _, rt := range w.routes {
		known[rt.pattern] = true
		if _, ok := matrixRows[rt.pattern]; ok {
			routes = append(routes, rt)
		} else {
			t.Errorf("%s has no row in the table of who may do what: add it to matrixRows", rt.pattern)
		}
	}
	slices.SortStableFunc(routes, func(a, b route) int { return matrixRows[a.pattern].last - matrixRows[b.pattern].last })
	for pattern := range matrixRows {
		if !known[pattern] {
			t.Errorf("the table has %s, which is no route", pattern)
		}
	}
	asked := 0
	for _, rt := range routes {
		for _, role := range matrixRoles {
			asked += w.ask(t, rt, matrixRows[rt.pattern], role)
		}
	}
	t.Logf("%d requests to %d routes", asked, len(w.routes))
	w.untouched(t)
}

// ask asks a route as a role for its own things, for others' and for nothing.
func (w *matrixWorld) ask(t *testing.T, rt route, row matrixRow, role string) (asked int) {
	own, theirs := w.values(role, row)
	names := parts(rt.pattern)
	method, _, _ := strings.Cut(rt.pattern, " ")
	pass := row.ok
	if pass == nil {
		pass = []int{200}
		if method != "GET" {
			pass = []int{200, 201, 303, 409, 422}
		}
	}
	none := row.none
	if none == nil {
		none = []int{404}
	}
	labelled := slices.Contains(names, "label")
	try := func(kind string, values map[string]string, want []int) {
		t.Helper()
		asked++
		if g := gate(rt.who, role, labelOf(labelled, values), method); g != nil {
			want = g
		}
		_, path := address(rt.pattern, values)
		got := w.request(rt, role, path, row.form)
		if !slices.Contains(want, got.Status) {
			t.Errorf("%s as %s, %s: %d, want one of %v (%s)\n%s", rt.pattern, role, kind, got.Status, want, path, clip(got.Body, 300))
		}
		if got.Status == http.StatusSeeOther && slices.Equal(want, []int{303}) && role == "guest" && rt.who != anyone && !strings.HasPrefix(got.Location, "/sign-in?next=%2F") {
			t.Errorf("%s as a guest leads to %s", rt.pattern, got.Location)
		}
		if row.open {
			return
		}
		for _, h := range hidden {
			if !slices.Contains(h.who, role) && (strings.Contains(got.Body, h.text) || strings.Contains(got.Location, h.text)) {
				t.Errorf("%s as %s, %s: the answer holds %q", rt.pattern, role, kind, h.text)
			}
		}
		for what, text := range map[string]string{"a run's salt": w.Run.Salt, "a claim code": w.Codes[25], "an order's link": w.order.Secret, "a password hash": "$argon2"} {
			if strings.Contains(got.Body, text) {
				t.Errorf("%s as %s, %s: the answer holds %s", rt.pattern, role, kind, what)
			}
		}
	}
	if !row.onlyBad {
		try("own", own, pass)
		if labelled {
			all := maps.Clone(own)
			maps.Copy(all, theirs)
			all["label"], all["number"], all["order"] = "rival", "4", string(w.their.Order)
			if row.values["id"] == "@token" {
				all["id"] = w.theirToken
			}
			try("another label's", all, pass)
		}
		for _, name := range names {
			if other, ok := theirs[name]; ok && name != "label" && !slices.Contains(row.same, name) {
				mixed := maps.Clone(own)
				mixed[name] = other
				try("with the "+name+" of others", mixed, none)
			}
		}
	}
	for _, name := range names {
		if !slices.Contains(row.same, name) {
			bad := maps.Clone(own)
			bad[name] = nothingOf(name)
			if row.onlyBad {
				for _, n := range names {
					bad[n] = nothingOf(n)
				}
			}
			try("with no such "+name, bad, none)
		}
	}
	return asked
}

func labelOf(labelled bool, values map[string]string) string {
	if !labelled {
		return ""
	}
	return values["label"]
}

// request asks as a browser of the role would. The limits of how often are not what is tested here.
func (w *matrixWorld) request(rt route, role, path, form string) answer {
	w.t.Helper()
	w.limits.mu.Lock()
	clear(w.limits.at)
	w.limits.mu.Unlock()
	method, _, _ := strings.Cut(rt.pattern, " ")
	h := http.Header{"Origin": {w.URL}, "Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"}}
	if strings.HasPrefix(form, "{") {
		h.Set("Content-Type", "application/json")
	}
	if strings.HasSuffix(rt.pattern, "/grade") {
		h.Set("Content-Type", "multipart/form-data; boundary=x")
		form = "--x\r\nContent-Disposition: form-data; name=\"condition\"\r\n\r\n\r\n--x--\r\n"
	}
	if rt.opts.stream {
		return w.glance(role, path)
	}
	var body io.Reader
	if method != "GET" {
		body = strings.NewReader(form)
	}
	return w.as(role).do(method, path, body, h)
}

// glance asks for an answer that does not end, and looks at how it begins.
func (w *matrixWorld) glance(role, path string) answer {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", w.URL+path, nil)
	w.must(err)
	got, err := w.as(role).http.Do(r)
	w.must(err)
	defer got.Body.Close()
	return answer{Status: got.StatusCode, Header: got.Header, Location: got.Header.Get("Location")}
}

// untouched checks that nothing of the other label was changed by anybody but its owner.
func (w *matrixWorld) untouched(t *testing.T) {
	ctx := t.Context()
	tokens, err := w.cfg.People.Tokens(ctx, w.rival.ID)
	w.must(err)
	for _, id := range w.keptTokens {
		if !slices.ContainsFunc(tokens, func(t people.Token) bool { return t.ID == id }) {
			t.Error("a token was ended by another label")
		}
	}
	if o, err := w.cfg.Shop.Order(ctx, w.keptOrder.Order); err != nil || o.Seq != 1 {
		t.Errorf("an order was changed by another label: %s, %v", o.State, err)
	}
	for _, token := range w.kept {
		if _, _, err := w.cfg.People.Session(ctx, token); err != nil {
			t.Errorf("a session was ended by another account: %v", err)
		}
	}
	if r, err := w.cfg.Catalog.ReleaseBySlug(ctx, w.Label.ID, "unborn"); err != nil || r.State != catalog.Draft || r.Notes != "" {
		t.Errorf("the draft is %s, %q, %v", r.State, r.Notes, err)
	}
	for _, role := range matrixRoles[1:] {
		c, _, err := w.cfg.Catalog.Copy(ctx, w.Run.ID, w.numbers[role])
		w.must(err)
		if c.Owner != string(w.as(role).Account.ID) {
			t.Errorf("the copy of %s is somebody else's", role)
		}
	}
}
