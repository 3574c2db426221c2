// Package wantlist reads the language in which "math trades" have been written for twenty years.
//
// A round is a text file. Lines that start with "#!" hold options; a block
// between !BEGIN-OFFICIAL-NAMES and !END-OFFICIAL-NAMES may name every item;
// every other line is a want list:
//
//	(Ada) TAPE7 : TAPE2 TAPE9 ; %ONEOF
//
// Ada offers TAPE7 and takes for it any one of TAPE2, TAPE9 or whatever her
// dummy %ONEOF takes; the semicolon says that what follows is wanted less.
// Lines that start with "#" are comments; "#+" lines are copied to the results.
//
// [Read] handles mistakes as the existing programs do: what can be skipped is
// skipped and told in [Round.Mistakes]; what cannot be understood is an error
// that names the line. docs/formats/trade.md describes the language.
package wantlist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ferric/trade"
)

// ErrSyntax says that a file is not a round: the *SyntaxError around it names the line.
var ErrSyntax = errors.New("not a want-list file")

// SyntaxError is a line that cannot be understood.
type SyntaxError struct {
	Line int // from 1; 0 when it is the file as a whole
	Text string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Text)
}

// Is lets errors.Is find ErrSyntax.
func (e *SyntaxError) Is(target error) bool { return target == ErrSyntax }

// MaxSize is the largest file that Read takes in, bytes.
const MaxSize = 256 << 20

// maxName bounds the names of items and users, and maxTitle an official name's text, bytes.
const (
	maxName  = 1000
	maxTitle = 4000
)

// Round is a file as read. Items, users and wants are numbered; every want is
// resolved to an item that has a list, or has become a Mistake.
type Round struct {
	Options  Options
	Notes    []string // the "#+" lines
	Official bool     // there was a block of official names
	Users    []string // as first written
	Items    []Item
	Lists    []List
	Wants    []Want     // of all lists, see List.From and List.To
	Mistakes []Mistake  // at most MaxMistakes of them
	Further  int        // mistakes that found no place there
	Counts   [Kinds]int // all mistakes by kind
	Rules    Rules      // the "#ferric" lines

	problem *Problem
	hash    string // once asked for
}

// Item is a thing offered, a dummy, or an official name that nobody offers.
type Item struct {
	Name  string // code; a dummy's begins with "%"
	Title string // from the official names, "" without
	User  int32  // into Users, -1 without a name in brackets
	List  int32  // into Lists, -1 when it has none
	Line  int32  // where it first stands as an offer or an official name
	Dummy bool
}

// List is one line: an item and what would be taken for it.
type List struct {
	Item     int32
	Line     int32
	From, To int32 // Wants[From:To], in the order of the line
}

// Want is one item that would be taken.
type Want struct {
	Item int32
	Rank int32 // 1 is the most wanted; steps and semicolons counted in
}

// Cost is the want's cost under the file's priorities; a dummy's own list has no preference.
func (r *Round) Cost(l List, w Want) int64 {
	if r.Items[l.Item].Dummy {
		return 0
	}
	return r.Options.Priorities.cost(int64(w.Rank), int(l.To-l.From))
}

// Read reads a round. Its error is a *SyntaxError or the reader's own.
func Read(src io.Reader) (*Round, error) {
	data, err := readAll(src)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, &SyntaxError{0, fmt.Sprintf("the file is larger than %d MB", MaxSize>>20)}
	}
	p := &parser{
		round:   &Round{Options: defaults()},
		symbols: map[string]int32{},
		users:   map[string]int32{},
	}
	if err := p.parse(data); err != nil {
		return nil, err
	}
	p.round.Options.settle()
	if err := p.resolve(); err != nil {
		return nil, err
	}
	slices.Sort(p.round.Rules.lines)
	p.round.problem = p.round.build()
	if err := p.round.apply(p.round.problem); err != nil {
		return nil, err
	}
	return p.round, nil
}

// readAll reads up to one byte more than MaxSize, into room of the right size where the source knows its own.
func readAll(src io.Reader) ([]byte, error) {
	var buf bytes.Buffer
	if f, ok := src.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			buf.Grow(int(min(info.Size(), MaxSize)) + bytes.MinRead)
		}
	}
	_, err := buf.ReadFrom(io.LimitReader(src, MaxSize+1))
	return buf.Bytes(), err
}

// parser holds what is needed only while reading.
type parser struct {
	round    *Round
	symbols  map[string]int32 // name, or user + NUL + name for dummies, to item
	users    map[string]int32 // upper-cased name to user
	official bool             // inside the block
	line     int
	rests    [][]byte // what follows the item, of each list
	upper    []byte
	key      []byte
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{p.line, fmt.Sprintf(format, args...)}
}

