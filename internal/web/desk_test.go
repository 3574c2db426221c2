package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/audio"
	"ferric/audio/wav"
	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/shop"
	"ferric/ledger"
	"ferric/pressing"
)

// placeOrder orders numbers of the demo run as somebody without an account.
func (s *testShop) placeOrder(name string, numbers ...int) shop.Receipt {
	s.t.Helper()
	ctx, b := s.t.Context(), shop.Buyer{Visitor: "visitor " + name}
	if _, err := s.cfg.Shop.Hold(ctx, b, shop.Want{Run: s.Run.ID, Numbers: numbers}); err != nil {
		s.t.Fatal(err)
	}
	r := shop.Request{Buyer: b, Key: name, Mail: "m" + hex.EncodeToString([]byte(name)) + "@private.example", Method: shop.Transfer,
		Address: shop.Address{Name: name, Street: "Lane of " + name + " 7\nBack door", Code: "ZX1", City: "Hiddenham", Country: "GB"}}
	for _, n := range numbers {
		r.Lines = append(r.Lines, shop.Line{Run: s.Run.ID, Number: n, Minor: 1200})
	}
	got, err := s.cfg.Shop.Place(ctx, r)
	if err != nil {
		s.t.Fatal(err)
	}
	return got[0]
}

// The way of an order over the desk, by those whose part each step is.
func TestOrderOverTheDesk(t *testing.T) {
	s := newShop(t)
	r := s.placeOrder("Jane <i>Q</i>", 4, 5)
	path := "/desk/specimen/orders/" + string(r.Order)
	owner, packer, books := s.as("owner"), s.as("packer"), s.as("accountant")

	// What each role sees.
	all := []string{"Lane of Jane", "€24.00", "@private.example", "4/100"}
	for _, c := range []struct {
		who   *client
		sees  []string
		lacks []string
	}{
		{owner, all, nil}, {packer, []string{"Lane of Jane", "Back door", "Hiddenham", "4/100"}, []string{"€24.00", "€12.00", "@private.example"}},
		{books, []string{"€24.00", string(r.Order), "Jane"}, []string{"Lane of Jane", "Back door", "Hiddenham", "ZX1", "@private.example"}},
	} {
		a := c.who.get(path)
		a.want(t, "the order", 200, c.sees...)
		a.lacks(t, "the order", append(c.lacks, "<i>Q")...)
		for _, page := range []string{"/desk/specimen", "/desk/specimen/orders"} {
			a := c.who.get(page)
			a.want(t, page, 200)
			a.lacks(t, page, c.lacks...)
		}
	}
	if page := packer.ok("/desk/specimen"); strings.Contains(page, "Mark paid") {
		t.Error("a packer is offered to mark orders paid")
	}
	books.get("/desk/specimen").want(t, "today", 200, "Waiting for money", string(r.Order), "Mark paid")

	packer.post(path+"/packed", nil).want(t, "packing before it is paid", 409, "only one that is paid")
	if a := books.post(path+"/paid", url.Values{"from": {"today"}}); a.Status != 303 || a.Location != "/desk/specimen" {
		t.Errorf("marking paid: %d to %q", a.Status, a.Location)
	}
	books.post(path+"/paid", nil).want(t, "marking paid twice", 303)
	packer.get("/desk/specimen").want(t, "today", 200, "To pack", "Hiddenham")
	packer.post(path+"/packed", nil).want(t, "packing", 303)
	packer.post(path+"/shipped", nil).want(t, "sending", 303)
	books.post(path+"/cancel", nil).want(t, "calling off what was sent", 409)
	packer.get(path).want(t, "the sent order", 200, "Did something come back?")

	// One of the two is claimed, and comes back.
	if _, err := s.cfg.Shop.Claim(t.Context(), string(s.as("buyer").Account.ID), s.Codes[4]); err != nil {
		t.Fatal(err)
	}
	packer.post(path+"/back", url.Values{"copy": {lineKey(s.Run.ID, 4), "nonsense"}}).want(t, "one came back", 303)
	number := "/desk/specimen/releases/evening/1/4"
	packer.get("/desk/specimen").want(t, "today", 200, "Came back", number)
	packer.get(number).want(t, "the copy that came back", 200, "needs a new card")
	a := packer.post(number+"/restock", nil)
	a.want(t, "restocking", 200, "The code for its new card")
	code := regexp.MustCompile(`class="code">([^<]+)<`).FindStringSubmatch(a.Body)[1]
	a = packer.get(number)
	a.want(t, "the copy, once more", 200, "Sold by hand")
	a.lacks(t, "the copy, once more", code)
	packer.post(number+"/sell", nil).want(t, "selling it by hand", 303)
	packer.post(number+"/sell", nil).want(t, "selling it by hand twice", 409)
	if _, err := s.cfg.Shop.Claim(t.Context(), string(s.as("stranger").Account.ID), s.Codes[4]); err == nil {
		t.Error("the code of the first card works again")
	}
	if c, err := s.cfg.Shop.Claim(t.Context(), string(s.as("stranger").Account.ID), code); err != nil || c.Number != 4 {
		t.Errorf("the code of the new card: %v", err)
	}
}

