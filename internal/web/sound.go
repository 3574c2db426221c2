package web

import (
	"errors"
	"io/fs"
	"net/http"
	"slices"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// sound gives the owner of a copy a side's file, when the label gives files to owners. A tape-only release's sound
// leaves the shop on tape: this asks for the policy each time, so that nothing is given that was given once.
func (w *Web) sound(v *visit) error {
	c, err := v.owns()
	if err != nil {
		return err
	}
	g, err := v.counter().run(c.Run)
	if err != nil {
		return err
	}
	if g.Release.Digital != catalog.Files {
		return fault.New(fault.Forbidden, "This release is on tape only. Its sound is not given out as a file.")
	}
	i := slices.IndexFunc(g.Release.Detail.Sides, func(s catalog.Side) bool { return s.Name == v.path("side") && s.Programme != "" })
	if i < 0 {
		return fault.New(fault.NotFound, "There is no file of this side.")
	}
	side := g.Release.Detail.Sides[i]
	f, err := w.cfg.Blobs.Open(side.Programme)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.Unavailable, "The file of this side is not in its place just now. Please tell the label.")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	kind, end := "audio/wav", ".wav"
	if side.Format == "flac" {
		kind, end = "audio/flac", ".flac"
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+fileName(g)+"-side-"+plainName(side.Name)+end+`"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", `"`+side.Programme[:16]+`"`)
	about, err := f.Stat()
	if err != nil {
		return err
	}
	http.ServeContent(v.w, v.r, "", about.ModTime(), f)
	return nil
}
