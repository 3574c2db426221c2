package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// terminal is where a command speaks: its answer on out, all else on err.
// Colour and progress appear only on a real terminal, and colour never when NO_COLOR is set.
type terminal struct {
	out    *checked
	err    io.Writer
	live   bool // err is a terminal: show progress
	colour bool // out is a terminal that wants colour
	width  int  // columns of out
}

func newTerminal(out, err io.Writer) *terminal {
	t := &terminal{out: &checked{w: out}, err: err, width: 80}
	if f, ok := err.(*os.File); ok {
		t.live = term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
	}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		_, no := os.LookupEnv("NO_COLOR")
		t.colour = !no && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			t.width = w
		}
	}
	return t
}

// checked remembers that a write failed, for the exit code: a full disk behind > is a failure, too.
type checked struct {
	w   io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// fail prints what went wrong, safe for a terminal whatever a file's name or tags hold.
func (t *terminal) fail(err error) { fmt.Fprintln(t.err, "ferric: "+printable(err.Error())) }

// warn prints what the user should know and nothing stops for, with the file it is about.
func (t *terminal) warn(text, file string) {
	if file != "" {
		text = file + ": " + text
	}
	fmt.Fprintln(t.err, printable(text))
}

// say prints a line of the answer.
func (t *terminal) say(format string, args ...any) {
	fmt.Fprintln(t.out, printable(fmt.Sprintf(format, args...)))
}

// Styles for say; each is the plain text where there is no colour.
func (t *terminal) bold(s string) string  { return t.style("1", s) }
func (t *terminal) faint(s string) string { return t.style("2", s) }
func (t *terminal) bad(s string) string   { return t.style("31", s) }
func (t *terminal) care(s string) string  { return t.style("33", s) }
func (t *terminal) good(s string) string  { return t.style("32", s) }

func (t *terminal) style(code, s string) string {
	if !t.colour {
		return s
	}
	return escape + code + "m" + printable(s) + escape + "0m"
}

// escape starts a style; printable lets only styles of this form pass.
const escape = "\x1b["

// printable drops what a hostile name could do to a terminal: control
// characters, escape sequences other than our own styles, and text that runs backwards.
func printable(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n' || r == '\t':
		case r == 0x1b && isStyle(s[i:]):
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isStyle(s string) bool {
	for _, code := range []string{"0", "1", "2", "31", "32", "33"} {
		if strings.HasPrefix(s, escape+code+"m") {
			return true
		}
	}
	return false
}

// bar shows how far a long piece of work is, with the time that is left. The
// zero of done and total is the start; it does nothing where nobody watches.
type bar struct {
	container *mpb.Progress
	bar       *mpb.Bar
	step      string
}

// progress starts a bar. Set moves it; close it before the answer is printed.
func (t *terminal) progress() *bar {
	if !t.live {
		return &bar{}
	}
	return &bar{container: mpb.New(mpb.WithOutput(t.err), mpb.WithWidth(32))}
}

// set says which step runs and how far it is, 0 to 1. It must not be called by two goroutines at once.
func (b *bar) set(step string, done float64) {
	if b.container == nil {
		return
	}
	const parts = 1000
	if step != b.step {
		b.finish()
		b.step = step
		b.bar = b.container.AddBar(parts,
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(step, decor.WC{W: 22, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Name("  "), decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left")),
		)
	}
	b.bar.SetCurrent(int64(done * parts))
}

func (b *bar) finish() {
	if b.bar != nil && !b.bar.Completed() {
		b.bar.Abort(true)
	}
}

func (b *bar) close() {
	if b.container != nil {
		b.finish()
		b.container.Wait()
	}
}
