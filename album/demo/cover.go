package demo

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
)

// The cover is printed the way a risograph prints: two inks on warm paper, each
// only there or not there. What looks like a shade is grain, and the darkest
// colour is one ink over the other. So the picture has four colours and is a
// small file at full resolution.
//
// It shows evening over hills: the sun is a full reel with its hub, the moon the
// empty one, and the tape runs from one through the land below, under a viaduct,
// to whoever looks.

// coverSize is the side of the cover in pixels: 600 dots an inch on a panel of 127 mm, more than any J-card needs.
const coverSize = 3000

var inks = color.Palette{
	color.RGBA{0xf3, 0xe9, 0xd8, 0xff}, // paper
	color.RGBA{0xe8, 0x5d, 0x3d, 0xff}, // coral
	color.RGBA{0x24, 0x5a, 0x6b, 0xff}, // slate blue
	color.RGBA{0x3a, 0x2b, 0x38, 0xff}, // blue over coral
}

func writeCover(create func(string) (File, error), o Options, of int) (err error) {
	size := coverSize
	if o.Excerpt > 0 {
		size = coverSize / 5
	}
	f, err := create("cover.png")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, drawCover(dice(o.Seed).at(of), size))
}

// shade is how much of each ink a place takes, 0 to 1.
type shade struct{ coral, blue float64 }

// view is the picture in a square of side 1, y downwards.
type view struct {
	size   int
	ridges [6][]float64 // y of each range of hills, a column each; the farthest first
	tape   []ribbon     // the tape, a row each
	lights []disc       // stars and windows
}

type ribbon struct{ middle, half float64 }

type disc struct{ x, y, r float64 }

var (
	sun     = disc{0.635, 0.365, 0.232}
	moon    = disc{0.2, 0.205, 0.082}
	horizon = 0.575
)

func drawCover(d dice, size int) *image.Paletted {
	v := newView(d, size)
	img := image.NewPaletted(image.Rect(0, 0, size, size), inks)
	grain := max(1, size/1500) // pixels a grain
	for y := range size {
		row := img.Pix[y*img.Stride:][:size]
		for x := range row {
			s := v.at(x, y)
			g := mix64(uint64(d) + uint64(y/grain)<<32 + uint64(x/grain))
			if float64(g&0xffff) < s.coral*0x10000 {
				row[x] |= 1
			}
			// The second drum never sits quite where the first did.
			if float64(g>>16&0xffff) < s.blue*0x10000 {
				img.Pix[min(size-1, y+grain)*img.Stride+max(0, x-2*grain)] |= 2
				if y < grain || x >= size-2*grain { // the strip that the shift would leave bare
					row[x] |= 2
				}
			}
		}
	}
	for _, l := range v.lights {
		l.spare(img, size)
	}
	return img
}

// spare leaves a small upright window of paper in both inks.
func (d disc) spare(img *image.Paletted, size int) {
	at := func(u float64) int { return min(size, max(0, int(u*float64(size)))) }
	for y := at(d.y - d.r*1.15); y < at(d.y+d.r*1.15); y++ {
		clear(img.Pix[y*img.Stride:][at(d.x-d.r*0.8):max(at(d.x-d.r*0.8), at(d.x+d.r*0.8))])
	}
}

func newView(d dice, size int) *view {
	v := &view{size: size}
	base := [6]float64{0.575, 0.625, 0.69, 0.765, 0.85, 0.945}
	for k := range v.ridges {
		e := d.at(k)
		v.ridges[k] = make([]float64, size)
		height := 0.05 + 0.014*float64(k)
		for x := range size {
			u := float64(x) / float64(size)
			y := base[k]
			for n := range 5 {
				f := (0.7 + 0.5*e.unit(n)) * math.Exp2(float64(n)*0.95)
				y -= height * math.Exp2(-float64(n)*1.15) * math.Sin(2*math.Pi*(f*u+e.unit(10+n)))
			}
			v.ridges[k][x] = y
		}
	}
	v.tape = make([]ribbon, size)
	bend := d.at(50).unit(1)
	for y := range size {
		t := max(0, (float64(y)/float64(size)-horizon)/(1-horizon))
		swing := 0.17 * (1 - 0.35*t) * math.Sin(2*math.Pi*(1.25*math.Pow(t, 0.62)+0.12+0.1*bend))
		v.tape[y] = ribbon{middle: 0.44 + swing*math.Sqrt(t), half: 0.004 + 0.075*math.Pow(t, 1.7)}
	}
	for i := range 46 {
		e := d.at(60, i)
		star := disc{e.unit(1), 0.34 * e.unit(2) * e.unit(3), 0.0009 + 0.0014*e.unit(4)}
		if sun.distance(star.x, star.y) > 1.1 && moon.distance(star.x, star.y) > 1.2 {
			v.lights = append(v.lights, star)
		}
	}
	for i := range 26 {
		e := d.at(70, i)
		k := 2 + e.pick(1, 3)
		x := 0.04 + 0.92*e.unit(2)
		if i < 18 { // a village
			x, k = 0.76+0.16*e.sway(2), 3
		}
		y := v.ridges[k][min(size-1, max(0, int(x*float64(size))))] + 0.012 + 0.035*e.unit(3)
		if v.nearest(x, y) == k { // not behind a nearer hill
			v.lights = append(v.lights, disc{x, y, 0.0022 + 0.0012*e.unit(4)})
		}
	}
	return v
}

// at is the shade of a pixel: the nearest thing that covers it.
func (v *view) at(px, py int) shade {
	x, y := float64(px)/float64(v.size), float64(py)/float64(v.size)
	if k := v.nearest(x, y); k >= 0 {
		return v.land(k, x, y, px, py)
	}
	if s, ok := viaductAt(x, y); ok {
		return s
	}
	return v.sky(x, y)
}

