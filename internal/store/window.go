package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/window"
)

// Window is the storage of package window.
func (db *DB) Window() Of[window.Tx] { return Of[window.Tx]{db} }

var (
	_ window.Store = Of[window.Tx]{}
	_ window.Tx    = (*Tx)(nil)
)

// cellEnd stands behind each cell in the one text that a grid is read as; no id holds it.
const cellEnd = "\x1e"

// Cells reads a run's grid. A row costs more than its numbers are worth a hundred times over, so what differs from a free
// copy on the web comes as one row of text.
func (tx *Tx) Cells(run catalog.Run) ([]window.Cell, error) {
	text := ""
	_, err := tx.one([]any{&text}, `SELECT coalesce(string_agg(CAST(number AS TEXT) || ' ' || state || ' ' || pool || ' ' || CAST(held_until AS TEXT) || ' ' || holder, CAST($2 AS TEXT)), '')
		FROM copy WHERE run_id = $1 AND NOT (state = 'free' AND pool = 'web')`, run.ID, cellEnd)
	if err != nil {
		return nil, err
	}
	cells := make([]window.Cell, run.Copies+run.Proofs)
	for i := range cells {
		cells[i] = window.Cell{Number: i + 1, Variant: run.Variant(i + 1), Pool: catalog.Web, State: catalog.Free}
	}
	voids := false
	for text != "" {
		var one string
		one, text, _ = strings.Cut(text, cellEnd)
		c, err := readCell(one, cells)
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", run.ID, err)
		}
		voids = voids || c.State == catalog.Void
	}
	if !voids {
		return cells, nil
	}
	err = tx.c.Query(func(scan func(...any) error) error {
		n, reason := 0, ""
		err := scan(&n, &reason)
		if err == nil && n >= 1 && n <= len(cells) {
			cells[n-1].Reason = reason
		}
		return err
	}, `SELECT number, reason FROM copy WHERE run_id = $1 AND state = 'void'`, run.ID)
	return cells, err
}

// readCell puts one cell's text at its place.
func readCell(text string, cells []window.Cell) (*window.Cell, error) {
	part := func() (s string) { s, text, _ = strings.Cut(text, " "); return s }
	n, err := strconv.Atoi(part())
	if err != nil || n < 1 || n > len(cells) {
		return nil, fmt.Errorf("a copy is numbered %d of %d", n, len(cells))
	}
	c := &cells[n-1]
	c.State, c.Pool = catalog.State(part()), catalog.Pool(part())
	until, err := strconv.ParseInt(part(), 10, 64)
	c.Until, c.Holder = fromMicros(until), text
	return c, err
}

// items is every list's reading, with the newest run and its terms beside the release. What differs is the
// condition, the order and the columns of the position.
const items = `SELECT r.id, r.label_id, r.artist_id, r.slug, r.title, r.catalog_number, r.barcode, r.year, r.created_at, r.state, r.digital, r.published_at,
	r.notes, r.cover, r.card, r.tape, r.accent, l.slug, l.name, a.slug, a.name, r.title_key, r.number_key,
	coalesce(n.id, ''), coalesce(n.copies, 0), coalesce(t.minor, 0), coalesce(t.currency, ''), coalesce(t.pay_more, 0), coalesce(t.opens_at, 0), coalesce(t.closes_at, 0),
	(SELECT count(*) FROM copy c WHERE c.run_id = n.id AND c.state = 'free' AND c.pool = 'web') +
	(SELECT count(*) FROM copy c WHERE c.run_id = n.id AND c.state = 'held' AND c.held_until <= $1 AND c.pool = 'web')
	FROM `

// joined is a list's tables when it goes by the release, opened when it goes by when a sale opens: SQLite keeps the order of a
// CROSS JOIN, and would else begin with all releases.
const (
	joined = `release r JOIN label l ON l.id = r.label_id JOIN artist a ON a.id = r.artist_id
	LEFT JOIN run n ON n.release_id = r.id AND n.ordinal = (SELECT max(o.ordinal) FROM run o WHERE o.release_id = r.id)
	LEFT JOIN terms t ON t.run_id = n.id WHERE `
	opened = `terms t CROSS JOIN run n CROSS JOIN release r CROSS JOIN label l CROSS JOIN artist a
	WHERE n.id = t.run_id AND r.id = n.release_id AND l.id = r.label_id AND a.id = r.artist_id AND `
)

// list is a query in the making.
type list struct {
	text strings.Builder
	args []any
}

// mark adds an argument and gives its place.
func (q *list) mark(arg any) string {
	q.args = append(q.args, arg)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *list) add(text string) { q.text.WriteString(text) }

func newList(tables string, w window.Query, now time.Time) *list {
	q := &list{}
	q.mark(micros(now))
	q.add(items + tables)
	if w.All {
		q.add(`r.state IN ('draft', 'public', 'withdrawn')`)
	} else {
		q.add(`r.state = 'public'`)
	}
	if w.Label != "" {
		q.add(` AND r.label_id = ` + q.mark(w.Label))
	}
	if w.Artist != "" {
		q.add(` AND r.artist_id = ` + q.mark(w.Artist))
	}
	return q
}

