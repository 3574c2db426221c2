package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/wav"
	"ferric/pressing"
)

// smallPressing is a pressing with four seconds on side A and no B, and the sound of A.
func smallPressing(t *testing.T) (dir string, sound [][]float32) {
	t.Helper()
	dir = t.TempDir()
	sound = audio.NewBlock(2, 4*44100)
	for i := range sound[0] {
		sound[0][i], sound[1][i] = float32(i%2000)/4096, float32(i%300)/1024
	}
	f, err := os.Create(filepath.Join(dir, "side-a.wav"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := wav.NewWriter(f, wav.Config{Rate: 44100, Channels: 2, Bits: 16})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WriteFrames(sound), w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	m := pressing.Manifest{Schema: pressing.Schema, Release: pressing.Release{Title: "Four Seconds", Artist: "Nobody", CatalogNumber: "FER-004"},
		Tape: pressing.Tape{Name: "C10", Type: "I"}, Master: pressing.Master{DolbyDBFS: -5.5},
		Sides: []pressing.Side{{Name: "A", Programme: pressing.Programme{File: "side-a.wav", Frames: 4 * 44100, SampleRate: 44100, Bits: 16}}},
		Files: []pressing.File{{Name: "side-a.wav", SHA256: strings.Repeat("ab", 32)}}}
	var text bytes.Buffer
	if _, err := m.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, pressing.ManifestName), text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir, sound
}

// A pressing is heard over the loopback, behind its secret address and nowhere else, until it is told to stop.
func TestPlayer(t *testing.T) {
	dir, sound := smallPressing(t)
	p, err := NewPlayer(PlayConfig{Folder: dir, Machine: "portable", Copy: "FER-004/2"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if !strings.HasPrefix(p.Address(), "http://127.0.0.1:") {
		t.Fatalf("it is at %s", p.Address())
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()

	get := func(address string) (int, []byte) {
		t.Helper()
		r, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, body
	}
	ask := func(address, question string, into any) int {
		t.Helper()
		r, err := http.Post(address, "application/json", strings.NewReader(question))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if r.StatusCode == http.StatusOK {
			if err := json.NewDecoder(r.Body).Decode(into); err != nil {
				t.Fatal(err)
			}
		}
		return r.StatusCode
	}
	if code, page := get(p.Address()); code != http.StatusOK || !bytes.Contains(page, []byte("Four Seconds")) || !bytes.Contains(page, []byte(`"machine":"portable"`)) {
		t.Errorf("the page: %d", code)
	}
	parts := strings.Split(p.Address(), "/")
	stranger := strings.Join(append(parts[:3:3], strings.Repeat("A", len(parts[3])), ""), "/")
	var seat struct{ Sitting string }
	var near struct{ Segments []struct{ URL string } }
	for _, address := range []string{stranger, stranger + "s/x", strings.Join(parts[:3], "/") + "/"} {
		if code, _ := get(address); code != http.StatusNotFound {
			t.Errorf("a wrong address is answered with %d", code)
		}
	}
	if code := ask(stranger+"api/deck/sit", `{"release":"folder"}`, &seat); code != http.StatusNotFound {
		t.Errorf("a stranger sat down: %d", code)
	}
	if code := ask(p.Address()+"api/deck/sit", `{"release":"folder"}`, &seat); code != http.StatusOK {
		t.Fatalf("sit: %d", code)
	}
	if code := ask(p.Address()+"api/deck/near", `{"sitting":"`+seat.Sitting+`","side":"A","place_s":0,"motion":"play","other":true}`, &near); code != http.StatusOK || len(near.Segments) != 2 {
		t.Fatalf("near: %d, %d segments", code, len(near.Segments))
	}
	code, data := get(strings.TrimSuffix(p.Address(), "/") + near.Segments[1].URL)
	if code != http.StatusOK {
		t.Fatalf("segment: %d", code)
	}
	r, err := flac.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := audio.NewBlock(2, 100)
	if _, err := r.ReadFrames(got); err != nil {
		t.Fatal(err)
	}
	for i := range got[0] {
		if want := float32(int(sound[0][2*44100+i]*32768)) / 32768; got[0][i] != want {
			t.Fatalf("frame %d of the second segment is %g, want %g", i, got[0][i], want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestPlayerRefuses(t *testing.T) {
	if _, err := NewPlayer(PlayConfig{Folder: t.TempDir()}); !errors.Is(err, pressing.ErrManifest) {
		t.Errorf("an empty folder: %v", err)
	}
	dir, _ := smallPressing(t)
	first, err := NewPlayer(PlayConfig{Folder: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	port := first.socket.Addr().(*net.TCPAddr).Port
	if p, err := NewPlayer(PlayConfig{Folder: dir, Port: port}); err == nil {
		p.Close()
		t.Error("a port was taken twice")
	}
}
