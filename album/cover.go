package album

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // covers come in these formats
	_ "image/jpeg" //
	"image/png"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	_ "golang.org/x/image/tiff" //
	_ "golang.org/x/image/webp" //

	"ferric/album/tag"
)

// Limits of a cover. A J-card front at 600 dots an inch has four million pixels.
const (
	MaxCoverBytes  = 64 << 20
	MaxCoverPixels = 64 << 20
	maxCoverSide   = 32_767
	maxJPEGScans   = 200 // of a progressive picture, each of which is drawn over the whole; cameras and editors write about ten
)

// NoCover as the cover in release.toml means that none shall be used, whatever the folder holds.
const NoCover = "none"

// ErrCover is wrapped by every refusal of a picture.
var ErrCover = errors.New("picture refused")

// findCover takes the cover from release.toml, else from a picture in the folder, else from a track's tags.
func (r *reading) findCover(ctx context.Context) error {
	name := r.release.cover
	if name == NoCover {
		return nil
	}
	if name == "" {
		name = r.coverFile()
	}
	if name != "" {
		data, err := r.readCover(name)
		if err != nil {
			return err
		}
		return r.setCover(name, data)
	}
	for i := range r.album.Tracks {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := inFolder(r.dir, r.album.Tracks[i].File)
		picture, err := r.embedded(file)
		if err != nil {
			return err
		}
		if picture != nil {
			return r.setCover(file, picture.Data)
		}
	}
	return nil
}

func (r *reading) setCover(file string, data []byte) error {
	art, turned, err := NewArtwork(file, data)
	if err != nil {
		return err
	}
	if turned != "" {
		r.notice(NoticeCover, file, "%s: %s", CleanLine(file), turned)
	}
	r.album.Cover = art
	return nil
}

// coverFile is the picture in the folder that is most likely the cover, "" when there is none.
func (r *reading) coverFile() string {
	rank := func(p string) int {
		stem := strings.ToLower(strings.TrimSuffix(path.Base(p), path.Ext(p)))
		for i, name := range []string{"cover", "front", "folder", "albumart", "album", "artwork", "art"} {
			if stem == name {
				return 2 * i
			}
			if strings.HasPrefix(stem, name) && !strings.Contains(stem, "back") && !strings.Contains(stem, "small") {
				return 2*i + 1
			}
		}
		return 100
	}
	if len(r.found.images) == 0 {
		return ""
	}
	best := slices.MinFunc(r.found.images, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), comparePaths(a, b))
	})
	if rank(best) < 100 {
		return best
	}
	if top := slices.DeleteFunc(slices.Clone(r.found.images), func(p string) bool { return strings.Contains(p, "/") }); len(top) == 1 {
		r.notice(NoticeCover, top[0], "%s is taken for the cover, as the only picture in the folder", CleanLine(top[0]))
		return top[0]
	}
	r.notice(NoticeCover, "", "%s in the folder, and none is called cover, front or folder", plural(len(r.found.images), "picture"))
	return ""
}

func (r *reading) readCover(name string) ([]byte, error) {
	if info, err := r.root.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, &FileError{File: name, Text: "is no regular file"}
	}
	f, err := r.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &FieldError{lineOf(r.release.lines, "release.cover"), "[release] cover", fmt.Sprintf("there is no file %q", CleanLine(name))}
	}
	if err != nil {
		return nil, &FileError{name, "cannot be read", plain(err)}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxCoverBytes+1))
	if err != nil {
		return nil, &FileError{name, "cannot be read", plain(err)}
	}
	return data, nil
}

func (r *reading) embedded(file string) (*tag.Picture, error) {
	f, err := r.root.Open(file)
	if err != nil {
		return nil, &FileError{file, "cannot be read", plain(err)}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, &FileError{file, "cannot be read", plain(err)}
	}
	tags, _ := tag.Read(f, info.Size(), tag.Options{Pictures: true}) // trouble was noticed when the names were read
	return tags.Cover(), nil
}

