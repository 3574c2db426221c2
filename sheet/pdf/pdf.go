// Package pdf writes a sheet.Document as PDF 1.7 (ISO 32000-1).
//
// A PDF file is a list of numbered objects, each a dictionary, an array or a
// stream of bytes, and at the end a table of where each begins. A page names a
// content stream, which paints with short operators, and the resources that it
// uses: fonts, images, forms. This writer sends each object to its io.Writer as
// soon as it is whole and keeps only the table, so that memory does not grow
// with pages; fonts come last, when it is known which glyphs they need.
//
// What print houses ask for is kept: MediaBox, BleedBox and TrimBox true to the
// layout, every font embedded as a subset with its characters mapped back to
// Unicode (text can be searched and copied), JPEG data passed through as it
// came, full resolution with a soft mask for alpha, colour profiles of pictures,
// pure greys as DeviceGray so that black type prints with black ink alone.
//
// There is no clock and no chance in the file: the same document gives the same
// bytes, and its /ID is a hash of them.
package pdf

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"ferric/sheet"
)

// Write writes the document. It fails with the first error of w, with an error
// that names the page when a picture is damaged, or when a coordinate is not a
// finite number.
func Write(w io.Writer, doc *sheet.Document) error {
	hash := sha256.New()
	buffered := bufio.NewWriterSize(io.MultiWriter(w, hash), 64<<10)
	f := &file{w: buffered, hash: hash,
		fonts: map[*sheet.Face]*fontInUse{}, images: map[*sheet.Image]ref{},
		groups: map[*sheet.Group]*form{}, shadings: map[string]ref{}}
	f.printf("%%PDF-1.7\n%%\xE2\xE3\xCF\xD3\n")
	catalog, pages := f.alloc(), f.alloc()
	var kids []ref
	for p, err := range doc.All() {
		var kid ref
		if err == nil {
			kid, err = f.page(p, pages)
		}
		if err != nil {
			return fmt.Errorf("pdf: page %d: %w", len(kids)+1, err)
		}
		kids = append(kids, kid)
	}
	for _, font := range f.fontOrder {
		f.font(font)
	}
	info, xmp := f.info(doc), f.xmp(doc)
	f.begin(pages)
	f.printf("<< /Type /Pages /Count %d /Kids [", len(kids))
	for i, k := range kids {
		if i%16 == 0 {
			f.printf("\n")
		}
		f.printf("%v ", k)
	}
	f.printf("] >>\n")
	f.end()
	f.begin(catalog)
	f.printf("<< /Type /Catalog /Pages %v /Metadata %v /ViewerPreferences << /DisplayDocTitle true /PrintScaling /None >>", pages, xmp)
	if doc.Language != "" {
		f.printf(" /Lang %s", textString(doc.Language))
	}
	f.printf(" >>\n")
	f.end()
	f.trailer(catalog, info)
	if f.err != nil {
		return fmt.Errorf("pdf: %w", f.err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("pdf: %w", err)
	}
	return nil
}

// file is a PDF being written. The first error stays; writing after it does nothing.
type file struct {
	w       *bufio.Writer
	hash    hash.Hash
	written int64
	offsets []int64 // of each object, by its number less one; 0: not written yet
	err     error

	packer *zlib.Writer // used again: a new one takes a megabyte
	packed bytes.Buffer

	fonts     map[*sheet.Face]*fontInUse
	fontOrder []*fontInUse
	images    map[*sheet.Image]ref
	groups    map[*sheet.Group]*form
	shadings  map[string]ref // by what they say
}

// page writes one page and what it is the first to use.
func (f *file) page(p *sheet.Page, parent ref) (ref, error) {
	media := p.Media
	if !(media.W > 0 && media.H > 0 && media.W <= 5080 && media.H <= 5080) { // 14,400 points, the format's own limit
		return 0, fmt.Errorf("a sheet of %g x %g mm cannot be made", float64(media.W), float64(media.H))
	}
	c := newContent(f)
	c.op("cm", pointsPerMM, 0, 0, -pointsPerMM, 0, float64(media.H)*pointsPerMM)
	if err := c.paint(p.Items); err != nil {
		return 0, err
	}
	body := f.stream("", c.bytes())
	page := f.alloc()
	f.begin(page)
	f.printf("<< /Type /Page /Parent %v /Contents %v\n/MediaBox %s", parent, body, box(media, media))
	if p.Bleed != (sheet.Rect{}) {
		f.printf(" /BleedBox %s", box(p.Bleed, media))
	}
	if p.Trim != (sheet.Rect{}) {
		f.printf(" /TrimBox %s", box(p.Trim, media))
	}
	if c.translucent {
		f.printf("\n/Group << /Type /Group /S /Transparency /CS /DeviceRGB >>")
	}
	f.printf("\n/Resources %s >>\n", c.resources())
	f.end()
	return page, f.err
}

const pointsPerMM = 72 / 25.4

// box is a rectangle in points with its origin at the bottom left.
func box(r, media sheet.Rect) string {
	bottom := float64(media.H - r.Y - r.H)
	return "[" + numbers(float64(r.X)*pointsPerMM, bottom*pointsPerMM, float64(r.X+r.W)*pointsPerMM, (bottom+float64(r.H))*pointsPerMM) + "]"
}
