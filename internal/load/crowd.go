//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
)

// crowd is buyers who all want a copy of one run in the same moment.
type crowd struct {
	site *site
	run  catalog.RunID
	told *told

	buyers            int
	requests, letGo   atomic.Int64
	refused           atomic.Int64
	began             time.Time
	firstAll, settled time.Duration
	passes            int
}

func (c *crowd) String() string {
	return fmt.Sprintf("%d buyers before %d copies: settled in %.2f s, all answered once after %.2f s; %d requests, %d refused, %d let go and sold again, %d orders, none sold twice, none stuck",
		c.buyers, dropCopies, c.settled.Seconds(), c.firstAll.Seconds(), c.requests.Load(), c.refused.Load(), c.letGo.Load(), c.told.size())
}

// crowd sends buyers to the drop. Half of them choose a number first and take any when that is gone. Every fifth sends the hold
// twice at once, every third the order. Every fourth of those who hold a copy lets it go. Who was refused comes again until the
// run is sold out: it ends when every buyer has been answered and every copy is in an order.
func (s *site) crowd(ctx context.Context, buyers, conns int) (*crowd, error) {
	c := &crowd{site: s, run: s.drop.ID, told: newTold(), buyers: buyers}
	waiting := make([]person, buyers)
	for i := range waiting {
		waiting[i] = person{n: i, buyer: newBuyer(1<<20 + i)}
	}
	pool := make([][2]*conn, conns) // two each: for requests that are sent twice
	for i := range pool {
		for k := range pool[i] {
			var err error
			if pool[i][k], err = s.dial(); err != nil {
				return nil, err
			}
			defer pool[i][k].Close()
		}
	}
	c.began = time.Now()
	for c.told.size() < dropCopies {
		if c.passes++; c.passes > 20 {
			return nil, fmt.Errorf("after %d passes only %d of %d copies are sold", c.passes-1, c.told.size(), dropCopies)
		}
		left, err := c.pass(ctx, waiting, pool)
		if err != nil {
			return nil, err
		}
		if c.passes == 1 {
			c.firstAll = time.Since(c.began)
		}
		waiting = left
	}
	c.settled = max(c.settled, c.firstAll)
	return c, nil
}

type person struct {
	buyer
	n int
}

// pass lets everybody who waits try once, and gives those who were refused.
func (c *crowd) pass(ctx context.Context, waiting []person, pool [][2]*conn) (left []person, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var next atomic.Int64
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, pair := range pool {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(waiting) {
					return
				}
				gotNone, failed := c.buy(waiting[i], pair)
				mu.Lock()
				if gotNone {
					left = append(left, waiting[i])
				}
				if failed != nil {
					err = fmt.Errorf("buyer %d: %w", waiting[i].n, failed)
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return left, err
}

// buy is one buyer's try. They have bought, or let go what they held, or were refused.
func (c *crowd) buy(p person, pair [2]*conn) (refused bool, err error) {
	numbers, err := c.hold(p, pair)
	if taken(err) {
		c.refused.Add(1)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if p.n%4 == 3 {
		return false, c.drop(p, pair[0], numbers[0])
	}
	receipts, err := c.order(p, pair, numbers)
	if err != nil {
		return false, err
	}
	if err := c.told.add(receipts, false); err != nil {
		return false, err
	}
	if c.told.size() == dropCopies {
		c.settled = time.Since(c.began)
	}
	return false, nil
}

// hold tries a number that the buyer likes, and then any.
func (c *crowd) hold(p person, pair [2]*conn) ([]int, error) {
	wishes := []string{strconv.Itoa(p.n*37%dropCopies + 1), "any"}
	if p.n%2 == 0 {
		wishes = wishes[1:]
	}
	for i, wish := range wishes {
		numbers, err := c.holdOne(p, pair, wish)
		if i == len(wishes)-1 || !taken(err) {
			return numbers, err
		}
	}
	panic("there is always a last wish")
}

// holdOne sends a hold, some twice at once: both may get the same copy, and never two.
func (c *crowd) holdOne(p person, pair [2]*conn, wish string) ([]int, error) {
	ask := func(i int) ([]int, error) {
		c.requests.Add(1)
		return hold(pair[i], p.buyer, c.run, wish)
	}
	if p.n%5 != 0 {
		return ask(0)
	}
	var wg sync.WaitGroup
	var numbers [2][]int
	var errs [2]error
	for i := range pair {
		wg.Go(func() { numbers[i], errs[i] = ask(i) })
	}
	wg.Wait()
	for i := range pair {
		other := errs[1-i]
		if errs[i] == nil && (other == nil && numbers[0][0] == numbers[1][0] || taken(other) || limited(other)) {
			return numbers[i], nil // the second of two was refused, as a second copy is not theirs to have
		}
	}
	if errs[0] == nil {
		return nil, fmt.Errorf("sent twice, the hold got %v and %v", numbers, errs)
	}
	return nil, errs[0]
}

// order orders, some twice at once with one key: both get the same receipt.
func (c *crowd) order(p person, pair [2]*conn, numbers []int) ([]shop.Receipt, error) {
	ask := func(i int) ([]shop.Receipt, error) {
		c.requests.Add(1)
		return order(pair[i], p.buyer, 1<<20+p.n, c.run, numbers)
	}
	if p.n%3 != 0 {
		return ask(0)
	}
	var wg sync.WaitGroup
	var receipts [2][]shop.Receipt
	var errs [2]error
	for i := range pair {
		wg.Go(func() { receipts[i], errs[i] = ask(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	a, _ := json.Marshal(receipts[0])
	b, _ := json.Marshal(receipts[1])
	if string(a) != string(b) {
		return nil, fmt.Errorf("one order sent twice got two receipts: %s and %s", a, b)
	}
	return receipts[0], nil
}

// drop lets a held copy go.
func (c *crowd) drop(p person, conn *conn, number int) error {
	c.requests.Add(1)
	a, err := conn.do(request{method: "POST", path: "/basket/let-go", buyer: p.buyer, form: url.Values{"copy": {fmt.Sprintf("%s:%d", c.run, number)}}})
	if err == nil && a.status != 303 {
		err = refusal{a.status, string(a.body)}
	}
	c.letGo.Add(1)
	return err
}
