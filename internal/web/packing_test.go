package web

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ferric/internal/shop"
)

// TestPacking packs two parcels at the desk: a wrong number is refused, the right ones are confirmed, papers are there,
// a table of tracking numbers is read dry and applied, the buyer sees the number, and a lost parcel is told.
func TestPacking(t *testing.T) {
	w := newMatrixWorld(t)
	c := w.as("packer")
	second := w.placed(w.Run, 26, 1300, "another visitor", shop.Address{Name: "K. Käufer", Street: "Gasse 1\nHof 2", City: "Wien", Code: "1010", Country: "AT"}, "k@private.example")
	for _, r := range []shop.Receipt{w.order, second} {
		if _, err := w.cfg.Shop.MarkPaid(t.Context(), r.Order, "desk"); err != nil {
			t.Fatal(err)
		}
	}
	id, desk := string(w.order.Order), "/desk/specimen/packing"
	c.get(desk).want(t, "the table", 200, ourName, "30/", id, "to confirm")
	c.post(desk+"/"+id+"/number", url.Values{"number": {"26"}}).want(t, "a wrong number", 422, "Stop: 26 is not in this parcel", `aria-live="assertive"`)
	got := c.do("POST", desk+"/"+id+"/number", strings.NewReader("number=26"), http.Header{"Accept": {"application/json"}, "Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {w.URL}})
	got.want(t, "a wrong number for a script", 422, "Stop: 26")
	c.post(desk+"/"+id+"/packed", nil).want(t, "packing too early", 409, "confirm")
	c.post(desk+"/"+id+"/number", url.Values{"number": {"30"}}).want(t, "the right number", 303)
	c.get(desk+"?at="+id).want(t, "the table again", 200, "is right. The parcel is complete.", "in the parcel")
	for file, begins := range map[string]string{"/slips.pdf": "%PDF-", "/slips.pdf?paper=letter": "%PDF-", "/labels.pdf?format=4x6": "%PDF-", "/customs.pdf": "%PDF-", "/customs.pdf?order=" + id: "%PDF-", "/click-and-drop.csv": "\uFEFFOrder reference,", "/pirate-ship.csv": "\uFEFFOrder ID,"} {
		if a := c.get(desk + file); a.Status != 200 || !strings.HasPrefix(a.Body, begins) {
			t.Errorf("%s: %d %q", file, a.Status, clip(a.Body, 40))
		}
	}
	if a := c.get(desk + "/click-and-drop.csv"); !strings.Contains(a.Body, ourStreet) || strings.Contains(a.Body, ourMail) || strings.Contains(a.Body, ourTotal) {
		t.Errorf("a packer's table:\n%s", a.Body)
	}
	if a := w.as("owner").get(desk + "/click-and-drop.csv"); !strings.Contains(a.Body, ourMail) || !strings.Contains(a.Body, ourTotal) {
		t.Errorf("an owner's table:\n%s", a.Body)
	}
	c.post(desk+"/"+id+"/packed", nil).want(t, "packing", 303)
	c.post(desk+"/"+string(second.Order)+"/number", url.Values{"number": {"26"}}).want(t, "the other's number", 303)
	c.post(desk+"/"+string(second.Order)+"/packed", nil).want(t, "packing the other", 303)
	c.post(desk+"/"+string(second.Order)+"/sent", url.Values{"carrier": {"Post"}, "tracking": {"<x>"}}).want(t, "a hostile number", 422)

	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	f, err := m.CreateFormFile("file", "out.csv")
	w.must(err)
	fmt.Fprintf(f, "Tracking number;Order reference\nAB123456785GB;%s\nZZ1;XXXX-XXXX-XXXX\n", id)
	w.must(m.Close())
	plan := c.do("POST", desk+"/tracking", io.Reader(&form), http.Header{"Content-Type": {m.FormDataContentType()}, "Origin": {w.URL}})
	plan.want(t, "a dry run", 200, "1 order of 2 rows would change", "No order of yours has this reference.", "Marked sent, with this number.")
	if o, err := w.cfg.Shop.Order(t.Context(), w.order.Order); err != nil || o.State != shop.Packed {
		t.Fatalf("the dry run made the order %s, %v", o.State, err)
	}
	apply := url.Values{"order": {id}, "carrier": {""}, "tracking": {"AB123456785GB"}}
	c.post(desk+"/tracking/apply", apply).want(t, "applying", 200, "Done: 1 order changed.")
	c.post(desk+"/tracking/apply", apply).want(t, "applying again", 200, "Done: 0 orders changed.")
	buyer := w.as("guest")
	buyer.get("/order/"+id+"/"+w.order.Secret).want(t, "the buyer's page", 200, "AB123456785GB")
	c.post("/desk/specimen/orders/"+id+"/lost", url.Values{"note": {""}}).want(t, "lost without a word", 422)
	c.post("/desk/specimen/orders/"+id+"/lost", url.Values{"note": {"Not seen since the sorting office."}}).want(t, "lost", 303)
	buyer.get("/order/"+id+"/"+w.order.Secret).want(t, "the buyer's page", 200, "Not seen since the sorting office.")
	buyer.get("/l/specimen/evening/1/30").want(t, "the copy's page", 200, "Lost in the post.")
	w.as("owner").post(desk+"/settings", url.Values{"sender": {"A\r\nB"}, "country": {"GB"}, "copy_g": {"x"}, "mailer_g": {"20"}, "contents": {"Tape"}}).want(t, "settings that do not fit", 422, "whole grams")
	w.as("owner").post(desk+"/settings", url.Values{"sender": {"A\r\nB"}, "country": {"GB"}, "copy_g": {"70"}, "mailer_g": {"20"}, "contents": {"Tape"}, "tariff": {"8523.29"}}).want(t, "settings", 303)
	w.as("owner").get(desk+"/settings").want(t, "settings kept", 200, ">A\nB<", `value="70"`)
}
