package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferric/internal/app"
	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/store/storetest"
	"ferric/internal/window"
)

// openShop opens a shop with a label on a port of this machine, behind what a test puts before it, and gives a token of the label.
func openShop(t *testing.T, before func(http.Handler) http.Handler) (a *app.App, data, address, token string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	address = "http://" + l.Addr().String()
	data = t.TempDir()
	a, err = app.New(t.Context(), app.Config{Data: data, Listen: l.Addr().String(), Origin: address}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	check(t, err)
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: before(a.Handler())}}
	srv.Start()
	t.Cleanup(func() { srv.Close(); check(t, a.Close()) })
	setup, err := a.People.SetupLink(t.Context())
	check(t, err)
	owner, _, err := a.People.Setup(t.Context(), people.Client{Address: "test"}, setup, people.Entry{Name: "ann", Password: "a long enough phrase for it"})
	check(t, err)
	label, err := a.Catalog.AddLabel(t.Context(), catalog.Label{Slug: "zolw", Name: "Żółw Tapes"})
	check(t, err)
	check(t, a.People.AddMember(t.Context(), owner.ID, label.ID, owner.ID, people.Owner))
	token, _, err = a.People.NewToken(t.Context(), owner.ID, label.ID, people.Publishing, "laptop")
	check(t, err)
	return a, data, address, token
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func straight(h http.Handler) http.Handler { return h }

// ferric runs the program and gives its exit code and what it said.
func ferric(args ...string) (code int, out, err string) {
	var o, e bytes.Buffer
	code = run(args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestPublishToAShop(t *testing.T) {
	a, data, address, token := openShop(t, straight)
	of := storetest.NewPressing(t, "Marzanna", "Nocne <b>tramwaje</b>", "ZT-01", 3)
	folder := of.Folder(t)
	to := []string{"publish", folder, "--to", address, "--token", token}

	code, out, said := ferric(to...)
	if code != exitDone || !strings.Contains(out, "as a draft that only the label sees") || !strings.Contains(out, address+"/desk/zolw") {
		t.Fatalf("%d: %s%s", code, out, said)
	}
	if code, out, said = ferric(to...); code != exitDone || !strings.Contains(out, "nothing was changed") {
		t.Fatalf("the second time: %d: %s%s", code, out, said)
	}
	code, out, _ = ferric(append(to, "--json", "--label", "zolw")...)
	var answer struct {
		Changed bool
		Slug    string
		Desk    string
	}
	if err := json.Unmarshal([]byte(out), &answer); code != exitDone || err != nil || answer.Changed || answer.Slug != "zt-01" || answer.Desk != address+"/desk/zolw" {
		t.Fatalf("as JSON: %d, %v: %s", code, err, out)
	}
	list, err := a.Window.Releases(t.Context(), window.Query{})
	check(t, err)
	if len(list.Items) != 0 {
		t.Error("a draft is on the list")
	}
	// None of the codes is anywhere in the shop's folder; their text is never sent.
	for name, data := range everything(t, data) {
		for _, codeText := range of.Codes {
			if bytes.Contains(data, []byte(codeText)) {
				t.Errorf("%s holds a claim code", name)
			}
		}
	}

	for what, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"token":        {[]string{"publish", folder, "--to", address, "--token", "ferric_nonsense"}, exitRefused, "not valid"},
		"no token":     {[]string{"publish", folder, "--to", address}, exitUsage, "--token"},
		"other label":  {append(to, "--label", "nobody"), exitRefused, "no such label"},
		"no repress":   {append([]string{"publish", storetest.NewPressing(t, "A", "B", "C-9", 1).Folder(t), "--repress"}, to[2:]...), exitRefused, "to repress"},
		"plain http":   {[]string{"publish", folder, "--to", "http://tapes.example", "--token", token}, exitUsage, "https://"},
		"no address":   {[]string{"publish", folder, "--to", "tapes.example", "--token", token}, exitUsage, "--to"},
		"no pressing":  {[]string{"publish", t.TempDir(), "--to", address, "--token", token}, exitRefused, "not a pressing"},
		"not a Ferric": {[]string{"publish", folder, "--to", other(t), "--token", token}, exitRefused, "no Ferric shop"},
	} {
		if code, out, said := ferric(c.args...); code != c.code || !strings.Contains(said, c.says) || out != "" || strings.Contains(said, token) {
			t.Errorf("%s: %d: %s%s", what, code, out, said)
		}
	}
	check(t, os.WriteFile(filepath.Join(folder, "jcard.pdf"), []byte("%PDF-9"), 0o600))
	if code, _, said := ferric(to...); code != exitFound || !strings.Contains(said, "jcard.pdf") {
		t.Errorf("a changed pressing: %d: %s", code, said)
	}
}

// other is some other program's address.
func other(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>Welcome</html>") }))
	t.Cleanup(srv.Close)
	return srv.URL
}

// everything is all files of a shop, its database too, by name.
func everything(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	check(t, filepath.WalkDir(folder, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files[name], err = os.ReadFile(name)
		return err
	}))
	return files
}

