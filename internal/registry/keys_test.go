package registry

import (
	"strings"
	"testing"

	"ferric/ledger"
)

// TestKeys: everything follows from the master, nothing from anything else, and a sealed key opens where it belongs.
func TestKeys(t *testing.T) {
	k, other := keys{make([]byte, 32)}, keys{append(make([]byte, 31), 1)}
	_, v1, err := k.log("tapes.example/ledger")
	if err != nil {
		t.Fatal(err)
	}
	_, v2, _ := k.log("tapes.example/ledger")
	_, v3, _ := k.log("other.example/ledger")
	_, v4, _ := other.log("tapes.example/ledger")
	if v1 != v2 || v1 == v3 || v1 == v4 || k.label("a").Equal(k.label("b")) || !k.label("a").Equal(k.label("a")) {
		t.Error("keys do not follow from what they should")
	}
	opening, private, err := ledger.NewOpening(strings.NewReader(strings.Repeat("seed and salt ", 10)))
	if err != nil {
		t.Fatal(err)
	}
	o := owner{opening, private}
	sealed, err := k.seal(zeros{}, o, "run", 7)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.open(Key{RunID: "run", Number: 7, Sealed: sealed}); err != nil || got.Opening != o.Opening || !got.key.Equal(o.key) {
		t.Errorf("opened %+v, %v", got.Opening, err)
	}
	for what, key := range map[string]Key{
		"another copy": {RunID: "run", Number: 8, Sealed: sealed}, "another run": {RunID: "ru", Number: 7, Sealed: sealed},
		"cut": {RunID: "run", Number: 7, Sealed: sealed[:20]}, "nothing": {RunID: "run", Number: 7},
	} {
		if _, err := k.open(key); err == nil {
			t.Errorf("%s: it opened", what)
		}
	}
	if _, err := other.open(Key{RunID: "run", Number: 7, Sealed: sealed}); err == nil {
		t.Error("it opened with another master")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }
