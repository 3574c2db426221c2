package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"ferric/sheet"
)

// png stores a PNG. A PNG's compressed rows are just what a PDF image with the
// PNG predictor holds, so a picture without alpha is passed through as it is;
// one with alpha is taken apart row by row. Interlaced ones are decoded whole
// by [file.pixels].
func (f *file) png(im *sheet.Image) (ref, bool, error) {
	if im.MIME != "image/png" {
		return 0, false, nil
	}
	p, err := readPNG(im.Data)
	if err != nil {
		return 0, false, err
	}
	if p.width != im.Width || p.height != im.Height {
		return 0, false, fmt.Errorf("%w: PNG of %d x %d pixels where %d x %d were read", sheet.ErrImageBroken, p.width, p.height, im.Width, im.Height)
	}
	if p.interlaced {
		return 0, false, nil
	}
	if p.transparent == nil && (p.kind == pngGrey || p.kind == pngColour || p.kind == pngPalette) {
		r, err := f.pngAsItIs(p)
		return r, err == nil, err
	}
	rows, err := p.rows()
	if err != nil {
		return 0, false, err
	}
	components, space := 3, "/DeviceRGB"
	if p.kind == pngGrey || p.kind == pngGreyAlpha {
		components, space = 1, "/DeviceGray"
	}
	bits := max(8, p.bits)
	r, err := f.rows(p.width, p.height, components, bits, space, true, rows)
	return r, err == nil, err
}

func (f *file) pngAsItIs(p *pngFile) (ref, error) {
	components, space := 1, "/DeviceGray"
	switch p.kind {
	case pngColour:
		components, space = 3, "/DeviceRGB"
	case pngPalette:
		if len(p.palette) == 0 || len(p.palette)%3 != 0 || len(p.palette) > 3<<min(p.bits, 8) {
			return 0, fmt.Errorf("%w: PNG without a palette", sheet.ErrImageBroken)
		}
		space = fmt.Sprintf("[/Indexed /DeviceRGB %d <%X>]", len(p.palette)/3-1, p.palette)
	}
	size := 0
	for _, d := range p.data {
		size += len(d)
	}
	r := f.alloc()
	f.begin(r)
	f.printf("<< %s /Filter /FlateDecode %s /Length %d >>\nstream\n", imageDict(p.width, p.height, p.bits, space), predictor(components, p.bits, p.width), size)
	for _, d := range p.data {
		f.Write(d)
	}
	f.printf("\nendstream\n")
	f.end()
	return r, f.err
}

// The PNG colour types.
const (
	pngGrey      = 0
	pngColour    = 2
	pngPalette   = 3
	pngGreyAlpha = 4
	pngAlpha     = 6
)

// pngFile is what the chunks of a PNG (ISO/IEC 15948) say; data are slices of the file.
type pngFile struct {
	width, height, bits, kind int
	interlaced                bool
	palette, transparent      []byte
	data                      [][]byte
}

// readPNG reads the chunks and checks their sums.
func readPNG(d []byte) (*pngFile, error) {
	broken := func(why string) error { return fmt.Errorf("%w: PNG %s", sheet.ErrImageBroken, why) }
	p := &pngFile{}
	d = d[min(8, len(d)):]
	for {
		if len(d) < 12 {
			return nil, broken("is cut short")
		}
		size := binary.BigEndian.Uint32(d)
		if uint64(size)+12 > uint64(len(d)) {
			return nil, broken("is cut short")
		}
		kind, body := string(d[4:8]), d[8:8+size]
		if crc32.ChecksumIEEE(d[4:8+size]) != binary.BigEndian.Uint32(d[8+size:]) {
			return nil, broken("has a wrong checksum")
		}
		d = d[12+size:]
		switch kind {
		case "IHDR":
			if len(body) != 13 {
				return nil, broken("has a wrong header")
			}
			p.width, p.height = int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:]))
			p.bits, p.kind, p.interlaced = int(body[8]), int(body[9]), body[12] != 0
		case "PLTE":
			p.palette = body
		case "tRNS":
			p.transparent = body
		case "IDAT":
			p.data = append(p.data, body)
		case "IEND":
			if len(p.data) == 0 || p.width == 0 {
				return nil, broken("has no picture")
			}
			return p, nil
		}
	}
}

// channels are the samples of a pixel as stored.
func (p *pngFile) channels() int {
	return map[int]int{pngGrey: 1, pngColour: 3, pngPalette: 1, pngGreyAlpha: 2, pngAlpha: 4}[p.kind]
}

