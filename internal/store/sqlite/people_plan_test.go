package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferric/internal/people"
	"ferric/internal/store"
)

// TestPeoplePlans: whoever is signed in, or signs in, waits for indexed reads
// alone, and a person's orders are found by an index when they leave.
func TestPeoplePlans(t *testing.T) {
	e := open(t, filepath.Join(t.TempDir(), "ferric.db"))
	var queries []string
	err := store.New(spy{e, &queries}).Update(t.Context(), func(tx *store.Tx) error {
		ask := func(_ any, err error) error {
			if err != nil && !strings.Contains(err.Error(), "not found") {
				return err
			}
			return nil
		}
		_, _, err1 := tx.Session("h")
		_, _, err2 := tx.AccountByName("n")
		_, _, err3 := tx.AccountByMail("m")
		_, _, err4 := tx.Account("a")
		var errs []error
		for _, err := range []error{err1, err2, err3, err4} {
			errs = append(errs, ask(nil, err))
		}
		errs = append(errs, ask(tx.Role("l", "a")), ask(tx.Roles("a")), ask(tx.TokenByHash("h")), ask(tx.Known("a", "v")), ask(tx.Guesses("k")), ask(tx.Link("h")),
			ask(tx.Passkey("p")), ask(tx.Passkeys("a")), ask(tx.Sessions("a")), ask(tx.Names([]people.ID{"a", "b"})), ask(tx.Invitations("l")), ask(tx.Tokens("l")),
			ask(tx.OpenOrders(people.Account{ID: "a", Mail: "m", Verified: true}, time.Unix(1, 0))))
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(queries) < 17 {
		t.Errorf("only %d queries were seen", len(queries))
	}
	for _, q := range queries {
		err := e.View(t.Context(), func(c store.Conn) error {
			return c.Query(func(scan func(...any) error) error {
				var id, parent, unused int
				var detail string
				err := scan(&id, &parent, &unused, &detail)
				if strings.HasPrefix(detail, "SCAN") {
					t.Errorf("%s\nwalks: %s", q, detail)
				}
				return err
			}, "EXPLAIN QUERY PLAN "+q, make([]any, places(q))...)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
