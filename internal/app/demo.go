package app

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/shop"
	"ferric/ledger"
)

// Demo is what a shop is filled with to be tried.
type Demo struct {
	Pressings [2]string // folders; the first is an album with a run of 42 or more, the second a small one with 16 or more
	Say       func(step string)
}

// SignIn is a demo account.
type SignIn struct{ Name, Password, What string }

// DemoSignIns are the accounts of a demo shop. Their passwords are public: a shop that has them must not be reached by others.
var DemoSignIns = []SignIn{
	{"ferric", "side-a-then-side-b", "keeps the shop; owner of both labels"},
	{"packer", "two-hubs-five-screws", "packs for Specimen Editions"},
	{"mara", "rewind-with-a-pencil", "listener; owns numbers 3 and 5"},
	{"jun", "hiss-is-not-a-fault", "listener; was given number 5 and handed it on"},
}

// demoMark is the file that says that a folder holds a demo shop.
const demoMark = "demo"

// refuseDemo keeps accounts whose passwords stand in this file from being reached by others.
func (c Config) refuseDemo() error {
	if _, err := os.Stat(filepath.Join(c.Data, demoMark)); err != nil {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err == nil && here(host) && here(c.origin.Hostname()) {
		return nil
	}
	return fmt.Errorf("data: %s is a demo shop, and the passwords of its accounts are public: it is opened on this machine alone (listen localhost:8080, origin http://localhost:8080)", c.Data)
}

func here(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// filler fills one shop.
type filler struct {
	*App
	ctx context.Context
	ids map[string]people.ID
	err error // the first; after it nothing more is done
}

// Fill makes the demo shop. It does nothing when the shop has accounts already.
func (a *App) Fill(ctx context.Context, d Demo) (filled bool, err error) {
	token, err := a.People.SetupLink(ctx)
	if err != nil || token == "" {
		return false, err
	}
	if err := os.WriteFile(filepath.Join(a.cfg.Data, demoMark), []byte("The accounts of this shop have public passwords.\n"), 0o600); err != nil {
		return false, err
	}
	if err := a.cfg.refuseDemo(); err != nil {
		return false, err
	}
	f := &filler{App: a, ctx: ctx, ids: map[string]people.ID{}}
	defer a.ago.Store(0)
	f.daysAgo(45)
	if token, err = a.People.SetupLink(ctx); err != nil {
		return false, err
	}
	d.Say("making the demo's people")
	f.people(token)
	labels := []catalog.Label{
		f.label("specimen-editions", "Specimen Editions", "oxide", "Two people and a dubbing table above a bicycle shop. Everything here is short: songs, runs, breath."),
		f.label("north-mole", "North Mole", "petrol", "Field recordings and harbour music, on tape only."),
	}
	f.do(func() error {
		return a.People.AddMember(ctx, f.ids["ferric"], labels[0].ID, f.ids["packer"], people.Packer)
	})
	for i, folder := range d.Pressings {
		if f.err != nil {
			break
		}
		d.Say("publishing " + filepath.Base(folder))
		f.publish(labels[i], folder, i)
	}
	return f.err == nil, f.err
}

// daysAgo moves the shop's clock: from one step to the next only forward.
func (f *filler) daysAgo(n int) { f.ago.Store(int64(n) * int64(24*time.Hour)) }

func (f *filler) people(setup string) {
	for i, s := range DemoSignIns {
		if f.err != nil {
			return
		}
		e := people.Entry{Name: s.Name, Password: s.Password, Display: map[string]string{"mara": "Mara", "jun": "Jun"}[s.Name]}
		var a people.Account
		if i == 0 {
			a, _, f.err = f.People.Setup(f.ctx, people.Client{Address: "demo"}, setup, e)
		} else {
			a, _, f.err = f.People.SignUp(f.ctx, people.Client{Address: "demo"}, e)
		}
		f.ids[s.Name] = a.ID
		if f.err == nil && e.Display != "" {
			_, f.err = f.People.Profile(f.ctx, a.ID, e.Display, true)
		}
	}
}

func (f *filler) label(slug, name, accent, about string) (l catalog.Label) {
	if f.err != nil {
		return l
	}
	if l, f.err = f.Catalog.AddLabel(f.ctx, catalog.Label{Slug: slug, Name: name}); f.err != nil {
		return l
	}
	if f.err = f.People.AddMember(f.ctx, f.ids["ferric"], l.ID, f.ids["ferric"], people.Owner); f.err != nil {
		return l
	}
	l, f.err = f.Catalog.EditLabel(f.ctx, l.ID, name, catalog.Profile{Accent: accent, About: about,
		HowToPay: "Transfer to " + name + ", IBAN DE00 0000 0000 0000 0000 00 (a demo: please send no money), with the order's reference."})
	return l
}

// bring uploads a pressing's files as any publisher would, without the network between.
func (f *filler) bring(label catalog.LabelID, folder string) (publish.Result, error) {
	manifest, err := os.ReadFile(filepath.Join(folder, "release.json"))
	if err != nil {
		return publish.Result{}, err
	}
	s, err := f.Publish.Begin(f.ctx, publish.Ask{Label: label, Account: string(f.ids["ferric"]), Manifest: manifest})
	if err != nil {
		return publish.Result{}, err
	}
	for _, w := range s.Files {
		if w.Have == w.Size {
			continue
		}
		if err := f.put(s.ID, w, filepath.Join(folder, filepath.FromSlash(w.Name))); err != nil {
			return publish.Result{}, err
		}
	}
	return f.Publish.Finish(f.ctx, s.ID)
}

func (f *filler) put(session string, w publish.Wanted, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(w.Have, io.SeekStart); err != nil {
		return err
	}
	_, err = f.Publish.Put(f.ctx, session, w.SHA256, w.Have, file)
	return err
}

// publish brings a pressing up, puts it on sale, and lets its first copies live.
func (f *filler) publish(l catalog.Label, folder string, which int) {
	if which == 0 {
		f.daysAgo(44)
	}
	result, err := f.bring(l.ID, folder)
	if err != nil {
		f.err = err
		return
	}
	sale := publish.Sale{Release: result.Release, By: string(f.ids["ferric"]), Digital: catalog.Preview,
		Price: shop.Money{Minor: 1000, Currency: "USD"}, PerPerson: 3} // the currency of its budget, so that the page can tell what stays
	if which == 1 {
		sale.Digital, sale.Price, sale.PayMore, sale.PerPerson = catalog.TapeOnly, shop.Money{Minor: 700, Currency: "EUR"}, true, 2
	}
	run, err := f.Publish.PutOnSale(f.ctx, sale)
	if err != nil {
		f.err = err
		return
	}
	codes, err := claimCodes(folder)
	if err != nil {
		f.err = err
		return
	}
	if which == 0 {
		f.live(run, codes)
	} else {
		f.sell(run, "", customers[0], 2)
		f.order(run, "", customers[2], 11)
		f.hold(run, 1, 16)
	}
}

// customer is somebody who buys here, and where the parcel goes.
type customer struct{ name, street, code, city, country string }

var customers = []customer{
	{"Edda Holm", "Nørregade 12", "1165", "København", "DK"},
	{"Tomás Vale", "Rua das Taipas 40", "4050-600", "Porto", "PT"},
	{"Aino Salo", "Hämeentie 7", "00530", "Helsinki", "FI"},
	{"Wim Claes", "Bondgenotenlaan 3", "3000", "Leuven", "BE"},
	{"Ania Wrona", "Piotrkowska 81", "90-423", "Łódź", "PL"},
	{"Greta Baum", "Lindenstraße 5", "04109", "Leipzig", "DE"},
	{"Owen Rees", "Bute Street 22", "CF10 5LE", "Cardiff", "GB"},
	{"Chiara Fonda", "Via Torino 8", "34123", "Trieste", "IT"},
}

var (
	mara = customer{"Mara Lind", "Hafenstraße 3", "20359", "Hamburg", "DE"}
	jun  = customer{"Jun Arai", "Bernhard-Nocht-Straße 12", "20359", "Hamburg", "DE"}
	piet = customer{"Piet de Wit", "Oudegracht 88", "3511 AV", "Utrecht", "NL"}
	ola  = customer{"Ola Nowak", "Kanonicza 9", "31-002", "Kraków", "PL"}
)

// live lets copies go every way that a copy can go, over six weeks.
func (f *filler) live(run catalog.Run, codes map[int]string) {
	ferric, mine, juns := string(f.ids["ferric"]), string(f.ids["mara"]), string(f.ids["jun"])
	f.daysAgo(43)
	f.do(func() error {
		_, err := f.Catalog.Void(f.ctx, run.ID, 7, ledger.Destroyed, "Chewed by the dubbing deck.", ferric)
		return err
	})
	f.daysAgo(41)
	f.send(f.sell(run, mine, mara, 3, 5))
	f.daysAgo(36)
	for _, n := range []int{3, 5} {
		f.do(func() error { _, err := f.Shop.Claim(f.ctx, mine, codes[n]); return err })
	}
	hand := func(from, to string) {
		f.do(func() error {
			token, _, err := f.Shop.OfferCopy(f.ctx, from, run.ID, 5, to)
			if err == nil {
				_, err = f.Shop.Accept(f.ctx, to, token)
			}
			return err
		})
	}
	f.daysAgo(33)
	hand(mine, juns)
	for i, c := range customers {
		f.daysAgo(32 - 3*i)
		f.send(f.sell(run, "", c, []int{17, 21, 4, 42, 14, 27, 31, 30}[i]))
		if i == 1 {
			f.send(f.sell(run, "", c, 22))
		}
	}
	f.daysAgo(8)
	hand(juns, mine)
	f.do(func() error {
		_, err := f.Catalog.Grade(f.ctx, run.ID, 3, "Tape EX, shell EX, J-card VG+: a soft corner", ferric)
		return err
	})
	f.daysAgo(4)
	f.do(func() error { _, err := f.Shop.SellByHand(f.ctx, run.ID, 2, ferric); return err })
	f.daysAgo(2)
	packed := f.sell(run, "", piet, 8)
	f.do(func() error { _, err := f.Shop.MarkPacked(f.ctx, packed, ferric); return err })
	f.daysAgo(1)
	f.sell(run, juns, jun, 1, 12)
	f.order(run, "", ola, 9) // waits for its money
	f.daysAgo(0)
	f.hold(run, 10, 11)
}

// hold leaves copies in the basket of somebody in no hurry.
func (f *filler) hold(run catalog.Run, numbers ...int) {
	f.do(func() error {
		_, err := f.Shop.Hold(f.ctx, shop.Buyer{Visitor: "demo-visitor-in-no-hurry"}, shop.Want{Run: run.ID, Numbers: numbers})
		return err
	})
}

func (f *filler) do(step func() error) {
	if f.err == nil {
		f.err = step()
	}
}

// order holds numbers and orders them.
func (f *filler) order(run catalog.Run, account string, c customer, numbers ...int) (id shop.OrderID) {
	f.do(func() error {
		b := shop.Buyer{Visitor: "demo-" + c.name, Account: account}
		terms, err := f.Shop.Terms(f.ctx, run.ID)
		if err != nil {
			return err
		}
		if _, err := f.Shop.Hold(f.ctx, b, shop.Want{Run: run.ID, Numbers: numbers}); err != nil {
			return err
		}
		r := shop.Request{Buyer: b, Key: fmt.Sprint("demo", numbers), Mail: fmt.Sprintf("listener%d@tapes.example", numbers[0]), Method: shop.Transfer,
			Address: shop.Address{Name: c.name, Street: c.street, Code: c.code, City: c.city, Country: c.country}}
		for _, n := range numbers {
			r.Lines = append(r.Lines, shop.Line{Run: run.ID, Number: n, Minor: terms.Price.Minor})
		}
		receipts, err := f.Shop.Place(f.ctx, r)
		if err != nil {
			return err
		}
		id = receipts[0].Order
		return nil
	})
	return id
}

// sell orders numbers and says that they are paid.
func (f *filler) sell(run catalog.Run, account string, c customer, numbers ...int) shop.OrderID {
	id := f.order(run, account, c, numbers...)
	f.do(func() error { _, err := f.Shop.MarkPaid(f.ctx, id, string(f.ids["ferric"])); return err })
	return id
}

// send packs a parcel and takes it to the post.
func (f *filler) send(id shop.OrderID) {
	f.do(func() error { _, err := f.Shop.MarkPacked(f.ctx, id, string(f.ids["ferric"])); return err })
	f.do(func() error { _, err := f.Shop.MarkShipped(f.ctx, id, string(f.ids["ferric"])); return err })
}

// claimCodes reads the codes that are on the cards: only the label has this file.
func claimCodes(folder string) (map[int]string, error) {
	file, err := os.Open(filepath.Join(folder, "claims.csv"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	codes := map[int]string{}
	for _, row := range rows {
		number, _, _ := strings.Cut(row[0], "/") // "3/50"; artist's proofs and the heading are no numbers
		if n, err := strconv.Atoi(number); err == nil && len(row) > 1 {
			codes[n] = row[1]
		}
	}
	return codes, nil
}
