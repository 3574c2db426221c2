package album

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"  a\t b\r\nc ", "a b c"},
		{"in\u202efdp.exe\u202c", "infdp.exe"},
		{"\u2066x\u2069\u200e\u200f", "x"},
		{"a\u200bb\ufeffc\u2060d\u00ad", "abcd"},
		{"e\u0301", "é"},
		{"nul\x00 esc\x1b[31m del\x7f", "nul esc[31m del"},
		{"bad\xff\xfe", "bad\uFFFD"},
		{"日本の 夜", "日本の 夜"},
		{"שלום", "שלום"},
		{"می\u200cخواهم", "می\u200cخواهم"},
		{"👩\u200d🎤", "👩\u200d🎤"},
		{"a\u200db", "ab"},
		{"z" + strings.Repeat("\u0335", 50), "z" + strings.Repeat("\u0335", 4)},
		{"\U000e0041x\ufffe", "x"},
		{"=cmd() {{.}} %s%n <b>", "=cmd() {{.}} %s%n <b>"},
		{"\u00a0\u3000", ""},
		{"a\u200b\u0301", "á"},
	} {
		if got := CleanLine(c.in); got != c.want {
			t.Errorf("%q is cleaned to %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanText(t *testing.T) {
	if got := CleanText("\r\n\r\none  \r\ntwo\rthree\n\n\n\nfour\u2028five\n\n"); got != "one\ntwo\nthree\n\nfour\nfive" {
		t.Errorf("%q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\u200b\u0301", "\u202e\n\n\n\n", "\xff", "가\u1160", "e\u0301\u0301\u0301\u0301\u0301\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, clean := range map[string]func(string) string{"CleanLine": CleanLine, "CleanText": CleanText} {
			once := clean(s)
			if !utf8.ValidString(once) || strings.ContainsAny(once, "\x00\x1b\u202e\u200b\r") {
				t.Fatalf("%s(%q) = %q", name, s, once)
			}
			if twice := clean(once); twice != once {
				t.Fatalf("%s(%q) = %q, cleaned again %q", name, s, once, twice)
			}
		}
	})
}

func TestNaturalOrder(t *testing.T) {
	ordered := []string{"1 a", "01 b", "2", "Track 9", "track 10", "CD 2/1", "CD 10/1", "x1y2", "x1y10", "x01y11"}
	for i, a := range ordered {
		for j, b := range ordered {
			if strings.Contains(a, "/") != strings.Contains(b, "/") || a[0] != b[0] {
				continue
			}
			got := comparePaths(a, b)
			if i < j && got >= 0 || i > j && got <= 0 || i == j && got != 0 {
				t.Errorf("%q and %q compare as %d", a, b, got)
			}
		}
	}
}

func TestGuesses(t *testing.T) {
	for in, want := range map[string]folderGuess{
		"Artist - Title (2024)":               {"Artist", "Title", "2024", ""},
		"Artist - 2019 - Title":               {"Artist", "Title", "2019", ""},
		"2019 - Title":                        {"", "Title", "2019", ""},
		"[CAT-012] A B – C D [FLAC]":          {"A B", "C D", "", "CAT-012"},
		"Artist - Title (2024 Remaster)":      {"Artist", "Title", "2024", ""},
		"Artist - Title (Live) (2001) [1998]": {"Artist", "Title (Live)", "2001", ""},
		"artist_name_-_long_title":            {"artist name", "long title", "", ""},
		"Just a folder":                       {"", "Just a folder", "", ""},
		"1984":                                {"", "1984", "", ""},
		" - ":                                 {"", "-", "", ""},
		"Artist - Title (FLAC 24bit)":         {"Artist", "Title", "", ""},
	} {
		if got := guessFolder(in); got != want {
			t.Errorf("folder %q is read as %+v, want %+v", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"01 Song.flac": "Song", "01. Song.wav": "Song", "1-03 Song.wav": "Song", "A1 Song.wav": "Song", "b2 - Song.mp3": "Song", "03_-_my_song.ogg": "my song",
		"Band - 03 - Song.flac": "Song", "03 - Band - Song.flac": "Song", "99 Luftballons.wav": "Luftballons", "7.wav": "7", "Song.v2.wav": "Song.v2", "01.flac": "01", "\u202e.wav": "Untitled",
	} {
		if got := titleFromFile(in, "Band"); got != want {
			t.Errorf("file %q has the title %q, want %q", in, got, want)
		}
	}
}

func TestTagDate(t *testing.T) {
	for in, want := range map[string]string{
		"2024": "2024", "2024-05-17T12:00:00Z": "2024-05-17", "20240517": "2024-05-17", "2024/05": "2024-05", "2024-00-00": "2024", "17.05.2024": "", "": "", "0000": "", "2024-05-17 10:00": "2024-05-17",
	} {
		if _, got := tagDate(in); got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}