func TestLateMoney(t *testing.T) {
	s := newShop(t)
	r := s.placeOrder("Late", 9)
	s.Clock.Pass(6 * 24 * time.Hour)
	s.placeOrder("Early", 9)
	path := "/desk/specimen/orders/" + string(r.Order)
	s.as("owner").get(path).want(t, "the lapsed order", 200, "not paid in time", "The money is here")
	s.as("owner").get("/desk/specimen/orders?state=lapsed").want(t, "lapsed orders", 200, string(r.Order))
	s.as("owner").post(path+"/paid", nil).want(t, "paying late", 303)
	s.as("owner").get(path).want(t, "the order", 200, "to be packed", ">1/100<") // the next free number
}

func TestOrderLists(t *testing.T) {
	s := newShop(t)
	var orders []shop.Receipt
	for n := range 55 {
		orders = append(orders, s.placeOrder(fmt.Sprintf("Łucja %c%c", 'a'+n/26, 'a'+n%26), n+1))
		s.Clock.Pass(time.Second)
	}
	owner := s.as("owner")
	first := owner.ok("/desk/specimen/orders")
	more := regexp.MustCompile(`href="(/desk/specimen/orders\?after=[^"]+)"`).FindStringSubmatch(first)
	if more == nil {
		t.Fatal("fifty-five orders have no second page")
	}
	second := owner.ok(more[1])
	for i, r := range orders {
		if strings.Contains(first, string(r.Order)) == strings.Contains(second, string(r.Order)) || strings.Contains(first, string(r.Order)) != (i >= 5) {
			t.Errorf("order %d stands on no page, on two or on the wrong one", i)
		}
	}
	find := func(q string, want ...int) {
		t.Helper()
		page := owner.ok("/desk/specimen/orders?q=" + url.QueryEscape(q))
		for i, r := range orders {
			if strings.Contains(page, string(r.Order)) != slices.Contains(want, i) {
				t.Errorf("searching %q: order %d", q, i)
			}
		}
	}
	find(string(orders[7].Order), 7)
	find(strings.ToLower(string(orders[7].Order)[:9]), 7)
	find("lucja ac", 2)
	find("#31", 30)
	find("31", 30)
	find("Hiddenham")
	find("no such")
	owner.get("/desk/specimen/orders?q=nothing").want(t, "finding nothing", 200, "No order fits")
	owner.get("/desk/specimen/orders?state=nonsense").want(t, "no state", 422)
	owner.get("/desk/specimen/orders?after=nonsense").want(t, "no place", 200)
}

