package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferric/internal/backup"
	"ferric/internal/catalog"
	"ferric/internal/doctor"
	"ferric/internal/registry"
)

// declare opens the shop in a folder, declares a run and publishes the log.
func declare(t *testing.T, data, slug string) {
	t.Helper()
	a, err := New(t.Context(), Config{Data: data}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	l, err := a.Catalog.AddLabel(t.Context(), catalog.Label{Slug: slug, Name: slug})
	if err != nil {
		t.Fatal(err)
	}
	artist, err := a.Catalog.AddArtist(t.Context(), catalog.Artist{Slug: slug, Name: slug})
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.Catalog.AddRelease(t.Context(), catalog.Release{Label: l.ID, Artist: artist.ID, Slug: slug, Title: slug, CatalogNumber: slug})
	if err == nil {
		_, err = a.Catalog.Declare(t.Context(), catalog.Run{Release: r.ID, Copies: 3}, "test")
	}
	if err == nil {
		err = a.Registry.Sequence(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestRestore restores a shop with everything, with nothing, and with something known of its log. An old backup does not
// sign (fault B2), whatever of the log is brought with it; the newest goes on where it was.
func TestRestore(t *testing.T) {
	dir := t.TempDir()
	data, dest := filepath.Join(dir, "shop"), filepath.Join(dir, "backups")
	declare(t, data, "first")
	take := func(secret bool) string {
		t.Helper()
		r, err := Backup(t.Context(), Place{Data: data}, dest, secret, backup.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	old := take(true)
	early := filepath.Join(dir, "early.seen")
	copyFile(t, filepath.Join(data, "log.seen"), early)
	declare(t, data, "second")
	newest := take(true)
	seen, public := filepath.Join(data, "log.seen"), filepath.Join(data, "log", "checkpoint")

	for name, c := range map[string]struct {
		Restoring
		missing int64
		locked  bool
		open    error
	}{
		"newest, known":           {Restoring: Restoring{At: newest, Seen: seen}},
		"newest, as it says":      {Restoring: Restoring{At: newest, Newest: true}},
		"newest, public":          {Restoring: Restoring{Seen: public}},
		"newest, older knowledge": {Restoring: Restoring{At: newest, Seen: early}},
		"newest, nothing known":   {Restoring: Restoring{At: newest}, locked: true, open: registry.ErrSeenLost},
		"old, nothing known":      {Restoring: Restoring{At: old}, locked: true, open: registry.ErrSeenLost},
		"old, known":              {Restoring: Restoring{At: old, Seen: seen}, missing: 4, open: registry.ErrRestored},
		"old, public":             {Restoring: Restoring{At: old, Seen: public}, missing: 4, open: registry.ErrRestored},
	} {
		t.Run(name, func(t *testing.T) {
			to := Place{Data: filepath.Join(t.TempDir(), "back")}
			c.From = dest
			r, err := Restore(t.Context(), to, c.Restoring)
			if err != nil || r.Missing != c.missing || r.Locked != c.locked {
				t.Fatalf("restored: missing %d, locked %v, %v", r.Missing, r.Locked, err)
			}
			a, err := New(t.Context(), Config{Data: to.Data}, slog.New(slog.DiscardHandler))
			if c.open != nil {
				if !errors.Is(err, c.open) {
					t.Errorf("the shop opens with %v, want %v", err, c.open)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			report, err := Examine(t.Context(), to, doctor.Part{}, nil)
			if err != nil || !report.Sound() || report.Signed != 8 {
				t.Errorf("the doctor: %+v, %v", report, err)
			}
			sameTree(t, filepath.Join(to.Data, "log"), filepath.Join(data, "log"))
			if info, err := os.Stat(filepath.Join(to.Data, secretFile)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the secret: %v, %v", info, err)
			}
		})
	}
	t.Run("not empty", func(t *testing.T) {
		if _, err := Restore(t.Context(), Place{Data: data}, Restoring{From: dest}); !errors.Is(err, ErrPlace) {
			t.Errorf("over a shop: %v", err)
		}
	})
	t.Run("into itself", func(t *testing.T) {
		if _, err := Backup(t.Context(), Place{Data: data}, filepath.Join(data, "backups"), true, backup.Options{}); !errors.Is(err, ErrPlace) {
			t.Errorf("a backup into the shop's own folder: %v", err)
		}
	})
	t.Run("without secret", func(t *testing.T) {
		id := take(false)
		if _, err := Restore(t.Context(), Place{Data: filepath.Join(t.TempDir(), "back")}, Restoring{From: dest, At: id, Newest: true}); !errors.Is(err, ErrPlace) || !strings.Contains(err.Error(), "--secret") {
			t.Errorf("no secret: %v", err)
		}
		wrong := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(wrong, make([]byte, 32), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), Place{Data: filepath.Join(t.TempDir(), "back")}, Restoring{From: dest, At: id, Secret: wrong, Newest: true}); err == nil || !strings.Contains(err.Error(), "another master key") {
			t.Errorf("another shop's secret: %v", err)
		}
		to := Place{Data: filepath.Join(t.TempDir(), "back")}
		if _, err := Restore(t.Context(), to, Restoring{From: dest, At: id, Secret: filepath.Join(data, secretFile), Newest: true}); err != nil {
			t.Error(err)
		}
	})
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sameTree compares the files of a folder with those of another, to the byte. The other may have more: tiles that were full later.
func sameTree(t *testing.T, a, b string) {
	t.Helper()
	read := func(dir string) map[string]string {
		files := map[string]string{}
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			files[strings.TrimPrefix(path, dir)] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	x, y := read(a), read(b)
	for name := range x {
		if x[name] != y[name] {
			t.Errorf("%s is not the same in both", name)
		}
	}
	if len(x) < 4 {
		t.Errorf("%d files in %s", len(x), a)
	}
}
