// Package budget says what a run of tapes costs and earns.
//
// A run has costs that come with every copy (tape, case, card) and costs that come
// once (mastering, a setup fee). Spread over the copies they make the cost a
// copy, which falls as the run grows. Each way to sell takes a share of the price; what it leaves,
// the artist keeps, and the run has paid for itself at the break-even: the
// first whole number of copies whose keep covers the total.
//
// A tape beside streams: at $0.0033 a stream, a $10 tape is 3,030 streams
// gross. Compared honestly, what is left of the $10 after the shop's share (and then after
// the tape's cost) is fewer, so all three are given.
//
// Amounts are whole coins of one currency. Figures that the artist did not set are
// defaults with a year and a source. Nothing here is tax advice.
package budget

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ferric/album"
)

// Schema is the version of the JSON form. It grows when a field changes its meaning.
const Schema = 1

// ErrSettings is wrapped by errors about settings that make no budget.
var ErrSettings = errors.New("the budget cannot be made")

// Input is what a budget is made from.
type Input struct {
	Settings album.BudgetSettings
	Copies   int           // to sell, numbered or not; 0 for Settings.Copies, or else 100
	Proofs   int           // artist proofs made besides, which are not sold
	Side     time.Duration // what the dubbing deck records for each side; 0 leaves the hours out
}

// Budget is the answer. Its JSON form is budget.json: names end in _minor where
// the number counts the smallest coin (cents), in _percent, _hours or _minutes for those.
type Budget struct {
	Schema   int      `json:"schema"`
	Currency string   `json:"currency"`
	Digits   int      `json:"minor_digits"` // a coin is 10^-digits of the currency
	Price    Money    `json:"price_minor"`
	Copies   int      `json:"copies"`
	Proofs   int      `json:"proofs"`
	PerCopy  []Line   `json:"per_copy"`
	PerRun   []Line   `json:"per_run"`
	Run      Size     `json:"run"`
	Sizes    []Size   `json:"sizes"`
	Dubbing  *Dubbing `json:"dubbing,omitempty"` // nil when a duplicator does it, or the length is not known
	Delivery *Spread  `json:"delivery,omitempty"`
	Ways     []Way    `json:"ways"`
	Streams  Streams  `json:"streams"`
	Split    float64  `json:"artist_percent"` // of the profit once the run is paid back
	Notes    []string `json:"notes"`

	Defaults []Default `json:"defaults"`

	currency Currency
	share    album.Decimal
}

// Line is one cost.
type Line struct {
	Name   string        `json:"name"`
	Amount album.Decimal `json:"amount"`      // exact, in units of the currency: a copy's or the run's
	Total  Money         `json:"total_minor"` // for the run
}

// Default is a figure that the artist did not set.
type Default struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source Source `json:"source"`
}

// Size is a run of a certain size.
type Size struct {
	Copies  int       `json:"copies"` // to sell
	Made    int       `json:"made"`   // with proofs, and the spoilt ones
	Total   Money     `json:"total_minor"`
	PerCopy Money     `json:"cost_a_copy_minor"` // total over copies, rounded up
	Hours   float64   `json:"dubbing_hours,omitempty"`
	Ways    []Outcome `json:"ways"` // as Budget.Ways
}

// Outcome is how a run comes out when every copy is sold one way.
type Outcome struct {
	Name      string `json:"name"`
	BreakEven int    `json:"break_even"`        // copies; 0 when selling this way never pays for the run
	Profit    Money  `json:"sold_out_minor"`    // all copies sold, costs paid
	Artist    Money  `json:"artist_minor"`      // the artist's share of that
	PerCopy   Money  `json:"profit_copy_minor"` // kept a copy less its cost
}

// Way is a way to sell, and what becomes of the price of one copy.
type Way struct {
	Name      string `json:"name"`
	Price     Money  `json:"price_minor"`
	Platform  Money  `json:"platform_minor"`  // to the platform or shop
	Processor Money  `json:"processor_minor"` // to the payment processor
	Posting   Money  `json:"posting_minor"`   // stamps and envelope
	Charged   Money  `json:"charged_minor"`   // what the listener pays for posting, the processor's share of it taken off
	Keeps     Money  `json:"keeps_minor"`     // what is left of the price, before the tape's own cost
	Source    Source `json:"source"`

	// Streams that pay as much as one copy: as its price, as what is kept of it, as that less its cost.
	StreamsGross int64 `json:"streams_gross"`
	StreamsKept  int64 `json:"streams_kept"`
	StreamsNet   int64 `json:"streams_net"`
}

// Streams is what streaming is taken to pay.
type Streams struct {
	Rate   album.Decimal `json:"rate"` // for one stream, in units of the currency; 0 when none is known
	Source Source        `json:"source"`
}

