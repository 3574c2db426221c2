// Package weight is how the ear weighs a deck's faults, as curves over
// frequency: unsteady speed (AES6-2008) and hiss (A). The model of the deck and the
// meters that judge it share these curves and nothing else.
package weight

import (
	"math"

	"ferric/dsp"
)

// Points of the weighting of speed variations in AES6-2008, which is that of IEC 60386,
// CCIR 409 and DIN 45507 (the table as it stands in public code), in hertz and dB.
func Points() [17][2]float64 { return points }

var points = [17][2]float64{
	{0.1, -48}, {0.2, -30.6}, {0.315, -19.7}, {0.4, -15}, {0.63, -8.4}, {0.8, -6}, {1, -4.2}, {1.6, -1.8}, {2, -0.9},
	{4, 0}, {6.3, -0.9}, {10, -2.1}, {20, -5.9}, {40, -10.4}, {63, -14.2}, {100, -17.3}, {200, -23},
}

// FlutterDB is the weighting at hz: 0 dB at 4 Hz, the points joined on a
// logarithmic frequency axis and carried on beyond the last.
func FlutterDB(hz float64) float64 {
	i := 1
	for i < len(points)-1 && hz > points[i][0] {
		i++
	}
	a, b := points[i-1], points[i]
	return a[1] + (b[1]-a[1])*math.Log(hz/a[0])/math.Log(b[0]/a[0])
}

// ADB is the A-weighting of IEC 61672 at hz, by its four poles; 0 dB at 1 kHz.
func ADB(hz float64) float64 { return dsp.DB(a(hz) / a(1000)) }

func a(hz float64) float64 {
	f := hz * hz
	return 12194 * 12194 * f * f / ((f + 20.598997*20.598997) * (f + 12194*12194) *
		math.Sqrt((f+107.65265*107.65265)*(f+737.86223*737.86223)))
}
