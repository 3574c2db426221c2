package publish

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/internal/window"
	"ferric/pressing"
)

var zeros = strings.Repeat("0", 64)

var seeds = []string{
	`{"schema":"ferric.pressing/1","release":{"title":"T","artist":"A","catalog_number":"ZT-01","barcode":"6291041500213","year":2026,"cover_sha256":"` + zeros + `"},
	"tape":{"name":"C46","minutes_per_side":23,"type":"I"},
	"sides":[{"name":"A","programme":{"file":"side-a.wav","frames":100,"sample_rate":44100,"bits":16},"tracks":[{"position":"A1","title":"One","artist":"A"}]}],
	"run":{"copies":1,"proofs":1,"claim_salt":"` + zeros + `","claims":[{"copy":"1/1","sha256":"` + zeros + `"},{"copy":"AP 1/1","sha256":"` + strings.Repeat("1", 64) + `"}]},
	"budget":{"schema":1,"currency":"EUR","minor_digits":2,"price_minor":1000,"copies":1,"per_copy":[{"name":"tape","amount":"1.25","total_minor":125}],"run":{"copies":1,"made":1,"total_minor":125,"cost_a_copy_minor":125},"streams":{"rate":"0.0033","source":{"text":"x"}}},
	"files":[{"name":"side-a.wav","size":444,"sha256":"` + strings.Repeat("a", 64) + `"},{"name":"cover.png","size":44,"sha256":"` + zeros + `"}]}`,
	`{"schema":"ferric.pressing/1"}`, `{"schema":"ferric.pressing/1","sides":[{},{},{}]}`, `{"schema":"ferric.pressing/1","files":[{"name":"a"},{"name":"a"}]}`,
	`{"schema":"ferric.pressing/1","budget":{"streams":{"rate":"-1"}}}`, `{"schema":"ferric.pressing/1","run":{"copies":9007199254740993}}`,
}

func desk() *Desk {
	return &Desk{cfg: Config{MaxFile: 2 << 30, MaxPressing: 5 << 30}}
}

func TestSeedIsTaken(t *testing.T) {
	m, err := pressing.ParseManifest([]byte(seeds[0]))
	if err != nil {
		t.Fatal(err)
	}
	files, err := desk().wanted(m, []byte(seeds[0]))
	if err != nil || len(files) != 3 || files[1].Kind != Programme || files[2].Kind != Cover {
		t.Fatal(files, err)
	}
}

// FuzzManifest: whatever a manifest says, it is refused with a sentence that can be shown, or what is taken over from it is bounded,
// readable, and stands on a page: no panic, no name that is not a hash, no number that does not fit.
func FuzzManifest(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := pressing.ParseManifest(text)
		if err != nil {
			return
		}
		files, err := desk().wanted(m, text)
		if err != nil {
			if said := fault.Text(err); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Limit) || len(said) > 600 || !utf8.ValidString(said) || strings.ContainsFunc(said, catalog.Hidden) {
				t.Fatalf("refused with %q: %v", said, err)
			}
			return
		}
		var total int64
		for _, file := range files {
			total += file.Size
			if !blob.IsHash(file.SHA256) || file.Size < 1 || strings.Contains(file.Name, "claims") || strings.Contains(file.Name, "numbered") {
				t.Fatalf("wanted is %+v", file)
			}
		}
		if total > 5<<30 || len(files) > 9 {
			t.Fatalf("%d files of %d bytes", len(files), total)
		}
		d := describe(m, zeros, nil)
		r := catalog.Release{Title: m.Release.Title}
		r.Describe(d)
		if slug := slugOf(m.Release.CatalogNumber, m.Release.Title); catalog.CheckSlug(slug) != nil {
			t.Fatalf("address part %q", slug)
		}
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back catalog.Detail
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if n := len(r.Words()); n > 1000 {
			t.Fatalf("%d words", n)
		}
		for _, s := range d.Sides {
			if !blob.IsHash(s.Programme) || s.Seconds() <= 0 || s.Seconds() > 2*3600 {
				t.Fatalf("%+v", s)
			}
		}
		if e := window.Earn(d.Costs, 100, shop.Money{Minor: 1000, Currency: d.Costs.Currency}); e != nil && (e.Cost.Minor < 0 || e.Streams < 0 || e.Keeps.Minor != 1000) {
			t.Fatalf("%+v", e)
		}
		_ = declaration(Sale{Copies: 1}, m, zeros)
	})
}
