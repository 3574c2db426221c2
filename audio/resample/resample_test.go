package resample

import (
	"io"
	"math"
	"testing"

	"ferric/audio"
	"ferric/dsp"
)

// memory is a Source of samples in memory.
type memory struct {
	form  audio.Format
	block [][]float32
	at    int
	step  int // frames a read, all that are asked for if 0
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

// convert resamples one channel, reading size frames at a time.
func convert(t testing.TB, in []float32, from, to, size int) []float32 {
	t.Helper()
	src, err := New(source(from, in), audio.Rate(to))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := src.Length(), audio.Frames((int64(len(in))*int64(to)+int64(from)-1)/int64(from)); got != want {
		t.Fatalf("Length = %d, want %d", got, want)
	}
	var out []float32
	block := audio.NewBlock(1, size)
	for {
		n, err := src.ReadFrames(block)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, block[0][:n]...)
	}
	if int64(len(out)) != int64(src.Length()) {
		t.Fatalf("%d frames, want %d", len(out), src.Length())
	}
	return out
}

func TestTone(t *testing.T) {
	for _, r := range [][2]int{{96000, 44100}, {48000, 44100}, {44100, 48000}, {8000, 44100}, {384000, 44100}, {44056, 44100}, {11025, 48000}, {383999, 48000}} {
		low := float64(min(r[0], r[1]))
		for _, share := range []float64{0.01, 0.2, 0.9} {
			hz := share * low / 2
			in := make([]float32, r[0]/4)
			for i := range in {
				in[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/float64(r[0])+0.3))
			}
			out := convert(t, in, r[0], r[1], 1000)
			var worst, power float64
			skip := len(out) / 4
			for i := skip; i < len(out)-skip; i++ {
				want := 0.5 * math.Sin(2*math.Pi*hz*float64(i)/float64(r[1])+0.3)
				e := float64(out[i]) - want
				worst = max(worst, math.Abs(e))
				power += e * e
			}
			rms := math.Sqrt(power / float64(len(out)-2*skip))
			t.Logf("%d -> %d at %.0f Hz: worst %.1f dB, rms %.1f dB", r[0], r[1], hz, dsp.DB(worst), dsp.DB(rms))
			if dsp.DB(worst) > -115 {
				t.Errorf("%d -> %d at %.0f Hz: error %.1f dB", r[0], r[1], hz, dsp.DB(worst))
			}
		}
	}
}
