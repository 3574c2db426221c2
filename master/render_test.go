package master

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/audio/wav"
)

// Whatever comes in, the tape comes out at the target and under the ceiling.
func TestLoudnessLands(t *testing.T) {
	for name, c := range map[string]struct {
		wave   func(int, float64) float64
		target float64
		short  bool
	}{
		"drums":            {wave: loop(4, drums(0.7)), target: -14},
		"soft drums":       {wave: loop(4, drums(0.1)), target: -16},
		"white noise":      {wave: noise(0.5), target: -14},
		"soft tone":        {wave: sine(997, 0.03), target: -14},
		"louder than good": {wave: loop(4, drums(0.8)), target: -9, short: true},
	} {
		t.Run(name, func(t *testing.T) {
			a, open := record(piece{length: 11 * time.Second, wave: c.wave}, piece{length: 9 * time.Second, wave: c.wave})
			_, _, r, _ := press(t, a, open, Options{Loudness: &c.target})
			t.Logf("gain %.2f dB, %.3f LUFS, %d passes, limiter %+v, treble %+v", r.GainDB, r.Loudness, r.Passes, r.Tracks[0].Limiter, r.Tracks[0].Treble)
			if r.Passes != 1 {
				t.Errorf("rendered %d times: the gain was foretold badly", r.Passes)
			}
			if r.Short != c.short {
				t.Errorf("short: %v", r.Short)
			}
			if !r.Short && math.Abs(r.Loudness-c.target) > 0.1 {
				t.Errorf("%.3f LUFS, wanted %.1f", r.Loudness, c.target)
			}
			if r.Short && (r.Loudness > c.target || r.Loudness < c.target-5) {
				t.Errorf("stopped at %.3f LUFS", r.Loudness)
			}
			for i := range r.Sides {
				if p := r.Sides[i].TruePeakDBTP; p > -1.0 {
					t.Errorf("side %d peaks at %.3f dBTP", i, p)
				}
			}
		})
	}
}

// Nothing to limit: the sound is the input, filtered, times the gain.
func TestTransparent(t *testing.T) {
	target := -30.0
	a, open := record(piece{length: 3 * time.Second, wave: fade(3*time.Second, sine(1000, 0.5))})
	_, p, r, k := press(t, a, open, Options{Loudness: &target, Bits: 24})
	g := audio.Ratio(r.GainDB)
	start := int(p.Sides[0].Tracks[0].Start)
	worst := 0.0
	for i := 44100; i < 2*44100; i++ { // the filter has settled, the fade not begun
		want := 0.5 * g * math.Sin(2*math.Pi*1000*float64(i)/44100)
		worst = max(worst, math.Abs(float64(k.sides[0][0][start+i])-want))
	}
	// The filter turns the phase of 1 kHz by 2·(2.61·25/1000)/2 rad: allow for that alone.
	if worst > 0.5*g*0.07 {
		t.Errorf("off by %g", worst)
	}
	if r.Tracks[0].Limiter.Seconds != 0 || r.Tracks[0].Treble.Seconds != 0 {
		t.Errorf("limiters worked: %+v", r.Tracks[0])
	}
}

func TestFlatIsBitExact(t *testing.T) {
	pieces := []piece{
		{bits: 16, length: 1500 * time.Millisecond, wave: drums(0.9)},
		{bits: 16, channels: 1, length: 1100 * time.Millisecond, wave: noise(0.8)},
		{bits: 16, length: 1300 * time.Millisecond, wave: fade(1300*time.Millisecond, noise(1))},
	}
	a, open := record(pieces...)
	_, p, r, k := press(t, a, open, Options{Flat: true, Bits: 16})
	if r.GainDB != 0 || !math.IsNaN(r.Target) {
		t.Errorf("gain %v, target %v", r.GainDB, r.Target)
	}
	for s := range p.Sides {
		want := [2][]float32{make([]float32, p.Sides[s].Length), make([]float32, p.Sides[s].Length)}
		for _, placed := range p.Sides[s].Tracks {
			src, _ := open(context.Background(), a.Tracks[placed.Index])
			block := audio.NewBlock(src.Format().Channels, int(placed.Length))
			view := make([][]float32, 0, 2)
			for n := 0; n < int(placed.Length); {
				got, err := src.ReadFrames(audio.Window(view, block, n, int(placed.Length)))
				if err != nil {
					t.Fatal(err)
				}
				n += got
			}
			for c := range want {
				copy(want[c][placed.Start:], block[min(c, len(block)-1)])
			}
		}
		for c := range want {
			for i, v := range want[c] {
				if k.sides[s][c][i] != v {
					t.Fatalf("side %d, channel %d, frame %d: %v, want %v", s, c, i, k.sides[s][c][i], v)
				}
			}
		}
	}
}

