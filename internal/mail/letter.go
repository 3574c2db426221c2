package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"ferric/internal/catalog"
	"ferric/internal/parcel"
	"ferric/internal/people"
	"ferric/internal/shop"
)

// Letter is a note written out.
type Letter struct {
	Note    Note
	To      string
	Subject string
	Text    string
}

// errOvertaken says that a note has nothing to tell any more, or nobody to tell it to.
var errOvertaken = errors.New("overtaken by events")

// write reads what is true now and writes it down.
func (m *Mailer) write(ctx context.Context, n Note, now time.Time) (Letter, error) {
	l := Letter{Note: n}
	var err error
	switch {
	case n.Order != "":
		err = m.aboutOrder(ctx, &l, now)
	case n.link():
		m.aboutLink(&l)
	default:
		err = m.aboutCopy(ctx, &l)
	}
	if err == nil && (l.To == "" || l.Subject == "") {
		err = errOvertaken
	}
	return l, err
}

// paragraphs are lines of a letter with an empty one between.
func paragraphs(ps ...string) string {
	var b strings.Builder
	for _, p := range ps {
		if p = strings.Trim(p, "\n"); p != "" {
			b.WriteString(p + "\n\n")
		}
	}
	return b.String()
}

// sign ends every letter.
func (m *Mailer) sign() string {
	return "-- \n" + line(m.cfg.Shop) + "\n" + m.address("/")
}

func (m *Mailer) address(path string) string {
	return (&url.URL{Scheme: m.cfg.Origin.Scheme, Host: m.cfg.Origin.Host}).String() + path
}

// aboutOrder tells an order's buyer what it has come to, when it is still there.
func (m *Mailer) aboutOrder(ctx context.Context, l *Letter, now time.Time) error {
	o, err := m.cfg.Shops.Order(ctx, l.Note.Order)
	if err != nil {
		return err
	}
	sent, err := m.sent(ctx, o.ID)
	if err != nil {
		return err
	}
	lost := l.Note.Kind == Kind(parcel.LostParcel)
	if lost && (o.State != shop.Shipped || sent.Lost.IsZero()) || !lost && (Kind(o.State) != l.Note.Kind || o.Shown(now) == shop.Lapsed) {
		return errOvertaken
	}
	label, err := m.cfg.Catalog.Label(ctx, o.Label)
	if err != nil {
		return err
	}
	copies, err := m.list(ctx, o)
	if err != nil {
		return err
	}
	name := line(label.Name)
	page := "Your order, for as long as the shop stands:\n" + m.address("/order/"+string(o.ID)+"/"+m.cfg.Shops.Secret(o.ID)) + "\nWhoever has this address can see the order; please keep it to yourself."
	claim := "The card inside has a code. It makes the copy yours by name:\n" + m.address("/claim")
	hello := "Hello,"
	var ps []string
	state := o.State
	if lost {
		state = shop.OrderState(parcel.LostParcel)
	}
	switch state {
	case shop.OrderState(parcel.LostParcel):
		l.Subject = fmt.Sprintf("Lost on the way: your order %s with %s", o.ID, name)
		ps = []string{name + " has given this parcel up as lost. We are sorry.", copies, block(sent.Note), tracked(sent),
			"The numbers in it are void for good, so that nobody else can claim them. Please agree with " + name + " what you get instead.", page}
	case shop.Placed:
		l.Subject = fmt.Sprintf("Your order %s with %s", o.ID, name)
		how := "Please pay " + o.Total.String() + " by transfer, with the reference " + string(o.ID) + ", so that it has arrived by " + day(o.PayBy) + "."
		if o.Method == shop.Cash {
			how = "Please pay " + o.Total.String() + " in cash at the show by " + day(o.PayBy) + ", and name the reference " + string(o.ID) + "."
		}
		ps = []string{"thank you. These copies are set aside for you:", copies, how, block(label.HowToPay), "When it has come, " + name + " marks it and you hear from us. What is not paid by then goes back to the grid.", page}
	case shop.Paid:
		l.Subject = fmt.Sprintf("Paid: your order %s with %s", o.ID, name)
		ps = []string{"your money has come, and these copies are yours:", copies, name + " packs them next.", page}
	case shop.Packed:
		l.Subject = fmt.Sprintf("Packed: your order %s with %s", o.ID, name)
		ps = []string{"your parcel is packed:", copies, page}
	case shop.Shipped:
		l.Subject = fmt.Sprintf("On its way: your order %s with %s", o.ID, name)
		ps = []string{"your parcel is on its way:", copies, tracked(sent), claim, page}
	case shop.Returned:
		l.Subject = fmt.Sprintf("Come back: your order %s with %s", o.ID, name)
		ps = []string{"all of this order has come back to " + name + ":", copies, page}
	case shop.Cancelled:
		l.Subject = fmt.Sprintf("Called off: your order %s with %s", o.ID, name)
		money := "Nothing was paid, so there is nothing more to do."
		if !o.PaidAt.IsZero() {
			money = name + " owes you " + o.Total.String() + " back."
		}
		ps = []string{"this order was called off, and its copies went back to the grid:", copies, money, page}
	case shop.RefundDue:
		l.Subject = fmt.Sprintf("Your money for order %s comes back", o.ID)
		ps = []string{"your money came after " + day(o.PayBy) + ", and by then not all of these were left:", copies, name + " owes you " + o.Total.String() + " back. We are sorry.", page}
	default:
		return errOvertaken
	}
	l.To = o.Mail
	l.Text = paragraphs(append(append([]string{hello}, ps...), m.sign())...)
	return nil
}

