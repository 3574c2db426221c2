package album

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrExists says that there is a release.toml already, which Init leaves alone.
var ErrExists = errors.New("there is a " + ReleaseFile + " already")

// Init writes a release.toml into the album's folder and returns its path. A file that is
// there already is never touched: the error is then ErrExists.
func Init(a *Album) (string, error) {
	name := filepath.Join(a.Dir, ReleaseFile)
	root, err := os.OpenRoot(a.Dir)
	if err != nil {
		return "", fmt.Errorf("%s: %w", a.Dir, plain(err))
	}
	defer root.Close()
	f, err := root.OpenFile(ReleaseFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s: %w", name, ErrExists)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, plain(err))
	}
	err = WriteTOML(f, a)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		root.Remove(ReleaseFile) // half a file would be believed
		return "", fmt.Errorf("%s: %w", name, plain(err))
	}
	return name, nil
}

// WriteTOML writes a as a release.toml, with a line for what could be said besides. Reading it
// beside the same sound gives the same album.
func WriteTOML(w io.Writer, a *Album) error {
	b := bufio.NewWriter(w)
	t := &tomlWriter{b}
	t.line("# What this release is called, and how its tape is made. Lines that begin with # say nothing yet.")
	t.line("# Every field, with its default: docs/formats/release.md")
	t.release(a)
	t.settings(&a.Settings)
	t.budget(&a.Budget)
	t.line("")
	t.line("# The tracks in their order. What is not listed here stays off the tape.")
	t.line(`# A track may say: side = "A", first = true, last = true, group = "suite", gap = 4, lyrics = """..."""`)
	for i := range a.Tracks {
		if file := inFolder(a.Dir, a.Tracks[i].File); !utf8.ValidString(file) {
			return &FileError{File: file, Text: "has a name that is not UTF-8, which a " + ReleaseFile + " cannot hold; rename it"}
		}
		t.track(a, &a.Tracks[i])
	}
	return b.Flush()
}

// A tomlWriter writes lines; errors wait in its buffer until the end.
type tomlWriter struct{ *bufio.Writer }

func (t *tomlWriter) line(s string) { t.WriteString(s + "\n") }

// field writes name = value, or as a comment with an example where there is no value.
func (t *tomlWriter) field(name, value, example, about string) {
	line := name + " = " + value
	if value == "" {
		line = "# " + name + " = " + example
	}
	if about != "" && !strings.Contains(line, "\n") {
		line = fmt.Sprintf("%-32s # %s", line, about)
	}
	t.line(line)
}

// given writes name = value where there is a value.
func (t *tomlWriter) given(name, value string) {
	if value != "" {
		t.line(name + " = " + value)
	}
}

func (t *tomlWriter) release(a *Album) {
	t.line("\n[release]")
	t.field("title", quote(a.Title), `""`, "")
	t.field("artist", quote(a.Artist), `""`, "")
	t.field("label", quote(a.Label), `""`, "the record label")
	t.field("catalogue", quote(a.Catalogue), `"CAT 001"`, "catalogue number, as on the spine")
	t.field("barcode", quote(a.Barcode), `""`, "13 or 12 digits")
	date := a.Date
	if len(date) == 7 {
		date = quote(date)
	}
	t.field("date", date, "2026-05-17", "or 2026, or \"2026-05\"")
	t.field("genre", quote(a.Genre), `""`, "")
	t.field("copyright", quote(a.Copyright), `"2026 the artist"`, "")
	t.field("notes", quoteText(a.Notes), `"""liner notes"""`, "")
	t.field("accent", quote(a.Accent), `"#C8553D"`, "one colour; else it comes from the cover")
	cover := ""
	about := "a picture in this folder, or \"none\""
	if a.Cover != nil {
		file := inFolder(a.Dir, a.Cover.File)
		if isImageName(file) {
			cover = quote(file)
		} else {
			about += "; now from the tags of " + CleanLine(file)
		}
	}
	t.field("cover", cover, `"cover.jpg"`, about)
	if len(a.Credits) == 0 {
		t.line("\n# [[credit]]")
		t.line(`# role = "written and recorded by"`)
		t.line(`# names = ""`)
	}
	for _, c := range a.Credits {
		t.line("\n[[credit]]")
		t.given("role", quote(c.Role))
		t.given("names", quote(c.Names))
	}
}

