package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/publish"
	"ferric/internal/shop"
	"ferric/internal/window"
	"ferric/ledger"
	"ferric/pressing"
)

// press is a house's desk for pressings.
type press struct {
	*House
	desk   *publish.Desk
	blobs  *blob.Store
	window *window.Window
	label  catalog.Label
}

func newPress(t testing.TB, h *House, edits ...func(*publish.Config, *publish.Blobs)) *press {
	t.Helper()
	p := &press{House: h, blobs: must(blob.Open(t.TempDir()))(t), window: window.New(h.DB.Window(), h.Clock.Now), label: h.labels[0]}
	t.Cleanup(func() { ok(t, p.blobs.Close()) })
	cfg, blobs := publish.Config{Now: h.Clock.Now}, publish.Blobs(p.blobs)
	for _, edit := range edits {
		edit(&cfg, &blobs)
	}
	p.desk = must(publish.New(h.DB.Publish(), blobs, h.Catalog, h.Shop, cfg))(t)
	return p
}

// send brings a whole pressing up.
func (p *press) send(t testing.TB, of *Pressing, repress bool) (publish.Result, error) {
	t.Helper()
	s, err := p.desk.Begin(ctx(t), publish.Ask{Label: p.label.ID, Account: "ann", Manifest: of.Text(), Repress: repress})
	if err != nil {
		return publish.Result{}, err
	}
	if s.Done != nil {
		return *s.Done, nil
	}
	for _, f := range s.Files {
		if f.Have < f.Size {
			if _, err := p.desk.Put(ctx(t), s.ID, f.SHA256, f.Have, bytes.NewReader(of.Files[f.Name][f.Have:])); err != nil {
				return publish.Result{}, err
			}
		}
	}
	return p.desk.Finish(ctx(t), s.ID)
}

// empty checks that nothing is kept and nothing is shown.
func (p *press) empty(t testing.TB) {
	t.Helper()
	if l := must(p.window.Releases(ctx(t), window.Query{Label: p.label.ID, All: true}))(t); len(l.Items) > 0 {
		t.Errorf("%d releases are there", len(l.Items))
	}
	removed := must(p.blobs.Sweep(ctx(t), time.Now().Add(time.Hour), func(string) (bool, error) { return true, nil }))(t)
	kept := 0
	must(p.blobs.Sweep(ctx(t), time.Now().Add(time.Hour), func(string) (bool, error) { kept++; return true, nil }))(t)
	if removed > 0 || kept > 0 {
		t.Errorf("%d files are kept", kept)
	}
}

