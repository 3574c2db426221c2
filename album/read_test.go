package album

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"ferric/audio"
)

func read(t testing.TB, dir string) (*Album, []Notice) {
	t.Helper()
	a, notices, err := Read(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a, notices
}

// refused reads dir, which must fail with kind, and holds the error against what it must say.
func refused(t testing.TB, dir string, kind error, says ...string) {
	t.Helper()
	a, _, err := Read(context.Background(), dir, Options{})
	if a != nil || err == nil {
		t.Fatal("the album was read")
	}
	if kind != nil && !errors.Is(err, kind) {
		t.Errorf("error %q is not %q", err, kind)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}

func titles(a *Album) string {
	var s []string
	for _, t := range a.Tracks {
		s = append(s, t.Title)
	}
	return strings.Join(s, ", ")
}

func codes(notices []Notice) string {
	var s []string
	for _, n := range notices {
		s = append(s, n.Code)
	}
	return strings.Join(s, " ")
}

func TestNamesFromFilesAndFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[HEX 004] The Quiet Hours - Night Bus (2024) [FLAC]")
	writeWAV(t, dir, "10 - Ten.wav", 4410)
	writeWAV(t, dir, "2 - Two.wav", 2205)
	writeWAV(t, dir, "01. The Quiet Hours - One.wav", 1)
	writeText(t, dir, "notes.txt", "not sound")
	writeText(t, dir, ".hidden.wav", "not looked at")
	writeWAV(t, dir, "stems/drums.wav", 10)

	a, notices := read(t, dir)
	if got := titles(a); got != "One, Two, Ten" {
		t.Errorf("tracks are %s", got)
	}
	if a.Title != "Night Bus" || a.Artist != "The Quiet Hours" || a.Year != 2024 || a.Date != "2024" || a.Catalogue != "HEX 004" {
		t.Errorf("read %q by %q of %d, %q", a.Title, a.Artist, a.Year, a.Catalogue)
	}
	if a.Tracks[0].Frames != 1 || a.Tracks[2].Frames != 4410 || a.Tracks[2].Format.Rate != 44100 || a.Tracks[1].Artist != a.Artist {
		t.Errorf("tracks: %+v", a.Tracks)
	}
	if codes(notices) != NoticeFolder || !strings.Contains(notices[0].Text, `"stems" holds 1 audio file `) {
		t.Errorf("notices: %v", notices)
	}
}

func TestTagsOrderAndName(t *testing.T) {
	dir := albumDir(t)
	common := []string{"ALBUM", "Tide Tables", "ALBUMARTIST", "Mole", "DATE", "2023-11-03T10:00:00", "LABEL", "Burrow", "CATALOGNUMBER", "BUR7",
		"BARCODE", "4006381333931", "COMPOSER", "A. Mole", "COMPOSER", "B. Vole", "PRODUCER", "C. Shrew"}
	writeFLAC(t, dir, "a.flac", 100, nil, append(common, "TITLE", "Last", "TRACKNUMBER", "1/2", "DISCNUMBER", "2", "ARTIST", "Mole", "ARTIST", "Rat")...)
	writeFLAC(t, dir, "b.flac", 200, nil, append(common, "TITLE", "Second", "TRACKNUMBER", "2", "DISCNUMBER", "1", "ISRC", "gb-aye-06-01498")...)
	writeFLAC(t, dir, "c.flac", 300, nil, append(common, "TITLE", "First\u202e", "TRACKNUMBER", "01", "LYRICS", "[00:01.50]la\r\n\r\n\r\n[00:03.20] la")...)

	a, notices := read(t, dir)
	if got := titles(a); got != "First, Second, Last" {
		t.Errorf("tracks are %s", got)
	}
	want := Album{Dir: dir, Title: "Tide Tables", Artist: "Mole", Label: "Burrow", Catalogue: "BUR7", Barcode: "4006381333931", Year: 2023, Date: "2023-11-03",
		Credits: []Credit{{"written by", "A. Mole & B. Vole"}, {"produced by", "C. Shrew"}}, Tracks: a.Tracks}
	if !reflect.DeepEqual(*a, want) {
		t.Errorf("album:\n%+v\nwant:\n%+v", *a, want)
	}
	if a.Tracks[2].Artist != "Mole & Rat" || a.Tracks[0].Artist != "Mole" || a.Tracks[1].ISRC != "GBAYE0601498" || a.Tracks[0].Lyrics != "la\n\nla" {
		t.Errorf("tracks: %+v", a.Tracks)
	}
	if len(notices) != 0 {
		t.Errorf("notices: %v", notices)
	}
}

func TestNumbersThatClash(t *testing.T) {
	dir := albumDir(t)
	writeFLAC(t, dir, "1.flac", 100, nil, "TITLE", "x", "TRACKNUMBER", "2", "ALBUM", "One", "ARTIST", "P")
	writeFLAC(t, dir, "2.flac", 100, nil, "TITLE", "y", "TRACKNUMBER", "2", "ALBUM", "Other", "ARTIST", "Q")
	writeFLAC(t, dir, "3.flac", 100, nil, "TITLE", "z", "TRACKNUMBER", "1", "ALBUM", "Other", "ARTIST", "Q")
	a, notices := read(t, dir)
	if titles(a) != "x, y, z" || a.Title != "Other" || a.Artist != "Various Artists" {
		t.Errorf("%s of %s by %s", titles(a), a.Title, a.Artist)
	}
	if codes(notices) != NoticeOrder+" "+NoticeNames || !strings.Contains(notices[0].Text, "1.flac and 2.flac are both number 2") {
		t.Errorf("notices: %v", notices)
	}
}

func TestFoldersOfDiscsAndSides(t *testing.T) {
	t.Run("sides", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "Side B/01 b1.wav", 10)
		writeWAV(t, dir, "side a - dawn/02 a2.wav", 10)
		writeWAV(t, dir, "side a - dawn/01 a1.wav", 10)
		a, notices := read(t, dir)
		if titles(a) != "a1, a2, b1" || a.Tracks[0].Side != "A" || a.Tracks[2].Side != "B" || codes(notices) != NoticeSides {
			t.Errorf("%s %+v %v", titles(a), a.Tracks, notices)
		}
	})
	t.Run("discs", func(t *testing.T) {
		dir := albumDir(t)
		for _, name := range []string{"CD 10/1 x.wav", "CD2/1 y.wav", "CD2/2 z.wav"} {
			writeWAV(t, dir, name, 10)
		}
		a, notices := read(t, dir)
		if titles(a) != "y, z, x" || a.Tracks[0].Disc != 2 || a.Tracks[2].Disc != 10 || len(notices) != 0 {
			t.Errorf("%s %+v %v", titles(a), a.Tracks, notices)
		}
	})
	t.Run("track numbers with sides", func(t *testing.T) {
		dir := albumDir(t)
		for i, n := range []string{"B1", "A2", "A1"} {
			writeFLAC(t, dir, fmt.Sprint(i, ".flac"), 10, nil, "TITLE", n, "TRACKNUMBER", n)
		}
		a, _ := read(t, dir)
		if titles(a) != "A1, A2, B1" || a.Tracks[1].Side != "A" || a.Tracks[2].Side != "B" {
			t.Errorf("%s %+v", titles(a), a.Tracks)
		}
	})
}

