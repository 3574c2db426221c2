package web

import "ferric/internal/catalog"

// A certificate is for anybody: the log is public. The owner's own also has what opens its
// last commitment, which proves that the copy is theirs.
func certificateRoutes(w *Web) []route {
	return []route{{pattern: "GET /certificate/{run}/{number}", who: anyone, do: w.certificate}}
}

// withOpening reports whether the visit may have the owner's own certificate.
func (v *visit) withOpening(c catalog.Copy) bool {
	return v.SignedIn() && c.State == catalog.Claimed && c.Owner == string(v.Account.ID)
}

func (w *Web) certificate(v *visit) error {
	run, number, err := v.copyOf()
	if err != nil {
		return err
	}
	g, err := v.counter().run(run)
	if err != nil {
		return err
	}
	c, _, err := w.cfg.Catalog.Copy(v.r.Context(), run, number)
	if err != nil {
		return err
	}
	mine := v.withOpening(c) && !v.r.URL.Query().Has("public")
	file, err := w.cfg.Registry.Certificate(v.r.Context(), string(run), number, mine, 0)
	if err != nil {
		return err
	}
	name := proofName(g, number)
	if !mine {
		name += "-public"
	}
	return v.attach(name+".tlog-proof", "text/plain; charset=utf-8", file)
}