// rows gives a PNG with alpha row by row, colours and alphas apart, samples of
// eight bits, or sixteen where the file has them.
func (p *pngFile) rows() (func(colours, alphas []byte) error, error) {
	channels := p.channels()
	allowed := map[int][]int{pngGrey: {1, 2, 4, 8, 16}, pngColour: {8, 16}, pngPalette: {1, 2, 4, 8}, pngGreyAlpha: {8, 16}, pngAlpha: {8, 16}}
	if !slices.Contains(allowed[p.kind], p.bits) {
		return nil, fmt.Errorf("%w: PNG of colour type %d with %d bits", sheet.ErrImageBroken, p.kind, p.bits)
	}
	readers := make([]io.Reader, len(p.data))
	for i, d := range p.data {
		readers[i] = bytes.NewReader(d)
	}
	z, err := zlib.NewReader(io.MultiReader(readers...))
	if err != nil {
		return nil, fmt.Errorf("%w: PNG: %v", sheet.ErrImageBroken, err)
	}
	n := (p.width*channels*p.bits + 7) / 8
	pixel := max(1, channels*p.bits/8)
	row, last := make([]byte, n+1), make([]byte, n+1)
	return func(colours, alphas []byte) error {
		row, last = last, row
		if _, err := io.ReadFull(z, row); err != nil {
			return fmt.Errorf("%w: PNG: %v", sheet.ErrImageBroken, err)
		}
		if err := unfilter(row[0], row[1:], last[1:], pixel); err != nil {
			return err
		}
		p.split(row[1:], colours, alphas)
		return nil
	}, nil
}

// unfilter undoes a row's predictor in place.
func unfilter(kind byte, row, last []byte, pixel int) error {
	for i := range row {
		var left, above, corner int
		above = int(last[i])
		if i >= pixel {
			left, corner = int(row[i-pixel]), int(last[i-pixel])
		}
		switch kind {
		case 0:
			return nil
		case 1:
			row[i] += byte(left)
		case 2:
			row[i] += byte(above)
		case 3:
			row[i] += byte((left + above) / 2)
		case 4:
			row[i] += byte(paeth(left, above, corner))
		default:
			return fmt.Errorf("%w: PNG filter %d", sheet.ErrImageBroken, kind)
		}
	}
	return nil
}

func paeth(a, b, c int) int {
	abs := func(x int) int { return max(x, -x) }
	pa, pb, pc := abs(b-c), abs(a-c), abs(a+b-2*c)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

// split takes a row of samples apart.
func (p *pngFile) split(row, colours, alphas []byte) {
	size := max(1, p.bits/8)
	switch p.kind {
	case pngGreyAlpha, pngAlpha:
		n := (p.channels() - 1) * size
		for x := range p.width {
			at := x * (n + size)
			copy(colours[x*n:], row[at:at+n])
			copy(alphas[x*size:], row[at+n:at+n+size])
		}
	case pngColour, pngGrey:
		n := p.channels() * size
		sample := func(x int) []byte { return row[x*n : x*n+n] }
		if p.bits < 8 {
			grey := make([]byte, 1)
			sample = func(x int) []byte { grey[0] = p.small(row, x); return grey }
		}
		for x := range p.width {
			s := sample(x)
			clear := p.isClear(s)
			if p.bits < 8 {
				colours[x] = byte(int(s[0]) * 255 / (1<<p.bits - 1))
			} else {
				copy(colours[x*n:], s)
			}
			for i := range size {
				alphas[x*size+i] = 0xFF
				if clear {
					alphas[x*size+i] = 0
				}
			}
		}
	case pngPalette:
		for x := range p.width {
			i := int(p.small(row, x))
			var k [3]byte
			if 3*i+3 <= len(p.palette) {
				copy(k[:], p.palette[3*i:])
			}
			copy(colours[3*x:], k[:])
			alphas[x] = 0xFF
			if i < len(p.transparent) {
				alphas[x] = p.transparent[i]
			}
		}
	}
}

// small is sample x of a row whose samples have eight bits or fewer.
func (p *pngFile) small(row []byte, x int) byte {
	bit := x * p.bits
	return row[bit/8] >> (8 - p.bits - bit%8) & (1<<p.bits - 1)
}

// isClear says whether a sample is the colour that tRNS makes transparent; its
// values there have sixteen bits each.
func (p *pngFile) isClear(s []byte) bool {
	n := max(1, p.bits/8)
	for i := 0; i < len(s)/n; i++ {
		if len(p.transparent) < 2*i+2 {
			return false
		}
		want := p.transparent[2*i : 2*i+2]
		if n == 2 && !bytes.Equal(s[2*i:2*i+2], want) || n == 1 && s[i] != want[1] {
			return false
		}
	}
	return true
}
