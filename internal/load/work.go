//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
)

// work is one thing that buyers do, measured alone. do is called from many goroutines, each with a connection of its own.
type work struct {
	name string
	do   func(c *conn, i int) error
}

// works are what is measured.
func (s *site) works() []work {
	get := func(path string, b buyer) request {
		return request{method: "GET", path: path, buyer: b, gzip: true}
	}
	known := newBuyer(0)
	return []work{
		{"release page, cached", func(c *conn, i int) error {
			return page(c.do(get(s.page, buyer{from: address(i % 40_000)})))
		}},
		{"release page of 100 numbers, read each time", func(c *conn, i int) error {
			return page(c.do(get(s.page, buyer{from: address(i % 40_000), visitor: known.visitor})))
		}},
		{"search", func(c *conn, i int) error {
			return page(c.do(get("/search?q=stock+1", buyer{from: address(i % 40_000), visitor: known.visitor})))
		}},
		{"hold", func(c *conn, i int) error {
			_, err := hold(c, newBuyer(i), s.stocked(i), "any")
			return err
		}},
		{"hold and order", func(c *conn, i int) error {
			b := newBuyer(i)
			n, err := hold(c, b, s.stocked(i), "any")
			if err == nil {
				_, err = order(c, b, i, s.stocked(i), n)
			}
			return err
		}},
		{"whole checkout: hold, basket, form, order, order's page", func(c *conn, i int) error {
			return s.checkout(c, newBuyer(i), i)
		}},
	}
}

// stocked is a run for the i-th order; they are used in turn, so that none runs out before the others.
func (s *site) stocked(i int) catalog.RunID { return s.stock[i%len(s.stock)].ID }

// refusal is an answer that was not what was asked for.
type refusal struct {
	status int
	body   string
}

func (r refusal) Error() string { return fmt.Sprintf("answered %d: %.300s", r.status, r.body) }

// taken reports whether somebody else was first.
func taken(err error) bool {
	var r refusal
	return errors.As(err, &r) && r.status == 409
}

// limited reports whether it was more than one person may have.
func limited(err error) bool {
	var r refusal
	return errors.As(err, &r) && r.status == 429
}

func page(a answer, err error) error {
	if err == nil && a.status != 200 {
		err = refusal{a.status, string(a.body)}
	}
	return err
}

// hold holds a number, or "any", and says which numbers of the run the buyer has now.
func hold(c *conn, b buyer, run catalog.RunID, number string) ([]int, error) {
	a, err := c.do(request{method: "POST", path: "/basket", buyer: b, json: true, form: url.Values{"run": {string(run)}, "number": {number}}})
	if err := page(a, err); err != nil {
		return nil, err
	}
	var got struct{ Held []int }
	if err := json.Unmarshal(a.body, &got); err != nil {
		return nil, err
	}
	if len(got.Held) != 1 {
		return nil, fmt.Errorf("one person may have one copy, and the basket has %v", got.Held)
	}
	return got.Held, nil
}

// order orders numbers that the buyer holds. The same buyer ordering again sends the same key.
func order(c *conn, b buyer, i int, run catalog.RunID, numbers []int) ([]shop.Receipt, error) {
	form := home(i)
	form.Set("key", "key of "+b.visitor)
	for _, n := range numbers {
		form.Add("line", fmt.Sprintf("%s:%d:%d", run, n, priceMinor))
	}
	a, err := c.do(request{method: "POST", path: "/checkout", buyer: b, json: true, form: form})
	if err != nil {
		return nil, err
	}
	if a.status != 201 {
		return nil, refusal{a.status, string(a.body)}
	}
	var receipts []shop.Receipt
	return receipts, json.Unmarshal(a.body, &receipts)
}

// home is where the i-th buyer lives: people at one address, or with one mailbox, count as one.
func home(i int) url.Values {
	return url.Values{"mail": {fmt.Sprintf("buyer%d@tapes.example", i)}, "name": {"Ada Quill"}, "street": {fmt.Sprintf("Hafenstrasse %d", i)},
		"code": {"20359"}, "city": {"Hamburg"}, "country": {"DE"}, "method": {"transfer"}}
}

