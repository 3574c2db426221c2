package master

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ferric/album"
	"ferric/audio"
	"ferric/tape"
)

var update = flag.Bool("update", false, "write golden files")

// songs is an album of tracks with the given lengths.
func songs(lengths ...time.Duration) *album.Album {
	a := &album.Album{Title: "Test", Artist: "Tester"}
	for i, d := range lengths {
		a.Tracks = append(a.Tracks, album.Track{
			Title:  fmt.Sprintf("Song %d", i+1),
			Format: audio.Format{Rate: 44100, Channels: 2, Bits: 16},
			Frames: audio.Rate(44100).Frames(d),
		})
	}
	return a
}

// shortest is the slow obvious optimum: every subset on side A, every opener
// and closer that the wishes allow, side A not shorter than side B.
func shortest(s *score, keep bool) (audio.Frames, bool) {
	n := len(s.album.Tracks)
	best, found := audio.Frames(0), false
	for set := range 1 << n {
		var sides [2][]int
		for i := range n {
			sides[1-set>>i&1] = append(sides[1-set>>i&1], i)
		}
		if keep && !slices.IsSorted(append(slices.Clone(sides[0]), sides[1]...)) {
			continue
		}
		ok := true
		var length [2]audio.Frames
		for side, tracks := range sides {
			for _, i := range tracks {
				t := s.album.Tracks[i]
				if t.Side == "A" && side != 0 || t.Side == "B" && side != 1 {
					ok = false
				}
			}
			var order []int
			if keep {
				order = tracks
			} else {
				for _, i := range tracks {
					if s.album.Tracks[i].First {
						order = append(order, i)
					}
				}
				for _, i := range tracks {
					if !s.album.Tracks[i].First && !s.album.Tracks[i].Last {
						order = append(order, i)
					}
				}
				for _, i := range tracks {
					if t := s.album.Tracks[i]; t.Last && !t.First {
						order = append(order, i)
					}
				}
			}
			for k, i := range order {
				t := s.album.Tracks[i]
				if t.First && k != 0 || t.Last && k != len(order)-1 {
					ok = false
				}
			}
			_, length[side] = s.place(order, s.head)
		}
		if ok && length[0] >= length[1] && (!found || length[0] < best) {
			best, found = length[0], true
		}
	}
	return best, found
}

func TestDivisionIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "tracks")
		lengths := make([]time.Duration, n)
		for i := range lengths {
			lengths[i] = time.Duration(rapid.IntRange(1, 500_000).Draw(t, "ms")) * time.Millisecond
		}
		a := songs(lengths...)
		for i := range a.Tracks {
			tr := &a.Tracks[i]
			tr.Side = rapid.SampledFrom([]string{"", "", "", "", "A", "B"}).Draw(t, "side")
			tr.First = rapid.IntRange(0, 9).Draw(t, "first") == 0
			tr.Last = rapid.IntRange(0, 9).Draw(t, "last") == 0
			if rapid.IntRange(0, 4).Draw(t, "own gap") == 0 {
				gap := time.Duration(rapid.IntRange(0, 20_000).Draw(t, "gap")) * time.Millisecond
				tr.Gap = &gap
			}
		}
		o := Options{Reorder: rapid.Bool().Draw(t, "reorder")}
		s := newScore(a, nil, o)
		want, found := shortest(s, s.keep)
		d, err := s.solve(indexes(n))
		if err != nil {
			if found {
				t.Fatalf("refused what can be done: %v", err)
			}
			if !errors.Is(err, ErrWishes) {
				t.Fatal(err)
			}
			return
		}
		if !found {
			if d.length[0] >= d.length[1] {
				t.Fatalf("found an impossible division: %v", d.length)
			}
			return // only a longer side B was left
		}
		// Each block is rounded to a millisecond at most half a unit off.
		tolerance := audio.Frames(0)
		if o.Reorder {
			tolerance = audio.Frames(n+2) * 44
		}
		if d.length[0] < d.length[1] || d.length[0] > want+tolerance || d.length[0] < want {
			t.Fatalf("longer side %d (B %d), the shortest is %d", d.length[0], d.length[1], want)
		}
	})
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// What every plan must be, whatever the album.
func TestPlanAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "tracks")
		lengths := make([]time.Duration, n)
		for i := range lengths {
			lengths[i] = time.Duration(rapid.IntRange(1, 200).Draw(t, "s")) * time.Second
		}
		a := songs(lengths...)
		for i := range a.Tracks {
			a.Tracks[i].Format.Rate = rapid.SampledFrom([]audio.Rate{44100, 48000, 96000}).Draw(t, "rate")
			a.Tracks[i].Group = rapid.SampledFrom([]string{"", "", "", "x", "y"}).Draw(t, "group")
		}
		m := &Measurements{Tracks: make([]TrackMeasure, n)}
		for i := range m.Tracks {
			level := rapid.SampledFrom([]float64{-90, -20}).Draw(t, "edge")
			m.Tracks[i] = TrackMeasure{Format: a.Tracks[i].Format, Frames: a.Tracks[i].Frames, Start: Seam{LevelDB: level}, End: Seam{LevelDB: level}}
		}
		o := Options{Reorder: rapid.Bool().Draw(t, "reorder")}
		p, err := Layout(a, m, o)
		if errors.Is(err, ErrTooLong) || errors.Is(err, ErrWishes) && !o.Reorder {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var seen []int
		for side := range p.Sides {
			at := audio.Frames(44100) // head silence
			for k, placed := range p.Sides[side].Tracks {
				seen = append(seen, placed.Index)
				gap := placed.Start - at
				if k == 0 && gap != 0 || placed.Joined != (k > 0 && gap == 0) || gap != 0 && gap != 2*44100 {
					t.Fatalf("side %d, place %d: gap %d, joined %v", side, k, gap, placed.Joined)
				}
				if k > 0 && p.Sides[side].Tracks[k-1].Index > placed.Index && a.Tracks[placed.Index].Group == "" && a.Tracks[p.Sides[side].Tracks[k-1].Index].Group == "" {
					t.Fatalf("side %d is out of album order", side)
				}
				at = placed.End()
			}
			if at != p.Sides[side].Length {
				t.Fatalf("side %d ends at %d, says %d", side, at, p.Sides[side].Length)
			}
			if p.Sides[side].Blank < DefaultMargin {
				t.Fatalf("side %d has %v left on %v", side, p.Sides[side].Blank, p.Tape)
			}
		}
		slices.Sort(seen)
		if !slices.Equal(seen, indexes(n)) {
			t.Fatalf("tracks %v", seen)
		}
		if p.Shorter != (tape.Length{}) && p.Over <= 0 {
			t.Fatalf("%v would have done", p.Shorter)
		}
		for _, i := range p.ShorterBy.Without {
			rest := *a
			rest.Tracks = slices.Delete(slices.Clone(a.Tracks), i, i+1)
			m := &Measurements{Tracks: slices.Delete(slices.Clone(m.Tracks), i, i+1)}
			_ = m
			q, err := Layout(&rest, nil, o)
			if err == nil && q.Tape.Minutes > p.Shorter.Minutes && !slices.ContainsFunc(a.Tracks, func(t album.Track) bool { return t.Group != "" }) && !joined(p) {
				t.Fatalf("without track %d it needs %v, not %v", i+1, q.Tape, p.Shorter)
			}
		}
	})
}

