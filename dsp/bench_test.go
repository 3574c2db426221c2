//go:build unix

package dsp

import (
	"math"
	"syscall"
	"testing"
)

// cpuSeconds is the processor time this process has used: steadier than a clock on a shared machine.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func BenchmarkStages(b *testing.B) {
	const rate, sec = 44100, 20
	base := planar(2, rate*sec)
	var low [2]float64
	for i := range rate * sec {
		tm := float64(i) / rate
		beat := math.Exp(-8 * math.Mod(tm, 0.5))
		for c := range base {
			n := Uniform(7, uint64(2*i+c))*2 - 1
			low[c] += 0.1 * (n - low[c])
			base[c][i] = float32(0.35*math.Sin(2*math.Pi*110*tm) + 0.2*math.Sin(2*math.Pi*3301*tm+float64(c)) + 0.6*low[c] + 0.6*beat*n)
		}
	}
	type stage interface {
		Process([][]float32)
		Latency() int
	}
	for _, s := range []struct {
		name string
		gain float64
		make func() stage
	}{
		{"subsonic", 0.5, func() stage { return NewSubsonicFilter(2, 0, rate) }},
		{"dither16", 0.5, func() stage { return NewDither(2, 16, 1) }},
		{"limiter-idle", 0.2, func() stage { return NewLimiter(2, rate, LimiterConfig{}) }},
		{"limiter-near", 0.6, func() stage { return NewLimiter(2, rate, LimiterConfig{}) }},
		{"limiter-busy", 1.2, func() stage { return NewLimiter(2, rate, LimiterConfig{}) }},
		{"treble-idle", 0.1, func() stage { return NewTrebleLimiter(2, rate, TrebleConfig{Saturation: ferric, ReferenceDB: -6}) }},
		{"treble-busy", 1.2, func() stage { return NewTrebleLimiter(2, rate, TrebleConfig{Saturation: ferric, ReferenceDB: -6}) }},
	} {
		b.Run(s.name, func(b *testing.B) {
			in, work := planar(2, rate*sec), planar(2, 4096)
			for c := range in {
				for i, v := range base[c] {
					in[c][i] = float32(s.gain) * v
				}
			}
			view := make([][]float32, 2)
			var p stage
			b.ResetTimer()
			before := cpuSeconds()
			for range b.N {
				p = s.make()
				for at := 0; at+4096 <= rate*sec; at += 4096 {
					for c := range view {
						view[c] = work[c]
						copy(view[c], in[c][at:])
					}
					p.Process(view)
				}
			}
			if a, ok := p.(interface{ Activity() *Activity }); ok {
				b.ReportMetric(a.Activity().All().Seconds/sec*100, "%-active")
			}
			b.ReportMetric(sec*float64(b.N)/(cpuSeconds()-before), "x-realtime/cpu-s")
		})
	}
}
