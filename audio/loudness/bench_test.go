package loudness

import (
	"math"
	"testing"

	"ferric/audio"
	"ferric/dsp"
)

// music is a minute of something loud and peaky enough to keep a true-peak meter busy.
func music(rate, frames int) [][]float32 {
	block := audio.NewBlock(2, frames)
	var low [2]float64
	for i := range frames {
		t := float64(i) / float64(rate)
		beat := math.Exp(-8 * math.Mod(t, 0.5))
		for c := range block {
			n := dsp.Uniform(7, uint64(2*i+c))*2 - 1
			low[c] += 0.1 * (n - low[c])
			v := 0.35*math.Sin(2*math.Pi*110*t) + 0.2*math.Sin(2*math.Pi*3301*t+float64(c)) + 0.6*low[c] + 0.6*beat*n
			block[c][i] = float32(0.6 * v)
		}
	}
	return block
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
				view := make([][]float32, 2)
				for range b.N {
					m, _ := New(audio.Rate(rate), 2, Config{NoTruePeak: noTP})
					for at := 0; at < len(block[0]); at += 4096 {
						m.WriteFrames(audio.Window(view, block, at, min(at+4096, len(block[0]))))
					}
					_ = m.Result().Integrated()
				}
				b.ReportMetric(float64(sec)*float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
			})
		}
	}
}
