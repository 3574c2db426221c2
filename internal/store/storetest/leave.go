package storetest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/shop"
	"ferric/internal/store"
)

// impersonal are the tables that have nothing of a person, and why.
var impersonal = map[string]string{
	"migration": "the schema's steps", "label": "a company", "artist": "a public name", "release": "public", "run": "public", "terms": "public", "word": "words of public names",
	"order_line": "copies", "turn": "empty between transactions", "guess": "keys are sealed", "spent": "random challenges",
	"parcel_setup": "of the label", "parcel_check": "copies",
	"copy_photo": "of the label", "blob_ref": "files", "cassette": "how often a copy was played",
	"journal": "amounts, and notes of the label", "journal_run": "runs", "payee": "whom a label pays, in its books", "deal": "shares", "ledger_log": "public", "ledger_run": "public", "ledger_copy": "public keys and hashes", "ledger_leaf": "public commitments", "ledger_hash": "public", "ledger_sheet": "conditions of copies",
}

// tables are those of the golden schema, each with its columns of text.
func tables() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(golden) {
		name, kind, _ := strings.Cut(strings.TrimSpace(line), " ")
		table, column, _ := strings.Cut(name, ".")
		columns := all[table]
		if kind == "text" {
			columns = append(columns, column)
		}
		all[table] = columns
	}
	return all
}

// testEveryTable: a new table must say whether it has anything of a person, here or in store's list of what is personal.
func testEveryTable(t *testing.T) {
	all := tables()
	for table := range all {
		_, not := impersonal[table]
		if is := slices.Contains(store.PersonalTables(), table); is == not {
			t.Errorf("table %s: is there anything of a person in it? Say so in store/leave.go (personal) or storetest/leave.go (impersonal), in one of them", table)
		}
	}
	for table := range maps.Keys(impersonal) {
		if _, there := all[table]; !there {
			t.Errorf("there is no table %s", table)
		}
	}
}

// found are the columns, "table.column", in which any of the words stands.
func (c *Crowd) found(t testing.TB, words ...string) (in []string) {
	t.Helper()
	for table, columns := range tables() {
		if len(columns) == 0 {
			continue
		}
		seen := map[string]bool{}
		values, dest := make([]string, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		ok(t, c.engine.View(ctx(t), func(conn store.Conn) error {
			return conn.Query(func(scan func(...any) error) error {
				err := scan(dest...)
				for i, v := range values {
					if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(v), strings.ToLower(w)) }) {
						seen[table+"."+columns[i]] = true
					}
				}
				return err
			}, "SELECT "+strings.Join(columns, ", ")+" FROM "+table)
		}))
		in = slices.AppendSeq(in, maps.Keys(seen))
	}
	slices.Sort(in)
	return in
}

// order holds copies of a run and orders them, with a person's own words in it.
func (c *Crowd) order(t testing.TB, b shop.Buyer, key, mail string, to shop.Address, run catalog.Run, n int) shop.Receipt {
	t.Helper()
	basket := must(c.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Any: n}))(t)
	r := Request(b, key, basket.Copies...)
	r.Mail, r.Address = mail, to
	return must(c.Shop.Place(ctx(t), r))(t)[0]
}

var elsewhere = shop.Address{Name: "Bob", Street: "Side B 2", City: "Łódź", Country: "PL"}

func (c *Crowd) send(t testing.TB, r shop.Receipt, by people.ID) {
	t.Helper()
	must(c.Shop.MarkPaid(ctx(t), r.Order, string(by)))(t)
	must(c.Shop.MarkPacked(ctx(t), r.Order, string(by)))(t)
	must(c.Shop.MarkShipped(ctx(t), r.Order, string(by)))(t)
}