func TestReleaseRules(t *testing.T) {
	dir := albumDir(t)
	writeFLAC(t, dir, "one.flac", 100, pngOf(t, picture(8, 8)), "TITLE", "tag one", "ALBUM", "tag album", "TRACKNUMBER", "1")
	writeFLAC(t, dir, "two.flac", 100, nil, "TITLE", "tag two", "TRACKNUMBER", "2")
	writeFLAC(t, dir, "three.flac", 100, nil)
	writeText(t, dir, ReleaseFile, `
[release]
title = "Said"
date = "2026-05"
[[track]]
file = "two.flac"
side = "B"
gap = 2.5
[[track]]
file = "one.flac"
title = "Uno"
last = true
group = "g"
`)
	a, notices := read(t, dir)
	if a.Title != "Said" || a.Date != "2026-05" || a.Year != 2026 || titles(a) != "tag two, Uno" {
		t.Errorf("album: %+v", a)
	}
	two, uno := a.Tracks[0], a.Tracks[1]
	if two.Side != "B" || two.Gap.Seconds() != 2.5 || !uno.Last || uno.Group != "g" {
		t.Errorf("tracks: %+v", a.Tracks)
	}
	if a.Cover == nil || a.Cover.File != "one.flac" || a.Cover.MIME != "image/png" || a.Cover.Width != 8 {
		t.Errorf("cover: %+v", a.Cover)
	}
	if codes(notices) != NoticeUnlisted || notices[0].File != "three.flac" {
		t.Errorf("notices: %v", notices)
	}
}

