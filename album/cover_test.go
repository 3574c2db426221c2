package album

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// pngHead is a PNG that says w x h pixels and ends after its header.
func pngHead(w, h int) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), uint32(w))
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, uint32(h)), 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

// jpegHead is a JPEG that says w x h pixels and ends after its header.
func jpegHead(w, h int) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8}
	b = binary.BigEndian.AppendUint16(b, uint16(h))
	b = binary.BigEndian.AppendUint16(b, uint16(w))
	return append(b, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xda, 0, 2)
}

func gifHead(w, h int) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("GIF89a"), uint16(w))
	return append(binary.LittleEndian.AppendUint16(b, uint16(h)), 0, 0, 0)
}

func TestPicturesThatAreRefused(t *testing.T) {
	whole := jpegOf(t, picture(200, 200))
	scans := bytes.Repeat([]byte{0xff, 0xda, 0, 0}, 1000)
	broken := pngOf(t, picture(50, 50))
	broken[len(broken)/2] ^= 0xff
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"PNG bomb":    {pngHead(30_000, 30_000), "30000 x 30000 pixels are 900 megapixels, at most 67 are read"},
		"PNG 65535":   {pngHead(65_535, 65_535), "65535 x 65535 pixels"},
		"PNG of 2^31": {pngHead(1<<31-1, 1<<31-1), ""},
		"JPEG 65535":  {jpegHead(65_535, 65_535), "65535 x 65535 pixels"},
		"GIF 65535":   {gifHead(65_535, 65_535), "65535 x 65535 pixels"},
		"long":        {pngHead(40_000, 2), "40000 x 2 pixels"},
		"no pixels":   {gifHead(0, 0), "0 x 0 pixels"},
		"empty":       {nil, "it is empty"},
		"text":        {[]byte("<svg onload=alert(1)>"), "it is no JPEG, PNG, GIF, WebP or TIFF"},
		"cut":         {whole[:len(whole)/2], "it is damaged"},
		"broken":      {broken, "it is damaged"},
		"header only": {pngHead(10, 10), "it is damaged"},
		"scans":       {append(whole[:len(whole)-2:len(whole)-2], scans...), "more than 200 scans"},
		"large":       {make([]byte, MaxCoverBytes+1), "larger than 64 MiB"},
	} {
		art, _, err := NewArtwork("art/Cover.jpg", c.data)
		if art != nil || !errors.Is(err, ErrCover) {
			t.Errorf("%s: %v, %v", name, art, err)
			continue
		}
		if !strings.HasPrefix(err.Error(), "art/Cover.jpg: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %q does not say %q", name, err, c.says)
		}
	}
}

func TestPictureFormats(t *testing.T) {
	m := picture(20, 10)
	var asGIF, asTIFF bytes.Buffer
	if err := gif.Encode(&asGIF, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := tiff.Encode(&asTIFF, m, nil); err != nil {
		t.Fatal(err)
	}
	// A WebP of one pixel, without loss.
	asWebP, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		mime string
		w, h int
		kept bool
	}{
		"jpeg": {jpegOf(t, m), "image/jpeg", 20, 10, true},
		"grey": {jpegOf(t, image.NewGray(image.Rect(0, 0, 7, 9))), "image/jpeg", 7, 9, true},
		"png":  {pngOf(t, m), "image/png", 20, 10, true},
		"gif":  {asGIF.Bytes(), "image/png", 20, 10, false},
		"tiff": {asTIFF.Bytes(), "image/png", 20, 10, false},
		"webp": {asWebP, "image/png", 1, 1, false},
	} {
		art, note, err := NewArtwork("x", c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if art.MIME != c.mime || art.Width != c.w || art.Height != c.h || bytes.Equal(art.Data, c.data) != c.kept || (note == "") != c.kept {
			t.Errorf("%s: %s %d x %d, %q", name, art.MIME, art.Width, art.Height, note)
		}
		config, format, err := image.DecodeConfig(bytes.NewReader(art.Data))
		if err != nil || "image/"+format != art.MIME || config.Width != art.Width || config.Height != art.Height {
			t.Errorf("%s: the data is %s %+v, %v", name, format, config, err)
		}
	}
}

// withEXIF puts a directory with an orientation into a JPEG.
func withEXIF(data []byte, order binary.AppendByteOrder, orientation int) []byte {
	head := []byte("Exif\x00\x00II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = []byte("Exif\x00\x00MM\x00*")
	}
	head = order.AppendUint32(head, 8)
	head = order.AppendUint16(head, 2)
	entry := func(tag, value int) {
		head = order.AppendUint16(head, uint16(tag))
		head = order.AppendUint16(head, 3)
		head = order.AppendUint32(head, 1)
		head = order.AppendUint16(head, uint16(value))
		head = order.AppendUint16(head, 0)
	}
	entry(0x0100, 7)
	entry(0x0112, orientation)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(head)+2))
	return append(append(append(data[:2:2], segment...), head...), data[2:]...)
}