// testErase leads a person through everything that the house writes about somebody, and then looks for
// every word of theirs in every text of every table.
func testErase(t *testing.T, c *Crowd) {
	keeper := c.keeper(t)
	label := c.labels[0].ID
	codes, withCards := cards(t, 20)
	run := c.Run(t, 20, withCards)
	bob, _ := c.person(t, "bob", 2)
	here := people.Client{Address: "192.0.2.77", Visitor: "zed-visitor-one", Agent: "zed-agent/1.0"}
	zed, token, err := c.SignUp(ctx(t), here, people.Entry{Name: "zedname", Display: "Zed Q. Ümlaut", Password: password, Mail: "Zed.Mail@zedhost.example"})
	ok(t, err)
	words := []string{string(zed.ID), "zedname", "Zed Q.", "zed.mail", "zedhost", "zed-visitor-one", "zed-visitor-two", "zed-visitor-three", "zed-agent", "Zedzedgasse", "Q9Z8X", "Zedville", "Zedland", "zedphone", "zedtoken"}
	zed = must(c.VerifyMail(ctx(t), zed.ID, must(c.MailLink(ctx(t), here, zed.ID))(t).Token))(t)
	must(c.Profile(ctx(t), zed.ID, zed.Display, true))(t)
	// Signs in by every way, and is a member of a label who acts for it.
	two := here
	two.Visitor = "zed-visitor-two"
	_, _, err = c.SignIn(ctx(t), two, "zedname", password)
	ok(t, err)
	phone := newAuthenticator(t, Origin, "tapes.example")
	first := must(c.BeginPasskey(ctx(t), here, c.justNow(zed.ID)))(t)
	must(c.AddPasskey(ctx(t), here, zed.ID, first.State, phone.create(t, first.Options), "zedphone"))(t)
	must(c.SignInLink(ctx(t), here, "zedname"))(t)
	ok(t, c.AddMember(ctx(t), keeper.ID, label, zed.ID, people.Owner))
	ok(t, c.AddMember(ctx(t), keeper.ID, label, bob.ID, people.Owner))
	_, _, err = c.NewToken(ctx(t), zed.ID, label, people.Publishing, "zedtoken")
	ok(t, err)
	_, _, err = c.Invite(ctx(t), zed.ID, label, people.Packer)
	ok(t, err)
	// Buys signed in and as a guest, claims, offers, is offered, hands on, and holds something just now.
	buyer := shop.Buyer{Visitor: here.Visitor, Account: string(zed.ID)}
	home := shop.Address{Name: "Zed Q. Ümlaut", Street: "Zedzedgasse 7", Code: "Q9Z8X", City: "Zedville", Region: "Zedland", Country: "AT"}
	mine := c.order(t, buyer, "k1", "other@zedhost.example", home, run, 2)
	guest := c.order(t, shop.Buyer{Visitor: "zed-visitor-three"}, "k2", "zed.mail@ZEDHOST.example", home, run, 1)
	bobs := c.order(t, shop.Buyer{Visitor: "bob-visitor", Account: string(bob.ID)}, "k3", "bob@bobhost.example", elsewhere, run, 2)
	for _, r := range []shop.Receipt{mine, guest, bobs} {
		c.send(t, r, zed.ID)
	}
	number := func(r shop.Receipt, i int) int { return r.Lines[i].Number }
	for _, n := range []int{number(mine, 0), number(mine, 1), number(guest, 0)} {
		must(c.Shop.Claim(ctx(t), string(zed.ID), codes[n]))(t)
	}
	for _, n := range []int{number(bobs, 0), number(bobs, 1)} {
		must(c.Shop.Claim(ctx(t), string(bob.ID), codes[n]))(t)
	}
	handOn := func(from, to people.ID, n int, accept bool) {
		t.Helper()
		offer, _, err := c.Shop.OfferCopy(ctx(t), string(from), run.ID, n, string(to))
		ok(t, err)
		if accept {
			must(c.Shop.Accept(ctx(t), string(to), offer))(t)
		}
	}
	handOn(zed.ID, bob.ID, number(mine, 0), true)
	handOn(bob.ID, zed.ID, number(bobs, 0), true)
	handOn(zed.ID, bob.ID, number(mine, 1), false)
	handOn(bob.ID, zed.ID, number(bobs, 1), false)
	must(c.Shop.Hold(ctx(t), shop.Buyer{Visitor: here.Visitor, Account: string(zed.ID)}, shop.Want{Run: run.ID, Any: 1}))(t)
	// What rooms beside these write: a mail that waits, a tape in a deck, an upload.
	c.seed(t, "outbox", map[string]any{"id": "m1", "kind": "offered", "account": zed.ID})
	c.seed(t, "outbox", map[string]any{"id": "m2", "kind": "link", "mail": "zed.mail@zedhost.example", "token": "t", "reason": "no such host zedhost.example"})
	c.seed(t, "outbox", map[string]any{"id": "m3", "kind": "shipped", "order_id": guest.Order})
	c.seed(t, "sitting", map[string]any{"id": "a", "deck": "a", "person": "account:" + string(zed.ID)})
	c.seed(t, "sitting", map[string]any{"id": "b", "deck": "b", "person": "visitor:zed-visitor-two"})
	c.seed(t, "upload", map[string]any{"id": "u", "account": zed.ID})
	c.seed(t, "parcel", map[string]any{"order_id": guest.Order, "tracking": "zedtoken", "note": "seen last in Zedville"})
	c.seed(t, "pressing", map[string]any{"release_id": "r", "manifest": "m", "account": zed.ID})

	// Before: there is something of theirs in every table that says so, and the export shows it all to them.
	before := c.found(t, words...)
	for _, table := range store.PersonalTables() {
		if !slices.ContainsFunc(before, func(in string) bool { return strings.HasPrefix(in, table+".") }) {
			t.Errorf("this test writes nothing of a person into %s", table)
		}
	}
	text := string(must(json.Marshal(must(c.Export(ctx(t), zed.ID))(t)))(t))
	for _, want := range []string{"zedname", "Zed Q.", "Zed.Mail@", "Zedzedgasse", "zedphone", "zedtoken", string(mine.Order), string(guest.Order)} {
		if !strings.Contains(text, want) {
			t.Errorf("the export lacks %s", want)
		}
	}
	_, secret := c.record(t, zed.ID)
	for _, never := range []string{secret.Password, "bobhost", "argon2id"} {
		if strings.Contains(text, never) {
			t.Errorf("the export shows %s", never)
		}
	}
	bobBefore := c.found(t, string(bob.ID), "bobhost", "bob-visitor")

	ok(t, c.Erase(ctx(t), zed.ID))

	if in := c.found(t, words...); len(in) > 0 {
		t.Errorf("after leaving there is something of them in %v", in)
	}
	offers := func(in string) bool { return strings.HasPrefix(in, "offer.") } // those between the two are over
	if in := c.found(t, string(bob.ID), "bobhost", "bob-visitor"); !slices.Equal(in, slices.DeleteFunc(bobBefore, offers)) {
		t.Errorf("bob was in %v, and is in %v", bobBefore, in)
	}
	_, _, err = c.Session(ctx(t), token)
	refused(t, "their session", err, fault.Forbidden)
	_, _, err = c.SignIn(ctx(t), here, "zedname", password)
	refused(t, "their password", err, fault.Forbidden)
	refused(t, "erasing them again", c.Erase(ctx(t), zed.ID), fault.NotFound)
	_, err = c.Export(ctx(t), zed.ID)
	refused(t, "their export", err, fault.NotFound)
	// What they had is still in the books: the orders, the histories, the copies, the log.
	for _, r := range []shop.Receipt{mine, guest} {
		if o := must(c.Shop.Order(ctx(t), r.Order))(t); o.Total != r.Total || len(o.Lines) != len(r.Lines) || o.State != shop.Shipped || o.Mail != "" || o.Address != (shop.Address{}) {
			t.Errorf("the order is %+v", o)
		}
	}
	for n, want := range map[int]people.ID{number(mine, 1): people.Erased, number(guest, 0): people.Erased, number(bobs, 0): people.Erased, number(mine, 0): bob.ID, number(bobs, 1): bob.ID} {
		if copy, _, err := c.Catalog.Copy(ctx(t), run.ID, n); err != nil || copy.Owner != string(want) || copy.State != catalog.Claimed {
			t.Errorf("number %d is %+v: %v", n, copy, err)
		}
	}
	c.Audit(t, run)
	// The name is free again, and whoever takes it gets nothing with it.
	again, _, err := c.SignUp(ctx(t), here, people.Entry{Name: "zedname", Password: password, Mail: "zed.mail@zedhost.example"})
	ok(t, err)
	if e := must(c.Export(ctx(t), again.ID))(t); slices.ContainsFunc(e.Tables, func(t people.Table) bool { return t.Name == "orders" || t.Name == "copy" || t.Name == "member" }) {
		t.Errorf("a new account of the old name has %+v", e.Tables)
	}
}

