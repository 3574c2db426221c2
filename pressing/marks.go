package pressing

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
)

// writeCue writes a side's cue sheet. Its clock counts 75 frames a second; a
// silence before a track is its INDEX 00. The form has no way to write a quotation
// mark inside a title, so one becomes an apostrophe, as other writers do.
func writeCue(w io.Writer, r Release, s Side) error {
	b := bufio.NewWriter(w)
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\r\n", args...) }
	if r.Genre != "" {
		line("REM GENRE %s", cueText(r.Genre))
	}
	if r.Year > 0 {
		line("REM DATE %d", r.Year)
	}
	if r.CatalogNumber != "" {
		line("REM CATALOGNUMBER %s", cueText(r.CatalogNumber))
	}
	if len(r.Barcode) == 13 {
		line("CATALOG %s", r.Barcode)
	}
	if r.Artist != "" {
		line("PERFORMER %s", cueText(r.Artist))
	}
	line("TITLE %s", cueText(r.Title+" (side "+s.Name+")"))
	kind := "WAVE"
	line("FILE %s %s", cueText(s.Programme.File), kind)
	end := 0.0
	for i, t := range s.Tracks {
		line("  TRACK %02d AUDIO", i+1)
		line("    TITLE %s", cueText(t.Title))
		if t.Artist != "" {
			line("    PERFORMER %s", cueText(t.Artist))
		}
		if t.ISRC != "" {
			line("    ISRC %s", t.ISRC)
		}
		if i > 0 && cueTime(end) != cueTime(t.StartS) {
			line("    INDEX 00 %s", cueTime(end))
		}
		line("    INDEX 01 %s", cueTime(t.StartS))
		end = t.StartS + t.DurationS
	}
	return b.Flush()
}

func cueText(s string) string {
	return `"` + strings.NewReplacer(`"`, "'", "\r", " ", "\n", " ").Replace(s) + `"`
}

// cueTime is mm:ss:ff, rounded down to the frame so that a track never starts late.
func cueTime(s float64) string {
	f := int64(math.Floor(s*75 + 1e-6))
	return fmt.Sprintf("%02d:%02d:%02d", f/75/60, f/75%60, f%75)
}

// writeLabels writes a side's tracks as an Audacity label file: start, end and title, separated by tabs.
func writeLabels(w io.Writer, s Side) error {
	b := bufio.NewWriter(w)
	for _, t := range s.Tracks {
		title := strings.NewReplacer("\t", " ", "\r", " ", "\n", " ").Replace(t.Title)
		fmt.Fprintf(b, "%.6f\t%.6f\t%s\n", t.StartS, t.StartS+t.DurationS, title)
	}
	return b.Flush()
}

// writeSums writes a checksum file in the form of md5sum and sha256sum.
func writeSums(w io.Writer, files []File, sum func(File) string) error {
	b := bufio.NewWriter(w)
	for _, f := range files {
		fmt.Fprintf(b, "%s  %s\n", sum(f), f.Name)
	}
	return b.Flush()
}