// EXIF says of each orientation which side of the picture the stored first row
// and first column are. A picture stored so must come out upright.
func TestOrientation(t *testing.T) {
	upright := picture(32, 16)
	for orientation, side := range map[int][2]string{
		1: {"top", "left"}, 2: {"top", "right"}, 3: {"bottom", "right"}, 4: {"bottom", "left"},
		5: {"left", "top"}, 6: {"right", "top"}, 7: {"right", "bottom"}, 8: {"left", "bottom"},
	} {
		w, h := 32, 16
		if orientation >= 5 {
			w, h = 16, 32
		}
		stored := image.NewNRGBA(image.Rect(0, 0, w, h))
		for row := range h {
			for column := range w {
				var x, y int
				for i, side := range side {
					n := [2]int{row, column}[i] // that many steps away from this side
					switch side {
					case "top":
						y = n
					case "bottom":
						y = 15 - n
					case "left":
						x = n
					case "right":
						x = 31 - n
					}
				}
				stored.Set(column, row, upright.At(x, y))
			}
		}
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			art, note, err := NewArtwork("x", withEXIF(jpegOf(t, stored), order, orientation))
			if err != nil {
				t.Fatal(err)
			}
			if art.Width != 32 || art.Height != 16 || (note == "") != (orientation == 1) {
				t.Errorf("orientation %d: %d x %d, %q", orientation, art.Width, art.Height, note)
			}
			got, _, err := image.Decode(bytes.NewReader(art.Data))
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []image.Point{{2, 2}, {29, 2}, {2, 13}, {29, 13}} {
				want := upright.NRGBAAt(at.X, at.Y)
				c := color.NRGBAModel.Convert(got.At(at.X, at.Y)).(color.NRGBA)
				if near(c.R, want.R) > 40 || near(c.G, want.G) > 40 {
					t.Errorf("orientation %d: %v at %v, want %v", orientation, c, at, want)
				}
			}
		}
	}
	for _, orientation := range []int{0, 9, 65535} {
		if got := exifOrientation(withEXIF(jpegOf(t, upright), binary.LittleEndian, orientation)); got != 1 {
			t.Errorf("orientation %d is taken for %d", orientation, got)
		}
	}
}

func near(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }

func TestCMYK(t *testing.T) {
	m := image.NewCMYK(image.Rect(3, 3, 5, 5))
	m.SetCMYK(4, 4, color.CMYK{M: 255, Y: 255})
	if c := color.NRGBAModel.Convert(flatten(m).At(1, 1)); c != (color.NRGBA{255, 0, 0, 255}) {
		t.Errorf("%v", c)
	}
}

