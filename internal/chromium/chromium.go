// Package chromium drives a headless Chromium in tests, through the DevTools
// protocol: the pages as a person gets them, with their scripts, their layout
// and what the browser thinks of them.
//
// A Browser is the process; a Tab is a person in it, with cookies of their own.
// A tab hears all that goes wrong on its pages: what the console says, what the
// content security policy refuses, requests that fail, and requests to anybody
// but the page's own origin. Wrong gives that; a test that ignores it tests little.
//
// Nothing waits for a fixed time: a step looks again until what it waits for is
// there, or its deadline is over. The deadline is generous, for busy machines.
package chromium

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// patience is how long a step is waited for.
const patience = 90 * time.Second

// Browser is a running Chromium.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Start runs Chromium until the test ends. A machine without one skips the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("needs chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.WSURLReadTimeout(patience))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		chromedp.Cancel(ctx)
		end()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, ctx: ctx}
}

// Tab is a page of somebody, 1280 wide.
type Tab struct {
	T    testing.TB // who is told of what fails: may be set to a part of the test
	Ctx  context.Context
	name string

	mu    sync.Mutex // guards the rest, which the browser's events write
	home  string     // the origin of the page
	wrong []string
}

// Person opens a tab with cookies of its own.
func (b *Browser) Person(name string) *Tab {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(end)
	p := &Tab{T: b.t, Ctx: ctx, name: name}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		b.t.Fatal(err)
	}
	p.Size(1280, 900)
	return p
}

// hear notes what is wrong. It runs while the browser waits, so it does no more.
func (p *Tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, strings.TrimSpace(string(a.Value)+" "+a.Description))
		}
		p.note("console: %s %s", e.Type, strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		what := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			what += " " + x.Description
		}
		p.note("exception: %s at %s:%d", what, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber+1)
	case *log.EventEntryAdded:
		p.note("%s: %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || u.Scheme == "data" || u.Scheme == "blob" {
			return
		}
		p.mu.Lock()
		home := p.home
		p.mu.Unlock()
		if home != "" && u.Scheme+"://"+u.Host != home {
			p.note("a request to another origin: %s", e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			p.note("answered with %d: %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			p.note("not loaded: %s %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	}
}

func (p *Tab) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// Wrong is what went wrong since it was asked last.
func (p *Tab) Wrong() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.wrong
	p.wrong = nil
	return w
}

// Quiet fails the test when anything went wrong.
func (p *Tab) Quiet() {
	p.T.Helper()
	for _, w := range p.Wrong() {
		p.T.Errorf("%s: %s", p.name, w)
	}
}

// Do takes steps of chromedp.
func (p *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.T.Fatalf("%s: %v", p.name, err)
	}
}

// Open goes to an address. Its origin is from now on the only one that pages may ask.
func (p *Tab) Open(address string) {
	p.T.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.T.Fatal(err)
	}
	p.mu.Lock()
	p.home = u.Scheme + "://" + u.Host
	p.mu.Unlock()
	p.Do(chromedp.Navigate(address))
}

// Run evaluates the body of a function, which may wait, and reads what it returns.
func (p *Tab) Run(body string, into any) {
	p.T.Helper()
	if err := p.evaluate(body, into); err != nil {
		p.T.Fatalf("%s: %v", p.name, err)
	}
}

func (p *Tab) evaluate(body string, into any) error {
	ctx, cancel := context.WithTimeout(p.Ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("(async () => {"+body+"})().then((v) => JSON.stringify(v ?? null))", chromedp.EvalAwaitPromise))
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("%w in %s", err, text)
	}
	return nil
}

// Until waits until an expression is true, also on the page that comes next.
func (p *Tab) Until(what, expression string) {
	p.T.Helper()
	var ok bool
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = p.evaluate("return !!("+expression+")", &ok); err == nil && ok { // an error: between two pages
			return
		}
	}
	var now struct{ Path, Text string }
	p.evaluate("return { Path: location.pathname, Text: document.body.innerText.slice(0, 600) }", &now)
	p.T.Fatalf("%s: never: %s (%v) at %s:\n%s\n%s", p.name, what, err, now.Path, now.Text, strings.Join(p.Wrong(), "\n"))
}

// quote writes a text as JavaScript has it.
func quote(s string) string {
	q, _ := json.Marshal(s) // a string always can
	return string(q)
}

// Click presses what a CSS selector finds, with a real mouse.
func (p *Tab) Click(selector string) {
	p.T.Helper()
	p.Until("there is "+selector, "document.querySelector("+quote(selector)+")")
	p.Do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Follow clicks, and waits until the page that this leads to is there.
func (p *Tab) Follow(selector string) {
	p.T.Helper()
	p.Turn(func() { p.Click(selector) })
}

// Turn does what leads to another page, and waits until that is there.
func (p *Tab) Turn(do func()) {
	p.T.Helper()
	var was float64
	p.Run("return performance.timeOrigin", &was)
	do()
	p.Until("the next page", fmt.Sprintf("performance.timeOrigin !== %f && document.readyState === 'complete'", was))
}

// Fill writes into a field, in place of what stands in it.
func (p *Tab) Fill(selector, text string) {
	p.T.Helper()
	p.Run(`const f = document.querySelector(`+quote(selector)+`);
		f.focus(); f.value = `+quote(text)+`;
		f.dispatchEvent(new Event("input", { bubbles: true })); f.dispatchEvent(new Event("change", { bubbles: true }));`, nil)
}

// Text is what a person reads of an element.
func (p *Tab) Text(selector string) (s string) {
	p.T.Helper()
	p.Run("return document.querySelector("+quote(selector)+").innerText", &s)
	return s
}

// Path is where the tab is, without the origin.
func (p *Tab) Path() (s string) {
	p.T.Helper()
	p.Run("return location.pathname", &s)
	return s
}

// At waits until the page of a path is there.
func (p *Tab) At(path string) {
	p.T.Helper()
	p.Until("the page "+path, "document.readyState === 'complete' && location.pathname === "+quote(path))
}

// Authenticator gives the tab a device that makes passkeys and says yes to all.
func (p *Tab) Authenticator() {
	p.T.Helper()
	_, err := chromedp.Call(p.Ctx, webauthn.Enable, webauthn.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(p.Ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	}
	if err != nil {
		p.T.Fatalf("%s: %v", p.name, err)
	}
}

// Size makes the window so many CSS pixels; below 500 it is a phone's.
func (p *Tab) Size(width, height int64) {
	p.T.Helper()
	if width < 500 {
		p.Do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		return
	}
	p.Do(chromedp.EmulateViewport(width, height))
}

// Prefers tells pages what their reader prefers: pairs such as "color-scheme", "dark". What is not named is as the browser has it.
func (p *Tab) Prefers(pairs ...string) {
	p.T.Helper()
	var f []*emulation.MediaFeature
	for i := 0; i < len(pairs); i += 2 {
		f = append(f, &emulation.MediaFeature{Name: "prefers-" + pairs[i], Value: pairs[i+1]})
	}
	if _, err := chromedp.Call(p.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: f}); err != nil {
		p.T.Fatalf("%s: %v", p.name, err)
	}
}

// Shot keeps a picture of the whole page in the folder that FERRIC_SHOTS names, for somebody to look at.
func (p *Tab) Shot(name string) {
	p.T.Helper()
	dir := os.Getenv("FERRIC_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.Ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o666)
	}
	if err != nil {
		p.T.Error(err)
	}
}
