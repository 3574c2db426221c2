package flac

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ferric/audio"
)

// music is a test signal on the grid of bits: two tones, noise under them, silence, full scale, one channel alone.
func music(channels, frames, bits int) [][]float32 {
	full := float64(int64(1) << (bits - 1))
	out := audio.NewBlock(channels, frames)
	seed := uint64(1)
	for i := range frames {
		t := float64(i) / 44100
		for c := range channels {
			seed = seed*6364136223846793005 + 1442695040888963407
			noise := float64(int64(seed)>>40) / (1 << 23)
			v := 0.4*math.Sin(2*math.Pi*440*t+float64(c)) + 0.2*math.Sin(2*math.Pi*1733*t) + 0.01*noise
			switch part := i / 5000; {
			case part%7 == 3:
				v = 0
			case part%7 == 4:
				v = noise * 1.2
			case part%7 == 5 && c > 0:
				v = 0.25
			}
			out[c][i] = float32(max(-full, min(full-1, math.Round(v*full))) / full)
		}
	}
	return out
}

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

func same(t *testing.T, want, got [][]float32) {
	t.Helper()
	if len(want) != len(got) || len(want[0]) != len(got[0]) {
		t.Fatalf("%d channels of %d frames, not %d of %d", len(got), len(got[0]), len(want), len(want[0]))
	}
	for c := range want {
		for i := range want[c] {
			if want[c][i] != got[c][i] {
				t.Fatalf("frame %d of channel %d is %g, not %g", i, c, got[c][i], want[c][i])
			}
		}
	}
}

func encode(t testing.TB, in [][]float32, cfg Config) []byte {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "x.flac"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cfg.Channels = len(in)
	w, err := NewWriter(f, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for at, step := 0, 1; at < len(in[0]); step = step%20000 + 997 {
		n := min(len(in[0]), at+step)
		if err := w.WriteFrames(audio.Window(nil, in, at, n)); err != nil {
			t.Fatal(err)
		}
		at = n
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t testing.TB, file []byte) *Reader {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is written is read back to the bit, with the right MD5, whatever the number of workers.
func TestRoundTrip(t *testing.T) {
	for _, k := range []struct{ channels, bits, frames int }{
		{2, 16, 100001}, {2, 24, 200000}, {1, 24, 4096}, {6, 16, 30000}, {2, 16, 7}, {2, 16, 0},
	} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			in := music(k.channels, k.frames, k.bits)
			cfg := Config{Rate: 44100, Bits: k.bits, Workers: 1, Tags: []Tag{{"TITLE", "Réel"}}}
			file := encode(t, in, cfg)
			cfg.Workers = 3
			if !bytes.Equal(file, encode(t, in, cfg)) {
				t.Fatal("three workers give other bytes")
			}
			r := open(t, file)
			if k.frames > 0 {
				r.CheckMD5()
				if r.sum == nil {
					t.Fatal("no MD5")
				}
				if r.Length() != audio.Frames(k.frames) {
					t.Fatalf("length %d", r.Length())
				}
			}
			got, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if k.frames > 0 {
				same(t, in, got)
			}
		})
	}
}

// Any frame can be sought, with and without the seek table, and a table that lies does no harm.
func TestSeek(t *testing.T) {
	in := music(2, 1_000_000, 16)
	file := encode(t, in, Config{Rate: 44100})
	bare := bytes.Clone(file)
	lying := bytes.Clone(file)
	at := bytes.Index(file, []byte{BlockSeekTable, 0, 0x4b, 0xf0}) // 1080 points
	if at < 0 {
		t.Fatal("no seek table")
	}
	bare[at] = BlockPadding
	for i := range 5 {
		lying[at+4+18*i+15] ^= 0x55 // offsets
	}
	for name, f := range map[string][]byte{"table": file, "bare": bare, "lying": lying} {
		r := open(t, f)
		block := audio.NewBlock(2, 100)
		for _, to := range []int{0, 1, 4095, 4096, 500_000, 999_999, 3, 123_456, 700_001} {
			if err := r.SeekFrame(audio.Frames(to)); err != nil {
				t.Fatal(err)
			}
			n, err := r.ReadFrames(block)
			if err != nil {
				t.Fatalf("%s, frame %d: %v", name, to, err)
			}
			same(t, audio.Window(nil, in, to, to+n), audio.Window(nil, block, 0, n))
		}
		r.SeekFrame(1_000_000)
		if _, err := r.ReadFrames(block); err != io.EOF {
			t.Fatal(err)
		}
	}
}

