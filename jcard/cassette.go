package jcard

import (
	"math"
	"time"

	"ferric/sheet"
	"ferric/tape"
)

// Shell is a cassette's plastic.
type Shell struct {
	Colour sheet.Colour
	Clear  bool // seen through: the packs show behind the label's edges
}

// Outline of the cassette, in millimetres. The shell is commonly given as 100.4
// × 63.8 with hubs 42.5 apart; what else is drawn on it (window, screws,
// trapezoid) follows common shells by eye.
const (
	shellW  MM = 100.4
	shellH  MM = 63.8
	hubDown MM = 29.6 // of the hubs, from the shell's top edge
)

// Cassette is a picture of the tape in millimetres, 100.4 by 63.8: shell,
// screws, label of one side with its number (which may be ""), and through the
// window both packs at their true radii when so much of the side has been
// played. It is one group, to be placed through a matrix.
func (s *Suite) Cassette(side int, number string, played time.Duration, shell Shell) *sheet.Group {
	st := s.stick(s.labelGround())
	dark := mix(shell.Colour, sheet.Hex(0), 0.28)
	light := mix(shell.Colour, sheet.Hex(0xFFFFFF), 0.16)
	body := shell.Colour
	if shell.Clear {
		body.A = 0.35
	}
	outline := sheet.RoundRect(sheet.Rect{W: shellW, H: shellH}, 2.6)
	st.add(sheet.Filled(outline, body).Named("shell"))

	length := s.Release.Tape
	if length.Metres == 0 {
		length = tape.Standard()[4]
	}
	reels := length.At(played)
	middle := shellW / 2
	supply := sheet.Point{X: middle - hubsApart/2, Y: hubDown}
	takeUp := sheet.Point{X: middle + hubsApart/2, Y: hubDown}
	pack := func(at sheet.Point, r tape.Metres) []sheet.Item {
		return []sheet.Item{
			sheet.Filled(sheet.Circle(at, MM(r*1000)), s.tapeColour()).Named("pack"),
			sheet.Stroked(sheet.Circle(at, MM(r*1000)-0.15), mix(s.tapeColour(), sheet.Hex(0), 0.35), 0.3),
		}
	}
	packs := append(pack(supply, reels.Supply.Radius), pack(takeUp, reels.TakeUp.Radius)...)
	if shell.Clear {
		st.add(&sheet.Clip{Inside: outline, Items: packs})
		st.add(sheet.Filled(outline, sheet.Hex(0xFFFFFF).Alpha(0.12)))
	}
	st.add(sheet.Stroked(sheet.RoundRect(sheet.Rect{X: 0.2, Y: 0.2, W: shellW - 0.4, H: shellH - 0.4}, 2.5), dark, 0.4))
	st.add(sheet.Stroked(sheet.RoundRect(sheet.Rect{X: 1.3, Y: 1.3, W: shellW - 2.6, H: shellH - 2.6}, 1.8), light, 0.2))

	// The thick part at the head opening.
	foot := sheet.Polygon(
		sheet.Point{X: middle - 31, Y: shellH - 15.4}, sheet.Point{X: middle + 31, Y: shellH - 15.4},
		sheet.Point{X: middle + 34.5, Y: shellH - 0.4}, sheet.Point{X: middle - 34.5, Y: shellH - 0.4})
	st.add(sheet.Filled(foot, mix(shell.Colour, sheet.Hex(0), 0.07).Alpha(body.A)).Named("trapezoid"), sheet.Stroked(foot, dark, 0.25))
	for _, dx := range []MM{-23, 23} {
		st.add(sheet.Filled(sheet.Circle(sheet.Point{X: middle + dx, Y: shellH - 5.2}, 2.4), dark))
	}
	for _, dx := range []MM{-11.5, 11.5} {
		st.add(sheet.Filled(sheet.RoundRect(sheet.Rect{X: middle + dx - 1.7, Y: shellH - 6.2, W: 3.4, H: 3.4}, 0.5), dark))
	}
	for i, at := range []sheet.Point{{X: 4.6, Y: 4.6}, {X: shellW - 4.6, Y: 4.6}, {X: 4.6, Y: shellH - 4.6}, {X: shellW - 4.6, Y: shellH - 4.6}, {X: middle, Y: shellH - 11}} {
		st.screw(at, float64(25+i*37), dark, light)
	}

	// The label, then what is seen through its slot.
	label := sheet.MoveBy((shellW-labelW)/2, hubDown-slotDown)
	face := s.stick(s.labelGround())
	face.shellLabel(s, side)
	if number != "" {
		face.labelNumber(number)
	}
	edge := sheet.RoundRect(sheet.Rect{W: labelW, H: labelH}, labelRound)
	st.add(sheet.Filled(sheet.Mapped(edge, label), s.Palette.Card).Named("label"))
	st.add(&sheet.Clip{Inside: sheet.Mapped(edge, label), Items: moved(label, face.items)})
	open := sheet.Mapped(sheet.RoundRect(slot(), slotH/2), label)
	st.add(sheet.Filled(open, mix(shell.Colour, sheet.Hex(0), 0.12)))
	window := sheet.Rect{X: middle - 11.5, Y: hubDown - 5.6, W: 23, H: 11.2}
	st.add(sheet.Filled(sheet.RoundRect(window, 1), mix(sheet.Hex(0xFFFFFF), s.Palette.Card, 0.5)))
	st.add(&sheet.Clip{Inside: sheet.RoundRect(window, 1), Items: packs})
	st.add(sheet.Filled(sheet.Polygon(
		sheet.Point{X: window.X + 2, Y: window.Y}, sheet.Point{X: window.X + 7, Y: window.Y},
		sheet.Point{X: window.X + 3.6, Y: window.Y + window.H}, sheet.Point{X: window.X, Y: window.Y + window.H}, sheet.Point{X: window.X, Y: window.Y + 5},
	), sheet.Hex(0xFFFFFF).Alpha(0.14)))
	st.add(sheet.Stroked(sheet.RoundRect(window, 1), dark, 0.25).Named("window"))
	st.hub(supply, -reels.Supply.Turns, dark)
	st.hub(takeUp, reels.TakeUp.Turns, dark)
	return &sheet.Group{Items: st.items, Box: sheet.Rect{W: shellW, H: shellH}}
}

