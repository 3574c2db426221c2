package pressing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"runtime"
	"strings"
	"sync"

	"ferric/jcard"
	"ferric/sheet"
	"ferric/sheet/pdf"
	"ferric/sheet/png"
)

// previewDPI is enough to judge a card on a screen and small enough to post.
const previewDPI = 150

// preview is a page as a picture, for the report.
type preview struct {
	Name string // "jcard-outside"
	URI  template.URL
}

// writePapers writes every paper as PDF and what is worth looking at as PNG, on all cores.
func (j *job) writePapers(ctx context.Context) error {
	var work []func() error
	for _, p := range []struct {
		name string
		make func() (*sheet.Document, error)
	}{
		{"jcard", func() (*sheet.Document, error) { return j.suite.Card(), nil }},
		{"jcards-numbered", j.suite.Numbered},
		{"shell-labels", j.suite.ShellLabels},
		{"run-sheet", j.runSheet},
		{"insert", func() (*sheet.Document, error) { return j.suite.Insert(false) }},
	} {
		if p.name == "jcards-numbered" && j.edition.Run == 0 {
			continue
		}
		work = append(work, func() error {
			doc, err := p.make()
			if err != nil {
				return err
			}
			return j.out.write(p.name+".pdf", func(w io.Writer) error { return pdf.Write(w, doc) })
		})
	}
	pages, err := j.suite.Previews()
	if err != nil {
		return err
	}
	j.previews = make([]preview, len(pages))
	for i, p := range pages {
		if strings.HasPrefix(p.Name, "jcards-numbered") && j.edition.Run == 0 {
			continue
		}
		work = append(work, func() (err error) {
			j.previews[i], err = j.writePreview(p)
			return err
		})
	}
	if len(j.claims.labels) > 0 {
		if err := j.claims.write(j.out, j.edition.ClaimURL); err != nil {
			return err
		}
	}
	return j.together(ctx, "papers", work)
}

func (j *job) runSheet() (*sheet.Document, error) {
	o := jcard.RunSheetOptions{LineUp: j.result.LineUp, Files: [2]string{j.sideFile(0), j.sideFile(1)}}
	if !j.master.Flat {
		o.PeakDB = j.result.CeilingDB
	}
	return j.suite.RunSheet(o)
}

// together does pieces of work that do not depend on each other, one a core, and returns their errors.
func (j *job) together(ctx context.Context, step string, work []func() error) error {
	errs := make([]error, len(work))
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for i, do := range work {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = do()
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			j.Progress(step, float64(done)/float64(len(work)))
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (j *job) writePreview(p jcard.Preview) (preview, error) {
	var buf bytes.Buffer
	if err := png.Write(&buf, p.Page, previewDPI); err != nil {
		return preview{}, fmt.Errorf("preview of %s: %w", p.Name, err)
	}
	err := j.out.write("previews/"+p.Name+".png", func(w io.Writer) error {
		_, err := w.Write(buf.Bytes())
		return err
	})
	return preview{p.Name, dataURL("image/png", buf.Bytes())}, err
}
