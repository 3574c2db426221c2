package jcard

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/album"
	"ferric/sheet"
	"ferric/sheet/pdf"
	"ferric/tape"
)

// go test ./jcard -run TestLook -look DIR writes every layout of every sample album as PDF, to be looked at.
var lookDir = flag.String("look", "", "write PDFs of the sample albums to this folder")

var theFonts = sync.OnceValue(sheet.NewFonts)

// sea is a picture as a camera might have taken it: a sky, a low sun, water.
var sea = sync.OnceValue(func() *album.Artwork { return picture(1400, 1400) })

// postcard is the same, small and upright.
var postcard = sync.OnceValue(func() *album.Artwork { return picture(200, 300) })

func picture(w, h int) *album.Artwork {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	noise := func(x, y, n int) float64 {
		return float64(scramble(uint64(x*7919+y*104729+n))&0xFFFF) / 0xFFFF
	}
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			var r, g, b float64
			if v < 0.62 {
				t := v / 0.62
				r, g, b = 0.10+0.85*t*t, 0.22+0.42*t, 0.38+0.10*t
				d := math.Hypot(u-0.66, (v-0.50)*1.0)
				glow := math.Exp(-d * d * 28)
				r, g, b = r+0.5*glow, g+0.35*glow, b+0.05*glow
				if d < 0.075 {
					r, g, b = 1, 0.86, 0.62
				}
			} else {
				t := (v - 0.62) / 0.38
				wave := 0.5 + 0.5*math.Sin(90*math.Pow(t, 0.6)+6*math.Sin(u*9+t*14))
				r, g, b = 0.42-0.34*t, 0.32-0.16*t, 0.40-0.14*t
				shine := math.Exp(-math.Pow((u-0.66)/(0.05+0.14*t), 2)) * wave
				r, g, b = r+0.6*shine, g+0.42*shine, b+0.15*shine
			}
			n := (noise(x/2, y/2, 1) - 0.5) * 0.05
			c := func(v float64) uint8 { return uint8(255 * min(max(v+n, 0), 1)) }
			img.Set(x, y, color.RGBA{c(r), c(g), c(b), 255})
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: 88}); err != nil {
		panic(err)
	}
	return &album.Artwork{File: "cover.jpg", MIME: "image/jpeg", Width: w, Height: h, Data: buf.Bytes()}
}

func length(minutes int) tape.Length {
	l, err := tape.Custom(minutes)
	if err != nil {
		panic(err)
	}
	return l
}

// side makes one with durations from a pattern.
func side(name string, titles ...string) Side {
	s := Side{Name: name}
	at := time.Duration(0)
	for i, t := range titles {
		d := time.Duration(130+(i*73+len(t)*17)%190) * time.Second
		s.Tracks = append(s.Tracks, Track{Title: t, Start: at, Duration: d})
		at += d + 2*time.Second
	}
	s.Length = at
	s.Blank = 40 * time.Second
	return s
}

func latin() *Release {
	return &Release{
		Title: "The Low Country", Artist: "Marta Haverkamp", Label: "Polder Editions", Catalogue: "PLD-017",
		Barcode: "4006381333931", Year: 2026, Genre: "Ambient",
		Sides: [2]Side{
			side("A", "Sluice", "Reed Bed at First Light", "What the Surveyor Wrote Down", "Brackish"),
			side("B", "Dyke Path", "Cormorant", "A Map of Everything Below the Sea", "Lantern, Lantern"),
		},
		Credits: []album.Credit{
			{Role: "written and played by", Names: "Marta Haverkamp"},
			{Role: "double bass on A3, B2", Names: "Joost van Dalen"},
			{Role: "recorded at", Names: "the pumping station, Lauwersoog, winter 2025"},
			{Role: "mixed by", Names: "Ines Coelho"}, {Role: "mastered for tape by", Names: "Tom Ashby"},
			{Role: "photograph", Names: "Marta Haverkamp"},
		},
		Notes: "Most of this was recorded in one room with the windows open. The pump runs every forty minutes; where you hear it, we left it.\n\nThe piano is the one my grandmother kept below sea level all her life. It has never been quite in tune, and neither has the land.",
		Tape:  length(46), Formulation: tape.Ferric(), Cover: sea(), RunNote: "first edition",
	}
}

