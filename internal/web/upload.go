package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/publish"
)

// Uploads speak JSON, to ferric publish and to the page that a pressing is dropped on alike: see docs/formats/publish.md.

// uploadRoutes take pressings in.
func uploadRoutes(w *Web) []route {
	uploads := rate{"uploads", 600, 100 * time.Millisecond}
	return []route{
		{"POST /api/labels/{label}/pressings", bearer, beginUpload, options{body: publish.MaxManifest, limit: uploads}},
		{"GET /api/uploads/{id}", bearer, showUpload, options{limit: uploads}},
		{"PUT /api/uploads/{id}/{sha256}", bearer, putUpload, options{body: maxChunk, limit: uploads}},
		{"POST /api/uploads/{id}/done", bearer, finishUpload, options{limit: uploads}},
		{"DELETE /api/uploads/{id}", bearer, dropUpload, options{limit: uploads}},
	}
}

// maxChunk is how many bytes of a file one request may bring; a file takes as many requests as it needs.
const maxChunk = 64 << 20

// How long an upload may be silent, and how long it may take to be read once it is whole.
const (
	uploadSilence = 30 * time.Second
	uploadReading = 15 * time.Minute
)

func beginUpload(v *visit) error {
	label, err := v.publishing()
	if err != nil {
		return err
	}
	account, err := v.publisher(label)
	if err != nil {
		return err
	}
	manifest, err := io.ReadAll(v.r.Body)
	if err != nil {
		return tooLarge(err, "The manifest")
	}
	s, err := v.web.cfg.Publish.Begin(v.r.Context(), publish.Ask{Label: label, Account: account, Manifest: manifest, Repress: v.r.URL.Query().Get("repress") == "1"})
	if err != nil {
		return err
	}
	code := http.StatusCreated
	if s.Done != nil {
		code = http.StatusOK
	}
	return v.json(code, s)
}

func showUpload(v *visit) error {
	s, err := v.upload()
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, s)
}

func putUpload(v *visit) error {
	s, err := v.upload()
	if err != nil {
		return err
	}
	offset, err := strconv.ParseInt(v.r.URL.Query().Get("offset"), 10, 64)
	if err != nil || offset < 0 {
		return fault.Field("offset", "Say behind how many bytes these come: ?offset=0 for the first.")
	}
	have, err := v.web.cfg.Publish.Put(v.r.Context(), s.ID, v.path("sha256"), offset, v.r.Body)
	var elsewhere *publish.OffsetError
	if errors.As(err, &elsewhere) {
		return v.json(http.StatusConflict, map[string]any{"error": fault.Text(err), "kind": fault.Conflict.String(), "have": elsewhere.Have})
	}
	if err != nil {
		return tooLarge(err, "One request")
	}
	return v.json(http.StatusOK, map[string]int64{"have": have})
}

func finishUpload(v *visit) error {
	s, err := v.upload()
	if err != nil {
		return err
	}
	// Reading all that came takes as long as it takes to decode it; the connection is to stay for so long.
	conn, until := http.NewResponseController(v.w), time.Now().Add(uploadReading)
	if err := errors.Join(conn.SetReadDeadline(until), conn.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	result, err := v.web.cfg.Publish.Finish(v.r.Context(), s.ID)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, result)
}

func dropUpload(v *visit) error {
	s, err := v.upload()
	if err != nil {
		return err
	}
	if err := v.web.cfg.Publish.GiveUp(v.r.Context(), s.ID); err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// publishing is the label of the address; "-" is that of the token.
func (v *visit) publishing() (catalog.LabelID, error) {
	t, err := v.anyPublisher()
	if err != nil {
		return "", err
	}
	if v.path("label") == "-" && t.Label != "" {
		return t.Label, nil
	}
	label, err := v.web.cfg.Catalog.LabelBySlug(v.r.Context(), v.path("label"))
	return label.ID, err
}

// upload is the session of the address. Who may not publish for its label is told that there is none.
func (v *visit) upload() (publish.Session, error) {
	none := fault.New(fault.NotFound, "There is no such upload under way; it may be finished, or given up after a long silence.")
	if _, err := v.anyPublisher(); err != nil {
		return publish.Session{}, err
	}
	s, err := v.web.cfg.Publish.Session(v.r.Context(), v.path("id"))
	if err != nil {
		return s, err
	}
	if _, err := v.publisher(s.Label); err != nil {
		return s, none
	}
	return s, nil
}

// publisher is the account that publishes for a label: by a token of the label in the Authorization header, or signed in as one of its owners.
func (v *visit) publisher(label catalog.LabelID) (account string, err error) {
	t, err := v.anyPublisher()
	if err != nil {
		return "", err
	}
	if t.Label != "" {
		if t.Label != label {
			return "", fault.New(fault.Forbidden, "This token is for another label.")
		}
		return string(t.Account), nil
	}
	role, err := v.web.cfg.People.Role(v.r.Context(), v.Account.ID, label)
	if err != nil {
		return "", err
	}
	if role != people.Owner {
		return "", fault.New(fault.Forbidden, "Only an owner of the label may publish for it.")
	}
	return string(v.Account.ID), nil
}

// anyPublisher reads who asks: a token with its label, or none for an account that is signed in.
func (v *visit) anyPublisher() (people.Token, error) {
	secret, ok := strings.CutPrefix(v.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return people.Token{}, v.needAccount()
	}
	if len(secret) > 200 {
		secret = ""
	}
	return v.web.cfg.People.Token(v.r.Context(), strings.TrimSpace(secret), people.Publishing)
}

// steady is the body of a request that may be large, for as long as something comes: a whole file may take hours, silence may not.
type steady struct {
	io.ReadCloser
	conn *http.ResponseController
}

func (s *steady) Read(p []byte) (int, error) {
	until := time.Now().Add(uploadSilence)
	if err := errors.Join(s.conn.SetReadDeadline(until), s.conn.SetWriteDeadline(until.Add(takeSilence))); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return s.ReadCloser.Read(p)
}

// tooLarge gives a body that its route refuses a text.
func tooLarge(err error, what string) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.Wrap(err, fault.Invalid, what+" has at most "+strconv.FormatInt(large.Limit>>20, 10)+" MiB. What came before was kept.")
	}
	return err
}
