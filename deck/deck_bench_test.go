package deck

import (
	"math"
	"testing"

	"ferric/tape"
)

// worst is a deck with every stage at work.
func worst(tb testing.TB) *Deck {
	tb.Helper()
	music := Samples{make([]float32, 48000*20), make([]float32, 48000*20)}
	for i := range music[0] {
		music[0][i] = float32(0.3 * math.Sin(float64(i)*0.03))
		music[1][i] = float32(0.3 * math.Sin(float64(i)*0.05))
	}
	m, _ := ParseMachine("shoebox")
	d, err := New(Config{Machine: m, Formulation: tape.Chrome(), Side: music, Other: music, Copy: "FER-001/17", Plays: 400, Running: true})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func BenchmarkDeck(b *testing.B) {
	d := worst(b)
	var l, r [128]float32
	d.Process(l[:], r[:])
	b.ReportAllocs()
	for b.Loop() {
		d.Process(l[:], r[:])
	}
	b.ReportMetric(128/48000.0*float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
}

// BenchmarkBent has every module of a bend at work.
func BenchmarkBent(b *testing.B) {
	d := worst(b)
	err := d.SetBend(&Bend{Version: 1, Motor: MotorBend{Wobble: 0.3, Hold: 0.2, Light: 0.2, Starve: 0.1, Keys: []float64{0, 3, 7}}, Head: HeadBend{Wander: 20, Scrub: 0.2, Other: 0.5},
		Electronics: ElectronicsBend{BoostDB: 12, Dead: 0.1, Feedback: 0.5, Short: 0.2, CapHz: 3000}, Tape: TapeBend{LoopS: 4, Wrap: 0.2, Echo: 0.4, Erase: 0.5}})
	if err != nil {
		b.Fatal(err)
	}
	var l, r [128]float32
	b.ReportAllocs()
	for b.Loop() {
		d.Process(l[:], r[:])
	}
	b.ReportMetric(128/48000.0*float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
}

func BenchmarkStages(b *testing.B) {
	d := worst(b)
	o := d.tape[0].oxide
	run := func(name string, f func(tile int64)) {
		b.Run(name, func(b *testing.B) {
			n := int64(1000)
			for b.Loop() {
				n++
				f(n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(o.tile), "ns/frame")
		})
	}
	four := [][]float32{make([]float32, o.tile), make([]float32, o.tile), make([]float32, o.tile), make([]float32, o.tile)}
	two := four[:2]
	run("source", func(n int64) { o.makeSource(n, two) })
	run("lift-and-bend", func(int64) { o.makeBent(1000, four) })
	run("grain", func(n int64) { o.addGrain(n, two) })
	run("hiss", func(n int64) { o.addHiss(n, two) })
	run("ghosts", func(n int64) { o.stages.ghost.at(n - 1); o.addGhosts(n, two) })
	run("head", func(int64) { o.makeRead(1000, two) })
	at := int64(1000*48000) << 32
	run("flutter", func(n int64) {
		for i := range int64(o.tile) {
			d.tape[0].displaced(at + (n*256+i)<<32)
		}
	})
	run("interpolate", func(n int64) {
		for i := range int64(o.tile) {
			d.tape[0].read(at + i<<32 + 12345678)
		}
	})
	run("electronics", func(n int64) {
		for i := range int64(o.tile) {
			d.amp.step(0.1, 0.1, at+i<<32)
		}
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			start(b, Config{Copy: "FER-001/17"})
		}
	})
}
