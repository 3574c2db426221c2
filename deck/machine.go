package deck

import (
	"errors"
	"fmt"

	"ferric/tape"
)

// Machine is a deck by its physical parts. All figures are those a service bench would read.
type Machine struct {
	Name   string
	Title  string
	Source string // where the figures are from, and which are a choice

	FlutterWRMSPct float64 // weighted, rms
	SpeedPct       float64 // error of the speed
	ReelShare      float64 // of the jitter power below 1 Hz that is once a turn of the take-up hub
	PinchMM        float64 // diameter of the pinch roller
	CapstanMM      float64 // diameter of the capstan
	PeakShare      float64 // of the jitter power of their bands that is once a turn of pinch roller and capstan

	GapUM         float64 // effective gap of the replay head, 1.11 times of which counts
	SpacingUM     float64 // between head and coating
	AzimuthArcmin float64 // positive: the right channel is late
	ThicknessUM   float64 // of the coating it was equalised for; 0 is the usual 4.7
	BumpHz        float64 // where the head's contour lifts the bass, 0 for nowhere
	BumpDB        float64
	LowHz, HighHz float64 // where the amplifier ends, 3 dB down; 0 for nowhere
	FixedEQ       bool    // no type switch: everything is played at 120 µs
	SeparationDB  float64
	OtherSideDB   float64 // of the side that runs backwards past the head's edge, at 1 kHz; 0 is 60
	NoiseDBA      float64 // of the electronics alone, re Dolby level
	HumDB         float64 // mains hum, re Dolby level; 0 for a battery
	MotorDB       float64 // whine of the motor, re Dolby level; 0 for none
	TurnsPerSec   float64 // of fast wind; 0 is 7.1
	RunOutSec     float64 // from the end of the tape to the stop; 0 is 1.2
	KeyDB         float64 // click of the keys into the amplifier, re Dolby level; 0 for none
}

// ErrMachine is wrapped by errors about a machine that is not known or cannot be.
var ErrMachine = errors.New("no such machine")

// Machines are the presets, best first.
//
// What is measured or stated: flutter and separation of the reference (Audio
// 5/1983, Nakamichi Dragon), flutter, response and wind of the home deck (JVC
// TD-W271 service manual), jitter by band and separation of the shoebox
// recorder (github.com/Magnus-Gille/cassette-ai), speed tolerance (Philips:
// +1.8 to −0.8 %). Portables of today publish little and have no type switch
// (galaxus, audioreviews.org); theirs and the car player's figures are a choice
// within what is commonly remembered. The gap of a worn head is 3 µm, a dirty
// one stands 0.3 to 1 µm off. Head bump by deck is published nowhere: a choice.
func Machines() []Machine {
	return []Machine{
		{
			Name: "reference", Title: "Reference deck", Source: "flutter and separation: Nakamichi Dragon, Audio 5/1983; the rest a choice",
			FlutterWRMSPct: 0.019, SpeedPct: 0, ReelShare: 0.3, PinchMM: 14, CapstanMM: 2.5, PeakShare: 0.15,
			GapUM: 0.8, BumpHz: 40, BumpDB: 1, LowHz: 12, HighHz: 0,
			SeparationDB: 37, NoiseDBA: -72, HumDB: -80, MotorDB: 0, TurnsPerSec: 10, KeyDB: -60,
		},
		{
			Name: "home", Title: "Home deck", Source: "flutter, response and wind: JVC TD-W271 service manual; the rest a choice",
			FlutterWRMSPct: 0.08, SpeedPct: 0.3, ReelShare: 0.3, PinchMM: 13, CapstanMM: 2.0, PeakShare: 0.25,
			GapUM: 1.2, AzimuthArcmin: 2, BumpHz: 50, BumpDB: 1.5, LowHz: 20, HighHz: 19000,
			SeparationDB: 40, NoiseDBA: -66, HumDB: -70, MotorDB: -80, TurnsPerSec: 7.1, KeyDB: -50,
		},
		{
			Name: "shoebox", Title: "Shoebox recorder", Source: "jitter by band, speed and separation: one cheap recorder, github.com/Magnus-Gille/cassette-ai; the rest a choice",
			FlutterWRMSPct: 0.33, SpeedPct: 0.09, ReelShare: 0.3, PinchMM: 12, CapstanMM: 1.9, PeakShare: 0.25,
			GapUM: 2, SpacingUM: 0.1, AzimuthArcmin: 5, BumpHz: 80, BumpDB: 2, LowHz: 70, HighHz: 12000, FixedEQ: true,
			SeparationDB: 42.4, NoiseDBA: -58, HumDB: -56, MotorDB: -62, TurnsPerSec: 5, RunOutSec: 4, KeyDB: -36,
		},
		{
			Name: "portable", Title: "Portable", Source: "no type switch: galaxus, audioreviews.org (FiiO CP13); flutter from memory (0.2 to 0.35 %); the rest a choice",
			FlutterWRMSPct: 0.25, SpeedPct: 0.8, ReelShare: 0.3, PinchMM: 10, CapstanMM: 1.49, PeakShare: 0.25,
			GapUM: 1.5, SpacingUM: 0.05, AzimuthArcmin: -4, BumpHz: 60, BumpDB: 2, LowHz: 40, HighHz: 15000, FixedEQ: true,
			SeparationDB: 38, NoiseDBA: -60, MotorDB: -66, TurnsPerSec: 4.5, RunOutSec: 2, KeyDB: -44,
		},
		{
			Name: "car", Title: "Worn car player", Source: "gap of a worn head, spacing of a dirty one and the azimuth that costs 3 dB at 10 kHz from hifi-review.com; speed within Philips' +1.8 %; the rest a choice",
			FlutterWRMSPct: 0.2, SpeedPct: 1.5, ReelShare: 0.35, PinchMM: 11, CapstanMM: 2.0, PeakShare: 0.3,
			GapUM: 2.5, SpacingUM: 0.3, AzimuthArcmin: 12, BumpHz: 90, BumpDB: 3, LowHz: 50, HighHz: 11000, FixedEQ: true,
			SeparationDB: 37, OtherSideDB: 54, NoiseDBA: -56, MotorDB: -58, TurnsPerSec: 8, RunOutSec: 1, KeyDB: -34,
		},
	}
}