// Dubbing is the time at the table. A deck records a side in the time it plays.
type Dubbing struct {
	Decks       int         `json:"decks"`
	SideMinutes float64     `json:"side_minutes"`
	FourTrack   bool        `json:"four_track"` // both sides in one pass
	Hours       float64     `json:"hours"`
	ByDecks     []DeckHours `json:"by_decks"`
}

// DeckHours is how long the run takes with some number of decks.
type DeckHours struct {
	Decks int     `json:"decks"`
	Hours float64 `json:"hours"`
}

// Spread is what a duplicator may deliver and invoice.
type Spread struct {
	Percent float64 `json:"percent"`
	Least   int     `json:"least_copies"`
	Most    int     `json:"most_copies"`
	Lowest  Money   `json:"lowest_minor"`
	Highest Money   `json:"highest_minor"`
}

// Hours is the time to dub copies with decks recording at once: each load of the
// decks takes two sides, or one pass with a copier that writes all four tracks.
func Hours(copies, decks int, side time.Duration, fourTrack bool) float64 {
	if copies <= 0 || decks <= 0 {
		return 0
	}
	passes := 2 * ((copies + decks - 1) / decks)
	if fourTrack {
		passes /= 2
	}
	return float64(passes) * side.Hours()
}

// New makes the budget.
func New(in Input) (*Budget, error) {
	s := &in.Settings
	currency, err := FindCurrency(s.Currency)
	if err != nil {
		return nil, err
	}
	b := &Budget{Schema: Schema, Currency: currency.Code, Digits: currency.Digits, Copies: in.Copies, Proofs: in.Proofs, currency: currency, Notes: []string{}, Defaults: []Default{}}
	if b.Copies == 0 {
		b.Copies = s.Copies
	}
	if b.Copies == 0 {
		b.Copies = defaultRun
		b.note("No number of copies is set: %d are reckoned with.", b.Copies)
	}
	if b.Copies < 1 || b.Copies > 1_000_000 || b.Proofs < 0 || b.Proofs > 1_000_000 || in.Side < 0 || in.Side > 24*time.Hour {
		return nil, fmt.Errorf("%w: %d copies, %d proofs, sides of %v", ErrSettings, b.Copies, b.Proofs, in.Side)
	}
	c := &calculation{Budget: b, in: in, ours: slices.Contains(dollarCurrencies, currency.Code)}
	if !c.ours && (s.Price == nil || s.Tape == nil && s.Dubbing == nil) {
		return nil, fmt.Errorf("%w: there are no usual prices in %s; [budget] must give price, and tape or dubbing", ErrSettings, currency.Code)
	}
	if c.ours && currency.Code != "USD" {
		b.note("Defaults are US figures, taken over as %s without conversion. Set your own.", currency.Code)
	}
	price := c.use("price", defaultPrice, s.Price)
	if b.Price, err = c.coins("price", price.value); err != nil {
		return nil, err
	}
	c.costs()
	if err := c.ways(); err != nil {
		return nil, err
	}
	c.sizes()
	c.streams()
	if s.Dubbing == nil && in.Side > 0 {
		b.Dubbing = &Dubbing{Decks: c.decks, SideMinutes: in.Side.Minutes(), FourTrack: s.FourTrack, Hours: b.Run.Hours}
		for _, decks := range []int{1, 2, 4, 8} {
			b.Dubbing.ByDecks = append(b.Dubbing.ByDecks, DeckHours{decks, Hours(b.Run.Made, decks, in.Side, s.FourTrack)})
		}
	}
	return b, nil
}

func (b *Budget) note(format string, args ...any) {
	b.Notes = append(b.Notes, fmt.Sprintf(format, args...))
}

// Money writes an amount of the budget's currency.
func (b *Budget) Money(m Money) string { return b.currency.Format(m) }

// Earned is what a way has earned when sold copies are gone: negative until the
// break-even. artist is the artist's share, which is none before that.
func (b *Budget) Earned(way, sold int) (all, artist Money) {
	all = Money(sold)*b.Ways[way].Keeps - b.Run.Total
	return all, percent(max(all, 0), b.share)
}

// A calculation is a budget being made.
type calculation struct {
	*Budget
	in    Input
	ours  bool // the default figures are of use in this currency
	waste album.Decimal
	decks int
	hour  album.Decimal // of labour
}

// use takes a setting, or its default, which it then writes down.
func (c *calculation) use(name string, standard figure, setting *album.Decimal) figure {
	if setting == nil && standard.value != 0 {
		if !c.ours && !strings.HasSuffix(name, "percent") {
			return nothing
		}
		value := c.currency.formatExact(standard.value)
		if strings.HasSuffix(name, "percent") {
			value = standard.value.String() + "%"
		}
		c.Defaults = append(c.Defaults, Default{name, value, standard.source})
	}
	return standard.or(setting)
}

