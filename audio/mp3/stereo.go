package mp3

import "math"

// panRatios are the shares of left and right for a position in MPEG-1 intensity stereo:
// tan(π/12·position) is their ratio.
var panRatios = func() (t [7][2]float32) {
	for i := range t {
		s, c := math.Sincos(math.Pi / 12 * float64(i))
		t[i] = [2]float32{float32(s / (s + c)), float32(c / (s + c))}
	}
	return t
}()

// stereo turns middle and side, or one channel and positions, into left and right.
func stereo(h *header, l, r *[576]float32, gl, gr *granule) {
	if !h.pan {
		if h.midSide {
			unmix(l[:], r[:])
			gl.filled = max(gl.filled, gr.filled)
			gr.filled = gl.filled
		}
		return
	}

	// Intensity holds above the last band in which the right channel has something of its own.
	bands := &gr.bands
	windows := 1
	if bands.n > bands.long {
		windows = 3
	}
	last := [3]int{-1, -1, -1}
	at := 0
	for i := range bands.n {
		for _, v := range r[at : at+bands.width[i]] {
			if v != 0 {
				last[i%3] = i
				break
			}
		}
		at += bands.width[i]
	}
	if bands.long > 0 {
		m := max(last[0], last[1], last[2])
		last = [3]int{m, m, m}
	}
	if bands.long > 0 && bands.long < bands.n { // the windows of a mixed block count from its first short band
		windows = 3
	}
	pos, none := gr.scale, gr.noPan
	for w := range windows { // the topmost band has no position of its own
		top := bands.n - windows + w
		pos[top], none[top] = pos[top-windows], none[top-windows]
	}

	step := float64(1)
	if gr.scaleCode&1 != 0 {
		step = 2
	}
	at = 0
	for i := range bands.n {
		a, b := l[at:at+bands.width[i]], r[at:at+bands.width[i]]
		at += bands.width[i]
		p := pos[i]
		if i > last[i%3] && !none[i] && (h.version > 0 || p < 7) {
			kl, kr := float32(1), float32(1)
			if h.version == 0 {
				kl, kr = panRatios[p][0], panRatios[p][1]
			} else {
				k := float32(math.Exp2(-step / 4 * float64((p+1)/2)))
				if p&1 != 0 {
					kl = k
				} else {
					kr = k
				}
			}
			for j, v := range a {
				a[j], b[j] = v*kl, v*kr
			}
		} else if h.midSide {
			unmix(a, b)
		}
	}
	gl.filled = max(gl.filled, gr.filled)
	gr.filled = gl.filled
}

func unmix(l, r []float32) {
	const half = float32(math.Sqrt2 / 2)
	r = r[:len(l)]
	for i, m := range l {
		s := r[i]
		l[i], r[i] = (m+s)*half, (m-s)*half
	}
}
