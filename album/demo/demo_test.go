package demo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/album"
	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/loudness"
)

// memory is a folder that is not there.
type memory struct {
	mu    sync.Mutex
	files map[string]*memoryFile
	fail  string // the file that cannot be made
}

var errFull = errors.New("disk full")

func (m *memory) create(name string) (File, error) {
	if name == m.fail {
		return nil, errFull
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f := &memoryFile{}
	m.files[name] = f
	return f, nil
}

type memoryFile struct {
	b      []byte
	at     int64
	closed bool
}

func (f *memoryFile) Write(p []byte) (int, error) {
	if need := int(f.at) + len(p); need > len(f.b) {
		f.b = append(f.b, make([]byte, need-len(f.b))...)
	}
	f.at += int64(copy(f.b[f.at:], p))
	return len(p), nil
}

func (f *memoryFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += int64(len(f.b))
	}
	f.at = offset
	return offset, nil
}

func (f *memoryFile) Close() error { f.closed = true; return nil }

func write(t testing.TB, o Options) map[string]*memoryFile {
	t.Helper()
	m := &memory{files: map[string]*memoryFile{}}
	if err := Write(t.Context(), m.create, o); err != nil {
		t.Fatal(err)
	}
	for name, f := range m.files {
		if !f.closed {
			t.Errorf("%s was left open", name)
		}
	}
	return m.files
}

