package flac

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"runtime"

	"ferric/audio"
)

// Tag is one Vorbis comment: a name of printable ASCII without "=", and UTF-8.
type Tag struct{ Name, Value string }

// Cue is a named place in the sound: it becomes a track of the CUESHEET block
// and a pair of CHAPTER comments, which carry its name.
type Cue struct {
	At    audio.Frames
	Label string
}

// Picture is the front cover.
type Picture struct {
	MIME          string // "image/jpeg" or "image/png"
	Width, Height int    // pixels; 0 when not known
	Data          []byte
}

// Config says what a Writer writes.
type Config struct {
	Rate     audio.Rate
	Channels int
	Bits     int          // 16 (when 0) or 24
	Level    int          // 1 to 8, as flac's -1 to -8; 0 means 5
	Length   audio.Frames // expected, to size the seek table; 0 when unknown
	Tags     []Tag
	Cues     []Cue // in order; at most 99
	Cover    *Picture
	Workers  int // frames encoded at once; 0 means one a processor, 1 uses no goroutine. The bytes are the same
}

const (
	blockFrames = 4096 // frames a FLAC frame; as flac -5
	chunkBlocks = 16   // FLAC frames a worker makes at a time
	chunkFrames = blockFrames * chunkBlocks

	seekSeconds = 10
	seekUnknown = 1080 // points kept free when the length is not known: three hours
	maxCues     = 99
	padding     = 2048 // for tags that are added later
)

// Writer writes one FLAC file.
type Writer struct {
	dst  io.WriteSeeker
	base int64
	cfg  Config
	fail error // the first one; every later call repeats it

	filling *chunk
	filled  int // frames of it
	flying  []*chunk
	spare   []*chunk
	coders  chan *coder

	sum                hash.Hash
	frames             audio.Frames // written out
	number             uint64       // FLAC frames written out
	audio              int64        // bytes of them
	minFrame, maxFrame int
	points             []seekPoint
	room               int   // for points
	seekAt, cueAt      int64 // offsets of those blocks' contents
	headBytes          int64
}

var _ audio.Sink = (*Writer)(nil)

// NewWriter writes a file's metadata to dst, from where dst stands. STREAMINFO,
// seek table and cue sheet are completed by Close.
func NewWriter(dst io.WriteSeeker, cfg Config) (*Writer, error) {
	if cfg.Bits == 0 {
		cfg.Bits = 16
	}
	if cfg.Level == 0 {
		cfg.Level = 5
	}
	if cfg.Workers == 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if err := (audio.Format{Rate: cfg.Rate, Channels: cfg.Channels}).Check("FLAC"); err != nil {
		return nil, err
	}
	switch {
	case cfg.Bits != 16 && cfg.Bits != 24:
		return nil, audio.Unsupported("FLAC", "writing %d bits", cfg.Bits)
	case cfg.Level < 1 || cfg.Level > 8 || cfg.Workers < 1:
		return nil, audio.Unsupported("FLAC", "level %d, %d workers", cfg.Level, cfg.Workers)
	case len(cfg.Cues) > maxCues:
		return nil, audio.Unsupported("FLAC", "%d cue points; a cue sheet holds %d", len(cfg.Cues), maxCues)
	}
	w := &Writer{dst: dst, cfg: cfg, sum: md5.New(), coders: make(chan *coder, cfg.Workers)}
	for range cfg.Workers {
		c, err := newCoder(cfg)
		if err != nil {
			return nil, err
		}
		w.coders <- c
	}
	w.filling = w.newChunk()
	w.room = seekUnknown
	if cfg.Length > 0 {
		w.room = int(min(cfg.Length/audio.Frames(seekSeconds*cfg.Rate)+1, maxSeekPoints))
	}
	var err error
	if w.base, err = dst.Seek(0, io.SeekCurrent); err == nil {
		err = w.writeHead()
	}
	if err != nil {
		return nil, fmt.Errorf("write FLAC: %w", err)
	}
	return w, nil
}

// WriteFrames rounds src to the file's grid (see audio.Quantise) and encodes it.
func (w *Writer) WriteFrames(src [][]float32) error {
	if w.fail != nil {
		return w.fail
	}
	size := w.frameBytes()
	for at, total := 0, len(src[0]); at < total; {
		n := min(total-at, chunkFrames-w.filled)
		raw := w.filling.pcm[w.filled*size : (w.filled+n)*size]
		if bad := audio.PutPCM(raw, src, at, n, w.cfg.Bits/8); bad >= 0 {
			w.fail = audio.NotFinite("FLAC", w.given()+audio.Frames(bad), w.cfg.Rate)
			return w.fail
		}
		at += n
		w.filled += n
		if w.filled == chunkFrames {
			if err := w.launch(); err != nil {
				return err
			}
		}
	}
	return nil
}

