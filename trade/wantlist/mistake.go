package wantlist

import (
	"fmt"
	"strings"
)

// Kind is what is wrong with a line that was skipped, whole or in part.
type Kind int

// Mistakes that every program of this kind skips over.
const (
	SecondList   Kind = iota // the item has a list already; the first one counts
	NotOfficial              // a list for an item without an official name
	Unknown                  // a want that nobody offers
	NoList                   // a want for an official item that has no list
	Repeated                 // a want that stands in the list already
	OwnItem                  // the item itself
	OwnOther                 // another item of the same user
	BadPriority              // "item=3" without EXPLICIT-PRIORITIES
	BadNumber                // "item=0", or no number at all
	DummyRefused             // a dummy without ALLOW-DUMMIES
	DummyOwner               // a dummy on a line without a user's name
	Kinds                    // how many there are
)

// Mistake is something in the file that was skipped.
type Mistake struct {
	Line  int
	Kind  Kind
	Item  string // the item that the mistake is about
	In    string // the list it stands in, "" where that is Item
	User  string // whose list, "" when unknown
	Other int    // the line that came first, for SecondList
	Owner string // whose line that is, where it is somebody else's
}

// Code is the mistake's name for machines.
func (m Mistake) Code() string {
	return [...]string{"second-list", "not-official", "unknown-want", "no-list", "repeated-want", "own-item", "own-other", "bad-priority",
		"bad-number", "dummy-refused", "dummy-owner"}[m.Kind]
}

// Text says what is wrong and what was done about it.
func (m Mistake) Text() string {
	switch m.Kind {
	case SecondList:
		of := ""
		if m.Owner != "" {
			of = " and belongs to " + m.Owner
		}
		return fmt.Sprintf("%s has a list already on line %d%s; this one is not used", m.Item, m.Other, of)
	case NotOfficial:
		return fmt.Sprintf("%s is not an official name; its list is not used", m.Item)
	case Unknown:
		return fmt.Sprintf("%s wants %s, which nobody offers", m.In, m.Item)
	case NoList:
		return fmt.Sprintf("%s wants %s, which has no want list and cannot trade", m.In, m.Item)
	case Repeated:
		return fmt.Sprintf("%s wants %s more than once; the first counts", m.In, m.Item)
	case OwnItem:
		return fmt.Sprintf("%s wants itself", m.Item)
	case OwnOther:
		return fmt.Sprintf("%s wants %s, which belongs to the same person", m.In, m.Item)
	case BadPriority:
		return fmt.Sprintf("%s wants %s: a priority needs the option EXPLICIT-PRIORITIES; the want is not used", m.In, m.Item)
	case BadNumber:
		return fmt.Sprintf("%s wants %s: a priority is a whole number from 1, after a name; the want is not used", m.In, m.Item)
	}
	what := "the option ALLOW-DUMMIES"
	if m.Kind == DummyOwner {
		what = "a user's name on its line"
	}
	if m.In == "" {
		return fmt.Sprintf("the dummy %s needs %s; its list is not used", m.Item, what)
	}
	return fmt.Sprintf("%s wants %s: a dummy needs %s; the want is not used", m.In, m.Item, what)
}

// Do says how to mend it.
func (m Mistake) Do() string {
	switch m.Kind {
	case SecondList:
		if m.Owner != "" {
			return "Two people offer one name: mend the name in the list that has it wrong."
		}
		return "Put all wants for the item in one list."
	case NotOfficial:
		return "Add the item to the official names, or mend its name."
	case Unknown:
		return "Mend the name, or take the want out."
	case NoList:
		return "Ask its owner for a list, or take the want out."
	case Repeated:
		return "Keep the want where it belongs in the order."
	case OwnItem, OwnOther:
		return "Take the want out."
	case BadPriority:
		return "Add #! EXPLICIT-PRIORITIES at the top, or take the = away."
	case BadNumber:
		return "Write it as NAME=3."
	case DummyRefused:
		return "Add #! ALLOW-DUMMIES at the top, or take the dummy out."
	}
	return "Put the user's name in brackets before the item."
}

// MaxMistakes are kept one by one; more are counted.
const MaxMistakes = 20_000

func (r *Round) mistake(m Mistake) {
	r.Counts[m.Kind]++
	if len(r.Mistakes) == MaxMistakes {
		r.Further++
		return
	}
	const longest = 200 // of a name that is quoted
	if len(m.Item) > longest {
		m.Item = strings.ToValidUTF8(m.Item[:longest], "") + "…"
	}
	r.Mistakes = append(r.Mistakes, m)
}

// summary is Text without line numbers.
func (m Mistake) summary() string {
	if m.Kind == SecondList {
		return m.Item + " has more than one list; the first one counts"
	}
	return m.Text()
}
