package jcard

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"ferric/master"
	"ferric/sheet"
	"ferric/tape"
)

// RunSheetOptions say what the dubbing table has. The zero value is the default.
type RunSheetOptions struct {
	LineUp  master.LineUp // zero: [master.NewLineUp] for the release's formulation
	Counter tape.Counter  // of the deck; zero: the Commodore C2N's 0.525 counts a turn
	// PeakDB is the true-peak ceiling of the programmes, dBFS; 0 is −1.
	PeakDB float64
	// Files are the names of the two programmes; empty ones are "side-a.wav" and "side-b.wav".
	Files [2]string
}

// RunSheet is what lies beside the decks while a run is dubbed: what to do in
// which order, the line-up tones, each side's tracks with start times and
// counter readings, and a row to tick for every copy. It is black on white for
// any office printer.
func (s *Suite) RunSheet(o RunSheetOptions) (*sheet.Document, error) {
	if err := s.Edition.Check(); err != nil {
		return nil, err
	}
	if o.LineUp.Tones == nil {
		kind := s.Release.Formulation
		if kind.Code == "" {
			kind = tape.Ferric()
		}
		o.LineUp = master.NewLineUp(kind)
	}
	if o.PeakDB == 0 {
		o.PeakDB = master.DefaultTruePeak
	}
	for i, name := range []string{"side-a.wav", "side-b.wav"} {
		if o.Files[i] == "" {
			o.Files[i] = name
		}
	}
	t := &table{s: s, o: o, doc: s.document("run sheet")}
	t.pal = plainPalette()
	t.stick = stick{fonts: s.fonts, pal: t.pal, g: bare(t.pal), notes: newNotes()}
	t.turn(false)
	t.title()
	t.facts()
	t.steps()
	t.tones()
	t.sides()
	t.copies()
	t.finish()
	return t.doc, nil
}

// table sets the run sheet page after page; y is where the next line goes.
type table struct {
	stick
	s     *Suite
	o     RunSheetOptions
	doc   *sheet.Document
	paper sheet.Rect
	area  sheet.Rect
	y     MM
}

const (
	sheetMargin MM = 17
	sheetFoot   MM = 9 // room for the page's foot
)

func (t *table) bottom() MM { return t.area.Y + t.area.H }

// turn ends the page and opens the next one, with a running head.
func (t *table) turn(running bool) {
	t.finish()
	t.paper = sheet.Rect{W: t.s.Paper.W, H: t.s.Paper.H}
	t.doc.Pages = append(t.doc.Pages, &sheet.Page{Media: t.paper, Bleed: t.paper, Trim: t.paper})
	t.area = sheet.Rect{X: sheetMargin, Y: sheetMargin, W: t.paper.W - 2*sheetMargin, H: t.paper.H - 2*sheetMargin - sheetFoot}
	t.y = t.area.Y
	if running {
		t.line("Run sheet", sheet.Style{Role: sheet.Title, Size: 9}, sheet.Point{X: t.area.X, Y: t.y + 2.2}, sheet.Left, t.pal.Ink)
		name := t.fit(join(" – ", t.s.Release.Artist, t.s.Release.Title), sheet.TitleLight, t.area.W-22-44, 3, fitting{max: 9, lines: 1})
		t.put(name, t.area.X+22, t.y+2.2-name.cap, t.pal.Ink)
		cat := t.fit(t.s.Release.Catalogue, sheet.Mono, 40, 3, fitting{max: 8, lines: 1})
		t.put(cat, t.area.X+t.area.W-cat.width(), t.y+2.2-cat.cap, t.pal.Ink)
		t.y += 4.6
		t.hair(t.y, 0.3, t.pal.Ink)
		t.y += 6
	}
}

// finish numbers the page and puts what was set onto it.
func (t *table) finish() {
	n := len(t.doc.Pages)
	if n == 0 {
		return
	}
	p := t.doc.Pages[n-1]
	base := t.paper.H - sheetMargin + 2
	small := sheet.Style{Role: sheet.TitleLight, Size: 7.5}
	t.line("Counters differ between decks, and a little between tapes of one batch. Trust the times.", small, sheet.Point{X: t.area.X, Y: base}, sheet.Left, t.pal.Ink2)
	t.line("page "+strconv.Itoa(n), sheet.Style{Role: sheet.Mono, Size: 7}, sheet.Point{X: t.area.X + t.area.W, Y: base}, sheet.Right, t.pal.Ink2)
	p.Add(t.items...)
	t.items = nil
}