func TestTermsForm(t *testing.T) {
	s := newShop(t)
	owner := s.as("owner")
	path := "/desk/specimen/releases/evening/1/terms"
	good := func(edits ...string) url.Values {
		f := url.Values{"price": {"12,50"}, "currency": {"EUR"}, "pay_more": {"yes"}, "opens": {"2026-11-20T18:00"}, "closes": {"2027-03-28T02:30"}, "zone": {"Europe/Warsaw"}, "per_person": {"2"}}
		for i := 0; i < len(edits); i += 2 {
			f.Set(edits[i], edits[i+1])
		}
		return f
	}
	for _, wrong := range [][]string{{"price", "twelve"}, {"price", "-1"}, {"price", ""}, {"currency", "XXX"}, {"currency", "<b>"}, {"opens", "yesterday"}, {"closes", "2026-11-20T17:00"}, {"zone", "Europe/Nowhere"},
		{"zone", "../../etc/passwd"}, {"zone", "Local"}, {"per_person", "-1"}, {"per_person", "1001"}, {"per_person", "x"}} {
		a := owner.post(path, good(wrong...))
		a.want(t, strings.Join(wrong, " "), 422, `role="alert"`)
		if wrong[0] != "price" && !strings.Contains(a.Body, `value="12,50"`) {
			t.Errorf("%v: the form lost the price that was typed", wrong)
		}
		a.lacks(t, "wrong terms", "<b>")
	}
	owner.post(path, good()).want(t, "good terms", 303)
	terms, err := s.cfg.Shop.Terms(t.Context(), s.Run.ID)
	if err != nil || terms.Price != (shop.Money{Minor: 1250, Currency: "EUR"}) || !terms.PayMore || terms.PerPerson != 2 || !terms.Opens.Equal(time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("kept terms %+v, %v", terms, err)
	}
	// At 02:30 of that day no clock in Warsaw stands: an hour on, as Go's time.Date has it.
	if want := time.Date(2027, 3, 28, 1, 30, 0, 0, time.UTC); !terms.Closes.Equal(want) {
		t.Errorf("closes %v, want %v", terms.Closes, want)
	}
	owner.get("/desk/specimen/releases/evening").want(t, "the release", 200, `value="12.50"`, `value="2026-11-20T17:00"`, `value="UTC"`)
	owner.post("/desk/specimen/releases/evening/9/terms", good()).want(t, "a run that is none", 404)
}

func TestReleaseForms(t *testing.T) {
	s := newShop(t)
	owner := s.as("owner")
	path := "/desk/specimen/releases/evening"
	owner.post(path+"/digital", url.Values{"digital": {"everything"}}).want(t, "no policy", 422)
	owner.post(path+"/digital", url.Values{"digital": {"files"}}).want(t, "a policy", 303)
	if r, _ := s.cfg.Catalog.Release(t.Context(), s.Album.ID); r.Digital != catalog.Files {
		t.Errorf("digital is %q", r.Digital)
	}
	owner.post(path+"/notes", url.Values{"notes": {strings.Repeat("ż", catalog.MaxText+1)}}).want(t, "long notes", 422, "At most")
	owner.post(path+"/notes", url.Values{"notes": {"One.\r\n\r\n<script>Two"}}).want(t, "notes", 303)
	a := owner.get(path)
	a.want(t, "the release", 200, "&lt;script&gt;Two")
	a.lacks(t, "the release", "<script>Two")

	s.placeOrder("Buyer", 1)
	a = owner.post(path+"/take-back", url.Values{"reason": {"no longer"}})
	a.want(t, "taking back what somebody ordered", 409, "Nothing was taken back")
	owner.get(path).lacks(t, "the release that was ordered", "Take the release back")
	owner.post("/desk/specimen/releases/zazolc/take-back", url.Values{"reason": {""}}).want(t, "no reason", 422, "Please say why")
	owner.post("/desk/specimen/releases/zazolc/take-back", url.Values{"reason": {"The tape was mixed up."}}).want(t, "taking back", 303)
	if r, _ := s.cfg.Catalog.Release(t.Context(), s.Soon.ID); r.State != catalog.Withdrawn {
		t.Errorf("it is %s", r.State)
	}
	owner.get("/desk/specimen/releases/zazolc").want(t, "the withdrawn release", 200, "taken back")
}

