package resample

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"math/cmplx"
	"os/exec"
	"runtime"
	"strconv"
	"testing"

	"ferric/audio"
	"ferric/dsp"

	"github.com/tphakala/simd/cpu"
)

// memory is a Source of samples in memory.
type memory struct {
	form  audio.Format
	block [][]float32
	at    int
	step  int   // frames a read, all that are asked for if 0
	end   error // io.EOF if nil
}

func (m *memory) Format() audio.Format { return m.form }
func (m *memory) Length() audio.Frames { return audio.Frames(len(m.block[0])) }
func (m *memory) Close() error         { return nil }
func (m *memory) ReadFrames(dst [][]float32) (int, error) {
	n := min(len(dst[0]), len(m.block[0])-m.at)
	if m.step > 0 {
		n = min(n, m.step)
	}
	if n == 0 {
		if m.end != nil {
			return 0, m.end
		}
		return 0, io.EOF
	}
	for c := range dst {
		copy(dst[c], m.block[c][m.at:m.at+n])
	}
	m.at += n
	return n, nil
}

func source(rate int, channels ...[]float32) *memory {
	return &memory{form: audio.Format{Rate: audio.Rate(rate), Channels: len(channels), Codec: "pcm"}, block: channels}
}

// drain reads all of src, size frames at a time, and returns what it ended with.
func drain(t testing.TB, src audio.Source, size int) ([][]float32, error) {
	t.Helper()
	channels := src.Format().Channels
	out := make([][]float32, channels)
	block := audio.NewBlock(channels, size)
	for {
		n, err := src.ReadFrames(block)
		if err != nil {
			if n != 0 {
				t.Fatalf("%d frames with %v", n, err)
			}
			return out, err
		}
		if n == 0 {
			t.Fatal("no frames and no error")
		}
		for c := range out {
			out[c] = append(out[c], block[c][:n]...)
		}
	}
}

// convert resamples one channel.
func convert(t testing.TB, in []float32, from, to int) []float32 {
	t.Helper()
	src, err := New(source(from, in), audio.Rate(to))
	if err != nil {
		t.Fatal(err)
	}
	want := (int64(len(in))*int64(to) + int64(from) - 1) / int64(from)
	if got := src.Length(); int64(got) != want {
		t.Fatalf("Length is %d, want %d", got, want)
	}
	if got := src.Format().Rate; got != audio.Rate(to) {
		t.Fatalf("Format says %d Hz", got)
	}
	out, err := drain(t, src, 1000)
	if err != io.EOF {
		t.Fatal(err)
	}
	if int64(len(out[0])) != want {
		t.Fatalf("%d frames, want %d", len(out[0]), want)
	}
	return out[0]
}

func noise(n int, seed uint64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(2*dsp.Uniform(seed, uint64(i)) - 1)
	}
	return x
}

// pairs has both kinds: even ratios, and two (44056, 383999) that need the dense table.
var pairs = [][2]int{{96000, 44100}, {48000, 44100}, {44100, 48000}, {88200, 44100}, {8000, 44100}, {384000, 44100}, {11025, 48000}, {44056, 44100}, {383999, 48000}, {8000, 384000}, {192000, 44100}, {176400, 44100}, {383998, 8000}}

// A sine comes out as the same sine at the new rate.
func TestTone(t *testing.T) {
	for _, r := range pairs {
		low := float64(min(r[0], r[1]))
		for _, share := range []float64{0.01, 0.2, 0.9} {
			hz := share * low / 2
			in := make([]float32, r[0]/4)
			for i := range in {
				in[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/float64(r[0])+0.3))
			}
			out := convert(t, in, r[0], r[1])
			var worst, power float64
			skip := len(out) / 4
			for i := skip; i < len(out)-skip; i++ {
				want := 0.5 * math.Sin(2*math.Pi*hz*float64(i)/float64(r[1])+0.3)
				e := math.Abs(float64(out[i]) - want)
				worst = max(worst, e)
				power += e * e
			}
			rms := math.Sqrt(power / float64(len(out)-2*skip))
			t.Logf("%d to %d at %.0f Hz: worst %.1f dB, rms %.1f dB", r[0], r[1], hz, dsp.DB(worst), dsp.DB(rms))
			if dsp.DB(worst) > -125 || dsp.DB(rms) > -135 {
				t.Errorf("%d to %d at %.0f Hz: error up to %.1f dB, rms %.1f dB", r[0], r[1], hz, dsp.DB(worst), dsp.DB(rms))
			}
		}
	}
}

// spectrum is the amplitude of each bin of the middle of x, under a Kaiser window with side lobes 160 dB down.
func spectrum(x []float32, n int, windowed bool) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	if windowed {
		dsp.Kaiser(w, dsp.KaiserBeta(160))
	}
	from := (len(x) - n) / 2
	var sum float64
	for i := range w {
		sum += w[i]
		w[i] *= float64(x[from+i])
	}
	f, y := dsp.NewFFT(n), make([]complex128, n/2+1)
	f.Forward(y, w)
	out := make([]float64, n/2+1)
	for k, v := range y {
		out[k] = 2 * cmplx.Abs(v) / sum
	}
	return out
}

