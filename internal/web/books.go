package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferric/album"
	"ferric/budget"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/journal"
	"ferric/internal/shop"
)

func booksRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /desk/{label}/books", who: books, do: w.books},
		{pattern: "POST /desk/{label}/books/spend", who: books, do: w.spend},
		{pattern: "POST /desk/{label}/books/send-back", who: books, do: w.sendBack},
		{pattern: "POST /desk/{label}/books/reverse", who: books, do: w.reverse},
		{pattern: "GET /desk/{label}/books/run/{release}/{run}", who: books, do: w.bookRun},
		{pattern: "POST /desk/{label}/books/run/{release}/{run}/elsewhere", who: books, do: w.sellElsewhere},
		{pattern: "GET /desk/{label}/books/deal/{release}", who: books, do: w.deal},
		{pattern: "POST /desk/{label}/books/deal/{release}", who: books, do: w.setDeal},
		{pattern: "GET /desk/{label}/books/statements", who: books, do: w.statements},
		{pattern: "POST /desk/{label}/books/payout", who: books, do: w.payout},
		{pattern: "GET /desk/{label}/books/statements/{payee}/{form}", who: books, do: w.statement},
	}
}

const tabBooks deskTab = "books"

// kindWords say what an entry is of.
var kindWords = map[journal.Kind]string{
	journal.KindOrder: "order paid", journal.KindCancel: "order called off", journal.KindReturn: "came back", journal.KindHand: "sold by hand", journal.KindUnhand: "sale undone",
	journal.KindConsigned: "sold by a shop", journal.KindArtist: "artist's copy", journal.KindBill: "manufacturing", journal.KindCost: "other cost",
	journal.KindRefund: "money sent back", journal.KindPayout: "paid out", journal.KindReversal: "reversed",
}

// cash writes coins of a currency.
func cash(minor int64, currency string) string {
	return money(shop.Money{Minor: minor, Currency: currency})
}

// booksView is the journal with the forms that write into it.
type booksView struct {
	deskView
	Runs    []journal.Run
	names   map[catalog.RunID]journal.Run
	payees  map[journal.PayeeID]string
	Entries []journal.Entry
	Debts   []journal.Debt
	Run     catalog.RunID // filter
	From    string
	To      string
	Next    string
	Last    time.Time // last day of the period, shown
	Form    string
	Err     error
	Key     string
	Spend   spendForm
}

// spendForm is a bill as it is typed.
type spendForm struct{ What, Run, Amount, Currency, Note string }

func (b booksView) of(form string) error {
	if b.Form == form {
		return b.Err
	}
	return nil
}

// runName names a run in the books.
func runName(r journal.Run) string {
	if r.ID == "" {
		return ""
	}
	s := strings.TrimSpace(r.Catalogue + " " + r.Title)
	if r.Runs > 1 {
		s += ", run " + strconv.Itoa(r.Ordinal)
	}
	return s
}

// what an entry is about, beside its kind.
func (b booksView) about(e journal.Entry) string {
	var parts []string
	for _, l := range e.Lines {
		name := b.payees[l.Payee]
		if r, there := b.names[l.Run]; there {
			name = runName(r)
		}
		if name != "" && !slices.Contains(parts, name) {
			parts = append(parts, name)
		}
	}
	if e.Note != "" {
		parts = append(parts, e.Note)
	}
	return strings.Join(parts, "; ")
}

// orderPath is the order that an entry is about.
func (b booksView) orderPath(e journal.Entry) string {
	if o := e.Order(); o != "" {
		return b.path("orders", o)
	}
	return ""
}

// inWords is what an entry did to the accounts, a line each.
func inWords(e journal.Entry) (lines [][2]string) {
	for _, l := range e.Lines {
		s := cash(l.Minor, l.Currency)
		if l.Minor > 0 {
			s = "+" + s
		}
		if l.Minor == 0 {
			s = "free"
		}
		lines = append(lines, [2]string{string(l.Account), s})
	}
	return lines
}

// bookMoney is the currency that a label's forms begin with: that of its newest run's price.
func (w *Web) bookMoney(v *visit, runs []journal.Run) string {
	for _, r := range runs {
		if t, err := w.cfg.Shop.Terms(v.r.Context(), r.ID); err == nil {
			return t.Price.Currency
		}
	}
	return currencies[0]
}

// readDay reads a day "2026-11-20"; zero for none.
func readDay(field, typed string) (time.Time, error) {
	if typed == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, typed)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return t, fault.Field(field, "Please write a day such as 2026-11-20.")
	}
	return t, nil
}

// period reads the days of an address: from the first to the last of them, in UTC.
func period(q url.Values) (from, to time.Time, err error) {
	if from, err = readDay("from", q.Get("from")); err != nil {
		return from, to, err
	}
	if to, err = readDay("to", q.Get("to")); err != nil {
		return from, to, err
	}
	if !to.IsZero() {
		if to = to.AddDate(0, 0, 1); !to.After(from) {
			return from, to, fault.Field("to", "The period ends before it begins.")
		}
	}
	return from, to, nil
}

const onBooks = 100

