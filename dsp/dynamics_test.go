package dsp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"testing"

	"github.com/tphakala/simd/cpu"
)

// ferric is the curve of a 1994 ferric tape, measured on audiochrome.blogspot.com (2018).
var ferric = Curve{{400, 5.3}, {1000, 2.9}, {10000, -1.3}, {15000, -7.3}}

func sine(n int, hz, rate, amp, phase float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(amp * math.Sin(2*math.Pi*hz*float64(i)/rate+phase))
	}
	return x
}

// process runs a copy of in through p in blocks of size and takes the delay off.
func process(in [][]float32, size int, p interface {
	Process([][]float32)
	Latency() int
}) [][]float32 {
	n, lat := len(in[0]), p.Latency()
	buf := planar(len(in), n+lat)
	for c := range in {
		copy(buf[c], in[c])
	}
	view := make([][]float32, len(in))
	for at := 0; at < n+lat; at += size {
		to := min(at+size, n+lat)
		for c := range view {
			view[c] = buf[c][at:to]
		}
		p.Process(view)
	}
	for c := range view {
		buf[c] = buf[c][lat:]
	}
	return buf
}

// noise is white, even between -amp and amp, of one seed a channel.
func noise(channels, n int, amp float64) [][]float32 {
	b := planar(channels, n)
	for c := range b {
		for i := range b[c] {
			b[c][i] = float32(amp * (2*Uniform(uint64(c+1), uint64(i)) - 1))
		}
	}
	return b
}

func same(t *testing.T, got, want [][]float32) {
	t.Helper()
	for c := range want {
		for i := range want[c] {
			if got[c][i] != want[c][i] {
				t.Fatalf("channel %d frame %d is %g, want %g", c, i, got[c][i], want[c][i])
			}
		}
	}
}

// amplitude is the level of a sine of hz in x, by correlation.
func amplitude(x []float32, hz, rate float64) float64 {
	var re, im, w float64
	for i, v := range x {
		h := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(x)))
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		re += float64(v) * c * h
		im += float64(v) * s * h
		w += h
	}
	return 2 * math.Hypot(re, im) / w
}

// song is a mix with beats, bass and treble, peaks near gain.
func song(n int, rate, gain float64) [][]float32 {
	b := planar(2, n)
	var low [2]float64
	for i := range n {
		t := float64(i) / rate
		beat := math.Exp(-8 * math.Mod(t, 0.5))
		for c := range b {
			v := 2*Uniform(7, uint64(2*i+c)) - 1
			low[c] += 0.1 * (v - low[c])
			b[c][i] = float32(gain * (0.35*math.Sin(2*math.Pi*110*t) + 0.2*math.Sin(2*math.Pi*3301*t+float64(c)) + 0.6*low[c] + 0.4*beat*v))
		}
	}
	return b
}

// peakDB is the true peak of a block at 16x.
func peakDB(block [][]float32) float64 {
	f := NewPeakFinder(16)
	top := 0.0
	for _, ch := range block {
		n := len(ch) - 2*peakReach + 1
		dst, scratch := make([]float32, n), make([]float32, n)
		f.Between(dst, ch, scratch)
		for i, v := range dst {
			top = max(top, float64(v), math.Abs(float64(ch[i])))
		}
	}
	return DB(top)
}

func TestLimiterTransparent(t *testing.T) {
	for _, rate := range []float64{8000, 44100, 96000} {
		in := song(60000, rate, 0.6)
		if p := peakDB(in); p > -1.1 || p < -4 {
			t.Fatalf("the test's input peaks at %.2f dBTP", p)
		}
		l := NewLimiter(2, rate, LimiterConfig{})
		same(t, process(in, 1000, l), in)
		if n := len(l.Activity().Moments); n != 0 {
			t.Errorf("%d moments of work", n)
		}
	}
}

func TestLimiterHolds(t *testing.T) {
	click := planar(2, 20000)
	click[0][7000], click[0][7001], click[1][12000] = 3, -3, 2
	for name, in := range map[string][][]float32{
		"song":               song(100000, 44100, 1.5),
		"loud song":          song(100000, 44100, 4),
		"white noise":        noise(2, 100000, 1.6),
		"quarter of rate":    {sine(50000, 11025, 44100, 1.4, math.Pi/4)},
		"19 kHz":             {sine(50000, 19000, 44100, 1.4, 0)},
		"beating tones":      {mix(sine(50000, 15000, 44100, 0.7, 0), sine(50000, 15100, 44100, 0.7, 1))},
		"bass":               {sine(50000, 40, 44100, 2, 0)},
		"clicks":             click,
		"one channel louder": {sine(50000, 300, 44100, 0.5, 0), sine(50000, 1000, 44100, 1.5, 0)},
	} {
		l := NewLimiter(len(in), 44100, LimiterConfig{})
		out := process(in, 1000, l)
		if p := peakDB(out); p > -1 {
			t.Errorf("%s: %.3f dBTP", name, p)
		}
		if l.Activity().All().MaxDB == 0 {
			t.Errorf("%s: nothing was done", name)
		}
		same(t, process(in, 61, NewLimiter(len(in), 44100, LimiterConfig{})), out)
	}
}

