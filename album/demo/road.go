package demo

// Long Straight Road Home: one pulse for five minutes. Sixteenth notes in E
// under a filter that opens, the even drumming of the autobahn, a bass on
// eighths; a long tune over it, another landscape (C sharp minor, A, E over G
// sharp, B), a tunnel without drums, and out the other side with two voices.
func road(k *kit, d dice) *score {
	s := newScore(k, d, 132)
	s.desk.hall = newHall(k, 2.2, 0.45, 0.02, 1)
	s.desk.echo = newEcho(k, 60/132.0*0.75, 60/132.0, 0.38, 0.55, 3000)
	s.desk.echoRev = 0.25
	s.desk.master = []effect{newLowCut(30), highShelf(3500, 2.5), drive{0.8}}
	s.level([2]float64{0, 10.2})

	pulse := s.channel(filterSound{
		wave: func(k *kit) *wave { return &k.saw }, cutoff: 800, sweep: 2.1, decay: 0.09, q: 1.1, detune: 7,
		contour: contour{attack: 0.004, decay: 0.16, sustain: 0.25, release: 0.07},
	}.voice, mix{level: -14.5, hall: -16, echo: -13, loose: 0.002, touch: 0.16, pan: -0.2, inserts: []effect{newSweep(1400, 11000, 58, 0.7)}})
	glint := s.channel(filterSound{
		wave: func(k *kit) *wave { return &k.hollow }, cutoff: 1500, sweep: 1.4, decay: 0.07, q: 0.8,
		contour: contour{attack: 0.003, decay: 0.11, sustain: 0.1, release: 0.08},
	}.voice, mix{level: -13.5, hall: -13, echo: -12, loose: 0.002, touch: 0.2, pan: 0.35})
	bass := s.channel(filterSound{
		wave: func(k *kit) *wave { return &k.saw }, cutoff: 380, sweep: 1.6, decay: 0.07, q: 0.8, sub: 0.35,
		contour: contour{attack: 0.004, decay: 0.3, sustain: 0.6, release: 0.04},
	}.voice, mix{level: -11, loose: 0.003, touch: 0.1})
	pad := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.warm }, detune: 9, width: 0.4,
		contour: contour{attack: 0.9, decay: 2, sustain: 0.85, release: 0.8},
	}.voice, mix{level: -17, hall: -9, touch: 0.1, inserts: []effect{newChorus(k, 0.33, 2.4, 0.5), newSweep(1800, 8000, 38, 0.6)}})
	lead := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.hollow }, detune: 6, width: 0.2, vibrato: 12,
		contour: contour{attack: 0.05, decay: 1.2, sustain: 0.75, release: 0.18},
	}.voice, mix{level: -12.5, hall: -10, echo: -11, loose: 0.006, touch: 0.08, pan: 0.12, inserts: []effect{drive{2.2}}})
	over := s.channel(padSound{
		wave: func(k *kit) *wave { return &k.warm }, detune: 7, width: 0.4, vibrato: 9,
		contour: contour{attack: 0.12, decay: 1.2, sustain: 0.8, release: 0.3},
	}.voice, mix{level: -18, hall: -8, echo: -14, loose: 0.008, touch: 0.08, pan: -0.3})
	kick := s.channel(roadKick.voice, mix{level: -8.5, loose: 0.002, touch: 0.08})
	snares := s.channel(snare.voice, mix{level: -10.5, hall: -15, loose: 0.003, touch: 0.1, pan: 0.04})
	hat := s.channel(closedHat.voice, mix{level: -15, hall: -26, loose: 0.003, touch: 0.2, pan: 0.24})
	open := s.channel(openHat.voice, mix{level: -17, hall: -18, loose: 0.003, touch: 0.15, pan: 0.24})
	splash := s.channel(crash.voice, mix{level: -20, hall: -12, pan: -0.35, touch: 0.1})
	toms := s.channel(tom.voice, mix{level: -12, hall: -13, loose: 0.004, touch: 0.12, spread: -1.2})
	wind := s.channel(bedSound{contour: contour{attack: 5, decay: 1, sustain: 1, release: 3}, from: 400, to: 3000, seconds: 17, floor: 0.3}.voice,
		mix{level: -33, hall: -20})

	type ground struct{ bass, arp, pad string }
	e := ground{"E2", "E3 B3 E4 F#4 G#4 B4", "B3 E4 G#4 B4"}
	e2 := ground{"E2", "E3 B3 D4 F#4 G#4 B4", "B3 D4 F#4 B4"}
	dd := ground{"D2", "D3 A3 D4 F#4 A4 E5", "A3 D4 F#4 A4"}
	a := ground{"A1", "E3 A3 C#4 E4 A4 B4", "A3 C#4 E4 A4"}
	cs := ground{"C#2", "E3 B3 C#4 E4 G#4 B4", "G#3 B3 E4 G#4"}
	eg := ground{"G#1", "E3 B3 E4 G#4 B4 E5", "B3 E4 G#4 B4"}
	b := ground{"B1", "F#3 B3 C#4 E4 F#4 B4", "B3 C#4 F#4 B4"}
	town := []ground{e, e, dd, a, e, e2, dd, a}
	hills := []ground{cs, a, eg, b, cs, a, eg, b}
	themeA := "B4:3 E5:1 | G#5:3 F#5:1 | F#5:2 A5:2 | E5:4 | B4:3 E5:1 | G#5:2 B5:2 | A5:2 F#5:2 | E5:3 C#5:1"
	themeA2 := "B4:2 E5:1 F#5:1 | G#5:3 E5:1 | A5:1 F#5:1 D5:2 | E5:3 C#5:1 | B4:2 E5:1 F#5:1 | G#5:1 B5:3 | D6:1 B5:1 A5:2 | E5:4"
	themeB := "G#5:3 E5:1 | C#5:2 E5:2 | B5:3 G#5:1 | F#5:4 | G#5:2 B5:2 | A5:2 C#6:2 | B5:3 E5:1 | F#5:2 B4:2"
	thirds := "G#4:3 B4:1 | B4:3 B4:1 | D5:2 F#5:2 | C#5:4 | G#4:3 B4:1 | E5:2 G#5:2 | F#5:2 D5:2 | C#5:3 A4:1"
	sixths := "E5:3 B4:1 | A4:2 C#5:2 | G#5:3 E5:1 | C#5:4 | E5:2 G#5:2 | E5:2 A5:2 | G#5:3 B4:1 | C#5:2 F#4:2"

	arps := [][]int{{0, 2, 4, 1, 3, 5, 2, 4}, {0, 3, 1, 4, 2, 5, 3, 1}, {0, 1, 2, 4, 3, 5, 4, 2}}
	run := func(bar, bars int, grounds []ground, loud float64, parts string) {
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
			g := grounds[n%len(grounds)]
			arp := pitches(g.arp)
			e := d.at(801, bar, n)
			if has('a') {
				shape := arps[(n/4+bar/16)%len(arps)]
				for i := range 16 {
					v := 0.6 + 0.2*float64((i+3)%4/3) // the accent stands before the beat
					if i%8 == 0 {
						v = 0.9
					}
					s.note(pulse, at+float64(i)/4, 0.21, arp[shape[i%8]], v*loud)
				}
			}
			if has('g') { // five against four: it never falls the same way twice in a phrase
				for i := range 16 {
					if (n*16+i)%5 == 0 || (n*16+i)%5 == 3 {
						s.note(glint, at+float64(i)/4, 0.2, arp[(n*3+i)%6]+12, 0.6*loud*(0.7+0.3*e.unit(i)))
					}
				}
			}
			if has('b') {
				root := pitchOf(g.bass)
				for i := range 8 {
					p := root
					if i == 6 && n%2 == 1 {
						p += 7
					}
					if i == 7 && n%4 == 3 {
						p += 12
					}
					s.note(bass, at+float64(i)/2, 0.42, p, loud*(0.82-0.1*float64(i%2)))
				}
			}
			if has('p') {
				s.chord(pad, at, 4.1, pitches(g.pad), 0.6*loud, 0)
			}
			if has('h') {
				for i := range 8 {
					s.note(hat, at+float64(i)/2, 0.2, 60, loud*(0.75-0.25*float64(i%2)))
				}
				if n%4 == 3 {
					s.note(open, at+3.5, 0.4, 60, 0.6*loud)
				}
			}
			if has('k') {
				for _, x := range []float64{0, 0.5, 1.5, 2, 2.5, 3.5} {
					v := 0.9
					if x != 0 && x != 2 {
						v = 0.62
					}
					if x == 3.5 && n%2 == 0 {
						continue
					}
					s.note(kick, at+x, 0.2, 60, v*loud)
				}
			}
			if has('s') {
				fill := (n+1)%16 == 0
				for _, x := range []float64{1, 3} {
					s.note(snares, at+x, 0.2, 60, 0.82*loud)
				}
				if e.unit(40) < 0.3 {
					s.note(snares, at+2.75, 0.2, 60, 0.2*loud)
				}
				if fill {
					for i, p := range []string{"A3", "A3", "E3", "E3", "C3", "A2"} {
						s.note(toms, at+2.5+float64(i)/4, 0.3, pitchOf(p)-7, loud*(0.6+0.05*float64(i)))
					}
				}
			}
			if n == 0 && has('c') {
				s.note(splash, at, 2, 60, 0.7*loud)
			}
		}
	}

	s.note(wind, 0, 700, 60, 0.8)
	run(0, 16, town, 0.7, "a")
	run(16, 16, town, 0.8, "agh")
	run(32, 16, town, 0.88, "abhkc")
	run(48, 16, town, 0.9, "agbhksp")
	s.line(lead, 4*56, themeA, -12, 0.62)
	run(64, 16, town, 0.95, "abhkspc")
	s.line(lead, 4*64, themeA, 0, 0.62)
	s.line(lead, 4*72, themeA2, 0, 0.66)
	run(80, 16, hills, 0.95, "agbhkspc")
	s.line(lead, 4*80, themeB, 0, 0.66)
	s.line(over, 4*88, themeB, 0, 0.6)
	run(96, 8, town, 0.7, "gp")
	run(104, 8, hills, 0.62, "ap")
	s.line(over, 4*100, "B4:4 | E5:4 | F#5:6 -:2 | G#5:6 E5:2 | C#5:4 E5:4 | B5:6 G#5:2 | F#5:8", 0, 0.6)
	run(112, 8, town, 0.78, "abh")
	run(120, 8, town, 0.85, "abghk")
	run(128, 16, town, 1.0, "agbhkspc")
	s.line(lead, 4*128, themeA, 0, 0.66)
	s.line(over, 4*128, thirds, 0, 0.6)
	s.line(lead, 4*136, themeA2, 0, 0.7)
	s.line(over, 4*136, thirds, 0, 0.62)
	run(144, 16, hills, 1.0, "agbhkspc")
	s.line(lead, 4*144, themeB, 0, 0.7)
	s.line(over, 4*144, sixths, 0, 0.6)
	s.line(lead, 4*152, themeB, 0, 0.7)
	s.line(over, 4*152, sixths, 0, 0.62)
	run(160, 8, town, 0.85, "abhp")
	run(168, 6, town, 0.65, "ap")
	s.chord(pad, 4*174, 10, pitches("E3 B3 E4 G#4 B4"), 0.5, 0.1)
	s.line(pulse, 4*174, "E3:.25 B3:.25 E4:.25 G#4:.25 B4:.5 E5:2", 0, 0.5)
	s.fade(pulse, [2]float64{0, 0.25}, [2]float64{24, 1}, [2]float64{4 * 160, 1}, [2]float64{4 * 176, 0.4})
	return s.end(0, 4*178)
}
