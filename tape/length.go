package tape

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Length is a cassette length as sold: "C46" plays 46 minutes, 23 a side.
type Length struct {
	Name      string        // "C46"
	Minutes   int           // nominal, both sides
	PerSide   time.Duration // nominal playing time of one side
	Metres    Metres        // of magnetic tape between the leaders
	Thickness Metres        // base and coating together
	// Remembered says that Metres or Thickness are common knowledge that no source at hand confirms.
	Remembered bool
}

// Shortest and longest tape that [Custom] and [Parse] make, in minutes of both sides together.
const (
	MinMinutes = 1
	MaxMinutes = 120
)

// ErrLength is wrapped by errors about a tape length that cannot be had.
var ErrLength = errors.New("no such tape length")

// Standard returns the lengths that are sold ready-made, shortest first.
//
// Metres and thickness: C60 from the data sheet of RTM's Fox tape (87.5 m,
// 17 ± 1 µm; recordingthemasters.com), C90 from Maxell (130 m, 10-11 µm; other
// sources say 11-12 µm and 129 to 135 m), C46 and C120 thickness from
// itinfromation.blogspot.com 2010/09; the rest is marked Remembered. A real
// side runs a little longer than its name, about a minute on a C90
// (vintage-radio.net t=177348).
func Standard() []Length {
	rows := []struct {
		minutes    int
		metres     float64
		micrometre float64
		remembered bool
	}{
		{10, 15.2, 16.5, true},
		{20, 29.5, 16.5, true},
		{30, 44, 16.5, true},
		{40, 58, 16.5, true},
		{46, 66.5, 16.5, true},
		{60, 87.5, 17, false},
		{74, 108, 13, true},
		{80, 116, 12, true},
		{90, 130, 11.5, false},
		{100, 144, 11, true},
		{120, 172, 9, true},
	}
	lengths := make([]Length, len(rows))
	for i, r := range rows {
		lengths[i] = Length{
			Name:       name(r.minutes),
			Minutes:    r.minutes,
			PerSide:    time.Duration(r.minutes) * time.Minute / 2,
			Metres:     Metres(r.metres),
			Thickness:  Metres(r.micrometre * 1e-6),
			Remembered: r.remembered,
		}
	}
	return lengths
}

// Custom is a tape wound to order with minutes on both sides together, 1 to
// 120. Its ribbon is exactly as long as it plays, and as thick as that of the
// next longer standard tape.
func Custom(minutes int) (Length, error) {
	if minutes < MinMinutes || minutes > MaxMinutes {
		return Length{}, fmt.Errorf("%w: %d minutes (a cassette holds %d to %d)", ErrLength, minutes, MinMinutes, MaxMinutes)
	}
	std := Standard()
	i := slices.IndexFunc(std, func(l Length) bool { return l.Minutes >= minutes })
	side := time.Duration(minutes) * time.Minute / 2
	return Length{
		Name:       name(minutes),
		Minutes:    minutes,
		PerSide:    side,
		Metres:     Metres(side.Seconds() * float64(Speed)),
		Thickness:  std[i].Thickness,
		Remembered: std[i].Remembered,
	}, nil
}

// Parse reads "C46", "c46" or "46": a standard length where there is one, else a custom one.
func Parse(s string) (Length, error) {
	digits := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "C"), "c")
	minutes, err := strconv.Atoi(digits)
	if err != nil || digits[0] < '0' || digits[0] > '9' {
		return Length{}, fmt.Errorf("%w: %.20q (write it like C46)", ErrLength, s)
	}
	for _, l := range Standard() {
		if l.Minutes == minutes {
			return l, nil
		}
	}
	return Custom(minutes)
}

// Playing is how long one side really plays, end of leader to start of leader.
func (l Length) Playing() time.Duration {
	return time.Duration(float64(l.Metres) / float64(Speed) * float64(time.Second))
}

// Thin says that the tape is thinner than 10 µm: C120 and longer stretch,
// print through and flutter more (itinfromation.blogspot.com 2010/09).
func (l Length) Thin() bool { return l.Thickness < 10e-6 }

func (l Length) String() string { return l.Name }

func name(minutes int) string { return "C" + strconv.Itoa(minutes) }
