package example

import (
	"fmt"
	"math"
)

// dice draws numbers from a seed: SplitMix64 (Steele, Lea, Flood 2014), whose step is a pure function of its state.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// float is in [0, 1).
func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }

// normal has mean 0 and variance 1 (Box and Muller).
func (d *dice) normal() float64 {
	return math.Sqrt(-2*math.Log(1-d.float())) * math.Cos(2*math.Pi*d.float())
}

func pickWord(d *dice, words []string) string { return words[d.next()%uint64(len(words))] }

// names makes n names of people, each once.
func names(d *dice, n int) []string {
	first := []string{"Ada", "Bo", "Cleo", "Dario", "Edda", "Femi", "Greta", "Hana", "Ines", "Jun", "Kaya", "Lev", "Mina", "Nils", "Oona", "Pia", "Quim", "Rosa", "Sven", "Tove", "Uma", "Vito", "Wanda", "Xenia", "Yuki", "Zora"}
	last := []string{"Amsel", "Brook", "Costa", "Drum", "Ember", "Field", "Grove", "Hill", "Ivy", "Juniper", "Kite", "Lane", "Moor", "North", "Oak", "Pond", "Quay", "Reed", "Stone", "Thorn", "Vale", "Weir"}
	return unique(n, func() string { return pickWord(d, first) + " " + pickWord(d, last) })
}

// titleNames makes n titles of tapes, each once.
func titleNames(d *dice, n int) []string {
	how := []string{"Quiet", "Slow", "Amber", "Hidden", "Second", "Paper", "Electric", "Northern", "Last", "Soft", "Broken", "Golden", "Midnight", "Distant", "Borrowed", "Velvet", "Salt", "Iron", "Winter", "Copper"}
	what := []string{"Harbour", "Signals", "Orchard", "Rooms", "Tides", "Engines", "Gardens", "Letters", "Antenna", "Rivers", "Motorway", "Lanterns", "Weather", "Machines", "Windows", "Meadow", "Stations", "Echoes", "Clocks", "Bridges", "Forest", "Kites", "Mirrors", "Dust", "Choir"}
	tail := []string{"", "", "", " Tapes", " Sessions", " Live", " Demo", " Remixes", " Volume Two", " at Dawn", " for Two Decks"}
	return unique(n, func() string { return pickWord(d, how) + " " + pickWord(d, what) + pickWord(d, tail) })
}

// unique draws n different words, with a number behind those that come again.
func unique(n int, draw func() string) []string {
	seen := map[string]int{}
	out := make([]string, n)
	for i := range out {
		w := draw()
		seen[w]++
		if k := seen[w]; k > 1 {
			w = fmt.Sprintf("%s %d", w, k)
		}
		out[i] = w
	}
	return out
}
