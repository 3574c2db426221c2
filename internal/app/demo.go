package app

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/shop"
	"ferric/ledger"
)

// Demo is what a shop is filled with to be tried.
type Demo struct {
	Pressings [2]string // folders; the first is an album with a run of 12 or more, the second a small one
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
	f := &filler{App: a, ctx: ctx, ids: map[string]people.ID{}}
	d.Say("making the demo's people")
	f.people(token)
	labels := []catalog.Label{
		f.label("specimen-editions", "Specimen Editions", "oxide", "Two people and a dubbing table above a bicycle shop. Everything here is short: songs, runs, breath."),
		f.label("north-mole", "North Mole", "petrol", "Field recordings and harbour music, on tape only."),
	}
	if f.err == nil {
		f.err = a.People.AddMember(ctx, f.ids["ferric"], labels[0].ID, f.ids["packer"], people.Packer)
	}
	for i, folder := range d.Pressings {
		if f.err != nil {
			break
		}
		d.Say("publishing " + filepath.Base(folder))
		f.publish(labels[i], folder, i)
	}
	return f.err == nil, f.err
}

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
		HowToPay: "Transfer to Specimen Editions, IBAN DE00 0000 0000 0000 0000 00 (a demo: please send no money), with the order's reference."})
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
	result, err := f.bring(l.ID, folder)
	if err != nil {
		f.err = err
		return
	}
	sale := publish.Sale{Release: result.Release, By: string(f.ids["ferric"]), Digital: catalog.Preview,
		Price: shop.Money{Minor: 1000, Currency: "EUR"}, PerPerson: 3}
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
		f.sell(run, "", "Edda Holm", 2)
	}
}

// live lets copies go every way that a copy can go.
func (f *filler) live(run catalog.Run, codes map[int]string) {
	ferric, mara, jun := string(f.ids["ferric"]), string(f.ids["mara"]), string(f.ids["jun"])
	shipped := f.sell(run, mara, "Mara Lind", 3, 5)
	f.do(func() error { _, err := f.Shop.MarkPacked(f.ctx, shipped, ferric); return err })
	f.do(func() error { _, err := f.Shop.MarkShipped(f.ctx, shipped, ferric); return err })
	for _, n := range []int{3, 5} {
		f.do(func() error { _, err := f.Shop.Claim(f.ctx, mara, codes[n]); return err })
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
	hand(mara, jun)
	hand(jun, mara)
	packed := f.sell(run, "", "Piet de Wit", 8)
	f.do(func() error { _, err := f.Shop.MarkPacked(f.ctx, packed, ferric); return err })
	f.sell(run, jun, "Jun Arai", 1, 12)
	f.order(run, "", "Ola Nowak", 9) // waits for its money
	f.do(func() error { _, err := f.Shop.SellByHand(f.ctx, run.ID, 2, ferric); return err })
	f.do(func() error {
		_, err := f.Catalog.Void(f.ctx, run.ID, 7, ledger.Destroyed, "Chewed by the dubbing deck.", ferric)
		return err
	})
	f.do(func() error {
		_, err := f.Catalog.Grade(f.ctx, run.ID, 3, "Tape EX, shell EX, J-card VG+: a soft corner", ferric)
		return err
	})
	f.do(func() error {
		_, err := f.Shop.Hold(f.ctx, shop.Buyer{Visitor: "demo-visitor-in-no-hurry"}, shop.Want{Run: run.ID, Numbers: []int{10, 11}})
		return err
	})
}

func (f *filler) do(step func() error) {
	if f.err == nil {
		f.err = step()
	}
}

// order holds numbers and orders them.
func (f *filler) order(run catalog.Run, account, name string, numbers ...int) (id shop.OrderID) {
	f.do(func() error {
		b := shop.Buyer{Visitor: "demo-" + name, Account: account}
		terms, err := f.Shop.Terms(f.ctx, run.ID)
		if err != nil {
			return err
		}
		if _, err := f.Shop.Hold(f.ctx, b, shop.Want{Run: run.ID, Numbers: numbers}); err != nil {
			return err
		}
		r := shop.Request{Buyer: b, Key: "demo", Mail: fmt.Sprintf("listener%d@tapes.example", numbers[0]), Method: shop.Transfer,
			Address: shop.Address{Name: name, Street: fmt.Sprintf("Hafenstrasse %d", numbers[0]), Code: "20359", City: "Hamburg", Country: "DE"}}
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
func (f *filler) sell(run catalog.Run, account, name string, numbers ...int) shop.OrderID {
	id := f.order(run, account, name, numbers...)
	f.do(func() error { _, err := f.Shop.MarkPaid(f.ctx, id, string(f.ids["ferric"])); return err })
	return id
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
