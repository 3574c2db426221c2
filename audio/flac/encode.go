package flac

import (
	"encoding/binary"

	"github.com/tphakala/go-flac/pcm"
)

// chunk is a run of sound on its way through a coder. It belongs to whoever
// works on it: the Writer, then one coder, then (after done) the Writer again.
type chunk struct {
	pcm  []byte // interleaved little-endian integers
	raw  []byte // FLAC frames, numbered from 0
	ends []int  // where each of them ends
	out  []byte // the same with their true numbers
	err  error
	done chan struct{}
}

// coder is one encoder of the library. The library writes whole streams; we take
// the frames out of it: each of its writes after the first is one frame.
type coder struct {
	cfg pcm.Config
	enc *pcm.Encoder
	dst *chunk
	n   int // writes so far
}

func newCoder(cfg Config) (*coder, error) {
	c := &coder{cfg: pcm.Config{
		SampleRate: int(cfg.Rate), BitDepth: cfg.Bits, Channels: cfg.Channels, CompressionLevel: cfg.Level,
	}}
	var err error
	c.dst = new(chunk) // takes the stream head
	c.enc, err = pcm.NewEncoder(c, c.cfg)
	return c, err
}

// Write takes the library's output.
func (c *coder) Write(p []byte) (int, error) {
	if c.n++; c.n > 1 {
		c.dst.raw = append(c.dst.raw, p...)
		c.dst.ends = append(c.dst.ends, len(c.dst.raw))
	}
	return len(p), nil
}

func (c *coder) encode(k *chunk) error {
	c.dst, c.n = k, 0
	k.raw, k.ends = k.raw[:0], k.ends[:0]
	if err := c.enc.Reset(c, c.cfg); err != nil {
		return err
	}
	if _, err := c.enc.Write(k.pcm); err != nil {
		return err
	}
	return c.enc.Close()
}

// renumber appends a FLAC frame to out with another frame number, and both its checksums made right.
// frame's own number is below 128, so it takes one byte.
func renumber(out, frame []byte, number uint64) []byte {
	start := len(out)
	out = append(out, frame[:4]...)
	out = appendNumber(out, number)
	extra := 0 // block size and rate that have no code of their own
	switch frame[2] >> 4 {
	case 6:
		extra++
	case 7:
		extra += 2
	}
	switch frame[2] & 15 {
	case 12:
		extra++
	case 13, 14:
		extra += 2
	}
	out = append(out, frame[5:5+extra]...)
	out = append(out, crc8(out[start:]))
	out = append(out, frame[5+extra+1:len(frame)-2]...)
	return binary.BigEndian.AppendUint16(out, crc16(0, out[start:]))
}

// appendNumber writes n, below 2^36, as UTF-8 would write a character that large.
func appendNumber(b []byte, n uint64) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	extra := 1
	for n >= 1<<(5*extra+6) {
		extra++
	}
	b = append(b, byte(uint16(0xff00)>>(extra+1))|byte(n>>(6*extra)))
	for i := extra - 1; i >= 0; i-- {
		b = append(b, 0x80|byte(n>>(6*i))&0x3f)
	}
	return b
}
