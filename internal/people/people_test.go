package people_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferric/internal/fault"
	"ferric/internal/people"
	"ferric/internal/store"
	"ferric/internal/store/sqlite"
)

const password = "seven quiet spools"

// start makes people in a file of their own.
func start(t testing.TB, cfg people.Config) *people.People {
	t.Helper()
	e, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ferric.db")})
	if err != nil {
		t.Fatal(err)
	}
	db := store.New(e)
	t.Cleanup(func() { db.Close() })
	cfg.Key = []byte(strings.Repeat("k", 32))
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Cost == (people.Cost{}) {
		cfg.Cost = people.Cost{Memory: 8, Passes: 1, Lanes: 1}
	}
	p, err := people.New(db.People(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func from(n int) people.Client {
	return people.Client{Address: fmt.Sprint("address ", n), Visitor: fmt.Sprint("visitor ", n)}
}

// TestSameWork: a name that nobody has, an account without that password, and a mail address
// all wait for the same hash; and while hashing is at its limit, sessions go on and the rest is told to come again.
func TestSameWork(t *testing.T) {
	p := start(t, people.Config{Workers: 1, Queue: 5})
	_, token, err := p.SignUp(t.Context(), from(0), people.Entry{Name: "ann", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	leave := p.Occupy()
	answers := make(chan error, 5)
	for i, name := range []string{"ann", "nobody", "nobody@example.org", "ann@example.org", "not a name!"} {
		go func() {
			_, _, err := p.SignIn(context.Background(), from(i+1), name, "wrong")
			answers <- err
		}()
		for end := time.Now().Add(10 * time.Second); p.Waiting() < i+1; runtime.Gosched() {
			if time.Now().After(end) {
				t.Fatalf("%q does not wait for a hash", name)
			}
		}
	}
	_, _, err = p.SignIn(t.Context(), from(9), "ann", password)
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("beyond the queue: %v", err)
	}
	if a, _, err := p.Session(t.Context(), token); err != nil || a.Name != "ann" {
		t.Errorf("a session beside a full queue: %v", err)
	}
	leave()
	texts := map[string]bool{}
	for range 5 {
		err := <-answers
		texts[fault.Text(err)] = true
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("refused with %v", err)
		}
	}
	if len(texts) != 1 {
		t.Errorf("the refusals differ: %v", texts)
	}
	if _, _, err := p.SignIn(t.Context(), from(9), "ann", password); err != nil {
		t.Errorf("after the queue emptied: %v", err)
	}
}

func TestNew(t *testing.T) {
	for what, cfg := range map[string]people.Config{
		"no clock":      {Key: []byte(strings.Repeat("k", 32))},
		"a short key":   {Now: time.Now, Key: []byte("k")},
		"a dear cost":   {Now: time.Now, Key: []byte(strings.Repeat("k", 32)), Cost: people.Cost{Memory: 1 << 30, Passes: 1, Lanes: 1}},
		"no address":    {Now: time.Now, Key: []byte(strings.Repeat("k", 32)), Origin: "tapes.example", Cost: people.Cost{Memory: 8, Passes: 1, Lanes: 1}},
		"another thing": {Now: time.Now, Key: []byte(strings.Repeat("k", 32)), Origin: "ftp://tapes.example", Cost: people.Cost{Memory: 8, Passes: 1, Lanes: 1}},
	} {
		if _, err := people.New(nil, cfg); err == nil {
			t.Errorf("people were made with %s", what)
		}
	}
}

func BenchmarkSession(b *testing.B) {
	for name, stale := range map[string]time.Duration{"memory": time.Hour, "read": time.Nanosecond} {
		b.Run(name, func(b *testing.B) {
			p := start(b, people.Config{Stale: stale})
			_, token, err := p.SignUp(b.Context(), from(0), people.Entry{Name: "ann", Password: password})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := p.Session(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
