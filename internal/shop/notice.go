package shop

import (
	"time"

	"ferric/internal/catalog"
)

// Notice says that somebody should hear of something. It is written in the
// transaction of what happened, so that it is there exactly when that is, and
// names people by ids alone: whoever sends it reads then where to, and what is true by then.
type Notice struct {
	Kind    NoticeKind
	Order   OrderID       // of the kinds about orders; its buyer hears of it
	Run     catalog.RunID // of the kinds about a copy
	Number  int
	Account string // who hears of it, for the kinds about a copy
	At      time.Time
}

// NoticeKind is what happened.
type NoticeKind string

// The kinds of notices. Those about an order are the state that it came to.
const (
	Claimed NoticeKind = "claimed" // the account registered the copy
	Offered NoticeKind = "offered" // somebody offers the account a copy
	Given   NoticeKind = "given"   // the account's copy has gone to another
	Got     NoticeKind = "got"     // the copy is the account's now
)

// NoticeTx keeps notices until they are sent.
type NoticeTx interface {
	Notify(Notice) error
}

// notify writes a notice when somebody sends them.
func (s *Shop) notify(tx Tx, n Notice) error {
	if !s.cfg.Notices {
		return nil
	}
	return tx.Notify(n)
}

// notifyOrder tells an order's buyer what it has come to.
func (s *Shop) notifyOrder(tx Tx, o Order, now time.Time) error {
	return s.notify(tx, Notice{Kind: NoticeKind(o.State), Order: o.ID, At: now})
}
