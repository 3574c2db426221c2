package listen

import (
	"crypto/hmac"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"ferric/internal/fault"
)

// Address is a segment's address before it is signed. Written out it is one part of a path,
//
//	SITTING.as12.1790000000.MAC
//
// the sitting, then side (a or b), kind (s for sound, c for cue) and index, then
// the second since 1970 at which it ends, then the first 16 bytes of HMAC-SHA256 over all that,
// in base64url. Within its life it may be used again: what it gives is the same.
type Address struct {
	Sitting string
	Piece   Piece
	Until   time.Time
}

// What an address may hold: long enough for all we make, too short to be a burden.
const (
	longestAddress = 120
	mostIndex      = 99999 // two days of tape
)

func (a Address) text() string {
	kind := "s"
	if a.Piece.Cue {
		kind = "c"
	}
	return a.Sitting + "." + string(rune('a'+a.Piece.Side)) + kind + strconv.Itoa(a.Piece.Index) + "." + strconv.FormatInt(a.Until.Unix(), 10)
}

// expiry is when an address that is made now ends. It moves in steps, so that one
// segment has one address for a while and a browser need not fetch it twice.
func (l *Listening) expiry(now time.Time) time.Time {
	step := max(l.cfg.Address/2, time.Second)
	return now.Truncate(step).Add(step + l.cfg.Address).Truncate(time.Second)
}

func (l *Listening) sign(a Address) string {
	text := a.text()
	return text + "." + l.signature(text)
}

func (l *Listening) signature(text string) string {
	return base64.RawURLEncoding.EncodeToString(l.mac("address", text)[:16])
}

// verify reads a signed address.
func (l *Listening) verify(address string, now time.Time) (Address, error) {
	cut := strings.LastIndexByte(address, '.')
	if len(address) > longestAddress || cut < 0 || !hmac.Equal([]byte(address[cut+1:]), []byte(l.signature(address[:cut]))) {
		return Address{}, errNoSegment
	}
	a, ok := parseAddress(address[:cut])
	if !ok {
		return Address{}, errNoSegment
	}
	if !now.Before(a.Until) {
		return Address{}, fault.New(fault.Gone, "This address has ended. Ask for it again where the tape stands.")
	}
	return a, nil
}

var errNoSegment = fault.New(fault.NotFound, "There is no such segment.")

// parseAddress reads what [Address.text] writes, and nothing else.
func parseAddress(text string) (a Address, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || parts[0] == "" || len(parts[1]) < 3 {
		return Address{}, false
	}
	index, err := strconv.Atoi(parts[1][2:])
	if err != nil || index < 0 || index > mostIndex {
		return Address{}, false
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || until < 0 || until > 1<<40 {
		return Address{}, false
	}
	a = Address{parts[0], Piece{int(parts[1][0]) - 'a', parts[1][1] == 'c', index}, time.Unix(until, 0).UTC()}
	if a.Piece.Side != 0 && a.Piece.Side != 1 || a.text() != text {
		return Address{}, false
	}
	return a, true
}