func mix(a, b []float32) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}

func TestLimiterHoldsAtEveryRate(t *testing.T) {
	for _, rate := range []float64{8000, 22050, 48000, 96000, 192000} {
		in := song(int(rate), rate, 2)
		if p := peakDB(process(in, 1000, NewLimiter(2, rate, LimiterConfig{}))); p > -1 {
			t.Errorf("at %g Hz: %.3f dBTP", rate, p)
		}
	}
}

// A steady sine comes down to the ceiling and no further; before and long after, nothing is touched.
func TestLimiterSteady(t *testing.T) {
	const rate = 44100
	x := sine(rate*6, 997, rate, 0.5, 0)
	for i := rate; i < 2*rate; i++ {
		x[i] *= 4
	}
	l := NewLimiter(1, rate, LimiterConfig{})
	out := process([][]float32{x}, 4096, l)[0]
	near(t, "level of the loud part", DB(amplitude(out[rate*5/4:rate*7/4], 997, rate)), -1.15, 0.02)
	const ahead = 3*rate/1000 + 2
	same(t, [][]float32{out[:rate-ahead]}, [][]float32{x[:rate-ahead]})
	same(t, [][]float32{out[rate*5:]}, [][]float32{x[rate*5:]})
	s := l.Activity().Between(rate-rate/10, 3*rate)
	near(t, "largest reduction", s.MaxDB, DB(2)+1.15, 0.02)
	if s.Times != 1 || s.Seconds < 1 || s.Seconds > 2.5 {
		t.Errorf("work: %+v", s)
	}
	if l.Activity().Between(0, rate-rate/10).Seconds != 0 {
		t.Error("work before there was any")
	}
	// The gain moves without corners: from one frame to the next by less than 0.2 dB.
	last := 0.0
	for i, v := range x {
		if math.Abs(float64(v)) < 0.3 {
			continue
		}
		g := DB(float64(out[i]) / float64(v))
		if last != 0 && math.Abs(g-last) > 1.2 { // up to six frames lie between
			t.Fatalf("gain goes from %.2f to %.2f dB at frame %d", last, g, i)
		}
		last = g
	}
}

func TestLimiterLinks(t *testing.T) {
	in := [][]float32{sine(30000, 200, 44100, 0.1, 0), sine(30000, 700, 44100, 1.5, 0)}
	out := process(in, 512, NewLimiter(2, 44100, LimiterConfig{}))
	for i := 10000; i < 20000; i++ {
		if math.Abs(float64(in[0][i])) < 0.01 || math.Abs(float64(in[1][i])) < 0.01 {
			continue
		}
		l, r := out[0][i]/in[0][i], out[1][i]/in[1][i]
		if math.Abs(float64(l-r)) > 1e-5 {
			t.Fatalf("frame %d: gains %g and %g", i, l, r)
		}
	}
}

// faded takes 5 ms at both ends up from and down to nothing: what a meter reads at a cut through a
// loud wave depends on what it imagines beyond.
func faded(channels ...[]float32) [][]float32 {
	for _, x := range channels {
		for i := range 220 {
			x[i] *= float32(i) / 220
			x[len(x)-1-i] *= float32(i) / 220
		}
	}
	return channels
}

func TestMinWindow(t *testing.T) {
	for _, n := range []int{1, 2, 7, 64} {
		w := newMinWindow(n)
		x := noise(1, 1000, 1)[0]
		for i, v := range x {
			want := v
			for k := max(0, i-n+1); k < i; k++ {
				want = min(want, x[k])
			}
			if got := w.push(v); got != want {
				t.Fatalf("window %d at %d: %g, want %g", n, i, got, want)
			}
		}
	}
}