func joined(p *Plan) bool {
	for _, s := range p.Sides {
		for _, t := range s.Tracks {
			if t.Joined {
				return true
			}
		}
	}
	return false
}

func TestEqualsKeepTheAlbumsOrder(t *testing.T) {
	a := songs(3*time.Minute, 3*time.Minute, 3*time.Minute, 3*time.Minute)
	p, err := Layout(a, nil, Options{Reorder: true})
	if err != nil {
		t.Fatal(err)
	}
	if p.Reordered {
		t.Errorf("reordered for nothing: %+v", p.Sides)
	}
}

func TestSixtyTracks(t *testing.T) {
	var lengths []time.Duration
	for i := range 60 {
		lengths = append(lengths, time.Duration(31_337+i*i*7919%95_000)*time.Millisecond)
	}
	p, err := Layout(songs(lengths...), nil, Options{Reorder: true})
	if err != nil {
		t.Fatal(err)
	}
	if d := p.Sides[0].Length - p.Sides[1].Length; d < 0 || d > 44100/10 {
		t.Errorf("sides differ by %d frames", d)
	}
}

func TestWishesRefused(t *testing.T) {
	m := time.Minute
	for _, c := range []struct {
		name string
		o    Options
		edit func(t []album.Track)
		want []string
	}{
		{"order", Options{}, func(t []album.Track) { t[0].Side, t[2].Side, t[3].Side = "B", "A", "A" }, []string{`track 1 "Song 1": side "B"`, `track 4 "Song 4": side "A"`, "album order"}},
		{"three openers", Options{Reorder: true}, func(t []album.Track) { t[0].First, t[1].First, t[3].First = true, true, true }, []string{"track 1", "track 2", "track 4", "first on its side"}},
		{"openers of one side", Options{Reorder: true}, func(t []album.Track) { t[0].First, t[1].First, t[0].Side, t[1].Side = true, true, "A", "A" }, []string{"track 1", "track 2", `side "A"`}},
		{"group on two sides", Options{Reorder: true}, func(t []album.Track) {
			t[0].Group, t[1].Group, t[0].Side, t[1].Side = "suite", "suite", "A", "B"
		}, []string{`group "suite"`, `side "A"`, `side "B"`}},
		{"group apart in order", Options{}, func(t []album.Track) { t[0].Group, t[2].Group = "suite", "suite" }, []string{"track 1", "track 3", "another order may obey"}},
		{"alone with company", Options{Reorder: true}, func(t []album.Track) { t[0].First, t[0].Last, t[0].Side, t[1].Side = true, true, "A", "A" }, []string{"track 1", "track 2", "last on its side"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := songs(m, m, m, m)
			c.edit(a.Tracks)
			_, err := Layout(a, nil, c.o)
			var wish *WishError
			if !errors.As(err, &wish) || !errors.Is(err, ErrWishes) {
				t.Fatalf("error %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in: %v", w, err)
				}
			}
		})
	}
}