// tapeColour is the oxide's: brown for ferric, nearly black for the others.
func (s *Suite) tapeColour() sheet.Colour {
	if s.Release.Formulation.Code == "I" || s.Release.Formulation.Code == "" {
		return sheet.Hex(0x4A2C1E)
	}
	return sheet.Hex(0x25211F)
}

func (s *stick) screw(at sheet.Point, degrees float64, dark, light sheet.Colour) {
	s.add(sheet.Filled(sheet.Circle(at, 1.5), dark), sheet.Filled(sheet.Circle(at, 1.15), light))
	for _, a := range []float64{degrees, degrees + 90} {
		sin, cos := math.Sincos(a * math.Pi / 180)
		d := sheet.Point{X: MM(cos) * 0.8, Y: MM(sin) * 0.8}
		s.rule(at.X-d.X, at.Y-d.Y, at.X+d.X, at.Y+d.Y, 0.3, dark)
	}
}

// hub is the white hub in its round opening, its six teeth turned as the tape has turned them.
func (s *stick) hub(at sheet.Point, turns float64, dark sheet.Colour) {
	white := sheet.Hex(0xF4F1EA)
	s.add(sheet.Filled(sheet.Circle(at, 6.2), dark))
	s.add(sheet.Filled(sheet.Ring(at, 5.6, 4.3), white).Named("hub"))
	_, part := math.Modf(turns)
	for i := range 6 {
		tooth := sheet.RectPath(sheet.Rect{X: at.X - 0.55, Y: at.Y - 4.5, W: 1.1, H: 1.9})
		m := sheet.MoveBy(-at.X, -at.Y).Then(sheet.TurnBy(part*360 + float64(i)*60)).Then(sheet.MoveBy(at.X, at.Y))
		s.add(sheet.Filled(sheet.Mapped(tooth, m), white))
	}
}
