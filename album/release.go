package album

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"ferric/audio"
)

// ReleaseFile is the name of the file in which an artist says what a folder does not.
// docs/formats/release.md describes it.
const ReleaseFile = "release.toml"

// MaxReleaseFile is the size in bytes beyond which a release.toml is refused. Two hundred songs with their lyrics fit.
const MaxReleaseFile = 4 << 20

// ErrRelease is wrapped by every complaint about a release.toml.
var ErrRelease = errors.New("release.toml is not right")

// FieldError is one complaint about one place in a release.toml.
type FieldError struct {
	Line    int    // from 1; 0 when unknown
	Field   string // "[tape] length", "[[track]] 3 side"; "" when the file cannot be read at all
	Problem string
}

func (e *FieldError) Error() string {
	where := ReleaseFile
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, e.Line)
	}
	if e.Field == "" {
		return where + ": " + e.Problem
	}
	return where + ": " + e.Field + ": " + e.Problem
}

func (e *FieldError) Unwrap() error { return ErrRelease }

// releaseDoc is release.toml. Fields of type any are numbers or dates, whose exact text is checked here.
type releaseDoc struct {
	Release releaseTable  `toml:"release"`
	Credits []creditTable `toml:"credit"`
	Tape    tapeTable     `toml:"tape"`
	Run     runTable      `toml:"run"`
	Card    cardTable     `toml:"card"`
	Budget  budgetTable   `toml:"budget"`
	Tracks  []trackTable  `toml:"track"`
}

type releaseTable struct {
	Title     string `toml:"title"`
	Artist    string `toml:"artist"`
	Label     string `toml:"label"`
	Catalogue string `toml:"catalogue"`
	Barcode   string `toml:"barcode"`
	Date      any    `toml:"date"`
	Genre     string `toml:"genre"`
	Copyright string `toml:"copyright"`
	Notes     string `toml:"notes"`
	Cover     string `toml:"cover"`
	Accent    string `toml:"accent"`
}

type creditTable struct {
	Role  string `toml:"role"`
	Names string `toml:"names"`
}

type tapeTable struct {
	Length   string `toml:"length"`
	Type     string `toml:"type"`
	For      string `toml:"for"`
	Gap      any    `toml:"gap"`
	Margin   any    `toml:"margin"`
	Order    string `toml:"order"`
	Join     *bool  `toml:"join"`
	Flat     bool   `toml:"flat"`
	Loudness any    `toml:"loudness"`
	TruePeak any    `toml:"true_peak"`
	Rate     *int   `toml:"rate"`
	Bits     *int   `toml:"bits"`
	Format   string `toml:"format"`
}

type runTable struct {
	Copies   *int   `toml:"copies"`
	Proofs   *int   `toml:"proofs"`
	Note     string `toml:"note"`
	ClaimURL string `toml:"claim_url"`
}

type cardTable struct {
	Layout string `toml:"layout"`
	Panels *int   `toml:"panels"`
	Paper  string `toml:"paper"`
}

type trackTable struct {
	File   string `toml:"file"`
	Title  string `toml:"title"`
	Artist string `toml:"artist"`
	Side   string `toml:"side"`
	First  bool   `toml:"first"`
	Last   bool   `toml:"last"`
	Group  string `toml:"group"`
	Gap    any    `toml:"gap"`
	ISRC   string `toml:"isrc"`
	Lyrics string `toml:"lyrics"`
}

type budgetTable struct {
	Currency     string      `toml:"currency"`
	Price        any         `toml:"price"`
	Copies       *int        `toml:"copies"`
	Tape         any         `toml:"tape"`
	Shell        any         `toml:"shell"`
	Case         any         `toml:"case"`
	Card         any         `toml:"card"`
	Labels       any         `toml:"labels"`
	Packaging    any         `toml:"packaging"`
	Dubbing      any         `toml:"dubbing"`
	Waste        any         `toml:"waste_percent"`
	Mastering    any         `toml:"mastering"`
	Artwork      any         `toml:"artwork"`
	Setup        any         `toml:"setup"`
	Freight      any         `toml:"freight"`
	Fees         any         `toml:"fees"`
	Labour       any         `toml:"labour_hour"`
	Decks        *int        `toml:"decks"`
	FourTrack    bool        `toml:"four_track"`
	OverRun      any         `toml:"over_run_percent"`
	Postage      any         `toml:"postage"`
	Mailer       any         `toml:"mailer"`
	PostageFee   any         `toml:"postage_charged"`
	StreamRate   any         `toml:"stream_rate"`
	StreamSource string      `toml:"stream_source"`
	ArtistShare  any         `toml:"artist_percent"`
	Costs        []costTable `toml:"cost"`
	Ways         []wayTable  `toml:"way"`
}