// List reads a list.
func (tx *Tx) List(w window.Query, from window.Position, now time.Time) ([]window.Item, error) {
	tables := joined
	if w.Order == window.Next || w.Order == window.Last {
		tables = opened
	}
	q := newList(tables, w, now)
	start := from == window.Position{}
	switch w.Order {
	case window.ByDate:
		q.byDate(from)
	case window.ByName:
		if !start {
			q.add(` AND (r.title_key, r.id) > (` + q.mark(from.Text) + `, ` + q.mark(from.ID) + `)`)
		}
		q.add(` ORDER BY r.title_key, r.id`)
	case window.ByLabel:
		if !start {
			q.add(` AND (l.name_key, r.number_key, r.id) > (` + q.mark(from.Text) + `, ` + q.mark(from.More) + `, ` + q.mark(from.ID) + `)`)
		}
		q.add(` ORDER BY l.name_key, r.number_key, r.id`)
	case window.Next:
		q.add(` AND t.opens_at > $1`)
		if !start {
			q.add(` AND (t.opens_at, t.run_id) > (` + q.mark(from.At) + `, ` + q.mark(from.ID) + `)`)
		}
		q.add(` ORDER BY t.opens_at, t.run_id`)
	case window.Last:
		q.add(` AND t.opens_at <= $1`)
		if !start {
			q.add(` AND (t.opens_at, t.run_id) < (` + q.mark(from.At) + `, ` + q.mark(from.ID) + `)`)
		}
		q.add(` ORDER BY t.opens_at DESC, t.run_id DESC`)
	default:
		return nil, fmt.Errorf("store: no list goes by %q", w.Order)
	}
	return tx.list(q, w)
}

func (q *list) byDate(from window.Position) {
	if from != (window.Position{}) {
		q.add(` AND (r.published_at, r.id) < (` + q.mark(from.At) + `, ` + q.mark(from.ID) + `)`)
	}
	q.add(` ORDER BY r.published_at DESC, r.id DESC`)
}

// Search finds releases by words, or by their number or barcode as a whole.
func (tx *Tx) Search(words []string, compact string, w window.Query, from window.Position) ([]window.Item, error) {
	q := newList(joined, w, time.Time{})
	q.add(` AND (`)
	for i, word := range words {
		if i > 0 {
			q.add(` AND `)
		}
		subjects := q.subjects(word)
		q.add(`(r.id IN (` + subjects + `) OR r.label_id IN (` + subjects + `) OR r.artist_id IN (` + subjects + `))`)
	}
	q.add(` OR r.id IN (` + q.subjects(compact) + `))`)
	q.byDate(from)
	return tx.list(q, w)
}

// beyond ends a range of words that begin alike: they are compared byte by byte, and no character comes behind U+10FFFF.
const beyond = "\U0010FFFF"

// subjects are whose words begin with a word.
func (q *list) subjects(word string) string {
	return `SELECT w.subject FROM word w WHERE w.word >= ` + q.mark(word) + ` AND w.word < ` + q.mark(word+beyond)
}

func (tx *Tx) list(q *list, w window.Query) (all []window.Item, err error) {
	q.add(` LIMIT ` + q.mark(w.Limit+1))
	err = tx.c.Query(func(scan func(...any) error) error {
		var i window.Item
		var created, published, more, opens, closes int64
		var title, number string
		err := scan(&i.ID, &i.Label, &i.Artist, &i.Slug, &i.Title, &i.CatalogNumber, &i.Barcode, &i.Year, &created, &i.State, &i.Digital, &published,
			&i.Notes, &i.Cover, &i.Card, &i.Tape, &i.Accent, &i.LabelSlug, &i.LabelName, &i.ArtistSlug, &i.ArtistName, &title, &number,
			&i.Run, &i.Copies, &i.Price.Minor, &i.Price.Currency, &more, &opens, &closes, &i.Free)
		i.Created, i.Published, i.Opens, i.Closes = fromMicros(created), fromMicros(published), fromMicros(opens), fromMicros(closes)
		i.OnSale, i.PayMore = i.Price.Currency != "", more != 0
		i.Place = window.Position{ID: string(i.ID)}
		switch w.Order {
		case window.ByDate:
			i.Place.At = published
		case window.ByName:
			i.Place.Text = title
		case window.ByLabel:
			i.Place.Text, i.Place.More = catalog.Fold(i.LabelName), number
		case window.Next, window.Last:
			i.Place = window.Position{At: opens, ID: string(i.Run)}
		}
		all = append(all, i)
		return err
	}, q.text.String(), q.args...)
	return all, err
}

// Named finds labels and artists by words.
func (tx *Tx) Named(words []string) (labels []catalog.Label, artists []catalog.Artist, err error) {
	where := func() (string, []any) {
		q := &list{}
		for i, word := range words {
			if i > 0 {
				q.add(` AND `)
			} else {
				q.add(`WHERE `)
			}
			q.add(`id IN (` + q.subjects(word) + `)`)
		}
		q.add(` ORDER BY name_key, id LIMIT 10`)
		return q.text.String(), q.args
	}
	text, args := where()
	if labels, err = tx.selectLabels(text, args...); err != nil {
		return nil, nil, err
	}
	artists, err = tx.selectArtists(text, args...)
	return labels, artists, err
}
