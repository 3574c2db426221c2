package sheet

import (
	"errors"
	"fmt"

	"rsc.io/qr"
)

// ErrCode is text that the wanted code cannot hold.
var ErrCode = errors.New("cannot be put in this code")

// QR is a QR code of text filling box, which is square, with error correction
// level M (15% of the code may be lost). The outline holds the dark modules;
// quiet leaves the four modules of empty margin that ISO/IEC 18004 asks for
// inside the box, else the layout must leave them around it. Rows of dark
// modules are joined, so that a printer shows no hair lines between them.
func QR(text string, box Rect, quiet bool) ([]Segment, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("QR code: %d bytes: %w", len(text), ErrCode)
	}
	margin := 0
	if quiet {
		margin = 4
	}
	module := box.W / MM(code.Size+2*margin)
	at := func(i int) MM { return MM(i+margin) * module }
	var out []Segment
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			out = append(out, RectPath(Rect{box.X + at(from), box.Y + at(y), MM(x-from) * module, module})...)
		}
	}
	return out, nil
}

// QRModules is how many modules a side of the code for text has, without
// margin: below 0.33 mm a module, telephones begin to miss codes.
func QRModules(text string) (int, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return 0, fmt.Errorf("QR code: %d bytes: %w", len(text), ErrCode)
	}
	return code.Size, nil
}

// The EAN-13 and UPC-A symbol of ISO/IEC 15420 and the GS1 General
// Specifications, section 5.2: at 100% a module is 0.330 mm, the symbol is 95
// modules wide with 11 light modules left and 7 right of it, bars are 22.85 mm
// high and the guard bars five modules longer. Magnifications of 80% to 200%
// are allowed.
const (
	eanModules   = 95
	eanLeft      = 11
	eanRight     = 7
	eanModule    = MM(0.33)
	eanBars      = MM(22.85)
	eanGuardDrop = 5
)

// Seven modules a digit: set A (odd parity); set C is its complement, set B is set C backwards.
var eanSetA = [10]byte{0b0001101, 0b0011001, 0b0010011, 0b0111101, 0b0100011, 0b0110001, 0b0101111, 0b0111011, 0b0110111, 0b0001011}

// Which of the left six digits are of set B, by the first digit, highest bit first.
var eanParity = [10]byte{0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010}

// BarcodeSize is the width and height of an EAN-13 symbol at a magnification,
// its light margins and its digits included.
func BarcodeSize(magnification float64) (w, h MM) {
	m := eanModule * MM(magnification)
	return m * (eanLeft + eanModules + eanRight), eanBars*MM(magnification) + m*eanGuardDrop + 1.5*m
}

// Barcode is an EAN-13 symbol with its top left corner at p, light margins
// included, bars and digits in colour c. The number is 12 or 13 digits of an
// EAN-13, or 11 or 12 of a UPC-A (drawn as the EAN-13 with a leading zero, the
// same bars); a twelve-digit number is a UPC-A if its check digit says so.
// Spaces and hyphens are ignored, a check digit that is there must be right.
// The ground must be light. height is that of the bars, 0 for the full height.
func (f *Fonts) Barcode(number string, p Point, magnification float64, height MM, c Colour) ([]Item, error) {
	d, err := eanDigits(number)
	if err != nil {
		return nil, err
	}
	if magnification < 0.8 || magnification > 2 {
		return nil, fmt.Errorf("barcode at %.0f%%: %w: 80%% to 200%% are allowed", magnification*100, ErrCode)
	}
	m := eanModule * MM(magnification)
	if height == 0 {
		height = eanBars * MM(magnification)
	}
	bits := eanBits(d)
	var bars []Segment
	x0 := p.X + eanLeft*m
	for i := 0; i < eanModules; i++ {
		if !bits[i] {
			continue
		}
		from := i
		for i < eanModules && bits[i] {
			i++
		}
		h := height
		if from < 3 || from >= 92 || from >= 45 && from < 50 {
			h += eanGuardDrop * m
		}
		bars = append(bars, RectPath(Rect{x0 + MM(from)*m, p.Y, MM(i-from) * m, h})...)
	}
	items := []Item{Filled(bars, c).Named("barcode")}

	st := Style{Role: Mono, Size: (m * 8.2).Pt(), NoKern: true}
	base := p.Y + height + 7*m
	digit := func(n byte, centre MM) {
		items = append(items, f.Line(string('0'+rune(n)), st).At(Point{centre, base}, Centre, 0, c)...)
	}
	digit(d[0], x0-7*m)
	for i := range 12 {
		at := 3 + 7*i
		if i >= 6 {
			at += 5 // the middle guard
		}
		digit(d[1+i], x0+(MM(at)+3.5)*m)
	}
	return items, nil
}

func eanDigits(number string) ([13]byte, error) {
	var out [13]byte
	var d []byte
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9' && len(d) < 14:
			d = append(d, byte(r-'0'))
		case r == ' ' || r == '-':
		default:
			return out, fmt.Errorf("barcode %q: %w: digits only", number, ErrCode)
		}
	}
	switch {
	case len(d) == 11, len(d) == 12 && checkDigit(append([]byte{0}, d[:11]...)) == d[11]:
		d = append([]byte{0}, d...)
	}
	if len(d) == 12 {
		d = append(d, checkDigit(d))
	}
	if len(d) != 13 {
		return out, fmt.Errorf("barcode %q: %w: %d digits where 11 to 13 are wanted", number, ErrCode, len(d))
	}
	if want := checkDigit(d[:12]); d[12] != want {
		return out, fmt.Errorf("barcode %q: %w: check digit %d should be %d", number, ErrCode, d[12], want)
	}
	return [13]byte(d), nil
}

// checkDigit is the thirteenth digit: weights 1 and 3 in turn, up to the next ten.
func checkDigit(d []byte) byte {
	sum := 0
	for i, v := range d {
		sum += int(v) * (1 + 2*(i%2))
	}
	return byte((10 - sum%10) % 10)
}

func eanBits(d [13]byte) (bits [eanModules]bool) {
	at := 0
	put := func(pattern byte, n int) {
		for i := n - 1; i >= 0; i-- {
			bits[at] = pattern>>i&1 == 1
			at++
		}
	}
	put(0b101, 3)
	for i := range 6 {
		a := eanSetA[d[1+i]]
		if eanParity[d[0]]>>(5-i)&1 == 1 {
			a = reverse7(^a & 0x7F)
		}
		put(a, 7)
	}
	put(0b01010, 5)
	for i := range 6 {
		put(^eanSetA[d[7+i]]&0x7F, 7)
	}
	put(0b101, 3)
	return bits
}

func reverse7(b byte) (out byte) {
	for i := range 7 {
		out |= (b >> i & 1) << (6 - i)
	}
	return out
}
