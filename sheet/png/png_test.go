package png

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	stdpng "image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ferric/sheet"
	"ferric/sheet/internal/sample"
	"ferric/sheet/pdf"
)

// at 25.4 dpi a millimetre is a pixel.
func rendered(t testing.TB, dpi float64, items ...sheet.Item) *image.RGBA {
	t.Helper()
	im, err := Render(&sheet.Page{Media: sheet.Rect{W: 40, H: 30}, Items: items}, dpi)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// ink is how much black there is on white, in pixels.
func ink(im *image.RGBA) float64 {
	sum := 0.0
	for y := range im.Rect.Dy() {
		for x := range im.Rect.Dx() {
			sum += 1 - float64(im.RGBAAt(x, y).G)/255
		}
	}
	return sum
}

func near(t *testing.T, name string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %.3f, want %.3f", name, got, want)
	}
}

func TestAreas(t *testing.T) {
	black := sheet.Hex(0)
	circle := math.Pi * 64
	for _, c := range []struct {
		name string
		item sheet.Item
		want float64
	}{
		{"rectangle", sheet.Filled(sheet.RectPath(sheet.Rect{X: 3.25, Y: 4.5, W: 10.5, H: 6}), black), 63},
		{"half opaque", sheet.Filled(sheet.RectPath(sheet.Rect{X: 3, Y: 4, W: 10, H: 6}), black.Alpha(0.5)), 30},
		{"circle", sheet.Filled(sheet.Circle(sheet.Point{X: 15, Y: 15}, 8), black), circle},
		{"ring", sheet.Filled(sheet.Ring(sheet.Point{X: 15, Y: 15}, 8, 4), black), circle * 3 / 4},
		{"rounded", sheet.Filled(sheet.RoundRect(sheet.Rect{X: 5, Y: 5, W: 20, H: 10}, 3), black), 200 - (4-math.Pi)*9},
		{"line", sheet.Stroked(sheet.Polyline(sheet.Point{X: 5, Y: 5}, sheet.Point{X: 25, Y: 15}), black, 2), 2 * math.Hypot(20, 10)},
		{"dashed line", sheet.Stroked(sheet.Polyline(sheet.Point{X: 2, Y: 5}, sheet.Point{X: 32, Y: 5}), black, 2, 3, 1), 2 * (3*7 + 2)},
		{"mitred frame", sheet.Stroked(sheet.RectPath(sheet.Rect{X: 5, Y: 5, W: 20, H: 10}), black, 2), 22*12 - 18*8},
		{"circle's line", sheet.Stroked(sheet.Circle(sheet.Point{X: 15, Y: 15}, 8), black, 1), 2 * math.Pi * 8},
		{"clipped", &sheet.Clip{Inside: sheet.RectPath(sheet.Rect{W: 10, H: 10}), Items: []sheet.Item{sheet.Filled(sheet.Circle(sheet.Point{X: 10, Y: 10}, 8), black)}}, circle / 4},
		{"half of a group", &sheet.Use{Group: &sheet.Group{Box: sheet.Rect{X: -8, Y: -8, W: 8, H: 16}, Items: []sheet.Item{sheet.Filled(sheet.Circle(sheet.Point{}, 8), black)}}, At: sheet.TurnBy(30).Then(sheet.MoveBy(15, 15))}, circle / 2},
		{"gradient", &sheet.Path{Segments: sheet.RectPath(sheet.Rect{X: 5, Y: 5, W: 20, H: 10}), Gradient: &sheet.Gradient{From: sheet.Point{X: 5}, To: sheet.Point{X: 25}, Stops: []sheet.Stop{{At: 0, Colour: black.Alpha(0)}, {At: 1, Colour: black}}}}, 100},
		{"outside the page", sheet.Filled(sheet.RectPath(sheet.Rect{X: 400, Y: 4, W: 10, H: 6}), black), 0},
	} {
		near(t, c.name, ink(rendered(t, 25.4, c.item)), c.want, 0.02*c.want+0.3)
	}
}

func TestHairlineIsSeen(t *testing.T) {
	im := rendered(t, 25.4, sheet.Stroked(sheet.Polyline(sheet.Point{X: 5, Y: 5.5}, sheet.Point{X: 25, Y: 5.5}), sheet.Hex(0), 0.01))
	if got := ink(im); got < 10 {
		t.Errorf("a hair line leaves %.2f pixels of ink", got)
	}
}

