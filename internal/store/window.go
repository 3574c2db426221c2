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

// Cells reads a run's grid.
func (tx *Tx) Cells(run catalog.RunID) (cells []window.Cell, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var c window.Cell
		var until int64
		err := scan(&c.Number, &c.Variant, &c.Pool, &c.State, &c.Holder, &until, &c.Reason)
		c.Until = fromMicros(until)
		cells = append(cells, c)
		return err
	}, `SELECT number, variant, pool, state, holder, held_until, reason FROM copy WHERE run_id = $1 ORDER BY number`, run)
	return cells, err
}

// items is every list's reading, with the newest run and its terms beside the release. What differs is the
// condition, the order and the columns of the position.
const items = `SELECT r.id, r.label_id, r.artist_id, r.slug, r.title, r.catalog_number, r.barcode, r.year, r.created_at, r.state, r.digital, r.published_at,
	r.notes, r.cover, r.card, r.tape, r.accent, l.slug, l.name, a.slug, a.name, r.title_key, r.number_key,
	coalesce(n.id, ''), coalesce(n.copies, 0), coalesce(t.minor, 0), coalesce(t.currency, ''), coalesce(t.pay_more, 0), coalesce(t.opens_at, 0), coalesce(t.closes_at, 0),
	(SELECT count(*) FROM copy c WHERE c.run_id = n.id AND c.state = 'free' AND c.pool = 'web') +
	(SELECT count(*) FROM copy c WHERE c.run_id = n.id AND c.state = 'held' AND c.held_until <= $1 AND c.pool = 'web')
	FROM `

// joined is a list's tables when it goes by the release, opened when it goes by when a sale opens.
const (
	joined = `release r JOIN label l ON l.id = r.label_id JOIN artist a ON a.id = r.artist_id
	LEFT JOIN run n ON n.release_id = r.id AND n.ordinal = (SELECT max(o.ordinal) FROM run o WHERE o.release_id = r.id)
	LEFT JOIN terms t ON t.run_id = n.id WHERE `
	opened = `terms t JOIN run n ON n.id = t.run_id JOIN release r ON r.id = n.release_id JOIN label l ON l.id = r.label_id JOIN artist a ON a.id = r.artist_id WHERE `
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

// subjects are whose words begin with a word. Words are compared byte by byte, and no text goes on behind U+10FFFF.
func (q *list) subjects(word string) string {
	return `SELECT w.subject FROM word w WHERE w.word >= ` + q.mark(word) + ` AND w.word < ` + q.mark(word+"\U0010FFFF")
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
