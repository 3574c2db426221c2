package mail_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/mail"
	"ferric/internal/people"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/sqlite"
	"ferric/internal/store/storetest"
	"ferric/pressing"
)

// post is a shop that sends its mails to a server of the test.
type post struct {
	*storetest.House
	mailer *mail.Mailer
	shop   *shop.Shop
	people *people.People
	log    bytes.Buffer
}

func newPost(t *testing.T, s *server, edits ...func(*mail.Config)) *post {
	t.Helper()
	e, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ferric.db")})
	ok(t, err)
	db := store.New(e)
	t.Cleanup(func() { ok(t, db.Close()) })
	p := &post{House: storetest.NewHouse(t, db)}
	key := []byte(strings.Repeat("k", 32))
	p.shop, err = shop.New(db.Shop(), shop.Config{Now: p.Clock.Now, Ledger: p.Ledger, Key: key, Notices: true})
	ok(t, err)
	p.people, err = people.New(db.People(), people.Config{Now: p.Clock.Now, Key: key, Origin: "https://tapes.example", Cost: people.Cost{Memory: 8, Passes: 1, Lanes: 1}})
	ok(t, err)
	c := mail.Config{Server: s.config(), From: "Żółw Tapes <post@tapes.example>", Shop: "Żółw", Origin: &url.URL{Scheme: "https", Host: "tapes.example"},
		Now: p.Clock.Now, Log: slog.New(slog.NewTextHandler(&p.log, nil)), Timeout: 5 * time.Second, Every: 10 * time.Millisecond, Shops: p.shop, Catalog: p.Catalog, People: p.people}
	for _, edit := range edits {
		edit(&c)
	}
	p.mailer, err = mail.New(db.Mail(), c)
	ok(t, err)
	return p
}

// order places an order of one copy.
func (p *post) order(t *testing.T, run catalog.RunID, who int) shop.Receipt {
	t.Helper()
	b := storetest.Visitor(who)
	basket, err := p.shop.Hold(t.Context(), b, shop.Want{Run: run, Any: 1})
	ok(t, err)
	r, err := p.shop.Place(t.Context(), storetest.Request(b, fmt.Sprint(who), basket.Copies...))
	ok(t, err)
	return r[0]
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read is a letter's header and text, decoded.
func (l letter) read(t *testing.T) (netmail.Header, string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(l.text))
	ok(t, err)
	var body io.Reader = m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	ok(t, err)
	return m.Header, strings.ReplaceAll(string(text), "\r\n", "\n")
}

func subject(t *testing.T, h netmail.Header) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	ok(t, err)
	return s
}

func TestOrderLetters(t *testing.T) {
	s := newServer(t, true)
	p := newPost(t, s)
	run := p.Run(t, 5)
	r := p.order(t, run.ID, 1)
	send := func(want string, words ...string) {
		t.Helper()
		n, err := p.mailer.Send(t.Context())
		ok(t, err)
		all := s.letters()
		if n != 1 || len(all) == 0 {
			t.Fatalf("%d were sent", n)
		}
		l := all[len(all)-1]
		h, text := l.read(t)
		if !l.tls || l.to != "RCPT TO:<visitor-1@example.org>" || !strings.HasPrefix(l.from, "MAIL FROM:<post@tapes.example>") {
			t.Errorf("sent as %+v", l)
		}
		if got := subject(t, h); !strings.HasPrefix(got, want) {
			t.Errorf("the subject is %q, want %q", got, want)
		}
		if h.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(h.Get("Message-Id"), "@tapes.example>") || h.Get("X-Mailer") != "" {
			t.Errorf("header %v", h)
		}
		for _, w := range append(words, string(r.Order), "https://tapes.example/order/"+string(r.Order)+"/"+r.Secret, "Łódź: Side <b>A</b>, number 1/5", "-- \nŻółw\n") {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the letter does not say %q:\n%s", want, w, text)
			}
		}
	}
	send("Your order "+string(r.Order)+" with Żółw Tapes", "with the reference "+string(r.Order), "10.00")
	_, err := p.shop.MarkPaid(t.Context(), r.Order, "desk")
	ok(t, err)
	send("Paid: ", "these copies are yours")
	_, err = p.shop.MarkPacked(t.Context(), r.Order, "desk")
	ok(t, err)
	send("Packed: ")
	_, err = p.shop.MarkShipped(t.Context(), r.Order, "desk")
	ok(t, err)
	send("On its way: ", "https://tapes.example/claim")
	if n, err := p.mailer.Send(t.Context()); n != 0 || err != nil {
		t.Errorf("what was sent is still there: %d, %v", n, err)
	}
}