// coins is d in whole coins, which a price must be.
func (c *calculation) coins(name string, d album.Decimal) (Money, error) {
	if d%(album.One/album.Decimal(c.currency.unit())) != 0 {
		return 0, fmt.Errorf("%w: %s of %v is finer than the coins of %s", ErrSettings, name, d, c.Currency)
	}
	return c.currency.money(d, 1), nil
}

// costs lists what has to be paid.
func (c *calculation) costs() {
	s := &c.in.Settings
	quoted := s.Dubbing != nil // a duplicator makes the copies: parts that are not set are in that price
	part := func(name string, standard figure, setting *album.Decimal) {
		if quoted {
			standard = nothing
		}
		if f := c.use(name, standard, setting); f.value != 0 {
			c.PerCopy = append(c.PerCopy, Line{Name: name, Amount: f.value})
		}
	}
	part("dubbing", nothing, s.Dubbing)
	part("tape", defaultTape, s.Tape)
	part("shell", nothing, s.Shell)
	part("case", defaultCase, s.Case)
	part("card", defaultCard, s.Card)
	part("labels", defaultLabels, s.Labels)
	part("packaging", nothing, s.Packaging)
	once := func(name string, setting *album.Decimal) {
		if setting != nil && *setting != 0 {
			c.PerRun = append(c.PerRun, Line{Name: name, Amount: *setting})
		}
	}
	once("mastering", s.Mastering)
	once("artwork", s.Artwork)
	once("setup", s.Setup)
	once("freight", s.Freight)
	once("fees", s.Fees)
	for _, cost := range s.Costs {
		if cost.PerRun {
			once(cost.Name, &cost.Amount)
		} else {
			part(cost.Name, nothing, &cost.Amount)
		}
	}
	standard := defaultWaste
	if quoted {
		standard = nothing // the duplicator's, not ours
	}
	c.waste = c.use("waste_percent", standard, s.Waste).value
	c.decks = s.Decks
	if c.decks == 0 {
		c.decks = defaultDecks
	}
	if s.Labour != nil && !quoted {
		c.hour = *s.Labour
	}
	if c.hour == 0 && !quoted {
		c.Defaults = append(c.Defaults, Default{"labour_hour", c.currency.Format(0), ownTime})
	}
}

// size reckons a run of copies.
func (c *calculation) size(copies int) Size {
	sound := copies + c.Proofs
	z := Size{Copies: copies, Made: sound + int(mulCeil(int64(sound), int64(c.waste), 100*int64(album.One)))}
	for _, l := range c.PerCopy {
		z.Total += c.currency.money(l.Amount, z.Made)
	}
	for _, l := range c.PerRun {
		z.Total += c.currency.money(l.Amount, 1)
	}
	if c.in.Settings.Dubbing == nil && c.in.Side > 0 {
		z.Hours = Hours(z.Made, c.decks, c.in.Side, c.in.Settings.FourTrack)
		z.Total += c.labour(z.Hours)
	}
	z.PerCopy = (z.Total + Money(copies) - 1) / Money(copies)
	for _, w := range c.Ways {
		o := Outcome{Name: w.Name, Profit: Money(copies)*w.Keeps - z.Total, PerCopy: w.Keeps - z.PerCopy}
		o.Artist = percent(max(o.Profit, 0), c.share)
		if w.Keeps > 0 {
			o.BreakEven = int((z.Total + w.Keeps - 1) / w.Keeps)
		}
		z.Ways = append(z.Ways, o)
	}
	return z
}

func (c *calculation) labour(hours float64) Money {
	return Money(math.Round(hours * float64(c.hour) / float64(album.One) * float64(c.currency.unit())))
}

