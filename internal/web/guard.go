package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// policy is the content security policy: our own files, nothing inline, no other origin, in nobody's frame.
const policy = "default-src 'none'; script-src 'self'%s; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard stands before every route: headers, requests from other sites, sizes, panics.
func (w *Web) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	if err := cross.AddTrustedOrigin(w.cfg.Origin.Scheme + "://" + w.cfg.Origin.Host); err != nil {
		panic(err) // New has checked the address
	}
	cross.SetDenyHandler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		newVisit(w, route{who: anyone}, rw, r).fail(fault.New(fault.Forbidden, "This form was sent by another site. Nothing was changed; please open the page here and send it again."))
	}))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		began := time.Now()
		sw := &statusWriter{ResponseWriter: rw, silent: w.silent}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				w.cfg.Log.Error("panic", "path", redact(r.URL.Path), "cause", fmt.Sprint(p), "stack", string(debug.Stack()))
				if sw.status == 0 {
					newVisit(w, route{who: anyone}, sw, r).fail(fault.New(fault.Internal, "Something broke here. Nothing was changed; please try again."))
				}
			}
			w.cfg.Log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.Int("status", sw.status), slog.Duration("took", time.Since(began)))
		}()
		h := sw.Header()
		h.Set("Content-Security-Policy", strings.Replace(policy, "%s", "", 1))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
		if w.secure {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		if len(r.URL.RequestURI()) > 4<<10 {
			http.Error(sw, "The address is too long.", http.StatusRequestURITooLong)
			return
		}
		inner.ServeHTTP(sw, r)
	})
}

// allow loosens a route's answer as its row says, and bounds its body.
func (v *visit) allow() {
	o := v.route.opts
	if o.wasm {
		v.w.Header().Set("Content-Security-Policy", strings.Replace(policy, "%s", " 'wasm-unsafe-eval'", 1))
	}
	if o.body == 0 {
		o.body = formBody
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, o.body)
	if o.body > formBody {
		v.r.Body = &steady{v.r.Body, http.NewResponseController(v.w)}
	}
}

// formBody is how many bytes a form may bring; the server's own time for a request is made for it.
const formBody = 64 << 10

// logError writes down what a reader is not shown. Of a visitor nothing is written but what they did.
func (w *Web) logError(v *visit, err error, code int) {
	level := slog.LevelInfo
	if code >= 500 {
		level = slog.LevelError
	}
	if code == http.StatusNotFound || code == http.StatusUnauthorized {
		level = slog.LevelDebug
	}
	w.cfg.Log.LogAttrs(context.WithoutCancel(v.r.Context()), level, "refused", slog.String("method", v.r.Method), slog.String("route", v.route.pattern),
		slog.Int("status", code), slog.String("kind", fault.Of(err).String()), slog.String("cause", clip(err.Error(), 500)))
}

// redact drops from a path what opens something: secrets and tokens are its long parts.
func redact(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) > 24 {
			parts[i] = "..."
		}
	}
	return clip(strings.Join(parts, "/"), 200)
}

// clip shortens a text of unknown length and takes line breaks out.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || catalog.Hidden(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "..."
	}
	return s
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
	silent time.Duration // see Web
}

func (w *statusWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write gives the connection a while for each larger part: a file may take as long as it takes, but who takes nothing is let go.
func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if len(p) > 4<<10 && w.silent > 0 {
		http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.silent)) // a recorder has none
	}
	return w.ResponseWriter.Write(p)
}

// takeSilence is how long a shop waits for a reader that takes nothing.
const takeSilence = 2 * time.Minute

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

var gzips = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return z }}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z := gzips.Get().(*gzip.Writer)
	defer gzips.Put(z)
	z.Reset(&b)
	z.Write(body)
	z.Close()
	return b.Bytes()
}

// wantsJSON reports whether a script asked.
func (v *visit) wantsJSON() bool {
	return strings.HasPrefix(v.r.URL.Path, "/api/") || strings.HasPrefix(v.r.Header.Get("Accept"), "application/json")
}

// json answers a script.
func (v *visit) json(code int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.WriteHeader(code)
	v.w.Write(b)
	return nil
}