// TestPublishThroughABadLine: connections break, answers are lost, the shop is busy, and the pressing arrives once.
func TestPublishThroughABadLine(t *testing.T) {
	var requests atomic.Int64
	bad := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/api/") {
				h.ServeHTTP(w, r)
				return
			}
			switch requests.Add(1) % 5 {
			case 0: // broken on the way in
				r.Body = io.NopCloser(io.LimitReader(r.Body, 20_000))
				h.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			case 1: // busy
				w.WriteHeader(http.StatusServiceUnavailable)
			case 2: // done, but the answer is lost
				h.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			default:
				h.ServeHTTP(w, r)
			}
		})
	}
	a, _, address, token := openShop(t, bad)
	for i, title := range []string{"One", "Two"} {
		of := storetest.NewPressing(t, "Bad line", title, "BL-"+title, 2)
		u, err := url.Parse(address)
		check(t, err)
		p := &publisher{shop: u, token: token, dir: of.Folder(t), wait: time.Millisecond, client: &http.Client{}, progress: func(string, float64) {}}
		r, err := p.publish(t.Context(), "", of.Text(), false)
		if err != nil || !r.Changed || r.Title != title {
			t.Fatalf("%+v, %v", r, err)
		}
		label, err := a.Catalog.LabelBySlug(t.Context(), "zolw")
		check(t, err)
		list, err := a.Window.Releases(t.Context(), window.Query{Label: label.ID, All: true})
		check(t, err)
		if len(list.Items) != i+1 {
			t.Errorf("%d releases", len(list.Items))
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	of := storetest.NewPressing(t, "Bad line", "Three", "BL-3", 2)
	u, _ := url.Parse(address)
	p := &publisher{shop: u, token: token, dir: of.Folder(t), wait: time.Hour, client: &http.Client{}, progress: func(string, float64) {}}
	if _, err := p.publish(ctx, "", of.Text(), false); err == nil {
		t.Error("it went on after Ctrl-C")
	}
}

// TestHostileShop: a shop cannot make the program send a file that is no part of the pressing.
func TestHostileShop(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			t.Error("it sends what was asked for")
		}
		json.NewEncoder(w).Encode(publish.Session{ID: "S", Files: []publish.Wanted{{File: publish.File{Name: "../secret", Size: 6, SHA256: strings.Repeat("0", 64)}}}})
	}))
	defer srv.Close()
	dir := t.TempDir()
	of := storetest.NewPressing(t, "A", "B", "C", 1)
	folder := of.Folder(t)
	check(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600))
	if code, _, said := ferric("publish", folder, "--to", srv.URL, "--token", "t"); code != exitRefused || !strings.Contains(said, "not in the pressing") {
		t.Errorf("%d: %s", code, said)
	}
}
