//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
)

// killing is a shop whose server is killed while buyers order.
type killing struct {
	site *site
	told *told
	next atomic.Int64

	mu    sync.Mutex
	open  []attempt // orders that were sent and not answered when the server died
	again int       // of those, sent once more to the next server

	kills  int
	starts []time.Duration
}

// attempt is an order that a buyer has sent.
type attempt struct {
	buyer   buyer
	i       int
	run     catalog.RunID
	numbers []int
}

func (k *killing) String() string {
	paid := 0
	for _, a := range k.told.orders {
		if a.paid {
			paid++
		}
	}
	slices.Sort(k.starts)
	return fmt.Sprintf("%s: %d kills, %d acknowledged orders, %d of them paid, none lost or doubled; %d sent again after a kill; start to ready: half within %v, all within %v",
		k.site.engine(), k.kills, len(k.told.orders), paid, k.again, k.starts[len(k.starts)/2].Round(time.Millisecond), k.starts[len(k.starts)-1].Round(time.Millisecond))
}

// kill starts the server so often, lets buyers order and the desk mark every other order paid, and kills it at a different moment
// each time; every tenth time while it starts. Orders without an answer are sent again, with the same key, to the next server.
// In the end everything that was acknowledged is looked for.
func (s *site) kill(ctx context.Context, times int) (*killing, error) {
	k := &killing{site: s, told: newTold(), kills: times}
	for round := range times {
		if round%10 == 9 {
			p, err := s.launch()
			if err != nil {
				return nil, err
			}
			time.Sleep(time.Duration(round%70) * 3 * time.Millisecond)
			p.kill()
			continue
		}
		if err := k.round(ctx, 2+round*17%25); err != nil {
			return nil, fmt.Errorf("round %d: %w", round, err)
		}
	}
	if err := k.round(ctx, 0); err != nil { // sends again what the last kill left open
		return nil, err
	}
	return k, s.audit(ctx, k.told, "")
}

// round serves until so many more orders are acknowledged. With none it only asks again.
func (k *killing) round(ctx context.Context, more int) error {
	p, err := k.site.start(ctx)
	if err != nil {
		return err
	}
	k.starts = append(k.starts, p.took)
	if err := k.repeat(); err != nil {
		p.kill()
		return err
	}
	if more == 0 {
		return p.stop()
	}
	enough := k.told.size() + more
	var wg sync.WaitGroup
	failed := make(chan error, 16)
	for range cap(failed) {
		wg.Go(func() {
			if err := k.buyers(); err != nil {
				failed <- err
			}
		})
	}
	deadline := time.Now().Add(patience)
	for k.told.size() < enough && len(failed) == 0 && time.Now().Before(deadline) && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	p.kill()
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	if k.told.size() < enough {
		return fmt.Errorf("only %d orders in %v\n%s", k.told.size(), patience, p.out)
	}
	if said := p.out.String(); strings.Contains(said, "panic") || strings.Contains(said, "ERROR") {
		return fmt.Errorf("the server said:\n%s", said)
	}
	return ctx.Err()
}

// repeat sends open orders again: whether or not the dead server had taken them, there is one order in the end.
func (k *killing) repeat() error {
	if len(k.open) == 0 {
		return nil
	}
	c, err := k.site.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	for _, a := range k.open {
		receipts, err := order(c, a.buyer, a.i, a.run, a.numbers)
		if err == nil {
			err = k.told.add(receipts, false)
		}
		if err != nil {
			return fmt.Errorf("an order that had no answer, sent again: %w", err)
		}
	}
	k.again += len(k.open)
	k.open = nil
	return nil
}

// buyers order one after the other until the server is gone. What is an error while it is there is one of the shop.
func (k *killing) buyers() error {
	c, err := k.site.dial()
	if err != nil {
		return nil // it is gone
	}
	defer c.Close()
	for {
		i := int(k.next.Add(1))
		a := attempt{buyer: newBuyer(i), i: i, run: k.site.stocked(i)}
		if a.numbers, err = hold(c, a.buyer, a.run, "any"); err != nil {
			return broken(err)
		}
		receipts, err := order(c, a.buyer, i, a.run, a.numbers)
		if err != nil {
			k.mu.Lock()
			k.open = append(k.open, a)
			k.mu.Unlock()
			return broken(err)
		}
		if err := k.told.add(receipts, false); err != nil {
			return err
		}
		if i%2 == 0 {
			continue
		}
		if err := k.pay(c, receipts); err != nil {
			return broken(err)
		}
	}
}

// pay marks an order paid, as the label does at its desk. When there is no answer, it may be paid or not.
func (k *killing) pay(c *conn, receipts []shop.Receipt) error {
	id := receipts[0].Order
	k.told.asking(id)
	a, err := c.do(request{method: "POST", path: "/desk/" + k.site.label.Slug + "/orders/" + string(id) + "/paid", buyer: buyer{from: address(0), session: k.site.desk}})
	if err == nil && a.status != 303 {
		err = refusal{a.status, string(a.body)}
	}
	if err != nil {
		return err
	}
	return k.told.add(receipts, true)
}

// broken keeps the errors that a shop answered with, and drops those of a connection whose server was killed.
func broken(err error) error {
	if r, ok := err.(refusal); ok {
		return r
	}
	return nil
}
