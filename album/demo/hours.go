package demo

// Small Hours: a felt piano that must not wake the house. A waltz in D minor
// that keeps finding F, written for a room rather than for a meter: the
// quietest piece of the album. A music box comes in from the next room.
func hours(k *kit, d dice) *score {
	s := newScore(k, d, 60)
	s.desk.hall = newHall(k, 2.0, 0.3, 0.01, 0.7)
	s.desk.master = []effect{newLowCut(28)}
	s.level([2]float64{0, -3.2})

	left := s.channel(feltPiano().voice, mix{level: -9, hall: -13, loose: 0.016, touch: 0.2, spread: 0.3})
	right := s.channel(feltPiano().voice, mix{level: -7, hall: -11, loose: 0.014, touch: 0.14, spread: 0.3})
	box := s.channel(musicBox().voice, mix{level: -14, hall: -5, loose: 0.02, touch: 0.2, pan: 0.45, inserts: []effect{highShelf(4000, -5)}})
	room := s.channel(bedSound{contour: contour{attack: 4, decay: 1, sustain: 1, release: 3}, from: 500, to: 900, seconds: 23, floor: 0.7}.voice,
		mix{level: -41})

	night := []string{"D2 A2 F3 C4 E4", "Bb1 F2 D3 A3 D4", "A1 C3 F3 C4 E4", "C2 G2 E3 G3 D4", "D2 A2 F3 A3 E4", "G1 D3 Bb3 F4 A4", "Bb1 F2 D3 A3 C4", "A1 E2 D3 G3 C#4"}
	lamp := []string{"F2 C3 A3 E4 G4", "E2 C3 G3 C4 E4", "D2 A2 F3 C4 F4", "A1 E3 G3 C4 E4", "Bb1 F2 D3 A3 C4", "A1 C3 F3 A3 C4", "G1 D3 Bb3 F4 A4", "C2 G2 Bb3 D4 F4"}
	tune := "A4:1 D5:1 E5:1 | F5:2 D5:1 | C5:1.5 A4:.5 G4:1 | G4:3 | A4:1 D5:1 F5:1 | Bb4:2 A4:1 | D5:1 C5:1 A4:1 | A4:3"
	tune2 := "A4:1 D5:1 E5:1 | F5:1 A5:1 G5:1 | E5:1.5 C5:.5 A4:1 | D5:2 C5:1 | A4:.5 D5:.5 F5:1 E5:1 | D5:1 Bb4:1 A4:1 | F4:1 A4:1 C5:1 | C#5:3"
	window := "G5:2 E5:1 | C5:2 D5:1 | F5:1 E5:1 C5:1 | A4:3 | D5:1 F5:1 A5:1 | G5:1 F5:1 C5:1 | Bb4:1 D5:1 F5:1 | G5:2 F5:1"
	window2 := "G5:1 A5:1 E5:1 | C5:1 E5:1 D5:1 | F5:1.5 E5:.5 C5:1 | E5:3 | D5:1 F5:1 C6:1 | A5:1.5 G5:.5 F5:1 | Bb4:1 D5:1 A5:1 | G5:1 F5:1 D5:1"

	play := func(bar int, chords []string, tune string, vel float64, flow bool) {
		for i, text := range chords {
			at := float64(3 * (bar + i))
			c := pitches(text)
			s.note(left, at, 2.9, c[0], vel*0.78)
			e := d.at(1001, bar, i)
			if flow { // eighths that rise and turn
				for j, tone := range [][]int{{1, 2, 3, 4, 2}, {1, 2, 4, 3, 2}, {2, 1, 3, 2, 4}}[e.pick(1, 3)] {
					s.note(left, at+0.5+0.5*float64(j), 1.6, c[tone], vel*(0.5+0.08*e.unit(j)))
				}
				continue
			}
			s.chord(left, at+1, 0.95, c[1:3], vel*0.5, 0.03)
			s.chord(left, at+2, 0.95, c[2:4], vel*0.42, 0.03)
		}
		if tune != "" {
			s.line(right, float64(3*bar), tune, 0, vel)
		}
		// The bar lines breathe: a little slower into the end of a phrase.
		from, end := float64(3*bar), float64(3*(bar+len(chords)))
		s.bend(from, from+4, 69)
		s.bend(end-4, end-0.5, 60+4*d.at(1002, bar).unit(1))
	}

	s.note(room, 0, 300, 60, 0.8)
	play(0, night[:4], "", 0.5, false)
	play(4, night, tune, 0.6, false)
	play(12, night, tune2, 0.64, true)
	play(20, lamp, window, 0.68, true)
	play(28, lamp, window2, 0.74, true)
	play(36, night, tune, 0.66, true)
	s.line(box, 3*36, "-:6 A5:1 C6:1 D6:1 | -:3 F6:1 E6:1 D6:1 | -:3 | A5:1 C6:1 D6:1 | E6:3", 0, 0.5)
	play(44, night, tune2, 0.62, false)
	for i, text := range lamp { // the next room
		at := float64(3 * (52 + i))
		c := pitches(text)
		s.note(left, at, 3, c[0], 0.34)
		for j := range 6 {
			e := d.at(1003, i, j)
			if e.unit(1) < 0.72 {
				s.note(box, at+float64(j)/2, 1, c[1+e.pick(2, 4)]+24, 0.4+0.2*e.unit(3))
			}
		}
	}
	s.line(box, 3*52, window, 12, 0.7)
	play(60, lamp, window, 0.7, true)
	play(68, lamp, window2, 0.78, true)
	play(76, night, tune, 0.66, true)
	play(84, night, tune2, 0.56, false)
	s.bend(3*92, 3*98, 44)
	for i, text := range []string{"D2 A2 F3 C4 E4", "Bb1 F2 D3 A3 D4", "F2 C3 A3 E4 G4"} {
		at := float64(3 * (92 + 2*i))
		s.chord(left, at, 5.8, pitches(text), 0.42-0.04*float64(i), 0.22)
	}
	s.line(right, 3*92+2, "A4:1 D5:1 E5:2 -:2 | F5:2 E5:1 C5:3", 0, 0.46)
	s.line(box, 3*96+2.5, "A5:1 C6:1 E6:2", 0, 0.4)
	return s.end(0, 3*98+1.5)
}
