package web

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ferric/internal/fault"
	"ferric/internal/parcel"
	"ferric/internal/shop"
	"ferric/sheet"
	"ferric/sheet/pdf"
)

// The packing table: which numbers go into which parcel, the papers for it, and what the carriers say. Who packs sees
// addresses and numbers. What was paid stands only where customs ask for it; tables for postage shops leave mail addresses and money out unless an owner takes them.
func packingRoutes(w *Web) []route {
	// A scanner is quick, and an evening's orders are many.
	quick := options{limit: rate{"packing", 300, 100 * time.Millisecond}}
	return []route{
		{pattern: "GET /desk/{label}/packing", who: packer, do: w.packing},
		{pattern: "POST /desk/{label}/packing/{order}/number", who: packer, do: w.confirmNumber, opts: quick},
		{pattern: "POST /desk/{label}/packing/{order}/packed", who: packer, do: w.packParcel, opts: quick},
		{pattern: "POST /desk/{label}/packing/{order}/sent", who: packer, do: w.sendParcel, opts: quick},
		{pattern: "POST /desk/{label}/orders/{order}/lost", who: packer, do: w.loseParcel},
		{pattern: "GET /desk/{label}/packing/slips.pdf", who: packer, do: w.slips},
		{pattern: "GET /desk/{label}/packing/labels.pdf", who: packer, do: w.labels},
		{pattern: "GET /desk/{label}/packing/customs.pdf", who: packer, do: w.customs},
		{pattern: "GET /desk/{label}/packing/customs.csv", who: books, do: w.customsTable},
		{pattern: "GET /desk/{label}/packing/click-and-drop.csv", who: packer, do: w.clickAndDrop},
		{pattern: "GET /desk/{label}/packing/pirate-ship.csv", who: packer, do: w.pirateShip},
		{pattern: "GET /desk/{label}/packing/settings", who: owner, do: w.parcelSettings},
		{pattern: "POST /desk/{label}/packing/settings", who: owner, do: w.keepParcelSettings},
		{pattern: "GET /desk/{label}/packing/tracking", who: packer, do: w.tracking},
		{pattern: "POST /desk/{label}/packing/tracking", who: packer, do: w.readTracking, opts: options{body: parcel.MaxTable + 64<<10}},
		{pattern: "POST /desk/{label}/packing/tracking/apply", who: packer, do: w.applyTracking, opts: options{body: parcel.MaxTable}},
	}
}

// CountryName is the name of a country by its ISO 3166-1 alpha-2 code; empty for what is none.
func CountryName(code string) string { return countryName(code) }

// onPacking is how many orders of each kind the page shows.
const onPacking = 100

// packingView is the packing table.
type packingView struct {
	deskView
	Setup    parcel.Setup
	ToPack   []parcel.Parcel
	ToSend   []parcel.Parcel
	Pack     int // how many there are to pack, and to send
	Send     int
	Abroad   int
	Findings []parcel.Finding
	At       shop.OrderID // the order that is being packed
	Wrong    error        // what was refused there
}

// heap are the parcels that papers and tables are about: those of a state, or one order.
func (w *Web) heap(v *visit) ([]parcel.Parcel, parcel.Setup, error) {
	ctx, q := v.r.Context(), v.r.URL.Query()
	setup, err := w.cfg.Parcels.Setup(ctx, v.Label)
	if err != nil {
		return nil, setup, err
	}
	if id := q.Get("order"); id != "" {
		p, err := w.cfg.Parcels.Parcel(ctx, v.Label, shop.OrderID(clip(id, 32)))
		return []parcel.Parcel{p}, setup, err
	}
	state := shop.Paid
	if q.Get("state") == string(shop.Packed) {
		state = shop.Packed
	}
	all, _, err := w.cfg.Parcels.Parcels(ctx, v.Label, state)
	return all, setup, err
}

func (w *Web) packing(v *visit) error {
	return w.showPacking(v, shop.OrderID(clip(v.r.URL.Query().Get("at"), 32)), nil)
}

