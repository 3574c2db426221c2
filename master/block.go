package master

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ferric/album"
	"ferric/audio"
)

// ErrWishes is wrapped by every *WishError.
var ErrWishes = errors.New("wishes that cannot be obeyed")

// Wish is one thing an artist asked of the layout.
type Wish struct {
	Track int    // number on the album, counting from 1
	Title string // of the track
	What  string // `side "B"`, "first on its side", "last on its side", `group "suite"`
}

func (w Wish) String() string { return fmt.Sprintf("track %d %q: %s", w.Track, w.Title, w.What) }

// WishError names the fewest wishes that contradict each other: without any one of them the rest could be obeyed.
type WishError struct {
	Wishes []Wish
	Reason string
}

func (e *WishError) Error() string {
	parts := make([]string, len(e.Wishes))
	for i, w := range e.Wishes {
		parts[i] = w.String()
	}
	return fmt.Sprintf("%v: %s (%s)", ErrWishes, strings.Join(parts, "; "), e.Reason)
}

// Unwrap gives ErrWishes.
func (e *WishError) Unwrap() error { return ErrWishes }

// either is a block's side when nothing pins it.
const either = -1

// apart stands for a predecessor that no track runs on from.
const apart = -2

// block is tracks that stay together in order: a group, a run of joined tracks, mostly one track alone.
type block struct {
	tracks []int        // indexes into the album
	length audio.Frames // with the gaps inside
	gap    audio.Frames // silence before it, unless it opens a side
	side   int          // 0, 1 or either
	first  bool
	last   bool
}

// wishKind is what a track may ask for.
type wishKind byte

const (
	wishSide wishKind = iota
	wishFirst
	wishLast
	wishGroup
)

type wishRef struct {
	track int
	kind  wishKind
}

// score is the album as the layout sees it: lengths and gaps in output frames.
type score struct {
	album  *album.Album
	rate   audio.Rate
	head   audio.Frames
	gap    audio.Frames
	frames []audio.Frames // of each track at its own rate
	joins  []bool         // track i runs on from track i-1
	keep   bool
	loose  bool // joined tracks may be parted by a side change
	coarse bool // a search by twentieths of a second will do
}

// length is how many output frames come of frames at a track's rate (see resample.Filter.Length).
func (s *score) length(frames audio.Frames, rate audio.Rate) audio.Frames {
	if rate == s.rate {
		return frames
	}
	return (frames*audio.Frames(s.rate) + audio.Frames(rate) - 1) / audio.Frames(rate)
}

// before is the silence in front of track i when it follows track prev.
func (s *score) before(prev, i int) audio.Frames {
	if g := s.album.Tracks[i].Gap; g != nil {
		return s.rate.Frames(max(*g, 0))
	}
	if prev == i-1 && s.joins[i] {
		return 0
	}
	return s.gap
}

// place sets tracks one after another, the first at frame at, and returns the
// frame after the last. Tracks of one rate without a gap between them are placed
// as one stream, so that rounding never adds up and resampling never sees the seam.
func (s *score) place(tracks []int, at audio.Frames) ([]Placed, audio.Frames) {
	placed := make([]Placed, 0, len(tracks))
	base, run := at, audio.Frames(0) // where the gapless run began, and its source frames so far
	for n, i := range tracks {
		rate := s.album.Tracks[i].Format.Rate
		joined := false
		if n > 0 {
			prev := tracks[n-1]
			gap := s.before(prev, i)
			joined = gap == 0
			if !joined || rate != s.album.Tracks[prev].Format.Rate {
				base, run = at+gap, 0
			}
		}
		start := base + s.length(run, rate)
		run += s.frames[i]
		at = base + s.length(run, rate)
		placed = append(placed, Placed{Index: i, Start: start, Length: at - start, Joined: joined})
	}
	return placed, at
}

// side lays blocks out as one programme.
func (s *score) side(blocks []block) ([]Placed, audio.Frames) {
	var tracks []int
	for _, b := range blocks {
		tracks = append(tracks, b.tracks...)
	}
	return s.place(tracks, s.head)
}

