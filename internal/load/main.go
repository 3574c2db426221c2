//go:build linux

// Command load puts a crowd before a shop and says how it held.
//
// It fills a shop in a temporary folder, starts "ferric serve" on it as a process of its own on the loopback, and asks for
// pages, holds and orders over plain HTTP connections, each simulated buyer with a cookie and an address of their own (the
// server is told to believe the load program's X-Forwarded-For, so its limits an address stand and are met by nobody). It reads
// the processor time and the memory of the server alone, from /proc. Then 10,000 buyers want a run of 100 in the same moment.
// With --kills it does something else: it kills the server again and again while buyers order, and looks afterwards for
// everything that was acknowledged.
//
// Whatever it did, the shop is opened at the end and its rows, its orders and its ownership log are held against what the
// buyers were told. A number sold twice, a lost order or a copy that is stuck is an error.
//
// It counts processor time as Linux does, so it runs on Linux only.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

// options say what to do. All is bounded in time and count.
type options struct {
	ferric   string        // the program to serve with
	database string        // "postgres://..." of an empty database; empty for SQLite
	each     time.Duration // how long one kind of request is measured
	conns    int           // connections at one time
	buyers   int           // in the crowd
	kills    int
	only     string // kinds of requests whose name has this
}

func main() {
	var o options
	flag.StringVar(&o.ferric, "ferric", "bin/ferric", "the program to serve with")
	flag.StringVar(&o.database, "database", "", "postgres://... of an empty database (SQLite)")
	flag.DurationVar(&o.each, "each", 4*time.Second, "how long each kind of request is measured")
	flag.IntVar(&o.conns, "connections", 64, "connections at one time")
	flag.IntVar(&o.buyers, "buyers", 10_000, "in the crowd before the run of 100")
	flag.IntVar(&o.kills, "kills", 0, "kill the server so often while buyers order, and measure nothing")
	flag.StringVar(&o.only, "only", "", "measure only the kinds of requests whose name has this in it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "ferric-load")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := place(o.ferric, dir, o.database)
	if err != nil {
		return err
	}
	if o.kills > 0 {
		if err := s.fill(ctx, 2, 40*o.kills); err != nil {
			return err
		}
		k, err := s.kill(ctx, o.kills)
		if err == nil {
			fmt.Println(k)
		}
		return err
	}
	return s.measure(ctx, o)
}

// measure runs everything that has a figure, and prints a table.
func (s *site) measure(ctx context.Context, o options) error {
	perSecond := 4_000 // more orders than any machine made so far
	if err := s.fill(ctx, 1+perSecond*3*int(o.each/time.Second)/stockRun, stockRun); err != nil {
		return err
	}
	t := table{}
	var starts []string
	var idle int64
	for range 3 {
		p, err := s.start(ctx)
		if err != nil {
			return err
		}
		starts = append(starts, fmt.Sprint(p.took.Round(time.Millisecond)))
		time.Sleep(2 * time.Second) // what is resident once all has been quiet for a while
		if idle, _, err = p.memory(); err != nil {
			return err
		}
		if err := p.stop(); err != nil {
			return err
		}
	}
	p, err := s.start(ctx)
	if err != nil {
		return err
	}
	defer p.kill()
	fmt.Printf("%s, load %s, %d connections, %v each\n\n", s.engine(), loadAverage(), o.conns, o.each)
	t.head("what", "a second", "p50 ms", "p99 ms", "at so many a second", "server CPU ms each")
	b := bench{site: s, server: p, conns: o.conns, each: o.each}
	for _, w := range s.works() {
		if !strings.Contains(w.name, o.only) {
			continue
		}
		r, err := b.run(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		t.row(r.cells(w.name)...)
	}
	before, err := p.cpu()
	if err != nil {
		return err
	}
	c, err := s.crowd(ctx, o.buyers, max(o.conns, 256))
	if err != nil {
		return err
	}
	after, err := p.cpu()
	if err != nil {
		return err
	}
	_, most, err := p.memory()
	if err != nil {
		return err
	}
	if err := p.stop(); err != nil {
		return err
	}
	if err := s.audit(ctx, c.told, c.run); err != nil {
		return err
	}
	fmt.Printf("\n%v; server CPU %.1f s\n", c, (after - before).Seconds())
	fmt.Printf("resident memory: idle %d MB, at most %d MB; start to ready: %s\n", idle>>20, most>>20, strings.Join(starts, ", "))
	return nil
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

// table prints rows as Markdown has them.
type table struct{}

func (table) row(cells ...string) { fmt.Println("| " + strings.Join(cells, " | ") + " |") }

func (t table) head(cells ...string) {
	t.row(cells...)
	t.row(strings.Split(strings.Repeat("---,", len(cells)-1)+"---", ",")...)
}
