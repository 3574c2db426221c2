package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/registry"
)

// TestWrongSettings: a setting that cannot work stops the start with a sentence that names it, and shows no secret.
func TestWrongSettings(t *testing.T) {
	for name, c := range map[string]struct {
		Config
		want string
	}{
		"no data":           {Config{}, "data:"},
		"listen":            {Config{Data: "x", Listen: "8080"}, "listen:"},
		"every address":     {Config{Data: "x", Listen: ":8080"}, "origin:"},
		"origin words":      {Config{Data: "x", Origin: "tapes.example"}, "origin:"},
		"origin path":       {Config{Data: "x", Origin: "https://tapes.example/shop"}, "origin:"},
		"origin user":       {Config{Data: "x", Origin: "https://a:b@tapes.example"}, "origin:"},
		"database":          {Config{Data: "x", Database: "mysql://secret@host/db"}, "database:"},
		"hold":              {Config{Data: "x", HoldFor: time.Second}, "hold:"},
		"pay":               {Config{Data: "x", PayFor: time.Minute}, "pay-within:"},
		"proxy":             {Config{Data: "x", Proxies: []string{"proxy.example"}}, "trusted-proxy:"},
		"sender, no server": {Config{Data: "x", MailFrom: "a@b.example"}, "mail-from:"},
		"server, no sender": {Config{Data: "x", SMTP: "smtp://user:secret@mail.example:587"}, "mail-from:"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Config.check()
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error %v, want one that begins with %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// TestPlainOriginElsewhere: cookies over plain http could be read on the way, so only this machine may be served so.
func TestPlainOriginElsewhere(t *testing.T) {
	_, err := New(t.Context(), Config{Data: t.TempDir(), Origin: "http://tapes.example"}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "https://") {
		t.Errorf("a shop on http://tapes.example: %v", err)
	}
}

// TestOpenAndClose: an empty folder becomes a shop that is ready, stops when told, and opens again with the keys that it made.
func TestOpenAndClose(t *testing.T) {
	data := filepath.Join(t.TempDir(), "shop")
	var log bytes.Buffer
	first, key := openOnce(t, data, &log)
	if !strings.Contains(first, "/setup/") {
		t.Errorf("an empty shop gives the link %q", first)
	}
	info, err := os.Stat(filepath.Join(data, secretFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret: %v, %v", info, err)
	}
	if _, again := openOnce(t, data, &log); again != key {
		t.Errorf("the log's key was %s and is %s after a restart", key, again)
	}
	if strings.Contains(log.String(), strings.TrimPrefix(first, "http://")) {
		t.Error("the first link is in the log")
	}
	if err := os.Chmod(filepath.Join(data, secretFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), Config{Data: data}, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a secret that others can read: %v", err)
	}
}

// openOnce opens a shop, sees that it answers, and closes it.
func openOnce(t *testing.T, data string, log io.Writer) (first, key string) {
	t.Helper()
	a, err := New(t.Context(), Config{Data: data, Listen: "127.0.0.1:0", Origin: "http://127.0.0.1"}, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	l, err := a.Listen()
	if err != nil {
		t.Fatal(err)
	}
	if first, err = a.FirstLink(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), Config{Data: data}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("two processes have the same SQLite file open")
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, l) }()
	base := "http://" + l.Addr().String()
	for deadline := time.Now().Add(30 * time.Second); answers(base+"/readyz") != http.StatusOK; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the shop is not ready after 30 s")
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/": 200, "/nothing-here": 404, "/ledger": 200} {
		if got := answers(base + path); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	key = a.Registry.VerifierKey()
	stop()
	if err := <-done; err != nil {
		t.Errorf("the shop stopped with %v", err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	return first, key
}

func answers(address string) int {
	r, err := http.Get(address)
	if err != nil {
		return 0
	}
	defer r.Body.Close()
	io.Copy(io.Discard, r.Body)
	return r.StatusCode
}

// TestRestoredBackup: a database that is older than the log that it signed would sell copies a second time. It is refused.
func TestRestoredBackup(t *testing.T) {
	data := t.TempDir()
	sell := func(slug string) {
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
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Catalog.Declare(t.Context(), catalog.Run{Release: r.ID, Copies: 3}, "test"); err != nil {
			t.Fatal(err)
		}
		if err := a.Registry.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sell("first")
	file := filepath.Join(data, "shop.sqlite")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sell("second")
	for _, gone := range []string{"-wal", "-shm"} {
		os.Remove(file + gone)
	}
	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), Config{Data: data}, slog.New(slog.DiscardHandler)); !errors.Is(err, registry.ErrRestored) {
		t.Errorf("a shop on yesterday's database: %v", err)
	}
}
