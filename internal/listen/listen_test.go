package listen

import (
	"context"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

func TestDecide(t *testing.T) {
	claimed := func(by string) *catalog.Copy { return &catalog.Copy{State: catalog.Claimed, Owner: by} }
	none, one, two := [2]bool{}, [2]bool{true, false}, [2]bool{true, true}
	for name, c := range map[string]struct {
		f     Facts
		sides [2]bool
	}{
		"a guest, tape only":                     {Facts{Digital: catalog.TapeOnly, Public: true}, none},
		"a guest, nothing said":                  {Facts{Public: true}, none},
		"a guest, another word":                  {Facts{Public: true, Digital: "all"}, none},
		"a guest, preview":                       {Facts{Digital: catalog.Preview, Public: true}, one},
		"a guest, files":                         {Facts{Digital: catalog.Files, Public: true}, one},
		"an account, preview":                    {Facts{Digital: catalog.Preview, Public: true, Account: "ann"}, one},
		"a draft":                                {Facts{Digital: catalog.Preview, Account: "ann"}, none},
		"the owner, tape only":                   {Facts{Digital: catalog.TapeOnly, Public: true, Account: "ann", Copy: claimed("ann")}, two},
		"the owner, withdrawn":                   {Facts{Digital: catalog.TapeOnly, Account: "ann", Copy: claimed("ann")}, two},
		"another account, files":                 {Facts{Digital: catalog.Files, Public: true, Account: "bob", Copy: claimed("ann")}, none},
		"a guest at a copy":                      {Facts{Digital: catalog.Files, Public: true, Copy: claimed("ann")}, none},
		"a guest at a copy of nobody":            {Facts{Public: true, Copy: claimed("")}, none},
		"bought and not claimed":                 {Facts{Public: true, Account: "ann", Copy: &catalog.Copy{State: catalog.Shipped, Owner: "ann"}}, none},
		"given back":                             {Facts{Public: true, Account: "ann", Copy: &catalog.Copy{State: catalog.Returned, Owner: "ann"}}, none},
		"one's own folder":                       {Facts{Own: true, Digital: catalog.TapeOnly}, two},
		"one's own folder is not another's shop": {Facts{Digital: catalog.TapeOnly, Account: "ann"}, none},
	} {
		g, err := Decide(c.f)
		if g.Sides != c.sides || (err == nil) != (c.sides != none) || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
		if g.Counted != (c.f.Copy != nil && c.sides == two) {
			t.Errorf("%s: counted %v", name, g.Counted)
		}
	}
}

// playing moves the tape on at a speed, telling every second, and gives the last error.
func playing(s Sitting, tp Tape, long time.Duration, speed, clock float64) (Sitting, error) {
	now := s.At
	for range int(long / time.Second) {
		now = now.Add(time.Duration(clock * 1e9))
		after, _, err := s.After(tp, both, Step{Side: s.Side, Place: s.Place + time.Duration(speed*1e9), Motion: Playing}, now)
		if err != nil {
			return s, err
		}
		s = after
	}
	return s, nil
}

func TestPlaysAreCounted(t *testing.T) {
	tp := tapeOf(t, "C10") // 5 minutes a side
	press := func(s Sitting, to Step, after time.Duration) Sitting {
		t.Helper()
		s, _, err := s.After(tp, both, to, s.At.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	play := func(s Sitting, long time.Duration, speed, clock float64) Sitting {
		t.Helper()
		s, err := playing(s, tp, long, speed, clock)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	start := func() Sitting { return press(sat(), Step{Motion: Playing}, 0) }

	s := play(start(), 149*time.Second, 1, 1)
	if s.Counted[0] {
		t.Error("counted before half of it")
	}
	if s = play(s, 2*time.Second, 1, 1); s.Counted != [2]bool{true, false} {
		t.Error("half of the side is not counted")
	}
	if s := play(start(), 150*time.Second, 1.01, 1); !s.Counted[0] {
		t.Error("a motor that is a per cent fast is not counted")
	}
	if s := play(start(), 300*time.Second, 0.5, 1); !s.Counted[0] {
		t.Error("half of the side at half speed is not counted")
	}
	if s := play(start(), 140*time.Second, 2, 1); s.Counted[0] {
		t.Error("a side at double speed is counted")
	}
	// A pause in between, and a look back, do no harm.
	s = play(start(), 100*time.Second, 1, 1)
	s = press(s, Step{Place: s.Place, Motion: Still}, time.Second)
	s = press(s, Step{Place: s.Place, Motion: Rewind}, 20*time.Minute)
	s = press(s, Step{Place: s.Place - 20*time.Second, Motion: Playing}, 5*time.Second)
	if s = play(s, 75*time.Second, 1, 1); !s.Counted[0] {
		t.Error("a pause and a look back spoil a play")
	}
	// Winding past a part does not count as hearing it.
	s = play(start(), 100*time.Second, 1, 1)
	s = press(s, Step{Place: s.Place, Motion: Forward}, 0)
	s = press(s, Step{Place: s.Place + 30*time.Second, Motion: Playing}, 5*time.Second)
	if s = play(s, 100*time.Second, 1, 1); s.Counted[0] {
		t.Error("two thirds with a gap are counted")
	}
	// Nor does a page that only says so.
	s = start()
	s, _, err := s.After(tp, both, Step{Place: 4 * time.Minute, Motion: Playing}, s.At.Add(20*time.Second))
	if err == nil && s.Counted[0] {
		t.Error("four minutes in twenty seconds are counted")
	}
	// The other side is another play.
	s = play(start(), 175*time.Second, 1, 1)
	s = press(s, Step{Place: s.Place, Motion: Still}, time.Second)
	s = press(s, Step{Side: 1, Place: tp.across(s.Place), Motion: Playing}, 4*time.Second)
	if s = play(s, 155*time.Second, 1, 1); s.Counted != [2]bool{true, true} {
		t.Errorf("after both sides: %v", s.Counted)
	}
}

func TestStepsAreChecked(t *testing.T) {
	tp := tapeOf(t, "C46")
	for name, to := range map[string]Step{
		"a side C":           {Side: 2, Motion: Still},
		"no motion":          {},
		"a jump":             {Motion: "seek"},
		"before the leader":  {Place: -8 * time.Second, Motion: Still},
		"behind the leader":  {Place: tp.Length.Playing() + 8*time.Second, Motion: Still},
		"the longest of all": {Place: 1<<63 - 1, Motion: Still},
	} {
		s := sat()
		s.At = began.Add(-23 * time.Hour)
		if _, _, err := s.After(tp, both, to, began); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A clock that goes back gives nothing and breaks nothing.
	s, _, err := sat().After(tp, both, Step{Motion: Playing}, began.Add(-time.Hour))
	if err != nil || !s.At.Equal(began) {
		t.Errorf("%+v, %v", s, err)
	}
	// Of a side that is not granted nothing comes, though the tape may be turned.
	s = sat()
	s, pieces, err := s.After(tp, Grant{Sides: [2]bool{true, false}}, Step{Side: 1, Place: tp.Length.Playing(), Motion: Playing, Other: true}, began.Add(4*time.Second))
	if err != nil || len(pieces) == 0 {
		t.Fatal(pieces, err)
	}
	for _, p := range pieces {
		if p.Side != 0 || !p.Cue {
			t.Errorf("%+v of a side that is on the tape only", p)
		}
	}
}

type oneFile struct{ Sound }

func (f oneFile) Open(context.Context, string) (Sound, error) { return f.Sound, nil }

// A folder with no shop, from the needle drop to the sound.
func TestFolder(t *testing.T) {
	path, want := side(t, "flac", 44100, 16, 44100*30)
	r := catalog.Release{ID: "folder", Title: "Demo", CatalogNumber: "FER-001"}
	r.Detail.Tape = catalog.Tape{Name: "C46", Type: "II", DolbyDBFS: -5.5}
	r.Detail.Sides = []catalog.Side{{Name: "A", Programme: "a", Frames: 44100 * 30, Rate: 44100, Bits: 16}}
	now := began
	l := room(t, NewMemory(r), oneFile{load(t, path)}, func() time.Time { return now })
	who := Who{Visitor: "here"}
	seat, err := l.Sit(t.Context(), who, Want{Release: "folder"})
	if err != nil || seat.Sound != "FER-001/preview" || seat.Tape.Formulation.Code != "II" || seat.Tape.Sides[1].Segments() != 0 || seat.Grant.Sides != [2]bool{true, true} {
		t.Fatalf("%+v, %v", seat, err)
	}
	at := 0
	var address string
	for place := time.Duration(0); place < 30*time.Second; place += time.Second {
		h, err := l.Near(t.Context(), who, seat.ID, Step{Place: place, Motion: Playing, Other: true})
		if err != nil || len(h.Pieces) == 0 || len(h.Addresses) != len(h.Pieces) || h.Pieces[0] != (Piece{0, false, index(place, segment)}) {
			t.Fatalf("at %v: %+v, %v", place, h, err)
		}
		address = h.Addresses[0]
		if place%segment == 0 {
			data, err := l.Segment(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			_, got := decode(t, data)
			for i, v := range got[1] {
				if v != want[1][at+i] {
					t.Fatalf("frame %d is %v, want %v", at+i, v, want[1][at+i])
				}
			}
			at += len(got[0])
		}
		now = now.Add(time.Second)
	}
	if at != 44100*30 {
		t.Errorf("heard %d frames", at)
	}
	// Somebody else has no part in it; another window takes the tape out of this one, where it stands.
	if _, err := l.Near(t.Context(), Who{Visitor: "there"}, seat.ID, Step{Motion: Still}); !fault.Is(err, fault.Gone) {
		t.Errorf("another's sitting: %v", err)
	}
	again, err := l.Sit(t.Context(), who, Want{Release: "folder"})
	if err != nil || again.Place != 29*time.Second {
		t.Errorf("sat down again: at %v, %v", again.Place, err)
	}
	if _, err := l.Near(t.Context(), who, seat.ID, Step{Place: again.Place, Motion: Still}); !fault.Is(err, fault.Gone) {
		t.Errorf("the first window: %v", err)
	}
	if _, err := l.Segment(t.Context(), address); !fault.Is(err, fault.NotFound) {
		t.Errorf("an address of the first window: %v", err)
	}
	// An end to it.
	now = now.Add(31 * time.Minute)
	if _, err := l.Near(t.Context(), who, again.ID, Step{Place: again.Place, Motion: Still}); !fault.Is(err, fault.Gone) {
		t.Errorf("half an hour later: %v", err)
	}
	if _, err := l.Sit(t.Context(), who, Want{Release: "other"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("another release: %v", err)
	}
}

// Sitting down over and over fills no account.
func TestSittingAgainGivesNothing(t *testing.T) {
	r := catalog.Release{ID: "folder", Title: "Demo"}
	r.Detail.Tape = catalog.Tape{Name: "C46", Type: "I"}
	r.Detail.Sides = []catalog.Side{{Name: "A", Programme: "a", Frames: 48000 * 1200, Rate: 48000, Bits: 16}}
	l := room(t, NewMemory(r), nil, func() time.Time { return began })
	who := Who{Visitor: "here"}
	got := map[Piece]bool{}
	place := time.Duration(0)
	for range 50 {
		seat, err := l.Sit(t.Context(), who, Want{Release: "folder"})
		if err != nil {
			t.Fatal(err)
		}
		if h, err := l.Near(t.Context(), who, seat.ID, Step{Place: place, Motion: Playing}); err == nil {
			for _, p := range h.Pieces {
				got[p] = true
			}
			place += segment
		}
	}
	if time.Duration(len(got))*segment > SoundMargin {
		t.Errorf("%d segments in no time", len(got))
	}
}

func TestDecksAreFew(t *testing.T) {
	r := catalog.Release{ID: "folder", Title: "Demo"}
	r.Detail.Tape = catalog.Tape{Name: "C46", Type: "I"}
	r.Detail.Sides = []catalog.Side{{Name: "A", Programme: "a", Frames: 48000 * 1200, Rate: 48000, Bits: 16}}
	now := began
	l, err := New(NewMemory(r), nil, Config{Now: func() time.Time { return now }, Key: make([]byte, 32), Own: true, PerAddress: 3, Most: 5})
	if err != nil {
		t.Fatal(err)
	}
	sit := func(name, network string) error {
		_, err := l.Sit(t.Context(), Who{Visitor: name, Network: network}, Want{Release: "folder"})
		return err
	}
	for _, n := range []string{"a", "b", "c"} {
		if err := sit(n, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := sit("d", "192.0.2.1"); !fault.Is(err, fault.Limit) {
		t.Errorf("a fourth deck: %v", err)
	}
	if err := sit("a", "192.0.2.1"); err != nil {
		t.Errorf("one that sits already: %v", err)
	}
	for _, n := range []string{"d", "e"} {
		if err := sit(n, "2001:db8::1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := sit("f", "198.51.100.1"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a sixth deck: %v", err)
	}
	now = now.Add(31 * time.Minute)
	if err := sit("f", "192.0.2.1"); err != nil {
		t.Errorf("when all have gone: %v", err)
	}
}
