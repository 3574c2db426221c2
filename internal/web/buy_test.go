package web

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/ledger"
	"ferric/pressing"
)

// form is what a page's form with this action would send as it stands.
func form(t testing.TB, page, action string) url.Values {
	t.Helper()
	for _, f := range elements(parsed(t, page)) {
		if f.Data != "form" || attr(f, "action") != action {
			continue
		}
		values := url.Values{}
		for _, e := range elements(f) {
			name := attr(e, "name")
			_, checked := has(e, "checked")
			switch {
			case name == "" || e.Data == "button":
			case e.Data == "input" && (attr(e, "type") == "radio" || attr(e, "type") == "checkbox"):
				if checked {
					values.Add(name, attr(e, "value"))
				}
			case e.Data == "input":
				values.Add(name, attr(e, "value"))
			case e.Data == "textarea":
				values.Add(name, textOf(e))
			case e.Data == "select":
				values.Add(name, chosen(e))
			}
		}
		return values
	}
	t.Fatalf("no form with the action %s in\n%s", action, clip(page, 3000))
	return nil
}

func has(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func chosen(sel *html.Node) string {
	for _, o := range elements(sel) {
		if _, ok := has(o, "selected"); ok {
			return attr(o, "value")
		}
	}
	return ""
}

// says checks that a page has these words.
func says(t testing.TB, page string, words ...string) {
	t.Helper()
	text := textOf(parsed(t, page))
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, clip(text, 3000))
		}
	}
}

// addressed fills the checkout's form.
func addressed(f url.Values, who string) url.Values {
	for name, value := range map[string]string{"name": "A. " + who, "street": "Main Street " + who, "code": "90-001", "city": "Łódź", "country": "PL", "mail": who + "@example.org", "method": "transfer"} {
		f.Set(name, value)
	}
	return f
}

// order orders what the browser holds and gives the order's address.
func (c *client) order(who string) string {
	c.s.t.Helper()
	a := c.post("/checkout", addressed(form(c.s.t, c.ok("/checkout"), "/checkout"), who))
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/order/") {
		c.s.t.Fatalf("order: %d %s\n%s", a.Status, a.Location, clip(a.Body, 3000))
	}
	return a.Location
}

// orderID is the order of an address.
func orderID(address string) shop.OrderID { return shop.OrderID(strings.Split(address, "/")[2]) }

// own makes a number somebody's: ordered, paid and claimed.
func (s *testShop) own(who string, number int) {
	s.t.Helper()
	c := s.as(who)
	c.hold(s.Run.ID, number)
	if _, err := s.cfg.Shop.MarkPaid(s.t.Context(), orderID(c.order(who)), "desk"); err != nil {
		s.t.Fatal(err)
	}
	if a := c.post("/claim", url.Values{"code": {s.Codes[number]}}); a.Status != http.StatusSeeOther {
		s.t.Fatalf("claim %d: %d\n%s", number, a.Status, clip(a.Body, 2000))
	}
	s.sequence()
}

