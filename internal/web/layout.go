package web

import (
	"errors"

	"ferric/internal/fault"
)

func (p page) title() string {
	if p.Title == "" || p.Title == p.v.web.cfg.Name {
		return p.v.web.cfg.Name
	}
	return p.Title + " - " + p.v.web.cfg.Name
}

func (p page) file(name string) string { return p.v.web.files.path(name) }

// takeFlash is the sentence of the page before, shown once.
func (v *visit) takeFlash() string {
	s := v.flash()
	if s != "" {
		v.dropCookie(cookieFlash)
	}
	return s
}

// fieldOf is the form's field that an error is about.
func fieldOf(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}
