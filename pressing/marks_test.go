package pressing

import (
	"bytes"
	"testing"
)

func TestCue(t *testing.T) {
	s := Side{Name: "A", Programme: Programme{File: "side-a.wav"}, Tracks: []Track{
		{Title: `Say "hello"`, Artist: "A", StartS: 1, DurationS: 60.5, ISRC: "QZES81947811"},
		{Title: "Two\nlines", Artist: "B", StartS: 63.5, DurationS: 10},
		{Title: "Joined", Artist: "A", StartS: 73.5, DurationS: 4000},
	}}
	var b bytes.Buffer
	if err := writeCue(&b, Release{Title: "T", Artist: "A", Year: 2026, CatalogNumber: "FER-001", Barcode: "4006381333931"}, s); err != nil {
		t.Fatal(err)
	}
	want := "REM DATE 2026\r\nREM CATALOGNUMBER \"FER-001\"\r\nCATALOG 4006381333931\r\nPERFORMER \"A\"\r\nTITLE \"T (side A)\"\r\nFILE \"side-a.wav\" WAVE\r\n" +
		"  TRACK 01 AUDIO\r\n    TITLE \"Say 'hello'\"\r\n    PERFORMER \"A\"\r\n    ISRC QZES81947811\r\n    INDEX 01 00:01:00\r\n" +
		"  TRACK 02 AUDIO\r\n    TITLE \"Two lines\"\r\n    PERFORMER \"B\"\r\n    INDEX 00 01:01:37\r\n    INDEX 01 01:03:37\r\n" +
		"  TRACK 03 AUDIO\r\n    TITLE \"Joined\"\r\n    PERFORMER \"A\"\r\n    INDEX 01 01:13:37\r\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := writeLabels(&b, Side{Tracks: []Track{{Title: "a\tb", StartS: 1, DurationS: 2.25}}}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != "1.000000\t3.250000\ta b\n" {
		t.Errorf("%q", got)
	}
}

// TestCueNobody: an artist that nothing names has no line, rather than one that says nothing.
func TestCueNobody(t *testing.T) {
	var b bytes.Buffer
	if err := writeCue(&b, Release{Title: "T"}, Side{Name: "B", Tracks: []Track{{Title: "One"}}}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("PERFORMER")) {
		t.Errorf("%s", b.String())
	}
}

func TestCueTime(t *testing.T) {
	for s, want := range map[float64]string{0: "00:00:00", 1.0 / 75: "00:00:01", 0.9999: "00:00:74", 5999.5: "99:59:37", 7200: "120:00:00"} {
		if got := cueTime(s); got != want {
			t.Errorf("%g s: %s, want %s", s, got, want)
		}
	}
}

func TestNoticed(t *testing.T) {
	for _, c := range [][3]string{
		{"six.wav has 6 channels", "six.wav", "six.wav has 6 channels."},
		{"nothing says who the artist is", "", "Nothing says who the artist is."},
		{`folder "x" holds 1 audio file`, "x", `Folder "x" holds 1 audio file.`},
	} {
		if got := noticed(c[0], c[1]); got != c[2] {
			t.Errorf("%q, want %q", got, c[2])
		}
	}
}
