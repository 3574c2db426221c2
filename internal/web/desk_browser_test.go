package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"ferric/internal/catalog"
	"ferric/internal/publish"
)

// until waits until an expression is true on the page, over navigations.
func (b *browser) until(what, expression string) {
	b.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		cancel()
		if err == nil && yes {
			return
		}
		if time.Now().After(deadline) {
			page, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname + "\n" + (document.querySelector("main") || document.body).innerText`))
			b.t.Fatalf("%s did not come (%v)\n%s", what, err, clip(page, 2000))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// at waits for a page.
func (b *browser) at(path string) {
	b.t.Helper()
	b.until("the page "+path, fmt.Sprintf("document.readyState === 'complete' && location.pathname === %q", path))
}

// signInThrough signs in with the page's form.
func (b *browser) signInThrough(s *testShop, name string) {
	b.t.Helper()
	b.do(chromedp.Navigate(s.URL+"/sign-in?next=/account"), chromedp.SendKeys("#name", name), chromedp.SendKeys("#password", testPassword), chromedp.Submit("#password"))
	b.at("/account")
}

// A device makes a passkey, and signs in with it.
func TestPasskeyInBrowser(t *testing.T) {
	b := newBrowser(t)
	s := newShop(t)
	s.as("buyer")
	if _, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, AutomaticPresenceSimulation: true, IsUserVerified: true}})
	if err != nil {
		t.Fatal(err)
	}
	b.signInThrough(s, "buyer")
	b.until("the form", `!document.querySelector("[data-passkey=add]").hidden`)
	b.do(chromedp.SendKeys("#key", "blue <key>"), chromedp.Click("[data-passkey=add] button"))
	b.until("the passkey in the list", `document.querySelector("#passkeys .lines")?.innerText.includes("blue <key>")`)
	keys, err := s.cfg.People.Passkeys(t.Context(), s.as("buyer").Account.ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d passkeys, %v", len(keys), err)
	}

	b.do(chromedp.Click("footer form button"))
	b.at("/")
	b.do(chromedp.Navigate(s.URL + "/sign-in?next=/account"))
	b.until("the button", `!document.querySelector("[data-passkey=sign-in]").hidden`)
	b.do(chromedp.Click("[data-passkey=sign-in] button"))
	b.at("/account")
	b.until("the way of signing in", `document.body.innerText.includes("by passkey")`)
	b.until("a new password without the old one", `!document.querySelector("#old")`)

	b.do(chromedp.Click(`#passkeys .lines button`))
	b.until("the passkey to be gone", `!document.querySelector("#passkeys .lines")`)
	b.quiet()
}

// The folder of a pressing, chosen on the page, goes on where an earlier sending broke off.
func TestPublishInBrowser(t *testing.T) {
	b := newBrowser(t)
	s := newShop(t)
	owner := s.as("owner")
	manifest, files := tinyPressing(t, "From the Page", "SPEC-020", 10)
	folder := filepath.Join(t.TempDir(), "pressing")
	if err := os.MkdirAll(filepath.Join(folder, "previews"), 0o777); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("release.json", manifest)
	write("claims.csv", []byte("number,code\n1,SECRET-CODE\n"))
	var session publish.Session
	a := owner.do("POST", "/api/labels/specimen/pressings", bytes.NewReader(manifest), http.Header{"Origin": {s.URL}})
	if err := json.Unmarshal([]byte(a.Body), &session); err != nil || a.Status != 201 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	for _, f := range session.Files {
		if data := files[f.SHA256]; data != nil {
			write(f.Name, data)
		}
	}
	first := session.Files[1]
	owner.do("PUT", fmt.Sprintf("/api/uploads/%s/%s?offset=0", session.ID, first.SHA256), bytes.NewReader(files[first.SHA256][:100_000]), http.Header{"Origin": {s.URL}}).want(t, "the first piece", 200)

	b.signInThrough(s, "owner")
	b.do(chromedp.Navigate(s.URL + "/desk/specimen/publish"))
	b.until("the place to drop", `!document.querySelector("[data-publish]").hidden`)

	// A folder that is none is refused before anything is sent.
	other := filepath.Join(t.TempDir(), "holiday")
	if err := os.MkdirAll(other, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "beach.txt"), []byte("sand"), 0o666); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles("#folder", []string{other}))
	b.until("the refusal", `document.querySelector("[data-wrong]").innerText.includes("no release.json")`)

	// So is one in which a file was changed.
	second := session.Files[2]
	write(second.Name, append(bytes.Clone(files[second.SHA256][:len(files[second.SHA256])-1]), 7))
	b.do(chromedp.SetUploadFiles("#folder", []string{folder}))
	b.until("the refusal", `document.querySelector("[data-wrong]").innerText.includes("is not the file that was pressed")`)

	write(second.Name, files[second.SHA256])
	b.do(chromedp.SetUploadFiles("#folder", []string{folder}))
	b.at("/desk/specimen/releases/spec-020")
	b.quiet()
	r, err := s.cfg.Catalog.ReleaseBySlug(t.Context(), s.Label.ID, "spec-020")
	if err != nil || r.State != catalog.Draft || !strings.Contains(r.Title, "From the Page") {
		t.Errorf("published %+v, %v", r, err)
	}
}