// TestOvertaken: what is not true any more is not sent.
func TestOvertaken(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s)
	run := p.Run(t, 5)
	a, b := p.order(t, run.ID, 1), p.order(t, run.ID, 2)
	_, err := p.shop.Cancel(t.Context(), a.Order, "desk")
	ok(t, err)
	p.Clock.Add(6 * 24 * time.Hour) // b was not paid in time
	n, err := p.mailer.Send(t.Context())
	ok(t, err)
	all := s.letters()
	if n != 3 || len(all) != 1 {
		t.Fatalf("of %d notes %d letters were sent, want 3 and 1", n, len(all))
	}
	h, text := all[0].read(t)
	if got := subject(t, h); !strings.HasPrefix(got, "Called off: your order "+string(a.Order)) || strings.Contains(text, string(b.Order)) {
		t.Errorf("the one letter is %q:\n%s", got, text)
	}
}

// TestCopyLetters: an account hears of its copies only by an address that it has shown to be its own.
func TestCopyLetters(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s)
	code, err := pressing.NewClaim(nil)
	ok(t, err)
	salt := strings.Repeat("ab", 32)
	run := p.Run(t, 1, func(r *catalog.Run, _ *shop.Terms) {
		r.Salt, r.Cards = salt, []catalog.Card{{Number: 1, SHA256: pressing.HashClaim(salt, code)}}
	})
	r := p.order(t, run.ID, 1)
	_, err = p.shop.MarkPaid(t.Context(), r.Order, "desk")
	ok(t, err)
	ann, _, err := p.people.SignUp(t.Context(), people.Client{Address: "a"}, people.Entry{Name: "ann", Password: "correct horse battery", Mail: "ann@example.org"})
	ok(t, err)
	bob, _, err := p.people.SignUp(t.Context(), people.Client{Address: "b"}, people.Entry{Name: "bob", Password: "correct horse battery", Mail: "bob@example.org", Display: "Bob"})
	ok(t, err)
	link, err := p.people.MailLink(t.Context(), people.Client{}, ann.ID)
	ok(t, err)
	_, err = p.people.VerifyMail(t.Context(), ann.ID, link.Token)
	ok(t, err)
	_, err = p.shop.Claim(t.Context(), string(ann.ID), code)
	ok(t, err)
	_, err = p.mailer.Send(t.Context())
	ok(t, err)
	all := s.letters()
	if len(all) != 2 { // paid and claimed; placed is overtaken
		t.Fatalf("%d letters", len(all))
	}
	if all[0].to == "RCPT TO:<ann@example.org>" { // both were due at once
		all[0], all[1] = all[1], all[0]
	}
	h, text := all[1].read(t)
	if subject(t, h) != "Yours: Łódź: Side <b>A</b>, number 1/1" || !strings.Contains(text, "https://tapes.example/shelf/"+string(run.ID)+"/1") || !strings.Contains(text, "Hello ann,") {
		t.Errorf("%v\n%s", h, text)
	}
	_, _, err = p.shop.OfferCopy(t.Context(), string(ann.ID), run.ID, 1, string(bob.ID))
	ok(t, err)
	_, err = p.shop.AcceptOwn(t.Context(), string(bob.ID), run.ID, 1)
	ok(t, err)
	n, err := p.mailer.Send(t.Context())
	ok(t, err)
	all = s.letters()
	if n != 3 || len(all) != 3 || all[2].to != "RCPT TO:<ann@example.org>" {
		t.Fatalf("of three notes to ann and bob, who never proved his address, went out: %+v", all[2:])
	}
	if h, _ := all[2].read(t); !strings.HasPrefix(subject(t, h), "Handed on: ") {
		t.Errorf("ann was told %q", subject(t, h))
	}
}

