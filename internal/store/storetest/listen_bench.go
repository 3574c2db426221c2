package storetest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/listen"
	"ferric/internal/store"
)

// BenchListen measures what one step of a listener costs, with a hundred of them at once.
func BenchListen(b *testing.B, open Open) {
	h := NewHouse(b, open(b))
	run := h.Run(b, 1)
	d := catalog.Detail{Tape: catalog.Tape{Name: "C90", Type: "I"}, Sides: []catalog.Side{{Name: "A", Programme: "a", Frames: 48000 * 2700, Rate: 48000, Bits: 24}}}
	ok(b, h.DB.Update(ctx(b), func(tx *store.Tx) error {
		r, err := tx.Release(run.Release)
		if err != nil {
			return err
		}
		r.Detail = d
		return tx.PutRelease(r)
	}))
	must(h.Catalog.SetDigital(ctx(b), run.Release, catalog.Preview))(b)
	must(h.Catalog.Open(ctx(b), run.Release))(b)
	room := must(listen.New(h.DB.Listen(), noFiles{}, listen.Config{Now: h.Clock.Now, Key: []byte(strings.Repeat("k", 32)), PerAddress: 1000}))(b)
	var listeners atomic.Int64
	b.SetParallelism(50)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		who := listen.Who{Visitor: fmt.Sprint(listeners.Add(1))}
		seat, err := room.Sit(ctx(b), who, listen.Want{Release: run.Release})
		if err != nil {
			b.Error(err)
			return
		}
		for pb.Next() {
			if _, err := room.Near(ctx(b), who, seat.ID, listen.Step{Place: 10 * time.Second, Motion: listen.Playing, Other: true}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
