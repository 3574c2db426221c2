package demo

import (
	"fmt"
	"strconv"
	"strings"
)

// The pieces are written in a small notation, so that they can be read:
//
//	D2 A2 F#3 E4        pitches: letter, accidental (#, b), octave; C4 is middle C
//	E5:1.5 D5:.5 -:2    a line: pitch and length in beats, "-" for a rest
//	E5:1! G4:1?         louder, softer
//
// Bar lines "|" may stand anywhere and mean nothing. A slip of the pen in a
// score is a mistake in this package, not in anybody's input: it panics, and
// the tests read every score.

// written is one note of a line.
type written struct {
	at, beats float64 // from the start of the line
	pitch     float64
	accent    float64 // factor on loudness
}

// pitches reads a chord.
func pitches(text string) []float64 {
	var out []float64
	for _, name := range strings.Fields(text) {
		out = append(out, pitchOf(name))
	}
	return out
}

// melody reads a line; its second result is how many beats it takes.
func melody(text string) ([]written, float64) {
	var out []written
	var at float64
	for _, word := range strings.Fields(text) {
		if word == "|" {
			continue
		}
		accent := 1.0
		switch {
		case strings.HasSuffix(word, "!"):
			accent, word = 1.22, word[:len(word)-1]
		case strings.HasSuffix(word, "?"):
			accent, word = 0.75, word[:len(word)-1]
		}
		name, length, ok := strings.Cut(word, ":")
		beats, err := strconv.ParseFloat(length, 64)
		if !ok || err != nil || beats <= 0 {
			panic(fmt.Sprintf("demo: bad length in %q of line %q", word, text))
		}
		if name != "-" {
			out = append(out, written{at: at, beats: beats, pitch: pitchOf(name), accent: accent})
		}
		at += beats
	}
	return out, at
}

func pitchOf(name string) float64 {
	steps := map[byte]int{'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}
	if len(name) < 2 {
		panic(fmt.Sprintf("demo: bad pitch %q", name))
	}
	p, ok := steps[name[0]]
	rest := name[1:]
	if strings.HasPrefix(rest, "#") {
		p, rest = p+1, rest[1:]
	} else if strings.HasPrefix(rest, "b") {
		p, rest = p-1, rest[1:]
	}
	octave, err := strconv.Atoi(rest)
	if !ok || err != nil || octave < 0 || octave > 9 {
		panic(fmt.Sprintf("demo: bad pitch %q", name))
	}
	return float64(p + 12*(octave+1))
}
