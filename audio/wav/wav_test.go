package wav

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
	"strings"
	"testing"

	"ferric/audio"
)

// chunk builds one RIFF chunk.
func chunk(id string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
	return append(append(b, body...), make([]byte, len(body)&1)...)
}

func riff(form string, chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte(form), uint32(len(body))), body...)
}

// fmtChunk builds a plain fmt chunk.
func fmtChunk(tag, channels, rate, align, bits int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*align))
	b = le.AppendUint16(b, uint16(align))
	return chunk("fmt ", le.AppendUint16(b, uint16(bits)))
}

// extensible builds a WAVE_FORMAT_EXTENSIBLE fmt chunk with a zero channel mask.
func extensible(tag, channels, rate, align, bits, valid int) []byte {
	le := binary.LittleEndian
	b := fmtChunk(tagExtensible, channels, rate, align, bits)[8:]
	b = le.AppendUint16(b, 22)
	b = le.AppendUint16(b, uint16(valid))
	b = le.AppendUint32(b, 0)
	b = le.AppendUint16(b, uint16(tag))
	return chunk("fmt ", append(b, guidTail...))
}

func aiffChunk(id string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte(id), uint32(len(body)))
	return append(append(b, body...), make([]byte, len(body)&1)...)
}

// rate441 is 44100 as an 80-bit number.
const rate441 = "\x40\x0e\xac\x44\x00\x00\x00\x00\x00\x00"

