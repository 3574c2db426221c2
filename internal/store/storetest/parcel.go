package storetest

import (
	"fmt"
	"slices"
	"testing"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/parcel"
	"ferric/internal/shop"
)

func (h *House) parcels(t testing.TB) *parcel.Desk {
	t.Helper()
	return must(parcel.New(h.DB.Parcel(), parcel.Config{Now: h.Clock.Now, Shop: h.noting(t), Catalog: h.Catalog, Notices: true, Country: func(code string) string {
		if code == "PL" {
			return "Poland"
		}
		return ""
	}}))(t)
}

// testParcel packs an order with the right numbers, sends it and loses it.
func testParcel(t *testing.T, h *House) {
	d, label, other := h.parcels(t), h.labels[0], h.labels[1]
	run := h.Run(t, 10)
	r := h.buy(t, Visitor(1), run.ID, 2)
	_, _, err := d.Confirm(ctx(t), label, r.Order, "1")
	refused(t, "packing what is not paid", err, fault.Conflict)
	must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
	all, more, err := d.Parcels(ctx(t), label, shop.Paid)
	if ok(t, err); len(all) != 1 || more || len(all[0].Items) != 2 || all[0].Items[0].Shown != "1/10" || all[0].Country != "Poland" {
		t.Fatalf("parcels %+v", all)
	}
	_, _, err = d.Confirm(ctx(t), label, r.Order, "3")
	refused(t, "a number of another order", err, fault.Mismatch)
	_, _, err = d.Confirm(ctx(t), other, r.Order, "1")
	refused(t, "an order of another label", err, fault.NotFound)
	for range 2 {
		item, p, err := d.Confirm(ctx(t), label, r.Order, "1/10")
		if ok(t, err); item.Number != 1 || len(p.Missing()) != 1 {
			t.Errorf("confirmed %+v, left %v", item, p.Missing())
		}
	}
	refused(t, "packing half of it", d.Pack(ctx(t), label, r.Order, "desk"), fault.Conflict)
	_, _, err = d.Confirm(ctx(t), label, r.Order, "2")
	ok(t, err)
	refused(t, "sending what is not packed", d.Ship(ctx(t), label, r.Order, "Post", "AB1", "desk"), fault.Conflict)
	ok(t, d.Pack(ctx(t), label, r.Order, "desk"))
	refused(t, "another label's", d.Ship(ctx(t), other, r.Order, "Post", "AB1", "desk"), fault.NotFound)
	refused(t, "a hostile number", d.Ship(ctx(t), label, r.Order, "Post", "<b>", "desk"), fault.Invalid)
	refused(t, "losing what is here", d.Lose(ctx(t), label, r.Order, "gone", "desk"), fault.Conflict)
	for range 2 {
		ok(t, d.Ship(ctx(t), label, r.Order, "Post", "AB1", "desk"))
	}
	if s := must(d.Sent(ctx(t), r.Order))(t); s.Tracking != "AB1" || s.Carrier != "Post" || !s.Lost.IsZero() {
		t.Errorf("sent %+v", s)
	}
	refused(t, "no word of why", d.Lose(ctx(t), label, r.Order, " ", "desk"), fault.Invalid)
	for range 2 {
		ok(t, d.Lose(ctx(t), label, r.Order, "Gone since the 20th.", "desk"))
	}
	if s := must(d.Sent(ctx(t), r.Order))(t); s.Tracking != "AB1" || s.Lost.IsZero() || s.Note != "Gone since the 20th." {
		t.Errorf("lost %+v", s)
	}
	for n := 1; n <= 2; n++ {
		c, _, err := h.Catalog.Copy(ctx(t), run.ID, n)
		if ok(t, err); c.State != catalog.Void {
			t.Errorf("number %d is %s", n, c.State)
		}
	}
	lost := 0
	for _, line := range h.outbox(t) {
		if line == "lost "+string(r.Order) {
			lost++
		}
	}
	if lost != 1 {
		t.Errorf("%d notices of the loss", lost)
	}
	if count := h.Audit(t, run); count[catalog.Void] != 2 {
		t.Errorf("%v", count)
	}
}