func TestLayoutErrors(t *testing.T) {
	if _, err := Layout(&album.Album{}, nil, Options{}); !errors.Is(err, ErrNoTracks) {
		t.Errorf("no tracks: %v", err)
	}
	if _, err := Layout(songs(61*time.Minute), nil, Options{}); !errors.Is(err, ErrTooLong) {
		t.Errorf("61 minutes: %v", err)
	}
	if _, err := Layout(songs(10*time.Hour), nil, Options{Reorder: true}); !errors.Is(err, ErrTooLong) {
		t.Errorf("ten hours: %v", err)
	}
}

// A continuous album is cut at one of its seams, and the plan says so.
func TestLiveAlbum(t *testing.T) {
	a := songs(9*time.Minute, 9*time.Minute, 9*time.Minute)
	m := &Measurements{Tracks: make([]TrackMeasure, 3)}
	for i := range m.Tracks {
		m.Tracks[i] = TrackMeasure{Format: a.Tracks[i].Format, Frames: a.Tracks[i].Frames, Start: Seam{LevelDB: -20}, End: Seam{LevelDB: -20}}
	}
	p, err := Layout(a, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Sides[0].Tracks) != 2 || !p.Sides[0].Tracks[1].Joined {
		t.Errorf("sides: %+v", p.Sides)
	}
	if len(p.Findings) == 0 || p.Findings[len(p.Findings)-1].Code != "seam-cut" || p.Findings[len(p.Findings)-1].Track != 3 {
		t.Errorf("findings: %+v", p.Findings)
	}
}

func TestRunsOn(t *testing.T) {
	f := audio.Format{Rate: 44100, Channels: 2, Bits: 16}
	loud := func(e0, e1 float64) Seam {
		return Seam{LevelDB: -20, Edge: [2][2]float64{{e0, e1}, {e0, e1}}, Step: [2]float64{0.01, 0.01}}
	}
	for _, c := range []struct {
		name string
		a, b Seam
		want bool
	}{
		{"a line goes on", loud(0.10, 0.11), loud(0.13, 0.12), true},
		{"a cut tail meets an attack", loud(0.10, 0.11), loud(-0.30, -0.31), false},
		{"a fade ends", Seam{LevelDB: -70}, loud(0, 0), false},
		{"loud meets soft", loud(0, 0), Seam{LevelDB: -45, Step: [2]float64{0.01, 0.01}}, false},
	} {
		a, b := TrackMeasure{Format: f, End: c.a}, TrackMeasure{Format: f, Start: c.b}
		if got := runsOn(&a, &b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestGoldenPlans(t *testing.T) {
	s := time.Second
	lp := []time.Duration{214 * s, 187 * s, 305 * s, 241 * s, 198 * s, 332 * s, 176 * s, 263 * s, 229 * s, 351 * s}
	c46, _ := tape.Parse("C46")
	for name, c := range map[string]struct {
		o    Options
		edit func([]album.Track)
	}{
		"keep":      {},
		"reorder":   {o: Options{Reorder: true}},
		"custom":    {o: Options{Reorder: true, Custom: true}},
		"c40-needs": {o: Options{Tape: func() tape.Length { l, _ := tape.Parse("C40"); return l }()}},
		"pins":      {o: Options{Reorder: true, Tape: c46}, edit: func(t []album.Track) { t[9].First, t[0].Side, t[4].Last, t[4].Side = true, "B", true, "A" }},
		"suite":     {o: Options{Reorder: true}, edit: func(t []album.Track) { t[1].Group, t[6].Group, t[8].Group = "suite", "suite", "suite" }},
	} {
		t.Run(name, func(t *testing.T) {
			a := songs(lp...)
			if c.edit != nil {
				c.edit(a.Tracks)
			}
			p, err := Layout(a, nil, c.o)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "plan-"+name+".txt", printPlan(p))
		})
	}
}

func printPlan(p *Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tape %s, %s a side, reordered %v\n", p.Tape, clock(p.Tape.PerSide), p.Reordered)
	for i, s := range p.Sides {
		fmt.Fprintf(&b, "side %s plays %s, blank %s\n", s.Name, audio.Clock(p.Duration(i)), s.Blank.Round(time.Second))
		for _, t := range s.Tracks {
			fmt.Fprintf(&b, "  %2d at %s for %s\n", t.Index+1, audio.Clock(t.Start.Duration(p.Rate)), audio.Clock(t.Length.Duration(p.Rate)))
		}
	}
	fmt.Fprintf(&b, "shorter %s, over by %s, reordering %v, without %v\n", p.Shorter, p.Over.Round(time.Second), p.ShorterBy.Reorder, p.ShorterBy.Without)
	for _, f := range p.Findings {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Severity, f.Code, f.Text)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", path, got, want)
	}
}
