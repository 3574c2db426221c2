package tape

import "math"

// Reference is a level that somebody calls 0 dB.
//
// 20·log10(200/250) = −1.9 dB is a trap: the two numbers are measured in two
// ways (ANSI short-circuit flux, DIN open-circuit flux). In cassette practice
// Dolby level lies 1.2 dB under 250 nWb/m (smithnet.org.uk,
// "Tape recording calibration and metering").
type Reference struct {
	Name   string
	Flux   string  // as its makers write it
	DB     float64 // relative to Dolby level
	UsedBy string
}

// Dolby is 0 dB throughout this package.
func Dolby() Reference {
	return Reference{"Dolby level", "200 nWb/m ANSI, about 218 DIN", 0, "Nakamichi, Dolby meters"}
}

// IEC is the IEC and DIN reference (smithnet.org.uk).
func IEC() Reference { return Reference{"IEC/DIN 0 dB", "250 nWb/m", 1.2, "Sony, TEAC"} }

// Philips is the reference of many older decks (smithnet.org.uk).
func Philips() Reference {
	return Reference{"old Philips 0 dB", "160 nWb/m", -2.8, "Aiwa, Akai, Pioneer, Technics"}
}

// References lists what a deck's meter may be zeroed to, Dolby level first.
func References() []Reference { return []Reference{Dolby(), IEC(), Philips()} }

// From restates a level in dB over Dolby level as dB over r.
func (r Reference) From(dolbyDB float64) float64 { return dolbyDB - r.DB }

// ReplayEQ is a cassette replay curve by its two time constants. The tape's
// flux falls with frequency as the curve says, the replay amplifier rises by
// the same amount: one curve, used in both directions.
type ReplayEQ struct {
	Name   string
	Low    float64 // seconds; 3180 µs
	Treble float64 // seconds; 120 or 70 µs
}

// EQ120 is the curve of IEC 60094-1 for Type I (richardhess.com 2006/05/17; playitagainpaul.com).
func EQ120() ReplayEQ { return ReplayEQ{"120 µs", 3180e-6, 120e-6} }

// EQ70 is the curve for Types II, III and IV. Many prerecorded chrome tapes
// were made for 120 µs all the same: believe the label, not the notch.
func EQ70() ReplayEQ { return ReplayEQ{"70 µs", 3180e-6, 70e-6} }

// FluxDB is the flux on tape of a constant level, relative to the middle of
// the band: up below 50 Hz, down above 1326 Hz (120 µs) or 2274 Hz (70 µs).
//
//	10·log10(1 + 1/(2πf·t₁)²) − 10·log10(1 + (2πf·t₂)²)
func (e ReplayEQ) FluxDB(hz float64) float64 {
	w := 2 * math.Pi * hz
	low, treble := w*e.Low, w*e.Treble
	return 10*math.Log10(1+1/(low*low)) - 10*math.Log10(1+treble*treble)
}

// ReplayDB is the replay amplifier's gain that undoes FluxDB.
func (e ReplayEQ) ReplayDB(hz float64) float64 { return -e.FluxDB(hz) }

// SwitchDB is what the wrong switch does: the change at hz when a tape
// recorded for e is played with other.
func (e ReplayEQ) SwitchDB(other ReplayEQ, hz float64) float64 {
	return other.ReplayDB(hz) + e.FluxDB(hz)
}

// Corners are the two frequencies, in hertz, where the curve has turned by 3 dB.
func (e ReplayEQ) Corners() (low, treble float64) {
	return 1 / (2 * math.Pi * e.Low), 1 / (2 * math.Pi * e.Treble)
}
