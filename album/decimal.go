package album

import (
	"errors"
	"fmt"
	"strings"
)

// Decimal is an exact decimal number of up to six places: an amount in units of
// some currency, or a percentage. It counts millionths, so 0.0033 is Decimal(3300).
type Decimal int64

// One is the Decimal 1.
const One Decimal = 1_000_000

// maxDecimal bounds a parsed Decimal: a thousand million, so that sums and products of a few of them stay in range.
const maxDecimal = 1_000_000_000 * One

var errDecimal = errors.New("not a decimal number with at most six places")

// ParseDecimal reads "12", "9.90" or "0.0033". Exponents, signs other than a
// leading minus, and separators of thousands are refused, as is anything beyond a thousand million.
func ParseDecimal(text string) (Decimal, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, dotted := strings.Cut(digits, ".")
	if whole == "" || dotted && part == "" || len(part) > 6 || len(whole) > 10 {
		return 0, fmt.Errorf("%q is %w", text, errDecimal)
	}
	var d Decimal
	for _, c := range whole + (part + "000000")[:6] {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%q is %w", text, errDecimal)
		}
		d = d*10 + Decimal(c-'0')
	}
	if d > maxDecimal {
		return 0, fmt.Errorf("%s is more than a thousand million", text)
	}
	if negative {
		d = -d
	}
	return d, nil
}

// String writes d without trailing zeros, so that ParseDecimal reads the same number back.
func (d Decimal) String() string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	text := fmt.Sprintf("%s%d.%06d", sign, d/One, d%One)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// UnmarshalText is ParseDecimal: a command line flag or a configuration value may be a Decimal.
func (d *Decimal) UnmarshalText(text []byte) error {
	parsed, err := ParseDecimal(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MarshalText is String.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