// ffmpeg's meter has another interpolator (at 192 kHz) and must agree that nothing exceeds the ceiling.
func TestLimiterByFFmpeg(t *testing.T) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("needs ffmpeg")
	}
	for name, in := range map[string][][]float32{
		"song":        song(44100*10, 44100, 2),
		"white noise": noise(2, 44100*5, 1.6),
		"quarter":     faded(sine(44100, 11025, 44100, 1.4, math.Pi/4), sine(44100, 12345, 44100, 1.4, 0)),
	} {
		for _, bits := range []int{16, 24} {
			out := process(process(in, 1000, NewLimiter(2, 44100, LimiterConfig{})), 1000, NewDither(2, bits, 1))
			var raw bytes.Buffer
			inter := make([]float32, 0, 2*len(out[0]))
			for i := range out[0] {
				inter = append(inter, out[0][i], out[1][i])
			}
			binary.Write(&raw, binary.LittleEndian, inter)
			// The frame log has three digits where the summary has one.
			cmd := exec.Command(program, "-hide_banner", "-nostats", "-f", "f32le", "-ar", "44100", "-ac", "2", "-i", "pipe:0", "-af", "ebur128=peak=true:metadata=1,ametadata=print:key=lavfi.r128.true_peaks_ch0:file=-,ametadata=print:key=lavfi.r128.true_peaks_ch1:file=-", "-f", "null", "-")
			cmd.Stdin = &raw
			text, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("ffmpeg: %v\n%s", err, text)
			}
			top := 0.0
			for _, m := range regexp.MustCompile(`true_peaks_ch\d=([\d.]+)`).FindAllSubmatch(text, -1) {
				v, _ := strconv.ParseFloat(string(m[1]), 64)
				top = max(top, v)
			}
			t.Logf("%s, %d bits: %.3f dBTP by ffmpeg", name, bits, DB(top))
			if top == 0 || DB(top) > -1 {
				t.Errorf("%s, %d bits: %.3f dBTP by ffmpeg", name, bits, DB(top))
			}
		}
	}
}

// A tone 6 dB over the curve comes out at the curve.
func TestTrebleTone(t *testing.T) {
	for _, rate := range []float64{22050, 32000, 44100, 48000, 96000} {
		for _, hz := range []float64{5000, 6500, 7500, 8500, 10000, 11500, 13000, 15000, 17000} {
			if hz > 0.4*rate {
				continue
			}
			const ref = -12.0
			limit := ferric.At(hz) + ref
			x := sine(int(rate), hz, rate, Ratio(limit+6), 0.2)
			l := NewTrebleLimiter(2, rate, TrebleConfig{Saturation: ferric, ReferenceDB: ref})
			out := process([][]float32{x, x}, 1000, l)
			got := DB(amplitude(out[0][len(x)/4:len(x)*3/4], hz, rate)) - limit
			t.Logf("%g Hz at %g: %+.2f dB over the limit; %+v", hz, rate, got, l.Activity().All())
			if math.Abs(got) > 0.4 {
				t.Errorf("%g Hz at %g: %+.2f dB over the limit", hz, rate, got)
			}
		}
	}
}

func TestTrebleTransparent(t *testing.T) {
	// 0.3 dB under the curve at every frequency in turn, and under it in a mix.
	const ref = -6.0
	for hz := 1000.0; hz < 20000; hz *= 1.3 {
		x := sine(20000, hz, 44100, Ratio(ferric.At(hz)+ref-0.3), 1)
		for i := range 500 { // a sudden start is not a sustained tone
			x[i] *= float32(i) / 500
		}
		in := [][]float32{x, x}
		l := NewTrebleLimiter(2, 44100, TrebleConfig{Saturation: ferric, ReferenceDB: ref})
		same(t, process(in, 1000, l)[:1], in[:1])
		if len(l.Activity().Moments) != 0 {
			t.Errorf("work at %g Hz", hz)
		}
	}
	// Bass and middle may stand as high as they like.
	in := [][]float32{mix(sine(30000, 100, 44100, 0.9, 0), sine(30000, 1500, 44100, 0.5, 0))}
	for i := range 500 {
		in[0][i] *= float32(i) / 500
	}
	in[0] = in[0][:30000]
	same(t, process(in, 1000, NewTrebleLimiter(1, 44100, TrebleConfig{Saturation: ferric, ReferenceDB: -6}))[:1], in)

	loud := noise(2, 20000, 0.9)
	for name, l := range map[string]*TrebleLimiter{
		"no curve":     NewTrebleLimiter(2, 44100, TrebleConfig{}),
		"8 kHz":        NewTrebleLimiter(2, 8000, TrebleConfig{Saturation: ferric}),
		"high ceiling": NewTrebleLimiter(2, 44100, TrebleConfig{Saturation: Curve{{1000, 60}}}),
	} {
		out := process(loud, 1000, l)
		t.Log(name)
		same(t, out, loud)
	}
}

