package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Image is a picture's bytes as they came and what their header says. JPEG
// bytes, and the pixels of most PNG files, go into a PDF as they are.
// [NewImage] makes one; equal pointers are stored once.
type Image struct {
	MIME          string
	Data          []byte
	Width, Height int // pixels as stored; see Turned
	Turned        int // EXIF orientation, 1 to 8: how a viewer must turn it; 0 is 1
}

// MaxPixels bounds an image: 64 Mi pixels, a J-card front at 2,500 dpi.
const MaxPixels = 64 << 20

// Why an image is refused.
var (
	ErrImageFormat = errors.New("not a JPEG, PNG, GIF, WebP, TIFF or BMP picture")
	ErrImageSize   = errors.New("picture has too many pixels")
	ErrImageBroken = errors.New("picture is damaged")
)

// format is how one kind of picture is known and read.
type format struct {
	mime   string
	magic  string
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
}

func formats() []format {
	return []format{
		{"image/jpeg", "\xff\xd8\xff",
			func(d []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(d)) },
			func(d []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(d)) }},
		{"image/png", "\x89PNG\r\n\x1a\n",
			func(d []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(d)) },
			func(d []byte) (image.Image, error) { return png.Decode(bytes.NewReader(d)) }},
		{"image/gif", "GIF8",
			func(d []byte) (image.Config, error) { return gif.DecodeConfig(bytes.NewReader(d)) },
			func(d []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(d)) }},
		{"image/webp", "RIFF????WEBP",
			func(d []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(d)) },
			func(d []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(d)) }},
		{"image/tiff", "II*\x00",
			func(d []byte) (image.Config, error) { return tiff.DecodeConfig(bytes.NewReader(d)) },
			func(d []byte) (image.Image, error) { return tiff.Decode(bytes.NewReader(d)) }},
		{"image/tiff", "MM\x00*",
			func(d []byte) (image.Config, error) { return tiff.DecodeConfig(bytes.NewReader(d)) },
			func(d []byte) (image.Image, error) { return tiff.Decode(bytes.NewReader(d)) }},
		{"image/bmp", "BM",
			func(d []byte) (image.Config, error) { return bmp.DecodeConfig(bytes.NewReader(d)) },
			func(d []byte) (image.Image, error) { return bmp.Decode(bytes.NewReader(d)) }},
	}
}

func formatOf(data []byte) (format, bool) {
next:
	for _, f := range formats() {
		if len(data) < len(f.magic) {
			continue
		}
		for i := range f.magic {
			if f.magic[i] != '?' && f.magic[i] != data[i] {
				continue next
			}
		}
		return f, true
	}
	return format{}, false
}

// guarded calls a decoder; one that panics at a damaged file has found it damaged.
func guarded[T any](read func([]byte) (T, error), data []byte) (out T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrImageBroken, r)
		}
	}()
	out, err = read(data)
	if err != nil {
		err = fmt.Errorf("%w: %v", ErrImageBroken, err)
	}
	return out, err
}

// NewImage reads a picture's header. It fails with [ErrImageFormat],
// [ErrImageSize] or [ErrImageBroken]; pixels are not read yet, so that a
// picture cut short is found by [Image.Decode] or when it is written.
func NewImage(data []byte) (*Image, error) {
	f, ok := formatOf(data)
	if !ok {
		return nil, ErrImageFormat
	}
	c, err := guarded(f.config, data)
	if err != nil {
		return nil, err
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrImageBroken, c.Width, c.Height)
	}
	if int64(c.Width)*int64(c.Height) > MaxPixels {
		return nil, fmt.Errorf("%w: %d x %d, at most %d million are read", ErrImageSize, c.Width, c.Height, MaxPixels/1_000_000)
	}
	im := &Image{MIME: f.mime, Data: data, Width: c.Width, Height: c.Height, Turned: 1}
	if f.mime == "image/jpeg" {
		im.Turned = exifOrientation(data)
	}
	return im, nil
}

// Size is the width and height in pixels as a viewer shows it.
func (im *Image) Size() (w, h int) {
	if im.Turned >= 5 {
		return im.Height, im.Width
	}
	return im.Width, im.Height
}

