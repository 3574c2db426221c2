package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/journal"
	"ferric/internal/listen"
	"ferric/internal/parcel"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/internal/store/sqlite"
	"ferric/internal/window"
	"ferric/pressing"
)

// testShop is a whole shop on SQLite in a temporary folder, served on the loopback: a demo label with an album on sale in a run
// of 100 (25 cards have claim codes), and a second release that opens a day later.
type testShop struct {
	*Web
	t      testing.TB
	URL    string
	DB     *store.DB
	Clock  *testClock
	Label  catalog.Label
	Artist catalog.Artist
	Album  catalog.Release // on sale
	Soon   catalog.Release // opens tomorrow
	Run    catalog.Run     // of Album: 100 copies and 2 proofs
	Later  catalog.Run     // of Soon: 20 copies
	Codes  map[int]string  // claim codes of the cards of Run, by number
	Admin  people.Account

	mu      sync.Mutex
	clients map[string]*client
}

// testClock is moved by hand.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *testClock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

// Pass lets time go by.
func (c *testClock) Pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// newShop makes a shop; everything of it is gone when the test ends.
func newShop(t testing.TB) *testShop {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "shop.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	return newShopOn(t, engine)
}

func newShopOn(t testing.TB, engine store.Engine) *testShop {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := &testShop{t: t, DB: store.New(engine), Clock: &testClock{at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}, Codes: map[int]string{}, clients: map[string]*client{}}
	t.Cleanup(func() { s.DB.Close() })
	server := httptest.NewUnstartedServer(nil)
	port := server.Listener.Addr().String()
	s.URL = "http://localhost" + port[strings.LastIndexByte(port, ':'):]
	origin, err := url.Parse(s.URL)
	check(err)
	key := []byte(strings.Repeat("k", 32))
	c := Config{Name: "Tapes", Origin: origin, Now: s.Clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	c.Registry, err = registry.New(ctx, s.DB.Registry(), registry.Config{Origin: origin.Host + "/ledger", Master: key, Folder: filepath.Join(dir, "log"), Seen: filepath.Join(dir, "log.seen")})
	check(err)
	c.Blobs, err = blob.Open(filepath.Join(dir, "blobs"))
	check(err)
	t.Cleanup(func() { c.Blobs.Close() })
	c.Catalog = catalog.New(s.DB.Catalog(), s.Clock.Now, c.Registry)
	c.Window = window.New(s.DB.Window(), s.Clock.Now)
	c.Shop, err = shop.New(s.DB.Shop(), shop.Config{Now: s.Clock.Now, Key: key, Ledger: c.Registry})
	check(err)
	c.People, err = people.New(s.DB.People(), people.Config{Now: s.Clock.Now, Key: key, Origin: s.URL, Cost: people.Cost{Memory: 8, Passes: 1, Lanes: 1}})
	check(err)
	c.Publish, err = publish.New(s.DB.Publish(), c.Blobs, c.Catalog, c.Shop, publish.Config{Now: s.Clock.Now})
	check(err)
	c.Books, err = journal.New(s.DB.Journal(), s.Clock.Now)
	check(err)
	c.Listen, err = listen.New(s.DB.Listen(), testSounds{c.Blobs}, listen.Config{Now: s.Clock.Now, Key: key})
	check(err)
	c.Parcels, err = parcel.New(s.DB.Parcel(), parcel.Config{Now: s.Clock.Now, Shop: c.Shop, Catalog: c.Catalog, Country: CountryName})
	check(err)
	s.Web, err = New(c)
	check(err)
	server.Config.Handler = s.Handler()
	server.Start()
	t.Cleanup(server.Close)
	run, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { s.Web.Run(run) })
	t.Cleanup(func() { stop(); done.Wait() })
	s.stock()
	return s
}

type testSounds struct{ blobs *blob.Store }

func (s testSounds) Open(_ context.Context, hash string) (listen.Sound, error) {
	f, err := s.blobs.Open(hash)
	if err != nil {
		return nil, err
	}
	return testSound{f}, nil
}

type testSound struct{ *blob.File }

func (s testSound) Size() int64 { return s.File.Size }

