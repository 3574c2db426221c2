package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"ferric/ledger"
)

// webLog is a log's static files as a shop serves them, as a file system to audit. It asks only the origin that it was
// given, takes no file larger than one of a log can be, waits for none longer than its timeout, and
// fetches a few ahead of the reader. A file that is not there is fs.ErrNotExist; what else
// goes wrong on the way says nothing about the log, and is kept in failed.
type webLog struct {
	ctx     context.Context
	client  *http.Client
	base    *url.URL // ends with a slash
	timeout time.Duration

	mu     sync.Mutex
	failed error // the first failure that is the network's
	total  int64 // bytes taken

	// The reader's alone.
	next  func() (string, bool)   // the file to fetch next
	done  func()                  // ends next
	ahead map[string]chan webFile // what is fetched or on its way, at most webAhead
	ends  sync.WaitGroup
	stop  context.CancelFunc
}

type webFile struct {
	data []byte
	err  error
}

const (
	webAhead = 8        // files at once
	webTotal = 16 << 30 // bytes of one log
	webTries = 3
)

// openWebLog finds the log at an address: there, or below it under ledger/, where a shop of Ferric's has it.
func openWebLog(ctx context.Context, address string, timeout time.Duration) (*webLog, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("%w: %q is not the address of a log, as https://tapes.example/ledger", errUsage, address)
	}
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	w := &webLog{base: base, timeout: timeout, ahead: map[string]chan webFile{}, done: func() {}}
	w.ctx, w.stop = context.WithCancel(ctx)
	w.client = &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true, MaxIdleConnsPerHost: webAhead,
			MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Scheme != base.Scheme || r.URL.Host != base.Host {
				return fmt.Errorf("it sends us on to %s://%s, which is not where the log was said to be", r.URL.Scheme, r.URL.Host)
			}
			if len(via) > 3 {
				return errors.New("it sends us in circles")
			}
			return nil
		},
	}
	signed, err := w.fetch(w.base, ledger.CheckpointPath)
	if errors.Is(err, fs.ErrNotExist) && !strings.HasSuffix(base.Path, "/ledger/") {
		below := base.JoinPath("ledger/")
		if found, err2 := w.fetch(below, ledger.CheckpointPath); err2 == nil {
			w.base, signed, err = below, found, nil
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.close()
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if err == nil {
		w.expect(signed)
	}
	return w, nil
}

// expect keeps the checkpoint that was fetched, so that the audit is of that one, and begins to fetch what
// it covers. Nothing of it is verified here; a false size only makes files be asked for that are not there.
func (w *webLog) expect(signed []byte) {
	kept := make(chan webFile, 1)
	kept <- webFile{signed, nil}
	w.ahead[ledger.CheckpointPath] = kept
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	if head, err := ledger.ParseCheckpoint(string(text) + "\n"); err == nil { // otherwise the audit will say so
		w.next, w.done = iter.Pull(ledger.Files(head.Size))
	}
}

// fill has as many files on their way as may be.
func (w *webLog) fill() {
	for w.next != nil && len(w.ahead) < webAhead {
		name, more := w.next()
		if !more {
			w.next = nil
			return
		}
		file := make(chan webFile, 1)
		w.ahead[name] = file
		w.ends.Go(func() {
			data, err := w.fetch(w.base, name)
			file <- webFile{data, err}
		})
	}
}

// close ends what is under way.
func (w *webLog) close() {
	w.stop()
	w.done()
	w.ends.Wait()
	w.client.CloseIdleConnections()
}

// lost is what kept a file from being read, if anything did.
func (w *webLog) lost() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// Open reads a file of the log.
func (w *webLog) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	w.fill()
	var f webFile
	if file, ok := w.ahead[name]; ok {
		f = <-file
		delete(w.ahead, name)
		w.fill()
	} else {
		f.data, f.err = w.fetch(w.base, name)
	}
	if f.err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: f.err}
	}
	return &webOpened{bytes.NewReader(f.data), webInfo{name, int64(len(f.data))}}, nil
}

// Stat says that a file may be there; only Open asks.
func (w *webLog) Stat(name string) (fs.FileInfo, error) { return webInfo{name: name}, nil }

// fetch gets a file, and tries again when the server is busy or the connection breaks.
func (w *webLog) fetch(base *url.URL, name string) (data []byte, err error) {
	if lost := w.lost(); lost != nil {
		return nil, lost
	}
	for try := 1; ; try++ {
		again := false
		if data, again, err = w.get(base, name); err == nil || errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
		if !again || try == webTries || w.ctx.Err() != nil {
			break
		}
		select {
		case <-time.After(time.Duration(try) * 200 * time.Millisecond):
		case <-w.ctx.Done():
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = fmt.Errorf("%s: %w", base.JoinPath(name), err)
	}
	return nil, w.failed
}

func (w *webLog) get(base *url.URL, name string) (data []byte, again bool, err error) {
	ctx, cancel := context.WithTimeoutCause(w.ctx, w.timeout, fmt.Errorf("it took longer than %s", w.timeout))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath(name).String(), nil)
	if err != nil {
		return nil, false, err
	}
	r.Header.Set("User-Agent", "ferric/"+version)
	answer, err := w.client.Do(r)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, false, cause
		}
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address is said already
		}
		return nil, true, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusGone:
		return nil, false, fs.ErrNotExist
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500:
		return nil, true, fmt.Errorf("the server answers %s", answer.Status)
	case answer.StatusCode != http.StatusOK:
		return nil, false, fmt.Errorf("the server answers %s", answer.Status)
	}
	most := ledger.MostBytes(name)
	data, err = io.ReadAll(io.LimitReader(answer.Body, most+1)) // one more, so that the audit sees that it is too long
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, false, cause
		}
		return nil, true, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.total += int64(len(data)); w.total > webTotal {
		return nil, false, fmt.Errorf("the log has more than %d GiB", webTotal>>30)
	}
	return data, false, nil
}

// webOpened is a file that was fetched.
type webOpened struct {
	*bytes.Reader
	info webInfo
}

func (f *webOpened) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *webOpened) Close() error               { return nil }

type webInfo struct {
	name string
	size int64
}

func (i webInfo) Name() string       { return i.name }
func (i webInfo) Size() int64        { return i.size }
func (i webInfo) Mode() fs.FileMode  { return 0o444 }
func (i webInfo) ModTime() time.Time { return time.Time{} }
func (i webInfo) IsDir() bool        { return false }
func (i webInfo) Sys() any           { return nil }
