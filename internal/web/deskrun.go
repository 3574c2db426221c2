package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/registry"
	"ferric/internal/window"
	"ferric/ledger"
	"ferric/pressing"
)

func deskRunRoutes(w *Web) []route {
	one := "/desk/{label}/releases/{release}/{run}/{number}"
	return []route{
		{pattern: "GET /desk/{label}/releases/{release}/{run}", who: member, do: w.deskGrid},
		{pattern: "POST /desk/{label}/releases/{release}/{run}/move", who: owner, do: w.moveNumbers},
		{pattern: "POST /desk/{label}/releases/{release}/{run}/close", who: owner, do: w.closeRun},
		{pattern: "GET " + one, who: member, do: w.deskNumber},
		{pattern: "POST " + one + "/sell", who: packer, do: w.sellByHand},
		{pattern: "POST " + one + "/unsell", who: packer, do: w.undoHandSale},
		{pattern: "POST " + one + "/restock", who: packer, do: w.restock},
		{pattern: "POST " + one + "/grade", who: packer, do: w.grade, opts: options{body: maxGrade}},
		{pattern: "POST " + one + "/void", who: owner, do: w.voidNumber},
	}
}

// maxGrade is the body of a form with a condition and its photos: each of them may have 24 MB, but few do.
const maxGrade = 80 << 20

// labelRun is the run of the address.
func (w *Web) labelRun(v *visit) (catalog.Release, catalog.Run, error) {
	none := fault.New(fault.NotFound, "There is no such run.")
	ordinal, err := strconv.Atoi(v.path("run"))
	if err != nil {
		return catalog.Release{}, catalog.Run{}, none
	}
	r, err := w.labelRelease(v)
	if err != nil {
		return r, catalog.Run{}, err
	}
	runs, err := w.cfg.Catalog.Runs(v.r.Context(), r.ID)
	if err != nil {
		return r, catalog.Run{}, err
	}
	if ordinal < 1 || ordinal > len(runs) {
		return r, catalog.Run{}, none
	}
	return r, runs[ordinal-1], nil
}

// deskGridView is a run's numbers on the desk.
type deskGridView struct {
	deskView
	runView
	Release *window.Page
	Pools   []poolCount
	Closed  bool
	Form    string
	Err     error
	Numbers string // as typed
	To      catalog.Pool
	Reason  string
}

// poolCount is how many numbers of a pool are free.
type poolCount struct {
	Pool  catalog.Pool
	Free  int
	Words string // where they are
}

func (d deskGridView) here(parts ...string) string {
	return d.path(append([]string{"releases", d.Release.Slug, strconv.Itoa(d.Ordinal)}, parts...)...)
}

func (d deskGridView) of(form string) error {
	if d.Form == form {
		return d.Err
	}
	return nil
}

// poolPlaces say where the copies of a pool are sold.
var poolPlaces = map[catalog.Pool]string{
	catalog.Web: "this shop", catalog.Counter: "the label's counter", catalog.Merch: "the merch table", catalog.Consignment: "other shops", catalog.ArtistPool: "the artist",
}

func (w *Web) deskGridView(v *visit) (d deskGridView, err error) {
	_, run, err := w.labelRun(v)
	if err != nil {
		return d, err
	}
	d = deskGridView{deskView: v.deskView(tabReleases)}
	if d.Release, err = w.cfg.Window.Release(v.r.Context(), v.Label.Slug, v.path("release"), true); err != nil {
		return d, err
	}
	from, _ := strconv.Atoi(v.r.URL.Query().Get("from"))
	r := d.Release.Runs[run.Ordinal-1]
	d.runView = newRunView(d.Release, r, "", from)
	d.Grid.Choose, d.Grid.Reach, d.Grid.Base = false, true, d.here()+"/"
	for i := range d.Ranges {
		d.Ranges[i].Path = d.here() + query("from", strconv.Itoa(d.Ranges[i].First))
	}
	free := map[catalog.Pool]int{}
	for _, c := range r.Grid {
		if c.State == catalog.Free {
			free[c.Pool]++
		}
	}
	for _, p := range catalog.Pools {
		if free[p] > 0 {
			d.Pools = append(d.Pools, poolCount{p, free[p], poolPlaces[p]})
		}
	}
	d.Closed, err = w.closed(v, run.ID)
	return d, err
}