// given is how many frames the caller has handed over.
func (w *Writer) given() audio.Frames {
	n := w.frames + audio.Frames(w.filled)
	for _, c := range w.flying {
		n += audio.Frames(len(c.pcm) / w.frameBytes())
	}
	return n
}

func (w *Writer) frameBytes() int { return w.cfg.Channels * w.cfg.Bits / 8 }

// launch hands the filled chunk to a coder, and writes the oldest one when all coders have work.
func (w *Writer) launch() error {
	c := w.filling
	c.pcm = c.pcm[:w.filled*w.frameBytes()]
	w.sum.Write(c.pcm)
	w.filled = 0
	w.flying = append(w.flying, c)
	k := <-w.coders
	run := func() {
		c.err = k.encode(c)
		w.coders <- k
		c.done <- struct{}{}
	}
	if w.cfg.Workers == 1 {
		run()
	} else {
		go run()
	}
	if len(w.flying) >= w.cfg.Workers {
		if err := w.land(); err != nil {
			return err
		}
	}
	w.filling = w.newChunk()
	return nil
}

// land waits for the oldest chunk and writes its FLAC frames, each with its number.
func (w *Writer) land() error {
	c := w.flying[0]
	w.flying = w.flying[:copy(w.flying, w.flying[1:])]
	<-c.done
	if w.fail != nil {
		return w.fail
	}
	if c.err != nil {
		w.fail = fmt.Errorf("write FLAC: %w", c.err)
		return w.fail
	}
	left := len(c.pcm) / w.frameBytes()
	c.out = c.out[:0]
	start := 0
	for _, end := range c.ends {
		if len(w.points) < w.room && w.frames >= audio.Frames(len(w.points))*audio.Frames(seekSeconds*w.cfg.Rate) {
			w.points = append(w.points, seekPoint{w.frames, w.audio + int64(len(c.out))})
		}
		was := len(c.out)
		c.out = renumber(c.out, c.raw[start:end], w.number)
		size := len(c.out) - was
		if w.number == 0 || size < w.minFrame {
			w.minFrame = size
		}
		w.maxFrame = max(w.maxFrame, size)
		w.number++
		n := min(left, blockFrames)
		w.frames += audio.Frames(n)
		left -= n
		start = end
	}
	w.audio += int64(len(c.out))
	if _, err := w.dst.Write(c.out); err != nil {
		w.fail = fmt.Errorf("write FLAC: %w", err)
		return w.fail
	}
	w.spare = append(w.spare, c)
	return nil
}

func (w *Writer) newChunk() *chunk {
	if n := len(w.spare); n > 0 {
		c := w.spare[n-1]
		w.spare = w.spare[:n-1]
		c.pcm = c.pcm[:cap(c.pcm)]
		return c
	}
	return &chunk{pcm: make([]byte, chunkFrames*w.frameBytes()), done: make(chan struct{}, 1)}
}

