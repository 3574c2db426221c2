package jcard

import (
	"strconv"

	"ferric/sheet"
)

// slug is one line of type, or a few that stay together, ready to be poured into a column.
type slug struct {
	height MM
	draw   func(s *stick, x, y MM) // x, y: left end, top of the capitals
	keep   bool                    // with the next one
	space  bool                    // only white: dropped at the head of a column
}

// take is how many slugs from the first on fit a column of height h, white at its head not counted.
func take(slugs []slug, h MM) int {
	used, started := MM(0), false
	for i := 0; i < len(slugs); i++ {
		if slugs[i].space && !started {
			continue
		}
		need := slugs[i].height
		for j := i; slugs[j].keep && j+1 < len(slugs); j++ {
			need += slugs[j+1].height
		}
		// What must stay together but is taller than a column is parted after all.
		if used+need > h+1e-6 && (started || used+slugs[i].height > h+1e-6) {
			return i
		}
		used += slugs[i].height
		started = true
	}
	return len(slugs)
}

// pour sets slugs into a column from its top, and returns how many of them found room.
func pour(s *stick, slugs []slug, column sheet.Rect) int {
	n := take(slugs, column.H)
	y := column.Y
	for i, g := range slugs[:n] {
		if g.space && (y == column.Y || i == n-1) {
			continue
		}
		if g.draw != nil {
			g.draw(s, column.X, y)
		}
		y += g.height
	}
	for n < len(slugs) && slugs[n].space {
		n++
	}
	return n
}

// split parts slugs into at most n columns of height h, and gives what is left over.
func split(slugs []slug, n int, h MM) (columns [][]slug, rest []slug) {
	for len(slugs) > 0 && len(columns) < n {
		k := take(slugs, h)
		if k == 0 {
			break
		}
		columns = append(columns, slugs[:k])
		slugs = slugs[k:]
		for len(slugs) > 0 && slugs[0].space {
			slugs = slugs[1:]
		}
	}
	return columns, slugs
}

// level splits into n columns of at most h, as equal in height as they come.
func level(slugs []slug, n int, h MM) [][]slug {
	columns, _ := split(slugs, n, h)
	low, high := MM(0), h
	for range 12 {
		mid := (low + high) / 2
		if cols, rest := split(slugs, n, mid); len(rest) == 0 {
			columns, high = cols, mid
		} else {
			low = mid
		}
	}
	return columns
}

// tall is the height of slugs one under the other.
func tall(slugs []slug) MM {
	h := MM(0)
	for _, g := range slugs {
		h += g.height
	}
	return h
}

func white(h MM) slug { return slug{height: h, space: true} }

// listStyle is how a track list looks.
type listStyle struct {
	size     sheet.Pt
	leading  float64 // 0 is 1.22
	pad      MM      // white between tracks
	rules    bool    // a hairline over each track
	noTimes  bool
	title    sheet.Role
	stretch  float64
	padded   bool // 01, 02
	noNumber bool
}

func (l listStyle) titleStyle() sheet.Style {
	return sheet.Style{Role: l.title, Size: l.size, Stretch: l.stretch}
}

// figures are a little smaller than the text beside them: the monospaced face is large on its body.
func (l listStyle) figures() sheet.Style {
	return sheet.Style{Role: sheet.Mono, Size: l.size * 0.84, NoKern: true}
}

// tracks are the lines of one side's list: number, title hanging beside it, time at the right end.
func (s *stick) tracks(side Side, w MM, l listStyle) []slug {
	if l.leading == 0 {
		l.leading = 1.22
	}
	fig, text := l.figures(), l.titleStyle()
	numberW, timeW := MM(0), MM(0)
	if !l.noNumber {
		numberW = s.measure("00", fig) + l.size.MM()*0.55
	}
	if !l.noTimes {
		for _, t := range side.Tracks {
			timeW = max(timeW, s.measure(Clock(t.Duration), fig))
		}
		timeW += l.size.MM() * 0.8
	}
	lead := l.size.MM() * MM(l.leading)
	slugs := make([]slug, 0, len(side.Tracks))
	for i, t := range side.Tracks {
		block := s.whole(t.shown(), text, w-numberW-timeW, l.leading, sheet.Left)
		number := strconv.Itoa(i + 1)
		if l.padded && len(number) < 2 {
			number = "0" + number
		}
		slugs = append(slugs, slug{
			height: lead*MM(len(block.block.Lines)) + l.pad,
			draw: func(s *stick, x, y MM) {
				s.notes.size(t.shown(), l.size)
				s.notes.missing(t.shown(), block.block.Missing)
				if l.rules {
					s.rule(x, y, x+w, y, 0.1, s.g.line)
					y += (lead + l.pad - s.capHeight(text)) / 2
				}
				base := y + s.capHeight(text)
				if !l.noNumber {
					s.line(number, fig, sheet.Point{X: x + numberW - l.size.MM()*0.55, Y: base}, sheet.Right, s.g.quiet)
				}
				s.put(block, x+numberW, y, s.g.ink)
				if !l.noTimes {
					s.line(Clock(t.Duration), fig, sheet.Point{X: x + w, Y: base}, sheet.Right, s.g.quiet)
				}
			},
		})
	}
	return slugs
}

// sideHead names a side over its list: the letter, and how long it plays.
func (s *stick) sideHead(side Side, w MM, l listStyle, role sheet.Role) slug {
	st := sheet.Style{Role: role, Size: l.size * 1.25}
	fig := l.figures()
	return slug{
		height: s.capHeight(st) + l.size.MM()*0.75, keep: true,
		draw: func(s *stick, x, y MM) {
			base := y + s.capHeight(st)
			s.line("Side "+side.Name, st, sheet.Point{X: x, Y: base}, sheet.Left, s.g.accent)
			s.line(Clock(side.Length), fig, sheet.Point{X: x + w, Y: base}, sheet.Right, s.g.quiet)
		},
	}
}

// bothSides is the whole track list, one under the other.
func (s *stick) bothSides(r *Release, w MM, l listStyle, head sheet.Role) []slug {
	var all []slug
	for i, side := range r.Sides {
		if len(side.Tracks) == 0 {
			continue
		}
		if i > 0 && len(all) > 0 {
			all = append(all, white(l.size.MM()*1.5))
		}
		all = append(all, s.sideHead(side, w, l, head))
		all = append(all, s.tracks(side, w, l)...)
	}
	return all
}

// largest is the largest size, in steps of a quarter point from max down to
// min, at which fits says yes; ok is false when it never does. It halves: fits
// is taken to be true below wherever it is true.
func largest(min, max sheet.Pt, fits func(sheet.Pt) bool) (size sheet.Pt, ok bool) {
	const step = 0.25
	low, high := 0, int((max-min)/step)
	if fits(min + sheet.Pt(high)*step) {
		return min + sheet.Pt(high)*step, true
	}
	for low < high {
		mid := (low + high) / 2
		if fits(min + sheet.Pt(mid)*step) {
			size, ok, low = min+sheet.Pt(mid)*step, true, mid+1
		} else {
			high = mid
		}
	}
	return size, ok
}