func (p *parser) parse(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for len(data) > 0 {
		p.line++
		var line []byte
		line, data = cutLine(data)
		line = bytes.TrimSpace(bytes.TrimRight(line, " \t\x1a")) // some files end with DOS's end-of-file mark
		if !utf8.Valid(line) {
			line = fromLatin1(line)
		}
		if len(line) == 0 {
			continue
		}
		if line[0] != '#' && hasControl(line) {
			return p.fail("a control character stands in it")
		}
		if err := p.parseLine(line); err != nil {
			return err
		}
	}
	if p.official {
		return p.fail("!END-OFFICIAL-NAMES is missing")
	}
	return nil
}

// cutLine cuts at a line's end as Unix, DOS or old Macs write it.
func cutLine(data []byte) (line, rest []byte) {
	i := bytes.IndexAny(data, "\r\n")
	if i < 0 {
		return data, nil
	}
	line, rest = data[:i], data[i+1:]
	if data[i] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	return line, rest
}

// hasControl finds what no name needs and a terminal would obey: control characters other than tabs.
func hasControl(line []byte) bool {
	for i, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f || c == 0xc2 && i+1 < len(line) && line[i+1] < 0xa0 {
			return true
		}
	}
	return false
}

func (p *parser) parseLine(line []byte) error {
	switch {
	case line[0] == '#':
		return p.comment(string(line))
	case line[0] == '!':
		return p.directive(strings.ToUpper(string(line)))
	case p.official:
		return p.officialName(line)
	}
	return p.list(line)
}

func (p *parser) comment(line string) error {
	switch {
	case strings.HasPrefix(line, "#!"):
		words := strings.Fields(line[2:])
		if len(words) > 0 && (p.round.Official || len(p.round.Lists) > 0) {
			return p.fail("options must stand before official names and want lists")
		}
		for _, w := range words {
			if err := p.round.Options.set(w, p.line); err != nil {
				return p.fail("%v", err)
			}
		}
	case strings.HasPrefix(strings.ToLower(line), "#ferric "):
		return p.rule(line[len("#ferric "):])
	case strings.HasPrefix(line, "#+"):
		p.round.Notes = append(p.round.Notes, strings.Map(func(c rune) rune {
			if unicode.IsControl(c) {
				return ' '
			}
			return c
		}, line))
	}
	return nil
}

func (p *parser) directive(line string) error {
	switch line {
	case "!BEGIN-OFFICIAL-NAMES":
		if p.round.Official || len(p.round.Lists) > 0 {
			return p.fail("official names stand once, before the want lists")
		}
		p.official, p.round.Official = true, true
	case "!END-OFFICIAL-NAMES":
		if !p.official {
			return p.fail("!END-OFFICIAL-NAMES without a beginning")
		}
		p.official = false
	default:
		return p.fail("there is no directive %.40q", line)
	}
	return nil
}

func (p *parser) officialName(line []byte) error {
	end := bytes.IndexAny(line, " \t:")
	if end < 0 {
		end = len(line)
	}
	code := p.fold(line[:end])
	if len(code) == 0 {
		return p.fail("an official name needs a code")
	}
	if code[0] == '%' {
		return p.fail("the official name %.40q looks like a dummy", code)
	}
	if _, twice := p.symbols[string(code)]; twice {
		return p.fail("the official name %.40q stands twice", code)
	}
	i, err := p.item(code, -1)
	if err != nil {
		return err
	}
	if title := bytes.TrimSpace(bytes.TrimPrefix(line[end:], []byte(":"))); len(title) <= maxTitle {
		p.round.Items[i].Title = string(title)
	} else {
		return p.fail("the official name of %.40q is longer than %d bytes", code, maxTitle)
	}
	p.round.Items[i].Line = int32(p.line)
	return nil
}