// Close encodes what is left and completes the metadata. It does not close dst.
func (w *Writer) Close() error {
	if w.fail == nil && w.filled > 0 {
		w.launch()
	}
	for len(w.flying) > 0 {
		w.land()
	}
	if w.fail != nil {
		return w.fail
	}
	w.fail = fmt.Errorf("write FLAC: already closed")
	err := w.patch()
	if err == nil {
		_, err = w.dst.Seek(w.base+w.headBytes+w.audio, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("write FLAC: %w", err)
	}
	return nil
}

// writeHead writes "fLaC" and every metadata block, with what is not known yet left open.
func (w *Writer) writeHead() error {
	type block struct {
		kind byte
		data []byte
	}
	blocks := []block{{BlockStreamInfo, w.streamInfo()}, {BlockSeekTable, w.seekTable()}}
	comments, err := w.comments()
	if err != nil {
		return err
	}
	blocks = append(blocks, block{BlockVorbisComment, comments})
	if len(w.cfg.Cues) > 0 {
		blocks = append(blocks, block{BlockCueSheet, w.cueSheet()})
	}
	if w.cfg.Cover != nil {
		blocks = append(blocks, block{BlockPicture, w.picture()})
	}
	blocks = append(blocks, block{BlockPadding, make([]byte, padding)})
	out := []byte("fLaC")
	for i, b := range blocks {
		if len(b.data) >= 1<<24 {
			return audio.Unsupported("FLAC", "a metadata block (kind %d) of %d bytes; at most 16 MiB fit", b.kind, len(b.data))
		}
		if i == len(blocks)-1 {
			b.kind |= 0x80
		}
		out = append(out, b.kind, byte(len(b.data)>>16), byte(len(b.data)>>8), byte(len(b.data)))
		switch b.kind {
		case BlockSeekTable:
			w.seekAt = int64(len(out))
		case BlockCueSheet:
			w.cueAt = int64(len(out))
		}
		out = append(out, b.data...)
	}
	w.headBytes = int64(len(out))
	_, err = w.dst.Write(out)
	return err
}

// patch writes the blocks that are known only at the end over their first versions.
func (w *Writer) patch() error {
	put := func(at int64, b []byte) error {
		if _, err := w.dst.Seek(w.base+at, io.SeekStart); err != nil {
			return err
		}
		_, err := w.dst.Write(b)
		return err
	}
	if err := put(8, w.streamInfo()); err != nil {
		return err
	}
	if err := put(w.seekAt, w.seekTable()); err != nil {
		return err
	}
	if len(w.cfg.Cues) > 0 {
		return put(w.cueAt, w.cueSheet())
	}
	return nil
}

func (w *Writer) streamInfo() []byte {
	be := binary.BigEndian
	b := be.AppendUint16(nil, blockFrames)
	b = be.AppendUint16(b, blockFrames)
	b = append(b, byte(w.minFrame>>16), byte(w.minFrame>>8), byte(w.minFrame))
	b = append(b, byte(w.maxFrame>>16), byte(w.maxFrame>>8), byte(w.maxFrame))
	b = be.AppendUint64(b, uint64(w.cfg.Rate)<<44|uint64(w.cfg.Channels-1)<<41|uint64(w.cfg.Bits-1)<<36|uint64(w.frames)&(1<<36-1))
	if w.frames == 0 {
		return append(b, make([]byte, 16)...)
	}
	return w.sum.Sum(b)
}

func (w *Writer) seekTable() []byte {
	be := binary.BigEndian
	b := make([]byte, 0, 18*w.room)
	for i := range w.room {
		if i >= len(w.points) {
			b = be.AppendUint64(b, ^uint64(0)) // a placeholder
			b = append(b, make([]byte, 10)...)
			continue
		}
		p := w.points[i]
		b = be.AppendUint64(b, uint64(p.frame))
		b = be.AppendUint64(b, uint64(p.offset))
		b = be.AppendUint16(b, uint16(min(blockFrames, w.frames-p.frame)))
	}
	return b
}

// comments is the VORBIS_COMMENT block. Chapters follow the form that mkvmerge and players of Ogg files share.
func (w *Writer) comments() ([]byte, error) {
	le := binary.LittleEndian
	const vendor = "Ferric"
	tags := append([]Tag(nil), w.cfg.Tags...)
	for i, c := range w.cfg.Cues {
		ms := c.At.Duration(w.cfg.Rate).Milliseconds()
		name := fmt.Sprintf("CHAPTER%03d", i+1)
		tags = append(tags,
			Tag{name, fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)},
			Tag{name + "NAME", c.Label})
	}
	b := le.AppendUint32(nil, uint32(len(vendor)))
	b = append(b, vendor...)
	b = le.AppendUint32(b, uint32(len(tags)))
	for _, t := range tags {
		for _, c := range []byte(t.Name) {
			if c < 0x20 || c > 0x7d || c == '=' {
				return nil, audio.Unsupported("FLAC", "a tag named %q", t.Name)
			}
		}
		b = le.AppendUint32(b, uint32(len(t.Name)+1+len(t.Value)))
		b = append(b, t.Name...)
		b = append(b, '=')
		b = append(b, t.Value...)
	}
	return b, nil
}

// cueSheet is the CUESHEET block (RFC 9639, section 8.7): a track a cue with one index, and the lead-out.
func (w *Writer) cueSheet() []byte {
	be := binary.BigEndian
	b := make([]byte, 128+8+1+258) // no catalogue number, no lead-in, no CD
	b = append(b, byte(len(w.cfg.Cues)+1))
	for i, c := range w.cfg.Cues {
		b = be.AppendUint64(b, uint64(c.At))
		b = append(b, byte(i+1))
		b = append(b, make([]byte, 12+1+13)...) // ISRC; flags
		b = append(b, 1)                        // one index,
		b = be.AppendUint64(b, 0)               // at the track's start,
		b = append(b, 1, 0, 0, 0)               // number 1
	}
	b = be.AppendUint64(b, uint64(w.frames))
	b = append(b, 255)
	return append(b, make([]byte, 12+1+13+1)...)
}

func (w *Writer) picture() []byte {
	be := binary.BigEndian
	p := w.cfg.Cover
	b := be.AppendUint32(nil, 3) // front cover
	b = be.AppendUint32(b, uint32(len(p.MIME)))
	b = append(b, p.MIME...)
	b = be.AppendUint32(b, 0) // description
	b = be.AppendUint32(b, uint32(p.Width))
	b = be.AppendUint32(b, uint32(p.Height))
	b = be.AppendUint32(b, 24) // bits a pixel
	b = be.AppendUint32(b, 0)  // no palette
	b = be.AppendUint32(b, uint32(len(p.Data)))
	return append(b, p.Data...)
}