func (w *Web) showPacking(v *visit, at shop.OrderID, wrong error) error {
	ctx := v.r.Context()
	p := packingView{deskView: v.deskView(tabPacking), At: at, Wrong: wrong}
	var err error
	if p.Setup, err = w.cfg.Parcels.Setup(ctx, v.Label); err != nil {
		return err
	}
	if p.ToPack, _, err = w.cfg.Parcels.Parcels(ctx, v.Label, shop.Paid); err != nil {
		return err
	}
	if p.ToSend, _, err = w.cfg.Parcels.Parcels(ctx, v.Label, shop.Packed); err != nil {
		return err
	}
	p.Pack, p.Send, p.Abroad = len(p.ToPack), len(p.ToSend), len(parcel.Foreign(p.ToPack, p.Setup))
	p.ToPack, p.ToSend = p.ToPack[:min(p.Pack, onPacking)], p.ToSend[:min(p.Send, onPacking)]
	p.Findings = w.cfg.Parcels.Look(p.ToPack, p.Setup)
	page := p.page("Packing", "packing.js")
	page.Styles = append(page.Styles, "packing.css")
	if wrong != nil {
		return v.again(wrong, page, packingPage(p))
	}
	return v.show(page, packingPage(p))
}

// focus is the order whose field waits for the next number: the one that is being packed, or the first.
func (p packingView) focus() shop.OrderID {
	for _, o := range p.ToPack {
		if o.Order == p.At && len(o.Missing()) > 0 {
			return o.Order
		}
	}
	for _, o := range p.ToPack {
		if len(o.Missing()) > 0 {
			return o.Order
		}
	}
	return ""
}

func (w *Web) confirmNumber(v *visit) error {
	id := shop.OrderID(v.path("order"))
	item, p, err := w.cfg.Parcels.Confirm(v.r.Context(), v.Label, id, v.text("number"))
	if v.wantsJSON() {
		if err != nil {
			return err
		}
		return v.json(http.StatusOK, map[string]any{"copy": lineKey(item.Run, item.Number), "left": len(p.Missing()), "said": rightWords(item, len(p.Missing()))})
	}
	if fault.Is(err, fault.Mismatch) || fault.Is(err, fault.Invalid) {
		return w.showPacking(v, id, err)
	}
	if err != nil {
		return err
	}
	return v.say(v.deskView(tabPacking).path("packing")+query("at", string(id))+"#o-"+string(id), rightWords(item, len(p.Missing())))
}

func rightWords(i parcel.Item, left int) string {
	said := strings.TrimSpace(i.Catno+" "+i.Shown) + " is right."
	if left == 0 {
		return said + " The parcel is complete."
	}
	return said + " " + strconv.Itoa(left) + " to go."
}

func (w *Web) packParcel(v *visit) error {
	id := shop.OrderID(v.path("order"))
	if err := w.cfg.Parcels.Pack(v.r.Context(), v.Label, id, string(v.Account.ID)); err != nil {
		return err
	}
	return v.say(v.deskView(tabPacking).path("packing"), string(id)+": packed.")
}

func (w *Web) sendParcel(v *visit) error {
	id := shop.OrderID(v.path("order"))
	if err := w.cfg.Parcels.Ship(v.r.Context(), v.Label, id, v.text("carrier"), v.text("tracking"), string(v.Account.ID)); err != nil {
		return err
	}
	d := v.deskView(tabPacking)
	if v.text("from") == "order" {
		return v.say(d.path("orders", string(id)), "Kept: sent.")
	}
	return v.say(d.path("packing"), string(id)+": sent.")
}

func (w *Web) loseParcel(v *visit) error {
	id := shop.OrderID(v.path("order"))
	if err := w.cfg.Parcels.Lose(v.r.Context(), v.Label, id, v.text("note"), string(v.Account.ID)); err != nil {
		return err
	}
	said := "Noted as lost. Its numbers are void."
	if w.cfg.Mail != nil {
		said += " The buyer hears of it by mail."
	}
	o, err := w.cfg.Shop.Order(v.r.Context(), id)
	if err != nil {
		return err
	}
	for _, l := range o.Lines {
		w.Changed(l.Run)
	}
	return v.say(v.deskView(tabOrders).path("orders", string(id)), said)
}

