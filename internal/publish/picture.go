package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"io/fs"
	"strings"

	"ferric/album"
	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/pressing"
	"ferric/sheet"
	"ferric/sheet/png"
)

// A picture that came up is never served as it came: what a page shows is painted anew, in one of these sizes, so that no
// hidden data, no other format and no size of a stranger's choosing comes through. Each is made when the pressing is published,
// and again when it is asked for and gone.

// maxPicture bounds a picture that comes up, in bytes; its pixels are bounded by album.MaxCoverPixels.
const maxPicture = album.MaxCoverBytes

// maxPhoto bounds a photo of a copy, in bytes.
const maxPhoto = 24 << 20

// longest is the longer side, in pixels, of each picture that is made, by its name. A smaller source is not made larger.
var longest = map[string]int{
	"cover-300.jpg": 300, "cover-600.jpg": 600, "cover-1200.jpg": 1200,
	"drawing-480.jpg": 480, "drawing-1200.jpg": 1200,
	"photo-400.jpg": 400, "photo-1600.jpg": 1600,
}

// sizes are what is made of each kind, the largest first: the others are made from it.
var sizes = map[Kind][]string{
	Cover:   {"cover-1200.jpg", "cover-600.jpg", "cover-300.jpg"},
	Drawing: {"drawing-1200.jpg", "drawing-480.jpg"},
	photo:   {"photo-1600.jpg", "photo-400.jpg"},
}

const photo Kind = "photo"

// OpenGraph is the picture, 1200 by 630, that stands for a release where its address is shared. It is made from a manifest.
const OpenGraph = "og.jpg"

// Picture opens a picture in one of the fixed sizes: "cover-300.jpg" (600, 1200) of a cover's hash, "drawing-480.jpg" (1200)
// of a drawing's, "photo-400.jpg" (1600) of a photo's, OpenGraph of a manifest's.
func (d *Desk) Picture(ctx context.Context, hash, name string) (*blob.File, error) {
	none := fault.New(fault.NotFound, "There is no such picture.")
	if _, ok := longest[name]; !blob.IsHash(hash) || !ok && name != OpenGraph {
		return nil, none
	}
	f, err := d.blobs.Made(hash, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	size, err := d.blobs.Stat(hash)
	if errors.Is(err, fs.ErrNotExist) || err == nil && size > maxPicture {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	leave, err := d.queue(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if f, err := d.blobs.Made(hash, name); err == nil {
		return f, nil // while we waited
	}
	data, err := d.whole(hash)
	if err != nil {
		return nil, err
	}
	if name == OpenGraph {
		m, err := pressing.ParseManifest(data)
		if err != nil || check(m) != nil {
			return nil, none
		}
		err = d.makeOpenGraph(m, hash)
		if err != nil {
			return nil, err
		}
	} else if err := d.resize(hash, Kind(strings.SplitN(name, "-", 2)[0]), data); err != nil {
		if fault.Is(err, fault.Invalid) {
			return nil, none
		}
		return nil, err
	}
	return d.blobs.Made(hash, name)
}

// KeepPhoto takes a photo of a copy in, painted anew without what a telephone writes beside it, and gives its hash for
// catalog.AddPhoto.
func (d *Desk) KeepPhoto(ctx context.Context, r io.Reader) (hash string, err error) {
	leave, err := d.queue(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	data, err := io.ReadAll(io.LimitReader(r, maxPhoto+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxPhoto {
		return "", fault.Field("photo", "A photo has at most %d MB.", maxPhoto/1_000_000)
	}
	im, err := upright("The photo", data)
	if err != nil {
		return "", err
	}
	painted, err := paint(im, longest["photo-1600.jpg"])
	if err != nil {
		return "", err
	}
	hash, _, err = d.blobs.Put(ctx, bytes.NewReader(painted), maxPhoto)
	if err != nil {
		return "", trouble(err)
	}
	return hash, trouble(d.resize(hash, photo, painted))
}

// whole reads a blob that is small enough to be a picture.
func (d *Desk) whole(hash string) ([]byte, error) {
	f, err := d.blobs.Open(hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxPicture+1))
}

// checkPicture decodes a picture that came and gives its size in pixels.
func (d *Desk) checkPicture(ctx context.Context, u Upload, file File) (w, h int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, 0, err
	}
	f, err := d.source(u, file.SHA256)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPicture+1))
	if err != nil {
		return 0, 0, err
	}
	im, err := upright(fmt.Sprintf("%q", short(file.Name)), data)
	if err != nil {
		return 0, 0, err
	}
	if png := im.MIME == "image/png"; !png && strings.HasSuffix(file.Name, ".png") || png && strings.HasSuffix(file.Name, ".jpg") {
		return 0, 0, fault.Newf(fault.Invalid, "%q is %s, whatever its name says. Nothing was kept.", short(file.Name), im.MIME)
	}
	w, h = im.Size()
	return w, h, nil
}

// upright decodes a JPEG or PNG once, so that a damaged one is found here, and turns it as its EXIF data says. Other formats are
// refused before any decoder sees them.
func upright(what string, data []byte) (*sheet.Image, error) {
	if !bytes.HasPrefix(data, []byte("\xff\xd8\xff")) && !bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) {
		return nil, fault.Newf(fault.Invalid, "%s is no JPEG and no PNG. Nothing was kept.", what)
	}
	art, _, err := album.NewArtwork("", data)
	if err == nil {
		var im *sheet.Image
		if im, err = sheet.NewImage(art.Data); err == nil {
			return im, nil
		}
	}
	return nil, fault.Wrap(err, fault.Invalid, what+" is damaged, or too large: at most 67 megapixels are taken. Nothing was kept.")
}

// makePictures makes what the release's page shows.
func (d *Desk) makePictures(ctx context.Context, m *pressing.Manifest, manifest string, drawn []catalog.Drawing) error {
	make := func(hash string, kind Kind) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f, err := d.blobs.Made(hash, sizes[kind][0]); err == nil {
			return f.Close()
		}
		data, err := d.whole(hash)
		if err != nil {
			return err
		}
		return d.resize(hash, kind, data)
	}
	if cover := coverHash(m); cover != "" {
		if err := make(cover, Cover); err != nil {
			return err
		}
	}
	for _, one := range drawn {
		if err := make(one.SHA256, Drawing); err != nil {
			return err
		}
	}
	return d.makeOpenGraph(m, manifest)
}

