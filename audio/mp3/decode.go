package mp3

// decoder turns frames into samples.
type decoder struct {
	side  [2][2]granule // by granule and channel
	share [2]int        // which scale factors the second granule takes from the first

	info     bits   // the frame's side information
	main     bits   // the frame's main data, behind what is left of those before
	reserve  []byte // those
	channels [2]channel
	pcm      [2][1152]float32
}

// maxReserve is how far back main data may begin.
const maxReserve = 511

// decode decodes a whole frame. A frame whose data begins before what has been
// seen, as the first ones of a file that was cut, is silent.
func (d *decoder) decode(frame []byte, h *header) (why string) {
	at := 4
	if h.crc {
		at += 2
	}
	if len(frame) < at+h.sideBytes() {
		return "a frame too short for its head"
	}
	d.info.p = 0
	d.info.buf = append(d.info.buf[:0], frame[at:at+h.sideBytes()]...)
	d.info.buf = append(d.info.buf, 0, 0, 0, 0, 0, 0, 0, 0)
	begin, why := d.parseSide(&d.info, h)
	main := frame[at+h.sideBytes():]

	have := len(d.reserve)
	known := why == "" && begin <= have
	d.main.buf = d.main.buf[:0]
	if known {
		d.main.buf = append(d.main.buf, d.reserve[have-begin:]...)
	}
	d.main.buf = append(d.main.buf, main...)
	d.main.p, d.main.end = 0, len(d.main.buf)*8
	d.main.buf = append(d.main.buf, 0, 0, 0, 0, 0, 0, 0, 0)

	d.reserve = append(d.reserve, main...)
	if n := len(d.reserve); n > maxReserve {
		d.reserve = d.reserve[:copy(d.reserve, d.reserve[n-maxReserve:])]
	}

	n := h.channels()
	for g := range h.granules() {
		for c := range n {
			gr, ch := &d.side[g][c], &d.channels[c]
			if !known {
				*gr = granule{bands: bandTables[0][0]}
				ch.lines = [576]float32{}
				continue
			}
			end := d.main.p + gr.bits
			if end > d.main.end { // a damaged frame
				end = d.main.end
			}
			if h.version == 0 {
				shared := 0
				if g == 1 {
					shared = d.share[c]
				}
				gr.readScale(&d.main, shared, &d.side[0][c])
			} else {
				gr.readScale2(&d.main, h.pan && c == 1)
			}
			gr.readSpectrum(&d.main, end, &ch.lines)
		}
		if n == 2 && known {
			stereo(h, &d.channels[0].lines, &d.channels[1].lines, &d.side[g][0], &d.side[g][1])
		}
		for c := range n {
			d.channels[c].hybrid(&d.side[g][c])
			d.channels[c].synthesise(d.pcm[c][576*g : 576*g+576])
		}
	}
	return ""
}
