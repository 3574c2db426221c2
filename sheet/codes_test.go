package sheet

import (
	"errors"
	"strings"
	"testing"

	"rsc.io/qr"
)

// The symbol of 5901234123457 is the example of the EAN-13 in many texts; its
// modules were worked out by hand from the tables of ISO/IEC 15420.
func TestBarcodeModules(t *testing.T) {
	d, err := eanDigits("5901234123457")
	if err != nil {
		t.Fatal(err)
	}
	want := "101" + "0001011" + "0100111" + "0110011" + "0010011" + "0111101" + "0011101" + "01010" +
		"1100110" + "1101100" + "1000010" + "1011100" + "1001110" + "1000100" + "101"
	var got strings.Builder
	for _, dark := range eanBits(d) {
		got.WriteByte("01"[map[bool]int{true: 1}[dark]])
	}
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", got.String(), want)
	}
}

func TestBarcodeNumbers(t *testing.T) {
	for number, want := range map[string]string{
		"400638133393":    "4006381333931",
		"4006381333931":   "4006381333931",
		"036000291452":    "0036000291452", // UPC-A
		"03600029145":     "0036000291452", // without its check digit
		"5 901234 123457": "5901234123457",
	} {
		d, err := eanDigits(number)
		var got []byte
		for _, v := range d {
			got = append(got, '0'+v)
		}
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", number, got, err)
		}
	}
	for _, bad := range []string{"", "123", "4006381333932", "40063813339311", "400638133393x", "٤٠٠٦٣٨١٣٣٣٩٣"} {
		if _, err := eanDigits(bad); !errors.Is(err, ErrCode) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := NewFonts().Barcode("4006381333931", Point{}, 0.5, 0, Colour{}); !errors.Is(err, ErrCode) {
		t.Errorf("half size: %v", err)
	}
}

func TestQR(t *testing.T) {
	const text = "https://example.org/claim/ABCD-EFGH-JKLM"
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	n, err := QRModules(text)
	if err != nil || n != code.Size {
		t.Fatalf("%d modules, %v", n, err)
	}
	size := MM(n + 8)
	outline, err := QR(text, Rect{10, 20, size, size}, true)
	if err != nil {
		t.Fatal(err)
	}
	area, dark := MM(0), 0
	for i := 0; i < len(outline); i += 5 {
		r := Bounds(outline[i : i+5])
		area += r.W * r.H
		if x, y := int(r.X-14+0.5), int(r.Y-24+0.5); !code.Black(x, y) || code.Black(x-1, y) || code.Black(int(r.X+r.W-14+0.5), y) {
			t.Fatalf("a run of modules at %v is not the code's", r)
		}
	}
	for y := range n {
		for x := range n {
			if code.Black(x, y) {
				dark++
			}
		}
	}
	if d := area - MM(dark); d > 1e-6 || d < -1e-6 {
		t.Errorf("dark area %v, want %d modules", area, dark)
	}
	if _, err := QR(strings.Repeat("x", 5000), Rect{W: 10, H: 10}, true); !errors.Is(err, ErrCode) {
		t.Errorf("5000 bytes: %v", err)
	}
}