// file answers with a file to keep; names hold no word of a stranger.
func (v *visit) file(kind, name string, body []byte) error {
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method != http.MethodHead {
		v.w.Write(body)
	}
	return nil
}

func (v *visit) pdf(name string, doc *sheet.Document) error {
	var b bytes.Buffer
	if err := pdf.Write(&b, doc); err != nil {
		return err
	}
	return v.file("application/pdf", name+" "+v.Now.UTC().Format(time.DateOnly)+".pdf", b.Bytes())
}

func (v *visit) csv(name string, body []byte) error {
	return v.file("text/csv; charset=utf-8", name+" "+v.Now.UTC().Format(time.DateOnly)+".csv", body)
}

func (w *Web) slips(v *visit) error {
	all, setup, err := w.heap(v)
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	doc, _ := w.cfg.Parcels.Slips(all, parcel.SlipOptions{Paper: parcel.FindPaper(q.Get("paper")), Name: v.Label.Name, Claim: w.address("/claim"), Prices: q.Get("prices") == "yes" && v.deskView(tabPacking).books(), Setup: setup})
	return v.pdf("slips", doc)
}

func (w *Web) labels(v *visit) error {
	all, setup, err := w.heap(v)
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	gone, _ := strconv.Atoi(q.Get("skip"))
	doc, _ := w.cfg.Parcels.Labels(all, setup, parcel.FindFormat(q.Get("format")), gone)
	return v.pdf("labels", doc)
}

func (w *Web) customs(v *visit) error {
	all, setup, err := w.heap(v)
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	if q.Get("order") == "" { // one that was asked for by name may go where no code of a country tells that customs look
		all = parcel.Foreign(all, setup)
	}
	doc, _ := w.cfg.Parcels.Customs(all, setup, parcel.FindFormat(q.Get("format")))
	return v.pdf("customs", doc)
}

