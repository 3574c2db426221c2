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
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/people"
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

	cfg   Config
	log   *slog.Logger
	db    *store.DB
	web   *web.Web
	ready atomic.Bool
}

// New opens a shop, making it when the folder is empty. The caller must Close it.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	if err := cfg.check(); err != nil {
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
	a := &App{cfg: cfg, log: log, db: store.New(engine)}
	if err := a.assemble(ctx, key); err != nil {
		return nil, errors.Join(err, a.db.Close())
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