// seed writes a row of a room that this suite does not run. Columns that are not given are empty.
func (c *Crowd) seed(t testing.TB, table string, row map[string]any) {
	t.Helper()
	var columns, places []string
	var args []any
	for line := range strings.Lines(golden) {
		name, kind, _ := strings.Cut(strings.TrimSpace(line), " ")
		in, column, _ := strings.Cut(name, ".")
		if in != table {
			continue
		}
		value, given := row[column]
		if !given && kind == "text" {
			value = ""
		} else if !given {
			value = 0
		}
		columns, args = append(columns, column), append(args, value)
		places = append(places, "$"+strconv.Itoa(len(args)))
	}
	ok(t, c.engine.Update(ctx(t), func(conn store.Conn) error {
		_, err := conn.Exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(places, ", ")+")", args...)
		return err
	}))
}

func testEraseRefusals(t *testing.T, c *Crowd) {
	keeper := c.keeper(t)
	run := c.Run(t, 5)
	ann, token := c.verified(t, "ann", 1)
	erase := func(what string, a people.Account, says string) {
		t.Helper()
		err := c.Erase(ctx(t), a.ID)
		refused(t, what, err, fault.Conflict)
		if !strings.Contains(fault.Text(err), says) {
			t.Errorf("%s: %q does not say %q", what, fault.Text(err), says)
		}
	}
	// An order is finished when it lapsed, was called off or sent.
	buyer := shop.Buyer{Visitor: "ann-visitor", Account: string(ann.ID)}
	placed := c.order(t, buyer, "k1", "ann@example.org", elsewhere, run, 1)
	erase("an order that waits for its money", ann, string(placed.Order))
	must(c.Shop.MarkPaid(ctx(t), placed.Order, "desk"))(t)
	erase("an order that is paid", ann, string(placed.Order))
	must(c.Shop.MarkPacked(ctx(t), placed.Order, "desk"))(t)
	erase("an order that is packed", ann, string(placed.Order))
	must(c.Shop.MarkShipped(ctx(t), placed.Order, "desk"))(t)
	lapses := c.order(t, shop.Buyer{Visitor: "guest-visitor"}, "k2", "Ann@example.org", elsewhere, run, 1)
	erase("a guest's order with her address", ann, string(lapses.Order))
	c.Clock.Add(5 * 24 * time.Hour)
	// Somebody who only wrote her address down does not have her orders.
	eve, _ := c.person(t, "eve", 3)
	must(c.setMail(t, eve.ID, "ann@example.org"))(t)
	if e := must(c.Export(ctx(t), eve.ID))(t); slices.ContainsFunc(e.Tables, func(t people.Table) bool { return t.Name == "orders" }) {
		t.Errorf("eve sees %+v", e.Tables)
	}
	ok(t, c.Erase(ctx(t), eve.ID))
	if o := must(c.Shop.Order(ctx(t), placed.Order))(t); o.Mail != "ann@example.org" {
		t.Errorf("eve left, and ann's order is %+v", o)
	}
	// A label keeps an owner, a shop its keeper.
	ok(t, c.AddMember(ctx(t), keeper.ID, c.labels[0].ID, ann.ID, people.Owner))
	erase("the only owner of a label", ann, "only owner")
	ok(t, c.AddMember(ctx(t), ann.ID, c.labels[0].ID, keeper.ID, people.Owner))
	erase("the keeper of a shop with others", keeper, "keep the shop")
	if _, _, err := c.Session(ctx(t), token); err != nil {
		t.Errorf("a refusal signed her out: %v", err)
	}
	ok(t, c.Erase(ctx(t), ann.ID))
	// The last of all may go, though nobody keeps the shop then: its next start makes a new link.
	ok(t, c.DB.People().Update(ctx(t), func(tx people.Tx) error { return tx.DeleteMember(c.labels[0].ID, keeper.ID) }))
	ok(t, c.Erase(ctx(t), keeper.ID))
	if link := must(c.SetupLink(ctx(t)))(t); link == "" {
		t.Error("an empty shop got no setup link")
	}
}
