package mail_test

import (
	"strings"
	"testing"

	"ferric/internal/catalog"
	"ferric/internal/mail"
	"ferric/internal/parcel"
)

// TestParcelLetters: the buyer reads the tracking number of a parcel that was sent, and that one was lost.
func TestParcelLetters(t *testing.T) {
	s := newServer(t, true)
	var cfg mail.Config
	p := newPost(t, s, func(c *mail.Config) { cfg = *c })
	desk, err := parcel.New(p.DB.Parcel(), parcel.Config{Now: p.Clock.Now, Shop: p.shop, Catalog: p.Catalog, Notices: true, Country: func(string) string { return "Poland" }})
	ok(t, err)
	cfg.Parcels = desk
	p.mailer, err = mail.New(p.DB.Mail(), cfg)
	ok(t, err)
	run := p.Run(t, 5)
	r := p.order(t, run.ID, 1)
	label := catalog.Label{ID: r.Label}
	_, err = p.shop.MarkPaid(t.Context(), r.Order, "desk")
	ok(t, err)
	_, err = p.shop.MarkPacked(t.Context(), r.Order, "desk")
	ok(t, err)
	ok(t, desk.Ship(t.Context(), label, r.Order, "Poczta", "RR123", "desk"))
	last := func() (string, string) {
		t.Helper()
		_, err := p.mailer.Send(t.Context())
		ok(t, err)
		all := s.letters()
		h, text := all[len(all)-1].read(t)
		return subject(t, h), text
	}
	if subject, text := last(); !strings.HasPrefix(subject, "On its way") || !strings.Contains(text, "Its tracking number with Poczta is RR123.") {
		t.Errorf("%s\n%s", subject, text)
	}
	ok(t, desk.Lose(t.Context(), label, r.Order, "Not seen since Monday.", "desk"))
	if subject, text := last(); !strings.HasPrefix(subject, "Lost on the way") || !strings.Contains(text, "Not seen since Monday.") || !strings.Contains(text, "RR123") {
		t.Errorf("%s\n%s", subject, text)
	}
}
