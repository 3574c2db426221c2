package loudness

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"ferric/audio"
	"ferric/dsp"
)

// BS.1770-4 prints these coefficients for 48 kHz (tables 1 and 2).
func TestKWeightingAt48k(t *testing.T) {
	shelf, high := KWeighting(48000)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"b0", shelf.B0, 1.53512485958697}, {"b1", shelf.B1, -2.69169618940638}, {"b2", shelf.B2, 1.19839281085285},
		{"a1", shelf.A1, -1.69065929318241}, {"a2", shelf.A2, 0.73248077421585},
		{"b0", high.B0, 1}, {"b1", high.B1, -2}, {"b2", high.B2, 1},
		{"a1", high.A1, -1.99004745483398}, {"a2", high.A2, 0.99007225036621},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s is %.15f, want %.15f", c.name, c.got, c.want)
		}
	}
}

// The standard's own check: 0 dBFS of 997 Hz on one front channel reads -3.01 LKFS.
func TestOneChannel(t *testing.T) {
	for _, rate := range []int{8000, 11025, 22050, 44056, 44100, 48000, 88200, 96000, 176400, 192000, 352800, 384000} {
		x := audio.NewBlock(1, 2*rate)
		for i := range x[0] {
			x[0][i] = float32(math.Sin(2 * math.Pi * 997 * float64(i) / float64(rate)))
		}
		m := meter(t, rate, 1, Config{})
		m.WriteFrames(x)
		r := m.Result()
		near(t, fmt.Sprintf("at %d Hz, integrated", rate), r.Integrated(), -3.01, 0.05)
		near(t, fmt.Sprintf("at %d Hz, true peak", rate), r.TruePeakDB, 0, 0.05)
	}
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		rate, channels int
		cfg            Config
	}{{7999, 2, Config{}}, {384001, 2, Config{}}, {44100, 0, Config{}}, {44100, 9, Config{}}, {44100, 2, Config{Weights: []float64{1}}}} {
		if _, err := New(audio.Rate(c.rate), c.channels, c.cfg); err == nil {
			t.Errorf("New(%d, %d, %v) did not refuse", c.rate, c.channels, c.cfg)
		}
	}
}

func TestSilenceAndNothing(t *testing.T) {
	for _, n := range []int{0, 1, 100, 17000, 44100 * 4} {
		m := meter(t, 44100, 2, Config{})
		m.WriteFrames(audio.NewBlock(2, n))
		r := m.Result()
		for name, v := range map[string]float64{"integrated": r.Integrated(), "true peak": r.TruePeakDB, "momentary": r.MaxMomentary} {
			if !math.IsInf(v, -1) {
				t.Errorf("%d silent frames: %s is %g", n, name, v)
			}
		}
		if r.RangeLU() != 0 || r.OverCount != 0 {
			t.Errorf("%d silent frames: range %g, overs %d", n, r.RangeLU(), r.OverCount)
		}
	}
}

func measure(t testing.TB, rate int, block [][]float32, cfg Config, size int) Result {
	t.Helper()
	m := meter(t, rate, len(block), cfg)
	for at := 0; at < len(block[0]); at += size {
		m.WriteFrames(audio.Window(nil, block, at, min(at+size, len(block[0]))))
	}
	return m.Result()
}

func TestBlockSizeDoesNotMatter(t *testing.T) {
	block := music(44100, 44100*5+77)
	want := measure(t, 44100, block, Config{OverDB: -6}, len(block[0]))
	if want.OverCount == 0 {
		t.Fatal("nothing over -6 dBTP: the test shows nothing")
	}
	for _, size := range []int{1, 97, 4096} {
		if got := measure(t, 44100, block, Config{OverDB: -6}, size); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("in blocks of %d:\n%v, want\n%v", size, got, want)
		}
	}
}

// Passing over tiles must not change what is found.
func TestTruePeakExact(t *testing.T) {
	block := music(44100, 44100*3)
	got := measure(t, 44100, block, Config{}, 1000)
	f := dsp.NewPeakFinder(4)
	top := 0.0
	for _, ch := range block {
		padded := append(make([]float32, f.Reach()-1), ch...)
		padded = append(padded, make([]float32, f.Reach())...)
		dst, scratch := make([]float32, len(ch)), make([]float32, len(ch))
		f.Between(dst, padded, scratch)
		for i := range dst {
			top = max(top, float64(dst[i]), math.Abs(float64(ch[i])))
		}
	}
	if got.TruePeakDB != dsp.DB(top) {
		t.Errorf("true peak is %.6f dBTP, all points give %.6f", got.TruePeakDB, dsp.DB(top))
	}
}

func TestOvers(t *testing.T) {
	const rate = 44100
	block := audio.NewBlock(2, rate*2)
	hit := func(c, at, n int) {
		for i := range n {
			block[c][at+i] = float32(1.2 * math.Sin(2*math.Pi*1000*float64(i)/rate))
		}
	}
	hit(0, 5000, 2000)
	hit(1, 6500, 1000) // joins the one before
	hit(1, 40000, 500)
	r := measure(t, rate, block, Config{}, 777)
	if len(r.Overs) != 2 || r.OverCount != 2 {
		t.Fatalf("overs are %v, count %d", r.Overs, r.OverCount)
	}
	// A sine that stops short overshoots between its last samples.
	for i, want := range []Over{{5000, 7500, dsp.DB(1.2)}, {40000, 40500, dsp.DB(1.2)}} {
		o := r.Overs[i]
		if o.Start < want.Start || o.Start > want.Start+20 || o.End > want.End || o.End < want.End-40 || math.Abs(o.PeakDB-want.PeakDB) > 0.6 {
			t.Errorf("over %d is %v, want about %v", i, o, want)
		}
	}
}