func TestNumbersOnTheDesk(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	owner, packer := s.as("owner"), s.as("packer")
	run := "/desk/specimen/releases/evening/1"
	owner.get(run).want(t, "the run", 200, `href="`+run+`/17"`, "Close the run")
	if a := owner.get(run + "?number=17"); a.Location != run+"/17" {
		t.Errorf("going to a number leads to %q", a.Location)
	}
	owner.get(run+"?number=500").want(t, "going to no number", 422, "There are the numbers 1 to 102")

	s.placeOrder("Buyer", 12)
	for _, wrong := range []string{"", "0", "5-3", "1-200", "a", "1--2", "1;2"} {
		owner.post(run+"/move", url.Values{"numbers": {wrong}, "pool": {"merch"}}).want(t, "moving "+wrong, 422)
	}
	owner.post(run+"/move", url.Values{"numbers": {"11-13"}, "pool": {"moon"}}).want(t, "moving to the moon", 422)
	owner.post(run+"/move", url.Values{"numbers": {"11-13, 20"}, "pool": {"merch"}}).want(t, "moving", 303)
	owner.get(run).want(t, "the run", 200, "3 numbers are with the merch table now. One was not free and stayed: 12.", "the merch table")

	packer.get(run+"/7").want(t, "a number", 200, "Mark as sold")
	packer.get(run+"/7").lacks(t, "a number, for a packer", "Make it void")
	a := owner.post(run+"/7/void", url.Values{"why": {"because"}, "reason": {"Chewed."}})
	a.want(t, "a reason that is none", 422, "Please choose what happened", `value="Chewed."`)
	owner.post(run+"/7/void", url.Values{"why": {string(ledger.Faulty)}, "reason": {""}}).want(t, "no words", 422, "Please say why")
	owner.post(run+"/7/void", url.Values{"why": {string(ledger.Faulty)}, "reason": {"Chewed by the loader."}}).want(t, "a void number", 303)
	owner.get(run+"/7").want(t, "the void number", 200, "Chewed by the loader.")
	owner.get(run+"/7").lacks(t, "the void number", "Make it void", "Mark as sold")
	for _, path := range []string{run + "/0", run + "/103", run + "/x", run + "/99999999999999999999", "/desk/specimen/releases/evening/0", "/desk/specimen/releases/evening/2"} {
		owner.get(path).want(t, path, 404)
	}

	packer.post(run+"/8/sell", nil).want(t, "selling by hand", 303)
	packer.get(run+"/8").want(t, "sold by hand", 200, "It was not sold")
	packer.post(run+"/8/unsell", nil).want(t, "undoing it", 303)
	packer.post(run+"/8/unsell", nil).want(t, "undoing it twice", 409)

	owner.post(run+"/close", url.Values{"reason": {"Enough."}}).want(t, "closing without meaning it", 422, `value="Enough."`)
	owner.post(run+"/close", url.Values{"reason": {"Enough."}, "sure": {"yes"}}).want(t, "closing while one is ordered", 409, "Nothing was closed")
	s.Clock.Pass(6 * 24 * time.Hour)
	owner.post(run+"/close", url.Values{"sure": {"yes"}}).want(t, "closing without a reason", 409, "has no owner")
	owner.post(run+"/close", url.Values{"reason": {"Enough."}, "sure": {"yes"}}).want(t, "closing", 303)
	owner.get(run).want(t, "the closed run", 200, "This run is closed")
	owner.get(run).lacks(t, "the closed run", "Close the run")
	if c, _, err := s.cfg.Catalog.Copy(ctx, s.Run.ID, 50); err != nil || c.State != catalog.Void || c.Reason != "Enough." {
		t.Errorf("a free number of the closed run is %s (%q), %v", c.State, c.Reason, err)
	}
}