func (w *Web) booksView(v *visit) (b booksView, err error) {
	ctx, q := v.r.Context(), v.r.URL.Query()
	b = booksView{deskView: v.deskView(tabBooks), Run: catalog.RunID(clip(q.Get("run"), 64)), From: clip(q.Get("from"), 20), To: clip(q.Get("to"), 20),
		names: map[catalog.RunID]journal.Run{}, payees: map[journal.PayeeID]string{}, Key: journal.NewKey()}
	if b.Runs, err = w.cfg.Books.Runs(ctx, v.Label.ID); err != nil {
		return b, err
	}
	for _, r := range b.Runs {
		b.names[r.ID] = r
	}
	b.Spend.Currency = w.bookMoney(v, b.Runs)
	payees, err := w.cfg.Books.Payees(ctx, v.Label.ID)
	if err != nil {
		return b, err
	}
	for _, p := range payees {
		b.payees[p.ID] = p.Name
	}
	if b.Debts, err = w.cfg.Books.Debts(ctx, v.Label.ID); err != nil {
		return b, err
	}
	from, to, err := period(q)
	if err != nil {
		b.Form, b.Err, from, to = "period", err, time.Time{}, time.Time{}
	}
	skip, _ := strconv.Atoi(q.Get("after"))
	skip = min(max(skip, 0), 1_000_000)
	b.Entries, err = w.cfg.Books.Journal(ctx, journal.Query{Label: v.Label.ID, Run: b.Run, From: from, To: to, Newest: true, Skip: skip, Most: onBooks + 1})
	if len(b.Entries) > onBooks {
		b.Entries = b.Entries[:onBooks]
		b.Next = b.path("books") + query("run", string(b.Run), "from", b.From, "to", b.To, "after", strconv.Itoa(skip+onBooks))
	}
	return b, err
}

func (w *Web) books(v *visit) error {
	b, err := w.booksView(v)
	if err != nil {
		return err
	}
	if b.Err != nil {
		return v.again(b.Err, b.page("Books"), booksPage(b))
	}
	return v.show(b.page("Books"), booksPage(b))
}

func (w *Web) booksAgain(v *visit, wrong error, form string, typed func(*booksView)) error {
	b, err := w.booksView(v)
	if err != nil {
		return err
	}
	b.Form, b.Err = form, wrong
	typed(&b)
	return v.again(wrong, b.page("Books"), booksPage(b))
}

func (w *Web) spend(v *visit) error {
	f := spendForm{What: v.text("what"), Run: v.text("run"), Amount: v.text("amount"), Currency: v.text("currency"), Note: v.text("note")}
	m, err := readMoney("amount", f.Amount, f.Currency)
	if err == nil {
		err = w.cfg.Books.Spend(v.r.Context(), journal.Paper{Label: v.Label.ID, Key: v.text("key"), Making: f.What == "making", Run: catalog.RunID(f.Run),
			Currency: m.Currency, Minor: m.Minor, Note: f.Note})
	}
	if err != nil {
		return w.booksAgain(v, err, "spend", func(b *booksView) { b.Spend = f })
	}
	return v.say(v.deskView(tabBooks).path("books"), "Written down: "+money(m)+" went out.")
}

// readMoney reads an amount of a currency that a label can use.
func readMoney(field, typed, currency string) (shop.Money, error) {
	if !slices.Contains(currencies, currency) {
		return shop.Money{}, fault.Field("currency", "Please choose a currency.")
	}
	return readPrice(field, typed, currency)
}

func (w *Web) sendBack(v *visit) error {
	order := v.text("order")
	if len(order) > 32 {
		return errNoOrder
	}
	if err := w.cfg.Books.SendBack(v.r.Context(), v.Label.ID, v.text("key"), order); err != nil {
		return err
	}
	return v.say(v.deskView(tabBooks).path("books"), order+": the money was sent back.")
}

func (w *Web) reverse(v *visit) error {
	if err := w.cfg.Books.Reverse(v.r.Context(), v.Label.ID, journal.Kind(v.text("kind")), clip(v.text("reference"), 120)); err != nil {
		return err
	}
	return v.say(v.deskView(tabBooks).path("books"), "Reversed. Both entries stay in the books.")
}

// bookRunView is a run's books: what it cost and earned.
type bookRunView struct {
	deskView
	Run     journal.Run
	Price   shop.Money
	Books   []journal.RunBooks
	Streams map[string]int64 // by currency: as many as what it earned
	Stream  string           // what one pays
	Source  string
	Form    string
	Err     error
	Else    elsewhereForm
}

// elsewhereForm is copies that left without an order, as it is typed.
type elsewhereForm struct{ To, Numbers, Amount, Commission, Artist, Note string }

func (b bookRunView) here() string {
	return b.path("books", "run", b.Run.Slug, strconv.Itoa(b.Run.Ordinal))
}