// TestLinks: a link is sent to the address that it proves, and forgotten.
func TestLinks(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.mailer.Run(ctx) }()
	ok(t, p.mailer.Post(t.Context(), mail.Note{Kind: mail.SignIn, Account: "ann", Mail: "ann@example.org", Token: "AbC-123"}))
	ok(t, p.mailer.Post(t.Context(), mail.Note{Kind: mail.VerifyMail, Account: "ann", Mail: "ann@example.org", Token: "DeF-456"}))
	await(t, func() bool { return len(s.letters()) == 2 })
	stop()
	ok(t, <-ended)
	_, one := s.letters()[0].read(t)
	_, two := s.letters()[1].read(t)
	for _, token := range []string{"AbC-123", "DeF-456"} {
		if !strings.Contains(one+two, "https://tapes.example/link/"+token+"\n") {
			t.Errorf("no link with %s in:\n%s%s", token, one, two)
		}
	}
	ok(t, p.DB.View(t.Context(), func(tx *store.Tx) error {
		due, err := tx.DueMails(p.Clock.Now().Add(time.Hour), 10)
		if len(due) != 0 {
			t.Errorf("still there: %+v", due)
		}
		return err
	}))
}

// await waits for what another goroutine does.
func await(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen in 20 s")
		}
	}
}

func (p *post) waiting(t *testing.T, after time.Duration) (notes []mail.Note) {
	t.Helper()
	ok(t, p.DB.Update(t.Context(), func(tx *store.Tx) (err error) { notes, err = tx.DueMails(p.Clock.Now().Add(after), 100); return err }))
	return notes
}

// TestTriedAgain: a no for now is tried again, later each time, under the same Message-ID; after days it is given up and said so.
func TestTriedAgain(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s)
	ok(t, p.mailer.Post(t.Context(), mail.Note{Kind: mail.VerifyMail, Account: "ann", Mail: "ann@example.org", Token: "T"}))
	s.say(func(c string) string {
		if strings.HasPrefix(c, "RCPT") {
			return "451 later"
		}
		return ""
	})
	var waits []time.Duration
	for try := 1; ; try++ {
		n, err := p.mailer.Send(t.Context())
		ok(t, err)
		if n == 0 {
			break
		}
		due := p.waiting(t, 100*24*time.Hour)
		if len(due) == 0 {
			break
		}
		wait := due[0].Next.Sub(p.Clock.Now())
		if due[0].Tries != try || due[0].Reason != "451" {
			t.Fatalf("after try %d: %+v", try, due[0])
		}
		waits = append(waits, wait)
		p.Clock.Add(wait)
	}
	if len(waits) < 48 || waits[0] != time.Minute || waits[1] != 2*time.Minute || waits[len(waits)-1] != time.Hour {
		t.Errorf("it waited %v", waits[:min(8, len(waits))])
	}
	if len(s.letters()) != 0 {
		t.Errorf("%d letters went out", len(s.letters()))
	}
	failed, err := p.mailer.Undelivered(t.Context())
	ok(t, err)
	if len(failed) == 0 || failed[len(failed)-1].Token != "" || failed[len(failed)-1].Mail != "" {
		t.Errorf("given up: %+v", failed)
	}
	if log := p.log.String(); !strings.Contains(log, "a mail was given up") || strings.Contains(log, "example.org") || strings.Contains(log, "visitor") {
		t.Errorf("the log says:\n%s", log)
	}
	s.say(nil)
	p.Clock.Add(31 * 24 * time.Hour)
	if n, err := p.mailer.Send(t.Context()); n != 0 || err != nil || len(s.letters()) != 0 {
		t.Errorf("what was given up was sent: %d, %v", n, err)
	}
	if failed, err = p.mailer.Undelivered(t.Context()); len(failed) != 0 || err != nil {
		t.Errorf("after a month still there: %+v, %v", failed, err)
	}
}

// TestRefused: a no for good ends it at once, for that one alone.
func TestRefused(t *testing.T) {
	for _, at := range []string{"RCPT", "text of RCPT"} {
		s := newServer(t, false)
		p := newPost(t, s)
		run := p.Run(t, 3)
		for who := 1; who <= 3; who++ {
			p.order(t, run.ID, who)
		}
		s.say(func(c string) string {
			if strings.HasPrefix(c, at) && strings.Contains(c, "visitor-2@") {
				return "550 nobody visitor-2@example.org here"
			}
			return ""
		})
		n, err := p.mailer.Send(t.Context())
		ok(t, err)
		failed, err := p.mailer.Undelivered(t.Context())
		ok(t, err)
		if n != 3 || len(failed) != 1 || failed[0].Reason != "550" || len(p.waiting(t, 24*time.Hour)) != 0 {
			t.Errorf("%s: of %d, given up: %+v, waiting %+v", at, n, failed, p.waiting(t, 24*time.Hour))
		}
		if strings.Contains(p.log.String(), "visitor-2") {
			t.Errorf("the log names somebody:\n%s", p.log.String())
		}
	}
}