// gradeForm is a form in parts: a condition, and photos.
func (c *client) grade(path, condition string, photos ...[]byte) answer {
	c.s.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("condition", condition)
	w.WriteField("caption", "The hubs")
	for i, p := range photos {
		f, err := w.CreateFormFile("photo", fmt.Sprintf("../../photo %d.png", i))
		if err != nil {
			c.s.t.Fatal(err)
		}
		f.Write(p)
	}
	w.Close()
	return c.do("POST", path, &b, http.Header{"Content-Type": {w.FormDataContentType()}, "Origin": {c.s.URL}})
}

func TestGrading(t *testing.T) {
	s := newShop(t)
	packer := s.as("packer")
	path := "/desk/specimen/releases/evening/1/6"
	var picture, other bytes.Buffer
	for i, b := range []*bytes.Buffer{&picture, &other} {
		if err := png.Encode(b, image.NewNRGBA(image.Rect(0, 0, 40+10*i, 30))); err != nil {
			t.Fatal(err)
		}
	}
	packer.grade(path+"/grade", "").want(t, "nothing", 422, "Please write the condition")
	packer.grade(path+"/grade", "", picture.Bytes()).want(t, "a photo of no condition", 409, "Write the copy&#39;s condition down first")
	packer.grade(path+"/grade", strings.Repeat("x", 501)).want(t, "a long condition", 422, "At most 500")
	packer.grade(path+"/grade", "Mint, shrink-wrapped.", picture.Bytes(), other.Bytes()).want(t, "a condition with photos", 303)
	packer.get(path).want(t, "the copy", 200, "Written down, with 2 photos.", "Now: Mint, shrink-wrapped.", "The hubs")
	picture.Reset()
	if err := png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 33, 30))); err != nil {
		t.Fatal(err)
	}
	packer.grade(path+"/grade", "Case cracked.", picture.Bytes(), []byte("GIF89a and no picture")).want(t, "a photo that is none", 422, "What came before it was kept: 1 photo")
	if c, _, err := s.cfg.Catalog.Copy(t.Context(), s.Run.ID, 6); err != nil || c.Condition != "Case cracked." {
		t.Errorf("condition %q, %v", c.Condition, err)
	}
	photos, err := s.cfg.Catalog.Photos(t.Context(), s.Run.ID, 6)
	if err != nil || len(photos) != 3 {
		t.Errorf("%d photos, %v", len(photos), err)
	}
	packer.do("POST", path+"/grade", strings.NewReader("condition=x"), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {s.URL}}).want(t, "a form of another kind", 422)
	packer.do("POST", path+"/grade", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"condition\"\r\n\r\nbroken off"),
		http.Header{"Content-Type": {"multipart/form-data; boundary=x"}, "Origin": {s.URL}}).want(t, "a form that breaks off", 422)
}

