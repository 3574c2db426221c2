package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/journal"
)

// Journal is the storage of package journal.
func (db *DB) Journal() Of[journal.Tx] { return Of[journal.Tx]{db} }

var (
	_ journal.Store = Of[journal.Tx]{}
	_ journal.Tx    = (*Tx)(nil)
)

// InsertJournal adds an entry with its lines.
func (tx *Tx) InsertJournal(c journal.Checked) error {
	e := c.Entry()
	n, err := tx.c.Exec(`INSERT INTO journal (kind, reference, label_id, at, note) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		e.Kind, e.Reference, e.Label, micros(e.At), e.Note)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "This is in the books already. Nothing was written twice.")
	}
	args := make([]any, 0, 9*len(e.Lines))
	for i, l := range e.Lines {
		args = append(args, e.Kind, e.Reference, i, l.Account, l.Run, l.Payee, l.Currency, l.Minor, l.Copies)
	}
	return tx.rows(`INSERT INTO journal_line (kind, reference, line, account, run_id, payee_id, currency, minor, copies)`, len(e.Lines), args)
}

// JournalEntry reads one entry.
func (tx *Tx) JournalEntry(kind journal.Kind, reference string) (e journal.Entry, err error) {
	var at int64
	found, err := tx.one([]any{&e.Kind, &e.Reference, &e.Label, &at, &e.Note},
		`SELECT kind, reference, label_id, at, note FROM journal WHERE kind = $1 AND reference = $2`, kind, reference)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such entry in the books.")
	}
	if err != nil {
		return e, err
	}
	e.At = fromMicros(at)
	err = tx.c.Query(func(scan func(...any) error) error {
		var l journal.Line
		err := scan(&l.Account, &l.Run, &l.Payee, &l.Currency, &l.Minor, &l.Copies)
		e.Lines = append(e.Lines, l)
		return err
	}, `SELECT account, run_id, payee_id, currency, minor, copies FROM journal_line WHERE kind = $1 AND reference = $2 ORDER BY line`, kind, reference)
	return e, err
}

// Ends of a field, of a line and of an entry in the one text that a journal is read as. No id, account or currency holds one, and notes
// are read apart.
const (
	fieldEnd = "\x1f"
	lineEnd  = "\x1e"
)

// Journal reads entries of a label with their lines. A row costs more than the numbers in it, so the lines of an entry come as one
// text with it.
func (tx *Tx) Journal(q journal.Query) (entries []journal.Entry, err error) {
	args := []any{q.Label, fieldEnd, lineEnd}
	where := `j.label_id = $1`
	and := func(condition string, arg any) {
		args = append(args, arg)
		where += ` AND ` + strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args)))
	}
	if !q.From.IsZero() {
		and(`j.at >= ?`, micros(q.From))
	}
	if !q.To.IsZero() {
		and(`j.at < ?`, micros(q.To))
	}
	if q.Kind != "" {
		and(`j.kind = ?`, q.Kind)
	}
	if q.Run != "" {
		and(`EXISTS (SELECT 1 FROM journal_line r WHERE r.kind = j.kind AND r.reference = j.reference AND r.run_id = ?)`, q.Run)
	}
	if q.Owing {
		where += ` AND EXISTS (SELECT 1 FROM journal_line b WHERE b.kind = j.kind AND b.reference = j.reference AND b.account = 'buyers')`
	}
	order := ` ORDER BY j.at, j.kind, j.reference`
	if q.Newest {
		order = ` ORDER BY j.at DESC, j.kind DESC, j.reference DESC`
	}
	if q.Most > 0 {
		args = append(args, q.Most, q.Skip)
		order += fmt.Sprintf(` LIMIT $%d OFFSET $%d`, len(args)-1, len(args))
	}
	err = tx.c.Query(func(scan func(...any) error) error {
		e := journal.Entry{Label: q.Label}
		var at int64
		var lines string
		if err := scan(&e.Kind, &e.Reference, &at, &e.Note, &lines); err != nil {
			return err
		}
		e.At = fromMicros(at)
		if e.Lines, err = readLines(lines); err != nil {
			return fmt.Errorf("journal %s: %w", e.ID(), err)
		}
		entries = append(entries, e)
		return nil
	}, `SELECT j.kind, j.reference, j.at, j.note, (SELECT string_agg(l.account || CAST($2 AS TEXT) || l.run_id || CAST($2 AS TEXT) || l.payee_id || CAST($2 AS TEXT) || l.currency ||
		CAST($2 AS TEXT) || CAST(l.minor AS TEXT) || CAST($2 AS TEXT) || CAST(l.copies AS TEXT), CAST($3 AS TEXT) ORDER BY l.line)
		FROM journal_line l WHERE l.kind = j.kind AND l.reference = j.reference) FROM journal j WHERE `+where+order, args...)
	return entries, err
}

// readLines reads the lines of an entry from their one text.
func readLines(text string) ([]journal.Line, error) {
	lines := make([]journal.Line, 0, strings.Count(text, lineEnd)+1)
	for more := true; more; {
		var one string
		one, text, more = strings.Cut(text, lineEnd)
		part := func() (s string) { s, one, _ = strings.Cut(one, fieldEnd); return s }
		l := journal.Line{Account: journal.Account(part()), Run: catalog.RunID(part()), Payee: journal.PayeeID(part()), Currency: part()}
		var err error
		if l.Minor, err = strconv.ParseInt(part(), 10, 64); err != nil {
			return nil, err
		}
		if l.Copies, err = strconv.Atoi(one); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// BookRuns reads all runs of a label, the newest release first.
func (tx *Tx) BookRuns(label catalog.LabelID) (runs []journal.Run, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var r journal.Run
		err := scan(&r.ID, &r.Release, &r.Slug, &r.Title, &r.Catalogue, &r.Ordinal, &r.Copies, &r.Runs)
		runs = append(runs, r)
		return err
	}, `SELECT u.id, r.id, r.slug, r.title, r.catalog_number, u.ordinal, u.copies, (SELECT count(*) FROM run n WHERE n.release_id = r.id)
		FROM release r JOIN run u ON u.release_id = r.id WHERE r.label_id = $1 ORDER BY r.created_at DESC, r.id, u.ordinal DESC`, label)
	return runs, err
}

// Payees reads whom a label pays.
func (tx *Tx) Payees(label catalog.LabelID) (payees []journal.Payee, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		p := journal.Payee{Label: label}
		var created int64
		err := scan(&p.ID, &p.Name, &created)
		p.Created = fromMicros(created)
		payees = append(payees, p)
		return err
	}, `SELECT id, name, created_at FROM payee WHERE label_id = $1 ORDER BY id`, label)
	journal.ByName(payees)
	return payees, err
}

// InsertPayee adds a payee.
func (tx *Tx) InsertPayee(p journal.Payee) error {
	return tx.put(`INSERT INTO payee (id, label_id, name, created_at) VALUES ($1, $2, $3, $4)`, p.ID, p.Label, p.Name, micros(p.Created))
}

// Deals reads all versions of the deals of a label's releases.
func (tx *Tx) Deals(label catalog.LabelID) (map[catalog.ReleaseID][]journal.Deal, error) {
	deals := map[catalog.ReleaseID][]journal.Deal{}
	err := tx.c.Query(func(scan func(...any) error) error {
		var d journal.Deal
		var at, recoup int64
		var tiers string
		if err := scan(&d.Release, &d.Version, &at, &recoup, &tiers); err != nil {
			return err
		}
		d.At, d.Recoup = fromMicros(at), recoup != 0
		if err := json.Unmarshal([]byte(tiers), &d.Tiers); err != nil {
			return fmt.Errorf("deal of %s: %w", d.Release, err)
		}
		deals[d.Release] = append(deals[d.Release], d)
		return nil
	}, `SELECT d.release_id, d.version, d.at, d.recoup, d.tiers FROM release r JOIN deal d ON d.release_id = r.id WHERE r.label_id = $1 ORDER BY d.release_id, d.version`, label)
	return deals, err
}

// InsertDeal adds the next version of a release's deal.
func (tx *Tx) InsertDeal(d journal.Deal) error {
	tiers, err := json.Marshal(d.Tiers)
	if err != nil {
		return err
	}
	n, err := tx.c.Exec(`INSERT INTO deal (release_id, version, at, recoup, tiers) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		d.Release, d.Version, micros(d.At), bit(d.Recoup), string(tiers))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Somebody else changed this deal meanwhile. Please look at it again; nothing was changed.")
	}
	return err
}
