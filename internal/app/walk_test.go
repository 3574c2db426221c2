package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ferric/album"
	"ferric/album/demo"
	"ferric/audio"
	"ferric/audio/codec"
	"ferric/internal/app"
	"ferric/internal/chromium"
	"ferric/jcard"
	"ferric/ledger"
	"ferric/pressing"
)

// The whole way of a tape through the shop, in a real browser: the first account, publishing, selling, paying by hand,
// packing, claiming, playing, handing on, proving, leaving. Every page on the way is looked at (see look).

const copies = 24

// walk is a shop that is open, and what the people in it share.
type walk struct {
	*testing.T
	browser  *chromium.Browser
	app      *app.App
	data     string // the shop's folder
	pressing string // the folder to publish
	origin   string
	looked   looked
	codes    map[int]string // claim codes on the cards, by number
}

// press makes a pressing of an excerpt of the demo single.
func press(t *testing.T, claimURL string) string {
	t.Helper()
	in, out := t.TempDir(), filepath.Join(t.TempDir(), "hazel-and-wire")
	create := func(name string) (demo.File, error) { return os.Create(filepath.Join(in, name)) }
	if err := demo.Write(t.Context(), create, demo.Options{Single: true, Excerpt: 4 * time.Second}); err != nil {
		t.Fatal(err)
	}
	a, notices, err := album.Read(t.Context(), in, album.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := copies
	_, err = pressing.Press(t.Context(), pressing.Request{Album: a, Notices: notices, Out: out, Progress: func(string, float64) {},
		Choices: pressing.Choices{Copies: &n, ClaimURL: claimURL},
		Open: func(ctx context.Context, track album.Track) (audio.Source, error) {
			return codec.Open(ctx, track.File, codec.Options{})
		}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cards reads the codes that are printed in the cards.
func cards(t *testing.T, folder string) map[int]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "claims.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	codes := map[int]string{}
	for _, row := range rows {
		number, _, _ := strings.Cut(row[0], "/")
		if n, err := strconv.Atoi(number); err == nil {
			codes[n] = row[1]
		}
	}
	return codes
}

// open presses a tape and opens an empty shop on the loopback.
func open(t *testing.T) *walk {
	t.Helper()
	w := &walk{T: t, browser: chromium.Start(t), data: t.TempDir()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "localhost:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port) // passkeys need a name
	w.origin = "http://" + address
	w.pressing = press(t, w.origin+"/claim")
	w.codes = cards(t, w.pressing)
	w.app, err = app.New(t.Context(), app.Config{Data: w.data, Listen: address, Name: "Walk"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.app.Run(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, w.app.Close()); err != nil {
			t.Errorf("the shop ended with %v", err)
		}
	})
	return w
}

// part is a part of the way. What comes after it stands on it, so its failure ends the walk.
func (w *walk) part(name string, do func(), people ...*chromium.Tab) {
	whole := w.T
	if !whole.Run(name, func(t *testing.T) {
		w.T = t
		for _, p := range people {
			p.T = t
		}
		do()
		for _, p := range people {
			p.Quiet()
		}
	}) {
		whole.FailNow()
	}
	w.T = whole
}

// grid is a cell of a run's grid, as live.js keeps it.
func cell(number int) string {
	n := strconv.Itoa(number)
	return `[...document.querySelectorAll(".grid[id] > *")].find((c) => c.textContent.trim() === "` + n + `")`
}

const secret = "a door between two hubs"

func TestWalk(t *testing.T) {
	w := open(t)
	t.Run("way", w.way)
	t.Run("pages", w.looked.pages)
	t.Run("axe", w.looked.axe)
}

func (w *walk) way(t *testing.T) {
	w.T = t
	keeper, buyer, heir := w.browser.Person("keeper"), w.browser.Person("buyer"), w.browser.Person("heir")
	watcher := w.browser.Person("watcher")
	var release, order string // paths

	w.part("first run", func() {
		link, err := w.app.FirstLink(w.Context())
		if err != nil || link == "" {
			w.Fatalf("no link for the first account: %v", err)
		}
		keeper.Open(link)
		w.look(keeper, "setup")
		keeper.Fill("#name", "keeper")
		keeper.Fill("#password", secret)
		keeper.Fill("#display", "The Keeper")
		keeper.Follow("main form button[type=submit]")
		w.look(keeper, "label-new")
		keeper.Fill("#name", "North Mole")
		keeper.Follow("main form button[type=submit]")
		keeper.At("/desk/north-mole/profile")
		keeper.Fill("#how_to_pay", "Transfer to North Mole, IBAN DE00 0000 0000 0000 0000 00.")
		w.look(keeper, "desk-profile")
		keeper.Follow("main form button[type=submit]")
		keeper.Open(w.origin + "/desk/north-mole")
		w.look(keeper, "desk-empty")
	}, keeper)

	w.part("a passkey", func() {
		keeper.Authenticator()
		keeper.Open(w.origin + "/account")
		w.look(keeper, "account")
		keeper.Fill("#key", "blue key")
		keeper.Follow("[data-passkey=add] button")
		if s := keeper.Text("#passkeys"); !strings.Contains(s, "blue key") {
			w.Errorf("the passkey is not listed: %s", s)
		}
		keeper.Follow("footer form[action='/sign-out'] button")
		keeper.Open(w.origin + "/sign-in?next=/account")
		w.look(keeper, "sign-in")
		keeper.Follow("[data-passkey=sign-in] button")
		keeper.At("/account")
		if s := keeper.Text("#sessions"); !strings.Contains(s, "passkey") {
			w.Errorf("not signed in by the passkey: %s", s)
		}
		if n := len(credentials(keeper, w)); n != 1 {
			w.Errorf("the authenticator holds %d credentials", n)
		}
	}, keeper)

	w.part("publish", func() {
		keeper.Open(w.origin + "/desk/north-mole/publish")
		w.look(keeper, "publish")
		keeper.Turn(func() {
			keeper.Do(chromedp.SetUploadFiles(chromedp.CSS("#folder"), []string{w.pressing}))
		})
		keeper.Until("the release is on the desk", `location.pathname.startsWith("/desk/north-mole/releases/")`)
		release = "/l/north-mole/" + filepath.Base(keeper.Path())
		w.look(keeper, "desk-draft")
		keeper.Fill("#price", "8")
		keeper.Fill("#per_person", "4")
		keeper.Run(`document.querySelector("#sale input[name=digital][value=files]").checked = true`, nil)
		keeper.Follow("#sale form button[type=submit]")
		w.look(keeper, "desk-release")
		keeper.Open(w.origin + "/desk/north-mole/releases")
		w.look(keeper, "desk-releases")
	}, keeper)

	w.part("the window", func() {
		for _, page := range []struct{ name, path string }{
			{"home", "/"}, {"catalogue", "/catalogue?by=label"}, {"label", "/l/north-mole"}, {"search", "/search?q=hazel"}, {"search-empty", "/search?q=nothing+of+this"},
			{"ledger", "/ledger"}, {"copy", release + "/1/7"}, {"basket-empty", "/basket"}, {"release", release},
		} {
			w.visit(buyer, page.name, page.path)
		}
		buyer.Follow("main .by a")
		w.look(buyer, "artist")
		w.refused(buyer, 404, func() { buyer.Open(w.origin + "/l/north-mole/not-here") })
		w.look(buyer, "not-found")
	}, buyer)

	w.part("buy", func() {
		watcher.Open(w.origin + release)
		watcher.Until("the number is free", cell(7)+`.className === "free"`)
		buyer.Open(w.origin + release)
		buyer.Click(`.grid input[value="7"]`)
		buyer.Follow("[data-take]")
		buyer.At("/basket")
		watcher.Until("another sees the hold without reloading", cell(7)+`.className === "held"`)
		watcher.Until("and one less free", `document.querySelector("[data-count]").textContent === "`+strconv.Itoa(copies-1)+`"`)
		watcher.Quiet()

		buyer.Open(w.origin + release)
		w.look(buyer, "release-mine")
		buyer.Open(w.origin + release + "/1/3")
		buyer.Follow("main form[action='/basket'] button")
		w.look(buyer, "basket")
		was := buyer.Text(".hold .clock")
		buyer.Until("the clock runs", `document.querySelector(".hold .clock").textContent !== "`+was+`"`)
		if s := buyer.Text("main"); !strings.Contains(s, "16.00") && !strings.Contains(s, "16,00") {
			w.Errorf("the basket does not say what both cost: %s", s)
		}
		buyer.Follow("form.basket > p:last-child button")
		w.look(buyer, "checkout")
		w.address(buyer, "Mara Lind")
		buyer.Follow("#order button[type=submit]")
		order = buyer.Path()
		w.look(buyer, "order-placed")
		if s := buyer.Text("main"); !strings.Contains(s, "IBAN DE00") {
			w.Errorf("the order does not say where to pay: %s", s)
		}
		watcher.At(release)
	}, buyer, watcher)

	w.part("pay, pack, ship", func() {
		keeper.Open(w.origin + "/desk/north-mole")
		w.look(keeper, "desk-today")
		keeper.Open(w.origin + "/desk/north-mole/orders")
		w.look(keeper, "desk-orders")
		keeper.Follow("main .lines a.number")
		w.look(keeper, "desk-order-placed")
		keeper.Follow("form[action$='/paid'] button")
		watcher.Until("another sees it sold without reloading", cell(7)+`.className === "gone" && `+cell(3)+`.className === "gone"`)
		w.look(keeper, "desk-order-paid")
		keeper.Follow("form[action$='/packed'] button")
		keeper.Follow("form[action$='/shipped'] button")
		w.look(keeper, "desk-order-shipped")
		buyer.Open(w.origin + order)
		w.look(buyer, "order-shipped")
		keeper.Open(w.origin + "/desk/north-mole/releases/" + filepath.Base(release) + "/1")
		w.look(keeper, "desk-run")
		keeper.Open(w.origin + "/desk/north-mole/releases/" + filepath.Base(release) + "/1/7")
		w.look(keeper, "desk-number")
		keeper.Open(w.origin + "/desk/north-mole/people")
		w.look(keeper, "desk-people")
		keeper.Open(w.origin + "/admin")
		w.look(keeper, "admin")
	}, keeper, watcher, buyer)

	w.part("claim", func() {
		buyer.Open(w.origin + "/claim")
		w.look(buyer, "claim")
		buyer.Fill("#code", strings.ToLower(strings.ReplaceAll(w.codes[7], "-", " ")))
		buyer.Follow("main form button[type=submit]")
		buyer.At("/sign-in")
		buyer.Follow("main a[href^='/sign-up']")
		w.look(buyer, "sign-up")
		buyer.Fill("#name", "mara")
		buyer.Fill("#password", secret)
		buyer.Fill("#display", "Mara")
		buyer.Follow("main form button[type=submit]")
		buyer.At("/claim")
		buyer.Follow("main form button[type=submit]")
		buyer.Until("the copy is on the shelf", `location.pathname.startsWith("/shelf/")`)
		w.look(buyer, "copy-mine")

		qr := jcard.Edition{Run: copies, ClaimURL: w.origin + "/claim"}.Address(w.codes[3])
		buyer.Open(qr)
		buyer.At("/claim")
		buyer.Follow("main form button[type=submit]")
		buyer.Until("the second copy is on the shelf", `location.pathname.startsWith("/shelf/") && location.pathname.endsWith("/3")`)
		buyer.Open(w.origin + "/shelf")
		w.look(buyer, "shelf")
		if s := buyer.Text("main"); !strings.Contains(s, "7") || !strings.Contains(s, "3") {
			w.Errorf("the shelf: %s", s)
		}
		buyer.Open(w.origin + "/account/orders")
		w.look(buyer, "orders")
	}, buyer)

	w.part("play", func() {
		buyer.Open(w.origin + "/shelf")
		buyer.Follow(".owned a[href$='/7/deck']")
		var ready bool
		buyer.Run(`return !document.querySelector(".deck > .bad")`, &ready)
		if !ready {
			w.Skip("needs make deck")
		}
		w.look(buyer, "deck")
		buyer.Click(`[data-key="play"]`)
		buyer.Until("the tape plays", `window.deck.state?.place_s > 1`)
		buyer.Until("it is said", `document.querySelector("[data-says]").textContent === "Playing side A."`)
		buyer.Click(`[data-key="stop"]`)
		buyer.Until("the tape stops", `window.deck.state.key === 0`)
	}, buyer)

	w.part("hand on", func() {
		shelf := ""
		buyer.Open(w.origin + "/shelf")
		buyer.Run(`return [...document.querySelectorAll(".owned tbody a")].map((a) => a.pathname).find((p) => p.endsWith("/7"))`, &shelf)
		buyer.Open(w.origin + shelf)
		buyer.Follow("form:has([name=by][value=link]) button")
		w.look(buyer, "copy-link")
		var link string
		buyer.Run(`return document.querySelector(".once input").value`, &link)
		heir.Open(link)
		w.look(heir, "take-guest")
		heir.Follow("main a.button")
		heir.Follow("main a[href^='/sign-up']")
		heir.Fill("#name", "jun")
		heir.Fill("#password", secret)
		heir.Follow("main form button[type=submit]")
		w.look(heir, "take")
		heir.Follow("main form button[type=submit]")
		heir.Until("the copy is theirs", `location.pathname.startsWith("/shelf/")`)
		w.look(heir, "copy-taken")
		buyer.Open(w.origin + "/shelf")
		if s := buyer.Text("main table"); strings.Contains(s, "7/") {
			w.Errorf("the copy is still on the giver's shelf: %s", s)
		}
	}, buyer, heir)

	var certificate []byte
	w.part("certificate", func() {
		downloads := w.TempDir()
		c := chromedp.FromContext(heir.Ctx)
		_, err := chromedp.CallBrowser(heir.Ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: c.BrowserContextID, DownloadPath: downloads})
		if err != nil {
			w.Fatal(err)
		}
		heir.Until("the certificate can be had", `document.querySelector("a.button[href^='/certificate/']") || (location.reload(), false)`)
		heir.Click("a.button[href^='/certificate/']")
		certificate = w.downloaded(downloads)
		v := w.verify(certificate)
		if v.Opening == nil || !v.Copy.OwnedBy(*v.Opening) || v.Copy.Number != 7 {
			w.Errorf("the certificate does not prove number 7: %+v", v.Copy)
		}
		w.audit()
	}, heir)

	w.part("leave", func() {
		heir.Open(w.origin + "/account/leave")
		w.look(heir, "leave")
		heir.Fill("#password", secret)
		heir.Click("[name=sure]")
		heir.Follow("main form button.danger")
		heir.Open(w.origin + "/sign-in")
		heir.Fill("#name", "jun")
		heir.Fill("#password", secret)
		w.refused(heir, http.StatusForbidden, func() { heir.Follow("main form button[type=submit]") })
		w.look(heir, "sign-in-refused")
		v := w.verify(certificate)
		if v.Opening == nil || !v.Copy.OwnedBy(*v.Opening) {
			w.Error("the certificate does not prove the copy any more")
		}
		w.audit()
		w.visit(heir, "copy-left", release+"/1/7")
	}, heir)

	w.part("by keyboard", func() { w.byKeyboard(w.browser.Person("keyboard"), release) })

}

// byKeyboard buys without a mouse.
func (w *walk) byKeyboard(p *chromium.Tab, release string) {
	p.T = w.T
	p.Open(w.origin + release)
	tab(p, "the skip link", "a.skip")
	tab(p, "the grid", ".grid[id] input, .any input")
	p.Until("a number is chosen by arrow keys", `(document.querySelector(".grid[id] input")?.focus(), true)`)
	p.Do(chromedp.KeyEvent(kb.ArrowRight))
	p.Until("the arrow chose a number", `document.activeElement.checked && document.activeElement.value !== "any"`)
	var number string
	p.Run(`return document.activeElement.value`, &number)
	tab(p, "the button", "[data-take]")
	p.Turn(func() { p.Do(chromedp.KeyEvent(kb.Enter)) })
	p.At("/basket")
	tab(p, "on to the address", "form.basket > p:last-child button")
	p.Turn(func() { p.Do(chromedp.KeyEvent(kb.Enter)) })
	for _, f := range [][2]string{{"#name", "Ola Nowak"}, {"#street", "Hafen 1"}, {"#code", "20359"}, {"#city", "Hamburg"}, {"#country", "Germ"}, {"#mail", "ola@tapes.example"}} {
		tab(p, f[0], f[0])
		p.Do(chromedp.KeyEvent(f[1]))
	}
	tab(p, "the order", "#order button[type=submit]")
	p.Turn(func() { p.Do(chromedp.KeyEvent(kb.Enter)) })
	if s := p.Text("main"); !strings.Contains(s, number) || !strings.HasPrefix(p.Path(), "/order/") {
		w.Errorf("not ordered by keyboard: %s %s", p.Path(), s)
	}
	p.Quiet()
}

// tab goes from one thing to the next until it is at what the selector finds, and sees to it that the focus shows.
func tab(p *chromium.Tab, what, selector string) {
	p.T.Helper()
	for range 60 {
		p.Do(chromedp.KeyEvent(kb.Tab))
		var at struct {
			There, Seen bool
		}
		p.Run(`const e = document.activeElement, s = getComputedStyle(e), box = e.closest("label") ? getComputedStyle(e.closest("label")) : s;
			return { There: e.matches(`+strconv.Quote(selector)+`), Seen: s.outlineStyle !== "none" || box.outlineStyle !== "none" }`, &at)
		if at.There {
			if !at.Seen {
				p.T.Errorf("the focus on %s is not seen", what)
			}
			return
		}
	}
	p.T.Fatalf("%s is not reached by the tab key", what)
}

func (w *walk) address(p *chromium.Tab, name string) {
	w.Helper()
	for _, f := range [][2]string{{"#name", name}, {"#street", "Hafenstrasse 7"}, {"#code", "20359"}, {"#city", "Hamburg"}, {"#mail", "mara@tapes.example"}} {
		p.Fill(f[0], f[1])
	}
	p.Run(`document.querySelector("#country").value = "DE"`, nil)
}

// refused does what is answered with a refusal, and takes that off what is wrong.
func (w *walk) refused(p *chromium.Tab, status int, do func()) {
	w.Helper()
	p.Quiet()
	do()
	said := 0
	for _, s := range p.Wrong() {
		if strings.Contains(s, "answered with "+strconv.Itoa(status)) || strings.Contains(s, "status of "+strconv.Itoa(status)) {
			said++
			continue
		}
		w.Errorf("%s", s)
	}
	if said == 0 {
		w.Errorf("not refused with %d: %s", status, p.Text("main"))
	}
}

func credentials(p *chromium.Tab, w *walk) []string {
	w.Helper()
	var names []string
	p.Run(`return [...document.querySelectorAll("#passkeys strong")].map((s) => s.textContent)`, &names)
	return names
}

// downloaded waits for the one file of a folder.
func (w *walk) downloaded(folder string) []byte {
	w.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		names, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			w.Fatal(err)
		}
		if len(names) != 1 || strings.HasSuffix(names[0], ".crdownload") {
			continue
		}
		if data, err := os.ReadFile(names[0]); err == nil && len(data) > 0 {
			return data
		}
	}
	w.Fatal("nothing was downloaded")
	return nil
}

// key is the log's key as the shop shows it.
func (w *walk) key() string {
	w.Helper()
	r, err := http.Get(w.origin + "/ledger/key")
	if err != nil {
		w.Fatal(err)
	}
	defer r.Body.Close()
	key, err := io.ReadAll(r.Body)
	if err != nil {
		w.Fatal(err)
	}
	return strings.TrimSpace(string(key))
}

func (w *walk) verify(certificate []byte) *ledger.Verdict {
	w.Helper()
	v, err := ledger.VerifyCertificate(certificate, ledger.Trust{Key: w.key()})
	if err != nil {
		w.Fatalf("the certificate: %v\n%s", err, certificate)
	}
	if !v.KeyTrusted {
		w.Error("the certificate is not of this shop's log")
	}
	return v
}

// audit replays the log from its folder.
func (w *walk) audit() {
	w.Helper()
	r, err := ledger.Audit(w.Context(), os.DirFS(filepath.Join(w.data, "log")), ledger.Trust{Key: w.key()}, nil)
	if err != nil {
		w.Fatal(err)
	}
	for _, f := range r.Findings {
		w.Errorf("audit: entry %d: %v", f.Index, f.Err)
	}
	if len(r.Runs) != 1 || r.Runs[0].Minted != copies {
		w.Errorf("audit: %+v", r.Runs)
	}
}
