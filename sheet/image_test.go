package sheet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

func encoded(t testing.TB, kind string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "jpeg":
		err = jpeg.Encode(&b, m, nil)
	case "png":
		err = png.Encode(&b, m)
	case "gif":
		err = gif.Encode(&b, m, nil)
	case "tiff":
		err = tiff.Encode(&b, m, nil)
	case "bmp":
		err = bmp.Encode(&b, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestImageKinds(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 7, 5))
	m.Set(3, 2, color.White)
	for _, kind := range []string{"jpeg", "png", "gif", "tiff", "bmp"} {
		im, err := NewImage(encoded(t, kind, m))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if im.MIME != "image/"+kind || im.Width != 7 || im.Height != 5 {
			t.Errorf("%s: %s %dx%d", kind, im.MIME, im.Width, im.Height)
		}
		if _, err := im.Decode(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestImageRefused(t *testing.T) {
	whole := encoded(t, "png", image.NewGray(image.Rect(0, 0, 4, 4)))
	bomb := bytes.Clone(whole)
	binary.BigEndian.PutUint32(bomb[16:], 30_000)
	binary.BigEndian.PutUint32(bomb[20:], 30_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrImageFormat},
		{"text", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), ErrImageFormat},
		{"a header alone", whole[:20], ErrImageBroken},
		{"30,000 x 30,000 pixels", bomb, ErrImageSize},
	} {
		if _, err := NewImage(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	cut, err := NewImage(whole[:len(whole)-20])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cut.Decode(); !errors.Is(err, ErrImageBroken) {
		t.Errorf("a picture cut short: %v", err)
	}
}

// exif puts an Exif segment with an orientation behind the first marker of a JPEG.
func exif(data []byte, orientation byte, little bool) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
	tiff[19] = orientation
	if little {
		tiff = []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
		tiff[18] = orientation
	}
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := append([]byte{0xFF, 0xE1, 0, byte(len(body) + 2)}, body...)
	return append(append(bytes.Clone(data[:2]), segment...), data[2:]...)
}

func TestOrientation(t *testing.T) {
	data := encoded(t, "jpeg", image.NewGray(image.Rect(0, 0, 6, 4)))
	// Where the first stored pixel and the first stored row's end are to be seen.
	corners := map[int][2]Point{1: {{0, 0}, {1, 0}}, 2: {{1, 0}, {0, 0}}, 3: {{1, 1}, {0, 1}}, 4: {{0, 1}, {1, 1}},
		5: {{0, 0}, {0, 1}}, 6: {{1, 0}, {1, 1}}, 7: {{1, 1}, {1, 0}}, 8: {{0, 1}, {0, 0}}}
	for orientation, want := range corners {
		for _, little := range []bool{false, true} {
			im, err := NewImage(exif(data, byte(orientation), little))
			if err != nil {
				t.Fatal(err)
			}
			w, h := im.Size()
			if turned := orientation >= 5; im.Turned != orientation || turned != (w == 4 && h == 6) {
				t.Errorf("orientation %d: read %d, shown %dx%d", orientation, im.Turned, w, h)
			}
			u := im.Unit()
			if got := [2]Point{u.Apply(Point{0, 0}), u.Apply(Point{1, 0})}; got != want {
				t.Errorf("orientation %d: corners at %v, want %v", orientation, got, want)
			}
		}
	}
	if im, _ := NewImage(exif(data, 9, false)); im.Turned != 1 {
		t.Errorf("orientation 9 read as %d", im.Turned)
	}
}

func TestCoverAndDPI(t *testing.T) {
	im := &Image{Width: 3000, Height: 2000}
	box := Rect{10, 10, 65, 101.6}
	got := im.Cover(box)
	if got.H != box.H || got.Y != box.Y || math.Abs(float64(got.W-box.H*1.5)) > 1e-9 || math.Abs(float64(got.X+got.W/2-box.X-box.W/2)) > 1e-9 {
		t.Errorf("covers %v", got)
	}
	if dpi := im.DPI(got); dpi < 499 || dpi > 501 {
		t.Errorf("%v dpi", dpi)
	}
}

func FuzzImage(f *testing.F) {
	m := image.NewNRGBA(image.Rect(0, 0, 9, 5))
	for _, kind := range []string{"jpeg", "png", "gif", "tiff", "bmp"} {
		f.Add(encoded(f, kind, m))
	}
	f.Add(exif(encoded(f, "jpeg", m), 6, true))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := NewImage(data)
		if err != nil || im.Width*im.Height > 1<<20 {
			return
		}
		if w, h := im.Size(); w <= 0 || h <= 0 || im.Turned < 1 || im.Turned > 8 {
			t.Fatalf("%dx%d turned %d", w, h, im.Turned)
		}
		im.Decode()
	})
}
