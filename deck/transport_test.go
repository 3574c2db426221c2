package deck

import (
	"math"
	"testing"
	"time"

	"ferric/tape"
)

// wait steps the mechanism alone until ok, and says how long that took.
func wait(t *testing.T, d *Deck, limit time.Duration, ok func() bool) time.Duration {
	t.Helper()
	for n := 0; ; n++ {
		if n%16 == 0 && ok() {
			return time.Duration(float64(n) / d.rate * float64(time.Second))
		}
		if float64(n) > limit.Seconds()*d.rate {
			t.Fatalf("not in %v: %+v", limit, d.State())
		}
		if d.move.step() {
			d.up = 1 - d.up
		}
	}
}

func around(t *testing.T, what string, got, want, tol time.Duration) {
	t.Helper()
	if got < want-tol || got > want+tol {
		t.Errorf("%s took %v, want %v ± %v", what, got, want, tol)
	}
}

// A C60 is wound in about 110 s (JVC TD-W271 service manual) and a C90 in about 162, both ways, at 7.1 turns a second.
// Nobody measured the C90: 162 s is reckoned for tape of 12 µm. Sources give 10 to 12 µm (130 m of it), which makes 163 to
// 171 s; ours is 11.5 µm, 1168 turns, 164.5 s, and the mechanism comes to speed and to rest in 1.5 s more.
func TestWindTimes(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to time.Duration
	}{{"C60", 108 * time.Second, 114 * time.Second}, {"C90", 162 * time.Second, 168 * time.Second}} {
		l, _ := tape.Parse(c.name)
		d := start(t, Config{Rate: 22050, Machine: Machines()[1], Length: l})
		wait(t, d, 10*time.Second, func() bool { return d.State().Place >= -Leader })
		middle, half := (c.from+c.to)/2, (c.to-c.from)/2
		d.Press(Forward)
		forward := wait(t, d, 300*time.Second, func() bool { return d.State().Leader && d.State().Place > 0 })
		around(t, c.name+" forward", forward, middle, half)
		wait(t, d, 10*time.Second, func() bool { return d.State().Key == Stop && !d.State().Going })
		d.Press(Rewind)
		back := wait(t, d, 300*time.Second, func() bool { return d.State().Place < 0 })
		around(t, c.name+" back", back, middle, half)
		t.Logf("%s: forward %v, back %v", c.name, forward, back)
		wait(t, d, 10*time.Second, func() bool { return d.State().Key == Stop && !d.State().Going })
	}
}

func TestTimesOfTheMechanism(t *testing.T) {
	d := start(t, Config{Machine: Machines()[1], Start: time.Minute})
	there := func(k Key) func() bool {
		return func() bool { s := d.State(); return s.Key == k && !s.Going }
	}
	press := func(k Key, want time.Duration) {
		t.Helper()
		if !d.Press(k) {
			t.Fatalf("%v did not move", k)
		}
		around(t, k.String(), wait(t, d, 2*time.Second, there(k)), want, time.Millisecond)
	}
	press(Play, 420*time.Millisecond)
	wait(t, d, time.Second, func() bool { return math.Abs(d.State().Speed-1.003) < 1e-6 })
	press(Forward, 310*time.Millisecond)
	wait(t, d, 3*time.Second, func() bool { return d.State().Speed > 8 })
	press(Stop, 160*time.Millisecond)
	wait(t, d, 4*time.Second, func() bool { return d.State().Speed == 0 })
	press(Play, 420*time.Millisecond)
	press(Stop, 430*time.Millisecond)
	press(Rewind, 310*time.Millisecond)
	press(Play, 580*time.Millisecond) // the tape comes to rest first
	if d.Press(Eject) || d.Press(Turn) || d.Press(Play) {
		t.Error("a playing tape was ejected, turned or played again")
	}
	wait(t, d, 3*time.Second, func() bool { return math.Abs(d.State().Speed-1.003) < 1e-6 })
	press(Pause, 0)
	around(t, "pause to standstill", wait(t, d, time.Second, func() bool { return d.State().Speed < 0.04 }), 100*time.Millisecond, 30*time.Millisecond)
	d.Press(Pause)
	if d.State().Key != Play {
		t.Error("pause does not let go")
	}
}

// The side that runs out stops by itself; turned over, side B lies at its start.
func TestAutoStopAndTurn(t *testing.T) {
	l := c60()
	d := start(t, Config{Rate: 22050, Machine: Machines()[1], Start: l.Playing() - 2*time.Second})
	d.Press(Play)
	took := wait(t, d, 20*time.Second, func() bool { return d.State().Key == Stop })
	around(t, "the end", took, 2*time.Second+Leader+toPlay+1200*time.Millisecond, 200*time.Millisecond)
	wait(t, d, time.Second, func() bool { return !d.State().Going })
	before := d.State()
	d.Press(Turn)
	wait(t, d, 5*time.Second, func() bool { return d.State().SideB })
	after := d.State()
	if sum := before.Place + after.Place - l.Playing(); sum > time.Millisecond || sum < -time.Millisecond {
		t.Errorf("A stood at %v, B stands at %v, of %v", before.Place, after.Place, l.Playing())
	}
	if before.Reels.TakeUp.Radius != after.Reels.Supply.Radius {
		t.Error("the packs did not change hands")
	}
}

// The counter follows the take-up hub, not time.
func TestCounter(t *testing.T) {
	l := c60()
	for _, minute := range []int{1, 10, 29} {
		at := time.Duration(minute) * time.Minute
		d := start(t, Config{Start: at})
		if got, want := d.State().Counter, (tape.Counter{}).Reading(l, at); got != want {
			t.Errorf("minute %d: %03d, want %03d", minute, got, want)
		}
		d.ResetCounter()
		if d.State().Counter != 0 {
			t.Error("the counter did not reset")
		}
		d.Press(Rewind)
		wait(t, d, 5*time.Second, func() bool { return d.State().Counter > 990 })
	}
}

// Cue is heard, winding is not.
func TestCueIsHeard(t *testing.T) {
	loud := func(k Key) float64 {
		d := start(t, Config{Machine: ideal(), Side: wave{1 << 40, func(t float64) (float64, float64) {
			v := 0.5 * math.Sin(2*math.Pi*100*t)
			return v, v
		}}, Start: time.Minute, Running: true})
		d.Press(k)
		l, _ := run(d, 3, 128)
		var sum float64
		for _, v := range l[2*rate:] {
			sum += v * v / rate
		}
		return 10 * math.Log10(sum+1e-20)
	}
	if v := loud(Cue); v < -30 {
		t.Errorf("cue plays at %.1f dB", v)
	}
	if v := loud(Review); v < -30 {
		t.Errorf("review plays at %.1f dB", v)
	}
	if v := loud(Forward); v > -100 {
		t.Errorf("winding plays at %.1f dB", v)
	}
}