// sent is how an order travels, as far as somebody writes it down.
func (m *Mailer) sent(ctx context.Context, id shop.OrderID) (parcel.Sent, error) {
	if m.cfg.Parcels == nil {
		return parcel.Sent{}, nil
	}
	return m.cfg.Parcels.Sent(ctx, id)
}

// tracked is the carrier's number for a parcel in a sentence; nothing when there is none.
func tracked(s parcel.Sent) string {
	switch {
	case s.Tracking == "":
		return ""
	case s.Carrier == "":
		return "Its tracking number is " + line(s.Tracking) + "."
	}
	return "Its tracking number with " + line(s.Carrier) + " is " + line(s.Tracking) + "."
}

// list is an order's copies, a line each.
func (m *Mailer) list(ctx context.Context, o shop.Order) (string, error) {
	var b strings.Builder
	for _, ln := range o.Lines {
		what, err := m.called(ctx, ln.Run, ln.Number)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "  %s, %s\n", what, shop.Money{Minor: ln.Minor, Currency: o.Total.Currency})
	}
	return b.String(), nil
}

// called is what a copy is called in a line: "Łódź: Side A, number 17/100".
func (m *Mailer) called(ctx context.Context, run catalog.RunID, number int) (string, error) {
	r, err := m.cfg.Catalog.Run(ctx, run)
	if err != nil {
		return "", err
	}
	rel, err := m.cfg.Catalog.Release(ctx, r.Release)
	if err != nil {
		return "", err
	}
	artist, err := m.cfg.Catalog.Artist(ctx, rel.Artist)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %s, number %s", line(artist.Name), line(rel.Title), r.Label(number)), nil
}

// aboutCopy tells an account what became of a copy. It hears only by an address that it has shown to be its own.
func (m *Mailer) aboutCopy(ctx context.Context, l *Letter) error {
	a, err := m.cfg.People.Account(ctx, l.Note.Account)
	if err != nil {
		return err
	}
	if !a.Verified || a.Mail == "" {
		return errOvertaken
	}
	what, err := m.called(ctx, l.Note.Run, l.Note.Number)
	if err != nil {
		return err
	}
	copy, _, err := m.cfg.Catalog.Copy(ctx, l.Note.Run, l.Note.Number)
	if err != nil {
		return err
	}
	mine := people.ID(copy.Owner) == a.ID
	page := m.address(fmt.Sprintf("/shelf/%s/%d", l.Note.Run, l.Note.Number))
	var ps []string
	switch shop.NoticeKind(l.Note.Kind) {
	case shop.Claimed, shop.Got:
		if !mine {
			return errOvertaken
		}
		l.Subject = "Yours: " + what
		ps = []string{"this copy is yours now:", "  " + what, "Its page on your shelf, with the certificate that proves it, also without this shop:\n" + page}
	case shop.Offered:
		if mine {
			return errOvertaken
		}
		l.Subject = "Somebody offers you " + what
		ps = []string{"its owner would like to hand this copy on to you:", "  " + what, "Say yes or no on your shelf:\n" + m.address("/shelf")}
	case shop.Given:
		if mine {
			return errOvertaken
		}
		l.Subject = "Handed on: " + what
		ps = []string{"the one you offered it to has said yes. This copy is theirs now:", "  " + what, "If that was not you, please write to the shop."}
	default:
		return errOvertaken
	}
	l.To = a.Mail
	l.Text = paragraphs(append(append([]string{"Hello " + line(a.Called()) + ","}, ps...), m.sign())...)
	return nil
}

// aboutLink writes a link to the address that it is for.
func (m *Mailer) aboutLink(l *Letter) {
	n := l.Note
	link := m.address("/link/" + url.PathEscape(n.Token))
	ps := []string{"Hello,", "with this link you sign in. It works once, and not for long:", link, "If you did not ask for it, do nothing: without the link nobody can use it."}
	l.Subject = "Sign in to " + line(m.cfg.Shop)
	if n.Kind == VerifyMail {
		l.Subject = "Is this your address? " + line(m.cfg.Shop)
		ps = []string{"Hello,", "somebody gave this address as theirs. If that was you, open this link, once:", link, "If it was not, do nothing, and the address is not used."}
	}
	l.To = n.Mail
	l.Text = paragraphs(append(ps, m.sign())...)
}

// block is a text of several lines from a stranger, set in by two spaces.
func block(s string) string {
	var b strings.Builder
	for _, one := range strings.Split(s, "\n") {
		if one = line(one); one != "" {
			b.WriteString("  " + one + "\n")
		}
	}
	return b.String()
}

func day(t time.Time) string { return t.UTC().Format("Monday, 2 January 2006, 15:04 UTC") }

// message is a letter as it is sent. What strangers wrote stands in it only as a header's encoded text or in the body.
func (m *Mailer) message(l Letter, now time.Time) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from := m.from
	msg.FromMailAddress(&from)
	if err := msg.To(l.To); err != nil {
		return nil, err
	}
	if len(msg.GetTo()) != 1 {
		return nil, errors.New("not one address")
	}
	msg.Subject(line(l.Subject))
	msg.SetDateWithValue(now)
	msg.SetMessageIDWithValue(l.Note.ID + "@" + m.cfg.Origin.Hostname())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no answering machine answers
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	return msg, nil
}

// client makes a connection's settings.
func (m *Mailer) client() (*gomail.Client, error) {
	s := m.cfg.Server
	opts := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(m.cfg.Timeout), gomail.WithHELO(m.cfg.Origin.Hostname()),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12})}
	switch {
	case s.Plain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case s.Implicit:
		opts = append(opts, gomail.WithSSL())
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(s.Host, opts...)
}
