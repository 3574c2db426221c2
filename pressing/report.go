package pressing

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/jpeg"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"codeberg.org/go-fonts/dejavu/dejavusansmono"
	"eliasnaur.com/font/roboto/robotocondensedbold"
	"eliasnaur.com/font/roboto/robotoregular"

	"ferric/jcard"
	"ferric/master"
	"ferric/sheet"
	"ferric/sheet/png"
)

//go:embed report.html
var reportHTML string

// reportSide is a side with its diagrams.
type reportSide struct {
	Side     Side
	Wave     template.HTML
	Loudness template.HTML
	Spectrum template.HTML
}

// writeReport writes everything a label would want to look at into one page
// that needs nothing else: no file beside it, no network.
func (j *job) writeReport(w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	if err := j.fillReport(buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

func (j *job) fillReport(w io.Writer) error {
	page, err := template.New("report").Funcs(template.FuncMap{
		"clock": clock,
		"neg":   func(v float64) float64 { return -v },
		"db": func(v *float64) string {
			if v == nil {
				return "–"
			}
			return strings.Replace(strconv.FormatFloat(*v, 'f', 1, 64), "-", "−", 1)
		},
		// A template writes what stands before a call before it makes the call, so what is large goes past its escapers.
		"preview": func(name string) (template.URL, error) {
			file, err := os.Open(j.out.at(previewFile(name)))
			if err != nil {
				return "", err
			}
			defer file.Close()
			return "", embed(w, "image/png", file)
		},
		"heard": func(name string) (template.URL, error) {
			file, err := os.Open(j.out.at(name))
			if err != nil {
				return "", err
			}
			defer file.Close()
			return "", embed(w, "audio/flac", file)
		},
		"face": func(name string) (template.URL, error) {
			ttf := map[string][]byte{"title": robotocondensedbold.TTF, "text": robotoregular.TTF, "mono": dejavusansmono.TTF}[name]
			return "", embed(w, "font/ttf", bytes.NewReader(ttf))
		},
		"acted": func(a *Acted) string {
			if a == nil {
				return "–"
			}
			return fmt.Sprintf("%d × to %.1f dB", a.Times, a.MaxDB)
		},
	}).Parse(reportHTML)
	if err != nil {
		return err
	}
	var text, plot bytes.Buffer
	if err := j.budget.WriteText(&text, 100); err != nil {
		return err
	}
	if err := j.budget.PlotSVG(&plot); err != nil {
		return err
	}
	data := struct {
		M          *Manifest
		Accent     struct{ Light, Dark template.CSS }
		Cover      template.URL
		Shorter    string
		Sides      []reportSide
		Papers     []string
		Budget     string
		BudgetPlot template.HTML
	}{M: j.manifest, Papers: j.previews, Budget: text.String(), BudgetPlot: template.HTML(plot.String()), Shorter: j.shorter()}
	data.Accent.Light = template.CSS(hex6(j.suite.Palette.Accent))
	data.Accent.Dark = template.CSS(hex6(onDark(j.suite.Palette.Accent)))
	if data.Cover, err = j.reportCover(); err != nil {
		return err
	}
	for i, side := range j.manifest.Sides {
		data.Sides = append(data.Sides, reportSide{side, j.wavePlot(i), j.loudnessPlot(i), j.spectrumPlot(i)})
	}
	return page.Execute(w, data)
}

// shorter says what the next shorter tape would take.
func (j *job) shorter() string {
	p := j.plan
	if p.Shorter.Name == "" {
		return ""
	}
	s := fmt.Sprintf("The next shorter tape, %s, is too short by %s.", p.Shorter.Name, clock(p.Over.Seconds()))
	if p.ShorterBy.Reorder {
		return s + " Another order of the tracks would fit it: --reorder."
	}
	var names []string
	for _, i := range p.ShorterBy.Without {
		names = append(names, "“"+j.Album.Tracks[i].Title+"”")
	}
	if len(names) > 4 {
		names = append(names[:4], "others")
	}
	if len(names) > 0 {
		s += " It would fit without " + strings.Join(names, ", or ") + "."
	}
	return s
}

// wavePlot is a side's waveform with its tracks.
func (j *job) wavePlot(i int) template.HTML {
	side, wave := j.manifest.Sides[i], j.result.Sides[i].Wave
	total := max(side.Programme.DurationS, 1)
	p := newPlot(1088, 150, axis{lo: 0, hi: total}, axis{lo: -1, hi: 1}, "Side "+side.Name+", waveform", trackWords(side))
	p.gridX(steps(0, total, timeStep(total)), clock)
	p.gridY([]float64{-1, 0, 1}, func(v float64) string { return strconv.Itoa(int(v)) })
	xs, lo, hi := make([]float64, len(wave)), make([]float64, len(wave)), make([]float64, len(wave))
	for c, col := range wave {
		xs[c] = (float64(c) + 0.5) / float64(len(wave)) * total
		lo[c], hi[c] = float64(col.Min), float64(col.Max)
	}
	p.area("wave", xs, lo, hi)
	for _, t := range side.Tracks {
		p.post("post", t.StartS, t.Position)
	}
	return p.svg()
}

func trackWords(s Side) string {
	var words []string
	for _, t := range s.Tracks {
		words = append(words, t.Position+" "+t.Title+" at "+clock(t.StartS))
	}
	return strings.Join(words, "; ")
}

// loudnessPlot is a side's short-term loudness over time, with the target.
func (j *job) loudnessPlot(i int) template.HTML {
	side, series := j.manifest.Sides[i], j.result.Sides[i].ShortTerm
	total := max(side.Programme.DurationS, 1)
	p := newPlot(1088, 170, axis{lo: 0, hi: total}, axis{lo: -40, hi: 0}, "Side "+side.Name+", loudness over time", "Short-term loudness in LUFS")
	p.gridX(steps(0, total, timeStep(total)), clock)
	p.gridY([]float64{-40, -30, -20, -10, 0}, minus)
	xs, ys := make([]float64, len(series)), make([]float64, len(series))
	for k, v := range series {
		xs[k], ys[k] = min(float64(k+1), total), float64(v)
	}
	if t := j.manifest.Master.TargetLUFS; t != nil {
		p.mark("target", *t)
	}
	p.line("short", xs, ys)
	for _, t := range side.Tracks {
		p.post("post", t.StartS, t.Position)
	}
	return p.svg()
}

// spectrumPlot is a side's loudest moments by frequency against the tape's saturation, in dB re Dolby level.
func (j *job) spectrumPlot(i int) template.HTML {
	prog, f := j.result.Sides[i], j.master.Formulation
	p := newPlot(1088, 320, axis{lo: 20, hi: 20000, log: true}, axis{lo: -60, hi: 12}, "Side "+j.manifest.Sides[i].Name+", spectrum against the tape", "Loudest moments in thirds of an octave, before and after, and the tape's saturation")
	p.gridX([]float64{20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000}, func(v float64) string {
		if v >= 1000 {
			return strconv.Itoa(int(v/1000)) + " k"
		}
		return strconv.Itoa(int(v))
	})
	p.gridY(steps(-60, 12, 12), minus)
	dolby := j.result.LineUp.ReferenceDB
	curve := func(class string, s master.Spectrum) {
		ys := make([]float64, len(s.MaxDB))
		for k, v := range s.MaxDB {
			ys[k] = v - dolby
		}
		p.line(class, s.Hz, ys)
	}
	curve("before", prog.Before)
	curve("after", prog.After)
	var hz, limit []float64
	for k := 0.0; k <= 60; k++ {
		v := 20 * math.Pow(1000, k/60)
		hz, limit = append(hz, v), append(limit, f.SaturationDB(v))
	}
	p.line("tape", hz, limit)
	p.word("word", p.px(60), p.py(f.SaturationDB(60))-6, f.Name+" saturates")
	return p.svg()
}

func minus(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "-", "−", 1)
}

// timeStep is a round number of seconds that gives six to twelve steps in total.
func timeStep(total float64) float64 {
	for _, s := range []float64{5, 10, 30, 60, 120, 300, 600} {
		if total/s <= 12 {
			return s
		}
	}
	return 1200
}

// reportCover is the cover at the size of a screen.
func (j *job) reportCover() (template.URL, error) {
	if j.Album.Cover == nil {
		return "", nil
	}
	im, err := sheet.NewImage(j.Album.Cover.Data)
	if err != nil {
		return "", nil // the cards' findings have said so
	}
	w, h := im.Size()
	page := sheet.Page{Media: sheet.Rect{W: 80, H: sheet.MM(min(80*float64(h)/float64(w), 160))}}
	page.Add(&sheet.Picture{Image: im, Box: page.Media})
	small, err := png.Render(&page, 560/80.0*25.4)
	if err != nil {
		return "", nil
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, small, &jpeg.Options{Quality: 82}); err != nil {
		return "", err
	}
	return dataURL("image/jpeg", buf.Bytes()), nil
}

// onDark lightens an accent until it reads on the dark page: 4.5:1, what WCAG 2.2 asks of text.
func onDark(c sheet.Colour) sheet.Colour {
	ground := sheet.Hex(0x151412)
	for range 40 {
		if jcard.Contrast(c, ground) >= 4.5 {
			break
		}
		c.R, c.G, c.B = c.R+(1-c.R)*0.08, c.G+(1-c.G)*0.08, c.B+(1-c.B)*0.08
	}
	return c
}

// embed writes a data URL, in pieces.
func embed(w io.Writer, mime string, r io.Reader) error {
	if _, err := io.WriteString(w, "data:"+mime+";base64,"); err != nil {
		return err
	}
	enc := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := io.Copy(enc, r); err != nil {
		return err
	}
	return enc.Close()
}

func dataURL(mime string, data []byte) template.URL {
	return template.URL("data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data))
}
