package web

func homeRoutes(w *Web) []route {
	return []route{{pattern: "GET /{$}", who: anyone, do: w.home, opts: options{cached: true}}}
}

func (w *Web) home(v *visit) error {
	return v.show(page{Title: w.cfg.Name, Canonical: "/", Feed: "/feed.atom"}, homePage())
}