// need turns the page when h millimetres are not left on it.
func (t *table) need(h MM) bool {
	if t.y+h <= t.bottom() {
		return false
	}
	t.turn(true)
	return true
}

func (t *table) hair(y, width MM, c sheet.Colour) {
	t.rule(t.area.X, y, t.area.X+t.area.W, y, width, c)
}

func (t *table) title() {
	r := t.s.Release
	artist, title := r.names()
	st := sheet.Style{Role: sheet.Title, Size: 9, Tracking: 0.06}
	t.line("RUN SHEET", st, sheet.Point{X: t.area.X, Y: t.y + t.capHeight(st)}, sheet.Left, t.pal.Ink)
	if cat := squeeze(r.Catalogue); cat != "" {
		c := t.fit(cat, sheet.MonoBold, 60, 4, fitting{max: 13, lines: 1})
		t.put(c, t.area.X+t.area.W-c.width(), t.y, t.pal.Ink)
	}
	t.y += 7
	a := t.fit(title, sheet.Title, t.area.W, 16, fitting{max: 26, min: 12, lines: 2, leading: 1.06})
	t.put(a, t.area.X, t.y, t.pal.Ink)
	t.y += a.Height
	if artist != "" {
		b := t.fit(artist, sheet.TitleLight, t.area.W, 5, fitting{max: 14, min: 9, lines: 1})
		t.y += a.gap(b, 3)
		t.put(b, t.area.X, t.y, t.pal.Ink)
		t.y += b.Height
	}
	t.y += 5
}

// facts is a row of what one looks for first.
func (t *table) facts() {
	r, e := t.s.Release, t.s.Edition
	run := "not numbered"
	if e.Run > 0 {
		run = strconv.Itoa(e.Run)
		if e.Proofs > 0 {
			run += " + " + strconv.Itoa(e.Proofs) + " AP"
		}
	}
	cells := [][2]string{
		{"Tape", join(" ", r.Tape.Name, r.typeName())},
		{"Deck", join(", ", r.Formulation.EQ.Name, "NR "+onOff(r.Noise))},
		{"Copies", run},
		{"Side A", Clock(r.Sides[0].Length)},
		{"Side B", Clock(r.Sides[1].Length)},
		{"Blank", Clock(r.Sides[0].Blank) + " / " + Clock(r.Sides[1].Blank)},
	}
	t.hair(t.y, 0.4, t.pal.Ink)
	w := t.area.W / MM(len(cells))
	for i, c := range cells {
		x := t.area.X + MM(i)*w
		t.line(c[0], sheet.Style{Role: sheet.TitleLight, Size: 7.5}, sheet.Point{X: x, Y: t.y + 4.4}, sheet.Left, t.pal.Ink2)
		v := t.fit(c[1], sheet.MonoBold, w-2, 3, fitting{max: 8.5, min: 6, lines: 1})
		t.put(v, x, t.y+9.4-v.cap, t.pal.Ink)
	}
	t.y += 12.2
	t.hair(t.y, 0.15, t.pal.Ink)
	t.y += 6.5
}

func onOff(noise string) string {
	if noise == "" {
		return "off"
	}
	return noise
}

func (t *table) heading(text string) {
	st := sheet.Style{Role: sheet.Title, Size: 11}
	t.line(text, st, sheet.Point{X: t.area.X, Y: t.y + t.capHeight(st)}, sheet.Left, t.pal.Ink)
	t.y += t.capHeight(st) + 2.6
}