func (t *tomlWriter) settings(s *Settings) {
	t.line("\n[tape]")
	t.field("length", quote(s.Tape.Length), `"auto"`, `or "C46"; "custom" is wound to whole minutes`)
	t.field("type", quote(s.Tape.Type), `"I"`, `ferric; "II" chrome, "IV" metal`)
	t.field("for", quote(s.Tape.For), `"home"`, "or the duplicator the files go to")
	t.field("gap", seconds(s.Tape.Gap), "2", "seconds between tracks")
	t.given("margin", seconds(s.Tape.Margin))
	t.field("order", quote(s.Tape.Order), `"keep"`, `"reorder" finds the shortest tape`)
	if s.Tape.Join != nil {
		t.given("join", strconv.FormatBool(*s.Tape.Join))
	}
	t.given("flat", truth(s.Tape.Flat))
	t.field("loudness", float(s.Tape.Loudness), "-14", "LUFS, for the whole tape")
	t.given("true_peak", float(s.Tape.TruePeak))
	t.given("rate", number(int(s.Tape.Rate)))
	t.given("bits", number(s.Tape.Bits))
	t.given("format", quote(s.Tape.Format))

	t.line("\n[run]")
	t.field("copies", number(s.Run.Copies), "100", "numbered 1/100 to 100/100")
	t.field("proofs", number(s.Run.Proofs), "5", "artist proofs, outside the count")
	t.field("note", quote(s.Run.Note), `"first edition"`, "")
	t.field("claim_url", quote(s.Run.ClaimURL), `"https://example.org/claim"`, "where a listener claims a copy")

	t.line("\n[card]")
	t.given("layout", quote(s.Card.Layout))
	t.field("panels", number(s.Card.Panels), "3", "to 6")
	t.field("paper", quote(s.Card.Paper), `"A4"`, `or "Letter"`)
}

func (t *tomlWriter) budget(b *BudgetSettings) {
	t.line("\n[budget]")
	t.field("currency", quote(b.Currency), `"USD"`, "")
	t.field("price", amount(b.Price), "10", "of a copy")
	t.given("copies", number(b.Copies))
	t.field("tape", amount(b.Tape), "1.20", "a wound cassette")
	t.given("shell", amount(b.Shell))
	t.given("case", amount(b.Case))
	t.given("card", amount(b.Card))
	t.given("labels", amount(b.Labels))
	t.given("packaging", amount(b.Packaging))
	t.given("dubbing", amount(b.Dubbing))
	t.given("waste_percent", amount(b.Waste))
	t.field("mastering", amount(b.Mastering), "0", "for the whole run")
	t.given("artwork", amount(b.Artwork))
	t.given("setup", amount(b.Setup))
	t.given("freight", amount(b.Freight))
	t.given("fees", amount(b.Fees))
	t.given("labour_hour", amount(b.Labour))
	t.field("decks", number(b.Decks), "2", "recording at once")
	t.given("four_track", truth(b.FourTrack))
	t.given("over_run_percent", amount(b.OverRun))
	t.given("postage", amount(b.Postage))
	t.given("mailer", amount(b.Mailer))
	t.given("postage_charged", amount(b.PostageFee))
	t.given("stream_rate", amount(b.StreamRate))
	t.given("stream_source", quote(b.StreamSource))
	t.given("artist_percent", amount(b.ArtistShare))
	for _, c := range b.Costs {
		t.line("\n[[budget.cost]]")
		t.given("name", quote(c.Name))
		t.given("amount", c.Amount.String())
		if c.PerRun {
			t.line(`per = "run"`)
		}
	}
	for _, w := range b.Ways {
		t.line("\n[[budget.way]]")
		t.given("name", quote(w.Name))
		t.given("price", amount(w.Price))
		t.given("platform_percent", amount(w.Platform))
		t.given("processor_percent", amount(w.Processor))
		t.given("processor_fee", amount(w.ProcessorFee))
		if w.Posted != nil {
			t.given("posted", strconv.FormatBool(*w.Posted))
		}
	}
}

func (t *tomlWriter) track(a *Album, track *Track) {
	t.line("\n[[track]]")
	t.given("file", quote(inFolder(a.Dir, track.File)))
	t.given("title", quote(track.Title))
	if track.Artist != a.Artist {
		t.given("artist", quote(track.Artist))
	}
	t.given("side", quote(track.Side))
	t.given("first", truth(track.First))
	t.given("last", truth(track.Last))
	t.given("group", quote(track.Group))
	t.given("gap", seconds(track.Gap))
	t.given("isrc", quote(track.ISRC))
	t.given("lyrics", quoteText(track.Lyrics))
}

// quote writes a TOML basic string, "" for no text.
func quote(s string) string {
	if s == "" {
		return ""
	}
	return `"` + escape(s) + `"`
}

// quoteText writes text of several lines as they are.
func quoteText(s string) string {
	if !strings.Contains(s, "\n") {
		return quote(s)
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = escape(lines[i])
	}
	return "\"\"\"\n" + strings.Join(lines, "\n") + `"""`
}

func escape(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func truth(v bool) string {
	if v {
		return "true"
	}
	return ""
}

func float(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func amount(d *Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func seconds(d *time.Duration) string {
	if d == nil {
		return ""
	}
	return Decimal(*d / time.Microsecond).String()
}