// checkout is a whole purchase as a browser without scripts makes it: five requests, three of them pages that are read for what they ask.
func (s *site) checkout(c *conn, b buyer, i int) error {
	a, err := c.do(request{method: "POST", path: "/basket", buyer: b, form: url.Values{"run": {string(s.stocked(i))}, "number": {"any"}}})
	if err == nil && a.status != 303 {
		err = refusal{a.status, string(a.body)}
	}
	if err != nil {
		return err
	}
	if err := page(c.do(request{method: "GET", path: a.location, buyer: b, gzip: true})); err != nil {
		return err
	}
	a, err = c.do(request{method: "GET", path: "/checkout", buyer: b})
	if err := page(a, err); err != nil {
		return err
	}
	form := home(i)
	for _, name := range []string{"key", "line"} {
		_, rest, ok := strings.Cut(string(a.body), `name="`+name+`" value="`)
		value, _, end := strings.Cut(rest, `"`)
		if !ok || !end {
			return fmt.Errorf("the page of the checkout has no field %q", name)
		}
		form.Set(name, html.UnescapeString(value))
	}
	a, err = c.do(request{method: "POST", path: "/checkout", buyer: b, form: form})
	if err == nil && a.status != 303 {
		err = refusal{a.status, string(a.body)}
	}
	if err != nil {
		return err
	}
	return page(c.do(request{method: "GET", path: a.location, buyer: b, gzip: true}))
}

// bench measures works on one server.
type bench struct {
	site   *site
	server *server
	conns  int
	each   time.Duration
	next   atomic.Int64 // no buyer comes twice
}

// figures of one work.
type figures struct {
	rate     float64       // a second, as fast as all connections together went
	cpu      time.Duration // of the server, for one
	pace     float64       // at which the waits were measured
	p50, p99 time.Duration
}

func (f figures) cells(name string) []string {
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }
	return []string{name, fmt.Sprintf("%.0f", f.rate), ms(f.p50), ms(f.p99), fmt.Sprintf("%.0f", f.pace), fmt.Sprintf("%.3f", f.cpu.Seconds()*1000)}
}

// run asks first as fast as it goes, for the rate, and then at half of that rate, for what one waits: a client that asks again
// only when it has been answered hides every queue that it made.
func (b *bench) run(ctx context.Context, w work) (f figures, err error) {
	before, err := b.server.cpu()
	if err != nil {
		return f, err
	}
	waits, took, err := b.ask(ctx, w, 0)
	if err != nil {
		return f, err
	}
	after, err := b.server.cpu()
	if err != nil {
		return f, err
	}
	f.rate = float64(len(waits)) / took.Seconds()
	f.cpu = (after - before) / time.Duration(len(waits))
	f.pace = f.rate / 2
	if waits, _, err = b.ask(ctx, w, f.pace); err != nil {
		return f, err
	}
	slices.Sort(waits)
	f.p50, f.p99 = waits[len(waits)/2], waits[len(waits)*99/100]
	return f, nil
}

// ask does a work on all connections for a while: at a pace, or one after the other when pace is 0. A wait begins when a request was due.
func (b *bench) ask(ctx context.Context, w work, pace float64) (waits []time.Duration, took time.Duration, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var turn atomic.Int64
	ctx, cancel := context.WithTimeout(ctx, b.each)
	defer cancel()
	began := time.Now()
	for range b.conns {
		c, err := b.site.dial()
		if err != nil {
			return nil, 0, err
		}
		defer c.Close()
		wg.Go(func() {
			var mine []time.Duration
			var failed error
			for ctx.Err() == nil && failed == nil {
				due := time.Now()
				if pace > 0 {
					due = began.Add(time.Duration(float64(turn.Add(1)) / pace * float64(time.Second)))
					select {
					case <-time.After(time.Until(due)):
					case <-ctx.Done():
						continue
					}
				}
				if failed = w.do(c, int(b.next.Add(1))); failed == nil {
					mine = append(mine, time.Since(due))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			waits = append(waits, mine...)
			if failed != nil {
				err = failed
				cancel()
			}
		})
	}
	wg.Wait()
	if err == nil && len(waits) == 0 {
		err = errors.New("nothing was answered in time")
	}
	return waits, time.Since(began), err
}