// list reads "(user) ITEM : WANT WANT ; WANT".
func (p *parser) list(line []byte) error {
	if p.round.Options.RequireOfficial && !p.round.Official {
		return p.fail("REQUIRE-OFFICIAL-NAMES is set and there are none before the first want list")
	}
	user := int32(-1)
	if line[0] == '(' {
		end := bytes.IndexByte(line, ')')
		if end < 0 {
			return p.fail("the user's name has no closing bracket")
		}
		name := strings.Join(strings.Fields(string(line[1:end])), " ")
		if name == "" {
			return p.fail("the user's name is empty")
		}
		if strings.Contains(name, "(") {
			return p.fail("a user's name cannot hold a bracket")
		}
		if len(name) > maxName {
			return p.fail("the user's name is longer than %d bytes", maxName)
		}
		user, line = p.user(name), bytes.TrimSpace(line[end+1:])
	} else if p.round.Options.RequireUsers {
		return p.fail("a list needs its user's name in brackets (REQUIRE-USERNAMES)")
	}
	if i := bytes.IndexAny(line, "()#"); i >= 0 {
		return p.fail("%q cannot stand inside a list", line[i])
	}
	colon := bytes.IndexByte(line, ':')
	if colon >= 0 && bytes.IndexByte(line[colon+1:], ':') >= 0 {
		return p.fail("more than one colon")
	}
	if colon < 0 && p.round.Options.RequireColons {
		return p.fail("a colon is missing after the item (REQUIRE-COLONS)")
	}
	head, rest := line, []byte(nil)
	if colon >= 0 {
		head, rest = bytes.TrimSpace(line[:colon]), line[colon+1:]
	} else if i := bytes.IndexAny(line, " \t;"); i >= 0 {
		head, rest = line[:i], line[i:]
	}
	switch {
	case len(head) == 0:
		return p.fail("there is no item to offer")
	case bytes.IndexByte(head, ';') >= 0:
		return p.fail("a semicolon cannot stand before the item")
	case bytes.ContainsAny(head, " \t"):
		return p.fail("more than one item before the colon")
	case bytes.IndexByte(head, '=') >= 0:
		return p.fail("%q cannot stand in an item's name", '=')
	}
	name := p.fold(head)
	if wrong, ok := p.dummyAllowed(name, user); !ok {
		p.round.mistake(Mistake{Line: p.line, Kind: wrong, Item: string(name), User: p.round.userName(user)})
		return nil
	}
	item, err := p.item(name, user)
	if err != nil {
		return err
	}
	p.offer(item, user, rest)
	return nil
}

// offer binds an item to its list and user; a second list for the same item is a mistake, and the first stays.
func (p *parser) offer(item, user int32, rest []byte) {
	r := p.round
	it := &r.Items[item]
	switch {
	case it.List >= 0:
		m := Mistake{Line: p.line, Kind: SecondList, Item: it.Name, User: r.userName(user), Other: int(r.Lists[it.List].Line)}
		if it.User != user {
			m.Owner = r.userName(it.User)
		}
		r.mistake(m)
		return
	case r.Official && !it.Dummy && it.Line == 0:
		r.mistake(Mistake{Line: p.line, Kind: NotOfficial, Item: it.Name, User: r.userName(user)})
		return
	}
	it.List, it.User = int32(len(r.Lists)), user
	if it.Line == 0 {
		it.Line = int32(p.line)
	}
	r.Lists = append(r.Lists, List{Item: item, Line: int32(p.line)})
	p.rests = append(p.rests, rest)
}

// resolve reads the wants of every list, now that every item is known. Names
// that nobody offers become mistakes and take no room: a file of a hundred
// million of them is told, not held.
func (p *parser) resolve() error {
	r := p.round
	seen := make([]int32, len(r.Items)) // list that last wanted the item, from 1
	for li := range r.Lists {
		l := &r.Lists[li]
		p.line = int(l.Line)
		l.From = int32(len(r.Wants))
		if err := p.wants(p.rests[li], int32(li), seen); err != nil {
			return err
		}
		l.To = int32(len(r.Wants))
		for _, w := range r.Wants[l.From:l.To] {
			if r.Cost(*l, w) > trade.MaxRank {
				return p.fail("the cost of %.40q is over %d", r.Items[w.Item].Name, trade.MaxRank)
			}
		}
	}
	return nil
}

