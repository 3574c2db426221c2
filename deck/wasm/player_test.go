package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"ferric/deck"
	"ferric/dsp"
	"ferric/tape"
)

const (
	testRate  = 48000
	testPiece = 24000
	testSlots = 64
	testStart = 30.0 // seconds
)

// music is a programme whose every frame can be told: two tones and noise, so that all stages work.
func music(frames int, seed uint64) deck.Samples {
	s := deck.Samples{make([]float32, frames), make([]float32, frames)}
	for i := range s[0] {
		t := float64(i) / testRate
		s[0][i] = float32(0.3*math.Sin(2*math.Pi*330*t) + 0.05*dsp.Triangular(seed, uint64(i)))
		s[1][i] = float32(0.3*math.Sin(2*math.Pi*551*t) + 0.05*dsp.Triangular(seed+1, uint64(i)))
	}
	return s
}

// roughened is a programme as the page has it: rough pieces hold the mean of every 16 frames.
type roughened struct{ deck.Samples }

func (r roughened) RoughAt(left, right []float32, at int64) {
	for i := range left {
		f := at + int64(i)
		if f < 0 || f >= r.Frames() {
			left[i], right[i] = 0, 0
			continue
		}
		l, q := r.mean(f / 16)
		left[i], right[i] = l, q
	}
}

func (r roughened) mean(k int64) (left, right float32) {
	n := min(16, r.Frames()-k*16)
	for i := range n {
		left += r.Samples[0][k*16+i]
		right += r.Samples[1][k*16+i]
	}
	return left / float32(n), right / float32(n)
}

// cassette is what the tests play: two sides of a C4.
func cassette() [2]roughened {
	c4, _ := tape.Parse("C4")
	n := int(c4.Playing().Seconds() * testRate)
	return [2]roughened{{music(n, 1)}, {music(n-testRate, 7)}}
}

func testSetup(sides [2]roughened, bend string) string {
	s := setup{Rate: testRate, Machine: "shoebox", Tape: "II", Length: "C4", Copy: "FER-001/17", Plays: 400, StartS: testStart,
		Frames: [2]int64{sides[0].Frames(), sides[1].Frames()}, Piece: testPiece, Slots: testSlots, Bend: json.RawMessage(bend)}
	if bend == "" {
		s.Bend = json.RawMessage("null")
	}
	data, _ := json.Marshal(s)
	return string(data)
}

