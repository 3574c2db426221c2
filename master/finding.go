package master

import (
	"fmt"
	"time"
)

// Severity says how much a finding matters. The worst one decides the exit code of a press.
type Severity int

const (
	// Note is good to know; the tape will be fine.
	Note Severity = iota
	// Care wants a look: it will be heard, or a vendor will ask.
	Care
	// Bad spoils the tape or is refused by the vendor.
	Bad
)

var severities = [...]string{"note", "care", "bad"}

func (s Severity) String() string {
	if s < Note || s > Bad {
		return fmt.Sprintf("Severity(%d)", int(s))
	}
	return severities[s]
}

// MarshalText writes "note", "care" or "bad".
func (s Severity) MarshalText() ([]byte, error) {
	if s < Note || s > Bad {
		return nil, fmt.Errorf("no severity %d", int(s))
	}
	return []byte(severities[s]), nil
}

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, name := range severities {
		if name == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("no severity %.20q (note, care or bad)", text)
}

// Finding is one thing that a duplicator's desk or a mastering ear would
// remark on. Everything that looks at a pressing (this package, the cards, the
// cover) reports in this form.
type Finding struct {
	Severity Severity
	Code     string        // stable name in kebab case: "inter-sample-clip"
	Side     string        // "A", "B", or "" when it is about neither
	Track    int           // its number on the album, counting from 1; 0 when it is about none
	At       time.Duration // from the start of the side's programme; 0 when it is about no moment
	Text     string        // what was found, with its figures
	Why      string        // why that matters on tape
	Do       string        // what to do about it
}