// wants reads what follows the item of a list. A want that is skipped leaves the
// rank as it is, unless it is for an official item whose owner has sent no list.
func (p *parser) wants(rest []byte, list int32, seen []int32) error {
	r, o := p.round, &p.round.Options
	l := r.Lists[list]
	offered := &r.Items[l.Item]
	skip := func(kind Kind, name string) {
		r.mistake(Mistake{Line: int(l.Line), Kind: kind, Item: name, In: offered.Name, User: r.userName(offered.User)})
	}
	rank := int64(1)
	for {
		rest = bytes.TrimLeft(rest, " \t")
		if len(rest) == 0 {
			return nil
		}
		if rest[0] == ';' {
			rank += int64(o.BigStep)
			rest = rest[1:]
			continue
		}
		end := bytes.IndexAny(rest, " \t;")
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		rest = rest[end:]
		if eq := bytes.IndexByte(word, '='); eq >= 0 {
			if o.Priorities != Explicit {
				skip(BadPriority, string(word))
				continue
			}
			v, err := strconv.ParseInt(string(word[eq+1:]), 10, 32)
			if err != nil || v < 1 || v > maxRank || eq == 0 {
				skip(BadNumber, string(word))
				continue
			}
			rank, word = v, word[:eq]
		}
		if rank > maxRank {
			return p.fail("the rank of %.40q is over %d", word, maxRank)
		}
		name := p.fold(word)
		if wrong, ok := p.dummyAllowed(name, offered.User); !ok {
			skip(wrong, string(name))
			continue
		}
		item, found := p.symbols[string(p.symbol(name, offered.User))]
		wanted := &Item{}
		if found {
			wanted = &r.Items[item]
		}
		switch {
		case !found, wanted.List < 0 && wanted.Line == 0: // the latter has a list that is not used
			skip(Unknown, string(name))
		case wanted.List < 0:
			skip(NoList, wanted.Name)
			rank += int64(o.SmallStep)
		case item == l.Item:
			skip(OwnItem, wanted.Name)
		case seen[item] == list+1:
			skip(Repeated, wanted.Name)
		case !wanted.Dummy && wanted.User >= 0 && wanted.User == offered.User:
			skip(OwnOther, wanted.Name)
		case len(r.Wants) >= trade.MaxWants:
			return p.fail("more than %d wants", trade.MaxWants)
		default:
			r.Wants = append(r.Wants, Want{item, int32(rank)})
			seen[item] = list + 1
			rank += int64(o.SmallStep)
		}
	}
}

// dummyAllowed says what keeps a name from being a dummy of the user, if it looks like one.
func (p *parser) dummyAllowed(name []byte, user int32) (Kind, bool) {
	switch {
	case name[0] != '%':
		return 0, true
	case !p.round.Options.AllowDummies:
		return DummyRefused, false
	}
	return DummyOwner, user >= 0
}

// symbol is the key of a folded name: a dummy's name means that of its own user. It lives until the next call.
func (p *parser) symbol(name []byte, user int32) []byte {
	if name[0] != '%' {
		return name
	}
	p.key = append(strconv.AppendInt(p.key[:0], int64(user), 36), 0)
	p.key = append(p.key, name...)
	return p.key
}

// item finds or makes the item that a list offers.
func (p *parser) item(name []byte, user int32) (int32, error) {
	if len(name) > maxName {
		return 0, p.fail("the name %.40q… is longer than %d bytes", name, maxName)
	}
	key := p.symbol(name, user)
	if i, ok := p.symbols[string(key)]; ok {
		return i, nil
	}
	if len(p.round.Items) >= trade.MaxItems {
		return 0, p.fail("more than %d items", trade.MaxItems)
	}
	i := p.add(string(key), string(name))
	if name[0] == '%' {
		p.round.Items[i].Dummy, p.round.Items[i].User = true, user
	}
	return i, nil
}

func (p *parser) add(key, name string) int32 {
	i := int32(len(p.round.Items))
	p.symbols[key] = i
	p.round.Items = append(p.round.Items, Item{Name: name, User: -1, List: -1})
	return i
}

func (p *parser) user(name string) int32 {
	key := name
	if !p.round.Options.CaseSensitive {
		key = strings.ToUpper(name)
	}
	if i, ok := p.users[key]; ok {
		return i
	}
	i := int32(len(p.round.Users))
	p.users[key] = i
	p.round.Users = append(p.round.Users, key)
	return i
}

// fold is the upper-cased name unless case matters. The result lives until the next call.
func (p *parser) fold(name []byte) []byte {
	if p.round.Options.CaseSensitive {
		return name
	}
	p.upper = p.upper[:0]
	for _, c := range name {
		if c >= utf8.RuneSelf {
			return bytes.ToUpper(name)
		}
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		p.upper = append(p.upper, c)
	}
	return p.upper
}

// windows1252 is what the bytes 80 to 9F stand for where ISO 8859-1 has control characters.
var windows1252 = [32]rune{'€', '?', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '?', 'Ž', '?',
	'?', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '?', 'ž', 'Ÿ'}

// fromLatin1 reads the bytes of a line that is not UTF-8 as ISO 8859-1 with
// what Windows adds to it, keeping what is UTF-8.
func fromLatin1(line []byte) []byte {
	var out []byte
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		if r == utf8.RuneError && n == 1 {
			if r = rune(line[0]); r < 0xa0 {
				r = windows1252[r-0x80]
			}
		}
		out = utf8.AppendRune(out, r)
		line = line[n:]
	}
	return out
}
