package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"ferric/internal/fault"
)

// page is what the layout needs to know of a page.
type page struct {
	Title       string
	Description string
	Canonical   string   // path; empty: none
	Accent      string   // of the label whose page it is; empty: oxide
	Scripts     []string // modules below static/
	Styles      []string // sheets below static/ that only some pages need
	Image       string   // path of the picture shown when the address is shared
	Feed        string   // path of this page's Atom feed
	Data        any      // JSON-LD
	Bare        bool     // without the shop's header and footer

	v *visit
}

// show answers with a page.
func (v *visit) show(p page, body templ.Component) error { return v.showStatus(http.StatusOK, p, body) }

func (v *visit) showStatus(status int, p page, body templ.Component) error {
	p.v = v
	var b bytes.Buffer
	if err := layout(p, body).Render(v.r.Context(), &b); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-store")
	}
	v.writeBody(status, b.Bytes())
	return nil
}

// writeBody compresses what is worth it. A page holds no secret beside text that a stranger chose, except
// for signed-in readers and secret addresses, and those are sent as they are (BREACH).
func (v *visit) writeBody(status int, body []byte) {
	h := v.w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) > 1<<10 && v.plain() && v.route.who == anyone && acceptsGzip(v.r) {
		h.Set("Content-Encoding", "gzip")
		body = compress(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		v.w.Write(body)
	}
}

// goTo sends the reader to a path of ours after a form.
func (v *visit) goTo(path string) error {
	path = internal(path, "/")
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// say is goTo with a sentence that the next page shows once.
func (v *visit) say(path, sentence string) error {
	v.setCookie(cookieFlash, url.QueryEscape(sentence), 0)
	return v.goTo(path)
}

// flash is the sentence that the page before left.
func (v *visit) flash() string {
	s, err := url.QueryUnescape(v.cookie(cookieFlash))
	if err != nil || len(s) > 300 {
		return ""
	}
	return s
}

// errSignIn sends the reader to sign in and back.
var errSignIn = fault.New(fault.Forbidden, "Please sign in first.")

// status is the answer's status for a kind of error.
var status = map[fault.Kind]int{
	fault.Internal:    http.StatusInternalServerError,
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.NotFound:    http.StatusNotFound,
	fault.Forbidden:   http.StatusForbidden,
	fault.Taken:       http.StatusConflict,
	fault.Gone:        http.StatusGone,
	fault.Early:       http.StatusForbidden,
	fault.Limit:       http.StatusTooManyRequests,
	fault.Conflict:    http.StatusConflict,
	fault.Mismatch:    http.StatusUnprocessableEntity,
	fault.Unavailable: http.StatusServiceUnavailable,
}

// title is what the error page is called.
var errorTitle = map[fault.Kind]string{
	fault.Internal:    "Something broke here",
	fault.Invalid:     "That did not fit",
	fault.NotFound:    "Nothing here",
	fault.Forbidden:   "Not for you",
	fault.Taken:       "Somebody was first",
	fault.Gone:        "The time was over",
	fault.Early:       "Not open yet",
	fault.Limit:       "That is as much as goes",
	fault.Conflict:    "It changed meanwhile",
	fault.Mismatch:    "Sent twice, differently",
	fault.Unavailable: "Very busy just now",
}

// fail answers with an error: JSON where a script asked, a page elsewhere.
func (v *visit) fail(err error) {
	if errors.Is(err, errSignIn) && v.r.Method == http.MethodGet && !v.wantsJSON() {
		v.goTo("/sign-in?next=" + url.QueryEscape(v.r.URL.RequestURI()))
		return
	}
	kind := fault.Of(err)
	code := status[kind]
	if errors.Is(err, errSignIn) {
		code = http.StatusUnauthorized
	}
	v.web.logError(v, err, code)
	if code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests {
		v.w.Header().Set("Retry-After", "5")
	}
	v.w.Header().Set("Cache-Control", "no-store")
	if v.wantsJSON() {
		var e *fault.Error
		field := ""
		if errors.As(err, &e) {
			field = e.Field
		}
		v.json(code, map[string]string{"error": fault.Text(err), "kind": kind.String(), "field": field})
		return
	}
	p := page{Title: errorTitle[kind]}
	if err := v.showStatus(code, p, errorPage(errorTitle[kind], fault.Text(err), v.back())); err != nil {
		http.Error(v.w, fault.Text(err), code)
	}
}

// back is where the reader came from, when that is a page of ours.
func (v *visit) back() string {
	u, err := url.Parse(v.r.Referer())
	if err != nil || u.Host != v.web.cfg.Origin.Host || u.Path == v.r.URL.Path {
		return "/"
	}
	return internal(u.RequestURI(), "/")
}
