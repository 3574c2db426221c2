package web

import (
	"errors"
	"strings"

	"github.com/a-h/templ"

	"ferric/internal/fault"
)

// input is one line of a form. What was typed stays in it when something else was wrong.
type input struct {
	Name   string // of the field, and its id
	Label  string
	Hint   string // under the label
	Value  string
	Type   string // "text" when empty
	Auto   string // autocomplete: what the browser may fill in
	Mode   string // inputmode
	Most   int    // characters
	Needed bool
	Mono   bool
	Err    error // of the whole form
}

func (i input) kind() string {
	if i.Type == "" {
		return "text"
	}
	return i.Type
}

func (i input) wrong() bool { return i.Err != nil && fieldOf(i.Err) == i.Name }

// about are the ids of what a screen reader says after the label.
func (i input) about() string {
	var ids []string
	if i.Hint != "" {
		ids = append(ids, i.Name+"-hint")
	}
	if i.wrong() {
		ids = append(ids, i.Name+"-wrong")
	}
	return strings.Join(ids, " ")
}

// attributes are those that only some inputs have.
func (i input) attributes() templ.Attributes {
	a := templ.Attributes{}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("autocomplete", i.Auto)
	set("inputmode", i.Mode)
	set("aria-describedby", i.about())
	if i.wrong() {
		a["aria-invalid"] = "true"
		a["autofocus"] = true
	}
	if i.Needed {
		a["required"] = true
	}
	if i.Auto == "username" || strings.HasSuffix(i.Auto, "-password") || i.Auto == "email" {
		a["autocapitalize"], a["spellcheck"] = "none", "false"
	}
	return a
}

// again shows a form once more with what was typed and what was wrong with it. A failure of ours is not the form's to tell.
func (v *visit) again(err error, p page, body templ.Component) error {
	kind := fault.Of(err)
	if kind == fault.Internal || kind == fault.NotFound {
		return err
	}
	v.web.logError(v, err, status[kind])
	if kind == fault.Limit || kind == fault.Unavailable {
		v.w.Header().Set("Retry-After", "5")
	}
	return v.showStatus(status[kind], p, body)
}

// general is the text of an error that is about no field of the form.
func general(err error, fields ...string) string {
	if err == nil {
		return ""
	}
	var e *fault.Error
	if errors.As(err, &e) {
		for _, f := range fields {
			if e.Field == f {
				return ""
			}
		}
	}
	return fault.Text(err)
}
