package window

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Position is the sort keys of a list's row; the next page begins behind it. A zero one is the start.
type Position struct {
	Text string `json:"t,omitempty"` // title key, or label
	More string `json:"m,omitempty"` // catalogue number's key
	At   int64  `json:"a,omitempty"` // µs
	ID   string `json:"i,omitempty"` // of the release, or of the run
}

// How many releases one page of a list has.
const (
	usual = 24
	most  = 100
)

// Releases lists releases.
func (w *Window) Releases(ctx context.Context, q Query) (l List, err error) {
	from, err := q.check()
	if err != nil {
		return List{}, err
	}
	err = w.store.View(ctx, func(tx Tx) error {
		items, err := tx.List(q, from, w.clock())
		l = cut(items, q)
		return err
	})
	return l, err
}

// Search finds releases whose title, artist, label, catalogue number, barcode or track titles have words that begin with
// every word asked for; made public last first. Case, marks and the way in which a number is cut up do not matter.
func (w *Window) Search(ctx context.Context, text string, q Query) (f Found, err error) {
	q.Order, q.All = ByDate, false
	from, err := q.check()
	if err != nil {
		return Found{}, err
	}
	if len(text) > 400 {
		text = strings.ToValidUTF8(text[:400], "")
	}
	words := catalog.Query(text)
	if len(words) == 0 {
		return Found{}, nil
	}
	err = w.store.View(ctx, func(tx Tx) error {
		f = Found{}
		items, err := tx.Search(words, catalog.Compact(text), q, from)
		if err != nil {
			return err
		}
		f.List = cut(items, q)
		if q.After == "" {
			f.Labels, f.Artists, err = tx.Named(words)
		}
		return err
	})
	return f, err
}

// check fills defaults in and reads where the page begins.
func (q *Query) check() (from Position, err error) {
	switch q.Order {
	case "":
		q.Order = ByDate
	case ByDate, ByName, ByLabel, Next, Last:
	default:
		return from, fault.Field("order", "A list goes by date, name or label.")
	}
	if q.Limit == 0 {
		q.Limit = usual
	}
	q.Limit = min(max(q.Limit, 1), most)
	q.All = q.All && q.Label != "" && q.Order != Next && q.Order != Last
	if q.After == "" {
		return from, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil || len(raw) > 2000 || json.Unmarshal(raw, &from) != nil || from.ID == "" {
		return from, fault.Field("after", "This address of a further page is not whole. Begin at the list's first page.")
	}
	return from, nil
}

// cut makes a page of what was read, which is one more than the page when there is a next one.
func cut(items []Item, q Query) List {
	if len(items) <= q.Limit {
		return List{Items: items}
	}
	items = items[:q.Limit]
	raw, _ := json.Marshal(items[q.Limit-1].Place) // strings and a number: it cannot fail
	return List{Items: items, Next: base64.RawURLEncoding.EncodeToString(raw)}
}
