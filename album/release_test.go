package album

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// manual is docs/formats/release.md, which these tests hold the reader against.
func manual(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../docs/formats/release.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func manualExample(t testing.TB) string {
	t.Helper()
	_, rest, found := strings.Cut(manual(t), "```toml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("the manual has no example")
	}
	return example
}

func TestManualExample(t *testing.T) {
	r, err := parseRelease([]byte(manualExample(t)))
	if err != nil {
		t.Fatal(err)
	}
	if r.Title != "Night Bus" || r.Date != "2026-05-17" || r.Settings.Tape.Length != "C46" || r.Settings.Run.Proofs != 5 || len(r.Credits) != 2 ||
		*r.Budget.Tape != 110*One/100 || !r.Budget.Costs[0].PerRun || *r.Tracks[2].Gap != 0 || r.cover != "cover.jpg" {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.Notes, "nights.\n\nThanks") {
		t.Errorf("notes %q", r.Notes)
	}
}

// Every field is in the manual, under the heading of its table.
func TestManualIsWhole(t *testing.T) {
	text := manual(t)
	fields := schema()
	for name, kind := range fields {
		table, field := "", name
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			table, field = name[:i], name[i+1:]
		}
		if kind.Kind() == reflect.Struct || kind.Kind() == reflect.Slice {
			if heading := showTable(name, kind); !strings.Contains(text, "# "+heading+"\n") {
				t.Errorf("the manual has no heading %s", heading)
			}
			continue
		}
		heading := showTable(table, fields[table])
		_, section, _ := strings.Cut(text, "# "+heading+"\n")
		section, _, _ = strings.Cut(section, "\n#")
		if !strings.Contains(section, "`"+field+"`") {
			t.Errorf("the manual does not name %s under %s", field, heading)
		}
	}
}

func showTable(name string, kind reflect.Type) string {
	if kind.Kind() == reflect.Slice {
		return "[[" + name + "]]"
	}
	return "[" + name + "]"
}

