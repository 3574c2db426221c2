package deck

import (
	"math"
	"time"

	"ferric/tape"
)

// Key is what one can press. A key asks; the mechanism takes its time.
type Key int

// The keys. Cue and Review wind with the head on the tape for as long as they are held: press Play (or Stop) to let go.
const (
	Stop Key = iota
	Play
	Pause // pressed again it lets go
	Forward
	Rewind
	Cue
	Review
	Eject
	Turn // takes the cassette out, turns it over and puts it back
)

var keyNames = [...]string{"stop", "play", "pause", "forward", "rewind", "cue", "review", "eject", "turn"}

func (k Key) String() string {
	if k < 0 || int(k) >= len(keyNames) {
		return "no key"
	}
	return keyNames[k]
}

// Leader is how long the clear strip at each end takes to play. No source
// states it; about 25 to 40 cm, 5 to 8 s, are commonly remembered.
const Leader = 6 * time.Second

// How long the mechanism takes from one state to the next (github.com/Fagear/AVRTapeControl, a Tanashin mechanism).
const (
	toPlay     = 420 * time.Millisecond
	playToWind = 310 * time.Millisecond
	windToStop = 160 * time.Millisecond
	playToStop = 430 * time.Millisecond
	windToIdle = 200 * time.Millisecond // wind: no pulse of the take-up hub for 0.12 to 0.24 s
	turnOver   = 3 * time.Second        // two hands: a choice
)

// transport is the mechanism: it has one place on the tape, a speed with inertia, and what it is asked for.
//
// Position counts frames at play speed from where the oxide of the side that is up begins; the
// other side is at frames less that, since there is but one tape.
type transport struct {
	length tape.Length
	spool  tape.Spool
	rate   float64
	frames float64 // of oxide
	leader float64 // frames
	turns  float64 // of the driven hub in wind, a second
	pace   float64 // speed in play, 1 and the machine's error
	runOut int     // frames from standing at the end to stopping

	doing  Key // what the mechanism is set to
	wanted Key // what it goes to
	wait   int // frames until it is there
	place  int64
	speed  float64 // of the tape, 1 is play; below 0 it runs back
	head   float64 // how firmly it touches, 0 to 1
	power  float64 // of the amplifier, 0 to 1
	stuck  int     // frames that it has stood at the end
	cycle  int     // frames until hubs are looked at again
	hub    float64 // speed of the tape, re play, that the driven hub makes
	zero   float64 // turns of the take-up hub at which the counter was reset

	playLag, windLag, pauseLag, headLag float64
}

func newTransport(c Config, rate float64) transport {
	m := c.Machine
	lag := func(seconds float64) float64 { return -math.Expm1(-1 / (seconds * rate)) }
	t := transport{
		length: c.Length, spool: c.Length.Spool(), rate: rate,
		frames: float64(int64(c.Length.Playing().Seconds() * rate)), leader: Leader.Seconds() * rate,
		turns: m.TurnsPerSec, pace: 1 + m.SpeedPct/100, runOut: int(m.RunOutSec * rate),
		playLag: lag(0.05), windLag: lag(0.35), pauseLag: lag(0.03), headLag: lag(0.01),
	}
	t.place = int64(c.Start.Seconds()*rate) << 32
	if c.Running {
		t.doing, t.wanted, t.speed, t.head, t.power = Play, Play, t.pace, 1, 1
	} else if c.Start == 0 {
		t.place = -int64(t.leader) << 32
	}
	return t
}

