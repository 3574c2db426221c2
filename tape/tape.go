// Package tape is the medium: compact cassette tape, its formulations, lengths, pack geometry, levels and equalisation.
package tape

import "time"

// Length is a cassette length as sold: "C46" plays 46 minutes, 23 a side.
type Length struct {
	Name    string        // "C46"
	Minutes int           // nominal, both sides
	PerSide time.Duration // nominal playing time of one side
}