// testPublish walks the whole way: upload, draft, sale, page, repress.
func testPublish(t *testing.T, h *House) {
	p := newPress(t, h)
	one := NewPressing(t, "Marzanna", "Nocne tramwaje", "ZT 01", 5)
	s := must(p.desk.Begin(ctx(t), publish.Ask{Label: p.label.ID, Account: "ann", Manifest: one.Text()}))(t)
	var names []string
	for _, f := range s.Files {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "cover.png previews/case.png previews/jcard-outside.png release.json side-a.wav side-b.wav" {
		t.Fatalf("wanted are %s", got)
	}
	r := must(p.send(t, one, false))(t)
	if !r.Changed || !r.Made || r.Slug != "zt-01" || r.Artist != "Marzanna" || r.Title != "Nocne tramwaje" || r.Label != "label-0" || r.State != catalog.Draft || r.Repress {
		t.Fatalf("%+v", r)
	}
	if again := must(p.send(t, one, false))(t); again.Changed || again.Release != r.Release {
		t.Fatalf("the same again: %+v", again)
	}
	if _, err := p.window.Release(ctx(t), p.label.Slug, "zt-01", false); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a draft is shown to all: %v", err)
	}
	one.Manifest.Release.Title = "Nocne tramwaje II"
	if r = must(p.send(t, one, false))(t); !r.Changed || r.Made {
		t.Fatalf("another manifest for a draft: %+v", r)
	}
	sale := publish.Sale{Release: r.Release, By: "ann", Price: shop.Money{Minor: 1000, Currency: "EUR"}, PayMore: true, PerPerson: 2, Digital: catalog.Preview,
		Pools: []catalog.Span{{Name: "web", First: 1, Last: 4}, {Name: "merch", First: 5, Last: 5}}}
	bad := sale
	bad.Price.Currency = "eur"
	if _, err := p.desk.PutOnSale(ctx(t), bad); !fault.Is(err, fault.Invalid) {
		t.Fatalf("no such currency: %v", err)
	}
	run := must(p.desk.PutOnSale(ctx(t), sale))(t)
	if _, err := p.desk.PutOnSale(ctx(t), sale); !fault.Is(err, fault.Conflict) {
		t.Fatalf("on sale twice: %v", err)
	}
	page := must(p.window.Release(ctx(t), p.label.Slug, "zt-01", false))(t)
	switch {
	case page.Title != "Nocne tramwaje II" || page.Artist.Name != "Marzanna" || page.Digital != catalog.Preview || page.Published.IsZero() || page.Notes != "Two pieces\nfor a winter.":
		t.Errorf("%+v", page.Release)
	case len(page.Runs) != 1 || page.Runs[0].ID != run.ID || page.Runs[0].Free != 4 || len(page.Runs[0].Grid) != 6 || page.Runs[0].Terms.PerPerson != 2:
		t.Errorf("%+v", page.Runs)
	case len(page.Detail.Sides) != 2 || page.Detail.Sides[1].Tracks[0].Title != "雨の歌" || len(page.Detail.Pictures.Drawings) != 2 || page.Detail.Pictures.Drawings[1].Width+page.Detail.Pictures.Drawings[0].Width != 84:
		t.Errorf("%+v", page.Detail)
	}
	// Made are 5 copies, a proof and the spoilt; see budget for the defaults of a run of five.
	if e := page.Runs[0].Earns; e == nil || e.Keeps.Minor != 1000 || e.Cost.Minor != int64(one.Manifest.Budget.Run.PerCopy) || e.Net.Minor != 1000-e.Cost.Minor || e.Total.Minor != int64(one.Manifest.Budget.Run.Total) {
		t.Errorf("what it earns: %+v", e)
	}
	for _, f := range []string{one.hash("side-a.wav"), one.hash("cover.png"), one.hash("release.json")} {
		ok(t, p.blobs.Verify(ctx(t), f))
	}
	for hash, name := range map[string]string{one.hash("cover.png"): "cover-300.jpg", one.hash("previews/case.png"): "drawing-480.jpg", one.hash("release.json"): publish.OpenGraph} {
		f := must(p.desk.Picture(ctx(t), hash, name))(t)
		head := make([]byte, 3)
		if _, err := f.ReadAt(head, 0); err != nil || string(head) != "\xff\xd8\xff" {
			t.Errorf("%s: %q, %v", name, head, err)
		}
		ok(t, f.Close())
	}
	if _, err := p.desk.Picture(ctx(t), one.hash("side-a.wav"), "cover-300.jpg"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a programme as a picture: %v", err)
	}
	// The codes of the pressing are those of the run.
	if copy := must(h.Shop.Claim(ctx(t), "bob", one.Codes[4]))(t); copy.Number != 5 {
		t.Errorf("the code of number 5 registered %d", copy.Number)
	}

	two := NewPressing(t, "Marzanna", "Nocne tramwaje", "zt-01", 3)
	if _, err := p.send(t, two, false); !fault.Is(err, fault.Conflict) {
		t.Fatalf("a public release was replaced: %v", err)
	}
	if r = must(p.send(t, two, true))(t); !r.Changed || !r.Repress || r.Made {
		t.Fatalf("repress: %+v", r)
	}
	sale.Pools = nil
	sale.Release = r.Release
	must(p.desk.PutOnSale(ctx(t), sale))(t)
	page = must(p.window.Release(ctx(t), p.label.Slug, "zt-01", false))(t)
	if len(page.Runs) != 2 || page.Runs[1].Ordinal != 2 || page.Runs[1].Copies != 3 || page.Detail.Manifest != two.hash("release.json") || page.Title != "Nocne tramwaje II" {
		t.Errorf("after the repress: %+v", page.Runs)
	}
	if removed := must(p.desk.Sweep(ctx(t)))(t); removed != 0 {
		t.Errorf("%d files were swept on the day they came", removed)
	}
	// Of what came, only the first manifest, which the second replaced, is referred to by nothing.
	gone := 0
	must(p.blobs.Sweep(ctx(t), time.Now().Add(time.Hour), func(hash string) (yes bool, err error) {
		err = h.DB.Publish().View(ctx(t), func(tx publish.Tx) error { yes, err = tx.Referred(hash); return err })
		if !yes {
			gone++
		}
		return yes, err
	}))(t)
	if gone != 1 {
		t.Errorf("%d files were swept", gone)
	}
}

