package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"

	"ferric/sheet"
)

// image stores a picture, once.
func (f *file) image(im *sheet.Image) (ref, error) {
	if r, ok := f.images[im]; ok {
		return r, nil
	}
	if im.Width <= 0 || im.Height <= 0 || int64(im.Width)*int64(im.Height) > sheet.MaxPixels {
		return 0, fmt.Errorf("picture of %d x %d pixels: %w", im.Width, im.Height, sheet.ErrImageSize)
	}
	r, done, err := f.jpeg(im)
	if err == nil && !done {
		r, done, err = f.png(im)
	}
	if err == nil && !done {
		r, err = f.pixels(im)
	}
	if err != nil {
		return 0, err
	}
	f.images[im] = r
	return r, nil
}

// imageDict is what an image's dictionary begins with.
func imageDict(w, h, bits int, space string) string {
	return fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent %d /ColorSpace %s", w, h, bits, space)
}

// jpeg passes a JPEG through if it is one that PDF knows: baseline or
// progressive, eight bits, grey, colour or CMYK.
func (f *file) jpeg(im *sheet.Image) (ref, bool, error) {
	if im.MIME != "image/jpeg" {
		return 0, false, nil
	}
	h, err := readJPEG(im.Data)
	if err != nil {
		return 0, false, err
	}
	if h.width != im.Width || h.height != im.Height {
		return 0, false, fmt.Errorf("%w: JPEG of %d x %d pixels where %d x %d were read", sheet.ErrImageBroken, h.width, h.height, im.Width, im.Height)
	}
	space := map[int]string{1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}[h.components]
	if space == "" || !h.plain {
		return 0, false, nil
	}
	space = f.profile(h.icc, h.components, space)
	dict := imageDict(im.Width, im.Height, 8, space) + " /Filter /DCTDecode"
	if h.components == 4 && h.adobe {
		dict += " /Decode [1 0 1 0 1 0 1 0]" // Adobe writes CMYK upside down
	}
	r := f.alloc()
	f.rawStream(r, dict, im.Data)
	return r, true, nil
}

type jpegHeader struct {
	width, height, components int
	plain                     bool // a coding that PDF readers know
	adobe                     bool
	icc                       []byte
}

// readJPEG walks the segments before the scan.
func readJPEG(d []byte) (jpegHeader, error) {
	var h jpegHeader
	broken := fmt.Errorf("%w: JPEG is cut short", sheet.ErrImageBroken)
	for at := 2; ; {
		for at < len(d) && d[at] == 0xFF && at+1 < len(d) && d[at+1] == 0xFF { // fill bytes
			at++
		}
		if at+4 > len(d) || d[at] != 0xFF {
			return h, broken
		}
		marker, size := d[at+1], int(d[at+2])<<8|int(d[at+3])
		if size < 2 || at+2+size > len(d) {
			return h, broken
		}
		body := d[at+4 : at+2+size]
		switch {
		case marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
			if len(body) < 6 {
				return h, broken
			}
			h.height, h.width, h.components = int(body[1])<<8|int(body[2]), int(body[3])<<8|int(body[4]), int(body[5])
			h.plain = marker <= 0xC2 && body[0] == 8
		case marker == 0xEE && bytes.HasPrefix(body, []byte("Adobe")):
			h.adobe = true
		case marker == 0xE2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")) && len(body) > 14:
			h.icc = append(h.icc, body[14:]...)
		case marker == 0xDA:
			if bytes.LastIndex(d[at:], []byte{0xFF, 0xD9}) < 0 {
				return h, broken
			}
			return h, nil
		}
		at += 2 + size
	}
}

// profile is the colour space of an embedded ICC profile if it is sound, else
// the device space.
func (f *file) profile(icc []byte, components int, device string) string {
	kind := map[int]string{1: "GRAY", 3: "RGB ", 4: "CMYK"}[components]
	if len(icc) < 132 || len(icc) > 4<<20 || string(icc[36:40]) != "acsp" || string(icc[16:20]) != kind {
		return device
	}
	if size := int(icc[0])<<24 | int(icc[1])<<16 | int(icc[2])<<8 | int(icc[3]); size != len(icc) {
		return device
	}
	r := f.stream(fmt.Sprintf("/N %d /Alternate %s", components, device), icc)
	return fmt.Sprintf("[/ICCBased %v]", r)
}