func (w *Web) bookRunView(v *visit) (b bookRunView, err error) {
	ctx := v.r.Context()
	release, run, err := w.labelRun(v)
	if err != nil {
		return b, err
	}
	read, err := w.cfg.Books.Read(ctx, v.Label.ID, time.Time{})
	if err != nil {
		return b, err
	}
	b = bookRunView{deskView: v.deskView(tabBooks), Books: read.Run(run.ID), Streams: map[string]int64{}, Else: elsewhereForm{To: "shop", Commission: "40"}}
	for _, r := range read.Runs {
		if r.ID == run.ID {
			b.Run = r
		}
	}
	if t, err := w.cfg.Shop.Terms(ctx, run.ID); err == nil {
		b.Price = t.Price
		b.Else.Amount = amount(t.Price)
	} else if !fault.Is(err, fault.NotFound) {
		return b, err
	}
	c := release.Detail.Costs
	b.Stream, b.Source = c.Stream, c.Source
	rate, err := album.ParseDecimal(c.Stream)
	if err != nil || rate <= 0 {
		return b, nil
	}
	for _, one := range b.Books {
		if cur, err := budget.FindCurrency(one.Currency); err == nil && one.Currency == c.Currency && one.Earned() > 0 && one.Earned() < 1e12 {
			unit := int64(album.One)
			for range cur.Digits {
				unit /= 10
			}
			b.Streams[one.Currency] = one.Earned() * unit / int64(rate)
		}
	}
	return b, nil
}

func (b bookRunView) of(form string) error {
	if b.Form == form {
		return b.Err
	}
	return nil
}

// each is an amount a copy, rounded down.
func each(minor int64, copies int) int64 {
	if copies <= 0 {
		return 0
	}
	q := minor / int64(copies)
	if minor < 0 && minor%int64(copies) != 0 {
		q--
	}
	return q
}

func (w *Web) bookRun(v *visit) error {
	b, err := w.bookRunView(v)
	if err != nil {
		return err
	}
	return v.show(b.page("Books of "+b.Run.Title), bookRunPage(b))
}

func (w *Web) sellElsewhere(v *visit) error {
	f := elsewhereForm{To: v.text("to"), Numbers: v.text("numbers"), Amount: v.text("amount"), Commission: v.text("commission"), Artist: v.text("artist"), Note: v.text("note")}
	n, err := w.elsewhere(v, f)
	if err != nil {
		b, err2 := w.bookRunView(v)
		if err2 != nil {
			return err2
		}
		b.Form, b.Err, b.Else = "elsewhere", err, f
		return v.again(err, b.page("Books of "+b.Run.Title), bookRunPage(b))
	}
	return v.say(v.deskView(tabBooks).path("books", "run", v.path("release"), v.path("run")), many(n, "copy is", "copies are")+" written down.")
}

func (w *Web) elsewhere(v *visit, f elsewhereForm) (int, error) {
	ctx := v.r.Context()
	_, run, err := w.labelRun(v)
	if err != nil {
		return 0, err
	}
	t, err := w.cfg.Shop.Terms(ctx, run.ID)
	if err != nil {
		return 0, err
	}
	ranges, err := readRanges("numbers", f.Numbers, run.Copies)
	if err != nil {
		return 0, err
	}
	e := shop.Elsewhere{Run: run.ID, Note: f.Note, By: string(v.Account.ID)}
	for _, r := range ranges {
		for n := r[0]; n <= r[1] && len(e.Numbers) <= 1000; n++ {
			if !slices.Contains(e.Numbers, n) {
				e.Numbers = append(e.Numbers, n)
			}
		}
	}
	if e.Price, err = readPrice("amount", f.Amount, t.Price.Currency); err != nil {
		return 0, err
	}
	switch f.To {
	case "shop":
		if e.Commission, err = readPercent("commission", f.Commission); err != nil {
			return 0, err
		}
	case "artist":
		if f.Artist == "" {
			return 0, fault.Field("artist", "Who got them?")
		}
		if e.Artist, err = w.cfg.Books.Payee(ctx, v.Label.ID, f.Artist); err != nil {
			return 0, err
		}
	default:
		return 0, fault.Field("to", "Please choose where they went.")
	}
	return len(e.Numbers), w.cfg.Shop.SellElsewhere(ctx, e)
}

// readPercent reads "40", "33.3333", "12,5" as parts per million; nothing is 0.
func readPercent(field, typed string) (int, error) {
	bad := fault.Field(field, "Please write a percentage such as 40 or 12.5.")
	whole, part, _ := strings.Cut(strings.Replace(strings.TrimSuffix(strings.TrimSpace(typed), "%"), ",", ".", 1), ".")
	whole = strings.TrimSpace(whole)
	part = strings.TrimSpace(part)
	if whole == "" && part == "" {
		return 0, nil
	}
	if len(whole) > 3 || len(part) > 4 || strings.Trim(whole+part, "0123456789") != "" {
		return 0, bad
	}
	n, err := strconv.Atoi(whole + part + strings.Repeat("0", 4-len(part)))
	if err != nil || n > journal.Whole {
		return 0, bad
	}
	return n, nil
}

// percent writes parts per million: "40", "33.3333".
func percent(parts int) string {
	s := strconv.Itoa(parts / 10_000)
	if rest := parts % 10_000; rest > 0 {
		s += "." + strings.TrimRight(strings.Repeat("0", 4-len(strconv.Itoa(rest)))+strconv.Itoa(rest), "0")
	}
	return s
}
