package tag

import (
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What ffmpeg writes into each format is read back here.
func TestAgainstFFmpeg(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("needs ffmpeg")
	}
	dir := t.TempDir()
	cover := filepath.Join(dir, "cover.png")
	f, err := os.Create(cover)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 16, 16))); err != nil {
		t.Fatal(err)
	}
	f.Close()
	full := "title artist album album_artist track disc date genre"
	for name, c := range map[string]struct {
		args   string
		fields string // those that the format carries
		cover  bool
	}{
		"id3v23.mp3": {"-c:a libmp3lame -id3v2_version 3", full, true},
		"id3v24.mp3": {"-c:a libmp3lame -id3v2_version 4", full, true},
		"a.flac":     {"-c:a flac", full, true},
		"a.ogg":      {"-c:a libvorbis", full, false},
		"a.opus":     {"-c:a libopus", full, false},
		"a.m4a":      {"-c:a aac", full, true},
		"info.wav":   {"-c:a pcm_s16le", "title artist album track date genre", false},
		"id3.aiff":   {"-c:a pcm_s16be -write_id3v2 1", full, false},
		"text.aiff":  {"-c:a pcm_s16be", "title", false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			args := []string{"-v", "error", "-y", "-f", "lavfi", "-i", "sine=duration=0.2"}
			if c.cover {
				args = append(args, "-i", cover, "-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic")
			}
			values := map[string]string{"title": "Ölspur 日本", "artist": "Künstler", "album": "Albüm", "album_artist": "Alle", "track": "3", "disc": "2", "date": "2019", "genre": "Rock"}
			for field, value := range values {
				args = append(args, "-metadata", field+"="+value)
			}
			args = append(append(args, strings.Fields(c.args)...), path)
			if out, err := exec.Command(ffmpeg, args...).CombinedOutput(); err != nil {
				t.Fatalf("ffmpeg: %v\n%s", err, out)
			}
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			tags, err := Read(f, info.Size(), Options{Pictures: true})
			if err != nil {
				t.Fatal(err)
			}
			names := map[string]string{"title": Title, "artist": Artist, "album": Album, "album_artist": AlbumArtist, "track": Track, "disc": Disc, "date": Date, "genre": Genre}
			for _, field := range strings.Fields(c.fields) {
				if got := tags.Get(names[field]); got != values[field] {
					t.Errorf("%s is %q, want %q (%v)", field, got, values[field], tags.Kinds)
				}
			}
			if got := tags.Cover() != nil; got != c.cover {
				t.Errorf("a cover: %v", got)
			}
		})
	}
}
