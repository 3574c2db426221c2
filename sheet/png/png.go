// Package png paints a sheet.Page as pixels: the previews of what the PDF prints.
//
// Each shape becomes coverage: how much of each pixel it covers, found from its
// outline (golang.org/x/image/vector), times the clip in force, times opacity,
// blended over what is there in sRGB values, as PDF viewers do. Strokes are
// turned into outlines first, type is the outlines of its glyphs, pictures are
// averaged down or interpolated up. The result is a preview: true to the layout
// within a pixel, without colour management.
package png

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"ferric/sheet"
)

// MaxPixels bounds a rendered page: 64 million, an A4 sheet at 800 dpi.
const MaxPixels = 64_000_000

// ErrTooLarge is a page that would have more than [MaxPixels].
var ErrTooLarge = errors.New("the preview would have too many pixels")

var (
	errNumber = errors.New("a measure is not a finite number")
	errDepth  = errors.New("groups are nested too deeply, or in a circle")
)

// Write paints a page on white at so many dots an inch and writes it as PNG.
func Write(w io.Writer, p *sheet.Page, dpi float64) error {
	im, err := Render(p, dpi)
	if err != nil {
		return err
	}
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(w, im); err != nil {
		return fmt.Errorf("png: %w", err)
	}
	return nil
}

// Render paints a page on white at so many dots an inch.
func Render(p *sheet.Page, dpi float64) (*image.RGBA, error) { return Part(p, p.Media, dpi) }

// Part paints a part of a page, its trim for example.
func Part(p *sheet.Page, part sheet.Rect, dpi float64) (*image.RGBA, error) {
	k := dpi / 25.4
	fw, fh := math.Round(float64(part.W)*k), math.Round(float64(part.H)*k)
	if !(fw >= 1 && fh >= 1) {
		return nil, fmt.Errorf("png: %g x %g mm at %g dpi: nothing to paint", float64(part.W), float64(part.H), dpi)
	}
	if fw*fh > MaxPixels {
		return nil, fmt.Errorf("png: %.0f x %.0f pixels: %w", fw, fh, ErrTooLarge)
	}
	im := image.NewRGBA(image.Rect(0, 0, int(fw), int(fh)))
	draw.Draw(im, im.Rect, image.White, image.Point{}, draw.Src)
	c := &canvas{im: im, glyphs: map[glyph][]sheet.Segment{}, pictures: map[*sheet.Image]image.Image{}}
	// The page fills the pixels exactly, also where its size is no whole number of them.
	m := sheet.Matrix{A: fw / float64(part.W), D: fh / float64(part.H)}
	m.E, m.F = -float64(part.X)*m.A, -float64(part.Y)*m.D
	if err := c.paint(p.Items, state{m: m, visible: im.Rect}, 0); err != nil {
		return nil, fmt.Errorf("png: %w", err)
	}
	return im, nil
}

// canvas is the image being painted, with what is worth keeping between items.
type canvas struct {
	im       *image.RGBA
	glyphs   map[glyph][]sheet.Segment // outlines for an em of 1
	pictures map[*sheet.Image]image.Image
	raster   raster
}

type glyph struct {
	face *sheet.Face
	id   uint16
}

// state is how and where items are painted.
type state struct {
	m       sheet.Matrix
	visible image.Rectangle
	clip    *image.Alpha // nil: all that is visible
}

const maxDepth = 32

