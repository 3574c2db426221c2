// Package master lays an album out on the two sides of a tape and renders the two programmes.
//
// Mastering for cassette is three jobs. [Measure] listens to every track once:
// its loudness and peaks, what a duplicator's desk would object to, and whether
// it runs into its neighbour. [Layout] divides the album between the sides so
// that the tape is as short as it can be. [Render] writes each side as one
// programme: resampled, freed of what lies under 25 Hz, brought by one gain for
// the whole tape to a loudness target, its treble held under what the tape can
// carry, its true peaks under a ceiling, dithered to the width of the file.
//
// docs/mastering.md says what is done to the sound and why, for musicians;
// docs/decisions/0005-mastering-chain.md why the chain is built as it is.
package master

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/tape"
)

// ErrNoTracks: an album without tracks makes no tape.
var ErrNoTracks = errors.New("the album has no tracks")

// ErrTooLong is wrapped by *TooLongError.
var ErrTooLong = errors.New("too long for any cassette")

// TooLongError says that the longer side fits no tape.
type TooLongError struct {
	Longer  time.Duration // the longer side, as laid out
	Longest time.Duration // what the longest tape's side holds, margin taken off
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("%v: the longer side plays %s, the longest tape holds %s", ErrTooLong, audio.Clock(e.Longer), audio.Clock(e.Longest))
}

// Unwrap gives ErrTooLong.
func (e *TooLongError) Unwrap() error { return ErrTooLong }

