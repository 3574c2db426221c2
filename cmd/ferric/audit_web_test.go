package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"
)

// testLog is a log of a run of which some numbers are sold. Who sets the buyers apart, for a second history.
func testLog(t *testing.T, numbers, sales int, who string) fstest.MapFS {
	t.Helper()
	files, _, err := makeLog(numbers, sales, who)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// with is the files with some others instead: name, content, name, content.
func with(files fstest.MapFS, pairs ...any) fstest.MapFS {
	out := fstest.MapFS{}
	for name, f := range files {
		out[name] = f
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = &fstest.MapFile{Data: pairs[i+1].([]byte)}
	}
	return out
}

// shopServer serves a log under /ledger/, whichever it has at the time.
type shopServer struct {
	*httptest.Server
	log   atomic.Pointer[fstest.MapFS]
	first func(http.ResponseWriter, *http.Request) bool // answers itself when it says true
	asked atomic.Int64
}

func serveLog(t *testing.T, files fstest.MapFS) *shopServer {
	t.Helper()
	s := &shopServer{}
	s.log.Store(&files)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		if s.first != nil && s.first(w, r) {
			return
		}
		http.StripPrefix("/ledger/", http.FileServerFS(*s.log.Load())).ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// audit runs "ferric audit" and gives its exit code and all that it said.
func audit(args ...string) (int, string) {
	var out bytes.Buffer
	code := run(append([]string{"audit"}, args...), strings.NewReader(""), &out, &out)
	return code, out.String()
}

func wantAudit(t *testing.T, what string, code int, text string, args ...string) {
	t.Helper()
	if got, said := audit(args...); got != code || !strings.Contains(said, text) {
		t.Errorf("%s: exit code %d, want %d with %q:\n%s", what, got, code, text, said)
	}
}

// TestAuditHonestShop audits over the web: by the shop's address or the log's, again, grown, and with tiles of more than one level.
func TestAuditHonestShop(t *testing.T) {
	s := serveLog(t, testLog(t, 700, 40, "buyer"))
	seen := filepath.Join(t.TempDir(), "seen")
	for _, address := range []string{s.URL, s.URL + "/", s.URL + "/ledger", s.URL + "/ledger/"} {
		wantAudit(t, address, 0, "Sound", address, "--seen", seen)
	}
	wantAudit(t, "unchanged", 0, "as you last saw it", s.URL, "--seen", seen)
	grown := testLog(t, 700, 41, "buyer")
	s.log.Store(&grown)
	wantAudit(t, "grown", 0, "grew out of what you last saw", s.URL, "--seen", seen)
	// A partial tile may be gone when there is the full one.
	full := with(grown)
	for name := range full {
		if strings.HasPrefix(name, "tile/entries/") && strings.Contains(name, ".p/") {
			delete(full, name)
			base, _, _ := strings.Cut(name, ".p/")
			full[base] = &fstest.MapFile{Data: bytes.Repeat(grown[name].Data, 2)}
		}
	}
	s.log.Store(&full)
	wantAudit(t, "a full tile in place of its beginning", 0, "Sound", s.URL)
	before := s.asked.Load()
	wantAudit(t, "JSON", 0, `"sound": true`, s.URL, "--json")
	if n := s.asked.Load() - before; n > 20 {
		t.Errorf("a log of 742 entries took %d requests", n)
	}
}

// TestAuditDishonestShop: what a shop can do to its log, and what an audit makes of it (faults L1 to L3).
func TestAuditDishonestShop(t *testing.T) {
	honest, second, twin := testLog(t, 300, 20, "buyer"), testLog(t, 300, 30, "somebody else"), testLog(t, 300, 20, "somebody else")
	s := serveLog(t, honest)
	seen := filepath.Join(t.TempDir(), "seen")
	wantAudit(t, "honest", 0, "Sound", s.URL, "--seen", seen)
	kept, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	older := testLog(t, 300, 10, "buyer")
	s.log.Store(&older)
	wantAudit(t, "rolled back", 3, "log is shorter than it was", s.URL, "--seen", seen)

	s.log.Store(&twin)
	wantAudit(t, "another history of the same size", 3, "log has two histories", s.URL, "--seen", seen)
	// Two histories, each of which is sound by itself: who saw the one has the proof when shown the other.
	s.log.Store(&second)
	wantAudit(t, "another history to one who saw nothing", 0, "Sound", s.URL)
	wantAudit(t, "another history", 3, "log has two histories", s.URL, "--seen", seen)
	var out bytes.Buffer
	if code := run([]string{"verify", seen + ".fork", "--key", strings.TrimSpace(string(honest["key"].Data))}, strings.NewReader(""), &out, &out); code != 0 || !strings.Contains(out.String(), "has signed two histories") {
		t.Errorf("the proof of two histories: exit code %d\n%s", code, &out)
	}
	if now, err := os.ReadFile(seen); err != nil || !bytes.Equal(now, kept) {
		t.Errorf("what was seen was forgotten for a lie (%v)", err)
	}

	bundle := "tile/entries/001.p/65"
	if honest[bundle] == nil {
		t.Fatal("the test's log has another shape")
	}
	flip := func(name string, at int) fstest.MapFS {
		data := bytes.Clone(honest[name].Data)
		data[at] ^= 1
		return with(honest, name, data)
	}
	for what, c := range map[string]struct {
		log  fstest.MapFS
		code int
		text string
	}{
		"an entry changed":           {flip(bundle, 700), 3, "the entries do not give the root"},
		"an entry cut off":           {with(honest, bundle, honest[bundle].Data[:len(honest[bundle].Data)-10]), 3, "ends inside entry"},
		"a tile changed":             {flip("tile/0/000", 77), 3, "its hashes are not those of the entries"},
		"the checkpoint changed":     {flip("checkpoint", 22), 3, "signature does not hold"},
		"another's checkpoint":       {with(honest, "checkpoint", twin["checkpoint"].Data), 3, "do not give the root"},
		"another key":                {with(honest, "key", []byte("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n")), 3, "signature does not hold"},
		"a bundle without end":       {with(honest, bundle, bytes.Repeat([]byte{0}, 5<<20)), 3, "it has more than"},
		"a checkpoint without end":   {with(honest, "checkpoint", bytes.Repeat([]byte("x"), 1<<20)), 4, "it has more than"},
		"a page in place of the log": {with(honest, "checkpoint", []byte("<!doctype html>")), 4, "malformed"},
		"no log":                     {fstest.MapFS{}, 4, "this is not a log"},
	} {
		s.log.Store(&c.log)
		wantAudit(t, what, c.code, c.text, s.URL+"/ledger")
	}
	missing := with(honest)
	delete(missing, bundle)
	s.log.Store(&missing)
	wantAudit(t, "entries left out", 3, bundle, s.URL)
}

// TestAuditTroubledShop: what says nothing about the log is not held against it.
func TestAuditTroubledShop(t *testing.T) {
	s := serveLog(t, testLog(t, 300, 20, "buyer"))
	seen := filepath.Join(t.TempDir(), "seen")
	const unread = "could not be read to its end, which says nothing about it"
	// Busy twice, then not.
	var n atomic.Int64
	s.first = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "entries/000") && n.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	}
	wantAudit(t, "busy for a moment", 0, "Sound", s.URL)
	s.first = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "entries/000") {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}
	wantAudit(t, "broken", 1, unread, s.URL, "--seen", seen)
	// A byte now and then.
	s.first = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "entries/000") {
			return false
		}
		for r.Context().Err() == nil {
			w.Write([]byte{0})
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
		return true
	}
	wantAudit(t, "slow", 1, "it took longer than 300ms", s.URL, "--timeout", "300ms", "--seen", seen)
	// Cut off in the middle.
	s.first = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "entries/000") {
			return false
		}
		w.Header().Set("Content-Length", "5000")
		w.Write([]byte("short"))
		return true
	}
	wantAudit(t, "cut off", 1, unread, s.URL)
	// Sent elsewhere: the other host is never asked.
	elsewhere := serveLog(t, *s.log.Load())
	s.first = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusFound)
		return true
	}
	wantAudit(t, "sent elsewhere", 1, "not where the log was said to be", s.URL)
	if elsewhere.asked.Load() != 0 {
		t.Error("another host was asked")
	}
	s.first = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
		return true
	}
	wantAudit(t, "in circles", 1, "in circles", s.URL)
	if _, err := os.Stat(seen); err == nil {
		t.Error("a log that was not read was kept as seen")
	}
	s.Close()
	wantAudit(t, "nobody there", 1, "refused", s.URL)
	wantAudit(t, "no address", 2, "is not the address of a log", "http://")
	wantAudit(t, "a password in the address", 2, "is not the address of a log", "https://a:b@tapes.example/")
}
