package budget

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"ferric/album"
)

// Money is an amount in the smallest coin of a currency: cents, pence, yen.
type Money int64

// Currency is a currency by its ISO 4217 code.
type Currency struct {
	Code   string
	Digits int // decimal places of the smallest coin
	symbol string
}

// ErrCurrency: no currency has that code.
var ErrCurrency = errors.New("unknown currency")

// currencies are those that music is sold in, with their decimal places (ISO 4217).
var currencies = []Currency{
	{"USD", 2, "$"}, {"EUR", 2, "€"}, {"GBP", 2, "£"}, {"CAD", 2, "C$"}, {"AUD", 2, "A$"}, {"NZD", 2, "NZ$"}, {"CHF", 2, ""},
	{"SEK", 2, ""}, {"NOK", 2, ""}, {"DKK", 2, ""}, {"ISK", 0, ""}, {"PLN", 2, ""}, {"CZK", 2, ""}, {"HUF", 2, ""}, {"RON", 2, ""}, {"BGN", 2, ""},
	{"UAH", 2, "₴"}, {"RSD", 2, ""}, {"TRY", 2, "₺"}, {"ILS", 2, "₪"}, {"GEL", 2, ""}, {"KZT", 2, ""}, {"RUB", 2, "₽"},
	{"JPY", 0, "¥"}, {"KRW", 0, "₩"}, {"CNY", 2, "CN¥"}, {"TWD", 2, "NT$"}, {"HKD", 2, "HK$"}, {"SGD", 2, "S$"}, {"MYR", 2, "RM"}, {"THB", 2, "฿"},
	{"IDR", 2, "Rp"}, {"PHP", 2, "₱"}, {"VND", 0, "₫"}, {"INR", 2, "₹"},
	{"BRL", 2, "R$"}, {"MXN", 2, "MX$"}, {"ARS", 2, ""}, {"CLP", 0, ""}, {"COP", 2, ""}, {"PEN", 2, ""}, {"UYU", 2, ""},
	{"ZAR", 2, "R"}, {"EGP", 2, ""}, {"MAD", 2, ""}, {"NGN", 2, "₦"}, {"KES", 2, ""}, {"GHS", 2, ""}, {"AED", 2, ""}, {"SAR", 2, ""},
}

// FindCurrency is the currency with an ISO 4217 code; "" is the US dollar.
func FindCurrency(code string) (Currency, error) {
	if code == "" {
		code = "USD"
	}
	for _, c := range currencies {
		if strings.EqualFold(c.Code, code) {
			return c, nil
		}
	}
	return Currency{}, fmt.Errorf("%w %q", ErrCurrency, code)
}

// unit is how many of the smallest coin make one.
func (c Currency) unit() int64 {
	unit := int64(1)
	for range c.Digits {
		unit *= 10
	}
	return unit
}

// Format writes m as "$9.41", "-€3.00", "9.41 CHF".
func (c Currency) Format(m Money) string {
	sign, text := "", ""
	if m < 0 {
		sign, m = "-", -m
	}
	unit := Money(c.unit())
	text = strconv.FormatInt(int64(m/unit), 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	if c.Digits > 0 {
		text += fmt.Sprintf(".%0*d", c.Digits, int64(m%unit))
	}
	if c.symbol == "" {
		return sign + text + " " + c.Code
	}
	return sign + c.symbol + text
}

// formatExact writes an amount that may be finer than the smallest coin: "$0.0033", "$1.20".
func (c Currency) formatExact(d album.Decimal) string {
	if d%(album.One/album.Decimal(c.unit())) == 0 {
		return c.Format(c.money(d, 1))
	}
	if c.symbol == "" {
		return d.String() + " " + c.Code
	}
	return c.symbol + d.String()
}

// money is n times the amount d, rounded once, half away from zero.
func (c Currency) money(d album.Decimal, n int) Money {
	return Money(mulDiv(int64(d), int64(n)*c.unit(), int64(album.One)))
}

// percent is the share of m, rounded half away from zero.
func percent(m Money, share album.Decimal) Money {
	return Money(mulDiv(int64(m), int64(share), 100*int64(album.One)))
}

// mulDiv is a*b/by without overflow between, rounded half away from zero; b and by are not negative.
func mulDiv(a, b, by int64) int64 {
	negative := a < 0
	if negative {
		a = -a
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	lo, carry := bits.Add64(lo, uint64(by)/2, 0)
	hi += carry
	if hi >= uint64(by) {
		hi = uint64(by) - 1 // beyond what a coin can count; inputs are bounded far below this
	}
	q, _ := bits.Div64(hi, lo, uint64(by))
	q = min(q, 1<<62)
	if negative {
		return -int64(q)
	}
	return int64(q)
}