func TestComplaints(t *testing.T) {
	long := strings.Repeat("x", 301)
	for _, c := range []struct{ doc, want string }{
		{"[tape]\nlenght = \"C46\"", "release.toml:2: [tape] lenght: unknown field, did you mean length?"},
		{"[tape]\n\ntitle = \"x\"", "release.toml:3: [tape] title: unknown field, did you mean [release] title?"},
		{"title = \"x\"", "release.toml:1: title: unknown field, did you mean [release] title?"},
		{"[[credits]]\nnames = \"x\"", "release.toml:1: credits: unknown field, did you mean [[credit]]?"},
		{"[relaese]\ntitle = \"x\"", "release.toml:1: relaese: unknown field, did you mean [release]?"},
		{"[release]\nyear = 2024", "[release] year: unknown field, did you mean [release] date?"},
		{"[release]\nxyzzyplugh = 1", "release.toml:2: [release] xyzzyplugh: unknown field"},
		{"[[track]]\nfile = \"a\"\n[[track]]\nfile = \"b\"\nsid = \"A\"", "release.toml:5: [[track]] sid: unknown field, did you mean side?"},
		{"[[budget.way]]\nname = \"x\"\nplatform = 3", "[[budget.way]] platform: unknown field"},
		{"[release]\ntitle = 3", "release.toml:2: [release] title: must be text in quotes"},
		{"[run]\ncopies = \"many\"", "release.toml:2: [run] copies: must be a whole number"},
		{"[tape]\nflat = 1", "release.toml:2: [tape] flat: must be true or false"},
		{"[release\ntitle = 1", "release.toml:1: "},
		{"[release]\ntitle = \"a\"\ntitle = \"b\"", "release.toml:3: "},
		{"[release]\ntitle = \"" + long + "\"", "release.toml:2: [release] title: 301 letters, at most 300 are allowed"},
		{"[release]\ntitle = \"" + strings.Repeat("y", 1<<20) + "\"", "1048576 letters, at most 300"},
		{"[release]\nbarcode = \"4006381333932\"", "[release] barcode: 4006381333932 is mistyped: its last digit would be 1"},
		{"[release]\nbarcode = \"12345\"", "must be the 13 digits of an EAN or the 12 of a UPC"},
		{"[release]\ndate = \"May\"", `must be a date such as 2024, "2024-05" or 2024-05-17, not "May"`},
		{"[release]\ndate = \"2023-02-29\"", "must be a date"},
		{"[release]\naccent = \"red\"", `must be a colour such as "#C8553D", not "red"`},
		{"[release]\ncover = \"../cover.jpg\"", `must be a file in the album's folder, not "../cover.jpg"`},
		{"[release]\ncover = \"/etc/passwd\"", "must be a file in the album's folder"},
		{"[[credit]]\nrole = \"by\"", "release.toml:1: [[credit]] 1 names: must say who"},
		{"[tape]\nlength = \"forty\"", `must be a tape such as "C46"`},
		{"[tape]\nlength = \"C9999\"", `must be a tape such as "C46"`},
		{"[tape]\ntype = \"III\"", `must be "I", "II" or "IV", not "III"`},
		{"[tape]\ngap = -1", "[tape] gap: must be from 0 to 600, not -1"},
		{"[tape]\ngap = true", "[tape] gap: must be a number"},
		{"[tape]\ngap = nan", "[tape] gap: must be a number"},
		{"[tape]\nrate = 96000", "must be 44100 or 48000, not 96000"},
		{"[tape]\nloudness = 14", "[tape] loudness: must be from -40 to -5, not 14"},
		{"[run]\ncopies = 0", "must be from 1 to 10000, not 0"},
		{"[run]\nclaim_url = \"javascript:alert(1)\"", "must be an address such as"},
		{"[run]\nclaim_url = \"https://user:pw@x\"", "must be an address such as"},
		{"[card]\npanels = 7", "must be from 3 to 6, not 7"},
		{"[card]\npaper = \"A3\"", `must be "A4" or "Letter", not "A3"`},
		{"[[track]]\ntitle = \"x\"", "release.toml:1: [[track]] 1 file: must name the audio file"},
		{"[[track]]\nfile = \"a\"\n[[track]]\nfile = \"./a\"", `release.toml:4: [[track]] 2 file: "a" is track 1 already`},
		{"[[track]]\nfile = \"a\"\nside = \"C\"", `release.toml:3: [[track]] 1 side: must be "A" or "B", not "C"`},
		{"[[track]]\nfile = \"a\"\nisrc = \"ABC\"", "must be an ISRC such as"},
		{"[budget]\nprice = 9.1234567", "[budget] price: must be a number with at most six places"},
		{"[budget]\nprice = -1", "[budget] price: must be from 0 to 10000000, not -1"},
		{"[budget]\nwaste_percent = 101", "must be from 0 to 100, not 101"},
		{"[budget]\ncurrency = \"$\"", "must be the three letters of a currency"},
		{"[budget]\nstream_rate = 0", "must be more than nothing"},
		{"[[budget.cost]]\nname = \"x\"", "release.toml:1: [[budget.cost]] 1 amount: must be given"},
		{"[[budget.cost]]\nname = \"x\"\namount = 1\nper = \"week\"", `release.toml:4: [[budget.cost]] 1 per: must be "copy" or "run", not "week"`},
		{"release = 3", "release.toml:1: release: must be a table, [release]"},
		{strings.Repeat("#", MaxReleaseFile+1), "release.toml: larger than 4 MiB"},
		{"[release]\ntitle = \"\xff\"", "release.toml:2: "},
	} {
		_, err := parseRelease([]byte(c.doc))
		if err == nil || !errors.Is(err, ErrRelease) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q gives\n  %v\nwant\n  %s", c.doc, err, c.want)
		}
	}
}

func TestManyComplaints(t *testing.T) {
	var doc strings.Builder
	for range 600 {
		doc.WriteString("[[track]]\nside = \"Q\"\n")
	}
	_, err := parseRelease([]byte(doc.String()))
	if n := strings.Count(err.Error(), "\n") + 1; n != maxComplaints {
		t.Errorf("%d complaints", n)
	}
	_, err = parseRelease([]byte(strings.Repeat("[[credit]]\nnames=\"x\"\n", 201)))
	if err == nil || !strings.Contains(err.Error(), "201 of them, at most 200 are allowed") {
		t.Errorf("error %v", err)
	}
}

