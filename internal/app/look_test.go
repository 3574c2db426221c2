package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"ferric/internal/chromium"
)

// What every page of the walk is held to, in light and dark, on a desk and on a phone.

const (
	desk, phone = 1280, 390
	tall        = 900
	mostShift   = 0.02 // cumulative layout shift: 0.1 is what Web Vitals calls good (https://web.dev/articles/cls); nothing here needs to move at all
)

// looked is what is wrong with pages. It is told at the end: a page that is not as it should be does not end the walk.
type looked struct {
	wrong  []string
	source string // of axe-core; empty: there is none
	asked  bool
	axes   []string // what axe-core said
}

func (l *looked) note(format string, args ...any) {
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

func (l *looked) pages(t *testing.T) {
	for _, s := range l.wrong {
		t.Error(s)
	}
}

// axeSource reads axe-core (https://github.com/dequelabs/axe-core) from where AXE_CORE says that it is.
func (l *looked) axeSource(t *testing.T) string {
	if l.asked {
		return l.source
	}
	l.asked = true
	if path := os.Getenv("AXE_CORE"); path != "" {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		l.source = string(source)
	}
	return l.source
}

// axe tells what axe-core found.
func (l *looked) axe(t *testing.T) {
	if l.source == "" {
		t.Skip("needs axe-core")
	}
	for _, s := range l.axes {
		t.Error(s)
	}
}

// visit opens a page as somebody for the first time, on a desk and on a phone, and looks at it.
func (w *walk) visit(p *chromium.Tab, name, path string) {
	w.Helper()
	p.Open(w.origin + path)
	w.look(p, name)
	p.Size(phone, 844)
	p.Open(w.origin + path)
	w.settled(p, name+" on a phone", phone)
	p.Size(desk, tall)
}

// look sees to it that the page before somebody is as it should be.
func (w *walk) look(p *chromium.Tab, name string) {
	w.Helper()
	w.settled(p, name, desk)
	p.Prefers("color-scheme", "light", "reduced-motion", "reduce")
	w.still(p, name)
	w.accessible(p, name+", light")
	p.Shot(name + "-light")
	p.Prefers("color-scheme", "dark")
	p.Size(phone, 844)
	w.fits(p, name+" on a phone", phone)
	w.accessible(p, name+", dark on a phone")
	p.Shot(name + "-phone-dark")
	p.Prefers()
	p.Size(desk, tall)
	for _, s := range p.Wrong() {
		w.looked.note("%s: %s", name, s)
	}
}

// settled looks at what moved since the page was opened, and whether it fits.
func (w *walk) settled(p *chromium.Tab, name string, width int) {
	w.Helper()
	var moved struct {
		Shift float64
		What  []string
	}
	p.Run(`await document.fonts.ready;
		const list = await new Promise((done) => { new PerformanceObserver((l) => done(l.getEntries())).observe({ type: "layout-shift", buffered: true }); setTimeout(() => done([]), 50); });
		const own = list.filter((e) => !e.hadRecentInput);
		return { Shift: own.reduce((n, e) => n + e.value, 0), What: own.flatMap((e) => e.sources.map((s) => s.node?.outerHTML?.slice(0, 80) ?? s.node?.nodeValue ?? "?")) };`, &moved)
	if moved.Shift > mostShift {
		w.looked.note("%s: the page moved by %.3f while it came: %q", name, moved.Shift, moved.What)
	}
	w.fits(p, name, width)
}

// fits sees to it that nothing is wider than the window, and that what is pressed is large enough for a finger.
func (w *walk) fits(p *chromium.Tab, name string, width int) {
	w.Helper()
	var is struct {
		Width       int
		Wide, Small []string
	}
	p.Run(fmt.Sprintf(`const width = %d;
		const brief = (e) => e.outerHTML.slice(0, 90).replaceAll("\n", " ");
		const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".quiet, .skip");
		const wide = [], small = [];
		if (document.scrollingElement.scrollWidth > width)
			for (const e of document.body.querySelectorAll("*")) if (e.getBoundingClientRect().right > width + 1 && seen(e)) wide.push(brief(e));
		for (const e of document.querySelectorAll("button, .button, select, summary, nav a, input:not([type=radio], [type=checkbox], [type=hidden])")) {
			const h = e.getBoundingClientRect().height;
			if (seen(e) && h < 43.9) small.push(h + ": " + brief(e));
		}
		return { Width: document.scrollingElement.scrollWidth, Wide: wide.slice(0, 5), Small: small };`, width), &is)
	if is.Width > width {
		w.looked.note("%s: %d wide in %d: %q", name, is.Width, width, is.Wide)
	}
	for _, s := range is.Small {
		w.looked.note("%s: lower than 44: %s", name, s)
	}
}

// still sees to it that nothing moves for a reader who asked for that.
func (w *walk) still(p *chromium.Tab, name string) {
	w.Helper()
	var moving []string
	p.Run(`return [...document.querySelectorAll("*")].filter((e) => {
			const s = getComputedStyle(e);
			return s.animationName !== "none" || s.transitionDuration.split(",").some((d) => parseFloat(d) > 0);
		}).map((e) => e.outerHTML.slice(0, 90)).slice(0, 5)`, &moving)
	if len(moving) > 0 {
		w.looked.note("%s: moves with reduced motion: %q", name, moving)
	}
}

// accessible asks axe-core. What it calls serious or critical is kept for the end.
func (w *walk) accessible(p *chromium.Tab, name string) {
	w.Helper()
	source := w.looked.axeSource(w.T)
	if source == "" {
		return
	}
	var there bool
	if p.Run(`return !!window.axe`, &there); !there {
		p.Run(source, nil)
	}
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	p.Run(`const r = await axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } });
		return r.violations.map((v) => ({ ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map((n) => n.html.slice(0, 160) + " | " + n.failureSummary) }))`, &found)
	for _, f := range found {
		nodes, _ := json.Marshal(f.Nodes)
		line := fmt.Sprintf("%s: %s: %s (%s): %s", name, f.Impact, f.ID, f.Help, nodes)
		if f.Impact == "serious" || f.Impact == "critical" {
			w.looked.axes = append(w.looked.axes, line)
		} else {
			w.Log(strings.ReplaceAll(line, "\\n", " "))
		}
	}
}
