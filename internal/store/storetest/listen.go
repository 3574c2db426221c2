package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/listen"
	"ferric/internal/shop"
	"ferric/internal/store"
)

// noFiles has no sound: these tests are about who may hear it.
type noFiles struct{}

func (noFiles) Open(context.Context, string) (listen.Sound, error) {
	return nil, fault.New(fault.NotFound, "There is no sound.")
}

// listening is a room in the house, and a run of two claimed copies with five minutes a side: number 1 is ann's, number 2 is bob's.
func (h *House) listening(t *testing.T) (*listen.Listening, catalog.Run) {
	t.Helper()
	codes, withCards := cards(t, 3)
	run := h.Run(t, 3, withCards, func(r *catalog.Run, _ *shop.Terms) {
		r.Pools = []catalog.Span{{Name: "merch", First: 1, Last: 3}}
	})
	for i, name := range []string{"ann", "bob"} {
		must(h.Shop.Claim(ctx(t), name, codes[i+1]))(t)
	}
	d := catalog.Detail{Tape: catalog.Tape{Name: "C10", Type: "II", DolbyDBFS: -5.5}}
	for _, name := range []string{"A", "B"} {
		d.Sides = append(d.Sides, catalog.Side{Name: name, Programme: "hash-" + name, Frames: 48000 * 300, Rate: 48000, Bits: 24})
	}
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error {
		r, err := tx.Release(run.Release)
		if err != nil {
			return err
		}
		r.Detail = d
		return tx.PutRelease(r)
	}))
	must(h.Catalog.SetDigital(ctx(t), run.Release, catalog.TapeOnly))(t)
	must(h.Catalog.Open(ctx(t), run.Release))(t)
	room := must(listen.New(h.DB.Listen(), noFiles{}, listen.Config{Now: h.Clock.Now, Key: []byte(strings.Repeat("k", 32))}))(t)
	return room, run
}

func testListen(t *testing.T, h *House) {
	room, run := h.listening(t)
	ann, bob, guest := listen.Who{Account: "ann"}, listen.Who{Account: "bob"}, listen.Who{Visitor: "v", Network: "192.0.2.1"}
	one, preview := listen.Want{Run: run.ID, Number: 1}, listen.Want{Release: run.Release}

	// On tape only: nobody but who owns a copy, and that one only.
	for _, w := range []struct {
		who  listen.Who
		want listen.Want
	}{{guest, preview}, {ann, preview}, {guest, one}, {bob, one}, {ann, listen.Want{Run: run.ID, Number: 3}}, {ann, listen.Want{Run: run.ID, Number: 4}}, {ann, listen.Want{Release: "none"}}} {
		_, err := room.Look(ctx(t), w.who, w.want)
		refused(t, fmt.Sprintf("%+v looks at %+v", w.who, w.want), err, fault.NotFound)
		_, err = room.Sit(ctx(t), w.who, w.want)
		refused(t, fmt.Sprintf("%+v sits down with %+v", w.who, w.want), err, fault.NotFound)
	}
	seat := must(room.Sit(ctx(t), ann, one))(t)
	if seat.Sound != "ZT-01/1" || seat.Plays != [2]int{} || seat.Tape.Length.Name != "C10" || seat.Grant.Sides != [2]bool{true, true} {
		t.Errorf("seat %+v", seat)
	}
	near := func(who listen.Who, sitting string, step listen.Step) (listen.Handed, error) {
		return room.Near(ctx(t), who, sitting, step)
	}
	// Two minutes and a half make a play, and more does not make two.
	var handed listen.Handed
	for s := range 200 {
		handed = must(near(ann, seat.ID, listen.Step{Place: time.Duration(s) * time.Second, Motion: listen.Playing, Other: true}))(t)
		if len(handed.Pieces) < 4 || len(handed.Addresses) != len(handed.Pieces) {
			t.Fatalf("after %d s: %+v", s, handed)
		}
		if want := s >= 150; (handed.Plays == [2]int{1, 0}) != want || (handed.Plays == [2]int{}) == want {
			t.Fatalf("after %d s: plays %v", s, handed.Plays)
		}
		h.Clock.Add(time.Second)
	}
	_, err := near(ann, seat.ID, listen.Step{Place: time.Second, Motion: listen.Playing})
	if err == nil {
		_, err = near(ann, seat.ID, listen.Step{Place: 4 * time.Minute, Motion: listen.Playing})
	}
	refused(t, "two places at once", err, fault.Limit)
	_, err = near(bob, seat.ID, listen.Step{Motion: listen.Still})
	refused(t, "another's sitting", err, fault.Gone)
	_, err = near(ann, "none", listen.Step{Motion: listen.Still})
	refused(t, "no sitting", err, fault.Gone)

	// The tape stays where it is left, for the next owner too.
	stands := must(room.Look(ctx(t), ann, one))(t)
	token, _, err := h.Shop.OfferCopy(ctx(t), "ann", run.ID, 1, "")
	ok(t, err)
	must(h.Shop.Accept(ctx(t), "bob", token))(t)
	_, err = near(ann, seat.ID, listen.Step{Place: stands.Place, Motion: listen.Still})
	refused(t, "who handed it on", err, fault.NotFound)
	h.Clock.Add(time.Hour)
	again := must(room.Sit(ctx(t), bob, one))(t)
	if again.Place != stands.Place || again.Plays != [2]int{1, 0} || again.Side != 0 {
		t.Errorf("the next owner finds it at %v after plays %v, it was left at %v", again.Place, again.Plays, stands.Place)
	}

	// A preview is side A, for everybody, while the release is on show.
	must(h.Catalog.SetDigital(ctx(t), run.Release, catalog.Preview))(t)
	p := must(room.Sit(ctx(t), guest, preview))(t)
	if p.Grant.Sides != [2]bool{true, false} || p.Sound != "ZT-01/preview" {
		t.Errorf("preview %+v", p)
	}
	if got := must(near(guest, p.ID, listen.Step{Motion: listen.Playing, Other: true}))(t); len(got.Pieces) != 5 || got.Plays != [2]int{} {
		t.Errorf("at its beginning: %+v", got)
	}
	must(h.Catalog.SetDigital(ctx(t), run.Release, catalog.TapeOnly))(t)
	_, err = near(guest, p.ID, listen.Step{Motion: listen.Playing})
	refused(t, "a preview that is none any more", err, fault.NotFound)
}

