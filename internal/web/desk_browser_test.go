package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ferric/internal/catalog"
	"ferric/internal/chromium"
	"ferric/internal/publish"
)

// signInThrough signs in with the page's form.
func signInThrough(b *chromium.Tab, s *testShop, name string) {
	b.T.Helper()
	b.Open(s.URL + "/sign-in?next=/account")
	b.Fill("#name", name)
	b.Fill("#password", testPassword)
	b.Follow("main form button[type=submit]")
	b.At("/account")
}

// A device makes a passkey, and signs in with it.
func TestPasskeyInBrowser(t *testing.T) {
	b := chromium.Start(t).Person("owner")
	s := newShop(t)
	s.as("buyer")
	b.Authenticator()
	signInThrough(b, s, "buyer")
	b.Until("the form", `!document.querySelector("[data-passkey=add]").hidden`)
	b.Do(chromedp.SendKeys("#key", "blue <key>"), chromedp.Click("[data-passkey=add] button"))
	b.Until("the passkey in the list", `document.querySelector("#passkeys .lines")?.innerText.includes("blue <key>")`)
	keys, err := s.cfg.People.Passkeys(t.Context(), s.as("buyer").Account.ID)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d passkeys, %v", len(keys), err)
	}

	b.Do(chromedp.Click("footer form button"))
	b.At("/")
	b.Open(s.URL + "/sign-in?next=/account")
	b.Until("the button", `!document.querySelector("[data-passkey=sign-in]").hidden`)
	b.Do(chromedp.Click("[data-passkey=sign-in] button"))
	b.At("/account")
	b.Until("the way of signing in", `document.body.innerText.includes("by passkey")`)
	b.Until("a new password without the old one", `!document.querySelector("#old")`)

	b.Do(chromedp.Click(`#passkeys .lines button`))
	b.Until("the passkey to be gone", `!document.querySelector("#passkeys .lines")`)
	b.Quiet()
}

// The folder of a pressing, chosen on the page, goes on where an earlier sending broke off.
func TestPublishInBrowser(t *testing.T) {
	b := chromium.Start(t).Person("owner")
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

	signInThrough(b, s, "owner")
	b.Open(s.URL + "/desk/specimen/publish")
	b.Until("the place to drop", `!document.querySelector("[data-publish]").hidden`)

	// A folder that is none is refused before anything is sent.
	other := filepath.Join(t.TempDir(), "holiday")
	if err := os.MkdirAll(other, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "beach.txt"), []byte("sand"), 0o666); err != nil {
		t.Fatal(err)
	}
	b.Do(chromedp.SetUploadFiles("#folder", []string{other}))
	b.Until("the refusal", `document.querySelector("[data-wrong]").innerText.includes("no release.json")`)

	// So is one in which a file was changed.
	second := session.Files[2]
	write(second.Name, append(bytes.Clone(files[second.SHA256][:len(files[second.SHA256])-1]), 7))
	b.Do(chromedp.SetUploadFiles("#folder", []string{folder}))
	b.Until("the refusal", `document.querySelector("[data-wrong]").innerText.includes("is not the file that was pressed")`)

	write(second.Name, files[second.SHA256])
	b.Do(chromedp.SetUploadFiles("#folder", []string{folder}))
	b.At("/desk/specimen/releases/spec-020")
	b.Quiet()
	r, err := s.cfg.Catalog.ReleaseBySlug(t.Context(), s.Label.ID, "spec-020")
	if err != nil || r.State != catalog.Draft || !strings.Contains(r.Title, "From the Page") {
		t.Errorf("published %+v, %v", r, err)
	}
}
