package dsp

// tiles cuts blocks of any size into tiles of one size, so that what a processor
// does at some position never depends on how its input was cut. Output is one tile late.
type tiles struct {
	in, out [][]float32
	size    int // frames
	fill    int
}

func newTiles(channels, size int) tiles {
	return tiles{in: planar(channels, size), out: planar(channels, size), size: size}
}

// run exchanges every frame of block for one of a tile ago; step turns each full tile t.in into t.out.
func (t *tiles) run(block [][]float32, step func()) {
	for at, n := 0, len(block[0]); at < n; {
		run := min(n-at, t.size-t.fill)
		for c, b := range block {
			b = b[at : at+run]
			copy(t.in[c][t.fill:], b)
			copy(b, t.out[c][t.fill:t.fill+run])
		}
		at += run
		t.fill += run
		if t.fill == t.size {
			t.fill = 0
			step()
		}
	}
}

// planar makes one slice of n samples a channel.
func planar(channels, n int) [][]float32 {
	flat := make([]float32, channels*n)
	block := make([][]float32, channels)
	for c := range block {
		block[c] = flat[c*n : (c+1)*n : (c+1)*n]
	}
	return block
}
