package demo

// Harbour Before Light: pads in D, Lydian where it can be, at the pace of waves.
// A drone, the first strophe bare, then with a horn; a middle part; a step away
// to C and B flat where the light turns; home, and out with the tide.
func harbour(k *kit, d dice) *score {
	s := newScore(k, d, 60)
	s.desk.hall = newHall(k, 4.8, 0.42, 0.03, 1.25)
	s.desk.echo = newEcho(k, 0.75, 1.0, 0.42, 0.6, 2600)
	s.desk.echoRev = 0.5
	s.desk.master = []effect{newLowCut(28), highShelf(1500, 5), drive{0.5}}
	s.level([2]float64{0, 8.8})

	pad := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.warm }, detune: 8, width: 0.36,
		contour: contour{attack: 2.8, decay: 3, sustain: 0.85, release: 1.7},
	}.voice, mix{level: -15, hall: -7, touch: 0.15, loose: 0.12, inserts: []effect{newChorus(k, 0.19, 3.2, 0.6), newSweep(1700, 7000, 47, 0.6)}})
	low := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.flute }, octave: -12,
		contour: contour{attack: 1.6, decay: 3, sustain: 0.8, release: 1.2},
	}.voice, mix{level: -12, hall: -18})
	horn := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.hollow }, detune: 4, width: 0.2, vibrato: 9,
		contour: contour{attack: 0.35, decay: 2, sustain: 0.75, release: 0.6},
	}.voice, mix{level: -17, hall: -3, echo: -9, loose: 0.03, touch: 0.1, pan: -0.15, inserts: []effect{newSweep(2600, 5200, 31, 0.6)}})
	drops := s.channel(feltPiano().voice, mix{level: -10, hall: -4, echo: -8, loose: 0.05, touch: 0.3, spread: 0.35, scatter: 0.25})
	buoy := s.channel(churchBell().voice, mix{level: -23, hall: -3, echo: -6, scatter: 0.5})
	sea := s.channel(bedSound{
		contour: contour{attack: 9, decay: 1, sustain: 1, release: 4}, from: 260, to: 2300, seconds: 11.3, floor: 0.12,
	}.voice, mix{level: -23, hall: -20})

	home := []string{"D2 A2 F#3 C#4 E4 A4", "B1 F#2 A3 D4 E4 A4", "G1 D2 B3 D4 F#4 A4", "A1 E2 B3 D4 E4 A4"}
	hill := []string{"E2 B2 G3 D4 G4 B4", "F#2 C#3 A3 C#4 E4 B4", "G2 D3 B3 D4 F#4 A4", "A1 E2 A3 C#4 E4 B4"}
	far := []string{"C2 G2 B3 D4 E4 A4", "B1 G2 B3 D4 G4 A4", "Bb1 F2 A3 C4 D4 G4", "A1 E2 A3 D4 E4 G4"}
	first := "-:2 A4:2 F#5:3 E5:1 | D5:3 E5:1 F#5:2 -:2 | -:2 D5:2 A5:3 F#5:1 | E5:5 -:3"
	second := "-:1 A4:1 E5:1 F#5:1 A5:3 F#5:1 | E5:1.5 D5:.5 B4:1 D5:3 -:2 | B4:2 D5:2 F#5:2 A5:2 | B5:3 A5:2 -:3"
	middle := "-:2 G5:3 F#5:1 E5:2 | C#5:2 E5:4 -:2 | D5:2 F#5:2 B5:3 A5:1 | E5:6 -:2"
	turning := "-:2 E5:2 G5:2 F#5:2 | D5:6 -:2 | -:2 D5:2 F5:2 A5:2 | E5:6 -:2"
	last := "-:2 A4:2 F#5:4 | D5:6 -:2 | -:2 B4:2 D5:4 | E5:3 A4:4 -:1"

	strophe := func(beat float64, chords []string, tune string, loud, rain float64) {
		for i, text := range chords {
			at := beat + 8*float64(i)
			c := pitches(text)
			s.note(low, at, 7.6, c[0], 0.75*loud)
			s.chord(pad, at, 8.2, c[1:], 0.62*loud, 0.22)
			for b := range 16 {
				e := d.at(501, int(at), b)
				if e.unit(1) < rain*(0.35+0.3*float64(b%2)) {
					s.note(drops, at+float64(b)/2, 3, c[2+e.pick(2, len(c)-2)]+12, 0.35+0.25*e.unit(3))
				}
			}
		}
		if tune != "" {
			s.line(horn, beat, tune, -12, 0.7*loud)
			if loud > 1 {
				s.line(horn, beat, tune, 0, 0.28*loud) // an octave above, as from across the water
			}
		}
	}

	s.note(sea, 0, 276, 60, 0.8)
	s.chord(pad, 2, 14.5, pitches("D2 A2 D3 A3"), 0.5, 0.8)
	s.note(buoy, 7, 1, pitchOf("A4"), 0.6)
	strophe(16, home, "", 0.75, 0)
	strophe(48, home, first, 0.85, 0.25)
	strophe(80, hill, middle, 0.95, 0.5)
	strophe(112, home, second, 1.05, 0.7)
	strophe(144, far, turning, 0.9, 0.35)
	strophe(176, hill, middle, 1.08, 0.9)
	strophe(208, home, last, 0.85, 0.4)
	for i, at := range []float64{39, 75.5, 110.3, 143.2, 171.7, 207, 243} {
		s.note(buoy, at, 1, pitchOf([]string{"D5", "A4", "F#4", "D5", "E4", "A4", "D4"}[i]), 0.5+0.1*d.unit(i))
	}
	s.chord(pad, 240, 14, pitches("D2 A2 F#3 C#4 E4 A4"), 0.5, 0.5)
	s.chord(pad, 254, 18, pitches("D2 A2 D3 A3 E4"), 0.42, 0.9)
	s.line(drops, 256, "A5:3 E5:3 D5:4 A4:4", 0, 0.4)
	return s.end(0, 288)
}
