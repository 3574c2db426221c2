package web

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"ferric/budget"
	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/shop"
	"ferric/internal/window"
)

// money writes an amount as its currency is written: "€12.00".
func money(m shop.Money) string {
	c, err := budget.FindCurrency(m.Currency)
	if err != nil || m.Currency == "" {
		return m.String()
	}
	return c.Format(budget.Money(m.Minor))
}

// amount is a price as a number that scripts and machines read: "12.00".
func amount(m shop.Money) string {
	digits := 2
	if c, err := budget.FindCurrency(m.Currency); err == nil {
		digits = c.Digits
	}
	s := strconv.FormatInt(m.Minor, 10)
	if digits == 0 {
		return s
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for len(s) <= digits {
		s = "0" + s
	}
	return sign + s[:len(s)-digits] + "." + s[len(s)-digits:]
}

// thousands writes a count: 3,030.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// keeps is what stays with those who made the tape once a copy has paid for itself, and what that is in streams.
func keeps(e *window.Earns) string {
	if e.Net.Minor < 0 {
		return "less than the tape costs to make"
	}
	s := money(e.Net) + " stays with artist and label"
	if e.Kept > 0 {
		s += ", as much as " + thousands(e.Kept) + " streams"
	}
	return s
}

// many is a count with its word: "1 copy", "12 copies".
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}

func upper(s string) string { return strings.ToUpper(s) }

// clipWords shortens a text that must fit, at a space where there is one.
func clipWords(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	s = string(r[:most-1])
	if i := strings.LastIndexByte(s, ' '); i > most/2 {
		s = s[:i]
	}
	return strings.TrimRightFunc(s, unicode.IsSpace) + "…"
}

// paragraphs cuts a text at its blank lines.
func paragraphs(s string) (ps []string) {
	for _, p := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			ps = append(ps, p)
		}
	}
	return ps
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
func exact(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
func day(t time.Time) string   { return t.UTC().Format("2 Jan 2006") }
func hour(t time.Time) string  { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// left is a duration in milliseconds, for a clock that runs in the page.
func left(until, now time.Time) string {
	return strconv.FormatInt(max(0, until.Sub(now).Milliseconds()), 10)
}

// clock is the time that is left as a clock shows it: 9:41, 3:20:00, 2 d 03:20:00.
func clock(until, now time.Time) string {
	s := int64(max(0, until.Sub(now).Round(time.Second)) / time.Second)
	two := func(n int64) string {
		if n < 10 {
			return "0" + strconv.FormatInt(n, 10)
		}
		return strconv.FormatInt(n, 10)
	}
	t := two(s%3600/60) + ":" + two(s%60)
	if s >= 3600 {
		t = two(s%86400/3600) + ":" + t
	}
	if s >= 86400 {
		t = strconv.FormatInt(s/86400, 10) + " d " + t
	}
	return t
}

// happening is one line of a copy's history, in words.
type happening struct {
	At    time.Time
	Words string
	Name  string // of the person, if they want it shown
}

// historyOf puts a copy's events into words, the oldest first. What happens in baskets is nobody's business and left out.
func historyOf(events []catalog.Event, owner string, names map[people.ID]string) (lines []happening) {
	for i, e := range events {
		h := happening{At: e.At}
		switch e.Verb {
		case catalog.Mint:
			h.Words = "made, as one of its run"
		case catalog.Pay, catalog.Sell:
			h.Words = "sold"
		case catalog.Pack:
			h.Words = "packed"
		case catalog.Ship:
			h.Words = "sent"
		case catalog.Cancel:
			if !sold(events[:i]) {
				continue
			}
			h.Words = "sale called off"
		case catalog.Claim:
			h.Words, h.Name = "claimed by its owner", names[people.ID(e.By)]
		case catalog.HandOn:
			h.Words = "handed on"
			if !handedLater(events[i+1:]) {
				h.Name = names[people.ID(owner)]
			}
		case catalog.Return:
			h.Words = "came back to the label"
		case catalog.Restock:
			h.Words = "on sale again"
		case catalog.Move:
			h.Words = poolWords(catalog.Pool(e.Note))
		case catalog.Grade:
			h.Words = "graded: " + e.Note
		case catalog.Annul:
			h.Words = "void: " + e.Note
		default:
			continue
		}
		lines = append(lines, h)
	}
	return lines
}

// sold reports whether the last sale among the events still stood.
func sold(events []catalog.Event) bool {
	for i := len(events) - 1; i >= 0; i-- {
		switch events[i].Verb {
		case catalog.Pay, catalog.Sell:
			return true
		case catalog.Cancel, catalog.Restock:
			return false
		}
	}
	return false
}

func handedLater(events []catalog.Event) bool {
	for _, e := range events {
		if e.Verb == catalog.HandOn || e.Verb == catalog.Claim || e.Verb == catalog.Return {
			return true
		}
	}
	return false
}

func poolWords(p catalog.Pool) string {
	switch p {
	case catalog.Counter:
		return "put on the label's counter"
	case catalog.Merch:
		return "taken to the merch table"
	case catalog.Consignment:
		return "given to another shop to sell"
	case catalog.ArtistPool:
		return "given to the artist"
	}
	return "put into this shop"
}

// whereabouts is where a copy is, as far as it is anybody's business.
func whereabouts(c catalog.Copy) string {
	switch c.State {
	case catalog.Void:
		return "Out of the run"
	case catalog.Free:
		switch c.Pool {
		case catalog.Counter:
			return "On the label's counter, free"
		case catalog.Merch:
			return "On the merch table, free"
		case catalog.Consignment:
			return "In another shop, free"
		case catalog.ArtistPool:
			return "With the artist"
		}
		return "At the label, free"
	case catalog.Held:
		return "At the label, held by somebody"
	case catalog.Sold:
		return "At the label, sold, to be packed"
	case catalog.Packed:
		return "At the label, in its parcel"
	case catalog.Shipped:
		return "On its way to its owner, or there"
	case catalog.Returned:
		return "Back at the label"
	}
	return "With its owner"
}

func orMore(payMore bool) string {
	if payMore {
		return " or more"
	}
	return ""
}

// taken is the shop's share of a price.
func taken(e *window.Earns) string {
	return money(shop.Money{Minor: e.Price.Minor - e.Keeps.Minor, Currency: e.Price.Currency})
}
