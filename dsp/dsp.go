// Package dsp is signal processing on plain slices of samples: windows,
// filters, Fourier transforms, delay lines, noise, and the dynamics processors
// that prepare a programme for tape. It knows nothing of files or of tape;
// rates are plain hertz and levels plain numbers whose names carry their unit.
//
// A sound block is planar: one []float32 a channel, all of one length, full
// scale ±1.0. Processors are structs with a pure step: same parameters and same
// input give the same output however the input is cut into blocks. Those with a
// delay say it in Latency, in frames; feed that many zero frames at the end and
// drop as many from the start to line output up with input.
//
// Arithmetic is kept in one order on purpose. Filters that shape a programme
// are sums of whole vectors, taken tap by tap (see Convolve), and scalar code
// spells out each rounding (float64(a*b) + c), which the Go specification
// promises not to fuse. So the bytes do not depend on how many lanes the
// vector unit has; docs/decisions/0003-own-dsp.md says how far that goes.
package dsp

import "math"

// DB is 20·log10 of an amplitude ratio; 0 gives -Inf.
func DB(ratio float64) float64 { return 20 * math.Log10(ratio) }

// Ratio is the amplitude ratio of db decibels.
func Ratio(db float64) float64 { return math.Pow(10, db/20) }

// PowerDB is 10·log10 of a power ratio; 0 gives -Inf.
func PowerDB(power float64) float64 { return 10 * math.Log10(power) }
