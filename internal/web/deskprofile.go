package web

import (
	"slices"
	"strings"

	"ferric/internal/catalog"
)

func deskProfileRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /desk/{label}/profile", who: owner, do: w.profile},
		{pattern: "POST /desk/{label}/profile", who: owner, do: w.editProfile},
	}
}

// profileView is what a label says of itself, as it is typed.
type profileView struct {
	deskView
	Name string
	catalog.Profile
	Own string // a colour of the label's own, "#RRGGBB"
	Err error
}

func (w *Web) profile(v *visit) error {
	p := profileView{deskView: v.deskView(tabProfile), Name: v.Label.Name, Profile: v.Label.Profile}
	if strings.HasPrefix(p.Accent, "#") {
		p.Own = p.Accent
	}
	return v.show(p.page("Label"), profileForm(p))
}

func (w *Web) editProfile(v *visit) error {
	lines := func(field string) string { return strings.ReplaceAll(v.text(field), "\r\n", "\n") }
	p := profileView{deskView: v.deskView(tabProfile), Name: v.text("name"), Own: v.text("own"),
		Profile: catalog.Profile{About: lines("about"), HowToPay: lines("how_to_pay"), Place: v.text("place"), Country: v.text("country"), Accent: v.text("accent")}}
	if p.Accent == "own" {
		p.Accent = p.Own
	}
	if _, err := w.cfg.Catalog.EditLabel(v.r.Context(), v.Label.ID, p.Name, p.Profile); err != nil {
		p.Err = err
		return v.again(err, p.page("Label"), profileForm(p))
	}
	return v.say(p.path("profile"), "Kept. This is how your label looks now.")
}

// chosen reports the accent that is chosen; "own" for a free colour.
func (p profileView) chosen(key string) bool {
	if key == "own" {
		return p.Accent != "" && !slices.ContainsFunc(catalog.Accents, func(a catalog.Accent) bool { return a.Key == p.Accent })
	}
	return p.Accent == key || p.Accent == "" && key == catalog.Accents[0].Key
}

// ownAccent is the label's own colour as it is shown, moved until it can be read.
func (p profileView) ownAccent() catalog.Accent { return catalog.AccentOf(p.Own) }
