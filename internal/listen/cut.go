package listen

import (
	"container/list"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"

	"ferric/audio"
	"ferric/audio/flac"
	"ferric/audio/wav"
	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Cutter cuts sides into segments as they are asked for, and keeps the last ones.
//
// A segment is a whole FLAC stream of the programme's rate and bits. Decoded one after
// the other, the segments of a side are the side, sample for sample. At no time is
// more than one segment of a side in memory, and those of the cache.
type Cutter struct {
	cuts chan struct{} // holds one token for each cut under way
	room int64

	mu    sync.Mutex
	used  int64
	order *list.List // of *cached, the last used first
	known map[cutKey]*list.Element
	under map[cutKey]chan struct{} // closed when the cut is done
}

type cutKey struct {
	sound string
	cue   bool
	index int
}

type cached struct {
	key  cutKey
	data []byte
}

// NewCutter makes one that keeps up to room bytes (0 is 32 MiB) and cuts so many segments at a time (0 is one a processor).
func NewCutter(room int64, cuts int) *Cutter {
	if room == 0 {
		room = 32 << 20
	}
	if cuts == 0 {
		cuts = runtime.GOMAXPROCS(0)
	}
	return &Cutter{cuts: make(chan struct{}, cuts), room: room, order: list.New(), known: map[cutKey]*list.Element{}, under: map[cutKey]chan struct{}{}}
}

// Segment is a piece of the programme that key names; open is called where it must be cut.
func (c *Cutter) Segment(ctx context.Context, key string, cue bool, index int, open func(context.Context) (Sound, error)) ([]byte, error) {
	k := cutKey{key, cue, index}
	for {
		c.mu.Lock()
		if e, ok := c.known[k]; ok {
			c.order.MoveToFront(e)
			c.mu.Unlock()
			return e.Value.(*cached).data, nil
		}
		busy, ok := c.under[k]
		if !ok {
			c.under[k] = make(chan struct{})
		}
		c.mu.Unlock()
		if !ok {
			return c.cut(ctx, k, open)
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *Cutter) cut(ctx context.Context, k cutKey, open func(context.Context) (Sound, error)) (data []byte, err error) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if err == nil && int64(len(data)) <= c.room {
			c.known[k] = c.order.PushFront(&cached{k, data})
			for c.used += int64(len(data)); c.used > c.room; {
				last := c.order.Remove(c.order.Back()).(*cached)
				delete(c.known, last.key)
				c.used -= int64(len(last.data))
			}
		}
		close(c.under[k])
		delete(c.under, k)
	}()
	select {
	case c.cuts <- struct{}{}:
		defer func() { <-c.cuts }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	sound, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer sound.Close()
	return Cut(ctx, sound, k.cue, k.index)
}

// Cut cuts one segment. NotFound past the end of the sound.
func Cut(ctx context.Context, sound Sound, cue bool, index int) ([]byte, error) {
	src, err := openSound(sound)
	if err != nil {
		return nil, err
	}
	f, length := src.Format(), src.Length()
	bits := 16
	if f.Bits > 16 {
		bits = 24
	}
	if f.Float || f.Bits > 24 || f.Bits == 0 || length < 0 {
		return nil, fmt.Errorf("listen: a side of %d bits (float: %v) cannot be cut exactly", f.Bits, f.Float)
	}
	factor := 1
	if cue {
		factor = CueFactor
	}
	each := SegmentSeconds * audio.Frames(f.Rate) // of the segment
	from := audio.Frames(index) * each * audio.Frames(factor)
	if index < 0 || from >= length {
		return nil, errNoSegment
	}
	n := min(each*audio.Frames(factor), length-from)
	if err := src.SeekFrame(from); err != nil {
		return nil, err
	}
	out := &buffer{}
	frames := (n + audio.Frames(factor) - 1) / audio.Frames(factor)
	w, err := flac.NewWriter(out, flac.Config{Rate: f.Rate, Channels: f.Channels, Bits: bits, Length: frames, Workers: 1})
	if err != nil {
		return nil, err
	}
	block, view := audio.NewBlock(f.Channels, 1<<14), make([][]float32, 0, f.Channels)
	for done := audio.Frames(0); done < n; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		want := int(min(n-done, 1<<14))
		view = audio.Window(view, block, 0, want)
		for got := 0; got < want; {
			k, err := src.ReadFrames(audio.Window(nil, view, got, want))
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return nil, fmt.Errorf("cut segment %d: %w", index, err)
			}
			got += k
		}
		done += audio.Frames(want)
		if err := w.WriteFrames(mean(view, factor)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.b, nil
}

// mean replaces each factor frames by their mean, in place.
func mean(block [][]float32, factor int) [][]float32 {
	if factor == 1 {
		return block
	}
	for c, ch := range block {
		n := 0
		for at := 0; at < len(ch); at += factor {
			end := min(at+factor, len(ch))
			var sum float32
			for _, v := range ch[at:end] {
				sum += v
			}
			ch[n] = sum / float32(end-at)
			n++
		}
		block[c] = ch[:n]
	}
	return block
}

func openSound(s Sound) (audio.SeekSource, error) {
	var head [16]byte
	if _, err := s.ReadAt(head[:], 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case flac.Sniff(head[:]):
		return flac.NewReader(s, s.Size())
	case wav.Sniff(head[:]):
		return wav.NewReader(s, s.Size())
	}
	return nil, fault.New(fault.Internal, "a side is neither WAV nor FLAC")
}

// buffer is a small file in memory.
type buffer struct {
	b  []byte
	at int
}

func (f *buffer) Write(p []byte) (int, error) {
	n := copy(f.b[f.at:], p)
	f.b = append(f.b, p[n:]...)
	f.at += len(p)
	return len(p), nil
}

func (f *buffer) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += int64(f.at)
	case io.SeekEnd:
		offset += int64(len(f.b))
	}
	if offset < 0 || offset > int64(len(f.b)) {
		return 0, fmt.Errorf("listen: seek outside of a segment")
	}
	f.at = int(offset)
	return offset, nil
}

// Segment gives the FLAC stream at a signed address.
func (l *Listening) Segment(ctx context.Context, address string) ([]byte, error) {
	a, err := l.verify(address, l.clock())
	if err != nil {
		return nil, err
	}
	var r catalog.Release
	err = l.store.View(ctx, func(tx Tx) error {
		s, err := tx.Sitting(a.Sitting)
		if err == nil {
			r, err = tx.Release(s.Release)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	t, err := TapeOf(r)
	if err != nil {
		return nil, err
	}
	key := t.Sides[a.Piece.Side].Key
	return l.cutter.Segment(ctx, key, a.Piece.Cue, a.Piece.Index, func(ctx context.Context) (Sound, error) { return l.files.Open(ctx, key) })
}