// resize makes all sizes of a picture.
func (d *Desk) resize(hash string, kind Kind, data []byte) error {
	im, err := upright("The picture", data)
	if err != nil {
		return err
	}
	for i, name := range sizes[kind] {
		painted, err := paint(im, longest[name])
		if err != nil {
			return err
		}
		if err := d.blobs.Make(hash, name, func(w io.Writer) error { _, err := w.Write(painted); return err }); err != nil {
			return err
		}
		if i == 0 {
			if im, err = sheet.NewImage(painted); err != nil {
				return err
			}
		}
	}
	return nil
}

// onePixel is the resolution at which a millimetre of a page is one pixel.
const onePixel = 25.4

// paper is the ground below what is transparent, the page's own.
var paper = sheet.Hex(0xF3EDE2)

// paint makes a JPEG whose longer side is at most so many pixels.
func paint(im *sheet.Image, most int) ([]byte, error) {
	w, h := im.Size()
	if side := max(w, h); side > most {
		w, h = max(1, (w*most+side/2)/side), max(1, (h*most+side/2)/side)
	}
	box := sheet.Rect{W: sheet.MM(w), H: sheet.MM(h)}
	p := &sheet.Page{Media: box}
	p.Add(sheet.Filled(sheet.RectPath(box), paper), &sheet.Picture{Image: im, Box: box})
	return encode(p)
}

func encode(p *sheet.Page) ([]byte, error) {
	picture, err := png.Render(p, onePixel)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, picture, &jpeg.Options{Quality: 82})
	return b.Bytes(), err
}

// coverHash is the cover's blob, ” without one.
func coverHash(m *pressing.Manifest) string {
	for _, f := range m.Files {
		if f.Name == "cover.jpg" || f.Name == "cover.png" {
			return f.SHA256
		}
	}
	return ""
}

// makeOpenGraph paints the cover with title, artist and catalogue number beside it, as on a spine.
func (d *Desk) makeOpenGraph(m *pressing.Manifest, manifest string) error {
	const w, h, margin = 1200, 630, 56
	box := sheet.Rect{W: w, H: h}
	accent, ink, grey := sheet.Hex(rgb(catalog.AccentOf(m.Release.Accent).Light)), sheet.Hex(0x1C1A17), sheet.Hex(0x5B554B)
	p := &sheet.Page{Media: box}
	p.Add(sheet.Filled(sheet.RectPath(box), paper))
	left := sheet.MM(margin)
	if cover := coverHash(m); cover != "" {
		f, err := d.blobs.Made(cover, "cover-1200.jpg")
		if err != nil {
			return err
		}
		data, err := io.ReadAll(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		im, err := sheet.NewImage(data)
		if err != nil {
			return err
		}
		square := sheet.Rect{W: h, H: h}
		p.Add(&sheet.Picture{Image: im, Box: im.Cover(square), Clip: &square})
		left = h + margin
	}
	p.Add(sheet.Filled(sheet.RectPath(sheet.Rect{X: left, Y: margin, W: 96, H: 10}), accent))
	wide := w - left - margin
	style := func(role sheet.Role, px sheet.MM) sheet.Style { return sheet.Style{Role: role, Size: px.Pt()} }
	title, _ := d.fonts.Fit(m.Release.Title, style(sheet.Title, 84), sheet.Fitting{Width: wide, MaxLines: 3})
	artist, _ := d.fonts.Fit(m.Release.Artist, style(sheet.TitleLight, 46), sheet.Fitting{Width: wide, MaxLines: 2})
	y := sheet.MM(margin + 46)
	p.Add(title.At(sheet.Point{X: left, Y: y}, ink)...)
	y += title.Height() + 20
	p.Add(artist.At(sheet.Point{X: left, Y: y}, grey)...)
	foot := strings.Trim(m.Release.CatalogNumber+" · "+m.Tape.Name, " ·")
	line, _ := d.fonts.Fit(foot, style(sheet.Mono, 30), sheet.Fitting{Width: wide})
	p.Add(line.At(sheet.Point{X: left, Y: h - margin - line.Height()}, ink)...)
	painted, err := encode(p)
	if err != nil {
		return err
	}
	return d.blobs.Make(manifest, OpenGraph, func(w io.Writer) error { _, err := w.Write(painted); return err })
}

// rgb is "#RRGGBB" as a number.
func rgb(colour string) (n uint32) {
	fmt.Sscanf(colour, "#%x", &n)
	return n
}
