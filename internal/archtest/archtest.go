// Package archtest holds the house's import rules as a table, so that a layer cannot be crossed by accident.
//
// The craft (packages at the root) is pure: it may import the standard library,
// craft that stands before it along the life of a tape, and a short list of
// libraries. What a rule forbids is written beside why.
package archtest

// Order is the craft along the life of a tape. A room imports only rooms that stand before it.
var Order = []string{
	"tape", "dsp", "audio", "album", "master", "sheet", "jcard", "budget", "pressing", "deck", "trade", "ledger",
}

// Alone are craft rooms that import no other craft at all.
var Alone = []string{"tape", "dsp", "trade", "ledger"}

// Libraries that craft may import, each for one reason.
var Libraries = map[string]string{
	"github.com/tphakala/simd":       "vector kernels",
	"github.com/tphakala/go-flac":    "FLAC frames, behind audio/flac",
	"github.com/thesyncim/gopus":     "Opus, behind audio/opus",
	"github.com/pelletier/go-toml":   "release.toml",
	"github.com/go-text/typesetting": "shaping and glyph outlines",
	"codeberg.org/go-fonts":          "the monospaced face",
	"eliasnaur.com/font":             "title and text faces, Japanese fallback",
	"golang.org/x/mod":               "Merkle tree and signed notes of the ledger",
	"golang.org/x/image":             "rasteriser, scaling, WebP and TIFF covers",
	"golang.org/x/text":              "Unicode normal forms",
	"golang.org/x/sys":               "exchanging two folders in one step",
	"rsc.io/qr":                      "QR modules",
}

// Rule says that packages below From never import packages below Never (prefixes of import paths; "ferric/" is left out for our own).
// But, when it is set, names the one package below From that may, with the reason in Why.
type Rule struct{ From, Never, Why, But string }

// Rules that reach beyond the order of the craft.
var Rules = []Rule{
	{"craft", "internal", "the craft is usable without the house", ""},
	{"craft", "cmd", "a command is the last to know", ""},
	{"craft", "net/http", "the craft has no network", ""},
	{"craft", "database/sql", "the craft has no database", ""},
	{"craft", "log", "return or log, and only the house logs", ""},
	{"craft", "math/rand", "randomness is a function of seed and position", ""},
	{"craft", "testing", "test kits are not linked into the program", ""},
	{"deck", "audio", "the deck knows tape and sound, not files; its form for the browser also reads FLAC for the page", "deck/wasm"},
	{"internal", "cmd", "a command is the last to know", ""},
	{"internal/fault", "internal", "every room may import it, so it imports none", ""},
	{"internal/store", "internal/web", "storage does not know who shows it", ""},
	{"internal/store", "net/http", "storage does not know who shows it", ""},
}

// Domains are the house rooms that hold rules. They declare what they need of a store and are given it.
var Domains = []string{"internal/catalog", "internal/people", "internal/registry", "internal/shop", "internal/listen", "internal/publish", "internal/window", "internal/journal", "internal/parcel"}

// DomainsNever is what no domain imports (prefixes), and why.
var DomainsNever = map[string]string{
	"internal/store":          "rules live in the domain, SQL in the store",
	"internal/web":            "a rule does not know its page",
	"internal/app":            "only app knows everyone",
	"net/http":                "a rule does not know how it is asked",
	"html/template":           "a rule does not know its page",
	"database/sql":            "rules live in the domain, SQL in the store",
	"modernc.org/sqlite":      "rules live in the domain, SQL in the store",
	"github.com/jackc/pgx/v5": "rules live in the domain, SQL in the store",
}

// Kits are for tests; the program never links them.
var Kits = []string{"internal/store/storetest", "internal/chromium"}

// OS are the only craft rooms that touch files by name.
var OS = []string{"album", "pressing", "audio/codec"}

// Unwelcome names say nothing about what a package is.
var Unwelcome = []string{"util", "utils", "common", "helpers", "models", "types", "base", "misc", "shared"}
