package backup_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferric/internal/backup"
	"ferric/internal/store"
	"ferric/internal/store/sqlite"
)

// TestUpgrade takes a database of every earlier schema (fault U1): its rows come through a backup, a restore and the steps since, and steps that
// were cut off in the middle begin anew with nothing lost.
func TestUpgrade(t *testing.T) {
	steps := must(store.Steps())(t)
	for _, s := range steps[:len(steps)-1] {
		t.Run(s.Name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.sqlite")
			e := must(sqlite.Open(t.Context(), sqlite.Config{Path: path, Until: s.Name}))(t)
			ok(t, e.Update(t.Context(), func(c store.Conn) error {
				_, err := c.Exec(`INSERT INTO label (id, slug, name, created_at) VALUES ('l', 'slug', 'Żółw <b>' || char(8232), 7)`)
				return err
			}))
			want := must(backup.Sums(t.Context(), store.New(e), nil))(t)
			dest := t.TempDir()
			must(backup.Take(t.Context(), dest, backup.Source{DB: store.New(e), Blobs: files(t)}, backup.Options{}))(t)

			// The steps since are cut off at each of them: the transaction is undone.
			for cut := range 3 {
				n := 0
				err := e.Update(t.Context(), func(c store.Conn) error {
					return store.Migrate(c, func(text string) error {
						if n++; n > cut {
							return errors.New("cut off")
						}
						return script(c, sqlite.Dialect(text))
					}, time.Now(), "")
				})
				if err == nil && cut == 0 {
					t.Error("steps that fail are taken for done")
				}
				if err == nil {
					break
				}
				got := must(backup.Sums(t.Context(), store.New(e), nil))(t)
				if len(got) != len(want) || got[0].SHA256 != want[0].SHA256 {
					t.Errorf("cut off after %d steps, the database is another", cut)
				}
			}
			ok(t, e.Close())
			newest(t, path)

			snap := must(backup.Open(dest, ""))(t)
			defer snap.Close()
			for _, to := range engines {
				db, _ := to.open(t, snap.Steps[len(snap.Steps)-1])
				ok(t, snap.LoadRows(t.Context(), db, nil))
			}
			path = filepath.Join(t.TempDir(), "shop.sqlite")
			e = must(sqlite.Open(t.Context(), sqlite.Config{Path: path, Until: snap.Steps[len(snap.Steps)-1]}))(t)
			ok(t, snap.LoadRows(t.Context(), store.New(e), nil))
			ok(t, e.Close())
			newest(t, path)
		})
	}
}

// script runs a text of several statements.
func script(c store.Conn, text string) error {
	for _, s := range statements(text) {
		if _, err := c.Exec(s); err != nil {
			return err
		}
	}
	return nil
}

// newest opens a database with all steps, and looks for the row.
func newest(t *testing.T, path string) {
	t.Helper()
	e := must(sqlite.Open(t.Context(), sqlite.Config{Path: path}))(t)
	defer e.Close()
	n := 0
	ok(t, e.View(t.Context(), func(c store.Conn) error {
		return c.Query(func(scan func(...any) error) error {
			n++
			var name, about string
			if err := scan(&name, &about); err != nil || name != "Żółw <b>\u2028" || about != "" {
				t.Errorf("the label is %q, %q, %v", name, about, err)
			}
			return nil
		}, `SELECT name, about FROM label`)
	}))
	steps := must(store.Steps())(t)
	ok(t, store.New(e).View(t.Context(), func(tx *store.Tx) error {
		ran, err := tx.Ran()
		if len(ran) != len(steps) {
			t.Errorf("%d steps were run of %d", len(ran), len(steps))
		}
		return err
	}))
	if n != 1 {
		t.Errorf("%d labels", n)
	}
}

// statements cuts a text of the schema into its statements; comments have no meaning here.
func statements(text string) (all []string) {
	var plain strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--")
		plain.WriteString(strings.TrimRight(line, "\n") + "\n")
	}
	for s := range strings.SplitSeq(plain.String(), ";") {
		if strings.TrimSpace(s) != "" {
			all = append(all, s)
		}
	}
	return all
}
