package web

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"ferric/internal/fault"
	"ferric/ledger"
)

// The log in words, and as the static files of C2SP tlog-tiles below /ledger: whoever audits it needs
// nothing else. All but the checkpoint never change.
func ledgerRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /ledger", who: anyone, do: w.ledger},
		{pattern: "GET /ledger/" + ledger.CheckpointPath, who: anyone, do: func(v *visit) error {
			return v.logFile(ledger.CheckpointPath, "text/plain; charset=utf-8", "public, max-age=5")
		}},
		{pattern: "GET /ledger/" + ledger.KeyPath, who: anyone, do: func(v *visit) error {
			return v.logFile(ledger.KeyPath, "text/plain; charset=utf-8", "public, max-age=3600")
		}},
		{pattern: "GET /ledger/tile/{path...}", who: anyone, do: w.tile, opts: options{limit: tiles}},
	}
}

// tiles is how fast one address may read the log: an audit reads all of it.
var tiles = rate{"tiles", 5000, 1e6} // 1 ms

// tileName is a tile's path, as C2SP tlog-tiles has it.
var tileName = regexp.MustCompile(`^(entries|[0-9]{1,2})/(x[0-9]{3}/){0,4}[0-9]{3}(\.p/[0-9]{1,3})?$`)

func (w *Web) tile(v *visit) error {
	name := v.path("path")
	if !tileName.MatchString(name) {
		return fault.New(fault.NotFound, "The log has no such file.")
	}
	return v.logFile("tile/"+name, "application/octet-stream", "public, max-age=31536000, immutable")
}

// logFile answers with a file of the log's folder. Only names of ours come here.
func (v *visit) logFile(name, kind, cache string) error {
	f, err := os.Open(filepath.Join(v.web.cfg.Registry.Folder(), filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "The log has no such file yet.")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	about, err := f.Stat()
	if err != nil || !about.Mode().IsRegular() {
		return fault.Wrap(err, fault.NotFound, "The log has no such file.")
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", cache)
	h.Set("Access-Control-Allow-Origin", "*") // public, and read by auditors' pages too
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	http.ServeContent(v.w, v.r, "", about.ModTime(), f)
	return nil
}

// ledgerView is the log in words.
type ledgerView struct {
	Origin     string
	Address    string // for ferric audit
	Key        string
	Checkpoint string // signed; empty before the first
	Size       int64
	Root       string
}

func (w *Web) ledger(v *visit) error {
	r := w.cfg.Registry
	l := ledgerView{Origin: r.Origin(), Address: w.address("/ledger"), Key: r.VerifierKey()}
	note, err := os.ReadFile(filepath.Join(r.Folder(), ledger.CheckpointPath))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(note) > 0 {
		s, err := ledger.OpenCheckpoint(note, l.Key)
		if err != nil {
			return err
		}
		l.Checkpoint, l.Size, l.Root = strings.TrimSpace(string(note)), s.Size, ledger.Hex(s.Root)
	}
	return v.show(page{Title: "The log", Canonical: "/ledger", Description: "Who owns which numbered copy, as a public log that anybody can check.", Styles: []string{"buy.css"}}, ledgerPage(l))
}