func TestMembersPage(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	owner, buyer := s.as("owner"), s.as("buyer")
	owner.post("/desk/specimen/people/invite", url.Values{"role": {"king"}}).want(t, "no role", 422)
	a := owner.post("/desk/specimen/people/invite", url.Values{"role": {"packer"}})
	a.want(t, "an invitation", 200, "It works once")
	link := regexp.MustCompile(regexp.QuoteMeta(s.URL) + `(/join/[A-Za-z0-9_-]+)`).FindStringSubmatch(a.Body)
	if link == nil {
		t.Fatal("no link is shown")
	}
	owner.get("/desk/specimen/people").lacks(t, "the page after", link[1])
	buyer.get("/desk/specimen").want(t, "the desk before joining", 404)
	buyer.get(link[1]).want(t, "the invitation", 200, "Specimen Editions", "packer")
	if a := buyer.post(link[1], nil); a.Location != "/desk/specimen" {
		t.Fatalf("joining leads to %q (%d)", a.Location, a.Status)
	}
	buyer.get("/desk/specimen").want(t, "the desk", 200)
	buyer.get("/desk/specimen/people").want(t, "people, for a packer", 403)
	s.as("stranger").post(link[1], nil).want(t, "the invitation again", 410)

	id := string(buyer.Account.ID)
	owner.post("/desk/specimen/people/"+id+"/role", url.Values{"role": {"accountant"}}).want(t, "another role", 303)
	buyer.post("/desk/specimen/orders/X/packed", nil).want(t, "packing as an accountant", 403)
	owner.post("/desk/specimen/people/"+string(owner.Account.ID)+"/role", url.Values{"role": {"packer"}}).want(t, "the last owner's role", 409, "A label needs an owner")
	owner.post("/desk/specimen/people/"+string(owner.Account.ID)+"/remove", nil).want(t, "removing the last owner", 409, "A label needs an owner")
	buyer.post("/desk/specimen/people/leave", nil).want(t, "leaving", 303)
	buyer.get("/desk/specimen").want(t, "the desk after leaving", 404)

	owner.post("/desk/specimen/tokens", url.Values{"name": {""}}).want(t, "a token without a name", 422)
	a = owner.post("/desk/specimen/tokens", url.Values{"name": {"laptop"}})
	a.want(t, "a token", 200, "shown this once")
	secret := regexp.MustCompile(`ferric_[A-Za-z0-9_-]{43}`).FindString(a.Body)
	if _, err := s.cfg.People.Token(ctx, secret, people.Publishing); err != nil {
		t.Errorf("the token %q: %v", secret, err)
	}
	page := owner.ok("/desk/specimen/people")
	if strings.Contains(page, secret) {
		t.Error("the token is shown twice")
	}
	end := regexp.MustCompile(`/desk/specimen/tokens/[^/"]+/end`).FindString(page)
	owner.post(end, nil).want(t, "ending it", 303)
	if _, err := s.cfg.People.Token(ctx, secret, people.Publishing); err == nil {
		t.Error("an ended token works")
	}
}

func TestLabelProfile(t *testing.T) {
	s := newShop(t)
	owner := s.as("owner")
	path := "/desk/specimen/profile"
	form := url.Values{"name": {"Żółw & Sons"}, "about": {"We dub.\r\n\r\nIn real time."}, "how_to_pay": {"IBAN 1234"}, "place": {"Łódź"}, "country": {"PL"}, "accent": {"own"}, "own": {"yellow"}}
	owner.post(path, form).want(t, "a colour that is none", 422, "Żółw &amp; Sons", "In real time.", `value="yellow"`)
	form.Set("own", "#FFFF00")
	owner.post(path, form).want(t, "a colour", 303)
	l, err := s.cfg.Catalog.LabelBySlug(t.Context(), "specimen")
	if err != nil || l.Name != "Żółw & Sons" || l.About != "We dub.\n\nIn real time." || l.Accent != "#FFFF00" || l.Country != "PL" {
		t.Errorf("kept %+v, %v", l, err)
	}
	owner.get(path).want(t, "the profile", 200, `value="#FFFF00"`)
	owner.get("/accent/FFFF00.css").want(t, "the colour", 200, "--accent:#")
	form.Set("name", "")
	owner.post(path, form).want(t, "no name", 422)
}