// testParcelSetup: a label's words on its parcels.
func testParcelSetup(t *testing.T, h *House) {
	d, label := h.parcels(t), h.labels[0]
	if s := must(d.Setup(ctx(t), label))(t); s != parcel.Default(label) || s.Gross(2) != 205 {
		t.Errorf("default %+v", s)
	}
	want := parcel.Setup{Label: label.ID, Sender: "A\nB", Country: "PL", CopyG: 72, MailerG: 20, Contents: "Tape", Tariff: "852329", Origin: "PL"}
	for range 2 {
		ok(t, d.SetUp(ctx(t), want))
	}
	if s := must(d.Setup(ctx(t), label))(t); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	for field, edit := range map[string]func(*parcel.Setup){
		"sender": func(s *parcel.Setup) { s.Sender = "\x00" }, "country": func(s *parcel.Setup) { s.Country = "XX" }, "copy_g": func(s *parcel.Setup) { s.CopyG = 0 },
		"mailer_g": func(s *parcel.Setup) { s.MailerG = -1 }, "contents": func(s *parcel.Setup) { s.Contents = "" }, "tariff": func(s *parcel.Setup) { s.Tariff = "12" }, "origin": func(s *parcel.Setup) { s.Origin = "ZZ" },
	} {
		s := want
		edit(&s)
		refused(t, field, d.SetUp(ctx(t), s), fault.Invalid)
	}
}

// testTracking: a table comes back, is read dry, applied, and applied again.
func testTracking(t *testing.T, h *House) {
	d, label := h.parcels(t), h.labels[0]
	run, theirs := h.Run(t, 20), h.runOf(t, 1, 5)
	var ids []shop.OrderID
	for i := range 6 {
		ids = append(ids, h.buy(t, Visitor(i), run.ID, 1).Order)
	}
	foreign := h.buy(t, Visitor(9), theirs.ID, 1).Order
	for _, id := range append(slices.Clone(ids[:5]), foreign) {
		must(h.Shop.MarkPaid(ctx(t), id, "desk"))(t)
	}
	for _, id := range append(slices.Clone(ids[:4]), foreign) {
		must(h.Shop.MarkPacked(ctx(t), id, "desk"))(t)
	}
	must(h.Shop.MarkShipped(ctx(t), ids[2], "desk"))(t)
	ok(t, d.Ship(ctx(t), label, ids[3], "Post", "OLD1", "desk"))
	rows := []parcel.Tracking{
		{Order: string(ids[0]), Carrier: "Post", Number: "T0"}, {Order: string(ids[0]), Number: "t0"}, // said twice alike
		{Order: string(ids[1]), Number: "T1"}, {Order: string(ids[1]), Number: "T1b"}, // said twice, differently
		{Order: string(ids[2]), Number: "T2"}, // sent already
		{Order: string(ids[3]), Number: "T3"}, // has another
		{Order: string(ids[4]), Number: "T4"}, // not packed
		{Order: string(ids[5]), Number: "T5"}, // not paid
		{Order: string(foreign), Number: "T6"}, {Order: "what?", Number: "T7"}, {Order: "XXXX-XXXX-XXXX", Number: "T8"},
	}
	fates := func(plan []parcel.Planned) (s string) {
		for _, p := range plan {
			s += fmt.Sprint(p.Fate, " ")
		}
		return s
	}
	before := "sends same doubt doubt notes doubt doubt doubt unknown unknown unknown "
	for range 2 {
		if got := fates(must(d.Plan(ctx(t), label, rows))(t)); got != before {
			t.Errorf("plan %q\nwant %q", got, before)
		}
	}
	if got := fates(must(d.Apply(ctx(t), label, rows, "desk"))(t)); got != before {
		t.Errorf("applied %q\nwant %q", got, before)
	}
	sent := h.outbox(t)
	after := "same same doubt doubt same doubt doubt doubt unknown unknown unknown "
	if got := fates(must(d.Apply(ctx(t), label, rows, "desk"))(t)); got != after {
		t.Errorf("applied again %q\nwant %q", got, after)
	}
	if again := h.outbox(t); !slices.Equal(sent, again) {
		t.Errorf("the second time wrote notices: %q, before %q", again, sent)
	}
	for i, want := range []shop.OrderState{shop.Shipped, shop.Packed, shop.Shipped, shop.Shipped, shop.Paid, shop.Placed} {
		if o := must(h.Shop.Order(ctx(t), ids[i]))(t); o.State != want {
			t.Errorf("order %d is %s, want %s", i, o.State, want)
		}
	}
	for i, want := range []string{"T0", "", "T2", "OLD1", "", ""} {
		if s := must(d.Sent(ctx(t), ids[i]))(t); s.Tracking != want {
			t.Errorf("order %d has %q, want %q", i, s.Tracking, want)
		}
	}
	if s := must(d.Sent(ctx(t), foreign))(t); s.Tracking != "" {
		t.Error("another label's order has a number")
	}
}
