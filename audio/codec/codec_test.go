package codec

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"ferric/audio"
	"ferric/audio/wav"
)

func readAll(src audio.Source) ([][]float32, error) {
	ch := src.Format().Channels
	out := make([][]float32, ch)
	block := audio.NewBlock(ch, 777)
	for {
		n, err := src.ReadFrames(block)
		for c := range out {
			out[c] = append(out[c], block[c][:n]...)
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// music is a test signal: tones, drum hits (which make codecs switch blocks), noise, silence.
func music(channels, frames int, rate float64) [][]float32 {
	out := audio.NewBlock(channels, frames)
	seed := uint64(1)
	for i := range frames {
		t := float64(i) / rate
		hit := math.Exp(-30 * math.Mod(t, 0.21))
		for c := range channels {
			seed = seed*6364136223846793005 + 1442695040888963407
			noise := float64(int64(seed)>>40) / (1 << 23)
			v := 0.3*math.Sin(2*math.Pi*440*t+float64(c)) + 0.1*math.Sin(2*math.Pi*(500+300*t)*t) + 0.3*hit*noise
			if i/20000 == 2 {
				v = 0
			}
			out[c][i] = float32(math.RoundToEven(v*(1<<23)) / (1 << 23))
		}
	}
	return out
}

// save writes music to a WAV file.
func save(t testing.TB, path string, in [][]float32, rate audio.Rate, bits int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := wav.NewWriter(f, wav.Config{Rate: rate, Channels: len(in), Bits: bits})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WriteFrames(in), w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("needs " + p)
		}
	}
}

func run(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, said.String())
	}
	return out
}

// peer is what ffmpeg makes of a file.
func peer(t testing.TB, path string, channels int, input ...string) [][]float32 {
	raw := run(t, "ffmpeg", append(input, "-v", "error", "-i", path, "-c:a", "pcm_f32le", "-f", "f32le", "-")...)
	out := audio.NewBlock(channels, len(raw)/4/channels)
	for i := range out[0] {
		for c := range out {
			out[c][i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[(i*channels+c)*4:]))
		}
	}
	return out
}

// snr is 20·log10 of want's level over that of its difference from got; +Inf when they are the same.
func snr(want, got [][]float32) float64 {
	var s, e float64
	for c := range want {
		for i, w := range want[c] {
			d := float64(w) - float64(got[c][i])
			s += float64(w) * float64(w)
			e += d * d
		}
	}
	return 10 * math.Log10(s/e)
}

