package tape

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Formulation is a kind of tape: what it carries and what it hisses.
//
// Levels are dB relative to Dolby level. MOL is the level at which the third
// harmonic reaches 3 %; SOL is the level above which more input gives less
// output, the limit in the treble.
type Formulation struct {
	Code   string // "I", "II", "IV"
	Name   string // "Type I, ferric"
	MOL400 float64
	MOL1k  float64
	SOL10k float64
	SOL15k float64
	NoiseA float64 // A-weighted hiss
	EQ     ReplayEQ
	Source string // where the figures are from, and which are not measured
}

// ErrFormulation is wrapped by errors about an unknown kind of tape.
var ErrFormulation = errors.New("no such tape type")

// Ferric is Type I: the reference Maxell UR of 1994, measured on Nakamichi
// decks (audiochrome.blogspot.com/2018).
func Ferric() Formulation {
	return Formulation{
		Code: "I", Name: "Type I, ferric",
		MOL400: 5.3, MOL1k: 2.9, SOL10k: -1.3, SOL15k: -7.3, NoiseA: -52.5,
		EQ:     EQ120(),
		Source: "Maxell UR 1994, measured: audiochrome.blogspot.com/2018",
	}
}

// Chrome is Type II: the reference Maxell XLII of 1994, measured the same way
// (audiochrome.blogspot.com 2018/03). It hisses less than ferric but has less
// room in the treble. Its 15 kHz figure was not published: it is taken as far
// under the 10 kHz one as on the ferric reference, 6.0 dB.
func Chrome() Formulation {
	return Formulation{
		Code: "II", Name: "Type II, chrome",
		MOL400: 5.3, MOL1k: 5.5, SOL10k: -3.4, SOL15k: -9.4, NoiseA: -59.2,
		EQ:     EQ70(),
		Source: "Maxell XLII 1994, measured: audiochrome.blogspot.com 2018/03; 15 kHz derived from Type I's fall",
	}
}

// Metal is Type IV. No measurement was found: its figures are the middle of
// what is commonly remembered (+7 to +9 at 400 Hz, +2 to +4 at 10 kHz, hiss
// about −58), 1 kHz as 400 Hz, 15 kHz derived as for chrome.
func Metal() Formulation {
	return Formulation{
		Code: "IV", Name: "Type IV, metal",
		MOL400: 8, MOL1k: 8, SOL10k: 3, SOL15k: -3, NoiseA: -58,
		EQ:     EQ70(),
		Source: "from memory, not measured",
	}
}

// Formulations returns the kinds of tape that Ferric knows.
func Formulations() []Formulation { return []Formulation{Ferric(), Chrome(), Metal()} }

// ParseFormulation reads "I", "1", "type 2", "chrome", "metal" and the like, whatever the case.
func ParseFormulation(s string) (Formulation, error) {
	key := strings.ToLower(strings.TrimSpace(s))
	key = strings.Trim(strings.TrimPrefix(key, "type"), " -_")
	switch key {
	case "i", "1", "ferric", "normal", "fe":
		return Ferric(), nil
	case "ii", "2", "chrome", "cro2", "cobalt":
		return Chrome(), nil
	case "iv", "4", "metal":
		return Metal(), nil
	}
	return Formulation{}, fmt.Errorf("%w: %.20q (I, II or IV)", ErrFormulation, s)
}

// SaturationDB is the level a tone of hz saturates the tape at, dB relative to
// Dolby level: the four known points joined by straight lines on a logarithmic
// frequency axis, level below 400 Hz, and falling on above 15 kHz as between
// the last two.
func (f Formulation) SaturationDB(hz float64) float64 {
	at := [...]float64{400, 1000, 10000, 15000}
	level := [...]float64{f.MOL400, f.MOL1k, f.SOL10k, f.SOL15k}
	if !(hz > at[0]) {
		return level[0]
	}
	i := 0
	for i < len(at)-2 && hz > at[i+1] {
		i++
	}
	x := math.Log(hz/at[i]) / math.Log(at[i+1]/at[i])
	return level[i] + x*(level[i+1]-level[i])
}

// Range is the span from hiss to distortion, MOL400 − NoiseA, in dB.
func (f Formulation) Range() float64 { return f.MOL400 - f.NoiseA }

func (f Formulation) String() string { return f.Name }