// Forty tones from 20 Hz to 20 kHz, each a whole number of waves in the window, keep their level within 0.01 dB.
func TestRipple(t *testing.T) {
	const n = 1 << 15
	for _, r := range [][2]int{{96000, 44100}, {48000, 44100}, {192000, 44100}, {88200, 44100}, {44100, 48000}, {44056, 44100}} {
		var bins []int
		for hz := 20.0; hz <= 20000; hz *= 1.19 {
			bins = append(bins, int(math.Round(hz*n/float64(r[1]))))
		}
		bins = append(bins, int(20000.*n/float64(r[1])))
		in := make([]float32, 3*n*r[0]/r[1])
		for j, b := range bins {
			step := 2 * math.Pi * float64(b) / n * float64(r[1]) / float64(r[0])
			for i := range in {
				in[i] += float32(0.02 * math.Sin(step*float64(i)+float64(j*j)))
			}
		}
		s := spectrum(convert(t, in, r[0], r[1]), n, false)
		worst := 0.0
		for _, b := range bins {
			worst = max(worst, math.Abs(dsp.DB(s[b]/0.02)))
		}
		t.Logf("%d to %d: ripple %.5f dB", r[0], r[1], worst)
		if worst > 0.001 {
			t.Errorf("%d to %d: a tone is off by %.4f dB", r[0], r[1], worst)
		}
	}
}

// Tones from half the new rate up leave nothing.
func TestStopBand(t *testing.T) {
	const n = 1 << 14
	for _, r := range [][2]int{{96000, 44100}, {48000, 44100}, {192000, 44100}, {88200, 44100}, {96000, 48000}, {176401, 44100}, {384000, 48000}} {
		nyquist := float64(r[1]) / 2
		in := make([]float32, 2*n*r[0]/r[1])
		count := 0.0
		for hz := nyquist; hz < float64(r[0])/2; hz += 397 * float64(r[0]) / 96000 {
			count++
			for i := range in {
				in[i] += float32(math.Sin(2*math.Pi*hz*float64(i)/float64(r[0]) + count*count))
			}
		}
		// Each tone has amplitude 1: the sum is far over full scale, which floats do not mind, but their rounding
		// noise grows with it. So the figure is re one tone, with the noise of count tones in it.
		worst := 0.0
		for _, v := range spectrum(convert(t, in, r[0], r[1]), n, true) {
			worst = max(worst, v)
		}
		t.Logf("%d to %d: %.0f tones, highest rest %.1f dB", r[0], r[1], count, dsp.DB(worst))
		if dsp.DB(worst) > -120 {
			t.Errorf("%d to %d: %.1f dB of a tone above %.0f Hz remain", r[0], r[1], dsp.DB(worst), nyquist)
		}
	}
}

// An impulse on a frame that both rates have stays on it, and its answer is symmetric: the phase is linear, the delay nothing.
func TestImpulse(t *testing.T) {
	for _, r := range pairs {
		g := int(gcd(int64(r[0]), int64(r[1])))
		up, down := r[1]/g, r[0]/g
		times := 1 + 4000/min(up, down)
		if max(up, down)*times > 1<<18 {
			continue // the rates meet only once a second
		}
		in := make([]float32, 2*down*times+1)
		in[down*times] = 1
		out := convert(t, in, r[0], r[1])
		mid := up * times
		for i := 1; i < mid && mid+i < len(out); i++ {
			if d := math.Abs(float64(out[mid-i] - out[mid+i])); d > 1e-7 {
				t.Fatalf("%d to %d: %g before and %g after the middle by %d", r[0], r[1], out[mid-i], out[mid+i], i)
			}
			if out[mid+i] > out[mid] {
				t.Fatalf("%d to %d: the top is %d frames off", r[0], r[1], i)
			}
		}
	}
}

func TestBlockSizeDoesNotMatter(t *testing.T) {
	for _, r := range pairs {
		left, right := noise(r[0]/8+13, 1), noise(r[0]/8+13, 2)
		var want [][]float32
		for _, size := range [][2]int{{4096, 0}, {1, 0}, {7, 1}, {1000, 333}, {100000, 8191}} {
			m := source(r[0], left, right)
			m.step = size[1]
			src, err := New(m, audio.Rate(r[1]))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := drain(t, src, size[0])
			if want == nil {
				want = got
				continue
			}
			for c := range want {
				if len(got[c]) != len(want[c]) {
					t.Fatalf("%d to %d in blocks of %v: %d frames, want %d", r[0], r[1], size, len(got[c]), len(want[c]))
				}
				for i := range want[c] {
					if got[c][i] != want[c][i] {
						t.Fatalf("%d to %d in blocks of %v: frame %d is %g, want %g", r[0], r[1], size, i, got[c][i], want[c][i])
					}
				}
			}
		}
	}
}

func TestShort(t *testing.T) {
	for _, r := range pairs {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 1001, 1002, 1003} {
			in := make([]float32, n)
			for i := range in {
				in[i] = 1
			}
			convert(t, in, r[0], r[1])
		}
	}
}