func TestTrebleLeavesTheMiddle(t *testing.T) {
	const rate, ref = 44100.0, -12.0
	x := sine(44100, 10000, rate, Ratio(ferric.At(10000)+ref+9), 0)
	for _, hz := range []float64{100, 440, 1000, 1500} {
		x = mix(x, sine(44100, hz, rate, 0.1, 0))
	}
	out := process([][]float32{x}, 1000, NewTrebleLimiter(1, rate, TrebleConfig{Saturation: ferric, ReferenceDB: ref}))[0]
	for _, hz := range []float64{100, 440, 1000, 1500} {
		near(t, fmt.Sprintf("%g Hz", hz), DB(amplitude(out[11025:33075], hz, rate)/0.1), 0, 0.1)
	}
	near(t, "10 kHz", DB(amplitude(out[11025:33075], 10000, rate)), ferric.At(10000)+ref, 0.4)
}

// Noise is many tones at once: its power over the curve comes down to one tone's.
func TestTrebleNoise(t *testing.T) {
	const ref = -18.0
	in := noise(2, 44100, 0.5)
	cfg := TrebleConfig{Saturation: ferric, ReferenceDB: ref}
	l := NewTrebleLimiter(2, 44100, cfg)
	out := process(in, 1000, l)
	weigh := TrebleWeighting(44100, cfg)
	for c := range out {
		w := make([]float32, len(out[c])-len(weigh)+1)
		Convolve(w, out[c], weigh)
		worst := 0.0
		for at := 2000; at+128 < len(w)-2000; at += 32 {
			worst = max(worst, meanSquare(w[at:at+128]))
		}
		t.Logf("channel %d: highest 3 ms %+.2f dB, whole %+.2f dB re limit; %+v", c, PowerDB(worst), PowerDB(meanSquare(w)), l.Activity().All())
		if PowerDB(worst) > 1 {
			t.Errorf("channel %d: %.2f dB over the limit", c, PowerDB(worst))
		}
		if PowerDB(meanSquare(w)) < -3 {
			t.Errorf("channel %d: %.2f dB, needlessly low", c, PowerDB(meanSquare(w)))
		}
	}
	same(t, process(in, 61, NewTrebleLimiter(2, 44100, cfg)), out)
}

// A burst is caught from its first wave, and all is as before a while after it.
func TestTrebleBurst(t *testing.T) {
	const rate, ref = 44100, -12.0
	x := sine(rate*3, 440, rate, 0.05, 0)
	burst := sine(rate/5, 12000, rate, Ratio(ferric.At(12000)+ref+8), 0)
	for i, v := range burst {
		x[rate+i] += v
	}
	l := NewTrebleLimiter(1, rate, TrebleConfig{Saturation: ferric, ReferenceDB: ref})
	out := process([][]float32{x}, 1000, l)[0]
	over := DB(amplitude(out[rate+200:rate+200+400], 12000, rate)) - ferric.At(12000) - ref
	if over > 1 {
		t.Errorf("the burst's first 10 ms are %.2f dB over", over)
	}
	same(t, [][]float32{out[:rate-1000]}, [][]float32{x[:rate-1000]})
	same(t, [][]float32{out[rate*2:]}, [][]float32{x[rate*2:]})
	s := l.Activity().Between(rate-rate/10, 2*rate)
	if s.Times != 1 || s.Seconds < 0.2 || s.Seconds > 0.6 || s.MaxDB < 7 || s.MaxDB > 12 || s.MaxAt < rate-rate/10 || s.MaxAt > rate+rate/5 {
		t.Errorf("work: %+v", s)
	}
}

// The bytes of the whole chain must not depend on the vector unit's width. Inputs are whole numbers from Hash, so that
// nothing but the chain is on trial; run with SIMD_DISABLE=avx512 to try another width.
func TestSameBytes(t *testing.T) {
	if runtime.GOARCH != "amd64" || !cpu.HasFMA() {
		t.Skip("the promise is for amd64 with fused multiply-add")
	}
	b := noise(2, 44100, 0.9)
	b = process(b, 1000, NewSubsonicFilter(2, 0, 44100))
	b = process(b, 1000, NewTrebleLimiter(2, 44100, TrebleConfig{Saturation: ferric, ReferenceDB: -12}))
	for c := range b {
		for i := range b[c] {
			b[c][i] *= 2
		}
	}
	b = process(b, 1000, NewLimiter(2, 44100, LimiterConfig{}))
	b = process(b, 1000, NewDither(2, 24, 1))
	sum := crc32.NewIEEE()
	for _, ch := range b {
		binary.Write(sum, binary.LittleEndian, ch)
	}
	if got, want := sum.Sum32(), uint32(0x0b46b9a9); got != want {
		t.Errorf("the chain's bytes have CRC %#08x, want %#08x", got, want)
	}
}
