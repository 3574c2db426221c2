package wav

import (
	"encoding/binary"
	"io"
	"math"

	"ferric/audio"
)

// Format tags of the fmt chunk (Microsoft, mmreg.h).
const (
	tagPCM        = 0x0001
	tagFloat      = 0x0003
	tagExtensible = 0xFFFE
)

// guidTail is what follows the format tag in the sub-format of WAVE_FORMAT_EXTENSIBLE.
const guidTail = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

// soxStreamed is the length of sound that sox writes, rounded down to whole
// frames, when it does not know the true one; others write 0xFFFFFFFF, or 0.
const soxStreamed = 0x7ffff000

// streamed reports whether the lengths in a WAV file's head are those of a program that wrote into a pipe.
func streamed(riff uint32, data int64) bool {
	switch {
	case data == math.MaxUint32:
		return true
	case data == 0:
		return riff == 0 || riff == math.MaxUint32
	}
	const maxFrame = 8 * audio.MaxChannels
	return data > soxStreamed-maxFrame && data <= soxStreamed && riff >= soxStreamed && riff < soxStreamed+1024
}

func (r *Reader) parseRIFF(form string, riffSize uint32) error {
	r.kind = "WAV"
	if form != "RIFF" {
		r.kind = "RF64"
	}
	data, dataSize := int64(-1), int64(0) // offset and length of the sound, as the head says
	long := int64(-1)                     // that length in a ds64 chunk
	gotFmt := false
	pos := int64(12)
	for n := 0; ; n++ {
		var head [8]byte
		if !r.read(head[:], pos) {
			break
		}
		id, size := string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:]))
		body := pos + 8
		if n == maxChunks {
			return audio.Malformed(r.kind, "more than %d chunks", maxChunks)
		}
		switch id {
		case "ds64":
			var b [24]byte
			if size < 24 || !r.read(b[:], body) {
				return audio.Malformed(r.kind, "ds64 chunk of %d bytes", size)
			}
			if v := binary.LittleEndian.Uint64(b[8:]); v <= math.MaxInt64/2 {
				long = int64(v)
			} else {
				return audio.Malformed(r.kind, "ds64 gives %d bytes of sound", v)
			}
		case "fmt ":
			if gotFmt {
				break
			}
			if err := r.parseFmt(body, size); err != nil {
				return err
			}
			gotFmt = true
		case "data":
			if data >= 0 {
				break
			}
			if form != "RIFF" && size == math.MaxUint32 && long >= 0 {
				size = long
			}
			data, dataSize = body, size
			if streamed(riffSize, size) {
				dataSize = -1
				size = r.size - body
			}
		default:
			if body+size > r.size {
				size = r.size - body
			}
			r.chunks = append(r.chunks, Chunk{id, body, size})
		}
		if size > r.size-body { // nothing can follow
			break
		}
		pos = r.next(body, size)
	}
	switch {
	case !gotFmt:
		return audio.Malformed(r.kind, "no fmt chunk")
	case data < 0:
		return audio.Malformed(r.kind, "no data chunk")
	}
	return r.finish(data, dataSize)
}

// parseFmt reads a fmt chunk: WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE.
func (r *Reader) parseFmt(at, size int64) error {
	b := make([]byte, min(max(size, 0), 40))
	if len(b) < 16 || !r.read(b, at) {
		return audio.Malformed(r.kind, "fmt chunk of %d bytes", size)
	}
	le := binary.LittleEndian
	tag, channels, rate := le.Uint16(b), int(le.Uint16(b[2:])), le.Uint32(b[4:])
	align, bits := int(le.Uint16(b[12:])), int(le.Uint16(b[14:]))
	valid := bits
	if tag == tagExtensible && len(b) >= 40 && string(b[26:40]) == guidTail {
		tag = le.Uint16(b[24:])
		if v := int(le.Uint16(b[18:])); v > 0 && v <= bits {
			valid = v
		}
	}
	r.format = audio.Format{Rate: audio.Rate(rate), Channels: channels, Bits: valid, Float: tag == tagFloat}
	if err := r.format.Check(r.kind); err != nil {
		return err
	}
	c := coding{bytes: (bits + 7) / 8}
	switch tag {
	case tagPCM:
		c.unsigned = c.bytes == 1
		if bits < 1 || bits > 32 {
			return audio.Unsupported(r.kind, "%d-bit PCM", bits)
		}
	case tagFloat:
		c.float = true
		if bits != 32 && bits != 64 {
			return audio.Unsupported(r.kind, "%d-bit floating point", bits)
		}
	default:
		return needsFFmpeg(tagName(tag))
	}
	if align != c.bytes*channels {
		// Some writers put 24-bit samples in 32-bit words: believe the block size where it makes sense.
		if tag != tagPCM || align%channels != 0 || align/channels < c.bytes || align/channels > 4 {
			return audio.Malformed(r.kind, "%d channels of %d bits in blocks of %d bytes", channels, bits, align)
		}
		c.bytes = align / channels
	}
	r.coding = c
	return nil
}