// NewArtwork checks a picture and makes it fit for print: it is decoded once, so that
// a damaged one is refused here and by name. A JPEG (grey or colour, upright) or a PNG keeps its
// bytes. Any other picture is written anew as PNG, without loss: GIF, WebP, TIFF, CMYK,
// and JPEG that its EXIF data says to turn. note says so, and is "" when nothing was done.
func NewArtwork(file string, data []byte) (art *Artwork, note string, err error) {
	refuse := func(format string, args ...any) (*Artwork, string, error) {
		return nil, "", &FileError{file, fmt.Sprintf(format, args...), ErrCover}
	}
	switch {
	case len(data) == 0:
		return refuse("it is empty")
	case len(data) > MaxCoverBytes:
		return refuse("it is larger than %d MiB", MaxCoverBytes>>20)
	}
	config, format, err := decodeConfig(data)
	if errors.Is(err, image.ErrFormat) {
		return refuse("it is no JPEG, PNG, GIF, WebP or TIFF")
	}
	if err != nil {
		return refuse("it is damaged (%v)", err)
	}
	w, h := config.Width, config.Height
	switch {
	case w < 1 || h < 1:
		return refuse("it has %d x %d pixels", w, h)
	case w > maxCoverSide || h > maxCoverSide || w*h > MaxCoverPixels:
		return refuse("%d x %d pixels are %d megapixels, at most %d are read", w, h, (w*h+500_000)/1_000_000, MaxCoverPixels/1_000_000)
	case format == "jpeg" && bytes.Count(data, []byte{0xff, 0xda}) > maxJPEGScans:
		return refuse("it is a JPEG in more than %d scans", maxJPEGScans)
	}
	picture, err := decode(data)
	if err != nil {
		return refuse("it is damaged (%v)", err)
	}
	art = &Artwork{File: file, MIME: "image/" + format, Width: w, Height: h, Data: data}
	orientation := 1
	if format == "jpeg" {
		orientation = exifOrientation(data)
	}
	_, cmyk := picture.(*image.CMYK)
	switch {
	case orientation > 1:
		picture, note = turn(picture, orientation), "the picture was turned upright, as its EXIF data says"
	case cmyk:
		picture, note = flatten(picture), "the picture was turned from CMYK into RGB"
	case format == "jpeg", format == "png":
		return art, "", nil
	default:
		note = "the picture was turned from " + strings.ToUpper(format) + " into PNG"
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return refuse("it cannot be written as PNG (%v)", err)
	}
	size := picture.Bounds().Size()
	art.MIME, art.Width, art.Height, art.Data = "image/png", size.X, size.Y, b.Bytes()
	return art, note, nil
}

// decodeConfig and decode keep a decoder's panic from ending the program: their authors
// did not write all of them for files from strangers.
func decodeConfig(data []byte) (config image.Config, format string, err error) {
	defer catch(&err)
	return image.DecodeConfig(bytes.NewReader(data))
}

func decode(data []byte) (picture image.Image, err error) {
	defer catch(&err)
	picture, _, err = image.Decode(bytes.NewReader(data))
	return picture, err
}

func catch(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the decoder failed: %v", p)
	}
}

func flatten(src image.Image) image.Image {
	b := src.Bounds()
	dst := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			dst.Set(x, y, src.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return dst
}

// turn makes src upright. Orientation n says where the picture's first row and column
// belong: 2 to 4 mirror and half-turn, 5 to 8 exchange rows and columns. Exif 2.32, 4.6.4 A.
func turn(src image.Image, orientation int) image.Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			dst.SetNRGBA(x, y, color.NRGBAModel.Convert(src.At(b.Min.X+sx, b.Min.Y+sy)).(color.NRGBA))
		}
	}
	return dst
}

// exifOrientation finds the orientation of a JPEG, 1 (upright) when it says none from 1 to 8.
// EXIF is a TIFF directory in an APP1 segment; only the main picture's first directory is read.
func exifOrientation(data []byte) int {
	for pos := 2; pos+4 <= len(data) && data[pos] == 0xff; {
		marker := data[pos+1]
		if marker == 0xff || marker == 0xd8 || marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 {
			pos++
			if marker != 0xff {
				pos++
			}
			continue
		}
		size := int(binary.BigEndian.Uint16(data[pos+2:]))
		if marker == 0xda || size < 2 || pos+2+size > len(data) {
			return 1
		}
		segment := data[pos+4 : pos+2+size]
		if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			return tiffOrientation(tiff)
		}
		pos += 2 + size
	}
	return 1
}

func tiffOrientation(b []byte) int {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(b) < 8 {
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	dir := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(dir) < 12 {
			return 1
		}
		const orientation, short = 0x0112, 3
		if order.Uint16(dir) == orientation && order.Uint16(dir[2:]) == short {
			if v := int(order.Uint16(dir[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		dir = dir[12:]
	}
	return 1
}
