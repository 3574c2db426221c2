package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ferric/deck"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/listen"
	"ferric/tape"
)

func deckRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /l/{label}/{release}/deck", who: anyone, do: w.deckPreview, opts: options{wasm: true}},
		{pattern: "GET /l/{label}/{release}/{run}/{number}/deck", who: signedIn, do: w.deckCopy, opts: options{wasm: true}},
	}
}

// deckPreview is a release's preview side on the deck, for everybody.
func (w *Web) deckPreview(v *visit) error {
	p, err := w.cfg.Window.Release(v.r.Context(), v.path("label"), v.path("release"), false)
	if err != nil {
		return err
	}
	d, err := w.cfg.Listen.Look(v.r.Context(), v.listener(), listen.Want{Release: p.ID})
	if err != nil {
		return err
	}
	view := newDeckView(d, p.Release, p.Artist.Name, p.Label.Name, "", "")
	view.Want = wantJSON{Release: p.ID}
	view.Words = "a side to hear; the tape has both"
	view.Back = releasePath(p.Label.Slug, p.Slug)
	return v.showDeck(view, p.Label.Accent)
}

// deckCopy is a numbered copy on the deck, for its owner: with its own sound, and where it was left.
func (w *Web) deckCopy(v *visit) error {
	ordinal, errRun := strconv.Atoi(v.path("run"))
	number, err := strconv.Atoi(v.path("number"))
	if err != nil || errRun != nil {
		return fault.New(fault.NotFound, "There is no such copy.")
	}
	p, err := w.cfg.Window.Copy(v.r.Context(), v.path("label"), v.path("release"), ordinal, number, true)
	if err != nil {
		return err
	}
	d, err := w.cfg.Listen.Look(v.r.Context(), v.listener(), listen.Want{Run: p.Run.ID, Number: number})
	if err != nil {
		return err
	}
	view := newDeckView(d, p.Release, p.Artist.Name, p.Label.Name, p.Run.Label(number), p.Variant)
	view.Want = wantJSON{Run: p.Run.ID, Number: number}
	view.Words = "number " + p.Run.Label(number) + ", your copy"
	view.Back = copyPath(p.Label.Slug, p.Release.Slug, ordinal, number)
	return v.showDeck(view, p.Label.Accent)
}

// hasSound reports whether a release's owners find something on its tape.
func hasSound(r catalog.Release) bool {
	return slices.ContainsFunc(r.Detail.Sides, func(s catalog.Side) bool { return s.Programme != "" })
}

func (v *visit) listener() listen.Who {
	return listen.Who{Account: string(v.Account.ID), Visitor: v.Buyer().Visitor, Network: v.from().String()}
}

// showDeck answers with a deck's page.
func (v *visit) showDeck(d deckView, accent string) error {
	d.Ready = v.web.files.Has("deck/deck.wasm")
	p := page{Title: d.Title + " on the deck", Accent: accent, Styles: []string{"deck/deck.css"}, Bare: d.Back == ""}
	if d.Ready {
		p.Scripts = []string{"deck/deck.js"}
	}
	return v.show(p, deckPage(d))
}

// deckView is a deck with a tape before it.
type deckView struct {
	Base          string // what stands before the addresses of its questions
	Want          wantJSON
	Title, Artist string
	Formulation   tape.Formulation
	Heard         [2]bool // sides that there is sound of
	Sides         [2]cassetteView
	Side          int // that is up
	Machine       string
	Bend          *deck.Bend // that is on the machine already
	Ready         bool       // the compiled deck is part of this program
	Back          string     // address of the page that led here, empty for none
	Words         string     // which tape it is
	As            as         // of a deck without a shop
}

// as is what a tape is played as, where its listener may choose. Zero fields leave it as it is.
type as struct {
	Copy  string `json:"copy,omitempty"`
	Tape  string `json:"tape,omitempty"`
	Plays int    `json:"plays,omitempty"`
}

// newDeckView draws what a listening room holds.
func newDeckView(d listen.Deck, r catalog.Release, artist, company, number, variant string) deckView {
	v := deckView{Title: r.Title, Artist: artist, Formulation: d.Tape.Formulation, Heard: d.Grant.Sides, Side: d.Side, Machine: deck.Machines()[0].Name}
	for i := range v.Sides {
		place := d.Place
		if i != d.Side {
			place = d.Tape.Length.Playing() - place
		}
		v.Sides[i] = newCassette(r, artist, company, i, number, variant, place)
	}
	return v
}

// setup is what the page's script is told.
func (d deckView) setup() any {
	return struct {
		Base    string     `json:"base"`
		Want    wantJSON   `json:"want"`
		Machine string     `json:"machine"`
		Bend    *deck.Bend `json:"bend,omitempty"`
		Heard   [2]bool    `json:"heard"`
		As      as         `json:"as"`
	}{d.Base, d.Want, d.Machine, d.Bend, d.Heard, d.As}
}

// meterX is where a level stands on the meters' scale: -20 to +8 dB over 280 units.
func meterX(db float64) string { return mm((min(max(db, -20), 8) + 20) * 10) }