// press asks for a state and says whether the key moved anything.
func (t *transport) press(k Key) bool {
	if k == Pause && t.wanted == Pause {
		k = Play
	}
	if k == t.wanted || k < Stop || k > Turn {
		return false
	}
	switch {
	case t.wanted == Eject && k != Turn:
		if k != Stop { // the door is open: close it first
			return false
		}
	case k == Pause && t.wanted != Play:
		return false
	case (k == Eject || k == Turn) && t.wanted != Stop && t.wanted != Eject:
		return false
	}
	delay := time.Duration(0)
	moving := t.doing == Forward || t.doing == Rewind || t.doing == Cue || t.doing == Review
	switch {
	case k == Pause, k == Play && t.doing == Pause:
	case k == Turn:
		delay = turnOver
	case k == Stop && moving:
		delay = windToStop
	case k == Stop:
		delay = playToStop
	case k == Play && moving: // the tape comes to rest first
		delay = windToStop + toPlay
	case k == Play:
		delay = toPlay
	default:
		delay = playToWind
	}
	t.wanted, t.wait, t.stuck = k, int(delay.Seconds()*t.rate), 0
	return true
}

// step moves the tape by one frame. turned says that the cassette was turned over in it.
func (t *transport) step() (turned bool) {
	if t.doing != t.wanted {
		if t.wait--; t.wait <= 0 {
			t.doing, t.cycle = t.wanted, 0
			if t.doing == Turn {
				t.place = int64(t.frames)<<32 - t.place
				t.doing, t.wanted, turned = Stop, Stop, true
				t.zero = 0
			}
		}
	}
	goal, lag, touch, on := 0.0, t.playLag, 0.0, 0.0
	if t.doing == t.wanted {
		switch t.doing {
		case Play:
			goal, touch, on = t.pace, 1, 1
		case Pause:
			lag, touch, on = t.pauseLag, 1, 1
		case Forward, Rewind, Cue, Review:
			lag = t.windLag
			if t.cycle--; t.cycle < 0 {
				t.cycle = 64
				t.hub = t.hubSpeed(t.doing)
			}
			goal = t.hub
			if t.doing == Cue || t.doing == Review {
				touch, on = 0.5, 1
			}
		}
	}
	t.speed += lag * (goal - t.speed)
	if math.Abs(t.speed-goal) < 1e-6 {
		t.speed = goal
	}
	t.head += t.headLag * (touch - t.head)
	if touch == 1 && t.head > 1-1e-7 {
		t.head = 1
	}
	t.power += t.headLag * (on - t.power)
	if on == 1 && t.power > 1-1e-7 {
		t.power = 1
	}
	if t.speed == 0 {
		return turned
	}
	t.place += int64(t.speed * unit)
	t.ends()
	return turned
}

// ends holds the tape where it is clipped to the hub, and stops after the machine's while.
func (t *transport) ends() {
	first, last := -int64(t.leader)<<32, int64(t.frames+t.leader)<<32
	if t.place > first && t.place < last {
		return
	}
	t.place = min(max(t.place, first), last)
	if t.place == first && t.speed > 0 || t.place == last && t.speed < 0 {
		return
	}
	t.speed = 0
	t.stuck++
	limit := t.runOut
	if t.doing != Play {
		limit = int(windToIdle.Seconds() * t.rate)
	}
	if t.stuck > limit && t.doing == t.wanted {
		t.stuck = 0
		t.wanted, t.wait = Stop, int(windToStop.Seconds()*t.rate)
	}
}

// played is the length of oxide on the take-up hub.
func (t *transport) played() tape.Metres {
	return tape.Metres(within(float64(t.place)/unit/t.frames, 0, 1)) * t.length.Metres
}

// hubSpeed is the speed of the tape when its driven hub turns at the machine's
// rate; with the head on the tape it goes at half of that, or the sound would be past hearing.
func (t *transport) hubSpeed(k Key) float64 {
	wound, sign, rate := t.played(), 1.0, t.turns
	if k == Rewind || k == Review {
		wound, sign = t.length.Metres-wound, -1
	}
	if k == Cue || k == Review {
		rate /= 2
	}
	return sign * rate * 2 * math.Pi * float64(t.spool.Radius(wound)) / float64(tape.Speed)
}

// takeUp is how many turns are on the take-up hub.
func (t *transport) takeUp() float64 { return t.spool.Turns(t.played()) }