// stock fills the shop.
func (s *testShop) stock() {
	t, ctx := s.t, s.t.Context()
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	token, err := s.cfg.People.SetupLink(ctx)
	check(err)
	s.Admin, _, err = s.cfg.People.Setup(ctx, people.Client{Address: "192.0.2.1"}, token, people.Entry{Name: "keeper", Password: "a long enough secret"})
	check(err)
	s.Label, err = s.cfg.Catalog.AddLabel(ctx, catalog.Label{Slug: "specimen", Name: "Specimen Editions",
		Profile: catalog.Profile{About: "Two people and four decks.\n\nWe dub in real time.", HowToPay: "Bank transfer to XX00 1234.", Place: "Łódź", Country: "PL", Accent: "chrome"}})
	check(err)
	s.Artist, err = s.cfg.Catalog.AddArtist(ctx, catalog.Artist{Slug: "lantern-weir", Name: "Lantern Weir"})
	check(err)
	s.Album, s.Run = s.release("evening", "A Field Guide to Evening", "SPEC-001", 100, 2, time.Time{})
	s.Soon, s.Later = s.release("zazolc", "Zażółć gęślą jaźń", "SPEC-002", 20, 0, s.Clock.Now().Add(24*time.Hour))
}

// release adds a release that is on sale.
func (s *testShop) release(slug, title, number string, copies, proofs int, opens time.Time) (catalog.Release, catalog.Run) {
	t, ctx := s.t, s.t.Context()
	t.Helper()
	r, err := s.cfg.Catalog.AddRelease(ctx, catalog.Release{Label: s.Label.ID, Artist: s.Artist.ID, Slug: slug, Title: title, CatalogNumber: number, Barcode: "4006381333931",
		Year: 2026, Notes: "Recorded at dusk.\n\nPlay it loud.", Tape: "C40", Accent: "#C43C1B", Detail: testDetail()})
	if err != nil {
		t.Fatal(err)
	}
	run := catalog.Run{Release: r.ID, Copies: copies, Proofs: proofs, Salt: "salt of " + slug, Declaration: catalog.Declaration{Manifest: strings.Repeat("ab", 32)}}
	for n := 1; n <= min(25, copies); n++ {
		code, err := pressing.NewClaim(nil)
		if err != nil {
			t.Fatal(err)
		}
		if slug == "evening" {
			s.Codes[n] = code
		}
		run.Cards = append(run.Cards, catalog.Card{Number: n, SHA256: pressing.HashClaim(run.Salt, code)})
	}
	if run, err = s.cfg.Catalog.Declare(ctx, run, string(s.Admin.ID)); err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.Shop.SetTerms(ctx, shop.Terms{Run: run.ID, Label: s.Label.ID, Price: shop.Money{Minor: 1200, Currency: "EUR"}, Opens: opens}); err != nil {
		t.Fatal(err)
	}
	if r, err = s.cfg.Catalog.Open(ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	return r, run
}

func testDetail() catalog.Detail {
	side := func(name string, titles ...string) catalog.Side {
		s := catalog.Side{Name: name, Format: "wav", Frames: 48000 * 1158, Rate: 48000, Bits: 24, LUFS: -14.2, Blank: 42}
		for i, title := range titles {
			s.Tracks = append(s.Tracks, catalog.Track{Position: fmt.Sprintf("%s%d", name, i+1), Title: title, Start: float64(i) * 280, Duration: 274.5, Counter: float64(i) * 90})
		}
		return s
	}
	return catalog.Detail{Genre: "Ambient", Copyright: "CC0 1.0", Credits: []catalog.Credit{{Role: "Music", Names: "Ada Quill"}, {Role: "Cover", Names: "Bo Marsh"}},
		Sides: []catalog.Side{side("A", "Harbour Before Light", "Hazel and Wire", "Kitchen Radio, Half Past Five", "Long Straight Road Home"),
			side("B", "Frost on the Aerial", "Small Hours", "Under the Viaduct", "Everyone's Windows")},
		Tape:   catalog.Tape{Name: "C40", Minutes: 20, Type: "I", Formulation: "Type I, ferric", EqualisationUS: 120, DolbyDBFS: -18},
		LineUp: []catalog.Tone{{Name: "Level", Hz: 400, Level: -18, Purpose: "Dolby level"}, {Name: "Azimuth", Hz: 10000, Level: -28, Purpose: "both channels in phase"}},
		Costs: catalog.Costs{Currency: "EUR", Digits: 2, Copies: 100, Proofs: 2, Made: 104, Total: 21800, PerCopy: 218,
			Lines: []catalog.Cost{{Name: "blank tape and case", Total: 14560}, {Name: "J-card", Total: 4240}, {Name: "shell labels", Total: 3000, PerRun: true}}, Stream: "0.0033", Source: "a distributor's statement", Year: 2026}}
}

// client is a browser: it keeps cookies and does not follow redirects, so that a test sees them.
type client struct {
	s       *testShop
	Account people.Account // zero for a guest
	http    *http.Client
}

// as is a browser of somebody, the same one each time: "guest", "buyer" and "stranger" (accounts without a part in a label), "owner", "packer",
// "accountant" (of the demo label), "admin". Other names are more accounts, and those that begin with "guest" are more guests.
func (s *testShop) as(who string) *client {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[who]; c != nil {
		return c
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &client{s: s, http: &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	s.clients[who] = c
	if strings.HasPrefix(who, "guest") {
		return c
	}
	ctx, p := s.t.Context(), s.cfg.People
	at := people.Client{Address: fmt.Sprintf("192.0.2.%d", 10+len(s.clients))}
	token := ""
	if who == "admin" {
		c.Account, token, err = p.SignIn(ctx, at, "keeper", "a long enough secret")
	} else {
		c.Account, token, err = p.SignUp(ctx, at, people.Entry{Name: who, Password: "a long enough secret"})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if role := people.Role(who); role == people.Owner || role == people.Packer || role == people.Accountant {
		if role != people.Owner {
			s.mu.Unlock()
			s.as(string(people.Owner)) // a label's first member is its owner
			s.mu.Lock()
		}
		if err := p.AddMember(ctx, s.Admin.ID, s.Label.ID, c.Account.ID, role); err != nil {
			s.t.Fatal(err)
		}
	}
	u, _ := url.Parse(s.URL)
	jar.SetCookies(u, []*http.Cookie{{Name: s.cookieName(cookieSession), Value: token, Path: "/"}})
	return c
}

// answer is what a browser got.
type answer struct {
	Status   int
	Header   http.Header
	Body     string
	Location string
}

// get asks for a page.
func (c *client) get(path string) answer { c.s.t.Helper(); return c.do("GET", path, nil, nil) }

// post sends a form, as a browser does from a page of ours.
func (c *client) post(path string, form url.Values) answer {
	c.s.t.Helper()
	return c.do("POST", path, strings.NewReader(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {c.s.URL}, "Sec-Fetch-Site": {"same-origin"}})
}

func (c *client) do(method, path string, body io.Reader, header http.Header) answer {
	c.s.t.Helper()
	r, err := http.NewRequestWithContext(c.s.t.Context(), method, c.s.URL+path, body)
	if err != nil {
		c.s.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	got, err := c.http.Do(r)
	if err != nil {
		c.s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer got.Body.Close()
	b, err := io.ReadAll(io.LimitReader(got.Body, 32<<20))
	if err != nil {
		c.s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{got.StatusCode, got.Header, string(b), got.Header.Get("Location")}
}

// ok is get of a page that must be there.
func (c *client) ok(path string) string {
	c.s.t.Helper()
	a := c.get(path)
	if a.Status != http.StatusOK {
		c.s.t.Fatalf("GET %s: %d\n%s", path, a.Status, clip(a.Body, 2000))
	}
	return a.Body
}

// hold puts a number of the run into the browser's basket.
func (c *client) hold(run catalog.RunID, number int) {
	c.s.t.Helper()
	if a := c.post("/basket", url.Values{"run": {string(run)}, "number": {fmt.Sprint(number)}}); a.Status != http.StatusSeeOther {
		c.s.t.Fatalf("hold %d: %d\n%s", number, a.Status, clip(a.Body, 2000))
	}
}

// parsed is a page's tree.
func parsed(t testing.TB, page string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// elements are all elements of a page.
func elements(n *html.Node) (all []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode {
			all = append(all, d)
		}
	}
	return all
}

// attr is an element's attribute; empty when it has none.
func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf is the text below an element, with spaces folded.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