type costTable struct {
	Name   string `toml:"name"`
	Amount any    `toml:"amount"`
	Per    string `toml:"per"`
}

type wayTable struct {
	Name         string `toml:"name"`
	Price        any    `toml:"price"`
	Platform     any    `toml:"platform_percent"`
	Processor    any    `toml:"processor_percent"`
	ProcessorFee any    `toml:"processor_fee"`
	Posted       *bool  `toml:"posted"`
}

// release is what a release.toml says: an Album without its sound, and the cover's name.
// Each track's File is the slash-separated path that the file gives.
type release struct {
	Album
	cover string
	lines map[string]int
}

// parseRelease reads and checks a release.toml. Every complaint is in the error, at most ten of them.
func parseRelease(doc []byte) (*release, error) {
	if len(doc) > MaxReleaseFile {
		return nil, &FieldError{Problem: fmt.Sprintf("larger than %d MiB", MaxReleaseFile>>20)}
	}
	doc = bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))
	var file releaseDoc
	d := toml.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, explain(err)
	}
	c := &checker{lines: lineIndex(doc)}
	r := &release{lines: c.lines}
	c.release(&file.Release, r)
	c.settings(&file, &r.Settings)
	r.Budget = c.budget(&file.Budget)
	for i, t := range file.Credits {
		at := fmt.Sprintf("credit.%d.", i)
		credit := Credit{Role: c.line(at+"role", t.Role, maxName), Names: c.line(at+"names", t.Names, maxLong)}
		if credit.Names == "" {
			c.fail(at+"names", "must say who")
		}
		r.Credits = append(r.Credits, credit)
	}
	c.atMost("credit", len(file.Credits), 200)
	c.tracks(file.Tracks, r)
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return r, nil
}

// Limits of text fields, in letters.
const (
	maxShort = 40
	maxName  = 300
	maxLong  = 2_000
	maxText  = 20_000
)

// MaxTracks is how many tracks an album may have. A C120 holds 200 of 36 seconds.
const MaxTracks = 500

func (c *checker) release(t *releaseTable, r *release) {
	r.Title = c.line("release.title", t.Title, maxName)
	r.Artist = c.line("release.artist", t.Artist, maxName)
	r.Label = c.line("release.label", t.Label, maxName)
	r.Catalogue = c.line("release.catalogue", t.Catalogue, maxShort)
	r.Barcode = c.barcode("release.barcode", t.Barcode)
	r.Year, r.Date = c.date("release.date", t.Date)
	r.Genre = c.line("release.genre", t.Genre, maxName)
	r.Copyright = c.line("release.copyright", t.Copyright, maxLong)
	r.Notes = c.text("release.notes", t.Notes)
	r.Accent = c.colour("release.accent", t.Accent)
	if t.Cover != "" {
		r.cover = c.path("release.cover", t.Cover)
	}
}

func (c *checker) settings(file *releaseDoc, s *Settings) {
	t := &file.Tape
	s.Tape = TapeSettings{
		Length:   c.tapeLength("tape.length", t.Length),
		Type:     c.tapeType("tape.type", t.Type),
		For:      c.line("tape.for", t.For, maxShort),
		Gap:      c.seconds("tape.gap", t.Gap, 0, 600),
		Margin:   c.seconds("tape.margin", t.Margin, 0, 600),
		Order:    c.oneOf("tape.order", t.Order, "keep", "reorder"),
		Join:     t.Join,
		Flat:     t.Flat,
		Loudness: c.number("tape.loudness", t.Loudness, -40, -5),
		TruePeak: c.number("tape.true_peak", t.TruePeak, -12, 0),
		Rate:     audio.Rate(c.oneOfInts("tape.rate", t.Rate, 44100, 48000)),
		Bits:     c.oneOfInts("tape.bits", t.Bits, 16, 24),
		Format:   c.oneOf("tape.format", t.Format, "wav", "flac"),
	}
	s.Run = RunSettings{
		Copies:   c.whole("run.copies", file.Run.Copies, 1, 10_000),
		Proofs:   c.whole("run.proofs", file.Run.Proofs, 0, 100),
		Note:     c.line("run.note", file.Run.Note, maxName),
		ClaimURL: c.url("run.claim_url", file.Run.ClaimURL),
	}
	s.Card = CardSettings{
		Layout: c.line("card.layout", file.Card.Layout, maxShort),
		Panels: c.whole("card.panels", file.Card.Panels, 3, 6),
		Paper:  c.oneOf("card.paper", file.Card.Paper, "A4", "Letter"),
	}
}