func TestWhichCover(t *testing.T) {
	embedded := pngOf(t, picture(3, 3))
	file := func(w int) string { return string(pngOf(t, picture(w, w))) }
	for name, c := range map[string]struct {
		files   map[string]int // and their width
		release string
		want    string
		notices string
	}{
		"embedded":       {nil, "", "a.flac", ""},
		"cover":          {map[string]int{"Folder.jpg": 5, "COVER.PNG": 6, "back.png": 7}, "", "COVER.PNG", ""},
		"front":          {map[string]int{"front cover.png": 5, "folder.png": 6}, "", "front cover.png", ""},
		"artwork folder": {map[string]int{"Artwork/front.png": 5, "stems/cover.png": 6}, "", "Artwork/front.png", ""},
		"only picture":   {map[string]int{"photo.png": 5}, "", "photo.png", NoticeCover},
		"which of two":   {map[string]int{"photo.png": 5, "photo2.png": 6}, "", "a.flac", NoticeCover},
		"said":           {map[string]int{"cover.png": 5, "x/other.png": 6}, "cover = \"x/other.png\"", "x/other.png", ""},
		"none":           {map[string]int{"cover.png": 5}, "cover = \"none\"", "", ""},
		"said in a tag":  {map[string]int{"back cover.png": 5, "small.png": 4}, "", "a.flac", NoticeCover},
	} {
		t.Run(name, func(t *testing.T) {
			dir := albumDir(t)
			writeFLAC(t, dir, "a.flac", 10, embedded)
			for name, w := range c.files {
				writeText(t, dir, name, file(w))
			}
			if c.release != "" {
				writeText(t, dir, ReleaseFile, "[release]\n"+c.release)
			}
			a, notices := read(t, dir)
			got := ""
			if a.Cover != nil {
				got = a.Cover.File
				if w := c.files[got]; w > 0 && a.Cover.Width != w {
					t.Errorf("width %d", a.Cover.Width)
				}
			}
			if got != c.want || codes(notices) != c.notices {
				t.Errorf("cover %q, notices %v", got, notices)
			}
		})
	}
}

func TestCoverThatIsRefused(t *testing.T) {
	t.Run("bomb", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 10)
		writeText(t, dir, "cover.png", string(pngHead(30_000, 30_000)))
		refused(t, dir, ErrCover, "cover.png", "30000 x 30000")
	})
	t.Run("missing", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 10)
		writeText(t, dir, ReleaseFile, "[release]\n\ncover = \"x.png\"")
		refused(t, dir, ErrRelease, `release.toml:3: [release] cover: there is no file "x.png"`)
	})
	t.Run("link out", func(t *testing.T) {
		dir, other := albumDir(t), t.TempDir()
		writeWAV(t, dir, "a.wav", 10)
		writeText(t, other, "c.png", "x")
		link(t, filepath.Join(other, "c.png"), filepath.Join(dir, "cover.png"))
		refused(t, dir, ErrFile, "cover.png: is a symbolic link that leaves")
	})
	t.Run("a folder", func(t *testing.T) {
		dir := albumDir(t)
		writeWAV(t, dir, "a.wav", 10)
		writeWAV(t, dir, "x/a.wav", 10)
		writeText(t, dir, ReleaseFile, "[release]\ncover = \"x\"")
		refused(t, dir, ErrFile, "x: is no regular file")
	})
	t.Run("in tags", func(t *testing.T) {
		dir := albumDir(t)
		writeFLAC(t, dir, "a.flac", 10, pngHead(30_000, 30_000))
		refused(t, dir, ErrCover, "a.flac: 30000 x 30000")
	})
}

func FuzzArtwork(f *testing.F) {
	f.Add(jpegOf(f, picture(8, 8)))
	f.Add(withEXIF(jpegOf(f, picture(8, 8)), binary.BigEndian, 6))
	f.Add(pngOf(f, picture(8, 8)))
	f.Add(pngHead(9, 9))
	f.Add(gifHead(9, 9))
	var b bytes.Buffer
	if err := tiff.Encode(&b, picture(8, 8), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if config, _, err := decodeConfig(data); err == nil && config.Width*config.Height > 1<<20 && config.Width*config.Height <= MaxCoverPixels {
			t.Skip("large, and allowed to be")
		}
		art, _, err := NewArtwork("x", data)
		if err != nil {
			if !errors.Is(err, ErrCover) {
				t.Fatal(err)
			}
			return
		}
		config, format, err := image.DecodeConfig(bytes.NewReader(art.Data))
		if err != nil || "image/"+format != art.MIME || config.Width != art.Width || config.Height != art.Height {
			t.Fatalf("%s %d x %d holds %s %+v, %v", art.MIME, art.Width, art.Height, format, config, err)
		}
	})
}
