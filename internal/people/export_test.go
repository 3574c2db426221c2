package people

import "context"

// Occupy takes all places for hashing.
func (p *People) Occupy() (leave func()) {
	var all []func()
	for range p.hasher.workers {
		l, err := p.hasher.enter(context.Background(), "test", true)
		if err != nil {
			panic(err)
		}
		all = append(all, l)
	}
	return func() {
		for _, l := range all {
			l()
		}
	}
}

// Waiting is how many wait for hashing.
func (p *People) Waiting() int {
	p.hasher.mu.Lock()
	defer p.hasher.mu.Unlock()
	return p.hasher.turns[0].waiting + p.hasher.turns[1].waiting
}