// steps is the order of work, in two columns.
func (t *table) steps() {
	r, l := t.s.Release, t.o.LineUp
	kind := l.Formulation
	peak := t.o.PeakDB - l.ReferenceDB
	steps := []string{
		"Clean heads, capstan and pinch roller. Let the decks warm up.",
		fmt.Sprintf("Set tape type %s, %s, noise reduction %s.", kind.Code, kind.EQ.Name, onOff(r.Noise)),
		"Line up every deck with line-up.wav on a tape of this batch (below). Note the level each deck needs.",
		fmt.Sprintf("Peaks of the programme then reach %s over Dolby level; this tape distorts by 3 %% at %s (400 Hz) and is full at %s (10 kHz).", decibel(peak), decibel(kind.MOL400), decibel(kind.SOL10k)),
		"Wind past the leader: nothing can be recorded on it, and it is 5 to 10 s long. Counter to 000.",
		fmt.Sprintf("Record, pause off, then start %s. Let the tape run to its end.", t.o.Files[0]),
		fmt.Sprintf("Turn over, past the leader, counter to 000, and the same with %s.", t.o.Files[1]),
		"Listen to each copy: first seconds, the loudest place, the end of both sides. Then tick, number, pack.",
	}
	t.heading("In this order")
	const gutter = 8
	w := (t.area.W - gutter) / 2
	text := sheet.Style{Role: sheet.Body, Size: 8.5}
	number := sheet.Style{Role: sheet.MonoBold, Size: 8}
	var slugs []slug
	for i, step := range steps {
		b := t.whole(step, text, w-6, 1.36, sheet.Left)
		slugs = append(slugs, slug{height: b.block.Leading*MM(len(b.block.Lines)) + 1.5, draw: func(s *stick, x, y MM) {
			s.line(strconv.Itoa(i+1), number, sheet.Point{X: x, Y: y + s.capHeight(text)}, sheet.Left, t.pal.Ink)
			s.put(b, x+6, y, t.pal.Ink)
		}})
	}
	deepest := MM(0)
	for i, col := range level(slugs, 2, 200) {
		pour(&t.stick, col, sheet.Rect{X: t.area.X + MM(i)*(w+gutter), Y: t.y, W: w, H: 200})
		deepest = max(deepest, tall(col))
	}
	t.y += deepest + 5
}

// decibel is a level with its sign, as typeset.
func decibel(v float64) string {
	v = math.Round(v*10) / 10
	if v < 0 {
		return fmt.Sprintf("−%.1f dB", -v)
	}
	return fmt.Sprintf("+%.1f dB", v)
}

// col is a column of a table: where it starts, from the left of the area, and how it is set.
type col struct {
	at    MM
	head  string
	role  sheet.Role
	align sheet.Align
}

func (t *table) headings(cols []col) {
	st := sheet.Style{Role: sheet.TitleLight, Size: 7.5}
	for _, c := range cols {
		t.line(c.head, st, sheet.Point{X: t.area.X + c.at, Y: t.y + 2}, c.align, t.pal.Ink2)
	}
	t.y += 3.6
	t.hair(t.y, 0.3, t.pal.Ink)
}