func aiff(form string, channels int, frames uint32, bits int, rate, coding string, sound []byte) []byte {
	be := binary.BigEndian
	comm := be.AppendUint16(nil, uint16(channels))
	comm = be.AppendUint32(comm, frames)
	comm = be.AppendUint16(comm, uint16(bits))
	comm = append(append(comm, rate...), coding...)
	if coding != "" {
		comm = append(comm, 0, 0)
	}
	body := append([]byte(form), aiffChunk("COMM", comm)...)
	body = append(body, aiffChunk("SSND", append(make([]byte, 8), sound...))...)
	return append(be.AppendUint32([]byte("FORM"), uint32(len(body))), body...)
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

// sample is test frame i of channel c, as an integer of 32 bits.
func sample(i, c int) int32 { return int32(uint32(i*2654435761+c*40503) * 2246822519) }

// Every coding, against the definition of its values.
func TestCodings(t *testing.T) {
	const frames, channels = 40000, 2
	for _, k := range []struct {
		name  string
		bytes int
		bits  int
		float bool
		put   func(b []byte, v int32) []byte
		want  func(v int32) float32
		file  func(sound []byte) []byte
	}{
		{"8", 1, 8, false, func(b []byte, v int32) []byte { return append(b, byte(v>>24)^0x80) }, nil,
			func(s []byte) []byte { return riff("RIFF", fmtChunk(1, channels, 44100, 2, 8), chunk("data", s)) }},
		{"16", 2, 16, false, func(b []byte, v int32) []byte { return append(b, byte(v>>16), byte(v>>24)) }, nil,
			func(s []byte) []byte { return riff("RIFF", fmtChunk(1, channels, 44100, 4, 16), chunk("data", s)) }},
		{"24", 3, 24, false, func(b []byte, v int32) []byte { return append(b, byte(v>>8), byte(v>>16), byte(v>>24)) }, nil,
			func(s []byte) []byte { return riff("RIFF", fmtChunk(1, channels, 44100, 6, 24), chunk("data", s)) }},
		{"24 in 32", 4, 24, false, func(b []byte, v int32) []byte { return binary.LittleEndian.AppendUint32(b, uint32(v)&^0xff) }, nil,
			func(s []byte) []byte { return riff("RIFF", fmtChunk(1, channels, 44100, 8, 24), chunk("data", s)) }},
		{"20 in 24, extensible", 3, 20, false, func(b []byte, v int32) []byte { return append(b, byte(v>>8)&0xf0, byte(v>>16), byte(v>>24)) }, nil,
			func(s []byte) []byte {
				return riff("RIFF", extensible(1, channels, 44100, 6, 24, 20), chunk("data", s))
			}},
		{"32", 4, 32, false, func(b []byte, v int32) []byte { return binary.LittleEndian.AppendUint32(b, uint32(v)) }, nil,
			func(s []byte) []byte { return riff("RIFF", fmtChunk(1, channels, 44100, 8, 32), chunk("data", s)) }},
		{"float", 4, 32, true, func(b []byte, v int32) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)/(1<<30)))
		}, func(v int32) float32 { return float32(v) / (1 << 30) },
			func(s []byte) []byte { return riff("RIFF", fmtChunk(3, channels, 44100, 8, 32), chunk("data", s)) }},
		{"double, extensible", 8, 64, true, func(b []byte, v int32) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(v)/(1<<31)))
		}, nil,
			func(s []byte) []byte {
				return riff("RIFF", extensible(3, channels, 44100, 16, 64, 64), chunk("data", s))
			}},
		{"AIFF 16", 2, 16, false, func(b []byte, v int32) []byte { return append(b, byte(v>>24), byte(v>>16)) }, nil,
			func(s []byte) []byte { return aiff("AIFF", channels, frames, 16, rate441, "", s) }},
		{"AIFF 8", 1, 8, false, func(b []byte, v int32) []byte { return append(b, byte(v>>24)) }, nil,
			func(s []byte) []byte { return aiff("AIFF", channels, frames, 8, rate441, "", s) }},
		{"AIFF-C in24", 3, 24, false, func(b []byte, v int32) []byte { return append(b, byte(v>>24), byte(v>>16), byte(v>>8)) }, nil,
			func(s []byte) []byte { return aiff("AIFC", channels, frames, 24, rate441, "in24", s) }},
		{"AIFF-C sowt", 2, 16, false, func(b []byte, v int32) []byte { return append(b, byte(v>>16), byte(v>>24)) }, nil,
			func(s []byte) []byte { return aiff("AIFC", channels, frames, 16, rate441, "sowt", s) }},
		{"AIFF-C in32", 4, 32, false, func(b []byte, v int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(v)) }, nil,
			func(s []byte) []byte { return aiff("AIFC", channels, frames, 32, rate441, "in32", s) }},
		{"AIFF-C fl32", 4, 32, true, func(b []byte, v int32) []byte {
			return binary.BigEndian.AppendUint32(b, math.Float32bits(float32(v)/(1<<31)))
		}, nil,
			func(s []byte) []byte { return aiff("AIFC", channels, frames, 32, rate441, "fl32", s) }},
		{"AIFF-C fl64", 8, 64, true, func(b []byte, v int32) []byte {
			return binary.BigEndian.AppendUint64(b, math.Float64bits(float64(v)/(1<<31)))
		}, nil,
			func(s []byte) []byte { return aiff("AIFC", channels, frames, 64, rate441, "fl64", s) }},
	} {
		t.Run(k.name, func(t *testing.T) {
			var sound []byte
			for i := range frames {
				for c := range channels {
					sound = k.put(sound, sample(i, c))
				}
			}
			file := k.file(sound)
			r, err := NewReader(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if f := r.Format(); f.Rate != 44100 || f.Bits != k.bits || f.Float != k.float || r.Length() != frames || !r.Complete() {
				t.Fatalf("format %+v, length %d", f, r.Length())
			}
			check := func(got [][]float32, from int) {
				t.Helper()
				if len(got[0]) != frames-from {
					t.Fatalf("%d frames, not %d", len(got[0]), frames-from)
				}
				for c := range got {
					for i, v := range got[c] {
						s := sample(i+from, c)
						want := float32(float64(s>>(32-min(k.bits, 32))) / math.Exp2(float64(min(k.bits, 32)-1)))
						if k.want != nil {
							want = k.want(s)
						}
						if v != want {
							t.Fatalf("frame %d of channel %d is %g, not %g", i+from, c, v, want)
						}
					}
				}
			}
			got, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			check(got, 0)
			r.SeekFrame(12345)
			if got, err = readAll(r); err != nil {
				t.Fatal(err)
			}
			check(got, 12345)

			// Cut off: the promise stands, and the end is an error that says how far the sound goes.
			cut := file[:len(file)-k.bytes*channels*10-1]
			if r, err = NewReader(bytes.NewReader(cut), int64(len(cut))); err != nil {
				t.Fatal(err)
			}
			got, err = readAll(r)
			if r.Length() != frames || len(got[0]) != frames-11 || !errors.Is(err, audio.ErrTruncated) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("cut file: length %d, %d frames, %v", r.Length(), len(got[0]), err)
			}
		})
	}
}

