package store

import (
	"encoding/json"
	"sync"
)

// memo keeps what was read from JSON texts that come again and again: what a pressing tells of a release, what was declared of a
// run. The text itself is the key, so nothing kept is ever out of date. What it gives is shared: it must not be changed.
type memo[T any] struct {
	mu   sync.Mutex
	kept map[string]T
	size int // bytes of all texts
}

// How much a memo keeps, in bytes of text.
const (
	memoText = 256 << 10 // of one
	memoAll  = 4 << 20
)

func (m *memo[T]) read(text string) (v T, err error) {
	m.mu.Lock()
	v, ok := m.kept[text]
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil || len(text) > memoText {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || m.size+len(text) > memoAll {
		m.kept, m.size = map[string]T{}, 0
	}
	if _, ok := m.kept[text]; !ok {
		m.kept[text] = v
		m.size += len(text)
	}
	return v, nil
}