func (w *Web) customsTable(v *visit) error {
	all, setup, err := w.heap(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := parcel.CustomsTable(&b, parcel.Foreign(all, setup), setup); err != nil {
		return err
	}
	return v.csv("customs", b.Bytes())
}

// share is what a table for a postage shop may hold for this reader.
func (v *visit) share() parcel.Share {
	d := v.deskView(tabPacking)
	return parcel.Share{Mail: d.owner(), Money: d.books()}
}

func (w *Web) clickAndDrop(v *visit) error {
	all, setup, err := w.heap(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := parcel.ClickAndDrop(&b, all, setup, v.share()); err != nil {
		return err
	}
	return v.csv("click-and-drop", b.Bytes())
}

func (w *Web) pirateShip(v *visit) error {
	all, setup, err := w.heap(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := parcel.PirateShip(&b, all, setup, v.share()); err != nil {
		return err
	}
	return v.csv("pirate-ship", b.Bytes())
}

// settingsView is what a label says about its parcels, as it is typed.
type settingsView struct {
	deskView
	parcel.Setup
	CopyG, MailerG string
	Err            error
}

func (w *Web) parcelSettings(v *visit) error {
	s, err := w.cfg.Parcels.Setup(v.r.Context(), v.Label)
	if err != nil {
		return err
	}
	p := settingsView{deskView: v.deskView(tabPacking), Setup: s, CopyG: strconv.Itoa(s.CopyG), MailerG: strconv.Itoa(s.MailerG)}
	return v.show(p.page("Parcels"), parcelSettingsPage(p))
}

func (w *Web) keepParcelSettings(v *visit) error {
	p := settingsView{deskView: v.deskView(tabPacking), CopyG: v.text("copy_g"), MailerG: v.text("mailer_g"),
		Setup: parcel.Setup{Label: v.Label.ID, Sender: strings.ReplaceAll(v.text("sender"), "\r\n", "\n"), Country: v.text("country"), Contents: v.text("contents"), Tariff: v.text("tariff"), Origin: v.text("origin")}}
	var err error
	for field, into := range map[string]*int{"copy_g": &p.Setup.CopyG, "mailer_g": &p.Setup.MailerG} {
		n, bad := strconv.Atoi(v.text(field))
		if bad != nil {
			err = fault.Field(field, "A weight in whole grams, please.")
		}
		*into = n
	}
	if err == nil {
		err = w.cfg.Parcels.SetUp(v.r.Context(), p.Setup)
	}
	if err != nil {
		p.Err = err
		return v.again(err, p.page("Parcels"), parcelSettingsPage(p))
	}
	return v.say(p.path("packing"), "Kept.")
}

// trackingView is a table of tracking numbers, before and after it is applied.
type trackingView struct {
	deskView
	Columns parcel.Columns
	Plan    []parcel.Planned
	Done    bool
	Err     error
}

// count is how many rows have a fate.
func (t trackingView) count(fates ...parcel.Fate) (n int) {
	for _, p := range t.Plan {
		for _, f := range fates {
			if p.Fate == f {
				n++
			}
		}
	}
	return n
}

func (w *Web) tracking(v *visit) error {
	t := trackingView{deskView: v.deskView(tabPacking)}
	return v.show(t.page("Tracking numbers"), trackingPage(t))
}

// readTracking shows what a table would do.
func (w *Web) readTracking(v *visit) error {
	t := trackingView{deskView: v.deskView(tabPacking)}
	t.Plan, t.Err = w.planTracking(v, &t)
	if t.Err != nil {
		return v.again(t.Err, t.page("Tracking numbers"), trackingPage(t))
	}
	return v.show(t.page("Tracking numbers"), trackingPage(t))
}

func (w *Web) planTracking(v *visit, t *trackingView) ([]parcel.Planned, error) {
	noFile := fault.Field("file", "Please choose the file that your postage shop gave you.")
	if err := v.r.ParseMultipartForm(parcel.MaxTable + 64<<10); err != nil {
		return nil, noFile
	}
	t.Columns = parcel.Columns{Order: clip(v.text("order_column"), 100), Tracking: clip(v.text("tracking_column"), 100)}
	f, _, err := v.r.FormFile("file")
	if err != nil {
		return nil, noFile
	}
	defer f.Close()
	rows, err := parcel.ReadTracking(f, t.Columns)
	if err != nil {
		return nil, err
	}
	return w.cfg.Parcels.Plan(v.r.Context(), v.Label, rows)
}

// applyTracking does what the plan said, as things are now.
func (w *Web) applyTracking(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "The form did not arrive whole. Nothing was changed; please send the file again.")
	}
	form := v.r.PostForm
	orders, carriers, numbers := form["order"], form["carrier"], form["tracking"]
	if len(orders) == 0 || len(carriers) != len(orders) || len(numbers) != len(orders) {
		return fault.New(fault.Invalid, "There is nothing to apply. Nothing was changed; please send the file again.")
	}
	rows := make([]parcel.Tracking, len(orders))
	for i := range rows {
		rows[i] = parcel.Tracking{Row: i + 2, Order: orders[i], Carrier: carriers[i], Number: numbers[i]}
	}
	t := trackingView{deskView: v.deskView(tabPacking), Done: true}
	var err error
	if t.Plan, err = w.cfg.Parcels.Apply(v.r.Context(), v.Label, rows, string(v.Account.ID)); err != nil {
		return err
	}
	return v.show(t.page("Tracking numbers"), trackingPage(t))
}

// carried is a tracking number in a line.
func carried(s parcel.Sent) string {
	if s.Carrier == "" {
		return s.Tracking
	}
	return fmt.Sprintf("%s, %s", s.Carrier, s.Tracking)
}
