package demo

// Hazel and Wire: two plucked strings in G, picked as Travis did: the thumb
// walks, the fingers answer. The tune comes plain, ornamented, over a lonelier
// middle part, from the second guitar, and once with the harmonium under it all.
func hazel(k *kit, d dice) *score {
	s := newScore(k, d, 97)
	s.desk.hall = newHall(k, 1.7, 0.45, 0.012, 0.8)
	s.desk.master = []effect{newLowCut(32), lowShelf(350, 1.5), drive{0.6}}
	s.level([2]float64{0, 6.8})

	thumb := s.channel(pluckSound{ring: 5, bright: 0.6, at: 0.21, soft: 0.75, damp: 0.16, gain: 0.75}.voice,
		mix{level: -5.5, pan: -0.28, hall: -17, loose: 0.007, touch: 0.14, swing: 0.53, inserts: []effect{newBody()}})
	finger := s.channel(pluckSound{ring: 4.2, bright: 0.72, at: 0.17, soft: 0.42, damp: 0.3, gain: 0.72}.voice,
		mix{level: -9, pan: -0.22, hall: -15, loose: 0.008, touch: 0.2, swing: 0.53, inserts: []effect{newBody()}})
	tune := s.channel(pluckSound{ring: 5, bright: 0.76, at: 0.2, soft: 0.42, damp: 0.2, gain: 0.85}.voice,
		mix{level: -7.5, pan: 0.3, hall: -12, loose: 0.009, touch: 0.12, swing: 0.53, inserts: []effect{newBody()}})
	reed := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.warm }, detune: 5, width: 0.35,
		contour: contour{attack: 0.7, decay: 2, sustain: 0.85, release: 0.5},
	}.voice, mix{level: -23, hall: -8, touch: 0.1, inserts: []effect{newSweep(900, 2300, 13, 0.7)}})
	foot := s.channel(footTap.voice, mix{level: -14, hall: -16, loose: 0.006, touch: 0.15})

	verse := []string{"G2 D3 G3 B3 D4", "G2 D3 G3 B3 D4", "C3 G3 C4 D4 E4", "B2 D3 G3 B3 D4", "E2 B2 G3 B3 D4", "C3 G3 C4 E4 G4", "A2 E3 G3 C4 E4", "D3 A3 C4 D4 F#4"}
	bridge := []string{"E2 B2 G3 B3 E4", "B2 F#3 A3 D4 F#4", "C3 G3 C4 E4 G4", "G2 D3 G3 B3 D4", "A2 E3 A3 C4 E4", "E2 B2 G3 B3 E4", "F2 C3 A3 C4 F4", "D3 A3 D4 F#4 A4"}
	plain := "D5:1 B4:.5 D5:.5 G5:2 | A5:.5 G5:.5 E5:1 D5:2 | E5:1 G5:.5 E5:.5 D5:1 C5:1 | D5:1.5 B4:.5 G4:2 | B4:1 E5:.5 F#5:.5 G5:1 F#5:.5 E5:.5 | D5:.5 E5:.5 G5:1 E5:2 | C5:1 D5:.5 E5:.5 C5:1 A4:1 | B4:.5 A4:2.5 -:1"
	turned := "D5:.5 E5:.5 D5:.5 B4:.5 G5:1.5 B5:.5 | A5:.5 G5:.5 E5:.5 G5:.5 D5:2 | E5:.5 F#5:.5 G5:.5 E5:.5 D5:.5 C5:.5 E5:1 | D5:1 C5:.5 B4:.5 G4:2 | B4:.5 D5:.5 E5:.5 F#5:.5 G5:.5 A5:.5 F#5:.5 E5:.5 | G5:1 E5:.5 D5:.5 E5:2 | C5:.5 D5:.5 E5:.5 G5:.5 E5:.5 C5:.5 A4:1 | A4:.5 B4:.5 A4:1 F#4:1 -:1"
	lonely := "E5:1 G5:1 B5:1.5 A5:.5 | F#5:1 D5:1 B4:2 | C5:1 E5:1 G5:1.5 F#5:.5 | D5:3 B4:.5 D5:.5 | E5:1 C5:.5 D5:.5 E5:1 A5:1 | G5:.5 F#5:.5 E5:1 B4:2 | F5:1 A5:1 G5:.5 F5:.5 C5:1 | D5:2 A4:1 D5:1"
	under := "B4:2 D5:2 | B4:1 C5:1 B4:2 | C5:2 G4:2 | B4:2 D4:2 | G4:2 B4:2 | G4:2 C5:2 | E4:2 A4:2 | F#4:3 -:1" // the second voice, in thirds and sixths

	// pick plays one bar: the thumb on every beat between bass and middle string, fingers off it.
	pick := func(beat float64, chord []float64, vel float64, style int) {
		bass := []float64{chord[0], chord[1], chord[0], chord[1]}
		if style == 2 {
			bass[2] = chord[2]
		}
		for i, p := range bass {
			s.note(thumb, beat+float64(i), 1.3, p, vel*(0.85-0.12*float64(i%2)))
		}
		e := d.at(601, int(beat))
		shape := [][]float64{{0.5, 1.5, 2.5, 3.5}, {0.5, 1, 1.5, 2.5, 3, 3.5}, {0, 0.5, 1.5, 2.5, 3.5}, {0.5, 1.5, 2, 2.5, 3.5}}[(style+e.pick(1, 3))%4]
		for i, at := range shape {
			s.note(finger, beat+at, 1.6, chord[2+(i*2+e.pick(2, 2))%3], vel*0.72)
		}
	}
	section := func(bar int, chords []string, line, second string, vel float64, style int, reeds, tap bool) {
		at := float64(4 * bar)
		for i, text := range chords {
			c := pitches(text)
			b := at + float64(4*i)
			pick(b, c, vel, style)
			if reeds {
				s.chord(reed, b, 4.1, c[2:], 0.6, 0)
				s.note(reed, b, 4.1, c[0], 0.5)
			}
			if tap {
				s.note(foot, b, 1, 60, 0.5)
				s.note(foot, b+2, 1, 60, 0.35)
			}
		}
		if line != "" {
			s.line(tune, at, line, 0, 0.85*vel)
		}
		if second != "" {
			s.line(tune, at, second, 0, 0.5*vel)
		}
	}

	for i := range 4 {
		pick(float64(4*i), pitches(verse[0]), 0.55+0.06*float64(i), 0)
	}
	section(4, verse, plain, "", 0.75, 0, false, false)
	section(12, verse, turned, "", 0.8, 1, false, true)
	section(20, bridge, lonely, "", 0.78, 2, true, true)
	section(28, verse, plain, under, 0.85, 1, true, true)
	// The second guitar alone: long notes over a held fifth, the thumb only touching the first beat.
	for i, text := range verse {
		at := float64(4 * (36 + i))
		c := pitches(text)
		s.note(thumb, at, 4, c[0], 0.5)
		s.chord(finger, at, 4, c[2:], 0.4, 0.06)
	}
	s.line(tune, 4*36, "B4:3 D5:1 | E5:2 D5:2 | G5:3 E5:1 | D5:4 | G4:2 B4:2 | C5:1.5 B4:.5 G4:2 | A4:2 C5:1 E5:1 | D5:4", 0, 0.62)
	s.note(reed, 4*36, 33, pitchOf("G3"), 0.5)
	s.note(reed, 4*36, 33, pitchOf("D4"), 0.4)
	section(44, bridge, lonely, "", 0.8, 2, true, false)
	section(52, verse, turned, under, 0.9, 1, true, true)
	section(60, bridge, lonely, "B4:4 | D5:2 F#4:2 | E5:4 | B4:4 | C5:4 | B4:4 | A4:4 | F#4:4", 0.9, 3, true, true)
	section(68, verse, turned, under, 0.95, 3, true, true)
	section(76, verse, plain, "", 0.8, 0, true, true)
	section(84, bridge, "", "", 0.65, 2, true, false)
	section(92, verse, plain, "", 0.68, 0, false, false)
	s.bend(4*97, 4*102, 74)
	for i, text := range []string{"G2 D3 G3 B3 D4", "C3 G3 C4 D4 E4"} {
		pick(float64(4*(100+i)), pitches(text), 0.55-0.08*float64(i), 0)
	}
	s.chord(thumb, 4*102, 9, pitches("G2 D3"), 0.55, 0.09)
	s.chord(finger, 4*102+0.18, 9, pitches("G3 B3 D4 G4"), 0.5, 0.11)
	s.note(tune, 4*102+0.8, 8, pitchOf("B4"), 0.45)
	return s.end(0, 4*104+1)
}
