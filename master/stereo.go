package master

import (
	"ferric/audio"
	"ferric/audio/resample"
)

// stereo makes two channels of any number.
//
// Mono is copied to both. More than two are mixed down as ITU-R BS.775 says:
// the centre and the surrounds 3 dB down into left and right, the low-frequency
// channel left out; then all turned down so that nothing can clip.
type stereo struct {
	src  audio.Source
	wide [][]float32
}

// mixes gives, by number of channels in the order of WAV and FLAC, each
// channel's share in left and right before scaling.
func mix(channels int) [][2]float32 {
	const half = 0.70710678
	l, r, c, lfe := [2]float32{1, 0}, [2]float32{0, 1}, [2]float32{half, half}, [2]float32{}
	sl, sr, back := [2]float32{half, 0}, [2]float32{0, half}, [2]float32{0.5, 0.5}
	switch channels {
	case 3:
		return [][2]float32{l, r, c}
	case 4:
		return [][2]float32{l, r, sl, sr}
	case 5:
		return [][2]float32{l, r, c, sl, sr}
	case 6:
		return [][2]float32{l, r, c, lfe, sl, sr}
	case 7:
		return [][2]float32{l, r, c, lfe, back, sl, sr}
	case 8:
		return [][2]float32{l, r, c, lfe, sl, sr, sl, sr}
	}
	return nil
}

func (s *stereo) Format() audio.Format {
	f := s.src.Format()
	f.Channels = 2
	return f
}

func (s *stereo) Length() audio.Frames { return s.src.Length() }
func (s *stereo) Close() error         { return s.src.Close() }

func (s *stereo) ReadFrames(dst [][]float32) (int, error) {
	channels := s.src.Format().Channels
	switch channels {
	case 1:
		n, err := s.src.ReadFrames(dst[:1])
		if n > 0 {
			copy(dst[1][:n], dst[0][:n])
		}
		return n, err
	case 2:
		return s.src.ReadFrames(dst)
	}
	if len(s.wide) != channels || len(s.wide[0]) < len(dst[0]) {
		s.wide = audio.NewBlock(channels, len(dst[0]))
	}
	n, err := s.src.ReadFrames(audio.Window(make([][]float32, 0, channels), s.wide, 0, len(dst[0])))
	if n == 0 {
		return n, err
	}
	shares := mix(channels)
	for side := range 2 {
		var sum float32
		for _, share := range shares {
			sum += share[side]
		}
		out := dst[side][:n]
		clear(out)
		for c, share := range shares {
			if g := share[side] / sum; g != 0 {
				for i, v := range s.wide[c][:n] {
					out[i] += float32(g * v)
				}
			}
		}
	}
	return n, err
}

// resampled is src at rate. Closing it closes src.
func resampled(src audio.Source, rate audio.Rate) (audio.Source, error) {
	return resample.New(src, rate)
}
