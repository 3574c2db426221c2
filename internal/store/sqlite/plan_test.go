package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/internal/store"
)

// TestPlans: what a buyer waits for never walks through a run. A scan of a
// table, or a search by the run alone, would be slower with every copy sold.
func TestPlans(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "ferric.db"))
	var queries []string
	err := store.New(spy{e, &queries}).Update(t.Context(), func(tx *store.Tx) error {
		now := time.Unix(1, 0)
		_, err1 := tx.Free("r", "", 3)
		_, err2 := tx.Lapsed("r", "", now, 3)
		_, err3 := tx.Basket("v")
		_, err4 := tx.OrderCopies("o")
		_, err5 := tx.Owned("a")
		_, err6 := tx.ByClaim([]string{"a", "b"})
		_, err7 := tx.Stock("r", catalog.Web, now)
		errs := []error{err1, err2, err3, err4, err5, err6, err7}
		for _, by := range []string{"visitor", "account", "mail", "post"} {
			_, err := tx.Bought("r", shop.Person{By: by, Key: "k"}, now)
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		var plan []string
		err := e.View(t.Context(), func(c store.Conn) error {
			return c.Query(func(scan func(...any) error) error {
				var id, parent, unused int
				var detail string
				err := scan(&id, &parent, &unused, &detail)
				plan = append(plan, detail)
				return err
			}, "EXPLAIN QUERY PLAN "+q, make([]any, strings.Count(q, "$"))[:places(q)]...)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range plan {
			walks := strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" || strings.Contains(step, "PRIMARY KEY (run_id=?)") || strings.Contains(step, "(run_id=?)")
			if walks {
				t.Errorf("%s\nwalks: %s", q, step)
			}
		}
	}
}

// places is how many values a query takes.
func places(q string) (n int) {
	for i := 1; strings.Contains(q, "$"+string(rune('0'+i))); i++ {
		n = i
	}
	return n
}

// spy notes the queries that go by.
type spy struct {
	*Engine
	queries *[]string
}

func (s spy) Update(ctx context.Context, f func(store.Conn) error) error {
	return s.Engine.Update(ctx, func(c store.Conn) error { return f(spyConn{c, s.queries}) })
}

type spyConn struct {
	store.Conn
	queries *[]string
}

func (s spyConn) Query(each func(func(...any) error) error, query string, args ...any) error {
	*s.queries = append(*s.queries, query)
	return s.Conn.Query(each, query, args...)
}
