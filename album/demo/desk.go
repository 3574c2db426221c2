package demo

import (
	"context"
	"math"

	"ferric/audio"
)

// blockLen is how many frames the desk works on at a time: short enough for
// the cache, and shorter than every line of the reverb.
const blockLen = 256

// voice is one sounding note.
type voice interface {
	// play adds the next frames to l and r (of one length, at most blockLen), with
	// tmp of that length for its own use, and reports whether anything is left.
	play(l, r, tmp []float32) bool
}

// effect changes stereo sound in place.
type effect interface{ process(l, r []float32) }

// mix is where a channel stands in the mix. Levels in dB; a send of 0 is off, so a unity send is -0.01.
type mix struct {
	level   float64 // dB
	pan     float64 // -1..1
	spread  float64 // width by pitch, as of a keyboard: 1 is two octaves to each side
	scatter float64 // width by chance
	hall    float64 // send to the reverb, dB
	echo    float64 // send to the tape echo, dB
	loose   float64 // how far from the beat notes may fall, seconds
	touch   float64 // how unevenly they are struck, fraction
	swing   float64 // see swung
	inserts []effect
}

type channel struct {
	mix
	play   instrument
	index  int
	fades  [][2]float64 // beat and factor, as written
	fader  []faderPoint
	voices []voice
	l, r   [blockLen]float32
	idle   int // frames since its last voice ended
}

type faderPoint struct {
	at    audio.Frames
	value float32
}

// console is what all channels of a movement share.
type console struct {
	hall    *hall   // nil for none
	echo    *echo   // nil for none
	echoRev float64 // how much of the echo goes on to the hall, factor
	master  []effect
	gain    []faderPoint // in dB, over time
}

// tail is how long a channel's inserts are kept running after its last voice.
const tail = rate / 2

// render plays frames [from,to) of the movement and gives them to emit in blocks. Notes that began earlier are left out.
func (s *score) render(ctx context.Context, from, to audio.Frames, emit func(at audio.Frames, l, r []float32) error) error {
	var l, r, hl, hr, el, er, tmp [blockLen]float32
	next := 0
	for next < len(s.events) && s.events[next].at < from {
		next++
	}
	for at := from; at < to; at += blockLen {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := int(min(blockLen, to-at))
		clear(l[:])
		clear(r[:])
		clear(hl[:])
		clear(hr[:])
		clear(el[:])
		clear(er[:])
		for _, c := range s.channels {
			c.idle += blockLen
			if c.idle < tail+blockLen || len(c.voices) > 0 {
				clear(c.l[:])
				clear(c.r[:])
			}
			alive := c.voices[:0]
			for _, v := range c.voices {
				if v.play(c.l[:], c.r[:], tmp[:]) {
					alive = append(alive, v)
				}
				c.idle = 0
			}
			clear(c.voices[len(alive):])
			c.voices = alive
		}
		for ; next < len(s.events) && s.events[next].at < at+blockLen; next++ {
			e := &s.events[next]
			c := s.channels[e.channel]
			off := int(e.at - at)
			if c.idle >= tail+blockLen {
				clear(c.l[:])
				clear(c.r[:])
			}
			c.idle = 0
			if e.voice.play(c.l[off:], c.r[off:], tmp[off:]) {
				c.voices = append(c.voices, e.voice)
			}
			e.voice = nil
		}
		for _, c := range s.channels {
			if c.idle > tail {
				continue
			}
			for _, fx := range c.inserts {
				fx.process(c.l[:], c.r[:])
			}
			from, to := c.faderAt(at), c.faderAt(at+blockLen)
			level := float32(audio.Ratio(c.level))
			send(&l, &r, c, from*level, to*level)
			if c.hall != 0 && s.desk.hall != nil {
				g := float32(audio.Ratio(c.hall)) * level
				send(&hl, &hr, c, from*g, to*g)
			}
			if c.echo != 0 && s.desk.echo != nil {
				g := float32(audio.Ratio(c.echo)) * level
				send(&el, &er, c, from*g, to*g)
			}
		}
		if s.desk.echo != nil {
			s.desk.echo.process(el[:], er[:])
			g := float32(s.desk.echoRev)
			for i := range l {
				l[i] += el[i]
				r[i] += er[i]
				hl[i] += el[i] * g
				hr[i] += er[i] * g
			}
		}
		if s.desk.hall != nil {
			s.desk.hall.process(hl[:], hr[:])
			for i := range l {
				l[i] += hl[i]
				r[i] += hr[i]
			}
		}
		for _, fx := range s.desk.master {
			fx.process(l[:], r[:])
		}
		g0 := float32(audio.Ratio(float64(valueAt(s.desk.gain, at))))
		g1 := float32(audio.Ratio(float64(valueAt(s.desk.gain, at+blockLen))))
		finish(&l, &r, g0, g1)
		if err := emit(at, l[:n], r[:n]); err != nil {
			return err
		}
	}
	return nil
}

// send adds a channel's block to a bus, its gain moving evenly from g0 to g1.
func send(l, r *[blockLen]float32, c *channel, g0, g1 float32) {
	if g0 == g1 {
		for i := range l {
			l[i] += c.l[i] * g0
			r[i] += c.r[i] * g0
		}
		return
	}
	d := (g1 - g0) / blockLen
	for i := range l {
		g := g0 + d*float32(i)
		l[i] += c.l[i] * g
		r[i] += c.r[i] * g
	}
}

// finish sets the level of the master and rounds off what would reach full
// scale: straight up to the knee, then bending towards the ceiling, -1.1 dBFS, which it never passes.
func finish(l, r *[blockLen]float32, g0, g1 float32) {
	d := (g1 - g0) / blockLen
	for i := range l {
		g := g0 + d*float32(i)
		l[i] = soften(l[i] * g)
		r[i] = soften(r[i] * g)
	}
}

func soften(x float32) float32 {
	const knee, ceiling = 0.58, 0.88
	switch {
	case x > knee:
		u := (x - knee) / (ceiling - knee)
		return knee + (ceiling-knee)*u/(1+u)
	case x < -knee:
		return -soften(-x)
	}
	return x
}

func (c *channel) faderAt(at audio.Frames) float32 {
	if len(c.fader) == 0 {
		return 1
	}
	return valueAt(c.fader, at)
}

// valueAt reads straight lines between points; before the first and after the last their values hold.
func valueAt(points []faderPoint, at audio.Frames) float32 {
	if len(points) == 0 {
		return 0
	}
	if at <= points[0].at {
		return points[0].value
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if at < b.at {
			return a.value + (b.value-a.value)*float32(float64(at-a.at)/float64(b.at-a.at))
		}
	}
	return points[len(points)-1].value
}

// panned is the gain of each channel for a place between -1 and 1, of constant power.
func panned(pan float64) (l, r float32) {
	s, c := math.Sincos((pan + 1) * math.Pi / 4)
	return float32(c), float32(s)
}
