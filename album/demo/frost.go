package demo

// Frost on the Aerial: everything high. Bells and glass in E, three patterns
// of different length turning over one another, hats like breath on a window,
// a key a minor third up in the middle as the sun reaches the roof. Of the
// album's pieces it is the hardest on a tape: most of it lies where tape saturates first.
func frost(k *kit, d dice) *score {
	s := newScore(k, d, 120)
	s.desk.hall = newHall(k, 2.6, 0.92, 0.018, 0.9)
	s.desk.echo = newEcho(k, 0.375, 0.5, 0.36, 0.6, 7000)
	s.desk.echoRev = 0.3
	s.desk.master = []effect{newLowCut(45), highShelf(4500, 7)}
	s.level([2]float64{0, 11})

	bells := s.channel(glassBell().voice, mix{level: -14, hall: -9, echo: -13, loose: 0.004, touch: 0.18, spread: 0.18, scatter: 0.35, pan: -0.1})
	song := s.channel(glassBell().voice, mix{level: -9, hall: -8, echo: -12, loose: 0.006, touch: 0.1, pan: 0.05})
	comb := s.channel(musicBox().voice, mix{level: -14, hall: -11, echo: -15, loose: 0.004, touch: 0.2, scatter: 0.6})
	spark := s.channel(filterSound{
		wave: func(k *kit) *wave { return &k.saw }, cutoff: 4200, sweep: 1.3, decay: 0.06, q: 0.8,
		contour: contour{attack: 0.002, decay: 0.07, sustain: 0.08, release: 0.06},
	}.voice, mix{level: -20, hall: -13, echo: -13, loose: 0.003, touch: 0.2, pan: 0.3, scatter: 0.2})
	sheen := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.glass }, detune: 7, width: 0.4,
		contour: contour{attack: 1.2, decay: 2, sustain: 0.85, release: 0.9},
	}.voice, mix{level: -21, hall: -8, touch: 0.1, inserts: []effect{newChorus(k, 0.4, 1.8, 0.55)}})
	bass := s.channel(pluckSound{ring: 4, bright: 0.6, at: 0.2, soft: 0.5, damp: 0.12, gain: 0.9}.voice,
		mix{level: -14, hall: -20, loose: 0.005, touch: 0.1})
	hat := s.channel(frostHat.voice, mix{level: -13.5, hall: -22, loose: 0.003, touch: 0.3, pan: -0.25})
	open := s.channel(openHat.voice, mix{level: -16, hall: -16, loose: 0.004, touch: 0.2, pan: -0.25})
	shake := s.channel(shaker.voice, mix{level: -16, hall: -18, loose: 0.005, touch: 0.3, pan: 0.4})
	kick := s.channel(softKick.voice, mix{level: -14, loose: 0.003, touch: 0.1})
	stick := s.channel(rim.voice, mix{level: -17, hall: -12, loose: 0.004, touch: 0.2, pan: 0.15})
	splash := s.channel(crash.voice, mix{level: -20, hall: -10, pan: 0.4})

	type pane struct{ bass, pad, tones string }
	roof := []pane{{"E2", "B4 E5 F#5 G#5", "B5 E6 F#6 G#6 B6 D#7"}, {"C#2", "B4 E5 G#5", "B5 C#6 E6 G#6 B6 D#7"}, {"A2", "C#5 E5 B5", "C#6 E6 F#6 G#6 B6 E7"}, {"B2", "B4 D#5 F#5 C#6", "B5 C#6 D#6 F#6 B6 D#7"}}
	wire := []pane{{"G#2", "B4 D#5 F#5", "B5 D#6 F#6 G#6 B6 D#7"}, {"A2", "C#5 E5 G#5 B5", "C#6 E6 F#6 G#6 B6 E7"}, {"F#2", "A4 C#5 E5", "A5 C#6 E6 G#6 B6 C#7"}, {"B2", "A4 C#5 E5 F#5", "A5 C#6 E6 F#6 B6 C#7"}}
	tune := "E6:1.5 F#6:.5 G#6:2 | B6:2 F#6:1 G#6:1 | C#6:1.5 E6:.5 G#6:2 | E6:4 | C#6:1.5 E6:.5 A6:2 | B6:2 G#6:1 E6:1 | F#6:2 D#6:1 E6:1 | B5:4"
	reply := "G#6:2 F#6:1 D#6:1 | B5:3 D#6:1 | E6:2 G#6:2 | D#6:3 B5:1 | C#6:1.5 E6:.5 A6:2 | G#6:2 E6:2 | F#6:2 E6:1 C#6:1 | B5:4"

	// turn plays panes of two bars each; shift moves everything by semitones.
	turn := func(bar, bars int, panes []pane, shift, loud float64, parts string) {
		has := func(p byte) bool {
			for i := range parts {
				if parts[i] == p {
					return true
				}
			}
			return false
		}
		for n := range bars {
			at := float64(4 * (bar + n))
			p := panes[n/2%len(panes)]
			tones := pitches(p.tones)
			e := d.at(901, bar, n)
			for i := range 16 {
				step := n*16 + i
				x := at + float64(i)/4
				if has('b') && (step%7 == 0 || step%7 == 3 || step%7 == 5) {
					s.note(bells, x, 1, tones[(step*2)%6]+shift, loud*(0.42+0.2*e.unit(i)))
				}
				if has('m') && step%6 != 1 && step%6 != 4 && step%2 == 0 {
					s.note(comb, x, 1, tones[(step*5/2)%6]+12*float64(step%3/2)+shift, loud*(0.4+0.25*e.unit(20+i)))
				}
				if has('s') {
					s.note(spark, x, 0.2, tones[[]int{0, 2, 4, 5, 3, 1, 2, 4, 5, 3}[step%10]]+shift, loud*(0.5+0.25*float64((i+1)%4/3)))
				}
				if has('h') {
					v := [4]float64{0.8, 0.32, 0.55, 0.38}[i%4]
					s.note(hat, x, 0.1, 60, loud*v)
				}
				if has('k') && (i == 0 || i == 10 || i == 7 && n%2 == 1) {
					s.note(kick, x, 0.3, 60, loud*0.75)
				}
				if has('r') && (i == 4 || i == 12) {
					s.note(stick, x, 0.3, 60, loud*0.6)
				}
				if has('q') && i%2 == 0 {
					s.note(shake, x, 0.2, 60, loud*(0.45+0.3*float64(i/2%2)))
				}
			}
			if has('h') && n%2 == 1 {
				s.note(open, at+3.5, 0.5, 60, loud*0.6)
			}
			if has('p') && n%2 == 0 {
				for _, q := range pitches(p.pad) {
					s.note(sheen, at, 8.1, q+shift, 0.66*loud)
				}
			}
			if has('B') {
				root := pitchOf(p.bass) + shift
				s.note(bass, at, 1.4, root, loud*0.8)
				s.note(bass, at+1.75, 0.7, root+12, loud*0.5)
				s.note(bass, at+2.5, 1.3, root+7, loud*0.65)
			}
			if n == 0 && has('c') {
				s.note(splash, at, 2, 60, 0.6*loud)
			}
		}
	}

	turn(0, 8, roof, 0, 0.65, "b")
	turn(8, 8, roof, 0, 0.75, "bmp")
	turn(16, 16, roof, 0, 0.82, "bmphq")
	s.line(song, 4*24, tune, 0, 0.5)
	turn(32, 16, roof, 0, 0.9, "bpshkBc")
	s.line(song, 4*32, tune, 0, 0.6)
	s.line(song, 4*40, reply, 0, 0.55)
	turn(48, 8, wire, 0, 0.9, "bpshkBrqc")
	s.line(song, 4*48, reply, 0, 0.62)
	turn(56, 8, roof, 0, 0.92, "bmpshkBrq")
	s.line(song, 4*56, tune, 0, 0.62)
	turn(64, 8, wire, 0, 0.6, "p")
	s.line(comb, 4*64, tune, 0, 0.55)
	turn(72, 8, roof, 3, 0.72, "bp")
	turn(80, 8, roof, 3, 0.9, "bmphkBqc")
	s.line(song, 4*80, tune, 3, 0.62)
	turn(88, 8, wire, 3, 0.95, "bmpshkBrq")
	s.line(song, 4*88, reply, 3, 0.62)
	turn(96, 8, roof, 0, 1, "bmpshkBrqc")
	s.line(song, 4*96, tune, 0, 0.66)
	turn(104, 8, wire, 0, 0.95, "bmpshkBrq")
	s.line(song, 4*104, reply, 0, 0.62)
	turn(112, 6, roof, 0, 0.72, "bmph")
	s.bend(4*116, 4*121, 84)
	turn(118, 2, roof, 0, 0.55, "bm")
	s.chord(song, 4*120, 4, pitches("E5 B5 E6 G#6 D#7"), 0.42, 0.16)
	s.chord(sheen, 4*120, 6, pitches("E5 B5 F#5 G#5"), 0.5, 0.1)
	return s.end(0, 4*123)
}
