package web

import (
	"ferric/internal/catalog"
	"ferric/internal/mail"
	"ferric/internal/people"
	"ferric/internal/registry"
)

func adminRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /admin", who: admin, do: w.admin},
		{pattern: "GET /admin/labels/new", who: admin, do: w.newLabelPage},
		{pattern: "POST /admin/labels", who: admin, do: w.newLabel},
	}
}

// adminView is the state of the whole shop.
type adminView struct {
	Labels      []catalog.Label
	Accounts    int
	Head        registry.Head
	Origin, Key string // of the log
	Mail        bool
	Undelivered []mail.Note
	Passkeys    bool
	Address     string
	Secure      bool
}

func (w *Web) admin(v *visit) error {
	ctx := v.r.Context()
	a := adminView{Origin: w.cfg.Registry.Origin(), Key: w.cfg.Registry.VerifierKey(), Mail: w.cfg.Mail != nil, Passkeys: w.cfg.People.HasPasskeys(),
		Address: w.address(""), Secure: w.secure}
	var err error
	if a.Labels, err = w.cfg.Catalog.Labels(ctx); err != nil {
		return err
	}
	if a.Accounts, err = w.cfg.People.Count(ctx); err != nil {
		return err
	}
	if a.Head, err = w.cfg.Registry.Head(ctx); err != nil {
		return err
	}
	if w.cfg.Mail != nil {
		if a.Undelivered, err = w.cfg.Mail.Undelivered(ctx); err != nil {
			return err
		}
	}
	return v.show(page{Title: "The shop", Styles: []string{"desk.css"}}, adminPage(a))
}

// newLabelView is the form of a new label.
type newLabelView struct {
	Name, Slug string
	First      bool // the shop has none yet
	Address    string
	Err        error
}

func (w *Web) newLabelView(v *visit) (n newLabelView, err error) {
	labels, err := w.cfg.Catalog.Labels(v.r.Context())
	return newLabelView{Name: v.text("name"), Slug: v.text("slug"), First: len(labels) == 0, Address: w.address("/l/")}, err
}

func (w *Web) newLabelPage(v *visit) error {
	n, err := w.newLabelView(v)
	if err != nil {
		return err
	}
	return v.show(page{Title: "Make a label", Styles: []string{"desk.css"}}, newLabelForm(n))
}

// newLabel makes a label whose owner is the one who makes it. They can make another its owner and leave.
func (w *Web) newLabel(v *visit) error {
	n, err := w.newLabelView(v)
	if err != nil {
		return err
	}
	slug := n.Slug
	if slug == "" {
		slug = catalog.Slug(n.Name)
	}
	label, err := w.cfg.Catalog.AddLabel(v.r.Context(), catalog.Label{Name: n.Name, Slug: slug})
	if err != nil {
		n.Err = err
		return v.again(err, page{Title: "Make a label", Styles: []string{"desk.css"}}, newLabelForm(n))
	}
	if err := w.cfg.People.AddMember(v.r.Context(), v.Account.ID, label.ID, v.Account.ID, people.Owner); err != nil {
		return err
	}
	return v.say("/desk/"+label.Slug+"/profile", "The label is made. Say who you are, and how buyers pay.")
}