func (d deskGridView) head() page {
	return d.page(d.Release.Title + ", " + d.name(len(d.Release.Runs)))
}

func (w *Web) deskGrid(v *visit) error {
	d, err := w.deskGridView(v)
	if err != nil {
		return err
	}
	if n := v.r.URL.Query().Get("number"); n != "" { // from the field above the grid
		if number, err := strconv.Atoi(strings.TrimSpace(n)); err == nil && number >= 1 && number <= d.Copies+d.Proofs {
			return v.goTo(d.here(strconv.Itoa(number)))
		}
		d.Form, d.Err = "number", fault.Field("number", "There are the numbers 1 to %d.", d.Copies+d.Proofs)
		return v.again(d.Err, d.head(), deskGridPage(d))
	}
	return v.show(d.head(), deskGridPage(d))
}

func (w *Web) gridAgain(v *visit, wrong error, form string, typed func(*deskGridView)) error {
	d, err := w.deskGridView(v)
	if err != nil {
		return err
	}
	d.Form, d.Err = form, wrong
	typed(&d)
	return v.again(wrong, d.head(), deskGridPage(d))
}

// moveNumbers puts the free ones of some numbers into another pool.
func (w *Web) moveNumbers(v *visit) error {
	r, run, err := w.labelRun(v)
	if err != nil {
		return err
	}
	typed, pool := v.text("numbers"), catalog.Pool(v.text("pool"))
	moved, kept, err := w.move(v, run, typed, pool)
	if err != nil {
		return w.gridAgain(v, err, "move", func(d *deskGridView) { d.Numbers, d.To = typed, pool })
	}
	said := many(moved, "number is", "numbers are") + " with " + poolPlaces[pool] + " now."
	if len(kept) > 0 {
		said += fmt.Sprintf(" %s not free and stayed: %s.", wereNot(len(kept)), numbersBrief(kept))
	}
	return v.say(v.deskView(tabReleases).path("releases", r.Slug, strconv.Itoa(run.Ordinal)), said)
}

func (w *Web) move(v *visit, run catalog.Run, typed string, pool catalog.Pool) (moved int, kept []int, err error) {
	ranges, err := readRanges("numbers", typed, run.Copies+run.Proofs)
	if err != nil {
		return 0, nil, err
	}
	total := 0
	for _, r := range ranges {
		total += r[1] - r[0] + 1
	}
	switch {
	case total == 0:
		return 0, nil, fault.Field("numbers", "Which numbers? Write them such as 1-20, 25.")
	case total > maxMoved:
		return 0, nil, fault.Field("numbers", "At most %d numbers at once, please.", maxMoved)
	case poolPlaces[pool] == "":
		return 0, nil, fault.Field("pool", "Please choose where they go.")
	}
	for _, r := range ranges {
		for n := r[0]; n <= r[1]; n++ {
			_, err := w.cfg.Catalog.Move(v.r.Context(), run.ID, n, pool, string(v.Account.ID))
			switch {
			case fault.Is(err, fault.Conflict):
				kept = append(kept, n)
			case err != nil:
				return moved, kept, err
			default:
				moved++
			}
		}
	}
	return moved, kept, nil
}

// maxMoved is how many numbers one form moves: each is a transaction.
const maxMoved = 2000

func wereNot(n int) string {
	if n == 1 {
		return "One was"
	}
	return strconv.Itoa(n) + " were"
}

// numbersBrief names the first of some numbers.
func numbersBrief(ns []int) string {
	var words []string
	for i, n := range ns {
		if i == 8 {
			words = append(words, "and more")
			break
		}
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ", ")
}

func (w *Web) closeRun(v *visit) error {
	r, run, err := w.labelRun(v)
	if err != nil {
		return err
	}
	reason := v.text("reason")
	if v.text("sure") == "" {
		err = fault.Field("sure", "Please say that you mean it. Nothing was changed.")
	} else {
		err = w.cfg.Catalog.Close(v.r.Context(), run.ID, reason, string(v.Account.ID))
	}
	if err != nil {
		return w.gridAgain(v, err, "close", func(d *deskGridView) { d.Reason = reason })
	}
	return v.say(v.deskView(tabReleases).path("releases", r.Slug, strconv.Itoa(run.Ordinal)), "The run is closed. The log says how many found an owner.")
}

