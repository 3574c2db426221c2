// Package shop sells numbered copies: holds with a clock, orders paid by hand,
// the way of a parcel, the claim code in the card, and handing a copy on.
//
// Everything rests on one row a copy (package catalog). A hold writes the
// buyer and a time into the rows of the copies themselves; a basket is nothing
// but the copies that a buyer holds. So two people can never hold one number,
// shown stock never counts what is held, and a hold that is over needs nobody
// to come by and end it. An order takes the held copies over until it must be
// paid; paying late is a state, not an error: it gets the same copies when they
// are still there, the next free ones when not, and else the label owes a refund.
//
// Each verb is one transaction that reads the clock once. Within it persons
// are locked before orders, orders before copies, and copies by run and number.
package shop

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/journal"
	"ferric/internal/registry"
)

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is one transaction, by subject. Single things that do not exist are of
// kind NotFound. In an Update what was read as one thing stays as it is until the end.
type Tx interface {
	CopyTx
	OrderTx
	PersonTx
	OwnerTx
	DeskTx
	NoticeTx
	registry.Tx
	journal.WriteTx
}

// CopyTx reads and changes copies, and the terms on which a run is sold.
type CopyTx interface {
	Terms(catalog.RunID) (Terms, error)
	PutTerms(Terms) error // Run, Price, PayMore, Opens, Closes, PerPerson
	Copy(catalog.RunID, int) (catalog.Copy, error)
	// Free are at most n free web copies by number, of the variant unless it is empty. They may
	// be fewer than are free only while others are about to take the rest.
	Free(run catalog.RunID, variant string, n int) ([]catalog.Copy, error)
	// Lapsed are at most n copies whose hold is over; of any run and pool when run is empty, of web copies otherwise.
	Lapsed(run catalog.RunID, variant string, now time.Time, n int) ([]catalog.Copy, error)
	Basket(holder string) ([]catalog.Copy, error) // held and in no order, by run and number; also those whose time is over
	PutCopy(catalog.Copy, catalog.Event) error    // the copy's Seq must follow the stored one
}

// OrderTx keeps orders, and the answers given to requests with a key.
type OrderTx interface {
	InsertOrder(Order) error
	Order(OrderID) (Order, error)
	PutOrder(Order) error // its state, lines and times; the Seq must follow the stored one
	OrderCopies(OrderID) ([]catalog.Copy, error)
	// Recall takes a key. When it is new, first is true and Answer follows in the same
	// transaction; when another transaction is at it, Recall waits for that to end.
	Recall(asker, key, request string, now time.Time) (body []byte, earlier string, first bool, err error)
	Answer(asker, key string, body []byte) error
	Forget(before time.Time, n int) (int, error)
	OrdersBy(account string, n int) ([]Order, error)        // the latest first
	OrdersAt(visitor string, at time.Time) ([]Order, error) // placed together, by id
}

// PersonTx keeps limits a person.
type PersonTx interface {
	Turn(catalog.RunID, Person) error // others of this person and run wait until the end
	Bought(catalog.RunID, Person, time.Time) (int, error)
}

// OwnerTx finds claim codes and keeps offers.
type OwnerTx interface {
	Salts() ([]Salt, error)
	ByClaim(hashes []string) ([]catalog.Copy, error)
	Owned(account string) ([]catalog.Copy, error)
	Acquired(account string) ([]Acquired, error) // when it got each of those
	PutOffer(Offer) error                        // replaces the copy's earlier one
	Offer(tokenHash string) (Offer, error)
	DeleteOffer(catalog.RunID, int) error
	OfferOf(catalog.RunID, int) (Offer, error)
	OffersTo(account string, now time.Time, n int) ([]Offer, error) // that still stand, the latest first
}

// Config is how a shop behaves. Zero fields mean the default in brackets.
type Config struct {
	Now      func() time.Time   // the server's clock; needed
	Ledger   *registry.Registry // where sales are written down, in their own transaction; needed
	Key      []byte             // makes the secrets of order links; needed, 32 bytes or more, kept for good
	HoldFor  time.Duration      // how long a basket holds a copy [10 min]
	PayFor   time.Duration      // how long an order waits for a bank transfer [5 days]
	OfferFor time.Duration      // how long a one-time offer stands [14 days]
	Remember time.Duration      // how long a key is known [7 days]
	Basket   int                // how many copies one buyer may hold at once [20]
	Notices  bool               // whether notices are written for package mail to send [no]
}

// Shop sells copies. It is safe for use by many goroutines.
type Shop struct {
	cfg   Config
	store Store
}

// New makes a shop on a store.
func New(store Store, c Config) (*Shop, error) {
	if c.Now == nil || len(c.Key) < 32 || c.Ledger == nil {
		return nil, errors.New("shop: a clock, a ledger and a key of at least 32 bytes are needed")
	}
	c.HoldFor = or(c.HoldFor, 10*time.Minute)
	c.PayFor = or(c.PayFor, 5*24*time.Hour)
	c.OfferFor = or(c.OfferFor, 14*24*time.Hour)
	c.Remember = or(c.Remember, 7*24*time.Hour)
	if c.Basket == 0 {
		c.Basket = 20
	}
	return &Shop{cfg: c, store: store}, nil
}

func or(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// clock reads the time in the precision that is stored.
func (s *Shop) clock() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

// act changes one copy.
func act(tx Tx, c catalog.Copy, a catalog.Act) (catalog.Copy, error) {
	after, event, err := c.After(a)
	if err != nil {
		return c, err
	}
	return after, tx.PutCopy(after, event)
}

// fresh ends the copy's hold when its time is over.
func fresh(tx Tx, c catalog.Copy, now time.Time) (catalog.Copy, error) {
	if c.Lapsed(now) {
		return act(tx, c, catalog.Act{Verb: catalog.Lapse, At: now})
	}
	return c, nil
}

// Sweep writes down, a few hundred a transaction, which holds are over and
// forgets old keys. Nothing waits for it: it keeps histories complete and tables small.
func (s *Shop) Sweep(ctx context.Context) (lapsed int, err error) {
	for more := true; more && err == nil; {
		n, m := 0, 0
		err = s.store.Update(ctx, func(tx Tx) error {
			now := s.clock()
			over, err := tx.Lapsed("", "", now, sweep)
			if err != nil {
				return err
			}
			for _, c := range over {
				if _, err := fresh(tx, c, now); err != nil {
					return err
				}
			}
			n = len(over)
			m, err = tx.Forget(now.Add(-s.cfg.Remember), sweep)
			return err
		})
		if err == nil {
			lapsed += n
		}
		more = n == sweep || m == sweep
	}
	return lapsed, err
}

const sweep = 256

// secret is 128 bits that only this shop can make from an id.
func (s *Shop) secret(purpose, id string) string {
	mac := hmac.New(sha256.New, s.cfg.Key)
	mac.Write([]byte(purpose + "\n" + id + "\n"))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:16]))
}

// orderAlphabet has no two characters that are taken for one another, and no vowels to make words of.
const orderAlphabet = "CDFHJKLMNPRTVWXY3479"

// newOrderID is 12 characters (51.8 bits) in groups of four, short enough for a
// transfer's reference line.
func newOrderID() OrderID {
	var b [12 + 2]byte
	for i := range b {
		if i == 4 || i == 9 {
			b[i] = '-'
			continue
		}
		for b[i] == 0 {
			var one [1]byte
			rand.Read(one[:])
			if int(one[0]) < 256/len(orderAlphabet)*len(orderAlphabet) {
				b[i] = orderAlphabet[int(one[0])%len(orderAlphabet)]
			}
		}
	}
	return OrderID(b[:])
}
