// Package tape is the medium: compact cassette tape, its formulations, lengths,
// pack geometry, levels and equalisation.
//
// A cassette holds one ribbon 3.81 mm wide that runs at 1⅞ inches a second
// past the head, from the supply hub on the left to the take-up hub on the
// right; turned over, the same ribbon runs back as side B. What follows from
// that is arithmetic: how long a side plays ([Length]), how thick the two
// packs are and what the counter shows ([Reels], [Counter]), how long winding
// takes ([Wind]).
//
// How loud it may be is chemistry ([Formulation]): a ferric tape carries a
// 400 Hz tone 5 dB over Dolby level before it distorts by 3 %, but a 10 kHz
// tone saturates it more than 6 dB lower. All levels here are in dB relative
// to Dolby level, 0 dB = 200 nWb/m ANSI (see [Reference]).
//
// Figures that nobody published, or that only memory gives, say so.
package tape

// Speed is the speed of the tape in play, exactly 1⅞ in/s.
const Speed MetresPerSecond = 1.875 * 0.0254

// Width of the tape and of what is written on it, in metres. The two channels
// of a side lie next to each other, so a mono head reads their sum
// (paolofrattini.it, "Compact cassette frenzy"; avrestore.com).
const (
	Width      Metres = 3.81e-3
	TrackWidth Metres = 0.6e-3
)

// HubRadius is the radius of an empty hub: 22 mm across (github.com/tafens/c64doc, C2Ncounter.md).
const HubRadius Metres = 11e-3

// Metres is a length or a radius.
type Metres float64

// MetresPerSecond is a speed.
type MetresPerSecond float64

// Wavelength is the length on tape of one period of a tone at play speed.
func Wavelength(hz float64) Metres { return Metres(float64(Speed) / hz) }