// deskNumberView is one copy on the desk.
type deskNumberView struct {
	deskView
	*window.CopyPage
	Lines     []happening
	OrderPath string // of the order that it is in
	ByHand    bool   // sold without an order
	Closed    bool
	Reasons   []registry.VoidReason
	Form      string
	Err       error
	Why       string // as typed
	Reason    string
	Condition string
	Caption   string
	NewCode   string // made just now, to be written into the new card; shown once
}

func (d deskNumberView) here(parts ...string) string {
	return d.path(append([]string{"releases", d.Release.Slug, strconv.Itoa(d.Run.Ordinal), strconv.Itoa(d.Number)}, parts...)...)
}

func (d deskNumberView) of(form string) error {
	if d.Form == form {
		return d.Err
	}
	return nil
}

func (w *Web) deskNumberView(v *visit) (d deskNumberView, err error) {
	ordinal, err := strconv.Atoi(v.path("run"))
	number, err2 := strconv.Atoi(v.path("number"))
	if err != nil || err2 != nil {
		return d, fault.New(fault.NotFound, "There is no such copy.")
	}
	d = deskNumberView{deskView: v.deskView(tabReleases), Reasons: registry.VoidReasons}
	if d.CopyPage, err = w.cfg.Window.Copy(v.r.Context(), v.Label.Slug, v.path("release"), ordinal, number, true); err != nil {
		return d, err
	}
	names, err := w.cfg.People.Names(v.r.Context(), whose(d.CopyPage)...)
	if err != nil {
		return d, err
	}
	d.Lines = historyOf(d.History, d.Owner, names)
	if d.Order != "" && d.State != catalog.Free {
		d.OrderPath = d.path("orders", d.Order)
	}
	d.ByHand = d.State == catalog.Sold && d.Order == ""
	d.Closed, err = w.closed(v, d.Run.ID)
	return d, err
}

func (d deskNumberView) head() page {
	return d.page(d.Release.Title + ", " + d.Run.Label(d.Number))
}

func (w *Web) deskNumber(v *visit) error {
	d, err := w.deskNumberView(v)
	if err != nil {
		return err
	}
	return v.show(d.head(), deskNumberPage(d))
}

func (w *Web) numberAgain(v *visit, wrong error, form string, typed func(*deskNumberView)) error {
	d, err := w.deskNumberView(v)
	if err != nil {
		return err
	}
	d.Form, d.Err = form, wrong
	typed(&d)
	return v.again(wrong, d.head(), deskNumberPage(d))
}

// labelCopy is the number of the address, which exists.
func (w *Web) labelCopy(v *visit) (run catalog.Run, number int, back string, err error) {
	r, run, err := w.labelRun(v)
	if err != nil {
		return run, 0, "", err
	}
	number, err = strconv.Atoi(v.path("number"))
	if err != nil || number < 1 || number > run.Copies+run.Proofs {
		return run, 0, "", fault.New(fault.NotFound, "There is no such copy.")
	}
	return run, number, v.deskView(tabReleases).path("releases", url.PathEscape(r.Slug), strconv.Itoa(run.Ordinal), strconv.Itoa(number)), nil
}

func (w *Web) sellByHand(v *visit) error {
	run, n, back, err := w.labelCopy(v)
	if err != nil {
		return err
	}
	if _, err := w.cfg.Shop.SellByHand(v.r.Context(), run.ID, n, string(v.Account.ID)); err != nil {
		return err
	}
	return v.say(back, "Sold by hand. Its new owner claims it with the code in its card.")
}

func (w *Web) undoHandSale(v *visit) error {
	run, n, back, err := w.labelCopy(v)
	if err != nil {
		return err
	}
	if _, err := w.cfg.Shop.UndoHandSale(v.r.Context(), run.ID, n, string(v.Account.ID)); err != nil {
		return err
	}
	return v.say(back, "Undone: the number is free again.")
}

// restock puts a copy that came back on sale again. When its code was used, a new one is made for its new card, and shown once.
func (w *Web) restock(v *visit) error {
	run, n, back, err := w.labelCopy(v)
	if err != nil {
		return err
	}
	copy, _, err := w.cfg.Catalog.Copy(v.r.Context(), run.ID, n)
	if err != nil {
		return err
	}
	code, hash := "", ""
	if copy.Spent {
		if code, err = pressing.NewClaim(nil); err != nil {
			return err
		}
		hash = pressing.HashClaim(run.Salt, code)
	}
	if _, err := w.cfg.Catalog.Restock(v.r.Context(), run.ID, n, hash, string(v.Account.ID)); err != nil {
		return err
	}
	if code == "" {
		return v.say(back, "On sale again.")
	}
	d, err := w.deskNumberView(v)
	if err != nil {
		return err
	}
	d.NewCode = code
	return v.show(d.head(), deskNumberPage(d))
}