func (c *canvas) paint(items []sheet.Item, s state, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	for _, it := range items {
		var err error
		switch it := it.(type) {
		case *sheet.Path:
			err = c.path(it, s)
		case *sheet.Text:
			err = c.text(it, s)
		case *sheet.Picture:
			err = c.picture(it, s)
		case *sheet.Clip:
			var in state
			if in, err = c.clipped(it.Inside, s); err == nil && !in.visible.Empty() {
				err = c.paint(it.Items, in, depth+1)
			}
		case *sheet.Use:
			in := s
			in.m = it.At.Then(s.m)
			if in, err = c.clipped(sheet.RectPath(it.Group.Box), in); err == nil && !in.visible.Empty() {
				err = c.paint(it.Group.Items, in, depth+1)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// clipped narrows a state to the inside of an outline.
func (c *canvas) clipped(inside []sheet.Segment, s state) (state, error) {
	mask, err := c.raster.coverage(sheet.Mapped(inside, s.m), s.visible)
	if err != nil {
		return s, err
	}
	out := s
	out.visible = mask.Rect
	if s.clip != nil {
		multiply(mask, s.clip)
	}
	out.clip = &image.Alpha{Pix: append([]uint8(nil), mask.Pix...), Stride: mask.Stride, Rect: mask.Rect}
	return out, nil
}

func (c *canvas) path(p *sheet.Path, s state) error {
	outline := sheet.Mapped(p.Segments, s.m)
	switch {
	case p.Gradient != nil:
		if len(p.Gradient.Stops) < 2 {
			return errors.New("a gradient needs two stops or more")
		}
		if err := c.fill(outline, s, newRamp(p.Gradient, s.m)); err != nil {
			return err
		}
	case p.Fill != nil:
		if err := c.fill(outline, s, flat(*p.Fill)); err != nil {
			return err
		}
	}
	if p.Stroke == nil {
		return nil
	}
	return c.fill(sheet.Mapped(stroke(p.Segments, float64(p.Width), p.Dash, s.m), s.m), s, flat(*p.Stroke))
}

// fill paints an outline in pixels with a source of colour.
func (c *canvas) fill(outline []sheet.Segment, s state, source image.Image) error {
	mask, err := c.raster.coverage(outline, s.visible)
	if err != nil {
		return err
	}
	if s.clip != nil {
		multiply(mask, s.clip)
	}
	draw.DrawMask(c.im, mask.Rect, source, mask.Rect.Min, mask, mask.Rect.Min, draw.Over)
	return nil
}

// flat is one colour everywhere.
func flat(k sheet.Colour) image.Image {
	b := func(x float64) uint8 { return uint8(math.Round(min(max(x, 0), 1) * 255)) }
	return image.NewUniform(color.NRGBA{b(k.R), b(k.G), b(k.B), b(k.A)})
}

// multiply narrows a mask by a clip that covers it.
func multiply(mask, clip *image.Alpha) {
	for y := mask.Rect.Min.Y; y < mask.Rect.Max.Y; y++ {
		row := mask.Pix[mask.PixOffset(mask.Rect.Min.X, y):][:mask.Rect.Dx()]
		other := clip.Pix[clip.PixOffset(mask.Rect.Min.X, y):][:len(row)]
		for x, a := range row {
			row[x] = uint8((uint32(a)*uint32(other[x]) + 127) / 255)
		}
	}
}

func (c *canvas) text(t *sheet.Text, s state) error {
	em := float64(t.Size.MM())
	stretch := t.Stretch
	if stretch == 0 {
		stretch = 1
	}
	m := sheet.ScaleBy(em*stretch, em).Then(sheet.TurnBy(t.Turn)).Then(sheet.MoveBy(t.At.X, t.At.Y)).Then(s.m)
	var all []sheet.Segment
	pen := 0.0
	for _, g := range t.Run.Glyphs {
		key := glyph{t.Face, g.ID}
		shape, ok := c.glyphs[key]
		if !ok {
			shape = t.Face.Outline(g.ID, 1)
			c.glyphs[key] = shape
		}
		at := sheet.MoveBy(sheet.MM(pen+g.DX), sheet.MM(-g.DY)).Then(m)
		pen += g.Advance
		if len(shape) == 0 {
			continue
		}
		all = append(all[:0], sheet.Mapped(shape, at)...)
		if err := c.fill(all, s, flat(t.Colour)); err != nil {
			return err
		}
		if t.Embolden > 0 {
			bold := sheet.Mapped(stroke(shape, t.Embolden, nil, at), at)
			if err := c.fill(bold, s, flat(t.Colour)); err != nil {
				return err
			}
		}
	}
	return nil
}