// TestHang: a server that says nothing costs the timeout and no mail; so does one that drops the line, or cannot be reached.
func TestHang(t *testing.T) {
	for _, how := range []string{"hang", "drop"} {
		s := newServer(t, false)
		p := newPost(t, s, func(c *mail.Config) { c.Timeout = 200 * time.Millisecond })
		p.order(t, p.Run(t, 2).ID, 1)
		for _, at := range []string{"EHLO", "MAIL", "RCPT", "DATA"} {
			s.say(func(c string) string {
				if strings.HasPrefix(c, at) {
					return how
				}
				return ""
			})
			if _, err := p.mailer.Send(t.Context()); err == nil {
				t.Errorf("%s at %s: no error", how, at)
			} else if strings.Contains(err.Error(), "visitor") {
				t.Errorf("%s at %s: the error names somebody: %v", how, at, err)
			}
			p.Clock.Add(2 * time.Hour)
		}
		s.say(nil)
		if n, err := p.mailer.Send(t.Context()); n != 1 || err != nil || len(s.letters()) != 1 {
			t.Errorf("after %s: %d sent, %v, %d letters", how, n, err, len(s.letters()))
		}
	}
}

// TestEnd: the sender ends with its context, also while a server says nothing, and the mail is kept.
func TestEnd(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s, func(c *mail.Config) { c.Timeout = time.Hour })
	p.order(t, p.Run(t, 1).ID, 1)
	s.say(func(c string) string {
		if strings.HasPrefix(c, "MAIL") {
			return "hang"
		}
		return ""
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.mailer.Run(ctx) }()
	await(t, func() bool {
		return strings.HasPrefix(strings.Join(s.commands(), "\n"), "EHLO") && len(s.commands()) > 2
	})
	stop()
	ok(t, <-ended)
	if due := p.waiting(t, time.Hour); len(due) != 1 {
		t.Errorf("%d mails are kept", len(due))
	}
}

// TestRestart: a sender that ends in the middle loses nothing. What the server took without saying so comes twice, with one Message-ID.
func TestRestart(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s)
	run := p.Run(t, 9)
	for who := 1; who <= 9; who++ {
		p.order(t, run.ID, who)
	}
	s.say(func(c string) string {
		if strings.HasPrefix(c, "text of") && strings.Contains(c, "visitor-5@") {
			return "drop"
		}
		return ""
	})
	if _, err := p.mailer.Send(t.Context()); err == nil {
		t.Error("a lost connection is no error")
	}
	s.say(nil)
	p.Clock.Add(time.Hour)
	_, err := p.mailer.Send(t.Context())
	ok(t, err)
	ids := map[string]int{}
	to := map[string]string{}
	for _, l := range s.letters() {
		h, _ := l.read(t)
		ids[h.Get("Message-Id")]++
		to[l.to] = h.Get("Message-Id")
	}
	if len(to) != 9 || len(ids) != 9 || len(s.letters()) != 10 {
		t.Errorf("%d letters with %d Message-IDs to %d people, want 10, 9, 9", len(s.letters()), len(ids), len(to))
	}
	if id := to["RCPT TO:<visitor-5@example.org>"]; ids[id] != 2 {
		t.Errorf("the one in doubt came %d times", ids[id])
	}

	// A process that died while it had the notes: they are due again when its lease is over.
	p.order(t, p.Run(t, 1).ID, 20)
	ok(t, p.DB.Update(t.Context(), func(tx *store.Tx) error {
		due, err := tx.DueMails(p.Clock.Now(), 1)
		if err != nil {
			return err
		}
		due[0].Next = p.Clock.Now().Add(10 * time.Minute)
		return tx.PutMail(due[0])
	}))
	if n, err := p.mailer.Send(t.Context()); n != 0 || err != nil {
		t.Errorf("another sender took it: %d, %v", n, err)
	}
	p.Clock.Add(11 * time.Minute)
	if n, err := p.mailer.Send(t.Context()); n != 1 || err != nil {
		t.Errorf("nobody took it up: %d, %v", n, err)
	}
}

