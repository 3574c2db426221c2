package web

import (
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
)

func memberRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /desk/{label}/people", who: owner, do: w.members},
		{pattern: "POST /desk/{label}/people/invite", who: owner, do: w.invite},
		{pattern: "POST /desk/{label}/people/leave", who: member, do: w.leaveLabel},
		{pattern: "POST /desk/{label}/people/{account}/role", who: owner, do: w.setRole},
		{pattern: "POST /desk/{label}/people/{account}/remove", who: owner, do: w.removeMember},
		{pattern: "POST /desk/{label}/invitations/{hash}/end", who: owner, do: w.uninvite},
		{pattern: "POST /desk/{label}/tokens", who: owner, do: w.newToken},
		{pattern: "POST /desk/{label}/tokens/{id}/end", who: owner, do: w.endToken},
		{pattern: "GET /join/{token}", who: signedIn, do: w.joinPage},
		{pattern: "POST /join/{token}", who: signedIn, do: w.join, opts: options{limit: secrets}},
	}
}

// membersView is who works at a label, and the tokens of its programs.
type membersView struct {
	deskView
	Me          people.ID
	Members     []people.Member
	Invitations []people.Link
	Tokens      []people.Token
	Link        string // an invitation made just now; shown once
	Token       string // likewise
	Form        string
	Err         error
	Name        string // of a token, as typed
}

func (m membersView) of(form string) error {
	if m.Form == form {
		return m.Err
	}
	return nil
}

func (w *Web) membersView(v *visit) (m membersView, err error) {
	ctx := v.r.Context()
	m = membersView{deskView: v.deskView(tabPeople), Me: v.Account.ID}
	if m.Members, err = w.cfg.People.Members(ctx, v.Label.ID); err != nil {
		return m, err
	}
	if m.Invitations, err = w.cfg.People.Invitations(ctx, v.Label.ID); err != nil {
		return m, err
	}
	m.Tokens, err = w.cfg.People.Tokens(ctx, v.Label.ID)
	return m, err
}

// showMembers shows the page, with what was wrong or what is shown once.
func (w *Web) showMembers(v *visit, wrong error, form string, also func(*membersView)) error {
	m, err := w.membersView(v)
	if err != nil {
		return err
	}
	m.Form, m.Err = form, wrong
	if also != nil {
		also(&m)
	}
	p := m.page("People", "copy.js")
	if wrong != nil {
		return v.again(wrong, p, membersPage(m))
	}
	return v.show(p, membersPage(m))
}

func (w *Web) members(v *visit) error { return w.showMembers(v, nil, "", nil) }

func (w *Web) invite(v *visit) error {
	token, _, err := w.cfg.People.Invite(v.r.Context(), v.Account.ID, v.Label.ID, people.Role(v.text("role")))
	return w.showMembers(v, err, "invite", func(m *membersView) {
		if err == nil {
			m.Link = w.address("/join/" + token)
		}
	})
}

func (w *Web) uninvite(v *visit) error {
	if err := w.cfg.People.Uninvite(v.r.Context(), v.Account.ID, v.Label.ID, v.path("hash")); err != nil {
		return err
	}
	return v.say(v.deskView(tabPeople).path("people"), "The invitation is taken back.")
}

func (w *Web) setRole(v *visit) error {
	id, role := people.ID(v.path("account")), people.Role(v.text("role"))
	if err := w.cfg.People.SetRole(v.r.Context(), v.Account.ID, v.Label.ID, id, role); err != nil {
		return w.showMembers(v, err, "members", nil)
	}
	return v.say(v.deskView(tabPeople).path("people"), "Changed.")
}

func (w *Web) removeMember(v *visit) error {
	id := people.ID(v.path("account"))
	if err := w.cfg.People.RemoveMember(v.r.Context(), v.Account.ID, v.Label.ID, id); err != nil {
		return w.showMembers(v, err, "members", nil)
	}
	if id == v.Account.ID {
		return v.say("/desk", "You have left "+v.Label.Name+".")
	}
	return v.say(v.deskView(tabPeople).path("people"), "Removed, with the tokens they made.")
}

// leaveLabel is a member's own way out.
func (w *Web) leaveLabel(v *visit) error {
	if err := w.cfg.People.RemoveMember(v.r.Context(), v.Account.ID, v.Label.ID, v.Account.ID); err != nil {
		return err
	}
	return v.say("/desk", "You have left "+v.Label.Name+".")
}

func (w *Web) newToken(v *visit) error {
	name := v.text("name")
	secret, _, err := w.cfg.People.NewToken(v.r.Context(), v.Account.ID, v.Label.ID, people.Publishing, name)
	return w.showMembers(v, err, "token", func(m *membersView) {
		if err != nil {
			m.Name = name
		} else {
			m.Token = secret
		}
	})
}

func (w *Web) endToken(v *visit) error {
	if err := w.cfg.People.EndToken(v.r.Context(), v.Account.ID, v.Label.ID, v.path("id")); err != nil {
		return err
	}
	return v.say(v.deskView(tabPeople).path("people"), "The token is ended. Whatever uses it is refused from now on.")
}

// joinView is an invitation as who was invited sees it.
type joinView struct {
	Label catalog.Label
	Role  people.Role
	Path  string
}

func (w *Web) joinPage(v *visit) error {
	l, err := w.cfg.People.Look(v.r.Context(), v.path("token"))
	if err != nil {
		return err
	}
	if l.Kind != people.LinkInvite {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	label, err := w.cfg.Catalog.Label(v.r.Context(), l.Label)
	if err != nil {
		return err
	}
	return v.show(page{Title: "Work at " + label.Name, Accent: label.Accent, Styles: []string{"desk.css"}}, joinForm(joinView{label, l.Role, v.r.URL.Path}))
}

func (w *Web) join(v *visit) error {
	id, role, err := w.cfg.People.Join(v.r.Context(), v.Account.ID, v.path("token"))
	if err != nil {
		return err
	}
	label, err := w.cfg.Catalog.Label(v.r.Context(), id)
	if err != nil {
		return err
	}
	return v.say("/desk/"+label.Slug, "Welcome. Your part here: "+string(role)+".")
}