// nearest is the range of hills seen at a place, -1 for the sky.
func (v *view) nearest(x, y float64) int {
	px := min(v.size-1, int(x*float64(v.size)+0.5))
	for k := len(v.ridges) - 1; k >= 0; k-- {
		if y >= v.ridges[k][px] {
			return k
		}
	}
	return -1
}

// sky: blue from above, coral from below, the two reels.
func (v *view) sky(x, y float64) shade {
	s := shade{coral: 0.62 * smooth((y-0.16)/0.46), blue: 0.8 * smooth((0.5-y)/0.5)}
	if r := sun.distance(x, y); r < 1 {
		return reel(sun, x, y, r, shade{coral: 0.97, blue: 0.1 * smooth((y-sun.y)/sun.r)}, shade{coral: 0.72}, 0.3)
	}
	if r := moon.distance(x, y); r < 1 {
		return reel(moon, x, y, r, shade{coral: 0.05, blue: 0.06}, shade{coral: 0.1, blue: 0.3}, 0.46)
	}
	// A thin band of light round each reel, as the paper shows where two inks keep apart.
	if r := sun.distance(x, y); r < 1.035 {
		s.blue *= 0.2
		s.coral *= 0.4
	}
	// The tape between the reels: the straight line that touches both from above.
	if d := tangent(x, y); math.Abs(d) < 0.0022 {
		return shade{coral: 0.9, blue: 0.95}
	}
	return s
}

// tangent is the distance from the line that lies on top of both reels, between the places where it touches them.
func tangent(x, y float64) float64 {
	dx, dy := sun.x-moon.x, sun.y-moon.y
	l := math.Hypot(dx, dy)
	// The normal n with n·(sun-moon) = moon.r-sun.r, pointing up and right.
	c := (sun.r - moon.r) / l
	ux, uy := dx/l, dy/l
	h := math.Sqrt(1 - c*c)
	nx, ny := -c*ux+h*uy, -c*uy-h*ux
	ax, ay := moon.x+moon.r*nx, moon.y+moon.r*ny
	bx, by := sun.x+sun.r*nx, sun.y+sun.r*ny
	if along := (x-ax)*(bx-ax) + (y-ay)*(by-ay); along < 0 || along > (bx-ax)*(bx-ax)+(by-ay)*(by-ay) {
		return math.Inf(1)
	}
	return (x-ax)*nx + (y-ay)*ny
}

func (d disc) distance(x, y float64) float64 { return math.Hypot(x-d.x, y-d.y) / d.r }

// reel draws a pack of tape: windings as fine rings, a hub with six teeth. r is the distance in radii.
func reel(d disc, x, y, r float64, pack, groove shade, hub float64) shade {
	switch {
	case r < hub*0.62: // the hole, with teeth that reach into it
		turn := math.Mod(math.Atan2(y-d.y, x-d.x)/(2*math.Pi)+1.04, 1.0/6) * 6
		if r > hub*0.4 && math.Abs(turn-0.5) < 0.075*hub/r {
			return shade{}
		}
		return shade{coral: 0.92, blue: 0.86}
	case r < hub:
		return shade{coral: 0.02}
	case r < hub*1.05:
		return shade{coral: 0.8, blue: 0.8}
	}
	ring := math.Mod((r-hub)*26, 1)
	if ring > 0.86 {
		return groove
	}
	return pack
}

// viaductAt: arches from side to side, behind the far hills.
func viaductAt(x, y float64) (shade, bool) {
	const top, deck, foot, span = 0.548, 0.009, 0.66, 0.062
	if y < top || y > foot {
		return shade{}, false
	}
	stone := shade{coral: 0.5, blue: 0.86}
	if y < top+deck {
		return stone, true
	}
	u := math.Mod(x+0.01, span)/span - 0.5 // -0.5..0.5 across an arch
	const half = 0.4
	if math.Abs(u) > half {
		return stone, true
	}
	spring := top + deck + 0.004 + half*span
	if y < spring && math.Hypot(u*span, y-spring) > half*span {
		return stone, true
	}
	return shade{}, false
}

// land is a range of hills: dense at the ridge, thinning into mist; the tape lies on it, and windows are lit.
func (v *view) land(k int, x, y float64, px, py int) shade {
	depth := y - v.ridges[k][px]
	near := float64(k) / float64(len(v.ridges)-1)
	mist := math.Exp(-depth * (16 - 7*near))
	s := shade{coral: (0.75 - 0.45*near) * (0.22 + 0.78*mist), blue: (0.25 + 0.7*near) * (0.2 + 0.8*mist)}
	if k >= 4 {
		s.coral += 0.16 * mist
	}
	// Contour lines, as on a map and as on a winding.
	if line := math.Mod(depth*(120-60*near), 1); line > 0.9 && depth > 0.004 {
		s.blue *= 0.45
	}
	if k >= 1 {
		r := v.tape[py]
		if t := math.Abs(x-r.middle) / r.half; t < 1 {
			switch {
			case t > 0.93:
				return shade{coral: 0.1, blue: 0.1}
			case math.Abs(x-r.middle+0.45*r.half) < 0.1*r.half: // light along the tape
				return shade{coral: 0.85, blue: 0.35}
			default:
				return shade{coral: 0.9, blue: 0.93}
			}
		}
	}
	return s
}

// smooth rises from 0 to 1 without a corner.
func smooth(t float64) float64 {
	t = min(1, max(0, t))
	return t * t * (3 - 2*t)
}