// A crowd of requests for one sitting gets what one request would get, and no play is counted twice.
func testListenRace(t *testing.T, h *House) {
	room, run := h.listening(t)
	ann, want := listen.Who{Account: "ann"}, listen.Want{Run: run.ID, Number: 1}
	seat := must(room.Sit(ctx(t), ann, want))(t)
	var mu sync.Mutex
	got := map[listen.Piece]bool{}
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			handed, err := room.Near(ctx(t), ann, seat.ID, listen.Step{Place: time.Duration(i) * 11 * time.Second, Motion: listen.Playing})
			if err != nil && !fault.Is(err, fault.Limit) && !fault.Is(err, fault.Unavailable) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, p := range handed.Pieces {
				got[p] = true
			}
		})
	}
	all.Wait()
	if n := time.Duration(len(got)) * listen.SegmentSeconds * time.Second; n == 0 || n > listen.SoundMargin {
		t.Errorf("24 requests at once got %v of sound", n)
	}
	// One tape is in one deck, however many sit down at once.
	seats := make([]string, 8)
	for i := range seats {
		all.Go(func() {
			s, err := room.Sit(ctx(t), ann, want)
			if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Unavailable) {
				t.Error(err)
			}
			seats[i] = s.ID
		})
	}
	all.Wait()
	at := must(room.Look(ctx(t), ann, want))(t)
	sits := ""
	for _, id := range seats {
		if id == "" {
			continue
		}
		if _, err := room.Near(ctx(t), ann, id, listen.Step{Side: at.Side, Place: at.Place, Motion: listen.Still}); err == nil {
			if sits != "" {
				t.Error("one tape is in two decks")
			}
			sits = id
		} else if !fault.Is(err, fault.Gone) {
			t.Error(err)
		}
	}
	if sits == "" {
		t.Fatal("nobody sits")
	}
	// Wind it back and hear it; the step that makes it a play comes eight times.
	h.Clock.Add(10 * time.Minute)
	for s := range 150 {
		must(room.Near(ctx(t), ann, sits, listen.Step{Place: time.Duration(s) * time.Second, Motion: listen.Playing}))(t)
		h.Clock.Add(time.Second)
	}
	for range 8 {
		all.Go(func() {
			if _, err := room.Near(ctx(t), ann, sits, listen.Step{Place: 150 * time.Second, Motion: listen.Playing}); err != nil && !fault.Is(err, fault.Unavailable) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if at := must(room.Look(ctx(t), ann, want))(t); at.Plays != [2]int{1, 0} {
		t.Errorf("one play heard by eight requests is counted %v", at.Plays)
	}
}
