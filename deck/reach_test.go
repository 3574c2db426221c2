package deck

import (
	"testing"
	"time"

	"ferric/tape"
)

// watched notes which frames are read.
type watched struct {
	Samples
	from, to int64
	any      bool
}

func (w *watched) ReadAt(left, right []float32, at int64) {
	w.Samples.ReadAt(left, right, at)
	if !w.any {
		w.from, w.to, w.any = at, at+int64(len(left)), true
	}
	w.from, w.to = min(w.from, at), max(w.to, at+int64(len(left)))
}

// What Process reads lies within what Reach announced, wherever it plays and however it is bent.
func TestReachHoldsWhatIsRead(t *testing.T) {
	c10, _ := tape.Parse("C10")
	c120, _ := tape.Parse("C120")
	for _, l := range []tape.Length{c10, c120} {
		for _, at := range []time.Duration{0, time.Second, l.Playing() / 2, l.Playing() - time.Second} {
			for _, b := range []*Bend{nil, {Version: 1, Motor: MotorBend{Speed: 2, Reverse: true}, Head: HeadBend{Scrub: 1, ScrubHz: 8}}} {
				for _, n := range []int{128, 4096} {
					a, z := &watched{}, &watched{}
					d := start(t, Config{Length: l, Side: a, Other: z, Start: at + 1, Bend: b, Running: true})
					left, right := make([]float32, n), make([]float32, n)
					for range max(5, 2560/n) { // many small blocks, or tape enough for a few large ones
						r, reads := d.Reach(n)
						if !reads {
							t.Fatal("a playing deck says that it reads nothing")
						}
						a.any, z.any = false, false
						d.Process(left, right)
						if a.any && (a.from < r.From-r.Print || a.to > r.To+r.Print) {
							t.Fatalf("%v at %v: read %d to %d, announced %d to %d", l, at, a.from, a.to, r.From, r.To)
						}
						if z.any && (z.from < r.OtherFrom || z.to > r.OtherTo) {
							t.Fatalf("%v at %v: the other side was read %d to %d, announced %d to %d", l, at, z.from, z.to, r.OtherFrom, r.OtherTo)
						}
					}
				}
			}
		}
	}
}

func TestReachOfATapeThatStandsOrIsWound(t *testing.T) {
	d := start(t, Config{Start: time.Minute})
	for _, k := range []Key{Stop, Forward, Stop, Eject} {
		d.Press(k)
		if _, reads := d.Reach(128); reads {
			t.Errorf("%v: it says that it reads", k)
		}
		wait(t, d, 4*time.Second, func() bool { s := d.State(); return s.Key == k && !s.Going && (k == Forward || s.Speed == 0) })
	}
}

// A bend may come while the tape plays, and one that is taken off leaves the machine as it was.
func TestSetBend(t *testing.T) {
	l, r := make([]float32, 4800), make([]float32, 4800)
	d := start(t, Config{Start: time.Minute, Running: true})
	steps := []Bend{
		{Version: 1, Motor: MotorBend{Speed: 0.5}},
		{Version: 1, Tape: TapeBend{Echo: 1, EchoMS: 300, Erase: 1, EraseS: 12, LoopS: 2}},
		{Version: 1, Tape: TapeBend{Echo: 0.5, EchoMS: 1500, Erase: 0.5, EraseS: 1}, Electronics: ElectronicsBend{Feedback: 1, BoostDB: 48}},
		{Version: 1, Head: HeadBend{Other: 1}},
	}
	for _, b := range steps {
		if err := d.SetBend(&b); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			d.Process(l, r)
		}
	}
	if err := d.SetBend(&Bend{Version: 1, Motor: MotorBend{Speed: 3}}); err == nil {
		t.Error("a speed of 3 was taken")
	}
	d.SetBend(nil)
	for range 20 {
		d.Process(l, r)
	}
	if s := d.State(); s.Speed != 1 {
		t.Errorf("the bend is off and it runs at %g", s.Speed)
	}
	if n := testing.AllocsPerRun(10, func() { d.Process(l, r) }); n != 0 {
		t.Errorf("%g allocations a block", n)
	}
	b := steps[2]
	d.SetBend(&b)
	if n := testing.AllocsPerRun(10, func() { d.SetBend(&b) }); n > 2 {
		t.Errorf("turning a knob allocates %g times", n)
	}
}

// muffled is a programme with a rough form of its own.
type muffled struct {
	Samples
	fine, rough int
}

func (m *muffled) ReadAt(left, right []float32, at int64) {
	m.fine++
	m.Samples.ReadAt(left, right, at)
}

func (m *muffled) RoughAt(left, right []float32, at int64) {
	m.rough++
	m.Samples.ReadAt(left, right, at)
}

// The head reads its side in full, the other side roughly, and cue roughly too.
func TestWhatIsReadRoughly(t *testing.T) {
	a, z := &muffled{}, &muffled{}
	d := start(t, Config{Side: a, Other: z, Start: time.Minute, Running: true})
	l, r := make([]float32, 4800), make([]float32, 4800)
	d.Process(l, r)
	if a.fine == 0 || a.rough != 0 || z.fine != 0 || z.rough == 0 {
		t.Errorf("in play: its side %d in full, %d roughly; the other %d, %d", a.fine, a.rough, z.fine, z.rough)
	}
	d.Press(Cue)
	for range 30 {
		d.Process(l, r)
	}
	if a.rough == 0 {
		t.Error("cue read nothing roughly")
	}
}