// board is the machine opened: every module of docs/formats/bend.md as knobs on a wire.
var board = []boardPart{
	{"Motor", []module{
		{"motor.speed", "Speed pot", "In place of the trimmer. Every motor is a little off.", []knob{{"speed", "Speed", "×", 1}}},
		{"motor.reverse", "Reverse", "The poles swapped: the side runs backwards.", nil},
		{"motor.wobble", "Wobble", "Capacitors across the motor.", []knob{{"wobble", "Depth", "", 0.2}, {"wobble_hz", "Rate", "Hz", 3}}},
		{"motor.starve", "Starve", "Less supply than the governor needs.", []knob{{"starve", "Hunger", "", 0.3}}},
		{"motor.brake", "Brake", "A thumb on the flywheel.", []knob{{"brake", "Pressure", "", 0.2}}},
		{"motor.keys", "Keys", "Preset speeds in semitones, one after the other.", []knob{{"keys", "Semitones", "", 0}, {"keys_hz", "Rate", "Hz", 2}}},
		{"motor.hold", "Sample and hold", "Another speed every now and then.", []knob{{"hold", "Range", "oct", 0.3}, {"hold_hz", "Rate", "Hz", 4}}},
		{"motor.light", "Light", "A light sensor under passing clouds.", []knob{{"light", "Clouds", "", 0.4}}},
	}},
	{"Head", []module{
		{"head.wander", "Wander", "The azimuth screw rocks.", []knob{{"wander", "Angle", "′", 20}, {"wander_hz", "Rate", "Hz", 0.3}}},
		{"head.other", "Other side", "The head stands lower, where the other side runs backwards.", []knob{{"other", "Way down", "", 0.7}}},
		{"head.scrub", "Scrub", "The head is moved along the tape.", []knob{{"scrub", "Reach", "s", 0.2}, {"scrub_hz", "Rate", "Hz", 0.5}}},
	}},
	{"Electronics", []module{
		{"electronics.boost_db", "Boost", "Gain before what clips.", []knob{{"boost_db", "Gain", "dB", 18}}},
		{"electronics.dead", "Dead bias", "The middle of each wave is missing.", []knob{{"dead", "Gap", "", 0.3}}},
		{"electronics.feedback", "Feedback", "Output to input.", []knob{{"feedback", "Amount", "", 0.5}, {"feedback_ms", "Delay", "ms", 5}}},
		{"electronics.short", "Short", "A gated short to ground.", []knob{{"short", "Share", "", 0.3}, {"short_hz", "Rate", "Hz", 8}}},
		{"electronics.cap_hz", "Wrong capacitor", "A corner, 6 dB an octave.", []knob{{"cap_hz", "Corner", "Hz", 2000}}},
	}},
	{"Tape", []module{
		{"tape.loop_s", "Loop", "Spliced from where it plays.", []knob{{"loop_s", "Length", "s", 4}}},
		{"tape.wrap", "Wrap", "Splicing tape on the capstan.", []knob{{"wrap", "Turns", "", 0.3}}},
		{"tape.echo", "Echo", "Replay head to record head.", []knob{{"echo", "Amount", "", 0.4}, {"echo_ms", "Delay", "ms", 300}}},
		{"tape.erase_off", "Erase off", "Sound on sound.", []knob{{"erase_off", "What stays", "", 0.5}, {"erase_off_s", "A pass", "s", 4}}},
	}},
}

type boardPart struct {
	Name    string
	Modules []module
}

// module is one change to the machine: a wire that is plugged in or not, and the knobs on it.
type module struct {
	Field string // of the patch that it turns on: "motor.wobble"
	Name  string
	Help  string
	Knobs []knob
}

// knob is a number of a module.
type knob struct {
	Field string // in its part: "wobble_hz"
	Name  string
	Unit  string
	At    float64 // where it stands when the wire is plugged in first
}

func (m module) id() string   { return "bend-" + strings.ReplaceAll(m.Field, ".", "-") }
func (m module) part() string { part, _, _ := strings.Cut(m.Field, "."); return part }

// knobRange is what a knob may be, as deck has it.
func (m module) knobRange(k knob) (r deck.Knob) {
	name := m.part() + "." + k.Field
	all := deck.Knobs()
	if i := slices.IndexFunc(all, func(r deck.Knob) bool { return r.Name == name }); i >= 0 {
		return all[i]
	}
	panic(fmt.Sprintf("web: no knob is called %q", name)) // a test draws the board
}

// plainNumber writes a number as an attribute has it.
func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// curve is how a knob's way is spread over its range: wide ranges give their lower end more room.
func curve(r deck.Knob) string {
	switch {
	case r.Hi <= 2:
		return "1"
	case r.Hi <= 100:
		return "2"
	}
	return "3"
}

func signed(db float64) string {
	if db > 0 {
		return "+" + plainNumber(db)
	}
	return strings.ReplaceAll(plainNumber(db), "-", "−")
}

func afterDot(words string) string {
	if words == "" {
		return ""
	}
	return " · " + words
}

// glyphs are what is printed on the keys, 24 by 16.
var glyphs = map[string]string{
	"record":  "M12 3a5 5 0 1 0 .01 0z",
	"rewind":  "M12 2v12L3 8zM21 2v12l-9-6z",
	"forward": "M12 2v12l9-6zM3 2v12l9-6z",
	"play":    "M7 1v14l11-7z",
	"stop":    "M6 2h12v12H6z",
	"pause":   "M7 2h4v12H7zM13 2h4v12h-4z",
	"eject":   "M12 2l8 7H4zM4 11h16v3H4z",
	"turn":    "M4 7a8 5 0 0 1 14-3l2-2v6h-6l2-2a5.5 3.4 0 0 0-9.6 1zM20 9a8 5 0 0 1-14 3l-2 2V8h6l-2 2a5.5 3.4 0 0 0 9.6-1z",
}
