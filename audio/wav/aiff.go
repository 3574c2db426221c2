package wav

import (
	"encoding/binary"
	"fmt"
	"math"

	"ferric/audio"
)

// parseAIFF reads FORM AIFF and FORM AIFC (Apple, AIFF-C draft of 1991).
func (r *Reader) parseAIFF(form string) error {
	r.kind = "AIFF"
	if form != "AIFF" && form != "AIFC" {
		return audio.Malformed("AIFF", "a FORM of type %q", form)
	}
	be := binary.BigEndian
	var frames uint32
	gotComm := false
	start, bytes := int64(-1), int64(0)
	pos := int64(12)
	for n := 0; ; n++ {
		var head [8]byte
		if !r.read(head[:], pos) {
			break
		}
		id, size := string(head[:4]), int64(be.Uint32(head[4:]))
		body := pos + 8
		if n == maxChunks {
			return audio.Malformed(r.kind, "more than %d chunks", maxChunks)
		}
		switch {
		case id == "COMM" && !gotComm:
			b := make([]byte, min(size, 22))
			if len(b) < 18 || !r.read(b, body) {
				return audio.Malformed(r.kind, "COMM chunk of %d bytes", size)
			}
			frames = be.Uint32(b[2:])
			coding := "NONE"
			if form == "AIFC" && len(b) >= 22 {
				coding = string(b[18:22])
			}
			if err := r.parseComm(b, coding); err != nil {
				return err
			}
			gotComm = true
		case id == "SSND" && start < 0:
			var b [8]byte
			if size < 8 || !r.read(b[:], body) {
				return audio.Malformed(r.kind, "SSND chunk of %d bytes", size)
			}
			skip := int64(be.Uint32(b[:]))
			if skip > size-8 {
				return audio.Malformed(r.kind, "sound starts %d bytes into a chunk of %d", skip, size)
			}
			start, bytes = body+8+skip, size-8-skip
		default:
			r.chunks = append(r.chunks, Chunk{id, body, min(size, r.size-body)})
		}
		if size > r.size-body {
			break
		}
		pos = r.next(body, size)
	}
	if !gotComm {
		return audio.Malformed(r.kind, "no COMM chunk")
	}
	if start < 0 {
		if frames > 0 {
			return audio.Malformed(r.kind, "no SSND chunk")
		}
		start = r.size
	}
	if err := r.finish(start, bytes); err != nil {
		return err
	}
	if frames > 0 { // COMM is the judge: SSND may be padded, or cut short
		r.length = audio.Frames(frames)
		r.have = min(r.have, r.length)
	}
	return nil
}

// parseComm reads channels, sample size and rate, and the coding of an AIFF-C.
func (r *Reader) parseComm(b []byte, compression string) error {
	channels, bits := int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[6:]))
	rate, ok := extended(b[8:18])
	if !ok {
		return audio.Malformed(r.kind, "the sampling rate is not a number")
	}
	c := coding{bytes: (bits + 7) / 8, big: true}
	switch compression {
	case "NONE", "twos":
	case "sowt":
		c.big = false
	case "in24":
		bits, c.bytes = 24, 3
	case "in32":
		bits, c.bytes = 32, 4
	case "fl32", "FL32":
		bits, c.bytes, c.float = 32, 4, true
	case "fl64", "FL64":
		bits, c.bytes, c.float = 64, 8, true
	case "raw ":
		c.unsigned = true
	default:
		return needsFFmpeg(fmt.Sprintf("%q coding in AIFF-C", compression))
	}
	if !c.float && (bits < 1 || bits > 32) || c.unsigned && c.bytes != 1 {
		return audio.Unsupported(r.kind, "%d-bit samples", bits)
	}
	r.coding = c
	r.format = audio.Format{Rate: rate, Channels: channels, Bits: bits, Float: c.float}
	return r.format.Check(r.kind)
}

// extended reads an 80-bit IEEE 754 number, as AIFF keeps its rate, rounded to whole hertz.
// It reports false for what is no positive number.
func extended(b []byte) (audio.Rate, bool) {
	exp := int(binary.BigEndian.Uint16(b))
	mant := binary.BigEndian.Uint64(b[2:])
	if exp == 0x7fff || exp&0x8000 != 0 {
		return 0, false
	}
	v := math.Ldexp(float64(mant), exp-16383-63)
	if v > float64(audio.MaxRate)*10 {
		return audio.MaxRate * 10, true // refused by Format.Check, with a figure that fits
	}
	return audio.Rate(math.Round(v)), true
}
