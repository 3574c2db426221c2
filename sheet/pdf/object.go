package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// ref is the number of an object; it prints as a reference to it.
type ref int

func (r ref) String() string { return strconv.Itoa(int(r)) + " 0 R" }

// alloc takes the next object number.
func (f *file) alloc() ref {
	f.offsets = append(f.offsets, 0)
	return ref(len(f.offsets))
}

func (f *file) begin(r ref) {
	f.offsets[r-1] = f.written
	f.printf("%d 0 obj\n", int(r))
}

func (f *file) end() { f.printf("endobj\n") }

func (f *file) printf(format string, args ...any) {
	if f.err == nil {
		n, err := fmt.Fprintf(f.w, format, args...)
		f.written += int64(n)
		f.err = err
	}
}

// Write makes the file a place to stream bytes to.
func (f *file) Write(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.w.Write(b)
	f.written += int64(n)
	f.err = err
	return n, err
}

// stream writes a compressed stream object; dict is what its dictionary says besides.
func (f *file) stream(dict string, data []byte) ref {
	r := f.alloc()
	f.streamAs(r, dict, data)
	return r
}

func (f *file) streamAs(r ref, dict string, data []byte) {
	f.packed.Reset()
	if f.packer == nil {
		f.packer = zlib.NewWriter(&f.packed)
	} else {
		f.packer.Reset(&f.packed)
	}
	f.packer.Write(data) // to memory: cannot fail
	f.packer.Close()
	f.rawStream(r, dict+" /Filter /FlateDecode", f.packed.Bytes())
}

// rawStream writes a stream whose bytes are already as they shall be.
func (f *file) rawStream(r ref, dict string, data []byte) {
	f.begin(r)
	f.printf("<< %s /Length %d >>\nstream\n", strings.TrimSpace(dict), len(data))
	f.Write(data)
	f.printf("\nendstream\n")
	f.end()
}

// trailer writes the table of objects and what a reader starts from.
func (f *file) trailer(root, info ref) {
	if f.err == nil {
		f.err = f.w.Flush() // all that the hash shall see
	}
	id := f.hash.Sum(nil)[:16]
	at := f.written
	f.printf("xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, o := range f.offsets {
		f.printf("%010d 00000 n \n", o)
	}
	f.printf("trailer\n<< /Size %d /Root %v /Info %v /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n", len(f.offsets)+1, root, info, id, id, at)
}

// textString is a text for people: ASCII as it is, else UTF-16, always in
// hexadecimal or with its delimiters escaped, so that no title can end it.
func textString(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	plain := true
	for _, r := range s {
		plain = plain && r >= ' ' && r < 0x7F
	}
	if plain {
		return "(" + strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(s) + ")"
	}
	return "<FEFF" + utf16Hex(s) + ">"
}

func utf16Hex(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

// appendNumber writes a number as PDF wants it: no exponent, at most so many
// decimals, none that say nothing. What is not finite is written as 0; content
// notices it before.
func appendNumber(b []byte, x float64, decimals int) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, '0')
	}
	start := len(b)
	b = strconv.AppendFloat(b, x, 'f', decimals, 64)
	if decimals > 0 {
		b = bytes.TrimRight(b, "0")
		b = bytes.TrimSuffix(b, []byte("."))
	}
	if string(b[start:]) == "-0" {
		b = append(b[:start], '0')
	}
	return b
}

func numbers(x ...float64) string {
	var b []byte
	for i, v := range x {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendNumber(b, v, 4)
	}
	return string(b)
}