// TestNoPlainText: a server elsewhere that has no TLS gets nothing.
func TestNoPlainText(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s, func(c *mail.Config) { c.Server.Plain = false })
	p.order(t, p.Run(t, 1).ID, 1)
	if _, err := p.mailer.Send(t.Context()); err == nil {
		t.Error("it was sent in the clear")
	}
	for _, c := range s.commands() {
		if strings.HasPrefix(c, "MAIL") || strings.HasPrefix(c, "AUTH") {
			t.Errorf("the server heard %q", c)
		}
	}
}

// TestHostileHeaders: names that try to be headers stay words.
func TestHostileHeaders(t *testing.T) {
	s := newServer(t, false)
	p := newPost(t, s, func(c *mail.Config) { c.Shop = "Shop\r\nBcc: all@example.org" })
	label, err := p.Catalog.AddLabel(t.Context(), catalog.Label{Slug: "evil", Name: "Tapes =?utf-8?q?x?= <b>"})
	ok(t, err)
	_, err = p.Catalog.EditLabel(t.Context(), label.ID, "Tapes =?utf-8?q?x?= <b>", catalog.Profile{HowToPay: "IBAN\r\n.\r\nQUIT\n.\nTo: x@example.org"})
	ok(t, err)
	artist, err := p.Catalog.AddArtist(t.Context(), catalog.Artist{Slug: "evil", Name: ".\u00a0dot"})
	ok(t, err)
	rel, err := p.Catalog.AddRelease(t.Context(), catalog.Release{Label: label.ID, Artist: artist.ID, Slug: "e", Title: ".", CatalogNumber: "E-1"})
	ok(t, err)
	run, err := p.Catalog.Declare(t.Context(), catalog.Run{Release: rel.ID, Copies: 2}, "label")
	ok(t, err)
	ok(t, p.Shop.SetTerms(t.Context(), shop.Terms{Run: run.ID, Price: shop.Money{Minor: 1000, Currency: "EUR"}}))
	p.order(t, run.ID, 1)
	ok(t, p.mailer.Post(t.Context(), mail.Note{Kind: mail.SignIn, Account: "a", Mail: "ann@example.org", Token: "t\r\nBcc: x@example.org"}))
	ok(t, p.mailer.Post(t.Context(), mail.Note{Kind: mail.SignIn, Account: "a", Mail: "ann@example.org\r\nRCPT TO:<eve@example.org>", Token: "t"}))
	ok(t, p.mailer.Post(t.Context(), mail.Note{Kind: mail.SignIn, Account: "a", Mail: "ann@example.org, eve@example.org", Token: "t"}))
	_, err = p.mailer.Send(t.Context())
	ok(t, err)
	if len(s.letters()) != 2 {
		t.Fatalf("%d letters", len(s.letters()))
	}
	for _, l := range s.letters() {
		h, text := l.read(t)
		for name := range h {
			switch name {
			case "Subject", "From", "To", "Date", "Message-Id", "Auto-Submitted", "Mime-Version", "Content-Type", "Content-Transfer-Encoding":
			default:
				t.Errorf("a header %q: %q", name, h[name])
			}
		}
		if len(h["To"]) != 1 || strings.Contains(h.Get("To"), "eve") || !strings.Contains(text, "Shop Bcc: all@example.org") {
			t.Errorf("%v\n%s", h, text)
		}
	}
	for _, c := range s.commands() {
		if strings.Contains(c, "eve@") || strings.Contains(c, "x@example") {
			t.Errorf("the server heard %q", c)
		}
	}
	failed, err := p.mailer.Undelivered(t.Context())
	ok(t, err)
	if len(failed) != 2 {
		t.Errorf("%d were given up, want the two with no address", len(failed))
	}
}

func TestParseServer(t *testing.T) {
	for address, want := range map[string]mail.Server{
		"smtp://ann:p%40ss@mail.example":  {Host: "mail.example", Port: 587, User: "ann", Password: "p@ss"},
		"smtps://mail.example":            {Host: "mail.example", Port: 465, Implicit: true},
		"smtp://localhost:1025":           {Host: "localhost", Port: 1025, Plain: true},
		"smtp://[::1]":                    {Host: "::1", Port: 587, Plain: true},
		"http://mail.example":             {},
		"mail.example":                    {},
		"smtp://mail.example:0":           {},
		"smtp://ann:secret@mail.example/": {},
		"smtp://":                         {},
	} {
		s, err := mail.ParseServer(address)
		if (err == nil) != (want.Host != "") || err == nil && s != want {
			t.Errorf("%s: %+v, %v", address, s, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}
