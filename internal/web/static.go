package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"path"
	"slices"
	"strings"
	"sync"

	"codeberg.org/go-fonts/dejavu/dejavusansmono"
	"eliasnaur.com/font/roboto/robotobold"
	"eliasnaur.com/font/roboto/robotocondensedbold"
	"eliasnaur.com/font/roboto/robotoregular"

	"ferric/internal/fault"
)

//go:embed static
var embedded embed.FS

// files are the style sheets, scripts and faces. All stand below one folder whose name is the
// hash of them all, so that they never change and find each other by relative addresses.
type files struct {
	root string // "/static/0123456789abcdef"
	all  map[string]*file
}

type file struct {
	kind string
	open func() []byte // as it is
	gz   []byte        // made before, or nil
	once sync.Once
	zip  []byte // made when first asked for; nil when it would not be smaller
}

func newFiles() *files {
	f := &files{all: map[string]*file{}}
	err := fs.WalkDir(embedded, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		if plain, ok := strings.CutSuffix(name, ".gz"); ok {
			f.all[plain] = &file{kind: kindOf(plain), gz: data, open: func() []byte { return gunzip(data) }}
			return nil
		}
		if f.all[name] == nil {
			f.all[name] = &file{kind: kindOf(name), open: func() []byte { return data }}
		}
		return nil
	})
	if err != nil {
		panic(err) // embedded files are always readable
	}
	for name, ttf := range map[string][]byte{
		"roboto.ttf": robotoregular.TTF, "roboto-bold.ttf": robotobold.TTF, "roboto-condensed-bold.ttf": robotocondensedbold.TTF, "mono.ttf": dejavusansmono.TTF,
	} {
		f.all["fonts/"+name] = &file{kind: "font/ttf", open: func() []byte { return ttf }}
	}
	h := sha256.New()
	for _, name := range slices.Sorted(mapsKeys(f.all)) {
		io.WriteString(h, name+"\n")
		if gz := f.all[name].gz; gz != nil {
			h.Write(gz)
		} else {
			h.Write(f.all[name].open())
		}
	}
	f.root = "/static/" + hex.EncodeToString(h.Sum(nil)[:8])
	return f
}

func mapsKeys(m map[string]*file) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func gunzip(data []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	plain, _ := io.ReadAll(io.LimitReader(z, 64<<20))
	return plain
}

// Has reports whether a file is there; what is built beside the program may not be.
func (f *files) Has(name string) bool { return f.all[name] != nil }

// path is a file's address.
func (f *files) path(name string) string { return f.root + "/" + name }

func staticRoutes(w *Web) []route {
	// A worker has the policy that its own script came with, and the deck's decoder runs WebAssembly.
	return []route{{pattern: "GET /static/{hash}/{name...}", who: anyone, do: w.static, opts: options{wasm: true}}}
}

func (w *Web) static(v *visit) error {
	f := w.files.all[v.path("name")]
	if f == nil {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	h := v.w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "public, max-age=60")
	if "/static/"+v.path("hash") == w.files.root {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := f.gz
	if body == nil {
		f.once.Do(func() { f.zip = smaller(f.open()) })
		body = f.zip
	}
	if body != nil && acceptsGzip(v.r) {
		h.Set("Content-Encoding", "gzip")
	} else {
		body = f.open()
	}
	v.w.Write(body)
	return nil
}

// smaller is data compressed, or nil when that does not pay.
func smaller(data []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	z.Write(data)
	z.Close()
	if b.Len() > len(data)*9/10 {
		return nil
	}
	return b.Bytes()
}
