package album

import (
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"ferric/tape"
)

// A checker holds values of a release.toml against what they may be, and collects what is wrong.
// Fields are called by their path, "track.2.side"; numbers count from 0.
type checker struct {
	lines map[string]int
	errs  []error
}

const maxComplaints = 10

func (c *checker) fail(field, problem string) {
	if len(c.errs) < maxComplaints {
		c.errs = append(c.errs, &FieldError{Line: lineOf(c.lines, field), Field: showPath(strings.Split(field, ".")), Problem: problem})
	}
}

func (c *checker) atMost(field string, n, most int) {
	if n > most {
		c.fail(field, fmt.Sprintf("%d of them, at most %d are allowed", n, most))
	}
}

// line is one line of text of at most most letters.
func (c *checker) line(field, s string, most int) string {
	if n := utf8.RuneCountInString(s); n > most {
		c.fail(field, fmt.Sprintf("%d letters, at most %d are allowed", n, most))
		return ""
	}
	return CleanLine(s)
}

func (c *checker) text(field, s string) string {
	if n := utf8.RuneCountInString(s); n > maxText {
		c.fail(field, fmt.Sprintf("%d letters, at most %d are allowed", n, maxText))
		return ""
	}
	return CleanText(s)
}

// oneOf is one of the allowed words, in their spelling whatever the case of s; "" stays.
func (c *checker) oneOf(field, s string, allowed ...string) string {
	if s == "" {
		return ""
	}
	for _, a := range allowed {
		if strings.EqualFold(a, strings.TrimSpace(s)) {
			return a
		}
	}
	quoted := make([]string, len(allowed))
	for i, a := range allowed {
		quoted[i] = strconv.Quote(a)
	}
	c.fail(field, fmt.Sprintf("must be %s, not %s", orList(quoted), shorten(s)))
	return ""
}

func (c *checker) oneOfInts(field string, v *int, allowed ...int) int {
	if v == nil {
		return 0
	}
	if !slices.Contains(allowed, *v) {
		words := make([]string, len(allowed))
		for i, a := range allowed {
			words[i] = strconv.Itoa(a)
		}
		c.fail(field, fmt.Sprintf("must be %s, not %d", orList(words), *v))
		return 0
	}
	return *v
}

func (c *checker) whole(field string, v *int, least, most int) int {
	if v == nil {
		return 0
	}
	if *v < least || *v > most {
		c.fail(field, fmt.Sprintf("must be from %d to %d, not %d", least, most, *v))
		return 0
	}
	return *v
}

// decimal reads a number written as 12, 9.90 or "9.90".
func (c *checker) decimal(field string, v any, least, most Decimal) *Decimal {
	if v == nil {
		return nil
	}
	text := ""
	switch v := v.(type) {
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) || math.Abs(v) > 1e12 {
			c.fail(field, "must be a number that one could pay")
			return nil
		}
		text = strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		text = strings.TrimSpace(v)
	default:
		c.fail(field, "must be a number")
		return nil
	}
	d, err := ParseDecimal(text)
	if err != nil {
		c.fail(field, fmt.Sprintf("must be a number with at most six places, not %s", shorten(text)))
		return nil
	}
	if d < least || d > most {
		c.fail(field, fmt.Sprintf("must be from %v to %v, not %v", least, most, d))
		return nil
	}
	return &d
}

func (c *checker) number(field string, v any, least, most int) *float64 {
	d := c.decimal(field, v, Decimal(least)*One, Decimal(most)*One)
	if d == nil {
		return nil
	}
	f := float64(*d) / float64(One)
	return &f
}

func (c *checker) seconds(field string, v any, least, most int) *time.Duration {
	d := c.decimal(field, v, Decimal(least)*One, Decimal(most)*One)
	if d == nil {
		return nil
	}
	t := time.Duration(*d) * time.Microsecond
	return &t
}

// tapeLength is "C46" and the like, "custom" or "auto".
func (c *checker) tapeLength(field, s string) string {
	switch l := strings.ToLower(strings.TrimSpace(s)); l {
	case "", "auto", "custom":
		return l
	}
	length, err := tape.Parse(s)
	if err != nil {
		c.fail(field, fmt.Sprintf(`must be a tape such as "C46", or "auto", or "custom", not %s`, shorten(s)))
		return ""
	}
	return length.Name
}

// tapeType is "I", "II" or "IV", which may be written as "ferric", "chrome" or "metal".
func (c *checker) tapeType(field, s string) string {
	if s == "" {
		return ""
	}
	f, err := tape.ParseFormulation(s)
	if err != nil {
		c.fail(field, fmt.Sprintf(`must be "I", "II" or "IV", not %s`, shorten(s)))
		return ""
	}
	return f.Code
}

// barcode is an EAN-13 or UPC-A, whose last digit proves the others: from the
// right, digits count once and three times in turn, and the sum is a multiple of ten.
func (c *checker) barcode(field, s string) string {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(s)
	if digits == "" {
		return ""
	}
	if len(digits) != 12 && len(digits) != 13 || !isIndex(digits) {
		c.fail(field, fmt.Sprintf("must be the 13 digits of an EAN or the 12 of a UPC, not %s", shorten(s)))
		return ""
	}
	if want := checkDigit(digits[:len(digits)-1]); digits[len(digits)-1] != want {
		c.fail(field, fmt.Sprintf("%s is mistyped: its last digit would be %c", digits, want))
		return ""
	}
	return digits
}

func checkDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

var isrcs = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$`)

// normalISRC is an ISRC without its hyphens, "" when s is none.
func normalISRC(s string) string {
	code := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s))
	if !isrcs.MatchString(code) {
		return ""
	}
	return code
}

func (c *checker) isrc(field, s string) string {
	code := normalISRC(s)
	if code == "" && s != "" {
		c.fail(field, fmt.Sprintf("must be an ISRC such as GBAYE0601498, not %s", shorten(s)))
	}
	return code
}

var colours = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

func (c *checker) colour(field, s string) string {
	if s != "" && !colours.MatchString(s) {
		c.fail(field, fmt.Sprintf(`must be a colour such as "#C8553D", not %s`, shorten(s)))
		return ""
	}
	return strings.ToUpper(s)
}

var currencies = regexp.MustCompile(`^[A-Za-z]{3}$`)

func (c *checker) currency(field, s string) string {
	if s != "" && !currencies.MatchString(s) {
		c.fail(field, fmt.Sprintf(`must be the three letters of a currency, such as "EUR", not %s`, shorten(s)))
		return ""
	}
	return strings.ToUpper(s)
}

func (c *checker) url(field, s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(s) > 200 || CleanLine(s) != s {
		c.fail(field, fmt.Sprintf(`must be an address such as "https://example.org/claim" of at most 200 letters, not %s`, shorten(s)))
		return ""
	}
	return s
}

// path is a file below the album's folder, with slashes.
func (c *checker) path(field, s string) string {
	p := path.Clean(s)
	if s == "" {
		return ""
	}
	if len(s) > 1000 || !fs.ValidPath(p) || p == "." || strings.ContainsRune(p, 0) {
		c.fail(field, fmt.Sprintf("must be a file in the album's folder, not %s", shorten(s)))
		return ""
	}
	return p
}

var dates = regexp.MustCompile(`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$`)

// date reads 2024, "2024-05" or 2024-05-17.
func (c *checker) date(field string, v any) (year int, date string) {
	text := ""
	switch v := v.(type) {
	case nil:
		return 0, ""
	case int64:
		text = strconv.FormatInt(v, 10)
	case string:
		text = strings.TrimSpace(v)
	case toml.LocalDate:
		text = v.String()
	default:
		text = fmt.Sprint(v)
	}
	year, date = parseDate(text)
	if date == "" && text != "" {
		c.fail(field, fmt.Sprintf(`must be a date such as 2024, "2024-05" or 2024-05-17, not %s`, shorten(text)))
	}
	return year, date
}

// parseDate takes a year, a month or a day from 1900 to 2199; date is "" when s is none of them.
func parseDate(s string) (year int, date string) {
	m := dates.FindStringSubmatch(s)
	if m == nil {
		return 0, ""
	}
	year, _ = strconv.Atoi(m[1])
	if year < 1900 || year > 2199 {
		return 0, ""
	}
	layout := "2006-01-02"[:len(s)]
	if _, err := time.Parse(layout, s); err != nil {
		return 0, ""
	}
	return year, s
}

// shorten quotes what somebody wrote, but not a whole page of it.
func shorten(s string) string {
	r := []rune(CleanLine(s[:min(len(s), 400)]))
	if len(r) > 60 {
		return strconv.Quote(string(r[:60])) + "..."
	}
	return strconv.Quote(string(r))
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// lineIndex finds the line of every table and field of a TOML document that has been read before.
func lineIndex(doc []byte) map[string]int {
	lines := map[string]int{}
	counts := map[string]int{}
	var p unstable.Parser
	p.Reset(doc)
	line, seen := 1, 0
	lineAt := func(offset int) int { // offsets only grow
		for ; seen < offset && seen < len(doc); seen++ {
			if doc[seen] == '\n' {
				line++
			}
		}
		return line
	}
	// keyPath follows a written key through the lists that have been opened.
	keyPath := func(prefix string, parts []string) string {
		at := prefix
		for _, part := range parts {
			if at != "" {
				at += "."
			}
			at += part
			if n := counts[at]; n > 0 {
				at += "." + strconv.Itoa(n-1)
			}
		}
		return at
	}
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		var parts []string
		offset := -1
		for it := e.Key(); it.Next(); {
			if offset < 0 {
				offset = int(it.Node().Raw.Offset)
			}
			parts = append(parts, string(it.Node().Data))
		}
		if offset < 0 {
			continue
		}
		at := lineAt(offset)
		switch e.Kind {
		case unstable.Table:
			table = keyPath("", parts)
			lines[table] = at
		case unstable.ArrayTable:
			list := keyPath("", parts[:len(parts)-1])
			if list != "" {
				list += "."
			}
			list += parts[len(parts)-1]
			table = list + "." + strconv.Itoa(counts[list])
			counts[list]++
			lines[list], lines[table] = at, at
		case unstable.KeyValue:
			lines[keyPath(table, parts)] = at
		}
	}
	return lines
}

// lineOf is the line of field, or of the nearest table around it; 0 when there is none.
func lineOf(lines map[string]int, field string) int {
	for field != "" {
		if line, ok := lines[field]; ok {
			return line
		}
		field = field[:max(0, strings.LastIndexByte(field, '.'))]
	}
	return 0
}