func (p *Pressing) hash(name string) string {
	if name == pressing.ManifestName {
		return sha(p.Text())
	}
	return sha(p.Files[name])
}

// testTakeBack: a release goes only while nobody has bought.
func testTakeBack(t *testing.T, h *House) {
	p := newPress(t, h)
	r := must(p.send(t, NewPressing(t, "A", "Draft", "D-1", 2), false))(t)
	if gone := must(p.desk.TakeBack(ctx(t), r.Release, "never mind", "ann"))(t); !gone {
		t.Error("a draft stayed")
	}
	p.unlisted(t)
	sale := publish.Sale{By: "ann", Price: shop.Money{Minor: 1000, Currency: "EUR"}}
	r = must(p.send(t, NewPressing(t, "A", "Shown", "S-1", 2), false))(t)
	sale.Release = r.Release
	run := must(p.desk.PutOnSale(ctx(t), sale))(t)
	held := must(h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Any: 1}))(t)
	if _, err := p.desk.TakeBack(ctx(t), r.Release, "misprint", "ann"); !fault.Is(err, fault.Conflict) {
		t.Fatalf("somebody holds %d: %v", held.Copies[0].Number, err)
	}
	h.Clock.Add(time.Hour)
	if gone := must(p.desk.TakeBack(ctx(t), r.Release, "misprint", "ann"))(t); gone {
		t.Error("a public release vanished")
	}
	page := must(p.window.Release(ctx(t), p.label.Slug, r.Slug, false))(t)
	for _, c := range page.Runs[0].Grid {
		if c.State != catalog.Void || c.Reason != "misprint" {
			t.Errorf("number %d is %s: %q", c.Number, c.State, c.Reason)
		}
	}
	if page.State != catalog.Withdrawn {
		t.Errorf("it is %s", page.State)
	}
	if _, err := p.send(t, NewPressing(t, "A", "Again", "S-1", 2), false); !fault.Is(err, fault.Conflict) {
		t.Errorf("published over what was taken back: %v", err)
	}
	r = must(p.send(t, NewPressing(t, "A", "Sold", "S-2", 2), false))(t)
	sale.Release = r.Release
	run = must(p.desk.PutOnSale(ctx(t), sale))(t)
	receipt := h.buy(t, Visitor(2), run.ID, 1)
	must(h.Shop.MarkPaid(ctx(t), receipt.Order, "desk"))(t)
	if _, err := p.desk.TakeBack(ctx(t), r.Release, "misprint", "ann"); !fault.Is(err, fault.Conflict) {
		t.Errorf("sold copies were taken back: %v", err)
	}
	if _, err := h.Catalog.Void(ctx(t), run.ID, receipt.Lines[0].Number%2+1, ledger.LostOnWay, "lost", "ann"); err != nil {
		t.Errorf("and one that is free may still be void: %v", err)
	}
}

// unlisted checks that no release is listed.
func (p *press) unlisted(t testing.TB) {
	t.Helper()
	if l := must(p.window.Releases(ctx(t), window.Query{Label: p.label.ID, All: true}))(t); len(l.Items) > 0 {
		t.Errorf("%d releases are there", len(l.Items))
	}
}