// sound decodes a file.
func sound(t testing.TB, f *memoryFile) [][]float32 {
	t.Helper()
	r, err := flac.NewReader(bytes.NewReader(f.b), int64(len(f.b)))
	if err != nil {
		t.Fatal(err)
	}
	r.CheckMD5()
	x := audio.NewBlock(2, int(r.Length()))
	block := audio.NewBlock(2, 4096)
	for at := 0; ; {
		n, err := r.ReadFrames(block)
		if err == io.EOF && at == len(x[0]) {
			return x
		}
		if err != nil {
			t.Fatal(err)
		}
		for c := range x {
			copy(x[c][at:], block[c][:n])
		}
		at += n
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	one := write(t, Options{Seed: 7, Excerpt: 700 * time.Millisecond})
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again := write(t, Options{Seed: 7, Excerpt: 700 * time.Millisecond})
	other := write(t, Options{Seed: 8, Excerpt: 700 * time.Millisecond})
	if len(one) != 10 {
		t.Fatalf("%d files: %v", len(one), slices.Sorted(maps.Keys(one)))
	}
	for name, f := range one {
		if !bytes.Equal(f.b, again[name].b) {
			t.Errorf("%s: the same seed gave other bytes on one processor", name)
		}
		if name != "release.toml" && bytes.Equal(f.b, other[name].b) {
			t.Errorf("%s: another seed gave the same bytes", name)
		}
	}
}

func TestLength(t *testing.T) {
	k := newKit()
	var all audio.Frames
	n := 0
	for seed := range 3 {
		all, n = 0, 0
		for i, m := range movements {
			for _, sp := range m(k, dice(seed).at(i)).spans(0) {
				long := sp.to - sp.from
				if s := long.Seconds(rate); s < 200 || s > 360 {
					t.Errorf("%s lasts %.0f s", tracks[n].title, s)
				}
				all += long
				n++
			}
		}
		if d := all.Duration(rate); n != 8 || d < 35*time.Minute || d > 40*time.Minute {
			t.Errorf("seed %d: %d pieces, %v", seed, n, d)
		}
	}
	t.Logf("%v", all.Duration(rate))
}

// The two pieces of the last movement, cut, are the movement.
func TestSeam(t *testing.T) {
	const excerpt = 2634 * time.Millisecond // no multiple of a block
	files := write(t, Options{Seed: 1, Excerpt: excerpt})
	before, after := sound(t, files[tracks[6].file(7)]), sound(t, files[tracks[7].file(8)])
	s := viaduct(newKit(), dice(1).at(7))
	n := audio.Rate(rate).Frames(excerpt)
	from, to := s.cuts[1]-n, s.cuts[1]+n
	var whole [2][]float32
	err := s.render(t.Context(), from, to, func(_ audio.Frames, l, r []float32) error {
		whole[0], whole[1] = append(whole[0], l...), append(whole[1], r...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for c := range whole {
		joined := slices.Concat(before[c], after[c])
		for i, x := range joined[:int(n)+100] { // later the excerpt fades out
			if math.Abs(float64(x-whole[c][i])) > 1.0/(1<<23) {
				t.Fatalf("channel %d, frame %d: %g in the files, %g in the movement", c, i, x, whole[c][i])
			}
		}
	}
}

// Characters of the pieces, by measurement of twenty seconds out of each.
func TestCharacters(t *testing.T) {
	if testing.Short() {
		t.Skip("renders minutes of music")
	}
	files := write(t, Options{Seed: 1, Excerpt: 15 * time.Second})
	var lufs, pitch [8]float64
	for i, p := range tracks {
		x := sound(t, files[p.file(i+1)])
		m, err := loudness.New(rate, 2, loudness.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.WriteFrames(x); err != nil {
			t.Fatal(err)
		}
		lufs[i], pitch[i] = m.Result().Integrated(), rmsFrequency(x[0])
		peak, sum, cross, power := 0.0, 0.0, 0.0, 0.0
		for k, l := range x[0] {
			l, r := float64(l), float64(x[1][k])
			peak = max(peak, math.Abs(l), math.Abs(r))
			sum += l
			cross += l * r
			power += (l*l + r*r) / 2
		}
		t.Logf("%-30s %6.1f LUFS  peak %5.1f dBFS  %5.0f Hz  correlation %.2f", p.title, lufs[i], audio.DB(peak), pitch[i], cross/power)
		if audio.DB(peak) > -1 {
			t.Errorf("%s: peak %.2f dBFS", p.title, audio.DB(peak))
		}
		if dc := math.Abs(sum) / float64(len(x[0])); audio.DB(dc) > -70 {
			t.Errorf("%s: offset %.0f dBFS", p.title, audio.DB(dc))
		}
		if cross/power < 0.1 {
			t.Errorf("%s: channels correlate by %.2f; a mono machine would lose it", p.title, cross/power)
		}
	}
	for i, l := range lufs {
		switch {
		case i == 5 && (l < -36 || l > -26):
			t.Errorf("the quiet piece has %.1f LUFS", l)
		case i < 5 && (l < -22 || l > -11), i > 5 && (l < -30 || l > -20): // the last two are heard round their seam, where little plays
			t.Errorf("%s has %.1f LUFS", tracks[i].title, l)
		case i != 4 && pitch[i] > pitch[4]*0.7:
			t.Errorf("%s (%.0f Hz) is nearly as bright as the bright piece (%.0f Hz)", tracks[i].title, pitch[i], pitch[4])
		}
	}
}

// rmsFrequency is the root of the mean squared frequency, weighted by power: a
// sine of frequency f has a difference between neighbours of 2·sin(pi·f/rate) times itself.
func rmsFrequency(x []float32) float64 {
	var power, diff float64
	for i := 1; i < len(x); i++ {
		d := float64(x[i]) - float64(x[i-1])
		diff += d * d
		power += float64(x[i]) * float64(x[i])
	}
	return rate / math.Pi * math.Asin(math.Sqrt(diff/power)/2)
}

// The folder is an album to the package that reads albums: tags, order, cover and release.toml.
func TestReadsAsAlbum(t *testing.T) {
	dir := t.TempDir()
	create := func(name string) (File, error) { return os.Create(filepath.Join(dir, name)) }
	var told []audio.Frames
	err := Write(t.Context(), create, Options{Excerpt: 300 * time.Millisecond, Progress: func(done, total audio.Frames) { told = append(told, done, total) }})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(told); n < 2 || told[n-1] != told[n-2] {
		t.Errorf("progress ended with %v", told)
	}
	a, notices, err := album.Read(t.Context(), dir, album.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notices {
		t.Errorf("notice: %+v", n)
	}
	if a.Title != Title || a.Artist != Artist || a.Label != Label || a.Catalogue != Catalogue || a.Year != 2026 {
		t.Errorf("read %q by %q, %q %q, %d", a.Title, a.Artist, a.Label, a.Catalogue, a.Year)
	}
	if a.Cover == nil || a.Cover.Width != coverSize/5 || a.Cover.MIME != "image/png" {
		t.Errorf("cover %+v", a.Cover)
	}
	if len(a.Tracks) != len(tracks) {
		t.Fatalf("%d tracks", len(a.Tracks))
	}
	for i, tr := range a.Tracks {
		if tr.Title != tracks[i].title || tr.Number != i+1 || tr.Format.Bits != 24 || tr.Format.Rate != rate || tr.Format.Channels != 2 {
			t.Errorf("track %d: %+v", i+1, tr)
		}
	}
	t.Run("flac -t", func(t *testing.T) {
		if _, err := exec.LookPath("flac"); err != nil {
			t.Skip("needs flac")
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*.flac"))
		if out, err := exec.Command("flac", append([]string{"-st"}, files...)...).CombinedOutput(); err != nil {
			t.Errorf("flac -t: %v\n%s", err, out)
		}
	})
}

func TestStopsAndFails(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	m := &memory{files: map[string]*memoryFile{}}
	err := Write(ctx, m.create, Options{Progress: func(audio.Frames, audio.Frames) { stop() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, name := range []string{"cover.png", "release.toml", tracks[7].file(8)} {
		m := &memory{files: map[string]*memoryFile{}, fail: name}
		if err := Write(t.Context(), m.create, Options{Excerpt: 50 * time.Millisecond}); !errors.Is(err, errFull) {
			t.Errorf("%s cannot be made: %v", name, err)
		}
	}
}

// The release.toml names the files that are written.
func TestReleaseNamesFiles(t *testing.T) {
	for i, p := range tracks {
		if !strings.Contains(releaseTOML, `"`+p.file(i+1)+`"`) {
			t.Errorf("release.toml does not name %s", p.file(i+1))
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	var frames audio.Frames
	for b.Loop() {
		write(b, Options{Excerpt: 10 * time.Second, Progress: func(_, total audio.Frames) { frames = total }})
	}
	b.ReportMetric(frames.Seconds(rate)*float64(b.N)/b.Elapsed().Seconds(), "x-realtime/s")
}

func BenchmarkRender(b *testing.B) {
	k := newKit()
	for i, m := range movements {
		b.Run(tracks[i].name, func(b *testing.B) {
			const n = 10 * rate
			for b.Loop() {
				s := m(k, 1)
				from := s.spans(10 * time.Second)[0].from
				if err := s.render(b.Context(), from, from+n, func(audio.Frames, []float32, []float32) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "x-realtime/s")
		})
	}
}

// TestSingle: the single is an album of its own that reads without a finding.
func TestSingle(t *testing.T) {
	files := write(t, Options{Seed: 1, Single: true, Excerpt: 300 * time.Millisecond})
	want := []string{"01-hazel-and-wire.flac", "02-small-hours.flac", "cover.png", "release.toml"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	other := write(t, Options{Seed: 1, Excerpt: 300 * time.Millisecond})
	if bytes.Equal(files["cover.png"].b, other["cover.png"].b) {
		t.Error("the single has the album's cover")
	}
}
