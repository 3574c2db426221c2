package storetest

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferric/album"
	"ferric/audio"
	"ferric/audio/wav"
	"ferric/budget"
	"ferric/internal/catalog"
	"ferric/pressing"
)

// Pressing is a small pressing, made in memory: half a second a side. It is one that ferric check would pass for
// the files it has.
type Pressing struct {
	Manifest pressing.Manifest
	Files    map[string][]byte
	Codes    []string // claim codes by number, from 1; the proofs follow
}

// NewPressing makes a pressing of a release with so many numbered copies and one proof.
func NewPressing(t testing.TB, artist, title, number string, copies int) *Pressing {
	t.Helper()
	p := &Pressing{Files: map[string][]byte{
		"side-a.wav": Wave(t, 22050, 440), "side-b.wav": Wave(t, 22050, 220), "cover.png": Picture(t, 48, 48),
		"previews/jcard-outside.png": Picture(t, 60, 40), "previews/case.png": Picture(t, 24, 15), "jcard.pdf": []byte("%PDF-1.7\n"),
		"claims.csv": []byte("never sent"), "previews/jcards-numbered-1.png": Picture(t, 10, 10),
	}}
	m := &p.Manifest
	m.Schema = pressing.Schema
	m.Tool = pressing.Tool{Name: "ferric", Version: "test"}
	m.Release = pressing.Release{Title: title, Artist: artist, Label: "Żółw Tapes", CatalogNumber: number, Year: 2026, Genre: "drone", Notes: "Two pieces\nfor a winter.",
		Credits: []pressing.Credit{{Role: "written by", Names: artist}}, Accent: "#9C3D17"}
	m.Tape = pressing.Tape{Name: "C10", MinutesPerSide: 5, Type: "I", Formulation: "Type I, ferric", EqualisationUS: 120}
	for i, name := range []string{"A", "B"} {
		m.Sides = append(m.Sides, pressing.Side{Name: name, BlankS: 299.5,
			Programme: pressing.Programme{File: "side-" + strings.ToLower(name) + ".wav", DurationS: 0.5, Frames: 22050, SampleRate: 44100, Bits: 16},
			Tracks:    []pressing.Track{{Position: name + "1", Title: []string{"Łódź Fabryczna", "雨の歌"}[i], Artist: artist, DurationS: 0.5}}})
	}
	m.LineUp = []pressing.Tone{{Name: "level", Hz: 400, LevelDBFS: -12, DurationS: 10, Purpose: "set the level"}}
	salt := strings.Repeat("ab", 32)
	m.Run = &pressing.Run{Copies: copies, Proofs: 1, Salt: salt}
	shown := catalog.Run{Copies: copies, Proofs: 1}
	for n := 1; n <= copies+1; n++ {
		code := must(pressing.NewClaim(nil))(t)
		p.Codes = append(p.Codes, code)
		m.Run.Claims = append(m.Run.Claims, pressing.Claim{Copy: shown.Label(n), SHA256: pressing.HashClaim(salt, code)})
	}
	tape, price := album.One, 10*album.One
	m.Budget = must(budget.New(budget.Input{Copies: copies, Proofs: 1, Settings: album.BudgetSettings{Currency: "EUR", Price: &price, Tape: &tape}}))(t)
	m.Findings = []pressing.Finding{}
	p.Seal()
	return p
}

// Seal writes the files' sizes and hashes into the manifest.
func (p *Pressing) Seal() {
	p.Manifest.Files = nil
	for name, data := range p.Files {
		h := sha256.Sum256(data)
		old := md5.Sum(data)
		p.Manifest.Files = append(p.Manifest.Files, pressing.File{Name: name, Size: int64(len(data)), SHA256: hex.EncodeToString(h[:]), MD5: hex.EncodeToString(old[:])})
		if name == "cover.png" || name == "cover.jpg" {
			p.Manifest.Release.Cover, p.Manifest.Release.CoverSHA256 = name, hex.EncodeToString(h[:])
		}
	}
}

// Text is release.json.
func (p *Pressing) Text() []byte {
	text, err := json.Marshal(&p.Manifest)
	if err != nil {
		panic(err) // no manifest of a test has what JSON cannot say
	}
	return text
}

// Folder writes the pressing to a folder.
func (p *Pressing) Folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	old, text := md5.Sum(p.Text()), p.Text()
	md5s, sha256s := hex.EncodeToString(old[:])+"  release.json\n", sha(text)+"  release.json\n"
	for _, f := range p.Manifest.Files {
		md5s, sha256s = md5s+f.MD5+"  "+f.Name+"\n", sha256s+f.SHA256+"  "+f.Name+"\n"
	}
	files := maps.Clone(p.Files)
	files[pressing.ManifestName], files["MD5SUMS"], files["SHA256SUMS"] = text, []byte(md5s), []byte(sha256s)
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		ok(t, os.MkdirAll(filepath.Dir(name), 0o700))
		ok(t, os.WriteFile(name, data, 0o600))
	}
	return dir
}

// Wave is a WAV of a tone, 44.1 kHz, 16 bits, stereo.
func Wave(t testing.TB, frames int, hz float64) []byte {
	t.Helper()
	f := must(os.Create(filepath.Join(t.TempDir(), "tone.wav")))(t)
	defer f.Close()
	w := must(wav.NewWriter(f, wav.Config{Rate: 44100, Channels: 2, Bits: 16}))(t)
	block := audio.NewBlock(2, frames)
	for i := range frames {
		v := float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/44100))
		block[0][i], block[1][i] = v, v
	}
	ok(t, w.WriteFrames(block))
	ok(t, w.Close())
	return must(os.ReadFile(f.Name()))(t)
}

// Picture is a PNG with a gradient.
func Picture(t testing.TB, w, h int) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			im.Set(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), uint8(w), 255})
		}
	}
	var b bytes.Buffer
	ok(t, png.Encode(&b, im))
	return b.Bytes()
}
