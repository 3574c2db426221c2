package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"
	"github.com/pelletier/go-toml/v2"

	"ferric/internal/app"
)

// shopFlags say where a shop is kept and how it is reached.
type shopFlags struct {
	Data     string        `help:"Folder that holds the shop: database, files, keys, log. Back it up." default:"ferric-data" env:"FERRIC_DATA" type:"path" placeholder:"DIR"`
	Listen   string        `help:"Address on which connections are taken." default:"localhost:8080" env:"FERRIC_LISTEN" placeholder:"HOST:PORT"`
	Origin   string        `help:"Address that people use, such as https://tapes.example; http:// only on this machine. It names the ownership log, and the log is never renamed. Default: http:// and the address listened on." env:"FERRIC_ORIGIN" placeholder:"URL"`
	Database string        `help:"postgres://user:password@host/name for PostgreSQL. Default: SQLite in the data folder." env:"FERRIC_DATABASE" placeholder:"URL"`
	Admin    string        `help:"Address on which measurements are answered for Prometheus, at /metrics; keep it from the public. Default: none." env:"FERRIC_ADMIN" placeholder:"HOST:PORT"`
	Name     string        `help:"What the shop is called, on its pages and in its mails." default:"Ferric" env:"FERRIC_NAME"`
	Hold     time.Duration `help:"How long a basket holds a copy." default:"10m" env:"FERRIC_HOLD" placeholder:"TIME"`
	PayFor   time.Duration `name:"pay-within" help:"How long an order waits for its money." default:"120h" env:"FERRIC_PAY_WITHIN" placeholder:"TIME"`
	SMTP     string        `name:"smtp" help:"Server that takes mails, as smtp://user:password@host:587 or smtps://...; without it none are sent." env:"FERRIC_SMTP" placeholder:"URL"`
	MailFrom string        `help:"Sender of the mails; needed with --smtp." env:"FERRIC_MAIL_FROM" placeholder:"ADDRESS"`
	Proxies  []string      `name:"trusted-proxy" help:"Address or network of a proxy before the shop, whose X-Forwarded-For is believed. May be given several times." env:"FERRIC_TRUSTED_PROXY" placeholder:"NETWORK"`
}

func (f shopFlags) config() app.Config {
	return app.Config{Data: f.Data, Listen: f.Listen, Origin: f.Origin, Database: f.Database, Admin: f.Admin, Name: f.Name, HoldFor: f.Hold, PayFor: f.PayFor,
		SMTP: f.SMTP, MailFrom: f.MailFrom, Proxies: f.Proxies}
}

type serveCmd struct {
	shopFlags
	Config   kong.ConfigFlag `help:"TOML file with any of these settings by their long names, as listen = \"localhost:8080\". Flags and environment come before it." placeholder:"FILE" env:"FERRIC_CONFIG"`
	LogLevel string          `help:"How much the log says: debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"FERRIC_LOG_LEVEL"`
	LogJSON  bool            `name:"log-json" help:"Write the log as JSON, a line an event." env:"FERRIC_LOG_JSON"`
}

func (c *serveCmd) Help() string {
	return "Opens a shop. With an empty data folder it makes everything it needs there, its own keys too, and prints a link that works once: " +
		"open it to make the first account, which keeps the shop.\n\n  ferric serve --data shop\n\n" +
		"Every setting can be a flag, an environment variable or a line of one TOML file (--config). A wrong setting stops the start " +
		"with a sentence. Ctrl-C finishes what is under way and stops. /healthz answers while the program runs, /readyz while the shop takes orders. " +
		"The log names no person, no address and no secret."
}

func (c *serveCmd) Run(ctx context.Context, t *terminal) error {
	a, err := app.New(ctx, c.config(), c.logger(t.err))
	if err != nil {
		return fmt.Errorf("%w: %w", errSettings, err)
	}
	defer a.Close()
	l, err := a.Listen()
	if err != nil {
		return err
	}
	first, err := a.FirstLink(ctx)
	if err != nil {
		l.Close()
		return err
	}
	t.say("The shop is open at %s", t.bold(a.Address()))
	if first != "" {
		t.say("It has no account yet. Make the first, which keeps the shop, with this link; it works once and for a day:")
		t.say("  %s", first)
	}
	if err := a.Run(ctx, l); err != nil {
		return err
	}
	t.say("The shop is closed. Nothing that was acknowledged is lost.")
	return nil
}

func (c *serveCmd) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(c.LogLevel)) // the flag's enum allows only what parses
	o := &slog.HandlerOptions{Level: level}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// errSettings marks settings that cannot work.
var errSettings = errors.New("settings")

// readConfig is kong's way to a TOML file: each key is a flag's long name.
func readConfig(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := toml.NewDecoder(io.LimitReader(r, 1<<20)).Decode(&values); err != nil {
		return nil, err
	}
	return tomlSettings(values), nil
}

type tomlSettings map[string]any

// Validate refuses settings that are none: a misspelt one would be silently left out.
func (s tomlSettings) Validate(a *kong.Application) error {
	known := map[string]bool{}
	for _, n := range a.Leaves(false) {
		if n.Name == "serve" {
			for _, f := range n.Flags {
				known[f.Name] = true
			}
		}
	}
	for name := range s {
		if !known[name] || name == "config" || name == "help" {
			return fmt.Errorf("there is no setting %q; ferric serve --help lists them", name)
		}
	}
	return nil
}

// Resolve gives a flag's value.
func (s tomlSettings) Resolve(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	v, ok := s[f.Name]
	if !ok {
		return nil, nil
	}
	switch v := v.(type) {
	case []any:
		return v, nil
	default:
		return fmt.Sprint(v), nil
	}
}
