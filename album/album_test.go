package album

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/wav"
)

// The album folders of these tests are made here: short files of quiet noise, with the tags a test needs.

// sounds writes frames of a soft ramp to sink.
func sounds(t testing.TB, sink audio.Sink, frames int) {
	t.Helper()
	block := audio.NewBlock(2, frames)
	for i := range frames {
		block[0][i] = float32(i%100) / 1000
		block[1][i] = -block[0][i]
	}
	if err := sink.WriteFrames(block); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
}

func createFile(t testing.TB, dir, name string) *os.File {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func writeWAV(t testing.TB, dir, name string, frames int) {
	t.Helper()
	w, err := wav.NewWriter(createFile(t, dir, name), wav.Config{Rate: 44100, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	sounds(t, w, frames)
}

func writeFLAC(t testing.TB, dir, name string, frames int, cover []byte, tags ...string) {
	t.Helper()
	config := flac.Config{Rate: 44100, Channels: 2, Workers: 1}
	for i := 0; i+1 < len(tags); i += 2 {
		config.Tags = append(config.Tags, flac.Tag{Name: tags[i], Value: tags[i+1]})
	}
	if cover != nil {
		config.Cover = &flac.Picture{MIME: "image/png", Data: cover}
	}
	w, err := flac.NewWriter(createFile(t, dir, name), config)
	if err != nil {
		t.Fatal(err)
	}
	sounds(t, w, frames)
}

func writeText(t testing.TB, dir, name, text string) {
	t.Helper()
	if _, err := io.WriteString(createFile(t, dir, name), text); err != nil {
		t.Fatal(err)
	}
}

// picture is a test card: its four quarters differ, so that turning it shows.
func picture(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{40, 40, 40, 255}
			if x < w/2 {
				c.R = 220
			}
			if y < h/2 {
				c.G = 220
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// albumDir is an empty folder whose name says an artist and a title.
func albumDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Somebody - Something")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}