func TestSixteenBitsLieOnTheGrid(t *testing.T) {
	a, open := record(piece{length: 2 * time.Second, wave: drums(0.5)})
	_, _, _, k := press(t, a, open, Options{Bits: 16})
	for i, v := range k.sides[0][0] {
		if x := float64(v) * 32768; x != math.Trunc(x) {
			t.Fatalf("frame %d: %v", i, x)
		}
	}
}

func digest(k *keep) string {
	h := sha256.New()
	for _, s := range k.sides {
		for _, c := range s {
			binary.Write(h, binary.LittleEndian, c)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestSameBytesOnAnyNumberOfProcessors(t *testing.T) {
	pieces := []piece{
		{rate: 48000, length: 4 * time.Second, wave: drums(0.8)},
		{length: 3 * time.Second, wave: noise(0.3)},
		{rate: 96000, channels: 1, length: 2 * time.Second, wave: drums(0.4)},
		{channels: 6, length: 2 * time.Second, wave: noise(0.1)},
	}
	a, open := record(pieces...)
	var first string
	for _, n := range []int{2, 1, 4} {
		before := runtime.GOMAXPROCS(n)
		_, _, _, k := press(t, a, open, Options{Bits: 16, Workers: n})
		runtime.GOMAXPROCS(before)
		if d := digest(k); first == "" {
			first = d
		} else if d != first {
			t.Errorf("on %d processors: %s, on 2: %s", n, d, first)
		}
	}
}

// Two halves of one sound come out as the whole does: no seam in filter, resampler or limiter.
func TestSeamIsNotHeard(t *testing.T) {
	for _, rate := range []audio.Rate{44100, 48000, 96000} {
		wave := func(c int, t float64) float64 {
			return 0.3*math.Sin(2*math.Pi*61*t) + 0.2*math.Sin(2*math.Pi*3001*t+float64(c)) + 0.1*math.Sin(2*math.Pi*12007*t)
		}
		later := func(d float64) func(int, float64) float64 {
			return func(c int, t float64) float64 { return wave(c, t+d) }
		}
		cut := 2500 * time.Millisecond
		whole, openWhole := record(piece{rate: rate, length: 5 * time.Second, wave: wave})
		parts, openParts := record(piece{rate: rate, length: cut, wave: wave}, piece{rate: rate, length: 5*time.Second - cut, wave: later(cut.Seconds())})
		parts.Tracks[0].Side, parts.Tracks[1].Side = "A", "A"
		target := -20.0
		o := Options{Loudness: &target, Bits: 24}
		_, _, rw, kw := press(t, whole, openWhole, o)
		_, pp, rp, kp := press(t, parts, openParts, o)
		if !pp.Sides[0].Tracks[1].Joined {
			t.Errorf("%d Hz: the halves were not joined", rate)
			continue
		}
		if math.Abs(rw.GainDB-rp.GainDB) > 0.02 {
			t.Errorf("%d Hz: gains %v and %v", rate, rw.GainDB, rp.GainDB)
		}
		g := audio.Ratio(rw.GainDB - rp.GainDB)
		for i, v := range kw.sides[0][0] {
			if d := math.Abs(float64(kp.sides[0][0][i])*g - float64(v)); d > 3e-5 { // −90 dB: the gains differ by their last digit
				t.Errorf("%d Hz, frame %d: off by %g", rate, i, d)
				break
			}
		}
	}
}

func TestDownmix(t *testing.T) {
	// 5.1 with one channel at a time.
	for c, want := range [][2]float64{{1, 0}, {0, 1}, {0.7071, 0.7071}, {0, 0}, {0.7071, 0}, {0, 0.7071}} {
		a, open := record(piece{channels: 6, bits: 16, length: time.Second, wave: func(ch int, _ float64) float64 {
			if ch == c {
				return 0.5
			}
			return 0
		}})
		_, p, _, k := press(t, a, open, Options{Flat: true, Bits: 24})
		i := p.Sides[0].Tracks[0].Start + 100
		for side := range 2 {
			got := float64(k.sides[0][side][i])
			if math.Abs(got-0.5*want[side]/(1+2*0.7071)) > 1e-4 {
				t.Errorf("channel %d to %d: %v", c, side, got)
			}
		}
	}
}

func TestRenderFailures(t *testing.T) {
	a, open := record(piece{length: 2 * time.Second, wave: noise(0.1)}, piece{length: 2 * time.Second, wave: noise(0.1)})
	ctx := context.Background()
	m, err := Measure(ctx, a, open, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Layout(a, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := &keep{}

	disk := errors.New("disk full")
	if _, err := Render(ctx, a, m, p, open, func(int) (audio.Sink, error) { return full{disk}, nil }, Options{}); !errors.Is(err, disk) {
		t.Errorf("full disk: %v", err)
	}
	shorter := func(ctx context.Context, t album.Track) (audio.Source, error) {
		t.Frames -= 1000
		return open(ctx, t)
	}
	if _, err := Render(ctx, a, m, p, shorter, k.sink, Options{}); !errors.Is(err, ErrChanged) {
		t.Errorf("a shorter file: %v", err)
	}
	broken := func(ctx context.Context, t album.Track) (audio.Source, error) {
		src, err := open(ctx, t)
		return &breaks{src, 3}, err
	}
	if _, err := Measure(ctx, a, broken, Options{}); !errors.Is(err, errBroken) {
		t.Errorf("a broken file: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Render(cancelled, a, m, p, open, k.sink, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Measure(cancelled, a, open, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	loud, peak, late := math.NaN(), 3.0, -time.Second
	for _, o := range []Options{{Rate: 96000}, {Bits: 20}, {Loudness: &loud}, {TruePeak: &peak}, {Gap: &late}, {Margin: &late}} {
		if _, err := Measure(ctx, a, open, o); !errors.Is(err, ErrOptions) {
			t.Errorf("measured with %+v: %v", o, err)
		}
		if _, err := Layout(a, m, o); !errors.Is(err, ErrOptions) {
			t.Errorf("laid out with %+v: %v", o, err)
		}
		if _, err := Render(ctx, a, m, p, open, k.sink, o); !errors.Is(err, ErrOptions) {
			t.Errorf("rendered with %+v: %v", o, err)
		}
	}
	long := songs(10 * time.Hour)
	if _, err := Measure(ctx, long, open, Options{}); !errors.Is(err, ErrTooLong) {
		t.Errorf("ten hours: %v", err)
	}
}

type full struct{ err error }

func (f full) WriteFrames([][]float32) error { return f.err }
func (f full) Close() error                  { return nil }

var errBroken = errors.New("broken")

type breaks struct {
	audio.Source
	after int
}

func (b *breaks) ReadFrames(dst [][]float32) (int, error) {
	if b.after--; b.after < 0 {
		return 0, errBroken
	}
	return b.Source.ReadFrames(dst)
}

// Silence, a track shorter than any window, and a side with nothing on it.
func TestOddAlbums(t *testing.T) {
	a, open := record(piece{length: 10 * time.Millisecond, wave: noise(0.5)})
	_, _, r, _ := press(t, a, open, Options{})
	if r.GainDB != 0 {
		t.Errorf("gain %v for 10 ms", r.GainDB)
	}
	a, open = record(piece{length: time.Second, wave: sine(440, 0)}, piece{length: time.Second, wave: sine(440, 0)})
	_, _, r, _ = press(t, a, open, Options{})
	if r.GainDB != 0 || !math.IsInf(r.Loudness, -1) {
		t.Errorf("silence: gain %v, loudness %v", r.GainDB, r.Loudness)
	}
}

// Blocks go round between three stages: however many tracks stand apart on a side, none is lost.
func TestManyTracksApart(t *testing.T) {
	var pieces []piece
	for range 24 {
		pieces = append(pieces, piece{length: 300 * time.Millisecond, wave: noise(0.2)})
	}
	a, open := record(pieces...)
	_, plan, r, _ := press(t, a, open, Options{Release: true})
	if n := len(plan.Sides[0].Tracks) + len(plan.Sides[1].Tracks); n != 24 {
		t.Errorf("%d tracks on the tape", n)
	}
	for i, side := range plan.Sides {
		if r.Sides[i].Duration != side.Length.Duration(plan.Rate) {
			t.Errorf("side %s plays %v, planned were %v", side.Name, r.Sides[i].Duration, side.Length.Duration(plan.Rate))
		}
	}
}

func TestProgress(t *testing.T) {
	a, open := record(piece{length: 6 * time.Second, wave: noise(0.1)})
	last := map[string]Progress{}
	press(t, a, open, Options{Progress: func(p Progress) {
		if p.Done < last[p.Stage].Done || p.Done > p.Total {
			t.Errorf("%+v after %+v", p, last[p.Stage])
		}
		last[p.Stage] = p
	}})
	for _, stage := range []string{"measure", "render"} {
		if p := last[stage]; p.Done == 0 || p.Done != p.Total {
			t.Errorf("%s ended at %+v", stage, p)
		}
	}
}

// Eight minutes need little more memory than none.
func TestMemoryIsBounded(t *testing.T) {
	a, open := longAlbum(4 * time.Minute)
	runtime.GC()
	peak := uint64(0)
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	watch := func(Progress) {
		metrics.Read(sample)
		peak = max(peak, sample[0].Value.Uint64())
	}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	ctx := context.Background()
	m, err := Measure(ctx, a, open, Options{Progress: watch})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Layout(a, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Render(ctx, a, m, plan, open, func(int) (audio.Sink, error) { return full{nil}, nil }, Options{Progress: watch}); err != nil {
		t.Fatal(err)
	}
	if used := (peak - before) >> 20; used > 16 {
		t.Errorf("the heap grew by %d MiB", used)
	} else {
		t.Logf("the heap grew by %d MiB", used)
	}
}

// Another program's meter agrees.
func TestFFmpegAgrees(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("needs ffmpeg")
	}
	a, open := record(
		piece{length: 16 * time.Second, wave: loop(4, drums(0.7))},
		piece{rate: 48000, length: 12 * time.Second, wave: drums(0.4)},
	)
	ctx := context.Background()
	m, err := Measure(ctx, a, open, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Layout(a, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names [2]string
	r, err := Render(ctx, a, m, p, open, func(side int) (audio.Sink, error) {
		names[side] = filepath.Join(t.TempDir(), "side.wav")
		f, err := os.Create(names[side])
		if err != nil {
			return nil, err
		}
		w, err := wav.NewWriter(f, wav.Config{Rate: p.Rate, Channels: 2, Bits: 16})
		return &fileSink{w, f}, err
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for side, name := range names {
		out, err := exec.Command(ffmpeg, "-hide_banner", "-nostats", "-i", name, "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		out = out[bytes.LastIndex(out, []byte("Summary:")):]
		read := func(pattern string) float64 {
			match := regexp.MustCompile(pattern + `:\s+(-?[\d.]+)`).FindSubmatch(out)
			if match == nil {
				t.Fatalf("no %s in %s", pattern, out)
			}
			v, _ := strconv.ParseFloat(string(match[1]), 64)
			return v
		}
		s := r.Sides[side]
		if d := read("I") - s.IntegratedLUFS; math.Abs(d) > 0.1 {
			t.Errorf("side %d: ffmpeg reads %.1f LUFS, we %.2f", side, read("I"), s.IntegratedLUFS)
		}
		if d := read("Peak") - s.TruePeakDBTP; math.Abs(d) > 0.2 || read("Peak") > -1.0 {
			t.Errorf("side %d: ffmpeg reads %.1f dBTP, we %.2f", side, read("Peak"), s.TruePeakDBTP)
		}
		if d := read("LRA") - s.RangeLU; math.Abs(d) > 0.3 {
			t.Errorf("side %d: ffmpeg reads %.1f LU, we %.2f", side, read("LRA"), s.RangeLU)
		}
	}
}

type fileSink struct {
	audio.Sink
	f *os.File
}

func (s *fileSink) Close() error {
	return errors.Join(s.Sink.Close(), s.f.Close())
}

// longAlbum is two long tracks that cost nothing to read.
func longAlbum(length time.Duration) (*album.Album, Opener) {
	wave := drums(0.7)
	var cycle [2][]float32
	for c := range cycle {
		for i := range 4 * 44100 {
			cycle[c] = append(cycle[c], float32(wave(c, float64(i)/44100)))
		}
	}
	return songs(length, length), func(_ context.Context, t album.Track) (audio.Source, error) {
		return &looped{sound: sound{format: t.Format, length: t.Frames}, cycle: cycle}, nil
	}
}

// BenchmarkPress is a whole measurement and rendering of two five-minute
// tracks, without decoding and writing.
func BenchmarkPress(b *testing.B) {
	a, open := longAlbum(5 * time.Minute)
	seconds := 0.0
	before := cpuSeconds()
	for b.Loop() {
		press := func() error {
			ctx := context.Background()
			m, err := Measure(ctx, a, open, Options{})
			if err != nil {
				return err
			}
			p, err := Layout(a, m, Options{})
			if err != nil {
				return err
			}
			_, err = Render(ctx, a, m, p, open, func(int) (audio.Sink, error) { return full{nil}, nil }, Options{})
			return err
		}
		if err := press(); err != nil {
			b.Fatal(err)
		}
		seconds += 600
	}
	b.ReportMetric(seconds/(cpuSeconds()-before), "x-realtime/cpu-s")
	b.ReportMetric(seconds/b.Elapsed().Seconds(), "x-realtime")
}

// cpuSeconds is the processor time that the process has used.
func cpuSeconds() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

type looped struct {
	sound
	cycle [2][]float32
}

func (l *looped) ReadFrames(dst [][]float32) (int, error) {
	if l.at == l.length {
		return 0, io.EOF
	}
	from := int(l.at) % len(l.cycle[0])
	n := min(len(dst[0]), len(l.cycle[0])-from, int(l.length-l.at))
	for c := range dst {
		copy(dst[c][:n], l.cycle[c][from:])
	}
	l.at += audio.Frames(n)
	return n, nil
}