func TestRefusedFolders(t *testing.T) {
	t.Run("missing", func(t *testing.T) { refused(t, filepath.Join(t.TempDir(), "nowhere"), os.ErrNotExist, "nowhere") })
	t.Run("no audio", func(t *testing.T) {
		dir := albumDir(t)
		writeText(t, dir, "readme", "hello")
		refused(t, dir, ErrNoAudio, "no audio files in "+dir, "Ferric reads WAV")
	})
	t.Run("a file", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 10)
		refused(t, filepath.Join(dir, "a.wav"), ErrNoAudio, "is a file")
	})
	t.Run("empty file", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 10)
		writeText(t, dir, "b.wav", "")
		refused(t, dir, ErrFile, "b.wav: empty file (0 bytes)")
	})
	t.Run("no sound in it", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 0)
		refused(t, dir, ErrFile, "a.wav: holds no sound")
	})
	t.Run("not what it says", func(t *testing.T) {
		dir := albumDir(t)
		writeText(t, dir, "b.flac", "this is a text about music, and long enough")
		refused(t, dir, audio.ErrRefused, "b.flac")
	})
	t.Run("truncated", func(t *testing.T) {
		dir := albumDir(t)
		writeFLAC(t, dir, "a.flac", 441000, nil)
		if err := os.Truncate(filepath.Join(dir, "a.flac"), 40_000); err != nil {
			t.Fatal(err)
		}
		_, _, err := Read(context.Background(), dir, Options{Verify: true})
		if !errors.Is(err, audio.ErrRefused) || !strings.Contains(err.Error(), "a.flac") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("link out of the folder", func(t *testing.T) {
		dir, other := albumDir(t), t.TempDir()
		writeWAV(t, dir, "a.wav", 10)
		writeWAV(t, other, "secret.wav", 10)
		link(t, filepath.Join(other, "secret.wav"), filepath.Join(dir, "02 b.wav"))
		refused(t, dir, ErrFile, "02 b.wav: is a symbolic link that leaves the album's folder")
	})
	t.Run("folder linked out of the folder", func(t *testing.T) {
		dir, other := albumDir(t), t.TempDir()
		writeWAV(t, dir, "a.wav", 10)
		link(t, other, filepath.Join(dir, "CD 2"))
		refused(t, dir, ErrFile, "CD 2: is a symbolic link that leaves")
	})
	t.Run("link to nothing", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 10)
		link(t, "gone.wav", filepath.Join(dir, "b.wav"))
		refused(t, dir, ErrFile, "b.wav: is a symbolic link to a file that does not exist")
	})
	t.Run("link to itself", func(t *testing.T) {
		dir := albumDir(t)
		link(t, "b.wav", filepath.Join(dir, "b.wav"))
		refused(t, dir, ErrFile, "b.wav: is a symbolic link")
	})
	t.Run("unreadable", func(t *testing.T) {
		if os.Getuid() == 0 {
			t.Skip("the superuser may read everything")
		}
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 10)
		if err := os.Chmod(filepath.Join(dir, "a.wav"), 0); err != nil {
			t.Fatal(err)
		}
		refused(t, dir, os.ErrPermission, "a.wav: cannot be read")
	})
	t.Run("release.toml names no file", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "01 song.wav", 10)
		writeText(t, dir, ReleaseFile, "[[track]]\nfile = \"01 Song.wave\"\n")
		refused(t, dir, ErrRelease, `release.toml:2: [[track]] 1 file: there is no file "01 Song.wave", did you mean "01 song.wav"?`)
	})
	t.Run("release.toml is a link out", func(t *testing.T) {
		dir, other := albumDir(t), t.TempDir()
		writeWAV(t, dir, "a.wav", 10)
		writeText(t, other, "x.toml", "")
		link(t, filepath.Join(other, "x.toml"), filepath.Join(dir, ReleaseFile))
		refused(t, dir, ErrFile, "release.toml: is a symbolic link that leaves")
	})
}

func link(t testing.TB, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func TestNamesOfFiles(t *testing.T) {
	dir := albumDir(t)
	writeWAV(t, dir, "1 a\u0308.wav", 10) // as macOS writes ä
	writeWAV(t, dir, "2 back\\slash \"q\".wav", 10)
	writeWAV(t, dir, "3\n.wav", 10)
	writeText(t, dir, ReleaseFile, "[[track]]\nfile = \"1 ä.wav\"\n[[track]]\nfile = '2 back\\slash \"q\".wav'\n[[track]]\nfile = \"3\\n.wav\"")
	a, notices := read(t, dir)
	if titles(a) != "ä, back\\slash \"q\", 3" || len(notices) != 0 {
		t.Errorf("%s, %v", titles(a), notices)
	}
	var b bytes.Buffer
	if err := WriteTOML(&b, a); err != nil {
		t.Fatal(err)
	}
	writeText(t, dir, ReleaseFile, b.String())
	if again, _ := read(t, dir); !reflect.DeepEqual(a, again) {
		t.Errorf("%+v\n%+v", a, again)
	}

	dir = albumDir(t)
	writeWAV(t, dir, "\xff.wav", 10)
	a, _ = read(t, dir)
	if _, err := Init(a); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "not UTF-8") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ReleaseFile)); err == nil {
		t.Error("half a release.toml is left")
	}
}

func TestUnknownArtist(t *testing.T) {
	dir := t.TempDir()
	writeWAV(t, dir, "a.wav", 10)
	a, notices := read(t, dir)
	if a.Artist != "" || a.Title == "" || codes(notices) != NoticeNames {
		t.Errorf("%+v, %v", a, notices)
	}
}

