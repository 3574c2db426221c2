package demo

import (
	"cmp"
	"math"
	"slices"

	"ferric/audio"
)

// score is a movement being written down: a tempo, channels of the desk with
// an instrument each, and notes. A movement holds one piece, or two that run
// into each other.
type score struct {
	kit      *kit
	dice     dice
	tempo    []tempoMark
	channels []*channel
	sheet    []scored
	events   []event // the sheet in frames, once the tempo is known
	desk     console
	gains    [][2]float64
	cuts     []audio.Frames // where each piece begins, then the end
}

// tempoMark sets the tempo at a beat; between marks it moves evenly (in seconds a beat).
type tempoMark struct{ beat, bpm float64 }

// scored is a note as written, in beats.
type scored struct {
	c                  *channel
	beat, beats, pitch float64
	vel                float64
}

// event is a voice that starts on a channel.
type event struct {
	at      audio.Frames
	channel int
	voice   voice
}

// note is what an instrument is asked to play.
type note struct {
	kit    *kit
	dice   dice
	pitch  float64 // in semitones, 69 is A4
	vel    float64 // loudness, about 0..1
	frames int     // how long it is held
	pan    float64 // -1 left .. 1 right
}

// instrument makes the voice that plays a note.
type instrument func(n note) voice

func newScore(k *kit, d dice, bpm float64) *score {
	return &score{kit: k, dice: d, tempo: []tempoMark{{0, bpm}}}
}

// bend moves the tempo evenly from what it is at one beat to bpm at another, and keeps it.
func (s *score) bend(from, to, bpm float64) {
	last := s.tempo[len(s.tempo)-1]
	if from > last.beat {
		s.tempo = append(s.tempo, tempoMark{from, last.bpm})
	}
	s.tempo = append(s.tempo, tempoMark{to, bpm})
}

// seconds is when a beat falls.
func (s *score) seconds(beat float64) float64 {
	var t float64
	for i, m := range s.tempo {
		from := 60 / m.bpm
		if i+1 == len(s.tempo) || beat <= s.tempo[i+1].beat {
			slope := 0.0
			if i+1 < len(s.tempo) {
				next := s.tempo[i+1]
				slope = (60/next.bpm - from) / (next.beat - m.beat)
			}
			x := beat - m.beat
			return t + x*from + slope*x*x/2
		}
		next := s.tempo[i+1]
		t += (next.beat - m.beat) * (from + 60/next.bpm) / 2
	}
	return t
}

func (s *score) frame(beat float64) audio.Frames {
	return audio.Frames(math.Round(s.seconds(beat) * rate))
}

// channel adds a channel to the desk.
func (s *score) channel(play instrument, m mix) *channel {
	c := &channel{mix: m, play: play, index: len(s.channels)}
	s.channels = append(s.channels, c)
	return c
}

// note writes one note: pitch at beat for a number of beats.
func (s *score) note(c *channel, beat, beats, pitch, vel float64) {
	s.sheet = append(s.sheet, scored{c, beat, beats, pitch, vel})
}

// perform turns a written note into a voice at its frame. Human looseness and
// touch, swing and place in the stereo picture come from the channel.
func (s *score) perform(w scored) event {
	c := w.c
	d := s.dice.at(c.index, int(math.Round(w.beat*960)), int(math.Round(w.pitch*100)))
	start := max(0, s.seconds(swung(w.beat, c.swing))+c.loose*d.sway(1))
	end := s.seconds(w.beat + w.beats)
	pan := c.pan + c.spread*(w.pitch-66)/24 + c.scatter*(2*d.unit(3)-1)
	return event{
		at: audio.Frames(math.Round(start * rate)), channel: c.index,
		voice: c.play(note{
			kit: s.kit, dice: d, pitch: w.pitch,
			vel:    w.vel * (1 + c.touch*d.sway(2)),
			frames: max(1, int(math.Round((end-start)*rate))),
			pan:    min(0.95, max(-0.95, pan)),
		}),
	}
}

// line writes a melody in the notation of this package, shifted by semitones; it returns the beat after it.
func (s *score) line(c *channel, beat float64, text string, shift, vel float64) float64 {
	notes, beats := melody(text)
	for _, n := range notes {
		s.note(c, beat+n.at, n.beats, n.pitch+shift, vel*n.accent)
	}
	return beat + beats
}

// chord writes pitches together, each roll beats after the one below it.
func (s *score) chord(c *channel, beat, beats float64, chord []float64, vel, roll float64) {
	for i, p := range chord {
		late := roll * float64(i)
		s.note(c, beat+late, beats-late, p, vel)
	}
}

// fade sets a channel's level over time: pairs of beat and factor, straight lines between.
func (s *score) fade(c *channel, points ...[2]float64) { c.fades = append(c.fades, points...) }

// level sets the gain of the desk over time: pairs of beat and dB.
func (s *score) level(points ...[2]float64) { s.gains = append(s.gains, points...) }

// end closes the movement: a piece begins at each of the beats but the last, where the last one ends.
func (s *score) end(beats ...float64) *score {
	for _, b := range beats {
		s.cuts = append(s.cuts, s.frame(b))
	}
	for _, w := range s.sheet {
		s.events = append(s.events, s.perform(w))
	}
	slices.SortStableFunc(s.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	for _, c := range s.channels {
		c.fader = s.points(c.fades)
	}
	s.desk.gain = s.points(s.gains)
	return s
}

func (s *score) points(pairs [][2]float64) []faderPoint {
	var out []faderPoint
	for _, p := range pairs {
		out = append(out, faderPoint{s.frame(p[0]), float32(p[1])})
	}
	return out
}

// swung delays the second half of every beat: amount 0.5 (or 0) is straight, 0.667 a triplet.
func swung(beat, amount float64) float64 {
	if amount == 0 {
		return beat
	}
	whole, x := math.Modf(beat)
	if x < 0.5 {
		return whole + x*2*amount
	}
	return whole + amount + (x-0.5)*2*(1-amount)
}