func TestSameRate(t *testing.T) {
	m := source(44100, noise(10, 1))
	if src, err := New(m, 44100); err != nil || src != audio.Source(m) {
		t.Errorf("New gives %v, %v; want the source itself", src, err)
	}
}

func TestRefuses(t *testing.T) {
	for _, r := range [][2]int{{7999, 44100}, {44100, 7999}, {384001, 44100}, {44100, 384001}, {0, 44100}, {-1, 44100}} {
		if _, err := New(source(r[0], nil), audio.Rate(r[1])); err == nil {
			t.Errorf("%d to %d was not refused", r[0], r[1])
		}
	}
	f, err := NewFilter(96000, 44100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Source(source(48000, nil)); err == nil {
		t.Error("a filter from 96000 Hz took 48000")
	}
}

// A source that breaks off gives what there is, and then its own error.
func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, r := range [][2]int{{96000, 44100}, {44056, 44100}, {192000, 44100}} {
		for _, end := range []error{io.ErrUnexpectedEOF, broken} {
			m := source(r[0], noise(5000, 1))
			m.end = end
			src, err := New(m, audio.Rate(r[1]))
			if err != nil {
				t.Fatal(err)
			}
			out, err := drain(t, src, 512)
			if err != end {
				t.Errorf("ended with %v, want %v", err, end)
			}
			if want := (5000*r[1] + r[0] - 1) / r[0]; len(out[0]) != want {
				t.Errorf("%d frames before %v, want %d", len(out[0]), end, want)
			}
			if _, err := src.ReadFrames(audio.NewBlock(1, 10)); err != end {
				t.Errorf("read again: %v", err)
			}
		}
	}
}

// stuck never has anything to give.
type stuck struct{ *memory }

func (stuck) ReadFrames([][]float32) (int, error) { return 0, nil }

func TestStuckSource(t *testing.T) {
	src, err := New(stuck{source(96000, noise(10, 1))}, 44100)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := src.ReadFrames(audio.NewBlock(1, 10)); n != 0 || err != io.ErrNoProgress {
		t.Errorf("%d frames, %v", n, err)
	}
}

// sox's best resampler on the same samples. Its pass band ends earlier, so the test sounds stay under 18 kHz.
func TestAgainstSox(t *testing.T) {
	program, err := exec.LookPath("sox")
	if err != nil {
		t.Skip("needs sox")
	}
	for _, r := range [][2]int{{96000, 44100}, {44100, 48000}} {
		in := make([]float32, r[0])
		for i := range in { // from 20 Hz to 18 kHz in a second, ending softly: a cut would reach beyond
			x := float64(i) / float64(r[0])
			fade := 0.5 - 0.5*math.Cos(2*math.Pi*x)
			in[i] = float32(0.5 * fade * math.Sin(2*math.Pi*(20*x+0.5*17980*x*x)))
		}
		var raw bytes.Buffer
		binary.Write(&raw, binary.LittleEndian, in)
		cmd := exec.Command(program, "-D", "-t", "raw", "-r", strconv.Itoa(r[0]), "-e", "floating-point", "-b", "32", "-c", "1", "-",
			"-t", "raw", "-e", "floating-point", "-b", "32", "-", "rate", "-v", strconv.Itoa(r[1]))
		cmd.Stdin = &raw
		data, err := cmd.Output()
		if err != nil {
			t.Fatalf("sox: %v", err)
		}
		theirs := make([]float32, len(data)/4)
		binary.Read(bytes.NewReader(data), binary.LittleEndian, theirs)
		ours := convert(t, in, r[0], r[1])
		var worst, power float64
		n := 0
		for i := 2000; i < min(len(ours), len(theirs))-2000; i++ {
			d := math.Abs(float64(ours[i] - theirs[i]))
			worst = max(worst, d)
			power += d * d
			n++
		}
		rms := math.Sqrt(power / float64(n))
		t.Logf("%d to %d: ours %d frames, theirs %d; difference up to %.1f dB, rms %.1f dB", r[0], r[1], len(ours), len(theirs), dsp.DB(worst), dsp.DB(rms))
		if d := len(ours) - len(theirs); d < -1 || d > 1 || dsp.DB(worst) > -120 {
			t.Errorf("%d to %d: %d frames against %d, difference up to %.1f dB", r[0], r[1], len(ours), len(theirs), dsp.DB(worst))
		}
	}
}

// See dsp's test of the same name.
func TestSameBytes(t *testing.T) {
	if runtime.GOARCH != "amd64" || !cpu.HasFMA() {
		t.Skip("the promise is for amd64 with fused multiply-add")
	}
	for pair, want := range map[[2]int]uint32{{96000, 44100}: 0xaa61e88d, {44100, 48000}: 0xaae3f540, {192000, 44100}: 0x8b0d4f2a} {
		out := convert(t, noise(pair[0], 9), pair[0], pair[1])
		sum := crc32.NewIEEE()
		binary.Write(sum, binary.LittleEndian, out)
		if got := sum.Sum32(); got != want {
			t.Errorf("%v: the bytes have CRC %#08x, want %#08x", pair, got, want)
		}
	}
}
