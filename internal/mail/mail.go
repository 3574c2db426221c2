// Package mail sends what people should hear of: that an order was placed, paid
// or sent, that a copy is theirs, and the links by which they sign in.
//
// A mail begins as a row in the outbox, a [Note], written in the transaction of
// what it tells of. It names people and things by ids. [Mailer.Run] takes the rows
// that are due, reads what is true by then (package shop, catalog, people), writes
// the letter and hands it to the shop's mail server. A letter that events have
// overtaken is not sent: nobody is asked to pay for an order that was called off meanwhile.
//
// SMTP promises delivery at least once (RFC 5321, 4.2.5: a server that has taken
// a message is responsible for it; a connection lost before that answer leaves the sender
// unsure). So a row is removed only after the server said yes, and every try of one row
// has the same Message-ID, by which a reader's program can tell the second one.
//
// A refusal for good (5xx) of the recipient or the text ends the tries at once;
// anything else is tried again, later each time, for days. What was given up
// stays in the list of [Mailer.Undelivered] for a while. Nothing is sent unless a server was configured.
package mail

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/parcel"
	"ferric/internal/people"
	"ferric/internal/shop"
)

// Kind is what a note tells of: a shop.NoticeKind, or one of the links below.
type Kind string

// The kinds of notes that carry a link by which an account does something.
const (
	SignIn     Kind = "sign-in"     // signs in
	VerifyMail Kind = "verify-mail" // shows that the address is theirs
)

// Note is one row of the outbox.
type Note struct {
	ID      string // random; also the local part of the Message-ID
	Kind    Kind
	Order   shop.OrderID
	Run     catalog.RunID
	Number  int
	Account people.ID
	Mail    string // the address, of links; otherwise that of the order or the account
	Token   string // of links
	Made    time.Time
	Next    time.Time // when it is due
	Tries   int
	Failed  time.Time // when it was given up; zero before
	Reason  string    // why the last try failed; the server's number and no more
}

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is one transaction on the outbox.
type Tx interface {
	InsertMail(Note) error
	DueMails(now time.Time, n int) ([]Note, error) // not given up, the longest due first, passing over those that others are at
	PutMail(Note) error                            // its next, tries, failed and reason; nothing when it is gone
	DropMail(id string) error
	FailedMails(n int) ([]Note, error)  // given up, the latest first
	ForgetMails(before time.Time) error // drops those given up before
}

// Config is how mails are sent. Zero fields mean the default in brackets.
type Config struct {
	Server  Server
	From    string           // "Viaduct Tapes <post@tapes.example>"; needed
	Shop    string           // the shop's name, in letters ["Ferric"]
	Origin  *url.URL         // the shop's address, for links; needed
	Now     func() time.Time // needed
	Log     *slog.Logger     // hears what could not be sent, without naming anybody; needed
	Timeout time.Duration    // for each step of a delivery [30 s]
	GiveUp  time.Duration    // how long a mail is tried [4 days, as RFC 5321 4.5.4.1 asks at least]
	Every   time.Duration    // how often the outbox is looked at [5 s]

	Shops   *shop.Shop // needed, as are the two below
	Catalog *catalog.Catalog
	People  *people.People
	Parcels *parcel.Desk // how orders travel [not said]
}

// Server is the mail server that takes the shop's mails.
type Server struct {
	Host     string
	Port     int
	Implicit bool // TLS from the first byte (port 465, RFC 8314), not by STARTTLS
	Plain    bool // no TLS at all: only for a server on this machine
	User     string
	Password string
	Roots    *x509.CertPool // whose word on the server's certificate is believed [the system's]
}

// ParseServer reads "smtp://user:password@host:587" or "smtps://host:465". A server on this machine
// itself is talked to without TLS: there is no way between.
func ParseServer(address string) (Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return Server{}, errors.New("a mail server is written smtp://user:password@host:587 or smtps://host:465") // never what was given: it has the password
	}
	s := Server{Host: u.Hostname(), User: u.User.Username()}
	s.Password, _ = u.User.Password()
	ip := net.ParseIP(s.Host)
	switch u.Scheme {
	case "smtp":
		s.Port, s.Plain = 587, s.Host == "localhost" || ip != nil && ip.IsLoopback()
	case "smtps":
		s.Port, s.Implicit = 465, true
	default:
		return Server{}, errors.New("a mail server's address begins with smtp:// or smtps://")
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			return Server{}, errors.New("the mail server's port is not a number from 1 to 65535")
		}
	}
	return s, nil
}

// Mailer sends the outbox. It is safe for use by many goroutines.
type Mailer struct {
	cfg   Config
	store Store
	from  netmail.Address
	wake  chan struct{}
}

// New makes a mailer.
func New(store Store, c Config) (*Mailer, error) {
	if c.Origin == nil || c.Now == nil || c.Log == nil || c.Shops == nil || c.Catalog == nil || c.People == nil || c.Server.Host == "" {
		return nil, errors.New("mail: a server, the shop's address, a clock, a log and the domains are needed")
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, errors.New("the sender of mails is not an address such as: Viaduct Tapes <post@tapes.example>")
	}
	from.Name = line(from.Name)
	if c.Shop == "" {
		c.Shop = "Ferric"
	}
	c.Timeout = or(c.Timeout, 30*time.Second)
	c.GiveUp = or(c.GiveUp, 4*24*time.Hour)
	c.Every = or(c.Every, 5*time.Second)
	return &Mailer{cfg: c, store: store, from: *from, wake: make(chan struct{}, 1)}, nil
}

func or(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// Post puts a note into the outbox by itself: for links, which nothing else happens with.
func (m *Mailer) Post(ctx context.Context, n Note) error {
	n.ID, n.Made = rand.Text(), m.clock()
	n.Next = n.Made
	err := m.store.Update(ctx, func(tx Tx) error { return tx.InsertMail(n) })
	if err == nil {
		select {
		case m.wake <- struct{}{}:
		default:
		}
	}
	return err
}

// Undelivered are mails that were given up in the last month, the latest first, at most 100.
func (m *Mailer) Undelivered(ctx context.Context) (notes []Note, err error) {
	err = m.store.View(ctx, func(tx Tx) error { notes, err = tx.FailedMails(100); return err })
	return notes, err
}

// clock reads the time in the precision that is stored.
func (m *Mailer) clock() time.Time { return m.cfg.Now().UTC().Truncate(time.Microsecond) }

// line makes a text of strangers fit for one line of a mail: no breaks, nothing hidden, of bounded length.
func line(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if catalog.Hidden(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:199]) + "…"
	}
	return s
}