// ParseMachine finds a preset by name.
func ParseMachine(name string) (Machine, error) {
	names := ""
	for i, m := range Machines() {
		if m.Name == name {
			return m, nil
		}
		if i > 0 {
			names += ", "
		}
		names += m.Name
	}
	return Machine{}, fmt.Errorf("%w: %.20q (%s)", ErrMachine, name, names)
}

// eq is the replay curve the machine plays a formulation with.
func (m Machine) eq(f tape.Formulation) tape.ReplayEQ {
	if m.FixedEQ {
		return tape.EQ120()
	}
	return f.EQ
}

// bounded keeps every part within what the model can stand, whatever was asked for.
func (m Machine) bounded() Machine {
	m.FlutterWRMSPct = within(m.FlutterWRMSPct, 0, 3)
	m.SpeedPct = within(m.SpeedPct, -20, 20)
	m.ReelShare = within(m.ReelShare, 0, 0.9)
	m.PeakShare = within(m.PeakShare, 0, 0.9)
	m.PinchMM = within(or(m.PinchMM, 12), 5, 30)
	m.CapstanMM = within(or(m.CapstanMM, 2), 0.8, 6)
	m.GapUM = within(m.GapUM, 0, 20)
	m.SpacingUM = within(m.SpacingUM, 0, 20)
	m.AzimuthArcmin = within(m.AzimuthArcmin, -60, 60)
	m.ThicknessUM = within(or(m.ThicknessUM, coating), 0.5, 20)
	m.BumpHz = within(m.BumpHz, 0, 400)
	m.BumpDB = within(m.BumpDB, -12, 12)
	m.LowHz = within(m.LowHz, 0, 1000)
	m.HighHz = within(m.HighHz, 0, 96000)
	m.SeparationDB = within(or(m.SeparationDB, 40), 0, 120)
	m.OtherSideDB = within(or(m.OtherSideDB, 60), 0, 120)
	m.NoiseDBA = within(or(m.NoiseDBA, -70), -120, -10)
	for _, level := range []*float64{&m.HumDB, &m.MotorDB, &m.KeyDB} {
		if *level == 0 {
			*level = silent
		}
		*level = within(*level, silent, -10)
	}
	m.TurnsPerSec = within(or(m.TurnsPerSec, 7.1), 0.5, 30)
	m.RunOutSec = within(or(m.RunOutSec, 1.2), 0.1, 10)
	return m
}

// silent is a level in dB that stands for none.
const silent = -200

func or(v, unset float64) float64 {
	if v == 0 {
		return unset
	}
	return v
}

// within limits v, and makes the lower limit of what is no number.
func within(v, lo, hi float64) float64 {
	if !(v > lo) {
		return lo
	}
	return min(v, hi)
}