// wishes lists what the tracks ask for.
func (s *score) wishes(tracks []int) []wishRef {
	var refs []wishRef
	for _, i := range tracks {
		t := s.album.Tracks[i]
		if t.Side != "" {
			refs = append(refs, wishRef{i, wishSide})
		}
		if t.First {
			refs = append(refs, wishRef{i, wishFirst})
		}
		if t.Last {
			refs = append(refs, wishRef{i, wishLast})
		}
		if t.Group != "" {
			refs = append(refs, wishRef{i, wishGroup})
		}
	}
	return refs
}

func (s *score) describe(refs []wishRef) []Wish {
	out := make([]Wish, len(refs))
	for n, r := range refs {
		t := s.album.Tracks[r.track]
		out[n] = Wish{Track: r.track + 1, Title: t.Title}
		switch r.kind {
		case wishSide:
			out[n].What = "side " + strconv.Quote(t.Side)
		case wishFirst:
			out[n].What = "first on its side"
		case wishLast:
			out[n].What = "last on its side"
		case wishGroup:
			out[n].What = "group " + strconv.Quote(t.Group)
		}
	}
	return out
}

// blocks gathers tracks into blocks under the given wishes; ok is false when the wishes inside a block contradict each other.
func (s *score) blocks(tracks []int, refs []wishRef) (blocks []block, ok bool) {
	type asked struct {
		side        string
		first, last bool
		group       string
	}
	ask := make(map[int]asked)
	for _, r := range refs {
		a, t := ask[r.track], s.album.Tracks[r.track]
		switch r.kind {
		case wishSide:
			a.side = t.Side
		case wishFirst:
			a.first = true
		case wishLast:
			a.last = true
		case wishGroup:
			a.group = t.Group
		}
		ask[r.track] = a
	}
	// Groups, at the place of their first track.
	at := make(map[string]int)
	for n, i := range tracks {
		if g := ask[i].group; g != "" {
			if k, seen := at[g]; seen {
				if s.keep && (k != len(blocks)-1 || blocks[k].tracks[len(blocks[k].tracks)-1] != tracks[n-1]) {
					return nil, false
				}
				blocks[k].tracks = append(blocks[k].tracks, i)
				continue
			}
			at[g] = len(blocks)
		}
		blocks = append(blocks, block{tracks: []int{i}, side: either})
	}
	for b := range blocks {
		for n, i := range blocks[b].tracks {
			a := ask[i]
			if a.side != "" {
				side := 0
				if a.side == "B" {
					side = 1
				}
				if blocks[b].side != either && blocks[b].side != side {
					return nil, false
				}
				blocks[b].side = side
			}
			if a.first && n != 0 || a.last && n != len(blocks[b].tracks)-1 {
				return nil, false
			}
			blocks[b].first = blocks[b].first || a.first
			blocks[b].last = blocks[b].last || a.last
		}
	}
	// Measured joins, wherever no wish stands against them.
	merged := blocks[:0:0]
	for _, b := range blocks {
		if n := len(merged); n > 0 {
			p := &merged[n-1]
			i := b.tracks[0]
			if i > 0 && s.joins[i] && !s.loose && p.tracks[len(p.tracks)-1] == i-1 && s.album.Tracks[i].Gap == nil &&
				!p.last && !b.first && (p.side == b.side || p.side == either || b.side == either) {
				p.tracks = append(slices.Clip(p.tracks), b.tracks...)
				p.last = b.last
				if b.side != either {
					p.side = b.side
				}
				continue
			}
		}
		merged = append(merged, b)
	}
	for n := range merged {
		b := &merged[n]
		_, b.length = s.place(b.tracks, 0)
		b.gap = s.before(apart, b.tracks[0])
	}
	return merged, true
}

// conflict finds the fewest wishes that cannot be obeyed together.
func (s *score) conflict(tracks []int) *WishError {
	refs := s.wishes(tracks)
	possible := func(refs []wishRef) bool {
		blocks, ok := s.blocks(tracks, refs)
		return ok && s.possible(blocks)
	}
	for i := 0; i < len(refs); {
		without := slices.Delete(slices.Clone(refs), i, i+1)
		if possible(without) {
			i++
		} else {
			refs = without
		}
	}
	reason := "together they leave no division into two sides"
	if s.keep {
		reason = "in album order everything on side A comes before everything on side B; another order may obey them"
	}
	return &WishError{Wishes: s.describe(refs), Reason: reason}
}
