package web

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"ferric/internal/fault"
)

// cache keeps pages that every guest without a basket sees alike, for a second each. Those who come while one is
// being written wait for it, so that a crowd at an opening costs one page a second.
type cache struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]*kept // guarded by mu
}

type kept struct {
	ready  chan struct{} // closed when the rest is set
	at     time.Time
	header http.Header
	status int
	body   []byte
	zipped []byte
	err    error
}

const (
	keepFor = time.Second
	maxKept = 256       // pages
	maxPage = 256 << 10 // bytes of one; a larger one goes to those who waited for it and is not kept
)

func newCache(now func() time.Time) *cache { return &cache{now: now, kept: map[string]*kept{}} }

func (c *cache) serve(v *visit, do func(*visit) error) {
	key := v.r.URL.RequestURI()
	now := c.now()
	c.mu.Lock()
	k := c.kept[key]
	mine := k == nil || now.Sub(k.at) > keepFor || now.Before(k.at)
	if mine {
		if len(c.kept) >= maxKept {
			clear(c.kept)
		}
		k = &kept{ready: make(chan struct{}), at: now}
		c.kept[key] = k
	}
	c.mu.Unlock()
	if mine {
		c.fill(k, v, do)
	} else {
		select {
		case <-k.ready:
		case <-v.r.Context().Done():
			return
		}
	}
	if k.err != nil {
		v.fail(k.err)
		return
	}
	h := v.w.Header()
	for name, values := range k.header {
		h[name] = values
	}
	h.Set("Cache-Control", "public, max-age=1")
	h.Set("Vary", "Cookie, Accept-Encoding")
	body := k.body
	if k.zipped != nil && acceptsGzip(v.r) {
		h.Set("Content-Encoding", "gzip")
		body = k.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	v.w.WriteHeader(k.status)
	if v.r.Method != http.MethodHead {
		v.w.Write(body)
	}
}

// fill runs the handler once and keeps what it wrote. A failure is told to those who wait and not kept.
func (c *cache) fill(k *kept, v *visit, do func(*visit) error) {
	defer close(k.ready)
	k.err = errBroken // until it is written, also when the handler panics
	rec := &recorder{header: http.Header{}}
	inner := *v
	inner.w = rec
	r := v.r.Clone(context.WithoutCancel(v.r.Context())) // others wait for it, whoever began it
	r.Header.Del("Accept-Encoding")
	r.Method = http.MethodGet // who asks for the head alone has the body written for the others
	inner.r = r
	k.err = do(&inner)
	k.header, k.status, k.body = rec.header, rec.status, rec.body.Bytes()
	k.header.Del("Content-Length")
	k.header.Del("Vary")
	if k.status == 0 {
		k.status = http.StatusOK
	}
	if len(k.body) > 1<<10 {
		k.zipped = compress(k.body)
	}
	if k.err != nil || k.status != http.StatusOK || len(k.body) > maxPage {
		c.mu.Lock()
		if key := v.r.URL.RequestURI(); c.kept[key] == k {
			delete(c.kept, key)
		}
		c.mu.Unlock()
	}
}

var errBroken = fault.New(fault.Internal, "Something broke here. Nothing was changed; please try again.")

// recorder is a response kept in memory.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(code int)        { r.status = code }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
