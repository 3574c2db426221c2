package audio

import (
	"errors"
	"io"
	"math"
	"testing"
	"time"
)

func TestQuantise(t *testing.T) {
	for _, k := range []struct {
		v    float32
		bits int
		want int32
	}{
		{0, 16, 0}, {1, 16, 32767}, {-1, 16, -32768}, {2, 16, 32767}, {-2, 24, -1 << 23}, {1e30, 24, 1<<23 - 1},
		{0.5 / 32768, 16, 0}, {1.5 / 32768, 16, 2}, {2.5 / 32768, 16, 2}, {-0.5 / 32768, 16, 0}, {-1.5 / 32768, 16, -2}, // halves to even
		{0.75 / 32768, 16, 1}, {-0.75 / 32768, 16, -1}, {float32(math.Inf(1)), 16, 32767},
	} {
		if got := Quantise(k.v, k.bits); got != k.want {
			t.Errorf("%g in %d bits is %d, not %d", k.v, k.bits, got, k.want)
		}
	}
	for i := int32(-1 << 23); i < 1<<23; i += 77 { // the grid stays where it is
		if got := Quantise(float32(i)/(1<<23), 24); got != i {
			t.Fatalf("%d became %d", i, got)
		}
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0:00.000", 62500 * time.Millisecond: "1:02.500", 3600 * time.Second: "1:00:00.000",
		59*time.Minute + 59*time.Second + 999600*time.Microsecond: "1:00:00.000",
	} {
		if got := Clock(d); got != want {
			t.Errorf("%v is %q, not %q", d, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	e := Truncated("WAV", 44100, 88200, 44100)
	e.File = "song.wav"
	if want := "song.wav: WAV: sound of 0:02.000 breaks off at 0:01.000"; e.Error() != want {
		t.Errorf("%q, not %q", e.Error(), want)
	}
	for _, target := range []error{ErrTruncated, ErrRefused, io.ErrUnexpectedEOF} {
		if !errors.Is(e, target) {
			t.Errorf("is no %v", target)
		}
	}
	if errors.Is(e, ErrFormat) || errors.Is(Malformed("WAV", "x"), io.ErrUnexpectedEOF) {
		t.Error("is what it is not")
	}
}

func TestFramesAndTime(t *testing.T) {
	for _, r := range []Rate{8000, 44100, 48000, 384000} {
		for _, f := range []Frames{0, 1, 44099, 1 << 40} {
			if got := r.Frames(f.Duration(r)); got != f {
				t.Errorf("%d frames at %d Hz became %d", f, r, got)
			}
		}
	}
}
