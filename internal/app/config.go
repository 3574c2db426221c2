package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config is everything that a shop can be told. Zero fields mean the default in brackets.
type Config struct {
	Data     string // folder of the database, files, keys and log; needed
	Listen   string // where connections are taken: "host:port" [localhost:8080]
	Origin   string // the address that people use: "https://tapes.example" [http://LISTEN]
	Database string // "postgres://..." for PostgreSQL [SQLite in Data]
	Admin    string // where measurements are answered: "localhost:9464" [nowhere]
	Name     string // of the shop ["Ferric"]

	HoldFor time.Duration // how long a basket holds a copy [10 min]
	PayFor  time.Duration // how long an order waits for its money [5 days]

	SMTP     string   // "smtp://user:password@host:587" [no mail]
	MailFrom string   // the sender of mails [needed with SMTP]
	Proxies  []string // addresses or networks whose X-Forwarded-For is believed [none]

	origin  *url.URL
	proxies []netip.Prefix
}

// check fills the defaults in and refuses what cannot work, with a sentence that names the setting.
func (c *Config) check() error {
	if c.Data == "" {
		return errors.New("data: a folder is needed to keep the shop in")
	}
	if c.Listen == "" {
		c.Listen = "localhost:8080"
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %q is not host:port, such as localhost:8080", c.Listen)
	}
	if c.Admin != "" {
		if _, _, err := net.SplitHostPort(c.Admin); err != nil {
			return fmt.Errorf("admin: %q is not host:port, such as localhost:9464", c.Admin)
		}
	}
	if c.Origin == "" {
		if host == "" || host == "0.0.0.0" || host == "::" {
			return errors.New("origin: a shop that listens on every address must be told by which one people reach it, such as https://tapes.example")
		}
		c.Origin = "http://" + net.JoinHostPort(host, port)
	}
	c.origin, err = url.Parse(c.Origin)
	if err != nil || c.origin.Host == "" || c.origin.Scheme != "http" && c.origin.Scheme != "https" || strings.Trim(c.origin.Path, "/") != "" || c.origin.RawQuery != "" || c.origin.Fragment != "" || c.origin.User != nil {
		return fmt.Errorf("origin: %q is not an address such as https://tapes.example", c.Origin)
	}
	c.origin.Path = ""
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		return errors.New("database: only postgres://... can be named here; leave it out to keep everything in the data folder")
	}
	if c.HoldFor < 0 || c.HoldFor > 0 && c.HoldFor < time.Minute || c.HoldFor > 24*time.Hour {
		return errors.New("hold: a hold lasts from 1m to 24h")
	}
	if c.PayFor < 0 || c.PayFor > 0 && c.PayFor < time.Hour || c.PayFor > 60*24*time.Hour {
		return errors.New("pay-within: an order waits from 1h to 1440h")
	}
	for _, p := range c.Proxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			addr, err := netip.ParseAddr(p)
			if err != nil {
				return fmt.Errorf("trusted-proxy: %q is neither an address nor a network such as 10.0.0.0/8", p)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		c.proxies = append(c.proxies, prefix)
	}
	return c.checkMail()
}

func (c *Config) checkMail() error {
	if c.SMTP == "" && c.MailFrom != "" {
		return errors.New("mail-from: a sender is named but no server; set smtp as well")
	}
	if c.SMTP != "" && c.MailFrom == "" {
		return errors.New("mail-from: the sender of mails is needed, such as shop@tapes.example")
	}
	return nil
}