func (c *checker) budget(t *budgetTable) BudgetSettings {
	money := func(name string, v any) *Decimal { return c.decimal("budget."+name, v, 0, 10_000_000*One) }
	percent := func(name string, v any) *Decimal { return c.decimal("budget."+name, v, 0, 100*One) }
	b := BudgetSettings{
		Currency: c.currency("budget.currency", t.Currency), Price: money("price", t.Price),
		Copies: c.whole("budget.copies", t.Copies, 1, 1_000_000),
		Tape:   money("tape", t.Tape), Shell: money("shell", t.Shell), Case: money("case", t.Case), Card: money("card", t.Card),
		Labels: money("labels", t.Labels), Packaging: money("packaging", t.Packaging), Dubbing: money("dubbing", t.Dubbing),
		Waste:     percent("waste_percent", t.Waste),
		Mastering: money("mastering", t.Mastering), Artwork: money("artwork", t.Artwork), Setup: money("setup", t.Setup),
		Freight: money("freight", t.Freight), Fees: money("fees", t.Fees), Labour: money("labour_hour", t.Labour),
		Decks: c.whole("budget.decks", t.Decks, 1, 1_000), FourTrack: t.FourTrack, OverRun: percent("over_run_percent", t.OverRun),
		Postage: money("postage", t.Postage), Mailer: money("mailer", t.Mailer), PostageFee: money("postage_charged", t.PostageFee),
		StreamRate:   money("stream_rate", t.StreamRate),
		StreamSource: c.line("budget.stream_source", t.StreamSource, maxName),
		ArtistShare:  percent("artist_percent", t.ArtistShare),
	}
	if b.StreamRate != nil && *b.StreamRate == 0 {
		c.fail("budget.stream_rate", "must be more than nothing")
	}
	c.atMost("budget.cost", len(t.Costs), 50)
	c.atMost("budget.way", len(t.Ways), 10)
	for i, cost := range t.Costs {
		at := fmt.Sprintf("cost.%d.", i)
		amount := money(at+"amount", cost.Amount)
		name := c.line("budget."+at+"name", cost.Name, 60)
		if name == "" {
			c.fail("budget."+at+"name", "must be given")
		}
		if amount == nil {
			c.fail("budget."+at+"amount", "must be given")
			continue
		}
		b.Costs = append(b.Costs, Cost{name, *amount, c.oneOf("budget."+at+"per", cost.Per, "copy", "run") == "run"})
	}
	for i, way := range t.Ways {
		at := fmt.Sprintf("way.%d.", i)
		name := c.line("budget."+at+"name", way.Name, 30)
		if name == "" {
			c.fail("budget."+at+"name", "must be given")
		}
		b.Ways = append(b.Ways, SaleWay{
			Name: name, Price: money(at+"price", way.Price), Platform: percent(at+"platform_percent", way.Platform),
			Processor: percent(at+"processor_percent", way.Processor), ProcessorFee: money(at+"processor_fee", way.ProcessorFee),
			Posted: way.Posted,
		})
	}
	return b
}

func (c *checker) tracks(list []trackTable, r *release) {
	c.atMost("track", len(list), MaxTracks)
	seen := map[string]int{}
	for i, t := range list {
		at := fmt.Sprintf("track.%d.", i)
		track := Track{
			File:   c.path(at+"file", t.File),
			Title:  c.line(at+"title", t.Title, maxName),
			Artist: c.line(at+"artist", t.Artist, maxName),
			Side:   c.oneOf(at+"side", t.Side, "A", "B"),
			First:  t.First, Last: t.Last,
			Group:  c.line(at+"group", t.Group, maxShort),
			Gap:    c.seconds(at+"gap", t.Gap, 0, 600),
			ISRC:   c.isrc(at+"isrc", t.ISRC),
			Lyrics: c.text(at+"lyrics", t.Lyrics),
		}
		if track.File == "" {
			c.fail(at+"file", "must name the audio file")
		} else if before, twice := seen[track.File]; twice {
			c.fail(at+"file", fmt.Sprintf("%q is track %d already", track.File, before+1))
		}
		seen[track.File] = i
		r.Tracks = append(r.Tracks, track)
	}
}

