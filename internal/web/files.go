package web

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/window"
)

// Pictures of covers, cards and copies. Only what was painted anew in a fixed size is ever served, and only while a release
// that may be seen shows it; the files that came up are not reachable here at all.
func filesRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /files/{hash}/{name}", who: anyone, do: w.picture},
		{pattern: "GET /l/{label}/{release}/og.jpg", who: anyone, do: w.openGraph},
	}
}

// Addresses of pictures in the sizes that package publish makes.
func coverPath(hash string, px int) string {
	return "/files/" + hash + "/cover-" + strconv.Itoa(px) + ".jpg"
}
func photoPath(hash string, px int) string {
	return "/files/" + hash + "/photo-" + strconv.Itoa(px) + ".jpg"
}
func drawingPath(hash string, px int) string {
	return "/files/" + hash + "/drawing-" + strconv.Itoa(px) + ".jpg"
}

func (w *Web) picture(v *visit) error {
	none := fault.New(fault.NotFound, "There is no such picture.")
	hash, name := v.path("hash"), v.path("name")
	if !blob.IsHash(hash) || name == publish.OpenGraph || !strings.HasSuffix(name, ".jpg") {
		return none
	}
	by, err := w.cfg.Window.Showing(v.r.Context(), hash)
	if err != nil {
		return err
	}
	public := slices.ContainsFunc(by, func(s window.Shown) bool { return s.State != catalog.Draft })
	if !public {
		if mine, err := v.memberOfAny(by); err != nil || !mine {
			return either(err, none)
		}
	}
	f, err := w.cfg.Publish.Picture(v.r.Context(), hash, name)
	if err != nil {
		return err
	}
	defer f.Close()
	cache := "private, no-store"
	if public {
		cache = "public, max-age=31536000, immutable"
	}
	return v.jpeg(f, cache)
}

// memberOfAny reports whether the reader has a part in one of the labels.
func (v *visit) memberOfAny(by []window.Shown) (bool, error) {
	if !v.SignedIn() {
		return false, nil
	}
	for _, s := range by {
		role, err := v.web.cfg.People.Role(v.r.Context(), v.Account.ID, s.Label)
		if err != nil || role != people.NoRole {
			return err == nil, err
		}
	}
	return false, nil
}

// openGraph is the picture that stands for a release where its address is shared. It says nothing
// of how many are left: others keep it for days.
func (w *Web) openGraph(v *visit) error {
	p, err := w.cfg.Window.Release(v.r.Context(), v.path("label"), v.path("release"), false)
	if err != nil {
		return err
	}
	if p.Detail.Manifest == "" {
		return fault.New(fault.NotFound, "This release has no picture.")
	}
	f, err := w.cfg.Publish.Picture(v.r.Context(), p.Detail.Manifest, publish.OpenGraph)
	if err != nil {
		return err
	}
	defer f.Close()
	v.w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // it is made to be shown elsewhere
	return v.jpeg(f, "public, max-age=3600")
}

// jpeg answers with a picture of ours.
func (v *visit) jpeg(f *blob.File, cache string) error {
	h := v.w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", cache)
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method != http.MethodHead {
		io.Copy(v.w, f)
	}
	return nil
}

func either(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