// Cue points and the cover are where readers look for them.
func TestMetadata(t *testing.T) {
	cover := bytes.Repeat([]byte("JPEG"), 1000)
	file := encode(t, music(2, 50000, 16), Config{
		Rate: 44100, Cues: []Cue{{0, "One"}, {22050, "Two"}},
		Cover: &Picture{MIME: "image/jpeg", Width: 10, Height: 10, Data: cover}, Tags: []Tag{{"ALBUM", "X"}},
	})
	r := open(t, file)
	kinds := map[int][]byte{}
	for _, b := range r.Blocks() {
		kinds[b.Kind] = file[b.Offset : b.Offset+b.Size]
	}
	for _, want := range []string{"ALBUM=X", "CHAPTER002=00:00:00.500", "CHAPTER002NAME=Two"} {
		if !bytes.Contains(kinds[BlockVorbisComment], []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	if !bytes.HasSuffix(kinds[BlockPicture], cover) {
		t.Error("no cover")
	}
	sheet := kinds[BlockCueSheet]
	if len(sheet) != 396+2*48+36 || binary.BigEndian.Uint64(sheet[396+48:]) != 22050 || binary.BigEndian.Uint64(sheet[396+96:]) != 50000 {
		t.Errorf("cue sheet of %d bytes", len(sheet))
	}
	if _, err := exec.LookPath("flac"); err != nil {
		t.Skip("needs flac")
	}
	path := filepath.Join(t.TempDir(), "x.flac")
	os.WriteFile(path, file, 0o600)
	if out, err := exec.Command("flac", "-t", "--silent", "--warnings-as-errors", path).CombinedOutput(); err != nil {
		t.Fatalf("flac -t: %s", out)
	}
}

// Everything the reference encoder makes is decoded to the bit, and ours is as small as its -5.
func TestAgainstFlac(t *testing.T) {
	for _, p := range []string{"flac", "ffmpeg"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("needs " + p)
		}
	}
	dir := t.TempDir()
	for _, k := range []struct {
		channels, bits int
		args           string
	}{
		{2, 16, "-0"}, {2, 16, "-5"}, {2, 24, "-8 -p -e"}, {2, 24, "-5 --blocksize=65535 --lax"}, {2, 16, "--blocksize=16 --lax -l 0"},
		{1, 8, "-5"}, {8, 16, "-5"}, {2, 24, "-l 32 --lax -r 15"}, {2, 8, "-3"}, {2, 32, "-5"}, {2, 32, "-5 --no-mid-side"},
		{2, 24, "-5 --no-seektable --no-md5-sum"}, {2, 16, "-5 --disable-fixed-subframes"}, {2, 16, "--disable-constant-subframes -5"},
	} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			frames := 70000
			if strings.Contains(k.args, "=16 ") {
				frames = 5000
			}
			in := music(k.channels, frames, min(k.bits, 24))
			bytes := (k.bits + 7) / 8
			var raw []byte
			for i := range frames {
				for c := range in {
					v := int64(float64(in[c][i]) * math.Exp2(float64(k.bits-1)))
					for b := range bytes {
						raw = append(raw, byte(v>>(8*b)))
					}
				}
			}
			src, dst := filepath.Join(dir, "in.raw"), filepath.Join(dir, "x.flac")
			os.WriteFile(src, raw, 0o600)
			args := append(strings.Fields(k.args), "-s", "-f", "--force-raw-format", "--endian=little", "--sign=signed",
				fmt.Sprint("--channels=", k.channels), fmt.Sprint("--bps=", k.bits), "--sample-rate=44100", "-o", dst, src)
			if out, err := exec.Command("flac", args...).CombinedOutput(); err != nil {
				t.Fatalf("flac %v: %s", args, out)
			}
			file, _ := os.ReadFile(dst)
			r := open(t, file)
			if !strings.Contains(k.args, "no-md5") {
				r.CheckMD5()
			}
			got, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			same(t, in, got)
			if k.args == "-5" && k.channels == 2 && k.bits <= 24 {
				if ours := encode(t, in, Config{Rate: 44100, Bits: k.bits}); len(ours)-seekUnknown*18 > len(file)+len(file)/100 {
					t.Errorf("%d bytes; flac -5 needs %d", len(ours)-seekUnknown*18, len(file))
				}
			}
		})
	}
}

// build makes a FLAC file of the given metadata blocks and audio.
func build(blocks [][]byte, sound []byte) []byte {
	out := []byte("fLaC")
	for i, b := range blocks {
		b = bytes.Clone(b)
		if i == len(blocks)-1 {
			b[0] |= 0x80
		}
		out = append(out, b...)
	}
	return append(out, sound...)
}