// Everything that can be said is written and read back the same.
func TestWriteAndParseEverything(t *testing.T) {
	gap, margin, join, yes, no := 1500*time.Millisecond, time.Duration(0), false, true, false
	loud, peak := -14.5, -1.0
	d := func(s string) *Decimal {
		v, err := ParseDecimal(s)
		if err != nil {
			t.Fatal(err)
		}
		return &v
	}
	a := Album{
		Dir: "x", Title: "T\"\\", Artist: "Ä", Label: "L", Catalogue: "C", Barcode: "036000291452", Year: 2024, Date: "2024-05", Genre: "G", Copyright: "©",
		Notes: "one\n\n\"\"\" two", Credits: []Credit{{"r", "n"}, {"", "only"}}, Accent: "#A0B1C2",
		Settings: Settings{
			Tape: TapeSettings{"custom", "IV", "headless", &gap, &margin, "reorder", &join, true, &loud, &peak, 48000, 24, "flac"},
			Run:  RunSettings{7, 2, "note", "https://e.org/x?y=1"}, Card: CardSettings{"big", 5, "Letter"},
		},
		Budget: BudgetSettings{
			"EUR", d("9.5"), 20, d("1"), d("0"), d("0.3"), d("0.2"), d("0.085"), d("0.1"), d("2"), d("3"), d("10"), d("11"), d("12"), d("13"), d("14"), d("15"),
			4, true, d("9"), []Cost{{"a", *d("1.5"), true}, {"b", *d("2"), false}},
			[]SaleWay{{"w", d("8"), d("10"), d("2.9"), d("0.3"), &yes}, {"v", nil, nil, nil, nil, &no}},
			d("4.1"), d("0.4"), d("5"), d("0.0033"), "src", d("50"),
		},
		Tracks: []Track{{File: "x/a b.wav", Title: "t", Artist: "Other", Side: "A", First: true, Last: true, Group: "g", Gap: &gap, ISRC: "GBAYE0601498", Lyrics: "la\nla"}},
	}
	// No field of the settings may have been forgotten above.
	for _, v := range []reflect.Value{reflect.ValueOf(a.Settings.Tape), reflect.ValueOf(a.Settings.Run), reflect.ValueOf(a.Settings.Card), reflect.ValueOf(a.Budget)} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Fatalf("%s.%s is not in this test", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
	var b bytes.Buffer
	if err := WriteTOML(&b, &a); err != nil {
		t.Fatal(err)
	}
	r, err := parseRelease(b.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	r.Album.Dir = a.Dir
	a.Tracks[0].File = "a b.wav"
	if !reflect.DeepEqual(r.Album, a) {
		t.Errorf("read\n%+v\nwrote\n%+v\n%s", r.Album, a, b.String())
	}
}

func TestDecimal(t *testing.T) {
	for _, s := range []string{"0", "1", "0.0033", "9.9", "-3.25", "1000000000"} {
		d, err := ParseDecimal(s)
		if err != nil || d.String() != s {
			t.Errorf("%s is read as %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", ".", "1.", ".5", "1e3", "+1", "--1", "1,5", "1.0000001", "1000000001", "99999999999", "0x10", "١"} {
		if d, err := ParseDecimal(s); err == nil {
			t.Errorf("%q is read as %v", s, d)
		}
	}
}

func FuzzRelease(f *testing.F) {
	f.Add([]byte(manualExample(f)))
	for _, s := range []string{"", "[release]\ntitle=\"\\u202e\"", "[[track]]\nfile=\"a\"\n[track.b]", "track=[{file=\"x\"}]", "[budget]\nprice=1e400", "a.b.c=1", "[release]\ndate=07:32:00", "\xef\xbb\xbf[tape]", "[[budget.way]]\n[[budget.way]]\nname=3"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := parseRelease(doc)
		if err != nil {
			if !errors.Is(err, ErrRelease) {
				t.Fatalf("error %v is no ErrRelease", err)
			}
			return
		}
		// What was read can be written, and then reads the same.
		r.Dir = "dir"
		for i := range r.Tracks {
			r.Tracks[i].File = "dir/" + r.Tracks[i].File
		}
		var b bytes.Buffer
		if err := WriteTOML(&b, &r.Album); err != nil {
			t.Fatal(err)
		}
		again, err := parseRelease(b.Bytes())
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
		again.Dir = "dir"
		for i := range again.Tracks {
			again.Tracks[i].File = "dir/" + again.Tracks[i].File
			if r.Tracks[i].Artist == r.Artist {
				again.Tracks[i].Artist = r.Artist
			}
		}
		if got, want := fmt.Sprintf("%+v", flat(again.Album)), fmt.Sprintf("%+v", flat(r.Album)); got != want {
			t.Fatalf("read again:\n%s\nfirst:\n%s\nfile:\n%s", got, want, b.Bytes())
		}
	})
}

// flat writes an album out with what its pointers point at.
func flat(a Album) string {
	var b bytes.Buffer
	if err := WriteTOML(&b, &a); err != nil {
		return err.Error()
	}
	return b.String()
}