// tinyPressing is a pressing of a second a side, with a run.
func tinyPressing(t *testing.T, title, number string, copies int) (manifest []byte, files map[string][]byte) {
	t.Helper()
	files = map[string][]byte{}
	m := pressing.Manifest{Schema: pressing.Schema, Release: pressing.Release{Title: title, Artist: "Lantern Weir", CatalogNumber: number, Year: 2026}, Tape: pressing.Tape{Name: "C10", MinutesPerSide: 5, Type: "I"}}
	for i, name := range []string{"A", "B"} {
		file := filepath.Join(t.TempDir(), "side.wav")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		w, err := wav.NewWriter(f, wav.Config{Rate: 48000, Channels: 2, Bits: 16})
		if err != nil {
			t.Fatal(err)
		}
		block := audio.NewBlock(2, 48000)
		for k := range block[0] {
			block[0][k] = float32(k%100) / 1000 * float32(i+1)
		}
		if err := w.WriteFrames(block); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f.Close()
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.Sum256(data)
		sha := hex.EncodeToString(h[:])
		files[sha] = data
		n := "side-" + strings.ToLower(name) + ".wav"
		m.Files = append(m.Files, pressing.File{Name: n, Size: int64(len(data)), SHA256: sha})
		m.Sides = append(m.Sides, pressing.Side{Name: name, Programme: pressing.Programme{File: n, DurationS: 1, Frames: 48000, SampleRate: 48000, Bits: 16},
			Tracks: []pressing.Track{{Position: name + "1", Title: "Piece " + name, Artist: "Lantern Weir", DurationS: 1}}})
	}
	if copies > 0 {
		m.Run = &pressing.Run{Copies: copies, Salt: strings.Repeat("5a", 32)}
		for n := 1; n <= copies; n++ {
			code, err := pressing.NewClaim(nil)
			if err != nil {
				t.Fatal(err)
			}
			m.Run.Claims = append(m.Run.Claims, pressing.Claim{Copy: fmt.Sprintf("%d/%d", n, copies), SHA256: pressing.HashClaim(m.Run.Salt, code)})
		}
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return manifest, files
}

// upload sends a pressing as static/publish.js does.
func (c *client) upload(manifest []byte, files map[string][]byte, repress bool) publish.Result {
	c.s.t.Helper()
	ask := func(method, path string, body []byte, into any) {
		c.s.t.Helper()
		a := c.do(method, path, bytes.NewReader(body), http.Header{"Accept": {"application/json"}, "Origin": {c.s.URL}, "Sec-Fetch-Site": {"same-origin"}})
		if a.Status/100 != 2 {
			c.s.t.Fatalf("%s %s: %d %s", method, path, a.Status, clip(a.Body, 500))
		}
		if err := json.Unmarshal([]byte(a.Body), into); err != nil {
			c.s.t.Fatal(err)
		}
	}
	query := ""
	if repress {
		query = "?repress=1"
	}
	var session publish.Session
	ask("POST", "/api/labels/specimen/pressings"+query, manifest, &session)
	if session.Done != nil {
		return *session.Done
	}
	for _, f := range session.Files {
		for have := f.Have; have < f.Size; {
			end := min(have+100_000, f.Size)
			var got struct{ Have int64 }
			ask("PUT", fmt.Sprintf("/api/uploads/%s/%s?offset=%d", session.ID, f.SHA256, have), files[f.SHA256][have:end], &got)
			have = got.Have
		}
	}
	var result publish.Result
	ask("POST", "/api/uploads/"+session.ID+"/done", nil, &result)
	return result
}

// From a pressing to a run on sale, and a repress of it.
func TestPutOnSale(t *testing.T) {
	s := newShop(t)
	owner := s.as("owner")
	owner.get("/desk/specimen/publish").want(t, "the publish page", 200, "ferric publish PRESSING --to "+s.URL)
	manifest, files := tinyPressing(t, "Unborn Tape", "SPEC-009", 30)
	done := owner.upload(manifest, files, false)
	if again := owner.upload(manifest, files, false); again.Changed || again.Release != done.Release {
		t.Errorf("publishing twice: %+v", again)
	}
	path := "/desk/specimen/releases/" + done.Slug
	owner.get("/desk/specimen").want(t, "today", 200, "To put on sale", "Unborn Tape")
	owner.get(path).want(t, "the draft", 200, "It numbers 30 copies", "only the label sees it")
	s.as("guest").get("/l/specimen/"+done.Slug).want(t, "the draft's page, for a guest", 404)
	s.as("packer").get(path).lacks(t, "the draft, for a packer", "Declare the run")

	form := url.Values{"price": {"9.50"}, "currency": {"EUR"}, "zone": {"UTC"}, "digital": {"none"}, "pool_merch": {"21-30"}, "pool_artist": {"20, 25"}}
	owner.post(path+"/sale", form).want(t, "a number in two pools", 422, "Number 25 stands in two places", `value="20, 25"`, `value="9.50"`)
	form.Set("pool_artist", "20")
	form.Set("pool_merch", "21-31")
	owner.post(path+"/sale", form).want(t, "a number that there is not", 422, "from 1 to 30")
	form.Set("pool_merch", "21-30")
	owner.post(path+"/sale", form).want(t, "putting it on sale", 303)
	owner.post(path+"/sale", form).want(t, "putting it on sale twice", 404)
	s.Clock.Pass(5 * time.Second)
	s.as("guest").get("/l/specimen/"+done.Slug).want(t, "its page", 200, "Unborn Tape", "€9.50")
	runs, err := s.cfg.Catalog.Runs(t.Context(), done.Release)
	if err != nil || len(runs) != 1 || runs[0].Copies != 30 {
		t.Fatalf("runs %+v, %v", runs, err)
	}
	if n, _ := s.cfg.Catalog.Stock(t.Context(), runs[0].ID, catalog.Web); n != 19 {
		t.Errorf("%d are sold on the web, want 19", n)
	}

	manifest, files = tinyPressing(t, "Unborn Tape", "SPEC-009", 12)
	if got := owner.upload(manifest, files, true); !got.Repress || got.Release != done.Release {
		t.Fatalf("a repress: %+v", got)
	}
	owner.get(path).want(t, "the repress", 200, "Put the repress on sale", `value="9.50"`)
	owner.post(path+"/sale", url.Values{"price": {"11"}, "currency": {"EUR"}, "zone": {"UTC"}, "digital": {"none"}}).want(t, "putting the repress on sale", 303)
	owner.get(path).want(t, "both runs", 200, "First run, 30 copies", "Second run, 12 copies")
}

func TestPoolsOfAForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "copies")
		in := make([]catalog.Pool, n+1)
		f := saleForm{Pools: map[catalog.Pool]string{}}
		for i := 1; i <= n; i++ {
			in[i] = rapid.SampledFrom(append([]catalog.Pool{catalog.Web, catalog.Web}, dealt...)).Draw(t, "pool")
			if in[i] != catalog.Web {
				f.Pools[in[i]] += fmt.Sprintf(" %d,", i)
			}
		}
		spans, err := f.pools(n)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Pools) == 0 {
			if spans != nil {
				t.Fatalf("spans %v of nothing", spans)
			}
			return
		}
		next := 1
		for i, s := range spans {
			if s.First != next || s.Last < s.First || i > 0 && spans[i-1].Name == s.Name {
				t.Fatalf("spans %v", spans)
			}
			for k := s.First; k <= s.Last; k++ {
				if string(in[k]) != s.Name {
					t.Fatalf("number %d is with %s, want %s", k, s.Name, in[k])
				}
			}
			next = s.Last + 1
		}
		if next != n+1 {
			t.Fatalf("spans %v end at %d of %d", spans, next-1, n)
		}
	})
}

func FuzzRanges(f *testing.F) {
	for _, s := range []string{"", "1", "1-20, 25", "1-", "-1", "9999999999999999999", "1-1-1", ",,,", "１-２", strings.Repeat("1,", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ranges, err := readRanges("numbers", s, 100)
		if err != nil {
			return
		}
		for _, r := range ranges {
			if r[0] < 1 || r[1] < r[0] || r[1] > 100 {
				t.Errorf("%q gives %v", s, ranges)
			}
		}
	})
}