// pixels decodes a picture of any other kind and stores its pixels.
func (f *file) pixels(im *sheet.Image) (ref, error) {
	decoded, err := im.Decode()
	if err != nil {
		return 0, err
	}
	b := decoded.Bounds()
	opaque := false
	if o, ok := decoded.(interface{ Opaque() bool }); ok {
		opaque = o.Opaque()
	}
	row := image.NewNRGBA(image.Rect(0, 0, b.Dx(), 1))
	y := 0
	next := func(colours, alphas []byte) error {
		straight(row, decoded, b.Min.X, b.Min.Y+y)
		y++
		for x := range b.Dx() {
			copy(colours[3*x:], row.Pix[4*x:4*x+3])
			if alphas != nil {
				alphas[x] = row.Pix[4*x+3]
			}
		}
		return nil
	}
	return f.rows(b.Dx(), b.Dy(), 3, 8, "/DeviceRGB", !opaque, next)
}

// straight copies one row without premultiplied alpha.
func straight(row *image.NRGBA, from image.Image, x0, y int) {
	switch from.(type) {
	case *image.NRGBA, *image.YCbCr, *image.Gray, *image.CMYK, *image.RGBA:
		draw.Draw(row, row.Bounds(), from, image.Pt(x0, y), draw.Src)
	default:
		for x := range row.Rect.Dx() {
			row.SetNRGBA(x, 0, color.NRGBAModel.Convert(from.At(x0+x, y)).(color.NRGBA))
		}
	}
}

// rows streams an image row by row: the colours into the file, the alphas,
// which compress well, into memory and then into a soft mask.
func (f *file) rows(w, h, components, bits int, space string, alpha bool, next func(colours, alphas []byte) error) (ref, error) {
	r, length := f.alloc(), f.alloc()
	var mask ref
	dict := imageDict(w, h, bits, space)
	if alpha {
		mask = f.alloc()
		dict += fmt.Sprintf(" /SMask %v", mask)
	}
	f.begin(r)
	f.printf("<< %s /Filter /FlateDecode %s /Length %v >>\nstream\n", dict, predictor(components, bits, w), length)
	start := f.written
	colours := newFilter(f, w, components, bits)
	var maskData bytes.Buffer
	var alphas *filter
	if alpha {
		alphas = newFilter(&maskData, w, 1, bits)
	}
	for range h {
		var a []byte
		if alpha {
			a = alphas.row
		}
		if err := next(colours.row, a); err != nil {
			return 0, err
		}
		colours.put()
		if alpha {
			alphas.put()
		}
	}
	if err := colours.z.Close(); err != nil {
		return 0, err
	}
	size := f.written - start
	f.printf("\nendstream\n")
	f.end()
	f.begin(length)
	f.printf("%d\n", size)
	f.end()
	if alpha {
		if err := alphas.z.Close(); err != nil {
			return 0, err
		}
		f.rawStream(mask, imageDict(w, h, bits, "/DeviceGray")+" /Filter /FlateDecode "+predictor(1, bits, w), maskData.Bytes())
	}
	return r, f.err
}

func predictor(components, bits, w int) string {
	return fmt.Sprintf("/DecodeParms << /Predictor 15 /Colors %d /BitsPerComponent %d /Columns %d >>", components, bits, w)
}

// filter compresses rows with the PNG predictors, choosing for each row between
// none, Sub and Up by the smallest sum, as the PNG specification advises.
type filter struct {
	z              *zlib.Writer
	row, last, try []byte
	best           []byte
	pixel          int // bytes of a pixel
}

func newFilter(w io.Writer, columns, components, bits int) *filter {
	n := (columns*components*bits + 7) / 8
	return &filter{z: zlib.NewWriter(w), row: make([]byte, n), last: make([]byte, n),
		try: make([]byte, n+1), best: make([]byte, n+1), pixel: max(1, components*bits/8)}
}

// put writes the row; errors stay in the writer below and in Close.
func (f *filter) put() {
	least := -1
	for kind := range 3 {
		f.try[0] = byte(kind)
		sum := 0
		for i, v := range f.row {
			switch {
			case kind == 1 && i >= f.pixel:
				v -= f.row[i-f.pixel]
			case kind == 2:
				v -= f.last[i]
			}
			f.try[i+1] = v
			sum += min(int(v), 256-int(v))
		}
		if least < 0 || sum < least {
			least = sum
			f.try, f.best = f.best, f.try
		}
	}
	f.z.Write(f.best)
	f.row, f.last = f.last, f.row
}
