package main

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"ferric/deck"
)

// instance is the compiled deck, run by a WebAssembly runtime in Go.
type instance struct {
	t   *testing.T
	ctx context.Context
	mod api.Module
}

func compile(t *testing.T) []byte {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs go")
	}
	out := filepath.Join(t.TempDir(), "deck.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags", "-s -w", "-o", out, ".")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (in *instance) call(name string, args ...uint64) uint64 {
	in.t.Helper()
	out, err := in.mod.ExportedFunction(name).Call(in.ctx, args...)
	if err != nil {
		in.t.Fatalf("%s: %v", name, err)
	}
	if len(out) == 0 {
		return 0
	}
	return out[0]
}

func (in *instance) write(s string) uint64 {
	if !in.mod.Memory().Write(uint32(in.call("text_at")), []byte(s)) {
		in.t.Fatal("the text does not fit")
	}
	return uint64(len(s))
}

func (in *instance) text(n uint64) string {
	b, _ := in.mod.Memory().Read(uint32(in.call("text_at")), uint32(n))
	return string(b)
}

// floats puts samples at an address, or gets them.
func (in *instance) put(at uint64, v []float32) {
	b := make([]byte, 4*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(x))
	}
	if !in.mod.Memory().Write(uint32(at), b) {
		in.t.Fatal("outside of memory")
	}
}

func (in *instance) get(at uint64, dst []float32) {
	b, ok := in.mod.Memory().Read(uint32(at), uint32(4*len(dst)))
	if !ok {
		in.t.Fatal("outside of memory")
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
}

// What the compiled deck plays is the same to the bit in blocks of any size, and within 1e-6 of what it plays here.
func TestCompiledDeck(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a program")
	}
	ctx := context.Background()
	run := wazero.NewRuntime(ctx)
	defer run.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, run)
	code, err := run.CompileModule(ctx, compile(t))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := run.InstantiateModule(ctx, code, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{t, ctx, mod}
	if got := in.text(in.call("field_names")); got != strings.Join(fields[:], " ") {
		t.Errorf("the fields are %q", got)
	}

	sides := cassette()
	for _, bend := range []string{"", `{"bend":1,"motor":{"wobble":0.3},"head":{"scrub":0.2,"wander":20},"electronics":{"boost_db":12,"feedback":0.5},"tape":{"echo":0.4,"echo_ms":200,"loop_s":0.5}}`} {
		const n = 66000
		left, right := make([]float32, n), make([]float32, n)
		d := native(t, sides, bend)
		d.Press(deck.Play)
		d.Process(left, right)
		var first [2][]float32
		for _, size := range []int{128, 1, 64, 1000, 65536} {
			if bend != "" && size != 128 && size != 1000 {
				continue
			}
			if e := in.call("create", in.write(testSetup(sides, bend))); e != 0 {
				t.Fatal(in.text(e))
			}
			buf := make([]float32, 2*testPiece)
			type held struct {
				at  uint64
				buf []float32
			}
			var all []held
			feed(sides, testStart-9, testStart+10, func(slot, side int, rough bool, piece int) []float32 {
				r := uint64(0)
				if rough {
					r = 1
				}
				at := in.call("slot_at", uint64(slot), uint64(side), r, uint64(piece))
				if at == 0 {
					t.Fatalf("no slot %d for piece %d of side %d", slot, piece, side)
				}
				buf = make([]float32, 2*testPiece)
				all = append(all, held{at, buf})
				return buf
			})
			for _, h := range all {
				in.put(h.at, h.buf)
			}
			in.call("press", uint64(deck.Play))
			got := [2][]float32{make([]float32, n), make([]float32, n)}
			l, r := in.call("left_at"), in.call("right_at")
			for at := 0; at < n; at += size {
				k := min(size, n-at)
				in.call("process", uint64(k))
				in.get(l, got[0][at:at+k])
				in.get(r, got[1][at:at+k])
			}
			if first[0] == nil {
				first = got
				worst := 0.0
				for i := range n {
					worst = max(worst, math.Abs(float64(got[0][i]-left[i])), math.Abs(float64(got[1][i]-right[i])))
				}
				t.Logf("bend %q: at most %.2g from the deck here", bend, worst)
				if worst > 1e-6 {
					t.Errorf("bend %q: %g from the deck here", bend, worst)
				}
				continue
			}
			for i := range n {
				if got[0][i] != first[0][i] || got[1][i] != first[1][i] {
					t.Fatalf("blocks of %d: frame %d differs", size, i)
				}
			}
		}
	}

	data, want := segment(t, 2, 9000)
	if !mod.Memory().Write(uint32(in.call("room_at", uint64(len(data)))), data) {
		t.Fatal("outside of memory")
	}
	if n := in.call("decode", uint64(len(data))); n != 9000 {
		t.Fatalf("%d frames", int32(n))
	}
	sound := make([]float32, 18000)
	in.get(in.call("sound_at"), sound)
	for i := range want[0] {
		if sound[i] != want[0][i] || sound[9000+i] != want[1][i] {
			t.Fatalf("decoded frame %d", i)
		}
	}
	if e := in.call("create", in.write("{")); e == 0 || !strings.Contains(in.text(e), "cannot be played") {
		t.Errorf("a setup that is none: %q", in.text(e))
	}
	if n := int32(in.call("check_bend", in.write(` {"bend": 1,  "motor": {"speed": 1.5}} `))); n < 0 || in.text(uint64(n)) != `{"bend":1,"motor":{"speed":1.5}}` {
		t.Errorf("a bend came back as %q", in.text(uint64(max(n, -n))))
	}
	if n := int32(in.call("check_bend", in.write(`{"bend":1,"motor":{"speed":9}}`))); n >= 0 || !strings.Contains(in.text(uint64(-n)), "motor.speed") {
		t.Error("a bend out of range passed")
	}
}
