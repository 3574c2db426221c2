package demo

// Under the Viaduct runs into Everyone's Windows: one movement, two pieces.
//
// The first is a chord, a delay and a kick drum: C minor with its ninth and
// eleventh, struck off the beat and handed from echo to echo while a filter
// walks up and down; A flat and F minor come by like trains. Towards the end
// the drums leave, an organ is found to have been holding C and E flat for a
// while, and at the seam the key turns to E flat without anything stopping.
func viaduct(k *kit, d dice) *score {
	const bpm = 116
	s := newScore(k, d, bpm)
	beat := 60.0 / bpm
	s.desk.hall = newHall(k, 4.2, 0.4, 0.025, 1.2)
	s.desk.echo = newEcho(k, beat*0.75, beat*1.5, 0.68, 0.5, 2800)
	s.desk.echoRev = 0.35
	s.desk.master = []effect{newLowCut(28), highShelf(3000, 3), drive{0.6}}

	stab := s.channel(filterSound{
		wave: func(k *kit) *wave { return &k.saw }, cutoff: 620, sweep: 2.1, decay: 0.13, q: 1.2, detune: 11,
		contour: contour{attack: 0.006, decay: 0.15, sustain: 0.12, release: 0.1},
	}.voice, mix{level: -15, hall: -11, echo: -4, loose: 0.004, touch: 0.14, scatter: 0.35, inserts: []effect{newSweep(1100, 8000, 43, 0.9), newChorus(k, 0.5, 1.5, 0.4)}})
	fog := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.warm }, detune: 10, width: 0.4,
		contour: contour{attack: 2.4, decay: 3, sustain: 0.9, release: 1.8},
	}.voice, mix{level: -23, hall: -6, inserts: []effect{newSweep(600, 3200, 29, 0.6)}})
	sub := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.flute }, octave: -12,
		contour: contour{attack: 0.02, decay: 0.6, sustain: 0.7, release: 0.08},
	}.voice, mix{level: -9.5, loose: 0.003, touch: 0.08})
	kick := s.channel(deepKick.voice, mix{level: -7.5, hall: -30, loose: 0.001, touch: 0.05})
	hat := s.channel(closedHat.voice, mix{level: -16.5, hall: -20, echo: -24, loose: 0.004, touch: 0.25, pan: 0.2})
	open := s.channel(openHat.voice, mix{level: -16, hall: -17, loose: 0.003, touch: 0.15, pan: 0.2})
	stick := s.channel(rim.voice, mix{level: -16.5, hall: -9, echo: -8, loose: 0.005, touch: 0.2, pan: -0.35})
	shake := s.channel(shaker.voice, mix{level: -19, hall: -18, loose: 0.006, touch: 0.3, pan: -0.2})
	call := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.hollow }, detune: 5, width: 0.2, vibrato: 10,
		contour: contour{attack: 0.06, decay: 0.8, sustain: 0.6, release: 0.3},
	}.voice, mix{level: -16.5, hall: -6, echo: -5, loose: 0.01, touch: 0.1, pan: 0.2})
	rain := s.channel(bedSound{contour: contour{attack: 6, decay: 1, sustain: 1, release: 6}, from: 1200, to: 5200, seconds: 19, floor: 0.45}.voice,
		mix{level: -37, hall: -22})

	type arch struct{ root, chord string }
	c := arch{"C2", "G3 Bb3 D4 Eb4 G4"}
	c2 := arch{"C2", "F3 Bb3 Eb4 G4"}
	ab := arch{"Ab1", "G3 Bb3 C4 Eb4 G4"}
	f := arch{"F1", "Ab3 C4 Eb4 G4"}
	bb := arch{"Bb1", "F3 Ab3 C4 D4 F4"}
	turn := arch{"Eb2", "G3 Bb3 C4 F4 Bb4"} // E flat already, though nobody says so
	one := []arch{c, c, c, c2}
	two := []arch{c, c, ab, ab, f, f, c, c2}
	three := []arch{ab, ab, bb, bb, c, c, f, f}
	run := func(bar, bars int, arches []arch, loud float64, parts string) {
		for n := range bars {
			at := float64(4 * (bar + n))
			a := arches[n%len(arches)]
			e := d.at(1101, bar, n)
			chord := pitches(a.chord)
			for _, part := range parts {
				switch part {
				case 'c':
					hits := [][][2]float64{{{0.5, 0.9}, {2.25, 0.55}}, {{0.5, 0.9}}, {{1.5, 0.85}, {3.25, 0.5}}, {{0.5, 0.85}, {1.25, 0.45}, {2.75, 0.6}}}[(n+e.pick(1, 2))%4]
					for _, h := range hits {
						s.chord(stab, at+h[0], 0.3, chord, loud*h[1], 0)
					}
				case 'p':
					for i, q := range chord {
						if i+1 == len(chord) || chord[i+1]-q > 1 { // held notes keep a step apart
							s.note(fog, at, 4.3, q, loud*0.6)
						}
					}
				case 'b':
					root := pitchOf(a.root)
					if root < 31 {
						root += 12
					}
					s.note(sub, at, 1.2, root, loud*0.85)
					s.note(sub, at+1.75, 0.5, root, loud*0.6)
					s.note(sub, at+2.5, 0.9, root+[3]float64{0, 7, 0}[n%3], loud*0.7)
				case 'k':
					for i := range 4 {
						s.note(kick, at+float64(i), 0.3, 60, loud*0.85)
					}
				case 'h':
					for i := range 4 {
						s.note(open, at+float64(i)+0.5, 0.3, 60, loud*0.6)
					}
				case 't':
					for i := range 16 {
						if e.unit(50+i) < 0.55 {
							s.note(hat, at+float64(i)/4, 0.1, 60, loud*(0.3+0.3*e.unit(80+i)))
						}
					}
				case 'r':
					for _, x := range []float64{1, 2.75} {
						s.note(stick, at+x+0.5*float64(n%2), 0.1, 60, loud*0.6)
					}
				case 's':
					for i := range 16 {
						s.note(shake, at+float64(i)/4, 0.1, 60, loud*[4]float64{0.3, 0.5, 0.8, 0.45}[i%4])
					}
				}
			}
		}
	}

	s.note(rain, 0, 640, 60, 0.9)
	run(0, 8, one, 0.7, "c")
	run(8, 8, one, 0.78, "cpt")
	run(16, 16, one, 0.85, "ckpt")
	run(32, 16, two, 0.9, "ckpbh")
	run(48, 16, two, 0.95, "ckpbhrs")
	s.line(call, 4*48, "-:2 G4:1.5 Bb4:.5 | D5:4 | -:4 | -:1 C5:1 Bb4:2 | G4:6 -:2 | -:2 Eb5:1 D5:1 | Bb4:4", 0, 0.6)
	s.line(call, 4*56, "-:2 G4:1.5 Bb4:.5 | F5:2 D5:2 | -:4 | C5:1 Eb5:1 G5:2 | Ab5:4 | G5:2 Eb5:2 | D5:2 Bb4:2 | G4:4", 0, 0.64)
	run(64, 8, three, 0.78, "cpt")
	run(72, 8, three, 0.84, "cpbst")
	run(80, 16, two, 1, "ckpbhrst")
	s.line(call, 4*84, "-:2 G4:1 Bb4:1 | D5:2 C5:2 | F5:3 Eb5:1 | C5:4", 0, 0.55)
	run(96, 16, three, 1, "ckpbhrst")
	s.line(call, 4*100, "D5:2 F5:2 | G5:4 | -:2 Ab5:1 G5:1 | C5:4 | -:4 | G5:1 Eb5:1 C5:2 | Bb4:2 D5:2", 0, 0.6)
	run(112, 8, two, 0.92, "ckpbhr")
	run(120, 8, two, 0.85, "ckpb")
	run(128, 8, one, 0.72, "cpt")
	run(136, 4, one, 0.6, "cp")
	run(140, 4, []arch{ab}, 0.5, "cp")
	run(144, 4, []arch{turn}, 0.4, "cp")

	seam := 4.0 * 148
	windows(s, seam)
	// The organ comes up under the last echoes; the level of the desk moves from one piece to the other with it.
	s.level([2]float64{seam - 64, 9.4}, [2]float64{seam + 8, 9.2})
	return s.end(0, seam, seam+4*126)
}
