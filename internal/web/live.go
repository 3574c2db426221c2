package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/window"
)

// live keeps the grids of open pages true. One goroutine reads each watched run at most once a while, compares it
// with what it was, and tells every page that watches it what changed, as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). What other processes sell is seen by reading once a second.
type live struct {
	grid func(context.Context, catalog.RunID) ([]window.Cell, time.Time, error)
	fail func(error)
	wake chan struct{} // something in this process was changed
	gone chan struct{} // closed when Run ends

	mu      sync.Mutex
	runs    map[catalog.RunID]*watched
	from    map[string]int // readers by network
	readers int
}

// watched is a run that somebody looks at.
type watched struct {
	readers map[*reader]bool
	states  string // a letter a number, as last read; empty: never
	free    int
	at      time.Time // when it was read, by the reading process's own clock
	changed bool      // since it was read
}

// reader is a page that is open. What it does not take in time ends it; it comes back and is told everything.
type reader struct {
	runs []catalog.RunID
	news chan []byte
}

const (
	liveReaders = 5000 // at one time, in all
	liveFrom    = 40   // from one network: a household, a venue
	liveWait    = 16   // messages that a reader may be behind
	liveAtMost  = 250 * time.Millisecond
	liveAtLeast = time.Second
	liveBeat    = 15 * time.Second
)

func newLive(w *window.Window, fail func(error)) *live {
	l := &live{fail: fail, wake: make(chan struct{}, 1), gone: make(chan struct{}), runs: map[catalog.RunID]*watched{}, from: map[string]int{}}
	if w != nil {
		l.grid = w.Grid
	}
	return l
}

// Changed says that a run's copies were changed by this process, so that open pages need not wait for the next look.
func (w *Web) Changed(run catalog.RunID) {
	l := w.live
	l.mu.Lock()
	at := l.runs[run]
	if at != nil {
		at.changed = true
	}
	l.mu.Unlock()
	if at != nil {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// Run does what pages need done beside requests until ctx ends. Then open streams end, too. It is called once.
func (w *Web) Run(ctx context.Context) error {
	defer close(w.live.gone)
	tick := time.NewTicker(liveAtMost)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-w.live.wake:
		}
		w.live.look(ctx, time.Now())
	}
}

// look reads the runs whose time it is, and tells.
func (l *live) look(ctx context.Context, now time.Time) {
	l.mu.Lock()
	var due []catalog.RunID
	for run, at := range l.runs {
		since := now.Sub(at.at)
		if since >= liveAtLeast || at.changed && since >= liveAtMost {
			at.at, at.changed = now, false
			due = append(due, run)
		}
	}
	l.mu.Unlock()
	for _, run := range due {
		cells, at, err := l.grid(ctx, run)
		if err != nil {
			if ctx.Err() == nil {
				l.fail(err)
			}
			continue
		}
		l.tell(run, cells, at)
	}
}

// news is a message about one run.
type news struct {
	Run   catalog.RunID  `json:"run"`
	Now   int64          `json:"now"`             // the server's time, ms since 1970
	Free  int            `json:"free"`            // that anybody may hold
	All   string         `json:"all,omitempty"`   // every number's letter, to who has just come
	Cells map[int]string `json:"cells,omitempty"` // the letters that changed, by number
}

// letters are the states of cells in messages.
var letters = map[string]byte{"free": 'f', "held": 'h', "gone": 'g', "void": 'v', "away": 'a'}

func statesOf(cells []window.Cell) (string, int) {
	b, free := make([]byte, len(cells)), 0
	for i, c := range cells {
		state := cellState(c, false)
		b[i] = letters[state]
		if state == "free" {
			free++
		}
	}
	return string(b), free
}

// tell compares a run with what it was and sends the difference.
func (l *live) tell(run catalog.RunID, cells []window.Cell, now time.Time) {
	states, free := statesOf(cells)
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.runs[run]
	if at == nil {
		return
	}
	n := news{Run: run, Now: now.UnixMilli(), Free: free}
	if len(at.states) != len(states) {
		n.All = states
	} else {
		for i := range states {
			if states[i] != at.states[i] {
				if n.Cells == nil {
					n.Cells = map[int]string{}
				}
				n.Cells[cells[i].Number] = states[i : i+1]
			}
		}
		if n.Cells == nil {
			return
		}
	}
	at.states, at.free = states, free
	for r := range at.readers {
		l.send(r, n)
	}
}

// send leaves a message for a reader; one that is too far behind is let go. l.mu is held.
func (l *live) send(r *reader, n news) {
	text, err := json.Marshal(n)
	if err != nil {
		return // it holds nothing that cannot be written
	}
	select {
	case r.news <- text:
	default:
		l.drop(r)
	}
}

// drop forgets a reader. l.mu is held.
func (l *live) drop(r *reader) {
	if r.news == nil {
		return
	}
	for _, run := range r.runs {
		if at := l.runs[run]; at != nil {
			delete(at.readers, r)
			if len(at.readers) == 0 {
				delete(l.runs, run)
			}
		}
	}
	close(r.news)
	r.news = nil
}

// join adds a reader of runs.
func (l *live) join(network string, runs []catalog.RunID, now time.Time) (*reader, <-chan []byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from[network] >= liveFrom {
		return nil, nil, fault.New(fault.Limit, "Many pages are open from your address; this one is not kept up to date. Reload it to see what is free.")
	}
	if l.readers >= liveReaders {
		return nil, nil, fault.New(fault.Unavailable, "Very many people are looking; this page is not kept up to date just now. Reload it to see what is free.")
	}
	l.from[network]++
	l.readers++
	r := &reader{runs: runs, news: make(chan []byte, liveWait+len(runs))}
	for _, run := range runs {
		at := l.runs[run]
		if at == nil {
			at = &watched{readers: map[*reader]bool{}}
			l.runs[run] = at
		}
		at.readers[r] = true
		if at.states != "" {
			l.send(r, news{Run: run, Now: now.UnixMilli(), Free: at.free, All: at.states})
		}
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return r, r.news, nil
}

func (l *live) leave(network string, r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(r)
	l.readers--
	if l.from[network]--; l.from[network] <= 0 {
		delete(l.from, network)
	}
}

// stream answers a page that wants to be kept true, for as long as it stays.
func (w *Web) stream(v *visit, runs []catalog.RunID) error {
	select {
	case <-w.live.gone:
		return fault.New(fault.Unavailable, "The shop is closing for a moment.")
	default:
	}
	home := network(v.from())
	r, messages, err := w.live.join(home, runs, v.Now)
	if err != nil {
		return err
	}
	defer w.live.leave(home, r)
	out := http.NewResponseController(v.w)
	out.SetReadDeadline(time.Time{}) // the time for a request is over long before the reader goes
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	write := func(format string, args ...any) bool {
		out.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a connection that cannot have one has the server's own
		_, err := fmt.Fprintf(v.w, format, args...)
		return err == nil && out.Flush() == nil
	}
	if !write("retry: 3000\nevent: now\ndata: %d\n\n", v.Now.UnixMilli()) {
		return nil
	}
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for {
		select {
		case <-v.r.Context().Done():
			return nil
		case <-w.live.gone:
			return nil
		case text, ok := <-messages:
			if !ok || !write("data: %s\n\n", text) {
				return nil
			}
		case <-beat.C:
			if !write("event: now\ndata: %d\n\n", w.cfg.Now().UnixMilli()) {
				return nil
			}
		}
	}
}