func (s *testShop) sequence() {
	s.t.Helper()
	if err := s.cfg.Registry.Sequence(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// TestBuy goes the whole way of a copy: held, ordered, paid, claimed, handed on, and proven at each end.
func TestBuy(t *testing.T) {
	s := newShop(t)
	guest, buyer, stranger := s.as("guest"), s.as("buyer"), s.as("stranger")
	says(t, guest.ok("/basket"), "Nothing is held for you")
	guest.hold(s.Run.ID, 17)
	says(t, guest.ok("/basket?held=1"), "17/100", "A Field Guide to Evening", "€12.00", "10:00", "It is held for you alone")
	page := guest.ok("/checkout")
	says(t, page, "Order, to pay €12.00", "Name and address are for the parcel")
	f := addressed(form(t, page, "/checkout"), "guest")
	f.Set("name", "")
	a := guest.post("/checkout", f)
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("an order without a name: %d", a.Status)
	}
	says(t, a.Body, "This is needed on the parcel")
	if again := form(t, a.Body, "/checkout"); again.Get("mail") != "guest@example.org" || again.Get("country") != "PL" || again.Get("street") != "Main Street guest" || again.Get("key") != f.Get("key") {
		t.Errorf("what was typed is lost: %v", again)
	}
	f.Set("name", "A. Guest")
	a = guest.post("/checkout", f)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("order: %d\n%s", a.Status, a.Body)
	}
	at := a.Location
	a = guest.get(at)
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"} {
		if a.Header.Get(name) != want {
			t.Errorf("an order's page has %s %q", name, a.Header.Get(name))
		}
	}
	id := orderID(at)
	says(t, a.Body, "Waits for your payment", string(id), "€12.00", "Bank transfer to XX00 1234.", "17/100", "Łódź", "Poland")
	says(t, s.as("guest elsewhere").ok(at), string(id)) // whoever has the address

	ctx := t.Context()
	if _, err := s.cfg.Shop.MarkPaid(ctx, id, "desk"); err != nil {
		t.Fatal(err)
	}
	says(t, guest.ok(at), "Paid, to be packed", "Claim the copy with it")
	if a := guest.post(at+"/cancel", nil); a.Status != http.StatusConflict {
		t.Errorf("calling off what is paid: %d", a.Status)
	}

	typed := strings.ToLower(strings.ReplaceAll(s.Codes[17], "-", " "))
	a = buyer.post("/claim", url.Values{"code": {typed}})
	mine := fmt.Sprintf("/shelf/%s/17", s.Run.ID)
	if a.Status != http.StatusSeeOther || a.Location != mine {
		t.Fatalf("claim: %d %s\n%s", a.Status, a.Location, clip(a.Body, 2000))
	}
	says(t, buyer.ok(mine), "It is yours")
	s.sequence()
	says(t, buyer.ok(mine), "One small file proves that this copy is yours")
	says(t, buyer.ok("/shelf"), "17/100", "Specimen Editions", "1 copy")
	first := s.certificate(buyer, 17)
	if first.Opening == nil || s.certificate(stranger, 17).Opening != nil || s.certificate(guest, 17).Opening != nil {
		t.Error("a certificate has the opening that should not, or has none that should")
	}
	if a := buyer.get(fmt.Sprintf("/certificate/%s/17?public", s.Run.ID)); a.Status != 200 || strings.Contains(a.Body, "\nopening ") {
		t.Errorf("the certificate to show around: %d", a.Status)
	}
	if a := buyer.post(mine+"/key", nil); a.Status != 200 || !strings.HasPrefix(a.Body, "ferric-owner-key/1\n") || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the key: %d %v", a.Status, a.Header)
	}

	// Hand it on by a link.
	a = buyer.post(mine+"/offer", url.Values{"by": {"link"}})
	link := ""
	for _, e := range elements(parsed(t, a.Body)) {
		if _, ok := has(e, "data-copy"); ok {
			link = strings.TrimPrefix(attr(e, "value"), s.URL)
		}
	}
	if a.Status != 200 || !strings.HasPrefix(link, "/take/") {
		t.Fatalf("offer: %d %q", a.Status, link)
	}
	if strings.Contains(buyer.ok(mine), link) {
		t.Error("the link is shown twice")
	}
	says(t, buyer.ok(link), "This is your own offer")
	says(t, guest.ok(link), "Sign in to take it", "A Field Guide to Evening")
	if a := guest.post(link, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("a guest takes it: %d", a.Status)
	}
	says(t, stranger.ok(link), "Take number 17 as stranger")
	if a := stranger.post(link, nil); a.Status != http.StatusSeeOther || a.Location != mine {
		t.Fatalf("take: %d %s\n%s", a.Status, a.Location, clip(a.Body, 1000))
	}
	if a := s.as("third").post(link, nil); a.Status != http.StatusNotFound {
		t.Errorf("the link works twice: %d", a.Status)
	}
	for _, path := range []string{mine, mine + "/sound/A"} {
		if a := buyer.get(path); a.Status != http.StatusNotFound {
			t.Errorf("the former owner gets %s: %d", path, a.Status)
		}
	}
	if a := buyer.post(mine+"/key", nil); a.Status != http.StatusNotFound {
		t.Errorf("the former owner gets the key: %d", a.Status)
	}
	s.sequence()
	second := s.certificate(stranger, 17)
	if second.Opening == nil || len(second.Entries) != len(first.Entries)+1 || s.certificate(buyer, 17).Opening != nil {
		t.Error("the new owner's certificate does not prove that it is theirs, or the former one's does")
	}
	if !strings.Contains(guest.ok("/ledger"), second.Key) {
		t.Error("the log's page does not show its key")
	}
}

// certificate is a copy's as a browser gets it, verified against the shop's key.
func (s *testShop) certificate(c *client, number int) *ledger.Certificate {
	s.t.Helper()
	a := c.get(fmt.Sprintf("/certificate/%s/%d", s.Run.ID, number))
	if a.Status != 200 || !strings.HasSuffix(a.Header.Get("Content-Disposition"), `.tlog-proof"`) {
		s.t.Fatalf("certificate: %d %v\n%s", a.Status, a.Header, clip(a.Body, 1000))
	}
	cert, err := ledger.ParseCertificate([]byte(a.Body))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := cert.Verify(ledger.Trust{Key: s.cfg.Registry.VerifierKey()}); err != nil {
		s.t.Fatal(err)
	}
	return cert
}

