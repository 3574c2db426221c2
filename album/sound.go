package album

import (
	"context"
	"errors"
	"io"
	"os"

	"ferric/audio"
	"ferric/audio/codec"
)

// measure gives format and exact length of the sound in f, which stands at path.
// What the file does not state is counted by decoding; verify counts in any case.
// Only what Ferric cannot read itself is opened by path, for ffmpeg.
func (r *reading) measure(ctx context.Context, f io.ReaderAt, size int64, path string) (audio.Format, audio.Frames, error) {
	src, err := codec.New(f, size, path)
	if errors.Is(err, codec.ErrNeedsFFmpeg) && r.options.FFmpeg != "" {
		src, err = codec.Open(ctx, path, codec.Options{FFmpeg: r.options.FFmpeg})
	}
	if err != nil {
		return audio.Format{}, 0, err
	}
	defer src.Close()
	length := src.Length()
	if length < 0 || r.options.Verify {
		length, err = count(ctx, src)
	}
	return src.Format(), length, err
}

// count decodes src to its end.
func count(ctx context.Context, src audio.Source) (audio.Frames, error) {
	block := audio.NewBlock(src.Format().Channels, 1<<14)
	var total audio.Frames
	for {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := src.ReadFrames(block)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		total += audio.Frames(n)
	}
}

// isSound tells from its content whether a file without an ending is sound.
func isSound(root *os.Root, path string) bool {
	f, err := root.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false
	}
	src, err := codec.New(f, info.Size(), path)
	if err != nil {
		return false
	}
	src.Close()
	return true
}
