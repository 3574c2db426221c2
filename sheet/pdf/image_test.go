package pdf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"ferric/sheet"
)

func encoded(t testing.TB, kind string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	if kind == "jpeg" {
		err = jpeg.Encode(&b, m, nil)
	} else {
		err = png.Encode(&b, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noise is an image of a kind with every value in it.
func noise(kind string, w, h int) image.Image {
	r := rand.New(rand.NewPCG(1, uint64(len(kind))))
	rect := image.Rect(0, 0, w, h)
	v := func() uint8 { return uint8(r.UintN(256)) }
	switch kind {
	case "grey":
		m := image.NewGray(rect)
		for i := range m.Pix {
			m.Pix[i] = v()
		}
		return m
	case "grey16":
		m := image.NewGray16(rect)
		for i := range m.Pix {
			m.Pix[i] = v()
		}
		return m
	case "colour", "alpha":
		m := image.NewNRGBA(rect)
		for i := range m.Pix {
			m.Pix[i] = v()
			if i%4 == 3 && kind == "colour" {
				m.Pix[i] = 255
			}
		}
		return m
	case "colour16", "alpha16":
		m := image.NewNRGBA64(rect)
		for i := range m.Pix {
			m.Pix[i] = v()
			if i%8 >= 6 && kind == "colour16" {
				m.Pix[i] = 255
			}
		}
		return m
	}
	n, clear := 0, strings.HasSuffix(kind, "clear")
	fmt.Sscanf(kind, "palette%d", &n)
	p := make(color.Palette, n)
	for i := range p {
		c := color.NRGBA{v(), v(), v(), 255}
		if clear {
			c.A = v()
		}
		p[i] = c
	}
	m := image.NewPaletted(rect, p)
	for i := range m.Pix {
		m.Pix[i] = uint8(r.IntN(n))
	}
	return m
}

// What a PDF says of a PNG, read back, are the PNG's own pixels.
func TestPNG(t *testing.T) {
	for _, kind := range []string{"grey", "grey16", "colour", "colour16", "alpha", "alpha16", "palette2", "palette4", "palette16", "palette200", "palette2clear", "palette4clear", "palette16clear", "palette200clear"} {
		t.Run(kind, func(t *testing.T) {
			m := noise(kind, 13, 7)
			data := encoded(t, "png", m)
			im, err := sheet.NewImage(data)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := im.Decode()
			if err != nil {
				t.Fatal(err)
			}
			b := written(t, onePage(&sheet.Picture{Image: im, Box: sheet.Rect{W: 13, H: 7}}))
			var colours, alphas func(x, y int) [3]uint16
			for dict, raw := range streams(t, b) {
				if !strings.Contains(dict, "/Subtype /Image") {
					continue
				}
				read := unpacked(t, dict, raw, 13, 7)
				if strings.Contains(dict, "/SMask") || !strings.Contains(string(b), "/SMask") {
					colours = read
				} else {
					alphas = read
				}
			}
			if (alphas != nil) != (strings.Contains(kind, "alpha") || strings.Contains(kind, "clear")) {
				t.Fatal("the soft mask is there when it should not be, or not when it should")
			}
			for y := range 7 {
				for x := range 13 {
					want := color.NRGBA64Model.Convert(decoded.At(x, y)).(color.NRGBA64)
					got := color.NRGBA64{A: 0xFFFF}
					k := colours(x, y)
					got.R, got.G, got.B = k[0], k[1], k[2]
					if alphas != nil {
						got.A = alphas(x, y)[0]
					}
					if want.A == 0 || got.A == 0 {
						want.R, want.G, want.B, got.R, got.G, got.B = 0, 0, 0, 0, 0, 0
					}
					near := func(a, b uint16) bool { d := int(a) - int(b); return max(d, -d)*int(want.A) <= 0xFFFF*2 } // NRGBA64Model rounds through premultiplied
					if got.A != want.A || !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) {
						t.Fatalf("pixel %d,%d is %v, want %v", x, y, got, want)
					}
				}
			}
			if !strings.Contains(string(b), "/SMask") && !bytes.Contains(b, idat(t, data)) {
				t.Error("the rows were not passed through")
			}
		})
	}
}

func idat(t *testing.T, data []byte) []byte {
	p, err := readPNG(data)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Join(p.data, nil)
}

// unpacked reads an image's rows as a PDF reader would: the PNG predictors, the
// depth, the colour space.
func unpacked(t *testing.T, dict string, raw []byte, w, h int) func(x, y int) [3]uint16 {
	t.Helper()
	channels, bits := 1, 8
	for _, b := range []int{1, 2, 4, 8, 16} {
		if strings.Contains(dict, fmt.Sprintf("/BitsPerComponent %d ", b)) {
			bits = b
		}
	}
	if strings.Contains(dict, "/ColorSpace /DeviceRGB") {
		channels = 3
	}
	n := (w*channels*bits + 7) / 8
	if len(raw) != (n+1)*h {
		t.Fatalf("%d bytes, want %d: %s", len(raw), (n+1)*h, dict)
	}
	last := make([]byte, n)
	var rows [][]byte
	for y := range h {
		row := raw[y*(n+1)+1 : (y+1)*(n+1)]
		if err := unfilter(raw[y*(n+1)], row, last, max(1, channels*bits/8)); err != nil {
			t.Fatal(err)
		}
		rows, last = append(rows, row), row
	}
	var palette []byte
	if at := strings.Index(dict, "/Indexed"); at >= 0 {
		open, end := strings.Index(dict[at:], "<"), strings.Index(dict[at:], ">]")
		fmt.Sscanf(dict[at+open+1:at+end], "%X", &palette)
	}
	return func(x, y int) (out [3]uint16) {
		sample := func(i int) uint16 {
			switch bits {
			case 16:
				return binary.BigEndian.Uint16(rows[y][2*i:])
			case 8:
				return uint16(rows[y][i])
			}
			return uint16(rows[y][i*bits/8] >> (8 - bits - i*bits%8) & (1<<bits - 1))
		}
		for c := range 3 {
			switch {
			case palette != nil:
				out[c] = uint16(palette[3*int(sample(x))+c]) * 257
			case bits == 16:
				out[c] = sample(x*channels + c%channels)
			default:
				out[c] = uint16(int(sample(x*channels+c%channels)) * 0xFFFF / (1<<bits - 1))
			}
		}
		return out
	}
}

func TestJPEG(t *testing.T) {
	colour, grey := encoded(t, "jpeg", noise("colour", 40, 30)), encoded(t, "jpeg", noise("grey", 40, 30))
	icc := make([]byte, 200)
	binary.BigEndian.PutUint32(icc, 200)
	copy(icc[16:], "RGB ")
	copy(icc[36:], "acsp")
	segment := append([]byte{0xFF, 0xE2, 0, byte(16 + len(icc))}, append([]byte("ICC_PROFILE\x00\x01\x01"), icc...)...)
	withICC := append(append(bytes.Clone(colour[:2]), segment...), colour[2:]...)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"colour":               {colour, "/ColorSpace /DeviceRGB /Filter /DCTDecode"},
		"grey":                 {grey, "/ColorSpace /DeviceGray /Filter /DCTDecode"},
		"with a profile":       {withICC, "/ColorSpace [/ICCBased"},
		"after fill bytes":     {append(bytes.Clone(colour[:2]), append([]byte{0xFF, 0xFF}, colour[2:]...)...), "/DeviceRGB"},
		"with a false profile": {bytes.Replace(withICC, []byte("acsp"), []byte("xxxx"), 1), "/ColorSpace /DeviceRGB"},
	} {
		im, err := sheet.NewImage(c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b := written(t, onePage(&sheet.Picture{Image: im, Box: sheet.Rect{W: 10, H: 10}}))
		if !bytes.Contains(b, c.data) || !strings.Contains(string(b), c.want) {
			t.Errorf("%s: not passed through as %s", name, c.want)
		}
	}
}

// A CMYK JPEG by Adobe has its inks upside down. Only the header is read.
func TestJPEGOfFourInks(t *testing.T) {
	d := []byte("\xFF\xD8\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x02\xFF\xC2\x00\x14\x08\x00\x01\x00\x01\x04\x01\x11\x00\x02\x11\x00\x03\x11\x00\x04\x11\x00\xFF\xDA\x00\x02\xFF\xD9")
	im := &sheet.Image{MIME: "image/jpeg", Data: d, Width: 1, Height: 1}
	b := string(written(t, onePage(&sheet.Picture{Image: im, Box: sheet.Rect{W: 10, H: 10}})))
	if !strings.Contains(b, "/DeviceCMYK /Filter /DCTDecode /Decode [1 0 1 0 1 0 1 0]") {
		t.Error("not passed through turned over")
	}
}

func FuzzPicture(f *testing.F) {
	for _, kind := range []string{"grey", "alpha16", "palette4clear", "palette200"} {
		f.Add(encoded(f, "png", noise(kind, 9, 5)))
	}
	f.Add(encoded(f, "jpeg", noise("colour", 9, 5)))
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := sheet.NewImage(data)
		if err != nil || im.Width*im.Height > 1<<16 {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, onePage(&sheet.Picture{Image: im, Box: sheet.Rect{W: 10, H: 10}})); err == nil && b.Len() > len(data)+8*im.Width*im.Height+20_000 {
			t.Fatalf("%d bytes from %d", b.Len(), len(data))
		}
	})
}
