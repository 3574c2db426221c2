package journal

import (
	"fmt"
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

func utoa(n uint64) string { return strconv.FormatUint(n, 10) }

// Sale is copies of a run that were sold at one price, or came back.
type Sale struct {
	Run    catalog.RunID
	Copies int
	Minor  int64 // for all of them
}

// sold are the lines of sales, those of a run together, and what they come to.
func sold(currency string, sales []Sale) (lines []Line, total int64) {
	at := map[catalog.RunID]int{}
	for _, s := range sales {
		i, there := at[s.Run]
		if !there {
			i = len(lines)
			at[s.Run] = i
			lines = append(lines, Line{Account: Sales, Run: s.Run, Currency: currency})
		}
		lines[i].Minor -= s.Minor
		lines[i].Copies += s.Copies
		total += s.Minor
	}
	return lines, total
}

// with adds a line, unless there is nothing in it.
func with(lines []Line, l Line) []Line {
	if l.Minor == 0 {
		return lines
	}
	return append(lines, l)
}

// Paid is the money of an order that has come.
func Paid(label catalog.LabelID, order string, at time.Time, currency string, sales []Sale) Entry {
	lines, total := sold(currency, sales)
	return Entry{Label: label, Kind: KindOrder, Reference: order, At: at, Lines: with(lines, Line{Account: Bank, Currency: currency, Minor: total})}
}

// PaidInVain is the money of an order for which no copy was left: it is owed to the buyer.
func PaidInVain(label catalog.LabelID, order string, at time.Time, currency string, minor int64) Entry {
	return Entry{Label: label, Kind: KindOrder, Reference: order, At: at, Lines: []Line{
		{Account: Bank, Currency: currency, Minor: minor}, {Account: Buyers, Currency: currency, Minor: -minor}}}
}

// Cancelled is a paid order that was called off: nothing is sold, and the money is owed to the buyer.
func Cancelled(paid Entry, at time.Time) Entry {
	lines := Reversed(paid.Lines)
	for i := range lines {
		if lines[i].Account == Bank {
			lines[i].Account = Buyers
		}
	}
	return Entry{Label: paid.Label, Kind: KindCancel, Reference: paid.Reference, At: at, Lines: lines}
}

// Returned is copies of an order that came back. Step tells it from other times. What was paid for them is owed to the buyer.
func Returned(label catalog.LabelID, order string, step int, at time.Time, currency string, sales []Sale) Entry {
	lines, total := sold(currency, sales)
	lines = Reversed(lines)
	return Entry{Label: label, Kind: KindReturn, Reference: order + "/" + strconv.Itoa(step), At: at,
		Lines: with(lines, Line{Account: Buyers, Currency: currency, Minor: -total})}
}

// HandReference names a sale by hand: the copy and the step of its history.
func HandReference(run catalog.RunID, number, step int) string {
	return fmt.Sprintf("%s/%d/%d", run, number, step)
}

// ByHand is a copy that was sold without an order, for money that was taken at once.
func ByHand(label catalog.LabelID, reference string, at time.Time, currency string, s Sale) Entry {
	e := Paid(label, reference, at, currency, []Sale{s})
	e.Kind = KindHand
	return e
}

// Undone is a sale by hand that was none after all: the money went back at once.
func Undone(hand Entry, at time.Time) Entry {
	return Entry{Label: hand.Label, Kind: KindUnhand, Reference: hand.Reference, At: at, Lines: Reversed(hand.Lines)}
}

// Consigned is copies that another shop sold and paid for. Commission is what it kept of their price, in parts per million.
func Consigned(label catalog.LabelID, reference string, at time.Time, note, currency string, s Sale, commission int) (Entry, error) {
	if commission < 0 || commission > Whole {
		return Entry{}, fault.Field("commission", "A commission is between 0 and 100 percent.")
	}
	lines, total := sold(currency, []Sale{s})
	kept := Divide(total, []int64{int64(commission), int64(Whole - commission)})[0]
	lines = with(lines, Line{Account: Fees, Run: s.Run, Currency: currency, Minor: kept})
	lines = with(lines, Line{Account: Bank, Currency: currency, Minor: total - kept})
	return Entry{Label: label, Kind: KindConsigned, Reference: reference, At: at, Note: note, Lines: lines}, nil
}

// ToArtist is copies that an artist got, free or for a price that comes off what they are owed.
func ToArtist(label catalog.LabelID, reference string, at time.Time, note, currency string, s Sale, to PayeeID) Entry {
	lines, total := sold(currency, []Sale{s})
	lines[0].Payee = to
	return Entry{Label: label, Kind: KindArtist, Reference: reference, At: at, Note: note,
		Lines: with(lines, Line{Account: Payees, Payee: to, Currency: currency, Minor: total})}
}

// spent is money that was paid for something.
func spent(label catalog.LabelID, kind Kind, reference string, at time.Time, note, currency string, minor int64, l Line) Entry {
	l.Currency, l.Minor = currency, minor
	return Entry{Label: label, Kind: kind, Reference: reference, At: at, Note: note,
		Lines: []Line{l, {Account: Bank, Currency: currency, Minor: -minor}}}
}
