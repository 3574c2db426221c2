package pressing

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"ferric/jcard"
	"ferric/sheet"
	"ferric/sheet/pdf"
	"ferric/sheet/png"
)

// previewDPI is enough to judge a card on a screen and small enough to post.
const previewDPI = 150

// writePapers writes every paper as PDF, and beside that what is worth looking at
// as PNG. Previews are painted one at a time: a page is 9 MB of pixels, with as much again in masks and cover.
func (j *job) writePapers(ctx context.Context) error {
	var papers, pictures []func() error
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
		papers = append(papers, func() error {
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
	for _, p := range pages {
		if strings.HasPrefix(p.Name, "jcards-numbered") && j.edition.Run == 0 {
			continue
		}
		j.previews = append(j.previews, p.Name)
		pictures = append(pictures, func() error { return j.writePreview(p) })
	}
	if len(j.claims.labels) > 0 {
		if err := j.claims.write(j.out, j.edition.ClaimURL); err != nil {
			return err
		}
	}
	return j.together(ctx, "papers", pictures, papers)
}

func (j *job) runSheet() (*sheet.Document, error) {
	o := jcard.RunSheetOptions{LineUp: j.result.LineUp, Files: [2]string{j.sideFile(0), j.sideFile(1)}}
	if !j.master.Flat {
		o.PeakDB = j.result.CeilingDB
	}
	return j.suite.RunSheet(o)
}

// together works through several lists side by side, each in its order, and returns their errors.
func (j *job) together(ctx context.Context, step string, lists ...[]func() error) error {
	errs := make([]error, len(lists))
	var wg sync.WaitGroup
	var mu sync.Mutex
	done, all := 0, 0
	for _, list := range lists {
		all += len(list)
	}
	for i, list := range lists {
		wg.Go(func() {
			for _, do := range list {
				if errs[i] = ctx.Err(); errs[i] != nil {
					return
				}
				if errs[i] = do(); errs[i] != nil {
					return
				}
				mu.Lock()
				done++
				j.Progress(step, float64(done)/float64(all))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func previewFile(name string) string { return "previews/" + name + ".png" }

func (j *job) writePreview(p jcard.Preview) error {
	return j.out.write(previewFile(p.Name), func(w io.Writer) error { return png.Write(w, p.Page, previewDPI) })
}
