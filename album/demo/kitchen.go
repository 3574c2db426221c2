package demo

// Kitchen Radio, Half Past Five: an electric piano, a bass that walks a
// little, brushes, and a vibraphone with the tune. Two-five-ones in E flat,
// a bridge that goes minor by its fourth, a solo made up by the dice inside
// the chords, and the tune once more.
func kitchen(k *kit, d dice) *score {
	s := newScore(k, d, 79)
	s.desk.hall = newHall(k, 1.5, 0.4, 0.015, 0.75)
	s.desk.echo = newEcho(k, 0.38, 0.57, 0.3, 0.7, 2200)
	s.desk.master = []effect{newLowCut(30), highShelf(2500, 3.5), drive{0.6}}
	s.level([2]float64{0, 5.8})

	keys := s.channel(tineSound{bark: 0.85, tine: 0.9, ring: 1.9}.voice,
		mix{level: -11, hall: -16, echo: -24, loose: 0.011, touch: 0.16, swing: 0.61, spread: 0.15,
			inserts: []effect{drive{1.4}, &sway{sine: k.sine, hz: 4.3, depth: 0.16}, newChorus(k, 0.6, 1.2, 0.35)}})
	vibes := s.channel(vibraphone().voice, mix{level: -8.5, hall: -11, echo: -16, loose: 0.012, touch: 0.14, swing: 0.61, pan: 0.22, spread: 0.12,
		inserts: []effect{&sway{sine: k.sine, hz: 5.4, depth: 0.1}}})
	bass := s.channel(pluckSound{ring: 7, bright: 0.25, at: 0.3, soft: 0.88, damp: 0.07, gain: 1}.voice,
		mix{level: -5.5, hall: -28, loose: 0.008, touch: 0.1, swing: 0.61, pan: -0.04, inserts: []effect{lowShelf(160, 2)}})
	tap := s.channel(brushTap.voice, mix{level: -13.5, hall: -14, loose: 0.007, touch: 0.25, swing: 0.61, pan: 0.1})
	sweep := s.channel(brushSwep.voice, mix{level: -15, hall: -18, loose: 0.012, touch: 0.3, swing: 0.61, pan: 0.14, scatter: 0.2})
	cymbal := s.channel(ride.voice, mix{level: -15.5, hall: -16, loose: 0.006, touch: 0.25, swing: 0.64, pan: -0.3})
	kick := s.channel(softKick.voice, mix{level: -12, hall: -30, loose: 0.006, touch: 0.2, swing: 0.61})

	type change struct {
		root, voicing string
		scale         []int // pitch classes for the solo, chord tones first
	}
	fm := change{"F2", "Ab3 C4 Eb4 F4", []int{5, 8, 0, 3, 7, 10}}
	bb := change{"Bb2", "Ab3 C4 D4 G4", []int{10, 2, 5, 8, 0, 7}}
	eb := change{"Eb2", "G3 Bb3 D4 F4", []int{3, 7, 10, 2, 5, 0}}
	cm := change{"C2", "Bb3 D4 Eb4 G4", []int{0, 3, 7, 10, 2, 5}}
	g7 := change{"G2", "F3 B3 Eb4 Bb4", []int{7, 11, 5, 3, 10}}
	ab := change{"Ab2", "G3 C4 Eb4 Bb4", []int{8, 0, 3, 7, 10}}
	am := change{"Ab2", "F3 B3 Eb4 Ab4", []int{8, 11, 3, 5, 10}}
	gm := change{"G2", "F3 Bb3 D4 G4", []int{7, 10, 2, 5, 9}}
	c7 := change{"C3", "E3 Bb3 Db4 G4", []int{0, 4, 7, 10, 1}}
	eb2 := change{"Bb2", "G3 C4 D4 F4", []int{3, 7, 10, 2, 5}}
	bs := change{"Bb2", "Ab3 C4 Eb4 G4", []int{10, 3, 5, 8, 0}}
	partA := []change{fm, bb, eb, cm, fm, bb, eb, g7}
	partA2 := []change{cm, bb, eb, cm, fm, bb, eb, eb}
	partB := []change{ab, am, gm, c7, fm, am, eb2, bs}

	tuneA := "-:.5 C5:.5 Eb5:.5 G5:1 F5:.5 Eb5:1 | D5:1.5 C5:.5 Bb4:1 -:1 | -:.5 Bb4:.5 D5:.5 F5:1 Eb5:.5 D5:1 | C5:1.5 Bb4:.5 G4:1 -:1 | -:.5 Ab4:.5 C5:.5 Eb5:1 G5:.5 Ab5:1 | G5:1 F5:.5 D5:1 C5:.5 Bb4:1 | G4:.5 Bb4:.5 D5:1 Eb5:2 | -:2 F5:.5? D5:.5? Bb4:1?"
	tuneA2 := "-:.5 C5:.5 Eb5:.5 G5:.5 Bb5:.5 G5:.5 Eb5:1 | D5:1 F5:.5 D5:.5 Bb4:1 C5:1 | D5:.5 Bb4:.5 D5:.5 F5:1 G5:.5 F5:1 | Eb5:1.5 C5:.5 G4:1 -:1 | -:.5 Ab4:.5 C5:.5 Eb5:.5 G5:.5 Ab5:.5 C6:1 | Bb5:1 G5:.5 F5:1 D5:.5 Bb4:1 | G4:.5 Bb4:.5 D5:1 Eb5:2 | -:4"
	tuneB := "Eb5:2 C5:1 Bb4:1 | B4:1.5 Bb4:.5 Ab4:1 F4:1 | G4:1 Bb4:1 D5:1.5 F5:.5 | E5:2 Db5:1 C5:1 | Ab4:1 C5:1 Eb5:1.5 G5:.5 | F5:1.5 Eb5:.5 B4:1 Ab4:1 | Bb4:2 G4:1 F4:1 | C5:1 D5:.5 F5:.5 Bb4:2"

	comp := func(beat float64, c change, vel float64) {
		v := pitches(c.voicing)
		e := d.at(701, int(beat))
		for _, hit := range [][][2]float64{{{0, 2.4}, {2.5, 1.2}}, {{0, 1.4}, {1.5, 2}}, {{0.5, 1.8}, {3, 0.8}}, {{0, 3.6}}, {{0, 0.9}, {1.5, 0.7}, {3.5, 0.6}}}[e.pick(1, 5)] {
			s.chord(keys, beat+hit[0], hit[1], v, vel*(0.8+0.2*e.unit(2)), 0.012)
		}
	}
	walk := func(beat float64, c, next change, vel float64, four bool) {
		root, to := pitchOf(c.root), pitchOf(next.root)
		e := d.at(702, int(beat))
		near := to - 1
		if e.unit(1) < 0.5 {
			near = to + 1
		}
		fifth := root + 7
		if root > 43 {
			fifth = root - 5
		}
		if four {
			third := root + float64((c.scale[1]-c.scale[0]+12)%12)
			for i, p := range []float64{root, third, fifth, near} {
				s.note(bass, beat+float64(i), 0.95, p, vel*(0.9-0.1*float64(i%2)))
			}
			return
		}
		s.note(bass, beat, 1.45, root, vel)
		if e.unit(2) < 0.6 {
			s.note(bass, beat+1.5, 0.45, root, vel*0.65)
		}
		s.note(bass, beat+2, 1.4, fifth, vel*0.88)
		s.note(bass, beat+3.5, 0.5, near, vel*0.75)
	}
	brushes := func(beat, vel float64, full bool) {
		e := d.at(703, int(beat))
		for i := range 4 {
			s.note(sweep, beat+float64(i), 1, 60, vel*(0.8-0.25*float64(i%2)))
			if i%2 == 1 {
				s.note(tap, beat+float64(i), 1, 60, vel)
			}
		}
		if e.unit(1) < 0.35 {
			s.note(tap, beat+2.5, 1, 60, vel*0.4)
		}
		if e.unit(2) < 0.25 {
			s.note(tap, beat+3.5, 1, 60, vel*0.5)
		}
		s.note(kick, beat, 1, 60, vel*0.8)
		if e.unit(3) < 0.5 {
			s.note(kick, beat+2.5, 1, 60, vel*0.5)
		}
		if full {
			for _, at := range []float64{0, 1, 1.5, 2, 3, 3.5} {
				s.note(cymbal, beat+at, 1, 60, vel*(0.55+0.2*float64(int(at)%2)))
			}
		}
	}
	// chorus plays eight bars of changes with the whole rhythm section.
	chorus := func(bar int, part []change, after change, vel float64, four bool) {
		for i, c := range part {
			next := after
			if i+1 < len(part) {
				next = part[i+1]
			}
			at := float64(4 * (bar + i))
			comp(at, c, vel*0.72)
			walk(at, c, next, vel, four)
			brushes(at, vel*0.85, four)
		}
	}
	solo := func(bar int, part []change, lead *channel, low, high, vel float64) {
		pitch := (low + high) / 2
		rhythms := []string{"0 .5 1 1.5 2.5", "0.5 1 2 2.5 3", "0 1.5 2 3.5", "1 1.5 2 2.5 3 3.5", "0 .5 1.5 2", ""}
		for i, c := range part {
			at := float64(4 * (bar + i))
			e := d.at(704, bar, i)
			cell := positions(rhythms[e.pick(1, len(rhythms))])
			up := e.unit(2) < 0.5
			for j, b := range cell {
				tones := len(c.scale)
				if b == 0 || j == len(cell)-1 {
					tones = 4 // land on a note of the chord
				}
				pitch = nearest(pitch, c.scale[:min(tones, len(c.scale))], up)
				if pitch > high || pitch < low {
					up = !up
					pitch = nearest(nearest(pitch, c.scale, up), c.scale, up)
				}
				length := 0.5
				if j+1 < len(cell) {
					length = cell[j+1] - b
				} else {
					length = 1.2
				}
				s.note(lead, at+b, length, pitch, vel*(0.8+0.25*e.unit(10+j)))
				if e.unit(30+j) < 0.22 {
					up = !up
				}
			}
		}
	}

	for i, c := range []change{eb, cm, fm, bs} {
		comp(float64(4*i), c, 0.5)
		if i > 1 {
			brushes(float64(4*i), 0.4+0.1*float64(i), false)
		}
	}
	chorus(4, partA, fm, 0.75, false)
	s.line(vibes, 16, tuneA, 0, 0.66)
	chorus(12, partA, ab, 0.8, false)
	s.line(vibes, 48, tuneA2, 0, 0.7)
	chorus(20, partB, fm, 0.82, false)
	s.line(keys, 80, tuneB, 0, 0.75)
	s.line(vibes, 80, tuneB, -12, 0.3)
	chorus(28, partA, fm, 0.84, false)
	s.line(vibes, 112, tuneA2, 0, 0.72)
	chorus(36, partA, cm, 0.88, true)
	solo(36, partA, vibes, 65, 87, 0.72)
	chorus(44, partA2, ab, 0.92, true)
	solo(44, partA2, vibes, 67, 90, 0.78)
	chorus(52, partB, fm, 0.88, true)
	solo(52, partB, keys, 67, 84, 0.85)
	chorus(60, partA, ab, 0.8, false)
	solo(60, partA, keys, 65, 82, 0.75)
	chorus(68, partB, fm, 0.8, false)
	s.line(vibes, 4*68, tuneB, 0, 0.64)
	chorus(76, partA, eb, 0.8, false)
	s.line(vibes, 4*76, tuneA, 0, 0.66)
	s.bend(4*84, 4*88, 60)
	for i, c := range []change{eb, cm, fm, bs} {
		comp(float64(4*(84+i)), c, 0.5-0.05*float64(i))
		walk(float64(4*(84+i)), c, eb, 0.6-0.06*float64(i), false)
		brushes(float64(4*(84+i)), 0.5-0.08*float64(i), false)
	}
	s.chord(keys, 4*88, 7, pitches("G3 Bb3 D4 F4 C5"), 0.5, 0.05)
	s.note(bass, 4*88, 6, pitchOf("Eb2"), 0.6)
	s.line(vibes, 4*88+1, "G5:1 D5:1 Bb4:4", 0, 0.4)
	return s.end(0, 4*90+1)
}