// Files that lie, each with what must come of it.
func TestHostile(t *testing.T) {
	sound := make([]byte, 4000)
	good := fmtChunk(1, 2, 44100, 4, 16)
	sized := func(size uint32) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte("data"), size), sound...)
	}
	ds64 := func(data uint64) []byte {
		le := binary.LittleEndian
		return chunk("ds64", append(le.AppendUint64(le.AppendUint64(le.AppendUint64(nil, 0), data), 0), 0, 0, 0, 0))
	}
	nan := binary.LittleEndian.AppendUint32(make([]byte, 80), 0x7fc00001)
	streamedFile := riff("RIFF", good, sized(math.MaxUint32))
	copy(streamedFile[4:], "\xff\xff\xff\xff")
	for _, k := range []struct {
		name   string
		file   []byte
		kind   error        // of NewReader or of reading
		length audio.Frames // when it opens
	}{
		{"empty", nil, audio.ErrFormat, 0},
		{"twelve bytes", []byte("RIFF\x04\x00\x00\x00WAVE"), audio.ErrFormat, 0},
		{"no fmt", riff("RIFF", chunk("data", sound)), audio.ErrFormat, 0},
		{"no data", riff("RIFF", good), audio.ErrFormat, 0},
		{"data of 0 bytes", riff("RIFF", good, chunk("data", nil)), nil, 0},
		{"data of 0 bytes, never filled in", func() []byte {
			b := riff("RIFF", good, sized(0))
			copy(b[4:], "\x00\x00\x00\x00")
			return b
		}(), nil, 1000},
		{"data of 0xffffffff", streamedFile, nil, 1000},
		{"data of sox's length in a pipe", func() []byte {
			b := riff("RIFF", good, sized(0x7ffff000))
			binary.LittleEndian.PutUint32(b[4:], 0x7ffff024)
			return b
		}(), nil, 1000},
		{"3 GB of which little is there", func() []byte {
			b := riff("RIFF", good, sized(3e9))
			binary.LittleEndian.PutUint32(b[4:], 3e9+36)
			return b
		}(), audio.ErrTruncated, 75e7},
		{"data larger than the file", riff("RIFF", good, sized(8000)), audio.ErrTruncated, 2000},
		{"RF64", riff("RF64", ds64(4000), good, sized(math.MaxUint32)), nil, 1000},
		{"BW64 that lies", riff("BW64", ds64(1<<40), good, sized(math.MaxUint32)), audio.ErrTruncated, 1 << 38},
		{"RF64 beyond all bounds", riff("RF64", ds64(1<<63+5), good, sized(math.MaxUint32)), audio.ErrFormat, 0},
		{"odd chunk without padding", riff("RIFF", []byte("bext\x03\x00\x00\x00abc"), good, chunk("data", sound)), nil, 1000},
		{"odd chunk with padding", riff("RIFF", chunk("bext", []byte("abc")), good, chunk("data", sound)), nil, 1000},
		{"fmt after data", riff("RIFF", chunk("data", sound), good), nil, 1000},
		{"a million chunks", riff("RIFF", bytes.Repeat(chunk("abcd", nil), 1e6), good, chunk("data", sound)), audio.ErrFormat, 0},
		{"block align 0", riff("RIFF", fmtChunk(1, 2, 44100, 0, 16), chunk("data", sound)), audio.ErrFormat, 0},
		{"0 bits", riff("RIFF", fmtChunk(1, 2, 44100, 4, 0), chunk("data", sound)), audio.ErrUnsupported, 0},
		{"rate 0", riff("RIFF", fmtChunk(1, 2, 0, 4, 16), chunk("data", sound)), audio.ErrUnsupported, 0},
		{"rate 4e9", riff("RIFF", fmtChunk(1, 2, 4e9, 4, 16), chunk("data", sound)), audio.ErrUnsupported, 0},
		{"0 channels", riff("RIFF", fmtChunk(1, 0, 44100, 0, 16), chunk("data", sound)), audio.ErrFormat, 0},
		{"65535 channels", riff("RIFF", fmtChunk(1, 65535, 44100, 65534, 16), chunk("data", sound)), audio.ErrUnsupported, 0},
		{"ADPCM", riff("RIFF", fmtChunk(2, 2, 44100, 4, 4), chunk("data", sound)), audio.ErrNeedsFFmpeg, 0},
		{"NaN", riff("RIFF", fmtChunk(3, 1, 44100, 4, 32), chunk("data", nan)), audio.ErrNotFinite, 21},
		{"AIFF rate NaN", aiff("AIFF", 2, 1000, 16, "\x7f\xff\xc0\x00\x00\x00\x00\x00\x00\x00", "", sound), audio.ErrFormat, 0},
		{"AIFF rate huge", aiff("AIFF", 2, 1000, 16, "\x7f\xfe\xff\xff\xff\xff\xff\xff\xff\xff", "", sound), audio.ErrUnsupported, 0},
		{"AIFF that lies", aiff("AIFF", 2, math.MaxUint32, 16, rate441, "", sound), audio.ErrTruncated, math.MaxUint32},
		{"AIFF-C ima4", aiff("AIFC", 2, 1000, 16, rate441, "ima4", sound), audio.ErrNeedsFFmpeg, 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			grown := allocated(func() {
				r, err := NewReader(bytes.NewReader(k.file), int64(len(k.file)))
				if err == nil {
					if r.Length() != k.length {
						t.Errorf("length %d, not %d", r.Length(), k.length)
					}
					_, err = readAll(r)
				}
				if !errors.Is(err, k.kind) {
					t.Errorf("%v, not %v", err, k.kind)
				}
				if err != nil && !errors.Is(err, audio.ErrRefused) {
					t.Errorf("%v is no refusal", err)
				}
			})
			if grown > 8<<20 {
				t.Errorf("took %d bytes of memory", grown)
			}
		})
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	f()
	runtime.ReadMemStats(&b)
	return b.TotalAlloc - a.TotalAlloc
}

