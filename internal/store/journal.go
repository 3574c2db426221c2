package store

import (
	"encoding/json"
	"fmt"
	"slices"
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
	owing := false
	var runs []catalog.RunID
	for _, l := range e.Lines {
		owing = owing || l.Account == journal.Buyers
		if l.Run != "" && !slices.Contains(runs, l.Run) {
			runs = append(runs, l.Run)
		}
	}
	n, err := tx.c.Exec(`INSERT INTO journal (kind, reference, label_id, at, note, owing, lines) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		e.Kind, e.Reference, e.Label, micros(e.At), e.Note, bit(owing), writeLines(e.Lines))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "This is in the books already. Nothing was written twice.")
	}
	if len(runs) == 0 {
		return nil
	}
	var args []any
	for _, run := range runs {
		args = append(args, run, e.Kind, e.Reference)
	}
	return tx.rows(`INSERT INTO journal_run (run_id, kind, reference)`, len(runs), args)
}

const selectJournal = `SELECT kind, reference, label_id, at, note, lines FROM journal `

func (tx *Tx) selectJournal(query string, args ...any) (entries []journal.Entry, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var e journal.Entry
		var at int64
		var lines string
		if err := scan(&e.Kind, &e.Reference, &e.Label, &at, &e.Note, &lines); err != nil {
			return err
		}
		e.At = fromMicros(at)
		if e.Lines, err = readLines(lines); err != nil {
			return fmt.Errorf("journal %s: %w", e.ID(), err)
		}
		entries = append(entries, e)
		return nil
	}, selectJournal+query, args...)
	return entries, err
}

// JournalEntry reads one entry.
func (tx *Tx) JournalEntry(kind journal.Kind, reference string) (journal.Entry, error) {
	entries, err := tx.selectJournal(`WHERE kind = $1 AND reference = $2`, kind, reference)
	if err == nil && len(entries) == 0 {
		err = fault.New(fault.NotFound, "There is no such entry in the books.")
	}
	if err != nil {
		return journal.Entry{}, err
	}
	return entries[0], nil
}

// Journal reads entries of a label with their lines.
func (tx *Tx) Journal(q journal.Query) ([]journal.Entry, error) {
	args := []any{q.Label}
	where := `WHERE label_id = $1`
	and := func(condition string, arg any) {
		args = append(args, arg)
		where += ` AND ` + condition + `$` + strconv.Itoa(len(args))
	}
	if !q.From.IsZero() {
		and(`at >= `, micros(q.From))
	}
	if !q.To.IsZero() {
		and(`at < `, micros(q.To))
	}
	if q.Run != "" {
		and(`EXISTS (SELECT 1 FROM journal_run r WHERE r.kind = journal.kind AND r.reference = journal.reference AND r.run_id = `, q.Run)
		where += `)`
	}
	if q.Owing {
		where += ` AND owing = 1`
	}
	if q.Newest {
		where += ` ORDER BY at DESC, kind DESC, reference DESC`
	} else {
		where += ` ORDER BY at, kind, reference`
	}
	if q.Most > 0 {
		args = append(args, q.Most, q.Skip)
		where += fmt.Sprintf(` LIMIT $%d OFFSET $%d`, len(args)-1, len(args))
	}
	return tx.selectJournal(where, args...)
}

// writeLines makes the one text of an entry's lines. No account, id or currency holds a space.
func writeLines(lines []journal.Line) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s %s %s %s %d %d", l.Account, orDash(string(l.Run)), orDash(string(l.Payee)), l.Currency, l.Minor, l.Copies)
	}
	return b.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// readLines reads it back.
func readLines(text string) ([]journal.Line, error) {
	lines := make([]journal.Line, 0, strings.Count(text, "\n")+1)
	for more := true; more; {
		var one string
		one, text, more = strings.Cut(text, "\n")
		part := func() (s string) { s, one, _ = strings.Cut(one, " "); return s }
		id := func() (s string) {
			if s = part(); s == "-" {
				return ""
			}
			return s
		}
		l := journal.Line{Account: journal.Account(part()), Run: catalog.RunID(id()), Payee: journal.PayeeID(id()), Currency: part()}
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