// TestTwoWantOne: one gets it, the other hears which number was gone and has the rest.
func TestTwoWantOne(t *testing.T) {
	s := newShop(t)
	const people = 20
	codes := make([]int, people)
	var wait sync.WaitGroup
	for i := range people {
		c := s.as(fmt.Sprintf("guest %d", i))
		wait.Go(func() { codes[i] = c.post("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"42"}}).Status })
	}
	wait.Wait()
	got := 0
	for _, code := range codes {
		switch code {
		case http.StatusSeeOther:
			got++
		case http.StatusConflict:
		default:
			t.Errorf("an answer %d", code)
		}
	}
	if got != 1 {
		t.Errorf("%d of %d got number 42", got, people)
	}
	late := s.as("guest late")
	a := late.post("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"41", "42", "43"}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	page := late.ok(a.Location)
	says(t, page, "Number 42 was gone. The others are held for you.", "41/100", "43/100")
	a = late.post("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"42"}})
	says(t, a.Body, "Number 42 is taken; please choose another")
	if a := late.post("/basket/let-go", url.Values{"copy": {lineKey(s.Run.ID, 41), lineKey(s.Run.ID, 42)}}); a.Status != http.StatusSeeOther {
		t.Errorf("let go: %d", a.Status)
	}
	if c, _, err := s.cfg.Catalog.Copy(t.Context(), s.Run.ID, 42); err != nil || c.State != catalog.Held {
		t.Errorf("somebody else let go of number 42: %v %v", c.State, err)
	}
	var held struct{ body string }
	b := late.do("POST", "/basket", strings.NewReader(url.Values{"run": {string(s.Run.ID)}, "number": {"any"}}.Encode()),
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {s.URL}, "Accept": {"application/json"}})
	held.body = b.Body
	if b.Status != 200 || !strings.Contains(held.body, `"held":[1,43]`) {
		t.Errorf("to a script: %d %s", b.Status, held.body)
	}
}

// TestHoarding: a browser that drops its cookie each time does not hold the run.
func TestHoarding(t *testing.T) {
	s := newShop(t)
	refused := 0
	for i := range 10 {
		a := s.as(fmt.Sprintf("guest %d", i)).post("/basket", url.Values{"run": {string(s.Run.ID)}, "any": {"10"}})
		switch a.Status {
		case http.StatusSeeOther:
		case http.StatusTooManyRequests:
			refused++
		default:
			t.Fatalf("%d\n%s", a.Status, clip(a.Body, 1000))
		}
	}
	if refused != 4 {
		t.Errorf("of ten wishes for ten copies %d were refused, want 4", refused)
	}
}

// TestSentTwice: fault R3, and the back button.
func TestSentTwice(t *testing.T) {
	s := newShop(t)
	c := s.as("guest")
	c.hold(s.Run.ID, 5)
	c.hold(s.Run.ID, 6)
	f := addressed(form(t, c.ok("/checkout"), "/checkout"), "guest")
	s.Clock.Pass(time.Minute)
	var wait sync.WaitGroup
	answers := make([]answer, 50)
	for i := range answers {
		wait.Go(func() { answers[i] = c.post("/checkout", f) })
	}
	wait.Wait()
	for _, a := range answers {
		if a.Status != http.StatusSeeOther || a.Location != answers[0].Location {
			t.Fatalf("%d %s, and %s", a.Status, a.Location, answers[0].Location)
		}
	}
	s.Clock.Pass(2 * time.Minute)
	orders, _, err := s.cfg.Shop.Orders(t.Context(), shop.Listing{Label: s.Label.ID})
	if err != nil || len(orders) != 1 || len(orders[0].Lines) != 2 {
		t.Errorf("%d orders: %v", len(orders), err)
	}
	if a := c.post("/checkout", f); a.Location != answers[0].Location {
		t.Errorf("back, and sent again: %d %s", a.Status, a.Location)
	}
	f.Set("street", "Elsewhere 1")
	a := c.post("/checkout", f)
	if a.Status != http.StatusUnprocessableEntity {
		t.Errorf("back, changed, and sent again: %d", a.Status)
	}
	says(t, a.Body, "changed after it was sent once")
	if a := c.get("/checkout"); a.Location != "/basket" {
		t.Errorf("the checkout of nothing: %d %s", a.Status, a.Location)
	}
}

// TestHoldEnds: what is over is said and can be held again; who orders late gets what is left, or hears what was gone, with all that was typed.
func TestHoldEnds(t *testing.T) {
	s := newShop(t)
	slow, quick := s.as("guest slow"), s.as("guest quick")
	slow.hold(s.Run.ID, 7)
	slow.hold(s.Run.ID, 8)
	f := addressed(form(t, slow.ok("/checkout"), "/checkout"), "slow")
	s.Clock.Pass(9 * time.Minute)
	says(t, slow.ok("/basket"), "1:00")
	if a := quick.post("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"8"}}); a.Status != http.StatusConflict {
		t.Errorf("a held number was given: %d", a.Status)
	}
	s.Clock.Pass(61 * time.Second)
	says(t, slow.ok("/basket"), "No longer held", "Hold again", "Nothing is held")
	quick.hold(s.Run.ID, 8)
	a := slow.post("/checkout", f)
	if a.Status != http.StatusGone {
		t.Fatalf("ordering what another holds: %d", a.Status)
	}
	says(t, a.Body, "Number 8 is no longer in your basket")
	if again := form(t, a.Body, "/checkout"); again.Get("street") != "Main Street slow" {
		t.Errorf("what was typed is lost: %v", again)
	}
	if a := slow.post("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"7"}}); a.Status != http.StatusSeeOther {
		t.Errorf("hold again: %d", a.Status)
	}
	at := slow.order("slow")
	says(t, slow.ok(at), "7/100", "1 copy")

	// One who was late, and lucky: nobody wanted it.
	late := s.as("guest late")
	late.hold(s.Run.ID, 9)
	f = addressed(form(t, late.ok("/checkout"), "/checkout"), "late")
	s.Clock.Pass(time.Hour)
	if a := late.post("/checkout", f); a.Status != http.StatusSeeOther {
		t.Errorf("a late order of a free copy: %d", a.Status)
	}
	s.Clock.Pass(6 * 24 * time.Hour)
	says(t, slow.ok(at), "Not paid in time", "Have you paid?")
	if _, err := s.cfg.Shop.MarkPaid(t.Context(), orderID(at), "desk"); err != nil {
		t.Fatal(err)
	}
	says(t, slow.ok(at), "Paid, to be packed", "7/100")
}

// TestPerPerson: by browser, mail and letterbox.
func TestPerPerson(t *testing.T) {
	s := newShop(t)
	err := s.cfg.Shop.SetTerms(t.Context(), shop.Terms{Run: s.Run.ID, Price: shop.Money{Minor: 1200, Currency: "EUR"}, PerPerson: 1})
	if err != nil {
		t.Fatal(err)
	}
	one := s.as("guest one")
	one.hold(s.Run.ID, 1)
	if a := one.post("/basket", url.Values{"run": {string(s.Run.ID)}, "number": {"2"}}); a.Status != http.StatusTooManyRequests {
		t.Errorf("a second one: %d", a.Status)
	} else {
		says(t, a.Body, "One person may have 1 of this run")
	}
	says(t, one.ok("/checkout"), "keeps the limit a person")
	one.order("one")
	for i, change := range []func(url.Values){
		func(f url.Values) { f.Set("mail", "ONE+tapes@example.org") },
		func(f url.Values) { f.Set("street", "main street  ONE"); f.Set("name", "Somebody Else") },
	} {
		other := s.as(fmt.Sprintf("guest other %d", i))
		other.hold(s.Run.ID, 10+i)
		f := addressed(form(t, other.ok("/checkout"), "/checkout"), fmt.Sprintf("other %d", i))
		f.Set("mail", fmt.Sprintf("other%d@example.org", i))
		change(f)
		if a := other.post("/checkout", f); a.Status != http.StatusTooManyRequests {
			t.Errorf("change %d: %d", i, a.Status)
		} else {
			says(t, a.Body, "One person may have 1 of this run")
		}
	}
}

// TestPayMore: the buyer gives more, never less, and what was shown is what is ordered.
func TestPayMore(t *testing.T) {
	s := newShop(t)
	terms := shop.Terms{Run: s.Run.ID, Price: shop.Money{Minor: 1200, Currency: "EUR"}, PayMore: true}
	if err := s.cfg.Shop.SetTerms(t.Context(), terms); err != nil {
		t.Fatal(err)
	}
	c := s.as("guest")
	c.hold(s.Run.ID, 3)
	c.hold(s.Run.ID, 4)
	f := form(t, c.ok("/basket"), "/checkout")
	price := "price-" + lineKey(s.Run.ID, 3)
	if f.Get(price) != "12.00" {
		t.Fatalf("the basket asks for %v", f)
	}
	for typed, words := range map[string]string{"11.99": "costs €12.00 or more", "twelve": "such as 12.00", "12.345": "such as 12.00", "-20": "such as", "99999999": "such as"} {
		f.Set(price, typed)
		a := c.get("/checkout?" + f.Encode())
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", typed, a.Status)
			continue
		}
		says(t, a.Body, words)
		if again := form(t, a.Body, "/checkout"); again.Get(price) != typed {
			t.Errorf("%s was typed, the page has %q", typed, again.Get(price))
		}
	}
	f.Set(price, "15,5")
	page := c.ok("/checkout?" + f.Encode())
	says(t, page, "to pay €27.50")
	o := addressed(form(t, page, "/checkout"), "guest")
	for i, l := range o["line"] {
		if strings.HasPrefix(l, lineKey(s.Run.ID, 4)) {
			o["line"][i] = lineKey(s.Run.ID, 4) + ":100"
		}
	}
	if a := c.post("/checkout", o); a.Status != http.StatusConflict {
		t.Errorf("a price of €1 typed into the hidden field: %d", a.Status)
	}
	o = addressed(form(t, page, "/checkout"), "guest")
	a := c.post("/checkout", o)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	says(t, c.ok(a.Location), "€15.50", "€27.50")
}

// TestSeveralLabels: one basket, an order a label, each leading to the others.
func TestSeveralLabels(t *testing.T) {
	s := newShop(t)
	first, firstRun := s.Label, s.Run
	label, err := s.cfg.Catalog.AddLabel(t.Context(), catalog.Label{Slug: "other", Name: "Other Tapes"})
	if err != nil {
		t.Fatal(err)
	}
	s.Label = label
	_, run := s.release("other", "Other Tape", "OT-1", 5, 0, time.Time{})
	s.Label = first
	c := s.as("buyer")
	c.hold(firstRun.ID, 2)
	c.hold(run.ID, 2)
	says(t, c.ok("/basket"), "These are of 2 labels", "€24.00")
	at := c.order("buyer")
	page := c.ok(at)
	says(t, page, "Ordered with it", "€12.00")
	var other string
	for _, e := range elements(parsed(t, page)) {
		if h := attr(e, "href"); strings.HasPrefix(h, "/order/") {
			other = h
		}
	}
	if other == "" || other == at {
		t.Fatalf("no way from one order to the other")
	}
	two := textOf(parsed(t, page)) + textOf(parsed(t, c.ok(other)))
	for _, w := range []string{"Bank transfer to XX00 1234.", "Other Tapes has not written down where to pay"} {
		if !strings.Contains(two, w) {
			t.Errorf("the two orders do not say %q", w)
		}
	}
	list := c.ok("/account/orders")
	says(t, list, string(orderID(at)), string(orderID(other)), "Waits for your payment")
	says(t, s.as("stranger").ok("/account/orders"), "No order was made from this account")
	if a := s.as("guest").get("/account/orders"); a.Status != http.StatusSeeOther {
		t.Errorf("a guest's orders: %d", a.Status)
	}
	if a := c.post(other+"/cancel", nil); a.Status != http.StatusSeeOther {
		t.Errorf("call off: %d", a.Status)
	}
	says(t, c.ok(other), "Called off", "Nothing was paid")
	says(t, c.ok(at), "Called off", "Waits for your payment")
}

// TestOrderSecret: a wrong secret and an order that is not are one answer.
func TestOrderSecret(t *testing.T) {
	s := newShop(t)
	c := s.as("guest")
	c.hold(s.Run.ID, 1)
	at := c.order("guest")
	stranger := s.as("stranger")
	wrong := at[:len(at)-1] + string("ab"[b2i(at[len(at)-1] == 'a')])
	unknown := "/order/CCCC-CCCC-CCCC/" + path.Base(at)
	var first answer
	for i, p := range []string{wrong, unknown, wrong + strings.Repeat("a", 100), "/order/" + string(orderID(at)) + "/x"} {
		a := stranger.get(p)
		if i == 0 {
			first = a
		}
		if a.Status != http.StatusNotFound || a.Body != first.Body {
			t.Errorf("%s: %d, not the answer of %s", p, a.Status, wrong)
		}
		if a := stranger.post(p+"/cancel", nil); a.Status != http.StatusNotFound {
			t.Errorf("calling off %s: %d", p, a.Status)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestClaimAddress: the address of a card works in each form that a label may print, and leaves no code behind.
func TestClaimAddress(t *testing.T) {
	s := newShop(t)
	seller := s.as("guest seller")
	seller.hold(s.Run.ID, 11)
	if _, err := s.cfg.Shop.MarkPaid(t.Context(), orderID(seller.order("seller")), "desk"); err != nil {
		t.Fatal(err)
	}
	code := s.Codes[11]
	for i, printed := range []string{"/claim/" + code, "/claim?code=" + code, "/claim/" + strings.ToLower(strings.ReplaceAll(code, "-", ""))} {
		c := s.as(fmt.Sprintf("guest %d", i))
		a := c.get(printed)
		if a.Status != http.StatusSeeOther || a.Location != "/claim" || a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %v", printed, a.Status, a.Location, a.Header)
		}
		page := c.ok("/claim")
		if f := form(t, page, "/claim"); f.Get("code") != code {
			t.Errorf("the form has %q", f.Get("code"))
		}
		if a := c.post("/claim", url.Values{"code": {code}}); a.Location != "/sign-in?next=%2Fclaim" {
			t.Errorf("a guest is sent to %s", a.Location)
		}
	}
	guest := s.as("guest typing")
	if a := guest.get("/claim/AAAAA-AAAAA"); a.Location != "/claim" {
		t.Errorf("a broken address leads to %s", a.Location)
	}
	says(t, guest.ok("/claim"), "The address had no whole code in it")
	buyer := s.as("buyer")
	for typed, words := range map[string]string{"": "cannot be the code", "ACDEF": "has 5 characters", strings.Repeat("A", 81): "80 characters"[:0] + "cannot be the code",
		code[:len(code)-1] + "B": "never used", swapped(code): "one character is wrong, or two changed places"} {
		a := buyer.post("/claim", url.Values{"code": {typed}})
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, a.Status)
			continue
		}
		says(t, a.Body, words)
	}
	if a := buyer.post("/claim", url.Values{"code": {s.Codes[12]}}); a.Status != http.StatusConflict {
		t.Errorf("a copy in the label's box: %d", a.Status)
	}
	if a := buyer.post("/claim", url.Values{"code": {code}}); a.Status != http.StatusSeeOther {
		t.Errorf("claim: %d", a.Status)
	}
	if a := s.as("stranger").post("/claim", url.Values{"code": {code}}); a.Status != http.StatusConflict {
		t.Errorf("claimed twice: %d", a.Status)
	} else {
		says(t, a.Body, "used already")
	}
}

// swapped changes two places of a code.
func swapped(code string) string {
	b := []byte(code)
	for i := 1; i < len(b); i++ {
		if b[i] != b[i-1] && b[i] != '-' && b[i-1] != '-' {
			b[i], b[i-1] = b[i-1], b[i]
			break
		}
	}
	return string(b)
}

// TestClaimGuessing: by address, and by account from anywhere.
func TestClaimGuessing(t *testing.T) {
	s := newShop(t)
	c := s.as("buyer")
	tried := func(n int) (limited int) {
		for i := range n {
			a := c.post("/claim", url.Values{"code": {strings.Repeat("A", 20)}})
			switch a.Status {
			case http.StatusTooManyRequests:
				limited++
			case http.StatusUnprocessableEntity, http.StatusNotFound:
			default:
				t.Fatalf("try %d: %d", i, a.Status)
			}
		}
		return limited
	}
	if n := tried(60); n < 39 {
		t.Errorf("of 60 tries from one address at once %d were refused", n)
	}
	all, refused := 0, 0
	for range 10 { // the address has its tries again, the account has not
		s.Clock.Pass(5 * time.Minute)
		refused += tried(20)
		all += 20
	}
	if all-refused > 20+10*5 {
		t.Errorf("an account made %d guesses in 50 minutes", all-refused)
	}
}

// TestTake: a link is withdrawn, ends, and cannot be guessed; by name it is for that person alone.
func TestTake(t *testing.T) {
	s := newShop(t)
	s.own("buyer", 1)
	buyer, stranger, third := s.as("buyer"), s.as("stranger"), s.as("third")
	mine := fmt.Sprintf("/shelf/%s/1", s.Run.ID)
	link := func() string {
		a := buyer.post(mine+"/offer", url.Values{"by": {"link"}})
		for _, e := range elements(parsed(t, a.Body)) {
			if _, ok := has(e, "data-copy"); ok {
				return strings.TrimPrefix(attr(e, "value"), s.URL)
			}
		}
		t.Fatalf("no link: %d", a.Status)
		return ""
	}
	one := link()
	if a := buyer.post(mine+"/withdraw", nil); a.Status != http.StatusSeeOther {
		t.Errorf("withdraw: %d", a.Status)
	}
	if a := stranger.post(one, nil); a.Status != http.StatusNotFound {
		t.Errorf("a withdrawn link: %d", a.Status)
	}
	two := link()
	three := link() // takes the place of the one before
	if a := stranger.get(two); a.Status != http.StatusNotFound {
		t.Errorf("a replaced link: %d", a.Status)
	}
	s.Clock.Pass(15 * 24 * time.Hour)
	if a := stranger.post(three, nil); a.Status != http.StatusGone {
		t.Errorf("a link after its time: %d", a.Status)
	}
	for _, to := range []string{"nobody-here", "buyer", ""} {
		if a := buyer.post(mine+"/offer", url.Values{"to": {to}}); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("offered to %q: %d", to, a.Status)
		} else if f := form(t, a.Body, mine+"/offer"); f.Get("to") != to {
			t.Errorf("what was typed is lost: %v", f)
		}
	}
	if a := buyer.post(mine+"/offer", url.Values{"to": {"Stranger"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("offer by name: %d", a.Status)
	}
	says(t, buyer.ok(mine), "You offer it to stranger")
	says(t, stranger.ok("/shelf"), "Somebody offers you", "1/100")
	if a := third.post(mine+"/accept", nil); a.Status != http.StatusNotFound {
		t.Errorf("another accepts: %d", a.Status)
	}
	if a := third.post(mine+"/decline", nil); a.Status != http.StatusNotFound {
		t.Errorf("another declines: %d", a.Status)
	}
	if a := stranger.post(mine+"/decline", nil); a.Status != http.StatusSeeOther {
		t.Errorf("decline: %d", a.Status)
	}
	buyer.post(mine+"/offer", url.Values{"to": {"stranger"}})
	if a := stranger.post(mine+"/accept", nil); a.Status != http.StatusSeeOther || a.Location != mine {
		t.Errorf("accept: %d %s", a.Status, a.Location)
	}
	if a := buyer.post(mine+"/offer", url.Values{"by": {"link"}}); a.Status != http.StatusNotFound {
		t.Errorf("the former owner offers it: %d", a.Status)
	}
	limited := false
	for range 40 {
		limited = limited || third.get("/take/AAAAAAAAAAAAAAAAAAAAAAAAAA").Status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("links can be guessed without end")
	}
}

// TestSound: files for owners when the label gives them; of a tape-only release nothing, to nobody, by no address.
func TestSound(t *testing.T) {
	s := newShop(t)
	sound := bytes.Repeat([]byte("RIFF sound of a side "), 500)
	hash := s.put(sound)
	ctx := t.Context()
	s.Album, s.Run = s.sounding(hash)
	s.own("buyer", 1)
	buyer := s.as("buyer")
	file := fmt.Sprintf("/shelf/%s/1/sound/A", s.Run.ID)
	for _, policy := range []catalog.Digital{catalog.TapeOnly, catalog.Preview} {
		if _, err := s.cfg.Catalog.SetDigital(ctx, s.Album.ID, policy); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(buyer.ok(path.Dir(path.Dir(file))), "sound/") {
			t.Errorf("%s: the page leads to the file", policy)
		}
		for _, who := range []string{"buyer", "guest", "stranger", "owner", "admin"} {
			for _, p := range []string{file, "/files/" + hash + "/a.wav", "/files/" + hash + "/" + hash, "/s/" + hash, fmt.Sprintf("/shelf/%s/1/sound/..%%2fA", s.Run.ID)} {
				if a := s.as(who).get(p); a.Status == 200 || a.Status == 206 || strings.Contains(a.Body, "RIFF") {
					t.Errorf("%s: %s gets %s: %d", policy, who, p, a.Status)
				}
			}
		}
	}
	if _, err := s.cfg.Catalog.SetDigital(ctx, s.Album.ID, catalog.Files); err != nil {
		t.Fatal(err)
	}
	says(t, buyer.ok(path.Dir(path.Dir(file))), "Side A", "19:18")
	a := buyer.get(file)
	if a.Status != 200 || a.Body != string(sound) || a.Header.Get("Content-Disposition") != `attachment; filename="SPEC-003-side-A.wav"` || a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Content-Type") != "audio/wav" {
		t.Errorf("the owner's file: %d %v", a.Status, a.Header)
	}
	a = buyer.do("GET", file, nil, http.Header{"Range": {"bytes=5-9"}})
	if a.Status != http.StatusPartialContent || a.Body != string(sound[5:10]) {
		t.Errorf("a range of it: %d %q", a.Status, a.Body)
	}
	for _, who := range []string{"guest", "stranger", "owner", "admin"} {
		if a := s.as(who).get(file); a.Status == 200 {
			t.Errorf("%s gets the owner's file", who)
		}
	}
	if a := buyer.get(fmt.Sprintf("/shelf/%s/2/sound/A", s.Run.ID)); a.Status != http.StatusNotFound {
		t.Errorf("by a copy that is not theirs: %d", a.Status)
	}
}

// sounding adds a release whose two sides are a blob, in a run of two whose codes replace those of the shop.
func (s *testShop) sounding(hash string) (catalog.Release, catalog.Run) {
	s.t.Helper()
	ctx, detail := s.t.Context(), testDetail()
	detail.Sides[0].Programme, detail.Sides[1].Programme = hash, hash
	r, err := s.cfg.Catalog.AddRelease(ctx, catalog.Release{Label: s.Label.ID, Artist: s.Artist.ID, Slug: "sounding", Title: "Sounding", CatalogNumber: "SPEC/003", Detail: detail})
	if err != nil {
		s.t.Fatal(err)
	}
	run := catalog.Run{Release: r.ID, Copies: 2, Salt: "salt", Declaration: catalog.Declaration{Manifest: strings.Repeat("ab", 32)}}
	for n := 1; n <= 2; n++ {
		if s.Codes[n], err = pressing.NewClaim(nil); err != nil {
			s.t.Fatal(err)
		}
		run.Cards = append(run.Cards, catalog.Card{Number: n, SHA256: pressing.HashClaim(run.Salt, s.Codes[n])})
	}
	if run, err = s.cfg.Catalog.Declare(ctx, run, string(s.Admin.ID)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cfg.Shop.SetTerms(ctx, shop.Terms{Run: run.ID, Price: shop.Money{Minor: 1200, Currency: "EUR"}}); err != nil {
		s.t.Fatal(err)
	}
	if r, err = s.cfg.Catalog.Open(ctx, r.ID); err != nil {
		s.t.Fatal(err)
	}
	return r, run
}

// put keeps a file as a blob.
func (s *testShop) put(data []byte) string {
	s.t.Helper()
	hash, _, err := s.cfg.Blobs.Put(s.t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		s.t.Fatal(err)
	}
	return hash
}

// hostile is text that tries to be something else.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{.}}%s`

// TestHostileWords: what strangers wrote stays words on every page of a buyer.
func TestHostileWords(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	label, err := s.cfg.Catalog.AddLabel(ctx, catalog.Label{Slug: "evil", Name: hostile, Profile: catalog.Profile{HowToPay: hostile + "\n</p><h1>"}})
	if err != nil {
		t.Fatal(err)
	}
	s.Label = label
	rel, run := s.release("evil", hostile, "E<1>", 5, 0, time.Time{})
	s.Album, s.Run = rel, run
	c := s.as("buyer")
	c.hold(run.ID, 1)
	pages := []string{c.ok("/basket"), c.ok("/checkout")}
	f := addressed(form(t, pages[1], "/checkout"), "buyer")
	f.Set("name", hostile)
	f.Set("city", hostile)
	f.Set("country", `"><b>`)
	pages = append(pages, c.post("/checkout", f).Body)
	f.Set("country", "PL")
	a := c.post("/checkout", f)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	pages = append(pages, c.ok(a.Location), c.ok("/account/orders"), c.post("/claim", url.Values{"code": {hostile}}).Body, c.get("/take/"+url.PathEscape(hostile)).Body)
	for i, p := range pages {
		if !strings.Contains(textOf(parsed(t, p)), "<script>alert(1)") && i < 5 {
			t.Errorf("page %d does not show the words at all", i)
		}
		for _, e := range elements(parsed(t, p)) {
			if e.Data == "script" && (attr(e, "src") == "" || !strings.HasPrefix(attr(e, "src"), "/static/")) || attr(e, "onerror") != "" || attr(e, "src") == "x" || attr(e, "style") != "" {
				t.Errorf("page %d: the words became <%s %v>", i, e.Data, e.Attr)
			}
		}
	}
	for _, p := range []string{"/shelf/x/y", "/shelf/" + url.PathEscape(hostile) + "/1", "/certificate/x/0", "/certificate/x/1", "/certificate/" + string(run.ID) + "/999999999999999999999", "/order/x/" + url.PathEscape(hostile), "/shelf?by=" + url.QueryEscape(hostile)} {
		if a := c.get(p); a.Status >= 500 {
			t.Errorf("%s: %d", p, a.Status)
		}
	}
	for _, f := range []url.Values{nil, {"run": {"x"}}, {"run": {string(run.ID)}}, {"run": {string(run.ID)}, "number": {"0"}}, {"run": {string(run.ID)}, "number": {"-1"}}, {"run": {string(run.ID)}, "number": {"1e9"}},
		{"run": {string(run.ID)}, "any": {"1000000"}}, {"run": {string(run.ID)}, "number": {"99"}}, {"run": {string(run.ID)}, "any": {"1"}, "variant": {hostile}}} {
		if a := c.post("/basket", f); a.Status < 400 || a.Status >= 500 {
			t.Errorf("POST /basket %v: %d", f, a.Status)
		}
	}
	for _, f := range []url.Values{{}, {"line": {"x"}}, {"line": {":::"}}, {"line": {string(run.ID) + ":1:99999999999999999999"}}, {"line": slices.Repeat([]string{lineKey(run.ID, 1) + ":1200"}, 60)},
		{"key": {"k"}, "line": {lineKey(run.ID, 1) + ":1200", lineKey(run.ID, 1) + ":1200"}}} {
		if a := c.post("/checkout", f); a.Status < 400 || a.Status >= 500 {
			t.Errorf("POST /checkout %v: %d", f, a.Status)
		}
	}
}

// TestDraft: a run that is not in the window cannot be held by who knows its name.
func TestDraft(t *testing.T) {
	s := newShop(t)
	r, err := s.cfg.Catalog.AddRelease(t.Context(), catalog.Release{Label: s.Label.ID, Artist: s.Artist.ID, Slug: "draft", Title: "Draft", CatalogNumber: "D-1"})
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.cfg.Catalog.Declare(t.Context(), catalog.Run{Release: r.ID, Copies: 3, Declaration: catalog.Declaration{Manifest: strings.Repeat("ab", 32)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.Shop.SetTerms(t.Context(), shop.Terms{Run: run.ID, Price: shop.Money{Minor: 100, Currency: "EUR"}}); err != nil {
		t.Fatal(err)
	}
	if a := s.as("guest").post("/basket", url.Values{"run": {string(run.ID)}, "number": {"1"}}); a.Status != http.StatusNotFound {
		t.Errorf("a draft's copy is held: %d", a.Status)
	}
	if a := s.as("guest").post("/basket", url.Values{"run": {string(s.Later.ID)}, "number": {"1"}}); a.Status != http.StatusForbidden {
		t.Errorf("a copy is held before its sale opens: %d", a.Status)
	} else {
		says(t, a.Body, "The sale opens at")
	}
}

// pages is a log as its static files are served.
type servedLog struct{ c *client }

func (l servedLog) Open(name string) (fs.File, error) {
	a := l.c.get("/ledger/" + name)
	switch a.Status {
	case 200:
		return &servedFile{strings.NewReader(a.Body), name, int64(len(a.Body))}, nil
	case 404:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return nil, fmt.Errorf("%s: %d", name, a.Status)
}

type servedFile struct {
	io.Reader
	name string
	size int64
}

func (f *servedFile) Close() error               { return nil }
func (f *servedFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *servedFile) Name() string               { return f.name }
func (f *servedFile) Size() int64                { return f.size }
func (f *servedFile) Mode() fs.FileMode          { return 0o444 }
func (f *servedFile) ModTime() time.Time         { return time.Time{} }
func (f *servedFile) IsDir() bool                { return false }
func (f *servedFile) Sys() any                   { return nil }

// TestLedgerFiles: an audit of what is served replays the log, and nothing else is served.
func TestLedgerFiles(t *testing.T) {
	s := newShop(t)
	s.own("buyer", 3)
	c := s.as("guest")
	report, err := ledger.Audit(t.Context(), servedLog{c}, ledger.Trust{Key: s.cfg.Registry.VerifierKey()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Findings) > 0 {
		t.Errorf("the audit found %+v", report.Findings)
	}
	for name, cache := range map[string]string{"checkpoint": "public, max-age=5", "key": "public, max-age=3600"} {
		a := c.get("/ledger/" + name)
		if a.Status != 200 || a.Header.Get("Cache-Control") != cache || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %v", name, a.Status, a.Header)
		}
	}
	folder := s.cfg.Registry.Folder()
	tiles := 0
	err = fs.WalkDir(os.DirFS(folder), "tile", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		tiles++
		want, err := os.ReadFile(folder + "/" + name)
		if err != nil {
			return err
		}
		if a := c.get("/ledger/" + name); a.Status != 200 || a.Body != string(want) || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, a.Status, a.Header)
		}
		return nil
	})
	if err != nil || tiles == 0 {
		t.Errorf("%d tiles, %v", tiles, err)
	}
	if err := os.WriteFile(folder+"/tile/secret", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"tile/", "tile/0", "tile/secret", "tile/..%2fcheckpoint", "tile/0/..%2f..%2fcheckpoint", "tile/..%2f..%2flog.seen", "..%2flog.seen", "tile/0/1", "tile/999/000", ".checkpoint.part", "tile/0/000.p/9999", "log.seen"} {
		if a := c.get("/ledger/" + p); a.Status == 200 {
			t.Errorf("/ledger/%s is served", p)
		}
	}
	says(t, c.ok("/ledger"), "ferric verify", "ferric audit "+s.URL+"/ledger", fmt.Sprintf("%d", report.Size))
}

func TestCountries(t *testing.T) {
	known := display.English.Regions()
	if len(countries()) != 249 {
		t.Errorf("%d countries; ISO 3166-1 has 249", len(countries()))
	}
	for _, c := range countries() {
		r, err := language.ParseRegion(c.Code)
		if err != nil || !r.IsCountry() || r.String() != c.Code || known.Name(r) == "" {
			t.Errorf("%v is no country: %v", c, err)
		}
		if !knownCountry(c.Code) || knownCountry(strings.ToLower(c.Code)) {
			t.Errorf("%s is not found, or in any case", c.Code)
		}
	}
	if knownCountry("") || knownCountry("XX") {
		t.Error("a country that is none")
	}
}

func TestReadPrice(t *testing.T) {
	for typed, want := range map[string]int64{"12": 1200, "12.5": 1250, " 12,50 ": 1250, ".5": 50, "0": 0, "9999999.99": 999999999, "": -1, "1.234": -1, "12.50.1": -1, "1,200.00": -1, "€5": -1, "1e3": -1, "٣": -1, "12345678": -1, ".": -1} {
		m, err := readPrice("f", typed, "EUR")
		if err != nil {
			m.Minor = -1
		}
		if m.Minor != want {
			t.Errorf("%q is %d, want %d", typed, m.Minor, want)
		}
	}
	if m, err := readPrice("f", "1200", "JPY"); err != nil || m.Minor != 1200 {
		t.Errorf("1200 yen are %d, %v", m.Minor, err)
	}
	if _, err := readPrice("f", "12.5", "JPY"); err == nil {
		t.Error("half a yen")
	}
}
