package web

import (
	"bytes"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/journal"
)

// statementsView is whom a label owes what, and the form that pays them.
type statementsView struct {
	deskView
	From, To string
	Own      journal.Statement
	Lines    []owedLine
	Err      error
	Form     string
	Key      string
	Pay      payForm
}

// owedLine is a payee with what they are owed, by currency.
type owedLine struct {
	Payee journal.Payee
	Owed  []string
	Path  string
}

type payForm struct{ Payee, Amount, Currency, Note string }

func (s statementsView) of(form string) error {
	if s.Form == form {
		return s.Err
	}
	return nil
}

func (w *Web) statementsView(v *visit) (s statementsView, err error) {
	s = statementsView{deskView: v.deskView(tabBooks), Key: journal.NewKey()}
	q := v.r.URL.Query()
	s.From, s.To = clip(q.Get("from"), 20), clip(q.Get("to"), 20)
	if s.From == "" && s.To == "" { // this year
		s.From, s.To = v.Now.UTC().Format("2006")+"-01-01", v.Now.UTC().Format("2006")+"-12-31"
	}
	read, err := w.cfg.Books.Read(v.r.Context(), v.Label.ID, time.Time{})
	if err != nil {
		return s, err
	}
	end := v.Now.Add(time.Minute) // everything there is
	s.Own = read.Statement(journal.Payee{}, time.Time{}, end)
	for _, p := range read.Payees {
		l := owedLine{Payee: p, Path: s.path("books", "statements", string(p.ID), "page")}
		for _, part := range s.Own.Sections {
			for _, o := range part.Owed {
				if o.Payee == p.ID {
					l.Owed = append(l.Owed, cash(o.Minor, part.Currency))
				}
			}
		}
		s.Lines = append(s.Lines, l)
	}
	s.Pay.Currency = w.bookMoney(v, read.Runs)
	return s, nil
}

func (w *Web) statements(v *visit) error {
	s, err := w.statementsView(v)
	if err != nil {
		return err
	}
	return v.show(s.page("Statements"), statementsPage(s))
}

func (w *Web) payout(v *visit) error {
	f := payForm{v.text("payee"), v.text("amount"), v.text("currency"), v.text("note")}
	m, err := readMoney("amount", f.Amount, f.Currency)
	if err == nil {
		err = w.cfg.Books.Pay(v.r.Context(), v.Label.ID, v.text("key"), journal.PayeeID(clip(f.Payee, 64)), m.Currency, m.Minor, f.Note)
		if fault.Is(err, fault.NotFound) {
			err = fault.Field("payee", "Please choose who was paid.")
		}
	}
	if err != nil {
		s, err2 := w.statementsView(v)
		if err2 != nil {
			return err2
		}
		s.Form, s.Err, s.Pay = "pay", err, f
		return v.again(err, s.page("Statements"), statementsPage(s))
	}
	return v.say(v.deskView(tabBooks).path("books", "statements"), "Written down: "+money(m)+" paid out.")
}

// statementView is one statement.
type statementView struct {
	deskView
	journal.Statement
	Name     string
	From, To string // days, as typed
}

// own says that it is the label's.
func (s statementView) own() bool { return s.Payee.ID == "" }

func (s statementView) here(form string) string {
	who := string(s.Payee.ID)
	if s.own() {
		who = "label"
	}
	return s.path("books", "statements", who, form) + query("from", s.From, "to", s.To)
}

func (s statementView) runName(id catalog.RunID) string { return runName(s.Runs[id]) }

func (w *Web) statement(v *visit) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	form := v.path("form")
	if form != "page" && form != "pdf" && form != "csv" {
		return fault.New(fault.NotFound, "A statement comes as page, pdf or csv.")
	}
	from, to, err := period(q)
	if err != nil {
		return err
	}
	s := statementView{deskView: v.deskView(tabBooks), Name: v.Label.Name, From: clip(q.Get("from"), 20), To: clip(q.Get("to"), 20)}
	var payee journal.Payee
	if who := v.path("payee"); who != "label" {
		if payee, err = w.cfg.Books.PayeeOf(ctx, v.Label.ID, journal.PayeeID(clip(who, 64))); err != nil {
			return err
		}
		s.Name = payee.Name
	}
	if to.IsZero() { // up to the end of today
		day := v.Now.UTC().Truncate(24 * time.Hour)
		to, s.To = day.AddDate(0, 0, 1), day.Format(time.DateOnly)
	}
	read, err := w.cfg.Books.Read(ctx, v.Label.ID, to)
	if err != nil {
		return err
	}
	s.Statement = read.Statement(payee, from, to)
	if form == "page" {
		return v.show(s.page("Statement of "+s.Name), statementPage(s))
	}
	var b bytes.Buffer
	name := strings.Trim("statement-"+v.Label.Slug+"-"+s.From+"-"+s.To, "-") + "." + form
	if form == "csv" {
		if err := s.WriteCSV(&b); err != nil {
			return err
		}
		return v.attach(name, "text/csv; charset=utf-8", b.Bytes())
	}
	if err := s.WritePDF(&b, v.Label.Name); err != nil {
		return err
	}
	return v.attach(name, "application/pdf", b.Bytes())
}

// periodWords say when a statement is of.
func (s statementView) periodWords() string {
	last := day(s.Statement.To.Add(-time.Second))
	if s.Statement.From.IsZero() {
		return "from the beginning to " + last
	}
	return day(s.Statement.From) + " to " + last
}
