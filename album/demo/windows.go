package demo

// windows writes Everyone's Windows from beat start of the movement: a chorale
// in E flat at half the pulse of what came before. Four voices move by step
// where they can; organ first, then singers without words, the tune last in
// the treble over everything, and a long E flat that is let go one stop at a time.
func windows(s *score, start float64) {
	k := s.kit
	organ := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.organ }, octave: -12,
		contour: contour{attack: 0.16, decay: 1, sustain: 0.95, release: 0.22},
	}.voice, mix{level: -17.5, hall: -8, loose: 0.012, spread: 0.2, inserts: []effect{newSweep(2600, 8500, 61, 0.6), newChorus(k, 0.7, 0.9, 0.3)}})
	flutes := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.flute }, octave: -12,
		contour: contour{attack: 0.25, decay: 1, sustain: 0.95, release: 0.3},
	}.voice, mix{level: -16, hall: -7, loose: 0.012, spread: 0.5, inserts: []effect{newChorus(k, 0.43, 1.1, 0.35)}})
	pedal := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.flute }, octave: -12,
		contour: contour{attack: 0.9, decay: 1, sustain: 0.95, release: 0.5},
	}.voice, mix{level: -13.5, hall: -20})
	singers := s.channel(choirSound{formants: vowelOo, width: 0.3, contour: contour{attack: 0.55, decay: 2, sustain: 0.9, release: 0.4}}.instrument(),
		mix{level: -14.5, hall: -6, loose: 0.03, touch: 0.08, spread: -0.5})
	open := s.channel(choirSound{formants: vowelAh, width: 0.32, contour: contour{attack: 0.5, decay: 2, sustain: 0.9, release: 0.45}}.instrument(),
		mix{level: -17, hall: -5, loose: 0.03, touch: 0.08, spread: -0.5})
	bells := s.channel(churchBell().voice, mix{level: -22, hall: -3, echo: -10, scatter: 0.4})

	// Four lines of four bars: bass, tenor, alto, treble, in half notes of the old pulse.
	type line struct{ treble, alto, tenor, bass string }
	first := line{
		"G4:2 Bb4:2 | C5:2 Bb4:2 | Ab4:2 G4:2 | F4:4",
		"Eb4:2 F4:2 | Eb4:2 Eb4:2 | Eb4:2 Eb4:2 | Eb4:2 D4:2",
		"Bb3:2 Bb3:2 | Ab3:2 Bb3:2 | C4:2 Bb3:2 | C4:2 Bb3:2",
		"Eb3:2 D3:2 | Ab2:2 G2:2 | Ab2:2 Eb3:2 | F2:2 Bb2:2"}
	second := line{
		"G4:2 Bb4:2 | Eb5:2 D5:2 | C5:2 Bb4:1 Ab4:1 | G4:4",
		"Eb4:2 Eb4:2 | G4:2 F4:2 | Eb4:2 D4:2 | Eb4:4",
		"Bb3:2 G3:2 | C4:2 Bb3:2 | Ab3:2 F3:2 | Bb3:4",
		"Eb3:2 Eb3:2 | C3:2 G2:2 | Ab2:2 Bb2:2 | Eb2:4"}
	third := line{
		"Bb4:2 C5:2 | D5:2 Eb5:2 | F5:2 Eb5:1 D5:1 | C5:2 Bb4:2",
		"G4:2 G4:2 | F4:2 G4:2 | Ab4:2 G4:2 | Eb4:2 F4:2",
		"Eb4:2 Eb4:2 | Bb3:2 Bb3:2 | C4:2 C4:1 B3:1 | C4:2 D4:2",
		"Eb3:2 C3:2 | Bb2:2 Eb3:2 | F2:2 G2:2 | Ab2:2 Bb2:2"}
	fourth := line{
		"Eb5:2 D5:2 | C5:2 G4:2 | Ab4:2 F4:2 | Eb4:4",
		"G4:2 F4:2 | Eb4:2 Eb4:2 | C4:2 D4:2 | Eb4:4",
		"Bb3:2 Bb3:2 | Ab3:2 Bb3:2 | Ab3:2 Ab3:2 | G3:4",
		"Eb3:2 Bb2:2 | Ab2:2 Eb3:2 | F2:2 Bb2:2 | Eb2:4"}

	sing := func(ch *channel, at float64, text string, shift, vel float64) {
		notes, _ := melody(text)
		for _, n := range notes {
			s.note(ch, at+2*n.at, 2*n.beats+0.1, n.pitch+shift, vel*n.accent)
		}
	}
	four := func(ch *channel, at float64, l line, vel float64) {
		sing(ch, at, l.treble, 0, vel*1.1)
		sing(ch, at, l.alto, 0, vel*0.8)
		sing(ch, at, l.tenor, 0, vel*0.85)
		sing(ch, at, l.bass, 0, vel*0.85)
	}
	const length = 32 // beats of the old pulse a line takes

	// Held notes that begin inside the first piece and carry over the seam.
	s.note(pedal, start-56, 56+length, pitchOf("Eb2"), 0.5)
	s.note(flutes, start-40, 40+24, pitchOf("Eb4"), 0.4)
	s.note(flutes, start-28, 28+16, pitchOf("G3"), 0.4)
	s.note(flutes, start-16, 16+16, pitchOf("Bb3"), 0.42)
	s.note(flutes, start-6, 6+16, pitchOf("Bb4"), 0.36)
	s.fade(flutes, [2]float64{start - 40, 0.3}, [2]float64{start + 4, 1})
	s.fade(pedal, [2]float64{start - 56, 0.2}, [2]float64{start, 1})

	at := start + 16
	four(flutes, at, first, 0.6)
	at += length
	four(flutes, at, second, 0.66)
	s.note(pedal, at, length-1, pitchOf("Eb2"), 0.5)
	at += length
	four(organ, at, third, 0.6)
	four(singers, at, third, 0.5)
	at += length
	four(organ, at, fourth, 0.6)
	four(singers, at, fourth, 0.62)
	s.note(pedal, at, length-1, pitchOf("Eb2"), 0.45)
	at += length
	// Singers alone, the organ only breathing below.
	four(singers, at, first, 0.8)
	sing(flutes, at, first.bass, 0, 0.4)
	at += length
	four(singers, at, second, 0.85)
	sing(flutes, at, second.bass, 0, 0.45)
	at += length
	for i, l := range []line{third, fourth} {
		four(organ, at, l, 0.78+0.06*float64(i))
		four(open, at, l, 0.8+0.1*float64(i))
		four(singers, at, l, 0.6)
		sing(pedal, at, l.bass, -12+12*float64((i+1)%2), 0.6)
		at += length
	}
	four(organ, at, first, 0.88)
	four(open, at, first, 0.95)
	sing(open, at, first.treble, 12, 0.42)
	sing(pedal, at, first.bass, 0, 0.62)
	s.note(bells, at, 4, pitchOf("Eb4"), 0.7)
	at += length
	four(organ, at, second, 0.92)
	four(open, at, second, 1)
	sing(open, at, second.treble, 12, 0.48)
	sing(pedal, at, second.bass, 0, 0.66)
	s.note(bells, at, 4, pitchOf("Bb3"), 0.6)
	at += length
	four(flutes, at, third, 0.66)
	four(singers, at, third, 0.55)
	at += length
	four(flutes, at, fourth, 0.6)
	sing(singers, at, fourth.treble, 0, 0.5)
	s.note(pedal, at, length+96, pitchOf("Eb2"), 0.5)
	at += length
	// The long E flat: stops are let go from the top.
	for i, name := range []string{"Eb3", "Bb3", "Eb4", "G4", "F4", "Bb4"} {
		s.note(flutes, at+float64(4*i), 96-14*float64(i), pitchOf(name), 0.55-0.03*float64(i))
	}
	s.chord(singers, at+12, 40, pitches("Bb3 Eb4 G4"), 0.45, 2)
	s.note(bells, at+8, 4, pitchOf("Eb4"), 0.5)
	s.note(bells, at+40, 4, pitchOf("Bb3"), 0.4)
}
