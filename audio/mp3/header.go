package mp3

import "ferric/audio"

// header is the four bytes at the front of every frame.
type header struct {
	version  int // 0: MPEG-1, 1: MPEG-2, 2: MPEG-2.5
	layer    int
	crc      bool
	bitrate  int // kbit/s, 0: free format
	rateCode int
	padding  int
	mode     int // 0 stereo, 1 joint stereo, 2 two languages, 3 mono
	midSide  bool
	pan      bool // intensity stereo
}

const modeMono = 3

var bitrates = [2][15]int{
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
}

var rates = [3]audio.Rate{44100, 48000, 32000}

// parseHeader reports false for what cannot be a frame's head.
func parseHeader(b []byte) (h header, ok bool) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return h, false
	}
	version, layer := b[1]>>3&3, b[1]>>1&3
	rateBits, rate := int(b[2]>>4), int(b[2]>>2&3)
	if version == 1 || layer == 0 || rateBits == 15 || rate == 3 || b[3]&3 == 2 {
		return h, false
	}
	h = header{
		version: [4]int{2, -1, 1, 0}[version], layer: 4 - int(layer), crc: b[1]&1 == 0,
		rateCode: rate, padding: int(b[2] >> 1 & 1), mode: int(b[3] >> 6),
	}
	h.bitrate = bitrates[min(h.version, 1)][rateBits]
	if h.mode == 1 {
		h.midSide, h.pan = b[3]&0x20 != 0, b[3]&0x10 != 0
	}
	return h, true
}

func (h *header) rate() audio.Rate { return rates[h.rateCode] >> h.version }

func (h *header) channels() int {
	if h.mode == modeMono {
		return 1
	}
	return 2
}

func (h *header) granules() int {
	if h.version == 0 {
		return 2
	}
	return 1
}

func (h *header) samples() int { return 576 * h.granules() }

// bytes is the length of the whole frame (layer III, not free format).
func (h *header) bytes() int {
	return h.samples()*h.bitrate*1000/8/int(h.rate()) + h.padding
}

// sideBytes is the length of the side information.
func (h *header) sideBytes() int {
	switch {
	case h.version == 0 && h.mode != modeMono:
		return 32
	case h.version == 0 || h.mode != modeMono:
		return 17
	}
	return 9
}

// fits reports whether a frame of head g can follow one of head h.
func (h *header) fits(g header) bool {
	return h.version == g.version && h.layer == g.layer && h.rateCode == g.rateCode
}
