package budget

import (
	"ferric/album"
)

// A Source says where a figure comes from, and of which year it is.
type Source struct {
	Year int    `json:"year,omitempty"`
	Text string `json:"text"`
}

// The defaults. They age fast, so every one is a setting, and every budget that
// uses one says so. They are US figures. Two rounds of sources stand behind the cost of a copy:
// "about $2" (Fast Company in 2017, by blog.lettergrade.ca), and $2 to 3 for
// duplication and artwork, sold at $10 (nicbriscoe.substack.com, 2024). No price list by part and
// quantity was found, so the parts are estimates that add up to those.
var (
	partsEstimate = Source{2026, "estimate for parts in small quantity; no public price list was found, ask your supplier"}
	ownTime       = Source{0, "your own time, not counted; set labour_hour to count it"}
	notCounted    = Source{0, "not counted unless you set it"}
)

const cent = album.One / 100

var (
	defaultPrice     = figure{10 * album.One, Source{2024, "a cassette sold at $10: nicbriscoe.substack.com"}}
	defaultTape      = figure{120 * cent, partsEstimate} // a wound C40: $0.90 to 1.50
	defaultCase      = figure{35 * cent, partsEstimate}  // $0.25 to 0.45
	defaultCard      = figure{30 * cent, partsEstimate}  // $0.15 to 0.50
	defaultLabels    = figure{8 * cent, partsEstimate}   // $0.05 to 0.10
	defaultWaste     = figure{4 * album.One, Source{2026, "estimate: 3 to 5 of a hundred copies dubbed at home go wrong"}}
	defaultPostage   = figure{450 * cent, Source{2026, "estimate: US Media Mail, 1 lb; no current USPS list was found"}}
	defaultOverRun   = figure{10 * album.One, Source{0, "duplicators deliver and invoice up to 10% more or less: m2com.com/terms.html"}}
	defaultStream    = figure{3300, Source{2024, "between the $0.003 and $0.005 reported for Spotify, which has no fixed rate: spotifyinsider.com, one-submit.com"}}
	defaultShare     = figure{100 * album.One, Source{0, "all of it; a label often halves the profit after the run is paid back: taxi.com/transmitter/0807"}}
	nothing          = figure{0, notCounted}
	defaultDecks     = 2
	defaultRun       = 100
	tableSizes       = [...]int{10, 25, 50, 100, 250, 500}
	dollarCurrencies = []string{"USD", "EUR", "GBP", "CAD", "AUD", "NZD", "CHF"} // near enough to a dollar for its figures to make sense
)

// defaultWays are the ways to sell a copy without settings.
var defaultWays = []wayDefault{
	{"by hand", 0, 0, 0, false, Source{0, "cash at the table: nobody takes a share"}},
	{"direct", 0, 29 * album.One / 10, 30 * cent, true, Source{2026, "card fee of 2.9% + $0.30: Mirlo, docs/payouts.md"}},
	{"Bandcamp", 10 * album.One, 6 * album.One, 0, true, Source{0, "10% of physical goods, 4 to 7% more to the payment processor: bandcamp.com/fair_trade_music_policy"}},
	{"consignment", 40 * album.One, 0, 0, false, Source{0, "60/40 is customary; published terms: 36% albumtrad.com, 20% wintergrasstickets.com, 10 to 40% pigstylemusic.com"}},
}

type wayDefault struct {
	name         string
	platform     album.Decimal
	processor    album.Decimal
	processorFee album.Decimal
	posted       bool
	source       Source
}

// A figure is a number and where it comes from.
type figure struct {
	value  album.Decimal
	source Source
}

var yours = Source{0, "yours"}

// or is the setting, where there is one, else the default.
func (f figure) or(setting *album.Decimal) figure {
	if setting != nil {
		return figure{*setting, yours}
	}
	return f
}
