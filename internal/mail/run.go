package mail

import (
	"context"
	"errors"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"ferric/internal/fault"
)

const (
	atOnce   = 20               // notes of one connection
	lease    = 10 * time.Minute // how long a note is one sender's; after a crash it is due again
	remember = 30 * 24 * time.Hour
	first    = time.Minute // before the second try, doubled each time
	longest  = time.Hour
)

// Run sends what is due until the context ends. Only one try is under way at a time.
func (m *Mailer) Run(ctx context.Context) error {
	tick := time.NewTicker(m.cfg.Every)
	defer tick.Stop()
	for {
		for more := true; more && ctx.Err() == nil; {
			n, err := m.Send(ctx)
			if err != nil && ctx.Err() == nil {
				m.cfg.Log.Warn("mails wait", "cause", err.Error())
			}
			more = err == nil && n == atOnce
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-m.wake:
		}
	}
}

// Send tries the mails that are due now, at most a few over one connection, and
// says how many it took from the outbox. An error means that the server could not be talked to; they stay for later.
func (m *Mailer) Send(ctx context.Context) (int, error) {
	now := m.clock()
	var due []Note
	err := m.store.Update(ctx, func(tx Tx) (err error) {
		if err := tx.ForgetMails(now.Add(-remember)); err != nil {
			return err
		}
		if due, err = tx.DueMails(now, atOnce); err != nil {
			return err
		}
		for i := range due {
			due[i].Next = now.Add(lease)
			due[i].Tries++
			if err := tx.PutMail(due[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	letters := make([]Letter, 0, len(due))
	for _, n := range due {
		l, err := m.write(ctx, n, now)
		switch {
		case err == nil:
			letters = append(letters, l)
		case errors.Is(err, errOvertaken) || fault.Is(err, fault.NotFound):
			if err := m.done(n); err != nil {
				return 0, err
			}
		default:
			if err := m.later(n, now, "", err.Error()); err != nil {
				return 0, err
			}
		}
	}
	if len(letters) == 0 {
		return len(due), nil
	}
	return len(due), m.deliver(ctx, letters, now)
}

// deliver hands letters to the server over one connection.
func (m *Mailer) deliver(ctx context.Context, letters []Letter, now time.Time) error {
	c, conn, err := m.dial(ctx)
	if err != nil {
		for _, l := range letters {
			if err := m.later(l.Note, now, "", "no connection"); err != nil {
				return err
			}
		}
		return cause("connect", err)
	}
	defer c.CloseWithSMTPClient(conn)
	defer context.AfterFunc(ctx, func() { conn.Text.Close() })() // nobody waits for a server that says nothing
	var lost error
	for _, l := range letters {
		if lost != nil || ctx.Err() != nil { // these were not tried
			l.Note.Tries--
			if err := m.later(l.Note, now, "", "not tried"); err != nil {
				return err
			}
			continue
		}
		msg, err := m.message(l, now)
		if err != nil {
			if err := m.later(l.Note, now, "5", "not a mail address"); err != nil {
				return err
			}
			continue
		}
		err = c.SendWithSMTPClient(conn, msg)
		if err == nil || msg.IsDelivered() { // a hiccup after the server's yes is no reason to send it twice
			err = m.done(l.Note)
		} else {
			var s *gomail.SendError
			code := 0
			if errors.As(err, &s) {
				code = s.ErrorCode()
			}
			if code == 0 {
				lost = cause("send", err)
			}
			err = m.later(l.Note, now, digits(code), digits(code))
		}
		if err != nil {
			return err
		}
	}
	return lost
}

// dial connects to the server.
func (m *Mailer) dial(ctx context.Context) (*gomail.Client, *smtp.Client, error) {
	c, err := m.client()
	if err != nil {
		return nil, nil, err
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	return c, conn, err
}

// done removes a note, also while the program is ending: the mail has gone out.
func (m *Mailer) done(n Note) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return m.store.Update(ctx, func(tx Tx) error { return tx.DropMail(n.ID) })
}

// later puts a note back for another try, or gives it up: at once when the answer begins with 5, otherwise after days.
func (m *Mailer) later(n Note, now time.Time, answer, reason string) error {
	wait := first
	for i := 1; i < n.Tries && wait < longest; i++ {
		wait *= 2
	}
	n.Next, n.Reason = now.Add(min(wait, longest)), reason
	if strings.HasPrefix(answer, "5") || n.Next.Sub(n.Made) > m.cfg.GiveUp || n.link() && n.Next.Sub(n.Made) > linkFor {
		n.Failed = now
		n.Mail, n.Token = "", ""
		m.cfg.Log.Error("a mail was given up", "mail", n.ID, "kind", string(n.Kind), "tries", n.Tries, "answer", reason)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return m.store.Update(ctx, func(tx Tx) error { return tx.PutMail(n) })
}

// linkFor is how long a link is worth sending.
const linkFor = 48 * time.Hour

func (n Note) link() bool { return n.Kind == SignIn || n.Kind == VerifyMail }

// cause keeps of a mail server's error what names nobody: errors of the library quote recipients.
func cause(doing string, err error) error {
	var s *gomail.SendError
	if errors.As(err, &s) {
		return errors.New(doing + ": " + s.Reason.String())
	}
	return errors.New(doing + ": " + line(err.Error()))
}

func digits(code int) string {
	if code < 400 || code > 599 {
		return "no answer"
	}
	return string([]byte{byte('0' + code/100), byte('0' + code/10%10), byte('0' + code%10)})
}
