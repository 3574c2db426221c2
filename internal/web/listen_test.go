package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/wav"
	"ferric/internal/catalog"
	"ferric/internal/listen"
)

// oneSide is a pressing of ten seconds.
type oneSide struct{ data []byte }

func (s oneSide) Open(context.Context, string) (listen.Sound, error) {
	return sideSound{bytes.NewReader(s.data)}, nil
}

type sideSound struct{ *bytes.Reader }

func (sideSound) Close() error { return nil }

// aDeck is a deck with no shop, as a server.
func aDeck(t *testing.T) *httptest.Server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "side-a.wav")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := wav.NewWriter(file, wav.Config{Rate: 44100, Channels: 2, Bits: 16})
	if err != nil {
		t.Fatal(err)
	}
	block := audio.NewBlock(2, 44100*10)
	for i := range block[0] {
		block[0][i], block[1][i] = float32(i%200)/400, -float32(i%300)/600
	}
	if err := w.WriteFrames(block); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := catalog.Release{ID: "folder", Title: "Demo", CatalogNumber: "FER-001"}
	r.Detail.Tape = catalog.Tape{Name: "C46", Type: "I", DolbyDBFS: -5.5}
	r.Detail.Sides = []catalog.Side{{Name: "A", Programme: "a", Frames: 441000, Rate: 44100, Bits: 16}}
	room, err := listen.New(listen.NewMemory(r), oneSide{data}, listen.Config{Key: make([]byte, 32), Own: true})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(Play(room))
	t.Cleanup(s.Close)
	return s
}

// asked sends a question and gives status and answer.
func asked(t *testing.T, s *httptest.Server, what, body string, into any) int {
	t.Helper()
	res, err := http.Post(s.URL+"/api/deck/"+what, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: headers %v", what, res.Header)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatalf("%s: %s: %v", what, data, err)
		}
	}
	return res.StatusCode
}

func TestDeckAsks(t *testing.T) {
	s := aDeck(t)
	var d deckJSON
	if code := asked(t, s, "side", `{"release":"folder"}`, &d); code != 200 || d.Sitting != "" || d.Length != "C46" || len(d.Sides) != 2 || d.Sides[0].Segments != 5 || d.Sides[1].Segments != 0 {
		t.Fatalf("%d %+v", code, d)
	}
	if code := asked(t, s, "sit", `{"release":"folder"}`, &d); code != 200 || d.Sitting == "" || d.Side != "A" {
		t.Fatalf("%d %+v", code, d)
	}
	var h handedJSON
	if code := asked(t, s, "near", `{"sitting":"`+d.Sitting+`","side":"A","place_s":-6,"motion":"play","other":true}`, &h); code != 200 || len(h.Segments) != 5 || h.Segments[0].Index != 0 {
		t.Fatalf("%d %+v", code, h)
	}
	res, err := http.Get(s.URL + h.Segments[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "audio/flac" || !flac.Sniff(data) {
		t.Fatalf("%d %v %v", res.StatusCode, res.Header, err)
	}
	if r, err := flac.NewReader(bytes.NewReader(data), int64(len(data))); err != nil || r.Length() != 88200 {
		t.Errorf("%v, %v", r, err)
	}
	// Refusals, each with its sentence.
	for _, c := range []struct {
		what, body string
		code       int
	}{
		{"near", `{"sitting":"` + d.Sitting + `","side":"A","place_s":1300,"motion":"play"}`, 429},
		{"near", `{"sitting":"none","side":"A","place_s":0,"motion":"play"}`, 410},
		{"near", `{"sitting":"` + d.Sitting + `","side":"C","place_s":0,"motion":"play"}`, 422},
		{"near", `{"sitting":"` + d.Sitting + `","side":"A","place_s":1e300,"motion":"play"}`, 422},
		{"near", `{"sitting":"` + d.Sitting + `","side":"A","place_s":0,"motion":"skip"}`, 422},
		{"sit", `{"release":"other"}`, 404}, {"sit", `{"run":"r","number":1}`, 404},
		{"sit", ``, 422}, {"sit", `[]`, 422}, {"sit", `{"track":3}`, 422}, {"side", strings.Repeat("x", 10000), 422},
		{"side", `{"release":"` + strings.Repeat("x", 10000) + `"}`, 422},
	} {
		var e struct{ Error, Kind string }
		if code := asked(t, s, c.what, c.body, &e); code != c.code || e.Error == "" || e.Kind == "" {
			t.Errorf("%s %.60s: %d %+v, want %d", c.what, c.body, code, e, c.code)
		}
	}
	for path, code := range map[string]int{"/s/none": 404, h.Segments[0].URL + "x": 404, "/s/" + strings.Repeat("a", 3000): 404} {
		res, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != code {
			t.Errorf("%.60s: %d, want %d", path, res.StatusCode, code)
		}
	}
}