func japanese() *Release {
	return &Release{
		Title: "夜の標本", Artist: "青柳しずく", Label: "Kaze Tapes", Catalogue: "KZT 04", Year: 2025,
		Sides: [2]Side{
			side("A", "始発", "ガラスの温度計", "長い名前の川をわたるとき、誰もが少しだけ黙る", "窓"),
			side("B", "月の裏のラジオ", "ベランダ", "おやすみ、テープ"),
		},
		Credits: []album.Credit{{Role: "作詞・作曲", Names: "青柳しずく"}, {Role: "録音", Names: "東京、二〇二五年 春"}},
		Notes:   "夜にだけ聞こえる音を集めた。冷蔵庫、信号機、遠い電車。録音はすべてカセットで行い、そのまま並べた。",
		Tape:    length(40), Formulation: tape.Chrome(),
	}
}

func cyrillic() *Release {
	return &Release{
		Title: "Песни для пустых электричек", Artist: "Тёмная Вода", Label: "Платформа", Catalogue: "ПЛ-3", Year: 2024,
		Sides: [2]Side{
			side("A", "Последний вагон", "Снег над депо", "Обходчик", "Станция без названия, где мы так и не вышли"),
			side("B", "Ἄνεμος", "Кипяток", "Утренний состав"),
		},
		Credits: []album.Credit{{Role: "музыка и слова", Names: "А. Ветров"}, {Role: "запись", Names: "студия «Депо», Тверь"}},
		Tape:    length(46), Formulation: tape.Metal(), Accent: "#2F4F8F",
	}
}

func many() *Release {
	words := strings.Fields("Night Bus Orange Peel Static Garden Nobody Called Sugar Engine Wet Cement Half a Photograph Teeth Motorway Lullaby Ask Me Tomorrow Copper Wire Ghosts of the Retail Park")
	var a, b []string
	for i := range 20 {
		n := 1 + i%4
		a = append(a, strings.Join(words[i:min(i+n, len(words))], " "))
		b = append(b, strings.Join(words[(i*7)%22:(i*7)%22+n], " "))
	}
	a[6] = "An Exhaustive Account of Everything That Went Wrong Between the Soundcheck and the Second Encore, Part Two (Reprise)"
	return &Release{
		Title: "Forty Small Arguments Against Silence", Artist: "The Understudies", Label: "Bedroom Wall", Catalogue: "BW040", Year: 2026,
		Sides: [2]Side{side("A", a...), side("B", b...)},
		Notes: "Forty songs in forty days.",
		Tape:  length(90), Formulation: tape.Ferric(), Cover: sea(),
	}
}

func samples() map[string]*Release {
	return map[string]*Release{"latin": latin(), "japanese": japanese(), "cyrillic": cyrillic(), "many": many()}
}

func edition(run, proofs int) Edition {
	e := Edition{Run: run, Proofs: proofs, ClaimURL: "https://polder.example/c/"}
	for i, l := range e.Labels() {
		n := scramble(uint64(i + 1))
		const alphabet = "ACDEFHJKLMNPRTVWXY34679"
		var b strings.Builder
		for k := range 20 {
			if k > 0 && k%5 == 0 {
				b.WriteByte('-')
			}
			b.WriteByte(alphabet[n%23])
			n = scramble(n + 1)
		}
		e.Claims = append(e.Claims, Claim{Label: l, Code: b.String()})
	}
	return e
}

func suite(t testing.TB, r *Release, o Options) *Suite {
	t.Helper()
	s, err := NewSuite(theFonts(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLook(t *testing.T) {
	if *lookDir == "" {
		t.Skip("writes PDFs only when asked to, with -look")
	}
	write := func(name string, doc *sheet.Document) {
		f, err := os.Create(filepath.Join(*lookDir, name+".pdf"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := pdf.Write(f, doc); err != nil {
			t.Fatal(err)
		}
	}
	for name, r := range samples() {
		for _, l := range Layouts() {
			s := suite(t, r, Options{Layout: l.Name, Edition: edition(10, 2)})
			write(fmt.Sprintf("%s-%s", l.Name, name), s.Card())
			for _, f := range s.Findings() {
				t.Logf("%s %s: %s: %s", l.Name, name, f.Code, f.Text)
			}
			if name == "latin" {
				doc, err := s.Numbered()
				if err != nil {
					t.Fatal(err)
				}
				write(l.Name+"-numbered", doc)
				previews, err := s.Previews()
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range previews {
					write(l.Name+"-preview-"+p.Name, &sheet.Document{Pages: []*sheet.Page{p.Page}})
				}
			}
		}
	}
}