// native is the same cassette without any of this.
func native(t testing.TB, sides [2]roughened, bend string) *deck.Deck {
	t.Helper()
	m, _ := deck.ParseMachine("shoebox")
	c4, _ := tape.Parse("C4")
	c := deck.Config{Rate: testRate, Machine: m, Formulation: tape.Chrome(), Length: c4, Copy: "FER-001/17", Plays: 400,
		Start: testStart * 1e9, Side: sides[0], Other: sides[1]}
	if bend != "" {
		b, err := deck.ParseBend([]byte(bend))
		if err != nil {
			t.Fatal(err)
		}
		c.Bend = &b
	}
	d, err := deck.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// feed puts the pieces of from to to seconds of side A, and the rough ones beside them, into slots.
func feed(sides [2]roughened, from, to float64, put func(slot, side int, rough bool, piece int) []float32) {
	slot := 0
	for k := int(from * testRate / testPiece); k <= int(to*testRate/testPiece); k++ {
		sound := put(slot, 0, false, k)
		slot++
		for i := range testPiece {
			if f := k*testPiece + i; f < len(sides[0].Samples[0]) {
				sound[i], sound[testPiece+i] = sides[0].Samples[0][f], sides[0].Samples[1][f]
			}
		}
	}
	for k := 0; int64(k)*testPiece*16 < sides[1].Frames(); k++ {
		sound := put(slot, 1, true, k)
		slot++
		for i := range testPiece {
			if j := int64(k*testPiece + i); j*16 < sides[1].Frames() {
				sound[i], sound[testPiece+i] = sides[1].mean(j)
			}
		}
	}
}

func newTestPlayer(t testing.TB, sides [2]roughened, bend string) *player {
	t.Helper()
	p, err := newPlayer([]byte(testSetup(sides, bend)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What comes through slots is what the deck plays, to the bit, in blocks of any size.
func TestPlayerIsTheDeck(t *testing.T) {
	sides := cassette()
	const n = 70000
	left, right := make([]float32, n), make([]float32, n)
	d := native(t, sides, "")
	d.Press(deck.Play)
	d.Process(left, right)
	for _, size := range []int{1, 64, 128, 1000, 65536} {
		p := newTestPlayer(t, sides, "")
		feed(sides, testStart-9, testStart+10, p.put)
		p.deck.Press(deck.Play)
		for at := 0; at < n; at += size {
			k := min(size, n-at)
			p.process(k)
			for i := range k {
				if p.left[i] != left[at+i] || p.right[i] != right[at+i] {
					t.Fatalf("blocks of %d: frame %d is %g, %g; want %g, %g", size, at+i, p.left[i], p.right[i], left[at+i], right[at+i])
				}
			}
		}
		if p.missed != 0 || p.underruns != 0 || p.waiting {
			t.Errorf("blocks of %d: %d frames missed, %d underruns", size, p.missed, p.underruns)
		}
	}
}

// The tape waits for what it needs, and what it then plays is what it would have played.
func TestTapeWaits(t *testing.T) {
	sides := cassette()
	const n = 48000
	left, right := make([]float32, n), make([]float32, n)
	d := native(t, sides, "")
	d.Press(deck.Play)
	d.Process(left, right)

	p := newTestPlayer(t, sides, "")
	p.deck.Press(deck.Play)
	blocks := 0
	for ; !p.waiting; blocks++ {
		p.process(128)
		for i := range 128 {
			if !p.waiting && p.left[i] != left[blocks*128+i] {
				t.Fatalf("frame %d before it waited", blocks*128+i)
			}
		}
	}
	blocks--
	stands := p.deck.State().Place
	for range 1000 {
		p.process(128)
		for i := range 128 {
			if p.left[i] != 0 || p.right[i] != 0 {
				t.Fatal("a tape that waits is heard")
			}
		}
	}
	if !p.waiting || p.deck.State().Place != stands || p.underruns != 0 {
		t.Fatalf("waiting %v, at %v (was %v), %d underruns", p.waiting, p.deck.State().Place, stands, p.underruns)
	}
	feed(sides, testStart-5, testStart+8, p.put)
	for at := blocks * 128; at+128 <= n; at += 128 {
		p.process(128)
		for i := range 128 {
			if p.left[i] != left[at+i] || p.right[i] != right[at+i] {
				t.Fatalf("frame %d after it waited is %g, want %g", at+i, p.left[i], left[at+i])
			}
		}
	}
	// It runs into what is not there: first what would print through, for which it waits a second, then what plays.
	for range 375 * 20 {
		p.process(128)
	}
	if !p.waiting || p.underruns != 2 || p.missed == 0 {
		t.Errorf("at the end of what is there: waiting %v, %d underruns, %d missed", p.waiting, p.underruns, p.missed)
	}
	if at := p.deck.State().Place.Seconds(); at < testStart+7.5 || at > testStart+8.6 {
		t.Errorf("it played on to %.2f s; pieces reached to 38.5", at)
	}
}

func TestSlots(t *testing.T) {
	sides := cassette()
	p := newTestPlayer(t, sides, "")
	if p.put(-1, 0, false, 0) != nil || p.put(testSlots, 0, false, 0) != nil || p.put(0, 2, false, 0) != nil || p.put(0, 0, false, -1) != nil || p.put(0, 0, false, 1<<30) != nil {
		t.Error("a slot or piece that is not was given")
	}
	a := p.put(0, 0, false, 3)
	if len(a) != 2*testPiece {
		t.Fatalf("a slot of %d samples", len(a))
	}
	a[0] = 0.25
	var l, r [1]float32
	p.sides[0].ReadAt(l[:], r[:], 3*testPiece)
	if l[0] != 0.25 {
		t.Error("a piece is not where it belongs")
	}
	p.put(1, 0, false, 3) // again, elsewhere
	p.put(0, 0, true, 0)  // the first slot is used for another piece
	if p.sides[0].fine.slots[3] != &p.slots[1] || p.sides[0].rough.slots[0] != &p.slots[0] {
		t.Error("slots were mixed up")
	}
	p.put(1, -1, false, 0)
	p.missed = 0
	p.sides[0].ReadAt(l[:], r[:], 3*testPiece)
	if p.missed != 1 || l[0] != 0 {
		t.Error("an emptied slot still sounds")
	}
}

// The block path allocates nothing, whatever happens in it.
func TestNoAllocation(t *testing.T) {
	sides := cassette()
	p := newTestPlayer(t, sides, `{"bend":1,"motor":{"wobble":0.4},"tape":{"echo":0.5,"echo_ms":300}}`)
	feed(sides, testStart-5, testStart+8, p.put)
	p.deck.Press(deck.Play)
	var out reading
	if n := testing.AllocsPerRun(2000, func() { p.process(128); p.read(&out) }); n != 0 {
		t.Errorf("%g allocations a block", n)
	}
	if n := testing.AllocsPerRun(100, func() { p.put(0, 0, false, 5) }); n != 0 {
		t.Errorf("%g allocations a piece", n)
	}
}

func TestReading(t *testing.T) {
	sides := cassette()
	p := newTestPlayer(t, sides, "")
	feed(sides, testStart-5, testStart+8, p.put)
	p.deck.Press(deck.Play)
	for range 375 * 2 {
		p.process(128)
	}
	var r reading
	p.read(&r)
	got := map[string]float64{}
	for i, name := range fields {
		got[name] = r[i]
	}
	if got["key"] != float64(deck.Play) || got["going"] != 0 || got["place_s"] < 31 || got["place_s"] > 32 || got["speed"] < 0.9 || got["supply_mm"] < 11 || got["frames"] != 375*2*128 {
		t.Errorf("%v", got)
	}
	// 0.3 of full scale is 5 dB under Dolby level at −5.5 dBFS, and noise rides on it.
	if got["left_db"] < -6 || got["left_db"] > -1 {
		t.Errorf("left is at %.1f dB", got["left_db"])
	}
	p.deck.Press(deck.Stop)
	for range 375 * 5 {
		p.process(128)
	}
	p.read(&r)
	if db := r[11]; db > -40 {
		t.Errorf("3 s after the stop the meter shows %.1f dB", db)
	}
}

func TestSetupRefuses(t *testing.T) {
	good := testSetup(cassette(), "")
	for _, c := range [][2]string{
		{`"shoebox"`, `"jukebox"`}, {`"II"`, `"IX"`}, {`"C4"`, `"C1000"`}, {`"piece":24000`, `"piece":0`}, {`"slots":64`, `"slots":1000000`},
		{`"rate":48000`, `"rate":1`}, {`"start_s":30`, `"start_s":1e300`}, {`"start_s":30`, `"start_s":3000`}, {`"frames":[`, `"frames":[-`},
		{`"bend":null`, `"bend":{"bend":2}`}, {`"rough":0`, `"rough":-1`}, {`{"rate"`, `{"what":1,"rate"`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Fatalf("%s is not in the setup", c[0])
		}
		if _, err := newPlayer([]byte(bad)); err == nil {
			t.Errorf("%s was taken", c[1])
		}
	}
	if _, err := newPlayer([]byte(good + "{}")); err == nil {
		t.Error("more after the end was taken")
	}
	if _, err := newPlayer(make([]byte, largestSetup+1)); err == nil {
		t.Error("a huge setup was taken")
	}
}

// A page's JSON makes a machine that plays, or an error.
func FuzzSetup(f *testing.F) {
	f.Add(`{"frames":[48000,0],"piece":4096,"slots":4,"length":"C4"}`, `{"bend":1}`)
	f.Add(`{"rate":22050,"machine":"car","tape":"IV","length":"C20","side_b":true,"frames":[0,1],"piece":1024,"slots":1,"rough":1}`, `{"bend":1,"motor":{"speed":2,"reverse":true},"tape":{"loop_s":0.1,"erase_off":1}}`)
	f.Add(testSetup([2]roughened{}, ""), `{"bend":1,"electronics":{"boost_db":48,"feedback":1,"short":0.5}}`)
	f.Fuzz(func(t *testing.T, setup, bend string) {
		p, err := newPlayer([]byte(setup))
		if err != nil {
			return
		}
		p.bend([]byte(bend))
		for i := range p.slots {
			s := p.put(i, i%2, i%3 == 0, i/2)
			for k := range s {
				s[k] = float32(k%7)*0.3 - 1
			}
		}
		for _, k := range []deck.Key{deck.Play, deck.Cue, deck.Stop, deck.Turn, deck.Review} {
			p.deck.Press(k)
			for range 4 {
				p.process(500)
				for i := range 500 {
					if !(p.left[i] >= -1 && p.left[i] <= 1 && p.right[i] >= -1 && p.right[i] <= 1) {
						t.Fatalf("%g, %g", p.left[i], p.right[i])
					}
				}
			}
		}
		var r reading
		p.read(&r)
	})
}