// The tones in testdata (ffmpeg's encoders, half a second of 1 kHz at amplitude
// 0.5) come out as the sine they were: at its frequency, level, length and place.
func TestTones(t *testing.T) {
	for _, k := range []struct {
		file   string
		codec  string
		rate   audio.Rate
		frames int
		snr    float64
	}{
		{"tone.mp3", "mp3", 44100, 22050, 45}, {"tone22.mp3", "mp3", 22050, 11025, 40},
		{"tone.ogg", "vorbis", 44100, 22050, 25}, {"tone.opus", "opus", 48000, 24000, 25},
	} {
		t.Run(k.file, func(t *testing.T) {
			f, err := Open(context.Background(), filepath.Join("testdata", k.file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Format() != (audio.Format{Rate: k.rate, Channels: 1, Codec: k.codec}) || f.Length() != audio.Frames(k.frames) {
				t.Fatalf("%+v, %d frames", f.Format(), f.Length())
			}
			got, err := readAll(f)
			if err != nil || len(got[0]) != k.frames {
				t.Fatalf("%d frames, %v", len(got[0]), err)
			}
			want := audio.NewBlock(1, k.frames)
			for i := range want[0] {
				want[0][i] = float32(0.5 * math.Sin(2*math.Pi*1000*float64(i)/float64(k.rate)))
			}
			// The ends ring; the place is right when the middle fits. LAME lowers the level by 5 %.
			m := k.frames / 10
			want, mid := audio.Window(nil, want, m, k.frames-m), audio.Window(nil, got, m, k.frames-m)
			var dot, power float64
			for i, v := range want[0] {
				dot += float64(v) * float64(mid[0][i])
				power += float64(v) * float64(v)
			}
			gain := dot / power
			for i := range want[0] {
				want[0][i] *= float32(gain)
			}
			if r := snr(want, mid); r < k.snr || gain < 0.94 || gain > 1.01 {
				t.Errorf("%.1f dB from the sine, not %.0f, at a level of %.3f", r, k.snr, gain)
			}
			for _, at := range []int{k.frames / 2, 100, k.frames} {
				if err := f.SeekFrame(audio.Frames(at)); err != nil {
					t.Fatal(err)
				}
				rest, err := readAll(f)
				if err != nil || len(rest[0]) != k.frames-at {
					t.Fatalf("%d frames from %d on, %v", len(rest[0]), at, err)
				}
				for i, v := range rest[0] {
					if v != got[0][at+i] {
						t.Fatalf("frame %d is another after a seek to %d", at+i, at)
					}
				}
			}
		})
	}
}

// Every codec and depth, made by ffmpeg. The lossless give back the source to the
// bit; the lossy are as near to ffmpeg's own decoding as float arithmetic gets, and to the same sample.
func TestAgainstFFmpeg(t *testing.T) {
	need(t, "ffmpeg")
	const lossless = 0
	type file struct {
		name, args string
		snr        float64
	}
	for _, k := range []struct {
		rate     audio.Rate
		channels int
		bits     int
		files    []file
	}{
		{44100, 2, 16, []file{
			{"a.wav", "-c:a pcm_s16le", lossless}, {"b.wav", "-c:a pcm_s24le", lossless}, {"c.wav", "-c:a pcm_s32le", lossless},
			{"d.wav", "-c:a pcm_f32le", lossless}, {"e.wav", "-c:a pcm_f64le", lossless}, {"f.wav", "-c:a pcm_s24le -rf64 always", lossless},
			{"g.w64", "-c:a pcm_s24le", lossless}, {"h.aiff", "-c:a pcm_s16be", lossless}, {"i.aiff", "-c:a pcm_s16le", lossless},
			{"j.aiff", "-c:a pcm_f64be", lossless}, {"k.flac", "-sample_fmt s16", lossless},
			{"l.mp3", "-b:a 128k -joint_stereo 1", 100}, {"m.mp3", "-b:a 320k -joint_stereo 0", 100}, {"n.mp3", "-b:a 128k -write_xing 0", 100},
			{"o.mp3", "-q:a 2 -id3v2_version 3 -write_id3v1 1 -metadata title=x", 100}, {"p.ogg", "-c:a libvorbis -q:a 5", 110},
		}},
		{96000, 2, 24, []file{{"a.wav", "-c:a pcm_s24le", lossless}, {"b.aiff", "-c:a pcm_s24be", lossless}, {"c.flac", "-sample_fmt s32", lossless}}},
		{192000, 1, 24, []file{{"a.aiff", "-c:a pcm_f32be", lossless}, {"b.wav", "-c:a pcm_s32le", lossless}}},
		{48000, 6, 16, []file{{"a.wav", "-c:a pcm_s32le", lossless}, {"b.ogg", "-c:a libvorbis -q:a 10", 110}, {"c.opus", "-c:a libopus -b:a 256k -mapping_family 1", 60}}},
		{44100, 8, 16, []file{{"a.flac", "-sample_fmt s16", lossless}}},
		{44100, 1, 8, []file{{"a.wav", "-c:a pcm_u8", lossless}, {"b.aiff", "-c:a pcm_s8", lossless}}},
		{48000, 2, 24, []file{{"a.opus", "-c:a libopus -b:a 128k", 80}, {"b.opus", "-c:a libopus -b:a 96k -frame_duration 60", 80}, {"c.opus", "-c:a libopus -b:a 16k -application voip", 70}}},
		{48000, 1, 24, []file{{"a.mp3", "-q:a 2", 100}, {"b.opus", "-c:a libopus -b:a 64k", 80}}},
		{32000, 2, 24, []file{{"a.mp3", "-b:a 96k", 100}}},
		{22050, 2, 24, []file{{"a.mp3", "-b:a 64k", 100}}},
		{22050, 1, 24, []file{{"a.ogg", "-c:a libvorbis -q:a 0", 110}}},
		{11025, 1, 24, []file{{"a.mp3", "-b:a 32k", 100}}},
		{8000, 2, 24, []file{{"a.mp3", "-b:a 24k", 100}}},
	} {
		t.Run(fmt.Sprintf("%d Hz, %d channels", k.rate, k.channels), func(t *testing.T) {
			dir := t.TempDir()
			src := filepath.Join(dir, "src.wav")
			in := music(k.channels, 2*int(k.rate)-123, float64(k.rate))
			for c := range in {
				for i, v := range in[c] {
					in[c][i] = float32(audio.Quantise(v, k.bits)) / float32(int(1)<<(k.bits-1))
				}
			}
			save(t, src, in, k.rate, 24)
			args := []string{"-v", "error", "-y", "-guess_layout_max", "8", "-i", src}
			for _, f := range k.files {
				args = append(append(args, strings.Fields(f.args)...), filepath.Join(dir, f.name))
			}
			run(t, "ffmpeg", args...)
			for _, want := range k.files {
				f, err := Open(context.Background(), filepath.Join(dir, want.name), Options{})
				if err != nil {
					t.Fatal(err)
				}
				got, err := readAll(f)
				if err != nil {
					t.Fatal(err)
				}
				f.Close()
				ref := in
				if want.snr != lossless {
					var input []string
					if strings.HasSuffix(want.name, ".opus") && k.channels <= 2 {
						input = []string{"-c:a", "libopus"} // the reference; ffmpeg's own differs in transients
					}
					ref = peer(t, f.name, k.channels, input...)
				}
				if k.rate >= 16000 && !strings.Contains(want.args, "write_xing 0") && len(got[0]) != len(in[0]) {
					t.Errorf("%s: %d frames of the source's %d", want.name, len(got[0]), len(in[0]))
				}
				if f.Format().Rate != k.rate || len(got) != k.channels || len(got[0]) != len(ref[0]) || f.Length() != audio.Frames(len(got[0])) {
					t.Errorf("%s: %d frames of a promised %d, not %d; %+v", want.name, len(got[0]), f.Length(), len(ref[0]), f.Format())
					continue
				}
				if r := snr(ref, got); want.snr == lossless && !math.IsInf(r, 1) || r < want.snr {
					t.Errorf("%s: %.1f dB from what it should be", want.name, r)
				}
			}
		})
	}
}

// No encoder at hand writes intensity stereo, so plain stereo frames are relabelled: what
// was a scale factor is a position then, and ffmpeg must hear the same nonsense.
func TestIntensityStereo(t *testing.T) {
	need(t, "ffmpeg")
	dir := t.TempDir()
	for _, k := range []struct {
		rate   audio.Rate
		kbit   int
		header int // bytes before "Info"
		snr    float64
	}{
		{44100, 128, 36, 100},
		{22050, 64, 21, 40}, // the standard keeps the highest position of each length for "none"; ffmpeg, those over 15
	} {
		src, path := filepath.Join(dir, "src.wav"), filepath.Join(dir, "x.mp3")
		save(t, src, music(2, 2*int(k.rate), float64(k.rate)), k.rate, 24)
		run(t, "ffmpeg", "-v", "error", "-y", "-i", src, "-b:a", fmt.Sprint(k.kbit, "k"), "-joint_stereo", "0", "-id3v2_version", "0", "-write_id3v1", "0", path)
		plain, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []byte{0x50, 0x70} { // intensity; and middle and side below it
			file := bytes.Clone(plain)
			for p := 0; p+4 <= len(file) && file[p] == 0xff; {
				if string(file[p+k.header:p+k.header+4]) != "Info" {
					file[p+3] = file[p+3]&0x0f | mode
				}
				p += 144*k.kbit*1000/44100 + int(file[p+2]>>1&1) // the same at half the rate, for half the samples
			}
			os.WriteFile(path, file, 0o600)
			f, err := New(bytes.NewReader(file), int64(len(file)), path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readAll(f)
			if err != nil {
				t.Fatal(err)
			}
			want := peer(t, path, 2)
			if r := snr(want, got); len(got[0]) != len(want[0]) || r < k.snr || snr(peer(t, src, 2), got) > 20 {
				t.Errorf("%d Hz, mode %x: %d frames, %.1f dB from ffmpeg", k.rate, mode, len(got[0]), r)
			}
		}
	}
}

// What Ferric does not decode goes through ffmpeg where that is allowed, and is refused by name where not.
func TestForeignFormats(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	for head, name := range map[string]string{
		"\x00\x00\x00\x20ftypM4A ": "MP4 (AAC or ALAC)", "wvpk": "WavPack", "MAC ": "Monkey's Audio", "DSD ": "DSD",
		"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "Windows Media", "\xff\xf1\x50\x80": "AAC", "\xff\xfd\x90\x00": "MPEG audio layer II",
		"\xff\xfb\x00\x00": "free-format MP3", "OggS and then something else": "Ogg",
	} {
		path := filepath.Join(dir, "x")
		os.WriteFile(path, append([]byte(head), make([]byte, 3000)...), 0o600)
		_, err := Open(ctx, path, Options{})
		if !errors.Is(err, ErrNeedsFFmpeg) || !strings.Contains(err.Error(), name+": install ffmpeg") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}

	alaw := "RIFF\xff\xff\x00\x00WAVEfmt \x10\x00\x00\x00\x06\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x00\x08\x00\x00"
	inWAV := filepath.Join(dir, "alaw.wav")
	os.WriteFile(inWAV, append([]byte(alaw), make([]byte, 2048)...), 0o600)
	if _, err := Open(ctx, inWAV, Options{}); !errors.Is(err, ErrNeedsFFmpeg) || !strings.Contains(err.Error(), "A-law in WAV: install ffmpeg") {
		t.Errorf("A-law in WAV: %v", err)
	}

	path := filepath.Join(dir, "text.mp3")
	os.WriteFile(path, bytes.Repeat([]byte("this is no sound. "), 1000), 0o600)
	if _, err := Open(ctx, path, Options{}); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}

	need(t, "ffmpeg")
	ffmpeg, _ := exec.LookPath("ffmpeg")
	in := music(2, 100_001, 44100)
	src, alac := filepath.Join(dir, "src.wav"), filepath.Join(dir, "-i; $(x) 'a'.m4a")
	save(t, src, in, 44100, 16)
	run(t, ffmpeg, "-v", "error", "-i", src, "-c:a", "alac", "file:"+alac)
	want := peer(t, src, 2)
	f, err := Open(ctx, alac, Options{FFmpeg: ffmpeg})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 { // and once more from the start
		got, err := readAll(f)
		if err != nil || f.Format().Rate != 44100 || len(got[0]) != len(want[0]) || !math.IsInf(snr(want, got), 1) {
			t.Fatalf("%d frames of %d, %v", len(got[0]), len(want[0]), err)
		}
		if err := f.SeekFrame(0); err != nil {
			t.Fatal(err)
		}
	}
	if n, _, err := Length(ctx, inWAV, Options{FFmpeg: ffmpeg}); n != 2048 || err != nil {
		t.Errorf("A-law in WAV: %d frames, %v", n, err)
	}
	if n, _, err := Length(ctx, alac, Options{FFmpeg: ffmpeg}); n != 100_001 || err != nil {
		t.Errorf("%d frames, %v", n, err)
	}

	if _, err := Open(ctx, path, Options{FFmpeg: ffmpeg}); !errors.Is(err, ErrFormat) {
		t.Errorf("text as sound: %v", err)
	}
	list := filepath.Join(dir, "list.m3u8") // must not reach the network
	os.WriteFile(list, []byte("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n"), 0o600)
	if _, err := Open(ctx, list, Options{FFmpeg: ffmpeg}); !errors.Is(err, ErrRefused) {
		t.Errorf("a playlist: %v", err)
	}
	aac := filepath.Join(dir, "part.aac")
	run(t, ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "file:"+aac)
	for name, text := range map[string]string{ // nor another file
		"list.m4a": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://" + aac + "\n#EXT-X-ENDLIST\n",
		"list.mka": "ffconcat version 1.0\nfile part.aac\n",
	} {
		list := filepath.Join(dir, name)
		os.WriteFile(list, []byte(text), 0o600)
		if _, err := Open(ctx, list, Options{FFmpeg: ffmpeg}); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "0x") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(ctx, alac, Options{FFmpeg: ffmpeg, FFmpegLimit: time.Nanosecond}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no time: %v", err)
	}
	if _, err := Open(ctx, alac, Options{FFmpeg: filepath.Join(dir, "none")}); !errors.Is(err, ErrNeedsFFmpeg) {
		t.Errorf("no such program: %v", err)
	}
}

// An open that nobody reads to the end leaves no ffmpeg behind.
func TestCloseEndsFFmpeg(t *testing.T) {
	need(t, "ffmpeg")
	ffmpeg, _ := exec.LookPath("ffmpeg")
	path := filepath.Join(t.TempDir(), "x.mka")
	run(t, ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine=d=600", "-c:a", "pcm_s16le", path)
	f, err := Open(context.Background(), path, Options{FFmpeg: ffmpeg})
	if err != nil {
		t.Fatal(err)
	}
	f.ReadFrames(audio.NewBlock(1, 100))
	pid := f.src.(*piped).cmd.Process.Pid
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("ffmpeg still runs")
	}
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pages gives the offsets of the pages of an Ogg file.
func pages(b []byte) (at []int) {
	for p := 0; p+27 <= len(b) && string(b[p:p+4]) == "OggS"; {
		at = append(at, p)
		n := 27 + int(b[p+26])
		for _, l := range b[p+27 : p+n] {
			n += int(l)
		}
		p += n
	}
	return at
}

// reseal gives the page at p its right checksum.
func reseal(b []byte, p int) {
	n := 27 + int(b[p+26])
	for _, l := range b[p+27 : p+n] {
		n += int(l)
	}
	clear(b[p+22 : p+26])
	var c uint32
	for _, v := range b[p : p+n] {
		c ^= uint32(v) << 24
		for range 8 {
			if c>>31 != 0 {
				c = c<<1 ^ 0x04c11db7
			} else {
				c <<= 1
			}
		}
	}
	binary.LittleEndian.PutUint32(b[p+22:], c)
}

// Files that lie: what comes of each, and how much memory it may cost.
func TestHostile(t *testing.T) {
	mp3, vorbis, opus := fixture(t, "tone.mp3"), fixture(t, "tone.ogg"), fixture(t, "tone.opus")
	change := func(b []byte, f func(b []byte) []byte) []byte { return f(bytes.Clone(b)) }
	id3 := []byte("ID3\x04\x00\x00\x00\x00\x00\x0a0123456789")
	body := bytes.Index(mp3, []byte{0xff, 0xfb})
	sound := mp3[body:]
	xing := bytes.Index(mp3, []byte("Info"))
	last := pages(vorbis)[len(pages(vorbis))-1]

	for _, k := range []struct {
		name   string
		file   []byte
		kind   error
		frames int // read before the error; -1: any number
	}{
		{"0 bytes", nil, ErrFormat, 0},
		{"ID3 that declares 256 MB", []byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7fabc"), ErrNeedsFFmpeg, 0},
		{"10,000 ID3 tags", append(bytes.Repeat(id3, 10000), sound...), nil, 22050},
		{"ID3 of size 0, again and again", append(bytes.Repeat([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), 10000), sound...), nil, 22050},
		{"APE and ID3v1 at the end", append(bytes.Clone(mp3), "APETAGEX\xd0\x07\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"+"TAG"+strings.Repeat("x", 125)...), nil, 22050},
		{"rubbish between frames", append(append(bytes.Clone(mp3), bytes.Repeat([]byte("rubbish"), 100)...), sound...), nil, -1},
		{"two files in one", append(bytes.Clone(mp3), mp3...), nil, -1},
		{"MP3 cut in a frame", mp3[:len(mp3)-30], ErrTruncated, -1},
		{"Xing that promises 2^32-1 frames", change(mp3, func(b []byte) []byte { copy(b[xing+8:], "\xff\xff\xff\xff"); return b }), ErrTruncated, -1},
		{"Xing that promises nothing", change(mp3, func(b []byte) []byte { copy(b[xing+8:], "\x00\x00\x00\x00"); return b }), nil, -1},
		{"a row of heads", bytes.Repeat([]byte{0xff, 0xfb, 0x90, 0x00}, 30000), nil, -1},
		{"Ogg page lost", change(vorbis, func(b []byte) []byte { p := pages(b); return append(b[:p[1]], b[p[2]:]...) }), ErrFormat, -1},
		{"Ogg page with a wrong bit", change(vorbis, func(b []byte) []byte { b[last+100] ^= 1; return b }), ErrFormat, -1},
		{"Ogg cut in a page", vorbis[:len(vorbis)-20], ErrTruncated, -1},
		{"Ogg without its last page", vorbis[:last], ErrTruncated, -1},
		{"Opus without its last page", opus[:pages(opus)[len(pages(opus))-1]], ErrTruncated, -1},
		{"Ogg cut in its headers", vorbis[:pages(vorbis)[1]+40], ErrTruncated, 0},
		{"granule going back", change(vorbis, func(b []byte) []byte {
			binary.LittleEndian.PutUint64(b[last+6:], 5)
			reseal(b, last)
			return b
		}), nil, -1},
		{"chained", append(bytes.Clone(vorbis), vorbis...), nil, 2 * 22050},
		{"chained Opus", append(bytes.Clone(opus), opus...), nil, 2 * 24000},
		{"a thousand chained", bytes.Repeat(opus, 1000), ErrUnsupported, 256 * 24000},
		{"chained, cut in the second", append(bytes.Clone(vorbis), vorbis[:last]...), ErrTruncated, -1},
		{"chained after a tag", append(append(bytes.Clone(vorbis), "TAG"...), make([]byte, 125)...), nil, 22050},
		{"lacing of 255 to the end", func() []byte {
			b := bytes.Clone(opus[:pages(opus)[2]])
			for i := range 300 {
				p := len(b)
				page := make([]byte, 27+255+255*255)
				copy(page, "OggS\x00")
				if i > 0 {
					page[5] = 1
				}
				copy(page[6:14], "\xff\xff\xff\xff\xff\xff\xff\xff")
				copy(page[14:18], opus[14:18])
				binary.LittleEndian.PutUint32(page[18:], uint32(i+2))
				page[26] = 255
				for k := range 255 {
					page[27+k] = 255
				}
				b = append(b, page...)
				reseal(b, p)
			}
			return b
		}(), ErrTruncated, 0},
		{"0 channels of Opus", change(opus, func(b []byte) []byte { b[28+9] = 0; reseal(b, 0); return b }), ErrFormat, 0},
		{"255 channels of Opus", change(opus, func(b []byte) []byte { b[28+9] = 255; reseal(b, 0); return b }), ErrUnsupported, 0},
		{"Vorbis at 1 Hz", change(vorbis, func(b []byte) []byte { copy(b[28+12:], "\x01\x00\x00\x00"); reseal(b, 0); return b }), ErrUnsupported, 0},
		{"Vorbis blocks of 32768", change(vorbis, func(b []byte) []byte { b[28+28] = 0xff; reseal(b, 0); return b }), ErrFormat, 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			var a, b runtime.MemStats
			runtime.ReadMemStats(&a)
			f, err := New(bytes.NewReader(k.file), int64(len(k.file)), "the file")
			frames := 0
			if err == nil {
				block := audio.NewBlock(f.Format().Channels, 4096)
				for err == nil {
					var n int
					n, err = f.ReadFrames(block)
					frames += n
				}
				if err == io.EOF {
					err = nil
					if n := f.Length(); n >= 0 && n != audio.Frames(frames) {
						t.Errorf("%d frames, not the promised %d", frames, n)
					}
				}
			}
			runtime.ReadMemStats(&b)
			if !errors.Is(err, k.kind) || k.frames >= 0 && frames != k.frames {
				t.Errorf("%d frames and %v, not %d and %v", frames, err, k.frames, k.kind)
			}
			if err != nil && !strings.Contains(err.Error(), "the file") {
				t.Errorf("%v does not name the file", err)
			}
			if got := b.TotalAlloc - a.TotalAlloc; got > 64*uint64(len(k.file))+32<<20 {
				t.Errorf("took %d bytes of memory", got)
			}
		})
	}
}

// Length counts where the file does not say.
func TestLength(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chained.ogg")
	b := fixture(t, "tone.ogg")
	os.WriteFile(path, append(b, b...), 0o600)
	if n, f, err := Length(context.Background(), path, Options{}); n != 44100 || f.Codec != "vorbis" || err != nil {
		t.Errorf("%d frames, %+v, %v", n, f, err)
	}
	if _, _, err := Length(context.Background(), filepath.Dir(path), Options{}); !errors.Is(err, ErrRefused) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(context.Background(), "nowhere", Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// endless is a WAV file of ten hours that takes no space.
type endless struct {
	head []byte
	size int64
}

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	n := int(min(int64(len(p)), e.size-off))
	clear(p[:n])
	if off < int64(len(e.head)) {
		copy(p[:n], e.head[off:])
	}
	return n, nil
}

// Ten hours stream through little memory.
func TestTenHours(t *testing.T) {
	const frames = 36000 * 8000
	head := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data")
	head = binary.LittleEndian.AppendUint32(head, frames)
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	f, err := New(endless{head, frames + 44}, frames+44, "long")
	if err != nil {
		t.Fatal(err)
	}
	n, err := count(f)
	runtime.ReadMemStats(&b)
	if n != frames || err != nil || b.TotalAlloc-a.TotalAlloc > 1<<20 {
		t.Errorf("%d frames, %v, %d bytes", n, err, b.TotalAlloc-a.TotalAlloc)
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"tone.mp3", "tone22.mp3", "tone.ogg", "tone.opus"} {
		f.Add(fixture(f, name))
	}
	f.Add([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x04\x00\x00\x00abcd"))
	f.Fuzz(func(t *testing.T, file []byte) {
		// Ogg pages get their checksums, without which nothing behind them is reached.
		for _, p := range pages(file) {
			if n := p + 27 + int(file[p+26]); n <= len(file) {
				for _, l := range file[p+27 : n] {
					n += int(l)
				}
				if n <= len(file) {
					file = bytes.Clone(file)
					reseal(file, p)
				}
			}
		}
		s, err := New(bytes.NewReader(file), int64(len(file)), "x")
		if err == nil {
			_, err = count(s)
		}
		if err != nil && !errors.Is(err, ErrRefused) {
			t.Fatalf("%v is no refusal", err)
		}
	})
}

// BenchmarkDecode is each format's speed, in seconds of stereo 44.1 (Opus: 48) kHz sound a second of processor time.
func BenchmarkDecode(b *testing.B) {
	need(b, "ffmpeg")
	const seconds = 20
	dir := b.TempDir()
	src := filepath.Join(dir, "src.wav")
	save(b, src, music(2, seconds*44100, 44100), 44100, 24)
	for _, k := range []struct{ name, args string }{
		{"wav16.wav", "-c:a pcm_s16le"}, {"wav24.wav", "-c:a pcm_s24le"}, {"aiff24.aiff", "-c:a pcm_s24be"},
		{"flac24.flac", "-sample_fmt s32"}, {"mp3-192.mp3", "-b:a 192k"}, {"vorbis-q5.ogg", "-c:a libvorbis -q:a 5"}, {"opus-128.opus", "-c:a libopus -b:a 128k"},
	} {
		path := filepath.Join(dir, k.name)
		run(b, "ffmpeg", append(append([]string{"-v", "error", "-y", "-i", src}, strings.Fields(k.args)...), path)...)
		file, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.TrimSuffix(k.name, filepath.Ext(k.name)), func(b *testing.B) {
			block := audio.NewBlock(2, 4096)
			start := cpu()
			for b.Loop() {
				f, err := New(bytes.NewReader(file), int64(len(file)), k.name)
				for err == nil {
					_, err = f.ReadFrames(block)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
			b.ReportMetric(seconds*float64(b.N)/(cpu()-start), "x-realtime/cpu-s")
		})
	}
}

func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
