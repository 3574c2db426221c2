//go:build unix

package loudness

import (
	"syscall"
	"testing"

	"ferric/audio"
)

// cpuSeconds is the processor time this process has used: steadier than a clock on a shared machine.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func BenchmarkMeter(b *testing.B) {
	for _, rate := range []int{44100, 96000} {
		for _, noTP := range []bool{false, true} {
			name := map[int]string{44100: "44k", 96000: "96k"}[rate]
			if noTP {
				name += "-no-true-peak"
			}
			b.Run(name, func(b *testing.B) {
				sec := 20
				block := music(rate, sec*rate)
				b.ResetTimer()
				before := cpuSeconds()
				view := make([][]float32, 2)
				for range b.N {
					m, _ := New(audio.Rate(rate), 2, Config{NoTruePeak: noTP})
					for at := 0; at < len(block[0]); at += 4096 {
						m.WriteFrames(audio.Window(view, block, at, min(at+4096, len(block[0]))))
					}
					_ = m.Result().Integrated()
				}
				b.ReportMetric(float64(sec)*float64(b.N)/(cpuSeconds()-before), "x-realtime/cpu-s")
			})
		}
	}
}
