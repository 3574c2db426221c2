//go:build unix

package resample

import (
	"fmt"
	"syscall"
	"testing"

	"ferric/audio"
	"ferric/dsp"
)

// cpuSeconds is the processor time this process has used: steadier than a clock on a shared machine.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func BenchmarkResample(b *testing.B) {
	for _, r := range [][2]int{{96000, 44100}, {48000, 44100}, {88200, 44100}, {192000, 44100}, {44056, 44100}} {
		b.Run(fmt.Sprintf("%d-%d", r[0], r[1]), func(b *testing.B) {
			const sec = 10
			block := audio.NewBlock(2, sec*r[0])
			for c := range block {
				for i := range block[c] {
					block[c][i] = float32(dsp.Uniform(uint64(c), uint64(i)) - 0.5)
				}
			}
			f, err := NewFilter(audio.Rate(r[0]), audio.Rate(r[1]))
			if err != nil {
				b.Fatal(err)
			}
			out := audio.NewBlock(2, 4096)
			b.ResetTimer()
			before := cpuSeconds()
			for range b.N {
				src, err := f.Source(source(r[0], block...))
				if err != nil {
					b.Fatal(err)
				}
				for {
					if _, err := src.ReadFrames(out); err != nil {
						break
					}
				}
			}
			b.ReportMetric(sec*float64(b.N)/(cpuSeconds()-before), "x-realtime/cpu-s")
		})
	}
}

func BenchmarkDesign(b *testing.B) {
	for range b.N {
		if _, err := NewFilter(96000, 44100); err != nil {
			b.Fatal(err)
		}
	}
}
