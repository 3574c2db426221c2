package vorbis

import (
	mathbits "math/bits"
	"sort"
)

// setup is what a stream's third header packet describes: how its packets are coded.
type setup struct {
	books    []codebook
	floors   []floor
	residues []residue
	mappings []mapping
	modes    []mode
}

// floor is the coarse spectrum of a channel: a line drawn through points (floor type 1).
type floor struct {
	classes    []floorClass
	partitions []uint8 // class of each
	multiplier int
	rangeBits  int
	xs         []int
	low, high  []int // of each point, the nearest before it in xs on either side
	order      []int // points by x
}

type floorClass struct {
	dim, sub int
	master   int
	books    [8]int // -1: none
}

// residue is the fine spectrum under the floor, in vectors.
type residue struct {
	kind       int
	begin, end int
	size       int // of a partition
	classbook  int
	books      [][8]int16 // of each class, for each pass; -1: none
}

type mapping struct {
	magnitude, angle []int
	mux              []int // submap of each channel
	floor, residue   [16]int
}

type mode struct {
	long    bool
	mapping int
}

func (s *setup) parse(b *bits, channels int) (why string) {
	left := budget{maxEntries, maxValues}
	s.books = make([]codebook, b.read(8)+1)
	for i := range s.books {
		if why := s.books[i].parse(b, &left); why != "" {
			return why
		}
	}
	for range b.read(6) + 1 {
		if b.read(16) != 0 {
			return "reserved time transform"
		}
	}
	s.floors = make([]floor, b.read(6)+1)
	for i := range s.floors {
		if why := s.floors[i].parse(b, s.books); why != "" {
			return why
		}
	}
	s.residues = make([]residue, b.read(6)+1)
	for i := range s.residues {
		if why := s.residues[i].parse(b, s.books); why != "" {
			return why
		}
	}
	s.mappings = make([]mapping, b.read(6)+1)
	for i := range s.mappings {
		if why := s.mappings[i].parse(b, s, channels); why != "" {
			return why
		}
	}
	s.modes = make([]mode, b.read(6)+1)
	for i := range s.modes {
		long := b.flag()
		window, transform, m := b.read(16), b.read(16), b.read(8)
		if window != 0 || transform != 0 || m >= len(s.mappings) {
			return "reserved mode"
		}
		s.modes[i] = mode{long, m}
	}
	if !b.flag() || b.over {
		return "the setup ends early"
	}
	return ""
}

const floorZero = "floor type 0, which no encoder since 2000 writes"

func (f *floor) parse(b *bits, books []codebook) (why string) {
	switch b.read(16) {
	case 0:
		return floorZero
	case 1:
	default:
		return "reserved kind of floor"
	}
	f.partitions = make([]uint8, b.read(5))
	classes := 0
	for i := range f.partitions {
		f.partitions[i] = uint8(b.read(4))
		classes = max(classes, int(f.partitions[i])+1)
	}
	f.classes = make([]floorClass, classes)
	for i := range f.classes {
		c := &f.classes[i]
		c.dim = b.read(3) + 1
		c.sub = b.read(2)
		if c.sub > 0 {
			if c.master = b.read(8); c.master >= len(books) {
				return "a floor names a codebook that is not there"
			}
		}
		for k := range 1 << c.sub {
			if c.books[k] = b.read(8) - 1; c.books[k] >= len(books) {
				return "a floor names a codebook that is not there"
			}
		}
	}
	f.multiplier = b.read(2) + 1
	f.rangeBits = b.read(4)
	f.xs = []int{0, 1 << f.rangeBits}
	for _, p := range f.partitions {
		for range f.classes[p].dim {
			f.xs = append(f.xs, b.read(f.rangeBits))
		}
	}
	if b.over || len(f.xs) > 65 {
		return "too many floor points"
	}
	f.low, f.high = make([]int, len(f.xs)), make([]int, len(f.xs))
	f.order = make([]int, len(f.xs))
	for i, x := range f.xs {
		f.order[i] = i
		if i < 2 {
			continue
		}
		f.low[i], f.high[i] = 0, 1
		for j, y := range f.xs[:i] {
			if y == x {
				return "two floor points in one place"
			}
			if y < x && y > f.xs[f.low[i]] {
				f.low[i] = j
			}
			if y > x && y < f.xs[f.high[i]] {
				f.high[i] = j
			}
		}
	}
	sort.Slice(f.order, func(a, b int) bool { return f.xs[f.order[a]] < f.xs[f.order[b]] })
	return ""
}

func (r *residue) parse(b *bits, books []codebook) (why string) {
	r.kind = b.read(16)
	r.begin, r.end = b.read(24), b.read(24)
	r.size = b.read(24) + 1
	classes := b.read(6) + 1
	r.classbook = b.read(8)
	if r.kind > 2 || r.end < r.begin || r.classbook >= len(books) || books[r.classbook].dim == 0 {
		return "a residue that cannot be"
	}
	cascade := make([]int, classes)
	for i := range cascade {
		cascade[i] = b.read(3)
		if b.flag() {
			cascade[i] |= b.read(5) << 3
		}
	}
	r.books = make([][8]int16, classes)
	for i := range r.books {
		for pass := range 8 {
			r.books[i][pass] = -1
			if cascade[i]>>pass&1 != 0 {
				k := b.read(8)
				if k >= len(books) || books[k].values == nil {
					return "a residue names a codebook that has no vectors"
				}
				r.books[i][pass] = int16(k)
			}
		}
	}
	if b.over {
		return "the setup ends early"
	}
	return ""
}

func (m *mapping) parse(b *bits, s *setup, channels int) (why string) {
	if b.read(16) != 0 {
		return "reserved kind of mapping"
	}
	submaps := 1
	if b.flag() {
		submaps = b.read(4) + 1
	}
	if b.flag() {
		width := mathbits.Len(uint(channels - 1))
		for range b.read(8) + 1 {
			mag, ang := b.read(width), b.read(width)
			if mag == ang || mag >= channels || ang >= channels {
				return "channels coupled that cannot be"
			}
			m.magnitude, m.angle = append(m.magnitude, mag), append(m.angle, ang)
		}
	}
	if b.read(2) != 0 {
		return "reserved mapping bits"
	}
	m.mux = make([]int, channels)
	if submaps > 1 {
		for i := range m.mux {
			if m.mux[i] = b.read(4); m.mux[i] >= submaps {
				return "a channel without a submap"
			}
		}
	}
	for i := range submaps {
		b.read(8)
		m.floor[i], m.residue[i] = b.read(8), b.read(8)
		if m.floor[i] >= len(s.floors) || m.residue[i] >= len(s.residues) {
			return "a mapping names a floor or residue that is not there"
		}
	}
	return ""
}