// Each corner of a picture is where its orientation says, and its edges are full.
func TestPicture(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			c := color.RGBA{0, 0, 0, 255}
			if x < 16 && y < 16 {
				c = color.RGBA{255, 0, 0, 255}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	red := map[int][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for turned, corner := range red {
		im, err := sheet.NewImage(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		im.Turned = turned
		for _, dpi := range []float64{25.4, 101.6} {
			out := rendered(t, dpi, &sheet.Picture{Image: im, Box: sheet.Rect{X: 5, Y: 5, W: 20, H: 20}})
			k := int(dpi / 25.4)
			if c := out.RGBAAt((10+10*corner[0])*k, (10+10*corner[1])*k); c.R < 240 || c.G > 20 {
				t.Errorf("turned %d: %v where red should be", turned, c)
			}
			near(t, "dark of the picture", ink(out), float64(400*k*k), 8*float64(k))
		}
	}
	im, _ := sheet.NewImage(b.Bytes()[:b.Len()-40])
	if _, err := Render(&sheet.Page{Media: sheet.Rect{W: 40, H: 30}, Items: []sheet.Item{&sheet.Picture{Image: im, Box: sheet.Rect{W: 5, H: 5}}}}, 25.4); !errors.Is(err, sheet.ErrImageBroken) {
		t.Errorf("half a JPEG: %v", err)
	}
}

func TestRefused(t *testing.T) {
	page := func(items ...sheet.Item) *sheet.Page {
		return &sheet.Page{Media: sheet.Rect{W: 40, H: 30}, Items: items}
	}
	ring := &sheet.Group{Box: sheet.Rect{W: 40, H: 40}}
	ring.Items = []sheet.Item{&sheet.Use{Group: ring, At: sheet.MoveBy(0, 0)}}
	for name, c := range map[string]struct {
		page *sheet.Page
		dpi  float64
		want error
	}{
		"too many dots":     {page(), 1e5, ErrTooLarge},
		"NaN":               {page(sheet.Filled(sheet.RectPath(sheet.Rect{W: sheet.MM(math.NaN()), H: 1}), sheet.Hex(0))), 72, errNumber},
		"a group in a ring": {page(&sheet.Use{Group: ring, At: sheet.MoveBy(0, 0)}), 72, errDepth},
	} {
		if _, err := Render(c.page, c.dpi); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, dpi := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := Render(page(), dpi); err == nil {
			t.Errorf("painted at %v dpi", dpi)
		}
	}
}

func TestPart(t *testing.T) {
	p := &sheet.Page{Media: sheet.Rect{W: 40, H: 30}, Items: []sheet.Item{sheet.Filled(sheet.RectPath(sheet.Rect{X: 10, Y: 5, W: 10, H: 10}), sheet.Hex(0))}}
	im, err := Part(p, sheet.Rect{X: 10, Y: 5, W: 20, H: 10}, 25.4)
	if err != nil {
		t.Fatal(err)
	}
	if im.Rect.Dx() != 20 || im.RGBAAt(9, 9).R != 0 || im.RGBAAt(10, 0).R != 255 {
		t.Error("the part is not what was asked for")
	}
}

// turnedPage has a picture in each EXIF orientation, and a group with a fading
// gradient and a clip in it, turned and stretched.
func turnedPage(t *testing.T) *sheet.Page {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for y := range 32 {
		for x := range 48 {
			m.Set(x, y, color.RGBA{uint8(5 * x), uint8(7 * y), uint8(60 * (x / 16)), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	p := &sheet.Page{Media: sheet.Rect{W: 120, H: 80}}
	for i := range 8 {
		im, err := sheet.NewImage(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		im.Turned = i + 1
		p.Add(&sheet.Picture{Image: im, Box: sheet.Rect{X: 4 + 14*sheet.MM(i), Y: 4, W: 12, H: 20}})
	}
	red, blue := sheet.Hex(0xC02010), sheet.Hex(0x1040C0)
	g := &sheet.Group{Box: sheet.Rect{X: -15, Y: -10, W: 30, H: 20}, Items: []sheet.Item{
		&sheet.Path{Segments: sheet.RoundRect(sheet.Rect{X: -15, Y: -10, W: 30, H: 20}, 4), Gradient: &sheet.Gradient{From: sheet.Point{X: -10}, To: sheet.Point{X: 10, Y: 3},
			Stops: []sheet.Stop{{At: 0, Colour: red}, {At: 0.5, Colour: blue.Alpha(0.2)}, {At: 1, Colour: blue}}}},
		&sheet.Clip{Inside: sheet.Circle(sheet.Point{}, 6), Items: []sheet.Item{sheet.Stroked(sheet.Polyline(sheet.Point{X: -9, Y: -9}, sheet.Point{X: 9, Y: 9}), sheet.Hex(0), 3)}},
	}}
	for i := range 3 {
		p.Add(&sheet.Use{Group: g, At: sheet.ScaleBy(1, 1.2).Then(sheet.TurnBy(float64(25 * i))).Then(sheet.MoveBy(22+36*sheet.MM(i), 52))})
	}
	return p
}

// What poppler shows of the PDF and what we paint are one picture: averaged
// over 4 x 4 dots, since poppler sets a baseline on a whole dot, the mean
// difference is within two of 255 levels.
func TestAgreesWithPoppler(t *testing.T) {
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("needs pdftoppm")
	}
	doc, err := sample.Document(sheet.NewFonts())
	if err != nil {
		t.Fatal(err)
	}
	doc.Pages = append(doc.Pages, turnedPage(t))
	dir := t.TempDir()
	var b bytes.Buffer
	if err := pdf.Write(&b, doc); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.pdf"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-r", "200", "-png", filepath.Join(dir, "a.pdf"), filepath.Join(dir, "a")).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	for i, p := range doc.Pages {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("a-%d.png", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := stdpng.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		ours, err := Render(p, 200)
		if err != nil {
			t.Fatal(err)
		}
		a, c := averaged(ours), averaged(theirs)
		sum, worst := 0.0, 0.0
		for i := range min(len(a), len(c)) {
			d := math.Abs(a[i] - c[i])
			sum, worst = sum+d, max(worst, d)
		}
		mean := sum / float64(len(a))
		t.Logf("page %d: mean difference %.2f, worst %.0f of 255", i+1, mean, worst)
		if mean > 2 {
			t.Errorf("page %d: mean difference %.2f of 255", i+1, mean)
		}
	}
}

// averaged is the grey of each 4 x 4 block of an image.
func averaged(m image.Image) []float64 {
	w, h := m.Bounds().Dx()/4, m.Bounds().Dy()/4
	out := make([]float64, w*h)
	for y := range 4 * h {
		for x := range 4 * w {
			g := color.Gray16Model.Convert(m.At(x, y)).(color.Gray16)
			out[y/4*w+x/4] += float64(g.Y) / 257 / 16
		}
	}
	return out
}

// A telephone reads the codes that we paint.
func TestCodesAreRead(t *testing.T) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		t.Skip("needs zbarimg")
	}
	const claim = "https://example.org/claim/7KQ2-XWVA-93MD-HRTP-5F"
	qr, err := sheet.QR(claim, sheet.Rect{X: 2, Y: 2, W: 16, H: 16}, true)
	if err != nil {
		t.Fatal(err)
	}
	p := &sheet.Page{Media: sheet.Rect{W: 60, H: 60}, Items: []sheet.Item{sheet.Filled(qr, sheet.Hex(0x1C1A17))}}
	bars, err := sheet.NewFonts().Barcode("4006381333931", sheet.Point{X: 10, Y: 25}, 1, 0, sheet.Hex(0x1C1A17))
	if err != nil {
		t.Fatal(err)
	}
	p.Add(bars...)
	path := filepath.Join(t.TempDir(), "codes.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(f, p, 300); err != nil {
		t.Fatal(err)
	}
	f.Close()
	out, err := exec.Command("zbarimg", "-q", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"QR-Code:" + claim, "EAN-13:4006381333931"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}

// BenchmarkPreview paints the sample page at 150 dpi.
func BenchmarkPreview(b *testing.B) {
	doc, err := sample.Document(sheet.NewFonts())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Render(doc.Pages[0], 150); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCover paints a cover of 3000 x 3000 pixels on a front at 150 dpi,
// decoding included.
func BenchmarkCover(b *testing.B) {
	m := image.NewRGBA(image.Rect(0, 0, 3000, 3000))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * i >> 12)
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, m, nil); err != nil {
		b.Fatal(err)
	}
	im, err := sheet.NewImage(data.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	p := &sheet.Page{Media: sheet.Rect{W: 110, H: 110}, Items: []sheet.Item{&sheet.Picture{Image: im, Box: sheet.Rect{X: 4, Y: 4, W: 101.6, H: 101.6}}}}
	for b.Loop() {
		if _, err := Render(p, 150); err != nil {
			b.Fatal(err)
		}
	}
}