// Decode reads all pixels as stored, before Turned. It refuses a picture whose
// header no longer says what NewImage read.
func (im *Image) Decode() (image.Image, error) {
	f, ok := formatOf(im.Data)
	if !ok {
		return nil, ErrImageFormat
	}
	c, err := guarded(f.config, im.Data)
	if err != nil {
		return nil, err
	}
	if c.Width != im.Width || c.Height != im.Height || int64(c.Width)*int64(c.Height) > MaxPixels {
		return nil, fmt.Errorf("%w: %d x %d pixels where %d x %d were read", ErrImageBroken, c.Width, c.Height, im.Width, im.Height)
	}
	out, err := guarded(f.decode, im.Data)
	if err != nil {
		return nil, err
	}
	if b := out.Bounds(); b.Dx() != im.Width || b.Dy() != im.Height {
		return nil, fmt.Errorf("%w: %d x %d pixels where %d x %d were read", ErrImageBroken, b.Dx(), b.Dy(), im.Width, im.Height)
	}
	return out, nil
}

// Unit maps the unit square of the stored pixels, (0, 0) the first pixel's
// corner, to the unit square as shown: what EXIF orientation asks for.
func (im *Image) Unit() Matrix {
	switch im.Turned {
	case 2: // mirrored
		return Matrix{-1, 0, 0, 1, 1, 0}
	case 3: // upside down
		return Matrix{-1, 0, 0, -1, 1, 1}
	case 4: // mirrored upside down
		return Matrix{1, 0, 0, -1, 0, 1}
	case 5: // transposed
		return Matrix{0, 1, 1, 0, 0, 0}
	case 6: // a quarter clockwise
		return Matrix{0, 1, -1, 0, 1, 0}
	case 7: // transposed along the other diagonal
		return Matrix{0, -1, -1, 0, 1, 1}
	case 8: // a quarter anticlockwise
		return Matrix{0, -1, 1, 0, 0, 1}
	}
	return Matrix{A: 1, D: 1}
}

// Cover is the part of a page on which the picture, uncropped and in
// proportion, just covers box, centred: paint it there with Clip set to box.
func (im *Image) Cover(box Rect) Rect {
	w, h := im.Size()
	k := max(float64(box.W)/float64(w), float64(box.H)/float64(h))
	pw, ph := MM(float64(w)*k), MM(float64(h)*k)
	return Rect{box.X + (box.W-pw)/2, box.Y + (box.H-ph)/2, pw, ph}
}

// DPI is the pixels an inch when the picture fills box, the smaller of both directions.
func (im *Image) DPI(box Rect) float64 {
	w, h := im.Size()
	return min(float64(w)/float64(box.W), float64(h)/float64(box.H)) * 25.4
}

// exifOrientation reads tag 0x0112 of the first IFD in a JPEG's Exif segment; 1 when there is none.
func exifOrientation(d []byte) int {
	for at := 2; at+4 <= len(d) && d[at] == 0xFF; {
		marker, size := d[at+1], int(d[at+2])<<8|int(d[at+3])
		if marker == 0xDA || marker == 0xD9 || size < 2 || at+2+size > len(d) {
			break
		}
		if body := d[at+4 : at+2+size]; marker == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at += 2 + size
	}
	return 1
}

func tiffOrientation(d []byte) int {
	if len(d) < 8 {
		return 1
	}
	u16 := func(at int) int { return int(d[at])<<8 | int(d[at+1]) }
	if d[0] == 'I' {
		u16 = func(at int) int { return int(d[at+1])<<8 | int(d[at]) }
	}
	u32 := func(at int) int { return u16(at)<<16 | u16(at+2) }
	if d[0] == 'I' {
		u32 = func(at int) int { return u16(at+2)<<16 | u16(at) }
	}
	ifd := u32(4)
	if ifd < 8 || ifd+2 > len(d) {
		return 1
	}
	for i, n := 0, u16(ifd); i < n && ifd+2+12*(i+1) <= len(d); i++ {
		at := ifd + 2 + 12*i
		if u16(at) == 0x0112 && u16(at+2) == 3 {
			if v := u16(at + 8); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}