func block(kind byte, body []byte) []byte {
	return append([]byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

// info makes a STREAMINFO block.
func info(rate, channels, bits int, length uint64) []byte {
	b := []byte{0x10, 0, 0x10, 0, 0, 0, 0, 0, 0, 0}
	b = binary.BigEndian.AppendUint64(b, uint64(rate)<<44|uint64(channels-1)<<41|uint64(bits-1)<<36|length)
	return block(BlockStreamInfo, append(b, make([]byte, 16)...))
}

// constant makes a frame of one constant mono subframe; head is what stands between the sync and the number.
func constant(b1, b2, b3 byte, number byte, size []byte) []byte {
	f := append([]byte{0xff, b1, b2, b3, number}, size...)
	f = append(f, crc8(f))
	f = append(f, 0, 0x12, 0x34) // constant subframe, 16 bits
	return binary.BigEndian.AppendUint16(f, crc16(0, f))
}

func TestHostile(t *testing.T) {
	in := music(2, 20000, 16)
	good := encode(t, in, Config{Rate: 44100})
	sound := open(t, good).sound
	flip := func(at int, bit byte) []byte {
		b := bytes.Clone(good)
		b[at] ^= bit
		return b
	}
	one := constant(0xf8, 0xc9, 0x08, 0, nil) // 4096 samples, 44.1 kHz, mono, 16 bits
	mono := info(44100, 1, 16, 0)
	for _, k := range []struct {
		name   string
		file   []byte
		kind   error
		frames int // read before the error
	}{
		{"a constant frame", build([][]byte{mono}, one), nil, 4096},
		{"with an ID3v1 tag behind", build([][]byte{mono}, append(bytes.Clone(one), "TAG and more"...)), nil, 4096},
		{"with rubbish behind", build([][]byte{mono}, append(bytes.Clone(one), "rubbish that is no frame"...)), audio.ErrFormat, 4096},
		{"49 bytes with a picture of 2 GiB", build([][]byte{info(44100, 2, 16, 0), {BlockPicture, 0xff, 0xff, 0xff, 0x7f}}, nil), audio.ErrTruncated, 0},
		{"no STREAMINFO", build([][]byte{block(BlockPadding, make([]byte, 10))}, one), audio.ErrFormat, 0},
		{"late STREAMINFO", build([][]byte{block(BlockPadding, nil), mono}, one), audio.ErrFormat, 0},
		{"two STREAMINFO", build([][]byte{mono, mono}, one), audio.ErrFormat, 0},
		{"short STREAMINFO", build([][]byte{block(0, make([]byte, 30))}, one), audio.ErrFormat, 0},
		{"a million blocks", build(append([][]byte{mono}, func() (b [][]byte) {
			for range 100000 {
				b = append(b, block(BlockPadding, nil))
			}
			return b
		}()...), one), audio.ErrFormat, 0},
		{"block kind 127", build([][]byte{mono, block(127, nil)}, one), audio.ErrFormat, 0},
		{"rate 0", build([][]byte{info(0, 1, 16, 0)}, one), audio.ErrUnsupported, 0},
		{"2 bits", build([][]byte{info(44100, 1, 2, 0)}, one), audio.ErrFormat, 0},
		{"comment count of 2^32-1", build([][]byte{mono, block(BlockVorbisComment, bytes.Repeat([]byte{0xff}, 20))}, one), nil, 4096},
		{"a block of one sample", build([][]byte{mono}, constant(0xf8, 0x69, 0x08, 0, []byte{0})), nil, 1},
		{"a block of 65536 samples", build([][]byte{mono}, constant(0xf8, 0x79, 0x08, 0, []byte{0xff, 0xff})), audio.ErrFormat, 0},
		{"the rate changes", build([][]byte{mono}, append(bytes.Clone(one), constant(0xf8, 0xca, 0x08, 1, nil)...)), audio.ErrUnsupported, 4096},
		{"the channels change", build([][]byte{mono}, append(bytes.Clone(one), constant(0xf8, 0xc9, 0x18, 1, nil)...)), audio.ErrUnsupported, 4096},
		{"the width changes", build([][]byte{mono}, append(bytes.Clone(one), constant(0xf8, 0xc9, 0x0c, 1, nil)...)), audio.ErrUnsupported, 4096},
		{"less sound than promised", build([][]byte{info(44100, 1, 16, 9000)}, one), audio.ErrTruncated, 4096},
		{"more sound than promised", build([][]byte{info(44100, 1, 16, 1000)}, one), audio.ErrFormat, 0},
		{"a frame more than promised", build([][]byte{info(44100, 1, 16, 4096)}, slices.Concat(one, one)), audio.ErrFormat, 4096},
		{"no frame behind the promised", build([][]byte{info(44100, 1, 16, 4096)}, slices.Concat(one, []byte("what some other program added"))), nil, 4096},
		{"cut in a frame's head", build([][]byte{mono}, one[:5]), audio.ErrTruncated, 0},
		{"cut in the last frame", good[:len(good)-5], audio.ErrTruncated, 16384},
		{"a wrong bit in the sound", flip(int(sound)+20, 1), audio.ErrFormat, 0},
		{"a wrong bit in a frame's head", flip(int(sound)+3, 1), audio.ErrFormat, 0},
		{"a wrong MD5", flip(8+20, 1), audio.ErrFormat, 20000},
	} {
		t.Run(k.name, func(t *testing.T) {
			var a, b runtime.MemStats
			runtime.ReadMemStats(&a)
			r, err := NewReader(bytes.NewReader(k.file), int64(len(k.file)))
			frames := 0
			if err == nil {
				r.CheckMD5()
				var got [][]float32
				got, err = readAll(r)
				frames = len(got[0])
			}
			runtime.ReadMemStats(&b)
			if !errors.Is(err, k.kind) || frames != k.frames {
				t.Errorf("%d frames and %v, not %d and %v", frames, err, k.frames, k.kind)
			}
			if got := b.TotalAlloc - a.TotalAlloc; got > 8<<20 {
				t.Errorf("took %d bytes of memory", got)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	for _, n := range []uint64{0, 127, 128, 2047, 2048, 65535, 65536, 1<<21 - 1, 1 << 21, 1<<31 - 1, 1 << 31, 1<<36 - 1} {
		b := append(appendNumber([]byte{0xff, 0xf8, 0xc9, 0x08}, n), 0)
		b[len(b)-1] = crc8(b[:len(b)-1])
		h, why := parseHeader(b, &Info{Rate: 44100, Channels: 1, Bits: 16})
		if why != "" || h.number != n {
			t.Errorf("%d came back as %d (%s)", n, h.number, why)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(encode(f, music(2, 3000, 16), Config{Rate: 44100, Workers: 1}))
	f.Add(encode(f, music(1, 2000, 24), Config{Rate: 44100, Workers: 1}))
	f.Add(build([][]byte{info(44100, 1, 16, 0)}, constant(0xf8, 0xc9, 0x08, 0, nil)))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			_, err = readAll(r)
			r.SeekFrame(1000)
			readAll(r)
		}
		if err != nil && !errors.Is(err, audio.ErrRefused) {
			t.Fatalf("%v is no refusal", err)
		}
	})
}

// cpu is the processor time this process has used, in seconds.
func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func BenchmarkDecode(b *testing.B) {
	const frames = 20 * 44100
	for _, bits := range []int{16, 24} {
		file := encode(b, music(2, frames, bits), Config{Rate: 44100, Bits: bits})
		for _, check := range []bool{false, true} {
			b.Run(fmt.Sprintf("bits=%d/md5=%v", bits, check), func(b *testing.B) {
				block := audio.NewBlock(2, 4096)
				start := cpu()
				for b.Loop() {
					r := open(b, file)
					if check {
						r.CheckMD5()
					}
					for {
						if _, err := r.ReadFrames(block); err != nil {
							break
						}
					}
				}
				b.ReportMetric(frames/44100.0*float64(b.N)/(cpu()-start), "x-realtime/cpu-s")
			})
		}
	}
}

// nowhere is a file that forgets.
type nowhere struct{ at int64 }

func (n *nowhere) Write(p []byte) (int, error) { n.at += int64(len(p)); return len(p), nil }
func (n *nowhere) Seek(off int64, whence int) (int64, error) {
	if whence == io.SeekCurrent {
		off += n.at
	}
	n.at = off
	return off, nil
}

func BenchmarkEncode(b *testing.B) {
	const frames = 20 * 44100
	for _, bits := range []int{16, 24} {
		in := music(2, frames, bits)
		b.Run(fmt.Sprintf("bits=%d", bits), func(b *testing.B) {
			start := cpu()
			for b.Loop() {
				w, err := NewWriter(&nowhere{}, Config{Rate: 44100, Channels: 2, Bits: bits})
				if err != nil {
					b.Fatal(err)
				}
				w.WriteFrames(in)
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(frames/44100.0*float64(b.N)/(cpu()-start), "x-realtime/cpu-s")
			b.ReportMetric(frames/44100.0*float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
		})
	}
}
