package web

import (
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/registry"
	"ferric/internal/window"
)

func copyRoutes(w *Web) []route {
	return []route{{pattern: "GET /l/{label}/{release}/{run}/{number}", who: anyone, do: w.copy}}
}

// copyView is one numbered copy.
type copyView struct {
	*window.CopyPage
	Tape   cassetteView
	Lines  []happening
	Log    []registry.Entry
	Signed bool   // every entry stands in the public log
	Owner  string // as they wish to be called; empty: nobody's business
	Mine   bool   // the reader owns it
}

func (w *Web) copy(v *visit) error {
	ctx := v.r.Context()
	ordinal, errRun := strconv.Atoi(v.path("run"))
	number, err := strconv.Atoi(v.path("number"))
	if err != nil || errRun != nil || number < 1 || number > catalog.MaxCopies || strconv.Itoa(number) != v.path("number") {
		return fault.New(fault.NotFound, "There is no such copy.")
	}
	p, err := w.cfg.Window.Copy(ctx, v.path("label"), v.path("release"), ordinal, number, false)
	if err != nil {
		return err
	}
	view := copyView{CopyPage: p, Mine: v.SignedIn() && p.Owner == string(v.Account.ID)}
	names, err := w.cfg.People.Names(ctx, whose(p)...)
	if err != nil {
		return err
	}
	view.Owner = names[people.ID(p.Owner)]
	view.Lines = historyOf(p.History, p.Owner, names)
	state, err := w.cfg.Registry.State(ctx, string(p.Run.ID), number)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	view.Log, view.Signed = state.Entries, len(state.Entries) > 0
	for _, e := range view.Log {
		view.Signed = view.Signed && e.Proven
	}
	played := 4 * time.Minute
	view.Tape = newCassette(p.Release, p.Artist.Name, p.Label.Name, 0, p.Run.Label(number), p.Variant, played)
	pg := page{Title: p.Run.Label(number) + ", " + p.Artist.Name + ": " + p.Release.Title, Accent: p.Label.Accent, Scripts: []string{"times.js"},
		Canonical:   copyPath(p.Label.Slug, p.Release.Slug, ordinal, number),
		Description: "Number " + p.Run.Label(number) + " of " + p.Release.Title + " by " + p.Artist.Name + ": " + whereabouts(p.Copy) + ".",
		Image:       releasePath(p.Label.Slug, p.Release.Slug) + "/og.jpg"}
	return v.show(pg, copyPage(view))
}

// whose are the accounts that a copy's history could name.
func whose(p *window.CopyPage) (ids []people.ID) {
	if p.Owner != "" {
		ids = append(ids, people.ID(p.Owner))
	}
	for _, e := range p.History {
		if e.Verb == catalog.Claim && e.By != "" && e.By != p.Owner {
			ids = append(ids, people.ID(e.By))
		}
	}
	return ids
}

// number is the copy's number and what stands behind it: "17", "/100".
func (c copyView) number() (string, string) {
	if c.Number > c.Run.Copies {
		return "AP " + strconv.Itoa(c.Number-c.Run.Copies), "/" + strconv.Itoa(c.Run.Proofs)
	}
	return strconv.Itoa(c.Number), "/" + strconv.Itoa(c.Run.Copies)
}

func (c copyView) releasePath() string { return releasePath(c.Label.Slug, c.Release.Slug) }

// buyable reports a copy that anybody may hold, as far as its row says; the sale's times are the release's page to tell.
func (c copyView) buyable() bool {
	return c.State == catalog.Free && c.Pool == catalog.Web && c.Release.State == catalog.Public
}

// photosOf are a copy's photos with their addresses.
func (c copyView) photo(p catalog.Photo, width int) string { return photoPath(p.SHA256, width) }

func (c copyView) certificate() string {
	return "/certificate/" + string(c.Run.ID) + "/" + strconv.Itoa(c.Number)
}

// short is the beginning of a hash, enough to compare by eye.
func short(hash string) string {
	if len(hash) > 16 {
		return hash[:16]
	}
	return hash
}
