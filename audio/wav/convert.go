package wav

import (
	"encoding/binary"
	"math"

	"ferric/audio"
)

// coding is how one sample lies in the file.
type coding struct {
	bytes    int  // 1 to 4, or 8
	big      bool // big-endian
	float    bool
	unsigned bool // offset binary: 8-bit WAV
}

// toFloat spreads n interleaved frames of raw over dst[c][at:at+n]. It returns
// the frame of the first NaN or infinity, counted from at, or -1.
func (k coding) toFloat(dst [][]float32, at int, raw []byte, n int) int {
	step := k.bytes * len(dst)
	bad := n
	for c, ch := range dst {
		out, p := ch[at:at+n], raw[c*k.bytes:]
		switch {
		case k.float && k.bytes == 4:
			bad = min(bad, float32s(out, p, step, k.big))
		case k.float:
			bad = min(bad, float64s(out, p, step, k.big))
		case k.bytes == 1:
			flip := byte(0)
			if k.unsigned {
				flip = 0x80
			}
			for i := range out {
				out[i] = float32(int8(p[i*step]^flip)) * (1.0 / (1 << 7))
			}
		case k.bytes == 2 && !k.big:
			for i := range out {
				out[i] = float32(int16(binary.LittleEndian.Uint16(p[i*step:]))) * (1.0 / (1 << 15))
			}
		case k.bytes == 2:
			for i := range out {
				out[i] = float32(int16(binary.BigEndian.Uint16(p[i*step:]))) * (1.0 / (1 << 15))
			}
		case k.bytes == 3 && !k.big:
			for i := range out {
				q := p[i*step:][:3]
				out[i] = float32(int32(uint32(q[0])<<8|uint32(q[1])<<16|uint32(q[2])<<24)>>8) * (1.0 / (1 << 23))
			}
		case k.bytes == 3:
			for i := range out {
				q := p[i*step:][:3]
				out[i] = float32(int32(uint32(q[2])<<8|uint32(q[1])<<16|uint32(q[0])<<24)>>8) * (1.0 / (1 << 23))
			}
		case k.big:
			for i := range out {
				out[i] = float32(int32(binary.BigEndian.Uint32(p[i*step:]))) * (1.0 / (1 << 31))
			}
		default:
			for i := range out {
				out[i] = float32(int32(binary.LittleEndian.Uint32(p[i*step:]))) * (1.0 / (1 << 31))
			}
		}
	}
	if bad < n {
		return bad
	}
	return -1
}

// float32s returns the index of the first sample that is no finite number, len(out) when all are.
func float32s(out []float32, p []byte, step int, big bool) int {
	const inf = 0x7f800000
	for i := range out {
		var u uint32
		if big {
			u = binary.BigEndian.Uint32(p[i*step:])
		} else {
			u = binary.LittleEndian.Uint32(p[i*step:])
		}
		if u&inf == inf {
			return i
		}
		out[i] = math.Float32frombits(u)
	}
	return len(out)
}

func float64s(out []float32, p []byte, step int, big bool) int {
	for i := range out {
		var u uint64
		if big {
			u = binary.BigEndian.Uint64(p[i*step:])
		} else {
			u = binary.LittleEndian.Uint64(p[i*step:])
		}
		v := math.Float64frombits(u)
		if !(math.Abs(v) <= math.MaxFloat32) {
			return i
		}
		out[i] = float32(v)
	}
	return len(out)
}

// fromFloat writes n frames of src, from frame at on, to raw as little-endian
// integers of 16 or 24 bits or as float32. It returns the frame of the first
// NaN or infinity, or -1.
func (k coding) fromFloat(raw []byte, src [][]float32, at, n int) int {
	if !k.float {
		return audio.PutPCM(raw, src, at, n, k.bytes)
	}
	step := 4 * len(src)
	bad := n
	for c, ch := range src {
		p := raw[c*4:]
		for i, v := range ch[at : at+n] {
			if v-v != 0 { // NaN and infinity
				bad = min(bad, i)
				break
			}
			binary.LittleEndian.PutUint32(p[i*step:], math.Float32bits(v))
		}
	}
	if bad < n {
		return bad
	}
	return -1
}

// Float32LE spreads interleaved little-endian floats over dst, as far as raw
// reaches. It returns the frame of the first NaN or infinity, or -1.
func Float32LE(dst [][]float32, raw []byte) int {
	k := coding{bytes: 4, float: true}
	return k.toFloat(dst, 0, raw, len(raw)/(4*len(dst)))
}