// The place of a NaN is in the error.
func TestNotFiniteSaysWhere(t *testing.T) {
	sound := make([]byte, 4*44100)
	binary.LittleEndian.PutUint32(sound[4*22050:], 0x7f800000)
	file := riff("RIFF", fmtChunk(3, 1, 44100, 4, 32), chunk("data", sound))
	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(r)
	if len(got[0]) != 22050 || err == nil || !strings.Contains(err.Error(), "0:00.500") {
		t.Fatalf("%d frames, %v", len(got[0]), err)
	}
}

// seekBuffer is a file in memory.
type seekBuffer struct {
	b  []byte
	at int64
}

func (s *seekBuffer) Write(p []byte) (int, error) {
	if need := s.at + int64(len(p)); need > int64(len(s.b)) {
		s.b = append(s.b, make([]byte, need-int64(len(s.b)))...)
	}
	copy(s.b[s.at:], p)
	s.at += int64(len(p))
	return len(p), nil
}

func (s *seekBuffer) Seek(off int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		off += s.at
	case io.SeekEnd:
		off += int64(len(s.b))
	}
	s.at = off
	return off, nil
}

// What is written is read back: on the grid exactly, beyond full scale clipped.
func TestWriter(t *testing.T) {
	for _, cfg := range []Config{
		{Rate: 44100, Channels: 2},
		{Rate: 48000, Channels: 1, Bits: 24},
		{Rate: 96000, Channels: 3, Float: true},
	} {
		t.Run(fmt.Sprintf("%d channels, %d bits", cfg.Channels, cfg.Bits), func(t *testing.T) {
			bits := cfg.Bits
			if bits == 0 {
				bits = 16
			}
			const n = 30001 // odd: the 24-bit mono data chunk needs padding
			in := audio.NewBlock(cfg.Channels, n)
			for c := range in {
				for i := range in[c] {
					in[c][i] = float32(sample(i, c)>>(32-bits)) / float32(int(1)<<(bits-1))
				}
			}
			in[0][0], in[0][1] = 1.5, -1.5
			cfg.Cues = []Cue{{0, "Side A"}, {1000, "Żółć"}}
			var buf seekBuffer
			buf.Write([]byte("in front")) // the file need not begin at 0
			w, err := NewWriter(&buf, cfg)
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < n; at += 7777 {
				if err := w.WriteFrames(audio.Window(nil, in, at, min(n, at+7777))); err != nil {
					t.Fatal(err)
				}
			}
			w.AddCue(20000, "")
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			file := buf.b[8:]
			if want := int64(binary.LittleEndian.Uint32(file[4:])) + 8; want != int64(len(file)) {
				t.Fatalf("RIFF says %d bytes of %d", want, len(file))
			}
			r, err := NewReader(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if f := r.Format(); f.Rate != cfg.Rate || f.Channels != cfg.Channels || r.Length() != n || f.Float != cfg.Float {
				t.Fatalf("format %+v, %d frames", f, r.Length())
			}
			got, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if !cfg.Float {
				in[0][0], in[0][1] = 1-1/float32(int(1)<<(bits-1)), -1
			}
			for c := range in {
				for i := range in[c] {
					if in[c][i] != got[c][i] {
						t.Fatalf("frame %d of channel %d: %g came back as %g", i, c, in[c][i], got[c][i])
					}
				}
			}
			var ids []string
			for _, k := range r.Chunks() {
				ids = append(ids, k.ID)
			}
			if strings.Join(ids, " ") != "JUNK cue  LIST" {
				t.Fatalf("chunks %q", ids)
			}
			list := r.Chunks()[2]
			if !bytes.Contains(file[list.Offset:list.Offset+list.Size], []byte("Żółć\x00")) {
				t.Fatal("label lost")
			}
			if err := w.WriteFrames(in); err == nil {
				t.Fatal("wrote after Close")
			}
		})
	}
}

func TestWriterRefusesNaN(t *testing.T) {
	w, err := NewWriter(&seekBuffer{}, Config{Rate: 44100, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteFrames([][]float32{{0, float32(math.NaN())}}); !errors.Is(err, audio.ErrNotFinite) {
		t.Fatal(err)
	}
}

// hollow is a file that keeps only its first bytes, and its length.
type hollow struct {
	head     [4096]byte
	at, size int64
}

func (h *hollow) Write(p []byte) (int, error) {
	if h.at < int64(len(h.head)) {
		copy(h.head[h.at:], p)
	}
	h.at += int64(len(p))
	h.size = max(h.size, h.at)
	return len(p), nil
}

func (h *hollow) Seek(off int64, whence int) (int64, error) {
	if whence == io.SeekCurrent {
		off += h.at
	}
	h.at = off
	return off, nil
}

// ReadAt gives zeros behind the head.
func (h *hollow) ReadAt(p []byte, off int64) (int, error) {
	n := int(min(int64(len(p)), max(0, h.size-off)))
	clear(p[:n])
	if off < int64(len(h.head)) {
		copy(p[:n], h.head[off:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Beyond 4 GiB the file is RF64, and reads back as long as it is.
func TestLongFileIsRF64(t *testing.T) {
	var h hollow
	w, err := NewWriter(&h, Config{Rate: 384000, Channels: 8, Float: true})
	if err != nil {
		t.Fatal(err)
	}
	// The sound itself is zeros, so the writer's own buffers may pass for it.
	const frames = 1<<27 + 1000
	block := audio.NewBlock(8, 1<<20)
	w.WriteFrames(audio.Window(nil, block, 0, 1000))
	for range frames / len(block[0]) {
		w.data += 32 << 20
		h.at += 32 << 20
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if string(h.head[:4]) != "RF64" || string(h.head[12:16]) != "ds64" {
		t.Fatalf("begins %q, %q", h.head[:4], h.head[12:16])
	}
	r, err := NewReader(&h, h.size)
	if err != nil {
		t.Fatal(err)
	}
	if r.Length() != frames || r.Format().Rate != 384000 {
		t.Fatalf("%d frames of %d at %d Hz", r.Length(), frames, r.Format().Rate)
	}
}

// Other programs read what we write, cue points and all.
func TestOtherPrograms(t *testing.T) {
	for _, p := range []string{"sox", "ffmpeg"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("needs " + p)
		}
	}
	for _, cfg := range []Config{
		{Rate: 44100, Channels: 2, Bits: 16}, {Rate: 48000, Channels: 2, Bits: 24}, {Rate: 8000, Channels: 1, Float: true},
	} {
		path := filepath.Join(t.TempDir(), "x.wav")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Cues = []Cue{{10, "one"}, {20, "two"}}
		w, err := NewWriter(f, cfg)
		if err != nil {
			t.Fatal(err)
		}
		in := audio.NewBlock(cfg.Channels, 12345)
		for c := range in {
			for i := range in[c] {
				in[c][i] = float32(sample(i, c)>>16) / (1 << 15)
			}
		}
		w.WriteFrames(in)
		if err := errors.Join(w.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("sox", "--i", "-s", path).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != "12345" {
			t.Fatalf("sox: %s %v", out, err)
		}
		raw, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-c:a", "pcm_f32le", "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		got := audio.NewBlock(cfg.Channels, 12345)
		if len(raw) != 12345*cfg.Channels*4 || Float32LE(got, raw) >= 0 {
			t.Fatalf("ffmpeg read %d bytes", len(raw))
		}
		for c := range in {
			for i := range in[c] {
				if in[c][i] != got[c][i] {
					t.Fatalf("ffmpeg reads frame %d as %g, not %g", i, got[c][i], in[c][i])
				}
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(riff("RIFF", fmtChunk(1, 2, 44100, 4, 16), chunk("data", make([]byte, 400))))
	f.Add(riff("RF64", chunk("ds64", make([]byte, 28)), extensible(3, 1, 48000, 8, 64, 64), chunk("data", make([]byte, 401))))
	f.Add(aiff("AIFF", 2, 100, 24, rate441, "", make([]byte, 600)))
	f.Add(aiff("AIFC", 1, 100, 16, rate441, "sowt", make([]byte, 200)))
	f.Add([]byte(w64Riff + strings.Repeat("\x00", 24) + "fmt " + w64Tail + "\x28\x00\x00\x00\x00\x00\x00\x00" + string(fmtChunk(1, 1, 8000, 2, 16)[8:]) + "data" + w64Tail + "\x20\x00\x00\x00\x00\x00\x00\x0012345678"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			if !errors.Is(err, audio.ErrRefused) {
				t.Fatalf("%v is no refusal", err)
			}
			return
		}
		if f := r.Format(); f.Channels < 1 || f.Channels > audio.MaxChannels {
			t.Fatal(f)
		}
		got, err := readAll(r)
		if n := audio.Frames(len(got[0])); err == nil && n != r.Length() || n > r.Length() {
			t.Fatalf("%d frames of %d, %v", n, r.Length(), err)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	const frames = 1 << 20
	file := riff("RIFF", fmtChunk(1, 2, 44100, 6, 24), chunk("data", make([]byte, frames*6)))
	block := audio.NewBlock(2, 4096)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)))
		for err == nil {
			_, err = r.ReadFrames(block)
		}
	}
	b.ReportMetric(frames/44100.0*float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
}

func BenchmarkWriter(b *testing.B) {
	block := audio.NewBlock(2, 1<<20)
	b.SetBytes(6 << 20)
	for b.Loop() {
		w, err := NewWriter(&hollow{}, Config{Rate: 44100, Channels: 2, Bits: 24})
		if err != nil {
			b.Fatal(err)
		}
		w.WriteFrames(block)
		w.Close()
	}
	b.ReportMetric((1<<20)/44100.0*float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
}
