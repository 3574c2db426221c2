package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/window"
)

// watcher is an open page's stream.
type watcher struct {
	t    *testing.T
	news chan news
	end  chan error
}

// watch opens a release's stream.
func (s *testShop) watch(t *testing.T, path string) *watcher {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.StatusCode != 200 || got.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s: %d %s", path, got.StatusCode, got.Header.Get("Content-Type"))
	}
	w := &watcher{t, make(chan news, 100), make(chan error, 1)}
	go func() {
		defer got.Body.Close()
		lines := bufio.NewScanner(got.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: {"); ok {
				var n news
				if err := json.Unmarshal([]byte("{"+text), &n); err != nil {
					w.end <- err
					return
				}
				w.news <- n
			}
		}
		w.end <- lines.Err()
	}()
	return w
}

// next waits for a message.
func (w *watcher) next() news {
	w.t.Helper()
	select {
	case n := <-w.news:
		return n
	case err := <-w.end:
		w.t.Fatalf("the stream ended: %v", err)
	case <-time.After(20 * time.Second):
		w.t.Fatal("no message came")
	}
	return news{}
}

// An open page sees what others hold and let go: first everything, then what changed.
func TestLiveSeesOthers(t *testing.T) {
	s := newShop(t)
	w := s.watch(t, "/l/specimen/evening/live")
	first := w.next()
	if first.All != strings.Repeat("f", 100)+"aa" || first.Free != 100 || first.Run != s.Run.ID || first.Now != s.Clock.Now().UnixMilli() {
		t.Fatalf("at first: %+v", first)
	}
	s.as("guest").hold(s.Run.ID, 17)
	if n := w.next(); n.Cells[17] != "h" || len(n.Cells) != 1 || n.Free != 99 || n.All != "" {
		t.Fatalf("after a hold: %+v", n)
	}
	// Another process sells: nothing wakes this one, it looks by itself.
	if _, err := s.cfg.Shop.SellByHand(t.Context(), s.Run.ID, 18, string(s.Admin.ID)); err != nil {
		t.Fatal(err)
	}
	if n := w.next(); n.Cells[18] != "g" || n.Free != 98 {
		t.Fatalf("after a sale: %+v", n)
	}
	// A hold runs out by the clock alone.
	s.Clock.Pass(11 * time.Minute)
	if n := w.next(); n.Cells[17] != "f" || n.Free != 99 {
		t.Fatalf("after the hold: %+v", n)
	}
	// Who comes later is told everything at once.
	if n := s.watch(t, "/l/specimen/evening/live").next(); n.Free != 99 || n.All[17] != 'g' {
		t.Fatalf("the second reader: %+v", n)
	}
}

// Streams end when the shop does, and nothing is left of them.
func TestLiveEndsWithTheShop(t *testing.T) {
	grid := func(context.Context, catalog.RunID) ([]window.Cell, time.Time, error) {
		return []window.Cell{{Number: 1, State: catalog.Free, Pool: catalog.Web}}, time.Time{}, nil
	}
	l := newLive(nil, nil)
	l.grid = grid
	w := &Web{live: l}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	r, messages, err := l.join("192.0.2.1", []catalog.RunID{"one"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	<-messages
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	<-l.gone
	l.leave("192.0.2.1", r)
	if len(l.runs) != 0 || len(l.from) != 0 || l.readers != 0 {
		t.Errorf("left behind: %d runs, %d addresses, %d readers", len(l.runs), len(l.from), l.readers)
	}
}

// One address has so many streams, all together have so many, and who does not read is let go without holding up the rest.
func TestLiveBounds(t *testing.T) {
	l := newLive(nil, nil)
	var all []*reader
	for i := range liveReaders {
		r, _, err := l.join(fmt.Sprint("net ", i/liveFrom), []catalog.RunID{"one"}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if _, _, err := l.join("net 0", nil, time.Time{}); fault.Of(err) != fault.Limit {
		t.Errorf("one more of an address: %v", err)
	}
	if _, _, err := l.join("another", nil, time.Time{}); fault.Of(err) != fault.Unavailable {
		t.Errorf("one more: %v", err)
	}
	// Nobody reads: each gets what its queue takes, then it is dropped.
	for i := range liveWait + 5 {
		state := catalog.Free
		if i%2 == 1 {
			state = catalog.Sold
		}
		l.tell("one", []window.Cell{{Number: 1, State: state, Pool: catalog.Web}}, time.Time{})
	}
	if len(l.runs) != 0 {
		t.Error("readers that do not read are kept")
	}
	for i, r := range all {
		l.leave(fmt.Sprint("net ", i/liveFrom), r)
	}
	if l.readers != 0 || len(l.from) != 0 {
		t.Errorf("%d readers, %d addresses are left", l.readers, len(l.from))
	}
}

// A reading that fails is told once and tried again.
func TestLiveGoesOn(t *testing.T) {
	var told []error
	l := newLive(nil, func(err error) { told = append(told, err) })
	broken := errors.New("no database")
	l.grid = func(context.Context, catalog.RunID) ([]window.Cell, time.Time, error) {
		return nil, time.Time{}, broken
	}
	_, messages, err := l.join("here", []catalog.RunID{"one"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1000, 0)
	l.look(t.Context(), now)
	l.look(t.Context(), now.Add(liveAtMost)) // too early
	if len(told) != 1 || !errors.Is(told[0], broken) {
		t.Fatalf("told %v", told)
	}
	l.grid = func(context.Context, catalog.RunID) ([]window.Cell, time.Time, error) {
		return []window.Cell{{Number: 1, State: catalog.Free, Pool: catalog.Web}}, now, nil
	}
	l.look(t.Context(), now.Add(liveAtLeast))
	if text := string(<-messages); !strings.Contains(text, `"all":"f"`) {
		t.Errorf("after that: %s", text)
	}
}