func TestOtherFoldersAreLeftAlone(t *testing.T) {
	dir, other := albumDir(t), t.TempDir()
	writeWAV(t, dir, "a.wav", 10)
	writeWAV(t, dir, "project/take.wav", 10)
	writeText(t, dir, "project/cover.png", "not looked at")
	link(t, other, filepath.Join(dir, "project", "samples"))
	a, notices := read(t, dir)
	if len(a.Tracks) != 1 || a.Cover != nil || notices[0].Code != NoticeFolder {
		t.Errorf("%+v, %v", a, notices)
	}
}

// Formats that Ferric does not read itself are left to ffmpeg, where one is given.
func TestThroughFFmpeg(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("needs ffmpeg")
	}
	dir := albumDir(t)
	cmd := exec.Command(ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine=duration=0.5:sample_rate=44100", "-c:a", "alac",
		"-metadata", "title=Apple", "-metadata", "artist=A", filepath.Join(dir, "1.m4a"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	refused(t, dir, audio.ErrNeedsFFmpeg, "1.m4a")
	a, _, err := Read(context.Background(), dir, Options{FFmpeg: ffmpeg})
	if err != nil {
		t.Fatal(err)
	}
	if track := a.Tracks[0]; track.Frames != 22050 || track.Title != "Apple" || a.Artist != "A" {
		t.Errorf("%+v", track)
	}
}

func TestLinksInsideTheFolder(t *testing.T) {
	dir := albumDir(t)
	writeWAV(t, dir, "stems/mix.wav", 10)
	link(t, "stems/mix.wav", filepath.Join(dir, "01 Mix.wav"))
	a, _ := read(t, dir)
	if titles(a) != "Mix" {
		t.Errorf("tracks are %s", titles(a))
	}
}

func TestTwoHundredTracks(t *testing.T) {
	dir := albumDir(t)
	for i := range 200 {
		writeWAV(t, dir, fmt.Sprintf("%d.wav", i+1), 100+i)
	}
	var last atomic.Int64
	a, _, err := Read(context.Background(), dir, Options{Workers: 4, Progress: func(done, total int) {
		if total != 200 || int64(done) != last.Add(1) {
			t.Errorf("progress %d of %d", done, total)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, track := range a.Tracks {
		if track.Frames != audio.Frames(100+i) {
			t.Fatalf("track %d has %d frames", i, track.Frames)
		}
	}
	if last.Load() != 200 {
		t.Errorf("progress ended at %d", last.Load())
	}
}

func TestCancelled(t *testing.T) {
	dir := albumDir(t)
	writeWAV(t, dir, "a.wav", 10)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Read(ctx, dir, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestInitAndReadAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	writeFLAC(t, dir, "CD1/1.flac", 100, pngOf(t, picture(4, 4)), "TITLE", "Say \"hi\" \\o/", "ARTIST", "P", "ARTIST", "Q",
		"TRACKNUMBER", "1", "ALBUM", "Ĺong = “Títle” # 日本", "DATE", "2021-03", "LYRICS", "one\n\n\"\"\"two\\n\nthree", "PRODUCER", "Someone")
	writeFLAC(t, dir, "CD1/2.flac", 100, nil, "TITLE", "=cmd()", "ARTIST", "P", "TRACKNUMBER", "2", "ISRC", "GBAYE0601498")
	writeFLAC(t, dir, "CD2/1.flac", 100, nil, "ARTIST", "P", "TRACKNUMBER", "1", "DATE", "2021-03")
	before, _ := read(t, dir)
	path, err := Init(before)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	after, notices := read(t, dir)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("before:\n%+v\nafter:\n%+v\nfile:\n%s", before, after, text)
	}
	if len(notices) != 0 {
		t.Errorf("notices: %v", notices)
	}
	if _, err := Init(after); !errors.Is(err, ErrExists) {
		t.Errorf("a second Init gives %v", err)
	}
	if now, _ := os.ReadFile(path); !bytes.Equal(now, text) {
		t.Error("a second Init changed the file")
	}
}

// More than two channels are taken, and said.
func TestChannelsAreNoticed(t *testing.T) {
	dir := albumDir(t)
	writeWAV(t, dir, "1.wav", 100)
	head := "RIFF\x54\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x06\x00\x44\xac\x00\x00\x30\x13\x08\x00\x0c\x00\x10\x00data\x30\x00\x00\x00"
	writeText(t, dir, "2.wav", head+strings.Repeat("\x00", 48))
	_, notices := read(t, dir)
	if codes(notices) != NoticeChannels || !strings.Contains(notices[0].Text, "2.wav has 6 channels") {
		t.Errorf("%v", notices)
	}
}
