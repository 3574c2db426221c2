package listen

import (
	"context"
	"sync"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Memory is a Store in memory, for a deck with no shop behind it: it forgets
// everything when the program ends, and knows no copies.
type Memory struct {
	release   catalog.Release
	mu        sync.Mutex
	sittings  map[string]Sitting
	cassettes map[string]Cassette
}

// NewMemory makes one that knows one release.
func NewMemory(r catalog.Release) *Memory { return &Memory{release: r} }

// View runs f.
func (m *Memory) View(_ context.Context, f func(Tx) error) error { return m.run(f) }

// Update runs f; what it did is undone when it fails.
func (m *Memory) Update(_ context.Context, f func(Tx) error) error { return m.run(f) }

func (m *Memory) run(f func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &memoryTx{m: m, sittings: map[string]*Sitting{}, cassettes: map[string]Cassette{}}
	if err := f(tx); err != nil {
		return err
	}
	if m.sittings == nil {
		m.sittings, m.cassettes = map[string]Sitting{}, map[string]Cassette{}
	}
	for id, s := range tx.sittings {
		if s == nil {
			delete(m.sittings, id)
		} else {
			m.sittings[id] = *s
		}
	}
	for deck, c := range tx.cassettes {
		m.cassettes[deck] = c
	}
	return nil
}

// memoryTx holds what a transaction changes until it ends.
type memoryTx struct {
	m         *Memory
	sittings  map[string]*Sitting // nil is ended
	cassettes map[string]Cassette
}

func (tx *memoryTx) each(f func(Sitting)) {
	for id, s := range tx.m.sittings {
		if _, changed := tx.sittings[id]; !changed {
			f(s)
		}
	}
	for _, s := range tx.sittings {
		if s != nil {
			f(*s)
		}
	}
}

func (tx *memoryTx) Release(id catalog.ReleaseID) (catalog.Release, error) {
	if tx.m.release.ID != id {
		return catalog.Release{}, fault.New(fault.NotFound, "There is no such release.")
	}
	return tx.m.release, nil
}

func (tx *memoryTx) Copy(catalog.RunID, int) (catalog.Copy, error) {
	return catalog.Copy{}, fault.New(fault.NotFound, "There are no copies here.")
}

func (tx *memoryTx) Run(catalog.RunID) (catalog.Run, error) {
	return catalog.Run{}, fault.New(fault.NotFound, "There are no runs here.")
}

func (tx *memoryTx) Sitting(id string) (found Sitting, err error) {
	err = fault.New(fault.NotFound, "There is no such sitting.")
	tx.each(func(s Sitting) {
		if s.ID == id {
			found, err = s, nil
		}
	})
	return found, err
}

func (tx *memoryTx) SittingAt(deck string) (found Sitting, ok bool, err error) {
	tx.each(func(s Sitting) {
		if s.Deck == deck {
			found, ok = s, true
		}
	})
	return found, ok, nil
}

func (tx *memoryTx) InsertSitting(s Sitting) error { tx.sittings[s.ID] = &s; return nil }
func (tx *memoryTx) PutSitting(s Sitting) error    { tx.sittings[s.ID] = &s; return nil }
func (tx *memoryTx) EndSitting(id string) error    { tx.sittings[id] = nil; return nil }

func (tx *memoryTx) EndLapsed(now time.Time, most int) error {
	tx.each(func(s Sitting) {
		if most > 0 && !now.Before(s.Until) {
			tx.sittings[s.ID] = nil
			most--
		}
	})
	return nil
}

func (tx *memoryTx) CountSittings(network string) (here, all int, err error) {
	tx.each(func(s Sitting) {
		all++
		if s.Network == network {
			here++
		}
	})
	return here, all, nil
}

func (tx *memoryTx) Cassette(run catalog.RunID, number int) (Cassette, error) {
	deck := copyDeck(run, number)
	if c, ok := tx.cassettes[deck]; ok {
		return c, nil
	}
	c := tx.m.cassettes[deck]
	c.Run, c.Number = run, number
	return c, nil
}

func (tx *memoryTx) PutCassette(c Cassette) error {
	tx.cassettes[copyDeck(c.Run, c.Number)] = c
	return nil
}