// tones is the line-up file as a table.
func (t *table) tones() {
	l := t.o.LineUp
	t.heading("Line-up tones, in line-up.wav")
	cols := []col{
		{0, "tone", sheet.BodyBold, sheet.Left}, {34, "starts", sheet.Mono, sheet.Right}, {45, "lasts", sheet.Mono, sheet.Right},
		{62, "file level", sheet.Mono, sheet.Right}, {68, "what to do", sheet.Body, sheet.Left},
	}
	t.headings(cols)
	for _, tone := range l.Tones {
		note := t.whole(minus(tone.Purpose), sheet.Style{Role: sheet.Body, Size: 8}, t.area.W-68, 1.3, sheet.Left)
		h := max(note.block.Leading*MM(len(note.block.Lines)), 4) + 2.4
		t.need(h)
		mono := sheet.Style{Role: sheet.Mono, Size: 7.75, NoKern: true}
		top := t.y + 2
		base := top + note.cap
		name := fmt.Sprintf("%s Hz %s", thousands(tone.Hz), tone.Name)
		n := t.fit(name, sheet.BodyBold, 25, 6, fitting{max: 8, lines: 2, leading: 1.2})
		t.put(n, t.area.X, top, t.pal.Ink)
		t.line(Clock(tone.Start), mono, sheet.Point{X: t.area.X + 34, Y: base}, sheet.Right, t.pal.Ink)
		t.line(strconv.Itoa(int(tone.Length.Seconds()))+" s", mono, sheet.Point{X: t.area.X + 45, Y: base}, sheet.Right, t.pal.Ink)
		t.line(fmt.Sprintf("−%g dBFS", -tone.LevelDB), mono, sheet.Point{X: t.area.X + 62, Y: base}, sheet.Right, t.pal.Ink)
		t.put(note, t.area.X+68, top, t.pal.Ink)
		t.y += max(h, n.Height+4)
		t.hair(t.y, 0.1, t.pal.Line)
	}
	t.y += 3.4
	st := sheet.Style{Role: sheet.TitleLight, Size: 8}
	x := t.area.X
	x += t.line("The 400 Hz tone, played back, by the deck's meter:", st, sheet.Point{X: x, Y: t.y + 2}, sheet.Left, t.pal.Ink) + 4
	for _, ref := range tape.References() {
		x += t.line(ref.Name, st, sheet.Point{X: x, Y: t.y + 2}, sheet.Left, t.pal.Ink2) + 1.2
		x += t.line(decibel(ref.From(l.RecordDB)), sheet.Style{Role: sheet.MonoBold, Size: 7.5}, sheet.Point{X: x, Y: t.y + 2}, sheet.Left, t.pal.Ink) + 4
	}
	t.y += 9
}

// minus is text with true minus signs before figures.
func minus(text string) string {
	return strings.NewReplacer(" -", " −", "(-", "(−").Replace(text)
}

func thousands(hz float64) string {
	s := strconv.Itoa(int(math.Round(hz)))
	if len(s) > 3 {
		return s[:len(s)-3] + "\u2009" + s[len(s)-3:]
	}
	return s
}

// sides are the track tables, with times and counter readings.
func (t *table) sides() {
	r := t.s.Release
	count := func(at time.Duration) string {
		if r.Tape.Metres == 0 {
			return "–"
		}
		return fmt.Sprintf("%03d", t.o.Counter.Reading(r.Tape, at))
	}
	for i, side := range r.Sides {
		if len(side.Tracks) == 0 {
			continue
		}
		if left := t.bottom() - t.y; left < 40 && left < 16+6*MM(len(side.Tracks)+1) {
			t.turn(true)
		}
		t.heading(fmt.Sprintf("Side %s, %s", side.Name, t.o.Files[i]))
		right := t.area.W
		cols := []col{
			{6, "", sheet.Mono, sheet.Right}, {9, "track", sheet.Body, sheet.Left}, {right - 64, "starts", sheet.Mono, sheet.Right},
			{right - 46, "lasts", sheet.Mono, sheet.Right}, {right - 27, "counter", sheet.Mono, sheet.Right}, {right, "your deck", sheet.Mono, sheet.Right},
		}
		t.headings(cols)
		row := func(number, title, starts, lasts, counter string, role sheet.Role) {
			text := t.fit(title, role, right-64-9-18, 8, fitting{max: 8.5, min: 7, lines: 2, leading: 1.2})
			h := text.Height + 3
			if t.need(h) {
				t.headings(cols)
			}
			top := t.y + 1.5
			base := top + text.cap
			mono := sheet.Style{Role: sheet.Mono, Size: 7.75, NoKern: true}
			for j, v := range []string{number, "", starts, lasts, counter} {
				if v != "" {
					t.line(v, mono, sheet.Point{X: t.area.X + cols[j].at, Y: base}, sheet.Right, t.pal.Ink)
				}
			}
			t.put(text, t.area.X+9, top, t.pal.Ink)
			t.rule(t.area.X+right-18, t.y+h-0.6, t.area.X+right, t.y+h-0.6, 0.15, t.pal.Ink2)
			t.y += h
			t.hair(t.y, 0.1, t.pal.Line)
		}
		for k, tr := range side.Tracks {
			title := tr.shown()
			if tr.Joined {
				title += "  (runs on)"
			}
			row(strconv.Itoa(k+1), title, Clock(tr.Start), Clock(tr.Duration), count(tr.Start), sheet.Body)
		}
		row("", fmt.Sprintf("End of side, then %s of blank tape", Clock(side.Blank)), Clock(side.Length), "", count(side.Length), sheet.BodyItalic)
		t.y += 6
	}
	note := fmt.Sprintf("Counter readings are computed from the tape's thickness (%s) for %s counts a turn of the take-up hub, %s, zeroed where the programme starts. For another deck, write down what it shows at two places far apart: your reading divided by the printed one is the factor for all others. If the two factors differ, the tape is thicker or thinner than its data sheet.",
		micrometres(r.Tape), trim(counterPerTurn(t.o.Counter)), deckName(t.o.Counter))
	b := t.whole(note, sheet.Style{Role: sheet.Body, Size: 7.5}, t.area.W, 1.36, sheet.Left)
	t.need(b.Height + 4)
	t.put(b, t.area.X, t.y, t.pal.Ink2)
	t.y += b.Height + 8
}