// explain turns what the TOML reader says into complaints that help.
func explain(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var errs []error
		for i := range strict.Errors {
			e := &strict.Errors[i]
			line, _ := e.Position()
			field, hint := e.Key(), ""
			if near := nearestField(field); near != "" {
				hint = ", did you mean " + near + "?"
			}
			if len(errs) < maxComplaints {
				errs = append(errs, &FieldError{Line: line, Field: showPath(field), Problem: "unknown field" + hint})
			}
		}
		return errors.Join(errs...)
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		line, _ := decode.Position()
		problem := strings.TrimPrefix(decode.Error(), "toml: ")
		if want := wanted(decode.Key()); want != "" && strings.Contains(problem, "cannot decode") {
			return &FieldError{Line: line, Field: showPath(decode.Key()), Problem: "must be " + want}
		}
		return &FieldError{Line: line, Problem: problem}
	}
	return &FieldError{Problem: strings.TrimPrefix(err.Error(), "toml: ")}
}

// schema lists every field of release.toml, "tape.length", with what it holds.
// Tables are listed too.
func schema() map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	var walk func(prefix string, t reflect.Type)
	walk = func(prefix string, t reflect.Type) {
		for f := range fieldsOf(t) {
			name, inner := prefix+f.Tag.Get("toml"), f.Type
			fields[name] = inner
			if inner.Kind() == reflect.Slice {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				walk(name+".", inner)
			}
		}
	}
	walk("", reflect.TypeFor[releaseDoc]())
	return fields
}

func fieldsOf(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// wanted says in words what a field holds.
func wanted(key toml.Key) string {
	t, ok := schema()[strings.Join(key, ".")]
	if !ok {
		return ""
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "text in quotes"
	case reflect.Int:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list of tables, [[" + strings.Join(key, ".") + "]]"
	case reflect.Struct:
		return "a table, [" + strings.Join(key, ".") + "]"
	}
	return ""
}

// nearestField is the known field that somebody who wrote key may have meant, "" when none is near:
// one of the same table spelt nearly so, one of the same name elsewhere, or a table spelt nearly so.
func nearestField(key toml.Key) string {
	fields := schema()
	written := strings.ToLower(strings.Join(key, "."))
	switch key[len(key)-1] {
	case "year", "released":
		return "[release] date"
	case "colour", "color":
		return "[release] accent"
	}
	table, name := path.Split(strings.ReplaceAll(written, ".", "/"))
	table = strings.TrimSuffix(table, "/")
	best, bestDistance := "", 1000
	for known := range fields {
		knownTable, knownName := path.Split(strings.ReplaceAll(known, ".", "/"))
		knownTable = strings.TrimSuffix(knownTable, "/")
		distance := 1000
		switch d := editDistance(name, knownName); {
		case knownTable == table && (d <= max(1, len(name)/3) || d <= 2 && len(name) > 3):
			distance = d
		case knownName == name:
			distance = 10 // the right name in the wrong table
		}
		if distance < bestDistance || distance == bestDistance && known < best {
			best, bestDistance = known, distance
		}
	}
	if best == "" {
		return ""
	}
	switch t := fields[best]; {
	case t.Kind() == reflect.Slice:
		return "[[" + best + "]]"
	case t.Kind() == reflect.Struct:
		return "[" + best + "]"
	case bestDistance == 10:
		return showPath(strings.Split(best, "."))
	}
	return best[strings.LastIndexByte(best, '.')+1:]
}

// showPath writes a key as an artist sees it in the file: "[tape] length", "[[track]] 2 side".
func showPath(key []string) string {
	if len(key) < 2 {
		return CleanLine(strings.Join(key, "."))
	}
	kinds := schema()
	var table []string
	number := ""
	i := 0
	for ; i < len(key)-1; i++ {
		if isIndex(key[i]) {
			n := 0
			fmt.Sscanf(key[i], "%d", &n)
			number = fmt.Sprintf(" %d", n+1)
			continue
		}
		table = append(table, key[i])
	}
	name := strings.Join(table, ".")
	open, shut := "[", "]"
	if t, ok := kinds[name]; ok && t.Kind() == reflect.Slice {
		open, shut = "[[", "]]"
	}
	return CleanLine(open + name + shut + number + " " + key[i])
}

func isIndex(s string) bool {
	return s != "" && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

// editDistance counts the letters to insert, remove or change to make b of a. Long texts are just far apart.
func editDistance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 1000
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