// testHostile: what nobody should send is refused, and nothing of it is kept.
func testHostile(t *testing.T, h *House) {
	p := newPress(t, h)
	long := strings.Repeat("x", 5000)
	for what, edit := range map[string]func(*Pressing){
		"name leads out":        func(p *Pressing) { p.Manifest.Sides[0].Programme.File = "../../etc/side-a.wav" },
		"file leads out":        func(p *Pressing) { p.Manifest.Files[0].Name = "../x.wav" },
		"absolute":              func(p *Pressing) { p.Manifest.Files[0].Name = "/etc/passwd" },
		"NUL":                   func(p *Pressing) { p.Manifest.Files[0].Name = "a\x00.wav" },
		"no such file":          func(p *Pressing) { delete(p.Files, "side-a.wav"); p.Seal() },
		"long name":             func(p *Pressing) { p.Manifest.Files[0].Name = long },
		"schema":                func(p *Pressing) { p.Manifest.Schema = "ferric.pressing/99" },
		"no sides":              func(p *Pressing) { p.Manifest.Sides = nil },
		"side C":                func(p *Pressing) { p.Manifest.Sides[1].Name = "C" },
		"title too long":        func(p *Pressing) { p.Manifest.Release.Title = long },
		"title turns":           func(p *Pressing) { p.Manifest.Release.Title = "a\u202eb" },
		"no artist":             func(p *Pressing) { p.Manifest.Release.Artist = "" },
		"barcode":               func(p *Pressing) { p.Manifest.Release.Barcode = "1234567890123" },
		"accent":                func(p *Pressing) { p.Manifest.Release.Accent = "url(x)" },
		"frames":                func(p *Pressing) { p.Manifest.Sides[0].Programme.Frames = 1 << 50 },
		"rate":                  func(p *Pressing) { p.Manifest.Sides[0].Programme.SampleRate = 4_000_000 },
		"too few frames":        func(p *Pressing) { p.Manifest.Sides[0].Programme.Frames-- },
		"too many frames":       func(p *Pressing) { p.Manifest.Sides[0].Programme.Frames++ },
		"24 bits":               func(p *Pressing) { p.Manifest.Sides[0].Programme.Bits = 24 },
		"tracks":                func(p *Pressing) { p.Manifest.Sides[0].Tracks = make([]pressing.Track, 5000) },
		"track start":           func(p *Pressing) { p.Manifest.Sides[0].Tracks[0].StartS = -1 },
		"copies":                func(p *Pressing) { p.Manifest.Run.Copies = 1 << 40 },
		"one code twice":        func(p *Pressing) { p.Manifest.Run.Claims[1].SHA256 = p.Manifest.Run.Claims[0].SHA256 },
		"code missing":          func(p *Pressing) { p.Manifest.Run.Claims = p.Manifest.Run.Claims[1:] },
		"salt":                  func(p *Pressing) { p.Manifest.Run.Salt = "s" },
		"budget":                func(p *Pressing) { p.Manifest.Budget.PerCopy[0].Total = -5 },
		"currency":              func(p *Pressing) { p.Manifest.Budget.Currency = "<b>" },
		"huge file":             func(p *Pressing) { p.file("side-a.wav").Size = 1 << 45 },
		"negative size":         func(p *Pressing) { p.file("side-a.wav").Size = -1 },
		"hash":                  func(p *Pressing) { p.file("side-a.wav").SHA256 = "../../x" },
		"cover of another hash": func(p *Pressing) { p.Manifest.Release.CoverSHA256 = strings.Repeat("0", 64) },
		"many files": func(p *Pressing) {
			for i := range 100_000 {
				p.Manifest.Files = append(p.Manifest.Files, pressing.File{Name: fmt.Sprint(i)})
			}
		},
		"wrong size":      func(p *Pressing) { p.file("side-b.wav").Size++ },
		"wrong hash":      func(p *Pressing) { p.file("side-b.wav").SHA256 = strings.Repeat("0", 64) },
		"truncated sound": func(p *Pressing) { p.Files["side-a.wav"] = p.Files["side-a.wav"][:50_000]; p.Seal() },
		"HTML as sound":   func(p *Pressing) { p.Files["side-a.wav"] = []byte("<html><script>alert(1)</script>"); p.Seal() },
		"MP3 as sound": func(p *Pressing) {
			p.Files["side-a.wav"] = append([]byte("ID3\x03\x00\x00\x00\x00\x00\x00\xff\xfb"), make([]byte, 9000)...)
			p.Seal()
		},
		"ZIP behind sound": func(p *Pressing) {
			p.Files["side-a.wav"] = append(p.Files["side-a.wav"], append([]byte("PK\x03\x04"), make([]byte, 2<<20)...)...)
			p.Seal()
		},
		"SVG as cover": func(p *Pressing) {
			p.Files["cover.png"] = []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
			p.Seal()
		},
		"GIF as cover":  func(p *Pressing) { p.Files["cover.png"] = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"); p.Seal() },
		"cover as card": func(p *Pressing) { p.Files["previews/case.png"] = []byte("\xff\xd8\xff\xe0 and so on"); p.Seal() },
		"image bomb":    func(p *Pressing) { p.Files["cover.png"] = bomb(65535, 65535); p.Seal() },
		"cut picture":   func(p *Pressing) { p.Files["cover.png"] = p.Files["cover.png"][:len(p.Files["cover.png"])/2]; p.Seal() },
		"card bomb":     func(p *Pressing) { p.Files["previews/case.png"] = bomb(20000, 20000); p.Seal() },
	} {
		of := NewPressing(t, "Hostile", "Pressing", "H-1", 2)
		edit(of)
		_, err := p.send(t, of, false)
		if err == nil {
			t.Errorf("%s was published", what)
		} else if kind := fault.Of(err); kind != fault.Invalid && kind != fault.Limit && kind != fault.Conflict {
			t.Errorf("%s: %v", what, err)
		} else if strings.ContainsAny(fault.Text(err), "\x00\u202e") || len(fault.Text(err)) > 400 {
			t.Errorf("%s: its text is %q", what, fault.Text(err))
		}
		for _, u := range must(p.uploads(t))(t) {
			ok(t, p.desk.GiveUp(ctx(t), u.ID))
		}
	}
	p.empty(t)
	for _, text := range []string{"", "{}", "[]", "null", `{"schema":"ferric.pressing/1"}`, strings.Repeat("[", 100_000), `{"schema":"ferric.pressing/1","sides":[{}]}`, strings.Repeat(" ", publish.MaxManifest+1)} {
		if _, err := p.desk.Begin(ctx(t), publish.Ask{Label: p.label.ID, Account: "ann", Manifest: []byte(text)}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if _, err := p.desk.Begin(ctx(t), publish.Ask{Label: "nobody", Manifest: NewPressing(t, "A", "B", "C", 1).Text()}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such label: %v", err)
	}
	for _, id := range []string{"", "../..", strings.Repeat("A", 26)} {
		if _, err := p.desk.Put(ctx(t), id, strings.Repeat("0", 64), 0, strings.NewReader("x")); !fault.Is(err, fault.NotFound) {
			t.Errorf("session %q: %v", id, err)
		}
	}
}

func (p *press) uploads(t testing.TB) (us []publish.Upload, err error) {
	err = p.DB.Publish().View(ctx(t), func(tx publish.Tx) error { us, err = tx.Uploads(p.label.ID); return err })
	return us, err
}

func (p *Pressing) file(name string) *pressing.File {
	i := slices.IndexFunc(p.Manifest.Files, func(f pressing.File) bool { return f.Name == name })
	return &p.Manifest.Files[i]
}

// bomb is a PNG of a few bytes that says it has w by h pixels.
func bomb(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		body := append([]byte(name), data...)
		b = append(b, body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(nil, w)
	head = binary.BigEndian.AppendUint32(head, h)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", []byte{0x78, 0x9c, 3, 0, 0, 0, 0, 1})
	chunk("IEND", nil)
	return b
}

// testResume: an upload that is cut anywhere goes on where it was, also by another process.
func testResume(t *testing.T, h *House) {
	p := newPress(t, h)
	of := NewPressing(t, "Resume", "Part", "R-1", 1)
	tries := 0
	rapid.Check(t, func(r *rapid.T) {
		if tries++; tries > 20 { // each is some thirty transactions
			return
		}
		ask := publish.Ask{Label: p.label.ID, Account: "ann", Manifest: of.Text()}
		s := must(p.desk.Begin(ctx(t), ask))(t)
		for steps := 0; ; steps++ {
			var f publish.Wanted
			for _, w := range s.Files {
				if w.Have < w.Size {
					f = w
				}
			}
			if f.Size == 0 {
				break
			}
			data := of.Files[f.Name]
			if steps < 12 && rapid.Bool().Draw(r, "from elsewhere") {
				wrong := rapid.Int64Range(0, f.Size).Draw(r, "offset")
				_, err := p.desk.Put(ctx(t), s.ID, f.SHA256, wrong, bytes.NewReader(data[wrong:]))
				var elsewhere *publish.OffsetError
				if wrong != f.Have && (!errors.As(err, &elsewhere) || elsewhere.Have != f.Have) {
					r.Fatalf("at %d, which has %d: %v", wrong, f.Have, err)
				}
			} else {
				cut := f.Size - f.Have
				if steps < 12 {
					cut = rapid.Int64Range(0, cut).Draw(r, "cut")
				}
				body := io.MultiReader(bytes.NewReader(data[f.Have:f.Have+cut]), lost{errors.New("connection lost")})
				have, err := p.desk.Put(ctx(t), s.ID, f.SHA256, f.Have, body)
				if f.Have+cut < f.Size && err == nil || have != f.Have+cut {
					r.Fatalf("cut at %d: %d, %v", f.Have+cut, have, err)
				}
				if have < f.Size {
					if _, err := p.desk.Finish(ctx(t), s.ID); !fault.Is(err, fault.Conflict) {
						r.Fatalf("finished with %d of %d: %v", have, f.Size, err)
					}
				}
			}
			if rapid.Bool().Draw(r, "restart") { // another process, which knows nothing
				p.desk = must(publish.New(h.DB.Publish(), p.blobs, h.Catalog, h.Shop, publish.Config{Now: h.Clock.Now}))(t)
			}
			again := must(p.desk.Begin(ctx(t), ask))(t)
			if again.ID != s.ID {
				r.Fatal("the session was not found again")
			}
			s = again
		}
		for _, f := range s.Files {
			ok(t, p.blobs.CheckPart(ctx(t), s.ID, f.SHA256))
		}
		ok(t, p.desk.GiveUp(ctx(t), s.ID))
	})
	p.empty(t)
	must(p.send(t, of, false))(t)
}

type lost struct{ err error }

func (f lost) Read([]byte) (int, error) { return 0, f.err }

// testPublishRace: the same pressing from several sides at once is one release.
func testPublishRace(t *testing.T, h *House) {
	p := newPress(t, h)
	of := NewPressing(t, "Race", "Twins", "T-1", 3)
	var wg sync.WaitGroup
	results := make([]publish.Result, 6)
	for i := range results {
		wg.Go(func() {
			for range 200 {
				r, err := p.send(t, of, false)
				if err == nil {
					results[i] = r
					return
				}
				if kind := fault.Of(err); kind != fault.Conflict && kind != fault.NotFound && kind != fault.Unavailable && !errors.Is(err, blob.ErrBusy) {
					t.Errorf("%v", err)
					return
				}
			}
			t.Error("never came through")
		})
	}
	wg.Wait()
	made := 0
	for _, r := range results {
		if r.Release != results[0].Release || r.Release == "" {
			t.Errorf("%+v", r)
		}
		if r.Made {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d of the six made the release", made)
	}
}

// full is a store on a disk that is full after some writes.
type full struct {
	publish.Blobs
	left int
}

func (f *full) write() error {
	if f.left--; f.left < 0 {
		return fmt.Errorf("write: %w", syscall.ENOSPC)
	}
	return nil
}

func (f *full) Append(ctx context.Context, session, hash string, offset, size int64, r io.Reader) (int64, error) {
	if err := f.write(); err != nil {
		return offset, err
	}
	return f.Blobs.Append(ctx, session, hash, offset, size, r)
}

func (f *full) Keep(session, hash string) error {
	if err := f.write(); err != nil {
		return err
	}
	return f.Blobs.Keep(session, hash)
}

func (f *full) Make(hash, name string, write func(io.Writer) error) error {
	if err := f.write(); err != nil {
		return err
	}
	return f.Blobs.Make(hash, name, write)
}

// testDiskFull: whenever the disk is full, nothing is published, and it is once there is room.
func testDiskFull(t *testing.T, h *House) {
	disk := &full{}
	p := newPress(t, h, func(_ *publish.Config, b *publish.Blobs) { disk.Blobs = *b; *b = disk })
	of := NewPressing(t, "Full", "Disk", "F-1", 1)
	for room := 0; ; room++ {
		disk.left = room
		_, err := p.send(t, of, false)
		if err == nil {
			if room < 12 {
				t.Errorf("%d writes were enough", room)
			}
			break
		}
		if !fault.Is(err, fault.Unavailable) || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("room for %d writes: %v", room, err)
		}
		p.unlisted(t)
	}
}

// testQuota: sessions, bytes and time are bounded, and nobody gets a file by its hash alone.
func testQuota(t *testing.T, h *House) {
	p := newPress(t, h, func(c *publish.Config, _ *publish.Blobs) { c.MaxSessions, c.MaxLabel = 2, 700_000 })
	begin := func(label catalog.LabelID, of *Pressing) (publish.Session, error) {
		return p.desk.Begin(ctx(t), publish.Ask{Label: label, Account: "ann", Manifest: of.Text()})
	}
	one := NewPressing(t, "Q", "One", "Q-1", 1)
	must(p.send(t, one, false))(t)
	thief := must(begin(h.labels[1].ID, one))(t)
	for _, f := range thief.Files {
		if f.Kind != publish.Manifest && f.Have > 0 {
			t.Errorf("another label gets %s for its hash", f.Name)
		}
	}
	again := NewPressing(t, "Q", "One again", "Q-1b", 1)
	s := must(begin(p.label.ID, again))(t)
	for _, f := range s.Files {
		if f.Kind == publish.Programme && f.Have != f.Size {
			t.Errorf("the label's own %s is asked for again", f.Name)
		}
	}
	must(begin(p.label.ID, NewPressing(t, "Q", "Two", "Q-2", 1)))(t)
	if _, err := begin(p.label.ID, NewPressing(t, "Q", "Three", "Q-3", 1)); !fault.Is(err, fault.Limit) {
		t.Errorf("a third session: %v", err)
	}
	h.Clock.Add(4 * 24 * time.Hour)
	if _, err := p.desk.Put(ctx(t), s.ID, s.Files[0].SHA256, 0, strings.NewReader("")); !fault.Is(err, fault.Gone) {
		t.Errorf("a session of four days ago: %v", err)
	}
	ok(t, p.desk.Expire(ctx(t)))
	if left := must(p.blobs.Sessions())(t); len(left) > 0 {
		t.Errorf("%d sessions have parts yet", len(left))
	}
	big := NewPressing(t, "Q", "Big", "Q-4", 1)
	big.Files["side-a.wav"] = Wave(t, 200_000, 100)
	big.Seal()
	big.Manifest.Sides[0].Programme.Frames = 200_000
	if _, err := begin(p.label.ID, big); !fault.Is(err, fault.Limit) {
		t.Errorf("more than the label may keep: %v", err)
	}
}

func sha(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