func micrometres(l tape.Length) string {
	if l.Thickness == 0 {
		return "unknown"
	}
	s := trim(float64(l.Thickness)*1e6) + " µm"
	if l.Remembered {
		s += ", not from a data sheet"
	}
	return s
}

func counterPerTurn(c tape.Counter) float64 {
	if c.PerTurn == 0 {
		return 0.525
	}
	return c.PerTurn
}

func deckName(c tape.Counter) string {
	if c.PerTurn == 0 {
		return "a Commodore C2N's"
	}
	return "as set for this deck"
}

func trim(v float64) string { return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) }

// copies is a row to tick for every copy, in two blocks a page.
func (t *table) copies() {
	labels := t.s.Edition.Labels()
	if len(labels) == 0 { // a run without numbers still has copies
		for i := 1; i <= 24; i++ {
			labels = append(labels, strconv.Itoa(i))
		}
	}
	const row, gutter = 6.2, 9
	blockW := (t.area.W - gutter) / 2
	if t.bottom()-t.y < 16+row*min(12, MM((len(labels)+1)/2)) {
		t.turn(true)
	}
	t.heading("Copies")
	for len(labels) > 0 {
		rows := int((t.bottom() - t.y - 4.6) / row)
		if rows < 1 {
			t.turn(true)
			continue
		}
		rows = min(rows, (len(labels)+1)/2)
		top := t.y
		for b := 0; b < 2 && len(labels) > 0; b++ {
			n := min(rows, len(labels))
			t.y = top
			t.block(t.area.X+MM(b)*(blockW+gutter), blockW, row, labels[:n])
			labels = labels[n:]
		}
		t.y = top + 4.6 + row*MM(rows)
		if len(labels) > 0 {
			t.turn(true)
		}
	}
}

// block is one column of copies: number, four boxes, date and initials.
func (t *table) block(x, w, row MM, labels []string) {
	st := sheet.Style{Role: sheet.TitleLight, Size: 7}
	const numberW, step = 19.0, 9.2
	heads := []string{"A", "B", "heard", "packed"}
	for i, h := range heads {
		t.line(h, st, sheet.Point{X: x + numberW + MM(i)*step + 1.6, Y: t.y + 2}, sheet.Centre, t.pal.Ink2)
	}
	after := x + numberW + 4*step
	t.line("date, initials", st, sheet.Point{X: after + 0.5, Y: t.y + 2}, sheet.Left, t.pal.Ink2)
	y := t.y + 3.6
	t.rule(x, y, x+w, y, 0.3, t.pal.Ink)
	number := sheet.Style{Role: sheet.MonoBold, Size: 7.75, NoKern: true}
	for _, l := range labels {
		base := y + row/2 + t.capHeight(number)/2
		n := t.fit(l, sheet.MonoBold, numberW-2, 3, fitting{max: 7.75, lines: 1})
		t.put(n, x, base-n.cap, t.pal.Ink)
		for i := range heads {
			t.frame(sheet.Rect{X: x + numberW + MM(i)*step, Y: y + (row-3.2)/2, W: 3.2, H: 3.2}, 0.2, t.pal.Ink)
		}
		y += row
		t.rule(x, y, x+w, y, 0.1, t.pal.Line)
	}
}