// sizes reckons the run, and the table of runs beside it.
func (c *calculation) sizes() {
	share := c.use("artist_percent", defaultShare, c.in.Settings.ArtistShare)
	c.share = share.value
	c.Split = float64(share.value) / float64(album.One)
	c.Run = c.size(c.Copies)
	for i := range c.PerCopy {
		c.PerCopy[i].Total = c.currency.money(c.PerCopy[i].Amount, c.Run.Made)
	}
	for i := range c.PerRun {
		c.PerRun[i].Total = c.currency.money(c.PerRun[i].Amount, 1)
	}
	if work := c.labour(c.Run.Hours); work > 0 {
		c.PerRun = append(c.PerRun, Line{Name: "labour", Amount: album.Decimal(work) * (album.One / album.Decimal(c.currency.unit())), Total: work})
	}
	sizes := tableSizes[:]
	if !slices.Contains(sizes, c.Copies) {
		sizes = append(slices.Clone(sizes), c.Copies)
		slices.Sort(sizes)
	}
	for _, n := range sizes {
		c.Sizes = append(c.Sizes, c.size(n))
	}
	if c.in.Settings.Dubbing == nil {
		return
	}
	over := c.use("over_run_percent", defaultOverRun, c.in.Settings.OverRun).value
	if over == 0 {
		return
	}
	spread := int(mulCeil(int64(c.Copies), int64(over), 100*int64(album.One)))
	d := &Spread{Percent: float64(over) / float64(album.One), Least: max(1, c.Copies-spread), Most: c.Copies + spread}
	d.Lowest, d.Highest = c.size(d.Least).Total, c.size(d.Most).Total
	c.Delivery = d
	c.note("A duplicator may deliver %d to %d copies and invoice what was delivered: %s to %s.", d.Least, d.Most, c.Money(d.Lowest), c.Money(d.Highest))
}

// ways reckons what each way to sell leaves of the price. A way in the settings replaces the default of its name.
func (c *calculation) ways() error {
	list := slices.Clone(defaultWays)
	prices := map[string]*album.Decimal{}
	own := map[string]bool{}
	for _, w := range c.in.Settings.Ways {
		i := slices.IndexFunc(list, func(d wayDefault) bool { return strings.EqualFold(d.name, w.Name) })
		if i < 0 {
			i = len(list)
			list = append(list, wayDefault{name: w.Name, source: yours})
		}
		d := &list[i]
		if own[d.name] {
			return fmt.Errorf("%w: two ways to sell are called %q", ErrSettings, w.Name)
		}
		own[d.name] = true
		for _, set := range []struct{ to, from *album.Decimal }{{&d.platform, w.Platform}, {&d.processor, w.Processor}, {&d.processorFee, w.ProcessorFee}} {
			if set.from != nil {
				*set.to, d.source = *set.from, yours
			}
		}
		if w.Posted != nil {
			d.posted = *w.Posted
		}
		prices[d.name] = w.Price
	}
	s := &c.in.Settings
	postage, mailer := c.use("postage", defaultPostage, s.Postage).value, nothing.or(s.Mailer).value
	for _, d := range list {
		if !c.ours && !own[d.name] {
			d.processorFee = 0 // thirty cents are of no use in yen
		}
		w := Way{Name: d.name, Price: c.Price, Source: d.source}
		if p := prices[d.name]; p != nil {
			var err error
			if w.Price, err = c.coins("price of "+d.name, *p); err != nil {
				return err
			}
		}
		w.Platform = percent(w.Price, d.platform)
		w.Processor = percent(w.Price, d.processor) + c.currency.money(d.processorFee, 1)
		if d.posted {
			w.Posting = c.currency.money(postage, 1) + c.currency.money(mailer, 1)
			w.Charged = w.Posting // the listener pays what it costs, the processor's share of it besides
			if s.PostageFee != nil {
				charged := c.currency.money(*s.PostageFee, 1)
				w.Charged = charged - percent(charged, d.processor)
			}
		}
		w.Keeps = w.Price - w.Platform - w.Processor - w.Posting + w.Charged
		c.Ways = append(c.Ways, w)
	}
	return nil
}

// streams puts a copy beside streams.
func (c *calculation) streams() {
	rate := defaultStream.or(c.in.Settings.StreamRate)
	switch {
	case c.in.Settings.StreamRate != nil:
	case c.ours:
		c.Defaults = append(c.Defaults, Default{"stream_rate", c.currency.formatExact(rate.value), rate.source})
	default:
		c.note("No stream_rate is set, and there is no usual one in %s: streams are left out.", c.Currency)
		return
	}
	if text := c.in.Settings.StreamSource; text != "" {
		rate.source = Source{Text: text}
	}
	c.Streams = Streams{rate.value, rate.source}
	count := func(m Money) int64 {
		if rate.value <= 0 || m <= 0 {
			return 0
		}
		return mulDiv(int64(m), int64(album.One), int64(rate.value)*c.currency.unit())
	}
	for i := range c.Ways {
		w := &c.Ways[i]
		w.StreamsGross, w.StreamsKept, w.StreamsNet = count(w.Price), count(w.Keeps), count(c.Run.Ways[i].PerCopy)
	}
	c.note("Since 2024 Spotify pays nothing for a track with fewer than 1,000 streams in twelve months (one-submit.com).")
}

// mulCeil is a*b/by rounded up; nothing is negative.
func mulCeil(a, b, by int64) int64 { return (a*b + by - 1) / by }