// needsFFmpeg is for what stands in a WAV or AIFF and is no PCM; the ffmpeg program reads it.
func needsFFmpeg(coding string) error {
	return &audio.Error{Kind: audio.ErrNeedsFFmpeg, Text: "this is " + coding + ": install ffmpeg to read it"}
}

// tagName is what the commoner compressed kinds of WAV are called.
func tagName(tag uint16) string {
	switch tag {
	case 0x0002, 0x0011:
		return "ADPCM in WAV"
	case 0x0006:
		return "A-law in WAV"
	case 0x0007:
		return "mu-law in WAV"
	case 0x0050:
		return "MPEG layer 2 in WAV"
	case 0x0055:
		return "MP3 in WAV"
	case 0x0161, 0x0162, 0x0163:
		return "Windows Media in WAV"
	}
	const hex = "0123456789abcdef"
	return "WAV coding 0x" + string([]byte{hex[tag>>12], hex[tag>>8&15], hex[tag>>4&15], hex[tag&15]})
}

// W64 (Sonic Foundry, then Sony): chunk names are GUIDs, lengths 64-bit and with
// the 24 bytes of the header in them, chunks begin at multiples of 8.
const (
	w64Riff = "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
	w64Tail = "\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a" // after "wave", "fmt ", "data"
)

func isW64(head []byte) bool { return len(head) >= 16 && string(head[:16]) == w64Riff }

func (r *Reader) parseW64() error {
	r.kind = "W64"
	gotFmt := false
	data, dataSize := int64(-1), int64(0)
	pos := int64(40)
	for n := 0; ; n++ {
		var head [24]byte
		if !r.read(head[:], pos) {
			break
		}
		size := int64(binary.LittleEndian.Uint64(head[16:])) - 24
		body := pos + 24
		if n == maxChunks {
			return audio.Malformed(r.kind, "more than %d chunks", maxChunks)
		}
		if size < 0 {
			return audio.Malformed(r.kind, "a chunk of %d bytes", size+24)
		}
		switch id := string(head[:4]); {
		case string(head[4:16]) != w64Tail:
		case id == "fmt " && !gotFmt:
			if err := r.parseFmt(body, size); err != nil {
				return err
			}
			gotFmt = true
		case id == "data" && data < 0:
			data, dataSize = body, size
		}
		if size > r.size-body {
			break
		}
		pos = (body + size + 7) &^ 7
	}
	if !gotFmt || data < 0 {
		return audio.Malformed(r.kind, "no sound in it")
	}
	return r.finish(data, dataSize)
}

// next is where the chunk after a body of size bytes begins: at the even offset,
// unless a writer forgot the padding byte.
func (r *Reader) next(body, size int64) int64 {
	end := body + size
	if size&1 == 0 {
		return end
	}
	var b [5]byte
	if r.read(b[:], end) && b[0] != 0 && isID(b[:4]) && !isID(b[1:5]) {
		return end
	}
	return end + 1
}

func isID(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// read fills b from offset at, or reports that the file does not reach that far.
func (r *Reader) read(b []byte, at int64) bool {
	if at < 0 || at > r.size-int64(len(b)) {
		return false
	}
	n, err := r.src.ReadAt(b, at)
	return n == len(b) && (err == nil || err == io.EOF)
}