// Layout divides an album between the sides of a tape.
//
// In album order it makes the one cut that needs the shortest tape, with side A
// at least as long as side B; with o.Reorder it finds the shortest of all
// divisions, keeping the album's order inside each side (see divide). Equals go
// to the album's own order. Sides, openers, closers and groups that the tracks
// ask for are obeyed, or a *WishError says which of them contradict each
// other. Where the wishes leave only divisions with a longer side B, the
// shortest of those is made, with a finding.
//
// m, from Measure, tells exact lengths and which tracks run into each other;
// without it lengths are the album's and every seam gets its gap. Tracks that
// run into each other stay on one side, unless that leaves side B empty or fits no
// tape: then the album keeps its order and one of those seams is cut.
func Layout(a *album.Album, m *Measurements, o Options) (*Plan, error) {
	if len(a.Tracks) == 0 {
		return nil, ErrNoTracks
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	s := newScore(a, m, o)
	all := make([]int, len(a.Tracks))
	for i := range all {
		all[i] = i
	}
	for i, t := range a.Tracks {
		if t.Side != "" && t.Side != "A" && t.Side != "B" {
			return nil, fmt.Errorf("track %d %q: no side %.20q (A or B)", i+1, t.Title, t.Side)
		}
		if t.Format.Rate <= 0 || s.frames[i] < 0 {
			return nil, fmt.Errorf("track %d %q: its length is not known", i+1, t.Title)
		}
	}
	d, err := s.solve(all)
	if err != nil {
		return nil, err
	}
	if len(a.Tracks) > 1 && len(d.sides[1]) == 0 || d.longer() > s.rate.Frames(o.longest()) {
		loose := *s
		loose.loose, loose.keep = true, true
		if l, err := loose.solve(all); err == nil && l.better(d) {
			d = l
		}
	}
	p := s.plan(d, o)
	if err := p.choose(o); err != nil {
		return nil, err
	}
	if p.Shorter != (tape.Length{}) {
		p.ShorterBy = s.shortening(all, p, o)
	}
	p.look(a, s, o)
	return p, nil
}

func newScore(a *album.Album, m *Measurements, o Options) *score {
	s := &score{
		album: a, rate: o.rate(), keep: !o.Reorder,
		frames: make([]audio.Frames, len(a.Tracks)),
		joins:  make([]bool, len(a.Tracks)),
	}
	s.head = s.rate.Frames(o.profile().HeadSilence)
	s.gap = s.rate.Frames(o.gap())
	for i, t := range a.Tracks {
		s.frames[i] = t.Frames
		if m != nil {
			s.frames[i] = m.Tracks[i].Frames
			s.joins[i] = i > 0 && !o.Release && runsOn(&m.Tracks[i-1], &m.Tracks[i])
		}
	}
	return s
}

// solve finds the best division of some of the album's tracks.
func (s *score) solve(tracks []int) (*division, error) {
	blocks, ok := s.blocks(tracks, s.wishes(tracks))
	if !ok || !s.possible(blocks) {
		return nil, s.conflict(tracks)
	}
	if s.keep {
		return s.cut(blocks), nil
	}
	best := s.cut(blocks)
	if d := s.divide(blocks); d.better(best) {
		best = d
	}
	return best, nil
}

// plan places the tracks of a division.
func (s *score) plan(d *division, o Options) *Plan {
	p := &Plan{Rate: s.rate}
	next := 0
	for side, name := range []string{"A", "B"} {
		placed, length := s.side(d.sides[side])
		p.Sides[side] = Side{Name: name, Tracks: placed, Length: length}
		for _, t := range placed {
			p.Reordered = p.Reordered || t.Index != next
			next++
		}
	}
	return p
}

// longest is the longest side that a tape may have under these options.
func (o Options) longest() time.Duration {
	if !o.Custom && o.Tape != (tape.Length{}) {
		return o.Tape.PerSide
	}
	return tape.MaxMinutes*time.Minute/2 - o.margin()
}

// choose sets the tape, the blanks and the next shorter tape.
func (p *Plan) choose(o Options) error {
	longer := max(p.Duration(0), p.Duration(1))
	need := longer + o.margin()
	standard := tape.Standard()
	switch {
	case !o.Custom && o.Tape != (tape.Length{}):
		p.Tape = o.Tape
	case need > tape.MaxMinutes*time.Minute/2:
		return &TooLongError{Longer: longer, Longest: o.longest()}
	case o.Custom:
		minutes := (2*need + time.Minute - 1) / time.Minute
		l, err := tape.Custom(max(int(minutes), tape.MinMinutes))
		if err != nil {
			return err
		}
		p.Tape = l
	default:
		for _, l := range standard {
			if l.PerSide >= need {
				p.Tape = l
				break
			}
		}
	}
	for i := range p.Sides {
		p.Sides[i].Blank = p.Tape.PerSide - p.Duration(i)
	}
	for _, l := range standard {
		if l.PerSide < p.Tape.PerSide {
			p.Shorter = l
		}
	}
	if p.Shorter != (tape.Length{}) {
		p.Over = need - p.Shorter.PerSide
	}
	return nil
}

// shortening tries what would bring the album onto the next shorter tape.
func (s *score) shortening(all []int, p *Plan, o Options) Shortening {
	var w Shortening
	if p.Over <= 0 {
		return w // it fits already; a longer tape was asked for
	}
	room := s.rate.Frames(p.Shorter.PerSide - o.margin())
	if room <= 0 {
		return w
	}
	if s.keep {
		free := *s
		free.keep = false
		if d, err := free.solve(all); err == nil && d.longer() <= room {
			w.Reorder = true
		}
	}
	rough := *s
	rough.coarse = true
	content := p.Sides[0].Length + p.Sides[1].Length
	for n, i := range all {
		// What is left must fit two sides at best; most tracks are too short to help.
		left := content - s.length(s.frames[i], s.album.Tracks[i].Format.Rate) - s.before(apart, i)
		if len(all) == 1 || left > 2*room {
			continue
		}
		rest := append(append([]int{}, all[:n]...), all[n+1:]...)
		if d, err := rough.solve(rest); err == nil && d.longer() <= room {
			w.Without = append(w.Without, i)
		}
	}
	return w
}

// look reports what about the layout a person should know.
func (p *Plan) look(a *album.Album, s *score, o Options) {
	add := func(severity Severity, code, side string, track int, text, why, do string) {
		p.Findings = append(p.Findings, Finding{Severity: severity, Code: code, Side: side, Track: track, Text: text, Why: why, Do: do})
	}
	profile := o.profile()
	for i := range p.Sides {
		side, length := &p.Sides[i], p.Duration(i)
		switch {
		case side.Blank < 0:
			add(Bad, "side-over-full", side.Name, 0,
				fmt.Sprintf("Side %s plays %s, which is %s longer than a side of %s.", side.Name, clock(length), clock(-side.Blank), p.Tape),
				"The music goes on after the tape has run out.",
				"Take a longer tape, or leave a track out.")
		case side.Blank < o.margin():
			add(Care, "side-tight", side.Name, 0,
				fmt.Sprintf("Only %s of %s are left at the end of side %s.", clock(side.Blank), p.Tape, side.Name),
				"Decks differ in speed by half a percent and more, and nothing can be recorded on the leader: the last notes may be lost.",
				"Check the real length of your tapes, or take the next longer one.")
		case side.Blank > 5*time.Minute && len(side.Tracks) > 0:
			add(Note, "side-blank", side.Name, 0,
				fmt.Sprintf("Side %s ends with %s of blank tape.", side.Name, clock(side.Blank)),
				"A listener who lets the tape run hears hiss for that long, or winds.",
				"Another order may even the sides out; a tape wound to order is only as long as it must be.")
		}
		if profile.SideLimit > 0 && length > profile.SideLimit {
			add(Bad, "side-limit", side.Name, 0,
				fmt.Sprintf("Side %s plays %s; %s takes at most %s.", side.Name, clock(length), profile.Name, clock(profile.SideLimit)),
				"They will refuse the master or ask for another ("+profile.Source+").",
				"Move or leave out a track, or choose another duplicator.")
		}
		if len(side.Tracks) == 0 {
			add(Note, "side-empty", side.Name, 0, "Side "+side.Name+" holds no music.",
				"Listeners expect something when they turn a tape over.",
				"Repeat side A on it, or say on the card that it is blank.")
		}
	}
	if over := p.Duration(1) - p.Duration(0); over > 0 {
		severity := Care
		if profile.ALonger {
			severity = Bad
		}
		add(severity, "side-b-longer", "B", 0,
			fmt.Sprintf("Side B is %s longer than side A.", clock(over)),
			"Duplicators ask for a side A at least as long, or add silence to it: who turns the tape over when side A falls silent should find side B at its beginning.",
			"Give more tracks to side A, or free a pinned one.")
	}
	if p.Tape.Thin() {
		add(Note, "tape-thin", "", 0,
			fmt.Sprintf("%s tape is %.0f µm thick.", p.Tape, float64(p.Tape.Thickness)*1e6),
			"Tape this thin stretches, prints through and flutters more (itinfromation.blogspot.com 2010/09).",
			"Spread the album over two cassettes if you can.")
	}
	for i, joins := range s.joins {
		if !joins {
			continue
		}
		side, place, ok := p.Find(i)
		if !ok || place > 0 && p.Sides[side].Tracks[place-1].Index == i-1 {
			continue
		}
		add(Care, "seam-cut", p.Sides[side].Name, i+1,
			fmt.Sprintf("“%s” runs on from “%s”, but the two are parted.", a.Tracks[i].Title, a.Tracks[i-1].Title),
			"The music breaks off at one place and begins in mid-air at another.",
			"Fade the one out and the other in, or pin both to one side.")
	}
}

// clock writes a time as m:ss, rounded to the second.
func clock(d time.Duration) string {
	text := audio.Clock(d.Round(time.Second))
	whole, _, _ := strings.Cut(text, ".")
	return whole
}
