// Package app puts the house together: it opens the storage, makes the domains,
// gives them to the pages, and runs what works beside them. It is the only
// place that knows everyone.
//
// A shop is a data folder:
//
//	secret.key     the one secret that all keys derive from
//	shop.sqlite    everything that is kept in rows, unless PostgreSQL has it
//	blobs/         covers, cards, programmes, by content hash
//	log/           the public files of the ownership log
//	log.seen       the last checkpoint that was signed: outlives a restored database
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/journal"
	"ferric/internal/listen"
	"ferric/internal/mail"
	"ferric/internal/parcel"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/postgres"
	"ferric/internal/store/sqlite"
	"ferric/internal/web"
	"ferric/internal/window"
)

// App is a shop that is open for business once Run is called.
type App struct {
	Catalog  *catalog.Catalog
	Shop     *shop.Shop
	People   *people.People
	Registry *registry.Registry
	Window   *window.Window
	Publish  *publish.Desk
	Parcels  *parcel.Desk

	cfg   Config
	log   *slog.Logger
	db    *store.DB
	blobs *blob.Store
	mail  *mail.Mailer // nil: no mail is sent
	web   *web.Web
	ready atomic.Bool

	began   time.Time
	traffic traffic
	ago     atomic.Int64 // ns by which the clock is behind: a demo shop has a past
}

// New opens a shop, making it when the folder is empty. The caller must Close it.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := cfg.refuseDemo(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	key, err := openSecret(cfg.Data)
	if err != nil {
		return nil, err
	}
	engine, err := openEngine(ctx, cfg)
	if err != nil {
		return nil, err
	}
	blobs, err := blob.Open(filepath.Join(cfg.Data, "blobs"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("data: %w", err), engine.Close())
	}
	a := &App{cfg: cfg, log: log, db: store.New(engine), blobs: blobs, began: time.Now()}
	if err := a.assemble(ctx, key); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func openEngine(ctx context.Context, cfg Config) (store.Engine, error) {
	if cfg.Database != "" {
		e, err := postgres.Open(ctx, postgres.Config{URL: cfg.Database})
		if err != nil {
			return nil, fmt.Errorf("database: %w", err)
		}
		return e, nil
	}
	e, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(cfg.Data, "shop.sqlite")})
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return e, nil
}

// assemble makes the domains and the pages on the opened storage.
func (a *App) assemble(ctx context.Context, key secret) (err error) {
	now := a.now
	host := a.cfg.origin.Host
	a.Registry, err = registry.New(ctx, a.db.Registry(), registry.Config{
		Origin: host + "/ledger", Master: key.derive("registry"),
		Folder: filepath.Join(a.cfg.Data, "log"), Seen: filepath.Join(a.cfg.Data, "log.seen"),
		Trouble: func(err error) {
			a.log.Error("the ownership log could not go on; it will be tried again", "cause", err.Error())
		},
	})
	if err != nil {
		return err
	}
	// A database that is older than its log would sell again what was sold since: it is refused before anything opens.
	switch err := a.Registry.Sequence(ctx); {
	case errors.Is(err, registry.ErrRestored), errors.Is(err, registry.ErrSeenLost):
		return err
	case err != nil:
		a.log.Error("the ownership log could not go on; it will be tried again", "cause", err.Error())
	}
	a.Catalog = catalog.New(a.db.Catalog(), now, a.Registry)
	a.Window = window.New(a.db.Window(), now)
	a.Shop, err = shop.New(a.db.Shop(), shop.Config{Now: now, Key: key.derive("shop"), HoldFor: a.cfg.HoldFor, PayFor: a.cfg.PayFor, Ledger: a.Registry, Notices: a.cfg.SMTP != ""})
	if err != nil {
		return err
	}
	a.People, err = people.New(a.db.People(), people.Config{Now: now, Key: key.derive("people"), Origin: a.cfg.Origin, Name: a.cfg.Name})
	if err != nil {
		return err
	}
	a.Publish, err = publish.New(a.db.Publish(), a.blobs, a.Catalog, a.Shop, publish.Config{Now: now})
	if err != nil {
		return err
	}
	a.Parcels, err = parcel.New(a.db.Parcel(), parcel.Config{Now: now, Shop: a.Shop, Catalog: a.Catalog, Country: web.CountryName, Notices: a.cfg.SMTP != ""})
	if err != nil {
		return err
	}
	hear, err := listen.New(a.db.Listen(), sounds{a.blobs}, listen.Config{Now: now, Key: key.derive("listen")})
	if err != nil {
		return err
	}
	if a.cfg.SMTP != "" {
		server, err := mail.ParseServer(a.cfg.SMTP)
		if err != nil {
			return fmt.Errorf("smtp: %w", err)
		}
		a.mail, err = mail.New(a.db.Mail(), mail.Config{Server: server, From: a.cfg.MailFrom, Shop: a.cfg.Name, Origin: a.cfg.origin, Now: now, Log: a.log,
			Shops: a.Shop, Catalog: a.Catalog, People: a.People, Parcels: a.Parcels})
		if err != nil {
			return fmt.Errorf("mail-from: %w", err)
		}
	}
	books, err := journal.New(a.db.Journal(), now)
	if err != nil {
		return err
	}
	a.web, err = web.New(web.Config{
		Name: a.cfg.Name, Origin: a.cfg.origin, Now: now, Log: a.log, Proxies: a.cfg.proxies,
		Catalog: a.Catalog, Window: a.Window, Shop: a.Shop, People: a.People, Registry: a.Registry,
		Publish: a.Publish, Blobs: a.blobs, Listen: hear, Mail: a.mail, Books: books, Parcels: a.Parcels,
	})
	return err
}

// sounds opens programmes for listening.
type sounds struct{ blobs *blob.Store }

func (s sounds) Open(_ context.Context, sha256 string) (listen.Sound, error) {
	f, err := s.blobs.Open(sha256)
	if err != nil {
		return nil, err
	}
	return sound{f}, nil
}

type sound struct{ *blob.File }

func (s sound) Size() int64 { return s.File.Size }

// Close closes the storage. What is under way is finished first.
func (a *App) Close() error { return errors.Join(a.db.Close(), a.blobs.Close()) }

// now is the shop's clock.
func (a *App) now() time.Time { return time.Now().Add(-time.Duration(a.ago.Load())) }

// Address is where people reach the shop.
func (a *App) Address() string { return a.cfg.Origin }

// FirstLink is the one-time address at which the first account is made; empty when there is one.
func (a *App) FirstLink(ctx context.Context) (string, error) {
	token, err := a.People.SetupLink(ctx)
	if err != nil || token == "" {
		return "", err
	}
	return a.cfg.Origin + "/setup/" + token, nil
}