func TestIntegratedAfter(t *testing.T) {
	block := music(44100, 44100*8)
	for i := range 44100 * 3 { // a quiet start that a gain lifts over the absolute gate
		block[0][i] *= 1e-4
		block[1][i] *= 1e-4
	}
	r := measure(t, 44100, block, Config{}, 4096)
	for _, db := range []float64{-20, 6, 30} {
		g := float32(dsp.Ratio(db))
		louder := audio.NewBlock(2, len(block[0]))
		for c := range block {
			for i, v := range block[c] {
				louder[c][i] = v * g
			}
		}
		want := measure(t, 44100, louder, Config{}, 4096).Integrated()
		near(t, fmt.Sprintf("after %g dB, integrated", db), r.IntegratedAfter(db), want, 0.0005)
	}
}

func TestJoin(t *testing.T) {
	const rate = 44100
	block := music(rate, rate*20)
	want := measure(t, rate, block, Config{OverDB: -3}, 4096)
	var parts []Result
	cuts := []int{0, rate * 7, rate*7 + 4410*31, rate * 20}
	for i := range len(cuts) - 1 {
		m := meter(t, rate, 2, Config{OverDB: -3})
		m.Prime(audio.Window(nil, block, max(0, cuts[i]-rate), cuts[i]))
		m.WriteFrames(audio.Window(nil, block, cuts[i], cuts[i+1]))
		parts = append(parts, m.Result())
	}
	got := Join(parts...)
	near(t, "integrated", got.Integrated(), want.Integrated(), 1e-6)
	near(t, "range", got.RangeLU(), want.RangeLU(), 1e-6)
	near(t, "maximum momentary", got.MaxMomentary, want.MaxMomentary, 0.05)
	near(t, "true peak", got.TruePeakDB, want.TruePeakDB, 1e-9)
	if got.Frames != want.Frames || got.TruePeakAt != want.TruePeakAt {
		t.Errorf("frames %d, peak at %d; want %d, %d", got.Frames, got.TruePeakAt, want.Frames, want.TruePeakAt)
	}
}

func TestSeries(t *testing.T) {
	m := meter(t, 48000, 2, Config{NoTruePeak: true})
	feed(t, m, 48000, []part{both(5, -20), both(5, -40)}, nil)
	r := m.Result()
	s := r.ShortTermSeries(10)
	if len(s) != 10 {
		t.Fatalf("%d values for 10 s", len(s))
	}
	near(t, "at 5 s", float64(s[4]), -20, 0.05)
	near(t, "at 10 s", float64(s[9]), -40, 0.05)
	near(t, "last half alone", r.Between(50, 100).Integrated(), -40, 0.05)
}

// ffmpeg's filter ebur128 on the same samples.
func TestAgainstFFmpeg(t *testing.T) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("needs ffmpeg")
	}
	for _, rate := range []int{44100, 48000, 96000} {
		block := music(rate, rate*20)
		for c := range block { // loud and soft sections, for the range
			for i := range block[c] {
				if i/(4*rate)%2 == 1 {
					block[c][i] *= 0.3
				}
			}
		}
		var raw bytes.Buffer
		inter := make([]float32, 0, 2*len(block[0]))
		for i := range block[0] {
			inter = append(inter, block[0][i], block[1][i])
		}
		binary.Write(&raw, binary.LittleEndian, inter)
		cmd := exec.Command(program, "-hide_banner", "-nostats", "-f", "f32le", "-ar", strconv.Itoa(rate), "-ac", "2", "-i", "pipe:0", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-")
		cmd.Stdin = &raw
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("ffmpeg: %v\n%s", err, out)
		}
		read := func(pattern string) float64 {
			m := regexp.MustCompile(pattern).FindAllSubmatch(out, -1)
			if m == nil {
				t.Fatalf("no %s in\n%s", pattern, out)
			}
			v, _ := strconv.ParseFloat(string(m[len(m)-1][1]), 64)
			return v
		}
		r := measure(t, rate, block, Config{}, 4096)
		near(t, fmt.Sprintf("at %d, integrated", rate), r.Integrated(), read(`I:\s+(-?[\d.]+) LUFS`), 0.1)
		near(t, fmt.Sprintf("at %d, range", rate), r.RangeLU(), read(`LRA:\s+(-?[\d.]+) LU`), 0.1)
		near(t, fmt.Sprintf("at %d, true peak", rate), r.TruePeakDB, read(`Peak:\s+(-?[\d.]+) dBFS`), 0.2)
		t.Logf("%d: I %.2f, LRA %.2f, TP %.2f; ffmpeg %.1f, %.1f, %.1f", rate, r.Integrated(), r.RangeLU(), r.TruePeakDB,
			read(`I:\s+(-?[\d.]+) LUFS`), read(`LRA:\s+(-?[\d.]+) LU`), read(`Peak:\s+(-?[\d.]+) dBFS`))
	}
}

// music is something loud and peaky enough to keep a true-peak meter busy.
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