func (w *Web) voidNumber(v *visit) error {
	run, n, back, err := w.labelCopy(v)
	if err != nil {
		return err
	}
	why, reason := v.text("why"), v.text("reason")
	if _, err := w.cfg.Catalog.Void(v.r.Context(), run.ID, n, ledger.Reason(why), reason, string(v.Account.ID)); err != nil {
		return w.numberAgain(v, err, "void", func(d *deskNumberView) { d.Why, d.Reason = why, reason })
	}
	return v.say(back, "The number is void, and its page says why.")
}

// gradeForm is what a form with photos holds, read as it comes: fields first, then photos one by one.
type gradeForm struct {
	condition, caption string
	graded             bool // the condition is written down
	photos             int  // that are kept
}

func (w *Web) grade(v *visit) error {
	run, n, back, err := w.labelCopy(v)
	if err != nil {
		return err
	}
	form, err := w.readGrade(v, run.ID, n)
	photos := form.photos
	if err != nil {
		if form.graded || photos > 0 {
			err = fault.Wrap(err, fault.Of(err), fault.Text(err)+" What came before it was kept: "+many(photos, "photo", "photos")+".")
		}
		if form.graded {
			form.condition = ""
		}
		return w.numberAgain(v, err, "grade", func(d *deskNumberView) { d.Condition, d.Caption = form.condition, form.caption })
	}
	said := "Written down."
	if photos > 0 {
		said = "Written down, with " + many(photos, "photo", "photos") + "."
	}
	return v.say(back, said)
}

func (w *Web) readGrade(v *visit, run catalog.RunID, number int) (f gradeForm, err error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return f, fault.Wrap(err, fault.Invalid, "This form came in a way that cannot be read. Nothing was changed.")
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return f, tooMuch(fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)) // whatever is wrong with it, the form is not whole
		}
		switch part.FormName() {
		case "condition":
			if f.condition, err = partText(part); err != nil {
				return f, err
			}
			if f.condition == "" {
				continue // more photos of what is written down already
			}
			if _, err := w.cfg.Catalog.Grade(v.r.Context(), run, number, f.condition, string(v.Account.ID)); err != nil {
				return f, err
			}
			f.graded = true
		case "caption":
			if f.caption, err = partText(part); err != nil {
				return f, err
			}
		case "photo":
			if part.FileName() == "" {
				continue
			}
			hash, err := w.cfg.Publish.KeepPhoto(v.r.Context(), part)
			if err != nil {
				return f, tooMuch(err)
			}
			if _, err := w.cfg.Catalog.AddPhoto(v.r.Context(), run, number, hash, f.caption); err != nil {
				return f, err
			}
			f.photos++
		}
	}
	if !f.graded && f.photos == 0 {
		return f, fault.Field("condition", "Please write the condition, in a sentence.")
	}
	return f, nil
}

// partText reads a short field of a form in parts.
func partText(p *multipart.Part) (string, error) {
	const most = 8 << 10
	b, err := io.ReadAll(io.LimitReader(p, most+1))
	if err != nil {
		return "", tooMuch(err)
	}
	if len(b) > most {
		return "", fault.Field(p.FormName(), "This is too long.")
	}
	return strings.TrimSpace(string(b)), nil
}

// tooMuch says what a body that passed its limit, or broke off, means here.
func tooMuch(err error) error {
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return fault.Wrap(err, fault.Invalid, "These photos are more than one form can carry. Please send them in two.")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge):
		return fault.Wrap(err, fault.Invalid, "The form broke off on its way. Please send it again.")
	}
	return err
}

// deskCondition is what was typed; the copy has a condition of its own.
func (d deskNumberView) deskCondition() string { return d.Condition }

// voidable reports a number that its label may take out of the run.
func (d deskNumberView) voidable() bool {
	switch d.State {
	case catalog.Free, catalog.Returned:
		return true
	case catalog.Sold, catalog.Packed, catalog.Shipped:
		return !d.Closed
	}
	return false
}
